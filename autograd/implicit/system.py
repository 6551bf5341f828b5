"""What is solved: a solver, its equations, and these linearised where it arrives."""

import contextlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.engine import Value, Witness, is_replayed, recording_anew, watched_by
from autograd.errors import DomainError, NotConverged, brief, many, show, spelled
from autograd.functions import greater, identity, where
from autograd.implicit.call import Call, Given
from autograd.operation import constant, number_of
from autograd.reals import is_bool, is_nan, refusal
from autograd.sweep import adjoints
from autograd.trees import Tree

Matrix = list[list[Any]]
"""Of numbers, or of numbers and Values, in rows."""


@dataclass(frozen=True)
class Equation:
    """A solver and what it solves: F(x, *args) = 0.

    Attributes:
        recorded: whether programs record the solver, if they can.
        decorated: for pickles, a weak reference to the function that users call.
    """

    F: Callable[..., Any]
    solver: Callable[..., Any]
    tol: float
    recorded: bool
    name: str
    decorated: list[Any] = field(default_factory=list)

    def solve(self, given: Given) -> Tree:
        """What the solver gives, as floats.

        Raises:
            NotConverged: it gives nan, or an infinite number.
            TypeError: it gives no number.
        """
        with aside():
            x = Tree.of(self.solver(given.init, *given.args), self.name, "the result")
        self.check_numbers(x)
        for each in x.leaves:
            if isinstance(each, Value):
                raise self.captures(each)
        x.leaves = [float(each) for each in x.leaves]
        return x

    def check_numbers(self, x: Tree) -> None:
        """Raise TypeError or NotConverged unless there are finite numbers alone, or Values."""
        if not x.leaves:
            raise TypeError(f"{self.name}: the solver gave {spelled(x.rebuilt([]))}; wanted a number, or several.")
        for each in x.leaves:
            if isinstance(each, Value):
                continue
            if is_nan(each) or (not refusal(each) and math.isinf(each)):
                raise NotConverged(f"{self.name}: the solver gave x = {brief(each)}.", each)
            if is_bool(each) or refusal(each):
                raise TypeError(f"{self.name}: the solver gave x = {brief(each)}: {refusal(each)}.")

    def captures(self, node: Value) -> ValueError:
        """What to raise where a solution depends on a Value that is not among the arguments."""
        return ValueError(
            f"{self.name}: the solution depends on {show(_captured([node], ()) or node)}, a Value that is not among "
            "the arguments, and the derivative by it would be missing; pass it as an argument."
        )


def aside() -> contextlib.AbstractContextManager[None]:
    """Within the block nothing becomes part of a program that is being recorded."""
    return watched_by(Witness()) if is_replayed() else contextlib.nullcontext()


