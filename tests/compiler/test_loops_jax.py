"""Loops printed as JAX compute what the graph does, in a pure function that JAX's transformations apply to."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jax import numpy as jnp

import autograd as ag
from autograd import BranchChanged, Value
from autograd.compiler.loops import rolling
from autograd.compiler.loops.nest import Place
from autograd.compiler.loops.rolled import PythonKernel, Rolled
from autograd.compiler.printers.jax import JaxLoops, apart, runs
from autograd.compiler.recording import record
from autograd.compiler.scalar import scalars
from autograd.errors import NotCompilable
from autograd.operation import Op
from benchmarks.deep_programs import PROGRAMS
from loops import THETA, Program, X, check, programs, values

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def eagerness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that save next to nothing are found too, so that small programs have many."""
    monkeypatch.setattr(rolling, "_SAVED", 1)
    monkeypatch.setattr(rolling, "_SAVED_INSIDE", 1)


def rolled(f: Callable[..., Any], theta: list[Value], x: Any) -> Rolled:
    recording = record(lambda x: f(x, theta), [list(x)], theta)
    return Rolled.of(scalars(recording, theta, recording.outputs))


def history(x: Any, theta: Any) -> Any:
    """A loop that reads tables, inputs, and what was made four turns before; one over parameters, and one shared."""
    h, made = theta[0], [1.0, 1.0, 1.0, 1.0]
    for k in range(12):
        h = ag.tanh(theta[1] * h + 0.1 * (k * k % 5) * x[k] + made[-4])
        made.append(h)
    shared = theta[0]
    for _ in range(6):
        shared = ag.sin(shared * theta[5])
    for each in theta:
        shared = shared + each * each * h
    return ag.sum(made) * made[7] + shared


# --- The same numbers -----------------------------------------------------------------------------------------


@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # to shrink is to compile for minutes
@given(programs())
def test_loops_in_jax_are_the_graph(program: Program) -> None:
    """Outputs, loss and gradient of five rows; and a row that goes another way is refused, as elsewhere."""
    check(program, JaxLoops, 5)


SMALL: dict[str, dict[str, int]] = {
    **{name: {"steps": 6} for name in ("runge_kutta", "corrected", "heston", "double_pendulum", "logistic", "kalman")},
    "sir": {"days": 8},
    "newton": {"times": 4},
    "trinomial": {"steps": 4, "width": 2},
    "american_put": {"levels": 3},
    "horner": {},
}


@pytest.mark.parametrize("name", SMALL)
def test_a_deep_program_has_the_gradient_of_the_graph(name: str) -> None:
    """As it is written for the benchmarks, with fewer turns."""
    f, theta, x = PROGRAMS[name]
    loss = lambda x, theta: f(theta, x, ag, **SMALL[name])  # noqa: E731
    kernel = JaxLoops(rolled(loss, values(theta), x), True)
    assert "lax.fori_loop" in kernel.text
    expected = loss([Value(each) for each in x], p := values(theta))
    expected.backward()
    found, gradient = kernel.loss_and_gradient(np.array(theta), [np.array([x]).T], 1, True)
    assert found == pytest.approx(expected.data, rel=1e-11)
    np.testing.assert_allclose(gradient, [each.grad for each in p], rtol=1e-10, atol=1e-11)


def test_outputs_that_no_row_changes_are_the_same_in_each() -> None:
    """What depends on parameters alone, or on nothing, also for one row and for none."""
    outputs = [lambda x, theta: 2.0, lambda x, theta: theta[0] * theta[1], lambda x, theta: x[0] * theta[0]]
    for some in (outputs[:1], outputs[:2], outputs):
        kernel = JaxLoops(rolled(lambda x, theta, some=some: [f(x, theta) for f in some], values(THETA), X[0]), False)
        for rows in (0, 1, 5):
            expected = [[2.0] * rows, [THETA[0] * THETA[1]] * rows, X[:rows, 0] * THETA[0]][: len(some)]
            np.testing.assert_allclose(kernel.values(THETA, [X[:rows].T], rows), expected, rtol=1e-15)


