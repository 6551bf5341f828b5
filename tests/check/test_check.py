"""Laws of the checks: no right operation is called wrong, and no wrong one passes for right."""

import contextlib
import dataclasses
import functools
import math
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import autograd as ag
from autograd import OPS, DomainError, Op, Value, operations, primitive
from autograd.check import GradientMismatch, GradientReport, GradientRow, check_gradient, numerical_gradient
from autograd.strategies import Expression, arguments, expressions
from checked import report, verdicts
from lecture import the_lectures_gradient
from share import share

EVERY = pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)
SPOILED = st.sampled_from([1.0005, 0.9995, -1.0])  # what a wrong rule multiplies by: 0.05 % off, or the sign


def spoiled(op: Op, factor: float, only: int | None = None) -> Op:
    """The operation with a rule that is wrong by a factor, in all operands or in one."""

    @functools.wraps(op.backward)  # keeps the number of operands
    def backward(g: Any, y: Any, *x: Any) -> tuple[Any, ...]:
        right = op.backward(g, y, *x)
        return tuple(each * factor if only in (None, i) else each for i, each in enumerate(right))

    return dataclasses.replace(op, name="spoiled", backward=backward, family=None)


# --- Operations ---------------------------------------------------------------------------------------------


@EVERY
@given(data=st.data())
def test_no_right_operation_is_called_wrong(op: Op, data: st.DataObject) -> None:
    """Over its whole domain and at its kinks, each entry of the table passes."""
    x = data.draw(arguments(op))
    try:
        op(*x)
    except DomainError:
        assume(False)
    assert check_gradient(op, *x).ok


@pytest.mark.parametrize("half", range(2))
def test_every_wrong_rule_is_caught_and_blamed_by_name(half: int) -> None:
    """Off by 0.05 %, or of the wrong sign, in one operand: wherever floats have the digits to show it.

    They have not at kinks, where any slope between the two sides passes, and where f hardly depends on the operand:
    tanh beyond 20. That is said, and rare: 5 in 100 draws of `arguments`, which like the ends of each domain.
    """
    found: Counter[str] = Counter()
    for op in list(operations())[half::2]:
        _catches(op, found)
    judged = found["wrong"] + found["cancellation"]
    assert judged > share(600)
    assert found["cancellation"] <= 0.06 * judged
    assert set(found) <= {"wrong", "cancellation", "kink", "domain edge"}


def _catches(op: Op, found: Counter[str]) -> None:
    @given(x=arguments(op), factor=SPOILED, data=st.data())
    def law(x: tuple[float, ...], factor: float, data: st.DataObject) -> None:
        i = data.draw(st.integers(0, len(x) - 1))
        try:
            right = op.backward(1, op(*x), *x)[i]
        except (ValueError, ArithmeticError):
            return
        if not 1e-300 < abs(right) < math.inf:  # 0 times a factor is 0, and subnormal numbers have few digits
            return
        result = report(spoiled(op, factor, only=i), *x)
        verdict = result.rows[i].verdict
        found[verdict] += 1
        if verdict == "wrong":
            assert result.explanation.startswith("first wrong operation: spoiled(")
        elif verdict in ("kink", "domain edge"):
            assert check_gradient(op, *x).rows[i].verdict == verdict  # the right rule stands at one, too
        else:
            assert verdict == "cancellation"

    try:
        law()
    except Exception as error:
        error.add_note(f"the operation was {op.name}")
        raise


# --- Graphs -------------------------------------------------------------------------------------------------


def visible(expression: Expression) -> bool:
    """Whether no number is so small that a function of it has features finer than floats.

    mod(x, 1e-300) is a saw whose teeth no two neighbouring floats see; quotients cannot tell its slope.
    """
    constants = [x for _, operands in expression.steps for x in operands if isinstance(x, float)]
    return all(not x or abs(x) > 1e-9 for x in (*expression.inputs, *constants))


@given(expression=expressions())
def test_no_right_graph_is_called_wrong(expression: Expression) -> None:
    """Whole programs with fan-out, constants, kinks and branches pass."""
    assume(visible(expression))
    assert check_gradient(expression, *expression.inputs).ok


