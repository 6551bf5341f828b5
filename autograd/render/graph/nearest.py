"""Which part of a graph a picture shows: the nodes nearest its outputs. Of what lies behind only the number counts.

Nothing here walks further than it is told to, so a graph of any size answers at once.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set

from autograd.engine import Value
from autograd.render.graph.operands import operands

_MOST_READ = 100_000  # nodes, for their labels


def nearest(
    roots: Sequence[Value],
    most: float,
    box_of: Mapping[Value, Hashable] | None = None,
    within: Set[Value] | None = None,
) -> set[Value]:
    """The `most` nodes that are the fewest steps away from an output; of equally near ones the left operands.

    Args:
        box_of: nodes that are drawn as one box, and which; a box counts as one node.
        within: the nodes among which they are; all, if None.
    """
    boxes, found, opened = box_of or {}, set[Value](), set[Hashable]()
    waiting = deque(roots)
    while waiting and (most > 0 or opened):
        node = waiting.popleft()
        box = boxes.get(node)
        is_out = within is not None and node not in within
        if node in found or is_out or (most <= 0 and box not in opened):
            continue
        if box not in opened:
            most -= 1
        if box is not None:
            opened.add(box)
        found.add(node)
        waiting.extend(operands(node))
    return found


def in_order(roots: Sequence[Value], shown: Set[Value]) -> list[Value]:
    """The nodes `shown`, inputs before what is made of them: as `topological_order`, but without looking behind."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, inputs_are_done = stack.pop()
        if inputs_are_done:
            order.append(node)
        elif node in shown and node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((x, False) for x in reversed(operands(node)) if x in shown)
    return order


def behind(sources: Iterable[Value], shown: Set[Value], most: int) -> int:
    """How many nodes `sources` depend on that are not shown, themselves counted; `most` where there are more."""
    stack, seen = list(sources), set[Value]()
    while stack and len(seen) < most:
        node = stack.pop()
        if node not in shown and node not in seen:
            seen.add(node)
            stack.extend(operands(node))
    return min(len(seen), most)


def labels(roots: Sequence[Value]) -> Iterator[str | None]:
    """The labels of a graph; of one of any size, those of the hundred thousand nodes nearest its outputs."""
    return (node.label for node in nearest(roots, _MOST_READ))
