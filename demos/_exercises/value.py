"""Write your own Value: seven steps in a file that grows. Small programs run on the student's class and on ours.

Half of this file is what the student reads, in two languages; the other half checks it.
"""

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autograd import Value, tanh
from demos._exercises.answer import Answer, apart, brief
from demos._exercises.exercise import Exercise, Part

TEMPLATE = '''\
"""$task"""

import math


class Value:
    """$value"""

    def __init__(self, data, _prev=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self.label = label
        self._prev = _prev
        self._op = _op
        self._backward = lambda: None

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other):
        """$add"""
        other = other if isinstance(other, Value) else Value(other)
        # out = Value($blank, (self, other), "+")
        #
        # def _backward():
        #     self.grad = $blank
        #     other.grad = $blank
        #
        # out._backward = _backward
        # return out
        raise NotImplementedError("TODO: $todo_add")

    def __mul__(self, other):
        """$multiply"""
        other = other if isinstance(other, Value) else Value(other)
        raise NotImplementedError("TODO: $todo_multiply")

    def __radd__(self, other):  # 2 + a
        return self + other

    def __rmul__(self, other):  # 2 * a
        return self * other

    def backward(self):
        """$sweep"""
        raise NotImplementedError("TODO: $todo_sweep")

    def tanh(self):
        """$tanh"""
        raise NotImplementedError("TODO: $todo_tanh")


def neuron(x, w, b):
    """$neuron"""
    raise NotImplementedError("TODO: $todo_neuron")


def main():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    y = (a + 10) * b
    y.backward()
    print("y =", y)
    print("a =", a)
    print("b =", b)


$end
'''

STEPS = (
    "1 a + b",
    "2 a * b",
    "3 backward()",
    "4 a + a",
    "5 b + b * 2",
    "6 tanh",
    "7 neuron",
)

