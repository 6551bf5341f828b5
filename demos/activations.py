"""Activations: step, identity, sigmoid, ReLU and softmax as curves, each with its derivative.

A network learns through the derivatives of its activations. The step has none to learn by: it is flat wherever it has
a slope at all. The identity has one that is always 1, and bends nothing. What is left are the others.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

import nn
from autograd import OPS, Op, Value, derivative, jacobian, no_grad, softmax, value_and_grad
from demos import Part, Try
from demos._pictures import AMBER, BLUE, GREEN, RED, drawing, legend_below, minus, show

TEACHES = {
    "ja": "活性化関数：ステップ・恒等・シグモイド・ReLU・ソフトマックスの曲線と、その微分",
    "en": "Activations: step, identity, sigmoid, ReLU and softmax as curves, each with its derivative",
}
SOURCE = "データマイニングと機械学習 ニューラルネットワーク p. 32, 34-36, 50, 86 (document 001)"

NAMES = ("step", "identity", "sigmoid", "relu", "tanh")
"""Of one number; the last one is not in the document, and is what many of our lessons use."""
TOLD = (*NAMES[:-1], "sign", NAMES[-1])
"""Those in the table: the sign, slide 86, is a step too, from −1 to 1."""
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
    """∂fᵢ/∂uⱼ of all of them, by the engine: a row for each fᵢ. By hand it is fᵢ(δᵢⱼ − fⱼ)."""
    return np.array(jacobian(softmax)(list(u)))


def cross_entropy(u: Sequence[float], true: int) -> tuple[float, list[float]]:
    """The slide's Σ −pₖ log fₖ of f = softmax(u), where p is 1 for the true class and 0 else; and its gradient by u."""
    loss, gradient = value_and_grad(lambda u: nn.softmax_cross_entropy(u, true))(list(u))
    return float(loss), gradient


def numbers() -> dict[str, float]:
    """Values and slopes at two points, where the sigmoid lies, the document's softmax, and losses by it."""
    found = {f"{name}({x:g})": value(name, x) for name in TOLD for x in (-2.0, 2.0)}
    found |= {f"{name}′({x:g})": slope(name, x) for name in TOLD for x in (-2.0, 2.0)}
    found |= {f"cross-entropy, class {k + 1}": cross_entropy(LECTURE, k)[0] for k in range(3)}
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
  微分 ∂fᵢ/∂uⱼ = fᵢ(δᵢⱼ − fⱼ)：どれかを上げれば、ほかは下がる。u = ({middle}) では
{slopes}

4. クロスエントロピー：正解のクラスの確率 f が小さいほど、損失 Σ −pₖ log fₖ = −log f は大きい
{losses}
  勾配は f − p：予測した確率と、正解（1 か 0）との差。
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
  The derivative is ∂fᵢ/∂uⱼ = fᵢ(δᵢⱼ − fⱼ): if one rises, the others fall. At u = ({middle})
{slopes}

4. Cross-entropy: the smaller the probability f of the true class, the larger the loss Σ −pₖ log fₖ = −log f
{losses}
  The gradient is f − p: the probabilities foretold less the true ones, which are 1 or 0.
""",
}
_MIDDLE = (1.0, 0.0, -1.0)
_LOSS = {
    "ja": "  正解がクラス {}: 損失 {:.4f}、u での勾配 ({})",
    "en": "  true class {}: loss {:.4f}, gradient by u ({})",
}
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
        table="\n".join(_row(name) for name in TOLD),
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
        losses="\n".join(_loss(language, k) for k in range(len(LECTURE))),
    )


def _row(name: str) -> str:
    pairs = (f"{value(name, x):z.3f}, {slope(name, x):z.3f}" for x in POINTS)
    return f"  {name:<8}" + "".join(f"{minus(pair):>16}" for pair in pairs)


def _loss(language: str, true: int) -> str:
    loss, gradient = cross_entropy(LECTURE, true)
    return _LOSS[language].format(true + 1, loss, _list(gradient, "+.4f"))


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
        ax.plot(us, shares[:, i], linestyle=line, color=colour, label=f"f{'₁₂₃'[i]}")
    slopes = [softmax_slopes((u, *LECTURE[1:]))[0, 0] for u in us.tolist()]
    ax.plot(us, slopes, "--", color=RED, label="∂f₁/∂u₁")
    ax.set(title=words["softmax"], xlabel="u₁", ylabel="f, ∂f₁/∂u₁", ylim=(-0.05, 1.05))


NOTEBOOK = (
    Part("NAMES activation value slope", "{name: (value(name, 0.5), slope(name, 0.5)) for name in NAMES}"),
    Part("FAR", 'value("sigmoid", -FAR), value("sigmoid", FAR), slope("sigmoid", 0.0)'),
    Part(
        "LECTURE probabilities softmax_slopes", "np.round(probabilities(LECTURE), 4), softmax_slopes(LECTURE).round(4)"
    ),
    Part("cross_entropy", "cross_entropy(LECTURE, 2)"),
    Part(show="picture(draw_curves, language)", paragraphs=0),
    Try(
        '`NAMES` の "tanh" を "softplus" や "gelu" に変えると、曲線と微分はどうなるだろうか。',
        'Make "tanh" in `NAMES` "softplus" or "gelu". What do the curve and its derivative look like?',
    ),
    Try(
        "softmax に渡す 3 つの数すべてに 100 を足すと、確率は変わるだろうか。",
        "Add 100 to all three numbers that softmax gets. Do the probabilities change?",
    ),
)
