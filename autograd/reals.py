"""The numbers that a node may hold: which are taken, how they are kept, and the zero that says "nothing".

What is refused, and in which words, is decided here; `errors.py` makes whole sentences of it.
"""

import math
from collections.abc import Callable
from decimal import Decimal, getcontext
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

from autograd.doubles import Node

_NUMBERS = (int, Real, Decimal)  # int first: most are found there
_KINDS: dict[type, Callable[[Any], Any]] = {Integral: int, Fraction: Fraction, Decimal: Decimal}
_KEPT = {int, float, Fraction, Decimal}


class Nothing(float):
    """The number 0 that says "nothing arrives": a strong zero, which any factor leaves as it is, infinity too.

    A rule passes it where nothing can flow: to the branch not taken, on the flat side of relu. So the slope behind it
    is not asked for. A zero that was *computed* is another thing: times an infinite slope it has no value. (Julia's
    `false` is such a zero; JAX and ChainRules have symbolic ones.) Among exact numbers a plain int 0 says the same.
    """

    __slots__ = ()

    def __mul__(self, other: Any) -> Any:
        return self if other.__class__ is float or isinstance(other, _NUMBERS) else NotImplemented

    def __add__(self, other: Any) -> Any:
        return other if other.__class__ is float or isinstance(other, _NUMBERS) else NotImplemented

    def __sub__(self, other: Any) -> Any:
        return -other if other.__class__ is float or isinstance(other, _NUMBERS) else NotImplemented

    def __truediv__(self, other: Any) -> Any:
        if other == 0:
            raise ZeroDivisionError("division by zero")
        return self * other

    def __neg__(self) -> "Nothing":
        return self

    __rmul__, __radd__, __rsub__, __pos__, __abs__ = __mul__, __add__, __add__, __neg__, __neg__

    def __repr__(self) -> str:
        return "0"

    __str__ = __repr__

    def __reduce__(self) -> str:
        return "nothing"


nothing = Nothing(0.0)
"""The one `Nothing`: in a rule, `where(c, g, nothing)`. A plain int 0 among a rule's results means the same."""


def unboxed(x: Any) -> Any:
    """The number in an array of shape (), NumPy's, JAX's or torch's, or in a NumPy scalar; all else as it is."""
    if isinstance(x, Node):  # which would say at length that it has no shape
        return x
    boxed = getattr(x, "shape", None) == () and hasattr(x, "item") and not getattr(x, "mask", False)
    is_time = boxed and getattr(getattr(x, "dtype", None), "kind", "") in ("m", "M")
    return x.item() if boxed and not is_time else x


def is_nan(data: Any) -> bool:
    """Whether `data` is a number that is not a number."""
    data = unboxed(data)
    if isinstance(data, Decimal):
        return data.is_nan()  # a signalling one refuses to be compared
    return isinstance(data, Real) and data != data


def is_bool(data: Any) -> bool:
    """Whether `data` is Python's bool or NumPy's."""
    return isinstance(data, bool) or type(data).__name__ in ("bool", "bool_")


def refusal(data: Any) -> str | None:
    """Why `data` cannot be the number of a node, and what to do about it; None if it can."""
    match data:
        case _ if is_bool(data):
            return "a bool is not a real number; write 1 or 0"
        case float() | Decimal() if is_nan(data):
            return "nan is not a real number; find where it came from"
        case int() | float() | Fraction() | Decimal():
            return None
        case _ if type(data).__name__ in ("timedelta64", "datetime64"):  # NumPy counts the first among the integers
            return "a time is not a real number; divide a span of it by a unit, as in x / np.timedelta64(1, 's')"
        case str() | bytes():
            return f"a {type(data).__name__} is not a real number; convert it first, as in float('2.5')"
        case complex():
            return "a complex number is not a real number; use its .real and .imag as two Values"
        case None:
            return "None is not a real number (did a function forget to return it?)"
        case list() | tuple() | set() | dict():
            return f"a {type(data).__name__} is not a real number; make one Value per element"
        case Real():  # NumPy's scalars, and mpmath's
            return refusal(math.nan) if is_nan(data) else None
        case _ if hasattr(data, "shape") and type(number := unboxed(data)) is not type(data):
            return refusal(number)
        case _ if getattr(data, "shape", ()):
            return f"an array of shape {tuple(data.shape)} is not one real number; make one Value per element"
    return f"an object of class {type(data).__name__} is not a real number"


def as_real(data: Any) -> Any:
    """`data` as a node keeps it: int, Fraction, Decimal and mpmath's mpf exactly, everything else real as float.

    Raises:
        TypeError: `data` is not a real number.
        ValueError: `data` is nan, or finite and too large for the float that it would become.
    """
    if why := refusal(data):
        raise (ValueError if is_nan(data) else TypeError)(why)
    if data.__class__ in _KEPT or data is nothing or precise(data):
        return data
    for kind, kept in _KINDS.items():
        if isinstance(data, kind):  # of subclasses (IntEnum, say) the number: it is what arithmetic goes on with
            return kept(data)
    if not isinstance(data, Real):
        return as_real(unboxed(data))
    number = float(data)
    if math.isinf(number) and number != data:
        raise ValueError(f"{data!r} is too large for a float")
    return number


def as_operand(x: Any) -> Any:
    """As `as_real`; but a bool counts as 1 or 0, as in Python, so that a comparison can be an operand."""
    x = unboxed(x)
    return int(x) if is_bool(x) else as_real(x)


def precise(number: Any) -> Any:
    """The mpmath context of a number of mpmath's, which carries its precision; None for any other number."""
    return getattr(number, "context", None) if isinstance(number, Real) else None


def unit(number: Any) -> float:
    """The most by which one rounding moves numbers of this kind, in parts of them; 0 for exact ones."""
    if mp := precise(number):
        return float(mp.eps) / 2
    if isinstance(number, Decimal):
        return 0.5 * 10.0 ** (1 - getcontext().prec)
    return 2.0**-53 if isinstance(number, float) else 0.0


def exactly(number: Any) -> Fraction:
    """The fraction that a number of any type is.

    Raises:
        OverflowError: it is infinite, or an mpf with millions of digits.
    """
    if not precise(number):
        return Fraction(number)
    sign, mantissa, exponent, _ = number._mpf_
    if not is_finite(number) or abs(exponent) > 10**6:
        raise OverflowError("the fraction is too large")
    return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent


def alike(number: Any, other: Any) -> Any:
    """`number` in the arithmetic of `other`: Fraction, Decimal and mpf exactly, float rounded; an int stays among ints.

    So the cotangent 1 of a Fraction is a Fraction, and `1 / 3` of it is exact.
    """
    number = unboxed(number)
    if other.__class__ is float and number.__class__ is int:
        return float(number)
    if number is nothing or not is_finite(number):
        return number
    if isinstance(other, Decimal):
        return Decimal(number.numerator) / number.denominator if isinstance(number, Fraction) else Decimal(number)
    if isinstance(other, Fraction):
        return Fraction(number)
    if mp := precise(other):
        return mp.mpf(number)
    return number if isinstance(other, int) or precise(number) else float(number)


def is_nothing(number: Any) -> bool:
    """Whether it says that nothing arrives: `nothing`, or an int 0; a 0.0 was computed."""
    return number is nothing or (number.__class__ is int and not number)


def is_finite(number: Any) -> bool:
    """Whether it is neither infinite nor nan."""
    try:
        return abs(number) < math.inf
    except ArithmeticError:  # a Decimal that is no number
        return False
