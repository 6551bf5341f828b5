"""The lessons from the derivative to an operation of one's own: their numbers are the documents' numbers."""

import re
from dataclasses import replace
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import OPS, GradientMismatch, Value, check_gradient, grad
from autograd.languages import LANGUAGES
from autograd.laws import check_operation
from demos import (
    backprop,
    batch,
    bowl,
    chain_rule,
    coefficients,
    derivative,
    dividing,
    greeks,
    line,
    make_your_own,
    slopes,
    spam,
    steepest,
)
from lecture import the_lectures_gradient

SEEDS = (0, 1, 2)


@pytest.mark.parametrize(
    "lesson",
    [derivative, steepest, bowl, slopes, line, coefficients, spam, chain_rule, dividing, batch, backprop, greeks],
)
def test_a_story_has_the_same_numbers_in_both_languages(lesson: ModuleType) -> None:
    """Nothing is left out in one of them; numbers of one or two digits may be words in the other."""
    japanese, english = (
        sorted(re.findall(r"\d[\d.,]+\d(?:e-?\d+)?", lesson.story(language))) for language in ("ja", "en")
    )
    assert japanese == english


@pytest.mark.parametrize("lesson", [derivative, line, coefficients, dividing, batch, backprop, make_your_own])
def test_another_seed_is_another_story(lesson: ModuleType) -> None:
    """What is drawn at random depends on the seed, and on nothing else."""
    first, second, again = (lesson.numbers(seed) for seed in (0, 1, 0))
    assert first == again
    assert first != second


# --- derivative -----------------------------------------------------------------------------------------------


@given(st.floats(-10, 10), st.floats(1e-3, 10))
def test_the_slope_of_a_secant_of_the_parabola(x: float, h: float) -> None:
    """((x + h − 1)² − (x − 1)²) / h = 2(x − 1) + h: the tangent's slope and the gap."""
    assert derivative.secant_slope(derivative.parabola, x, h) == pytest.approx(2 * (x - 1) + h, rel=1e-9, abs=1e-9)


