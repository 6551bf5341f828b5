"""The computational graph in general: any number of nodes, each of which knows nothing but its own derivative.

Document 002 draws it in four steps. On each arrow stands the derivative of one node; the derivative of the output is
their product; however many nodes there are, it is handed from node to node; and so a node can be a class of its own,
with `forward` and `backward`, that multiplies what comes from the output by its own derivative.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from autograd import Picture, Value, draw, exp, sin, sqrt, tanh
from autograd.sweep import slopes
from demos import Part, Try
from demos._pictures import show, show_page

TEACHES = {
    "ja": "計算グラフの一般化：矢印の上の ∂y/∂h と、ノードひとつの forward・backward（Function1）",
    "en": "The computational graph in general: ∂y/∂h on every arrow, and one node as a class with forward and backward",
}
SOURCE = "情報システム実験実習II 第2回 計算グラフの一般化(1)-(4) (document 002)"

START = (0.7, -1.3, 0.4)
X = 0.9
TARGET = 0.5
LR = 0.1
STEPS = 100
FUNCTIONS = (sin, exp, sqrt, tanh, sin)


class Graph(NamedTuple):
    """h₁ = ax, h₂ = h₁ + b, y = h₂²."""

    x: Value
    a: Value
    b: Value
    h1: Value
    h2: Value
    y: Value


def small() -> Graph:
    """Three nodes in a row, with gradients."""
    x, a, b = Value(2.0, "x"), Value(3.0, "a"), Value(-1.0, "b")
    h1 = a * x
    h2 = h1 + b
    y = h2**2
    h1.label, h2.label, y.label = "h₁", "h₂", "y"
    y.backward()
    return Graph(x, a, b, h1, h2, y)


def long(x: float = 0.5) -> list[Value]:
    """x, h₁, …, y: as many nodes as there are FUNCTIONS, with gradients."""
    nodes = [Value(x, "x")]
    for name, function in zip(("h₁", "h₂", "h₃", "h₄", "y"), FUNCTIONS, strict=True):
        nodes.append(function(nodes[-1]))
        nodes[-1].label = name
    nodes[-1].backward()
    return nodes


# --- A node as a class ------------------------------------------------------------------------------------------


class Function1:
    """h = tanh(ax), a node with a parameter of its own: document 002's class, filled in."""

    def __init__(self, a: float, lr: float) -> None:
        self.a = a
        self.lr = lr

    def forward(self, x: float) -> float:
        self.x = x
        self.h = float(np.tanh(self.a * x))
        return self.h

    def backward(self, g: float) -> float:
        g_u = g * (1 - self.h**2)
        g_h1 = g_u * self.a  # before the update: the derivative of the computation that was made
        self.g_a = g_u * self.x
        self.a = self.a - self.lr * self.g_a
        return g_h1


class Pass(NamedTuple):
    """What a chain of three gives, and what comes back."""

    y: float
    slope: float
    gradients: list[float]


def by_hand(chain: Sequence[Function1], x: float, target: float) -> Pass:
    """One forward and one backward pass of E = (y − target)², after which every node has learned."""
    y = x
    for part in chain:
        y = part.forward(y)
    g = 2 * (y - target)
    for part in reversed(chain):
        g = part.backward(g)
    return Pass(y, g, [part.g_a for part in chain])


def by_engine(parameters: Sequence[Value], x: float, target: float, lr: float) -> Pass:
    """The same from Values: only the forward part is written."""
    start = output = Value(x)
    for a in parameters:
        output = tanh(a * output)
        a.grad = 0
    ((output - target) ** 2).backward()
    for a in parameters:
        a.data -= lr * a.grad
    return Pass(output.data, start.grad, [a.grad for a in parameters])


def train() -> tuple[list[Pass], float]:
    """All passes by hand, and the largest difference of any number from the engine's."""
    chain, values = [Function1(a, LR) for a in START], [Value(a) for a in START]
    passes, apart = [], 0.0
    for _ in range(STEPS):
        one, other = by_hand(chain, X, TARGET), by_engine(values, X, TARGET, LR)
        passes.append(one)
        mine = [one.y, one.slope, *one.gradients, *(part.a for part in chain)]
        theirs = [other.y, other.slope, *other.gradients, *(a.data for a in values)]
        apart = max(apart, float(np.abs(np.subtract(mine, theirs)).max()))
    return passes, apart


