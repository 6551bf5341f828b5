"""What is said when a number is refused: the sentences, and `DomainError`.

Every sentence names what came (with its label), and what was wanted or what to do. Nothing here decides
*when* something is refused: `engine.py` does, and asks here for the words.
"""

import math
from collections.abc import Iterable
from typing import Any

_SHOWN = 4  # operands spelled out in a message; an n-ary operation may have thousands


class DomainError(ValueError, ArithmeticError):
    """An operation, or its derivative, has no finite real value at these operands.

    Raised at once, where the first bad number would appear, instead of passing a nan or an infinity on.
    It is a `ValueError` (like `math.log(-1)`) and an `ArithmeticError` (like `1 / 0`).
    """


def show(operand: Any) -> str:
    """One operand as messages show it: `単価 = 100`, or the bare number where there is no label."""
    label = getattr(operand, "label", None)
    number = operand.data if hasattr(operand, "grad") else operand
    text = repr(number) if len(repr(number)) <= 40 else f"{repr(number)[:37]}..."
    return f"{label} = {text}" if label else text


def call(name: str, operands: Iterable[Any]) -> str:
    """The call as messages show it: `div(a = 1.0, b = 0.0)`."""
    shown = [show(operand) for operand in operands]
    more = [f"… {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    return f"{name}({', '.join(shown[:_SHOWN] + more)})"


def bad_backward(node: Any, g: Any, error: Exception) -> Exception:
    """What to raise where the `backward` of the operation that made `node` failed with `error` for cotangent `g`."""
    called = call(node.op.name, node.inputs)
    operands = [x.data for x in node.inputs]
    try:
        cotangents = node.op.backward(g, node.data, *operands)
    except (ValueError, ArithmeticError):
        return DomainError(f"{called}: the derivative has no value here (upstream gradient {g!r}).")
    except TypeError:
        return TypeError(f"{called}: in backward, {error}.")
    if isinstance(error, DomainError):  # recorded operations refuse what numbers let pass
        return DomainError(f"{called}: what it passes back, {cotangents!r}, is not finite (upstream gradient {g!r}).")
    wanted = f"a tuple of {len(operands)} numbers, the cotangents of its operands"
    return TypeError(f"{called}: backward returned {cotangents!r} instead of {wanted}.")


def bad_gradient(order: Iterable[Any], bad: Any) -> DomainError:
    """What to raise where the gradient of the node `bad` of the graph in `order` is not finite: who made it so."""
    for node in order:
        if not node.grad or all(x is not bad for x in node.inputs):
            continue
        cotangents = node.op.backward(node.grad, node.data, *[x.data for x in node.inputs])
        locals_ = node.op.backward(1, node.data, *[x.data for x in node.inputs])
        for x, cotangent, local in zip(node.inputs, cotangents, locals_, strict=True):
            if x is bad and not abs(cotangent) < math.inf:
                called = call(node.op.name, node.inputs)
                product = f"upstream {node.grad!r} × local {local!r}"
                return DomainError(f"{called}: the gradient it passes to {show(x)} is {product} = {cotangent!r}.")
    return DomainError(f"the gradients that arrive at {show(bad)} add up to {bad.grad!r}.")
