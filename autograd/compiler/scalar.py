"""The scalar language: what f did, one operation after the other, as arrays of numbers.

A program is a list of instructions. Instruction k does `table[what[k]]`, which is an operation, a guard or an output,
to its operands; each operand is a value (the instruction that makes it), an input, a parameter or a constant. No node
of the graph is held: constants are copied, and what is kept for messages is text.

What is the same for all rows of a batch comes first: instructions below `shared` read no input, not even from afar.
Outputs are given for each row.
"""

import functools
import itertools
import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.floats import constant_of
from autograd.compiler.recording import COMPARE, Guard, Recording
from autograd.compiler.sums import Term, is_product, terms_of
from autograd.doubles import NATIVE, Instructions, Places, read
from autograd.engine import Value
from autograd.errors import DomainError, call
from autograd.forms import Form, operand
from autograd.operation import OPS, Op

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
    advice: str = ""

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
            found = "has no finite value" if np.isnan(y) else f"is {y}"
            raise DomainError(f"{where}{call(what.name, operands)}{label} {found}.")


def _forward(op: Op, x: Sequence[float]) -> float:
    try:
        return float(op.forward(*x))
    except (ValueError, ArithmeticError):
        return math.nan


# --- Reading a graph ------------------------------------------------------------------------------------------

_A, _B = operand(0), operand(1)
_ADD, _MULTIPLY = Form("+", (_A, _B)), Form("*", (_A, _B))

Operand = int
"""An operand as one number: 16 times its place, 8 if it is another in each row, and its kind."""
_KIND, _IN_ROWS, _MOVES = 7, 8, 3  # bits; every kind has one of the last but a constant, and NONE


def _operand(kind: int, place: int) -> Operand:
    return place << 4 | (kind == INPUT) << 3 | kind


def scalars(recording: Recording, parameters: Sequence[Value], roots: Sequence[Any], strict: bool = False) -> Scalars:
    """The recorded graph behind these roots as a program: equal nodes once, and what depends on nothing a constant.

    Sums of any number of operands are written out as chains of two, unless `strict`.
    """
    reader = _Reader(recording.inputs, parameters, strict)
    reader.read(recording.order)
    return reader.program(recording.guards, roots)


class _Places(Places):
    """What each node is as an operand; a leaf that is nothing else is a constant. None is no operand."""

    def __init__(self, inputs: Sequence[Value], parameters: Sequence[Value]) -> None:
        self[None] = NONE
        for kind, nodes in ((INPUT, inputs), (PARAMETER, parameters)):
            self.update(zip(nodes, itertools.count(_operand(kind, 0), _operand(NONE, 1)), strict=False))
        self.numbers: list[float] = []
        self._known: dict[float | str, Operand] = {}

    def __missing__(self, leaf: Value) -> Operand:
        self[leaf] = made = self.constant(leaf.data)
        return made

    def constant(self, data: Any) -> Operand:
        number = data if data.__class__ is float else constant_of(data)
        key = number or number.hex()  # for 0.0 and -0.0 are equal
        if key not in self._known:
            self._known[key] = _operand(CONSTANT, len(self.numbers))
            self.numbers.append(number)
        return self._known[key]


