"""What nodes are called in formulas: by their labels, and where labels collide by numbers behind them, `w₁ (2)`.

So nothing that is written of a graph has one name for two things.
"""

from collections.abc import Iterable, Mapping

from autograd.engine import Value
from autograd.notation import Term, Text
from autograd.render.graph.operands import label
from autograd.render.text import shorten


class Names:
    """The names of the labelled nodes of a graph, each of one node alone.

    Args:
        nodes: in the order in which those of one label are numbered.
        way: as text or as LaTeX; labels that differ as text, x1 and x₁, may be the same in LaTeX.
        widest: how much of a label is written, in em.
        given: names of nodes without a label.
    """

    def __init__(
        self, nodes: Iterable[Value], way: Text, widest: float, given: Mapping[Value, str] | None = None
    ) -> None:
        self.way = way
        alike: dict[str, list[Value]] = {}
        for node in nodes:
            if shown := shorten(label(node), widest) or (given or {}).get(node):
                alike.setdefault(way.name(shown).text, []).append(node)
        self._names = {those[0]: name for name, those in alike.items() if len(those) == 1}
        self._of_several: dict[Value, str] = {}
        for name, those in alike.items():
            if len(those) > 1:  # a label with a number in brackets is in quotation marks, and so none of these
                self._of_several |= {node: way.told_apart(name, i) for i, node in enumerate(those, 1)}
        self.told_apart: dict[Value, str] = {}
        """Those of a label that others have too, as far as their names have been asked for."""

    def of(self, node: Value) -> str:
        """Its name; empty where it has none."""
        if node in self._of_several:
            self.told_apart[node] = self._of_several[node]
        return self._names.get(node) or self._of_several.get(node, "")

    def has_others(self, node: Value) -> bool:
        """Whether other nodes have its label too."""
        return node in self._of_several

    def term(self, node: Value) -> Term | None:
        """Its name as a part of a formula."""
        name = self.of(node)
        return Term(name) if name else None
