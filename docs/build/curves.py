"""The curve of every operation and of its derivative: an SVG each, the same bytes each time.

An operation of one operand is drawn with its derivative. One of several is drawn over each operand in turn, the others
held; over the first alone where it takes any number of them. A family is drawn for its samples: values, then
derivatives.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograd import Family, Op, catalogue
from autograd.catalogue import members
from nn.plots import BLUE, COLOURS, RED, styled

HELD = (1.5, 2.0, 0.5, 3.0)
"""Where operands stand that are not drawn over, as far as their domains allow."""
_SLOPES = "derivative"
_POINTS, _VIEW, _HIGHEST = 481, 4.0, 5.0
_GREY = "#7f8c93"  # legible on white and on black
_SETTINGS: dict[Any, Any] = {"svg.hashsalt": "curves", "font.size": 9, "text.color": _GREY, "axes.grid": False}


class Line(NamedTuple):
    """A curve: where it has no value, or jumps, nan stands."""

    label: str
    xs: list[float]
    ys: list[float]
    is_slope: bool = False


class Panel(NamedTuple):
    """A pair of axes: what is drawn over which operand."""

    title: str
    operand: str
    lines: list[Line]


def operand_names(op: Op) -> list[str]:
    """As the rule calls them; for any number of operands as many letters as are drawn."""
    if op.arity is None:
        return ["x", "y", "z", "w"][: 4 if op.name == "dot" else 3]
    return catalogue.operand_names(op)


def held(op: Op) -> list[float]:
    """A point of the domain, from which one operand at a time is moved."""
    boxes = op.domain * (len(operand_names(op)) if op.arity is None else 1)
    return [x if low < x < high else (low + 2 * high) / 3 for x, (low, high) in zip(HELD, boxes, strict=False)]


def panels(entry: Op | Family) -> list[Panel]:
    """What the picture of an entry of the table shows."""
    if isinstance(entry, Family):
        shown = members(entry)
        values, slopes = zip(*(_lines(op, 0, op.name) for op in shown), strict=True)
        name = operand_names(shown[0])[0]
        return [Panel(_said(shown[0], 0, "value"), name, [*values]), Panel(_SLOPES, name, [*slopes])]
    names = operand_names(entry)
    over = range(1 if entry.arity is None else len(names))
    return [Panel(_said(entry, k), names[k], list(_lines(entry, k, "value"))) for k in over]


def _said(op: Op, k: int, otherwise: str = "") -> str:
    """Which operands are held, and where."""
    others = [f"{name} = {x:g}" for i, (name, x) in enumerate(zip(operand_names(op), held(op), strict=True)) if i != k]
    return ", ".join(filter(None, [otherwise, *others]))


def _lines(op: Op, k: int, label: str) -> tuple[Line, Line]:
    """The operation over its k-th operand, and its derivative by it."""
    low, high = op.domain[0 if op.arity is None else k]
    low, high = max(low, -_VIEW), min(high, _VIEW)
    xs = [low + (high - low) * i / (_POINTS - 1) for i in range(_POINTS)]
    points = [(*held(op)[:k], x, *held(op)[k + 1 :]) for x in xs]
    ys, slopes = [_value(op, x) for x in points], [_slope(op, x, k) for x in points]
    name = operand_names(op)[k]
    said = f"derivative by {name}" if label == "value" else label
    return Line(label, xs, [*_broken(xs, ys, slopes)]), Line(said, xs, [*_apart(slopes)], True)


def _value(op: Op, x: tuple[float, ...]) -> float:
    try:
        return float(op(*x))
    except (ValueError, ArithmeticError):
        return math.nan


def _slope(op: Op, x: tuple[float, ...], k: int) -> float:
    try:
        return float(op.backward(1.0, op(*x), *x)[k])
    except (ValueError, ArithmeticError):
        return math.nan


def _broken(xs: Sequence[float], ys: Sequence[float], slopes: Sequence[float]) -> Iterator[float]:
    """The values, with nan in the middle of what the slopes cannot explain: a jump is not a steep line."""
    yield ys[0]
    for i in range(1, len(xs)):
        steepest = max(abs(slopes[i - 1]), abs(slopes[i])) if not math.isnan(slopes[i] + slopes[i - 1]) else math.inf
        jumps = abs(ys[i] - ys[i - 1]) > 3 * (xs[i] - xs[i - 1]) * steepest + 0.04
        yield math.nan if jumps else ys[i]


def _apart(slopes: Sequence[float]) -> Iterator[float]:
    """The slopes, with nan where one moves by far more than on either side: at a kink of the values."""
    moves = [abs(b - a) for a, b in itertools.pairwise(slopes)]
    yield slopes[0]
    for i, move in enumerate(moves):
        around = max(moves[max(i - 2, 0)], moves[min(i + 2, len(moves) - 1)])
        yield math.nan if move > 5 * around + 0.004 else slopes[i + 1]


# --- Drawing --------------------------------------------------------------------------------------------------


def file(key: str, is_small: bool = False) -> str:
    """The name of an operation's picture."""
    return f"curve-{key}{'-small' if is_small else ''}.svg"


