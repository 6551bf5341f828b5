"""A snapshot in the DOT language.

Every arrow is three things in a row: a line from its source, a small table whose middle row is the shaft with the
value above it and the gradient below, and the arrow proper.
"""

from collections.abc import Sequence
from functools import partial
from itertools import count
from math import isclose
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.engine import Value
from autograd.notation import SIGN, Term, Text
from autograd.render.dot import looks
from autograd.render.dot.labels import INK, RED, SHAFT, SIZE, Piece, escaped, gate, heading, pair, pair_width, spaced
from autograd.render.dot.looks import inches
from autograd.render.formula import formula
from autograd.render.graph.frames import Frames
from autograd.render.graph.operands import label, operands
from autograd.render.graph.repeats import Fold
from autograd.render.graph.snapshot import Arrow, Box, Snapshot, by_target
from autograd.render.graph.symbols import IS, Symbols
from autograd.render.text import DIFFERS, clean, differing, exact, number, shorten, width
from autograd.words import PictureWords

if TYPE_CHECKING:
    from graphviz import Digraph

_WIDEST_LABEL, _WIDEST_FOLD, _WIDEST_SYMBOL, _WIDEST_TITLE, _WIDEST_SUM = 16, 36, 10, 44, 16  # em
RANGE_DIGITS = 2
_MOST_SUMMANDS = 6


def title_of(snapshot: Snapshot) -> str:
    """The formulas of the outputs, or their labels where there is no room for formulas."""
    names = snapshot.symbols and snapshot.symbols.in_formulas
    formulas = [formula(root, _WIDEST_TITLE, names) for root in snapshot.roots]
    labels = [snapshot.label(root) for root in snapshot.roots]
    candidates = [", ".join(filter(None, texts)) for texts in (formulas, labels)]
    return next((text for text in candidates if width(text) <= _WIDEST_TITLE), "")


class Joint(NamedTuple):
    """Which boxes an arrow of the picture joins, by their names in the DOT text."""

    arrow: str
    tail: str
    head: str


class Drawn(NamedTuple):
    """A picture in the DOT language, and what belongs to it but not into the text."""

    dot: str
    tooltips: dict[str, str]
    """What a pointer shows, by the names of the boxes. (Versions of Graphviz differ in how they read backslashes and
    & in them.)"""
    shown: dict[str, tuple[str, str, str]]
    """What stands at each arrow: above it, below it, and the local derivative."""
    joints: list[Joint]
    """The arrows, in the order of the snapshot's; before those that start at a branch dot, the one that ends there."""


def dot_text(snapshot: Snapshot, title: str, words: PictureWords, digits: int) -> Drawn:
    """The whole picture in the DOT language: the same text for the same graph, in any process."""
    drawing = _Drawing(snapshot, words, digits)
    return Drawn(drawing.text(title), drawing.tooltips, drawing.shown, drawing.joints)


def hidden_text(snapshot: Snapshot, arrow: Arrow, words: PictureWords) -> str:
    """What stands in the box at a cut: `… 831 more values`."""
    found, are_more = snapshot.hidden(arrow)
    if found == 1 and not are_more:
        return words.one_more
    return (words.many_more if are_more else words.more).format(count=found)


