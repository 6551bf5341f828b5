"""A million nodes deep, a million wide, and many small graphs."""

import copy
import gc
import pickle
import tracemalloc

import pytest

from autograd import Value, gradients, sum, tanh, topological_order
from autograd.doubles import living
from benchmarks.eager import bytes_per_node

MILLION = 1_000_000


def chain(x: Value, length: int) -> Value:
    """x, then alternately + x and × 1.0000001: a graph as deep as it is long, with a leaf used all along."""
    y = x
    for i in range(length):
        y = y * 1.0000001 if i % 2 else y + x
    return y


@pytest.fixture(scope="module")
def deep() -> tuple[Value, Value]:
    x = Value(1e-3, "x")
    return x, chain(x, MILLION)


def test_a_chain_of_a_million_runs_backward_and_replays(deep: tuple[Value, Value]) -> None:
    """No recursion anywhere: y is linear in x, so dy/dx = y / x, up to a million roundings."""
    x, y = deep
    y.backward()
    assert x.grad == pytest.approx(y.data / x.data, rel=1e-9)
    before = y.data
    assert y.forward() == before


def test_a_chain_of_a_million_survives_deepcopy_and_pickle(deep: tuple[Value, Value]) -> None:
    """Copies at any depth, whose gradients work."""
    x, y = deep
    for copied in (copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))):
        x2, y2 = copied((x, y))
        x2.grad = 0
        y2.backward()
        assert y2.data == y.data
        assert x2.grad == pytest.approx(y.data / x.data, rel=1e-9)


def test_the_derivative_graph_of_a_deep_chain_is_as_deep() -> None:
    """gradients() is a loop too."""
    x = Value(0.5)
    (first,) = gradients(chain(x, MILLION // 10) * x, [x])
    assert len(topological_order(first)) > MILLION // 10


def test_dropping_a_chain_of_a_million_frees_it_without_the_collector() -> None:
    """Memory comes back when the last name goes, with the collector switched off, and nothing overflows."""
    gc.collect()
    gc.disable()
    try:
        before = living()
        y = chain(Value(1e-3), MILLION)
        assert living() > before + MILLION
        del y
        assert living() == before
    finally:
        gc.enable()


def test_a_million_operands_wide() -> None:
    """One node of a million inputs, and a million uses of one leaf."""
    x = Value(2.0)
    y = sum([x] * MILLION)
    y.backward()
    assert (y.data, x.grad) == (2.0 * MILLION, MILLION)


def test_a_node_takes_at_most_two_hundred_bytes() -> None:
    """The node, its number and its gradient, after backward of a training step of 65,000 nodes."""
    held, nodes = bytes_per_node()
    assert nodes > 60_000
    assert held <= 200


def test_many_graphs_in_turn_do_not_grow_memory() -> None:
    """10⁵ graphs built, differentiated and dropped leave nothing behind."""

    def build() -> None:
        for _ in range(10_000):
            x = Value(0.3, "x")
            (tanh(x) * x + x**2).backward()

    build()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(9):
            build()
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
