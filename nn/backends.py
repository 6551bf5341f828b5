"""What computes the losses and gradients of a training: compiled programs, or the graph of each sample."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import DomainError, Value, no_grad, topological_order
from autograd.sweep import adjoints
from nn.arguments import Array
from nn.eager import CONSTANT, EagerProgram, LossFunction, Program, depends, loss_of
from nn.losses import LossOfAll
from nn.module import Module


class NotRecordable(Exception):  # noqa: N818 - says what happened, and is not always a mistake
    """The model or the loss raised `why` on the placeholders that stand for a sample."""

    def __init__(self, why: Exception) -> None:
        super().__init__(why)
        self.why = why


class CompiledProgram:
    """The loss of one sample, compiled once; runs batches as matrix products.

    Where it finds no finite loss or gradient the graph is asked, sample by sample: it knows the operation's name.
    """

    def __init__(self, backend: str, model: Module, loss: LossFunction, X: Array, y: NDArray[Any]) -> None:
        self.backend = backend
        self._model, self._loss, self._data = model, loss, (X, y)
        self._values = model.parameters()
        self._classes = self._number_of_classes(X, y)
        x, target = X[0].tolist(), self.encoded(y[:1])[0].tolist()
        self.program = autograd.compile(self._sample, x, target, wrt=self._values, backend=backend)

    @property
    def parameters(self) -> Array:
        return self.program.parameters

    @parameters.setter
    def parameters(self, numbers: Array) -> None:
        self.program.parameters = numbers

    def __call__(self, X: Array, y: NDArray[Any]) -> Array:
        losses = self.program(X, self.encoded(y))
        return losses if np.isfinite(losses).all() else self._eager()(X, y)

    def value_and_grad(self, X: Array, y: NDArray[Any]) -> tuple[float, Array]:
        loss, gradient = self.program.value_and_grad(X, self.encoded(y))
        if np.isfinite(loss) and np.isfinite(gradient).all():
            return loss, gradient
        return self._eager().value_and_grad(X, y)

    def write_back(self) -> None:
        self.program.write_back()

    def _eager(self) -> EagerProgram:
        self.write_back()
        return EagerProgram(self._model, self._loss, *self._data)

    def _sample(self, x: Any, target: Any) -> Value:
        try:
            loss = loss_of(self._model, self._loss, x, target)
            if not depends(loss, self._values):  # the first row's: perhaps that of another row does
                raise ValueError(CONSTANT)
            if any(map(_is_users, topological_order(loss))):  # its rule may work on numbers only
                adjoints(loss, inputs=self._values, record=True)
            return loss
        except Exception as error:  # whatever the user's code raises: the graph of the sample says whether it is wrong
            raise NotRecordable(error) from error

    def _number_of_classes(self, X: Array, y: NDArray[Any]) -> int:
        """How many classes the targets are indices of; 0 if they are not."""
        if not isinstance(self._loss, LossOfAll) or y.ndim > 1:
            return 0
        with no_grad():
            return len(self._model(X[0].tolist()))

    def encoded(self, y: NDArray[Any]) -> NDArray[Any]:
        """A class as its probabilities, 1 and zeros: an index cannot be computed with."""
        return np.eye(self._classes)[y.astype(int)] if self._classes else y


def _is_users(node: Value) -> bool:
    """Whether the operation that made a node is one of the user's own."""
    return bool(node.inputs) and not node.op.backward.__module__.startswith("autograd.")


BACKENDS: dict[str, Callable[[Module, LossFunction, Array, NDArray[Any]], Program]] = {
    **{name: partial(CompiledProgram, name) for name in ("numpy", "numba", "jax")},
    "eager": EagerProgram,
}
"""By name. A backend is called with the model, the loss and the data."""


def program_of(backend: str | None, model: Module, loss: LossFunction, X: Array, y: NDArray[Any]) -> Program:
    """The program of that backend; of None, a compiled one if every sample takes the same way through the code.

    What compiling itself gets wrong is raised, and never taken for a function that cannot be compiled.
    """
    if backend is not None:
        try:
            return BACKENDS[backend](model, loss, X, y)
        except NotRecordable as error:
            raise error.why from None
    try:
        compiled = CompiledProgram("numpy", model, loss, X, y)
    except (NotRecordable, DomainError):  # no derivative at the first row, perhaps where nothing arrives
        return EagerProgram(model, loss, X, y)
    return EagerProgram(model, loss, X, y) if compiled.program.guards else compiled
