"""The computational graph in general: derivatives on arrows are those by hand, and Function1 is the engine's."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import derivative, tanh
from autograd.languages import LANGUAGES
from demos import chain_rule


def test_the_products_of_the_small_graph_are_its_derivatives() -> None:
    """y = (ax + b)² at 2, 3, −1: 2(ax + b) = 10, times a is 30, times x is 20."""
    numbers = chain_rule.numbers()
    assert [numbers[f"∂y/∂{name}"] for name in ("h₂", "h₁", "b", "a", "x")] == [10, 10, 10, 20, 30]
    for language in LANGUAGES:
        told = chain_rule.story(language)
        assert "∂y/∂h₂ × ∂h₂/∂h₁ × ∂h₁/∂x = 10 × 1 × 3 = 30" in told
        assert "∂y/∂h₂ × ∂h₂/∂h₁ × ∂h₁/∂a = 10 × 1 × 2 = 20" in told


@given(st.floats(-3, 3))
def test_the_long_chain_hands_on_the_product_of_all_its_derivatives(x: float) -> None:
    """By the slopes of sin, exp, √ and tanh as one writes them; and each line of the story multiplies to its end."""
    h1, h2, h3, h4 = (node.data for node in chain_rule.long(x)[1:5])
    slopes = [math.cos(x), math.exp(h1), 0.5 / math.sqrt(h2), 1 - math.tanh(h3) ** 2, math.cos(h4)]
    expected = np.cumprod(slopes[::-1])
    assert [node.grad for node in chain_rule.long(x)[-2::-1]] == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-12)


def test_each_line_of_the_story_multiplies_what_comes_by_its_own_derivative() -> None:
    """a × b = c, to the digits that are written; and c is the a of the next line."""
    found = re.findall(r"= ([\d.]+) × ([\d.]+) = ([\d.]+)$", chain_rule.story("en"), re.MULTILINE)
    lines = [[float(number) for number in line] for line in found if all("." in number for number in line)]
    assert len(lines) == len(chain_rule.FUNCTIONS)
    for (came, own, gone), (following, *_) in zip(lines, [*lines[1:], [lines[-1][2]]], strict=True):
        assert came * own == pytest.approx(gone, abs=2e-6)
        assert gone == following


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(-3, 3))
def test_function1_hands_on_g_times_its_derivative_at_the_a_before_the_update(a: float, x: float, g: float) -> None:
    """And moves its a against g ∂h₁/∂a."""
    node = chain_rule.Function1(a, lr=0.1)
    assert node.forward(x) == pytest.approx(math.tanh(a * x))
    assert node.backward(g) == pytest.approx(g * derivative(lambda z: tanh(a * z))(x), abs=1e-12)
    assert node.a == pytest.approx(a - 0.1 * g * derivative(lambda c: tanh(c * x))(a), abs=1e-12)


def test_a_chain_of_function1_learns_as_the_engine_does() -> None:
    """Outputs, all gradients and all updated parameters of every step, to 1e-12; and the error falls to nothing."""
    numbers = chain_rule.numbers()
    assert numbers["Function1: difference"] < 1e-12
    assert numbers["Function1: last error"] < 1e-5 * numbers["Function1: first error"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_four_figures_say_in_symbols_what_their_titles_say(language: str) -> None:
    """Own derivatives alone; those of the output; h₁ to h₄; and both, one under the other."""
    wanted = {
        "own": ("∂h₂/∂h₁ = 1", "∂y/∂h₂ = 10", "∂h₁/∂x = 3"),
        "output": ("∂y/∂h₁ = 10", "∂y/∂x = 30", "∂y/∂a = 20"),
        "long": tuple(f"∂y/∂h{i}" for i in "₁₂₃₄"),
        "node": ("∂y/∂h₁ = 10", "× ∂h₂/∂h₁ = 1", "× ∂h₁/∂x = 3"),
    }
    for name, symbols in wanted.items():
        dot = chain_rule.figure(name, "ja" if language == "ja" else "en").dot.replace("\xa0", " ")
        assert [symbol for symbol in symbols if symbol not in dot] == [], name
    assert "∂y/∂x" not in chain_rule.figure("own", "en").dot
