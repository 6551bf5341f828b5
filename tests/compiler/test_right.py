"""Programs are right everywhere: normal forms, constants beyond the floats, every operation on every backend, order."""

import contextlib
import functools
import itertools
import math
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from mpmath import mpf

import autograd as ag
import nn
from autograd import OPS, DomainError, Program, Value, compile, grad, hessian, jvp, operations
from autograd.compiler import slopes as rules
from autograd.compiler.loops.rolled import CKernel, PythonKernel, Rolled
from autograd.compiler.recording import record
from autograd.compiler.scalar import scalars
from autograd.errors import call
from autograd.laws import oracle
from autograd.strategies import Expression
from compiled import swept
from share import share

EXAMPLES = {"numpy": 100, "jax": 15, "c": 15}  # compilers take their time for a program
BACKENDS = list(EXAMPLES)

# --- The same sum twice ---------------------------------------------------------------------------------------


def norm(x: Sequence[Any]) -> Any:
    return ag.sqrt(ag.sum(each * each for each in x) + 1.0)


def weighted(x: Sequence[Any]) -> Any:
    return sum(0.5 * (k % 3) * each for k, each in enumerate(x))


def chained(x: Sequence[Any]) -> Any:
    y = x[0]
    for each in x[1:]:
        y = each + y
    return y


def halves(x: Sequence[Any]) -> Any:
    return ag.dot(x, x[::-1])


def products(x: Sequence[Any]) -> Any:
    return ag.sum(a * b for a, b in zip(x, [*x[1:], x[0]], strict=True))


REDUCTIONS = [ag.sum, ag.mean, norm, weighted, chained, halves, products]


@st.composite
def uses_of_the_same_numbers(draw: st.DrawFn) -> list[tuple[Callable[..., Any], list[int], list[int]]]:
    """Reductions of some of ten numbers, each in its own order, of one list or as dot product of two."""
    some = st.lists(st.integers(0, 9), min_size=1, max_size=12) | st.just(list(range(10)))
    subsets = draw(st.lists(some, min_size=1, max_size=2))
    uses = []
    for _ in range(draw(st.integers(2, 5))):
        left = draw(st.permutations(draw(st.sampled_from(subsets))))
        right = draw(st.permutations(left))
        uses.append((draw(st.sampled_from([*REDUCTIONS, ag.dot])), left, right))
    return uses


def numbers_of(x: Sequence[Any], w: Sequence[Any], sources: Sequence[int]) -> list[Any]:
    """Ten numbers: arguments, parameters and constants."""
    return [[x[k % len(x)], w[k % len(w)], 0.5 - k][source] for k, source in enumerate(sources)]


def reduced(use: tuple[Callable[..., Any], list[int], list[int]], numbers: Sequence[Any]) -> Any:
    f, left, right = use
    picked = [numbers[k] for k in left]
    return ag.dot(picked, [numbers[k] for k in right]) if f is ag.dot else f(picked)


Law = Callable[[list[Any], list[int], st.DataObject, list[Value], np.ndarray], None]


def for_any_uses(backend: str) -> Callable[[Law], None]:
    """Hold the law for uses of the same ten numbers, and arguments and parameters for them to be made of."""

    def hold(law: Law) -> None:
        @settings(max_examples=EXAMPLES[backend], deadline=None)
        @given(uses_of_the_same_numbers(), st.lists(st.integers(0, 2), min_size=10, max_size=10), st.data())
        def trial(uses: list[Any], sources: list[int], data: st.DataObject) -> None:
            rng = np.random.default_rng(data.draw(st.integers(0, 9)))
            law(uses, sources, data, [Value(each) for each in rng.normal(size=4)], rng.normal(size=(3, 5)))

        trial()

    return hold


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sum_may_be_used_again_in_any_order(backend: str) -> None:
    """Sums, means, dots and norms of the same numbers, shuffled, repeated, overlapping: every use gives its number."""

    @for_any_uses(backend)
    def law(uses: list[Any], sources: list[int], data: st.DataObject, w: list[Value], X: np.ndarray) -> None:
        named = w if data.draw(st.booleans()) else []

        def outputs(x: Any) -> list[Any]:
            numbers = numbers_of(x, w, sources)
            return [x[0] * 0.5, *[reduced(use, numbers) for use in uses]]

        found = compile(outputs, X[0], wrt=named, backend=backend)(X)
        wanted = np.array([[getattr(each, "data", each) for each in outputs(row)] for row in X.tolist()])
        assert np.abs(found - wanted).max() <= 1e-12 * (1 + np.abs(wanted).max())


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_total_over_the_rows_may_be_used_again_in_any_order(backend: str) -> None:
    """A loss made of such sums, linear and not: its mean over the rows, and the gradient, are the sweep's."""

    @for_any_uses(backend)
    def law(uses: list[Any], sources: list[int], data: st.DataObject, w: list[Value], X: np.ndarray) -> None:
        outer = [data.draw(st.sampled_from([ag.identity, ag.tanh, lambda y: y * w[0], lambda y: y * y])) for _ in uses]

        def loss(x: Any) -> Any:
            numbers = numbers_of(x, w, sources)
            parts = [f(reduced(use, numbers)) for f, use in zip(outer, uses, strict=True)]
            return chained([*parts, w[1] * x[0]])

        mean, gradient = compile(loss, X[0], wrt=w, backend=backend).value_and_grad(X)
        losses, slopes = swept(loss, w, X)
        wanted = np.mean(losses)
        assert abs(mean - wanted) <= 1e-12 * (1 + abs(wanted))
        assert np.abs(gradient - slopes).max() <= 1e-12 * (1 + np.abs(slopes).max())


