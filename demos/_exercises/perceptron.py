"""Exercise 4 of document 002: a perceptron and its loss, each with a pass forward and a pass backward.

Half of this file is what the student reads, in two languages; the other half checks it.
"""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd import grad
from demos._exercises.answer import Answer, Case, Slip, Wrong, compare, number_or_shape, shown
from demos._exercises.exercise import Exercise, Part

TEMPLATE = '''\
"""$task"""

from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data" / "advertising.csv"


class Perceptron():
    def __init__(self, n_inputs, n_outputs=1, learning_rate=1e-5, rng=None):
        """$init"""
        rng = rng or np.random.default_rng()
        # self.w = $blank
        # self.b = $blank
        # self.lr = $blank
        raise NotImplementedError("TODO: $todo_init")

    def forward(self, x):
        """$forward"""
        self.x = x  # $remember
        raise NotImplementedError("TODO: $todo_forward")

    def backward(self, g):
        """$backward"""
        # $gradient
        # self.g_w = $blank
        # self.g_b = $blank
        # g = $blank
        # $update
        # self.w = $blank
        # self.b = $blank
        # return g
        raise NotImplementedError("TODO: $todo_backward")


class MeanSquaredError():
    def __init__(self):
        self.diff = None
        self.loss = None

    def forward(self, y, t):
        """$loss_forward"""
        self.diff = y - t  # $remember
        # self.loss = $blank
        # return self.loss
        raise NotImplementedError("TODO: $todo_loss_forward")

    def backward(self):
        """$loss_backward"""
        raise NotImplementedError("TODO: $todo_loss_backward")


def train(perceptron, loss_function, x, t, max_iteration):
    """$train"""
    loss = None
    for i in range(max_iteration):
        y = perceptron.forward(x)
        loss = loss_function.forward(y, t)
        g = loss_function.backward()
        g = perceptron.backward(g)
    return loss


def load():
    """$load"""
    table = np.loadtxt(DATA, delimiter=",", skiprows=1, usecols=(1, 2, 3, 4))
    return table[:, :3], table[:, 3:]


def main():
    x, t = load()
    perceptron = Perceptron(n_inputs=3, n_outputs=1, learning_rate=1e-7)  # $rate
    loss = train(perceptron, MeanSquaredError(), x, t, max_iteration=20000)
    print("w =", perceptron.w)
    print("b =", perceptron.b)
    print("E =", loss)


$end
'''

