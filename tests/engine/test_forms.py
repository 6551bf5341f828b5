"""Forms: one tree for each operation, traced when it is defined; every printer walks it."""

import ast
import math
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import special

import autograd as ag
from autograd import DomainError, Op, Value, compile
from autograd.catalogue import operations
from autograd.forms import ARITY, REDUCTIONS, SIGNS, SPECIAL, Form, f, products, read, trace
from autograd.strategies import arguments

WITH_FORM = [op for op in operations() if op.form is not None]
CALLED = ["exp", "abs", "erf", "maximum", "power", "where"]


def in_numpy(word: str, texts: list[str]) -> str:
    """A call as NumPy and SciPy have it."""
    module = "special" if word in SPECIAL else "np"
    return f"{module}.{word}({', '.join([*texts, '0'] if word in REDUCTIONS else texts)})"


def evaluated(form: Form, *x: Any) -> Any:
    """The number of a form, by Python from its text."""
    names = ["args"] if "args" in form.words else [f"x{k}" for k in range(len(x))]
    space = {"np": np, "special": special, "inf": math.inf, "nan": math.nan, "args": np.array(x, float)}
    with np.errstate(all="ignore"):
        return eval(form.written(names, in_numpy), {**space, **{f"x{k}": np.float64(each) for k, each in enumerate(x)}})


def form(function: Callable[..., Any], arity: int | None = 2) -> Form:
    return trace("law", function, arity)


@st.composite
def forms(draw: st.DrawFn, depth: int = 4) -> Form:
    """Of two operands, with signs in every place."""

    def part(a: Any, b: Any, depth: int) -> Any:
        kind = draw(st.integers(0, 8 if depth else 3))
        if kind <= 1:
            return (a, b)[kind]
        if kind <= 3:
            return draw(st.sampled_from([-2.0, -0.0, 0.5, 3.0, math.inf]))
        if kind == 4:
            return -part(a, b, depth - 1)
        if kind == 5:
            word = draw(st.sampled_from(CALLED))
            return getattr(f, word)(*[part(a, b, depth - 1) for _ in range(ARITY[word])])
        word = draw(st.sampled_from([*SIGNS]))
        return getattr(f, SIGNS[word])(part(a, b, depth - 1), part(a, b, depth - 1))

    def written(f: Any, a: Any, b: Any) -> Any:
        return part(a, b, depth)

    try:
        return form(written)
    except TypeError:  # constants alone, divided by 0
        assume(False)
        raise


@pytest.mark.parametrize("op", WITH_FORM, ids=lambda op: op.name)
@settings(max_examples=10)
@given(data=st.data())
def test_the_form_is_the_function(op: Op, data: st.DataObject) -> None:
    """Over the domain a form has the value of `forward`, to 1e-12 or what `absolute` allows."""
    x = data.draw(arguments(op))
    try:
        y = op(*x)
    except DomainError:
        assume(False)
        raise
    assert op.form is not None
    assert evaluated(op.form, *x) == pytest.approx(y, rel=1e-12, abs=4 * op.absolute)


@given(forms())
@example(form(lambda f, a, b: (-a) ** b - (a - (b - 2.0))))
@example(form(lambda f, a, b: (-2.0) ** a))
@example(form(lambda f, a, b: 2.0 ** -((a**b) ** 3)))
@example(form(lambda f, a, b: ((a < b) < (b < a)) * (-a)))
def test_the_text_of_a_form_reads_back_as_the_form(one: Form) -> None:
    """Brackets stand where they are needed: `array=` of what a form writes is the form, equal and of one hash."""
    again = read("law", one.written(["{0}", "{1}"], in_numpy), 2)
    assert again == one
    assert hash(again) == hash(one)


@given(forms())
@example(form(lambda f, a, b: a**b))
@example(form(lambda f, a, b: 2.0 / (a**2) - a))
def test_a_negative_operand_stays_one_number(one: Form) -> None:
    """-2.0 in the place of an operand, to a power, is (-2.0) ** b, and not -(2.0 ** b)."""
    bare, bracketed = (ast.parse(one.written([name, "b"], in_numpy)) for name in ("-2.0", "(-2.0)"))
    assert ast.dump(bare) == ast.dump(bracketed)


