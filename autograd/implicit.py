"""Roots and fixed points that any code finds, with their derivatives by the implicit function theorem.

Where F(x, θ) = 0, dx/dθ = −(∂F/∂x)⁻¹ ∂F/∂θ, whatever way x was found: by bisection, by SciPy's `brentq`, by a loop that
runs until nothing changes. So a solver is run on plain numbers and not recorded, and its result is one operation whose
rule asks F. On Values the rule is a graph again, in which x is the node itself: derivatives of every order are exact.

In a program the solver is recorded if it can be, else called for each row; what it gives is passed through an operation
that computes nothing and has the rule above, of slopes that are recorded beside it.
"""

import contextlib
import functools
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, NamedTuple, TypeVar
from weakref import WeakValueDictionary, ref

from autograd.containers import Array, Container, opened
from autograd.doubles import Node
from autograd.engine import Value, Witness, is_replayed, record, recording_anew, watched_by
from autograd.errors import DomainError, NotConverged, brief, show, spelled
from autograd.forms import Form, operand
from autograd.functions import greater, identity, maximum, where
from autograd.operation import Op, constant, number_of
from autograd.reals import is_bool, is_nan, nothing, refusal
from autograd.sweep import adjoints
from autograd.trees import Tree

__all__ = ["NotConverged", "custom_fixed_point", "custom_root"]

_S = TypeVar("_S", bound=Callable[..., Any])


def custom_root(F: Callable[..., Any], *, tol: float = 1e-6, recorded: bool = True) -> Callable[[_S], _S]:
    """Decorator: what a solver finds gets the derivatives of a root of F, of any order.

    >>> from autograd import Value
    >>> @custom_root(lambda x, a: x**3 - a)
    ... def cube_root(init, a):
    ...     low, high = 0.0, max(1.0, a)
    ...     for _ in range(60):
    ...         middle = (low + high) / 2
    ...         low, high = (middle, high) if middle**3 < a else (low, middle)
    ...     return low
    >>> a = Value(8.0)
    >>> x = cube_root(None, a)
    >>> x.backward()
    >>> round(x.data, 9), round(a.grad, 9)
    (2.0, 0.083333333)

    A system has as many equations as unknowns; what the solver gives is a list, a tuple or an array then.

    >>> @custom_root(lambda x, p: [x[0] + x[1] - p["sum"], x[0] * x[1] - p["product"]])
    ... def two_numbers(init, p):
    ...     root = (p["sum"] ** 2 - 4 * p["product"]) ** 0.5
    ...     return (p["sum"] - root) / 2, (p["sum"] + root) / 2
    >>> low, high = two_numbers(None, {"sum": Value(5.0), "product": 6.0})
    >>> low.data, high.data
    (2.0, 3.0)

    The decorated solver is called as `solver(init, *args)`, and runs on plain numbers: it may use any library. Its
    arguments are numbers, and trees of them; derivatives flow to all of `args`, and none to `init`, where it starts. So
    F may read nothing but what it is called with: derivatives by anything else would be missing, and are refused.

    In a function that is compiled, the solver runs on Values, and is recorded: each comparison becomes a guard, so
    rows that need more turns of a loop raise `BranchChanged`. A solver that cannot take Values, as SciPy's, is called
    for each row, by the NumPy backend only.

    Args:
        F: `F(x, *args)`, of operators and autograd's functions: 0 where x is the solution. As many numbers as x has.
        tol: Newton's correction F / F′ at what the solver gives may be so large, times |x| where that is above 1.
        recorded: False, and programs call the solver for each row although they could record it: for bisection, say,
            whose comparisons go another way in every row.

    Returns:
        A decorator. The solver that it makes gives x as the solver does, of Values where any of its arguments is one.

    Raises:
        NotConverged: when it is called, and the correction is larger than `tol` allows, or the solver gave nan.
        DomainError: when it is called, and ∂F/∂x is 0, or singular: then x has no derivative.
        ValueError: when it is called, and F reads a Value that is not among its arguments, or F and x differ in size.

    Source:
        M. Blondel et al., "Efficient and Modular Implicit Differentiation", NeurIPS 2022, whose names these are.
    """
    _check("custom_root", "F", F, tol)
    return lambda solver: _decorated(F, solver, tol, recorded)


