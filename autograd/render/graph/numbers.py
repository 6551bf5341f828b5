"""Whose numbers a picture shows: those of a graph of ours, or those that another engine has, which may be wrong."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from autograd.engine import Value, gradient_of
from autograd.sweep import passed_on


class Fault(NamedTuple):
    """A number of another engine that is not what the rules give."""

    node: Value
    of: Literal["value", "gradient"]
    theirs: Any
    right: Any
    by: Value | None = None
    """Of a gradient, the node that passes it back; None for the sum of all uses."""


class Numbers:
    """The numbers of a graph of ours, which are right. `Theirs` has those of another engine."""

    theirs = False
    """Whether they are shown as they are kept, at every node. Ours come from a sweep of the picture's own: leaves keep
    the sum over all calls of `backward`, and a node may also feed an output that is not drawn."""
    notes: tuple[tuple[str, int], ...] = ()
    """What the legend has to say of them: an entry of its words, and a count."""
    faults: Sequence[Fault] = ()
    """Where they are wrong, inputs before what is made of them."""
    unknown: str | None = None
    """An operation of which nobody knows the derivative."""
    refusal: tuple[str, str] | None = None
    """Why a page cannot compute with them: a reason, as `Refused` has it."""

    def have_run(self, roots: Sequence[Value]) -> bool:
        """Whether `backward` has."""
        return any(gradient_of(root) for root in roots)

    def gradient(self, node: Value) -> Any:
        """What flows back into a node, from all its uses."""
        return gradient_of(node)

    def passed_on(self, node: Value, g: Any) -> Sequence[Any]:
        """What a node passes to each of its operands when `g` arrives; None where nobody knows."""
        try:
            return passed_on(node, g)
        except (ValueError, ArithmeticError) as error:
            raise ValueError(
                f"draw: the gradient that {node.op.name} passes back cannot be computed ({error}); have numbers "
                "changed since backward()? Call forward() and backward() again, or draw with grads=False."
            ) from error

    # What is right instead; None where what is shown is right

    def right_value(self, node: Value) -> Any:
        return None

    def right_gradient(self, node: Value) -> Any:
        """Of what flows back into a node."""
        return None

    def right_share(self, node: Value, i: int) -> Any:
        """Of what a node passes to its i-th operand."""
        return None


OURS = Numbers()
