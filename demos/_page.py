"""Pages of lessons: one file each, in both languages, in which a program of the engine runs, printed as JavaScript."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd.render.page.file import asset, embedded, script_of, whole

_NOSCRIPT = {"ja": "このページには JavaScript が必要です。", "en": "This page needs JavaScript."}


def part(name: str) -> str:
    """A file that pages are made of, by its path in this folder."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def page(folder: str, language: str, words: Mapping[str, Any], data: Mapping[str, Any], *scripts: str) -> str:
    """The whole file.

    Args:
        folder: where its `page.html` and `page.css` are.
        language: that it begins with.
        words: what it says, by language and name; `title` and `this_language` among them.
        data: what its scripts find in `given`; `chosen`, with the language, among them.
        scripts: after `canvas.js`, in this order.
    """
    parts = {
        "language": language,
        "title": words[language]["title"],
        "noscript": _NOSCRIPT[language],
        "data": embedded({**data, "words": words}),
    }
    script = script_of(asset("numbers.js"), part("_shared/canvas.js"), *scripts)
    return whole(part(f"{folder}/page.html"), asset("base.css") + part(f"{folder}/page.css"), script, parts)


def write(file: Path, text: str) -> None:
    """The page into a file, whose folder is made if it is not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