@given(expression=expressions(), factor=SPOILED, data=st.data())
def test_the_wrong_operation_is_found_inside_a_graph(
    expression: Expression, factor: float, data: st.DataObject
) -> None:
    """Where one wrong step changes the gradient, it is the one that is named."""
    assume(visible(expression) and expression.steps)
    k = data.draw(st.integers(0, len(expression.steps) - 1))
    steps = list(expression.steps)
    steps[k] = (spoiled(steps[k][0], factor), steps[k][1])
    wrong = Expression(expression.inputs, tuple(steps))
    try:
        before, after = (gradient(each) for each in (expression, wrong))
    except DomainError:
        assume(False)
        raise
    result = report(wrong, *wrong.inputs)
    if any(row.verdict == "wrong" for row in result.rows):
        at_a_kink = "some cannot be judged: " in result.explanation and "spoiled(" in result.explanation
        assert result.explanation.startswith("first wrong operation: spoiled(") or at_a_kink
    for row, right, ours in zip(result.rows, before, after, strict=True):
        if abs(right - ours) > 1e-5 * max(abs(right), abs(ours)):
            assert row.verdict != "ok"


def gradient(expression: Expression) -> list[float]:
    leaves = expression.values()
    expression(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def test_of_two_wrong_operations_the_first_is_named() -> None:
    """First in the order of the graph: what comes later may be wrong because of it."""
    primitive("cube", lambda x: x * x * x, lambda g, y, x: (3.0015 * g * x * x,))
    primitive("half", lambda x: x / 2, lambda g, y, x: (g / 3,))
    cube, half = OPS["cube"], OPS["half"]
    assert isinstance(cube, Op)
    assert isinstance(half, Op)
    with pytest.raises(GradientMismatch) as caught:
        check_gradient(lambda x: half(ag.tanh(cube(x)) * 2), 2.0)
    blame = "first wrong operation: cube(x = 2.0): backward passes 12.006 to x, the difference quotient is 12"
    assert caught.value.report.explanation == blame
    assert str(caught.value).endswith(blame)


def test_one_wrong_activation_in_a_network_is_named_with_its_operand() -> None:
    """Among hundreds of nodes and with every parameter wrong, the table is short and the blame exact."""
    wrong = primitive("own_tanh", math.tanh, lambda g, y, x: (1.0005 * g * (1 - y * y),))

    def network(w: Any, b: Any, v: Any) -> Value:
        hidden = [wrong(ag.dot(row, [0.3, -0.2]) + bias) for row, bias in zip(w, b, strict=True)]
        return ag.dot(v, hidden) ** 2

    rng = np.random.default_rng(0)
    with pytest.raises(GradientMismatch) as caught:
        check_gradient(network, rng.normal(size=(12, 2)), list(rng.normal(size=12)), list(rng.normal(size=12)))
    assert sum(row.verdict == "wrong" for row in caught.value.report.rows) == 36
    assert "first wrong operation: own_tanh(" in str(caught.value)
    assert "\n… 28 more\n" in str(caught.value)


def test_a_forgotten_cotangent_is_found() -> None:
    """A rule that is right for the cotangent 1 alone is wrong inside a graph, and the message says how."""
    op = primitive("forgetful", lambda x: x * x, lambda g, y, x: (2 * x,))
    with pytest.raises(GradientMismatch, match=r"passes 4 to x for the cotangent 3, but 4 for 1$"):
        check_gradient(lambda x: 3 * op(x), 2.0)


def test_a_rule_that_gives_no_value_where_there_is_one_is_wrong() -> None:
    """2y/x is the derivative of x² everywhere but at 0; that of √x really has no value there."""
    op = primitive("square_by_division", lambda x: x * x, lambda g, y, x: (2 * g * y / x,))
    blame = r"square_by_division\(x = 0.0\): backward has no value, the difference quotient is 0$"
    with pytest.raises(GradientMismatch, match=blame):
        check_gradient(op, 0.0)
    assert check_gradient(op, 1e-300).ok
    right = check_gradient(lambda x, y: ag.sqrt(x) + y, 0.0, 1.0)
    assert [row.ours for row in right.rows] == [None, None]
    assert right.explanation == (
        "backward raised DomainError: sqrt(x = 0.0): the derivative has no value here (upstream gradient 1.0)."
    )


# --- Where other checkers cry wolf --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "verdict"),
    [
        (ag.relu, 0.0, "kink"),
        (ag.relu, 1e-300, "ok"),
        (ag.abs, 0.0, "kink"),
        (ag.abs, 1e-12, "ok"),
        (ag.abs, -1e-300, "ok"),
        (lambda x: abs(x) + 1, 1e-300, "kink"),  # nearer than the digits of 1 can show
        (lambda x: abs(x - 1) + 1e8, 1 + 1e-12, "kink"),
        (lambda x: ag.maximum(x, 2.0), 2.0, "kink"),
        (lambda x: ag.maximum(x, x), 2.0, "ok"),
        (lambda x: ag.relu(x) - ag.relu(-x), 0.0, "kink"),  # x, but each half has slope 0 at 0
        (ag.log, 1e-300, "ok"),
        (ag.log, 5e-324, "domain edge"),  # the derivative is 2e323
        (lambda x: x**0.5, 1e-12, "ok"),
        (lambda x: x**0.5, 1e-300, "ok"),
        (lambda x: x**0.5, 0.0, "domain edge"),
        (lambda x: x**1.5, 0.0, "domain edge"),
        (lambda x: x**1.01, 0.0, "domain edge"),  # 1.01 x^0.01, which is still 0.7 at 1e-16
        (ag.sqrt, 0.0, "domain edge"),
        (lambda x: ag.sqrt(x * x), 0.0, "kink"),  # |x|, in which the root stands at its edge
        (lambda x: ag.sqrt(x) ** 2, 0.0, "domain edge"),  # 0 times infinity, which is 1 here
        (lambda x: ag.asin(x) * 0 + x, 1.0, "domain edge"),
        (ag.asin, 1.0, "domain edge"),
        (ag.asin, 1 - 1e-10, "ok"),
        (ag.acosh, 1 + 2**-52, "domain edge"),
        (ag.floor, 2.5, "ok"),
        (ag.floor, 2.0, "kink"),
        (ag.floor, 1000.3, "ok"),
        (ag.floor, 1e12 + 0.3, "ok"),
        (ag.floor, -1e-17, "ok"),
        (ag.step, 0.0, "kink"),
        (ag.step, 1e-9, "ok"),
        (ag.sign, 0.0, "kink"),
        (lambda x: x % 3, 6.0, "kink"),
        (ag.tanh, 20.0, "cancellation"),
        (ag.cos, 1e-12, "cancellation"),
        (lambda x: x * 1e100, 1e200, "ok"),
        (lambda x: x * x, 1e150, "ok"),
        (lambda x: 1e8 + x, 1.0, "ok"),
        (lambda x: 1e8 + x, 1e-12, "ok"),
        (lambda x: (1e8 + x) - 1e8, 1.0, "ok"),
        (lambda x: (1e20 + x) - 1e20, 1.0, "cancellation"),
        (lambda x: ag.sin(x) ** 2 + ag.cos(x) ** 2, 1.0, "ok"),
        (lambda x: 0 * x + 1e20, 1.0, "ok"),
        (lambda x: ag.sin(x), 1e4, "ok"),
        (lambda x: x, 0.0, "ok"),
    ],
)
def test_hard_places_get_the_right_verdict(f: Callable[..., Any], x: float, verdict: str) -> None:
    """Kinks, jumps, ends of domains, saturation, offsets and extreme sizes are told apart, and none is wrong."""
    assert verdicts(f, x) == [verdict]


