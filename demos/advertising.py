"""A perceptron that predicts sales from advertising, and why its inputs should be scaled first.

Gradient descent may step no further than the steepest direction allows, and then crawls along the flattest. In raw
numbers TV runs to 300 while the bias sees nothing but 1: the steepest is 200,000 times as steep as the flattest, and a
million steps are needed. Standardised, a dozen are enough, for the same prediction.
"""

import contextlib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import Value, hessian, mean
from autograd.render.text import columns
from demos import InputError, _advertising
from demos import _pictures as pictures
from demos import _table as tables

TEACHES = {
    "ja": "単純パーセプトロンの回帰：広告費から売上を予測する。正規化・標準化で学習がどう変わるか",
    "en": "Regression by a perceptron: sales from advertising, and what normalising and standardising change",
}
SOURCE = "情報システム実験実習II 第2回 演習(4) 単純パーセプトロン, 正規化・標準化 (document 002)"

STEPS = 400
SHARE = 0.75  # of the largest learning rate that does not diverge
ARRIVED = 1e-6  # the error is above the least one by no more than this part of the target's variance
LECTURE = ((0.05082344, 0.17614651, 0.02445359, 1.4407811), (0.05429334, 0.22951969, 0.01574611, -0.23855995))
"""The weights and the bias that document 002 shows after two of its runs."""

Array = NDArray[np.float64]

_STORY = {
    "ja": """\
{source}：{n} 件、{inputs} → {target}
パーセプトロン y = w·x + b を、平均二乗誤差のバッチ勾配降下法で学習する。目標は最小二乗法の解（誤差 {least:.7g}）。

誤差の曲がり方（ヘッセ行列の固有値 λ）を自動微分で求めると、使える学習率は 2/λ最大 まで。ここではその {share:.0%}。
  λ最大/λ最小    学習率 η   {steps} 歩後の誤差   最小の誤差に着く歩数
{table}
  （最小値との差が {target} の分散の {arrived:g} 倍以下になれば「着いた」。{steps} 歩より先は λ から計算した）

{steps} 歩後の重み（元の単位に直したもの）
{weights}

生の値のまま、学習率を上限より 10 % 大きくすると、{divergence} 歩目で発散する（nn.DivergenceError）。
{lecture}""",
    "en": """\
{source}: {n} rows, {inputs} → {target}
A perceptron y = w·x + b learns by batch gradient descent on the mean squared error. Least squares gives {least:.7g}.

How the error curves (the eigenvalues λ of its Hessian) comes from automatic differentiation. Learning rates up to
2/λ(largest) are possible; here {share:.0%} of that.
  λ largest/smallest   rate η   error after {steps} steps   steps to the least error
{table}
  (there: above the least by at most {arrived:g} of the variance; beyond {steps} steps computed from λ)

Weights after {steps} steps, in the units of the data
{weights}

On raw numbers, with a rate 10 % above the limit, training diverges at step {divergence} (nn.DivergenceError).
{lecture}""",
}
_ROWS = {
    "ja": "  {ratio:>11,.0f}{rate:>12.3g}{error:>17.7g}{arrival:>20,.0f} 歩    {name}",
    "en": "  {ratio:>18,.0f}{rate:>9.3g}{error:>24.7g}{arrival:>27,.0f}       {name}",
}
_LECTURE = {
    "ja": """
資料にあるふたつの実行例の誤差は {0:.4f} と {1:.4f}。毎回違うのは底がいくつもあるからではない（底はひとつ）。
生の値のままなので、まだ底に着いていない。
""",
    "en": """
The two runs that the document shows have the errors {0:.4f} and {1:.4f}. They differ not because there were several
lowest points (there is one), but because with raw numbers neither has come there yet.
""",
}
_NAMES = {
    "ja": {"raw": "生の値", "normalised": "正規化（0 から 1）", "standardised": "標準化（平均 0、標準偏差 1）"},
    "en": {"raw": "raw", "normalised": "normalised (0 to 1)", "standardised": "standardised (mean 0, deviation 1)"},
}
_SOLUTION = {"ja": "最小二乗法", "en": "least squares"}
_MADE = {"ja": "作ったデータ", "en": "data made up"}
_LABELS = {
    "ja": {
        "error": "誤差 − 最小の誤差",
        "fall": "誤差の減り方",
        "step": "歩数",
        "same": "予測 = 実際",
        "truth": "実際の値",
        "guess": "予測した値",
        "fit": "{} の予測（標準化して学習）",
    },
    "en": {
        "error": "error above the least",
        "fall": "How the error falls",
        "step": "step",
        "same": "predicted = true",
        "truth": "true value",
        "guess": "predicted value",
        "fit": "{}, learned from standardised numbers",
    },
}


