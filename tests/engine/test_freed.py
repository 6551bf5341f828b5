"""What is dropped is freed at once: no public call leaves anything of ours behind, with the collector switched off."""

import ast
import copy
import gc
import inspect
import linecache
import pickle
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, primitive
from autograd.compiler.choosing import has_compiler
from memory import no_collector

ROOT = Path(__file__).parents[2]
PACKAGES = ("autograd", "nn")
X, Y = [[0.1, 0.7], [0.9, -0.4], [-0.3, 0.2]], [0.3, -0.2, 0.5]
POINT, DIRECTION = [1.5, 0.5], [1.0, 0.0]
_Act = Callable[[], object]


def graph() -> Value:
    """A graph with a leaf used twice, members of families, operations of many operands, and gradients."""
    x, w = Value(0.6, "x"), Value(1.5, "w")
    y = ag.sum(ag.tanh(x * w) ** 3, x, ag.clip(0, 1)(w), ag.logsumexp([x, w]))
    y.backward()
    return y


def square(x: Any) -> Any:
    return x[0] * x[0] * x[1]


def recorded(op: ag.Op) -> None:
    """An operation as a node in the middle of its domain, replayed, and differentiated twice."""
    boxes = op.domain * (1 if op.arity is not None else 2)
    x = [Value(min(max(0.4 + 0.2 * k, low + 0.1), high)) for k, (low, high) in enumerate(boxes)]
    y = op(*x)
    y.backward()
    for each in ag.gradients(y, x):
        ag.gradients(each, x)
    y.forward()


def own_operation(name: str = "of_a_moment", **options: Any) -> ag.Op:
    """An operation that nobody holds but who asked for it."""
    op = primitive(name, lambda x: x * x, lambda g, y, x: (2 * g * x,), **options)
    del ag.OPS[name]
    return op


def cube_root(solver: Callable[..., float]) -> Callable[..., Any]:
    return ag.implicit.custom_root(lambda x, a: x**3 - a)(solver)


def solved() -> None:
    """A root, of a solver that nobody holds, in the graph and twice differentiated."""
    root = cube_root(lambda init, a: a ** (1 / 3))
    (slope,) = ag.gradients(root(None, x := Value(8.0)), [x])
    ag.gradients(slope, [x])
    root(None, x).forward()


def own_family() -> ag.Op:
    """A family is like a class: it stays, until it is defined anew."""

    def of_a_moment(n: float) -> ag.Op:
        return ag.Op("of_a_moment", lambda x: n * x, lambda g, y, x: (n * g,))

    op = ag.family((1,), replace=True)(of_a_moment)(2.5)
    ag.family((1,), replace=True)(of_a_moment)
    del ag.OPS["of_a_moment"]
    return op


def compiled(**options: Any) -> None:
    w = Value(1.5, "w")
    program = ag.compile(lambda x: (ag.logsumexp([x * w, 1.0]) + ag.clip(0, 1)(x)) ** 2, 0.5, wrt=[w], **options)
    program([0.1, 0.2])
    program.value_and_grad([0.1, 0.2])
    pickle.loads(pickle.dumps(program))([0.1])
    assert program.source
    assert str(program)


def compiled_by(backend: str) -> None:
    if backend == "c" and not has_compiler():
        pytest.skip("there is no C compiler")
    w = Value(1.5, "w")
    ag.compile(lambda x: ag.tanh(x * w) + ag.maximum(x, 0.25), 0.5, wrt=[w], backend=backend)([0.1, 0.2])


def bound() -> None:
    w = Value(1.5, "w")
    ag.compile(lambda x: x * w, 0.5, wrt=[w]).buffers(4).run()


def drawn() -> None:
    picture = ag.draw(graph(), title="y")
    assert picture.text, picture.dot
    assert picture.svg, picture.html
    assert picture.explore()._repr_html_()


def explained() -> None:
    explanation = ag.explain(graph())
    assert str(explanation), explanation.latex
    assert explanation._repr_html_()


