"""What must be learned: micrograd's moons with only the imports changed, and xor from every seed."""

import random
from typing import Any

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest

import nn
from autograd import Value


def moons(n: int, seed: int = 1337) -> tuple[Any, Any]:
    """Two interleaving half circles with noise 0.1, as scikit-learn's make_moons; labels −1 and 1."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, np.pi, n // 2)
    upper, lower = np.c_[np.cos(angle), np.sin(angle)], np.c_[1 - np.cos(angle), 0.5 - np.sin(angle)]
    y = np.repeat([-1, 1], n // 2)
    return np.r_[upper, lower] + rng.normal(0, 0.1, (n, 2)), y


def notebook(value: Any, model: Any, X: Any, y: Any, steps: int) -> float:
    """The training of micrograd's demo.ipynb, its lines as they are; the accuracy of the last step."""
    accuracy = 0.0
    for k in range(steps):
        # forward
        inputs = [list(map(value, xrow)) for xrow in X]
        scores = list(map(model, inputs))
        # svm "max-margin" loss
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss: Any = sum(losses) * (1.0 / len(losses))
        # L2 regularization
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        # also get accuracy
        accurate = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        accuracy = sum(accurate) / len(accurate)
        # backward
        model.zero_grad()
        total_loss.backward()
        # update (sgd)
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    return accuracy


def test_micrograds_notebook_runs_and_learns_with_only_its_imports_changed() -> None:
    """60 moons, 40 steps: 9 of 10 on their side at least. (The whole of it: benchmarks/moons.py.)"""
    X, y = moons(60)
    assert notebook(Value, nn.MLP(2, [16, 16, 1], seed=1), X, y, 40) >= 0.9


def test_the_notebook_gives_micrograds_numbers() -> None:
    """From the same weights: the same parameters after three steps, to 1e-12."""
    random.seed(1337)
    theirs, ours = micrograd.nn.MLP(2, [4, 4, 1]), nn.MLP(2, [4, 4, 1])
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        p.data = float(q.data)
    X, y = moons(20)
    assert notebook(Value, ours, X, y, 3) == notebook(micrograd.engine.Value, theirs, X, y, 3)
    reached = [q.data for q in theirs.parameters()]
    assert [p.data for p in ours.parameters()] == pytest.approx(reached, rel=1e-12, abs=1e-13)


def test_fit_does_what_the_notebook_does() -> None:
    """Hinge loss, l2 = 1e-4, a rate from 1 to 0.1: one call for the loop, the same parameters to 1e-10."""
    X, y = moons(30)
    by_loop, by_fit = nn.MLP(2, [4, 1], seed=1), nn.MLP(2, [4, 1], seed=1)
    notebook(Value, by_loop, X, y, 10)
    optimizer = nn.SGD(nn.LinearSchedule(1.0, 0.1, steps=100))
    nn.fit(by_fit, "hinge_loss", X, y, optimizer=optimizer, epochs=10, l2=1e-4, progress=False)
    assert list(by_fit.state().values()) == pytest.approx(list(by_loop.state().values()), rel=1e-10, abs=1e-12)


def solves_xor(seed: int) -> bool:
    X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
    model = nn.MLP(2, [4, 1], activation="tanh", seed=seed)
    nn.fit(model, "squared_error", X, y, optimizer=nn.Adam(0.1), epochs=150, progress=False)
    return all((model(x).data > 0) == (target > 0) for x, target in zip(X, y, strict=True))


def test_xor_is_solved_from_20_of_20_seeds() -> None:
    """MLP(2, [4, 1]) with tanh, squared error on −1 and 1, Adam(0.1), 150 epochs."""
    assert [seed for seed in range(20) if not solves_xor(seed)] == []
