"""A plan at work: arenas for a batch, the steps run over it, and what is read off them."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.lowering import Gather, Lowered, Named
from autograd.compiler.recording import COMPARE, branch_changed
from autograd.errors import DomainError

Array = NDArray[Any]
Bind = Callable[[Array, Array], Callable[[], None]]

_CELLS = 1 << 21  # of `rows` at once, 16 MB: a longer batch goes through in blocks
_SIZES = 8  # batch sizes whose arenas a program keeps
_IDLE = 1 << 27  # bytes of arenas that wait for their next call, of all programs together


@dataclass(slots=True)
class Workspace:
    """The arenas for batches of one size, and the program bound to them."""

    rows: Array
    fixed: Array
    run: Callable[[], None]
    arguments: list[Array]  # their lines in `rows`
    parameters: Array  # views of `fixed`
    gradient: Array


class Buffers:
    """A program bound to arrays of its own, for calls of a microsecond: write the arguments, `run`, read the results.

    Attributes:
        arguments: for each argument an array of shape (numbers, rows), to be written.
        parameters: (n_parameters,), to be written.
        run: computes; a function without arguments.
    """

    def __init__(self, kernel: "Kernel", parameters: Array, columns: int, mean: bool) -> None:
        self._kernel, self._workspace = kernel, kernel._new_workspace(columns)
        self._scales = kernel.scales(columns, mean)
        self.arguments, self.parameters = self._workspace.arguments, self._workspace.parameters
        self.parameters[...] = parameters
        self.run = self._workspace.run

    @property
    def loss(self) -> float:
        """The loss of the last run."""
        return self._kernel.loss(self._workspace, *self._scales)

    @property
    def gradient(self) -> Array:
        """The gradient of the last run, (n_parameters,)."""
        return self._kernel.gradient(self._workspace, *self._scales)


_kernels: WeakKeyDictionary["Kernel", None] = WeakKeyDictionary()  # those that made an arena last come last
_entering = threading.Lock()


class Kernel:
    """Runs a lowered program in arenas. Threads may share it: each run has arenas of its own."""

    def __init__(
        self, lowered: Lowered, bind: Bind, sizes: Sequence[int], parameters: int, dtype: Any, quiet: bool = False
    ) -> None:
        self.lowered, self.bind, self.dtype = lowered, bind, np.dtype(dtype)
        self._sizes, self._parameters, self._quiet = sizes, parameters, quiet
        self._most = max(64, _CELLS // max(1, lowered.plan.height))
        self._guarded = bool(lowered.guards) or lowered.names is not None
        self._fixed = _as_slice(lowered.gradient.fixed) if lowered.gradient else None
        self._idle: dict[int, list[Workspace]] = {}
        self._lock = threading.Lock()
        with _entering:
            _kernels[self] = None

    def _workspace(self, columns: int) -> Workspace:
        try:
            return self._idle[columns].pop()
        except (KeyError, IndexError):
            return self._new_workspace(columns)

    def _new_workspace(self, columns: int) -> Workspace:
        plan = self.lowered.plan
        self._make_room(plan.height * columns * self.dtype.itemsize)
        rows, fixed = aligned((plan.height, columns), self.dtype), aligned((plan.size,), self.dtype)
        for place, number in plan.row_constants:
            rows[place] = number
        for place, number in plan.fixed_constants:
            fixed[place] = number
        arguments = [rows[base : base + size] for base, size in zip(plan.arguments, self._sizes, strict=True)]
        gradient = fixed[plan.gradient : plan.gradient + self._parameters]
        return Workspace(rows, fixed, self.bind(rows, fixed), arguments, fixed[: self._parameters], gradient)

    def _make_room(self, size: int) -> None:
        """Free arenas that wait, if with one more of so many bytes there would be too many: the own ones come last."""
        with _entering:
            _kernels[self] = _kernels.pop(self, None)
            excess = size - _IDLE + sum([kernel._waiting() for kernel in _kernels])
            for kernel in list(_kernels):
                if excess <= 0:
                    break
                excess -= kernel._waiting()
                kernel._idle = {}

    def _waiting(self) -> int:
        """The bytes of the arenas that wait for a call."""
        return sum(each.rows.nbytes for some in list(self._idle.values()) for each in list(some))

    def _give_back(self, columns: int, workspace: Workspace) -> None:
        with self._lock:
            if columns not in self._idle and len(self._idle) >= _SIZES:
                del self._idle[next(iter(self._idle))]
            self._idle.setdefault(columns, []).append(workspace)

    def _blocks(self, inputs: Sequence[Array], columns: int) -> Iterator[tuple[slice, list[Array]]]:
        for start in range(0, columns, self._most):
            part = slice(start, min(start + self._most, columns))
            yield part, [each[:, part] for each in inputs]

    def _run(self, parameters: Array, inputs: Sequence[Array], columns: int, first_row: int = 0) -> Workspace:
        workspace = self._workspace(columns)
        workspace.parameters[...] = parameters
        for lines, numbers in zip(workspace.arguments, inputs, strict=True):
            lines[...] = numbers
        workspace.run()
        if self._guarded:
            self._look_over(workspace, first_row)
        return workspace

    def _look_over(self, workspace: Workspace, first_row: int) -> None:
        for guard in self.lowered.guards:
            left, right = read(guard.sides, workspace)
            changed = np.flatnonzero(COMPARE[guard.sign](left, right) != guard.outcome)
            if len(changed):
                raise branch_changed(guard, left[changed[0]], right[changed[0]], first_row + int(changed[0]))
        if self.lowered.names is not None:
            _check(self.lowered, workspace, first_row)

    def values(self, parameters: Array, inputs: Sequence[Array], columns: int) -> Array:
        """The outputs, of shape (number of outputs, columns).

        Args:
            inputs: for each argument an array of shape (numbers, columns).
        """
        found = np.empty((self.lowered.outputs.count, columns), self.dtype)
        with np.errstate(all="ignore"):
            for part, some in self._blocks(inputs, columns):
                workspace = self._run(parameters, some, part.stop - part.start, part.start)
                found[:, part] = read(self.lowered.outputs, workspace)
                self._give_back(part.stop - part.start, workspace)
        return found

    def loss_and_gradient(
        self, parameters: Array, inputs: Sequence[Array], columns: int, mean: bool
    ) -> tuple[float, Array]:
        """The mean or the sum over the rows of the loss, and its gradient; inputs as for `values`."""
        scale, fixed_scale = self.scales(columns, mean)
        if columns <= self._most:
            return self._block(parameters, inputs, columns, 0, scale, fixed_scale)
        blocks = [
            self._block(parameters, some, part.stop - part.start, part.start, scale, fixed_scale * (part.start == 0))
            for part, some in self._blocks(inputs, columns)
        ]
        return sum(loss for loss, _ in blocks), np.sum([gradient for _, gradient in blocks], axis=0)

    @staticmethod
    def scales(columns: int, mean: bool) -> tuple[float, float]:
        """What totals over the rows, and what is the same for all rows, are multiplied with."""
        return (1 / columns, 1.0) if mean else (1.0, float(columns))

    def _block(
        self, parameters: Array, inputs: Sequence[Array], columns: int, first_row: int, scale: float, fixed_scale: float
    ) -> tuple[float, Array]:
        with contextlib.nullcontext() if self._quiet else np.errstate(all="ignore"):
            workspace = self._run(parameters, inputs, columns, first_row)
            result = self.loss(workspace, scale, fixed_scale), self.gradient(workspace, scale, fixed_scale)
        self._give_back(columns, workspace)
        return result

    def loss(self, workspace: Workspace, scale: float, fixed_scale: float) -> float:
        where, fixed = self.lowered.gradient, workspace.fixed
        assert where is not None
        loss = 0.0 if where.loss_total is None else fixed.item(where.loss_total) * scale
        return loss if where.loss_fixed is None else loss + fixed.item(where.loss_fixed) * fixed_scale

    def gradient(self, workspace: Workspace, scale: float, fixed_scale: float) -> Array:
        where, fixed = self.lowered.gradient, workspace.fixed
        assert where is not None
        if where.has_totals:
            if len(where.moved):
                workspace.gradient[where.moved] = fixed[where.moved_from]
            gradient = workspace.gradient * scale
        else:
            gradient = np.zeros(self._parameters, self.dtype)
        if self._fixed is not None:
            gradient += fixed[self._fixed] if fixed_scale == 1 else fixed[self._fixed] * fixed_scale
        return gradient


def aligned(shape: tuple[int, ...], dtype: Any) -> Array:
    """Zeros that begin at a multiple of 64 bytes, as vector instructions like them."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    bytes_ = np.zeros(size + 64, np.uint8)
    start = -bytes_.ctypes.data % 64
    return bytes_[start : start + size].view(dtype).reshape(shape)


