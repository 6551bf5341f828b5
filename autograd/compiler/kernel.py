"""A plan at work: arenas for a batch, the steps run over it, and what is read off them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.lowering import Gather, Lowered, Named
from autograd.compiler.recording import COMPARE, BranchChanged
from autograd.errors import DomainError

Array = NDArray[Any]
Bind = Callable[[Array, Array], Callable[[], None]]

_CELLS = 1 << 21  # of `rows` at once, 16 MB: a longer batch goes through in blocks
_SIZES = 8  # batch sizes whose arenas are kept


@dataclass
class Workspace:
    """The arenas for batches of one size, and the program bound to them."""

    rows: Array
    fixed: Array
    run: Callable[[], None]


class Kernel:
    """Runs a lowered program in arenas. Threads may share it: each run has arenas of its own."""

    def __init__(self, lowered: Lowered, bind: Bind, dtype: Any) -> None:
        self.lowered, self.bind, self.dtype = lowered, bind, np.dtype(dtype)
        self._idle: dict[int, list[Workspace]] = {}

    def _workspace(self, columns: int) -> Workspace:
        idle = self._idle.get(columns)
        if idle:
            try:
                return idle.pop()
            except IndexError:  # another thread was quicker
                pass
        return self._new_workspace(columns)

    def _new_workspace(self, columns: int) -> Workspace:
        plan = self.lowered.plan
        rows, fixed = np.zeros((plan.height, columns), self.dtype), np.zeros(plan.size, self.dtype)
        for place, number in plan.row_constants:
            rows[place] = number
        for place, number in plan.fixed_constants:
            fixed[place] = number
        return Workspace(rows, fixed, self.bind(rows, fixed))

    def _give_back(self, columns: int, workspace: Workspace) -> None:
        if columns not in self._idle and len(self._idle) >= _SIZES:
            self._idle.pop(next(iter(self._idle)), None)
        self._idle.setdefault(columns, []).append(workspace)

    def _blocks(self, columns: int) -> list[slice]:
        most = max(64, _CELLS // max(1, self.lowered.plan.height))
        return [slice(start, min(start + most, columns)) for start in range(0, columns, most)]

    def _run(self, parameters: Array, inputs: Sequence[Array], part: slice) -> Workspace:
        workspace = self._workspace(part.stop - part.start)
        workspace.fixed[: len(parameters)] = parameters
        rows = workspace.rows
        for base, each in zip(self.lowered.plan.arguments, inputs, strict=True):
            rows[base : base + len(each)] = each[:, part]
        workspace.run()
        for guard in self.lowered.guards:
            left, right = read(guard.sides, workspace)
            changed = np.flatnonzero(COMPARE[guard.sign](left, right) != guard.outcome)
            if len(changed):
                raise _branch_changed(guard, left[changed[0]], right[changed[0]], part.start + int(changed[0]))
        if self.lowered.names is not None:
            _check(self.lowered, workspace, part.start)
        return workspace

    def values(self, parameters: Array, inputs: Sequence[Array], columns: int) -> Array:
        """The outputs, of shape (number of outputs, columns)."""
        found = np.empty((self.lowered.outputs.count, columns), self.dtype)
        with np.errstate(all="ignore"):
            for part in self._blocks(columns):
                workspace = self._run(parameters, inputs, part)
                found[:, part] = read(self.lowered.outputs, workspace)
                self._give_back(part.stop - part.start, workspace)
        return found

    def loss_and_gradient(
        self, parameters: Array, inputs: Sequence[Array], columns: int, mean: bool
    ) -> tuple[float, Array]:
        """The mean or the sum over the rows of the loss, and its gradient."""
        where = self.lowered.gradient
        assert where is not None
        gradient = np.zeros(len(parameters), self.dtype)
        loss, fixed_loss, fixed_gradient = 0.0, 0.0, None
        first = self.lowered.plan.gradient
        with np.errstate(all="ignore"):
            for part in self._blocks(columns):
                workspace = self._run(parameters, inputs, part)
                fixed = workspace.fixed
                if where.loss_total is not None:
                    loss += fixed.item(where.loss_total)
                if where.has_totals:
                    gradient += fixed[first : first + len(parameters)]
                    if len(where.moved):
                        gradient[where.moved] += fixed[where.moved_from]
                if where.loss_fixed is not None:
                    fixed_loss = fixed.item(where.loss_fixed)
                if where.fixed is not None:
                    fixed_gradient = fixed[where.fixed]
                self._give_back(part.stop - part.start, workspace)
        total_scale, fixed_scale = (1 / columns, 1) if mean else (1, columns)
        if total_scale != 1:
            gradient *= total_scale
        if fixed_gradient is not None:
            gradient += fixed_gradient * fixed_scale if fixed_scale != 1 else fixed_gradient
        return loss * total_scale + fixed_loss * fixed_scale, gradient


def read(gather: Gather, workspace: Workspace) -> Array:
    """The numbers asked for, of shape (their number, columns)."""
    if not len(gather.in_fixed):
        return workspace.rows[gather.rows]
    found = np.empty((gather.count, workspace.rows.shape[1]), workspace.rows.dtype)
    found[gather.in_rows] = workspace.rows[gather.rows]
    found[gather.in_fixed] = workspace.fixed[gather.fixed][:, None]
    return found


def _branch_changed(guard: Any, left: float, right: float, row: int) -> BranchChanged:
    went = "true" if guard.outcome else "false"
    return BranchChanged(
        f"{guard.where}: the comparison `{left:.6g} {guard.sign} {right:.6g}` in row {row} goes another way than when "
        f"the program was recorded, where it was {went}. Write it without a branch (autograd.where, relu, maximum), or "
        "compile one program for each way."
    )


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
