"""Both ways of a branch: a program that follows gives each row what its own graph gives, whichever way that goes."""

import copy
import pickle
import re
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import BranchChanged, NotCompilable, Program, Value, compile
from autograd.compiler.loops.rolled import RolledKernel
from autograd.compiler.matrices.kernel import Kernel
from autograd.doubles import living
from branching import INPUTS, Branching, Change, Compared, Exit, If, Solve, While, branching
from compiled import close, line_of
from memory import no_collector

THETA = (0.7, -0.4)
MANY = 10_000
BATCHES = {rows: np.random.default_rng(rows).normal(size=(rows, INPUTS)) for rows in (0, 1, 7, 64)}
NESTED = Branching(
    (
        If(
            Compared(0, 0.0, True),
            (If(Compared(1, 0.1, False), (Change(0, 1, (1, 2)),), (Exit(Compared(2, 0.0, True), 3),)),),
            (),
        ),
        While(Compared(2, -0.25, True), (Change(1, 3, (0, 2)), Exit(Compared(1, 0.4, True), None))),
        Solve(0),
    )
)


def parameters() -> list[Value]:
    return [Value(x) for x in THETA]


def by_graphs(f: Callable[..., Any], rows: np.ndarray) -> tuple[list[float], np.ndarray, np.ndarray]:
    """Of each row the number, its derivatives by the parameters, and by the inputs."""
    numbers, slopes, by_inputs = [], np.zeros((len(rows), len(THETA))), np.zeros(rows.shape)
    for k, row in enumerate(rows.tolist()):
        theta, x = parameters(), [Value(each) for each in row]
        y = f(x, theta)
        numbers.append(float(y.data) if isinstance(y, Value) else float(y))
        if isinstance(y, Value):
            found = [float(each.data) for each in ag.gradients(y, [*theta, *x])]
            slopes[k], by_inputs[k] = found[: len(theta)], found[len(theta) :]
    return numbers, slopes, by_inputs


