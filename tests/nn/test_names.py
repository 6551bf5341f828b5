"""Parameters have names that are unique and say where they are, and pictures know them for parameters."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, expression
from autograd.operation import parameter, primitive
from autograd.render import draw
from autograd.render.graph.operands import kind

RAISED = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789" * 2)


def place(path: str, wide: bool) -> str:
    """The name that the parameter at a path has in a textbook, its indices as plain digits."""
    parts = path.split(".")
    layer = f"⁽{int(parts[1]) + 1}⁾"
    i = int(parts[3]) + 1
    comma = "," if wide else ""
    return f"b{i}{layer}" if parts[-1] == "b" else f"w{i}{comma}{int(parts[-1]) + 1}{layer}"


@given(st.integers(1, 12), st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_the_names_of_a_network_are_unique_and_say_the_path(nin: int, nouts: list[int]) -> None:
    """w₁₂⁽¹⁾ is `layers.0.neurons.0.w.1`, in whichever architecture."""
    named = nn.MLP(nin, nouts).named_parameters()
    labels = [str(value.label) for _, value in named]
    assert len(set(labels)) == len(labels)
    widths = [nin, *nouts]
    for (path, _), label in zip(named, labels, strict=True):
        layer = int(path.split(".")[1])
        assert label.translate(RAISED) == place(path, max(widths[layer : layer + 2]) > 9)


def test_a_layer_and_a_neuron_alone_have_no_number() -> None:
    """Nothing is counted of which there is one."""
    assert [value.label for value in nn.Layer(2, 2).parameters()] == ["w₁₁", "w₁₂", "b₁", "w₂₁", "w₂₂", "b₂"]
    assert [value.label for value in nn.Perceptron(2).parameters()] == ["w₁", "w₂", "b"]


def test_formulas_write_the_names_as_textbooks_do() -> None:
    """Without quotation marks, and in LaTeX with indices below and above."""
    y = nn.MLP(10, [1], seed=0)([1.0] * 10)
    assert str(expression(y)).startswith("w₁,₁⁽¹⁾ × x₁ + w₁,₂⁽¹⁾ × x₂ + ")
    assert expression(y).latex().endswith(r"w_{1,10}^{(1)} \times x_{10} + b_{1}^{(1)}")


class Slope(nn.Module):
    """A module of someone's own: one parameter in an attribute, one in a list, one that comes later."""

    def __init__(self) -> None:
        self.a, self.more = Value(2.0), [Value(3.0)]

    def __call__(self, x: Any) -> Value:
        return self.a * x + sum(self.more)


@pytest.mark.parametrize("make", [lambda: nn.MLP(1, [2, 1]), lambda: nn.Neuron(1), Slope], ids=["MLP", "neuron", "own"])
def test_parameters_are_green_without_being_asked(make: Any) -> None:
    """Also of a model that nobody holds any more, that was copied or pickled, and by whatever name."""
    for model in (make(), copy.deepcopy(make()), pickle.loads(pickle.dumps(make()))):
        values = model.parameters()
        values[0].label = "傾き"
        y = model([1.0]) if isinstance(model, nn.MLP | nn.Neuron) else model(1.0)
        del model
        assert {kind(value) for value in values} == {"parameter"}
        assert draw(y, clone=False).dot.count('class="leaf parameter"') == len(values)


def test_a_parameter_is_one_as_soon_as_it_is_assigned() -> None:
    """Before anybody has asked for it, in an attribute or in a list."""
    model = Slope()
    assert [kind(value) for value in (model.a, *model.more)] == ["parameter", "parameter"]


def test_what_a_module_gets_later_is_a_parameter_too() -> None:
    """From when its parameters are asked for; constants and results are none."""
    model: Any = Slope()
    model.more.append(Value(4.0))
    constant, result = Value(1.0).detach(), Value(1.0) * 2
    model.more += [constant, result]
    assert [value.op is parameter for value in model.parameters()] == [True] * 3
    assert parameter not in (constant.op, result.op)


def test_a_marked_leaf_is_a_variable_in_everything_else() -> None:
    """It is learned, differentiated and replayed; and nobody may call an operation so."""
    model = Slope()
    y = model(5.0)
    y.backward()
    assert (model.a.grad, model.more[0].grad, model.a.is_leaf) == (5.0, 1.0, True)
    model.a.data = 1.0
    assert y.forward() == 8.0
    with pytest.raises(ValueError, match=r"^primitive\('parameter'\): this is the name of the parameters of models; "):
        primitive("parameter", lambda x: x, lambda g, y, x: (g,))
