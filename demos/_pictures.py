"""Pictures of the lessons, drawn by matplotlib without a screen: fonts, colours, and what several lessons draw.

```python
with drawing(output / "bowl.png", width=9, height=4) as figure:
    left, right = figure.subplots(1, 2)
    xs = ys = np.linspace(-5, 5, 81)
    colour_bar(left, contours(left, xs, ys, grid(f, xs, ys)), "f(x, y)")
    path(left, points, label="SGD")
    curves(right, {"loss": losses}, log=True)
    right.set(xlabel="step", ylabel="loss")
show(language, output / "bowl.png")      # prints where it is
```

The file is written when the block ends, with the same bytes each time. Everything that belongs to a figure has to
happen inside its block: matplotlib reads fonts and sizes as it draws, and outside of it they are the reader's own.
`pyplot` is not used, and no setting outlives the block. matplotlib is loaded by the first picture, so that lessons
import without it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.files import replacing
from nn.plots import (
    AMBER,
    BLUE,
    COLOURS,
    GREEN,
    GREY,
    INK,
    PALE,
    PURPLE,
    RED,
    TEAL,
    curves,
    epochs,
    japanese_font,
    looks,
    readable,
)
from nn.plots import styled as _styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# fmt: off
__all__ = [
    "AMBER", "BLUE", "COLOURS", "GREEN", "GREY", "INK", "OPTIMISERS", "PALE", "PURPLE", "RED", "TEAL",
    "boundary", "classes", "colour_bar", "contours", "curves", "drawing", "epochs",
    "grid", "legend_below", "looks", "matrix", "minus", "note", "path", "show", "show_page",
    "signed", "surface",
]
# fmt: on

HEIGHTS = "YlGnBu_r"
"""The colour map of surfaces and contours: dark is low."""
OPTIMISERS = looks(("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"))
"""Their colours and lines, the same in each lesson."""

DPI = 150  # sharp on a lecture's screen, and some 100 kB a picture
_MARKERS = ("o", "s", "^", "D", "v", "P")
_FILES = {"ja": "図", "en": "Pictures"}
_PAGE = {
    "ja": "一歩ずつ見て、数を変える（ブラウザで開く）",
    "en": "Step by step, and with other numbers (open it in a browser)",
}


@contextmanager
def drawing(file: Path, width: float = 7.0, height: float = 4.5) -> Iterator["Figure"]:
    """An empty figure to draw on inside the block; at the end of the block it is saved.

    Args:
        file: a `.png`; its folder is made if it is not there.
        width, height: in inches.

    Raises:
        ModuleNotFoundError: matplotlib or its Japanese font is not installed; says what to type.
        OSError: the file cannot be written.
    """
    family = ["DejaVu Sans", japanese_font()]  # each character from the first that has it
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _styled(family):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        for ax in [each for each in figure.axes if each.get_label() != "<colorbar>"]:
            readable(ax.xaxis)
            readable(ax.yaxis)
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as whole:
            figure.savefig(whole, dpi=DPI, metadata={"Software": None}, format="png")  # no version of matplotlib


def show(language: str, *files: Path) -> None:
    """Say where the pictures are: the last line of a lesson."""
    print(f"{_FILES[language]}: {', '.join(map(str, files))}")


def show_page(language: str, file: Path) -> None:
    """Say where the page of a graph is, and what it is good for."""
    print(f"{_PAGE[language]}: {file}")


def grid(f: Callable[[float, float], Any], xs: ArrayLike, ys: ArrayLike) -> NDArray[np.float64]:
    """f at every point of a grid, of shape (len(ys), len(xs)), as contours and surfaces want it."""
    columns, rows = np.asarray(xs, float).tolist(), np.asarray(ys, float).tolist()
    return np.array([[f(x, y) for x in columns] for y in rows], dtype=np.float64)


def contours(
    ax: "Axes", xs: ArrayLike, ys: ArrayLike, heights: NDArray[Any], levels: Any = 14, log: bool = False
) -> Any:
    """Filled contours with thin lines.

    Args:
        heights: of shape (len(ys), len(xs)), from `grid`.
        levels: how many, or which.
        log: whether the colours follow the logarithm: for deep valleys.

    Returns:
        What `colour_bar` takes.
    """
    look = _layers(heights, levels, log)
    filled = ax.contourf(xs, ys, heights, alpha=0.75, **look)
    ax.contour(xs, ys, heights, levels=look["levels"], colors="white", linewidths=0.7)
    ax.grid(False)
    return filled


def _layers(heights: NDArray[Any], levels: Any, log: bool) -> dict[str, Any]:
    """Levels that are numbers, and colours: what lies outside of the levels has the colours of arrows on the bar."""
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import MaxNLocator

    low, high = float(heights.min()), float(heights.max())
    chosen = MaxNLocator(levels + 1).tick_values(low, high) if isinstance(levels, int) else np.asarray(levels, float)
    outside = {(True, True): "both", (True, False): "min", (False, True): "max", (False, False): "neither"}
    extend = outside[bool(low < chosen[0]), bool(high > chosen[-1])]
    norm = LogNorm(chosen[0], chosen[-1]) if log else None
    return {"levels": chosen, "cmap": HEIGHTS, "norm": norm, "extend": extend}


def colour_bar(axes: Any, mappable: Any, label: str, **how: Any) -> Any:
    """What the colours of one or several axes mean, beside them.

    Args:
        axes: whose room it takes a part of; one or a list.
        mappable: from `contours` or `imshow`.
        label: of the quantity.
        how: for `Figure.colorbar`: ticks, shrink.
    """
    bar = mappable.figure.colorbar(mappable, ax=axes, label=label, **how)
    bar.outline.set_linewidth(0.6)
    bar.minorticks_off()
    return bar


def surface(
    figure: "Figure",
    place: Any,
    xs: ArrayLike,
    ys: ArrayLike,
    heights: NDArray[Any],
    title: str,
    levels: Any = 14,
    log: bool = False,
) -> Any:
    """A 3-D surface above its contours, which lie on the floor.

    Args:
        place: of the axes in the figure, as for `add_subplot`: 121, (1, 2, 1).
        heights: of shape (len(ys), len(xs)), from `grid`.
        levels, log: of the contours and the colours, as for `contours`.

    Returns:
        The 3-D axes; `path` and `plot` draw on them too.
    """
    from matplotlib.ticker import MaxNLocator

    where = place if isinstance(place, tuple) else (place,)
    ax: Any = figure.add_subplot(*where, projection="3d")
    X, Y = np.meshgrid(xs, ys)
    ends = float(heights.min()), float(heights.max())
    floor = ends[0] - 0.6 * (ends[1] - ends[0])
    look = _layers(heights, levels, log)
    colours = {"cmap": HEIGHTS, "norm": look["norm"]}
    ax.plot_surface(X, Y, heights, alpha=0.8, linewidth=0.15, edgecolor="white", rcount=60, ccount=60, **colours)
    ax.contourf(X, Y, heights, zdir="z", offset=floor, alpha=0.6, **look)
    ax.contour(X, Y, heights, zdir="z", offset=floor, levels=look["levels"], colors=INK, linewidths=0.6)
    ax.locator_params(nbins=5)
    ax.set_zlim(floor, ends[1])
    ax.set_zticks([z for z in MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(*ends) if ends[0] <= z <= ends[1]])
    ax.set_box_aspect(None, zoom=0.88)  # else the label of the vertical axis is cut off
    ax.set_title(title, loc="left")  # which 3-D axes would have in the middle
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
    return ax


def matrix(
    ax: "Axes",
    numbers: NDArray[Any],
    rows: Sequence[str],
    columns: Sequence[str],
    label: str,
    written: Callable[[float], str],
    fontsize: float = 9.5,
    **bar: Any,
) -> None:
    """A table of signed numbers, coloured red below 0 and blue above, pale enough to be read.

    Args:
        numbers: of shape (len(rows), len(columns)).
        label: of the numbers.
        written: a number as it stands in its cell.
        bar: for `colour_bar`.
    """
    most = float(np.abs(numbers).max()) or 1.0
    power = 10.0 ** np.floor(np.log10(most))
    limit = float(f"{np.ceil(most / power - 1e-9) * power:.1g}")  # round, as it is marked
    image = ax.imshow(numbers, cmap=_pale(), vmin=-limit, vmax=limit, aspect="auto")
    for (row, column), number in np.ndenumerate(numbers):
        ax.text(column, row, written(number), ha="center", va="center", fontsize=fontsize)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.grid(False)
    colour_bar(ax, image, label, ticks=[-limit, 0, limit], format=lambda number, _: minus(f"{number:g}"), **bar)


def signed(ax: "Axes", xs: ArrayLike, ys: ArrayLike, heights: NDArray[Any], limit: float = 1.0) -> Any:
    """Signed numbers over the plane, orange below 0 and purple above, unlike the classes that are drawn on it.

    Args:
        heights: of shape (len(ys), len(xs)), from -limit to limit.

    Returns:
        What `colour_bar` takes.
    """
    filled = ax.contourf(xs, ys, heights, levels=np.linspace(-limit, limit, 17), cmap=_pale("PuOr"))
    ax.grid(False)
    return filled


def _pale(name: str = "RdBu") -> Any:
    """A colour map of signed numbers without its darkest ends."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps[name](np.linspace(0.24, 0.76, 256)))


