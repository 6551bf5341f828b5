"""Lessons that show what documents 001 and 004 only draw or state: chain, activations, network and their kin."""

import re
from types import ModuleType

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import grad, numerical_gradient
from autograd.languages import LANGUAGES
from demos import activations, backprop, chain, features, matrices, network, saddle, spam

LESSONS = [chain, activations, network, matrices, features, saddle]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_story_has_the_same_numbers_in_both_languages(lesson: ModuleType) -> None:
    """Nothing is left out in one of them."""
    japanese, english = (sorted(re.findall(r"\d[\d.,]*\d", lesson.story(language))) for language in LANGUAGES)
    assert japanese == english


# --- chain ----------------------------------------------------------------------------------------------------


def test_the_factors_on_the_arrows_multiply_to_the_gradient() -> None:
    """−1 × 2 × 6 = −12 for w₃, and so for each weight: read off the picture, and each from its function alone."""
    graph = chain.chain()
    assert chain.factors() == [-1, 2, 6]
    assert graph.w3.grad == np.prod(chain.factors()) == -12
    assert [graph.w1.grad, graph.w2.grad] == [1, -9]
    drawn = chain.draw_chain("en").dot.replace("\xa0", " ")
    for factor in ("∂f/∂b = −1", "∂b/∂c = 2", "∂c/∂w₃ = 6", "∂b/∂w₂ = 9", "∂f/∂w₃ = −12"):
        assert factor in drawn


def test_the_slope_foretells_a_small_change() -> None:
    """Document 004: f(x + ε) = y + a·ε; what is left is of the second order, −½·4·ε²."""
    moved, foretold = chain.approximation()
    assert moved - foretold == pytest.approx(-2 * chain.EPSILON**2, rel=1e-6)


def test_of_vectors_the_jacobians_multiply_to_the_gradient() -> None:
    """(1, −1, 2) W₂ diag(6, 2) = (−6, 2), whichever is multiplied first, and it is less work from the output."""
    first, second, third = chain.jacobians()
    assert [each.shape for each in (first, second, third)] == [(1, 3), (3, 2), (2, 2)]
    assert (first @ second @ third).ravel().tolist() == chain.gradient() == [-6, 2]
    assert (first @ (second @ third)).ravel().tolist() == chain.gradient()
    numbers = chain.numbers()
    assert (numbers["from the output"], numbers["from the input"]) == (10, 18)


def test_the_code_in_the_story_is_the_code() -> None:
    """Pasted somewhere else it gives the same f."""
    pasted: dict = {}
    exec(chain.code().replace("  def", "def"), pasted)
    assert pasted["f"](*chain.WEIGHTS) == chain.chain().f.data == 2
    assert chain.code() in chain.story("en")


# --- activations ----------------------------------------------------------------------------------------------

EXACT = {
    "step": lambda x: mpmath.mpf(x > 0),
    "identity": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sign": mpmath.sign,
    "relu": lambda x: max(mpmath.mpf(0), x),
    "tanh": mpmath.tanh,
}


@pytest.mark.parametrize("name", activations.TOLD)
@given(st.floats(-20, 20).filter(lambda x: abs(x) > 1e-3))
def test_each_curve_and_its_derivative_are_those_of_the_slides(name: str, x: float) -> None:
    """Against mpmath's, which differentiates numerically at 40 digits."""
    with mpmath.workdps(40):
        assert activations.value(name, x) == pytest.approx(float(EXACT[name](mpmath.mpf(x))), rel=1e-12)
        exact = float(mpmath.diff(EXACT[name], mpmath.mpf(x)))
    assert activations.slope(name, x) == pytest.approx(exact, rel=1e-9, abs=1e-20)


def test_the_sigmoid_lies_between_0_and_1() -> None:
    """Not between −1 and 1, as slide 34 has it: that is tanh."""
    numbers = activations.numbers()
    assert 0 < numbers["sigmoid(-10)"] < 1e-4
    assert 1 - 1e-4 < numbers["sigmoid(10)"] < 1
    assert numbers["tanh(-10)"] == pytest.approx(-1)
    assert numbers["sigmoid′(0)"] == 0.25
    assert "(0, 1)" in activations.story("ja")


