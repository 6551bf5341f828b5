"""Which backend, and which of the two compilers: the one that finds matrices, or the one that finds loops.

Code is *deep* where one operation waits for the other: a solver, a filter, a recurrence. There is nothing for matrices
in it, and its loops are quick in C or, without a compiler, in plain Python. Everything else is *wide*.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.compiler.c_printer import check_words
from autograd.compiler.code import Code
from autograd.compiler.recording import Recording, recordable
from autograd.compiler.rolled import Rolled
from autograd.compiler.scalar import scalars
from autograd.compiler.slopes import Slope, is_safe, slopes
from autograd.engine import Value
from autograd.errors import NotCompilable
from autograd.operation import Op
from autograd.sweep import adjoints, dependents

_DEEP = 30  # operations that wait for each other, sums not counted; networks have few
_WIDE = 100.0  # operations that could be done at once, on the average, from which C is no better than matrices
_WIDE_IN_PYTHON = 24.0  # … and from which Python is not
_LONGEST = 3000  # statements of a program whose loops were not found: machines take long to compile it


@dataclass(frozen=True)
class Choice:
    """The backend of a program, why it was chosen, and the program with its loops if that is what it is made of."""

    backend: str
    why: str
    rolled: Rolled | None


def choose(
    recording: Recording, parameters: Sequence[Value], backend: str | None, dtype: str, strict: bool, gradient: bool
) -> Choice:
    """The backend that was asked for, or the best that is there.

    Raises:
        NotCompilable: C is asked for, and cannot say what the program does.
    """
    if backend == "c":
        if strict or dtype != "float64":
            raise NotCompilable(
                f"compile(backend='c', {'strict=True' if strict else f'dtype={dtype!r}'}): use 'numpy'."
            )
        rolled = _rolled(recording, parameters, gradient)
        check_words(rolled.scalars, gradient)
        return Choice("c", "asked for", rolled)
    name, asked = backend or "numpy", "asked for" if backend else ""
    if strict or name == "numba" or (dtype != "float64" and name != "jax"):
        return Choice(name, asked or "the only one for strict or float32", None)
    order = recording.order
    count, depth = _shape(order)
    in_c = backend is None and has_compiler()
    wide = depth < _DEEP or count >= (_WIDE if in_c else _WIDE_IN_PYTHON) * depth
    if wide and not (gradient and _may_lose(order, parameters)):
        return Choice(name, asked or f"wide: {count:,} operations, {depth:,} deep", None)
    try:
        rolled = _rolled(recording, parameters, gradient)
    except NotCompilable as error:
        return Choice(name, asked or str(error), None)
    if rolled.nest.length > _LONGEST:
        return Choice(name, asked or f"deep, but without loops: {rolled.nest.length:,} operations", None)
    deep = (
        f"{'with branches' if wide else 'deep'}: {count:,} operations, {depth:,} deep; as loops {rolled.nest.length:,}"
    )
    if in_c and not wide and _has_words(rolled, gradient):
        return Choice("c", deep, rolled)
    return Choice(name, asked or deep, rolled)


def has_compiler() -> bool:
    """Whether there is a C compiler; nothing is started."""
    from autograd.compiler.toolchain import compiler

    return compiler() is not None


def _rolled(recording: Recording, parameters: Sequence[Value], gradient: bool) -> Rolled:
    program = scalars(recording, parameters, recording.outputs)
    rolled = Rolled.of(program)
    code = rolled.code(gradient)  # so that what cannot be said is said now
    if gradient and not _is_finite(code, recording, parameters):
        with recordable():
            adjoints(recording.output, 1, parameters)  # so that a slope that the example does not have is refused
    return rolled


def _has_words(rolled: Rolled, gradient: bool) -> bool:
    try:
        check_words(rolled.scalars, gradient)
    except NotCompilable:
        return False
    return True


def _is_finite(code: Code, recording: Recording, parameters: Sequence[Value]) -> bool:
    """Whether loss and gradient are finite at the example."""
    numbers = [[float(x.data) for x in nodes] for nodes in (recording.inputs, parameters)]
    try:
        return all(map(math.isfinite, code.evaluate(*numbers)))
    except (ValueError, ArithmeticError):
        return False


def _may_lose(order: Sequence[Value], parameters: Sequence[Value]) -> bool:
    """Whether a branch that may not be taken has infinities behind it: there matrices give nan, and loops do not.

    That is 0 times infinity, where nothing flows; programs of loops write down whether anything does. Infinite may be a
    slope, or a number that it reads.
    """
    ops = {(node.op, len(node.inputs)) for node in order if node.inputs}
    gates = {each for each in ops if any(slope and slope.flows is not None for slope in _slopes(*each))}
    steep = {each for each in ops if any(slope and not slope.is_safe for slope in _slopes(*each))}
    read = {each: {k for slope in _slopes(*each) if slope for k in slope.form.operands} for each in ops}
    unsafe = {op for op, _ in ops if not is_safe(op)}
    if not gates or not (steep or unsafe):
        return False
    moving = dependents(order, parameters)
    behind: set[Value] = set()
    for node in reversed(order):
        kind = node.op, len(node.inputs)
        if node.inputs and node in behind and node in moving:
            numbers = (None, node, *node.inputs)
            infinite = (numbers[k] for k in read[kind] if k)
            if kind in steep or any(x is not None and x.op in unsafe for x in infinite):
                return True
        if node in behind or kind in gates:
            behind.update(node.inputs)
    return False


def _slopes(op: Op, count: int) -> tuple[Slope | None, ...]:
    """The slopes of an operation; none if its rule cannot be written down."""
    try:
        return slopes(op, count)
    except NotCompilable:
        return ()


def _shape(order: Sequence[Value]) -> tuple[int, int]:
    """How many operations there are, and how many of them have to wait for each other; a sum waits for none."""
    level: dict[Value, int] = {}
    waits: dict[Op, bool] = {}
    count = 0
    for node in order:
        if inputs := node.inputs:
            if node.op not in waits:
                waits[node.op] = not _is_sum(node.op)
            level[node] = max([level.get(x, 0) for x in inputs]) + waits[node.op]
            count += 1
    return count, max(level.values(), default=0)


def _is_sum(op: Op) -> bool:
    return op.terms is not None or (op.form is not None and op.form.word in ("+", "-"))
