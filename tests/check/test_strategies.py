"""The strategies give what they promise, and shrink to what a person would write."""

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from autograd import Op, Value, add, mul, operations, topological_order
from autograd.strategies import Expression, arguments, expressions, values
from share import share

QUIET = hypothesis.settings(database=None, derandomize=True, max_examples=2000)


@given(values(0.5, 2.0, label="x"))
def test_values_are_fresh_leaves_in_their_interval(x: Value) -> None:
    """A number between the bounds, no gradient, the label given."""
    assert 0.5 <= x.data <= 2.0
    assert (x.is_leaf, x.grad, x.label) == (True, 0, "x")


@given(expressions())
def test_expressions_are_defined_where_they_are_drawn(program: Expression) -> None:
    """On plain numbers and on Values alike; every step is needed for the last."""
    leaves = program.values()
    y = program(*leaves)
    assert program(*program.inputs) == y.data
    made = [node for node in topological_order(y) if not node.is_leaf]
    assert len(made) == len(program.steps)


def test_expressions_share_operands() -> None:
    """Graphs with fan-out are drawn, and the smallest is one line."""

    def shares(program: Expression) -> bool:
        return any(op is mul and operands[0] == operands[1] == 0 for op, operands in program.steps)

    smallest = hypothesis.find(expressions([add, mul]), shares, settings=QUIET)  # of the whole table, too rare
    assert repr(smallest) == "x0 = 0.0; x1 = mul(x0, x0)"


def test_arguments_reach_the_edges() -> None:
    """The operands of a record's `edges` are among what is drawn."""
    unshrunk = hypothesis.settings(QUIET, phases=[hypothesis.Phase.generate])
    for op in operations():
        for operands, _ in op.edges:
            assert hypothesis.find(arguments(op), lambda x, wanted=operands: x == wanted, settings=unshrunk) == operands


def test_arguments_stay_in_the_domain() -> None:
    """An operand for each place, inside its interval or on an edge."""

    @hypothesis.settings(max_examples=share(20), database=None)
    @given(st.sampled_from(list(operations())).flatmap(lambda op: arguments(op).map(lambda x: (op, x))))
    def holds(drawn: tuple[Op, tuple[float, ...]]) -> None:
        op, x = drawn
        box = op.domain * (len(x) if op.arity is None else 1)
        at_edge = any(x == operands for operands, _ in op.edges)
        assert at_edge or all(low <= each <= high for each, (low, high) in zip(x, box, strict=True))

    holds()
