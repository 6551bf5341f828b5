"""A saddle: the slope is 0, and it is no minimum. How many steps the optimisers need to find the way down beside it.

f(x, y) = x² − y² + y⁴/2 goes up from (0, 0) along x and down along y, to two valleys at y = ±1. Who comes along x
hardly feels the slope along y: near y = 0 it is −2y, so plain descent grows y by the factor 1 + 2η a step, and no
faster. Those that scale each coordinate by the sizes of its own gradients are away in a few steps.
"""

import functools
import math
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import hessian
from demos import Part, Try
from demos import _pictures as pictures
from demos.optimisers import descend

TEACHES = {
    "ja": "鞍点：傾きが 0 でも最小ではない所から、SGD・モーメンタム・AdaGrad・Adam が抜け出すまでの歩数",
    "en": "A saddle: how many steps SGD, momentum, AdaGrad and Adam need to leave where the slope is 0",
}
SOURCE = (
    "様々な確率的勾配法の振る舞い (document 001, slides 74-78); モーメンタム (document 004, section 2.4.3); "
    "after Radford's pictures of optimisers"
)

START = (1.5, 0.001)
AWAY = 0.5  # |y| at which the saddle is left
STEPS = 400
RATE = 0.02
OFFSETS = (1e-2, 1e-3, 1e-4, 1e-6)  # of the start from the ridge y = 0
NOISE = 0.01  # of a gradient from single samples

Path2 = NDArray[np.float64]


def surface(x: Any, y: Any) -> Any:
    """Up along x, down along y, and up again beyond y = ±1; of Values or of numbers."""
    return x**2 - y**2 + y**4 / 2


def optimisers() -> dict[str, nn.Optimizer]:
    """All with the same learning rate but AdaGrad, whose steps shrink."""
    return {
        "SGD": nn.SGD(RATE),
        "Momentum": nn.Momentum(RATE, momentum=0.9),
        "Nesterov": nn.Nesterov(RATE, momentum=0.9),
        "AdaGrad": nn.AdaGrad(5 * RATE),
        "RMSProp": nn.RMSProp(RATE),
        "Adam": nn.Adam(RATE),
    }


@functools.cache
def paths(offset: float = START[1]) -> dict[str, Path2]:
    """Where each optimiser goes from (1.5, offset), of shape (STEPS + 1, 2)."""
    return {name: descend(optimizer, (START[0], offset), STEPS, surface) for name, optimizer in optimisers().items()}


def steps_to_leave(points: Path2) -> float:
    """The steps until |y| > ½; infinite, if that does not come."""
    left = np.flatnonzero(np.abs(points[:, 1]) > AWAY)
    return float(left[0]) if len(left) else math.inf


def curvatures() -> list[float]:
    """The second derivatives along x and y at (0, 0): one of each sign makes a saddle."""
    H = hessian(lambda p: surface(*p))([0.0, 0.0])
    return np.linalg.eigvalsh(np.array(H))[::-1].tolist()


def foretold(offset: float = START[1]) -> float:
    """The steps in which y grows from the offset to ½ by the factor 1 + 2η each."""
    return math.log(AWAY / offset) / math.log(1 + 2 * RATE)


def noisy_descent(seed: int = 0) -> Path2:
    """SGD from the ridge y = 0 itself, its gradients as uncertain as those of single samples are."""
    rng = np.random.default_rng(seed)

    def noisy(x: Any, y: Any) -> Any:
        ex, ey = rng.normal(0, NOISE, 2).tolist()
        return surface(x, y) + ex * x + ey * y

    return descend(nn.SGD(RATE), (START[0], 0.0), STEPS, noisy)


def numbers(seed: int = 0) -> dict[str, float]:
    """Curvatures, the steps of each optimiser, what was foretold of SGD, and the steps with noise."""
    along_x, along_y = curvatures()
    found = {"curvature along x": along_x, "curvature along y": along_y}
    found |= {f"{name}: steps": steps_to_leave(points) for name, points in paths().items()}
    return found | {"SGD: foretold": foretold(), "SGD with noise: steps": steps_to_leave(noisy_descent(seed))}


