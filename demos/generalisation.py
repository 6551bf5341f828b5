"""Generalisation: what a model says of data that it has not seen, and how its size is chosen.

The larger a model, the nearer it comes to the data it learns from; of a sine with noise a polynomial of high degree
learns the noise too. So the weights are learned from training data, the degree is chosen on validation data, and how
good all of it is, test data say, once. The error of the winner on the validation data is no measure: it won
by that error.
"""

from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import grad
from demos import Part, Try
from demos._pictures import AMBER, BLUE, GREY, INK, RED, drawing, legend_below, show

TEACHES = {
    "ja": "汎化：過少適合と過剰適合、訓練・検証・テストデータ、モデルの大きさの選び方",
    "en": "Generalisation: under- and overfitting, training, validation and test data, choosing the size of a model",
}
SOURCE = "Generalization, Training and Test Sets, Validation Set (document 000, レッスン&ハンズオン 1-3)"

DEGREES = range(11)
SIZES = {"train": 15, "validation": 15, "test": 60}
NOISE = 0.3  # standard deviation of y around the curve
DRAWS = 150  # of other data, to see what is luck

Array = NDArray[np.float64]


class Data(NamedTuple):
    """x and y of shape (n,)."""

    x: Array
    y: Array


def curve(x: Any) -> Any:
    """The truth, which the model does not know."""
    return np.sin(4 * x)


def draw_data(seed: int = 0) -> dict[str, Data]:
    """Independent points around the curve, in three parts."""
    rng = np.random.default_rng(seed)
    parts = {}
    for name, n in SIZES.items():
        x = rng.uniform(-1, 1, n)
        parts[name] = Data(x, curve(x) + rng.normal(0, NOISE, n))
    return parts


# --- The model ------------------------------------------------------------------------------------------------


def features(x: Any, degree: int) -> Array:
    """Legendre polynomials up to a degree, of shape (n, degree + 1): they span what x, x², … span, but well apart."""
    return np.polynomial.legendre.legvander(x, degree)


def fit(data: Data, degree: int) -> Array:
    """The weights of least error: there the gradient is 0."""
    return np.asarray(np.linalg.lstsq(features(data.x, degree), data.y, rcond=None)[0], np.float64)


def error(w: Array, data: Data) -> float:
    """The mean square of what the model is off."""
    return float(np.mean((features(data.x, len(w) - 1) @ w - data.y) ** 2))


def slope_left(w: Array, data: Data) -> float:
    """The largest part of the gradient of the error, by the engine."""
    rows = features(data.x, len(w) - 1).tolist()

    def mean(w: Any) -> Any:
        off = [
            sum(a * b for a, b in zip(row, w, strict=True)) - y for row, y in zip(rows, data.y.tolist(), strict=True)
        ]
        return sum(each * each for each in off) / len(off)

    return float(np.abs(grad(mean)(w.tolist())).max())


# --- Which size? ----------------------------------------------------------------------------------------------


class Choice(NamedTuple):
    """Errors by degree, what they are for training and validation data, and the degree of least validation error."""

    train: list[float]
    validation: list[float]
    degree: int


def choose(parts: dict[str, Data]) -> Choice:
    """Learn every degree from the training data; the validation data choose. The test data are not looked at."""
    models = [fit(parts["train"], degree) for degree in DEGREES]
    train, validation = ([error(w, parts[name]) for w in models] for name in ("train", "validation"))
    return Choice(train, validation, int(np.argmin(validation)))


def error_on_test(parts: dict[str, Data], degree: int) -> float:
    """The error of a degree on the test data: looked at once, for the degree that was chosen."""
    return error(fit(parts["train"], degree), parts["test"])


def winners(seed: int = 0) -> tuple[float, float]:
    """The errors of the chosen models on their validation data and on test data: medians over many draws of data.

    Medians, for a single polynomial that runs away would be the mean.
    """
    found = []
    for draw in range(DRAWS):
        parts = draw_data(1000 * seed + draw + 1)
        chosen = choose(parts)
        found.append((chosen.validation[chosen.degree], error_on_test(parts, chosen.degree)))
    validation, test = np.median(found, axis=0)
    return float(validation), float(test)


