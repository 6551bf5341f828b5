"""The laws every operation keeps: `check_operation(op)` tries them on your own."""

import contextlib
import copy
import functools
import itertools
import math
import pickle
from collections.abc import Callable
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd.compiler import Program, compile
from autograd.engine import Value
from autograd.errors import DomainError, call
from autograd.laws import oracle
from autograd.laws.drawing import QUICK, nothing_kept
from autograd.operation import OPS, Op
from autograd.strategies import arguments
from autograd.transforms import gradients

_LARGEST = 1.79e308
SECOND_ORDER = 1e-13
"""Bound on the error of second derivatives, relative to the largest of 1, themselves and the first derivatives."""
_TINY = 1e-290  # below, numbers lose digits to underflow


def check_operation(op: Op, max_examples: int = 100) -> None:
    """Try every law on `op`.

    ```python
    cube = primitive("cube", lambda x: x * x * x, lambda g, y, x: (3 * g * x * x,))
    check_operation(cube)
    ```

    The derivative is held to 50 digits where the record has a `truth`, or where `forward` itself computes with mpmath's
    numbers (as `x * x * x` does and `math.cbrt(x)` does not); else to difference quotients of `forward`.

    Raises:
        AssertionError: a law is broken; says which operands, what was got, and what was wanted.
    """
    if not isinstance(op, Op):
        raise TypeError(f"check_operation({op!r}): wanted an Op, not {type(op).__name__}.")
    thorough = settings(max_examples=max_examples, **QUICK)
    with nothing_kept():
        for law in LAWS:
            thorough(given(data=st.data())(_trial(op, law)))()


def _trial(op: Op, law: "Law") -> Callable[[st.DataObject], None]:
    def trial(data: st.DataObject) -> None:
        law(op, data)

    return trial


def the_value_is_the_true_one(op: Op, data: st.DataObject) -> None:
    """Over its domain an operation errs by no more than its record says, against 50 digits."""
    x = data.draw(arguments(op))
    y = _evaluated(op, x)
    if oracle.knows(op):
        true = oracle.value(op, x)
        error = oracle.ulps(y, true, op.absolute)
        assert error <= op.ulps, f"{call(op.name, x)} gives {y!r}, true is {float(true)!r}: {_off(error, op)}"


def backward_is_the_derivative(op: Op, data: st.DataObject) -> None:
    """Over its domain each cotangent is the partial derivative, as near as the record says, against 50 digits."""
    x = data.draw(arguments(op))
    for i, ours in enumerate(_cotangents(op, x)):
        where = f"{call(op.name, x)}: backward passes {ours!r} to operand {i}"
        if oracle.knows(op):
            true = oracle.derivative(op, x, i)
            if true is not None and abs(true) < _LARGEST:  # None: a kink, for the law of the edges
                error = oracle.ulps(ours, true, op.absolute)
                assert error <= op.ulps, f"{where}, the derivative is {float(true)!r}: {_off(error, op)}"


def backward_is_linear(op: Op, data: st.DataObject) -> None:
    """backward(g) = g · backward(1), exactly for a power of two (but for underflow and overflow)."""
    x = data.draw(arguments(op))
    g = data.draw(st.sampled_from([-4.0, -1.0, 0.5, 2.0, 1024.0]))
    for ours, one in zip(_cotangents(op, x, g), _cotangents(op, x), strict=True):
        tiny = abs(g * one) < _TINY or abs(one) < _TINY
        assert ours == g * one or tiny or not math.isfinite(ours), (
            f"{call(op.name, x)}: backward gives {one!r} for the cotangent 1 and {ours!r} for {g!r}; it is not linear"
        )


def eager_replayed_and_plain_agree(op: Op, data: st.DataObject) -> None:
    """op(numbers), op(Values).data and its replay are one number; the sweep gives what the closure gives."""
    x = data.draw(arguments(op))
    plain, ours = _evaluated(op, x), _cotangents(op, x)
    assume(all(map(math.isfinite, ours)))
    leaves: list[Any] = [Value(each) for each in x]
    y = op(*leaves)
    y.backward()
    assert y.data == plain == y.forward()
    assert tuple(leaf.grad for leaf in leaves) == ours


def the_gradient_as_a_graph_is_the_gradient(op: Op, data: st.DataObject) -> None:
    """`gradients` records what the sweep computes: backward runs on Values as on numbers."""
    x = data.draw(arguments(op))
    ours = _cotangents(op, x)
    assume(all(map(math.isfinite, ours)))
    leaves: list[Any] = [Value(each) for each in x]
    graphs = _defined(lambda: gradients(op(*leaves), leaves))
    recorded = tuple(graph.data for graph in graphs)
    assert recorded == ours, f"{call(op.name, x)}: backward gives {ours!r} on numbers and {recorded!r} on Values"


def the_gradient_of_the_gradient_is_the_second_derivative(op: Op, data: st.DataObject) -> None:
    """Differentiating the recorded gradient gives ∂²op/∂xᵢ∂xⱼ, against 50 digits."""
    x = data.draw(arguments(op))
    assume(all(1e-3 < abs(each) < 30 for each in x) and oracle.knows(op))
    leaves: list[Any] = [Value(each) for each in x]
    first = _defined(lambda: gradients(op(*leaves), leaves))
    second = _defined(lambda: [gradients(graph, leaves) for graph in first])
    for i, j in itertools.combinations_with_replacement(range(len(x)), 2):
        true = oracle.second_derivative(op, x, i, j)
        if true is None:
            continue
        for ours in (second[i][j], second[j][i]):
            # Each of the two rules is good to a few ulps of its parts; the parts may cancel.
            allowed = SECOND_ORDER * max(1, abs(true), *(abs(graph.data) for graph in first))
            assert abs(ours.data - true) <= allowed, (
                f"{call(op.name, x)}: differentiating backward gives {ours.data!r} for the operands {i} and {j}, "
                f"the second derivative is {float(true)!r}; does backward branch on numbers?"
            )


