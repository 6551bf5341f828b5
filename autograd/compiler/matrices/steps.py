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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.slopes import Builder, value_of
from autograd.forms import Form, operand
from autograd.operation import Op

Places = NDArray[np.intp]
Numbers = NDArray[np.float64]


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
    def long(self) -> set[int]:
        """The axes that are longer than 1."""
        return {k for k, size in enumerate(self.shape) if size > 1}

    @property
    def distinct(self) -> "View":
        """Without the axes along which it repeats."""
        return self.only(sorted(self.axes))

    @property
    def squeezed(self) -> "View":
        """Without axes of length 1."""
        return self.only(sorted(self.long))

    @property
    def first(self) -> "View":
        """At index 0 of the axis in front."""
        return self.only(range(1, len(self.shape)))

    def only(self, axes: Sequence[int]) -> "View":
        """With these axes alone, in this order; of the others at index 0."""
        shape, strides = (tuple([each[k] for k in axes]) for each in (self.shape, self.strides))
        return View(self.in_rows, self.base, shape, strides)

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
    """

    out: View
    what: Op | Signs | Form
    operands: tuple[Operand, ...]
    adds: bool = False

    @property
    def form(self) -> Form:
        return form_of(self.what, len(self.operands))

    @property
    def read(self) -> dict[int, View]:
        """The views among the operands that it reads, by their index."""
        return views_read(self.form, self.operands)


@dataclass(frozen=True)
class Contraction:
    """`out = Σ left · right` over the axes, the rows of the batch among them, that `out` has not; or `out += …`.

    Each axis is one of the result or of an operand.

    Attributes:
        right: None for 1.
        biased: parameters times numbers, and one parameter more: a layer of a network.
    """

    out: View
    left: View
    right: View | None
    adds: bool = False
    biased: bool = False

    @property
    def factors(self) -> list[View]:
        """Its operands, without the 1."""
        return [self.left, self.right] if self.right else [self.left]

    @property
    def summed(self) -> set[int]:
        """The axes that are summed over, rows not counted."""
        return set().union(*[view.axes for view in self.factors]) - self.out.axes

    @property
    def is_total(self) -> bool:
        """Whether the rows of the batch are summed."""
        return not self.out.in_rows and any(view.in_rows for view in self.factors)


@dataclass(frozen=True)
class Gather:
    """A copy of numbers from here and there: `out[k] = arena[places[k]]`, of `rows` if `from_rows`."""

    out: View
    from_rows: bool
    places: Places
    adds = False  # unlike the other steps, which may


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
        parameters: how many there are: the first cells.
        arguments: the lines of each argument: the first, and how many.
        steps: in order.
        height, size: lines of `rows`, cells of `fixed`.
        row_constants, fixed_constants: (place, number) to be written once.
        loss: the cell of the loss, of its total if it varies from row to row; None if there is no gradient.
        values: lines of `rows` and cells of `fixed` that are values; behind them are cotangents.
        behind: how far behind a number its cotangent is, in `rows` and in `fixed`; so the gradient is there.
        is_total: whether loss and gradient are totals over the rows.
    """

    parameters: int = 0
    arguments: list[tuple[int, int]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    height: int = 0
    size: int = 0
    row_constants: list[tuple[int, float]] = field(default_factory=list)
    fixed_constants: list[tuple[int, float]] = field(default_factory=list)
    loss: int | None = None
    values: tuple[int, int] = (0, 0)
    behind: tuple[int, int] = (0, 0)
    is_total: bool = False

    def __str__(self) -> str:
        return "\n".join(map(_text, self.steps))

    def room(self, in_rows: bool, shape: Sequence[int]) -> View:
        """Places for numbers that have none yet, one after the other."""
        found = View.of(in_rows, self.height if in_rows else self.size, shape)
        if in_rows:
            self.height += found.size
        else:
            self.size += found.size
        return found

    @property
    def gradient(self) -> slice:
        """The cells of the gradient."""
        return slice(self.behind[1], self.behind[1] + self.parameters)

    def write_constants(self, rows: NDArray[Any], fixed: NDArray[Any]) -> None:
        """Into arenas, once."""
        for arena, constants in ((rows, self.row_constants), (fixed, self.fixed_constants)):
            for place, number in constants:
                arena[place] = number

    def evaluate(self, inputs: Sequence[Any], parameters: Any) -> tuple[Numbers, Numbers]:
        """`rows` and `fixed` after the steps, computed index by index: slow, and obvious.

        Args:
            inputs: for each argument its numbers, (numbers, rows).
        """
        columns = np.shape(inputs[0])[1] if inputs else 1
        arenas = np.full((self.height, columns), np.nan), np.full((self.size, 1), np.nan)
        rows, fixed = arenas
        fixed[: self.parameters, 0] = parameters
        for (base, size), lines in zip(self.arguments, inputs, strict=True):
            rows[base : base + size] = lines
        self.write_constants(rows, fixed)
        if self.loss is not None:
            fixed[self.gradient] = 0.0
        with np.errstate(all="ignore"):
            for step in self.steps:
                _run(step, *arenas)
        return rows, fixed[:, 0]

    def verify(self) -> None:
        """Raise AssertionError unless what a step reads or adds to has been written, once, and all places are there."""
        known = np.zeros(self.height, dtype=bool), np.zeros(self.size, dtype=bool)
        known[1][: self.parameters] = True
        for base, size in self.arguments:
            known[0][base : base + size] = True
        for arena, constants in zip(known, (self.row_constants, self.fixed_constants), strict=True):
            arena[[place for place, _ in constants]] = True
        for step in self.steps:
            if isinstance(step, Map):
                assert step.out.axes == step.out.long, f"{step} writes to one place several times"
            if isinstance(step, Contraction):
                assert step.summed | step.out.axes == step.out.long, f"{step}: an axis of nothing"
            for in_rows, places in read_by(step):
                assert known[not in_rows][places].all(), f"{step} reads what has not been written"
            in_rows, places = written_by(step)
            assert step.adds or not known[not in_rows][places].any(), f"{step} writes over what has been written"
            known[not in_rows][places] = True


_LETTERS = "ijklpqrs"
"""The names of axes."""


def _text(step: Step) -> str:
    """The step as a formula of its places: `rows[20 + i] = Σj fixed[17i + j] · rows[3 + j]`."""
    sign = "+=" if step.adds else "="
    match step:
        case Gather():
            return f"{_at(step.out)} = {arena_name(step.from_rows)}[{_listed(step.places)}]"
        case Scatter():
            return f"{arena_name(step.to_rows)}[{_listed(step.places)}] {sign} {_at(step.source)}"
        case Map():
            return f"{_at(step.out)} {sign} {step.form.written([_at(x) for x in step.operands])}"
        case Contraction():
            over = ", ".join([*[_LETTERS[axis] for axis in sorted(step.summed)], *["rows"] * step.is_total])
            return f"{_at(step.out)} {sign} Σ({over}) {' · '.join(map(_at, step.factors))}"


def _at(x: Operand) -> str:
    if not isinstance(x, View):
        return f"{x:.6g}"
    axes = [f"{stride if stride != 1 else ''}{_LETTERS[k]}" for k, stride in enumerate(x.strides) if stride]
    return f"{arena_name(x.in_rows)}[{' + '.join([*([str(x.base)] if x.base or not axes else []), *axes])}]"


def arena_name(in_rows: bool) -> str:
    """What programs call an arena."""
    return "rows" if in_rows else "fixed"


def _listed(places: Places) -> str:
    return ", ".join(map(str, places.tolist())) if len(places) < 6 else f"{places[0]}, {places[1]}, …, {places[-1]}"


def read_by(step: Step) -> Iterator[tuple[bool, Places]]:
    """The arena and the places that a step reads; what it adds to among them."""
    views: Sequence[Operand]
    match step:
        case Map():
            views = [*step.read.values()]
        case Contraction():
            views = step.factors
        case Scatter():
            views = [step.source]
        case Gather():
            yield step.from_rows, step.places
            return
    yield from [(view.in_rows, view.distinct.places) for view in views if isinstance(view, View)]
    if step.adds:
        yield written_by(step)


def views_read(form: Form, operands: Sequence[Operand]) -> dict[int, View]:
    """The views among the operands that a form reads, by their index; `args` are all in operand 0."""
    read = form.operands | ({0} if "args" in form.words else set())
    return {k: x for k, x in enumerate(operands) if k in read and isinstance(x, View)}


def written_by(step: Step) -> tuple[bool, Places]:
    """The arena and the places that a step writes."""
    return (step.to_rows, step.places) if isinstance(step, Scatter) else (step.out.in_rows, step.out.distinct.places)


def _run(step: Step, rows: NDArray[Any], fixed: NDArray[Any]) -> None:
    """Do a step, index by index."""

    def numbers(x: Operand | None) -> Any:
        return (1.0 if x is None else x) if not isinstance(x, View) else (rows if x.in_rows else fixed)[x.grid]

    match step:
        case Gather():
            (rows if step.out.in_rows else fixed)[step.out.places] = (rows if step.from_rows else fixed)[step.places]
            return
        case Scatter():
            places, found = step.places, numbers(step.source)
            target = rows if step.to_rows else fixed
        case Map():
            places, found = step.out.grid, value_of(step.form, [numbers(x) for x in step.operands])
            target = rows if step.out.in_rows else fixed
        case Contraction():
            places, found = step.out.grid, numbers(step.left) * numbers(step.right)
            target = rows if step.out.in_rows else fixed
            if not step.out.in_rows:
                found = found.sum(axis=-1, keepdims=True)
    if not step.adds:
        target[places] = 0.0
    np.add.at(target, places, found)


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