def custom_fixed_point(T: Callable[..., Any], *, tol: float = 1e-6, recorded: bool = True) -> Callable[[_S], _S]:
    """Decorator: what a solver finds gets the derivatives of a fixed point, x = T(x, *args): `custom_root` of T(x) − x.

    >>> from autograd import Value, sin
    >>> def kepler(E, mean, e):
    ...     return mean + e * sin(E)
    >>> @custom_fixed_point(kepler)
    ... def anomaly(E, mean, e):
    ...     for _ in range(100):
    ...         E = kepler(E, mean, e)
    ...     return E
    >>> mean, e = Value(1.0), Value(0.5)
    >>> E = anomaly(1.0, mean, e)
    >>> E.backward()
    >>> round(mean.grad, 9) == round(1 / (1 - 0.5 * math.cos(E.data)), 9)
    True

    Args:
        T: `T(x, *args)`: as many numbers as x has.
        tol, recorded: as for `custom_root`.

    Raises:
        NotConverged, DomainError, ValueError: as for `custom_root`.
    """
    _check("custom_fixed_point", "T", T, tol)

    def difference(x: Any, *args: Any) -> list[Any]:
        before, after = Tree.of(x).leaves, Tree.of(T(x, *args)).leaves
        if len(before) != len(after):
            raise ValueError(f"custom_fixed_point: T gave {len(after)} numbers for {len(before)}.")
        return [new - old for new, old in zip(after, before, strict=True)]

    return lambda solver: _decorated(difference, solver, tol, recorded)


def _check(caller: str, name: str, f: Any, tol: Any) -> None:
    if not callable(f):
        raise TypeError(f"{caller}({name}): {name} = {f!r} is not a function.")
    if refusal(tol) or tol <= 0:
        raise ValueError(f"{caller}(tol={brief(tol)}): wanted a number above 0.")


def _decorated(F: Callable[..., Any], solver: _S, tol: float, recorded: bool) -> Any:
    if not callable(solver):
        raise TypeError(f"custom_root(F)(solver): solver = {solver!r} is not a function.")
    equation = _Equation(F, solver, float(tol), recorded, _new_name(solver))
    known: dict[Any, _Solution] = {}

    @functools.wraps(solver)
    def solution(init: Any, *args: Any) -> Any:
        call = _Call.of(equation, init, args)
        if call.varies and is_replayed():
            return _in_program(equation, call, known)
        x = equation.solve(call.given(call.numbers))
        if not any(isinstance(each, Value) for each in call.operands):
            equation.check(x, call)
            return x.rebuilt(x.leaves)
        made = _known(known, equation, call, x)
        made.check(x.leaves, call.numbers)
        return x.rebuilt(made.nodes(call.operands, x.leaves))

    equation.public.append(ref(solution))
    solution.__setattr__("_of", functools.partial(_Solution, equation))  # for pickles, which find the solver by name
    return solution


_names: set[str] = set()
_naming = threading.Lock()


def _new_name(solver: Any) -> str:
    """A name that no other solver has: programs find by it what they call."""
    name = getattr(solver, "__name__", type(solver).__name__).strip("<>")
    with _naming:
        count = 1
        while (chosen := name if count == 1 else f"{name}_{count}") in _names:
            count += 1
        _names.add(chosen)
    return chosen


# --- What a call is made of -----------------------------------------------------------------------------------


class _Given(NamedTuple):
    init: Any
    args: tuple[Any, ...]


