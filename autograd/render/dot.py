"""A snapshot in the DOT language: the shapes, colours and sizes of the lectures' figure.

Every arrow is three things in a row: a line from its source, a small table whose middle row is the shaft with the
value above it and the gradient below, and the arrow proper.
"""

from itertools import count
from typing import Any

from autograd.engine import Value
from autograd.render.formula import formula
from autograd.render.snapshot import Arrow, Snapshot, kind, label
from autograd.render.tables import ARROW, INK, RED, SHAFT, SIZE, Piece, escaped, heading, pair, pair_width, spaced
from autograd.render.text import clean, exact, number, shorten, width
from autograd.render.words import Words

FONTS = "Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Meiryo, IPAexGothic, sans-serif"
_SYMBOL_FONTS = f"DejaVu Sans, Arial, {FONTS}"  # Japanese fonts have × and + as wide, thin characters
_SYMBOL_SIZE, _NAME_SIZE = 20, 16  # points
_CIRCLE, _NARROWEST_BOX = 38.9, 50.4  # points
_CLEARANCE = 6  # points left and right of an input's box that no arrow may cross
_WIDEST_LABEL, _WIDEST_SYMBOL, _WIDEST_TITLE, _WIDEST_SUM = 16, 10, 44, 16  # em
_MOST_SUMMANDS = 6

# fmt: off
_GRAPH = {"rankdir": "LR", "bgcolor": "white", "pad": "0.3", "nodesep": "0.28", "ranksep": "0.32", "splines": "spline",
          "charset": "UTF-8", "fontname": FONTS, "fontsize": str(SIZE), "fontcolor": INK,
          "labelloc": "t", "labeljust": "l", "outputorder": "edgesfirst",
          "nslimit": "5"}  # a bound on a search that in large graphs improves little and takes minutes
_NODE = {"fontname": FONTS, "fontsize": str(SIZE), "fontcolor": INK, "margin": "0", "fixedsize": "true"}
_EDGE = {"color": ARROW, "penwidth": "2", "arrowsize": "0.8"}
_LINE = {"arrowhead": "none", "weight": "8"}  # the weight keeps the first part of an arrow short and straight
_BOX = {"shape": "box", "style": "rounded,filled", "penwidth": "1.5", "height": "0.44"}
_LEAF = {**_BOX, "fixedsize": "shape"}  # the label takes more room than the box, and so keeps arrows away from it
_OPERATION = {"style": "rounded,filled", "fillcolor": "white", "color": INK, "penwidth": "2", "height": "0.54",
              "fontname": _SYMBOL_FONTS, "ordering": "in"}  # operands from top to bottom
_PAIR = {"shape": "plain", "fixedsize": "false"}
_DOT = {"shape": "circle", "style": "filled", "fillcolor": ARROW, "color": ARROW, "penwidth": "0",
        "width": "0.11", "height": "0.11"}
_COLOURS = {  # fill, border
    "input":    {"fillcolor": "#E3F0FB", "color": "#1F6FB2"},
    "constant": {"fillcolor": "#F2F2F2", "color": "#6B6B6B"},
    "output":   {"fillcolor": "#FFF3D6", "color": "#8A6100"},
}
# fmt: on


def title_of(snapshot: Snapshot) -> str:
    """The formulas of the outputs, or their labels where there is no room for formulas."""
    formulas = [formula(root, _WIDEST_TITLE) for root in snapshot.roots]
    labels = [label(root) for root in snapshot.roots]
    candidates = [", ".join(filter(None, texts)) for texts in (formulas, labels)]
    return next((text for text in candidates if width(text) <= _WIDEST_TITLE), "")


def dot_text(snapshot: Snapshot, title: str, words: Words, digits: int) -> tuple[str, dict[str, str]]:
    """The whole picture in the DOT language: the same text for the same graph, in any process.

    Returns:
        The text, and by the names in it what a pointer shows there. (Tooltips are no part of the text because
        versions of Graphviz differ in how they read backslashes and & in them.)
    """
    drawing = _Drawing(snapshot, words, digits)
    return drawing.text(title), drawing.tooltips


