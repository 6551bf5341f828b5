"""Loops in recorded graphs: found, differentiated as loops, and printed, they compute what the graph does."""

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.compiler import toolchain
from autograd.compiler.loops import ragged, rolling
from autograd.compiler.loops.nest import Loop, Place, affine
from autograd.compiler.loops.rolled import CKernel, PythonKernel, Rolled
from autograd.compiler.loops.rolling import roll
from autograd.compiler.pipeline import PASSES, PASSES_BACK
from autograd.compiler.recording import record
from autograd.compiler.scalar import CONSTANT, INPUT, OUTPUT, VALUE, Scalars, scalars
from loops import THETA, Program, X, check, programs, read, values
from share import share
from triangles import TRIANGLES


@pytest.fixture(autouse=True, params=["as it is", "eager for loops"])
def eagerness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that save next to nothing are found too, so that small programs have many."""
    if request.param == "eager for loops":
        monkeypatch.setattr(rolling, "_SAVED", 1)
        monkeypatch.setattr(rolling, "_SAVED_INSIDE", 1)
        monkeypatch.setattr(ragged, "_SAVED", 1)
        monkeypatch.setattr(ragged, "_SAVED_INSIDE", 1)


def same(a: Scalars, b: Scalars) -> bool:
    """Instruction for instruction, constants by number."""
    constant = a.kinds == CONSTANT
    return (
        [a.table[k] for k in a.what] == [b.table[k] for k in b.what]
        and bool((a.kinds == b.kinds).all())
        and bool(((a.places == b.places) | constant).all())
        and bool((a.numbers[a.places[constant]] == b.numbers[b.places[constant]]).all())
        and (a.shared, a.labels) == (b.shared, b.labels)
    )


@settings(max_examples=share(60), deadline=None)
@given(programs())
def test_a_nest_unrolls_to_the_program_it_was_made_of(program: Program) -> None:
    flat, _, _ = read(program)
    flat.verify()
    nest = roll(flat)
    nest.verify()
    assert same(flat, nest.unrolled())


@settings(max_examples=share(40), deadline=None)
@given(programs())
def test_reading_a_graph_keeps_its_numbers(program: Program) -> None:
    flat, _, recording = read(program)
    outputs, held = flat.evaluate(X[0].tolist(), THETA.tolist())
    assert held
    np.testing.assert_allclose(outputs, [x.data for x in recording.outputs], rtol=1e-12)


@settings(max_examples=share(40), deadline=None)
@given(programs())
def test_what_reads_no_input_is_done_once_for_all_rows(program: Program) -> None:
    """In whatever order it is written; outputs are given for each row."""
    flat, _, _ = read(program)
    varies: list[bool] = []
    for k in range(len(flat)):
        operands = flat.operands(k)
        reads = any(kind == INPUT or (kind == VALUE and varies[place]) for kind, place in operands)
        varies.append(reads or flat.table[flat.what[k]] == OUTPUT)
    assert flat.shared == len(varies) - sum(varies)


@settings(max_examples=share(40), deadline=None)
@given(programs())
def test_every_pass_alone_changes_nothing(program: Program) -> None:
    """What the program gives behind each pass, forwards and backwards; and each language finds no fault in itself."""
    flat, _, _ = read(program)
    row, theta = X[0].tolist(), THETA.tolist()
    outputs, _ = flat.evaluate(row, theta)
    for passes in (PASSES, PASSES_BACK):
        first, *others = passes
        made = first(flat)
        made.verify()
        assert made.evaluate(row, theta) == (outputs, True)
        before: list[float] = []
        for each in others:
            made = each(made)
            made.verify()
            found = made.evaluate(row, theta)
            assert not before or found == before
            np.testing.assert_allclose(found[: len(outputs)], outputs, rtol=1e-11, atol=1e-12)
            before = found


@settings(max_examples=share(60), deadline=None)
@given(programs(), st.sampled_from([1, 5]))
def test_loops_in_python_are_the_graph(program: Program, rows: int) -> None:
    check(program, PythonKernel, rows)


@settings(max_examples=share(15), deadline=None)
@given(programs(), st.sampled_from([1, 5]), st.sampled_from([1, 2]))
def test_loops_in_c_are_the_graph(program: Program, rows: int, level: int) -> None:
    """At −O1, as programs are compiled, and at −O2."""
    library = toolchain.library
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(toolchain, "library", lambda text, optimize: library(text, level * optimize))
        check(program, CKernel, rows)


def test_something_is_rolled() -> None:
    """Else the laws above hold for nothing."""
    theta = values(THETA)

    def f(x: Any) -> Value:
        h = theta[0]
        for each in x:
            h = (h * theta[1] + each) * 0.5 + theta[2] * h * h
        return h

    recording = record(f, [X[0].tolist()], theta)
    nest = roll(scalars(recording, theta, recording.outputs))
    assert any(isinstance(each, Loop) for each in nest.rows)
    assert nest.length < 30


@pytest.mark.parametrize("kernel", [PythonKernel, CKernel])
@pytest.mark.parametrize("f", TRIANGLES)
def test_loops_whose_inner_loops_grow_or_shrink_are_loops(f: Any, kernel: Any) -> None:
    """Programs of trees, triangles and pairs are short, and compute what the graph does."""
    numbers = np.random.default_rng(2).uniform(0.5, 1.5, size=(2, 400))
    theta, x = values(numbers[0]), numbers[1][:24]
    recording = record(lambda x: f(theta, x), [x.tolist()], theta)
    flat = scalars(recording, theta, recording.outputs)
    rolled = Rolled.of(flat)
    assert rolled.nest.length <= TRIANGLES[f] < len(flat)
    rolled.nest.verify()
    assert same(flat, rolled.nest.unrolled())
    loss, gradient = kernel(rolled, True).loss_and_gradient(numbers[0], [x[:, None]], 1, False)
    eager = f(theta, x.tolist())
    eager.backward()
    np.testing.assert_allclose(loss, eager.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, [each.grad for each in theta], rtol=1e-11, atol=1e-11 * np.abs(gradient).max())


def test_all_numbers_of_a_triangle_may_be_outputs() -> None:
    """Outputs are numbered one after the other, whatever loops they stand behind."""

    def f(x: Any) -> list[Value]:
        rows = [list(x)]
        while len(rows[-1]) > 1:
            rows.append([0.5 * left - 0.25 * right for left, right in itertools.pairwise(rows[-1])])
        return [each for row in rows[1:] for each in row]

    recording = record(f, [X[0].tolist()])
    rolled = Rolled.of(scalars(recording, [], recording.outputs))
    found = PythonKernel(rolled, False).values(THETA[:0], [X[:1].T], 1)
    np.testing.assert_allclose(found[:, 0], [each.data for each in recording.outputs], rtol=1e-12)


@pytest.mark.parametrize("counts", [(7,), (4, 5), (3, 4, 5), (5, 3, 4), (3, 4, 3, 5)])
def test_all_numbers_of_loops_in_loops_may_be_outputs(counts: tuple[int, ...]) -> None:
    """In the order in which f returns them."""

    def turns(state: Any, x: Any, depth: int) -> tuple[Any, list[Any]]:
        found = []
        for k in range(counts[depth]):
            state = ag.tanh(state + x[k])
            if depth + 1 < len(counts):
                state, inner = turns(state, x, depth + 1)
                found += inner
                state = ag.sin(state) * x[depth]
            else:
                found.append(state)
        return state, found

    recording = record(lambda x: turns(x[0], x, 0)[1], [X[0].tolist()])
    rolled = Rolled.of(scalars(recording, [], recording.outputs))
    for kernel in (PythonKernel, CKernel):
        found = kernel(rolled, False).values(THETA[:0], [X[:1].T], 1)
        np.testing.assert_allclose(found[:, 0], [each.data for each in recording.outputs], rtol=1e-12)


def cosines_before_sines(turns: int, others: int) -> Callable[..., Any]:
    """The slope of a sine is a cosine, which another loop has computed of the same numbers, for more turns or fewer."""

    def f(theta: Any, x: Any) -> Any:
        y = x[0]
        for each in theta[:turns]:
            y = y * ag.cos(each) + 0.5
        for each in theta[:others]:
            y = 0.5 * y + ag.sin(each)
        return y

    return f


def any_of_an_inner_loop(k: int, counts: Iterable[int]) -> Callable[..., Any]:
    """One of the numbers of each inner loop is read behind it; and the last, so that all are made."""

    def f(theta: Any, x: Any) -> Any:
        total = x[0]
        for count in counts:
            made = [total]
            for _ in range(count):
                made.append(ag.sin(made[-1] * theta[1]))
            total = total + made[1:][min(k, count - 1)] * theta[0] - 0.25 * made[-1]
        return total

    return f


def queue(children: int) -> Callable[..., Any]:
    """Each turn reads the next number in a queue, and puts several there."""

    def f(theta: Any, x: Any) -> Any:
        made = [ag.sin(theta[0] * x[0])]
        for k in range(30):
            made += [(ag.sin, ag.tanh, ag.cos)[i](made[k]) for i in range(children)]
        return ag.dot(made, made) + theta[1]

    return f


def register(length: int) -> Callable[..., Any]:
    """A parameter enters at the end of a turn, and needs many turns to reach what the next one does first."""

    def f(theta: Any, x: Any) -> Any:
        state = x[:length]
        for _ in range(30):
            state = [*(ag.cos(each) for each in state[1:]), ag.sin(state[0]) * theta[0]]
        return ag.sum(state)

    return f


def cleared(inner: int) -> Callable[..., Any]:
    """The number that is carried is read before an inner loop and in it."""

    def f(theta: Any, x: Any) -> Any:
        y = x[0] * theta[0]
        for each in x:
            before, z = ag.tanh(y * theta[1]), each
            for _ in range(inner):
                z = ag.sin(z * y)
            y = before * 0.5 + z * theta[2] + each  # which does not fade
        return y

    return f


def powers(*exponents: float) -> Callable[..., Any]:
    """Slopes of powers are powers, of which some are there already."""

    def f(theta: Any, x: Any) -> Any:
        y = x[0] * theta[0]
        for each in x:
            base = 1.5 + ag.sin(y)
            y = each + 0.05 * theta[1] * ag.sum(ag.power(n)(base) for n in exponents)  # not chaotic
        return y

    return f


WAYS_TO_READ: dict[str, Callable[..., Any]] = {
    **{f"cosines, {n} and {m}": cosines_before_sines(n, m) for n, m in [(4, 8), (8, 4), (8, 8)]},
    **{f"number {k} of one more each": any_of_an_inner_loop(k, range(2, 12)) for k in (0, 1, 4, -1, -2)},
    **{f"number {k} of one less each": any_of_an_inner_loop(k, range(11, 1, -1)) for k in (0, 1, 4, -1, -2)},
    **{f"number {k} of three each": any_of_an_inner_loop(k, [3] * 10) for k in (0, 1, -1)},
    **{f"a queue of {n} each": queue(n) for n in (1, 2, 3)},
    **{f"a register of {n}": register(n) for n in (1, 2, 5)},
    **{f"powers {n}": powers(*n) for n in [(2.5,), (2.5, 1.5), (3.5, 1.5), (1.5, 0.5, -0.5)]},
    **{f"{n} inner turns": cleared(n) for n in (1, 5)},
}


@pytest.mark.parametrize("kernel", [PythonKernel, CKernel])
@pytest.mark.parametrize("way", WAYS_TO_READ)
def test_a_number_may_be_read_from_any_turn(way: str, kernel: Any) -> None:
    """Of this turn, the one before, the first, the last, or any in a loop that is over: it is the graph's."""
    f, theta, x = WAYS_TO_READ[way], values(THETA), X[:1]
    recording = record(lambda x: f(theta, x), x.tolist(), theta)
    rolled = Rolled.of(scalars(recording, theta, recording.outputs))
    loss, gradient = kernel(rolled, True).loss_and_gradient(THETA, [x.T], 1, False)
    eager = f(theta, x[0].tolist())
    eager.backward()
    np.testing.assert_allclose(loss, eager.data, rtol=1e-11)
    np.testing.assert_allclose(gradient, [each.grad for each in theta], rtol=1e-10, atol=1e-11 * np.abs(gradient).max())


