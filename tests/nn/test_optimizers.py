"""Laws of optimisers: each against its published update written out by hand; schedules; clipping."""

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value

OPTIMIZERS: dict[str, Callable[[Any], nn.Optimizer]] = {kind.__name__: kind for kind in nn.OPTIMIZERS.values()}
EVERY = pytest.mark.parametrize("name", sorted(OPTIMIZERS))
# Tiny gradients too: there ε tells where it stands.
NUMBER = st.floats(-100, 100).map(lambda x: round(x, 3)) | st.sampled_from([1e-8, -3e-9])
VECTOR = st.lists(NUMBER, min_size=3, max_size=3).map(np.array)
GRADIENTS = st.lists(VECTOR, min_size=1, max_size=6)

# --- The published updates, one parameter at a time ------------------------------------------------------------


def robbins_monro(theta: float, gradients: list[float], eta: float) -> float:
    """Robbins & Monro 1951: θ ← θ − ηg."""
    for g in gradients:
        theta = theta - eta * g
    return theta


def heavy_ball(theta: float, gradients: list[float], eta: float) -> float:
    """Polyak 1964: θₜ₊₁ = θₜ − ηg + μ(θₜ − θₜ₋₁)."""
    mu, before = 0.9, theta
    for g in gradients:
        theta, before = theta - eta * g + mu * (theta - before), theta
    return theta


def duchi(theta: float, gradients: list[float], eta: float) -> float:
    """Duchi, Hazan & Singer 2011: each rate divided by the root of the sum of all squares so far."""
    for t in range(1, len(gradients) + 1):
        theta = theta - eta * gradients[t - 1] / (math.sqrt(sum(g * g for g in gradients[:t])) + 1e-8)
    return theta


def hinton(theta: float, gradients: list[float], eta: float) -> float:
    """Tieleman & Hinton 2012: MeanSquare(t) = 0.9 MeanSquare(t − 1) + 0.1 g²; divide by its root."""
    mean_square = 0.0
    for g in gradients:
        mean_square = 0.9 * mean_square + 0.1 * g**2
        theta = theta - eta * g / (math.sqrt(mean_square) + 1e-8)
    return theta


def kingma_ba(theta: float, gradients: list[float], alpha: float, decay: float = 0.0) -> float:
    """Kingma & Ba 2015, algorithm 1; with `decay`, Loshchilov & Hutter 2019, algorithm 2, whose λ is `decay`."""
    beta1, beta2, epsilon, m, v = 0.9, 0.999, 1e-8, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - (alpha * m_hat / (math.sqrt(v_hat) + epsilon) + decay * theta)
    return theta


def loshchilov_hutter(theta: float, gradients: list[float], alpha: float) -> float:
    """Our weight_decay 0.01 is the paper's λ/α."""
    return kingma_ba(theta, gradients, alpha, decay=0.01 * alpha)


PUBLISHED = {
    "SGD": robbins_monro,
    "Momentum": heavy_ball,
    "AdaGrad": duchi,
    "RMSProp": hinton,
    "Adam": kingma_ba,
    "AdamW": loshchilov_hutter,
}


@pytest.mark.parametrize("name", sorted(PUBLISHED))
@given(theta=VECTOR, gradients=GRADIENTS, eta=st.floats(1e-4, 1.0))
def test_an_optimiser_makes_its_published_update(name: str, theta: Any, gradients: list[Any], eta: float) -> None:
    """Step for step the published rule; 1e-11 of the numbers involved for the other order of the operations."""
    optimizer, moved = OPTIMIZERS[name](eta), theta
    for g in gradients:
        moved = optimizer.update(moved, g)
    for i in range(3):
        wanted = PUBLISHED[name](theta[i], [g[i] for g in gradients], eta)
        assert moved[i] == pytest.approx(wanted, rel=1e-11, abs=1e-11 * (100 + 1000 * eta))


