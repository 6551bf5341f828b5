"""What `draw` reads of a model: layers of neurons, their numbers, and what they give for an input.

A model that is to be drawn has a method `__network__` that gives its layers, from the first to the last, each a
`DenseLayer`. Nothing else is asked of it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from autograd.engine import Value, Witness, data_of, gradient_of, recording_anew, watched_by
from autograd.errors import many
from autograd.notation import between, index, of_layer
from autograd.reals import as_real, refusal, unboxed
from autograd.render.arguments import show
from autograd.render.text import clean


class Model(Protocol):
    """What can be drawn as a network."""

    def __network__(self) -> "Sequence[DenseLayer]":
        """Its layers, from the first to the last."""
        ...


class DenseLayer(NamedTuple):
    """A layer of neurons that read the same inputs: how a model describes itself to `draw`.

    ```python
    class Line:
        def __init__(self):
            self.w, self.b = Value(2.0, "w"), Value(1.0, "b")

        def __call__(self, x):
            return self.w * x[0] + self.b

        def __network__(self):
            return [DenseLayer([[self.w]], [self.b], lambda x: [self(x)])]
    ```
    """

    weights: Sequence[Sequence[Any]]
    """For each neuron its weights, one for each input: Values, which have gradients and perhaps labels, or numbers."""
    biases: Sequence[Any]
    """For each neuron its bias; None where it has none."""
    outputs: Callable[[Sequence[Any]], Sequence[Any]]
    """What the neurons give for these inputs."""
    activation: str = ""
    """Its name, for the head of the layer."""
    curve: Callable[[float], Any] | None = None
    """The activation of one neuron, drawn as a small curve; None where there is none of one alone (softmax)."""


@dataclass
class Weight:
    """A weight or a bias."""

    name: str
    key: str
    """What an element of a picture is called by."""
    number: float
    gradient: float
    source: int | None
    """Which input it is multiplied to; None for a bias."""
    node: Value | None = None
    """What the model has, if it is no plain number."""


@dataclass
class Neuron:
    """A circle: an input of the model, or a neuron."""

    name: str
    key: str
    weights: list[Weight] = field(default_factory=list)
    bias: Weight | None = None
    node: Any = None
    """What it gives, where there is an input."""
    value: float | None = None
    inner: float | None = None
    """w·x + b, before the activation, where there is an input."""


@dataclass
class Column:
    """The inputs, or a layer."""

    number: int
    neurons: list[Neuron]
    activation: str = ""
    curve: Callable[[float], Any] | None = None

    @property
    def weights(self) -> Iterator[Weight]:
        """Its weights, the biases not among them."""
        return (weight for neuron in self.neurons for weight in neuron.weights)

    @property
    def biases(self) -> Iterator[Weight]:
        return (neuron.bias for neuron in self.neurons if neuron.bias is not None)


@dataclass
class Network:
    """A model as it is now."""

    kind: str
    columns: list[Column]
    has_compared: bool = False
    """Whether the model has compared Values on the way: for another input it may compute something else."""

    @property
    def shape(self) -> str:
        """`2–8–1`: inputs, and the neurons of each layer."""
        return "–".join(str(len(column.neurons)) for column in self.columns)

    @property
    def edges(self) -> int:
        return sum(1 for column in self.columns for _ in column.weights)

    @property
    def parameters(self) -> Iterator[Weight]:
        """Weights and biases, neuron by neuron."""
        for column in self.columns:
            for neuron in column.neurons:
                yield from neuron.weights
                if neuron.bias is not None:
                    yield neuron.bias

    @property
    def is_fed(self) -> bool:
        """Whether there is an input, and so values."""
        return self.columns[0].neurons[0].value is not None


def is_network(model: Any) -> bool:
    """Whether a model says of itself what it consists of; not: a class of such models."""
    return hasattr(type(model), "__network__")


def read(model: Any, x: Any = None) -> tuple[Network, list[DenseLayer]]:
    """The model, and what it gives for x; and its layers as it says.

    Raises:
        TypeError, ValueError: x is no input of this model, a weight is no finite number, or the layers do not fit.
    """
    layers = _checked_layers(model, model.__network__())
    nin = len(layers[0].weights[0])
    columns = [Column(0, [Neuron(f"x{index(j + 1)}", f"x{j}") for j in range(nin)])]
    for k, layer in enumerate(layers, 1):
        columns.append(_column(model, k, len(layers), layer))
    network = Network(clean(type(model).__name__), columns)
    if x is not None:
        branches = Witness()
        with watched_by(branches):
            _feed(model, network, layers, _checked_input(model, x, nin))
        network.has_compared = branches.count > 0
    return network, layers


def _checked_layers(model: Any, layers: Any) -> list[DenseLayer]:
    name = type(model).__name__
    found = list(layers)
    if not found:
        raise ValueError(f"draw: {name}.__network__() gave no layers; wanted at least one DenseLayer.")
    for k, layer in enumerate(found, 1):
        if not isinstance(layer, DenseLayer):
            raise TypeError(f"draw: layer {k} of {name}.__network__() is {show(layer)}; wanted a DenseLayer.")
        widths = {len(row) for row in layer.weights}
        if not widths or 0 in widths:
            raise ValueError(f"draw: layer {k} of {name} is empty; wanted neurons with at least one weight each.")
        if len(widths) > 1 or len(layer.biases) != len(layer.weights):
            raise ValueError(
                f"draw: the neurons of layer {k} of {name} have {min(widths)} to {max(widths)} weights, and there are "
                f"{len(layer.biases)} biases for {len(layer.weights)} neurons; wanted as many of each."
            )
    for k, (before, after) in enumerate(pairwise(found), 1):
        if len(before.weights) != len(after.weights[0]):
            raise ValueError(
                f"draw: layer {k} of {name} has {len(before.weights)} neurons, and layer {k + 1} reads "
                f"{len(after.weights[0])}."
            )
    return found


def _column(model: Any, k: int, layers: int, layer: DenseLayer) -> Column:
    raised = of_layer(k) if layers > 1 else ""
    nout, nin = len(layer.weights), len(layer.weights[0])
    letter, comma = "y" if k == layers else "z", between(max(nin, nout))
    neurons = []
    for i, (row, b) in enumerate(zip(layer.weights, layer.biases, strict=True)):
        lone = "" if nout == layers == 1 else index(i + 1)
        name = letter + ("" if nout == 1 and letter == "y" else index(i + 1)) + (raised if letter == "z" else "")
        neuron = Neuron(name, f"z{k}.{i}")
        for j, w in enumerate(row):
            called = f"w{lone}{lone and comma}{index(j + 1)}{raised}"
            neuron.weights.append(_weight(model, w, called, f"w{k}.{i}.{j}", j))
        neuron.bias = None if b is None else _weight(model, b, f"b{lone}{raised}", f"b{k}.{i}", None)
        neurons.append(neuron)
    return Column(k, neurons, clean(layer.activation), layer.curve)


def _weight(model: Any, given: Any, called: str, key: str, source: int | None) -> Weight:
    value = unboxed(given)
    if isinstance(value, Value):
        name = clean(value.label) if value.label else called
        number, gradient = float(data_of(value)), float(gradient_of(value))
    else:
        if why := refusal(value):
            raise TypeError(f"draw: {called} of {type(model).__name__} is {show(given)}: {why}.")
        name, number, gradient = called, float(as_real(value)), 0.0
    if not math.isfinite(number) or not math.isfinite(gradient):
        what = f"is {number}" if not math.isfinite(number) else f"has the gradient {gradient}"
        raise ValueError(f"draw: {name} of {type(model).__name__} {what}; wanted finite numbers.")
    return Weight(name, key, number, gradient, source, value if isinstance(value, Value) else None)


def _checked_input(model: Any, x: Any, nin: int) -> list[Value]:
    """The inputs as nodes: plain numbers become variables x₁, x₂, …"""
    wanted = f"wanted {many(nin, 'number')} or Values, the inputs of this {type(model).__name__}"
    if isinstance(x, str | bytes | Mapping) or not hasattr(x, "__len__") or not hasattr(x, "__iter__"):
        raise TypeError(f"draw(model, x={show(x)}): {wanted}.")
    given = [unboxed(each) for each in x]
    if len(given) != nin:
        raise ValueError(f"draw(model, x): {wanted}, and x has {len(given)}.")
    nodes = []
    for j, each in enumerate(given):
        if not isinstance(each, Value) and (why := refusal(each)):
            kind = ValueError if isinstance(each, float) else TypeError
            raise kind(f"draw(model, x): x[{j}] is {show(x[j])}: {why}.")
        nodes.append(each if isinstance(each, Value) else Value(as_real(each), f"x{index(j + 1)}"))
        if not math.isfinite(float(data_of(nodes[-1]))):
            raise ValueError(f"draw(model, x): x[{j}] is {show(x[j])}; wanted finite numbers.")
    return nodes


def _feed(model: Any, network: Network, layers: Sequence[DenseLayer], nodes: Sequence[Any]) -> None:
    """Fill in what every neuron gives."""
    for neuron, node in zip(network.columns[0].neurons, nodes, strict=True):
        _give(neuron, node)
        neuron.name = clean(node.label) if node.label else neuron.name
    for column, layer in zip(network.columns[1:], layers, strict=True):
        before = [float(data_of(node)) for node in nodes]
        with recording_anew():
            nodes = list(layer.outputs(nodes))
        if len(nodes) != len(column.neurons):
            called = f"layer {column.number} of {type(model).__name__}"
            raise ValueError(f"draw: {called} has {len(column.neurons)} neurons and gave {len(nodes)} outputs.")
        nodes = [each if isinstance(each, Value) else Value(each) for each in map(unboxed, nodes)]
        for neuron, node in zip(column.neurons, nodes, strict=True):
            _give(neuron, node)
            weighted = math.fsum(w.number * x for w, x in zip(neuron.weights, before, strict=True))
            neuron.inner = weighted + (neuron.bias.number if neuron.bias else 0.0)


def _give(neuron: Neuron, node: Value) -> None:
    neuron.node, neuron.value = node, float(data_of(node))
