"""The notebooks in docs/ are their lessons, run from top to bottom, with pictures inline, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograd.languages import LANGUAGES
from demos import ORDER, Part, Try
from demos.__main__ import lessons
from docs.build.notebooks import FOLDER, CellExecutionError, Kernel, markdown, names, notebook, path
from telling import alike

AGAIN = "to write the notebooks anew: python -m docs.build.notebooks --write"
WITHOUT = dict.fromkeys(("playground", "guess"), "a page, in which everything is tried by hand")
"""Lessons that have no notebook, and why."""
in_both_languages = pytest.mark.parametrize("language", LANGUAGES)
of_every_lesson = pytest.mark.parametrize("name", names())


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("jupyter")))
        with Kernel() as running:
            yield running


def committed(name: str, language: str) -> Any:
    return nbformat.read(path(name, language), as_version=4)


def texts(made: Any) -> str:
    """What the cells print and show, in words."""
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output["data"]["text/plain"] for output in outputs)


def pictures(made: Any) -> list[str]:
    """The kinds of the pictures between the cells."""
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    return [kind for output in outputs for kind in output.get("data", {}) if kind.startswith("image/")]


def test_every_lesson_has_a_notebook() -> None:
    """But for those of which it is said why not; and no notebook is left of a lesson that is gone."""
    assert set(names()) | set(WITHOUT) == set(ORDER)
    written = {file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.ipynb")}
    assert written == {f"{language}/{name}.ipynb" for language in LANGUAGES for name in names()}


@of_every_lesson
def test_a_notebook_runs_from_top_to_bottom(name: str, kernel: Kernel) -> None:
    """And shows what it showed when it was written: words, numbers, kinds of pictures. No file is left behind.

    Every other lesson in Japanese, for the cells of both are the same but for one word. That the Markdown is the story
    of today is a law in test_lessons.py.
    """
    language, before = LANGUAGES[names().index(name) % 2], sorted(FOLDER.rglob("*"))
    made, kept = committed(name, language), committed(name, language)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    kernel.run(made)
    assert alike(texts(made), texts(kept)), AGAIN
    assert pictures(made) == pictures(kept) != []
    assert sorted(FOLDER.rglob("*")) == before


@of_every_lesson
def test_the_notebooks_of_both_languages_have_the_same_code(name: str) -> None:
    """But for the word that says which language."""
    codes = [[cell.source for cell in committed(name, each).cells if cell.cell_type == "code"] for each in LANGUAGES]
    different = [pair for pair in zip(*codes, strict=True) if pair[0] != pair[1]]
    assert [pair[0].replace('"ja"', '"en"').split("\n")[1:] for pair in different] == [
        pair[1].split("\n")[1:] for pair in different
    ]
    assert len(different) == 1


@in_both_languages
@of_every_lesson
def test_a_notebook_is_small_and_says_nothing_of_the_machine(name: str, language: str) -> None:
    """Under 200 kB; no path, no version of Python, no time, no error."""
    content = path(name, language).read_text(encoding="utf-8")
    assert len(content) < 200_000
    assert str(Path.home()) not in content
    assert str(FOLDER.parents[1]) not in content
    made = committed(name, language)
    assert made.metadata.language_info == {"name": "python"}
    assert all(set(cell.metadata) <= {"jupyter"} for cell in made.cells)
    assert "stderr" not in [output.get("name") for cell in made.cells for output in cell.get("outputs", [])]


@of_every_lesson
def test_the_cells_that_one_reads_are_short(name: str) -> None:
    """A screen at most; what is longer draws, and is folded."""
    cells = [cell for cell in committed(name, "en").cells if cell.cell_type == "code" and not cell.metadata]
    assert [cell.source for cell in cells if len(cell.source.splitlines()) > 30] == []


@of_every_lesson
def test_what_a_notebook_imports_does_not_use_what_it_shows(name: str) -> None:
    """So that a change in a cell is followed by all cells below."""
    lesson = lessons()[name]
    code = "\n".join(cell.source for cell in committed(name, "en").cells if cell.cell_type == "code")
    tree = ast.parse(code)
    shown = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    own = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom) and each.module == lesson.__name__]
    for imported in [alias.name for each in own for alias in each.names]:
        used = getattr(getattr(lesson, imported), "__code__", None)
        assert used is None or not shown & set(used.co_names), f"{imported} of {name}"


@of_every_lesson
def test_a_notebook_ends_with_questions(name: str) -> None:
    """At least one "try this", in both languages, with an empty cell for the answer."""
    questions = [each for each in lessons()[name].NOTEBOOK if isinstance(each, Try)]
    assert questions
    assert all(question.ja and question.en for question in questions)
    cells = committed(name, "ja").cells
    asked = [cells[i + 1].source for i, cell in enumerate(cells) if cell.source.startswith("**試してみよう。**")]
    assert asked == [""] * len(questions)


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        ("one line", "one line"),
        ("a heading:\n  a line,\n  and one more", "### a heading\n\na line,\\\nand one more"),
        ("a table\n  a    1\n  b    2", "### a table\n\n```text\na    1\nb    2\n```"),
        ("two lines\nof one width", "two lines\\\nof one width"),
        ("w_1 * w_2", r"w\_1 \* w\_2"),
    ],
)
def test_a_paragraph_of_a_story_is_markdown(paragraph: str, text: str) -> None:
    """Headings, lines, and columns that stay columns."""
    assert markdown(paragraph) == text


def test_a_story_and_its_cells_have_the_same_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """One too few or too many is an error that counts them."""
    monkeypatch.setattr(lessons()["bowl"], "NOTEBOOK", (Part("f"),))
    with pytest.raises(ValueError, match=r"demos/bowl\.py: the story has 2 paragraphs, and NOTEBOOK tells 1\."):
        notebook("bowl", "en", "one\n\ntwo\n")


def test_a_name_that_is_not_in_the_lesson_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which."""
    monkeypatch.setattr(lessons()["bowl"], "NOTEBOOK", (Part("g"),))
    with pytest.raises(ValueError, match=r"demos\.bowl: NOTEBOOK names g, which is not defined there\."):
        notebook("bowl", "en", "one\n")


def test_a_failing_cell_is_not_hidden(kernel: Kernel) -> None:
    """Its error ends the run."""
    made = notebook("bowl", "en", "a\n\nb\n\nc\n\nd")
    made.cells = made.cells[:1]
    made.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        kernel.run(made)


def test_a_notebook_knows_nothing_of_the_one_before(kernel: Kernel) -> None:
    """Though they run in one kernel."""
    for code in ("x = 1", "print('x' in globals())"):
        made = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(code)], metadata={"language_info": {"name": "python"}}
        )
        kernel.run(made)
    assert texts(made) == "False\n"