def model() -> nn.MLP:
    return nn.MLP(2, [3, 1], activation="tanh", seed=1)


def fitted(**settings: Any) -> nn.History:
    return nn.fit(model(), "squared_error", X, Y, epochs=1, progress=False, **settings)


def saved(path: Path) -> None:
    made = model()
    made.save(path / "m.npz")
    nn.load(path / "m.npz")
    nn.fit(made, "squared_error", X, Y, epochs=1, progress=False, checkpoint=path / "c.npz")
    nn.fit(made, "squared_error", X, Y, epochs=2, progress=False, resume=path / "c.npz")


def estimated() -> None:
    pytest.importorskip("sklearn")
    from nn.estimators import MLPRegressor

    inputs = np.linspace(0, 1, 60).reshape(30, 2)
    with warnings.catch_warnings(action="ignore"):  # one epoch is not enough, it says
        MLPRegressor(hidden_layer_sizes=(3,), max_iter=1, random_state=0).fit(inputs, inputs[:, 0]).predict(inputs)


CALLS: dict[str, _Act] = {
    # autograd
    "Value": lambda: [copy.copy(graph()), graph().detach(), repr(graph()), graph().zero_grad(), graph().forward()],
    "Op": lambda: ag.Op("unlisted", lambda x: x, lambda g, y, x: (g,))(Value(1.0)).backward(),
    "Family": lambda: [copy.deepcopy(ag.clip), pickle.loads(pickle.dumps(ag.clip)), ag.power(0.123)],
    "primitive": lambda: own_operation()(Value(2.0)).backward(),
    "family": lambda: own_family()(Value(2.0)).backward(),
    "operations": lambda: list(ag.operations()),
    "language": lambda: [ag.language("ja"), ag.draw(graph()), ag.language(None)],
    "topological_order": lambda: ag.topological_order(graph()),
    "no_grad": lambda: ag.no_grad()(model())(X[0]),
    "dot": lambda: ag.dot([Value(1.0)], [Value(2.0)]).backward(),
    "softmax": lambda: ag.sum(ag.softmax([Value(1.0), Value(2.0)])).backward(),
    "log_softmax": lambda: ag.sum(ag.log_softmax([Value(1.0), Value(2.0)])).backward(),
    "gradients": lambda: ag.gradients(y := graph(), [y]),
    "grad": lambda: ag.grad(square)(POINT),
    "value_and_grad": lambda: ag.value_and_grad(square)([Value(1.0), Value(2.0)]),
    "derivative": lambda: ag.derivative(lambda x: x**4, 3),
    "jacobian": lambda: ag.jacobian(lambda x: [x[0] * x[1], x[1]])(POINT),
    "hessian": lambda: ag.hessian(square)(POINT),
    "hvp": lambda: ag.hvp(square, POINT, DIRECTION),
    "jvp": lambda: ag.jvp(square, (POINT,), (DIRECTION,)),
    "vjp": lambda: ag.vjp(square, POINT)[1](1.0),
    "check_gradient": lambda: str(ag.check_gradient(square, POINT)),
    "GradientReport": lambda: pickle.loads(pickle.dumps(ag.check_gradient(square, POINT))),
    "numerical_gradient": lambda: ag.numerical_gradient(square, POINT),
    "compile": compiled,
    "Program": lambda: ag.Program.from_graph(graph()),
    "implicit": solved,
    "draw": drawn,
    "Picture": drawn,
    "NetworkPicture": lambda: ag.draw(model(), X[0]).svg,
    "explain": explained,
    "Explanation": explained,
    "expression": lambda: str(ag.expression(graph())),
    "Expression": lambda: repr(ag.expression(graph())),
    # nn
    "Module": lambda: [copy.deepcopy(model()), pickle.loads(pickle.dumps(model()))],
    "MLP": lambda: [model()(X[0]), repr(model()), model().named_parameters(), ag.draw(model()(X[0])).dot],
    "Layer": lambda: nn.Layer(2, 3, seed=1)(X[0]),
    "Neuron": lambda: nn.Neuron(2, seed=1)(X[0]),
    "Perceptron": lambda: nn.Perceptron(2)(X[0]),
    "Loss": lambda: nn.squared_error(Value(1.0), 0.5).backward(),
    "fit": lambda: fitted(batch_size=2, validation=(X, Y), patience=1),
    "History": lambda: repr(fitted(l2=0.1)),
    "ConstantSchedule": lambda: fitted(backend="eager", optimizer=nn.SGD(nn.ConstantSchedule(0.1))),
    "CosineSchedule": lambda: fitted(backend="eager", optimizer=nn.SGD(nn.CosineSchedule(0.1, 10))),
    "LinearSchedule": lambda: fitted(backend="eager", optimizer=nn.SGD(nn.LinearSchedule(0.1, 0.01, 10))),
    "StepSchedule": lambda: fitted(backend="eager", optimizer=nn.SGD(nn.StepSchedule(0.1, 10))),
    "ClipNorm": lambda: fitted(backend="eager", optimizer=nn.SGD(0.1, clip=nn.ClipNorm(1.0))),
    "ClipValue": lambda: fitted(backend="eager", optimizer=nn.SGD(0.1, clip=nn.ClipValue(1.0))),
    # of several names together
    "deepcopy": lambda: copy.deepcopy(graph()),
    "pickle": lambda: pickle.loads(pickle.dumps(graph())),
    "buffers": bound,
    "a strict program": lambda: compiled(strict=True),
    "a program in C": lambda: compiled_by("c"),
    "a program of JAX": lambda: compiled_by("jax"),
    "training by graphs": lambda: fitted(backend="eager"),
    "an estimator": estimated,
    **{f"the optimizer {each.__name__}": lambda each=each: fitted(backend="eager", optimizer=each(0.01)) for each in
        nn.OPTIMIZERS.values()},
    **{f"the loss {name}": lambda name=name: nn.LOSSES[name](Value(0.5), 1) for name in nn.LOSSES
       if name != "softmax_cross_entropy"},
    "softmax_cross_entropy": lambda: nn.softmax_cross_entropy([Value(0.5), Value(1.0)], 1).backward(),
    **{f"operation {op.name}": lambda op=op: recorded(op) for op in ag.operations()},
}  # fmt: skip
FAILURES: dict[str, _Act] = {
    "a domain": lambda: ag.log(Value(-1.0, "x")),
    "a derivative": lambda: ag.sqrt(Value(0.0) * 2).backward(),
    "a gradient as a graph": lambda: ag.gradients(ag.sqrt(x := Value(0.0)), [x]),
    "zero times infinity": lambda: ag.sqrt((u := Value(0.0)) * u).backward(),
    "an overflow": lambda: Value(1e200) * 1e200,
    "a rule": lambda: ag.Op("wrong", lambda x: x, lambda g, y, x: (g, g))(Value(1.0)).backward(),
    "a constant": lambda: ag.clip(1, 0),
    "a transform": lambda: ag.grad(lambda x: ag.log(x * Value(1.0)))(-1.0),
    "a wrong gradient": lambda: ag.check_gradient(ag.Op("off", lambda x: x * x, lambda g, y, x: (g * x,)), 2.0),
    "a program": lambda: ag.compile(lambda x: ag.log(x), -1.0),
    "a solver": lambda: cube_root(lambda init, a: a)(None, Value(8.0)),
    "a branch": lambda: ag.compile(lambda x: x if x > 0 else -x, 1.0)([-1.0]),
    "a picture": lambda: ag.draw(graph(), max_nodes=0),
    "training": lambda: nn.fit(model(), "squared_error", X, [[1.0]] * 2, progress=False),
    "divergence": lambda: nn.fit(model(), "squared_error", [[1e200, 1e200]], [1e200], epochs=9, progress=False),
    "a pickle": lambda: pickle.dumps(own_operation()(Value(1.0))),
}


