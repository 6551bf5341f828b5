"""Two moons: what one line cannot divide, a network with two hidden layers does, and how its boundary forms.

The moons are scikit-learn's, the usual first test of a classifier that is not linear. The boundary starts as almost a
line, bends where that pays most, and ends between the moons.
"""

import functools
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import compile
from demos import Part, Try
from demos import _backends as backends
from demos import _pictures as pictures

TEACHES = {
    "ja": "多層パーセプトロン：ふたつの月を分ける境界が、学習とともに曲がっていく",
    "en": "The multilayer perceptron: a boundary that bends between two moons as it learns",
}
SOURCE = "多層パーセプトロン (document 001, slides 28–66)"

SAMPLES = 100  # to learn from, and as many others to be tested with
NOISE = 0.15
WIDTHS = (8, 8, 1)
EPOCHS = 60
MOMENTS = (1, 10, 20, 30)  # epochs at which the boundary is drawn, besides the last

_STORY = {
    "ja": """\
ふたつの月：{samples} 点で学習し、学習に使わない別の {samples} 点で確かめる。

  パラメータ     損失    正解率（学習）       （別の点）
{table}

パーセプトロン 1 個の境界は直線：月は分けられない。
多層パーセプトロン {model} の境界は曲がる：
{course}
""",
    "en": """\
Two moons: {samples} points to learn from, and {samples} others, not learned from, to see what was learned.

  parameters     loss accuracy: learned           others
{table}

One perceptron has a straight boundary, and cannot divide the moons.
The multilayer perceptron {model} bends it:
{course}
""",
}
_NAMES = {"ja": ("パーセプトロン 1 個", "多層パーセプトロン"), "en": ("one perceptron", "multilayer")}
_COURSE = {"ja": "  {0:>3} エポック  損失 {1:.3f}", "en": "  epoch {0:>3}   loss {1:.3f}"}
_LABELS = {
    "ja": {"epoch": "ネットワーク：{} エポック", "accuracy": "正解率 {:.0%}", "classes": ("上の月", "下の月")},
    "en": {"epoch": "network, epoch {}", "accuracy": "accuracy {:.0%}", "classes": ("upper moon", "lower moon")},
}


class Learned(NamedTuple):
    """A trained model, its losses, and its parameters at some moments on the way."""

    model: Any
    history: nn.History
    moments: dict[int, dict[str, Any]]