@pytest.mark.parametrize(
    ("op", "x"),
    [(ag.log, 1e-300), (ag.abs, 1e-12), (ag.relu, 1e-300), (ag.sqrt, 1e-300), (ag.sin, 1e4), (ag.asin, 1 - 1e-10)],
)
def test_hard_places_do_not_hide_a_wrong_rule(op: Op, x: float) -> None:
    """0.05 % is caught there; under an offset that drowns the function it is at least not called right."""
    wrong = spoiled(op, 1.0005)
    assert verdicts(wrong, x) == ["wrong"]
    assert verdicts(lambda x: wrong(x) + 1, x) != ["ok"]


@pytest.mark.parametrize("x", [1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 0.0])
def test_an_inaccurate_forward_is_no_wrong_gradient(x: float) -> None:
    """1 − cos x has few digits near 0, and its record does not say so; its rule is right all the same."""
    op = primitive("versine", lambda x: 1 - math.cos(x), lambda g, y, x: (g * ag.sin(x),))
    assert check_gradient(op, x).ok


def test_a_slope_of_a_staircase_is_wrong() -> None:
    """A rounding that passes gradients straight through is not the derivative."""
    op = primitive("straight_through", lambda x: float(round(x)), lambda g, y, x: (g,))
    for x in (5.3, 1000.3, -0.2):
        assert verdicts(op, x) == ["wrong"]