class _Call:
    """The arguments of a call as a tree; its numbers are the operands, and all else stays where it is.

    Attributes:
        tree: the arguments; of a call that is kept, with no number in it.
        kinds: of each leaf: Value where derivatives go, int or float for a plain number, None for what is no number.
        operands: the Values and numbers.
    """

    def __init__(self, tree: Tree, kinds: list[Any], inits: int) -> None:
        self.tree, self.kinds, self.inits = tree, kinds, inits
        self.places = [i for i, kind in enumerate(kinds) if kind is not None]
        self.operands = [tree.leaves[i] for i in self.places]
        self.asked = [k for k, i in enumerate(self.places) if kinds[i] is Value and i >= inits]
        self.first = sum(i < inits for i in self.places)

    @classmethod
    def of(cls, equation: "_Equation", init: Any, args: tuple[Any, ...]) -> "_Call":
        tree = Tree.of(_Given(init, args), equation.name, "an argument")
        kinds = [_kind(equation, x, tree, i) for i, x in enumerate(tree.leaves)]
        return cls(tree, kinds, len(Tree.of(init).leaves))

    @property
    def varies(self) -> bool:
        return any(kind is Value for kind in self.kinds)

    @property
    def numbers(self) -> list[Any]:
        return [number_of(x) for x in self.operands]

    def given(self, operands: Iterable[Any]) -> _Given:
        """The arguments with these operands; plain numbers are what they were, and others floats or Values."""
        each, leaves = iter(operands), []
        for kind, x in zip(self.kinds, self.tree.leaves, strict=True):
            leaves.append(x if kind is None else _as(kind, next(each)))
        return self.tree.rebuilt(leaves)

    def kept(self) -> "_Call":
        """The same structure without the numbers."""
        blank = [x if kind is None else 0.0 for kind, x in zip(self.kinds, self.tree.leaves, strict=True)]
        return _Call(Tree.of(self.tree.rebuilt(blank)), self.kinds, self.inits)

    @property
    def key(self) -> Any:
        """What is the same for calls of the same structure.

        Raises:
            TypeError: something in it cannot be compared.
        """
        leaves = zip(self.kinds, self.tree.leaves, strict=True)
        others = [(type(x), x) for kind, x in leaves if kind is None]
        return (*self.kinds, *others, *_structure(self.tree))


def _kind(equation: "_Equation", x: Any, tree: Tree, i: int) -> Any:
    if isinstance(x, Value):
        return float if x.op is constant else Value
    if is_nan(x):
        raise ValueError(f"{equation.name}: {tree.paths[i][1:]} = {brief(x)}: {refusal(x)}.")
    if refusal(x):
        return None
    return int if x.__class__ is int else float


def _as(kind: Any, x: Any) -> Any:
    if kind is Value and isinstance(x, Value):
        return x
    return int(number_of(x)) if kind is int else float(number_of(x))


def _structure(tree: Tree) -> Iterator[Any]:
    """The containers of a tree, as what can be compared and holds no number."""
    for part in tree.parts:
        yield part if part is None else (type(part.tree), part.count, *_keys(part))


def _keys(part: Container) -> Iterator[Any]:
    kind = type(part.tree)
    if isinstance(part, Array):
        yield part.shape
        yield part.tree.dtype == object
    elif kind is dict or hasattr(kind, "_fields"):
        yield from part.keys
    elif hasattr(kind, "__dataclass_fields__"):
        names = {*kind.__dataclass_fields__, *getattr(part.tree, "__dict__", ())}.difference(part.keys)
        yield from part.keys
        yield from ((name, getattr(part.tree, name, None)) for name in sorted(names))
    elif kind not in (list, tuple):  # it may hold anything
        raise TypeError


@dataclass(frozen=True)
class _Equation:
    """A solver and what it solves."""

    F: Callable[..., Any]
    solver: Callable[..., Any]
    tol: float
    recorded: bool
    name: str
    public: list[Any]

    def __init__(self, *fields: Any) -> None:
        for name, each in zip(self.__dataclass_fields__, (*fields, []), strict=True):
            object.__setattr__(self, name, each)

    def solve(self, given: _Given) -> Tree:
        """What the solver gives, of floats.

        Raises:
            NotConverged: it gives nan, or an infinite number.
            TypeError: it gives no number.
        """
        with _aside():
            x = Tree.of(self.solver(*_all(given)), self.name, "its result")
        if not x.leaves:
            raise TypeError(f"{self.name}: the solver gave {spelled(x.rebuilt([]))}; wanted a number, or a list of them.")
        for each in x.leaves:
            if isinstance(each, Value):
                raise self.captures(each)
            if is_nan(each) or (not refusal(each) and math.isinf(each)):
                raise NotConverged(f"{self.name}: the solver gave x = {brief(each)}.", x=each)
            if is_bool(each) or refusal(each):
                raise TypeError(f"{self.name}: the solver gave x = {brief(each)}: {refusal(each)}.")
        x.leaves = [float(each) for each in x.leaves]
        return x

    def check(self, x: Tree, call: _Call) -> None:
        _Solution(self, call, x).check(x.leaves, call.numbers)

    def captures(self, node: Value) -> ValueError:
        return ValueError(
            f"{self.name}: the solution depends on {show(node)}, a Value that is not among the arguments, and the "
            "derivative by it would be missing; pass it as an argument."
        )


