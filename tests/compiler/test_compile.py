"""Compiled programs compute what the graph says: values, gradients, second derivatives, for batches of any size."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, Value
from autograd.strategies import Expression, expressions
from compiled import eager, smooth_at, swept, used
from share import share


@pytest.mark.parametrize("rows", [1, 2, 7, 64])
@settings(max_examples=share(60), deadline=None)
@given(program=expressions(max_inputs=4, max_nodes=12), data=st.data())
def test_a_compiled_graph_gives_the_numbers_of_the_graph(rows: int, program: Expression, data: st.DataObject) -> None:
    """Values and gradients agree with the reverse sweep to 1e-12, or what rounding allows, in every row."""
    count = len(program.inputs)
    parameters = sorted({data.draw(st.sampled_from(used(program)))} | data.draw(st.sets(st.integers(0, count - 1))))
    arguments = [k for k in range(count) if k not in parameters]
    samples = [program.inputs]
    for _ in range(rows - 1 if arguments else 0):
        moved = [x + data.draw(st.floats(-0.5, 0.5)) if k in arguments else x for k, x in enumerate(program.inputs)]
        samples.append(tuple(moved))
    assume(all(smooth_at(program, sample) for sample in samples))
    wrt = [Value(program.inputs[k]) for k in parameters]

    def f(*given: Any) -> Any:
        leaves: dict[int, Any] = dict(zip(parameters, wrt, strict=True))
        leaves.update(zip(arguments, given, strict=True))
        return program(*[leaves[k] for k in range(count)])

    try:
        expected = [eager(program, sample, parameters) for sample in samples]
        compiled = ag.compile(f, *[program.inputs[k] for k in arguments], wrt=wrt, backend="numpy", reduce="sum")
    except DomainError:
        assume(False)
        raise
    batch = [np.array([sample[k] for sample in samples]) for k in arguments]
    values = np.atleast_1d(compiled(*batch))
    loss, gradient = compiled.value_and_grad(*batch)
    assume(np.isfinite(values).all() and np.isfinite(gradient).all())  # 0 times infinity: nan here, 0 in the sweep
    for y, (value, _, bounds) in zip(values, expected, strict=True):
        assert abs(y - value) <= bounds[0]
    assert abs(loss - sum(value for value, _, _ in expected)) <= 2 * sum(bounds[0] for _, _, bounds in expected)
    for k in range(len(parameters)):
        bounds = sum(each[2][1 + k] for each in expected) + 1e-13 * sum(abs(each[1][k]) for each in expected)
        assert abs(gradient[k] - sum(each[1][k] for each in expected)) <= 2 * bounds


def test_a_common_factor_of_many_products_counts() -> None:
    """Σ c·aₖ·bₖ with one c for all: it is taken out of the sum, and not lost."""
    w = [Value(0.1 * k) for k in range(12)]
    program = ag.compile(lambda x: sum(-2.5 * a * b for a, b in zip(w, x, strict=True)), [1.0] * 12, wrt=w)
    X = np.random.default_rng(0).normal(size=(3, 12))
    assert program(X) == pytest.approx(-2.5 * X @ [v.data for v in w], rel=1e-13)
    assert program.value_and_grad(X)[1] == pytest.approx(-2.5 * X.mean(axis=0), rel=1e-13)


@pytest.mark.parametrize("order", [lambda k: k, lambda k: k * k % 7, lambda k: (k // 5) * 3 % 7, lambda k: 6 - k % 7])
def test_a_recurrence_may_read_its_inputs_in_any_order(order: Callable[[int], int]) -> None:
    """Steps that repeat themselves become a loop only as far as their places move evenly."""
    w, b = Value(0.7), Value(0.1)

    def f(x: Any) -> Any:
        h: Any = 0.3
        for k in range(24):
            h = ag.tanh(w * h + x[order(k)] * (b + k % 2))
        return h * h

    X = np.random.default_rng(1).normal(size=(4, 24))
    program = ag.compile(f, X[0], wrt=[w, b], backend="numpy")
    wanted, gradient = swept(f, [w, b], X)
    assert program(X) == pytest.approx(wanted, rel=1e-12)
    assert program.value_and_grad(X)[1] == pytest.approx(gradient, rel=1e-12)