def test_a_loss_without_inputs_is_that_of_every_row() -> None:
    """The sum over the rows has it as often as there are rows."""

    def power(x: Any, theta: Any) -> Any:
        y = theta[0]
        for _ in range(20):
            y = y * theta[1]
        return y

    kernel = JaxLoops(rolled(power, values([0.5, 0.9]), []), True)
    loss, gradient = kernel.loss_and_gradient(np.array([0.5, 0.9]), [], 3, False)
    assert loss == pytest.approx(3 * 0.5 * 0.9**20, rel=1e-14)
    assert gradient == pytest.approx([3 * 0.9**20, 3 * 0.5 * 20 * 0.9**19], rel=1e-14)


def halving(x: Any, theta: Any) -> Any:
    """Compares twice in each turn, with numbers that the rows bring near."""
    y = theta[0]
    for k in range(12):
        y = y + x[0] * theta[1]
        if y > 3:
            y = 0.5 * y
        z = y * x[1]
        if z < -4:
            z = z + 1
        y = y + 0.01 * z * (k % 3)
    return y


@pytest.mark.parametrize("differentiate", [False, True])
@pytest.mark.parametrize("row", [(0.9, 0.1), (0.1, -9.0), (0.4, -1.6), (0.35, -3.0), (5.0, -5.0)])
def test_what_is_told_of_a_broken_guard_is_what_python_tells(differentiate: bool, row: tuple[float, float]) -> None:
    """The first row that breaks one; and of that the first turn and guard, and the numbers compared there."""
    theta, told = np.array([1.0, 1.0]), []
    program = rolled(halving, values(theta), [0.01, 0.01])
    for kernel in (PythonKernel, JaxLoops):
        batch = np.array([(0.01, 0.01), row, (7.0, 7.0)])[: 2 if kernel is PythonKernel else 3]
        made = kernel(program, differentiate)
        call = partial(made.loss_and_gradient, mean=False) if differentiate else made.values
        with pytest.raises(BranchChanged, match="in row 1 ") as caught:
            call(theta, [batch.T], len(batch))
        told.append(str(caught.value))
    assert told[0] == told[1]


# --- The pure function ----------------------------------------------------------------------------------------