class Scaling(NamedTuple):
    """z ↦ (z − shift) / scale, for each input and then for the target."""

    shift: Array
    scale: Array


class Learned(NamedTuple):
    """What became of a perceptron on scaled data."""

    rate: float
    eigenvalues: Array
    """Of the Hessian, the smallest first."""
    offsets: Array
    """How far the start was from the solution along each of their directions."""
    weights: Array
    """The weights and the bias at the end, in the units of the data."""
    errors: Array
    """Before each step, in the units of the data."""
    unit: float
    """One unit of the scaled error, in those of the data."""


def data(path: Path | None = None, inputs: str = "", target: str = "") -> tables.Table:
    """The file's table, or made-up data with known coefficients.

    Raises:
        InputError: the file is not to be used, or its columns do not determine the weights.
    """
    table = (
        _advertising.made() if path is None else tables.read(path, [each for each in inputs.split(",") if each], target)
    )
    if np.linalg.matrix_rank((table.X - table.X.mean(axis=0)) / _spread(table.X)) < table.X.shape[1]:
        raise InputError(
            f"the columns {', '.join(table.names)} do not determine the weights: there are too few rows "
            f"({len(table.y)}), or a column is constant, or made of the others."
        )
    if np.ptp(table.y) == 0:
        raise InputError(f"the target {table.target} is {table.y[0]:g} in every row: there is nothing to learn.")
    return table


def scalings(table: tables.Table) -> dict[str, Scaling]:
    """As they are; from 0 to 1; of mean 0 and standard deviation 1."""
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    Z = np.column_stack([table.X, table.y])
    span, standard = MinMaxScaler().fit(Z), StandardScaler().fit(Z)
    return {
        "raw": Scaling(np.zeros(Z.shape[1]), np.ones(Z.shape[1])),
        "normalised": Scaling(np.asarray(span.data_min_), 1 / np.asarray(span.scale_)),
        "standardised": Scaling(np.asarray(standard.mean_), np.asarray(standard.scale_)),
    }


def curvature(X: Array) -> Array:
    """The Hessian of the mean squared error, by automatic differentiation.

    The error is quadratic: its second derivatives are the same everywhere, whatever the targets are.
    """

    def error(parameters: list[Value]) -> Value:
        *w, b = parameters
        return mean([(sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b) ** 2 for x in X.tolist()])

    return np.asarray(hessian(error)([0.0] * (X.shape[1] + 1)), float)


def train(table: tables.Table, scaling: Scaling, seed: int = 0, share: float = SHARE, **settings: Any) -> Learned:
    """Train a perceptron on scaled data, at a share of the largest rate that does not diverge: try 0.1, or 1.1."""
    Z = (np.column_stack([table.X, table.y]) - scaling.shift) / scaling.scale
    X, y = Z[:, :-1], Z[:, -1]
    eigenvalues, directions = np.linalg.eigh(curvature(X))
    eigenvalues = np.maximum(eigenvalues, 0)  # beside large ones a small one may be rounded below 0
    rate = share * 2 / float(eigenvalues[-1])
    model = nn.Perceptron(X.shape[1], "identity", initialization="normal", seed=seed)
    offsets = directions.T @ (_parameters(model) - least_squares(X, y))
    optimizer = nn.SGD(rate)
    history = nn.fit(model, "squared_error", X, y, optimizer=optimizer, epochs=STEPS, progress=False, **settings)
    unit = float(scaling.scale[-1] ** 2)
    weights = _in_units(_parameters(model), scaling)
    return Learned(rate, eigenvalues, offsets, weights, np.array(history.losses) * unit, unit)


