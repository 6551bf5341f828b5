"""Roots and fixed points: whatever solver found them, their derivatives are those of the implicit function theorem."""

import copy
import gc
import math
import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp
from scipy import optimize

import autograd as ag
from autograd import (
    BranchChanged,
    DomainError,
    NotCompilable,
    Value,
    check_gradient,
    compile,
    derivative,
    draw,
    explain,
    grad,
    gradients,
    hessian,
    implicit,
    jacobian,
    jvp,
    no_grad,
)
from autograd.implicit import NotConverged, custom_fixed_point, custom_root
from compiled import agrees, close
from memory import no_collector

BACKENDS = ("numpy", "c", "jax")


# --- Solvers ----------------------------------------------------------------------------------------------------


def bisection(f: Callable[[float], float], low: float, high: float) -> float:
    """Until the floats end."""
    rises = f(low) < 0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if (f(middle) < 0) == rises else (low, middle)
    return middle


def brentq(f: Callable[[float], float], low: float, high: float) -> Any:
    """SciPy's, to the last digit."""
    return optimize.brentq(f, low, high, xtol=1e-15, rtol=np.float64(1e-15))


def square_equation(x: Any, a: Any) -> Any:
    return x * x - a


@custom_root(square_equation)
def newton(x: Any, a: Any) -> Any:
    """The square root, in so many steps that they are enough for the numbers here; it takes Values too."""
    for _ in range(9):
        x = (x + a / x) / 2
    return x


@custom_root(square_equation)
def until_done(x: Any, a: Any) -> Any:
    while abs(x * x - a) > 1e-13 * a:
        x = (x + a / x) / 2
    return x


@custom_root(square_equation)
def called(init: Any, a: float) -> float:
    return math.sqrt(a)


@custom_root(square_equation, recorded=False)
def bisected(init: Any, a: float) -> float:
    return bisection(lambda x: x * x - a, 0.0, a + 1.0)


@custom_root(square_equation)
def halved(init: Any, a: Any) -> Any:
    """Bisection without a branch: programs record it, and its own derivative is 0."""
    low, high = 0.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        above = ag.greater(middle * middle, a)
        low, high = ag.where(above, low, middle), ag.where(above, middle, high)
    return low


def product_equation(x: Any, a: Any) -> Any:
    return x * ag.exp(x) - a


@custom_root(product_equation)
def lambert(init: Any, a: float) -> float:
    return brentq(lambda x: x * math.exp(x) - a, -1.0, 10.0)


@custom_root(lambda x, a: x**3 - a)
def cube_root(init: Any, a: float) -> float:
    return math.cbrt(a)


def kepler(E: Any, mean: Any, e: Any) -> Any:
    return mean + e * ag.sin(E)


@custom_fixed_point(kepler)
def anomaly(E: Any, mean: Any, e: Any) -> Any:
    for _ in range(200):
        E = kepler(E, mean, e)
    return E


# --- Systems, whose solutions are known ---------------------------------------------------------------------------


def known_two(f: Any, p: Any) -> list[Any]:
    return [f.exp(p[0] * p[1]), f.sin(p[0]) + p[1] * p[1]]


def known_three(f: Any, p: Any) -> list[Any]:
    return [f.exp(p[0] * p[1]), f.sin(p[0]) + p[2], p[1] * p[2] + f.cos(p[0])]