def test_softmax_and_its_slopes() -> None:
    """The slide's 0.9995, 0.0003, 0.0001; of negative numbers all are positive; ∂fᵢ/∂uⱼ = fᵢ(δᵢⱼ − fⱼ)."""
    assert [round(p, 4) for p in activations.probabilities((10, 2, 1))] == [0.9995, 0.0003, 0.0001]
    p = np.array(activations.probabilities(activations.NEGATIVE))
    assert p.min() > 0
    assert p.sum() == pytest.approx(1)
    by_hand = np.diag(p) - np.outer(p, p)
    np.testing.assert_allclose(activations.softmax_slopes(activations.NEGATIVE), by_hand, rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("true", range(3))
def test_the_cross_entropy_is_slide_50s(true: int) -> None:
    """Σ −pₖ log fₖ, and its gradient f − p; of the lecture's (10, 2, 1), for each class that may be the true one."""
    f = np.array(activations.probabilities(activations.LECTURE))
    p = np.eye(3)[true]
    loss, gradient = activations.cross_entropy(activations.LECTURE, true)
    assert loss == pytest.approx(-np.sum(p * np.log(f)), rel=1e-9)
    assert gradient == pytest.approx((f - p).tolist(), abs=1e-12)


# --- network --------------------------------------------------------------------------------------------------


def test_the_perceptron_says_and() -> None:
    """1 where both are 1, else −1."""
    numbers = network.numbers()
    assert [numbers[f"perceptron{question}"] for question in network.QUESTIONS] == [-1, -1, -1, 1]


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=2))
def test_by_matrices_and_by_neurons_the_forward_pass_is_the_same(x: list[float]) -> None:
    """Every number of every layer."""
    for layer, engine in zip(network.forward(x), network.by_engine(x), strict=True):
        assert engine == pytest.approx(layer.z.tolist(), rel=1e-12, abs=1e-12)
        assert layer.u == pytest.approx(layer.W @ layer.x + layer.b)


def test_the_numbers_of_the_forward_pass() -> None:
    """u⁽¹⁾ = (−1, 1.5, 0.5), z⁽¹⁾ = (0, 1.5, 0.5), u⁽²⁾ = 1 and y = σ(1), in the story and in the circles."""
    numbers = network.numbers()
    assert [numbers[f"u{i}"] for i in (1, 2, 3)] == [-1, 1.5, 0.5]
    assert [numbers[f"z{i}"] for i in (1, 2, 3)] == [0, 1.5, 0.5]
    assert (numbers["u"], numbers["y"]) == (1, pytest.approx(1 / (1 + np.exp(-1))))
    assert numbers["difference"] < 1e-15
    drawn = network.draw_layers("en").svg()
    assert all(f">{shown}<" in drawn for shown in ("1.5", "0.5", "0.7311"))


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=2))
def test_layers_without_activations_are_one_layer(x: list[float]) -> None:
    """Slide 31: W⁽²⁾W⁽¹⁾x + W⁽²⁾b⁽¹⁾ + b⁽²⁾; with ReLU it is none."""
    W, b = network.merged()
    output = network.by_engine(x, network.network("identity", "identity"))[-1]
    assert output == pytest.approx((W @ x + b).tolist(), rel=1e-9, abs=1e-9)
    assert network.bend("identity") == 0
    assert network.bend("relu") != 0


def test_the_diagram_of_the_perceptron_is_the_slides() -> None:
    """Inputs, then Σ, then step, then y: the weighted sum goes from one box to the other."""
    drawn = network.draw_perceptron("ja").dot
    arrows = dict(re.findall(r"^\t(\w+)(?::\w+)* -> (\w+)", drawn, re.MULTILINE))
    boxes = dict(re.findall(r"^\t(\w+) \[label=<?\"?([^<>\" \]]+)", drawn, re.MULTILINE))
    way = ["n0"]
    while way[-1] in arrows:
        way.append(arrows[way[-1]])
    assert [boxes[node] for node in way if node.startswith("m")] == ["Σ", "step"]
    assert "u = −0.5" in drawn


def test_matrices_stand_in_brackets_as_high_as_they_are() -> None:
    """And what is beside them is in the middle."""
    assert network.bracketed(np.array([[1.0, -2.5]])) == ["[   1  −2.5]"]
    assert network.bracketed(np.array([[1.0], [2.0], [3.0]])) == ["⎡1⎤", "⎢2⎥", "⎣3⎦"]
    assert network.beside(["u ="], ["⎡1⎤", "⎢2⎥", "⎣3⎦"]) == ["    ⎡1⎤", "u = ⎢2⎥", "    ⎣3⎦"]


