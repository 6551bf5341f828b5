"""Backpropagation by hand: the slides' classes and formulas in NumPy, beside the engine that needs neither.

Document 002 gives each part of a computation a class with `forward` and `backward`: what comes back from the output
is multiplied by the part's own derivative and passed on. Document 001 writes the same for the layers of a network.
Both are here as the slides have them, with nothing of this library, and give the engine's gradients to the last digits.
"""

import itertools
from pathlib import Path
from typing import Any, Literal

import numpy as np

import nn
from autograd import Value, draw, tanh
from demos._pictures import BLUE, RED, drawing, matrix, minus, show

TEACHES = {
    "ja": "誤差逆伝播法を手で書く：講義のクラスと層の公式を NumPy で書き、自動微分と 12 桁まで比べる",
    "en": "Backpropagation by hand: the lectures' classes and layer formulas in NumPy, equal to the engine",
}
SOURCE = (
    "情報システム実験実習II 第2回 計算グラフ, 単純パーセプトロン (document 002); "
    "データマイニングと機械学習 ニューラルネットワーク p. 55-64 (document 001)"
)

LR = 0.01
MAX_ITERATION = 50

Array = Any  # of float64


# --- Document 002: parts with forward and backward --------------------------------------------------------------


class Function:
    """h = tanh(ax): one node of a chain, with its own parameter a."""

    def __init__(self, a: float, lr: float) -> None:
        self.a = a
        self.lr = lr

    def forward(self, x: float) -> float:
        self.x = x
        self.h = np.tanh(self.a * x)
        return self.h

    def backward(self, g: float) -> float:
        slope = 1 - self.h**2
        self.g_a = g * slope * self.x
        g_x = g * slope * self.a  # before the update: the derivative of the computation that was made
        self.a = self.a - self.lr * self.g_a
        return g_x


class Perceptron:
    """y = xw + b for k samples at once: x is (k, n), w is (n, 1), y is (k, 1)."""

    def __init__(self, w: Array, b: Array, lr: float) -> None:
        self.w = w
        self.b = b
        self.lr = lr

    def forward(self, x: Array) -> Array:
        self.x = x
        return x @ self.w + self.b

    def backward(self, g: Array) -> Array:
        self.g_w = self.x.T @ g  # the sum over the samples
        self.g_b = np.sum(g, axis=0)
        g_x = g @ self.w.T
        self.w = self.w - self.lr * self.g_w
        self.b = self.b - self.lr * self.g_b
        return g_x


class MeanSquaredError:
    """E = (1/N) Σ (y − t)²; backward gives ∂Eᵢ/∂y of each sample: neither sum nor mean."""

    def forward(self, y: Array, t: Array) -> float:
        self.diff = y - t
        self.loss = np.mean(self.diff**2)
        return self.loss

    def backward(self) -> Array:
        return 2 * self.diff


# --- Document 001: the formulas of the layers -------------------------------------------------------------------


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


class ByEngine:
    """The perceptron and its loss once more, from Values; it learns from one call of backward."""

    def __init__(self, w: Array, b: Array, lr: float) -> None:
        self.w, self.b, self.lr = [Value(float(number)) for number in w[:, 0]], Value(float(b[0])), lr
        self.gradients: list[float] = []

    @property
    def parameters(self) -> list[Value]:
        return [*self.w, self.b]

    def learn(self, x: Array, t: Array) -> float:
        """One step against the gradient of Σ Eᵢ; gives the mean of the Eᵢ before it."""
        errors = [(self.output(row) - target) ** 2 for row, target in zip(x.tolist(), t[:, 0].tolist(), strict=True)]
        total = sum(errors, Value(0.0))
        for parameter in self.parameters:
            parameter.grad = 0
        total.backward()
        self.gradients = [parameter.grad for parameter in self.parameters]
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.data -= self.lr * gradient
        return total.data / len(errors)

    def output(self, x: list[float]) -> Value:
        return sum([xᵢ * wᵢ for xᵢ, wᵢ in zip(x, self.w, strict=True)], self.b)


