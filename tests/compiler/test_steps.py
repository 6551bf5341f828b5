"""The language of steps: each pass alone, and each step in NumPy and in C, beside what is computed index by index."""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, Value
from autograd.compiler.choosing import has_compiler
from autograd.compiler.loops.code import Code
from autograd.compiler.loops.nest import Nest
from autograd.compiler.matrices.c_steps import printed as printed_in_c
from autograd.compiler.matrices.cotangents import differentiate
from autograd.compiler.matrices.kernel import Kernel, aligned
from autograd.compiler.matrices.lanes import Loops
from autograd.compiler.matrices.lifted import Lifted
from autograd.compiler.matrices.numpy_backend import Bind, printed
from autograd.compiler.matrices.steps import Contraction, Gather, Map, Plan, Scatter, Step, View
from autograd.compiler.recording import record
from autograd.compiler.scalar import scalars
from autograd.forms import REDUCTIONS, Form, operand
from autograd.strategies import Expression, expressions
from compiled import close, smooth_at, swept, used
from networks import LARGEST, STRAIGHT, Network, networks
from share import share

ROWS = 3


def ran(bind: Bind, plan: Plan, inputs: list[Any], parameters: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both arenas after the plan's program has run twice: what it leaves does not change the next run."""
    rows, fixed = aligned((plan.height, inputs[0].shape[1] if inputs else 1), float), aligned((plan.size,), float)
    run = bind(rows, fixed)
    plan.write_constants(rows, fixed)
    fixed[: plan.parameters] = parameters
    for (base, size), lines in zip(plan.arguments, inputs, strict=True):
        rows[base : base + size] = lines
    with np.errstate(all="ignore"):
        run()
        run()
    return rows, fixed


# --- Steps ----------------------------------------------------------------------------------------------------


class Arena:
    """Hands out places for drawn views; numbers stand in all of them."""

    def __init__(self, data: st.DataObject, shape: tuple[int, ...] = ()) -> None:
        self.data, self.shape, self.size = data, shape, {True: 0, False: 0}

    def view(self, axes: set[int], in_rows: bool, overlaps: bool = False) -> View:
        """A view of these axes in some order, with gaps, or the last quickest and without; read views may overlap."""
        dense = self.data.draw(st.booleans())
        order = sorted(axes, reverse=True) if dense else self.data.draw(st.permutations(sorted(axes)))
        strides, step = [0] * len(self.shape), 1 if dense else self.data.draw(st.integers(1, 2))
        for axis in order:
            if self.shape[axis] > 1:
                strides[axis] = step
                step *= self.shape[axis] if not overlaps else 1
            step += 0 if dense else self.data.draw(st.integers(0, 1))
        base = self.taken(
            1 + sum(stride * (size - 1) for stride, size in zip(strides, self.shape, strict=True)), in_rows
        )
        return View(in_rows, base, self.shape, tuple(strides))

    def taken(self, count: int, in_rows: bool) -> int:
        """The first of so many places."""
        self.size[in_rows] += count
        return self.size[in_rows] - count

    def plan(self, *steps: Step) -> Plan:
        """A plan that does these steps; its numbers are inputs and parameters."""
        height, size = self.size[True], self.size[False]
        return Plan(size, [(0, height)], list(steps), height, size)


def a_contraction(arena: Arena) -> Contraction:
    """Whichever axes the result and the operands have, in whatever order and with whatever gaps, added or written."""
    draw, shape = arena.data.draw, arena.shape
    every, has, alone = set(range(len(shape))), st.sets(st.integers(0, len(shape) - 1)), draw(st.booleans())
    left, right = draw(has), set[int]() if alone else draw(has)
    arena.shape = tuple([size if k in left | right else 1 for k, size in enumerate(shape)])  # no axis is of nothing
    out = draw(st.sets(st.sampled_from(sorted(left | right)))) if left | right else set[int]()
    in_rows = [draw(st.booleans()), draw(st.booleans()) and not alone]
    varies = any(in_rows) and draw(st.booleans())
    assert out <= every
    views = [
        arena.view(axes, each, overlaps=draw(st.booleans())) for axes, each in zip((left, right), in_rows, strict=True)
    ]
    return Contraction(arena.view(out, varies), views[0], None if alone else views[1], adds=draw(st.booleans()))


def a_map(arena: Arena) -> Map:
    """Its operands may repeat, overlap, be the same for all rows, or numbers; the first may have an axis in front."""
    draw, shape = arena.data.draw, arena.shape
    in_rows, has, adds = draw(st.booleans()), st.sets(st.integers(0, len(shape) - 1)), draw(st.booleans())
    views: list[Any] = [0.5, 0.5, 0.5]
    for k in range(3):
        if draw(st.booleans()):
            views[k] = arena.view(draw(has), draw(st.booleans()) and in_rows, draw(st.booleans()))
    a, b, c = operand(0), operand(1), operand(2)
    twice = Form("*", (a, b))
    reduced = [Form("+", (Form(word, (Form("args"),)), c)) for word in sorted(REDUCTIONS)]
    forms = [a, twice, Form("+", (twice, Form("tanh", (twice,)))), Form("where", (a, b, c)), *reduced]
    form = draw(st.sampled_from(forms))
    if form in reduced:
        arena.shape = (draw(st.integers(1, 3)), *shape)
        views[0] = arena.view({0, *[k + 1 for k in draw(has)]}, in_rows)
        arena.shape = shape
    return Map(arena.view(set(range(len(shape))), in_rows), form, tuple(views), adds)


def copies(arena: Arena) -> tuple[Gather, Scatter]:
    """Places may be read several times, and then all that goes to one of them on the way back is added up."""
    draw = arena.data.draw
    count, in_rows = draw(st.integers(1, 5)), draw(st.booleans())
    base = arena.taken(count, in_rows)
    places = base + np.array(draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=7)))
    out = View.of(in_rows, arena.taken(len(places), in_rows), (len(places),))
    return Gather(out, in_rows, places), Scatter(out, in_rows, places, draw(st.booleans()))


