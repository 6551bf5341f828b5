"""The site: gathers every page for Sphinx, which `make docs` runs over them with docs/conf.py.

    python -m docs.build.site FOLDER

The pages of docs/ are written for GitHub, and a link there leads to a file of the project. Here it leads to the page
that shows this file. The front page says by its links which page stands under which heading of the sidebar.
"""

import argparse
import ast
import posixpath
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from autograd.commands import run
from docs.build import ROOT, notebook_pages, reference
from docs.build.docstrings import escaped

FRONTS = {"en": "index", "ja": "index.ja"}
_CODE = re.compile(r"(^```.*?^```$|`[^`\n]*`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_BETWEEN_JAPANESE = re.compile(r"(?<=[、-ヿ一-鿿！-｠])\n(?=[、-ヿ一-鿿！-｠])")
_WORDS = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)[^)]*\)")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_KINDS = (".py", ".pyx", ".pxd", ".toml", ".js", ".css", ".html")
_REFERENCE = {
    "en": ("Reference", "Every [operation](operations/index.md) with its curve; every public name of {modules}."),
    "ja": ("リファレンス", "すべての[演算](operations/index.md)とその曲線、{modules} のすべての公開名（英語）。"),
}


def pages() -> dict[str, str]:
    """The Markdown of the project that is shown, by the name that it has in the site."""
    own = {path.name: f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))}
    return own | {name: name for name in ("README.md", "README.ja.md", "CHANGELOG.md")}


def place(path: str) -> str:
    """Where the site shows a file or a folder of the project."""
    shown = {source: name for name, source in pages().items()}
    if path in shown:
        return shown[path]
    if path.startswith("docs/gallery/"):
        return path.removeprefix("docs/")
    if path.startswith("docs/notebooks"):
        inner = path.removeprefix("docs/").removesuffix(".ipynb")
        return f"{inner}.md" if path.endswith(".ipynb") else f"{inner}/index.md"
    if path == "docs":
        return "index.md"
    return f"source/{path}/index.md" if (ROOT / path).is_dir() else f"source/{path}.md"


def relinked(text: str, source: str, name: str) -> str:
    """A page's text with its links leading to pages of the site.

    Args:
        source: where the page stands in the project, which its links are relative to.
        name: where it stands in the site.
    """

    def link(found: re.Match[str]) -> str:
        file, mark, anchor = found[2].partition("#")
        if not file or "://" in file:
            return found[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), file))
        return f"{found[1]}{relative(place(path), name)}{mark}{anchor}{found[3]}"

    return _outside_code(text, lambda prose: _LINK.sub(link, prose))


def relative(target: str, name: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(name) or ".")


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if i % 2 else change(part) for i, part in enumerate(_CODE.split(text)))


def _joined(text: str) -> str:
    """Without the ends of lines between Japanese characters, which browsers show as spaces."""
    return _BETWEEN_JAPANESE.sub("", text)


# --- Front pages and the sidebar ------------------------------------------------------------------------------


