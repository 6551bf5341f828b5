"""A playground: one page in which a network learns before your eyes, and you change what you like.

The page has no network of its own: `compile` records the loss of one sample of `nn.MLP`, differentiates it, and prints
program and gradient as JavaScript. So what bends the boundary in the browser is what bends it in Python, to twelve
digits. For each depth and activation there is a program with hidden layers of 8 neurons; a narrower layer is one whose
other weights are 0, and stay 0.
"""

import functools
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import compile
from autograd.compiler.export.files import in_javascript
from demos import InputError, _page
from demos import _pictures as pictures
from demos import _table as tables
from nn.losses import binary_cross_entropy

TEACHES = {
    "ja": "遊び場：ひとつのページで、境界が曲がるのを見ながら、データ・層・学習率・L2 を変えてみる",
    "en": "A playground: one page in which the boundary bends as you change data, layers, learning rate and L2",
}
SOURCE = (
    "beyond the documents: document 001 slides 28–66 (multilayer perceptrons), live; after playground.tensorflow.org"
)

SAMPLES = 200  # of each set
HELD_OUT = 4  # of so many points one is not learned from
MOST_ROWS = 2000  # of a file, so that every frame is in time
FEWEST = 4  # of each class
DEEPEST, WIDE = 3, 8  # hidden layers, and neurons of one
ACTIVATIONS = ("tanh", "relu", "sigmoid")
SETS = ("moons", "xor", "circles")
HIDDEN = (8, 8)
RATE = 0.3
STEPS = 500  # of the training in Python that the story tells of

Array = NDArray[np.float64]

_STORY = {
    "ja": """\
{data}：{learned} 点で学習し、{held} 点は学習に使わず、確認用に取っておく。
多層パーセプトロン {model}、勾配降下法（学習率 {rate:g}）{steps} 歩、Python での結果
  損失 {loss:.4f}、正解率は学習用の点で {known:.0%}、確認用の点で {unknown:.0%}

同じ損失と勾配のプログラムを JavaScript で印刷したページ（{size:.0f} kB、ネットワーク接続は不要）をブラウザで開くと、
境界が曲がっていくのが見える。スペースキーで開始と一時停止、→ で一歩、N で新しい重み。
""",
    "en": """\
{data}: {learned} points to learn from; {held} are held out, to see what was learned.
{model}, {steps} steps of gradient descent (learning rate {rate:g}), in Python:
  loss {loss:.4f}; right: {known:.0%} of the points learned from, {unknown:.0%} of those held out

The same program of loss and gradient, printed as JavaScript, runs in the page ({size:.0f} kB, no network needed).
Open it in a browser and see the boundary bend: the space bar starts and pauses, → takes one step, N takes new weights.
""",
}

