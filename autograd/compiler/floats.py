"""Programs compute in float64: which numbers they take, and which they refuse rather than round without a word."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import NotCompilable, call
from autograd.operation import Op
from autograd.reals import is_bool, is_nan, precise, refusal

_EXACT_INTEGERS = 2**53  # up to here every integer is a float
_LARGEST = int(np.finfo(np.float64).max)
_ADVICE = "programs compute in float64; write float(x)"


def float_of(where: str, x: Any) -> float:
    """The same number as float; `where` says what it is.

    Raises:
        TypeError: a float would lose digits: a Fraction, a Decimal, an mpf, an integer that is no float. Or it is no
            number; ValueError if it is text, also where `float` could read it.
    """
    if x.__class__ is float:
        return x
    if _loses(x):
        raise TypeError(f"{where} is {_brief(x)}: {_ADVICE}.")
    if isinstance(x, str | bytes):  # which float() would read
        raise ValueError(f"{where} is {x!r}; wanted a number.")
    try:
        return float(x)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{where} is {x!r}; wanted a number.") from error


def constant_of(data: Any) -> float:
    """A number that stands in the code, as float64 has it: rounded as in a product with a float, or infinite.

    Raises:
        NotCompilable: an mpf, which would carry its digits into every result.
    """
    if precise(data):
        raise NotCompilable(f"compile(f): f computes with {data!r}: {_ADVICE}.")
    try:
        return float(data)
    except OverflowError:
        return math.inf if data > 0 else -math.inf


def array_of_floats(given: Any) -> NDArray[Any]:
    """An array of the same numbers in float64.

    Raises:
        TypeError, ValueError: says which number is none, or would lose digits; or the array is ragged.
    """
    array = np.asarray(given)
    if array.dtype.kind in "US":
        raise TypeError(f"{array.flat[0].item()!r} is text" if array.size else "it is text")
    if array.dtype.kind in "iuO":
        whole = array.dtype.kind != "O"
        suspects = array[(array > _EXACT_INTEGERS) | (array < -_EXACT_INTEGERS)].tolist() if whole else array.flat
        for x in suspects:
            if isinstance(x, str | bytes):
                raise TypeError(f"{x!r} is text")
            if x is None:  # which NumPy takes for nan
                raise TypeError("None stands where a number is wanted")
            if _loses(x):
                raise TypeError(f"{_brief(x)} is among them: {_ADVICE}")
    return np.asarray(given, dtype=np.float64)


def _loses(x: Any) -> bool:
    """Whether it carries digits that a float does not have."""
    if isinstance(x, Integral):
        return abs(int(x)) > _EXACT_INTEGERS and (abs(int(x)) > _LARGEST or int(float(x)) != int(x))
    return isinstance(x, Fraction | Decimal) or bool(precise(x))


def _brief(x: Any) -> str:
    if isinstance(x, Integral) and abs(int(x)) > _LARGEST:
        return "an integer beyond the floats"
    return repr(x) if len(repr(x)) <= 40 else f"{repr(x)[:37]}..."


def elementwise(op: Op, parameters: int) -> Callable[..., Any]:
    """An operation without array form: its `forward`, number by number; nan where it has no value.

    Raises:
        TypeError: `forward` does, or gives no number; names the operation and its operands, as the graph does.
    """

    def each(*numbers: Any) -> float:
        x = list(map(float, numbers))
        try:
            y = op.forward(*x)
            if y.__class__ is float or is_nan(y):
                return y
            if is_bool(y) or not (why := refusal(y)):
                return float(y)
        except (ValueError, ArithmeticError):
            return float("nan")
        except TypeError as error:
            raise TypeError(f"{call(op.name, x)}: {error}.") from error
        raise TypeError(f"{call(op.name, x)}: forward returned {y!r}: {why}.")

    ufunc = np.frompyfunc(each, parameters, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays), dtype=float)
