"""A batch at a time: the perceptron and its loss as classes on matrices, and the shapes that flow through the graph.

Document 002 computes k samples at once, y = xw + b with x of shape (k, n), w of (n, 1) and y of (k, 1). What flows back
has the shape of what flowed forward, and where one number served all samples (w, b) their gradients are added up. The
classes are the slides', with nothing of this library; the engine, which knows only single numbers, finds the same.
"""

from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd import Picture, Value, draw
from autograd.render.dot import labels as tables
from autograd.render.dot import looks
from demos import Part, Try
from demos._pictures import BLUE, RED, drawing, minus, show

TEACHES = {
    "ja": "バッチ対応の単純パーセプトロン：Perceptron と MeanSquaredError、計算グラフを流れる次元数",
    "en": "A perceptron for batches: the classes Perceptron and MeanSquaredError, and the shapes in their graph",
}
SOURCE = (
    "情報システム実験実習II 第2回 単純パーセプトロン, 計算グラフの実装イメージ, 平均二乗誤差関数と逆伝播(1)-(3), "
    "複数のデータに対応（バッチ対応）, バッチ対応版の計算グラフ, 単純パーセプトロンの計算グラフ全体 (document 002)"
)

Array = Any  # of float64

X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]])
T = np.array([[2.0], [2.0], [4.0]])
W = np.array([[2.0], [-1.0]])
B = np.array([1.0])
LR = 0.01
MAX_ITERATION = 50


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


# --- One small batch ----------------------------------------------------------------------------------------------


class Batch(NamedTuple):
    """What flows forward and, with g in front, what flows back."""

    xw: Array
    y: Array
    diff: Array
    squares: Array
    E: float
    g_y: Array
    g_w: Array
    g_b: Array
    g_x: Array


def by_hand(x: Array, w: Array, b: Array, t: Array) -> Batch:
    """One forward and one backward pass of the two classes."""
    perceptron, loss_function = Perceptron(w, b, LR), MeanSquaredError()
    y = perceptron.forward(x)
    loss = float(loss_function.forward(y, t))
    g = loss_function.backward()
    g_x = perceptron.backward(g)
    return Batch(x @ w, y, loss_function.diff, loss_function.diff**2, loss, g, perceptron.g_w, perceptron.g_b, g_x)


def by_engine(x: Array, w: Array, b: Array, t: Array) -> Batch:
    """The same from Values, one for each number: Σ Eᵢ, and one call of backward."""
    rows, weights = [[Value(n) for n in row] for row in x.tolist()], [Value(n) for n in w[:, 0].tolist()]
    bias = Value(float(b[0]))
    products = [sum([xi * wi for xi, wi in zip(row, weights, strict=True)], Value(0.0)) for row in rows]
    outputs = [product + bias for product in products]
    off = [y - target for y, target in zip(outputs, t[:, 0].tolist(), strict=True)]
    squares = [each**2 for each in off]
    sum(squares, Value(0.0)).backward()
    xw, y, diff, E_i = (np.array([[each.data] for each in some]) for some in (products, outputs, off, squares))
    g_y, g_w = (np.array([[each.grad] for each in some]) for some in (outputs, weights))
    g_x = np.array([[each.grad for each in row] for row in rows])
    return Batch(xw, y, diff, E_i, float(np.mean(E_i)), g_y, g_w, np.array([bias.grad]), g_x)


def difference(one: Batch, other: Batch) -> float:
    """The largest of all numbers."""
    return max(float(np.abs(np.subtract(a, b)).max()) for a, b in zip(one, other, strict=True))


# --- The slides' loop ---------------------------------------------------------------------------------------------


def samples(seed: int) -> tuple[Array, Array]:
    """x of shape (8, 3) and t of shape (8, 1)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((8, 3))
    return x, x @ [[1.0], [-2.0], [0.5]] + 0.3 + 0.1 * rng.standard_normal((8, 1))


def train(seed: int = 0) -> tuple[list[float], list[float], float]:
    """The losses by hand and by the engine from the same start, and the largest difference of any number."""
    x, t = samples(seed)
    rng = np.random.default_rng(seed + 1)
    perceptron = Perceptron(rng.standard_normal((3, 1)), rng.standard_normal(1), LR)
    loss_function, w, b = MeanSquaredError(), perceptron.w, perceptron.b
    losses, twins, apart = [], [], 0.0
    for _ in range(MAX_ITERATION):
        engines = by_engine(x, w, b, t)
        apart = max(apart, difference(by_hand(x, perceptron.w, perceptron.b, t), engines))
        y = perceptron.forward(x)
        losses.append(float(loss_function.forward(y, t)))
        perceptron.backward(loss_function.backward())
        w, b = w - LR * engines.g_w, b - LR * engines.g_b
        twins.append(engines.E)
    return losses, twins, apart


def numbers(seed: int = 0) -> dict[str, float]:
    """The small batch, and the losses of the loop."""
    small = by_hand(X, W, B, T)
    losses, _, apart = train(seed)
    return {
        "E": small.E,
        "∂E/∂w₁": float(small.g_w[0, 0]),
        "∂E/∂w₂": float(small.g_w[1, 0]),
        "∂E/∂b": float(small.g_b[0]),
        "batch: difference": difference(small, by_engine(X, W, B, T)),
        "first loss": losses[0],
        "last loss": losses[-1],
        "loop: difference": apart,
    }


_STORY = {
    "ja": """\
