"""Backpropagation by hand: the formulas of document 001 for the layers of a network, in NumPy, beside the engine.

A layer's δ is made of the δ of the next one, so what has been found is used again. The formulas are here as the slides
have them, with nothing of this library, and give the engine's gradients to the last digits. (Document 002's classes for
one node and for a perceptron are in the lessons `chain_rule` and `batch`.)
"""

import itertools
from pathlib import Path
from typing import Any, Literal

import numpy as np

import nn
from demos import Part, Try
from demos._pictures import drawing, matrix, minus, show

TEACHES = {
    "ja": "誤差逆伝播法を手で書く：層の公式を NumPy で書き、自動微分と 12 桁まで比べる",
    "en": "Backpropagation by hand: the formulas of the layers in NumPy, equal to the engine to 12 digits",
}
SOURCE = "データマイニングと機械学習 ニューラルネットワーク p. 55-64 (document 001)"

Array = Any  # of float64


# --- The formulas of the layers -------------------------------------------------------------------


def phi(u: Array) -> Array:
    """The activation: a sigmoid."""
    return 1 / (1 + np.exp(-u))


def phi_slope(u: Array) -> Array:
    return phi(u) * (1 - phi(u))


def forward(weights: list[Array], x: Array) -> tuple[list[Array], list[Array]]:
    """u⁽ᵗ⁾ = W⁽ᵗ⁾z⁽ᵗ⁻¹⁾ and z⁽ᵗ⁾ = φ(u⁽ᵗ⁾) of every layer; z⁽ᵗ⁻¹⁾ with a 1 in front, for w₀."""
    us, zs = [], [np.concatenate([[1.0], x])]
    for W in weights:
        us.append(W @ zs[-1])
        zs.append(np.concatenate([[1.0], phi(us[-1])]))
    return us, zs


def backward(weights: list[Array], us: list[Array], zs: list[Array], y: Array) -> list[Array]:
    """∂L/∂W⁽ᵗ⁾ of every layer, from the last to the first, for L = ½ Σ (y − z)²."""
    delta = (zs[-1][1:] - y) * phi_slope(us[-1])  # error at the output × slope of the activation
    gradients = [np.outer(delta, zs[-2])]
    for t in reversed(range(len(weights) - 1)):
        delta = (weights[t + 1][:, 1:].T @ delta) * phi_slope(us[t])  # what layer t + 1 has found is used again
        gradients.insert(0, np.outer(delta, zs[t]))
    return gradients


# --- The same by the engine: only the forward part is written -----------------------------------------------------


def compare_layers(seed: int = 0) -> tuple[list[Array], float, float]:
    """A 2-3-3-2 network of sigmoids: ∂L/∂W by document 001's formulas, the loss, and how far the engine's are."""
    model = nn.MLP(2, [3, 3, 2], activation="sigmoid", output="sigmoid", initialization="normal", seed=seed)
    neurons: list[list[Any]] = [layer.neurons for layer in model.layers]
    for neuron in itertools.chain(*neurons):
        neuron.b.data = 0.1  # so that they are not all 0
    x, y = [0.5, -1.0], [1.0, 0.0]
    weights = [np.array([[n.b.data, *(w.data for w in n.w)] for n in layer]) for layer in neurons]
    us, zs = forward(weights, np.array(x))
    by_hand = backward(weights, us, zs, np.array(y))
    loss = nn.half_squared_error(model(x), y)
    loss.backward()
    by_engine = [np.array([[n.b.grad, *(w.grad for w in n.w)] for n in layer]) for layer in neurons]
    apart = max(difference(a, b) for a, b in zip(by_hand, by_engine, strict=True))
    return by_hand, loss.data, apart


def difference(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - np.asarray(b))))


def numbers(seed: int = 0) -> dict[str, float]:
    """The loss, the sizes of the gradients, and the largest difference from the engine."""
    gradients, loss, apart = compare_layers(seed)
    sizes = {f"layers: size of ∂L/∂W⁽{'¹²³'[i]}⁾": size(gradient) for i, gradient in enumerate(gradients)}
    return {"layers: loss": loss, **sizes, "layers: difference": apart}


def size(gradient: Array) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(gradient**2)))


_STORY = {
    "ja": """\
層の公式（2-3-3-2、シグモイド、L = ½ Σ (y − z)²）
  出力層: ∂L/∂w = (z − y) φ′(u) × 前の層の z      中間層: (Σ 次の層の δ × w) φ′(u) × 前の層の z
{layers}
  p. 62–63 の添字 wᵢₖ と zⱼ⁽ᵗ⁾ は、p. 57 の記法では wₖᵢ と zⱼ⁽ᵗ⁻¹⁾（誤記と思われる）
  エンジンとの差の最大: {apart:.1e}
""",
    "en": """\
The formulas of the layers (2-3-3-2, sigmoid, L = ½ Σ (y − z)²)
  output layer: ∂L/∂w = (z − y) φ′(u) × z before      hidden: (Σ δ of the next layer × w) φ′(u) × z before
{layers}
  What slides 62–63 write wᵢₖ and zⱼ⁽ᵗ⁾ is wₖᵢ and zⱼ⁽ᵗ⁻¹⁾ in the letters of slide 57 (slips, it seems)
  The largest difference from the engine: {apart:.1e}
""",
}
_WORDS = {
    "ja": {
        "layer": "  第 {} 層  ∂L/∂W の大きさ（二乗平均平方根）{:.6f}",
        "layer of": "第 {} 層の勾配",
        "neuron": "ニューロン",
        "parameter": "パラメータ",
    },
    "en": {
        "layer": "  layer {}  size of ∂L/∂W (root mean square) {:.6f}",
        "layer of": "Gradients of layer {}",
        "neuron": "neuron",
        "parameter": "parameter",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    gradients, _, apart = compare_layers(seed)
    layer = _WORDS[language]["layer"]
    layers = "\n".join(layer.format(i + 1, size(gradient)) for i, gradient in enumerate(gradients))
    return _STORY[language].format(layers=layers, apart=apart)


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson; draw the gradients of the layers."""
    print(story(language, seed))
    draw_gradients(output / "backprop.png", language, seed)
    show(language, output / "backprop.png")


def draw_gradients(file: Path, language: str, seed: int = 0) -> None:
    """A table for each layer."""
    words = _WORDS[language]
    gradients, _, _ = compare_layers(seed)
    with drawing(file, width=11, height=4.8) as figure:
        for i, (ax, gradient) in enumerate(zip(figure.subplots(1, 3), gradients, strict=True)):
            of, parameters = [str(row + 1) for row in range(len(gradient))], ["b", "w₁", "w₂", "w₃"]
            names, look = (of, parameters[: gradient.shape[1]]), {"fontsize": 9, "location": "bottom"}
            matrix(ax, gradient, *names, "∂L/∂W", lambda number: minus(f"{number:.2g}"), **look)
            ax.set(xlabel=words["parameter"], ylabel=words["neuron"], title=words["layer of"].format(i + 1))


NOTEBOOK = (
    Part("phi phi_slope forward backward compare_layers", "picture(draw_gradients, language)"),
    Try(
        "シグモイドを tanh に替えると、`phi_slope` はどうなるだろうか。勾配は手前の層まで大きいままだろうか。",
        "With tanh for the sigmoid, what is `phi_slope`? Do the gradients of the first layer stay as large?",
    ),
)