# --- Outside the graph --------------------------------------------------------------------------------------


def test_computing_outside_the_graph_is_recognised() -> None:
    """Every operation is right, and yet the gradient is wrong: the message says where to look."""
    with pytest.raises(GradientMismatch, match=r"so f computes outside the graph: with \.data or detach\(\)"):
        check_gradient(lambda x: x * 3 + x.data * 2, 1.0)
    with pytest.raises(GradientMismatch, match=r"f returned 2\.0 without a graph"):
        check_gradient(lambda x: x.data * 2, 1.0)
    with pytest.raises(GradientMismatch, match=r"f returned 2\.0 without a graph"):
        check_gradient(lambda x: (x * 2).detach(), 1.0)


def test_a_relu_at_its_kink_hides_no_mistake() -> None:
    """A kink excuses a gradient only if it is right a little away from it."""
    with pytest.raises(GradientMismatch, match=r"some cannot be judged: relu\(x = 0\.0\) \(kink\)"):
        check_gradient(lambda x: ag.relu(x) + 3 * x + x.data * 5, 0.0)


def test_a_function_that_draws_random_numbers_is_refused() -> None:
    """Two values at one point have no derivative between them."""
    numbers = iter([0.5, 0.25])
    message = r"check_gradient\(f, \*x\): f gives 0\.5, then 0\.25 for the same x; fix its random numbers\."
    with pytest.raises(ValueError, match=message):
        check_gradient(lambda x: x * next(numbers), 1.0)


def test_the_gradients_of_the_users_parameters_are_left_alone() -> None:
    """A model caught by f keeps its `.grad`, and is not checked."""
    weight = Value(3.0, "weight")
    weight.grad = 7.0
    assert [row.ours for row in check_gradient(lambda x: weight * x, 2.0).rows] == [3.0]
    assert weight.grad == 7.0


# --- Arguments ----------------------------------------------------------------------------------------------


def test_arguments_keep_their_shapes_and_lend_their_names() -> None:
    """Lists, tuples, nested and ragged lists, and arrays come as they are, with Values inside."""

    def f(scale: Any, w: Any, layers: Any, *rest: Any) -> Any:
        assert isinstance(w, np.ndarray)
        assert w.shape == (2, 2)
        assert isinstance(layers[1], tuple)
        return scale * (w @ w).sum() * layers[0][1] * layers[1][0] + rest[0]

    result = check_gradient(f, 2, np.array([[1.0, 2.0], [3.0, 4.0]]), [[1, 2.0], (3.0,)], np.float64(0.5))
    names = ["scale", "w[0, 0]", "w[0, 1]", "w[1, 0]", "w[1, 1]"]
    assert [row.argument for row in result.rows] == [*names, "layers[0][0]", "layers[0][1]", "layers[1][0]", "rest[0]"]


