"""Features: what each hidden neuron says over the plane, and the plane of what they say, in which one line is enough.

A hidden neuron is a logistic regression of its own. Nobody tells it what to look for: training makes it useful to the
neuron behind it. Seen from there, classes that no line divides lie on two sides of one. The proof is an old one:
Rosenblatt's perceptron, which ends only where a line divides the classes, ends with the features and not without them.
"""

import functools
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import compile
from demos import Part, Try, moons, xor
from demos import _pictures as pictures

TEACHES = {
    "ja": "隠れ層は特徴を作る：各ニューロンの言うことと、直線 1 本で分けられる平面",
    "en": "Hidden neurons make features: what each of them says, and the plane in which one line is enough",
}
SOURCE = "データマイニングと機械学習 ニューラルネットワーク p. 26, 43-48 (document 001)"

WIDTHS = (4, 2, 1)  # of the moons' network: two neurons before the output, so that what they say can be drawn
PASSES = 100  # of the perceptron at most

Array = NDArray[np.float64]


class Case(NamedTuple):
    """Points of two classes, and a network that has learned them."""

    model: nn.MLP
    X: Array
    y: NDArray[np.int64]
    low: tuple[float, float]
    high: tuple[float, float]
    """Corners of what is drawn of the plane."""


@functools.cache
def cases(seed: int = 0) -> dict[str, Case]:
    """Both lessons' points; kept, so that story and picture tell of one training."""
    model = nn.MLP(2, WIDTHS, activation="tanh", seed=seed)
    moons.train(model, seed)
    four = Case(xor.network(seed=seed).model, np.array(xor.X, float), np.array(xor.Y), (-0.5, -0.5), (1.5, 1.5))
    return {"xor": four, "moons": Case(model, *moons.moons(seed), (-1.6, -1.2), (2.6, 1.7))}


def hidden(model: nn.MLP, X: Array) -> Array:
    """What the neurons before the output give for each row, of shape (n, 2)."""

    def features(x: Any) -> Any:
        for layer in model.layers[:-1]:
            x = layer.outputs(x)
        return x

    return np.asarray(compile(features, [0.0, 0.0])(X))


def as_logistic_regression(model: nn.MLP, X: Array) -> Array:
    """The first layer by the formula of logistic regression: tanh u = 2σ(2u) − 1."""
    W, b = (np.array(part) for part in zip(*[_numbers(neuron) for neuron in model.layers[0].neurons], strict=True))
    return 2 / (1 + np.exp(-2 * (X @ W.T + b))) - 1


def _numbers(neuron: Any) -> tuple[list[float], float]:
    return [w.data for w in neuron.w], neuron.b.data


def rosenblatt(X: Array, y: NDArray[np.int64], seed: int = 0) -> list[int]:
    """The mistakes of a perceptron in each pass over the points; the last is 0 if a line divides them."""
    return nn.Perceptron(2, seed=seed).learn(X, 2 * y - 1, epochs=PASSES, seed=seed)


def numbers(seed: int = 0) -> dict[str, float]:
    """Passes and mistakes of the perceptron, of the points and of their features; and XOR's features."""
    found: dict[str, float] = {}
    for name, case in cases(seed).items():
        for what, seen in (("points", case.X), ("features", hidden(case.model, case.X))):
            mistakes = rosenblatt(seen, case.y, seed)
            found |= {f"{name}, {what}: passes": len(mistakes), f"{name}, {what}: mistakes": mistakes[-1]}
    four = cases(seed)["xor"]
    for x, seen in zip(xor.X, hidden(four.model, four.X).tolist(), strict=True):
        found |= {f"h{i}{tuple(x)}": h for i, h in enumerate(seen, start=1)}
    off = np.abs(as_logistic_regression(four.model, four.X) - hidden(four.model, four.X)).max()
    return found | {"logistic regression: difference": float(off)}


_STORY = {
    "ja": """\
1. 隠れ層のニューロンは、ひとつずつがロジスティック回帰
  xor を学んだネットワーク：h = tanh(w₁x₁ + w₂x₂ + b) = 2σ(2(w₁x₁ + w₂x₂ + b)) − 1
{neurons}
  σ の式で計算した h との差は 10⁻¹² 以下

2. ふたつの答え (h₁, h₂) が、4 点の新しい座標になる
{points}

3. 特徴の平面では直線 1 本で足りるか：xor と、ふたつの月
  月を学んだネットワークは {model}、その最後の隠れ層の 2 個
  ローゼンブラットのパーセプトロンは、直線で分けられるときだけ、間違いが 0 になって終わる
{proof}

4. 特徴は人が選んだのではない：出力の役に立つように、逆伝播が w と b を決めた。
""",
    "en": """\
1. A hidden neuron is a logistic regression
  A network that has learned xor: h = tanh(w₁x₁ + w₂x₂ + b) = 2σ(2(w₁x₁ + w₂x₂ + b)) − 1
{neurons}
  h by the formula with σ differs by less than 10⁻¹²

2. Two answers (h₁, h₂) are new coordinates of the four points
{points}

3. Is one line enough in the plane of the features? Of xor, and of two moons
  The moons' network is {model}; of it the last 2 hidden neurons
  Rosenblatt's perceptron ends with no mistake only where a line divides the classes
{proof}

4. Nobody chose these features: backpropagation set w and b so that they are of use to the output.
""",
}
_PROOF = {
    "ja": {
        "xor": "xor",
        "moons": "月",
        "points": "もとの (x₁, x₂)",
        "features": "特徴 (h₁, h₂)",
        "row": "  {}、{}: {} 周、最後の周の間違い {}",
    },
    "en": {
        "xor": "xor",
        "moons": "moons",
        "points": "as they are, (x₁, x₂)",
        "features": "features (h₁, h₂)",
        "row": "  {}, {}: passes {}, mistakes in the last one {}",
    },
}
_LABELS = {
    "ja": {
        "xor": "xor：隠れ層の h{}",
        "moons": "月：最後の隠れ層の h{}",
        "plane": "{}：(h₁, h₂) の平面",
        "bar": "h の値",
        "line": "出力の境界（直線）",
        "classes": ("y = 0", "y = 1"),
    },
    "en": {
        "xor": "xor: hidden neuron h{}",
        "moons": "moons: last hidden layer, h{}",
        "plane": "{}: the plane of (h₁, h₂)",
        "bar": "value of h",
        "line": "the output's boundary, a line",
        "classes": ("y = 0", "y = 1"),
    },
}
_BELOW = "₁₂"


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    four, found = cases(seed)["xor"], numbers(seed)
    probability = 1 / (1 + np.exp(-np.array([four.model(x).data for x in xor.X])))
    rows = zip(xor.X, hidden(four.model, four.X).tolist(), xor.Y, probability.tolist(), strict=True)
    return _STORY[language].format(
        neurons="\n".join(_neuron(i, neuron) for i, neuron in enumerate(four.model.layers[0].neurons)),
        points="\n".join(_point(*row) for row in rows),
        model=cases(seed)["moons"].model,
        proof="\n".join(_proof(language, name, what, found) for name in cases(seed) for what in ("points", "features")),
    )


