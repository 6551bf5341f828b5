"""Programs of loops at work: read, rolled and printed once, then run on batches, in C or in Python.

What a kernel of arenas (kernel.py) is to programs of matrices, `RolledKernel` is to deep ones, where the work is one
number after the other.
"""

import ctypes
import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.backends import BACKENDS, loaded
from autograd.compiler.loops.code import Code
from autograd.compiler.loops.nest import Nest, walk
from autograd.compiler.pipeline import code, rolled
from autograd.compiler.printers.c import CPrinter
from autograd.compiler.printers.python import Broken
from autograd.compiler.recording import BranchChanged, branch_changed
from autograd.compiler.scalar import Check, Scalars, explain
from autograd.errors import DomainError

Array = NDArray[Any]

ROWS = 4096  # of a batch at once: sums of sums have the better digits, and Ctrl-C is heard in between
_CELLS = 1 << 21  # numbers that arrays over the rows may have kept at once, 16 MB
_FEW = 3  # rows that are quicker one by one, in floats
_INPUTS, _OUTPUTS = 0, 2  # where a function in C is told where they are


@dataclass(frozen=True, eq=False)
class Rolled:
    """A program with its loops, up to the language it is written in."""

    scalars: Scalars
    nest: Nest
    _codes: dict[bool, Code] = field(default_factory=dict)

    @classmethod
    def of(cls, scalars: Scalars) -> "Rolled":
        return cls(scalars, rolled(scalars))

    def code(self, differentiate: bool) -> Code:
        """The statements that compute the outputs, or the loss and its gradient.

        Raises:
            NotCompilable: a rule cannot be written down.
        """
        if differentiate not in self._codes:
            self._codes[differentiate] = code(self.nest, differentiate)
        return self._codes[differentiate]

    def __reduce__(self) -> Any:
        return Rolled, (self.scalars, self.nest)  # code is made anew

    def kernel(self, backend: str, differentiate: bool, check: bool, dtype: str) -> "RolledKernel":
        """The program on a backend."""
        return loaded(BACKENDS[backend].loops)(self, differentiate, check, dtype)

    @property
    def checks(self) -> Sequence[Check]:
        """The guards by number."""
        return [do.what for do, _ in walk((*self.nest.shared, *self.nest.rows)) if isinstance(do.what, Check)]


class RolledKernel:
    """What the kernels of deep programs share: batches in blocks, guards, results."""

    text: str  # what is run

    def __init__(self, rolled: Rolled, differentiate: bool, check: bool = False, dtype: str = "float64") -> None:
        self.rolled, self.code, self._check = rolled, rolled.code(differentiate), check

    def values(self, theta: Array, inputs: Sequence[Array], columns: int) -> Array:
        """The outputs, of shape (number of outputs, columns); inputs: for each argument (numbers, columns)."""
        x = _table(inputs, columns)
        found = np.empty((columns, self.code.outputs))
        for start in range(0, columns, self.block):
            found[start : start + self.block] = self._told(self._values, theta, x, start)
        if self._check and not np.isfinite(found).all():
            self._explain(theta, x, int(np.argwhere(~np.isfinite(found))[0][0]))
        return found.T

    def followed(self, theta: Array, inputs: Sequence[Array], columns: int) -> tuple[Array, NDArray[np.intp]]:
        """The outputs; and of each row the first guard that it breaks, −1 if none: then these are its outputs."""
        x = _table(inputs, columns)
        found, broken = np.empty((columns, self.code.outputs)), np.empty(columns, np.intp)
        for start in range(0, columns, self.block):
            part = slice(start, start + self.block)
            found[part], broken[part] = self._followed(theta, x[part])
        if self._check and (bad := (broken < 0) & ~np.isfinite(found).all(axis=1)).any():
            self._explain(theta, x, int(np.argmax(bad)))
        return found.T, broken

    def loss_and_gradient(self, theta: Array, inputs: Sequence[Array], columns: int, mean: bool) -> tuple[float, Array]:
        """The mean or the sum over the rows of the loss, and its gradient."""
        x = _table(inputs, columns)
        loss, gradient = self._told(self._swept, theta, x, 0)
        for start in range(self.block, columns, self.block):
            more, added = self._told(self._swept, theta, x, start)
            loss, gradient = loss + more, gradient + added
        if self._check and not (np.isfinite(loss) and np.isfinite(gradient).all()):
            for row in range(columns):
                self._explain(theta, x, row)
            raise DomainError("the gradient is not finite, though the loss of every row is.")
        return (loss / columns, gradient / columns) if mean else (loss, gradient)

    @property
    def block(self) -> int:
        """Rows at once."""
        return ROWS

    def _values(self, theta: Array, x: Array) -> Array:
        """The outputs of each row of x, (rows, inputs), of shape (rows, outputs)."""
        raise NotImplementedError

    def _followed(self, theta: Array, x: Array) -> tuple[Array, NDArray[np.intp]]:
        """The outputs of these rows, and of each the first guard that it breaks."""
        raise NotImplementedError

    def _swept(self, theta: Array, x: Array) -> tuple[float, Array]:
        """The sums of the losses and of the gradients of these rows."""
        raise NotImplementedError

    def _told(self, run: Any, theta: Array, x: Array, start: int) -> Any:
        try:
            return run(theta, x[start : start + self.block] if len(x) > self.block else x)
        except Broken as broken:
            raise self.changed(broken, start) from None

    def changed(self, broken: Broken, start: int = 0) -> BranchChanged:
        """What to say of a guard that a row breaks, of a block of rows that starts there."""
        number, row, left, right = broken.args
        return branch_changed(self.code.checks[number], left, right, start + row)

    def _explain(self, theta: Array, x: Array, row: int) -> None:
        explain(self.rolled.scalars, theta, x[row], row)