WORDS = {
    "ja": {
        "this_language": "日本語",
        "title": "遊び場：曲がる境界",
        "controls": "学習の操作",
        "start": "開始",
        "pause": "一時停止",
        "step": "一歩",
        "anew": "新しい重み",
        "counted": "{count} 歩（乱数の種 {seed}）",
        "data": "データ",
        "moons": "ふたつの月",
        "xor": "xor",
        "circles": "円の中と外",
        "activation": "活性化関数",
        "hidden": "隠れ層のニューロン数",
        "width": "隠れ層 {layer} のニューロン数",
        "none": "なし",
        "rate": "学習率",
        "l2": "L2 正則化",
        "pace": "1 コマの歩数",
        "plane": "平面と境界",
        "plane_of_output": "ネットワークの出力：色が濃いほど確か",
        "plane_of": "「{name}」の出力",
        "class": "クラス {name}",
        "hollow": "白抜き：確認用の点",
        "edge_of_output": "境界（確率 ½）",
        "edge_of_neuron": "このニューロンの境界（重みつき和 0）",
        "inside": "ネットワークの中",
        "network": "ネットワーク：太さは重みの大きさ",
        "inputs": "入力",
        "layer": "層 {layer}",
        "output_short": "出力",
        "output": "出力のニューロン",
        "neuron": "層 {layer} のニューロン {neuron}",
        "plus": "正の重み（実線）",
        "minus": "負の重み（破線）",
        "press": "ニューロンを押すと、その出力が平面に出ます",
        "described": "{name}：バイアス {bias}、重み {weights}",
        "wires": "層の大きさが {layers} のネットワーク",
        "course": "損失の推移",
        "loss_curve": "損失（交差エントロピーの平均、対数目盛）",
        "curve": "歩数に対する損失の曲線：学習用の点は実線、確認用の点は破線",
        "steps_axis": "歩数",
        "loss": "損失",
        "right": "正解",
        "learned": "学習用 {all} 点",
        "held": "確認用 {all} 点",
        "share": "{all} 点中 {right} 点（{part} %）",
        "intro": "「開始」かスペースキーで学習が始まります。→ で一歩、N で新しい重み。",
        "running": "学習中です。スペースキーで一時停止します。",
        "report": "{count} 歩：損失は {learned}、確認用の点では {held} で、{all} 点中 {right} 点が正解です。",
        "begun": "新しい重みで始めます（乱数の種 {seed}）。",
        "changed": "新しいネットワーク {layers} で始めます。",
        "showing": "平面に「{name}」の出力を表示しています。もう一度押すか Esc で、ネットワークの出力に戻ります。",
        "showing_output": "平面にネットワークの出力を表示しています。",
        "diverged": "{count} 歩で発散したので止めました。学習率か L2 を小さくするか、新しい重みで始めてください。",
    },
    "en": {
        "this_language": "English",
        "title": "Playground: a boundary that bends",
        "controls": "training",
        "start": "Start",
        "pause": "Pause",
        "step": "One step",
        "anew": "New weights",
        "counted": "step {count} (seed {seed})",
        "data": "Data",
        "moons": "two moons",
        "xor": "xor",
        "circles": "circles",
        "activation": "Activation",
        "hidden": "Neurons in the hidden layers",
        "width": "neurons in hidden layer {layer}",
        "none": "none",
        "rate": "Learning rate",
        "l2": "L2 penalty",
        "pace": "Steps per frame",
        "plane": "the plane and the boundary",
        "plane_of_output": "What the network says: the deeper the colour, the surer",
        "plane_of": "What {name} gives",
        "class": "class {name}",
        "hollow": "hollow: held out",
        "edge_of_output": "the boundary (probability ½)",
        "edge_of_neuron": "its own boundary (weighted sum 0)",
        "inside": "inside the network",
        "network": "The network: the wider, the larger the weight",
        "inputs": "inputs",
        "layer": "layer {layer}",
        "output_short": "output",
        "output": "the output neuron",
        "neuron": "neuron {neuron} of layer {layer}",
        "plus": "positive weight (solid)",
        "minus": "negative weight (dashed)",
        "press": "press a neuron to see what it gives",
        "described": "{name}: bias {bias}; weights {weights}",
        "wires": "a network whose layers have the sizes {layers}",
        "course": "the course of the loss",
        "loss_curve": "Loss (mean cross-entropy, logarithmic)",
        "curve": "the loss over the steps: solid for the points learned from, dashed for those held out",
        "steps_axis": "steps",
        "loss": "loss",
        "right": "right",
        "learned": "{all} learned from",
        "held": "{all} held out",
        "share": "{right} of {all} ({part} %)",
        "intro": "Press Start or the space bar, and the network learns. → takes one step, N takes new weights.",
        "running": "The network is learning. The space bar pauses it.",
        "report": "Step {count}: the loss is {learned}. On the points held out it is {held}, and {right} of {all} are "
        "right.",
        "begun": "New weights, from seed {seed}.",
        "changed": "A new network, {layers}.",
        "showing": "The plane shows what {name} gives. Press it again, or Esc, for the output of the network.",
        "showing_output": "The plane shows the output of the network.",
        "diverged": "Stopped: it diverged at step {count}. Lower the learning rate or the L2 penalty, or take new "
        "weights.",
    },
}
"""What the page says; it has both languages, and a button that goes from one to the other."""


