"""From the perceptron to the network: x → Σ → step, then layers of such neurons, computed layer by layer.

A perceptron weighs its inputs, adds them up and asks whether the sum is above 0. A network has many of them side by
side, a layer, and layers one behind the other: each layer is a matrix, a vector and an activation. Here the numbers of
every layer stand as the slides compute them, beside those that the engine finds.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

import nn
from autograd import Picture, Value, draw, step, topological_order
from demos import Part, Try
from demos._pictures import minus, show, show_page

TEACHES = {
    "ja": "パーセプトロンから多層へ：x → Σ → step の図と、層ごとの順伝播を行列の数で",
    "en": "From the perceptron to the network: x → Σ → step as a diagram, and the forward pass in matrices",
}
SOURCE = "データマイニングと機械学習 ニューラルネットワーク p. 16, 29-33, 37-42 (document 001)"

PERCEPTRON = (1.0, 1.0, -1.5)  # w₁, w₂ and w₀: says 1 where both inputs are 1
QUESTIONS = ((0, 0), (0, 1), (1, 0), (1, 1))
W1 = ((1.0, -1.0), (0.5, 1.0), (-1.0, 0.5))
B1 = (0.0, -1.0, 0.5)
W2 = ((1.0, 1.0, -2.0),)
B2 = (0.5,)
X = (1.0, 2.0)

Array = Any  # of float64


def perceptron() -> nn.Perceptron:
    """Step of w₁x₁ + w₂x₂ + w₀: 1 or −1."""
    model = nn.Perceptron(2, initialization="zeros")
    for parameter, number in zip(model.parameters(), PERCEPTRON, strict=True):
        parameter.data = number
    return model


# --- A layer is a matrix, a vector and an activation ------------------------------------------------------------


def relu(u: Array) -> Array:
    return np.maximum(0, u)


def sigmoid(u: Array) -> Array:
    return 1 / (1 + np.exp(-u))


class Pass(NamedTuple):
    """A layer in the forward pass: z = φ(u), u = Wx + b."""

    W: Array
    b: Array
    x: Array
    u: Array
    z: Array


def forward(x: Sequence[float]) -> list[Pass]:
    """The slides' forward pass in NumPy: 2 inputs, 3 hidden neurons, 1 output."""
    passes = []
    before = np.array(x)
    for W, b, phi in ((W1, B1, relu), (W2, B2, sigmoid)):
        u = np.array(W) @ before + b
        passes.append(Pass(np.array(W), np.array(b), before, u, phi(u)))
        before = passes[-1].z
    return passes


def network(activation: str = "relu", output: str = "sigmoid") -> nn.MLP:
    """The same network, of the engine's neurons."""
    model = nn.MLP(2, [3, 1], activation, output, initialization="zeros")
    for layer, W, b in zip(model.layers, (W1, W2), (B1, B2), strict=True):
        for neuron, row, bias in zip(layer.neurons, W, b, strict=True):
            for parameter, number in zip(neuron.parameters(), (*row, bias), strict=True):
                parameter.data = number
    return model


def by_engine(x: Sequence[float], model: nn.MLP | None = None) -> list[list[float]]:
    """What each layer of the network gives."""
    outputs, before = [], list(x)
    for layer in (model or network()).layers:
        before = [value.data for value in layer.outputs(before)]
        outputs.append(before)
    return outputs


def merged() -> tuple[Array, Array]:
    """Two layers without activations are one: W = W⁽²⁾W⁽¹⁾ and b = W⁽²⁾b⁽¹⁾ + b⁽²⁾."""
    return np.array(W2) @ W1, np.array(W2) @ B1 + B2


def bend(activation: str) -> float:
    """By how much the network is off a straight line at 0: f(x) + f(−x) − 2 f(0), which is 0 of whatever is linear."""
    model = network(activation, "identity")
    ahead, back, here = (by_engine([k * x for x in X], model)[-1][0] for k in (1, -1, 0))
    return ahead + back - 2 * here