def _table(inputs: Sequence[Array], columns: int) -> Array:
    """The rows of the batch one after the other, (columns, numbers)."""
    if len(inputs) == 1:
        return np.ascontiguousarray(inputs[0].T)
    table = np.concatenate([each.T for each in inputs], axis=1) if inputs else np.empty((columns, 0))
    return np.ascontiguousarray(table)  # which columns in Fortran's order are not


class CKernel(RolledKernel):
    """A program in C, which has words for it (`check_words`)."""

    def __init__(self, rolled: Rolled, differentiate: bool, check: bool = False, dtype: str = "float64") -> None:
        from autograd.compiler.toolchain import library

        super().__init__(rolled, differentiate, check)
        self.text = CPrinter(self.code).text()
        self.entry = library(self.text, optimize=1).run
        self._idle: list[_Scratch] = []

    def _values(self, theta: Array, x: Array) -> Array:
        found = np.empty((len(x), self.code.outputs))
        self._idle.append(self._ran(theta, x, found.ctypes.data))
        return found

    def _followed(self, theta: Array, x: Array) -> tuple[Array, NDArray[np.intp]]:
        found, broken, start = np.empty((len(x), self.code.outputs)), np.full(len(x), -1), 0
        scratch = self._taken(theta)
        while start < len(x):  # on behind each row that breaks a guard
            scratch.at[_INPUTS] = x.ctypes.data + start * x.strides[0]
            scratch.at[_OUTPUTS] = found.ctypes.data + start * found.strides[0]
            status = self.entry(ctypes.c_size_t(len(x) - start), scratch.at)
            if not status:
                break
            start += scratch.row + 1
            broken[start - 1] = status - 1
        self._idle.append(scratch)
        return found, broken

    def _swept(self, theta: Array, x: Array) -> tuple[float, Array]:
        scratch = self._ran(theta, x, None)
        result = scratch.loss.item(), scratch.gradient.copy()
        self._idle.append(scratch)
        return result

    def _ran(self, theta: Array, x: Array, out: int | None) -> "_Scratch":
        """The lists of a run that went well; those of one that did not are dropped."""
        scratch = self._taken(theta)
        scratch.at[_INPUTS], scratch.at[_OUTPUTS] = x.ctypes.data, out or scratch.loss.ctypes.data
        if status := self.entry(ctypes.c_size_t(len(x)), scratch.at):
            raise scratch.broken(status)
        return scratch

    def _taken(self, theta: Array) -> "_Scratch":
        try:
            scratch = self._idle.pop()
        except IndexError:
            scratch = _Scratch(self.code)
        scratch.parameters[...] = theta
        return scratch


