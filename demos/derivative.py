"""The derivative, and what it is good for: walking down to the lowest point of a function.

A secant through two points of a curve becomes the tangent as the points meet; its slope is the derivative. Stepping
against it, x ← x − η f′(x), leads down: for a good η to the minimum, for a small one hardly anywhere, for a large one
away for ever. And where the slope is 0 it stops, minimum or not.
"""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from autograd import derivative
from demos import Part, Try
from demos._pictures import AMBER, GREEN, GREY, INK, RED, curves, drawing, looks, minus, show

TEACHES = {
    "ja": "微分係数と勾配降下法：割線から接線へ、学習率の大小、傾き 0 での停滞",
    "en": "Derivative and gradient descent: secant to tangent, learning rates, the stall where the slope is 0",
}
SOURCE = (
    "GMOペパボ 勾配降下法 微分係数 (document 000); 情報システム実験実習II 第2回 勾配降下法 (document 002); "
    "PythonとKerasによるディープラーニング 2.4.1 導関数 (document 004); "
    "データマイニングと機械学習 ニューラルネットワーク p. 69-73 (document 001)"
)

POINT = 3.0  # where the secants meet the tangent
GAPS = (2.0, 1.0, 0.5, 0.1, 0.01, 0.001)
RATES = (0.001, 0.1, 0.95, 1.1)
STEPS = 100
QUARTIC_STARTS = (2.0, 0.0, -0.5)
QUARTIC_RATE = 0.1


def parabola(x: Any) -> Any:
    return (x - 1) ** 2


def quartic(x: Any) -> Any:
    return x**4 - 2 * x**3 + 1


def secant_slope(f: Callable[[float], float], x: float, h: float) -> float:
    """The mean rate of change of f from x to x + h."""
    return (f(x + h) - f(x)) / h


def descend(f: Callable[[Any], Any], x: float, rate: float, steps: int) -> list[float]:
    """Gradient descent: every x from the start on."""
    slope = derivative(f)
    way = [x]
    for _ in range(steps):
        x = x - rate * slope(x)
        way.append(x)
    return way


def random_start(seed: int) -> float:
    return random.Random(seed).uniform(-5.0, 5.0)


def numbers(seed: int = 0) -> dict[str, float]:
    """Slopes, and where each descent ends."""
    start = random_start(seed)
    secants = {f"secant, h = {h:g}": secant_slope(parabola, POINT, h) for h in GAPS}
    rates = {f"(x − 1)², η = {rate:g}": descend(parabola, start, rate, STEPS)[-1] for rate in RATES}
    ends = {x: descend(quartic, x, QUARTIC_RATE, STEPS)[-1] for x in QUARTIC_STARTS}
    quartics = {f"x⁴ − 2x³ + 1 from {x:g}": end for x, end in ends.items()}
    lowest = min(map(quartic, ends.values()))
    return {**secants, "tangent": derivative(parabola)(POINT), "start": start, **rates, **quartics, "lowest": lowest}


