"""The eager program: a model and a loss, evaluated sample by sample on Values.

A program is what `fit` asks for losses and gradients. It has the parameters as one array, and knows nothing of
optimisers, batches or epochs; so a compiled one can take the place of this one.
"""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autograd import Value, no_grad, topological_order
from autograd.engine import Witness, watched_by
from nn.arguments import Array
from nn.module import Module

LossFunction = Callable[[Any, Any], Any]


class Program(Protocol):
    """What `fit` needs to know of a backend."""

    @property
    def backend(self) -> str:
        """Its name."""
        ...

    @property
    def parameters(self) -> Array:
        """float64 (n_parameters,): to be assigned; the model's Values follow at `write_back`."""
        ...

    @parameters.setter
    def parameters(self, numbers: Array) -> None: ...

    def __call__(self, X: Array, y: NDArray[Any]) -> Array:
        """The losses, one per row."""
        ...

    def value_and_grad(self, X: Array, y: NDArray[Any], weights: Array | None = None) -> tuple[float, Array]:
        """The mean loss of the rows, each times its weight (1 on average), and its gradient, (n_parameters,)."""
        ...

    def write_back(self) -> None:
        """Give the parameters to the model's Values."""
        ...


class EagerProgram:
    """Records the graph of each sample and sweeps it at once, so that only one is in memory."""

    backend = "eager"

    def __init__(self, model: Module, loss: LossFunction) -> None:
        self._model, self._loss = model, loss
        self._values = model.parameters()
        self._tried = False
        self.parameters = np.array([value.data for value in self._values], dtype=np.float64)

    def __call__(self, X: Array, y: NDArray[Any]) -> Array:
        self.write_back()
        with no_grad():
            return np.array([self._sample(x, t).data for x, t in zip(X.tolist(), y.tolist(), strict=True)], float)

    def value_and_grad(self, X: Array, y: NDArray[Any], weights: Array | None = None) -> tuple[float, Array]:
        self.write_back()
        for value in self._values:
            value.grad = 0
        losses = []
        each = [1] * len(X) if weights is None else weights.tolist()
        for x, t, weight in zip(X.tolist(), y.tolist(), each, strict=True):
            loss = self._sample(x, t) if self._tried else self._first_sample(x, t)
            loss.backward(weight)
            losses.append(weight * loss.data)
        return math.fsum(losses) / len(losses), np.array([value.grad for value in self._values], float) / len(losses)

    def write_back(self) -> None:
        for value, number in zip(self._values, self.parameters.tolist(), strict=True):
            value.data = number

    def _first_sample(self, x: list[float], target: Any) -> Value:
        """A loss without parameters would train nothing; but if the code branches, another sample may have them."""
        branches = Witness()
        with watched_by(branches):
            loss = self._sample(x, target)
        if not branches.count and set(self._values).isdisjoint(topological_order(loss)):
            raise ValueError("fit(loss=…): the loss depends on no parameter; was it computed from .data?")
        self._tried = True
        return loss

    def _sample(self, x: list[float], target: Any) -> Value:
        loss = self._loss(self._model(x), target)
        if not isinstance(loss, Value):
            raise TypeError(f"the loss gave {loss!r}: wanted a Value, made of what the model gave.")
        return loss
