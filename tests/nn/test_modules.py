"""Laws of modules: parameters and their order, layers, initialisations, activations, and micrograd's spelling."""

import copy
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import OPS, Family, Op, Value

MODULES = [
    nn.Neuron(3, "tanh", seed=0),
    nn.Perceptron(2, seed=0),
    nn.Layer(2, 3, "softmax", seed=0),
    nn.MLP(2, [3, 1], seed=0),
]
EVERY_MODULE = pytest.mark.parametrize("module", MODULES, ids=repr)
UNARY = [op for op in OPS.values() if isinstance(op, Op) and op.arity == 1 and op is not autograd.identity]
WIDTHS = st.lists(st.integers(1, 5), min_size=1, max_size=4)


class Line(nn.Module):
    """A user's own module: parameters among attributes, lists, dicts, inner modules; a result, a constant, a tie."""

    def __init__(self) -> None:
        self.slope = Value(2.0)
        self.inner = nn.Neuron(2, "identity", initialization="zeros")
        self.more = {"a": [Value(3.0)], "b": (Value(4.0),)}
        self.tied = self.slope
        self.result = self.slope * 2
        self.fixed = Value(5.0).detach()

    def __call__(self, x: Any) -> Value:
        return self.slope * self.inner(x)


# --- Parameters -----------------------------------------------------------------------------------------------


def test_parameters_come_in_the_order_of_definition_each_once() -> None:
    """Neither a tie, nor a result, nor a constant is a parameter; names are paths."""
    names = [name for name, _ in Line().named_parameters()]
    assert names == ["slope", "inner.w.0", "inner.w.1", "inner.b", "more.a.0", "more.b.0"]


def test_an_mlp_orders_its_parameters_as_micrograd_does() -> None:
    """Layer by layer, neuron by neuron, the weights and then the bias."""
    names = [name for name, _ in nn.MLP(2, [2, 1]).named_parameters()]
    first = [f"layers.0.neurons.{i}.{part}" for i in (0, 1) for part in ("w.0", "w.1", "b")]
    assert names == [*first, "layers.1.neurons.0.w.0", "layers.1.neurons.0.w.1", "layers.1.neurons.0.b"]


@given(nin=st.integers(1, 5), nouts=WIDTHS)
def test_an_mlp_has_one_weight_for_each_pair_and_one_bias_for_each_neuron(nin: int, nouts: list[int]) -> None:
    """The number of parameters is Σ (nin + 1)·nout over the layers."""
    widths = [nin, *nouts]
    count = sum((before + 1) * after for before, after in zip(widths, nouts, strict=False))
    assert len(nn.MLP(nin, nouts).parameters()) == count


@EVERY_MODULE
def test_zero_grad_clears_every_gradient(module: nn.Module) -> None:
    """After zero_grad no gradient is left, and without it gradients add up."""
    for parameter in module.parameters():
        parameter.grad = 7.0
    module.zero_grad()
    assert {parameter.grad for parameter in module.parameters()} == {0}


@EVERY_MODULE
def test_load_state_is_the_inverse_of_state(module: nn.Module) -> None:
    """state() says all that load_state() needs to give back the numbers."""
    other = copy.deepcopy(module)
    for parameter in other.parameters():
        parameter.data = 0.5
    other.load_state(module.state())
    assert other.state() == module.state()


@pytest.mark.parametrize("wrong", [{"w.9": 1.0}, {"b": float("nan")}, {"b": "1"}])
def test_load_state_sets_all_or_nothing(wrong: dict[str, Any]) -> None:
    """A state with one wrong entry changes nothing."""
    neuron = nn.Neuron(2, seed=0)
    before = neuron.state()
    with pytest.raises((ValueError, TypeError)):
        neuron.load_state({"w.0": 9.0, "w.1": 9.0, "b": 9.0, **wrong})
    assert neuron.state() == before


@EVERY_MODULE
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_a_copy_computes_the_same_and_learns_apart(module: nn.Module, copied: Any) -> None:
    """A deep copy or a pickle is the same function of other parameters."""
    other, x = copied(module), [0.5, -1.5, 0.25][: 3 if isinstance(module, nn.Neuron) and len(module.w) == 3 else 2]
    assert str(other(x)) == str(module(x))
    assert not set(other.parameters()) & set(module.parameters())


# --- What they compute ----------------------------------------------------------------------------------------


@given(data=st.data(), n=st.integers(1, 5))
def test_a_neuron_is_its_activation_of_the_weighted_sum(data: st.DataObject, n: int) -> None:
    """tanh(w·x + b), with the products first and the bias last, to the last bit."""
    numbers = st.floats(-10, 10)
    x, w, b = data.draw(st.lists(numbers, min_size=n, max_size=n)), [], data.draw(numbers)
    neuron = nn.Neuron(n, "tanh")
    for weight in neuron.w:
        weight.data = data.draw(numbers)
        w.append(weight.data)
    assert neuron.b is not None
    neuron.b.data = b
    z = w[0] * x[0]
    for i in range(1, n):
        z += w[i] * x[i]
    assert neuron(x).data == autograd.tanh(z + b)