TEXTS = {
    "ja": {
        "task": """自分の Value を作る：7 つのステップ

数と、その数がどの計算から来たかを覚えていて、backward() で勾配（微分）を求めるクラス Value を、1 ステップずつ作る。
資料の「計算グラフ」「逆伝播」（document 002）を、ひとつずつの数で行うもの。

    1  足し算 a + b
    2  掛け算 a * b
    3  backward()：出力から入力へ、連鎖律で
    4  ひとつの数を 2 回使う：a + a
    5  順番：下流がすべて済んだノードから（トポロジカル順序）
    6  tanh
    7  ニューロン tanh(w·x + b)

4 と 5 には、新しく書く関数はない。それまでに書いたものを直す。合格したステップは、直したあとも合格のままのはず。
""",
        "value": """計算グラフのノード。

    data: 数。grad: 出力の、この数での微分（backward() のあと）
    _prev: この数のもとになった Value。_op: その演算。label: 図に出る名前
    _backward: この数の grad を、_prev の grad へ伝える関数
    """,
        "add": """ステップ 1：和の Value を返す。_backward は、out.grad を self と other へ伝える。

    伝わってきた微分 × 自身の偏微分。和 a + b の、a での偏微分は？
    """,
        "todo_add": "ステップ 1：Value.__add__ に足し算を書く",
        "multiply": """ステップ 2：積の Value を返す。_backward は、out.grad を self と other へ伝える。""",
        "todo_multiply": "ステップ 2：Value.__mul__ に掛け算を書く",
        "sweep": """ステップ 3：self.grad を 1 にし、self からさかのぼって、すべてのノードの _backward を呼ぶ。""",
        "todo_sweep": "ステップ 3：Value.backward に、出力からさかのぼるループを書く",
        "tanh": """ステップ 6：tanh の Value を返す。math.tanh を使ってよい。""",
        "todo_tanh": "ステップ 6：Value.tanh を書く",
        "neuron": """ステップ 7：tanh(w[0] x[0] + w[1] x[1] + … + b)。

    x: 数のリスト。w: Value のリスト。b: Value。
    """,
        "todo_neuron": "ステップ 7：neuron に tanh(w·x + b) を書く",
        "blank": "TODO",
        "hint general": "計算グラフを紙にかき、ノードごとに、伝わってきた微分 × 自身の偏微分 を書き込もう。",
        "hint no upstream": "自身の偏微分だけになっている。伝わってきた微分は？",
        "hint same": "それぞれの入力に掛けるのは、自分の値ではない。",
        "hint data": "値のほうが違う。",
        "hint prev": "out._prev は、図や backward() が入力をたどるのに使う。",
        "hint operand": "片方だけに伝わっている。",
        "hint all nodes": "_backward は、自分の _prev までしか伝えない。その先は、誰が呼ぶ？",
        "hint one": "最初の微分 dy/dy は？",
        "hint twice": "a は 2 か所で使われ、微分は 2 か所から届く。2 つめが届いたとき、1 つめはどうなる？",
        "hint order": "あるノードの _backward を呼ぶのは、そのノードを使ったものすべてから微分が届いたあと。"
        "順番を書き出してみよう。",
        "hint repeated": "_backward を 2 回以上呼んだノードがある。",
        "hint tanh": "tanh の微分は、tanh の値そのものを使って書ける。",
        "hint bias": "バイアスが足りない。",
        "hint activation": "最後に活性化関数を通す。",
        "try 3": "自分の計算グラフを見てみましょう：\n"
        "  from autograd import draw; from value import Value\n"
        '  a, b = Value(2.0, label="a"), Value(-3.0, label="b")\n'
        '  y = (a + 10) * b; y.backward(); draw(y).save("mine.svg")',
        "try 7": "自分のニューロンの計算グラフを見てみましょう：\n"
        "  from autograd import draw; from value import Value, neuron\n"
        '  w, b = [Value(-3.0, label="w1"), Value(1.0, label="w2")], Value(6.9, label="b")\n'
        '  y = neuron([2.0, 0.0], w, b); y.backward(); draw(y).save("neuron.svg")\n'
        "もっと厳しい検査（深いグラフ、大きな数など）：python -m autograd check value.py:Value",
    },
    "en": {
        "task": """Write your own Value, in seven steps.

A Value is a number that remembers which computation it comes from, and backward() finds the derivatives. It does, with
single numbers, what document 002 does with computation graphs and the pass backward.

    1  addition, a + b
    2  multiplication, a * b
    3  backward(): from the output to the inputs, by the chain rule
    4  a number used twice: a + a
    5  the order: a node comes after everything that uses it (topological order)
    6  tanh
    7  a neuron, tanh(w·x + b)

Steps 4 and 5 have no function of their own: they ask you to put right what you have. A step that has passed should pass
afterwards too.
""",
        "value": """A node of a computation graph.

    data: the number. grad: the derivative of the output by it (after backward())
    _prev: the Values it was made of. _op: by which operation. label: its name in pictures
    _backward: a function that passes grad on to the grad of those in _prev
    """,
        "add": """Step 1: the sum, as a Value. Its _backward passes out.grad on to self and other.

    The derivative that arrives × the node's own. What is the derivative of a + b by a?
    """,
        "todo_add": "step 1: in Value.__add__, write the addition",
        "multiply": "Step 2: the product, as a Value. Its _backward passes out.grad on to self and other.",
        "todo_multiply": "step 2: in Value.__mul__, write the multiplication",
        "sweep": "Step 3: set self.grad to 1 and, from self backward, call the _backward of every node.",
        "todo_sweep": "step 3: in Value.backward, write the loop from the output backward",
        "tanh": "Step 6: the tanh, as a Value. You may use math.tanh.",
        "todo_tanh": "step 6: write Value.tanh",
        "neuron": """Step 7: tanh(w[0] x[0] + w[1] x[1] + … + b).

    x: a list of numbers. w: a list of Values. b: a Value.
    """,
        "todo_neuron": "step 7: in neuron, write tanh(w·x + b)",
        "blank": "TODO",
        "hint general": "Draw the graph on paper, and at each node write the derivative that arrives × the node's own.",
        "hint no upstream": "This is the node's own derivative alone. Where is the one that arrives?",
        "hint same": "What each operand's derivative is multiplied by is not the operand itself.",
        "hint data": "It is the value that differs.",
        "hint prev": "Through out._prev pictures and backward() find the inputs.",
        "hint operand": "It is passed on to one operand only.",
        "hint all nodes": "A _backward passes on to its own _prev and no further. Who calls those?",
        "hint one": "What is dy/dy, the first derivative of all?",
        "hint twice": "a is used in two places, and a derivative arrives from each. When the second arrives, what "
        "becomes of the first?",
        "hint order": "A node's _backward may be called only after everything that uses the node has passed its "
        "derivative on. Write down the order in which yours are called.",
        "hint repeated": "The _backward of some node is called more than once.",
        "hint tanh": "The derivative of tanh can be written with the value of tanh itself.",
        "hint bias": "The bias is missing.",
        "hint activation": "The sum goes through an activation at the end.",
        "try 3": "See your own graph:\n"
        "  from autograd import draw; from value import Value\n"
        '  a, b = Value(2.0, label="a"), Value(-3.0, label="b")\n'
        '  y = (a + 10) * b; y.backward(); draw(y).save("mine.svg")',
        "try 7": "See your own neuron:\n"
        "  from autograd import draw; from value import Value, neuron\n"
        '  w, b = [Value(-3.0, label="w1"), Value(1.0, label="w2")], Value(6.9, label="b")\n'
        '  y = neuron([2.0, 0.0], w, b); y.backward(); draw(y).save("neuron.svg")\n'
        "A harder examination (deep graphs, large numbers and more): python -m autograd check value.py:Value",
    },
}

