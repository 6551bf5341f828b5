"""The language of nests: the scalar program with its loops.

A nest is a list of instructions and loops over such lists. Inside of loops an operand's place is affine in the turns:
12 + 58 t is, in turn t of the loop around it, the value of that instruction of the scalar program. So carried
values, fixed ones, inputs and parameters that advance, and tables of constants are one thing; and `unrolled` gives the
scalar program back, instruction for instruction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from autograd.compiler.scalar import NONE, Ints, Scalars, What

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


@dataclass(frozen=True, slots=True, eq=False)
class Do:
    """An instruction; `at` says which of the scalar program it is, in the first turn of all loops around."""

    at: int
    what: What
    operands: tuple[Place, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """`body`, `count` times; each turn is `span` instructions of the scalar program."""

    at: int
    count: int
    span: int
    body: tuple["Do | Loop", ...]


@dataclass(frozen=True, eq=False)
class Nest:
    """A program with loops.

    Attributes:
        shared, rows: what is the same for all rows, and what is done for each.
        numbers: the constants; tables of a loop stand in the order of its turns.
        size: instructions of the scalar program.
    """

    shared: tuple[Do | Loop, ...]
    rows: tuple[Do | Loop, ...]
    numbers: Sequence[float]
    size: int

    @property
    def length(self) -> int:
        """Instructions as written."""
        return sum(1 for _ in walk((*self.shared, *self.rows)))

    def __str__(self) -> str:
        from autograd.compiler.loop_text import nest_text

        return nest_text(self)

    def unrolled(self) -> Scalars:
        """The scalar program, every turn written out."""
        found = [*expanded(self.shared), *expanded(self.rows)]
        table = tuple(dict.fromkeys(do.what for do, _, _ in found))
        width = max([len(do.operands) for do, _, _ in found], default=1)
        what = np.zeros(self.size, dtype=np.int64)
        kinds, places = np.zeros((2, self.size, max(1, width)), dtype=np.int64)
        for do, counts, at in found:
            what[at] = table.index(do.what)
            for k, each in enumerate(do.operands):
                kinds[at, k], places[at, k] = each.kind, each.all(counts)
        shared = sum(at.size for _, _, at in expanded(self.shared))
        labels = {int(at.flat[0]): do.label for do, _, at in found if do.label}
        return Scalars(table, what, kinds, places, np.array(self.numbers), shared, labels)

    def verify(self) -> None:
        """Raise AssertionError unless every instruction is there once, in order, and the unrolled program is right."""
        at = [each.ravel() for _, _, each in expanded((*self.shared, *self.rows))]
        assert (np.sort(np.concatenate(at or [np.zeros(0)])) == np.arange(self.size)).all(), "not each instruction once"
        self.unrolled().verify()


def walk(body: Sequence[Do | Loop], loops: tuple[Loop, ...] = ()) -> Iterator[tuple[Do, tuple[Loop, ...]]]:
    """Every instruction in order, with the loops around it."""
    for each in body:
        if isinstance(each, Loop):
            yield from walk(each.body, (*loops, each))
        else:
            yield each, loops


def expanded(body: Sequence[Do | Loop]) -> Iterator[tuple[Do, tuple[int, ...], Ints]]:
    """Every instruction with the counts of the loops around it, and which of the scalar program it is in each turn."""
    for do, loops in walk(body):
        counts = tuple([loop.count for loop in loops])
        yield do, counts, Place(NONE, do.at, tuple([loop.span for loop in loops])).all(counts)