def draw(entry: Op | Family, path: Path) -> None:
    """Write the picture of an entry of the table."""
    shown = panels(entry)
    with styled(), matplotlib.rc_context(_SETTINGS):
        columns = max(len(shown), 1)
        figure = Figure(figsize=(1.2 + 3.6 * columns, 3.4), layout="constrained")
        for axes, panel in zip(figure.subplots(1, columns, squeeze=False)[0], shown, strict=True):
            _draw(axes, panel, is_family=isinstance(entry, Family))
        _save(figure, path)


def thumbnail(entry: Op | Family, path: Path) -> None:
    """Write the value alone, small and without numbers."""
    panel = panels(entry)[0]
    with styled(), matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(1.5, 1.0))
        axes = figure.add_axes((0.02, 0.04, 0.96, 0.92))
        values = [line for line in panel.lines if not line.is_slope]
        for line, colour in zip(values, _colours(len(values)), strict=True):
            axes.plot(line.xs, _seen(line.ys), color=colour, linewidth=1.6)
        _frame(axes, values)
        axes.set_axis_off()
        axes.axhline(0, color=_GREY, linewidth=0.5, zorder=0)
        axes.axvline(0, color=_GREY, linewidth=0.5, zorder=0)
        _save(figure, path)


def _draw(axes: Axes, panel: Panel, is_family: bool) -> None:
    colours = _colours(len(panel.lines)) if is_family else [BLUE, RED]
    for i, (line, colour) in enumerate(zip(panel.lines, colours, strict=True)):
        dashes = "--" if line.is_slope and not is_family else "-"
        width = max(3.6 - 0.9 * i, 0.9) if is_family else 1.8  # members lie on one another in places
        axes.plot(line.xs, _seen(line.ys), dashes, color=colour, linewidth=width, label=line.label)
    _frame(axes, panel.lines)
    axes.axhline(0, color=_GREY, linewidth=0.6, zorder=0)
    axes.axvline(0, color=_GREY, linewidth=0.6, zorder=0)
    axes.tick_params(colors=_GREY, length=3)
    axes.set_title(panel.title, fontsize=9)
    axes.set_xlabel(panel.operand, color=_GREY)
    for side, spine in axes.spines.items():
        spine.set(color=_GREY, linewidth=0.6, visible=side in ("left", "bottom"))
    if panel.title != _SLOPES:  # its curves have the colours of those on the left
        axes.legend(frameon=False, fontsize=8, labelcolor=_GREY)


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)] if count > 1 else [BLUE]


def _frame(axes: Axes, lines: Sequence[Line]) -> None:
    """All that is drawn, but no higher and lower than reads well."""
    seen = [y for line in lines for y in line.ys if abs(y) <= _HIGHEST] or [0.0]
    low, high = min(*seen, -0.2), max(*seen, 0.2)
    margin = 0.06 * (high - low)
    axes.set_ylim(low - margin, high + margin)


def _seen(ys: Sequence[float]) -> list[Any]:
    """Without what is far outside of the frame, so that no line runs up one side of a pole and down the other."""
    return [y if abs(y) < 20 * _HIGHEST else math.nan for y in ys]


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