def test_secants_go_to_the_tangent() -> None:
    """At x = 3 the slopes 6, 5, 4.5, 4.1, … go to 4, each by its own gap."""
    numbers = derivative.numbers()
    assert numbers["tangent"] == 4
    for h in derivative.GAPS:
        assert numbers[f"secant, h = {h:g}"] == pytest.approx(4 + h, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_descent_is_that_of_the_slides(seed: int) -> None:
    """Document 002's own loop, with its g_x = 2x − 2 and 0.1 and 100, ends at the same x, which is 1."""
    x = derivative.random_start(seed)
    for _ in range(100):
        g_x = 2 * x - 2
        x = x - 0.1 * g_x
    ours = derivative.numbers(seed)["(x − 1)², η = 0.1"]
    assert ours == pytest.approx(x, rel=1e-15)
    assert ours == pytest.approx(1, abs=1e-8)


@given(st.floats(-5, 5), st.sampled_from(derivative.RATES), st.integers(0, 60))
def test_each_step_multiplies_the_distance_by_one_minus_two_eta(start: float, rate: float, steps: int) -> None:
    """So η = 0.001 crawls, 0.1 arrives, 0.95 arrives from both sides and 1.1 runs away."""
    reached = derivative.descend(derivative.parabola, start, rate, steps)
    expected = [1 + (start - 1) * (1 - 2 * rate) ** k for k in range(steps + 1)]
    assert reached == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_quartic_has_its_minimum_at_three_halves() -> None:
    """x⁴ − 2x³ + 1 of document 001: −11/16 at 3/2."""
    numbers = derivative.numbers()
    assert numbers["x⁴ − 2x³ + 1 from 2"] == pytest.approx(3 / 2, abs=1e-12)
    assert numbers["lowest"] == pytest.approx(-11 / 16, abs=1e-12)


def test_the_descent_stalls_at_zero() -> None:
    """Where the slope is 0 nothing moves; from the left 0 is neared without end, x ≈ −1/(6ηk), and never passed."""
    assert derivative.descend(derivative.quartic, 0.0, 0.1, 50) == [0.0] * 51
    way = derivative.descend(derivative.quartic, -0.5, 0.1, 5000)
    assert way == sorted(way)
    assert way[-1] == pytest.approx(-1 / (6 * 0.1 * 5000), rel=0.01)


# --- bowl -----------------------------------------------------------------------------------------------------


def documents_gradient_descent() -> Any:
    """The program of document 003, line by line: its way, and where it ends."""

    def f(x: Any) -> Any:
        return x[0] ** 2 + x[1] ** 2

    way = [np.array([-3.0, 4.0])]
    for _ in range(100):
        way.append(way[-1] - 0.10 * the_lectures_gradient(f, way[-1].copy()))
    return np.array(way)


def test_the_bowl_ends_where_the_article_ends() -> None:
    """All digits that it prints, from both gradients; and its program, run here, prints them."""
    printed = "[-6.11110793e-10  8.14814391e-10]"
    assert str(documents_gradient_descent()[-1]) == printed
    numbers = bowl.numbers()
    for kind in ("numerical", "exact"):
        assert str(np.array([numbers[f"{kind} x"], numbers[f"{kind} y"]])) == printed
    for language in LANGUAGES:
        assert bowl.story(language).count(printed) == 3


def test_the_bowls_way_is_the_articles() -> None:
    """Every step of it."""
    ours = bowl.gradient_descent(bowl.by_differences, bowl.START, bowl.RATE, bowl.STEPS)
    np.testing.assert_allclose(ours, documents_gradient_descent(), rtol=1e-10)


def test_numerical_and_exact_gradients_stand_side_by_side() -> None:
    """They agree to ten digits all the way down."""
    for x in bowl.gradient_descent(bowl.by_backward, bowl.START, bowl.RATE, bowl.STEPS):
        assert list(bowl.by_backward(x)) == [2 * x[0], 2 * x[1]]
        assert bowl.by_differences(x) == pytest.approx([2 * x[0], 2 * x[1]], rel=1e-10)


# --- steepest -------------------------------------------------------------------------------------------------


@given(st.floats(0.5, 5), st.floats(0, 360))
def test_against_the_gradient_is_steepest(radius: float, degrees: float) -> None:
    """From any point of the bowl: of 360 directions the steepest is the one nearest to −∇f, straight to the middle."""
    angle = np.radians(degrees)
    found = steepest.steepest_way_down([radius * np.cos(angle), radius * np.sin(angle)])
    assert abs((found - degrees - 180 + 180) % 360 - 180) <= 0.51


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-180, 180))
def test_no_direction_is_steeper_than_the_gradient(x: float, y: float, angle: float) -> None:
    """From values of f alone the slope is ‖∇f‖ cos θ, and so between −‖∇f‖ and ‖∇f‖."""
    norm = np.hypot(2 * x, 2 * y)
    found = steepest.slope([x, y], steepest.direction_of_gradient([x, y]) + angle)
    assert found == pytest.approx(norm * np.cos(np.radians(angle)), abs=1e-9)
    assert abs(found) <= norm + 1e-9


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-0.5, 0.5))
def test_along_the_gradient_f_changes_by_k_times_its_square_and_a_rest_of_second_order(
    x: float, y: float, k: float
) -> None:
    """k‖∇f‖² + R; of the bowl R is k²‖∇f‖² to all digits."""
    square = 4 * (x * x + y * y)
    taylor, actual = steepest.along_gradient([x, y], k)
    assert taylor == pytest.approx(k * square, abs=1e-12)
    assert actual - taylor == pytest.approx(k * k * square, abs=1e-9)


def test_the_steepest_lesson_has_the_documents_point() -> None:
    """∇f(−3, 4) = (−6, 8), of length 10: 0.1∇f up is 10 and a rest of 1, and at 60° half as steep."""
    numbers = steepest.numbers()
    assert numbers["‖∇f‖"] == 10
    assert numbers["change by 0.1∇f"] == pytest.approx(11)
    assert numbers["change by -0.1∇f"] == pytest.approx(-9)
    assert numbers["slope at 60° to ∇f"] == pytest.approx(5)
    assert numbers["direction of −∇f"] == pytest.approx(306.87, abs=0.01)
    assert numbers["steepest of 360 directions"] == 307
    for language in LANGUAGES:
        assert "R = 0.0001" in steepest.story(language)