def agrees(plan: Plan, bind: Bind, seed: int, rows: int = ROWS) -> None:
    rng = np.random.default_rng(seed)
    inputs, parameters = [rng.normal(size=(plan.height, rows))], rng.normal(size=plan.size)
    first = plan.evaluate(inputs, parameters)
    for found, each in zip(ran(bind, plan, inputs, parameters), plan.evaluate([first[0]], first[1]), strict=True):
        assert np.abs(found - each).max(initial=0.0) <= 1e-12 * max(1.0, np.abs(each).max(initial=0.0))


def agrees_in_numpy(plan: Plan, seed: int) -> None:
    agrees(plan, printed(plan, ["x"])[1], seed)


def shapes(*sizes: int, axes: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from(sizes), min_size=1, max_size=axes).map(tuple)


@settings(max_examples=share(400), deadline=None)
@given(data=st.data(), shape=shapes(1, 2, 3, axes=4), seed=st.integers(0, 99))
def test_any_contraction_is_what_it_is_index_by_index(data: st.DataObject, shape: tuple[int, ...], seed: int) -> None:
    """Whichever axes the result and the operands have, in whatever order and with whatever gaps, added or written."""
    arena = Arena(data, shape)
    step = a_contraction(arena)
    agrees_in_numpy(arena.plan(step), seed)


@settings(max_examples=share(200), deadline=None)
@given(data=st.data(), shape=shapes(1, 2, 3, axes=3), seed=st.integers(0, 99))
def test_any_elementwise_step_is_what_it_is_index_by_index(
    data: st.DataObject, shape: tuple[int, ...], seed: int
) -> None:
    """Its operands may repeat, overlap, be the same for all rows, numbers, or reduced along an axis of their own."""
    arena = Arena(data, shape)
    step = a_map(arena)
    agrees_in_numpy(arena.plan(step), seed)


@settings(max_examples=share(100), deadline=None)
@given(data=st.data(), seed=st.integers(0, 99))
def test_a_copy_and_its_way_back_are_what_they_are_place_by_place(data: st.DataObject, seed: int) -> None:
    """Places may be read several times, and then all that goes to one of them on the way back is added up."""
    arena = Arena(data)
    for step in copies(arena):
        agrees_in_numpy(arena.plan(step), seed)


