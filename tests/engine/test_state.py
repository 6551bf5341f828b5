"""Laws of what code outside does to nodes: what it writes, from which thread, and in which context."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Value, engine, no_grad

# --- Writes ---------------------------------------------------------------------------------------------------

BAD = ["5", "", b"5", 1j, [1.0], [], {}, np.array([1.0, 2.0]), object(), float("nan"), Decimal("nan")]


def swept(x: Value, y: Value) -> None:
    y.backward()


def swept_exactly(x: Value, y: Value) -> None:
    ag.gradients(y, [x])


READERS: dict[str, Callable[[Value, Value], object]] = {
    "operator": lambda x, y: x * 2,
    "reflected": lambda x, y: 2 * x,
    "function": lambda x, y: ag.hypot(x, 1.0),
    "method": lambda x, y: x.exp(),
    "many": lambda x, y: ag.logsumexp([x, 1.0]),
    "power": lambda x, y: x**2,
    "backward": swept,
    "gradients": swept_exactly,
    "forward": lambda x, y: y.forward(),
    "explain": lambda x, y: ag.explain(y, x),
}


@pytest.mark.parametrize("number", [2.0, 2, Fraction(2), Decimal(2)], ids=repr)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("bad", [*BAD, None], ids=lambda bad: type(bad).__name__)
def test_a_number_that_is_none_is_refused_by_its_attribute(bad: Any, reader: str, number: Any) -> None:
    """Whoever reads `x.data` next names it, whatever reads it, and no gradient changes."""
    x = Value(number, "x")
    y = x * x * 3
    x.grad, x.data = 7, bad
    with pytest.raises((TypeError, ValueError), match=r"^x\.data = "):
        READERS[reader](x, y)
    assert x.grad == 7


@pytest.mark.parametrize("number", [2.0, 2, Fraction(2)], ids=repr)
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: type(bad).__name__)
def test_a_gradient_that_is_none_is_refused_by_its_attribute(bad: Any, number: Any) -> None:
    """A leaf's `.grad` is read by the next sweep, which names it and leaves the other leaves alone."""
    x, other = Value(number, "x"), Value(number)
    y = other * x
    other.grad, x.grad = 7, bad
    with pytest.raises((TypeError, ValueError), match=r"^x\.grad = "):
        y.backward()
    assert other.grad == 7
    assert x.grad is bad


@pytest.mark.parametrize("bad", ["5", 1j, [1.0], None, float("nan")], ids=repr)
def test_a_node_between_is_no_exception(bad: Any) -> None:
    """A number that was written into a node that an operation made is refused too."""
    x = Value(2.0)
    between = x * x
    between.label = "m"
    y = ag.exp(between * between)
    between.data = bad
    with pytest.raises((TypeError, ValueError), match=r"^m\.data = "):
        y.backward()
    assert x.grad == 0


@given(st.sampled_from([2.0, 2, Fraction(1, 3), Decimal("0.5")]))
def test_a_gradient_of_none_is_zero(number: Any) -> None:
    """`w.grad = None` clears, as in PyTorch: for sweeps, for pictures and for optimisers."""
    w, fresh = Value(number), Value(number)
    for x in (w, fresh):
        (x * x).backward()
        (x * x + x).backward()
    w.grad = None
    assert "grad=None" in repr(w)
    ag.draw(w * w, grads=True).text()
    fresh.grad = 0
    for x in (w, fresh):
        (x * x).backward()
    assert w.grad == fresh.grad
    assert type(w.grad) is type(fresh.grad)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.longdouble])
def test_numpys_numbers_may_be_written(kind: Any) -> None:
    """They are kept as Python's."""
    x = Value(2.0)
    y = x * x
    x.data, x.grad = kind(3), kind(1)
    y.forward()
    y.backward()
    assert (y.data, x.grad) == (9.0, 7.0)
    assert (x * x).data.__class__ in (int, float)
    assert x.grad.__class__ in (int, float)