# --- slopes ---------------------------------------------------------------------------------------------------


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_rows_of_the_derivation_add_up_to_the_engines_gradient(w0: float, w1: float) -> None:
    """Σ (f(xᵢ) − yᵢ) xᵢⱼ; and each row is what the engine says of its datum alone."""
    by_hand = slopes.by_hand((w0, w1))
    assert by_hand == pytest.approx(slopes.by_engine((w0, w1)), rel=1e-12, abs=1e-12)
    for i, row in enumerate(slopes.rows((w0, w1))):
        alone = grad(lambda w, i=i: line.loss(w, [i]))((w0, w1))
        assert (row.to_w0, row.to_w1) == pytest.approx(alone, rel=1e-12, abs=1e-12)


@given(st.floats(-3, 6), st.sampled_from([0, 1]))
def test_a_tangent_of_a_slice_has_the_slope_of_its_difference_quotients(w: float, j: int) -> None:
    """The other parameter stays as it is; at the bottom of the slice the slope is 0."""
    h = 0.01  # exact for a parabola
    ahead, back = (line.loss(slopes.along(j, w + d)) for d in (h, -h))
    assert slopes.partial(j, w) == pytest.approx((ahead - back) / (2 * h), rel=1e-9, abs=1e-8)
    assert slopes.partial(j, slopes.lowest(j)) == pytest.approx(0, abs=1e-12)
    assert slopes.along(j, w)[1 - j] == slopes.HERE[1 - j]


def test_the_update_goes_against_the_gradient_and_lowers_the_error() -> None:
    """w − α∇L, as the last formula of document 000 has it."""
    numbers = slopes.numbers()
    gradient = numbers["∂L/∂w₀ by hand"], numbers["∂L/∂w₁ by hand"]
    assert gradient == pytest.approx((-10.4, -30.9))
    assert slopes.update(slopes.HERE) == pytest.approx([1 + 0.015 * 10.4, 0.5 + 0.015 * 30.9])
    assert numbers["loss after a step"] < 0.1 * numbers["loss"]


def test_the_graph_of_two_data_has_the_gradient_of_their_rows() -> None:
    """f₂ and f₄ have ∂L/∂f = f(x) − y, and w₀ and w₁ the sums of two rows."""
    L, nodes = slopes.graph("en"), {}
    waiting = [L]
    while waiting:
        node = waiting.pop()
        nodes[node.label] = node
        waiting += node.inputs
    rows = [slopes.rows()[i] for i in slopes.FEW]
    assert [nodes["f_2"].grad, nodes["f_4"].grad] == pytest.approx([row.off for row in rows])
    assert nodes["w₀"].grad == pytest.approx(sum(row.to_w0 for row in rows))
    assert nodes["w₁"].grad == pytest.approx(sum(row.to_w1 for row in rows))


# --- line -----------------------------------------------------------------------------------------------------


def test_the_points_have_the_slides_line() -> None:
    """a = 0.780000 and b = 2.033333, as document 002 prints them."""
    w0, w1 = line.least_squares()
    assert (f"{w1:.6f}", f"{w0:.6f}") == ("0.780000", "2.033333")


def test_the_slides_other_result_lies_on_the_floor_of_the_valley() -> None:
    """w = 0.805403, b = 1.943190 is off in the direction in which the error bends least, as far as its digits tell."""
    numbers = line.numbers()
    assert numbers["lecture's Δw₀/Δw₁"] == pytest.approx(numbers["valley Δw₀/Δw₁"], abs=1e-4)
    assert numbers["least loss"] < numbers["lecture's loss"] < numbers["least loss"] + 0.01


def test_the_grid_tries_every_cell() -> None:
    """10,000 cells × 6 points × 2 parameters, and no cell is better than what it finds."""
    found = line.grid_search(100)
    assert found.work == 100 * 100 * 6 * 2
    axis = np.linspace(0, 3, 100).tolist()
    losses = {(w0, w1): line.loss((w0, w1)) for w0 in axis for w1 in axis}
    assert min(losses.values()) == pytest.approx(found.loss, rel=1e-12)
    assert losses[found.w] == pytest.approx(found.loss, rel=1e-12)


