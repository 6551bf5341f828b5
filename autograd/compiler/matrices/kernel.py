"""A plan at work: arenas for a batch, the steps run over it, and what is read off them."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.matrices.lifted import Lifted, Site
from autograd.compiler.matrices.numpy_backend import Bind, printed
from autograd.compiler.matrices.steps import Plan
from autograd.compiler.recording import check_branch, first_broken
from autograd.compiler.scalar import explain
from autograd.errors import DomainError

Array = NDArray[Any]

_CELLS = 1 << 21  # of `rows` at once, 16 MB: a longer batch goes through in blocks
_SIZES = 8  # batch sizes whose arenas a program keeps
_IDLE = 1 << 27  # bytes of arenas that wait for their next call, of all programs together


def rows_at_once(plan: Plan) -> int:
    """Of a longer batch, the rows that go through together."""
    return max(64, _CELLS // max(1, plan.height))


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
        self._scale = kernel.scale(columns, mean)
        self.arguments, self.parameters = self._workspace.arguments, self._workspace.parameters
        self.parameters[...] = parameters
        self.run = self._workspace.run

    @property
    def loss(self) -> float:
        """The loss of the last run."""
        return self._kernel.loss(self._workspace) * self._scale

    @property
    def gradient(self) -> Array:
        """The gradient of the last run, (n_parameters,)."""
        return self._workspace.gradient * self._scale


_kernels: WeakKeyDictionary["Kernel", None] = WeakKeyDictionary()  # those that made an arena last come last
_entering = threading.Lock()


class Kernel:
    """Runs a program of matrices in arenas. Threads may share it: each run has arenas of its own."""

    def __init__(self, lifted: Lifted, differentiate: bool, check: bool, dtype: str) -> None:
        self.lifted, self.dtype, self._check = lifted, np.dtype(dtype), check
        self.forward = lifted.backward if differentiate else lifted.forward
        self.plan = self.forward.plan
        self.text, self._bind = self._printed()
        self._most = rows_at_once(self.plan)
        self._idle: dict[int, list[Workspace]] = {}
        self._lock = threading.Lock()
        with _entering:
            _kernels[self] = None

    def _printed(self) -> tuple[str, Bind]:
        return printed(self.plan, self.lifted.names, self.lifted.is_strict)

    def _workspace(self, columns: int) -> Workspace:
        try:
            return self._idle[columns].pop()
        except (KeyError, IndexError):
            return self._new_workspace(columns)

    def _new_workspace(self, columns: int) -> Workspace:
        plan = self.plan
        self._make_room(plan.height * columns * self.dtype.itemsize)
        rows, fixed = aligned((plan.height, columns), self.dtype), aligned((plan.size,), self.dtype)
        plan.write_constants(rows, fixed)
        arguments = [rows[base : base + size] for base, size in plan.arguments]
        parameters, gradient = fixed[: plan.parameters], fixed[plan.gradient]
        return Workspace(rows, fixed, self._bind(rows, fixed), arguments, parameters, gradient)

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

    def _run(self, parameters: Array, inputs: Sequence[Array], columns: int, first_row: int) -> Workspace:
        workspace = self._ran(parameters, inputs, columns)
        for guard in self.forward.guards:
            check_branch(guard.check, *_read(workspace, [guard.left, guard.right]), first_row=first_row)
        return workspace

    def _ran(self, parameters: Array, inputs: Sequence[Array], columns: int) -> Workspace:
        workspace = self._workspace(columns)
        workspace.parameters[...] = parameters
        for lines, numbers in zip(workspace.arguments, inputs, strict=True):
            lines[...] = numbers
        workspace.run()
        return workspace

    def values(self, parameters: Array, inputs: Sequence[Array], columns: int) -> Array:
        """The outputs, of shape (number of outputs, columns).

        Args:
            inputs: for each argument an array of shape (numbers, columns).
        """
        found = np.empty((len(self.forward.outputs), columns), self.dtype)
        with np.errstate(all="ignore"):
            for part, some in self._blocks(inputs, columns):
                workspace = self._run(parameters, some, part.stop - part.start, part.start)
                found[:, part] = _read(workspace, self.forward.outputs)
                self._give_back(part.stop - part.start, workspace)
        if self._check and not np.isfinite(found).all():
            self._explain(parameters, inputs, np.flatnonzero(~np.isfinite(found).all(axis=0)))
        return found

    def followed(self, parameters: Array, inputs: Sequence[Array], columns: int) -> tuple[Array, NDArray[np.intp]]:
        """The outputs; and of each row the first guard that it breaks, −1 if none: then these are its outputs."""
        found, broken = np.empty((len(self.forward.outputs), columns), self.dtype), np.empty(columns, np.intp)
        guards = [guard.check for guard in self.forward.guards]
        with np.errstate(all="ignore"):
            for part, some in self._blocks(inputs, columns):
                workspace = self._ran(parameters, some, part.stop - part.start)
                found[:, part] = _read(workspace, self.forward.outputs)
                sides = _read(workspace, [side for guard in self.forward.guards for side in (guard.left, guard.right)])
                broken[part] = first_broken(guards, sides, part.stop - part.start)
                self._give_back(part.stop - part.start, workspace)
        if self._check and (bad := (broken < 0) & ~np.isfinite(found).all(axis=0)).any():
            self._explain(parameters, inputs, np.flatnonzero(bad))
        return found, broken

    def loss_and_gradient(
        self, parameters: Array, inputs: Sequence[Array], columns: int, mean: bool
    ) -> tuple[float, Array]:
        """The mean or the sum over the rows of the loss, and its gradient; inputs as for `values`."""
        loss, gradient = self._totals(parameters, inputs, columns)
        if self._check and not (np.isfinite(loss) and np.isfinite(gradient).all()):
            self._explain(parameters, inputs, range(columns))
            raise DomainError("the gradient is not finite, though the loss of every row is.")
        scale = self.scale(columns, mean)
        return loss * scale, gradient * scale

    def _totals(self, parameters: Array, inputs: Sequence[Array], columns: int) -> tuple[float, Array]:
        """The sums over the rows of the loss and of its gradient; these themselves if no row differs."""
        if columns <= self._most or not self.plan.is_total:
            return self._block(parameters, inputs, columns, 0)
        parts = [
            self._block(parameters, some, part.stop - part.start, part.start)
            for part, some in self._blocks(inputs, columns)
        ]
        return sum([loss for loss, _ in parts]), np.sum([gradient for _, gradient in parts], axis=0)

    def _block(self, parameters: Array, inputs: Sequence[Array], columns: int, first_row: int) -> tuple[float, Array]:
        with np.errstate(all="ignore"):
            workspace = self._run(parameters, inputs, columns, first_row)
            result = self.loss(workspace), workspace.gradient.copy()
        self._give_back(columns, workspace)
        return result

    def loss(self, workspace: Workspace) -> float:
        """The loss in `workspace`, its total if it is one."""
        assert self.plan.loss is not None
        return workspace.fixed.item(self.plan.loss)

    def scale(self, columns: int, mean: bool) -> float:
        """What the loss is multiplied with, for the mean or the sum over the rows."""
        return (1 / columns if mean else 1.0) if self.plan.is_total else 1.0 if mean else float(columns)

    def _explain(self, parameters: Array, inputs: Sequence[Array], rows: Iterable[int]) -> None:
        for row in rows:
            numbers = np.concatenate([each[:, row] for each in inputs]) if inputs else np.empty(0)
            explain(self.lifted.scalars, parameters, numbers, int(row))


class StrictKernel(Kernel):
    """A program whose outputs are the loss and its derivatives, each row as the graph computes them."""

    def _totals(self, parameters: Array, inputs: Sequence[Array], columns: int) -> tuple[float, Array]:
        found = self.values(parameters, inputs, columns).sum(axis=1)
        return float(found[0]), found[1:]

    def scale(self, columns: int, mean: bool) -> float:
        return 1 / columns if mean else 1.0


class KernelInC(Kernel):
    """A program whose steps are a function in C."""

    def _printed(self) -> tuple[str, Bind]:
        from autograd.compiler.matrices.c_steps import printed as printed_in_c

        return printed_in_c(self.plan)


def in_numpy(lifted: Lifted, differentiate: bool, check: bool, dtype: str) -> Kernel:
    """A program whose steps are NumPy's functions."""
    return (StrictKernel if differentiate and lifted.is_strict else Kernel)(lifted, differentiate, check, dtype)


def aligned(shape: tuple[int, ...], dtype: Any) -> Array:
    """Zeros that begin at a multiple of 64 bytes, as vector instructions like them, and 64 bytes behind their end."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    bytes_ = np.zeros(size + 128, np.uint8)
    start = -bytes_.ctypes.data % 64
    return bytes_[start : start + size].view(dtype).reshape(shape)


def _read(workspace: Workspace, sites: Sequence[Site]) -> Array:
    """The numbers asked for, of shape (their number, columns)."""
    rows, fixed = workspace.rows, workspace.fixed
    in_rows = np.array([varies for varies, _ in sites], dtype=bool)
    places = np.array([place for _, place in sites], dtype=np.intp)
    if in_rows.all():
        return rows[places]
    found = np.empty((len(sites), rows.shape[1]), rows.dtype)
    found[in_rows] = rows[places[in_rows]]
    found[~in_rows] = fixed[places[~in_rows]][:, None]
    return found
