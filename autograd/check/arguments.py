"""What the checks are given: functions, and numbers in lists and arrays. What is said where it is refused."""

import inspect
import math
import numbers
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograd.engine import Op, Value
from autograd.errors import DomainError, show
from autograd.operation import number_of
from autograd.reals import alike, as_real, precise, refusal, unboxed


@dataclass(frozen=True)
class Task:
    """A function and its arguments, taken apart into numbers.

    Attributes:
        caller: how messages begin, `check_gradient(f, *x)`.
        x: the arguments as they came.
        names: of each number, `w[0][1]`.
        numbers: all numbers of the arguments, in order: Fractions, Decimals and mpmath's as they are, others as floats.
    """

    caller: str
    f: Callable[..., Any]
    x: tuple[Any, ...]
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
        parts = []
        for name, each in zip(names or _parameters(f, len(x)), x, strict=True):
            found = list(_elements(caller, name, each))
            if not found:
                raise ValueError(f"{caller}: {name} is empty; wanted a number, or a list or array of numbers.")
            parts += found
        if not parts:
            raise ValueError(f"{caller}: there is no x; wanted the numbers at which to differentiate f.")
        return cls(caller, f, x, [name for name, _ in parts], [number for _, number in parts])

    def moved(self, i: int, x: float) -> Any:
        """The i-th number moved to x, in its own arithmetic; from where it is exactly, not from the nearest float."""
        given = self.numbers[i]
        return x if given.__class__ is float else given + alike(x - float(given), given)

    def call(self, elements: list[Any]) -> Any:
        """f of arguments of the same shapes, with other elements (numbers or Values)."""
        remaining = iter(elements)
        return unboxed(self.f(*(_rebuilt(each, remaining) for each in self.x)))

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


def shape(caller: str, x: Any, name: str = "x") -> tuple[int, ...]:
    """The shape of a number, an array or nested lists.

    Raises:
        ValueError: the lists differ in length.
    """
    if _is_array(x):
        return tuple(x.shape)
    if not isinstance(x, list | tuple):
        return ()
    first, *others = shapes = [shape(caller, each, f"{name}[{i}]") for i, each in enumerate(x)]
    for i, other in enumerate(others, 1):
        if other != first:
            raise ValueError(
                f"{caller}: {name} is ragged: {name}[0] has shape {first} and {name}[{i}] has {other}; "
                "wanted the same for all."
            )
    return (len(shapes), *first)


def _parameters(f: Callable[..., Any], count: int) -> list[str]:
    """What f calls its first arguments."""
    try:
        parameters = list(inspect.signature(f.backward if isinstance(f, Op) else f).parameters.values())
    except (TypeError, ValueError):  # some builtins have no signature
        parameters = []
    parameters = parameters[2:] if isinstance(f, Op) else parameters  # behind g and y
    names = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    many = next((each.name for each in parameters if each.kind is each.VAR_POSITIONAL), "x")
    return (names + [f"{many}[{i}]" for i in range(count)])[:count]


def _is_array(x: Any) -> bool:
    return hasattr(x, "shape") and hasattr(x, "tolist") and not isinstance(x, numbers.Number) and x.shape != ()


def _elements(caller: str, name: str, x: Any) -> Iterator[tuple[str, Any]]:
    """Every number of x, with its name."""
    if _is_array(x):
        import numpy as np

        for index in np.ndindex(*x.shape):
            yield from _elements(caller, f"{name}[{', '.join(map(str, index))}]", x[index])
    elif isinstance(x, list | tuple):
        for i, each in enumerate(x):
            yield from _elements(caller, f"{name}[{i}]", each)
    else:
        yield name, _finite(caller, name, x)


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


def _rebuilt(x: Any, elements: Iterator[Any]) -> Any:
    """The shape of x, filled with the elements."""
    if _is_array(x):
        import numpy as np

        filling = [next(elements) for _ in range(x.size)]
        return np.array(filling, dtype=object if isinstance(filling[0], Value) else None).reshape(x.shape)
    if isinstance(x, list | tuple):
        return (list if isinstance(x, list) else tuple)(_rebuilt(each, elements) for each in x)
    return next(elements)
