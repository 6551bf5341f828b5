"""What a program keeps: numbers and no Values, arenas up to a bound, and its text for as long as it lives."""

import linecache
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import BranchChanged, DomainError, NotCompilable, Program, Value, compile
from autograd.compiler.matrices import kernel
from autograd.doubles import living
from memory import no_collector
from nn.backends import CompiledProgram

# --- Numbers are copied when they are recorded ------------------------------------------------------------------

X = np.array([0.5, 1.5, 2.0])
Made = tuple[Program, list[Value]]  # a program, and Values whose graphs hold every Value of the recording


def labelled(number: float, label: str) -> Value:
    return Value(number, label)


def loss(**options: Any) -> Made:
    """Parameters, a Value that is frozen, a constant, and a gradient."""
    w, c, kept = labelled(2.0, "w"), labelled(3.0, "c"), []

    def f(x: Any, t: Any) -> Any:
        kept.append(ag.tanh(w * x + c) * c - t + ag.exp(c) * Value(0.5).detach())
        return kept[-1] ** 2

    return compile(f, 0.5, 1.0, wrt=[w], **options), kept


def guarded() -> Made:
    """Comparisons of an argument with a frozen Value and with a computed one."""
    w, c, kept = labelled(2.0, "w"), labelled(0.25, "c"), []

    def f(x: Any, t: Any) -> Any:
        kept.extend([w * x, ag.log(x + c), c * c])
        return kept[0] - t if x > c and kept[1] > kept[2] - 5 else kept[1]

    return compile(f, 0.5, 1.0, wrt=[w]), kept


def checked() -> Made:
    """Labels, which the messages of `check` say."""
    w, c, kept = labelled(2.0, "w"), labelled(0.25, "c"), []

    def f(x: Any, t: Any) -> Any:
        kept.append(ag.log(w * x + c - t))
        kept[-1].label = "the logarithm"
        return kept[-1] * c

    return compile(f, 1.5, 1.0, wrt=[w], check=True), kept


def trees() -> Made:
    """Results in a tree, and no gradient."""
    c, kept = labelled(3.0, "c"), []

    def f(x: Any, t: Any) -> Any:
        kept.extend([c * x, x * t, c * c])
        return {"a": kept[:2], "b": (kept[2], 1.0)}

    return compile(f, 0.5, 1.0), kept


def second() -> Made:
    """Derivatives of derivatives."""
    w, c, kept = labelled(2.0, "w"), labelled(0.25, "c"), []

    def f(x: Any, t: Any) -> Any:
        kept.append(ag.derivative(lambda z: ag.sin(w * z + c) * t)(x))
        return kept[-1] * c

    return compile(f, 0.5, 1.0, wrt=[w]), kept


def of_graph() -> Made:
    """Recorded before, with a node that was computed as a parameter."""
    x, t, c = labelled(0.5, "x"), labelled(1.0, "t"), labelled(3.0, "c")
    inner = c * 2
    y = (inner * x - t) * c
    return Program.from_graph(y, [x, t], [inner]), [y]


PROGRAMS: dict[str, Callable[[], Made]] = {
    "a loss": loss,
    "a strict loss": lambda: loss(strict=True),
    "guards": guarded,
    "check": checked,
    "a tree": trees,
    "second derivatives": second,
    "a graph": of_graph,
}


def _message(act: Callable[[], Any]) -> Any:
    """What a call gives, or what it says."""
    try:
        return act()
    except (BranchChanged, DomainError, TypeError) as error:
        return str(error)


ASKED: dict[str, Callable[[Program], Any]] = {
    "the outputs": lambda program: program(X, 1.0),
    "the gradient": lambda program: _message(lambda: program.value_and_grad(X, 1.0)),
    "bad rows": lambda program: _message(lambda: program(-X, 9.0)),
    "the gradient of bad rows": lambda program: _message(lambda: program.value_and_grad(-X, 9.0)),
    "parameters": lambda program: program.parameters,
    "source": lambda program: program.source,
    "draw": lambda program: (program.draw().dot, program.draw().text()),
    "str": str,
    "guards": lambda program: (program.guards, program.steps),
    "a pickled one": lambda program: pickle.loads(pickle.dumps(program))(X, 1.0),
}


