"""Python of a program: of floats, for one row, or of NumPy arrays over the rows of a batch.

It is the same text but for the functions: what C computes in registers is here a name, and a batch is a row whose
numbers are arrays.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.loops.code import Add, Block, Code, Element, For, Guard, Let, Rows, Set, Store, statements
from autograd.compiler.loops.nest import index
from autograd.compiler.printers.expressions import IN_MATH, Writer, bare
from autograd.compiler.slopes import OPERATION, called
from autograd.compiler.writing import code_of
from autograd.errors import NotCompilable
from autograd.forms import SPECIAL, TRUTHS, Form
from autograd.operation import Op


class PythonPrinter(Writer):
    """Writes a module that defines `program(rows, x, p, V, A, E, g, out, broken)`, which returns the loss.

    If `broken` is an array too, it gets the first guard that each row breaks, and nothing is raised.

    Args:
        arrays: the numbers of rows are arrays; else they are floats, of one row.
    """

    def __init__(self, code: Code, arrays: bool) -> None:
        super().__init__()
        self.code, self.arrays = code, arrays
        self.names: dict[str, Any] = {"inf": math.inf, "nan": math.nan, "check": _check, "total": _total}
        self.names["Broken"] = Broken
        self.calling: dict[Op, str] = {}
        if not arrays:
            self.names.update({word: getattr(math, name) for word, name in IN_MATH.items()})

    def text(self) -> str:
        lines = list(self.block(self.code.block, 1))
        top = ["    loss = 0.0"] if self.code.gradient else []
        end = ["    return loss"] if self.code.gradient else []
        self.names["c"] = tuple(self.code.constants)
        return "\n".join(
            [
                "def program(rows, x, p, V, A, E, g, out, broken):",
                *top,
                *lines,
                *end,
                *([] if top or lines else ["    pass"]),
                "",
            ]
        )

    def block(self, block: Block, depth: int) -> Iterator[str]:
        indent = "    " * depth
        for each in block:
            match each:
                case For(turn, count, backwards, body, turns):
                    stop = f"range({index(turns) if turns else count})"
                    yield f"{indent}for {turn} in {f'reversed({stop})' if backwards else stop}:"
                    yield from self.block(body, depth + 1)
                case Rows(body, totals):
                    yield from self.block(body, depth)
                    if self.arrays and self.code.gradient:
                        yield from (indent + line for line in self._totals(body, totals))
                case Guard(number, check, left, right):
                    yield from (indent + line for line in self._guard(number, check, self.atom(left), self.atom(right)))
                case _:
                    yield from (indent + line for line in self._statement(each))

    def _guard(self, number: int, check: Any, left: str, right: str) -> Iterator[str]:
        if self.arrays:
            yield f"check(broken, {number}, {left} {check.sign} {right}, {check.outcome}, {left}, {right})"
        else:
            yield f"if ({left} {check.sign} {right}) is not {check.outcome}:"
            yield f"    raise Broken({number}, 0, {left}, {right})"

    def _totals(self, body: Block, names: list[str]) -> Iterator[str]:
        """What was added up row by row, as sums over the rows."""
        targets = [each.target for each in statements(body) if isinstance(each, Add)]
        for name in [*(["loss"] if "loss" in targets else []), *names]:
            yield f"{name} = total({name}, rows)"
        lists = {target.list for target in targets if isinstance(target, Element)}
        for name, stop in (("A", self.code.shared), ("E", self.code.shared), ("g", self.code.parameters)):
            if name in lists:
                yield f"{name}[:{stop}] = [total(each, rows) for each in {name}[:{stop}]]"

    def _statement(self, each: Let | Set | Add | Store) -> Iterator[str]:
        lines, text = self.expression(each.value)
        yield from lines
        match each:
            case Let(name) | Set(name):
                yield f"{name} = {bare(text)}"
            case Add(target):
                target = self.atom(target)
                yield f"{target} = {target} + {text}"  # not +=, which would change an array that has another name too
            case Store(target):
                yield f"{self.atom(target)} = {bare(text)}"

    # --- Expressions ------------------------------------------------------------------------------------------

    def literal(self, x: float) -> str:
        return repr(float(x))

    def called(self, word: str, parts: list[str], form: Form) -> str:
        text = super().called(word, parts, form)
        return f"({text} * 1.0)" if word in TRUTHS else text

    def function(self, word: str, parts: list[str], form: Form) -> str:
        if word == OPERATION:
            return f"{self._function(called(form), len(parts))}({', '.join(parts)})"
        if not self.arrays:
            if word == "where":
                return f"({parts[1]} if {parts[0]} else {parts[2]})"
            if word == "square":
                return f"({parts[0]} * {parts[0]})"
            if word in ("maximum", "minimum") and all(part.isidentifier() or part[0].isdigit() for part in parts):
                sign = ">=" if word == "maximum" else "<="
                a, b = parts
                return f"({a} if {a} {sign} {b} or {a} != {a} else {b})"
            if word in IN_MATH or word == "abs":
                return f"{word}({', '.join(parts)})"
        self.names.setdefault(word, self._numpy(word))
        return f"{word}({', '.join(parts)})"

    def _numpy(self, word: str) -> Callable[..., Any]:
        if word in SPECIAL:
            try:
                from scipy import special
            except ModuleNotFoundError:
                raise NotCompilable(f"compile: {word} is a function of SciPy, which is not installed.") from None
            function = getattr(special, word)
        else:
            function = getattr(np, word)
        return function if self.arrays else lambda *x: float(function(*x))

    def _function(self, op: Op, count: int) -> str:
        """What calls an operation that has no form."""
        from autograd.compiler.floats import elementwise

        if op not in self.calling:
            name = "".join(c if c.isalnum() else "_" for c in f"each_{op.name}")
            self.calling[op] = name if name not in self.names else f"{name}_{len(self.names)}"
            each = elementwise(op, count)
            self.names[self.calling[op]] = each if self.arrays else lambda *x: float(each(*x))
        return self.calling[op]


class Broken(Exception):  # noqa: N818 - says what happened
    """A guard that a row breaks: its number, the row, and the two sides."""


def _check(broken: Any, number: int, found: Any, outcome: bool, left: Any, right: Any) -> None:
    if broken is not None:
        broken[(broken < 0) & (found != outcome)] = number
    elif np.any(found != outcome):
        row = int(np.argmax(found != outcome))
        raise Broken(number, row, *(float(x[row]) if np.ndim(x) else float(x) for x in (left, right)))


def _total(x: Any, rows: int) -> float:
    return float(x.sum()) if np.ndim(x) else x * rows


class Module:
    """A text of Python, and what runs it."""

    def __init__(self, code: Code, arrays: bool) -> None:
        printer = PythonPrinter(code, arrays)
        self.text = printer.text()
        self._sizes = code.outputs, code.values, code.adjoints, code.flags  # the code has this, and not the reverse
        space = printer.names
        exec(code_of(self.text, "program"), space)
        self._program = space.pop("program")

    def run(
        self, rows: int, x: Sequence[Any], parameters: list[float], g: list[float], broken: Any = None
    ) -> tuple[float, list[Any]]:
        out, values, adjoints, flags = [[0.0] * size for size in self._sizes]
        with np.errstate(all="ignore"):
            loss = self._program(rows, x, parameters, values, adjoints, flags, g, out, broken)
        return loss, out
