"""The language of steps: a program of matrices, on views of two arenas.

`rows` has a line for each number that varies from row to row of a batch, and a column for each row; `fixed` has a cell
for each that does not. A view says which of them an operand is: those at base + Σ indexᵢ·strideᵢ, for every index below
its shape. Views that are read together have one shape, their *index space*; along an axis of stride 0 a view repeats.

So a contraction needs no letters: out += left · right at every index, and where the view of the result repeats, that
is a sum. Matrix products, inner products, and sums over the rows of a batch are all of this kind, and the derivative
of a contraction is two contractions over the same index space.
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.slopes import Builder
from autograd.forms import Form, operand
from autograd.operation import Op

Places = NDArray[np.intp]


@dataclass(frozen=True)
class View:
    """Numbers of an arena.

    Attributes:
        in_rows: whether they are in `rows`, else in `fixed`.
    """

    in_rows: bool
    base: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @classmethod
    def of(cls, in_rows: bool, base: int, shape: Sequence[int]) -> "View":
        """One place after the other."""
        shape = tuple(map(int, shape))
        strides = tuple([int(np.prod(shape[k + 1 :])) if size > 1 else 0 for k, size in enumerate(shape)])
        return cls(in_rows, base, shape, strides)

    @classmethod
    def at(cls, places: Places, in_rows: bool) -> "View | None":
        """The view that has these places; None if there is none."""
        base, strides = int(places.flat[0]), []
        for axis, size in enumerate(places.shape):
            second = tuple([int(k == axis) for k in range(places.ndim)])
            strides.append(int(places[second]) - base if size > 1 else 0)
        view = cls(in_rows, base, tuple(map(int, places.shape)), tuple(strides))
        return view if np.array_equal(view.grid, places) else None

    @property
    def grid(self) -> Places:
        """The place at every index, of the view's shape."""
        places = np.full((), self.base, dtype=np.intp)
        for stride, size in zip(self.strides, self.shape, strict=True):
            places = places[..., None] + stride * np.arange(size)
        return places

    @property
    def places(self) -> Places:
        """The place at every index, one after the other."""
        return self.grid.ravel()

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def axes(self) -> set[int]:
        """The axes along which it does not repeat."""
        return {k for k, stride in enumerate(self.strides) if stride}

    @property
    def distinct(self) -> "View":
        """Without the axes along which it repeats."""
        axes = sorted(self.axes)
        return View(
            self.in_rows, self.base, tuple([self.shape[k] for k in axes]), tuple([self.strides[k] for k in axes])
        )

    def moved(self, distance: int) -> "View":
        return replace(self, base=self.base + distance)

    def part(self, axis: int, start: int, stop: int) -> "View":
        """Some indices of an axis."""
        shape = (*self.shape[:axis], stop - start, *self.shape[axis + 1 :])
        strides = (*self.strides[:axis], self.strides[axis] if stop - start > 1 else 0, *self.strides[axis + 1 :])
        return View(self.in_rows, self.base + start * self.strides[axis], shape, strides)


Operand = View | float
Signs = tuple[tuple[bool, int], ...]
"""A short sum of products: for each its sign, and how many factors it has."""


@dataclass(frozen=True)
class Map:
    """An elementwise step: `out = what(operands)`, or `out += …` if it `adds`.

    A form that reduces an operand (`sum`, `max`) does so along an axis that this has in front of those of the others.

    Attributes:
        what: an operation; the signs of a sum of products; or on the way back a form of its own.
        scalars: which instructions of the scalar program its elements are; nothing on the way back.
    """

    out: View
    what: Op | Signs | Form
    operands: tuple[Operand, ...]
    adds: bool = False
    scalars: tuple[int, ...] = ()

    @property
    def form(self) -> Form:
        return form_of(self.what, len(self.operands))


@dataclass(frozen=True)
class Contraction:
    """`out = Σ left · right` over the axes, the rows of the batch among them, that `out` has not; or `out += …`.

    Attributes:
        right: None for 1.
        biased: parameters times numbers, and one parameter more: a layer of a network.
    """

    out: View
    left: View
    right: View | None
    adds: bool = False
    biased: bool = False
    scalars: tuple[int, ...] = ()


@dataclass(frozen=True)
class Gather:
    """A copy of numbers from here and there: `out[k] = arena[places[k]]`, of `rows` if `from_rows`."""

    out: View
    from_rows: bool
    places: Places


@dataclass(frozen=True)
class Scatter:
    """The way back of a copy: `arena[places[k]] = source[k]`, or `+=`; where several go to one place, all are added."""

    source: Operand
    to_rows: bool
    places: Places
    adds: bool


Step = Map | Contraction | Gather | Scatter


@dataclass
class Plan:
    """A program of steps.

    Attributes:
        arguments: the first line of each argument.
        steps: in order.
        height, size: lines of `rows`, cells of `fixed`. The parameters are the first cells.
        row_constants, fixed_constants: (place, number) to be written once.
        loss: the cell of the loss, of its total if it varies from row to row; None if there is no gradient.
        behind: how far behind a number its cotangent is, in `rows` and in `fixed`; so the gradient is there.
        is_total: whether loss and gradient are totals over the rows.
    """

    arguments: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    height: int = 0
    size: int = 0
    row_constants: list[tuple[int, float]] = field(default_factory=list)
    fixed_constants: list[tuple[int, float]] = field(default_factory=list)
    loss: int | None = None
    behind: tuple[int, int] = (0, 0)
    is_total: bool = False


def reduces(op: Op) -> bool:
    """Whether it makes one number of any number of operands, which a step has along an axis."""
    return op.arity is None and op.form is not None


def form_of(what: Op | Signs | Form, count: int) -> Form:
    """The form of an elementwise step."""
    if isinstance(what, Form):
        return what
    if isinstance(what, Op):
        if reduces(what):
            assert what.form is not None
            return what.form
        return what.form or Builder().applied(what, [operand(k) for k in range(count)])
    places, total = itertools.count(), None
    for negative, factors in what:
        first, *others = [operand(next(places)) for _ in range(factors)]
        if negative and total is None:
            first = Form("negative", (first,))
        product = functools.reduce(lambda left, right: Form("*", (left, right)), others, first)
        total = product if total is None else Form("-" if negative else "+", (total, product))
    assert total is not None
    return total
