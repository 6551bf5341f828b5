"""Which operation of ours one of another engine is: by what it is called there, and by its numbers where that is open.

Other engines keep operands in a set, and so in no order and each once, or do not say what made a node at all. What
their numbers tell without doubt is taken from these.
"""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from autograd.operation import OPS, Op
from autograd.reals import is_nan
from autograd.sweep import slopes

_SIGNS = {
    ("+", 2): "add", ("-", 2): "sub", ("−", 2): "sub", ("*", 2): "mul", ("×", 2): "mul", ("·", 2): "mul",
    ("/", 2): "div", ("÷", 2): "div", ("**", 2): "pow", ("^", 2): "pow", ("%", 2): "mod", ("//", 2): "floor_divide",
    ("-", 1): "neg", ("−", 1): "neg", ("σ", 1): "sigmoid", ("√", 1): "sqrt", ("+", None): "sum", ("Σ", None): "sum",
}  # fmt: skip
_WORDS = {
    "plus": "add", "minus": "sub", "subtract": "sub", "times": "mul", "multiply": "mul", "multiplication": "mul",
    "product": "mul", "divide": "div", "division": "div", "truediv": "div", "quotient": "div", "negative": "neg",
    "negate": "neg", "ln": "log", "inv": "reciprocal", "inverse": "reciprocal", "sqr": "square", "power": "pow",
    "logistic": "sigmoid", "absolute": "abs", "max": "maximum", "min": "minimum", "id": "identity",
}  # fmt: skip
"""Operations by what they are called elsewhere; by the name that they have here they are found too."""
_POWER = re.compile(r"(?:\*\*|\^|pow)[\s(]*([-+−]?[\d.]+(?:e[-+]?\d+)?)\)?")
_ENDING = re.compile(r"(?:backward\d*|function|fn|op)$")
_UNSAID = {
    1: ("relu", "exp", "log", "tanh", "sigmoid", "neg", "sqrt", "sin", "cos", "abs"),
    2: ("add", "mul", "sub", "div"),
}
"""What an operation without a name may be: the first of these whose value and slopes are the node's."""
_FEW_POWERS = (2, 3, -1, 0.5)
CLOSE, TINY = 1e-6, 1e-12  # other engines may compute in float32, or by formulas that cancel; faults are larger


class Match(NamedTuple):
    """What made a node.

    Attributes:
        op: None where it is unknown here.
        order: the places of the operands among the inputs, in operand order.
        is_ordered: whether that is sure.
        is_named: whether the engine says what made it; if not, the numbers do.
    """

    op: Op | None
    order: tuple[int, ...]
    is_ordered: bool = True
    is_named: bool = True


def agree(theirs: Any, right: Any, scale: Any = 0) -> bool:
    """Whether two numbers are the same but for rounding, of numbers of the size `scale`."""
    if theirs == right:
        return True
    if is_nan(theirs) or is_nan(right):
        return is_nan(theirs) and is_nan(right)
    theirs, right = float(theirs), float(right)
    within = max(CLOSE * abs(float(scale)), TINY)
    return math.isclose(theirs, right, rel_tol=CLOSE, abs_tol=within if math.isfinite(within) else 0.0)


def value(op: Op, numbers: Sequence[Any]) -> Any:
    """What the operation gives; None where it has no value."""
    try:
        return op.evaluate(tuple(numbers))
    except (TypeError, ValueError, ArithmeticError):
        return None


def gives(op: Op, numbers: Sequence[Any], number: Any) -> bool:
    """Whether the operation gives `number`."""
    found = value(op, numbers)
    scale = 0 if op.arity is not None else sum(abs(float(x)) for x in numbers)
    return found is not None and agree(number, found, scale)


