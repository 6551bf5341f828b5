"""Exclusive or: four points that no line separates, and a small network that separates them.

One perceptron draws one line. The classes of xor lie crosswise, so one line has to fail. Two hidden neurons draw two
lines; seen from them, the four points lie so that the output neuron's one line is enough.
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import Value, compile
from demos import Part, Try
from demos import _backends as backends
from demos import _pictures as pictures

TEACHES = {
    "ja": "パーセプトロンの限界：直線 1 本では分けられない xor を、隠れ層が解く",
    "en": "The limit of the perceptron: xor, which no line separates, solved by a hidden layer",
}
SOURCE = "パーセプトロンの限界と多層化 (document 001, slides 26–33)"

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
Y = [0, 1, 1, 0]
HIDDEN = 2
PASSES = 30  # of the perceptron over the four points
EPOCHS = 200  # of the network
MOMENTS = (0, 20, 40)  # epochs at which its boundary is drawn, besides the last
STARTS = 10  # random beginnings that each width is tried from
WIDTHS = (1, 2, 3, 4)

_STORY = {
    "ja": """\
xor：x₁ と x₂ が異なるときだけ 1。

パーセプトロン 1 個（直線 1 本）、学習則 w ← w + ηyx
  1 周（4 点）ごとの間違い：{mistakes}
  {passes} 周しても間違いは無くならない。正解は 4 点中 {perceptron} 点（どんな直線でも最大 3 点）。
ロジスティック回帰（勾配法）でも同じ：損失 {logistic:.4f} = log 2、4 点とも確率 {half:.2f}（「わからない」）

多層パーセプトロン：隠れ層 {hidden} 個（tanh）、出力 1 個、Adam
{table}
  学習後の確率：{probabilities}
  正解は 4 点中 {network} 点、損失 {loss:.4f}（{epochs} エポック）

隠れ層の個数と、{starts} 通りの初期値のうち 4 点とも正解になった数：
{widths}
""",
    "en": """\
xor: 1 where x₁ and x₂ differ.

One perceptron (one line), by its rule w ← w + ηyx
  mistakes in each pass over the four points: {mistakes}
  After {passes} passes there are still some. Right: {perceptron} of 4 points (no line gets more than 3).
Logistic regression, by gradients, fares no better: loss {logistic:.4f} = log 2, probability {half:.2f} everywhere.

A network: {hidden} hidden neurons (tanh), 1 output, Adam
{table}
  probabilities after training: {probabilities}
  Right: {network} of 4 points; loss {loss:.4f} after {epochs} epochs

Hidden neurons, and of {starts} random starts those that get all 4 points right:
{widths}
""",
}
_BELOW = "₁₂₃₄₅₆₇₈₉"
_ROW = {"ja": "  {0:>4} エポック  損失 {1:.4f}", "en": "  epoch {0:>4}   loss {1:.4f}"}
_WIDTH = {"ja": "  {0} 個：{1:>2} / {2}", "en": "  {0}: {1:>2} of {2}"}
_LABELS = {
    "ja": {
        "perceptron": "パーセプトロン 1 個",
        "epoch": "ネットワーク：{} エポック",
        "lines": "{} エポック、隠れ層の直線",
        "inside": "出力のニューロンから見た 4 点",
        "boundary": "境界",
    },
    "en": {
        "perceptron": "one perceptron",
        "epoch": "network, epoch {}",
        "lines": "epoch {}, lines of hidden neurons",
        "inside": "what the output neuron sees",
        "boundary": "boundary",
    },
}


class Learned(NamedTuple):
    """A trained network, its losses, and its parameters at some moments on the way."""

    model: nn.MLP
    history: nn.History
    moments: dict[int, dict[str, Any]]


def perceptron(seed: int = 0) -> tuple[nn.Perceptron, list[int]]:
    """Rosenblatt's perceptron after its passes, and its mistakes in each."""
    model = nn.Perceptron(2, seed=seed)
    return model, model.learn(X, [2 * y - 1 for y in Y], epochs=PASSES)


def logistic(seed: int = 0) -> tuple[nn.Perceptron, float]:
    """A single neuron trained by gradients, and its last loss."""
    model = nn.Perceptron(2, "identity", seed=seed)
    history = nn.fit(model, "binary_cross_entropy", X, Y, optimizer=nn.Adam(0.1), epochs=EPOCHS, progress=False)
    return model, history.losses[-1]