def path(ax: "Axes", points: ArrayLike, label: str | None = None, colour: str = RED, dots: bool = True) -> None:
    """The way of a descent: a line with a dot at each step, a ring where it starts and a star where it ends.

    Args:
        points: of shape (steps + 1, 2), or (steps + 1, 3) on 3-D axes.
        dots: whether to draw the steps; not for ways of very many.
    """
    coordinates = np.asarray(points, float).T
    look: dict[str, Any] = {"marker": "o" if dots else "", "markersize": 3.2, "linewidth": 1.3}
    ax.plot(*coordinates, color=colour, label=label, zorder=5, **look)
    ends = coordinates[:, :1], coordinates[:, -1:]
    ax.plot(*ends[0], "o", color="white", markeredgecolor=colour, markeredgewidth=2, markersize=8, zorder=6)
    ax.plot(*ends[1], "*", color=colour, markeredgecolor="white", markersize=14, zorder=7)


def classes(ax: "Axes", X: ArrayLike, y: ArrayLike, names: Sequence[str] | None = None, size: float = 36) -> None:
    """Samples in the plane, each class with its own colour and mark.

    Args:
        X: (n, 2) numbers.
        y: n labels.
        names: of the classes, in the order of the sorted labels, for a legend.
    """
    points, labels = np.asarray(X, float), np.asarray(y)
    for i, label in enumerate(np.unique(labels)):
        mine = points[labels == label]
        called = names[i] if names else None
        look: dict[str, Any] = {"color": COLOURS[i % 6], "marker": _MARKERS[i % 6], "label": called}
        ax.scatter(mine[:, 0], mine[:, 1], s=size, edgecolor="white", linewidth=0.8, zorder=5, **look)


