"""Laws of the transforms: they agree with the sweep, with each other, and with themselves when nested."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, Value, derivative, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.strategies import Expression, expressions

SMOOTH = [ag.sin, ag.tanh, ag.exp, ag.softplus, ag.atan, ag.sigmoid, ag.add, ag.mul, ag.sub]


def on_list(program: Expression) -> Callable[[Any], Any]:
    return lambda x: program(*x)


def differentiable(compute: Callable[[], Any]) -> Any:
    """What `compute` gives; inputs where a derivative has no value are rejected."""
    try:
        return compute()
    except DomainError:
        assume(False)


@given(expressions())
def test_grad_is_the_sweep(program: Expression) -> None:
    """grad, value_and_grad and vjp give what backward() leaves in .grad, and leave no .grad themselves."""
    leaves = program.values()
    y = program(*leaves)
    differentiable(y.backward)
    swept = [leaf.grad for leaf in leaves]
    everywhere = tuple(range(len(leaves)))
    inputs = program.inputs
    assert value_and_grad(on_list(program))(list(inputs)) == (y.data, swept)
    assert list(grad(program, everywhere)(*inputs)) == swept
    value, pull_back = vjp(program, *inputs)
    assert (value, list(pull_back(1))) == (y.data, swept)


@given(expressions(SMOOTH), st.data())
def test_forward_and_reverse_mode_are_dual(program: Expression, data: st.DataObject) -> None:
    """⟨u, J v⟩ = ⟨Jᵀ u, v⟩ for every direction v and cotangent u."""
    size = len(program.inputs)
    v = data.draw(st.lists(st.floats(-2, 2), min_size=size, max_size=size))
    u = data.draw(st.floats(-2, 2))
    value, tangent = jvp(program, program.inputs, v)
    same, pull_back = vjp(program, *program.inputs)
    cotangents = pull_back(u)
    size_of_sum = sum(abs(c * d) for c, d in zip(cotangents, v, strict=True))
    assert value == same
    assert u * tangent == pytest.approx(
        sum(c * d for c, d in zip(cotangents, v, strict=True)), rel=1e-12, abs=1e-12 * (1 + size_of_sum)
    )


@given(expressions(SMOOTH), st.data())
def test_hvp_is_the_hessian_times_the_vector(program: Expression, data: st.DataObject) -> None:
    """And the Hessian is symmetric, and the Jacobian of the gradient."""
    size = len(program.inputs)
    v = data.draw(st.lists(st.floats(-2, 2), min_size=size, max_size=size))
    f, x = on_list(program), list(program.inputs)
    matrix = hessian(f)(x)
    scale = 1e-11 * (1 + np.abs(matrix).max())
    assert matrix.shape == (size, size)
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-9, atol=scale)
    np.testing.assert_allclose(hvp(f, x, v), matrix @ np.array(v), rtol=1e-9, atol=scale)


@given(expressions(SMOOTH))
def test_both_modes_give_one_jacobian(program: Expression) -> None:
    """Many outputs of few inputs go forward, few of many in reverse: the entries are the same."""
    x = list(program.inputs)
    tall = jacobian(lambda x: [program(*x)] * (len(x) + 1))(x)
    wide = jacobian(lambda x: [program(*x)])(x)
    assert tall.shape == (len(x) + 1, len(x))
    np.testing.assert_allclose(tall[0], wide[0], rtol=1e-9, atol=1e-11 * (1 + np.abs(wide).max()))


@given(st.floats(-2, 2), st.integers(0, 5))
def test_derivatives_of_any_order(x: float, order: int) -> None:
    """The n-th derivative of sin is sin shifted by nπ/2."""
    assert derivative(ag.sin, order)(x) == pytest.approx(math.sin(x + order * math.pi / 2), abs=1e-14)


# --- Nesting --------------------------------------------------------------------------------------------------


def test_no_perturbation_is_confused() -> None:
    """d/dx [x · d/dy (x + y)] = 1 at x = 1, whether y is a number or x itself.

    Source: Siskind & Pearlmutter, Perturbation Confusion and Referential Transparency (IFL 2005).
    """
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(1.0) == 1
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6
    assert grad(lambda x: jvp(lambda y: x * y * y, (x,), (1.0,))[1])(3.0) == 12


@given(st.floats(-2, 2))
def test_transforms_nest(x: float) -> None:
    """grad of grad, jvp of grad and grad of jvp are all the second derivative."""
    second = derivative(ag.tanh, 2)(x)
    assert grad(grad(ag.tanh))(x) == pytest.approx(second, rel=1e-12, abs=1e-15)
    assert jvp(grad(ag.tanh), (x,), (1.0,))[1] == pytest.approx(second, rel=1e-12, abs=1e-15)
    assert grad(lambda x: jvp(ag.tanh, (x,), (1.0,))[1])(x) == pytest.approx(second, rel=1e-12, abs=1e-15)
    assert hessian(ag.tanh)(x) == pytest.approx(second, rel=1e-12, abs=1e-15)


def test_values_give_values() -> None:
    """On a Value the gradient is a graph of it, and of the Values that f reads; no `.grad` is touched."""
    x, w = Value(3.0), Value(2.0)
    slope = grad(lambda x: w * x**2)(x)
    assert isinstance(slope, Value)
    slope.backward()
    assert (slope.data, x.grad, w.grad) == (12.0, 4.0, 6.0)
    x.grad = w.grad = 0
    slope = grad(lambda x: w * x**2)(3.0)
    assert (slope.data, x.grad, w.grad) == (12.0, 0, 0)
    slope.backward()
    assert w.grad == 6.0


# --- Shapes ---------------------------------------------------------------------------------------------------


class Point(NamedTuple):
    """A tuple with names."""

    x: float
    y: float


def test_the_gradient_has_the_shape_of_the_argument() -> None:
    """Numbers, nested lists and tuples, named tuples and arrays come back as what they were."""

    def total(tree: Any) -> Any:
        leaves = [tree] if isinstance(tree, Value) else list(tree.flat) if hasattr(tree, "flat") else tree
        return sum(total(leaf) if not isinstance(leaf, Value) else leaf**2 for leaf in leaves)

    assert grad(total)(3.0) == 6.0
    assert grad(total)([1.0, (2.0, [3.0])]) == [2.0, (4.0, [6.0])]
    assert grad(total)(Point(1.0, 2.0)) == Point(2.0, 4.0)
    array = np.arange(6.0).reshape(2, 3)
    gradient = grad(total)(array)
    assert gradient.dtype == np.float64
    assert (gradient == 2 * array).all()
    assert grad(lambda x, y: x * y, (0, 1))(2.0, 5.0) == (5.0, 2.0)
    assert grad(lambda x, y: x * y, -1)(2.0, 5.0) == 2.0


def test_jacobians_have_the_shape_of_output_and_argument() -> None:
    """(*output, *argument); a number counts as ()."""
    x = np.array([1.0, 2.0, 3.0])
    assert jacobian(lambda x: np.array([[x[0] * x[1], x[2]]]))(x).shape == (1, 2, 3)
    assert jacobian(lambda x: x[0] * x[1])(x).tolist() == [2.0, 1.0, 0.0]
    assert jacobian(lambda t: [ag.sin(t), t * 2, 5])(0.0).tolist() == [1.0, 2.0, 0.0]
    assert jacobian(lambda t: t * t)(3.0) == 6.0
    assert jacobian(lambda x: [1.0, 2.0])(x).tolist() == [[0.0] * 3] * 2


def test_a_function_that_ignores_its_argument_has_gradient_zero() -> None:
    """A plain number returned is a constant."""
    assert value_and_grad(lambda x: 7.0)([1.0, 2.0]) == (7.0, [0, 0])


MESSAGES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: grad(3.0), TypeError, "grad(f): f = 3.0 is not a function."),  # pyright: ignore
    (lambda: grad(lambda x: [x, x])(1.0), TypeError,
     "grad(f): f returned [Value(data=1.0, grad=0), Value(data=1.0, grad=0)]: "
     "a list is not a real number; make one Value per element; wanted one number."),
    (lambda: grad(lambda x: None)(1.0), TypeError,
     "grad(f): f returned None: None is not a real number (did a function forget to return it?); "
     "wanted one number."),
    (lambda: grad(sum)([1.0, "2"]), TypeError,
     "grad(f): argument iterable[1] = '2': a str is not a real number; convert it first, as in float('2.5')."),
    (lambda: grad(sum)([1.0, math.nan]), ValueError,
     "grad(f): argument iterable[1] = nan: nan is not a real number; find where it came from."),
    (lambda: grad(abs, 1)(1.0), TypeError, "grad(f): argnums has 1, but f was called with 1 argument."),
    (lambda: derivative(abs, -1), ValueError, "derivative(f, order=-1): wanted a whole number, 0 or more."),
    (lambda: jacobian(lambda x: [[x], [x, x]])(1.0), ValueError,
     "jacobian(f): output is ragged: output[0] has shape (1,) and output[1] has (2,); wanted the same for all."),
    (lambda: jvp(abs, (1.0,), (1.0, 2.0)), ValueError,
     "jvp(f): got 2 tangents for 1 primal."),
    (lambda: hvp(sum, [1.0, 2.0], [1.0]), ValueError,
     "hvp(f): v is a list with 1 element; wanted 2 elements, as in x."),
    (lambda: grad(ag.log)(-1.0), DomainError, "log(-1.0): log is defined for x > 0."),
    (lambda: jvp(ag.sqrt, (0.0,), (1.0,)), DomainError,
     "sqrt(0.0): the derivative has no value here (upstream gradient 1.0)."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "kind", "message"), MESSAGES, ids=[message[:40] for _, _, message in MESSAGES])
def test_messages_name_the_argument(act: Callable[[], Any], kind: type[Exception], message: str) -> None:
    """What was got, what was wanted, and which element of which argument."""
    with pytest.raises(kind) as caught:
        act()
    assert str(caught.value) == message
    assert type(caught.value) is kind


def test_a_direction_that_does_not_move_needs_no_slope() -> None:
    """√ at 0 has no derivative, but along the direction 0 nothing moves."""
    assert jvp(lambda x, y: ag.sqrt(x) + y, (0.0, 1.0), (0.0, 3.0)) == (1.0, 3.0)


def test_a_recorded_derivative_that_overflows_is_a_domain_error() -> None:
    """1e-104 / 1e-311 has a value but no finite derivative: the rule is not to blame."""
    a, b = Value(2.8e-104, "a"), Value(6.7e-311, "b")
    with pytest.raises(
        DomainError, match=r"div\(a = 2.8e-104, b = 6.7e-311\): the gradient it passes to .* is upstream 1.0 × local"
    ):
        ag.gradients(a / b, [a, b])
