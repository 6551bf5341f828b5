"""Laws of the sweeps: what is asked for is right whatever surrounds it, and never infinite, nan, or a guess."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd as ag
import nn
from autograd import (
    DomainError,
    Op,
    Value,
    check_gradient,
    derivative,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    operations,
    value_and_grad,
    vjp,
)
from autograd.laws import oracle
from autograd.reals import nothing
from autograd.rules import Rule
from autograd.strategies import Expression, expressions
from autograd.sweep import adjoints, slopes, topological_order

Function = Callable[..., Any]

# --- Transforms inside of other work --------------------------------------------------------------------------
# p(x, z) = x³z² + xz, so ∂p/∂x = 3x²z² + z and ∂²p/∂x² = 6xz². Each transform below is one of these at x = 3.


def p(x: Any, z: Any) -> Any:
    return x * x * x * z * z + x * z


def slope(z: Any) -> Any:
    return 27 * z * z + z


def bend(z: Any) -> Any:
    return 18 * z * z


TRANSFORMS: dict[str, tuple[Function, Function]] = {
    "grad": (lambda f: grad(f)(3.0), slope),
    "value_and_grad": (lambda f: value_and_grad(f)(3.0)[1], slope),
    "the value of value_and_grad": (lambda f: value_and_grad(f)(3.0)[0], lambda z: 27 * z * z + 3 * z),
    "derivative": (lambda f: derivative(f)(3.0), slope),
    "derivative of order 2": (lambda f: derivative(f, 2)(3.0), bend),
    "jacobian in reverse": (lambda f: jacobian(f)(3.0), slope),
    "jacobian forward": (lambda f: jacobian(lambda x: [f(x), f(x)])(3.0)[1], slope),
    "hessian": (lambda f: hessian(f)(3.0), bend),
    "hvp": (lambda f: hvp(f, 3.0, 1.0), bend),
    "jvp": (lambda f: jvp(f, (3.0,), (1.0,))[1], slope),
    "vjp": (lambda f: vjp(f, 3.0)[1](1.0)[0], slope),
}
EVERY_TRANSFORM = pytest.mark.parametrize("name", TRANSFORMS)


@EVERY_TRANSFORM
def test_a_transform_keeps_the_graph_of_the_values_that_f_reads(name: str) -> None:
    """A loss made of a derivative has its gradient in the parameters, in every way there is to ask for it."""
    transform, closed = TRANSFORMS[name]

    def loss(z: Any) -> Any:
        return transform(lambda x: p(x, z)) * z + z * z

    def right(z: Any) -> Any:
        return closed(z) * z + z * z

    z = Value(2.0)
    loss(z).backward()
    expected = grad(right)(2.0)
    assert z.grad == pytest.approx(expected, rel=1e-14)
    assert grad(loss)(2.0) == pytest.approx(expected, rel=1e-14)
    assert jvp(loss, (2.0,), (1.0,))[1] == pytest.approx(expected, rel=1e-14)
    assert derivative(loss, 2)(2.0) == pytest.approx(derivative(right, 2)(2.0), rel=1e-13)
    assert check_gradient(loss, 2.0).ok


@EVERY_TRANSFORM
def test_a_transform_inside_a_compiled_function_follows_the_rows(name: str) -> None:
    """Arguments and parameters that a derivative depends on are recorded, not frozen at the example."""
    transform, closed = TRANSFORMS[name]
    w = Value(2.0, "w")
    program = ag.compile(lambda t: transform(lambda x: p(x, w) * t) * t, 1.0, wrt=[w])
    rows = np.array([1.0, 2.0, -3.0])
    np.testing.assert_allclose(program(rows), closed(2.0) * rows**2, rtol=1e-13)
    np.testing.assert_allclose(program.value_and_grad(rows)[1], grad(closed)(2.0) * (rows**2).mean(), rtol=1e-13)


@EVERY_TRANSFORM
def test_no_grad_pauses_the_recording_of_the_result_and_not_the_differentiation(name: str) -> None:
    """Under no_grad() a transform gives plain numbers, the right ones, whatever Values f reads."""
    transform, closed = TRANSFORMS[name]
    z = Value(2.0)
    with no_grad():
        found = transform(lambda x: p(x, z))
    assert not isinstance(found, Value)
    assert found == pytest.approx(closed(2.0), rel=1e-14)
    assert not isinstance(transform(lambda x: p(x, 2.0)), Value)


def test_no_grad_inside_f_still_stops_the_gradient() -> None:
    """What f itself computes without recording is a constant of the derivative."""

    def f(x: Any) -> Any:
        with no_grad():
            c = x * x
        return c * x

    assert grad(f)(3.0) == 9.0
    with no_grad():
        assert grad(f)(3.0) == 9.0


OUTSIDE: dict[str, Function] = {
    "grad, another argument": lambda z: grad(p, 0)(3.0, z),
    "grad, by keyword": lambda z: grad(p)(3.0, z=z),
    "grad, one of two positions": lambda z: grad(p, (0, 1))(3.0, z)[0],
    "value_and_grad, another argument": lambda z: value_and_grad(p)(3.0, z)[1],
    "jacobian, another argument": lambda z: jacobian(p)(3.0, z),
    "jacobian, by keyword": lambda z: jacobian(p)(3.0, z=z),
    "hvp, the direction": lambda z: hvp(lambda x: x * x * x / 18 * (27 + 1 / z), 3.0, z * z),
    "jvp, the tangent": lambda z: jvp(lambda x: x * x * x / 27 * (27 + 1 / z), (3.0,), (z * z,))[1],
    "vjp, the cotangent": lambda z: vjp(lambda x: x * x * x / 27 * (27 + 1 / z), 3.0)[1](z * z)[0],
    "jvp, another primal": lambda z: jvp(p, (3.0, z), (1.0, 0.0))[1],
    "vjp, another primal": lambda z: vjp(p, 3.0, z)[1](1.0)[0],
    "in a list": lambda z: grad(lambda xs: p(xs[0], xs[1]))([3.0, z])[0],
}


@pytest.mark.parametrize("where", OUTSIDE)
def test_a_value_outside_is_seen_wherever_it_comes_in(where: str) -> None:
    """As another argument, by keyword, as a direction or a cotangent: the result is a graph of it."""
    z = Value(2.0)
    found = OUTSIDE[where](z)
    assert found.data == pytest.approx(slope(2.0), rel=1e-14)
    (found * z + z * z).backward()
    assert z.grad == pytest.approx(grad(lambda z: slope(z) * z + z * z)(2.0), rel=1e-14)
    assert check_gradient(lambda z: OUTSIDE[where](z) + z * z, 2.0).ok


def test_a_physics_informed_loss_trains_its_network() -> None:
    """(u′(0) − π)² of a network u has the gradient in every weight that values alone show."""
    model = nn.MLP(1, [3, 1], activation="tanh", seed=0)

    def loss() -> Any:
        return (grad(lambda t: model([t]))(0.0) - math.pi) ** 2

    def at(w: Value, number: float) -> float:
        before, w.data = w.data, number
        try:
            return loss().data
        finally:
            w.data = before

    loss().backward()
    slopes_ = [w.grad for w in model.parameters()]
    assert any(slopes_)
    for w, ours in zip(model.parameters(), slopes_, strict=True):
        h = 1e-5
        quotient = (at(w, w.data + h) - at(w, w.data - h)) / (2 * h)
        assert ours == pytest.approx(quotient, rel=1e-6, abs=1e-8)


@given(expressions([ag.sin, ag.tanh, ag.exp, ag.mul, ag.add, ag.sub, ag.softplus], max_inputs=2))
def test_the_derivative_of_a_derivative_is_the_mixed_second_derivative(program: Expression) -> None:
    """d/dz of ∂f/∂x, f read through a closure, is the entry of the Hessian."""
    assume(len(program.inputs) == 2)
    x, z = program.inputs
    mixed = hessian(lambda v: program(*v))([x, z])[0, 1]
    assert grad(lambda z: grad(lambda x: program(x, z))(x))(z) == pytest.approx(mixed, rel=1e-9, abs=1e-11)


# --- Single cotangents ----------------------------------------------------------------------------------------

SEVERAL = [op for op in operations() if op.arity != 1]
SPECIAL = (0.0, 1.0, -1.0, 3.0, -2.0, 0.5, 1e-200, 1e200, 1e308)


def alone(op: Op, x: tuple[float, ...], i: int) -> Function:
    """The operation as a function of its i-th operand, the others plain numbers."""
    return lambda each: op(*x[:i], each, *x[i + 1 :])


def ways(f: Function, x: float) -> dict[str, Function]:
    """Every way to one derivative of a function of one number."""

    def swept() -> Any:
        leaf = Value(x)
        f(leaf).backward()
        return leaf.grad

    def recorded() -> Any:
        leaf = Value(x)
        return gradients(f(leaf), [leaf])[0].data

    return {
        "backward": swept,
        "gradients": recorded,
        "grad": lambda: grad(f)(x),
        "jvp": lambda: jvp(f, (x,), (1.0,))[1],
        "jacobian": lambda: jacobian(lambda x: [f(x), f(x)])(x)[0],
    }


def true_slope(op: Op, x: tuple[float, ...], i: int) -> Any:
    try:
        true = oracle.derivative(op, x, i)
        return true if isinstance(true, mpf) else None  # complex next to x
    except (TypeError, ValueError, ZeroDivisionError):  # a pole next to x
        return None


@pytest.mark.parametrize("op", SEVERAL, ids=lambda op: op.name)
def test_an_operand_that_nobody_asked_about_cannot_fail(op: Op) -> None:
    """On a grid of special operands: where one derivative is finite, every way gives it, whatever the others are."""
    for x in itertools.product(SPECIAL, repeat=op.arity or 2):
        try:
            op(*x)
        except (DomainError, ValueError):
            continue
        for i in range(len(x)):
            true = true_slope(op, x, i)
            if true is None or abs(true) > 1e300 or 0 < abs(true) < 1e-290:
                continue
            if max(map(abs, x)) > 2**53 and not any(slopes(op, op(*x), x)):
                continue  # a staircase: the oracle's step is larger than its stairs
            for name, way in ways(alone(op, x, i), x[i]).items():
                ours = way()
                assert abs(ours - true) <= 1e-12 * abs(true) + 4 * op.absolute, f"{op.name}{x}, {i}, {name}: {ours!r}"


@pytest.mark.parametrize(
    ("f", "x", "right"),
    [
        (lambda x: ag.pow(x, 3), -2.0, 12.0),
        (lambda x: 0.0**x, 2.0, 0.0),
        (lambda x: x / 1e-200, 1.0, 1e200),
        (lambda x: x % 1e-3, 1e308, 1.0),
        (lambda x: ag.pow(x, Value(2.0).detach() + 1), -2.0, 12.0),
        (lambda x: ag.pow(x, ag.sqrt(Value(9.0).detach())), -2.0, 12.0),
    ],
)
def test_constants_have_no_derivative_to_fail(f: Function, x: float, right: float) -> None:
    """A plain number, a detached one, and what is computed of them need no cotangent."""
    for name, way in ways(f, x).items():
        assert way() == pytest.approx(right, rel=1e-12), name


def test_a_forward_direction_asks_only_for_the_operands_that_move() -> None:
    """jvp of aⁿ along a, at a negative a, needs no logarithm; along n it has none."""
    assert jvp(lambda a, n: a**n, (-2.0, 3.0), (1.0, 0.0)) == (-8.0, 12.0)
    with pytest.raises(DomainError, match=r"pow\(-2.0, 3.0\): the derivative has no value"):
        jvp(lambda a, n: a**n, (-2.0, 3.0), (0.0, 1.0))


def test_programs_need_no_derivative_of_a_constant() -> None:
    """A compiled power of a negative number by a constant Value has the gradient of its base."""
    w, n = Value(-2.0, "w"), Value(3.0, "n")
    program = ag.compile(lambda x: ag.pow(w * x, n), 1.0, wrt=[w])
    assert program.value_and_grad([1.0, 2.0])[1] == pytest.approx([(12.0 + 96.0) / 2])


@pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)
@given(data=st.data())
def test_a_rule_asked_for_one_operand_gives_what_it_gives_for_all(op: Op, data: st.DataObject) -> None:
    """The same numbers to the last bit, and each cotangent reads only operands that there are."""
    from autograd.strategies import arguments

    x = data.draw(arguments(op))
    try:
        y = op(*x)
        together = op.backward(1.5, y, *x)
    except (ValueError, ArithmeticError):
        assume(False)
        raise
    rule = Rule(op, 1.5, y, x)
    for i, ours in enumerate(together):
        one = rule.cotangent(i)
        assert one == ours or (one != one and ours != ours)
        assert rule.reads(i) <= set(range(len(x) + 1))


def test_what_a_rule_reads() -> None:
    """A product's cotangents read the other factor, a sum's nothing, an exponential's its value."""
    for op, x, reads in [
        (ag.mul, (2.0, 3.0), [{2}, {1}]),
        (ag.add, (2.0, 3.0), [set(), set()]),
        (ag.div, (2.0, 3.0), [{2}, {0, 2}]),
        (ag.exp, (2.0,), [{0}]),
    ]:
        rule = Rule(op, 1.0, op(*x), x)
        assert [rule.reads(i) for i in range(len(x))] == reads


