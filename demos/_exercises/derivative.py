"""Exercise 1: a slope from two values, and the way down to the lowest point of (x − 1)²."""

from typing import Any

from autograd import grad
from demos._exercises.answer import Answer, Case, compare
from demos._exercises.exercise import Exercise, Part

TEMPLATE = '''\
"""$task"""


def f(x):
    return (x - 1) ** 2


def numerical_derivative(f, x, h=1e-4):
    """$numerical"""
    raise NotImplementedError("TODO: $todo_numerical")


def derivative(x):
    """$derivative"""
    # return $blank
    raise NotImplementedError("TODO: $todo_derivative")


def gradient_descent(x, learning_rate=0.1, max_iteration=100):
    """$descent"""
    # for i in range(max_iteration):
    #     $gradient
    #     g_x = $blank
    #     $update
    #     x = $blank
    # return x
    raise NotImplementedError("TODO: $todo_descent")


def main():
    print("f'(3) =", numerical_derivative(f, 3.0), derivative(3.0))
    print("x =", gradient_descent(x=3.0))


$end
'''

TEXTS = {
    "ja": {
        "task": """演習(1)：微分と、関数の最小値

情報システム実験実習II 第2回（document 002）の「勾配降下法」「例：f(x) = (x - 1)² の最小値を求める」による。
演習(1) と (2) は前回の講義のもので、資料には問題文がない。これは第2回の内容から補ったもの。

TODO の行を消して、関数の中身を書こう。
""",
        "numerical": """数値微分：x - h と x + h のあいだの f の傾き。

    f: 数を受け取り、数を返す関数
    """,
        "todo_numerical": "numerical_derivative に、x - h と x + h のあいだの傾きを書く",
        "derivative": "f(x) = (x - 1)² の微分 df(x)/dx を、手で計算した式で。",
        "todo_derivative": "derivative に、f(x) = (x - 1)² の微分を書く",
        "descent": """勾配降下法：x から始めて、max_iteration 回更新した x を返す。

    資料の式 (9)： x ← x - η df(x)/dx
    """,
        "todo_descent": "gradient_descent に、勾配降下法のループを書く",
        "gradient": "勾配",
        "update": "更新",
        "blank": "TODO",
        "hint general": "小さい例を紙の上で計算して、比べてみよう。",
        "hint one side": "片側だけの差になっている。x の左右に同じだけ離れた 2 点を使うと、ずっと正確になる。",
        "hint width": "2 点はどれだけ離れている？ 割る数を見直そう。",
        "hint sign": "符号が逆。どちらからどちらを引く？",
        "hint inner": "二乗の微分の係数を見直そう。",
        "hint ascent": "坂を上っている。傾きのどちら側へ進めば低くなる？",
        "hint rate": "一歩の大きさは、傾きだけでは決まらない。引数のうち、使っていないものは？",
        "hint once": "何回くり返しても同じ値になる。return の位置（字下げ）を見直そう。",
        "hint start": "x がはじめの値のまま変わっていない。",
        "hint count": "くり返しの回数を見直そう。",
    },
    "en": {
        "task": """Exercise (1): derivatives, and the lowest point of a function.

After document 002 (情報システム実験実習II, second lecture) and its example, the least value of f(x) = (x - 1)².
Exercises (1) and (2) belong to the lecture before it and are not in the document; this one is made up from what the
document says.

Write the functions, and take the lines with TODO away.
""",
        "numerical": """The slope of f between x - h and x + h.

    f: a function from a number to a number
    """,
        "todo_numerical": "in numerical_derivative, write the slope between x - h and x + h",
        "derivative": "df(x)/dx of f(x) = (x - 1)², as a formula found by hand.",
        "todo_derivative": "in derivative, write the derivative of f(x) = (x - 1)²",
        "descent": """Gradient descent: start from x and return the x after max_iteration updates.

    The document's formula (9): x ← x - η df(x)/dx
    """,
        "todo_descent": "in gradient_descent, write the loop",
        "gradient": "the gradient",
        "update": "the update",
        "blank": "TODO",
        "hint general": "Work the small case out on paper, and compare.",
        "hint one side": "This is the difference to one side. Two points as far to the left of x as to the right "
        "are far more exact.",
        "hint width": "How far apart are the two points? Look at what you divide by.",
        "hint sign": "The sign is the other way round: which is subtracted from which?",
        "hint inner": "Look again at the factor in the derivative of a square.",
        "hint ascent": "This walks uphill. To which side of the slope does it go down?",
        "hint rate": "A step is not as long as the slope alone says. Which argument have you not used?",
        "hint once": "It comes to the same however often it is repeated. Look at where the return stands (its indent).",
        "hint start": "x is still what it was at the start.",
        "hint count": "Count the repetitions again.",
    },
}


def square(x: Any) -> Any:
    return x**2


def cube(x: Any) -> Any:
    return x**3


def bowl(x: Any) -> Any:
    return (x - 1) ** 2


def _slope(f: Any, x: float, h: float) -> float:
    values = f(x - h), f(x + h)
    return (values[1] - values[0]) / (h + h)


def check_numerical(answer: Answer) -> None:
    """Steps so wide that one side and two sides differ."""
    cases: list[Case] = [
        {"f": square, "x": 1.0, "h": 1.0},
        {"f": square, "x": 3.0, "h": 0.5},
        {"f": cube, "x": 1.0, "h": 0.5},
        {"f": bowl, "x": -2.0, "h": 0.25},
    ]
    compare(
        answer,
        "numerical_derivative",
        cases,
        _slope,
        slips={
            "one side": lambda right, case: _slope(case["f"], case["x"] + case["h"] / 2, case["h"] / 2),
            "width": lambda right, case: 2 * right,
            "sign": lambda right, case: -right,
        },
    )


def slope(x: float) -> float:
    """By this library."""
    return grad(bowl)(x)


def check_derivative(answer: Answer) -> None:
    slips = {"inner": lambda right, case: right / 2, "sign": lambda right, case: -right}
    cases: list[Case] = [{"x": 1.0}, {"x": 2.0}, {"x": 0.0}, {"x": -3.5}]
    compare(answer, "derivative", cases, slope, slips=slips)


def _walk(x: float, learning_rate: float, max_iteration: int) -> float:
    """Each step shrinks the distance from 1 by the same factor."""
    return 1 + (x - 1) * (1 - 2 * learning_rate) ** max_iteration


def check_descent(answer: Answer) -> None:
    """With a derivative that is right, whatever the student's own is."""
    cases: list[Case] = [
        {"x": 2.0, "learning_rate": 0.1, "max_iteration": 1},
        {"x": 2.0, "learning_rate": 0.1, "max_iteration": 2},
        {"x": -3.0, "learning_rate": 0.25, "max_iteration": 5},
    ]
    slips = {
        "start": lambda right, case: case["x"],
        "once": lambda right, case: _walk(**{**case, "max_iteration": 1}),
        "ascent": lambda right, case: _walk(**{**case, "learning_rate": -case["learning_rate"]}),
        "rate": lambda right, case: _walk(**{**case, "learning_rate": 1.0}),
        "count": lambda right, case: _walk(**{**case, "max_iteration": case["max_iteration"] - 1}),
    }
    with answer.given(derivative=slope):
        compare(answer, "gradient_descent", cases, _walk, slips=slips)


EXERCISE = Exercise(
    "ex1_derivative.py",
    TEMPLATE,
    TEXTS,
    (
        Part("numerical_derivative", check_numerical),
        Part("derivative", check_derivative),
        Part("gradient_descent", check_descent),
    ),
)
