"""The graph as it is now: its nodes, its arrows, and what flows back along each arrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd.engine import Value, constant, topological_order
from autograd.render.text import clean


@dataclass(frozen=True)
class Arrow:
    """One use of a node: by an operation, or as an output."""

    source: Value
    target: Value | None
    """The node that the operation made; None for the box of an output."""
    gradient: Any
    """What flows back along this arrow alone; None where no gradient is shown."""


class Snapshot:
    """Everything a picture is made of. Reads the graph once and changes nothing in it.

    Args:
        roots: the outputs.
        grads: True, False, or "auto" for gradients exactly if `backward` has run.
    """

    def __init__(self, roots: Sequence[Value], grads: bool | str = "auto") -> None:
        self.roots = tuple(dict.fromkeys(roots))
        self.nodes = topological_order(*self.roots)
        self.shows_gradients = any(root.grad for root in self.roots) if grads == "auto" else bool(grads)

    @cached_property
    def arrows(self) -> list[Arrow]:
        """Every arrow, consumer by consumer, operands in order; the outputs' last."""
        return self._arrows_with_gradients() if self.shows_gradients else self._arrows()

    @cached_property
    def uses(self) -> dict[Value, list[Arrow]]:
        """The arrows that start at each node."""
        uses: dict[Value, list[Arrow]] = {node: [] for node in self.nodes}
        for arrow in self.arrows:
            uses[arrow.source].append(arrow)
        return uses

    def _arrows(self) -> list[Arrow]:
        inner = [Arrow(x, node, None) for node in self.nodes for x in node.inputs]
        return inner + [Arrow(root, None, None) for root in self.roots]

    def _arrows_with_gradients(self) -> list[Arrow]:
        """The arrows, after a reverse sweep of our own.

        `.grad` would not do: leaves keep the sum over all calls of `backward`, and a node may also feed an
        output that is not drawn. Only the roots' gradients are taken from the graph; so all numbers agree.
        """
        arriving: dict[Value, Any] = dict.fromkeys(self.nodes, 0)
        inner: dict[Value, list[Arrow]] = {}
        outputs: dict[Value, Arrow] = {}
        for node in reversed(self.nodes):
            if node in self.roots:
                outputs[node] = Arrow(node, None, _rest(node.grad, arriving[node]))
                arriving[node] = node.grad
            passed = _passed_on(node, arriving[node])
            inner[node] = [Arrow(x, node, g) for x, g in zip(node.inputs, passed, strict=True)]
            for arrow in inner[node]:
                arriving[arrow.source] += arrow.gradient
        return [arrow for node in self.nodes for arrow in inner[node]] + [outputs[root] for root in self.roots]

    def total(self, node: Value) -> Any:
        """What flows back into `node` from all its uses together; None where no gradient is shown."""
        return sum(arrow.gradient for arrow in self.uses[node]) if self.shows_gradients else None


def kind(node: Value) -> str:
    """Which sort of thing a node is drawn as: an operation, an input or a constant."""
    if not node.is_leaf:
        return "operation"
    return "constant" if node.op is constant else "input"


def label(node: Value) -> str:
    """The label as pictures show it; empty where there is none."""
    return "" if node.label is None else clean(str(node.label))


def _passed_on(node: Value, g: Any) -> tuple[Any, ...]:
    if node.is_leaf:
        return ()
    if not g:  # as in the engine: where nothing arrives nothing is passed on, whatever the derivative
        return (0,) * len(node.inputs)
    assert node.op is not None
    try:
        return node.op.backward(g, node.data, *[x.data for x in node.inputs])
    except (ValueError, ArithmeticError) as error:
        raise ValueError(
            f"draw: the gradient that {node.op.name} passes back cannot be computed ({error}); have numbers changed "
            "since backward()? Call forward() and backward() again, or draw with grads=False."
        ) from error


def _rest(total: Any, shares: Any) -> Any:
    """`total` less what the other uses account for; rounding left over from the subtraction is none."""
    rest = total - shares
    return 0 if abs(rest) * 10**9 < abs(total) else rest