class Points(NamedTuple):
    """A set of points in the plane, those to learn from and those held out.

    Attributes:
        names: of the two inputs.
        classes: the names of class 0 and class 1.
        X, y: (n, 2) numbers, and of each its class, 0 or 1.
        held: of each whether it is held out.
    """

    names: Sequence[str]
    classes: Sequence[str]
    X: Array
    y: NDArray[np.int64]
    held: NDArray[np.bool_]

    @property
    def scaling(self) -> tuple[Array, Array]:
        """Mean and standard deviation of the inputs of the points to learn from."""
        learned = self.X[~self.held]
        return learned.mean(axis=0), learned.std(axis=0)

    def samples(self, held: bool) -> tuple[Array, NDArray[np.int64]]:
        """Standardised inputs, and classes, of the points held out, or of the others."""
        mean, deviation = self.scaling
        return ((self.X - mean) / deviation)[self.held == held], self.y[self.held == held]


# --- Data -----------------------------------------------------------------------------------------------------


def points(name: str, seed: int = 0) -> Points:
    """One of `SETS`."""
    X, y = _drawn(name, seed)
    return Points(("x₁", "x₂"), ("0", "1"), X.round(3), y, _held_out(y, seed))


def _drawn(name: str, seed: int) -> tuple[Array, NDArray[np.int64]]:
    if name == "xor":
        rng = np.random.default_rng(seed)
        X, noise = rng.uniform(-1, 1, (SAMPLES, 2)), rng.normal(0, 0.05, (SAMPLES, 2))
        X += 0.08 * np.sign(X)  # apart from the axes, by a little
        return X + noise, (X[:, 0] * X[:, 1] < 0).astype(np.int64)
    from sklearn.datasets import make_circles, make_moons

    found: Any = (
        make_moons(SAMPLES, noise=0.15, random_state=seed)
        if name == "moons"
        else make_circles(SAMPLES, noise=0.1, factor=0.45, random_state=seed)
    )
    return found


def from_file(path: Path, inputs: str = "", target: str = "", seed: int = 0) -> Points:
    """Two columns of a CSV file, and the class in a third.

    Raises:
        InputError: the file is not to be used; says why.
    """
    columns = [each for each in inputs.split(",") if each]
    if columns and len(columns) != 2:
        raise InputError(f"--inputs {inputs!r} names {len(columns)} columns; wanted two, as in --inputs width,height.")
    table = tables.read_classes(path, columns, target)
    quoted = repr(str(path))
    if len(table.names) != 2:
        raise InputError(
            f"{quoted} has {len(table.names)} columns ({', '.join(table.names)}) besides the class "
            f"({table.target}); wanted two: choose them with --inputs A,B, and the class with --target C."
        )
    if len(table.labels) > MOST_ROWS:
        raise InputError(
            f"{quoted} has {len(table.labels):,} rows; wanted {MOST_ROWS:,} or fewer: the page draws each."
        )
    classes = _in_order(set(table.labels))
    if len(classes) != 2:
        shown = ", ".join(map(repr, classes[:5])) + (", …" if len(classes) > 5 else "")
        raise InputError(f"{quoted}: the column {table.target} has {len(classes)} classes ({shown}); wanted two.")
    y = np.array([classes.index(label) for label in table.labels])
    for side, name in enumerate(classes):
        if (count := int((y == side).sum())) < FEWEST:
            raise InputError(f"{quoted} has {count} rows of class {name!r}; wanted {FEWEST} or more of each class.")
    found = Points(table.names, classes, table.X, y, _held_out(y, seed))
    for name, deviation in zip(found.names, found.scaling[1], strict=True):
        if deviation == 0:
            raise InputError(f"{quoted}: the column {name} is the same in every row; it says nothing of the class.")
    return found


