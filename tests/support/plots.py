"""What is wrong with a figure of matplotlib that has been drawn: each function gives its faults as sentences."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

PLURALS = re.compile(
    r"(?<![\d.,])1 (epochs|steps|rows|samples|passes|points|images|cases|updates|mistakes|parameters)\b"
)
"""Of one thing in the plural."""


def everything(figure: Figure) -> list[Any]:
    return figure.axes


def axes(figure: Figure) -> list[Any]:
    """Those with a frame, without the colour bars."""
    return [ax for ax in everything(figure) if ax.get_visible() and ax.axison and ax.get_label() != "<colorbar>"]


def texts(figure: Figure) -> Iterator[str]:
    """Everything that is written in it."""
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip():
            yield text.get_text()


# --- Names --------------------------------------------------------------------------------------------------------


def nameless(figure: Figure) -> Iterator[str]:
    """Axes without a title or a name of an axis, for which one of the axes that share it may speak; nameless bars."""
    for ax in axes(figure):
        where = f"axes {ax.get_title(loc='left') or figure.axes.index(ax)}"
        if not (ax.get_title(loc="left") or ax.get_title()):
            yield f"{where}: no title"
        for which in ("x", "y", "z") if ax.name == "3d" else ("x", "y"):
            shared = getattr(ax, f"get_shared_{which}_axes")().get_siblings(ax) if which != "z" else [ax]
            if not any(getattr(each, f"get_{which}label")() for each in shared):
                yield f"{where}: no name of {which}"
    for bar in [ax for ax in everything(figure) if ax.get_label() == "<colorbar>"]:
        if not (bar.get_xlabel() or bar.get_ylabel()):
            yield "a colour bar without a name"


def unexplained(figure: Figure) -> Iterator[str]:
    """Colours that tell a number, and no colour bar of the same colours from and to the same numbers."""
    scales = {_scale(each) for each in _maps(figure, figure.axes) if each.colorbar is not None}
    for ax in axes(figure):
        for each in _maps(figure, [ax]):
            if _scale(each) not in scales:
                yield f"axes {ax.get_title(loc='left')}: no colour bar for {type(each).__name__}"


def _maps(figure: Figure, within: list[Any]) -> list[Any]:
    """The images and filled contours whose colours follow numbers; of surfaces the height is marked on an axis."""
    filled = [each for ax in within if ax.name != "3d" for each in ax.collections if isinstance(each, ContourSet)]
    told = [each for each in filled if each.filled and each.colors is None]
    return [*(image for ax in within for image in ax.images), *told]


def _scale(each: Any) -> tuple[str, float, float]:
    return each.get_cmap().name, each.norm.vmin, each.norm.vmax


# --- Colours ------------------------------------------------------------------------------------------------------


def looks(figure: Figure) -> dict[str, set[tuple[str, str]]]:
    """The colours and line styles that each name has in the legends and the axes of a figure."""
    found = defaultdict(set)
    for ax in everything(figure):
        for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
            line = isinstance(handle, Line2D)
            colour = handle.get_color() if line else handle.get_facecolor()[0]
            found[name].add((to_hex(to_rgba(colour)), str(handle.get_linestyle()) if line else "mark"))
    return found


def ambiguous(figure: Figure) -> Iterator[str]:
    """One name with several colours, or several curves of one axes that look the same."""
    for name, seen in looks(figure).items():
        if len({colour for colour, _ in seen}) > 1:
            yield f"{name}: several colours, {sorted(seen)}"
    for ax in everything(figure):
        lines = [line for line in ax.lines if not line.get_label().startswith("_")]
        for one, other in combinations(lines, 2):
            if _look(one) == _look(other):
                yield f"{one.get_label()} and {other.get_label()} look the same"


def _look(line: Any) -> tuple[Any, ...]:
    return to_hex(to_rgba(line.get_color())), line.get_linestyle(), line.get_marker(), line.get_linewidth()


# --- Places -------------------------------------------------------------------------------------------------------


def covered(figure: Figure) -> Iterator[str]:
    """Words on words, on curves or on marks; legends on curves or on marks; anything outside of the figure."""
    figure.draw_without_rendering()  # else some places are those of the resolution of the file
    words = [*_words(figure)]
    for (one, a), (other, b) in combinations(words, 2):
        if _overlap(a, b):
            yield f"{one!r} lies on {other!r}"
    for ax in axes(figure):
        if ax.name == "3d":
            continue
        for what, box in words:
            if ax.bbox.overlaps(box) and (hidden := next(_below(ax, box), "")):
                yield f"{what!r} lies on {hidden}"
    for what, box in words:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > figure.bbox.x1 + 1 or box.y1 > figure.bbox.y1 + 1:
            yield f"{what!r} is cut off"


def _words(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Legends and free texts, titles and names of axes, and where they are."""
    for legend in figure.findobj(Legend):
        first = legend.get_texts()[0].get_text()
        yield f"legend of {first}", legend.get_window_extent()
    for ax in everything(figure):
        named = [ax.title, ax._left_title, ax._right_title, ax.xaxis.label, ax.yaxis.label]
        ticks = [label for axis in (ax.xaxis, ax.yaxis) for label in _tick_labels(ax, axis)] if ax.name != "3d" else []
        for text in [*ax.texts, *(named if ax.axison else named[:3]), *ticks]:
            if text.get_visible() and text.get_text().strip():
                yield text.get_text(), Text.get_window_extent(text)  # of an annotation without its arrow
    for text in figure.texts:
        yield text.get_text(), text.get_window_extent()


def _tick_labels(ax: Axes, axis: Any) -> list[Text]:
    """Those that are drawn: of the marks in view."""
    if not ax.axison:
        return []
    scaled = axis.get_transform().transform  # a logarithm, it may be
    low, high = sorted(scaled(np.asarray(axis.get_view_interval(), float)))
    air = 1e-6 * (high - low)
    ticks = [tick for tick in axis.get_major_ticks() if low - air <= scaled(np.float64(tick.get_loc())) <= high + air]
    return [label for tick in ticks for label in (tick.label1, tick.label2)]


def _overlap(a: Bbox, b: Bbox) -> bool:
    """By more than a point, for the boxes of letters have some air."""
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 1.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1.5


def _below(ax: Any, box: Bbox) -> Iterator[str]:
    """The curves and marks that a box covers; white lines are a background."""
    inner = Bbox.from_extents(box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 - 1)
    collections: list[Any] = ax.collections
    for line in ax.lines:
        if _crosses(line, inner):
            yield f"the curve {line.get_label()}"
    for each in collections:
        drawn: Any = each
        if isinstance(each, PathCollection):
            places = each.get_offset_transform().transform(each.get_offsets())
            if inner.count_contains(np.asarray(places)):
                yield f"a mark of {each.get_label()}"
        elif isinstance(each, ContourSet) and not each.filled and to_hex(drawn.get_edgecolor()[0]) != "#ffffff":
            pieces = [ax.transData.transform_path(path) for path in drawn.get_paths() if len(path.vertices)]
            yield from ("a boundary" for path in pieces if path.intersects_bbox(inner, filled=False))


def _crosses(line: Any, box: Bbox) -> bool:
    if not len(line.get_xydata()):
        return False
    path = line.get_transform().transform_path(line.get_path())
    marks = line.get_marker() not in ("", "None", None) and box.count_contains(path.vertices) > 0
    return marks or (line.get_linestyle() != "None" and path.intersects_bbox(box, filled=False))
