"""Laws of the checks where rounding, conventions and comparisons would fool them, to second derivatives."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import OPS, Op, Value, primitive
from autograd.check import GradientMismatch, check_gradient, numerical_gradient
from checked import report, verdicts

# --- Removable singularities --------------------------------------------------------------------------------

# A name, the formula in the functions of autograd, of math or of mpmath, and its limit at 0.
REMOVABLE: list[tuple[str, Callable[[Any, Any], Any], float]] = [
    ("(exp(x) - 1) / x", lambda m, x: (m.exp(x) - 1) / x, 1.0),
    ("(exp(3x) - 1) / x", lambda m, x: (m.exp(3 * x) - 1) / x, 3.0),
    ("(exp(x) - 1 - x) / x²", lambda m, x: (m.exp(x) - 1 - x) / (x * x), 0.5),
    ("(exp(x) - exp(-x)) / x", lambda m, x: (m.exp(x) - m.exp(-x)) / x, 2.0),
    ("x / (exp(x) - 1)", lambda m, x: x / (m.exp(x) - 1), 1.0),
    ("1/x - 1/(exp(x) - 1)", lambda m, x: 1 / x - 1 / (m.exp(x) - 1), 0.5),
    ("log((exp(x) - 1) / x)", lambda m, x: m.log((m.exp(x) - 1) / x), 0.0),
    ("(1 - cos x) / x", lambda m, x: (1 - m.cos(x)) / x, 0.0),
    ("(1 - cos x) / x²", lambda m, x: (1 - m.cos(x)) / (x * x), 0.5),
    ("(1 - cos 100x) / x", lambda m, x: (1 - m.cos(100 * x)) / x, 0.0),
    ("sin x / x", lambda m, x: m.sin(x) / x, 1.0),
    ("(x - sin x) / x³", lambda m, x: (x - m.sin(x)) / x**3, 1 / 6),
    ("1/x - 1/sin x", lambda m, x: 1 / x - 1 / m.sin(x), 0.0),
    ("(tan x - x) / x²", lambda m, x: (m.tan(x) - x) / x**2, 0.0),
    ("tanh x / x", lambda m, x: m.tanh(x) / x, 1.0),
    ("log1p(x) / x", lambda m, x: m.log1p(x) / x, 1.0),
    ("log(1 + x) / x", lambda m, x: m.log(1 + x) / x, 1.0),
    ("((1 + x) - 1) / x", lambda m, x: ((1 + x) - 1) / x, 1.0),
    ("((1 + x)² - 1) / x", lambda m, x: ((1 + x) ** 2 - 1) / x, 2.0),
    ("((1 + x)³ - 1) / x", lambda m, x: ((1 + x) ** 3 - 1) / x, 3.0),
    ("((1 + x)⁵ - 1) / x", lambda m, x: ((1 + x) ** 5 - 1) / x, 5.0),
    ("(√(1 + x) - 1) / x", lambda m, x: (m.sqrt(1 + x) - 1) / x, 0.5),
    ("(√(4 + x) - 2) / x", lambda m, x: (m.sqrt(4 + x) - 2) / x, 0.25),
]
EVERY = pytest.mark.parametrize(
    ("formula", "limit"), [each[1:] for each in REMOVABLE], ids=[each[0] for each in REMOVABLE]
)
NEAR = [1e-3, 1e-5, -3e-7, 1e-9, -1e-9, 2.0**-30, 1e-12]


def slope(formula: Callable[[Any, Any], Any], x: float) -> float:
    """The derivative of the continuous extension, from 80 digits."""
    with mpmath.workdps(80):
        h = mpmath.mpf(10) ** -15 * (abs(mpmath.mpf(x)) or 1)
        right = float((formula(mpmath, x + h) - formula(mpmath, x - h)) / (2 * h))
    return right if abs(right) > 1e-13 else 0.0


def rule(slope: float) -> Callable[..., tuple[Any]]:
    """A `backward` with that slope everywhere."""
    return lambda g, y, x: (g * slope,)


def skew(extra: float) -> Callable[..., tuple[Any, Any]]:
    """A `backward` that passes so much to an operand on which nothing depends."""
    return lambda g, y, a, b: (g, g * extra)


def wrong_slopes(right: float) -> list[float]:
    """0 instead of ½, ½ instead of 0, half a per mille off, the wrong sign."""
    planted = [0.0, 0.5, -0.5, 1.0, right * 1.0005, -right]
    return [each for each in dict.fromkeys(planted) if abs(each - right) > 1e-4 * max(abs(each), abs(right))]


@EVERY
def test_a_removable_singularity_is_judged_by_its_limit(formula: Callable[[Any, Any], Any], limit: float) -> None:
    """Guarded by `where` or by `if`, the derivative written for 0 is right or wrong, and never excused."""
    right = slope(formula, 0.0)
    for ours in (right, *wrong_slopes(right)):
        expected = "ok" if ours == right else "wrong"

        def where(x: Any, ours: float = ours) -> Any:
            return ag.where(x, formula(ag, ag.where(x, x, 1)), limit + ours * x)

        def branch(x: Any, ours: float = ours) -> Any:
            return formula(ag, x) if x else limit + ours * x

        assert (verdicts(where, 0.0)[0], verdicts(branch, 0.0)[0]) == (expected, expected), ours


@EVERY
def test_an_operation_with_a_removable_singularity_is_judged_by_its_limit(
    formula: Callable[[Any, Any], Any], limit: float
) -> None:
    """Computed in one piece, f tells nothing of its rounding, and its values do: right is ok, and wrong never."""
    right = slope(formula, 0.0)

    def forward(x: float) -> float:
        return formula(math, x) if x else limit

    assert verdicts(primitive("right", forward, rule(right)), 0.0)[0] in ("ok", "cancellation")
    for k, ours in enumerate(wrong_slopes(right)):
        near = abs(ours - right) < 1e-3 * abs(right)
        wrong = primitive(f"wrong_{k}", forward, rule(ours))
        assert verdicts(wrong, 0.0)[0] in ("wrong", *["cancellation"] * near), ours


@EVERY
@pytest.mark.parametrize("x", NEAR)
def test_next_to_a_removable_singularity_wrong_rules_are_caught(
    formula: Callable[[Any, Any], Any], limit: float, x: float
) -> None:
    """Where digits are really lost, right rules are not called wrong, and a wrong one passes for right nowhere.

    What backward itself loses is said ("cancellation"), so what the table shows as ours is what is judged.
    """
    right = slope(formula, x)
    row = report(lambda x: formula(ag, x), x).rows[0]
    assert row.verdict in ("ok", "cancellation")
    assert row.ours is not None
    for k, ours in enumerate(each for each in wrong_slopes(right) if abs(each - right) > 1e-7):
        op = primitive(f"skewed_{k}", lambda a, b: a, skew(ours - row.ours))
        planted = report(lambda x, op=op: op(formula(ag, x), x), x).rows[0]
        if planted.ours is not None and abs(planted.ours - right) > 1e-6 * max(abs(right), abs(planted.ours)):
            assert planted.verdict in ("wrong", "cancellation"), ours


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9])
def test_a_dead_zone_is_no_rounding(width: float) -> None:
    """A function that is really flat about 0 has slope 0 there, whatever larger steps say."""

    def shrunk(x: Any) -> Any:
        return ag.relu(x - width) - ag.relu(-x - width)

    assert verdicts(shrunk, 0.0)[0] == "ok"
    assert verdicts(lambda x: ag.where(abs(x) < width, 0.0, x) + 0 * x, 0.0)[0] == "ok"
    assert verdicts(lambda x: shrunk(x) + x - x.data, 0.0)[0] != "ok"  # the slope from afar


# --- Edges, kinks and infinite slopes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.cbrt, 0.0),
        (lambda x: ag.sqrt(x * x), 0.0),
        (lambda x: ag.sqrt(abs(x)), 0.0),
        (lambda x: ag.cbrt(x) ** 3, 0.0),
        (lambda x: ag.cbrt(x) ** 2, 0.0),
        (lambda x: 1 / x, 1e-160),
        (lambda x: ag.where(x, 1e-300 * (1 - ag.cos(x)) / (ag.where(x, x, 1) ** 2), 5e-301), 0.0),
        (lambda x: (x - 0.5) / (x - 0.5) * x if x.data != 0.5 else x, 0.5),
        (lambda x: x / (x - 2.0**-20) if x.data != 2.0**-20 else 0 * x, 0.0),
    ],
)
def test_no_edge_is_called_where_there_are_values_on_both_sides(f: Callable[..., Any], x: float) -> None:
    """A vertical tangent, a slope beyond the floats, underflow or a pole next to x is no end of the domain."""
    assert verdicts(f, x)[0] != "domain edge"


def test_a_function_that_underflows_next_to_x_is_seen_from_farther_away() -> None:
    """x²/x² has no value at 1e-200, and on both sides of that it has."""

    def f(x: Any) -> Any:
        y = ag.where(x, x, 1)
        return ag.where(x, 1e-300 * (y * y) / (y * y), 1e-300) + 1e-300 * abs(x)

    assert verdicts(f, 0.0)[0] == "kink"


def test_an_infinite_slope_that_meets_a_zero_has_a_reference() -> None:
    """cos √u at 0 and (∛x)³ at 0: no derivative from us, and the one that the values show beside it."""
    (edge,) = report(lambda u: ag.cos(ag.sqrt(u)), 0.0).rows
    assert (edge.ours, edge.verdict, edge.reference) == (None, "domain edge", pytest.approx(-0.5))
    (both,) = report(lambda x: ag.cbrt(x) ** 3, 0.0).rows
    assert (both.ours, both.verdict, both.reference) == (None, "kink", pytest.approx(1.0))


def test_a_rule_that_swallows_an_infinite_slope_is_caught() -> None:
    """A rule that says 0 where its slope is infinite makes f wrong, at an edge and between values on both sides."""
    root = primitive("own_root", math.sqrt, lambda g, y, x: (g / (2 * y) if y else 0,))
    third = primitive("own_cbrt", math.cbrt, lambda g, y, x: (g / (3 * y * y) if y else 0,))
    for f in (lambda u: ag.cos(root(u)), lambda u: root(u) ** 2, lambda x: third(x) ** 3, lambda x: x + third(x) ** 3):
        assert verdicts(f, 0.0)[0] == "wrong"


def test_an_operand_that_nobody_asks_for_may_have_no_slope() -> None:
    """d/dn of aⁿ at a = −2 has no value; the derivative along a has, and is judged, and the blame goes elsewhere."""
    assert verdicts(lambda x: ag.pow(x, 3), -2.0)[0] == "ok"
    assert verdicts(lambda x: 0.0**x, 2.0)[0] == "ok"
    wrong = primitive("own_double", lambda x: 2 * x, lambda g, y, x: (3 * g,))
    blame = report(lambda x: wrong(ag.pow(x, 3)), -2.0).explanation
    assert blame.startswith("first wrong operation: own_double(")


def test_a_parameter_whose_derivative_nobody_asks_for_may_have_none() -> None:
    """A Value that f catches is not checked: √w at 0 is a number like any other."""
    weight = Value(0.0, "weight")
    assert verdicts(lambda x: x * 2 + ag.sqrt(weight), 1.0)[0] == "ok"


def test_the_users_gradients_are_left_alone_whatever_happens() -> None:
    """A rule that is interrupted, or fails, leaves no trace in `.grad` of a parameter that f catches."""
    weight = Value(3.0, "weight")
    weight.grad = 7.0
    for error in (KeyboardInterrupt, TypeError):
        op = primitive(f"failing_{error.__name__}", lambda x: 2 * x, failing(error))
        with pytest.raises(error):
            check_gradient(lambda x, op=op: weight * op(x), 2.0)
        assert weight.grad == 7.0


def failing(error: type[BaseException]) -> Callable[..., tuple[Any]]:
    """A `backward` that raises."""

    def backward(g: Any, y: Any, x: Any) -> tuple[Any]:
        raise error

    return backward


# --- Comparisons --------------------------------------------------------------------------------------------


def bisected(x: Any, f: Callable[[float], float], times: int = 60) -> float:
    """The number between 0 and 4 at which f reaches x."""
    low, high = 0.0, 4.0
    for _ in range(times):
        middle = (low + high) / 2
        low, high = (middle, high) if x > f(middle) else (low, middle)
    return middle


def test_bisection_is_called_comparisons() -> None:
    """A number found by comparing Values comes from branches, and nobody is blamed for `.data`."""
    for f in (lambda x: bisected(x, lambda y: y * y), lambda x: bisected(x, math.expm1) * 2):
        explanation = report(f, 2.0).explanation
        assert "comparisons (branches): 60 Values were compared" in explanation
        assert not any(word in explanation for word in (".data", "detach", "no_grad"))


@pytest.mark.parametrize("times", [25, 30, 35, 40, 45, 50, 55])
def test_bisection_that_ends_early_is_caught_too(times: int) -> None:
    """The result is a staircase, flat in small steps, and climbs: a derivative of 0 is not right of it."""
    (row,) = report(lambda x: bisected(x, lambda y: y * y, times), 2.0).rows
    assert row.verdict == "wrong"
    assert row.reference == pytest.approx(1 / math.sqrt(8), rel=1e-3)


def test_a_staircase_of_the_table_is_flat() -> None:
    """floor is an operation with a derivative of 0, however fine its treads; whole numbers found by counting too."""
    assert verdicts(lambda x: ag.floor(x * 1e6) / 1e6, 0.30000047)[0] == "ok"
    assert verdicts(lambda x: next(float(n) for n in range(100) if n * n >= x), 10.0)[0] == "ok"


def test_a_branch_of_where_is_named() -> None:
    """What is written for one x alone has its own slope, and nobody is blamed for `.data`."""
    explanation = report(lambda x: ag.where(x, (ag.exp(x) - 1) / ag.where(x, x, 1), 1.0), 0.0).explanation
    assert explanation.startswith("where(x = 0.0, 0.0, 1.0) takes a branch that")


def test_without_a_comparison_the_graph_is_left_by_data() -> None:
    """`.data`, `detach` and `no_grad` are named where nothing was compared, and both where they may be both."""
    for f in (lambda x: x.data * 2, lambda x: (x * 2).detach(), lambda x: bisected(x.data, lambda y: y * y)):
        explanation = report(f, 2.0).explanation
        assert ".data, detach() or under no_grad()" in explanation
        assert "comparisons" not in explanation
    both = report(lambda x: x * 3 + bisected(x, lambda y: y * y), 2.0).explanation
    assert "comparisons (branches)" in both
    assert ".data or detach()" in both
    assert "comparisons" not in report(lambda x: x * 3 + x.data, 2.0).explanation


# --- Exact numbers ------------------------------------------------------------------------------------------

EXACT = [Fraction(1, 3), Decimal("0.3"), mpmath.mpf("0.3")]


@pytest.mark.parametrize("x", EXACT, ids=lambda x: type(x).__name__)
def test_exact_arguments_reach_f_as_they_are(x: Any) -> None:
    """In a number, a list and an array, at the point and around it; the table shows what was given."""
    kind, seen = type(x), set()

    def f(a: Any, b: Any) -> Any:
        for each in (a, b[0]):
            assert type(each.data) is kind
            seen.add(each.data)
        return a * a * b[0] / 3 + a * kind(2)

    for b in ([x], np.array([x], dtype=object)):
        result = check_gradient(f, x, b)
        assert [row.verdict for row in result.rows] == ["ok", "ok"]
        assert [row.at for row in result.rows] == [x, x]
        assert all(type(row.at) is kind for row in result.rows)
        assert f"  {x}  " in str(result)
    assert x in seen


@pytest.mark.parametrize("x", EXACT, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("method", ["central", "richardson"])
def test_numerical_gradients_ask_f_in_its_own_arithmetic(x: Any, method: str) -> None:
    """f is written for Fractions, Decimals or mpmath's numbers, and gets no other."""

    def f(each: Any) -> Any:
        assert type(each[1]) is type(x)
        return each[1] ** 2 / 3 + each[1] * type(x)(2)

    found = numerical_gradient(f, [1.0, x], method=method)
    assert found == pytest.approx([0.0, 2 * float(x) / 3 + 2], abs=1e-8)