def mixed(known: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Equations that x = known(p) solves, each of all unknowns, and none of them linear."""

    def coupled(x: Any) -> list[Any]:
        total = x[0] + sum(x[1:])
        return [(k + 1) * each + 0.1 * each * total for k, each in enumerate(x)]

    def equations(x: Any, p: Any) -> list[Any]:
        return [each - wanted for each, wanted in zip(coupled(x), coupled(known(ag, p)), strict=True)]

    return equations


@custom_root(mixed(known_two))
def two(init: Any, p: Sequence[float]) -> list[float]:
    return known_two(math, p)


@custom_root(mixed(known_three))
def three(init: Any, p: Sequence[float]) -> tuple[float, ...]:
    return tuple(known_three(math, p))


SYSTEMS = [(two, known_two, 2), (three, known_three, 3)]
points = st.floats(-1.0, 1.0)


# --- Derivatives ---------------------------------------------------------------------------------------------------

CLOSED = {
    "square root": (lambda a: newton(1.0, a), mpmath.sqrt),
    "square root, of any turns": (lambda a: until_done(1.0, a), mpmath.sqrt),
    "cube root": (lambda a: cube_root(None, a), mpmath.cbrt),
    "Lambert's W": (lambda a: lambert(None, a), lambda a: mpmath.lambertw(a).real),
    "a root of a root": (lambda a: newton(1.0, called(None, a)), lambda a: mpmath.root(a, 4)),
    "Kepler": (lambda a: anomaly(a, a, 0.4), lambda a: mpmath.findroot(lambda E: E - mp.mpf(0.4) * mp.sin(E) - a, a)),
}


@pytest.mark.parametrize("name", CLOSED)
@given(a=st.floats(0.3, 8.0))
@example(a=1.0)
def test_derivatives_of_every_order_are_those_of_the_closed_form(name: str, a: float) -> None:
    """Value, first, second and third derivative, against 50 digits."""
    ours, closed = CLOSED[name]
    with mp.workdps(50):
        for order in range(4):
            wanted = mpmath.diff(closed, mp.mpf(a), order)
            found = derivative(ours, order)(a)
            assert abs(found - wanted) <= 1e-9 * max(1, abs(wanted)), order


@given(mean=st.floats(0.1, 3.0), e=st.floats(0.05, 0.6))
def test_all_second_derivatives_in_several_arguments(mean: float, e: float) -> None:
    """Kepler's equation in both of its arguments; the Hessian by two ways."""

    def closed(mean: Any, e: Any) -> Any:
        return mpmath.findroot(lambda E: E - e * mp.sin(E) - mean, 2)

    found = np.array(hessian(lambda m, e: anomaly(1.0, m, e), argnums=(0, 1))(mean, e), dtype=float)
    with mp.workdps(50):
        orders = [[(2, 0), (1, 1)], [(1, 1), (0, 2)]]
        wanted = [[float(mpmath.diff(closed, (mp.mpf(mean), mp.mpf(e)), n)) for n in row] for row in orders]
    assert found == pytest.approx(np.array(wanted), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("solver", "known", "size"), SYSTEMS)
@given(data=st.data())
def test_systems(solver: Any, known: Any, size: int, data: st.DataObject) -> None:
    """Jacobian, Hessians and a third derivative of every unknown are those of the solution that is known."""
    p = [data.draw(points) for _ in range(size)]
    assert jacobian(lambda p: solver(None, p))(p) == pytest.approx(jacobian(lambda p: known(ag, p))(p), rel=1e-9)
    for i in range(size):
        found = hessian(lambda p, i=i: solver(None, p)[i])(p)
        assert found == pytest.approx(hessian(lambda p, i=i: known(ag, p)[i])(p), rel=1e-8, abs=1e-9)

    def third(f: Callable[..., Any]) -> Any:
        return hessian(lambda p: grad(lambda p: f(p)[0])(p)[1])(p)

    wanted = third(lambda p: known(ag, p))
    assert third(lambda p: solver(None, p)) == pytest.approx(wanted, rel=1e-7, abs=1e-8)


SAME = {
    "Newton's method": lambda: custom_root(square_equation)(newton.__wrapped__),
    "bisection": lambda: custom_root(square_equation)(bisected.__wrapped__),
    "SciPy": lambda: custom_root(square_equation)(lambda init, a: brentq(lambda x: x * x - a, 0, 9)),
    "a table": lambda: custom_root(square_equation)(lambda init, a: math.sqrt(a)),
    "a fixed point": lambda: custom_fixed_point(lambda x, a: (x + a / x) / 2)(newton.__wrapped__),
    "an equation of another form": lambda: custom_root(lambda x, a: 1 - a / (x * x))(newton.__wrapped__),
}


@pytest.mark.parametrize("name", SAME)
def test_the_solver_does_not_matter(name: str) -> None:
    """Bisection, SciPy, Newton's method, an iteration: three derivatives are the same for all of them."""
    solver, closed = SAME[name](), [2.5**0.5, 0.5 * 2.5**-0.5, -0.25 * 2.5**-1.5, 0.375 * 2.5**-2.5]
    assert [derivative(lambda a: solver(1.0, a), n)(2.5) for n in range(4)] == pytest.approx(closed, rel=1e-10)


def test_a_root_inside_the_equation_of_another() -> None:
    """x³ + √(a x) = 10, whose F calls a solver; three derivatives against 50 digits."""

    @custom_root(lambda x, a: x**3 + newton(1.0, a * x) - 10)
    def outer(init: Any, a: float) -> float:
        return brentq(lambda x: x**3 + math.sqrt(a * x) - 10, 0.1, 5)

    def closed(a: Any) -> Any:
        return mpmath.findroot(lambda x: x**3 + mp.sqrt(a * x) - 10, 2)

    with mp.workdps(50):
        wanted = [float(mpmath.diff(closed, 2, n)) for n in range(4)]
    assert [derivative(lambda a: outer(None, a), n)(2.0) for n in range(4)] == pytest.approx(wanted, rel=1e-9)
    program = compile(lambda a: [derivative(lambda a: outer(None, a), n)(a) for n in range(3)], 2.0, backend="numpy")
    assert program([1.5, 2.0])[1] == pytest.approx(wanted[:3], rel=1e-9)


def test_forward_mode_is_the_transpose_of_reverse_mode() -> None:
    """jvp of a system is its Jacobian times the direction."""
    p, v = [0.3, -0.7, 0.4], [1.0, 0.5, -2.0]
    _, moved = jvp(lambda p: three(None, p), (p,), (v,))
    assert moved == pytest.approx(tuple(jacobian(lambda p: three(None, p))(p) @ np.array(v)))


# --- Calls ---------------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass
class Bond:
    price: Any
    coupons: Any
    kind: str = field(default="annual", metadata={"static": True})


@pytest.mark.parametrize("made", [list, tuple, lambda x: Pair(*x), np.array])
def test_what_comes_back_has_the_structure_that_the_solver_gave(made: Any) -> None:
    """Of Values where an argument is one; of floats where none is."""
    solver = custom_root(mixed(known_two))(lambda init, p: made(known_two(math, p)))
    plain, nodes = solver(None, [0.5, 1.0]), solver(None, [Value(0.5), 1.0])
    assert type(plain) is type(nodes) is type(made([0.0, 0.0]))
    assert [each.data for each in nodes] == list(plain) == known_two(math, [0.5, 1.0])
    assert all(isinstance(each, float) for each in plain)


def test_arguments_are_trees() -> None:
    """Derivatives flow to numbers in dicts, dataclasses and arrays; a text and a static field stay what they are."""
    seen = []

    def equation(x: Any, bond: Bond, market: dict[str, Any], mode: str) -> Any:
        seen.append((bond.kind, mode))
        return market["scale"] * x - bond.price - bond.coupons[0] * bond.coupons[1]

    @custom_root(equation)
    def solver(init: Any, bond: Bond, market: dict[str, Any], mode: str) -> float:
        assert (bond.kind, mode) == ("zero", "clean")
        return (bond.price + bond.coupons[0] * bond.coupons[1]) / market["scale"]

    bond, market = Bond(3.0, np.array([2.0, 5.0]), "zero"), {"scale": 4.0, "name": "TSE"}
    by_bond, by_market = grad(lambda b, s: solver(None, b, {**market, "scale": s}, "clean"), argnums=(0, 1))(bond, 4.0)
    assert (by_bond.price, by_bond.coupons.tolist(), by_market) == (0.25, [1.25, 0.5], -13 / 16)
    assert set(seen) == {("zero", "clean")}


def test_arguments_may_be_named() -> None:
    """By the solver's names and with its defaults: F takes them in the same order."""

    @custom_root(lambda x, a, n: x**n - a)
    def root(init: Any, a: Any, n: int = 3) -> float:
        return a ** (1 / n)

    assert grad(root, argnums="a")(None, n=2, a=4.0) == 0.25
    assert root(None, a=8.0) == 2.0
    with pytest.raises(TypeError, match="root: missing a required argument: 'a'"):
        root(None, b=2.0)
    only = custom_root(square_equation)(lambda init, *, a: a)
    with pytest.raises(TypeError, match="lambda: a can only be given by name, and F takes no names"):
        only(None, a=2.0)


def test_no_call_sees_the_texts_of_another() -> None:
    """What is kept of a call tells static fields and texts apart, and has no number in it."""

    @custom_root(lambda x, a, kind: x - a * (2 if kind == "double" else 3))
    def solver(init: Any, a: float, kind: str) -> float:
        return a * (2 if kind == "double" else 3)

    @custom_root(lambda x, bond: x - bond.price * (2 if bond.kind == "double" else 3))
    def of_bond(init: Any, bond: Bond) -> float:
        return bond.price * (2 if bond.kind == "double" else 3)

    for kind, slope in (("double", 2.0), ("triple", 3.0), ("double", 2.0)):
        assert derivative(lambda a, kind=kind: solver(None, a, kind))(5.0) == slope
        assert derivative(lambda a, kind=kind: of_bond(None, Bond(a, 0.0, kind)))(5.0) == slope


def test_the_solver_runs_on_plain_numbers() -> None:
    """On floats where a Value came, in replays and sweeps too; a plain int stays an int."""
    kinds: set[Any] = set()

    @custom_root(lambda x, a, n: x**n - a)
    def root(init: Any, a: Any, n: int) -> float:
        kinds.update((type(init), type(a), type(n)))
        return a ** (1 / n)

    a = Value(8, "a")
    y = root(1.5, a, 3)
    (slope,) = gradients(y, [a])
    gradients(slope, [a])
    a.data = 27.0
    assert (y.forward(), kinds) == (pytest.approx(3.0), {float, int})
    assert root(1.5, 8, 3) == 2.0


def test_nothing_flows_to_where_the_solver_starts() -> None:
    """Its numbers are operands, so replays start there; their derivative is nothing."""
    start, a = Value(1.0), Value(4.0)
    y = newton(start, a)
    y.backward()
    assert (start.grad, a.grad) == (0, 0.25)
    start.data = -1.0
    assert y.forward() == -2.0
    y.backward()
    assert a.grad == 0.25 - 0.25
    newton(ag.sqrt(Value(0.0)) + 1, a).backward()  # whose slope is infinite, and nobody asks for it


def test_a_slope_that_is_infinite_harms_no_other() -> None:
    """x = √a + b at a = 0: the derivative by b is there, and the one by a is refused."""
    solver = custom_root(lambda x, a, b: x - ag.sqrt(a) - b)(lambda init, a, b: math.sqrt(a) + b)
    a, b = Value(0.0), Value(3.0)
    assert [each.data for each in gradients(solver(None, a, b), [b])] == [1.0]
    with pytest.raises(DomainError):
        gradients(solver(None, a, b), [a])


def test_a_solver_may_be_called_as_a_function_of_mpmath() -> None:
    """Numbers of mpmath's do not bring that function in: the solver gets floats."""

    @custom_root(lambda x, a: x**3 - a)
    def sqrt(init: Any, a: float) -> float:
        assert type(a) is float
        return math.cbrt(a)

    assert sqrt(None, Value(cast(Any, mpmath.mpf(8)))).data == 2.0


def test_replays_solve_again() -> None:
    """Other numbers of the leaves give other solutions and derivatives, of systems too."""
    p = [Value(0.3), Value(0.8)]
    x = two(None, p)
    total = x[0] + x[1] * 2
    p[0].data = -0.4
    assert total.forward() == pytest.approx(math.exp(-0.32) + 2 * (math.sin(-0.4) + 0.64))
    total.backward()
    wanted = 0.8 * math.exp(-0.32) + 2 * math.cos(0.4)
    assert p[0].grad == pytest.approx(wanted)


def test_a_system_is_solved_once() -> None:
    """For all its numbers: when it is called, when it is replayed, in a sweep, and for each row of a program."""
    solved = []

    def solver(init: Any, p: Any) -> list[float]:
        solved.append(p)
        return known_three(math, p)

    decorated = custom_root(mixed(known_three))(solver)
    p = [Value(0.3), Value(0.8), Value(-0.2)]
    total = ag.sum(decorated(None, p))
    total.backward()
    assert len(solved) == 1
    p[0].data = 0.7
    total.forward()
    total.backward()
    assert len(solved) == 2
    program = compile(lambda p: ag.sum(decorated(None, p)), [0.3, 0.8, -0.2], backend="numpy")
    solved.clear()
    program([[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]])
    assert len([p for p in solved if not any(isinstance(x, Value) for x in p)]) == 2


def test_a_call_solves_anew() -> None:
    """Nothing is remembered from one call to the next: a solver may read what has changed."""
    factor = [1.0]
    solver = custom_root(lambda x, a: (x - a) * (x - 2 * a))(lambda init, a: factor[0] * a)
    a = Value(3.0)
    before = solver(None, a)
    factor[0] = 2.0
    assert (before.data, solver(None, a).data, before.forward()) == (3.0, 6.0, 6.0)


def test_a_sweep_takes_no_other_solution_for_its_own() -> None:
    """A system that has two, of which the solver finds the other one now: that is said, and replays take that one."""
    sign = [1.0]
    solver = custom_root(lambda x, a: [x[0] ** 2 - a, x[1] ** 3 * x[0] - a * x[0]])(
        lambda init, a: [sign[0] * math.sqrt(a), sign[0] ** 2 * math.cbrt(a)]
    )
    other = custom_root(lambda x, a: [x[0] ** 2 - a, x[1] - x[0]])(lambda init, a: [sign[0] * math.sqrt(a)] * 2)
    a = Value(4.0)
    before, mixed_up = solver(None, a), other(None, a)
    sign[0] = -1.0
    after = other(None, a)
    before[1].backward()
    assert a.grad == pytest.approx(4 ** (-2 / 3) / 3)
    with pytest.raises(DomainError, match="the derivative has no value here"):
        mixed_up[0].backward()
    assert [each.data for each in after] == [-2.0, -2.0] == [each.forward() for each in mixed_up]
    sign[0] = 1.0
    assert [each.forward() for each in mixed_up] == [2.0, 2.0]


def test_under_no_grad_the_solution_is_a_constant() -> None:
    """And its equation may be asked all the same."""
    with no_grad():
        y = newton(1.0, Value(4.0))
    assert y.data == 2.0
    with pytest.raises(ValueError, match="is a constant"):
        y.backward()


def test_a_decorated_solver_keeps_its_name_and_words() -> None:
    """As functools.wraps has it."""
    assert (newton.__name__, newton.__doc__) == ("newton", newton.__wrapped__.__doc__)


def test_it_is_found_by_its_name() -> None:
    """`autograd.implicit` is there without an import of its own."""
    assert ag.implicit is implicit
    assert implicit.NotConverged is NotConverged


# --- Programs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rows", [1, 7, 64])
def test_programs_give_the_numbers_of_the_graph(backend: str, rows: int) -> None:
    """Losses and gradients by parameters, of a root of rows and parameters."""
    w, rng = Value(1.3, "w"), np.random.default_rng(rows)
    agrees(lambda x, t: (newton(1.0, w * x + 1) * w - t) ** 2, [w], rng.uniform(0.5, 3, rows), rng.normal(size=rows),
           backend=backend)  # fmt: skip


@pytest.mark.parametrize("rows", [1, 7, 64])
@pytest.mark.parametrize("solver", [called, bisected])
def test_programs_call_what_cannot_be_recorded(solver: Any, rows: int) -> None:
    """SciPy, the math module; or bisection, if the user says so: the NumPy backend gives the numbers of the graph."""
    w, rng = Value(1.3, "w"), np.random.default_rng(rows)
    agrees(lambda x: (solver(None, w * x + 1) * w) ** 2 * x, [w], rng.uniform(0.5, 3, rows), backend="numpy")


def linear(x: Any, p: Any) -> list[Any]:
    return [p[0] * x[0] + p[1] * x[1] - 1, p[2] * x[0] + p[3] * x[1] - 2 + 0.1 * (x[0] - x[0])]


@custom_root(linear)
def cramer(init: Any, p: Any) -> list[Any]:
    det = p[0] * p[3] - p[1] * p[2]
    return [(p[3] - 2 * p[1]) / det, (2 * p[0] - p[2]) / det]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_row_of_a_program_has_its_pivot(backend: str) -> None:
    """A system of two whose larger numbers stand in other places from row to row, 0 among them: no branch changes."""
    batch = np.array([[2.0, 1.0, 1.0, 3.0], [1.0, 2.0, 3.0, 1.0], [0.0, 2.0, 4.0, 1.0], [1e-13, -2.0, 4.0, 1.0]])
    w = Value(1.5)

    def f(p: Any) -> Any:
        x = cramer(None, [w * p[0], *p[1:3], w * p[3]])
        return w * x[0] + p[0] * x[1]

    agrees(f, [w], batch, backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_transforms_inside_programs(backend: str) -> None:
    """The third derivative of a root, and the Hessian of one number of a system."""
    third = compile(lambda a: derivative(lambda a: newton(1.0, a), 3)(a), 2.0, backend=backend)
    a = np.array([1.0, 2.0, 3.5])
    close(third(a), 0.375 * a**-2.5, 1e-10)
    second = compile(lambda a: derivative(lambda a: halved(None, a), 2)(a), 2.0, backend=backend)
    close(second(a), -0.25 * a**-1.5, 1e-10)
    program = compile(lambda p: hessian(lambda p: cramer(None, p)[0])(p), [2.0, 1.0, 1.0, 3.0], backend=backend)
    batch = [[2.0, 1.0, 1.0, 3.0], [1.0, 2.0, 3.0, 1.0]]
    close(program(batch), [hessian(lambda p: cramer.__wrapped__(None, p)[0])(p) for p in batch], 1e-9)


def test_transforms_of_a_solver_that_is_called() -> None:
    """Hessians of a system of three that programs cannot record."""
    program = compile(lambda p: hessian(lambda p: three(None, p)[0])(p), [0.3, 0.8, -0.2], backend="numpy")
    batch = [[0.3, 0.8, -0.2], [-0.5, 0.1, 0.9]]
    close(program(batch), [hessian(lambda p: known_three(ag, p)[0])(p) for p in batch], 1e-9)


def test_a_loop_of_solves_is_a_loop_in_c() -> None:
    """An implicit step, 40 times: the program has no more lines than for 20, and the graph's gradient."""

    @custom_root(lambda x, a, t: x + t * x**3 - a)
    def step(x: Any, a: Any, t: Any) -> Any:
        for _ in range(5):
            x = x - (x + t * x**3 - a) / (1 + 3 * t * x * x)
        return x

    t = Value(0.05, "t")

    def after(turns: int) -> Callable[[Any], Any]:
        def f(a: Any) -> Any:
            for _ in range(turns):
                a = step(a, a, t)
            return a * a

        return f

    lines = [len(compile(after(n), 1.0, wrt=[t], backend="c").source.splitlines()) for n in (20, 40)]
    assert lines[0] == lines[1] < 200
    agrees(after(10), [t], [0.5, 1.0, 1.5], backend="c")


def test_strict_programs_give_the_graph() -> None:
    """Their gradients are the graph's own sweep, of the slopes that were recorded."""
    w = Value(1.3)
    agrees(lambda x: newton(1.0, w * x) * x, [w], [0.5, 1.0, 2.0], backend="numpy", strict=True)


def test_programs_of_graphs_that_were_recorded_before() -> None:
    """Program.from_graph calls solver and rule for each row; solvers of one name are told apart."""

    def named(power: int) -> Any:
        @custom_root(lambda x, a: x**power - a)
        def solver(init: Any, a: float) -> float:
            return a ** (1 / power)

        return solver

    x, w = Value(3.0), Value(2.0)
    program = ag.Program.from_graph(named(2)(None, x * w) * named(3)(None, w), inputs=[x], wrt=[w])
    rows = np.array([3.0, 4.0])
    close(program(rows), np.sqrt(2 * rows) * 2 ** (1 / 3), 1e-12)
    slope = np.sqrt(rows / 2) / 2 * 2 ** (1 / 3) + np.sqrt(2 * rows) * 2 ** (-2 / 3) / 3
    close(program.value_and_grad(rows)[1], [slope.mean()], 1e-12)


@pytest.mark.parametrize("backend", ["c", "jax"])
def test_what_cannot_be_recorded_is_refused_by_machine_code(backend: str) -> None:
    """With the name of the solver, and what to do."""
    with pytest.raises(NotCompilable) as caught:
        compile(lambda a: called(None, a), 4.0, backend=backend)([4.0])
    assert "the operation 'called' has no form; write the solver in Python, with operators" in str(caught.value)


def test_a_solver_that_fails_on_values_leaves_no_guard() -> None:
    """What it compared before it needed numbers is no comparison of the program."""

    @custom_root(square_equation)
    def compares(init: Any, a: Any) -> float:
        return math.sqrt(a) if a > 1 else 1 / math.sqrt(1 / a)

    program = compile(lambda a: compares(None, a), 4.0, backend="numpy")
    assert len(program.guards) == 1
    close(program([4.0, 0.25]), [2.0, 0.5])


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_rows_that_need_more_turns_say_so(backend: str) -> None:
    """A loop until convergence is recorded for the example; another row is told what to do."""
    program = compile(lambda a: until_done(1.0, a), 4.0, backend=backend)
    close(program([4.0]), [2.0])
    with pytest.raises(BranchChanged, match=r"in row 1 .* compile with branches=.follow., or write recorded=False"):
        program([4.0, 50.0])


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_rows_that_did_not_converge_raise(backend: str) -> None:
    """So many steps are enough for the example, and for another row they are not."""
    program = compile(lambda a: newton(1.0, a), 4.0, backend=backend)
    with pytest.raises(BranchChanged, match=r"in row 1 .* newton did not converge there, Newton's correction is"):
        program([4.0, 1e12])


def test_a_row_for_which_the_called_solver_fails_raises() -> None:
    """As one that did not converge; the rows before it were right."""
    program = compile(lambda a: called(None, a), 4.0, backend="numpy")
    with pytest.raises(BranchChanged, match=r"in row 1 .* called did not converge there"):
        program([4.0, -1.0])


def test_an_example_that_does_not_converge_is_refused() -> None:
    """By `compile`, with the graph's words."""
    with pytest.raises(NotConverged, match="newton: the solver did not converge: at x = "):
        compile(lambda a: newton(1.0, a), 1e12)


# --- What is refused -----------------------------------------------------------------------------------------------


def test_what_did_not_converge_is_an_error_with_the_residual() -> None:
    """Word for word, with the numbers as attributes; of floats and of Values, and in replays."""
    solver = custom_root(square_equation)(lambda init, a: 1.5)
    for a in (2.0, Value(2.0)):
        with pytest.raises(NotConverged) as caught:
            solver(None, a)
        assert str(caught.value) == (
            "<lambda>: the solver did not converge: at x = 1.5 the residual is 0.25, and Newton's correction, "
            "0.08333333333333333, is larger than tol = 1e-06 allows; give it more steps."
        ).replace("<lambda>", "lambda")
        assert (caught.value.x, caught.value.residual, caught.value.correction) == (1.5, 0.25, 0.25 / 3)
    a = Value(2.25)
    y = solver(None, a)
    a.data = 2.0
    with pytest.raises(NotConverged, match=r"the residual is 0\.25"):
        y.forward()


def test_tol_is_how_large_the_correction_may_be() -> None:
    """Relative to x where that is above 1; of a system, the largest."""
    for size in (1.0, 1e6):
        solver = custom_root(lambda x, a: x - a, tol=0.1)(lambda init, a, size=size: a + 0.05 * size)
        solver(None, size)
        with pytest.raises(NotConverged):
            custom_root(lambda x, a: x - a, tol=0.04)(solver.__wrapped__)(None, size)
    with pytest.raises(NotConverged, match=r"at x = \[1.0, 2.0\] the residual is \[0.0, -1.0\]"):
        custom_root(lambda x, a: [x[0] - 1, x[1] - a])(lambda init, a: [1.0, 2.0])(None, 3.0)


@pytest.mark.parametrize("made", [lambda w: square_equation, lambda w: lambda x, a: x * x - a * w / w])
def test_a_value_that_is_no_argument_is_refused(made: Any) -> None:
    """One that F reads, or the solver: the derivative by it would be missing without a word."""
    w = Value(2.0, "w")
    solver = (lambda init, a: math.sqrt(a)) if made(w) is not square_equation else (lambda init, a: ag.sqrt(a * w / w))
    for a in (4.0, Value(4.0)):
        with pytest.raises(ValueError, match=r"depends on w = 2.0, a Value that is not among .*; pass it as an arg"):
            custom_root(made(w))(solver)(None, a)


def test_a_solution_without_a_derivative_is_refused() -> None:
    """∂F/∂x is 0, or the matrix singular."""
    with pytest.raises(DomainError, match=r"^called: ∂F/∂x is 0 at the solution x = 0.0, so it has no derivative"):
        called(None, Value(0.0))
    flat = custom_root(lambda x, a: [x[0] + x[1] - a, 2 * x[0] + 2 * x[1] - 2 * a])(lambda init, a: [a, 0.0])
    with pytest.raises(DomainError, match=r"the matrix ∂F/∂x is singular at the solution x = \[3.0, 0.0\]"):
        flat(None, Value(3.0))


def solved(F: Any, gives: Any, custom: Any = custom_root) -> Callable[[], Any]:
    """A call of a solver that gives this for 4."""
    return lambda: custom(F)(lambda init, a: gives)(None, 4.0)


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "nan": (solved(square_equation, math.nan), NotConverged, "lambda: the solver gave x = nan."),
    "inf": (solved(square_equation, math.inf), NotConverged, "the solver gave x = inf"),
    "None": (solved(square_equation, None), TypeError, "the solver gave x = None: None is not"),
    "nothing": (solved(square_equation, []), TypeError, r"gave \[\]; wanted a number"),
    "too few": (solved(lambda x, a: x[0], [2.0, 2.0]), ValueError, "F gave 1 number for 2 unknowns"),
    "T": (solved(lambda x, a: x[:1], [2.0, 2.0], custom_fixed_point), ValueError, "T gave 1 number for 2"),
    "a text": (solved(lambda x, a: "0", 2.0), TypeError, "F gave '0': a str is not"),
    "nan comes": (lambda: newton(1.0, [math.nan]), ValueError, r"newton: args\[0\]\[0\] = nan: nan is not"),
    "no F": (lambda: custom_root(3), TypeError, r"custom_root\(F\): F = 3 is not a function"),  # pyright: ignore
    "no T": (lambda: custom_fixed_point(3), TypeError, r"point\(T\): T = 3 is not a function"),  # pyright: ignore
    "no solver": (lambda: custom_root(square_equation)(4), TypeError, "solver = 4 is not a fun"),  # pyright: ignore
    "tol": (lambda: custom_root(square_equation, tol=0), ValueError, r"custom_root\(tol=0\): wanted a number above 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named(name: str) -> None:
    """What was got, and what was wanted."""
    act, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        act()


# --- As every operation ----------------------------------------------------------------------------------------------


def test_pictures_and_explanations_show_the_solver() -> None:
    """By its name, as it was called."""
    a = Value(4.0, "a")
    y = newton(1.0, a)
    assert "newton" in draw(y).dot
    assert str(ag.expression(y)) == "newton(1, a)"
    assert "0.25" in str(explain(y))


def test_the_checker_finds_nothing_wrong_and_what_is_wrong() -> None:
    """check_gradient of a solution; and of one with another equation's derivative."""
    check_gradient(lambda p: ag.sum(three(None, p)), [0.3, 0.8, -0.2])
    wrong = custom_root(lambda x, a: x * x * (1 + a) - a * (1 + a) + 0 * a, tol=1.0)(lambda init, a: math.sqrt(a) + 0.1)
    with pytest.raises(ag.GradientMismatch):
        check_gradient(lambda a: wrong(None, a), 2.0)


def test_graphs_are_copied_and_pickled() -> None:
    """A solver that a module has, is found there again; another is refused, as functions are."""
    p = [Value(0.3), Value(0.8)]
    for again in (copy.deepcopy(two(None, p)), pickle.loads(pickle.dumps(two(None, p)))):
        (first, second), own = again, again[0].inputs
        assert [each.data for each in gradients(second, own)] == pytest.approx([math.cos(0.3), 1.6])
        assert first.forward() == pytest.approx(math.exp(0.24))
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(custom_root(square_equation)(lambda init, a: math.sqrt(a))(None, Value(4.0)))


def used() -> None:
    """A solver that is made, used in every way, and dropped."""
    solver = custom_root(mixed(known_two))(lambda init, p: known_two(math, p))
    p = [Value(0.3), Value(0.8)]
    x = solver(None, p)
    x[0].backward()
    x[1].forward()
    (slope, _) = gradients(x[0], p)
    gradients(slope, p)
    hessian(lambda p: solver(None, p)[0])([0.3, 0.8])
    bad = custom_root(square_equation)(lambda init, a: 1.0)
    for solve in (lambda: bad(None, p[0]), lambda: called(None, Value(0.0))):
        try:
            solve()
        except ArithmeticError:
            continue
        raise AssertionError


def compiled() -> None:
    solver = custom_root(mixed(known_two))(lambda init, p: known_two(math, p))
    compile(lambda p: hessian(lambda p: solver(None, p)[0])(p), [0.3, 0.8], backend="numpy")([0.3, 0.8])


@pytest.mark.parametrize("act", [used, compiled])
def test_what_is_dropped_is_freed_without_the_collector(act: Callable[[], None]) -> None:
    """The solver, its operations, the graphs; also where it failed."""

    kinds = {"Value", "Solution"} if act is used else {"Value"}  # the compiler keeps some operations, and so theirs
    act()  # what is made once, for all
    with no_collector():
        act()
        assert [each for each in gc.get_objects() if type(each).__name__ in kinds] == []


def test_threads_get_their_own_solutions() -> None:
    """Eight threads, one solver: numbers and gradients are those of one thread, bit for bit."""

    def results(seed: int) -> list[float]:
        found = []
        for k in range(30):
            p = [Value(math.sin(seed + k)), Value(math.cos(k)), Value(0.1 * seed)]
            x = three(None, p)
            ag.sum(x).backward()
            found += [*(each.data for each in x), *(each.grad for each in p)]
        return found

    wanted, found = [results(seed) for seed in range(8)], dict[int, list[float]]()
    threads = [threading.Thread(target=lambda k=k: found.update({k: results(k)})) for k in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [found[k] for k in range(8)] == wanted
