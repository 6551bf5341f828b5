"""Which backend, and which of the two compilers: the one that finds matrices, or the one that finds loops.

Code is *deep* where one operation waits for the other: a solver, a filter, a recurrence. There is nothing for matrices
in it, and its loops are quick in C or, without a compiler, in plain Python. Everything else is *wide*.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.backends import BACKENDS, loaded
from autograd.compiler.loops.rolled import Rolled
from autograd.compiler.printers.c import check_words
from autograd.compiler.scalar import NONE, PARAMETER, VALUE, Scalars
from autograd.compiler.slopes import Slope, is_safe, is_steep, slopes
from autograd.errors import NotCompilable
from autograd.operation import Op

_DEEP = 30  # operations that wait for each other, sums not counted; networks have few
_WIDE = 100.0  # operations that could be done at once, on the average, from which C is no better than matrices
_WIDE_IN_PYTHON = 24.0  # … and from which Python is not
_LONGEST = 3000  # statements of a program whose loops were not found: machines take long to compile it
_SHORTER = 8  # times by which loops make a program shorter, if they were found


@dataclass(frozen=True)
class Choice:
    """The backend of a program, why it was chosen, and the program with its loops if that is what it is made of."""

    backend: str
    why: str
    rolled: Rolled | None


def choose(
    program: Scalars,
    operations: int,
    backend: str | None,
    dtype: str,
    strict: bool,
    gradient: bool,
    deep: bool = False,
) -> Choice:
    """The backend that was asked for, or the best that is there.

    Args:
        operations: how many were recorded.
        deep: it is made of loops, if it is not shallow, however wide: it is the derivatives of such a program, a sweep
            for each argument.

    Raises:
        NotCompilable: C is asked for, and cannot say what the program does; or a rule cannot be written down.
    """
    name, asked = backend or "numpy", "asked for" if backend else ""
    chosen = BACKENDS[name]
    if dtype not in chosen.dtypes:
        raise NotCompilable(f"compile(backend={name!r}, dtype={dtype!r}): use 'numpy'.")
    if chosen.words:
        loaded(chosen.words)(program, gradient)
    if strict or dtype not in chosen.dtypes_of_loops:
        return Choice(name, asked or "the only one for strict or float32", None)
    depth, in_c = _depth(program), name == "c" or (backend is None and has_compiler())
    wide = depth < _DEEP or (not deep and operations >= (_WIDE if in_c else _WIDE_IN_PYTHON) * depth)
    if wide and not (gradient and _may_lose(program)):
        return Choice(name, asked or f"wide: {operations:,} operations, {depth:,} deep", None)
    rolled = Rolled.of(program)
    if rolled.nest.length > max(_LONGEST, operations / _SHORTER):
        return Choice(name, asked or f"deep, but without loops: {rolled.nest.length:,} operations", None)
    rolled.code(gradient)  # so that what cannot be said is said now
    kind = "with branches" if wide else "deep"
    why = asked or f"{kind}: {operations:,} operations, {depth:,} deep; as loops {rolled.nest.length:,}"
    quicker = backend is None and in_c and not wide and _has_words(program, gradient)
    return Choice("c" if quicker else name, why, rolled)


def has_compiler() -> bool:
    """Whether there is a C compiler; nothing is started."""
    from autograd.compiler.toolchain import compiler

    return compiler() is not None


def _has_words(program: Scalars, gradient: bool) -> bool:
    try:
        check_words(program, gradient)
    except NotCompilable:
        return False
    return True


# --- What a program is like -----------------------------------------------------------------------------------


def _makers(program: Scalars) -> Iterator[tuple[int, ...]]:
    """Of each instruction those that its operands are the values of; −1 for what is none's."""
    return zip(*np.where(program.kinds == VALUE, program.places, -1).T.tolist(), strict=True)


def _depth(program: Scalars) -> int:
    """How many operations have to wait for each other; a sum waits for none."""
    waits = [isinstance(what, Op) and not _is_sum(what) for what in program.table]
    levels = [0] * (len(program) + 1)  # the last is the level of what no instruction makes
    for k, (what, makers) in enumerate(zip(program.what.tolist(), _makers(program), strict=True)):
        level = 0
        for maker in makers:
            if levels[maker] > level:
                level = levels[maker]
        levels[k] = level + waits[what]
    return max(levels)


def _is_sum(op: Op) -> bool:
    return op.terms is not None or (op.form is not None and op.form.word in ("+", "-"))


def _may_lose(program: Scalars) -> bool:
    """Whether a branch that may not be taken has infinities behind it: there matrices give nan, and loops do not.

    That is 0 times infinity, where nothing flows; programs of loops write down whether anything does. Infinite may be a
    slope, or a number that it reads; but a number that is the same for all rows counts as finite.
    """
    gates, infinite = _gates_and_infinities(program)
    if not gates.any() or not infinite[: int(np.flatnonzero(gates)[-1])].any():
        return False
    makers = [*_makers(program)]
    moving = [*(program.kinds == PARAMETER).any(axis=1).tolist(), False]
    for k, operands in enumerate(makers):
        moving[k] = moving[k] or any(map(moving.__getitem__, operands))
    behind = [False] * len(moving)
    for k in reversed(range(len(program))):
        if behind[k] and moving[k] and infinite[k]:
            return True
        if behind[k] or gates[k]:
            for x in makers[k]:
                behind[x] = True
    return False


def _gates_and_infinities(program: Scalars) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which instructions may pass nothing on; and of which a slope, or a number that it reads, may be infinite."""
    unsafe = np.array([isinstance(op, Op) and not is_safe(op) for op in program.table], dtype=bool)[program.what]
    in_rows = np.arange(len(program)) >= program.shared
    unsafe &= in_rows
    of_values = program.kinds == VALUE
    numbers = np.column_stack([unsafe, of_values & unsafe[np.where(of_values, program.places, 0)]])
    most = program.kinds.shape[1] + 1
    done = program.what * most + (program.kinds != NONE).sum(axis=1)
    gates, infinite = np.zeros((2, len(program)), dtype=bool)
    for each in np.flatnonzero(np.bincount(done)).tolist():
        here, op = done == each, program.table[each // most]
        passed = [slope for slope in _slopes(op, each % most) if slope] if isinstance(op, Op) else []
        read = sorted({k - 1 for slope in passed for k in slope.form.operands if k})
        gates[here] = any(slope.flows is not None for slope in passed)
        steep = [any(is_steep(op, slope) for slope in passed), not all(slope.is_safe for slope in passed)]
        infinite[here] = np.take(steep, in_rows[here].astype(int)) | numbers[here][:, read].any(axis=1)
    return gates, infinite


def _slopes(op: Op, count: int) -> tuple[Slope | None, ...]:
    """The slopes of an operation; none if its rule cannot be written down."""
    try:
        return slopes(op, count)
    except NotCompilable:
        return ()
