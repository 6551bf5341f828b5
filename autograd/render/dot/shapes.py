"""Pictures of which we place every part ourselves: as SVG, and in the DOT language for PNG and PDF.

Coordinates are in points, y downwards. Graphviz gets positions and places nothing (`layout=nop2`); curves and samples
of lines stand in its background.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, dist
from typing import TYPE_CHECKING

from autograd.render.dot import looks
from autograd.render.dot.labels import BOLD, INK, aligned
from autograd.render.dot.looks import inches
from autograd.render.text import width

if TYPE_CHECKING:
    from graphviz import Digraph

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A straight line, perhaps with the head of an arrow, whose tip is its end."""

    start: Point
    end: Point
    wide: float
    colour: str
    dashed: bool = False
    is_arrow: bool = False


@dataclass(frozen=True)
class Disc:
    middle: Point
    radius: float
    fill: str
    colour: str
    wide: float = 1.5


@dataclass(frozen=True)
class Box:
    """A rectangle with round corners, by its middle."""

    middle: Point
    size: Point
    fill: str = "#FFFFFF"
    colour: str = "none"
    dashed: bool = False
    round: float = 6.0


@dataclass(frozen=True)
class Curve:
    points: Sequence[Point]
    colour: str
    wide: float = 1.5


@dataclass(frozen=True)
class Text:
    """One line, by the middle of its height and by its left end, its middle or its right end."""

    at: Point
    text: str
    size: float = 15.0
    colour: str = INK
    bold: bool = False
    side: str = "middle"
    is_backed: bool = False
    """Whether it stands on white, on top of lines."""

    @property
    def room(self) -> int:
        """Its width at most."""
        return ceil(self.wide) + 4

    @property
    def wide(self) -> float:
        """Its width, more or less."""
        return self.size * (BOLD if self.bold else 1.0) * width(self.text)

    @property
    def middle(self) -> Point:
        x, y = self.at
        return {"start": x + self.room / 2, "middle": x, "end": x - self.room / 2}[self.side], y


Shape = Line | Disc | Box | Curve | Text


@dataclass
class Part:
    """What belongs together: it has one tooltip, and is one element of a page.

    Attributes:
        key: its id; empty for none.
        role: its classes.
        tooltip: what a pointer shows and a screen reader says.
        joins: of an edge, the keys of the parts between which it goes.
    """

    key: str
    role: str
    shapes: list[Shape]
    tooltip: str = ""
    joins: tuple[str, str] | None = None


@dataclass
class Scene:
    """A picture: parts in the order in which they are painted."""

    size: Point
    title: str
    parts: list[Part] = field(default_factory=list)

    def svg(self) -> str:
        """A self-contained SVG: the same bytes for the same picture, on every machine."""
        wide, high = map(ceil, self.size)
        name = html.escape(self.title)
        label = f' aria-label="{name}"' if name else ""
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}pt" height="{high}pt" '
            f'viewBox="0 0 {wide} {high}" role="img"{label} font-family="{looks.FONTS}">',
            '<g id="graph0" class="graph" transform="translate(0 0)">',
            *([f"<title>{name}</title>"] if name else []),
            f'<polygon fill="white" stroke="none" points="0,{high} 0,0 {wide},0 {wide},{high} 0,{high}"/>',
            *map(_svg_part, self.parts),
            "</g>\n</svg>\n",
        ]
        return "\n".join(lines)

    def dot(self) -> str:
        """The same picture in the DOT language, for `dot` with `layout=nop2`."""
        import graphviz

        wide, high = map(ceil, self.size)
        ground = " \\\n".join(_ground(self.parts, high))  # lines: Graphviz reads no piece of text of 16 kB
        graph = graphviz.Digraph(
            "picture",
            graph_attr={"layout": "nop2", "bb": f"0,0,{wide},{high}", "bgcolor": "white", "charset": "UTF-8",
                        "outputorder": "edgesfirst", "_background": ground},
            node_attr={**looks.NODE, "label": ""},
            edge_attr={"arrowhead": "none"},
        )  # fmt: skip
        corner = {"shape": "point", "style": "invis", "width": "0", "height": "0"}
        graph.node("from", pos="0,0", **corner)  # the picture reaches from corner to corner
        graph.node("to", pos=f"{wide},{high}", **corner)
        for part in self.parts:
            for name, shape in _named_shapes(part):
                _dot_shape(graph, part, name, shape, high)
        return graph.source


