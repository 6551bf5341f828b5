"""The oracle of the laws: values and derivatives of operations at 50 digits and more. Needs mpmath (extra `test`).

A derivative is a difference quotient at so many digits that neither its truncation nor its rounding is seen in the
first 30; the engine's rules are not used. Where left and right quotient differ there is a kink, and no oracle.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from mpmath import mp, mpf

from autograd.operation import Op

_ENOUGH = 1200  # digits: two numbers that agree to these are equal for any float


def truth(op: Op) -> Callable[..., Any]:
    """The operation's function in mpmath, at the precision of the moment."""
    return op.at_precision(mp)


@functools.lru_cache(maxsize=1024)
def knows(op: Op) -> bool:
    """Whether the operation's function computes with mpmath's numbers, and not with floats on the way."""
    x = [mpf(low + high) / 2 if abs(low) < 1e9 else mpf(3) for low, high in op.domain * (1 if op.arity else 2)]
    try:
        return not isinstance(truth(op)(*x), float)
    except (TypeError, ValueError, ArithmeticError):
        return op.truth is not None


def value(op: Op, x: Sequence[Any]) -> Any:
    """The value of `op` at x, to 50 digits at least."""
    with mp.workdps(_digits(x)):
        return +mpf(truth(op)(*map(mpf, x)))


def derivative(op: Op, x: Sequence[Any], i: int) -> Any:
    """∂op/∂xᵢ at x, or None at a kink or a jump."""
    return quotient(truth(op), x, i)


def quotient(f: Callable[..., Any], x: Sequence[Any], i: int) -> Any:
    """The difference quotient of f in its i-th operand, to 30 digits; None where it does not settle on one number."""
    before = None
    for digits in (_digits(x), 2 * _digits(x), _ENOUGH + _digits(x), 2 * _ENOUGH + _digits(x)):
        left, right = _one_sided(f, x, i, digits)
        with mp.workdps(digits):
            middle = (left + right) / 2
            smooth = abs(left - right) <= mpf(10) ** -10 * abs(middle)
            if digits > _ENOUGH and abs(left) + abs(right) < mpf(10) ** -350:
                return mpf(0)
            settled = before is not None and abs(middle - before) <= mpf(10) ** -30 * abs(middle)
            if smooth and settled and middle:  # a 0 may be a difference too small to see
                return middle
            before = middle
    return None


def one_sided(op: Op, x: Sequence[Any]) -> tuple[Any, Any]:
    """The slopes in the first operand, from the left and from the right."""
    return _one_sided(truth(op), x, 0, 4 * _digits(x))


def second_derivative(op: Op, x: Sequence[Any], i: int, j: int) -> Any:
    """∂²op/∂xᵢ∂xⱼ at x by second differences to 20 digits; None where they do not settle (a kink, or next to one)."""
    coarse = None
    for digits in (100, 200, 600):
        with mp.workdps(digits):
            fine = _second_difference(truth(op), [*map(mpf, x)], i, j, mpf(10) ** -(digits // 5))
            if coarse is not None and abs(coarse - fine) <= mpf(10) ** -20 * max(1, abs(fine)):
                return fine
            coarse = fine
    return None


def _second_difference(f: Callable[..., Any], x: list[Any], i: int, j: int, h: Any) -> Any:
    def shifted(a: int, b: int) -> Any:
        return f(*(each + h * (a * (k == i) + b * (k == j)) for k, each in enumerate(x)))

    if i == j:
        return (shifted(2, 0) - 2 * shifted(0, 0) + shifted(-2, 0)) / (4 * h * h)
    return (shifted(1, 1) - shifted(1, -1) - shifted(-1, 1) + shifted(-1, -1)) / (4 * h * h)


def _one_sided(f: Callable[..., Any], x: Sequence[Any], i: int, digits: int) -> tuple[Any, Any]:
    with mp.workdps(digits):
        x = [mpf(each) for each in x]
        h = (abs(x[i]) or mpf(1)) * mpf(10) ** -(digits // 3)
        below, here, above = (f(*x[:i], x[i] + step, *x[i + 1 :]) for step in (-h, 0, h))
        return (here - below) / h, (above - here) / h


def _digits(x: Sequence[Any]) -> int:
    """60, and twice as many more as the smallest operand has zeros after the point."""
    return 60 + 2 * max([0, *(int(-math.log10(abs(each))) for each in x if 0 < abs(each) < 1)])


def ulps(ours: float, true: Any, absolute: float = 0.0) -> float:
    """The error of `ours` in units in the last place of `true`, after `absolute` is forgiven."""
    with mp.workdps(50):
        error = abs(mpf(ours) - true) - absolute
        return float(max(error, mpf(0)) / math.ulp(float(true)))
