"""What the backends share: the text of an elementwise step, and names for what it reads."""

import functools
import linecache
import math
import operator
from collections.abc import Sequence
from itertools import count as counter
from types import CodeType
from typing import Any
from weakref import finalize

from autograd.compiler.layout import Inner, Instruction, Map, Pack
from autograd.forms import Form, operand
from autograd.operation import Op

_LETTERS = "abcdef"  # for the operands of a sum; one with more is not written out


def form_of(what: Any) -> Form | None:
    """The form of an elementwise step: of an operation, None if it has none; or of a sum of products."""
    if isinstance(what, Op):
        return what.form
    places, total = counter(), None
    for negative, factors in what:
        first, *others = [operand(next(places)) for _ in range(factors)]
        if negative and total is None:
            first = Form("negative", (first,))
        product = functools.reduce(lambda left, right: Form("*", (left, right)), others, first)
        total = product if total is None else Form("-" if negative else "+", (total, product))
    return total


_A, _B = operand(0), operand(1)
_AS_PYTHON = {
    operator.add: Form("+", (_A, _B)),
    operator.sub: Form("-", (_A, _B)),
    operator.mul: Form("*", (_A, _B)),
    operator.truediv: Form("/", (_A, _B)),
    operator.neg: Form("negative", (_A,)),
    abs: Form("abs", (_A,)),
    math.sqrt: Form("sqrt", (_A,)),
}


def strict_form(what: Op) -> Form | None:
    """The form, if NumPy has every bit of what `forward` gives; None where only `forward` itself does."""
    return _AS_PYTHON.get(what.forward)


def code_of(text: str, kind: str) -> CodeType:
    """The code of a text that defines `program`; debuggers and tracebacks show its lines for as long as that lives."""
    filename = f"<autograd {kind} {next(_numbers)}>"
    code = compile(text, filename, "exec")
    linecache.cache[filename] = len(text), None, text.splitlines(True), filename
    body = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == "program")
    forget_with(body, code)
    return code


def forget_with(holder: Any, code: CodeType) -> None:
    """Let tracebacks show the lines of the code no longer than `holder` lives."""
    finalize(holder, linecache.cache.pop, code.co_filename, None).atexit = False


_numbers = counter(1)


def literal(number: float, module: str = "np") -> str:
    """A number as text, also where Python has no literal for it."""
    if math.isfinite(number):
        return repr(number if isinstance(number, int) else float(number))
    return f"{module}.nan" if math.isnan(number) else f"{module}.inf" if number > 0 else f"-{module}.inf"


def title(instruction: Instruction) -> str:
    """What an instruction does, in a few words: `affine 16×2`, `relu 16`."""
    if isinstance(instruction, Pack):
        return f"gather {len(instruction.places)}"
    if isinstance(instruction, Map):
        return f"{_name(instruction.what)} {shape_text(instruction.out.shape)}"
    if isinstance(instruction, Inner):
        terms, count = instruction.left.shape
        return f"inner product {count} of {terms}"
    (rows, terms), columns = instruction.left.shape, instruction.right.shape[0]
    if instruction.total:
        return f"sum over the batch {rows}×{columns}" + (f" of {terms}" if terms > 1 else "")
    if columns == 1 and instruction.biased:
        return f"affine {rows}×{terms - 1}"
    return f"matrix product {rows}×{terms}" + (f"·{terms}×{columns}" if columns > 1 else "")


def _name(what: Any) -> str:
    if isinstance(what, Op):
        return what.name
    if sum(factors for _, factors in what) > len(_LETTERS):
        return f"sum of {len(what)} products"
    form = form_of(what)
    assert form is not None
    return form.written(_LETTERS)


def shape_text(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def compared(sign: str) -> str:
    """A comparison as it is printed."""
    return {"!=": "≠", "<=": "≤", ">=": "≥"}.get(sign, sign)


def flops(instruction: Instruction) -> int:
    """Additions, multiplications and calls of functions, for one row of the batch."""
    if isinstance(instruction, Pack):
        return 0
    if isinstance(instruction, Map):
        what = instruction.what
        each = 1 if isinstance(what, Op) else max(1, len(what) - 1 + sum(factors > 1 for _, factors in what))
        return each * len(instruction.elements)
    if isinstance(instruction, Inner):
        return 2 * instruction.left.shape[0] * instruction.left.shape[1]
    return 2 * len(instruction.elements) * instruction.left.shape[1]
