"""The notebooks in docs/ are their lessons, run from top to bottom, with pictures inline."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from benchmarks import notebooks
from benchmarks.notebooks import FOLDER, LESSONS, notebook, path, run

AGAIN = "to write the notebooks anew: python -m benchmarks.notebooks"


def committed(name: str) -> Any:
    return nbformat.read(path(name), as_version=4)


def texts(made: Any) -> list[str]:
    """What the cells print and show, in words."""
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def pictures(made: Any) -> list[str]:
    """The kinds of the pictures between the cells."""
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    return [kind for output in outputs for kind in output.get("data", {}) if kind.startswith("image/")]


@pytest.mark.parametrize("name", LESSONS)
def test_a_notebook_says_what_its_lesson_says(name: str) -> None:
    """Cell by cell: nobody has edited the one and forgotten the other."""
    cells = [(cell.cell_type, cell.source, cell.id) for cell in notebook(name).cells]
    assert [(cell.cell_type, cell.source, cell.id) for cell in committed(name).cells] == cells, AGAIN


@pytest.mark.parametrize("name", LESSONS)
def test_no_statement_of_a_lesson_is_lost(name: str) -> None:
    """All but the command line's part of its file stands in the cells, in order."""
    lesson, _, _ = LESSONS[name]
    lines = Path(str(lesson.__file__)).read_text(encoding="utf-8").splitlines()
    code = "\n".join(cell.source for cell in notebook(name).cells)
    begin = next(i for i, line in enumerate(lines) if line.startswith(("import", "from")))
    outside = [line for line in lines[begin:] if line and not line.startswith((" ", ")", "}", '"""'))]
    assert [line for line in outside if line not in code] == [line for line in outside if line.startswith("def main(")]


@pytest.mark.parametrize("name", LESSONS)
def test_a_notebook_runs_from_top_to_bottom(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fresh kernel, with the texts that are committed, pictures of the same kinds, and no file left behind."""
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    before = sorted(FOLDER.iterdir())
    made = run(notebook(name))
    assert texts(made) == texts(committed(name)), AGAIN
    assert pictures(made) == pictures(committed(name)) != []
    assert sorted(FOLDER.iterdir()) == before


@pytest.mark.parametrize("name", LESSONS)
def test_a_notebook_is_small_and_says_nothing_of_the_machine(name: str) -> None:
    """Under 300 kB; no path, no version of Python, no time."""
    content = path(name).read_text(encoding="utf-8")
    assert len(content) < 300_000
    assert str(Path.home()) not in content
    assert str(FOLDER.parents[1]) not in content
    made = committed(name)
    assert made.metadata.language_info == {"name": "python"}
    assert all(set(cell.metadata) <= {"jupyter"} for cell in made.cells)


def test_texts_and_drawing_are_folded() -> None:
    """What one need not read to understand the lesson: the cells of names with an underscore."""
    folded = {cell.source.split("\n")[0] for cell in notebook("moons").cells if cell.metadata.get("jupyter")}
    assert folded == {
        "_STORY = {",
        "def _draw_plane(ax: Any, model: Any, title: str, language: str, seed: int) -> None:",
    }


def test_a_failing_cell_is_not_hidden() -> None:
    """Its error ends the run."""
    made = notebook("price")
    made.cells = [notebooks.v4.new_code_cell("1 / 0")]
    with pytest.raises(notebooks.CellExecutionError, match="ZeroDivisionError"):
        run(made)
