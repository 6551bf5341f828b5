"""The multilayer perceptron, and models from files."""

import itertools
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd.languages import Language
from nn import files
from nn.activations import IDENTITY, Activation, activation_name
from nn.arguments import generator, integer
from nn.initializations import Initialization
from nn.module import Module, checked_state
from nn.names import name_layers
from nn.neurons import Layer, Neuron, Sample, check_length
from nn.perceptron import Perceptron
from nn.report import Report, report

if TYPE_CHECKING:
    from autograd.render import DenseLayer


class MLP(Module):
    """A multilayer perceptron: layers, each of which reads the outputs of the one before.

    >>> model = MLP(2, [16, 16, 1], seed=0)
    >>> len(model.parameters())
    337

    Args:
        nin: number of inputs.
        nouts: widths of the layers, the last one included.
        activation: of the hidden layers.
        output: activation of the last layer.
        initialization, seed: as for `Neuron`.
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output: Activation = IDENTITY,
        *,
        initialization: str | Initialization = "uniform",
        seed: Any = None,
    ) -> None:
        widths = [integer("MLP", "nin", nin), *_widths(nouts)]
        self.activation = activation_name("MLP", activation)
        self.output = activation_name("MLP", output, "output")
        rng = generator("MLP", seed)
        self.layers: list[Layer] = []
        for before, after in itertools.pairwise(widths):
            given = output if len(self.layers) == len(widths) - 2 else activation
            self.layers.append(Layer(before, after, given, initialization=initialization, seed=rng))
        name_layers(layer.neurons for layer in self.layers)

    def __call__(self, x: Sample) -> Any:
        """The outputs for one sample: a list of Values, or the Value itself if the last layer has width 1.

        Raises:
            ValueError: the sample has not `nin` inputs.
        """
        check_length(self, x, self.layers[0].nin)
        for layer in self.layers:
            x = layer.outputs(x)
        return x[0] if len(x) == 1 else x

    def report(self, X: Any, language: Language | None = None) -> Report:
        """What goes wrong inside on these samples: dead or saturated neurons, vanishing or exploding layers.

        Args:
            X: (n, nin) numbers.
            language: "ja" or "en"; if not given, as `autograd.language` says.

        Raises:
            ValueError: `X` is empty, ragged or of another width.
        """
        return report(self, X, language)

    def __network__(self) -> list["DenseLayer"]:
        """What `autograd.draw` shows."""
        return [each for layer in self.layers for each in layer.__network__()]

    def architecture(self) -> dict[str, Any]:
        shape = {"class": type(self).__name__, "nin": self.layers[0].nin, "nouts": self._nouts()}
        return {**shape, "activation": self.activation, "output": self.output}

    def _nouts(self) -> list[int]:
        return [len(layer.neurons) for layer in self.layers]

    def __repr__(self) -> str:
        named = [f"activation={self.activation!r}"] * (self.activation != "relu")
        named += [f"output={self.output!r}"] * (self.output != IDENTITY)
        return f"{type(self).__name__}({', '.join([str(self.layers[0].nin), str(self._nouts()), *named])})"


def load(path: str | os.PathLike[str]) -> Module:
    """Make the model of a file that `model.save` wrote.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is damaged or foreign, or holds a model of a class of your own; for that one make the model
            and call its `load`.
    """
    found = files.read(path, "model")
    architecture: Any = found.header.get("architecture")
    try:
        arguments = {name: given for name, given in architecture.items() if name != "class"}
        _check_size(arguments, len(found.arrays["parameters"]))
        model = _CLASSES[architecture["class"]](**arguments, initialization="zeros")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
        raise ValueError(
            f"{found.path!r} holds {architecture}, which nn.load cannot make ({why}); make the model yourself and call "
            "its load."
        ) from None
    model.load_state(checked_state(model, found))
    return model


_CLASSES: dict[str, Any] = {kind.__name__: kind for kind in (Neuron, Perceptron, Layer, MLP)}


def _check_size(arguments: dict[str, Any], parameters: int) -> None:
    """Refuse to make a model of a thousand times the numbers that are there, for what a damaged file says."""
    nouts = arguments.get("nouts", arguments.get("nout", 1))
    widths = [arguments["nin"], *(nouts if isinstance(nouts, list) else [nouts])]
    if (weights := sum(before * after for before, after in itertools.pairwise(widths))) > parameters:
        raise ValueError(f"it has {weights} weights, and the file {parameters} parameters")


def _widths(nouts: Any) -> list[int]:
    if not isinstance(nouts, Sequence) or isinstance(nouts, str) or not nouts:
        raise TypeError(f"MLP(nouts={nouts!r}): wanted the widths of the layers, as in [16, 16, 1].")
    return [integer("MLP", f"nouts[{i}]", width) for i, width in enumerate(nouts)]