1. バッチ対応版の計算グラフ：k = 3 個のデータ、n = 2 個の入力
{forward}

2. 逆伝播：流れてきたものと同じ次元数で返る
{backward}
  w と b は全データに共通なので、データごとの勾配の総和になる。エンジンとの差は 0
  資料は ∂E/∂Eᵢ = 1 とする。E が平均なら正しくは 1/N で、違いは学習率に含まれる（η を N 倍するのと同じ）

3. 勾配法による更新の手順（データ 8 個、入力 3 個、学習率 {lr:g}、{steps} 回）
  回数   損失（手書き）      損失（エンジン）
{table}
  {steps} 回を通して、すべての値と勾配がエンジンと 12 桁まで同じ
""",
    "en": """\
1. The graph of a batch: k = 3 samples, n = 2 inputs
{forward}

2. Backward: what returns has the shape of what came
{backward}
  w and b serve all samples, so their gradients are sums over the samples. The engine's differ by 0
  The slides take ∂E/∂Eᵢ = 1. Of a mean it is 1/N, which comes to the same as a learning rate N times as large

3. The loop of the slides (8 samples, 3 inputs, learning rate {lr:g}, {steps} steps)
  step   loss by hand        loss by engine
{table}
  All values and gradients of the {steps} steps are the engine's, to 12 digits
""",
}
_WORDS = {
    "ja": {
        "shapes": "バッチ対応版の計算グラフ：上は順伝播、下は逆伝播の次元数",
        "numbers": "同じグラフを流れる数",
        "one": "単純パーセプトロンの計算グラフ全体（データひとつ）",
        "step": "更新回数",
        "loss": "損失 E",
        "hand": "手書き（NumPy）",
        "engine": "エンジン",
        "training": "同じ学習曲線",
    },
    "en": {
        "shapes": "The graph of a batch: shapes forward above the arrows, backward below",
        "numbers": "The numbers that flow through it",
        "one": "The whole graph of a perceptron and its squared error, for one sample",
        "step": "step",
        "loss": "loss E",
        "hand": "by hand (NumPy)",
        "engine": "the engine",
        "training": "The same learning curve",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    small, (losses, twins, _) = by_hand(X, W, B, T), train(seed)
    forward = {"x": X, "w": W, "xw": small.xw, "y = xw + b": small.y, "y − t": small.diff, "(y − t)²": small.squares}
    backward = {"g = 2(y − t)": small.g_y, "xᵀg": small.g_w, "Σg": small.g_b, "g wᵀ": small.g_x}
    return _STORY[language].format(
        forward="\n".join([_line(*each) for each in forward.items()] + [f"  {'E':<12}        = {small.E:g}"]),
        backward="\n".join(_line(*each) for each in backward.items()),
        lr=LR,
        steps=MAX_ITERATION,
        table="\n".join(f"  {i:<5} {losses[i]:<19.12g} {twins[i]:.12g}" for i in (0, 1, 2, 5, MAX_ITERATION - 1)),
    )


def _line(name: str, array: Array) -> str:
    return f"  {name:<12} {shape(array):<6} = {written(array)}"


def shape(array: Array) -> str:
    """`(3, 1)`; a vector as `(1)`."""
    return f"({', '.join(map(str, array.shape))})"


def written(array: Array) -> str:
    """`[1 2; 0 1; 3 1]`: rows between semicolons."""
    return minus("[" + "; ".join(" ".join(f"{n:g}" for n in np.atleast_1d(row)) for row in array) + "]")


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson; draw the graph with shapes, with numbers, for one sample, and the learning curves."""
    print(story(language, seed))
    draw_curves(output / "batch-curves.png", language, seed)
    graphs = {"shapes": shapes(language), "numbers": flowing(language), "one": one_sample(language)}
    files = [each.save(output / f"batch-{name}.{suffix}") for name, each in graphs.items() for suffix in ("svg", "png")]
    show(language, *files, output / "batch-curves.png")


# --- Pictures -----------------------------------------------------------------------------------------------------


def shapes(language: str) -> Picture:
    """The graph of a batch, with what flows each way and its shape."""
    below = {"x": "g wᵀ (k, n)", "w": "xᵀg (n, 1)", "xw": "g (k, 1)", "b": "Σg (1)", "y": "g (k, 1)"}
    below |= {"diff": "g = 2(y − t) (k, 1)", "squares": "1 (k, 1)"}
    above = {"x": "(k, n)", "w": "(n, 1)", "xw": "xw (k, 1)", "b": "(1)", "y": "y (k, 1)", "t": "(k, 1)"}
    above |= {"diff": "y − t (k, 1)", "squares": "Eᵢ (k, 1)", "E": "()"}
    return _graph(_WORDS[language]["shapes"], above, below, language)