def test_a_rule_that_looks_at_its_numbers_can_be_asked_for_one_operand() -> None:
    """A user's rule that branches, or calls math, works: what it looked at counts as read by every cotangent."""

    def backward(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, ...]:
        return (g * math.cos(a) if a > 0 else -g), g / (b - 1)

    op = Op("odd", lambda a, b: math.sin(a) + b, backward)
    rule = Rule(op, 1.0, 0.0, (2.0, 1.0))
    assert rule.cotangent(0) == math.cos(2.0)
    assert rule.reads(0) == {1}
    with pytest.raises(ZeroDivisionError):
        rule.cotangent(1)
    assert grad(lambda a: op(a, 1.0))(2.0) == math.cos(2.0)


# --- Nothing, zero, and infinity ------------------------------------------------------------------------------

SINGULAR: dict[str, tuple[Function, Function, float]] = {  # infinitely steep at this point
    "sqrt": (ag.sqrt, mp.sqrt, 0.0),
    "cbrt": (ag.cbrt, lambda x: mp.cbrt(abs(x)) * (1 if x > 0 else -1), 0.0),
    "power(0.5)": (ag.power(0.5), mp.sqrt, 0.0),
    "pow(x, ⅔)": (lambda x: ag.pow(x, 2 / 3), lambda x: mp.power(x, mpf(2 / 3)), 0.0),
    "acos": (ag.acos, mp.acos, 1.0),
    "acosh": (ag.acosh, mp.acosh, 1.0),
    "sqrt of 1 - x": (lambda x: ag.sqrt(1 - x), lambda x: mp.sqrt(1 - x), 1.0),
}
FLATTENING: dict[str, tuple[Function, Function]] = {  # slope 0 at 0
    "square": (ag.square, lambda y: y * y),
    "y ** 2": (lambda y: y**2, lambda y: y * y),
    "y ** 3": (lambda y: y**3, lambda y: y**3),
    "y * y": (lambda y: y * y, lambda y: y * y),
    "cos": (ag.cos, mp.cos),
    "cosh": (ag.cosh, mp.cosh),
    "3 sin(y)²": (lambda y: 3 * ag.sin(y) * ag.sin(y), lambda y: 3 * mp.sin(y) ** 2),
    "gaussian": (ag.gaussian(1), lambda y: mp.exp(-y * y)),
    "|y|": (abs, abs),
    "hypot with 1": (lambda y: ag.hypot(y, 1.0), lambda y: mp.hypot(y, 1)),
    "sum of squares": (lambda y: ag.sum([y * y, 2 * y * y]), lambda y: 3 * y * y),
    "dot with itself": (lambda y: ag.dot([y, y], [y, y]), lambda y: 2 * y * y),
    "y - sin(y)": (lambda y: y - ag.sin(y), lambda y: y - mp.sin(y)),
    "through a chain": (lambda y: (2 * y + 0.0) ** 2 * 5 - 1, lambda y: 20 * y * y - 1),
}