def boundary(
    ax: "Axes", xs: ArrayLike, ys: ArrayLike, scores: NDArray[Any], middle: float = 0.0, name: str | None = None
) -> None:
    """Where a classifier of two classes says which: the plane in two pale colours, and the line between.

    Args:
        scores: of shape (len(ys), len(xs)), from `grid`; above `middle` is the second class of `classes`.
        name: of the line, for a legend.
    """
    sides = [-np.inf, middle, np.inf]
    ax.contourf(xs, ys, np.clip(scores, -1e300, 1e300), levels=sides, colors=[BLUE, RED], alpha=0.13)
    if name:
        ax.plot([], [], color=INK, linewidth=1.8, label=name)
    if scores.min() < middle < scores.max():
        ax.contour(xs, ys, scores, levels=[middle], colors=INK, linewidths=1.8)
    ax.grid(False)


def note(ax: "Axes", text: str, x: float = 0.03, y: float = 0.96) -> None:
    """A few words in a corner, at (x, y) in parts of the axes; in the upper left one if not given."""
    box = {"facecolor": "white", "edgecolor": PALE, "boxstyle": "round,pad=0.4", "alpha": 0.9}
    where: dict[str, Any] = {"ha": "left" if x < 0.5 else "right", "va": "top" if y > 0.5 else "bottom"}
    ax.text(x, y, text, transform=ax.transAxes, fontsize=9.5, multialignment="left", bbox=box, zorder=9, **where)


def legend_below(figure: "Figure", *axes: "Axes") -> None:
    """One legend of several axes, in a row below all of them, where it covers nothing; each name once."""
    named: dict[str, Any] = {}
    for ax in axes:
        for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
            named.setdefault(name, handle)
    figure.legend(list(named.values()), list(named), loc="outside lower center", ncols=len(named), frameon=False)


def minus(number: str) -> str:
    """The number with the sign that is as wide as a plus, and powers of ten as one writes them."""
    digits, _, power = number.partition("e")
    tens = "×10" + str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")) if power else ""
    return digits.replace("-", "−") + tens
