"""Basins of attraction: which minimum a descent ends in depends on where it starts.

A function may have several minima. The lowest is the global one, the others are local. The starts from which gradient
descent ends in the same minimum are its basin. One way is walked graph by graph; a map of a hundred thousand ways is
walked by a compiled program, which takes a step of all of them at a time.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograd import compile, grad
from demos import Part, Try
from demos import _pictures as pictures
from demos._pictures import BLUE, COLOURS, GREY, INK, PALE, RED, drawing, minus
from demos.bowl import gradient_descent
from demos.derivative import descend

TEACHES = {
    "ja": "引き込み領域：どこから始めるとどの谷底に着くか。大域的・局所的最適解と、学習率による変化",
    "en": "Basins of attraction: which start ends in which minimum, global or local, and what the rate changes",
}
SOURCE = "情報システム実験実習II 第2回 大域的最適解と局所的最適解, 引き込み領域 (document 002)"

Array = NDArray[np.float64]

STARTS = (-2.0, -0.5, 0.0, 0.2, 1.0, 2.0)
RATE = 0.02
STEPS = 300
LINE = np.linspace(-2.6, 2.6, 261)
RATES = np.linspace(0.005, 0.15, 59)
PLANE = np.linspace(-6, 6, 121)
PLANE_RATES = (0.003, 0.014)
FAR = 20.0  # from here nothing comes back
NEAR = 0.002  # of a minimum, after STEPS: it has been reached


def f(x: Any) -> Any:
    return x**4 - 4 * x**2 + x


def himmelblau(x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


# --- One descent, graph by graph ----------------------------------------------------------------------------------


@cache
def minima() -> tuple[float, ...]:
    """Where descents from the left and from the right end: the global minimum of f, and a local one."""
    ends = [descend(f, start, RATE, STEPS)[-1] for start in (-2.0, 2.0)]
    return tuple(sorted(ends, key=f))


@cache
def himmelblaus_minima() -> tuple[tuple[float, ...], ...]:
    """Where descents from four corners end: in all four f is 0."""
    corners = [(3.0, 3.0), (-3.0, 3.0), (-3.0, -3.0), (3.0, -3.0)]
    return tuple(tuple(gradient_descent(grad(himmelblau), corner, 0.01, STEPS)[-1]) for corner in corners)


# --- All descents at a time, by a compiled program ----------------------------------------------------------------


def descend_together(function: Callable[[Any], Any], starts: Array, rate: Any, steps: int) -> Array:
    """Where gradient descent from each row of `starts` ends; what runs away stays where it is once it is far."""
    slopes = compile(function, starts[0].tolist(), wrt=0).jacobian
    x, rates = starts.copy(), np.broadcast_to(rate, starts.shape)
    for _ in range(steps):
        near = np.abs(x).reshape(len(x), -1).max(axis=1) < FAR
        x[near] -= rates[near] * slopes(x[near])
    return x


def basin(ends: Array, bottoms: Sequence[Any]) -> NDArray[np.int64]:
    """For each end the number of the minimum that it has reached; −1 if it has reached none."""
    places, wanted = ends.reshape(len(ends), -1), np.array(bottoms).reshape(len(bottoms), -1)
    distances = np.linalg.norm(places[:, None] - wanted, axis=-1)
    return np.where(distances.min(axis=1) < NEAR, distances.argmin(axis=1), -1)


@cache
def map_of_rates() -> NDArray[np.int64]:
    """The basins of f: a row for each rate, a column for each start."""
    starts, rates = np.meshgrid(LINE, RATES)
    ends = descend_together(f, starts.ravel(), rates.ravel(), STEPS)
    return basin(ends, minima()).reshape(starts.shape)


@cache
def map_of_plane(rate: float) -> NDArray[np.int64]:
    """The basins of Himmelblau's function, of shape (y, x)."""
    starts = np.stack(np.meshgrid(PLANE, PLANE), axis=-1)
    ends = descend_together(himmelblau, starts.reshape(-1, 2), rate, STEPS)
    return basin(ends, himmelblaus_minima()).reshape(starts.shape[:2])


