"""First pass: the recorded graph as numbered scalars, cleaned and brought to normal form.

Values go in, and out comes a list of `Scalar`s, operands before what is made of them. On the way

- equal nodes become one, and what depends on nothing becomes a number; a factor 1 and a summand 0 go away;
- sums of products, as far as they are used once, are flattened: a chain of additions becomes one sum;
- such a sum becomes a **dot product** Σ aₖbₖ if it can be a row of a matrix product, else an elementwise step.

What is a sum or a product stands in the operation's record (`Op.form`, `Op.terms`); no operation is named here.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.compiler.floats import constant_of
from autograd.engine import Value, topological_order
from autograd.forms import products
from autograd.operation import Op, constant

Term = tuple[Any, ...]  # a coefficient, then the numbers of at most two factors
Origin = tuple[str, str | None]  # the operation and the label of the node that a scalar computes, for messages

INPUT, PARAMETER, CONSTANT, MAP, SUM, DOT, INNER, TOTAL = range(8)

_WHOLE = 3  # summands from which a sum that is scaled or shifted by a constant stays a sum: 1 - (w·x + b)
_LONG = 8  # summands from which a sum without weights is worth a product with ones


@dataclass(slots=True)
class Scalar:
    """One number of the program.

    kind: INPUT, PARAMETER, CONSTANT; MAP (an operation on numbers, or a short sum of products), DOT (Σ aₖbₖ that
    can share a matrix product), INNER (Σ aₖbₖ where both change from row to row), TOTAL (Σ aₖbₖ over all rows).
    """

    kind: int
    operands: tuple[int, ...] = ()  # of a dot product: a₁ … aₖ, b₁ … bₖ
    what: Any = None  # the Op of a MAP, or the form of its sum: (sign, factors) of each term
    number: float = 0.0  # of a constant; the index of an input or parameter
    varies: bool = False  # from row to row of a batch; what does not is computed once
    origin: Origin | None = None

    @property
    def left(self) -> tuple[int, ...]:
        return self.operands[: len(self.operands) // 2]

    @property
    def right(self) -> tuple[int, ...]:
        return self.operands[len(self.operands) // 2 :]


@dataclass
class Numbered:
    """A graph as numbers, operands before what is made of them; no node is kept."""

    kind: list[int] = field(default_factory=list)
    what: list[Any] = field(default_factory=list)  # Op of an operation, terms of a sum, number of a constant
    operands: list[tuple[int, ...]] = field(default_factory=list)
    varies: list[bool] = field(default_factory=list)
    origin: list[Origin | None] = field(default_factory=list)

    def copy(self) -> "Numbered":
        """What has been read so far, to be flattened without a change to this."""
        return Numbered(self.kind[:], self.what[:], self.operands[:], self.varies[:], self.origin[:])

    def reads(self, number: int) -> Iterable[int]:
        """The numbers that this one is computed from, as often as it uses them."""
        if self.kind[number] == SUM:
            return [factor for term in self.what[number] for factor in term[1:]]
        return self.operands[number]


class Reader(Numbered):
    """Reads the recorded graph, each node once, equal nodes as the same number.

    Strictly read, every operation stays a step of its own, and nothing is added or multiplied in another order.
    """

    def __init__(
        self, inputs: Sequence[Value], parameters: Sequence[Value], strict: bool = False, named: bool = False
    ) -> None:
        super().__init__()
        self.strict, self.named = strict, named
        self._interned: dict[Any, int] = {}
        self._structures: dict[tuple[Op, int], Sequence[Term] | None] = {}
        self.number_of: dict[Value, int] = {}
        for kind, sources in ((INPUT, inputs), (PARAMETER, parameters)):
            for index, node in enumerate(sources):
                self.number_of[node] = self._new(kind, index, (), kind == INPUT, None)

    def read(self, *roots: Value) -> list[int]:
        """The numbers of these nodes."""
        number_of = self.number_of
        for node in topological_order(*roots):
            if node not in number_of:
                number_of[node] = self._read(node)
        return [number_of[node] for node in roots]

    def _read(self, node: Value) -> int:
        if node.is_leaf or node.op is constant:
            return self.constant(constant_of(node.data))
        operands = tuple([self.number_of[x] for x in node.inputs])
        if all([self.kind[x] == CONSTANT for x in operands]):
            return self.constant(constant_of(node.data))
        origin = (node.op.name, node.label) if self.named else None
        structure = None if self.strict else self._structure(node.op, len(operands))
        if structure is None:
            return self.interned(MAP, node.op, operands, origin)
        return self.sum([self.folded(c, [operands[i] for i in factors]) for c, *factors in structure], origin)

    def _structure(self, op: Op, count: int) -> Sequence[Term] | None:
        """The operation as a sum of products; None if it is none."""
        key = op, count
        if key not in self._structures:
            self._structures[key] = list(op.terms(count)) if op.terms else op.form and products(op.form)
        return self._structures[key]

    def folded(self, coefficient: float, factors: Iterable[int]) -> Term:
        """The term, with what is constant among its factors in the coefficient."""
        kept = []
        for factor in factors:
            if self.kind[factor] == CONSTANT:
                coefficient *= self.what[factor]
            else:
                kept.append(factor)
        return (coefficient, *kept)

    def constant(self, number: float) -> int:
        return self.interned(CONSTANT, number, (), None)

    def sum(self, terms: list[Term], origin: Origin | None = None) -> int:
        """The number of Σ terms."""
        terms = merged(terms)
        if not terms:
            return self.constant(0.0)
        if len(terms) == 1:
            coefficient, *factors = terms[0]
            if not factors:
                return self.constant(coefficient)
            if coefficient == 1 and len(factors) == 1:
                return factors[0]
        return self.interned(SUM, tuple(terms), (), origin)

    def interned(self, kind: int, what: Any, operands: tuple[int, ...], origin: Origin | None) -> int:
        key = kind, what, operands
        number = self._interned.get(key)
        if number is None:
            read = operands if kind != SUM else [factor for term in what for factor in term[1:]]
            varies = any([self.varies[x] for x in read])
            number = self._interned[key] = self._new(kind, what, operands, varies, origin)
        return number

    def _new(self, kind: int, what: Any, operands: tuple[int, ...], varies: bool, origin: Origin | None) -> int:
        self.kind.append(kind)
        self.what.append(what)
        self.operands.append(operands)
        self.varies.append(varies)
        self.origin.append(origin)
        return len(self.kind) - 1


def merged(terms: Iterable[Term]) -> list[Term]:
    """Terms with equal factors as one, the constant last, and left out if it is 0.

    Coefficients whose sum is no finite number stay apart: 1e308·x + 1e308·x is finite where x is small.
    """
    total: dict[tuple[int, ...], float] = {}
    apart: list[Term] = []
    for coefficient, *factors in terms:
        key = tuple(factors)
        both = total.get(key, 0.0) + coefficient
        if key in total and not math.isfinite(both):
            apart.append((coefficient, *factors))
        else:
            total[key] = both
    number = total.pop((), 0.0)
    kept: list[Term] = [*((coefficient, *factors) for factors, coefficient in total.items()), *apart]
    return [*kept, (number,)] if number else kept


def flatten(reader: Numbered, roots: Iterable[int]) -> tuple[list[int], list[int]]:
    """Put sums that are used once into the sum that uses them.

    Returns:
        the numbers that are still needed, in order; and how often each is used.
    """
    roots = list(roots)
    uses = [0] * len(reader.kind)
    for root in roots:
        uses[root] += 1
    for number in range(len(uses) - 1, -1, -1):
        if uses[number]:
            for read in reader.reads(number):
                uses[read] += 1
    inlined = [False] * len(uses)
    for number, kind in enumerate(reader.kind):
        if kind == SUM and uses[number]:
            reader.what[number] = _flattened(reader, reader.what[number], uses, inlined)
    return [number for number, used in enumerate(uses) if used and not inlined[number]], uses


def _flattened(reader: Numbered, terms: Sequence[Term], uses: list[int], inlined: list[bool]) -> list[Term]:
    flat: list[Term] = []
    shifted = sum([len(term) > 1 for term in terms]) == 1  # a number plus a constant
    for coefficient, *factors in terms:
        kept = []
        for factor in factors:
            # a factor that is c·x and used here only is x, and c goes to the coefficient
            while _is_scaled(reader, factor, uses) and _safe(coefficient, reader.what[factor][0][0]):
                inlined[factor] = True
                ((scale, factor),) = reader.what[factor]
                coefficient *= scale
            kept.append(factor)
        inner = reader.what[kept[0]] if len(kept) == 1 and _once(reader, kept[0], uses) else None
        scaled_whole = inner is not None and (coefficient != 1 or shifted) and len(inner) >= _WHOLE
        if inner is None or scaled_whole or not all([_safe(coefficient, term[0]) for term in inner[:_WHOLE]]):
            flat.append((coefficient, *kept))
            continue
        inlined[kept[0]] = True
        if coefficient != 1:
            inner = [(coefficient * c, *rest) for c, *rest in inner]
        short, long = sorted((flat, inner), key=len)
        long.extend(short)  # the longer is not copied, so that a chain takes linear time, whichever way it leans
        flat = long
    return flat


def _is_scaled(reader: Numbered, number: int, uses: list[int]) -> bool:
    return _once(reader, number, uses) and len(reader.what[number]) == 1 and len(reader.what[number][0]) == 2


def _safe(a: float, b: float) -> bool:
    """Whether the product of two constants loses nothing to underflow or overflow."""
    return a == 0 or b == 0 or 1e-290 < abs(a * b) < 1e290


def _once(reader: Numbered, number: int, uses: list[int]) -> bool:
    return reader.kind[number] == SUM and uses[number] == 1


class Normal:
    """The scalars in normal form, in an order that computes operands first."""

    def __init__(self, reader: Numbered) -> None:
        self.scalars: list[Scalar] = []
        self.reader = reader
        self.of: dict[int, int] = {}  # the reader's number → the index here
        self._made: dict[Any, int] = {}
        self.one = self.constant(1.0)

    def add(self, numbers: Iterable[int]) -> None:
        """Take over these of the reader's numbers, which come operands first."""
        reader = self.reader
        for number in numbers:
            kind, what, origin = reader.kind[number], reader.what[number], reader.origin[number]
            if kind == SUM:
                index = self.sum(merged([(c, *[self.of[f] for f in factors]) for c, *factors in what]), origin)
            elif kind == CONSTANT:
                index = self.constant(what)
            elif kind == MAP:
                index = self._map(what, tuple([self.of[x] for x in reader.operands[number]]), origin)
            else:
                index = self._append(Scalar(kind, number=what, varies=reader.varies[number], origin=origin))
            self.of[number] = index

    def constant(self, number: float) -> int:
        key = CONSTANT, number
        if key not in self._made:
            self._made[key] = self._append(Scalar(CONSTANT, number=number))
        return self._made[key]

    def _append(self, scalar: Scalar) -> int:
        self.scalars.append(scalar)
        return len(self.scalars) - 1

    def _once(self, scalar: Scalar) -> int:
        """Its index; that of an equal one, if there is one. What it is made of is in normal form already."""
        key = scalar.kind, scalar.what, scalar.operands
        if key not in self._made:
            self._made[key] = self._append(scalar)
        return self._made[key]

    def _map(self, what: Any, operands: tuple[int, ...], origin: Origin | None = None) -> int:
        varies = any([self.scalars[x].varies for x in operands])
        return self._once(Scalar(MAP, operands, what, 0.0, varies, origin))

    def _dot(self, kind: int, pairs: list[tuple[int, int]], varies: bool, origin: Origin | None) -> int:
        """Σ aₖbₖ, the pairs in the order of the parameters among them, so that rows of weights are found whole."""
        scalars = self.scalars
        if all([scalars[a].kind == PARAMETER for a, _ in pairs]) and len({a for a, _ in pairs}) == len(pairs):
            pairs = sorted(pairs)
        else:
            # by the operand that is not constant: by a, so that lists b beside the same list a are in one order
            constant_a = any([scalars[a].kind == CONSTANT for a, _ in pairs])
            pairs = sorted(pairs, key=lambda pair: pair[::-1] if constant_a else pair)
        left, right = zip(*pairs, strict=True)
        return self._once(Scalar(kind, left + right, None, 0.0, varies, origin))

    def sum(self, terms: list[Term], origin: Origin | None = None) -> int:
        """Σ terms as a dot product, an inner product, an elementwise step, or the sum of such parts."""
        coefficient = terms[0][0]
        if len(terms) == 1 and coefficient == 1 and len(terms[0]) == 2:
            return terms[0][1]
        varies = any([self.scalars[f].varies for term in terms for f in term[1:]])
        if len(terms) >= _LONG and coefficient != 1 and all([term[0] == coefficient for term in terms]):
            return self._rest([(coefficient, self.sum([(1.0, *term[1:]) for term in terms]))], varies, origin)
        shared = [term for term in terms if not any([self.scalars[f].varies for f in term[1:]])]
        if varies and len(shared) > 1:
            varying = [term for term in terms if any([self.scalars[f].varies for f in term[1:]])]
            terms = [*varying, (1.0, self.sum(shared))]
        pairs, rest = self._split(terms, varies)
        if not self._worthwhile(pairs):
            return self._rest(terms, varies, origin)
        weights, others = self._by_weight(pairs)
        if len(others) >= _LONG and weights:  # a gradient, and with it a penalty on the parameter
            computed = self._dot(DOT, others, varies, None)
            return self.sum([*self._terms(weights), *rest, (1.0, computed)], origin)
        dot = self._dot(DOT, pairs, varies, None if rest else origin)
        return self._rest([*rest, (1.0, dot)], varies, origin) if rest else dot

    def _by_weight(self, pairs: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        weights = [pair for pair in pairs if self.scalars[pair[0]].kind == PARAMETER]
        return weights, [pair for pair in pairs if self.scalars[pair[0]].kind != PARAMETER]

    def _terms(self, pairs: list[tuple[int, int]]) -> list[Term]:
        """The pairs as terms again."""
        constants = [self.scalars[b].kind == CONSTANT for _, b in pairs]
        return [
            (self.scalars[b].number, a) if constant else (1.0, a, b)
            for (a, b), constant in zip(pairs, constants, strict=True)
        ]

    def _split(self, terms: list[Term], varies: bool) -> tuple[list[tuple[int, int]], list[Term]]:
        """Pairs (a, b) for a matrix product, where a is the same for all rows; and the other terms."""
        pairs, rest = [], []
        for term in terms:
            _, *factors = term
            if varies and len(factors) == 2 and all([self.scalars[f].varies for f in factors]):
                rest.append(term)
            else:
                pairs.append(self._pair(term, varies))
        return pairs, rest

    def _pair(self, term: Term, varies: bool) -> tuple[int, int]:
        coefficient, *factors = term
        scalars = self.scalars
        if not factors:
            return self.constant(coefficient), self.one
        if len(factors) == 1:
            if varies and scalars[factors[0]].varies:
                return self.constant(coefficient), factors[0]
            if varies:
                return self.scaled(coefficient, factors[0]), self.one
            return factors[0], self.constant(coefficient)
        a, b = factors
        if varies and not scalars[a].varies and not scalars[b].varies:
            return self._rest([term], False, None), self.one
        if scalars[a].varies or (
            scalars[b].kind == PARAMETER and scalars[a].kind != PARAMETER and not scalars[b].varies
        ):
            a, b = b, a
        return self.scaled(coefficient, a), b

    def _worthwhile(self, pairs: list[tuple[int, int]]) -> bool:
        """Whether a matrix product is a good way to compute this: weighted sums, three products, or many summands."""
        weights = [self.scalars[a] for a, b in pairs if b != self.one]
        parameters = sum([weight.kind == PARAMETER for weight in weights])
        frozen = sum([weight.kind == CONSTANT and abs(weight.number) != 1 for weight in weights])
        products = sum([weight.kind != CONSTANT for weight in weights])
        alike = all([self.scalars[a].kind in (PARAMETER, CONSTANT) for a, _ in pairs])
        affine = alike and (frozen >= 2 or (parameters >= 1 and len(pairs) >= 2 and parameters == len(weights)))
        return affine or products >= 3 or len(pairs) >= _LONG

    def scaled(self, coefficient: float, number: int) -> int:
        return number if coefficient == 1 else self._rest([(coefficient, number)], self.scalars[number].varies, None)

    def _rest(self, terms: list[Term], varies: bool, origin: Origin | None) -> int:
        """A sum as elementwise step; as inner product where it is long and both factors vary."""
        products = [term for term in terms if len(term) == 3]
        if len(products) >= 4 and len(terms) == len(products):
            pairs = [(self.scaled(c, a), b) for c, a, b in products]
            return self._dot(INNER, pairs, varies, origin)
        if len(products) >= 4:
            others = [term for term in terms if len(term) != 3]
            return self._rest([*others, (1.0, self._rest(products, varies, None))], varies, origin)
        if len(terms) == 2 and terms[0][0] < 0 < terms[1][0]:
            terms = terms[::-1]  # 1 - x reads better than -x + 1, and is the same number
        form, operands = [], []
        for coefficient, *factors in terms:
            if abs(coefficient) != 1 or not factors:
                factors = [self.constant(abs(coefficient)), *factors]
            form.append((coefficient < 0, len(factors)))
            operands += factors
        return self._map(tuple(form), tuple(operands), origin)

    def total(self, terms: list[Term]) -> int:
        """Σ over the rows of Σ terms, each of which has a factor that varies."""
        pairs = []
        for coefficient, *factors in terms:
            a, b = factors if len(factors) == 2 else (factors[0], self.one)
            if b != self.one and not (self.scalars[a].varies and self.scalars[b].varies):
                a, b, coefficient = self._rest([(coefficient, a, b)], True, None), self.one, 1.0
            pairs.append((self.scaled(coefficient, a), b))
        return self._dot(TOTAL, pairs, False, None)
