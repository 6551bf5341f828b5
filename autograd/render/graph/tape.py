"""The graph behind a picture, copied as a tape: what a page needs to compute it again, forward and backward.

The picture may show a part of the graph; the tape has all of it, for every number depends on all the others.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any

from autograd.engine import Value, gradient_of
from autograd.errors import NotCompilable, brief
from autograd.operation import Op, constant
from autograd.render.graph.modules import Modules
from autograd.render.graph.nearest import behind
from autograd.render.graph.operands import label
from autograd.sweep import topological_order

if TYPE_CHECKING:
    from autograd.compiler.printers.javascript_functions import Functions
    from autograd.compiler.recording import Guard

MOST = 5_000
"""Nodes of a graph that a page computes again; more would make it heavy and slow."""


@dataclass(frozen=True)
class Comparison:
    """A comparison that the recorded code made: while it comes out as it did, the tape is what the code computes.

    Attributes:
        left, right: a node of the tape, or None; and the number that stands there if it is none.
        at: how many nodes the tape had by then; those that follow were recorded because of how it came out.
    """

    sign: str
    left: int
    right: int | None
    number: float
    outcome: bool
    where: str
    at: int


def copied(
    roots: Sequence[Value],
    modules: Modules | None = None,
    guards: Sequence["Guard"] = (),
    made: Sequence[Value] = (),
    refusal: tuple[str, str] | None = None,
) -> tuple["Tape", dict[Value, int]]:
    """A graph as a tape, and where each node stands on it; later changes of the graph do not change it.

    Args:
        roots: the outputs.
        modules: they say which leaves are parameters.
        guards: the comparisons that were made while the graph was recorded.
        made: the nodes in the order in which they were made, which is then the tape's order.
        refusal: why no page can compute it, if that is known.
    """
    if refusal:
        return Tape(refusal=refusal), {}
    sides = [side for guard in guards for side in (guard.left, guard.right) if isinstance(side, Value)]
    if behind([*roots, *sides], set(), MOST + 1) > MOST:
        return Tape(refusal=("size", f"{MOST:,}")), {}
    turn = {node: k for k, node in enumerate(made)}
    order = sorted(topological_order(*roots, *sides), key=lambda node: turn.get(node, -1))  # as it is, without turns
    if (odd := next((node.data for node in order if not _is_float(node.data)), None)) is not None:
        return Tape(refusal=("exact", brief(odd))), {}
    places = {node: k for k, node in enumerate(order)}
    learns = (modules or Modules()).learns
    seed = 1.0 if len(roots) == 1 else 0.0
    return Tape(
        ops=[node.op for node in order],
        inputs=[tuple([places[x] for x in node.inputs]) for node in order],
        numbers=[float(node.data) for node in order],
        labels=[label(node) for node in order],
        seeds={places[root]: float(gradient_of(root) or seed) for root in roots},
        parameters=[k for x, k in places.items() if x.is_leaf and learns(x)],
        comparisons=list(_comparisons(guards, [turn.get(node, -1) for node in order], places)),
    ), places


def _comparisons(guards: Sequence["Guard"], turns: Sequence[int], places: Mapping[Value, int]) -> Iterator[Comparison]:
    for guard in guards:
        other = guard.right
        right, number = (places[other], 0.0) if isinstance(other, Value) else (None, float(other))
        at = sum(1 for turn in turns if turn < guard.after)
        yield Comparison(guard.sign, places[guard.left], right, number, guard.outcome, guard.where, at)


@dataclass(frozen=True)
class Tape:
    """A copy of a graph, its nodes in topological order.

    Attributes:
        refusal: why a page cannot compute this graph: one of the reasons that `Refused` has, and what belongs to it.
        inputs: of each node the places of its operands.
        seeds: the gradients with which the reverse sweep starts, by the places of the outputs.
        parameters: the places of the leaves that are marked as such.
    """

    refusal: tuple[str, str] | None = None
    ops: Sequence[Op] = ()
    inputs: Sequence[tuple[int, ...]] = ()
    numbers: Sequence[float] = ()
    labels: Sequence[str] = ()
    seeds: Mapping[int, float] = field(default_factory=dict)
    parameters: Sequence[int] = ()
    comparisons: Sequence[Comparison] = ()

    def is_constant(self, k: int) -> bool:
        return self.ops[k] is constant and not self.inputs[k]

    @property
    def moved(self) -> list[int]:
        """What a step of gradient descent moves: the parameters, or else all leaves that have a label."""
        leaves = [k for k, inputs in enumerate(self.inputs) if not inputs and not self.is_constant(k)]
        return list(self.parameters) or [k for k in leaves if self.labels[k]] or leaves

    def data(self, defined: Mapping[str, str] | None = None, functions: "Functions | None" = None) -> dict[str, Any]:
        """The tape as a page reads it, and under `script` the functions that it calls.

        Args:
            defined: where operations have a value, in the language of the page, by what their records say.
            functions: those of other tapes of the page, to which these are added.

        Raises:
            Refused: a page cannot compute it; says why.
        """
        from autograd.compiler.printers.javascript_functions import Functions

        if self.refusal:
            raise Refused(*self.refusal)
        functions, codes = functions or Functions(), list[int]()
        for k, op in enumerate(self.ops):
            codes.append(self._code(functions, op, len(self.inputs[k])) if self.inputs[k] else -1)
        self._check()
        marked, told = set(self.parameters), defined or {}
        ops = sorted(functions.places.items(), key=lambda item: item[1])
        return {
            "script": functions.text(),
            "codes": codes,
            "inputs": self.inputs,
            "numbers": [x for x, inputs in zip(self.numbers, self.inputs, strict=True) if not inputs],
            "kinds": "".join("c" if self.is_constant(k) else "p" if k in marked else "-" for k in range(len(self.ops))),
            "names": self.labels,
            "ops": [[op.name, told.get(op.defined, op.defined), op.defined == _ALWAYS] for (op, _), _ in ops],
            "seeds": [[root, seed] for root, seed in self.seeds.items()],
            "moved": self.moved,
            "comparisons": [list(astuple(each)) for each in self.comparisons],
        }

    @staticmethod
    def _code(functions: "Functions", op: Op, count: int) -> int:
        try:
            return functions.place(op, count)
        except NotCompilable as error:
            raise Refused("operation", op.name, str(error)) from error

    def _check(self) -> None:
        """Raise Refused unless the numbers are what their operations give: someone may have changed a leaf since."""
        for op, inputs, found in zip(self.ops, self.inputs, self.numbers, strict=True):
            try:
                right = not inputs or math.isclose(op.forward(*[self.numbers[i] for i in inputs]), found, rel_tol=1e-9)
            except (TypeError, ValueError, ArithmeticError):
                right = False
            if not right:
                raise Refused("stale", op.name)


_ALWAYS = "every real number"


class Refused(Exception):  # noqa: N818 - says what happened
    """A page cannot compute this graph.

    Attributes:
        reason: which of the reasons that pages know.
        what: what belongs to it.
    """

    def __init__(self, reason: str, what: str, why: str = "") -> None:
        super().__init__(why or what)
        self.reason, self.what = reason, what


def _is_float(x: Any) -> bool:
    """Whether a page, which has floats alone, can hold this number."""
    return isinstance(x, float) or (x.__class__ is int and abs(x) <= 2**53)
