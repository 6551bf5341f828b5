"""Solutions as operations: one for each number of a solution, with the rule of the implicit function theorem."""

import functools
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Any
from weakref import WeakValueDictionary, ref

from autograd.doubles import Node
from autograd.engine import Value, record, recording_anew
from autograd.forms import Form
from autograd.implicit.call import Call, structure
from autograd.implicit.system import Equation, System
from autograd.operation import Op, number_of
from autograd.reals import nothing
from autograd.trees import Tree

_RECENT = 1000  # solutions of systems that are kept for their sweep


class Operation(Op):
    """One number of a solution; `rules` has it by its `place`."""

    __slots__ = ("place", "rules")
    advice = "write the solver in Python, with operators and comparisons, so that it is recorded"

    def at_precision(self, mp: Any) -> Callable[..., Any]:
        return self.forward  # mpmath may have a function of this name

    def __reduce__(self) -> Any:
        return self.rules.reduced(self.place)


class Rules:
    """The operations that make the numbers of a solution, and their rule.

    Attributes:
        operands: how many there are.
        asked: those that the rule passes anything to.
    """

    name: str
    operands: int
    asked: list[int]

    def __init__(self) -> None:
        self._ops: WeakValueDictionary[int, Operation] = WeakValueDictionary()  # which hold these rules

    def op(self, i: int) -> Operation:
        """The operation that makes the i-th number."""
        op = self._ops.get(i)
        return self._ops.setdefault(i, self._made(i)) if op is None else op

    def _made(self, i: int) -> Operation:
        names = ("g", "y", *(f"operand_{k}" for k in range(1, self.operands + 1)))
        rule: Any = functools.partial(_backward, self, i)
        rule.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in names])
        op = Operation(self.name, functools.partial(self.forward, i), rule, **self.fields(i))
        object.__setattr__(op, "rules", self)
        object.__setattr__(op, "place", i)
        return op

    def forward(self, i: int, *x: Any) -> Any:
        """What the i-th operation computes."""
        raise NotImplementedError

    def fields(self, i: int) -> dict[str, Any]:
        """What else its record has."""
        raise NotImplementedError

    def slopes(self, i: int, y: Any, x: Sequence[Any], asked: Sequence[int]) -> list[Any]:
        """The derivatives of the i-th number by the operands that are asked for: Values where any came."""
        raise NotImplementedError

    def form(self, i: int, k: int) -> Form | None:
        """What is passed to the k-th operand, where that is an expression of `g, y, *x`."""
        return None

    def reduced(self, i: int) -> Any:
        """How the i-th operation is pickled."""
        raise NotImplementedError


def _backward(rules: Rules, i: int, g: Any, y: Any, *x: Any) -> tuple[Any, ...]:
    passed: list[Any] = [nothing] * len(x)
    stand_in = next((each for each in (g, y, *x) if isinstance(each, Node) and not isinstance(each, Value)), None)
    if stand_in is not None:  # of a rule that is asked for one operand after the other, or written down
        for k in rules.asked:
            passed[k] = getattr(stand_in, "record")(_Cotangent(rules, i, k), (g, y, *x))  # noqa: B009 - of any node
        return tuple(passed)
    for k, slope in zip(rules.asked, rules.slopes(i, y, x, rules.asked), strict=True):
        passed[k] = g * slope
    return tuple(passed)


class _Cotangent:
    """What is passed to one operand, as an operation on `g, y, *x`; programs have its form, or call it."""

    absent = None
    advice = Operation.advice

    def __init__(self, rules: Rules, i: int, k: int) -> None:
        self.rules, self.i, self.k = rules, i, k
        self.name, self.form = f"slope of {rules.name}", rules.form(i, k)

    def __call__(self, g: Any, y: Any, *x: Any) -> Any:
        (slope,) = self.rules.slopes(self.i, y, x, [self.k])
        return g * slope

    forward = __call__


