"""The language of nests: the scalar program with its loops.

A nest is a list of instructions and loops over such lists. Inside of loops an operand's place is affine in the turns:
12 + 58 t is, in turn t of the loop around it, the value of that instruction of the scalar program. So carried
values, fixed ones, inputs and parameters that advance, and tables of constants are one thing; and `unrolled` gives the
scalar program back, instruction for instruction.

The turns of an inner loop may grow or shrink with those of the loops around (`range(60 - t)`: a triangle). Then the
instructions are numbered as if all its turns were there, so that places stay affine: the numbers have gaps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.scalar import VALUE, Ints, Scalars, What

TURNS = "tuwijklmnq"
"""The names of turns, of the outermost loop first."""

Strides = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """base + Σ strideᵢ · turnᵢ, over the loops around, the outermost first."""

    kind: int
    base: int
    strides: Strides

    def all(self, counts: Sequence[int]) -> Ints:
        """The place in every turn, of shape counts."""
        places = np.full((), self.base, dtype=np.int64)
        for stride, count in zip(self.strides, counts, strict=True):
            places = places[..., None] + stride * np.arange(count)
        return places

    def ends(self, counts: Sequence[int]) -> tuple[int, int]:
        """The lowest and the highest place in all turns."""
        moves = [stride * (count - 1) for stride, count in zip(self.strides, counts, strict=True)]
        return self.base + sum(min(0, move) for move in moves), self.base + sum(max(0, move) for move in moves)

    def over(self, loops: "Sequence[Turns]") -> Ints:
        """The place in every turn that there is, one after the other."""
        places = self.all([loop.count for loop in loops])
        return places.ravel() if all(loop.turns is None for loop in loops) else places[existing(loops)]


class Turns(Protocol):
    """How often a loop runs: `count` times at most, and if `turns` is not None so often, affine in the turns around."""

    @property
    def count(self) -> int: ...

    @property
    def turns(self) -> Place | None: ...


def existing(loops: Sequence[Turns]) -> NDArray[np.bool_]:
    """Which turns of these loops there are, each within the one before, of the shape of their counts."""
    counts = [loop.count for loop in loops]
    exist = np.ones(counts, dtype=bool)
    for depth, loop in enumerate(loops):
        if loop.turns is not None:
            here = np.arange(loop.count) < loop.turns.all(counts[:depth])[..., None]
            exist &= here.reshape(*here.shape, *[1] * (len(loops) - depth - 1))
    return exist


def affine(kind: int, places: Ints, exist: NDArray[np.bool_]) -> Place | None:
    """The place that is these, in the turns that exist; None if it is not affine in them. The first turn exists."""
    strides = []
    for axis in range(places.ndim):
        later, earlier = np.moveaxis(exist, axis, 0)[1:], np.moveaxis(exist, axis, 0)[:-1]
        both = np.flatnonzero(later & earlier)
        steps = np.diff(places, axis=axis)
        strides.append(int(np.moveaxis(steps, axis, 0).reshape(-1)[both[0]]) if len(both) else 0)
    place = Place(kind, int(places[(0,) * places.ndim]), tuple(strides))
    return place if (place.all(places.shape) == places)[exist].all() else None


@dataclass(frozen=True, slots=True, eq=False)
class Do:
    """An instruction; `at` says which of the scalar program it is, in the first turn of all loops around.

    Attributes:
        slide: how much further than by a turn's span it moves from turn to turn, as what is before it gets longer.
    """

    at: int
    what: What
    operands: tuple[Place, ...]
    label: str | None = None
    slide: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """`body`, `count` times; each turn is `span` instructions of the scalar program.

    Attributes:
        turns: how often in each turn of the loops around, if it differs: at least once, and `count` times at most.
        slide: as of an instruction.
    """

    at: int
    count: int
    span: int
    body: tuple["Do | Loop", ...]
    turns: Place | None = None
    slide: int = 0


@dataclass(frozen=True, eq=False)
class Nest:
    """A program with loops.

    Attributes:
        shared, rows: what is the same for all rows, and what is done for each.
        numbers: the constants; tables of a loop stand in the order of its turns.
        size: instructions of the scalar program, and the gaps between.
        inputs, parameters: as of the scalar program.
    """

    shared: tuple[Do | Loop, ...]
    rows: tuple[Do | Loop, ...]
    numbers: Sequence[float]
    size: int
    inputs: int
    parameters: int

    @property
    def length(self) -> int:
        """Instructions as written."""
        return sum(1 for _ in walk((*self.shared, *self.rows)))

    def __str__(self) -> str:
        from autograd.compiler.drawing.loop_text import nest_text

        return nest_text(self)

    def unrolled(self) -> Scalars:
        """The scalar program, every turn written out."""
        shared, rows = [*expanded(self.shared)], [*expanded(self.rows)]
        found = [*shared, *rows]
        table = tuple(dict.fromkeys(do.what for do, _, _ in found))
        width = max([len(do.operands) for do, _, _ in found], default=1)
        new = self._ranks(found)
        size = new[-1]
        what = np.zeros(size, dtype=np.int64)
        kinds, places = np.zeros((2, size, max(1, width)), dtype=np.int64)
        for do, loops, at in found:
            what[new[at]] = table.index(do.what)
            for k, each in enumerate(do.operands):
                place = each.over(loops)
                kinds[new[at], k], places[new[at], k] = each.kind, new[place] if each.kind == VALUE else place
        labels = {int(new[at[0]]): do.label for do, _, at in found if do.label}
        count, sources = sum(at.size for _, _, at in shared), (self.inputs, self.parameters)
        return Scalars(table, what, kinds, places, np.array(self.numbers), count, labels, *sources)

    def evaluate(self, inputs: Sequence[float], parameters: Sequence[float]) -> tuple[list[float], bool]:
        """What the scalar program gives."""
        return self.unrolled().evaluate(inputs, parameters)

    def _ranks(self, found: Sequence[tuple[Do, tuple[Loop, ...], Ints]]) -> Ints:
        """The number of each instruction without the gaps, and last how many there are."""
        there = np.zeros(self.size, dtype=np.int64)
        for _, _, at in found:
            there[at] += 1
        assert (there <= 1).all(), "an instruction is there twice"
        return np.concatenate([[0], np.cumsum(there)])

    def verify(self) -> None:
        """Raise AssertionError unless every instruction is there once, in order, and the unrolled program is right."""
        self.unrolled().verify()


def walk(body: Sequence[Do | Loop], loops: tuple[Loop, ...] = ()) -> Iterator[tuple[Do, tuple[Loop, ...]]]:
    """Every instruction in order, with the loops around it."""
    for each in body:
        if isinstance(each, Loop):
            yield from walk(each.body, (*loops, each))
        else:
            yield each, loops


def expanded(body: Sequence[Do | Loop]) -> Iterator[tuple[Do, tuple[Loop, ...], Ints]]:
    """Every instruction with the loops around it, and which of the scalar program it is in each turn."""
    for do, loops in walk(body):
        yield do, loops, place_of(do, loops).over(loops)


def place_of(do: Do, loops: Sequence[Loop]) -> Place:
    """Where an instruction has its value, in the turns of the loops around."""
    inner = (*loops[1:], do)
    return Place(VALUE, do.at, tuple([loop.span + each.slide for loop, each in zip(loops, inner, strict=bool(loops))]))


def index(place: Place) -> str:
    """`3 + 58 * t`: an index in the turns of the loops around."""
    parts = [f"{stride} * {TURNS[k]}" for k, stride in enumerate(place.strides) if stride]
    parts = [part.removeprefix("1 * ").replace("-1 * ", "-") for part in parts]
    return " + ".join([*([str(place.base)] if place.base or not parts else []), *parts]).replace("+ -", "- ")