def test_steps_start_at_the_exact_number() -> None:
    """⅓ is no float: its neighbours are a step away from it, and not from the nearest float."""
    x, seen = Fraction(1, 3), []
    numerical_gradient(lambda each: seen.append(each) or each, x)
    assert seen
    assert all(Fraction(float(each - x)) == each - x for each in seen)


def test_a_kink_at_an_exact_number_is_seen_there() -> None:
    """⅓ is no float: the steps start at the number itself."""
    assert verdicts(lambda x: ag.relu(x - Fraction(1, 3)), Fraction(1, 3))[0] == "kink"
    assert verdicts(lambda x: ag.relu(x - Fraction(1, 3)), Fraction(1, 3) + Fraction(1, 10**12))[0] == "ok"


# --- Transforms inside f ------------------------------------------------------------------------------------

INSIDE: dict[str, tuple[Callable[[Any], Any], float]] = {
    "grad": (lambda y: ag.grad(lambda w: y * w * w)(3.0) + y * y, 2.0),
    "grad of another argument": (lambda y: ag.grad(lambda a, b: a * b**3, 1)(y, 3.0) + y * y, 2.0),
    "value_and_grad": (lambda y: sum(ag.value_and_grad(lambda w: ag.sin(y * w))(3.0)), 0.5),
    "derivative": (lambda y: ag.derivative(lambda w: y * w**3, order=2)(3.0) * y, 2.0),
    "jacobian": (lambda y: ag.jacobian(lambda w: [y * w[0], w[0] * w[1] * y * y])([3.0, 4.0]).sum(), 2.0),
    "hessian": (lambda y: ag.hessian(lambda w: y * y * w[0] ** 2 * w[1])([3.0, 4.0]).sum(), 2.0),
    "hvp": (lambda y: sum(ag.hvp(lambda w: w[0] ** 2 * w[1], [3.0, 4.0], [y, 1.0])), 2.0),
    "hvp in the closure": (lambda y: sum(ag.hvp(lambda w: y * w[0] ** 2 * w[1], [3.0, 4.0], [1.0, 0.5])), 2.0),
    "jvp": (lambda y: sum(ag.jvp(lambda w: ag.tanh(y * w), (0.3,), (1.0,))), 0.5),
    "vjp": (lambda y: ag.vjp(lambda w: ag.tanh(y * w), 0.3)[1](1.0)[0] * y, 0.5),
    "by keyword": (lambda y: ag.grad(lambda w, scale: scale * w**2)(3.0, scale=y) * y, 0.5),
}


