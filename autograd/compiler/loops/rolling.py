"""From the scalar program to a nest: stretches that repeat with a period become loops.

Instructions k and k + p are turns of one another if they do the same to operands of the same kinds, and each operand
that is no constant moves by the same distance from turn to turn: the value of the turn before moves by p, what is fixed
by 0, a row of inputs by its stride. Constants may be any: those that differ become a table. The outermost loops are
found first, and then those in a body, whose operands have to agree on how they move from turn to turn outside. Loops
whose inner loops grow or shrink are found before all others (ragged.py), since they change the numbers of what follows.
"""

from collections.abc import Iterator

import numpy as np

from autograd.compiler.loops.nest import TURNS, Do, Loop, Nest, Place, affine
from autograd.compiler.loops.periods import Periods, Run, stretches
from autograd.compiler.loops.ragged import Fixed, triangles
from autograd.compiler.loops.triangle import Triangle
from autograd.compiler.scalar import CONSTANT, NONE, Ints, Scalars

_SAVED = 48  # instructions that a loop has to save
_SAVED_INSIDE = 256  # … inside of another, where straight code is quick and its text is short


def roll(program: Scalars) -> Nest:
    """The program with its loops."""
    program, found = triangles(program)
    rolling = _Rolling(program, found)
    shared, rows = rolling.part(0, program.shared), rolling.part(program.shared, len(program))
    return Nest(shared, rows, rolling.numbers, len(program), program.inputs, program.parameters)