def test_a_number_with_few_digits_makes_no_gradient_with_few() -> None:
    """A float32 that was written into a leaf is a float to the sweep, also without a replay."""
    x = Value(2.0)
    y = x * x * 3.3
    x.data = np.float32(0.1)
    y.backward()
    assert x.grad.__class__ is float
    assert x.grad == pytest.approx(6.6 * float(np.float32(0.1)), rel=1e-15)


def test_gradients_that_add_up_to_infinity_are_refused() -> None:
    """Also over several sweeps; then nothing has changed."""
    x, y = Value(1.0, "x"), Value(1.0)
    z = 1.7e308 * x + y
    z.backward()
    with pytest.raises(ag.DomainError, match=r"^the gradients that arrive at x = 1\.0 add up to inf"):
        z.backward()
    assert (x.grad, y.grad) == (1.7e308, 1.0)


# --- Threads --------------------------------------------------------------------------------------------------


def at_once(*works: Callable[[], object]) -> list[Any]:
    """All works started together, each in a thread of its own."""
    gate = threading.Barrier(len(works))

    def started(work: Callable[[], object]) -> object:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(started, works))


@pytest.mark.parametrize("number", [1.0, 1, Fraction(1)], ids=repr)
def test_threads_may_sweep_one_graph(number: Any) -> None:
    """Four threads, fifty sweeps each: the gradient is that of 200 sweeps one after the other."""
    x = Value(number)
    y = x * x
    for _ in range(20):
        y = y * 1 + x - x

    def sweeps() -> None:
        for _ in range(50):
            y.backward()

    at_once(*[sweeps] * 4)
    assert x.grad == 200 * 2


def test_graphs_that_share_leaves_add_up() -> None:
    """Each thread has a graph of its own, over the same parameter."""
    w = Value(3.0)
    graphs = [w * float(k) for k in range(1, 9)]
    at_once(*[lambda y=y: [y.backward() for _ in range(100)] for y in graphs])
    assert w.grad == 100 * sum(range(1, 9))


def test_a_rule_may_sweep_a_graph_of_its_own() -> None:
    """The thread that sweeps is not shut out by itself."""

    def backward(g: Any, y: Any, x: Any) -> tuple[Any]:
        inner = Value(ag.operation.number_of(x))
        (inner * inner).backward()
        return (g * inner.grad,)

    square = ag.Op("square_by_sweep", lambda x: x * x, backward)
    x = Value(3.0)
    square(x).backward()
    assert x.grad == 6.0


class Busy:
    """A lock that other threads hold for `times` timeouts; `sweeps`: whether one of them ends its sweep meanwhile."""

    def __init__(self, turn: Any, sweeps: bool, times: int = 3) -> None:
        self.turn, self.sweeps, self.times = turn, sweeps, times

    def acquire(self, timeout: float) -> bool:
        self.times -= 1
        self.turn._done += self.sweeps
        return self.times < 0


def test_waiting_is_an_error_only_where_nothing_goes_on() -> None:
    """A rule that waits for a thread that sweeps: a named error there instead of a deadlock."""
    turn: Any = engine._Turn()
    turn._lock = Busy(turn, sweeps=True)
    turn._wait(0.05)
    turn._lock = Busy(turn, sweeps=False)
    with pytest.raises(RuntimeError, match=r"^another thread has been in one sweep for 0\.05 s: does a rule wait"):
        turn._wait(0.05)


# --- Contexts -------------------------------------------------------------------------------------------------


def records(x: Value) -> bool:
    return not (x * x).is_leaf


def test_a_block_ends_wherever_it_is_left() -> None:
    """no_grad entered in one context and left in another: recording goes on in both."""
    x, block, other = Value(2.0), no_grad(), contextvars.copy_context()
    other.run(block.__enter__)
    assert records(x)
    assert not other.run(records, x)
    block.__exit__(None, None, None)
    assert records(x)
    assert other.run(records, x)
    block.__enter__()
    contextvars.copy_context().run(block.__exit__, None, None, None)
    assert records(x)
    with no_grad():
        assert not records(x)
    assert records(x)