def test_a_neuron_records_what_the_textbook_draws() -> None:
    """Operands in the order w₁x₁ + w₂x₂ + b, labels for the picture, one node for each input of a layer."""
    neuron = nn.Neuron(2, "tanh")
    y = neuron([1.0, 2.0])
    (z,) = y.inputs
    products, b = z.inputs
    assert b.label == "b"
    assert [factor.label for product in products.inputs for factor in product.inputs][::2] == ["w₁", "w₂"]
    outputs = nn.Layer(2, 2, "identity")([1.0, 2.0])
    first, second = ([product.inputs[1] for product in y.inputs[0].inputs] for y in outputs)
    assert first == second
    assert [node.label for node in first] == ["x₁", "x₂"]


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_every_operation_of_one_operand_is_an_activation(op: Op) -> None:
    """By its name or by itself it is the table's entry, not a copy."""
    for given_as in (op.name, op):
        neuron = nn.Neuron(1, given_as, bias=False, initialization="zeros")
        neuron.w[0].data = 1.0
        try:
            y = neuron([1.5])
        except autograd.DomainError:  # acos, atanh, …
            y = neuron([0.5])
        assert y.op is op


@pytest.mark.parametrize(
    ("text", "op"),
    [("leaky_relu", autograd.leaky_relu()), ("leaky_relu(0.2)", autograd.leaky_relu(0.2)), ("elu", autograd.elu())],
)
def test_a_family_is_an_activation_with_its_constants_or_its_defaults(text: str, op: Op) -> None:
    """The constants stand in the name, and the name is enough to make it again."""
    neuron = nn.Neuron(1, text)
    assert neuron([1.0]).op is op
    assert nn.Neuron(1, neuron.activation)([1.0]).op is op
    assert nn.Neuron(1, autograd.leaky_relu(0.2)).activation == "leaky_relu(0.2)"
    assert isinstance(autograd.elu, Family)
    assert nn.Neuron(1, autograd.elu).activation == nn.Neuron(1, "elu").activation


def test_the_identity_is_not_recorded() -> None:
    """By its name or by itself, nothing is recorded for it."""
    for neuron in (nn.Neuron(1, "identity"), nn.Neuron(1, autograd.identity)):
        assert neuron.activation == "identity"
        assert neuron([1.0]).op is neuron.weighted_sum([1.0]).op


@pytest.mark.parametrize("given_as", ["softmax", autograd.softmax])
def test_softmax_is_an_activation_of_a_whole_layer(given_as: Any) -> None:
    """Outputs are autograd's softmax of the weighted sums; they add up to 1 for sums of any size."""
    layer = nn.Layer(2, 3, given_as, seed=1)
    z = [neuron.weighted_sum([1000.0, -1000.0]) for neuron in layer.neurons]
    assert [y.data for y in layer([1000.0, -1000.0])] == [y.data for y in autograd.softmax(z)]
    assert sum(y.data for y in layer([1000.0, -1000.0])) == pytest.approx(1, abs=1e-15)


def test_the_last_layer_is_linear_and_the_others_relu_unless_told() -> None:
    """micrograd's arrangement is the default; activation and output change it."""
    assert [layer.activation for layer in nn.MLP(2, [3, 3, 1]).layers] == ["relu", "relu", "identity"]
    assert [layer.activation for layer in nn.MLP(2, [3, 2], "tanh", "softmax").layers] == ["tanh", "softmax"]


@given(nouts=WIDTHS)
def test_one_output_is_a_value_and_several_are_a_list(nouts: list[int]) -> None:
    """Also where a hidden layer has but one neuron."""
    y = nn.MLP(2, nouts)([1.0, 2.0])
    assert isinstance(y, Value) if nouts[-1] == 1 else len(y) == nouts[-1]


def test_inputs_may_be_numbers_numpy_or_values() -> None:
    """The outputs are the same; through Values gradients flow on to where the inputs come from."""
    model, x = nn.MLP(2, [3, 1], "tanh", seed=0), [0.5, -0.25]
    values = [Value(each) for each in x]
    y = model(values)
    assert model(x).data == model(np.array(x)).data == model(tuple(x)).data == y.data
    y.backward()
    assert all(value.grad for value in values)


def test_a_module_without_call_says_what_is_missing() -> None:
    """A subclass that forgets __call__ learns so from the message."""
    with pytest.raises(NotImplementedError, match=r"Module is a Module and has to define __call__\(self, x\)\."):
        nn.Module()([1.0])


# --- Permutation ----------------------------------------------------------------------------------------------