def flowing(language: str) -> Picture:
    """The same graph with the numbers of the small batch."""
    small = by_hand(X, W, B, T)
    above = {"x": X, "w": W, "xw": small.xw, "b": B, "y": small.y, "t": T, "diff": small.diff, "squares": small.squares}
    below = {"x": small.g_x, "w": small.g_w, "xw": small.g_y, "b": small.g_b, "y": small.g_y, "diff": small.g_y}
    below["squares"] = np.ones_like(small.squares)  # the slides leave sum and mean to the update
    shown = {name: written(array) for name, array in above.items()} | {"E": f"{small.E:g}"}
    return _graph(_WORDS[language]["numbers"], shown, {name: written(g) for name, g in below.items()}, language)


_ARROWS = {
    "x": ("x", "@"), "w": ("w", "@"), "xw": ("@", "+"), "b": ("b", "+"), "y": ("+", "−"), "t": ("t", "−"),
    "diff": ("−", "( )²"), "squares": ("( )²", "mean"), "E": ("mean", "E"),
}  # fmt: skip
_LEAVES = {"x": "input", "w": "parameter", "b": "parameter", "t": "constant", "E": "output"}


def _graph(title: str, above: dict[str, str], below: dict[str, str], language: Any) -> Picture:
    """In the style of `draw`: what flows forward above each arrow, what flows back in red below it."""
    import graphviz

    graph = graphviz.Digraph("batch", graph_attr=looks.GRAPH, node_attr=looks.NODE, edge_attr=looks.EDGE)
    graph.attr("graph", label=tables.heading(title, []))
    for name, look in _LEAVES.items():
        held = tables.spaced(name, looks.NARROWEST_BOX + 2 * looks.CLEARANCE) if look != "output" else f"<{name}>"
        wide = {"width": looks.inches(looks.NARROWEST_BOX)}
        shape = looks.OUTPUT if look == "output" else looks.LEAF
        graph.node(name, held, **{"class": f"leaf {look}"}, **shape, **looks.COLOURS[look], **wide)
    for name in ("@", "+", "−", "( )²", "mean"):
        wide = {"shape": "circle", "width": looks.inches(looks.CIRCLE), "fontsize": str(looks.SYMBOL_SIZE)}
        if len(name) > 1:
            wide = {"shape": "box", "width": looks.inches(60), "fontsize": str(looks.NAME_SIZE)}
        graph.node(name, f"<{name}>", **{"class": "operation"}, **looks.OPERATION, **wide)
    for name, (tail, head) in _ARROWS.items():
        texts = above[name], below.get(name, "")
        graph.node(f"on {name}", tables.pair(*texts, tables.pair_width(*texts)), **{"class": "value"}, **looks.PAIR)
        graph.edge(tail, f"on {name}:{tables.SHAFT}:w", **looks.LINE)
        graph.edge(f"on {name}:{tables.SHAFT}:e", head)
    return Picture(graph.source, title, language=language)


def one_sample(language: Literal["ja", "en"]) -> Picture:
    """E = (x₁w₁ + x₂w₂ + b − t)² with its gradients."""
    error, parameters = perceptron_graph()
    return draw(error, title=_WORDS[language]["one"], language=language, parameters=parameters)


def perceptron_graph() -> tuple[Value, list[Value]]:
    """The graph of document 002 for the first sample of the batch, with gradients; and w₁, w₂, b."""
    (x1, x2), (w1, w2) = map(Value, X[0].tolist()), map(Value, W[:, 0].tolist())
    b, t = Value(float(B[0])), Value(float(T[0, 0]))
    for value, name in zip((x1, x2, w1, w2, b, t), ("x₁", "x₂", "w₁", "w₂", "b", "t"), strict=True):
        value.label = name
    error = (x1 * w1 + x2 * w2 + b - t) ** 2
    error.label = "E"
    error.backward()
    return error, [w1, w2, b]


def draw_curves(file: Path, language: str, seed: int = 0) -> None:
    """The losses by hand and by the engine: one lies on the other."""
    losses, twins, _ = train(seed)
    words = _WORDS[language]
    with drawing(file) as figure:
        ax = figure.subplots()
        ax.semilogy(losses, color=BLUE, linewidth=5, alpha=0.35, label=words["hand"])
        ax.semilogy(twins, "--", color=RED, linewidth=1.6, label=words["engine"])
        ax.set(xlabel=words["step"], ylabel=words["loss"], title=words["training"])
        ax.legend()


NOTEBOOK = (
    Part("X T W B LR Perceptron MeanSquaredError by_hand", "shapes(language)"),
    Part("by_engine", "flowing(language)"),
    Part(show="one_sample(language)", paragraphs=0),
    Part("MAX_ITERATION samples difference train", "picture(draw_curves, language)"),
    Try(
        "`MeanSquaredError` の backward で平均をとる（2 * self.diff / len(self.diff)）とき、"
        "学習率をどう変えれば同じ動きになるだろうか。",
        "Let `backward` of `MeanSquaredError` take the mean (2 * self.diff / len(self.diff)). Which learning rate "
        "gives the same steps?",
    ),
)
