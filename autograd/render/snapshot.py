"""The graph as it is now: which nodes are drawn, their arrows, and what flows back along each arrow.

Of a graph that is drawn whole, the numbers come from a reverse sweep of our own. Of a graph that is cut, a sweep
would have to walk all of it; there they come from `.grad`, which is the same number for every node between leaves
and outputs, as long as `backward` was last called on the outputs that are drawn.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from autograd.engine import Value, constant, gradient_of
from autograd.render.modules import Modules
from autograd.render.nearest import behind, in_order, nearest
from autograd.render.operands import operands, shown_as
from autograd.render.text import clean
from autograd.sweep import adjoints, passed_on, slopes

SMALL = 30
"""Up to so many nodes every constant has a box, and every leaf one box alone."""

_MOST_COUNTED = 100_000  # nodes behind a cut; there may be any number
_FEWEST_COUNTED = 1_000
_MOST_SWEPT = 20_000  # nodes, for what the steps of a page say of one module


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
        local: whether arrows carry the local derivative.
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
        local: bool = False,
    ) -> None:
        self.modules, self.shows_local = modules or Modules(), local
        self.roots = tuple(dict.fromkeys(map(shown_as, roots)))[:most]
        self.place_of_root = {root: i for i, root in enumerate(self.roots)}
        self._choose_nodes(most)
        self.shows_gradients = any(gradient_of(root) for root in self.roots) if grads == "auto" else bool(grads)
        large = len(self.seen) > SMALL
        self.clones = large if clone == "auto" else bool(clone)
        folds = large if fold == "auto" else bool(fold)
        self.folded = {node: i for node in self.seen if (i := _foldable(node)) is not None} if folds else {}

    def _choose_nodes(self, most: int | None) -> None:
        limit = math.inf if most is None else most
        collapsed: dict[Value, str] = {}
        if self.modules.collapsed:
            near = in_order(self.roots, nearest(self.roots, _MOST_COUNTED))
            homes = self.modules.spread(near, self.roots)
            collapsed = {node: name for node, name in homes.items() if name in self.modules.collapsed}
        self._shown = nearest(self.roots, limit, collapsed)
        self.seen = in_order(self.roots, self._shown)
        self.home = {**self.modules.spread(self.seen, self.roots), **collapsed} if self.modules.of else {}

    # What is drawn

    def box(self, node: Value) -> str | None:
        """The collapsed module that a node is inside of."""
        name = self.home.get(node)
        return name if name in self.modules.collapsed else None

    @cached_property
    def nodes(self) -> list[Value]:
        """The nodes that are drawn by themselves, in topological order."""
        drawn = {arrow.source for arrow in self.arrows} | {arrow.target for arrow in self.arrows}
        return [node for node in self.seen if node in drawn and self.box(node) is None]

    @cached_property
    def boxes(self) -> list[str]:
        """The collapsed modules that are drawn."""
        return list(dict.fromkeys(name for node in self.seen if (name := self.box(node)) is not None))

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
        return list(arrows.values())

    @cached_property
    def uses(self) -> dict[Value, list[Arrow]]:
        """The arrows that start at each node."""
        uses: dict[Value, list[Arrow]] = {node: [] for node in self.seen}
        for arrow in self.arrows:
            if not arrow.hidden:
                uses[arrow.source].append(arrow)
        return uses

    def is_cloned(self, node: Value) -> bool:
        """Whether a leaf is drawn once per use."""
        return self.clones and node.is_leaf and len(self.uses[node]) > 1

    def kind(self, node: Value) -> str:
        """Which sort of thing a node is drawn as."""
        return "parameter" if node in self.modules.parameters and node.is_leaf else kind(node)

    # What stands at the arrows

    def _arrows(self) -> list[Arrow]:
        inner = [arrow for node in self.seen for arrow in self._into(node, None)]
        return inner + [Arrow(root, None, None) for root in self.roots]

    def _arrows_with_gradients(self) -> list[Arrow]:
        """The arrows, after a reverse sweep of our own where the whole graph is drawn.

        `.grad` would not do: leaves keep the sum over all calls of `backward`, and a node may also feed an
        output that is not drawn. Only the roots' gradients are taken from the graph; so all numbers agree.
        """
        arriving: dict[Value, Any] = dict.fromkeys(self.seen, 0)
        inner: dict[Value, list[Arrow]] = {}
        outputs: dict[Value, Arrow] = {}
        for node in reversed(self.seen):
            if node in self.place_of_root:
                outputs[node] = Arrow(node, None, _rest(gradient_of(node), arriving[node]))
            if node in self.place_of_root or (self.is_cut and not node.is_leaf):
                arriving[node] = gradient_of(node)
            inner[node] = self._into(node, _passed_on(node, arriving[node]))
            for arrow in inner[node]:
                if not arrow.hidden:
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
                arrows.append(Arrow(x, node, passed and passed[i], locals_ and locals_[i], hidden if i == cut else ()))
        return arrows

    def total(self, node: Value) -> Any:
        """What flows back into `node` from all its uses together; None where no gradient is shown."""
        if not self.shows_gradients:
            return None
        return gradient_of(node) if self.is_cut else sum(arrow.gradient for arrow in self.uses[node])

    # What is inside of a box

    def ways(self, arrow: Arrow) -> tuple[tuple[Value, Any], ...]:
        """For an arrow into a collapsed module: each output of the module that is drawn, and its derivative with
        respect to the arrow's source. Empty where they are too many, or do not exist."""
        name = None if arrow.target is None or arrow.hidden else self.box(arrow.target)
        found = {} if name is None else self._slopes[name]
        return tuple((output, slopes[arrow.source]) for output, slopes in found.items() if arrow.source in slopes)

    @cached_property
    def _slopes(self) -> dict[str, dict[Value, dict[Value, Any]]]:
        return {name: self._slopes_of(name) for name in self.boxes}

    def _slopes_of(self, name: str) -> dict[Value, dict[Value, Any]]:
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