_STORY = {
    "ja": """\
1. 微分係数：割線の傾きの行き先
f(x) = (x − 1)² の x = {point:g} における平均変化率 (f(x + h) − f(x)) / h
{secants}
  h → 0 の極限（接線の傾き）を、自動微分は直接計算する: f′({point:g}) = {tangent:g}

2. 勾配降下法：x ← x − η f′(x)
f(x) = (x − 1)² を、乱数で決めた x = {start:.4f} から {steps} 回更新する
{rates}

3. 傾き 0 は、最小とは限らない
f(x) = x⁴ − 2x³ + 1,  f′(x) = 2x²(2x − 3),  η = {rate:g}, {steps} 回
{quartics}
  最小値は x = 3/2 での −11/16 = {exact}。x = 0 でも傾きは 0 なので、そこから先へ進めない。
""",
    "en": """\
1. The derivative: where the slopes of the secants go
f(x) = (x − 1)² at x = {point:g}: mean rate of change (f(x + h) − f(x)) / h
{secants}
  The limit for h → 0 (the slope of the tangent) is what autograd computes: f′({point:g}) = {tangent:g}

2. Gradient descent: x ← x − η f′(x)
f(x) = (x − 1)² from x = {start:.4f}, a random number, {steps} steps
{rates}

3. A slope of 0 is not always a minimum
f(x) = x⁴ − 2x³ + 1,  f′(x) = 2x²(2x − 3),  η = {rate:g}, {steps} steps
{quartics}
  The minimum is −11/16 = {exact} at x = 3/2. At x = 0 the slope is 0 too, and there is no way on from there.
""",
}
_SAYS = {
    "ja": {
        "crawls": "ほとんど進まない",
        "arrives": "谷底に着く",
        "jumps": "谷を飛び越えながら近づく",
        "diverges": "発散する",
        "minimum": "最小値に着く",
        "still": "動かない",
        "stalls": "途中で停滞する",
    },
    "en": {
        "crawls": "crawls",
        "arrives": "reaches the bottom",
        "jumps": "jumps across the valley, nearer each time",
        "diverges": "diverges",
        "minimum": "reaches the minimum",
        "still": "does not move",
        "stalls": "stalls on the way",
    },
}
_WORDS = {
    "ja": {
        "tangent": "接線  傾き {:g}",
        "secant": "割線  h = {:g}, 傾き {:g}",
        "step": "更新回数",
        "distance": "谷底までの距離 |x − 1|",
        "rates": "学習率による違い",
        "on the curve": "曲線上の歩み",
        "from": "x = {:g} から",
        "ends": "{} 回後  x = {}",
        "minimum": "最小値  x = 3/2, f = −11/16",
        "flat": "x = 0 では傾き 0",
        "way": "x の動き",
    },
    "en": {
        "tangent": "tangent, slope {:g}",
        "secant": "secant, h = {:g}, slope {:g}",
        "step": "step",
        "distance": "distance from the bottom |x − 1|",
        "rates": "Learning rates",
        "on the curve": "Steps on the curve",
        "from": "from x = {:g}",
        "ends": "after {} steps: x = {}",
        "minimum": "minimum: x = 3/2, f = −11/16",
        "flat": "slope 0 at x = 0",
        "way": "The way of x",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    found, start, says = numbers(seed), random_start(seed), _SAYS[language]
    return _STORY[language].format(
        point=POINT,
        secants="\n".join(f"  h = {h:<6g} {found[f'secant, h = {h:g}']:.6g}" for h in GAPS),
        tangent=found["tangent"],
        start=found["start"],
        steps=STEPS,
        rates="\n".join(_rate_line(η, descend(parabola, start, η, STEPS), says) for η in RATES),
        rate=QUARTIC_RATE,
        quartics="\n".join(_quartic_line(descend(quartic, x, QUARTIC_RATE, STEPS), says) for x in QUARTIC_STARTS),
        exact=-11 / 16,
    )


def _rate_line(rate: float, way: list[float], says: dict[str, str]) -> str:
    before, after = abs(way[0] - 1), abs(way[-1] - 1)
    if after > 0.1 * before:
        verdict = "diverges" if after > before else "crawls"
    else:
        verdict = "jumps" if (way[0] - 1) * (way[1] - 1) < 0 else "arrives"
    return f"  η = {rate:<6g} x = {way[-1]:<16.12g} {says[verdict]}"


def _quartic_line(way: list[float], says: dict[str, str]) -> str:
    start, end = way[0], way[-1]
    verdict = "minimum" if abs(end - 1.5) < 1e-6 else "still" if end == start else "stalls"
    return f"  x = {start:<5g} → {end:<14.9g} f = {quartic(end):<10.6f} {says[verdict]}"


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw tangent, learning rates, and the stall."""
    print(story(language, seed))
    files = [output / f"derivative-{name}.png" for name in ("tangent", "rates", "stall")]
    draw_tangent(files[0], language)
    draw_rates(files[1], language, random_start(seed))
    draw_stall(files[2], language)
    show(language, *files)


def draw_tangent(file: Path, language: str) -> None:
    words = _WORDS[language]
    xs, y = np.linspace(-0.5, 5.3, 200), parabola(POINT)
    with drawing(file) as figure:
        ax = figure.subplots()
        ax.plot(xs, parabola(xs), color=INK, linewidth=2.5)
        for h, colour in zip(GAPS[:3], (GREY, AMBER, GREEN), strict=True):
            slope = secant_slope(parabola, POINT, h)
            ax.plot(xs, y + slope * (xs - POINT), "--", color=colour, label=words["secant"].format(h, slope))
            ax.plot(POINT + h, parabola(POINT + h), "o", color=colour, zorder=5)
        slope = derivative(parabola)(POINT)
        ax.plot(xs, y + slope * (xs - POINT), color=RED, label=words["tangent"].format(slope))
        ax.plot(POINT, y, "o", color=RED, markersize=9, zorder=6)
        ax.set(xlabel="x", ylabel="f(x)", title="f(x) = (x − 1)²", ylim=(-2, 17), xlim=(xs[0], xs[-1]))
        ax.legend(loc="upper left")


def draw_rates(file: Path, language: str, start: float) -> None:
    words = _WORDS[language]
    ways = {f"η = {rate:g}": np.array(descend(parabola, start, rate, STEPS)) for rate in RATES}
    look, names = looks(ways), list(ways)
    with drawing(file, width=11) as figure:
        left, right = figure.subplots(1, 2)
        reach = 1.7 * abs(start - 1)
        xs = np.linspace(1 - reach, 1 + reach, 200)
        left.plot(xs, parabola(xs), color=GREY, linewidth=2.5)
        for name, shown in ((names[1], 20), (names[-1], 4)):
            way = ways[name][: shown + 1]
            way = way[np.abs(way - 1) < reach]
            left.plot(way, parabola(way), marker="o", linewidth=1.2, label=name, **look[name])
        left.plot(start, parabola(start), "o", color="white", markeredgecolor=INK, markeredgewidth=2, markersize=9)
        left.set(xlabel="x", ylabel="f(x)", title=words["on the curve"])
        left.legend()
        curves(right, {name: np.abs(way - 1) for name, way in ways.items()}, log=True, look=look)
        right.set(xlabel=words["step"], ylabel=words["distance"], title=words["rates"])


def draw_stall(file: Path, language: str) -> None:
    words = _WORDS[language]
    starts = (QUARTIC_STARTS[0], QUARTIC_STARTS[2])
    ways = [descend(quartic, x, QUARTIC_RATE, STEPS) for x in starts]
    with drawing(file, width=11) as figure:
        left, right = figure.subplots(1, 2)
        xs = np.linspace(-0.75, 2.1, 200)
        left.plot(xs, quartic(xs), color=GREY, linewidth=2.5)
        _draw_ways(left, right, starts, ways, words)
        arrow = {"arrowstyle": "->", "color": INK, "shrinkB": 6}
        left.annotate(words["minimum"], (1.5, quartic(1.5)), (-0.72, -0.5), arrowprops=arrow)
        left.annotate(words["flat"], (0, 1), (-0.1, 1.65), arrowprops=arrow)
        left.set(xlabel="x", ylabel="f(x)", title="f(x) = x⁴ − 2x³ + 1", ylim=(-0.95, 2.2))
        right.set(xlabel=words["step"], ylabel="x", title=words["way"], ylim=(-0.6, 2.1))
        right.axhline(1.5, color=GREY, linewidth=1, zorder=1)
        right.axhline(0.0, color=GREY, linewidth=1, zorder=1)


def _draw_ways(
    left: Any, right: Any, starts: Sequence[float], ways: Sequence[list[float]], words: dict[str, str]
) -> None:
    named = {minus(words["from"].format(x)): way for x, way in zip(starts, ways, strict=True)}
    look = looks(named)
    for name, way in named.items():
        left.plot(way, [quartic(x) for x in way], marker="o", linewidth=1, markersize=5, label=name, **look[name])
        where = {"textcoords": "offset points", "ha": "right", "va": "top", "color": look[name]["color"]}
        right.annotate(words["ends"].format(STEPS, minus(f"{way[-1]:.6f}")), (STEPS, way[-1]), (0, -8), **where)
    curves(right, named, look=look)


NOTEBOOK = (
    Part(
        "POINT GAPS parabola secant_slope",
        "[secant_slope(parabola, POINT, h) for h in GAPS], derivative(parabola)(POINT)",
    ),
    Part(show="picture(draw_tangent, language)", paragraphs=0),
    Try(
        "`POINT` を 1 にすると、割線の傾きは何に近づくだろうか。",
        "Set `POINT` to 1. Where do the slopes of the secants go now?",
    ),
    Part("RATES STEPS descend", "descend(parabola, 3.0, 0.1, 5)"),
    Part(show="picture(draw_rates, language, 3.0)", paragraphs=0),
    Try(
        "発散しはじめる学習率 η はいくつだろうか。`RATES` に足して確かめよ。式からも求められるか。",
        "At which rate η does the descent begin to diverge? Add rates to `RATES`. Can you tell it from the formula?",
    ),
    Part(
        "QUARTIC_STARTS QUARTIC_RATE quartic", "[descend(quartic, x, QUARTIC_RATE, STEPS)[-1] for x in QUARTIC_STARTS]"
    ),
    Part(show="picture(draw_stall, language)", paragraphs=0),
    Try(
        "x = −0.5 から最小値に着くには、何が要るだろうか。学習率や回数を変えてみよ。",
        "What would bring the descent from x = −0.5 to the minimum? Try other rates and more steps.",
    ),
)
