"""Six optimisers on one surface: who stays in the nearest valley, and who gets over the hill to the deeper one.

f(x, y) = x⁴ − 2x² + x/2 + y² has two valleys, and everyone begins above the shallow one. Plain gradient descent sees
nothing but the slope under its feet and stays there. Momentum is a ball: it arrives with speed, and rolls on.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import Value
from demos import Part, Try
from demos import _pictures as pictures

TEACHES = {
    "ja": "最適化手法：SGD・モーメンタム・Nesterov・AdaGrad・RMSProp・Adam の道筋と、局所解からの脱出",
    "en": "Optimisers: the paths of SGD, momentum, Nesterov, AdaGrad, RMSProp and Adam; who leaves a local minimum",
}
SOURCE = "様々な確率的勾配法の振る舞い (document 001, slides 77–78); モーメンタム (document 004, section 2.4.3)"

START = (1.8, 1.5)
STEPS = 100
STRENGTHS = (0.0, 0.5, 0.8, 0.9)
"""Of the momentum: how much of its speed the ball keeps at each step."""

_STORY = {
    "ja": """\
f(x, y) = x⁴ − 2x² + x/2 + y² には谷がふたつある：右の谷の底は局所解、左の谷の底が最小。
全員が右の谷の上 ({start}) から {steps} 歩進む。勾配は毎回、逆伝播で求める。

手法        学習率   着いた点 (x, y)          f   谷
{table}

左の深い谷に着いたもの：{left}
勾配だけで進む SGD は、傾きが 0 になる最初の底で止まる。
モーメンタムは v ← μv − η∇f, θ ← θ + v。坂で得た速度 v が残っていれば、底を通り過ぎて山を越える。
速度が足りなければ越えない（学習率は同じ {rate}）：
{sweep}
""",
    "en": """\
f(x, y) = x⁴ − 2x² + x/2 + y² has two valleys: the bottom of the right one is a local minimum only.
All begin above the right one, at ({start}), and make {steps} steps. Every gradient is a backward pass.

optimiser     rate   ends at (x, y)           f   valley
{table}

In the deep valley on the left: {left}
SGD has nothing but the gradient, and stays at the first bottom, where the slope is 0.
Momentum is v ← μv − η∇f, θ ← θ + v. With enough speed v left from the slope it passes the bottom and the hill.
With too little it does not (the same rate {rate}):
{sweep}
""",
}
_VALLEY = {"ja": {True: "左（最小）", False: "右（局所解）"}, "en": {True: "left (lowest)", False: "right (local)"}}
_SWEEP = {"ja": "  μ = {0:.1f}  →  x = {1:+.2f}  {2}", "en": "  μ = {0:.1f}  →  x = {1:+.2f}  {2}"}
_LEVELS = (-1.5, -1.2, -0.9, -0.6, -0.3, 0, 0.4, 0.8, 1.3, 2, 3, 4.2)
_LABELS = {
    "ja": {
        "map": "{}, η = {:g}",
        "ball": "SGD と Momentum",
        "loss": "f の値の動き",
        "step": "歩数",
    },
    "en": {
        "map": "{}, η = {:g}",
        "ball": "SGD and Momentum",
        "loss": "How f falls",
        "step": "step",
    },
}


def surface(x: Any, y: Any) -> Any:
    """Two valleys along x, a plain bowl along y; of Values or of numbers. Change this line and see who stays."""
    return x**4 - 2 * x**2 + x / 2 + y**2


def optimisers() -> dict[str, nn.Optimizer]:
    """The first three share a learning rate, so that only the speed differs."""
    return {
        "SGD": nn.SGD(0.02),
        "Momentum": nn.Momentum(0.02, momentum=0.9),
        "Nesterov": nn.Nesterov(0.02, momentum=0.9),
        "AdaGrad": nn.AdaGrad(0.5),
        "RMSProp": nn.RMSProp(0.05),
        "Adam": nn.Adam(0.1),
    }


def descend(
    optimizer: nn.Optimizer,
    start: tuple[float, float] = START,
    steps: int = STEPS,
    f: Callable[[Any, Any], Any] = surface,
) -> NDArray[np.float64]:
    """The points an optimiser comes to, of shape (steps + 1, 2)."""
    x, y = Value(start[0], "x"), Value(start[1], "y")
    points = [start]
    for _ in range(steps):
        x.grad = y.grad = 0
        f(x, y).backward()
        optimizer.step([x, y])
        points.append((x.data, y.data))
    return np.array(points)


def paths() -> dict[str, NDArray[np.float64]]:
    """Where each optimiser goes."""
    return {name: descend(optimizer) for name, optimizer in optimisers().items()}


def sweep() -> dict[float, float]:
    """The x at which momentum ends, by how much speed it keeps."""
    return {keep: float(descend(nn.Momentum(0.02, momentum=keep))[-1, 0]) for keep in STRENGTHS}


def numbers() -> dict[str, float]:
    """Where each optimiser ends, and how deep."""
    ends = {name: points[-1] for name, points in paths().items()}
    found = {f"{name} {axis}": float(end[i]) for name, end in ends.items() for i, axis in enumerate("xy")}
    found |= {f"{name} f": float(surface(*end)) for name, end in ends.items()}
    return found | {f"momentum {keep} x": x for keep, x in sweep().items()}


def story(language: str) -> str:
    """The lesson as text; all its numbers are read off the paths."""
    walked, valley = paths(), _VALLEY[language]
    return _STORY[language].format(
        start=", ".join(f"{each:g}" for each in START),
        steps=STEPS,
        rate=nn.SGD(0.02).rate,
        table="\n".join(_table(walked, valley)),
        left=", ".join(name for name, points in walked.items() if points[-1, 0] < 0),
        sweep="\n".join(_SWEEP[language].format(keep, x, valley[x < 0]) for keep, x in sweep().items()),
    )


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson, then draw the six paths."""
    print(story(language))
    file = output / "optimisers.png"
    draw_paths(file, language)
    pictures.show(language, file)