def _in_order(labels: set[str]) -> list[str]:
    """Numbers by their size, else texts by their letters."""
    try:
        return sorted(labels, key=float)
    except ValueError:
        return sorted(labels)


def _held_out(y: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """One of each four points of each class, drawn by chance."""
    held, rng = np.zeros(len(y), dtype=bool), np.random.default_rng(seed)
    for side in (0, 1):
        held[rng.permutation(np.flatnonzero(y == side))[::HELD_OUT]] = True
    return held


# --- The network ----------------------------------------------------------------------------------------------


def network(hidden: Sequence[int] = HIDDEN, activation: str = "tanh", seed: int = 0) -> nn.MLP:
    """A network of two inputs, whose output is the logit of class 1."""
    return nn.MLP(2, [*hidden, 1], activation=activation, seed=seed)


def train(model: nn.MLP, data: Points, rate: float = RATE, l2: float = 0.0, steps: int = STEPS) -> float:
    """What the page does, in Python: steps of gradient descent on all points at a time; the last loss."""
    X, y = data.samples(held=False)
    optimizer = nn.SGD(rate)
    history = nn.fit(model, "binary_cross_entropy", X, y, optimizer=optimizer, epochs=steps, l2=l2, progress=False)
    return history.losses[-1]


def accuracy(model: nn.MLP, data: Points, held: bool) -> float:
    """The part of the points that is on its side."""
    X, y = data.samples(held)
    return float(np.mean((compile(model, [0.0, 0.0])(X) > 0) == y))


@functools.cache
def programs() -> str:
    """The definition of `programs`, in JavaScript: by activation and number of hidden layers the two functions.

    `loss` takes rows of x₁, x₂ and class and gives the sum of their losses, and writes its gradient. `outputs` takes
    rows of x₁ and x₂, and gives of each hidden layer the weighted sums and what the neurons give, and the logit.
    """
    kinds = [("line", "tanh", 0)]
    kinds += [
        (f"{activation} {depth}", activation, depth) for activation in ACTIVATIONS for depth in range(1, DEEPEST + 1)
    ]
    return f"const programs = {{\n{''.join(_program(*kind) for kind in kinds)}}};"


def _program(name: str, activation: str, depth: int) -> str:
    model = network([WIDE] * depth, activation)
    of_sample = compile(lambda x, y: binary_cross_entropy(model(x), y), [0.5, 0.25], 1.0, wrt=model).ways[0].program
    of_point = compile(lambda x: _looked_into(model, x), [0.5, 0.25], wrt=model).ways[0].program
    parts = {
        "parameters": str(len(model.parameters())),
        "loss": in_javascript(of_sample, True),
        "outputs": in_javascript(of_point, False),
    }
    return f'"{name}": {{\n{"".join(f"{key}: {text},{chr(10)}" for key, text in parts.items())}}},\n'


def _looked_into(model: nn.MLP, x: Any) -> list[Any]:
    """Of each hidden layer the weighted sums and then what its neurons give; at last the output."""
    found: list[Any] = []
    for layer in model.layers[:-1]:
        found += [neuron.weighted_sum(x) for neuron in layer.neurons]
        x = layer.outputs(x)
        found += x
    return [*found, *model.layers[-1].outputs(x)]


# --- The page -------------------------------------------------------------------------------------------------


def page(
    sets: dict[str, Points],
    language: str,
    hidden: Sequence[int] = HIDDEN,
    activation: str = "tanh",
    seed: int = 0,
) -> str:
    """The whole file.

    Args:
        sets: by name; the page begins with the first.
        hidden, activation, seed: of the network that it begins with.
    """
    chosen = {
        "language": language,
        "data": next(iter(sets)),
        "activation": activation,
        "activations": ACTIVATIONS,
        "hidden": [*hidden],
        "seed": seed,
        "rate": RATE,
    }
    shown = {name: _shown(name, data) for name, data in sets.items()}
    scripts = (programs(), _page.part("_playground/learning.js"), _page.part("_playground/playground.js"))
    return _page.page("_playground", language, WORDS, {"sets": shown, "chosen": chosen}, *scripts)


def _shown(name: str, data: Points) -> dict[str, Any]:
    mean, deviation = data.scaling
    rows = [[*x, side] for x, side in zip(data.X.tolist(), data.y.tolist(), strict=True)]
    return {
        "title": None if name in SETS else name,
        "names": [*data.names],
        "classes": [*data.classes],
        "shift": mean.tolist(),
        "scale": deviation.tolist(),
        "learned": [row for row, held in zip(rows, data.held, strict=True) if not held],
        "held": [row for row, held in zip(rows, data.held, strict=True) if held],
    }


# --- The lesson -----------------------------------------------------------------------------------------------


def numbers() -> dict[str, float]:
    """How many of the points held out the default network gets right, set by set, after so many steps in Python."""
    found = {}
    for name in SETS:
        model, data = network(), points(name)
        train(model, data)
        found[f"{name}: accuracy, held out"] = accuracy(model, data, held=True)
    return found


def add_arguments(parser: ArgumentParser) -> None:
    """What the page begins with."""
    parser.add_argument("--data", choices=SETS, default=SETS[0], help=f"points to begin with ({SETS[0]}, if not given)")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="points of your own: two columns and a class, named in row 1"
    )
    parser.add_argument(
        "--inputs", default="", metavar="A,B", help="the two columns, by name or counted from 1 (all but the class)"
    )
    parser.add_argument("--target", default="", metavar="C", help="the column of the class (the last)")
    parser.add_argument(
        "--hidden",
        type=_widths,
        default=HIDDEN,
        metavar="N,…",
        help=f"neurons of each hidden layer: up to {DEEPEST} layers of 1 to {WIDE}; 0 for none (8,8, if not given)",
    )
    parser.add_argument(
        "--activation", choices=ACTIVATIONS, default="tanh", help="of the hidden layers (tanh, if not given)"
    )


