"""What the tests of compiled programs share: the reverse sweep row by row, and a program compared with it."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Program, Value, compile

ROWS = [1, 2, 7, 64]


def close(found: Any, wanted: Any, relative: float = 1e-12) -> None:
    """To so many digits of the largest number of the array."""
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert found.shape == wanted.shape
    scale = np.abs(wanted).max(initial=0.0)
    assert np.abs(found - wanted).max(initial=0.0) <= relative * scale


def swept(f: Callable[..., Value], wrt: Sequence[Value], *batch: Any) -> tuple[list[float], np.ndarray]:
    """The loss of each row and the mean gradient, from the graph of each row."""
    losses, gradient = [], np.zeros(len(wrt))
    for row in zip(*(np.asarray(each).tolist() for each in batch), strict=True):
        for value in wrt:
            value.grad = 0
        loss = f(*row)
        loss.backward()
        losses.append(float(loss.data))
        gradient += [value.grad for value in wrt]
    return losses, gradient / len(losses)


def agrees(f: Callable[..., Value], wrt: Sequence[Value], *batch: Any, **options: Any) -> Program:
    """A program of f gives what the graphs of the rows give: f of each row, mean loss and gradient."""
    relative = 1e-5 if options.get("dtype") == "float32" else 1e-12
    losses, gradient = swept(f, wrt, *batch)
    program = compile(f, *[np.asarray(each)[0].tolist() for each in batch], wrt=wrt, **options)
    close(program(*batch), losses, relative)
    loss, found = program.value_and_grad(*batch)
    close(loss, np.mean(losses), relative)
    close(found, gradient, relative)
    return program


def line_of(f: Callable[..., Any], mark: str) -> str:
    """File and line of the line of f that has the mark, as messages name them."""
    lines, first = inspect.getsourcelines(f)
    return f"{inspect.getsourcefile(f)}, line {first + next(k for k, text in enumerate(lines) if mark in text)}: "


def targets(loss: str, rng: np.random.Generator, rows: int, outputs: int) -> np.ndarray:
    if loss in ("hinge_loss", "perceptron_loss"):
        return rng.choice([-1.0, 1.0], (rows, outputs))
    if loss == "binary_cross_entropy":
        return rng.choice([0.0, 1.0], (rows, outputs))
    if loss == "softmax_cross_entropy":
        return np.eye(outputs)[rng.integers(outputs, size=rows)]
    return rng.normal(size=(rows, outputs))
