"""Six mails, and a perceptron that learns which are spam: Rosenblatt's rule, step by step.

A mail is five numbers: whether it contains each of five words. The perceptron says spam where wᵀv > 0. Where it is
wrong, and only there, its weights move: w ← w + ηyv. The slides do this by hand with η = ½ from w = 0; here each step
is done by `nn.Perceptron`, and the story is the slides' table.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

import nn
from autograd import Value, dot
from demos import Part, Try
from demos._pictures import GREY, INK, drawing, matrix, show

TEACHES = {
    "ja": "パーセプトロンの学習則：迷惑メール 6 通を、間違えたときだけ重みを直して覚える",
    "en": "The perceptron's rule: six mails, and weights that change only at a mistake",
}
SOURCE = "データマイニングと機械学習 ニューラルネットワーク p. 14-25 (document 001)"

WORDS = ("and", "viagra", "the", "of", "nigeria")
MAILS = ((1, 1, 0, 1, 1), (0, 0, 1, 1, 0), (0, 1, 1, 0, 0), (1, 0, 0, 1, 0), (1, 0, 1, 0, 1), (1, 0, 1, 1, 0))
LABELS = (+1, -1, +1, -1, +1, -1)
RATE = 0.5


class Step(NamedTuple):
    """One mail shown to the perceptron."""

    mail: int
    score: float
    """wᵀv, before the weights move."""
    mistaken: bool
    w: tuple[float, ...]
    """The weights afterwards."""


def learn(passes: int = 2) -> list[Step]:
    """Show all mails, in their order, so many times."""
    perceptron = nn.Perceptron(len(WORDS), bias=False, initialization="zeros")
    steps = []
    for _ in range(passes):
        for i, (mail, label) in enumerate(zip(MAILS, LABELS, strict=True)):
            score = perceptron.weighted_sum(mail).data
            mistaken = perceptron.learn_one(mail, label, rate=RATE)
            steps.append(Step(i, score, mistaken, tuple(w.data for w in perceptron.w)))
    return steps


def descend(w: Sequence[float], mail: int) -> list[float]:
    """A step of gradient descent from w, on the slide's loss max(0, −y wᵀv) of one mail."""
    values = [Value(each) for each in w]
    nn.perceptron_loss(dot(values, MAILS[mail]), LABELS[mail]).backward()
    return [value.data - RATE * value.grad for value in values]


def numbers() -> dict[str, float]:
    """Every score of the first pass, the mistakes of both passes, and the final weights."""
    steps = learn()
    first, second = steps[: len(MAILS)], steps[len(MAILS) :]
    return {
        **{f"wᵀv{step.mail + 1}": step.score for step in first},
        "mistakes, first pass": sum(step.mistaken for step in first),
        "mistakes, second pass": sum(step.mistaken for step in second),
        **{f"w({word})": w for word, w in zip(WORDS, steps[-1].w, strict=True)},
    }


_STORY = {
    "ja": """\
単語が出てくれば 1、出てこなければ 0。正解 y は迷惑メールが +1、普通のメールが −1。学習率 η = {rate}

        {words}      y
{mails}

wᵀv > 0 なら +1 と予測し、間違えたら w ← w + ηyv
  w = {start}
{steps}
  この更新は、損失 max(0, −y wᵀv) の勾配降下法と同じ：勾配は −yv
{descent}
  v1 と v3 では wᵀv = 0：ちょうど損失の折れ目で、傾きは 0 とも −yv とも取れる。学習則は −yv を取る。

2 周目の間違いは {second} 回。{settled}
最終的な予測関数: wᵀx,  w = {w}
""",
    "en": """\
A word is 1 where it occurs, else 0. The label y is +1 for spam and −1 for other mail. Learning rate η = {rate}

        {words}      y
{mails}

Where wᵀv > 0 the prediction is +1; where it is wrong, w ← w + ηyv
  w = {start}
{steps}
  This is gradient descent on the loss max(0, −y wᵀv), whose gradient is −yv
{descent}
  For v1 and v3 wᵀv = 0, the corner of the loss: its slope may be taken as 0 or as −yv, and the rule takes −yv.

Mistakes in the second pass: {second}. {settled}
The prediction: wᵀx,  w = {w}
""",
}
_DESCENT = {
    "ja": "  v{i}  損失 {loss}、w − η × 勾配 = {w}（学習則と同じ）",
    "en": "  v{i}  loss {loss}, w − η × gradient = {w} (as by the rule)",
}
_SETTLED = {
    "ja": {True: "これ以上学習してもパラメータは変化しない。", False: "まだ学習は終わっていない。"},
    "en": {True: "More learning changes nothing.", False: "The learning goes on."},
}
_STEPS = {
    "ja": {
        True: "  v{i} (y = {y})  wᵀv = {score:<4} 間違い   w ← w {sign} {rate}v{i} = {w}",
        False: "  v{i} (y = {y})  wᵀv = {score:<4} 正しい   更新しない",
    },
    "en": {
        True: "  v{i} (y = {y})  wᵀv = {score:<4} wrong   w ← w {sign} {rate}v{i} = {w}",
        False: "  v{i} (y = {y})  wᵀv = {score:<4} right   no change",
    },
}
_PICTURE = {
    "ja": {
        "title": "重み w の変化（太い枠：更新されたところ）",
        "word": "単語",
        "mail": "学習に使ったメール",
        "weight": "重み w",
        "start": "はじめ",
        "after": "v{i} の後   y = {y}, wᵀv = {score}",
        "wrong": "間違い",
        "right": "正しい",
    },
    "en": {
        "title": "The weights w (framed: what has changed)",
        "word": "word",
        "mail": "mail learned from",
        "weight": "weight w",
        "start": "start",
        "after": "after v{i}:  y = {y}, wᵀv = {score}",
        "wrong": "wrong",
        "right": "right",
    },
}
_FRACTIONS = {Fraction(1, 2): "½", Fraction(-1, 2): "−½", Fraction(3, 2): "3/2", Fraction(-3, 2): "−3/2"}