def _widths(text: str) -> tuple[int, ...]:
    cells = [each.strip() for each in text.split(",")]
    widths = () if cells == ["0"] else tuple(int(each) if each.isdecimal() else 0 for each in cells)
    if len(widths) > DEEPEST or not all(1 <= width <= WIDE for width in widths):
        raise ArgumentTypeError(
            f"got {text!r}; wanted up to {DEEPEST} widths from 1 to {WIDE}, as in 8,8, or 0 for no hidden layer"
        )
    return widths


def main(
    language: Literal["ja", "en"],
    output: Path,
    seed: int = 0,
    data: str = SETS[0],
    csv: Path | None = None,
    inputs: str = "",
    target: str = "",
    hidden: Sequence[int] = HIDDEN,
    activation: str = "tanh",
) -> None:
    """Write the page, and tell what the same training gives in Python."""
    own = {csv.name: from_file(csv, inputs, target, seed)} if csv else {}
    if not csv and (inputs or target):
        raise InputError("--inputs and --target choose columns of a file: give that with --csv FILE.")
    sets = {**own, **{name: points(name, seed) for name in (data, *SETS)}}
    text = page(sets, language, hidden, activation, seed)
    print(story(language, *next(iter(sets.items())), network(hidden, activation, seed), len(text.encode()) / 1000))
    file = output / "playground.html"
    _page.write(file, text)
    pictures.show(language, file)


def story(language: str, name: str, data: Points, model: nn.MLP, size: float) -> str:
    """The lesson as text."""
    loss = train(model, data)
    return _STORY[language].format(
        data=WORDS[language].get(name, name),
        learned=int((~data.held).sum()),
        held=int(data.held.sum()),
        model=model,
        rate=RATE,
        steps=STEPS,
        loss=loss,
        known=accuracy(model, data, held=False),
        unknown=accuracy(model, data, held=True),
        size=size,
    )