# --- Every operation on every backend -------------------------------------------------------------------------

# fmt: off
ONE = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, -3.0, 0.9999999, 1.0000001, -0.9999999, 1e-05, -1e-10, 1e-20, 1e-160,
       -1e-300, 5e-324, 1e-310, 5.5, -5.5, 6.5, -6.5, -7.3, -10.1, 10.0, -20.25, 27.0, -27.0, 37.0, -38.5, 50.0,
       -100.3, 300.0, 709.0, -745.0, 710.5, -746.0, 1000.0, -1000.0, -1000.5, 100000000.0, -100000000.0, 1e+16,
       1e+17, 1e+155, 1e+200, 1e+300, -1e+300, 1.7e+308, -1.7e+308]
TWO = [0.0, 1.0, -1.0, 0.5, -2.0, 1e-10, -1e-20, 1e-160, 5e-324, 50.0, -800.0, 1e17, 1e155, -1.7e308]
ROUNDED = [(14.558571841546563, 0.9705067556527274), (-18.096373499037885, 0.5837351536736843), (1.0, 0.1), (-6.0, 0.1)]
"""A dividend, and a divisor of which it is a multiple, or nearly."""
# fmt: on
POINTS = {
    1: [(x,) for x in ONE],
    2: [*itertools.product(TWO, TWO), *ROUNDED],
    3: [*itertools.product([0.0, -1.0], TWO[::2], TWO)],
}

FAMILIES = [
    (ag.clip, (0.0, math.inf)),
    (ag.clip, (-math.inf, 1.0)),
    (ag.clip, (-math.inf, math.inf)),
    (ag.clip, (-1e308, 1e-320)),
]
FAMILIES += [
    (OPS["inside"], (0.0, math.inf)),
    (OPS["inside"], (-math.inf, 1e-320)),
    (ag.power, (math.inf,)),
    (ag.power, (-math.inf,)),
]
FAMILIES += [(family, (c,)) for family in (ag.leaky_relu, ag.elu, ag.power) for c in (math.inf, 1e308, 1e-320, 10**400)]
FAMILIES += [(ag.power, (-1e308,)), (ag.clip, (0, 10**400)), (ag.polygamma, (3,)), (ag.polygamma, (10,))]


def members(families: Sequence[tuple[Any, tuple[Any, ...]]]) -> Iterator[ag.Op]:
    """Those whose constants are not refused."""
    for make, constants in families:
        with contextlib.suppress(ValueError, TypeError):
            yield make(*constants)


OPERATIONS = {op.name: op for op in [*operations(), *members(FAMILIES)]}
REFUSED = {
    "jax": ["round_to"],
    "numpy": [],
    "c": ["erfinv", "digamma", "polygamma", "round_to"],
}


def taken(op: ag.Op, backend: str) -> bool:
    flushed = backend == "jax" and any(0 < abs(each) < 1e-307 for each in op.constants)
    return not flushed and not any(op.name.startswith(name) for name in REFUSED.get(backend, []))


def graph(op: ag.Op, x: tuple[float, ...]) -> float | None:
    try:
        return float(op(*map(Value, x)).data)
    except (ValueError, ArithmeticError):
        return None


def fault(op: ag.Op, x: tuple[float, ...], found: float, backend: str) -> str | None:
    """What is wrong with a number that a program gave."""
    wanted = graph(op, x)
    if not math.isfinite(found):
        tiny = 1e-150 if backend == "jax" else 1e-300  # XLA divides by a · a instead of twice by a
        beyond = max(map(abs, x)) > 1e307 or any(0 < abs(each) < tiny for each in x)
        right = wanted is None or not math.isfinite(wanted) or beyond
        return None if right else f"{found}, the graph has {wanted}"
    small = 4 * op.absolute + (1e-300 if backend == "jax" else 1e-307)  # what is subnormal on the way has few digits
    if wanted is not None and abs(found - wanted) <= 1e-12 * abs(wanted) + small:
        return None
    with contextlib.suppress(ValueError, TypeError, ArithmeticError):
        y = oracle.value(op, x) if oracle.knows(op) else None
        if y is not None and any(abs(y - mpf(found)) <= 1e-12 * size + small for size in sizes(op, x, y)):
            return None
    return f"{found}, the graph has {wanted}"


