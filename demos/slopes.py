"""The gradient of the error: tangents at several points, one parameter at a time, and the derivation, row by row.

With w₁ held fixed the error is a parabola in w₀, and its tangent has the slope ∂L/∂w₀; the same the other way round.
Both slopes side by side are the gradient. On paper the chain rule gives ∂L/∂wⱼ = Σ (f(xᵢ) − yᵢ) xᵢⱼ, a row for each
datum; the engine finds the same numbers in its graph. The data are those of the lesson `line`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd import Value, draw, grad
from demos import Part, Try
from demos._pictures import AMBER, BLUE, GREEN, INK, RED, colour_bar, contours, drawing, minus, show
from demos.line import LEVELS, X, Y, f, least_squares, loss

TEACHES = {
    "ja": "誤差関数の勾配：いくつかの点での接線、偏微分、矢印、そして ∂L/∂wⱼ = Σ (f(xᵢ) − yᵢ) xᵢⱼ を一行ずつ",
    "en": "The gradient of the error: tangents, partial derivatives, arrows, ∂L/∂wⱼ = Σ (f(xᵢ) − yᵢ) xᵢⱼ row by row",
}
SOURCE = (
    "GMOペパボ 勾配降下法 勾配「誤差関数の微分係数をいくつかの点で求めてみる」偏微分, "
    "勾配降下法 合成関数の微分, 誤差関数の勾配, パラメータの更新 (document 000)"
)

HERE = (1.0, 0.5)  # the parameters at which everything is computed
RATE = 0.015  # α
TANGENTS = (-1.0, 1.0, 3.0, 5.0)  # w₀ at which the tangent is drawn, with w₁ as here
FEW = (1, 3)  # the data whose graph is drawn


def along(j: int, w: float) -> tuple[float, float]:
    """The parameters here, but for the j-th."""
    return (w, HERE[1]) if j == 0 else (HERE[0], w)


# --- Partial derivatives --------------------------------------------------------------------------------------


def partial(j: int, w: float) -> float:
    """∂L/∂wⱼ where wⱼ is w and the other parameter is held fixed: the slope of the tangent."""
    return grad(loss)(along(j, w))[j]


def lowest(j: int) -> float:
    """Where the parabola in wⱼ has its bottom: its slope is a straight line, which two points tell."""
    a, b = partial(j, 0.0), partial(j, 1.0)
    return -a / (b - a)


# --- The derivation, row by row -------------------------------------------------------------------------------


class Row(NamedTuple):
    """What a datum adds to the gradient: ∂L/∂f = f(x) − y, times ∂f/∂w₀ = 1 and ∂f/∂w₁ = x."""

    x: float
    y: float
    f: float
    off: float
    to_w0: float
    to_w1: float


def rows(w: Sequence[float] = HERE) -> list[Row]:
    """∂L/∂f × ∂f/∂wⱼ of each datum, as on paper."""
    found = []
    for x, y in zip(X, Y, strict=True):
        off = f(w, x) - y
        found.append(Row(x, y, f(w, x), off, off * 1, off * x))
    return found


def by_hand(w: Sequence[float] = HERE) -> tuple[float, float]:
    """∇L: the sums of the rows."""
    return sum(row.to_w0 for row in rows(w)), sum(row.to_w1 for row in rows(w))


def by_engine(w: Sequence[float] = HERE) -> tuple[float, float]:
    """∇L: one pass forward and one backward through the graph."""
    w0, w1 = Value(w[0]), Value(w[1])
    loss((w0, w1)).backward()
    return w0.grad, w1.grad


def update(w: Sequence[float]) -> list[float]:
    """w − α∇L(w)."""
    return [wⱼ - RATE * slope for wⱼ, slope in zip(w, by_hand(w), strict=True)]


def graph(language: str) -> Value:
    """The error of two data, with gradients, its parts named as in the derivation."""
    w0, w1 = Value(HERE[0], "w₀"), Value(HERE[1], "w₁")
    L: Any = 0
    for i in FEW:
        x = Value(X[i], f"x_{i + 1}")
        said = f((w0, w1), x)
        said.label = f"f_{i + 1}"
        L = L + (Value(Y[i], f"y_{i + 1}") - said) ** 2 / 2
    L.label = _WORDS[language]["loss"]
    L.backward()
    return L


def numbers() -> dict[str, float]:
    """Slopes of the tangents, the gradient by hand and by the engine, and a step against it."""
    hand, engine = by_hand(), by_engine()
    return {
        **{f"∂L/∂w₀ at w₀ = {w:g}": partial(0, w) for w in TANGENTS},
        "lowest w₀, w₁ fixed": lowest(0),
        "lowest w₁, w₀ fixed": lowest(1),
        "∂L/∂w₀ by hand": hand[0],
        "∂L/∂w₁ by hand": hand[1],
        "∂L/∂w₀ by the engine": engine[0],
        "∂L/∂w₁ by the engine": engine[1],
        "loss": loss(HERE),
        "loss after a step": loss(update(HERE)),
    }


_STORY = {
    "ja": """\
