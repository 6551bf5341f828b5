"""What an operation does, as numbers: so a pickle tells whether the operation it finds is the one it was made with.

Source and bytecode would not do. They change with Python's version and with a comment, and stay the same where a
constant that a closure holds has changed. Numbers are the same on every machine, but for their last digits.
"""

import math
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from autograd.errors import call

Sample = tuple[tuple[float, ...], tuple[float, ...]]
"""Operands; and the value there, followed by the slope in each of them."""

_OPERANDS = (0.3, 2.9, -1.7, 0.8, 41.0, -0.6)
_MANY = 4  # operands for an operation that takes any number: even, since dot wants pairs
_LAST_DIGITS = 1e-9  # relative: where the same definition may differ from one machine to the next

_known: WeakKeyDictionary[Any, tuple[Sample, ...]] = WeakKeyDictionary()


def behaviour(op: Any) -> tuple[Sample, ...]:
    """The operation at a few points; without those where it has no value, or gives another one each time."""
    if op not in _known:
        first, again = list(_samples(op)), list(_samples(op))
        _known[op] = tuple(one for one, other in zip(first, again, strict=False) if one == other)
    return _known[op]


def change(op: Any, before: tuple[Sample, ...]) -> str | None:
    """In words, where the operation does something else than `before`; None where it does not."""
    if before == behaviour(op):
        return None
    for x, numbers in before:
        try:
            now = _numbers(op, x)
        except ImportError:  # the package it needs is not here; it says so when it is used
            return None
        if now is None:
            return f"{call(op.name, x)} was {numbers[0]!r}, and has no value now"
        if not _close(now[:1], numbers[:1]):
            return f"{call(op.name, x)} was {numbers[0]!r}, and is {now[0]!r} now"
        if not _close(now, numbers):
            return f"the slopes of {call(op.name, x)} were {numbers[1:]}, and are {now[1:]} now"
    return None


def _samples(op: Any) -> Iterator[Sample]:
    operands = op.arity if op.arity is not None else _MANY
    points = [tuple((_OPERANDS * 2)[i : i + operands]) for i in range(len(_OPERANDS))]
    inside = op.domain * (1 if op.arity is not None else _MANY)
    points.append(tuple(low * 0.75 + high * 0.25 for low, high in inside))
    for x in points:
        try:
            numbers = _numbers(op, x)
        except ImportError:
            return
        if numbers is not None:
            yield x, numbers


def _numbers(op: Any, x: tuple[float, ...]) -> tuple[float, ...] | None:
    """The value and the slopes at x; None where there are none, whatever the closures say to that."""
    try:
        y = op.forward(*x)
        numbers = tuple(map(float, (y, *op.backward(1.0, y, *x))))
    except ImportError:
        raise
    except Exception:  # closures of anybody's
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _close(now: tuple[float, ...], before: tuple[float, ...]) -> bool:
    pairs = zip(now, before, strict=False)
    return len(now) == len(before) and all(math.isclose(*pair, rel_tol=_LAST_DIGITS, abs_tol=1e-12) for pair in pairs)