@pytest.mark.parametrize("inner", SINGULAR)
@pytest.mark.parametrize("outer", FLATTENING)
def test_a_computed_zero_that_meets_an_infinite_slope_is_never_a_guess(outer: str, inner: str) -> None:
    """Every way gives the true limit, or a DomainError that names the steep node and what made the zero."""
    (g, g_true), (s, s_true, at) = FLATTENING[outer], SINGULAR[inner]
    with mp.workdps(200):
        h = mpf(10) ** -60
        x = mpf(at) + (-h if inner in ("acos", "sqrt of 1 - x") else h)
        true = (g_true(s_true(x)) - g_true(s_true(mpf(at)))) / (x - mpf(at))
    for name, way in ways(lambda x: g(s(x)), at).items():
        try:
            ours = way()
        except DomainError:
            continue
        assert abs(ours - true) < 1e-12, f"{name}: {ours!r}, true is {float(true)!r}"


@pytest.mark.parametrize(
    "f", [lambda x: x * ag.sqrt(x), lambda u: ag.sqrt(u) * ag.sqrt(u), lambda u: ag.cos(ag.sqrt(u))]
)
@pytest.mark.parametrize("zero", [0.0, 0])
def test_zero_times_infinity_names_both_nodes(f: Function, zero: float) -> None:
    """The error says whose slope is infinite, and what made the zero; an int 0 is no other zero."""
    with pytest.raises(DomainError, match=r"sqrt\(u = 0.*\): the slope is not finite .* because of (mul|cos)\(.*0 × ∞"):
        f(Value(zero, "u")).backward()


