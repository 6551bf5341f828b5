"""What computes the losses and gradients of a training: compiled programs, or the graph of each sample."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import NotCompilable, Value, no_grad
from autograd.compiler.backends import BACKENDS as COMPILED
from autograd.compiler.program import IndependentError
from nn.arguments import Array, unknown
from nn.eager import CONSTANT, EagerProgram, LossFunction, Program, loss_of
from nn.losses import LossOfAll
from nn.module import Module


class CompiledProgram:
    """The loss of one sample, compiled once; runs batches as matrix products.

    Where it finds no finite loss or gradient the graph is asked, sample by sample: it knows the operation's name.
    """

    fallback = ""

    def __init__(
        self, backend: str | None, model: Module, loss: LossFunction, X: Array, y: NDArray[Any], weighted: bool = False
    ) -> None:
        self._model, self._loss = model, loss
        self.values = model.parameters()
        self._classes = self._number_of_classes(X, y)
        sample = X[0].tolist(), self.encoded(y[:1])[0].tolist(), *[1.0] * weighted
        self._weighted = weighted
        try:
            self.program = autograd.compile(self._sample, *sample, wrt=self.values, backend=backend, branches="follow")
        except IndependentError as error:  # the first row: perhaps the loss of another row depends on one
            raise NotCompilable(CONSTANT) from error
        self.backend = self.program.backend

    @property
    def parameters(self) -> Array:
        return self.program.parameters

    @parameters.setter
    def parameters(self, numbers: Array) -> None:
        self.program.parameters = numbers

    def __call__(self, X: Array, y: NDArray[Any]) -> Array:
        losses = self.program(*self._arguments(X, y, None))
        return losses if np.isfinite(losses).all() else self._eager(X, y)(X, y)

    def value_and_grad(self, X: Array, y: NDArray[Any], weights: Array | None = None) -> tuple[float, Array]:
        loss, gradient = self.program.value_and_grad(*self._arguments(X, y, weights))
        if np.isfinite(loss) and np.isfinite(gradient).all():
            return loss, gradient
        return self._eager(X, y).value_and_grad(X, y, weights)

    def write_back(self) -> None:
        self.program.write_back()

    def _eager(self, X: Array, y: NDArray[Any]) -> EagerProgram:
        self.write_back()
        return EagerProgram(self._model, self._loss, X, y, trains=True)

    def _arguments(self, X: Array, y: NDArray[Any], weights: Array | None) -> tuple[Any, ...]:
        """What the program is called with: weights, 1 for none, only if it was made for them."""
        if weights is not None and not self._weighted:
            raise ValueError("fit(backend=…, sample_weight=…): this program was made for samples without weights.")
        return X, self.encoded(y), *[1.0 if weights is None else weights] * self._weighted

    def _sample(self, x: Any, target: Any, weight: Any = None) -> Value:
        loss = loss_of(self._model, self._loss, x, target)
        return loss if weight is None else weight * loss

    def _number_of_classes(self, X: Array, y: NDArray[Any]) -> int:
        """How many classes the targets are indices of; 0 if they are not."""
        if not isinstance(self._loss, LossOfAll) or y.ndim > 1:
            return 0
        with no_grad():
            return len(self._model(X[0].tolist()))

    def encoded(self, y: NDArray[Any]) -> NDArray[Any]:
        """A class as its probabilities, 1 and zeros: an index cannot be computed with."""
        return np.eye(self._classes)[y.astype(int)] if self._classes else y


BACKENDS: dict[str, Callable[..., Program]] = {
    **{name: partial(CompiledProgram, name) for name in COMPILED},
    "eager": EagerProgram,
}
"""By name. A backend is called with the model, the loss, the data, and whether samples will have weights."""


def program_of(
    backend: str | Program | None, model: Module, loss: LossFunction, X: Array, y: NDArray[Any], weighted: bool = False
) -> Program:
    """The program of that backend; of None, a compiled one if there can be one.

    The graph takes its place for `NotCompilable` alone, and knows why (`fallback`): what else compiling, the model or
    the loss raise is raised.
    """
    if isinstance(backend, CompiledProgram | EagerProgram):
        if list(map(id, backend.values)) != list(map(id, model.parameters())):
            raise ValueError("fit(backend=…): this program was made for another model.")
        return backend
    if backend is not None and not (isinstance(backend, str) and backend in BACKENDS):
        raise unknown("fit", "backend", backend, "a backend", BACKENDS)
    if backend is not None:
        return BACKENDS[backend](model, loss, X, y, weighted)
    try:
        return CompiledProgram(None, model, loss, X, y, weighted)
    except NotCompilable as error:
        return EagerProgram(model, loss, X, y, fallback=str(error))
