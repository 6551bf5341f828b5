"""Second pass: scalars that do the same at the same depth become one step.

- Dot products at one depth whose operands form a grid, every list a with every list b, are the entries of **one
  matrix product**. Totals over the rows of a batch likewise: a gradient is an outer product summed over the batch.
- Everything else groups by (depth, operation, where its operands come from) into one elementwise step.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.compiler.scalars import CONSTANT, DOT, INNER, INPUT, MAP, PARAMETER, TOTAL, Scalar

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
    return _Lifting(scalars).steps_of(_by_depth(scalars, needed))


def _by_depth(scalars: Sequence[Scalar], needed: Iterable[int]) -> list[list[int]]:
    """The needed scalars that have to be computed, by the length of the longest way to a source."""
    live = bytearray(len(scalars))
    for index in needed:
        live[index] = 1
    for index in range(len(scalars) - 1, -1, -1):
        if live[index]:
            for operand in scalars[index].operands:
                live[operand] = 1
    depth, levels = [0] * len(scalars), defaultdict(list)
    for index, scalar in enumerate(scalars):
        if live[index] and scalar.kind not in (INPUT, PARAMETER, CONSTANT):
            depth[index] = 1 + max([depth[x] for x in scalar.operands], default=0)
            levels[depth[index]].append(index)
    return [levels[d] for d in sorted(levels)]


class _Lifting:
    def __init__(self, scalars: Sequence[Scalar]) -> None:
        self.scalars = scalars
        self.made_in: dict[int, int] = {}  # scalar → index of its step
        self.steps: list[Step] = []

    def steps_of(self, levels: list[list[int]]) -> list[Step]:
        for level in levels:
            maps, small = defaultdict(list), []
            for key, group in self._products(level).items():
                for step in self._grids(key, group):
                    if self._is_small(step):
                        small += step.elements
                    else:
                        self._enter(step)
            for index in level:
                if self.scalars[index].kind == MAP:
                    maps[self.scalars[index].what, self.scalars[index].varies].append(
                        (index, self.scalars[index].operands)
                    )
            for index in small:
                what, operands = self._written_out(self.scalars[index])
                maps[what, self.scalars[index].varies].append((index, operands))
            for (what, varies), group in maps.items():
                self._enter_maps(what, varies, group)
            self._inner(level)
        return self.steps

    def _enter(self, step: Step) -> None:
        for element in step.elements:
            self.made_in[element] = len(self.steps)
        self.steps.append(step)

    # --- Matrix products --------------------------------------------------------------------------------------

    def _products(self, level: list[int]) -> dict[Any, list[int]]:
        groups = defaultdict(list)
        for index in level:
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
        """Whether it is quicker as an elementwise step: a product of two or three summands, alone."""
        return step.kind == DOT and len(step.elements) == 1 and step.terms <= 3

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
        for part in parts.values():
            operands = list(zip(*[operands for _, operands in part], strict=True))
            self._enter(Step(MAP, [index for index, _ in part], operands, [], what, varies))

    def _is_constant(self, index: int) -> bool:
        return self.scalars[index].kind == CONSTANT

    def _source(self, index: int) -> tuple[Any, ...]:
        """Where a number comes from: the inputs, the parameters, the constants, or a step."""
        kind = self.scalars[index].kind
        return (kind,) if kind in (INPUT, PARAMETER, CONSTANT) else (kind, self.made_in[index])

    def _inner(self, level: list[int]) -> None:
        parts = defaultdict(list)
        for index in level:
            scalar = self.scalars[index]
            if scalar.kind == INNER:
                sources = frozenset(map(self._source, scalar.left)), frozenset(map(self._source, scalar.right))
                parts[len(scalar.operands), sources].append(index)
        for part in parts.values():
            lefts, rights = [self.scalars[x].left for x in part], [self.scalars[x].right for x in part]
            self._enter(Step(INNER, part, lefts, rights, None, True))
