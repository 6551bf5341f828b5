"""A pass over code: the lists of values and adjoints without gaps, for what is never read has no place there."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from autograd.compiler.code import Add, Block, Code, Element, Expression, For, Guard, Rows, Store
from autograd.compiler.nest import Place

Counts = tuple[int, ...]


def pack(code: Code) -> Code:
    """The same program, with shorter lists where their places stay affine in the turns."""
    new = {"V": _Packed(code.values), "A": _Packed(code.adjoints), "E": _Packed(code.flags)}
    if code.flags:
        new["E"] = new["A"]  # flags have the places of adjoints
    for element, counts in _elements(code.block, ()):
        if element.list in new:
            new[element.list].use(element.index, counts)
    for packed in new.values():
        packed.decide()
    if not any(packed.smaller for packed in new.values()):
        return code
    block = _mapped(code.block, (), lambda element, counts: _moved(element, counts, new))
    values, adjoints, flags = (new[each].size for each in "VAE")
    return replace(code, block=block, values=values, adjoints=adjoints, flags=flags, shared=new["A"].place(code.shared))


class _Packed:
    """The places of a list that are used, and where they go."""

    def __init__(self, size: int) -> None:
        self.used = np.zeros(size, dtype=bool)
        self.uses: list[tuple[Place, Counts]] = []
        self.smaller, self.size = False, size

    def use(self, place: Place, counts: Counts) -> None:
        self.used[place.all(counts)] = True
        self.uses.append((place, counts))

    def decide(self) -> None:
        self.rank = np.concatenate([[0], np.cumsum(self.used)])
        self.moves = {use: self._affine(*use) for use in self.uses}
        if len(self.used) and all(self.moves.values()):
            self.smaller, self.size = True, int(self.rank[-1])

    def _affine(self, place: Place, counts: Counts) -> Place | None:
        new = self.rank[place.all(counts)]
        strides = []
        for axis, count in enumerate(counts):
            first = new[(0,) * axis][:2] if count > 1 else None
            first = first.reshape(len(first), -1)[:, 0] if first is not None else None
            strides.append(0 if first is None else int(first[1] - first[0]))
        found = Place(place.kind, int(new.flat[0]), tuple(strides))
        return found if (found.all(counts) == new).all() else None

    def place(self, k: int) -> int:
        return int(self.rank[min(k, len(self.rank) - 1)]) if self.smaller else k


def _moved(element: Element, counts: Counts, new: dict[str, _Packed]) -> Element:
    packed = new.get(element.list)
    if packed is None or not packed.smaller:
        return element
    place = packed.moves[element.index, counts]
    assert place is not None
    return Element(element.list, place)


Change = Callable[[Element, Counts], Element]


def _mapped(block: Block, counts: Counts, change: Change) -> Block:
    """The block with its elements changed."""

    def value(expression: Expression) -> Expression:
        return Expression(expression.form, tuple([atom(x) for x in expression.atoms]))

    def atom(x: Element | float | str) -> Element | float | str:
        return change(x, counts) if isinstance(x, Element) else x

    mapped: Block = []
    for each in block:
        match each:
            case For(turn, count, backwards, body):
                mapped.append(For(turn, count, backwards, _mapped(body, (*counts, count), change)))
            case Rows(body, totals):
                mapped.append(Rows(_mapped(body, counts, change), totals))
            case Guard(number, check, left, right):
                mapped.append(Guard(number, check, atom(left), atom(right)))
            case Store(target, expression):
                mapped.append(Store(change(target, counts), value(expression)))
            case Add(target, expression):
                to = change(target, counts) if isinstance(target, Element) else target
                mapped.append(Add(to, value(expression)))
            case _:
                mapped.append(type(each)(each.name, value(each.value)))
    return mapped


def _elements(block: Block, counts: Counts) -> Iterator[tuple[Element, Counts]]:
    found: list[tuple[Element, Counts]] = []

    def note(element: Element, counts: Counts) -> Element:
        found.append((element, counts))
        return element

    _mapped(block, counts, note)
    yield from found
