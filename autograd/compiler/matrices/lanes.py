"""The index space of a step as loops, one of them in lanes: eight neighbours in memory that are computed at once.

The lanes are rows of the batch, which are one after the other, and with them every axis that goes on where the rows
end. Where nothing varies from row to row, an axis of cells that are one after the other takes their place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from autograd.compiler.matrices.steps import View


@dataclass(frozen=True)
class Axis:
    """A loop: how often it turns, and how far each operand moves on in a turn, in lines or cells."""

    size: int
    strides: tuple[int, ...]


@dataclass(frozen=True)
class Loops:
    """The loops of a step.

    Attributes:
        in_rows: whether the lanes are the rows of the batch, `count` times; else there are `count` of them.
        lanes: for each operand, the result first, whether it moves with the lanes, or is the same for all.
        axes: the other loops.
    """

    in_rows: bool
    count: int
    lanes: tuple[bool, ...]
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, views: Sequence[View], one_row: bool = False) -> "Loops":
        """The loops of the operands, the result first.

        Args:
            one_row: for batches of one row, where a line is a cell like others.
        """
        shape = views[0].shape
        axes = [Axis(shape[k], tuple([each.strides[k] for each in views])) for k in sorted(views[0].long)]
        in_rows = tuple([each.in_rows for each in views])
        if any(in_rows) and not one_row:
            return cls._merged(True, 1, in_rows, axes)
        chosen = max(axes, key=_fitness, default=None)
        if chosen is None or not _fitness(chosen):
            return cls._merged(False, 1, (True, *[False] * (len(views) - 1)), axes)
        axes.remove(chosen)
        return cls._merged(False, chosen.size, tuple(map(bool, chosen.strides)), axes)

    @classmethod
    def _merged(cls, in_rows: bool, count: int, lanes: tuple[bool, ...], axes: list[Axis]) -> "Loops":
        """Those that go on where the lanes end are lanes too; of the others those that are one in memory are one."""
        while found := next((axis for axis in axes if axis.strides == tuple([count * each for each in lanes])), None):
            axes.remove(found)
            count *= found.size
        while pair := next(((a, b) for a, b in permutations(axes, 2) if _are_one(a, b)), None):
            outer, inner = pair
            axes[axes.index(inner)] = Axis(outer.size * inner.size, inner.strides)
            axes.remove(outer)
        return cls(in_rows, count, lanes, tuple(axes))


NO_LOOPS = Loops(False, 1, (), ())


def _are_one(outer: Axis, inner: Axis) -> bool:
    return outer.strides == tuple([stride * inner.size for stride in inner.strides])


def _fitness(axis: Axis) -> tuple[bool, int] | tuple[()]:
    """How well an axis serves as lanes: best is one of the result; nothing if operands do not go on cell by cell."""
    return (bool(axis.strides[0]), axis.size) if set(axis.strides) <= {0, 1} else ()