# --- Programs -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """Lines of Python that make y from leaves, for the student's class and for ours.

    Attributes:
        leaves: their numbers by name.
        lines: what is computed of them; the last one makes y.
        sweep: how the derivatives are found: the line that is told, `y.backward()` or a call of `_backward`.
    """

    leaves: dict[str, float]
    lines: tuple[str, ...]
    sweep: str = "y.backward()"

    def text(self) -> str:
        """As a student could type it."""
        leaves = (f"{name} = Value({number:g})" for name, number in self.leaves.items())
        return "; ".join([*leaves, *self.lines, self.sweep])

    def run(self, names: dict[str, Any]) -> dict[str, Any]:
        """All names after the lines."""
        room = dict(names)
        for name, number in self.leaves.items():
            room[name] = names["Value"](number)
        exec("\n".join(self.lines), room)
        return room


def by_hand(leaves: dict[str, float], line: str, upstream: float = 1.0) -> Program:
    """One operation, with the derivative that arrives set by hand."""
    return Program(leaves, (line,), f"y.grad = {upstream:g}; y._backward()")


MOST = "calls of one _backward"
OURS = {"Value": Value, "neuron": lambda x, w, b: tanh(sum((wi * xi for wi, xi in zip(w, x, strict=True)), b))}

Diagnosis = Callable[[dict[str, float], dict[str, float], Program], str]
"""From the numbers that came, those that are right, and the program, the name of a hint."""


def hold(answer: Answer, programs: Sequence[Program], diagnose: Diagnosis) -> None:
    """The value of y, and each leaf's gradient, in each program: the first that differs is told."""
    theirs = {"Value": answer.find("Value")}
    if "neuron" in programs[0].text():
        theirs["neuron"] = answer.find("neuron")
    for program in programs:
        text = program.text()
        room = answer.call(text, lambda program=program: program.run(theirs))
        if room["y"] is None:
            raise answer.wrong("none", call=text)
        calls = _counting(room["y"])
        answer.call(text, lambda program=program, room=room: exec(program.sweep, room))
        right = _right(program)
        came = {name: _number(answer, text, room, name) for name in right}
        came[MOST] = max(calls.values(), default=0)
        for name, number in right.items():
            if not math.isclose(came[name], number, rel_tol=1e-6, abs_tol=1e-9):
                hint = "data" if name == "y.data" and diagnose is not _neuron else diagnose(came, right, program)
                got, wanted = apart(came[name], number)
                raise answer.wrong("came", hint, call=text, got=f"{name} = {got}", right=wanted)


