"""What goes wrong inside a network: dead and saturated neurons, vanishing and exploding layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from autograd import Value
from autograd.errors import many
from autograd.sweep import adjoints, slopes
from nn.arguments import Array, rows
from nn.neurons import Layer

FLAT = 0.01
"""A slope of the activation below this counts as flat."""
MOSTLY = 0.9
"""A neuron that is flat for this part of the samples is saturated."""
FAR = 1000.0
"""A layer whose gradient is so many times smaller or larger than the last layer's vanishes or explodes."""


@dataclass(frozen=True)
class LayerReport:
    """One layer on all samples.

    Attributes:
        name, description: where the layer is, and what.
        dead: neurons whose activation has slope 0 for every sample: no gradient passes.
        saturated: neurons whose activation is flat (slope below 0.01) for 90 % of the samples.
        output: root mean square of the outputs.
        gradient: root mean square of the derivatives of the model's outputs with respect to this layer's.
    """

    name: str
    description: str
    dead: list[int]
    saturated: list[int]
    output: float
    gradient: float


@dataclass(frozen=True)
class Report:
    """A table of the layers and, in words, what is wrong with them: `print(report)`."""

    samples: int
    layers: list[LayerReport] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """One sentence for each thing that is wrong."""
        return [problem for layer in self.layers for problem in self._problems_of(layer)]

    def _problems_of(self, layer: LayerReport) -> list[str]:
        found = []
        if layer.dead:
            found.append(f"{layer.name}: {_neurons(layer.dead)} dead: slope 0 on {many(self.samples, 'sample')}.")
        if layer.saturated:
            found.append(f"{layer.name}: {_neurons(layer.saturated)} saturated: flat for most samples.")
        ratio = layer.gradient / (self.layers[-1].gradient or 1.0)
        if ratio < 1 / FAR:
            found.append(f"{layer.name}: vanishing: its gradient is {ratio:.2g} times the last layer's.")
        if ratio > FAR:
            found.append(f"{layer.name}: exploding: its gradient is {ratio:.2g} times the last layer's.")
        return found

    def __str__(self) -> str:
        lines = [f"{'layer':<34}{'dead':>6}{'saturated':>11}{'output':>11}{'gradient':>11}"]
        for layer in self.layers:
            counts = f"{len(layer.dead):>6}{len(layer.saturated):>11}"
            lines.append(
                f"{layer.name + ': ' + layer.description:<34}{counts}{layer.output:>11.3g}{layer.gradient:>11.3g}"
            )
        return "\n".join([*lines, *(self.problems or [f"No problem on {many(self.samples, 'sample')}."])])


class _Layered(Protocol):
    layers: list[Layer]


def report(model: _Layered, X: Any) -> Report:
    """Look at every layer of a model of layers, on the samples X of shape (n, nin)."""
    samples = [_measure(model.layers, x) for x in rows("report", "X", X).tolist()]
    found = []
    for i, layer in enumerate(model.layers):
        outputs, gradients, slopes = (np.array([sample[i][part] for sample in samples]) for part in range(3))
        off, flat = slopes == 0, np.abs(slopes) < FLAT
        dead = off.all(axis=0)
        saturated = (flat.mean(axis=0) >= MOSTLY) & (flat & ~off).any(axis=0)
        names = f"layers.{i}", repr(layer)
        found.append(LayerReport(*names, _indices(dead), _indices(saturated), _rms(outputs), _rms(gradients)))
    return Report(len(samples), found)


def _measure(layers: list[Layer], x: Sequence[float]) -> list[tuple[Array, Array, Array]]:
    """Of each layer on one sample: outputs, derivatives of the model's outputs, slopes of the activations."""
    found: list[list[Value]] = []
    for layer in layers:
        found.append(layer.outputs(found[-1] if found else x))
    jacobians: list[list[list[float]]] = [[] for _ in layers]
    for y in found[-1]:
        adjoint = adjoints(y)
        for jacobian, nodes in zip(jacobians, found, strict=True):
            jacobian.append([float(adjoint.get(node, 0)) for node in nodes])
    slopes = [[_slope(layer, node) for node in nodes] for layer, nodes in zip(layers, found, strict=True)]
    outputs = [[float(node.data) for node in nodes] for nodes in found]
    return [(np.array(a), np.array(b), np.array(c)) for a, b, c in zip(outputs, jacobians, slopes, strict=True)]


def _slope(layer: Layer, y: Value) -> float:
    """The derivative of the activation that made y; 1 where there is none of a single neuron."""
    if layer.activation in ("identity", "softmax", "log_softmax"):
        return 1.0
    return float(slopes(y.op, y.data, [y.inputs[0].data])[0])


def _rms(array: Array) -> float:
    return math.sqrt(float(np.mean(array * array)))


def _indices(flags: Any) -> list[int]:
    return np.flatnonzero(flags).tolist()


def _neurons(indices: list[int]) -> str:
    shown = ", ".join(map(str, indices[:8])) + (f" and {len(indices) - 8} more" if len(indices) > 8 else "")
    return f"neuron {shown} is" if len(indices) == 1 else f"neurons {shown} are"