@settings(max_examples=share(300), deadline=None)
@given(data=st.data(), shape=shapes(1, 2, 3, axes=4), one_row=st.booleans())
def test_loops_and_lanes_go_through_the_index_space(data: st.DataObject, shape: tuple[int, ...], one_row: bool) -> None:
    """Each index once: what the result and the operands are there, in the arenas of a batch."""
    step, rows = a_contraction(Arena(data, shape)), 1 if one_row else ROWS
    views = [step.out, *step.factors]
    loops = Loops.of(views, one_row)
    lines = np.arange(rows) if any(view.in_rows for view in views) else np.arange(1)
    wanted = [
        np.broadcast_to(
            view.grid[..., None] * (rows if view.in_rows else 1) + lines * view.in_rows, (*view.shape, len(lines))
        )
        for view in views
    ]
    lanes = np.arange(loops.count * (rows if loops.in_rows else 1))
    found = []
    for k, view in enumerate(views):
        places = np.array(view.base)
        for axis in loops.axes:
            places = places[..., None] + axis.strides[k] * np.arange(axis.size)
        found.append(places[..., None] * (rows if view.in_rows else 1) + lanes * loops.lanes[k])
    each = [sorted(zip(*[places.ravel().tolist() for places in some], strict=True)) for some in (wanted, found)]
    assert each[0] == each[1]


@pytest.mark.skipif(not has_compiler(), reason="needs a C compiler")
@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(data=st.data(), seed=st.integers(0, 99))
def test_any_step_in_c_is_what_it_is_index_by_index(data: st.DataObject, seed: int) -> None:
    """For one row and for several, for whole lanes and what is left over; blocks and lanes may be of every axis.

    Compilers are slow, so one text has many steps, each with places of its own.
    """
    arena, steps = Arena(data), list[Step]()
    for draw in [a_contraction] * 25 + [a_map] * 10:
        arena.shape = data.draw(shapes(1, 2, 3, 5, 9, 12, axes=3))
        steps.append(draw(arena))
    steps += [step for _ in range(3) for step in copies(arena)]
    plan = arena.plan(*steps)
    _, bind = printed_in_c(plan)
    for rows in (1, 7, 21):
        agrees(plan, bind, seed, rows)


# --- Passes ---------------------------------------------------------------------------------------------------


def lifted_of(f: Any, sample: Sequence[Any], wrt: list[Value]) -> tuple[Lifted, Any]:
    recording = record(f, sample, wrt)
    return Lifted(
        scalars(recording, wrt, recording.outputs), list(zip(recording.names, recording.sizes, strict=True))
    ), recording


@settings(max_examples=share(150), deadline=None)
@given(program=expressions(max_inputs=4, max_nodes=12), data=st.data())
def test_no_pass_changes_what_a_program_computes(program: Expression, data: st.DataObject) -> None:
    """Scalars, their steps, and the steps of loss and gradient, each by its own `evaluate`; and each verifies."""
    count = len(program.inputs)
    chosen = sorted({data.draw(st.sampled_from(used(program)))} | data.draw(st.sets(st.integers(0, count - 1))))
    if not smooth_at(program, program.inputs):
        return
    wrt = [Value(program.inputs[k]) for k in chosen]
    rest = [k for k in range(count) if k not in chosen]

    def f(*given: Any) -> Any:
        leaves: dict[int, Any] = dict(zip(chosen, wrt, strict=True)) | dict(zip(rest, given, strict=True))
        return program(*[leaves[k] for k in range(count)])

    sample, theta = [program.inputs[k] for k in rest], [x.data for x in wrt]
    try:
        lifted, recording = lifted_of(f, sample, wrt)
        recording.output.backward()
    except DomainError:
        return
    (wanted,), _ = lifted.scalars.evaluate(sample, theta)
    plan, ((varies, place),) = lifted.forward.plan, lifted.forward.outputs
    plan.verify()
    inputs = [np.array([[x]]) for x in sample]
    rows, fixed = plan.evaluate(inputs, theta)
    value = rows[place, 0] if varies else fixed[place]
    assert value == pytest.approx(wanted, rel=1e-9, nan_ok=True)
    back = differentiate(plan, (varies, place))
    back.verify()
    _, fixed = back.evaluate(inputs, theta)
    gradient = fixed[back.behind[1] : back.behind[1] + len(theta)]
    if np.isfinite(gradient).all():
        assert fixed[back.loss or 0] == value
        close(gradient, [x.grad for x in wrt], 1e-7)