def told(program: Program, first: str) -> dict[str, str]:
    """All that a program gives, asked for one thing first."""
    return {name: repr(ASKED[name](program)) for name in (first, *ASKED)}


def tamper(nodes: list[Value]) -> None:
    """Do to every Value of a graph what can be done to one."""
    for k, node in enumerate(ag.topological_order(*nodes)):
        node.data, node.grad, node.label = 100.0 + k, 50.0, f"another {k}"
        node.op, node._left, node._right = ag.neg, Value(7.0), None


@pytest.mark.parametrize("first", ASKED)
@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_that_is_done_to_a_value_of_the_recording_changes_the_program(name: str, first: str) -> None:
    """Its number, gradient, label, operation and inputs may change, whatever the program is asked for first."""
    program, nodes = PROGRAMS[name]()
    tamper(nodes)
    untouched, _ = PROGRAMS[name]()
    assert told(program, first) == told(untouched, first)


def test_a_frozen_number_is_the_same_for_every_method() -> None:
    """Found: after `c.data = 100` the gradient had the old number and a call the new one."""
    w, c = Value(2.0), Value(3.0)
    program = compile(lambda x: w * x + c, 1.0, wrt=[w])
    c.data = 100.0
    assert (program.value_and_grad([1.0])[0], program([1.0]).tolist()) == (5.0, [5.0])


# --- No graph, no arena, no text is kept ------------------------------------------------------------------------


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_value_of_the_recording_lives_on_in_the_program(name: str, used: bool) -> None:
    """But those of `wrt`, for `write_back`; without a run of the collector."""
    told(PROGRAMS[name]()[0], "source")  # caches are full
    with no_collector():
        before = living()
        program, nodes = PROGRAMS[name]()
        if used:
            told(program, "source")
        del nodes
        assert living() - before == len(ag.topological_order(*program._values))


def test_what_a_program_held_is_freed_with_it() -> None:
    """Arenas of 10 MB, text and all, and the collector stands still."""
    model, x, t = nn.MLP(20, [32, 1], seed=0), np.ones((5000, 20)), np.ones(5000)

    def used() -> Program:
        program = compile(lambda x, t: (model(x) - t) ** 2, [1.0] * 20, 1.0, wrt=model)
        program.value_and_grad(x, t)
        program(x, t)
        return program

    used()
    with no_collector():
        tracemalloc.start()
        try:
            program = used()
            assert tracemalloc.get_traced_memory()[0] > 10e6
            del program
            assert tracemalloc.get_traced_memory()[0] < 0.5e6
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_a_text_goes_with_its_program(backend: str) -> None:
    """At once, guards and functions of its own (polygamma) included; what runs it goes too."""
    pytest.importorskip(backend)
    ways: list[Callable[[Any], Any]] = [ag.sin, lambda x: x if x > 0 else -x, lambda x: ag.polygamma(1)(x) * x]
    for f in ways:
        compile(f, 1.0, backend=backend)([1.0, 2.0])
    with no_collector():
        before = set(linecache.cache)
        for f in ways:
            program = compile(f, 1.0, backend=backend)
            program([1.0, 2.0])
            engine = ref(program._kernel("outputs"))
            del program
            assert engine() is None
        assert {name for name in set(linecache.cache) - before if name.startswith("<")} == set()


def test_the_arenas_that_wait_are_bounded_over_all_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many programs, batches of many sizes: each gives what it gave, and those used last keep theirs."""
    monkeypatch.setattr(kernel, "_IDLE", 200_000)
    programs = [compile(lambda x, k=k: ag.tanh(k * x) + x, 0.5) for k in range(1, 9)]
    for rows in (10, 700, 3000, 1500, 700, 10):
        for k, program in enumerate(programs, start=1):
            x = np.linspace(-1, 1, rows)
            assert np.array_equal(program(x), np.tanh(k * x) + x)
            kernels = [each._kernel("outputs") for each in programs]
            assert sum(each._waiting() for each in kernels) <= 200_000
            assert program._kernel("outputs")._idle


def test_the_arenas_that_were_made_first_are_freed_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three programs where there is room for two: the first one's go."""
    first, second, third = programs = [compile(lambda x, k=k: ag.tanh(k * x), 0.5) for k in (2, 3, 4)]
    first(np.ones(1000))
    monkeypatch.setattr(kernel, "_IDLE", 2 * first._kernel("outputs")._waiting())
    for program in (second, third):
        program(np.ones(1000))
    assert [bool(program._kernel("outputs")._idle) for program in programs] == [False, True, True]


