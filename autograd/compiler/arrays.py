"""For backends without arenas: the places of a plan as named arrays, and what is read from places as slices of these.

A *cell* is a place in either arena: those of `fixed` count on behind those of `rows`. Each array holds cells in a row.
Arrays of what varies have the rows of the batch as first axis.
"""

import bisect
import keyword
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.compiler.layout import Pack, Places, Plan, View, regular_view
from autograd.compiler.writing import literal

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

    @property
    def end(self) -> int:
        return self.base + self.size


@dataclass(frozen=True)
class Piece:
    """Cells in a row: some of an array, or constants."""

    known: Known | None
    start: int
    stop: int
    numbers: tuple[float, ...] = ()


class Arrays:
    """The arrays that a program has made so far, and its text.

    Attributes:
        copied: the cell whose number a cell has; another one for what the plan copies, which is not done.
        made: the array that begins with a cell, as an instruction made it; `others` are parts and joins of these.
        statics: definitions for the module, arrays of constants.
    """

    def __init__(self, plan: Plan, arguments: Sequence[tuple[str, int]], parameters: int, reserved: set[str]) -> None:
        self.plan, self.used = plan, {"n", *reserved}
        self.copied = np.arange(plan.height + plan.size)
        self.constants = dict(plan.row_constants)
        self.constants.update({plan.height + place: number for place, number in plan.fixed_constants})
        self.bases: list[int] = []
        self.made: dict[int, Known] = {}
        self.others: dict[int, list[Known]] = {}
        self.named: dict[View, tuple[str, bool]] = {}
        self.by_text: dict[str, str] = {}
        self.lines: list[tuple[str, str]] = []
        self.statics: list[str] = []
        self.theta = self.fresh("parameters", numbered=False)
        self.enter(Known(self.theta, plan.height, (parameters,), False))
        self.arguments = [(self.fresh(name, numbered=False), size) for name, size in arguments]
        for (name, size), base in zip(self.arguments, plan.arguments, strict=True):
            self.enter(Known(name, base, (size,), True))

    def add(self, text: str, note: str = "") -> None:
        self.lines.append((text, note))

    def fresh(self, name: str, numbered: bool = True) -> str:
        """The name, if it is free and an argument's; else with the next number."""
        name = re.sub(r"\W", "_", name)
        name = f"_{name}" if not name.isidentifier() else name
        chosen, k = name, 1
        while chosen in self.used or keyword.iskeyword(chosen) or (numbered and chosen == name):
            chosen, k = f"{name}{k}", k + 1
        self.used.add(chosen)
        return chosen

    # --- Cells ------------------------------------------------------------------------------------------------

    def cell(self, view: View) -> int:
        return view.base if view.in_rows else self.plan.height + view.base

    def enter(self, known: Known) -> None:
        if known.size:
            bisect.insort(self.bases, known.base)
            self.made[known.base] = known

    def owner(self, cell: int) -> Known | None:
        """The array that was made with this cell."""
        k = bisect.bisect_right(self.bases, cell) - 1
        known = self.made[self.bases[k]] if k >= 0 else None
        return known if known and cell < known.end else None

    def enter_other(self, known: Known) -> None:
        """A part of an array, or several joined; to be found by the array that its first cell is of."""
        self.others.setdefault(self.home_of(known.base), []).append(known)

    def home_of(self, cell: int) -> int:
        """The first cell of the array that this one is of."""
        owner = self.owner(cell)
        return owner.base if owner else cell

    def pack(self, pack: Pack) -> None:
        places = pack.places if pack.from_rows else self.plan.height + pack.places
        start = self.cell(pack.out)
        self.copied[start : start + len(places)] = self.copied[places]

    def number(self, view: View, k: int) -> float | None:
        """The constant at index k of a line; None if there is no constant."""
        return self.constants.get(int(self.copied[self.cell(view) + k * view.strides[0]]))

    def all_constant(self, view: View) -> set[float]:
        """The numbers of a view of constants; nothing if not all are constants."""
        cells = self.copied[self.cell(view) - view.base + view.places].tolist()
        return {self.constants[cell] for cell in cells} if all(cell in self.constants for cell in cells) else set()

    # --- Views ------------------------------------------------------------------------------------------------

    def read(self, view: View, full: bool = True, batched: bool = False) -> str:
        """A name or short text for the numbers of a view, of shape (rows, *view.shape) or view.shape.

        Args:
            full: repeat the numbers along an axis whose stride is 0; else that axis may have length 1.
            batched: repeat them for every row.
        """
        text, has_rows = self.array(view, full)
        if batched and not has_rows:
            return f"jnp.broadcast_to({text}, (n, {listed(view.shape)}))"
        return text

    def array(self, view: View, full: bool = True) -> tuple[str, bool]:
        """The text, and whether it has the axis of rows."""
        base = self.cell(view)
        core = _Core(View(True, base, view.shape, view.strides))
        span = slice(core.low, core.high + 1)
        if (self.copied[span] != np.arange(core.low, core.high + 1)).any():
            cells = self.copied[View(True, base, view.shape, view.strides).places]
            regular = regular_view(cells.reshape(view.shape), True)
            if regular is None:
                return self.gathered_array(cells, view.shape)
            core = _Core(regular)
        key = View(full, core.view.base, core.view.shape, core.view.strides)
        if key not in self.named:
            self.named[key] = self.sliced(core, full)
        return self.named[key]

    def sliced(self, core: "_Core", full: bool) -> tuple[str, bool]:
        known = self.holder(core)
        if known is None:
            return self.gathered_array(core.view.places, core.view.shape)
        text = _slice(known, core)
        if text is None:
            return self.gathered_array(core.view.places, core.view.shape)
        text = self.brief(text, known, core)
        text = _arranged(text, core, known.batched)
        if full and core.repeats:
            text = f"jnp.broadcast_to({text}, ({'n, ' if known.batched else ''}{listed(core.view.shape)}))"
        return self.brief(text, known, None), known.batched

    def brief(self, text: str, known: Known, core: "_Core | None") -> str:
        """The text, if it is short; else a name for it."""
        theta = known.name == self.theta and text != self.theta
        if core is None or (re.fullmatch(r"\w+(\[[^\]]*\])?", text) and not theta):
            short = re.fullmatch(r"\w+(\[[^\]]*\]){0,2}(\.T)?", text)
            return text if short else self.name_of(text, f"{known.name}_" if not theta else "c")
        name = self.name_of(text, ("W" if len(core.sizes) > 1 else "theta") if theta else f"{known.name}_")
        if core.is_contiguous:
            self.enter_other(Known(name, core.low, core.sizes, known.batched))
        return name

    def name_of(self, text: str, hint: str) -> str:
        if text.isidentifier():
            return text
        if text not in self.by_text:
            self.by_text[text] = self.fresh(hint)
            self.add(f"{self.by_text[text]} = {text}")
        return self.by_text[text]

    def holder(self, core: "_Core") -> Known | None:
        """The smallest array that has all of these cells; several that follow each other are joined to one."""
        first = self.owner(core.low)
        candidates = [*([first] if first else []), *self.others.get(self.home_of(core.low), [])]
        enough = [each for each in candidates if each.base <= core.low and core.high < each.end]
        if enough:
            return min(enough, key=lambda each: (each.size, each.shape != core.sizes))
        low = first.base if first else core.low
        trial = Known("_", low, (core.high - low + 1,), batched=True)
        if trial.size > 2 * core.count or not _slice(trial, core):
            return None
        known = all(self.owner(cell) or cell in self.constants for cell in range(low, core.high + 1))
        return self.joined(low, core.high) if known else None

    def joined(self, low: int, high: int) -> Known:
        pieces = self.pieces(np.arange(low, high + 1))
        text, batched = self.concatenated(pieces)
        hint, numbered = "joined", True
        if len(pieces) == 2 and pieces[0].known and set(pieces[1].numbers) == {1.0}:
            hint, numbered = f"{pieces[0].known.name}_and_1", False
        name = self.fresh(hint, numbered)
        self.add(f"{name} = {text}")
        known = Known(name, low, (high - low + 1,), batched)
        self.enter_other(known)
        return known

    # --- Numbers from here and there --------------------------------------------------------------------------

    def pieces(self, cells: Places) -> list[Piece]:
        pieces = []
        ends = [0, *(np.flatnonzero(np.diff(cells) != 1) + 1).tolist(), len(cells)]
        for start, end in pairwise(ends):
            cell, stop = int(cells[start]), int(cells[end - 1]) + 1
            while cell < stop:
                piece = self.piece(cell, stop)
                pieces.append(piece)
                cell = piece.stop
        return pieces

    def piece(self, cell: int, stop: int) -> Piece:
        if known := self.owner(cell):
            return Piece(known, cell, min(stop, known.end))
        k = bisect.bisect_right(self.bases, cell)
        stop = min(stop, self.bases[k]) if k < len(self.bases) else stop
        return Piece(None, cell, stop, tuple(self.constants.get(each, 0.0) for each in range(cell, stop)))

    def gathered_array(self, cells: Places, shape: tuple[int, ...]) -> tuple[str, bool]:
        text, batched = self.gathered(self.copied[cells])
        if len(shape) > 1:
            text = f"{text}.reshape({'n, ' if batched else ''}{listed(shape)})"
        return self.name_of(text, "gathered"), batched

    def gathered(self, cells: Places) -> tuple[str, bool]:
        """The numbers of these cells, as slices one after the other; or by an index, if they are irregular."""
        if not len(cells):
            return "jnp.zeros(0, dtype)", False
        cells = self.copied[cells]
        pieces = self.pieces(cells)
        if len(pieces) <= _PIECES:
            return self.concatenated(pieces)
        distinct = np.unique(cells)
        parts = self.pieces(distinct)
        if len(pieces) <= 2 * len(parts):
            return self.concatenated(pieces)
        owners = {piece.known for piece in parts}
        (owner, *_) = owners
        if len(owners) == 1 and owner is not None:
            return self.taken(_flat(owner), cells - owner.base), owner.batched
        text, batched = self.concatenated(parts)
        return self.taken(self.name_of(text, "parts"), np.searchsorted(distinct, cells)), batched

    def taken(self, text: str, places: Places) -> str:
        step = int(places[1]) - int(places[0])
        if step > 0 and (np.diff(places) == step).all():
            return f"{text}[..., {places[0]}:{places[-1] + 1}:{step}]"
        return f"jnp.take({text}, {self.static('places', places.tolist())}, axis=-1)"

    def concatenated(self, pieces: list[Piece]) -> tuple[str, bool]:
        batched = any(piece.known and piece.known.batched for piece in pieces)
        texts = [self.piece_text(piece, batched) for piece in pieces]
        if len(texts) == 1:
            return texts[0], batched
        return f"jnp.concatenate([{', '.join(texts)}]{', axis=1' if batched else ''})", batched

    def piece_text(self, piece: Piece, batched: bool) -> str:
        count, known = piece.stop - piece.start, piece.known
        if known is None:
            return self.constant_text(piece.numbers, batched)
        text = _part(known, piece.start - known.base, piece.stop - known.base, 1)
        return f"jnp.broadcast_to({text}, (n, {count}))" if batched and not known.batched else text

    def constant_text(self, numbers: Sequence[float], batched: bool) -> str:
        shape = f"(n, {len(numbers)})" if batched else f"{len(numbers)}"
        if set(numbers) in ({0.0}, {1.0}):
            return f"jnp.{'ones' if numbers[0] else 'zeros'}({shape}, dtype)"
        if len(set(numbers)) == 1:
            return f"jnp.full({shape}, {literal(numbers[0], 'jnp')}, dtype)"
        text = f"jnp.asarray({self.static('c', numbers)}, dtype)"
        return f"jnp.broadcast_to({text}, {shape})" if batched else text

    def static(self, hint: str, numbers: Sequence[float]) -> str:
        """A name in the module for constants."""
        name = self.fresh(hint)
        numbers_text = ", ".join(literal(x, "np") for x in numbers)
        self.statics.append(textwrap.fill(f"{name} = np.array([{numbers_text}])", 118, subsequent_indent="    "))
        return name

    def element(self, place: int) -> str:
        """One number of `fixed`."""
        cell = int(self.copied[self.plan.height + place])
        known = self.owner(cell)
        if known is None:
            return f"jnp.asarray({literal(self.constants.get(cell, 0.0), 'jnp')}, dtype)"
        return f"{known.name}[{listed(np.unravel_index(cell - known.base, known.shape))}]"