def ours(thing: Any) -> bool:
    """Whether it is an instance of a class of ours, or a function made by one."""
    module = thing.__module__ if type(thing) is FunctionType else type(thing).__module__
    return str(module).split(".")[0] in PACKAGES


def left_behind(act: _Act) -> list[str]:
    """What a call leaves alive: seen at its second time, when modules are loaded and caches are full."""
    act()
    gc.collect()
    with no_collector():
        act()
        return [f"{type(thing).__name__} {str(thing)[:60]}" for thing in gc.get_objects() if ours(thing)]


@pytest.mark.parametrize("act", CALLS.values(), ids=CALLS)
def test_a_call_leaves_nothing_behind(act: _Act) -> None:
    """Neither its graph nor what it made of it waits for the collector."""
    assert left_behind(act) == []


@pytest.mark.parametrize("act", FAILURES.values(), ids=FAILURES)
def test_a_call_that_fails_leaves_nothing_behind(act: _Act) -> None:
    """When the exception is dropped, the graph goes with it."""

    def fails() -> None:
        try:
            act()
        except (ValueError, TypeError, ArithmeticError, ag.GradientMismatch, nn.DivergenceError, pickle.PicklingError):
            return
        raise AssertionError("did not fail")

    assert left_behind(fails) == []


def test_files_leave_nothing_behind(tmp_path: Path) -> None:
    """Models saved and loaded, training resumed."""
    assert left_behind(lambda: saved(tmp_path)) == []


