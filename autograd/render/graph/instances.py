"""The formula of one of many that are alike: `tanh(Σ w × x + b)`."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from autograd.notation import PRODUCT, SUM, Term, Text
from autograd.render.graph.operands import label
from autograd.render.text import clean, number, shorten

if TYPE_CHECKING:
    from autograd.render.graph.repeats import _Graph

_DEEPEST, _MOST = 12, 8  # classes one behind the other, operands of one
_WIDEST, _WIDEST_NAME = 30, 8  # em
_MARKS = "0123456789₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹₊₋⁺⁻₍₎⁽⁾.,_"
# Letters for what belongs to one alone, for constants, and for what comes from outside, without labels.
_OWN, _CONSTANT, _GIVEN = "wbpqrs", "cdefgk", "xyzuvt"


class Instance:
    """Writes the formula of what is in a box.

    Args:
        inside: the classes in the box.
    """

    def __init__(self, graph: "_Graph", inside: set[int]) -> None:
        self.graph, self.inside = graph, inside
        self.text_of = Text(partial(number, digits=3))
        self.names: dict[int, Term] = {}
        self._done: dict[int, Term] = {}

    def text(self, i: int, is_one: bool = True) -> str:
        """The formula of a node; in brackets, if a count stands before a sum."""
        term = self._inside(i, 0) if not self.graph.nodes[i].is_leaf else self._name(i)
        shown = shorten(clean(term.text), _WIDEST)
        return shown if is_one else self.text_of.held(Term(shown, term.rank), PRODUCT)

    def _term(self, i: int, depth: int) -> Term:
        graph = self.graph
        if graph.of[i] not in self.inside or graph.nodes[i].is_leaf:
            return self._name(i)
        if i not in self._done:
            term = self._inside(i, depth) if depth < _DEEPEST else Term(self.text_of.more)
            self._done[i] = term if len(term.text) <= 2 * _WIDEST else Term(self.text_of.more)
        return self._done[i]

    def _inside(self, i: int, depth: int) -> Term:
        graph, node = self.graph, self.graph.nodes[i]
        if not graph.is_sum(i):
            terms = [self._term(x, depth + 1) for x in graph.terms[i][:_MOST]]
            terms += [Term(self.text_of.more)] if len(graph.terms[i]) > _MOST else []
            return self.text_of.applied(node.op, terms)
        many = Counter(graph.of[x] for x in graph.terms[i])
        first = {graph.of[x]: x for x in reversed(graph.terms[i])}
        ordered = sorted(many, key=lambda c: -many[c])
        return self.text_of.sum([self._summand(first[c], many[c], depth) for c in ordered])

    def _summand(self, i: int, count: int, depth: int) -> Term:
        term = self._term(i, depth + 1)
        return term if count == 1 else Term(f"Σ {self.text_of.held(term, PRODUCT)}", SUM + 1)

    def _name(self, i: int) -> Term:
        each = self.graph.of[i]
        if each not in self.names:
            self.names[each] = self._new_name(i)
        return self.names[each]

    def _new_name(self, i: int) -> Term:
        """What the labels of all that are alike have in common; the number if all have the same; else a letter."""
        graph = self.graph
        members = [graph.nodes[j] for j in graph.members[graph.of[i]]]
        if graph.kind(i) == "constant" and len({node.data for node in members}) == 1 and not label(members[0]):
            return self.text_of.number(members[0].data)
        labels = {label(node) for node in members}
        common = labels if len(labels) == 1 else {text.strip(_MARKS) for text in labels}
        text = common.pop() if len(common) == 1 else ""
        return self.text_of.name(shorten(text, _WIDEST_NAME)) if text else Term(self._letter(i))

    def _letter(self, i: int) -> str:
        taken = {term.text for term in self.names.values()}
        kind = self.graph.kind(i)
        own = _CONSTANT if kind == "constant" else _OWN
        letters = own if self.graph.of[i] in self.inside and kind != "operation" else _GIVEN
        return next((letter for letter in letters if letter not in taken), "·")
