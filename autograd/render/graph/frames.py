"""Where the frames of modules begin, so that what comes into one can be led to its left side."""

from collections.abc import Iterable

from autograd.engine import Value
from autograd.render.graph.operands import operands
from autograd.render.graph.snapshot import Box, Snapshot


class Frames:
    """The frames of a picture.

    Args:
        snapshot: what is drawn; its modules that are not one box each have frames.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._nodes = [
            node for node in snapshot.nodes if snapshot.frame(node) is not None and not snapshot.is_cloned(node)
        ]
        self._home = {node: snapshot.home[node] for node in self._nodes}
        self._onward = {
            node: self._mates(node, (arrow.target for arrow in snapshot.uses[node])) for node in self._nodes
        }
        self.names = self._names(snapshot)
        self.first = self._firsts()
        """By frame, the nodes from which the longest ways lead through it; leaves, if there are any among them."""
        self.start = self._starts()
        """For each node in a frame, which of these is nearest: one that leads to it, or else meets it further on."""

    @staticmethod
    def _names(snapshot: Snapshot) -> list[Box]:
        """The frames in which there is something, a node or a box."""
        closed, nodes = set(snapshot.boxes), set(snapshot.nodes)
        inside = [node for node in snapshot.seen if node in nodes or snapshot.box(node) is not None]
        frames = dict.fromkeys(map(snapshot.frame, inside))
        return [frame for frame in frames if frame is not None and frame not in closed]

    def _mates(self, node: Value, others: Iterable[Value | None]) -> list[Value]:
        return [x for x in others if x is not None and x in self._home and self._home[x] == self._home[node]]

    def _firsts(self) -> dict[Box, list[Value]]:
        far: dict[Value, int] = {}
        inside: dict[Box, list[Value]] = {}
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