def _counting(y: Any) -> Counter[int]:
    """How often the `_backward` of each node of a graph is called from now on, by the node's id."""
    calls: Counter[int] = Counter()
    waiting, seen = [y], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting.extend(getattr(node, "_prev", ()))
        with contextlib.suppress(AttributeError):  # other names, or slots
            node._backward = partial(_counted, calls, id(node), node._backward)
    return calls


def _counted(calls: Counter[int], key: int, backward: Callable[[], Any]) -> Any:
    calls[key] += 1
    return backward()


def _right(program: Program) -> dict[str, float]:
    """By our own class; a derivative that arrives is a factor."""
    upstream = float(program.sweep.split("=")[1].split(";")[0]) if "=" in program.sweep else 1.0
    room = program.run(OURS)
    room["y"].backward()
    return {
        "y.data": float(room["y"].data),
        **{f"{name}.grad": upstream * float(room[name].grad) for name in program.leaves},
    }


def _number(answer: Answer, text: str, room: dict[str, Any], name: str) -> float:
    node, attribute = name.split(".")
    found = getattr(room[node], attribute, None)
    try:
        return float(found)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        got = brief(room[node]) if found is None else f"{name} = {brief(found)}"
        raise answer.wrong("no numbers", call=text, got=got, kind=type(found or room[node]).__name__) from None


# --- The steps ------------------------------------------------------------------------------------------------


def _operation(came: dict[str, float], right: dict[str, float], program: Program) -> str:
    a, b = "a.grad", "b.grad"
    if (came[a] == right[a]) != (came[b] == right[b]) and 0.0 in (came[a], came[b]):
        return "operand"
    upstream = _right(Program(program.leaves, program.lines))
    if (came[a], came[b]) == (upstream[a], upstream[b]):
        return "no upstream"
    return "same" if (came[a], came[b]) == (right[b], right[a]) else "general"


def _check_operation(answer: Answer, sign: str) -> None:
    leaves = [{"a": 2.0, "b": 3.0}, {"a": -1.5, "b": 4.0}, {"a": 0.5, "b": -2.0}]
    line = f"y = a {sign} b"
    hold(answer, [by_hand(each, line, up) for each in leaves for up in (1.0, 5.0)], _operation)
    y = answer.call(line, lambda: Program(leaves[0], (line,)).run({"Value": answer.find("Value")}))
    if len(getattr(y["y"], "_prev", ())) != 2:
        raise answer.wrong(
            "came", "prev", call=line, got=f"len(y._prev) = {len(getattr(y['y'], '_prev', ()))}", right="2"
        )
    hold(answer, [by_hand({"a": 2.0}, f"y = {each}") for each in (f"a {sign} 3", f"3 {sign} a")], _general)


def _general(came: dict[str, float], right: dict[str, float], program: Program) -> str:
    return "general"


def check_add(answer: Answer) -> None:
    _check_operation(answer, "+")


def check_multiply(answer: Answer) -> None:
    _check_operation(answer, "*")


