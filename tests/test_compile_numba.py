"""The machine code of numba computes what the NumPy program computes; what it cannot do is said."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Op, Program, Value, compile
from autograd.compiler.backends import backend_named

CUBE = Op("cube", lambda x: x * x * x, lambda g, y, x: (3 * g * x * x,))  # without a form on arrays


def moons() -> tuple[Callable[..., Any], list[Value]]:
    model = nn.MLP(3, [9, 5, 1], seed=1)
    theta = model.parameters()
    return lambda x: nn.hinge_loss(model(x), 1) + 1e-3 * sum(p * p for p in theta), theta


def classes() -> tuple[Callable[..., Any], list[Value]]:
    model = nn.MLP(3, [30, 4], "tanh", seed=2)
    return lambda x: nn.softmax_cross_entropy(model(x), [0.0, 0.25, 0.75, 0.0]), model.parameters()


def recurrence() -> tuple[Callable[..., Any], list[Value]]:
    w, u = Value(0.7), Value(0.3)

    def f(x: Any) -> Any:
        h: Any = 0.1
        for k in range(30):
            h = ag.tanh(w * h + u * x[k % 3])
        return h * h

    return f, [w, u]


def special() -> tuple[Callable[..., Any], list[Value]]:
    w = Value(0.8)

    def f(x: Any) -> Any:
        many = ag.prod([w, *x]) + ag.logsumexp([w * x[0], x[1], x[2]])
        return many + ag.where(ag.step(x[0]), ag.erf(w * x[1]), ag.erfc(w + x[1] * x[1])) + CUBE(w * x[2])

    return f, [w]


@pytest.mark.parametrize("make", [moons, classes, recurrence, special])
def test_machine_code_computes_what_the_numpy_program_computes(make: Callable[[], Any]) -> None:
    """Values, losses and gradients to 1e-12, for batches of 1, 2, 7 and 64 rows and for a single sample."""
    f, theta = make()
    ours, numpy = (compile(f, [0.4, -0.3, 0.2], wrt=theta, backend=name) for name in ("numba", "numpy"))
    X = np.random.default_rng(0).normal(size=(64, 3))
    for batch in (X[0], *(X[:rows] for rows in (1, 2, 7, 64))):
        assert ours(batch) == pytest.approx(numpy(batch), rel=1e-12, abs=1e-13)
        (loss, gradient), (true_loss, true_gradient) = ours.value_and_grad(batch), numpy.value_and_grad(batch)
        assert loss == pytest.approx(true_loss, rel=1e-12)
        assert gradient == pytest.approx(true_gradient, rel=1e-12, abs=1e-13)


def test_float32_has_its_seven_digits() -> None:
    """The same program in half the bytes."""
    f, theta = moons()
    half, full = (
        compile(f, [0.4, -0.3, 0.2], wrt=theta, backend="numba", dtype=dtype) for dtype in ("float32", "float64")
    )
    X = np.random.default_rng(1).normal(size=(33, 3))
    gradient = half.value_and_grad(X)[1]
    assert gradient.dtype == np.float32
    assert gradient == pytest.approx(full.value_and_grad(X)[1], rel=1e-4, abs=1e-5)


def test_buffers_give_what_a_call_gives() -> None:
    """Write the arguments, run, read loss and gradient."""
    f, theta = moons()
    program = compile(f, [0.4, -0.3, 0.2], wrt=theta, backend="numba")
    X = np.random.default_rng(2).normal(size=(5, 3))
    bound = program.buffers(rows=5)
    bound.arguments[0][...] = X.T
    bound.run()
    loss, gradient = program.value_and_grad(X)
    assert (bound.loss, bound.gradient.tolist()) == (loss, gradient.tolist())


def test_buffers_are_refused_where_only_calls_check() -> None:
    """A guard is not looked at by a bare run; so there is none."""
    w = Value(2.0)
    program = Program.from_graph(w * 1.5, wrt=[w], check=True)
    with pytest.raises(TypeError, match="only its calls check them"):
        program.buffers()


def test_the_same_text_is_compiled_once() -> None:
    """Another model of the same shape takes the machine code that is there."""
    codes = []
    for seed in (1, 2):
        model = nn.MLP(2, [3, 1], seed=seed)
        program = compile(lambda x, model=model: model(x), [0.1, 0.2], wrt=model.parameters(), backend="numba")
        codes.append(program.buffers().run.func)  # type: ignore[attr-defined]
    assert codes[0] is codes[1]


def test_an_operation_that_numba_cannot_compile_is_named() -> None:
    """The message says which, and what to do."""
    with pytest.raises(TypeError, match=r"numba cannot compile digamma\. An operation can say how it is written"):
        compile(lambda x: ag.digamma(x), 1.5, backend="numba")(1.5)


def test_without_numba_the_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra by its name, in the words of pip."""
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "autograd.compiler.numba_backend", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"needs numba: pip install 'scalar-autograd\[jit\]'"):
        backend_named("numba")
