"""Loops around loops that grow or shrink: their turns, and the numbers of their instructions, with gaps and without."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.scalar import Ints

Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a turn: `period` instructions, `first + grows · t` times in turn t; 0 times only in peeled turns."""

    period: int
    first: int
    grows: int

    @property
    def once(self) -> bool:
        return self.first == 1 and not self.grows

    def counts(self, turns: int) -> Ints:
        return self.first + self.grows * np.arange(turns)


@dataclass(frozen=True, slots=True)
class Triangle:
    """A loop whose turns are pieces.

    Attributes:
        start: its first instruction.
        peeled: the first so many turns have the numbers that turns have, but are none of the loop.
    """

    start: int
    turns: int
    pieces: tuple[Piece, ...]
    peeled: int = 0

    @property
    def span(self) -> int:
        """Numbers of a turn, gaps included."""
        return int(self.lengths().max())

    @property
    def stop(self) -> int:
        """The number behind the last turn, gaps included."""
        return self.start + self.span * self.turns

    def lengths(self) -> Ints:
        """The instructions of each turn."""
        return self._sizes().sum(axis=0)

    def fewest(self) -> Ints:
        """In each turn, how often the piece is done that is done the least."""
        return np.array([piece.counts(self.turns) for piece in self.pieces]).min(axis=0)

    def _sizes(self) -> Ints:
        return np.array([piece.period * piece.counts(self.turns) for piece in self.pieces])

    def places(self, gapped: bool) -> list[Ints]:
        """Of each piece, where it begins, by turn and how often it was done; a row is as long as the longest."""
        sizes, lengths = self._sizes(), self.lengths()
        turns = self.span * np.arange(self.turns) if gapped else np.cumsum(lengths) - lengths
        begins = self.start + turns + np.cumsum(sizes, axis=0) - sizes
        return [
            begin[:, None] + piece.period * np.arange(piece.counts(self.turns).max())
            for piece, begin in zip(self.pieces, begins, strict=True)
        ]

    def exist(self) -> list[Truths]:
        """Of each piece, whether a turn does it so often."""
        counts = [piece.counts(self.turns)[:, None] for piece in self.pieces]
        return [np.arange(each.max()) < each for each in counts]

    def numbers(self, count: int) -> Ints:
        """For each instruction of a program of `count`, and for its end, the number it gets."""
        lengths = self.lengths()
        ends = np.cumsum(lengths)
        moved = self.span * np.arange(self.turns) - ends + lengths
        new = np.arange(count + 1)
        new[self.start : self.start + ends[-1]] += np.repeat(moved, lengths)
        new[self.start + ends[-1] :] += self.span * self.turns - ends[-1]
        return new

    def part(self, low: int, high: int) -> "Triangle":
        """Some of its turns."""
        pieces = tuple([replace(each, first=each.first + each.grows * low) for each in self.pieces])
        return Triangle(self.start + int(self.lengths()[:low].sum()), high - low, pieces)
