"""Classification by a line: where y is 0, on which side each class lies, and the signs that the slide forgot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos import dividing

weights = st.floats(-5, 5).filter(lambda w: abs(w) > 0.1)


@given(weights, weights, st.floats(-5, 5), st.floats(-5, 5))
def test_on_the_line_the_output_is_zero_and_above_it_has_the_sign_of_its_weight(
    w1: float, w2: float, b: float, x1: float
) -> None:
    """A step up in x₂ changes y by w₂; on the slide's line y is 2(w₁x₁ + b) instead."""
    w = (w1, w2, b)
    x2 = dividing.line(w, x1)
    assert dividing.output(w, (x1, x2)) == pytest.approx(0, abs=1e-9)
    assert dividing.output(w, (x1, x2 + 1)) == pytest.approx(w2, abs=1e-9)
    slipped = dividing.output(w, (x1, dividing.line_of_the_slide(w, x1)))
    assert slipped == pytest.approx(2 * (w1 * x1 + b), abs=1e-9)


def test_the_output_is_the_inner_product_of_the_slides() -> None:
    """xᵀw, with a 1 for the bias."""
    rng = np.random.default_rng(0)
    for w, x in zip(rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), strict=True):
        assert dividing.output(w, x) == pytest.approx(np.append(x, 1) @ w, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_descent_learns_a_line_that_divides(seed: int) -> None:
    """The weights go to those of least squares; hardly a fruit is left on the wrong side."""
    X, t = dividing.fruit(seed)
    way = dividing.learn(X, t, seed)
    solved = np.linalg.lstsq(np.column_stack([X, np.ones(len(t))]), t, rcond=None)[0]
    start, end = (np.linalg.norm(np.array(w) - solved) for w in (way[0], way[-1]))
    assert end < 0.5 * start
    assert dividing.mistakes(way[-1], X, t) <= 0.05 * len(t)
    assert dividing.numbers(seed)["y on the line"] == pytest.approx(0, abs=1e-12)
