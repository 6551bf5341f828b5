"""A picture as a page: one HTML file in which a reader steps through it, forward and backward.

The page asks the network for nothing and runs no script but its own: a content security policy names that one by its
hash. What comes from the graph is data: escaped in the picture, and JSON without a "<" beside it.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from autograd.languages import Language
from autograd.render.steps import Step, Story
from autograd.words import PAGE, PICTURE

_PLACE = re.compile("@@([a-z_]+)@@")
_SIZE = re.compile(r'viewBox="\S+ \S+ \S+ (\d+)')
_LOWEST, _HIGHEST, _CONTROLS = 420, 760, 190  # CSS pixels: of a notebook's frame, and of what is not the picture
_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def page(svg: str, title: str, story: Story | None, language: Language) -> str:
    """The whole file.

    Args:
        svg: the picture, as `Picture.svg` gives it.
        title: of the page; the picture has its own.
        story: the steps; None for a picture without.
        language: of the controls; the steps have their own.
    """
    words = {**PAGE[language], "value": PICTURE[language].value, "gradient": PICTURE[language].gradient}
    style, script = _asset("page.css"), _asset("page.js")
    texts = {f"word_{name}": html.escape(word) for name, word in words.items()}
    parts = {
        "language": language,
        "title": html.escape(title or words["name"]),
        "policy": f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "picture": svg.strip(),
        "data": embedded(_data(story, words)),
    }
    return _PLACE.sub(lambda place: {**texts, **parts}[place[1]], _asset("template.html"))


def embedded(data: Any) -> str:
    """`data` as JSON that ends no script element, opens no comment and is on one line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_UNSAFE.get(character, character) for character in text)


class Page:
    """A page in a notebook: it shows itself in a frame that may run its own script and nothing else.

    Args:
        make: gives the file.
        otherwise: what is shown where that fails.
    """

    def __init__(self, make: Callable[[], str], otherwise: Callable[[], str | None] = lambda: None) -> None:
        self._make, self._otherwise = make, otherwise

    def _repr_html_(self) -> str | None:
        """For notebooks, which show the text of `repr` if this gives None."""
        try:
            text = self._make()
        except (RuntimeError, OSError):  # a notebook must go on, whatever is wrong with the machine
            return self._otherwise()
        size = _SIZE.search(text)
        high = min(_HIGHEST, max(_LOWEST, _CONTROLS + int(size[1]))) if size else _LOWEST
        return (
            f'<iframe sandbox="allow-scripts" width="100%" height="{high}" frameborder="0" '
            f'srcdoc="{html.escape(text)}"></iframe>'
        )

    def __repr__(self) -> str:
        return "<Page: shown in a notebook; elsewhere use Picture.save('name.html')>"


def _data(story: Story | None, words: Mapping[str, str]) -> dict[str, Any]:
    names = ("play", "pause", "forward", "backward", "intro", "value", "gradient")
    return {
        "steps": [_shown(step) for step in story.steps()] if story else [],
        "hints": {name: asdict(hint) for name, hint in story.hints().items()} if story else {},
        "words": {name: words[name] for name in names},
    }


def _shown(step: Step) -> dict[str, Any]:
    """A step without what only Python needs."""
    return {
        "phase": step.phase,
        "at": step.at,
        "shows": step.shows,
        "looks": step.looks,
        "says": step.says,
        "box": step.box,
    }


@cache
def _asset(name: str) -> str:
    return files("autograd.render").joinpath("page_assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As browsers compute it of what stands between the tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