class System:
    """The equations for calls of one structure, and solutions of one structure.

    Attributes:
        unknowns: the structure of x, and `count` how many numbers it has.
    """

    def __init__(self, equation: Equation, call: Call, x: Tree) -> None:
        self.equation, self.call, self.count = equation, call, len(x.leaves)
        self.unknowns = x if x.parts == [None] else Tree.of(x.rebuilt([0.0] * self.count))

    def check(self, x: Sequence[float], numbers: Sequence[Any]) -> None:
        """Raise NotConverged unless x is a solution for these arguments, by Newton's correction."""
        residual, matrix, _ = self._linearised(x, numbers, [])
        correction = [row[0] for row in self._solved(matrix, [[each] for each in residual], x)]
        if not max(map(abs, correction)) <= self.equation.tol * max(1.0, *map(abs, x)):
            raise self.not_converged(x, residual, correction)

    def not_converged(self, *found: Sequence[Any]) -> NotConverged:
        """What to raise; `found` are x, the residual, and Newton's correction."""
        numbers = [list(map(number_of, each)) for each in found]
        x, residual, correction = [each[0] for each in numbers] if self.count == 1 else numbers
        return NotConverged(
            f"{self.equation.name}: the solver did not converge: at x = {brief(x)} the residual is {brief(residual)}, "
            f"and Newton's correction, {brief(correction)}, is larger than tol = {self.equation.tol:g} allows; give it "
            "more steps.",
            x,
            residual,
            correction,
        )

    def slopes(self, x: Sequence[Any], operands: Sequence[Any], asked: Sequence[int]) -> Matrix:
        """The derivatives of each number of a solution by some operands: Values where any came."""
        _, matrix, right = self._linearised(x, operands, asked)
        with recording_anew():
            return [[-each for each in row] for row in self._solved(matrix, right, x)]

    def corrected(self, x: Sequence[Any], operands: Sequence[Any]) -> tuple[list[Any], list[Any], Matrix]:
        """The residual, Newton's correction, and the slopes by all operands that are asked for."""
        residual, matrix, right = self._linearised(x, operands, self.call.asked)
        columns = [[each, *row] for each, row in zip(residual, right, strict=True)]
        found = self._solved(matrix, columns, x)
        return residual, [row[0] for row in found], [[-each for each in row[1:]] for row in found]

    def _linearised(
        self, x: Sequence[Any], operands: Sequence[Any], asked: Sequence[int]
    ) -> tuple[list[Any], Matrix, Matrix]:
        """F, its derivatives by x, and those by the operands that are asked for: Values where any came."""
        on_values = any(isinstance(each, Value) for each in (*x, *operands))
        with contextlib.nullcontext() if on_values else aside(), recording_anew():
            unknowns = [_fresh(each) for each in x]
            placed = [_fresh(each) if k in self.call.asked else number_of(each) for k, each in enumerate(operands)]
            outputs = self._outputs(unknowns, placed)
            inputs = unknowns + [placed[k] for k in asked]
            rows = [_row(each, inputs, on_values) for each in outputs]
        residual = outputs if on_values else list(map(number_of, outputs))
        return residual, [row[: self.count] for row in rows], [row[self.count :] for row in rows]

    def _outputs(self, unknowns: list[Value], operands: list[Any]) -> list[Any]:
        name, own = self.equation.name, {*unknowns, *(operands[k] for k in self.call.asked)}
        found = self.equation.F(self.unknowns.rebuilt(unknowns), *self.call.given(operands).args)
        outputs = Tree.of(found, name, "F").leaves
        if len(outputs) != self.count:
            raise ValueError(f"{name}: F gave {many(len(outputs), 'number')} for {many(self.count, 'unknown')}.")
        for each in outputs:
            if not isinstance(each, Value) and (why := refusal(each)):
                raise TypeError(f"{name}: F gave {brief(each)}: {why}.")
        if (node := _captured(outputs, own)) is not None:
            raise self.equation.captures(node)
        return outputs

    def _solved(self, matrix: Matrix, right: Matrix, x: Sequence[Any]) -> Matrix:
        try:
            return eliminated(matrix, right)
        except (ZeroDivisionError, DomainError):
            shown = brief(number_of(x[0]) if self.count == 1 else list(map(number_of, x)))
            what = "∂F/∂x is 0" if self.count == 1 else "the matrix ∂F/∂x is singular"
        raise DomainError(f"{self.equation.name}: {what} at the solution x = {shown}, so it has no derivative there.")


def _fresh(x: Any) -> Value:
    """A node for this place alone, so that derivatives by it are partial ones."""
    return identity(x) if isinstance(x, Value) else Value(float(x))


def _row(output: Any, inputs: list[Any], on_values: bool) -> list[Any]:
    """The derivatives of one output."""
    if not isinstance(output, Value):
        return [0.0] * len(inputs)
    found = adjoints(output, 1, inputs, record=on_values, replayed=is_replayed())
    return [found.get(each, 0.0) for each in inputs]


def _captured(outputs: Iterable[Any], own: Iterable[Any]) -> Value | None:
    """A variable that the outputs depend on, not through any of `own`."""
    waiting, seen = [x for x in outputs if isinstance(x, Value)], set(own)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if node.is_leaf and node.op is not constant:
                return node
            waiting += node.inputs
    return None


# --- Linear equations -----------------------------------------------------------------------------------------


def eliminated(matrix: Matrix, right: Matrix) -> Matrix:
    """Gauss's elimination, on numbers and on Values, without a branch: what is larger is chosen by `where`."""
    rows = [[*row, *others] for row, others in zip(matrix, right, strict=True)]
    count = len(rows)
    for k in range(count):
        for i in range(k + 1, count):
            rows[k], rows[i] = _larger_first(rows[k], rows[i], k)
        pivot = rows[k][k]
        if not isinstance(pivot, Value) and not pivot:
            raise ZeroDivisionError
        rows[k] = [each / pivot for each in rows[k]]
        for i in range(count):
            if i != k and not _is_zero(factor := rows[i][k]):
                rows[i] = [a if _is_zero(b) else a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[count:] for row in rows]


def _larger_first(a: list[Any], b: list[Any], k: int) -> tuple[list[Any], list[Any]]:
    """Two rows, first the one whose k-th number is larger."""
    if _is_zero(a[k]) or _is_zero(b[k]):
        return (b, a) if _is_zero(a[k]) else (a, b)
    if not isinstance(a[k], Value) and not isinstance(b[k], Value):
        return (b, a) if abs(b[k]) > abs(a[k]) else (a, b)
    swap = greater(abs(b[k]), abs(a[k]))
    pairs = list(zip(a, b, strict=True))
    return [where(swap, y, x) for x, y in pairs], [where(swap, x, y) for x, y in pairs]


def _is_zero(x: Any) -> bool:
    """Whether it is 0 whatever the numbers are."""
    return not isinstance(x, Value) and not x
