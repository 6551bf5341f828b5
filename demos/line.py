"""A line through data: try all of them, or walk down the error.

f(x) = w₀ + w₁x is to fit six points. The error L(w) = ½ Σ (y − f(x))² is a valley over the plane of w₀ and w₁. One
way to its lowest point is to try a grid of 100 × 100 lines; the other follows the gradient down, with all data at a
time, with some, or with one.

The slides of document 002 do not print their data. These six points have their least-squares line, to all its digits,
and the other result on the slides lies in the valley of these points.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd import Value, hessian
from autograd.errors import many
from demos import Part, Try
from demos._pictures import AMBER, BLUE, INK, RED, colour_bar, contours, drawing, looks, note, path, show, surface

TEACHES = {
    "ja": "直線の当てはめ：総当たりと勾配降下法の計算量、バッチ・ミニバッチ・確率的勾配降下法",
    "en": "Fitting a line: the work of trying all against gradient descent; batch, mini-batch and single-sample",
}
SOURCE = (
    "GMOペパボ 勾配降下法 (document 000); "
    "情報システム実験実習II 第2回 一次関数のパラメータ推定(1)-(2), 演習(3) (document 002); "
    "データマイニングと機械学習 ニューラルネットワーク p. 49, 75-76 (document 001); "
    "PythonとKerasによるディープラーニング 2.4.3 確率的勾配降下法 (document 004)"
)

X = (0, 1, 2, 3, 4, 5)
Y = (2.1, 2.8, 3.5, 4.3, 5.3, 5.9)
ALL = range(len(X))
RANGE = (0.0, 3.0)  # of both parameters, document 000
START = (0.0, 0.0)
RATES = {len(X): 0.03, 2: 0.045, 1: 0.06}  # α by the number of samples at a time: fewer allow larger steps
EPOCHS = (30, 300)
SHOWN = (0, 1, 5, 100)  # steps after which the line is drawn
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
"""Of the error, in the pictures: a valley so long and flat needs ever finer ones."""
RUN = 60  # steps from a random start
LECTURE = (1.943190, 0.805403)  # b and w of the run that document 002 shows

Parameters = Any  # (w₀, w₁): numbers, Values, or arrays of numbers


def f(w: Parameters, x: Any) -> Any:
    return w[0] + w[1] * x


def loss(w: Parameters, samples: Iterable[int] = ALL) -> Any:
    """½ Σ (y − f(x))² over the samples of these numbers."""
    return sum((Y[i] - f(w, X[i])) ** 2 for i in samples) / 2


# --- Trying all -----------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """What a search finds, and its work: how often a parameter was multiplied by a datum."""

    w: tuple[float, float]
    loss: float
    work: int


def grid_search(divisions: int) -> Found:
    """The best of divisions × divisions lines: cells × data × parameters of work."""
    numbers = np.linspace(*RANGE, divisions)
    w0, w1 = np.meshgrid(numbers, numbers)
    losses = loss((w0, w1))
    best = losses.argmin()
    return Found((float(w0.flat[best]), float(w1.flat[best])), float(losses.flat[best]), w0.size * len(X) * 2)


# --- Walking down ---------------------------------------------------------------------------------------------


def step(w: list[Value], samples: Iterable[int], rate: float) -> None:
    """w ← w − α ∇L(w), the gradient of the error of these samples."""
    for weight in w:
        weight.grad = 0
    loss(w, samples).backward()
    for weight in w:
        weight.data -= rate * weight.grad


def descend(batch: int, epochs: int, start: Any = START, seed: int = 0) -> list[list[float]]:
    """Every (w₀, w₁) of a descent that takes `batch` samples at a time, in a new order in each epoch."""
    w, rng = [Value(float(number)) for number in start], np.random.default_rng(seed)
    way = [[weight.data for weight in w]]
    for _ in range(epochs):
        order = rng.permutation(len(X)) if batch < len(X) else np.arange(len(X))
        for first in range(0, len(X), batch):
            step(w, order[first : first + batch].tolist(), RATES[batch])
            way.append([weight.data for weight in w])
    return way


def descend_to(wanted: float) -> Found:
    """Gradient descent until the error is as low; each step is a forward and a backward pass over all data."""
    w, steps = [Value(number) for number in START], 0
    while loss([weight.data for weight in w]) > wanted:
        step(w, ALL, RATES[len(X)])
        steps += 1
    reached = w[0].data, w[1].data
    return Found(reached, loss(reached), 2 * steps * len(X) * 2)


# --- The answer -----------------------------------------------------------------------------------------------


def least_squares() -> tuple[float, float]:
    """Where the gradient is 0: the solution of a linear system."""
    A = np.column_stack([np.ones(len(X)), X])
    w0, w1 = np.linalg.lstsq(A, np.array(Y), rcond=None)[0]
    return float(w0), float(w1)


def valley_direction() -> float:
    """Δw₀ / Δw₁ along the floor of the valley: the direction in which L bends least."""
    _, directions = np.linalg.eigh(hessian(loss)(list(START)))
    return float(directions[0, 0] / directions[1, 0])


def numbers(seed: int = 0) -> dict[str, float]:
    """The answers, their errors, and what each cost."""
    best, trial = least_squares(), grid_search(100)
    descent = descend_to(trial.loss)
    away = [there - here for there, here in zip(LECTURE, best, strict=True)]
    ends = {(batch, epochs): descend(batch, epochs, seed=seed)[-1] for batch in RATES for epochs in EPOCHS}
    return {
        **dict(zip(("least squares w₀", "least squares w₁"), best, strict=True)),
        "least loss": loss(best),
        **dict(zip(("grid w₀", "grid w₁", "grid loss", "grid work"), (*trial.w, *trial[1:]), strict=True)),
        **dict(zip(("descent w₀", "descent w₁", "descent loss"), (*descent.w, descent.loss), strict=True)),
        "descent work": descent.work,
        "valley Δw₀/Δw₁": valley_direction(),
        "lecture's Δw₀/Δw₁": away[0] / away[1],
        "lecture's loss": loss(LECTURE),
        **{f"loss after {epochs} epochs, {batch} at a time": loss(w) for (batch, epochs), w in ends.items()},
    }


_STORY = {
    "ja": """\