def _table(walked: dict[str, NDArray[np.float64]], valley: dict[bool, str]) -> Iterator[str]:
    for (name, points), optimizer in zip(walked.items(), optimisers().values(), strict=True):
        x, y = points[-1]
        yield f"{name:<10}{optimizer.rate:>8g}   ({x:+.3f}, {y:+z.3f}) {surface(x, y):>9.3f}   {valley[x < 0]}"


def draw_paths(file: Path, language: str) -> None:
    walked, words = paths(), _LABELS[language]
    with pictures.drawing(file, width=12, height=12) as figure:
        parts: Any = figure.subfigures(2, 1, height_ratios=[1.75, 1])
        above, below = parts
        maps = above.subplots(2, 3, sharex=True, sharey=True)
        filled = [_draw_map(ax, *each, language) for ax, each in zip(maps.flat, walked.items(), strict=True)]
        for ax, (name, optimizer) in zip(maps.flat, optimisers().items(), strict=True):
            ax.set_title(words["map"].format(name, optimizer.rate))
        for ax in maps[1]:
            ax.set_xlabel("x")
        for ax in maps[:, 0]:
            ax.set_ylabel("y")
        pictures.colour_bar(maps.ravel().tolist(), filled[0], "f(x, y)", shrink=0.7)
        _draw_ball(below, walked, words["ball"])
        _draw_fall(below.add_subplot(1, 2, 2), walked, language)


def _draw_map(ax: Any, name: str, points: NDArray[np.float64], language: str) -> Any:
    """One optimiser on a map of its own: several of the paths lie one on another."""
    xs, ys = np.linspace(-1.9, 2.1, 101), np.linspace(-1.7, 2.0, 93)
    filled = pictures.contours(ax, xs, ys, pictures.grid(surface, xs, ys), _LEVELS)
    pictures.path(ax, points, colour=pictures.OPTIMISERS[name]["color"])
    for x, lowest in [(-1.06, True), (0.93, False)]:
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "boxstyle": "round"}
        ax.text(x, -1.4, _VALLEY[language][lowest], ha="center", fontsize=9, bbox=box)
    ax.set(aspect="equal")
    return filled


def _draw_ball(figure: Any, walked: dict[str, NDArray[np.float64]], title: str) -> None:
    xs, ys = np.linspace(-1.7, 1.8, 71), np.linspace(-1.5, 1.5, 61)
    ax = pictures.surface(figure, (1, 2, 1), xs, ys, pictures.grid(surface, xs, ys), title, _LEVELS)
    for name in ("SGD", "Momentum"):
        points = walked[name]
        lifted = np.column_stack([points, surface(*points.T) + 0.15])  # a little above, or the surface hides it
        pictures.path(ax, lifted, name, pictures.OPTIMISERS[name]["color"], dots=False)
    ax.set(xlabel="x", ylabel="y", zlabel="f(x, y)", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    ax.view_init(elev=40, azim=-75)
    ax.legend(loc="upper left")


def _draw_fall(ax: Any, walked: dict[str, NDArray[np.float64]], language: str) -> None:
    """The values of f; in each valley the curves end as one, so words say which these are."""
    words, falls = _LABELS[language], {name: surface(*points.T) for name, points in walked.items()}
    pictures.curves(ax, falls, look=pictures.OPTIMISERS)
    for lowest, lift, place in ((False, -0.06, "top"), (True, 0.06, "bottom")):
        arrived = [name for name, points in walked.items() if (points[-1, 0] < 0) == lowest]
        if arrived:
            text = f"{_VALLEY[language][lowest]}: {', '.join(arrived)}"
            ax.text(STEPS, falls[arrived[0]][-1] + lift, text, ha="right", va=place, fontsize=9.5)
    ax.set(xlabel=words["step"], ylabel="f(x, y)", title=words["loss"], ylim=(-1.7, 2))


NOTEBOOK = (
    Part("START STEPS surface"),
    Part("optimisers descend paths", "{name: points[-1].round(3).tolist() for name, points in paths().items()}"),
    Part(show="picture(draw_paths, language)", paragraphs=0),
    Part("STRENGTHS sweep", "sweep()"),
    Try(
        "SGD の学習率を大きくすれば、左の谷に届くだろうか。いくつから届き、いくつから発散するか。",
        "Does SGD reach the left valley with a larger rate? From which rate on, and from which does it diverge?",
    ),
    Try(
        "`START` を左の谷の上、たとえば (-1.9, 1.5) にすると、モーメンタムは最小の谷に留まるだろうか。",
        "Begin above the left valley, at (-1.9, 1.5), say. Does momentum stay in the lowest valley?",
    ),
)