def numbers() -> dict[str, float]:
    """The perceptron's answers, every number of the forward pass, and how straight a linear network is."""
    answers = {f"perceptron{question}": perceptron()(question).data for question in QUESTIONS}
    hidden, output = forward(X)
    engine = by_engine(X)
    found = {f"u{i}": u for i, u in enumerate(hidden.u.tolist(), start=1)}
    found |= {f"z{i}": z for i, z in enumerate(hidden.z.tolist(), start=1)}
    apart = np.abs(np.concatenate([hidden.z, output.z]) - np.concatenate(engine)).max()
    bends = {f"bend, {name}": bend(name) for name in ("identity", "relu")}
    return {**answers, **found, "u": output.u[0], "y": output.z[0], "difference": float(apart), **bends}


_STORY = {
    "ja": """\
1. パーセプトロン：x → Σ → step
  u = w₁x₁ + w₂x₂ + w₀,  y = step(u) は u > 0 なら 1、そうでなければ −1（p. 32 では 0）
{answers}
  w₀ は、いつも 1 の入力にかかる重み（バイアス b）。

2. 多層パーセプトロンの順伝播：入力層から出力層へ、層ごとに u = Wz + b, z = φ(u)
  第 1 層（隠れ層）、φ = ReLU
{hidden}
  z⁽¹⁾ = φ(u⁽¹⁾) = {z}     エンジン: {z_engine}
  第 2 層（出力層）、φ = シグモイド
{output}
  y = φ(u⁽²⁾) = {y}     エンジン: {y_engine}
  y は確率：½ より大きいので、クラス 1 に分類する。

3. 活性化関数がなければ、何層あっても直線
  恒等関数なら 2 層は 1 層にまとまる: W⁽²⁾W⁽¹⁾ = {W},  W⁽²⁾b⁽¹⁾ + b⁽²⁾ = {b}
  f(x) + f(−x) − 2f(0) は、恒等関数では {straight:g}、ReLU では {bent:g}：曲がるのは活性化関数のおかげ。
""",
    "en": """\
1. The perceptron: x → Σ → step
  u = w₁x₁ + w₂x₂ + w₀,  y = step(u) is 1 where u > 0, and −1 elsewhere (on slide 32: 0)
{answers}
  w₀ is the weight of an input that is always 1 (the bias b).

2. The forward pass of a network: from the inputs to the output, for each layer u = Wz + b, z = φ(u)
  Layer 1 (hidden), φ = ReLU
{hidden}
  z⁽¹⁾ = φ(u⁽¹⁾) = {z}     the engine: {z_engine}
  Layer 2 (output), φ = sigmoid
{output}
  y = φ(u⁽²⁾) = {y}     the engine: {y_engine}
  y is a probability: above ½, so the class is 1.

3. Without activations any number of layers is a line
  With the identity two layers are one: W⁽²⁾W⁽¹⁾ = {W},  W⁽²⁾b⁽¹⁾ + b⁽²⁾ = {b}
  f(x) + f(−x) − 2f(0) is {straight:g} with the identity, {bent:g} with ReLU: what bends is the activation.
""",
}
_TITLES = {
    "ja": ("パーセプトロン x → Σ → step, u = x₁ + x₂ − 1.5", "多層パーセプトロン：2 入力、隠れ層 3、出力 1"),
    "en": ("The perceptron x → Σ → step, u = x₁ + x₂ − 1.5", "A network: 2 inputs, 3 hidden neurons, 1 output"),
}
_OUTER, _ONLY = ("⎡⎢⎣", "⎤⎥⎦"), "[]"


def story(language: str) -> str:
    """The lesson as text."""
    hidden, output = forward(X)
    z_engine, y_engine = by_engine(X)
    W, b = merged()
    return _STORY[language].format(
        answers="\n".join(_answer(question) for question in QUESTIONS),
        hidden=_equation("u⁽¹⁾", hidden),
        z=_vector(hidden.z),
        z_engine=_vector(z_engine),
        output=_equation("u⁽²⁾", output),
        y=f"{output.z[0]:.6f}",
        y_engine=f"{y_engine[0]:.6f}",
        W=_vector(W),
        b=_vector(b),
        straight=bend("identity"),
        bent=bend("relu"),
    )


