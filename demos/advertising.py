"""A perceptron that predicts sales from advertising: document 002's fourth exercise, on the numbers as they are.

Each run begins with random weights and ends with other ones, and all predict about as well. The solution by linear
algebra says why: none has come to the bottom yet. (What helps is the lesson `scaling`.)
"""

from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

import nn
from demos import Part, Try, _advertising
from demos import _pictures as pictures
from demos._advertising import Array, add_arguments, data, error_of, least_error, least_squares, predicted
from demos._table import Table
from demos.scaling import SHARE, largest_rate

__all__ = ["add_arguments", "data"]

TEACHES = {
    "ja": "単純パーセプトロンの回帰：広告費から売上を予測する。毎回、結果が異なるのはなぜか",
    "en": "Regression by a perceptron: sales from advertising, and why each run ends with other weights",
}
SOURCE = "情報システム実験実習II 第2回 演習(4) 単純パーセプトロン, 実行後の結果は毎回異なる (document 002)"

RUNS = 3
STEPS = 1000
LECTURE = ((0.05082344, 0.17614651, 0.02445359, 1.4407811), (0.05429334, 0.22951969, 0.01574611, -0.23855995))
"""The weights and the bias that document 002 shows after two of its runs."""


class Run(NamedTuple):
    """What became of one perceptron."""

    weights: Array
    """The weights and the bias at the end."""
    errors: list[float]
    """Before each step."""


def train(table: Table, seed: int) -> Run:
    """Batch gradient descent on the mean squared error from weights of the standard normal distribution."""
    rng, model = np.random.default_rng(seed), nn.Perceptron(table.X.shape[1], "identity")
    for parameter in model.parameters():
        parameter.data = float(rng.standard_normal())
    optimizer = nn.SGD(SHARE * largest_rate(table.X))
    history = nn.fit(
        model, "squared_error", table.X, table.y, optimizer=optimizer, epochs=STEPS, backend="numpy", progress=False
    )
    return Run(np.array([each.data for each in model.parameters()]), history.losses)


def numbers(path: Path | None = None, seed: int = 0) -> dict[str, float]:
    """The best weights and their error, and the bias and the error of each run."""
    table = data(path)
    names = [*(f"w({name})" for name in table.names), "b"]
    found = dict(zip(names, map(float, least_squares(table.X, table.y)), strict=True))
    found["least error"] = least_error(table)
    for k in range(RUNS):
        run = train(table, seed + k)
        found[f"run {k + 1}: b"], found[f"run {k + 1}: error"] = float(run.weights[-1]), error_of(table, run.weights)
    return found


_STORY = {
    "ja": """\
データ：{source}、{n} 件、{inputs} → {target}
{ranges}

単純パーセプトロン y = w·x + b を、乱数の重みから {steps} 回更新する（平均二乗誤差、η = {rate:.3g}）
{weights}
  誤差は {errors}、最小は {least:.4f}

毎回、結果が異なる
  底がいくつもあるからではない（底はひとつ、最小二乗法の解）。b の方向がほとんど平らで、{steps} 回では着かない。
  正規化や標準化をすると着く（レッスン scaling）。
{more}""",
    "en": """\
Data: {source}, {n} rows, {inputs} → {target}
{ranges}

A perceptron y = w·x + b takes {steps} steps from random weights (mean squared error, η = {rate:.3g})
{weights}
  The errors are {errors}; the least is {least:.4f}

Each run ends with other weights
  Not because there were several lowest points: there is one, the solution of least squares. But along b the error is
  almost flat, and {steps} steps do not get there. On normalised or standardised numbers they do: the lesson scaling.
{more}""",
}
_MORE = {
    "ja": "  資料にあるふたつの実行例の誤差は {0:.4f} と {1:.4f}。これも、まだ底に着いていない。\n",
    "en": "  The two runs that the document shows have the errors {0:.4f} and {1:.4f}: not there yet either.\n",
}
_WORDS = {
    "ja": {
        "made": "係数を決めて作ったもの",
        "truth": "データを作った係数",
        "solution": "最小二乗法",
        "run": "{} 回目の学習",
        "ranges": ("最小", "最大", "平均"),
        "step": "更新回数",
        "error": "平均二乗誤差 E",
        "fall": "誤差の減り方",
        "least": "最小の誤差",
        "same": "予測 = 実際",
        "true": "実際の値",
        "guess": "予測した値",
        "fit": "{} の予測（1 回目の学習）",
    },
    "en": {
        "made": "made up with known coefficients",
        "truth": "the coefficients behind the data",
        "solution": "least squares",
        "run": "run {}",
        "ranges": ("least", "most", "mean"),
        "step": "step",
        "error": "mean squared error E",
        "fall": "How the error falls",
        "least": "the least error",
        "same": "predicted = true",
        "true": "true value",
        "guess": "predicted value",
        "fit": "{} as run 1 predicts it",
    },
}


