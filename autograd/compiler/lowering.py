"""From a recording to a plan: differentiate the graph, then clean, lift and lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.layout import Plan, plan
from autograd.compiler.lift import lift
from autograd.compiler.recording import Recording, recordable
from autograd.compiler.scalars import CONSTANT, SUM, Normal, Numbered, Reader, Scalar, Term, flatten
from autograd.engine import Value
from autograd.operation import Op
from autograd.sweep import adjoints

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Gather:
    """Where numbers that are asked for are: those that vary from row to row, and those that do not."""

    count: int
    in_rows: Places  # which of them are in `rows`
    rows: Places
    in_fixed: Places
    fixed: Places


@dataclass(frozen=True)
class PlannedGuard:
    sign: str
    sides: Gather  # left and right
    outcome: bool
    where: str


@dataclass(frozen=True)
class Gradient:
    """Where the loss and its gradient are after a run.

    Of a loss L = Σ over rows of r + f, where f is the same for all rows, the sum over the rows of r and of ∂r/∂θ are
    *totals*; f and ∂f/∂θ are *fixed*. The totals of the gradient are at `plan.gradient`, but for those in `moved`.
    """

    loss_total: int | None
    loss_fixed: int | None
    has_totals: bool
    moved: Places
    moved_from: Places
    fixed: Places | None


@dataclass(frozen=True)
class Named:
    """For `check`: what a scalar is called, and where its operands are."""

    operation: str
    label: str | None
    operands: Gather


@dataclass
class Lowered:
    """A plan, and where its results are."""

    plan: Plan
    outputs: Gather
    guards: list[PlannedGuard] = field(default_factory=list)
    gradient: Gradient | None = None
    nodes: int = 0  # scalar nodes recorded
    names: dict[int, Named] | None = None
    strict: bool = False  # every operation is computed as the graph computes it


class Lowering:
    """A recording read into numbers, once: its plans are made of these, so no Value is kept. Threads may share it."""

    def __init__(
        self, recording: Recording, parameters: Sequence[Value], differentiable: bool, named: bool, strict: bool
    ) -> None:
        self.sizes, self.sources = recording.sizes, len(recording.inputs) + len(parameters)
        self.guards = [(guard.sign, guard.outcome, guard.where) for guard in recording.guards]
        self.named, self.strict = named, strict
        reader = Reader(recording.inputs, parameters, strict, named)
        self.outputs = _read(reader, recording.outputs)
        self.sides = _read(reader, recording.sides)
        self.nodes, self._numbers = len(reader.number_of), reader.copy()
        self._made: dict[bool, Lowered] = {}  # whether of the gradient → the plan
        if differentiable:
            loss_and_slopes = self.outputs + _slopes(reader, recording.outputs[0], parameters)
            self._made[True] = _Passes(self, reader).gradient(loss_and_slopes, len(reader.number_of))
        else:
            self.plan(False)

    def plan(self, differentiate: bool) -> Lowered:
        """The plan that computes the outputs; or the loss and its gradient, totalled over the rows."""
        numbers = self._numbers
        if differentiate not in self._made and numbers is not None:
            self._made[False] = _Passes(self, numbers.copy()).outputs(self.outputs, self.nodes)
            self._numbers = None
        return self._made[differentiate]


def lower(
    recording: Recording, parameters: Sequence[Value], differentiable: bool, named: bool = False, strict: bool = False
) -> Lowering:
    """The plans of a recording: of the loss and its gradient at once, if it has one; of the outputs when asked for."""
    return Lowering(recording, parameters, differentiable, named, strict)


def _read(reader: Reader, nodes: Sequence[Any]) -> list[int]:
    return reader.read(*[node if isinstance(node, Value) else Value(node).detach() for node in nodes])


def _slopes(reader: Reader, loss: Value, parameters: Sequence[Value]) -> list[int]:
    """The numbers of the derivatives of the loss."""
    with recordable():
        found = adjoints(loss, 1, parameters, record=True, replayed=True)
    return _read(reader, [found.get(x, 0) for x in parameters])


class _Passes:
    """The passes over a set of numbers, which they change."""

    def __init__(self, lowering: Lowering, numbers: Numbered) -> None:
        self.lowering, self.numbers = lowering, numbers

    def outputs(self, wanted: list[int], nodes: int) -> Lowered:
        sides = self.lowering.sides
        normal = self._normal([*wanted, *sides], set())
        asked = [normal.of[x] for x in (*wanted, *sides)]
        made = self._plan(normal, asked, {})
        return self._lowered(made, normal, asked[: len(wanted)], None, nodes)

    def gradient(self, wanted: list[int], nodes: int) -> Lowered:
        sides = self.lowering.sides
        flat = {x for x in wanted[1:] if self.numbers.kind[x] == SUM}
        normal = self._normal([*wanted, *sides], flat)
        parts = [self._parts(normal, x) for x in wanted]
        totals, fixed = [total for total, _ in parts], [part for _, part in parts]
        written = totals if any(x is not None for x in totals[1:]) else fixed
        targets = {x: k for k, x in reversed(list(enumerate(written[1:]))) if x is not None}
        targets = {x: k for x, k in targets.items() if normal.scalars[x].operands}
        asked = [x for x in (*totals, *fixed) if x is not None] + [normal.of[x] for x in sides]
        made = self._plan(normal, asked, targets)
        return self._lowered(made, normal, [], _gradient_places(made, totals, fixed), nodes)

    def _normal(self, roots: Sequence[int], flat: set[int]) -> Normal:
        """Everything in normal form; the sums of `flat` that nothing else uses stay as they are, for totals."""
        live, uses = flatten(self.numbers, roots)
        self.alone = {x for x in flat if uses[x] == 1}
        sources = range(self.lowering.sources)
        normal = Normal(self.numbers)
        normal.add([*sources, *(x for x in live if x >= len(sources) and x not in self.alone)])
        return normal

    def _parts(self, normal: Normal, number: int) -> tuple[int | None, int | None]:
        """What of a number is to be totalled over the rows, and what is the same for all of them."""
        what: list[Term] = self.numbers.what[number] if number in self.alone else [(1.0, number)]
        terms = [(c, *[normal.of[f] for f in factors]) for c, *factors in what]
        varying = [term for term in terms if any(normal.scalars[f].varies for f in term[1:])]
        others = [term for term in terms if not any(normal.scalars[f].varies for f in term[1:])]
        total = normal.total(varying) if varying else None
        number_of = normal.sum(others) if others else None
        zero = number_of is not None and _is_zero(normal.scalars[number_of])
        return total, None if zero and total is not None else number_of

    def _plan(self, normal: Normal, asked: Sequence[int], targets: dict[int, int]) -> Plan:
        return plan(normal.scalars, lift(normal.scalars, asked), self.lowering.sizes, asked, targets)

    def _lowered(self, made: Plan, normal: Normal, outputs: list[int], places: Gradient | None, nodes: int) -> Lowered:
        lowering = self.lowering
        sides = [normal.of[x] for x in lowering.sides]
        guards = [
            PlannedGuard(sign, gather(made, normal.scalars, pair), outcome, where)
            for (sign, outcome, where), *pair in zip(lowering.guards, sides[::2], sides[1::2], strict=True)
            if any(normal.scalars[x].kind != CONSTANT for x in pair)
        ]
        names = _names(made, normal.scalars) if lowering.named else None
        return Lowered(made, gather(made, normal.scalars, outputs), guards, places, nodes, names, lowering.strict)


def _is_zero(scalar: Scalar) -> bool:
    return scalar.kind == CONSTANT and scalar.number == 0


def gather(made: Plan, scalars: Sequence[Scalar], asked: Sequence[int]) -> Gather:
    """Where these scalars are."""
    varying = [k for k, x in enumerate(asked) if scalars[x].varies]
    others = [k for k, x in enumerate(asked) if not scalars[x].varies]
    return Gather(
        len(asked),
        _places(varying),
        _places([made.place[asked[k]] for k in varying]),
        _places(others),
        _places([made.place[asked[k]] for k in others]),
    )


def _places(numbers: Sequence[int]) -> Places:
    return np.array(numbers, dtype=np.intp)


def _gradient_places(made: Plan, totals: Sequence[int | None], fixed: Sequence[int | None]) -> Gradient:
    def place(x: int | None) -> int | None:
        return None if x is None else made.place[x]

    places = [place(x) for x in totals[1:]]
    moved = [k for k, where in enumerate(places) if where is not None and where != made.gradient + k]
    shared = None
    if any(x is not None for x in fixed[1:]):
        zero = made.size
        made.size += 1
        made.fixed_constants.append((zero, 0.0))
        shared = _places([zero if x is None else made.place[x] for x in fixed[1:]])
    return Gradient(
        place(totals[0]),
        place(fixed[0]),
        any(where is not None for where in places),
        _places(moved),
        _places([where for where in (places[k] for k in moved) if where is not None]),
        shared,
    )


def _names(made: Plan, scalars: Sequence[Scalar]) -> dict[int, Named]:
    """The names of the scalars that steps compute, by element."""
    names = {}
    for instruction in made.instructions:
        for element in getattr(instruction, "elements", ()):
            scalar = scalars[element]
            operands = [x for x in dict.fromkeys(scalar.operands) if x in made.place]
            own = scalar.what.name if isinstance(scalar.what, Op) else "sum of products"
            operation, label = scalar.origin or (own, None)
            names[element] = Named(operation, label, gather(made, scalars, operands if len(operands) <= 3 else []))
    return names
