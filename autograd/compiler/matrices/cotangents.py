"""The way back: from the steps of a loss to those of its gradient.

Each number gets a cotangent, as far behind it as the arena was long, and each step, from the last to the first, adds
to those of its operands. What arrives first is written, what arrives later is added; what is the same number
everywhere (the 1 that the way back begins with) stays a number and is no step. No scalar of the gradient is ever made:
the derivative of a contraction is two contractions, and that of an elementwise step is elementwise, by its rule.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.matrices.step_slopes import factors_of, fold, number_form, product_form, slopes_of
from autograd.compiler.matrices.steps import (
    Contraction,
    Gather,
    Map,
    Operand,
    Places,
    Plan,
    Scatter,
    Step,
    View,
    views_read,
)
from autograd.forms import REDUCTIONS, Form, operand


def differentiate(plan: Plan, loss: tuple[bool, int]) -> Plan:
    """The plan that computes the sum of the loss over the rows, and its gradient.

    Args:
        loss: whether it varies from row to row, and its place.

    Raises:
        NotCompilable: a rule cannot be written down.
    """
    return _Back(plan).run(*loss)


class _Arena:
    """An arena on the way back: which numbers move, and of their cotangents, which are written, which a number still.

    Attributes:
        steps: those of the plan, to which those come that write what is a number still.
        first: the first place that a view of numbers has of which some move.
        behind: how far behind a number its cotangent is: that of the first comes first, at the end of the arena.
        number: the number that a cotangent still is; nan if it is none.
    """

    def __init__(self, in_rows: bool, size: int, steps: list[Step]) -> None:
        self.in_rows, self.steps = in_rows, steps
        self.first, self.behind = size, 0
        self.moving = np.zeros(size, dtype=bool)
        self.written = np.zeros(size, dtype=bool)
        self.number = np.full(size, math.nan)

    def moves(self, view: View) -> bool:
        """Whether some of these numbers move; then the cotangents begin no later than with the first of them."""
        places = view.distinct.places
        if not self.moving[places].any():
            return False
        self.first = min(self.first, int(places.min()))
        return True

    def cotangent(self, view: View) -> View:
        """Where the cotangents of these numbers are."""
        return view.moved(self.behind)

    def arrived(self, view: View) -> Operand | None:
        """What has arrived at these numbers: a view, a number if it is everywhere the same, None if nothing."""
        places = view.distinct.places
        if self._is_untouched(places):
            return None
        numbers = self.number[places]
        if (numbers == numbers[0]).all():
            return float(numbers[0])
        return self.filled(view)

    def filled(self, view: View) -> View:
        """Where the cotangents of these numbers are, all of them written."""
        self.fill(view.distinct.places)
        return self.cotangent(view)

    def note(self, places: Places, number: float) -> bool:
        """Take down that the cotangents are this number, if nothing has arrived there; else say no."""
        if not self._is_untouched(places):
            return False
        self.number[places] = number
        return True

    def adds(self, places: Places) -> bool:
        """Whether what arrives now is added, because something has arrived before; then all that had not is written."""
        if self._is_untouched(places):
            self.written[places] = True
            return False
        self.fill(places)
        return True

    def _is_untouched(self, places: Places) -> bool:
        return not self.written[places].any() and bool(np.isnan(self.number[places]).all())

    def fill(self, places: Places) -> None:
        """Write what has not been written: 0, or the number that it still is."""
        todo = np.unique(places[~self.written[places]])
        numbers = np.nan_to_num(self.number[todo], nan=0.0)
        for number in np.unique(numbers).tolist():
            here = todo[numbers == number]
            if here[-1] - here[0] == len(here) - 1:
                out = View.of(self.in_rows, self.behind + int(here[0]), (len(here),))
                self.steps.append(Map(out, number_form(number), ()))
            else:
                self.steps.append(Scatter(number, self.in_rows, here + self.behind, adds=False))
        self.written[todo] = True
        self.number[todo] = math.nan


class _Back:
    def __init__(self, plan: Plan) -> None:
        self.forward = plan
        self.plan = replace(
            plan,
            steps=list(plan.steps),
            values=(plan.height, plan.size),
            row_constants=list(plan.row_constants),
            fixed_constants=list(plan.fixed_constants),
        )
        self.rows, self.fixed = _Arena(True, plan.height, self.plan.steps), _Arena(False, plan.size, self.plan.steps)
        self.fixed.moving[: plan.parameters], self.fixed.first = True, 0
        self.constants: dict[str, View] = {}

    def run(self, varies: bool, place: int) -> Plan:
        for step in self.forward.steps:
            self._move(step)
        plan = self.plan
        for arena in (self.rows, self.fixed):
            arena.behind = len(arena.moving) - arena.first
            plan.room(arena.in_rows, (arena.behind,))
        plan.behind = self.rows.behind, self.fixed.behind
        plan.is_total, plan.loss = varies, place
        if varies:
            total = plan.room(False, (1,))
            plan.loss = total.base
            plan.steps.append(Contraction(total, View.of(True, place, (1,)), None))
        self._arena(varies).number[place] = 1.0
        for step in reversed(self.forward.steps):
            self._back(step)
        self.fixed.fill(np.flatnonzero(~np.isnan(self.fixed.number[: plan.parameters])))
        return plan

    def _arena(self, in_rows: bool) -> _Arena:
        return self.rows if in_rows else self.fixed

    def _moves(self, view: View) -> bool:
        return self._arena(view.in_rows).moves(view)

    def _move(self, step: Step) -> None:
        """Which results depend on a parameter."""
        assert not isinstance(step, Scatter)
        out, places = self._arena(step.out.in_rows), step.out.distinct.places
        if isinstance(step, Gather):
            moving = self._arena(step.from_rows).moving[step.places]
        else:
            passed = [x for x, _, _ in slopes_of(step)] if isinstance(step, Map) else [step.left, step.right]
            moves = [self._moves(x) for x in passed if isinstance(x, View)]  # of each, for where its cotangents begin
            moving = np.full(len(places), any(moves))
        if moving.any():
            out.moving[places] = moving
            out.first = min(out.first, int(places.min()))

    # --- Steps ------------------------------------------------------------------------------------------------

    def _back(self, step: Step) -> None:
        assert not isinstance(step, Scatter)
        g = self._arena(step.out.in_rows).arrived(step.out) if self._moves(step.out) else None
        if g is None:
            return
        match step:
            case Map():
                self._back_map(step, g)
            case Contraction():
                self._back_contraction(step, g)
            case Gather():
                self._back_gather(step, g)

    def _back_map(self, step: Map, g: Operand) -> None:
        for target, form, operands in slopes_of(step):
            if isinstance(target, View) and self._moves(target):
                self._pass(step.out, target, form, (g, *operands))

    def _back_contraction(self, step: Contraction, g: Operand) -> None:
        if step.left == step.right:  # squares
            self._product(step.left, g, step.left, 2.0)
            return
        for target, other in ((step.left, step.right), (step.right, step.left)):
            if target is not None and self._moves(target):
                self._product(target, g, other)

    def _back_gather(self, step: Gather, g: Operand) -> None:
        arena = self._arena(step.from_rows)
        source = g if isinstance(g, View) else self._arena(step.out.in_rows).filled(step.out)
        if step.out.in_rows and not step.from_rows:
            total = self.plan.room(False, step.out.shape)
            self.plan.steps.append(Contraction(total, source, None))
            source = total
        moving = np.flatnonzero(arena.moving[step.places])
        if len(moving) < len(step.places):
            some = self.plan.room(source.in_rows, moving.shape)
            self.plan.steps.append(Gather(some, source.in_rows, source.places[moving]))
            source = some
        places = step.places[moving]
        adds = arena.adds(places)
        self.plan.steps.append(Scatter(source, step.from_rows, places + arena.behind, adds))

    # --- Elementwise steps ------------------------------------------------------------------------------------

    def _pass(self, out: View, whole: View, form: Form, given: tuple[Operand, ...]) -> None:
        """Add a form to the cotangents of an operand, summed over where this repeats."""
        folded = fold(form, given)
        if out.in_rows and not whole.in_rows and not any(x.in_rows for x in views_read(folded, given).values()):
            given = (self.rows.filled(out), *given[1:])  # what is the same for all rows counts for each of them
            folded = form
        reduced = bool(folded.words & REDUCTIONS)
        if reduced and not _is_injective(whole):
            self._product(whole, self._temporary(whole, folded, given), None)
            return
        for target, operands in self._split(whole, given, first=reduced):
            if not _sums(target, views_read(folded, operands).values()):
                self._add(target, folded, operands)
            elif (pair := factors_of(folded)) is not None:
                self._contract(target, *[operands[k] for k in pair])
            else:
                self._contract(target, self._temporary(target, folded, operands))

    def _add(self, target: View, form: Form, operands: tuple[Operand, ...]) -> None:
        """Add a form to the cotangents of the target; a number that arrives first is only noted."""
        arena, places = self._arena(target.in_rows), target.distinct.places
        if form.word != "number" or not arena.note(places, form.number):
            adds = arena.adds(places)
            self.plan.steps.append(Map(arena.cotangent(target), form, operands, adds))

    def _split(
        self, target: View, operands: Sequence[Operand], first: int = 0
    ) -> Iterator[tuple[View, tuple[Operand, ...]]]:
        """Without the ends of axes that do not move, from the first axis on; and so that no place is there twice."""
        views: list[Operand] = [target, *operands]
        moving = self._arena(target.in_rows).moving[target.grid]
        for axis in sorted(axis for axis in target.axes if axis >= first):
            here = np.flatnonzero(moving.any(axis=tuple([k for k in range(moving.ndim) if k != axis])))
            if len(here) < target.shape[axis]:
                views = [_part(view, axis, int(here[0]), int(here[-1]) + 1, target) for view in views]
        waiting = [views]
        while waiting:
            views = waiting.pop()
            whole = views[0]
            assert isinstance(whole, View)
            if _is_injective(whole):
                yield whole, tuple(views[1:])
                continue
            axis = min([(size, axis) for axis, size in enumerate(whole.shape) if whole.strides[axis]])[1]
            waiting += [
                [_part(view, axis, k, k + 1, whole) for view in views] for k in reversed(range(whole.shape[axis]))
            ]

    def _temporary(self, target: View, form: Form, operands: tuple[Operand, ...]) -> View:
        """The form at every index, in a place of its own."""
        views = views_read(form, operands).values()
        out = self.plan.room(
            any(x.in_rows for x in views), np.broadcast_shapes(target.shape, *[x.shape for x in views])
        )
        self.plan.steps.append(Map(out, form, operands))
        return out

    # --- Products ---------------------------------------------------------------------------------------------

    def _product(self, whole: View, g: Operand, other: View | None, factor: float = 1.0) -> None:
        """Add factor · g · other to the cotangents of an operand."""
        for target, operands in self._split(whole, (factor, g, 1.0 if other is None else other)):
            views = tuple([x for x in operands if isinstance(x, View)])
            if _sums(target, views):
                self._contract(target, *operands)
            else:
                number = math.prod([x for x in operands if not isinstance(x, View)])
                self._add(target, product_form(number, len(views)), views)

    def _contract(self, target: View, *operands: Operand) -> None:
        """Add the product of the operands to the cotangents of the target, summed over the axes that this has not."""
        views = [_over(target.shape, x) for x in operands if isinstance(x, View)]
        has = {axis for view in views for axis in view.axes}
        lost = [size for k, size in enumerate(target.shape) if k not in target.axes | has]
        number = math.prod([x for x in operands if not isinstance(x, View)], start=float(math.prod(lost)))
        shape = _along(target.shape, has)  # no axis is one of nothing
        views = [replace(view, shape=shape) for view in views]
        if number != 1 or not views:
            views.append(self._constant(number, shape))
        if len(views) > 2:
            views = [self._temporary(views[0], product_form(1.0, 3), tuple(views))]
        left, right = views[0], views[1] if len(views) > 1 else None
        in_rows = any(view.in_rows for view in views)
        arena, places = self._arena(target.in_rows), target.distinct.places
        if target.axes <= has and (in_rows or not target.in_rows):
            out = replace(arena.cotangent(target), shape=shape)
            self.plan.steps.append(Contraction(out, left, right, arena.adds(places)))
            return
        # the sum repeats in the target: it is computed once
        total = self.plan.room(in_rows and target.in_rows, _along(target.shape, target.axes & has))
        self.plan.steps.append(Contraction(replace(total, shape=shape), left, right))
        shape = _along(target.shape, target.axes)
        out, repeated = (replace(view, shape=shape) for view in (arena.cotangent(target), total))
        self.plan.steps.append(Map(out, operand(0), (repeated,), arena.adds(places)))

    def _constant(self, number: float, shape: tuple[int, ...]) -> View:
        """A cell with this number, repeated."""
        if (key := number.hex()) not in self.constants:
            self.constants[key] = self.plan.room(False, ())
            self.plan.fixed_constants.append((self.constants[key].base, number))
        return _over(shape, self.constants[key])


def _sums(target: View, views: Iterable[View]) -> bool:
    """Whether several indices, or all rows, go to one cotangent."""
    return bool(target.long - target.axes) or (not target.in_rows and any(view.in_rows for view in views))


def _is_injective(view: View) -> bool:
    """Whether no place is there twice, but along axes along which the view repeats."""
    distinct = view.distinct
    return len(np.unique(distinct.places)) == distinct.size


def _over(shape: tuple[int, ...], view: View) -> View:
    """The view, repeated along the axes in front that it lacks."""
    missing = len(shape) - len(view.shape)
    return replace(view, shape=shape, strides=(0,) * missing + view.strides)


def _along(shape: tuple[int, ...], axes: set[int]) -> tuple[int, ...]:
    """The shape of these axes alone; the others have length 1."""
    return tuple([size if k in axes else 1 for k, size in enumerate(shape)])


def _part(view: Operand, axis: int, start: int, stop: int, target: View) -> Operand:
    """The operand at some indices of an axis of the target; it may have fewer axes, or more, in front."""
    if not isinstance(view, View) or (axis := axis + len(view.shape) - len(target.shape)) < 0:
        return view
    return view.part(axis, start, stop)
