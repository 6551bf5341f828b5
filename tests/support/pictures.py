"""What tests read off a picture: its boxes, what stands in them, and where they are."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from autograd import Picture

SVG = "{http://www.w3.org/2000/svg}"


def groups(picture: Picture, role: str) -> list[Element]:
    root = ElementTree.fromstring(picture.svg())
    return [group for group in root.iter(f"{SVG}g") if role in group.get("class", "").split()]


def texts(picture: Picture, role: str) -> list[str]:
    return ["".join("".join(text.itertext()) for text in g.iter(f"{SVG}text")) for g in groups(picture, role)]


def extent(group: Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the shapes of a group."""
    points = [
        list(map(float, pair.split(",")))
        for shape in (*group.iter(f"{SVG}path"), *group.iter(f"{SVG}polygon"))
        for pair in re.findall(r"-?[\d.]+,-?[\d.]+", shape.get("d") or shape.get("points") or "")
    ]
    (left, top), (right, bottom) = np.min(points, 0), np.max(points, 0)
    return left, top, right, bottom