class CBuffers:
    """A program in C bound to arrays of its own, as `kernel.Buffers`."""

    def __init__(self, kernel: CKernel, parameters: Array, sizes: Sequence[int], rows: int, mean: bool) -> None:
        self._kernel, self._scratch, self._scale = kernel, _Scratch(kernel.code), 1 / rows if mean else 1.0
        self._table = np.zeros((rows, max(1, kernel.code.inputs)))
        ends = np.cumsum([0, *sizes]).tolist()
        self.arguments = [self._table[:, start:end].T for start, end in itertools.pairwise(ends)]
        scratch = self._scratch
        self.parameters = scratch.parameters
        self.parameters[...] = parameters
        scratch.at[_INPUTS] = self._table.ctypes.data
        # Two things to hand over, which are C's already: a microsecond less than ten numbers of Python.
        call = functools.partial(kernel.entry, ctypes.c_size_t(rows), scratch.at)

        def run(_held: Array = self._table) -> None:
            if status := call():
                scratch.adjoints[...] = scratch.flags[...] = 0.0
                raise kernel.changed(scratch.broken(status))

        self.run = run

    @property
    def loss(self) -> float:
        """The loss of the last run."""
        return self._scratch.loss.item() * self._scale

    @property
    def gradient(self) -> Array:
        """The gradient of the last run, (n_parameters,)."""
        return self._scratch.gradient * self._scale


class _Scratch:
    """The lists that one call of a program in C works in."""

    def __init__(self, code: Code) -> None:
        self.parameters, self.loss, self.gradient = np.zeros(code.parameters), np.zeros(1), np.zeros(code.parameters)
        self.adjoints, self.flags = np.zeros(code.adjoints), np.zeros(code.flags)
        self._values, self._row, self._sides = np.zeros(code.values), np.zeros(1, np.uintp), np.zeros(2)
        lists = (self.parameters, self.loss, self.gradient, self._values, self.adjoints, self.flags)
        self.at = (ctypes.c_void_p * 9)(None, *[each.ctypes.data for each in (*lists, self._row, self._sides)])

    @property
    def row(self) -> int:
        """The row that broke a guard."""
        return int(self._row[0])

    def broken(self, status: int) -> Broken:
        """The guard that a row broke in a call that returned this."""
        return Broken(status - 1, self.row, *self._sides.tolist())


class PythonKernel(RolledKernel):
    """A program in Python: one row in floats, more in arrays over the rows."""

    @property
    def text(self) -> str:
        return self.code.in_floats.text

    @property
    def block(self) -> int:
        return max(64, _CELLS // (1 + self.code.values + self.code.adjoints + self.code.outputs))

    def _values(self, theta: Array, x: Array) -> Array:
        parameters, found = theta.tolist(), np.empty((len(x), self.code.outputs))
        if len(x) <= _FEW:
            for row, numbers in enumerate(x.tolist()):
                found[row] = self._of_row(parameters, numbers, [], row)[1]
            return found
        out = self.code.in_arrays.run(len(x), list(x.T), parameters, [])[1]
        for k, each in enumerate(out):
            found[:, k] = each
        return found

    def _followed(self, theta: Array, x: Array) -> tuple[Array, NDArray[np.intp]]:
        found, broken = np.empty((len(x), self.code.outputs)), np.full(len(x), -1)
        parameters = theta.tolist()
        if len(x) > _FEW:
            out = self.code.in_arrays.run(len(x), list(x.T), parameters, [], broken)[1]
            for k, each in enumerate(out):
                found[:, k] = each
            return found, broken
        for row, numbers in enumerate(x.tolist()):
            try:
                found[row] = self._of_row(parameters, numbers, [], row)[1]
            except Broken as guard:
                broken[row] = guard.args[0]
        return found, broken

    def _swept(self, theta: Array, x: Array) -> tuple[float, Array]:
        parameters, g = theta.tolist(), [0.0] * len(theta)
        if len(x) <= _FEW:
            loss = 0.0
            for row, numbers in enumerate(x.tolist()):
                loss += self._of_row(parameters, numbers, g, row)[0]
        else:
            loss, _ = self.code.in_arrays.run(len(x), list(x.T), parameters, g)
        return loss, np.array(g)

    def _of_row(self, parameters: list[float], numbers: list[float], g: list[float], row: int) -> Any:
        """One row in floats; where these raise, in arrays, which give nan or inf."""
        before = g.copy()
        try:
            return self.code.in_floats.run(1, numbers, parameters, g)
        except (ValueError, ArithmeticError):
            g[:] = before
            arrays = list(np.array(numbers)[:, None])
            loss, out = self.code.in_arrays.run(1, arrays, parameters, g)
            return loss, [float(np.ravel(each)[0]) for each in out]
        except Broken as broken:
            raise Broken(broken.args[0], row, *broken.args[2:]) from None
