"""Activations: step, identity, sigmoid, ReLU and softmax as curves, each with its derivative.

A network learns through the derivatives of its activations. The step has none to learn by: it is flat wherever it has
a slope at all. The identity has one that is always 1, and bends nothing. What is left are the others.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autograd import OPS, Op, Value, derivative, jacobian, no_grad, softmax
from demos._pictures import AMBER, BLUE, GREEN, RED, drawing, legend_below, minus, show

TEACHES = {
    "ja": "活性化関数：ステップ・恒等・シグモイド・ReLU・ソフトマックスの曲線と、その微分",
    "en": "Activations: step, identity, sigmoid, ReLU and softmax as curves, each with its derivative",
}
SOURCE = "データマイニングと機械学習 ニューラルネットワーク p. 32, 34-36 (document 001)"

NAMES = ("step", "identity", "sigmoid", "relu", "tanh")
"""Of one number; the last one is not in the document, and is what many of our lessons use."""
POINTS = (-2.0, -0.5, 0.0, 0.5, 2.0)
LECTURE = (10.0, 2.0, 1.0)  # the document's softmax
FAR = 10.0  # where the sigmoid is as good as at its ends
NEGATIVE = (-10.0, -2.0, -1.0)


def activation(name: str) -> Op:
    """By its name in autograd's table of operations."""
    found = OPS[name]
    assert isinstance(found, Op)
    return found


def value(name: str, x: float) -> float:
    """f(x), as a number."""
    with no_grad():
        found = activation(name)(x)
    return float(found.data if isinstance(found, Value) else found)


def slope(name: str, x: float) -> float:
    """f′(x), by the engine; at a corner or a jump what it takes there, 0."""
    return float(derivative(activation(name))(x))


def probabilities(u: Sequence[float]) -> list[float]:
    """Softmax of plain numbers."""
    return [float(p) for p in softmax(u)]


def softmax_slopes(u: Sequence[float]) -> Any:
    """∂pᵢ/∂uⱼ of all of them, by the engine: a row for each pᵢ. By hand it is pᵢ(δᵢⱼ − pⱼ)."""
    return np.array(jacobian(softmax)(list(u)))


def numbers() -> dict[str, float]:
    """Values and slopes at two points, where the sigmoid lies, and the document's softmax."""
    found = {f"{name}({x:g})": value(name, x) for name in NAMES for x in (-2.0, 2.0)}
    found |= {f"{name}′({x:g})": slope(name, x) for name in NAMES for x in (-2.0, 2.0)}
    found |= {"sigmoid′(0)": slope("sigmoid", 0.0)}
    found |= {f"{name}({x:g})": value(name, x) for name in ("sigmoid", "tanh") for x in (-FAR, FAR)}
    return found | {f"softmax({u:g})": p for u, p in zip(LECTURE, probabilities(LECTURE), strict=True)}


_STORY = {
    "ja": """\
1. 値 f(x) と微分 f′(x)
{heads}
{table}
  ステップ関数の微分は（跳ぶ所のほかは）0：勾配法では学べない。恒等関数は曲がらない：何層つないでも直線のまま。

2. シグモイド関数の値域は (0, 1)：だから確率として使える
  f(−{far}) = {low:.6f}、f({far}) = {high:.6f}。スライド p. 34 の [−1, 1] は誤記と思われる（tanh なら −1 から 1）。
  微分は f(1 − f)。いちばん急な x = 0 でも {steepest:g}：層をひとつ戻るたび、勾配は {steepest:g} 倍以下（× 重み）。

3. ソフトマックス関数：K 個の数を、足して 1 になる確率に
  softmax({lecture}) = ({shares})、スライドの 0.9995, 0.0003, 0.0001 と同じ
  softmax({negative}) = ({shares_negative})：入力が負でも、値は正
  微分 ∂pᵢ/∂uⱼ = pᵢ(δᵢⱼ − pⱼ)：どれかを上げれば、ほかは下がる。u = ({middle}) では
{slopes}
""",
    "en": """\
1. Values f(x) and derivatives f′(x)
{heads}
{table}
  The step's derivative is 0 (but for the jump): no gradient to learn by. The identity bends nothing.

2. The sigmoid lies in (0, 1), and so can be a probability
  f(−{far}) = {low:.6f}, f({far}) = {high:.6f}. Slide 34 has [−1, 1], which must be a slip (from −1 to 1 is tanh).
  Its derivative is f(1 − f) ≤ {steepest:g} (at x = 0): a layer leaves {steepest:g} of a gradient at most (× weights).

3. Softmax turns K numbers into probabilities, which add up to 1
  softmax({lecture}) = ({shares}); the slide has the same 0.9995, 0.0003, 0.0001
  softmax({negative}) = ({shares_negative}): of negative numbers it is positive too
  The derivative is ∂pᵢ/∂uⱼ = pᵢ(δᵢⱼ − pⱼ): if one rises, the others fall. At u = ({middle})
{slopes}
""",
}
_MIDDLE = (1.0, 0.0, -1.0)
_WORDS = {
    "ja": {
        "step": "ステップ関数",
        "identity": "恒等関数",
        "sigmoid": "シグモイド関数",
        "relu": "ReLU（ランプ関数）",
        "tanh": "tanh",
        "softmax": "ソフトマックス（u₂ = 2, u₃ = 1）",
        "value": "f(x)",
        "slope": "微分 f′(x)",
    },
    "en": {
        "step": "step",
        "identity": "identity",
        "sigmoid": "sigmoid",
        "relu": "ReLU",
        "tanh": "tanh",
        "softmax": "softmax (u₂ = 2, u₃ = 1)",
        "value": "f(x)",
        "slope": "derivative f′(x)",
    },
}


