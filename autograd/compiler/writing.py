"""What the backends share: the text of an elementwise step, and names for what it reads."""

import ast
import linecache
import math
import operator
import re
from collections.abc import Sequence
from itertools import count as counter
from types import CodeType
from typing import Any
from weakref import finalize

from autograd.compiler.layout import Inner, Instruction, Map, Pack
from autograd.operation import Op

_LETTERS = "abcdef"  # for the operands of a sum; one with more is not written out


def template(what: Any) -> str:
    """The expression of an elementwise step, `{0}` for its first operand; "" for an operation that has none."""
    if isinstance(what, Op):
        return what.array
    text, k = "", 0
    for negative, factors in what:
        product = " * ".join(f"{{{k + i}}}" for i in range(factors))
        k += factors
        if text:
            text += f" {'-' if negative else '+'} {product}"
        else:
            text = f"-{product}" if negative else product
    return text


_AS_PYTHON = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    operator.truediv: "{0} / {1}",
    operator.neg: "-{0}",
    abs: "np.abs({0})",
    math.sqrt: "np.sqrt({0})",
}


def strict_template(what: Any) -> str:
    """The expression of which NumPy has every bit of what `forward` gives; "" where only `forward` itself does."""
    return _AS_PYTHON.get(what.forward, "")


def parsed(text: str, names: Sequence[str]) -> ast.expr:
    """The expression with names for its operands; `inf` and `nan`, as Python writes them, are NumPy's."""
    named = re.sub(r"\{args\}", names[0], text) if "{args}" in text else text.format(*names)
    return _Numbers().visit(ast.parse(named, mode="eval")).body


class _Numbers(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Attribute(ast.Name("np"), node.id) if node.id in ("inf", "nan") else node


def code_of(text: str, kind: str) -> CodeType:
    """The code of a text that defines `program`; debuggers and tracebacks show its lines for as long as that lives."""
    filename = f"<autograd {kind} {next(_numbers)}>"
    code = compile(text, filename, "exec")
    linecache.cache[filename] = len(text), None, text.splitlines(True), filename
    body = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == "program")
    finalize(body, linecache.cache.pop, filename, None).atexit = False
    return code


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
    return template(what).format(*_LETTERS)


def shape_text(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


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
