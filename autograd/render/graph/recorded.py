"""Functions that are drawn: their graph for some arguments, and the comparisons that they made on the way."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autograd.engine import Value
from autograd.operation import constant
from autograd.render.graph.numbers import OURS, Numbers
from autograd.sweep import topological_order

if TYPE_CHECKING:
    from autograd.compiler.recording import Guard


@dataclass(frozen=True)
class Recorded:
    """What is drawn.

    Attributes:
        guards: the comparisons that were made while it was recorded.
        made: the nodes, in the order in which they were made; empty where nobody has looked.
        numbers: whose they are.
    """

    roots: Sequence[Value]
    guards: Sequence["Guard"] = field(default=())
    made: Sequence[Value] = ()
    numbers: Numbers = OURS


@contextmanager
def recorded(f: Callable[..., Any], examples: Sequence[Any], grads: bool | str) -> Iterator[Recorded]:
    """The graph of f for these numbers, and within the block its gradients; of Values that f found outside `.grad` is
    as before.

    Raises:
        TypeError: f gives no Value.
    """
    from autograd.compiler.recording import record

    try:
        recording = record(f, examples)
    except (TypeError, ValueError, RuntimeError) as error:
        if not str(error).startswith("compile(f)"):
            raise
        raise type(error)(str(error).replace("compile(f)", f"draw({getattr(f, '__name__', 'f')}, …)", 1)) from error
    roots = [x for x in recording.outputs if isinstance(x, Value)]
    if not roots:
        name = getattr(f, "__name__", "f")
        raise TypeError(f"draw({name}, …): {name} gave {recording.output!r}, which does not depend on its arguments.")
    own = {*recording.inputs, *recording.nodes}
    found = [node for node in topological_order(*roots) if node not in own and node.op is not constant]
    before = [node.grad for node in found]
    if len(roots) == 1 and roots[0].label is None and roots[0] in recording.nodes:
        roots[0].label = name if (name := getattr(f, "__name__", "")).isidentifier() else None
    guards = [replace(guard, where=re.sub(r"^.*[\\/]", "", guard.where)) for guard in recording.guards]
    try:
        if grads and len(roots) == 1:
            for node in found:
                node.grad = 0
            roots[0].backward()
        yield Recorded(roots, guards, recording.nodes)
    finally:
        for node, grad in zip(found, before, strict=True):
            node.grad = grad
