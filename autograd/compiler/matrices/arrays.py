"""For backends without arenas: results of steps as named arrays, and what is read from places as slices of these.

A *cell* is a place in either arena: those of `fixed` count on behind those of `rows`. Each array holds cells in a row.
Arrays of what varies have the rows of the batch as first axis. Copies are not made: a copied cell is read where it is.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.compiler.matrices.steps import Gather, Places, Plan, View
from autograd.compiler.writing import Namer, literal

_PIECES = 8  # slices that a concatenation may have, before it becomes an index


@dataclass(frozen=True)
class Known:
    """An array of the program, and the cells of the plan that it holds, in order."""

    name: str
    base: int
    shape: tuple[int, ...]  # without the axis of rows
    batched: bool

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


@dataclass(frozen=True)
class Text:
    """An expression, and whether it has the axis of rows."""

    text: str
    batched: bool


class Arrays(Namer):
    """The arrays that a program has made so far, and its text.

    Attributes:
        copied: the cell whose number a cell has; another one for what the plan copies.
        owner: which of the arrays `made` has a cell; -1 where it is a constant.
        statics: arrays of constants, for the module.
    """

    def __init__(self, plan: Plan, names: Sequence[str], reserved: Iterable[str]) -> None:
        super().__init__(("n", *reserved))
        self.height, self.statics = plan.height, list[str]()
        cells = plan.height + plan.size
        self.copied, self.owner = np.arange(cells), np.full(cells, -1)
        self.constants = dict(plan.row_constants)
        self.constants.update({plan.height + place: number for place, number in plan.fixed_constants})
        self.made: list[Known] = []
        self.by_text: dict[str, str] = {}
        self.lines: list[tuple[str, str]] = []
        self.theta = self.fresh("parameters", numbered=False)
        self.enter(self.theta, View.of(False, 0, (plan.parameters,)), (plan.parameters,))
        self.arguments = [self.fresh(name, numbered=False) for name in names]
        for name, (base, size) in zip(self.arguments, plan.arguments, strict=True):
            self.enter(name, View.of(True, base, (size,)), (size,) if size != 1 else ())

    def add(self, text: str, note: str = "") -> None:
        self.lines.append((text, note))

    def name_of(self, text: str, hint: str) -> str:
        """A name for an expression, the same for the same."""
        if text.isidentifier():
            return text
        if text not in self.by_text:
            self.by_text[text] = self.fresh(hint)
            self.add(f"{self.by_text[text]} = {text}")
        return self.by_text[text]

    # --- Cells ------------------------------------------------------------------------------------------------

    def cells(self, in_rows: bool, places: Places) -> Places:
        return self.copied[places if in_rows else places + self.height]

    def enter(self, name: str, view: View, shape: tuple[int, ...]) -> None:
        """The places of the view, which are one after the other, are an array of this shape."""
        base = view.base if view.in_rows else view.base + self.height
        self.owner[base : base + view.size] = len(self.made)
        self.made.append(Known(name, base, shape, view.in_rows))

    def gather(self, step: Gather) -> None:
        self.copied[self.cells(step.out.in_rows, step.out.places)] = self.cells(step.from_rows, step.places)

    def are_all(self, cells: Places, number: float) -> bool:
        """Whether these are constants, and all of them this one."""
        return {self.constants.get(cell) for cell in cells.ravel().tolist()} == {number}

    def vary(self, cells: Places) -> bool:
        """Whether any of these numbers has the axis of rows."""
        return any(self.made[owner].batched for owner in np.unique(self.owner[cells]).tolist() if owner >= 0)

    def at(self, cells: Places) -> Text:
        """The numbers of these cells, of shape (rows, *cells.shape) or cells.shape."""
        owners = np.unique(self.owner[cells]).tolist()
        if len(owners) == 1 and owners[0] >= 0:
            known = self.made[owners[0]]
            return Text(self.sliced(known, cells - known.base), known.batched)
        if max(owners, default=-1) < 0:
            return Text(self.constant(cells), batched=False)
        runs = self.runs(cells.ravel())
        if len(runs) > _PIECES:
            held = np.unique(np.concatenate([self.held(cells, owner) for owner in owners]))
            joined = self.concatenated(self.runs(held))
            known = Known(self.name_of(joined.text, "joined"), 0, held.shape, joined.batched)
            return Text(self.sliced(known, np.searchsorted(held, cells)), joined.batched)
        found = self.concatenated(runs)
        return found if cells.ndim == 1 else Text(reshaped(found.text, found.batched, cells.shape), found.batched)

    def runs(self, cells: Places) -> list[Places]:
        """Stretches that stand one after the other in one array, or are constants."""
        owner = self.owner[cells]
        breaks = (np.diff(owner) != 0) | ((owner[1:] >= 0) & (np.diff(cells) != 1))
        return np.split(cells, np.flatnonzero(breaks) + 1)

    def held(self, cells: Places, owner: int) -> Places:
        """Of the cells those of an array, and what is between them; or the constants."""
        own = cells[self.owner[cells] == owner]
        return own if owner < 0 else np.arange(own.min(), own.max() + 1)

    def concatenated(self, runs: Sequence[Places]) -> Text:
        parts = list(map(self.at, runs))
        if len(parts) == 1:
            return parts[0]
        batched = any(part.batched for part in parts)
        each = zip(parts, runs, strict=True)
        texts = [part.text if part.batched == batched else in_rows(part.text, len(run)) for part, run in each]
        return Text(f"jnp.concatenate([{', '.join(texts)}]{', axis=1' if batched else ''})", batched)

    def constant(self, cells: Places) -> str:
        """Constants; 0 where nothing was ever written."""
        numbers = [self.constants.get(cell, 0.0) for cell in cells.ravel().tolist()]
        if len({number.hex() for number in numbers}) < 2:
            return f"jnp.full({cells.shape}, {literal(numbers[0] if numbers else 0.0, 'jnp')}, dtype)"
        return f"jnp.asarray({self.static('c', numbers, cells.shape)}, dtype)"

    def static(self, hint: str, numbers: Sequence[float], shape: tuple[int, ...]) -> str:
        """A name in the module for constants."""
        text = f"np.array([{', '.join(literal(x, 'np') for x in numbers)}])"
        text = text if len(shape) == 1 else reshaped(text, False, shape)
        if text not in self.by_text:
            self.by_text[text] = self.fresh(hint)
            self.statics.append(textwrap.fill(f"{self.by_text[text]} = {text}", 118, subsequent_indent="    "))
        return self.by_text[text]

    # --- Slices -----------------------------------------------------------------------------------------------

    def sliced(self, known: Known, places: Places) -> str:
        """The numbers at these places of an array: slices of it, perhaps in another shape; else by an index."""
        if (view := View.at(places, known.batched)) is not None and view.axes == view.long:
            index = _indexed(known.shape, view)
            if index is None and (lines := self.in_lines(known, view)) is not None:
                known, view = lines
                index = _indexed(known.shape, view)
            if index is not None:
                return _at(known, *index)
        index = self.static("places", places.ravel().tolist(), places.shape)
        return f"{_flat(known)}[{':, ' if known.batched else ''}{index}]"

    def in_lines(self, known: Known, view: View) -> tuple[Known, View] | None:
        """A part of the array in lines that are as long as the steps of the view; None if they do not fit."""
        axes = sorted(view.axes, key=lambda k: -abs(view.strides[k]))
        steps = [abs(view.strides[k]) for k in axes]
        if any(longer % shorter for longer, shorter in pairwise(steps)):
            return None
        shape = (view.shape[axes[0]], *[longer // shorter for longer, shorter in pairwise(steps)], steps[-1])
        shape = shape if shape[-1] > 1 else shape[:-1]
        low, size = int(view.grid.min()), int(np.prod(shape))
        extent = int(view.grid.max()) + 1 - low
        width = extent - (shape[0] - 1) * steps[0]  # what is read of a line
        for offset in (low % steps[0], 0, low + size - known.size):
            if 0 <= offset <= min(low, steps[0] - width) and low - offset + size <= known.size:
                text = _part(known, low - offset, low - offset + size)
                hint = f"{known.name}_" if known.name != self.theta else "W" if len(shape) > 1 else "theta"
                name = self.name_of(text if len(shape) == 1 else reshaped(text, known.batched, shape), hint)
                return Known(name, 0, shape, known.batched), view.moved(offset - low)
        return None


def _indexed(shape: tuple[int, ...], view: View) -> tuple[list[str], list[int]] | None:
    """Indices into an array of this shape, and which axis of the view each of the result is; None if there are none."""
    steps = [int(np.prod(shape[k + 1 :])) for k in range(len(shape))]
    at = [int(k) for k in np.unravel_index(view.base, shape)]
    index, found = [str(k) for k in at], dict[int, int]()
    for k, (size, stride) in enumerate(zip(view.shape, view.strides, strict=True)):
        if size == 1:
            found[len(index)] = k
            index.append("None")
            continue
        for axis, (step, length) in enumerate(zip(steps, shape, strict=True)):
            turn, rest = divmod(stride, step)
            last = at[axis] + (size - 1) * turn
            if axis not in found and not rest and 0 <= last < length:
                found[axis], index[axis] = k, _range(at[axis], last, turn, length)
                break
        else:
            return None
    return index, [found[axis] for axis in sorted(found)]


def _range(first: int, last: int, turn: int, length: int) -> str:
    """A slice from the first to the last."""
    if turn < 0:
        return f"{first if first < length - 1 else ''}:{last - 1 if last else ''}:{turn}"
    return f"{first or ''}:{last + 1 if last + 1 < length else ''}{f':{turn}' if turn > 1 else ''}"


def _at(known: Known, index: list[str], order: list[int]) -> str:
    """The array at these indices, its axes in order."""
    index = [":", *index] if known.batched else index[:]
    while index and index[-1] == ":":
        index.pop()
    text = f"{known.name}[{', '.join(index)}]" if index else known.name
    if order == sorted(order):
        return text
    if len(order) == 2:
        return f"{text}.swapaxes(1, 2)" if known.batched else f"{text}.T"
    axes = np.argsort(order)
    return f"{text}.transpose({listed([0, *axes + 1] if known.batched else axes)})"


def _part(known: Known, start: int, stop: int) -> str:
    """The numbers of an array from `start` to before `stop`, one after the other."""
    text = _flat(known)
    if (start, stop) == (0, known.size):
        return text
    return f"{text}[{':, ' if known.batched else ''}{_range(start, stop - 1, 1, known.size)}]"


def _flat(known: Known) -> str:
    """All numbers of an array, one after the other."""
    return known.name if len(known.shape) == 1 else reshaped(known.name, known.batched, (known.size,))


def reshaped(text: str, batched: bool, shape: Sequence[int]) -> str:
    """The same numbers in another shape, of each row if they are batched."""
    return f"{text}.reshape({listed(['n', *shape] if batched else shape)})"


def in_rows(text: str, *shape: int) -> str:
    """The same numbers for every row."""
    return f"jnp.broadcast_to({text}, ({listed(['n', *shape])}))"


def listed(numbers: Iterable[Any]) -> str:
    """With commas between them."""
    return ", ".join(map(str, numbers))
