"""The scalar language: what f did, one operation after the other, as arrays of numbers.

A program is a list of instructions. Instruction k does `table[what[k]]`, which is an operation, a guard or an output,
to its operands; each operand is a value (the instruction that makes it), an input, a parameter or a constant. No node
of the graph is held: constants are copied, and what is kept for messages is text.

What is the same for all rows of a batch comes first: instructions below `shared` read no input, not even from afar.
Outputs are given for each row.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.floats import constant_of
from autograd.compiler.recording import COMPARE, Guard, Recording
from autograd.engine import Value
from autograd.errors import DomainError, call
from autograd.forms import Form, operand, products
from autograd.operation import OPS, Op, constant

NONE, VALUE, INPUT, PARAMETER, CONSTANT = range(5)
KINDS = "-vxpc"
"""How an operand is written: `v3` for the value of instruction 3, `x0`, `p0`, `c0`."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Check:
    """A guard: its two operands compare as they did while f was recorded, or the row goes another way."""

    sign: str
    outcome: bool
    where: str

    def __str__(self) -> str:
        return f"guard {'' if self.outcome else 'not '}{self.sign}"


@dataclass(frozen=True)
class Output:
    """Its operand is the next of the numbers that f returns."""

    def __str__(self) -> str:
        return "output"


OUTPUT = Output()
What = Op | Check | Output


@dataclass(frozen=True, eq=False)
class Scalars:
    """A program of the scalar language.

    Attributes:
        table: what there is to do, each once.
        what: (n,), for each instruction its place in the table.
        kinds, places: (n, most operands): the kind of each operand, NONE beyond the last, and which of its kind.
        numbers: the constants.
        shared: how many instructions, from the first, are the same for all rows.
        labels: for messages, of some instructions the label of the node.
        inputs, parameters: how many numbers a row has, and how many parameters there are.
    """

    table: tuple[What, ...]
    what: Ints
    kinds: Ints
    places: Ints
    numbers: NDArray[np.float64]
    shared: int
    labels: dict[int, str]
    inputs: int
    parameters: int

    def __len__(self) -> int:
        return len(self.what)

    def operands(self, k: int) -> list[tuple[int, int]]:
        """Kind and place of each operand of an instruction."""
        pairs = zip(self.kinds[k].tolist(), self.places[k].tolist(), strict=True)
        return [(kind, place) for kind, place in pairs if kind != NONE]

    def __str__(self) -> str:
        lines = []
        for k in range(len(self)):
            operands = [
                f"{self.numbers[place]:.6g}" if kind == CONSTANT else f"{KINDS[kind]}{place}"
                for kind, place in self.operands(k)
            ]
            what = self.table[self.what[k]]
            lines.append(f"v{k} = {getattr(what, 'name', what)} {' '.join(operands)}")
        lines.insert(self.shared, "for each row:")
        return "\n".join(lines)

    def verify(self) -> None:
        """Raise AssertionError unless operands come before what is made of them, and outputs last; see `shared`."""
        before = np.arange(len(self))[:, None]
        assert ((self.kinds != VALUE) | (self.places < before)).all(), "an operand is made later"
        assert (self.places >= 0).all(), "a place below 0"
        assert (self.places[self.kinds == CONSTANT] < len(self.numbers)).all(), "no such constant"
        for kind, count in ((INPUT, self.inputs), (PARAMETER, self.parameters)):
            assert (self.places[self.kinds == kind] < count).all(), f"no such {KINDS[kind]}"
        assert (self.kinds[: self.shared] != INPUT).all(), "what is shared reads an input"
        outputs = np.isin(self.what, [k for k, what in enumerate(self.table) if isinstance(what, Output)])
        assert not (outputs[:-1] & ~outputs[1:]).any(), "an output is followed by what is none"

    def numbers_of(self, k: int, values: Any, inputs: Any, parameters: Any) -> list[float]:
        """The operands of an instruction as numbers."""
        of_kind = {VALUE: values, INPUT: inputs, PARAMETER: parameters, CONSTANT: self.numbers}
        return [float(of_kind[kind][place]) for kind, place in self.operands(k)]

    def evaluate(
        self, inputs: Sequence[float], parameters: Sequence[float], values: list[float] | None = None
    ) -> tuple[list[float], bool]:
        """The numbers that f returns, and whether all guards hold; number by number, with `forward` of each operation.

        A number is nan where an operation has no value. Those of all instructions are appended to `values`.
        """
        values = [] if values is None else values
        outputs, held = [], True
        for k in range(len(self)):
            x = self.numbers_of(k, values, inputs, parameters)
            what, y = self.table[self.what[k]], math.nan
            if isinstance(what, Op):
                y = _forward(what, x)
            elif isinstance(what, Output):
                outputs += x
            else:
                held = held and COMPARE[what.sign](*x) == what.outcome
            values.append(y)
        return outputs, held


