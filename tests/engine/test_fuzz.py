"""Whatever a user passes, a public function answers, or raises an error that it documents."""

import contextlib
import math
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Family, Op, Value

DOCUMENTED = (TypeError, ValueError)  # DomainError is a ValueError; a GradientMismatch is a finding, not an accident

NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([0, 1, -1, 2, 0.5, -0.0, math.inf, -math.inf, 1e308, 5e-324, 10**400, -3.5]),
    st.floats(allow_nan=False),
    st.integers(),
    st.fractions(),
    st.sampled_from([Decimal("0.1"), Decimal("1e400"), np.float64(2.5), np.float32(1.5), np.int64(-3)]),
)
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.just(math.nan),
    st.just(Decimal("nan")),
    st.complex_numbers(max_magnitude=9),
    st.builds(object),
    st.sampled_from(
        [len, abs, str, Value, [], (), {}, set(), b"x", np.ones(2), np.ones((0, 2)), np.array("a"), 1 + 2j]
    ),
    st.lists(st.floats(-2, 2), max_size=3),
)
ANYTHING = NUMBERS | JUNK | NUMBERS.map(lambda x: Value(x))

OPERATIONS = [*ag.operations()]
FAMILIES = [entry for entry in ag.OPS.values() if isinstance(entry, Family)]
FUNCTIONS: list[Callable[..., Any]] = [
    ag.gradients, ag.grad, ag.value_and_grad, ag.jacobian, ag.hessian, ag.jvp, ag.vjp, ag.hvp, ag.derivative,
    ag.softmax, ag.log_softmax, ag.dot, ag.draw,
    lambda f, *x: ag.grad(f)(*x), lambda f, *x: ag.jacobian(f)(*x), lambda f, *x: ag.hessian(f)(*x),
    lambda x, *_: ag.grad(lambda x: x)(x), lambda x, *_: ag.jacobian(lambda x: x)(x),
]  # fmt: skip
OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.lt, operator.le, operator.gt, operator.ge, operator.matmul, divmod, round, pow,
]  # fmt: skip


def answers(act: Callable[[], Any]) -> Any:
    """What `act` gives, or None where it refuses in a documented way."""
    with contextlib.suppress(*DOCUMENTED):
        return act()
    return None


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
@given(data=st.data())
def test_operations_answer_or_refuse(op: Op, data: st.DataObject) -> None:
    """Any operands, right in number or not."""
    operands = data.draw(st.lists(ANYTHING, min_size=op.arity or 0, max_size=(op.arity or 3) + 1))
    y = answers(lambda: op(*operands))
    if isinstance(y, Value):
        answers(y.backward)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@given(st.lists(ANYTHING, max_size=3))
def test_families_answer_or_refuse(family: Family, constants: list[Any]) -> None:
    """Any constants; what a family takes makes an operation that works."""
    op = answers(lambda: family(*constants))
    if op is not None:
        answers(lambda: op(Value(0.5)).backward())


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
@given(st.lists(ANYTHING, max_size=3))
def test_functions_answer_or_refuse(function: Callable[..., Any], arguments: list[Any]) -> None:
    """Transforms, pictures and the rest, with any arguments."""
    answers(lambda: function(*arguments))


@given(st.sampled_from(OPERATORS), NUMBERS, ANYTHING, st.booleans())
def test_operators_answer_or_refuse(function: Callable[..., Any], x: Any, other: Any, turned: bool) -> None:
    """A Value and anything, on either side."""
    pair = (other, Value(x)) if turned else (Value(x), other)
    answers(lambda: function(*pair))


@given(ANYTHING, ANYTHING)
def test_a_value_is_made_or_refused(data: Any, label: Any) -> None:
    """Value(data, label) holds a real number and a text, or there is none."""
    x = answers(lambda: Value(data, label))
    if x is not None:
        assert x.label is None or isinstance(x.label, str)
        assert x.data == x.data
        answers(lambda: x.backward(data))
        answers(lambda: format(x, str(label)))
        assert repr(x).startswith("Value(data=")