def test_descent_reaches_the_grids_error_for_a_seventieth_of_its_work() -> None:
    """72 steps forward and backward against 10,000 cells; and a finer grid costs 100 times more, descent not twice."""
    numbers = line.numbers()
    assert numbers["descent loss"] <= numbers["grid loss"]
    assert (numbers["grid work"], numbers["descent work"]) == (120_000, 2 * 72 * 6 * 2)
    finer = line.grid_search(1000)
    assert finer.work == 100 * numbers["grid work"]
    assert line.descend_to(finer.loss).work < 2 * numbers["descent work"]
    for language in LANGUAGES:
        assert "10,000 × 6 × 2 = 120,000" in line.story(language)
        assert "2 × 72 × 6 × 2 = 1,728" in line.story(language)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_gradient_of_the_error_is_document_000s(w0: float, w1: float) -> None:
    """(Σ (f(xᵢ) − yᵢ), Σ (f(xᵢ) − yᵢ) xᵢ)."""
    off = [line.f((w0, w1), x) - y for x, y in zip(line.X, line.Y, strict=True)]
    expected = [sum(off), sum(each * x for each, x in zip(off, line.X, strict=True))]
    assert grad(line.loss)([w0, w1]) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_the_gradient_of_the_mean_is_document_002s(w: float, b: float) -> None:
    """∂E/∂w = 2/n Σ xᵢ (f(xᵢ) − yᵢ) and ∂E/∂b = 2/n Σ (f(xᵢ) − yᵢ), of E = 1/n Σ (f(xᵢ) − yᵢ)²."""
    x, y, n = np.array(line.X), np.array(line.Y), len(line.X)
    off = w * x + b - y
    slopes = grad(lambda p: 2 * line.loss(p) / n)([b, w])
    assert slopes == pytest.approx([2 / n * off.sum(), 2 / n * (x * off).sum()], rel=1e-9, abs=1e-9)


@settings(max_examples=5)
@given(st.integers(0, 10**6))
def test_from_any_normal_start_the_line_is_found(seed: int) -> None:
    """Document 002's third exercise: w and b of a standard normal distribution, and all data at a time."""
    start = np.random.default_rng(seed).standard_normal(2).tolist()
    w0, w1 = line.descend(len(line.X), 600, start=start)[-1]
    assert (w0, w1) == pytest.approx(line.least_squares(), abs=1e-4)