class _Reader:
    """Reads nodes, of a loop's turns one by one: its loop is the longest of `compile`, and does only what is usual."""

    def __init__(self, inputs: Sequence[Value], parameters: Sequence[Value], strict: bool) -> None:
        self.sources, self.strict = (len(inputs), len(parameters)), strict
        self.above = {node for node in (*inputs, *parameters) if not node.is_leaf}  # whose own operands nobody asks for
        self.place = _Places(inputs, parameters)
        self.table: dict[What, int] = {}
        self.usual: dict[Op, int] = {}  # where in the table operations are that are not written out
        self.made = Instructions()  # by their places in the table and their operands, two at least
        self.labels: dict[int, str] = {}

    def read(self, order: Iterable[Value]) -> None:
        place, made, usual = self.place, self.made, self.usual
        if self.above:
            order = [node for node in order if node not in self.above]
        if NATIVE:
            read(order, place, made, usual, self.labels, self._unusual, place.constant)
            return
        for node in order:
            left = node._left
            what = usual.get(node.op)
            if what is None or left.__class__ is tuple:
                operand = self._unusual(node)
            else:
                a, b = place[left], place[node._right]
                if (a | b) & _MOVES:
                    operand = made.setdefault((what, a, b), len(made) << 4 | (a | b) & _IN_ROWS | VALUE)
                else:
                    operand = place.constant(node.data)
            place[node] = operand
            if node.label and operand & _KIND == VALUE:
                self.labels.setdefault(operand >> 4, node.label)

    def _unusual(self, node: Value) -> Operand:
        """Sums of products, of any number of operands, are written out, so that their turns are found as a loop."""
        op, operands = node.op, tuple([self.place[x] for x in node.inputs])
        if not any(x & _MOVES for x in operands):
            return self.place.constant(node.data)
        if not self.strict:
            if (terms := self._terms(op, len(operands))) is not None:
                return self._sum([(c, [operands[k] for k in factors]) for c, *factors in terms])
            if is_product(op):
                return self._chained(_MULTIPLY, operands)
        made = self._apply(op, operands)
        if len(operands) < 3:
            self.usual[op] = self.table[op]
        return made

    @staticmethod
    def _terms(op: Op, count: int) -> Sequence[Term] | None:
        """The terms of a sum of products, but of no sum of two, no product of two, and no multiple."""
        found = terms_of(op, count)
        if found is None or op.arity is None:
            return found
        mixed = len(found) > 2 or (len(found) > 1 and any(len(term) != 2 for term in found))
        return found if mixed or (op.form and op.form.word == "operand") else None

    def _sum(self, terms: Iterable[tuple[float, list[Operand]]]) -> Operand:
        """The sum of the terms, equal ones as one, so that what cancels does not overflow before it does."""
        place, merged = self.place, dict[Any, tuple[float, list[Operand]]]()
        for coefficient, factors in terms:
            kept = []
            for x in factors:
                if x & _KIND == CONSTANT:
                    coefficient *= place.numbers[x >> 4]
                else:
                    kept.append(x)
            key: Any = tuple(sorted(kept))
            both = coefficient + merged[key][0] if key in merged else coefficient
            if key in merged and not math.isfinite(both):
                key, both = len(merged), coefficient  # apart: 1e308·x + 1e308·x is finite where x is small
            merged[key] = both, kept
        products = []
        for coefficient, factors in merged.values():
            scale = [place.constant(float(coefficient))] if coefficient != 1 or not factors else []
            products.append(self._chained(_MULTIPLY, [*scale, *factors]))
        return self._chained(_ADD, products) if products else place.constant(0.0)

    def _chained(self, form: Form, operands: Sequence[Operand]) -> Operand:
        return functools.reduce(lambda total, each: self._apply(_BY_FORM[form], (total, each)), operands)

    def _apply(self, op: Op, operands: tuple[Operand, ...]) -> Operand:
        key = self._entry(op, *operands, *[NONE] * (2 - len(operands)))
        in_rows = functools.reduce(operator.or_, operands) & _IN_ROWS
        return self.made.setdefault(key, len(self.made) << 4 | in_rows | VALUE)

    def _entry(self, what: What, *operands: Operand) -> tuple[int, ...]:
        return self.table.setdefault(what, len(self.table)), *operands

    def _of(self, x: Any) -> Operand:
        return self.place[x] if isinstance(x, Value) else self.place.constant(x)

    def program(self, guards: Iterable[Guard], roots: Iterable[Any]) -> Scalars:
        """Everything in arrays: first what is shared, then what varies, guards in their places."""
        pairs = [(guard, self._of(guard.left), self._of(guard.right)) for guard in guards]
        outputs = [self._entry(OUTPUT, self._of(root)) for root in roots]
        checks = [
            self._entry(Check(guard.sign, guard.outcome, guard.where, guard.advice), *pair)
            for guard, *pair in pairs
            if any(x & _MOVES for x in pair)
        ]
        rows = self.made.table_of([*outputs, *checks])
        kinds, places = rows[:, 1:] & _KIND, rows[:, 1:] >> 4
        count, of_values = len(rows) - len(checks), kinds == VALUE
        at = np.arange(len(rows), dtype=np.float64)
        at[count:] = np.where(of_values, places, -1)[count:].max(axis=1, initial=-1) + 0.5  # behind their operands
        varies = (rows[:, 1:] & _IN_ROWS != 0).any(axis=1)
        varies[len(self.made) : count] = True
        order = np.lexsort((at, varies))
        new = np.empty(len(order), dtype=np.int64)
        new[order] = np.arange(len(order))
        places[of_values] = new[places[of_values]]
        width = max(1, int(kinds.any(axis=0).sum()))
        return Scalars(
            tuple(self.table),
            rows[order, 0],
            kinds[order, :width],
            places[order, :width],
            np.array(self.place.numbers, dtype=np.float64),
            int((~varies).sum()),
            {int(new[k]): label for k, label in self.labels.items()},
            *self.sources,
        )


def _with_form(form: Form) -> Op:
    return next(op for op in OPS.values() if isinstance(op, Op) and op.form == form)


_BY_FORM: dict[Form, Op] = {form: _with_form(form) for form in (_ADD, _MULTIPLY)}
