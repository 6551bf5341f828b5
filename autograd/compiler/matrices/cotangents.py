"""The way back: from the steps of a loss to those of its gradient.

Each number gets a cotangent, as far behind it as the arena was long, and each step, from the last to the first, adds
to those of its operands. What arrives first is written, what arrives later is added; what is the same number
everywhere (the 1 that the way back begins with) stays a number and is no step. No scalar of the gradient is ever made:
the derivative of a contraction is two contractions, and that of an elementwise step is elementwise, by its rule.
"""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.matrices.steps import (
    Contraction,
    Gather,
    Map,
    Operand,
    Places,
    Plan,
    Scatter,
    Signs,
    Step,
    View,
    reduces,
)
from autograd.compiler.slopes import shared_slope, slopes
from autograd.forms import REDUCTIONS, Form, operand
from autograd.operation import Op


def differentiate(plan: Plan, loss: tuple[bool, int]) -> Plan:
    """The plan that computes the sum of the loss over the rows, and its gradient.

    Args:
        loss: whether it varies from row to row, and its place.

    Raises:
        NotCompilable: a rule cannot be written down.
    """
    return _Back(plan).run(*loss)


class _Arena:
    """What is known of an arena: which numbers move, and of their cotangents, which are written, which a number still.

    Attributes:
        first: the first place that a view of numbers has of which some move.
        behind: how far behind a number its cotangent is: that of the first comes first, at the end of the arena.
    """

    def __init__(self, size: int, in_rows: bool) -> None:
        self.first, self.behind, self.in_rows = size, 0, in_rows
        self.moving = np.zeros(size, dtype=bool)
        self.written = np.zeros(size, dtype=bool)
        self.number = np.full(size, math.nan)


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
        self.rows, self.fixed = _Arena(plan.height, True), _Arena(plan.size, False)
        self.fixed.moving[: plan.parameters], self.fixed.first = True, 0
        self.constants: dict[str, int] = {}

    def run(self, varies: bool, place: int) -> Plan:
        for step in self.forward.steps:
            self._move(step)
        plan = self.plan
        for arena in (self.rows, self.fixed):
            arena.behind = len(arena.moving) - arena.first
        plan.behind = self.rows.behind, self.fixed.behind
        plan.height, plan.size = plan.height + self.rows.behind, plan.size + self.fixed.behind
        plan.is_total, plan.loss = varies, place
        if varies:
            total = plan.room(False, (1,))
            plan.loss = total.base
            plan.steps.append(Contraction(total, View.of(True, place, (1,)), None))
        self._arena(varies).number[place] = 1.0
        for step in reversed(self.forward.steps):
            self._back(step)
        self._fill(self.fixed, np.flatnonzero(~np.isnan(self.fixed.number[: plan.parameters])))
        return plan

    def _arena(self, in_rows: bool) -> _Arena:
        return self.rows if in_rows else self.fixed

    def _move(self, step: Step) -> None:
        """Which results depend on a parameter."""
        assert not isinstance(step, Scatter)
        out, places = self._arena(step.out.in_rows), step.out.distinct.places
        if isinstance(step, Gather):
            moving = self._arena(step.from_rows).moving[step.places]
        else:
            passed = [x for x, _, _ in _passed(step)] if isinstance(step, Map) else [step.left, step.right]
            moves = [self._moves(x) for x in passed if isinstance(x, View)]  # of each, for where its cotangents begin
            moving = np.full(len(places), any(moves))
        if moving.any():
            out.moving[places] = moving
            out.first = min(out.first, int(places.min()))

    def _moves(self, view: View) -> bool:
        arena, places = self._arena(view.in_rows), view.distinct.places
        if not arena.moving[places].any():
            return False
        arena.first = min(arena.first, int(places.min()))
        return True

    # --- Cotangents -------------------------------------------------------------------------------------------

    def _arrived(self, out: View) -> Operand | None:
        """What has arrived at the results of a step: a view, a number if it is everywhere the same, None if nothing."""
        arena, places = self._arena(out.in_rows), out.distinct.places
        written, numbers = arena.written[places], arena.number[places]
        known = ~np.isnan(numbers)
        if not written.any() and not known.any():
            return None
        if known.all() and (numbers == numbers[0]).all():
            return float(numbers[0])
        self._fill(arena, places)
        return self._cotangent(out)

    def _cotangent(self, view: View) -> View:
        return view.moved(self._arena(view.in_rows).behind)

    def _fill(self, arena: _Arena, places: Places) -> None:
        """Write what has not been written: 0, or the number that it still is."""
        todo = np.unique(places[~arena.written[places]])
        numbers = np.nan_to_num(arena.number[todo], nan=0.0)
        for number in np.unique(numbers).tolist():
            here = todo[numbers == number]
            if here[-1] - here[0] == len(here) - 1:
                out = View.of(arena.in_rows, arena.behind + int(here[0]), (len(here),))
                self.plan.steps.append(Map(out, _number(number), ()))
            else:
                self.plan.steps.append(Scatter(number, arena.in_rows, here + arena.behind, adds=False))
        arena.written[todo] = True
        arena.number[todo] = math.nan

    def _adds(self, target: View) -> bool:
        """Whether something has been written to the cotangents of the target, so that more is added; then all of it."""
        return self._adds_at(self._arena(target.in_rows), target.distinct.places)

    def _adds_at(self, arena: _Arena, places: Places) -> bool:
        if not arena.written[places].any() and np.isnan(arena.number[places]).all():
            arena.written[places] = True
            return False
        self._fill(arena, places)
        return True

    # --- Steps ------------------------------------------------------------------------------------------------

    def _back(self, step: Step) -> None:
        assert not isinstance(step, Scatter)
        g = self._arrived(step.out) if self._moves(step.out) else None
        if g is None:
            return
        if isinstance(step, Map):
            self._back_map(step, g)
        elif isinstance(step, Contraction):
            if step.left == step.right:  # squares
                self._product(step.left, g, step.left, 2.0)
                return
            for target, other in ((step.left, step.right), (step.right, step.left)):
                if target is not None and self._moves(target):
                    self._product(target, g, other)
        else:
            self._back_gather(step, g)

    def _back_map(self, step: Map, g: Operand) -> None:
        for target, form, operands in _passed(step):
            if isinstance(target, View) and self._moves(target):
                self._pass(step.out, target, form, (g, *operands))

    def _pass(self, out: View, whole: View, form: Form, given: tuple[Operand, ...]) -> None:
        """Add a form to the cotangents of an operand, summed over where this repeats."""
        folded = _folded(form, given)
        read = [given[k] for k in folded.operands]
        if out.in_rows and not whole.in_rows and not any(isinstance(x, View) and x.in_rows for x in read):
            given = (self._written_out(out), *given[1:])  # what is the same for all rows counts for each of them
            folded = form
        if folded.words & REDUCTIONS and not _is_injective(whole):
            every = self._temporary(whole, folded, given)
            self._product(whole, every, None)
            return
        for target, operands in self._split(whole, given, first=bool(folded.words & REDUCTIONS)):
            views = [x for k, x in enumerate(operands) if k in folded.operands and isinstance(x, View)]
            if not self._sums(target, views):
                if folded.word != "number" or not self._note(target, folded.number):
                    adds = self._adds(target)
                    self.plan.steps.append(Map(self._cotangent(target), folded, operands, adds))
            elif (pair := _factors(folded)) is not None:
                self._contract(target, *[operands[k] for k in pair])
            else:
                self._contract(target, self._temporary(target, folded, operands))

    def _written_out(self, out: View) -> View:
        self._fill(self._arena(out.in_rows), out.distinct.places)
        return self._cotangent(out)

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
        views = [x for k, x in enumerate(operands) if k in form.operands and isinstance(x, View)]
        shape = np.broadcast_shapes(target.shape, *[x.shape for x in views])
        out = self.plan.room(any(x.in_rows for x in views), shape)
        self.plan.steps.append(Map(out, form, operands))
        return out

    def _note(self, target: View, number: float) -> bool:
        """Take down that the cotangents are this number, if nothing has arrived there; else say no."""
        arena, places = self._arena(target.in_rows), target.distinct.places
        if arena.written[places].any() or not np.isnan(arena.number[places]).all():
            return False
        arena.number[places] = number
        return True

    # --- Products ---------------------------------------------------------------------------------------------

    def _product(self, whole: View, g: Operand, other: View | None, factor: float = 1.0) -> None:
        """Add factor · g · other to the cotangents of an operand."""
        for target, operands in self._split(whole, (factor, g, 1.0 if other is None else other)):
            views = [x for x in operands if isinstance(x, View)]
            if self._sums(target, views):
                self._contract(target, *operands)
                continue
            form = _times(math.prod([x for x in operands if not isinstance(x, View)]), len(views))
            if form.word != "number" or not self._note(target, form.number):
                adds = self._adds(target)
                self.plan.steps.append(Map(self._cotangent(target), form, tuple(views), adds))

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
            views = [self._temporary(views[0], _times(1.0, 3), tuple(views))]
        left, right = views[0], views[1] if len(views) > 1 else None
        in_rows = any(view.in_rows for view in views)
        if target.axes <= has and (in_rows or not target.in_rows):
            adds = self._adds(target)
            out = replace(self._cotangent(target), shape=shape)
            self.plan.steps.append(Contraction(out, left, right, adds))
            return
        # the sum repeats in the target: it is computed once
        total = self.plan.room(in_rows and target.in_rows, _along(target.shape, target.axes & has))
        self.plan.steps.append(Contraction(replace(total, shape=shape), left, right))
        adds, shape = self._adds(target), _along(target.shape, target.axes)
        out, repeated = (replace(view, shape=shape) for view in (self._cotangent(target), total))
        self.plan.steps.append(Map(out, operand(0), (repeated,), adds))

    def _sums(self, target: View, views: Sequence[View]) -> bool:
        """Whether several indices, or all rows, go to one cotangent."""
        return bool(target.long - target.axes) or (not target.in_rows and any(view.in_rows for view in views))

    def _constant(self, number: float, shape: tuple[int, ...]) -> View:
        """A cell with this number, repeated."""
        if (key := number.hex()) not in self.constants:
            self.constants[key] = self.plan.room(False, ()).base
            self.plan.fixed_constants.append((self.constants[key], number))
        return View(False, self.constants[key], shape, (0,) * len(shape))

    def _back_gather(self, step: Gather, g: Operand) -> None:
        arena = self._arena(step.from_rows)
        source = g if isinstance(g, View) else self._written_out(step.out)
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
        adds = self._adds_at(arena, places)
        self.plan.steps.append(Scatter(source, step.from_rows, places + arena.behind, adds))


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