def follows_the_graphs(f: Callable[..., Any], rows: np.ndarray, first: np.ndarray, **options: Any) -> Program:
    theta = parameters()
    options = {"branches": "follow", "most_ways": MANY, "reduce": "sum", **options}
    program = compile(lambda x: f(x, theta), first.tolist(), wrt=[0, *theta], **options)
    numbers, slopes, by_inputs = by_graphs(f, rows)
    close(program(rows), numbers)
    close(program.jacobian(rows)[0], by_inputs)
    loss, gradient = program.value_and_grad(rows)
    assert loss == pytest.approx(sum(numbers), rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(gradient, slopes.sum(axis=0), rtol=1e-12, atol=1e-12 * (1 + np.abs(slopes).sum()))
    return program


# --- Follow = graph ---------------------------------------------------------------------------------------------


@given(branching(), st.sampled_from([0, 1, 7, 64]))
@example(NESTED, 64)
@settings(deadline=None)
def test_every_row_goes_its_way(f: Branching, rows: int) -> None:
    """Nested ifs, loops until something is small, early exits: number, gradient and Jacobian of each row's graph."""
    follows_the_graphs(f, BATCHES[rows], np.array([0.3, -0.2, 0.5]), backend="numpy")


@given(branching())
@example(NESTED)
@settings(deadline=None, max_examples=3)
def test_in_c_too(f: Branching) -> None:
    """The same law where a row that breaks a guard ends a function of C, which goes on with the next."""
    follows_the_graphs(f, BATCHES[7], np.array([0.3, -0.2, 0.5]), backend="c")


@pytest.mark.parametrize(("backend", "sizes"), [("c", (0, 1, 7, 64)), ("jax", (2,))])
def test_a_loop_until_convergence_in_batches_of_any_size(backend: str, sizes: tuple[int, ...]) -> None:
    """Rows that need more turns than the example, and fewer."""
    rows = np.resize(3 * BATCHES[7], (64, INPUTS))
    for count in sizes:
        follows_the_graphs(Branching((Solve(0),)), rows[:count], np.array([0.3, -0.2, 0.5]), backend=backend)


@pytest.mark.parametrize("options", [{"strict": True}, {"check": True}, {"dtype": "float32"}], ids=str)
def test_the_other_options_hold_on_every_way(options: dict[str, Any]) -> None:
    """What was asked of the program is asked of each of its ways."""
    theta = parameters()
    program = compile(lambda x: NESTED(x, theta), [0.3, -0.2, 0.5], wrt=theta, branches="follow", **options)
    found = program(BATCHES[7])
    np.testing.assert_allclose(found, by_graphs(NESTED, BATCHES[7])[0], rtol=1e-5 if "dtype" in options else 1e-12)
    assert found.dtype == options.get("dtype", "float64")


def test_where_roundings_decide_the_graph_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose comparisons come out otherwise than the graph's, here all of them, computes the graph's way."""

    def contrary(followed: Any) -> Any:
        def changed(self: Any, theta: Any, inputs: Any, columns: int) -> Any:
            found, broken = followed(self, theta, inputs, columns)
            return found * np.nan, np.where(broken < 0, 0, broken)

        return changed

    for kind in (Kernel, RolledKernel):
        monkeypatch.setattr(kind, "followed", contrary(kind.followed))
    program = follows_the_graphs(NESTED, BATCHES[7], np.array([0.3, -0.2, 0.5]))
    assert 2 <= len(program.ways) <= 8
    assert sum(way.taken for way in program.ways) == 3 * 7  # a call, the Jacobian, the gradient
    program._ways._next.update({(0, 0): 1, (1, 0): 0})  # sent back and forth
    close(program(BATCHES[7]), by_graphs(NESTED, BATCHES[7])[0])
    program.parameters = [0.2, 0.9]
    close(program(BATCHES[7]), by_graphs(lambda x, _: NESTED(x, [0.2, 0.9]), BATCHES[7])[0])


def test_a_gradient_whose_comparisons_come_out_otherwise_is_the_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As may be in a batch of another size: then what a row gives is computed by its graph."""
    usual = Kernel.loss_and_gradient, RolledKernel.loss_and_gradient

    def refused(*_: Any) -> Any:
        raise BranchChanged

    for kind in (Kernel, RolledKernel):
        monkeypatch.setattr(kind, "loss_and_gradient", refused)
    follows_the_graphs(NESTED, BATCHES[7], np.array([0.3, -0.2, 0.5]))
    assert usual != (Kernel.loss_and_gradient, RolledKernel.loss_and_gradient)


# --- Which ways there are ---------------------------------------------------------------------------------------


def kinked(x: Any, slope: Any) -> Any:
    if x > 0:  # the kink
        return slope * x
    return x


def test_ways_say_where_they_part_and_how_often_they_were_taken() -> None:
    """The example's way first; a call counts every row once."""
    slope = Value(2.0)
    program = compile(lambda x: kinked(x, slope), 1.0, wrt=slope, branches="follow")
    assert repr(program.ways) == "[<Way taken by 0 rows>]"
    assert program([1.0, -1.0, 3.0]).tolist() == [2.0, -1.0, 6.0]
    first, second = program.ways
    assert (first.taken, first.parts, second.taken) == (2, "", 1)
    assert second.parts == f"from way 0 at {line_of(kinked, 'the kink')[:-2]}, where `>` is false"
    program.value_and_grad([1.0, -1.0])
    assert [way.taken for way in program.ways] == [3, 2]
    assert program.guards == [line_of(kinked, "the kink")[:-2]]
    assert all(way.source in program.source for way in program.ways)
    assert str(program).splitlines()[-2:] == list(map(repr, program.ways))


def test_without_follow_a_branch_is_refused_and_there_is_one_way() -> None:
    """The message says what would follow it."""
    program = compile(kinked, 1.0, 2.0)
    with pytest.raises(BranchChanged, match=r'the kink|compile with branches="follow"'):
        program([-1.0], 2.0)
    assert len(program.ways) == 1


def test_too_many_ways_are_refused_and_the_comparison_named_that_parts_them() -> None:
    """Word for word; what is known goes on working."""

    def steps(x: Any) -> Any:
        if x > 9:
            return x
        total = 0.0 * x
        while total < x:  # the steps
            total = total + 1.0
        return total

    program = compile(steps, 0.5, branches="follow", most_ways=4)
    with pytest.raises(BranchChanged) as caught:
        program([0.5, 20.0, 1.5, 2.5, 3.5])
    assert str(caught.value) == (
        f"{line_of(steps, 'the steps')}rows part 2 times at this comparison, and the program has most_ways=4 ways "
        "already. Write it without a branch (autograd.where, relu, maximum), or allow more."
    )
    assert program([0.5, 1.5, 20.0]).tolist() == [1.0, 2.0, 20.0]


def test_a_way_that_cannot_be_compiled_names_its_row() -> None:
    """By its number in the batch, with what is wrong."""
    program = compile(lambda x: x if x > 0 else float(x) * x, 1.0, branches="follow")
    with pytest.raises(NotCompilable, match=r"^row 2 goes a way of its own: float\(x = -1.0\)"):
        program([1.0, 2.0, -1.0])
    program = compile(lambda x: x if x > 0 else [x, x], 1.0, branches="follow")
    with pytest.raises(NotCompilable, match=r"^row 0 goes a way of its own, on which f returns something else\.$"):
        program([-1.0])


def test_a_row_of_nan_is_named() -> None:
    """It goes no way: as a guard it breaks one, and the graph takes none."""
    program = compile(lambda x: x if x > 0 else -x, 1.0, branches="follow")
    with pytest.raises(BranchChanged, match=r"row 1 has a nan among its numbers"):
        program([1.0, np.nan])


def test_a_row_without_a_value_on_its_way_is_refused() -> None:
    """What the graph would refuse, where only the graph can say which way it goes."""
    program = compile(lambda x: x if x > 0 else ag.log(x), 1.0, branches="follow")
    with pytest.raises(ag.DomainError, match=r"^row 1 goes a way of its own: log"):
        program([1.0, -1.0])


@pytest.mark.parametrize("first", [1.0, -1.0])
def test_a_way_that_depends_on_no_parameter_has_the_gradient_0(first: float) -> None:
    """Whether it is the example's or another's, a plain number or a Value of the arguments."""
    w = Value(2.0)
    for other in (lambda x: 0.25, lambda x: x * x, lambda x: Value(0.5)):
        program = compile(lambda x, other=other: w * x if x > 0 else other(x), first, wrt=w, branches="follow")
        loss, gradient = program.value_and_grad([1.0, -3.0])
        given = other(-3.0)
        assert loss == (2.0 + (given.data if isinstance(given, Value) else given)) / 2
        assert gradient.tolist() == [0.5]


# --- What else f reads ------------------------------------------------------------------------------------------


def test_ways_are_recorded_with_the_parameters_of_the_program() -> None:
    """Which have moved, while the Values have not; and these are afterwards what they were."""
    w = Value(1.0)

    def f(x: Any) -> Any:
        y = w * x
        return y * y if y > 10 else ag.log(y - w.data + 1.5)

    program = compile(f, 20.0, wrt=w, branches="follow")
    program.parameters = [0.5]
    assert program([8.0, 40.0]) == pytest.approx([np.log(4.0 - 0.5 + 1.5), 400.0])
    assert w.data == 1.0


def test_a_frozen_number_is_the_same_on_every_way() -> None:
    """That of the first recording, though the Value has changed since; it stays as it is now."""
    c = Value(3.0)
    program = compile(lambda x: c * x if x > 0 else -c * x, 1.0, branches="follow")
    c.data = 100.0
    assert program([1.0, -2.0]).tolist() == [3.0, 6.0]
    assert c.data == 100.0


def test_no_node_of_a_recording_is_kept() -> None:
    """Whichever row it was; the Values that f reads have lived before."""
    w, c = Value(1.0), Value(3.0)
    with no_collector():
        before = living()
        program = compile(lambda x: w * x if x > 0 else c * x, 1.0, wrt=w, branches="follow")
        program([1.0, -1.0])
        assert (living(), len(program.ways)) == (before, 2)


def test_a_function_without_branches_is_not_kept() -> None:
    """There is no other way to learn; and what follows nothing costs nothing."""

    def f(x: Any) -> Any:
        return x * x

    held = weakref.ref(f)
    program = compile(f, 1.0, branches="follow")
    del f
    with no_collector():
        assert held() is None
    assert program([2.0]).tolist() == [4.0]


def test_values_are_put_back_when_f_raises() -> None:
    """An error of f on a new way is the user's, and leaves no number behind."""
    w = Value(1.0)

    def f(x: Any) -> Any:
        if x > 0:
            return w * x
        raise LookupError("no such thing")

    program = compile(f, 1.0, wrt=w, branches="follow")
    program.parameters = [7.0]
    with pytest.raises(LookupError, match="no such thing") as caught:
        program([1.0, -1.0])
    assert caught.value.__notes__ == ["compile: raised by f on row 1, which goes a way of its own."]
    assert (w.data, len(program.ways)) == (1.0, 1)


def test_ways_are_learned_under_no_grad() -> None:
    """What is paused there is the recording of results."""
    program = compile(kinked, 1.0, 2.0, branches="follow", wrt=0)
    with ag.no_grad():
        assert program([1.0, -1.0], 2.0).tolist() == [2.0, -1.0]
        assert program.jacobian([1.0, -1.0], 2.0).tolist() == [2.0, 1.0]


# --- Pickles, copies, threads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [lambda p: pickle.loads(pickle.dumps(p)), copy.deepcopy], ids=["pickle", "copy"])
def test_pickles_and_copies_keep_the_ways_but_not_the_function(again: Any) -> None:
    """What is known is computed, derivatives included; what is not is refused, and says why."""
    program = compile(kinked, 1.0, 2.0, branches="follow", wrt=[0, 1])
    program([1.0, -1.0], 2.0)
    kept = again(program)
    assert kept([3.0, -3.0], 2.0).tolist() == [6.0, -3.0]
    assert [each.tolist() for each in kept.jacobian([3.0, -3.0], 2.0)] == [[2.0, 1.0], [3.0, 0.0]]
    fresh = again(compile(kinked, 1.0, 2.0, branches="follow"))
    with pytest.raises(BranchChanged, match=r"row 1 goes a way that this program has not recorded, and it cannot: "):
        fresh([1.0, -1.0], 2.0)


def test_threads_share_a_program_that_still_learns() -> None:
    """Each gets what the graphs give; every row is counted, and no way is recorded twice."""
    theta, batches = parameters(), [np.random.default_rng(k).normal(size=(16, INPUTS)) for k in range(8)]
    program = compile(lambda x: NESTED(x, theta), [0.3, -0.2, 0.5], wrt=theta, branches="follow", most_ways=MANY)
    found: list[Any] = [None] * len(batches)

    def work(k: int) -> None:
        found[k] = program(batches[k]), program.value_and_grad(batches[k])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(batches))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for batch, (numbers, (loss, gradient)) in zip(batches, found, strict=True):
        wanted, slopes, _ = by_graphs(NESTED, batch)
        close(numbers, wanted)
        assert loss == pytest.approx(np.mean(wanted), rel=1e-12)
        np.testing.assert_allclose(gradient, slopes.mean(axis=0), rtol=1e-12, atol=1e-12)
    assert sum(way.taken for way in program.ways) == 2 * 16 * len(batches)
    assert len({way.source for way in program.ways}) == len(program.ways)
    assert [x.data for x in theta] == list(THETA)


# --- What follows nothing ---------------------------------------------------------------------------------------


def test_buffers_and_functions_of_jax_go_one_way() -> None:
    """Where there are branches to follow; without any, they are as ever."""
    w = Value(2.0)
    program = compile(lambda x: w * x if x > 0 else x, 1.0, wrt=w, branches="follow", backend="c")
    with pytest.raises(TypeError, match="only its calls check them"):
        program.buffers()
    program = compile(lambda x: w * x if x > 0 else x, 1.0, wrt=w, branches="follow", backend="jax")
    with pytest.raises(TypeError, match=re.escape("a function of JAX goes one way, and this program follows branches")):
        _ = program.function
    bound = compile(lambda x: w * x, 1.0, wrt=w, branches="follow", backend="c").buffers()
    bound.run()
    assert bound.loss == 0.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"branches": "both"}, "compile(branches='both'): wanted 'raise' or 'follow'."),
        ({"most_ways": 0}, "compile(most_ways=0): wanted a whole number, 1 or more."),
        ({"most_ways": 2.5}, "compile(most_ways=2.5): wanted a whole number, 1 or more."),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(options: Any, words: str) -> None:
    """Word for word."""
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        compile(lambda x: x, 1.0, **options)
