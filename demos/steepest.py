"""Why −∇f is the steepest way down: Taylor's first order, then the inequality of Cauchy and Schwarz.

A small step Δx changes f by ∇f·Δx and a remainder R of second order. Of all steps of one length, ∇f·Δx is greatest
where Δx goes along ∇f and least where it goes against it. So a small step against the gradient lowers f, and no
direction lowers it more. The example is the bowl of document 003; the changes of f are computed from its values alone.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from demos import Part, Try
from demos._pictures import AMBER, BLUE, GREEN, GREY, INK, RED, drawing, minus, show
from demos.bowl import START, by_backward, f

TEACHES = {
    "ja": "なぜ −∇f がいちばん急な下りか：Taylor の一次近似と Cauchy–Schwarz の不等式を数で確かめる",
    "en": "Why −∇f is the steepest way down: Taylor's first order and the inequality of Cauchy and Schwarz, in numbers",
}
SOURCE = "機械学習にでてくる勾配降下法/勾配ベクトルなどの整理 勾配ベクトルってなんだっけ、、、? (document 003)"

SHORT = 1e-3  # a step that is as good as none
ANGLES = (0, 60, 90, 120, 180)  # between a step and ∇f, in degrees
FACTORS = (0.1, 0.01, -0.1, -0.01, -0.001)  # k of a step k∇f: up, then down


def change(x: Sequence[float], step: Sequence[float]) -> float:
    """f(x + Δx) − f(x)."""
    return f([xᵢ + dᵢ for xᵢ, dᵢ in zip(x, step, strict=True)]) - f(x)


def first_order(x: Sequence[float], step: Sequence[float]) -> float:
    """∇f(x)·Δx: what Taylor says of the change, but for R."""
    return sum(gᵢ * dᵢ for gᵢ, dᵢ in zip(by_backward(x), step, strict=True))


def unit(direction: float) -> list[float]:
    """The step of length 1 in a direction, in degrees."""
    angle = math.radians(direction)
    return [math.cos(angle), math.sin(angle)]


def slope(x: Sequence[float], direction: float) -> float:
    """How much f rises per unit of length in a direction: from values of f alone, a short step ahead and one back."""
    ahead, back = ([sign * SHORT * d for d in unit(direction)] for sign in (1, -1))
    return (change(x, ahead) - change(x, back)) / (2 * SHORT)


def direction_of_gradient(x: Sequence[float]) -> float:
    """Of ∇f(x), in degrees."""
    gx, gy = by_backward(x)
    return math.degrees(math.atan2(gy, gx))


def steepest_way_down(x: Sequence[float]) -> int:
    """Of 360 directions, in degrees, the one in which f falls most."""
    return min(range(360), key=lambda degrees: slope(x, degrees))


def along_gradient(x: Sequence[float], k: float) -> tuple[float, float]:
    """For the step k∇f the change of f by Taylor, k‖∇f‖², and the true one."""
    step = [k * gᵢ for gᵢ in by_backward(x)]
    return first_order(x, step), change(x, step)


def numbers() -> dict[str, float]:
    """Slopes in some directions, changes along the gradient, and the steepest of all directions."""
    uphill = direction_of_gradient(START)
    return {
        "‖∇f‖": math.hypot(*by_backward(START)),
        **{f"slope at {angle}° to ∇f": slope(START, uphill + angle) for angle in ANGLES},
        **{f"change by {k:g}∇f": along_gradient(START, k)[1] for k in FACTORS},
        "direction of −∇f": (uphill + 180) % 360,
        "steepest of 360 directions": steepest_way_down(START),
    }


_STORY = {
    "ja": """\
f(x, y) = x² + y² の、点 {start} で：∇f = ({gx:g}, {gy:g}), ‖∇f‖ = {norm:g}

