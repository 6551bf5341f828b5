"""C99 of a program: a function that stands alone but for libm."""

import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from autograd.compiler.loops.code import Code
from autograd.compiler.printers.braces import Braces, names
from autograd.compiler.printers.expressions import IN_MATH, SIGNS, HelpedWriter, bare
from autograd.compiler.scalar import NONE, Scalars
from autograd.compiler.slopes import Slope, slopes
from autograd.errors import NotCompilable
from autograd.forms import REDUCTIONS
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


def check_words(
    scalars: Scalars,
    differentiate: bool,
    caller: str = "compile(backend='c')",
    advice: str = ', or compile with backend="numpy"',
) -> None:
    """Raise NotCompilable if C has no words for an operation, or for what its rule passes back.

    Args:
        caller, advice: how the message begins, and what it says besides that a form helps.
    """
    for op in scalars.table:
        if isinstance(op, Op):
            forms = [op.form] + [slope and slope.form for slope in (_slopes(scalars, op) if differentiate else ())]
            unknown = {word for form in forms if form for word in form.words} - _WORDS
            if op.form is None or unknown:
                why = f"needs {', '.join(sorted(unknown))}, which C lacks" if op.form else "has no form"
                wanted = op.advice or "give it a form"
                raise NotCompilable(f"{caller}: the operation {op.name!r} {why}; {wanted}{advice}.")


def _slopes(scalars: Scalars, op: Op) -> Iterator[Slope | None]:
    count = int((scalars.kinds[scalars.what == scalars.table.index(op)] != NONE).sum(axis=1).max())
    yield from slopes(op, count)


class CWriter(HelpedWriter):
    """What programs in C share: its words, and the functions that stand above a program for those C lacks."""

    known, lacking = _FUNCTIONS, _HELPERS

    @property
    def helpers(self) -> str:
        """The functions that are called and that C lacks."""
        return "".join(f"{_helper(word)}\n" for word in sorted(self.used))

    def declared(self, name: str, text: str) -> str:
        return f"double {name} = {bare(text)};"

    def literal(self, x: float) -> str:
        if math.isinf(x):
            return "INFINITY" if x > 0 else "-INFINITY"
        return "NAN" if math.isnan(x) else repr(float(x))

    def refusal(self, word: str) -> str:
        return f"compile(backend='c'): C has no {word}; compile with backend=\"numpy\"."


def _helper(word: str) -> str:
    body = _HELPERS[word]
    parameters = "double a, double b" if " b" in body else "double a"
    return f"static inline double {word}_({parameters}) {{ {body} }}\n"


HEAD = "#include <math.h>\n#include <stddef.h>\n\n"
_GRADIENT = """/* From `row` on, the sum over the rows of the loss, in outputs[0], and its gradient, in g.
   Returns 0; or 1 + the number of the guard that a row breaks, {told}. */
"""
_VALUES = """/* From `row` on, {outputs} outputs for each row of {inputs} inputs.
   Returns 0; or 1 + the number of the guard that a row breaks, {told}. */
"""
_RUN = """
/* The same with all arrays in one list, so that a caller has only two things to pass. */
int run(size_t rows, void *const at[])
{{
  return all({arguments});
}}
"""


class CPrinter(CWriter, Braces):
    """Writes a function with a loop over the rows, and for the backend the file that calls it.

    Attributes:
        lists: what the function is given, by the names its text has for it: how that is declared. Only what the text
            names is given.
        told: where it says which row breaks a guard.
    """

    lists: Mapping[str, str] = {
        "inputs": "const double *restrict inputs",
        "p": "const double *restrict p",
        "outputs": "double *restrict outputs",
        "g": "double *restrict g",
        "V": "double *restrict V",
        "A": "double *restrict A",
        "E": "double *restrict E",
        "broken": "size_t *broken",
        "sides": "double *sides",
    }
    told = "that row in *broken, and what was compared in sides"

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = code

    def text(self) -> str:
        """The file of the backend: what it needs, the function, and who calls it."""
        text, given = self.defined("all")
        places = [f"at[{list(self.lists).index(name)}]" for name in given]
        return "".join([HEAD, self.helpers, text, _RUN.format(arguments=", ".join(["0", "rows", *places]))])

    def defined(self, name: str) -> tuple[str, list[str]]:
        """The function, and which of `lists` it is called with behind the first row and the number of rows."""
        code, body = self.code, "\n".join(self.block(self.code.block, 1))
        if code.gradient:
            cleared = f"  double loss = 0;\n  for (size_t k = 0; k < {code.parameters}; k++) g[k] = 0;\n"
            about, body = _GRADIENT, f"{cleared}{body}\n  outputs[0] = loss;"
        else:
            about = _VALUES
        about = about.format(inputs=code.inputs, outputs=code.outputs, told=self.told)
        given = [each for each in self.lists if names(body, each)]
        head = headed(f"static int {name}", ["size_t row", "size_t rows", *[self.lists[each] for each in given]])
        constants = self.constants() if names(body, "c") else ""
        return f"{about}{head}\n{{\n{constants}{body}\n  return 0;\n}}\n", given

    def constants(self) -> str:
        """The line that gives the function its constants."""
        return f"  static const double c[] = {self.table('  ')};\n"

    def table(self, indent: str = "") -> str:
        """The constants as text."""
        return braced(map(self.number, self.code.constants), indent)

    def row(self) -> dict[str, str]:
        return {
            "x": f"const double *x = inputs + row * {self.code.inputs};",
            "out": f"double *out = outputs + row * {self.code.outputs};",
        }

    def given_up(self, guard: int, left: str, right: str) -> str:
        return f"*broken = row; sides[0] = {left}; sides[1] = {right}; return {guard + 1};"


def ignored(given: Iterable[str]) -> str:
    """Statements that tell compilers that these parameters are not forgotten."""
    return "".join([f"  (void){name};\n" for name in given])


def headed(name: str, declarations: Iterable[str]) -> str:
    """The head of a function, on as many lines as it needs."""
    text = f"{name}({', '.join(declarations)})".replace(" ", "\0").replace(",\0", ", ")  # declarations stay on a line
    lines = textwrap.fill(text, 116, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return lines.replace("\0", " ")


def braced(items: Iterable[str], indent: str = "") -> str:
    """What a list begins with, on as many lines as it needs."""
    text = ", ".join(items)
    if len(text) < 90:
        return f"{{{text}}}"
    return f"{{\n{textwrap.indent(textwrap.fill(text, 110), f'{indent}  ')}\n{indent}}}"


def commented(text: str) -> str:
    """A text that may stand in a comment: nothing in it ends that, begins another or is invisible."""
    shown = "".join([c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text])
    return re.sub(r"\*(?=/)|/(?=\*)|\?(?=\?)", r"\g<0> ", shown)