@pytest.mark.parametrize(("f", "x"), INSIDE.values(), ids=INSIDE)
def test_a_transform_inside_f_is_part_of_its_graph(f: Callable[[Any], Any], x: float) -> None:
    """The derivative of something, within f, depends on f's argument."""
    (row,) = report(f, x).rows
    assert row.verdict == "ok"
    assert row.ours == pytest.approx(numerical_gradient(f, x, method="richardson"), rel=1e-8)


# --- Second derivatives -------------------------------------------------------------------------------------

KINKS: dict[str, tuple[Callable[..., Any], tuple[float, ...]]] = {
    "abs": (lambda x: abs(x) ** 2, (0.0,)),
    "abs times x": (lambda x: abs(x) * x, (0.0,)),
    "relu": (lambda x: ag.relu(x) ** 2, (0.0,)),
    "maximum": (lambda x: ag.maximum(x, 0) ** 2, (0.0,)),
    "hypot": (lambda a, b: ag.hypot(a, b) ** 2, (0.0, 0.0)),
    "pow": (lambda a, b: a**b, (0.0, 1.0)),
    "clip": (lambda x: ag.clip(0, 1)(x) ** 2, (0.0,)),
}


@pytest.mark.parametrize(("name", "f", "x"), [(name.split()[0], *each) for name, each in KINKS.items()], ids=KINKS)
def test_a_kink_inside_a_smooth_function_is_right_or_named(
    name: str, f: Callable[..., Any], x: tuple[float, ...]
) -> None:
    """Where the second derivative is not the right one, the operation whose convention decides is named."""
    result = report(f, *x, order=2)
    second = result.rows[len(x) :]
    assert len(second) == len(x) * (len(x) + 1) // 2
    if any(row.verdict != "ok" for row in second):
        assert result.explanation.startswith(name)
        assert result.explanation.endswith("stands at its kink: its convention decides")
    for row in second:
        assert row.verdict in ("ok", "kink", "domain edge")
        assert row.verdict != "ok" or row.ours == pytest.approx(row.reference, abs=1e-12)