# --- SVG ----------------------------------------------------------------------------------------------------


def _svg_part(part: Part) -> str:
    key = f' id="{html.escape(part.key)}"' if part.key else ""
    title = f"<title>{html.escape(part.tooltip)}</title>" if part.tooltip else ""
    return f'<g{key} class="{part.role}">{title}{"".join(map(_svg_shape, part.shapes))}</g>'


def _svg_shape(shape: Shape) -> str:
    match shape:
        case Line(start, end, wide, colour, dashed, is_arrow):
            path = f"M{_pair(start)}L{_pair(_stop(shape))}"
            dash = f' stroke-dasharray="{_dash(wide)}"' if dashed else ""
            line = f'<path fill="none" stroke="{colour}" stroke-width="{_n(wide)}"{dash} d="{path}"/>'
            if not is_arrow:
                return line
            return f'{line}<polygon fill="{colour}" points="{" ".join(map(_pair, _head(start, end, wide)))}"/>'
        case Disc((x, y), r, fill, colour, wide):
            look = f'fill="{fill}" stroke="{colour}" stroke-width="{_n(wide)}"'
            return f'<ellipse {look} cx="{_n(x)}" cy="{_n(y)}" rx="{_n(r)}" ry="{_n(r)}"/>'
        case Box((x, y), (w, h), fill, colour, dashed, rounding):
            dash = ' stroke-dasharray="5,4"' if dashed else ""
            look = f'fill="{fill}" stroke="{colour}" stroke-width="1.5"{dash} rx="{_n(rounding)}"'
            return f'<rect {look} x="{_n(x - w / 2)}" y="{_n(y - h / 2)}" width="{_n(w)}" height="{_n(h)}"/>'
        case Curve(points, colour, wide):
            path = "M" + "L".join(map(_pair, points))
            return f'<path class="curve" fill="none" stroke="{colour}" stroke-width="{_n(wide)}" d="{path}"/>'
        case Text((x, y), text, size, colour, bold, side):
            ground = _svg_shape(Box(shape.middle, (shape.wide, 1.2 * size), round=2)) if shape.is_backed else ""
            look = f'font-size="{_n(size)}" fill="{colour}" text-anchor="{side}"' + (' font-weight="bold"' * bold)
            return f'{ground}<text {look} x="{_n(x)}" y="{_n(y + _DROP * size)}">{html.escape(text)}</text>'


_DROP = 0.36  # from the middle of a line of text to its baseline, in em


def _n(x: float) -> str:
    return f"{x:.2f}".rstrip("0").rstrip(".")


def _pair(point: Point) -> str:
    return f"{_n(point[0])},{_n(point[1])}"


def _dash(wide: float) -> str:
    return f"{_n(5 + wide)},{_n(3 + wide)}"


def before(start: Point, end: Point, distance: float) -> Point:
    """The point so far before `end`, as one comes from `start`."""
    long = dist(start, end) or 1.0
    return end[0] - (end[0] - start[0]) * distance / long, end[1] - (end[1] - start[1]) * distance / long


def _long(wide: float) -> float:
    return 6 + wide


def _stop(line: Line) -> Point:
    """Where the stroke ends: before the head, if there is one."""
    return before(line.start, line.end, _long(line.wide) - 1) if line.is_arrow else line.end


def _head(start: Point, end: Point, wide: float) -> list[Point]:
    x, y = before(start, end, _long(wide))
    across = (end[1] - y) * _SLIM, (x - end[0]) * _SLIM
    return [end, (x + across[0], y + across[1]), (x - across[0], y - across[1])]


_SLIM = 0.45  # half the width of an arrow's head, in its lengths


# --- DOT ----------------------------------------------------------------------------------------------------


