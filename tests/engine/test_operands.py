"""Laws of unusual operands: common offsets, saturation, the ends of the floats, huge constants, kinks inside.

Everything runs over the whole table, or over everything that takes many operands, against 60 digits and more.
"""

import functools
import itertools
import math
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mpf

import autograd as ag
import nn
from autograd import DomainError, Op, Value, gradients, hessian, operations, topological_order
from autograd.laws import oracle
from autograd.reals import nothing
from docs.build.conventions import second_derivatives

mp: Any = mpmath.mp
EVERY = pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)
SMALLEST, LARGEST = 5e-324, sys.float_info.max

# --- Large minus large ----------------------------------------------------------------------------------------

EXACTLY = 1400
"""Digits at which sums, differences and exponentials of any floats near each other are exact."""


def remembered(f: Callable[..., Any]) -> Callable[..., Any]:
    """f at the precision of the moment, computed once: of n operands a difference quotient moves only one."""
    found = functools.cache(lambda precision, *x: f(*x))
    return lambda *x: found(mp.prec, *x)


exp = remembered(mp.exp)
softplus = remembered(lambda x: mp.log1p(mp.exp(x)))


@remembered
def log_sum_exp(*x: Any) -> Any:
    return mp.log(mp.fsum(exp(each - max(x)) for each in x)) + max(x)


def cross_entropy(t: Sequence[float]) -> Callable[..., Any]:
    return lambda *z: mp.fsum(p * (log_sum_exp(*z) - each) for p, each in zip(t, z, strict=True))


OF_MANY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "logaddexp": (ag.logaddexp, lambda a, b: log_sum_exp(a, b)),
    "logsumexp": (ag.logsumexp, log_sum_exp),
    "softmax": (lambda *x: ag.softmax(x)[0], lambda *x: mp.exp(x[0] - log_sum_exp(*x))),
    "log_softmax": (lambda *x: ag.log_softmax(x)[0], lambda *x: x[0] - log_sum_exp(*x)),
    "softmax, the last": (lambda *x: ag.softmax(x)[-1], lambda *x: mp.exp(x[-1] - log_sum_exp(*x))),
    "log_softmax, the last": (lambda *x: ag.log_softmax(x)[-1], lambda *x: x[-1] - log_sum_exp(*x)),
    "hypot": (ag.hypot, lambda a, b: mp.sqrt(a * a + b * b)),
    "atan2": (ag.atan2, lambda a, b: mp.atan2(a, b)),
    "sum": (ag.sum, lambda *x: mp.fsum(x)),
    "mean": (ag.mean, lambda *x: mp.fsum(x) / len(x)),
    "prod": (ag.prod, lambda *x: mp.fprod(x)),
    "maximum": (ag.maximum, lambda a, b: max(a, b)),
    "share": (ag.OPS["share"], lambda a, b: 1 / (1 + mp.exp(b - a))),
    "exp_difference": (ag.OPS["exp_difference"], lambda a, b: mp.exp(a - b)),
    "cross entropy of a class": (
        lambda *z: nn.softmax_cross_entropy(list(z), 0),
        lambda *z: log_sum_exp(*z) - z[0],
    ),
    "cross entropy of a row": (
        lambda *z: nn.softmax_cross_entropy(list(z), [1.0] + [0.0] * (len(z) - 1)),
        lambda *z: log_sum_exp(*z) - z[0],
    ),
    "cross entropy of probabilities": (
        lambda *z: nn.softmax_cross_entropy(list(z), [0.25] * 2 + [0.5 / (len(z) - 2)] * (len(z) - 2)),
        lambda *z: cross_entropy([0.25] * 2 + [0.5 / (len(z) - 2)] * (len(z) - 2))(*z),
    ),
    "binary cross entropy": (
        lambda *z: nn.binary_cross_entropy(list(z), [1] * len(z)),
        lambda *z: mp.fsum(softplus(-each) for each in z),
    ),
}
RELATIVE = 2e-13  # exponents up to 745 make this of one rounding
NEXT_TO_0 = {"log_softmax": 1e-31, "log_softmax, the last": 1e-31}  # what rounding took is added back as a float
ABSOLUTE = {"cross entropy of probabilities": 4e-16, "prod": 0.0, "sum": 0.0, "mean": 0.0}
OFFSETS = st.sampled_from([0.0, 36.0, 700.0, -700.0, 1e8, -1e8, 1e16, -1e16, 0.1])
SPREAD = st.sampled_from([0.0, 2.0, -2.0, 1.0, 36.0, -36.0, 40.0, -300.0, 0.3, -0.7])


