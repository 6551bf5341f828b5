"""A branch that is not taken costs no derivative: programs pass nothing to it, as the graph does."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Op, Value, operations
from autograd.sweep import slopes

Gate = Callable[[Any, Any], Any]
GATES: dict[str, Gate] = {
    "where": lambda c, y: ag.where(ag.step(c), y, 0.25),
    "where, turned": lambda c, y: ag.where(ag.step(-c), 0.25, y),
    "relu": lambda c, y: ag.relu(y + 1e9 * c) + 0.5 * c,
    "maximum": lambda c, y: ag.maximum(y, -2e9 * c),
    "minimum": lambda c, y: ag.minimum(y, 2e9 * c),
    "clip": lambda c, y: ag.clip(-1e6, 1e6)(y + 1e9 * (c - 1)),
    "leaky relu of slope 0": lambda c, y: ag.leaky_relu(0)(y + 1e9 * c),
    "two gates": lambda c, y: ag.relu(ag.where(ag.step(c), 2 * y, -1.0) + 3.0),
    "through a loop": lambda c, y: ag.where(ag.step(c), turned(y), 0.25),
}
NUMBERS = [0.0, 1.0, -1.0, 0.5, 2.0, 3.0]


def turned(y: Any) -> Any:
    for k in range(60):
        y = ag.tanh(0.9 * y + 0.01 * k)
    return y


def number(op: Op, x: tuple[float, ...]) -> float | None:
    try:
        return float(op(*map(Value, x)).data)
    except (ValueError, ArithmeticError):
        return None


def steep() -> Iterator[tuple[Op, tuple[float, ...], tuple[float, ...]]]:
    """Operations with a point that has a value and no slope, and one that has both."""
    for op in operations():
        points = list(itertools.product(NUMBERS, repeat=op.arity or 2))
        values = {x: y for x in points if (y := number(op, x)) is not None}
        bad = [x for x, y in values.items() if None in slopes(op, y, x)]
        good = [x for x, y in values.items() if None not in slopes(op, y, x)]
        if bad and good:
            yield op, bad[0], good[-1]


STEEP = {op.name: (op, bad, good) for op, bad, good in steep()}


def test_there_are_steep_operations() -> None:
    assert {"sqrt", "asin", "acosh", "power(0.5)", "cbrt"} <= set(STEEP)


def gradient_of_graphs(f: Callable[..., Value], rows: np.ndarray, count: int, first: float = 1.0) -> np.ndarray:
    total = np.zeros(count)
    for row in rows.tolist():
        theta = [Value(first), *(Value(1.0) for _ in range(count - 1))]
        f(row, theta).backward()
        total += [float(each.grad) for each in theta]
    return total / len(rows)


@pytest.mark.parametrize(
    ("gate", "backend"),
    [*itertools.product(GATES, [None, "numpy"]), ("relu", "jax"), ("through a loop", "jax")],  # JAX takes its time
)
@pytest.mark.parametrize("name", STEEP)
def test_a_batch_with_a_closed_gate_has_the_gradient_of_the_graph(name: str, gate: str, backend: str | None) -> None:
    op, bad, good = STEEP[name]

    def f(row: Any, theta: Any) -> Any:
        return GATES[gate](row[0], op(*[t * x for t, x in zip(theta, row[1:], strict=True)]))

    rows = np.array([[1.0, *good], [-1.0, *bad], [-1.0, *good]])
    wanted = gradient_of_graphs(f, rows, len(good))
    theta = [Value(1.0) for _ in good]
    program = ag.compile(lambda row: f(row, theta), rows[0].tolist(), wrt=theta, backend=backend)
    assert np.isfinite(wanted).all()
    np.testing.assert_allclose(program.value_and_grad(rows)[1], wanted, rtol=1e-12, atol=1e-12)


def test_c_has_all_of_them_in_one_program() -> None:
    """Each operation behind each gate, every one with parameters of its own."""
    cases = [(*each, gate) for each in STEEP.values() for gate in GATES.values()]
    ends = np.cumsum([0, *(len(good) for _, _, good, _ in cases)]).tolist()

    def f(row: Any, theta: Any) -> Any:
        terms = []
        for (op, _, _, gate), start, end in zip(cases, ends, ends[1:], strict=False):
            terms.append(gate(row[0], op(*[theta[k] * row[1 + k] for k in range(start, end)])))
        return ag.sum(terms)

    bad, good = ([x for case in cases for x in point(case)] for point in (lambda case: case[1], lambda case: case[2]))
    rows = np.array([[1.0, *good], [-1.0, *bad], [-1.0, *good]])
    wanted = gradient_of_graphs(f, rows, ends[-1])
    theta = [Value(1.0) for _ in range(ends[-1])]
    program = ag.compile(lambda row: f(row, theta), rows[0].tolist(), wrt=theta, backend="c")
    np.testing.assert_allclose(program.value_and_grad(rows)[1], wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize("closed", ["last", "first", "middle"])
def test_nothing_arrives_in_one_turn_and_something_in_all_others(closed: str, backend: str) -> None:
    """A number of each turn is read by the next one, but of one turn by a branch alone that is not taken."""
    turns = 60
    gate = {"last": turns - 1, "first": 0, "middle": turns // 2}[closed]

    def f(row: Any, theta: Any) -> Any:
        condition, *x = row
        before, total = theta[1] * 1.0, theta[1] * condition
        for k, each in enumerate(x):
            total = total + before * 0.5
            before = ag.sqrt(theta[0] * each)
            if k == gate:
                total, before = total + ag.where(ag.step(condition), before, 0.25), theta[1] * 1.0
        return total

    rows = np.full((2, turns + 1), 2.0)
    rows[1, 0], rows[1, 1 + gate] = -1.0, 0.0
    theta = [Value(1.0), Value(1.0)]
    program = ag.compile(lambda row: f(row, theta), rows[0].tolist(), wrt=theta, backend=backend)
    wanted = gradient_of_graphs(f, rows, 2)
    np.testing.assert_allclose(program.value_and_grad(rows)[1], wanted, rtol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_what_every_turn_hands_on_may_go_to_nobody_in_the_end(backend: str) -> None:
    """After the last turn a branch alone reads it; where that is not taken, nothing comes back to any turn."""

    def f(row: Any, theta: Any) -> Any:
        condition, *x = row
        y = theta[0]
        for each in x:
            y = ag.sqrt(y * theta[0] + each)
        return theta[1] * condition + ag.where(ag.step(condition), y, 0.25)

    rows = np.zeros((2, 61))
    rows[:, 0], rows[1, [30, 31, -1]] = [1.0, -1.0], [-1.0, 1.0, -1.0]  # of 0 there, whose slope is infinite
    theta = [Value(1.0), Value(1.0)]
    program = ag.compile(lambda row: f(row, theta), rows[0].tolist(), wrt=theta, backend=backend)
    np.testing.assert_allclose(program.value_and_grad(rows)[1], gradient_of_graphs(f, rows, 2), rtol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize("way", [reversed, list])
def test_what_is_the_same_for_all_rows_is_asked_for_if_one_row_asks(way: Any, backend: str) -> None:
    """Roots of a parameter that each row reads one by one, from a list, or does not; where no row does, also of 0."""

    def f(row: Any, theta: Any) -> Any:
        roots = [ag.sqrt(theta[0] * k) for k in range(1, 60)]
        y = theta[1] * row[1]
        for each in way(roots):
            y = 0.9 * ag.sin(y) + ag.where(ag.step(row[0]), 0.1 * each, 0.25)
        return y

    for conditions, number in (([-1.0] * 5, 0.0), ([-1.0, -1.0, 1.0, -1.0, 1.0], 1.0), ([1.0] * 5, 1.0)):
        rows = np.column_stack([conditions, np.linspace(-1, 1, 5)])
        theta = [Value(number), Value(1.0)]
        program = ag.compile(lambda row, theta=theta: f(row, theta), rows[0].tolist(), wrt=theta, backend=backend)
        wanted = gradient_of_graphs(f, rows, 2, number)
        np.testing.assert_allclose(program.value_and_grad(rows)[1], wanted, rtol=1e-11)


def handed_on(theta: Any, x: Any) -> Any:
    for each in x:
        theta = [ag.sqrt(theta[0] * theta[1] + each), theta[1]]
    return theta[0]


def added_up(theta: Any, x: Any) -> Any:
    total = theta[1]
    for each in x:
        total = total + ag.sqrt(theta[0] * each)
    return total


def in_inner_loops(theta: Any, x: Any) -> Any:
    total = theta[1]
    for each in x[:6]:
        y = total
        for other in x:
            y = ag.sqrt(y * other + theta[0])
        total = ag.sqrt(total) * each + y
    return total


@pytest.mark.parametrize("f", [handed_on, added_up, in_inner_loops])
def test_what_arrives_is_written_down_only_where_a_branch_may_keep_it_back(f: Callable[..., Any]) -> None:
    """Slopes may be infinite as they like: where something arrives in every turn there is nothing to ask."""
    theta = [Value(1.0), Value(1.0)]
    text = ag.compile(lambda x: f(theta, x), [0.5] * 60, wrt=theta, backend="c")._kernel("gradient").text
    assert "for (size_t" in text
    assert not re.search(r"\b[eh]\d+ = |E\[", text)


INFINITE: dict[str, Callable[[Any, Any], Any]] = {
    "a quotient": lambda theta, x: theta * (1 / x),
    "a power of a quotient": lambda theta, x: (theta / x) ** 2,
    "a logarithm": lambda theta, x: theta * ag.log(x),
    "an exponential": lambda theta, x: ag.exp(1000 - 500 * x) * theta,
}


@pytest.mark.parametrize("backend", [None, "numpy", "c"])
@pytest.mark.parametrize("case", INFINITE)
def test_a_number_that_is_infinite_behind_a_closed_gate_costs_nothing(case: str, backend: str | None) -> None:
    """Where the graph does not even have the number, the row passes what it would without that branch."""

    def f(row: Any, theta: Any) -> Any:
        return ag.where(ag.step(row[0]), INFINITE[case](theta[0], row[1]), 0.25)

    theta = [Value(1.0)]
    program = ag.compile(lambda row: f(row, theta), [1.0, 2.0], wrt=theta, backend=backend)
    alone = gradient_of_graphs(f, np.array([[1.0, 2.0]]), 1)
    for rows in ([[-1.0, 0.0]], [[1.0, 2.0], [-1.0, 0.0]], [[1.0, 2.0], [-1.0, 0.0]] * 3):
        open_rows = sum(row[0] > 0 for row in rows)
        np.testing.assert_allclose(program.value_and_grad(rows)[1], alone * open_rows / len(rows), rtol=1e-12)


def test_a_zero_that_was_computed_stays_nan() -> None:
    """√u · √u at 0 has a slope, which no rule can find: the graph refuses, and a program gives no wrong number."""
    u = Value(1.0)
    zero = Value(0.0)
    product = ag.sqrt(zero) * ag.sqrt(zero + 0.0)
    with pytest.raises(ag.DomainError):
        product.backward()
    for backend in ("numpy", "c"):
        program = ag.compile(lambda x: ag.sqrt(u * x) * ag.sqrt(u * x + 0.0), 1.0, wrt=[u], backend=backend)
        assert np.isnan(program.value_and_grad([0.0, 1.0])[1]).all()
