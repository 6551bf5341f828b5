"""Exercise 3 of document 002: the line y = wx + b by gradient descent."""

from typing import Any

import numpy as np

from autograd import grad
from demos import line
from demos._exercises.answer import Answer, Case, compare
from demos._exercises.exercise import Exercise, Part
from demos._exercises.least_squares import DATA, error

TEMPLATE = f'''\
"""$task"""

import numpy as np

{DATA}


def loss(x, y, w, b):
    """$loss"""
    raise NotImplementedError("TODO: $todo_loss")


def gradients(x, y, w, b):
    """$gradients"""
    # g_w = $blank
    # g_b = $blank
    # return g_w, g_b
    raise NotImplementedError("TODO: $todo_gradients")


def gradient_method(x, y, w, b, learning_rate, max_iteration):
    """$method"""
    # for i in range(max_iteration):
    #     $gradient
    #     g_w, g_b = $blank
    #     $update
    #     w = $blank
    #     b = $blank
    # return w, b
    raise NotImplementedError("TODO: $todo_method")


def main():
    rng = np.random.default_rng()
    w = rng.standard_normal()
    b = rng.standard_normal()
    w, b = gradient_method(x, y, w, b, learning_rate=0.01, max_iteration=500)
    print(f"w = {{w:.6f}}, b = {{b:.6f}}")
    print(f"E = {{loss(x, y, w, b):.6f}}")


$end
'''

TEXTS = {
    "ja": {
        "task": """演習(3)：勾配降下法

情報システム実験実習II 第2回（document 002）：勾配降下法により一次関数 y = wx + b の係数を求めるプログラムを完成させよ。

使って良い関数など：rng.standard_normal()、np.mean()、np.pow() あるいは「変数名 ** 2」

毎回、初期値が乱数なので結果が少しずつ異なる。前回（最小二乗法）は a = 0.780000, b = 2.033333、
資料の例では w = 0.805403, b = 1.943190 だった。
""",
        "loss": "平均二乗誤差 E = 1/n Σ (f(x_i) - y_i)²、ただし f(x) = wx + b。",
        "todo_loss": "loss に、平均二乗誤差 E を書く",
        "gradients": "E の w での偏微分 ∂E/∂w と、b での偏微分 ∂E/∂b。",
        "todo_gradients": "gradients に、E の w と b での偏微分を書く",
        "method": """w, b から始めて、max_iteration 回更新した w, b を返す。

    w ← w - η ∂E/∂w、b ← b - η ∂E/∂b。1 回の更新では、どちらの偏微分も更新前の w, b で計算する。
    """,
        "todo_method": "gradient_method に、勾配降下法のループを書く",
        "gradient": "勾配",
        "update": "更新",
        "blank": "TODO",
        "hint general": "小さい例を紙の上で計算して、比べてみよう。",
        "hint sum": "データが増えるほど値が大きくなる。Σ の前にあるものは？",
        "hint loss half": "ちょうど半分になっている。資料の E に 1/2 はない。",
        "hint half": "ちょうど半分になっている。二乗の微分を見直そう。",
        "hint half sum": "データが 2 つのときだけ合う。二乗の微分と、Σ の前にあるものを見直そう。",
        "hint sign": "符号が逆。f(x) と y の、どちらからどちらを引く？",
        "hint no x": "g_w と g_b が同じ値になる。w は x を通して誤差に効く。",
        "hint swapped": "値は合っている。返す順番は？",
        "hint signed": "正の誤差と負の誤差が打ち消しあっている。",
        "hint ascent": "坂を上っている。傾きのどちら側へ進めば低くなる？",
        "hint rate": "一歩の大きさは、傾きだけでは決まらない。引数のうち、使っていないものは？",
        "hint once": "何回くり返しても同じ値になる。return の位置（字下げ）を見直そう。",
        "hint start": "w, b がはじめの値のまま変わっていない。",
        "hint new w": "b の勾配を計算するとき、w はもう更新されている。計算と更新の順番は？",
    },
    "en": {
        "task": """Exercise (3): gradient descent.

Document 002 (情報システム実験実習II, second lecture): complete the program that finds the coefficients of the line
y = wx + b by gradient descent.

You may use rng.standard_normal(), np.mean(), and np.pow() or "name ** 2".

The start is random, so each run ends a little differently. Least squares, in the lecture before, gave a = 0.780000,
b = 2.033333; the document's example run gave w = 0.805403, b = 1.943190.
""",
        "loss": "The mean squared error E = 1/n Σ (f(x_i) - y_i)², where f(x) = wx + b.",
        "todo_loss": "in loss, write the mean squared error E",
        "gradients": "The partial derivatives of E: ∂E/∂w and ∂E/∂b.",
        "todo_gradients": "in gradients, write the partial derivatives of E by w and by b",
        "method": """Start from w, b and return the w, b after max_iteration updates.

    w ← w - η ∂E/∂w, b ← b - η ∂E/∂b. In one update both derivatives are those at the w, b from before it.
    """,
        "todo_method": "in gradient_method, write the loop of gradient descent",
        "gradient": "the gradients",
        "update": "the update",
        "blank": "TODO",
        "hint general": "Work the small case out on paper, and compare.",
        "hint sum": "It grows with the number of data. What stands in front of Σ?",
        "hint loss half": "It is half of what is right. The document's E has no 1/2 in front.",
        "hint half": "It is half of what is right. Look again at the derivative of a square.",
        "hint half sum": "It is right for two data only. Look again at the derivative of a square, and at what "
        "stands in front of Σ.",
        "hint sign": "The sign is the other way round: which of f(x) and y is subtracted from which?",
        "hint no x": "g_w and g_b come to the same. It is through x that w moves the error.",
        "hint swapped": "The numbers are right. In which order are they returned?",
        "hint signed": "Errors above and below the line cancel each other.",
        "hint ascent": "This walks uphill. To which side of the slope does it go down?",
        "hint rate": "A step is not as long as the slope alone says. Which argument have you not used?",
        "hint once": "It comes to the same however often it is repeated. Look at where the return stands (its indent).",
        "hint start": "w and b are still what they were at the start.",
        "hint new w": "When the gradient for b is computed, w has moved already. What comes first, and what after it?",
    },
}