# --- Slices ---------------------------------------------------------------------------------------------------


class _Core:
    """A view of cells without its axes of length 1 and of repetition, the others by falling stride."""

    def __init__(self, view: View) -> None:
        axes = [k for k, (size, stride) in enumerate(zip(view.shape, view.strides, strict=True)) if size > 1 and stride]
        self.view = view
        self.repeats = any(view.shape[k] > 1 for k in range(len(view.shape)) if k not in axes)
        self.flipped = {k for k in axes if view.strides[k] < 0}
        self.axes = sorted(axes, key=lambda k: -abs(view.strides[k])) or [len(view.shape) - 1]
        self.sizes = tuple(view.shape[k] for k in self.axes) if axes else (1,)
        self.steps = tuple(abs(view.strides[k]) for k in self.axes) if axes else (1,)
        self.low = view.base + sum((view.shape[k] - 1) * view.strides[k] for k in self.flipped)
        self.high = self.low + sum((size - 1) * step for size, step in zip(self.sizes, self.steps, strict=True))
        self.count = int(np.prod(self.sizes))

    @property
    def is_contiguous(self) -> bool:
        return self.steps == tuple(int(np.prod(self.sizes[k + 1 :])) for k in range(len(self.sizes)))


def _slice(known: Known, core: _Core) -> str | None:
    """The cells of the core, of shape (rows, *core.sizes) or core.sizes; None if these are no slices."""
    start, outer, extent = core.low - known.base, core.steps[0], core.high - core.low + 1
    inner = extent - (core.sizes[0] - 1) * outer
    if len(core.sizes) == 1 and (outer == 1 or known.shape != (core.sizes[0], outer)):
        return _part(known, start, start + extent, outer)
    widths = [step // after for step, after in zip(core.steps, (*core.steps[1:], 1), strict=True)]
    if any(step % after for step, after in pairwise(core.steps)):
        return None
    first, length = _aligned(start, core.sizes[0] * outer, outer, inner, known.size)
    if first < 0:
        return None
    index, offset = [":"], start - first
    for size, step, width in zip((*core.sizes[1:], None), (*core.steps[1:], 1), widths, strict=True):
        at, offset = divmod(offset, step)
        if size is not None and at + size > width:
            return None
        index.append(str(at) if size is None else ":" if size == width else f"{at or ''}:{at + size}")
    if core.steps[-1] == 1:
        index, widths = index[:-1], widths[:-1]
    shape = (core.sizes[0], *widths)
    text = _part(known, first, first + length, 1) if (first, length, shape) != (0, known.size, known.shape) else ""
    text = f"{text}.reshape({'n, ' if known.batched else ''}{listed(shape)})" if text else known.name
    return text if set(index) == {":"} else f"{text}[{', '.join(index if not known.batched else [':', *index])}]"


def _aligned(start: int, length: int, outer: int, inner: int, size: int) -> tuple[int, int]:
    """The first of `length` cells in lines of `outer` that have the core, `inner` cells of each; < 0 if none do."""
    offsets = (start % outer, 0, start + length - size)
    for offset in offsets:
        if 0 <= offset <= min(start, outer - inner) and start - offset + length <= size:
            return start - offset, length
    return -1, length


def _part(known: Known, start: int, stop: int, step: int) -> str:
    if (start, stop, step) == (0, known.size, 1):
        return _flat(known)
    text, length, line = _flat(known), known.size, ""
    if len(known.shape) == 2 and start // known.shape[1] == (stop - 1) // known.shape[1]:
        text, length = known.name, known.shape[1]
        line, start, stop = f"{start // length}, ", start % length, (stop - 1) % length + 1
    cut = f"{start or ''}:{stop if stop < length else ''}{f':{step}' if step > 1 else ''}"
    return f"{text}[{':, ' if known.batched else ''}{line}{cut}]"


def _flat(known: Known) -> str:
    if len(known.shape) == 1:
        return known.name
    return f"{known.name}.reshape(n, {known.size})" if known.batched else f"{known.name}.ravel()"


def _arranged(text: str, core: _Core, batched: bool) -> str:
    """From falling strides to the axes of the view, those of length 1 among them."""
    order = [int(k) for k in np.argsort(core.axes)]
    if order != sorted(order):
        swapped = ".swapaxes(1, 2)" if batched else ".T"
        moved = f".transpose({listed([0, *(k + 1 for k in order)] if batched else order)})"
        text += swapped if len(order) == 2 else moved
    index = [
        "None" if k not in core.axes else "::-1" if k in core.flipped else ":" for k in range(len(core.view.shape))
    ]
    return text if set(index) == {":"} else f"{text}[{', '.join([':', *index] if batched else index)}]"


def listed(numbers: Sequence[Any]) -> str:
    return ", ".join(str(int(x)) for x in numbers)