def test_one_arena_beyond_the_bound_is_kept_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training step makes no new one each time, however large it is."""
    monkeypatch.setattr(kernel, "_IDLE", 0)
    program = compile(lambda x: x * 2 + 1, 0.5)
    program(np.ones(1000))
    (before,) = program._kernel("outputs")._idle[1000]
    program(np.ones(1000))
    assert program._kernel("outputs")._idle[1000] == [before]


def test_a_program_of_a_training_keeps_no_data() -> None:
    """Estimators go on with the program of their first call, which is to hold nothing of its rows."""
    x, y = np.ones((4, 2)), np.ones(4)
    program = CompiledProgram("numpy", nn.MLP(2, [1]), nn.squared_error, x, y)
    program.value_and_grad(x, y)
    kept = ref(x), ref(y)
    with no_collector():
        del x, y
        assert [each() for each in kept] == [None, None]
    assert program.fallback == ""


def test_a_fitted_estimator_that_is_dropped_frees_its_program() -> None:
    """The program of its predictions lives as long as its model."""
    estimators = pytest.importorskip("nn.estimators")
    from nn.estimators.base import _programs

    x = np.random.default_rng(0).normal(size=(40, 2))
    regressor = estimators.MLPRegressor(max_iter=2, tol=1e9, n_iter_no_change=1).fit(x, x[:, 0])
    regressor.predict(x)
    program = ref(_programs[regressor.model_])
    with no_collector():
        del regressor
        assert program() is None


# --- Parameters of a model ---------------------------------------------------------------------------------------


class Scaled:
    """Not an nn.Module, and it has parameters."""

    def __init__(self) -> None:
        self.scale = Value(1.5, "scale")

    def parameters(self) -> Iterator[Value]:
        yield self.scale


def ways_to_say() -> dict[str, tuple[Any, list[Value]]]:
    """`wrt`, and the Values that it stands for."""
    model, other, w = nn.Neuron(2, "tanh", seed=0), Scaled(), Value(0.5, "w")
    return {
        "a model": (model, model.parameters()),
        "what has parameters": (other, [other.scale]),
        "a Value": (w, [w]),
        "a list": ([w], [w]),
        "an array": (np.array([w, other.scale], dtype=object), [w, other.scale]),
        "models and Values": ([model, w, other], [*model.parameters(), w, other.scale]),
        "an iterator": (iter([w, model]), [w, *model.parameters()]),
    }


@pytest.mark.parametrize("how", ways_to_say())
def test_a_program_learns_the_parameters_of_models(how: str) -> None:
    """As if each of their Values were listed, for `compile` and for a graph."""
    wrt, values = ways_to_say()[how]

    def f(x: Any) -> Any:
        return sum((k * value for k, value in enumerate(values, start=1)), x) ** 2

    program, listed = compile(f, 0.5, wrt=wrt), compile(f, 0.5, wrt=values)
    assert program.parameters.tolist() == [value.data for value in values]
    assert repr(program.value_and_grad(X)) == repr(listed.value_and_grad(X))
    program.parameters = program.parameters + 1
    program.write_back()
    assert [value.data for value in values] == program.parameters.tolist()
    if how != "an iterator":
        graph = Program.from_graph(f(Value(0.5)), wrt=wrt)
        assert graph.value_and_grad()[1].tolist() == [x.data for x in ag.gradients(f(Value(0.5)), values)]


def _wrong() -> dict[str, tuple[Any, str]]:
    with ag.no_grad():
        computed = Value(2.0, "w") * 3
    constant, model = Value(2.0, "frozen").detach(), Scaled()
    model.scale = 3.0  # pyright: ignore[reportAttributeAccessIssue]
    return {
        "a number": ([Value(1.0), 3.0], r"wrt\[1\] = 3.0; wanted a Value"),
        "one number": (3.0, r"wrt = 3.0; wanted a Value"),
        "a number of a model": ([Value(1.0), model], r"wrt\[1\]\.parameters\(\)\[0\] = 3.0; wanted a Value"),
        "a model of numbers": (model, r"wrt\.parameters\(\)\[0\] = 3.0; wanted a Value"),
        "a list in a list": ([[Value(1.0)]], r"wrt\[0\] = \[Value\(.*; wanted a Value"),
        "nothing": (None, r"wrt = None; wanted a Value"),
        "a constant": ([Value(1.0), constant], r"wrt\[1\] = (frozen = )?2.0 is a constant"),
        "computed under no_grad": ([computed], r"wrt\[0\] = 6.0 is a constant"),
    }


@pytest.mark.parametrize("what", _wrong())
def test_what_a_program_cannot_depend_on_is_named(what: str) -> None:
    """By its place in `wrt`, with its number."""
    wrt, message = _wrong()[what]
    for make in (lambda: compile(lambda x: x * 2, 1.0, wrt=wrt), lambda: Program.from_graph(Value(1.0) * 2, wrt=wrt)):
        with pytest.raises((TypeError, ValueError), match=rf"^compile\(wrt\): {message}"):
            make()


# --- What cannot be compiled -------------------------------------------------------------------------------------

plain = ag.Op("plain", lambda x: 2 * x, lambda g, y, x: (2 * g,))
of_floats = ag.Op("of_floats", lambda x: 2 * x, lambda g, y, x: (float(g) * 2.0,))
own, zero = {1.0: 2.0}, Value(0.0)


def unlisted(x: Any) -> Any:
    return own[x]


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "float": (lambda: compile(lambda x: float(x) * x, 1.0), TypeError, "float"),
    "an index": (lambda: compile(lambda x: [1.0, 2.0][x] * x, 1.0), TypeError, "with Values for numbers, list indices"),
    "a method": (lambda: compile(lambda x: x.hex(), 1.0), TypeError, r"\.hex is asked of x = 1\.0"),
    "a key": (lambda: compile(unlisted, 1.0), ValueError, r"x = 1\.0, is looked up as a key"),
    "backward": (lambda: compile(lambda x: [x * x, (x * x).backward()][0], 1.0), RuntimeError, r"backward\(\) inside"),
    "grad": (lambda: compile(lambda x: x.grad * x, 1.0), AttributeError, "x.grad inside"),
    "no value": (lambda: compile(lambda x: ag.log(x), 0.0), DomainError, r"log\(.*0\.0\)"),
    "no slope": (lambda: compile(lambda x: ag.sqrt(zero) + x, 0.0, wrt=zero, strict=True), DomainError, "sqrt"),
    "a rule of floats": (lambda: compile(lambda x: of_floats(zero) * x, 1.0, wrt=zero), TypeError, "of_floats"),
    "strict": (lambda: compile(lambda x: x, 1.0, backend="c", strict=True), ValueError, "strict=True"),
    "no form": (lambda: compile(lambda x: plain(x), 1.0, backend="jax")([1.0]), ValueError, "'plain' has no form"),
    "no such function": (lambda: compile(lambda x: lacking(x), 1.0, backend="jax")([1.0]), ValueError, "lacking"),
    "no machine code": (lambda: compile(lambda x: opaque(x), 1.0, backend="c")([1.0]), TypeError, "opaque"),
}
lacking = ag.Op("lacking", lambda x: x, lambda g, y, x: (g,), form=lambda f, x: f.erfcinv(x))
opaque = ag.Op("opaque", lambda x: own.get(x, x), lambda g, y, x: (g,))


@pytest.mark.parametrize("why", REFUSED)
def test_what_only_the_graph_can_do_is_not_compilable(why: str) -> None:
    """One exception, which is a TypeError and a ValueError too, and what it was before it had a name; it says what."""
    make, kind, message = REFUSED[why]
    if why in ("no form", "no such function"):
        pytest.importorskip("jax")
    with pytest.raises(NotCompilable, match=message) as caught:
        make()
    for each in (TypeError, ValueError, kind):
        assert isinstance(caught.value, each)


@pytest.mark.parametrize(
    "fault", [KeyError("k"), IndexError("i"), AttributeError("a"), ZeroDivisionError("z"), OSError()]
)
def test_what_else_a_function_raises_is_raised(fault: Exception) -> None:
    """A fault of the user's is no reason to compute in another way."""

    def f(x: Any) -> Any:
        raise fault

    with pytest.raises(type(fault)) as caught:
        compile(f, 1.0)
    assert caught.value is fault
