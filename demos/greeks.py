"""The price of an option and its greeks: first and second derivatives of one formula, by backward passes.

Black and Scholes give the price of a call, the right to buy a share for the strike K in T years. How it moves with the
share, the volatility, the time and the interest rate are its derivatives; traders have a Greek letter for each, and
textbooks a formula for each. Here only the price is written down.
"""

import math
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd import Value, erfc, exp, gradients, log, sqrt
from demos import Part, Try
from demos._pictures import BLUE, GREY, RED, drawing, legend_below, show

TEACHES = {
    "ja": "オプション価格の感応度：ブラック–ショールズ式の 1 階と 2 階の微分を、教科書の公式と比べる",
    "en": "An option and its greeks: first and second derivatives of Black–Scholes, beside the textbook's formulas",
}
SOURCE = "beyond the documents: Black & Scholes, The pricing of options and corporate liabilities (1973)"


class Market(NamedTuple):
    """What the price depends on."""

    S: Any = 100.0
    """Price of the share."""
    K: Any = 105.0
    """Strike: the price at which one may buy."""
    r: Any = 0.02
    """Interest rate a year."""
    sigma: Any = 0.25
    """Volatility of the share a year."""
    T: Any = 0.5
    """Years until then."""


def normal(x: Any) -> Any:
    """The distribution function of the normal distribution; by erfc, so that the tails keep their digits."""
    return erfc(-x / math.sqrt(2)) / 2


def call(m: Market) -> Any:
    """The price of a call. All that this lesson knows of finance."""
    d1 = (log(m.S / m.K) + (m.r + m.sigma**2 / 2) * m.T) / (m.sigma * sqrt(m.T))
    d2 = d1 - m.sigma * sqrt(m.T)
    return m.S * normal(d1) - m.K * exp(-m.r * m.T) * normal(d2)


# --- By the engine ----------------------------------------------------------------------------------------------


def greeks(market: Market) -> dict[str, float]:
    """The price, all first derivatives by one backward pass, and the second by passes over the graphs of the first."""
    m = Market(*(Value(x, name) for x, name in zip(market, Market._fields, strict=True)))
    price = call(m)
    delta, dual_delta, rho, vega, to_T = gradients(price, m)
    gamma, _, _, vanna, delta_T = gradients(delta, m)
    _, _, _, volga, vega_T = gradients(vega, m)
    return {
        "price": price.data,
        "delta": delta.data,
        "vega": vega.data,
        "theta": -to_T.data,  # as time passes, T falls
        "rho": rho.data,
        "dual delta": dual_delta.data,
        "gamma": gamma.data,
        "vanna": vanna.data,
        "volga": volga.data,
        "charm": -delta_T.data,
        "veta": -vega_T.data,
    }


# --- By the textbook --------------------------------------------------------------------------------------------


def closed_forms(m: Market) -> dict[str, float]:
    """The formulas, each for itself; `pdf` is the density of the normal distribution."""
    root, discount = math.sqrt(m.T), math.exp(-m.r * m.T)
    d1 = (math.log(m.S / m.K) + (m.r + m.sigma**2 / 2) * m.T) / (m.sigma * root)
    d2 = d1 - m.sigma * root
    pdf = math.exp(-(d1**2) / 2) / math.sqrt(2 * math.pi)
    vega = m.S * pdf * root
    charm = -pdf * (2 * m.r * m.T - d2 * m.sigma * root) / (2 * m.T * m.sigma * root)
    return {
        "price": m.S * normal(d1) - m.K * discount * normal(d2),
        "delta": normal(d1),
        "vega": vega,
        "theta": -m.S * pdf * m.sigma / (2 * root) - m.r * m.K * discount * normal(d2),
        "rho": m.K * m.T * discount * normal(d2),
        "dual delta": -discount * normal(d2),
        "gamma": pdf / (m.S * m.sigma * root),
        "vanna": -pdf * d2 / m.sigma,
        "volga": vega * d1 * d2 / m.sigma,
        "charm": charm,
        "veta": m.S * pdf * root * (m.r * d1 / (m.sigma * root) - (1 + d1 * d2) / (2 * m.T)),
    }


def numbers() -> dict[str, float]:
    """The greeks at one market, and their largest difference from the closed forms, relative, at 200 markets."""
    return {**greeks(Market()), "largest relative difference": largest_difference(200)}


def largest_difference(markets: int, seed: int = 0) -> float:
    """Over markets drawn at random; a difference counts in proportion to the greek, or to 1e-3 if that is less."""
    rng = np.random.default_rng(seed)
    worst = 0.0
    for _ in range(markets):
        low, high = (60.0, 60.0, 0.0, 0.1, 0.1), (140.0, 140.0, 0.08, 0.6, 2.0)
        market = Market(*rng.uniform(low, high).tolist())
        ours, theirs = greeks(market), closed_forms(market)
        worst = max(worst, *(abs(ours[name] - theirs[name]) / max(abs(theirs[name]), 1e-3) for name in theirs))
    return worst