データ {n} 個に f(x) = w₀ + w₁x を当てはめる。誤差 L(w) = ½ Σ (y − f(x))²
  最小二乗解: w₀ = {w0:.6f}, w₁ = {w1:.6f}, L = {least:.6f}  （講義資料: b = 2.033333, a = 0.780000）

1. 総当たりと勾配降下法：同じ誤差までの計算量（パラメータ × データの掛け算の回数）
  分割         総当たり（交点 × データ × パラメータ）         勾配降下法（往復 × 回数 × データ × パラメータ）
{table}
  分割を 10 倍細かくすると、総当たりの計算量は 100 倍。勾配降下法は少し長く歩くだけ。

2. 毎回、結果が異なる
  乱数で決めた 3 つの出発点から {steps} 回:
{runs}
  資料の例 w = 0.805403, b = 1.943190 の誤差は L = {lecture:.6f}（最小 {least:.6f}）。見た目はほとんど変わらない。
  最小二乗解からのずれの向き Δb/Δw = {away:.4f} は、谷底の向き（ヘッセ行列の固有ベクトル）{valley:.4f} と同じ。

3. バッチ・ミニバッチ・確率的勾配降下法：1 エポックの計算量はどれも同じ
{paths}
  少しずつ見るほど大きな α で速く下りるが、最後は谷底のまわりで揺れ続ける。
""",
    "en": """\
Fit f(x) = w₀ + w₁x to {n} points. The error is L(w) = ½ Σ (y − f(x))²
  Least squares: w₀ = {w0:.6f}, w₁ = {w1:.6f}, L = {least:.6f}  (the slides: b = 2.033333, a = 0.780000)

1. Trying all against gradient descent: the work for the same error (products of a parameter and a datum)
  grid         trying all (cells × data × parameters)         descent (2 passes × steps × data × parameters)
{table}
  A grid 10 times as fine costs 100 times the work; gradient descent walks a little longer.

2. The result differs each time
  From 3 random starts, {steps} steps:
{runs}
  The slides' run w = 0.805403, b = 1.943190 has L = {lecture:.6f} (the least: {least:.6f}): it looks just the same.
  It is off by Δb/Δw = {away:.4f}: along the floor of the valley (an eigenvector of the Hessian), {valley:.4f}.