def sizes(op: ag.Op, x: tuple[float, ...], y: Any) -> Iterator[Any]:
    """Of the value, and of how far it goes with each operand: digits that the operand does not have are none of its."""
    yield abs(y)
    for i, each in enumerate(x):
        yield abs(mpf(each) * (oracle.derivative(op, x, i) or 0))


LOOPS = {"c": CKernel, "floats": PythonKernel, "arrays": PythonKernel}
"""The ways in which programs with loops run; deep programs are too long to try every operation in them."""


def rolled(f: Callable[..., Any], examples: Sequence[float], wrt: Sequence[Value] = ()) -> Rolled:
    recording = record(f, examples, wrt)
    return Rolled.of(scalars(recording, wrt, recording.outputs))


def outputs(backend: str, f: Callable[..., Any], examples: Sequence[float], x: np.ndarray) -> np.ndarray:
    """What f gives for each row of x, of shape (outputs, rows)."""
    if backend not in ("floats", "arrays"):
        return compile(f, *examples, backend=backend)(*x.T).T
    kernel = PythonKernel(rolled(f, examples), False)
    parts = np.split(x, len(x)) if backend == "floats" else [x]
    return np.hstack([kernel.values(np.zeros(0), list(part.T[:, None]), len(part)) for part in parts])


def slopes_of_graph(op: ag.Op, x: Sequence[float]) -> list[float] | None:
    nodes = [Value(each) for each in x]
    try:
        op(*nodes).backward()
    except (ValueError, ArithmeticError):
        return None
    return [float(node.grad) for node in nodes]


def slopes_of_programs(backend: str, op: ag.Op, points: Sequence[tuple[float, ...]]) -> Iterator[list[float]]:
    """The gradient at each point: the operands are parameters, in C and in floats; and 1, times the row, on arrays."""
    theta = [Value(each) for each in next(x for x in points if graph(op, x) is not None)]
    kernel = LOOPS[backend](rolled(lambda r: op(*[each + 0.0 * r for each in theta]), [0.0], theta), True)
    for x in points:
        rows = 4 if backend == "arrays" else 1
        _, found = kernel.loss_and_gradient(np.array(x), [np.zeros((1, rows))], rows, True)
        yield found.tolist()


@functools.cache
def passed(backend: str) -> list[tuple[ag.Op, tuple[float, ...], list[float]]]:
    """What each operation passes back at each point."""
    found = []
    for op in OPERATIONS.values():
        points = POINTS[op.arity or 2][:: 1 if op.arity == 1 else 3]
        if op.name != "log_sum_rest" and any(graph(op, x) is not None for x in points):
            found += [(op, x, each) for x, each in zip(points, slopes_of_programs(backend, op, points), strict=True)]
    return found


