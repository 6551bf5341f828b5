"""The notebooks: lessons cut into cells, run, and written to docs/notebooks, in both languages.

    python -m docs.build.notebooks [--write] [lesson ...]

The Markdown is the story that the lesson prints, the code are its definitions, and `NOTEBOOK` in its file says which
belongs to which; so a notebook cannot say anything else than the lesson. Needs nbclient, nbformat and ipykernel (extra
`test`).
"""

import argparse
import ast
import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import v4
from tqdm import tqdm

from autograd.commands import run
from autograd.languages import LANGUAGES
from demos import Part
from demos.__main__ import lessons
from demos.__main__ import main as tell
from docs.build.notebook_pages import FOLDER

__all__ = ["FOLDER", "CellExecutionError", "Kernel", "names", "notebook", "path", "told"]


_HEAD = {
    "ja": "# {title}\n\n出典：{source}\n\n一行を変えて、そのセルから下を実行し直すと、何が変わるかが分かる。",
    "en": "# {title}\n\nFrom: {source}\n\nChange a line, run its cell and all cells below, and see what changes.",
}
_INSTALL = {
    "ja": "# パッケージがなければ、このプロジェクトのフォルダで: pip install '.[demos]'",
    "en": "# If a package is missing, in the folder of this project: pip install '.[demos]'",
}
_QUESTION = {"ja": "**試してみよう。** {}", "en": "**Try this.** {}"}
_DRAWS = ("_", "draw")
"""How the names of definitions begin that one need not read: their cells are folded."""


def names() -> list[str]:
    """Of the lessons that have a notebook."""
    return [name for name, lesson in lessons().items() if hasattr(lesson, "NOTEBOOK")]


def told(name: str, language: str) -> str:
    """The story that a lesson prints, without the lines that say where its pictures are."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(said):
        if tell([name, "--language", language, "--output", folder]) != 0:
            raise RuntimeError(f"python -m demos {name} failed")
        return without_files(said.getvalue(), folder)


def without_files(story: str, folder: str) -> str:
    """A story without the lines that name files in a folder."""
    return "\n".join(line for line in story.splitlines() if folder not in line)


def notebook(name: str, language: str, story: str) -> Any:
    """The notebook of a lesson, not yet run.

    Raises:
        ValueError: `NOTEBOOK` has another number of paragraphs than the story, or a name that the lesson has not.
    """
    lesson = lessons()[name]
    source = Source(lesson, [part for part in lesson.NOTEBOOK if isinstance(part, Part)])
    paragraphs = iter(_paragraphs(name, lesson, story))
    head = _HEAD[language].format(title=lesson.TEACHES[language], source=lesson.SOURCE)
    cells = [v4.new_markdown_cell(head), *source.imports(language)]
    for part in lesson.NOTEBOOK:
        if isinstance(part, Part):
            texts = list(islice(paragraphs, part.skipped + part.paragraphs))[part.skipped :]
            cells += [v4.new_markdown_cell(markdown(text)) for text in texts]
            cells += source.cells(part)
        else:
            question = _QUESTION[language].format(getattr(part, language))
            cells += [v4.new_markdown_cell(question), v4.new_code_cell("")]
    for i, cell in enumerate(cells):
        cell["id"] = f"{name}-{i}"  # random otherwise
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": python, "language_info": {"name": "python"}})


def _paragraphs(name: str, lesson: ModuleType, story: str) -> list[str]:
    found = [text for text in re.split(r"\n\s*\n", story.strip("\n")) if text.strip()]
    wanted = sum(part.paragraphs + part.skipped for part in lesson.NOTEBOOK if isinstance(part, Part))
    if len(found) != wanted:
        raise ValueError(f"demos/{name}.py: the story has {len(found)} paragraphs, and NOTEBOOK tells {wanted}.")
    return found


def markdown(paragraph: str) -> str:
    """A paragraph of a story: a heading, if the other lines are set in from the first; tables keep their columns."""
    first, *rest = paragraph.splitlines()
    if not rest:
        return _lines([first])
    if all(line.startswith(" ") for line in rest) and not first.startswith(" "):
        return f"### {_escaped(first.rstrip(':：'))}\n\n{_text(rest)}"
    return _text([first, *rest])


def _text(lines: list[str]) -> str:
    """Prose as prose; what is set in columns between fences."""
    if any("  " in line.strip() for line in lines):
        margin = min(len(line) - len(line.lstrip()) for line in lines)
        return "\n".join(["```text", *(line[margin:] for line in lines), "```"])
    return _lines(lines)


def _lines(lines: list[str]) -> str:
    return "\\\n".join(_escaped(line.strip()) for line in lines)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_<>|$\[\]])", r"\\\1", text)


# --- The code of a lesson --------------------------------------------------------------------------------------------


class Source:
    """The definitions of a lesson, and which of them a notebook shows, which it imports."""

    def __init__(self, lesson: ModuleType, parts: Sequence[Part]) -> None:
        text = Path(str(lesson.__file__)).read_text(encoding="utf-8")
        self._lines = text.splitlines()
        self._module = lesson.__name__
        self._imports: dict[str, str] = {}
        self._places: dict[str, ast.stmt] = {}
        self._uses: dict[str, set[str]] = {}
        for statement in ast.parse(text).body:
            self._read(statement)
        for missing in {name for part in parts for name in part.code.split()} - set(self._places):
            raise ValueError(f"{self._module}: NOTEBOOK names {missing}, which is not defined there.")
        self._shown = self._to_show({name for part in parts for name in part.code.split()}, parts)
        self._written: set[str] = set()
        self._asked = _used("\n".join(part.show for part in parts))

    def _read(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for each in statement.names:
                alone = ast.unparse(statement).split("import")[0] + "import " + each.name
                name = each.asname or each.name.split(".")[0]
                self._imports[name] = alone + (f" as {each.asname}" if each.asname else "")
        for name in _names(statement):
            self._places[name] = statement
            self._uses[name] = _used(ast.unparse(statement)).difference(_names(statement))

    def _to_show(self, named: set[str], parts: Sequence[Part]) -> set[str]:
        """Those that are named, and of what is needed those that depend on one that is shown."""
        shown = {name for named_ in named for name in _names(self._places[named_])}
        needed = self._needed(named | _used("\n".join(part.show for part in parts)))
        while more := {name for name in needed - shown if self._uses[name] & shown}:
            shown |= more
        return shown

    def _needed(self, names: set[str]) -> set[str]:
        found: set[str] = set()
        waiting = names & set(self._places)
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= self._uses[name] & set(self._places) - found
        return found

    def imports(self, language: str) -> Iterator[Any]:
        """What the cells that one reads need, then in a folded cell what only drawing needs, or is the lesson's own."""
        read = self._asked.union(*(self._uses[name] for name in self._shown if not name.startswith(_DRAWS)))
        drawn = set().union(*(self._uses[name] for name in self._shown)) - read
        private = {name for name in read if name.startswith("_") and name not in self._imports}
        lines = self._importing(read - private)
        if "language" in read | drawn:
            lines += ["", f'language = "{language}"']
        yield v4.new_code_cell("\n".join([_INSTALL[language], *lines]))
        if folded := self._importing(drawn | private):
            yield _folded(v4.new_code_cell("\n".join(folded)))

    def _importing(self, wanted: set[str]) -> list[str]:
        """Imports as the lesson has them, then from the lesson."""
        lines = [line for name, line in self._imports.items() if name in wanted and name != "picture"]
        lines += ["from demos import picture"] if "picture" in wanted else []
        own = [name for name in self._places if name in wanted - self._shown]
        return _tidy(lines + [f"from {self._module} import {name}" for name in own])

    def cells(self, part: Part) -> Iterator[Any]:
        """What a part shows: what its definitions depend on, the definitions, and the lines to run."""
        order: list[str] = []
        for name in part.code.split():
            self._put(name, order)
        for name in sorted(_used(part.show) & self._shown, key=list(self._places).index):
            self._put(name, order)
        for _, group in groupby(order, key=lambda name: isinstance(self._places[name], ast.Assign) or name):
            together = list(group)
            cell = v4.new_code_cell("\n".join(map(self._text, together)))
            yield _folded(cell) if all(name.startswith(_DRAWS) for name in together) else cell
        if part.show:
            yield v4.new_code_cell(part.show)

    def _put(self, name: str, order: list[str]) -> None:
        """A definition after all that it uses."""
        if name in self._written:
            return
        self._written.update(_names(self._places[name]))
        for used in sorted(self._uses[name] & self._shown, key=list(self._places).index):
            self._put(used, order)
        order.append(name)

    def _text(self, name: str) -> str:
        statement = self._places[name]
        begin = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
        return "\n".join(self._lines[begin - 1 : statement.end_lineno])


