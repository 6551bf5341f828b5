"""Regression fits a line, classification divides by one: y = w₁x₁ + w₂x₂ + b, and where it is 0.

A perceptron with two inputs gives a number for every point of the plane; where the number is 0 there is a line, and on
either side of it another class. Document 002 solves for the line; its signs went astray there, which is shown here.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np

from autograd import grad, mean
from demos import Part, Try
from demos._pictures import AMBER, GREEN, boundary, classes, drawing, grid, legend_below, show

TEACHES = {
    "ja": "ニューラルネットワークの分類：y = w₁x₁ + w₂x₂ + b = 0 の直線で切り分ける",
    "en": "Classification: dividing points by the line where y = w₁x₁ + w₂x₂ + b is 0",
}
SOURCE = (
    "情報システム実験実習II 第2回 表記の注意（内積）, ニューラルネットワークの分類, NNの入出力（分類） (document 002)"
)

N = 40
RATE = 0.1
STEPS = 60
SHOWN = (0, 3, 60)
"""Steps after which the line is drawn."""

Array = Any  # of float64


def fruit(seed: int = 0) -> tuple[Array, Array]:
    """Apples, −1, and oranges, 1: their redness and their roughness, made up; X is (2N, 2), t is (2N,)."""
    rng = np.random.default_rng(seed)
    apples, oranges = rng.normal((1.5, 0.4), 0.35, (N, 2)), rng.normal((0.4, 1.2), 0.35, (N, 2))
    return np.concatenate([apples, oranges]), np.repeat([-1.0, 1.0], N)


def output(w: Any, x: Any) -> Any:
    """y = xᵀw with x₀ = 1: w₁x₁ + w₂x₂ + b."""
    return w[0] * x[0] + w[1] * x[1] + w[2]


def error(w: Any, X: Array, t: Array) -> Any:
    """The mean of (y − t)²."""
    return mean([(output(w, x) - target) ** 2 for x, target in zip(X.tolist(), t.tolist(), strict=True)])


def learn(X: Array, t: Array, seed: int = 0) -> list[list[float]]:
    """Every (w₁, w₂, b) of a gradient descent from standard normal ones."""
    w = np.random.default_rng(seed + 1).standard_normal(3).tolist()
    way, slope = [w], grad(lambda w: error(w, X, t))
    for _ in range(STEPS):
        w = [each - RATE * g for each, g in zip(w, slope(w), strict=True)]
        way.append(w)
    return way


def line(w: Any, x1: Any) -> Any:
    """x₂ where y = 0."""
    return -(w[0] * x1 + w[2]) / w[1]


def line_of_the_slide(w: Any, x1: Any) -> Any:
    """x₂ = w₁/w₂ x₁ + 1/w₂ b, as it is printed."""
    return (w[0] * x1 + w[2]) / w[1]


def mistakes(w: Any, X: Array, t: Array) -> int:
    """How many lie on the wrong side."""
    return int(np.sum(np.sign(output(w, X.T)) != t))


def numbers(seed: int = 0) -> dict[str, float]:
    """Weights, the line, and how many lie on its wrong side, before and after."""
    X, t = fruit(seed)
    first, *_, last = learn(X, t, seed)
    return {
        **dict(zip(("w₁", "w₂", "b"), last, strict=True)),
        "slope": -last[0] / last[1],
        "intercept": line(last, 0.0),
        "mistakes before": mistakes(first, X, t),
        "mistakes after": mistakes(last, X, t),
        "y on the line": output(last, (1.0, line(last, 1.0))),
        "y on the slide's line": output(last, (1.0, line_of_the_slide(last, 1.0))),
    }


_STORY = {
    "ja": """\
りんご（t = −1）とみかん（t = 1）{n} 個ずつ：赤さ x₁ と、皮のざらつき x₂（作ったデータ）
  y = w₁x₁ + w₂x₂ + b を t に近づける（平均二乗誤差、η = {rate:g}）
{steps}

分類はデータを切り分ける線を学習している
  y = 0 となるのは  x₂ = −(w₁/w₂) x₁ − b/w₂ = {slope:.4f} x₁ {intercept}。y > 0 の側はみかん、y < 0 の側はりんご
  この線の上（x₁ = 1）では y = {zero:.4f}