def least_squares(X: Array, y: Array) -> Array:
    """The weights and the bias of the least error."""
    shift, scale = X.mean(axis=0), _spread(X)  # else the bias is lost beside columns of large numbers
    w = np.linalg.lstsq((X - shift) / scale, y - y.mean(), rcond=None)[0] / scale
    return np.append(w, y.mean() - w @ shift)


def least_error(table: tables.Table) -> float:
    """The mean squared error that no weights get below."""
    return error_of(table, least_squares(table.X, table.y))


def error_of(table: tables.Table, weights: Any) -> float:
    """The mean squared error of weights and a bias."""
    return float(np.mean((_with_ones(table.X) @ np.asarray(weights) - table.y) ** 2))


def excess(learned: Learned, steps: float) -> float:
    """The error above the least after so many steps, without walking them.

    On a quadratic error each step multiplies the offset along each eigenvector by 1 − ηλ.
    """
    left = learned.offsets * np.abs(1 - learned.rate * learned.eigenvalues) ** steps
    return float(learned.eigenvalues @ left**2) / 2 * learned.unit


def arrival(learned: Learned, table: tables.Table) -> float:
    """The steps until the error is about the least: counted, or, if that is not reached, computed."""
    enough = ARRIVED * float(np.var(table.y))
    walked = np.flatnonzero(learned.errors - least_error(table) <= enough)
    if len(walked):
        return float(walked[0])
    low, high = 0.0, 1.0
    while excess(learned, high) > enough and high < 1e15:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) / 2
        low, high = (middle, high) if excess(learned, middle) > enough else (low, middle)
    return round(high)


def divergence(table: tables.Table, seed: int = 0) -> int:
    """The step at which training on raw numbers diverges if the rate is a tenth above the largest one."""
    steps: list[int] = []
    raw = scalings(table)["raw"]
    with contextlib.suppress(nn.DivergenceError):
        train(table, raw, seed, share=1.1, callback=lambda history: steps.append(history.epochs))
    return len(steps) + 1


def numbers(path: Path | None = None) -> dict[str, float]:
    """For each scaling: the rate, the last error, the steps to the least one; and that of least squares."""
    table = data(path)
    found = {"least error": least_error(table)}
    for name, scaling in scalings(table).items():
        learned = train(table, scaling)
        found[f"{name}: rate"], found[f"{name}: steps"] = learned.rate, arrival(learned, table)
        found[f"{name}: error"] = error_of(table, learned.weights)
    return found


def add_arguments(parser: ArgumentParser) -> None:
    """The file, and which of its columns."""
    parser.add_argument(
        "csv", type=Path, nargs="?", metavar="CSV", help="a file, its first row the names of the columns"
    )
    parser.add_argument("--inputs", default="", metavar="A,B,…", help="columns, by name or counted from 1 (all)")
    parser.add_argument("--target", default="", metavar="C", help="column to be predicted (the last)")


def main(
    language: Literal["ja", "en"],
    output: Path,
    seed: int = 0,
    csv: Path | None = None,
    inputs: str = "",
    target: str = "",
) -> None:
    """Tell the lesson, then draw the errors and the predictions."""
    table = data(csv, inputs, target)
    learned = {name: train(table, scaling, seed) for name, scaling in scalings(table).items()}
    print(story(language, table, learned, _MADE[language] if csv is None else csv.name, seed))
    file = output / "advertising.png"
    draw(language, file, table, learned)
    pictures.show(language, file)


