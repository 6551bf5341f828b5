"""Names for everything in a picture, and its derivatives in symbols: ∂y/∂h, as on a blackboard.

A node without a label gets one: h₁, h₂, … between inputs and outputs, x₁, x₂, … for inputs, y for the output; the first
that no label has. Where labels collide they are told apart, as in explanations. A value that is used several times is
x①, x②, … at its uses: what comes back from one of them, ∂y/∂x①, is not ∂y/∂x, which is the sum.
"""

from collections.abc import Iterator, Sequence
from itertools import count

from autograd.engine import Value, constant, gradient_of
from autograd.notation import Text, index
from autograd.render.text import clean, number

IS = "\xa0= "  # begins with a space that no label has, so a page sees where the symbol ends and its number begins
_WIDEST = 10  # em
_MARKS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class Symbols:
    """The symbols of a picture.

    Args:
        nodes: what may be drawn, in topological order.
        roots: the outputs among them.
    """

    def __init__(self, nodes: Sequence[Value], roots: Sequence[Value]) -> None:
        from autograd.render.graph.names import Names

        self._roots, self._given = roots, _given(nodes, roots)
        self._names = Names(nodes, Text(number), _WIDEST, self._given)
        ends = {node: name for node, name in self._given.items() if node.is_leaf or node in set(roots)}
        self.in_formulas = Names(nodes, Text(number), _WIDEST, ends)
        """Names for the title, where what has no label between inputs and outputs is written out."""

    def name(self, node: Value) -> str:
        return self._names.of(node)

    def is_own(self, node: Value) -> bool:
        """Whether a node goes by another name than its label."""
        return node in self._given or self._names.has_others(node)

    def gradient(self, node: Value, use: int | None = None) -> str:
        """`∂y/∂x`, `∂y/∂x②` for what comes back from the second of several uses; empty where gradients are not those
        of one output."""
        if len(self._roots) > 1 or gradient_of(self._roots[0]) != 1:
            return ""
        return f"∂{self.name(self._roots[0])}/∂{self.name(node)}{_mark(use)}"

    def local(self, target: Value, source: Value, use: int | None = None) -> str:
        """`∂h/∂x`, and `∂h/∂x②` by the second of several uses of x: all others stay as they are."""
        return f"∂{self.name(target)}/∂{self.name(source)}{_mark(use)}"


def _mark(use: int | None) -> str:
    if use is None:
        return ""
    return _MARKS[use] if use < len(_MARKS) else f"({use + 1})"


def _given(nodes: Sequence[Value], roots: Sequence[Value]) -> dict[Value, str]:
    """Names for the nodes that have none."""
    ends, taken = set(roots), {clean(str(node.label)) for node in nodes if node.label}
    found: dict[Value, str] = {}
    unnamed = [node for node in nodes if not node.label and node.op is not constant]
    outputs = [node for node in unnamed if node in ends]
    inputs = [node for node in unnamed if node.is_leaf and node not in ends]
    between = [node for node in unnamed if not node.is_leaf and node not in ends]
    for letter, those in (("y", outputs), ("x", inputs), ("h", between)):
        found |= dict(zip(those, _free(letter, len(those), taken), strict=False))
    return found


def _free(letter: str, wanted: int, taken: set[str]) -> Iterator[str]:
    """`h` where one is wanted, h₁, h₂, … where several are; none that is taken."""
    names = (letter + index(i) for i in count(1))
    if wanted == 1 and letter not in taken:
        yield letter
    else:
        yield from (name for name in names if name not in taken)
