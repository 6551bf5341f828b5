"""The eager program: a model and a loss, evaluated sample by sample on Values.

A program is what `fit` asks for losses and gradients. It has the parameters as one array, and knows nothing of
optimisers, batches or epochs; so a compiled one can take the place of this one.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autograd import Value, no_grad, topological_order
from autograd.engine import Witness, data_of, watched_by
from nn.arguments import Array
from nn.module import Module

LossFunction = Callable[[Any, Any], Any]

CONSTANT = "fit(loss=…): the loss depends on no parameter; was it computed from .data?"


class Program(Protocol):
    """What `fit` needs to know of a backend."""

    @property
    def backend(self) -> str:
        """Its name."""
        ...

    @property
    def fallback(self) -> str:
        """Why it is the graph of each sample where a compiled program was to be; empty if it is what was asked for."""
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

    def __init__(
        self,
        model: Module,
        loss: LossFunction,
        X: Array,
        y: NDArray[Any],
        weighted: bool = False,
        *,
        trains: bool = False,
        fallback: str = "",
    ) -> None:
        self._model, self._loss, self._data = model, loss, (X, y)
        self.values, self.fallback = model.parameters(), fallback
        self._trains = trains  # whether a loss has been seen that depends on a parameter
        self.parameters = np.array([data_of(value) for value in self.values], dtype=np.float64)

    def __call__(self, X: Array, y: NDArray[Any]) -> Array:
        self.write_back()
        with no_grad():
            return np.array([loss.data for loss in self._losses(X, y)], float)

    def value_and_grad(self, X: Array, y: NDArray[Any], weights: Array | None = None) -> tuple[float, Array]:
        self.write_back()
        for value in self.values:
            value.grad = 0
        losses = []
        each = [1] * len(X) if weights is None else weights.tolist()
        for loss, weight in zip(self._losses(X, y), each, strict=True):
            self._trains = self._trains or depends(loss, self.values) or self._some_row_depends()
            loss.backward(weight)
            losses.append(weight * loss.data)
        return math.fsum(losses) / len(losses), np.array([value.grad for value in self.values], float) / len(losses)

    def write_back(self) -> None:
        for value, number in zip(self.values, self.parameters.tolist(), strict=True):
            value.data = number

    def _losses(self, X: Array, y: NDArray[Any]) -> Iterator[Value]:
        for x, target in zip(X.tolist(), y.tolist(), strict=True):
            yield loss_of(self._model, self._loss, x, target)

    def _some_row_depends(self) -> bool:
        """Whether anything is to be trained: a hinge written with `if` is, for some rows, a number of its own.

        Raises:
            ValueError: no row depends on a parameter, and no comparison says that it might.
        """
        branches = Witness()
        with watched_by(branches):
            trains = any(depends(loss, self.values) for loss in self._losses(*self._data))
        if not trains and not branches.count:
            raise ValueError(CONSTANT)
        return True


def loss_of(model: Module, loss: LossFunction, x: Any, target: Any) -> Value:
    """The loss of one sample.

    Raises:
        TypeError: it is no Value.
    """
    found = loss(model(x), target)
    if not isinstance(found, Value):
        raise TypeError(f"the loss gave {found!r}: wanted a Value, made of what the model gave.")
    return found


def depends(loss: Value, parameters: Iterable[Value]) -> bool:
    """Whether any of the parameters is in the graph of the loss."""
    return not set(parameters).isdisjoint(topological_order(loss))