def test_an_operation_names_its_operands_by_its_rule() -> None:
    """So that a table about `atan2` does not speak of operands 0 and 1."""
    assert [row.argument for row in check_gradient(ag.atan2, 1.0, 2.0).rows] == ["a", "b"]
    assert [row.argument for row in check_gradient(ag.prod, 1.0, 2.0).rows] == ["x[0]", "x[1]"]


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: check_gradient(3, 1.0),  # pyright: ignore[reportArgumentType]
        TypeError,
        "check_gradient(f, *x): f is 3, of class int; wanted a function.",
    ),
    (
        lambda: check_gradient(lambda: 1),
        ValueError,
        "check_gradient(f, *x): there is no x; wanted the numbers at which to differentiate f.",
    ),
    (
        lambda: check_gradient(lambda w: 1, []),
        ValueError,
        "check_gradient(f, *x): w is empty; wanted a number, or a list or array of numbers.",
    ),
    (
        lambda: check_gradient(lambda w: 1, [1.0, ["2"]]),
        TypeError,
        "check_gradient(f, *x): w[1][0] = '2': a str is not a real number; convert it first, as in float('2.5').",
    ),
    (
        lambda: check_gradient(lambda w: 1, np.array([1.0, math.nan])),
        ValueError,
        "check_gradient(f, *x): w[1] = nan: nan is not a real number; find where it came from.",
    ),
    (
        lambda: check_gradient(lambda w: 1, math.inf),
        ValueError,
        "check_gradient(f, *x): w = inf: wanted a finite number.",
    ),
    (
        lambda: check_gradient(lambda w: w, Value(2.0, "price")),
        TypeError,
        "check_gradient(f, *x): w is the Value price = 2.0; wanted its number, w.data.",
    ),
    (
        lambda: check_gradient(lambda w: None, 1.0),
        TypeError,
        "check_gradient(f, *x): f returned None; wanted one number: "
        "None is not a real number (did a function forget to return it?).",
    ),
    (
        lambda: check_gradient(lambda w: [w], 1.0),
        TypeError,
        "check_gradient(f, *x): f returned [Value(data=1.0, grad=0, label='w')]; wanted one number: "
        "a list is not a real number; make one Value per element.",
    ),
    (
        lambda: check_gradient(lambda w: w, 1.0, tolerance=0),
        ValueError,
        "check_gradient(f, *x): tolerance is 0; wanted a number between 0 and 1.",
    ),
    (
        lambda: numerical_gradient("tanh", 1.0),  # pyright: ignore[reportArgumentType]
        TypeError,
        "numerical_gradient(f, x): f is 'tanh', of class str; wanted a function.",
    ),
    (
        lambda: numerical_gradient(lambda x: 1.0, [[1.0, 2.0], [3.0]]),
        ValueError,
        "numerical_gradient(f, x): x is ragged: x[0] has shape (2,) and x[1] has (1,); wanted the same for all.",
    ),
    (
        lambda: numerical_gradient(lambda x: 1.0, np.zeros((0, 3))),
        ValueError,
        "numerical_gradient(f, x): x is empty; wanted a number, or a list or array of numbers.",
    ),
    (
        lambda: numerical_gradient(lambda x: x, np.array([1.0, 2.0])),
        TypeError,
        "numerical_gradient(f, x): f returned array([1.00000606, 2.        ]); wanted one number: "
        "an array of shape (2,) is not one real number; make one Value per element.",
    ),
    (
        lambda: numerical_gradient(lambda x: x, 1.0, method="forward"),
        ValueError,
        "numerical_gradient(f, x): method is 'forward'; wanted 'central', 'complex', 'richardson'.",
    ),
    (
        lambda: numerical_gradient(lambda x: x, 1.0, step=0.0),
        ValueError,
        "numerical_gradient(f, x): step is 0.0; wanted a finite number above 0.",
    ),
    (
        lambda: numerical_gradient(lambda x: x, 1e200, step=1e-4),
        ValueError,
        "numerical_gradient(f, x): step is 0.0001; too small to change x = 1e+200.",
    ),
    (
        lambda: numerical_gradient(ag.tanh, 1.0, method="complex"),
        TypeError,
        "numerical_gradient(f, x), method='complex': f does not take a complex number (tanh((1+1e-20j)): a complex "
        "number is not a real number; use its .real and .imag as two Values.). autograd's functions are real: use "
        "those of NumPy or cmath in f, or method='richardson'.",
    ),
    (
        lambda: numerical_gradient(abs, -2.0, method="complex"),
        TypeError,
        "numerical_gradient(f, x), method='complex': f returned 2.0 for a complex x; wanted a complex number. "
        "(abs, max and .real lose the imaginary part, which carries the derivative.)",
    ),
    (
        lambda: numerical_gradient(math.sqrt, 0.0, method="richardson"),
        DomainError,
        "numerical_gradient(f, x): f has values on one side of x = 0.0 only.",
    ),
]


