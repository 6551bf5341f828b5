"""Programs whose inner loops grow or shrink, as they are written for floats: f(p, x) for lists of numbers."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import autograd as ag

Numbers = Sequence[Any]


def tree(p: Numbers, x: Numbers, levels: int = 24) -> Any:
    """A binomial tree, there and back, as of an American option."""
    prices = [p[0]]
    for _ in range(levels):
        prices = [prices[0] * 0.75, *(price * p[1] for price in prices)]
    worth = [ag.maximum(x[0] - price, 0.0) for price in prices]
    for _ in range(levels):
        prices = [price * p[2] for price in prices[:-1]]
        kept = [0.5 * (p[3] * more + (1 - p[3]) * less) for less, more in pairwise(worth)]
        worth = [ag.maximum(x[0] - price, value) for price, value in zip(prices, kept, strict=True)]
    return worth[0]


def substitution(p: Numbers, x: Numbers, size: int = 20) -> Any:
    """A triangular system of equations, solved from the first on."""
    solved: list[Any] = []
    for i in range(size):
        total = x[i]
        for j in range(i):
            total = total - p[size * i + j] * solved[j]
        solved.append(total / p[size * i + i])
    return solved[-1] * solved[size // 2]


def pairs(p: Numbers, x: Numbers, count: int = 12) -> Any:
    """A sum over all pairs of points in the plane."""
    total = 0.0
    for i in range(count):
        for j in range(i):
            right, up = x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]
            total = total + p[0] / (p[1] + right * right + up * up)
    return total


def pairs_after(p: Numbers, x: Numbers, count: int = 20) -> Any:
    """The same, each with those behind it, and a sum for each point."""
    total = 0.0
    for i in range(count):
        of_one = p[2] * x[i]
        for j in range(i + 1, count):
            of_one = of_one + ag.tanh(p[0] * (x[i] - x[j]))
        total = total + of_one * of_one
    return total


def pascal(p: Numbers, x: Numbers, rows: int = 16) -> Any:
    """Pascal's triangle with a number for each side; the sum of its last row."""
    row = [p[0]]
    for _ in range(rows):
        row = [row[0] * p[1], *(left * p[1] + right * p[2] for left, right in pairwise(row)), row[-1] * p[2]]
    return ag.sum(row)


def intervals(p: Numbers, x: Numbers, size: int = 14) -> Any:
    """Dynamic programming over intervals, the short ones first."""
    best = {(i, i): x[i] for i in range(size)}
    for length in range(1, size):
        for i in range(size - length):
            one, other = best[i + 1, i + length], best[i, i + length - 1]
            best[i, i + length] = ag.minimum(one + p[0], other * p[1]) + p[2]
    return best[0, size - 1]


def differences(p: Numbers, x: Numbers, size: int = 24) -> Any:
    """Newton's divided differences of points, and his polynomial at a parameter."""
    row, coefficients = list(x[:size]), [x[0]]
    for order in range(1, size):
        row = [(right - left) * (p[1] / order) for left, right in pairwise(row)]
        coefficients.append(row[0])
    value = coefficients[-1]
    for k in range(size - 2, -1, -1):
        value = value * (p[0] - 0.25 * k) + coefficients[k]
    return value


def polynomials(p: Numbers, x: Numbers, degree: int = 20) -> Any:
    """The squares of polynomials of every degree, each by Horner's scheme."""
    total = 0.0
    for last in range(1, degree):
        value = p[last]
        for k in range(last):
            value = value * (0.5 + 0.125 * k) + p[20 + k]
        total = total + value * value
    return total


def bodies(p: Numbers, x: Numbers, count: int = 12, steps: int = 8) -> Any:
    """Bodies on a line that draw each other, pair by pair, step after step."""
    places, speeds = list(x[:count]), [0.01 * k for k in range(count)]
    for _ in range(steps):
        pulls = [p[2] * place for place in places]
        for i in range(count):
            for j in range(i):
                apart = places[i] - places[j]
                pull = p[0] * apart / (p[1] + apart * apart)
                pulls[i] = pulls[i] - pull
                pulls[j] = pulls[j] + pull
        speeds = [speed + 0.01 * pull for speed, pull in zip(speeds, pulls, strict=True)]
        places = [place + 0.01 * speed for place, speed in zip(places, speeds, strict=True)]
    return ag.sum(places)


TRIANGLES: dict[Callable[..., Any], int] = {
    tree: 120, substitution: 12, pairs: 45, pairs_after: 60, pascal: 40, intervals: 60, differences: 190,
    polynomials: 20, bodies: 270,
}  # fmt: skip
"""Each with the most statements that it should be rolled to."""