def _aside() -> Any:
    """Within the block nothing becomes part of a program that is being recorded."""
    return watched_by(Witness()) if is_replayed() else contextlib.nullcontext()


_KNOWN = 64  # structures of calls that are kept for a solver


def _known(known: dict[Any, "_Solution"], equation: _Equation, call: _Call, x: Tree) -> "_Solution":
    """The operations for calls of this structure, and for solutions of this one."""
    try:
        key = (call.key, *_structure(x))
        if key in known:
            return known[key]
    except TypeError:  # what cannot be compared is made anew
        return _Solution(equation, call.kept(), x)
    if len(known) >= _KNOWN:
        known.clear()
    return known.setdefault(key, _Solution(equation, call.kept(), x))


# --- In the graph ---------------------------------------------------------------------------------------------


class _Operation(Op):
    """One number of a solution."""

    __slots__ = ("place", "rules")
    advice = "write the solver in Python, with operators and comparisons, so that it is recorded"

    def at_precision(self, mp: Any) -> Callable[..., Any]:
        return self.forward  # mpmath may have a function of this name

    def __reduce__(self) -> Any:
        return self.rules.reduced(self.place)


class _Cotangent:
    """What is passed to one operand, asked for alone; in programs it is a form, or an operation without one."""

    absent = None

    def __init__(self, rules: "_Rules", i: int, k: int) -> None:
        self.rules, self.i, self.k = rules, i, k
        self.name, self.form = f"d {rules.name} {i} {k}", rules.slope_form(i, k)

    def __call__(self, g: Any, y: Any, *x: Any) -> Any:
        (slope,) = self.rules.slopes(self.i, y, x, [self.k])
        return g * slope

    forward = __call__


class _Rules:
    """The operations that make the numbers of a solution, one for each, and their rule.

    Attributes:
        operands: how many there are.
        asked: those that the rule passes anything to.
    """

    name: str
    operands: int
    asked: list[int]

    def __init__(self) -> None:
        self._ops: WeakValueDictionary[int, _Operation] = WeakValueDictionary()
        self._cotangents: dict[tuple[int, int], Any] = {}

    def op(self, i: int) -> _Operation:
        if (op := self._ops.get(i)) is None:
            rule: Any = functools.partial(_backward, self, i)
            names = ("g", "y", *(f"operand_{k}" for k in range(1, self.operands + 1)))
            rule.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in names])
            op = _Operation(self.name, functools.partial(self.forward, i), rule, **self.fields(i))
            object.__setattr__(op, "rules", self)
            object.__setattr__(op, "place", i)
            op = self._ops.setdefault(i, op)
        return op

    def forward(self, i: int, *x: Any) -> Any:
        raise NotImplementedError

    def fields(self, i: int) -> dict[str, Any]:
        raise NotImplementedError

    def slopes(self, i: int, y: Any, x: Sequence[Any], asked: Sequence[int]) -> list[Any]:
        """The derivatives of the i-th number by the operands that are asked for: numbers, or Values if any came."""
        raise NotImplementedError

    def slope_form(self, i: int, k: int) -> Form | None:
        """What is passed to the k-th operand, where that is an expression of `g, y, *x`."""
        return None

    def reduced(self, i: int) -> Any:
        from pickle import PicklingError

        raise PicklingError(f"{self.name}: a part of a program cannot be pickled.")


def _backward(rules: _Rules, i: int, g: Any, y: Any, *x: Any) -> tuple[Any, ...]:
    passed: list[Any] = [nothing] * len(x)
    stand_in = next((each for each in (g, y, *x) if isinstance(each, Node) and not isinstance(each, Value)), None)
    if stand_in is not None:  # of a rule that is asked for one operand after the other, or written down
        for k in rules.asked:
            passed[k] = getattr(stand_in, "record")(_Cotangent(rules, i, k), (g, y, *x))  # noqa: B009 - of any node
        return tuple(passed)
    for k, slope in zip(rules.asked, rules.slopes(i, y, x, rules.asked), strict=True):
        passed[k] = g * slope
    return tuple(passed)


