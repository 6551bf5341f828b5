"""Laws of losses: every one with every activation against 50 digits, stability, and which targets make sense."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mpmath import mpf

import nn
from autograd import OPS, Family, Op, Value
from share import share

mp: Any = mpmath.mp  # its functions are added at run time, where no type checker sees them

# --- The oracle: the textbook's formulas, one output, at 50 digits ---------------------------------------------


def log_sum_exp(z: Sequence[Any]) -> Any:
    return mp.log(mp.fsum(map(mp.exp, z)))


TRUTH: dict[str, Callable[[Any, Any], Any]] = {
    "squared_error": lambda z, t: (z - t) ** 2,
    "half_squared_error": lambda z, t: (z - t) ** 2 / 2,
    "absolute_error": lambda z, t: abs(z - t),
    "huber_loss": lambda z, t: (z - t) ** 2 / 2 if abs(z - t) <= 1 else abs(z - t) - mpf(1) / 2,
    "hinge_loss": lambda z, t: max(mpf(0), 1 - t * z),
    "perceptron_loss": lambda z, t: max(mpf(0), -t * z),
    "binary_cross_entropy": lambda z, t: t * mp.log1p(mp.exp(-z)) + (1 - t) * mp.log1p(mp.exp(z)),
}
KINKS: dict[str, Callable[[Any, Any], list[Any]]] = {  # the distances from the kinks, where no oracle can speak
    "absolute_error": lambda z, t: [z - t],
    "huber_loss": lambda z, t: [abs(z - t) - 1],
    "hinge_loss": lambda z, t: [1 - t * z],
    "perceptron_loss": lambda z, t: [z],
}
TARGETS = {
    "hinge_loss": st.sampled_from([-1, 1]),
    "perceptron_loss": st.sampled_from([-1, 1]),
    "binary_cross_entropy": st.sampled_from([0, 1, 0.25]),
}
NUMBER = st.floats(-3, 3)
ACTIVATIONS = [
    *("step", "identity", "sigmoid", "tanh", "relu", "leaky_relu(0.01)", "elu(1.0)", "gelu", "silu", "softplus"),
    *("softmax", "log_softmax", "selu", "softsign", "log_sigmoid", "sin"),
]
EVERY_LOSS = pytest.mark.parametrize("name", sorted(nn.LOSSES))


def activated(name: str, z: list[Any]) -> list[Any]:
    """The activation of three weighted sums at the precision of the moment, from the operation's own oracle."""
    if name in ("softmax", "log_softmax"):
        logs = [each - log_sum_exp(z) for each in z]
        return logs if name == "log_softmax" else list(map(mp.exp, logs))
    op = OPS.get(name) or OPS[name.split("(")[0]]
    op = op(*map(float, name[:-1].split("(")[1].split(","))) if isinstance(op, Family) else op
    assert isinstance(op, Op)
    truth = op.truth
    return [truth(mp, each) if truth else getattr(mp, op.name)(each) for each in z]


def true_loss(name: str, y: list[Any], target: Any) -> Any:
    if name == "softmax_cross_entropy":
        return log_sum_exp(y) - y[target]
    return mp.fsum(TRUTH[name](z, mpf(t)) for z, t in zip(y, target, strict=True))


def distance_from_kinks(name: str, activation: str, z: list[Any], y: list[Any], target: Any) -> float:
    found = [1.0, *(z if activation in ("step", "relu", "selu") or "(" in activation else [])]
    if name in KINKS:
        found += [each for output, t in zip(y, target, strict=True) for each in KINKS[name](output, t)]
    return min(abs(float(each)) for each in found)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@EVERY_LOSS
