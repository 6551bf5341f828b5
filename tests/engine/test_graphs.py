"""Laws of graphs: hypothesis draws the graph, with fan-out, shared leaves and constants."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from autograd import DomainError, Value, gradients, topological_order
from autograd.doubles import living
from autograd.engine import add, div, mul
from autograd.laws import oracle
from autograd.reals import Nothing
from autograd.strategies import Expression, expressions
from memory import no_collector

CUBE = Expression((3.0,), ((mul, (0, 0)), (mul, (0, 1))))  # micrograd's second backward gives 72, not 54
DIAMOND = Expression((3.0,), ((add, (0, 0)), (mul, (0, 0)), (add, (1, 2))))
SHARED = Expression((2.0, -1.5), ((mul, (0, 1)), (div, (2, 0)), (add, (2, 3)), (mul, (4, 2))))


def recorded(program: Expression) -> tuple[list[Value], Value]:
    """The program's leaves and its output."""
    leaves = program.values()
    return leaves, program(*leaves)


def differentiated(program: Expression) -> tuple[list[Value], Value]:
    """The same, after backward; programs with a derivative that has no value are rejected."""
    leaves, y = recorded(program)
    try:
        y.backward()
    except DomainError:
        assume(False)
    return leaves, y


def snapshot(y: Value) -> list[tuple[Any, Any, str | None, str | None]]:
    return [(node.data, node.grad, node.op and node.op.name, node.label) for node in topological_order(y)]


def sensitivity(y: Value) -> float:
    """Σ over all paths of |product of the local derivatives|: how much rounding errors can be amplified."""
    reach = dict.fromkeys(topological_order(y), 0.0)
    reach[y] = 1.0
    for node in reversed(topological_order(y)):
        if not node.is_leaf:
            try:
                local = node.op.backward(1, node.data, *[x.data for x in node.inputs])
            except (ValueError, ArithmeticError):  # its cotangent is 0: paths that cancel
                return math.inf
            for x, slope in zip(node.inputs, local, strict=True):
                reach[x] += reach[node] * abs(slope)
    return max(reach.values())


@given(expressions())
@example(CUBE)
@example(DIAMOND)
@example(SHARED)
def test_backward_is_the_derivative_of_the_whole_program(program: Expression) -> None:
    """Every leaf's gradient is the difference quotient of the program at 50 digits."""

    def exact(*inputs: Any) -> Any:
        return program.run(lambda op, operands: oracle.truth(op)(*(mpf(x) for x in operands)), inputs)[-1]

    leaves, y = differentiated(program)
    scale = sensitivity(y)
    assume(scale < 1e4)
    for i, leaf in enumerate(leaves):
        try:
            true = oracle.quotient(exact, program.inputs, i)
        except (TypeError, ZeroDivisionError):  # on one side the program is not defined: complex, or a pole
            continue
        if true is not None:
            # Each step errs by some 1e-15, and what it errs by is amplified at most twice by `scale`.
            assert abs(leaf.grad - true) <= 1e-13 * (1 + scale) ** 2


@given(expressions())
@example(CUBE)
@example(SHARED)
def test_a_second_backward_doubles_the_leaves_and_nothing_else(program: Expression) -> None:
    """Leaves accumulate over calls, up to the rounding of their sums; the nodes between are cleared first."""
    leaves, y = differentiated(program)
    assume(y not in leaves)
    once = [node.grad for node in topological_order(y)]
    rounding = 1e-14 * sensitivity(y)
    assume(math.isfinite(rounding))
    y.backward()
    for node, before in zip(topological_order(y), once, strict=True):
        if node.is_leaf:
            assert abs(node.grad - 2 * before) <= rounding
        else:
            assert node.grad == before


@given(expressions(), st.sampled_from([-2.0, 0.5, 4.0]))
@example(SHARED, 0.5)
def test_the_seed_scales_every_gradient(program: Expression, seed: float) -> None:
    """backward(gradient=s) gives s times the gradients, exactly for a power of two."""
    leaves, _ = differentiated(program)
    again, y = recorded(program)
    y.backward(gradient=seed)
    for one, other in zip(leaves, again, strict=True):
        assert other.grad == seed * one.grad or abs(one.grad) < 1e-290