def compare_chain() -> dict[str, float]:
    """Three Functions in a row, y = tanh(c tanh(b tanh(ax))), and what the engine says of a, b, c and x."""
    start, x = (0.7, -1.3, 0.4), 0.9
    chain = [Function(a, LR) for a in start]
    y = x
    for part in chain:
        y = part.forward(y)
    g = 1.0
    for part in reversed(chain):
        g = part.backward(g)
    values, node = [Value(a) for a in start], Value(x)
    output = node
    for a in values:
        output = tanh(a * output)
    output.backward()
    by_hand, by_engine = [y, g, *(part.g_a for part in chain)], [output.data, node.grad, *(a.grad for a in values)]
    return {"chain: y": float(y), "chain: ∂y/∂x": float(g), "chain: difference": difference(by_hand, by_engine)}


def samples(seed: int) -> tuple[Array, Array]:
    """x of shape (8, 3) and t of shape (8, 1)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((8, 3))
    return x, x @ [[1.0], [-2.0], [0.5]] + 0.3 + 0.1 * rng.standard_normal((8, 1))


def compare_training(seed: int = 0) -> tuple[list[float], list[float], float]:
    """The losses of document 002's loop and of the engine, and the largest difference of a gradient or parameter."""
    x, t = samples(seed)
    rng = np.random.default_rng(seed + 1)
    start = rng.standard_normal((3, 1)), rng.standard_normal(1)
    perceptron, loss_function, twin = Perceptron(*start, LR), MeanSquaredError(), ByEngine(*start, LR)
    by_hand, by_engine, apart = [], [], 0.0
    for _ in range(MAX_ITERATION):
        y = perceptron.forward(x)
        by_hand.append(float(loss_function.forward(y, t)))
        g = loss_function.backward()
        perceptron.backward(g)
        by_engine.append(twin.learn(x, t))
        gradients = difference([*perceptron.g_w[:, 0], *perceptron.g_b], twin.gradients)
        parameters = difference([*perceptron.w[:, 0], *perceptron.b], [p.data for p in twin.parameters])
        apart = max(apart, gradients, parameters)
    return by_hand, by_engine, apart


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
    """What is computed by hand, and the largest differences from the engine."""
    by_hand, _, apart = compare_training(seed)
    _, loss, layers_apart = compare_layers(seed)
    return {
        **compare_chain(),
        "perceptron: first loss": by_hand[0],
        "perceptron: last loss": by_hand[-1],
        "perceptron: difference": apart,
        "layers: loss": loss,
        "layers: difference": layers_apart,
    }


