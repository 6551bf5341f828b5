"""A compiled program as a picture, in the looks of `autograd.draw`: `Program.draw` gives it."""

import warnings
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from autograd.compiler.drawing.boxes import Box, Boxes, Subject
from autograd.compiler.drawing.diagram import Diagram
from autograd.compiler.drawing.loop_picture import LoopDiagram
from autograd.compiler.matrices.lifted import Lifted
from autograd.languages import Language, spoken
from autograd.render import Picture
from autograd.render.arguments import check_count, show
from autograd.render.dot import looks
from autograd.render.dot.labels import INK, SHAFT, SIZE, Piece, escaped, heading, pair, pair_width, spaced
from autograd.render.dot.looks import inches
from autograd.render.text import clean, ruled, shorten, width
from autograd.words import PROGRAM, ProgramWords

if TYPE_CHECKING:
    from graphviz import Digraph

__all__ = ["Picture", "Subject", "picture"]

_WIDEST_LABEL, _WIDEST_TITLE = 16, 44  # em
_MOST_READ = 6  # numbers of boxes in a line of the table


def picture(subject: Subject, *, given: str | None, language: Language | None, digits: int, max_nodes: int) -> Picture:
    """The picture that `Program.draw` gives, of a program of matrices or of loops."""
    check_count("draw", "digits", digits, 17)
    check_count("draw", "max_nodes", max_nodes)
    if given is not None and not isinstance(given, str):
        raise TypeError(f"draw(title={show(given)}): wanted text or None, not {type(given).__name__}.")
    speaks = spoken("draw", language, chain([given], subject.labels))
    words = PROGRAM[speaks]
    diagram = (Diagram if isinstance(subject.program, Lifted) else LoopDiagram)(subject, words, digits)
    text = diagram.title if given is None else clean(given)
    count = len(diagram.boxes)
    diagram.fold(max_nodes)
    folded, hidden = len(diagram.boxes) < count, diagram.cut(max_nodes)
    if folded or hidden:
        how = ["stretches of them are drawn as one box each"] if folded else []
        how += [f"the max_nodes={max_nodes} nearest the results are drawn"] if hidden else []
        warnings.warn(
            f"draw: the program has {count:,} nodes; {', of which '.join(how)}. Pass a larger max_nodes, or read "
            "program.steps.",
            stacklevel=3,
        )
    drawing = _Drawing(diagram, words, hidden)
    return Picture(drawing.text(text), text, drawing.tooltips, _table(diagram, words), language=speaks)