def numbers() -> dict[str, float]:
    """The derivatives of the small graph, the last one of the long chain, and how Function1 does."""
    graph, nodes, (passes, apart) = small(), long(), train()
    return {
        "y": graph.y.data,
        **{f"∂y/∂{node.label}": node.grad for node in (graph.h2, graph.h1, graph.b, graph.a, graph.x)},
        "five nodes: ∂y/∂x": nodes[0].grad,
        "Function1: first error": (passes[0].y - TARGET) ** 2,
        "Function1: last error": (passes[-1].y - TARGET) ** 2,
        "Function1: difference": apart,
    }


_STORY = {
    "ja": """\
計算グラフの一般化(1)：計算過程は全て関数。矢印ごとに、そのノード自身の微分がある
  h₁ = ax, h₂ = h₁ + b, y = h₂²   （x = 2, a = 3, b = −1）
{own}

計算グラフの一般化(2)：出力に対する偏微分は、出力からそこまでの微分の積（連鎖律）
{products}

計算グラフの一般化(3)：ノードが何個つながっていても、入力側へ伝えるだけ
  h₁ = sin x, h₂ = exp h₁, h₃ = √h₂, h₄ = tanh h₃, y = sin h₄。出力から順に
{passed}

計算グラフの一般化(4)：ひとつのノードは、出力側から来た値に自身の微分をかけて渡す
  h₁ = tanh(ax) を class Function1 にして 3 つつなぎ、E = (y − {target:g})² を {steps} 回小さくする（学習率 {lr:g}）
{learned}
  勾配も、更新した a も、エンジンと {digits} 桁まで同じ
""",
    "en": """\
In general (1): every step is a function, and each arrow has the derivative of its own node
  h₁ = ax, h₂ = h₁ + b, y = h₂²   (x = 2, a = 3, b = −1)
{own}

In general (2): the derivative of the output is the product of those on the way to it (the chain rule)
{products}

In general (3): however many nodes there are, each hands it on to its input
  h₁ = sin x, h₂ = exp h₁, h₃ = √h₂, h₄ = tanh h₃, y = sin h₄, from the output on
{passed}

In general (4): one node multiplies what comes from the output by its own derivative, and hands that on
  h₁ = tanh(ax) as class Function1, three in a row; {steps} steps down E = (y − {target:g})² (learning rate {lr:g})
{learned}
  All gradients, and every a after its update, are the engine's, to {digits} digits
""",
}
_PASS = {
    "ja": "  {step:>3} 回目  y = {y:.6f}  ∂E/∂x = {slope:.6f}  ∂E/∂a = {gradients}",
    "en": "  step {step:<3} y = {y:.6f}  ∂E/∂x = {slope:.6f}  ∂E/∂a = {gradients}",
}
_TITLES = {
    "ja": {
        "own": "(1) ノード自身の微分",
        "output": "(2) 出力 y に対する偏微分",
        "long": "(3) 何個つながっていても",
        "node": "(4) 出力側から来た値 × 自身の微分",
    },
    "en": {
        "own": "(1) Each node's own derivative",
        "output": "(2) Derivatives of the output y",
        "long": "(3) However many there are",
        "node": "(4) What comes from the output × one's own derivative",
    },
}


def story(language: str) -> str:
    """The lesson as text; all its numbers are read off the graphs."""
    graph, (passes, apart) = small(), train()
    return _STORY[language].format(
        own="\n".join(_own(graph)),
        products="\n".join(_products(graph)),
        passed="\n".join(_passed(long())),
        target=TARGET,
        steps=STEPS,
        lr=LR,
        learned="\n".join(_pass(language, step, passes[step - 1]) for step in (1, 2, STEPS)),
        digits=int(-np.log10(max(apart, 1e-12))),
    )


