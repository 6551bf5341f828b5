"""The gallery: draws the pictures of docs/gallery.md and writes that page.

Usage: `python -m docs.build.gallery` draws every picture anew; the tests compare the DOT text beside each, which
does not depend on the version of Graphviz.
"""

import itertools
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from autograd import Program, Value, compile, dot, relu, tanh
from autograd import sum as total
from autograd.commands import run
from autograd.render import Picture, draw
from demos.price import purchase
from nn import MLP
from nn.losses import softmax_cross_entropy

FOLDER = Path(__file__).parents[1] / "gallery"
PAGE = FOLDER.with_suffix(".md")

_HEAD = """\
# Gallery

In graphs, values are written above the arrows in black, and gradients below them in red. The code of every picture is
in `docs/build/gallery.py`, and a test compares the pictures with what that code draws.
"""


class Neuron(NamedTuple):
    """o = tanh(x₁ w₁ + x₂ w₂ + b), with gradients."""

    output: Value
    parameters: list[Value]


def neuron() -> Neuron:
    x1, x2 = Value(2.0, "x₁"), Value(0.0, "x₂")
    w1, w2, b = Value(-3.0, "w₁"), Value(1.0, "w₂"), Value(6.8813735870195432, "b")
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.label = "o"
    o.backward()
    return Neuron(o, [w1, w2, b])


def fan_out() -> Value:
    x = Value(3, "x")
    y = x * x + x
    y.label = "y"
    y.backward()
    return y


def line() -> Value:
    """Squared error of a line at a point: constants in grey."""
    y = (2 * Value(3.0, "w") + 1 - 5) ** 2
    y.label = "error"
    y.backward()
    return y


def area_and_perimeter() -> list[Value]:
    a, b = Value(3, "a"), Value(2, "b")
    area, perimeter = a * b, 2 * (a + b)
    area.label, perimeter.label = "area", "perimeter"
    (area + perimeter).backward()
    return [area, perimeter]


def recurrence(steps: int) -> Value:
    """h ← tanh(w h + u), the two weights shared by all steps."""
    w, u, h = Value(0.7, "w"), Value(0.3, "u"), Value(0.1, "h₀")
    for _ in range(steps):
        h = tanh(w * h + u)
    h.label = "h"
    h.backward()
    return h


class Network(NamedTuple):
    """Two inputs, two hidden neurons, one output."""

    output: Value
    hidden: list[Value]
    parameters: list[Value]


def network() -> Network:
    x1, x2 = Value(1.0, "x₁"), Value(-2.0, "x₂")
    w = [Value(0.5 * (i + 1), f"w{'₁₂₃₄₅₆'[i]}") for i in range(6)]
    hidden = [tanh(w[0] * x1 + w[1] * x2), tanh(w[2] * x1 + w[3] * x2)]
    y = w[4] * hidden[0] + w[5] * hidden[1]
    y.label = "y"
    y.backward()
    return Network(y, hidden, w)


def _few() -> Picture:
    model = MLP(2, [2, 1], "tanh", seed=3)
    ((model([0.5, -1.0]) - 1) ** 2).backward()
    return draw(model, [0.5, -1.0], language="en")


def _steep() -> Picture:
    model = MLP(2, [8, 8, 1], "tanh", "sigmoid", seed=1)
    ((model([1.0, 0.0]) - 1) ** 2).backward()
    return draw(model, [Value(1.0, "左"), Value(0.0, "右")], language="ja")


def digits_program() -> Program:
    """Softmax cross-entropy of one sample, written in scalars: 8×8 pixels, 10 classes."""
    model = MLP(64, [32, 10], seed=0)
    return compile(
        lambda x, t: softmax_cross_entropy(model(x), t), [0.0] * 64, [1.0] + [0.0] * 9, wrt=model.parameters()
    )


def convolution_program() -> Program:
    """Σ relu(w ∗ image + b) over the places of a 6×6 image."""
    w, b = [Value(0.1 * k) for k in range(9)], Value(0.1)

    def f(image: list[list[Value]]) -> Value:
        places = itertools.product(range(4), repeat=2)
        windows = ([image[r + i][c + j] for i in range(3) for j in range(3)] for r, c in places)
        return total(relu(dot(w, window) + b) for window in windows)

    return compile(f, [[0.5] * 6] * 6, wrt=[*w, b])


def _neuron() -> Picture:
    o, parameters = neuron()
    return draw(o, parameters=parameters)


def _cut() -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is cut is what the picture shows
        return draw(recurrence(100), max_nodes=9, repeats=False)