def _answer(question: tuple[int, int]) -> str:
    model = perceptron()
    weighted, answer = model.weighted_sum(question).data, model(question).data
    return minus(f"  x = {question}:  u = {weighted:+g} → y = {answer:+g}")


def _vector(numbers: Any) -> str:
    return f"({', '.join(minus(f'{number:g}') for number in np.ravel(numbers))})"


def _equation(name: str, layer: Pass) -> str:
    """u = Wz + b = … in matrices, over several lines."""
    columns = [layer.W, layer.x[:, None], layer.b[:, None], layer.u[:, None]]
    W, x, b, u = (bracketed(each) for each in columns)
    return "\n".join(f"  {line}" for line in beside([f"{name} ="], W, x, ["+"], b, ["="], u))


def bracketed(matrix: Array) -> list[str]:
    """A matrix as lines of text, in brackets that are as high as it is."""
    cells = [[minus(f"{number:g}") for number in row] for row in matrix.tolist()]
    wide = max(len(cell) for row in cells for cell in row)
    rows = ["  ".join(f"{cell:>{wide}}" for cell in row) for row in cells]
    if len(rows) == 1:
        return [f"[{rows[0]}]"]
    left, right = (top + middle * (len(rows) - 2) + bottom for top, middle, bottom in _OUTER)
    return [f"{a}{row}{b}" for a, row, b in zip(left, rows, right, strict=True)]


def beside(*blocks: list[str]) -> list[str]:
    """Blocks of text side by side, each in the middle of the height."""
    high = max(map(len, blocks))
    lines = [""] * high
    for block in blocks:
        above, wide = (high - len(block)) // 2, max(map(len, block))
        padded = [""] * above + block + [""] * (high - above - len(block))
        lines = [f"{line}{part:<{wide}} " for line, part in zip(lines, padded, strict=True)]
    return [line.rstrip() for line in lines]


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson, then draw the perceptron, its weights, and the network, which has a page."""
    print(story(language))
    output.mkdir(parents=True, exist_ok=True)
    files = [draw_perceptron(language).save(output / f"network-perceptron.{suffix}") for suffix in ("svg", "png")]
    drawn = draw_layers(language)
    files += [drawn.save(output / f"network-layers.{suffix}") for suffix in ("svg", "png")]
    show(language, *files)
    show_page(language, drawn.save(output / "network-layers.html"))


def draw_perceptron(language: Literal["ja", "en"]) -> Picture:
    """The graph of a perceptron, with its weighted sum and its step as one box each."""
    x = [Value(1.0, "x₁"), Value(0.0, "x₂")]
    y = perceptron()(x)
    weighted = next(node for node in topological_order(y) if node.op is step).inputs[0]
    weighted.label, y.label = "u", "y"
    boxes = {"Σ": [weighted], "step": [y]}
    return draw(y, title=_TITLES[language][0], language=language, group=boxes, collapse=list(boxes))


def draw_layers(language: Literal["ja", "en"]) -> Picture:
    """The network as circles and lines, with the numbers of the forward pass."""
    return draw(network(), X, title=_TITLES[language][1], language=language)


NOTEBOOK = (
    Part("PERCEPTRON QUESTIONS perceptron", "{question: perceptron()(question).data for question in QUESTIONS}"),
    Part(show="draw_perceptron(language)", paragraphs=0),
    Part("W1 B1 W2 B2 X relu sigmoid Pass forward network by_engine", "forward(X)[-1].z, by_engine(X)"),
    Part(show="draw_layers(language)", paragraphs=0),
    Part("merged bend", 'bend("identity"), bend("relu")'),
    Try(
        "`PERCEPTRON` の w₀ をいくつにすれば、パーセプトロンは「どちらかが 1 なら 1」と答えるだろうか。",
        "With which w₀ in `PERCEPTRON` does the perceptron say 1 where either input is 1?",
    ),
    Try(
        "入力 `X` をどう変えると、隠れ層の z がすべて 0 になるだろうか。そのとき出力は何で決まるだろうか。",
        "For which inputs `X` are all z of the hidden layer 0? What does the output depend on then?",
    ),
)
