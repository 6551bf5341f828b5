"""Before the passes: f recorded once, on placeholders for the numbers of a sample."""

import gc
import operator
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.calls import parameter_names
from autograd.compiler.floats import constant_of, float_of
from autograd.engine import Value, _watcher, topological_order, watched_by
from autograd.errors import DomainError, NotCompilable, show
from autograd.operation import constant
from autograd.sweep import adjoints
from autograd.trees import Blocks, Tree, leaves

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


def first_broken(guards: Sequence[Any], sides: NDArray[Any], rows: int) -> NDArray[np.intp]:
    """Of each row the number of the first guard that it breaks; −1 if it breaks none.

    Args:
        guards: comparisons, each a `scalar.Check`.
        sides: (2 · guards, rows), the two sides of each.
    """
    found = np.full(rows, -1)
    for number, (guard, left, right) in enumerate(zip(guards, sides[::2], sides[1::2], strict=True)):
        found[(found < 0) & (COMPARE[guard.sign](left, right) != guard.outcome)] = number
    return found


def check_branch(guard: Any, left: Any, right: Any, first_row: int = 0) -> None:
    """Raise BranchChanged if a comparison goes another way than it was recorded.

    Args:
        guard: the comparison, a `scalar.Check`.
        left, right: its two sides, arrays over the rows.
        first_row: the number of the first of these rows.
    """
    changed = np.flatnonzero(COMPARE[guard.sign](left, right) != guard.outcome)
    if len(changed):
        row = int(changed[0])
        raise branch_changed(guard, left[row], right[row], first_row + row)


def branch_changed(guard: Any, left: float, right: float, row: int) -> BranchChanged:
    """What to raise where a comparison goes another way than it was recorded: its line, its two sides, and the row."""
    went = "true" if guard.outcome else "false"
    return BranchChanged(
        f"{guard.where}: the comparison `{left:.6g} {guard.sign} {right:.6g}` in row {row} goes another way than when "
        f"the program was recorded, where it was {went}{guard.advice or _WITHOUT_BRANCH}."
    )


_WITHOUT_BRANCH = '. Write it without a branch (autograd.where, relu, maximum), or compile with branches="follow"'


@dataclass(frozen=True)
class Guard:
    """A comparison that f made while it was recorded, and so the way it went."""

    sign: str
    left: Value
    right: Value | float
    outcome: bool
    where: str
    advice: str = ""  # how its message ends, where that is not the usual way
    after: int = 0  # how many nodes were made before it


@dataclass(frozen=True)
class Recording:
    """A function of a sample as graph.

    Attributes:
        names: of the arguments.
        arguments: the structure of each.
        inputs: the placeholders, argument after argument.
        output: what f returned: a number or a Value, or a tree of them.
    """

    names: tuple[str, ...]
    arguments: tuple[Blocks, ...]
    inputs: tuple[Value, ...]
    output: Any
    guards: tuple[Guard, ...] = ()
    nodes: tuple[Value, ...] = ()  # in the order in which f made them

    @property
    def sizes(self) -> list[int]:
        """How many numbers each array among the arguments has; 1 for a number."""
        return [size for blocks in self.arguments for size in blocks.sizes]

    @property
    def outputs(self) -> list[Any]:
        return leaves(self.output)

    @property
    def sides(self) -> list[Any]:
        """What the guards compare."""
        return [side for guard in self.guards for side in (guard.left, guard.right)]

    @property
    def order(self) -> list[Value]:
        """The operations behind outputs and guards, operands first, as f made them: a loop's turns one by one."""
        return self._reached[1]

    def depends_on(self, nodes: Iterable[Value]) -> bool:
        """Whether an output or a guard depends on any of these."""
        return not self._reached[0].isdisjoint(nodes)

    @cached_property
    def _reached(self) -> tuple[set[Value], list[Value]]:
        """What outputs and guards depend on, and the operations among it in order."""
        roots = [x for x in (*self.sides, *self.outputs) if isinstance(x, Value)]
        reached: set[Any] = set(roots)
        made, reach = [], reached.add
        for node in reversed(self.nodes):
            if node in reached:
                made.append(node)
                left = node._left
                if left.__class__ is tuple:
                    reached.update(left)
                else:
                    reach(left)
                    reach(node._right)
        made.reverse()
        reached.discard(None)
        if all(node.is_leaf for node in reached.difference(made)):
            return reached, made
        order = topological_order(*made, *roots)  # some were made before f ran
        return set(order), [node for node in order if not node.is_leaf]


def record(f: Callable[..., Any], examples: Sequence[Any], wrt: Sequence[Value] = ()) -> Recording:
    """Run f once on placeholders that have the numbers of the examples."""
    if not callable(f):
        raise TypeError(f"compile(f): f = {f!r} is not a function.")
    if (Value(1.0) * 1).op is constant:
        raise RuntimeError("compile(f): called under no_grad(), where nothing is recorded; leave the block first.")
    names = tuple(parameter_names(f, len(examples)))
    placed = [_placed(name, x) for name, x in zip(names, examples, strict=True)]
    blocks = [Blocks.of(x, "compile(f), the example", name) for name, x in zip(names, examples, strict=True)]
    inputs = tuple(leaves(placed))
    notes = _Notes({*inputs, *wrt}, [], [])
    try:
        with watched_by(notes), recordable():
            output = f(*placed)
    finally:
        for x in inputs:
            x.is_open = False
    _check_output(Tree.of(output, "compile(f)", "output"))
    return Recording(names, tuple(blocks), inputs, output, tuple(notes.guards), tuple(notes.nodes))


