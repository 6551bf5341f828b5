"""The kernels of the compiled engine, written from the table of operations: `python -m autograd.compiler.kernels`.

A kernel is what an operation computes and passes back, in C on doubles: its form, and the slopes of its rule. An
operation has one if that is what its closures compute, bit for bit, wherever it was tried: then nobody can tell from
the numbers which engine ran. The others go by their closures.
"""

import argparse
import ctypes
import math
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from autograd import functions as ag
from autograd.compiler.loops.code import Expression
from autograd.compiler.printers.c import CWriter
from autograd.compiler.slopes import slopes
from autograd.compiler.toolchain import library
from autograd.engine import add, cast, div, mul, sub
from autograd.errors import NotCompilable
from autograd.operation import OPS, Op
from autograd.reals import is_nothing

FILE = Path(__file__).parents[1] / "kernels.h"
ARITHMETIC = (add, sub, mul, div)
"""What computes with an int as with the float that it is."""
_TRIED = 2000

_HEAD = """/* Written by `make kernels` from the table of operations; do not edit. */
#include <math.h>

"""


class _Case(CWriter):
    """One operation as two cases of a switch."""

    def value(self, op: Op) -> Iterator[str]:
        assert op.form is not None
        yield from self._inside(op)
        lines, text = self.expression(Expression(op.form, ("a", "b")))
        yield from lines
        yield f"return {text};"

    def adjoint(self, op: Op) -> Iterator[str]:
        assert op.arity is not None
        yield from self._inside(op)
        flows: list[str] = []
        for k, slope in enumerate(slopes(op, op.arity)):
            if slope is None:
                continue
            lines, text = self.expression(Expression(slope.form, ("g", "y", "a", "b")))
            yield from lines
            yield f"*to_{'ab'[k]} = {text};"
            if slope.flows is None:
                flows.append(str(1 << k))
            else:
                lines, text = self.expression(Expression(slope.flows, ("g", "y", "a", "b")))
                yield from lines
                flows.append(f"{1 << k} * (0 != {text})")
        yield f"return {' + '.join(flows) or '0'};"

    def _inside(self, op: Op) -> Iterator[str]:
        """Where it is not arithmetic, it is asked only where its record claims its accuracy."""
        if op not in ARITHMETIC:
            bounds = zip("ab", op.domain, strict=False)
            inside = " && ".join(f"{x} >= {low!r} && {x} <= {high!r}" for x, (low, high) in bounds)
            yield f"if (!({inside})) break;"


def written(ops: Sequence[Op]) -> str:
    """The text of kernels.h for these operations, the arithmetic ones first."""
    writer = _Case()
    values = "".join(_case(k, op, writer.value(op)) for k, op in enumerate(ops, 1))
    adjoints = "".join(_case(k, op, writer.adjoint(op)) for k, op in enumerate(ops, 1))
    names = "".join(f'  "{op.name}",\n' for op in ops)
    return (
        f"{_HEAD}static const char *const KERNELS[] = {{\n  0,\n{names}  0\n}};\n"
        f"static const int OPERANDS[] = {{0, {', '.join(str(op.arity) for op in ops)}}};\n"
        f"enum {{ ARITHMETIC = {sum(op in ARITHMETIC for op in ops)} }};\n\n{writer.helpers}"
        "/* The value of an operation. */\n"
        "static double kernel_value(int code, double a, double b)\n{\n  (void)b;\n"
        f"  switch (code) {{\n{values}  }}\n  return NAN;\n}}\n\n"
        "/* What it passes back; 1 if something flows to a, plus 2 if to b; -1 where it cannot say. */\n"
        "static int kernel_adjoint(int code, double g, double y, double a, double b, double *to_a, double *to_b)\n{\n"
        f"  (void)y; (void)a; (void)b; (void)to_b;\n  switch (code) {{\n{adjoints}  }}\n"
        "  return -1;\n}\n"
    )


