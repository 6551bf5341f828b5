"""Exercise 6: the perceptron of document 001, and its six mails."""

from typing import Any

import numpy as np

import nn
from demos import spam
from demos._exercises.answer import Answer, Case, compare
from demos._exercises.exercise import Exercise, Part

TEMPLATE = f'''\
"""$task"""

import numpy as np

words = {list(spam.WORDS)}
mails = np.array({[list(mail) for mail in spam.MAILS]})
labels = np.array({list(spam.LABELS)})


def predict(w, x):
    """$predict"""
    raise NotImplementedError("TODO: $todo_predict")


def update(w, x, y, learning_rate):
    """$update"""
    raise NotImplementedError("TODO: $todo_update")


def learn(w, mails, labels, learning_rate):
    """$learn"""
    # for x, y in zip(mails, labels):
    #     $blank
    # return w
    raise NotImplementedError("TODO: $todo_learn")


def main():
    w = np.zeros(5)
    w = learn(w, mails, labels, learning_rate={spam.RATE})
    for word, weight in zip(words, w):
        print(f"{{word:8}} {{weight:5}}")


$end
'''

TEXTS = {
    "ja": {
        "task": """パーセプトロンの学習則：迷惑メール 6 通

データマイニングと機械学習 ニューラルネットワーク（document 001）p. 16-25 による。メールは、5 つの単語が出てくれば 1、
出てこなければ 0 を並べたベクトル。正解 y は迷惑メールが +1、普通のメールが -1。

TODO の行を消して、関数の中身を書こう。できたら、資料の手計算（p. 19-25）の最後の重みと比べよう。
""",
        "predict": "wᵀx が 0 より大きければ +1、そうでなければ -1 を返す。",
        "todo_predict": "predict に、wᵀx の値による予測 +1 か -1 を書く",
        "update": "予測が間違っていたときの、更新後の重み w ← w + ηyx を返す。",
        "todo_update": "update に、重みの更新式を書く",
        "learn": "メールを順番に 1 通ずつ見て、間違えたときだけ更新する。1 周したあとの重みを返す。",
        "todo_learn": "learn に、6 通を 1 周するループを書く",
        "blank": "TODO",
        "hint general": "資料 p. 20 の 1 通目を、手で計算して比べてみよう。",
        "hint zero": "ちょうど 0 のときの予測は？",
        "hint score": "wᵀx の値そのものではなく、予測したラベルを返す。",
        "hint labels": "ラベルは +1 と -1。",
        "hint no y": "普通のメール（y = -1）で間違えたとき、重みはどちらへ動く？",
        "hint rate": "引数のうち、使っていないものは？",
        "hint sign": "間違いが大きくなる方へ動いている。",
        "hint always": "予測が当たったときにも重みが動いている。",
        "hint once": "1 通しか見ていない。return の位置（字下げ）を見直そう。",
        "hint start": "w がはじめの値のまま変わっていない。",
    },
    "en": {
        "task": """The perceptron's rule: six mails.

After document 001 (データマイニングと機械学習 ニューラルネットワーク), p. 16-25. A mail is a vector: for each of
five words 1 where it occurs, else 0. The label y is +1 for spam and -1 for other mail.

Write the functions, and take the lines with TODO away. Then compare the weights with those at the end of the
document's calculation by hand (p. 19-25).
""",
        "predict": "+1 where wᵀx is greater than 0, else -1.",
        "todo_predict": "in predict, write the prediction, +1 or -1, from wᵀx",
        "update": "The weights after a mistake: w ← w + ηyx.",
        "todo_update": "in update, write the rule for the weights",
        "learn": "Look at the mails in order, update only after a mistake, and return the weights after one pass.",
        "todo_learn": "in learn, write the loop over the mails",
        "blank": "TODO",
        "hint general": "Work the first mail of p. 20 out by hand, and compare.",
        "hint zero": "What is predicted at exactly 0?",
        "hint score": "What is wanted is the predicted label, not wᵀx itself.",
        "hint labels": "The labels are +1 and -1.",
        "hint no y": "After a mistake on other mail (y = -1), which way do the weights go?",
        "hint rate": "Which argument have you not used?",
        "hint sign": "It moves so that the mistake grows.",
        "hint always": "The weights move after right predictions too.",
        "hint once": "It looks at one mail only. Look at where the return stands (its indent).",
        "hint start": "w is still what it was at the start.",
    },
}


