"""Activations by name: entries of autograd's table of operations, none of them defined again here.

`identity` is not recorded, since it changes nothing; `softmax` and `log_softmax` are functions of a whole layer.
"""

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

from autograd import OPS, Family, Op, Value, identity, log_softmax, softmax
from nn.arguments import unknown

Activation = str | Op | Family | Callable[[Sequence[Value]], list[Value]]

IDENTITY = identity.name
OF_A_LAYER: dict[str, Callable[[Sequence[Value]], list[Value]]] = {"softmax": softmax, "log_softmax": log_softmax}
_CALL = re.compile(r"(\w+)\((.*)\)")


def operation(called: str, given: Activation, argument: str = "activation") -> Op | None:
    """The operation of one operand that `given` stands for; None for the identity.

    Args:
        called, argument: what the message of a refusal names.
        given: `"relu"`, `"leaky_relu(0.2)"`, `"identity"`, or the operation itself.
    """
    found = _named(given) if isinstance(given, str) else given
    if isinstance(found, Family):
        found = _usual_member(called, found, argument)
    if not isinstance(found, Op) or found.arity != 1:
        raise _refusal(called, given, argument)
    return None if found is identity else found


def activation_name(called: str, given: Activation, argument: str = "activation") -> str:
    """The name under which `operation` finds it again, or that of a function of a whole layer."""
    for name, function in OF_A_LAYER.items():
        if given == name or given is function:
            return name
    found = operation(called, given, argument)
    return found.name if found else IDENTITY


def _named(text: str) -> Any:
    """`relu`, or `leaky_relu(0.2)`: a family and its constants, which are read as literals and never evaluated."""
    call = _CALL.fullmatch(text)
    if call is None:
        return OPS.get(text)
    family = OPS.get(call[1])
    try:
        constants = ast.literal_eval(f"({call[2]},)") if call[2] else ()
    except (ValueError, SyntaxError):
        return None
    return family(*constants) if isinstance(family, Family) else None


def _usual_member(called: str, family: Family, argument: str) -> Op:
    try:
        return family()
    except TypeError:
        example = family(*family.samples[0]).name
        raise ValueError(f"{called}({argument}={family.name!r}): it takes constants, as in {example!r}.") from None


def _refusal(called: str, given: Activation, argument: str) -> Exception:
    if given in OF_A_LAYER or given in OF_A_LAYER.values():
        return ValueError(f"{called}({argument}={given!r}): this is for a whole layer, not for one neuron.")
    known = [name for name, op in OPS.items() if isinstance(op, Family) or op.arity == 1]
    return unknown(called, argument, given, "an operation of one operand", [*OF_A_LAYER, *known])