なぜ −∇f か：Taylor の一次近似  f(x + Δx) − f(x) = ∇f·Δx + R  （R は二次以上の無限小）
  Δx = k∇f なら  ∇f·Δx = k‖∇f‖²。k > 0 で増え、k = −η < 0 で減る。
{changes}
  一歩を 1/10 にすると、R は 1/100：小さな一歩では ∇f·Δx だけを見ればよい。

Cauchy–Schwarz の不等式  −‖∇f‖‖Δx‖ ≤ ∇f·Δx ≤ ‖∇f‖‖Δx‖  （等号は Δx // ∇f のときのみ）
  長さ 1 あたりの変化は ‖∇f‖ cos θ（θ は ∇f との角）
{slopes}
  いちばん急な上りは ∇f、いちばん急な下りは −∇f の方角 {direction:.2f}°。
  360 の方角を試すと、f がいちばん減るのは {steepest}° の方角
""",
    "en": """\
f(x, y) = x² + y² at {start}: ∇f = ({gx:g}, {gy:g}), ‖∇f‖ = {norm:g}

Why −∇f: Taylor to first order,  f(x + Δx) − f(x) = ∇f·Δx + R  (R is of second order)
  For Δx = k∇f it is  ∇f·Δx = k‖∇f‖²: up with k > 0, down with k = −η < 0.
{changes}
  With 1/10 of the step, R is 1/100 of what it was: for a small step ∇f·Δx is all that counts.

Cauchy and Schwarz:  −‖∇f‖‖Δx‖ ≤ ∇f·Δx ≤ ‖∇f‖‖Δx‖  (equal only where Δx is parallel to ∇f)
  Per unit of length f changes by ‖∇f‖ cos θ, where θ is the angle to ∇f
{slopes}
  So ∇f is the steepest way up, and −∇f, at {direction:.2f}°, the steepest way down.
  Trying 360 directions, f falls most at {steepest}°
""",
}
_CHANGE = {
    "ja": "  k = {:<7g} k‖∇f‖² = {:<6.4g} 実際の変化 = {:<9.6g} R = {:.4g}",
    "en": "  k = {:<7g} k‖∇f‖² = {:<6.4g} actual change = {:<9.6g} R = {:.4g}",
}
_SLOPE = {
    "ja": "  θ = {:>3}°  ‖∇f‖ cos θ = {:<5.3g} f の値から = {:.3f}",
    "en": "  θ = {:>3}°  ‖∇f‖ cos θ = {:<5.3g} from values of f = {:.3f}",
}
_WORDS = {
    "ja": {
        "directions": "どの方角がいちばん急か",
        "angle": "∇f との角 θ（度）",
        "slope": "長さ 1 あたりの f の変化",
        "cosine": "‖∇f‖ cos θ",
        "tried": "f の値から",
        "up": "∇f：+‖∇f‖ = {:g}",
        "down": "−∇f：−‖∇f‖ = {:g}",
        "step": "η（一歩は −η∇f）",
        "size": "f の変化の大きさ",
        "taylor": "一次近似と実際の変化",
        "first": "一次近似 η‖∇f‖²",
        "actual": "実際に減った量",
        "rest": "その差 R",
    },
    "en": {
        "directions": "Which direction is steepest",
        "angle": "angle θ to ∇f (degrees)",
        "slope": "change of f per unit of length",
        "cosine": "‖∇f‖ cos θ",
        "tried": "from values of f",
        "up": "∇f: +‖∇f‖ = {:g}",
        "down": "−∇f: −‖∇f‖ = {:g}",
        "step": "η (the step is −η∇f)",
        "size": "size of the change of f",
        "taylor": "First order, and the true change",
        "first": "first order η‖∇f‖²",
        "actual": "how much f fell",
        "rest": "the difference R",
    },
}


def story(language: str) -> str:
    """The lesson as text."""
    found, (gx, gy) = numbers(), by_backward(START)
    told = _STORY[language].format(
        start=f"({START[0]:g}, {START[1]:g})",
        gx=gx,
        gy=gy,
        norm=found["‖∇f‖"],
        changes="\n".join(_change(language, k) for k in FACTORS),
        slopes="\n".join(_slope(language, angle) for angle in ANGLES),
        direction=found["direction of −∇f"],
        steepest=found["steepest of 360 directions"],
    )
    return told.replace("-", "−")


def _change(language: str, k: float) -> str:
    taylor, actual = along_gradient(START, k)
    return _CHANGE[language].format(k, taylor, actual, actual - taylor)


def _slope(language: str, angle: int) -> str:
    uphill = direction_of_gradient(START)
    cosine = first_order(START, unit(uphill + angle))
    return _SLOPE[language].format(angle, *(round(x, 9) + 0.0 for x in (cosine, slope(START, uphill + angle))))


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw the slope in every direction."""
    print(story(language))
    draw_steepest(output / "steepest.png", language)
    show(language, output / "steepest.png")