def own_slopes(node: Value) -> list[float]:
    """The derivatives of a node by its inputs, whatever comes after it."""
    assert node.op is not None
    return [float(slope) for slope in slopes(node.op, node.data, [x.data for x in node.inputs])]


def _own(graph: Graph) -> Iterator[str]:
    (h1_a, h1_x), (h2_h1, h2_b), (y_h2, *_) = map(own_slopes, (graph.h1, graph.h2, graph.y))
    yield f"  ∂h₁/∂x = a = {h1_x:g}   ∂h₁/∂a = x = {h1_a:g}   ∂h₂/∂h₁ = {h2_h1:g}   ∂h₂/∂b = {h2_b:g}"
    yield f"  ∂y/∂h₂ = 2h₂ = {y_h2:g}"


def _products(graph: Graph) -> Iterator[str]:
    (h1_a, h1_x), (h2_h1, h2_b), (y_h2, *_) = map(own_slopes, (graph.h1, graph.h2, graph.y))
    yield f"  ∂y/∂h₁ = ∂y/∂h₂ × ∂h₂/∂h₁ = {y_h2:g} × {h2_h1:g} = {graph.h1.grad:g}"
    yield f"  ∂y/∂b  = ∂y/∂h₂ × ∂h₂/∂b = {y_h2:g} × {h2_b:g} = {graph.b.grad:g}"
    yield f"  ∂y/∂x  = ∂y/∂h₂ × ∂h₂/∂h₁ × ∂h₁/∂x = {y_h2:g} × {h2_h1:g} × {h1_x:g} = {graph.x.grad:g}"
    yield f"  ∂y/∂a  = ∂y/∂h₂ × ∂h₂/∂h₁ × ∂h₁/∂a = {y_h2:g} × {h2_h1:g} × {h1_a:g} = {graph.a.grad:g}"


def _passed(nodes: Sequence[Value]) -> Iterator[str]:
    for node, before in reversed(list(zip(nodes[1:], nodes, strict=False))):
        own = before.grad / node.grad
        yield f"  ∂y/∂{before.label:<2} = {node.grad:.6f} × {own:.6f} = {before.grad:.6f}"


def _pass(language: str, step: int, each: Pass) -> str:
    gradients = ", ".join(f"{g:.6f}" for g in each.gradients)
    return _PASS[language].format(step=step, y=each.y, slope=each.slope, gradients=gradients)


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson, then draw the four figures; the last is a page, too."""
    print(story(language))
    output.mkdir(parents=True, exist_ok=True)
    drawn = {name: figure(name, language) for name in _TITLES[language]}
    files = [
        each.save(output / f"chain_rule-{name}.{suffix}") for name, each in drawn.items() for suffix in ("svg", "png")
    ]
    show(language, *files)
    show_page(language, drawn["node"].save(output / "chain_rule.html"))


def figure(name: str, language: Literal["ja", "en"]) -> Picture:
    """One of the four: "own", "output", "long" or "node"."""
    title, graph = _TITLES[language][name], small()
    if name == "long":
        return draw(long()[-1], title=title, language=language, symbolic=True)
    looks = {"own": {"local": True, "grads": False}, "output": {}, "node": {"local": True}}[name]
    parameters = [graph.a, graph.b]
    return draw(graph.y, title=title, language=language, symbolic=True, parameters=parameters, **looks)


NOTEBOOK = (
    Part("small own_slopes", 'figure("own", language)'),
    Part(show='figure("output", language)'),
    Part("FUNCTIONS long", 'figure("long", language)'),
    Part("START X TARGET LR STEPS Function1 by_hand by_engine train", 'figure("node", language)'),
    Try(
        "`Function1` を h₁ = sin(ax) に書き換えると、backward のどこが変わるだろうか。",
        "Make `Function1` h₁ = sin(ax). What changes in its `backward`?",
    ),
    Try(
        "`FUNCTIONS` をすべて tanh にすると、入力まで伝わる微分の大きさはどうなるだろうか。",
        "Make all `FUNCTIONS` tanh. How large is the derivative that comes back to the input?",
    ),
)
