r"""The formula of a graph: `価格 = 単価 × 個数 × 消費税` in titles and text, `\text{価格} = …` for LaTeX.

Both are written by the same rules, text from the symbols of the operations and LaTeX from their `latex`.
"""

from dataclasses import dataclass
from typing import Any

from autograd.engine import Value, topological_order
from autograd.notation import Latex, Term, Text
from autograd.render.arguments import check_count
from autograd.render.graph.adopted import Adopted, Reading
from autograd.render.graph.names import Names
from autograd.render.graph.operands import label, operands, shown_as
from autograd.render.text import clean, number, shorten, width

_DEPTHS = range(12)
_MOST_OPERANDS = 20
_WIDEST_LABEL = 12  # em
_TEXT, _LATEX = Text(number), Latex(number)


def formula(root: Value, widest: float, names: Names | None = None) -> str:
    """`root` written out as far as `widest` em allow; "…" stands for what lies deeper.

    A labelled node inside stands under its label, or its name. Empty where even that is too wide.
    """
    root = shown_as(root)
    text, _ = _widest(root, widest, names)
    return "" if text == _TEXT.more else text


def in_latex(root: Value, widest: float, names: Names, text_names: Names) -> str:
    """The formula as LaTeX, as deep as the text goes."""
    root = shown_as(root)
    text, depth = _widest(root, widest, text_names)
    return "" if text in ("", _TEXT.more) else _equation(root, depth, _LATEX, names)


def expression(output: Any, widest: int = 200, *, read: Reading = None) -> "Expression":
    """The formula of the recorded graph: as text by `str`, as LaTeX by `.latex()`, and set by a notebook.

    Nodes with labels are written as their labels: in quotation marks if a label could be read as mathematics, and with
    a number, `w (2)`, if other nodes have the same label. Parts that have no room are written "…".

    Args:
        output: a Value, or a node of another engine.
        widest: how long the text may be, in widths of a Japanese character.
        read: how nodes of another engine are read, as `draw` has it.

    Raises:
        TypeError, ValueError: an argument is not one of these.
    """
    output = Adopted("expression", "output", output, read).roots[0]
    check_count("expression", "widest", widest)
    text, latex = (Names(topological_order(output), way, _WIDEST_LABEL) for way in (_TEXT, _LATEX))
    return Expression(formula(output, widest, text) or _TEXT.more, in_latex(output, widest, latex, text) or _LATEX.more)


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


def _widest(root: Value, widest: float, names: Names | None) -> tuple[str, int]:
    """The longest text that fits, and how deep it goes into the graph."""
    text, reached = "", 0
    for depth in _DEPTHS:  # never more than one step wider than what fits, so a graph of any size is quick
        longer = _equation(root, depth, _TEXT, names)
        if width(longer) > widest or longer == text:
            break
        text, reached = longer, depth
    return text, reached


def _equation(root: Value, depth: int, way: Text, names: Names | None) -> str:
    name = _named(root, way, names)
    right = "" if name and (root.is_leaf or not depth) else _inside(root, depth, way, names).text
    return clean(" = ".join(filter(None, (name and name.text, right))))


def _named(node: Value, way: Text, names: Names | None) -> Term | None:
    if names is not None:
        return names.term(node)
    shown = shorten(label(node), _WIDEST_LABEL)
    return way.name(shown) if shown else None


def _term(node: Value, depth: int, way: Text, names: Names | None) -> Term:
    return _named(node, way, names) or _inside(node, depth, way, names)


def _inside(node: Value, depth: int, way: Text, names: Names | None) -> Term:
    if node.is_leaf:
        return way.number(node.data)
    if depth <= 0:
        return Term(way.more)
    terms = [_term(x, depth - 1, way, names) for x in operands(node)[:_MOST_OPERANDS]]
    if len(operands(node)) > _MOST_OPERANDS:
        terms.append(Term(way.more))
    return way.applied(node.op, terms)
