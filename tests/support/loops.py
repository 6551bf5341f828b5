"""Programs with loops, drawn by hypothesis: what a turn does, what it carries, what it reads from afar."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import autograd as ag
from autograd import BranchChanged, Value
from autograd.compiler.loops.rolled import Rolled
from autograd.compiler.recording import record
from autograd.compiler.scalar import Scalars, scalars

X, THETA = np.random.default_rng(0).normal(size=(5, 24)), np.random.default_rng(1).normal(size=8)

OPERATIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "+": (2, lambda a, b: a + b),
    "-": (2, lambda a, b: a - b),
    "*": (2, lambda a, b: a * b),
    "/": (2, lambda a, b: a / (2 + b * b)),
    "tanh": (1, ag.tanh),
    "sin": (1, ag.sin),
    "relu": (1, ag.relu),
    "root": (1, lambda a: ag.sqrt(0.5 + a * a)),  # whose slope may be infinite, for all that a range says
    "max": (2, ag.maximum),
    "where": (3, lambda c, a, b: ag.where(ag.step(c), a, b)),
    "sigmoid": (1, ag.sigmoid),
    "log_sum": (3, lambda a, b, c: ag.logsumexp(a, b, c)),
    "mean": (3, lambda a, b, c: ag.mean(a, b, c)),
    "dot": (2, lambda a, b: ag.dot([a, b], [b, 0.5])),
    "scaled": (1, lambda a: 0.5 * a - 1),
}

SOURCES = ("state", "made", "made", "before", "input", "parameter", "weights", "table", "fixed", "number", "last")


@dataclass(frozen=True)
class Instruction:
    what: str
    operands: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Loop:
    """`turns` times `body`; the state after a turn are some of what it made. `inner`: a loop within, on the state.

    Attributes:
        branch: a turn in which state 0 is compared with this number, and halved if it is larger.
        squash: after each turn the state is tanh of itself, so that numbers stay near 1.
    """

    turns: int
    body: tuple[Instruction, ...]
    state: tuple[int, ...]
    inner: "Loop | Triangle | None"
    branch: float | None


@dataclass(frozen=True)
class Triangle:
    """`turns` times a row of numbers is made of the row before, one shorter, or longer, or of all that was made.

    Attributes:
        way: "shrinks": of each two neighbours a number; "grows": likewise, and one at each end; "solves": one number of
            all those before, each after the other.
        width: of the first row.
        steps: what is done for each number of a row, on `SOURCES_OF_ROWS`.
        total: whether a sum of all goes along.
    """

    way: str
    turns: int
    width: int
    steps: tuple[Instruction, ...]
    total: bool


@dataclass(frozen=True)
class Program:
    """A function of 24 inputs with 8 parameters: loops one after the other, then what is read of them."""

    loops: tuple[Loop | Triangle, ...]
    ends: tuple[str, ...]

    def __call__(self, x: Sequence[Any], theta: Sequence[Any]) -> Any:
        state = [theta[0], x[0], theta[1] * x[1]]
        histories: list[list[Any]] = []
        for loop in self.loops:
            state, history = run(loop, state, x, theta)
            histories.append(history)
        total = state[0]
        for end in self.ends:
            if end == "all":
                total = total + 0.25 * ag.sum(histories[-1])
            elif end == "first":
                for each in histories[0]:
                    total = total + each * theta[2]
            elif end == "penalty":
                for each in theta:
                    total = total + 0.1 * each * each
            else:
                total = total * ag.tanh(state[-1]) + histories[0][len(histories[0]) // 2]
        return total


def run(
    loop: Loop | Triangle, state: list[Any], x: Sequence[Any], theta: Sequence[Any], offset: int = 0
) -> tuple[Any, Any]:
    if isinstance(loop, Triangle):
        return run_triangle(loop, state, x, theta)
    fixed = [theta[3] * theta[4], ag.sin(x[2]), state[0]]
    history: list[Any] = list(state)
    last = list(state)
    for turn in range(loop.turns):
        made: list[Any] = list(state)
        for each in loop.body:
            operands = []
            for source, k in each.operands:
                pools = {
                    "state": state, "made": made, "before": history[-4:], "fixed": fixed, "last": last,
                    "input": [x[(offset + turn + k) % 24]], "weights": [theta[(turn + k) % 8]], "parameter": theta[2:5],
                    "table": [0.25 * ((k % 2 * 7 * turn + k % 3 * 3 * offset + k) % 5) - 0.5],
                    "number": [0.5, 2.0, -1.0],
                }  # fmt: skip
                operands.append(pools[source][k % len(pools[source])])
            made.append(OPERATIONS[each.what][1](*operands))
        last, state = state, [ag.tanh(made[k % len(made)] + 0.125 * state[0]) for k in loop.state]
        if loop.branch is not None and state[0] > loop.branch:
            state[0] = 0.5 * state[0]
        if loop.inner:
            state, _ = run(loop.inner, state, x, theta, turn)
        history.append(state[-1])
    return state, history


SOURCES_OF_ROWS = ("left", "left", "right", "right", "made", "made", "input", "weights", "table", "number", "total")


def run_triangle(triangle: Triangle, state: list[Any], x: Sequence[Any], theta: Sequence[Any]) -> tuple[Any, Any]:
    row: list[Any] = [theta[k % 8] * x[k] + state[0] for k in range(triangle.width)]
    history, total = list(row), state[-1]

    def step(turn: int, k: int, left: Any, right: Any) -> Any:
        made = [left]
        for each in triangle.steps:
            pools = {
                "left": [left], "right": [right], "made": made, "input": [x[(turn + k) % 24]], "total": [total],
                "weights": [theta[k % 8]], "number": [0.5, 2.0], "table": [0.5 + 0.25 * ((3 * turn + k) % 4)],
            }  # fmt: skip
            operands = [pools[source][i % len(pools[source])] for source, i in each.operands]
            made.append(OPERATIONS[each.what][1](*operands))
        return ag.tanh(made[-1] + 0.125 * left)

    for turn in range(triangle.turns):
        if triangle.way == "solves":
            solved = x[turn % 24]
            for k, each in enumerate(row):
                solved = solved - 0.1 * step(turn, k, each, solved)
            row = [*row, solved * theta[1]]
            made = [solved]
        else:
            made = []
            for k in range(len(row) - 1):
                made.append(step(turn, k, row[k], row[k + 1]))
                if triangle.total:
                    total = total + 0.125 * made[-1]
            row = [row[0] * theta[2], *made, row[-1] * theta[3]] if triangle.way == "grows" else made or row
        history += made
    return [row[-1], row[0] + total], history


def triangles() -> st.SearchStrategy[Triangle]:
    return st.builds(
        Triangle,
        way=st.sampled_from(["shrinks", "grows", "solves"]),
        turns=st.integers(1, 10),
        width=st.integers(1, 12),
        steps=st.lists(instructions(SOURCES_OF_ROWS), min_size=1, max_size=2).map(tuple),
        total=st.booleans(),
    )


def instructions(sources: Sequence[str] = SOURCES) -> st.SearchStrategy[Instruction]:
    operand = st.tuples(st.sampled_from(sources), st.integers(0, 5))

    def of(what: str) -> st.SearchStrategy[Instruction]:
        count = OPERATIONS[what][0]
        return st.tuples(*[operand] * count).map(lambda operands: Instruction(what, operands))

    return st.sampled_from(sorted(OPERATIONS)).flatmap(of)


def loops(inner: st.SearchStrategy[Loop | Triangle] | None = None) -> st.SearchStrategy[Loop]:
    return st.builds(
        Loop,
        turns=st.integers(1, 9),
        body=st.lists(instructions(), min_size=1, max_size=4).map(tuple),
        state=st.lists(st.integers(0, 7), min_size=1, max_size=3).map(tuple),
        inner=st.none() if inner is None else st.none() | inner,
        branch=st.none() | st.sampled_from([0.0, 0.3, -0.3]),
    )


def programs(ragged: bool = True) -> st.SearchStrategy[Program]:
    """Programs of loops; with inner loops that grow or shrink, if `ragged`."""
    within = loops() | triangles() if ragged else loops()
    around = loops(within) | triangles() if ragged else loops(within)
    return st.builds(
        Program,
        loops=st.lists(around, min_size=1, max_size=2).map(tuple),
        ends=st.lists(st.sampled_from(["all", "first", "penalty", "middle"]), max_size=2).map(tuple),
    )


def values(numbers: Iterable[float]) -> list[Value]:
    return [Value(float(each)) for each in numbers]


# --- The same numbers -----------------------------------------------------------------------------------------


def read(program: Program) -> tuple[Scalars, list[Value], Any]:
    theta = values(THETA)
    recording = record(lambda x: program(x, theta), [X[0].tolist()], theta)
    return scalars(recording, theta, recording.outputs), theta, recording


def of_graph(program: Program, rows: np.ndarray) -> tuple[list[float], np.ndarray]:
    losses, gradient = [], np.zeros(8)
    for row in rows.tolist():
        theta = values(THETA)
        loss = program([Value(each) for each in row], theta)
        loss.backward()
        losses.append(float(loss.data))
        gradient += [float(each.grad) for each in theta]
    return losses, gradient


def check(program: Program, kernel: Any, rows: int) -> None:
    flat, _, _ = read(program)
    rolled = Rolled.of(flat)
    x = X[:rows]
    same_way = [flat.evaluate(row, THETA.tolist())[1] for row in x.tolist()]
    forward, backward = kernel(rolled, False), kernel(rolled, True)
    if not all(same_way):
        broken = "|".join(str(row) for row, held in enumerate(same_way) if not held)
        with pytest.raises(BranchChanged, match=f"in row ({broken}) "):
            forward.values(THETA, [x.T], rows)
        with pytest.raises(BranchChanged, match=f"in row ({broken}) "):
            backward.loss_and_gradient(THETA, [x.T], rows, False)
        x = x[:1]
    losses, gradient = of_graph(program, x)
    scale = max(1.0, np.abs(gradient).max())
    np.testing.assert_allclose(forward.values(THETA, [x.T], len(x))[0], losses, rtol=1e-11, atol=1e-12)
    loss, found = backward.loss_and_gradient(THETA, [x.T], len(x), False)
    np.testing.assert_allclose(loss, sum(losses), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(found, gradient, rtol=1e-10, atol=1e-11 * scale)
