"""Pictures of the lessons, drawn by matplotlib without a screen: fonts, colours, and what several lessons draw.

```python
with drawing(output / "bowl.png", width=9, height=4) as figure:
    left, right = figure.subplots(1, 2)
    xs = ys = np.linspace(-5, 5, 81)
    contours(left, xs, ys, grid(f, xs, ys))
    path(left, points, label="SGD")
    curves(right, {"loss": losses}, log=True)
    right.set(xlabel="step")
show(language, output / "bowl.png")      # prints where it is
```

The file is written when the block ends, with the same bytes each time. Everything that belongs to a figure has to
happen inside its block: matplotlib reads fonts and sizes as it draws, and outside of it they are the reader's own.
`pyplot` is not used, and no setting outlives the block. matplotlib is loaded by the first picture, so that lessons
import without it.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, PALE = "#263238", "#6B7680", "#E3E8EC"
BLUE, RED, GREEN, AMBER, PURPLE, TEAL = "#1F6FB2", "#C62828", "#1E7B45", "#B36B00", "#6A3FA0", "#00838F"
COLOURS = (BLUE, RED, GREEN, AMBER, PURPLE, TEAL)
"""Of curves and paths, in order; values are blue and gradients red, as in the pictures of graphs."""
HEIGHTS = "YlGnBu_r"
"""The colour map of surfaces and contours: dark is low."""

DPI = 150  # sharp on a lecture's screen, and some 100 kB a picture
_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))  # curves differ in print and to every eye
_MARKERS = ("o", "s", "^", "D", "v", "P")
_FILES = {"ja": "図", "en": "Pictures"}


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
    family = ["DejaVu Sans", _japanese_font()]  # each character from the first that has it
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context():
        _apply_style(family)
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, dpi=DPI, metadata={"Software": None})  # which would name the version of matplotlib


def show(language: str, *files: Path) -> None:
    """Say where the pictures are: the last line of a lesson."""
    print(f"{_FILES[language]}: {', '.join(map(str, files))}")


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
        log: whether the colours follow the logarithm: for deep valleys, with levels from `np.geomspace`.

    Returns:
        What `figure.colorbar(…, ax=ax)` takes.
    """
    from matplotlib.colors import LogNorm

    norm = LogNorm(levels[0], levels[-1]) if log else None
    filled = ax.contourf(xs, ys, heights, levels=levels, cmap=HEIGHTS, norm=norm, alpha=0.75, extend="both")
    ax.contour(xs, ys, heights, levels=filled.levels, colors="white", linewidths=0.7)
    ax.grid(False)
    return filled


def surface(figure: "Figure", place: Any, xs: ArrayLike, ys: ArrayLike, heights: NDArray[Any]) -> Any:
    """A 3-D surface with its contours on the floor.

    Args:
        place: of the axes in the figure, as for `add_subplot`: 121, (1, 2, 1).
        heights: of shape (len(ys), len(xs)), from `grid`.

    Returns:
        The 3-D axes; `path` and `plot` draw on them too.
    """
    where = place if isinstance(place, tuple) else (place,)
    ax: Any = figure.add_subplot(*where, projection="3d")
    X, Y = np.meshgrid(xs, ys)
    floor = float(heights.min()) - 0.35 * float(np.ptp(heights))
    ax.plot_surface(X, Y, heights, cmap=HEIGHTS, alpha=0.8, linewidth=0.15, edgecolor="white", rcount=60, ccount=60)
    ax.contourf(X, Y, heights, zdir="z", offset=floor, levels=14, cmap=HEIGHTS, alpha=0.55)
    ax.locator_params(nbins=5)
    ax.set_zlim(floor, float(heights.max()))
    ax.set_zticks([z for z in ax.get_zticks() if heights.min() <= z <= heights.max()])
    ax.set_box_aspect(None, zoom=0.88)  # else the label of the vertical axis is cut off
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
    return ax


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


