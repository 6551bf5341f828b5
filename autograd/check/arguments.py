"""What the checks are given: functions, and trees of numbers. What is said where it is refused."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograd.calls import parameter_names
from autograd.engine import Value
from autograd.errors import DomainError, show
from autograd.operation import number_of
from autograd.reals import alike, as_real, precise, refusal, unboxed
from autograd.trees import Tree


@dataclass(frozen=True)
class Task:
    """A function and its arguments, taken apart into numbers.

    Attributes:
        caller: how messages begin, `check_gradient(f, *x)`.
        trees: the arguments, taken apart.
        names: of each number, `w[0][1]`.
        numbers: all numbers of the arguments, in order: Fractions, Decimals and mpmath's as they are, others as floats.
    """

    caller: str
    f: Callable[..., Any]
    trees: list[Tree]
    names: list[str]
    numbers: list[Any]

    @classmethod
    def of(cls, caller: str, f: Any, x: tuple[Any, ...], names: list[str] | None = None) -> "Task":
        """Take the arguments apart.

        Raises:
            TypeError, ValueError: f is no function, or x are not finite numbers; names the argument.
        """
        if not callable(f):
            raise TypeError(f"{caller}: f is {show(f)}, of class {type(f).__name__}; wanted a function.")
        trees, found, numbers = [], [], []
        for name, each in zip(names or parameter_names(f, len(x)), x, strict=True):
            tree = Tree.of(each, caller, name)
            if not tree.leaves:
                raise ValueError(f"{caller}: {name} is empty; wanted a number, or a list or array of numbers.")
            paths = [f"{name}{path}" for path in tree.paths]
            numbers += [_finite(caller, path, leaf) for path, leaf in zip(paths, tree.leaves, strict=True)]
            found += paths
            trees.append(tree)
        if not trees:
            raise ValueError(f"{caller}: there is no x; wanted the numbers at which to differentiate f.")
        return cls(caller, f, trees, found, numbers)

    def moved(self, i: int, x: float) -> Any:
        """The i-th number moved to x, in its own arithmetic; from where it is exactly, not from the nearest float."""
        given = self.numbers[i]
        return x if given.__class__ is float else given + alike(x - float(given), given)

    def call(self, elements: list[Any]) -> Any:
        """f of the same trees, with other elements (numbers or Values)."""
        remaining = iter(elements)
        return unboxed(self.f(*[tree.rebuilt(remaining) for tree in self.trees]))

    def value(self, elements: list[Any]) -> float:
        """The number that f returns, with or without a graph."""
        return self.number(self.call(elements))

    def number(self, y: Any) -> float:
        """What f returned, as a float.

        Raises:
            TypeError: it is no number.
            DomainError: it is complex, as (-1.0)**0.5 is, or nan.
        """
        y = number_of(y)
        if why := refusal(y):
            error = DomainError if isinstance(y, complex | float) else TypeError
            raise error(f"{self.caller}: f returned {show(y)}; wanted one number: {why}.")
        return float(as_real(y))

    @property
    def title(self) -> str:
        """The name of f, as tables call it."""
        name = getattr(self.f, "__name__", None) or getattr(self.f, "name", None) or type(self.f).__name__
        return "f" if name == "<lambda>" else name


def _finite(caller: str, name: str, x: Any) -> Any:
    if isinstance(x, Value):
        raise TypeError(f"{caller}: {name} is the Value {show(x)}; wanted its number, {name}.data.")
    x = unboxed(x)
    try:
        number = float(as_real(x))
    except (TypeError, ValueError, OverflowError) as error:
        raise type(error)(f"{caller}: {name} = {show(x)}: {error}.") from None
    if math.isinf(number):
        raise ValueError(f"{caller}: {name} = {number!r}: wanted a finite number.")
    return x if isinstance(x, Fraction | Decimal) or precise(x) else number
