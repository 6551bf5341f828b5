"""From the scalar program to a nest: stretches that repeat with a period become loops.

Instructions k and k + p are turns of one another if they do the same to operands of the same kinds, and each operand
that is no constant moves by the same distance from turn to turn: the value of the turn before moves by p, what is fixed
by 0, a row of inputs by its stride. Constants may be any: those that differ become a table. The outermost loops are
found first, and then those in a body, whose operands have to agree on how they move from turn to turn outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from autograd.compiler.nest import TURNS, Do, Loop, Nest, Place
from autograd.compiler.scalar import CONSTANT, NONE, VALUE, Ints, Scalars

_TURNS = 3  # the fewest; two could be anything
_SAVED = 48  # instructions that a loop has to save
_SAVED_INSIDE = 256  # … inside of another, where straight code is quick and its text is short
_CANDIDATES = 12  # periods that are tried, of each kind


def roll(program: Scalars) -> Nest:
    """The program with its loops."""
    rolling = _Rolling(program)
    shared, rows = rolling.part(0, program.shared), rolling.part(program.shared, len(program))
    return Nest(shared, rows, rolling.numbers, len(program))


@dataclass(frozen=True, slots=True)
class _Run:
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


class _Rolling:
    def __init__(self, program: Scalars) -> None:
        self.program = program
        self.numbers: list[float] = program.numbers.tolist()
        self.tables: dict[tuple[int, ...], int] = {}
        fixed = (program.kinds == CONSTANT) | (program.kinds == NONE)
        self.moving = np.where(fixed, 0, program.places)
        self.alike = _numbered(np.column_stack([program.what, program.kinds]))
        self.alive = _alive(program)

    def part(self, start: int, stop: int) -> tuple[Do | Loop, ...]:
        return tuple(self._rolled(start, stop, self.alike[start:stop], ()))

    def _rolled(self, start: int, stop: int, alike: Ints, loops: tuple[_Run, ...]) -> Iterator[Do | Loop]:
        """The instructions from start to stop, in the first turn of the loops around."""
        done = start
        for run in self._runs(start, stop, alike, loops):
            yield from self._straight(done, run.start, loops)
            yield self._loop(run, alike[run.start - start : run.start - start + run.period], loops)
            done = run.stop
        yield from self._straight(done, stop, loops)

    def _loop(self, run: _Run, alike: Ints, loops: tuple[_Run, ...]) -> Loop:
        first, end = run.start, run.start + run.period
        strides = self.moving[end : end + run.period] - self.moving[first:end]
        inside = _numbered(np.column_stack([alike, strides]))
        body = tuple(self._rolled(first, end, inside, (*loops, run)))
        return Loop(first, run.turns, run.period, body)

    def _straight(self, start: int, stop: int, loops: tuple[_Run, ...]) -> Iterator[Do]:
        program = self.program
        for k in range(start, stop):
            operands = [self._place(k, i, kind, loops) for i, (kind, _) in enumerate(program.operands(k))]
            yield Do(k, program.table[program.what[k]], tuple(operands), program.labels.get(k))

    def _place(self, k: int, i: int, kind: int, loops: tuple[_Run, ...]) -> Place:
        places = self.program.places
        if kind == CONSTANT:
            return self._table(k, i, loops)
        strides = [int(places[k + run.period, i] - places[k, i]) for run in loops]
        return Place(kind, int(places[k, i]), tuple(strides))

    def _table(self, k: int, i: int, loops: tuple[_Run, ...]) -> Place:
        """A constant; where it differs from turn to turn, a table over the turns in which it does."""
        at = Place(NONE, k, tuple([run.period for run in loops])).all([run.turns for run in loops])
        places = self.program.places[at, i]
        varies = [bool((places != places.take([0], axis)).any()) for axis in range(places.ndim)]
        kept = places[tuple(slice(None) if each else 0 for each in varies)]
        if not any(varies):
            return Place(CONSTANT, int(kept), (0,) * len(loops))
        base = self.tables.get(key := tuple(kept.ravel().tolist()))
        if base is None:
            base = self.tables[key] = len(self.numbers)
            self.numbers += [self.numbers[each] for each in key]
        strides, step = [0] * len(loops), 1
        for axis in reversed(range(len(loops))):
            if varies[axis]:
                strides[axis] = step
                step *= loops[axis].turns
        return Place(CONSTANT, base, tuple(strides))

    # --- Periods ----------------------------------------------------------------------------------------------

    def _runs(self, start: int, stop: int, alike: Ints, loops: tuple[_Run, ...]) -> list[_Run]:
        """Loops that do not overlap, in order; those that cover most are taken first, of similar ones the shortest."""
        saved = _SAVED_INSIDE if loops else _SAVED
        if stop - start < saved or len(loops) == len(TURNS):
            return []
        found = [run for period in self._periods(start, stop, alike) for run in self._repeats(start, alike, period)]
        found = [run for run in found if run.covered - run.period >= saved]
        free, chosen = np.ones(stop - start, dtype=bool), []
        for run in sorted(found, key=lambda run: (-run.covered, run.period)):
            like = [other for other in found if other.covered >= 0.9 * run.covered and _overlap(other, run)]
            best = self._turned(min(like, key=lambda other: other.period))
            if free[best.start - start : best.stop - start].all():
                free[best.start - start : best.stop - start] = False
                chosen.append(best)
        return sorted(chosen, key=lambda run: run.start)

    def _periods(self, start: int, stop: int, alike: Ints) -> list[int]:
        """Distances at which instructions recur, with and without how far back their operands are, and in pairs."""
        back = np.arange(start, stop)[:, None] - self.moving[start:stop]
        near = (self.program.kinds[start:stop] == VALUE) & (back < stop - start)
        exact = _numbered(np.column_stack([alike, np.where(near, back, 0)]))
        pairs = _numbered(np.column_stack([alike[:-1], alike[1:]]))
        return list(dict.fromkeys([*_gaps(exact), *_gaps(alike), *_gaps(pairs)]))

    def _repeats(self, start: int, alike: Ints, period: int) -> Iterator[_Run]:
        """The stretches in which every instruction is a turn of the one a period later, and of the next."""
        count = len(alike) - 2 * period
        if count < period:
            return
        moving = self.moving[start : start + len(alike)]
        step = moving[period:] - moving[:-period]
        same = alike[period:] == alike[:-period]
        holds = same[:count] & same[period:] & (step[:count] == step[period:]).all(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
        for first, last in edges.reshape(-1, 2).tolist():
            turns, spare = divmod(last - first, period)
            if turns + 2 >= _TURNS:
                yield _Run(start + first, period, turns + 2, spare)

    def _turned(self, run: _Run) -> _Run:
        """The run, its turns begun where the fewest values are carried from one to the next; that may cost one turn."""
        shifts = run.period if run.turns > _TURNS else run.spare + 1
        shift = int(np.argmin(self.alive[run.start : run.start + shifts]))
        return _Run(run.start + shift, run.period, run.turns - (shift > run.spare))


def _alive(program: Scalars) -> Ints:
    """For each instruction, how many values made before it are read by it or later."""
    count = len(program)
    last = np.arange(count)  # the last that reads it
    of_values = program.kinds == VALUE
    np.maximum.at(last, program.places[of_values], np.nonzero(of_values)[0])
    change = np.zeros(count + 1, dtype=np.int64)
    change[1:] += 1
    np.subtract.at(change, last + 1, 1)
    return np.cumsum(change)[:count]


def _overlap(a: _Run, b: _Run) -> bool:
    return a.start < b.stop and b.start < a.stop


def _numbered(rows: Ints) -> Ints:
    """A number for each row, the same for equal rows."""
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def _gaps(alike: Ints) -> list[int]:
    """The distances between an instruction and the next that is alike that cover most."""
    order = np.argsort(alike, kind="stable")
    gaps = np.diff(order)[np.diff(alike[order]) == 0]
    distances, counts = np.unique(gaps, return_counts=True)
    return distances[np.argsort(-counts * distances, kind="stable")][:_CANDIDATES].tolist()