# --- Forms ----------------------------------------------------------------------------------------------------


def _number(number: float) -> Form:
    return Form("number", leaf=repr(number))


def _times(number: float, count: int) -> Form:
    """number · operand · …"""
    forms = [operand(k) for k in range(count)]
    if (number != 1 and number != -1) or not forms:
        forms = [_number(number), *forms]
    product = functools.reduce(lambda left, right: Form("*", (left, right)), forms)
    return Form("negative", (product,)) if number == -1 and forms[0].word != "number" else product


def _passed(step: Map) -> Iterator[tuple[Operand, Form, tuple[Operand, ...]]]:
    """What a step passes to each operand: a form of the cotangent and of these other operands."""
    known = (step.out, *step.operands)
    what, count = step.what, len(step.operands)
    assert not isinstance(what, Form)
    if not isinstance(what, Op):
        for k, form in _of_sum(what, step.operands):
            yield step.operands[k], form, known
    elif not reduces(what):
        for x, slope in zip(step.operands, slopes(what, count), strict=True):
            if slope is not None:
                yield x, slope.form, known
    else:
        (args,) = step.operands
        assert isinstance(args, View)
        yield from _of_many(what, args, known)


def _of_sum(signs: Signs, operands: Sequence[Operand]) -> Iterator[tuple[int, Form]]:
    """For each factor of a sum of products, the product of the others; of a square, twice the factor."""
    at = 0
    for negative, count in signs:
        square = count == 2 and operands[at] == operands[at + 1]
        for k in range(at, at + (1 if square else count)):
            form = Form("*", (operand(0), _number(2.0))) if square else operand(0)
            for other in range(at, at + count):
                form = Form("*", (form, operand(2 + other))) if other != k else form
            yield k, Form("negative", (form,)) if negative else form
        at += count