# --- matrices -------------------------------------------------------------------------------------------------


def test_every_formula_is_what_the_engine_finds() -> None:
    """All of slide 87, with x in the place of its w; and by central differences too."""
    for rule in matrices.rules():
        np.testing.assert_allclose(rule.by_engine, rule.by_hand, rtol=1e-12, err_msg=rule.formula)
    around = numerical_gradient(matrices.misfit, list(matrices.X))
    np.testing.assert_allclose(matrices.rules()[3].by_hand, around, rtol=1e-6)


def test_the_slip_of_the_slide_is_one() -> None:
    """2(w − a) is not the derivative of ‖x − a‖², and both stories say so."""
    assert matrices.numbers()["2(w − a) is off by"] >= 2
    for language in LANGUAGES:
        assert "2(w − a) = (5, −7)" in matrices.story(language)
        assert "≠" not in matrices.story(language)


def test_the_slides_layout_is_the_jacobian_transposed() -> None:
    """Row i, column j: ∂(Mx)ᵢ/∂xⱼ by the engine, so M; Mᵀ on the slide."""
    J = matrices.jacobian_matrix()
    assert J.tolist() == [list(row) for row in matrices.A]
    nudged = matrices.times(matrices.A, [matrices.X[0], matrices.X[1] + 1])
    assert np.subtract(nudged, matrices.times(matrices.A, matrices.X)).tolist() == J[:, 1].tolist()


def test_at_the_least_squares_point_the_gradient_is_zero() -> None:
    """(1, 1), as NumPy's least squares has it; the way down ends there, and every step of it lowers the misfit."""
    numbers = matrices.numbers()
    best = [numbers["least squares x₁"], numbers["least squares x₂"]]
    assert best == pytest.approx([1, 1])
    assert best == pytest.approx(np.linalg.lstsq(np.array(matrices.A), np.array(matrices.B))[0].tolist())
    assert numbers["gradient there"] < 1e-12
    way = matrices.descend()
    assert way[-1] == pytest.approx(np.array(best), abs=0.02)
    assert np.all(np.diff([matrices.misfit(x) for x in way.tolist()]) < 0)


def test_transposes_and_sizes_are_the_slides() -> None:
    """Slide 87's three rules, and slide 88's answers: k × 1, a number, a number."""
    assert max(matrices.transposes().values()) < 1e-15
    assert matrices.sizes(5, 4) == {"Aᵀx": (4, 1), "xᵀWx": (1, 1), "xᵀx": (1, 1)}


# --- features -------------------------------------------------------------------------------------------------


def test_a_hidden_neuron_is_a_logistic_regression() -> None:
    """tanh u = 2σ(2u) − 1, of the trained network of xor, anywhere in the plane."""
    X = np.random.default_rng(0).normal(size=(50, 2))
    model = features.cases()["xor"].model
    np.testing.assert_allclose(features.as_logistic_regression(model, X), features.hidden(model, X), atol=1e-12)
    assert features.numbers()["logistic regression: difference"] < 1e-12


@pytest.mark.parametrize("name", ["xor", "moons"])
def test_a_line_divides_the_features_and_not_the_points(name: str) -> None:
    """Rosenblatt's perceptron ends with no mistake with them only; and the network's own output is such a line."""
    numbers, case = features.numbers(), features.cases()[name]
    assert numbers[f"{name}, points: passes"] == features.PASSES
    assert numbers[f"{name}, points: mistakes"] > 0
    assert numbers[f"{name}, features: passes"] < 10
    assert numbers[f"{name}, features: mistakes"] == 0
    output = case.model.layers[-1].neurons[0]
    sums = np.array([output.weighted_sum(h).data for h in features.hidden(case.model, case.X)])
    assert ((sums > 0) == (case.y == 1)).all()


def test_features_are_what_the_layers_before_the_output_give() -> None:
    """Of any point, by neurons one after the other."""
    model = features.cases()["moons"].model
    for x in ([0.3, -0.2], [1.5, 0.5]):
        first, second = model.layers[:-1]
        by_neurons = [value.data for value in second.outputs(first.outputs(x))]
        assert features.hidden(model, np.array([x]))[0].tolist() == pytest.approx(by_neurons, rel=1e-12)


