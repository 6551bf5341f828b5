"""Where the lines of a picture run: which share a stretch, and which dots and circles are too near to each other."""

import math
import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import Picture
from autograd.render.dot.graphviz import lay_out

STEP = 1.0  # points between two places that are looked at on a line
NEAR = 2.0  # points from the middle of one line to that of another, each 2 wide: they touch
APART = 12.0  # points from a common end; up to there lines that begin or end together may run together


class Box(NamedTuple):
    """In points, from the middle."""

    x: float
    y: float
    wide: float
    high: float


class Line(NamedTuple):
    """From a box to another; `points` is (n, 2)."""

    tail: str
    head: str
    points: NDArray[np.float64]


class Geometry:
    """Where Graphviz puts everything in a picture."""

    def __init__(self, picture: Picture) -> None:
        self.boxes: dict[str, Box] = {}
        self.lines: list[Line] = []
        self.roles = _roles(picture.dot)
        for line in lay_out(picture.dot, "plain").decode().replace("\\\n", "").splitlines():
            kind, *words = line.split()
            if kind == "node":
                self.boxes[words[0]] = Box(*(72 * float(word) for word in words[1:5]))
            elif kind == "edge":
                self._add_line(words)

    def _add_line(self, words: list[str]) -> None:
        tail, head, count, *rest = words
        controls = 72 * np.array(rest[: 2 * int(count)], dtype=float).reshape(-1, 2)
        if "invis" not in rest[-2:]:
            self.lines.append(Line(tail.strip('"'), head.strip('"'), _along(controls)))

    def shared(self) -> Iterator[tuple[Line, Line, float, NDArray[np.float64]]]:
        """Two lines that run on each other, for how long, and where."""
        for one, other in combinations(self.lines, 2):
            stretch = _shared(one.points, other.points)
            ends = [one.points[0], one.points[-1], other.points[0], other.points[-1]]
            common = [a for a, b in combinations(ends, 2) if np.linalg.norm(a - b) < 6]
            for end in common:
                stretch = stretch[np.linalg.norm(stretch - end, axis=1) > APART] if len(stretch) else stretch
            if len(stretch) * STEP >= 6:
                yield one, other, len(stretch) * STEP, stretch[len(stretch) // 2]

    def crowded(self, role: str, others: str, least: float) -> Iterator[tuple[str, str, float]]:
        """Boxes of a role that are nearer than `least` to one of another role."""
        for a in self.boxes:
            for b in self.boxes:
                if self.roles.get(a, "").startswith(role) and self.roles.get(b, "").startswith(others) and a != b:
                    gap = _gap(self.boxes[a], self.boxes[b])
                    if gap < least:
                        yield a, b, gap

    def struck(self, role: str, margin: float = 1.0) -> Iterator[tuple[str, Line]]:
        """Boxes of a role that a line runs through which neither begins nor ends there."""
        for name, box in self.boxes.items():
            if not self.roles.get(name, "").startswith(role):
                continue
            for line in self.lines:
                if name in (line.tail, line.head):
                    continue
                inside = (np.abs(line.points - (box.x, box.y)) < np.array([box.wide, box.high]) / 2 + margin).all(1)
                if inside.any():
                    yield name, line


def _roles(dot: str) -> dict[str, str]:
    found = re.findall(r'^\t+(\w+) \[label=.*? class="?([\w ]+)"?', dot, re.MULTILINE | re.DOTALL)
    return dict(found)


def _gap(a: Box, b: Box) -> float:
    """Between two boxes; 0 where they overlap."""
    aside = max(abs(a.x - b.x) - (a.wide + b.wide) / 2, 0)
    above = max(abs(a.y - b.y) - (a.high + b.high) / 2, 0)
    return math.hypot(aside, above)


def _along(controls: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places on Bézier curves, evenly spaced."""
    t = np.linspace(0, 1, 60)[:, None]
    pieces = []
    for k in range(0, len(controls) - 1, 3):
        p, q, r, s = controls[k : k + 4]
        pieces.append((1 - t) ** 3 * p + 3 * t * (1 - t) ** 2 * q + 3 * t**2 * (1 - t) * r + t**3 * s)
    path = np.concatenate(pieces)
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    places = np.arange(0, far[-1], STEP)
    return np.column_stack([np.interp(places, far, path[:, 0]), np.interp(places, far, path[:, 1])])


def _shared(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places of one line that lie on the other, where both go in nearly the same direction."""
    if len(one) < 3 or len(other) < 3:
        return np.empty((0, 2))
    if (one.max(0) + NEAR < other.min(0)).any() or (other.max(0) + NEAR < one.min(0)).any():
        return np.empty((0, 2))
    distances = np.linalg.norm(one[:, None] - other[None], axis=2)
    nearest = distances.argmin(1)
    a, b = np.gradient(one, axis=0), np.gradient(other, axis=0)[nearest]
    cosine = np.abs((a * b).sum(1)) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) + 1e-12)
    return one[(distances.min(1) < NEAR) & (cosine > 0.96)]