SMOOTH: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: x**3, (2.0,)),
    (lambda a, b: ag.sin(a) * b**3 + a / b, (0.3, 0.7)),
    (lambda w: ag.logsumexp(*w) + ag.tanh(w[0] * w[2]), ([0.1, -0.5, 2.0],)),
    (lambda a, b: ag.hypot(a, b) ** 2, (0.0, 1.0)),
    (lambda a, b: a + 2 * b, (1.0, 2.0)),
    (lambda x: ag.relu(x) ** 3, (1.0,)),
]


@pytest.mark.parametrize(("f", "x"), SMOOTH)
def test_right_second_derivatives_are_ok(f: Callable[..., Any], x: tuple[Any, ...]) -> None:
    """A row for each number, then one for each pair, named after both."""
    rows = check_gradient(f, *x, order=2).rows
    assert {row.verdict for row in rows} == {"ok"}
    names = [row.argument for row in rows if ", " not in row.argument]
    pairs = [f"{a}, {b}" for i, a in enumerate(names) for b in names[i:]]
    assert [row.argument for row in rows] == [*names, *pairs]


def test_a_wrong_second_derivative_is_caught_and_blamed_by_name() -> None:
    """A rule that is right as long as nobody differentiates it: it computes with bare numbers."""
    frozen = primitive("frozen_cube", lambda x: x**3, lambda g, y, x: (g * 3 * getattr(x, "data", x) ** 2,))
    assert check_gradient(lambda x: ag.sin(frozen(x)), 0.7).ok
    with pytest.raises(GradientMismatch) as caught:
        check_gradient(lambda x: ag.sin(frozen(x)), 0.7, order=2)
    assert caught.value.report.explanation.startswith("first wrong operation: frozen_cube(x = 0.7)")