TEXTS = {
    "ja": {
        "task": """演習(4)：単純パーセプトロン

情報システム実験実習II 第2回（document 002）：単純パーセプトロンにより、係数を求めるプログラムを完成させよ。

データセットは data/advertising.csv（資料のデータの代わりに作ったもの）。
説明変数は TV 広告費、ラジオ広告費、新聞広告費。目的変数は Sales（売上）。

使って良い関数など：
    rng.standard_normal((入力次元数, 出力次元数))、rng.standard_normal(出力次元数)
    np.sum()、np.mean()、np.pow() あるいは「変数名 ** 2」

次元数は、入力 x が (データ数, 入力数)、重み w が (入力数, 出力数)、出力 y が (データ数, 出力数)。
重みとバイアスの初期値が乱数なので、結果は毎回異なる。学習率や学習回数でも異なる。
""",
        "init": "重み self.w とバイアス self.b を乱数で、学習率 self.lr を learning_rate で始める。",
        "todo_init": "Perceptron.__init__ に、重みとバイアスの乱数と、学習率を書く",
        "forward": "順伝播：xw + b を返す。",
        "remember": "後で勾配計算に使う",
        "todo_forward": "Perceptron.forward に、出力 xw + b を書く",
        "backward": """逆伝播：勾配を計算し、重みとバイアスを更新する。

    g: 誤差の、出力 y での偏微分（データごと）
    返すのは、誤差の、入力 x での偏微分（次のノードへ）。更新前の重みで計算する。
    self.g_w と self.g_b は、全データにわたる総和をとる（総和ではなく平均でも良い）。
    """,
        "todo_backward": "Perceptron.backward に、勾配の計算と更新を書く",
        "loss_forward": "平均二乗誤差 E = 1/N Σ (y_i - t_i)² を返す。",
        "todo_loss_forward": "MeanSquaredError.forward に、誤差の計算を書く",
        "loss_backward": "データごとの誤差 E_i = (y_i - t_i)² の、y_i での偏微分を返す（総和や平均を取らない）。",
        "todo_loss_backward": "MeanSquaredError.backward に、偏微分を書く",
        "train": "順伝播、誤差計算、逆伝播を max_iteration 回くり返し、最後の誤差を返す。",
        "load": "入力 (データ数, 3) と正解 (データ数, 1)。",
        "rate": "総和の場合。平均をとるなら 2e-5",
        "gradient": "勾配計算",
        "update": "更新",
        "blank": "TODO",
        "hint general": "小さい例を、計算グラフに数を書き込んで計算し、比べてみよう。",
        "hint dimensions": "資料「複数のデータに対応」の次元数を見直そう。",
        "hint random": "初期値が乱数になっていない。引数 rng を使おう。",
        "hint lr": "self.lr に入れるのは？",
        "hint no b": "バイアスが足りない。",
        "hint sum": "データが増えるほど値が大きくなる。Σ の前にあるものは？",
        "hint half": "ちょうど半分になっている。資料の式を見直そう。",
        "hint signed": "正の誤差と負の誤差が打ち消しあっている。",
        "hint mean": "総和や平均を取るのは、ここではなくパラメータの更新のとき。",
        "hint inner": "ちょうど半分になっている。二乗の微分を見直そう。",
        "hint sign": "符号が逆。",
        "hint no x": "w に届く勾配には、伝わってきた g のほかに何を掛ける？ 計算グラフの掛け算のノードを見よう。",
        "hint mixed": "w と b の、片方は総和、片方は平均になっている。",
        "hint one": "データごとに分かれている。w も b も全てのデータに共通だから、集めてから使う。",
        "hint ascent": "坂を上っている。傾きのどちら側へ進めば低くなる？",
        "hint rate": "一歩の大きさは、傾きだけでは決まらない。",
        "hint still": "更新されていない。",
        "hint new w": "返す g を計算するとき、w はもう更新されている。計算と更新の順番は？",
        "hint passed on": "g をそのまま返している。このノードの偏微分を掛けてから、次のノードへ渡す。",
    },
    "en": {
        "task": """Exercise (4): a perceptron.

Document 002 (情報システム実験実習II, second lecture): complete the program that finds the coefficients by a perceptron.

The data set is data/advertising.csv, made up in place of the document's. Inputs: what is spent on advertising on TV, on
radio and in newspapers. Target: Sales.

You may use
    rng.standard_normal((inputs, outputs)), rng.standard_normal(outputs)
    np.sum(), np.mean(), and np.pow() or "name ** 2"

Shapes: the input x is (data, inputs), the weights w are (inputs, outputs), the output y is (data, outputs).
The weights and the bias start at random numbers, so each run ends differently; so do other learning rates, and other
numbers of steps.
""",
        "init": "Start the weights self.w and the bias self.b at random numbers, the rate self.lr at learning_rate.",
        "todo_init": "in Perceptron.__init__, write random weights, a random bias, and the learning rate",
        "forward": "The pass forward: xw + b.",
        "remember": "needed later, for the gradient",
        "todo_forward": "in Perceptron.forward, write the output xw + b",
        "backward": """The pass backward: compute the gradients, and update the weights and the bias.

    g: the derivative of the error by the output y, of each datum
    Returned is the derivative of the error by the input x, for the next node, by the weights from before the update.
    self.g_w and self.g_b are sums over all data (means will do as well).
    """,
        "todo_backward": "in Perceptron.backward, write the gradients and the update",
        "loss_forward": "The mean squared error E = 1/N Σ (y_i - t_i)².",
        "todo_loss_forward": "in MeanSquaredError.forward, write the error",
        "loss_backward": "The derivative of E_i = (y_i - t_i)² by y_i, of each datum; no sum and no mean is taken.",
        "todo_loss_backward": "in MeanSquaredError.backward, write the derivative",
        "train": "Forward, error, backward, max_iteration times; returns the last error.",
        "load": "Inputs (data, 3) and targets (data, 1).",
        "rate": "for sums; 2e-5 for means",
        "gradient": "the gradients",
        "update": "the update",
        "blank": "TODO",
        "hint general": "Write the small case into the computation graph, work it out, and compare.",
        "hint dimensions": "Look again at the shapes in the document, where it comes to batches of data.",
        "hint random": "It does not start at random numbers. Use the argument rng.",
        "hint lr": "What is self.lr to be?",
        "hint no b": "The bias is missing.",
        "hint sum": "It grows with the number of data. What stands in front of Σ?",
        "hint half": "It is half of what is right. Look again at the document's formula.",
        "hint signed": "Errors above and below cancel each other.",
        "hint mean": "A sum or a mean is taken where the parameters are updated, and not here.",
        "hint inner": "It is half of what is right. Look again at the derivative of a square.",
        "hint sign": "The sign is the other way round.",
        "hint no x": "What is the g that comes in multiplied by on its way to w? Look at the node of the product "
        "in the graph.",
        "hint mixed": "Of w and b, one takes the sum and the other the mean.",
        "hint one": "This is still one number for each datum. All data share w and b, so collect it before it is used.",
        "hint ascent": "This walks uphill. To which side of the slope does it go down?",
        "hint rate": "A step is not as long as the slope alone says.",
        "hint still": "It is not updated.",
        "hint new w": "When the g to return is computed, w has moved already. What comes first, and what after it?",
        "hint passed on": "This returns g as it came. Multiply it by this node's own derivative, and pass that on.",
    },
}


