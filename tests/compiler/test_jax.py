"""The JAX backend computes what the NumPy backend does, as a pure function that JAX's transformations apply to."""

import functools
import linecache
import math
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jax import numpy as jnp

import autograd as ag
import nn
from autograd import DomainError, Program, Value
from autograd.catalogue import operations
from autograd.compiler.matrices.arrays import Arrays
from autograd.compiler.matrices.steps import Gather, Plan, View
from autograd.operation import Op
from autograd.strategies import Expression, arguments, expressions
from compiled import eager, smooth_at, used
from share import share

WITH_ARRAY_FORM = [op for op in operations() if op.form is not None or op.terms is not None]
_XLA = 16  # XLA's exp2, sinh, log1p and atanh err by some hundred units in the last place, NumPy's by one


def pure(program: Program) -> Callable[..., Any]:
    return program.function


def both(f: Callable[..., Any], *examples: Any, wrt: Any = (), **options: Any) -> tuple[Program, Program]:
    return tuple(ag.compile(f, *examples, wrt=wrt, backend=name, **options) for name in ("numpy", "jax"))  # type: ignore


def batch_of(program: Program, rows: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(rows, *shape)) for shape in program._shapes]


def assert_agree(
    numpy: Program, jaxed: Program, batch: list[np.ndarray], tolerance: float = 1e-12, values: bool = True
) -> None:
    """Values, loss and gradient, relative to the largest of each."""
    found = [(numpy(*batch), jaxed(*batch))] if values else []
    if numpy._differentiable:
        found += list(zip(numpy.value_and_grad(*batch), jaxed.value_and_grad(*batch), strict=True))
    for expected, came in found:
        assert np.shape(came) == np.shape(expected)
        assert np.abs(np.subtract(came, expected)).max(initial=0) <= tolerance * np.abs(expected).max(initial=0)


def moons(activation: str = "relu", penalty: float = 1e-4) -> tuple[nn.MLP, Callable[..., Value]]:
    """A small classifier and its loss: hinge and L2."""
    model = nn.MLP(2, [5, 4, 1], activation=activation, seed=1)

    def loss(x: Any, t: Any) -> Value:
        return ag.relu(1 - t * model(x)) + penalty * ag.sum(p * p for p in model.parameters())

    return model, loss


def smooth() -> Program:
    """A program whose loss has derivatives everywhere."""
    model = nn.MLP(3, [4, 1], activation="tanh", seed=2)
    loss = lambda x, t: (model(x) - t) ** 2 + 0.01 * ag.sum(p * p for p in model.parameters())  # noqa: E731
    return ag.compile(loss, [0.1] * 3, 0.5, wrt=model.parameters(), backend="jax")


# --- The same numbers -----------------------------------------------------------------------------------------


@settings(max_examples=share(30))
@given(
    program=expressions(WITH_ARRAY_FORM, max_inputs=4, max_nodes=12),
    rows=st.sampled_from([1, 2, 7, 64]),
    data=st.data(),
)
def test_a_random_graph_has_the_numbers_of_the_numpy_backend(
    program: Expression, rows: int, data: st.DataObject
) -> None:
    """Values, loss and gradient agree to 1e-12, or what the rounding of the operations allows, in every row."""
    count = len(program.inputs)
    parameters = sorted({data.draw(st.sampled_from(used(program)))} | data.draw(st.sets(st.integers(0, count - 1))))
    given = [k for k in range(count) if k not in parameters]
    shifts = np.random.default_rng(rows).uniform(-0.1, 0.1, (rows if given else 1, count))
    samples = [tuple(np.where(np.isin(range(count), given), program.inputs + d, program.inputs)) for d in shifts]
    assume(all(smooth_at(program, sample) for sample in samples))
    wrt = [Value(program.inputs[k]) for k in parameters]

    def f(*numbers: Any) -> Any:
        leaves: dict[int, Any] = dict(zip(parameters, wrt, strict=True))
        leaves.update(zip(given, numbers, strict=True))
        return program(*[leaves[k] for k in range(count)])

    try:
        bounds = np.sum([eager(program, sample, parameters)[2] for sample in samples], axis=0)
        numpy, jaxed = both(f, *[program.inputs[k] for k in given], wrt=wrt, reduce="sum")
    except DomainError:
        assume(False)
        raise
    batch = [np.array([sample[k] for sample in samples]) for k in given]
    (loss, gradient), (loss_jax, gradient_jax) = numpy.value_and_grad(*batch), jaxed.value_and_grad(*batch)
    assume(np.isfinite(gradient).all() and np.isfinite(bounds).all())
    assert abs(loss_jax - loss) <= _XLA * bounds[0]
    assert (np.abs(gradient_jax - gradient) <= _XLA * bounds[1:] + 1e-12 * np.abs(gradient)).all()
    assert (np.abs(np.subtract(jaxed(*batch), numpy(*batch))) <= _XLA * bounds[0]).all()