def _case(code: int, op: Op, lines: Iterator[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"  case {code}: {{ /* {op.name} */\n{body}  }}\n"


def candidates() -> list[Op]:
    """The operations of the library of one operand or two for which C has words."""
    named = [op for op in OPS.values() if isinstance(op, Op) and op not in (*ARITHMETIC, cast)]
    found = []
    for op in (*ARITHMETIC, *named, *ag.MEMBERS):
        if op.arity in (1, 2) and op.form is not None:
            try:
                written([op])
            except NotCompilable:
                continue
            found.append(op)
    return found


_EXPORTS = """
double value(int code, double a, double b) { return kernel_value(code, a, b); }
int adjoint(int code, double g, double y, double a, double b, double *to) {
  return kernel_adjoint(code, g, y, a, b, to, to + 1); }
"""


def differences(ops: Sequence[Op], tried: int = _TRIED) -> dict[str, str]:
    """For each operation whose kernel is not what its closures compute, where the two part."""
    kernels = library(written(ops) + _EXPORTS)
    kernels.value.restype, kernels.adjoint.restype = ctypes.c_double, ctypes.c_int
    kernels.value.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_double]
    kernels.adjoint.argtypes = [ctypes.c_int, *[ctypes.c_double] * 4, ctypes.POINTER(ctypes.c_double * 2)]
    found = {}
    for k, op in enumerate(ops, 1):
        random = Random(op.name)
        for _ in range(tried):
            x = [_number(random, op, i) for i in range(op.arity or 0)]
            g = random.choice([1.0, 0.0, -1.0, random.gauss(0, 1), _wide(random)])
            if why := _difference(kernels, k, op, g, x):
                found[op.name] = why
                break
    return found


_EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 100.0, -100.0, 800.0, -800.0, 1e300, -1e300, 5e-324)


def _wide(random: Random) -> float:
    return random.gauss(0, 1) * 10 ** random.uniform(-300, 300)


def _number(random: Random, op: Op, i: int) -> float:
    low, high = op.domain[i]
    match random.randrange(6):
        case 0:
            return random.choice(_EDGES)
        case 1:
            return random.gauss(0, 1)
        case 2:
            return _wide(random)
        case 3:
            return struct.unpack("d", random.randbytes(8))[0]
    return random.uniform(max(low, -1e6), min(high, 1e6))


def _difference(kernels: Any, code: int, op: Op, g: float, x: list[float]) -> str:
    if any(each != each for each in x):
        return ""
    operands = (*x, 0.0)[:2]
    y = kernels.value(code, *operands)
    try:
        wanted = op.forward(*x)
    except (TypeError, ValueError, ArithmeticError):
        wanted = math.nan
    if not math.isfinite(y):
        return ""
    if wanted.__class__ is not float:
        return f"{op.name}{tuple(x)} is {wanted!r}, not a float"
    if not math.isfinite(wanted):
        return f"{op.name}{tuple(x)} = {y!r}, wanted {wanted!r}"
    if struct.pack("d", y) != struct.pack("d", wanted):
        return f"{op.name}{tuple(x)} = {y!r}, wanted {wanted!r}"
    to = (ctypes.c_double * 2)()
    flows = kernels.adjoint(code, g, y, *operands, to)
    if flows < 0:
        return ""
    got = [to[i] if flows >> i & 1 else None for i in range(len(x))]
    try:
        passed = [None if is_nothing(each) else each for each in op.backward(g, y, *x)]
        usual = all(each is None or math.isfinite(each) for each in passed)
    except (TypeError, ValueError, ArithmeticError):
        passed, usual = [], False
    if not usual and any(each is not None and not math.isfinite(each) for each in got):
        return ""
    return "" if got == passed else f"{op.name}{tuple(x)} passes {got} back for {g!r}, wanted {passed}"


def main() -> None:
    """Write the file; say, of each operation that goes by its closures, where its kernel would differ."""
    parser = argparse.ArgumentParser(prog="python -m autograd.compiler.kernels", description=__doc__)
    parser.parse_args()
    ops = candidates()
    differing = differences(ops)
    for why in differing.values():
        print(why, file=sys.stderr)
    FILE.write_text(written([op for op in ops if op.name not in differing]), encoding="utf-8")
    print(f"{len(ops) - len(differing)} kernels; {len(differing)} operations go by their closures")


if __name__ == "__main__":
    main()
