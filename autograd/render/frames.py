"""Where the frames of modules begin, so that what comes into one can be led to its left side."""

from collections.abc import Iterable

from autograd.engine import Value
from autograd.render.operands import operands
from autograd.render.snapshot import Snapshot


class Frames:
    """The frames of a picture.

    Args:
        snapshot: what is drawn; its modules that are not one box each have frames.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._nodes = [node for node in snapshot.nodes if node in snapshot.home and not snapshot.is_cloned(node)]
        self._home = {node: snapshot.home[node] for node in self._nodes}
        self._onward = {
            node: self._mates(node, (arrow.target for arrow in snapshot.uses[node])) for node in self._nodes
        }
        self.names = list(dict.fromkeys(snapshot.home[node] for node in snapshot.nodes if node in snapshot.home))
        self.first = self._firsts()
        """By frame, the nodes from which the longest ways lead through it; leaves, if there are any among them."""
        self.start = self._starts()
        """For each node in a frame, which of these is nearest: one that leads to it, or else meets it further on."""

    def _mates(self, node: Value, others: Iterable[Value | None]) -> list[Value]:
        return [x for x in others if x is not None and x in self._home and self._home[x] == self._home[node]]

    def _firsts(self) -> dict[str, list[Value]]:
        far: dict[Value, int] = {}
        inside: dict[str, list[Value]] = {}
        for node in reversed(self._nodes):
            far[node] = 1 + max((far[x] for x in self._onward[node]), default=0)
            inside.setdefault(self._home[node], []).append(node)
        for name, nodes in inside.items():
            farthest = max(far[node] for node in nodes)
            ends = [node for node in reversed(nodes) if far[node] == farthest]
            inside[name] = [node for node in ends if node.is_leaf] or ends
        return inside

    def _starts(self) -> dict[Value, Value]:
        start = {node: node for nodes in self.first.values() for node in nodes}
        back = {node: self._mates(node, operands(node)) for node in self._nodes}
        for nodes, ways in ((self._nodes, back), (reversed(self._nodes), self._onward)):
            for node in nodes:
                known = next((start[x] for x in ways[node] if x in start), None)
                if node not in start and known is not None:
                    start[node] = known
        return start
