"""Hypothesis strategies for tests of your own operations and graphs; this library's own laws draw from them.

Imported only by tests: needs hypothesis, which `autograd` itself does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from autograd.catalogue import operations
from autograd.engine import Value
from autograd.errors import DomainError
from autograd.operation import Op

__all__ = ["Expression", "arguments", "expressions", "values", "within"]

_LARGEST = 1e3  # numbers inside a drawn expression stay below, so that its derivatives can be checked


def __dir__() -> list[str]:
    return __all__


def values(low: float = -10.0, high: float = 10.0, label: str | None = None) -> st.SearchStrategy[Value]:
    """Fresh leaves with a number in [low, high]."""
    return st.builds(Value, within(low, high), st.just(label))


def arguments(op: Op) -> st.SearchStrategy[tuple[float, ...]]:
    """Operands of `op`: floats from its `domain`, simple ones first, and the operands of its `edges`."""
    if op.arity is None:
        drawn = st.lists(within(*op.domain[0]), min_size=1, max_size=5).map(tuple)
    else:
        drawn = st.tuples(*(within(*interval) for interval in op.domain))
    kinks = [operands for operands, _ in op.edges]
    return drawn | st.sampled_from(kinks) if kinks else drawn


def within(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats of every magnitude in [low, high], often of everyday size; no subnormals, which have fewer digits."""
    everyday = max(low, -4.0), min(high, 4.0)
    anywhere = st.floats(low, high, allow_subnormal=False)
    if everyday[0] >= everyday[1]:
        return anywhere
    return st.floats(*everyday, allow_subnormal=False) | anywhere


@dataclass(frozen=True)
class Expression:
    """A small program: inputs, then steps, each an operation on earlier results or constants. Its last result counts.

    It runs on any kind of number: on Values it records a graph.
    """

    inputs: tuple[float, ...]
    steps: tuple[tuple[Op, tuple[int | float, ...]], ...]  # an int counts results, inputs first; a float is a constant

    def __call__(self, *inputs: Any) -> Any:
        return self.run(lambda op, operands: op(*operands), inputs)[-1]

    def run(self, apply: Callable[[Op, list[Any]], Any], inputs: Sequence[Any]) -> list[Any]:
        """All results, the inputs first, each step computed by `apply(op, operands)`."""
        results = list(inputs)
        for op, operands in self.steps:
            results.append(apply(op, [results[x] if isinstance(x, int) else x for x in operands]))
        return results

    def values(self) -> list[Value]:
        """Fresh leaves with the numbers of `inputs`."""
        return [Value(x, f"x{i}") for i, x in enumerate(self.inputs)]

    def __repr__(self) -> str:
        lines = [f"x{i} = {x!r}" for i, x in enumerate(self.inputs)]
        for k, (op, operands) in enumerate(self.steps, len(self.inputs)):
            names = [f"x{x}" if isinstance(x, int) else repr(x) for x in operands]
            lines.append(f"x{k} = {op.name}({', '.join(names)})")
        return "; ".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # else Hypothesis would spell out every record
        printer.text(repr(self))


@st.composite
def expressions(
    draw: st.DrawFn, ops: Sequence[Op] | None = None, max_inputs: int = 3, max_nodes: int = 10
) -> Expression:
    """Expressions with shared operands and constants, defined and of moderate size at their inputs.

    Args:
        ops: the operations to draw from; all of them, if not given.
        max_nodes: how many operations at most.
    """
    ops = list(operations()) if ops is None else list(ops)
    inputs = draw(st.lists(st.floats(-2, 2), min_size=1, max_size=max_inputs))
    results, steps = list(inputs), []
    for op in draw(st.lists(st.sampled_from(ops), min_size=1, max_size=max_nodes)):
        arity = op.arity or draw(st.integers(1, 4))
        end = len(results)
        earlier = st.integers(1, end).map(lambda back, end=end: end - back)  # the latest is the simplest
        operands = tuple(draw(st.lists(earlier | st.floats(-2, 2), min_size=arity, max_size=arity)))
        try:
            y = op(*(results[x] if isinstance(x, int) else x for x in operands))
        except DomainError:
            continue
        if abs(y) < _LARGEST and any(isinstance(x, int) for x in operands):
            results.append(y)
            steps.append((op, operands))
    return _without_dead_steps(Expression(tuple(inputs), tuple(steps)))


def _without_dead_steps(program: Expression) -> Expression:
    """Only the steps that the last one needs; the inputs stay."""
    first = len(program.inputs)
    live = {first + len(program.steps) - 1}
    for k in range(first + len(program.steps) - 1, first - 1, -1):
        if k in live:
            live.update(x for x in program.steps[k - first][1] if isinstance(x, int))
    kept = [*range(first), *sorted(k for k in live if k >= first)]
    moved = {old: new for new, old in enumerate(kept)}
    steps = [program.steps[k - first] for k in kept[first:]]
    renumber = [(op, tuple(moved[x] if isinstance(x, int) else x for x in operands)) for op, operands in steps]
    return Expression(program.inputs, tuple(renumber))