class _Solution(_Rules):
    """The solutions of calls of one structure: their operands are all numbers of the call, in order."""

    def __init__(self, equation: _Equation, call: _Call, x: Tree) -> None:
        super().__init__()
        self.equation, self.call, self.asked = equation, call, call.asked
        self.operands = len(call.places)
        self.unknowns = x if x.parts == [None] else Tree.of(x.rebuilt([0.0] * len(x.leaves)))
        self.name = equation.name
        self.count = len(x.leaves)
        self._waiting: dict[tuple[Any, ...], tuple[list[float], frozenset[int]]] = {}
        self._slopes: tuple[Any, Any] | None = None
        self._in_programs: WeakValueDictionary[int, _InProgram] = WeakValueDictionary()

    def fields(self, i: int) -> dict[str, Any]:
        symbol = self.equation.name if self.count == 1 else f"{self.equation.name}[{i}]"
        defined = "arguments for which the equation has a solution, with ∂F/∂x not 0 there"
        return {"symbol": symbol, "meaning": "a solution that a solver found", "defined": defined}

    def nodes(self, operands: Sequence[Any], x: Sequence[float]) -> list[Value]:
        self._offer(tuple(map(number_of, operands)), list(x), frozenset(range(self.count)))
        return [record(self.op(i), operands) for i in range(self.count)]

    def forward(self, i: int, *numbers: Any) -> float:
        x, left = self._waiting.pop(numbers, (None, frozenset()))
        if x is None or i not in left:
            x, left = self._solved(numbers), frozenset(range(self.count))
        if self.count > 1:
            self._offer(numbers, x, left - {i})
        return x[i]

    def _offer(self, numbers: tuple[Any, ...], x: list[float], left: frozenset[int]) -> None:
        """Keep a solution for those of its numbers that nobody has taken yet, so that one solves for all."""
        if left:
            if len(self._waiting) > 10_000:
                self._waiting.clear()
            self._waiting[numbers] = x, left

    def _solved(self, numbers: Sequence[Any]) -> list[float]:
        x = self.equation.solve(self.call.given(numbers)).leaves
        self.check(x, numbers)
        return x

    # --- The linear system

    def check(self, x: Sequence[float], numbers: Sequence[Any]) -> None:
        """Raise NotConverged unless x is a solution for these arguments."""
        residual, matrix, _ = self.partials(x, numbers, [])
        correction = [row[0] for row in self.eliminated(matrix, [[each] for each in residual], x)]
        size, bound = max(map(abs, correction)), self.equation.tol * max(1.0, *map(abs, x))
        if not size <= bound:
            raise self.not_converged(x, residual, correction)

    def not_converged(self, x: Sequence[Any], residual: Sequence[Any], correction: Sequence[Any]) -> NotConverged:
        x, residual, correction = (list(map(number_of, each)) for each in (x, residual, correction))
        shown = [brief(each[0] if self.count == 1 else each) for each in (x, residual, correction)]
        return NotConverged(
            f"{self.name}: the solver did not converge: at x = {shown[0]} the residual is {shown[1]}, and Newton's "
            f"correction {shown[2]} is larger than tol = {self.equation.tol:g} allows; give it more steps.",
            *(each[0] if self.count == 1 else each for each in (x, residual, correction)),
        )

    def partials(self, x: Sequence[Any], operands: Sequence[Any], asked: Sequence[int]) -> tuple[Any, Any, Any]:
        """F at a point, its derivatives by x, and by the operands that are asked for: numbers, or Values if any came."""
        on_values = any(isinstance(each, Value) for each in (*x, *operands))
        with contextlib.nullcontext() if on_values else _aside(), recording_anew():
            unknowns = [_fresh(each) for each in x]
            placed: list[Any] = [number_of(each) for each in operands]
            for k in self.asked:
                placed[k] = _fresh(operands[k])
            outputs = self._outputs(unknowns, placed)
            inputs = unknowns + [placed[k] for k in asked]
            rows = [self._row(each, inputs, on_values) for each in outputs]
        residual = outputs if on_values else [number_of(each) for each in outputs]
        return residual, [row[: self.count] for row in rows], [row[self.count :] for row in rows]

    def _outputs(self, unknowns: list[Value], operands: list[Any]) -> list[Any]:
        given = self.call.given(operands)
        outputs = Tree.of(self.equation.F(self.unknowns.rebuilt(unknowns), *given.args), self.name, "F").leaves
        if len(outputs) != self.count:
            raise ValueError(f"{self.name}: F gave {len(outputs)} numbers for {self.count} unknowns; wanted as many.")
        for each in outputs:
            if not isinstance(each, Value) and (why := refusal(each)):
                raise TypeError(f"{self.name}: F gave {brief(each)}: {why}.")
        if (node := _captured(outputs, {*unknowns, *(operands[k] for k in self.asked)})) is not None:
            raise self.equation.captures(node)
        return outputs

    def _row(self, output: Any, inputs: list[Value], on_values: bool) -> list[Any]:
        if not isinstance(output, Value):
            return [0.0] * len(inputs)
        found = adjoints(output, 1, inputs, record=on_values, replayed=is_replayed())
        return [found.get(each, 0.0) for each in inputs]

    def eliminated(self, matrix: list[list[Any]], right: list[list[Any]], x: Sequence[Any]) -> list[list[Any]]:
        """What times the matrix is `right`."""
        try:
            return _eliminated(matrix, right)
        except (ZeroDivisionError, DomainError):
            shown = brief(number_of(x[0]) if self.count == 1 else list(map(number_of, x)))
            what = "∂F/∂x is 0" if self.count == 1 else "the matrix ∂F/∂x is singular"
            raise DomainError(
                f"{self.name}: {what} at the solution x = {shown}, so it has no derivative there."
            ) from None

    def by_operands(self, x: Sequence[Any], operands: Sequence[Any], asked: Sequence[int]) -> list[list[Any]]:
        """The derivatives of each number of x."""
        _, matrix, right = self.partials(x, operands, asked)
        with recording_anew():
            return [[-each for each in row] for row in self.eliminated(matrix, right, x)]

    # --- The rule

    def in_programs(self) -> "_InProgram":
        if (rules := self._in_programs.get(0)) is None:
            rules = self._in_programs.setdefault(0, _InProgram(self))
        return rules

    def slopes(self, i: int, y: Any, x: Sequence[Any], asked: Sequence[int]) -> list[Any]:
        numbers = tuple(map(number_of, x))
        solution = self._solution_at(i, number_of(y), numbers)
        if any(isinstance(each, Value) for each in (y, *x)):
            self._offer(numbers, solution, frozenset(range(self.count)))
            with recording_anew():
                others = [record(self.op(j), x) if j != i or not isinstance(y, Value) else y for j in range(self.count)]
            return self.by_operands(others, x, asked)[i]
        key = numbers, solution, asked
        if self._slopes is None or self._slopes[0] != key:
            self._slopes = key, self.by_operands(solution, x, asked)
        return self._slopes[1][i]

    def _solution_at(self, i: int, y: float, numbers: tuple[Any, ...]) -> list[float]:
        """The whole solution of which the i-th number is y."""
        if self.count == 1:
            return [y]
        if self._slopes is not None:
            (known, x, _), _ = self._slopes
            if known == numbers and x[i] == y:
                return x
        x = self.equation.solve(self.call.given(numbers)).leaves
        return [*x[:i], y, *x[i + 1 :]]

    def reduced(self, i: int) -> Any:
        solver = self.equation.public[0]()
        return _read_back, (solver, self.call.tree, self.call.kinds, self.call.inits, self.unknowns, i)


