"""C99 of a program: a function that stands alone but for libm."""

import math
import textwrap
from collections.abc import Iterator

from autograd.compiler.expressions import IN_MATH, SIGNS, Writer
from autograd.compiler.loops.code import Add, Block, Code, For, Guard, Let, Rows, Set, Store
from autograd.compiler.loops.nest import index
from autograd.compiler.scalar import NONE, Scalars
from autograd.compiler.slopes import Slope, slopes
from autograd.errors import NotCompilable
from autograd.forms import REDUCTIONS, Form
from autograd.operation import Op

_FUNCTIONS = {
    **IN_MATH, "abs": "fabs", "power": "pow", "gamma": "tgamma", "floor": "floor", "ceil": "ceil", "trunc": "trunc",
    "rint": "rint", "fmax": "fmax", "fmin": "fmin",
}  # fmt: skip
_HELPERS = {
    "maximum": "return a > b || a != a ? a : b;",
    "minimum": "return a < b || a != a ? a : b;",
    "sign": "return a != a ? a : (a > 0) - (a < 0);",
    "square": "return a * a;",
    "reciprocal": "return 1 / a;",
    "mod": "double r = fmod(a, b); return r != 0 && (r < 0) != (b < 0) ? r + b : r != 0 ? r : copysign(0, b);",
    "floor_divide": """double r = fmod(a, b), q = (a - r) / b;
    if (b == 0) return a / b;
    if (r != 0 && (r < 0) != (b < 0)) q -= 1;
    if (q == 0) return copysign(0, a / b);
    return q - floor(q) > 0.5 ? floor(q) + 1 : floor(q);""",
    "logaddexp": "return a == b ? a + log(2) : a > b ? a + log1p(exp(b - a)) : a < b ? b + log1p(exp(a - b)) : a + b;",
    "deg2rad": "return a * (3.14159265358979323846 / 180);",
    "rad2deg": "return a * (180 / 3.14159265358979323846);",
    "expit": "return 1 / (1 + exp(-a));",
}


_WORDS = {"operand", "args", "number", "**", "%", "//", "where", *REDUCTIONS, *SIGNS, *_FUNCTIONS, *_HELPERS}


def check_words(scalars: Scalars, differentiate: bool) -> None:
    """Raise NotCompilable if C has no words for an operation, or for what its rule passes back."""
    for op in scalars.table:
        if isinstance(op, Op):
            forms = [op.form] + [slope and slope.form for slope in (_slopes(scalars, op) if differentiate else ())]
            unknown = {word for form in forms if form for word in form.words} - _WORDS
            if op.form is None or unknown:
                why = f"needs {', '.join(sorted(unknown))}, which C lacks" if op.form else "has no form"
                advice = op.advice or "give it a form"
                raise NotCompilable(
                    f"compile(backend='c'): the operation {op.name!r} {why}; {advice}, or compile with "
                    'backend="numpy".'
                )


def _slopes(scalars: Scalars, op: Op) -> Iterator[Slope | None]:
    count = int((scalars.kinds[scalars.what == scalars.table.index(op)] != NONE).sum(axis=1).max())
    yield from slopes(op, count)


class CWriter(Writer):
    """What programs in C share: its words, and the functions that stand above a program for those C lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    @property
    def helpers(self) -> str:
        """The functions that are called and that C lacks."""
        return "".join(f"{_helper(word)}\n" for word in sorted(self.used))

    def declared(self, name: str, text: str) -> str:
        return f"double {name} = {text};"

    def literal(self, x: float) -> str:
        if math.isinf(x):
            return "INFINITY" if x > 0 else "-INFINITY"
        return "NAN" if math.isnan(x) else repr(float(x))

    def function(self, word: str, parts: list[str], form: Form) -> str:
        if word == "where":
            return f"({parts[0]} ? {parts[1]} : {parts[2]})"
        if word in _FUNCTIONS:
            return f"{_FUNCTIONS[word]}({', '.join(parts)})"
        if word not in _HELPERS:
            raise NotCompilable(f"compile(backend='c'): C has no {word}; compile with backend=\"numpy\".")
        self.used.add(word)
        return f"{word}_({', '.join(parts)})"


def _helper(word: str) -> str:
    body = _HELPERS[word]
    parameters = "double a, double b" if " b" in body else "double a"
    return f"static inline double {word}_({parameters}) {{ {body} }}\n"


HEAD = "#include <math.h>\n#include <stddef.h>\n\n"
_GRADIENT = """/* The sum over the rows of inputs of the loss, in outputs[0], and its gradient, in g.
   0; or 1 + the number of the guard that a row breaks, that row in *broken, and what was compared in sides. */