誤差 L(w) = ½ Σ (yᵢ − f(xᵢ))², f(x) = w₀ + w₁x を、w = ({w0:g}, {w1:g}) のまわりで調べる

微分係数をいくつかの点で求める：w₁ = {w1:g} は固定し、w₀ だけを動かす
{tangents}
  微分係数は L を大きくする方向と大きさを示す。負なら w₀ を増やし、正なら減らすと L は小さくなる。
  傾きが 0 になる谷底は w₀ = {lowest0:.4f}

偏微分：一つのパラメータ以外は固定する
  w₁ 固定：∂L/∂w₀ = {d0:.4f}（この切り口の谷底は w₀ = {lowest0:.4f}）
  w₀ 固定：∂L/∂w₁ = {d1:.4f}（この切り口の谷底は w₁ = {lowest1:.4f}）
  勾配は、二つを並べた ∇L = ({d0:.4f}, {d1:.4f})

合成関数の微分：∂L/∂wⱼ = Σ ∂L/∂f(xᵢ) × ∂f(xᵢ)/∂wⱼ = Σ (f(xᵢ) − yᵢ) xᵢⱼ  （xᵢ₀ = 1）
  外側：∂/∂f ½(y − f)² = ½(0 − 2y + 2f) = f − y    内側：∂(w₀ + w₁x)/∂w₀ = 1, ∂(w₀ + w₁x)/∂w₁ = x
     xᵢ    yᵢ  f(xᵢ)  ∂L/∂f = f(xᵢ) − yᵢ   × ∂f/∂w₀ = 1   × ∂f/∂w₁ = xᵢ
{rows}
                                     合計{sums}
                             エンジンの勾配{engine}

パラメータの更新：w ← w − α∇L(w), α = {rate:g}
  w₀: {w0:g} − {rate:g} × ({d0:.4f}) = {new0:.6f}
  w₁: {w1:g} − {rate:g} × ({d1:.4f}) = {new1:.6f}
  L: {before:.4f} → {after:.4f}
""",
    "en": """\
The error L(w) = ½ Σ (yᵢ − f(xᵢ))², f(x) = w₀ + w₁x, around w = ({w0:g}, {w1:g})

The derivative at several points: w₁ = {w1:g} is fixed, w₀ alone moves
{tangents}
  It says which way L rises, and how fast. Where it is negative, more w₀ lowers L; where it is positive, less.
  It is 0 at the bottom, w₀ = {lowest0:.4f}

Partial derivatives: all parameters but one are fixed
  w₁ fixed: ∂L/∂w₀ = {d0:.4f} (the bottom of this slice is at w₀ = {lowest0:.4f})
  w₀ fixed: ∂L/∂w₁ = {d1:.4f} (the bottom of this slice is at w₁ = {lowest1:.4f})
  The gradient is both, side by side: ∇L = ({d0:.4f}, {d1:.4f})

