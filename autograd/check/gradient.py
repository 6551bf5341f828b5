"""Is a gradient right? And if not, which operation made it wrong?"""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from autograd.check.arguments import Task
from autograd.check.report import GradientMismatch, GradientReport, GradientRow
from autograd.check.slopes import UNKNOWN, Line
from autograd.check.verdicts import CANCELLATION, EDGE, KINK, ROUGH, WRONG, Finding, judge, known_slope
from autograd.engine import Op, Value, constant, topological_order
from autograd.errors import DomainError, call
from autograd.reals import refusal

_ULPS = 4.0  # rounding errors of f near x, in units in the last place of its value; at x the graph says
_ENOUGH = 5  # wrong derivatives that are looked at closely: the others will be wrong for the same reason
_CONVENTIONS = {
    KINK: "stands at its kink: its convention decides",
    EDGE: "has no derivative here, and passes on 0 where 0 arrives",
}
_FINER = 0.01  # operations are held to a stricter tolerance than f, in which their errors may add up


def check_gradient(f: Callable[..., Any], *x: Any, tolerance: float = 1e-6) -> GradientReport:
    """Compare the gradient that `backward` gives with the one that the values of f show, and explain a difference.

    >>> from autograd import tanh
    >>> check_gradient(lambda w, b: tanh(3 * w + b), 0.5, -1.0).ok
    True

    Verdicts: **ok**; **kink**, the slopes from left and right differ and ours lies between; **domain edge**, f has
    values on one side only, and the slope from there agrees or grows without bound; **cancellation**, rounding in f
    leaves too few digits to judge; **wrong**.

    Args:
        f: of numbers, lists, or arrays, as given in x; called with Values in place of the numbers.
        x: the numbers at which to differentiate, one by one or in lists, nested lists and arrays.
        tolerance: on the relative error of each derivative.

    Returns:
        The table, if nothing is wrong.

    Raises:
        GradientMismatch: a derivative is wrong. The message is the table and the first wrong operation of the graph.
        TypeError: f is no function, does not return one number, or x is not made of numbers.
        ValueError: x is empty or not finite, or f gives different numbers for the same x.
    """
    caller = "check_gradient(f, *x)"
    if refusal(tolerance) or not 0 < tolerance < 1:
        raise ValueError(f"{caller}: tolerance is {tolerance!r}; wanted a number between 0 and 1.")
    task = Task.of(caller, f, x)
    trial = _Trial.run(task, task.numbers)
    again = task.value([Value(number) for number in task.numbers])
    if again != trial.y:
        raise ValueError(f"{caller}: f gives {trial.y!r}, then {again!r} for the same x; fix its random numbers.")
    report = _report(trial, tolerance)
    if not report.ok:
        raise GradientMismatch(report)
    return report


# --- f as a whole -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """f recorded and differentiated once.

    Attributes:
        derivatives: one for each number; None if backward raised `failure`.
        order: the nodes of the graph, inputs first.
        adjoints: what the sweep left at each node of the graph.
    """

    task: Task
    numbers: list[float]
    y: float
    derivatives: list[float] | None
    order: list[Value] = field(default_factory=list)
    adjoints: dict[Value, Any] = field(default_factory=dict)
    failure: DomainError | None = None

    @classmethod
    def run(cls, task: Task, numbers: list[float]) -> "_Trial":
        leaves = [Value(number, name) for number, name in zip(numbers, task.names, strict=True)]
        root = task.call(leaves)
        y = task.number(root)
        if not isinstance(root, Value) or root.op is constant:
            return cls(task, numbers, y, [0.0] * len(leaves))
        order = topological_order(root)
        adjoints, failure = _sweep(root, order)
        derivatives = None if failure else [float(adjoints.get(leaf, 0)) for leaf in leaves]
        return cls(task, numbers, y, derivatives, order, adjoints, failure)

    def line(self, i: int) -> Line:
        """f as a function of its i-th number alone, recorded anew at each point: so it is what the user runs."""

        def f(x: float) -> float:
            return self.task.value([Value(each) for each in (*self.numbers[:i], x, *self.numbers[i + 1 :])])

        return Line(f, self.numbers[i], self.y, self._noise(), _ULPS)

    def _noise(self) -> float:
        """What rounding errors of the operations may add up to in the value of f."""
        parts = (abs(float(g)) * _rounding(x.op, x.data) for x, g in self.adjoints.items() if not x.is_leaf)
        total = math.fsum(part for part in parts if part < math.inf)
        return total if total < math.inf else 0.0

    def row(self, i: int, tolerance: float, hurry: bool = False) -> GradientRow:
        if self.derivatives is None:
            ours, found = None, Finding(EDGE, *(known_slope(self.line(i)) or UNKNOWN))
        else:
            ours = self.derivatives[i]
            found = judge(self.line(i), ours, tolerance, hurry)
        verdict, reference, uncertainty, note = found
        return GradientRow(self.task.names[i], self.numbers[i], ours, reference, uncertainty, verdict, note)


def _rounding(op: Op, y: Any) -> float:
    return op.ulps * math.ulp(float(y)) + op.absolute


def _sweep(root: Value, order: list[Value]) -> tuple[dict[Value, Any], DomainError | None]:
    """The adjoints of all nodes, with every `.grad` as it was before: some may be a user's parameters."""
    before = [node.grad for node in order]
    try:
        root.zero_grad()
        root.backward()
        failure = None
    except DomainError as error:
        failure = error
    adjoints = {node: node.grad for node in order}
    for node, grad in zip(order, before, strict=True):
        node.grad = grad
    return adjoints, failure