def draw_steepest(file: Path, language: str) -> None:
    """The slope in every direction, between −‖∇f‖ and ‖∇f‖; and how R vanishes as the step shrinks."""
    with drawing(file, width=11.5) as figure:
        left, right = figure.subplots(1, 2)
        _draw_directions(left, _WORDS[language])
        _draw_taylor(right, _WORDS[language])


def _draw_directions(ax: Any, words: dict[str, str]) -> None:
    uphill, angles = direction_of_gradient(START), np.linspace(-180, 180, 121)
    steep = math.hypot(*by_backward(START))
    for height in (-steep, 0, steep):
        ax.axhline(height, color=GREY, linewidth=1, linestyle="--" if height else "-")
    ax.plot(angles, [first_order(START, unit(uphill + angle)) for angle in angles], color=BLUE, label=words["cosine"])
    tried = range(-180, 181, 20)
    measured = [slope(START, uphill + angle) for angle in tried]
    ax.plot(tried, measured, "o", color=AMBER, markersize=5, label=words["tried"])
    ax.plot(0, steep, "^", color=GREEN, markersize=11, label=words["up"].format(steep), zorder=5)
    ax.plot(
        [-180, 180], [-steep] * 2, "v", color=RED, markersize=11, label=minus(words["down"].format(-steep)), zorder=5
    )
    ax.set(xlabel=words["angle"], ylabel=words["slope"], title=words["directions"], xticks=range(-180, 181, 60))
    ax.set(ylim=(-1.2 * steep, 2 * steep), yticks=[-steep, -steep / 2, 0, steep / 2, steep])
    ax.legend(loc="upper left", ncols=2)


def _draw_taylor(ax: Any, words: dict[str, str]) -> None:
    rates = np.logspace(-4, np.log10(0.5), 30)
    taylor, actual = np.array([along_gradient(START, -rate) for rate in rates]).T
    ax.loglog(rates, -taylor, "--", color=BLUE, label=words["first"])
    ax.loglog(rates, -actual, color=INK, label=words["actual"])
    ax.loglog(rates, actual - taylor, color=RED, label=words["rest"])
    ax.set(xlabel=words["step"], ylabel=words["size"], title=words["taylor"])
    ax.legend(loc="upper left")


NOTEBOOK = (
    Part("unit", "by_backward(START)"),
    Part("FACTORS change first_order along_gradient", "{k: along_gradient(START, k) for k in FACTORS}"),
    Part(
        "SHORT ANGLES slope direction_of_gradient steepest_way_down",
        "{angle: round(slope(START, direction_of_gradient(START) + angle), 6) for angle in ANGLES}",
    ),
    Part(show="picture(draw_steepest, language)", paragraphs=0),
    Try(
        "出発点 `START` を変えて、−∇f の方角といちばん減る方角を比べてみよう。",
        "Change the point `START`, and compare the direction of −∇f with the one in which f falls most.",
    ),
    Try(
        "`FACTORS` に -0.5、-1、-1.2 を加えると、f はどれだけ変わるだろうか。一次近似はどこまで使えるだろうか。",
        "Add -0.5, -1 and -1.2 to `FACTORS`. How does f change, and how far does the first order reach?",
    ),
)
