"""A line by hand: two sliders for w₀ and w₁, the error as a number and as a map, and a program that finds them.

Document 000 begins with two ways to a line: ① choose w₀ and w₁ yourself, ② write a program that finds them. The page
has both. Its error and its gradient are those of the lesson `line`: `compile` records ½(y − y′)² of one datum,
differentiates it, and prints both as JavaScript.
"""

import functools
from pathlib import Path
from typing import Literal

import numpy as np

from autograd import Value, compile, grad
from autograd.compiler.export.files import in_javascript
from demos import _page
from demos import _pictures as pictures
from demos.line import LEVELS, RANGE, X, Y, f, least_squares, loss

TEACHES = {
    "ja": "直線を手で合わせる：w₀ と w₁ のスライダー、残差と誤差の地図、そしてプログラムに探させる",
    "en": "A line by hand: sliders for w₀ and w₁, residuals and a map of the error, then let the program find it",
}
SOURCE = "GMOペパボ 勾配降下法 はじめに「① w₀ と w₁ を自分で決める」, 誤差関数 (document 000)"

START = (0.5, 0.25)  # what the sliders show first
GUESSES = ((0.5, 0.25), (2.0, 0.5), (2.0, 1.0), (2.0, 0.8))
ROUNDS = (1, 2, 5, 10)  # of both sliders
RATES = (0.001, 0.003, 0.01, 0.015, 0.03, 0.035)  # the last is too large
RATE = 0.015
NEAR = 1e-3  # a gradient so short is as good as 0

_STORY = {
    "ja": """\
① w₀ と w₁ を自分で決める：データ {n} 個、y′ = w₀ + w₁x、誤差 L = ½ Σ (y − y′)²
{guesses}

スライダーをひとつずつ、いちばん良いところ（0.01 刻み）まで動かす
  w₀ を合わせ、次に w₁ を合わせるのを 1 巡とする。
{rounds}
  ひとつを合わせると、もうひとつがずれる。最小は L = {least:.6f}。

② w₀ と w₁ を発見させるプログラムを書く
  勾配は両方を同時に動かす。同じ出発点から α = {rate:g} で {steps} 回：
  w₀ = {w0:.4f}, w₁ = {w1:.4f}, L = {found:.6f}

ページで試す：スライダーか地図の点を動かして合わせ、そのあとプログラムに探させる
  誤差と勾配は、エンジンのプログラムを JavaScript で印刷したもの（ネットワーク接続は不要）。
""",
    "en": """\
① Choose w₀ and w₁ yourself: {n} data, y′ = w₀ + w₁x, the error L = ½ Σ (y − y′)²
{guesses}

One slider at a time, each to where it is best (in steps of 0.01)
  A round sets w₀, then w₁.
{rounds}
  Where one is right, the other no longer is. The least is L = {least:.6f}.

② Write a program that finds w₀ and w₁
  The gradient moves both. From the same start, α = {rate:g}, after {steps} steps:
  w₀ = {w0:.4f}, w₁ = {w1:.4f}, L = {found:.6f}

Try it in the page: move the sliders, or the point on the map, then let the program find the line
  Error and gradient are the engine's program, printed as JavaScript (no network needed).
""",
}
_ROUND = {"ja": "  {:>2} 巡後", "en": "  after round {:>2}"}

WORDS = {
    "ja": {
        "this_language": "日本語",
        "title": "直線を手で合わせる",
        "w0": "切片 w₀",
        "w1": "傾き w₁",
        "rate": "学習率 α",
        "controls": "プログラムの操作",
        "find": "プログラムに探させる",
        "pause": "一時停止",
        "step": "一歩",
        "back": "最初に戻す",
        "line": "直線",
        "loss": "誤差 L = ½ Σ (y − y′)²",
        "gradient": "勾配 (∂L/∂w₀, ∂L/∂w₁)",
        "best": "手で合わせた最小の L",
        "count": "プログラムの歩数",
        "examples": "データと直線",
        "datum": "データ (x, y)",
        "your_line": "直線 y′ = w₀ + w₁x",
        "residual": "残差 y − y′",
        "map": "誤差の地図 L(w₀, w₁)",
        "map_role": "動かせる点のある地図",
        "map_of": "誤差の地図。点は w₀ = {w0}, w₁ = {w1}、L = {loss}。矢印キーで動かします。",
        "here": "いまの (w₀, w₁)：引っぱるか、矢印キーで動かす",
        "downhill": "−∇L の向き（急なほど長い）",
        "walked": "プログラムの歩み",
        "rows": "データごとの誤差",
        "sum": "合計 L",
        "intro": "スライダーか地図の点を動かして、残差を短くしてください。"
        "そのあと「プログラムに探させる」（スペースキー）、または → で一歩。",
        "judged": "w₀ = {w0}, w₁ = {w1}：L = {loss}。最小との差は {more} です。",
        "searching": "勾配の逆へ歩いています。スペースキーで一時停止します。",
        "arrived": "谷底に着きました（{count} 歩）：w₀ = {w0}, w₁ = {w1}, L = {loss}。",
        "diverged": "{count} 歩で発散しました。α を小さくするか、最初に戻してください。",
    },
    "en": {
        "this_language": "English",
        "title": "A line by hand",
        "w0": "Intercept w₀",
        "w1": "Slope w₁",
        "rate": "Learning rate α",
        "controls": "the program",
        "find": "Let the program find it",
        "pause": "Pause",
        "step": "One step",
        "back": "Start over",
        "line": "Line",
        "loss": "Error L = ½ Σ (y − y′)²",
        "gradient": "Gradient (∂L/∂w₀, ∂L/∂w₁)",
        "best": "Your lowest L",
        "count": "Program's steps",
        "examples": "Data and line",
        "datum": "data (x, y)",
        "your_line": "line y′ = w₀ + w₁x",
        "residual": "residual y − y′",
        "map": "Map of the error L(w₀, w₁)",
        "map_role": "map with a point to move",
        "map_of": "The error as a map. The point is at w₀ = {w0}, w₁ = {w1}, L = {loss}. Arrow keys move it.",
        "here": "(w₀, w₁) now: drag it, or use arrow keys",
        "downhill": "direction of −∇L (longer where steeper)",
        "walked": "the program's way",
        "rows": "The error, datum by datum",
        "sum": "sum L",
        "intro": "Move the sliders, or the point on the map, until the residuals are short. Then let the program find "
        "it (space bar), or take one step (→).",
        "judged": "w₀ = {w0}, w₁ = {w1}: L = {loss}, which is {more} above the least.",
        "searching": "Walking against the gradient. The space bar pauses.",
        "arrived": "At the bottom of the valley after {count} steps: w₀ = {w0}, w₁ = {w1}, L = {loss}.",
        "diverged": "It diverged at step {count}. Lower α, or start over.",
    },
}
"""What the page says; it has both languages, and a button that goes from one to the other."""