def network(hidden: int = HIDDEN, seed: int = 0, **settings: Any) -> Learned:
    """A network with one hidden layer, trained. Change `hidden`, the activation or the rate, and see."""
    model = nn.MLP(2, [hidden, 1], activation="tanh", seed=seed)
    moments = {0: model.state()}

    def remember(history: nn.History) -> None:
        moments[history.epochs] = model.state()

    history = nn.fit(
        model,
        "binary_cross_entropy",
        X,
        Y,
        optimizer=nn.Adam(0.3),
        epochs=EPOCHS,
        callback=remember,
        progress=False,
        **settings,
    )
    return Learned(model, history, moments)


def right(model: nn.Module) -> int:
    """How many of the four points are on their side: a logit (or a label) above 0 says 1."""
    return sum((model(x).data > 0) == (y == 1) for x, y in zip(X, Y, strict=True))


def solved(hidden: int, seed: int = 0) -> int:
    """From how many random starts a network of this width gets all four points right."""
    return sum(right(network(hidden, STARTS * seed + start).model) == 4 for start in range(STARTS))


def numbers() -> dict[str, float]:
    """What the perceptron and the network make of the four points."""
    learned = network()
    return {
        "perceptron: right": right(perceptron()[0]),
        "perceptron: mistakes in the last pass": perceptron()[1][-1],
        "logistic: loss": logistic()[1],
        "network: right": right(learned.model),
        "network: loss": learned.history.losses[-1],
    }


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    (line, mistakes), (neuron, plateau), learned = perceptron(seed), logistic(seed), network(seed=seed)
    losses = learned.history.losses
    return _STORY[language].format(
        mistakes=", ".join(map(str, mistakes[:8])) + ", …",
        passes=PASSES,
        perceptron=right(line),
        logistic=plateau,
        half=_probability(neuron(X[0]).data),
        hidden=HIDDEN,
        table="\n".join(_ROW[language].format(epoch, losses[max(epoch - 1, 0)]) for epoch in (1, *MOMENTS[1:], EPOCHS)),
        probabilities=", ".join(f"{x} → {_probability(learned.model(x).data):.3f}" for x in X),
        network=right(learned.model),
        loss=losses[-1],
        epochs=EPOCHS,
        starts=STARTS,
        widths="\n".join(_WIDTH[language].format(hidden, solved(hidden, seed), STARTS) for hidden in WIDTHS),
    )


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson, time it, and draw the boundary as it forms."""
    print(story(language, seed))
    print(backends.told(language, backends.seconds(lambda backend: network(seed=seed, backend=backend))))
    file = output / "xor.png"
    draw_boundaries(file, language, seed)
    pictures.show(language, file)


def draw_boundaries(file: Path, language: str, seed: int = 0) -> None:
    """The perceptron's line, the network's boundary as it forms, and what the output neuron sees in the end."""
    words, (line, _), learned = _LABELS[language], perceptron(seed), network(seed=seed)
    with pictures.drawing(file, width=11, height=7.8) as figure:
        axes: Any = figure.subplots(2, 3).ravel()
        _draw_plane(axes[0], line.weighted_sum, words["perceptron"], words["boundary"])
        for ax, epoch in zip(axes[1:], (*MOMENTS, EPOCHS), strict=False):
            learned.model.load_state(learned.moments[epoch])
            _draw_plane(ax, learned.model, words["epoch"].format(epoch), words["boundary"])
        _draw_lines(axes[4], learned.model)
        axes[4].set_title(words["lines"].format(EPOCHS))
        _draw_inside(axes[5], learned.model, words["inside"])
        pictures.legend_below(figure, *axes)


def _draw_plane(ax: Any, score: Callable[[list[float]], Value], title: str, boundary: str) -> None:
    across = np.linspace(-0.5, 1.5, 101)
    _draw_boundary(ax, score, across, boundary)
    _draw_points(ax, X)
    ax.set(title=title, xlabel="x₁", ylabel="x₂", aspect="equal", xticks=[0, 1], yticks=[0, 1])


def _draw_boundary(ax: Any, score: Callable[[list[float]], Value], across: NDArray[np.float64], name: str = "") -> None:
    points = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
    scores = compile(score, [0.0, 0.0])(points)  # recorded once, for one point, and run on all of them
    pictures.boundary(ax, across, across, scores.reshape(len(across), len(across)), name=name)


def _draw_points(ax: Any, points: Any) -> None:
    pictures.classes(ax, points, Y, ("y = 0", "y = 1"), size=85)  # larger than usual, for there are but four
    ax.collections[-2].set_sizes([240])  # where a network has failed, a square may lie on a circle, which is to be seen


def _hidden_look(k: int) -> dict[str, Any]:
    """Wide and pale, so that it is seen below the boundary, which in the end lies on it."""
    colour = (pictures.AMBER, pictures.PURPLE, pictures.GREEN, pictures.TEAL)[k % 4]
    return {"color": colour, "linewidth": 7, "alpha": 0.4, "zorder": 1.5, "label": f"h{_BELOW[k]} = 0"}


def _draw_lines(ax: Any, model: nn.MLP) -> None:
    """Where each hidden neuron is 0: w₁x₁ + w₂x₂ + b = 0."""
    for k, neuron in enumerate(model.layers[0].neurons):
        w1, w2, b = (value.data for value in neuron.parameters())
        foot = -b / (w1**2 + w2**2)  # of the perpendicular from the origin, in units of (w₁, w₂)
        ax.axline((foot * w1, foot * w2), (foot * w1 - w2, foot * w2 + w1), **_hidden_look(k))
    ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))


def _draw_inside(ax: Any, model: nn.MLP, title: str) -> None:
    """The four points as two hidden neurons hand them on, and the output neuron's line."""
    hidden, output = model.layers
    if len(hidden.neurons) != 2:
        ax.set_visible(False)
        return
    across = np.linspace(-1.5, 1.5, 101)
    _draw_boundary(ax, output, across)
    ax.axvline(0, **_hidden_look(0))
    ax.axhline(0, **_hidden_look(1))
    seen = np.array([[h.data for h in hidden.outputs(x)] for x in X])
    _draw_points(ax, seen)
    taken = [(h1 - 0.12, h1 + 0.12, h2 - 0.12, h2 + 0.12) for h1, h2 in seen.tolist()]
    for (h1, h2), points in itertools.groupby(
        sorted(zip(seen.round(1).tolist(), X, strict=True)), key=lambda pair: pair[0]
    ):
        together = "\n".join(str(tuple(x)) for _, x in points)
        place = _free_place(output, h1, h2, together.count("\n") + 1, taken)
        taken.append(place)
        ax.text(sum(place[:2]) / 2, sum(place[2:]) / 2, together, ha="center", va="center", fontsize=9.5)
    ax.set(title=title, xlabel="h₁", ylabel="h₂", aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])