def _names(statement: ast.stmt) -> list[str]:
    """What a statement defines: one name, or those of `A, B = …`."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", statement)]
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def _used(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _tidy(lines: list[str]) -> list[str]:
    """Imports of one module in one line."""
    together: dict[str, list[str]] = {}
    for line in lines:
        module, found, name = line.partition(" import ")
        together.setdefault(module if found else line, []).append(name)
    return [f"{module} import {', '.join(given)}" if given != [""] else module for module, given in together.items()]


def _folded(cell: Any) -> Any:
    cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


# --- Running ---------------------------------------------------------------------------------------------------------


class Kernel:
    """A kernel in which notebooks run one after the other; each begins with an empty memory."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        place = {"metadata": {"path": str(FOLDER)}}
        self._client = NotebookClient(
            v4.new_notebook(), timeout=300, kernel_name="python3", record_timing=False, resources=place
        )

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.nb = v4.new_notebook()
        self._client.execute(cleanup_kc=True)

    def run(self, made: Any) -> Any:
        """Run a notebook from top to bottom, and keep what it shows.

        Raises:
            CellExecutionError: a cell fails.
        """
        language = dict(made.metadata.language_info)
        made.cells.insert(0, v4.new_code_cell("%reset -f"))
        self._client.nb = made
        self._client.execute(cleanup_kc=False)
        made.cells.pop(0)
        made.metadata.language_info = language  # without the version of this machine's Python
        for cell in made.cells:
            if cell.cell_type == "code":
                cell.execution_count = None
                for output in cell.outputs:
                    if output.output_type == "execute_result":
                        output.execution_count = None  # depends on the order in which the cells were run
        return made


def path(name: str, language: str) -> Path:
    """The file of a notebook."""
    return FOLDER / language / f"{name}.ipynb"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the notebooks, and write them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m docs.build.notebooks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("lesson", nargs="*", help="which; all if none is given")
    parser.add_argument("--write", action="store_true", help="into docs/notebooks")
    options = parser.parse_args(arguments)
    with Kernel() as kernel:
        for language in LANGUAGES:
            for name in tqdm(options.lesson or names(), desc=language, leave=False, disable=None):
                made = kernel.run(notebook(name, language, told(name, language)))
                if options.write:
                    path(name, language).parent.mkdir(parents=True, exist_ok=True)
                    nbformat.write(made, path(name, language))


if __name__ == "__main__":
    sys.exit(run(main, "docs.build.notebooks"))
