"""Nodes of graphs that this library did not write, recognised by their attributes; and what is read from them.

Nothing of any other library is imported. `reader` says how the nodes of a graph are read; `Read` is what is read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from autograd.errors import brief
from autograd.operation import Node
from autograd.reals import as_operand, is_nan, unboxed

NUMBERS = ("data", "value", "val")
GRADIENTS = ("grad", "gradient", "derivative", "adjoint")
INPUTS = ("_prev", "prev", "_children", "children", "_parents", "parents", "_inputs", "inputs")
MAKERS = ("creator", "history")
"""Where the inputs are those of another object that made the node: DeZero's functions, minitorch's histories."""
OPERATIONS = ("_op", "op", "operation")
LABELS = ("label", "name", "_label", "_name")
SLOPES = ("_local_grads", "local_grads")
"""Of a node, its derivative by each input, in the order of the inputs: microgpt keeps these."""
EXPONENTS = ("c", "exponent", "power")
"""Of what made a node: the constant of a power."""


class Read(NamedTuple):
    """What is read of one node."""

    number: Any
    """int, float, Fraction, Decimal or mpf; it may be infinite, or nan."""
    gradient: Any = None
    """The same; None where there is none, or none yet."""
    operation: str = ""
    """How the node's own engine calls what made it; empty at a leaf, and where the engine does not say."""
    inputs: tuple[Any, ...] = ()
    """Nodes, or plain numbers."""
    label: str = ""
    ordered: bool | None = True
    """Whether the inputs are in operand order, each as often as it is used: in a set they are not. None: probably; they
    are as the node's `_backward` has them."""
    slopes: tuple[Any, ...] | None = None
    """The derivative by each input, where the engine keeps it."""


Reader = Callable[[Any], Read]


def reader(node: Any, read: Callable[[Any], Sequence[Any]] | None = None) -> Reader:
    """How the nodes of the graph of `node` are read.

    Args:
        read: gives of a node (number, gradient, operation, inputs, label), or fewer from the left: the last ones may be
            left out. If not given, nodes are read by the names in this file.

    Raises:
        TypeError: this is no node, and what was looked for; the reader raises it too, and ValueError.
    """
    if read is not None:
        if not callable(read):
            raise TypeError(f"read={brief(read)}: wanted a function, {_WANTED}.")
        return lambda each: _given(each, read)
    if not is_node(node):
        raise TypeError(f"{brief(node)} is not a node of a graph: {LOOKED_FOR} {OTHERWISE}")
    return _found


def is_node(x: Any) -> bool:
    """Whether it has a number, a gradient and inputs, and is no node of this library, nor a class of such."""
    if isinstance(x, Node | type) or not (_has(x, NUMBERS) and _has(x, GRADIENTS)):
        return False
    return _has(x, INPUTS) or any(hasattr(x, name) for name in MAKERS)


_WANTED = "node -> (number, gradient, operation, inputs, label)"
LOOKED_FOR = (
    f"a node has a number ({', '.join(NUMBERS)}), a gradient ({', '.join(GRADIENTS)}) and inputs ({', '.join(INPUTS)}, "
    f"or those of its {' or '.join(MAKERS)})."
)
OTHERWISE = f"Nodes of any engine can be read by read=, a function {_WANTED}."


_ABSENT = object()


def _has(x: Any, names: Iterable[str]) -> bool:
    """Whether it has one of these attributes, and not as a method."""
    return _first(x, names, _ABSENT) is not _ABSENT


def _first(x: Any, names: Iterable[str], otherwise: Any = None) -> Any:
    """The first of these attributes that it has, and not as a method."""
    for name in names:
        found = getattr(x, name, _ABSENT)
        if found is not _ABSENT and not callable(found):
            return found
    return otherwise


