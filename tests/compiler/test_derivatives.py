"""The derivatives of each row: `Program.jacobian` and `Program.hessian` are those of the graph, shapes as in JAX."""

import pickle
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, NotCompilable, Program, Value, compile
from autograd.strategies import expressions
from benchmarks.deep_programs import PROGRAMS
from compiled import bound, close, smooth_at, used
from loops import THETA, X, programs

SMOOTH = [op for op in ag.operations() if op.arity in (1, 2)]


# --- The graph's numbers ----------------------------------------------------------------------------------------


@given(expressions(SMOOTH, max_nodes=6))
@settings(deadline=None)
def test_a_jacobian_is_that_of_the_graph(program: Any) -> None:
    """Of any expression, by all its inputs, as exactly as the roundings of the graph allow."""
    inputs = program.inputs
    if not (smooth_at(program, inputs) and used(program)):
        return
    leaves = program.values()
    try:
        wanted = ag.gradients(program(*leaves), leaves)
        compiled = compile(program, *inputs, wrt=list(range(len(inputs))), backend="numpy")
        found = compiled.jacobian(*[[x] for x in inputs])
    except (DomainError, NotCompilable):
        return
    for ours, graph in zip(found, wanted, strict=True):
        assert ours[0] == pytest.approx(float(graph.data), rel=1e-11, abs=bound(graph) + 1e-300)


@pytest.mark.parametrize("rows", [0, 1, 7, 64])
@pytest.mark.parametrize("backend", ["numpy", "c", "jax"])
def test_both_are_those_of_the_graph_row_by_row(backend: str, rows: int) -> None:
    """In batches of any size, of a function of a vector and a number with a parameter in it."""
    w = Value(0.7)

    def f(x: Any, a: Any) -> Any:
        return w * ag.sin(x[0] * x[1]) * a + x[2] * ag.exp(-a * x[0]) / (1 + x[1] * x[1])

    rng = np.random.default_rng(rows)
    x, a = rng.normal(size=(rows, 3)), rng.normal(size=rows)
    program = compile(f, [0.1, 0.2, 0.3], 0.4, wrt=[0, w, 1], backend=backend)
    by_x, by_a = program.jacobian(x, a)
    (xx, xa), (ax, aa) = program.hessian(x, a)
    assert [each.shape[1:] for each in (by_x, by_a, xx, xa, ax, aa)] == [(3,), (), (3, 3), (3,), (3,), ()]
    for k in range(rows):
        with ag.no_grad():
            first = ag.jacobian(f, (0, 1))(x[k].tolist(), float(a[k]))
            second = ag.hessian(f, (0, 1))(x[k].tolist(), float(a[k]))
        for found, wanted in zip((by_x[k], by_a[k]), first, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)
        for found, wanted in zip((xx[k], xa[k], ax[k], aa[k]), (*second[0], *second[1]), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


@given(programs(), st.sampled_from([None, "numpy"]))
@settings(deadline=None, max_examples=10)
def test_loops_have_the_jacobian_of_the_graph(f: Any, backend: str | None) -> None:
    """Drawn loops in loops, tables, states: by parameters and inputs, which are arguments here."""
    x, theta = X[0].tolist(), THETA.tolist()
    with ag.no_grad():
        wanted = ag.jacobian(f, (0, 1))(x, theta)
    try:
        found = compile(f, x, theta, wrt=[0, 1], backend=backend).jacobian(x, theta)
    except DomainError:
        return
    for ours, graph in zip(found, wanted, strict=True):
        close(ours, graph, 1e-10)


@pytest.mark.parametrize("name", ["garch", "kalman", "sir", "averages"])
def test_deep_code_stays_a_loop_when_it_is_differentiated_twice(name: str) -> None:
    """A page of C for thousands of operations; and the numbers are the graph's."""
    deep = PROGRAMS[name]
    f = lambda theta, x: deep.function(theta, x, ag)  # noqa: E731
    program = compile(f, [*deep.parameters], [*deep.inputs], wrt=0, backend="c")
    found = program.hessian([*deep.parameters], [*deep.inputs])
    close(found, ag.hessian(f)([*deep.parameters], [*deep.inputs]), 1e-10)
    kernel = program._way.derived("hessian").kernel("outputs")
    assert len(kernel.text.splitlines()) < 2500
    assert kernel.rolled.nest.length < 1000 < len(kernel.rolled.scalars) / 5


def test_the_cheaper_mode_is_taken() -> None:
    """Sixty outputs of one input and one output of sixty inputs take as many operations."""
    many = compile(lambda x: [ag.sin(k * x) for k in range(1, 61)], 0.5, wrt=0)
    one = compile(lambda x: ag.sum(ag.sin(k * each) for k, each in enumerate(x, 1)), [0.5] * 60, wrt=0)
    sizes = [len(each._way.derived("jacobian").program.scalars) for each in (many, one)]
    assert max(sizes) < 6 * 60


# --- Shapes and names -------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    near: Any
    far: Any


@dataclass
class Car:
    mass: Any
    speed: Any


CASES: dict[str, tuple[Any, tuple[Any, ...], Any]] = {
    "a number of a number": (lambda x: x * x * x, (2.0,), 0),
    "of a list": (lambda x: x[0] * x[1], ([2.0, 3.0],), 0),
    "a list": (lambda x: [x[0] * x[1], x[0], 2.0], ([2.0, 3.0],), 0),
    "nested lists": (lambda x: [[x[0][0] * x[1][1], x[0][1]], [1.0, x[1][0] ** 2]], ([[2.0, 3.0], [4.0, 5.0]],), 0),
    "several arguments": (lambda x, y, z: x * y * z[0], (2.0, 3.0, [4.0]), (0, 2)),
    "the last argument": (lambda x, y: x * y, (2.0, 3.0), -1),
    "a list of one position": (lambda x: x * x, (2.0,), (0,)),
    "a dict": (lambda x: {"area": x["a"] * x["b"], "sides": [x["a"], x["b"]]}, ({"a": 2.0, "b": 3.0},), 0),
    "a named tuple": (lambda x: Pair(x.near * x.far, x.near), (Pair(2.0, 3.0),), 0),
    "a dataclass": (lambda car: car.mass * car.speed * car.speed / 2, (Car(2.0, 3.0),), 0),
    "what is linear": (lambda x: 3 * x[0] - x[1], ([2.0, 3.0],), 0),
    "what it does not depend on": (lambda x, y: x * x, (2.0, [3.0, 4.0]), (1, 0)),
    "an array": (lambda x: x @ x, (np.array([2.0, 3.0]),), 0),
}


def same(found: Any, wanted: Any) -> None:
    """The same containers, with arrays of the same shapes and numbers."""
    if isinstance(wanted, dict):
        assert list(found) == list(wanted)
        found, wanted = list(found.values()), list(wanted.values())
    elif isinstance(wanted, Car):
        assert isinstance(found, Car)
        found, wanted = [found.mass, found.speed], [wanted.mass, wanted.speed]
    elif not isinstance(wanted, tuple):
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-14)
        return
    assert type(found) is type(wanted)
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        same(ours, theirs)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_names_are_those_of_the_transform(name: str) -> None:
    """Without rows, what `autograd.jacobian` and `autograd.hessian` give, down to the containers."""
    f, arguments, argnums = CASES[name]
    wrt = list(argnums) if isinstance(argnums, tuple) else argnums
    program = compile(f, *arguments, wrt=wrt)
    same(program.jacobian(*arguments), ag.jacobian(f, argnums)(*arguments))
    if isinstance(program(*arguments), float):
        same(program.hessian(*arguments), ag.hessian(f, argnums)(*arguments))
    else:
        with pytest.raises(TypeError, match=r"^hessian: this program returns more than one number\.$"):
            program.hessian(*arguments)