def kind(node: Value) -> str:
    """Which sort of thing a node is by itself: an operation, an input or a constant."""
    if not node.is_leaf:
        return "operation"
    return "constant" if node.op is constant else "input"


def label(node: Value) -> str:
    """The label as pictures show it; empty where there is none."""
    return "" if node.label is None else clean(str(node.label))


def _foldable(node: Value) -> int | None:
    """Which of two operands is a constant that can stand in the circle with the symbol."""
    constants = [x.is_leaf and x.op is constant for x in operands(node)]
    return constants.index(True) if len(constants) == 2 and constants.count(True) == 1 else None


def _joined(*arrows: Arrow) -> Arrow:
    """Arrows from one node into one box, as one that carries their sum."""
    shares = [arrow.gradient for arrow in arrows]
    hidden = tuple(dict.fromkeys(x for arrow in arrows for x in arrow.hidden))
    gradient = None if None in shares or len(hidden) > 1 else sum(shares)
    return Arrow(arrows[0].source, arrows[0].target, gradient, None, hidden)


def _passed_on(node: Value, g: Any) -> Sequence[Any]:
    try:
        return passed_on(node, g)
    except (ValueError, ArithmeticError) as error:
        raise ValueError(
            f"draw: the gradient that {node.op.name} passes back cannot be computed ({error}); have numbers changed "
            "since backward()? Call forward() and backward() again, or draw with grads=False."
        ) from error


def _local_derivatives(node: Value) -> Sequence[Any]:
    return slopes(node.op, node.data, [x.data for x in node.inputs])


def _rest(total: Any, shares: Any) -> Any:
    """`total` less what the other uses account for; rounding left over from the subtraction is none."""
    rest = total - shares
    return 0 if abs(rest) * 10**9 < abs(total) else rest
