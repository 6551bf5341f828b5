"""Stretches of a scalar program that repeat with a period.

Instructions k and k + p are turns of one another if they do the same to operands of the same kinds, and each operand
that is no constant moves by the same distance from turn to turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.scalar import CONSTANT, NONE, VALUE, Ints, Scalars

TURNS = 3  # the fewest; two could be anything
_CANDIDATES = 12  # periods that are tried, of each kind …
_OFTEN = 1 / 256  # … and all others at which so many instructions recur: a Hessian has two loops for each argument


@dataclass(frozen=True, slots=True)
class Run:
    """Instructions from `start` on that repeat."""

    start: int
    period: int
    turns: int
    spare: int = 0  # instructions behind the last turn that go on in the same way

    @property
    def covered(self) -> int:
        return self.period * self.turns

    @property
    def stop(self) -> int:
        return self.start + self.covered


class Periods:
    """What repeats in a program.

    Attributes:
        alike: a number for each instruction, the same for those that do the same to operands of the same kinds.
        moving: the places of operands, 0 for those that need not move evenly.
        last: for each instruction, the last that reads its value; itself, if none does.
        alive: for each instruction, how many values made before it are read by it or later.
    """

    def __init__(self, program: Scalars) -> None:
        self.program = program
        fixed = (program.kinds == CONSTANT) | (program.kinds == NONE)
        self.moving = np.asfortranarray(np.where(fixed, 0, program.places))  # which is read column by column
        self.alike = numbered(np.column_stack([program.what, program.kinds]))
        self.last = _last(program)
        self.alive = _alive(self.last)

    def candidates(self, start: int, stop: int, alike: Ints) -> list[int]:
        """Distances at which instructions recur: the most frequent, with and without how far their operands are."""
        back = np.arange(start, stop)[:, None] - self.moving[start:stop]
        near = (self.program.kinds[start:stop] == VALUE) & (back < stop - start)
        exact = numbered(np.column_stack([alike, np.where(near, back, 0)]))
        pairs = numbered(np.column_stack([alike[:-1], alike[1:]]))
        return list(dict.fromkeys([*gaps(exact), *gaps(alike), *gaps(pairs)]))

    def repeats(self, start: int, alike: Ints, periods: Iterable[int], evenly: bool = True, saved: int = 0) -> Ints:
        """The stretches in which every instruction is a turn of the one a period later, and of the next.

        Args:
            start: the instruction that `alike` begins with.
            evenly: operands move by the same distance from turn to turn.
            saved: how many instructions a loop has to save.

        Returns:
            What a `Run` is made of, in rows.
        """
        found = [np.empty((0, 4), dtype=np.int64)]
        for period in periods:
            shortest = period * max(TURNS - 2, -(-saved // period) - 1)
            first, last = stretches(self._holds(start, alike, period, evenly), shortest).T
            turns, spare = np.divmod(last - first, period)
            found.append(np.column_stack([start + first, np.full_like(first, period), turns + 2, spare]))
        return np.concatenate(found)

    def _holds(self, start: int, alike: Ints, period: int, evenly: bool) -> NDArray[np.bool_]:
        """Where an instruction, the one a period later and the next are turns of one another."""
        count = max(0, len(alike) - 2 * period)
        same = alike[period:] == alike[:-period]
        holds = same[:count] & same[len(same) - count :]
        for column in self.moving[start : start + len(alike)].T if evenly and holds.any() else ():
            step = column[period:] - column[:-period]
            holds &= step[:count] == step[period:]
        return holds

    def turned(self, run: Run) -> Run:
        """The run, its turns begun where the fewest values are carried from one to the next; that may cost one turn."""
        shifts = run.period if run.turns > TURNS else run.spare + 1
        shift = int(np.argmin(self.alive[run.start : run.start + shifts]))
        return Run(run.start + shift, run.period, run.turns - (shift > run.spare))

    def inside(self, run: Run, alike: Ints) -> Ints:
        """`alike` of the first turn of a run, the same for those only that move alike from turn to turn."""
        first, end = run.start, run.start + run.period
        strides = self.moving[end : end + run.period] - self.moving[first:end]
        return numbered(np.column_stack([alike, strides]))


def _last(program: Scalars) -> Ints:
    last = np.arange(len(program))
    of_values = program.kinds == VALUE
    np.maximum.at(last, program.places[of_values], np.nonzero(of_values)[0])
    return last


def _alive(last: Ints) -> Ints:
    change = np.zeros(len(last) + 1, dtype=np.int64)
    change[1:] += 1
    np.subtract.at(change, last + 1, 1)
    return np.cumsum(change)[: len(last)]


def stretches(holds: np.ndarray, shortest: int = 1) -> Ints:
    """Where what holds for so long begins and where it ends, in pairs."""
    ends = np.flatnonzero(np.diff(np.concatenate([[0], holds.astype(np.int8), [0]]))).reshape(-1, 2)
    return ends[ends[:, 1] - ends[:, 0] >= shortest]


def numbered(rows: Ints) -> Ints:
    """A number for each row, the same for equal rows."""
    number, most = np.zeros(len(rows), dtype=np.int64), 1
    for column in rows.T if len(rows) else ():
        low, high = int(column.min()), int(column.max())
        if most * (high - low + 1) >= 2**62:
            number, most = _ranks(number, most), len(rows)
        number, most = number * (high - low + 1) + (column - low), most * (high - low + 1)
    return _ranks(number, most)


def _ranks(numbers: Ints, most: int) -> Ints:
    """The place of each number among those that there are, from 0 to below `most`."""
    if most > 4 * len(numbers):
        return np.unique(numbers, return_inverse=True)[1]
    there = np.zeros(most, dtype=np.int64)
    there[numbers] = 1
    return (np.cumsum(there) - 1)[numbers]


def gaps(alike: Ints) -> list[int]:
    """The distances from an instruction to the next alike: those that cover most, and those that are frequent."""
    few = alike.astype(np.min_scalar_type(int(alike.max(initial=0))))  # the smaller they are, the quicker to sort
    order = np.argsort(few, kind="stable")
    counts = np.bincount(np.diff(order)[np.diff(alike[order]) == 0])
    distances = np.flatnonzero(counts)
    ranked = distances[np.argsort(-counts[distances] * distances, kind="stable")]
    tried = counts[ranked] >= _OFTEN * len(alike)
    tried[:_CANDIDATES] = True
    return ranked[tried].tolist()
