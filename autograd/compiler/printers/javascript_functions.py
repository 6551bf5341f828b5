"""JavaScript of operations: what pages compute with, printed from the same forms as C.

An operation of so many operands becomes two functions: `(x0, x1) => y`, and `(g, y, x0, x1) => [...]`, what its rule
passes to each operand; null where nothing flows.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from autograd.compiler.loops.code import Expression
from autograd.compiler.printers.expressions import IN_MATH, HelpedWriter, bare
from autograd.compiler.slopes import Builder, slopes
from autograd.compiler.sums import Term, terms_of
from autograd.errors import NotCompilable
from autograd.forms import TRUTHS, Form, operand
from autograd.operation import Op

_LACKING = {"gammaln", "erf", "erfc", "exp2", "copysign", "fmod", "isnan", "isinf", "isfinite"}
_FUNCTIONS = {
    **{word: f"Math.{name}" for word, name in IN_MATH.items() if word not in _LACKING},
    **{word: f"Math.{word}" for word in ("abs", "floor", "ceil", "trunc")},
    "power": "Math.pow",
}
_HELPERS = {
    "maximum": "(a, b) => a > b || a !== a ? a : b",
    "minimum": "(a, b) => a < b || a !== a ? a : b",
    "sign": "(a) => a !== a ? a : (a > 0) - (a < 0)",
    "square": "(a) => a * a",
    "reciprocal": "(a) => 1 / a",
    "exp2": "(a) => 2 ** a",
    "fmod": "(a, b) => a % b",
    "copysign": "(a, b) => b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)",
    "mod": "(a, b) => { const r = a % b; return r && r < 0 !== b < 0 ? r + b : r; }",
    "floor_divide": "(a, b) => { const r = a % b, q = (a - r) / b; "
    "return b ? Math.round(q) - (r && r < 0 !== b < 0) : a / b; }",
    "rint": "(a) => { const r = Math.round(a); return r - a === 0.5 && r % 2 ? r - 1 : r; }",
    "isnan": "(a) => a !== a",
    "isinf": "(a) => Math.abs(a) === Infinity",
    "isfinite": "Number.isFinite",
    "logaddexp": "(a, b) => a === b ? a + Math.LN2 : a === a && b === b ? "
    "Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))) : NaN",
    "expit": "(a) => 1 / (1 + Math.exp(-a))",
    "deg2rad": "(a) => a * (Math.PI / 180)",
    "rad2deg": "(a) => a * (180 / Math.PI)",
    # erf by its series of positive terms, erfc by its continued fraction where 1 − erf would cancel
    "erf": "(a) => { if (Math.abs(a) > 6) return Math.sign(a); let term = a, sum = a; "
    "for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= 2 * a * a / (2 * n + 1); "
    "return 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum; }",
    "erfc": "(a) => { if (a < 2) return 1 - erf_(a); let f = a; "
    "for (let n = 80; n > 0; n--) f = a + n / 2 / f; return Math.exp(-a * a) / Math.sqrt(Math.PI) / f; }",
}
_CALLS = {"erfc": "erf"}  # which helper calls which other


class JavaScriptWriter(HelpedWriter):
    """JavaScript's words, and the functions that stand above a program for those it lacks."""

    known, lacking = _FUNCTIONS, _HELPERS

    @property
    def helpers(self) -> str:
        """The functions that are called and that JavaScript lacks."""
        words = self.used | {_CALLS[word] for word in self.used & _CALLS.keys()}
        return "".join(f"const {word}_ = {_HELPERS[word]};\n" for word in sorted(words))

    def declared(self, name: str, text: str) -> str:
        return f"const {name} = {bare(text)};"

    def literal(self, x: float) -> str:
        if math.isinf(x):
            return "Infinity" if x > 0 else "-Infinity"
        return "NaN" if math.isnan(x) else repr(float(x)).removesuffix(".0")

    def called(self, word: str, parts: list[str], form: Form) -> str:
        text = super().called({"==": "===", "!=": "!=="}.get(word, word), parts, form)
        return f"+{text}" if word in TRUTHS else text

    def function(self, word: str, parts: list[str], form: Form) -> str:
        if word in ("===", "!=="):
            return f"({parts[0]} {word} {parts[1]})"
        return super().function(word, parts if word == "where" else [*map(bare, parts)], form)

    def refusal(self, word: str) -> str:
        return f"JavaScript has no {word}"


class Functions(JavaScriptWriter):
    """The two functions of each operation, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[tuple[Op, int], int] = {}
        """Which of the functions are those of an operation of so many operands."""
        self._texts: list[str] = []

    def place(self, op: Op, count: int) -> int:
        """Where the functions of an operation stand among all.

        Raises:
            NotCompilable: it has no form, or JavaScript no word for it; says why.
        """
        key = op, count
        if key not in self.places:
            text = f"[{self._forward(op, count)}, {self._backward(op, count)}]"
            self.places[key] = len(self._texts)
            self._texts.append(text)
        return self.places[key]

    def text(self) -> str:
        """What defines `operations`: for each of them, how it is computed and what it passes back."""
        return f"{self.helpers}const operations = [\n{''.join(f'{each},{chr(10)}' for each in self._texts)}];\n"

    def _forward(self, op: Op, count: int) -> str:
        names = [f"x{k}" for k in range(count)]
        return self._function(names, [form_of(op, count)], names, "{0}")

    def _backward(self, op: Op, count: int) -> str:
        names = ["g", "y", *[f"x{k}" for k in range(count)]]
        forms: list[Form] = []
        shown = []
        for slope in slopes(op, count):
            if slope is None:
                shown.append("null")
                continue
            text = f"{{{len(forms)}}}"
            forms.append(slope.form)
            if slope.flows is not None:
                text = f"({{{len(forms)}}}) ? ({text}) : null"
                forms.append(slope.flows)
            shown.append(text)
        return self._function(names, forms, names, f"[{', '.join(shown)}]")

    def _function(self, parameters: Sequence[str], forms: Sequence[Form], atoms: Sequence[str], result: str) -> str:
        lines: list[str] = []
        texts = []
        for form in forms:
            before, text = self.expression(Expression(form, tuple(atoms)))
            lines += before
            texts.append(bare(text))
        head, value = f"({', '.join(parameters)}) =>", result.format(*texts)
        return f"{head} {{ {' '.join(lines)} return {value}; }}" if lines else f"{head} {value}"


def form_of(op: Op, count: int) -> Form:
    """What an operation of so many operands computes, as a form of these operands.

    Raises:
        NotCompilable: it has none.
    """
    operands = [operand(k) for k in range(count)]
    if op.form is not None:
        return Builder().applied(op, operands)
    if terms := terms_of(op, count):
        return reduce(lambda left, right: Form("+", (left, right)), _products(terms, operands))
    raise NotCompilable(f"{op.name} has no form")


def _products(terms: Iterable[Term], operands: Sequence[Form]) -> Iterator[Form]:
    for coefficient, *factors in terms:
        forms = [operands[k] for k in factors]
        if coefficient != 1 or not forms:
            forms.insert(0, Form("number", leaf=repr(float(coefficient))))
        yield reduce(lambda left, right: Form("*", (left, right)), forms)