_STORY = {
    "ja": """\
1. ノードひとつの forward と backward（Function を 3 つつなぐ）
  順伝播 y = {y:.10f}
  逆伝播 ∂y/∂x = {slope:.10f}   エンジンとの差（a, b, c の勾配も含む）: {chain:.1e}

2. 単純パーセプトロン y = xw + b と平均二乗誤差（バッチ 8 個、入力 3 個）
  回数   損失（手書き）      損失（エンジン）
{table}
  {steps} 回の更新を通して、勾配と重みの差の最大: {perceptron:.1e}

3. 層の公式（2-3-3-2、シグモイド、L = ½ Σ (y − z)²）
  出力層: ∂L/∂w = (z − y) φ′(u) × 前の層の z      中間層: (Σ 次の層の δ × w) φ′(u) × 前の層の z
{layers}
  p. 62–63 の添字 wᵢₖ と zⱼ⁽ᵗ⁾ は、p. 57 の記法では wₖᵢ と zⱼ⁽ᵗ⁻¹⁾（誤記と思われる）
  エンジンとの差の最大: {apart:.1e}
""",
    "en": """\
1. forward and backward of one node (three Functions in a row)
  forward  y = {y:.10f}
  backward ∂y/∂x = {slope:.10f}   difference from the engine (the gradients of a, b, c too): {chain:.1e}

2. The perceptron y = xw + b and the mean squared error (a batch of 8, 3 inputs)
  step   loss by hand        loss by engine
{table}
  The largest difference of a gradient or weight over {steps} steps: {perceptron:.1e}

3. The formulas of the layers (2-3-3-2, sigmoid, L = ½ Σ (y − z)²)
  output layer: ∂L/∂w = (z − y) φ′(u) × z before      hidden: (Σ δ of the next layer × w) φ′(u) × z before
{layers}
  What slides 62–63 write wᵢₖ and zⱼ⁽ᵗ⁾ is wₖᵢ and zⱼ⁽ᵗ⁻¹⁾ in the letters of slide 57 (slips, it seems)
  The largest difference from the engine: {apart:.1e}
""",
}
_WORDS = {
    "ja": {
        "layer": "  第 {} 層  ∂L/∂W の大きさ（二乗平均平方根）{:.6f}",
        "step": "更新回数",
        "loss": "損失 E",
        "hand": "手書き（NumPy）",
        "engine": "エンジン",
        "training": "同じ学習曲線",
        "layer of": "第 {} 層の勾配",
        "neuron": "ニューロン",
        "parameter": "パラメータ",
        "graph": "単純パーセプトロンと二乗誤差",
    },
    "en": {
        "layer": "  layer {}  size of ∂L/∂W (root mean square) {:.6f}",
        "step": "step",
        "loss": "loss E",
        "hand": "by hand (NumPy)",
        "engine": "the engine",
        "training": "The same learning curve",
        "layer of": "Gradients of layer {}",
        "neuron": "neuron",
        "parameter": "parameter",
        "graph": "A perceptron and its squared error",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    chain = compare_chain()
    by_hand, by_engine, apart = compare_training(seed)
    gradients, _, layers_apart = compare_layers(seed)
    layer = _WORDS[language]["layer"]
    return _STORY[language].format(
        y=chain["chain: y"],
        slope=chain["chain: ∂y/∂x"],
        chain=chain["chain: difference"],
        table="\n".join(f"  {i:<5} {by_hand[i]:<19.15g} {by_engine[i]:.15g}" for i in (0, 1, 2, 5, MAX_ITERATION - 1)),
        steps=MAX_ITERATION,
        perceptron=apart,
        layers="\n".join(layer.format(i + 1, np.sqrt(np.mean(g**2))) for i, g in enumerate(gradients)),
        apart=layers_apart,
    )


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson; draw the learning curves, the gradients of the layers, and the graph of a perceptron."""
    print(story(language, seed))
    _draw(output / "backprop.png", _WORDS[language], seed)
    error, parameters = perceptron_graph()
    graph = draw(error, title=_WORDS[language]["graph"], language=language, parameters=parameters)
    files = [graph.save(output / f"backprop-graph.{suffix}") for suffix in ("svg", "png")]
    show(language, output / "backprop.png", *files)


def perceptron_graph() -> tuple[Value, list[Value]]:
    """E = (x₁w₁ + x₂w₂ + b − t)² with its gradients, document 002's graph for one sample; and w₁, w₂, b."""
    x1, w1, x2, w2 = Value(1.0, "x₁"), Value(0.5, "w₁"), Value(2.0, "x₂"), Value(-1.0, "w₂")
    b, t = Value(0.3, "b"), Value(1.0, "t")
    error = (x1 * w1 + x2 * w2 + b - t) ** 2
    error.label = "E"
    error.backward()
    return error, [w1, w2, b]


def _draw(file: Path, words: dict[str, str], seed: int) -> None:
    by_hand, by_engine, _ = compare_training(seed)
    gradients, _, _ = compare_layers(seed)
    with drawing(file, width=14, height=4.8) as figure:
        left, *rest = figure.subplots(1, 4, width_ratios=[1.6, 1, 1, 1])
        left.semilogy(by_hand, color=BLUE, linewidth=5, alpha=0.35, label=words["hand"])
        left.semilogy(by_engine, "--", color=RED, linewidth=1.6, label=words["engine"])
        left.set(xlabel=words["step"], ylabel=words["loss"], title=words["training"])
        left.legend()
        for i, (ax, gradient) in enumerate(zip(rest, gradients, strict=True)):
            of, parameters = [str(row + 1) for row in range(len(gradient))], ["b", "w₁", "w₂", "w₃"]
            names, look = (of, parameters[: gradient.shape[1]]), {"fontsize": 9, "location": "bottom"}
            matrix(ax, gradient, *names, "∂L/∂W", lambda number: minus(f"{number:.2g}"), **look)
            ax.set(xlabel=words["parameter"], ylabel=words["neuron"], title=words["layer of"].format(i + 1))