@pytest.mark.parametrize("argnums", [0, (0, 1)])
def test_shapes_with_rows_are_those_of_jax(argnums: Any) -> None:
    """Of `jax.vmap(jax.jacobian(f, argnums))`, and of the Hessian."""
    jax = pytest.importorskip("jax")

    def f(x: Any, y: Any) -> Any:
        return [x[0] * y[0] * y[1], x[1] * y[1] ** 2, x[2] * 2]

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    wrt = list(argnums) if isinstance(argnums, tuple) else argnums
    with jax.enable_x64():
        stacked = jax.jacobian(lambda x, y: jax.numpy.stack(f(x, y)), argnums)
        wanted = jax.vmap(stacked)(x, y)
        second = jax.vmap(jax.hessian(lambda x, y: f(x, y)[0], argnums))(x, y)
    same(compile(f, [1.0] * 3, [1.0] * 2, wrt=wrt).jacobian(x, y), wanted)
    same(compile(lambda x, y: f(x, y)[0], [1.0] * 3, [1.0] * 2, wrt=wrt).hessian(x, y), second)


# --- What a program is ------------------------------------------------------------------------------------------


def test_parameters_and_frozen_numbers_are_the_programs() -> None:
    """As they are in the program, not as their Values are now; and no Value is changed."""
    w, c = Value(2.0), Value(3.0)
    program = compile(lambda x: w * c * x * x, 1.0, wrt=[0, w])
    w.data = c.data = 100.0
    assert program.jacobian([1.0])[0].tolist() == [12.0]
    program.parameters = [5.0]
    assert program.jacobian([1.0])[0].tolist() == [30.0]
    assert program.hessian([1.0])[0][0].tolist() == [30.0]
    assert (w.data, c.data) == (100.0, 100.0)
    assert program._way.derived("hessian") is program._way.derived("hessian")