@pytest.mark.parametrize("op", [op for op in operations() if op.form is not None], ids=lambda op: op.name)
@settings(max_examples=1)
@given(data=st.data())
def test_every_operation_with_an_array_form_runs_in_jax(op: Op, data: st.DataObject) -> None:
    """Anywhere in its domain and at its kinks, to 1e-12 of the value, or 1e-15 where it crosses zero."""
    operands = arguments(op) if op.arity else st.tuples(*[st.floats(*op.domain[0])] * 3)
    batch = list(np.array([*data.draw(st.lists(operands, min_size=20, max_size=20)), *[x for x, _ in op.edges]]).T)
    try:
        numpy, jaxed = both(lambda *x: op(*x), *[column[0] for column in batch])
    except DomainError:
        assume(False)
        raise
    expected, found = numpy(*batch), jaxed(*batch)
    known = np.isfinite(expected) & (np.abs(expected) > 1e-300)  # XLA rounds subnormal numbers to 0
    allowed = 1e-12 * np.abs(expected) + 1e-15 * (op.absolute > 0 or op.name == "digamma")
    assert (np.abs(found[known] - expected[known]) <= allowed[known]).all()


OF_FORMS = [op for op in operations() if op.form is not None]


def points(op: Op) -> list[tuple[float, ...]]:
    """Its kinks and edges; numbers near 0, and far out."""
    rng, boxes = np.random.default_rng(1), op.domain if op.arity is not None else op.domain[:1] * 3
    low, high = np.array(boxes).T
    near, far = (rng.uniform(np.maximum(low, -size), np.minimum(high, size), (6, len(low))) for size in (4, 1000))
    return [*(operands for operands, _ in op.edges), *map(tuple, [*near.tolist(), *far.tolist()])]