def test_every_public_name_is_called() -> None:
    """The laws above are of the whole surface: each name stands there itself, or as an operation, or is no call."""
    called = {word for name in (*CALLS, *FAILURES) for word in name.replace("(", " ").split()}
    tables = {"OPS", "LOSSES", "OPTIMIZERS", "INITIALIZATIONS", *nn.INITIALIZATIONS}  # and functions of a generator
    results = {"GradientRow", "DenseLayer", "Report", "LayerReport"}
    elsewhere = {"Optimizer", "load"}  # a base class; in the test of files
    errors = {name for module in (ag, nn) for name in module.__all__ if _is_error(getattr(module, name))}
    assert {*ag.__all__, *nn.__all__} - called - tables - errors - results - elsewhere == set()


def _is_error(thing: Any) -> bool:
    return inspect.isclass(thing) and issubclass(thing, Exception)


def test_no_closure_calls_itself() -> None:
    """A function inside a function that names itself is a reference cycle, which only the collector can free."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert [found for path in files for found in _recursive(ast.parse(path.read_text(encoding="utf-8")))] == []


def _recursive(node: ast.AST, inside: bool = False) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if inside and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {each.id for each in ast.walk(child) if isinstance(each, ast.Name)}
            yield from [f"{child.name}, line {child.lineno}"] * (child.name in names)
        scope = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _recursive(child, not isinstance(child, ast.ClassDef) and (inside or scope))


def test_the_text_of_a_program_goes_with_it() -> None:
    """Tracebacks show the lines of a compiled program, for as long as there is one."""
    before = set(linecache.cache)
    program = ag.compile(lambda x: x * 1.25 + 0.5, 0.5, backend="numpy")
    program([1.0])
    (name,) = set(linecache.cache) - before
    assert linecache.getlines(name) == program.source.splitlines(True)
    del program
    assert set(linecache.cache) == before


def test_a_deep_copy_of_a_deep_graph_is_all_that_is_left() -> None:
    """No memo of the copying is kept: objects for the nodes, and none besides."""
    y = Value(0.5)
    for _ in range(10_000):
        y = y + 1.0
    gc.collect()
    with no_collector():
        before = len(gc.get_objects())
        copied = copy.deepcopy(y)
        assert len(gc.get_objects()) - before < 20_001 + 50
        del copied
        assert len(gc.get_objects()) - before < 50