class _Drawing:
    """One DOT text in the making."""

    def __init__(self, snapshot: Snapshot, words: Words, digits: int) -> None:
        import graphviz  # here, so that programs that draw nothing do not wait for it

        self.snapshot, self.words, self.digits = snapshot, words, digits
        self.graph = graphviz.Digraph("picture", graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
        self.names = {node: f"n{i}" for i, node in enumerate(snapshot.nodes)}
        self.starts: dict[Value, str] = {}
        self.tooltips: dict[str, str] = {}
        self.pairs = count()
        self.wide = max(pair_width(*self._numbers(arrow.source, arrow.gradient)) for arrow in snapshot.arrows)

    def text(self, title: str) -> str:
        self.graph.attr("graph", label=heading(shorten(clean(title), _WIDEST_TITLE), self._legend()))
        for node in self.snapshot.nodes:
            self._draw_node(node)
        for i, root in enumerate(self.snapshot.roots):
            self._draw_output(f"out{i}", root)
        for arrow in self.snapshot.arrows:
            self._draw_arrow(arrow)
        return self.graph.source

    # Nodes

    def _draw_node(self, node: Value) -> None:
        if kind(node) == "operation":
            self._draw_operation(self.names[node], node.op)
        else:
            self._draw_leaf(node)

    def _draw_leaf(self, node: Value) -> None:
        full = label(node) or number(node.data, self.digits)
        shown, wide = self._fitted(full)
        held = spaced(shown, wide + 2 * _CLEARANCE)
        self._add(self.names[node], f"leaf {kind(node)}", held, full, _LEAF, _COLOURS[kind(node)], width=_inches(wide))

    def _draw_output(self, name: str, root: Value) -> None:
        full = label(root) or self.words.output
        shown, wide = self._fitted(full)
        self._add(name, "leaf output", _text(shown), full, _BOX, _COLOURS["output"], width=_inches(wide))

    @staticmethod
    def _fitted(text: str) -> tuple[str, float]:
        """A label as a box shows it, and the width of the box in points."""
        shown = shorten(text, _WIDEST_LABEL)
        return shown, max(_NARROWEST_BOX, SIZE * width(shown) + 20)

    def _draw_operation(self, name: str, op: Any) -> None:
        symbol = shorten(clean(op.symbol), _WIDEST_SYMBOL)
        tooltip = clean(f"{op.name}: {op.meaning}" if op.meaning else op.name)
        if len(symbol) == 1:
            look = {"shape": "circle", "width": _inches(_CIRCLE), "fontsize": str(_SYMBOL_SIZE)}
        else:
            wide = max(_CIRCLE, _NAME_SIZE * width(symbol) + 18)
            look = {"shape": "box", "width": _inches(wide), "fontsize": str(_NAME_SIZE)}
        self._add(name, "op", _text(symbol), tooltip, _OPERATION, look)

    def _add(self, name: str, role: str, shown: str, tooltip: str, *looks: dict[str, str], **look: str) -> None:
        self.tooltips[name] = tooltip
        for more in looks:
            look |= more
        self.graph.node(name, shown, **{"class": role}, **look)

    # Arrows

    def _draw_arrow(self, arrow: Arrow) -> None:
        source = arrow.source
        if source not in self.starts:
            self.starts[source] = self._draw_trunk(source)
        above, below = self._numbers(source, arrow.gradient)
        if self.starts[source] == self.names[source]:
            above = self._named(source, above)
        end = self.names[arrow.target] if arrow.target is not None else f"out{self.snapshot.roots.index(source)}"
        middle = self._draw_pair(arrow, above, below)
        self.graph.edge(self.starts[source], f"{middle}:{SHAFT}:w", **_LINE)
        self.graph.edge(f"{middle}:{SHAFT}:e", end)

    def _draw_trunk(self, node: Value) -> str:
        """Where the arrows of a node start: at the node, or at a branch dot after an arrow with the total."""
        name, uses = self.names[node], self.snapshot.uses[node]
        if len(uses) == 1:
            return name
        total = self.snapshot.total(node)
        above, below = self._numbers(node, total)
        middle = self._draw_pair(Arrow(node, None, total), self._named(node, above), self._summed(below, uses))
        self._add(f"b{name}", "branch", "", self.words.branch, _DOT)
        self.graph.edge(name, f"{middle}:{SHAFT}:w", **_LINE)
        self.graph.edge(f"{middle}:{SHAFT}:e", f"b{name}", **_LINE)
        return f"b{name}"

    def _draw_pair(self, arrow: Arrow, above: str, below: str) -> str:
        name = f"v{next(self.pairs)}"
        tooltip = f"{self.words.value} {exact(arrow.source.data)}"
        if below:
            tooltip += f", {self.words.gradient} {exact(arrow.gradient)}"
        self._add(name, "value", pair(above, below, max(self.wide, pair_width(above, below))), tooltip, _PAIR)
        return name

    def _numbers(self, node: Value, gradient: Any) -> tuple[str, str]:
        shows = gradient is not None and kind(node) != "constant"
        return number(node.data, self.digits), number(gradient, self.digits) if shows else ""

    def _named(self, node: Value, above: str) -> str:
        """The label of a node between inputs and outputs has no box to stand in: it goes before the value."""
        if label(node) and kind(node) == "operation" and node not in self.snapshot.roots:
            return f"{shorten(label(node), _WIDEST_LABEL)} = {above}"
        return above

    def _summed(self, total: str, uses: list[Arrow]) -> str:
        """`7 = 3+3+1`; the total alone where the summands are too many to read."""
        if not total or len(uses) > _MOST_SUMMANDS:
            return total
        first, *rest = [number(arrow.gradient, self.digits) for arrow in uses]
        text = f"{total} = {first}" + "".join(x if x.startswith("−") else f"+{x}" for x in rest)
        return text if width(text) <= _WIDEST_SUM else total

    # Legend

    def _legend(self) -> list[Piece]:
        snapshot, words = self.snapshot, self.words
        pieces = [(words.above, INK)]
        if snapshot.shows_gradients:
            pieces.append((self._below(), RED))
            if any(len(uses) > 1 and kind(node) != "constant" for node, uses in snapshot.uses.items()):
                pieces.append((words.branch, RED))
        kinds = [look for look in words.kinds if any(kind(node) == look for node in snapshot.nodes)]
        if len(kinds) > 1:
            pieces += [(f"■ {words.kinds[look]}", _COLOURS[look]["color"]) for look in kinds]
        return pieces

    def _below(self) -> str:
        """Says of what the gradients are derivatives, where they are: of one output, with the seed 1."""
        roots = self.snapshot.roots
        if len(roots) == 1 and roots[0].grad == 1:
            return self.words.below_for.format(root=shorten(label(roots[0]) or self.words.output, 10))
        return self.words.below


def _text(text: str) -> str:
    """A label that is nothing but this text."""
    return f"<{escaped(text)}>" if text else ""


def _inches(points: float) -> str:
    return f"{points / 72:.2f}"