class Solution(Rules):
    """The solutions of calls of one structure: the operands are all numbers of the call, in order."""

    def __init__(self, equation: Equation, call: Call, x: Tree) -> None:
        super().__init__()
        self.equation, self.call, self.system = equation, call, System(equation, call, x)
        self.name, self.count = equation.name, len(x.leaves)
        self.operands, self.asked = len(call.operands), call.asked
        self._untaken: dict[tuple[Any, ...], frozenset[int]] = {}
        self._recent: dict[tuple[Any, ...], list[float]] = {}
        self._slopes: tuple[Any, Any] = None, None
        self.in_programs: ref[Any] | None = None  # to its rules there

    def fields(self, i: int) -> dict[str, Any]:
        return {
            "symbol": self.name if self.count == 1 else f"{self.name}[{i}]",
            "meaning": "a solution that a solver found",
            "defined": "arguments for which the equation has a solution, with ∂F/∂x not 0 there",
        }

    def nodes(self, operands: Sequence[Any], x: list[float]) -> list[Value]:
        """What was found, as nodes."""
        self._keep(tuple(map(number_of, operands)), x, frozenset(range(self.count)))
        return [record(self.op(i), operands) for i in range(self.count)]

    def forward(self, i: int, *numbers: Any) -> float:
        """The number of a solution that was found for the others of its numbers, or of a new one."""
        left, x = self._untaken.pop(numbers, frozenset()), self._recent.get(numbers)
        if x is None or i not in left:
            left, x = frozenset(range(self.count)), self.equation.solve(self.call.given(numbers)).leaves
            self.system.check(x, numbers)
        self._keep(numbers, x, left - {i})
        return x[i]

    def _keep(self, numbers: tuple[Any, ...], x: list[float], left: frozenset[int]) -> None:
        """Have a solution for those of its numbers that nobody has taken yet, and for its sweep."""
        for kept in (self._recent, self._untaken):
            if len(kept) >= _RECENT:
                kept.clear()
        if left or self.count > 1:
            self._recent[numbers] = x
        if left:
            self._untaken[numbers] = left
        elif self.count == 1:
            self._recent.pop(numbers, None)

    def slopes(self, i: int, y: Any, x: Sequence[Any], asked: Sequence[int]) -> list[Any]:
        numbers = tuple(map(number_of, x))
        solution = self._solution_of(i, number_of(y), numbers)
        if any(isinstance(each, Value) for each in (y, *x)):
            return self.system.slopes(self._siblings(i, y, x, numbers, solution), x, asked)[i]
        key, found = (numbers, solution, asked), self._slopes
        if found[0] != key:
            found = self._slopes = key, self.system.slopes(solution, x, asked)
        return found[1][i]

    def _siblings(
        self, i: int, y: Any, x: Sequence[Any], numbers: tuple[Any, ...], solution: list[float]
    ) -> list[Value]:
        """All numbers of the solution as nodes; y is one itself."""
        wanted = [j for j in range(self.count) if j != i or not isinstance(y, Value)]
        self._keep(numbers, solution, frozenset(wanted))
        with recording_anew():
            return [record(self.op(j), x) if j in wanted else y for j in range(self.count)]

    def _solution_of(self, i: int, y: float, numbers: tuple[Any, ...]) -> list[float]:
        """The whole solution of which the i-th number is y."""
        if self.count == 1:
            return [y]
        x = self._recent.get(numbers)
        if x is None or x[i] != y:
            x = self.equation.solve(self.call.given(numbers)).leaves
            x = [*x[:i], y, *x[i + 1 :]]
            self.system.check(x, numbers)  # for the solver may have found another solution now
        return x

    def reduced(self, i: int) -> Any:
        from pickle import PicklingError

        solver = self.equation.decorated[0]()
        if solver is None:
            raise PicklingError(f"{self.name}: the solver is gone, and could not be found again.")
        return _read_back, (solver, self.call.tree, self.call.kinds, self.call.inits, self.system.unknowns, i)


def _read_back(solver: Any, tree: Tree, kinds: list[Any], inits: int, unknowns: Tree, i: int) -> Operation:
    return solver.solution_of(Call(tree, kinds, inits), unknowns).op(i)


Known = dict[Any, tuple[Solution, list[Operation]]]
"""The structures of calls of a solver, each with its operations, which it does not hold itself."""
_KNOWN = 64  # structures that are kept


def known_solution(known: Known, equation: Equation, call: Call, x: Tree) -> Solution:
    """The operations for calls and solutions of this structure; `known` has those that were made before."""
    try:
        key = (call.key, *structure(x))
        if key in known:
            return known[key][0]
    except TypeError:  # what cannot be compared is made anew
        return Solution(equation, call.kept(), x)
    if len(known) >= _KNOWN:
        known.clear()
    solution = Solution(equation, call.kept(), x)
    return known.setdefault(key, (solution, [solution.op(i) for i in range(solution.count)]))[0]