def test_a_block_in_another_thread_ends_here() -> None:
    """The same with threads; each has a context of its own."""
    x, block = Value(2.0), no_grad()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(block.__enter__).result()
        assert not pool.submit(records, x).result()
        assert records(x)
        block.__exit__(None, None, None)
        assert pool.submit(records, x).result()
    assert records(x)


def test_leaving_what_was_not_entered_is_an_error() -> None:
    """A named error, and recording goes on."""
    with pytest.raises(RuntimeError, match=r"^no_grad: this block was left without having been entered"):
        no_grad().__exit__(None, None, None)
    assert records(Value(2.0))


def test_one_block_may_be_entered_again_and_again() -> None:
    """Also within itself, and by several threads at once."""
    x, block = Value(2.0), no_grad()
    with block:
        with block:
            assert not records(x)
        assert not records(x)
    assert records(x)

    def paused() -> list[bool]:
        seen = []
        for _ in range(200):
            with block:
                seen.append(records(x))
            seen.append(not records(x))
        return seen

    assert not any(map(any, at_once(*[paused] * 4)))


def test_blocks_may_end_in_another_order() -> None:
    """The first of two that ends leaves the other open."""
    x, first, second = Value(2.0), no_grad(), no_grad()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not records(x)
    second.__exit__(None, None, None)
    assert records(x)


def test_a_task_started_inside_is_inside_until_the_block_ends() -> None:
    """Whatever other threads and tasks do meanwhile."""
    x = Value(2.0)

    async def watch(seen: list[bool], ended: asyncio.Event) -> None:
        seen.append(records(x))
        await ended.wait()
        seen.append(records(x))
        with no_grad():
            seen.append(records(x))
        seen.append(records(x))

    async def main() -> list[bool]:
        seen: list[bool] = []
        ended = asyncio.Event()
        with no_grad():
            task = asyncio.create_task(watch(seen, ended))
            await asyncio.sleep(0)
        ended.set()
        await task
        return seen

    assert asyncio.run(main()) == [False, True, False, True]
    other = contextvars.copy_context()
    block = no_grad()
    other.run(block.__enter__)
    assert asyncio.run(main()) == [False, True, False, True]
    block.__exit__(None, None, None)


# --- Models ---------------------------------------------------------------------------------------------------


def trained(model: nn.MLP) -> None:
    nn.fit(model, "squared_error", [[1.0, 2.0]], [1.0], epochs=1, seed=0, progress=False)


def trained_by_graphs(model: nn.MLP) -> None:
    nn.fit(model, "squared_error", [[1.0, 2.0]], [1.0], epochs=1, seed=0, progress=False, backend="eager")


@pytest.mark.parametrize(
    "use",
    [trained, trained_by_graphs, lambda model: nn.SGD(0.1).step(model.parameters()), lambda model: model.save("never")],
    ids=["fit", "eager", "step", "save"],
)
@pytest.mark.parametrize("bad", ["5", None, [1.0], 1j, float("nan")], ids=repr)
def test_a_parameter_that_is_no_number_is_named(use: Callable[[nn.MLP], object], bad: Any) -> None:
    """By training, by optimisers and by files: `"5"` is no 5, and None no nan."""
    model = nn.MLP(2, [1], seed=0)
    parameter = model.parameters()[0]
    parameter.label = "w"
    parameter.data = bad
    with pytest.raises((TypeError, ValueError), match=r"w\.data = "):
        use(model)


def test_a_gradient_of_none_moves_nothing() -> None:
    """`w.grad = None` before a step, as code written for PyTorch has it; other things that are no number are named."""
    w, v = Value(1.0, "w"), Value(2.0, "v")
    (w * v).backward()
    w.grad = None
    nn.SGD(0.5).step([w, v])
    assert (w.data, v.data) == (1.0, 1.5)
    w.grad = "0.1"
    with pytest.raises(TypeError, match=r"^w\.grad = '0\.1'"):
        nn.SGD(0.5).step([w, v])
    assert (w.data, v.data) == (1.0, 1.5)