def column(*numbers: float) -> Any:
    return np.array(numbers, dtype=float)[:, None]


# --- The loss -------------------------------------------------------------------------------------------------

PAIRS: list[Case] = [
    {"y": column(1), "t": column(0)},
    {"y": column(0), "t": column(3)},
    {"y": column(1, 2, 4), "t": column(0, 5, 4)},
]


def right_loss(y: Any, t: Any) -> float:
    return float(np.mean(np.square(y - t)))


def check_loss_forward(answer: Answer) -> None:
    slips: dict[str, Slip] = {
        "sum": lambda right, case: right * len(case["y"]),
        "half": lambda right, case: right / 2,
        "signed": lambda right, case: float(np.mean(case["y"] - case["t"])),
    }
    compare(
        answer,
        "MeanSquaredError.forward",
        PAIRS,
        right_loss,
        slips=slips,
        call=lambda case: _made(answer, "MeanSquaredError").forward(**case),
    )


def right_loss_gradient(y: Any, t: Any) -> Any:
    """By this library, of each datum's own error."""
    pairs = zip(y[:, 0].tolist(), t[:, 0].tolist(), strict=True)
    return column(*(grad(lambda yi, ti=ti: (yi - ti) ** 2)(yi) for yi, ti in pairs))


def check_loss_backward(answer: Answer) -> None:
    """After a `forward` that may itself be wrong: what is needed of it is `diff`, which is put right."""

    def call(case: Case) -> Any:
        loss = _made(answer, "MeanSquaredError")
        with contextlib.suppress(Exception):
            loss.forward(**case)
        loss.diff = case["y"] - case["t"]
        return loss.backward()

    slips: dict[str, Slip] = {
        "inner": lambda right, case: right / 2,
        "mean": lambda right, case: right / len(right),
        "sign": lambda right, case: -right,
    }

    def text(case: Case) -> str:
        return f"forward(y = {shown(case['y'])}, t = {shown(case['t'])}), backward()"

    compare(answer, "MeanSquaredError.backward", PAIRS, right_loss_gradient, slips=slips, call=call, shown=text)


def _made(answer: Answer, name: str, *arguments: Any) -> Any:
    """An instance; without its `__init__`, where that is not written yet or wrong."""
    made: Any = answer.find(name)
    try:
        return made(*arguments)
    except Exception:
        return made.__new__(made)


# --- The perceptron -------------------------------------------------------------------------------------------