@functools.cache
def slopes_of_all() -> tuple[dict[str, list[tuple[float, ...]]], list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Every operation at its points, by name; of which each derivative is, and these, a line for each point, thrice:
    those of NumPy, of the program in JAX, and what JAX derives from the loss of that. One program: XLA takes its time.
    """
    at = {op.name: points(op) for op in OF_FORMS}
    ends = np.cumsum([0, *(len(at[op.name][0]) for op in OF_FORMS)]).tolist()
    w = [Value(0.0) for _ in range(ends[-1])]
    rows = [[x for each in at.values() for x in each[k % len(each)]] for k in range(max(map(len, at.values())))]

    def loss(x: Any) -> Value:
        each = zip(OF_FORMS, ends, ends[1:], strict=False)
        return ag.sum(op(*[w[k] + x[k] for k in range(start, end)]) for op, start, end in each)

    numpy, jaxed = both(loss, [x for each in at.values() for x in each[-1]], wrt=w)
    of_loss = jax.grad(lambda *given: pure(jaxed)(*given)[0])
    with jax.enable_x64(True):
        slopes = jax.jit(lambda *given: (pure(jaxed)(*given)[1], of_loss(*given)))
        of_jax = np.array([slopes(jaxed.parameters, np.array([row])) for row in rows])
    of_numpy = np.array([numpy.value_and_grad([row])[1] for row in rows])
    names = [op.name for op, start, end in zip(OF_FORMS, ends, ends[1:], strict=False) for _ in range(start, end)]
    return at, names, of_numpy, of_jax[:, 0], of_jax[:, 1]


def assert_the_same_slopes(found: np.ndarray, wanted: np.ndarray) -> None:
    at, names, *_ = slopes_of_all()
    wrong = ~(np.abs(found - wanted) <= 1e-12 * np.abs(wanted)) & np.isfinite(wanted)
    each = [(names[k], at[names[k]][r % len(at[names[k]])], found[r, k], wanted[r, k]) for r, k in np.argwhere(wrong)]
    assert not each, "\n".join(f"{name} at {x}: {ours}, wanted {theirs}" for name, x, ours, theirs in each)


def test_every_operation_has_the_derivatives_of_the_numpy_backend() -> None:
    """To 1e-12, at points of its domain and at its kinks: they are our rules, not JAX's."""
    _, _, of_numpy, of_program, _ = slopes_of_all()
    assert np.isfinite(of_numpy).all()
    assert_the_same_slopes(of_program, of_numpy)


def test_jax_derives_from_a_loss_what_is_its_gradient() -> None:
    """At kinks too: who calls `jax.grad` on the loss has our rules, and no other derivatives than who calls us."""
    _, _, _, of_program, of_loss = slopes_of_all()
    assert_the_same_slopes(of_loss, of_program)


def rule_of_squared_sum(g: Any, y: Any, *x: Any) -> tuple[Any, ...]:
    total = functools.reduce(lambda a, b: a + b, [g * each for each in x])
    return (2 * total,) * len(x)


squared_sum = Op(
    "squared_sum", lambda *x: sum(x) ** 2, rule_of_squared_sum, form=lambda f, args: f.sum(args) * f.sum(args)
)
first_only = Op("first_only", max, lambda g, y, *x: (g, *[0] * (len(x) - 1)), form=lambda f, args: f.max(args))
straight = Op("straight", round, lambda g, y, x: (g,), form=lambda f, x: f.rint(x))
constant = Op(
    "constant", lambda a, b: math.exp(0.5), lambda g, y, a, b: (g * b, 2 * g), form=lambda f, a, b: f.exp(0.5)
)
last = Op("last", lambda a, b: math.exp(b), lambda g, y, a, b: (g * b, y * g), form=lambda f, a, b: f.exp(b))
signed = Op("signed", math.copysign, lambda g, y, a, b: (g * y, 0), form=lambda f, a, b: f.copysign(a, b))
OWN = {
    "a sum within a rule": lambda w, x: squared_sum(w[0] * x, w[1], x),
    "rules that differ by operand": lambda w, x: first_only(w[0] * x, w[1], -9.0),
    "rules that differ by operand, no rows": lambda w, x: first_only(w[0] + 5, w[1], w[1]) * x,
    "operands that are one": lambda w, x: ag.logsumexp(w[0] * x, w[0] * x, w[0] * x),
    "operands of different shapes": lambda w, x: ag.sum(
        ag.hypot(w[k % 2], x * each) for k, each in enumerate((1, 2, 3))
    ),
    "a slope where the value has none": lambda w, x: straight(w[0] * x) * w[1],
    "a value that reads one operand": lambda w, x: last(w[0] * x, w[1]),
    "a value that reads no operand": lambda w, x: constant(w[0] * x, w[1]) * x,
    "zeros of either sign": lambda w, x: signed(w[0] * x, 0.0) * 3 + signed(w[1] * x, -0.0),
    "numbers among the operands": lambda w, x: ag.maximum(w[0] * x, 0.5) + ag.maximum(0.25, w[1]) + w[0] ** 2.5,
}


@pytest.mark.parametrize("case", OWN)
def test_an_operation_of_any_shape_has_its_own_rule(case: str) -> None:
    """Of many operands, of numbers, of some with rows and some without, and of users' own: as in the graph."""
    w, rows = [Value(1.5), Value(0.25)], [0.7, 2.0, -0.3]
    program = ag.compile(lambda x: OWN[case](w, x), rows[0], wrt=w, backend="jax", reduce="sum")
    each = [OWN[case](w, x) for x in rows]
    ag.sum(each).backward()
    loss, gradient = program.value_and_grad(rows)
    assert loss == pytest.approx(sum(y.data for y in each), rel=1e-14)
    assert gradient == pytest.approx([float(x.grad) for x in w], rel=1e-14, abs=0)


@pytest.mark.parametrize("count", [1, 4])
def test_a_sum_of_one_product_again_and_again_counts_each(count: int) -> None:
    """Where neither operand of a product moves along the terms of its sum."""
    w = Value(3.0)
    same = lambda x: [w * x, x * w, (x + 0.0) * w, w * (x + 0.0), (w + 0.0) * x][:count] + [w * 2.0] * (count > 1)  # noqa: E731
    program = ag.compile(lambda x: ag.sum(same(x)), 2.0, wrt=w, backend="jax")
    assert program.value_and_grad([2.0, 3.0]) == (
        pytest.approx(7.5 * count + 6.0 * (count > 1)),
        pytest.approx([2.5 * count + 2.0 * (count > 1)]),
    )


def test_an_operand_that_does_not_move_passes_nothing_on() -> None:
    """However steep the slope is: the second derivative by the exponent is finite where that by the base has none."""
    w = Value(0.5)
    program = ag.compile(lambda x: x**w, 2.0, wrt=w, backend="jax")
    with jax.enable_x64(True):
        second = jax.hessian(lambda theta: pure(program)(theta, np.array([2.0, 0.0]))[0])(np.array([0.5]))
    assert second[0, 0] == pytest.approx(np.log(2) ** 2 * np.sqrt(2) / 2)


def test_a_rule_that_cannot_be_written_is_refused_when_it_is_asked_for() -> None:
    """And no sooner: values need none."""
    branching = Op("branching", abs, lambda g, y, x: (g if x > 0 else -g,), form=lambda f, x: f.abs(x))
    lacking = Op("steep", lambda x: x, lambda g, y, x: (g * odd(x),), form=lambda f, x: f.sin(x))
    odd = Op("odd", lambda x: x, lambda g, y, x: (g,), form=lambda f, x: f.j0(x))
    w = Value(2.0)
    for op, message in (
        (branching, "the rule of 'branching' branches"),
        (lacking, "the rule of 'steep' calls j0, which"),
    ):
        assert ag.compile(lambda x, op=op: op(x), 1.0, backend="jax")([1.0]).shape == (1,)
        with pytest.raises(ag.NotCompilable, match=message):
            ag.compile(lambda x, op=op: op(x * w), 1.0, wrt=w, backend="jax").value_and_grad([1.0])


@pytest.mark.parametrize(
    ("nin", "nouts", "activation"),
    [(2, [16, 16, 1], "relu"), (3, [5, 4, 2], "tanh"), (1, [1], "sigmoid"), (4, [1, 3], "gelu"), (20, [3], "elu")],
)
def test_a_multilayer_perceptron_has_the_numbers_of_the_numpy_backend(
    nin: int, nouts: list[int], activation: str
) -> None:
    """Squared error and its gradient agree to 1e-12, for batches of 1, 2, 7 and 64 rows."""
    model = nn.MLP(nin, nouts, activation=activation, seed=0)

    def loss(x: Any, t: Any) -> Value:
        y = model(x)
        return ag.sum((a - b) ** 2 for a, b in zip(y if isinstance(y, list) else [y], t, strict=True))

    programs = both(loss, [0.1] * nin, [0.3] * nouts[-1], wrt=model.parameters())
    for rows in (1, 2, 7, 64):
        assert_agree(*programs, batch_of(programs[0], rows), values=rows == 7)


def softmax_cross_entropy() -> tuple[Any, ...]:
    model = nn.MLP(6, [7, 4], seed=0)
    penalty = lambda: 1e-3 * ag.sum(p * p for p in model.parameters())  # noqa: E731
    loss = lambda x, t: nn.softmax_cross_entropy(model(x), list(t)) + penalty()  # noqa: E731
    return loss, [0.1] * 6, [0.25] * 4, model.parameters()


def shared_weights() -> tuple[Any, ...]:
    """A convolution: each weight is used six times, in reversed order."""
    k = [Value(x) for x in (0.1, -0.2, 0.3)]
    loss = lambda x, t: ag.sum((ag.tanh(ag.sum(k[2 - j] * x[i + j] for j in range(3))) - t[i]) ** 2 for i in range(6))  # noqa: E731
    return loss, [0.1] * 8, [0.1] * 6, k


def recurrence() -> tuple[Any, ...]:
    w, u, b = (Value(x) for x in (0.5, 0.2, 0.1))
    step = lambda h, x: ag.tanh(w * h + u * x + b)  # noqa: E731
    return lambda x, t: (functools.reduce(step, x, Value(0.0)) - t) ** 2, [0.1] * 9, 0.2, [w, u, b]


def bilinear() -> tuple[Any, ...]:
    """xᵀ A A x with its rows permuted: products of parameters, and operands that are no slices."""
    A = [[Value(0.1 * i - 0.2 * j + 0.05) for j in range(3)] for i in range(3)]
    square = lambda i, j: ag.sum(A[i][k] * A[k][j] for k in range(3))  # noqa: E731
    loss = lambda x, t: ag.sum(square(i, j) * x[j] * x[(2 * i) % 3] for i in range(3) for j in range(3)) - t  # noqa: E731
    return loss, [0.1] * 3, 0.1, [a for row in A for a in row]


def parameters_alone() -> tuple[Any, ...]:
    p = [Value(x) for x in (0.3, -0.4, 0.5)]
    return lambda x, t: p[0] * p[1] + ag.exp(p[0]) + p[2] + p[2], [0.1], 0.1, p


def equal_gradients() -> tuple[Any, ...]:
    """Parameters whose derivatives are one number: it is summed over the rows once."""
    w = [Value(x) for x in (0.3, -0.4, 0.5, 0.7)]
    return lambda x, t: ((w[0] + w[2]) * x + w[1] + w[3] - t) ** 2, 0.1, 0.1, w


MODELS = [equal_gradients, softmax_cross_entropy, shared_weights, recurrence, bilinear, parameters_alone]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_model_has_the_numbers_of_the_numpy_backend(make: Callable[[], tuple[Any, ...]], reduce: str) -> None:
    """Losses with shared weights, penalties, recurrences and products of parameters agree to 1e-12."""
    loss, x, t, wrt = make()
    programs = both(loss, x, t, wrt=wrt, reduce=reduce)
    assert_agree(*programs, batch_of(programs[0], 7), values=reduce == "mean")


def test_second_derivatives_are_a_program_too() -> None:
    """A Hessian of the parameters comes out with its shape, for each row."""
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    wrt = model.parameters()

    def hessian(x: Any, t: Any) -> list[list[Value]]:
        return [ag.gradients(g, wrt) for g in ag.gradients((model(x) - t) ** 2, wrt)]

    programs = both(hessian, [0.1, 0.2], 0.3)
    assert_agree(*programs, batch_of(programs[0], 5))


def test_outputs_of_every_kind_come_row_by_row() -> None:
    """What depends on the row, on parameters alone and on nothing keeps its place, also for one row and for none."""
    w = Value(3.0)
    programs = both(lambda x: [x[0], 2.0, w * 3, x[1] * w], [1.0, 2.0], wrt=[w])
    for rows in (0, 1, 7):
        assert_agree(*programs, batch_of(programs[0], rows))
    assert np.array_equal(programs[1]([1.0, 2.0]), [1.0, 2.0, 9.0, 6.0])


def test_a_graph_without_inputs_has_no_batch() -> None:
    """Its function takes the parameters alone."""
    w = [Value(x) for x in (0.5, -1.0)]
    program = Program.from_graph(w[0] * w[1] + ag.sin(w[0]), wrt=w, backend="jax")
    loss, gradient = program.value_and_grad()
    assert loss == pytest.approx(-0.5 + np.sin(0.5), rel=1e-15)
    assert gradient == pytest.approx([-1 + np.cos(0.5), 0.5], rel=1e-15)
    assert pure(program)(jnp.array([0.5, -1.0]))[0] == pytest.approx(loss, rel=1e-6)


def test_a_gradient_may_be_made_of_constants() -> None:
    """Where the loss is linear in the parameters, and does not depend on all of them."""
    w = [Value(x) for x in (0.5, -1.0)]
    numpy, jaxed = both(lambda: w[1] + w[1], wrt=w)
    assert_agree(numpy, jaxed, [])
    assert jaxed.value_and_grad()[1].tolist() == [0, 2]


# --- The pure function ----------------------------------------------------------------------------------------


def test_the_gradient_is_what_jax_derives_from_the_loss() -> None:
    """Two independent ways to differentiate: the graph's rules, written out, and JAX's on the written loss."""
    program = smooth()
    f = pure(program)
    with jax.enable_x64(True):
        given = [jnp.asarray(x) for x in (program.parameters, *batch_of(program, 7))]
        _, gradient = jax.jit(f)(*given)
        derived = jax.jit(jax.grad(lambda *a: f(*a)[0]))(*given)
    assert gradient.dtype == np.float64
    assert np.abs(np.subtract(gradient, derived)).max() <= 1e-13 * np.abs(derived).max()


def test_jit_and_vmap_apply_to_the_function() -> None:
    """Jitted it gives the same; mapped over stacked parameters it gives what each of them gives alone."""
    program = smooth()
    f, batch = pure(program), batch_of(program, 7)
    stacked = program.parameters + np.random.default_rng(1).normal(size=(5, len(program.parameters)))
    with jax.enable_x64(True):
        losses, gradients = jax.jit(jax.vmap(f, in_axes=(0, None, None)))(stacked, *batch)
        alone = [f(theta, *batch) for theta in stacked]
    for mapped, each in zip((losses, gradients), zip(*alone, strict=True), strict=True):
        assert np.abs(np.subtract(mapped, each)).max() <= 1e-13 * np.abs(mapped).max()


def test_a_training_step_runs_inside_of_jax() -> None:
    """Gradient descent as a `lax.scan` over the function arrives where the program arrives, step by step."""
    program = smooth()
    f, batch = pure(program), batch_of(program, 16)
    with jax.enable_x64(True):
        descend = lambda theta, _: (theta - 0.1 * f(theta, *batch)[1], None)  # noqa: E731
        arrived, _ = jax.lax.scan(descend, jnp.asarray(program.parameters), None, length=20)
    for _ in range(20):
        program.parameters = program.parameters - 0.1 * program.value_and_grad(*batch)[1]
    assert np.abs(np.subtract(arrived, program.parameters)).max() <= 1e-12


def test_mean_and_sum_differ_by_the_number_of_rows() -> None:
    """A penalty counts once in the mean, and once for each row in the sum."""
    program = smooth()
    given = [program.parameters, *batch_of(program, 8)]
    f = jax.jit(pure(program), static_argnames="mean")
    for mean, total in zip(f(*given), f(*given, mean=False), strict=True):
        assert np.allclose(8 * mean, total, rtol=1e-5)


def test_the_function_computes_in_the_dtype_of_the_parameters() -> None:
    """JAX as it starts has float32 only, and says nothing; with 64 bits on, each dtype stays what it is."""
    program = smooth()
    theta, batch = program.parameters, batch_of(program, 3)
    f = jax.jit(pure(program))
    assert f(theta, *batch)[1].dtype == np.float32
    with jax.enable_x64(True):
        for dtype in (np.float32, np.float64):
            loss, gradient = f(jnp.asarray(theta, dtype), *batch)
            assert loss.dtype == gradient.dtype == dtype
            steps = ag.compile(lambda x: ag.step(x), 1.0, backend="jax")
            assert pure(steps)(jnp.zeros(0, dtype), jnp.ones(2, dtype)).dtype == dtype


_SHARDED = """
import jax, nn, numpy as np, autograd as ag
from jax.sharding import Mesh, NamedSharding, PartitionSpec
model = nn.MLP(3, [8, 4], activation="tanh", seed=0)
loss = lambda x, t: nn.softmax_cross_entropy(model(x), list(t)) + 0.01 * ag.sum(p * p for p in model.parameters())
program = ag.compile(loss, [0.1] * 3, [0.25] * 4, wrt=model.parameters(), backend="jax")
rng = np.random.default_rng(0)
X, t = rng.normal(size=(64, 3)), np.eye(4)[rng.integers(0, 4, 64)]
expected = program.value_and_grad(X, t)
mesh = Mesh(np.array(jax.devices()), ("rows",))
with jax.enable_x64(True):
    X, t = (jax.device_put(x, NamedSharding(mesh, PartitionSpec("rows"))) for x in (X, t))
    theta = jax.device_put(program.parameters, NamedSharding(mesh, PartitionSpec()))
    step = jax.jit(program.function)
    loss, gradient = step(theta, X, t)
    text = step.lower(theta, X, t).compile().as_text()
assert len(jax.devices()) == len(X.sharding.device_set) == len(gradient.sharding.device_set) == 8
assert gradient.sharding.is_fully_replicated
assert "all-reduce" in text and "all-gather" not in text, text
assert abs(float(loss) - expected[0]) <= 1e-13 and np.abs(np.subtract(gradient, expected[1])).max() <= 1e-13
print("the same gradient")
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
    )


def test_rows_sharded_over_eight_devices_give_the_same_gradient() -> None:
    """Data-parallel: each device has an eighth of the rows, and the sums over them are all that is exchanged."""
    flags = "--xla_force_host_platform_device_count=8"
    done = run(_SHARDED, XLA_FLAGS=flags, JAX_PLATFORMS="cpu")
    assert done.stdout == "the same gradient\n", done.stderr


# --- The program ----------------------------------------------------------------------------------------------


def test_a_call_leaves_the_configuration_of_jax_as_it_was() -> None:
    """Programs compute in 64 bits without turning them on for anyone else."""
    before = jax.config.jax_enable_x64  # type: ignore[attr-defined]
    program = smooth()
    _, gradient = program.value_and_grad(*batch_of(program, 2))
    assert gradient.dtype == np.float64
    assert jax.config.jax_enable_x64 == before  # type: ignore[attr-defined]
    assert jnp.zeros(1).dtype == (np.float64 if before else np.float32)


def test_float32_is_honoured() -> None:
    """Values and gradient have 7 digits, and the type says so."""
    model, loss = moons()
    exact = ag.compile(loss, [0.1, 0.2], 1.0, wrt=model.parameters())
    single = ag.compile(loss, [0.1, 0.2], 1.0, wrt=model.parameters(), backend="jax", dtype="float32")
    batch = batch_of(exact, 7)
    (y, g), (y32, g32) = exact.value_and_grad(*batch), single.value_and_grad(*batch)
    assert g32.dtype == single(*batch).dtype == np.float32
    assert 0 < np.abs(g32 - g).max() < 1e-5 * np.abs(g).max()
    assert y32 == pytest.approx(y, rel=1e-6)


def test_a_comparison_that_goes_another_way_is_refused() -> None:
    """By calls of the program, with line and row; the pure function cannot raise, and goes on as recorded."""
    w = Value(2.0)
    program = ag.compile(lambda x: w * x if x > 0 else x, 1.0, wrt=[w], backend="jax")
    assert program([1.0, 2.0]) == pytest.approx([2.0, 4.0])
    for call in (program, program.value_and_grad):
        with pytest.raises(ag.BranchChanged, match=r"test_jax\.py, line \d+: .*`-3 > 0` in row 1"):
            call([1.0, -3.0])
    assert pure(program)(jnp.array([2.0]), jnp.array([1.0, -3.0]))[0] == pytest.approx(-2.0)


def test_a_comparison_of_parameters_is_watched_too() -> None:
    """Also where it does not depend on the rows."""
    w = Value(2.0)
    program = ag.compile(lambda x: w * x if w * w > 1 else x, 1.0, wrt=[w], backend="jax")
    assert program.value_and_grad([3.0])[0] == 6
    program.parameters = [0.5]
    with pytest.raises(ag.BranchChanged):
        program.value_and_grad([3.0])


def test_check_names_the_scalar_that_is_not_finite() -> None:
    """As with the NumPy backend: operation, operand and row."""
    w = Value(1.0)
    program = ag.compile(lambda x: ag.log(w * x), 1.0, wrt=[w], backend="jax", check=True)
    assert program.value_and_grad([1.0, 2.0])[0] == pytest.approx(np.log(2) / 2)
    for call in (program, program.value_and_grad):
        with pytest.raises(DomainError, match="row 1: log"):
            call([1.0, -2.0])


def test_an_operation_without_form_is_refused_by_name() -> None:
    """And the message says what to give it."""
    with pytest.raises(ValueError, match=r"'round_to\(2\)' has no form.*form=.*backend=\"numpy\""):
        ag.compile(lambda x: round(x, 2), 1.0, backend="jax")([1.0])


def test_a_function_that_jax_lacks_is_refused_by_name() -> None:
    """Where the form of an operation calls it."""
    odd = Op("odd", lambda x: x, lambda g, y, x: (g,), form=lambda f, x: f.j0(x))
    with pytest.raises(ValueError, match=r"'odd' calls j0, which jax\.scipy\.special does not have"):
        ag.compile(lambda x: odd(x), 1.0, backend="jax")([1.0])


def test_without_jax_the_error_says_how_to_install_it() -> None:
    """The extra of the package, in a command that can be copied."""
    code = """
import sys; sys.modules["jax"] = None
import autograd as ag
try:
    ag.compile(lambda x: x, 1.0, backend="jax")([1.0])
except ModuleNotFoundError as error:
    print(error)
"""
    done = run(code)
    assert done.stdout == "compile(backend='jax') needs jax: pip install 'jax>=0.8'\n", done.stderr


def test_a_program_pickles() -> None:
    """What comes back computes the same numbers."""
    program = smooth()
    batch = batch_of(program, 4)
    again = pickle.loads(pickle.dumps(program))
    assert again.source == program.source
    assert_agree(program, again, batch, tolerance=0)


def test_threads_share_a_program() -> None:
    """Each call sees its own batch, and 64 bits in every thread."""
    program = smooth()
    batches = [batch_of(program, 3, seed) for seed in range(8)]
    expected = [program.value_and_grad(*batch)[1] for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda batch: program.value_and_grad(*batch)[1], batches))
    assert np.array_equal(expected, found)


# --- The text -------------------------------------------------------------------------------------------------


def test_the_source_stands_on_its_own() -> None:
    """Run as a file it defines the same function; tracebacks find its lines."""
    program = smooth()
    space: dict[str, Any] = {}
    exec(program.source, space)
    given = [program.parameters, *batch_of(program, 3)]
    assert np.array_equal(jax.jit(space["program"])(*given)[1], jax.jit(pure(program))(*given)[1])
    assert "".join(linecache.getlines(pure(program).__code__.co_filename)) == program.source


def test_the_source_of_a_perceptron_reads_like_jax() -> None:
    """Layers are products with slices of the parameters, nothing is gathered, and biases cost no column of ones."""
    model, loss = moons()
    text = ag.compile(loss, [0.1, 0.2], 1.0, wrt=model.parameters(), backend="jax").source
    assert "z1 = x @ W1[:, :2].T + W1[:, 2] " in text
    assert "z3 = relu1 @ W2[:, :5].T + W2[:, 5] " in text
    assert "z4 = relu2 @ theta1[:4] + theta1[4] " in text
    assert not re.search("places|joined|broadcast|concatenate|einsum", text)


def test_names_of_arguments_never_hide_those_of_the_program() -> None:
    """Arguments may be called n, dtype, jnp, z1 or in Japanese."""
    w = Value(2.0)
    f = lambda n, dtype, jnp, z1, 個数, lambda_: w * n * dtype * jnp * z1 * 個数 * lambda_  # noqa: E731
    program = ag.compile(f, *[1.0] * 6, wrt=[w], backend="jax")
    batch = [[2.0, 3.0]] * 6
    assert program(*batch) == pytest.approx([128.0, 2 * 3.0**6])
    assert "個数" in program.source


@st.composite
def arenas(draw: st.DrawFn) -> tuple[Arrays, np.ndarray, View]:
    """Arrays that hold the cells 0, 1, … of a plan, some of them constants or copies; and a view of the cells."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), min_size=1, max_size=4))
    total = sum(rows * columns for rows, columns in sizes) + 3
    arrays = Arrays(Plan(height=total), [], [])
    cells, base = np.arange(total, dtype=float), 0
    for k, (rows, columns) in enumerate(sizes):
        shape = (rows, columns) if draw(st.booleans()) else (rows * columns,)
        if draw(st.integers(0, 3)):
            arrays.enter(f"a{k}", View.of(True, base, shape), shape)
        else:
            arrays.constants.update({cell: float(cell) for cell in range(base, base + rows * columns)})
        base += rows * columns
    arrays.constants.update({cell: float(cell) for cell in range(base, total)})
    if draw(st.booleans()):
        places = np.array(draw(st.lists(st.integers(0, base - 1), min_size=3, max_size=3)))
        arrays.gather(Gather(View(True, base, (3,), (1,)), True, places))
        cells[base:] = cells[places]
    return arrays, cells, draw(views(total) | blocks(total))


@st.composite
def views(draw: st.DrawFn, total: int) -> View:
    """A view of cells below `total`, with strides of every kind."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    strides = [draw(st.integers(-3, 7)) for _ in shape]
    low = -sum((size - 1) * min(stride, 0) for size, stride in zip(shape, strides, strict=True))
    high = sum((size - 1) * max(stride, 0) for size, stride in zip(shape, strides, strict=True))
    assume(low + high < total)
    return View(True, draw(st.integers(low, total - 1 - high)), shape, tuple(strides))


@st.composite
def blocks(draw: st.DrawFn, total: int) -> View:
    """Some columns of some lines, as weights without their biases are; perhaps transposed, perhaps overlapping."""
    width, rows, columns = draw(st.integers(1, 5)), draw(st.integers(2, 4)), draw(st.integers(1, 5))
    shape, strides = (rows, columns), (width, 1)
    if draw(st.booleans()):
        shape, strides = (2, *shape), (width * draw(st.integers(1, 5)), *strides)
    room = total - sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) - 1
    assume(room >= 0)
    if draw(st.booleans()):
        shape, strides = shape[::-1], strides[::-1]
    return View(True, draw(st.integers(0, room)), shape, strides)


@settings(max_examples=share(200))
@given(drawn=arenas())
def test_a_view_is_read_from_arrays_as_from_the_arena(drawn: tuple[Arrays, np.ndarray, View]) -> None:
    """The text for a view gives the numbers at its places, in its shape, whatever arrays hold them."""
    arrays, cells, view = drawn
    rows = 2
    space: dict[str, Any] = {"jnp": np, "np": np, "n": rows, "dtype": np.float64}
    for known in arrays.made[1:]:
        numbers = cells[known.base : known.base + known.size].reshape(known.shape)
        space[known.name] = numbers + 100 * np.arange(rows).reshape(rows, *[1] * len(known.shape))
    read = arrays.at(arrays.cells(True, view.grid))
    exec("\n".join([*arrays.statics, *[line for line, _ in arrays.lines]]), space)
    found = eval(read.text, space)
    held = arrays.owner[arrays.copied] >= 0
    expected = (cells + 100 * np.arange(rows)[:, None] * held)[:, view.grid]
    assert read.batched == arrays.vary(arrays.cells(True, view.grid))
    assert np.array_equal(found, expected if read.batched else expected[0])