def story(language: str, table: tables.Table, learned: dict[str, Learned], source: str, seed: int = 0) -> str:
    """The lesson as text."""
    return _STORY[language].format(
        source=source,
        n=len(table.y),
        inputs=", ".join(table.names),
        target=table.target,
        least=least_error(table),
        share=SHARE,
        table="\n".join(_rows(language, table, learned)),
        arrived=ARRIVED,
        steps=STEPS,
        weights="\n".join(_weights(language, table, learned)),
        divergence=divergence(table, seed),
        lecture=_lecture(language, table) if source != _MADE[language] else "",
    )


def _rows(language: str, table: tables.Table, learned: dict[str, Learned]) -> Iterator[str]:
    for name, each in learned.items():
        yield _ROWS[language].format(
            ratio=each.eigenvalues[-1] / each.eigenvalues[0] if each.eigenvalues[0] > 0 else np.inf,
            rate=each.rate,
            error=error_of(table, each.weights),
            arrival=arrival(each, table),
            name=_NAMES[language][name],
        )


def _weights(language: str, table: tables.Table, learned: dict[str, Learned]) -> Iterator[str]:
    names = [*table.names, "b"]
    widths = [max(columns(name), 10) + 2 for name in names]
    yield "".join(" " * (width - columns(name)) + name for name, width in zip(names, widths, strict=True))
    solved = {_SOLUTION[language]: least_squares(table.X, table.y)}
    for name, weights in (solved | {_NAMES[language][name]: each.weights for name, each in learned.items()}).items():
        yield "".join(f"{w:>{width}.5g}" for w, width in zip(weights, widths, strict=True)) + f"    {name}"


def _lecture(language: str, table: tables.Table) -> str:
    """A word on the document's own results, if these are its data."""
    if (*table.names, table.target) != ("TV", "Radio", "Newspaper", "Sales"):
        return ""
    return _LECTURE[language].format(*(error_of(table, weights) for weights in LECTURE))


def draw(language: str, file: Path, table: tables.Table, learned: dict[str, Learned]) -> None:
    """How the errors fall, and what the perceptron on standardised numbers predicts."""
    words, least = _LABELS[language], least_error(table)
    with pictures.drawing(file, width=12, height=5) as figure:
        errors, guesses = figure.subplots(1, 2)
        above = {_NAMES[language][name]: np.maximum(each.errors - least, 1e-14) for name, each in learned.items()}
        pictures.curves(errors, above, log=True)
        errors.get_legend().remove()
        errors.set(xlabel=words["step"], ylabel=words["error"], title=words["fall"], ylim=(1e-10, None))
        guess = _with_ones(table.X) @ learned["standardised"].weights
        ends = [table.y.min(), table.y.max()]
        guesses.plot(ends, ends, color=pictures.GREY, zorder=1, label=words["same"])
        guesses.scatter(table.y, guess, s=28, color=pictures.BLUE, edgecolor="white", linewidth=0.7)
        guesses.set(xlabel=words["truth"], ylabel=words["guess"], title=words["fit"].format(table.target))
        pictures.legend_below(figure, errors, guesses)


def _parameters(model: nn.Module) -> Array:
    return np.array([value.data for value in model.parameters()])


def _spread(X: Array) -> Array:
    """The standard deviations of the columns; 1 for a constant one, which is not to be divided by 0."""
    return np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)


def _with_ones(X: Array) -> Array:
    return np.column_stack([X, np.ones(len(X))])


def _in_units(parameters: Array, scaling: Scaling) -> Array:
    """Weights and bias for the data themselves, from those for scaled data."""
    w = parameters[:-1] * scaling.scale[-1] / scaling.scale[:-1]
    b = parameters[-1] * scaling.scale[-1] + scaling.shift[-1] - w @ scaling.shift[:-1]
    return np.append(w, b)