def numbers(seed: int = 0) -> dict[str, float]:
    """Errors of three degrees, the degree that is chosen, its test error, and how much better the winner looks."""
    parts = draw_data(seed)
    chosen = choose(parts)
    on_validation, on_test = winners(seed)
    shown = {degree: (chosen.train[degree], chosen.validation[degree]) for degree in three(chosen.degree)}
    return {
        "chosen degree": chosen.degree,
        **{f"degree {degree}: training": found[0] for degree, found in shown.items()},
        **{f"degree {degree}: validation": found[1] for degree, found in shown.items()},
        "test": error_on_test(parts, chosen.degree),
        "winners: validation": on_validation,
        "winners: test": on_test,
        "gradient left": max(slope_left(fit(parts["train"], degree), parts["train"]) for degree in DEGREES),
    }


def three(chosen: int) -> tuple[int, int, int]:
    """A degree too small, the chosen one, and one too large."""
    return 1, chosen, DEGREES[-1]


_STORY = {
    "ja": """\
1. 汎化：まだ見ていないデータで、どれだけ当たるか
  y = sin 4x に雑音（標準偏差 {noise:g}）を加えた点に、次数 0〜{largest} の多項式を当てはめる。
  訓練 {train} 点、検証 {validation} 点、テスト {test} 点。誤差は差の二乗の平均。

2. 訓練データで重みを決める：次数ごとに、勾配が 0 になる重み（エンジンの勾配は {slope} 以下）
  次数   訓練誤差   検証誤差
{table}
  大きいモデルほど訓練誤差は小さい。検証誤差は、小さすぎても（過少適合）大きすぎても（過剰適合）大きい。

3. 検証データで大きさを選ぶ：次数 {degree}。テストデータはここで初めて、一度だけ使う
  次数 {degree} のテスト誤差 {error:.3f}（雑音だけで {floor:.3f}）

4. なぜ検証データの誤差をそのまま報告しないのか：選ばれたのは、その誤差が小さかったからである
  データを {draws} 回引き直すと、選ばれたモデルの誤差の中央値は 検証 {luck:.3f}、テスト {honest:.3f}
  テストデータで選び直せば、テスト誤差も同じように甘くなる。だから一度だけ使う。
""",
    "en": """\
1. Generalisation: how good a model is on data that it has not seen
  Points around y = sin 4x with noise (standard deviation {noise:g}), and polynomials of degree 0 to {largest}.
  Training {train} points, validation {validation}, test {test}. The error is the mean square of the differences.

2. The training data decide the weights: of each degree those with gradient 0 (the engine's: below {slope})
  degree   training   validation
{table}
  The larger the model, the smaller the training error. The validation error is large for a model too small
  (underfitting) and for one too large (overfitting).

3. The validation data choose the size: degree {degree}. Only now the test data are used, once
  Test error of degree {degree}: {error:.3f} (noise alone makes {floor:.3f})

4. Why not report the validation error? The chosen model was chosen because that error was small
  With data drawn {draws} times, the chosen models' median errors are {luck:.3f} (validation), {honest:.3f} (test)
  If test data chose, the test error would flatter in the same way. So they are used once.
""",
}
_MARK = {
    "ja": ("過少適合", "選ばれた", "過剰適合"),
    "en": ("underfits", "chosen", "overfits"),
}
_WORDS = {
    "ja": {
        "fit": ("次数 {}：過少適合", "次数 {}：選ばれた", "次数 {}：過剰適合"),
        "truth": "本当の曲線",
        "model": "モデル",
        "train": "訓練データ",
        "validation": "検証データ",
        "errors": "モデルの大きさと誤差",
        "degree": "多項式の次数",
        "error": "誤差（二乗の平均）",
        "test": "テスト誤差（一度だけ）",
    },
    "en": {
        "fit": ("Degree {}: underfits", "Degree {}: chosen", "Degree {}: overfits"),
        "truth": "the true curve",
        "model": "the model",
        "train": "training data",
        "validation": "validation data",
        "errors": "The size of the model, and its errors",
        "degree": "degree of the polynomial",
        "error": "error (mean square)",
        "test": "test error, used once",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    found, chosen = numbers(seed), choose(draw_data(seed))
    return _STORY[language].format(
        **SIZES,
        noise=NOISE,
        largest=DEGREES[-1],
        slope="10⁻¹²",
        table="\n".join(_row(language, chosen, degree) for degree in DEGREES),
        degree=chosen.degree,
        error=found["test"],
        floor=NOISE**2,
        draws=DRAWS,
        luck=found["winners: validation"],
        honest=found["winners: test"],
    )


def _row(language: str, chosen: Choice, degree: int) -> str:
    marks = dict(zip(three(chosen.degree), _MARK[language], strict=True))
    mark = f"  ← {marks[degree]}" if degree in marks else ""
    wide = {"ja": (6, 11, 11), "en": (8, 11, 13)}[language]
    cells = (f"{degree}", f"{chosen.train[degree]:.3f}", f"{chosen.validation[degree]:.3f}")
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, wide, strict=True)) + mark


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw three fits and the errors by degree."""
    print(story(language, seed))
    file = output / "generalisation.png"
    draw_generalisation(file, language, seed)
    show(language, file)


def draw_generalisation(file: Path, language: str, seed: int = 0) -> None:
    """Curves of three degrees among the data, and both errors by degree."""
    words: dict[str, Any] = _WORDS[language]
    parts = draw_data(seed)
    chosen = choose(parts)
    with drawing(file, width=11.5, height=8) as figure:
        axes: list[Any] = list(figure.subplots(2, 2).ravel())
        for ax, degree, title in zip(axes, three(chosen.degree), words["fit"], strict=False):
            _draw_fit(ax, parts, degree, words)
            ax.set_title(title.format(degree))
        _draw_errors(axes[3], parts, chosen, words)
        legend_below(figure, *axes)


def _draw_fit(ax: Any, parts: dict[str, Data], degree: int, words: dict[str, Any]) -> None:
    xs = np.linspace(-1, 1, 300)
    ax.plot(xs, curve(xs), "--", color=GREY, linewidth=1.5, label=words["truth"])
    ax.plot(xs, features(xs, degree) @ fit(parts["train"], degree), color=INK, label=words["model"])
    for name, colour, mark in (("train", BLUE, "o"), ("validation", AMBER, "s")):
        ax.plot(*parts[name], mark, color=colour, markersize=6, label=words[name])
    ax.set(xlabel="x", ylabel="y", ylim=(-2.3, 2.3), xticks=(-1, -0.5, 0, 0.5, 1))


def _draw_errors(ax: Any, parts: dict[str, Data], chosen: Choice, words: dict[str, Any]) -> None:
    for name, colour, line in (("train", BLUE, "o-"), ("validation", AMBER, "s--")):
        ax.semilogy(DEGREES, getattr(chosen, name), line, color=colour)
    ax.axvline(chosen.degree, color=GREY, linestyle=":", zorder=1)
    tested = error_on_test(parts, chosen.degree)
    ax.semilogy(chosen.degree, tested, "*", color=RED, markersize=15, label=words["test"], zorder=6)
    ax.set(xlabel=words["degree"], ylabel=words["error"], title=words["errors"], xticks=DEGREES)


NOTEBOOK = (
    Part("SIZES NOISE Data curve draw_data", "{name: part.x.shape for name, part in draw_data().items()}"),
    Part("DEGREES features fit error slope_left", 'error(fit(draw_data()["train"], 5), draw_data()["validation"])'),
    Part("Choice choose error_on_test", "parts = draw_data()\nerror_on_test(parts, choose(parts).degree)"),
    Part(show="picture(draw_generalisation, language)", paragraphs=0),
    Part("DRAWS winners", "winners()"),
    Try(
        "訓練データを 100 点にすると（`SIZES`）、次数 10 は過剰適合するだろうか。",
        "With 100 training points (`SIZES`), does degree 10 still overfit?",
    ),
    Try(
        "雑音 `NOISE` を 0、1 にすると、選ばれる次数はどう変わるだろうか。",
        "With `NOISE` 0 and 1, which degree is chosen?",
    ),
)
