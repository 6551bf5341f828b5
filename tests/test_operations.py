"""Laws of operations, over the whole table: no entry is named here, and a new one is held to them all."""

import copy
import math
import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import oracle
from autograd import OPS, DomainError, Op, Value, gradients, operations, primitive
from autograd.strategies import arguments

EVERY = pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)
LARGEST = 1.79e308


def evaluate(op: Op, x: tuple[float, ...]) -> float:
    try:
        return op(*x)
    except DomainError:
        assume(False)
        raise


def cotangents(op: Op, x: tuple[float, ...], g: float = 1.0) -> tuple[float, ...]:
    """What the backward closure gives, as the sweep would call it; a derivative that has no value is rejected."""
    y = evaluate(op, x)
    try:
        return op.backward(g, y, *x)
    except (ValueError, ArithmeticError):
        assume(False)
        raise


@EVERY
@given(data=st.data())
def test_the_value_is_the_true_one_to_the_last_digits(op: Op, data: st.DataObject) -> None:
    """Over its domain an operation errs by no more than its record says, against 50 digits."""
    x = data.draw(arguments(op))
    y = evaluate(op, x)
    assert oracle.ulps(y, oracle.value(op, x), op.absolute) <= op.ulps


@EVERY
@given(data=st.data())
def test_backward_is_the_derivative_to_the_last_digits(op: Op, data: st.DataObject) -> None:
    """Over its domain each cotangent is the partial derivative, as near as the record says, against 50 digits."""
    x = data.draw(arguments(op))
    for i, ours in enumerate(cotangents(op, x)):
        true = oracle.derivative(op, x, i)
        if true is not None and abs(true) < LARGEST:  # None: a kink, for the law of the edges
            assert oracle.ulps(ours, true, op.absolute) <= op.ulps


@EVERY
@given(data=st.data(), g=st.sampled_from([-4.0, -1.0, 0.5, 2.0, 1024.0]))
def test_backward_is_linear_in_the_cotangent(op: Op, data: st.DataObject, g: float) -> None:
    """backward(g) = g · backward(1), exactly for a power of two (but for underflow and overflow)."""
    x = data.draw(arguments(op))
    for ours, one in zip(cotangents(op, x, g), cotangents(op, x), strict=True):
        tiny = abs(g * one) < 1e-290 or abs(one) < 1e-290
        assert ours == g * one or tiny or not math.isfinite(ours)


@EVERY
@given(data=st.data())
def test_recorded_replayed_and_plain_evaluation_agree(op: Op, data: st.DataObject) -> None:
    """op(numbers), op(Values).data and its replay are one number; the sweep gives what the closure gives."""
    x = data.draw(arguments(op))
    plain, ours = evaluate(op, x), cotangents(op, x)
    assume(all(map(math.isfinite, ours)))
    leaves = [Value(each) for each in x]
    y = op(*leaves)
    y.backward()
    assert y.data == plain
    assert y.forward() == plain
    assert tuple(leaf.grad for leaf in leaves) == ours


@EVERY
@given(data=st.data())
def test_the_gradient_as_a_graph_is_the_gradient(op: Op, data: st.DataObject) -> None:
    """`gradients` records what the sweep computes."""
    x = data.draw(arguments(op))
    ours = cotangents(op, x)
    assume(all(map(math.isfinite, ours)))
    leaves = [Value(each) for each in x]
    try:
        graphs = gradients(op(*leaves), leaves)
    except DomainError:
        assume(False)
        raise
    assert tuple(graph.data for graph in graphs) == ours


@EVERY
@given(data=st.data())
def test_the_gradient_of_the_gradient_is_the_second_derivative(op: Op, data: st.DataObject) -> None:
    """Differentiating the recorded gradient gives ∂²op/∂xᵢ∂xⱼ, against 50 digits."""
    x = data.draw(arguments(op))
    assume(all(1e-3 < abs(each) < 30 for each in x))
    leaves = [Value(each) for each in x]
    try:
        first = gradients(op(*leaves), leaves)
        second = [gradients(graph, leaves) for graph in first]
    except DomainError:
        assume(False)
        raise
    for i, row in enumerate(second):
        for j, ours in enumerate(row):
            true = oracle.second_derivative(op, x, i, j)
            if true is not None:
                # Each of the two rules is good to a few ulps of its parts; the parts may cancel.
                assert abs(ours.data - true) <= 1e-11 * max(1, abs(true), *(abs(graph.data) for graph in first))