@settings(max_examples=share(15))
@given(data=st.data())
def test_every_loss_of_every_activation_has_the_gradient_of_the_oracle(
    name: str, activation: str, data: st.DataObject
) -> None:
    """Along a random direction of all weights, biases and inputs: the derivative at 50 digits.

    Tolerance 1e-12: a dozen operations of 4 units in the last place each (1e-15), times the condition of the weighted
    sums, whose terms are up to ten times as large as what remains of them.
    """
    numbers = data.draw(st.lists(NUMBER, min_size=11, max_size=11))
    direction = data.draw(st.lists(st.integers(-3, 3), min_size=11, max_size=11))
    a_class = name == "softmax_cross_entropy"
    target = data.draw(st.integers(0, 2) if a_class else st.tuples(*[TARGETS.get(name, NUMBER)] * 3))

    def sums(theta: Sequence[Any]) -> list[Any]:
        w, x = theta[:9], theta[9:]
        return [w[3 * i] * x[0] + w[3 * i + 1] * x[1] + w[3 * i + 2] for i in range(3)]

    with mp.workdps(50):
        z = sums(list(map(mpf, numbers)))
        assume(distance_from_kinks(name, activation, z, activated(activation, z), target) > 1e-6)

        def along(h: Any) -> Any:
            moved = [mpf(number) + h * d for number, d in zip(numbers, direction, strict=True)]
            return true_loss(name, activated(activation, sums(moved)), target)

        true, true_slope = along(mpf(0)), mp.diff(along, 0)

    layer, inputs = nn.Layer(2, 3, activation), [Value(number) for number in numbers[9:]]
    for parameter, number in zip(layer.parameters(), numbers, strict=False):
        parameter.data = number
    loss = nn.LOSSES[name](layer(inputs), target)
    loss.backward()
    parts = [leaf.grad * d for leaf, d in zip([*layer.parameters(), *inputs], direction, strict=True)]
    assert abs(loss.data - true) <= 1e-12 * (1 + abs(true))
    assert abs(math.fsum(parts) - true_slope) <= 1e-12 * (1 + math.fsum(map(abs, parts)))


# --- Large logits ---------------------------------------------------------------------------------------------

LARGE = st.sampled_from([-1000.0, -745.0, -40.0, 0.0, 40.0, 709.0, 1000.0])


@EVERY_LOSS
@given(data=st.data())
def test_large_logits_give_finite_losses_and_gradients(name: str, data: st.DataObject) -> None:
    """At ±1000, where exp overflows, every loss has a finite value and a finite gradient."""
    a_class = name == "softmax_cross_entropy"
    logits = [Value(data.draw(LARGE)) for _ in range(3)]
    target = data.draw(st.integers(0, 2) if a_class else st.tuples(*[TARGETS.get(name, NUMBER)] * 3))
    loss = nn.LOSSES[name](logits, target)
    loss.backward()
    assert all(map(math.isfinite, [loss.data, *(z.grad for z in logits)]))
    assert loss.data >= 0


@given(z=st.floats(-700, 700), y=st.sampled_from([0, 1]))
@example(z=40.0, y=1)  # σ(40) - 1 is 0 in floats, and the gradient is not
def test_binary_cross_entropy_is_accurate_to_the_last_digits_in_its_tails(z: float, y: int) -> None:
    """Value and derivative keep a relative error of 8 units in the last place however sure the model is."""
    logit = Value(z)
    loss = nn.binary_cross_entropy(logit, y)
    loss.backward()
    sign = 1 - 2 * y
    with mp.workdps(400):
        assert abs(loss.data / mp.log1p(mp.exp(sign * mpf(z))) - 1) < 8 * 2**-52
        assert abs(logit.grad / (sign / (1 + mp.exp(-sign * mpf(z)))) - 1) < 8 * 2**-52


@given(z=st.lists(st.floats(-300, 300), min_size=2, max_size=5), k=st.integers(0, 1))
@example(z=[40.0, 0.0], k=0)
def test_softmax_cross_entropy_is_accurate_in_its_tails(z: list[float], k: int) -> None:
    """So does the one with softmax; 600 roundings' worth for the differences of logits in an exponent."""
    logits = [Value(each) for each in z]
    loss = nn.softmax_cross_entropy(logits, k)
    loss.backward()
    with mp.workdps(600):
        rest = mp.fsum(mp.exp(mpf(each) - mpf(z[k])) for j, each in enumerate(z) if j != k)
        assert abs(loss.data / mp.log1p(rest) - 1) < 1e-12
        assert abs(logits[k].grad / (-rest / (1 + rest)) - 1) < 1e-12


# --- Relations ------------------------------------------------------------------------------------------------


@given(z=st.floats(-50, 50), y=st.integers(0, 1))
def test_two_classes_by_softmax_are_one_logit_by_sigmoid(z: float, y: int) -> None:
    """softmax over (0, z) is the sigmoid of z."""
    assert nn.softmax_cross_entropy([0.0, z], y) == pytest.approx(nn.binary_cross_entropy(z, y), rel=1e-13)