@cache
def watershed() -> float:
    """The largest start, to a millionth, from which the descent still goes left: by halving."""
    low, high = minima()
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if descend(f, middle, RATE, STEPS)[-1] < 0 else (low, middle)
    return low


@cache
def walked_one_by_one() -> int:
    """The starts, of a few spread over the plane, whose own walk ends in the minimum that the map says."""
    labels, agreed = map_of_plane(PLANE_RATES[0]), 0
    for row, column in ((10, 10), (10, 110), (60, 70), (110, 10), (110, 110)):
        start = (float(PLANE[column]), float(PLANE[row]))
        end = gradient_descent(grad(himmelblau), start, PLANE_RATES[0], STEPS)[-1]
        agreed += int(basin(np.array([end]), himmelblaus_minima())[0] == labels[row, column])
    return agreed


def share(labels: NDArray[np.int64], which: int) -> float:
    return float(np.mean(labels == which))


def numbers() -> dict[str, float]:
    """The minima, the border between their basins, and how much of the starts belongs to each."""
    best, other = minima()
    by_rate = dict(zip(RATES.round(4).tolist(), map_of_rates(), strict=True))
    planes = {rate: map_of_plane(rate) for rate in PLANE_RATES}
    return {
        "global minimum": best,
        "f there": f(best),
        "local minimum": other,
        "f at the local one": f(other),
        "border": watershed(),
        **{f"η = {rate:g}: global": share(by_rate[rate], 0) for rate in (0.02, 0.1, 0.12)},
        **{f"η = {rate:g}: none": share(by_rate[rate], -1) for rate in (0.02, 0.1, 0.12)},
        **{f"plane, η = {rate:g}: minimum {k + 1}": share(planes[rate], k) for rate in PLANE_RATES for k in range(4)},
        **{f"plane, η = {rate:g}: none": share(planes[rate], -1) for rate in PLANE_RATES},
    }


_STORY = {
    "ja": """\
1. 谷がふたつある関数
f(x) = x⁴ − 4x² + x を η = {rate:g} で {steps} 回更新する
{ways}
  大域的最適解（全体の最小）: x = {best:.6f}, f = {lowest:.6f}
  局所的最適解（その区間の最小）: x = {other:.6f}, f = {higher:.6f}
  境目は、間の山の頂上 x = {border:.5f}（f′ = 0）。そこより左から始めれば大域的最適解、右からなら局所的最適解へ。

2. 学習率で、引き込み領域が変わる
-2.6 から 2.6 まで {columns} の初期値 × {rows} の学習率 = {ways_of_line:,} 本の降下
{rates}
  小さな η では境目はひとつ。大きな η では、急な斜面から谷を飛び越えて、反対側の谷に落ちる。
  曲がり方 f″ が 2/η を超える谷底には、そこまで来ても留まれない。

3. 平面での引き込み領域
ヒンメルブラウの関数 (x² + y − 11)² + (x + y² − 7)² には、f = 0 の谷底が 4 つある。{ways_of_plane:,} の初期値のうち
{planes}
  地図は、NumPy のプログラムにコンパイルした勾配（autograd.compile）で、すべての初期値を 1 歩ずつ同時に進めて作る。
  1 本ずつグラフを作って歩いても、着く場所は同じ（{checked} 本で確かめた）。
""",
    "en": """\
1. A function with two valleys
f(x) = x⁴ − 4x² + x, η = {rate:g}, {steps} steps
{ways}
  Global minimum (the lowest of all): x = {best:.6f}, f = {lowest:.6f}
  Local minimum (the lowest around it): x = {other:.6f}, f = {higher:.6f}
  The border is the top of the hill between them, x = {border:.5f}, where f′ = 0: from its left one ends in the
  global minimum, from its right in the local one.

2. The learning rate changes the basins
{columns} starts from -2.6 to 2.6 × {rows} rates = {ways_of_line:,} descents
{rates}
  For a small η there is one border. With a large one, a descent jumps from a steep slope over its own valley into the
  other. And a minimum where f bends by more than 2/η holds nothing, even what comes close.

3. Basins in the plane
Himmelblau's function (x² + y − 11)² + (x + y² − 7)² has four minima, all with f = 0. Of {ways_of_plane:,} starts
{planes}
  The maps take a step of all starts at a time: the gradient is compiled to a NumPy program (autograd.compile).
  Walked one by one, a graph for each step, they end in the same places ({checked} were tried).
""",
}
_WORDS = {
    "ja": {
        "way": "  x = {:<5} → {:<10} f = {:<10} {}",
        "ends": ("大域的最適解", "局所的最適解"),
        "rate": "  η = {:<5g} 大域的 {:<6.1%} 局所的 {:<6.1%} どちらにも落ち着かない {:.1%}",
        "plane": "  η = {:<6g}{}  どこにも落ち着かない {:.1%}",
        "to": "→ {}",
        "none": "落ち着かない",
        "line": "初期値の色は、着く谷底の色（η = {:g}）",
        "rates": "学習率を変えると",
        "start": "初期値 x",
        "eta": "学習率 η",
        "way on map": "1 本の降下",
        "above": "等高線と 4 つの谷底",
        "plane title": "引き込み領域（η = {:g}）",
        "hill": "境目  x = {}",
    },
    "en": {
        "way": "  x = {:<5} → {:<10} f = {:<10} {}",
        "ends": ("global minimum", "local minimum"),
        "rate": "  η = {:<5g} global {:<6.1%} local {:<6.1%} settles in neither {:.1%}",
        "plane": "  η = {:<6g}{}  settles nowhere {:.1%}",
        "to": "→ {}",
        "none": "settles nowhere",
        "line": "Starts in the colour of where they end (η = {:g})",
        "rates": "With other learning rates",
        "start": "start x",
        "eta": "learning rate η",
        "way on map": "one descent",
        "above": "Contours, and the four minima",
        "plane title": "Basins of attraction (η = {:g})",
        "hill": "border  x = {}",
    },
}


