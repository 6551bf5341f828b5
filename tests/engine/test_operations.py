"""Laws of operations, over the whole table: no entry is named here, and a new one is held to them all."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import OPS, Op, Value, operations, primitive
from autograd.laws import LAWS, Law, oracle

EVERY = pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)


def _held_by_every_operation(law: Law) -> Callable[..., None]:
    @EVERY
    @given(data=st.data())
    def test(op: Op, data: st.DataObject) -> None:
        law(op, data)

    test.__doc__ = law.__doc__
    return test


for _law in LAWS:  # test_the_value_is_the_true_one, … : the laws of autograd/laws.py, each with its sentence
    globals()[f"test_{_law.__name__}"] = _held_by_every_operation(_law)


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
    if abs(true) < 1.79e308:
        leaf = Value(x)
        y: Any = op(leaf)
        y.backward()
        assert y.data == pytest.approx(float(true), rel=1e-12, abs=5e-324)
        slope = oracle.derivative(op, (x,), 0)
        if slope is not None:
            assert leaf.grad == pytest.approx(float(slope), rel=1e-12, abs=5e-324)


@EVERY
def test_every_entry_of_the_library_has_a_truth_and_a_meaning(op: Op) -> None:
    """So that the laws hold it to 50 digits, and tables and tooltips have words for it."""
    assert oracle.knows(op)
    assert op.meaning


def test_a_name_is_given_once() -> None:
    """Defining a name that is taken is an error, so that no rule is replaced by accident."""
    name, op = next((name, op) for name, op in OPS.items() if isinstance(op, Op))
    with pytest.raises(ValueError, match="there is such an operation already"):
        primitive(name, op.forward, op.backward)
