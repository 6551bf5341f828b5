"""Rosenblatt's perceptron as an estimator; of more than two classes one for each."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from autograd import Value
from nn.arguments import Array
from nn.estimators.base import Classifier, evaluated, random_numbers
from nn.module import Module
from nn.neurons import Sample
from nn.perceptron import Perceptron


class OneVsRest(Module):
    """One perceptron for each class; called with a sample, it gives their weighted sums."""

    def __init__(self, nin: int, nout: int, *, bias: bool = True) -> None:
        self.perceptrons = [Perceptron(nin, bias=bias, initialization="zeros") for _ in range(nout)]

    def __call__(self, x: Sample) -> list[Value]:
        return [perceptron.weighted_sum(x) for perceptron in self.perceptrons]

    def architecture(self) -> dict[str, Any]:
        perceptron = self.perceptrons[0].architecture()
        return {**perceptron, "class": type(self).__name__, "nout": len(self.perceptrons)}


@dataclass(eq=False, repr=False, kw_only=True)
class PerceptronClassifier(Classifier):
    """Rosenblatt's perceptron: weights from 0, moved at each mistake; of more than two classes, one against the rest.

    Training ends with a pass without mistakes if hyperplanes separate the classes (Novikoff 1962), else after
    `max_iter` passes, with a warning. Samples have no weights: one that is right moves nothing, however often it
    comes.

    Args:
        eta0: the rate η of w ← w + ηyx. It scales the weights and changes no prediction.
        fit_intercept: whether there is a bias.
        max_iter: passes over the data at most.
        shuffle: whether each pass takes the samples in a new order.
        random_state: of these orders: an integer, a NumPy RandomState, or None for others each time.
        warm_start: whether `fit` goes on with the weights of the `fit` before.

    Attributes:
        model_: the `nn.Perceptron` that says whether it is the second class; of more classes a `OneVsRest`.
        coef_, intercept_: its weights, shape (1 or classes, features), and biases, shape (1 or classes,).
        mistakes_: for each perceptron the number of mistakes in each pass, since its weights were 0.
        n_iter_: the passes of the last call.
        classes_: the labels, sorted.
        n_features_in_, feature_names_in_: of the data trained on.

    Source: Rosenblatt, The perceptron: a probabilistic model for information storage and organization (1958).
    """

    eta0: float = 1.0
    fit_intercept: bool = True
    max_iter: int = 100
    shuffle: bool = True
    random_state: Any = None
    warm_start: bool = False

    def fit(self, X: Any, y: Any) -> Self:
        """Teach new perceptrons, or with `warm_start` those there are.

        Args:
            X: (n, features) finite numbers.
            y: n labels, of two classes or more.

        Raises:
            ValueError, TypeError: the data or a parameter make no sense.
        """
        self._teach(X, y, None, incremental=False)
        self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Teach the perceptrons by one pass over these data; arguments as for `MLPClassifier.partial_fit`."""
        self._teach(X, y, classes, incremental=True)
        return self

    def _teach(self, X: Any, y: Any, classes: Any, incremental: bool) -> None:
        rate, epochs = self._number("eta0", above=True), 1 if incremental else self._integer("max_iter")
        goes_on = self._goes_on(incremental)
        X, indices, _ = self._samples(X, y, None, classes, incremental)
        taught = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        model = OneVsRest(X.shape[1], len(taught), bias=self.fit_intercept)
        model = model if len(taught) > 1 else model.perceptrons[0]
        model = self._known(model) if goes_on else model
        if not (goes_on and incremental):
            self._orders = random_numbers(self.random_state).spawn(len(taught))
        mistakes = [
            perceptron.learn(
                X, np.where(indices == k, 1, -1), rate=rate, epochs=epochs, seed=order if self.shuffle else None
            )
            for perceptron, k, order in zip(_perceptrons(model), taught, self._orders, strict=True)
        ]
        before = self.mistakes_ if goes_on else [[] for _ in mistakes]
        self.mistakes_ = [old + new for old, new in zip(before, mistakes, strict=True)]
        self.model_, self.n_iter_ = model, max(map(len, mistakes))

    @property
    def coef_(self) -> Array:
        return np.array([[w.data for w in each.w] for each in _perceptrons(self.model_)], dtype=np.float64)

    @property
    def intercept_(self) -> Array:
        biases = [each.b for each in _perceptrons(self.model_)]
        return np.array([0.0 if b is None else b.data for b in biases], dtype=np.float64)

    def _shortcoming(self) -> str:
        if not any(mistakes[-1] for mistakes in self.mistakes_):
            return ""
        return (
            f"mistakes were still made after max_iter={self.max_iter} passes; perhaps no hyperplane separates the "
            "classes, and MLPClassifier can."
        )

    def _scores(self, X: Array) -> Array:
        return evaluated(self.model_, getattr(self.model_, "weighted_sum", self.model_), X)


def _perceptrons(model: Any) -> list[Perceptron]:
    return model.perceptrons if isinstance(model, OneVsRest) else [model]
