"""Losses of one sample, composed of autograd's operations.

A model's raw outputs go in ("logits" for the cross-entropies: no sigmoid, no softmax before them). Every formula is
written so that nothing overflows and nothing cancels, for outputs of any size.
"""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Value, clip, exp, log, logsumexp, relu, softplus, square
from autograd import abs as absolute
from autograd.errors import many
from autograd.functions import partition, pivot
from nn.arguments import unknown


class Loss:
    """A loss of one sample: called with the model's output and the target, it records the loss.

    For several outputs, the losses are added up.

    Attributes:
        wanted: which targets make sense, in words.
    """

    def __init__(self, formula: Callable[..., Any], wanted: str, accepts: Callable[[Any], bool]) -> None:
        self._formula, self._accepts, self.wanted = formula, accepts, wanted
        self.__name__ = formula.__name__
        functools.update_wrapper(self, formula)

    def __call__(self, prediction: Any, target: Any, **constants: float) -> Any:
        """The loss, a Value if the prediction is.

        Args:
            prediction: the model's output: a Value, or a list of them.
            target: what was wanted: a number, or as many as there are outputs.

        Raises:
            ValueError: a target is not what `wanted` says, or there are more or fewer than outputs.
        """
        predictions, wanted = _listed(prediction), _listed(target)
        self.check(target, len(predictions))
        terms = [self._formula(z, t, **constants) for z, t in zip(predictions, wanted, strict=True)]
        return functools.reduce(operator.add, terms)

    def check(self, target: Any, outputs: int) -> None:
        """Refuse a target that makes no sense for a model with this number of outputs."""
        numbers = _listed(target)
        if len(numbers) != outputs:
            raise ValueError(
                f"{self.__name__}: the model gave {many(outputs, 'output')} for {many(len(numbers), 'target')}."
            )
        for number in numbers:
            if not isinstance(number, Value) and not self._accepts(number):
                raise ValueError(f"{self.__name__}: got the target {number!r}; wanted {self.wanted}.")

    def __repr__(self) -> str:
        return f"<Loss {self.__name__}>"


class LossOfAll(Loss):
    """A loss that takes the outputs together; its target is the class, or a probability for each class."""

    def __call__(self, prediction: Any, target: Any, **constants: float) -> Any:
        prediction = _listed(prediction)
        self.check(target, len(prediction))
        return self._formula(prediction, target, **constants)

    def check(self, target: Any, outputs: int) -> None:
        got = f"{self.__name__}: got the target {target!r} for {outputs} class{'es' * (outputs != 1)}"
        if outputs < 2:
            raise ValueError(f"{got}; for one output use binary_cross_entropy.")
        if _is_listed(target):
            _check_probabilities(got, target, outputs)
        elif not (target == int(target) and 0 <= target < outputs):
            raise ValueError(f"{got}; wanted {self.wanted} {outputs - 1}.")


def _loss(wanted: str, accepts: Callable[[Any], bool], kind: type[Loss] = Loss) -> Callable[..., Loss]:
    return lambda formula: kind(formula, wanted, accepts)


_number = _loss("a number", lambda t: t - t == 0)
_sign = _loss("-1 or 1", lambda t: t in (-1, 1))
_probability = _loss("0 or 1 (or a probability between)", lambda t: 0 <= t <= 1)
_class = _loss("an integer from 0 to", lambda t: True, LossOfAll)


@_number
def squared_error(prediction: Any, target: Any) -> Any:
    """(ŷ − y)²."""
    return square(prediction - target)


@_number
def half_squared_error(prediction: Any, target: Any) -> Any:
    """½(ŷ − y)², whose derivative is ŷ − y."""
    return square(prediction - target) / 2


@_number
def absolute_error(prediction: Any, target: Any) -> Any:
    """|ŷ − y|."""
    return absolute(prediction - target)


@_number
def huber_loss(prediction: Any, target: Any, delta: float = 1.0) -> Any:
    """½r² for a residual r = ŷ − y up to `delta`, delta·(|r| − ½delta) beyond it.

    Source: Huber, Robust estimation of a location parameter (1964).
    """
    residual = prediction - target
    clipped = clip(-delta, delta)(residual)
    return clipped * (residual - clipped / 2)


@_sign
def hinge_loss(prediction: Any, target: Any) -> Any:
    """max(0, 1 − y f(x)), the support vector machine's; y is −1 or 1."""
    return relu(1 - target * prediction)


@_sign
def perceptron_loss(prediction: Any, target: Any) -> Any:
    """max(0, −y f(x)); y is −1 or 1."""
    return relu(-target * prediction)


@_probability
def binary_cross_entropy(logit: Any, target: Any) -> Any:
    """−y log σ(z) − (1 − y) log(1 − σ(z)) of the logit z; y is 0 or 1."""
    return target * softplus(-logit) + (1 - target) * softplus(logit)


@_class
def softmax_cross_entropy(logits: Sequence[Any], target: Any) -> Any:
    """−log softmax(z)ₖ of the logits z, where k is the class; or −Σ yₖ log softmax(z)ₖ of probabilities y."""
    k = _class_of(target)
    if k is not None:
        return logsumexp(0, *(z - logits[k] for j, z in enumerate(logits) if j != k))
    largest = pivot(*logits)
    shifted = [z - largest for z in logits]
    products = map(operator.mul, target, shifted)
    return log(partition(*map(exp, shifted))) - functools.reduce(operator.add, products)


def _class_of(target: Any) -> int | None:
    """The class that a target says for sure; None for probabilities."""
    if not _is_listed(target):
        return int(target)
    sure = [k for k, p in enumerate(target) if not isinstance(p, Value) and p == 1]
    others = any(isinstance(p, Value) or p for k, p in enumerate(target) if k not in sure)
    return sure[0] if len(sure) == 1 and not others else None


LOSSES: dict[str, Loss] = {name: loss for name, loss in vars().items() if isinstance(loss, Loss)}
"""Every loss that is defined above, by its name."""


def loss_named(called: str, given: Any) -> Callable[[Any, Any], Any]:
    """The loss that `given` names, or `given` itself if it can be called."""
    if callable(given):
        return given
    if not isinstance(given, str) or given not in LOSSES:
        raise unknown(called, "loss", given, "a loss", LOSSES, " or a function of (prediction, target)")
    return LOSSES[given]


def _is_listed(x: Any) -> bool:
    return isinstance(x, Sequence | np.ndarray)


def _listed(x: Any) -> list[Any]:
    return list(x) if _is_listed(x) else [x]


def _check_probabilities(got: str, target: Any, outputs: int) -> None:
    numbers = [each for each in target if not isinstance(each, Value)]
    if len(target) != outputs:
        raise ValueError(f"{got}; wanted one probability for each.")
    if len(numbers) == outputs and not (min(numbers) >= 0 and abs(sum(numbers) - 1) < 1e-9):
        raise ValueError(f"{got}; wanted probabilities of 0 or more that add up to 1.")