def with_slopes(recording: Recording, wrt: Sequence[Value]) -> Recording:
    """The recording with the derivatives of its output, recorded as the reverse sweep computes them, behind this."""
    loss = recording.output
    with recordable():
        found = adjoints(loss, 1, wrt, record=True, replayed=True)
    return replace(recording, output=[loss, *[found.get(x, 0.0) for x in wrt]])


class NoExampleError(DomainError, NotCompilable):
    """The function or its derivative has no value at the example; it may have one elsewhere."""


@contextmanager
def recordable() -> Iterator[None]:
    """What code raises within the block because it came upon Values becomes `NotCompilable`; all else stays."""
    try:
        yield
    except NotCompilable:
        raise
    except DomainError as error:
        raise NoExampleError(str(error)) from error
    except TypeError as error:
        ours = _raised_in(error).split(".")[0] == "autograd"
        raise NotCompilable(f"{'' if ours else 'compile(f): with Values for numbers, '}{error}") from error
    except AttributeError as error:
        if not isinstance(error.obj, Value):
            raise
        advice = "write what it does with operators and autograd's functions"
        asked = f".{error.name} is asked of {show(error.obj)}, a Value: {advice}." if error.name else error
        raise NotCompilable(f"compile(f): {asked}") from error
    except KeyError as error:
        if not (error.args and isinstance(error.args[0], Value)):
            raise
        advice = "pass what it stands for as an argument"
        raise NotCompilable(f"compile(f): a Value, {show(error.args[0])}, is looked up as a key: {advice}.") from error


@contextmanager
def explained(advice: str) -> Iterator[None]:
    """Guards that are recorded within the block end their messages so."""
    notes = _watcher.get()
    start = len(notes.guards) if isinstance(notes, _Notes) else 0
    yield
    if isinstance(notes, _Notes):
        notes.guards[start:] = [replace(guard, advice=guard.advice or advice) for guard in notes.guards[start:]]


def tried(make: Callable[[], Any], advice: str) -> Any:
    """What `make` gives of Values, its guards explained; None if it cannot take them, and then it leaves no guard."""
    notes = _watcher.get()
    start = len(notes.guards) if isinstance(notes, _Notes) else 0
    try:
        with recordable(), explained(advice):
            return make()
    except NotCompilable:
        if isinstance(notes, _Notes):
            del notes.guards[start:]
        return None


def _raised_in(error: Exception) -> str:
    """The module of the code that raised; a file of compiled code has no path."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", ""))


def _check_output(tree: Tree) -> None:
    for k, x in enumerate(tree.leaves):
        if isinstance(x, bool) or not isinstance(x, Value | int | float):
            where = f" as output{tree.paths[k]}" if tree.paths[k] else ""
            raise TypeError(f"compile(f): f returned {x!r}{where}; wanted Values, or lists, tuples or dicts of them.")


@contextmanager
def uncollected() -> Iterator[None]:
    """Within the block garbage waits: the collector would go through a graph again and again, all of it in use."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(frozen=True)
class _Notes:
    """What f did besides recording, while it was recorded."""

    moving: set[Value]  # the placeholders and the parameters
    guards: list[Guard]
    nodes: list[Value]
    replays: bool = True

    def made(self, node: Value) -> None:
        self.nodes.append(node)

    def compared(self, sign: str, left: Value, right: Any, outcome: bool) -> None:
        right = right if isinstance(right, Value) else constant_of(right)
        self.guards.append(Guard(sign, left, right, outcome, _caller(), after=len(self.nodes)))

    def swept(self, root: Value) -> None:
        if not self.moving.isdisjoint(topological_order(root)):
            raise _frozen("backward()")


class _Placeholder(Value):
    """An argument while f is recorded; afterwards it is a Value like any other.

    Attributes:
        is_open: whether f is still being recorded.
    """

    __slots__ = ("is_open",)

    def __init__(self, number: float, name: str) -> None:
        super().__init__(number, name)
        self.is_open = True

    @property
    def grad(self) -> Any:
        if self.is_open:
            raise _frozen(f"{self.label or 'an argument'}.grad")
        return Value.grad.__get__(self)  # pyright: ignore[reportAttributeAccessIssue]

    @grad.setter
    def grad(self, number: Any) -> None:
        Value.grad.__set__(self, number)  # pyright: ignore[reportAttributeAccessIssue]

    def __repr__(self) -> str:
        return f"Value(data={self.data!r}, label={self.label!r})" if self.is_open else super().__repr__()


class FrozenError(NotCompilable, RuntimeError, AttributeError):
    """An AttributeError too, so that `hasattr(x, "grad")` may be asked."""


def _frozen(what: str) -> RuntimeError:
    return FrozenError(
        f"{_caller()}: {what} inside a function that is being compiled would be the example's number for every row; "
        "write autograd.grad(g)(x) or autograd.gradients(y, [x]) there, whose results are recorded."
    )


def _placed(name: str, example: Any) -> Any:
    """The example with placeholders for its numbers, each called by its path."""
    tree = Tree.of(example, "compile(f), the example", name)
    return tree.rebuilt([_placeholder(f"{name}{path}", x) for path, x in zip(tree.paths, tree.leaves, strict=True)])


def _placeholder(name: str, x: Any) -> Value:
    if isinstance(x, Value):
        raise TypeError(f"compile(f): the example for {name} is a Value; wanted a number, as in a sample.")
    return _Placeholder(float_of(f"compile(f): the example for {name}", x), name)


def _caller() -> str:
    """File and line of the code that compared: the innermost that is not this library's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] == "autograd":
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}" if frame else "the recorded code"
