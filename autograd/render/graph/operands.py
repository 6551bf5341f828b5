"""What a node is, how it is called and what it is made from, as pictures and explanations show it.

They are without the `0 +` with which Python's `sum` begins: `sum([a, b])` records `(0 + a) + b`, and what a reader
wants to see is `a + b`. The number, the gradient and the derivatives of `0 + x` are those of x; nothing else changes.
"""

from autograd.engine import Value, add, constant
from autograd.notation import read_latex
from autograd.operation import parameter
from autograd.render.text import clean


def kind(node: Value) -> str:
    """Which sort of thing a node is by itself: an operation, an input, a parameter or a constant."""
    if not node.is_leaf:
        return "operation"
    return node.op.name if node.op in (constant, parameter) else "input"


def label(node: Value) -> str:
    """The label as pictures show it, on one line, w₁ for `w_1`; empty where there is none."""
    return "" if node.label is None else read_latex(clean(str(node.label)))


def operands(node: Value) -> tuple[Value, ...]:
    """The inputs of `node` as they are shown, in operand order."""
    inputs = node.inputs
    if any(x.op is add for x in inputs):
        return tuple(map(shown_as, inputs))
    return inputs


def shown_as(node: Value) -> Value:
    """x where `node` is `0 + x`, and else the node itself; so it is too where it has a label, which is to be seen."""
    while node.op is add and node.label is None and _is_nothing(node.inputs[0]):
        node = node.inputs[1]
    return node


def _is_nothing(node: Value) -> bool:
    return node.op is constant and node.label is None and not node.data
