"""Puts what was measured into README.md and README.ja.md.

    python -m benchmarks > measured.md
    python -m docs.build.readme measured.md

A part of a README that is made so stands between `<!-- name: command -->` and `<!-- /name -->`, and the comment names
the command. `docs.build.features` fills the part `features`, this module the part `speed`.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from autograd.commands import run
from docs.build import ROOT

PAGES = {"en": "README.md", "ja": "README.ja.md"}

Times = dict[str, dict[str, str]]
"""Of each table its rows: the best time of each contender, as text with its unit."""

COLUMNS = {
    "numpy": ("ours, numpy",),
    "C": ("ours, C, buffers", "ours, C"),
    "NumPy": ("NumPy by hand",),
    "NumPy in place": ("NumPy by hand, in place",),
    "Numba": ("numba by hand",),
    "JAX": ("JAX jit",),
    "PyTorch": ("PyTorch",),
    "CasADi": ("CasADi, buffered",),
    "micrograd": ("micrograd",),
}
"""The columns, and the contenders they show: the first of them that was measured."""

ROWS = {
    "Moons: a training step of 100 samples, MLP 2-16-16-1": {
        "en": "moons: a training step, 100 samples, MLP 2-16-16-1",
        "ja": "moons の学習 1 ステップ（100 サンプル、MLP 2-16-16-1）",
    },
    "Digits: a training step of 128 samples, MLP 64-32-10": {
        "en": "digits: a training step, 128 samples, MLP 64-32-10",
        "ja": "手書き数字の学習 1 ステップ（128 サンプル、MLP 64-32-10）",
    },
    "Sample: value and 337 derivatives": {
        "en": "one sample of the moons network: loss and 337 derivatives",
        "ja": "moons の 1 サンプル：損失と 337 個の微分",
    },
    "Recurrence: 1,000 steps": {
        "en": "a recurrence of 1,000 steps: loss and 3 derivatives",
        "ja": "1,000 段の漸化式：損失と 3 個の微分",
    },
}
"""The rows, by how the title of their table in what `benchmarks.compiled` prints begins: so nothing smaller gets in."""

_HEADS = {
    "en": (
        "compiled, numpy",
        "compiled, C",
        "NumPy by hand",
        "the same, in place",
        "numba by hand",
        "JAX jit",
        "PyTorch",
        "CasADi",
        "micrograd",
    ),
    "ja": (
        "compile、numpy",
        "compile、C",
        "手書きの NumPy",
        "同、バッファ再利用",
        "手書きの numba",
        "JAX jit",
        "PyTorch",
        "CasADi",
        "micrograd",
    ),
}
_BELOW = {
    "en": """\
Best times. {line}

Without `compile`, an operation is an object of {memory} bytes, with its number and its gradient. The engine itself is
compiled where there is a C compiler; else the same source runs as plain Python. One sample of `MLP(2, [16, 16, 1])`
with fresh parameters, forward and backward, takes {sample[scalar-autograd]} ({plain[one sample]} in plain Python); with
micrograd {sample[micrograd]}, and with XAD, a C++ tape driven from Python, {sample[xad]}. The moons step as one graph
of {nodes} nodes takes {moons[scalar-autograd]} ({plain[moons step]}); with micrograd {moons[micrograd]}.""",
    "ja": """\
最短の時間。計測環境：{line}

`compile` を使わなければ、演算一つが一つのオブジェクトになります。数と勾配を合わせて {memory} バイトです。
C コンパイラがあればエンジン自体がコンパイルされ、なければ同じソースがそのまま Python で動きます。
`MLP(2, [16, 16, 1])` の一サンプル（新しい重みで順伝播と逆伝播）は {sample[scalar-autograd]}
（Python だけなら {plain[one sample]}）。micrograd なら {sample[micrograd]}、Python から使う C++ のテープ XAD なら
{sample[xad]} です。moons の一ステップを {nodes} ノードの一つのグラフにすると {moons[scalar-autograd]}
（{plain[moons step]}）、micrograd なら {moons[micrograd]} です。""",
}


def times(text: str) -> Times:
    """The tables of what the benchmarks print, by their titles."""
    found: Times = {}
    title = ""
    for line in text.splitlines():
        if not line.startswith("|"):
            title = line.strip("# ") or title
            continue
        name, best = [each.strip() for each in line.strip("|").split("|")][:2]
        if re.match(r"[\d.]+ (µs|ms|s)$", best):
            found.setdefault(title, {})[name] = best
    return found


def speed(text: str, language: str) -> str:
    """The part of the README, from what `python -m benchmarks` printed.

    Raises:
        ValueError: the tables of `benchmarks.compiled` or of `benchmarks.eager` are not in it.
    """
    wanted = [*ROWS, "One sample", "Moons step", "In plain Python"]
    measured = {key: rows for title, rows in times(text).items() for key in wanted if title.startswith(key)}
    line = re.search(r"^\d{4}-\d\d-\d\d, .*$", text, re.MULTILINE)
    memory = re.search(r"(\d+) bytes per node, in a graph of ([\d,]+) nodes", text)
    missing = [key for key in wanted if key not in measured]
    if line is None or memory is None or missing:
        without = "; ".join(missing) or "date or memory"
        raise ValueError(f"this is not all that `python -m benchmarks` prints: it is without {without}.")
    lines = ["| | " + " | ".join(_HEADS[language]) + " |", "|---" + "|--:" * len(COLUMNS) + "|"]
    for key, title in ROWS.items():
        lines.append(f"| {title[language]} | " + " | ".join(_cells(measured[key])) + " |")
    below = _BELOW[language].format(
        line=line[0],
        sample=_by_library(measured["One sample"]),
        moons=_by_library(measured["Moons step"]),
        plain={name: _three_digits(time) for name, time in measured["In plain Python"].items()},
        memory=memory[1],
        nodes=memory[2],
    )
    return "\n".join([*lines, "", below])


def _by_library(rows: dict[str, str]) -> dict[str, str]:
    """The times with three digits (`57.397 ms` is 57.4 ms), by name without version; a dash for what was not there."""
    found = {"micrograd": "—", "xad": "—"}
    for name, time in rows.items():
        found[name.split()[0]] = _three_digits(time)
    return found


def _three_digits(time: str) -> str:
    number, unit = time.split()
    return f"{float(number):.3g} {unit}"


def _cells(rows: dict[str, str]) -> list[str]:
    return [next((rows[name] for name in names if name in rows), "—") for names in COLUMNS.values()]


def replace(name: str, language: str, text: str) -> None:
    """Write the part of this name anew, in the README of this language.

    Raises:
        ValueError: the README has no such part.
    """
    page = ROOT / PAGES[language]
    part = re.compile(rf"(<!-- {name}: [^\n]* -->\n\n).*?(\n\n<!-- /{name} -->)", re.DOTALL)
    made, count = part.subn(lambda found: f"{found[1]}{text}{found[2]}", page.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{page.name} has {count} parts <!-- {name}: … -->; wanted one.")
    page.write_text(made, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill the tables of both languages."""
    parser = argparse.ArgumentParser(prog="python -m docs.build.readme", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("measured", type=Path, help="a file with what `python -m benchmarks` printed")
    text = parser.parse_args(arguments).measured.read_text(encoding="utf-8")
    for language in PAGES:
        replace("speed", language, speed(text, language))


if __name__ == "__main__":
    sys.exit(run(main, "docs.build.readme"))
