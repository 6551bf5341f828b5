"""Third pass: a place for every number, such that what a step reads are slices.

Numbers live in two arenas. `rows` has a line for each scalar that varies from row to row of a batch, and a column for
each row; `fixed` has a cell for each scalar that does not: the parameters first, then room for their gradient.
A step writes its scalars into consecutive places, in an order that makes its operands regular; so later steps read
them as strided views. What cannot be read so is gathered by a copy (`Pack`); constants are put where they are needed,
such as the 1 below a layer's outputs that the biases are multiplied with.
"""

import bisect
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.lift import Step
from autograd.compiler.scalars import CONSTANT, DOT, INNER, INPUT, MAP, PARAMETER, TOTAL, Scalar

Places = NDArray[np.intp]

_PARAMETERS = -(10**9)  # the owner of the parameters, behind which there is no room


@dataclass(frozen=True)
class View:
    """Numbers in an arena: those at base + Σ indexᵢ·stridesᵢ for every index below `shape`."""

    in_rows: bool  # else in `fixed`
    base: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def places(self) -> Places:
        grid = np.indices(self.shape).reshape(len(self.shape), -1)
        return self.base + np.array(self.strides, dtype=np.intp) @ grid if self.shape else np.array([self.base])


Operand = View | float


@dataclass(frozen=True)
class Pack:
    """A copy of numbers from here and there: `out[k] = arena[places[k]]`."""

    out: View
    from_rows: bool
    places: Places


@dataclass(frozen=True)
class Map:
    """An elementwise step: `what` is an Op, or the form of a sum (its terms' signs and numbers of factors)."""

    out: View
    what: Any
    operands: tuple[Operand, ...]
    elements: tuple[int, ...]


@dataclass(frozen=True)
class Product:
    """out[r, c] = Σₖ left[r, k] · right[c, k]. A total sums over the rows of the batch too.

    In `rows`, with more than one c, out is [c, r]: one matrix product for each c.
    """

    out: View
    left: View
    right: View
    total: bool
    biased: bool  # parameters times numbers, and one parameter more
    elements: tuple[int, ...]


@dataclass(frozen=True)
class Inner:
    """out[e] = Σₖ left[k, e] · right[k, e], both of which vary."""

    out: View
    left: View
    right: View
    elements: tuple[int, ...]


Instruction = Pack | Map | Product | Inner


@dataclass
class Plan:
    """A program, up to the language it is written in.

    Attributes:
        arguments: first line of each.
        gradient: first cell of the room for the gradient.
        height: lines of `rows`.
        size: cells of `fixed`.
        row_constants, fixed_constants: (place, number) to be written once.
        place: of every scalar; in the arena that its `varies` says.
    """

    arguments: list[int] = field(default_factory=list)
    gradient: int = 0
    instructions: list[Instruction] = field(default_factory=list)
    height: int = 0
    size: int = 0
    row_constants: list[tuple[int, float]] = field(default_factory=list)
    fixed_constants: list[tuple[int, float]] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)


def plan(
    scalars: Sequence[Scalar],
    steps: Sequence[Step],
    arguments: Sequence[int],
    needed: Sequence[int],
    targets: dict[int, int],
) -> Plan:
    """Lay out the steps.

    Args:
        arguments: how many inputs each argument has.
        needed: scalars that are asked for: they get a place also if they are inputs or constants.
        targets: scalar → place in the gradient, for those that are best written there at once.
    """
    return _Layout(scalars, steps, arguments, targets).lay_out(needed)