INDEPENDENT: dict[str, Function] = {
    "0 · s": lambda s, w: 0 * s,
    "0.0 · s + w": lambda s, w: 0.0 * s + w,
    "a weight that is 0": lambda s, w: w * s,
    "a weight that is 0, before a loss": lambda s, w: (w * s - 3) ** 2,
    "w³ · s": lambda s, w: w**3 * s,
    "a difference that cancels": lambda s, w: s - s,
    "sin(w) · cos(s)": lambda s, w: ag.sin(w) * ag.cos(s) * 2 + w * s,
    "dot": lambda s, w: ag.dot([w, 1.0], [s, 2.0]),
    "a branch not taken": lambda s, w: ag.where(w, s, w + 1),
    "the flat side of relu": lambda s, w: ag.relu(s - 7.0),
    "the flat side of maximum": lambda s, w: ag.maximum(s, 7.0),
    "the flat side of minimum": lambda s, w: ag.minimum(s, -7.0),
    "outside of clip": lambda s, w: ag.clip(5, 7)(s),
    "the flat side of leaky_relu(0)": lambda s, w: ag.leaky_relu(0)(s - 7.0),
    "behind a step": lambda s, w: ag.step(s) + w,
    "rounded": lambda s, w: ag.floor(s + 0.5) + w,
}