@pytest.mark.parametrize("kernel", [PythonKernel, CKernel])
@pytest.mark.parametrize("rows", [1, 5])
def test_what_is_no_number_stays_none(rows: int, kernel: Any) -> None:
    """The larger of nan and a number is nan, as of NumPy, whichever comes first."""
    recording = record(
        lambda x, y: [
            op(*pair) for op in (ag.maximum, ag.minimum) for pair in ((x, y), (y, x), (2 * x, -y), (-y, 2 * x))
        ],
        [1, 2],
    )
    rolled = Rolled.of(scalars(recording, [], recording.outputs))
    x = np.vstack([np.full(rows, np.nan), np.ones(rows)])
    assert np.isnan(kernel(rolled, False).values(THETA[:0], [x], rows)).all()


TRUTHS: dict[str, Callable[..., Any]] = {
    "a sum": lambda f, x: (x > 0.0) + (x > 1.0),
    "a difference": lambda f, x: (x > 0.0) - (x < 0.0),
    "a negative": lambda f, x: -(x >= 1.0),
    "a sum of tests": lambda f, x: f.isfinite(x) + f.isnan(x) + (x == x),
    "a quotient": lambda f, x: (x != 0.0) / (1.0 + (x < 1.0)),
}


@pytest.mark.parametrize("kernel", [PythonKernel, CKernel])
@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("form", TRUTHS)
def test_what_holds_is_a_one(form: str, rows: int, kernel: Any) -> None:
    """A comparison is the number 1 or 0, which adds up as numbers do, also where a library has truth values."""
    op = ag.Op("holds", lambda x: float(TRUTHS[form](math, x)), lambda g, y, x: (0,), form=TRUTHS[form])
    recording = record(lambda x: [op(x)], [2.0])
    x = np.linspace(2.0, -2.0, rows)
    found = kernel(Rolled.of(scalars(recording, [], recording.outputs)), False).values(THETA[:0], [x[None]], rows)
    np.testing.assert_array_equal(found[0], [op(each).data for each in values(x)])