def _alike() -> Picture:
    model = MLP(2, [16, 16, 1], seed=0)
    loss = (model([Value(1.0, "x₁"), Value(2.0, "x₂")]) - 1) ** 2
    loss.label = "loss"
    loss.backward()
    return draw(loss, repeats=True)


def _turns() -> Picture:
    return draw(recurrence(100), repeats=True)


def _clones() -> Picture:
    y = 2 * recurrence(2)
    y.label = "y"
    y.backward()
    return draw(y, clone=True, fold=True)


def _layers(collapse: str = "") -> Picture:
    y, hidden, parameters = network()
    layers = {"hidden layer": hidden, "output layer": y}
    return draw(y, group=layers, collapse=[collapse] if collapse else [], parameters=parameters)


PICTURES: dict[str, tuple[str, Callable[[], Picture]]] = {
    "price-ja": ("価格 = 単価 × 個数 × 消費税: `draw(price)`", lambda: draw(purchase("ja").price)),
    "price-en": ("price = unit price × quantity × tax: `draw(price)`", lambda: draw(purchase("en").price)),
    "neuron": (
        "A neuron, its parameters in green: `draw(o, parameters=[w1, w2, b])`",
        _neuron,
    ),
    "fan-out": (
        "A value used three times: each arrow carries its own share, and the arrow before the dot their sum",
        lambda: draw(fan_out()),
    ),
    "constants": ("Constants are grey and have no gradient", lambda: draw(line())),
    "roots": (
        "Several outputs: `draw([area, perimeter])`",
        lambda: draw(area_and_perimeter()),
    ),
    "local": (
        "Local derivatives under the gradients: `draw(price, local=True)`",
        lambda: draw(purchase("ja").price, local=True),
    ),
    "symbolic": (
        "The chain rule in symbols. A node without a label gets a name, here h: `draw(price, symbolic=True)`",
        lambda: draw(purchase("ja").price, symbolic=True),
    ),
    "symbolic-fan-out": (
        "The cotangents from the uses of x (x①, x② and x③) add up to ∂y/∂x: `draw(y, symbolic=True, local=True)`",
        lambda: draw(fan_out(), symbolic=True, local=True),
    ),
    "clones": (
        "In larger graphs, shared leaves are drawn at each use, and constants inside the circles: `clone`, `fold`",
        _clones,
    ),
    "cut": ("Of a graph of 303 values, the 9 nearest the output: `draw(h, max_nodes=9, repeats=False)`", _cut),
    "alike": (
        "Parts of the same form become one box: the 982 nodes of `draw((MLP(2, [16, 16, 1])([x₁, x₂]) - 1) ** 2)`. "
        '`expand="A"` draws one of the neurons in A',
        _alike,
    ),
    "turns": ("All turns of a loop but the last become one box: the same 303 values, `draw(h, repeats=True)`", _turns),
    "modules": ('`draw(y, group={"hidden layer": [h1, h2], "output layer": y}, parameters=w)`', _layers),
    "collapsed": ('The same with `collapse="hidden layer"`', lambda: _layers("hidden layer")),
    "network": (
        'A model as textbooks draw it: `draw(MLP(2, [8, 8, 1], "tanh"))`',
        lambda: draw(MLP(2, [8, 8, 1], "tanh", seed=1), language="en"),
    ),
    "network-few": (
        'With an input, and after `backward`: `draw(model, [0.5, -1.0])`. In its page, `.save("model.html")`, inputs '
        "and weights can be changed, and a neuron opens its own graph",
        _few,
    ),
    "network-gradients": (
        "Where there is no room for numbers, dots show the gradients; inputs may be Values with labels",
        _steep,
    ),
    "network-blocks": (
        "Where there are too many weights, only their shape is shown. `autograd.render.DenseLayer` draws models of "
        "your own in the same way",
        lambda: draw(MLP(64, [128, 10], output="softmax", seed=0), language="en"),
    ),
    "program": (
        "Loss and gradient of `MLP(64, [32, 10])`, as `compile` finds them in the scalars: `program.draw()`",
        lambda: digits_program().draw(),
    ),
    "convolution": (
        "A 3×3 convolution in plain loops, whose nine weights and bias are shared by 16 places, is one matrix product",
        lambda: convolution_program().draw(),
    ),
}


def page() -> str:
    """The text of docs/gallery.md."""
    entries = [f"## {name}\n\n{text}\n\n![{name}](gallery/{name}.svg)\n" for name, (text, _) in PICTURES.items()]
    return "\n".join([_HEAD, *entries])


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (_, make) in PICTURES.items():
        picture = make()
        picture.save(FOLDER / f"{name}.svg")
        picture.save(FOLDER / f"{name}.dot")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run(main, "docs.build.gallery"))