def _report(trial: _Trial, tolerance: float) -> GradientReport:
    rows, wrong, explanation = [], 0, ""
    for i in range(len(trial.numbers)):
        rows.append(trial.row(i, tolerance, hurry=wrong >= _ENOUGH))
        wrong += rows[-1].verdict == WRONG
    if trial.failure or wrong:
        rows, explanation = _explain(trial, rows, tolerance)
    return GradientReport(trial.task.title, tuple(rows), explanation)


# --- The first wrong operation ------------------------------------------------------------------------------


@dataclass
class _Walk:
    """What looking at each operation of the graph by itself has found."""

    wrong: str = ""
    doubts: dict[str, str] = field(default_factory=dict)  # the operations that could not be judged, and why


def _explain(trial: _Trial, rows: list[GradientRow], tolerance: float) -> tuple[list[GradientRow], str]:
    """The rows, in the light of what the operations of the graph show, and a sentence on them."""
    walk = _walk(trial, _FINER * tolerance)
    if walk.wrong:
        rows = [replace(row, verdict=WRONG) for row in rows] if trial.failure else rows
        return rows, f"first wrong operation: {walk.wrong}"
    if trial.failure:
        return rows, f"backward raised DomainError: {trial.failure}"
    if rough := next((called for called, why in walk.doubts.items() if why == ROUGH), None):
        return _instead(rows, [CANCELLATION] * len(rows), f"{rough} changes too much from one float to the next"), ""
    if special := next((doubt for doubt in walk.doubts.items() if doubt[1] in _CONVENTIONS), None):
        called, why = special
        rows = _instead(rows, _nearby(trial, rows, why, tolerance), f"{called} {_CONVENTIONS[why]}")
    return rows, _doubtful(trial, walk) if any(row.verdict == WRONG for row in rows) else ""


def _doubtful(trial: _Trial, walk: _Walk) -> str:
    """What may be the matter where no operation is found wrong."""
    if not trial.order:
        return f"f returned {trial.y!r} without a graph: it computes with .data, detach() or under no_grad()."
    if walk.doubts:
        doubts = ", ".join(f"{called} ({why})" for called, why in list(walk.doubts.items())[:3])
        return f"no operation is found wrong, but some cannot be judged: {doubts}."
    return (
        "every operation of the graph passes on the right derivative, so f computes outside the graph: "
        "with .data or detach(), or by a branch that changes within the step."
    )


def _instead(rows: list[GradientRow], verdicts: list[str], note: str) -> list[GradientRow]:
    """The rows, with these verdicts in place of "wrong"."""
    return [
        replace(row, verdict=verdict, note=note) if row.verdict == WRONG and verdict != WRONG else row
        for row, verdict in zip(rows, verdicts, strict=True)
    ]


def _nearby(trial: _Trial, rows: list[GradientRow], verdict: str, tolerance: float) -> list[str]:
    """That verdict for what is wrong, but right a little away, where no convention decides."""
    for sign in (+1, -1):
        nudged = [x + sign * (abs(x) or 1.0) * 1e-3 * (1 + k * 0.618 % 1) for k, x in enumerate(trial.numbers)]
        try:
            nearby = _Trial.run(trial.task, nudged)
            right = [row.verdict == WRONG and nearby.row(i, tolerance).verdict != WRONG for i, row in enumerate(rows)]
        except (ValueError, ArithmeticError):  # f ends there
            continue
        return [verdict if each else WRONG for each in right]
    return [WRONG] * len(rows)