"""
_VALUES = """/* For each row of {inputs} inputs, {outputs} outputs.
   0; or 1 + the number of the guard that a row breaks, that row in *broken, and what was compared in sides. */
"""
_START = """static int all(size_t rows, const double *restrict inputs, const double *restrict p,
        double *restrict outputs, double *restrict g, double *restrict V, double *restrict A,
        double *restrict E, size_t *broken, double *sides)
{
  size_t row = 0;
"""
_CLEARED = """  double loss = 0;
  for (size_t k = 0; k < {parameters}; k++) g[k] = 0;
"""
_END = """
  return 0;
}

/* The same, and where its lists are in a list: who calls it has two things to hand over. */
int run(size_t rows, void *const at[])
{
  return all(rows, at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8]);
}
"""


class CPrinter(CWriter):
    """Writes a file that defines `run`, with a loop over the rows."""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = code

    def text(self) -> str:
        """The file: what it needs, its constants, and one function, with who calls it."""
        body = "\n".join(self.block(self.code.block, 1))
        constants = ", ".join(map(self.number, self.code.constants))
        table = f"static const double c[] = {{\n{textwrap.indent(textwrap.fill(constants, 110), '  ')}\n}};\n\n"
        parts = [HEAD, self.helpers, table if constants else ""]
        if self.code.gradient:
            cleared = _CLEARED.format(parameters=self.code.parameters)
            return "".join([*parts, _GRADIENT, _START, cleared, body, "\n  outputs[0] = loss;", _END])
        about = _VALUES.format(inputs=self.code.inputs, outputs=self.code.outputs)
        return "".join([*parts, about, _START, body, _END])

    def block(self, block: Block, depth: int) -> Iterator[str]:
        indent = "  " * depth
        for each in block:
            match each:
                case For(turn, count, backwards, body, turns):
                    stop = index(turns) if turns else count
                    head = (
                        f"size_t {turn} = {stop}; {turn}-- > 0;"
                        if backwards
                        else f"size_t {turn} = 0; {turn} < {stop}; {turn}++"
                    )
                    yield f"{indent}for ({head}) {{"
                    yield from self.block(body, depth + 1)
                    yield f"{indent}}}"
                case Rows(body, _):
                    yield f"{indent}for (; row < rows; row++) {{"
                    if self.code.inputs:
                        yield f"{indent}  const double *x = inputs + row * {self.code.inputs};"
                    if not self.code.gradient:
                        yield f"{indent}  double *out = outputs + row * {self.code.outputs};"
                    yield from self.block(body, depth + 1)
                    yield f"{indent}}}"
                case Guard(n, check, left, right):
                    a, b = self.atom(left), self.atom(right)
                    holds = f"{a} {check.sign} {b}"
                    test = f"!({holds})" if check.outcome else holds
                    yield f"{indent}if ({test}) {{ *broken = row; sides[0] = {a}; sides[1] = {b}; return {n + 1}; }}"
                case _:
                    yield from self.statement(each, indent)

    def statement(self, each: Let | Set | Add | Store, indent: str) -> Iterator[str]:
        lines, text = self.expression(each.value)
        yield from (indent + line for line in lines)
        match each:
            case Let(name):
                yield f"{indent}double {name} = {text};"
            case Set(name):
                yield f"{indent}{name} = {text};"
            case Add(target):
                yield f"{indent}{self.atom(target)} += {text};"
            case Store(target):
                yield f"{indent}{self.atom(target)} = {text};"
