"""The names of parameters: w₁₂⁽¹⁾ is of layer 1, neuron 1 and its input 2; b₁⁽²⁾ is the bias of neuron 1 of layer 2.

A layer alone has no number (w₁₂, b₁), and a neuron alone none either (w₁, w₂, b). From ten neurons or inputs on, a
comma tells w₁,₁₂ from w₁₁,₂. These are labels, for pictures, formulas and messages, unique in a model of this package.
Paths (`layers.0.neurons.0.w.1`) are the names in files and states; `named_parameters` leads from one to the other.
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Protocol

from autograd import Value
from autograd.notation import between, index, of_layer


class _Neuron(Protocol):
    w: list[Value]
    b: Value | None


@functools.cache
def numbered(letter: str, i: int) -> str:
    """w₁, w₂, … for 0, 1, …"""
    return letter + index(i + 1)


def name_layers(layers: Iterable[Sequence[_Neuron]]) -> None:
    """Name the parameters of layers that follow each other."""
    for k, neurons in enumerate(layers, 1):
        name_layer(neurons, of_layer(k))


def name_layer(neurons: Sequence[_Neuron], layer: str = "") -> None:
    """Name the parameters of one layer, each with `layer` at the end."""
    nin = len(neurons[0].w)
    ends = [between(max(nin, len(neurons))) + index(j + 1) + layer for j in range(nin)]
    for i, neuron in enumerate(neurons, 1):
        start = "w" + index(i)
        for w, end in zip(neuron.w, ends, strict=True):
            w.label = start + end
        if neuron.b is not None:
            neuron.b.label = f"b{index(i)}{layer}"