class _Drawing:
    """One DOT text in the making."""

    def __init__(self, snapshot: Snapshot, words: PictureWords, digits: int) -> None:
        import graphviz  # here, so that programs that draw nothing do not wait for it

        self.snapshot, self.words, self.digits = snapshot, words, digits
        self.notation = Text(partial(number, digits=digits))
        self.graph = graphviz.Digraph("picture", graph_attr=looks.GRAPH, node_attr=looks.NODE, edge_attr=looks.EDGE)
        self.modules = Frames(snapshot)
        self.frames = {name: graphviz.Digraph(f"cluster{i}") for i, name in enumerate(self.modules.names)}
        self.names = {node: f"n{i}" for i, node in enumerate(snapshot.nodes)}
        boxes = {name: f"m{i}" for i, name in enumerate(snapshot.boxes)}
        self.names |= {node: boxes[name] for node in snapshot.home if (name := snapshot.box(node)) is not None}
        self.boxes = boxes
        self.starts: dict[Value, str] = {}
        self.homes: dict[str, Box | None] = {}
        self.tooltips: dict[str, str] = {}
        self.shown: dict[str, tuple[str, str, str]] = {}
        self.joints: list[Joint] = []
        self.placed: set[tuple[str, Box]] = set()
        self.pairs, self.clones, self.cuts = count(), count(), count()
        self.wide = max(pair_width(*self._numbers(arrow)) for arrow in snapshot.arrows)

    def text(self, title: str) -> str:
        label = heading(shorten(clean(title), _WIDEST_TITLE), self._legend())
        self.graph.attr("graph", label=label, ranksep=self._gap(), **(looks.FRAMED if self.frames else {}))
        for node in self.snapshot.nodes:
            self._draw_node(node)
        for name, box in self.boxes.items():
            self._draw_module(box, name)
        for i, root in enumerate(self.snapshot.roots):
            self._draw_output(f"out{i}", root)
        for target, arrows in by_target(self.snapshot.arrows):
            self._draw_arrows(target, arrows)
        return self._with_frames()

    def _gap(self) -> str:
        """Between columns, in inches: wide where arrows from one dot have to pass those from another."""
        fans = sorted(len(uses) for node, uses in self.snapshot.uses.items() if not self.snapshot.is_cloned(node))
        crossing = fans[-2] if len(fans) > 1 else 0
        return f"{min(looks.GAP + looks.WIDER * max(0, crossing - 2), looks.WIDEST_GAP):.2f}"

    def _with_frames(self) -> str:
        """Frames go before everything else: they would inherit what the graph has set, the heading too."""
        rest = self.graph.body[:]
        self.graph.body.clear()
        for name, frame in self.frames.items():
            shown = shorten(clean(name), _WIDEST_LABEL) if isinstance(name, str) else self._heading(name)
            frame.attr(**looks.FRAME, label=spaced(shown, SIZE * width(shown) + 8))
            self._align(frame, self.modules.first.get(name, []))
            self.graph.subgraph(frame)
        self.graph.body.extend(rest)
        return self.graph.source

    def _heading(self, fold: Fold) -> str:
        """Of the one of many that is drawn in a frame."""
        words = self.words.one_of if fold.name else self.words.last_turn
        return words.format(name=fold.name, count=fold.count)

    def _align(self, frame: "Digraph", nodes: list[Value]) -> None:
        """The leaves with which a frame begins stand below each other."""
        if len(nodes) > 1 and nodes[0].is_leaf:
            column = type(frame)(graph_attr={"rank": "same"})
            for node in nodes:
                column.node(self.names[node])
            frame.subgraph(column)

    # Nodes

    def _draw_node(self, node: Value) -> None:
        if not node.is_leaf:
            self._draw_operation(node)
        elif not self.snapshot.is_cloned(node):
            self._draw_leaf(self.names[node], node, self._home(node))

    def _draw_leaf(self, name: str, node: Value, home: Box | None, use: str = "") -> None:
        full, look = self._boxed(node), self.snapshot.kind(node)
        shown, wide = self._fitted(full)
        held = spaced(shown, wide + 2 * looks.CLEARANCE)
        styles = (looks.LEAF, looks.COLOURS[look], {"width": inches(wide)})
        self._add(name, f"leaf {look}", held, ", ".join(filter(None, (full, use))), *styles, home=home)

    def _boxed(self, leaf: Value) -> str:
        """The label, or the number; both where a picture with symbols gives a name."""
        name, shown = self.snapshot.label(leaf), number(leaf.data, self.digits)
        return f"{name} = {shown}" if name and not label(leaf) else name or shown

    def _draw_output(self, name: str, root: Value) -> None:
        full = self.snapshot.label(root) or self.words.output
        shown, wide = self._fitted(full)
        styles = (looks.OUTPUT, looks.COLOURS["output"], {"width": inches(wide)})
        self._add(name, "leaf output", _text(shown), full, *styles)

    def _draw_module(self, name: str, box: Box) -> None:
        if isinstance(box, Fold):
            self._draw_fold(name, box)
            return
        shown, wide = self._fitted(clean(box))
        self._add(name, "module", _text(shown), clean(box), looks.MODULE, {"width": inches(wide + 12)})

    def _draw_fold(self, name: str, fold: Fold) -> None:
        shown, wide = self._fitted(str(fold), _WIDEST_FOLD)
        size = sum(1 for node in self.snapshot.seen if self.snapshot.home.get(node) is fold)
        tooltip = self.words.alike.format(fold=fold, count=fold.count, nodes=size)
        colours = looks.COLOURS.get(fold.look, {})
        home = fold.frame if fold.frame in self.frames else None
        self._add(name, "module fold", _text(shown), tooltip, looks.MODULE, colours, {"width": inches(wide)}, home=home)

    @staticmethod
    def _fitted(text: str, widest: float = _WIDEST_LABEL) -> tuple[str, float]:
        """A label as a box shows it, and the width of the box in points."""
        shown = shorten(text, widest)
        return shown, max(looks.NARROWEST_BOX, SIZE * width(shown) + 20)

    def _draw_operation(self, node: Value) -> None:
        symbol, op = self._symbol(node), node.op
        tooltip = clean(f"{op.name}: {op.meaning}" if op.meaning else op.name)
        if len(symbol) == 1:
            look = {"shape": "circle", "width": inches(looks.CIRCLE), "fontsize": str(looks.SYMBOL_SIZE)}
        else:
            wide = max(looks.CIRCLE, looks.NAME_SIZE * width(symbol) + 18)
            look = {"shape": "box", "width": inches(wide), "fontsize": str(looks.NAME_SIZE)}
        self._add(self.names[node], "op", _text(symbol), tooltip, looks.OPERATION, look, home=self._home(node))

    def _symbol(self, node: Value) -> str:
        """The symbol of an operation, with the constant that is folded into it: `× 2`, `1 −`, `max(0, ·)`."""
        if node not in self.snapshot.folded:
            return shorten(clean(node.op.symbol), _WIDEST_SYMBOL)
        place = self.snapshot.folded[node]
        folded = operands(node)[place]
        name = shorten(label(folded), _WIDEST_SYMBOL)
        operand = self.notation.name(name) if name else self.notation.number(folded.data)
        return shorten(clean(self.notation.section(node.op, place, operand)), 2 * _WIDEST_SYMBOL)

    def _home(self, *nodes: Value | None) -> Box | None:
        """The frame that all of these are in."""
        homes = {None if node is None else self.snapshot.frame(node) for node in nodes}
        home = homes.pop() if len(homes) == 1 else None
        return home if home in self.frames else None

    def _add(
        self, name: str, role: str, shown: str, tooltip: str, *styles: dict[str, str], home: Box | None = None
    ) -> None:
        self.tooltips[name], self.homes[name] = tooltip, home
        look = {key: value for style in styles for key, value in style.items()}
        graph = self.graph if home is None else self.frames[home]
        graph.node(name, shown, **{"class": role}, **look)

    # Arrows

    def _draw_arrows(self, target: Value | None, arrows: list[Arrow]) -> None:
        """All that end at one node: the order of these lines is their order from top to bottom.

        From bottom to top in a frame, where Graphviz (2.43 to 14) forgets that the picture lies on its side.
        """
        home = self._home(target)
        ends = (self._draw_arrow(arrow, home) for arrow in arrows)
        look = looks.LAST if self.frames else {}
        for tail, head, style in ends if home is None else reversed(list(ends)):
            self.graph.edge(tail, head, **look, **style)

    def _draw_arrow(self, arrow: Arrow, home: Box | None) -> tuple[str, str, dict[str, str]]:
        """An arrow but for its last piece: that one's ends, and its look."""
        end = f"out{self.snapshot.place_of_root[arrow.source]}" if arrow.target is None else self.names[arrow.target]
        source, style = arrow.source, {"style": "dashed"} if arrow.hidden else {}
        if arrow.bundle:
            return self._draw_bundle(arrow, home), end, {}
        start = self._draw_cut(arrow, home) if arrow.hidden else self._start(source, home)
        if len(arrow.hidden) > 1:
            return start, end, style
        above, below, local = self._numbers(arrow)
        if start == self.names.get(source):
            above = self._named(source, above)
        middle = self._draw_pair(arrow, above, below, local, home=home)
        self.joints.append(Joint(middle, start, end))
        if home is None or self.homes[start] == home:
            self.graph.edge(start, f"{middle}:{SHAFT}:w", **looks.LINE, **style)
        else:
            self._enter(start, middle, home, arrow)
        return f"{middle}:{SHAFT}:e", end, {}

    def _draw_bundle(self, arrow: Arrow, home: Box | None) -> str:
        """Of several values: the least and the greatest, and the same of their gradients."""
        above, below, _ = self._numbers(arrow)
        name = f"v{next(self.pairs)}"
        self.shown[name] = above, below, ""
        tooltip = self.words.several.format(count=len(arrow.bundle))
        wide = max(self.wide, pair_width(above, below))
        self._add(name, "value", pair(above, below, wide), tooltip, looks.PAIR, home=home)
        self.graph.edge(self.names[arrow.source], f"{name}:{SHAFT}:w", **looks.LINE)
        return f"{name}:{SHAFT}:e"

    def _enter(self, start: str, middle: str, home: Box, arrow: Arrow) -> None:
        """A line into a frame: through a gate, which Graphviz keeps near the start and so at the frame's left."""
        name = f"g{middle}"
        self._add(name, "gate", gate(), "", looks.PAIR, home=home)
        self.graph.edge(start, f"{name}:{SHAFT}:w", **looks.LINE)
        self.graph.edge(f"{name}:{SHAFT}:e", f"{middle}:{SHAFT}:w", **looks.ENTRY)
        if arrow.source.is_leaf and arrow.target is not None:
            self._put_before(start, home, arrow.target)

    def _put_before(self, start: str, home: Box, target: Value) -> None:
        """An input of a frame stands left of it, wherever in the frame it is used."""
        firsts = self.modules.first.get(home, [])
        if not firsts:
            return
        is_there = any(node is first for first in firsts for node in (target, *operands(target)))
        if not is_there and (start, home) not in self.placed:
            self.placed.add((start, home))
            first = self.modules.start.get(target, firsts[0])
            steps = "1" if first.is_leaf else "3"  # between an operation and what comes in stand a gate and a pair
            self.graph.edge(start, self.names[first], **looks.BEFORE, minlen=steps)

    def _start(self, source: Value, home: Box | None) -> str:
        """Where an arrow starts: a leaf that is drawn once per use is drawn now, in its frame or where it is used."""
        if self.snapshot.is_cloned(source):
            name = f"{self.names[source]}c{next(self.clones)}"
            own = self._home(source)
            self._draw_leaf(name, source, home if own is None else own, self._use(source))
            return name
        if source not in self.starts:
            self.starts[source] = self._draw_trunk(source)
        return self.starts[source]

    def _use(self, node: Value) -> str:
        """For the tooltip: which use this is, of how many, and the gradient of all of them together."""
        uses, drawn = len(self.snapshot.uses[node]), f"{self.names[node]}c"
        before = sum(1 for name in self.tooltips if name.startswith(drawn))
        text = self.words.clone.format(number=before + 1, uses=uses)
        total = self.snapshot.total(node)
        return text if total is None else f"{text}, {self.words.gradient} {exact(total)}"

    def _draw_cut(self, arrow: Arrow, home: Box | None) -> str:
        """What is not drawn is a dashed box; several operands that are not drawn share one, without numbers."""
        text, name = hidden_text(self.snapshot, arrow, self.words), f"h{next(self.cuts)}"
        wide = inches(looks.CUT_SIZE * width(text) + 20)
        self._add(name, "cut", _text(text), text, looks.CUT, {"width": wide}, home=home)
        return name

    def _draw_trunk(self, node: Value) -> str:
        """Where the arrows of a node start: at the node, or at a branch dot after an arrow with the total."""
        name, uses = self.names[node], self.snapshot.uses[node]
        if len(uses) == 1:
            return name
        trunk = Arrow(node, None, self.snapshot.total(node), right=self.snapshot.numbers.right_gradient(node))
        above, below, _ = self._numbers(trunk, first=True)
        home = self._home(node, *(arrow.target for arrow in uses))
        summed = self._summed(trunk, below, uses)
        middle = self._draw_pair(trunk, self._named(node, above), summed, home=home)
        branch = f"b{name}" if self.snapshot.box(node) is None else f"b{middle}"  # of a box there may be several
        inside = (
            home if node.is_leaf else self._home(*(arrow.target for arrow in uses))
        )  # one line into a frame will do
        room = spaced("", looks.DOT_ROOM * (2 + len(uses)), looks.DOT_HEIGHT)
        self._add(branch, "branch", room, self.words.branch, looks.DOT, home=inside)
        self.joints.append(Joint(middle, name, branch))
        self.graph.edge(name, f"{middle}:{SHAFT}:w", **looks.LINE)
        self.graph.edge(f"{middle}:{SHAFT}:e", branch, **looks.LINE)
        return branch

    def _draw_pair(self, arrow: Arrow, above: str, below: str, local: str = "", home: Box | None = None) -> str:
        name, words = f"v{next(self.pairs)}", self.words
        tooltip = f"{words.value} {exact(arrow.source.data)}"
        if below:
            tooltip += f", {words.gradient} {exact(arrow.gradient)}"
            if arrow.right is not None:
                tooltip += f"{DIFFERS}{exact(arrow.right)}"
        if local:
            tooltip += f", {words.local} {exact(arrow.local)}"
        self.shown[name] = above, below, local
        wide = max(self.wide, pair_width(above, below, local))
        self._add(name, "value", pair(above, below, wide, local), tooltip, looks.PAIR, home=home)
        return name

    def _numbers(self, arrow: Arrow, first: bool = False) -> tuple[str, str, str]:
        """What stands at an arrow: the value, the gradient and the local derivative.

        Args:
            first: whether this is the arrow before a branch dot.
        """
        if arrow.bundle:
            gradients = [each.gradient for each in arrow.bundle]
            below = "" if None in gradients else self._range(gradients)
            return self._range([each.source.data for each in arrow.bundle]), below, ""
        is_first = first or len(self.snapshot.uses.get(arrow.source, ())) < 2
        right = self.snapshot.numbers.right_value(arrow.source) if is_first else None
        above, constant = (
            differing(arrow.source.data, right, self.digits),
            self.snapshot.kind(arrow.source) == "constant",
        )
        if constant:
            return above, "", ""
        below = "" if arrow.gradient is None else differing(arrow.gradient, arrow.right, self.digits)
        local = "" if arrow.local is None else self.notation.number(arrow.local)
        if self.snapshot.symbols is not None and not arrow.hidden:
            return (above, *self._in_symbols(self.snapshot.symbols, arrow, below, local and local.text))
        return above, below, local and f"×{self.notation.held(local, SIGN, after_sign=True)}"

    def _in_symbols(self, symbols: Symbols, arrow: Arrow, below: str, local: str) -> tuple[str, str]:
        """The gradient and the local derivative, each as a symbol and, where there is one, its number."""
        uses = self.snapshot.uses[arrow.source]
        use = next((i for i, each in enumerate(uses) if each is arrow), None) if len(uses) > 1 else None
        gradient, down = symbols.gradient(arrow.source, use), ""
        if arrow.target is not None and self.snapshot.box(arrow.target) is None:
            down = symbols.local(arrow.target, arrow.source, use)
            down = f"× {down}" if below else down
        return _equals(gradient, below) if below else "", _equals(down, local)

    def _range(self, numbers: Sequence[Any]) -> str:
        """`−0.98 … 0.97`; one number where all are the same."""
        ends = [number(x, min(self.digits, RANGE_DIGITS)) for x in (min(numbers), max(numbers))]
        return " … ".join(dict.fromkeys(ends))

    def _named(self, node: Value, above: str) -> str:
        """The label of a node between inputs and outputs has no box to stand in: it goes before the value."""
        name = self.snapshot.label(node)
        if name and not node.is_leaf and node not in self.snapshot.place_of_root:
            return f"{shorten(name, _WIDEST_LABEL)} = {above}"
        return above

    def _summed(self, trunk: Arrow, shown: str, uses: list[Arrow]) -> str:
        """`7 = 3+3+1`, and `1 ≠ 1+1` of another engine; the total alone where the summands are too many to read, or
        where some are not drawn."""
        shares = [arrow.gradient for arrow in uses]
        if not shown or len(uses) > _MOST_SUMMANDS or None in shares:
            return shown
        terms = [self.notation.number(share) for share in shares]
        total, is_right = shown.split(DIFFERS)[0], trunk.right is None
        is_whole = isclose(sum(shares), trunk.gradient if is_right else trunk.right, rel_tol=1e-9, abs_tol=1e-300)
        terms += [] if is_whole else [Term(self.notation.more)]
        text = f"{total}{' = ' if is_right else DIFFERS}{self.notation.sum(terms, space='').text}"
        symbol = width(total) - width(number(trunk.gradient, self.digits))
        return text if width(text) - symbol <= _WIDEST_SUM else shown

    # Legend

    def _legend(self) -> list[Piece]:
        snapshot, words = self.snapshot, self.words
        pieces = [(words.above, INK)]
        used_often = [node for node in snapshot.nodes if len(snapshot.uses[node]) > 1]
        if snapshot.shows_gradients:
            pieces.append((self._below(), RED))
        if snapshot.shows_local or snapshot.symbols:
            pieces.append((words.local_below, INK))
        if snapshot.shows_gradients:
            if any(snapshot.kind(node) != "constant" and not snapshot.is_cloned(node) for node in used_often):
                pieces.append((words.branch, RED))
            if any(map(snapshot.is_cloned, used_often)):
                pieces.append((words.clones, RED))
        if snapshot.folds:
            pieces.append((words.fold, INK))
        for note, places in snapshot.numbers.notes:
            pieces.append((words.theirs[note].format(count=places), INK))
            if note == "differs" and (snapshot.boxes or snapshot.is_cut):
                pieces.append((words.theirs["listed"], INK))
        kinds = [look for look in words.kinds if any(snapshot.kind(node) == look for node in snapshot.nodes)]
        if len(kinds) > 1:
            pieces += [(f"■ {words.kinds[look]}", looks.COLOURS[look]["color"]) for look in kinds]
        return pieces

    def _below(self) -> str:
        """Says of what the gradients are derivatives, where they are: of one output, with the seed 1."""
        roots = self.snapshot.roots
        if len(roots) == 1 and self.snapshot.numbers.gradient(roots[0]) == 1:
            return self.words.below_for.format(root=shorten(self.snapshot.label(roots[0]) or self.words.output, 10))
        return self.words.below


def _text(text: str) -> str:
    """A label that is nothing but this text."""
    return f"<{escaped(text)}>" if text else ""


def _equals(symbol: str, shown: str) -> str:
    """`∂y/∂x = 7`, or what there is of it."""
    return IS.join(filter(None, (symbol, shown)))
