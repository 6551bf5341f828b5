"""Modules: parts of a graph that have a name, and are drawn in a frame or, collapsed, as one box."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograd.engine import Value, constant
from autograd.operation import parameter
from autograd.render.graph.operands import operands


@dataclass(frozen=True)
class Modules:
    """What a user says of modules: which nodes belong to which, and which of them are one box."""

    of: Mapping[Value, str] = field(default_factory=dict)
    collapsed: Collection[str] = ()
    parameters: Collection[Value] = ()

    @property
    def names(self) -> Collection[str]:
        """Of the modules."""
        return set(self.of.values())

    def spread(self, nodes: Sequence[Value], roots: Iterable[Value]) -> dict[Value, str]:
        """The module of every node that has one.

        A module takes in what leads to its nodes alone, so naming its outputs is enough. Inputs stay outside, for
        they are given to a module and are no part of it; its parameters and constants are.

        Args:
            nodes: in topological order.
        """
        home: dict[Value, str] = {node: self.of[node] for node in nodes if node in self.of}
        asked: dict[Value, set[str | None]] = {node: set() for node in nodes}
        for root in roots:
            asked[root].add(None)
        for node in reversed(nodes):
            if node not in home and self._may_join(node) and len(asked[node]) == 1:
                (name,) = asked[node]
                if name is not None:
                    home[node] = name
            for x in operands(node):
                if x in asked:
                    asked[x].add(home.get(node))
        return home

    def _may_join(self, node: Value) -> bool:
        return not node.is_leaf or node.op is constant or self.learns(node)

    def learns(self, leaf: Value) -> bool:
        """Whether it is a parameter: of a model that says so itself, or of the user's choice."""
        return leaf.op is parameter or leaf in self.parameters
