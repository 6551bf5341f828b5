"""The pages that people read: README and docs, their blocks of code, their links, and the commands they name.

A python block prints what the comments beside its `print(…)` say, or all of the text block right below it. The blocks
of a page run from top to bottom in one namespace, as a reader would run them. After a change of what is printed,

    python -m docs.build.pages

writes the text blocks anew; the comments are short enough to be corrected by hand.
"""

import contextlib
import io
import os
import pkgutil
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from autograd import OPS
from demos._exercises.command import exercises
from docs.build import ROOT

PAGES = ["README.md", "README.ja.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ABOVE_TEXT = re.compile(r"\n\n?```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Ran(NamedTuple):
    """A block of code: what the page promises, what came, and where the text of the promise is (None: in comments)."""

    promised: str
    printed: str
    place: tuple[int, int] | None


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [code for name, code in _FENCE.findall(text(page)) if name == language]


def languages(page: str) -> set[str]:
    return {name for name, _ in _FENCE.findall(text(page))}


def ran(page: str, alone: bool = False) -> Iterator[Ran]:
    """Every python block of the page, run; each alone, or after those above it."""
    whole, before = text(page), set(OPS)
    space: dict[str, object] = {"__name__": page}
    try:
        for block in _FENCE.finditer(whole):
            if block[1] != "python":
                continue
            below = _ABOVE_TEXT.match(whole, block.end())
            if alone:
                space = {"__name__": page}
            promised = below[1] if below else "".join(f"{each}\n" for each in _comments(block[2]))
            yield Ran(promised, _printed(block[2], page, space), below.span(1) if below else None)
    finally:
        for added in set(OPS) - before:
            del OPS[added]


def _comments(code: str) -> list[str]:
    """What stands beside the prints."""
    return [line.rpartition("  # ")[2] for line in code.splitlines() if line.lstrip().startswith("print(")]


def _printed(code: str, page: str, space: dict[str, object]) -> str:
    """Run in an empty folder, which takes what the code saves."""
    printed, folder = io.StringIO(), Path.cwd()
    with tempfile.TemporaryDirectory() as empty, contextlib.redirect_stdout(printed):
        os.chdir(empty)
        try:
            exec(compile(code, f"<{page}>", "exec"), space)
        finally:
            os.chdir(folder)
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


# --- Links, files, commands, names ----------------------------------------------------------------------------


def links(page: str) -> list[str]:
    """Where links and pictures of the page lead."""
    return re.findall(r"\]\(([^)\s]+)\)", text(page))


def dead(page: str, link: str) -> bool:
    """Whether it leads to no file of the project, or to no heading of that file."""
    if "://" in link:
        return False
    file, _, anchor = link.partition("#")
    target = (ROOT / page).parent / file if file else ROOT / page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def anchors(path: Path) -> set[str]:
    """Of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files(page: str) -> set[str]:
    """Files named in the text, as in `engine.py`."""
    prose = _FENCE.sub("", text(page))
    return set(re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|md|toml|ipynb))`", prose))


def is_file(name: str) -> bool:
    """Whether the project has a file whose path ends so, or writes one for a student."""
    folders = ("autograd", "nn", "demos", "benchmarks", "tests", "docs")
    paths = [*ROOT.glob("*.*"), *(path for folder in folders for path in (ROOT / folder).rglob("*.*"))]
    written = (exercise.file for exercise in exercises())
    return name in written or any(f"/{path.relative_to(ROOT).as_posix()}".endswith(f"/{name}") for path in paths)


def commands(page: str) -> set[tuple[str, str]]:
    """Commands of the project: ("make", target), or ("python -m", module and its options)."""
    found = re.findall(r"\b(make|python -m) ([a-z]\w*(?:\.\w+)*(?:(?: [\w-]+)*? --[a-z]+)*)", _sources(page))
    return {(program, " ".join(rest.split())) for program, rest in found}


def is_command(program: str, rest: str) -> bool:
    """Whether there is such a target, or such a module with all these options."""
    if program == "make":
        return f"\n{rest}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    module, *words = rest.split()
    place = ROOT / module.replace(".", "/")
    path = place / "__main__.py" if place.is_dir() else place.with_suffix(".py")
    code = path.read_text(encoding="utf-8") if path.is_file() else ""
    return bool(code) and all(f'"{word}"' in code for word in words if word.startswith("--") and word != "--help")


def _sources(page: str) -> str:
    """Where commands stand: inline code, shell blocks and the comments of generated parts."""
    whole = text(page)
    inline = re.findall(r"`([^`\n]+)`", _FENCE.sub("", whole))
    return "\n".join([*inline, *blocks(page, "sh"), *re.findall(r"<!-- \w+: (.*) -->", whole)])


def names(page: str) -> set[str]:
    """Names of our packages that the text mentions, as in `autograd.check_gradient`."""
    return set(re.findall(r"`((?:autograd|nn)(?:\.[A-Za-z_]\w*)+)(?=[(`])", _FENCE.sub("", text(page))))


def is_name(name: str) -> bool:
    """Whether it can be imported."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


# --- Two languages --------------------------------------------------------------------------------------------


def outline(page: str) -> dict[str, Any]:
    """What a page in one language has in common with the same page in the other."""
    prose = _FENCE.sub("", text(page))
    code = [(name, _uncommented(code) if name != "text" else code) for name, code in _FENCE.findall(text(page))]
    tables = re.findall(r"(?:^\|.*\n)+", prose, re.MULTILINE)
    return {
        "headings": [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)],
        "code": list(code),
        "tables": [[line.count(" |") for line in table.splitlines()] for table in tables],
        "links": sorted(_in_no_language(link) for link in links(page)),
        "files": sorted(files(page)),
    }


def _uncommented(code: str) -> str:
    return re.sub(r" *# .*$", "", code, flags=re.MULTILINE)


def _in_no_language(link: str) -> str:
    """Where it leads, in whatever language; headings are called differently in each."""
    file = re.sub(r"\.ja(?=\.md$)|(?<=-)ja(?=\.svg$)|(?<=-)en(?=\.svg$)", "", link.partition("#")[0])
    file = file.replace("notebooks/ja/", "notebooks/en/")
    return f"{file}#" if "#" in link else file


def write() -> None:
    """Put into every text block below code what the code prints."""
    for page in PAGES:
        whole = text(page)
        for each in reversed(list(ran(page))):
            if each.place:
                whole = whole[: each.place[0]] + each.printed + whole[each.place[1] :]
        (ROOT / page).write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    write()