def story(language: str) -> str:
    """The lesson as text."""
    found, words = numbers(), _WORDS[language]
    return _STORY[language].format(
        rate=RATE,
        steps=STEPS,
        ways="\n".join(_way(start, words) for start in STARTS),
        best=found["global minimum"],
        lowest=found["f there"],
        other=found["local minimum"],
        higher=found["f at the local one"],
        border=found["border"],
        columns=len(LINE),
        rows=len(RATES),
        ways_of_line=len(LINE) * len(RATES),
        rates="\n".join(_rate(rate, words) for rate in (0.02, 0.1, 0.12)),
        ways_of_plane=len(PLANE) ** 2,
        planes="\n".join(_plane(rate, words) for rate in PLANE_RATES),
        checked=walked_one_by_one(),
    )


def _way(start: float, words: Any) -> str:
    end = descend(f, start, RATE, STEPS)[-1]
    reached = words["ends"][int(basin(np.array([end]), minima())[0])]
    return words["way"].format(f"{start:g}", f"{end:.6f}", f"{f(end):.6f}", reached)


def _rate(rate: float, words: Any) -> str:
    row = map_of_rates()[int(np.abs(RATES - rate).argmin())]
    return words["rate"].format(rate, *(share(row, which) for which in (0, 1, -1)))


def _plane(rate: float, words: Any) -> str:
    labels = map_of_plane(rate)
    each = "  ".join(f"{_point(bottom)} {share(labels, k):.1%}" for k, bottom in enumerate(himmelblaus_minima()))
    return words["plane"].format(rate, each, share(labels, -1))