@given(data=st.data(), hidden=st.integers(1, 5), nout=st.integers(1, 3))
def test_permuting_neurons_permutes_gradients(data: st.DataObject, hidden: int, nout: int) -> None:
    """Loss and gradients, neuron by neuron, do not depend on the order of a hidden layer: exactly, in integers."""
    small = st.integers(-9, 9)
    model = nn.MLP(3, [hidden, nout])
    for parameter in model.parameters():
        parameter.data = data.draw(small)
    x, target = ([data.draw(small) for _ in range(n)] for n in (3, nout))
    order = data.draw(st.permutations(range(hidden)))
    permuted = copy.deepcopy(model)
    permuted.layers[0].neurons = [permuted.layers[0].neurons[i] for i in order]
    for neuron in permuted.layers[1].neurons:
        neuron.w = [neuron.w[i] for i in order]
    losses = [nn.squared_error(each(x), target) for each in (model, permuted)]
    for loss in losses:
        loss.backward()
    assert losses[0].data == losses[1].data
    for i, j in enumerate(order):
        assert _gradients(permuted.layers[0].neurons[i]) == _gradients(model.layers[0].neurons[j])
    for ours, theirs in zip(permuted.layers[1].neurons, model.layers[1].neurons, strict=True):
        assert [w.grad for w in ours.w] == [theirs.w[j].grad for j in order]


def _gradients(neuron: nn.Neuron) -> list[Any]:
    return [parameter.grad for parameter in neuron.parameters()]


# --- Initialisation -------------------------------------------------------------------------------------------

# The variance of each weight, by its definition; a uniform distribution on ∓a has variance a²/3.
VARIANCE = {
    "uniform": lambda nin, nout: 1 / 3,
    "glorot": lambda nin, nout: 2 / (nin + nout),
    "he": lambda nin, nout: 2 / nin,
    "normal": lambda nin, nout: 1.0,
    "zeros": lambda nin, nout: 0.0,
}
BOUND = {"uniform": lambda nin, nout: 1.0, "glorot": lambda nin, nout: np.sqrt(6 / (nin + nout))}


@pytest.mark.parametrize("name", sorted(nn.INITIALIZATIONS))
def test_weights_have_the_variance_of_their_initialisation(name: str) -> None:
    """2,500 weights of one layer: mean 0 and the variance of the definition, within 5 standard errors."""
    layer = nn.Layer(50, 50, initialization=name, seed=3)
    weights = np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).ravel()
    variance = VARIANCE[name](50, 50)
    assert abs(weights.mean()) <= 5 * np.sqrt(variance / len(weights))
    assert abs(weights.var() - variance) <= 5 * variance * np.sqrt(2 / len(weights))
    assert np.abs(weights).max() <= BOUND.get(name, lambda nin, nout: np.inf)(50, 50)
    assert {neuron.b.data for neuron in layer.neurons if neuron.b is not None} == {0.0}


def test_glorot_knows_the_width_of_the_layer() -> None:
    """A lone neuron has fan-out 1, one of a layer the layer's."""
    wide, lone = nn.Layer(2, 1000, initialization="glorot", seed=0), nn.Neuron(2, initialization="glorot", seed=0)
    assert max(abs(w.data) for neuron in wide.neurons for w in neuron.w) < np.sqrt(6 / 1002)
    assert lone.w[0].data == np.random.default_rng(0).uniform(-np.sqrt(2), np.sqrt(2), 2)[0]


def test_an_initialisation_may_be_a_function() -> None:
    """It is given the generator, the inputs and the width."""
    layer = nn.Layer(2, 3, initialization=lambda rng, nin, nout: [10.0 * nin + nout] * nin, seed=0)
    assert {w.data for neuron in layer.neurons for w in neuron.w} == {23.0}


@given(seed=st.integers(0, 2**64))
def test_the_same_seed_gives_the_same_weights(seed: int) -> None:
    """An integer and the generator it stands for; another seed gives others."""
    same = [nn.MLP(2, [3, 1], seed=seed), nn.MLP(2, [3, 1], seed=np.random.default_rng(seed))]
    assert same[0].state() == same[1].state() != nn.MLP(2, [3, 1], seed=seed + 1).state()


def test_a_generator_goes_on_and_no_seed_is_fresh() -> None:
    """Two models from one generator differ, and so do two without a seed."""
    rng = np.random.default_rng(0)
    assert nn.Neuron(2, seed=rng).state() != nn.Neuron(2, seed=rng).state()
    assert nn.Neuron(2).state() != nn.Neuron(2).state()


# --- Names ----------------------------------------------------------------------------------------------------


@EVERY_MODULE
def test_a_repr_makes_the_module_again(module: nn.Module) -> None:
    """What is printed is the call that makes one of the same architecture."""
    assert eval(f"nn.{module!r}").architecture() == module.architecture()


def test_all_is_the_list_of_public_names() -> None:
    """Everything in __all__ is there, and nothing public besides the submodules is missing from it."""
    public = {name for name, thing in vars(nn).items() if name[0] != "_" and not isinstance(thing, type(sys))}
    assert public == set(nn.__all__)


def test_importing_nn_imports_nothing_heavy() -> None:
    """`import nn` needs NumPy alone: no SciPy, scikit-learn, tqdm, matplotlib or mpmath."""
    heavy = "scipy sklearn tqdm matplotlib mpmath hypothesis pandas"
    code = f"import sys, nn; print([name for name in {heavy!r}.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