@given(z=st.lists(NUMBER, min_size=3, max_size=3), k=st.integers(0, 2))
def test_a_class_is_the_probability_one_for_it(z: list[float], k: int) -> None:
    """A class and its one-hot row give the same loss and the same gradient (absolutely: the row form cancels)."""
    results = []
    for target in (k, [float(j == k) for j in range(3)]):
        logits = [Value(each) for each in z]
        loss = nn.softmax_cross_entropy(logits, target)
        loss.backward()
        results.append([loss.data, *(logit.grad for logit in logits)])
    assert results[0] == pytest.approx(results[1], abs=1e-14)


@EVERY_LOSS
@given(data=st.data())
def test_numbers_give_the_number_that_values_record(name: str, data: st.DataObject) -> None:
    """A loss of plain numbers is a plain number, the same."""
    a_class = name == "softmax_cross_entropy"
    z = data.draw(st.lists(NUMBER, min_size=3, max_size=3))
    target = data.draw(st.integers(0, 2) if a_class else st.tuples(*[TARGETS.get(name, NUMBER)] * 3))
    assert nn.LOSSES[name](z, target) == nn.LOSSES[name](list(map(Value, z)), target).data


@given(z=NUMBER, t=NUMBER, delta=st.floats(0.1, 5))
def test_huber_is_half_squared_inside_delta_and_straight_outside(z: float, t: float, delta: float) -> None:
    """½r² up to delta, delta·(|r| − ½delta) beyond it; smooth where they meet."""
    r = abs(z - t)
    wanted = r * r / 2 if r <= delta else delta * (r - delta / 2)
    assert nn.huber_loss(z, t, delta=delta) == pytest.approx(wanted, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(("r", "slope"), [(0.5, 0.5), (1.0, 1.0), (2.0, 1.0), (-1.0, -1.0), (-3.0, -1.0), (0.0, 0.0)])
def test_huber_has_the_slope_of_its_residual_cut_at_delta(r: float, slope: float) -> None:
    """Also exactly where the two pieces meet."""
    z = Value(r)
    nn.huber_loss(z, 0.0).backward()
    assert z.grad == slope


@pytest.mark.parametrize(
    ("name", "z", "t"), [("absolute_error", 2.0, 2.0), ("hinge_loss", 1.0, 1), ("perceptron_loss", 0.0, 1)]
)
def test_at_a_kink_the_slope_is_the_smallest_subgradient(name: str, z: float, t: float) -> None:
    """Which is 0 for these."""
    prediction = Value(z)
    nn.LOSSES[name](prediction, t).backward()
    assert prediction.grad == 0


# --- Targets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "prediction", "target", "message"),
    [
        ("hinge_loss", 0.5, 0, "hinge_loss: got the target 0; wanted -1 or 1."),
        ("perceptron_loss", 0.5, 2, "perceptron_loss: got the target 2; wanted -1 or 1."),
        (
            "binary_cross_entropy",
            0.5,
            -1,
            "binary_cross_entropy: got the target -1; wanted 0 or 1 (or a probability between).",
        ),
        ("squared_error", 0.5, math.nan, "squared_error: got the target nan; wanted a number."),
        ("squared_error", [1.0, 2.0], 1.0, "squared_error: the model gave 2 outputs for 1 target."),
        (
            "softmax_cross_entropy",
            [1.0, 2.0],
            2,
            "softmax_cross_entropy: got the target 2 for 2 classes; wanted an integer from 0 to 1.",
        ),
        (
            "softmax_cross_entropy",
            [1.0, 2.0],
            0.5,
            "softmax_cross_entropy: got the target 0.5 for 2 classes; wanted an integer from 0 to 1.",
        ),
        (
            "softmax_cross_entropy",
            1.0,
            0,
            "softmax_cross_entropy: got the target 0 for 1 class; for one output use binary_cross_entropy.",
        ),
        (
            "softmax_cross_entropy",
            [1.0, 2.0],
            [0.5, 0.6],
            "softmax_cross_entropy: got the target [0.5, 0.6] for 2 classes; wanted probabilities of 0 or more that "
            "add up to 1.",
        ),
        (
            "softmax_cross_entropy",
            [1.0, 2.0],
            [1.0],
            "softmax_cross_entropy: got the target [1.0] for 2 classes; wanted one probability for each.",
        ),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(name: str, prediction: Any, target: Any, message: str) -> None:
    """The message says what was got and what was wanted."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        nn.LOSSES[name](prediction, target)


def test_a_target_may_be_a_value() -> None:
    """A loss can be differentiated by its target; what is not a plain number is not checked."""
    z, t = Value(2.0), Value(0.5)
    nn.squared_error(z, t).backward()
    assert (z.grad, t.grad) == (3.0, -3.0)