class _Rolling:
    def __init__(self, program: Scalars, fixed: list[Fixed]) -> None:
        self.program, self.fixed = program, sorted(fixed, key=lambda loop: (loop.start, -loop.stop))
        self.numbers: list[float] = program.numbers.tolist()
        self.tables: dict[tuple[int, ...], int] = {}
        self.periods = Periods(program)

    def part(self, start: int, stop: int) -> tuple[Do | Loop, ...]:
        return tuple(self._rolled(start, stop, self.periods.alike[start:stop], ()))

    def _rolled(self, start: int, stop: int, alike: Ints, loops: tuple[Run, ...]) -> Iterator[Do | Loop]:
        """The instructions from start to stop, in the first turn of the loops around."""
        done = start
        for each in self.fixed:
            if done <= each.start and each.stop <= stop:
                loop = self._fixed(each, alike[each.start - start :], loops)
                if loop is not None:
                    for end in (each.start, loop.at):
                        yield from self._between(done, end, alike[done - start :], loops)
                        done = end
                    yield loop
                    done = each.stop
        yield from self._between(done, stop, alike[done - start :], loops)

    def _fixed(self, loop: Fixed, alike: Ints, loops: tuple[Run, ...]) -> Loop | None:
        if isinstance(loop, Triangle):
            return self._triangle(loop, loops)
        return self._loop(loop, alike[: loop.period], loops)

    def _between(self, start: int, stop: int, alike: Ints, loops: tuple[Run, ...]) -> Iterator[Do | Loop]:
        """From gap to gap."""
        for first, last in stretches(self.program.what[start:stop] >= 0).tolist():
            yield from self._free(start + first, start + last, alike[first:last], loops)

    def _triangle(self, triangle: Triangle, loops: tuple[Run, ...]) -> Loop | None:
        """A loop around loops that grow or shrink; None if a place is not affine in the turns."""
        body: list[Do | Loop | None] = []
        first, outer = triangle.peeled, (0,) * len(loops)
        around = Place(NONE, 0, tuple([run.period for run in loops])).all([run.turns for run in loops])
        for piece, at, exist in zip(triangle.pieces, triangle.places(gapped=True), triangle.exist(), strict=True):
            at, exist = at[first:], exist[first:]
            slide = int(at[1, 0] - at[0, 0]) - triangle.span
            if piece.once:
                body += [self._do(around[..., None] + at[:, 0] + k, exist[:, 0], slide) for k in range(piece.period)]
            else:
                counts = piece.counts(triangle.turns)[first:]
                turns = Place(NONE, int(counts[0]), (*outer, piece.grows)) if piece.grows else None
                inner = [self._do(around[..., None, None] + at + k, exist) for k in range(piece.period)]
                done = tuple([do for do in inner if do])
                body += [None] * (len(inner) - len(done))
                body.append(Loop(int(at[0, 0]), int(counts.max()), piece.period, done, turns, slide))
        if None in body:
            return None
        each = tuple([each for each in body if each])
        return Loop(triangle.start + first * triangle.span, triangle.turns - first, triangle.span, each)

    def _do(self, at: Ints, exist: np.ndarray, slide: int = 0) -> Do | None:
        """The instruction that is at these places in its turns; None if those of an operand are not affine in them."""
        program, k = self.program, int(at.flat[0])
        exist = np.broadcast_to(exist, at.shape)
        operands = []
        for i, (kind, _) in enumerate(program.operands(k)):
            places = program.places[np.where(exist, at, k), i]
            place = self._table(places, exist) if kind == CONSTANT else affine(kind, places, exist)
            if place is None:
                return None
            operands.append(place)
        return Do(k, program.table[program.what[k]], tuple(operands), program.labels.get(k), slide)

    def _free(self, start: int, stop: int, alike: Ints, loops: tuple[Run, ...]) -> Iterator[Do | Loop]:
        """Where no loop is fixed, those that save most."""
        done = start
        for run in self._runs(start, stop, alike, loops):
            yield from self._straight(done, run.start, loops)
            yield self._loop(run, alike[run.start - start : run.start - start + run.period], loops)
            done = run.stop
        yield from self._straight(done, stop, loops)

    def _loop(self, run: Run, alike: Ints, loops: tuple[Run, ...]) -> Loop:
        inside = self.periods.inside(run, alike)
        body = tuple(self._rolled(run.start, run.start + run.period, inside, (*loops, run)))
        return Loop(run.start, run.turns, run.period, body)

    def _straight(self, start: int, stop: int, loops: tuple[Run, ...]) -> Iterator[Do]:
        program, places = self.program, self.program.places
        strides = np.zeros((stop - start, places.shape[1], len(loops)), dtype=np.int64)
        for depth, run in enumerate(loops):
            strides[..., depth] = places[start + run.period : stop + run.period] - places[start:stop]
        lists = (x.tolist() for x in (program.what[start:stop], program.kinds[start:stop], places[start:stop], strides))
        for k, (what, *operands) in enumerate(zip(*lists, strict=True), start):
            found = [
                self._constant(k, i, loops) if kind == CONSTANT else Place(kind, base, tuple(moves))
                for i, (kind, base, moves) in enumerate(zip(*operands, strict=True))
                if kind != NONE
            ]
            yield Do(k, program.table[what], tuple(found), program.labels.get(k))

    def _constant(self, k: int, i: int, loops: tuple[Run, ...]) -> Place:
        at = Place(NONE, k, tuple([run.period for run in loops])).all([run.turns for run in loops])
        return self._table(self.program.places[at, i], np.ones(at.shape, dtype=bool))

    def _table(self, places: Ints, exist: np.ndarray) -> Place:
        """A constant in its turns; where it differs from turn to turn, a table over the turns in which it does."""
        varies = []
        for axis in range(places.ndim):
            there = np.moveaxis(exist, axis, 0)
            steps = np.moveaxis(np.diff(places, axis=axis), axis, 0)
            varies.append(bool((steps[there[1:] & there[:-1]] != 0).any()))
        if not any(varies):
            return Place(CONSTANT, int(places.flat[0]), (0,) * places.ndim)
        kept = _projected(places, exist, varies)
        base = self.tables.get(key := tuple(kept.ravel().tolist()))
        if base is None:
            base = self.tables[key] = len(self.numbers)
            self.numbers += [self.numbers[each] for each in key]
        strides, step = [0] * places.ndim, 1
        for axis in reversed(range(places.ndim)):
            if varies[axis]:
                strides[axis] = step
                step *= places.shape[axis]
        return Place(CONSTANT, base, tuple(strides))

    # --- Periods ----------------------------------------------------------------------------------------------

    def _runs(self, start: int, stop: int, alike: Ints, loops: tuple[Run, ...]) -> list[Run]:
        """Loops that do not overlap, in order; those that cover most are taken first, of similar ones the shortest."""
        saved = _SAVED_INSIDE if loops else _SAVED
        if stop - start < saved or len(loops) == len(TURNS):
            return []
        found = self.periods.repeats(start, alike, self.periods.candidates(start, stop, alike), saved=saved)
        first, period, turns, _ = found.T
        covered = period * turns
        free, chosen, tried = np.ones(stop - start, dtype=bool), list[Run](), set[int]()
        for k in np.lexsort((period, -covered)).tolist():
            overlaps = (first < first[k] + covered[k]) & (first[k] < first + covered)
            like = np.flatnonzero(overlaps & (covered >= 0.9 * covered[k]))
            shortest = int(like[np.argmin(period[like])])
            if shortest in tried:
                continue
            tried.add(shortest)
            best = self.periods.turned(Run(*found[shortest].tolist()))
            if free[best.start - start : best.stop - start].all():
                free[best.start - start : best.stop - start] = False
                chosen.append(best)
        return sorted(chosen, key=lambda run: run.start)


def _projected(places: Ints, exist: np.ndarray, varies: list[bool]) -> Ints:
    """The places along the axes on which they vary: of the others, from a turn that exists."""
    for axis in range(places.ndim):
        if not varies[axis]:
            first = np.expand_dims(exist.argmax(axis), axis)
            places, exist = np.take_along_axis(places, first, axis), np.asarray(exist.any(axis, keepdims=True))
    return places
