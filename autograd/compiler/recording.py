"""Before the passes: f recorded once, on placeholders for the numbers of a sample."""

import inspect
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from autograd.compiler.floats import constant_of, float_of
from autograd.engine import Value, topological_order, watched_by
from autograd.operation import constant
from autograd.trees import leaves, rebuilt, shape_of

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class BranchChanged(ValueError):  # noqa: N818 - says what happened, and is not always a mistake
    """The data would have sent the recorded code another way at a comparison; names the line and the row."""


@dataclass(frozen=True)
class Guard:
    """A comparison that f made while it was recorded, and so the way it went."""

    sign: str
    left: Value
    right: Value | float
    outcome: bool
    where: str


@dataclass(frozen=True)
class Recording:
    """A function of a sample as graph.

    Attributes:
        names, shapes: of the arguments; () is the shape of a number.
        inputs: the placeholders, argument after argument.
        output: what f returned: a number or a Value, or nested lists, tuples, dicts or arrays of them.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    inputs: tuple[Value, ...]
    output: Any
    guards: tuple[Guard, ...] = ()

    @property
    def outputs(self) -> list[Any]:
        return list(elements(self.output))


def record(f: Callable[..., Any], examples: Sequence[Any], wrt: Sequence[Value] = ()) -> Recording:
    """Run f once on placeholders that have the numbers of the examples."""
    if not callable(f):
        raise TypeError(f"compile(f): f = {f!r} is not a function.")
    if (Value(1.0) * 1).op is constant:
        raise RuntimeError("compile(f): called under no_grad(), where nothing is recorded; leave the block first.")
    names = _names(f, len(examples))
    placeholders = [rebuilt(x, _placeholder(name)) for name, x in zip(names, examples, strict=True)]
    shapes = tuple(shape_of(f"compile(f): the example for {name}", x) for name, x in zip(names, examples, strict=True))
    inputs = tuple(leaves(placeholders))
    notes = _Notes({*inputs, *wrt}, [])
    try:
        with watched_by(notes):
            output = f(*placeholders)
    finally:
        for x in inputs:
            x.__class__ = Value
    for x in elements(output):
        if isinstance(x, bool) or not isinstance(x, Value | int | float):
            raise TypeError(f"compile(f): f returned {x!r}; wanted Values, or lists, tuples or dicts of them.")
    return Recording(names, shapes, inputs, output, tuple(notes.guards))


@dataclass(frozen=True)
class _Notes:
    """What f did besides recording, while it was recorded."""

    moving: set[Value]  # the placeholders and the parameters
    guards: list[Guard]
    replays: bool = True

    def compared(self, sign: str, left: Value, right: Any, outcome: bool) -> None:
        right = right if isinstance(right, Value) else constant_of(right)
        self.guards.append(Guard(sign, left, right, outcome, _caller()))

    def swept(self, root: Value) -> None:
        if not self.moving.isdisjoint(topological_order(root)):
            raise _frozen("backward()")


class _Placeholder(Value):
    """An argument while f is recorded, and no longer: afterwards it is a Value like any other."""

    __slots__ = ()

    @property
    def grad(self) -> Any:
        raise _frozen(f"{self.label or 'an argument'}.grad")

    @grad.setter
    def grad(self, number: Any) -> None:
        Value.grad.__set__(self, number)  # pyright: ignore[reportAttributeAccessIssue]

    def __repr__(self) -> str:
        return f"Value(data={self.data!r}, label={self.label!r})"


class FrozenError(RuntimeError, AttributeError):
    """An AttributeError too, so that `hasattr(x, "grad")` may be asked."""


def _frozen(what: str) -> RuntimeError:
    return FrozenError(
        f"{_caller()}: {what} inside a function that is being compiled would be the example's number for every row; "
        "write autograd.grad(g)(x) or autograd.gradients(y, [x]) there, whose results are recorded."
    )


def _placeholder(name: str) -> Callable[[Any, str], Value]:
    def make(x: Any, path: str) -> Value:
        if isinstance(x, Value):
            raise TypeError(f"compile(f): the example for {name}{path} is a Value; wanted is a number, as in a sample.")
        return _Placeholder(float_of(f"compile(f): the example for {name}{path}", x), f"{name}{path}")

    return make


def _names(f: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The names of f's arguments; those of `*args` are numbered."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    return (*names, *(f"x{k}" for k in range(len(names), count)))


def _caller() -> str:
    """File and line of the code that compared: the innermost that is not this library's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "autograd":
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}" if frame else "the recorded code"


def elements(tree: Any) -> Iterator[Any]:
    """The numbers of an output, in order."""
    if isinstance(tree, dict | list | tuple):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from elements(branch)
    else:
        yield from leaves(tree)