def _point(x: Sequence[float]) -> str:
    return f"({x[0]:.3g}, {x[1]:.3g})"


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw the basins on the line and in the plane."""
    print(story(language))
    files = [output / f"basins-{name}.png" for name in ("line", "plane")]
    draw_line(files[0], language)
    draw_plane(files[1], language)
    pictures.show(language, *files)


def draw_line(file: Path, language: str) -> None:
    """The curve in the colours of the ends of its starts, and below it the same for each learning rate."""
    words, named = _WORDS[language], _WORDS[language]["ends"]
    with drawing(file, width=9, height=7.5) as figure:
        above, below = figure.subplots(2, 1, sharex=True)
        labels = map_of_rates()[int(np.abs(RATES - RATE).argmin())]
        for which, colour in enumerate((BLUE, RED)):
            mine = np.where(labels == which, f(LINE), np.nan)
            above.plot(LINE, mine, color=colour, linewidth=3.5)
            bottom = minima()[which]
            above.plot(bottom, f(bottom), "*", color=colour, markersize=17, markeredgecolor="white", zorder=6)
            above.plot([], [], "*", color=colour, markersize=12, label=f"{named[which]}  x = {minus(f'{bottom:.3f}')}")
        border = watershed()
        arrow = {"arrowstyle": "->", "color": INK, "shrinkB": 4}
        above.annotate(words["hill"].format(f"{border:.3f}"), (border, f(border)), (-0.4, 5), arrowprops=arrow)
        above.set(ylabel="f(x)", title=f"f(x) = x⁴ − 4x² + x  —  {words['line'].format(RATE)}", ylim=(-7, 16))
        _mesh(below, LINE, RATES, map_of_rates(), (BLUE, RED))
        below.set(xlabel=words["start"], ylabel=words["eta"], title=words["rates"])
        below.plot([], [], "s", color=PALE, markeredgecolor=GREY, markersize=11, label=words["none"])
        pictures.legend_below(figure, above, below)


def draw_plane(file: Path, language: str) -> None:
    """Himmelblau's function from above, and the maps of its basins for a small and a large rate."""
    words, bottoms = _WORDS[language], himmelblaus_minima()
    with drawing(file, width=14, height=5.2) as figure:
        left, *rest = figure.subplots(1, 3, sharey=True, width_ratios=[1.22, 1, 1])
        heights = pictures.grid(lambda x, y: himmelblau([x, y]), PLANE, PLANE)
        filled = pictures.contours(left, PLANE, PLANE, np.log10(1 + heights))
        pictures.colour_bar(left, filled, "log₁₀(1 + f)")
        for ax, rate in zip(rest, PLANE_RATES, strict=True):
            _mesh(ax, PLANE, PLANE, map_of_plane(rate), COLOURS[:4])
            ax.set(xlabel="x", title=words["plane title"].format(rate))
        for ax in (left, *rest):
            for bottom, colour in zip(bottoms, COLOURS, strict=False):
                label = words["to"].format(minus(_point(bottom)))
                ax.plot(*bottom, "*", color=colour, markersize=15, markeredgecolor="white", label=label, zorder=7)
        way = gradient_descent(grad(himmelblau), (0.0, 0.0), PLANE_RATES[0], 60)
        pictures.path(left, way, colour=BLUE, label=words["way on map"])
        left.set(xlabel="x", ylabel="y", title=words["above"])
        pictures.legend_below(figure, left, *rest)


def _mesh(ax: Any, xs: Array, ys: Array, labels: NDArray[np.int64], colours: Sequence[str]) -> None:
    """A map in pale colours: what settles nowhere is grey."""
    from matplotlib.colors import to_rgb

    table = np.array([to_rgb(PALE), *(0.45 + 0.55 * np.array(to_rgb(colour)) for colour in colours)])
    ax.pcolormesh(xs, ys, table[labels + 1], rasterized=True)
    ax.grid(False)


NOTEBOOK = (
    Part("f STARTS RATE STEPS minima watershed", "{start: descend(f, start, RATE, STEPS)[-1] for start in STARTS}"),
    Part("FAR NEAR LINE RATES descend_together basin map_of_rates", "picture(draw_line, language)"),
    Part("himmelblau himmelblaus_minima PLANE PLANE_RATES map_of_plane", "picture(draw_plane, language)"),
    Try(
        "f の最後の項 x を 3x にすると、境目はどちらへ動くだろうか。谷がひとつになるのはいつだろうか。",
        "Make the last term of f 3x. Which way does the border move? When is only one valley left?",
    ),
    Try(
        "`PLANE_RATES` に 0.02 を加えると、地図はどうなるだろうか。",
        "Put 0.02 into `PLANE_RATES`. What becomes of the map?",
    ),
)
