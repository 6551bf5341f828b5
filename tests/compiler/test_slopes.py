"""Slopes as forms: between which numbers they are, and which of them may be infinite."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd import operations
from autograd.compiler.slopes import is_safe, is_steep, range_of, slopes, value_of
from autograd.forms import SIGNS, Form, operand
from autograd.operation import OPS, Op
from share import share

WORDS = {
    1: ["negative", "abs", "square", "exp", "expm1", "tanh", "arctan", "sign", "log1p", "floor", "cbrt"],
    2: ["+", "-", "*", "/", "maximum", "minimum", "hypot", ">", "!=", "power"],
    3: ["where", "nonzero"],
}


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Some form of operands 0 and 1, built of few parts, of which some are used more than once."""
    made = [operand(0), operand(1), *(Form("number", leaf=x) for x in ("0.0", "1.0", "-2.0", "0.5", "3.0"))]
    for _ in range(draw(st.integers(1, 6))):
        count = draw(st.sampled_from([1, 2, 3]))
        word, parts = draw(st.sampled_from(WORDS[count])), [draw(st.sampled_from(made)) for _ in range(count)]
        if word == "nonzero":
            word, parts = "where", [Form("!=", (parts[0], made[2])), *parts[:2]]
        made.append(Form(word, tuple(parts)))
    return made[-1]


GRID = np.array([*itertools.product([-3.0, -1.5, -1.0, -0.5, 0.0, 0.25, 1.0, 2.0], repeat=2)]).T


def on_grid(form: Form) -> np.ndarray:
    """At all points of the grid."""
    if not form.parts:
        return GRID[int(form.leaf)] if form.word == "operand" else np.full(GRID.shape[1], form.number)
    return getattr(np, SIGNS.get(form.word, form.word))(*map(on_grid, form.parts)) * 1.0


@settings(max_examples=share(300), deadline=None)
@given(forms())
@example(
    Form(
        "/", (Form("number", leaf="1.0"), Form("+", (Form("number", leaf="1.0"), Form("*", (operand(0), operand(1))))))
    )
)
def test_a_form_is_within_its_range(form: Form) -> None:
    """At all operands: between these numbers, finite and not 0 if it says so."""
    found = range_of(form)
    with np.errstate(all="ignore"):
        y = on_grid(form)
    overflows = np.abs(y) > 1e200
    assert not found.finite or np.isfinite(y[~overflows]).all()
    y = y[np.isfinite(y)]
    slack = 1e-12 * np.abs(y)
    assert ((y >= found.low - slack) & (y <= found.high + slack)).all()
    assert found.zero or y.all()


@pytest.mark.parametrize("op", [op for op in operations() if op.form and op.arity in (1, 2)], ids=lambda op: op.name)
def test_a_slope_that_is_not_steep_is_finite_where_the_value_is(op: Op) -> None:
    """That of a quotient is infinite at 0, and so is the quotient; a root is 0 there."""
    numbers = list(GRID[: op.arity])
    with np.errstate(all="ignore"):
        y = value_of(op.form, numbers)
        finite = np.isfinite(y)
        for slope in slopes(op, len(numbers)):
            if slope and not is_steep(op, slope):
                assert np.isfinite(value_of(slope.form, [1.0, y, *numbers]) + 0.0 * y)[finite].all()


@pytest.mark.parametrize(("name", "steep"), [("div", [False, False]), ("sqrt", [True])])
def test_roots_are_steep_and_quotients_are_not(name: str, steep: list[bool]) -> None:
    op = OPS[name]
    assert isinstance(op, Op)
    assert [is_steep(op, each) for each in slopes(op, len(steep)) if each] == steep


def unbounded() -> set[str]:
    """The operations and families of which a slope or a number may be infinite, or have no value."""
    found = set()
    for op in operations():
        each = slopes(op, op.arity or 2)
        if not is_safe(op) or any(slope and not slope.is_safe for slope in each):
            found.add(op.name.partition("(")[0])
    return found


def test_the_documentation_names_what_may_be_infinite() -> None:
    """Every operation of which it may be, and no other."""
    text = (Path(__file__).parents[2] / "docs" / "compile.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"these operations may be infinite or undefined: (.*?)\.\s", text, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", sentence)) == unbounded()