def test_forms_are_equal_by_structure_and_numbers_by_their_text() -> None:
    """1, 1.0 and True are three ways to write two numbers; 0.0 is not -0.0, and nan is nan."""
    numbers = [1, 1.0, 0.0, -0.0, math.nan, math.inf, -math.inf]
    assert len({form(lambda f, a, b, n=n: a + n) for n in numbers}) == len(numbers)
    for n in (*numbers, Fraction(1, 2), np.float32(0.5), 10**400):
        assert form(lambda f, a, b, n=n: f.exp(a * n)) == form(lambda f, x, y, n=n: f.exp(x * n))
    assert form(lambda f, a, b: a + 10**400) == form(lambda f, a, b: a + math.inf)
    assert form(lambda f, a, b: a + b) != form(lambda f, a, b: b + a)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda f, x, _: f.maximum(x, 0.0) + f.log1p(f.exp(-abs(x))), "maximum(x, 0.0) + log1p(exp(-abs(x)))"),
        (lambda f, a, b: f.clip(a - b, 0, f.pi), "minimum(maximum(a - b, 0), 3.141592653589793)"),
        (lambda f, a, b: f.where(a == b, a * (b + 1), -(a**-b)), "where(a == b, a * (b + 1), -a ** -b)"),
        (lambda f, a, b: np.float64(2.0) * a - (b - (1 > 2)), "2.0 * a - (b - 0.0)"),
        (lambda f, a, b: f.subtract(f.negative(2.0), f.absolute(+b)), "-2.0 - abs(b)"),
    ],
)
def test_a_form_prints_as_it_is_written(function: Callable[..., Any], text: str) -> None:
    """str(form) reads like Python."""
    assert str(form(function)) == text


def test_a_form_of_any_number_of_operands_reduces_them() -> None:
    """args stands for all of them, along axis 0."""
    one = form(lambda f, args: f.max(args) + f.log(f.sum(f.exp(args - f.max(args)))), None)
    assert str(one) == "max(args) + log(sum(exp(args - max(args))))"
    text = "np.max({args}, axis=0) + np.log(np.sum(np.exp({args} - np.max({args}, 0)), 0))"
    assert read("law", text, None) == one