def explain(program: Scalars, parameters: Any, inputs: Any, row: int) -> None:
    """Raise DomainError if a number of this row is not finite, by the name of the first."""
    values: list[float] = []
    program.evaluate(inputs, parameters, values)
    for k, y in enumerate(values):
        what = program.table[program.what[k]]
        if isinstance(what, Op) and not np.isfinite(y):
            operands = program.numbers_of(k, values, inputs, parameters)
            label = f" (label {program.labels[k]!r})" if k in program.labels else ""
            where = f"row {row}: " if k >= program.shared else ""
            raise DomainError(f"{where}{call(what.name, operands)}{label} is {y}.")


def _forward(op: Op, x: Sequence[float]) -> float:
    try:
        return float(op.forward(*x))
    except (ValueError, ArithmeticError):
        return math.nan


# --- Reading a graph ------------------------------------------------------------------------------------------

_A, _B = operand(0), operand(1)
_ADD, _MULTIPLY = Form("+", (_A, _B)), Form("*", (_A, _B))
_ARGS = Form("args")
_CHAINS = {Form("sum", (_ARGS,)): _ADD, Form("prod", (_ARGS,)): _MULTIPLY}

Operand = int
"""An operand as one number: 8 times its place, and its kind."""


def _operand(kind: int, place: int) -> Operand:
    return place * 8 + kind


def scalars(recording: Recording, parameters: Sequence[Value], roots: Sequence[Any], strict: bool = False) -> Scalars:
    """The recorded graph behind these roots as a program: equal nodes once, and what depends on nothing a constant.

    Sums of any number of operands are written out as chains of two, unless `strict`.
    """
    reader = _Reader(recording.inputs, parameters, strict)
    for node in recording.order:
        reader.read(node)
    reader.guard(recording.guards)
    for root in roots:
        reader.append(OUTPUT, (reader.of(root),))
    return reader.program()


