"""The notebooks: lessons cut into cells, run, and written to docs/notebooks.

    python -m benchmarks.notebooks

A notebook is its lesson's file, statement by statement, with a few cells between that show what has just been defined;
so it cannot say anything else than the lesson. Needs nbclient, nbformat and ipykernel (extra `test`).
"""

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import v4

from demos import moons, price

__all__ = ["FOLDER", "LESSONS", "CellExecutionError", "notebook", "path", "run"]

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"

_HEAD = """\
# {ja}

{en}

{docstring}

{source}

*一行を変えて、そのセルから下を実行し直すと、何が変わるかが分かる。*
*Change a line, run its cell and all below, and see.*"""
_START = """\
import sys

sys.path.insert(0, "../..")  # the project's folder, seen from docs/notebooks
language = "ja"  # or "en\""""
_STORY = "print(story(language))"
_PICTURE = """\
from tempfile import TemporaryDirectory

from IPython.display import Image, display

with TemporaryDirectory() as folder:
    file = Path(folder) / "{name}.png"
    draw(language, file)
    display(Image(file))"""
_ROUNDED = "{name: round(number, 4) for name, number in numbers().items()}"

LESSONS: dict[str, tuple[ModuleType, dict[str, str], list[str]]] = {
    "price": (
        price,
        {"purchase": "purchase(language)", "numbers": _ROUNDED},
        [_STORY, "draw(purchase(language).price, language=language)"],
    ),
    "moons": (
        moons,
        {
            "moons": "X, y = moons()\nX[:3], y[:3]",
            "network": "network().history",
            "numbers": _ROUNDED,
        },
        [_STORY, _PICTURE.format(name="moons")],
    ),
}
"""The lesson, what to show after which definition, and what to run at the end."""

_LEFT_OUT = ("main", "add_arguments")  # of the command line


def notebook(name: str) -> Any:
    """The notebook of a lesson, not yet run."""
    lesson, shown, last = LESSONS[name]
    tree = ast.parse(source := Path(str(lesson.__file__)).read_text(encoding="utf-8"))
    words = {"docstring": ast.get_docstring(tree), "source": lesson.SOURCE, **lesson.TEACHES}
    cells = [v4.new_markdown_cell(_HEAD.format(**words)), v4.new_code_cell(_START)]
    for statements in _groups(tree.body[1:]):
        cells.append(_cell(source, statements))
        cells += [v4.new_code_cell(shown[each]) for each in map(_name, statements) if each in shown]
    cells += [v4.new_code_cell(code) for code in last]
    for i, cell in enumerate(cells):
        cell["id"] = f"{name}-{i}"  # random otherwise
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def run(made: Any) -> Any:
    """Run a notebook from top to bottom, as in its folder, and keep what it shows.

    Raises:
        CellExecutionError: a cell fails.
    """
    place = {"metadata": {"path": str(FOLDER)}}
    language = dict(made.metadata.language_info)
    NotebookClient(made, timeout=300, kernel_name="python3", record_timing=False, resources=place).execute()
    made.metadata.language_info = language  # without the version of this machine's Python
    return made


def path(name: str) -> Path:
    """The file of a notebook."""
    return FOLDER / f"{name}.ipynb"


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in LESSONS:
        nbformat.write(run(notebook(name)), path(name))


def _groups(statements: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """What belongs in one cell: imports, constants, texts, and each definition on its own."""
    kept = [statement for statement in statements if _name(statement) not in _LEFT_OUT]
    for kind, together in itertools.groupby(kept, key=_kind):
        group = list(together)
        yield from ([[each] for each in group] if kind == "definition" else [group])


def _kind(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return "import"
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return "definition"
    return "text" if _name(statement).startswith("_") else "constant"


def _name(statement: ast.stmt) -> str:
    """Of what a statement defines."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", statement)
    return getattr(target, "name", getattr(target, "id", ""))


def _cell(source: str, statements: list[ast.stmt]) -> Any:
    """The lines of some statements; folded if they are texts or drawing, which one need not read."""
    first = statements[0]
    decorators = getattr(first, "decorator_list", [])
    begin = min([first.lineno, *(each.lineno for each in decorators)])
    lines = source.splitlines()[begin - 1 : statements[-1].end_lineno]
    cell = v4.new_code_cell("\n".join(lines))
    if _name(first).startswith("_"):
        cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


if __name__ == "__main__":
    main()