def check_init(answer: Answer) -> None:
    """Shapes, random numbers and the rate."""
    made = answer.find("Perceptron")
    for inputs in (1, 3):
        text = f"Perceptron(n_inputs = {inputs}, n_outputs = 1, learning_rate = 0.5)"
        first, second = (
            answer.call(text, partial(made, inputs, 1, 0.5, np.random.default_rng(seed))) for seed in (0, 1)
        )
        for name, shape in (("w", (inputs, 1)), ("b", (1,))):
            found = _attribute(answer, text, first, name)
            if found.shape != shape:
                got, right = number_or_shape(answer, found.shape), number_or_shape(answer, shape)
                raise answer.wrong("shape", "dimensions", call=text, name=f"self.{name}: ", got=got, right=right)
            if np.array_equal(found, _attribute(answer, text, second, name)):
                raise answer.wrong("same", "random", call=text, got=f"self.{name} = {shown(found)}")
        rate = _attribute(answer, text, first, "lr")
        if rate != 0.5:
            raise answer.wrong("came", "lr", call=text, got=f"self.lr = {shown(rate)}", right="0.5")


def _attribute(answer: Answer, text: str, made: Any, name: str) -> Any:
    found = getattr(made, name, None)
    if found is None:
        raise answer.wrong("attribute", call=text, name=name)
    try:
        return np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        raise answer.wrong("no numbers", call=text, got=f"self.{name}", kind=type(found).__name__) from None


def perceptron(answer: Answer, w: Any, b: Any, learning_rate: float = 0.5) -> Any:
    """The student's, with these numbers, whatever its `__init__` does."""
    made = _made(answer, "Perceptron", len(w), w.shape[1], learning_rate, np.random.default_rng(0))
    made.w, made.b, made.lr = np.array(w), np.array(b), learning_rate
    return made


BATCHES: list[Case] = [
    {"x": column(1), "w": column(2), "b": np.array([0.0])},
    {"x": column(1), "w": column(0), "b": np.array([3.0])},
    {"x": np.array([[1.0, 2.0]]), "w": column(3, -1), "b": np.array([0.5])},
    {"x": np.array([[1.0, 0.0], [2.0, -1.0], [0.5, 4.0]]), "w": column(3, -1), "b": np.array([0.5])},
]


def right_output(x: Any, w: Any, b: Any) -> Any:
    return np.matmul(x, w) + b


def _with(case: Case) -> str:
    return f"w = {shown(case['w'])}, b = {shown(case['b'])}"


def check_forward(answer: Answer) -> None:
    compare(
        answer,
        "Perceptron.forward",
        BATCHES,
        right_output,
        slips={"no b": lambda right, case: right - case["b"]},
        call=lambda case: perceptron(answer, case["w"], case["b"]).forward(case["x"]),
        shown=lambda case: answer.say("with", call=f"forward(x = {shown(case['x'])})", numbers=_with(case)),
    )


LEARNING: list[Case] = [
    {**BATCHES[0], "g": column(1), "lr": 0.5},
    {**BATCHES[2], "g": column(2), "lr": 0.5},
    {**BATCHES[3], "g": column(1, -2, 4), "lr": 0.25},
]


def went_back(answer: Answer, x: Any, w: Any, b: Any, g: Any, lr: float) -> tuple[Any, Any]:
    """The student's perceptron after `forward` and `backward`, and what `backward` gave.

    `forward` may itself be wrong: what is needed of it is `x`, which is put right.
    """
    made = perceptron(answer, w, b, lr)
    with contextlib.suppress(Exception):
        made.forward(x.copy())
    made.x = x.copy()
    return made, made.backward(g.copy())


def _text(answer: Answer) -> Callable[[Case], str]:
    def text(case: Case) -> str:
        call = f"forward(x = {shown(case['x'])}), backward(g = {shown(case['g'])})"
        return answer.say("with", call=call, numbers=f"{_with(case)}, lr = {shown(case['lr'])}")

    return text


def right_gradients(x: Any, w: Any, b: Any, g: Any, lr: float) -> list[Any]:
    """Of Σ g y, by this library: by w, by b, and by x."""

    def total(p: Any) -> Any:
        weights, bias, rows = p
        outputs = (sum(wj * xj for wj, xj in zip(weights, row, strict=True)) + bias for row in rows)
        return sum(gi * y for gi, y in zip(g[:, 0].tolist(), outputs, strict=True))

    by_w, by_b, by_x = grad(total)([w[:, 0].tolist(), float(b[0]), x.tolist()])
    return [np.array(by_w)[:, None], np.array([by_b]), np.array(by_x)]