@given(theta=VECTOR, curvature=st.lists(st.floats(0.1, 3), min_size=3, max_size=3), eta=st.floats(1e-4, 0.3))
def test_nesterov_sees_the_gradient_ahead(theta: Any, curvature: list[float], eta: float) -> None:
    """Sutskever et al. 2013: v ← μv − η∇f(θ + μv), θ ← θ + v; our parameters are θ + μv."""
    mu, v, optimizer, ahead = 0.9, np.zeros(3), nn.Nesterov(eta, 0.9), theta
    for _ in range(6):
        ahead = optimizer.update(ahead, np.array(curvature) * ahead)
        v = mu * v - eta * np.array(curvature) * (theta + mu * v)
        theta = theta + v
        assert ahead == pytest.approx(theta + mu * v, rel=1e-11, abs=1e-9)


# --- One definition -------------------------------------------------------------------------------------------


@EVERY
@given(theta=VECTOR, gradients=GRADIENTS)
def test_one_definition_serves_values_and_arrays_alike(name: str, theta: Any, gradients: list[Any]) -> None:
    """step(Values) and update(arrays) give the same bytes."""
    on_values, on_arrays = OPTIMIZERS[name](0.1), OPTIMIZERS[name](0.1)
    values = [Value(float(number)) for number in theta]
    for gradient in gradients:
        for value, g in zip(values, gradient, strict=True):
            value.grad = float(g)
        on_values.step(values)
        theta = on_arrays.update(theta, gradient)
    assert np.array([value.data for value in values]).tobytes() == theta.tobytes()


def test_exact_numbers_become_floats_at_the_first_step() -> None:
    """Values of ints and fractions can be trained; arrays are of float64."""
    values = [Value(1), Value(Fraction(1, 2))]
    values[0].grad = values[1].grad = Fraction(1, 4)
    nn.SGD(1.0).step(values)
    assert [value.data for value in values] == [0.75, 0.25]


@EVERY
@given(theta=VECTOR, gradients=GRADIENTS)
def test_a_zero_rate_changes_nothing(name: str, theta: Any, gradients: list[Any]) -> None:
    """Not a bit, whatever the gradients."""
    optimizer, moved = OPTIMIZERS[name](0.0), theta
    for gradient in gradients:
        moved = optimizer.update(moved, gradient)
    assert (moved == theta).all()


@EVERY
@given(theta=VECTOR, gradients=GRADIENTS)
def test_update_changes_neither_of_its_arrays(name: str, theta: Any, gradients: list[Any]) -> None:
    """The parameters and the gradient that were given stay as they were."""
    optimizer = OPTIMIZERS[name](0.1)
    for gradient in gradients:
        before = theta.copy(), gradient.copy()
        optimizer.update(theta, gradient)
        assert (theta == before[0]).all()
        assert (gradient == before[1]).all()


@EVERY
@given(theta=VECTOR, gradients=GRADIENTS, more=GRADIENTS)
def test_the_state_is_all_that_an_optimiser_remembers(
    name: str, theta: Any, gradients: list[Any], more: list[Any]
) -> None:
    """A new one with the state of the old one continues bit for bit."""
    old, new = OPTIMIZERS[name](nn.CosineSchedule(0.1, 9)), OPTIMIZERS[name](nn.CosineSchedule(0.1, 9))
    for gradient in gradients:
        theta = old.update(theta, gradient)
    state = old.state()
    new.load_state(state)
    for array in [each for each in state.values() if isinstance(each, np.ndarray)]:
        array += 1  # what was given out is a copy
    ours, theirs = theta, theta
    for gradient in more:
        ours, theirs = new.update(ours, gradient), old.update(theirs, gradient)
    assert ours.tobytes() == theirs.tobytes()


@EVERY
@settings(max_examples=5)
@given(start=st.floats(-2, 2))
def test_every_optimiser_finds_the_bottom_of_a_bowl(name: str, start: float) -> None:
    """½|θ|² falls below a hundredth of where it began, or of the rate, within 400 steps."""
    optimizer, theta = OPTIMIZERS[name](0.5 if name == "AdaGrad" else 0.05), np.array([start, 1.0])
    for _ in range(400):
        theta = optimizer.update(theta, theta)
    assert np.abs(theta).max() < 0.05


# --- Schedules ------------------------------------------------------------------------------------------------