@given(expressions(), st.data())
@example(DIAMOND, None)
def test_replay_equals_recording_afresh(program: Expression, data: st.DataObject | None) -> None:
    """After the leaves changed, forward() gives what the program gives on the new numbers."""
    size = len(program.inputs)
    inputs = data.draw(st.tuples(*[st.floats(-2, 2)] * size)) if data else (5.0,) * size
    leaves, y = recorded(program)
    try:
        afresh = program(*(Value(x) for x in inputs)).data
    except DomainError:
        afresh = None
    for leaf, x in zip(leaves, inputs, strict=True):
        leaf.data = x
    if afresh is None:
        with pytest.raises(DomainError):
            y.forward()
    else:
        assert y.forward() == afresh == y.data


@given(expressions())
@example(SHARED)
def test_the_order_is_topological(program: Expression) -> None:
    """Every node once, and its inputs before it."""
    _, y = recorded(program)
    order = topological_order(y)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is y
    assert all(place[x] < place[node] for node in order for x in node.inputs)


@given(expressions())
@example(CUBE)
@example(SHARED)
def test_gradients_as_graphs_are_the_gradients_of_the_sweep(program: Expression) -> None:
    """gradients() and backward() give one number, and gradients() touches no .grad."""
    leaves, _ = differentiated(program)
    again, y = recorded(program)
    try:
        graphs = gradients(y, again)
    except DomainError:  # an intermediate of the recorded rule overflowed
        assume(False)
        raise
    assert [graph.data for graph in graphs] == [leaf.grad for leaf in leaves]
    assert not any(node.grad for node in topological_order(y))


@given(expressions())
@example(SHARED)
def test_two_losses_may_share_nodes(program: Expression) -> None:
    """The gradients of two outputs of one graph add up, whatever they share."""
    leaves = program.values()
    results = program.run(lambda op, operands: op(*operands), leaves)
    first, second = results[-1], results[len(results) // 2]
    alone, rounding = [], 1e-14 * (sensitivity(first) + sensitivity(second))
    assume(math.isfinite(rounding))
    for output in (first, second):
        try:
            output.backward()
        except DomainError:
            assume(False)
        alone.append([leaf.grad for leaf in leaves])
        for leaf in leaves:
            leaf.grad = 0
    first.backward()
    second.backward()
    for leaf, a, b in zip(leaves, *alone, strict=True):
        assert abs(leaf.grad - (a + b)) <= rounding


@given(expressions())
@example(SHARED)
def test_pickle_and_deepcopy_give_the_same_graph_apart(program: Expression) -> None:
    """Numbers, gradients, operations and labels survive; nothing is shared; the gradients of the copy work."""
    leaves, y = differentiated(program)
    for copied in (pickle.loads(pickle.dumps((y, leaves))), copy.deepcopy((y, leaves))):
        y2, leaves2 = copied
        assert snapshot(y2) == snapshot(y)
        assert not set(topological_order(y2)) & set(topological_order(y))
        y2.zero_grad()
        y2.backward()
        assert [leaf.grad for leaf in leaves2] == [leaf.grad for leaf in leaves]


@given(expressions())
@example(CUBE)
def test_a_dropped_graph_is_freed_without_the_collector(program: Expression) -> None:
    """No reference cycles: when the last name goes, so does every node."""
    with no_collector():
        before = living()
        leaves, y = differentiated(program)
        graphs = gradients(y, leaves)
        assert living() >= before + len(leaves)
        del leaves, y, graphs
        assert living() == before


@given(expressions())
@example(SHARED)
def test_numpy_scalars_and_floats_give_the_same_graph(program: Expression) -> None:
    """np.float64 leaves become floats, so nothing NumPy does to its scalars reaches the engine."""
    _, y = recorded(program)
    y2 = program(*(Value(np.float64(x), f"x{i}") for i, x in enumerate(program.inputs)))
    assert snapshot(y2) == snapshot(y)
    assert all(type(node.data) in (int, float, Nothing) for node in topological_order(y2))


def test_the_oracle_itself_finds_a_derivative() -> None:
    """The judge is judged once: d/dx x³ at 2 is 12, |x| has no derivative at 0."""
    assert oracle.quotient(lambda x: x**3, (2.0,), 0) == pytest.approx(12, rel=1e-20)
    assert oracle.quotient(abs, (0.0,), 0) is None
    assert math.isclose(oracle.quotient(mp.tanh, (20.0,), 0), 4 * math.exp(-40), rel_tol=1e-15)