def named(text: str, count: int) -> Op | None:
    """The operation that is called so and takes so many operands."""
    text = text.strip()
    if count == 1 and (power := _POWER.fullmatch(text.lower())):
        return _power(power[1].replace("−", "-"))
    name = _SIGNS.get((text, count)) or _SIGNS.get((text, None))
    if name is None:
        word = "".join(filter(str.isalnum, text.lower()))
        word = _ENDING.sub("", word) or word
        name = _WORDS.get(word) or next((each for each in OPS if each.replace("_", "") == word), None)
    op = OPS.get(name or "")
    return op if isinstance(op, Op) and op.arity in (None, count) else None


def matched(
    text: str, number: Any, numbers: Sequence[Any], ordered: bool | None = True, their: Sequence[Any] | None = None
) -> Match:
    """What made a node of this number from inputs of these.

    Args:
        text: what the engine calls it; empty if it does not say.
        ordered: whether the inputs are in operand order, each as often as it is used; None if they probably are.
        their: the derivative by each input, if the engine keeps it.
    """
    places = tuple(range(len(numbers)))
    if text:
        orders = [places] if ordered else list(_orders(places))
        known = [(op, order) for order in orders if (op := named(text, len(order)) or _by_power(text, number, numbers))]
        right = [each for each in known if gives(each[0], [numbers[i] for i in each[1]], number)]
        if not known:
            return Match(None, places, ordered is not False or len(places) == 1)
        op, order = (right or known)[0]
        is_sure = ordered is not False or len(set(order)) == 1 or (len(right) == 1 and len(known) > 1)
        return Match(op, order, is_sure)
    return Match(_unsaid(number, numbers, their), places, ordered is not False or len(places) == 1, is_named=False)


def _orders(places: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """In which order, and how often, the members of a set may have been operands."""
    yield places
    if len(places) == 1:
        yield places * 2
    if len(places) == 2:
        yield places[::-1]


def _power(exponent: str) -> Op | None:
    try:
        return OPS["power"](int(exponent) if exponent.lstrip("+-").isdigit() else float(exponent))  # pyright: ignore
    except ValueError:
        return None


def _by_power(text: str, number: Any, numbers: Sequence[Any]) -> Op | None:
    """Of `**` with one operand, whose exponent is not told, a simple power."""
    is_power = len(numbers) == 1 and (text.strip() in ("**", "^") or text.strip().lower() in ("pow", "power"))
    return _the_one(_powers(_FEW_POWERS), number, numbers, None) if is_power else None


def _unsaid(number: Any, numbers: Sequence[Any], their: Sequence[Any] | None) -> Op | None:
    """The operation without a name, by its numbers."""
    usual = [OPS[name] for name in _UNSAID.get(len(numbers), ())]
    exponents = () if len(numbers) != 1 else _FEW_POWERS if their is None else _exponents(number, numbers[0], their[0])
    return _the_one(chain(usual, _powers(exponents)), number, numbers, their)


def _the_one(candidates: Any, number: Any, numbers: Sequence[Any], their: Sequence[Any] | None) -> Op | None:
    """The first that gives the number, to the last digit before others, and has these slopes; else the one that gives
    the number, if it is one."""
    giving = sorted(
        (op for op in candidates if gives(op, numbers, number)), key=lambda op: value(op, numbers) != number
    )
    if their is not None:
        for op in giving:
            if all(s is not None and agree(t, s) for s, t in zip(slopes(op, number, numbers), their, strict=True)):
                return op
    return giving[0] if len(giving) == 1 else None


def _powers(exponents: Sequence[Any]) -> Iterator[Op]:
    return (OPS["power"](exponent) for exponent in exponents)  # pyright: ignore


def _exponents(number: Any, x: Any, slope: Any) -> Sequence[Any]:
    """n, of y = xⁿ and dy/dx = n xⁿ⁻¹; the usual ones too, for the slope may be wrong."""
    try:
        n = round(slope * x / number, 9)
    except (TypeError, ValueError, ArithmeticError):
        return _FEW_POWERS
    return (int(n) if n == int(n) else n, *_FEW_POWERS)