@pytest.mark.parametrize("kernel", [PythonKernel, CKernel])
def test_constants_have_every_bit(kernel: Any) -> None:
    """In tables and in the text, large and tiny."""
    numbers = np.random.default_rng(0).normal(size=20) * 10.0 ** np.arange(-300, 300, 30)
    recording = record(lambda x: [x * each for each in numbers.tolist()] + [x + 0.1 / 3], [1.0])
    rolled = Rolled.of(scalars(recording, [], recording.outputs))
    found = kernel(rolled, False).values(THETA[:0], [np.ones((1, 1))], 1)
    np.testing.assert_array_equal(found[:, 0], [*numbers, 1.0 + 0.1 / 3])


def test_the_way_back_computes_no_function_again() -> None:
    """Where the way forward has computed it of the same number: slopes of sines are cosines, and back."""
    theta = values(THETA)

    def f(x: Any) -> Value:
        for each in theta:
            x = ag.sin(x) * ag.cos(x) + each
        return x

    recording = record(f, [0.5], theta)
    text = CKernel(Rolled.of(scalars(recording, theta, recording.outputs)), True).text
    assert text.count("sin(") == text.count("cos(")
    forwards = CKernel(Rolled.of(scalars(recording, theta, recording.outputs)), False).text
    assert text.count("sin(") == forwards.count("sin(")


