"""Laws of `model.report`: it finds what was planted, and nothing where nothing is wrong."""

import numpy as np
import pytest

import nn

X = np.random.default_rng(0).normal(size=(20, 2))


def test_a_healthy_model_has_no_problems() -> None:
    """Small tanh layers after Glorot: every neuron alive, every layer with a gradient."""
    report = nn.MLP(2, [8, 8, 1], "tanh", initialization="glorot", seed=0).report(X)
    assert report.problems == []
    assert str(report).endswith("No problem on 20 samples.")


def test_dead_relus_are_named() -> None:
    """A relu whose sum is never above 0 passes no gradient; one that fires for a single sample is alive."""
    model = nn.MLP(2, [4, 1], seed=0)
    for i, bias in [(1, -100.0), (3, -100.0)]:
        neuron = model.layers[0].neurons[i]
        assert neuron.b is not None
        neuron.b.data = bias
    barely = model.layers[0].neurons[2]
    assert barely.b is not None
    barely.b.data = -sorted(barely.weighted_sum(x).data for x in X)[-1] + 1e-9
    report = model.report(X)
    assert report.layers[0].dead == [1, 3]
    assert report.layers[0].saturated == []
    assert report.problems == ["layers.0: neurons 1, 3 are dead: slope 0 on 20 samples."]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softsign"])
def test_saturated_units_are_named(activation: str) -> None:
    """A unit pushed far out is flat for most samples, though its slope is not 0."""
    model = nn.MLP(2, [3, 1], activation, initialization="glorot", seed=0)
    bias = model.layers[0].neurons[2].b
    assert bias is not None
    bias.data = 15.0
    report = model.report(X)
    assert (report.layers[0].dead, report.layers[0].saturated) == ([], [2])
    assert "layers.0: neuron 2 is saturated: flat for most samples." in report.problems


def test_vanishing_and_exploding_layers_are_named() -> None:
    """Deep layers of weights far too small or too large: the first layers' gradients tell."""
    small = nn.MLP(2, [4] * 6 + [1], "tanh", initialization=lambda rng, nin, nout: rng.normal(0, 0.05, nin), seed=0)
    large = nn.MLP(2, [4] * 6 + [1], "identity", initialization=lambda rng, nin, nout: rng.normal(0, 9, nin), seed=0)
    assert [problem.split(": its")[0] for problem in small.report(X).problems][:2] == [
        "layers.0: vanishing",
        "layers.1: vanishing",
    ]
    assert [problem.split(": its")[0] for problem in large.report(X).problems][:2] == [
        "layers.0: exploding",
        "layers.1: exploding",
    ]


def test_the_numbers_are_root_mean_squares_of_outputs_and_derivatives() -> None:
    """By hand for y = 3·(2x): outputs 2x and 6x, derivatives 3 and 1."""
    model = nn.MLP(1, [1, 1], "identity", initialization=lambda rng, nin, nout: [2.0], seed=0)
    model.layers[1].neurons[0].w[0].data = 3.0
    first, last = model.report([[1.0], [-7.0]]).layers
    assert (first.output, first.gradient) == (pytest.approx(2 * 5), 3.0)
    assert (last.output, last.gradient) == (pytest.approx(6 * 5), 1.0)
    two = nn.MLP(1, [2], "identity", seed=0).report([[1.0]]).layers[0]
    assert two.gradient == pytest.approx(np.sqrt(1 / 2))  # of the matrix 1 0, 0 1


def test_a_report_changes_nothing() -> None:
    """Neither parameters nor their gradients, nor a later report."""
    model = nn.MLP(2, [3, 2], "tanh", "softmax", seed=0)
    for parameter in model.parameters():
        parameter.grad = 0.25
    before, text = model.state(), str(model.report(X))
    assert model.state() == before
    assert {parameter.grad for parameter in model.parameters()} == {0.25}
    assert str(model.report(X)) == text


def test_the_table_has_one_line_for_each_layer() -> None:
    """Names, counts, magnitudes; then the problems."""
    lines = str(nn.MLP(2, [3, 1], "step", seed=0).report(X)).splitlines()
    assert lines[0].split() == ["layer", "dead", "saturated", "output", "gradient"]
    assert lines[1].startswith("layers.0: Layer(2, 3, 'step')")
    assert lines[3] == "layers.0: neurons 0, 1, 2 are dead: slope 0 on 20 samples."
