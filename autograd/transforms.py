"""Derivatives as new graphs and as plain numbers."""

from collections.abc import Sequence
from typing import Any

from autograd.engine import Real, Value, topological_order
from autograd.errors import bad_backward


def gradients(output: Value, inputs: Sequence[Value], gradient: Value | Real = 1) -> list[Value]:
    """The derivatives of `output` with respect to each of `inputs`, as nodes that can be differentiated again.

    The reverse sweep once more, but on Values: every cotangent is recorded. No `.grad` is touched.

    >>> x = Value(3.0)
    >>> (first,) = gradients(x**3, [x])
    >>> (second,) = gradients(first, [x])
    >>> first.data, second.data
    (27.0, 18.0)

    Args:
        inputs: any nodes, leaves or not; one that `output` does not depend on has derivative 0.
        gradient: the cotangent of `output`.

    Raises:
        TypeError: `output` or one of `inputs` is not a Value.
        DomainError: a derivative on the way has no value; says at which node.
    """
    inputs = list(inputs)
    for name, node in [("output", output), *((f"inputs[{i}]", node) for i, node in enumerate(inputs))]:
        if not isinstance(node, Value):
            raise TypeError(f"gradients({name}={node!r}): wanted a Value, not {type(node).__name__}.")
    order = topological_order(output)
    needed = _dependents(order, inputs)
    cotangents: dict[Value, Any] = {output: gradient}
    for node in reversed(order):
        if node in needed and not node.is_leaf:
            _pass_on(node, cotangents, needed)
    return [_as_node(cotangents.get(node, 0)) for node in inputs]


def _dependents(order: list[Value], inputs: list[Value]) -> set[Value]:
    """The nodes of the graph that depend on `inputs`, these included."""
    needed = set(inputs)
    for node in order:
        if any(x in needed for x in node.inputs):
            needed.add(node)
    return needed


def _pass_on(node: Value, cotangents: dict[Value, Any], needed: set[Value]) -> None:
    g = cotangents.get(node, 0)
    if g.__class__ is not Value and not g:
        return  # a plain 0: nothing flows here
    try:
        passed = node.op.backward(g, node, *node.inputs)
        pairs = list(zip(node.inputs, passed, strict=True))
    except (TypeError, ValueError, ArithmeticError) as error:
        if not g:
            return  # as in the sweep: a cotangent that is exactly 0 passes 0 on, whatever the derivative
        raise bad_backward(node, g.data if isinstance(g, Value) else g, error) from error
    for x, to_x in pairs:
        if x in needed and (to_x.__class__ is Value or to_x):
            cotangents[x] = cotangents[x] + to_x if x in cotangents else to_x


def _as_node(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x).detach()


__all__ = ["gradients"]