@pytest.mark.parametrize("inner", SINGULAR)
@pytest.mark.parametrize("f", INDEPENDENT)
def test_a_zero_that_nothing_can_move_is_zero(f: str, inner: str) -> None:
    """Where nothing arrives, or a zero that depends on other inputs only, an infinite slope does no harm."""
    s, _, at = SINGULAR[inner]
    x, w = Value(at, "x"), Value(0.0, "w")
    INDEPENDENT[f](s(x), w).backward()
    assert x.grad == 0
    assert math.isfinite(w.grad)
    with no_grad():
        assert grad(lambda x: INDEPENDENT[f](s(x), w))(at) == 0
        if f not in ("a difference that cancels", "sin(w) · cos(s)"):  # forwards both parts of these are infinite
            assert jvp(lambda x: INDEPENDENT[f](s(x), w), (at,), (1.0,))[1] == 0


def test_what_a_zero_depends_on_is_seen_through_the_graph() -> None:
    """t · √(x t) at t = 0: the zero is t, on which the root depends; for x alone, t is a constant."""
    x, t = Value(3.0, "x"), Value(0.0, "t")
    y = t * ag.sqrt(x * t)
    with pytest.raises(DomainError, match="0 × ∞"):
        y.backward()
    assert (x.grad, t.grad) == (0, 0)
    assert adjoints(y, inputs=[x]).get(x, 0) == 0


@given(expressions(), st.data())
@example(Expression((0.0, 0.0), ((ag.sqrt, (0,)), (ag.mul, (1, 2)))), None)
def test_backward_that_fails_changes_no_leaf(program: Expression, data: st.DataObject | None) -> None:
    """After a DomainError every leaf has the gradient it had, so the next call is right."""
    singular = [ag.sqrt, ag.cbrt, ag.acosh]
    leaves = program.values()
    y = program(*leaves)
    op = data.draw(st.sampled_from(singular)) if data else ag.sqrt
    root = y + op(leaves[0] - leaves[0] + (op is ag.acosh)) * (1 + y * y)
    for k, leaf in enumerate(leaves):
        leaf.grad = k + 0.5
    with pytest.raises(DomainError):
        root.backward()
    assert [leaf.grad for leaf in leaves] == [k + 0.5 for k in range(len(leaves))]