def moons(seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points of two interleaving half circles, of shape (SAMPLES, 2), and which half circle each is of: 0 or 1."""
    from sklearn.datasets import make_moons

    X, y = make_moons(SAMPLES, noise=NOISE, random_state=seed)
    return np.asarray(X), np.asarray(y)


def others(seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """As many points of the same moons, none of which is learned from."""
    return moons(seed + 1000)


def train(model: nn.Module, seed: int = 0, **settings: Any) -> Learned:
    """Lower the cross-entropy with Adam, all points at a time. Change the widths or the rate, and see."""
    moments = {0: model.state()}

    def remember(history: nn.History) -> None:
        moments[history.epochs] = model.state()

    X, y = moons(seed)
    history = nn.fit(
        model,
        "binary_cross_entropy",
        X,
        y,
        optimizer=nn.Adam(0.1),
        epochs=EPOCHS,
        callback=remember,
        progress=False,
        **settings,
    )
    return Learned(model, history, moments)


def perceptron(seed: int = 0, **settings: Any) -> Learned:
    """A single neuron, which has one line."""
    return train(nn.Perceptron(2, "identity", seed=seed), seed, **settings)


def network(seed: int = 0, **settings: Any) -> Learned:
    """Two hidden layers."""
    return train(nn.MLP(2, WIDTHS, activation="tanh", seed=seed), seed, **settings)


def logits(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the model gives for each row: recorded once, for one sample, and run on all of them."""
    return compile(model, [0.0, 0.0])(X)


def accuracy(model: Any, X: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """The part of the points that is on its side: the logit above 0 says 1."""
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(y, logits(model, X) > 0))


@functools.cache
def results(seed: int = 0) -> dict[str, tuple[Learned, float, float]]:
    """For the perceptron and the network: what was learned, the accuracy on these points, and on others.

    Kept, so that story and picture tell of one training.
    """
    found = {}
    for name, learned in [("perceptron", perceptron(seed)), ("network", network(seed))]:
        found[name] = learned, accuracy(learned.model, *moons(seed)), accuracy(learned.model, *others(seed))
    return found


def numbers() -> dict[str, float]:
    """Last losses and accuracies."""
    found = {}
    for name, (learned, known, unknown) in results().items():
        found[f"{name}: loss"] = learned.history.losses[-1]
        found[f"{name}: accuracy, learned"], found[f"{name}: accuracy, others"] = known, unknown
    return found


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    found = results(seed)
    rows = []
    for name, (learned, known, unknown) in zip(_NAMES[language], found.values(), strict=True):
        size, loss = len(learned.model.parameters()), learned.history.losses[-1]
        rows.append(f"  {size:>10} {loss:>8.4f} {known:>17.0%} {unknown:>16.0%}   {name}")
    learned = found["network"][0]
    moments = [(epoch, learned.history.losses[epoch - 1]) for epoch in (*MOMENTS, EPOCHS)]
    return _STORY[language].format(
        samples=SAMPLES,
        table="\n".join(rows),
        model=learned.model,
        course="\n".join(_COURSE[language].format(*moment) for moment in moments),
    )


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson, time it, and draw the boundary as it forms."""
    print(story(language, seed))
    print(backends.told(language, backends.seconds(lambda backend: network(seed, backend=backend))))
    file = output / "moons.png"
    draw_boundaries(file, language, seed)
    pictures.show(language, file)


def draw_boundaries(file: Path, language: str, seed: int = 0) -> None:
    """The perceptron's boundary, and the network's at five moments."""
    line, bent = (learned for learned, *_ in results(seed).values())
    with pictures.drawing(file, width=12, height=6.8) as figure:
        axes: Any = figure.subplots(2, 3, sharex=True, sharey=True).ravel()
        _draw_plane(axes[0], line.model, _NAMES[language][0], language, seed)
        for ax, epoch in zip(axes[1:], (*MOMENTS, EPOCHS), strict=True):
            bent.model.load_state(bent.moments[epoch])
            _draw_plane(ax, bent.model, _LABELS[language]["epoch"].format(epoch), language, seed)
        for ax in axes[3:]:
            ax.set_xlabel("x₁")
        for ax in axes[::3]:
            ax.set_ylabel("x₂")
        pictures.legend_below(figure, axes[0])


def _draw_plane(ax: Any, model: Any, title: str, language: str, seed: int) -> None:
    words = _LABELS[language]
    X, y = moons(seed)
    xs, ys = np.linspace(-1.6, 2.6, 127), np.linspace(-1.2, 1.7, 88)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    pictures.boundary(ax, xs, ys, logits(model, points).reshape(len(ys), len(xs)))
    pictures.classes(ax, X, y, words["classes"])
    pictures.note(ax, words["accuracy"].format(accuracy(model, X, y)))
    ax.set(title=title, aspect="equal", xticks=[-1, 0, 1, 2], yticks=[-1, 0, 1])


NOTEBOOK = (
    Part("SAMPLES NOISE moons others", "X, y = moons()\nX[:3], y[:3]"),
    Part("WIDTHS EPOCHS MOMENTS Learned train perceptron network"),
    Part("logits accuracy results", "{name: round(number, 4) for name, number in numbers().items()}"),
    Part(show="picture(draw_boundaries, language)", paragraphs=0),
    Try(
        "`WIDTHS` を (2, 1)、(3, 1) にしてみよ。境界はどこまで曲がれるだろうか。",
        "Set `WIDTHS` to (2, 1) and (3, 1). How far can the boundary bend?",
    ),
    Try(
        "`NOISE` を 0.4 にすると、学習した点と別の点の正解率はどう離れるだろうか。",
        "Set `NOISE` to 0.4. How far apart are the accuracies on points learned from and on others?",
    ),
    Part(paragraphs=0, skipped=1),
)