@pytest.mark.parametrize("batch", line.RATES)
def test_the_lessons_loop_is_that_of_fit(batch: int) -> None:
    """Batch, mini-batch and single samples end where `nn.fit` ends, which takes the mean over the batch."""
    model = nn.Neuron(1, "identity", initialization="zeros")
    optimizer = nn.SGD(line.RATES[batch] * batch)
    X, settings = [[x] for x in line.X], {"epochs": 20, "batch_size": batch, "seed": 3, "progress": False}
    nn.fit(model, "half_squared_error", X, line.Y, optimizer=optimizer, **settings)
    assert model.b is not None
    assert line.descend(batch, 20, seed=3)[-1] == pytest.approx([model.b.data, model.w[0].data], rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_settles_and_single_samples_dance(seed: int) -> None:
    """After 30 epochs the single samples are ahead, for α is twice as large; after 300 only the batch has arrived."""
    numbers = line.numbers(seed)
    least = numbers["least loss"]
    early, late = ({b: numbers[f"loss after {e} epochs, {b} at a time"] for b in (6, 1)} for e in line.EPOCHS)
    assert early[1] < early[6]
    assert late[6] == pytest.approx(least, rel=1e-6)
    assert late[1] > 1.02 * least


# --- coefficients ---------------------------------------------------------------------------------------------


def test_one_coefficient_at_a_time_gives_the_documents_losses() -> None:
    """0.30 → 0.5, 0.35 → 0.6, 0.25 → 0.4; and a round of it moves the coefficient to 0.25."""
    numbers = coefficients.numbers()
    losses = [numbers[f"loss at {w}"] for w in ("0.30", "0.35", "0.25")]
    assert losses == pytest.approx([0.5, 0.6, 0.4], abs=1e-12)
    moved = coefficients.one_at_a_time(coefficients.Counted(coefficients.small_loss), [0.30, 0.10, 0.05])
    assert moved == pytest.approx([0.25, 0.05, 0.00], abs=1e-12)


def test_both_ways_find_the_same_slopes() -> None:
    """2 for the document's coefficient; 6 forward passes one at a time, 1 by backpropagation."""
    numbers = coefficients.numbers()
    for i, slope in ((1, 2.0), (2, 1.0), (3, 1.0)):
        assert numbers[f"slope {i} by backward"] == pytest.approx(slope, abs=1e-12)
        assert numbers[f"slope {i} by trying"] == pytest.approx(slope, abs=1e-9)
    assert (numbers["forward passes by trying"], numbers["forward passes by backward"]) == (6, 1)


@pytest.mark.parametrize("width", [1, 4, 16])
def test_trying_takes_two_forward_passes_for_each_coefficient(width: int) -> None:
    """2n of them, and a backward pass gives the same slopes as far as difference quotients tell."""
    network = coefficients.Network(width, seed=0)
    n, passes, _ = coefficients.passes_needed(width, seed=0)
    assert (n, passes) == (4 * width + 1, 2 * n)
    by_trying = coefficients.slopes_one_at_a_time(coefficients.Counted(network.loss), network.start)
    assert network.slopes(network.start)[1] == pytest.approx(by_trying, abs=2e-3)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_for_the_same_work_descent_is_lower(seed: int) -> None:
    """A tenth of the loss that trying reaches, or less, within the same number of passes."""
    trying, descending = coefficients.race(seed)
    assert trying[0][1] == pytest.approx(descending[0][1])
    assert max(trying[-1][0], descending[-1][0]) <= coefficients.BUDGET
    assert descending[-1][1] < 0.1 * trying[-1][1]


# --- spam -----------------------------------------------------------------------------------------------------

HALF = 0.5
TABLE = [  # document 001, p. 20-25: wᵀv, whether it is a mistake, w afterwards
    (0, True, (HALF, HALF, 0, HALF, HALF)),
    (HALF, True, (HALF, HALF, -HALF, 0, HALF)),
    (0, True, (HALF, 1, 0, 0, HALF)),
    (HALF, True, (0, 1, 0, -HALF, HALF)),
    (HALF, False, (0, 1, 0, -HALF, HALF)),
    (-HALF, False, (0, 1, 0, -HALF, HALF)),
]


def test_every_step_is_the_slides() -> None:
    """Six mails: score, verdict, and weights; then a second pass that changes nothing."""
    steps = spam.learn(passes=2)
    assert [tuple(step[1:]) for step in steps[:6]] == TABLE
    assert [(step.mistaken, step.w) for step in steps[6:]] == [(False, (0, 1, 0, -HALF, HALF))] * 6


def test_the_perceptrons_numbers() -> None:
    """Four mistakes, then none; final w = (0, 1, 0, −½, ½)."""
    numbers = spam.numbers()
    assert (numbers["mistakes, first pass"], numbers["mistakes, second pass"]) == (4, 0)
    assert [numbers[f"w({word})"] for word in spam.WORDS] == [0, 1, 0, -HALF, HALF]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_story_writes_the_weights_as_the_slides_do(language: str) -> None:
    """½ and −½, not 0.5."""
    told = spam.story(language)
    for w in ("(½, ½, 0, ½, ½)", "(½, ½, −½, 0, ½)", "(½, 1, 0, 0, ½)", "(0, 1, 0, −½, ½)"):
        assert w in told
    assert "0.5" not in told


# --- backprop -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_by_hand_equals_the_engine(seed: int) -> None:
    """Every gradient of the layers, to 1e-12."""
    numbers = backprop.numbers(seed)
    assert numbers["layers: difference"] < 1e-12
    assert min(numbers.values()) > -1e-12
    assert numbers["layers: size of ∂L/∂W⁽³⁾"] > numbers["layers: difference"]


def test_the_formulas_of_the_layers_are_the_derivative() -> None:
    """Of the loss at every weight, by difference quotients of the forward formulas alone."""
    rng = np.random.default_rng(7)
    weights, x, y = [rng.standard_normal((3, 3)), rng.standard_normal((2, 4))], np.array([0.3, -0.8]), np.array([1, 0])

    def loss(flat: Any) -> float:
        parts = [flat[:9].reshape(3, 3), flat[9:].reshape(2, 4)]
        return float(np.sum((y - backprop.forward(parts, x)[1][-1][1:]) ** 2) / 2)

    gradients = backprop.backward(weights, *backprop.forward(weights, x), y)
    at = np.concatenate([w.ravel() for w in weights])
    slopes = [(loss(at + h) - loss(at - h)) / 2e-5 for h in 1e-5 * np.eye(at.size)]
    assert np.concatenate([g.ravel() for g in gradients]) == pytest.approx(slopes, abs=1e-9)


# --- greeks ---------------------------------------------------------------------------------------------------


def test_the_closed_forms_hold_the_engine() -> None:
    """At 200 random markets, each greek to 1e-12 of itself (of 1e-3 where it is smaller)."""
    assert greeks.numbers()["largest relative difference"] < 1e-12


def price_in_mpmath(S: Any, K: Any, r: Any, sigma: Any, T: Any) -> Any:
    """Black and Scholes once more, at mpmath's precision."""
    d1 = (mpmath.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * mpmath.sqrt(T))
    d2 = d1 - sigma * mpmath.sqrt(T)
    return S * mpmath.ncdf(d1) - K * mpmath.exp(-r * T) * mpmath.ncdf(d2)


ORDERS = {  # of the derivative with respect to S, K, r, σ and T, and its sign
    "price": ((0, 0, 0, 0, 0), 1),
    "delta": ((1, 0, 0, 0, 0), 1),
    "vega": ((0, 0, 0, 1, 0), 1),
    "theta": ((0, 0, 0, 0, 1), -1),
    "rho": ((0, 0, 1, 0, 0), 1),
    "dual delta": ((0, 1, 0, 0, 0), 1),
    "gamma": ((2, 0, 0, 0, 0), 1),
    "vanna": ((1, 0, 0, 1, 0), 1),
    "volga": ((0, 0, 0, 2, 0), 1),
    "charm": ((1, 0, 0, 0, 1), -1),
    "veta": ((0, 0, 0, 1, 1), -1),
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("market", [greeks.Market(), greeks.Market(80.0, 120.0, 0.05, 0.4, 1.5)], ids=["near", "far"])
def test_each_greek_is_the_derivative_that_it_names(name: str, market: greeks.Market) -> None:
    """Both ways to it, against mpmath's derivative of the price at 40 digits."""
    orders, sign = ORDERS[name]
    with mpmath.workdps(40):
        exact = float(sign * mpmath.diff(price_in_mpmath, tuple(map(mpmath.mpf, market)), orders))
    assert greeks.greeks(market)[name] == pytest.approx(exact, rel=1e-12)
    assert greeks.closed_forms(market)[name] == pytest.approx(exact, rel=1e-12)


def test_put_call_parity() -> None:
    """C − P = S − K e^(−rT), where the put is the call with all signs turned: so does the price hold in the tails."""
    for S in (40.0, 100.0, 250.0):
        m = greeks.Market(S=S)
        put = price_in_mpmath(*m) - m.S + m.K * mpmath.exp(-m.r * m.T)
        assert greeks.call(m) - float(put) == pytest.approx(m.S - m.K * np.exp(-m.r * m.T), rel=1e-12, abs=1e-11)


# --- make_your_own --------------------------------------------------------------------------------------------


def test_the_recipe_is_a_program_of_thirty_lines() -> None:
    """As printed, pasted somewhere else: it defines, draws, checks and trains."""
    assert make_your_own.numbers()["lines"] <= 30
    pasted: dict[str, Any] = {}
    exec(make_your_own.recipe(), pasted)
    assert "snake" in pasted["see"]().dot
    assert pasted["check"]().ok
    assert len(pasted["train"](pasted["SNAKE"], 0).parameters()) == 25
    for language in LANGUAGES:
        assert "backward=lambda g, y, x: (g * (1 + sin(2 * x)),)" in make_your_own.story(language, "graph.svg")


def test_snake_keeps_every_law_and_the_slip_is_caught() -> None:
    """The library's own laws of operations hold it; 1 + cos 2x is called wrong, and by name."""
    check_operation(replace(make_your_own.SNAKE, absolute=1e-15), max_examples=25)  # 1 + sin 2x crosses zero
    assert check_gradient(make_your_own.SNAKE, 0.7).ok
    with pytest.raises(GradientMismatch, match=r"first wrong operation: snake"):
        check_gradient(make_your_own.MISTAKE, 0.7)
    assert "wrong" in make_your_own.complaint()


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_what_repeats_itself_is_learnt_by_what_repeats_itself(seed: int) -> None:
    """Beyond the data, the network of snake errs less than a fifth as much as that of tanh."""
    numbers = make_your_own.numbers(seed)
    assert numbers["error beyond, snake"] < 0.2 * numbers["error beyond, tanh"]


def test_the_lesson_leaves_the_table_of_operations_as_it_was() -> None:
    """Its operation is its own, so that listing the lessons changes nothing."""
    make_your_own.SNAKE(Value(1.0))
    assert "snake" not in OPS
