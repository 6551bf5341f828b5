"""Laws of `fit(sample_weight=…)`: a weight says how often a sample counts, whatever computes the gradients."""

import functools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import nn
from nn.backends import BACKENDS, program_of
from nn.eager import EagerProgram
from share import share

RNG = np.random.default_rng(7)
N = 8
X, Y = RNG.normal(size=(N, 2)), RNG.normal(size=N)
COUNTS = st.lists(st.integers(0, 3), min_size=N, max_size=N).filter(any)
WEIGHTS = st.lists(st.floats(1e-3, 1e3), min_size=N, max_size=N)


def trained(y: Any = Y, X: Any = X, **named: Any) -> tuple[nn.History, list[float]]:
    """The history and the parameters after three epochs of Adam."""
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    history = nn.fit(
        model, "squared_error", X, y, **{"optimizer": nn.Adam(0.05), "epochs": 3, "progress": False, **named}
    )
    return history, [parameter.data for parameter in model.parameters()]


@functools.cache
def program(backend: str) -> Any:
    return program_of(backend, nn.MLP(2, [3, 1], "tanh", seed=0), nn.squared_error, X, Y, weighted=True)


@pytest.mark.parametrize("backend", BACKENDS)
@given(weights=WEIGHTS)
@settings(max_examples=share(20))
def test_the_loss_and_gradient_of_a_program_are_weighted_means(backend: str, weights: list[float]) -> None:
    """Σwᵢlᵢ / Σwᵢ and Σwᵢ∇lᵢ / Σwᵢ of the graphs of the samples, for every backend; without weights, the means."""
    graphs = EagerProgram(nn.MLP(2, [3, 1], "tanh", seed=0), nn.squared_error, X, Y)
    each = [graphs.value_and_grad(X[i : i + 1], Y[i : i + 1]) for i in range(N)]
    losses, gradients = np.array([loss for loss, _ in each]), np.array([gradient for _, gradient in each])
    w = np.array(weights)
    loss, gradient = program(backend).value_and_grad(X, Y, w / w.mean())
    assert loss == pytest.approx(np.average(losses, weights=w), rel=1e-12)
    assert gradient == pytest.approx(np.average(gradients, weights=w, axis=0), rel=1e-9, abs=1e-12)
    assert program(backend).value_and_grad(X, Y)[0] == pytest.approx(losses.mean(), rel=1e-12)
    assert program(backend)(X, Y) == pytest.approx(losses, rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "eager"])
@given(counts=COUNTS, held_out=COUNTS)
@example(counts=[0, 1, 0, 2, 3, 0, 1, 0], held_out=[0, 0, 0, 0, 0, 0, 0, 2])
@settings(max_examples=10)
def test_a_weight_of_k_is_the_sample_k_times(backend: str, counts: list[int], held_out: list[int]) -> None:
    """Of all samples in one batch: the same losses, validation losses and parameters, but for the order of sums."""
    named = {"backend": backend, "l2": 0.01}
    weighted = trained(sample_weight=counts, validation=(X + 1, Y, held_out), **named)
    again = np.repeat(X + 1, held_out, axis=0), np.repeat(Y, held_out)
    repeated = trained(np.repeat(Y, counts), np.repeat(X, counts, axis=0), validation=again, **named)
    for ours, theirs in zip(weighted, repeated, strict=True):
        if isinstance(ours, nn.History) and isinstance(theirs, nn.History):
            assert ours.losses == pytest.approx(theirs.losses, rel=1e-9)
            assert ours.validation_losses == pytest.approx(theirs.validation_losses, rel=1e-9)
        else:
            assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9)


@given(kept=st.lists(st.booleans(), min_size=N, max_size=N).filter(any), batch_size=st.integers(1, N))
@settings(max_examples=10)
def test_a_weight_of_0_leaves_the_sample_out_bit_for_bit(kept: list[bool], batch_size: int) -> None:
    """Also in batches, in a new order each time: a sample that does not count takes no place in any of them."""
    weights, named = np.where(kept, np.arange(1.0, N + 1), 0.0), {"batch_size": batch_size, "seed": 3}
    with_zeros = trained(sample_weight=weights, **named)
    assert with_zeros == trained(Y[kept], X[kept], sample_weight=weights[kept], **named)


