"""What the backends share: the text of an elementwise step, and names for what it reads."""

import linecache
import math
import operator
from collections.abc import Sequence
from itertools import count as counter
from types import CodeType
from typing import Any
from weakref import finalize

from autograd.compiler.steps import Contraction, Gather, Map, Scatter, Signs, Step, form_of
from autograd.forms import Form, operand
from autograd.operation import Op

_LETTERS = "abcdef"  # for the operands of a sum; one with more is not written out


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
    code = compile(text, filename := file_of(text, kind), "exec")
    body = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == "program")
    forget_with(body, filename)
    return code


def file_of(text: str, kind: str) -> str:
    """A name of a file in which debuggers and tracebacks find the lines of the text."""
    filename = f"<autograd {kind} {next(_numbers)}>"
    linecache.cache[filename] = len(text), None, text.splitlines(True), filename
    return filename


def forget_with(holder: Any, filename: str) -> None:
    """Let tracebacks show the lines of a text no longer than `holder` lives."""
    finalize(holder, linecache.cache.pop, filename, None).atexit = False


_numbers = counter(1)


def literal(number: float, module: str = "np") -> str:
    """A number as text, also where Python has no literal for it."""
    if math.isfinite(number):
        return repr(number if isinstance(number, int) else float(number))
    return f"{module}.nan" if math.isnan(number) else f"{module}.inf" if number > 0 else f"-{module}.inf"


def title(step: Step) -> str:
    """What a step does, in a few words: `affine 16×2`, `relu 16`."""
    match step:
        case Gather():
            return f"gather {len(step.places)}"
        case Scatter():
            return f"scatter {len(step.places)}"
        case Map():
            return f"{name_of(step.what)} {shape_text(step.out.shape)}"
        case Contraction():
            return _of_contraction(step)


def _of_contraction(step: Contraction) -> str:
    left, right, out = step.left.axes, step.right.axes if step.right else set[int](), step.out.axes
    sizes = step.left.shape

    def times(axes: set[int]) -> str:
        return shape_text([sizes[axis] for axis in sorted(axes)]) or "1"

    varies = step.left.in_rows or (step.right is not None and step.right.in_rows)
    if varies and not step.out.in_rows:
        over = f" of {times((left | right) - out)}" if (left | right) - out else ""
        return f"sum over the batch {times(out)}{over}"
    if step.biased and len(left) == 2 and len(right) == 1:
        return f"affine {sizes[min(left)]}×{sizes[max(left)] - 1}"
    if step.right is None:
        return f"sum {times(out)} of {times(left - out)}"
    if out & left & right or not left - right or not right - left:
        if step.left.in_rows == step.right.in_rows:
            return f"inner product {times(out)} of {times(left & right - out)}"
    return f"matrix product {times(left)}" + (f"·{times(right)}" if right - left else "")


def name_of(what: Op | Signs | Form) -> str:
    """What an elementwise step is called."""
    if isinstance(what, Op):
        return what.name
    form = form_of(what, 0) if isinstance(what, tuple) else what
    read = sorted(form.operands)
    if len(read) > len(_LETTERS):
        return f"sum of {len(what)} products" if isinstance(what, tuple) else "rule"
    letter = dict(zip(read, _LETTERS, strict=False))
    return form.written([letter.get(k, "") for k in range(max(read, default=0) + 1)])


def shape_text(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def compared(sign: str) -> str:
    """A comparison as it is printed."""
    return {"!=": "≠", "<=": "≤", ">=": "≥"}.get(sign, sign)


def flops(step: Step) -> int:
    """Additions, multiplications and calls of functions, for one row of the batch."""
    match step:
        case Map():
            return step.out.size * sum(bool(form.parts) for form in step.form.walk())
        case Contraction():
            return (1 if step.right is None else 2) * step.left.size
        case _:
            return 0


def written(step: Step) -> int:
    """Numbers that a step writes for each row."""
    if isinstance(step, Scatter):
        return len(step.places) * step.to_rows
    return step.out.distinct.size * step.out.in_rows
