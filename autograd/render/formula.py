"""The formula in a picture's title: `価格 = 単価 × 個数 × 消費税`, read off the symbols of the operations."""

import re

from autograd.engine import Value
from autograd.render.snapshot import label
from autograd.render.text import clean, number, shorten, width

_BINDING = {"+": 1, "−": 1, "×": 2, "÷": 2}  # other signs take parentheses within, and around
_LOOSE, _SIGN, _ATOM = 0, 3, 4
_PLACE = re.compile("(?<![A-Za-z])x(?![A-Za-z])")  # where the operand goes in symbols like x², 1/x, |x|, xʸ
_DEPTHS = range(12)

_Text = tuple[str, float]
"""A formula and how strongly its outermost operation binds."""


def formula(root: Value, widest: float) -> str:
    """`root` written out as far as `widest` em allow; "…" stands for what lies deeper.

    A labelled node inside stands under its label. Empty where even the label is too wide.
    """
    text = ""
    for depth in _DEPTHS:  # never more than one step wider than what fits, so a graph of any size is quick
        longer = _equation(root, depth)
        if width(longer) > widest or longer == text:
            break
        text = longer
    return "" if text == "…" else text


def _equation(root: Value, depth: int) -> str:
    name = _name(root)
    if root.is_leaf or (name and not depth):
        return name or number(root.data)
    right = _inside(root, depth)[0]
    return f"{name} = {right}" if name else right


def _name(node: Value) -> str:
    return shorten(label(node), 12)


def _term(node: Value, depth: int) -> _Text:
    if name := _name(node):
        return name, _ATOM
    if node.is_leaf:
        text = number(node.data)
        return text, _LOOSE if text.startswith("−") else _ATOM
    return _inside(node, depth)


def _inside(node: Value, depth: int) -> _Text:
    if depth <= 0:
        return "…", _ATOM
    assert node.op is not None
    symbol = shorten(clean(node.op.symbol), 12)
    terms = [_term(x, depth - 1) for x in node.inputs]
    return _written(symbol, terms)


def _written(symbol: str, terms: list[_Text]) -> _Text:
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