3. Batch, mini-batch, single samples: the work of an epoch is the same
{paths}
  The fewer at a time, the larger α may be and the faster it goes down; but in the end it dances around the bottom.
""",
}
_KINDS = {
    "ja": ("バッチ（{} 個ずつ）", "ミニバッチ（{} 個ずつ）", "確率的（{} 個ずつ）"),
    "en": ("batch (all {})", "mini-batch ({})", "single samples ({})"),
}
_WORDS = {
    "ja": {
        "data": "データ",
        "after": "{} 回後",
        "contour": "誤差 L",
        "lines": "直線が近づいていく",
        "work": "計算量（掛け算の回数）",
        "excess": "最小との誤差の差  L − L*",
        "same": "同じ誤差までの計算量",
        "grid": "総当たり {0}×{0}",
        "descent": "勾配降下法",
        "surface": "誤差の曲面 L(w₀, w₁)",
        "contours": "上から見た谷",
        "cell": "総当たりの答え",
        "end": "{} エポック後\nL = {:.4f}",
        "ending": "  {0}: α = {1:<6g} {2} エポック後 L = {4:.6f}, {3} エポック後 L = {5:.6f}",
    },
    "en": {
        "data": "data",
        "after": "after {}",
        "lines": "The line comes nearer",
        "work": "work (products)",
        "excess": "error above the least  L − L*",
        "same": "The work for the same error",
        "grid": "grid {0}×{0}",
        "descent": "gradient descent",
        "surface": "The error L(w₀, w₁)",
        "contours": "The valley from above",
        "cell": "the grid's answer",
        "contour": "error L",
        "end": "after {} epochs\nL = {:.4f}",
        "ending": "  {0}: α = {1:<6g} after {2} epochs L = {4:.6f}, after {3} epochs L = {5:.6f}",
    },
}


def kinds(language: str) -> dict[int, str]:
    """The three kinds of descent, by the number of samples at a time."""
    return {batch: name.format(batch) for batch, name in zip(RATES, _KINDS[language], strict=True)}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    found = numbers(seed)
    return _STORY[language].format(
        n=len(X),
        w0=found["least squares w₀"],
        w1=found["least squares w₁"],
        least=found["least loss"],
        table="\n".join(map(_row, (10, 100, 1000))),
        steps=RUN,
        runs="\n".join(_runs(seed)),
        lecture=found["lecture's loss"],
        away=found["lecture's Δw₀/Δw₁"],
        valley=found["valley Δw₀/Δw₁"],
        paths="\n".join(_endings(language, found)),
    )


def _row(divisions: int) -> str:
    trial = grid_search(divisions)
    descent, n = descend_to(trial.loss), len(X)
    tried = f"{divisions**2:,} × {n} × 2 = {trial.work:,}"
    walked = f"2 × {descent.work // (4 * n)} × {n} × 2 = {descent.work:,}"
    return (
        f"  {f'{divisions} × {divisions}':<12} {tried:<30} L = {trial.loss:.6f}    {walked:<24} L = {descent.loss:.6f}"
    )


def _runs(seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    ends = [descend(len(X), RUN, start=rng.standard_normal(2).tolist())[-1] for _ in range(3)]
    return [f"    w₀ = {w[0]:.6f}, w₁ = {w[1]:.6f}, L = {loss(w):.6f}" for w in ends]


def _endings(language: str, found: dict[str, float]) -> list[str]:
    lines = []
    for batch, name in kinds(language).items():
        losses = [found[f"loss after {epochs} epochs, {batch} at a time"] for epochs in EPOCHS]
        lines.append(_WORDS[language]["ending"].format(name, RATES[batch], *EPOCHS, *losses))
    return lines


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw the line, the error, and the three kinds of descent."""
    print(story(language, seed))
    files = [output / f"line-{name}.png" for name in ("fit", "surface", "paths")]
    way = descend(len(X), 100)
    draw_fit(files[0], language, way)
    draw_surface(files[1], language, way)
    draw_paths(files[2], language, seed)
    show(language, *files)