class _Drawing:
    """The DOT text. Every arrow is a line, a shaft with the shape above it, and the arrow proper, as in `draw`."""

    def __init__(self, diagram: Boxes, words: ProgramWords, hidden: int) -> None:
        import graphviz

        self.diagram, self.words, self.hidden = diagram, words, hidden
        wide = {**looks.GRAPH, "ranksep": "0.2"}
        self.graph = graphviz.Digraph("picture", graph_attr=wide, node_attr=looks.NODE, edge_attr=looks.EDGE)
        self.frames = [graphviz.Digraph(f"cluster{k}") for k in range(len(diagram.frames))]
        self.tooltips: dict[str, str] = {}
        self.uses = Counter(read for box in diagram.boxes for read in box.reads)
        self.starts: dict[tuple[int, str], str] = {}
        self.shafts = 0

    def text(self, title: str) -> str:
        for k, box in enumerate(self.diagram.boxes):
            self._box(f"n{k}", box)
        self._add_frames()
        label = heading(shorten(title, _WIDEST_TITLE), self._legend())
        self.graph.attr("graph", label=label, **(looks.LOOPS if self.frames else {}))
        self._put_right()
        for k, box in enumerate(self.diagram.boxes):
            for read in box.reads:
                self.graph.edge(*self._ends(read, f"n{k}"), **({"style": "dashed"} if read[0] < 0 else {}))
            for maker in box.later:
                self.graph.edge(f"n{maker}", f"n{k}", **looks.LATER)
        return self.graph.source

    def _add_frames(self) -> None:
        """Frames stand in the text before the heading, which they would inherit; an inner one in the outer one."""
        paths = {box.frames[: depth + 1] for box in self.diagram.boxes for depth in range(len(box.frames))}
        for path in sorted(paths, key=lambda path: (-len(path), path)):
            frame, shown = self.frames[path[-1]], self.diagram.frames[path[-1]]
            frame.attr(**looks.FRAME, label=spaced(shown, SIZE * width(shown) + 8))
            here = [k for k, box in enumerate(self.diagram.boxes) if box.frames == path]
            self._column(frame, [k for k in here if self.diagram.boxes[k].kind == "carried"])
            (self.frames[path[-2]] if path[1:] else self.graph).subgraph(frame)

    def _legend(self) -> list[Piece]:
        pieces = [(note, INK) for note in self.diagram.notes]
        kinds = {box.kind for box in self.diagram.boxes}
        return pieces + [
            (f"■ {word}", looks.COLOURS[kind]["color"]) for kind, word in self.words.sources.items() if kind in kinds
        ]

    def _box(self, name: str, box: Box) -> None:
        shown = shorten(box.label, self.diagram.widest if box.kind in ("step", "constant") else _WIDEST_LABEL)
        wide = max(looks.NARROWEST_BOX, SIZE * width(shown) + 20)
        role, held, style = (
            f"leaf {box.kind}",
            f"<{escaped(shown)}>",
            {**looks.OUTPUT, **looks.COLOURS.get(box.kind, {})},
        )
        if box.kind == "step":
            role, style = "op", {**looks.OPERATION, "shape": "box", "fontsize": str(SIZE)}
        elif box.kind == "carried":
            role, style = "carried", looks.CARRIED
        elif not box.is_result:
            held, style = spaced(shown, wide + 2 * looks.CLEARANCE), {**looks.LEAF, **looks.COLOURS[box.kind]}
        graph = self.frames[box.frames[-1]] if box.frames else self.graph
        self._node(name, role, held, box.tooltip, style, {"width": inches(wide)}, graph=graph)

    def _node(
        self, name: str, role: str, shown: str, tooltip: str, *styles: dict[str, str], graph: "Digraph | None" = None
    ) -> None:
        self.tooltips[name] = tooltip
        look = {key: x for style in styles for key, x in style.items()}
        (self.graph if graph is None else graph).node(name, shown, **{"class": role}, **look)

    def _put_right(self) -> None:
        """The results stand below each other, at the right."""
        results = [k for k, box in enumerate(self.diagram.boxes) if box.is_result and not box.frames]
        right = [k for k in results if not self.frames or self.diagram.boxes[k].kind == "output"]
        self._column(self.graph, right, "max")

    @staticmethod
    def _column(graph: "Digraph", boxes: list[int], rank: str = "same") -> None:
        column = type(graph)(graph_attr={"rank": rank})
        for k in boxes:
            column.node(f"n{k}")
        graph.subgraph(column)

    def _ends(self, read: tuple[int, str], target: str) -> tuple[str, str]:
        """Where the last piece of an arrow begins and ends."""
        maker, shape = read
        if maker < 0:
            return self._cut(), target
        if not shape:
            return f"n{maker}", target
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


def _table(diagram: Boxes, words: ProgramWords) -> str:
    """The boxes as lines for a terminal."""
    rows = [words.columns]
    for k, box in enumerate(diagram.boxes, 1):
        reads = list(dict.fromkeys(f"[{maker + 1}]" if maker >= 0 else "…" for maker, _ in box.reads))
        if len(reads) > _MOST_READ:
            reads[_MOST_READ:] = ["…"]
        rows.append((f"[{k}]", box.label, " ".join(reads), box.shape))
    return ruled(rows, left=len(words.columns))