The chain rule: ∂L/∂wⱼ = Σ ∂L/∂f(xᵢ) × ∂f(xᵢ)/∂wⱼ = Σ (f(xᵢ) − yᵢ) xᵢⱼ  (xᵢ₀ = 1)
  Outer: ∂/∂f ½(y − f)² = ½(0 − 2y + 2f) = f − y    Inner: ∂(w₀ + w₁x)/∂w₀ = 1, ∂(w₀ + w₁x)/∂w₁ = x
     xᵢ    yᵢ  f(xᵢ)  ∂L/∂f = f(xᵢ) − yᵢ   × ∂f/∂w₀ = 1   × ∂f/∂w₁ = xᵢ
{rows}
                                      sum{sums}
                    the engine's gradient{engine}

The update: w ← w − α∇L(w), α = {rate:g}
  w₀: {w0:g} − {rate:g} × ({d0:.4f}) = {new0:.6f}
  w₁: {w1:g} − {rate:g} × ({d1:.4f}) = {new1:.6f}
  L: {before:.4f} → {after:.4f}
""",
}
_SAYS = {
    "ja": {-1: "w₀ を増やす", 1: "w₀ を減らす"},
    "en": {-1: "more w₀", 1: "less w₀"},
}
_WORDS = {
    "ja": {
        "loss": "誤差 L",
        "tangents": "w₁ = {:g} を固定：接線の傾き",
        "slice": "w₀ = {:g} を固定",
        "tangent": "傾き {}",
        "bottom": "谷底（傾き 0）",
        "map": "勾配の逆 −∇L の矢印",
        "arrows": "−∇L（長さは ∛‖∇L‖）",
        "least": "最小",
        "here": "w = ({:g}, {:g})",
    },
    "en": {
        "loss": "error L",
        "tangents": "w₁ = {:g} is fixed: slopes of tangents",
        "slice": "w₀ = {:g} is fixed",
        "tangent": "slope {}",
        "bottom": "bottom (slope 0)",
        "map": "Arrows against the gradient, −∇L",
        "arrows": "−∇L (length ∛‖∇L‖)",
        "least": "least",
        "here": "w = ({:g}, {:g})",
    },
}


def story(language: str) -> str:
    """The lesson as text."""
    (d0, d1), new = by_hand(), update(HERE)
    told = _STORY[language].format(
        w0=HERE[0],
        w1=HERE[1],
        tangents="\n".join(_tangent(language, w) for w in TANGENTS),
        lowest0=lowest(0),
        lowest1=lowest(1),
        d0=d0,
        d1=d1,
        rows="\n".join(map(_row, rows())),
        sums=_gradient(by_hand()),
        engine=_gradient(by_engine()),
        rate=RATE,
        new0=new[0],
        new1=new[1],
        before=loss(HERE),
        after=loss(new),
    )
    return told.replace("-", "−")


def _tangent(language: str, w: float) -> str:
    slope = partial(0, w)
    return (
        f"  w₀ = {w:<4g} L = {loss(along(0, w)):<8.3f} ∂L/∂w₀ = {slope:<8.3f} → {_SAYS[language][int(np.sign(slope))]}"
    )


def _row(row: Row) -> str:
    return f"  {row.x:>5g}{row.y:>6.1f}{row.f:>7.1f}{row.off:>21.1f}{row.to_w0:>16.1f}{row.to_w1 + 0:>17.1f}"


def _gradient(slopes: Sequence[float]) -> str:
    return f"{slopes[0]:>16.4f}{slopes[1]:>17.4f}"


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson, draw slices, tangents and arrows, then the graph of two data."""
    print(story(language))
    files = [output / f"slopes-{name}" for name in ("tangents.png", "arrows.png", "graph.svg", "graph.png")]
    draw_tangents(files[0], language)
    draw_arrows(files[1], language)
    picture = draw(graph(language), language=language)
    show(language, *files[:2], *map(picture.save, files[2:]))