def story(language: str) -> str:
    """The lesson as text."""
    return _STORY[language].format(
        heads=" " * 10 + "".join(f"{minus(f'x = {x:g}'):>16}" for x in POINTS),
        table="\n".join(_row(name) for name in NAMES),
        far=f"{FAR:g}",
        low=value("sigmoid", -FAR),
        high=value("sigmoid", FAR),
        steepest=slope("sigmoid", 0.0),
        lecture=_list(LECTURE, "g"),
        shares=_list(probabilities(LECTURE), ".4f"),
        negative=_list(NEGATIVE, "g"),
        shares_negative=_list(probabilities(NEGATIVE), ".4f"),
        middle=_list(_MIDDLE, "g"),
        slopes="\n".join(f"  {_list(row, '+.4f')}" for row in softmax_slopes(_MIDDLE)),
    )


def _row(name: str) -> str:
    pairs = (f"{value(name, x):z.3f}, {slope(name, x):z.3f}" for x in POINTS)
    return f"  {name:<8}" + "".join(f"{minus(pair):>16}" for pair in pairs)


def _list(numbers: Sequence[float], form: str) -> str:
    return ", ".join(minus(format(number, form)) for number in numbers)


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw the curves."""
    print(story(language))
    draw_curves(output / "activations.png", language)
    show(language, output / "activations.png")


def draw_curves(file: Path, language: str) -> None:
    """Each activation with its derivative below it, in one picture."""
    words = _WORDS[language]
    with drawing(file, width=12, height=7) as figure:
        axes: Any = figure.subplots(2, 3).ravel()
        for ax, name in zip(axes, NAMES, strict=False):
            _draw_one(ax, name, words)
        _draw_softmax(axes[-1], words)
        legend_below(figure, *axes)


def _draw_one(ax: Any, name: str, words: dict[str, str]) -> None:
    for side in ((-4, -1e-9), (1e-9, 4)):  # apart at 0, where some have a jump
        xs = np.linspace(*side, 100)
        first = side[0] < 0
        curves = [value(name, x) for x in xs.tolist()], [slope(name, x) for x in xs.tolist()]
        ax.plot(xs, curves[0], color=BLUE, label=words["value"] if first else None)
        ax.plot(xs, curves[1], "--", color=RED, label=words["slope"] if first else None)
    ax.set(
        title=words[name],
        xlabel="x",
        ylabel="f(x), f′(x)",
        ylim=(-1.25, 2.25),
        xticks=range(-4, 5, 2),
        yticks=range(-1, 3),
    )


def _draw_softmax(ax: Any, words: dict[str, str]) -> None:
    """The three probabilities as u₁ moves, and how fast the first of them rises."""
    us = np.linspace(-4, 8, 121)
    shares = np.array([probabilities((u, *LECTURE[1:])) for u in us.tolist()])
    for i, (colour, line) in enumerate(((BLUE, "-"), (GREEN, "-."), (AMBER, ":"))):
        ax.plot(us, shares[:, i], linestyle=line, color=colour, label=f"p{'₁₂₃'[i]}")
    slopes = [softmax_slopes((u, *LECTURE[1:]))[0, 0] for u in us.tolist()]
    ax.plot(us, slopes, "--", color=RED, label="∂p₁/∂u₁")
    ax.set(title=words["softmax"], xlabel="u₁", ylabel="p, ∂p₁/∂u₁", ylim=(-0.05, 1.05))