_STORY = {
    "ja": """\
コールオプションの価格 C = S N(d₁) − K e^(−rT) N(d₂)
  株価 S = {S:g}, 行使価格 K = {K:g}, 金利 r = {r:g}, ボラティリティ σ = {sigma:g}, 満期まで T = {T:g} 年

書いたのは価格の式だけ。微分はすべて計算グラフを逆向きにたどって得る
{rows}

乱数で選んだ 200 の市場で、教科書の公式との相対的な差の最大: {worst:.1e}
株価が 1 上がると、価格は約 {delta:.3f} 上がる（デルタ）。
""",
    "en": """\
The price of a call, C = S N(d₁) − K e^(−rT) N(d₂)
  share S = {S:g}, strike K = {K:g}, interest r = {r:g}, volatility σ = {sigma:g}, T = {T:g} years

Only the price is written down; every derivative comes from going backward through its graph
{rows}

At 200 random markets, the largest relative difference from the textbook's formulas: {worst:.1e}
When the share rises by 1, the option rises by about {delta:.3f} (delta).
""",
}
_HEADS = {
    "ja": "             微分        自動微分            公式                差",
    "en": "             derivative  by autograd         by formula          difference",
}
_DERIVATIVES = {
    "price": "C",
    "delta": "∂C/∂S",
    "vega": "∂C/∂σ",
    "theta": "−∂C/∂T",
    "rho": "∂C/∂r",
    "dual delta": "∂C/∂K",
    "gamma": "∂²C/∂S²",
    "vanna": "∂²C/∂S∂σ",
    "volga": "∂²C/∂σ²",
    "charm": "−∂²C/∂S∂T",
    "veta": "−∂²C/∂σ∂T",
}
_WORDS = {
    "ja": {"share": "株価 S", "engine": "自動微分", "formula": "教科書の公式", "strike": "行使価格 K = {:g}"},
    "en": {
        "share": "share S",
        "engine": "by autograd",
        "formula": "by the textbook's formula",
        "strike": "strike K = {:g}",
    },
}


def story(language: str) -> str:
    """The lesson as text."""
    ours, theirs, market = greeks(Market()), closed_forms(Market()), Market()
    rows = [_HEADS[language]]
    for name, of in _DERIVATIVES.items():
        difference = abs(ours[name] - theirs[name])
        rows.append(f"  {name:<11}{of:<12}{ours[name]:<20.13g}{theirs[name]:<20.13g}{difference:.1e}")
    worst = largest_difference(200)
    return _STORY[language].format(**market._asdict(), rows="\n".join(rows), worst=worst, delta=ours["delta"])


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw the greeks over the price of the share."""
    print(story(language))
    draw_greeks(output / "greeks.png", language)
    show(language, output / "greeks.png")


def draw_greeks(file: Path, language: str) -> None:
    words, market = _WORDS[language], Market()
    shares, few = np.linspace(60, 150, 91), np.linspace(60, 150, 19)
    ours = [greeks(market._replace(S=S)) for S in shares.tolist()]
    theirs = [closed_forms(market._replace(S=S)) for S in few.tolist()]
    with drawing(file, width=12, height=6.4) as figure:
        for ax, name in zip(
            figure.subplots(2, 3, sharex=True).flat, ("price", "delta", "gamma", "vega", "vanna", "volga"), strict=True
        ):
            ax.axvline(market.K, color=GREY, linewidth=1.2, linestyle=":", zorder=1)
            ax.plot(shares, [each[name] for each in ours], color=BLUE, label=words["engine"])
            ax.plot(few, [each[name] for each in theirs], "o", color=RED, markersize=3.5, label=words["formula"])
            ax.set(title=name, ylabel=_DERIVATIVES[name])
        for ax in figure.axes[3:]:
            ax.set_xlabel(words["share"])
        first, *_ = figure.axes
        top = {"xy": (market.K, 0.985), "xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        first.annotate(words["strike"].format(market.K), xytext=(4, 0), va="top", fontsize=9.5, color=GREY, **top)
        legend_below(figure, first)


NOTEBOOK = (
    Part("Market normal call", "call(Market())"),
    Part("greeks closed_forms", "greeks(Market())"),
    Part("largest_difference", "largest_difference(20) < 1e-9"),
    Part(show="picture(draw_greeks, language)", paragraphs=0),
    Try(
        "満期が近い `Market(T=0.05)` では、デルタとガンマの形はどう変わるだろうか。",
        "How do delta and gamma change when the option is about to end, `Market(T=0.05)`?",
    ),
    Try(
        "`call` をプットオプション K e^(−rT) N(−d₂) − S N(−d₁) に変えよ。`greeks` はそのままで正しいか。",
        "Make `call` a put, K e^(−rT) N(−d₂) − S N(−d₁). Is `greeks` right as it stands?",
    ),
)
