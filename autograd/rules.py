"""A rule asked for one operand at a time.

`backward(g, y, *x)` gives the cotangents of all operands at once. Where one of them has no value (d/dn of aⁿ at a = −2)
the others may be right all the same. So the rule is run once on stand-ins that write down what it does (call by need,
as a lazy language has it), and only what is asked for is computed. The writing also says what a cotangent *reads*.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from autograd.operation import Node, Op


class Rule:
    """`op.backward(g, y, *x)`, written down; numbers or Values, as they come.

    Raises:
        TypeError: the rule gives something else than as many cotangents as there are operands.
    """

    def __init__(self, op: Op, g: Any, y: Any, x: Sequence[Any]) -> None:
        self._steps: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self._done: dict[int, Any] = dict(enumerate((g, y, *x)))
        self._early: set[int] = set()  # what the rule itself looked at, to branch, say: every cotangent reads it
        self._sources = len(self._done)
        passed = op.backward(*(_Later(self, place) for place in range(self._sources)))
        self._passed = list(map(_placed, passed)) if isinstance(passed, tuple | list) else []
        if len(self._passed) != len(x):
            raise TypeError("backward has to give as many cotangents as there are operands")

    def cotangent(self, i: int) -> Any:
        """What it passes to the i-th operand; raises what the rule raises on the way to it."""
        passed = self._passed[i]
        return self.now(passed) if isinstance(passed, _Place) else passed

    def reads(self, i: int) -> set[int]:
        """What the i-th cotangent is made of besides g: 0 for the output, 1 for the first operand, 2 …"""
        passed = self._passed[i]
        places = self._behind(passed) if isinstance(passed, _Place) else set()
        return {place - 1 for place in places | self._early if 0 < place < self._sources}

    def write(self, function: Callable[..., Any], operands: tuple[Any, ...]) -> "_Later":
        self._steps.append((function, tuple(map(_placed, operands))))
        return _Later(self, self._sources + len(self._steps) - 1)

    def look(self, place: int) -> Any:
        """The number of a stand-in, for a rule that cannot do without."""
        self._early |= self._behind(place)
        return self.now(place)

    def now(self, place: int) -> Any:
        for each in sorted(self._behind(place) - self._done.keys()):
            function, operands = self._steps[each - self._sources]
            self._done[each] = function(*[self._done[x] if isinstance(x, _Place) else x for x in operands])
        return self._done[place]

    def _behind(self, place: int) -> set[int]:
        """Everything that a place is computed from, itself included."""
        found, stack = set[int](), [place]
        while stack:
            place = stack.pop()
            if place not in found:
                found.add(place)
                if place >= self._sources:
                    stack += [x for x in self._steps[place - self._sources][1] if isinstance(x, _Place)]
        return found


class _Place(int):
    """Where a rule has a number: all that it keeps of a stand-in, which knows its rule."""


def _placed(x: Any) -> Any:
    return _Place(x._place) if isinstance(x, _Later) else x


class _Later(Node):
    """A stand-in for a number of a rule: arithmetic on it is written down, a look at it gives the number."""

    __slots__ = ("_place", "_rule")

    def __init__(self, rule: Rule, place: int) -> None:
        self._rule, self._place = rule, place

    @staticmethod
    def record(op: Op, operands: tuple[Any, ...]) -> Any:
        rule = next(x._rule for x in operands if isinstance(x, _Later))
        return rule.write(op, operands)

    @property
    def data(self) -> Any:
        """The bare number, for those who ask what kind of number it is."""
        number = self._rule.now(self._place)
        return getattr(number, "data", number)

    def _look(self) -> Any:
        return self._rule.look(self._place)

    def __bool__(self) -> bool:
        return bool(self._look())

    def __float__(self) -> float:
        return float(self._look())


def _written(function: Callable[..., Any]) -> Callable[..., _Later]:
    return lambda self, *others: self._rule.write(function, (self, *others))


def _reflected(function: Callable[..., Any]) -> Callable[..., _Later]:
    return lambda self, other: self._rule.write(function, (other, self))


def _compared(function: Callable[..., Any]) -> Callable[..., bool]:
    return lambda self, other: function(self._look(), other._look() if isinstance(other, _Later) else other)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(_Later, f"__{_name}__", _written(getattr(operator, _name)))
    setattr(_Later, f"__r{_name}__", _reflected(getattr(operator, _name)))
for _name in ("neg", "pos", "abs"):
    setattr(_Later, f"__{_name}__", _written(getattr(operator, _name)))
for _name in ("lt", "le", "gt", "ge"):
    setattr(_Later, f"__{_name}__", _compared(getattr(operator, _name)))
