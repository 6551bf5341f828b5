"""All ways through f that the rows of batches have gone: `branches="follow"`.

A way is a program with guards. A row that breaks one goes on with the way that was recorded for the first row that
broke it; if there is none yet, f is recorded once more, on this row. So the ways are a tree, and a row goes down in it
until it breaks no guard.

The comparisons of a program and those of the graph may come out differently where the two sides are equal but for
roundings. Then the graph is right: its way is computed for this row, whatever the program says of its guards.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.recording import BranchChanged, Guard, Recording, record, uncollected
from autograd.compiler.way import Kind, Way
from autograd.engine import Value, recording_anew
from autograd.errors import NotCompilable
from autograd.operation import constant
from autograd.sweep import topological_order
from autograd.trees import Tree

Array = NDArray[Any]
Rows = NDArray[np.intp]

_recording = threading.RLock()  # of all programs: while one records, Values have its numbers


@dataclass(eq=False)
class Learner:
    """Records f again, with the numbers that everything else had when it was recorded first.

    Attributes:
        f, examples: the function, and the structure of its arguments.
        parameters: the Values of `wrt`.
        frozen: the other leaves that f has read, and their numbers.
    """

    f: Callable[..., Any]
    examples: Sequence[Any]
    parameters: Sequence[Value]
    frozen: dict[Value, Any] = field(default_factory=dict)

    def record(self, theta: Sequence[float], row: Sequence[float]) -> Recording:
        """f as it goes for this row."""
        numbers, examples = iter(row), []
        for example in self.examples:
            tree = Tree.of(example)
            examples.append(tree.rebuilt([next(numbers) for _ in tree.leaves]))
        return self.first(examples, theta)

    def first(self, examples: Sequence[Any], theta: Sequence[float] | None = None) -> Recording:
        """f as it goes for these arguments."""
        held = {**self.frozen, **dict(zip(self.parameters, theta or (), strict=False))}
        with _recording, _holding(held), uncollected(), recording_anew():
            recording = record(self.f, examples, self.parameters)
            own = {*recording.inputs, *self.parameters}
            for node in topological_order(*[x for x in (*recording.sides, *recording.outputs) if isinstance(x, Value)]):
                if node.is_leaf and node.op is not constant and node not in own:
                    self.frozen.setdefault(node, node.data)
        return recording


@contextmanager
def _holding(numbers: dict[Value, Any]) -> Iterator[None]:
    """Within the block these Values have these numbers."""
    other = [(x, x.data, number) for x, number in numbers.items() if x.data is not number]
    try:
        for x, _, number in other:
            x.data = number
        yield
    finally:
        for x, before, _ in other:
            x.data = before


class Ways:
    """The ways of a program, and what learns more of them. Threads may share it.

    Attributes:
        known: the ways, in the order in which they were recorded.
        follow: whether a row may go another way than the first.
    """

    def __init__(self, first: Way, guards: Sequence[Guard], learner: Learner | None) -> None:
        self.known, self.follow = [first], learner is not None and bool(first.checks)
        self._learner = learner if self.follow else None
        self._next: dict[tuple[int, int], int] = {}  # way, guard that a row breaks → where it goes on
        self._numbers = {_outcomes(guards): 0}
        self._lock = threading.RLock()

    def known_and_onward(self) -> tuple[list[Way], dict[tuple[int, int], int]]:
        """The ways, and for a way and a guard that a row breaks on it the way where it goes on."""
        with self._lock:
            return [*self.known], {**self._next}

    def kernel(self, kind: Kind) -> Any:
        """What computes it for batches, as `Way.kernel`."""
        return _Following(self, kind) if self.follow else self.known[0].kernel(kind)

    def values(self, kind: Kind, theta: Array, inputs: Sequence[Array], columns: int) -> Array:
        """What f returns, or its derivatives, of each row, (numbers, columns)."""
        parts = list(self._sorted(theta, inputs, columns))
        found = [part.numbers if kind == "outputs" else self._computed(kind, theta, inputs, part) for part in parts]
        first = self.known[0] if kind == "outputs" else self.known[0].derived(kind)
        result = np.empty((sum(first.results.sizes), columns), first.options.dtype)
        for part, numbers in zip(parts, found, strict=True):
            result[:, part.rows] = numbers
        return result

    def loss_and_gradient(self, theta: Array, inputs: Sequence[Array], columns: int, mean: bool) -> tuple[float, Array]:
        """The mean or the sum of the loss over the rows, and its gradient."""
        if len(self.known) == 1:
            with suppress(BranchChanged):
                found = self.known[0].kernel("gradient").loss_and_gradient(theta, inputs, columns, mean)
                self._count(self.known[0], columns)
                return found
        loss, gradient = 0.0, np.zeros(len(theta))
        for part in self._sorted(theta, inputs, columns):
            more, added = self._computed("gradient", theta, inputs, part)
            loss, gradient = loss + more, gradient + added
        return (loss / columns, gradient / columns) if mean else (loss, gradient)

    def _computed(self, kind: Kind, theta: Array, inputs: Sequence[Array], part: "_Part") -> Any:
        """By the program of the way, or each row by its graph: (numbers, rows), or the sums of loss and gradient."""
        if not part.forced:
            with suppress(BranchChanged):  # by a rounding, in a batch of another size
                kernel, given = part.way.kernel(kind), (theta, part.of(inputs), len(part.rows))
                return kernel.loss_and_gradient(*given, False) if kind == "gradient" else kernel.values(*given)
        each = np.array([part.way.alone(kind, theta.tolist(), row) for row in part.each(inputs)])
        return (float(each[:, 0].sum()), each[:, 1:].sum(axis=0)) if kind == "gradient" else each.T

    # --- Which row goes which way -----------------------------------------------------------------------------

    def _sorted(self, theta: Array, inputs: Sequence[Array], columns: int) -> "Iterator[_Part]":
        """The rows by the ways they go, with what f returns for them."""
        pending: list[tuple[int, Rows, frozenset[int]]] = [(0, np.arange(columns), frozenset())]
        while pending:
            number, rows, tried = pending.pop()
            way = self.known[number]
            found, broken = way.kernel("outputs").followed(theta, _of_rows(inputs, rows), len(rows))
            held = broken < 0
            if held.any():
                yield self._counted(_Part(way, rows[held], found[:, held]))
            for guard in np.unique(broken[~held]).tolist():
                group = rows[broken == guard]
                while len(group):
                    onward, first = self._onward(number, guard, tried | {number}, theta, inputs, group)
                    if first is None:
                        pending.append((onward, group, tried | {number}))
                        break
                    yield self._counted(first)
                    group = group[1:]

    def _onward(
        self, number: int, guard: int, tried: frozenset[int], theta: Array, inputs: Sequence[Array], rows: Rows
    ) -> "tuple[int, _Part | None]":
        """Where rows go on that break this guard; if the first of them has been there, what this one gives."""
        onward = self._next.get((number, guard))
        if onward is not None and onward not in tried:
            return onward, None
        row = [float(each) for line in _of_rows(inputs, rows[:1]) for each in line[:, 0]]
        with self._lock:
            onward = self._next.get((number, guard))
            if onward is None or onward in tried:
                onward = self._recorded(number, guard, theta, row, int(rows[0]))
            if onward not in tried:
                self._next[number, guard] = onward
                return onward, None
        way = self.known[onward]
        outputs = np.array(way.alone("outputs", theta.tolist(), row))
        return onward, _Part(way, rows[:1], outputs[:, None], forced=True)

    def _recorded(self, number: int, guard: int, theta: Array, row: list[float], at: int) -> int:
        """The way of this row, as the graph goes; a new one if it is none of those that are known.

        Raises:
            BranchChanged: there would be too many; or this program was pickled, and cannot record.
        """
        where = self.known[number].checks[guard]
        if self._learner is None:
            raise BranchChanged(
                f"{where.where}: row {at} goes a way that this program has not recorded, and it cannot: pickles and "
                "copies have the ways that were known, but not the function."
            )
        if any(x != x for x in row):
            raise BranchChanged(
                f"{where.where}: row {at} has a nan among its numbers; which way it goes only the graph could say, and "
                "that takes no nan."
            )
        try:
            recording = self._learner.record(theta.tolist(), row)
        except NotCompilable as error:
            raise type(error)(f"row {at} goes a way of its own: {error}") from error
        except Exception as error:
            error.add_note(f"compile: raised by f on row {at}, which goes a way of its own.")
            raise
        outcomes = _outcomes(recording.guards)
        if outcomes not in self._numbers:
            first = self.known[0]
            self._check_number(first.options.most_ways)
            went = "false" if where.outcome else "true"
            parts = f"from way {number} at {where.where}, where `{where.sign}` is {went}"
            way = Way(recording, self._learner.parameters, first.options, parts)
            if (way.results.paths, way.results.shapes) != (first.results.paths, first.results.shapes):
                raise NotCompilable(f"row {at} goes a way of its own, on which f returns something else.")
            self.known.append(way)
            self._numbers[outcomes] = len(self.known) - 1
        return self._numbers[outcomes]

    def _check_number(self, most: int) -> None:
        if len(self.known) < most:
            return
        parted = Counter(self.known[number].checks[guard].where for number, guard in self._next)
        where, times = parted.most_common(1)[0] if parted else ("", 0)
        raise BranchChanged(
            f"{where}: rows part {times} times at this comparison, and the program has most_ways={most} ways already. "
            "Write it without a branch (autograd.where, relu, maximum), or allow more."
        )

    def _counted(self, part: "_Part") -> "_Part":
        self._count(part.way, len(part.rows))
        return part

    def _count(self, way: Way, rows: int) -> None:
        with self._lock:
            way.taken += rows

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {**self.__dict__, "known": [*self.known], "_next": {**self._next}, "_learner": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.RLock())


@dataclass(frozen=True)
class _Following:
    """What is computed of rows that go each its way, as a kernel."""

    ways: Ways
    kind: Kind

    def values(self, theta: Array, inputs: Sequence[Array], columns: int) -> Array:
        return self.ways.values(self.kind, theta, inputs, columns)

    def loss_and_gradient(self, theta: Array, inputs: Sequence[Array], columns: int, mean: bool) -> tuple[float, Array]:
        return self.ways.loss_and_gradient(theta, inputs, columns, mean)


@dataclass(frozen=True)
class _Part:
    """Rows that go one way, and what f returns for them; `forced` if the graph says so, and the program does not."""

    way: Way
    rows: Rows
    numbers: Array
    forced: bool = False

    def of(self, inputs: Sequence[Array]) -> list[Array]:
        """These rows of the batch."""
        return _of_rows(inputs, self.rows)

    def each(self, inputs: Sequence[Array]) -> Iterator[list[float]]:
        """The numbers of each row."""
        found = self.of(inputs)
        for k in range(len(self.rows)):
            yield [float(x) for line in found for x in line[:, k]]


def _of_rows(inputs: Sequence[Array], rows: Rows) -> list[Array]:
    return [each if len(rows) == each.shape[1] else each[:, rows] for each in inputs]


def _outcomes(guards: Sequence[Guard]) -> tuple[tuple[str, str, bool], ...]:
    """Where the code compared, and how it came out: what tells one way from the others."""
    return tuple([(guard.where, guard.sign, guard.outcome) for guard in guards])