def linked(front: str) -> dict[str, dict[str, str]]:
    """Of a front page, the pages under each of its headings, with the words that lead there."""
    _, *parts = _SECTION.split((ROOT / pages()[front]).read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {}
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        links = {place(posixpath.normpath(f"docs/{file}")): words for words, file in _WORDS.findall(text)}
        found[title] = {name: words for name, words in links.items() if not name.startswith("source/")}
    return found


def _with_sidebar(language: str, text: str) -> str:
    """A front page with the reference, and in English the sidebar of the whole site."""
    title, sentence = _REFERENCE[language]
    modules = ", ".join(f"[{name}](reference/{name}.md)" for name in reference.MODULES)
    parts = ["---\nhide-toc: true\n---\n", text, f"## {title}\n\n{sentence.format(modules=modules)}\n"]
    return "\n".join(parts + (list(_sidebar()) if language == "en" else []))


def _sidebar() -> Iterator[str]:
    """A heading for each purpose, then the reference, Japanese, and what is left."""
    japanese = {name: words for group in linked("index.ja.md").values() for name, words in group.items()}
    groups = {
        **linked("index.md"),
        "Reference": {
            "operations/index.md": "Operations",
            **{f"reference/{each}.md": each for each in reference.MODULES},
        },
        "日本語": {
            "index.ja.md": "はじめに",
            **{name: words for name, words in japanese.items() if _is_japanese(name)},
        },
        "More": dict.fromkeys(pages(), ""),
    }
    seen = {"index.md"}
    for title, group in groups.items():
        listed = [f"{words} <{name}>" if words else name for name, words in group.items() if name not in seen]
        seen |= set(group)
        yield f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(listed) + "\n```\n"


def _is_japanese(name: str) -> bool:
    return name.endswith(".ja.md") or name.startswith("notebooks/ja")


# --- Files and folders of the project -------------------------------------------------------------------------


def sources() -> set[str]:
    """Files and folders that have a page: the code of the library, and all else that a page links to."""
    found = {path.relative_to(ROOT).as_posix() for name in reference.OURS for path in (ROOT / name).rglob("*.py")}
    for name, source in pages().items():
        text = relinked((ROOT / source).read_text(encoding="utf-8"), source, name)
        links = (each[2].partition("#")[0] for each in _LINK.finditer(text))
        found |= {_source(link) for link in links if link.startswith("source/")}
    found |= {parent.as_posix() for path in found for parent in Path(path).parents if parent != Path(".")}
    return {path for path in found if place(path).startswith("source/") and (ROOT / path).exists()}


def _source(link: str) -> str:
    return link.removeprefix("source/").removesuffix(".md").removesuffix("/index")


def source_page(path: str, is_whole: bool = True) -> str:
    """A file with colours and numbers of lines, or a folder with what its files say of themselves."""
    head = f"---\norphan: true\nnosearch: true\n---\n\n# {path}\n\n"
    return head + (_folder(path) if (ROOT / path).is_dir() else _file(path) if is_whole else "")


def _file(path: str) -> str:
    try:
        lexer = get_lexer_for_filename(path)
    except ClassNotFound:
        lexer = get_lexer_for_filename("x.txt")
    shape = HtmlFormatter(linenos="inline", lineanchors="L", cssclass="highlight source", wrapcode=True)
    code = highlight((ROOT / path).read_text(encoding="utf-8"), lexer, shape)
    return f"`````{{raw}} html\n{code}\n`````\n"


def _folder(path: str) -> str:
    lines = []
    for each in sorted((ROOT / path).iterdir(), key=lambda each: (each.is_file(), each.name)):
        name = each.relative_to(ROOT).as_posix()
        if each.name.startswith((".", "__pycache__")) or (each.is_file() and each.suffix not in _KINDS):
            continue
        file = each / "__init__.py" if each.is_dir() else each
        said = _first_sentence(file)
        shown = f"[`{each.name}`]({relative(place(name), place(path))})" if name in _shown() else f"`{each.name}`"
        lines.append(f"- {shown}{f': {said}' if said else ''}")
    return "\n".join(lines) + "\n"


@cache
def _shown() -> set[str]:
    return sources()


def _first_sentence(file: Path) -> str:
    if file.suffix != ".py" or not file.exists():
        return ""
    said = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
    return escaped(" ".join(said.split()))


# --- All of it ------------------------------------------------------------------------------------------------


def gather(folder: Path, is_whole: bool = True) -> None:
    """Write every page, for Sphinx, into an empty folder.

    Args:
        is_whole: with the operations' curves and the lines of code, which take most of the time.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "gallery", folder / "gallery", ignore=shutil.ignore_patterns("*.dot"))
    languages = {f"{name}.md": language for language, name in FRONTS.items()}
    for name, source in pages().items():
        text = relinked((ROOT / source).read_text(encoding="utf-8"), source, name)
        text = _outside_code(text, _joined) if name.endswith(".ja.md") else text
        _write(folder / name, _with_sidebar(languages[name], text) if name in languages else text)
    for path in sorted(_shown()):
        _write(folder / place(path), source_page(path, is_whole))
    notebook_pages.write(folder / "notebooks")
    reference.write(folder, is_whole)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def main() -> None:
    """Gather the pages."""
    parser = argparse.ArgumentParser(prog="python -m docs.build.site", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="where to; what is there is removed")
    gather(parser.parse_args().folder)


if __name__ == "__main__":
    sys.exit(run(main, "docs.build.site"))
