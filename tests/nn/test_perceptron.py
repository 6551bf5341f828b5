"""Rosenblatt's rule: document 001's table, the convergence theorem; the linear perceptron of document 002."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import nn
from lecture import FINAL, MAILS

# --- Document 001: six mails, η = ½ ----------------------------------------------------------------------------

TABLE = [  # mail, w·v before, w after
    ("v1", 0, (1 / 2, 1 / 2, 0, 1 / 2, 1 / 2)),
    ("v2", 1 / 2, (1 / 2, 1 / 2, -1 / 2, 0, 1 / 2)),
    ("v3", 0, (1 / 2, 1, 0, 0, 1 / 2)),
    ("v4", 1 / 2, (0, 1, 0, -1 / 2, 1 / 2)),
    ("v5", 1 / 2, (0, 1, 0, -1 / 2, 1 / 2)),
    ("v6", -1 / 2, (0, 1, 0, -1 / 2, 1 / 2)),
]


def spam_filter() -> nn.Perceptron:
    return nn.Perceptron(5, bias=False, initialization="zeros")


def test_the_rule_reproduces_document_001_step_by_step() -> None:
    """Every row of the table: the weighted sum before, whether it was a mistake, the weights after."""
    perceptron = spam_filter()
    before = [0.0] * 5
    for mail, weighted_sum, after in TABLE:
        x, y = MAILS[mail]
        assert perceptron.weighted_sum(x).data == weighted_sum
        assert perceptron.learn_one(x, y, rate=0.5) == (tuple(before) != after)
        before = [w.data for w in perceptron.w]
        assert tuple(before) == after
    assert before == FINAL


def test_a_second_pass_over_the_mails_changes_nothing() -> None:
    """Four mistakes, then none: learning is at its end, and every mail is on its side."""
    perceptron = spam_filter()
    X, y = zip(*MAILS.values(), strict=True)
    assert perceptron.learn(X, y, rate=0.5) == [4, 0]
    assert [w.data for w in perceptron.w] == FINAL
    assert [perceptron(x).data for x in X] == list(y)


def test_the_rule_is_exact_in_fractions() -> None:
    """Weights that are fractions stay fractions."""
    perceptron = spam_filter()
    for w in perceptron.w:
        w.data = 0
    for x, y in MAILS.values():
        perceptron.learn_one(x, y, rate=Fraction(1, 2))  # type: ignore[arg-type]
    assert [w.data for w in perceptron.w] == [0, 1, 0, Fraction(-1, 2), Fraction(1, 2)]


# --- The rule in general --------------------------------------------------------------------------------------

POINT = st.tuples(*[st.integers(-20, 20)] * 2)


@given(
    points=st.lists(POINT, min_size=1, max_size=12), line=st.tuples(*[st.integers(-5, 5)] * 3), seed=st.integers(0, 9)
)
def test_separable_data_are_learned_within_novikoffs_bound(points: list[Any], line: Any, seed: int) -> None:
    """Novikoff 1962: from w = 0 no more than (R/γ)² mistakes in all, and the last pass makes none."""
    a, b, c = line
    margins = [a * p + b * q + c for p, q in points]
    assume(all(abs(margin) >= 1 for margin in margins))
    y = [1 if margin > 0 else -1 for margin in margins]
    bound = max(p * p + q * q + 1 for p, q in points) * (a * a + b * b + c * c) / min(abs(m) for m in margins) ** 2
    assume(bound < 500)
    perceptron = nn.Perceptron(2, initialization="zeros")
    mistakes = perceptron.learn(points, y, rate=0.25, epochs=int(bound) + 1, seed=seed)
    assert mistakes[-1] == 0
    assert sum(mistakes) <= bound
    assert [perceptron(point).data for point in points] == y


@given(x=st.lists(st.integers(-5, 5), min_size=3, max_size=3), y=st.sampled_from([-1, 1]), seed=st.integers(0, 99))
def test_a_mistake_moves_w_by_rate_y_x_and_b_by_rate_y(x: list[int], y: int, seed: int) -> None:
    """And a right answer moves nothing."""
    perceptron = nn.Perceptron(3, seed=seed)
    before, was_right = [p.data for p in perceptron.parameters()], perceptron(x).data == y
    assert perceptron.learn_one(x, y, rate=0.25) != was_right
    moved = [0.0 if was_right else 0.25 * y * each for each in [*x, 1]]
    assert [p.data for p in perceptron.parameters()] == [w + d for w, d in zip(before, moved, strict=True)]


def test_the_output_is_minus_one_on_the_line_itself() -> None:
    """Document 001: 1 where f(x) > 0, and −1 where f(x) ≤ 0."""
    perceptron = nn.Perceptron(1, initialization="zeros")
    assert perceptron([0.0]).data == -1
    perceptron.w[0].data = 1.0
    assert [perceptron([x]).data for x in (-2.0, 0.0, 2.0)] == [-1, -1, 1]


def test_data_that_no_line_separates_are_given_up_after_the_epochs() -> None:
    """xor: what one perceptron cannot."""
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
    mistakes = nn.Perceptron(2, initialization="zeros").learn(X, y, epochs=50)
    assert len(mistakes) == 50
    assert 0 not in mistakes


def test_numpy_data_give_plain_numbers() -> None:
    """Weights stay Python's floats, which the engine is fast with."""
    perceptron = nn.Perceptron(2, seed=0)
    perceptron.learn(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1, -1]))
    perceptron.learn_one(np.array([0.0, 9.0]), np.int64(-1))  # type: ignore[arg-type]
    assert {type(p.data) for p in perceptron.parameters()} == {float}


