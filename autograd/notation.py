r"""An operation of operands, as text and as LaTeX: the one place that knows about brackets.

How an operation is written stands in its record, as a pattern: `{0} + {1}`, `√{0}`, `\frac{{{0}}}{{{1}}}`. How strongly
a pattern binds, and how strongly an operand has to bind to stand in it (its fixity), follow from the signs beside the
places. An operand takes brackets where it binds less, and where it begins with a minus and a sign stands before it:
(−2)², x − (−3), but −x² and −3 × x. A sign that is not known here has brackets within and around it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from string import Formatter
from typing import Any, NamedTuple

from autograd.forms import COMPARISONS, Form, operand
from autograd.operation import OPS, Op
from autograd.reals import refusal

LOOSE, RELATION, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)  # how strongly it binds: a % b, a > b, a + b … a², a
_RANKS = {
    **dict.fromkeys("<>=≤≥≠", RELATION),
    **dict.fromkeys("+−-", SUM),
    **dict.fromkeys(["×", r"\times", "÷", "/"], PRODUCT),
    **dict.fromkeys(["^", "√", "∛", r"\frac"], POWER),
    "_": ATOM,
}
_BEFORE = (POWER, SUM, SUM, PRODUCT, POWER, ATOM, ATOM)  # how strongly what stands before a sign of each rank
_AFTER = (POWER, SUM, PRODUCT, SIGN, SIGN, ATOM, ATOM)  # has to bind, and what stands after it
_SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾"
_SEPARATORS = {",", ":", ";", "?"}
_OPENING = {*"([{⌊⌈⟨", r"\lvert", r"\lVert", r"\lfloor", r"\lceil", r"\langle", r"\{"}
_CLOSING = {*")]}⌋⌉⟩", r"\rvert", r"\rVert", r"\rfloor", r"\rceil", r"\rangle", r"\}"}
_COMPARED = {"!=": "≠", "<=": "≤", ">=": "≥"}
_WIDEST_PART = 32  # characters of a part of a form; a longer one is left out
_LONG_RULE = 4  # functions and signs, from which the name of an operation says it better
_NO_SIGNS = {*_OPENING, *_CLOSING, *_SEPARATORS, "|", "_"}
_INVISIBLE = {r"\left", r"\right", r"\,", r"\:", r"\;", r"\!", r"\ "}
_TOKEN = re.compile(rf"\\[A-Za-z]+|\\.|[{_SUPERSCRIPTS}]+|[^\W_][\w.′]*|//|\S")
_GROUP = "()"


class Term(NamedTuple):
    """A formula, and how strongly its outermost sign binds."""

    text: str
    rank: int = ATOM

    @property
    def is_negative(self) -> bool:
        """Whether it begins with a minus."""
        return self.text.startswith(("−", "-"))


class Text:
    """Formulas as text.

    Args:
        shown: how numbers are written, with the sign − and exponents after an e.
    """

    more, _minus, _times, _brackets, _quotes = "…", "−", "×", "({})", '""'
    numbers = Term("[…]")  # a different one for each element

    def __init__(self, shown: Callable[[Any], str]) -> None:
        self._shown = shown

    def number(self, x: Any) -> Term:
        """A number binds as what it is: −2 and 1e−07 are no atoms."""
        text = self._shown(x)
        return Term(text, SIGN if text.startswith("−") or "e" in text else ATOM)

    def name(self, label: str) -> Term:
        """A label; one that could be read as mathematics stands in quotation marks: "x − 3", "2"."""
        opening, closing = self._quotes
        return Term(label if _is_name(label) else opening + label.replace(closing, "'") + closing)

    def told_apart(self, name: str, i: int) -> str:
        """The name of the i-th of several things of one name: `w₁ (2)`."""
        return f"{name} ({i})"

    def applied(self, op: Op, operands: Sequence[Term]) -> Term:
        """The operation of its operands, and of the constants that it closes over."""
        terms = [*operands, *map(self._constant, op.constants)]
        pieces, rank = next(filter(None, (_fitting(each, len(operands), len(terms)) for each in self._patterns(op))))
        return Term("".join(piece.before + self._in_place(piece, terms) for piece in pieces), rank)

    def form(self, form: Form, operands: Sequence[Term], done: dict[int, Term] | None = None) -> Term:
        """A form of these operands: `(b > 0) × a`; long parts of it are left out."""
        done, word = {} if done is None else done, form.word
        if word in ("operand", "args"):
            return operands[int(form.leaf or 0)]
        if word == "number":
            return self.number(form.number)
        if named := _named(form):
            op, inner = named
            return self.applied(op, [self._part(part, operands, done) for part in inner])
        if word in ("+", "-", "*"):
            parts = [(taken, self._part(part, operands, done)) for taken, part in _chain(form)]
            if word == "*":
                return self._powers([part for _, part in parts])
            return self.sum([self.negative(part) if taken else part for taken, part in parts])
        parts = [self._part(part, operands, done) for part in form.parts]
        if word == "negative":
            return self.negative(*parts)
        if word in COMPARISONS:
            return self.compared(word, parts)
        op = _op_of(word, len(parts))
        return self.applied(op, parts) if op else Term(f"{form.leaf or word}({', '.join(part.text for part in parts)})")

    def sign(self, word: str) -> str:
        """What stands between two operands: `×` for `*`."""
        op = _op_of(word, 2)
        return op.symbol if op else compared(word)

    def _part(self, form: Form, operands: Sequence[Term], done: dict[int, Term]) -> Term:
        if id(form) not in done:
            term = self.form(form, operands, done)
            done[id(form)] = term if len(term.text) <= _WIDEST_PART else Term(self.more)
        return done[id(form)]

    def compared(self, sign: str, sides: Iterable[Term]) -> Term:
        """A comparison: `a ≤ b`."""
        return Term(f" {compared(sign)} ".join([self.held(side, RELATION + 1) for side in sides]), RELATION)

    def _powers(self, factors: Iterable[Term]) -> Term:
        """A product, with a² for a × a."""
        found, square = list[Term](), _op_of("square", 1)
        for factor, count in Counter(factors).items():
            if square and count == 2 and factor != self.numbers:
                factor, count = self.applied(square, [factor]), 1
            found += [factor] * count
        return self.product(found)

    def section(self, op: Op, place: int, operand: Term) -> str:
        """An operation of two operands of which an arrow brings the other: `× 2`, `1 −`, `max(0, ·)`."""
        hole = Term("·")
        text = self.applied(op, [operand, hole] if place == 0 else [hole, operand]).text
        return text.removeprefix("· ").removesuffix(" ·")

    def product(self, factors: Sequence[Term]) -> Term:
        """`1.1 × (−3)`; 1 where there is no factor."""
        if len(factors) < 2:
            return factors[0] if factors else Term("1")
        first, *rest = factors
        held = [self.held(first, PRODUCT), *(self.held(factor, SIGN, after_sign=True) for factor in rest)]
        return Term(f" {self._times} ".join(held), PRODUCT)

    def sum(self, summands: Iterable[Term], space: str = " ") -> Term:
        """`3 + 1 − 2`: a summand that begins with a minus is taken away."""
        first, *rest = summands
        taken = [(self._minus, self.negative(each)) if each.is_negative else ("+", each) for each in rest]
        shown = [f"{space}{sign}{space}{self.held(each, PRODUCT)}" for sign, each in taken]
        return Term(self.held(first, SUM) + "".join(shown), SUM) if rest else first

    def negative(self, term: Term) -> Term:
        """−x of x, and x of −x."""
        if term.is_negative and term.rank > SUM:
            return Term(term.text[1:], term.rank)
        return Term(self._minus + self.held(term, PRODUCT, after_sign=True), min(term.rank, SIGN))

    def held(self, term: Term, rank: int, after_sign: bool = False) -> str:
        """In brackets where it binds less strongly than `rank`, or would put a minus after a sign."""
        bare = term.rank >= rank and not (after_sign and term.is_negative)
        return term.text if bare else self._brackets.format(term.text)

    def _in_place(self, piece: "_Piece", terms: Sequence[Term]) -> str:
        if piece.place is None:
            return ""
        if piece.place == "args":
            return ", ".join(term.text for term in terms)
        return self.held(terms[int(piece.place)], piece.rank, piece.after_sign)

    def _constant(self, x: Any) -> Term:
        return self.number(x) if refusal(x) is None else self.name(str(x))

    def _patterns(self, op: Op) -> Iterator[str]:
        """As the record says; else a sign stands before its operand or between two, and a word is a function."""
        yield op.text
        symbol = op.symbol
        if _TOKEN.fullmatch(symbol) and symbol not in _NO_SIGNS:
            if symbol[0].isalnum():
                yield symbol + "({args})"
            elif not op.constants:
                yield from (symbol + "{0}", f"{{0}} {symbol} {{1}}")
        yield f"{_literal(_base(op))}({{args}})"


class Latex(Text):
    """Formulas as LaTeX."""

    more, _minus, _times, _brackets, _quotes = r"\cdots", "-", r"\times", r"\left({}\right)", "“”"

    def number(self, x: Any) -> Term:
        r"""`1.5 \times 10^{-7}` for 1.5e−07."""
        mantissa, _, exponent = self._shown(x).replace("−", "-").replace("∞", r"\infty").partition("e")
        if exponent:
            return Term(rf"{mantissa} \times 10^{{{int(exponent)}}}", PRODUCT)
        return Term(mantissa, SIGN if mantissa.startswith("-") else ATOM)

    def name(self, label: str) -> Term:
        r"""A label as LaTeX: `x_{1}` for x1 and x₁, `w_{12}^{(1)}` for w₁₂⁽¹⁾, `\alpha` for α, other letters as they
        are, words and Japanese as `\text{…}`."""
        is_letter = len(label) == 1 and label.isalpha() and label.isascii() and label != "e"  # e^x is exp(x)
        if is_letter or label in _GREEK:
            return Term(_GREEK.get(label, label))
        if found := _INDEXED.fullmatch(label):
            raised = f"^{{({found[3].translate(_PLAIN_DIGITS)})}}" if found[3] else ""
            return Term(f"{_GREEK.get(found[1], found[1])}_{{{found[2].translate(_PLAIN_DIGITS)}}}{raised}")
        return Term(rf"\text{{{''.join(map(_in_words, super().name(label).text))}}}")

    def told_apart(self, name: str, i: int) -> str:
        return rf"{name}\text{{ ({i})}}"

    def _patterns(self, op: Op) -> Iterator[str]:
        yield op.latex
        yield rf"\operatorname{{{{{_literal(''.join(map(_in_words, _base(op))))}}}}}({{args}})"


def compared(sign: str) -> str:
    """A comparison as it is written."""
    return _COMPARED.get(sign, sign)


def _chain(form: Form) -> list[tuple[bool, Form]]:
    """Of a + b − c: a, b and c, and whether each is taken away; of a × b × c too."""
    words, found = ("*",) if form.word == "*" else ("+", "-"), []
    while form.word in words:
        found.append((form.word == "-", form.parts[1]))
        form = form.parts[0]
    return [(False, form), *reversed(found)]


def _named(form: Form) -> tuple[Op, list[Form]] | None:
    """The longest operation that is written out here, and its operands; None if there is none that would be shorter."""
    best, longest = None, _LONG_RULE - 1
    for op in OPS.values():
        found: dict[int, Form] = {}
        if isinstance(op, Op) and op.form is not None and op.arity and _matches(op.form, form, found):
            length = sum(bool(part.parts) for part in op.form.walk())
            if length > longest and len(found) == op.arity:
                best, longest = (op, [found[k] for k in range(op.arity)]), length
    return best


def _matches(pattern: Form, form: Form, found: dict[int, Form]) -> bool:
    """Whether a form is the pattern with something for each of its operands, which goes to `found`."""
    if pattern.word == "operand":
        return found.setdefault(int(pattern.leaf), form) == form
    if (pattern.word, pattern.leaf, len(pattern.parts)) != (form.word, form.leaf, len(form.parts)):
        return False
    return all(_matches(a, b, found) for a, b in zip(pattern.parts, form.parts, strict=True))


@cache
def _op_of(word: str, count: int) -> Op | None:
    """The operation that a word of forms is."""
    form = Form(word, tuple(map(operand, range(count))))
    found = [op for op in OPS.values() if isinstance(op, Op) and op.form == form]
    same = OPS.get(word)
    return found[0] if found else same if isinstance(same, Op) and same.arity == count else None


# --- Patterns -----------------------------------------------------------------------------------------------


class _Piece(NamedTuple):
    """A part of a pattern: what stands there, the operand behind it, and what that has to be to stand there bare."""

    before: str
    place: str | None
    rank: int
    after_sign: bool


_Fixity = tuple[list[_Piece], int]
"""The pieces of a pattern, and how strongly the whole binds."""


def _fitting(pattern: str, operands: int, terms: int) -> _Fixity | None:
    """The fixity of a pattern that holds so many operands, and perhaps constants after them; None if it does not."""
    fixity = _fixity(pattern)
    places = {piece.place for piece in fixity[0]} - {None}
    if places == {"args"} or (set(map(str, range(operands))) <= places <= set(map(str, range(terms)))):
        return fixity if places else None
    return None


@cache
def _fixity(pattern: str) -> _Fixity:
    try:
        parsed = [(before, place) for before, place, _, _ in Formatter().parse(pattern)]
    except ValueError:  # braces that do not match
        return [], LOOSE
    levels = _levels(parsed)
    asked = {item: _asked(level, i) for level in levels for i, item in enumerate(level) if isinstance(item, int)}
    return [_Piece(*each, *asked.get(k, (LOOSE, False))) for k, each in enumerate(parsed)], _binding(levels[0])


def _levels(parsed: list[tuple[str, str | None]]) -> list[list[Any]]:
    """What stands within each pair of brackets, the outermost first: signs, names, and places as numbers."""
    levels: list[list[Any]] = [[]]
    path = [("", levels[0])]
    for k, (before, place) in enumerate(parsed):
        for token in _TOKEN.findall(before):
            if len(path) > 1 and (token in _CLOSING or token == "|" == path[-1][0]):
                path.pop()
            elif token in _OPENING or token == "|":
                path[-1][1].append(_GROUP)
                levels.append([])
                path.append((token, levels[-1]))
            elif token not in _INVISIBLE:
                path[-1][1].append(token)
        if place is not None:
            path[-1][1].append(k)
    return levels


def _asked(level: list[Any], i: int) -> tuple[int, bool]:
    """How strongly what stands at a place has to bind, and whether a sign stands before it."""
    left, right = [
        None if k in (-1, len(level)) or level[k] in _SEPARATORS else _rank(level, k) or LOOSE for k in (i - 1, i + 1)
    ]
    before, after = LOOSE if right is None else _BEFORE[right], LOOSE if left is None else _AFTER[left]
    return max(before, after), left not in (None, RELATION)


def _rank(level: list[Any], i: int) -> int | None:
    """How strongly a sign binds; None where there is none, but a name, a number, brackets or a place."""
    item = level[i]
    if isinstance(item, int) or item == _GROUP:
        return None
    if item[0] in _SUPERSCRIPTS:
        return POWER
    if item in ("+", "−", "-") and (i == 0 or not _ends_operand(level, i - 1)):
        return SIGN
    is_word = item[0].isalnum() or item[0] == "\\"
    return _RANKS.get(item, None if is_word else LOOSE)


def _ends_operand(level: list[Any], i: int) -> bool:
    return _rank(level, i) is None or level[i][0] in _SUPERSCRIPTS


def _binding(level: list[Any]) -> int:
    """As its weakest sign; two things side by side are no name and its brackets, and bind least."""
    ranks = [_rank(level, i) for i in range(len(level))]
    beside = any(ranks[i - 1] is None is ranks[i] and level[i] != _GROUP for i in range(1, len(level)))
    return LOOSE if beside else min([ATOM, *(rank for rank in ranks if rank is not None)])


def _base(op: Op) -> str:
    """Its name, without the constants that it closes over."""
    return op.name if op.family is None else op.family.name


def _literal(text: str) -> str:
    """As it stands in a pattern, where braces are places."""
    return text.replace("{", "{{").replace("}", "}}")


# --- Names --------------------------------------------------------------------------------------------------


_DIGITS = "0123456789"
_LOWERED, _RAISED = str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉"), str.maketrans(_DIGITS, "⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def index(number: int) -> str:
    """₁₂ for 12."""
    return str(number).translate(_LOWERED)


@cache
def of_layer(number: int) -> str:
    """⁽²⁾ for 2: what stands after the name of what belongs to layer 2."""
    return f"⁽{str(number).translate(_RAISED)}⁾"


def between(count: int) -> str:
    """What stands between two indices that go up to `count`: nothing while they have one digit."""
    return "," if count > 9 else ""


_SPECIAL = {**{c: f"\\{c}" for c in "&%$#_{}"}, "\\": r"$\backslash $", "~": r"$\sim $", "^": r"$\hat{\ }$"}
_INDEXED = re.compile(r"([A-Za-zα-ωΑ-Ω])_?([0-9]+|[₀-₉]+(?:,[₀-₉]+)?)(?:⁽([⁰¹²³⁴-⁹]+)⁾)?")
_ALSO_IN_NAMES = " _.'′″…[]・\u200c\u200d"  # with what joins emoji and Indic letters
_PLAIN_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789" * 2)


_GREEK_NAMES = (
    *("alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "omicron", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
)
_GREEK = {
    letter: f"\\{name}" for letter, name in zip("αβγδεζηθικλμνξοπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _GREEK_NAMES, strict=True)
}
_LETTERS = {command: letter for letter, command in _GREEK.items()} | {r"\epsilon": "ε", r"\phi": "φ"}
del _GREEK["ο"]  # LaTeX has no command for what looks like an o
_IN_LATEX = re.compile(
    r"(\\[A-Za-z]+|[A-Za-zα-ωΑ-Ω])(?:_(?:\{([0-9]+(?:,[0-9]+)?)\}|([0-9]+)))?(?:\^\{\(([0-9]+)\)\})?"
)


def read_latex(label: str) -> str:
    r"""A label that is a letter with its indices as LaTeX writes it, as Unicode does: w₁₂⁽¹⁾ for `w_{12}^{(1)}`, α for
    `\alpha`, x₁ for `x_1`. Any other label is no mathematics, and stays as it is."""
    found = _IN_LATEX.fullmatch(label)
    letter = found and _LETTERS.get(found[1], found[1])
    if not found or not letter or letter.startswith("\\"):
        return label
    lowered = (found[2] or found[3] or "").translate(_LOWERED)
    if found[4] and not lowered:
        return label  # no name of ours: it would be read as a power
    return letter + lowered + (f"⁽{found[4].translate(_RAISED)}⁾" if found[4] else "")


def _is_name(label: str) -> bool:
    """Whether a label can only be read as a name: it begins with a letter, and has no sign, bracket or power in it,
    or is a letter with its indices."""
    return (_is_letter(label[:1]) and all(map(_in_a_name, label))) or _INDEXED.fullmatch(label) is not None


def _in_a_name(character: str) -> bool:
    lowered = unicodedata.decomposition(character).startswith("<sub>")
    return _is_letter(character) or character in _ALSO_IN_NAMES or character.isdecimal() or lowered


def _is_letter(character: str) -> bool:
    """Of any script, an accent or an emoji, but none that is raised, as the n of 2ⁿ."""
    if not character or unicodedata.decomposition(character).startswith("<super>"):
        return False
    return unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "So")


def _in_words(character: str) -> str:
    return _SPECIAL.get(character, character)
