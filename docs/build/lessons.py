"""Writes docs/lessons.md and docs/lessons.ja.md: what each lesson teaches, its key numbers, and where it comes from.

    python -m docs.build.lessons --write

Every sentence and number is read off the lessons in `demos`. This file says only which of their numbers are the key
ones, and what those are called in Japanese.
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from autograd.commands import run
from autograd.languages import LANGUAGES, Language
from demos.__main__ import lessons

PAGE = Path(__file__).parents[1] / "lessons.md"
PAGES: dict[Language, Path] = {"en": PAGE, "ja": PAGE.with_suffix(".ja.md")}
NOTEBOOKS = PAGE.parent / "notebooks"

_ROUNDING = 1e-9

KEYS: dict[str, tuple[str, ...]] = {
    "price": ("price", "∂price/∂unit price"),
    "derivative": ("secant, h = 0.1", "secant, h = 0.001", "tangent"),
    "steepest": ("‖∇f‖", "slope at 60° to ∇f", "direction of −∇f", "steepest of 360 directions"),
    "bowl": ("∂f/∂x at the start", "∂f/∂y at the start", "exact x"),
    "guess": ("loss of (2, 0.8)", "one slider at a time, round 10", "program: steps", "program: loss"),
    "slopes": ("∂L/∂w₀ at w₀ = 3", "∂L/∂w₀ by hand", "∂L/∂w₀ by the engine", "loss after a step"),
    "line": ("least squares w₀", "least squares w₁", "grid work", "descent work"),
    "coefficients": ("forward passes by trying", "forward passes by backward", "race: coefficients"),
    "chain": ("∂a/∂b", "∂b/∂c", "∂c/∂w₃", "∂f/∂w₃"),
    "spam": ("mistakes, first pass", "mistakes, second pass", "w(viagra)"),
    "advertising": ("w(TV)", "w(Radio)", "w(Newspaper)", "b", "least error", "run 1: error"),
    "scaling": ("raw: steps", "divided: steps", "normalised: steps", "standardised: steps"),
    "activations": ("sigmoid′(0)", "sigmoid(-10)", "sigmoid(10)", "softmax(10)"),
    "network": ("u", "y", "bend, identity", "bend, relu"),
    "dividing": ("slope", "intercept", "mistakes before", "mistakes after"),
    "batch": ("E", "∂E/∂w₁", "∂E/∂w₂", "∂E/∂b"),
    "backprop": ("layers: loss", "layers: difference"),
    "xor": ("perceptron: right", "network: right", "network: loss"),
    "features": ("moons, points: mistakes", "moons, features: mistakes", "moons, features: passes"),
    "moons": ("perceptron: accuracy, others", "network: accuracy, others"),
    "generalisation": ("chosen degree", "degree 10: training", "degree 10: validation", "test"),
    "representation": ("numbers: off by", "buckets: off by", "crosses: off by", "xor, x₁ x₂ x₁x₂: accuracy"),
    "logistic": ("½: recall", "chosen: threshold", "chosen: recall"),
    "digits": ("SGD: accuracy", "Momentum: accuracy", "Adam: accuracy"),
    "optimisers": ("SGD x", "Momentum x", "Adam x"),
    "matrices": ("2(w − a) is off by", "least squares x₁", "least squares x₂", "least misfit"),
    "saddle": ("SGD: steps", "Momentum: steps", "Adam: steps", "AdaGrad: steps"),
    "greeks": ("price", "delta", "gamma", "largest relative difference"),
    "microgpt": ("parameters", "loss before", "loss after, other names", "names made that are new"),
    "make_your_own": ("snake′(0.7)", "lines"),
}
"""The key numbers of each lesson, by the names in its `numbers()`; of a lesson that is not here, the first three."""

_JAPANESE = {
    "price": "価格",
    "unit price": "単価",
    "secant, h =": "割線, h =",
    "tangent": "接線",
    "slope at 60° to ∇f": "∇f と 60° をなす向きの傾き",
    "direction of −∇f": "−∇f の向き",
    "steepest of 360 directions": "360 の向きのうち、いちばん急な向き",
    "∂f/∂x at the start": "出発点での ∂f/∂x",
    "∂f/∂y at the start": "出発点での ∂f/∂y",
    "exact x": "自動微分で着いた x",
    "global minimum": "大域的最小点",
    "local minimum": "局所的最小点",
    "f there": "そこでの f",
    "loss of (2, 0.8)": "(2, 0.8) の誤差",
    "one slider at a time, round 10": "スライダーをひとつずつ、10 巡後の誤差",
    "program: steps": "プログラム：歩数",
    "program: loss": "プログラム：誤差",
    "∂L/∂w₀ at w₀ = 3": "w₀ = 3 での ∂L/∂w₀",
    "∂L/∂w₀ by hand": "手計算の ∂L/∂w₀",
    "∂L/∂w₀ by the engine": "エンジンの ∂L/∂w₀",
    "loss after a step": "1 歩後の誤差",
    "least squares": "最小二乗解",
    "grid work": "総当たりの計算量",
    "descent work": "勾配降下法の計算量",
    "forward passes by trying": "ひとつずつ試すときの順伝播の回数",
    "forward passes by backward": "逆伝播を使うときの順伝播の回数",
    "race: coefficients": "競争させた係数の数",
    "mistakes, first pass": "1 巡目の間違い",
    "mistakes, second pass": "2 巡目の間違い",
    "slope": "傾き",
    "intercept": "切片",
    "mistakes before": "学習前の間違い",
    "mistakes after": "学習後の間違い",
    "least error": "最小の誤差",
    "run 1: error": "1 回目の実行の誤差",
    "raw: steps": "そのまま：歩数",
    "divided: steps": "最大値で割る：歩数",
    "normalised: steps": "正規化：歩数",
    "standardised: steps": "標準化：歩数",
    "bend, identity": "曲がり、恒等関数",
    "bend, relu": "曲がり、ReLU",
    "layers: loss": "誤差",
    "layers: difference": "エンジンとの差",
    "perceptron: right": "パーセプトロン：正解の数",
    "network: right": "ネットワーク：正解の数",
    "network: loss": "ネットワーク：誤差",
    "moons, points: mistakes": "月、もとの点：間違い",
    "moons, features: mistakes": "月、特徴の平面：間違い",
    "moons, features: passes": "月、特徴の平面：何巡で終わるか",
    "perceptron: accuracy, others": "パーセプトロン：学習していない点の正解率",
    "network: accuracy, others": "ネットワーク：学習していない点の正解率",
    "moons: accuracy, held out": "月：見ていない点の正解率",
    "xor: accuracy, held out": "xor：見ていない点の正解率",
    "circles: accuracy, held out": "円：見ていない点の正解率",
    "chosen degree": "選んだ次数",
    "degree 10: training": "次数 10：訓練誤差",
    "degree 10: validation": "次数 10：検証誤差",
    "test": "テスト誤差",
    "numbers: off by": "数値のまま：誤差",
    "buckets: off by": "区間分け：誤差",
    "crosses: off by": "交差：誤差",
    "xor, x₁ x₂ x₁x₂: accuracy": "xor、x₁ x₂ x₁x₂：正解率",
    "½: recall": "しきい値 ½：再現率",
    "chosen: threshold": "選んだしきい値",
    "chosen: recall": "選んだしきい値：再現率",
    "Momentum": "モーメンタム",
    "accuracy": "正解率",
    "steps": "歩数",
    "2(w − a) is off by": "2(w − a) とのずれ",
    "least misfit": "最小のずれ",
    "delta": "デルタ",
    "gamma": "ガンマ",
    "largest relative difference": "相対的な差の最大",
    "parameters": "パラメータの数",
    "loss before": "学習前の損失",
    "loss after, other names": "学習後の損失（学習に使わない名前）",
    "names made that are new": "作った名前のうち新しいもの",
    "lines": "行数",
}
"""The names of key numbers, or parts of them, in Japanese. What is not here is called the same in both languages."""

_PARTS = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in sorted(_JAPANESE, key=len, reverse=True)))

_HEADS: dict[Language, str] = {
    "en": """\
