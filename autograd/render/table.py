"""The graph as a table for a terminal: one line for each value, inputs before what is made of them."""

from functools import partial
from typing import Any

from autograd.engine import Value
from autograd.notation import Term, Text
from autograd.render.graph.operands import kind, label, operands
from autograd.render.graph.repeats import Fold
from autograd.render.graph.snapshot import Snapshot
from autograd.render.text import clean, differing, number, ruled, shorten
from autograd.words import PictureWords

_WIDEST_NAME, _WIDEST_FORMULA = 16, 80  # em
_MOST_OPERANDS = 6


def table(snapshot: Snapshot, words: PictureWords, digits: int) -> str:
    """A line for each value, or for each box of what repeats."""
    entries: dict[Value | Fold, list[Value]] = {}
    for node in snapshot.seen:
        box = snapshot.box(node)
        entries.setdefault(box if isinstance(box, Fold) else node, []).append(node)
    places = {node: f"[{i}]" for i, nodes in enumerate(entries.values(), 1) for node in nodes}
    rows = [
        (places[nodes[0]], entry.name, entry.counted, "", "")
        if isinstance(entry, Fold)
        else _row(snapshot, entry, places, digits)
        for entry, nodes in entries.items()
    ]
    if not snapshot.shows_gradients:
        rows = [row[:-1] for row in rows]
    return ruled([words.columns[: len(rows[0])], *rows], left=3)


def _row(snapshot: Snapshot, node: Value, places: dict[Value, str], digits: int) -> tuple[str, ...]:
    gradient: Any = None if snapshot.kind(node) == "constant" else snapshot.total(node)
    numbers = snapshot.numbers
    shown = "" if gradient is None else differing(gradient, _right_gradient(snapshot, node), digits)
    name = shorten(snapshot.label(node), _WIDEST_NAME)
    return (
        places[node],
        name,
        _computed(node, places, digits),
        differing(node.data, numbers.right_value(node), digits),
        shown,
    )


def _right_gradient(snapshot: Snapshot, node: Value) -> Any:
    """What a gradient should be, of another engine."""
    uses = snapshot.uses[node]
    return uses[0].right if len(uses) == 1 else snapshot.numbers.right_gradient(node)


def _computed(node: Value, places: dict[Value, str], digits: int) -> str:
    if node.is_leaf:
        return ""
    text = Text(partial(number, digits=digits))
    terms = [_operand(x, places, text) for x in operands(node)[: _MOST_OPERANDS + 1]]
    if len(terms) > _MOST_OPERANDS:
        terms[_MOST_OPERANDS:] = [Term(text.more)]
    return shorten(clean(text.applied(node.op, terms).text), _WIDEST_FORMULA)


def _operand(node: Value, places: dict[Value, str], text: Text) -> Term:
    """The label; for a constant its number; else the number of its line, or "…" where it has none."""
    if named := _name(node):
        return text.name(named)
    return text.number(node.data) if kind(node) == "constant" else Term(places.get(node, text.more))


def _name(node: Value) -> str:
    return shorten(label(node), _WIDEST_NAME)
