"""What goes wrong inside a network: dead and saturated neurons, vanishing and exploding layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from autograd import Value
from autograd.languages import Language, spoken
from autograd.sweep import adjoints, slopes
from autograd.words import counted
from nn.arguments import Array, rows
from nn.neurons import Layer
from nn.words import REPORT

FLAT = 0.01
"""A slope of the activation below this counts as flat."""
MOSTLY = 0.9
"""A neuron that is flat for this part of the samples is saturated."""
_SHOWN = 8  # neurons that a sentence names
_WIDTHS = (-34, 9, 11, 11, 11)
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
    language: Language = "en"

    @property
    def problems(self) -> list[str]:
        """One sentence for each thing that is wrong."""
        return [problem for layer in self.layers for problem in self._problems_of(layer)]

    def _problems_of(self, layer: LayerReport) -> list[str]:
        words, found = REPORT[self.language], []
        for what, neurons in (("dead", layer.dead), ("saturated", layer.saturated)):
            if neurons:
                named = self._neurons(neurons)
                found.append(counted(words[what], len(neurons), layer=layer.name, neurons=named, samples=self._samples))
        ratio = layer.gradient / (self.layers[-1].gradient or 1.0)
        if ratio < 1 / FAR:
            found.append(words["vanishing"].format(layer=layer.name, ratio=f"{ratio:.2g}"))
        if ratio > FAR:
            found.append(words["exploding"].format(layer=layer.name, ratio=f"{ratio:.2g}"))
        return found

    def _neurons(self, indices: list[int]) -> str:
        shown = ", ".join(map(str, indices[:_SHOWN]))
        more = len(indices) - _SHOWN
        return shown if more <= 0 else REPORT[self.language]["more"].format(neurons=shown, count=more)

    @property
    def _samples(self) -> str:
        return counted(REPORT[self.language]["samples"], self.samples)

    def __str__(self) -> str:
        words = REPORT[self.language]
        rows = [words["heads"]]
        for layer in self.layers:
            numbers = f"{len(layer.dead)}", f"{len(layer.saturated)}", f"{layer.output:.3g}", f"{layer.gradient:.3g}"
            rows.append((f"{layer.name}: {layer.description}", *numbers))
        lines = ["".join(map(_aligned, row, _WIDTHS)) for row in rows]
        return "\n".join([*lines, *(self.problems or [words["none"].format(samples=self._samples)])])


def _aligned(cell: str, wide: int) -> str:
    """To the right of a column that is so wide; to the left, if that is below 0."""
    from autograd.render.text import columns  # here, so that who trains does not load what draws

    space = " " * (abs(wide) - columns(cell))
    return cell + space if wide < 0 else space + cell


class _Layered(Protocol):
    layers: list[Layer]


def report(model: _Layered, X: Any, language: Language | None = None) -> Report:
    """Look at every layer of a model of layers, on the samples X of shape (n, nin).

    Args:
        language: of the report; if not given, as `autograd.language` says.
    """
    speaks = spoken("report", language, (w.label for layer in model.layers for w in layer.parameters()))
    samples = [_measure(model.layers, x) for x in rows("report", "X", X).tolist()]
    found = []
    for i, layer in enumerate(model.layers):
        outputs, gradients, slopes = (np.array([sample[i][part] for sample in samples]) for part in range(3))
        off, flat = slopes == 0, np.abs(slopes) < FLAT
        dead = off.all(axis=0)
        saturated = (flat.mean(axis=0) >= MOSTLY) & (flat & ~off).any(axis=0)
        names = f"layers.{i}", repr(layer)
        found.append(LayerReport(*names, _indices(dead), _indices(saturated), _rms(outputs), _rms(gradients)))
    return Report(len(samples), found, speaks)


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