@EVERY
@given(data=st.data())
def test_no_finite_operand_ever_gives_a_nan_or_an_infinity(op: Op, data: st.DataObject) -> None:
    """Whatever the operands, value and gradient are finite, or a DomainError says why not."""
    size = op.arity or data.draw(st.integers(1, 4))
    leaves = [Value(data.draw(st.floats(allow_nan=False, allow_infinity=False))) for _ in range(size)]
    try:
        y = op(*leaves)
        y.backward()
    except DomainError:
        return
    assert all(math.isfinite(node.data) for node in [y, *leaves])
    assert all(math.isfinite(node.grad) for node in [y, *leaves])
    assert not any(isinstance(node.data, complex) for node in [y, *leaves])


@EVERY
@pytest.mark.parametrize("x", [-1000.0, -30.0, 30.0, 1000.0])
def test_far_from_zero_nothing_overflows_that_need_not(op: Op, x: float) -> None:
    """At ±1000 too an operation gives its value and its derivative, to 12 digits, wherever these fit a float."""
    if op.arity != 1:
        return
    try:
        true = oracle.value(op, (x,))
    except (TypeError, ValueError, ZeroDivisionError):  # complex, or a pole: not in its domain
        return
    if abs(true) < LARGEST:
        leaf = Value(x)
        y = op(leaf)
        y.backward()
        assert y.data == pytest.approx(float(true), rel=1e-12, abs=5e-324)
        slope = oracle.derivative(op, (x,), 0)
        if slope is not None:
            assert leaf.grad == pytest.approx(float(slope), rel=1e-12, abs=5e-324)


@EVERY
def test_at_its_edges_backward_gives_the_stated_convention(op: Op) -> None:
    """The record's `edges` are what the closure does."""
    for operands, stated in op.edges:
        assert op.backward(1, op(*operands), *operands) == stated


@EVERY
def test_the_convention_at_a_kink_is_the_subgradient_of_least_norm(op: Op) -> None:
    """Where left and right slope differ, the slope between them that is nearest to 0."""
    for (x, *others), (stated, *_) in op.edges:
        left, right = oracle.one_sided(op, (x, *others))
        real = left == abs(left) or left == -abs(left)  # else the function ends at x
        if not others and real and max(abs(left), abs(right)) < 1e10:  # a jump has no subgradient
            nearest = 0 if left * right <= 0 else min(left, right, key=abs)
            assert stated == pytest.approx(float(nearest), rel=1e-15)


@EVERY
def test_the_record_is_complete(op: Op) -> None:
    """What pictures, tables and messages read is there, and fits the number of operands."""
    assert op.meaning
    assert op.symbol
    assert op.defined
    assert len(op.domain) == (op.arity or 1)
    operands = [f"x_{i}" for i in range(op.arity or 2)]
    written = op.latex.format(*operands, args=", ".join(operands))
    assert all(operand in written for operand in operands)
    assert written.count("{") == written.count("}")


@EVERY
def test_operations_survive_pickle_and_copy_as_themselves(op: Op) -> None:
    """A graph read back uses the operations of the table, not copies."""
    assert pickle.loads(pickle.dumps(op)) is op
    assert copy.deepcopy(op) is op
    assert copy.copy(op) is op


@EVERY
def test_too_many_operands_are_refused(op: Op) -> None:
    """One operand too many is a TypeError that says how many are taken."""
    if op.arity is not None:
        operands: list[Any] = [0.5] * (op.arity + 1)
        with pytest.raises(TypeError, match=f"takes {op.arity} operands?, not {op.arity + 1}"):
            op(*operands)


def test_a_name_is_given_once() -> None:
    """Defining a name that is taken is an error, so that no rule is replaced by accident."""
    name, op = next((name, op) for name, op in OPS.items() if isinstance(op, Op))
    with pytest.raises(ValueError, match="there is such an operation already"):
        primitive(name, op.forward, op.backward)