@pytest.mark.parametrize("turns", [1, 60])
def test_programs_are_verified_where_the_environment_asks_for_it(monkeypatch: pytest.MonkeyPatch, turns: int) -> None:
    """Behind every pass, of matrices and of loops; and else not."""
    w, verified = Value(0.5), list[str]()
    for language in (Plan, Nest, Code):
        monkeypatch.setattr(language, "verify", lambda self: verified.append(type(self).__name__))

    def f(x: Any) -> Any:
        for _ in range(turns):
            x = ag.tanh(w * x)
        return x

    for asked in ("", "1"):
        monkeypatch.setenv("AUTOGRAD_VERIFY", asked)
        ag.compile(f, 0.5, wrt=w, backend="numpy").value_and_grad([0.5])
        assert set(verified) == (set() if not asked else {"Plan"} if turns == 1 else {"Nest", "Code"})


def neurons(x: Any, w: Sequence[Any]) -> list[Any]:
    return [ag.tanh(ag.dot(w[k : k + len(x)], x)) for k in range(0, len(w) - len(x) + 1, len(x))]


def windows(x: Sequence[Any], *kernels: Sequence[Any]) -> list[Any]:
    """Windows that overlap, the last one first."""
    length = len(kernels[0])
    starts = reversed(range(len(x) - length + 1))
    return [ag.tanh(ag.dot(each, x[k : k + length])) for k in starts for each in kernels]


def biased(x: Sequence[Any], kernel: Sequence[Any], bias: Any) -> list[Any]:
    count = len(kernel)
    return [ag.tanh(ag.dot(kernel, x[k : k + count]) + bias) for k in range(len(x) - count + 1)]


def products(x: Any, w: Sequence[Any]) -> list[Any]:
    return [ag.tanh(a * b) for a in x for b in w[:3]]