# Lessons

日本語: [lessons.ja.md](lessons.ja.md)

Generated by `python -m docs.build.lessons --write`; do not edit. The lessons are in the order of teaching. To run one:

```sh
python -m demos price                  # in English
python -m demos price --language ja    # 日本語で
```

`python -m demos all` runs every lesson. To read a lesson cell by cell, and change it, open its notebook (`jupyter lab
docs/notebooks`): it has the story, the code, the pictures, and questions with an empty cell below each.

A lesson is one file. It prints its story, writes its pictures into outputs/, and takes options: `python -m demos price
--help`. The numbers here are those that `numbers()` in its file returns.

| | lesson | what it teaches | key numbers | source |
|--:|---|---|---|---|
""",
    "ja": """\
# レッスン

English: [lessons.md](lessons.md)

このページは `python -m docs.build.lessons --write` が書き出したものです。直接は編集しないでください。レッスンは学ぶ順に
並んでいます。実行するには、次のようにします。

```sh
python -m demos price                  # 英語で
python -m demos price --language ja    # 日本語で
```

`python -m demos all` とすると、すべてのレッスンを実行します。セルごとに読んで書き換えたいときは、ノートブックを開いて
ください（`jupyter lab docs/notebooks`）。説明、コード、図のほかに、問いと、その下に空のセルがあります。

