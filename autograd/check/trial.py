"""f recorded and differentiated once: what `check_gradient` looks at."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograd.check.arguments import Task
from autograd.check.report import GradientRow
from autograd.check.slopes import Line
from autograd.check.verdicts import Finding, judge, undecided
from autograd.engine import Op, Value, constant
from autograd.errors import DomainError
from autograd.sweep import adjoints, dependents, topological_order

_ULPS = 4.0  # rounding errors of f near x, in units in the last place of its value; at x the graph says


@dataclass(frozen=True)
class Trial:
    """f recorded and differentiated once.

    Attributes:
        derivatives: one for each number; None if the sweep raised `failure`.
        order: the nodes of the graph, inputs first; empty if f returned a number or a constant.
        adjoints: what arrived at each node of the graph that depends on the numbers; empty if the sweep failed.
    """

    task: Task
    numbers: list[Any]
    y: float
    derivatives: list[float] | None
    leaves: list[Value] = field(default_factory=list)
    order: list[Value] = field(default_factory=list)
    adjoints: dict[Value, Any] = field(default_factory=dict)
    failure: DomainError | None = None

    @classmethod
    def run(cls, task: Task, numbers: list[Any]) -> "Trial":
        leaves, root = recorded(task, numbers)
        y = task.number(root)
        if not isinstance(root, Value) or root.op is constant:
            return cls(task, numbers, y, [0.0] * len(leaves), leaves)
        order = topological_order(root)
        try:
            found = adjoints(root, inputs=leaves)
        except DomainError as failure:
            return cls(task, numbers, y, None, leaves, order, failure=failure)
        return cls(task, numbers, y, [float(found.get(leaf, 0)) for leaf in leaves], leaves, order, found)

    @cached_property
    def moving(self) -> set[Value]:
        """The nodes that depend on the numbers: only their derivatives are anyone's business."""
        return dependents(self.order, self.leaves)

    @property
    def noise(self) -> float:
        """What rounding errors of the operations may add up to in the value of f."""
        return noise(self.adjoints)

    def line(self, i: int) -> Line:
        """f as a function of its i-th number alone, recorded anew at each point: so it is what the user runs."""
        along = _along(self, i)
        return Line(
            lambda t: self.task.value([Value(each) for each in along(t)]),
            float(self.numbers[i]),
            self.y,
            self.noise,
            _ULPS,
            lambda t: Trial.run(self.task, along(t)).noise,
        )

    def row(self, i: int, tolerance: float, hurry: bool = False) -> GradientRow:
        """The i-th derivative beside its reference."""
        ours = self.derivatives[i] if self.derivatives else None
        found = undecided(self.line(i)) if ours is None else judge(self.line(i), ours, tolerance, hurry)
        return row(self.task.names[i], self.numbers[i], ours, found)


def row(name: str, at: Any, ours: float | None, found: Finding) -> GradientRow:
    """A finding as the table shows it."""
    verdict, reference, uncertainty, note = found
    return GradientRow(name, at, ours, reference, uncertainty, verdict, note)


def recorded(task: Task, numbers: list[Any]) -> tuple[list[Value], Any]:
    """Fresh nodes of these numbers, and what f makes of them."""
    leaves = [Value(number, name) for number, name in zip(numbers, task.names, strict=True)]
    return leaves, task.call(leaves)


def noise(adjoint: dict[Value, Any]) -> float:
    """What rounding errors of operations may add up to, from the adjoints of their nodes."""
    parts = [abs(float(g)) * rounding(x.op, x.data) for x, g in adjoint.items() if not x.is_leaf]
    total = math.fsum(part for part in parts if part < math.inf)
    return total if total < math.inf else 0.0


def rounding(op: Op, y: Any) -> float:
    """What the value of one operation may be off by."""
    return op.ulps * math.ulp(float(y)) + op.absolute


def nearby(trial: Trial, count: int, right: Callable[[Trial, int], bool]) -> list[bool]:
    """Of each of so many rows whether it is right a little away, where no convention decides."""
    floats = [float(x) for x in trial.numbers]
    for sign in (+1, -1):
        away = [sign * (abs(x) or 1.0) * 1e-3 * (1 + k * 0.618 % 1) for k, x in enumerate(floats)]
        numbers = [trial.task.moved(k, x + away[k]) for k, x in enumerate(floats)]
        try:
            there = Trial.run(trial.task, numbers)
            return [right(there, i) for i in range(count)]
        except (ValueError, ArithmeticError):  # f ends there
            continue
    return [False] * count


def _along(trial: Trial, i: int) -> Callable[[float], list[Any]]:
    """The numbers with another in the i-th place, of the same kind."""
    before, after = trial.numbers[:i], trial.numbers[i + 1 :]
    return lambda t: [*before, trial.task.moved(i, t), *after]
