"""Is a gradient right? And if not, which operation made it wrong?"""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from autograd.check.arguments import Task
from autograd.check.report import GradientMismatch, GradientReport, GradientRow
from autograd.check.second import gradient_noise, second_derivatives
from autograd.check.slopes import SAFETY, Line
from autograd.check.trial import Trial, nearby, rounding
from autograd.check.verdicts import CANCELLATION, EDGE, KINK, OK, ROUGH, WRONG, climbs, judge, known_slope
from autograd.engine import Op, Value, Witness, watched_by
from autograd.errors import call
from autograd.functions import where
from autograd.reals import is_bool, is_nothing, refusal
from autograd.rules import Rule

_ENOUGH = 5  # wrong derivatives that are looked at closely: the others will be wrong for the same reason
_BRANCH = "branch"
_FINER = 0.01  # operations are held to a stricter tolerance than f, in which their errors may add up


class Unsteady(ValueError):  # noqa: N818 - says what f is
    """f gives different numbers for the same x; told apart from where f has no value."""


def check_gradient(f: Callable[..., Any], *x: Any, tolerance: float = 1e-6, order: int = 1) -> GradientReport:
    """Compare the gradient that `backward` gives with the one that the values of f show, and explain a difference.

    >>> from autograd import tanh
    >>> check_gradient(lambda w, b: tanh(3 * w + b), 0.5, -1.0).ok
    True

    Verdicts: **ok**; **kink**, the slopes from left and right differ or grow without bound, and ours, if there is one,
    lies between; **domain edge**, f has values on one side only, and the slope from there agrees or grows without
    bound; **cancellation**, rounding in f or in its gradient leaves too few digits to judge; **wrong**.

    Args:
        f: a function of numbers, or of trees of numbers like x; it is called with Values in place of the numbers.
        x: the numbers at which to differentiate, one by one or in lists, tuples, named tuples, dicts, dataclasses and
            arrays, nested as you like. Fractions, Decimals and mpmath's numbers keep their type, also at the points
            around them at which f is evaluated.
        tolerance: on the relative error of each derivative.
        order: 2 for the second derivatives too: a row for each pair of numbers ("w, b"), the recorded gradient
            differentiated again against difference quotients of the gradient, and against itself with the pair
            exchanged. Takes n times as long for n numbers. Where they pass through a kink inside a smooth function
            (|x|² at 0) the explanation names the operation whose convention decides.

    Returns:
        The table, if nothing is wrong.

    Raises:
        GradientMismatch: a derivative is wrong. The message is the table and the first wrong operation of the graph.
        TypeError: f is not a function, does not return one number, or x is not made of numbers.
        ValueError: x is empty or not finite, f gives different numbers for the same x, or order is not 1 or 2.
    """
    caller = "check_gradient(f, *x)"
    if refusal(tolerance) or not 0 < tolerance < 1:
        raise ValueError(f"{caller}: tolerance is {tolerance!r}; wanted a number between 0 and 1.")
    if is_bool(order) or order not in (1, 2):
        raise ValueError(f"{caller}: order is {order!r}; wanted 1, or 2 for second derivatives too.")
    task = Task.of(caller, f, x)
    trial = Trial.run(task, task.numbers)
    again = task.value([Value(number) for number in task.numbers])
    if again != trial.y:
        raise Unsteady(f"{caller}: f gives {trial.y!r}, then {again!r} for the same x; fix its random numbers.")
    report = _report(trial, tolerance)
    if order == 2 and not trial.failure:
        rows, explanation = second_derivatives(trial, tolerance)
        report = replace(report, rows=report.rows + rows, explanation=report.explanation or explanation)
    if not report.ok:
        raise GradientMismatch(report)
    return report


def _report(trial: Trial, tolerance: float) -> GradientReport:
    rows, wrong, explanation = [], 0, ""
    for i in range(len(trial.numbers)):
        rows.append(trial.row(i, tolerance, hurry=wrong >= _ENOUGH))
        wrong += rows[-1].verdict == WRONG
    if any(_is_unseen(trial, i, row) for i, row in enumerate(rows)) and _comparisons(trial):
        rows = [_climbing(trial, i, row) if _is_unseen(trial, i, row) else row for i, row in enumerate(rows)]
        wrong += any(row.verdict == WRONG for row in rows)
    if trial.failure:
        rows = _placed(rows)
    if trial.failure or wrong or any(row.note == ROUGH for row in rows):
        rows, explanation = _explain(trial, rows, tolerance)
    return GradientReport(trial.task.title, tuple(rows), explanation)