# --- By hand --------------------------------------------------------------------------------------------------


def one_slider_at_a_time(rounds: int) -> tuple[float, float]:
    """Both sliders in turn, each to its best place, so many rounds."""
    places = np.linspace(*RANGE, 301)  # 0.00, 0.01, …, 3.00
    w0, w1 = START
    for _ in range(rounds):
        w0 = float(places[np.argmin(loss((places, w1)))])
        w1 = float(places[np.argmin(loss((w0, places)))])
    return w0, w1


# --- The program ----------------------------------------------------------------------------------------------


def find() -> list[list[float]]:
    """Every (w₀, w₁) on the way against the gradient, until it is as good as 0."""
    slopes = grad(loss)
    way = [[*START]]
    while np.hypot(*(g := slopes(way[-1]))) >= NEAR:
        way.append([w - RATE * slope for w, slope in zip(way[-1], g, strict=True)])
    return way


@functools.cache
def program() -> str:
    """The definition of `program`, in JavaScript: `loss` with its gradient, of rows of x and y; `f`, of rows of x."""
    w = [Value(0.0, "w₀"), Value(0.0, "w₁")]
    of_datum = compile(lambda x, y: (y - f(w, x)) ** 2 / 2, 0.5, 1.0, wrt=w).ways[0].program
    of_line = compile(lambda x: f(w, x), 0.5, wrt=w).ways[0].program
    return f"const program = {{\nloss: {in_javascript(of_datum, True)},\nf: {in_javascript(of_line, False)},\n}};"


def page(language: str) -> str:
    """The whole file."""
    data = {
        "samples": [*zip(X, Y, strict=True)],
        "reach": RANGE,
        "view": ((-0.4, 5.4), (-0.5, 9.5)),
        "levels": LEVELS,
        "rates": RATES,
        "best": loss(least_squares()),
        "chosen": {"language": language, "w": START, "rate": RATE},
    }
    return _page.page("_guess", language, WORDS, data, program(), _page.part("_guess/guess.js"))


# --- The lesson -----------------------------------------------------------------------------------------------


def numbers() -> dict[str, float]:
    """The errors of some guesses, of one slider at a time, and of the program."""
    way = find()
    return {
        **{f"loss of ({w0:g}, {w1:g})": loss((w0, w1)) for w0, w1 in GUESSES},
        **{f"one slider at a time, round {k}": loss(one_slider_at_a_time(k)) for k in ROUNDS},
        "program: steps": len(way) - 1,
        "program: w₀": way[-1][0],
        "program: w₁": way[-1][1],
        "program: loss": loss(way[-1]),
        "least loss": loss(least_squares()),
    }


def story(language: str) -> str:
    """The lesson as text."""
    found = numbers()
    tried = [f"  w₀ = {w0:<4g} w₁ = {w1:<5g} L = {found[f'loss of ({w0:g}, {w1:g})']:.4f}" for w0, w1 in GUESSES]
    return _STORY[language].format(
        n=len(X),
        guesses="\n".join(tried),
        rounds="\n".join(_round(language, k) for k in ROUNDS),
        least=found["least loss"],
        rate=RATE,
        steps=found["program: steps"],
        w0=found["program: w₀"],
        w1=found["program: w₁"],
        found=found["program: loss"],
    )


def _round(language: str, k: int) -> str:
    w0, w1 = one_slider_at_a_time(k)
    return f"{_ROUND[language].format(k)}: w₀ = {w0:.2f}, w₁ = {w1:.2f}, L = {loss((w0, w1)):.6f}"


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and write the page."""
    print(story(language))
    file = output / "guess.html"
    _page.write(file, page(language))
    pictures.show(language, file)