def takes_means(answer: Answer) -> bool:
    """Whether the student's gradient of w is a mean over the data, which is as right as a sum."""
    case = LEARNING[-1]
    try:
        made, _ = answer.call(_text(answer)(case), lambda: went_back(answer, **case))
    except Wrong:
        return False
    right = right_gradients(**case)[0] / len(case["g"])
    found: Any = getattr(made, "g_w", None)
    return np.shape(found) == np.shape(right) and bool(np.allclose(found, right))


def collected(answer: Answer, case: Case) -> tuple[Any, Any]:
    """Right gradients of w and b: sums, or means where the student takes these."""
    by_w, by_b, _ = right_gradients(**case)
    share = len(case["g"]) if takes_means(answer) else 1
    return by_w / share, by_b / share


def _one(found: Any) -> Any:
    """A bias may be of any shape that has one number."""
    return np.reshape(found, 1) if np.size(found) == 1 and found is not None else found


def check_gradients(answer: Answer) -> None:
    """`g_w` and `g_b`: both sums, or both means."""

    def call(case: Case) -> Any:
        made, _ = went_back(answer, **case)
        return getattr(made, "g_w", None), _one(getattr(made, "g_b", None))

    def flat(right: Any, case: Case) -> Any:
        return right[1] + np.zeros_like(right[0]), right[1]

    def mixed(right: Any, case: Case) -> Any:
        n = len(case["g"])
        return right[0], right[1] * n if takes_means(answer) else right[1] / n

    compare(
        answer,
        "Perceptron.backward",
        LEARNING,
        lambda **case: collected(answer, case),
        results=("self.g_w", "self.g_b"),
        slips={
            "sign": lambda right, case: (-right[0], -right[1]),
            "no x": flat,
            "no x, mean": lambda right, case: tuple(each / len(case["g"]) for each in flat(right, case)),
            "mixed": mixed,
            "one": lambda right, case: (case["x"] * case["g"], _one(case["g"])),
        },
        call=call,
        shown=_text(answer),
    )


def check_update(answer: Answer) -> None:
    """w and b move against their gradients."""

    def moved(right: Any, case: Case, rate: float) -> tuple[Any, Any]:
        return tuple(case[name] - rate * each for name, each in zip("wb", collected(answer, case), strict=True))

    def call(case: Case) -> Any:
        made, _ = went_back(answer, **case)
        return made.w, _one(made.b)

    slips: dict[str, Slip] = {
        "still": lambda right, case: moved(right, case, 0.0),
        "ascent": lambda right, case: moved(right, case, -case["lr"]),
        "rate": lambda right, case: moved(right, case, 1.0),
    }
    compare(
        answer,
        "Perceptron.backward",
        LEARNING,
        lambda **case: moved(None, case, case["lr"]),
        results=("self.w", "self.b"),
        slips=slips,
        call=call,
        shown=_text(answer),
    )


def check_returned(answer: Answer) -> None:
    """What goes on to the node before: the derivative by x, by the weights from before the update."""

    def new_w(right: Any, case: Case) -> Any:
        return np.matmul(case["g"], np.transpose(case["w"] - case["lr"] * collected(answer, case)[0]))

    slips: dict[str, Slip] = {"new w": new_w, "passed on": lambda right, case: case["g"]}
    compare(
        answer,
        "Perceptron.backward",
        LEARNING,
        lambda **case: right_gradients(**case)[2],
        slips=slips,
        call=lambda case: went_back(answer, **case)[1],
        shown=lambda case: f"{_text(answer)(case)}, return",
    )


EXERCISE = Exercise(
    "ex4_perceptron.py",
    TEMPLATE,
    TEXTS,
    (
        Part("MeanSquaredError.forward", check_loss_forward),
        Part("MeanSquaredError.backward", check_loss_backward),
        Part("Perceptron.__init__", check_init),
        Part("Perceptron.forward", check_forward),
        Part("Perceptron.backward: g_w, g_b", check_gradients),
        Part("Perceptron.backward: w, b", check_update, after="Perceptron.backward: g_w, g_b"),
        Part("Perceptron.backward: return", check_returned),
    ),
)