def _is_unseen(trial: Trial, i: int, row: GradientRow) -> bool:
    """Whether the derivative is called right, and is 0 because the graph knows nothing of the number."""
    return row.verdict == OK and trial.leaves[i] not in trial.adjoints


def _climbing(trial: Trial, i: int, row: GradientRow) -> GradientRow:
    """Bisection to the ninth digit is flat in smaller steps, and is no constant."""
    slope = climbs(trial.line(i))
    return (
        replace(row, verdict=WRONG, reference=slope.value, uncertainty=slope.error, note="seen from afar")
        if slope
        else row
    )


def _placed(rows: list[GradientRow]) -> list[GradientRow]:
    """Where backward gives no gradient, a number along which f is smooth stands where another one stands."""
    there = next((row.verdict for row in rows if row.verdict == EDGE), KINK)
    return [replace(row, verdict=row.verdict or there) for row in rows]


# --- The first wrong operation ------------------------------------------------------------------------------


@dataclass
class _Walk:
    """What looking at each operation of the graph by itself has found."""

    wrong: str = ""
    branch: str = ""  # a `where` that takes another branch next to here
    doubts: dict[str, str] = field(default_factory=dict)  # the operations that could not be judged, and why


def _explain(trial: Trial, rows: list[GradientRow], tolerance: float) -> tuple[list[GradientRow], str]:
    """The rows, in the light of what the operations of the graph show, and a sentence on them."""
    walk = _walk(trial, _FINER * tolerance)
    if walk.wrong:
        rows = [replace(row, verdict=WRONG) if trial.failure or row.note == ROUGH else row for row in rows]
        return rows, f"first wrong operation: {walk.wrong}"
    if trial.failure:
        return rows, f"backward raised DomainError: {trial.failure}"
    if rough := next((called for called, why in walk.doubts.items() if why == ROUGH), None):
        return _instead(
            rows, [True] * len(rows), CANCELLATION, f"{rough} changes too much from one float to the next"
        ), ""
    drowned = [_drowns(trial, i, row) for i, row in enumerate(rows)]
    rows = _instead(rows, drowned, CANCELLATION, "the gradient has lost these digits to rounding on its way")
    if called := next((called for called, why in walk.doubts.items() if why == KINK), None):
        right = nearby(trial, len(rows), lambda there, i: _is_right_there(there, i, rows[i], tolerance))
        rows = _instead(rows, right, KINK, f"{called} stands at its kink: its convention decides")
    return rows, _doubtful(trial, walk) if any(row.verdict == WRONG for row in rows) else ""


def _drowns(trial: Trial, i: int, row: GradientRow) -> bool:
    """Whether the rounding errors of backward explain the difference."""
    if row.verdict != WRONG or row.ours is None or abs(row.reference) == math.inf:
        return False
    return abs(row.ours - row.reference) <= SAFETY * (gradient_noise(trial.task, trial.numbers, i) + row.uncertainty)


def _is_right_there(there: Trial, i: int, row: GradientRow, tolerance: float) -> bool:
    return row.verdict == WRONG and there.row(i, tolerance).verdict not in ("", WRONG)


def _doubtful(trial: Trial, walk: _Walk) -> str:
    """What may be the matter where no operation is found wrong."""
    compared = _comparisons(trial)
    branches = f"comparisons (branches): {compared} Value{'s were' if compared > 1 else ' was'} compared"
    if not trial.order and compared:
        return (
            f"f returned {trial.y!r} without a graph, and its value comes from {branches} on the way. "
            "Nothing is passed back to what a branch was chosen by."
        )
    if not trial.order:
        return f"f returned {trial.y!r} without a graph: it computes with .data, detach() or under no_grad()."
    if walk.doubts:
        doubts = ", ".join(f"{called} ({why})" for called, why in list(walk.doubts.items())[:3])
        return f"no operation is found wrong, but some cannot be judged: {doubts}."
    right = "every operation of the graph passes on the right derivative, so "
    if walk.branch:
        return (
            f"{walk.branch} takes a branch that it does not take next to here; its slope is that of this branch alone."
        )
    if compared:
        return f"{right}a part of f's value comes from {branches}; or else from .data or detach()."
    return f"{right}f computes outside the graph: with .data or detach()."


def _comparisons(trial: Trial) -> int:
    """How many Values f compares."""
    witness = Witness()
    with watched_by(witness):
        trial.task.value([Value(number) for number in trial.numbers])
    return witness.count