レッスンはひとつが 1 ファイルです。説明を表示し、図を outputs/ に書き出します。オプションは `python -m demos price
--help` で見られます。ここに載せた数値は、各ファイルの `numbers()` が返すものです。

| | レッスン | 教えること | 主な数値 | 出典 |
|--:|---|---|---|---|
""",
}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {"notebook": "notebook", "rounding": "below {:g}"},
    "ja": {"notebook": "ノートブック", "rounding": "{:g} 未満"},
}


def pages() -> dict[Language, str]:
    """The Markdown in each language; every lesson computes its numbers once."""
    found = {name: (lesson, lesson.numbers()) for name, lesson in lessons().items()}
    return {language: _HEADS[language] + _rows(found, language) for language in LANGUAGES}


def _rows(found: Mapping[str, tuple[ModuleType, Mapping[str, float]]], language: Language) -> str:
    """The table: one line for each lesson."""
    return "".join(
        f"{words(k, name, lesson, language)} {cell(name, numbers, language)} | {lesson.SOURCE} |\n"
        for k, (name, (lesson, numbers)) in enumerate(found.items(), start=1)
    )


def words(position: int, name: str, lesson: ModuleType, language: Language) -> str:
    """The part of a line that takes no computing."""
    links = [f"[{name}](../demos/{name}.py)"]
    if (NOTEBOOKS / language / f"{name}.ipynb").exists():
        links.append(f"[{_WORDS[language]['notebook']}](notebooks/{language}/{name}.ipynb)")
    return f"| {position} | {', '.join(links)} | {lesson.TEACHES[language]} |"


def cell(name: str, numbers: Mapping[str, float], language: Language = "en") -> str:
    """The key numbers of a lesson."""
    keys = KEYS.get(name, tuple(numbers)[:3])
    return "<br>".join(f"{_called(key, language)}: {_shown(numbers[key], language)}" for key in keys)


def _called(key: str, language: Language) -> str:
    return _PARTS.sub(lambda part: _JAPANESE[part[0]], key) if language == "ja" else key


def _shown(number: float, language: Language) -> str:
    """With four digits. A number that is nothing but rounding differs from machine to machine, so only its size."""
    if 0 < abs(number) < _ROUNDING:
        return _WORDS[language]["rounding"].format(_ROUNDING)
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the pages, or write them."""
    parser = argparse.ArgumentParser(prog="python -m docs.build.lessons", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--write", action="store_true", help="into docs/lessons.md and docs/lessons.ja.md")
    write = parser.parse_args(arguments).write
    for language, text in pages().items():
        if write:
            PAGES[language].write_text(text, encoding="utf-8")
        else:
            print(text)


if __name__ == "__main__":
    sys.exit(run(main, "docs.build.lessons"))