def _as_slice(places: Any) -> Any:
    """Consecutive places as a slice, which needs no gather."""
    if places is None or (np.diff(places) != 1).any():
        return places
    return slice(int(places[0]), int(places[-1]) + 1)


def read(gather: Gather, workspace: Workspace) -> Array:
    """The numbers asked for, of shape (their number, columns)."""
    if not len(gather.in_fixed):
        return workspace.rows[gather.rows]
    found = np.empty((gather.count, workspace.rows.shape[1]), workspace.rows.dtype)
    found[gather.in_rows] = workspace.rows[gather.rows]
    found[gather.in_fixed] = workspace.fixed[gather.fixed][:, None]
    return found


def _check(lowered: Lowered, workspace: Workspace, first_row: int) -> None:
    """Refuse a number that is not finite, by the name of the first scalar that has it."""
    assert lowered.names is not None
    for instruction in lowered.plan.instructions:
        elements = getattr(instruction, "elements", ())
        arena = workspace.rows if instruction.out.in_rows else workspace.fixed
        bad = ~np.isfinite(arena[instruction.out.places])
        if bad.any():
            at = np.argwhere(bad)[0]
            named = lowered.names[elements[at[0]]] if elements else None
            column = int(at[1]) if len(at) > 1 else None
            y = arena[instruction.out.places].item(*at)
            raise _not_finite(named, y, workspace, column, first_row)


def _not_finite(named: Named | None, y: float, workspace: Workspace, column: int | None, first_row: int) -> DomainError:
    where = "" if column is None else f"row {first_row + column}: "
    if named is None:
        return DomainError(f"{where}an operand is {y}.")
    operands = read(named.operands, workspace)[:, column or 0]
    label = f" (label {named.label!r})" if named.label else ""
    called = f"{named.operation}({', '.join(f'{x:.6g}' for x in operands) or '…'})"
    return DomainError(f"{where}{called}{label} is {y}.")