POINTS: list[Case] = [
    {"x": np.array([1.0]), "y": np.array([0.0]), "w": 1.0, "b": 0.0},
    {"x": np.array([2.0]), "y": np.array([1.0]), "w": 1.0, "b": 1.0},
    {"x": np.array([0.0, 1.0, 3.0]), "y": np.array([1.0, 4.0, 2.0]), "w": 1.0, "b": 2.0},
    {"x": np.array(line.X, dtype=float), "y": np.array(line.Y), "w": -1.0, "b": 0.5},
]


def right_loss(x: Any, y: Any, w: float, b: float) -> float:
    return error(x, y, w, b)


def check_loss(answer: Answer) -> None:
    slips = {
        "sum": lambda right, case: right * len(case["x"]),
        "loss half": lambda right, case: right / 2,
        "signed": lambda right, case: float(np.mean(case["w"] * case["x"] + case["b"] - case["y"])),
    }
    compare(answer, "loss", POINTS, right_loss, slips=slips)


def right_gradients(x: Any, y: Any, w: float, b: float) -> tuple[float, float]:
    """By this library, from the loss."""
    g_w, g_b = grad(lambda p: sum((p[0] * xi + p[1] - yi) ** 2 for xi, yi in zip(x, y, strict=True)) / len(x))([w, b])
    return float(g_w), float(g_b)


def _times(factor: Any) -> Any:
    return lambda right, case: tuple(float(factor(case)) * each for each in right)


def check_gradients(answer: Answer) -> None:
    slips = {
        "half": _times(lambda case: 0.5),
        "sum": _times(lambda case: len(case["x"])),
        "half sum": _times(lambda case: len(case["x"]) / 2),
        "sign": _times(lambda case: -1),
        "no x": lambda right, case: (right[1], right[1]),
        "swapped": lambda right, case: right[::-1],
    }
    compare(answer, "gradients", POINTS, right_gradients, results=("g_w", "g_b"), slips=slips)


def walk(
    x: Any, y: Any, w: float, b: float, learning_rate: float, max_iteration: int, *, in_turn: bool = False
) -> tuple[float, float]:
    """Where the descent comes to; `in_turn`, the mistake of moving w before b looks at it."""
    at = np.array([w, b])
    for _ in range(max_iteration):
        if in_turn:
            at[0] -= learning_rate * right_gradients(x, y, *at)[0]
            at[1] -= learning_rate * right_gradients(x, y, *at)[1]
        else:
            at -= learning_rate * np.array(right_gradients(x, y, *at))
    return float(at[0]), float(at[1])


def check_method(answer: Answer) -> None:
    """With gradients that are right, whatever the student's own are."""
    steps = [(0, 0.5, 1), (0, 0.25, 2), (2, 0.05, 3)]
    cases: list[Case] = [{**POINTS[i], "learning_rate": rate, "max_iteration": count} for i, rate, count in steps]
    slips = {
        "start": lambda right, case: (case["w"], case["b"]),
        "once": lambda right, case: walk(**{**case, "max_iteration": 1}),
        "ascent": lambda right, case: walk(**{**case, "learning_rate": -case["learning_rate"]}),
        "rate": lambda right, case: walk(**{**case, "learning_rate": 1.0}),
        "new w": lambda right, case: walk(**case, in_turn=True),
        "swapped": lambda right, case: right[::-1],
    }
    with answer.given(gradients=right_gradients):
        compare(answer, "gradient_method", cases, walk, results=("w", "b"), slips=slips)


EXERCISE = Exercise(
    "ex3_gradient_method.py",
    TEMPLATE,
    TEXTS,
    (Part("loss", check_loss), Part("gradients", check_gradients), Part("gradient_method", check_method)),
)