_Box = tuple[float, float, float, float]
"""From and to, along h₁ and along h₂."""


def _free_place(output: Any, h1: float, h2: float, lines: int, taken: list[_Box]) -> _Box:
    """Where a name of a point stands in its way least: no line through it, and no other name or point."""
    wide, high = 0.24, 0.08 + 0.1 * (lines - 1)  # half of the name's size
    places = []
    for right, up in ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1)):
        a, b = h1 + right * (wide + 0.14), h2 + up * (high + 0.14)
        places.append((a - wide, a + wide, b - high, b + high))
    return min(places, key=lambda place: _trouble(output, place, taken))


def _trouble(output: Any, place: _Box, taken: list[_Box]) -> int:
    left, right, low, high = place
    sides = {output([a, b]).data > 0 for a in (left, right) for b in (low, high)}
    beyond = max(map(abs, place)) > 1.5
    axes = left < 0.06 and right > -0.06, low < 0.06 and high > -0.06
    over = sum(left < r and l < right and low < t and b < high for l, r, b, t in taken)
    return 10 * beyond + 5 * (len(sides) > 1) + 3 * over + sum(axes)


def _probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


NOTEBOOK = (
    Part("X Y"),
    Part("PASSES perceptron logistic", "perceptron()[1][:8], logistic()[1]"),
    Part("HIDDEN EPOCHS MOMENTS Learned network right", "right(network().model)"),
    Part(show="picture(draw_boundaries, language)", paragraphs=0),
    Part("STARTS solved", "[solved(hidden) for hidden in (1, 2, 3)]"),
    Try(
        "`Y` を [0, 1, 1, 1]（or）や [1, 0, 0, 1] に変えると、1 個のパーセプトロンで足りるだろうか。",
        "Make `Y` [0, 1, 1, 1] (or) and [1, 0, 0, 1]. Is one perceptron enough?",
    ),
    Try(
        "隠れ層が 1 個では決して解けないのはなぜだろうか。",
        "Why can a network with a single hidden neuron never get all four points right?",
    ),
    Part(paragraphs=0, skipped=1),
)