def story(language: str, table: Table, runs: list[Run], source: str = "") -> str:
    """The lesson as text; `source` is the name of the reader's file."""
    words = _WORDS[language]
    return _STORY[language].format(
        source=source or words["made"],
        n=len(table.y),
        inputs=", ".join(table.names),
        target=table.target,
        ranges="\n".join(_ranges(table, words["ranges"])),
        steps=STEPS,
        rate=SHARE * largest_rate(table.X),
        weights="\n".join(_weights(table, runs, words, made=not source)),
        errors=", ".join(f"{error_of(table, run.weights):.4f}" for run in runs),
        least=least_error(table),
        more=_more(language, table) if source else "",
    )


def _ranges(table: Table, names: Any) -> Any:
    Z = np.column_stack([table.X, table.y])
    lines = dict(zip(names, (Z.min(axis=0), Z.max(axis=0), Z.mean(axis=0)), strict=True))
    return _advertising.rows([*table.names, table.target], lines)


def _weights(table: Table, runs: list[Run], words: Any, made: bool) -> Any:
    lines: dict[str, Any] = {words["truth"]: (*_advertising.COEFFICIENTS, _advertising.BIAS)} if made else {}
    lines[words["solution"]] = least_squares(table.X, table.y)
    lines |= {words["run"].format(k + 1): run.weights for k, run in enumerate(runs)}
    return _advertising.rows([*table.names, "b"], lines)


def _more(language: str, table: Table) -> str:
    """A word on the document's own results, if these are its columns."""
    if (*table.names, table.target) != (*_advertising.INPUTS, _advertising.TARGET):
        return ""
    return _MORE[language].format(*(error_of(table, weights) for weights in LECTURE))


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
    runs = [train(table, seed + k) for k in range(RUNS)]
    print(story(language, table, runs, "" if csv is None else csv.name))
    draw_runs(output / "advertising.png", language, table, runs)
    pictures.show(language, output / "advertising.png")


def draw_runs(file: Path, language: str, table: Table, runs: list[Run]) -> None:
    """How the errors fall, and what the first run predicts."""
    words = _WORDS[language]
    with pictures.drawing(file, width=12, height=5) as figure:
        errors, guesses = figure.subplots(1, 2)
        named = {words["run"].format(k + 1): run.errors for k, run in enumerate(runs)}
        pictures.curves(errors, named, log=True)
        errors.get_legend().remove()
        errors.axhline(least_error(table), color=pictures.INK, linewidth=1, label=words["least"])
        errors.set(xlabel=words["step"], ylabel=words["error"], title=words["fall"])
        ends = [table.y.min(), table.y.max()]
        guesses.plot(ends, ends, color=pictures.GREY, zorder=1, label=words["same"])
        guess = predicted(table, runs[0].weights)
        guesses.scatter(table.y, guess, s=28, color=pictures.TEAL, edgecolor="white", linewidth=0.7)
        guesses.set(xlabel=words["true"], ylabel=words["guess"], title=words["fit"].format(table.target))
        pictures.legend_below(figure, errors, guesses)


NOTEBOOK = (
    Part(show="table = data()\ntable.X[:5], table.y[:5]"),
    Part("RUNS STEPS train", "runs = [train(table, seed) for seed in range(RUNS)]"),
    Part(show="[run.weights for run in runs], least_squares(table.X, table.y)"),
    Part(show="picture(draw_runs, language, table, runs)", paragraphs=0),
    Try(
        "`STEPS` を 10 倍にすると、三つの学習の重みは近づくだろうか。b はどうだろうか。",
        "With ten times as many `STEPS`, do the weights of the three runs come nearer to each other? And b?",
    ),
)
