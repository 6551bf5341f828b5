"""Second pass: scalars that do the same, and do not need each other, become one step.

- The order: what has all its kind ready is computed at once; else what is farthest from the results. So a layer is one
  step, and what a recurrence does not need until later waits until all of it can be done together.
- Dot products whose operands form a grid, every list a with every list b, are the entries of **one matrix product**.
  Totals over the rows of a batch likewise: a gradient is an outer product summed over the batch.
- Everything else groups by operation, and by where its operands come from, into one elementwise step.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.compiler.scalars import CONSTANT, DOT, INNER, INPUT, MAP, PARAMETER, TOTAL, Scalar

_SOURCES = 6  # sources of operands up to which each gets a step of its own; if there are more, operands are gathered
_FEW = 4  # different constants that may stand in the text of a step; if there are more, they become an operand


@dataclass(slots=True)
class Step:
    """Scalars that are computed together.

    Attributes:
        kind: MAP, DOT, INNER or TOTAL.
        elements: their indices; of a matrix product in the order of its entries, row after row.
        lefts, rights: of a matrix product: the lists a and b of which it has every pair. Of an inner product, the
            lists of each element. Of an elementwise step `lefts` has, for each operand, that of each element.
        what: the Op, or the form of a sum, of an elementwise step.
    """

    kind: int
    elements: list[int]
    lefts: list[tuple[int, ...]]
    rights: list[tuple[int, ...]] = field(default_factory=list)
    what: Any = None
    varies: bool = False

    @property
    def terms(self) -> int:
        """Summands of each dot product."""
        return len(self.rights[0])


def lift(scalars: Sequence[Scalar], needed: Iterable[int]) -> list[Step]:
    """The steps that compute the needed scalars, in order."""
    return _Lifting(scalars).steps_of(_schedule(scalars, needed))


def _schedule(scalars: Sequence[Scalar], needed: Iterable[int]) -> Iterator[list[int]]:
    """The needed scalars that have to be computed, in groups of one kind that do not depend on each other."""
    live, users, waits_for = _dependences(scalars, needed)
    height = [0] * len(scalars)  # the longest way to a result
    for index in reversed(live):
        for operand in scalars[index].operands:
            height[operand] = max(height[operand], height[index] + 1)
    kinds = {index: _kind(scalars[index]) for index in live}
    not_ready = Counter(kinds.values())
    ready: dict[Any, list[int]] = defaultdict(list)
    highest: dict[Any, int] = defaultdict(int)

    def put(index: int) -> None:
        kind = kinds[index]
        ready[kind].append(index)
        not_ready[kind] -= 1
        highest[kind] = max(highest[kind], height[index])

    for index in live:
        if not waits_for[index]:
            put(index)
    while ready:
        kind = max(ready, key=lambda kind: (not not_ready[kind], highest[kind]))
        group = ready.pop(kind)
        del highest[kind]
        yield sorted(group)
        for index in group:
            for user in users.pop(index, ()):
                waits_for[user] -= 1
                if not waits_for[user]:
                    put(user)


def _dependences(
    scalars: Sequence[Scalar], needed: Iterable[int]
) -> tuple[list[int], dict[int, list[int]], dict[int, int]]:
    """The scalars to compute; for each of them, which use it, and how many operands of it are computed."""
    wanted = bytearray(len(scalars))
    for index in needed:
        wanted[index] = 1
    for index in range(len(scalars) - 1, -1, -1):
        if wanted[index]:
            for operand in scalars[index].operands:
                wanted[operand] = 1
    live = [k for k, x in enumerate(scalars) if wanted[k] and x.kind not in (INPUT, PARAMETER, CONSTANT)]
    users, waits_for = defaultdict(list), {}
    for index in live:
        computed = {x for x in scalars[index].operands if scalars[x].kind not in (INPUT, PARAMETER, CONSTANT)}
        waits_for[index] = len(computed)
        for operand in computed:
            users[operand].append(index)
    return live, users, waits_for


def _kind(scalar: Scalar) -> Any:
    return scalar.kind, scalar.what, scalar.varies, len(scalar.operands)


class _Lifting:
    def __init__(self, scalars: Sequence[Scalar]) -> None:
        self.scalars = scalars
        self.made_in: dict[int, int] = {}  # scalar → index of its step
        self.steps: list[Step] = []

    def steps_of(self, groups: Iterable[list[int]]) -> list[Step]:
        for group in groups:
            maps, small = defaultdict(list), []
            for key, dots in self._products(group).items():
                for step in self._grids(key, dots):
                    if self._is_small(step):
                        small += step.elements
                    else:
                        self._enter(step)
            for index in group:
                if self.scalars[index].kind == MAP:
                    maps[self.scalars[index].what, self.scalars[index].varies].append(
                        (index, self.scalars[index].operands)
                    )
            for index in small:
                what, operands = self._written_out(self.scalars[index])
                maps[what, self.scalars[index].varies].append((index, operands))
            for (what, varies), same in maps.items():
                self._enter_maps(what, varies, same)
            self._inner(group)
        return self.steps

    def _enter(self, step: Step) -> None:
        for element in step.elements:
            self.made_in[element] = len(self.steps)
        self.steps.append(step)

    # --- Matrix products --------------------------------------------------------------------------------------

    def _products(self, group: list[int]) -> dict[Any, list[int]]:
        groups = defaultdict(list)
        for index in group:
            scalar = self.scalars[index]
            if scalar.kind in (DOT, TOTAL):
                groups[scalar.kind, scalar.varies, len(scalar.operands)].append(index)
        return groups

    def _grids(self, key: Any, group: list[int]) -> Iterable[Step]:
        """The dot products as complete grids: for some lists a and some lists b, every pair."""
        kind, varies, _ = key
        of_pair, lefts_of = {}, defaultdict(list)
        for index in group:
            left, right = self.scalars[index].left, self.scalars[index].right
            of_pair[left, right] = index
            lefts_of[right].append(left)
        rights_of = defaultdict(list)
        for right, lefts in lefts_of.items():
            for part in self._same_source(lefts):
                rights_of[tuple(sorted(part))].append(right)
        for lefts, rights in rights_of.items():
            elements = [of_pair[left, right] for left in lefts for right in rights]
            yield Step(kind, elements, list(lefts), rights, None, varies)

    def _same_source(self, lefts: list[tuple[int, ...]]) -> Iterable[list[tuple[int, ...]]]:
        """The lists a by where their first element comes from: two layers are two products."""
        parts = defaultdict(list)
        for left in lefts:
            parts[self._source(left[0])].append(left)
        return parts.values()

    def _is_small(self, step: Step) -> bool:
        """Whether it is quicker as an elementwise step: two or three summands, alone or with the same numbers each."""
        same = len(step.lefts) == 1 and all(self._is_constant(x) for x in step.lefts[0])
        return step.kind == DOT and step.terms <= 3 and (same or len(step.elements) == 1)

    def _written_out(self, scalar: Scalar) -> tuple[Any, tuple[int, ...]]:
        """A dot product as the form and the operands of a sum."""
        form, operands = [], []
        for pair in zip(scalar.left, scalar.right, strict=True):
            factors = [x for x in pair if not (self.scalars[x].kind == CONSTANT and self.scalars[x].number == 1)]
            form.append((False, len(factors or pair[:1])))
            operands += factors or pair[:1]
        return tuple(form), tuple(operands)

    # --- Elementwise steps ------------------------------------------------------------------------------------

    def _enter_maps(self, what: Any, varies: bool, group: list[tuple[int, tuple[int, ...]]]) -> None:
        """One step for each kind of operands; a constant is part of the kind, unless there are many."""
        width = min(len(operands) for _, operands in group)
        values = [{operands[k] for _, operands in group if self._is_constant(operands[k])} for k in range(width)]
        parts = defaultdict(list)
        for index, operands in group:
            kinds = [
                x if k < width and self._is_constant(x) and len(values[k]) <= _FEW else self._source(x)
                for k, x in enumerate(operands)
            ]
            parts[len(operands), *kinds].append((index, operands))
        if len(parts) > _SOURCES:
            parts = self._by_arena(group)
        for part in parts.values():
            operands = list(zip(*[operands for _, operands in part], strict=True))
            self._enter(Step(MAP, [index for index, _ in part], operands, [], what, varies))

    def _by_arena(self, group: list[tuple[int, tuple[int, ...]]]) -> dict[Any, list[tuple[int, tuple[int, ...]]]]:
        """A group whose operands come from many places, in parts: only what varies and what is fixed are told apart."""
        parts = defaultdict(list)
        for index, operands in group:
            kinds = ["constant" if self._is_constant(x) else self.scalars[x].varies for x in operands]
            parts[len(operands), *kinds].append((index, operands))
        return parts

    def _is_constant(self, index: int) -> bool:
        return self.scalars[index].kind == CONSTANT

    def _source(self, index: int) -> tuple[Any, ...]:
        """Where a number comes from: the inputs, the parameters, the constants, or a step."""
        kind = self.scalars[index].kind
        return (kind,) if kind in (INPUT, PARAMETER, CONSTANT) else (kind, self.made_in[index])

    def _inner(self, group: list[int]) -> None:
        parts = defaultdict(list)
        for index in group:
            scalar = self.scalars[index]
            if scalar.kind == INNER:
                sources = frozenset(map(self._source, scalar.left)), frozenset(map(self._source, scalar.right))
                parts[len(scalar.operands), sources].append(index)
        for part in parts.values():
            lefts, rights = [self.scalars[x].left for x in part], [self.scalars[x].right for x in part]
            self._enter(Step(INNER, part, lefts, rights, None, True))
