"""The lecture's graphs and programs, for the tests."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Value


def price(language: str = "ja") -> Value:
    """The graph of document 002, with gradients."""
    names = {"ja": ("単価", "個数", "消費税", "価格"), "en": ("unit price", "quantity", "tax", "price")}[language]
    y = Value(100, names[0]) * Value(2, names[1]) * Value(1.1, names[2])
    y.label = names[3]
    y.backward()
    return y


def fan_out() -> Value:
    """x × x + x at 3, where three gradients add up to 7; before backward."""
    x = Value(3, "x")
    y = x * x + x
    y.label = "y"
    return y


def the_lectures_gradient(f: Callable[[Any], Any], x: Any) -> Any:
    """`numerical_gradient` as the lecture on gradient descent writes it."""
    h = 1e-4
    grad = np.zeros_like(x)
    for index in range(x.size):
        tmp = x[index]
        x[index] = tmp + h
        fx_plus_h = f(x)
        x[index] = tmp - h
        fx_minus_h = f(x)
        grad[index] = (fx_plus_h - fx_minus_h) / (2 * h)
        x[index] = tmp
    return grad


# --- Document 001: six mails, η = ½ ----------------------------------------------------------------------------

MAILS = {  # and, viagra, the, of, nigeria; +1 is spam
    "v1": ([1, 1, 0, 1, 1], +1),
    "v2": ([0, 0, 1, 1, 0], -1),
    "v3": ([0, 1, 1, 0, 0], +1),
    "v4": ([1, 0, 0, 1, 0], -1),
    "v5": ([1, 0, 1, 0, 1], +1),
    "v6": ([1, 0, 1, 1, 0], -1),
}
FINAL = [0, 1, 0, -1 / 2, 1 / 2]
"""What the perceptron knows after one pass over them."""
