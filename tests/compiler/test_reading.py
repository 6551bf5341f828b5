"""How a recorded graph is read into arrays, and what is chosen and made of them: each thing once."""

import functools
import operator
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, compile
from autograd.compiler import choosing
from autograd.compiler.choosing import _depth, _may_lose
from autograd.compiler.loops import rolled
from autograd.compiler.loops.periods import numbered
from autograd.compiler.loops.rolling import roll
from autograd.compiler.printers import c as c_printer
from autograd.compiler.printers import python as python_printer
from autograd.compiler.recording import Recording, record
from autograd.compiler.scalar import PARAMETER, VALUE, Check, Output, Scalars, scalars
from autograd.compiler.slopes import is_safe, is_steep, slopes
from autograd.functions import partition
from autograd.operation import Op
from autograd.trees import Blocks
from benchmarks.deep_programs import PROGRAMS, runge_kutta
from loops import THETA, Program, X, programs, read, values
from share import share


def instructions(flat: Scalars) -> list[tuple[Any, list[tuple[int, int]]]]:
    return [(flat.table[what], flat.operands(k)) for k, what in enumerate(flat.what.tolist())]


def made_of(operands: Sequence[tuple[int, int]]) -> list[int]:
    return [place for kind, place in operands if kind == VALUE]


# --- Reading --------------------------------------------------------------------------------------------------


@settings(max_examples=share(40), deadline=None)
@given(programs())
def test_equal_operations_are_read_once_and_only_what_a_result_needs(program: Program) -> None:
    """No two instructions do the same to the same, no number is there twice, and every value is read."""
    flat, _, _ = read(program)
    computed = [(what, *operands) for what, operands in instructions(flat) if isinstance(what, Op)]
    assert len(set(computed)) == len(computed)
    assert len({number.hex() for number in flat.numbers.tolist()}) == len(flat.numbers)
    needed = {place for _, operands in instructions(flat) for place in made_of(operands)}
    assert needed == {k for k, (what, _) in enumerate(instructions(flat)) if isinstance(what, Op)}


@settings(max_examples=share(40), deadline=None)
@given(programs(), st.booleans())
def test_a_graph_is_the_same_program_whoever_made_it(program: Program, half: bool) -> None:
    """Whether f makes it while it is recorded, or all of it, or a part of it, was there before."""
    theta, x = values(THETA), values(X[0])
    before = program(x, theta)
    graph = Recording(("x",), (Blocks.of(X[0].tolist(), "", "x"),), tuple(x), before)
    if half:  # what is recorded reads parameters of before
        graph = record(lambda t: before * t + theta[0], [2.0], theta)
    outputs, _ = scalars(graph, theta, graph.outputs).evaluate([2.0] if half else X[0].tolist(), THETA.tolist())
    wanted = before.data * 2.0 + THETA[0] if half else before.data
    np.testing.assert_allclose(outputs, [wanted], rtol=1e-12)


def test_zero_and_minus_zero_are_two_numbers() -> None:
    """And each is read once, however often it stands there."""
    recording = record(lambda x: [x * 0.0, x * -0.0, x + 0.0, -0.0 + x, x * 0], [1.5])
    flat = scalars(recording, [], recording.outputs)
    assert [number.hex() for number in flat.numbers.tolist()] == ["0x0.0p+0", "-0x0.0p+0"]
    assert [number.hex() for number in flat.evaluate([0.5], [])[0][:2]] == ["0x0.0p+0", "-0x0.0p+0"]


def test_a_parameter_may_be_a_number_that_was_computed() -> None:
    """Then what it was computed from is no part of the program, and its number is the parameter's."""
    a = Value(2.0)
    middle = ag.exp(a) * a
    graph = Recording((), (), (), middle * middle + a)
    flat = scalars(graph, [middle, a], graph.outputs)
    assert flat.evaluate([], [3.0, 5.0])[0] == [14.0]


# --- What is chosen -------------------------------------------------------------------------------------------


@settings(max_examples=share(40), deadline=None)
@given(programs())
def test_as_many_operations_wait_as_the_longest_chain_has(program: Program) -> None:
    """Sums, guards and outputs not counted."""
    flat, _, _ = read(program)
    levels: list[int] = []
    for what, operands in instructions(flat):
        waits = not isinstance(what, Check | Output) and what.name not in ("add", "sub")
        levels.append(max([levels[place] for place in made_of(operands)], default=0) + waits)
    assert _depth(flat) == max(levels)


def added(terms: Sequence[Any]) -> Any:
    return functools.reduce(operator.add, terms)


def turned(x: list[Any]) -> list[Any]:
    return [*x[1:], x[0]]


WRITTEN: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "a sum": (ag.sum, added),
    "a sum of exponentials": (lambda x: partition(*map(ag.exp, x)), lambda x: added([ag.exp(each) for each in x])),
    "a dot product": (
        lambda x: ag.dot(x, turned(x)),
        lambda x: added([a * b for a, b in zip(x, turned(x), strict=True)]),
    ),
    "a mean": (lambda x: ag.mean(x), lambda x: added([0.25 * each for each in x])),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_code_is_as_deep_by_an_operation_as_by_hand(what: str) -> None:
    depths = set()
    for f in WRITTEN[what]:
        recording = record(lambda x, f=f: ag.tanh(f([ag.sin(each) for each in x])), [[0.5, 1.0, 1.5, 2.0]])
        depths.add(_depth(scalars(recording, [], recording.outputs)))
    assert len(depths) == 1


