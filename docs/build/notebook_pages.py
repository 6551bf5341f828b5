"""The notebooks as pages of the site: cell by cell as they are committed, nothing is run.

They have Markdown, code, text and pictures, and nothing else: so nbsphinx (which needs pandoc) and myst-nb (which needs
a kernel) would bring more than they do.
"""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demos
from demos.__main__ import lessons

FOLDER = Path(__file__).parents[1] / "notebooks"
_INDEX = {
    "en": ("Notebooks", "Every lesson: its story, the code, the pictures, and questions. To run them and change them:"),
    "ja": ("ノートブック", "すべてのレッスン：話、コード、図、そして問い。実行して書きかえるには："),
}
_FOLDED = {"en": "Code that need not be read", "ja": "読まなくてよいコード"}
_ENDINGS = {"image/svg+xml": "svg", "image/png": "png"}


def names(language: str) -> list[str]:
    """The lessons that have a notebook, in the order of teaching."""
    there = {path.stem for path in (FOLDER / language).glob("*.ipynb")}
    return [name for name in demos.ORDER if name in there] + sorted(there - set(demos.ORDER))


def write(folder: Path) -> None:
    """All pages, pictures beside them, and an index for each language and for both."""
    for language in _INDEX:
        (folder / language).mkdir(parents=True, exist_ok=True)
        for name in names(language):
            cells = json.loads((FOLDER / language / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
            text = "\n\n".join(_cells(cells, folder / language, name, language))
            (folder / language / f"{name}.md").write_text(text, encoding="utf-8")
        (folder / language / "index.md").write_text(_index(language), encoding="utf-8")
    links = "\n".join(f"- [{title}]({language}/index.md)" for language, (title, _) in _INDEX.items())
    (folder / "index.md").write_text(f"---\norphan: true\n---\n\n# Notebooks\n\n{links}\n", encoding="utf-8")


def _index(language: str) -> str:
    title, sentence = _INDEX[language]
    rows = [f"{i}. [{name}]({name}.md): {_teaches(name, language)}" for i, name in enumerate(names(language), 1)]
    entries = "\n".join(f"{name} <{name}>" for name in names(language))
    command = "```sh\njupyter lab docs/notebooks\n```"
    return (
        f"# {title}\n\n{sentence}\n\n{command}\n\n"
        + "\n".join(rows)
        + f"\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"
    )


def _teaches(name: str, language: str) -> str:
    return lessons()[name].TEACHES[language]


def _cells(cells: list[Any], folder: Path, name: str, language: str) -> Iterator[str]:
    for i, cell in enumerate(cells):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield source
        elif source:
            code = f"```python\n{source}\n```"
            is_folded = cell["metadata"].get("jupyter", {}).get("source_hidden")
            yield f"<details><summary>{_FOLDED[language]}</summary>\n\n{code}\n\n</details>" if is_folded else code
            for k, output in enumerate(cell["outputs"]):
                yield _output(output, folder, f"{name}-{i}-{k}")


def _output(output: Any, folder: Path, stem: str) -> str:
    """A picture as a file beside the page, text as text."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    for kind, ending in _ENDINGS.items():
        if kind in data:
            content = "".join(data[kind])
            as_bytes = base64.b64decode(content) if ending == "png" else content.encode()
            (folder / f"{stem}.{ending}").write_bytes(as_bytes)
            return f"```{{image}} {stem}.{ending}\n:alt: {_alt(data)}\n:class: output\n```"
    return "```{code-block} text\n:class: output\n\n" + "".join(data["text/plain"]).rstrip() + "\n```"


def _alt(data: Any) -> str:
    return re.sub(r"\s+", " ", "".join(data.get("text/plain", "")))[:200]