def _of_many(op: Op, args: View, known: tuple[Operand, ...]) -> Iterator[tuple[Operand, Form, tuple[Operand, ...]]]:
    """An operation that takes any number of operands, along an axis: at once, if it passes the like to each."""
    count = args.shape[0]
    if (shared := shared_slope(op, count)) is not None:
        yield args, shared, known
        return
    each = tuple([args.first.moved(k * args.strides[0]) for k in range(count)])
    for x, slope in zip(each, slopes(op, count), strict=True):
        if slope is not None:
            yield x, slope.form, (known[0], *each)


def _folded(form: Form, operands: Sequence[Operand], done: dict[int, Form] | None = None) -> Form:
    """The form with what are numbers among the operands put in."""
    done = {} if done is None else done
    if form.word == "operand":
        x = operands[int(form.leaf)]
        return form if isinstance(x, View) else _number(float(x))
    if form.parts and id(form) not in done:
        parts = tuple([_folded(part, operands, done) for part in form.parts])
        done[id(form)] = form if parts == form.parts else _simplified(Form(form.word, parts, form.leaf))
    return done.get(id(form), form)


def _simplified(form: Form) -> Form:
    numbers = [part.number if part.word == "number" else None for part in form.parts]
    if form.word == "negative" and numbers[0] is not None:
        return _number(-numbers[0])
    if form.word not in ("*", "/"):
        return form
    a, b = numbers
    if form.word == "/":
        return _number(a / b) if a is not None and b else form
    if a is not None and b is not None:
        return _number(a * b)
    for number, other in ((a, form.parts[1]), (b, form.parts[0])):
        if number in (1.0, -1.0):
            return other if number == 1 else Form("negative", (other,))
    return form


def _factors(form: Form) -> tuple[int, ...] | None:
    """The operands of which the form is the product; or the one that it is."""
    if form.word == "operand":
        return (int(form.leaf),)
    if form.word == "*" and all(part.word == "operand" for part in form.parts):
        return int(form.parts[0].leaf), int(form.parts[1].leaf)
    return None