TWO = ("logaddexp", "hypot", "atan2", "maximum", "share", "exp_difference")


@st.composite
def near_an_offset(draw: st.DrawFn) -> list[float]:
    """Floats next to one offset, or saturated: next to it as exponentials see it."""
    offset = draw(OFFSETS)
    return [offset + each for each in draw(st.lists(SPREAD, min_size=3, max_size=5))]


def true_slope(truth: Callable[..., Any], x: Sequence[Any], i: int) -> Any:
    """The derivative at EXACTLY digits; None at a kink."""
    h = mpf(10) ** -(EXACTLY // 3)
    left, here, right = (truth(*x[:i], x[i] + step, *x[i + 1 :]) for step in (-h, 0, h))
    middle, gap = (right - left) / (2 * h), abs(right - 2 * here + left) / h
    return middle if gap <= mpf(10) ** -200 * (1 + abs(middle)) else None


@pytest.mark.parametrize("name", list(OF_MANY))
@example(x=[1e16, 1e16 - 2, 1e16 - 2])
@example(x=[36.0, 0.0, 0.0])
@example(x=[0.3, -300.0, -300.0])
@example(x=[0.0, 36.0, -745.0])
@given(x=near_an_offset())
def test_a_common_offset_and_saturation_cost_no_digits(name: str, x: list[float]) -> None:
    """Value and first derivative of everything of many operands, against 1,400 digits.

    A value next to 0 has all its digits down to 1e-31: the logarithm of a sure probability is a rounding made good.
    A derivative that is a difference of probabilities (1 - p) is good to 4e-16 absolutely; all else to its last digits.
    """
    ours, truth = OF_MANY[name]
    x = x[:2] if name in TWO else x
    leaves = [Value(each) for each in x]
    with mp.workdps(EXACTLY):
        try:
            y = ours(*leaves)
            slopes = gradients(y, leaves)
        except DomainError:
            assert name in ("prod", "exp_difference", "hypot", "atan2")  # too large for a float, or the origin
            return
        exactly = [mpf(each) for each in x]
        close(y.data, truth(*exactly), NEXT_TO_0.get(name, ABSOLUTE.get(name, 0.0)), f"{name}{x}")
        for i, slope in enumerate(slopes):
            true = true_slope(truth, exactly, i)
            if true is not None:
                close(slope.data, true, ABSOLUTE.get(name, 4e-16), f"∂{name}{x}/∂x{i}")


def close(ours: Any, true: Any, absolute: float, where: str) -> None:
    tolerance = RELATIVE * abs(true) + absolute + 2 * SMALLEST
    assert abs(mpf(ours) - true) <= tolerance, f"{where}: {ours!r}, true is {float(true)!r}"


def test_softmax_of_large_logits() -> None:
    """Two logits of 10¹⁶ that differ by 2 have the probabilities of 0 and -2; log p near 0 has all its digits."""
    assert ag.softmax([1e16, 1e16 - 2]) == pytest.approx([0.8807970779778823, 0.11920292202211755], rel=1e-15)
    assert ag.log_softmax([36, 0])[0] == pytest.approx(-2.319522830243569e-16, rel=1e-14)
    assert ag.softmax([1e308, -1e308]) == [1.0, 0.0]


@pytest.mark.parametrize("name", [name for name in OF_MANY if name not in TWO])
@example(x=[1e16, 1e16 - 2, 1e16])
@given(x=near_an_offset())
def test_compiled_a_common_offset_costs_no_digits(name: str, x: list[float]) -> None:
    """The forms on arrays give what the graph gives, values and derivatives; what is nearly 0, to 1e-15."""
    x = x[:3]
    ours, _ = OF_MANY[name]
    leaves = [Value(each) for each in x]
    wanted = [y.data for y in (ours(*leaves), *gradients(ours(*leaves), leaves))]
    rows = compiled(name)(*([each, each] for each in x))
    for row in rows:
        assert list(row) == pytest.approx(wanted, rel=1e-12, abs=1e-15)


@functools.cache
def compiled(name: str) -> Any:
    def with_gradient(*x: Value) -> list[Value]:
        y = OF_MANY[name][0](*x)
        return [y, *gradients(y, x)]

    return ag.compile(with_gradient, 0.5, -0.25, 2.0)


@given(st.lists(st.sampled_from([-36.0, -1.0, 0.0, 0.3, 2.0]), min_size=2, max_size=4), OFFSETS)
@example([0.0, -2.0], 1e16)
def test_second_derivatives_of_logsumexp_are_the_covariance(spread: list[float], offset: float) -> None:
    """∂²/∂xᵢ∂xⱼ = pᵢ(δᵢⱼ - pⱼ), at any offset; ties of the largest are no kink."""
    x = [offset + each for each in spread]
    with mp.workdps(60):
        p = [mp.exp(mpf(each) - log_sum_exp(*map(mpf, x))) for each in x]
        wanted = [[float(a * ((i == j) - b)) for j, b in enumerate(p)] for i, a in enumerate(p)]
    for f in (ag.logsumexp, lambda z: z[0] - ag.log_softmax(z)[0]):
        for ours, row in zip(hessian(f)(x).tolist(), wanted, strict=True):
            assert ours == pytest.approx(row, abs=2e-15)


@pytest.mark.parametrize("function", [ag.softmax, ag.log_softmax])
def test_softmax_of_n_numbers_records_a_multiple_of_n_nodes(function: Callable[..., Any]) -> None:
    """Not n²: twice as many classes, twice as many nodes; so of their gradients."""

    def nodes(n: int) -> tuple[int, int]:
        x = [Value(float(k)) for k in range(n)]
        y = function(x)
        return len(topological_order(*y)), len(topological_order(*gradients(ag.sum(y), x)))

    for few, many in zip(nodes(20), nodes(40), strict=True):
        assert many <= 2 * few


# --- The ends of the floats -----------------------------------------------------------------------------------

ENDS = [1.7e308, -1.7e308, SMALLEST, -SMALLEST, 1e-308, -1e-308, 1e154, -1e154, 1e-160, 1.0, 0.5, -2.0]
FLAT = {"sign", "step", "floor", "ceil", "trunc", "round", "floor_divide", "unit", "pivot", "greater"}
"""Jumps: at these sizes every float is one, and no difference quotient shows the slope 0 between them."""
UNKNOWN = {
    "log_sum_rest": "a rounding error; for numbers next to 0",
    "pow_derivative(1, 0)": "a part of pow's rule, held to the ends there",
    "pow_derivative(0, 1)": "a part of pow's rule, held to the ends there",
    "pow_derivative(1, 1)": "a part of pow's second derivative",
    "pow_derivative(2, 0)": "a part of pow's second derivative",
}


def at_the_ends(op: Op) -> Iterator[tuple[float, ...]]:
    if op.arity == 1:
        # mpmath adds up what reflection costs below 0, for minutes
        yield from ((x,) for x in ENDS if x > 0 or not op.name.startswith(("polygamma", "digamma", "lgamma")))
    elif op.arity == 2:
        yield from itertools.product(ENDS, repeat=2)
    else:
        size = op.arity or (2 if op.name == "logsumexp" else 4)
        every = [*itertools.product(ENDS[:9], repeat=size)]
        yield from (every[k] for k in range(0, len(every), len(every) // 40 + 2))


def fits(true: Any) -> bool:
    return isinstance(true, mpf) and bool(mp.isfinite(true)) and abs(true) <= LARGEST


def exact_value(op: Op, x: tuple[float, ...]) -> Any:
    with mp.workdps(700 if op.arity is None or op.name == "mod" else 60):
        try:
            return oracle.truth(op)(*map(mpf, x))
        except (TypeError, ValueError, ArithmeticError):
            return None


def exact_slope(op: Op, x: tuple[float, ...], i: int) -> Any:
    if op.name == "pow" and i == 1 and x[0] < 0:  # beside a whole exponent the power is complex
        return None
    try:
        return oracle.derivative(op, x, i)
    except (TypeError, ValueError, ArithmeticError):
        return None


def near(ours: Any, true: Any, op: Op) -> bool:
    return bool(abs(mpf(ours) - true) <= 1e-12 * abs(true) + op.absolute + 8 * SMALLEST)


@EVERY
def test_what_fits_a_float_is_given_at_the_ends_of_the_floats(op: Op) -> None:
    """Value, `backward` and `gradients`, wherever the true result is a float: no step on the way overflows."""
    if op.name in UNKNOWN:
        return
    for x in at_the_ends(op):
        true = exact_value(op, x)
        if not fits(true):
            continue
        y = op(*x)
        assert near(y, true, op), (x, y, float(true))
        for i in range(0 if op.name.split("(")[0] in FLAT | {"round_to"} else len(x)):
            slope = exact_slope(op, x, i)
            if fits(slope):
                for ours in slopes_of(op, x, i):
                    assert near(ours, slope, op), (x, i, ours, float(slope))


def slopes_of(op: Op, x: tuple[float, ...], i: int) -> Iterator[float]:
    """By the sweep and as a graph, of the i-th operand alone."""
    operands: list[Any] = [Value(each) if k == i else each for k, each in enumerate(x)]
    op(*operands).backward()
    yield operands[i].grad
    yield gradients(op(*operands), [operands[i]])[0].data


@given(st.lists(st.sampled_from([1.7e308, -1.7e308, 1e308, -1e308, 1.0, SMALLEST]), min_size=1, max_size=6))
@example([1e308, 1e308, -1e308])
@example([1.7e308, 1.7e308])
def test_sums_and_means_pass_the_largest_float_on_the_way(x: list[float]) -> None:
    """A sum that fits a float is it, rounded once; so is a mean, which always fits; and a dot product with ones."""
    total = sum(map(Fraction, x))
    assert ag.mean(x) == pytest.approx(float(total / len(x)), rel=4e-16, abs=SMALLEST)
    for compute in (lambda: ag.sum(x), lambda: ag.dot(x, [1.0] * len(x))):
        if abs(total) <= LARGEST:
            assert compute() == float(total)
        else:
            with pytest.raises(DomainError, match="too large for a float"):
                compute()


def test_a_dot_product_passes_the_ends_of_the_floats_on_the_way() -> None:
    """Products that are no floats may cancel; of exact numbers there are no such ends."""
    assert ag.dot([1e200, 1e200, 1.0], [1e200, -1e200, 3.0]) == 3.0
    assert ag.dot([1e308, 1e308, 1e308], [1.0, 1.0, -1.0]) == 1e308
    assert ag.dot([10**400, 1], [10**400, 1]) == 10**800 + 1


@pytest.mark.parametrize("x", [SMALLEST, 1e-308, 1e308])
@pytest.mark.parametrize("n", [1e-20, -1e-20, 0.5, 1e-300])
def test_the_slope_of_a_small_power_is_given_where_it_fits(x: float, n: float) -> None:
    """n xⁿ⁻¹ of a constant and of a variable exponent, though xⁿ⁻¹ may be no float."""
    with mp.workdps(60):
        true = mpf(n) * mp.power(mpf(x), mpf(n) - 1)
    for power in (lambda leaf: leaf**n, lambda leaf: ag.pow(leaf, n)):
        leaf = Value(x)
        power(leaf).backward()
        (slope,) = gradients(power(leaf), [leaf])
        assert leaf.grad == slope.data == pytest.approx(float(true), rel=1e-15, abs=8 * SMALLEST)


def test_an_infinite_operand_of_a_sum_is_the_sum() -> None:
    """Whatever the others add up to; of a product of zero and infinity there is none."""
    assert ag.sum([1e308, 1e308, -math.inf]) == -math.inf
    assert ag.mean([1e308, 1e308, -math.inf]) == -math.inf
    assert ag.dot([1e308, math.inf], [1e308, 1.0]) == math.inf
    with pytest.raises(DomainError):
        ag.sum([math.inf, -math.inf])


@given(st.permutations([1e200, 1e200, 1e-200, 1e-200, 3.0, -0.5]))
def test_a_product_passes_the_ends_of_the_floats_on_the_way(x: list[float]) -> None:
    """In whatever order its factors come, it is the product; so is each derivative, the product of the others."""
    leaves = [Value(each) for each in x]
    y = ag.prod(leaves)
    y.backward()
    assert y.data == pytest.approx(-1.5, rel=1e-15)
    assert [leaf.grad for leaf in leaves] == pytest.approx([-1.5 / each for each in x], rel=1e-14)
    assert [g.data for g in gradients(ag.prod(leaves), leaves)] == [leaf.grad for leaf in leaves]


# --- Huge constants -------------------------------------------------------------------------------------------

HUGE = 10**400


@pytest.mark.parametrize(
    ("x", "n", "y", "slope"),
    [
        (1.0, HUGE, 1.0, None), (-1.0, HUGE, 1.0, None), (-1.0, HUGE + 1, -1.0, None), (0.5, HUGE, 0.0, 0.0),
        (0.5, math.inf, 0.0, 0.0), (2.0, -HUGE, 0.0, 0.0), (2.0, HUGE, None, None), (2.0, math.inf, None, None),
        (-1.0, 2**53 + 1, -1.0, 2.0**53), (-0.5, HUGE + 1, 0.0, 0.0), (0.0, HUGE, 0.0, 0.0), (1, HUGE, 1, HUGE),
        (Fraction(-1), HUGE + 1, -1, HUGE + 1),
    ],
)  # fmt: skip
def test_an_exponent_may_be_too_large_for_a_float(x: Any, n: Any, y: Any, slope: Any) -> None:
    """The power is right where it is a float, and refused in words where it is none; its derivative likewise."""
    leaf = Value(x)
    if y is None:
        with pytest.raises(DomainError, match="too large for a float"):
            _ = leaf**n
        return
    assert (leaf**n).data == y
    if slope is None:
        with pytest.raises(DomainError):
            (leaf**n).backward()
        return
    (leaf**n).backward()
    assert leaf.grad == slope


@pytest.mark.parametrize(("low", "high"), [(0, HUGE), (-HUGE, HUGE), (-math.inf, math.inf), (0.0, math.inf)])
def test_bounds_may_be_too_large_for_a_float(low: Any, high: Any) -> None:
    """clip with such a bound has no bound, among floats; exact numbers it does bound."""
    x = Value(3.0)
    y = ag.clip(low, high)(x)
    y.backward()
    assert (y.data, x.grad) == (3.0, 1.0)
    assert ag.clip(low, high)(Fraction(10**500)) == (high if high == HUGE else 10**500)
    assert ag.inside(low, high)(3.0) == 1


def test_a_slope_may_be_too_large_for_a_float() -> None:
    """leaky_relu multiplies exact numbers with it; of floats, those above 0."""
    op = ag.leaky_relu(HUGE)
    x = Value(3.0)
    y = op(x)
    y.backward()
    assert (y.data, x.grad) == (3.0, 1.0)
    assert op(Fraction(-1, 2)) == Fraction(-HUGE, 2)
    with pytest.raises(DomainError, match=r"leaky_relu\(1000.*too large for a float"):
        op(Value(-1.0))


@pytest.mark.parametrize("family", [ag.elu, ag.gaussian])
@pytest.mark.parametrize("constant", [HUGE, math.inf])
def test_constants_of_what_has_no_exact_results_have_to_be_floats(family: Any, constant: Any) -> None:
    """The message names the constant and what was wanted."""
    with pytest.raises(ValueError, match=rf"={str(constant)[:10]}.*: wanted a number that fits a float"):
        family(constant)


@pytest.mark.parametrize("a", [2.0**-20, 1.0, 2.0**40])
@given(size=st.floats(-26, 26))
def test_gaussian_is_right_for_every_width(a: float, size: float) -> None:
    """exp(-a x²) to 4 units in the last place, however wide: what is far away is a matter of a x², not of x."""
    x = size / math.sqrt(a)
    with mp.workdps(60):
        assert abs(mpf(ag.gaussian(a)(x)) / mp.exp(-mpf(a) * mpf(x) ** 2) - 1) < 4 * 2**-52


# --- On the flat side, nothing --------------------------------------------------------------------------------

FLAT_SIDES: list[tuple[Op, tuple[float, ...], int]] = [
    (ag.relu, (-1.0,), 0),
    (ag.maximum, (1.0, 2.0), 0),
    (ag.maximum, (2.0, 1.0), 1),
    (ag.minimum, (1.0, 2.0), 1),
    (ag.minimum, (2.0, 1.0), 0),
    (ag.where, (1.0, 2.0, 3.0), 2),
    (ag.where, (0.0, 2.0, 3.0), 1),
    (ag.clip(0, 1), (-1.0,), 0),
    (ag.clip(-2.0, 3.0), (4.0,), 0),
    (ag.leaky_relu(0), (-1.0,), 0),
    (ag.elu(0), (-1.0,), 0),
]
KINKS = [(ag.relu, (0.0,)), (ag.clip(0, 1), (0.0,)), (ag.clip(0, 1), (1.0,)), (ag.leaky_relu(0), (0.0,)),
         (ag.elu(0), (0.0,)), (ag.abs, (0.0,)), (ag.maximum, (2.0, 2.0))]  # fmt: skip


@pytest.mark.parametrize(("op", "x", "i"), FLAT_SIDES, ids=lambda x: getattr(x, "name", str(x)))
@pytest.mark.parametrize("number", [float, mpf])
def test_on_the_flat_side_a_rule_says_nothing(op: Op, x: tuple[float, ...], i: int, number: Any) -> None:
    """Not a zero that was computed: the branch is not taken. As a graph too."""
    x = tuple(map(number, x))
    assert op.backward(number(1), op(*x), *x)[i] is nothing
    leaves = [Value(each) for each in x]
    passed = op.backward(Value(number(1)), op(*leaves), *leaves)[i]
    assert passed.data is nothing


@pytest.mark.parametrize(("op", "x"), KINKS, ids=lambda x: getattr(x, "name", str(x)))
def test_at_the_kink_the_slope_is_a_number_like_others(op: Op, x: tuple[float, ...]) -> None:
    """There 0 is a convention, and not the only slope: it is a computed zero, also of the cotangent 1."""
    for passed in op.backward(1.0, op(*x), *x):
        assert isinstance(passed, float)
        assert passed is not nothing


@pytest.mark.parametrize("op", [ag.step, ag.greater, ag.inside(0, 1)], ids=lambda op: op.name)
def test_nothing_is_shown_as_0_and_stays_itself(op: Op) -> None:
    """Printed, formatted, compared, pickled: a slope of 0 on the flat side; a plain 0 among exact numbers."""
    x = (-1.0, 2.0)[: op.arity]
    y = op(*x)
    assert y is nothing
    assert (repr(y), str(y), f"{y}", f"{y:.2f}", y == 0, float(y)) == ("0", "0", "0", "0.00", True, 0.0)
    assert pickle.loads(pickle.dumps(y)) is nothing
    assert op(Value(x[0]), *x[1:]).data is nothing
    for exact in (int, Fraction, Decimal):
        y = op(*map(exact, x))
        assert (y, y.__class__) == (0, int)


# --- Kinks inside smooth functions ----------------------------------------------------------------------------


def squared(f: Callable[..., Any], how: str) -> Callable[..., Any]:
    return {
        "square": lambda *x: ag.square(f(*x)),
        "power": lambda *x: f(*x) ** 2,
        "float power": lambda *x: f(*x) ** 2.0,
        "product": lambda *x: f(*x) * f(*x),
        "product of one": lambda *x: (lambda y: y * y)(f(*x)),
        "prod": lambda *x: ag.prod([f(*x), 1.0, f(*x)]),
        "mean": lambda *x: ag.mean([f(*x) * f(*x), f(*x) ** 2]),
        "dot": lambda *x: ag.dot([f(*x)], [f(*x)]),
        "scaled": lambda *x: -(3 * ag.square(f(*x))) / 3 * -1,
        "in a sum": lambda *x: ag.square(f(*x)) + (lambda y: 2 * y * y - y * y / 1)(f(*x)) - f(*x) ** 2,
        "exp": lambda *x: ag.exp(ag.square(f(*x))),
        "log": lambda *x: 2 * ag.log(1 + ag.square(f(*x)) / 2),
    }[how]


HOW = ["square", "power", "float power", "product", "product of one", "prod", "mean", "dot", "scaled", "in a sum"]
HOW += ["exp", "log"]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("x", [0.0, 0.5, -0.5])
def test_the_square_of_an_absolute_value_is_smooth(how: str, x: float) -> None:
    """Its second derivative is that of the square itself, at the kink of |x| too."""
    assert hessian(squared(ag.abs, how))(x) == pytest.approx(hessian(squared(lambda x: x, how))(x), rel=1e-14)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("x", [[0.0, 0.0], [0.3, -0.4], [0.0, 2.0]])
def test_the_square_of_a_length_is_smooth(how: str, x: list[float]) -> None:
    """hypot² has the second derivatives of a² + b², at the origin too."""
    smooth = {"exp": lambda r: ag.exp(r), "log": lambda r: 2 * ag.log(1 + r / 2)}.get(how, lambda r: r)
    ours = hessian(lambda z: squared(ag.hypot, how)(*z))(x)
    true = hessian(lambda z: smooth(z[0] * z[0] + z[1] * z[1]))(x)
    for row, wanted in zip(ours.tolist(), true.tolist(), strict=True):
        assert row == pytest.approx(wanted, rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("odd", [ag.sin, ag.tan, ag.tanh, ag.sinh, ag.atan, ag.asinh, ag.erf, ag.softsign])
@pytest.mark.parametrize("x", [0.0, 0.5, -0.5])
def test_odd_functions_of_an_absolute_value_have_the_slope_of_their_even_primitive(odd: Op, x: float) -> None:
    """F(|x|) with F′ odd is smooth: sign(x) f(|x|) is f(x), and so its slope is f′(x), at 0 too."""
    leaf = Value(x)
    y = ag.abs(leaf)
    (to_x,) = ag.abs.backward(odd(y), y, leaf)
    (slope,) = gradients(to_x, [leaf])
    other = Value(x)
    (wanted,) = gradients(odd(other), [other])
    assert slope.data == wanted.data
    assert to_x.data == odd(x)


@pytest.mark.parametrize("even", [ag.cos, ag.cosh, ag.square, ag.gaussian(1), ag.exp], ids=lambda op: op.name)
@pytest.mark.parametrize("x", [0.0, 0.5, -0.5])
def test_other_functions_of_an_absolute_value_keep_their_sign(even: Op, x: float) -> None:
    """sign(x) f(|x|) is f(x) of odd functions only."""
    leaf = Value(x)
    y = ag.abs(leaf)
    (to_x,) = ag.abs.backward(even(y), y, leaf)
    assert to_x.data == math.copysign(1, x) * even(abs(x)) * (x != 0)


@pytest.mark.parametrize(
    "f", [ag.log, lambda r: 1 / r, lambda r: r / (1 + r), lambda r: r**3, ag.sin, lambda r: 2 / r - r]
)
def test_other_functions_of_a_length_are_what_they_are(f: Callable[..., Any]) -> None:
    """Where the length is no factor, or stands below the bar, nothing cancels: as of the root of a² + b²."""
    ours, true = (
        hessian(lambda z, length=length: f(length(z[0], z[1])))([0.3, -0.4]).ravel().tolist()
        for length in (ag.hypot, lambda a, b: ag.sqrt(a * a + b * b))
    )
    assert ours == pytest.approx(true, rel=1e-12)


def test_cosine_of_an_absolute_value_is_the_cosine() -> None:
    """Its second derivative at 0 is -1; so is that of its product with an even function."""
    assert hessian(lambda x: ag.cos(abs(x)))(0.0) == -1
    assert hessian(lambda x: ag.cosh(abs(x)) * 3)(0.0) == 3


@pytest.mark.parametrize("op", [ag.maximum, ag.minimum], ids=lambda op: op.name)
def test_the_square_of_the_larger_of_x_and_its_negative_is_smooth(op: Op) -> None:
    """max(x, -x)² is x²; of max(x, y)² at a tie each has half of its own curvature, and the mixed derivative is 0."""
    for x in (0.0, 0.5, -0.5):
        assert hessian(lambda x: op(x, -x) ** 2)(x) == 2
    assert hessian(lambda z: op(z[0], z[1]) ** 2)([1.0, 1.0]).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert hessian(lambda z: op(z[0], z[1]) ** 2)([1.0, 3.0]).sum() == 2


def test_squares_of_one_sided_functions_have_the_smaller_curvature() -> None:
    """relu² has curvature 0 on one side and 2 on the other: at the kink the one nearest to 0."""
    assert hessian(lambda x: ag.relu(x) ** 2)(0.0) == 0
    assert hessian(lambda x: ag.leaky_relu(0.5)(x) ** 2)(0.0) == 0.5
    assert hessian(lambda x: ag.clip(0, 1)(x) ** 2)(0.0) == 0


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        (0.0, 2.0, [[2, 0], [0, 0]]), (0.0, 3.0, [[0, 0], [0, 0]]), (0.0, 2.5, [[0, 0], [0, 0]]),
        (0.0, 1.0, None), (0.0, 1.5, None), (0.0, 0.0, None), (0.0, 0.5, None),
        (1.0, 3.0, [[6, 1], [1, 0]]), (2.0, 1.0, [[0, 1 + math.log(2)], [1 + math.log(2), 2 * math.log(2) ** 2]]),
    ],
)  # fmt: skip
def test_second_derivatives_of_a_power_are_right_or_refused(a: float, b: float, wanted: Any) -> None:
    """At base 0 too: ∂²aᵇ/∂a∂b = aᵇ⁻¹ (1 + b log a) is 0 for b above 1 and infinite at 1."""

    def compute() -> Any:
        return hessian(lambda z: z[0] ** z[1])([a, b])

    if wanted is None:
        with pytest.raises(DomainError):
            compute()
    else:
        for row, true in zip(compute().tolist(), wanted, strict=True):
            assert row == pytest.approx(true, rel=1e-15)


def test_the_page_says_which_second_derivatives_are_conventions() -> None:
    """docs/conventions.md has the measured table: ours, and the limits from either side."""
    page = Path(__file__).parents[2] / "docs" / "conventions.md"
    assert second_derivatives() in page.read_text(encoding="utf-8")


@EVERY
def test_second_derivatives_are_symmetric_at_edges_and_zeros(op: Op) -> None:
    """∂²/∂xᵢ∂xⱼ is ∂²/∂xⱼ∂xᵢ, where both have a value: at the edges of the record, at zeros and ties."""
    size = op.arity or 2
    for x in [*(x for x, _ in op.edges), *itertools.product([0.0, 1.0, 2.0, -1.0], repeat=size)]:
        for i, j in itertools.combinations(range(len(x)), 2):
            one, other = mixed(op, x, i, j), mixed(op, x, j, i)
            if one is not None and other is not None:
                assert one == pytest.approx(other, rel=1e-12, abs=1e-14), (x, i, j)


def mixed(op: Op, x: tuple[float, ...], i: int, j: int) -> float | None:
    leaves: list[Any] = [Value(each) if k in (i, j) else each for k, each in enumerate(x)]
    try:
        (first,) = gradients(op(*leaves), [leaves[i]])
        return gradients(first, [leaves[j]])[0].data
    except DomainError:
        return None
