"""From groups to steps: a place for every number, chosen so that each step reads views.

A step writes its numbers into consecutive places, in an order that makes its operands regular; so later steps read them
as strided views. What cannot be read so is gathered by a copy; constants are put where they are needed, such as the 1
below a layer's outputs that the biases are multiplied with.
"""

import bisect
import itertools
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.matrices.lift import Group
from autograd.compiler.matrices.normal import DOT, INNER, MAP, SUM, Normal
from autograd.compiler.matrices.steps import Contraction, Gather, Map, Operand, Places, Plan, View, reduces
from autograd.compiler.scalar import CONSTANT, INPUT, PARAMETER
from autograd.operation import Op

Ids = NDArray[np.intp]

_NO_ROOM = np.iinfo(np.intp).min  # the owner of the parameters and of constants, behind which there is no room


def lay_out(
    numbers: Normal, groups: Sequence[Group], sizes: Sequence[int], asked: Sequence[int]
) -> tuple[Plan, Places]:
    """The steps that compute the groups, and the place of each number; -1 for what has none.

    Args:
        sizes: how many inputs each argument has.
        asked: numbers that get a place also if they are constants.
    """
    layout = _Layout(numbers, groups, sizes)
    for k, group in enumerate(groups):
        {MAP: layout.map, DOT: layout.product, INNER: layout.inner, SUM: layout.sum}[group.kind](k, group)
    for number in asked:
        if numbers.is_constant(number):
            layout.place[number] = layout.slot(number, in_rows=False)
    return layout.plan, layout.place