def _read_back(solver: Any, tree: Tree, kinds: list[Any], inits: int, unknowns: Tree, i: int) -> _Operation:
    return getattr(solver, "_of")(_Call(tree, kinds, inits), unknowns).op(i)  # noqa: B009 - of a function


def _fresh(x: Any) -> Value:
    """A node for this place alone, so that derivatives by it are partial ones."""
    return identity(x) if isinstance(x, Value) else Value(float(x))


def _captured(outputs: Iterable[Any], own: set[Any]) -> Value | None:
    """A variable that the outputs depend on, not through any of `own`."""
    waiting, seen = [x for x in outputs if isinstance(x, Value)], set(own)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if node.is_leaf and node.op is not constant:
                return node
            waiting += node.inputs
    return None


def _eliminated(matrix: list[list[Any]], right: list[list[Any]]) -> list[list[Any]]:
    """Gauss's elimination, on numbers and on Values, without a branch: what is larger is chosen by `where`."""
    rows = [[*row, *others] for row, others in zip(matrix, right, strict=True)]
    count = len(rows)
    for k in range(count):
        for i in range(k + 1, count):
            rows[k], rows[i] = _larger_first(rows[k], rows[i], k)
        pivot = rows[k][k]
        if not isinstance(pivot, Value) and not pivot:
            raise ZeroDivisionError
        rows[k] = [each / pivot for each in rows[k]]
        for i in range(count):
            if i != k and not _is_zero(factor := rows[i][k]):
                rows[i] = [a if _is_zero(b) else a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[count:] for row in rows]


