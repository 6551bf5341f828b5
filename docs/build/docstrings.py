"""Docstrings as Markdown: `Args:` and its like become lists, code stays code, and no sign is taken for markup."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields|Source):(.*)")
_ITEM = re.compile(r"([*\w, ()\[\].]+?):\s+(.*)")
_CODE = re.compile(r"(`+[^`]+`+)")
_TITLES = {"Args": "Arguments"}


def markdown(docstring: str | None, links: Mapping[str, str] | None = None) -> str:
    """A docstring as Markdown.

    Args:
        links: full names of what the site documents, by the names that docstrings call it, to link to them.
    """
    lines = inspect.cleandoc(docstring or "").splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_blocks(lines, links or {}))).strip()


def _blocks(lines: list[str], links: Mapping[str, str]) -> Iterator[str]:
    """Block by block: fences and examples as they stand, sections as lists, all else as prose."""
    while lines:
        line = lines[0]
        if found := _SECTION.fullmatch(line):
            count = 1 + _length(lines[1:], lambda each: not each or each.startswith(" "))
            yield from _section(found[1], found[2].strip(), lines[1:count], links)
        elif line.startswith("```"):
            count = 2 + _length(lines[1:], lambda each: not each.startswith("```"))
            yield from ["", *lines[:count], ""]
        elif line.startswith(">>>"):
            count = _length(lines, bool)
            yield from ["", "```pycon", *lines[:count], "```", ""]
        elif line.startswith("    "):
            count = _length(lines, lambda each: not each or each.startswith("    "))
            code = "\n".join(each[4:] for each in lines[:count])
            yield f"\n```text\n{code.rstrip()}\n```\n"
        else:
            count = 1
            yield _prose(line, links)
        lines = lines[count:]


def _length(lines: list[str], belongs: Callable[[str], object]) -> int:
    """How many of the first lines belong together."""
    return next((i for i, line in enumerate(lines) if not belongs(line)), len(lines))


def _section(title: str, beside: str, lines: list[str], links: Mapping[str, str]) -> Iterator[str]:
    body = inspect.cleandoc("\n".join(["", *lines])).splitlines()
    yield from ["", f"**{_TITLES.get(title, title)}** {_prose(beside, links)}".rstrip(), ""]
    is_list = title not in ("Returns", "Yields", "Source")
    for line in body:
        item = _ITEM.fullmatch(line) if is_list else None
        margin = "  " if is_list else ""
        yield f"- `{item[1]}`: {_prose(item[2], links)}" if item else f"{margin}{_prose(line.strip(), links)}".rstrip()
    yield ""


def escaped(text: str) -> str:
    """With every sign that Markdown reads as markup taken for itself."""
    return re.sub(r"([*<\[\]_|\\])", r"\\\1", text)


def _prose(text: str, links: Mapping[str, str]) -> str:
    """With every sign that Markdown reads as markup escaped, but for `code`."""
    parts = groupby(_CODE.split(text), key=lambda part: part.startswith("`"))
    return "".join(
        "".join(_code(part, links) for part in group) if is_code else escaped("".join(group))
        for is_code, group in parts
    )


def _code(part: str, links: Mapping[str, str]) -> str:
    name = part.strip("`")
    return f"{{py:obj}}`{name} <{links[name]}>`" if name in links else part
