"""From normal form to groups: numbers that are computed alike, and do not need each other, become one step.

- The order: what has all its kind ready is computed at once; else what is farthest from the results. So a layer is one
  step, and what a recurrence does not need until later waits until all of it can be done together.
- Dot products whose operands form a grid, every list a with every list b, are the entries of **one matrix product**.
- Everything else groups by operation, and by where its operands come from, into one elementwise step.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.compiler.matrices.normal import DOT, INNER, MAP, SUM, Normal

_SOURCES = 6  # sources of operands up to which each gets a step of its own; if there are more, operands are gathered
_LONG = 8  # summands from which they are gathered, wherever they come from, to be added in one step
_FEW = 4  # different constants that may stand in the text of a step; if there are more, they become an operand


@dataclass(slots=True)
class Group:
    """Numbers that are computed together.

    Attributes:
        kind: MAP, DOT, INNER or SUM.
        elements: the numbers; of a matrix product in the order of its entries, row after row.
        lefts, rights: of a matrix product: the lists a and b of which it has every pair. Of an inner product, the
            lists of each element; of a sum, the list. Of an elementwise step `lefts` has, for each operand, that of
            each element.
        what: the Op, or the signs of a sum, of an elementwise step.
    """

    kind: int
    elements: list[int]
    lefts: list[tuple[int, ...]]
    rights: list[tuple[int, ...]]
    what: Any
    varies: bool


def lift(numbers: Normal, needed: Iterable[int], alone: bool = False) -> list[Group]:
    """The groups that compute the needed numbers, in order; if `alone`, each number is one."""
    if alone:
        groups: Iterable[list[int]] = ([x] for x in range(len(numbers)) if numbers.operands[x])
    else:
        groups = _schedule(numbers, needed)
    return _Lifting(numbers).all(groups)


def _schedule(numbers: Normal, needed: Iterable[int]) -> Iterator[list[int]]:
    """The needed numbers that have to be computed, in groups of one kind that do not depend on each other."""
    live, users, waits_for = _dependences(numbers, needed)
    height = [0] * len(numbers)  # the longest way to a result
    for number in reversed(live):
        above = height[number] + 1
        for operand in numbers.operands[number]:
            if height[operand] < above:
                height[operand] = above
    kinds = {x: (numbers.kind[x], numbers.what[x], numbers.varies[x], len(numbers.operands[x])) for x in live}
    not_ready = Counter(kinds.values())
    ready: dict[Any, list[int]] = defaultdict(list)
    highest: dict[Any, int] = defaultdict(int)

    def put(number: int) -> None:
        kind = kinds[number]
        ready[kind].append(number)
        not_ready[kind] -= 1
        highest[kind] = max(highest[kind], height[number])

    for number in live:
        if not waits_for[number]:
            put(number)
    while ready:
        kind = max(ready, key=lambda kind: (not not_ready[kind], highest[kind]))
        group = ready.pop(kind)
        del highest[kind]
        yield sorted(group)
        for number in group:
            for user in users.pop(number, ()):
                waits_for[user] -= 1
                if not waits_for[user]:
                    put(user)


def _dependences(numbers: Normal, needed: Iterable[int]) -> tuple[list[int], dict[int, list[int]], dict[int, int]]:
    """The numbers to compute; for each of them, which use it, and how many operands of it are computed."""
    operands = numbers.operands
    wanted = bytearray(len(numbers))
    for number in needed:
        wanted[number] = 1
    for number in range(len(numbers) - 1, -1, -1):
        if wanted[number]:
            for operand in operands[number]:
                wanted[operand] = 1
    live = [x for x in range(len(numbers)) if wanted[x] and operands[x]]
    users, waits_for = defaultdict(list), {}
    for number in live:
        computed = {x for x in operands[number] if operands[x]}
        waits_for[number] = len(computed)
        for operand in computed:
            users[operand].append(number)
    return live, users, waits_for


class _Lifting:
    def __init__(self, numbers: Normal) -> None:
        self.numbers = numbers
        self.made_in: dict[int, int] = {}  # number → index of its group
        self.groups: list[Group] = []

    def all(self, groups: Iterable[list[int]]) -> list[Group]:
        numbers = self.numbers
        for group in groups:
            maps, small = defaultdict(list), list[int]()
            for grid in self._grids([x for x in group if numbers.kind[x] == DOT]):
                if self._is_small(grid):
                    small += grid.elements
                else:
                    self._enter(grid)
            for number in group:
                if numbers.kind[number] == MAP:
                    maps[numbers.what[number], numbers.varies[number]].append((number, numbers.operands[number]))
            small += self._sums([x for x in group if numbers.kind[x] == SUM])
            for number in small:
                what, operands = self._written_out(number)
                maps[what, numbers.varies[number]].append((number, operands))
            for (what, varies), same in maps.items():
                self._enter_maps(what, varies, same)
            self._inner([x for x in group if numbers.kind[x] == INNER])
        return self.groups

    def _enter(self, group: Group) -> None:
        for element in group.elements:
            self.made_in[element] = len(self.groups)
        self.groups.append(group)

    # --- Matrix products --------------------------------------------------------------------------------------

    def _grids(self, group: list[int]) -> Iterable[Group]:
        """The dot products, all of one length, as complete grids: for some lists a and some lists b, every pair."""
        of_pair, lefts_of = {}, defaultdict(list)
        for number in group:
            left, right = _halves(self.numbers.operands[number])
            of_pair[left, right] = number
            lefts_of[right].append(left)
        rights_of = defaultdict(list)
        for right, lefts in lefts_of.items():
            for part in self._same_source(lefts):
                rights_of[tuple(sorted(part))].append(right)
        for lefts, rights in rights_of.items():
            elements = [of_pair[left, right] for left in lefts for right in rights]
            yield Group(DOT, elements, list(lefts), rights, None, self.numbers.varies[elements[0]])

    def _same_source(self, lefts: list[tuple[int, ...]]) -> Iterable[list[tuple[int, ...]]]:
        """The lists a by where their first element comes from: two layers are two products."""
        parts = defaultdict(list)
        for left in lefts:
            parts[self._source(left[0])].append(left)
        return parts.values()

    def _is_small(self, grid: Group) -> bool:
        """Whether it is quicker as an elementwise step: two or three summands, alone or with the same numbers each."""
        same = len(grid.lefts) == 1 and all(map(self.numbers.is_constant, grid.lefts[0]))
        return len(grid.lefts[0]) <= 3 and (same or len(grid.elements) == 1)

    def _sums(self, group: list[int]) -> list[int]:
        """Enters the sums of what one step has made, or of many numbers; gives the others."""
        parts, others = defaultdict(list), list[int]()
        for number in group:
            summands = self.numbers.operands[number]
            sources = {self._source(x) for x in summands}
            if len(sources) == 1 or len(summands) >= _LONG:
                parts[frozenset(sources)].append(number)
            else:
                others.append(number)
        for part in parts.values():
            lefts = [self.numbers.operands[x] for x in part]
            self._enter(Group(SUM, part, lefts, [], None, self.numbers.varies[part[0]]))
        return others

    def _written_out(self, number: int) -> tuple[Any, tuple[int, ...]]:
        """A sum, or a dot product, as the signs and the operands of an elementwise step."""
        pairs = self.numbers.operands[number]
        if self.numbers.kind[number] == SUM:
            return ((False, 1),) * len(pairs), pairs
        signs, operands = [], list[int]()
        for pair in zip(*_halves(pairs), strict=True):
            factors = [x for x in pair if not (self.numbers.is_constant(x) and self.numbers.what[x] == 1)]
            signs.append((False, len(factors or pair[:1])))
            operands += factors or pair[:1]
        return tuple(signs), tuple(operands)

    # --- Elementwise steps ------------------------------------------------------------------------------------

    def _enter_maps(self, what: Any, varies: bool, group: list[tuple[int, tuple[int, ...]]]) -> None:
        """One step for each kind of operands; a constant is part of the kind, unless there are many."""
        is_constant = self.numbers.is_constant
        width = min([len(operands) for _, operands in group])
        values = [{operands[k] for _, operands in group if is_constant(operands[k])} for k in range(width)]
        parts = defaultdict(list)
        for number, operands in group:
            kinds = [
                x if k < width and is_constant(x) and len(values[k]) <= _FEW else self._source(x)
                for k, x in enumerate(operands)
            ]
            parts[len(operands), *kinds].append((number, operands))
        if len(parts) > _SOURCES:
            parts = self._by_arena(group)
        for part in parts.values():
            operands = list(zip(*[operands for _, operands in part], strict=True))
            self._enter(Group(MAP, [number for number, _ in part], operands, [], what, varies))

    def _by_arena(self, group: list[tuple[int, tuple[int, ...]]]) -> dict[Any, list[tuple[int, tuple[int, ...]]]]:
        """A group whose operands come from many places, in parts: only what varies and what is fixed are told apart."""
        numbers, parts = self.numbers, defaultdict(list)
        for number, operands in group:
            kinds = ["constant" if numbers.is_constant(x) else numbers.varies[x] for x in operands]
            parts[len(operands), *kinds].append((number, operands))
        return parts

    def _source(self, number: int) -> int:
        """Where a number comes from: the inputs, the parameters, the constants, or a group."""
        return self.made_in[number] if self.numbers.operands[number] else -self.numbers.kind[number]

    def _inner(self, group: list[int]) -> None:
        parts = defaultdict(list)
        for number in group:
            left, right = _halves(self.numbers.operands[number])
            sources = frozenset(map(self._source, left)), frozenset(map(self._source, right))
            parts[len(left), sources].append((number, left, right))
        for part in parts.values():
            elements, lefts, rights = (list(each) for each in zip(*part, strict=True))
            self._enter(Group(INNER, elements, lefts, rights, None, True))


def _halves(operands: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lists a and b of a dot product."""
    half = len(operands) // 2
    return operands[:half], operands[half:]