def no_finite_operand_gives_a_nan_or_an_infinity(op: Op, data: st.DataObject) -> None:
    """Whatever the operands, value and gradient are finite, or a DomainError says why not."""
    size = op.arity or data.draw(st.integers(1, 4))
    leaves: list[Any] = [Value(data.draw(st.floats(allow_nan=False, allow_infinity=False))) for _ in range(size)]
    y = _defined(lambda: op(*leaves))
    _defined(y.backward)
    numbers = [number for node in [y, *leaves] for number in (node.data, node.grad)]
    assert not any(isinstance(number, complex) for number in numbers)
    assert all(map(math.isfinite, numbers)), f"{call(op.name, leaves)}: {numbers!r}"


def the_edges_are_as_stated(op: Op, data: st.DataObject) -> None:
    """The conventions in the record are what backward does; at a kink, the subgradient of least norm."""
    for x, stated in op.edges:
        ours = op.backward(1, op(*x), *x)
        assert ours == stated, f"{call(op.name, x)}: backward gives {ours!r}, edges says {stated!r}"
        if len(x) == 1 and oracle.knows(op):
            left, right = oracle.one_sided(op, x)
            real = left == abs(left) or left == -abs(left)  # else the function ends at x
            if real and max(abs(left), abs(right)) < 1e10:  # a jump has no subgradient
                nearest = float(0 if left * right <= 0 else min(left, right, key=abs))
                assert math.isclose(stated[0], nearest, rel_tol=1e-15), f"{call(op.name, x)}: {stated}, {nearest!r}"


def the_record_is_complete(op: Op, data: st.DataObject) -> None:
    """What pictures, tables and messages read is there, and fits the number of operands."""
    assert op.symbol
    assert op.defined
    assert len(op.domain) == (op.arity or 1), f"{op.name}: domain wants an interval per operand, is {op.domain!r}"
    operands = [f"x_{i}" for i in range(op.arity or 2)]
    for pattern in filter(None, (op.text, op.latex)):
        written = pattern.format(*operands, *op.constants, args=", ".join(operands))
        assert all(operand in written for operand in operands), f"{op.name}: {pattern!r} leaves out an operand"
        assert written.count("{") == written.count("}")


def it_survives_pickle_and_copy_as_itself(op: Op, data: st.DataObject) -> None:
    """A graph read back uses the operations of the table, not copies."""
    if op.family or OPS.get(op.name) is op:
        assert pickle.loads(pickle.dumps(op)) is op
    assert copy.deepcopy(op) is op


def one_operand_too_many_is_refused(op: Op, data: st.DataObject) -> None:
    """A TypeError says how many are taken."""
    if op.arity is not None:
        with contextlib.suppress(TypeError):
            op(*[0.5] * (op.arity + 1))
            raise AssertionError(f"{op.name} took {op.arity + 1} operands")


def compiled_it_gives_the_same(op: Op, data: st.DataObject) -> None:
    """What programs compute in its place (`form`, `terms`) is the same function, to 1e-12 or what `absolute` allows."""
    x = data.draw(arguments(op))
    y = _evaluated(op, x)
    rows = _compiled(op, len(x))(*([each, each] for each in x))
    assert abs(rows[1] - y) <= 1e-12 * abs(y) + 4 * op.absolute, (
        f"{call(op.name, x)} gives {y!r}, and compiled {rows[1]!r}"
    )


@functools.lru_cache(maxsize=512)
def _compiled(op: Op, operands: int) -> Program:
    inside = [low / 4 + high * 0.75 for low, high in (op.domain if op.arity else op.domain * operands)]
    return compile(op, *inside)


Law = Callable[[Op, st.DataObject], None]
LAWS: tuple[Law, ...] = (
    the_record_is_complete,
    one_operand_too_many_is_refused,
    the_value_is_the_true_one,
    backward_is_linear,
    backward_is_the_derivative,
    eager_replayed_and_plain_agree,
    the_gradient_as_a_graph_is_the_gradient,
    the_gradient_of_the_gradient_is_the_second_derivative,
    no_finite_operand_gives_a_nan_or_an_infinity,
    the_edges_are_as_stated,
    it_survives_pickle_and_copy_as_itself,
    compiled_it_gives_the_same,
)
"""Each takes an operation and a source of operands, and asserts."""


def _evaluated(op: Op, x: tuple[float, ...]) -> Any:
    return _defined(lambda: op(*x))


def _cotangents(op: Op, x: tuple[float, ...], g: float = 1.0) -> tuple[Any, ...]:
    """What the backward closure gives, as the sweep would call it; a derivative that has no value is rejected."""
    y = _evaluated(op, x)
    return _defined(lambda: op.backward(g, y, *x), (ValueError, ArithmeticError))


def _defined(compute: Callable[[], Any], errors: Any = DomainError) -> Any:
    """What `compute` gives; operands where it has no value are rejected."""
    try:
        return compute()
    except errors:
        assume(False)


def _off(error: float, op: Op) -> str:
    return f"{error:.3g} units in the last place off, {op.ulps:g} allowed"