# --- saddle ---------------------------------------------------------------------------------------------------


def test_it_is_a_saddle() -> None:
    """At (0, 0) the gradient is 0, one curvature is positive and one negative; the bottoms are at (0, ±1)."""
    assert grad(lambda p: saddle.surface(*p))([0.0, 0.0]) == [0, 0]
    assert saddle.curvatures() == pytest.approx([2, -2])
    for y in (-1.0, 1.0):
        assert grad(lambda p: saddle.surface(*p))([0.0, y]) == [0, 0]
        assert saddle.surface(0.0, y) == -0.5


def test_descent_leaves_the_ridge_by_one_factor_a_step() -> None:
    """y ← (1 + 2η) y while y is small, so the steps are those foretold, and each decade nearer costs the same."""
    y = saddle.paths()["SGD"][:, 1]
    assert y[1:60] / y[:59] == pytest.approx(np.full(59, 1 + 2 * saddle.RATE), rel=1e-3)
    steps = [saddle.steps_to_leave(saddle.paths(offset)["SGD"]) for offset in (1e-2, 1e-3, 1e-4)]
    assert steps[1] == pytest.approx(saddle.foretold(), rel=0.03)
    decade = np.log(10) / np.log(1 + 2 * saddle.RATE)
    assert np.diff(steps) == pytest.approx([decade, decade], abs=1)


def test_momentum_leaves_sooner_and_scaled_steps_soonest() -> None:
    """Slide 78; and how near to the ridge one begins matters to the first three only."""
    numbers = saddle.numbers()
    steps = {name: numbers[f"{name}: steps"] for name in saddle.optimisers()}
    assert max(steps["AdaGrad"], steps["RMSProp"], steps["Adam"]) < steps["Nesterov"] <= steps["Momentum"]
    assert steps["Momentum"] < steps["SGD"] / 3
    for name in ("AdaGrad", "RMSProp", "Adam"):
        assert saddle.steps_to_leave(saddle.paths(1e-6)[name]) - saddle.steps_to_leave(saddle.paths(1e-2)[name]) <= 1


def test_from_the_ridge_itself_only_noise_leads_away() -> None:
    """y = 0 stays 0 to the last bit; with noise every seed leaves, to one side or the other."""
    assert all((points[:, 1] == 0).all() for points in saddle.paths(0.0).values())
    assert saddle.steps_to_leave(saddle.paths(0.0)["Adam"]) == np.inf
    assert all(saddle.steps_to_leave(saddle.noisy_descent(seed)) < saddle.STEPS for seed in range(3))


# --- spam and backprop ----------------------------------------------------------------------------------------


def test_the_perceptrons_rule_is_gradient_descent_on_its_loss() -> None:
    """Wherever the loss max(0, −y wᵀv) has a slope: the weights after v2 and v4 of the slides, by the engine."""
    w, compared = (0.0,) * 5, 0
    for step in spam.learn():
        if step.score:
            assert spam.descend(w, step.mail) == list(step.w)
            compared += 1
        w = step.w
    assert compared == 10
    assert "(0, 1, 0, −½, ½)（学習則と同じ）" in spam.story("ja")


@pytest.mark.parametrize("slip", ["w", "z"])
def test_the_indices_of_slide_62_give_no_gradient(slip: str) -> None:
    """With w_ik for w_ki, or the layer's own z for the one before, the second layer's gradient is not the engine's."""
    rng = np.random.default_rng(0)
    weights, x, y = [rng.normal(size=shape) for shape in ((3, 4), (3, 4), (3, 4))], rng.normal(size=3), np.ones(3)
    us, zs = backprop.forward(weights, x)
    _, second, _ = backprop.backward(weights, us, zs, y)
    delta = (zs[3][1:] - y) * backprop.phi_slope(us[2])
    W = weights[2][:, 1:]
    right = np.outer((W.T @ delta) * backprop.phi_slope(us[1]), zs[1])
    slipped = np.outer(((W if slip == "w" else W.T) @ delta) * backprop.phi_slope(us[1]), zs[2 if slip == "z" else 1])
    np.testing.assert_allclose(second, right, rtol=1e-12)
    assert np.abs(second - slipped).max() > 1e-3