class _Reader:
    def __init__(self, inputs: Sequence[Value], parameters: Sequence[Value], strict: bool) -> None:
        self.strict = strict
        self.sources = len(inputs), len(parameters)
        self.place: dict[Value, Operand] = {}
        for kind, nodes in ((INPUT, inputs), (PARAMETER, parameters)):
            self.place.update({node: _operand(kind, k) for k, node in enumerate(nodes)})
        self.table: dict[What, int] = {}
        self.numbers: dict[str, int] = {}
        self.constants: list[float] = []
        self.what: list[int] = []
        self.operands: list[tuple[Operand, ...]] = []
        self.varies: list[bool] = []
        self.labels: dict[int, str] = {}
        self.made: dict[Any, Operand] = {}
        self.checks: list[tuple[int, Check, tuple[Operand, ...]]] = []
        self.terms: dict[Op, Callable[[int], Iterable[Any]] | None] = {}

    def of(self, x: Any) -> Operand:
        return self.place[x] if isinstance(x, Value) else self.constant(constant_of(x))

    def read(self, node: Value) -> None:
        place = self.place
        if node in place:
            return
        operands = tuple([place[x] for x in node.inputs])
        if node.op is constant or all([x & 7 == CONSTANT for x in operands]):  # noqa: C419 - a list is quicker
            place[node] = self.constant(constant_of(node.data))
            return
        place[node] = made = self._made(node.op, operands)
        if node.label and made & 7 == VALUE:
            self.labels.setdefault(made >> 3, node.label)

    def _made(self, op: Op, operands: tuple[Operand, ...]) -> Operand:
        """Sums of products, of any number of operands, are written out, so that their turns are found as a loop."""
        if op not in self.terms:
            self.terms[op] = None if self.strict else _terms(op)
        if (terms := self.terms[op]) is not None:
            return self._sum([(c, [operands[k] for k in factors]) for c, *factors in terms(len(operands))])
        chain = None if self.strict else _CHAINS.get(op.form)
        return self._chained(chain, operands) if chain else self.apply(op, operands)

    def _sum(self, terms: Iterable[tuple[float, list[Operand]]]) -> Operand:
        """The sum of the terms, equal ones as one, so that what cancels does not overflow before it does."""
        merged: dict[Any, tuple[float, list[Operand]]] = {}
        for coefficient, factors in terms:
            kept = [x for x in factors if x & 7 != CONSTANT]
            for x in factors:
                if x & 7 == CONSTANT:
                    coefficient *= self.constants[x >> 3]
            key: Any = tuple(sorted(kept))
            both = coefficient + merged[key][0] if key in merged else coefficient
            if key in merged and not math.isfinite(both):
                key = len(merged)  # apart: 1e308·x + 1e308·x is finite where x is small
                both = coefficient
            merged[key] = both, kept
        products = []
        for coefficient, factors in merged.values():
            scale = [self.constant(float(coefficient))] if coefficient != 1 or not factors else []
            products.append(self._chained(_MULTIPLY, [*scale, *factors]))
        return self._chained(_ADD, products) if products else self.constant(0.0)

    def _chained(self, form: Form, operands: Sequence[Operand]) -> Operand:
        total, *others = operands
        for each in others:
            total = self.apply(_BY_FORM[form], (total, each))
        return total

    def constant(self, number: float) -> Operand:
        key = number.hex()
        if key not in self.numbers:
            self.numbers[key] = len(self.constants)
            self.constants.append(number)
        return _operand(CONSTANT, self.numbers[key])

    def apply(self, op: Op, operands: tuple[Operand, ...]) -> Operand:
        key = op, operands
        made = self.made.get(key)
        if made is None:
            made = self.made[key] = _operand(VALUE, self.append(op, operands))
        return made

    def append(self, what: What, operands: tuple[Operand, ...]) -> int:
        self.what.append(self.table.setdefault(what, len(self.table)))
        self.operands.append(operands)
        varies = what is OUTPUT
        for x in operands:
            kind = x & 7
            varies = varies or kind == INPUT or (kind == VALUE and self.varies[x >> 3])
        self.varies.append(varies)
        return len(self.varies) - 1

    def guard(self, guards: Iterable[Guard]) -> None:
        """Each guard goes right behind the later of its operands; those between constants are settled."""
        for guard in guards:
            pair = self.of(guard.left), self.of(guard.right)
            if any(x & 7 != CONSTANT for x in pair):
                at = max([(x >> 3) + 1 if x & 7 == VALUE else 0 for x in pair])
                self.checks.append((at, Check(guard.sign, guard.outcome, guard.where), pair))

    def program(self) -> Scalars:
        """Everything in arrays: first what is shared, then what varies, guards in their places."""
        count = len(self.what)
        for _, check, pair in self.checks:
            self.append(check, pair)
        at = np.arange(len(self.what), dtype=np.float64)
        at[count:] = [each[0] - 0.5 for each in self.checks]
        varies = np.array(self.varies, dtype=bool)
        order = np.lexsort((at, varies))
        new = np.empty(len(order), dtype=np.int64)
        new[order] = np.arange(len(order))
        width = max(map(len, self.operands), default=1)
        kinds, places = np.zeros((2, len(order), max(1, width)), dtype=np.int64)
        sizes = np.array([len(x) for x in self.operands], dtype=np.int64)
        flat = np.fromiter(itertools.chain.from_iterable(self.operands), dtype=np.int64, count=int(sizes.sum()))
        row = np.repeat(np.arange(len(sizes)), sizes)
        column = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        kinds[row, column], places[row, column] = flat & 7, flat >> 3
        of_values = kinds == VALUE
        places[of_values] = new[places[of_values]]
        return Scalars(
            tuple(self.table),
            np.array(self.what, dtype=np.int64)[order],
            kinds[order],
            places[order],
            np.array(self.constants, dtype=np.float64),
            int((~varies).sum()),
            {int(new[k]): label for k, label in self.labels.items()},
            *self.sources,
        )


def _terms(op: Op) -> Callable[[int], Iterable[Any]] | None:
    """The terms of an operation that is a sum of products, but no sum of two, no product of two, and no multiple."""
    if op.terms is not None:
        return op.terms
    found = (products(op.form) if op.form else None) or []
    mixed = len(found) > 2 or (len(found) > 1 and any(len(term) != 2 for term in found))
    return (lambda _: found) if mixed or (op.form and op.form.word == "operand") else None


def _with_form(form: Form) -> Op:
    return next(op for op in OPS.values() if isinstance(op, Op) and op.form == form)


_BY_FORM: dict[Form, Op] = {form: _with_form(form) for form in (_ADD, _MULTIPLY)}