def check_sweep(answer: Answer) -> None:
    """Trees: every Value is used once."""

    def diagnose(came: dict[str, float], right: dict[str, float], program: Program) -> str:
        gradients = [came[name] for name in right if name != "y.data"]
        if not any(gradients):
            return "one" if len(program.lines) == 1 else "all nodes"
        return "all nodes" if 0.0 in gradients else "general"

    leaves = {"a": 2.0, "b": 3.0, "c": -1.0, "d": 4.0}
    programs = [
        Program({"a": 2.0, "b": 3.0}, ("y = a * b",)),
        Program({"a": 2.0, "b": 3.0, "c": -1.0}, ("y = a * b + c",)),
        Program({"a": 2.0, "b": 3.0, "c": -1.0}, ("y = c * (a + b)",)),
        Program(leaves, ("y = a * b + c * d",)),
        Program(leaves, ("y = a * (b * (c + d))",)),
        Program(leaves, ("y = (a + b) * 2 * (c * d + 1)",)),
    ]
    hold(answer, programs, diagnose)


def check_twice(answer: Answer) -> None:
    """A leaf that is used more than once."""

    def diagnose(came: dict[str, float], right: dict[str, float], program: Program) -> str:
        return "twice"

    programs = [
        Program({"a": 3.0}, ("y = a + a",)),
        Program({"a": 3.0}, ("y = a * a",)),
        Program({"a": 3.0, "b": 2.0}, ("y = a * b + a",)),
        Program({"a": 2.0, "b": -1.0}, ("y = a * b + b * a * a",)),
    ]
    hold(answer, programs, diagnose)


def check_order(answer: Answer) -> None:
    """A result that is used more than once, on ways of different lengths and in both orders."""

    def diagnose(came: dict[str, float], right: dict[str, float], program: Program) -> str:
        return "repeated" if came[MOST] > 1 else "order"

    lines = (
        ("b = a * 3", "y = b + b"),
        ("b = a * 3", "y = b * 2 + b"),
        ("b = a * 3", "y = b + b * 2"),
        ("b = a * 3", "c = b * 2", "d = b + c", "y = d * c"),
        ("b = a * 3", "c = b + 1", "d = c * b", "e = d + c", "y = e * b"),
        ("b = a * a", "c = b * b", "y = c * c"),
    )
    hold(answer, [Program({"a": 2.0}, each) for each in lines], diagnose)


def check_tanh(answer: Answer) -> None:
    def diagnose(came: dict[str, float], right: dict[str, float], program: Program) -> str:
        return "tanh"

    programs = [
        *(by_hand({"a": x}, "y = a.tanh()", up) for x, up in ((0.0, 1.0), (1.0, 1.0), (0.5, 3.0), (-2.0, 1.0))),
        Program({"a": 0.5, "b": 2.0}, ("y = (a * b).tanh() * a",)),
    ]
    hold(answer, programs, diagnose)


def _neuron(came: dict[str, float], right: dict[str, float], program: Program) -> str:
    room = program.run(OURS)
    summed = sum(room[name].data * x for name, x in zip(("w1", "w2"), _INPUTS, strict=False) if name in room)
    if math.isclose(came["y.data"], summed + room["b"].data):
        return "activation"
    return "bias" if math.isclose(came["y.data"], math.tanh(summed)) else "general"


_INPUTS = (2.0, -1.0)


def check_neuron(answer: Answer) -> None:
    programs = [
        Program({"w1": 0.25, "b": 0.5}, ("y = neuron([2.0], [w1], b)",)),
        Program({"w1": 0.25, "w2": -0.5, "b": 0.5}, ("y = neuron([2.0, -1.0], [w1, w2], b)",)),
    ]
    hold(answer, programs, _neuron)


EXERCISE = Exercise(
    "value.py",
    TEMPLATE,
    TEXTS,
    (
        Part(STEPS[0], check_add),
        Part(STEPS[1], check_multiply),
        Part(STEPS[2], check_sweep, after=STEPS[1]),
        Part(STEPS[3], check_twice, after=STEPS[2]),
        Part(STEPS[4], check_order, after=STEPS[3]),
        Part(STEPS[5], check_tanh),
        Part(STEPS[6], check_neuron, after=STEPS[5]),
    ),
    praise={STEPS[2]: "try 3", STEPS[6]: "try 7"},
)
