r"""The formula of a graph: `価格 = 単価 × 個数 × 消費税` in titles and text, `\text{価格} = …` for LaTeX.

Both are written by the same rules, text from the symbols of the operations and LaTeX from their `latex`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd.engine import Op, Value
from autograd.render.arguments import check_count, checked_value
from autograd.render.snapshot import label
from autograd.render.text import clean, number, shorten, width

_BINDING = {"+": 1, "−": 1, "×": 2, "÷": 2}  # other signs take parentheses within, and around
_LOOSE, _SIGN, _ATOM = 0, 3, 4
_PLACE = re.compile("(?<![A-Za-z])x(?![A-Za-z])")  # where the operand goes in symbols like x², 1/x, |x|, xʸ
_DEPTHS = range(12)
_MOST_OPERANDS = 20
_WIDEST_LABEL = 12  # em

_Text = tuple[str, float]
"""A formula and how strongly its outermost operation binds."""


def formula(root: Value, widest: float) -> str:
    """`root` written out as far as `widest` em allow; "…" stands for what lies deeper.

    A labelled node inside stands under its label. Empty where even the label is too wide.
    """
    text = _widest(root, widest)[0]
    return "" if text == "…" else text


def written(symbol: str, operands: list[str]) -> str:
    """One operation of named operands."""
    return _in_text(symbol, [(name, _ATOM) for name in operands])[0]


def expression(output: Value, widest: int = 200) -> "Expression":
    """The formula of the recorded graph: as text by `str`, as LaTeX by `.latex()`, and set by a notebook.

    Labelled nodes stand under their labels. What has no room is "…".

    Args:
        widest: how long the text may be, in widths of a Japanese character.

    Raises:
        TypeError, ValueError: an argument is not one of these.
    """
    output = checked_value("expression", "output", output)
    check_count("expression", "widest", widest)
    text, depth = _widest(output, widest)
    return Expression(text or "…", _equation(output, depth, _LATEX) if text else r"\cdots")


@dataclass(frozen=True, repr=False)
class Expression:
    """A formula as text and as LaTeX."""

    _text: str
    _latex: str

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return self._text

    def latex(self) -> str:
        """For a document, without dollar signs."""
        return self._latex

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self._latex}$"


def _widest(root: Value, widest: float) -> tuple[str, int]:
    """The longest text that fits, and how deep it goes into the graph."""
    text, reached = "", 0
    for depth in _DEPTHS:  # never more than one step wider than what fits, so a graph of any size is quick
        longer = _equation(root, depth, _TEXT)
        if width(longer) > widest or longer == text:
            break
        text, reached = longer, depth
    return text, reached


# --- Both ways of writing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Writing:
    """A way of writing formulas."""

    name: Callable[[str], str]
    number: Callable[[str], str]
    applied: Callable[[Op, Sequence[_Text]], _Text]
    more: str


def _equation(root: Value, depth: int, way: _Writing) -> str:
    name = way.name(_name(root))
    if root.is_leaf or (name and not depth):
        return name or way.number(number(root.data))
    right = _inside(root, depth, way)[0]
    return f"{name} = {right}" if name else right


def _name(node: Value) -> str:
    return shorten(label(node), _WIDEST_LABEL)


def _term(node: Value, depth: int, way: _Writing) -> _Text:
    if name := _name(node):
        return way.name(name), _ATOM
    if node.is_leaf:
        text = number(node.data)
        return way.number(text), _LOOSE if text.startswith("−") else _ATOM
    return _inside(node, depth, way)


def _inside(node: Value, depth: int, way: _Writing) -> _Text:
    if depth <= 0:
        return way.more, _ATOM
    assert node.op is not None
    terms = [_term(x, depth - 1, way) for x in node.inputs[:_MOST_OPERANDS]]
    if len(node.inputs) > _MOST_OPERANDS:
        terms.append((way.more, _ATOM))
    return way.applied(node.op, terms)


# --- Text ---------------------------------------------------------------------------------------------------


def _in_text(symbol: str, terms: Sequence[_Text]) -> _Text:
    """The symbol between, before or around its operands, by what it looks like."""
    if _PLACE.search(symbol) and len(terms) in (1, 2):
        base, *exponent = [_held(term, _ATOM) for term in terms]
        text = _PLACE.sub(lambda _: base, symbol)
        return (text.replace("ʸ", f"^{exponent[0]}") if exponent else text), _SIGN
    if any(map(str.isalpha, symbol)) or len(terms) not in (1, 2):
        return f"{symbol}({', '.join(text for text, _ in terms)})", _ATOM
    if len(terms) == 1:
        return symbol + _held(terms[0], _ATOM), _SIGN
    binding = _BINDING.get(symbol, _LOOSE)
    left, right = (binding, binding + 1) if binding else (_SIGN, _SIGN)
    return f"{_held(terms[0], left)} {symbol} {_held(terms[1], right)}", binding


def _held(term: _Text, binding: float) -> str:
    text, own = term
    return text if own >= binding else f"({text})"


_TEXT = _Writing(
    name=str,
    number=str,
    applied=lambda op, terms: _in_text(shorten(clean(op.symbol), 12), terms),
    more="…",
)

# --- LaTeX --------------------------------------------------------------------------------------------------

_SPECIAL = {**{c: f"\\{c}" for c in "&%$#_{}"}, "\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{\ }"}
_INDEXED = re.compile(r"([A-Za-zα-ωΑ-Ω])_?([0-9]+|[₀-₉]+)")
_PLAIN_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def latex_name(text: str) -> str:
    r"""A label as LaTeX: `x_{1}` for x1 and x₁, letters as they are, words and Japanese as `\text{…}`."""
    if not text or (len(text) == 1 and text.isalpha() and text.isascii()):
        return text
    if found := _INDEXED.fullmatch(text):
        return f"{found[1]}_{{{found[2].translate(_PLAIN_DIGITS)}}}"
    return rf"\text{{{''.join(_in_words(character) for character in text)}}}"


def _in_words(character: str) -> str:
    escaped = _SPECIAL.get(character, character)
    return f"${escaped}$" if character in "\\~^" else escaped


def _latex_number(text: str) -> str:
    """`1.5 \times 10^{-7}` for 1.5e−07."""
    mantissa, _, exponent = text.replace("−", "-").replace("∞", r"\infty").partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


def _in_latex(op: Op, terms: Sequence[_Text]) -> _Text:
    """The operation's `latex`, with parentheses around operands that stand bare in it and bind less than it."""
    symbol, pattern = clean(op.symbol), op.latex
    if "{args}" in pattern or any(f"{{{i}}}" not in pattern for i in range(len(terms))):
        name = rf"\operatorname{{{op.name.partition('(')[0]}}}".replace("_", r"\_")
        head = pattern.split("{args}")[0].replace("{{", "{").replace("}}", "}") if "{args}" in pattern else f"{name}("
        return f"{head}{', '.join(text for text, _ in terms)})", _ATOM
    binding = _BINDING.get(symbol) if len(terms) == 2 else _SIGN
    needs = [_needed(pattern, i, binding) for i in range(len(terms))]
    held = [_parenthesised(term, need) for term, need in zip(terms, needs, strict=True)]
    return pattern.format(*held), _strength(pattern, binding)


