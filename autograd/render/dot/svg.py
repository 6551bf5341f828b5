"""The SVG that Graphviz gives, made fit for browsers.

Graphviz places text by the fonts of its own machine and the reader's has others: so text is centred here, by the
shapes. What it calls nodes becomes tooltips, and what points outside the file (the document type) goes.
"""

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from autograd.render.dot.labels import LOCAL_SIZE

_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = [f"{_SVG}{name}" for name in ("ellipse", "path", "polygon")]
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_LOOKS = {"font-weight": "normal", "font-size": "15", "fill": "black"}
_DROP = 0.36  # from the middle of a line of text to its baseline, in em
_ABOVE, _BELOW = 7.0, 16.5  # points from the middle of a shaft to the baselines of value and gradient
_LOCAL = 31.0  # and of the local derivative


def tidy(graphviz: bytes, title: str, tooltips: Mapping[str, str]) -> str:
    """A self-contained SVG, the same on every machine that has the same Graphviz.

    Args:
        graphviz: what `dot -Tsvg` wrote.
        title: what a screen reader says of the picture.
        tooltips: by the names of the nodes in the DOT text.
    """
    root = ElementTree.fromstring(graphviz)
    root.set("role", "img")
    if title:
        root.set("aria-label", title)
    for group in root.iter(f"{_SVG}g"):
        _tidy_group(group, title, tooltips)
    ElementTree.register_namespace("", _SVG[1:-1])
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _tidy_group(group: Element, title: str, tooltips: Mapping[str, str]) -> None:
    roles = group.get("class", "").split()
    _set_tooltip(group, title if "graph" in roles else None, tooltips)
    if "graph" in roles:
        _join_lines(group)
    elif "value" in roles:
        _centre_pair(group)
    elif "node" in roles:
        _centre_label(group)


def _set_tooltip(group: Element, title: str | None, tooltips: Mapping[str, str]) -> None:
    """What Graphviz writes there is the name of the node, or "a->b"."""
    element = group.find(f"{_SVG}title")
    if element is None:
        return
    name = element.text or ""
    if name in tooltips:
        group.set("id", name)
    if tooltip := tooltips.get(name) if title is None else title:
        element.text = tooltip
    else:
        group.remove(element)


def _join_lines(group: Element) -> None:
    """Texts that Graphviz wrote one after the other on one line become one text: no font can make them overlap."""
    line = None
    for text in group.findall(f"{_SVG}text"):
        if line is None or text.get("y") != line.get("y"):
            line = text
            continue
        group.remove(text)
        looks = {name: text.get(name, usual) for name, usual in _LOOKS.items()}
        ElementTree.SubElement(line, f"{_SVG}tspan", looks).text = text.text


def _centre_label(group: Element) -> None:
    shape = next((child for child in group if child.tag in _SHAPES), None)
    for text in group.findall(f"{_SVG}text"):
        if shape is not None:
            x, y = _middle(shape)
            _place(text, x, y + _DROP * float(text.get("font-size", 15)))


def _centre_pair(group: Element) -> None:
    shaft = group.find(f"{_SVG}polygon")
    if shaft is None:
        return
    x, y = _middle(shaft)
    for text in group.findall(f"{_SVG}text"):
        if float(text.get("font-size", 15)) == LOCAL_SIZE:
            _place(text, x, y + _LOCAL)
        else:
            _place(text, x, y + (_BELOW if text.get("font-weight") == "bold" else -_ABOVE))


def _place(text: Element, x: float, y: float) -> None:
    text.set("text-anchor", "middle")
    text.set("x", f"{x:.2f}")
    text.set("y", f"{y:.2f}")


def _middle(shape: Element) -> tuple[float, float]:
    if shape.tag == f"{_SVG}ellipse":
        return float(shape.get("cx", 0)), float(shape.get("cy", 0))
    found = _NUMBER.findall(shape.get("points") or shape.get("d") or "0 0")
    xs, ys = [float(x) for x in found[::2]], [float(y) for y in found[1::2]]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
