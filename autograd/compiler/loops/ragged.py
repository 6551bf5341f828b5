"""Loops around loops that grow or shrink: trees, triangles, tables of dynamic programming.

Turn t of such a loop is a few pieces one after the other, straight or short loops, and a piece is done so often as is
affine in t: `for t in range(60): for u in range(60 - t): …`. The pieces are found first, as stretches that repeat, and
then turns among the pieces. To keep places affine in both turns, instructions are numbered as if every turn were as
long as the longest: the program is stretched, with gaps behind the shorter turns. Whether the operands' places are
then affine is looked up, turn for turn; those turns for which they are not, at both ends, stay outside of the loop. So
does what a piece does first or last in a turn, if that reads from elsewhere. Turns of a run are stretched all alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import starmap

import numpy as np

from autograd.compiler.loops.periods import TURNS, Periods, Run, stretches
from autograd.compiler.loops.triangle import Piece, Triangle, Truths
from autograd.compiler.scalar import CONSTANT, NONE, VALUE, Ints, Output, Scalars

_SAVED = 48  # instructions that a triangle has to save
_SAVED_INSIDE = 96  # … inside of another loop
_TRIANGLES = 24  # the most in one program
_PIECES = 12  # numbers of pieces that a turn may have, of those found, that are tried
_HEAD = 3  # turns before the first that may be laid out as turns are

Fixed = Triangle | Run


def triangles(program: Scalars) -> tuple[Scalars, list[Fixed]]:
    """The program stretched, `what` being −1 in its gaps, and the loops that stand therefore, in order.

    These are triangles, and runs that have triangles in their turns.
    """
    found: list[Fixed] = []
    start = count = 0
    while count < _TRIANGLES and start < len(program):
        stop = program.shared if start < program.shared else len(program)
        program, each = _next(program, start, stop)
        found += each
        count += 1
        start = max([loop.stop for loop in each], default=stop)
    return program, found


def _stretched(program: Scalars, new: Ints) -> Scalars:
    what = np.full(new[-1], -1)
    kinds, places = np.zeros((2, new[-1], program.kinds.shape[1]), dtype=np.int64)
    to = new[:-1]
    what[to], kinds[to] = program.what, program.kinds
    places[to] = _renumbered(program.kinds, program.places, new)
    labels = {int(new[k]): label for k, label in program.labels.items()}
    return replace(program, what=what, kinds=kinds, places=places, shared=int(new[program.shared]), labels=labels)


def _renumbered(kinds: Ints, places: Ints, new: Ints) -> Ints:
    of_values = kinds == VALUE
    return np.where(of_values, new[np.where(of_values, places, 0)], places)


# --- Finding --------------------------------------------------------------------------------------------------


def _next(program: Scalars, start: int, stop: int) -> tuple[Scalars, list[Fixed]]:
    """The first triangle in this part of the program, or the first run with triangles inside, and the program then."""
    if stop - start < _SAVED:
        return program, []
    finder = _Finder(program, start, stop)
    for each in finder.candidates():
        if isinstance(each, Run):
            stretched, found = finder.inside(each)
            if found:
                return stretched, found
        elif triangle := finder.fitted(each):
            return _stretched(program, triangle.numbers(len(program))), [triangle]
    return program, []


class _Finder:
    """Triangles in a part of a program.

    Args:
        alike: of its instructions, if it is the turn of a loop.
        saved: the fewest instructions that a triangle has to save.
    """

    def __init__(
        self, program: Scalars, start: int, stop: int, alike: Ints | None = None, saved: int | None = None
    ) -> None:
        self.program, self.start, self.stop = program, start, stop
        self.saved = _SAVED if saved is None else saved
        self.periods = Periods(program)
        self.alike = self.periods.alike[start:stop] if alike is None else alike

    def candidates(self) -> Iterator[Fixed]:
        """What looks like triangles, and runs that may have triangles inside; the first first."""
        runs, supposed = self._supposed_triangles()
        long: list[Fixed] = [run for run in runs if run.period >= _SAVED_INSIDE and run.turns > TURNS]
        supposed.sort(key=lambda each: -each.lengths().sum())
        while supposed or long:
            chosen = self._apart(supposed)
            yield from sorted([*chosen, *long], key=lambda each: each.start)
            supposed, long = [each for each in supposed if each not in chosen], []

    def _apart(self, supposed: Sequence[Triangle]) -> dict[Triangle, None]:
        """Those that do not overlap, the first of the sequence first."""
        free, chosen = np.ones(self.stop - self.start, dtype=bool), dict[Triangle, None]()
        for each in supposed:
            here = slice(each.start - self.start, each.start - self.start + int(each.lengths().sum()))
            if free[here].all():
                free[here] = False
                chosen[each] = None
        return chosen

    def _supposed_triangles(self) -> tuple[list[Run], list[Triangle]]:
        """Runs, and triangles by what instructions do, and by how operands move or else whatever they read."""
        found: dict[Triangle, None] = {}
        periods = self.periods.candidates(self.start, self.stop, self.alike)
        evenly = self._runs(periods, evenly=True)
        for runs in (evenly, self._runs(periods, evenly=False)):
            found.update(dict.fromkeys(self._supposed(runs)))
        return evenly, list(found)

    def inside(self, run: Run) -> tuple[Scalars, list[Fixed]]:
        """The program with the turns of a run stretched, all in the same way, and the run and its triangles.

        They are looked for in its second turn, for the first may begin with what is made elsewhere.
        """
        program, run = self.program, self.periods.turned(run)
        found: list[Triangle] = []
        done = 0
        while triangle := _in_turn(program, run, done):
            turn = run.start + run.period
            done = triangle.stop - turn
            found.append(replace(triangle, start=triangle.start - turn))
            new = triangle.numbers(len(program))[turn : turn + run.period + 1] - turn
            program = _stretched(program, _repeated(run, new, len(program)))
            run = replace(run, period=int(new[-1]))
        even = _evenly(program, run) if found else None
        if even is None:
            return self.program, []
        starts = {run.start, even.start}
        return program, [*(replace(each, start=each.start + start) for start in starts for each in found), even]

    def _runs(self, candidates: Sequence[int], evenly: bool) -> list[Run]:
        """Stretches that repeat, in order, apart, those that cover most first."""
        periods = [period for period in candidates if period * TURNS <= self.stop - self.start]
        found = self.periods.repeats(self.start, self.alike, periods, evenly)
        found = found[np.lexsort((found[:, 1], -found[:, 1] * found[:, 2]))]
        free, chosen, count = np.ones(self.stop - self.start, dtype=bool), list[Run](), 1
        while len(found):
            for row in found[:count].tolist():
                run = Run(*row)
                if not free[run.start + run.spare - self.start : run.stop - self.start].all():
                    continue
                run = self._turned(run)
                here = slice(run.start - self.start, run.stop - self.start)
                if free[here].all():
                    free[here] = False
                    chosen.append(self._shortest(run, evenly))
            found, count = self._free(found[count:], free), 2 * count
        return sorted(chosen, key=lambda run: run.start)

    def _free(self, found: Ints, free: Truths) -> Ints:
        """The runs that others may have left free."""
        taken = np.concatenate([[0], np.cumsum(~free)])
        first, period, turns, spare = found.T
        begin = first - self.start
        return found[taken[begin + spare] == taken[begin + period * turns]]

    def _turned(self, run: Run) -> Run:
        """The run, its turns begun where least is handed from one to the next, as far as that costs none."""
        if not run.spare:
            return run
        begin = run.start + run.covered // run.period // 2 * run.period
        k = np.arange(begin, min(begin + 2 * run.period, self.stop))
        made = np.where(self.program.kinds[k] == VALUE, self.program.places[k], -1)
        handed = [
            int(((made < at) & (made >= at - run.period) & (k[:, None] >= at) & (k[:, None] < at + run.period)).sum())
            for at in range(begin, begin + run.spare + 1)
        ]
        shift = int(np.argmin(handed))
        return replace(run, start=run.start + shift, spare=run.spare - shift)

    def _shortest(self, run: Run, evenly: bool) -> Run:
        """The run with the shortest period that it has."""
        alike = self.alike[run.start - self.start : run.stop - self.start]
        shorter = [period for period in range(1, run.period // 2 + 1) if run.period % period == 0]
        found = self.periods.repeats(run.start, alike, shorter, evenly, run.covered - run.period)
        return next((each for each in starmap(Run, found.tolist()) if each.covered == run.covered), run)

    def _supposed(self, runs: Sequence[Run]) -> Iterator[Triangle]:
        """Turns among the elements: instructions that are in no run, and runs."""
        if len(runs) < TURNS:
            return
        keys, counts, starts, periods = self._elements(runs)
        for period in self._distances(keys, starts, runs):
            count = len(keys) - 2 * period
            if count < period:
                continue
            same, grows = keys[period:] == keys[:-period], counts[period:] - counts[:-period]
            holds = same[:count] & same[period:] & (grows[:count] == grows[period:])
            for first, last in stretches(holds).tolist():
                covered = int(starts[last + 2 * period - 1] - starts[first + period])
                few = last - first < period or covered < self.saved // 2
                if few or not grows[first : first + period].any():
                    continue
                first += self._shift(starts, first, period)
                turns, turn = (last - first) // period + 2, slice(first, first + period)
                if turns >= TURNS:
                    pieces = map(Piece, periods[turn].tolist(), counts[turn].tolist(), grows[turn].tolist())
                    yield Triangle(int(starts[first]), turns, _joined([*pieces]))

    def _shift(self, starts: Ints, first: int, period: int) -> int:
        """After how many elements turns should begin: where far fewer values are handed to the next turn only."""
        begins = starts[first : first + 2 * period].reshape(2, period)
        last, handed = self.periods.last, []
        for begin, end in begins.T.tolist():
            before = last[max(self.start, 2 * begin - end) : begin]
            handed.append(int(((begin <= before) & (before < end)).sum()))
        return int(np.argmin(handed)) if 2 * min(handed) <= handed[0] else 0

    def _elements(self, runs: Sequence[Run]) -> tuple[Ints, Ints, Ints, Ints]:
        """Of each element a key, the same for those that do the same, how often, where, and its period."""
        inside = np.zeros(self.stop - self.start, dtype=bool)
        for run in runs:
            inside[run.start - self.start : run.stop - self.start] = True
        numbers: dict[bytes, int] = {}
        most = int(self.alike.max()) + 1
        straight = np.flatnonzero(~inside)
        ones = np.ones(len(straight), dtype=np.int64)
        bodies = [self.alike[run.start - self.start :][: run.period].tobytes() for run in runs]
        of_runs = [most + numbers.setdefault(body, len(numbers)) for body in bodies]
        starts = np.concatenate([straight + self.start, [run.start for run in runs]])
        order = np.argsort(starts)
        keys = np.concatenate([self.alike[straight], of_runs])
        counts = np.concatenate([ones, [run.turns for run in runs]])
        periods = np.concatenate([ones, [run.period for run in runs]])
        return keys[order], counts[order], starts[order], periods[order]

    def _distances(self, keys: Ints, starts: Ints, runs: Sequence[Run]) -> list[int]:
        """How many elements a turn may have: the distances of runs that do the same."""
        at = np.searchsorted(starts, [run.start for run in runs])
        order = np.lexsort((at, keys[at]))
        steps = np.diff(at[order])[np.diff(keys[at][order]) == 0]
        distances, counts = np.unique(steps, return_counts=True)
        return distances[counts >= TURNS - 1].tolist()[:_PIECES]

    def _extended(self, triangle: Triangle) -> Triangle:
        """With the turns before and after that do the same, so often as they should."""
        first = [
            self._alike(int(at[0, 0]), piece.period)
            for piece, at in zip(triangle.pieces, triangle.places(False), strict=True)
        ]

        def turn(t: int, fewest: int) -> Ints | None:
            counts = [piece.first + piece.grows * t for piece in triangle.pieces]
            if min(counts) < fewest:
                return None
            return np.concatenate([np.tile(*x) for x in zip(first, counts, strict=True)])

        begin, low = triangle.start, 0
        while (made := turn(low - 1, 0)) is not None and self._is(begin - len(made), made):
            begin, low = begin - len(made), low - 1
        end, high = triangle.start + int(triangle.lengths().sum()), triangle.turns
        while (made := turn(high, 1)) is not None and self._is(end, made):
            end, high = end + len(made), high + 1
        pieces = tuple([replace(each, first=each.first + each.grows * low) for each in triangle.pieces])
        return Triangle(begin, high - low, pieces)

    def _alike(self, start: int, count: int) -> Ints:
        return self.alike[start - self.start :][:count]

    def _is(self, start: int, made: Ints) -> bool:
        stop = start + len(made)
        return self.start <= start and stop <= self.stop and bool((self._alike(start, len(made)) == made).all())

    def fitted(self, triangle: Triangle) -> Triangle | None:
        """The turns whose operands have places that are affine in the turns; None if these are too few.

        What a piece does first or last in a turn may read from elsewhere: then it is a piece of its own.
        """
        triangle = self._extended(triangle)
        for _ in range(_HEAD + 4):
            wrong = self._wrong(triangle)
            if (cut := _cut(triangle, wrong)) != triangle:
                triangle = cut
                continue
            steady = ~np.any([each.any(axis=1) for each in wrong], axis=0) & (triangle.fewest() > 0)
            first, last = max(stretches(steady).tolist(), key=lambda ends: ends[1] - ends[0], default=(0, 0))
            low = 0 if first <= _HEAD else first - _HEAD
            saved = int(triangle.lengths()[first + 1 : last].sum())
            if last - first < TURNS or saved < self.saved:
                return None
            if (low, last) == (0, triangle.turns):
                return replace(triangle, peeled=first)
            triangle = triangle.part(low, last)
        return None

    def _wrong(self, triangle: Triangle) -> list[Truths]:
        """Of each piece, by turn and how often it was done, whether its operands are elsewhere than the middle says."""
        program, new = self.program, triangle.numbers(len(self.program))
        found = []
        for piece, at, exist in zip(triangle.pieces, triangle.places(False), triangle.exist(), strict=True):
            at = np.where(exist, at, at[:, :1])[:, :, None] + np.arange(piece.period)
            kinds = program.kinds[at[-1, 0]]
            places = _renumbered(kinds, program.places[at], new)
            moved = (places != _expected(places, exist)) & (kinds != CONSTANT) & (kinds != NONE)
            outputs = [isinstance(program.table[k], Output) for k in program.what[at[-1, 0]]]
            found.append((moved.any(axis=(2, 3)) | any(outputs)) & exist)
        return found


def _in_turn(program: Scalars, run: Run, done: int) -> Triangle | None:
    """The first triangle in the second turn of a run, behind the first so many instructions."""
    second = replace(run, start=run.start + run.period, turns=run.turns - 1)
    periods = Periods(program)
    alike = periods.inside(second, periods.alike[second.start :][: run.period])
    finder = _Finder(program, second.start + done, second.start + run.period, alike[done:], _SAVED_INSIDE)
    triangles = (finder.fitted(each) for each in finder.candidates() if isinstance(each, Triangle))
    return next(filter(None, triangles), None)


def _repeated(run: Run, new: Ints, count: int) -> Ints:
    """The numbers of the instructions of a program, each turn of a run numbered as `new` says of one."""
    numbers, more = np.arange(count + 1), int(new[-1]) - run.period
    turns = np.arange(run.turns)[:, None] * (run.period + more) + new[:-1]
    numbers[run.start : run.stop] = run.start + turns.ravel()
    numbers[run.stop :] += more * run.turns
    return numbers


def _evenly(program: Scalars, run: Run) -> Run | None:
    """The run, perhaps without its first turn, if its operands still move evenly."""
    periods = Periods(program)
    found = periods.repeats(run.start, periods.alike[run.start : run.stop], [run.period])
    for each in starmap(Run, found.tolist()):
        if each.start <= run.start + run.period and each.stop + each.spare == run.stop:
            peeled = int(each.start > run.start)
            return replace(run, start=run.start + peeled * run.period, turns=run.turns - peeled)
    return None


def _cut(triangle: Triangle, wrong: Sequence[Truths]) -> Triangle:
    """The triangle, what is wrong in the middle only when a piece is done first or last in pieces of their own."""
    pieces, middle = list[Piece](), triangle.turns // 2
    for piece, here in zip(triangle.pieces, wrong, strict=True):
        here = here[middle, : piece.first + piece.grows * middle]
        sides = [0, 0]
        if len(here) > 3 and not here[1:-1].any():
            sides = [int(here[0]), int(here[-1])]
        one = Piece(piece.period, 1, 0)
        pieces += [*[one] * sides[0], replace(piece, first=piece.first - sum(sides)), *[one] * sides[1]]
    cut = replace(triangle, pieces=_joined(pieces))
    fewest = cut.fewest()
    low, high = int(np.argmax(fewest >= 0)), triangle.turns - int(np.argmax(fewest[::-1] > 0))
    if (low, high) == (0, triangle.turns):
        return cut
    return cut.part(low, high) if high - low >= TURNS else triangle


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces, with straight ones that follow one another as one."""
    found: list[Piece] = []
    for each in pieces:
        if each.once and found and found[-1].once:
            found[-1] = replace(found[-1], period=found[-1].period + each.period)
        else:
            found.append(each)
    return tuple(found)


def _expected(places: Ints, exist: Truths) -> Ints:
    """Places that are affine in the turns, as those in the middle are; of the shape of `places`."""
    turns = len(places)
    t, counts = turns // 2, exist.sum(axis=1)
    if counts[t] < min(3, counts.max()):  # then another turn says how places move within it
        t = min(int(np.argmax(counts)), turns - 2)
    u = int(max(0, counts[t] // 2 - 1))
    along = places[t, u + 1] - places[t, u] if counts[t] > u + 1 else np.zeros_like(places[t, u])
    other = t + 1 if counts[t + 1] > u else t - 1
    step = (places[other, u] - places[t, u]) * (other - t)
    by_turn = (np.arange(turns) - t)[:, None, None, None] * step
    return places[t, u] + by_turn + (np.arange(exist.shape[1]) - u)[None, :, None, None] * along
