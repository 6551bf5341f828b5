"""Second derivatives: the gradient recorded and differentiated again, against quotients of the gradient."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

from autograd.check.arguments import Task
from autograd.check.report import GradientRow
from autograd.check.slopes import Line
from autograd.check.trial import Trial, nearby, noise, recorded, row
from autograd.check.verdicts import CANCELLATION, EDGE, KINK, OK, WRONG, judge, undecided
from autograd.engine import Value, constant
from autograd.errors import call
from autograd.sweep import adjoints
from autograd.transforms import gradients

_FAULTS = (TypeError, ValueError, ArithmeticError)


def second_derivatives(trial: Trial, tolerance: float) -> tuple[tuple[GradientRow, ...], str]:
    """A row for each pair of numbers, and a sentence on those that are not plainly right."""
    curve = _Curve(trial)
    rows = [curve.row(i, j, tolerance) for i, j in curve.pairs]
    if all(each.verdict in (OK, CANCELLATION) for each in rows):
        return tuple(rows), ""
    wrong, special = _blame(trial, tolerance)
    if wrong:
        return tuple(rows), f"first wrong operation: {wrong}"
    if special:
        return tuple(_excused(trial, rows, special, tolerance)), special
    return tuple(rows), "no operation is found whose second derivative is wrong."


def gradient_noise(task: Task, numbers: list[Any], i: int) -> float:
    """What rounding errors may add up to in the i-th derivative of f; 0 where its graph cannot be swept."""
    try:
        leaves, root = recorded(task, numbers)
        (first,) = gradients(root, [leaves[i]])
        return 0.0 if first.op is constant else noise(adjoints(first, inputs=leaves))
    except _FAULTS:
        return 0.0


@dataclass(frozen=True)
class _Curve:
    """The gradient of f, recorded at the point of a trial."""

    trial: Trial

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return list(combinations_with_replacement(range(len(self.trial.numbers)), 2))

    @cached_property
    def _graphs(self) -> tuple[list[Value], list[Value | None]]:
        leaves, root = recorded(self.trial.task, self.trial.numbers)
        return leaves, [_recorded_slope(root, leaf) for leaf in leaves]

    def entry(self, i: int, j: int) -> float | None:
        """The derivative, with respect to the j-th number, of the i-th derivative; None where it has no value."""
        leaves, slopes = self._graphs
        slope = slopes[i]
        if slope is None or slope.op is constant:
            return None if slope is None else 0.0
        try:
            return float(adjoints(slope, inputs=[leaves[j]]).get(leaves[j], 0))
        except (ValueError, ArithmeticError):
            return None

    def line(self, i: int, j: int) -> Line:
        """The i-th derivative as a function of the j-th number."""
        task, numbers = self.trial.task, self.trial.numbers

        def along(t: float) -> list[Any]:
            return [*numbers[:j], task.moved(j, t), *numbers[j + 1 :]]

        def slope(t: float) -> float:
            there = Trial.run(task, along(t))
            if there.derivatives is None:
                raise there.failure or ValueError
            return there.derivatives[i]

        here = self.trial.derivatives[i] if self.trial.derivatives else math.nan
        known = gradient_noise(task, numbers, i)
        return Line(slope, float(numbers[j]), here, known, 4.0, lambda t: gradient_noise(task, along(t), i))

    def row(self, i: int, j: int, tolerance: float) -> GradientRow:
        """The second derivative in either order, judged by quotients of the first."""
        names, line = self.trial.task.names, self.line(i, j)
        ours, other = self.entry(i, j), self.entry(j, i)
        found = undecided(line) if ours is None else judge(line, ours, tolerance)
        found = found._replace(verdict=found.verdict or KINK)
        if found.verdict == OK and not _is_close(ours, other, tolerance):
            ours, found = other, judge(line, math.inf if other is None else other, tolerance)
            found = found._replace(note=found.note or f"{names[j]}, {names[i]} in the other order")
        return row(f"{names[i]}, {names[j]}", self.trial.numbers[j], ours, found)


def _recorded_slope(root: Any, leaf: Value) -> Value | None:
    if not isinstance(root, Value):
        return Value(0.0).detach()
    try:
        return gradients(root, [leaf])[0]
    except (ValueError, ArithmeticError):
        return None


def _is_close(a: float | None, b: float | None, tolerance: float) -> bool:
    return a is not None and b is not None and abs(a - b) <= tolerance * max(abs(a), abs(b))


def _blame(trial: Trial, tolerance: float) -> tuple[str, str]:
    """The first operation whose second derivative is wrong, and the first that stands at a kink of its slope."""
    special, seen = "", set()
    for node in trial.order:
        key = (node.op, *(x.data for x in node.inputs))
        if node.is_leaf or node not in trial.moving or key in seen:
            continue
        seen.add(key)
        called = call(node.op.name, node.inputs)
        for each in _operation_rows(trial, node, tolerance):
            if each.verdict == WRONG:
                return f"{called}: the slope of its slope ({each.argument}) is {_of(each)}", special
            if each.verdict in (KINK, EDGE):
                special = special or f"{called} stands at its kink: its convention decides"
    return "", special


def _operation_rows(trial: Trial, node: Value, tolerance: float) -> Iterator[GradientRow]:
    """The second derivatives of one operation by itself."""
    x = [float(each.data) for each in node.inputs]
    task = Task.of(trial.task.caller, node.op, tuple(x))
    alone = _Curve(Trial.run(task, x))
    moving = [i for i, each in enumerate(node.inputs) if each in trial.moving]
    for i, j in combinations_with_replacement(moving, 2):
        yield alone.row(i, j, tolerance)


def _of(found: GradientRow) -> str:
    ours = "none" if found.ours is None else f"{found.ours:.9g}"
    return f"{ours}, the difference quotient of its slope is {found.reference:.9g}"


def _excused(trial: Trial, rows: list[GradientRow], special: str, tolerance: float) -> list[GradientRow]:
    """The rows; what is wrong here and right a little away is decided by a convention."""
    pairs = _Curve(trial).pairs
    right = nearby(trial, len(rows), lambda there, k: _Curve(there).row(*pairs[k], tolerance).verdict != WRONG)
    return [
        replace(each, verdict=KINK, note=special) if each.verdict == WRONG and fine else each
        for each, fine in zip(rows, right, strict=True)
    ]