@pytest.mark.parametrize(("asked", "error", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_what_is_refused_is_refused_by_name(asked: Callable[[], Any], error: type[Exception], message: str) -> None:
    """The message names the argument, what was got, and what was wanted."""
    with pytest.raises(error) as caught:
        asked()
    assert str(caught.value) == message


# --- The report ---------------------------------------------------------------------------------------------


def test_a_report_prints_as_an_aligned_table() -> None:
    """One line for each element: words to the left, numbers to the right, and nothing that is not needed."""
    rows = (
        GradientRow("w[0]", 0.5, 12.006, 12.0, 3e-12, "wrong"),
        GradientRow("bias", -1.0, 0.0, 0.0, 0.0, "kink", "slope 0 from the left, 1 from the right"),
        GradientRow("x", 0.0, None, math.nan, math.inf, "domain edge"),
    )
    assert str(GradientReport("loss", rows, "first wrong operation: cube")) == (
        "The gradient of loss is wrong: 1 of 3 derivatives.\n"
        "\n"
        "argument   at    ours  reference        ±    error  verdict\n"
        "w[0]      0.5  12.006         12  3.0e-12  5.0e-04  wrong\n"
        "bias       -1       0          0  0.0e+00        –  kink: slope 0 from the left, 1 from the right\n"
        "x           0    none    unknown        –        –  domain edge\n"
        "\n"
        "first wrong operation: cube"
    )


def test_a_report_says_when_nothing_is_wrong() -> None:
    """`ok`, `rows` and the sentence agree."""
    result = check_gradient(lambda x, y: ag.relu(x) * y, 0.0, 3.0)
    assert result.ok
    assert [(row.argument, row.at, row.ours) for row in result.rows] == [("x", 0.0, 0.0), ("y", 3.0, 0.0)]
    assert str(result).startswith("Nothing is wrong with the gradient of f: 1 kink, 1 ok.\n")


def test_a_report_in_a_notebook_escapes_what_it_shows() -> None:
    """Names and labels come from users and may hold anything."""
    row = GradientRow("<script>", 1.0, 1.0, 2.0, 0.0, "wrong", "a & b")
    html = GradientReport("<f>", (row,), "<b>")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;f&gt;" in html
    assert "wrong: a &amp; b" in html
    assert html.endswith("<p>&lt;b&gt;</p>")


def test_of_many_rows_the_notable_are_shown() -> None:
    """A network has thousands of parameters; a terminal has 24 lines."""
    fine = [GradientRow(f"w[{i}]", 1.0, 1.0, 1.0, 0.0, "ok") for i in range(1000)]
    wrong = GradientRow("w[1000]", 1.0, 2.0, 1.0, 0.0, "wrong")
    assert len(str(GradientReport("f", tuple(fine))).splitlines()) == 24
    lines = str(GradientReport("f", (*fine, wrong))).splitlines()
    assert [line.split()[0] for line in lines[3:]] == ["w[1000]", "…"]


def test_a_mismatch_is_an_assertion_that_carries_its_report() -> None:
    """It fails a test as `assert` does, and crosses process boundaries."""
    with pytest.raises(AssertionError) as caught:
        check_gradient(lambda x: x.data * x, 2.0)
    assert isinstance(caught.value, GradientMismatch)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.report == caught.value.report
    assert str(again) == str(caught.value) == str(caught.value.report)


# --- Numerical derivatives ----------------------------------------------------------------------------------


def test_gradient_descent_ends_where_the_lecture_ends() -> None:
    """x² + y² from (−3, 4), η = 0.1, 100 steps: the printed digits, and every step the same to the last bit."""

    def f(x: Any) -> Any:
        return x[0] ** 2 + x[1] ** 2

    x = np.array([-3.0, 4.0])
    for _ in range(100):
        slope = numerical_gradient(f, x, step=1e-4)
        assert slope.tobytes() == the_lectures_gradient(f, x).tobytes()
        x = x - 0.1 * slope
    assert str(x) == "[-6.11110793e-10  8.14814391e-10]"


@pytest.mark.parametrize(
    ("method", "error"),
    # Truncation and rounding of the central quotient meet at about eps^(2/3) = 4e-11 of f, here up to 1e3 of f';
    # Richardson's keep all but rounding; the complex step subtracts nothing.
    [("central", 1e-7), ("richardson", 1e-10), ("complex", 1e-13)],
)
@given(x=st.floats(-10, 10))
@example(x=1e-300)
@example(x=0.0)
def test_each_method_gives_the_derivative(method: str, error: float, x: float) -> None:
    """Of a rational function, as near as its method allows."""
    slope = numerical_gradient(lambda x: (x + 2) / (1 + x * x), x, method=method)
    assert isinstance(slope, float)
    true = 1 / (1 + x * x) - 2 * x * (x + 2) / (1 + x * x) ** 2
    assert abs(slope - true) <= error * max(1, abs(true))


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (ag.log, 1e-300, 1e300),
        (math.sqrt, 1e-300, 5e149),
        (lambda x: 1 - math.cos(x), 1e-7, 1e-7),
        (lambda x: (1e8 + x) - 1e8, 1.0, 1.0),
        (math.sin, 1e4, math.cos(1e4)),
        (math.sin, math.pi / 2, 0.0),
        (abs, 1e-12, 1.0),
        (lambda x: 1e200 * x, 1e100, 1e200),
        (math.floor, 2.5, 0.0),
    ],
)
def test_richardson_finds_the_scale_of_the_function(f: Callable[..., Any], x: float, slope: float) -> None:
    """The step follows x and the digits of f: six digits of the derivative where central keeps none."""
    assert numerical_gradient(f, x, method="richardson") == pytest.approx(slope, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("method", ["central", "complex", "richardson"])
def test_the_derivatives_have_the_shape_of_x(method: str) -> None:
    """A float for a number, an array for lists and arrays; f gets what was given, and x is left as it was."""

    def product(x: Any) -> Any:
        assert type(x) is type(given_)
        return x[0][1] * x[1][0]

    array = np.array([[1, 2], [3, 4]])
    for given_ in ([[1.0, 2.0], [3.0, 4.0]], array):
        slope = numerical_gradient(product, given_, method=method)
        assert slope.dtype == np.float64
        assert slope == pytest.approx(np.array([[0.0, 3.0], [2.0, 0.0]]), abs=1e-8)
    assert array.tolist() == [[1, 2], [3, 4]]
    assert isinstance(numerical_gradient(lambda x: x * x, 3, method=method), float)


def test_a_step_that_is_given_is_taken() -> None:
    """Also for the other methods, where it is rarely needed."""
    assert numerical_gradient(lambda x: x**3, 1.0, step=0.5) == 3.25
    assert numerical_gradient(lambda x: x**3, 1.0, method="complex", step=0.5) == 2.75
    assert numerical_gradient(math.sin, 1.0, method="richardson", step=0.1) == pytest.approx(math.cos(1), rel=1e-12)


def test_functions_of_values_are_functions_of_numbers() -> None:
    """What is written with autograd's functions, or catches Values, is differentiated as it stands."""
    weight = Value(3.0)
    assert numerical_gradient(lambda x: ag.tanh(2 * x), 0.0) == pytest.approx(2.0)
    assert numerical_gradient(lambda x: weight * x, 1.0) == pytest.approx(3.0)


def test_the_checks_load_numpy_only_for_arrays() -> None:
    """`import autograd` stays light."""
    code = "import sys, autograd.check as c; c.check_gradient(lambda x: x * x, 1.0); print('numpy' in sys.modules)"
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert ran.stdout == "False\n"


def _interrupted(g: Any, y: Any, x: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "f",
    [
        lambda w, x: w * x * x,
        lambda w, x: ag.sqrt(w * x - 2),
        lambda w, x: w * spoiled(ag.tanh, -1.0)(x),
        lambda w, x: w * ag.primitive("interrupted", lambda x: x * x, _interrupted, replace=True)(x),
        lambda w, x: [w * x].index(0),
        lambda w, x: (w * x) / 0,
    ],
    ids=["right", "a domain edge", "a wrong rule", "Ctrl-C", "an error of f", "no value"],
)
def test_a_check_leaves_every_gradient_as_it_was(f: Callable[..., Any], order: int) -> None:
    """Of Values that f reads besides its arguments, however the check ends."""
    w = Value(2.0)
    (w * 3).backward()
    with contextlib.suppress(ValueError, ArithmeticError, AssertionError, KeyboardInterrupt):
        check_gradient(lambda x: f(w, x), 1.0, order=order)
    assert (w.data, w.grad) == (2.0, 3.0)