def in_two_rhythms(x: Any, y: Sequence[Any]) -> list[Any]:
    """One operand changes after two, the other jumps after three."""
    return [*[ag.hypot(x[k // 2], y[k + k // 3 * 2]) for k in range(6)], *y]


def numbered(x: Sequence[Any]) -> list[Any]:
    return [k * each for k, each in enumerate(x, 2)]


def grid(x: Any, w: Sequence[Any]) -> list[Any]:
    return [a * w[0] + b for a in x for b in w[1:3]]


FOUND: tuple[Callable[[Any, Sequence[Value]], Any], ...] = (
    # losses of three numbers and six parameters that a pass has changed once, or a planted bug
    lambda x, w: 0.5 * ag.dot(w[:3], x) + 0.5 * ag.dot(w[3:], x),
    lambda x, w: ag.logsumexp(*[STRAIGHT(ag.tanh(a), ag.tanh(a)) for a in w]),
    lambda x, w: ag.sum(grid(x, w)) + ag.sum(*map(ag.step, grid(x, w))),
    lambda x, w: ag.dot(w[:3], w[3:]) * x[0] + ag.tanh(ag.sum(w)),
    lambda x, w: neurons(x, w)[0] - 0.5 * neurons(x, w)[1],
    lambda x, w: ag.tanh(w[0] * x[0] + 1 + w[1] * x[1]),
    lambda x, w: ag.tanh(ag.dot(w[:3], x) - 2 * w[3] + x[0] * x[1]),
    lambda x, w: ag.tanh(w[0] * x[0] + x[0] * x[1] + w[1] * x[1] - w[2]),
    lambda x, w: ag.logsumexp(*numbered(windows([*x, *neurons(x, w)], w[:3], w[3:]))),
    lambda x, w: ag.logsumexp(*numbered(windows(windows(x, w[:1]), w[1:3], w[3:5]))),
    lambda x, w: ag.logsumexp(*numbered(windows([*x, *[a * w[0] for a in x]], w[1:3]))),
    lambda x, w: (ag.sum(products(x, w)) + 1.5) + ag.logsumexp(*products(x, w)),
    lambda x, w: ag.logsumexp(*numbered([ag.tanh(ag.dot(w[:3], y)) for y in (x, list(map(ag.exp, w[3:])))])),
    lambda x, w: 1.5 - ag.tanh(ag.dot(w[:3], x)),
    lambda x, w: ag.logsumexp(x[0], w[1], x[2]),
    lambda x, w: ag.logsumexp(*numbered([*biased(x, w[:1], w[5]), *biased(x, w[1:3], w[3])])),
    lambda x, w: ag.logsumexp(*numbered([*biased(x, w[1:3], w[3]), *biased(x, w[:1], w[5])])),
    lambda x, w: ag.logsumexp(*numbered(in_two_rhythms(x, products(x, w)))),
    lambda x, w: ag.tanh(0 * x[0] + w[0] * x[1]) * w[1] + ag.tanh(0 * (w[0] * x[0])),
    lambda x, w: ag.tanh(ag.sum(numbered([a * b for a, b in itertools.pairwise(windows(x, *zip(w)))]))),
)


def found(f: Callable[[Any, Sequence[Value]], Any]) -> Network:
    wrt = [Value(0.1 * k + 0.2) for k in range(6)]
    return Network(lambda x: f(x, wrt), wrt, 3)


def examples_of(law: Any) -> Any:
    return functools.reduce(lambda law, f: example(network=found(f), seed=0)(law), FOUND, law)


@settings(max_examples=share(100), deadline=None)
@examples_of
@given(network=networks(), seed=st.integers(0, 99))
def test_no_pass_changes_what_a_network_computes(network: Network, seed: int) -> None:
    """In every row: steps of loss and gradient, index by index and in NumPy, give what the graphs of the rows give."""
    X = np.random.default_rng(seed).normal(size=(ROWS, network.inputs))
    try:
        wanted, gradient = swept(network.f, network.wrt, X)
        lifted, _ = lifted_of(network.f, [X[0].tolist()], network.wrt)
    except (DomainError, AttributeError):
        assume(False)
        raise
    assume(np.abs([*wanted, *gradient]).max() < LARGEST)
    assume(not any(0 < np.abs(each).max() < 1e-9 for each in (wanted, gradient)))  # nothing but last digits is left
    theta, (varies, place) = [x.data for x in network.wrt], lifted.forward.outputs[0]
    back = differentiate(lifted.forward.plan, (varies, place))
    for plan in (lifted.forward.plan, back):
        plan.verify()
        for rows, fixed in (plan.evaluate([X.T], theta), ran(printed(plan, ["x"])[1], plan, [X.T], theta)):
            close(rows[place] if varies else np.full(ROWS, fixed[place]), wanted, 1e-10)
            if plan is back:
                close(fixed[back.loss or 0], np.sum(wanted) if varies else wanted[0], 1e-10)
                found = fixed[back.behind[1] : back.behind[1] + len(theta)]
                close(found, gradient * (ROWS if varies else 1), 1e-10)


@settings(max_examples=share(50), deadline=None)
@given(network=networks())
def test_what_is_the_same_for_all_rows_is_computed_once(network: Network) -> None:
    """Where a sum of products varies from row to row, each of its products of several factors does."""
    try:
        lifted, _ = lifted_of(network.f, [[0.1] * network.inputs], network.wrt)
    except (DomainError, AttributeError):
        assume(False)
        raise
    for step in lifted.forward.plan.steps:
        if isinstance(step, Map) and isinstance(step.what, tuple) and step.out.in_rows:
            operands = iter(step.operands)
            for product in [list(itertools.islice(operands, count)) for _, count in step.what]:
                assert len(product) == 1 or any(isinstance(x, View) and x.in_rows for x in product)


# --- What is there already ------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_the_way_back_of_matrices_calls_no_function_again(backend: str) -> None:
    """The slope of a sine is the cosine that a step has computed, and the other way round; each of its own numbers."""
    weights = [Value(0.1 * k) for k in range(20)]

    def f(x: Any) -> Any:
        turns = [w * each for w, each in zip(weights, x, strict=True)]
        again = [ag.sin(each) * ag.cos(each) + ag.sin(0.5 * each) for each in turns]
        return ag.sum(ag.cos(each + 1.0) * ag.sin(each + 1.0) * each for each in again)

    x = np.linspace(0.5, 1.5, 20)
    program = ag.compile(f, x.tolist(), wrt=weights, backend=backend)
    kernel = program._kernel("gradient")
    assert isinstance(kernel, Kernel)
    called = [word for step in kernel.plan.steps if isinstance(step, Map) for word in step.form.words & {"sin", "cos"}]
    assert sorted(called) == ["cos"] * 3 + ["sin"] * 3  # the cosine of half of it is no step, and computed once
    f(x.tolist()).backward()
    np.testing.assert_allclose(program.value_and_grad(x[None])[1], [w.grad for w in weights], rtol=1e-12)