@given(weights=WEIGHTS, power=st.integers(-900, 900), batch_size=st.integers(1, N))
@example(weights=[1e-3] + [1e3] * (N - 1), power=-1000, batch_size=1)
@settings(max_examples=10)
def test_only_the_ratios_of_weights_count(weights: list[float], power: int, batch_size: int) -> None:
    """A power of 2 on all weights changes no bit, however large or small."""
    named: Any = {"batch_size": batch_size, "seed": 3}
    scaled = np.ldexp(np.array(weights), power)
    assert trained(sample_weight=scaled, **named) == trained(sample_weight=weights, **named)


@pytest.mark.parametrize("weight", [1, 0.1, 5e-324, 1e308])
def test_weights_that_are_all_the_same_are_none(weight: float) -> None:
    """The same run bit for bit."""
    assert trained(sample_weight=[weight] * N, batch_size=3, seed=1) == trained(batch_size=3, seed=1)


def test_weights_next_to_0_beside_huge_ones_do_no_harm() -> None:
    """A batch of samples that hardly count is still a batch: no nan, and no sum of 0."""
    history, parameters = trained(sample_weight=[5e-324] * 4 + [1e-310, 1e-300, 1.0, 1e308], batch_size=1)
    assert np.isfinite([*history.losses, *parameters]).all()


@given(weights=WEIGHTS, batch_size=st.integers(1, N))
@settings(max_examples=10)
def test_the_loss_of_an_epoch_is_the_weighted_mean(weights: list[float], batch_size: int) -> None:
    """At a rate of 0 it is that of all samples, whatever the batches."""
    losses = program("eager")(X, Y)
    history, _ = trained(sample_weight=weights, batch_size=batch_size, optimizer=nn.SGD(0.0))
    assert history.losses == pytest.approx([np.average(losses, weights=weights)] * 3, rel=1e-12)


def test_a_program_that_was_made_before_is_trained_on() -> None:
    """The same run bit for bit; and one made without weights does not pass over them in silence."""
    weights = np.arange(1.0, N + 1)
    for weighted in (False, True):
        named: Any = {"sample_weight": weights} if weighted else {}
        model = nn.MLP(2, [3, 1], "tanh", seed=0)
        made = program_of(None, model, nn.squared_error, X, Y, weighted)
        history = nn.fit(
            model, "squared_error", X, Y, optimizer=nn.Adam(0.05), epochs=3, progress=False, backend=made, **named
        )
        assert (history, [p.data for p in model.parameters()]) == trained(**named)
    model = nn.MLP(2, [1])
    made = program_of(None, model, nn.squared_error, X, Y)
    with pytest.raises(ValueError, match="this program was made for samples without weights"):
        nn.fit(model, "squared_error", X, Y, backend=made, sample_weight=weights, progress=False)
    with pytest.raises(ValueError, match="this program was made for another model"):
        trained(backend=made)


REFUSED: dict[str, tuple[Any, str]] = {
    "too few": ([1.0] * 7, "fit(sample_weight=…) has shape (7,): wanted one number for each of the 8 rows."),
    "a table": (np.ones((N, 1)), "fit(sample_weight=…) has shape (8, 1): wanted one number for each of the 8 rows."),
    "one number": (1.0, "fit(sample_weight=…) has shape (): wanted one number for each of the 8 rows."),
    "a negative one": (
        [1.0, -2.0] + [1.0] * 6,
        "fit(sample_weight=…): sample_weight[1] is -2.0; wanted numbers of at least 0.",
    ),
    "no number": ([np.nan] * N, "fit(sample_weight=…): sample_weight[0] is nan; wanted finite numbers."),
    "nothing": ([0] * N, "fit(sample_weight=…) is zero for every row: wanted a row that counts."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_weights_that_make_no_sense_are_refused_in_these_words(name: str) -> None:
    """For the samples, and by their place for those of the validation."""
    weights, message = REFUSED[name]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        trained(sample_weight=weights)
    with pytest.raises(ValueError, match=re.escape("validation[2]")):
        trained(validation=(X, Y, weights))
