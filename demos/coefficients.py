"""Adjusting the coefficients of a network: one at a time, or all by one backward pass.

Freeze all coefficients but one, try a larger and a smaller value of it, keep the better: two forward passes for each
coefficient. The derivative of the loss says the same of all of them at once, for one forward and one backward pass,
however many there are: that is backpropagation.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

import nn
from autograd import Value, no_grad, relu, topological_order
from autograd import abs as absolute
from demos import Part, Try
from demos._pictures import BLUE, RED, drawing, show

TEACHES = {
    "ja": "係数をひとつずつ試すか、一度の逆伝播か：順伝播の回数を数える",
    "en": "One coefficient at a time, or one backward pass: counting the forward passes",
}
SOURCE = "PythonとKerasによるディープラーニング 2.4 勾配ベースの最適化 手順4 (document 004)"

STEP = 0.05  # by which the document changes a coefficient
WEIGHTS, BIAS = (0.30, 0.10), 0.05  # the first is the document's coefficient
TRIED = (WEIGHTS[0], WEIGHTS[0] + STEP, WEIGHTS[0] - STEP)
INPUT, TARGET = (2.0, 1.0), 0.25
XOR = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
WIDTH, BUDGET = 8, 1000  # of the network in the race; passes through it


def small_loss(coefficients: Sequence[Any]) -> Any:
    """|Output − target| of Output = relu(dot(w, input) + b): what the document's numbers are of."""
    w1, w2, b = coefficients
    return absolute(relu(w1 * INPUT[0] + w2 * INPUT[1] + b) - TARGET)


# --- One coefficient at a time --------------------------------------------------------------------------------


class Counted:
    """A loss that counts how often it is computed."""

    def __init__(self, loss: Callable[[Sequence[Any]], Any]) -> None:
        self.loss, self.passes = loss, 0

    def __call__(self, coefficients: Sequence[Any]) -> Any:
        self.passes += 1
        return self.loss(coefficients)


def one_at_a_time(loss: Counted, coefficients: list[float]) -> list[float]:
    """A round of the document's inefficient way: every coefficient goes where of three values the loss is least."""
    best = loss(coefficients)
    for i in range(len(coefficients)):
        here = coefficients[i]
        for tried in (here + STEP, here - STEP):
            found = loss([*coefficients[:i], tried, *coefficients[i + 1 :]])
            if found < best:
                best, here = found, tried
        coefficients = [*coefficients[:i], here, *coefficients[i + 1 :]]
    return coefficients


def slopes_one_at_a_time(loss: Counted, coefficients: list[float]) -> list[float]:
    """The slope of the loss along each coefficient, from two forward passes for each."""
    slopes = []
    for i, here in enumerate(coefficients):
        above, below = (loss([*coefficients[:i], here + h, *coefficients[i + 1 :]]) for h in (STEP, -STEP))
        slopes.append((above - below) / (2 * STEP))
    return slopes


# --- All at once ----------------------------------------------------------------------------------------------


def slopes_by_backward(loss: Counted, coefficients: list[float]) -> list[float]:
    """The same slopes, of all coefficients: one forward pass, one backward."""
    values = [Value(number) for number in coefficients]
    loss(values).backward()
    return [value.grad for value in values]


# --- A race ---------------------------------------------------------------------------------------------------


class Network:
    """A network that learns XOR, its loss on the four samples as a function of the coefficients."""

    def __init__(self, width: int, seed: int) -> None:
        self.model = nn.MLP(2, [width, 1], activation="tanh", initialization="glorot", seed=seed)
        self.start = [float(p.data) for p in self.model.parameters()]

    def forward(self) -> Value:
        """The mean loss of the batch: one forward pass."""
        X, y = XOR
        losses = [nn.binary_cross_entropy(self.model(x), t) for x, t in zip(X, y, strict=True)]
        return sum(losses, Value(0.0)) / len(losses)

    def loss(self, coefficients: Sequence[float]) -> float:
        self._set(coefficients)
        with no_grad():
            return self.forward().data

    def slopes(self, coefficients: Sequence[float]) -> tuple[float, list[float]]:
        self._set(coefficients)
        self.model.zero_grad()
        loss = self.forward()
        loss.backward()
        return loss.data, [p.grad for p in self.model.parameters()]

    def _set(self, coefficients: Sequence[float]) -> None:
        for p, number in zip(self.model.parameters(), coefficients, strict=True):
            p.data = number


Curve = list[tuple[int, float]]
"""(passes made, loss) along a training."""


