"""Roots and fixed points that any code finds, with their derivatives by the implicit function theorem.

Where F(x, θ) = 0, dx/dθ = −(∂F/∂x)⁻¹ ∂F/∂θ, however x was found: by bisection, by SciPy's `brentq`, by a loop that
runs until nothing changes. So a solver is run on plain numbers and not recorded, and its result is one operation whose
rule needs F alone. On Values the rule is a graph again, in which x is the node itself: derivatives of every order are
exact.

In a program the solver is recorded if it can be, else called for each row; its result passes through an operation that
computes nothing and has the rule above, with slopes that are recorded beside it.
"""

import functools
from collections.abc import Callable
from inspect import signature
from typing import Any
from weakref import ref

from autograd.engine import Value, is_replayed
from autograd.errors import NotConverged, brief, many
from autograd.implicit.call import Call
from autograd.implicit.solutions import Known, Solution, known_solution
from autograd.implicit.system import Equation, System
from autograd.reals import refusal
from autograd.trees import Tree

__all__ = ["NotConverged", "custom_fixed_point", "custom_root"]

Solver = Callable[..., Any]


def __dir__() -> list[str]:
    return __all__


def custom_root(F: Callable[..., Any], *, tol: float = 1e-6, recorded: bool = True) -> Callable[[Solver], Solver]:
    """Decorator: gives the result of a solver the derivatives, of any order, of a root of F.

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

    A system has as many equations as unknowns; the solver then returns a list, a tuple or an array.

    >>> @custom_root(lambda x, p: [x[0] + x[1] - p["sum"], x[0] * x[1] - p["product"]])
    ... def two_numbers(init, p):
    ...     root = (p["sum"] ** 2 - 4 * p["product"]) ** 0.5
    ...     return (p["sum"] - root) / 2, (p["sum"] + root) / 2
    >>> low, high = two_numbers(None, {"sum": Value(5.0), "product": 6.0})
    >>> low.data, high.data
    (2.0, 3.0)

    The decorated solver is called as `solver(init, *args)`, by its names too, and runs on plain numbers: it may use any
    library. Its arguments are numbers, and trees of them; derivatives flow to all of `args`, and none to `init`, where
    it starts. So F may read nothing but what it is called with: derivatives by anything else would be missing, and are
    refused.

    In a function that is compiled, the solver runs on Values, and is recorded: each comparison becomes a guard, so
    rows that need more turns of a loop raise `BranchChanged`. A solver that cannot take Values, as SciPy's, is called
    for each row, by the NumPy backend only.

    Args:
        F: `F(x, *args)`, of operators and autograd's functions: 0 where x is the solution. As many numbers as x has.
        tol: how large Newton's correction F / F′ may be at the solver's result, times |x| where that is above 1.
        recorded: if False, programs call the solver for each row even if they could record it: for bisection, say,
            whose comparisons come out differently in every row.

    Returns:
        A decorator. The decorated solver returns x as the solver does, in Values where any of its arguments is one.

    Raises:
        NotConverged: when it is called, and the correction is larger than `tol` allows, or the solver gave nan.
        DomainError: when it is called, and ∂F/∂x is 0, or singular: then x has no derivative.
        ValueError: when it is called, and F reads a Value that is not among its arguments, or F and x differ in size.

    Source:
        M. Blondel et al., "Efficient and Modular Implicit Differentiation", NeurIPS 2022, whose names these are.
    """
    _check("custom_root", "F", F, tol)
    return lambda solver: _decorated(F, solver, tol, recorded)


def custom_fixed_point(
    T: Callable[..., Any], *, tol: float = 1e-6, recorded: bool = True
) -> Callable[[Solver], Solver]:
    """Decorator: gives the result of a solver the derivatives of a fixed point, x = T(x, *args).

    >>> from autograd import Value, cos, sin
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
    >>> round(mean.grad * (1 - 0.5 * cos(E.data)), 9)
    1.0

    Args:
        T: `T(x, *args)`, which returns as many numbers as x has.
        tol, recorded: as for `custom_root`.

    Raises:
        NotConverged, DomainError, ValueError: as for `custom_root`.
    """
    _check("custom_fixed_point", "T", T, tol)

    def difference(x: Any, *args: Any) -> list[Any]:
        before, after = Tree.of(x).leaves, Tree.of(T(x, *args)).leaves
        if len(before) != len(after):
            raise ValueError(f"custom_fixed_point: T gave {many(len(after), 'number')} for {len(before)}.")
        return [new - old for new, old in zip(after, before, strict=True)]

    return lambda solver: _decorated(difference, solver, tol, recorded)


def _check(caller: str, name: str, f: Any, tol: Any) -> None:
    if not callable(f):
        raise TypeError(f"{caller}({name}): {name} = {f!r} is not a function.")
    if refusal(tol) or tol <= 0:
        raise ValueError(f"{caller}(tol={brief(tol)}): wanted a number above 0.")


def _decorated(F: Callable[..., Any], solver: Solver, tol: float, recorded: bool) -> Solver:
    if not callable(solver):
        raise TypeError(f"custom_root(F)(solver): solver = {solver!r} is not a function.")
    name = getattr(solver, "__name__", type(solver).__name__).strip("<>")
    equation = Equation(F, solver, float(tol), recorded, name)
    known: Known = {}

    @functools.wraps(solver)
    def solution(*args: Any, **named: Any) -> Any:
        init, *others = _in_order(name, solver, args, named) if named or not args else args
        return _solution(equation, Call.of(name, init, tuple(others)), known)

    equation.decorated.append(ref(solution))
    setattr(solution, "solution_of", functools.partial(Solution, equation))  # noqa: B010 - for pickles
    return solution


def _in_order(name: str, solver: Solver, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments with those that came by name, for F takes them in the solver's order."""
    try:
        bound = signature(solver).bind(*args, **named)
    except TypeError as error:
        raise TypeError(f"{name}: {error}.") from None
    bound.apply_defaults()
    if bound.kwargs:
        raise TypeError(f"{name}: {', '.join(bound.kwargs)} can only be given by name, and F takes no names.")
    return bound.args


def _solution(equation: Equation, call: Call, known: Known) -> Any:
    if call.varies and is_replayed():
        from autograd.implicit.programs import in_program

        return in_program(equation, call, known)
    x = equation.solve(call.given(call.numbers))
    if not any(isinstance(each, Value) for each in call.operands):
        System(equation, call, x).check(x.leaves, call.numbers)
        return x.rebuilt(x.leaves)
    solution = known_solution(known, equation, call, x)
    solution.system.check(x.leaves, call.numbers)
    return x.rebuilt(solution.nodes(call.operands, x.leaves))
