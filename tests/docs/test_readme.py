"""The READMEs: two languages that say the same, two commands, and tables that are what was measured.

That their code prints what stands in its comments, and that their links lead somewhere, test_pages.py tests.
"""

import re
import sys
from pathlib import Path

import pytest

from docs.build import features, pages, readme

READMES = pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
MEASURED = """\
## Compiled programs beside their peers

2026-01-02, a machine, one thread on one core, Python 3.11.7; numpy 2.0.0.

### Moons: a training step of 100 samples, MLP 2-16-16-1, hinge loss and L2

| | best | median | ÷ ours, numpy | bar |
|---|--:|--:|--:|---|
| ours, numpy | 50.0 µs | 51.0 µs | 1.00 | 1.00 × NumPy by hand (≤ 1.1): met |
| NumPy by hand | 55.0 µs | 60.0 µs | 1.10 | |
| NumPy by hand, in place | 52.0 µs | 60.0 µs | 1.04 | |
| PyTorch | torch is not installed | | | |

### Digits: a training step of 128 samples, MLP 64-32-10, softmax cross-entropy

| ours, numpy | 1.00 ms | 2.00 ms | 1.00 | |

### Sample: value and 337 derivatives of one sample

| ours, C, buffers | 0.50 µs | 0.60 µs | 1.00 | |
| ours, C | 9.00 µs | 9.10 µs | 1.00 | |

### Recurrence: 1,000 steps of tanh

| ours, C | 70.0 µs | 71.0 µs | 1.00 | |

One sample of MLP(2, [16, 16, 1]), forward and backward

| scalar-autograd | 0.707 ms | 0.753 ms | 1.00 |  |
| micrograd 0.1.0 | 1.036 ms | 1.110 ms | 1.47 | ≥ 1.4 |
| xad 1.5.2 | 0.921 ms | 0.990 ms | 1.30 | ≥ 1.1 |

Moons step, 100 samples in one graph

| scalar-autograd | 57.397 ms | 60.356 ms | 1.00 |  |
| micrograd 0.1.0 | 540.596 ms | 551.601 ms | 9.42 | ≥ 7 |

In plain Python

| one sample | 1.044 ms |
| moons step | 72.633 ms |

Memory: 113 bytes per node, in a graph of 65,818 nodes after backward (bar: ≤ 200)
"""


@READMES
def test_the_two_commands_are_targets_of_the_makefile(name: str) -> None:
    """make demo and make test, and no other command of make is called for in the shell block."""
    named = re.findall(r"^make (\w+)", "\n".join(pages.blocks(name, "sh")), re.MULTILINE)
    makefile = (pages.ROOT / "Makefile").read_text(encoding="utf-8")
    assert named == ["demo", "test"]
    assert all(f"\n{target}:" in makefile for target in named)


# --- Tables that are measured -----------------------------------------------------------------------------------


def part(name: str, language: str) -> str:
    page = pages.text(readme.PAGES[language])
    found = re.search(rf"<!-- {name}: [^\n]* -->\n\n(.*?)\n\n<!-- /{name} -->", page, re.DOTALL)
    assert found, name
    return found[1]


def cells(table: str) -> list[list[str]]:
    """Row by row, without the names of the rows."""
    return [line.strip("|").split("|")[1:] for line in table.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("name", ["features", "speed"])
def test_both_languages_have_the_same_numbers(name: str) -> None:
    """Cell by cell, below the heading."""
    english, japanese = cells(part(name, "en")), cells(part(name, "ja"))
    assert len(english) > 4
    assert english[1:] == japanese[1:]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_features_are_the_rows_of_the_table(language: str) -> None:
    """In their order; to ask anew: python -m docs.build.features --hips PYTHON --write."""
    names = re.findall(r"^\| ([^|]+) \|", part("features", language), re.MULTILINE)
    assert names == [getattr(feature, language) for feature in features.FEATURES]


@pytest.mark.parametrize("feature", features.FEATURES, ids=lambda feature: feature.en[:30])
def test_our_cells_are_what_their_code_prints_today(feature: features.Feature) -> None:
    """But for times and sizes, which are of the machine that measured."""
    line = next(each for each in part("features", "en").splitlines() if each.startswith(f"| {feature.en} |"))
    stands = line.strip("|").split("|")[1].strip()
    prints = features.cell(feature, "scalar-autograd", sys.executable)
    measured = r"[\d.]+ (µs|ms|s|MB)"
    assert re.sub(measured, "…", prints) == re.sub(measured, "…", stands)


@pytest.mark.parametrize("library", features.LIBRARIES)
def test_the_code_of_every_cell_compiles(library: str) -> None:
    """Also of libraries that are not installed here."""
    for feature in features.FEATURES:
        if library in feature.code:
            compile(features.program(feature, library), f"{feature.en}, {library}", "exec")


def test_the_table_of_times_is_read_off_what_the_benchmarks_print() -> None:
    """The first contender that was measured, a dash where none was, and the line that says where and when."""
    table = readme.speed(MEASURED, "en")
    assert cells(table)[2:] == [
        [" 50.0 µs ", " — ", " 55.0 µs ", " 52.0 µs ", *[" — "] * 5],
        [" 1.00 ms ", *[" — "] * 8],
        [" — ", " 0.50 µs ", *[" — "] * 7],
        [" — ", " 70.0 µs ", *[" — "] * 7],
    ]
    assert "2026-01-02, a machine, one thread on one core, Python 3.11.7; numpy 2.0.0.\n" in table
    for figure in (
        "takes 0.707 ms",
        "micrograd 1.04 ms",
        "0.921 ms",
        "65,818 nodes takes 57.4 ms",
        "541 ms",
        "113 bytes",
    ):
        assert figure in table.replace("\n", " ")
    with pytest.raises(ValueError, match="without Recurrence: 1,000 steps"):
        readme.speed(MEASURED.replace("1,000 steps", "100 steps"), "en")


def test_a_part_is_replaced_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its comments, which stay; a part that is not there is an error."""
    monkeypatch.setattr(readme, "ROOT", tmp_path)
    page = tmp_path / "README.md"
    page.write_text("before\n\n<!-- speed: a -->\n\nold\n\n<!-- /speed -->\n\nafter\n", encoding="utf-8")
    readme.replace("speed", "en", "new\\1")
    assert page.read_text(encoding="utf-8") == "before\n\n<!-- speed: a -->\n\nnew\\1\n\n<!-- /speed -->\n\nafter\n"
    with pytest.raises(ValueError, match="0 parts"):
        readme.replace("features", "en", "new")