def _found(node: Any) -> Read:
    """A node, read by the names above; a plain number among the inputs is a leaf."""
    if not is_node(node):
        if isinstance(node, Node) or _has(node, (*NUMBERS, *GRADIENTS)):
            raise TypeError(
                f"{_show(node)}, an input of a node of another engine, cannot be read: {LOOKED_FOR} {OTHERWISE}"
            )
        return Read(_number(node, node))
    made_by, operation = node, _first(node, OPERATIONS)
    if not _has(node, INPUTS):
        made_by = next(getattr(node, name) for name in MAKERS if hasattr(node, name))
        operation = getattr(made_by, "last_fn", made_by)
    given = _first(made_by, INPUTS)
    inputs, ordered = () if given is None else tuple(given), True
    if inputs and isinstance(given, Set | Mapping):
        operands = _closed_over(node, inputs)
        inputs, ordered = operands or inputs, None if operands else False
    text = _operation(operation, len(inputs), _first(made_by, EXPONENTS)) if inputs else ""
    slopes = _first(node, SLOPES)
    slopes = tuple(map(unboxed, slopes)) if slopes is not None and len(slopes) == len(inputs) else None
    label = _first(node, LABELS)
    return Read(
        _number(_first(node, NUMBERS), node),
        _gradient(_first(node, GRADIENTS), node),
        text,
        inputs,
        label if isinstance(label, str) else "",
        ordered,
        slopes,
    )


def _closed_over(node: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands as micrograd's methods have them, `self` and `other`, which their `_backward` closes over; empty
    where it does not close over just these."""
    backward = getattr(node, "_backward", None)
    names = getattr(getattr(backward, "__code__", None), "co_freevars", ())
    cells = dict(zip(names, getattr(backward, "__closure__", None) or (), strict=False))
    ids = set(map(id, inputs))
    found = [cells[name].cell_contents for name in ("self", "other") if name in cells]
    operands = tuple([x for x in found if id(x) in ids])
    return operands if set(map(id, operands)) == ids else ()


def _operation(made_by: Any, count: int, exponent: Any) -> str:
    """The text of an operation; where an object or a class is the operation, its class's name."""
    text = made_by if isinstance(made_by, str) else getattr(made_by, "__name__", None) or type(made_by).__name__
    if made_by is None:
        return ""
    if text.lower() in ("pow", "power") and count == 1 and isinstance(exponent := unboxed(exponent), int | float):
        return f"**{exponent}"
    return text


def _given(node: Any, read: Callable[[Any], Sequence[Any]]) -> Read:
    """A node, as the user's function reads it."""
    given = read(node)
    if isinstance(given, Read):
        return given
    if not isinstance(given, tuple | list) or not 1 <= len(given) <= 5:
        raise TypeError(
            f"read gave {brief(given)} of {_show(node)}; wanted (number, gradient, operation, inputs, label)."
        )
    number, gradient, operation, inputs, label = (*given, *(None,) * (5 - len(given)))
    if not isinstance(inputs or (), Iterable) or isinstance(inputs, str):
        raise TypeError(f"read gave inputs {brief(inputs)} of {_show(node)}; wanted nodes in a list.")
    ordered = not isinstance(inputs, Set)
    number, gradient = _number(number, node), _gradient(gradient, node)
    return Read(number, gradient, str(operation or ""), tuple(inputs or ()), str(label or ""), ordered)


def _gradient(given: Any, node: Any) -> Any:
    """A gradient is a number, None, or a node, as where gradients can be differentiated again."""
    if given is not None and is_node(given):
        given = _first(given, NUMBERS)
    return None if given is None else _number(given, node, "gradient")


def _number(given: Any, node: Any, what: str = "number") -> Any:
    if given.__class__ is float or given.__class__ is int:
        return given
    if is_nan(given):
        return float(unboxed(given))
    try:
        return as_operand(given)
    except (TypeError, ValueError) as error:
        of = "" if given is node else f"the {what} of "
        raise type(error)(f"{of}{_show(node)} cannot be drawn: {error}.") from None


def _show(node: Any) -> str:
    return f"{brief(node)}, {type(node).__name__},"
