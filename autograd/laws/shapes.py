"""What somebody's engine can compute, and programs of that, on theirs and on ours."""

import functools
import inspect
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from autograd import functions
from autograd.catalogue import operations
from autograd.errors import DomainError
from autograd.operation import Op

_TOLERANCE = 1e-6  # relative: theirs may round as it likes; a wrong rule is further off
_EVERYDAY = -4.0, 4.0
_OTHER_NAMES = {"ln": "log", "logistic": "sigmoid", "arctan": "atan", "swish": "silu", "__abs__": "abs"}
_LEFT_OUT = {"sign", "step", "floor", "ceil", "trunc", "round", "identity", "neg"}  # often something else
RULES = {
    "tanh": "(1 - tanh(x)²)",
    "exp": "exp(x)",
    "log": "1 / x",
    "sigmoid": "sigmoid(x) · (1 - sigmoid(x))",
    "sin": "cos(x)",
    "cos": "-sin(x)",
    "tan": "(1 + tan(x)²)",
    "sqrt": "1 / (2 · sqrt(x))",
    "square": "2 · x",
    "reciprocal": "-1 / x²",
    "softplus": "sigmoid(x)",
    "sinh": "cosh(x)",
    "cosh": "sinh(x)",
    "atan": "1 / (1 + x²)",
    "x ** 2": "2 · x",
    "x ** 3": "3 · x²",
    "x ** -1": "-1 / x²",
    "x ** 0.5": "0.5 · x^-0.5",
}
"""Derivatives that are formulas in every language; those that need words are in `words.py`."""


@dataclass(frozen=True)
class Form:
    """One way to write an operation, on their numbers and on ours.

    Attributes:
        name: as sentences call it, `x * y` or `tanh(x)`.
        text: as programs write it, `{0} * {1}`.
        theirs: of their nodes, for some of which numbers may stand.
        ours: of our Values and of numbers.
        domain: an interval for each operand, within which derivatives are moderate.
        kinks: the operands, of one, at which a convention decides.
        numbers_left: whether a number may stand to the left of a node.
    """

    name: str
    text: str
    theirs: Callable[..., Any]
    ours: Callable[..., Any]
    domain: tuple[tuple[float, float], ...]
    kinks: tuple[float, ...] = ()
    numbers_left: bool = True

    @property
    def arity(self) -> int:
        """How many operands."""
        return len(self.domain)

    def __call__(self, *operands: Any) -> Any:
        """On Values and on numbers.

        Raises:
            DomainError: it has no real value there, which Python's own numbers say in several ways.
        """
        try:
            y = self.ours(*operands)
        except DomainError:
            raise
        except (ValueError, ArithmeticError) as error:
            raise DomainError(str(error)) from None
        if isinstance(y, complex):
            raise DomainError(f"{self.name} is complex")
        return y

    def __repr__(self) -> str:
        return self.name


SIGNS = {
    "+": ("add", operator.add),
    "-": ("sub", operator.sub),
    "*": ("mul", operator.mul),
    "/": ("truediv", operator.truediv),
}
_POWERS = (2, 3, -1, 0.5)


def operators(engine: type) -> Iterator[Form]:
    """The forms of arithmetic that a class has."""
    for sign, (method, apply) in SIGNS.items():
        if defines(engine, f"__{method}__"):
            domain = (_EVERYDAY, (0.1, 4.0) if sign == "/" else _EVERYDAY)
            yield Form(f"x {sign} y", f"{{0}} {sign} {{1}}", apply, apply, domain)
    if defines(engine, "__neg__"):
        yield Form("-x", "-{0}", operator.neg, operator.neg, (_EVERYDAY,))
    if defines(engine, "__pow__"):
        yield from map(power, _POWERS)


def defines(engine: type, method: str) -> bool:
    """Whether a class has an operator; None in its place says that it has not."""
    return getattr(engine, method, None) is not None


def power(n: float) -> Form:
    """x ** n."""

    def apply(x: Any) -> Any:
        return x**n

    return Form(f"x ** {n}", f"{{0}} ** {n}", apply, apply, (_EVERYDAY if n > 0 and n == int(n) else (0.1, 4.0),))


def found_functions(engine: type) -> Iterator[Form]:
    """Methods without arguments that are called as one of the library's operations is."""
    for name in sorted(dir(engine)):
        op = _operation(name)
        if op is not None and _takes_itself_only(getattr(engine, name, None)):
            text = "abs({0})" if name == "__abs__" else f"{{0}}.{name}()"
            yield _function(op, operator.methodcaller(name), text, name)


def functions_of(engine: type, module: Any) -> dict[str, Callable[..., Any]] | None:
    """Methods, and functions of one argument in the module, that have the name of an operation; None without these."""
    beside = {
        name: each
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == module.__name__
        if _operation(name) and _takes_itself_only(each)
    }
    methods = [name for name in dir(engine) if _operation(name) and _takes_itself_only(getattr(engine, name))]
    return {**{name: operator.methodcaller(name) for name in methods}, **beside} if beside else None


