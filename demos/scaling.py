"""Why inputs should be scaled first: document 002's report, on the perceptron that predicts sales from advertising.

Gradient descent may step no further than the steepest direction allows, and then crawls along the flattest. In raw
numbers TV runs to 300 while the bias sees nothing but 1: the steepest is 400,000 times as steep as the flattest, and a
million steps are needed. Standardised, a dozen are enough, for the same prediction.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

import nn
from autograd import Value, hessian, mean
from demos import Part, Try, _advertising
from demos import _pictures as pictures
from demos import _table as tables
from demos._advertising import Array, add_arguments, data, error_of, least_error, least_squares, predicted

__all__ = ["add_arguments", "data"]

TEACHES = {
    "ja": "正規化と標準化：重み・出力・学習率・学習回数がどう変わり、なぜ有効なのか（ヘッセ行列の条件数）",
    "en": "Normalising and standardising: what becomes of weights, output, rate and steps, and why it helps",
}
SOURCE = "情報システム実験実習II 第2回 課題・考察(2), 正規化・標準化 (document 002)"

STEPS = 400
SHARE = 0.75  # of the largest learning rate that does not diverge
ARRIVED = 1e-6  # the error is above the least one by no more than this part of the target's variance
LEVELS = 10.0 ** np.arange(-4, 6)

_STORY = {
    "ja": """\
データ：{source}、{n} 件、{inputs} → {target}
  パーセプトロン y = w·x + b を平均二乗誤差のバッチ勾配降下法で学習する。最小二乗法の解の誤差は {least:.7g}
  x と t を、最大値で割る x/x最大、Min-Max 法 (x − x最小)/(x最大 − x最小)、標準化 (x − μ)/σ で変換して比べる

学習率と学習回数：使える学習率は 2/λ最大 まで。ここではその {share:.0%}
  λ は誤差の曲がり方（ヘッセ行列の固有値）で、自動微分で求めた
  λ最大/λ最小    学習率 η   {steps} 歩後の誤差   最小の誤差に着く歩数
{table}
  （最小値との差が {target} の分散の {arrived:g} 倍以下になれば「着いた」。{steps} 歩より先は λ から計算した）

重みと出力：変換した x と t で学習した重み、出力の最小と最大
{scaled}

{steps} 歩後の重みを元の単位に直すと
{weights}

なぜ有効なのか
  歩幅は最も急な方向で決まり、歩数は最も平らな方向で決まる。比 λ最大/λ最小（条件数）が 1 に近いほど、谷は丸い
  標準化は平均を 0 にするので重みと b が互いに影響しなくなり、標準偏差を 1 にするので曲がり方がそろう
  生の値のまま、学習率を上限より 10 % 大きくすると、{divergence} 歩目で発散する（nn.DivergenceError）
""",
    "en": """\
Data: {source}, {n} rows, {inputs} → {target}
  A perceptron y = w·x + b learns by batch gradient descent on the mean squared error; least squares gives {least:.7g}
  x and t are divided by the largest, x/x_max; normalised, (x − x_min)/(x_max − x_min); or standardised, (x − μ)/σ

Learning rate and steps: rates up to 2/λ(largest) are possible; here {share:.0%} of that
  λ says how the error curves (an eigenvalue of its Hessian); it comes from automatic differentiation
  λ largest/smallest   rate η   error after {steps} steps   steps to the least error
{table}
  (there: above the least by at most {arrived:g} of the variance; beyond {steps} steps computed from λ)

Weights and outputs: learned from scaled x and t, and the least and the largest output
{scaled}

The same weights after {steps} steps, in the units of the data
{weights}

Why it helps
  The steepest direction limits the step, the flattest one the progress. The nearer their ratio λ largest/smallest (the
  condition number) is to 1, the rounder is the valley. Standardising makes the means 0, so that weights and b no longer
  disturb each other, and the deviations 1, so that all curve alike.
  On raw numbers, with a rate 10 % above the limit, training diverges at step {divergence} (nn.DivergenceError)