def test_a_pickled_program_has_derivatives() -> None:
    """Those that nobody has asked for yet, too."""
    w = Value(2.0)
    program = pickle.loads(pickle.dumps(compile(lambda x: w * x**3, 1.0, wrt=[0, w])))
    assert program.jacobian([2.0])[0].tolist() == [24.0]
    assert program.hessian([2.0])[0][0].tolist() == [24.0]


def test_a_graph_has_them_too() -> None:
    """`Program.from_graph` takes positions of its inputs."""
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program.from_graph(x * x * w, inputs=[x], wrt=[w, 0])
    assert program.jacobian([1.0, 2.0])[0].tolist() == [4.0, 8.0]
    assert program.value_and_grad([1.0])[1].tolist() == [1.0]


def test_arguments_may_be_named_and_checked_as_in_a_call() -> None:
    """One way to take arguments for all methods."""
    program = compile(lambda x, a: a * x * x, 1.0, 1.0, wrt=0)
    assert program.jacobian(a=2.0, x=[3.0]).tolist() == [12.0]
    with pytest.raises(ValueError, match=r"x has shape \(1, 1\); wanted \(rows\) or \(\)"):
        program.jacobian([[3.0]], 2.0)
    with pytest.raises(TypeError, match="takes 2 arguments"):
        program.hessian([3.0])
    with pytest.raises(TypeError, match=r"x is not an array of numbers: None stands where a number is wanted"):
        program.jacobian([3.0, None], 2.0)


@pytest.mark.parametrize("options", [{"strict": True}, {"check": True}, {"dtype": "float32"}], ids=str)
def test_the_options_of_the_program_are_those_of_its_derivatives(options: dict[str, Any]) -> None:
    """Precision, order and checks."""

    def f(x: Any) -> Any:
        y = ag.log(x)
        y.label = "depth"
        return y * x

    program = compile(f, 1.0, wrt=0, **options)
    found = program.jacobian([2.0, 3.0])
    assert found.dtype == options.get("dtype", "float64")
    assert found == pytest.approx(np.log([2.0, 3.0]) + 1, rel=1e-6)
    if "check" in options:
        with pytest.raises(DomainError, match=r"row 1: log\(0.0\) \(label 'depth'\)"):
            program.jacobian([2.0, 0.0])


def test_a_comparison_is_guarded_in_derivatives() -> None:
    """Where f compared, and where a rule did."""
    program = compile(lambda x: x * x if x > 0 else x, 1.0, wrt=0)
    with pytest.raises(ag.BranchChanged, match="row 1"):
        program.jacobian([1.0, -1.0])


def test_they_are_computed_under_no_grad() -> None:
    """What is paused there is the recording of results."""
    program = compile(lambda x: x**3, 1.0, wrt=0)
    with ag.no_grad():
        assert program.jacobian(2.0) == 12.0
        assert program.hessian(2.0) == 12.0


@pytest.mark.parametrize(
    ("wrt", "kind", "words"),
    [
        (2, ValueError, "compile(wrt): there is no argument 2; f has 2."),
        ([0, -3], ValueError, "compile(wrt): there is no argument -3; f has 2."),
        ([1, -1], ValueError, "compile(wrt): [1, 1] names an argument twice."),
        (True, TypeError, "compile(wrt): wrt = True; wanted a Value, or a model: all else is frozen."),
        ([0, 1.5], TypeError, "compile(wrt): wrt[1] = 1.5; wanted a Value, or a model: all else is frozen."),
    ],
    ids=str,
)
def test_positions_that_make_no_sense_are_refused(wrt: Any, kind: type[Exception], words: str) -> None:
    """Word for word."""
    with pytest.raises(kind, match=f"^{re.escape(words)}$"):
        compile(lambda x, y: x * y, 1.0, 2.0, wrt=wrt)


def test_a_program_without_positions_says_what_to_write() -> None:
    """Word for word, for both."""
    w = Value(2.0)
    program = compile(lambda x: w * x, 1.0, wrt=w)
    for kind in ("jacobian", "hessian"):
        with pytest.raises(TypeError, match=rf"^{kind}: `wrt` names no argument of this program: compile it with wrt="):
            getattr(program, kind)(1.0)