@functools.cache
def race(seed: int, rate: float = 0.5) -> tuple[Curve, Curve]:
    """Both ways from the same start with the same number of passes, a backward pass counted like a forward one."""
    network = Network(WIDTH, seed)
    counted, coefficients = Counted(network.loss), network.start
    trying: Curve = [(0, network.loss(coefficients))]
    while counted.passes + 2 * len(coefficients) < BUDGET:
        coefficients = one_at_a_time(counted, coefficients)
        trying.append((counted.passes, network.loss(coefficients)))
    descending, coefficients = [], network.start
    for step in range(BUDGET // 2):
        loss, slopes = network.slopes(coefficients)
        descending.append((2 * step, loss))
        coefficients = [c - rate * slope for c, slope in zip(coefficients, slopes, strict=True)]
    return trying, descending


@functools.cache
def passes_needed(width: int, seed: int) -> tuple[int, int, int]:
    """Number of coefficients, forward passes for all slopes one at a time, nodes of the graph of one forward pass."""
    network = Network(width, seed)
    counted = Counted(network.loss)
    slopes_one_at_a_time(counted, network.start)
    return len(network.start), counted.passes, len(topological_order(network.forward()))


def numbers(seed: int = 0) -> dict[str, float]:
    """The document's losses, the slopes in both ways, and the passes they took."""
    start = [*WEIGHTS, BIAS]
    tried = {w: small_loss([w, *start[1:]]) for w in TRIED}
    slow, fast = Counted(small_loss), Counted(small_loss)
    by_trying, by_backward = slopes_one_at_a_time(slow, start), slopes_by_backward(fast, start)
    trying, descending = race(seed)
    return {
        **{f"loss at {w:.2f}": loss for w, loss in tried.items()},
        **{f"slope {i + 1} by trying": slope for i, slope in enumerate(by_trying)},
        **{f"slope {i + 1} by backward": slope for i, slope in enumerate(by_backward)},
        "forward passes by trying": slow.passes,
        "forward passes by backward": fast.passes,
        "race: coefficients": len(Network(WIDTH, seed).start),
        "race: loss at the start": trying[0][1],
        "race: loss by trying": trying[-1][1],
        "race: loss by backward": descending[-1][1],
    }


_STORY = {
    "ja": """\
Output = relu(dot(w, input) + b)、損失 = |Output − 目的値|

1. 効率の悪い方法：ひとつの係数だけを動かして、順伝播をやり直す
{tried}
  {step:g} 減らすと損失が減った。傾きは ({above:.1f} − {below:.1f}) / {gap:g} = {slope:.4g}

2. 効率のよい方法：一度の逆伝播で、すべての係数の傾き
  係数         ひとつずつ     逆伝播
{slopes}
  順伝播の回数: ひとつずつ {slow} 回、逆伝播 {fast} 回（＋逆伝播 1 回）

3. 係数が増えると（XOR を学ぶ 2-k-1 のネットワーク）
  係数の数      ひとつずつ（順伝播）     勾配法（順伝播 ＋ 逆伝播）    計算グラフのノード
{growth}

4. 同じ {budget} 回分の計算で、損失はどこまで減るか（2-{width}-1、係数 {n} 個）
  ひとつずつ ±{step:g}: {start:.4f} → {trying:.4f}
  勾配法:           {start:.4f} → {descending:.4f}
""",
    "en": """\
Output = relu(dot(w, input) + b), loss = |Output − target|

1. The inefficient way: change one coefficient and do the forward pass again
{tried}
  Less by {step:g} lowers the loss. The slope is ({above:.1f} − {below:.1f}) / {gap:g} = {slope:.4g}

2. The efficient way: the slopes of all coefficients by one backward pass
  coefficient  one at a time  backward
{slopes}
  Forward passes: {slow} one at a time, {fast} (and a backward pass) all at once

3. With more coefficients (a 2-k-1 network that learns XOR)
  coefficients  one at a time (forward)  descent (forward + backward)  nodes of the graph
{growth}

4. How low is the loss after the work of {budget} passes? (2-{width}-1, {n} coefficients)
  one at a time, ±{step:g}: {start:.4f} → {trying:.4f}
  gradient descent:     {start:.4f} → {descending:.4f}
""",
}
_WORDS = {
    "ja": {
        "tried": "  係数 = {:.2f}  損失値 = {:.1f}",
        "trying": "ひとつずつ",
        "backward": "勾配法（逆伝播）",
        "count": "係数の数",
        "passes": "傾きを求める計算（順伝播と逆伝播の回数）",
        "growth": "すべての傾きを求めるには",
        "work": "計算（順伝播と逆伝播の回数）",
        "loss": "損失",
        "race": "XOR を学ぶ（係数 {} 個）",
    },
    "en": {
        "tried": "  coefficient = {:.2f}  loss = {:.1f}",
        "trying": "one at a time",
        "backward": "gradient descent",
        "count": "coefficients",
        "passes": "passes (forward and backward)",
        "growth": "What all slopes cost",
        "work": "passes (forward and backward)",
        "loss": "loss",
        "race": "Learning XOR ({} coefficients)",
    },
}
_WIDTHS = (1, 4, 12, 32)


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    found, words = numbers(seed), _WORDS[language]
    names = ("w₁", "w₂", "b")
    pairs = [(found[f"slope {i} by trying"], found[f"slope {i} by backward"]) for i in (1, 2, 3)]
    return _STORY[language].format(
        tried="\n".join(words["tried"].format(w, found[f"loss at {w:.2f}"]) for w in TRIED),
        step=STEP,
        above=found[f"loss at {TRIED[1]:.2f}"],
        below=found[f"loss at {TRIED[2]:.2f}"],
        gap=2 * STEP,
        slope=found["slope 1 by trying"],
        slopes="\n".join(f"  {name:<12} {a:<14.6g} {b:.6g}" for name, (a, b) in zip(names, pairs, strict=True)),
        slow=found["forward passes by trying"],
        fast=found["forward passes by backward"],
        growth="\n".join(_growth(width, seed) for width in _WIDTHS),
        budget=BUDGET,
        width=WIDTH,
        n=found["race: coefficients"],
        start=found["race: loss at the start"],
        trying=found["race: loss by trying"],
        descending=found["race: loss by backward"],
    )


def _growth(width: int, seed: int) -> str:
    coefficients, passes, nodes = passes_needed(width, seed)
    return f"  {coefficients:<13} {passes:<24} {'1 + 1':<29} {nodes:,}"


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw what the slopes cost, and the race."""
    print(story(language, seed))
    draw_race(output / "coefficients.png", language, seed)
    show(language, output / "coefficients.png")


def draw_race(file: Path, language: str, seed: int = 0) -> None:
    words = _WORDS[language]
    counts = np.array([passes_needed(width, seed)[:2] for width in _WIDTHS])
    trying, descending = (np.array(curve).T for curve in race(seed))
    with drawing(file, width=11) as figure:
        left, right = figure.subplots(1, 2)
        left.loglog(counts[:, 0], counts[:, 1], "s--", color=RED, label=words["trying"])
        left.loglog(counts[:, 0], np.full(len(counts), 2), "o-", color=BLUE, label=words["backward"])
        left.set(xlabel=words["count"], ylabel=words["passes"], title=words["growth"])
        left.legend()
        right.semilogy(*trying, "--", color=RED, label=words["trying"])
        right.semilogy(*descending, color=BLUE, label=words["backward"])
        right.set(
            xlabel=words["work"], ylabel=words["loss"], title=words["race"].format(len(Network(WIDTH, seed).start))
        )
        right.legend()


NOTEBOOK = (
    Part(),
    Part("INPUT TARGET WEIGHTS BIAS STEP TRIED small_loss", "{w: small_loss([w, *WEIGHTS[1:], BIAS]) for w in TRIED}"),
    Part(
        "Counted slopes_one_at_a_time slopes_by_backward",
        "start = [*WEIGHTS, BIAS]\nfor way in (slopes_one_at_a_time, slopes_by_backward):\n"
        "    counted = Counted(small_loss)\n    print(way(counted, start), counted.passes)",
    ),
    Part("XOR Network passes_needed", "[passes_needed(width, 0) for width in (1, 4, 12)]"),
    Part("WIDTH BUDGET one_at_a_time race", "[curve[-1] for curve in race(0)]"),
    Part(show="picture(draw_race, language)", paragraphs=0),
    Try(
        "係数が 1,000 個なら、ひとつずつの方法では 1 回の更新に順伝播が何回要るだろうか。",
        "With 1,000 coefficients, how many forward passes does one update take, one coefficient at a time?",
    ),
    Try(
        "`STEP` を 0.01、0.2 にすると、ひとつずつの方法の競争はどうなるだろうか。",
        "With `STEP` 0.01 and 0.2, how does the way of one at a time do in the race?",
    ),
)