def curves(ax: "Axes", lines: Mapping[str, ArrayLike], xs: ArrayLike | None = None, log: bool = False) -> None:
    """Named curves with a legend, each of its own colour and line style.

    Args:
        lines: y by name.
        xs: of all of them; 0, 1, 2, … if None.
        log: whether the vertical scale is logarithmic.
    """
    for i, (name, ys) in enumerate(lines.items()):
        numbers = np.asarray(ys, float)
        across = np.arange(len(numbers)) if xs is None else xs
        ax.plot(across, numbers, label=name, color=COLOURS[i % 6], linestyle=_LINES[i % 6])
    if log:
        ax.set_yscale("log")
    ax.legend()


def classes(ax: "Axes", X: ArrayLike, y: ArrayLike, names: Sequence[str] | None = None) -> None:
    """Samples in the plane, each class with its own colour and mark.

    Args:
        X: (n, 2) numbers.
        y: n labels.
        names: of the classes, in the order of the sorted labels; then there is a legend.
    """
    points, labels = np.asarray(X, float), np.asarray(y)
    for i, label in enumerate(np.unique(labels)):
        mine = points[labels == label]
        called = names[i] if names else None
        look: dict[str, Any] = {"color": COLOURS[i % 6], "marker": _MARKERS[i % 6], "label": called}
        ax.scatter(mine[:, 0], mine[:, 1], s=36, edgecolor="white", linewidth=0.8, zorder=5, **look)
    if names:
        ax.legend()


def boundary(ax: "Axes", xs: ArrayLike, ys: ArrayLike, scores: NDArray[Any], middle: float = 0.0) -> None:
    """Where a classifier of two classes says which: the plane in two pale colours, and the line between.

    Args:
        scores: of shape (len(ys), len(xs)), from `grid`; above `middle` is the second class of `classes`.
    """
    sides = [-np.inf, middle, np.inf]
    ax.contourf(xs, ys, np.clip(scores, -1e300, 1e300), levels=sides, colors=[BLUE, RED], alpha=0.13)
    if scores.min() < middle < scores.max():
        ax.contour(xs, ys, scores, levels=[middle], colors=INK, linewidths=1.8)
    ax.grid(False)


def note(ax: "Axes", text: str, x: float = 0.03, y: float = 0.96) -> None:
    """A few words in a corner, at (x, y) in parts of the axes; in the upper left one if not given."""
    box = {"facecolor": "white", "edgecolor": PALE, "boxstyle": "round,pad=0.4", "alpha": 0.9}
    where: dict[str, Any] = {"ha": "left" if x < 0.5 else "right", "va": "top" if y > 0.5 else "bottom"}
    ax.text(x, y, text, transform=ax.transAxes, fontsize=9.5, multialignment="left", bbox=box, zorder=9, **where)


def _apply_style(family: list[str]) -> None:
    from cycler import cycler
    from matplotlib import rcdefaults, rcParams

    rcdefaults()  # not what the reader has set: the same picture on every machine
    rcParams.update(
        {
            "font.family": family,
            "font.size": 11,
            "text.color": INK,
            "axes.edgecolor": GREY,
            "axes.labelcolor": INK,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titlepad": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.prop_cycle": cycler(color=COLOURS),
            "grid.color": PALE,
            "xtick.color": GREY,
            "ytick.color": GREY,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "lines.linewidth": 2,
            "legend.fontsize": 10,
            "legend.framealpha": 0.9,
            "legend.edgecolor": PALE,
            "figure.constrained_layout.h_pad": 0.1,
            "figure.constrained_layout.w_pad": 0.1,
        }
    )


@functools.cache
def _japanese_font() -> str:
    """The family name of the font that the wheel matplotlib-fontja carries; its import would change the settings."""
    spec = find_spec("matplotlib_fontja")
    if find_spec("matplotlib") is None or spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "pictures need matplotlib and matplotlib-fontja: pip install 'scalar-autograd[demos]'"
        )
    from matplotlib.font_manager import FontProperties, fontManager

    font = Path(spec.origin).parent / "fonts" / "ipaexg.ttf"
    fontManager.addfont(font)
    return FontProperties(fname=str(font)).get_name()
