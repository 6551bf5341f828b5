"""From scalars to normal form: sums of products that are used only once become one sum.

A chain of additions becomes one sum of terms, coefficient · factor · factor, and such a sum becomes a **dot product**
Σ aₖbₖ if it can be a row of a matrix product, or an inner product if both change from row to row; else a plain sum, or
an elementwise step. What is a sum or a product stands in the operation's form; no operation is named here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.matrices.steps import form_of
from autograd.compiler.scalar import CONSTANT, INPUT, PARAMETER, VALUE, Scalars
from autograd.compiler.sums import Term, terms_of
from autograd.operation import Op

MAP, DOT, INNER, SUM = range(5, 9)  # beside the kinds of operands: what is computed

_SHORT = 3  # products from which a sum is worth a product of matrices, summands from which it is worth a step


@dataclass(eq=False)
class Normal:
    """Numbers in normal form, operands before what is made of them; the sources, then what is computed.

    Attributes:
        kind: INPUT, PARAMETER, CONSTANT; MAP (an operation, or a short sum of products), DOT (Σ aₖbₖ, of which the a
            are the same for all rows), INNER (Σ aₖbₖ where both change from row to row), SUM (Σ aₖ).
        operands: of a DOT and an INNER: a₁ … aₖ, b₁ … bₖ.
        what: the Op of a MAP, or the signs of its sum; the number of a constant; the index of an input or parameter.
        varies: from row to row.
        of: for each instruction of the scalar program the number here; -1 where there is none.
        ends: the outputs and the guards, with the numbers that they read.
    """

    kind: list[int] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    what: list[Any] = field(default_factory=list)
    varies: list[bool] = field(default_factory=list)
    of: list[int] = field(default_factory=list)
    ends: list[tuple[Any, list[int]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.kind)

    def is_constant(self, number: int) -> bool:
        return self.kind[number] == CONSTANT

    def __str__(self) -> str:
        lines = [f"n{x} = {self._text(x)}" for x in range(len(self)) if self.operands[x]]
        return "\n".join([*lines, *(f"{what} {' '.join(map(self._name, read))}" for what, read in self.ends)])

    def _name(self, number: int) -> str:
        kind, what = self.kind[number], self.what[number]
        if kind == CONSTANT:
            return f"{what:.6g}"
        return f"n{number}" if self.operands[number] else f"{'x' if kind == INPUT else 'p'}{what}"

    def _text(self, number: int) -> str:
        kind, what, names = self.kind[number], self.what[number], [*map(self._name, self.operands[number])]
        if kind in (DOT, INNER):
            half = len(names) // 2
            return " + ".join([f"{a}·{b}" for a, b in zip(names[:half], names[half:], strict=True)])
        return " + ".join(names) if kind == SUM else form_of(what, len(names)).written(names)


def normal(program: Scalars, flat: bool = True) -> Normal:
    """The program in normal form; if not `flat`, every operation stays as it is, in its order."""
    return _Normalizing(program, flat).run()


# --- Which sums are one ---------------------------------------------------------------------------------------


class _Sums:
    """The sums of a scalar program, as arrays over its instructions.

    A product with a constant is a sum of one term. What is used once goes into the sum that uses it, with the
    coefficient 1; so `1 - (a + b + c)` and `(a + b + c) / 3` stay two steps.

    Attributes:
        is_term, coefficient: (n, operands) which operands are terms of a sum, and with which coefficient.
        scale: (n,) of a product of two.
        inlined: what goes into the sum that uses it, as its terms or, a product of two, as a term.
        terms: for each sum that stays one (coefficient, kind, place) of each term.
    """

    def __init__(self, program: Scalars) -> None:
        self.program = program
        self.is_term, self.coefficient = np.zeros(program.kinds.shape, dtype=bool), np.zeros(program.kinds.shape)
        scale = np.ones(len(program))
        self.is_sum, is_product = np.zeros((2, len(program)), dtype=bool)
        for what, op in enumerate(program.table):
            structure, here = _structure(op), program.what == what
            if structure is not None and len(structure[0]) == 3:
                is_product |= here
                scale[here] = structure[0][0]
            elif structure is not None:
                self.is_sum |= here
                for c, factor in structure:
                    self.is_term[here, factor] = True
                    self.coefficient[here, factor] += c
        self._scale_by_constants(is_product, scale)
        self.is_product = is_product & ~self.is_sum
        self.scale = scale.tolist()
        self._inline()
        self.terms = self._collected()

    def _scale_by_constants(self, is_product: NDArray[np.bool_], scale: NDArray[np.float64]) -> None:
        """Products of which a factor is a constant are sums of one term."""
        constant = self.program.kinds == CONSTANT
        for slot in (0, 1) if constant.shape[1] > 1 else ():
            at = np.flatnonzero(is_product & constant[:, slot])
            self.coefficient[at, 1 - slot] = scale[at] * self.program.numbers[self.program.places[at, slot]]
            self.is_sum[at] = self.is_term[at, 1 - slot] = True

    def _inline(self) -> None:
        program, number = self.program, np.arange(len(self.program))
        of_value = program.kinds == VALUE
        uses = np.bincount(program.places[of_value], minlength=len(program))
        user, slot = np.full((2, len(program)), -1)
        user[program.places[of_value]], slot[program.places[of_value]] = np.nonzero(of_value)
        constant = (program.kinds == CONSTANT) & self.is_term
        several = (self.is_term & ~constant).sum(axis=1) > 1
        numbers = np.abs(np.where(constant, self._constants(), 1.0))
        safe = (self._safe(numbers) & self._safe(np.abs(self.coefficient))).all(axis=1)
        inner = (uses == 1) & self.is_sum[user]
        inner &= (number < program.shared) == (user < program.shared)  # what is shared is computed once
        whole = inner & self.is_sum & safe & (self.coefficient[user, slot] == 1) & (several[user] | ~several)
        self.user, self.whole = user, whole
        self.inlined = (whole | (inner & self.is_product)).tolist()

    def _constants(self) -> NDArray[np.float64]:
        numbers = self.program.numbers if len(self.program.numbers) else np.zeros(1)
        return numbers[np.where(self.program.kinds == CONSTANT, self.program.places, 0)]

    @staticmethod
    def _safe(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        """So that sums of constants lose nothing to underflow or overflow."""
        return (numbers == 0) | ((numbers > 1e-290) & (numbers < 1e290))

    def _collected(self) -> dict[int, list[tuple[float, int, int]]]:
        program = self.program
        root, user = np.arange(len(program)).tolist(), self.user.tolist()
        for k in np.flatnonzero(self.whole)[::-1].tolist():
            root[k] = root[user[k]]
        is_term = self.is_term & ~(
            (program.kinds == VALUE) & self.whole[np.where(program.kinds == VALUE, program.places, 0)]
        )
        k, slot = np.nonzero(is_term)
        terms: dict[int, list[tuple[float, int, int]]] = {each: [] for each in np.flatnonzero(self.is_sum).tolist()}
        columns = self.coefficient[k, slot], program.kinds[k, slot], program.places[k, slot]
        for at, *term in zip(k.tolist(), *[column.tolist() for column in columns], strict=True):
            terms[root[at]].append(tuple(term))
        return terms


@lru_cache(maxsize=1024)
def _structure(op: Any) -> Sequence[Any] | None:
    """The operation as a sum of multiples of its operands, or as one product of two; None if it is neither."""
    found = terms_of(op, op.arity) if isinstance(op, Op) and op.arity is not None else None
    lengths = [len(term) for term in found or ()]
    return found if lengths == [3] or (lengths and set(lengths) == {2}) else None


# --- Normal form ----------------------------------------------------------------------------------------------


class _Normalizing:
    def __init__(self, program: Scalars, flat: bool) -> None:
        self.program, self.sums = program, _Sums(program) if flat else None
        self.width = program.kinds.shape[1]
        self.kinds, self.places = program.kinds.ravel().tolist(), program.places.ravel().tolist()
        of_inputs, of_parameters = program.kinds == INPUT, program.kinds == PARAMETER
        given = np.where(of_inputs | of_parameters, program.places + program.inputs * of_parameters, -1)
        self.given = given.ravel().tolist()  # the numbers that have one from the start
        self.pairs = [*zip(*given[:, [0, min(1, self.width - 1)]].T.tolist(), strict=True)]  # of two operands
        self.made = Normal(of=[-1] * len(program))
        self.known: dict[Any, int] = {}
        counts = program.inputs, program.parameters
        for kind, count in zip((INPUT, PARAMETER), counts, strict=True):
            for k in range(count):
                self._append(kind, (), k, kind == INPUT)
        self.first = {INPUT: 0, PARAMETER: program.inputs}
        self.one = self.constant(1.0)

    def run(self) -> Normal:
        made, table = self.made, self.program.table
        terms, inlined = (self.sums.terms, self.sums.inlined) if self.sums else ({}, [False] * len(self.program))
        for k, what in enumerate(self.program.what.tolist()):
            if inlined[k]:
                continue
            if k in terms:
                made.of[k] = self.sum(self._with_factors(terms[k]))
            elif isinstance(op := table[what], Op):
                made.of[k] = self._once(MAP, tuple(self.operands(k)), op)
            else:
                made.ends.append((op, self.operands(k)))
        return made

    def operands(self, k: int) -> list[int]:
        """The operands of an instruction, as numbers here."""
        here = slice(k * self.width, (k + 1) * self.width)
        each = zip(self.kinds[here], self.places[here], self.given[here], strict=True)
        return [x if x >= 0 else self._number(kind, place) for kind, place, x in each if kind]

    def _number(self, kind: int, place: int) -> int:
        if kind == VALUE:
            return self.made.of[place]
        return self.constant(float(self.program.numbers[place])) if kind == CONSTANT else self.first[kind] + place

    def _with_factors(self, terms: list[tuple[float, int, int]]) -> list[Term]:
        """The terms with their factors, equal ones as one, the constant last, and left out if it is 0."""
        assert self.sums is not None
        inlined, scale = self.sums.inlined, self.sums.scale
        merged: dict[tuple[int, ...], float] = {}
        number = 0.0
        for c, kind, place in terms:
            if kind == CONSTANT:
                number += c * float(self.program.numbers[place])
                continue
            if kind == VALUE and inlined[place]:
                c *= scale[place]
                a, b = self.pairs[place]
                if a < 0 or b < 0:
                    factors = self.operands(place)
                    a, b = factors[0], factors[-1]  # twice the same, if it is a square
                key = (b, a) if (b, a) in merged else (a, b)
            else:
                key = (self._number(kind, place),)
            merged[key] = merged.get(key, 0.0) + c
        found: list[Term] = [(c, *factors) for factors, c in merged.items()]
        return [*found, (number,)] if number or not found else found

    # --- Sums -------------------------------------------------------------------------------------------------

    def sum(self, terms: list[Term]) -> int:
        """Σ terms as a dot product, an inner product, an elementwise step, or the sum of such parts."""
        coefficient, varying = terms[0][0], self.made.varies
        if len(terms) == 1 and coefficient == 1 and len(terms[0]) == 2:
            return terms[0][1]
        varies = [any([varying[f] for f in term[1:]]) for term in terms]
        if len(terms) >= _SHORT and coefficient != 1 and all([term[0] == coefficient for term in terms]):
            return self._rest([(coefficient, self.sum([(1.0, *term[1:]) for term in terms]))])
        if any(varies) and len(terms) - sum(varies) > 1:
            shared = [term for term, each in zip(terms, varies, strict=True) if not each]
            terms = [*[term for term, each in zip(terms, varies, strict=True) if each], (1.0, self.sum(shared))]
        if len(terms) >= _SHORT and all([term[0] == 1 and len(term) == 2 for term in terms]):
            return self._once(SUM, tuple([term[1] for term in terms]), None)
        weighted, others = self._weighted(terms)
        if others and len([term for term in weighted if len(term) == 3]) >= _SHORT and any(varies):
            return self._rest([(1.0, self.sum(weighted)), *others])
        pairs, rest = self._split(terms, any(varies))
        if not self._worthwhile(pairs):
            return self._rest(terms)
        dot = self._dot(DOT, pairs)
        return self._rest([*rest, (1.0, dot)]) if rest else dot

    def _weighted(self, terms: list[Term]) -> tuple[list[Term], list[Term]]:
        """The terms with a parameter as their weight, and the others: what a layer is added to."""
        kind = self.made.kind
        weighted, others = list[Term](), list[Term]()
        for term in terms:
            (weighted if any([kind[f] == PARAMETER for f in term[1:]]) else others).append(term)
        return weighted, others

    def _split(self, terms: list[Term], varies: bool) -> tuple[list[tuple[int, int]], list[Term]]:
        """Pairs (a, b) for a matrix product, where a is the same for all rows; and the other terms."""
        varying = self.made.varies
        pairs, rest = [], []
        for term in terms:
            if varies and len(term) == 3 and varying[term[1]] and varying[term[2]]:
                rest.append(term)
            else:
                pairs.append(self._pair(term, varies))
        return pairs, rest

    def _pair(self, term: Term, varies: bool) -> tuple[int, int]:
        coefficient, *factors = term
        kind, varying = self.made.kind, self.made.varies
        if not factors:
            return self.constant(coefficient), self.one
        if len(factors) == 1:
            if varies and varying[factors[0]]:
                return self.constant(coefficient), factors[0]
            if varies:
                return self.scaled(coefficient, factors[0]), self.one
            return factors[0], self.constant(coefficient)
        a, b = factors
        if varies and not varying[a] and not varying[b]:
            return self._rest([term]), self.one
        if varying[a] or (kind[b] == PARAMETER and kind[a] != PARAMETER and not varying[b]):
            a, b = b, a
        return self.scaled(coefficient, a), b

    def _worthwhile(self, pairs: list[tuple[int, int]]) -> bool:
        """Whether a matrix product is a good way to compute this: weighted sums, three products, or many summands."""
        kind, what = self.made.kind, self.made.what
        weights = [a for a, b in pairs if b != self.one]
        parameters = sum([kind[a] == PARAMETER for a in weights])
        frozen = sum([kind[a] == CONSTANT and abs(what[a]) != 1 for a in weights])
        computed = sum([kind[a] != CONSTANT for a in weights])
        alike = all([kind[a] in (PARAMETER, CONSTANT) for a, _ in pairs])
        affine = alike and (frozen >= 2 or (parameters >= 1 and len(pairs) >= 2 and parameters == len(weights)))
        return affine or computed >= _SHORT

    def scaled(self, coefficient: float, number: int) -> int:
        return number if coefficient == 1 else self._rest([(coefficient, number)])

    def _rest(self, terms: list[Term]) -> int:
        """A sum as elementwise step; as inner product where it is long and both factors vary."""
        both = [term for term in terms if len(term) == 3]
        if len(both) > _SHORT and len(terms) == len(both):
            return self._dot(INNER, [(self.scaled(c, a), b) for c, a, b in both])  # type: ignore[misc]
        if len(both) > _SHORT:
            return self._rest([*[term for term in terms if len(term) != 3], (1.0, self._rest(both))])
        if len(terms) == 2 and terms[0][0] < 0 < terms[1][0]:
            terms = terms[::-1]  # 1 - x reads better than -x + 1, and is the same number
        signs, operands = [], list[int]()
        for term in terms:
            coefficient, *factors = term
            if abs(coefficient) != 1 or not factors:
                factors = [self.constant(abs(coefficient)), *factors]
            signs.append((coefficient < 0, len(factors)))
            operands += factors
        return self._once(MAP, tuple(operands), tuple(signs))

    # --- Numbers ----------------------------------------------------------------------------------------------

    def constant(self, number: float) -> int:
        key = CONSTANT, number.hex()
        if key not in self.known:
            self.known[key] = self._append(CONSTANT, (), number, False)
        return self.known[key]

    def _dot(self, kind: int, pairs: list[tuple[int, int]]) -> int:
        """Σ aₖbₖ, the pairs in the order of the parameters among them, so that rows of weights are found whole."""
        kinds = self.made.kind
        lefts = [a for a, _ in pairs]
        if all([kinds[a] == PARAMETER for a in lefts]) and len(set(lefts)) == len(lefts):
            pairs = sorted(pairs)
        elif any([kinds[a] == CONSTANT for a in lefts]):
            # by the operand that is not constant
            pairs = sorted(pairs, key=lambda pair: pair[::-1])
        else:
            pairs = sorted(pairs)  # by a, so that lists b beside the same list a are in one order
        left, right = zip(*pairs, strict=True)
        return self._once(kind, left + right, None)

    def _once(self, kind: int, operands: tuple[int, ...], what: Any) -> int:
        """Its number; that of an equal one, if there is one."""
        key = kind, what, operands
        if key not in self.known:
            varying = self.made.varies
            self.known[key] = self._append(kind, operands, what, any([varying[x] for x in operands]))
        return self.known[key]

    def _append(self, kind: int, operands: tuple[int, ...], what: Any, varies: bool) -> int:
        made = self.made
        made.kind.append(kind)
        made.operands.append(operands)
        made.what.append(what)
        made.varies.append(varies)
        return len(made.kind) - 1
