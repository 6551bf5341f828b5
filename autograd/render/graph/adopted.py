"""A graph of another engine as one of ours: the same nodes, its own numbers, and where these are not what rules say.

A gradient is held to the rule of one operation: the gradient that this engine has above it, times the derivative of the
operation at the numbers that it has. So what goes wrong at one arrow is blamed there, and not again further down. An
engine keeps one gradient for each node; where a node is used once, that is the number at its arrow, and where it is
used several times, it is compared with the sum of what the rules pass to it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd.engine import Value, constant, topological_order
from autograd.errors import brief
from autograd.foreign import OTHERWISE, Read, Reader, is_node, reader
from autograd.operation import OPS, Op
from autograd.reals import is_nan, refusal, unboxed
from autograd.render.arguments import checked_value, checked_values
from autograd.render.graph.matching import agree, gives, matched, value
from autograd.render.graph.numbers import OURS, Fault, Numbers
from autograd.sweep import slopes

Reading = Callable[[Any], Sequence[Any]] | None
"""How nodes are read: `node -> (number, gradient, operation, inputs, label)`; by their names, if None."""


class Adopted:
    """What a call that takes a graph was given, as nodes of ours.

    Args:
        call, name: the call and its argument, for messages.
        given: a node, or several in a list.
        several: whether a list is taken.
        read: how nodes of another engine are read.

    Raises:
        TypeError, ValueError: they are no nodes, or their graph has a cycle.
    """

    def __init__(self, call: str, name: str, given: Any, read: Reading = None, several: bool = False) -> None:
        self._call, self._name = call, name
        self.numbers: Numbers = OURS
        roots = list(given) if several and isinstance(given, list | tuple) else [given]
        is_theirs = bool(roots) and not any(isinstance(unboxed(root), Value) for root in roots)
        if is_theirs and (read is not None or all(map(is_node, roots))):
            self._read = _Reading(call, reader(roots[0], read))
            self.roots = self._read.graph(roots)
            self.numbers = Theirs(self.roots, self._read.read)
            return
        try:
            self.roots = checked_values(call, name, given) if several else [checked_value(call, name, given)]
        except TypeError as error:
            if is_theirs and roots[0] is given:
                advice = (
                    f"Of a model or a function give what it returns: {call}(f(x))." if callable(given) else OTHERWISE
                )
                raise TypeError(f"{error} {advice}") from None
            raise

    def check_known(self) -> None:
        """That the rules know all operations.

        Raises:
            ValueError: one is another engine's, and there is no derivative of it.
        """
        if (name := self.numbers.unknown) is not None:
            raise ValueError(
                f"{self._call}({self._name}): the operation {name!r} of another engine is unknown here, and so is its "
                "derivative; draw shows it. Name it as an operation of autograd.OPS to have it explained."
            )

    def own(self, given: Any) -> Any:
        """Nodes of the graph, also in lists and in dicts, as ours; everything else as it is."""
        if self.numbers is OURS:
            return given
        if isinstance(given, Mapping):
            return {name: self.own(each) for name, each in given.items()}
        if isinstance(given, list | tuple):
            return [self.own(each) for each in given]
        return self._read.found.get(id(given), given)


class _Reading:
    """Nodes of another engine as they are read: each once, inputs first."""

    def __init__(self, call: str, read: Reader) -> None:
        self._call, self._reader = call, read
        self.found: dict[int, Value] = {}
        self.read: dict[Value, _Kept] = {}
        self._nodes: list[Any] = []  # while these are held, their ids are their own
        self._unknown: dict[str, Op] = {}

    def graph(self, roots: Sequence[Any]) -> list[Value]:
        for root in roots:
            self._take_in(root)
        return [self.found[id(root)] for root in roots]

    def _take_in(self, root: Any) -> None:
        above: dict[int, Read] = {}  # by their ids, the nodes whose inputs are being read
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self.found:
                stack.pop()
            elif id(node) in above:
                stack.pop()
                self._make(node, above.pop(id(node)))
            else:
                read = above[id(node)] = self._reader(node)
                self._nodes.append((node, read.inputs))
                for x in reversed(read.inputs):
                    if id(x) in above:
                        raise ValueError(
                            f"{self._call}: the graph has a cycle: {brief(node)} is made from {brief(x)}, and that is "
                            "made from it."
                        )
                    if not _is_plain(x) and id(x) not in self.found:
                        stack.append(x)

    def _make(self, node: Any, read: Read) -> None:
        inputs = [self._constant(x) if _is_plain(x) else self.found[id(x)] for x in read.inputs]
        if read.ordered is False:
            inputs.sort(key=_rank)
        numbers = [x.data for x in inputs]
        made = Value(0.0, read.label or None)
        made.data = read.number
        sure = named = True
        if inputs:
            found = matched(read.operation, read.number, numbers, read.ordered, read.slopes)
            operands = [inputs[i] for i in found.order]
            sure, named = found.is_ordered, found.is_named
            made.op = found.op or self._of_theirs(read)
            made._left = operands[0] if len(operands) < 3 else tuple(operands)
            made._right = operands[1] if len(operands) == 2 else None
        self.found[id(node)] = made
        slopes = read.slopes if read.slopes is not None and len(read.slopes) == len(made.inputs) else None
        self.read[made] = _Kept(read.gradient, slopes, sure, named)

    @staticmethod
    def _constant(number: Any) -> Value:
        made = Value(unboxed(number))
        made.op = constant
        return made

    def _of_theirs(self, read: Read) -> Op:
        """An operation that is unknown here, under its own name."""
        name = read.operation or "?"
        if read.slopes is not None:
            return _unknown(name, read.slopes)
        if name not in self._unknown:
            self._unknown[name] = _unknown(name)
        return self._unknown[name]


@dataclass(frozen=True)
class _Kept:
    """What another engine has of a node besides its number.

    Attributes:
        slopes: the derivative by each operand, where it keeps them.
        is_ordered: whether the order of the operands is sure.
        is_named: whether it says what made the node.
    """

    gradient: Any
    slopes: tuple[Any, ...] | None
    is_ordered: bool
    is_named: bool


def _is_plain(x: Any) -> bool:
    """Whether an input is a number, and no node."""
    return x.__class__ is float or x.__class__ is int or refusal(x) is None or is_nan(x)


def _rank(node: Value) -> tuple[Any, ...]:
    """The members of a set in an order that is the same each time: computed ones first, then by label and number."""
    return node.is_leaf, not node.label, node.label or "", node.data


def _unknown(name: str, slopes: Sequence[Any] | None = None) -> Op:
    def forward(*x: Any) -> Any:
        raise ValueError(f"nobody here knows what {name} gives")

    def backward(g: Any, y: Any, *x: Any) -> tuple[Any, ...]:
        if slopes is None or len(slopes) != len(x):
            raise ValueError(f"nobody here knows the derivative of {name}")
        return tuple([g * slope for slope in slopes])

    return Op(name, forward, backward)


class Theirs(Numbers):
    """The numbers of another engine, and what is right where they are wrong.

    Nothing is said of gradients before `backward` has run. A gradient that the engine does not keep is computed: None,
    as DeZero has it between leaves and output.

    Args:
        roots: the outputs.
        kept: of each node but constants, what the engine has of it.
    """

    theirs = True

    def __init__(self, roots: Sequence[Value], kept: Mapping[Value, _Kept]) -> None:
        self._roots, self._kept = frozenset(roots), kept
        self._order = topological_order(*roots)
        self._uses = dict.fromkeys(self._order, 0)
        for node in self._order:
            for x in node.inputs:
                self._uses[x] += 1
        self._values = {node: right for node in self._order if (right := self._right_value(node)) is not None}
        self._gradients: dict[Value, Any] = {}
        self._right_gradients: dict[Value, Any] = {}
        self._right_shares: dict[tuple[Value, int], Any] = {}
        self._has_own_conventions = False
        self._shares: dict[Value, Sequence[Any]] = {}
        self._has_run = self._found_run()
        if self._has_run:
            self._judge()
        for node in self._order:
            g = self._gradients.get(node, 0)
            node.grad = 0 if g is None or is_nan(g) else g

    def _found_run(self) -> bool:
        """Whether `backward` has run on this graph: leaves may still have the gradients of another."""
        inner = [kept.gradient for node in self._order if not node.is_leaf and (kept := self._kept.get(node))]
        if any(inner):
            return True
        leaves = [kept.gradient for node in self._order if node.is_leaf and (kept := self._kept.get(node))]
        return all(gradient is None for gradient in inner) and any(leaves)

    def _right_value(self, node: Value) -> Any:
        if node.is_leaf or not self.is_known(node.op):
            return None
        numbers = [x.data for x in node.inputs]
        return None if gives(node.op, numbers, node.data) else value(node.op, numbers)

    @staticmethod
    def is_known(op: Op) -> bool:
        return op is not None and (op.family is not None or OPS.get(op.name) is op)

    # Gradients

    def _judge(self) -> None:
        """The reverse sweep with their numbers, and beside it what is right."""
        arrived: dict[Value, list[tuple[Any, bool]]] = {node: [] for node in self._order}
        for node in reversed(self._order):
            self._judge_node(node, arrived[node])
            if node.is_leaf:
                continue
            ours, kept = self._passed(node, self._gradients[node])
            is_kink = _is_kink(node)
            self._shares[node] = shares = ours if kept is None else kept
            for i, x in enumerate(node.inputs):
                arrived[x].append((shares[i], kept is not None or not is_kink))
                if kept and not is_kink and None not in (kept[i], ours[i]) and not agree(kept[i], ours[i]):
                    self._right_shares[node, i] = ours[i]

    def _judge_node(self, node: Value, arrived: Sequence[tuple[Any, bool]]) -> None:
        kept = self._kept.get(node)
        theirs = None if kept is None else kept.gradient
        shares = [share for share, _ in arrived]
        total = None if None in shares else sum(shares)
        if node in self._roots:
            total = None if arrived else 1
        self._gradients[node] = total if theirs is None else theirs
        if theirs is None or total is None or node in self._roots:
            return
        if not agree(theirs, total, sum(map(abs, shares))):
            if all(is_sure for _, is_sure in arrived):
                self._right_gradients[node] = total
            else:
                self._has_own_conventions = True

    def _passed(self, node: Value, g: Any) -> tuple[list[Any], list[Any] | None]:
        """What a node passes to its operands: by our slopes, and by those that the engine keeps."""
        ours = slopes(node.op, node.data, [x.data for x in node.inputs])
        kept = self._kept[node].slopes
        return [_product(g, each) for each in ours], None if kept is None else [_product(g, each) for each in kept]

    # What a picture asks

    @cached_property
    def faults(self) -> Sequence[Fault]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return list(self._faults())

    def _faults(self) -> Iterator[Fault]:
        users: dict[Value, list[tuple[Value, int]]] = {node: [] for node in self._order}
        for node in self._order:
            for i, x in enumerate(node.inputs):
                users[x].append((node, i))
        for node in self._order:
            if node in self._values:
                yield Fault(node, "value", node.data, self._values[node])
            if (right := self.right_gradient(node)) is not None:
                yield Fault(node, "gradient", self.gradient(node), right)
            for user, i in users[node]:
                if (right := self.right_share(user, i)) is not None:
                    yield Fault(node, "gradient", self.passed_on(user, None)[i], right, user)

    @cached_property
    def notes(self) -> tuple[tuple[str, int], ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        kept = [(node, self._kept[node]) for node in self._order if node in self._kept]
        found = {
            "differs": len(self.faults),
            "unordered": sum(not each.is_ordered for _, each in kept),
            "unsaid": sum(not each.is_named for _, each in kept),
            "computed": sum(each.gradient is None and not node.is_leaf for node, each in kept) * self._has_run,
        }
        return tuple((name, count) for name, count in found.items() if count)

    @cached_property
    def unknown(self) -> str | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        inner = [node for node in self._order if not node.is_leaf and not self.is_known(node.op)]
        return next((node.op.name for node in inner if self._kept[node].slopes is None), None)

    @cached_property
    def refusal(self) -> tuple[str, str] | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        inner = [node for node in self._order if not node.is_leaf]
        if unknown := next((node.op.name for node in inner if not self.is_known(node.op)), None):
            return "operation", unknown
        differs = bool(self.faults) or self._has_own_conventions
        return ("theirs", "") if differs or not all(map(_is_ours, inner)) else None

    def have_run(self, roots: Sequence[Value]) -> bool:
        return self._has_run

    def gradient(self, node: Value) -> Any:
        return self._gradients.get(node, 0)

    def passed_on(self, node: Value, g: Any) -> Sequence[Any]:
        """At the only arrow of a node stands what the engine has at the node."""
        if not self._has_run:
            return [0] * len(node.inputs)
        alone = [self._uses[x] == 1 and x not in self._roots for x in node.inputs]
        shares = self._shares.get(node, ())
        return [self._gradients[x] if alone[i] else shares[i] for i, x in enumerate(node.inputs)]

    def right_value(self, node: Value) -> Any:
        return self._values.get(node)

    def right_gradient(self, node: Value) -> Any:
        return None if self._uses[node] == 1 else self._right_gradients.get(node)

    def right_share(self, node: Value, i: int) -> Any:
        right = self._right_shares.get((node, i))
        if right is None and self._uses[node.inputs[i]] == 1:
            right = self._right_gradients.get(node.inputs[i])
        return right


def _product(g: Any, slope: Any) -> Any:
    """None where one of them is unknown; a gradient 0 passes 0, whatever it meets."""
    if g is None or (g and slope is None):
        return None
    return g * slope if g else 0


def _is_kink(node: Value) -> bool:
    """Whether engines may agree to differ about the derivative here, as at relu(0)."""
    numbers = tuple(x.data for x in node.inputs)
    if node.op.name in ("maximum", "minimum"):
        return numbers[0] == numbers[1]
    return node.op.family is not OPS["power"] and any(numbers == where for where, _ in node.op.edges)


def _is_ours(node: Value) -> bool:
    """Whether our rule gives the number of a node to the last digits."""
    right = value(node.op, [x.data for x in node.inputs])
    return right is not None and not is_nan(node.data) and math.isclose(node.data, right, rel_tol=1e-9)