def fraction(x: float) -> str:
    """½ for 0.5, as the slides write it."""
    exact = Fraction(x)
    return _FRACTIONS.get(exact, str(exact).replace("-", "−"))


def signed(label: int) -> str:
    return f"{label:+d}".replace("-", "−")


def vector(w: tuple[float, ...]) -> str:
    return f"({', '.join(map(fraction, w))})"


def story(language: str) -> str:
    """The lesson as text."""
    steps = learn()
    second = sum(step.mistaken for step in steps[len(MAILS) :])
    return _STORY[language].format(
        rate=fraction(RATE),
        words="  ".join(WORDS),
        mails="\n".join(_mails()),
        start=vector((0,) * len(WORDS)),
        steps="\n".join(_told(language, step) for step in steps[: len(MAILS)]),
        descent="\n".join(_descent(language)),
        second=second,
        settled=_SETTLED[language][second == 0],
        w=vector(steps[-1].w),
    )


def _mails() -> list[str]:
    rows = []
    for i, (mail, label) in enumerate(zip(MAILS, LABELS, strict=True)):
        cells = "  ".join(f"{x:>{len(word)}}" for x, word in zip(mail, WORDS, strict=True))
        rows.append(f"  v{i + 1}    {cells}     {signed(label)}")
    return rows


def _told(language: str, step: Step) -> str:
    label = LABELS[step.mail]
    line = _STEPS[language][step.mistaken]
    moved = {"sign": signed(label)[0], "rate": fraction(RATE), "w": vector(step.w)}
    return line.format(i=step.mail + 1, y=signed(label), score=fraction(step.score), **moved)


def _descent(language: str) -> Iterator[str]:
    """The mails whose loss has a slope where the rule learns: all but those on the corner."""
    w = (0.0,) * len(WORDS)
    for step in learn(1):
        if step.mistaken and step.score:
            loss, moved = fraction(abs(step.score)), vector(tuple(descend(w, step.mail)))
            yield _DESCENT[language].format(i=step.mail + 1, loss=loss, w=moved)
        w = step.w


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw how the weights change."""
    print(story(language))
    draw_weights(output / "spam.png", language, learn(1))
    show(language, output / "spam.png")


def draw_weights(file: Path, language: str, steps: list[Step]) -> None:
    words = _PICTURE[language]
    weights = np.array([(0.0,) * len(WORDS), *(step.w for step in steps)])
    with drawing(file, width=8.5, height=5) as figure:
        ax = figure.subplots()
        rows = [words["start"], *(_after(words, step) for step in steps)]
        matrix(ax, weights, rows, WORDS, words["weight"], fraction, fontsize=14, shrink=0.6, pad=0.13)
        for text, (row, column) in zip(ax.texts, np.ndindex(weights.shape), strict=True):
            if row > 0 and weights[row, column] != weights[row - 1, column]:
                text.set_bbox({"facecolor": "none", "edgecolor": INK, "linewidth": 1.8, "pad": 6})
        ax.xaxis.tick_top()
        ax.xaxis.set_label_position("top")
        ax.tick_params(length=0, labelsize=12)
        ax.set_xlabel(words["word"], labelpad=8)
        ax.set_ylabel(words["mail"], labelpad=8)
        for step in steps:
            verdict = words["wrong"] if step.mistaken else words["right"]
            ax.text(len(WORDS) - 0.4, step.mail + 1, verdict, va="center", color=INK if step.mistaken else GREY)
        ax.set_title(words["title"], pad=14)


def _after(words: dict[str, str], step: Step) -> str:
    return words["after"].format(i=step.mail + 1, y=signed(LABELS[step.mail]), score=fraction(step.score))


NOTEBOOK = (
    Part("WORDS MAILS LABELS RATE", paragraphs=2),
    Part("Step learn", "for step in learn(1):\n    print(step)"),
    Part(show="picture(draw_weights, language, learn(1))", paragraphs=0),
    Part(show="sum(step.mistaken for step in learn(2)[len(MAILS) :])"),
    Try(
        "学習率 `RATE` を 1 にすると、最後の w はどうなるだろうか。予測は変わるだろうか。",
        "Set `RATE` to 1. What becomes of the last w? Do the predictions change?",
    ),
    Try(
        "どの重みでも全部は当てられないように、`LABELS` を変えられるだろうか。そのとき学習はどうなるか。",
        "Can you change `LABELS` so that no weights are right for all mails? What does the learning do then?",
    ),
)