def draw_fit(file: Path, language: str, way: list[list[float]]) -> None:
    words = _WORDS[language]

    def after(k: int) -> str:
        return words["after"].format(many(k, "step") if language == "en" else k)

    with drawing(file, width=11) as figure:
        left, right = figure.subplots(1, 2)
        xs = np.linspace(-0.3, 5.3, 2)
        look = looks(reversed(SHOWN))  # the last is the one that counts: a whole line
        for k in SHOWN:
            left.plot(xs, f(way[k], xs), label=after(k), **look[k])
        left.plot(X, Y, "o", color=INK, markersize=8, label=words["data"], zorder=5)
        left.set(xlabel="x", ylabel="y", title=words["lines"])
        left.legend()
        least = loss(least_squares())
        work = [4 * k * len(X) for k in range(1, len(way))]
        right.loglog(work, [loss(w) - least for w in way[1:]], color=BLUE, label=words["descent"])
        for divisions, mark in ((10, "v"), (100, "s"), (1000, "D")):
            trial = grid_search(divisions)
            right.loglog(trial.work, trial.loss - least, mark, color=RED, label=words["grid"].format(divisions))
        right.set(xlabel=words["work"], ylabel=words["excess"], title=words["same"])
        right.legend()


def draw_surface(file: Path, language: str, way: list[list[float]]) -> None:
    words = _WORDS[language]
    numbers = np.linspace(RANGE[0] - 0.1, RANGE[1], 100)
    heights = loss(np.meshgrid(numbers, numbers))
    with drawing(file, width=11.5, height=5.2) as figure:
        left = surface(figure, 121, numbers, numbers, heights, words["surface"], LEVELS, log=True)
        path(left, [[*w, loss(w)] for w in way])
        left.set(xlabel="w₀", ylabel="w₁", zlabel="L")
        right = figure.add_subplot(122, aspect="equal")
        filled = contours(right, numbers, numbers, heights, LEVELS, log=True)
        colour_bar(right, filled, words["contour"], shrink=0.85, ticks=LEVELS, format="%g")
        path(right, way, label=words["descent"])
        look = {"color": AMBER, "markeredgewidth": 2, "markersize": 15, "fillstyle": "none"}  # around the star
        right.plot(*grid_search(100).w, "s", label=words["cell"], zorder=8, **look)
        right.set(xlabel="w₀", ylabel="w₁", title=words["contours"])
        right.legend(loc="upper right")


def draw_paths(file: Path, language: str, seed: int = 0) -> None:
    w0, w1 = np.linspace(-0.15, 3, 90), np.linspace(-0.15, 2.4, 90)
    heights = loss(np.meshgrid(w0, w1))
    with drawing(file, width=13.5, height=4.6) as figure:
        axes = figure.subplots(1, 3, sharey=True).tolist()
        filled = [contours(ax, w0, w1, heights, LEVELS, log=True) for ax in axes]
        for ax, (batch, name) in zip(axes, kinds(language).items(), strict=True):
            way = descend(batch, EPOCHS[0], seed=seed)
            path(ax, way)
            ax.set(xlabel="w₀", title=f"{name}, α = {RATES[batch]:g}")
            note(ax, _WORDS[language]["end"].format(EPOCHS[0], loss(way[-1])), x=0.97)
        axes[0].set_ylabel("w₁")
        colour_bar(axes, filled[0], _WORDS[language]["contour"], ticks=LEVELS, format="%g")


NOTEBOOK = (
    Part("X Y f loss least_squares", "least_squares()"),
    Part(
        "START RATES RANGE grid_search step descend descend_to", "grid_search(100), descend_to(grid_search(100).loss)"
    ),
    Part(show="way = descend(len(X), 100)\npicture(draw_fit, language, way)", paragraphs=0),
    Part(show="picture(draw_surface, language, way)", paragraphs=0),
    Try(
        "格子を 1000 × 1000 にすると、仕事量は何倍になるだろうか。勾配降下法では。パラメータが 3 個なら。",
        "How many times the work is a grid of 1000 × 1000? And for descent? And with three parameters?",
    ),
    Part("valley_direction", "valley_direction()"),
    Part("EPOCHS kinds", "picture(draw_paths, language)"),
    Try(
        "1 点ずつのときの α（`RATES[1]`）を 0.02、0.1 にすると、谷底でのふらつきはどう変わるだろうか。",
        "With α for single samples (`RATES[1]`) 0.02 and 0.1, how does the dance around the bottom change?",
    ),
)