def draw_tangents(file: Path, language: str) -> None:
    """The error over one parameter, the other fixed, and its tangents."""
    words, w = _WORDS[language], HERE
    with drawing(file, width=11.5) as figure:
        left, right = figure.subplots(1, 2)
        _draw_slice(
            left, 0, np.linspace(-2, 7.4, 100), dict(zip(TANGENTS, (AMBER, RED, GREEN, BLUE), strict=True)), words
        )
        left.set(xlabel="w₀", ylabel=words["loss"], title=words["tangents"].format(w[1]), ylim=(-6, 75))
        _draw_slice(right, 1, np.linspace(-0.35, 2.3, 100), {w[1]: RED}, words)
        right.set(xlabel="w₁", ylabel=words["loss"], title=words["slice"].format(w[0]), ylim=(-4, 50))


def _draw_slice(ax: Any, j: int, places: Any, at: dict[float, str], words: dict[str, str]) -> None:
    ax.plot(places, [loss(along(j, w)) for w in places], color=INK, linewidth=2.5)
    reach = 0.1 * (places[-1] - places[0])
    for w, colour in at.items():
        slope, height = partial(j, w), loss(along(j, w))
        ends = np.array([w - reach, w + reach])
        name = words["tangent"].format(minus(f"{slope:.4g}"))
        ax.plot(ends, height + slope * (ends - w), color=colour, label=name)
        ax.plot(w, height, "o", color=colour, zorder=5)
    bottom = lowest(j)
    ax.plot(bottom, loss(along(j, bottom)), "*", color=INK, markersize=13, zorder=6, label=words["bottom"])
    ax.legend(loc="upper center")


def draw_arrows(file: Path, language: str) -> None:
    """The map of the error with −∇L on it, and the two slices as lines."""
    words, places = _WORDS[language], np.linspace(0, 3, 100)
    w0, w1 = np.meshgrid(np.linspace(0.2, 2.8, 9), np.linspace(0.2, 2.8, 9))
    d0, d1 = np.vectorize(lambda a, b: tuple(grad(loss)((a, b))), otypes=[float, float])(w0, w1)
    shrunk = np.cbrt(np.hypot(d0, d1)) / np.hypot(d0, d1)
    with drawing(file, width=7.2, height=5.8) as figure:
        ax = figure.add_subplot(aspect="equal")
        filled = contours(ax, places, places, loss(np.meshgrid(places, places)), LEVELS, log=True)
        colour_bar(ax, filled, words["loss"], ticks=LEVELS, format="%g")
        look: dict[str, Any] = {"color": INK, "scale": 40, "width": 0.006, "pivot": "tail", "zorder": 4}
        ax.quiver(w0, w1, -d0 * shrunk, -d1 * shrunk, **look)
        ax.plot([], [], color=INK, marker=">", label=words["arrows"])
        ax.plot(
            *HERE, "o", color=RED, markeredgecolor="white", markersize=10, label=words["here"].format(*HERE), zorder=6
        )
        ax.plot(
            *least_squares(), "*", color=RED, markeredgecolor="white", markersize=15, label=words["least"], zorder=6
        )
        ax.set(xlabel="w₀", ylabel="w₁", title=words["map"], xlim=(0, 3), ylim=(0, 3))
        figure.legend(loc="outside lower center", ncols=3, frameon=False)


NOTEBOOK = (
    Part("HERE", "loss(HERE)"),
    Part("TANGENTS along partial lowest", "{w: partial(0, w) for w in TANGENTS}"),
    Part(show="partial(0, HERE[0]), partial(1, HERE[1])"),
    Part(show="picture(draw_tangents, language)", paragraphs=0),
    Part(show="picture(draw_arrows, language)", paragraphs=0),
    Part("Row rows by_hand by_engine", "by_hand(), by_engine()"),
    Part("FEW graph", "draw(graph(language), language=language)", paragraphs=0),
    Part("RATE update", "update(HERE)"),
    Try(
        "`HERE` を谷底の近く (2, 0.8) にすると、二つの切り口の接線はどうなるだろうか。",
        "Make `HERE` (2, 0.8), near the bottom. What are the tangents of the two slices now?",
    ),
    Try(
        "α（`RATE`）を 0.03、0.04 にすると、一回の更新で誤差は減るだろうか。何回も更新すると。",
        "With α (`RATE`) 0.03 and 0.04, does one update lower the error? And many updates?",
    ),
)