def _perceptron(w: Any) -> nn.Perceptron:
    perceptron = nn.Perceptron(len(w), bias=False, initialization="zeros")
    for weight, number in zip(perceptron.w, w, strict=True):
        weight.data = float(number)
    return perceptron


def right_label(w: Any, x: Any) -> int:
    return 1 if _perceptron(w).weighted_sum(x).data > 0 else -1


def check_predict(answer: Answer) -> None:
    cases: list[Case] = [
        {"w": np.array([1.0]), "x": np.array([1])},
        {"w": np.array([-1.0]), "x": np.array([1])},
        {"w": np.array([0.0]), "x": np.array([1])},
        {"w": np.array([0.5, 1.0, -2.0]), "x": np.array([1, 1, 1])},
        {"w": np.array([0.5, 1.0, -1.0]), "x": np.array([1, 1, 1])},
    ]
    slips = {
        "zero": lambda right, case: 1 if np.dot(case["w"], case["x"]) >= 0 else -1,
        "score": lambda right, case: np.dot(case["w"], case["x"]),
        "labels": lambda right, case: max(right, 0),
    }
    compare(answer, "predict", cases, right_label, slips=slips)


def moved(w: Any, x: Any, y: int, learning_rate: float) -> Any:
    """By `nn.Perceptron`: from weights so small that its prediction is wrong, then shifted to w."""
    perceptron = _perceptron(np.zeros(len(w)) if y > 0 else np.full(len(w), 2.0**-30))
    before = np.array([weight.data for weight in perceptron.w])
    perceptron.learn_one(x, y, rate=learning_rate)
    return w + np.array([weight.data for weight in perceptron.w]) - before


def check_update(answer: Answer) -> None:
    cases: list[Case] = [
        {"w": np.array([0.0]), "x": np.array([1]), "y": 1, "learning_rate": 1.0},
        {"w": np.array([1.0]), "x": np.array([1]), "y": -1, "learning_rate": 1.0},
        {"w": np.array([0.0, 0.5]), "x": np.array([0, 1]), "y": -1, "learning_rate": 0.5},
    ]
    slips = {
        "no y": lambda right, case: case["w"] + (right - case["w"]) * case["y"],
        "rate": lambda right, case: case["w"] + (right - case["w"]) / case["learning_rate"],
        "sign": lambda right, case: case["w"] - (right - case["w"]),
        "start": lambda right, case: case["w"],
    }
    compare(answer, "update", cases, moved, slips=slips)


def one_pass(w: Any, mails: Any, labels: Any, learning_rate: float) -> Any:
    perceptron = _perceptron(w)
    for mail, label in zip(mails, labels, strict=True):
        perceptron.learn_one(mail, int(label), rate=learning_rate)
    return np.array([weight.data for weight in perceptron.w])


def _always(right: Any, case: Case) -> Any:
    w = case["w"]
    for mail, label in zip(case["mails"], case["labels"], strict=True):
        w = moved(w, mail, label, case["learning_rate"])
    return w


def check_learn(answer: Answer) -> None:
    """With `predict` and `update` that are right, whatever the student's own are."""
    mails, labels = np.array(spam.MAILS), np.array(spam.LABELS)
    cases: list[Case] = [
        {"w": np.zeros(len(spam.WORDS)), "mails": mails[:n], "labels": labels[:n], "learning_rate": spam.RATE}
        for n in (1, 2, len(mails))
    ]
    slips = {
        "start": lambda right, case: case["w"],
        "once": lambda right, case: one_pass(case["w"], case["mails"][:1], case["labels"][:1], case["learning_rate"]),
        "always": _always,
    }
    with answer.given(predict=right_label, update=moved):
        compare(answer, "learn", cases, one_pass, slips=slips)


EXERCISE = Exercise(
    "ex6_mails.py",
    TEMPLATE,
    TEXTS,
    (Part("predict", check_predict), Part("update", check_update), Part("learn", check_learn)),
)
