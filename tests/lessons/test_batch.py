"""A batch at a time: the slides' two classes, the shapes that flow, and the engine's numbers."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.languages import LANGUAGES
from demos import batch


def test_the_loss_takes_neither_sum_nor_mean_backward() -> None:
    """The mean of (y − t)² forward; 2(y − t), one for each sample, backward."""
    loss = batch.MeanSquaredError()
    assert loss.forward(np.array([[1.0], [4.0]]), np.array([[0.0], [2.0]])) == 2.5
    assert loss.backward().tolist() == [[2.0], [4.0]]


def test_a_perceptron_sums_over_the_batch() -> None:
    """Shapes (k, n), (n, 1), (k, 1); what goes back to x is g wᵀ, with the w of the forward pass."""
    x, g, w = np.arange(6.0).reshape(3, 2), np.array([[1.0], [-1.0], [2.0]]), np.array([[2.0], [-3.0]])
    perceptron = batch.Perceptron(w, np.array([0.5]), lr=0.1)
    assert perceptron.forward(x).tolist() == (x @ w + 0.5).tolist()
    assert perceptron.backward(g).tolist() == (g @ w.T).tolist()
    assert perceptron.g_w.tolist() == [[6.0], [8.0]]
    assert perceptron.g_b.tolist() == [2.0]
    assert perceptron.w.tolist() == (w - 0.1 * perceptron.g_w).tolist()


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 10**6))
def test_any_batch_by_hand_equals_the_engine(k: int, n: int, seed: int) -> None:
    """All that flows forward and backward, to 1e-12 of the largest, and in the same shapes."""
    rng = np.random.default_rng(seed)
    given_ = rng.normal(size=(k, n)), rng.normal(size=(n, 1)), rng.normal(size=1), rng.normal(size=(k, 1))
    one, other = batch.by_hand(*given_), batch.by_engine(*given_)
    assert [np.shape(each) for each in one] == [np.shape(each) for each in other]
    assert batch.difference(one, other) < 1e-12 * max(1, *(float(np.abs(each).max()) for each in one))


def test_what_returns_has_the_shape_of_what_came() -> None:
    """(k, n), (n, 1), (1) and (k, 1), for x, w, b and y."""
    small = batch.by_hand(batch.X, batch.W, batch.B, batch.T)
    shapes = [small.g_x.shape, small.g_w.shape, small.g_b.shape, small.g_y.shape]
    assert shapes == [batch.X.shape, batch.W.shape, batch.B.shape, small.y.shape] == [(3, 2), (2, 1), (1,), (3, 1)]


def test_the_small_batch_by_pencil() -> None:
    """y = (1, 0, 6), y − t = (−1, −2, 2), E = 3; xᵀg = (10, −4), Σg = −2."""
    numbers = batch.numbers()
    assert [numbers[name] for name in ("E", "∂E/∂w₁", "∂E/∂w₂", "∂E/∂b")] == [3, 10, -4, -2]
    assert numbers["batch: difference"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_slides_loop_is_the_engines(seed: int) -> None:
    """Over 50 steps to 1e-12; and the loss falls."""
    numbers = batch.numbers(seed)
    assert numbers["loop: difference"] < 1e-12
    assert numbers["last loss"] < 0.2 * numbers["first loss"]
    losses, twins, _ = batch.train(seed)
    assert losses == pytest.approx(twins, rel=1e-12)


def drawn(dot: str) -> dict[str, str]:
    """The texts at each arrow of a graph."""
    nodes = re.findall(r'^\t"on (\w+)" \[label=(.*?) class=value', dot, re.MULTILINE)
    return {name: " | ".join(re.sub("<[^>]*>", "\n", label).split("\n")) for name, label in nodes}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_graph_of_a_batch_has_its_shapes_and_its_numbers(language: str) -> None:
    """At every arrow: above, what the classes give forward; below, what they give back."""
    shapes, flowing = drawn(batch.shapes(language).dot), drawn(batch.flowing(language).dot)
    small = batch.by_hand(batch.X, batch.W, batch.B, batch.T)
    symbols = {"(3, 2)": "(k, n)", "(2, 1)": "(n, 1)", "(3, 1)": "(k, 1)", "(1)": "(1)", "(1,)": "(1)"}
    forward = {"x": batch.X, "w": batch.W, "b": batch.B, "t": batch.T, "xw": small.xw, "y": small.y}
    forward |= {"diff": small.diff, "squares": small.squares}
    backward = {"x": small.g_x, "w": small.g_w, "b": small.g_b, "y": small.g_y, "xw": small.g_y, "diff": small.g_y}
    for name, array in forward.items():
        assert symbols[batch.shape(array)] in shapes[name]
        assert batch.written(array) in flowing[name]
    for name, array in backward.items():
        assert shapes[name].count(symbols[batch.shape(array)]) == 2
        assert batch.written(array) in flowing[name]
    assert batch.written(small.g_w) == "[10; −4]"


def test_one_sample_has_the_gradients_of_its_row() -> None:
    """g = 2(y − t) of the first sample, times its x for w, times w for x."""
    error, (w1, w2, b) = batch.perceptron_graph()
    small = batch.by_hand(batch.X[:1], batch.W, batch.B, batch.T[:1])
    assert error.data == small.E
    assert [w1.grad, w2.grad, b.grad] == [*small.g_w[:, 0], *small.g_b]