def _needed(pattern: str, place: int, binding: float | None) -> float:
    """How strongly an operand has to bind to stand at its place without parentheses."""
    before, _, after = pattern.partition(f"{{{place}}}")
    enclosed = (before.rstrip()[-1:] in "({[," or before.endswith(" ")) and after.lstrip()[:1] in ")}],"
    enclosed = enclosed and bool(after)
    if enclosed or (before.rstrip().endswith(("\\lvert", "\\lfloor", "\\lceil")) and "\\r" in after):
        return _LOOSE
    if after.startswith("^"):
        return _ATOM
    if binding is None:
        return _SIGN
    return binding + (place > 0 if binding < _SIGN else 1)


def _strength(pattern: str, binding: float | None) -> float:
    """How strongly the whole binds: as an atom where it is a function or a fence, less where signs stand bare."""
    if pattern.startswith((r"\frac", r"\sqrt")) or (pattern.startswith("\\") and pattern.endswith((")", r"\rvert"))):
        return _ATOM
    if pattern.startswith(("[", "(", r"\lvert", r"\lfloor", r"\lceil")):
        return _ATOM
    if " + " in pattern.partition("^")[0] or pattern.endswith(" - 1"):
        return _BINDING["+"]
    return _LOOSE if binding is None else binding


def _parenthesised(term: _Text, binding: float) -> str:
    text, own = term
    return text if own >= binding else rf"\left({text}\right)"


_LATEX = _Writing(name=latex_name, number=_latex_number, applied=_in_latex, more=r"\cdots")
