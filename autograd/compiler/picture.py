"""A compiled program as a picture, in the looks of `autograd.draw`: `Program.draw` gives it."""

import warnings
from collections import Counter

from autograd.compiler.diagram import WORDS, Box, Diagram, Subject, Words
from autograd.render import Picture, looks
from autograd.render.arguments import check_choice, check_count, show
from autograd.render.looks import inches
from autograd.render.tables import INK, SHAFT, SIZE, Piece, escaped, heading, pair, pair_width, spaced
from autograd.render.text import clean, columns, shorten, width

__all__ = ["Picture", "Subject", "picture"]

_WIDEST_LABEL, _WIDEST_STEP, _WIDEST_TITLE = 16, 20, 44  # em
_MOST_READ = 6  # numbers of boxes in a line of the table


def picture(subject: Subject, *, given: str | None, language: str, digits: int, max_nodes: int) -> Picture:
    """The picture that `Program.draw` gives."""
    check_choice("draw", "language", language, tuple(WORDS))
    check_count("draw", "digits", digits, 17)
    check_count("draw", "max_nodes", max_nodes)
    if given is not None and not isinstance(given, str):
        raise TypeError(f"draw(title={show(given)}): wanted text or None, not {type(given).__name__}.")
    words = WORDS[language]
    diagram = Diagram(subject, words, digits)
    text = diagram.title if given is None else clean(given)
    hidden = diagram.cut(max_nodes)
    if hidden:
        count = hidden + max_nodes
        warnings.warn(
            f"draw: the program has {count:,} nodes; the max_nodes={max_nodes} nearest the results are drawn. Pass a "
            "larger max_nodes, or read program.steps.",
            stacklevel=3,
        )
    drawing = _Drawing(diagram, words, hidden)
    return Picture(drawing.text(text), text, drawing.tooltips, _table(diagram, words))


class _Drawing:
    """The DOT text. Every arrow is a line, a shaft with the shape above it, and the arrow proper, as in `draw`."""

    def __init__(self, diagram: Diagram, words: Words, hidden: int) -> None:
        import graphviz

        self.diagram, self.words, self.hidden = diagram, words, hidden
        wide = {**looks.GRAPH, "ranksep": "0.2"}
        self.graph = graphviz.Digraph("picture", graph_attr=wide, node_attr=looks.NODE, edge_attr=looks.EDGE)
        self.tooltips: dict[str, str] = {}
        self.uses = Counter(read for box in diagram.boxes for read in box.reads)
        self.starts: dict[tuple[int, str], str] = {}
        self.shafts = 0

    def text(self, title: str) -> str:
        self.graph.attr("graph", label=heading(shorten(title, _WIDEST_TITLE), self._legend()))
        for k, box in enumerate(self.diagram.boxes):
            self._box(f"n{k}", box)
        self._put_right()
        for k, box in enumerate(self.diagram.boxes):
            for read in box.reads:
                self.graph.edge(*self._ends(read, f"n{k}"), **({"style": "dashed"} if read[0] < 0 else {}))
        return self.graph.source

    def _legend(self) -> list[Piece]:
        pieces = [(self.words.rows, INK)]
        kinds = {box.kind for box in self.diagram.boxes}
        return pieces + [
            (f"■ {word}", looks.COLOURS[kind]["color"]) for kind, word in self.words.sources.items() if kind in kinds
        ]

    def _box(self, name: str, box: Box) -> None:
        shown = shorten(box.label, _WIDEST_STEP if box.kind == "step" else _WIDEST_LABEL)
        wide = max(looks.NARROWEST_BOX, SIZE * width(shown) + 20)
        if box.kind == "step":
            styles = (looks.OPERATION, {"shape": "box", "width": inches(wide), "fontsize": str(SIZE)})
            self._node(name, "op", f"<{escaped(shown)}>", box.tooltip, *styles)
        elif box.kind in ("output", "constant"):
            styles = (looks.OUTPUT, looks.COLOURS[box.kind], {"width": inches(wide)})
            self._node(name, f"leaf {box.kind}", f"<{escaped(shown)}>", box.tooltip, *styles)
        else:
            held = spaced(shown, wide + 2 * looks.CLEARANCE)
            styles = (looks.LEAF, looks.COLOURS[box.kind], {"width": inches(wide)})
            self._node(name, f"leaf {box.kind}", held, box.tooltip, *styles)

    def _node(self, name: str, role: str, shown: str, tooltip: str, *styles: dict[str, str]) -> None:
        self.tooltips[name] = tooltip
        self.graph.node(name, shown, **{"class": role}, **{key: x for style in styles for key, x in style.items()})

    def _put_right(self) -> None:
        """The results stand below each other, at the right."""
        column = type(self.graph)(graph_attr={"rank": "max"})
        for k, box in enumerate(self.diagram.boxes):
            if box.kind in ("output", "constant"):
                column.node(f"n{k}")
        self.graph.subgraph(column)

    def _ends(self, read: tuple[int, str], target: str) -> tuple[str, str]:
        """Where the last piece of an arrow begins and ends."""
        maker, shape = read
        if maker < 0:
            return self._cut(), target
        if read not in self.starts:
            shaft = self._shaft(f"n{maker}", shape)
            self.starts[read] = f"{shaft}:{SHAFT}:e" if self.uses[read] == 1 else self._branch(shaft)
        return self.starts[read], target

    def _shaft(self, start: str, shape: str) -> str:
        name = f"v{self.shafts}"
        self.shafts += 1
        self._node(name, "value", pair(shape, "", pair_width(shape, "")), shape, looks.PAIR)
        self.graph.edge(start, f"{name}:{SHAFT}:w", **looks.LINE)
        return name

    def _branch(self, shaft: str) -> str:
        """A dot, at which an arrow goes to several steps."""
        self._node(f"b{shaft}", "branch", "", "", looks.DOT)
        self.graph.edge(f"{shaft}:{SHAFT}:e", f"b{shaft}", **looks.LINE)
        return f"b{shaft}"

    def _cut(self) -> str:
        """One dashed box for all that is not drawn."""
        if "cut" not in self.tooltips:
            text = self.words.more.format(count=self.hidden)
            wide = inches(looks.CUT_SIZE * width(text) + 20)
            self._node("cut", "cut", f"<{escaped(text)}>", text, looks.CUT, {"width": wide})
        return "cut"


def _table(diagram: Diagram, words: Words) -> str:
    """The boxes as lines for a terminal."""
    rows = [words.columns]
    for k, box in enumerate(diagram.boxes, 1):
        reads = list(dict.fromkeys(f"[{maker + 1}]" if maker >= 0 else "…" for maker, _ in box.reads))
        if len(reads) > _MOST_READ:
            reads[_MOST_READ:] = ["…"]
        rows.append((f"[{k}]", box.label, " ".join(reads), box.shape))
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell + " " * (wide - columns(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * wide for wide in widths), *lines[1:]])