def given_functions(given: Mapping[str, Callable[..., Any]]) -> Iterator[Form]:
    """Functions by name.

    Raises:
        ValueError: there is no operation of this name.
        TypeError: what stands there is no function.
    """
    for name, function in given.items():
        op = _operation(name)
        if op is None:
            known = ", ".join(sorted(_table()))
            raise ValueError(f"check_engine(functions={{{name!r}: …}}): wanted one of {known}.")
        if not callable(function):
            raise TypeError(f"check_engine(functions={{{name!r}: {function!r:.40}}}): wanted a function.")
        yield _function(op, function, f"{name}({{0}})", name)


def _function(op: Op, theirs: Callable[..., Any], text: str, name: str) -> Form:
    (low, high), ours = op.domain[0], op
    if low == 0 or 0 < low < 0.1:
        low = 0.1
    low, high = max(low, _EVERYDAY[0]), min(high, _EVERYDAY[1])
    if (low, high) == (-1.0, 1.0) or op.name in ("erfinv", "atanh", "log1p"):
        low, high = -0.9, 0.9  # they end there, infinitely steep
    if op.name == "tan":
        low, high = -1.4, 1.4
    if op.name == "acosh":
        low = 1.1
    kinks = tuple(operands[0] for operands, _ in op.edges)
    return Form(f"{op.name}(x)", text, theirs, ours, ((low, high),), kinks)


@functools.cache
def _table() -> dict[str, Op]:
    """The library's operations of one operand, by name; not what users have defined."""
    return {
        op.name: op
        for op in operations()
        if op.arity == 1 and not op.family and op.name not in _LEFT_OUT and getattr(functions, op.name, None) is op
    }


def _operation(name: str) -> Op | None:
    lower = name.lower()
    return _table().get(_OTHER_NAMES.get(lower, lower))


def _takes_itself_only(method: Any) -> bool:
    try:
        required = [
            each
            for each in inspect.signature(method).parameters.values()
            if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        ]
    except (TypeError, ValueError):
        return callable(method)
    return len(required) == 1


@dataclass(frozen=True)
class StraightLine:
    """Inputs, and steps, each a form of earlier results (an int counts them, inputs first) and constants (floats)."""

    inputs: tuple[float, ...]
    steps: tuple[tuple[Form, tuple[int | float, ...]], ...]

    def run(self, leaves: Sequence[Any], theirs: Callable[[float], Any] | None = None) -> list[Any]:
        """All results, inputs first; on their nodes, where `theirs` makes one of a number."""
        results = list(leaves)
        for form, operands in self.steps:
            given = [results[x] if isinstance(x, int) else x for x in operands]
            if theirs and isinstance(operands[0], float) and not form.numbers_left:
                given[0] = theirs(operands[0])
            results.append((form.theirs if theirs else form)(*given))
        return results

    @property
    def names(self) -> list[str]:
        """Of the results: a, b, c, …"""
        size = len(self.inputs) + len(self.steps)
        return [ascii_lowercase[i] if i < 26 else f"v{i}" for i in range(size)]

    def lines(self, maker: str = "Value") -> list[str]:
        """The program as text, a line for each input and step."""
        names = self.names
        lines = [f"{name} = {maker}({x:g})" for name, x in zip(names, self.inputs, strict=False)]
        for name, (form, operands) in zip(names[len(self.inputs) :], self.steps, strict=True):
            written = [self._operand(form, i, x, maker) for i, x in enumerate(operands)]
            lines.append(f"{name} = {form.text.format(*written)}")
        return lines

    def _operand(self, form: Form, i: int, x: int | float, maker: str) -> str:
        if isinstance(x, int):
            return self.names[x]
        return f"{maker}({x!r})" if i == 0 and not form.numbers_left else short(x)

    def __repr__(self) -> str:
        return "; ".join(self.lines()[len(self.inputs) :])


def short(x: float) -> str:
    """A number with all its digits, 2 and not 2.0."""
    return f"{x:g}" if float(f"{x:g}") == x else repr(x)


def shown(theirs: float, right: float) -> tuple[str, str]:
    """Two numbers that differ, with as few digits as show it."""
    for digits in (4, 6, 9, 17):
        pair = f"{theirs:.{digits}g}", f"{right:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def agree(theirs: float, right: float) -> bool:
    """Whether a number is right, but for rounding."""
    return theirs == right or abs(theirs - right) <= _TOLERANCE * max(1.0, abs(right)) or theirs is right


def moderate(numbers: Sequence[float]) -> bool:
    """Whether rounding in these cannot pass for a wrong rule."""
    return all(math.isfinite(x) and abs(x) < 1e4 for x in numbers)