def _larger_first(a: list[Any], b: list[Any], k: int) -> tuple[list[Any], list[Any]]:
    """Two rows, first the one whose k-th number is larger."""
    if _is_zero(a[k]) or _is_zero(b[k]):
        return (b, a) if _is_zero(a[k]) else (a, b)
    if not isinstance(a[k], Value) and not isinstance(b[k], Value):
        return (b, a) if abs(b[k]) > abs(a[k]) else (a, b)
    swap = greater(abs(b[k]), abs(a[k]))
    pairs = list(zip(a, b, strict=True))
    return [where(swap, y, x) for x, y in pairs], [where(swap, x, y) for x, y in pairs]


def _is_zero(x: Any) -> bool:
    """Whether it is 0 whatever the numbers are."""
    return not isinstance(x, Value) and not x


# --- In programs ----------------------------------------------------------------------------------------------


class _InProgram(_Rules):
    """The numbers of a solution in a program: operands are what the solver gave, those of the call, and all slopes.

    The value is the solver's; what is passed to the arguments is the slope that was recorded, and nothing to the rest.
    """

    def __init__(self, solution: _Solution) -> None:
        super().__init__()
        self.solution, self.name, self.count = solution, solution.name, solution.count
        self.asked = [self.count + k for k in solution.asked]
        self._first = self.count + solution.operands  # of the slopes
        self.operands = self._first + self.count * len(self.asked)

    def forward(self, i: int, *x: Any) -> Any:
        return x[i]

    def fields(self, i: int) -> dict[str, Any]:
        return {**self.solution.fields(i), "form": operand(i)}

    def slope_form(self, i: int, k: int) -> Form:
        return Form("*", (operand(0), operand(2 + self._slope(i, k))))

    def _slope(self, i: int, k: int) -> int:
        """Which operand is the slope of the i-th number by the k-th operand."""
        return self._first + i * len(self.asked) + self.asked.index(k)

    def slopes(self, i: int, y: Any, x: Sequence[Any], asked: Sequence[int]) -> list[Any]:
        if not any(isinstance(each, Value) for each in (y, *x)):
            return [x[self._slope(i, k)] for k in asked]
        with recording_anew():
            numbers = [record(self.op(j), x) if j != i or not isinstance(y, Value) else y for j in range(self.count)]
        operands = x[self.count : self._first]
        return self.solution.by_operands(numbers, operands, [k - self.count for k in asked])[i]


def _in_program(equation: _Equation, call: _Call, known: dict[Any, _Solution]) -> Any:
    """The solution with its slopes and the check of its convergence, recorded."""
    from autograd.compiler.recording import explained

    x = _recorded(equation, call)
    if x is None:
        x = equation.solve(call.given(call.numbers))
        solution = _known(known, equation, call, x)
        x.leaves = solution.nodes(call.operands, x.leaves)
    else:
        solution = _known(known, equation, call, x)
    residual, matrix, right = solution.partials(x.leaves, call.operands, solution.asked)
    columns = [[each, *row] for each, row in zip(residual, right, strict=True)]
    found = solution.eliminated(matrix, columns, x.leaves)
    correction = [row[0] for row in found]
    with explained(f": {equation.name} has converged only where the first, Newton's correction, is as small"):
        bound = equation.tol * functools.reduce(maximum, map(abs, x.leaves), 1.0)
        if not functools.reduce(maximum, map(abs, correction)) <= bound:
            raise solution.not_converged(x.leaves, residual, correction)
    slopes = [-each for row in found for each in row[1:]]
    rules = solution.in_programs()
    return x.rebuilt([record(rules.op(i), [*x.leaves, *call.operands, *slopes]) for i in range(solution.count)])


def _recorded(equation: _Equation, call: _Call) -> Tree | None:
    """What the solver gives on Values; None if it cannot take them, or its result does not depend on them."""
    from autograd.compiler.recording import tried

    if not equation.recorded:
        return None
    advice = f"; that is in {equation.name}: recorded=False has programs of NumPy call it for each row"
    found = tried(lambda: Tree.of(equation.solver(*_all(call.given(call.operands)))), advice)
    return found if found is not None and any(isinstance(x, Value) for x in found.leaves) else None


def _all(given: _Given) -> tuple[Any, ...]:
    return (given.init, *given.args)