def _named_shapes(part: Part) -> Iterator[tuple[str, Shape]]:
    """The shapes of a part, each with a name of its own for Graphviz; the first has the key."""
    for i, shape in enumerate(part.shapes):
        yield (part.key if i == 0 else f"{part.key} {i}"), shape


def _dot_shape(graph: "Digraph", part: Part, name: str, shape: Shape, high: float) -> None:
    """What is a node or an edge in the DOT language; what is none stands in the background."""
    name = name if part.key else f"{len(graph.body)}"
    match shape:
        case Line(start, end, wide, colour, dashed, False) if part.joins:
            track = " ".join(_at(start, high) if i < 2 else _at(end, high) for i in range(4))
            style = "dashed" if dashed else "solid"
            graph.edge(*part.joins, pos=track, color=colour, penwidth=_n(wide), style=style)
        case Disc(middle, r, fill, colour, wide):
            under = any(isinstance(each, Curve) for each in part.shapes)  # then both are in the ground
            look = {} if under else {"style": "filled", "fillcolor": fill}
            look |= {"shape": "circle", "width": f"{r / 36:.4f}", "color": colour, "penwidth": _n(wide)}
            graph.node(name, pos=_at(middle, high), **look)
        case Box(middle, (w, h), fill, "none"):
            look = {"shape": "box", "style": "filled", "fillcolor": fill, "color": fill}
            graph.node(name, pos=_at(middle, high), width=inches(w), height=inches(h), **look)
        case Text(_, text, size, colour, bold, side):
            label = aligned(text, shape.room, size, colour, bold, _SIDES[side])
            look = {"style": "filled", "fillcolor": "white"} if shape.is_backed else {}
            box = {"width": inches(shape.room if side != "middle" else shape.wide), "height": inches(size * 1.2)}
            x, y = shape.middle
            graph.node(name, label, pos=_at((x, y + _BOLD_RISE * size * bold), high), shape="none", **box, **look)


_BOLD_RISE = 0.3  # em, by which Graphviz sets bold texts higher
_SIDES = {"start": "LEFT", "middle": "CENTER", "end": "RIGHT"}


def _at(point: Point, high: float) -> str:
    return f"{_n(point[0])},{_n(high - point[1])}"


def _ground(parts: Iterable[Part], high: float) -> Iterator[str]:
    """Drawing operations of xdot."""
    for part in parts:
        for shape in part.shapes:
            match shape:
                case Line() if not part.joins or shape.is_arrow:
                    yield _pen(shape.wide, shape.dashed, shape.colour)
                    yield _xdot("L", [shape.start, _stop(shape)], high)
                    if shape.is_arrow:  # the head has no outline, as in SVG: that of a dashed line would have gaps
                        yield f"{_pen(0.1, False, shape.colour)} {_filling(shape.colour)}"
                        yield _xdot("P", _head(shape.start, shape.end, shape.wide), high)
                case Disc(middle, r, fill, colour, wide):
                    yield f"{_pen(wide, False, colour)} {_filling(fill)}"
                    yield f"E {_n(middle[0])} {_n(high - middle[1])} {_n(r)} {_n(r)}"
                case Box((x, y), (w, h), fill, colour, dashed) if colour != "none":
                    yield f"{_pen(1.5, dashed, colour)} {_filling(fill)}"
                    corners = [(x + a * w / 2, y + b * h / 2) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
                    yield _xdot("P", corners, high)
                case Curve(points, colour, wide):
                    yield _pen(wide, False, colour)
                    yield _xdot("L", points, high)


def _pen(wide: float, dashed: bool, colour: str) -> str:
    width, style = f"setlinewidth({_n(wide)})", "dashed" if dashed else "solid"
    return f"S {len(width)} -{width} S {len(style)} -{style} c {len(colour)} -{colour}"


def _filling(colour: str) -> str:
    return f"C {len(colour)} -{colour}"


def _xdot(letter: str, points: Sequence[Point], high: float) -> str:
    numbers = " ".join(f"{_n(x)} {_n(high - y)}" for x, y in points)
    return f"{letter} {len(points)} {numbers}"