def test_a_hessian_that_is_not_symmetric_is_wrong() -> None:
    """Half of it is right, and the other half shows in the row of the pair."""
    primitive("half_frozen", lambda a, b: a * b, lambda g, y, a, b: (g * getattr(b, "data", b), g * a))
    f = OPS["half_frozen"]
    assert isinstance(f, Op)
    assert [row.verdict for row in report(f, 2.0, 3.0, order=2).rows] == ["ok", "ok", "ok", "wrong", "ok"]
    assert [row.verdict for row in report(lambda a, b: f(b, a), 2.0, 3.0, order=2).rows][3] == "wrong"


@pytest.mark.parametrize("order", [0, 3, -1, True, 1.5, "2", None])
def test_other_orders_are_refused(order: Any) -> None:
    """Only first and second derivatives are checked."""
    with pytest.raises(ValueError, match=r"^check_gradient\(f, \*x\): order is .*; wanted 1, or 2 for second"):
        check_gradient(ag.tanh, 1.0, order=order)


@given(x=st.floats(-3, 3), y=st.floats(0.5, 3))
def test_second_derivatives_of_smooth_functions_are_never_called_wrong(x: float, y: float) -> None:
    """Wherever one looks."""
    assert check_gradient(lambda a, b: ag.exp(-a * a) * ag.log(b) + ag.sin(a * b), x, y, order=2).ok