@pytest.mark.parametrize("backend", ["floats", "arrays"])
def test_what_counts_as_bounded_is(backend: str) -> None:
    """Where an operation has a value, slopes that no rule of ranges suspects are finite, unless products overflow."""
    faults = [
        f"{call(op.name, x)} passes {found}"
        for op, x, found in passed(backend)
        if all(slope is None or slope.is_safe for slope in rules.slopes(op, len(x)))
        and not np.isfinite(found).all()
        and (y := graph(op, x)) is not None
        and max(map(abs, (*x, y, *op.constants))) < 1e150
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_numbers_that_count_as_bounded_are(count: int) -> None:
    """Also where the graph has none and a program goes on; of safe operations, unless products overflow."""
    points = [x for x in POINTS[count] if max(map(abs, x)) <= 1e100]
    for op in operations():
        if (op.arity or 2) == count and rules.is_safe(op):
            found = outputs("arrays", op, [0.5] * count, np.array(points))
            assert np.isfinite(found).all(), op.name


@pytest.mark.parametrize("backend", ["floats", "arrays"])
def test_no_rule_passes_a_wrong_finite_number(backend: str) -> None:
    """What programs with loops pass back, written down once, is what the graph passes: over domains and beyond."""
    faults = []
    for op, x, found in passed(backend):
        wanted = slopes_of_graph(op, x)
        if wanted is None or not np.isfinite(found).all():
            continue
        if not np.allclose(found, wanted, rtol=1e-11, atol=1e-300):
            faults.append(f"{call(op.name, x)} passes {found}, the graph {wanted}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("backend", [*BACKENDS, "floats", "arrays"])
def test_no_operation_gives_a_wrong_finite_number(backend: str, count: int) -> None:
    """Over its domain and beyond: large, tiny, at poles and edges, every backend against mpmath and the graph.

    To 1e-12 of the value, or of what the nearest operands give: XLA's functions err by some hundred units in the last
    place. A program may give nan or an infinity where the graph raises, and where a step on the way leaves the floats.
    XLA takes subnormal numbers for 0, so they are none of its operands here.
    """
    ops = [op for op in OPERATIONS.values() if (op.arity or 2) == count and taken(op, backend)]
    ops = [op for op in ops if op.name != "log_sum_rest"]  # a last digit, which programs leave out
    points = [x for x in POINTS[count] if backend != "jax" or not any(0 < abs(each) < 1e-307 for each in x)]
    examples = [next(x for x in points if graph(op, x) is not None) for op in ops]

    def every(*x: Any) -> list[Any]:
        return [op(*x[k : k + count]) for k, op in zip(range(0, len(x), count), ops, strict=True)]

    flat = [number for example in examples for number in example]
    rows = outputs(backend, every, flat, np.tile(np.array(points), len(ops)))
    faults = [
        f"{call(op.name, x)} gives {what}"
        for op, found in zip(ops, rows.tolist(), strict=True)
        for x, number in zip(points, found, strict=True)
        if (what := fault(op, x, number, backend))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("backend", ["jax", "c"])
def test_what_a_backend_has_no_function_for_is_refused_by_name(backend: str) -> None:
    """And nothing else is: the error says which operation, and what to do."""
    for op in OPERATIONS.values():
        if any(op.name.startswith(name) for name in REFUSED[backend]):
            with pytest.raises((TypeError, ValueError), match=rf"{re.escape(op.name)}.*backend=.numpy"):
                compile(lambda x, op=op: op(x), 0.5, backend=backend)(0.5)


# --- Constants beyond the floats, and at their edges ----------------------------------------------------------

CONSTANTS = [
    math.inf,
    -math.inf,
    1e308,
    -1e308,
    1e-320,
    -5e-324,
    10**400,
    -(10**400),
    Fraction(1, 3),
    1e200,
    1e-200,
    2.0,
]


def written_with(c: Any, d: Any) -> dict[str, Callable[[Any], Any]]:
    """Functions of a number in which two constants stand in every way that programs know."""
    return {
        "minimum": lambda x: ag.minimum(x, c),
        "maximum": lambda x: ag.maximum(c, x),
        "product": lambda x: x * c * d,
        "scaled": lambda x: (x * c) * (x * d),
        "sum of scaled": lambda x: x * c + x * c - x,
        "scaled down": lambda x: ag.dot([c, d], [x, x]) * 1e-300,
        "shifted": lambda x: (x + c) + d,
        "sum": lambda x: ag.sum([x, c, x]) + d,
        "long sum": lambda x: ag.sum([x * k for k in range(9)]) + c + c,
        "weighted": lambda x: ag.dot([c, d, 1.0], [x, x, x]),
        "of many": lambda x: ag.logsumexp(x, d) + x * c,
        "quotient": lambda x: x / d,
        "choice": lambda x: OPS["where"](x, x, c),
        "compared": lambda x: x if x < (c if abs(c) > 1e9 else 10.0) else -x,
        "clipped": lambda x: ag.clip(min(c, d), max(c, d))(x) if c != d else x,
        "power": lambda x: x ** ag.minimum(c, 2.0),
    }


ROWS = [0.5, 1.0, 3.0, 0.1]
Way = tuple[str, Any, Any]


def graph_at(way: Way, x: float) -> float | None:
    written, c, d = way
    return at(written_with(c, d)[written], x)


def check_constants(ways: Sequence[Way], rows: np.ndarray, backend: str) -> None:
    """The columns are what the graphs give, or what they would give if nothing on the way left the floats."""
    for (written, c, d), column in zip(ways, rows.T.tolist(), strict=True):
        exactly = [mpf(float(each)) if abs(each) < 1.7e308 else each for each in (c, d)]
        for x, ours in zip(ROWS, column, strict=True):
            graphs = graph_at((written, c, d), x)
            if graphs is None or abs(graphs) > 1e300 or (backend == "jax" and not math.isfinite(ours)):
                continue  # XLA takes out common factors, and so may overflow on the way
            near = [graphs, at(written_with(*exactly)[written], mpf(x))]
            assert any(ours == pytest.approx(each, rel=1e-12, abs=1e-300) for each in near if each is not None), (
                f"{written} with {c}, {d} at {x}: {ours}, wanted one of {near}"
            )


SHIFTED = [*zip(CONSTANTS, CONSTANTS[3:] + CONSTANTS[:3], strict=True)]  # each once: compiling takes its time
PAIRS = {"numpy": [*itertools.product(CONSTANTS, CONSTANTS)], "c": SHIFTED}


@pytest.mark.parametrize("backend", PAIRS)
@pytest.mark.parametrize("written", written_with(1.0, 2.0))
def test_a_constant_may_be_infinite_or_at_the_edge_of_the_floats(written: str, backend: str) -> None:
    """Where the graph takes it, so does a program, and gives the graph's number, or the number that the graph would
    have if nothing on the way left the floats; nan or inf only where the graph has none or comes near.
    """
    for c, d in PAIRS[backend]:
        if graph_at((written, c, d), ROWS[0]) is not None:
            program = compile(written_with(c, d)[written], ROWS[0], backend=backend)
            check_constants([(written, c, d)], program(ROWS)[:, None], backend)


def test_jax_takes_such_constants() -> None:
    """The same law, every way of writing in one program: XLA compiles it faster than all of them."""
    pairs = [pair for pair in SHIFTED if not any(0 < abs(each) < 1e-300 for each in pair)]
    ways = [(written, c, d) for written in written_with(1.0, 2.0) for c, d in pairs]
    ways = [way for way in ways if graph_at(way, ROWS[0]) is not None]

    def every(x: Any) -> list[Any]:
        return [written_with(c, d)[written](x) for written, c, d in ways]

    check_constants(ways, compile(every, ROWS[0], backend="jax")(ROWS), "jax")


def at(f: Callable[[Any], Any], x: Any) -> float | None:
    try:
        return float(f(Value(x)).data)
    except (DomainError, OverflowError):
        return None


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_operation_of_ones_own_may_say_inf_and_nan(backend: str) -> None:
    """`f"{limit}"` in an array form is the text inf: it is NumPy's, as np.inf is."""
    forms = [
        "np.minimum({0}, inf) + 0.0",
        "np.maximum(-inf, {0})",
        "np.where({0} > -np.inf, {0}, nan)",
        "np.minimum({0}, np.inf)",
    ]
    ops = [ag.Op(f"own{k}", lambda x: x, lambda g, y, x: (g,), array=form) for k, form in enumerate(forms)]
    found = compile(lambda x: [op(x) for op in ops], 0.5, backend=backend)([2.0, -3.0])
    assert found.tolist() == [[2.0] * 4, [-3.0] * 4]


# --- What would be frozen -------------------------------------------------------------------------------------

_W, _OUTSIDE = Value(2.0), Value(5.0)


def swept_inside(x: Any) -> Any:
    y = x * x
    y.backward()
    return x.grad * x


def parameter_swept_inside(x: Any) -> Any:
    (_W * _W).backward()
    return _W.grad * x


FROZEN = {
    "backward()": swept_inside,
    "x.grad": lambda x: x.grad + x,
    "x[1].grad": lambda x: x[0] * x[1].grad,
}


@pytest.mark.parametrize(("what", "f"), FROZEN.items())
def test_a_gradient_that_would_be_the_examples_for_every_row_is_refused(what: str, f: Callable[..., Any]) -> None:
    """`backward` and `.grad` of an argument give numbers, not graphs; the error names the line and the way out."""
    with pytest.raises(RuntimeError, match=rf"test_right\.py, line \d+: {re.escape(what)} inside .*autograd\.grad"):
        compile(f, [1.0, 2.0] if "[" in what else 1.0)


def test_a_sweep_over_parameters_is_refused_and_one_over_neither_is_not() -> None:
    """What a sweep gives depends on what it sweeps over; frozen Values are frozen anyway."""
    with pytest.raises(RuntimeError, match=r"backward\(\) inside"):
        compile(parameter_swept_inside, 1.0, wrt=[_W])

    def f(x: Any) -> Any:
        _OUTSIDE.grad = 0
        (_OUTSIDE * _OUTSIDE).backward()
        return _OUTSIDE.grad * x

    assert compile(f, 1.0, wrt=[])([1.0, 3.0]).tolist() == [10.0, 30.0]


def test_derivatives_inside_are_recorded() -> None:
    """What the errors advise: grad and gradients give graphs, of every row."""
    program = compile(lambda x: ag.grad(lambda q: q * q * q)(x) + ag.gradients(x * x, [x])[0], 1.0)
    assert program([1.0, 2.0]).tolist() == [5.0, 16.0]


def test_an_argument_is_a_value_like_any_other_but_for_its_grad() -> None:
    """It is compared, sorted, printed and named in messages; and when f is through its grad may be read."""
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.extend(x)
        assert repr(x[0]) == "Value(data=1.0, label='x[0]')"
        assert not hasattr(x[0], "grad")
        x[0].zero_grad()
        return sorted(x)[1] * x[0] + max(x)

    program = compile(f, [1.0, 2.0])
    assert program([1.0, 2.0]) == 4.0
    assert pickle.loads(pickle.dumps(program))([1.0, 3.0]) == 6.0
    assert repr(seen) == "[Value(data=1.0, grad=0, label='x[0]'), Value(data=2.0, grad=0, label='x[1]')]"
    assert [each.grad for each in seen] == [0, 0]
    with pytest.raises(DomainError, match=r"^log\(x = .*0\.0.*\): log is defined for x > 0"):
        compile(lambda x: ag.log(x), 0.0)
    with pytest.raises(ZeroDivisionError):
        compile(lambda x: seen.append(x) or 1 / 0, 0.0)
    assert seen[-1].grad == 0


NOTHING = "compile(f): the result depends on no argument and no parameter; was it computed from .data?"
NO_PARAMETER = "compile(f): the loss depends on no parameter; was it computed from .data?"
CONSTANT: dict[str, tuple[Callable[[Any], Any], str]] = {
    "data": (lambda x: x.data * 2, NOTHING),
    "number": (lambda x: 1.0, NOTHING),
    "Value": (lambda x: Value(x.data) * 2, NOTHING),
    "detached": (lambda x: (x * 2).detach(), NOTHING),
    "no_grad": (lambda x: ag.no_grad()(lambda: x * 2)(), NOTHING),
    "list": (lambda x: [x.data, 1.0, Value(2.0) * 3], NOTHING),
    "dict": (lambda x: {"a": (x.data, [2.0])}, NOTHING),
    "of no parameter": (lambda x: x * _W.data, NO_PARAMETER),
    "constant loss": (lambda x: 1.0, NO_PARAMETER),
    "constant Value": (lambda x: Value(x.data), NO_PARAMETER),
}


@pytest.mark.parametrize("what", CONSTANT)
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_result_that_depends_on_nothing_is_refused(what: str, backend: str) -> None:
    """No argument and no parameter is behind it, or no parameter behind a loss: most likely `.data` was used."""
    f, message = CONSTANT[what]
    wrt = [_W] if message == NO_PARAMETER else []
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        compile(f, 1.0, wrt=wrt, backend=backend)


def test_some_results_may_be_constant() -> None:
    """One of several, a function of nothing at all, one way of a branch, and a loss that is flat in its parameters."""
    assert compile(lambda x: [x, 2.0], 1.0)([3.0, 4.0]).tolist() == [[3.0, 2.0], [4.0, 2.0]]
    assert compile(lambda: _W * 2)() == 4.0
    assert compile(lambda x: 0.0 if x > 0 else x, 1.0)([2.0, 3.0]).tolist() == [0.0, 0.0]
    assert compile(lambda x: ag.step(_W) * x, 1.0, wrt=[_W]).value_and_grad([3.0])[1].tolist() == [0.0]


@pytest.mark.parametrize("backend", [None, "numpy", "jax", "eager"])
@pytest.mark.parametrize(
    "loss", [lambda y, t: (Value(y.data) - t) ** 2, lambda y, t: Value(0.0), lambda y, t: y.detach()]
)
def test_fit_refuses_a_loss_that_depends_on_no_parameter(backend: str | None, loss: Callable[..., Any]) -> None:
    """With every backend, and none of the model's numbers moves."""
    model = nn.MLP(1, [1], seed=0)
    before = [p.data for p in model.parameters()]
    with pytest.raises(ValueError, match=r"the loss depends on no parameter; was it computed from \.data\?"):
        nn.fit(model, loss, [[1.0], [2.0]], [1.0, 2.0], epochs=1, backend=backend, progress=False)
    assert [p.data for p in model.parameters()] == before


def test_fit_takes_a_loss_that_branches_to_a_constant() -> None:
    """A sample that is right already may have the loss 0; the next goes another way."""
    model = nn.MLP(1, [1], seed=0)
    loss = lambda y, t: Value(0.0) if y * t >= 0 else -y * t  # noqa: E731
    history = nn.fit(model, loss, [[1.0], [-1.0], [1.0]], [1.0, -1.0, -1.0], epochs=2, progress=False, seed=0)
    assert len(history.losses) == 2


# --- Examples where a derivative is infinite ------------------------------------------------------------------

_ONE = Value(1.0)
SINGULAR: dict[str, Callable[[Any], Any]] = {
    "where": lambda x: OPS["where"](x, ag.sqrt(x * _ONE), 0),
    "relu": lambda x: ag.relu(ag.sqrt(x * _ONE) - 1.0),
    "maximum": lambda x: ag.maximum(ag.cbrt(x * _ONE), 0.5),
    "clip": lambda x: ag.clip(0.5, 9.0)(ag.sqrt(x * _ONE)),
    "inside": lambda x: ag.exp(ag.relu((x * _ONE) ** 0.5 - 1.0)),
    "nested": lambda x: ag.relu(ag.relu(ag.sqrt(x * _ONE) - 1.0) * 2.0),
    "nothing there": lambda x: 0.0 * ag.sqrt(x * _ONE) + x * _ONE,
}


@pytest.mark.parametrize("name", SINGULAR)
@pytest.mark.parametrize("example", [0.0, 4.0])
def test_no_derivative_is_lost_because_of_the_example(name: str, example: float) -> None:
    """Where the slope is infinite at the example, and nothing arrives there: every row is right."""
    f = SINGULAR[name]
    program = compile(f, example, wrt=[_ONE])
    _, slopes = swept(f, [_ONE], [4.0])
    assert program.value_and_grad([4.0])[1] == pytest.approx(slopes, rel=1e-12)


@pytest.mark.parametrize(
    "transform", [lambda f, x: grad(f)(x), lambda f, x: jvp(f, (x,), (1.0,))[1], lambda f, x: hessian(f)(x)]
)
def test_no_derivative_inside_f_is_lost_because_of_the_example(transform: Any) -> None:
    """The same for a derivative that f itself asks for, backwards, forwards and twice."""

    def f(x: Any) -> Any:
        return transform(lambda q: ag.where(q, ag.sqrt(q), 0), x) + x

    with pytest.raises(DomainError, match=r"sqrt\(.*\) has no derivative at the example"):
        compile(f, 0.0)
    assert compile(f, 1.0)([4.0]) == pytest.approx([f(4.0)], rel=1e-12)


def test_a_zero_that_stays_zero_loses_nothing() -> None:
    """0 · sqrt(x) has the derivative 0 everywhere: no reason to refuse the example."""
    assert compile(SINGULAR["nothing there"], 0.0, wrt=[_ONE]).value_and_grad([4.0])[1].tolist() == [4.0]


# --- Exact numbers --------------------------------------------------------------------------------------------

EXACT_NUMBERS = [Fraction(1, 3), Fraction(2), Decimal("0.1"), mpf("0.1"), 2**53 + 1, -(2**60) - 1, 10**400, 10**5000]
_FLOATS = r"programs compute in float64; write float\(x\)\.$"


@pytest.mark.parametrize("number", EXACT_NUMBERS, ids=lambda number: type(number).__name__)
def test_an_exact_number_is_not_rounded_without_a_word(number: Any) -> None:
    """As example, argument, parameter, input of a graph: the TypeError names the place and says what to write."""
    w = Value(number)
    program = compile(lambda x: x[0] * _W + x[1], [1.0, 2.0], wrt=[_W])
    places: dict[str, Callable[[], Any]] = {
        r"the example for x\[1\] is": lambda: compile(lambda x: x[0] + x[1], [1.0, number]),
        r"the number of wrt\[1\] is": lambda: compile(lambda x: x * _W, 1.0, wrt=[_W, w]),
        r"the number of inputs\[0\] is": lambda: Program.from_graph(w, [w]),
        "x is not an array of numbers": lambda: program([[number, number]]),
        "the parameters are not an array of numbers": lambda: setattr(program, "parameters", [number]),
    }
    for place, attempt in places.items():
        with pytest.raises(TypeError, match=f"{place}.*{_FLOATS}"):
            attempt()


def test_integers_that_are_floats_are_taken() -> None:
    """Python's and NumPy's, up to 2⁵³ and beyond, where they are a float's number; and truth values."""
    for number in (3, True, 2**60, -(2**53), np.int64(7), np.float32(0.5), np.uint8(255)):
        w = Value(2)
        assert compile(lambda x, w=w: x * w, number, wrt=[w])([number]).tolist() == [2.0 * float(number)]


def test_digits_that_a_program_would_drop_are_refused_in_the_code_too() -> None:
    """A float times an mpf is an mpf, with all its digits; times a Fraction it is a float, in the graph as well."""
    with pytest.raises(TypeError, match=rf"^compile\(f\): f computes with mpf.*{_FLOATS}"):
        compile(lambda x: x * mpf("0.1"), 1.0)
    assert compile(lambda x: x * Fraction(1, 3), 1.0)(3.0) == 3.0 * Fraction(1, 3)


# --- The order as written -------------------------------------------------------------------------------------

SIZES = [0.0, 1.0, -3.0, 1e16, -1e16, 1e-16, 0.1, 1e8, -1e-8, 1 / 3]
EXACT = [ag.engine.add, ag.engine.sub, ag.engine.mul, ag.engine.div, ag.engine.neg, ag.sqrt, ag.abs, ag.relu]
EXACT += [ag.maximum, ag.minimum, ag.sum, ag.mean, OPS["dot"], ag.square, ag.power(2), ag.power(3), OPS["where"]]
"""Operations whose results show in which order they were added, and rounded how often."""


@st.composite
def expressions_in_order(draw: st.DrawFn, ops: Sequence[ag.Op] = EXACT) -> Expression:
    """Long programs of numbers of very different sizes, with shared results and constants."""
    count, steps = draw(st.integers(2, 4)), []
    for k in range(count, count + draw(st.integers(1, 14))):
        op = draw(st.sampled_from(ops))
        arity = op.arity or 2 * draw(st.integers(1, 3))
        operand = st.integers(0, k - 1) | st.sampled_from(SIZES)
        steps.append((op, (k - 1, *draw(st.lists(operand, min_size=arity - 1, max_size=arity - 1)))))
    return Expression((1.0,) * count, tuple(steps))


def same(found: Any, wanted: Any) -> bool:
    """Bit for bit, but for the sign of a zero."""
    return bool((np.asarray(found, float) == np.asarray(wanted, float)).all())


@settings(max_examples=share(150), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(program=expressions_in_order(), data=st.data())
def test_a_strict_program_gives_every_bit_of_the_graph(program: Expression, data: st.DataObject) -> None:
    """Values of all rows, loss and gradient of each; in a batch the rows are added in an order of NumPy's."""
    count = len(program.inputs)
    rows = data.draw(st.lists(st.tuples(*[st.sampled_from(SIZES)] * count), min_size=1, max_size=4))
    first = data.draw(st.integers(1, count - 1))  # parameters from here on
    wrt = [Value(x) for x in rows[0][first:]]
    batch = [list(column) for column in zip(*rows, strict=True)][:first]
    f = lambda *numbers: program(*numbers, *wrt)  # noqa: E731
    try:
        eager = [swept(f, wrt, *[[x] for x in row]) for row in zip(*batch, strict=True)]
        options = {"wrt": wrt, "reduce": "sum", "strict": True}
        strict = compile(f, *[column[0] for column in batch], **options)  # type: ignore[arg-type]
    except DomainError:
        assume(False)
        raise
    assert same(strict(*batch), [loss for (loss,), _ in eager])
    for k, ((wanted,), slopes) in enumerate(eager):
        loss, gradient = strict.value_and_grad(*[column[k : k + 1] for column in batch])
        assume(np.isfinite(gradient).all())  # 0 times infinity: nothing arrives in the sweep
        assert same(loss, wanted)
        assert same(gradient, slopes)
    parts = np.array([slopes for _, slopes in eager])
    total = strict.value_and_grad(*batch)[1]
    assert (np.abs(total - parts.sum(axis=0)) <= 1e-15 * np.abs(parts).sum(axis=0)).all()


def test_strict_is_for_those_who_need_the_order() -> None:
    """(a + b) - a is 1 in a program, which cancels a against a, and 0 in the graph, which rounds a + b first."""
    f = lambda a, b: (a + b) - a  # noqa: E731
    assert compile(f, 1.0, 1.0)(1e16, 1.0) == 1.0
    assert compile(f, 1.0, 1.0, strict=True)(1e16, 1.0) == f(1e16, 1.0) == 0.0


def test_a_strict_program_stays_strict() -> None:
    """Pickled, and from a graph; its name says so."""
    a, w = Value(1.0), Value(1e16)
    for program in (
        compile(lambda x: (w + x) - w, 1.0, wrt=[w], strict=True),
        Program.from_graph((w + a) - w, [a], [w], strict=True),
    ):
        for each in (program, pickle.loads(pickle.dumps(program))):
            assert each([1.0, 3.0]).tolist() == [0.0, 4.0]
            assert "numpy, strict, 1 parameters" in repr(each)
            assert each.strict


def test_strict_takes_every_operation_from_the_graph() -> None:
    """Also those of which NumPy and Python have other last digits: powers, tanh, sums rounded once."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    f = lambda x: ag.tanh(x[0]) ** 3 + ag.exp(x[1] ** 2) / ag.mean(ag.abs(x[0]), x[1] ** 2, x[2] ** 2)  # noqa: E731
    assert compile(f, X[0], strict=True)(X).tolist() == [f([Value(each) for each in row]).data for row in X.tolist()]


@pytest.mark.parametrize("backend", ["jax", "c"])
def test_compilers_keep_no_order(backend: str) -> None:
    """They are refused, for they add in another order, or round a product and a sum once."""
    with pytest.raises(
        ValueError, match=rf"^compile\(strict=True, backend='{backend}'\): only 'numpy' keeps the order"
    ):
        compile(lambda x: x * x, 1.0, strict=True, backend=backend)


# --- Operations without an array form ---------------------------------------------------------------------------


def _raises(x: float) -> float:
    raise TypeError("no such thing")


NO_NUMBER: dict[str, Callable[[float], Any]] = {
    "raises": _raises,
    "none": lambda x: None,
    "text": lambda x: "1.0",
    "a list": lambda x: [x],
    "complex": lambda x: complex(x, 1.0),
}


@pytest.mark.parametrize("how", NO_NUMBER)
@pytest.mark.parametrize("differentiate", [False, True])
def test_a_forward_that_gives_no_number_is_a_type_error_that_names_it(how: str, differentiate: bool) -> None:
    """In a program as in the graph: never a nan among the results, which would be taken for the function's."""

    def forward(x: float) -> Any:
        return x * x if x < 1 else NO_NUMBER[how](x)

    op, w = ag.primitive("odd_of_a_test", forward, lambda g, y, x: (2 * g * x,), replace=True), Value(1.0)
    program = compile(lambda x: w * op(x), 0.5, wrt=[w])
    run = program.value_and_grad if differentiate else program
    assert run([0.5, 0.25]) is not None
    with pytest.raises(TypeError, match=r"^odd_of_a_test\(2\.0\): "):
        run([0.5, 2.0])


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, OverflowError, DomainError])
def test_a_forward_without_a_value_is_nan_in_its_row_alone(error: type[Exception]) -> None:
    """What the graph calls a DomainError; numbers of other kinds that forward returns become floats."""

    def forward(x: float) -> Any:
        if x > 1:
            raise error("none")
        return {0.0: True, 0.25: Fraction(1, 4), 0.5: np.float32(0.5)}.get(x, 1)

    op = ag.primitive("odd_of_a_test", forward, lambda g, y, x: (0.0,), replace=True)
    found = compile(lambda x: op(x), 0.5)([0.0, 0.25, 0.5, 2.0, 1.0])
    assert found.tolist()[:3] == [1.0, 0.25, 0.5]
    assert np.isnan(found).tolist() == [False, False, False, True, False]