@pytest.mark.parametrize("counts", [(4,), (3, 3), (2, 3, 4)])
def test_places_are_affine_if_all_that_exist_are(counts: tuple[int, ...]) -> None:
    """One that is somewhere else is noticed, wherever; one that does not exist is not."""
    place = Place(VALUE, 100, (12, -3, 1)[: len(counts)])
    for spoilt in itertools.product(*map(range, counts)):
        places, exist = place.all(counts).copy(), np.ones(counts, dtype=bool)
        places[spoilt] += 1
        assert affine(VALUE, places, exist) is None
        if any(spoilt):
            exist[spoilt] = False
            assert affine(VALUE, places, exist) == place


def test_turns_of_an_inner_loop_move_alike_in_all_turns_around() -> None:
    """What an inner loop reads may be neighbours in the first turn around it, and far apart in the next."""
    theta = values(THETA)

    def f(x: Any) -> Value:
        fixed, ends = [ag.tanh(each * x[0]) for each in theta], []
        for each in x[1:]:
            y = each
            for value in fixed + [ag.tanh(w * each) for w in theta]:
                y = ag.sin(y + value)
            ends.append(y)
        return ag.sum(ends)

    recording = record(f, [X[0].tolist()], theta)
    flat = scalars(recording, theta, recording.outputs)
    assert same(flat, roll(flat).unrolled())


@pytest.mark.parametrize("shape", [(4, 5, 6), (6, 4, 5), (5, 4, 4)])
@pytest.mark.parametrize("varies", [axes for axes in itertools.product([1, 0], repeat=3) if any(axes)])
def test_constants_may_differ_from_turn_to_turn_of_any_loops(shape: tuple[int, ...], varies: tuple[int, ...]) -> None:
    """Each table has its own numbers, in the order of the turns in which they differ, whatever it begins with."""
    size = [n if differs else 1 for n, differs in zip(shape, varies, strict=True)]
    numbers = np.random.default_rng(0).normal(size=size)
    others = np.where(np.arange(numbers.size).reshape(size) == 0, numbers, -numbers)
    factors, terms = np.broadcast_to(numbers, shape), np.broadcast_to(others, shape)

    def f(x: Any) -> Value:
        y = x
        for i, j in itertools.product(*map(range, shape[:2])):
            y = ag.tanh(y) if j else ag.sin(ag.sin(y))
            for k in range(shape[2]):
                y = ag.sin(y * float(factors[i, j, k]) + float(terms[i, j, k]))
        return y

    recording = record(f, [0.5])
    flat = scalars(recording, [], recording.outputs)
    assert same(flat, roll(flat).unrolled())
