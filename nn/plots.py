"""How curves are drawn by matplotlib: one style for `History.plot` and the pictures of the lessons.

matplotlib is loaded by the functions that need it.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd.installing import pip_install

INK, GREY, PALE = "#263238", "#6B7680", "#E3E8EC"
BLUE, RED, GREEN, AMBER, PURPLE, TEAL = "#1F6FB2", "#C62828", "#1E7B45", "#B36B00", "#6A3FA0", "#00838F"
COLOURS = (BLUE, RED, GREEN, AMBER, PURPLE, TEAL)
"""Of curves and paths, in order; values are blue and gradients red, as in the pictures of graphs."""
_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))  # curves differ in print and to every eye
_FEW_DECADES = 3  # up to so many, 2 and 5 are marked beside the powers of ten


@contextmanager
def styled(family: list[str] | None = None) -> Iterator[None]:
    """Within the block matplotlib has this style, and nothing that the reader has set: the same on every machine.

    Args:
        family: fonts, each character from the first that has it; matplotlib's own if None.
    """
    from cycler import cycler
    from matplotlib import rc_context, rcdefaults, rcParams

    with rc_context():
        rcdefaults()
        rcParams.update(
            {
                "font.family": family or ["DejaVu Sans"],
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
                "contour.negative_linestyle": "solid",
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
        yield


def looks(names: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    """A colour and a line style for each name, in order: for `plot`, wherever in a picture the name comes again."""
    return {name: {"color": COLOURS[i % 6], "linestyle": _LINES[i % 6]} for i, name in enumerate(names)}


def curves(
    ax: Any,
    lines: Mapping[str, ArrayLike],
    xs: ArrayLike | None = None,
    log: bool = False,
    look: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Named curves with a legend, each of its own colour and line style.

    Args:
        ax: axes of matplotlib.
        lines: y by name.
        xs: of all of them; 0, 1, 2, … if None.
        log: whether the vertical scale is logarithmic.
        look: `looks` of names that occur elsewhere too; else of these lines.
    """
    look = look or looks(lines)
    for name, ys in lines.items():
        numbers = np.asarray(ys, float)
        ax.plot(np.arange(len(numbers)) if xs is None else xs, numbers, label=name, **look[name])
    if log:
        ax.set_yscale("log")
    if lines:
        ax.legend()


def epochs(ax: Any, last: int) -> None:
    """The horizontal axis counts the epochs, 1 to the last: marks at whole numbers, and none at 0."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=9, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.set_xlim(0.5, last + max(0.5, 0.03 * last))


def readable(axis: Any) -> None:
    """Marks of a logarithmic axis that one reads at a glance.

    Plain numbers, 0.01 or 200, where the powers of ten are as plain; 2 and 5 of each decade where decades are few.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if axis.get_scale() != "log":
        return
    low, high = sorted(axis.get_view_interval())
    if high / low <= 10**_FEW_DECADES:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low <= 10**2 else (1,), numticks=20))
    if low >= 1e-5 and high < 1e6:
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
    axis.set_minor_formatter(NullFormatter())


@functools.cache
def japanese_font() -> str:
    """The family name of the font that the wheel matplotlib-fontja carries; its import would change the settings.

    Raises:
        ModuleNotFoundError: matplotlib or the font is not installed; says what to type.
    """
    spec = find_spec("matplotlib_fontja")
    if find_spec("matplotlib") is None or spec is None or spec.origin is None:
        packages = pip_install("matplotlib", "matplotlib-fontja")
        raise ModuleNotFoundError(f"pictures need matplotlib and matplotlib-fontja: {packages}")
    from matplotlib.font_manager import FontProperties, fontManager

    font = Path(spec.origin).parent / "fonts" / "ipaexg.ttf"
    fontManager.addfont(font)
    return FontProperties(fname=str(font)).get_name()


def add_family(ax: Any, family: str) -> None:
    """Let the texts of axes take from this font the characters that theirs lacks."""
    from matplotlib.text import Text

    for text in ax.findobj(Text):
        text.set_fontfamily([*text.get_fontfamily(), family])
