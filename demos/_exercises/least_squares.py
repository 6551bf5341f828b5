"""Exercise 2: the line of least squares in one go, with the answer that document 002 quotes."""

from typing import Any

import numpy as np

from demos import line
from demos._exercises.answer import Answer, Case, compare
from demos._exercises.exercise import Exercise, Part

DATA = f"x = np.array({[float(x) for x in line.X]})\ny = np.array({list(line.Y)})"
"""The points of the lesson `line`, whose least-squares line is the document's."""

TEMPLATE = f'''\
"""$task"""

import numpy as np

{DATA}


def mean_squared_error(x, y, a, b):
    """$error"""
    raise NotImplementedError("TODO: $todo_error")


def least_squares(x, y):
    """$line"""
    # a = $blank
    # b = $blank
    # return a, b
    raise NotImplementedError("TODO: $todo_line")


def main():
    a, b = least_squares(x, y)
    print(f"a = {{a:.6f}}, b = {{b:.6f}}")  # a = 0.780000, b = 2.033333
    print(f"E = {{mean_squared_error(x, y, a, b):.6f}}")


$end
'''

TEXTS = {
    "ja": {
        "task": """演習(2)：最小二乗法で直線を求める

演習(1) と (2) は前回の講義のもので、第2回の資料（document 002）には
「前回：a = 0.780000, b = 2.033333」という答えだけがある。
問題文と、その答えになる 6 点のデータは、これに合わせて補ったもの。

TODO の行を消して、関数の中身を書こう。np.polyfit などは使わずに。
""",
        "error": """直線 y = ax + b の誤差の二乗の平均。""",
        "todo_error": "mean_squared_error に、誤差の二乗の平均を書く",
        "line": """誤差の二乗和をいちばん小さくする a と b を、くり返しなしの式で求める。

    二乗和を a で微分したものと、b で微分したものを、どちらも 0 とおく。
    未知数が a と b の連立一次方程式（正規方程式）になるので、それを解く。
    """,
        "todo_line": "least_squares に、正規方程式を解いた a と b の式を書く",
        "blank": "TODO",
        "hint general": "小さい例を紙の上で計算して、比べてみよう。",
        "hint sum": "データが増えるほど値が大きくなる。和を平均にするには？",
        "hint half": "ちょうど半分になっている。この演習では 1/2 をつけない。",
        "hint signed": "正の誤差と負の誤差が打ち消しあっている。",
        "hint root": "誤差は二乗の平均のままでよい。",
        "hint swapped": "値は合っている。返す順番は？",
        "hint origin": "原点を通る直線になっている。x と y の平均はどこに出てくる？",
        "hint intercept": "直線は点（x の平均, y の平均）を通る。そこから b がわかる。",
        "hint n": "共分散と分散を、同じ数で割っている？",
    },
    "en": {
        "task": """Exercise (2): the line of least squares.

Exercises (1) and (2) belong to the lecture before document 002, which has only the answer, a = 0.780000 and
b = 2.033333. The task, and six points with that answer, are made up to fit it.

Write the functions, and take the lines with TODO away. Do it without np.polyfit and the like.
""",
        "error": "The mean of the squared errors of the line y = ax + b.",
        "todo_error": "in mean_squared_error, write the mean of the squared errors",
        "line": """The a and b with the least sum of squared errors, by a formula, without repeating anything.

    Set the derivatives of that sum to 0, by a and by b. This gives two linear equations (the normal equations) in the
    two unknowns a and b: solve them.
    """,
        "todo_line": "in least_squares, write a and b as they solve the normal equations",
        "blank": "TODO",
        "hint general": "Work the small case out on paper, and compare.",
        "hint sum": "It grows with the number of data. What makes a mean of a sum?",
        "hint half": "It is half of what is right. This exercise has no 1/2 in front.",
        "hint signed": "Errors above and below the line cancel each other.",
        "hint root": "The error stays the mean of the squares.",
        "hint swapped": "The numbers are right. In which order are they returned?",
        "hint origin": "This line goes through the origin. Where do the means of x and y come in?",
        "hint intercept": "The line goes through the point (mean of x, mean of y). That tells b.",
        "hint n": "Are the covariance and the variance divided by the same number?",
    },
}


def error(x: Any, y: Any, a: float, b: float) -> float:
    return float(np.mean(np.square(np.polyval([a, b], x) - y)))


def _signed(right: float, case: Case) -> float:
    return float(np.mean(np.polyval([case["a"], case["b"]], case["x"]) - case["y"]))


def check_error(answer: Answer) -> None:
    cases: list[Case] = [
        {"x": np.array([1.0]), "y": np.array([0.0]), "a": 2.0, "b": 0.0},
        {"x": np.array([1.0]), "y": np.array([0.0]), "a": 2.0, "b": 1.0},
        {"x": np.array([0.0, 1.0]), "y": np.array([1.0, 4.0]), "a": 1.0, "b": 2.0},
        {"x": np.array(line.X, dtype=float), "y": np.array(line.Y), "a": 1.0, "b": 2.0},
    ]
    slips = {
        "sum": lambda right, case: right * len(case["x"]),
        "half": lambda right, case: right / 2,
        "signed": _signed,
        "root": lambda right, case: np.sqrt(right),
    }
    compare(answer, "mean_squared_error", cases, error, slips=slips)


def fit(x: Any, y: Any) -> tuple[float, float]:
    a, b = np.polyfit(x, y, 1)
    return float(a), float(b)


def _origin(right: Any, case: Case) -> tuple[float, float]:
    a = float(np.linalg.lstsq(case["x"][:, None], case["y"], rcond=None)[0][0])
    return a, float(np.mean(case["y"] - a * case["x"]))


def check_line(answer: Answer) -> None:
    cases: list[Case] = [
        {"x": np.array([0.0, 1.0]), "y": np.array([1.0, 3.0])},
        {"x": np.array([1.0, 2.0, 4.0]), "y": np.array([1.0, 3.0, 2.0])},
        {"x": np.array(line.X, dtype=float), "y": np.array(line.Y)},
    ]
    slips = {
        "swapped": lambda right, case: right[::-1],
        "origin": _origin,
        "intercept": lambda right, case: (right[0], float(np.mean(case["y"]))),
        "n": _other_divisors,
    }
    compare(answer, "least_squares", cases, fit, results=("a", "b"), slips=slips)


def _other_divisors(right: tuple[float, float], case: Case) -> tuple[float, float]:
    """A covariance by n - 1 over a variance by n."""
    n = len(case["x"])
    a = right[0] * n / (n - 1)
    return a, float(np.mean(case["y"]) - a * np.mean(case["x"]))


EXERCISE = Exercise(
    "ex2_least_squares.py",
    TEMPLATE,
    TEXTS,
    (Part("mean_squared_error", check_error), Part("least_squares", check_line)),
)
