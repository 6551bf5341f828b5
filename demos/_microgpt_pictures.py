"""The pictures of the lesson `microgpt`: the losses, what the heads read, and how a head computes it."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Value, draw, no_grad
from autograd.languages import Language
from demos import microgpt as gpt
from demos._pictures import BLUE, GREY, RED, colour_bar, drawing, legend_below
from nn.names import numbered

EXAMPLE = "hanako"  # the name whose attention is drawn

Curve = list[tuple[int, float, float]]
"""Step after step its number, the loss of names learned from, and the loss of others."""

_LABELS = {
    "ja": {
        "loss": "1 文字あたりの損失",
        "step": "歩",
        "title": "学習した名前と、学習に使わない名前",
        "learned": "学習した名前",
        "others": "学習に使わない名前",
        "chance": "あてずっぽう ln {}",
        "head": "ヘッド {}",
        "reads": "読まれる文字",
        "at": "読む位置の文字",
        "weight": "重み",
        "score": "「{}」の点数",
        "graph": "「{}」まで読んだヘッド 1：o₁ は v₁ の重みつき平均",
    },
    "en": {
        "loss": "loss for a letter",
        "step": "step",
        "title": "Names learned from, and others",
        "learned": "names learned",
        "others": "other names",
        "chance": "guessing, ln {}",
        "head": "head {}",
        "reads": "letter that is read",
        "at": "letter at which it reads",
        "weight": "weight",
        "score": "score of “{}”",
        "graph": "Head 1 when “{}” has been read: o₁ is the mean of v₁ by weight",
    },
}


def past(model: gpt.GPT, name: str) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """The queries, keys and values of a name, and what the heads read at each letter."""
    queries, keys, values, found = [], [], [], []
    with no_grad():
        for letter in f".{name}":
            found.append(model.following(gpt.LETTERS.index(letter), queries, keys, values)[1])
    return queries, keys, values, found


def attention(model: gpt.GPT, name: str) -> NDArray[np.float64]:
    """The weights, of shape (heads, letters, letters): at each letter how much of each letter is read."""
    places = len(name) + 1
    weights = np.zeros((gpt.HEADS, places, places))
    for place, found in enumerate(past(model, name)[3]):
        for number, (read, _) in enumerate(found):
            weights[number, place, : place + 1] = [weight.data for weight in read]
    return weights


def draw_curves(file: Path, language: str, curve: Curve) -> None:
    """The loss of names learned from and of others, step by step."""
    words, (steps, learned, others) = _LABELS[language], zip(*curve, strict=True)
    chance = math.log(len(gpt.LETTERS))
    with drawing(file, width=8, height=4.6) as figure:
        ax = figure.subplots()
        ax.plot(steps, learned, color=BLUE, label=words["learned"])
        ax.plot(steps, others, color=RED, linestyle="--", label=words["others"])
        ax.axhline(chance, color=GREY, linestyle=":", label=words["chance"].format(len(gpt.LETTERS)))
        ax.set(xlabel=words["step"], ylabel=words["loss"], title=words["title"], ylim=(1, 1.08 * chance))
        legend_below(figure, ax)


def draw_attention(file: Path, language: str, model: gpt.GPT, name: str = EXAMPLE) -> None:
    """The weights of every head: a line for each letter, and in it how much it reads of those before."""
    words, letters = _LABELS[language], list(f".{name}")
    weights = attention(model, name)
    with drawing(file, width=12.5, height=3.8) as figure:
        axes: Any = figure.subplots(1, gpt.HEADS, sharey=True)
        for number, ax in enumerate(axes):
            seen = np.ma.masked_where(np.triu(np.ones_like(weights[0]), 1) > 0, weights[number])
            image = ax.imshow(seen, cmap="Blues", vmin=0, vmax=1)
            ax.set(title=words["head"].format(number + 1), xlabel=words["reads"])
            ax.set_xticks(range(len(letters)), letters)
            ax.set_yticks(range(len(letters)), letters)
            ax.grid(False)
        axes[0].set_ylabel(words["at"])
        colour_bar(list(axes), image, words["weight"], ticks=[0, 0.5, 1])


def draw_head(file: Path, language: Language, model: gpt.GPT, read: str = EXAMPLE[:2]) -> None:
    """The graph of the first number that the first head gives for the last letter of some."""
    words, part, letters = _LABELS[language], slice(0, gpt.WIDTH // gpt.HEADS), f".{read}"
    queries, keys, values, _ = past(model, read)
    q = _named(queries[-1][part], "q")
    k, v = (
        [_named(row[part], f"{what}({at})") for at, row in zip(letters, rows, strict=True)]
        for what, rows in (("k", keys), ("v", values))
    )
    weights, given = gpt.head(q, k, v)
    scores = [weight.inputs[0].inputs[0] for weight in weights]
    for at, score, weight in zip(letters, scores, weights, strict=True):
        score.label, weight.label = f"s({at})", f"w({at})"
    given[0].label = "o₁"
    boxes = {words["score"].format(at): score for at, score in zip(letters, scores, strict=True)} | {"softmax": weights}
    draw(
        given[0], title=words["graph"].format(read), language=language, group=boxes, collapse=list(boxes), clone=True
    ).save(file)


def _named(numbers: Sequence[Any], name: str) -> list[Value]:
    return [Value(each.data, numbered(name, i)) for i, each in enumerate(numbers)]