def loses(flat: Scalars) -> bool:
    """By definition: from some gate there is a way down to what moves, and is or reads what may be infinite.

    What is the same for all rows may be so only where its value is not.
    """
    below: list[set[int]] = []
    moving: list[bool] = []
    infinite: list[bool] = []
    for k, (what, operands) in enumerate(instructions(flat)):
        makers = made_of(operands)
        below.append({*makers, *(each for maker in makers for each in below[maker])})
        moving.append(any(kind == PARAMETER for kind, _ in operands) or any(moving[maker] for maker in makers))
        passed = [each for each in slopes(what, len(operands)) if each] if isinstance(what, Op) else []
        numbers = [None, (VALUE, k), *operands]
        read = [numbers[each] for slope in passed for each in slope.form.operands]
        of_rows = [each[1] for each in read if each and each[0] == VALUE and each[1] >= flat.shared]
        ops = [flat.table[flat.what[each]] for each in of_rows]
        unsafe = [op for op in ops if isinstance(op, Op) and not is_safe(op)]
        steep = any(is_steep(what, each) if k < flat.shared else not each.is_safe for each in passed)
        infinite.append(bool(unsafe) or steep)
    gates = [
        k
        for k, (what, operands) in enumerate(instructions(flat))
        if isinstance(what, Op) and any(each and each.flows for each in slopes(what, len(operands)))
    ]
    return any(moving[k] and infinite[k] for gate in gates for k in below[gate])


@settings(max_examples=share(60), deadline=None)
@given(programs(ragged=False))
def test_an_infinity_behind_a_branch_is_found_wherever_it_is(program: Program) -> None:
    flat, _, _ = read(program)
    assert _may_lose(flat) == loses(flat)


# --- Each thing once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["c", "numpy"])
def test_nothing_is_made_twice(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph is read once; statements, and their text in Python, are made once of a loss, and of its gradient."""
    made: Counter[Any] = Counter()

    def counting(owner: Any, name: str, key: Callable[..., Any] = lambda *_: None) -> None:
        before = getattr(owner, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            made[name, key(*arguments, *named.values())] += 1
            return before(*arguments, **named)

        monkeypatch.setattr(owner, name, counted)

    counting(rolled, "code", lambda nest, differentiate: differentiate)
    counting(python_printer.Module, "__init__", lambda module, each, arrays: (each, arrays))
    counting(c_printer, "_slopes", lambda _, op: op.name)  # whether C has words for an operation
    counting(sys.modules["autograd.compiler.way"], "scalars")
    theta = values(THETA)

    def f(x: Any) -> Any:
        for each in theta * 8:
            x = ag.tanh(x * each) + 0.5
        return x

    program = compile(f, 0.5, wrt=theta, backend=backend)
    for rows in ([0.5], [0.25] * 9):
        program(rows)
        program.value_and_grad(rows)
    assert set(made.values()) == {1}
    assert {name for name, _ in made} >= {"code", "_slopes" if backend == "c" else "__init__", "scalars"}


def test_a_program_whose_loops_were_not_found_is_not_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text would be thrown away, and is the longest of all."""
    monkeypatch.setattr(choosing, "_LONGEST", 2)
    monkeypatch.setattr(choosing, "_SHORTER", 1000)
    monkeypatch.setattr(rolled.Rolled, "code", lambda *_: pytest.fail("its statements are made"))
    w = Value(0.9)
    program = compile(lambda x: functools.reduce(lambda y, _: ag.tanh(w * y), range(60), x), 0.5, wrt=[w])
    assert program.why.startswith("deep, but without loops")


def calls(f: Callable[..., Any], *arguments: Any) -> int:
    """How many functions are called."""
    count = 0

    def counted(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        f(*arguments)
    finally:
        sys.setprofile(None)
    return count


def test_loops_are_found_in_arrays_whatever_their_turns() -> None:
    """Ten times the turns take hardly more calls, though each turn has repetitions of its own."""
    counts = []
    for turns in (60, 600):
        theta = values(PROGRAMS["runge_kutta"].parameters)
        recording = record(lambda x, turns=turns, theta=theta: runge_kutta(theta, x, ag, turns), [[1.0, 1.0]], theta)
        counts.append(calls(roll, scalars(recording, theta, recording.outputs)))
    assert counts[1] < 1.25 * counts[0]


@settings(deadline=None)
@example([(0, 0, 0), (0, 0, 2)])
@given(st.lists(st.tuples(*[st.sampled_from([-3, 0, 1, 2, 2**40, -(2**41)])] * 3), min_size=1, max_size=40))
def test_rows_are_numbered_as_they_are_sorted(rows: list[tuple[int, ...]]) -> None:
    """Equal rows alike, near each other or far apart, from 0 on."""
    assert numbered(np.array(rows)).tolist() == [sorted(set(rows)).index(row) for row in rows]
