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
from dataclasses import asdict, replace
from functools import cache
from importlib.resources import files
from typing import Any

from autograd.languages import Language
from autograd.render.graph.tape import Refused
from autograd.render.network.page import NetworkPage
from autograd.render.page.steps import Step, Story
from autograd.render.page.stories import StoryTemplate
from autograd.words import DEFINED, PAGE, PICTURE, REFUSED

_PLACE = re.compile("@@([a-z_]+)@@")
_SIZE = re.compile(r'viewBox="\S+ \S+ \S+ (\d+)')
_LOWEST, _HIGHEST, _CONTROLS = 420, 760, 190  # CSS pixels: of a notebook's frame, and of what is not the picture
_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def page(
    svg: str,
    title: str,
    story: Story | None,
    language: Language,
    shown: Mapping[str, tuple[str, str, str]] | None = None,
    network: NetworkPage | None = None,
) -> str:
    """The whole file.

    Where the graph can be computed in a browser, its leaves are fields, and everything follows what is typed there.

    Args:
        svg: the picture, as `Picture.svg` gives it.
        title: of the page; the picture has its own.
        story: the steps; None for a picture without.
        language: of the controls; the steps have their own.
        shown: what stands at the arrows of the picture, by their names.
        network: what the page of a network computes.
    """
    words = PAGE[language]
    data, code, why = _network_data(network, language) if network else _data(story, language, shown or {})
    script = _script(code, *(["network.js"] if network else []))
    parts = {
        **{f"word_{name}": html.escape(word) for name, word in words.items() if isinstance(word, str)},
        "language": language,
        "title": html.escape(title or words["name"]),
        "picture": svg.strip(),
        "why": html.escape(why),
        "data": embedded(data),
    }
    return whole(asset("template.html"), asset("base.css") + asset("page.css"), script, parts)


def whole(template: str, style: str, script: str, parts: Mapping[str, str]) -> str:
    """A page from a template, in which `@@name@@` stands for a part; its head has the style, and the policy that allows
    this style and this script alone."""
    style, script = _lean(style), _lean(script)
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    known = {**parts, "style": style, "script": script, "policy": policy}
    return _PLACE.sub(lambda place: known[place[1]], template.replace("@@head@@", asset("head.html")))


def _lean(text: str) -> str:
    """A script or a style without indentation and without the lines that are comments: a fifth of a page."""
    return re.sub(r"(?m)^[ \t]*(?://.*|/\*.*\*/)\n|^[ \t]+", "", text)


def script_of(*parts: str) -> str:
    """One script of these, whose names are its own."""
    return "\n".join(['"use strict";', "{", *parts, "}\n"])


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


def _data(
    story: Story | None, language: Language, shown: Mapping[str, tuple[str, str, str]]
) -> tuple[dict[str, Any], str, str]:
    """What the page reads; the functions that it calls, empty where it computes nothing; and why that is so."""
    picture = PICTURE[language]
    words = PAGE[language]["heard"] | picture.kinds
    words |= REFUSED[language]  # as the engine says it
    words |= {"value": picture.value, "gradient": picture.gradient, "output": picture.output}
    data: dict[str, Any] = {"steps": [], "hints": {}, "words": words, "digits": 4}
    if story is None:
        return data, "", ""
    code, why, told = "", "", story
    try:
        live = story.tape.data(DEFINED[language]) if story.tape else None
    except Refused as refusal:
        live, why = None, PAGE[language]["refused"][refusal.reason].format(what=refusal.what)
    if live:
        code, told = live.pop("script"), StoryTemplate(story)
        live |= {"pairs": told.pairs(shown), "fields": told.fields(), "drawn": told.drawn(), "modules": told.boxes}
        data["live"] = live
    data |= {
        "digits": story.digits,
        "steps": [_shown(step) for step in told.steps()],
        "hints": {name: asdict(hint) for name, hint in told.hints().items()},
    }
    return data, code, why


def _network_data(network: NetworkPage, language: Language) -> tuple[dict[str, Any], str, str]:
    """The same for the page of a network."""
    data, code, why = _data(None, language, {})
    words = PAGE[language]
    data["words"] |= words["network"]
    try:
        data["live"], code = network.live(DEFINED[language])
    except Refused as refusal:
        why = words["refused"][refusal.reason].format(what=refusal.what)
    return data | {"digits": network.digits}, code, why


def _shown(step: Step) -> dict[str, Any]:
    """A step without what only Python needs, or what it has not."""
    found = asdict(replace(step, gradient=None))
    del found["gradient"]
    return found if step.upstream else {name: x for name, x in found.items() if name not in ("upstream", "otherwise")}


def _script(code: str, *more: str) -> str:
    """One script, with what computes the graph if there is a `code` for its operations."""
    parts = [asset("page.js")]
    if code:
        parts = [code, asset("tape.js"), *parts, *map(asset, ("live.js", *more))]
    return script_of(asset("numbers.js"), *parts)


@cache
def asset(name: str) -> str:
    """A file that pages are made of."""
    return files("autograd.render.page").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """As browsers compute it of what stands between the tags."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