# --- Document 002: the linear perceptron is regression ---------------------------------------------------------


def least_squares(X: Any, y: Any) -> Any:
    """(b, w₁, w₂, …) by linear algebra."""
    return np.linalg.lstsq(np.c_[np.ones(len(X)), X], y, rcond=None)[0]


def perceptrons_solution(X: Any, y: Any) -> Any:
    """(b, w₁, w₂, …) in the units of X, from gradient descent on standardised inputs: document 002's exercise."""
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    perceptron = nn.Perceptron(X.shape[1], "identity", initialization="normal", seed=2)
    Z = (X - mean) / deviation
    nn.fit(perceptron, "squared_error", Z, y, optimizer=nn.SGD(0.4), epochs=80, progress=False)
    w = np.array([weight.data for weight in perceptron.w]) / deviation
    assert perceptron.b is not None
    return np.array([perceptron.b.data - w @ mean, *w])


def test_the_linear_perceptron_finds_known_coefficients() -> None:
    """Generated data t = 3 + 0.05x₁ + 0.2x₂ − 0.001x₃ on the scales of the advertising data, noise included."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0, [300, 50, 110], (200, 3))
    exact = 3 + X @ [0.05, 0.2, -0.001]
    assert perceptrons_solution(X, exact) == pytest.approx([3, 0.05, 0.2, -0.001], rel=1e-9)
    noisy = exact + rng.normal(0, 1.5, 200)
    assert perceptrons_solution(X, noisy) == pytest.approx(least_squares(X, noisy), rel=1e-9)


def test_document_002_reaches_the_least_squares_solution() -> None:
    """TV, radio, newspaper → sales: 2.9389, 0.045765, 0.188530, −0.0010375."""
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "advertising.csv"
    if not path.exists():
        pytest.skip("the advertising data of document 002 are not part of the project, and not beside it")
    data = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1:]
    X, y = data[:, :3], data[:, 3]
    solution = perceptrons_solution(X, y)
    assert solution == pytest.approx(least_squares(X, y), rel=1e-9)
    assert solution == pytest.approx([2.9389, 0.045765, 0.188530, -0.0010375], rel=5e-5)