_STORY = {
    "ja": """\
1. 鞍点：傾きは 0、しかし最小ではない
  f(x, y) = x² − y² + y⁴/2。(0, 0) での勾配は (0, 0)、2 階微分は x 方向 {along_x}、y 方向 {along_y}
  谷の底は (0, ±1) にあり、f = −½

2. ({start}) から、|y| > {away} になるまでの歩数
  手法        学習率   歩数
{table}
  SGD では y が 1 歩ごとに (1 + 2η) 倍：log({away} / {offset:g}) / log(1 + 2η) = {foretold:.0f} 歩の予測
  座標ごとに勾配の大きさで割る AdaGrad・RMSProp・Adam は、小さな傾きでも進む。

3. 尾根 y = 0 に近いところから始めるほど
  はじめの y  {heads}
{offsets}

4. ちょうど y = 0 から
  y の傾きは 0 なので、どの手法も抜け出せない（∞）。
  確率的勾配のように、勾配に標準偏差 {noise} のゆらぎがあれば、SGD でも {noisy} 歩で抜け出す。
""",
    "en": """\
1. A saddle: the slope is 0, and it is no minimum
  f(x, y) = x² − y² + y⁴/2. At (0, 0) the gradient is (0, 0); the curvature along x is {along_x}, along y {along_y}
  The valleys' bottoms are at (0, ±1), where f = −½

2. From ({start}): the steps until |y| > {away}
  optimiser     rate   steps
{table}
  SGD grows y by the factor 1 + 2η a step: log({away} / {offset:g}) / log(1 + 2η) = {foretold:.0f} steps are foretold
  AdaGrad, RMSProp and Adam divide by the sizes of gradients, each coordinate by its own: small slopes move them too.

3. The nearer to the ridge y = 0 one begins
  y at first  {heads}
{offsets}

4. From y = 0 exactly
  The slope along y is 0, so that no optimiser leaves (∞).
  If gradients are off by {noise} at random (standard deviation), as of single samples, SGD leaves after {noisy} steps.
""",
}
_LABELS = {
    "ja": {"map": "f(x, y) = x² − y² + y⁴/2、{} 歩まで", "growth": "尾根からの距離 |y|", "step": "歩数"},
    "en": {"map": "f(x, y) = x² − y² + y⁴/2, {} steps", "growth": "Distance from the ridge, |y|", "step": "step"},
}
_SHOWN = 60


def story(language: str, seed: int = 0) -> str:
    """The lesson as text; all its numbers are read off the paths."""
    found = numbers(seed)
    return _STORY[language].format(
        along_x=_signed(found["curvature along x"]),
        along_y=_signed(found["curvature along y"]),
        start=", ".join(f"{each:g}" for each in START),
        away=AWAY,
        table="\n".join(_row(name, optimizer, found) for name, optimizer in optimisers().items()),
        offset=START[1],
        foretold=found["SGD: foretold"],
        heads="".join(f"{pictures.minus(f'{offset:g}'):>8}" for offset in (*OFFSETS, 0.0)),
        offsets="\n".join(_offsets(name) for name in optimisers()),
        noise=NOISE,
        noisy=_steps(found["SGD with noise: steps"]),
    )


def _signed(number: float) -> str:
    return pictures.minus(f"{number:+g}")


def _steps(count: float) -> str:
    return f"{count:g}" if math.isfinite(count) else "∞"


def _row(name: str, optimizer: nn.Optimizer, found: dict[str, float]) -> str:
    return f"  {name:<10}{optimizer.rate:>8g}{_steps(found[f'{name}: steps']):>8}"


def _offsets(name: str) -> str:
    """A row of the third table."""
    steps = [steps_to_leave(paths(offset)[name]) for offset in (*OFFSETS, 0.0)]
    return f"  {name:<12}" + "".join(f"{_steps(each):>8}" for each in steps)


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw the paths and how they leave."""
    print(story(language, seed))
    draw_saddle(output / "saddle.png", language)
    pictures.show(language, output / "saddle.png")


def draw_saddle(file: Path, language: str) -> None:
    """The paths on the map, and |y| step by step."""
    words = _LABELS[language]
    with pictures.drawing(file, width=12, height=6.4) as figure:
        left, right = figure.subplots(1, 2)
        xs, ys = np.linspace(-0.75, 1.75, 81), np.linspace(-0.9, 1.45, 81)
        filled = pictures.contours(left, xs, ys, pictures.grid(surface, xs, ys), np.arange(-0.5, 3.51, 0.25))
        pictures.colour_bar(left, filled, "f(x, y)", location="bottom", shrink=0.8)
        for name, points in paths().items():
            pictures.path(left, points[: _SHOWN + 1], colour=pictures.OPTIMISERS[name]["color"], dots=False)
        left.set(xlabel="x", ylabel="y", title=words["map"].format(_SHOWN), aspect="equal")
        away = {name: np.abs(points[:201, 1]) for name, points in paths().items()}
        pictures.curves(right, away, log=True, look=pictures.OPTIMISERS)
        right.get_legend().remove()
        right.axhline(AWAY, color=pictures.GREY, linewidth=1, zorder=1)
        right.text(200, 0.92 * AWAY, f"|y| = {AWAY}", ha="right", va="top", fontsize=9.5)
        right.set(xlabel=words["step"], ylabel="|y|", title=words["growth"])
        pictures.legend_below(figure, right)


NOTEBOOK = (
    Part("surface curvatures", "curvatures()"),
    Part(
        "START AWAY STEPS RATE optimisers paths steps_to_leave foretold",
        "{name: steps_to_leave(points) for name, points in paths().items()}",
    ),
    Part("OFFSETS", "picture(draw_saddle, language)"),
    Part("NOISE noisy_descent", "steps_to_leave(noisy_descent(seed=1))"),
    Try(
        "`surface` を x² − y²/10 + y⁴/20 に変えて尾根を平らにすると、歩数が増えるのはどの手法だろうか。",
        "Make the ridge flatter: `surface` x² − y²/10 + y⁴/20. Which optimisers need more steps now?",
    ),
    Try(
        "モーメンタムの 0.9 を 0.99 にすると、早く抜け出すだろうか。谷に落ち着くまではどうか。",
        "Momentum 0.99 instead of 0.9: does it leave sooner, and does it settle sooner?",
    ),
)
