"""What is compiled where a C compiler is there: numbers as doubles, and the operations on them. Plain Python has none.

`doubles.pyx` beside this file has the same names. The engine asks there first, by the short way, and goes its own way
wherever that has no answer: so both give the same numbers, the same errors, the same graph.
"""

import gc
import itertools
from typing import Any

NATIVE = False
"""Whether this is the compiled module."""
FINGERPRINT = ""
"""Of the sources that it was compiled from."""
CODES: dict[str, int] = {}
"""The operations that have a kernel, by name."""


class Node:
    """An operand that an operation is recorded on instead of computed: the base of `Value`."""

    __slots__ = ()

    data: Any  # int, float, Fraction or Decimal
    grad: Any
    op: Any  # Op | None
    label: str | None
    _left: Any
    _right: Any

    @staticmethod
    def record(op: Any, operands: tuple[Any, ...]) -> Any:
        """The node of op(*operands), of which at least one is a node."""
        raise NotImplementedError


class Operation:
    """The base of `Op`.

    Attributes:
        code: of its kernel; 0 where it has none.
    """

    __slots__ = ("code",)

    code: int


class Kernels:
    """The short way to a node, of doubles.

    Attributes:
        attentive: blocks of `no_grad` and recordings, in any thread.
    """

    attentive: int

    def __init__(self, kind: type, constant: Any, arithmetic: Any, blocks: Any, watcher: Any) -> None:
        pass

    def hold(self, node: Any, data: Any) -> bool:
        """Whether data is a float or an int, which the new node then has."""
        return False

    def compared(self, sign: str, left: Any, right: Any) -> int:
        """Whether two doubles compare so; -1 where that is for the engine."""
        return -1

    def binary(self, op: Any, left: Any, right: Any) -> Any:
        """The node of op(left, right); None where that is for the engine."""

    def unary(self, op: Any, x: Any) -> Any:
        """The node of op(x); None where that is for the engine."""


def living() -> int:
    """How many nodes there are, of those that the collector of garbage walks."""
    return sum(issubclass(type(thing), Node) for thing in gc.get_objects())  # isinstance would ask dead weak proxies


def order(roots: tuple[Any, ...]) -> list[Any]:
    """What `topological_order` gives."""
    raise NotImplementedError


class Places(dict[Any, int]):
    """A dictionary from nodes to numbers."""


class Instructions(dict[tuple[int, ...], int]):
    """A dictionary that keeps its order, from keys of three numbers or more to numbers."""

    def table_of(self, more: list[tuple[int, ...]]) -> Any:
        """The keys as rows of an array, filled up with 0; `more` keys behind."""
        import numpy as np

        rows = [*self, *more]
        sizes = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        table = np.zeros((len(rows), int(sizes.max(initial=3))), dtype=np.int64)
        there = np.arange(table.shape[1]) < sizes[:, None]
        table[there] = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64)
        return table


def read(*arguments: Any) -> None:
    """The loop of the reader of graphs."""
    raise NotImplementedError


def cleared(order: list[Any], before: list[tuple[Any, Any]]) -> list[Any]:
    """The nodes of an order, but for those that are cleared here, or whose gradient is put down in `before`."""
    return order


backwards = reversed
"""The nodes of an order from the last on, but for those that need nothing more."""