class _Layout:
    def __init__(
        self, scalars: Sequence[Scalar], steps: Sequence[Step], arguments: Sequence[int], targets: dict[int, int]
    ) -> None:
        self.scalars, self.steps, self.targets = scalars, steps, targets
        self.arguments = [0, *itertools.accumulate(arguments)]
        self.plan = Plan()
        self.place = self.plan.place
        self.made_in = {element: k for k, step in enumerate(steps) for element in step.elements}
        self.wanted: dict[int, dict[int, int]] = defaultdict(dict)  # after a step: constant → copies
        self.appended: dict[tuple[int, int], int] = {}
        self.slots: dict[tuple[bool, int], int] = {}

    def lay_out(self, needed: Sequence[int]) -> Plan:
        for step in self.steps:
            if step.kind in (DOT, TOTAL):
                self._want_constants(step)
        self._place_sources()
        for number, step in enumerate(self.steps):
            if step.kind == MAP:
                self._map(number, step)
            elif step.kind == INNER:
                self._inner(number, step)
            else:
                self._product(number, step)
        for scalar in needed:
            if self.scalars[scalar].kind == CONSTANT:
                self.place[scalar] = self._slot(scalar, in_rows=False)
        return self.plan

    # --- Places -----------------------------------------------------------------------------------------------

    def _place_sources(self) -> None:
        sources = {
            kind: {int(scalar.number): k for k, scalar in enumerate(self.scalars) if scalar.kind == kind}
            for kind in (INPUT, PARAMETER)
        }
        for argument, (start, end) in enumerate(itertools.pairwise(self.arguments)):
            base = self._room(True, end - start)
            self.plan.arguments.append(base)
            self.place.update({sources[INPUT][k]: base + k - start for k in range(start, end)})
            self._append_constants(-1 - argument, in_rows=True)
        self._room(False, len(sources[PARAMETER]))
        self.place.update({scalar: k for k, scalar in sources[PARAMETER].items()})
        self.plan.gradient = self._room(False, len(sources[PARAMETER]))

    def _room(self, in_rows: bool, count: int) -> int:
        base = self.plan.height if in_rows else self.plan.size
        if in_rows:
            self.plan.height += count
        else:
            self.plan.size += count
        return base

    def _slot(self, constant: int, in_rows: bool) -> int:
        """The place of a constant that is read as a number among others."""
        key = in_rows, constant
        if key not in self.slots:
            self.slots[key] = self._filled([self.scalars[constant].number], in_rows)
        return self.slots[key]

    def _filled(self, numbers: Sequence[float], in_rows: bool) -> int:
        base = self._room(in_rows, len(numbers))
        constants = self.plan.row_constants if in_rows else self.plan.fixed_constants
        constants += [(base + k, number) for k, number in enumerate(numbers)]
        return base

    def _written(self, number: int, elements: Sequence[int], varies: bool) -> int:
        """Give the elements of a step consecutive places."""
        targets = [self.targets.get(element, -1) for element in elements]
        if targets[0] >= 0 and targets == list(range(targets[0], targets[0] + len(targets))):
            base = self.plan.gradient + targets[0]
        else:
            base = self._room(varies, len(elements))
        for k, element in enumerate(elements):
            self.place[element] = base + k
        self._append_constants(number, varies)
        return base

    def _append_constants(self, number: int, in_rows: bool) -> None:
        for constant, copies in self.wanted[number].items():
            self.appended[number, constant] = self._filled([self.scalars[constant].number] * copies, in_rows)

    def _want_constants(self, step: Step) -> None:
        """Ask for constants behind the step that makes the rest of the lists b, so that they are regular."""
        owners = {self._owner(x) for right in step.rights for x in right if not self._is_constant(x)}
        if len(owners) != 1 or _PARAMETERS in owners:
            return
        (owner,) = owners
        for constant in {x for right in step.rights for x in right if self._is_constant(x)}:
            whole = any(all(x == constant for x in right) for right in step.rights)
            copies = step.terms if whole else len(step.rights)
            self.wanted[owner][constant] = max(copies, self.wanted[owner].get(constant, 0))

    def _owner(self, scalar: int) -> int:
        """The step that makes it; below 0 for an argument."""
        kind = self.scalars[scalar].kind
        if kind == INPUT:
            return -bisect.bisect_right(self.arguments, self.scalars[scalar].number)
        return self.made_in[scalar] if kind != PARAMETER else _PARAMETERS

    def _is_constant(self, scalar: int) -> bool:
        return self.scalars[scalar].kind == CONSTANT

    # --- Views ------------------------------------------------------------------------------------------------

    def _view(self, ids: NDArray[Any], in_rows: bool, shape: tuple[int, ...] | None = None) -> View:
        """The scalars as a view; by a copy, if their places are not regular."""
        if all(self._is_constant(x) for x in ids.flat):
            numbers = [self.scalars[x].number for x in ids.flat]
            return _contiguous(in_rows, self._filled(numbers, in_rows), shape or ids.shape)
        shape = shape or ids.shape
        places = self._places(ids, in_rows)
        view = regular_view(places.reshape(shape), in_rows) if places is not None else None
        return view or self._packed(ids.ravel(), in_rows, shape)

    def _places(self, ids: NDArray[Any], in_rows: bool) -> Places | None:
        """Where these are; None if not all are in that arena."""
        places = np.empty(ids.shape, dtype=np.intp)
        owner = next((self._owner(x) for x in ids.flat if not self._is_constant(x)), None)
        for index, x in np.ndenumerate(ids):
            if not self._is_constant(x):
                if self.scalars[x].varies != in_rows:
                    return None
                places[index] = self.place[x]
            elif owner is not None and (base := self.appended.get((owner, x))) is not None:
                whole = ids.ndim == 2 and all(ids[index[0]] == x)
                places[index] = base + (0 if ids.ndim < 2 else index[1] if whole else index[0])
            else:
                places[index] = self._slot(x, in_rows)
        return places

    def _packed(self, ids: NDArray[Any], in_rows: bool, shape: tuple[int, ...]) -> View:
        base = self._room(in_rows, len(ids))
        for from_rows in (True, False):
            chosen = [
                k
                for k, x in enumerate(ids)
                if (in_rows if self._is_constant(x) else self.scalars[x].varies) == from_rows
            ]
            if chosen:
                places = [
                    self._slot(ids[k], in_rows) if self._is_constant(ids[k]) else self.place[ids[k]] for k in chosen
                ]
                for part in _runs(np.array(chosen)):
                    out = View(in_rows, base + chosen[part.start], (part.stop - part.start,), (1,))
                    self.plan.instructions.append(Pack(out, from_rows, np.array(places[part])))
        return _contiguous(in_rows, base, shape)

    # --- Steps ------------------------------------------------------------------------------------------------

    def _map(self, number: int, step: Step) -> None:
        many = getattr(step.what, "arity", 1) is None
        keys = [[self.place.get(x, -1) for x in operands] for operands in step.lefts]
        order = sorted(range(len(step.elements)), key=lambda k: [key[k] for key in keys])
        elements = [step.elements[k] for k in order]
        ids = np.array([[operands[k] for k in order] for operands in step.lefts], dtype=np.intp)
        if many:
            shape = (len(elements),)
            operands: list[Operand] = [self._view(ids, step.varies)]
        else:
            shape, operands = self._operands(ids)
        base = self._written(number, elements, step.varies)
        out = _contiguous(step.varies, base, shape)
        self.plan.instructions.append(Map(out, step.what, tuple(operands), tuple(elements)))

    def _operands(self, ids: NDArray[Any]) -> tuple[tuple[int, ...], list[Operand]]:
        """The operands of an elementwise step, and the shape in which all of them are regular."""
        known: list[Places | None] = []
        for line in ids:
            constant = all(self._is_constant(x) for x in line)
            known.append(None if constant else self._places(line, self.scalars[line[0]].varies))
        shape = _common_shape([places for places in known if places is not None], ids.shape[1])
        operands: list[Operand] = []
        for line in ids:
            if self._is_constant(line[0]) and all(line == line[0]):
                operands.append(self.scalars[line[0]].number)
            else:
                operands.append(self._view(line, self.scalars[line[0]].varies, shape))
        return shape, operands

    def _product(self, number: int, step: Step) -> None:
        total = step.kind == TOTAL
        lefts = np.array(step.lefts, dtype=np.intp)
        rights = np.array(step.rights, dtype=np.intp)
        elements = np.array(step.elements).reshape(len(lefts), len(rights))
        by_left, by_right = self._order(lefts, elements), self._order(rights, elements.T)
        lefts, rights, elements = lefts[by_left], rights[by_right], elements[by_left][:, by_right]
        lefts, rights = self._sorted_terms(lefts, rights)
        left = self._view(lefts, total)
        right = self._view(rights, total or step.varies)
        if step.varies and len(rights) > 1:
            elements = elements.T
        base = self._written(number, elements.ravel().tolist(), step.varies)
        out = _contiguous(step.varies, base, elements.shape)
        biased = self._is_constant(rights[0, -1]) and self.scalars[lefts[0, 0]].kind == PARAMETER
        self.plan.instructions.append(Product(out, left, right, total, biased, tuple(elements.ravel().tolist())))

    def _order(self, lists: NDArray[Any], elements: NDArray[Any]) -> list[int]:
        """By place in the gradient if these are gradients, else by place of the lists."""

        def key(k: int) -> tuple[Any, ...]:
            first = next((x for x in lists[k] if not self._is_constant(x)), lists[k][0])
            target = min([self.targets.get(x, -1) for x in elements[k]]) if self.targets else -1
            return target, self._is_constant(first), self.place.get(first, 0), k

        return sorted(range(len(lists)), key=key)

    def _sorted_terms(self, lefts: NDArray[Any], rights: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The summands in an order that makes both operands regular, if there is one."""
        if lefts.shape[1] < 3:
            return lefts, rights

        def regular(lists: NDArray[Any]) -> bool:
            places = [[self.place.get(x, -1) for x in line if not self._is_constant(x)] for line in lists[:2]]
            return all(len(set(np.diff(line))) <= 1 for line in places)

        orders = [
            np.argsort([self._is_constant(x) * 10**9 + self.place.get(x, 0) for x in lists[0]], kind="stable")
            for lists in (rights, lefts)
        ]
        candidates = [(lefts, rights), *((lefts[:, order], rights[:, order]) for order in orders)]
        return max(candidates, key=lambda pair: regular(pair[0]) + regular(pair[1]))

    def _inner(self, number: int, step: Step) -> None:
        order = sorted(range(len(step.elements)), key=lambda k: self.place[step.lefts[k][0]])
        lefts = np.array([step.lefts[k] for k in order], dtype=np.intp).T
        rights = np.array([step.rights[k] for k in order], dtype=np.intp).T
        elements = [step.elements[k] for k in order]
        left, right = self._view(lefts, True), self._view(rights, True)
        base = self._written(number, elements, True)
        self.plan.instructions.append(Inner(_contiguous(True, base, (len(elements),)), left, right, tuple(elements)))


def _contiguous(in_rows: bool, base: int, shape: tuple[int, ...]) -> View:
    strides = tuple(int(np.prod(shape[k + 1 :])) if size > 1 else 0 for k, size in enumerate(shape))
    return View(in_rows, base, tuple(map(int, shape)), strides)


def regular_view(places: Places, in_rows: bool) -> View | None:
    """The view that has these places; None if there is none."""
    base, strides = int(places.flat[0]), []
    for axis, size in enumerate(places.shape):
        second = tuple(int(k == axis) for k in range(places.ndim))
        strides.append(int(places[second]) - base if size > 1 else 0)
    view = View(in_rows, base, tuple(map(int, places.shape)), tuple(strides))
    return view if np.array_equal(view.places, places.ravel()) else None


def _common_shape(sequences: Sequence[Places], count: int) -> tuple[int, ...]:
    """A shape with `count` elements in which the sequences are regular, as many of them as possible."""
    cuts = {1, count}
    for places in sequences:
        for cut in _periods(places) or ():
            if all(cut % other == 0 or other % cut == 0 for other in cuts):
                cuts.add(cut)
    ordered = sorted(cuts, reverse=True)
    return tuple(ordered[k] // ordered[k + 1] for k in range(len(ordered) - 1)) or (1,)


def _periods(places: Places) -> list[int] | None:
    """Lengths after which the differences begin anew: [] for one run, [100] for 16 runs of 100; None if none do."""
    if len(places) <= 2:
        return []
    differences = np.diff(places)
    breaks = np.flatnonzero(differences != differences[0])
    if not len(breaks):
        return []
    run = int(breaks[0]) + 1
    if len(places) % run:
        return None
    lines = places.reshape(-1, run)
    if (np.diff(lines, axis=1) != differences[0]).any():
        return None
    outer = _periods(lines[:, 0])
    return None if outer is None else [run, *(run * each for each in outer)]


def _runs(chosen: Places) -> list[slice]:
    """The slices of consecutive numbers."""
    ends = [*(np.flatnonzero(np.diff(chosen) != 1) + 1).tolist(), len(chosen)]
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