@given(rate=st.floats(0, 10), final=st.floats(0, 10), steps=st.integers(1, 1000), step=st.integers(0, 2000))
def test_schedules_follow_their_formulas(rate: float, final: float, steps: int, step: int) -> None:
    """Constant; rate·factorᵏ after k times `every`; straight; half a cosine. After the end they stay."""
    part = min(step, steps) / steps
    assert nn.ConstantSchedule(rate)(step) == rate
    assert nn.StepSchedule(rate, steps, 0.5)(step) == rate * 0.5 ** (step // steps)
    assert nn.LinearSchedule(rate, final, steps)(step) == pytest.approx((1 - part) * rate + part * final, abs=1e-14)
    cosine = final + (rate - final) / 2 * (1 + math.cos(math.pi * part))
    assert nn.CosineSchedule(rate, steps, final)(step) == pytest.approx(cosine, abs=1e-14)


def test_the_linear_schedule_is_micrograds() -> None:
    """1.0 − 0.9k/100, as in its notebook, to the last digits."""
    schedule = nn.LinearSchedule(1.0, 0.1, 100)
    assert [schedule(k) for k in range(100)] == pytest.approx([1.0 - 0.9 * k / 100 for k in range(100)], rel=1e-15)


@EVERY
def test_a_schedule_counts_updates_from_zero(name: str) -> None:
    """The k-th update uses schedule(k − 1); a constant schedule is the plain number."""
    seen: list[int] = []
    optimizer = OPTIMIZERS[name](lambda step: seen.append(step) or 0.1)
    plain, constant = OPTIMIZERS[name](0.1), OPTIMIZERS[name](nn.ConstantSchedule(0.1))
    theta = np.ones(2)
    for _ in range(3):
        ours = [each.update(theta, theta) for each in (optimizer, plain, constant)]
        assert ours[0].tobytes() == ours[1].tobytes() == ours[2].tobytes()
        theta = ours[0]
    assert seen == [0, 1, 2]


# --- Clipping -------------------------------------------------------------------------------------------------

WILD = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=5).map(np.array)


@given(gradient=WILD, limit=st.floats(1e-3, 1e3))
def test_clip_norm_keeps_the_direction_and_bounds_the_length(gradient: Any, limit: float) -> None:
    """A shorter gradient stays as it is; a longer one is scaled to the limit, and its squares never overflow."""
    clipped, length = nn.ClipNorm(limit)(gradient), math.hypot(*gradient)
    assert math.hypot(*clipped) <= limit * (1 + 1e-12) or (clipped == gradient).all()
    if length < limit * (1 - 1e-12):
        assert (clipped == gradient).all()
    elif length > limit:
        assert clipped / limit == pytest.approx(gradient / length, rel=1e-12, abs=1e-300)


@given(gradient=WILD, limit=st.floats(1e-3, 1e3))
def test_clip_value_bounds_each_component_by_itself(gradient: Any, limit: float) -> None:
    """Those inside stay as they are; those outside go to the edge."""
    for before, after in zip(gradient, nn.ClipValue(limit)(gradient), strict=True):
        assert after == (before if abs(before) <= limit else math.copysign(limit, before))


@EVERY
def test_an_optimiser_uses_the_clipped_gradient(name: str) -> None:
    """Clipping before the rule is the rule on a clipped gradient."""
    theta, gradient = np.ones(2), np.array([300.0, -400.0])
    kind: Any = OPTIMIZERS[name]
    clipped = kind(0.1, clip=nn.ClipNorm(5.0)).update(theta, gradient)
    assert clipped == pytest.approx(kind(0.1).update(theta, np.array([3.0, -4.0])), rel=1e-15)