def _neuron(i: int, neuron: Any) -> str:
    (w1, w2), b = _numbers(neuron)
    return pictures.minus(f"  h{_BELOW[i]}: w₁ = {w1:+.3f}, w₂ = {w2:+.3f}, b = {b:+.3f}")


def _point(x: list[int], seen: list[float], y: int, probability: float) -> str:
    h = ", ".join(f"{each:+.3f}" for each in seen)
    return pictures.minus(f"  {tuple(x)} → ({h})   P(y = 1) = {probability:.3f}   y = {y}")


def _proof(language: str, name: str, what: str, found: dict[str, float]) -> str:
    words = _PROOF[language]
    passes, mistakes = (int(found[f"{name}, {what}: {each}"]) for each in ("passes", "mistakes"))
    return words["row"].format(words[name], words[what], passes, mistakes)


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw what the hidden neurons say."""
    print(story(language, seed))
    draw_features(output / "features.png", language, seed)
    pictures.show(language, output / "features.png")


def draw_features(file: Path, language: str, seed: int = 0) -> None:
    """For each case what either neuron says over the plane, and the points in the plane of both."""
    words: dict[str, Any] = _LABELS[language]
    with pictures.drawing(file, width=12, height=7.6) as figure:
        axes: Any = figure.subplots(2, 3)
        for row, (name, case) in zip(axes, cases(seed).items(), strict=True):
            for i, ax in enumerate(row[:2]):
                filled = _draw_neuron(ax, case, i, words)
                ax.set(title=words[name].format(_BELOW[i]), xlabel="x₁", ylabel="x₂")
            pictures.colour_bar(row[:2].tolist(), filled, words["bar"], ticks=[-1, 0, 1], shrink=0.8)
            _draw_plane(row[2], case, words)
            row[2].set(title=words["plane"].format(_PROOF[language][name]))
        pictures.legend_below(figure, *axes.ravel())


def _draw_neuron(ax: Any, case: Case, i: int, words: dict[str, Any]) -> Any:
    xs, ys = (np.linspace(low, high, 81) for low, high in zip(case.low, case.high, strict=True))
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    filled = pictures.signed(ax, xs, ys, hidden(case.model, points)[:, i].reshape(81, 81))
    pictures.classes(ax, case.X, case.y, words["classes"], size=85 if len(case.X) == 4 else 30)
    ax.set(aspect="equal", xticks=range(-1, 3), yticks=range(-1, 2), xlim=xs[[0, -1]], ylim=ys[[0, -1]])
    return filled


def _draw_plane(ax: Any, case: Case, words: dict[str, Any]) -> None:
    across = np.linspace(-1.25, 1.25, 81)
    points = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
    scores = np.asarray(compile(case.model.layers[-1], [0.0, 0.0])(points))
    pictures.boundary(ax, across, across, scores.reshape(81, 81), name=words["line"])
    pictures.classes(ax, hidden(case.model, case.X), case.y, words["classes"], size=85 if len(case.X) == 4 else 30)
    ax.set(xlabel="h₁", ylabel="h₂", aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])


NOTEBOOK = (
    Part(
        "WIDTHS Case cases hidden as_logistic_regression",
        """\
four = cases()["xor"]
np.allclose(as_logistic_regression(four.model, four.X), hidden(four.model, four.X))""",
    ),
    Part(show="hidden(four.model, four.X).round(3)"),
    Part(
        "PASSES rosenblatt", "{name: rosenblatt(hidden(case.model, case.X), case.y) for name, case in cases().items()}"
    ),
    Part(show="picture(draw_features, language)"),
    Try(
        "月のネットワークの隠れ層を 2 個だけにすると（`WIDTHS` = (2, 1)）、特徴の平面で月は分けられるだろうか。",
        "Give the moons' network two hidden neurons only (`WIDTHS` = (2, 1)). Does a line divide the features?",
    ),
)
