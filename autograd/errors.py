"""What is said when a number is refused: the sentences, and `DomainError`.

Every sentence names what was got (with its label), and what was wanted or what to do. A `DomainError` of a graph speaks
the language of its operands' labels, where no other is chosen. Nothing here decides
*when* something is refused: `engine.py` does, and asks here for the words.
"""

import math
from collections.abc import Iterable
from typing import Any

from autograd.languages import spoken
from autograd.reals import is_nan
from autograd.words import DEFINED, REFUSED, SAFER

__all__ = ["DomainError", "NotCompilable"]

_SHOWN = 4  # operands spelled out in a message; an n-ary operation may have thousands


class DomainError(ValueError, ArithmeticError):
    """An operation, or its derivative, has no finite real value at these operands.

    Raised at once, where the first bad number would appear, instead of passing a nan or an infinity on.
    It is a `ValueError` (like `math.log(-1)`) and an `ArithmeticError` (like `1 / 0`).
    """


class NotConverged(ArithmeticError):  # noqa: N818 - says what happened
    """The result of a solver is not a solution; see `autograd.implicit`.

    Attributes:
        x: the result; a number, or a list for a system.
        residual: the difference of the equation's two sides there; None where x is not a number.
        correction: the step that Newton's method would take from there.
    """

    def __init__(self, sentence: str, x: Any = None, residual: Any = None, correction: Any = None) -> None:
        super().__init__(sentence)
        self.x, self.residual, self.correction = x, residual, correction


class NotCompilable(TypeError, ValueError):  # noqa: N818 - says what it is, and is not always a mistake
    """The graph can compute this, but a program cannot: the message names the operation or line, and says what to do.

    Training and estimators fall back on the graph for this error, and for no other. It is also a `TypeError` and a
    `ValueError`, which were raised before it had a name.
    """


def show(operand: Any) -> str:
    """One operand as messages show it: `単価 = 100`, or the bare number where there is no label."""
    label = getattr(operand, "label", None)
    text = brief(operand.data if hasattr(operand, "op") else operand)
    return f"{label} = {text}" if label else text


def brief(number: Any) -> str:
    """Its repr, in 40 characters at most."""
    text = spelled(number)
    return text if len(text) <= 40 else f"{text[:37]}..."


def spelled(number: Any) -> str:
    """Its repr; Python does not write out integers of thousands of digits, nor deep nesting, so these are described."""
    try:
        return repr(number)
    except RecursionError:
        return f"<a {type(number).__name__} nested too deep to be shown>"
    except ValueError:
        digits = int(number.bit_length() * math.log10(2)) + 1 if isinstance(number, int) else 4300
        return f"<a number of about {digits:,} digits>"


def many(count: int, thing: str) -> str:
    """1 step, 2 steps: a number of things, the thing in the singular."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def call(name: str, operands: Iterable[Any]) -> str:
    """The call as messages show it: `div(a = 1.0, b = 0.0)`."""
    shown = [show(operand) for operand in operands]
    more = [f"… {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    return f"{name}({', '.join(shown[:_SHOWN] + more)})"


def refused(what: str, name: Any, operands: Iterable[Any], **said: str) -> DomainError:
    """What to raise where an operation of this name has no finite value, or no derivative, at these operands.

    Args:
        what: an entry of the table `REFUSED`.
        said: what stands at its places, besides the call.
    """
    operands = list(operands)
    language = spoken(name, None, (getattr(operand, "label", None) for operand in operands))
    if "domain" in said:
        said["domain"] = DEFINED[language].get(said["domain"], said["domain"])
    advice = SAFER[language][safer] if what == "undefined" and (safer := _safer(name, operands)) else ""
    return DomainError(REFUSED[language][what].format(called=call(name, operands), name=name, **said) + advice)


def _safer(name: Any, operands: list[Any]) -> str:
    """An entry of `SAFER`: the operation that stays exact where the logarithm of a 0 that has underflowed is asked."""
    y: Any = operands[0] if len(operands) == 1 else None
    if not (str(name).startswith("log") and getattr(y, "op", None) and not y.data):
        return ""
    made_by, parts = y.op.name, [getattr(x.op, "name", "") for x in y.inputs]
    if made_by == "div" and parts[0] in ("exp", "exp_difference"):
        return "softmax"
    if made_by in ("add", "sum") and set(parts) == {"exp"}:
        return "logsumexp"
    if made_by == "sub" and parts[1] == "sigmoid":
        return "1 - sigmoid"
    return made_by if made_by in ("sigmoid", "exp") else ""


def written(node: Any, attribute: str, why: str) -> Exception:
    """What to raise where code outside has assigned to `node.data` or `node.grad` what is no number."""
    number = getattr(node, attribute)
    kind = ValueError if is_nan(number) else TypeError
    return kind(f"{node.label or 'Value'}.{attribute} = {brief(number)}: {why}.")


def bad_backward(node: Any, g: Any, error: Exception) -> Exception:
    """What to raise where the `backward` of the operation that made `node` failed with `error` for cotangent `g`."""
    called = call(node.op.name, node.inputs)
    if not isinstance(error, TypeError):
        return refused("no derivative", node.op.name, node.inputs, up=repr(g))
    try:
        cotangents = node.op.backward(g, node.data, *[x.data for x in node.inputs])
    except (TypeError, ValueError, ArithmeticError) as again:
        return TypeError(f"{called}: in backward, {again}.")
    wanted = f"a tuple of {many(len(node.inputs), 'number')}, the cotangents of its operands"
    return TypeError(f"{called}: backward returned {cotangents!r} instead of {wanted}.")


def bad_product(node: Any, i: int, g: Any, slope: Any, cotangent: Any) -> DomainError:
    """What to raise where the gradient that `node` passes to its i-th operand is not finite."""
    # recorded operations refuse what numbers let pass
    what = "large on the way" if abs(cotangent) < math.inf else "infinite gradient"
    to, down = show(node.inputs[i]), repr(cotangent)
    return refused(what, node.op.name, node.inputs, up=repr(g), local=repr(slope), to=to, down=down)


def bad_gradient(node: Any, total: Any) -> DomainError:
    """What to raise where the gradients that arrive at a node are finite and their sum is not."""
    return refused("infinite sum", node.op and node.op.name, [node], at=show(node), total=repr(total))


def zero_times_infinity(node: Any, maker: Any) -> DomainError:
    """What to raise where a zero that `maker` made meets an infinite slope of `node`, and both move together."""
    return refused("zero times infinity", node.op.name, node.inputs, maker=call(maker.op.name, maker.inputs))


def left_out(node: Any) -> DomainError:
    """What to raise where a program would lose a derivative, because nothing arrives at an infinite slope just now."""
    return DomainError(
        f"compile(f): {call(node.op.name, node.inputs)} has no derivative at the example, and nothing arrives there, "
        "so it would be left out for every row; give another example."
    )