# --- What is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.SGD(-0.1), "SGD(learning_rate=-0.1): wanted a finite number of at least 0."),
        (lambda: nn.SGD(math.nan), "SGD(learning_rate=nan): wanted a finite number of at least 0."),
        (lambda: nn.Adam(math.inf), "Adam(learning_rate=inf): wanted a finite number of at least 0."),
        (lambda: nn.Momentum(0.1, 1.0), "Momentum(momentum=1.0): wanted a finite number of at least 0 and below 1."),
        (lambda: nn.Nesterov(0.1, -1), "Nesterov(momentum=-1): wanted a finite number of at least 0 and below 1."),
        (lambda: nn.AdaGrad(epsilon=0.0), "AdaGrad(epsilon=0.0): wanted a finite number above 0."),
        (lambda: nn.RMSProp(decay=1.5), "RMSProp(decay=1.5): wanted a finite number of at least 0 and below 1."),
        (lambda: nn.Adam(beta2=1), "Adam(beta2=1): wanted a finite number of at least 0 and below 1."),
        (lambda: nn.AdamW(weight_decay=-1), "AdamW(weight_decay=-1): wanted a finite number of at least 0."),
        (lambda: nn.ClipNorm(0.0), "ClipNorm(limit=0.0): wanted a finite number above 0."),
        (lambda: nn.ClipValue(-1), "ClipValue(limit=-1): wanted a finite number above 0."),
        (lambda: nn.ConstantSchedule(-1.0), "ConstantSchedule(rate=-1.0): wanted a finite number of at least 0."),
        (lambda: nn.StepSchedule(1.0, 0), "StepSchedule(every=0): wanted an integer of at least 1."),
        (lambda: nn.LinearSchedule(1.0, -1.0, 5), "LinearSchedule(final=-1.0): wanted a finite number of at least 0."),
        (lambda: nn.CosineSchedule(1.0, 0), "CosineSchedule(steps=0): wanted an integer of at least 1."),
        (lambda: nn.SGD(lambda step: -1.0).rate, "SGD(learning_rate=-1.0): wanted a finite number of at least 0."),
        (
            lambda: nn.SGD().update(np.ones(2), np.ones(3)),
            "SGD.update: parameters of shape (2,), gradient (3,).",
        ),
        (
            lambda: nn.Adam().load_state(nn.Momentum().state() | {"velocity": [1.0]}),
            "Adam.load_state: the state has steps, velocity; wanted steps, first, second.",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(make: Callable[[], Any], message: str) -> None:
    """The message names the argument, what was got and what was wanted."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_a_rate_that_is_no_number_is_refused() -> None:
    """With what it is."""
    with pytest.raises(
        TypeError, match=r"^SGD\(learning_rate='0.1'\): wanted a finite number of at least 0, not str\.$"
    ):
        nn.SGD("0.1")  # type: ignore[arg-type]


def test_an_optimiser_is_for_one_model() -> None:
    """It remembers the shape of its parameters."""
    optimizer = nn.Adam()
    optimizer.update(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="make a new one for a new model"):
        optimizer.update(np.ones(3), np.ones(3))


@EVERY
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_refused_and_forgotten(name: str, bad: float) -> None:
    """It never reaches the parameters nor the memory of the optimiser."""
    optimizer = OPTIMIZERS[name](0.1)
    optimizer.update(np.ones(2), np.ones(2))
    before = optimizer.state()
    with pytest.raises(FloatingPointError, match=rf"{name}\.update: gradient\[1\] is {bad}\."):
        optimizer.update(np.ones(2), np.array([1.0, bad]))
    assert str(optimizer.state()) == str(before)


def test_a_step_that_overflows_is_refused_and_forgotten() -> None:
    """The Values stay as they are."""
    value, optimizer = Value(1.0), nn.SGD(1e300)
    value.grad = 1e300
    with pytest.raises(FloatingPointError, match="overflow"):
        optimizer.step([value])
    assert (value.data, optimizer.steps) == (1.0, 0)


def test_an_optimiser_of_ones_own_is_a_rule() -> None:
    """The sign of the gradient, in three lines; without a rule the message says what is missing."""

    class SignDescent(nn.Optimizer):
        def rule(self, theta: Any, g: Any, rate: float, t: int, *slots: Any) -> Any:
            return (theta - rate * np.sign(g),)

    assert SignDescent(0.5).update(np.array([1.0, 1.0]), np.array([7.0, -0.1])).tolist() == [0.5, 1.5]
    with pytest.raises(NotImplementedError, match="Optimizer is an Optimizer and has to define rule"):
        nn.Optimizer(0.1).update(np.ones(1), np.ones(1))