def test_transformations_of_jax_apply_to_the_function() -> None:
    """Its gradient is what JAX derives from its loss; mapped over stacked parameters it gives what each gives alone."""
    function = JaxLoops(rolled(history, values(THETA), X[0]), True).pure
    stacked = THETA + np.random.default_rng(2).normal(size=(3, 8))
    with jax.enable_x64(True):
        derived = jax.jit(jax.grad(lambda p: function(p, X)[0]))(jnp.asarray(THETA))
        losses, gradients = jax.jit(jax.vmap(function, in_axes=(0, None)))(np.stack([THETA, *stacked]), X)
        alone = [jax.jit(function)(each, X) for each in (THETA, *stacked)]
    np.testing.assert_allclose(alone[0][1], derived, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(losses, [loss for loss, _ in alone], rtol=1e-13)
    np.testing.assert_allclose(gradients, [gradient for _, gradient in alone], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("differentiate", [False, True])
def test_the_function_computes_in_the_dtype_of_the_parameters(differentiate: bool) -> None:
    """JAX as it starts has float32 only, and says nothing; with 64 bits on, each dtype stays what it is."""
    function = JaxLoops(rolled(history, values(THETA), X[0]), differentiate).pure
    dtypes = lambda theta: {each.dtype for each in jax.tree.leaves(jax.eval_shape(function, theta, X))}  # noqa: E731
    assert dtypes(THETA) == {np.dtype(np.float32)}
    with jax.enable_x64(True):
        for dtype in (np.float32, np.float64):
            assert dtypes(jnp.asarray(THETA, dtype)) == {np.dtype(dtype)}


def test_float32_is_honoured() -> None:
    """Values and gradient have 7 digits, the type says so, and JAX is left as it was."""
    kernels = [JaxLoops(rolled(history, values(THETA), X[0]), True, dtype=dtype) for dtype in ("float32", "float64")]
    single, exact = [kernel.loss_and_gradient(THETA, [X.T], 5, True)[1] for kernel in kernels]
    assert (single.dtype, exact.dtype) == (np.float32, np.float64)
    assert 0 < np.abs(single - exact).max() < 1e-5 * np.abs(exact).max()
    assert jnp.zeros(1).dtype == np.float32


def test_the_source_stands_on_its_own() -> None:
    """Run as a file it defines the same function."""
    kernel = JaxLoops(rolled(halving, values([1.0, 1.0]), [0.01, 0.01]), True)
    space: dict[str, Any] = {}
    exec(kernel.text, space)
    given = np.array([1.0, 1.0]), np.full((3, 2), 0.01)
    assert np.array_equal(jax.jit(space["program"])(*given)[1], jax.jit(kernel.pure)(*given)[1])


_SHARDED = """
import sys; sys.path[:0] = ["tests/compiler", "tests/support", "."]
import jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from test_loops_jax import THETA, JaxLoops, history, rolled, values
kernel = JaxLoops(rolled(history, values(THETA), [0.1] * 24), True)
X = np.random.default_rng(0).normal(size=(64, 24))
expected = kernel.loss_and_gradient(THETA, [X.T], 64, False)
mesh = Mesh(np.array(jax.devices()), ("rows",))
with jax.enable_x64(True):
    X = jax.device_put(X, NamedSharding(mesh, PartitionSpec("rows")))
    theta = jax.device_put(THETA, NamedSharding(mesh, PartitionSpec()))
    step = jax.jit(kernel.pure).lower(theta, X).compile()
    loss, gradient = step(theta, X)
assert len(X.sharding.device_set) == len(gradient.sharding.device_set) == 8
assert gradient.sharding.is_fully_replicated
assert "all-reduce" in step.as_text() and "all-gather" not in step.as_text(), step.as_text()
assert abs(float(loss) - expected[0]) <= 1e-12 and np.abs(np.subtract(gradient, expected[1])).max() <= 1e-12
print("the same gradient")
"""


def test_rows_sharded_over_eight_devices_give_the_same_gradient() -> None:
    """Data-parallel: each device has an eighth of the rows, and the sums over them are all that is exchanged."""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", _SHARDED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT, env={**os.environ, **flags})
    assert done.stdout == "the same gradient\n", done.stderr


# --- Lists ----------------------------------------------------------------------------------------------------

PLACES = st.builds(Place, st.just(0), st.integers(0, 12), st.tuples(st.integers(-3, 3), st.integers(-3, 3)))

NEAR = st.builds(Place, st.just(0), st.integers(0, 20), st.sampled_from([(0, 0), (1, 2)]))


@given(PLACES, PLACES, st.tuples(st.integers(1, 4), st.integers(1, 4)))
def test_places_that_are_apart_are_never_the_same_in_a_turn(a: Place, b: Place, counts: tuple[int, int]) -> None:
    """So what is written to one may wait while the other is read; if all strides are the same, it always does."""
    assert not apart(a, b, counts) or (a.all(counts) != b.all(counts)).all()
    assert apart(a, b, counts) or a.strides != b.strides or a == b


@given(st.dictionaries(NEAR, st.just(["y"]), min_size=6), st.integers(0, 3))
def test_neighbours_are_written_together_and_nothing_else(waiting: dict[Place, list[str]], gap: int) -> None:
    """Every place gets what is given; 0 is added to no more places than stand in a gap."""
    written = {}
    for first, given_there in runs(waiting, gap):
        assert "0.0" * (gap + 1) not in "".join(given_there)
        written.update({Place(0, first.base + k, first.strides): each for k, each in enumerate(given_there)})
    assert {place for place, each in written.items() if each == "y"} == waiting.keys()


# --- What is refused ------------------------------------------------------------------------------------------


def test_an_operation_without_form_is_refused_by_name() -> None:
    """And the message says what to give it."""
    with pytest.raises(NotCompilable, match=r"'round_to\(2\)' has no form.*form=.*backend=\"numpy\""):
        JaxLoops(rolled(lambda x, theta: round(x[0] * theta[0], 2), values(THETA), X[0]), False)


def test_a_function_that_jax_lacks_is_refused_by_name() -> None:
    """Where the form of an operation calls it."""
    odd = Op("odd", lambda x: x, lambda g, y, x: (g,), form=lambda f, x: f.j0(x))
    with pytest.raises(NotCompilable, match=r"calls j0, which jax\.scipy\.special does not have"):
        JaxLoops(rolled(lambda x, theta: odd(x[0] * theta[0]), values(THETA), X[0]), False)
