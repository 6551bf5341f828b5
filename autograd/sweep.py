"""The sweeps over a recorded graph that write to nobody: the adjoints of all nodes, and tangents.

`Value.backward` is the same sweep by a shorter way, for graphs in which nothing is unusual. What is unusual is decided
here, once, for numbers and for graphs, backwards and forwards:

- **Single cotangents.** Where a rule fails, it is asked again for each operand that needs a derivative, alone.
- **Nothing, and zero.** Where a rule says that `nothing` arrives, nothing is passed on. A zero that was *computed*
  passes zeros on; where it meets an infinite slope, the graph is asked what made it. If that depends on nothing that
  the slope's operand depends on, it is 0 for all neighbouring inputs too (`0 * sqrt(x)`), and so is the product. Else
  (`sqrt(u) * sqrt(u)`, `cos(sqrt(u))` at 0) the product has a limit that no one can know from here: a `DomainError`.
- **No infinity and no nan** is passed on, but for constants, whose derivative nobody asks for.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograd.doubles import NATIVE, Node
from autograd.doubles import order as native_order
from autograd.errors import (
    DomainError,
    bad_backward,
    bad_gradient,
    bad_product,
    call,
    left_out,
    written,
    zero_times_infinity,
)
from autograd.operation import Op, constant, number_of
from autograd.reals import alike, is_finite, is_nothing, refusal
from autograd.rules import Rule

if TYPE_CHECKING:
    from autograd.engine import Value

_FAULTS = (TypeError, ValueError, ArithmeticError)


def topological_order(*roots: "Value") -> list["Value"]:
    """Every node the roots depend on, once, inputs before what is made of them; left operands first."""
    if NATIVE:
        return native_order(roots)
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Any] = list(reversed(roots))
    pop, push, append, see = stack.pop, stack.append, order.append, seen.add
    while stack:
        node = pop()
        if node is None:  # the inputs of the node below are done
            append(pop())
        elif node not in seen:
            see(node)
            left = node._left
            if left is None:
                append(node)
                continue
            push(node)
            push(None)
            right = node._right
            if right is not None:
                push(right)
                push(left)
            elif left.__class__ is tuple:
                stack.extend(reversed(left))
            else:
                push(left)
    return order


def variables(order: Iterable["Value"]) -> list["Value"]:
    """The leaves that are no constants."""
    return [node for node in order if node.is_leaf and node.op is not constant]


def dependents(order: Iterable["Value"], inputs: Iterable["Value"]) -> set["Value"]:
    """The nodes of the graph that depend on `inputs`, these included."""
    found = set(inputs)
    for node in order:
        if node not in found and any(x in found for x in node.inputs):
            found.add(node)
    return found


def adjoints(
    root: "Value",
    gradient: Any = 1,
    inputs: Sequence["Value"] | None = None,
    record: bool = False,
    within: Sequence["Value"] | None = None,
    replayed: bool = False,
) -> dict["Value", Any]:
    """The derivative of `root` with respect to each node of its graph, times `gradient`; no `.grad` is touched.

    Args:
        gradient: the cotangent of `root`, brought into its arithmetic: the 1 of a Fraction is a Fraction.
        inputs: the nodes whose derivatives are asked for: only what depends on them passes anything on. All variables,
            if not given.
        record: cotangents are computed as Values, so that they can be differentiated again.
        within: the nodes that pass anything on, in topological order: a part of the graph. All of it, if not given.
        replayed: what is recorded will be computed for other inputs too, as a program does. So nothing may be left out
            because it is 0 for these: a slope without value is refused even then.

    Returns:
        The adjoints of all nodes at which something arrives; of every other node it is 0.

    Raises:
        DomainError: a derivative that is asked for has no finite value; says at which node.
    """
    if within is not None:
        inputs = [x for node in within for x in node.inputs] if inputs is None else inputs
    order = topological_order(root) if within is None else list(within)
    seed = gradient if isinstance(gradient, Node) else alike(gradient, root.data)
    return _Reverse(order, root, seed, inputs, record, replayed).run()


def passed_on(node: "Value", g: Any) -> list[Any]:
    """What a node passes to each of its operands when `g` arrives; 0 where nothing does, or its slope has no value.

    Raises:
        DomainError: g is not 0 and a slope has no finite value, though the operand leads to a variable.
    """
    if node.is_leaf or not g:
        return [0] * len(node.inputs)
    passed = _together(node.op, g, node.data, [x.data for x in node.inputs])
    return _Reverse(topological_order(node), node, g).one_by_one(node, g) if passed is None else passed


def slopes(op: Op, y: Any, x: Sequence[Any]) -> list[Any]:
    """The derivative of an operation with respect to each of its operands; None where it has no finite value.

    Raises:
        TypeError: the rule gives something else than as many numbers as there are operands.
    """
    one = alike(1, y)
    passed = _together(op, one, y, x)
    try:
        if passed is None:
            rule = Rule(op, one, y, x)
            passed = [_alone(rule, i) for i in range(len(x))]
    except (ValueError, ArithmeticError):
        return [None] * len(x)
    except TypeError as error:
        raise TypeError(f"{call(op.name, x)}: {error}.") from error
    return passed


def tangents(
    outputs: Sequence["Value"], directions: dict["Value", Any], record: bool = False, replayed: bool = False
) -> list[Any]:
    """Forward mode: the derivatives of `outputs` along `directions` of some inputs, in one pass over the graph.

    Raises:
        DomainError: as for `adjoints`.
    """
    order = topological_order(*outputs)
    seeds = {x: t if isinstance(t, Node) else alike(t, x.data) for x, t in directions.items()}
    return _Forward(order, seeds, record, replayed).run(outputs)


def _together(op: Op, g: Any, y: Any, x: Sequence[Any]) -> list[Any] | None:
    """What a rule passes to all operands; None if that fails or is not finite for some of them."""
    try:
        passed = list(op.backward(g, y, *x))
        usual = len(passed) == len(x) and all(is_finite(number_of(to_x)) for to_x in passed)
    except _FAULTS:
        return None
    return passed if usual else None


def _alone(rule: Rule, i: int) -> Any:
    """What a rule passes to one operand; None where that has no finite value."""
    try:
        passed = rule.cotangent(i)
        return passed if is_finite(number_of(passed)) else None
    except (ValueError, ArithmeticError):
        return None


def _varies(x: Any) -> bool:
    """Whether a cotangent or tangent is recorded, and may be another number for other inputs."""
    return isinstance(x, Node) and bool(variables(topological_order(x)))  # pyright: ignore[reportArgumentType]


def _moves(rule: Rule, i: int, node: "Value", moving: set["Value"]) -> bool:
    """Whether the i-th slope of a node is made of anything in `moving`."""
    return any((node, *node.inputs)[place] in moving for place in rule.reads(i))


class _Pass:
    """What both directions share: a graph, and rules asked so that one bad slope harms nobody else."""

    def __init__(self, order: list["Value"], record: bool, replayed: bool) -> None:
        self.order, self.record, self.replayed = order, record, replayed
        for node in order:
            data = node.data
            if data.__class__ is not int and not (data.__class__ is float and data == data) and (why := refusal(data)):
                raise written(node, "data", why)

    def _operands(self, node: "Value") -> tuple[Any, Sequence[Any]]:
        return (node, node.inputs) if self.record else (node.data, [x.data for x in node.inputs])

    def together(self, node: "Value", g: Any) -> list[Any] | None:
        return _together(node.op, g, *self._operands(node))

    def rule(self, node: "Value", g: Any) -> Rule:
        """The rule of a node, to be asked for one operand after the other."""
        y, x = self._operands(node)
        try:
            return Rule(node.op, g, y, x)
        except _FAULTS as error:
            raise bad_backward(node, number_of(g), error) from error

    def alone(self, rule: Rule, node: "Value", i: int) -> Any:
        """The i-th cotangent; None where it has no finite value."""
        try:
            return _alone(rule, i)
        except TypeError as error:
            return self._in_floats(rule, node, i, error)

    def _in_floats(self, rule: Rule, node: "Value", i: int, error: TypeError) -> Any:
        """Decimals do not mix with floats, so a rule that cannot do without floats (a logarithm) gets only floats."""
        numbers = [number_of(rule.now(0)), node.data, *(x.data for x in node.inputs)]
        if self.record or not any(isinstance(number, Decimal) for number in numbers):
            raise bad_backward(node, numbers[0], error) from error
        g, y, *x = map(float, numbers)
        passed = self.alone(Rule(node.op, g, y, x), node, i)
        return None if passed is None else alike(passed, node.inputs[i].data)

    def _no_value(self, node: "Value", i: int, g: Any) -> Exception:
        """What to raise where the i-th slope of a node has no finite value, and what arrives is not 0."""
        numbers = node.data, [x.data for x in node.inputs]
        try:
            slope, passed = (Rule(node.op, each, *numbers).cotangent(i) for each in (1.0, number_of(g)))
        except _FAULTS as error:
            return bad_backward(node, number_of(g), error)
        return bad_product(node, i, number_of(g), slope, passed)


class _Reverse(_Pass):
    """One reverse sweep."""

    def __init__(
        self,
        order: list["Value"],
        root: "Value",
        seed: Any,
        inputs: Sequence["Value"] | None = None,
        record: bool = False,
        replayed: bool = False,
    ) -> None:
        super().__init__(order, record, replayed)
        self.root, self.inputs = root, inputs
        self.adjoint: dict[Value, Any] = {root: seed}
        self._passing = None if inputs is None else self.asked

    @cached_property
    def asked(self) -> set["Value"]:
        """What depends on something whose derivative is asked for."""
        return dependents(self.order, variables(self.order) if self.inputs is None else self.inputs)

    def run(self) -> dict["Value", Any]:
        if not is_finite(number_of(self.adjoint[self.root])):
            raise bad_gradient(self.root, number_of(self.adjoint[self.root]))
        for node in reversed(self.order):
            g = self.adjoint.get(node, 0)
            if not (node.is_leaf or is_nothing(g) or (self._passing is not None and node not in self._passing)):
                passed = self.together(node, g)
                self._pass_on(node, self.one_by_one(node, g) if passed is None else passed)
        return self.adjoint

    def _pass_on(self, node: "Value", passed: list[Any]) -> None:
        for x, to_x in zip(node.inputs, passed, strict=True):
            if not is_nothing(to_x) and (self._passing is None or x in self._passing):
                self.adjoint[x] = self._sum(x, self.adjoint[x], to_x) if x in self.adjoint else to_x

    def _sum(self, x: "Value", before: Any, to_x: Any) -> Any:
        try:
            total = before + to_x
        except TypeError:  # a Decimal, and a float
            total = alike(before, x.data) + alike(to_x, x.data)
        except ArithmeticError:
            total = number_of(before) + number_of(to_x)
        if not is_finite(number_of(total)) and x in self.asked:
            raise bad_gradient(x, number_of(total))
        return total

    def one_by_one(self, node: "Value", g: Any) -> list[Any]:
        rule = self.rule(node, g)
        passed = [self.alone(rule, node, i) if x in self.asked else 0 for i, x in enumerate(node.inputs)]
        for i, to_x in enumerate(passed):
            if to_x is None and number_of(g):
                raise self._no_value(node, i, g)
            if to_x is None:
                self._explain_zero(node, i)
        return [0 if to_x is None else to_x for to_x in passed]

    def _explain_zero(self, node: "Value", i: int) -> None:
        """Pass if the zero that arrives at `node` stays 0 whatever its i-th operand depends on; else raise."""
        if self.replayed and _varies(self.adjoint[node]):
            raise left_out(node)
        if is_nothing(number_of(self.adjoint[node])):
            return
        sources = variables(self.order) if self.inputs is None else self.inputs
        below = set(topological_order(node.inputs[i]))
        # A recorded zero may be differentiated again, with respect to whatever made it: then that has to stay too.
        moving = dependents(self.order, variables(self.order) if self.record else below.intersection(sources))
        maker = _Zeros(self, moving, node).maker
        if maker is not None:
            raise zero_times_infinity(node, maker)


class _Zeros:
    """Why what arrives at the node `last` is 0.

    Attributes:
        maker: the node whose slope made the zero, or where parts cancelled; None if that does not change with `moving`.
    """

    def __init__(self, sweep: _Reverse, moving: set["Value"], last: "Value") -> None:
        self.sweep, self.moving = sweep, moving
        self.still: dict[Value, bool] = {sweep.root: True}  # what arrives is the same whatever `moving` holds
        self.zero: dict[Value, bool] = {sweep.root: True}  # … or it is 0, whatever `moving` holds
        self.made_by: dict[Value, Value] = {}
        self.above = dependents(sweep.order, [last])
        for node in reversed(sweep.order):
            if node is last:
                break
            if node in self.still and not is_nothing(number_of(sweep.adjoint[node])):
                self._follow(node)
        self.maker = None if self.zero[last] else self.made_by.get(last, last)

    def _follow(self, node: "Value") -> None:
        g = self.sweep.adjoint[node]
        rule = self.sweep.rule(node, g)
        slopes = rule if number_of(g) else self.sweep.rule(node, alike(1, node.data))
        for i, x in enumerate(node.inputs):
            passed = self.sweep.alone(rule, node, i) if x in self.above else None
            if passed is not None and not is_nothing(number_of(passed)):
                moves = _moves(rule, i, node, self.moving)
                slope = self.sweep.alone(slopes, node, i)
                flat = slope is not None and not number_of(slope) and not moves
                self._arrive(node, x, flat or (not number_of(g) and self.zero[node]), self.still[node] and not moves)

    def _arrive(self, node: "Value", x: "Value", zero: bool, still: bool) -> None:
        if not zero and not still:
            made = node if number_of(self.sweep.adjoint[node]) else self.made_by.get(node, node)
            self.made_by.setdefault(x, made)
        self.zero[x] = self.zero.get(x, True) and (zero or still)
        self.still[x] = self.still.get(x, True) and still


class _Forward(_Pass):
    """One forward sweep."""

    def __init__(self, order: list["Value"], seeds: dict["Value", Any], record: bool, replayed: bool) -> None:
        super().__init__(order, record, replayed)
        self.tangent = dict(seeds)
        # Along these directions only these nodes move; a tangent that is 0 all the way is 0 next to here too.
        self.moving = dependents(order, [x for x, t in seeds.items() if isinstance(t, Node) or t])
        self.zero = {x for x, t in seeds.items() if x not in self.moving}

    def run(self, outputs: Sequence["Value"]) -> list[Any]:
        for node in self.order:
            if node not in self.tangent and any(x in self.tangent for x in node.inputs):
                parts = self._parts(node)
                if parts:
                    failed = next((part for part in parts if isinstance(part, Exception)), None)
                    self.tangent[node] = failed or self._sum(node, parts)
        found = [self.tangent.get(node, 0) for node in outputs]
        for failed in found:
            if isinstance(failed, Exception):  # a new one: its traceback leads here, where this one is kept
                raise type(failed)(*failed.args)
        return found

    def _parts(self, node: "Value") -> list[Any]:
        """What each operand that moves contributes: its tangent times the slope; an error where that has no value.

        The error is raised if an output needs it: the tangent of a branch not taken may be infinite.
        """
        one = alike(1, node.data)
        slopes = self.together(node, one)
        if slopes is None:
            rule = self.rule(node, one)
            slopes = [self.alone(rule, node, i) if x in self.tangent else 0 for i, x in enumerate(node.inputs)]
        parts, zero = [], True
        for i, x in enumerate(node.inputs):
            if x in self.tangent:
                part = self._part(node, i, slopes[i])
                if not is_nothing(part):
                    parts.append(part)
                    zero = zero and x in self.zero
        if zero:
            self.zero.add(node)
        return parts

    def _part(self, node: "Value", i: int, slope: Any) -> Any:
        x = node.inputs[i]
        t = self.tangent[x]
        if isinstance(t, Exception):
            return 0 if slope is not None and not number_of(slope) and self._stays(node, i, slope) else t
        if slope is not None:
            return 0 if is_nothing(slope) else slope * t
        if number_of(t):
            return self._no_value(node, i, t)
        if self.replayed and _varies(t):
            raise left_out(node)
        return 0 if x in self.zero or is_nothing(number_of(t)) else zero_times_infinity(node, x)

    def _stays(self, node: "Value", i: int, slope: Any) -> bool:
        """Whether a slope that is 0 is 0 next to here too."""
        if self.replayed and _varies(slope):
            raise left_out(node.inputs[i])
        rule = self.rule(node, alike(1, node.data))
        return is_nothing(number_of(slope)) or not _moves(rule, i, node, self.moving)

    def _sum(self, node: "Value", parts: list[Any]) -> Any:
        try:
            total = sum(parts[1:], parts[0])
        except ArithmeticError:
            total = sum(map(number_of, parts))
        if not is_finite(number_of(total)):
            raise DomainError(f"{call(node.op.name, node.inputs)}: the tangent that leaves it is {number_of(total)!r}.")
        return total