def _instead(rows: list[GradientRow], excused: list[bool], verdict: str, note: str) -> list[GradientRow]:
    """The rows, those that are wrong and excused with this verdict."""
    return [
        replace(row, verdict=verdict, note=note) if row.verdict == WRONG and excuse else row
        for row, excuse in zip(rows, excused, strict=True)
    ]


def _walk(trial: Trial, tolerance: float) -> _Walk:
    """Judge each operation by itself, inputs first, until one is wrong."""
    walk, seen = _Walk(), set()
    for node in trial.order:
        key = (node.op, *(x.data for x in node.inputs))
        g = trial.adjoints.get(node, 1 if trial.failure else 0)
        if node.is_leaf or node not in trial.moving or is_nothing(g) or key in seen:
            continue
        seen.add(key)
        called = call(node.op.name, node.inputs)
        for verdict, sentence in _judge_node(trial, node, g, tolerance):
            if verdict == WRONG:
                walk.wrong = f"{called}: {sentence}"
                return walk
            if verdict == _BRANCH:
                walk.branch = walk.branch or called
            elif verdict != OK:
                walk.doubts[called] = verdict
    return walk


def _judge_node(trial: Trial, node: Value, g: Any, tolerance: float) -> Iterator[tuple[str, str]]:
    """For each operand through which a gradient flows, whether the rule is right there, and a sentence if not."""
    x, g = [float(each.data) for each in node.inputs], float(g)
    y = float(node.op.evaluate(tuple(x)))
    for i, each in enumerate(node.inputs):
        if each in trial.moving:
            line, name = _operand_line(node.op, x, i, y), _operand_name(node, i)
            one, upstream = (_passed(node.op, cotangent, y, x, i) for cotangent in (1, g))
            verdict, sentence = _judge_rule(line, name, one, tolerance)
            if verdict != WRONG and g and _not_linear(one, g, upstream):
                both = f"{upstream:.9g} to {name} for the cotangent {g:.9g}, but {one:.9g} for 1"
                verdict, sentence = WRONG, f"backward passes {both}"
            if node.op is where and i == 0 and verdict == KINK:  # what is written for one x alone has its own slope
                verdict = _BRANCH
            yield verdict if g or verdict in (EDGE, KINK, _BRANCH) else OK, sentence


def _judge_rule(line: Line, name: str, passed: float | None, tolerance: float) -> tuple[str, str]:
    """The same for one operand, to which backward passes that for the cotangent 1."""
    if passed is None:
        slope = known_slope(line)
        sentence = f"backward has no value, the difference quotient is {slope.value if slope else math.nan:.9g}"
        return WRONG if slope else EDGE, sentence
    found = judge(line, passed, tolerance)
    note = f" ({found.note})" if found.note else ""
    quotient = f"the difference quotient is {found.reference:.9g}{note}"
    verdict = ROUGH if found.note == ROUGH else found.verdict
    return verdict, f"backward passes {passed:.9g} to {name}, {quotient}"


def _passed(op: Op, g: Any, y: float, x: list[float], i: int) -> float | None:
    """What backward gives to one operand; None where it has no value."""
    for ask in (lambda: op.backward(g, y, *x)[i], lambda: Rule(op, g, y, x).cotangent(i)):
        try:
            if math.isfinite(passed := float(ask())):
                return passed
        except (TypeError, ValueError, ArithmeticError):
            continue
    return None


def _not_linear(one: float | None, g: float, upstream: float | None) -> bool:
    """Whether backward(g) is not g · backward(1), by more than rounding, underflow and overflow explain."""
    if one is None or upstream is None:
        return False
    wanted = g * one
    if not math.isfinite(wanted) or 0 < abs(wanted) < 1e-290:
        return False
    return abs(upstream - wanted) > 1e-9 * abs(wanted)


def _operand_line(op: Op, x: list[float], i: int, y: float) -> Line:
    """The operation as a function of one operand."""

    def f(each: float) -> float:
        return float(op.evaluate((*x[:i], each, *x[i + 1 :])))

    return Line(f, x[i], y, rounding(op, y), op.ulps)


def _operand_name(node: Value, i: int) -> str:
    """The label of an operand, or what the rule calls it."""
    if label := node.inputs[i].label:
        return label
    names = [each.name for each in inspect.signature(node.op.backward).parameters.values()]
    return f"operand {i + 1}" if node.op.arity is None else names[i + 2]