def _walk(trial: _Trial, tolerance: float) -> _Walk:
    """Judge each operation by itself, inputs first, until one is wrong."""
    walk, seen = _Walk(), set()
    for node in trial.order:
        key = (node.op, *(x.data for x in node.inputs))
        if node.is_leaf or key in seen:
            continue
        seen.add(key)
        called = call(node.op.name, node.inputs)
        if not trial.adjoints[node]:  # where nothing arrives nothing goes wrong, unless it is 0 times infinity
            if _passed(node.op, 1, node.data, [x.data for x in node.inputs]) is None:
                walk.doubts[called] = EDGE
            continue
        for verdict, sentence in _judge_node(node, trial.adjoints[node], tolerance):
            if verdict == WRONG:
                walk.wrong = f"{called}: {sentence}"
                return walk
            if verdict in (KINK, ROUGH, CANCELLATION):
                walk.doubts[called] = verdict
    return walk


def _judge_node(node: Value, g: Any, tolerance: float) -> Iterator[tuple[str, str]]:
    """For each operand through which a gradient flows, whether the rule is right there, and a sentence if not."""
    x = [each.data for each in node.inputs]
    lines = {
        i: _operand_line(node.op, x, i, node.data) for i, each in enumerate(node.inputs) if each.op is not constant
    }
    one, all_ = (_passed(node.op, cotangent, node.data, x) for cotangent in (1, g))
    if one is None:
        yield _judge_refusal(list(lines.values()))
        return
    for i, line in lines.items():
        name = _operand_name(node, i)
        verdict, sentence = _judge_rule(line, name, one[i], tolerance)
        if verdict != WRONG and all_ and _not_linear(one[i], g, all_[i]):
            both = f"{all_[i]:.9g} to {name} for the cotangent {g:.9g}, but {one[i]:.9g} for 1"
            verdict, sentence = WRONG, f"backward passes {both}"
        yield verdict, sentence


def _judge_rule(line: Line, name: str, passed: Any, tolerance: float) -> tuple[str, str]:
    """The same for one operand, to which backward passes that for the cotangent 1."""
    if not math.isfinite(passed):
        return _judge_refusal([line])
    found = judge(line, float(passed), tolerance)
    note = f" ({found.note})" if found.note else ""
    quotient = f"the difference quotient is {found.reference:.9g}{note}"
    verdict = ROUGH if found.note == ROUGH else found.verdict
    return verdict, f"backward passes {float(passed):.9g} to {name}, {quotient}"


def _judge_refusal(lines: list[Line]) -> tuple[str, str]:
    """A rule may give no derivative only if one of those that it should give does not exist."""
    slopes = [known_slope(line) for line in lines]
    quotients = ", ".join(f"{slope.value:.9g}" for slope in slopes if slope)
    verb = "is" if len(slopes) == 1 else "are"
    sentence = f"backward has no value, the difference quotient{'s' * (len(slopes) > 1)} {verb} {quotients}"
    return (WRONG if all(slopes) else EDGE), sentence


def _passed(op: Op, g: Any, y: Any, x: list[Any]) -> tuple[Any, ...] | None:
    """What backward gives; None where it has no value."""
    try:
        return op.backward(g, y, *x)
    except (ValueError, ArithmeticError):
        return None


def _not_linear(one: Any, g: Any, upstream: Any) -> bool:
    """Whether backward(g) is not g · backward(1), by more than rounding, underflow and overflow explain."""
    wanted = float(g) * float(one)
    if not (math.isfinite(wanted) and math.isfinite(upstream)) or 0 < abs(wanted) < 1e-290:
        return False
    return abs(upstream - wanted) > 1e-9 * abs(wanted)


def _operand_line(op: Op, x: list[Any], i: int, y: Any) -> Line:
    """The operation as a function of one operand."""

    def f(each: float) -> float:
        return float(op.evaluate((*x[:i], each, *x[i + 1 :])))

    return Line(f, float(x[i]), float(y), _rounding(op, y), op.ulps)


def _operand_name(node: Value, i: int) -> str:
    """The label of an operand, or what the rule calls it."""
    if label := node.inputs[i].label:
        return label
    names = [each.name for each in inspect.signature(node.op.backward).parameters.values()]
    return f"operand {i + 1}" if node.op.arity is None else names[i + 2]