def test_a_sweep_that_starts_again_counts_nobody_twice() -> None:
    """Leaves that had their share before a rule failed get it once, on top of what they had."""
    x, w = Value(-2.0), Value(5.0)
    w.grad = 100.0
    (ag.pow(x, 3) + w * w).backward()
    assert (x.grad, w.grad) == (12.0, 110.0)


def test_a_sweep_that_is_interrupted_changes_no_leaf() -> None:
    """Ctrl-C in the middle of a sweep, here inside of a rule, leaves the gradients as they were."""

    def interrupted(g: Any, y: Any, x: Any) -> tuple[Any, ...]:
        raise KeyboardInterrupt

    x, w = Value(2.0), Value(5.0)
    x.grad, w.grad = 1.0, 2.0
    y = Op("slow", lambda x: x, interrupted)(x) + w * w
    with pytest.raises(KeyboardInterrupt):
        y.backward()
    assert (x.grad, w.grad) == (1.0, 2.0)


def test_a_recorded_zero_may_be_differentiated_again() -> None:
    """w √x at (0, 0): the first derivative in x is 0, the mixed one is infinite, so there is no graph of the first."""
    w, x = Value(0.0, "w"), Value(0.0, "x")
    y = w * ag.sqrt(x)
    y.backward()
    assert (w.grad, x.grad) == (0.0, 0)
    with pytest.raises(DomainError, match=r"sqrt\(x = 0.0\): .* because of mul\(w = 0.0"):
        gradients(y, [x])
    assert gradients(0.0 * ag.sqrt(x), [x])[0].data == 0


def test_what_will_be_computed_for_other_inputs_leaves_nothing_out() -> None:
    """Recorded for a program, a slope without value is refused where something may arrive, and not at a constant 0."""
    c, x = Value(0.0, "c"), Value(0.0, "x")
    branch = ag.where(c, ag.sqrt(x), 1.0)
    assert adjoints(branch, inputs=[x], record=True).get(x, 0) == 0
    with pytest.raises(DomainError, match=r"sqrt\(x = 0.0\) has no derivative at the example"):
        adjoints(branch, inputs=[x], record=True, replayed=True)
    assert adjoints(0.0 * ag.sqrt(x), inputs=[x], record=True, replayed=True).get(x, 0) == 0


def test_a_computed_zero_tangent_is_no_excuse_for_an_infinite_slope() -> None:
    """√(x²) at 0: the tangent of x² is 0 there, and of the root there is none."""
    with pytest.raises(DomainError, match=r"sqrt\(0.0\): .* because of mul\(0.0, 0.0\)"):
        jvp(lambda x: ag.sqrt(x * x), (0.0,), (1.0,))


def test_sums_of_tangents_that_overflow_are_refused() -> None:
    """Two finite tangents may add up to more than a float holds."""
    with pytest.raises(DomainError, match=r"add\(.*\): the tangent that leaves it is inf"):
        jvp(lambda x: 1e308 * x + 1e308 * x, (1e-5,), (1.0,))


def test_nothing_is_a_zero_that_no_factor_changes() -> None:
    """Infinity, nan and Values included; added to a number it is that number; it prints as 0 and stays itself."""
    import copy
    import pickle
    from decimal import Decimal
    from fractions import Fraction

    for factor in (2.0, 3, math.inf, math.nan, Fraction(1, 3), Decimal("0.1")):
        assert nothing * factor is nothing
        assert -nothing is nothing
    numbers: tuple[Any, ...] = (2.0, 3, math.inf, Decimal("0.1"))
    for factor in numbers:
        assert factor * nothing is nothing
        assert nothing + factor == factor == factor + nothing
        assert -(nothing - factor) == factor == factor - nothing
    assert nothing / 2.0 is nothing
    with pytest.raises(ZeroDivisionError):
        _ = nothing / 0.0
    assert (Value(2.0) * nothing).data is nothing
    assert (nothing * Value(2.0)).data is nothing
    assert pickle.loads(pickle.dumps(nothing)) is nothing is copy.deepcopy(nothing)
    assert (repr(nothing), str(nothing), f"{nothing:.1f}") == ("0", "0", "0.0")