# --- What is refused ------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[int | None, Callable[..., Any], str]] = {
    "a wrong name": (1, lambda f, x: f.sine(x), "there is no sine; did you mean sin"),
    "a name like none": (1, lambda f, x: f.qqq(x), "there is no qqq; there are abs, absolute, add, "),
    "a method": (1, lambda f, x: x.exp(), "no attribute 'exp'; the functions are those of f"),
    "too many operands": (1, lambda f, x: f.exp(x, x), r"f\.exp takes 1 operand, got 2"),
    "too few operands": (2, lambda f, a, b: f.where(a, b), r"f\.where takes 3 operands, got 2"),
    "another function's number": (1, lambda f, x: math.exp(x), "must be real number, not Symbol"),
    "a branch": (1, lambda f, x: x if x > 0 else -x, "cannot branch.*where"),
    "Python's max": (1, lambda f, x: max(x, 0.0), "cannot branch.*where"),
    "a text": (1, lambda f, x: x + "1", "got '1'; wanted a number"),
    "nothing": (1, lambda f, x: None, "got None; wanted a number"),
    "a tuple": (1, lambda f, x: (x,), "wanted a number"),
    "other operands": (2, lambda f, x: x, "positional argument"),
    "a sum of one": (1, lambda f, x: f.sum(x), r"f\.sum makes one number of args"),
    "a sum of a sum": (None, lambda f, args: f.sum(f.sum(args)), r"f\.sum makes one number of args"),
    "another axis": (None, lambda f, args: f.sum(args, 1), "along axis 0, got axis 1"),
    "many numbers": (None, lambda f, args: f.exp(args), "args are many numbers.*reduce them by max, min, prod, sum"),
}
RULES: dict[int | None, Callable[..., Any]] = {
    1: lambda g, y, x: (g,),
    2: lambda g, y, a, b: (g, g),
    None: lambda g, y, *x: x,
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_form_is_refused_when_it_is_defined(what: str) -> None:
    """The error names the operation, and says what is wanted."""
    arity, function, message = WRONG[what]
    with pytest.raises(TypeError, match=f"^the form of odd: .*{message}"):
        Op("odd", lambda *x: 0.0, RULES[arity], form=function)


@pytest.mark.parametrize(
    ("arity", "text", "message"),
    [
        (1, "{0} @ {0}", r"cannot read \{0\} @ \{0\}; wanted \+ - "),
        (1, "1.0 + (0.0 < {0} < 1.0)", r"cannot read 0\.0 < \{0\} < 1\.0; wanted .* comparisons of two"),
        (1, "np.exp({0}) if {0} > 0 else 0", "cannot read "),
        (1, "abs({0})", r"cannot read abs\(\{0\}\)"),
        (1, "np.sine({0})", "there is no sine; did you mean sin"),
        (1, "np.exp({0}, {0})", r"f\.exp takes 1 operand, got 2"),
        (1, "np.exp({1})", r"wanted \{0\} for the operands"),
        (2, "np.exp({x})", r"wanted \{0\}, \{1\} for the operands"),
        (1, "np.exp({0}", "was never closed"),
        (1, "np.exp", "wanted a number"),
        (None, "np.sum({args}, 1)", "got axis 1"),
        (None, "np.exp({args})", "args are many numbers"),
        (None, "np.sum({0}, 0)", r"cannot read \{0\}"),
    ],
)
def test_a_wrong_text_is_refused_when_it_is_defined(arity: int | None, text: str, message: str) -> None:
    """The error shows the text, and the part of it that is no form."""
    with pytest.raises(ValueError, match=f"^the form of odd, array={re.escape(repr(text))}: .*{message}"):
        Op("odd", lambda *x: 0.0, RULES[arity], array=text)


def test_form_and_array_are_two_ways_to_say_one_thing() -> None:
    """Either is taken, and not both; a copy with another one has that one."""
    fields: dict[str, Any] = {"forward": lambda x: x * x, "backward": lambda g, y, x: (2 * g * x,)}
    text, function = Op("own", **fields, array="{0} * {0}"), Op("own", **fields, form=lambda f, x: x * x)
    assert text.form == function.form
    assert replace(text, name="other").form == text.form
    assert replace(text, array="np.square({0})").form == replace(function, form=lambda f, x: f.square(x)).form
    with pytest.raises(ValueError, match="own: form and array say the same; give one of them"):
        Op("own", **fields, array="{0} * {0}", form=lambda f, x: x * x)
    with pytest.raises(TypeError, match=r"own: got form='x \* x'; wanted a function"):
        Op("own", **fields, form="x * x")


# --- What is printed ------------------------------------------------------------------------------------------


def of_word(word: str) -> Op:
    """The operation that a word of the vocabulary is."""
    arity = ARITY[word]
    rule = [lambda g, y, x: (0,), lambda g, y, a, b: (0, 0), lambda g, y, a, b, c: (0, 0, 0)][arity - 1]

    def forward(*x: float) -> float:
        return float(getattr(special if word in SPECIAL else np, word)(*x))

    if word == "polygamma":
        return Op(word, lambda x: forward(2, x), lambda g, y, x: (0,), form=lambda f, x: f.polygamma(2, x))
    return Op(word, forward, rule, form=lambda f, *x: getattr(f, word)(*x))


WORDS = {word: of_word(word) for word in sorted(ARITY.keys() - REDUCTIONS)}


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_every_word_is_printed_by_every_backend(backend: str) -> None:
    """As the function of that name; what JAX lacks it refuses by name."""
    x, ops = (0.5, 0.75, 0.25), dict(WORDS)
    for word in ("j0", "j1", "erfcinv", "log_expit") if backend == "jax" else ():
        with pytest.raises(ValueError, match=f"calls {word}, which"):
            compile(ops.pop(word), 0.5, backend=backend)([0.5])
    at = {word: [3 * v for v in x] if word in ("arccosh", "zeta") else x for word in ops}

    def every(scale: Any) -> list[Any]:
        return [op(*[scale * v for v in at[word][: op.arity]]) for word, op in ops.items()]

    found = compile(every, 1.0, backend=backend)([1.0, 1.0])
    wanted = [op.forward(*at[word][: op.arity]) for word, op in ops.items()]
    for word, ours, theirs in zip(ops, found[1], wanted, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-10), word


@pytest.mark.parametrize("backend", ["numpy", "c", "jax"])
def test_an_operation_is_the_same_on_every_backend(backend: str) -> None:
    """With comparisons as numbers, a constant below 0, operands it does not read, reductions, or without a form."""
    without = backend == "numpy"
    norm = Op(
        "norm",
        lambda *x: math.sqrt(sum([each * each for each in x])),
        RULES[None],
        form=None if without else lambda f, args: f.sqrt(f.sum(args * args)),
    )
    spread = Op("spread", lambda *x: max(x) - min(x), RULES[None], form=lambda f, args: f.max(args) - f.min(args))
    power = Op("power_of_two", lambda a, b: a**b, RULES[2], form=lambda f, a, b: a**b)
    first = Op("first", lambda a, b: math.exp(a), RULES[2], form=lambda f, a, b: f.exp(a))
    sign = Op("sides", lambda x: (x > 2) - (x < 2), RULES[1], form=lambda f, x: (x > 2) - (x < 2))
    count = Op("count", lambda x: (x > 1) + (x > 2), RULES[1], form=lambda f, x: (x > 1) + (x > 2) + -f.isnan(x))
    one = Op("one", lambda x: 1.5, RULES[1], form=lambda f, x: 1.5)
    w = Value(0.5)

    def every(x: Any) -> list[Any]:
        return [
            *(power(-2.0, each) for each in x),
            *(first(w, each) for each in x),
            *(g(each) * each for each in x for g in (one, sign, count)),
            *(g(*x[:2], w * x[0]) for g in (norm, spread)),
        ]

    rows = [[2.0, 3.0, 1.0], [1.0, 2.0, 4.0]]
    found = compile(every, rows[0], wrt=[w], backend=backend)(rows)
    for ours, row in zip(found, rows, strict=True):
        assert ours == pytest.approx([getattr(y, "data", y) for y in every(row)], rel=1e-13)


# --- Sums of products -----------------------------------------------------------------------------------------

FACTORS = st.lists(st.integers(0, 2), max_size=2)


@given(st.lists(st.tuples(st.sampled_from([1.0, -1.0, 2.5, -0.5]), FACTORS, st.booleans()), min_size=1, max_size=4))
def test_a_sum_of_products_says_so(terms: list[tuple[float, list[int], bool]]) -> None:
    """The products of a form, added up, are the form."""
    x = 3.0, -7.0, 0.125

    def total(f: Any, *x: Any) -> Any:
        y = 0.0 * x[0]
        for coefficient, factors, minus in terms:
            product = math.prod([x[k] for k in factors], start=coefficient)
            y = y - product if minus else y + product
        return y

    found = products(form(total, 3))
    assert found is not None
    assert sum(math.prod([x[k] for k in factors], start=c) for c, *factors in found) == total(f, *x)


@pytest.mark.parametrize(
    "function",
    [
        lambda f, a, b: a / b,
        lambda f, a, b: a * a * b,
        lambda f, a, b: a * (a + b),
        lambda f, a, b: f.exp(a) + b,
        lambda f, a, b: a > b,
        lambda f, a, b: 1e300 * a * 1e300,  # which would round, or overflow, before a is known
        lambda f, a, b: a * math.inf,
    ],
)
def test_what_is_no_sum_of_products_is_none(function: Callable[..., Any]) -> None:
    """Division, three factors, brackets, functions, and coefficients that would be multiplied."""
    assert products(form(function)) is None


def test_the_rules_of_arithmetic_are_sums_of_products_by_their_forms() -> None:
    """Their records say nothing else."""
    for op in (ag.OPS[name] for name in ("add", "sub", "mul", "neg", "square", "identity")):
        assert isinstance(op, Op)
        assert op.terms is None
        assert products(op.form) is not None
