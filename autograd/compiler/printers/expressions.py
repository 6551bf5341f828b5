"""How printers write expressions: one walk over a form, what is used twice under a name of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence

from autograd.compiler.loops.code import Atom, Element, Expression
from autograd.compiler.loops.nest import index
from autograd.errors import NotCompilable
from autograd.forms import COMPARISONS, Form

SIGNS = {"+", "-", "*", "/", "negative", *COMPARISONS}
"""What every language writes with a sign."""
_SAME = (
    *("sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh"),
    *("tanh", "hypot", "copysign", "fmod", "erf", "erfc", "isnan", "isinf", "isfinite"),
)
IN_MATH = {
    **{word: word for word in _SAME}, "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "gammaln": "lgamma",
}  # fmt: skip
"""The functions that both C and Python's `math` have, by what NumPy and SciPy call them."""
_WORDS = {"**": "power", "%": "mod", "//": "floor_divide"}


class Writer:
    """The base of the printers of code: each says how it writes a number, a call, and what declares a name."""

    def __init__(self) -> None:
        self._temporaries = 0

    def literal(self, x: float) -> str:
        """A number as text."""
        raise NotImplementedError

    def function(self, word: str, parts: list[str], form: Form) -> str:
        """The text of a function of these operands."""
        raise NotImplementedError

    def declared(self, name: str, text: str) -> str:
        """The statement that gives a name to a number."""
        return f"{name} = {bare(text)}"

    def number(self, x: float) -> str:
        """A number as text, in brackets if it has a sign."""
        text = self.literal(x)
        return f"({text})" if text.startswith("-") else text

    def called(self, word: str, parts: list[str], form: Form) -> str:
        """The text of a function or a sign of these operands, in brackets where it needs them."""
        if word not in SIGNS:
            return self.function(word, parts, form)
        return f"(-{parts[0]})" if word == "negative" else f"({parts[0]} {word} {parts[1]})"

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, str):
            return atom
        if isinstance(atom, Element):
            return f"{atom.list}[{index(atom.index)}]"
        return self.number(atom)

    def fresh(self) -> str:
        """A name for what has none in the code."""
        self._temporaries += 1
        return f"s{self._temporaries - 1}"

    def expression(self, expression: Expression) -> tuple[list[str], str]:
        """Statements that come before, and the text."""
        lines: list[str] = []
        atoms = [self.atom(atom) for atom in expression.atoms]
        return lines, self._written(expression.form, atoms, uses_of(expression.form), lines, {})

    def _written(
        self, form: Form, atoms: Sequence[str], uses: Counter[int], lines: list[str], done: dict[int, str]
    ) -> str:
        if form.word == "operand":
            return atoms[int(form.leaf)]
        if form.word == "number":
            return self.number(form.number)
        if id(form) not in done:
            parts = [self._written(part, atoms, uses, lines, done) for part in form.parts]
            text = self.called(_WORDS.get(form.word, form.word), parts, form)
            if uses[id(form)] > 1:
                name = self.fresh()
                lines.append(self.declared(name, text))
                text = name
            done[id(form)] = text
        return done[id(form)]


class HelpedWriter(Writer):
    """A language that has functions of its own for some words; for others it is given helpers, above the program.

    Attributes:
        known: by words, what the language calls them.
        lacking: by words, what defines them where the language lacks them: as `word_`.
        used: the helpers that are called.
    """

    known: Mapping[str, str]
    lacking: Mapping[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def refusal(self, word: str) -> str:
        """What to say of a word for which there is neither."""
        raise NotImplementedError

    def function(self, word: str, parts: list[str], form: Form) -> str:
        if word == "where":
            return f"({parts[0]} ? {parts[1]} : {parts[2]})"
        if word in self.known:
            return f"{self.known[word]}({', '.join(parts)})"
        if word not in self.lacking:
            raise NotCompilable(self.refusal(word))
        self.used.add(word)
        return f"{word}_({', '.join(parts)})"


def uses_of(form: Form) -> Counter[int]:
    """How often each node of a form stands in it, by its id; what is within a node is counted once."""
    return Counter([id(form), *[id(part) for each in form.walk() for part in each.parts]])


def bare(text: str) -> str:
    """Without brackets around all of it."""
    if not text.startswith("("):
        return text
    depth = 0
    for k, each in enumerate(text):
        depth += (each == "(") - (each == ")")
        if depth == 0:
            return text[1:-1] if k == len(text) - 1 else text
    return text
