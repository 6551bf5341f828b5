"""A pass over code: lists without gaps, with no place for numbers that are never read; constants likewise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.loops.code import Add, Block, Code, Element, Expression, For, Guard, Rows, Store
from autograd.compiler.loops.nest import Place, affine, existing

Loops = tuple[For, ...]


def pack(code: Code) -> Code:
    """The same program, with shorter lists where their places stay affine in the turns."""
    sizes = {"V": code.values, "A": code.adjoints, "E": code.flags, "c": len(code.constants)}
    new = {name: _Packed(size) for name, size in sizes.items()}
    if code.flags:
        new["E"] = new["A"]  # flags have the places of adjoints
    for element, loops in elements(code.block):
        if element.list in new:
            new[element.list].use(element.index, loops)
    for element, loops in _stored(code.block, ()):
        if element.list in new:
            new[element.list].keep(element.index, loops)
    for packed in new.values():
        packed.decide()
    if not any(packed.smaller for packed in new.values()):
        return code
    block = _mapped(code.block, (), lambda element, loops: _moved(element, loops, new))
    values, adjoints, flags = (new[each].size for each in "VAE")
    constants = new["c"].of(code.constants)
    shared = new["A"].place(code.shared)
    return replace(code, block=block, values=values, adjoints=adjoints, flags=flags, shared=shared, constants=constants)


class _Packed:
    """The places of a list that are used, and where they go."""

    def __init__(self, size: int) -> None:
        self.used = np.zeros(size, dtype=bool)
        self.uses, self.kept = list[tuple[Place, Loops]](), list[tuple[Place, Loops]]()
        self.smaller, self.size = False, size

    def use(self, place: Place, loops: Loops) -> None:
        self.used[place.over(loops)] = True
        self.uses.append((place, loops))

    def keep(self, place: Place, loops: Loops) -> None:
        """What a turn stores has its place in turns that do not exist too, so that places stay affine."""
        self.used[place.all([loop.count for loop in loops])] = True
        self.kept.append((place, loops))

    def decide(self) -> None:
        """Without gaps; where then a place is not affine, with room for the turns that stand around its loop."""
        self._rank()
        for place, loops in [use for use, move in self.moves.items() if move is None]:
            read = place.over(loops)
            for kept, around in self.kept:
                if kept.strides == place.strides:
                    turns = kept.all([loop.count + 2 for loop in around]) - sum(kept.strides)
                    self.used[turns[(turns >= read.min()) & (turns <= read.max())]] = True
        self._rank()
        if len(self.used) and all(self.moves.values()):
            self.smaller, self.size = True, int(self.rank[-1])

    def _rank(self) -> None:
        self.rank = np.concatenate([[0], np.cumsum(self.used)])
        self.moves = {use: self._affine(*use) for use in self.uses}

    def _affine(self, place: Place, loops: Loops) -> Place | None:
        places = place.all([loop.count for loop in loops])
        return affine(place.kind, self.rank[places.clip(0, len(self.used))], existing(loops))

    def of(self, numbers: Sequence[float]) -> Sequence[float]:
        """Of a list that does not change, what is left of it."""
        return [numbers[k] for k in np.flatnonzero(self.used).tolist()] if self.smaller else numbers

    def place(self, k: int) -> int:
        return int(self.rank[min(k, len(self.rank) - 1)]) if self.smaller else k


def _moved(element: Element, loops: Loops, new: dict[str, _Packed]) -> Element:
    packed = new.get(element.list)
    if packed is None or not packed.smaller:
        return element
    place = packed.moves[element.index, loops]
    assert place is not None
    return Element(element.list, place)


Change = Callable[[Element, Loops], Element]


def _mapped(block: Block, loops: Loops, change: Change) -> Block:
    """The block with its elements changed."""

    def value(expression: Expression) -> Expression:
        return Expression(expression.form, tuple([atom(x) for x in expression.atoms]))

    def atom(x: Element | float | str) -> Element | float | str:
        return change(x, loops) if isinstance(x, Element) else x

    mapped: Block = []
    for each in block:
        match each:
            case For(turn, count, backwards, body, turns):
                mapped.append(For(turn, count, backwards, _mapped(body, (*loops, each), change), turns))
            case Rows(body, totals):
                mapped.append(Rows(_mapped(body, loops, change), totals))
            case Guard(number, check, left, right):
                mapped.append(Guard(number, check, atom(left), atom(right)))
            case Store(target, expression):
                mapped.append(Store(change(target, loops), value(expression)))
            case Add(target, expression):
                to = change(target, loops) if isinstance(target, Element) else target
                mapped.append(Add(to, value(expression)))
            case _:
                mapped.append(type(each)(each.name, value(each.value)))
    return mapped


def elements(block: Block) -> Iterator[tuple[Element, Loops]]:
    """Every element that is read or written, with the loops around."""
    found: list[tuple[Element, Loops]] = []

    def note(element: Element, loops: Loops) -> Element:
        found.append((element, loops))
        return element

    _mapped(block, (), note)
    yield from found


def _stored(block: Block, loops: Loops) -> Iterator[tuple[Element, Loops]]:
    for each in block:
        match each:
            case For():
                yield from _stored(each.body, (*loops, each))
            case Rows():
                yield from _stored(each.body, loops)
            case Store():
                yield each.target, loops
