"""Gradient descent on a bowl: f(x, y) = x² + y² from (−3, 4).

The gradient is the vector of the partial derivatives. Of all directions it is the one in which f rises most (the lesson
`steepest` says why), so a small step the other way lowers f. Repeated, it ends at the bottom. The document takes the
gradient from values of f; here it is done in both ways, side by side.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autograd import grad, numerical_gradient
from demos import Part, Try
from demos._pictures import colour_bar, contours, drawing, grid, minus, note, path, show, surface

TEACHES = {
    "ja": "勾配ベクトルと勾配降下法：お椀の底まで 100 歩、数値微分と自動微分を並べて",
    "en": "The gradient vector and gradient descent: 100 steps to the bottom of a bowl, numerically and exactly",
}
SOURCE = (
    "機械学習にでてくる勾配降下法/勾配ベクトルなどの整理 Pythonで計算してみる (document 003); "
    "index.py, index_his.py, 3d.py"
)

START = (-3.0, 4.0)
RATE = 0.1
STEPS = 100
H = 1e-4  # the document's difference

Gradient = Callable[[Sequence[float]], Sequence[float]]


def f(x: Any) -> Any:
    return x[0] ** 2 + x[1] ** 2


def by_differences(x: Sequence[float]) -> Sequence[float]:
    """The document's numerical gradient: (f(x + h) − f(x − h)) / 2h for each coordinate, 4 evaluations of f."""
    return numerical_gradient(f, list(x), step=H).tolist()


by_backward: Gradient = grad(f)
"""The gradient by autograd: one evaluation of f, one pass backward."""


def gradient_descent(gradient: Gradient, x: Sequence[float], rate: float, steps: int) -> list[Sequence[float]]:
    """x ← x − η ∇f(x); every x from the start on."""
    way = [x]
    for _ in range(steps):
        x = [xᵢ - rate * gᵢ for xᵢ, gᵢ in zip(x, gradient(x), strict=True)]
        way.append(x)
    return way


def numbers() -> dict[str, float]:
    """Where both descents end, and the first gradient."""
    numerical, exact = (gradient_descent(g, START, RATE, STEPS)[-1] for g in (by_differences, by_backward))
    gx, gy = by_backward(START)
    return {
        "numerical x": numerical[0],
        "numerical y": numerical[1],
        "exact x": exact[0],
        "exact y": exact[1],
        "∂f/∂x at the start": gx,
        "∂f/∂y at the start": gy,
    }


_STORY = {
    "ja": """\
f(x, y) = x² + y² を {start} から、η = {rate:g} で {steps} 回更新する

最初の勾配  ∇f{start} = ({gx:g}, {gy:g})

数値微分 (f(x + h) − f(x − h)) / 2h と、自動微分
  回数         x           y   数値微分の勾配                 自動微分の勾配                 差
{table}

{steps} 回後
  数値微分: {numerical}
  自動微分: {exact}
  記事の値: [-6.11110793e-10  8.14814391e-10]
""",
    "en": """\
f(x, y) = x² + y² from {start}, η = {rate:g}, {steps} steps

The first gradient  ∇f{start} = ({gx:g}, {gy:g})

Numerical derivatives (f(x + h) − f(x − h)) / 2h, and autograd
  step         x           y   numerical gradient             autograd's gradient            difference
{table}

After {steps} steps
  numerical:   {numerical}
  autograd:    {exact}
  the article: [-6.11110793e-10  8.14814391e-10]
""",
}
_TITLES = {
    "ja": ("f(x, y) = x² + y²", "等高線と降下の軌跡", "{} 回後\nx = {}\ny = {}"),
    "en": ("f(x, y) = x² + y²", "Contours, and the way down", "after {} steps\nx = {}\ny = {}"),
}


def story(language: str) -> str:
    """The lesson as text."""
    found = numbers()
    return _STORY[language].format(
        start=f"({START[0]:g}, {START[1]:g})",
        rate=RATE,
        steps=STEPS,
        gx=found["∂f/∂x at the start"],
        gy=found["∂f/∂y at the start"],
        table="\n".join(_rows()),
        numerical=_as_numpy_prints(found["numerical x"], found["numerical y"]),
        exact=_as_numpy_prints(found["exact x"], found["exact y"]),
    )


def _rows() -> list[str]:
    way = gradient_descent(by_differences, START, RATE, STEPS)
    rows = []
    for step in (0, 1, 2, 5, 10, 20, 50, STEPS - 1):
        x = way[step]
        (a, b), (c, d) = by_differences(x), by_backward(x)
        place = f"{x[0]:>11.4g} {x[1]:>11.4g}"
        difference = max(abs(a - c), abs(b - d))
        rows.append(f"  {step:>3} {place}   {f'({a:.6g}, {b:.6g})':<31}{f'({c:.6g}, {d:.6g})':<31}{difference:.1e}")
    return rows


def _as_numpy_prints(*x: float) -> str:
    """As the article's program prints its result."""
    with np.printoptions(precision=8):
        return str(np.array(x))


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw the bowl, its contours and the way down."""
    print(story(language))
    way = np.array(gradient_descent(by_differences, START, RATE, STEPS))
    draw_descent(output / "bowl.png", language, way)
    show(language, output / "bowl.png")


def draw_descent(file: Path, language: str, way: np.ndarray) -> None:
    """The surface, and seen from above its contours, each with the way down."""
    above, beside, reached = _TITLES[language]
    xs = np.linspace(-5, 5, 81)
    heights = grid(lambda x, y: f([x, y]), xs, xs)
    with drawing(file, width=11.5, height=5.2) as figure:
        levels = np.arange(0, 56, 4)
        left = surface(figure, 121, xs, xs, heights, above, levels)
        path(left, np.column_stack([way, f(way.T)]))
        left.set(xlabel="x", ylabel="y", zlabel="f(x, y)")
        right = figure.add_subplot(122, aspect="equal")
        colour_bar(right, contours(right, xs, xs, heights, levels), "f(x, y)", shrink=0.85, ticks=levels[::2])
        path(right, way, label=f"η = {RATE:g}")
        right.set(xlabel="x", ylabel="y", title=beside)
        right.legend(loc="lower right")
        note(right, reached.format(STEPS, *(minus(f"{number:.8e}") for number in way[-1])), x=0.97)


NOTEBOOK = (
    Part(
        "START RATE STEPS f by_differences by_backward gradient_descent",
        "gradient_descent(by_backward, START, RATE, 3)",
    ),
    Part(show="by_backward(START)"),
    Part(show="[f(x) for x in gradient_descent(by_differences, START, RATE, 5)]"),
    Part(
        show="""\
way = np.array(gradient_descent(by_backward, START, RATE, STEPS))
picture(draw_descent, language, way)"""
    ),
    Try(
        "学習率 η（`RATE`）を 0.9、1、1.1 にすると、軌跡はどうなるだろうか。",
        "What becomes of the way down with η (`RATE`) = 0.9, 1 and 1.1?",
    ),
    Try(
        "`f` を x² + 10y² に変えると、どの方向が急になるだろうか。同じ η で収束するだろうか。",
        "Make `f` x² + 10y². Which way is steep now, and does the same η still converge?",
    ),
)
