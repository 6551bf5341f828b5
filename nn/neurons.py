"""Neurons, and layers of them."""

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd.errors import many
from nn.activations import IDENTITY, OF_A_LAYER, Activation, activation_name, operation
from nn.arguments import generator, integer
from nn.initializations import Initialization, initialization_named
from nn.module import Module
from nn.names import name_layer, numbered

if TYPE_CHECKING:
    from autograd.render import DenseLayer

Sample = Sequence[Any] | NDArray[Any]


class Neuron(Module):
    """activation(w₁x₁ + w₂x₂ + … + b).

    Attributes:
        w: the `nin` weights.
        b: the bias; None without one.

    Args:
        nin: number of inputs.
        activation: any operation of one operand, by name (`"tanh"`, `"leaky_relu(0.2)"`) or itself; `"identity"`.
        initialization: of the weights: `"uniform"`, `"glorot"`, `"he"`, `"normal"`, `"zeros"`, or a function.
        seed: an integer, or a NumPy Generator to draw from; None is fresh each time.
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        *,
        bias: bool = True,
        initialization: str | Initialization = "uniform",
        seed: Any = None,
    ) -> None:
        called = type(self).__name__
        nin = integer(called, "nin", nin)
        self._operation = operation(called, activation)
        self.activation = self._operation.name if self._operation else IDENTITY
        draw = initialization_named(called, initialization)
        weights = [float(weight) for weight in draw(generator(called, seed), nin, 1)]
        if len(weights) != nin:
            raise ValueError(f"{called}(initialization=…): wanted {many(nin, 'weight')}, and it gave {len(weights)}.")
        self.w = [Value(weight, numbered("w", i)) for i, weight in enumerate(weights)]
        self.b = Value(0.0, "b") if bias else None

    def __call__(self, x: Sample) -> Value:
        """The output for one sample of `nin` numbers or Values.

        Raises:
            ValueError: there are fewer or more.
        """
        return self._of_sum(self.weighted_sum(x))

    def weighted_sum(self, x: Sample) -> Value:
        """w₁x₁ + w₂x₂ + … + b, before the activation."""
        check_length(self, x, len(self.w))
        products = map(operator.mul, self.w, x)
        z = sum(products, next(products))
        return z if self.b is None else z + self.b

    def __network__(self) -> list["DenseLayer"]:
        """What `autograd.draw` shows."""
        from autograd.render import DenseLayer

        return [DenseLayer([self.w], [self.b], lambda x: [self(x)], self.activation, self._of_sum)]

    def _of_sum(self, z: Any) -> Any:
        """The output, of the weighted sum."""
        return z if self._operation is None else self._operation(z)

    def architecture(self) -> dict[str, Any]:
        shape = {"class": type(self).__name__, "nin": len(self.w), "activation": self.activation}
        return shape if self.b is not None else {**shape, "bias": False}

    def __repr__(self) -> str:
        bias = "" if self.b is not None else ", bias=False"
        return f"{type(self).__name__}({len(self.w)}, {self.activation!r}{bias})"


class Layer(Module):
    """`nout` neurons that read the same `nin` inputs.

    Args:
        activation: as for `Neuron`, and `"softmax"` or `"log_softmax"`, which are of the layer as a whole.
        bias, initialization, seed: as for `Neuron`.
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        *,
        bias: bool = True,
        initialization: str | Initialization = "uniform",
        seed: Any = None,
    ) -> None:
        nin, nout = integer("Layer", "nin", nin), integer("Layer", "nout", nout)
        self.activation = activation_name("Layer", activation)
        self._function = OF_A_LAYER.get(self.activation)
        of_each = IDENTITY if self._function else activation
        draw, rng = initialization_named("Layer", initialization), generator("Layer", seed)
        self.neurons = [
            Neuron(nin, of_each, bias=bias, initialization=lambda rng, nin, _: draw(rng, nin, nout), seed=rng)
            for _ in range(nout)
        ]
        name_layer(self.neurons)

    def __call__(self, x: Sample) -> Any:
        """The outputs for one sample: a list of `nout` Values, or the Value itself if `nout` is 1.

        Raises:
            ValueError: the sample has not `nin` inputs.
        """
        y = self.outputs(x)
        return y[0] if len(y) == 1 else y

    def outputs(self, x: Sample) -> list[Value]:
        """The outputs for one sample, as a list even if there is only one."""
        check_length(self, x, self.nin)
        x = inputs(x)
        y = [neuron(x) for neuron in self.neurons]
        return y if self._function is None else self._function(y)

    def __network__(self) -> list["DenseLayer"]:
        """What `autograd.draw` shows."""
        from autograd.render import DenseLayer

        weights, biases = [neuron.w for neuron in self.neurons], [neuron.b for neuron in self.neurons]
        curve = self.neurons[0]._of_sum if self._function is None else None
        return [DenseLayer(weights, biases, self.outputs, self.activation, curve)]

    @property
    def nin(self) -> int:
        return len(self.neurons[0].w)

    def architecture(self) -> dict[str, Any]:
        neuron = self.neurons[0].architecture()
        return {**neuron, "class": type(self).__name__, "nout": len(self.neurons), "activation": self.activation}

    def __repr__(self) -> str:
        bias = "" if self.neurons[0].b is not None else ", bias=False"
        return f"{type(self).__name__}({self.nin}, {len(self.neurons)}, {self.activation!r}{bias})"


def inputs(x: Sample) -> list[Any]:
    """One node for each input, for all neurons to share: plain numbers become constants x₁, x₂, …"""
    return [each if isinstance(each, Value) else Value(each, numbered("x", i)).detach() for i, each in enumerate(x)]


def check_length(module: Module, x: Any, nin: int) -> None:
    """Refuse what is not a sample of `nin` inputs."""
    try:
        n = len(x)
    except TypeError:
        raise TypeError(
            f"{module!r} was called with {x!r}: wanted a sequence of {many(nin, 'number')}, or of Values."
        ) from None
    if x.__class__ in _ROWS and n and x[0].__class__ in _ROWS:
        raise ValueError(
            f"{module!r} was called with {many(n, 'row')}: it takes one sample of {many(nin, 'number')} at a time; "
            "write [model(x) for x in X]."
        )
    if n != nin:
        raise ValueError(f"{module!r} was called with {many(n, 'input')}.")


_ROWS = {list, tuple, np.ndarray}
