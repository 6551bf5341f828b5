"""The graph as it is now: which nodes are drawn, their arrows, and what flows back along each arrow.

Of a graph that is drawn whole, the numbers come from a reverse sweep of our own. Of a graph that is cut, a sweep
would have to walk all of it; there they come from `.grad`, which is the same number for every node between leaves
and outputs, as long as `backward` was last called on the outputs that are drawn.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from autograd.engine import Value, constant
from autograd.render.graph.modules import Modules
from autograd.render.graph.nearest import behind, in_order, nearest
from autograd.render.graph.numbers import OURS, Numbers
from autograd.render.graph.operands import kind, label, operands, shown_as
from autograd.render.graph.repeats import Fold, folds
from autograd.render.graph.symbols import Symbols
from autograd.sweep import adjoints, slopes

SMALL = 30
"""Up to so many nodes every constant has a box, and every leaf one box alone."""

_MOST_COUNTED = 100_000  # nodes behind a cut; there may be any number
_FEWEST_COUNTED = 1_000
_MOST_SWEPT = 20_000  # nodes, for what the steps of a page say of one module


Box = str | Fold
"""What is one box or stands in one frame: a module, by its name, or what repeats."""


@dataclass(frozen=True)
class Arrow:
    """One use of a node: by an operation, or as an output."""

    source: Value
    target: Value | None
    """The node that the operation made; None for the box of an output."""
    gradient: Any
    """What flows back along this arrow alone; None where no gradient is shown."""
    local: Any = None
    """The derivative of `target` with respect to this operand; None where it is not shown or there is none."""
    hidden: tuple[Value, ...] = ()
    """At a cut: the operands, of which `source` is the first, that are not drawn and for which this arrow stands."""
    bundle: tuple["Arrow", ...] = ()
    """From one box to another: the arrows for which this one stands, if they are several, and so have no one number."""
    right: Any = None
    """What should flow back along it, where another engine has a wrong number."""

    @property
    def is_single(self) -> bool:
        """Whether it is the arrow of one value, whose numbers stand at it."""
        return len(self.hidden) < 2 and not self.bundle


def by_target(arrows: Iterable[Arrow]) -> Iterator[tuple[Value | None, list[Arrow]]]:
    """Arrows that come one after the other and end at the same node."""
    for _, group in groupby(arrows, key=lambda arrow: id(arrow.target)):
        together = list(group)
        yield together[0].target, together


class Snapshot:
    """Everything a picture is made of. Reads the graph once and changes nothing in it.

    Args:
        roots: the outputs.
        grads: True, False, or "auto" for gradients exactly if `backward` has run.
        most: how many nodes are drawn; all if None.
        modules: the parts that have a name, and those drawn as one box.
        clone: whether a leaf is drawn once per use; "auto" in graphs that are not small.
        fold: whether constants stand in the circle of their operation; "auto" in graphs that are not small.
        repeats: whether what repeats is folded into boxes; "auto" in graphs of more than `most` nodes.
        expand: the names of boxes of which one is drawn, as `names` has them.
        local: whether arrows carry the local derivative.
        symbolic: whether they carry it as a symbol, and every node has a name.
        numbers: whose they are.
    """

    def __init__(
        self,
        roots: Sequence[Value],
        grads: bool | str = "auto",
        *,
        most: int | None = None,
        modules: Modules | None = None,
        clone: bool | str = "auto",
        fold: bool | str = "auto",
        repeats: bool | str = False,
        expand: Collection[str] = (),
        local: bool = False,
        symbolic: bool = False,
        numbers: Numbers = OURS,
    ) -> None:
        self.modules, self.shows_local, self.numbers = modules or Modules(), local, numbers
        self.roots = tuple(dict.fromkeys(map(shown_as, roots)))[:most]
        self.place_of_root = {root: i for i, root in enumerate(self.roots)}
        self._choose_nodes(most, repeats, expand)
        self.shows_gradients = numbers.have_run(self.roots) if grads == "auto" else bool(grads)
        large = self.many > SMALL
        self.clones = large if clone == "auto" else bool(clone)
        self.symbols = Symbols(self.seen, self.roots) if symbolic else None
        folds = large if fold == "auto" else bool(fold)
        self.folded = {node: i for node in self.seen if (i := _foldable(node)) is not None} if folds else {}

    def _choose_nodes(self, most: int | None, repeats: bool | str, expand: Collection[str]) -> None:
        limit = math.inf if most is None else most
        boxes: dict[Value, Box] = {}
        if self.modules.collapsed:
            homes = self.modules.spread(self._near(), self.roots)
            boxes = {node: name for node, name in homes.items() if name in self.modules.collapsed}
        self._show(limit, boxes)
        self.folds: dict[Value, Fold] = {}
        if repeats is True or (repeats == "auto" and (self._cuts() or expand)):
            near = self._near()
            fixed = self.modules.spread(near, self.roots) if self.modules.of else {}
            self.folds = folds(near, self.roots, {**fixed, **boxes}, self.modules.parameters, expand)
            closed = {node: fold for node, fold in self.folds.items() if fold.is_box}
            self._show(limit, {**closed, **boxes}, set(near) if closed else None)
        homes = self.modules.spread(self.seen, self.roots) if self.modules.of else {}
        self.home: dict[Value, Box] = {**self.folds, **homes, **boxes}

    def _near(self) -> list[Value]:
        return in_order(self.roots, nearest(self.roots, _MOST_COUNTED))

    def _show(self, limit: float, boxes: Mapping[Value, Box], within: Set[Value] | None = None) -> None:
        self.folded: dict[Value, int] = {}
        self._shown = nearest(self.roots, limit, boxes, within)
        self.seen = in_order(self.roots, self._shown)
        self.many = len({boxes.get(node, node) for node in self.seen})

    # What is drawn

    def box(self, node: Value) -> Box | None:
        """What is drawn as one box and has the node in it: a collapsed module, or what is alike."""
        box = self.home.get(node)
        closed = box.is_box if isinstance(box, Fold) else box in self.modules.collapsed
        return box if closed else None

    def frame(self, node: Value) -> Box | None:
        """The frame that a node or its box stands in."""
        home = self.home.get(node)
        return home.frame if isinstance(home, Fold) and home.is_box else home

    @cached_property
    def nodes(self) -> list[Value]:
        """The nodes that are drawn by themselves, in topological order."""
        drawn = {arrow.source for arrow in self.arrows} | {arrow.target for arrow in self.arrows}
        return [node for node in self.seen if node in drawn and self.box(node) is None]

    @cached_property
    def boxes(self) -> list[Box]:
        """The collapsed modules, and what else is one box."""
        return list(dict.fromkeys(name for node in self.seen if (name := self.box(node)) is not None))

    @cached_property
    def names(self) -> list[str]:
        """By which boxes of what is alike can be told apart."""
        return list(dict.fromkeys(sorted((f.name for f in self.folds.values() if f.name), key=lambda n: (len(n), n))))

    @cached_property
    def arrows(self) -> list[Arrow]:
        """Every arrow that is drawn, consumer by consumer, operands in order; the outputs' last."""
        recorded = self._arrows_with_gradients() if self.shows_gradients else self._arrows()
        arrows: dict[Any, Arrow] = {}
        for i, arrow in enumerate(recorded):
            home = None if arrow.target is None else self.box(arrow.target)
            if home is None:
                arrows[i] = arrow
            elif self.box(arrow.source) != home:  # all uses of a node by one box are one arrow
                key = (home, None if arrow.hidden else arrow.source)
                arrows[key] = _joined(arrows[key], arrow) if key in arrows else _joined(arrow)
        return self._bundled(list(arrows.values())) if self.folds else list(arrows.values())

    def _bundled(self, arrows: list[Arrow]) -> list[Arrow]:
        """Those from what is alike in one box to another box are one."""
        bundles: dict[Any, list[Arrow]] = {}
        for i, arrow in enumerate(arrows):
            ends = [None if arrow.target is None else self.box(arrow.target), self.box(arrow.source)]
            is_inner = not arrow.hidden and isinstance(ends[1], Fold) and ends[0] is not None
            bundles.setdefault((*ends,) if is_inner else i, []).append(arrow)
        return [each[0] if len(each) == 1 else _bundle(each) for each in bundles.values()]

    @cached_property
    def uses(self) -> dict[Value, list[Arrow]]:
        """The arrows that start at each node."""
        uses: dict[Value, list[Arrow]] = {node: [] for node in self.seen}
        for arrow in self.arrows:
            if not arrow.hidden and not arrow.bundle:
                uses[arrow.source].append(arrow)
        return uses

    def is_cloned(self, node: Value) -> bool:
        """Whether a leaf is drawn once per use; not one whose uses do not add up to what it has."""
        is_used_often = self.clones and node.is_leaf and len(self.uses[node]) > 1
        return is_used_often and self.numbers.right_gradient(node) is None

    def kind(self, node: Value) -> str:
        """Which sort of thing a node is drawn as."""
        return "parameter" if node.is_leaf and self.modules.learns(node) else kind(node)

    def label(self, node: Value) -> str:
        """The label of a node, or the name that it has in a picture with symbols."""
        return self.symbols.name(node) if self.symbols and self.symbols.is_own(node) else label(node)

    # What stands at the arrows

    def _arrows(self) -> list[Arrow]:
        inner = [arrow for node in self.seen for arrow in self._into(node, None)]
        return inner + [Arrow(root, None, None) for root in self.roots]

    def _arrows_with_gradients(self) -> list[Arrow]:
        """The arrows, after a reverse sweep of our own where the whole graph is drawn, and is ours.

        `.grad` would not do: leaves keep the sum over all calls of `backward`, and a node may also feed an
        output that is not drawn. Only the roots' gradients are taken from the graph; so all numbers agree.
        """
        numbers = self.numbers
        self._arriving = arriving = dict[Value, Any].fromkeys(self.seen, 0)
        inner: dict[Value, list[Arrow]] = {}
        outputs: dict[Value, Arrow] = {}
        for node in reversed(self.seen):
            if node in self.place_of_root:
                outputs[node] = Arrow(node, None, _rest(numbers.gradient(node), arriving[node]))
            if node in self.place_of_root or numbers.theirs or (self.is_cut and not node.is_leaf):
                arriving[node] = numbers.gradient(node)
            inner[node] = self._into(node, numbers.passed_on(node, arriving[node]))
            for arrow in inner[node]:
                if not arrow.hidden and arrow.gradient is not None:
                    arriving[arrow.source] += arrow.gradient
        return [arrow for node in self.seen for arrow in inner[node]] + [outputs[root] for root in self.roots]

    def _into(self, node: Value, passed: Sequence[Any] | None) -> list[Arrow]:
        """The arrows that end at a node; those from operands behind a cut are one arrow."""
        arrows: list[Arrow] = []
        inputs = operands(node)
        locals_ = _local_derivatives(node) if self.shows_local and inputs else None
        hidden = self._hidden_inputs(node)
        cut = next((i for i, x in enumerate(inputs) if hidden and x is hidden[0]), None)
        for i, x in enumerate(inputs):
            if i == cut and len(hidden) > 1:
                arrows.append(Arrow(x, node, None, None, hidden))
            elif (x in self._shown and i != self.folded.get(node)) or i == cut:
                right = self.numbers.right_share(node, i) if passed else None
                behind_cut = hidden if i == cut else ()
                arrows.append(Arrow(x, node, passed and passed[i], locals_ and locals_[i], behind_cut, right=right))
        return arrows

    def total(self, node: Value) -> Any:
        """What flows back into `node` from all its uses together; None where no gradient is shown."""
        if not self.shows_gradients:
            return None
        if self.is_cut or self.numbers.theirs:
            return self.numbers.gradient(node)
        if self.folds:
            _ = self.arrows  # that is when it is computed
            return self._arriving[node]
        return sum(arrow.gradient for arrow in self.uses[node])

    # What is inside of a box

    def ways(self, arrow: Arrow) -> tuple[tuple[Value, Any], ...]:
        """For an arrow into a collapsed module: each output of the module that is drawn, and its derivative with
        respect to the arrow's source. Empty where they are too many, or do not exist."""
        name = None if arrow.target is None or arrow.hidden else self.box(arrow.target)
        found = {} if name is None else self._slopes[name]
        return tuple((output, slopes[arrow.source]) for output, slopes in found.items() if arrow.source in slopes)

    @cached_property
    def _slopes(self) -> dict[Box, dict[Value, dict[Value, Any]]]:
        return {name: self._slopes_of(name) for name in self.boxes}

    def _slopes_of(self, name: Box) -> dict[Value, dict[Value, Any]]:
        inside = [node for node in self.seen if self.box(node) == name]
        outputs = [node for node in inside if self.uses[node]]
        if len(outputs) * len(inside) > _MOST_SWEPT:
            return {}
        try:
            return {output: adjoints(output, within=inside) for output in outputs}
        except (ValueError, ArithmeticError):
            return {}

    # What is not drawn

    @cached_property
    def is_cut(self) -> bool:
        """Whether there are nodes that are not drawn."""
        return self._cuts()

    def _cuts(self) -> bool:
        return any(map(self._hidden_inputs, self.seen))

    def _hidden_inputs(self, node: Value) -> tuple[Value, ...]:
        folded = self.folded.get(node)
        return tuple([x for i, x in enumerate(operands(node)) if x not in self._shown and i != folded])

    @cached_property
    def count(self) -> tuple[int, bool]:
        """How many nodes the graph has, and whether there are more, which were not counted."""
        sources = (x for node in self.seen for x in operands(node))
        hidden = behind(sources, self._shown, _MOST_COUNTED)
        return (_MOST_COUNTED, True) if hidden == _MOST_COUNTED else (len(self.seen) + hidden, False)

    def hidden(self, arrow: Arrow) -> tuple[int, bool]:
        """How many nodes lie behind an arrow from a cut, and whether there are more, which were not counted."""
        cuts = sum(1 for each in self.arrows if each.hidden)
        most = _MOST_COUNTED
        while most > max(_FEWEST_COUNTED, _MOST_COUNTED // cuts):
            most //= 10
        most = max(most, _FEWEST_COUNTED)
        found = behind(arrow.hidden, self._shown, most)
        return found, found == most


def _foldable(node: Value) -> int | None:
    """Which of two operands is a constant that can stand in the circle with the symbol."""
    constants = [x.is_leaf and x.op is constant for x in operands(node)]
    return constants.index(True) if len(constants) == 2 and constants.count(True) == 1 else None


def _joined(*arrows: Arrow) -> Arrow:
    """Arrows from one node into one box, as one that carries their sum."""
    shares = [arrow.gradient for arrow in arrows]
    hidden = tuple(dict.fromkeys(x for arrow in arrows for x in arrow.hidden))
    gradient = None if None in shares or len(hidden) > 1 else sum(shares)
    is_wrong = gradient is not None and any(arrow.right is not None for arrow in arrows)
    right = sum(arrow.gradient if arrow.right is None else arrow.right for arrow in arrows) if is_wrong else None
    return Arrow(arrows[0].source, arrows[0].target, gradient, None, hidden, right=right)


def _bundle(arrows: Sequence[Arrow]) -> Arrow:
    return Arrow(arrows[0].source, arrows[0].target, None, None, (), tuple(arrows))


def _local_derivatives(node: Value) -> Sequence[Any]:
    return slopes(node.op, node.data, [x.data for x in node.inputs])


def _rest(total: Any, shares: Any) -> Any:
    """`total` less what the other uses account for; rounding left over from the subtraction is none."""
    rest = total - shares
    return 0 if abs(rest) * 10**9 < abs(total) else rest