class _Layout:
    def __init__(self, numbers: Normal, groups: Sequence[Group], sizes: Sequence[int]) -> None:
        self.numbers, self.plan = numbers, Plan()
        self.place = np.full(len(numbers), -1, dtype=np.intp)
        self.varies = np.array(numbers.varies, dtype=bool)
        kind = np.array(numbers.kind, dtype=np.intp)
        self.constant = kind == CONSTANT
        self.ends = [0, *itertools.accumulate(sizes)]
        self.owner = np.full(len(numbers), _NO_ROOM, dtype=np.intp)  # the group that makes it; below 0 an argument
        for k, group in enumerate(groups):
            self.owner[group.elements] = k
        inputs = np.flatnonzero(kind == INPUT)
        self.owner[inputs] = [-bisect.bisect_right(self.ends, k) for k in range(len(inputs))]
        self.wanted: dict[int, dict[int, int]] = defaultdict(dict)  # behind a group: constant → copies
        self.appended: dict[tuple[int, int], int] = {}
        self.slots: dict[tuple[bool, int], int] = {}
        for group in groups:
            if group.kind == DOT:
                self._want_constants(group)
        for argument, (start, end) in enumerate(itertools.pairwise(self.ends)):
            lines = self.plan.room(True, (end - start,))
            self.plan.arguments.append((lines.base, lines.size))
            self.place[inputs[start:end]] = lines.places
            self._append_constants(-1 - argument, in_rows=True)
        parameters = np.flatnonzero(kind == PARAMETER)
        self.plan.parameters = len(parameters)
        self.place[parameters] = self.plan.room(False, parameters.shape).places

    # --- Places -----------------------------------------------------------------------------------------------

    def slot(self, constant: int, in_rows: bool) -> int:
        """The place of a constant that is read as a number among others."""
        key = in_rows, constant
        if key not in self.slots:
            self.slots[key] = self._filled([self.numbers.what[constant]], in_rows).base
        return self.slots[key]

    def _filled(self, numbers: Sequence[float], in_rows: bool) -> View:
        """Places that hold these constants."""
        found = self.plan.room(in_rows, (len(numbers),))
        constants = self.plan.row_constants if in_rows else self.plan.fixed_constants
        constants += zip(found.places.tolist(), numbers, strict=True)
        return found

    def _written(self, number: int, elements: Ids, varies: bool) -> View:
        """Give the elements of a group consecutive places."""
        out = self.plan.room(varies, elements.shape)
        self.place[elements.ravel()] = out.places
        self._append_constants(number, varies)
        return out

    def _append_constants(self, number: int, in_rows: bool) -> None:
        for constant, copies in self.wanted[number].items():
            self.appended[number, constant] = self._filled([self.numbers.what[constant]] * copies, in_rows).base

    def _want_constants(self, group: Group) -> None:
        """Ask for constants behind the group that makes the rest of the lists b, so that they are regular."""
        rights = np.array(group.rights, dtype=np.intp)
        constant = self.constant[rights]
        owners = np.unique(self.owner[rights[~constant]])
        if len(owners) != 1 or owners[0] == _NO_ROOM:
            return
        owner = int(owners[0])
        for number in dict.fromkeys(rights[constant].tolist()):
            whole = (rights == number).all(axis=1).any()
            copies = rights.shape[1] if whole else len(rights)
            self.wanted[owner][number] = max(copies, self.wanted[owner].get(number, 0))

    # --- Views ------------------------------------------------------------------------------------------------

    def _view(self, ids: Ids, in_rows: bool, shape: tuple[int, ...] | None = None) -> View:
        """The numbers as a view; by a copy, if their places are not regular."""
        shape = shape or ids.shape
        if self.constant[ids].all():
            return View.of(in_rows, self._filled([self.numbers.what[x] for x in ids.flat], in_rows).base, shape)
        places = self._places(ids, in_rows)
        view = View.at(places.reshape(shape), in_rows) if places is not None else None
        return view or self._packed(ids.ravel(), in_rows, shape)

    def _places(self, ids: Ids, in_rows: bool) -> Places | None:
        """Where these are; None if not all are in that arena."""
        constant = self.constant[ids]
        if (self.varies[ids] != in_rows)[~constant].any():
            return None
        places = self.place[ids]
        if constant.any():
            owner = int(self.owner[ids[~constant][0]]) if not constant.all() else _NO_ROOM
            for at in np.argwhere(constant).tolist():
                places[tuple(at)] = self._place_of_constant(ids, owner, at, in_rows)
        return places

    def _place_of_constant(self, ids: Ids, owner: int, at: list[int], in_rows: bool) -> int:
        number = int(ids[tuple(at)])
        base = self.appended.get((owner, number))
        if base is None:
            return self.slot(number, in_rows)
        if ids.ndim < 2:
            return base
        return base + (at[1] if (ids[at[0]] == number).all() else at[0])

    def _packed(self, ids: Ids, in_rows: bool, shape: tuple[int, ...]) -> View:
        whole = self.plan.room(in_rows, shape)
        from_rows = np.where(self.constant[ids], in_rows, self.varies[ids])
        for source in (True, False):
            for part in _runs(np.flatnonzero(from_rows == source)):
                found = ids[part]
                places = [self.slot(x, in_rows) if self.constant[x] else int(self.place[x]) for x in found.tolist()]
                out = View.of(in_rows, whole.base + part.start, (len(found),))
                self.plan.steps.append(Gather(out, source, np.array(places)))
        return whole

    # --- Steps ------------------------------------------------------------------------------------------------

    def map(self, number: int, group: Group) -> None:
        ids = np.array(group.lefts, dtype=np.intp)
        order = np.lexsort(self.place[ids][::-1])
        elements, ids = np.array(group.elements)[order], ids[:, order]
        if isinstance(group.what, Op) and reduces(group.what):
            operands: list[Operand] = [self._view(ids, group.varies)]
            shape: tuple[int, ...] = (len(elements),)
        else:
            shape, operands = self._operands(ids)
        out = self._written(number, elements.reshape(shape), group.varies)
        self.plan.steps.append(Map(out, group.what, tuple(operands)))

    def _operands(self, ids: Ids) -> tuple[tuple[int, ...], list[Operand]]:
        """The operands of an elementwise step, and the shape in which all of them are regular."""
        known: list[Places | None] = []
        for line in ids:
            constant = self.constant[line].all()
            known.append(None if constant else self._places(line, bool(self.varies[line[0]])))
        shape = _common_shape([places for places in known if places is not None], ids.shape[1])
        operands: list[Operand] = []
        for line in ids:
            if self.constant[line[0]] and (line == line[0]).all():
                operands.append(self.numbers.what[line[0]])
            else:
                operands.append(self._view(line, bool(self.varies[line].any()), shape))
        return shape, operands

    def product(self, number: int, group: Group) -> None:
        lefts, rights = np.array(group.lefts, dtype=np.intp), np.array(group.rights, dtype=np.intp)
        elements = np.array(group.elements).reshape(len(lefts), len(rights))
        by_left, by_right = self._order(lefts), self._order(rights)
        lefts, rights, elements = lefts[by_left], rights[by_right], elements[by_left][:, by_right]
        lefts, rights = self._sorted_terms(lefts, rights)
        left, right = self._view(lefts, False), self._turned(rights, group.varies)
        biased = bool(self.constant[rights[0, -1]]) and self.numbers.kind[lefts[0, 0]] == PARAMETER
        shape = *elements.shape, lefts.shape[1]  # the lists a, the lists b, the terms
        left = View(left.in_rows, left.base, shape, (left.strides[0], 0, left.strides[1]))
        right = View(right.in_rows, right.base, shape, (0, *right.strides))
        out = self._written(number, elements, group.varies)
        out = View(group.varies, out.base, shape, (*out.strides, 0))
        self.plan.steps.append(Contraction(out, left, right, biased=biased))

    def _turned(self, rights: Ids, varies: bool) -> View:
        """The lists b; if they have to be copied, with the terms first, so that lists and rows are one in memory."""
        places = None if self.constant[rights].all() else self._places(rights, varies)
        if places is not None and View.at(places, varies) is None:
            view = self._view(rights.T, varies)
            return View(view.in_rows, view.base, view.shape[::-1], view.strides[::-1])
        return self._view(rights, varies)

    def _order(self, lists: Ids) -> Ids:
        """By the place of the first of each list that is not constant."""
        constant = self.constant[lists]
        first = lists[np.arange(len(lists)), np.argmin(constant, axis=1)]
        return np.lexsort((self.place[first], self.constant[first]))

    def _sorted_terms(self, lefts: Ids, rights: Ids) -> tuple[Ids, Ids]:
        """The summands in an order that makes both operands regular, if there is one."""
        if lefts.shape[1] < 3:
            return lefts, rights

        def regular(lists: Ids) -> bool:
            lines = [self.place[line[~self.constant[line]]] for line in lists[:2]]
            return all(len(np.unique(np.diff(line))) <= 1 for line in lines)

        orders = [np.lexsort((self.place[lists[0]], self.constant[lists[0]])) for lists in (rights, lefts)]
        candidates = [(lefts, rights), *((lefts[:, order], rights[:, order]) for order in orders)]
        return max(candidates, key=lambda pair: regular(pair[0]) + regular(pair[1]))

    def inner(self, number: int, group: Group) -> None:
        order, elements = self._by_place(group)
        lefts, rights = (np.array(lists, dtype=np.intp)[order].T for lists in (group.lefts, group.rights))
        left, right = self._view(lefts, True), self._view(rights, True)
        out = self._written(number, elements, True)
        out = View(True, out.base, left.shape, (0, *out.strides))
        self.plan.steps.append(Contraction(out, left, right))

    def sum(self, number: int, group: Group) -> None:
        order, elements = self._by_place(group)
        left = self._view(np.array(group.lefts, dtype=np.intp)[order].T, group.varies)
        out = self._written(number, elements, group.varies)
        out = View(group.varies, out.base, left.shape, (0, *out.strides))
        self.plan.steps.append(Contraction(out, left, None))

    def _by_place(self, group: Group) -> tuple[Ids, Ids]:
        """The elements in the order of what they read first."""
        order = np.argsort(self.place[[left[0] for left in group.lefts]], kind="stable")
        return order, np.array(group.elements)[order]


def _common_shape(sequences: Sequence[Places], count: int) -> tuple[int, ...]:
    """A shape with `count` elements in which the sequences are regular, as many of them as possible."""
    cuts = {1, count}
    for places in sequences:
        for cut in _periods(places) or ():
            if all(cut % other == 0 or other % cut == 0 for other in cuts):
                cuts.add(cut)
    ordered = sorted(cuts, reverse=True)
    return tuple([ordered[k] // ordered[k + 1] for k in range(len(ordered) - 1)]) or (1,)


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
    if not len(chosen):
        return []
    ends = [-1, *np.flatnonzero(np.diff(chosen) != 1).tolist(), len(chosen) - 1]
    return [slice(int(chosen[start + 1]), int(chosen[end]) + 1) for start, end in itertools.pairwise(ends)]