""",
}
_ROWS = {
    "ja": "  {ratio:>11}{rate:>12.3g}{error:>17.7g}{arrival:>20,.0f} 歩    {name}",
    "en": "  {ratio:>18}{rate:>9.3g}{error:>24.7g}{arrival:>27,.0f}       {name}",
}
_NAMES = {
    "ja": {"raw": "生の値", "divided": "x/x最大", "normalised": "Min-Max 法", "standardised": "標準化"},
    "en": {"raw": "raw", "divided": "x/x_max", "normalised": "min–max", "standardised": "standardised"},
}
_SOLUTION = {"ja": "最小二乗法", "en": "least squares"}
_MADE = {"ja": "係数を決めて作ったもの", "en": "made up with known coefficients"}
_LABELS = {
    "ja": {
        "error": "誤差 − 最小の誤差",
        "fall": "誤差の減り方",
        "step": "歩数",
        "outputs": ("y 最小", "y 最大"),
        "valley": "誤差の谷（{}）",
        "off": "w({}) − 最適な値",
        "bias off": "b − 最適な値",
        "way": "50 歩の降下",
    },
    "en": {
        "error": "error above the least",
        "fall": "How the error falls",
        "step": "step",
        "outputs": ("y least", "y most"),
        "valley": "The valley of the error ({})",
        "off": "w({}) − best",
        "bias off": "b − best",
        "way": "50 steps down",
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
    scaled: Array
    """The weights and the bias as they were learned, and the least and the largest output, for scaled data."""


def scalings(table: tables.Table) -> dict[str, Scaling]:
    """As they are; divided by the largest; from 0 to 1; of mean 0 and standard deviation 1."""
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

    Z = np.column_stack([table.X, table.y])
    largest, span, standard = MaxAbsScaler().fit(Z), MinMaxScaler().fit(Z), StandardScaler().fit(Z)
    zeros, ones = np.zeros(Z.shape[1]), np.ones(Z.shape[1])
    return {
        "raw": Scaling(zeros, ones),
        "divided": Scaling(zeros, np.asarray(largest.scale_)),
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


def largest_rate(X: Array) -> float:
    """The learning rate above which gradient descent diverges: 2 over the largest curvature of the error."""
    return 2 / float(np.linalg.eigvalsh(curvature(X))[-1])


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
    outputs = (predicted(table, weights) - scaling.shift[-1]) / scaling.scale[-1]
    scaled: Array = np.array([*_parameters(model), outputs.min(), outputs.max()]).round(12) + 0.0  # 1e-15 is 0
    return Learned(rate, eigenvalues, offsets, weights, np.array(history.losses) * unit, unit, scaled)


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


def condition(learned: Learned) -> float:
    """The largest curvature over the smallest: the condition number of the Hessian."""
    smallest, *_, largest = learned.eigenvalues
    return float(largest / smallest) if smallest > 0 else np.inf


def divergence(table: tables.Table, seed: int = 0) -> int:
    """The step at which training on raw numbers diverges if the rate is a tenth above the largest one."""
    steps: list[int] = []
    raw = scalings(table)["raw"]
    with contextlib.suppress(nn.DivergenceError):
        train(table, raw, seed, share=1.1, callback=lambda history: steps.append(history.epochs))
    return len(steps) + 1


def numbers(path: Path | None = None) -> dict[str, float]:
    """For each scaling: rate, condition number, last error, steps to the least error; and that of least squares."""
    table = data(path)
    found = {"least error": least_error(table)}
    for name, scaling in scalings(table).items():
        learned = train(table, scaling)
        found[f"{name}: rate"], found[f"{name}: steps"] = learned.rate, arrival(learned, table)
        found[f"{name}: error"], found[f"{name}: condition"] = error_of(table, learned.weights), condition(learned)
    return found


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
    draw_valleys(output / "scaling.png", language, table, learned)
    pictures.show(language, output / "scaling.png")


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
        scaled="\n".join(_scaled(language, table, learned)),
        weights="\n".join(_weights(language, table, learned)),
        divergence=divergence(table, seed),
    )


def _rows(language: str, table: tables.Table, learned: dict[str, Learned]) -> Iterator[str]:
    for name, each in learned.items():
        yield _ROWS[language].format(
            ratio=_ratio(condition(each)),
            rate=each.rate,
            error=error_of(table, each.weights),
            arrival=arrival(each, table),
            name=_NAMES[language][name],
        )


def _scaled(language: str, table: tables.Table, learned: dict[str, Learned]) -> Iterator[str]:
    lines = {_NAMES[language][name]: each.scaled for name, each in learned.items()}
    return _advertising.rows([*table.names, "b", *_LABELS[language]["outputs"]], lines)


def _weights(language: str, table: tables.Table, learned: dict[str, Learned]) -> Iterator[str]:
    lines = {_SOLUTION[language]: least_squares(table.X, table.y)}
    lines |= {_NAMES[language][name]: each.weights for name, each in learned.items()}
    return _advertising.rows([*table.names, "b"], lines)


def _ratio(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2f}"


def valley(X: Array, steps: int = 50) -> tuple[Array, Array]:
    """How the error bends over the first weight and the bias, and a way down from (0.8, 0.8) off the best of them."""
    bend = curvature(X)[np.ix_([0, -1], [0, -1])]
    rate, way = SHARE * 2 / np.linalg.eigvalsh(bend)[-1], [np.array([0.8, 0.8])]
    for _ in range(steps):
        way.append(way[-1] - rate * bend @ way[-1])
    return bend, np.array(way)


def draw_valleys(file: Path, language: str, table: tables.Table, learned: dict[str, Learned]) -> None:
    """How the errors fall, and the valley over one weight and the bias, raw and standardised."""
    words, least, names = _LABELS[language], least_error(table), _NAMES[language]
    with pictures.drawing(file, width=14, height=5) as figure:
        errors, *valleys = figure.subplots(1, 3, width_ratios=[1.2, 1, 1])
        above = {names[name]: np.maximum(each.errors - least, 1e-14) for name, each in learned.items()}
        pictures.curves(errors, above, log=True)
        errors.get_legend().remove()
        errors.set(xlabel=words["step"], ylabel=words["error"], title=words["fall"], ylim=(1e-10, None))
        for ax, name in zip(valleys, ("raw", "standardised"), strict=True):
            scaling = scalings(table)[name]
            bend, way = valley((table.X - scaling.shift[:-1]) / scaling.scale[:-1])
            xs = np.linspace(-1, 1, 81)
            d = np.stack(np.meshgrid(xs, xs))
            filled = pictures.contours(ax, xs, xs, np.einsum("ixy,ij,jxy->xy", d, bend, d) / 2 + 1e-9, LEVELS, log=True)
            pictures.path(ax, way, label=words["way"])
            ax.set(xlabel=words["off"].format(table.names[0]), title=words["valley"].format(names[name]))
            ax.set_ylabel(words["bias off"])
        pictures.colour_bar(valleys, filled, words["error"], ticks=LEVELS[1::2])
        pictures.legend_below(figure, errors, *valleys)


def _parameters(model: nn.Module) -> Array:
    return np.array([value.data for value in model.parameters()])


def _in_units(parameters: Array, scaling: Scaling) -> Array:
    """Weights and bias for the data themselves, from those for scaled data."""
    w = parameters[:-1] * scaling.scale[-1] / scaling.scale[:-1]
    b = parameters[-1] * scaling.scale[-1] + scaling.shift[-1] - w @ scaling.shift[:-1]
    return np.append(w, b)


NOTEBOOK = (
    Part("scalings", "table = data()\nscalings(table)"),
    Part(
        "STEPS SHARE ARRIVED curvature train excess arrival",
        """\
learned = {name: train(table, scaling) for name, scaling in scalings(table).items()}
{name: arrival(each, table) for name, each in learned.items()}""",
    ),
    Part(show="{name: each.scaled for name, each in learned.items()}"),
    Part(show="{name: each.weights for name, each in learned.items()}"),
    Part("valley", "picture(draw_valleys, language, table, learned)"),
    Try(
        "標準化しても、条件数が 1 にならないのはなぜだろうか。どんなデータなら 1 になるだろうか。",
        "Why is the condition number of standardised data not quite 1? For which data would it be?",
    ),
    Try(
        "t は変換せず x だけを標準化すると、歩数は変わるだろうか。",
        "Standardise x alone and leave t as it is. Does that change the steps?",
    ),
)