# --- One set of guards ----------------------------------------------------------------------------------------

ANY = st.floats(allow_nan=False, allow_infinity=False)
EXTREME = st.sampled_from([0.0, 1e-160, -1e-160, 1e160, 1e308, -1e308, 5e-324, 1.0, -1.0, 0.5])


def outcome(compute: Function) -> Any:
    """What it gives, or that it has no value."""
    try:
        return compute()
    except DomainError:
        return DomainError


@given(expressions(max_nodes=6), st.data())
def test_no_way_gives_an_infinity_or_a_nan(program: Expression, data: st.DataObject) -> None:
    """At any operands, the extreme ones too, every transform gives finite numbers or a DomainError."""
    size = len(program.inputs)
    x = data.draw(st.lists(EXTREME | ANY, min_size=size, max_size=size))
    f: Function = lambda x: program(*x)  # noqa: E731
    unit = [1.0] + [0.0] * (size - 1)
    found = {
        "grad": outcome(lambda: grad(f)(x)),
        "vjp": outcome(lambda: vjp(f, x)[1](1.0)[0]),
        "jacobian": outcome(lambda: jacobian(lambda x: [program(*x)] * (size + 1))(x)),
        "jvp": outcome(lambda: jvp(f, (x,), (unit,))[1]),
        "hvp": outcome(lambda: hvp(f, x, unit)),
        "hessian": outcome(lambda: hessian(f)(x)),
        "derivative": outcome(lambda: derivative(lambda t: program(t, *x[1:]), 2)(x[0])),
    }
    for name, result in found.items():
        if result is not DomainError:
            assert np.isfinite(np.array(result, dtype=float)).all(), f"{name}: {result!r}"


@given(expressions(max_nodes=6), st.data())
def test_reverse_is_one_sweep_however_it_is_asked_for(program: Expression, data: st.DataObject) -> None:
    """backward, grad, vjp and adjoints give the same numbers, or all refuse."""
    x = data.draw(st.lists(EXTREME | ANY, min_size=len(program.inputs), max_size=len(program.inputs)))
    leaves = [Value(each) for each in x]
    y = outcome(lambda: program(*leaves))
    assume(y is not DomainError)
    swept = outcome(y.backward)
    ours = DomainError if swept is DomainError else [leaf.grad for leaf in leaves]
    everywhere = tuple(range(len(x)))
    assert outcome(lambda: list(grad(program, everywhere)(*x))) == ours
    assert outcome(lambda: list(vjp(program, *x)[1](1.0))) == ours
    found = outcome(lambda: adjoints(y))
    assert (found if found is DomainError else [found.get(leaf, 0) for leaf in leaves]) == ours


@pytest.mark.parametrize(
    ("compute", "where"),
    [
        (lambda: jvp(ag.sin, (1.0,), (math.nan,)), "jvp(f): the tangent of x = nan"),
        (lambda: vjp(ag.sin, 1.0)[1](math.nan), "vjp(f): the cotangent = nan"),
        (lambda: hvp(ag.sin, 1.0, math.nan), "hvp(f): v = nan"),
    ],
)
def test_a_direction_that_is_no_number_is_refused(compute: Function, where: str) -> None:
    """nan among tangents and cotangents is named, like nan anywhere."""
    with pytest.raises(ValueError, match="nan is not a real number") as caught:
        compute()
    assert str(caught.value).startswith(where)


def test_adjoints_write_to_nobody() -> None:
    """The pure sweep gives every node's adjoint and leaves every .grad alone."""
    x = Value(3.0)
    h = x * x
    y = h * h + x
    x.grad = h.grad = 7.0
    found = adjoints(y)
    assert (found[y], found[h], found[x]) == (1.0, 18.0, 109.0)
    assert (x.grad, h.grad, y.grad) == (7.0, 7.0, 0)
    assert slopes(h.op, h.data, [3.0, 4.0]) == [4.0, 3.0]
    assert len(topological_order(y)) == 4