資料の式 x₂ = (w₁/w₂) x₁ + (1/w₂) b は、符号が抜けている（誤記と思われる）
  その線の上（x₁ = 1）では y = {slip:.4f} となり、0 ではない
""",
    "en": """\
{n} apples (t = −1) and {n} oranges (t = 1): how red they are, x₁, and how rough, x₂ (made up)
  y = w₁x₁ + w₂x₂ + b learns t (mean squared error, η = {rate:g})
{steps}

Classification learns a line that divides the data
  y = 0 where  x₂ = −(w₁/w₂) x₁ − b/w₂ = {slope:.4f} x₁ {intercept}. Where y > 0 are oranges, where y < 0 apples
  On this line (at x₁ = 1) y = {zero:.4f}

The slide writes x₂ = (w₁/w₂) x₁ + (1/w₂) b: the signs are missing (a slip, it seems)
  On that line (at x₁ = 1) y = {slip:.4f}, which is not 0
""",
}
_WORDS = {
    "ja": {
        "step": "  {:>3} 回後  w₁ = {:.4f}, w₂ = {:.4f}, b = {:.4f}  誤差 {:.4f}  間違い {} 個",
        "names": ("りんご", "みかん"),
        "red": "赤さ x₁",
        "rough": "皮のざらつき x₂",
        "after": "{} 回後の線",
        "title": "切り分ける線の動き",
        "slide": "資料の式のままの線",
    },
    "en": {
        "step": "  step {:<3} w₁ = {:.4f}, w₂ = {:.4f}, b = {:.4f}  error {:.4f}  on the wrong side: {}",
        "names": ("apples", "oranges"),
        "red": "redness x₁",
        "rough": "roughness x₂",
        "after": "after step {}",
        "title": "How the dividing line moves",
        "slide": "the line as the slide has it",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    (X, t), found = fruit(seed), numbers(seed)
    way, words = learn(X, t, seed), _WORDS[language]
    lines = [words["step"].format(k, *way[k], float(error(way[k], X, t)), mistakes(way[k], X, t)) for k in SHOWN]
    return _STORY[language].format(
        n=N,
        rate=RATE,
        steps="\n".join(lines),
        slope=found["slope"],
        intercept=f"{'−' if found['intercept'] < 0 else '+'} {abs(found['intercept']):.4f}",
        zero=abs(found["y on the line"]),
        slip=found["y on the slide's line"],
    )


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw the line as it moves."""
    print(story(language, seed))
    draw_lines(output / "dividing.png", language, seed)
    show(language, output / "dividing.png")


def draw_lines(file: Path, language: str, seed: int = 0) -> None:
    """The fruit, the two sides at the end, and the lines on the way there."""
    (X, t), words = fruit(seed), _WORDS[language]
    way, xs, ys = learn(X, t, seed), np.linspace(-0.6, 2.6, 60), np.linspace(-0.8, 2.4, 60)
    with drawing(file, width=10.5, height=6.5) as figure:
        ax = figure.subplots()
        last = words["after"].format(SHOWN[-1])
        boundary(ax, xs, ys, grid(lambda x, y: output(way[-1], (x, y)), xs, ys), name=last)
        for k, style in zip(SHOWN[:-1], (":", "--"), strict=True):
            ax.plot(xs, line(way[k], xs), style, color=GREEN, label=words["after"].format(k))
        ax.plot(xs, line_of_the_slide(way[-1], xs), "-.", color=AMBER, label=words["slide"])
        classes(ax, X, t, words["names"])
        ax.set(xlabel=words["red"], ylabel=words["rough"], title=words["title"])
        ax.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
        legend_below(figure, ax)


NOTEBOOK = (
    Part(
        "N RATE STEPS SHOWN fruit output error learn mistakes",
        "X, t = fruit()\nway = learn(X, t)\n[(way[k], mistakes(way[k], X, t)) for k in SHOWN]",
    ),
    Part("line", "output(way[-1], (1.0, line(way[-1], 1.0)))"),
    Part("line_of_the_slide", "output(way[-1], (1.0, line_of_the_slide(way[-1], 1.0)))"),
    Part(show="picture(draw_lines, language)", paragraphs=0),
    Try(
        "みかんを一つだけ遠く（赤さ 0.4、ざらつき 10）に置くと、線はどう動くだろうか。それはよいことだろうか。",
        "Put one orange far away (redness 0.4, roughness 10). How does the line move? Is that good?",
    ),
)
