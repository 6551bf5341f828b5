"""scikit-learn estimators: `MLPClassifier`, `MLPRegressor`, `PerceptronClassifier`, for pipelines and searches.

>>> from sklearn.datasets import make_moons
>>> from nn.estimators import MLPClassifier
>>> X, y = make_moons(40, noise=0.1, random_state=0)
>>> classifier = MLPClassifier(learning_rate_init=0.1, max_iter=500, random_state=0).fit(X, y)
>>> classifier.score(X, y)
1.0
>>> classifier.model_
MLP(2, [16, 1])

Parameters have scikit-learn's names and meanings where it has the idea. What was trained is an `nn.MLP` or
`nn.Perceptron`, and stays at hand as `model_`: draw it, ask for its report, save it. This module needs scikit-learn;
`import nn` does not.
"""

import contextlib
import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from autograd import DomainError, Program, Value, compile, no_grad
from nn.activations import Activation
from nn.arguments import Array, integer, number, unknown
from nn.initializations import Initialization
from nn.mlp import MLP
from nn.module import Module
from nn.neurons import Sample
from nn.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, Optimizer, RMSProp
from nn.perceptron import Perceptron
from nn.training import fit

try:
    from scipy.special import expit, softmax
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ModuleNotFoundError(
        f"nn.estimators needs scikit-learn 1.6 or newer ({error}): pip install 'scalar-autograd[sklearn]'"
    ) from None

__all__ = ["MLPClassifier", "MLPRegressor", "OneVsRest", "PerceptronClassifier"]

SOLVERS: dict[str, type[Optimizer]] = {
    kind.__name__.lower(): kind for kind in (SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW)
}
"""nn's optimisers under the names that `solver` takes."""


_WORTH_COMPILING = 20
"""Rows from which on a program is quicker than their graphs: making it takes as long as about a dozen of these."""

_programs: WeakKeyDictionary[Module, Program] = WeakKeyDictionary()  # of models that have predicted, while they live


def _evaluated(model: Module, function: Callable[[Sample], Any], X: Array) -> Array:
    """What a function of the model gives for each row, (n, outputs): the one place where batches are evaluated."""

    def outputs(x: Any) -> list[Value]:
        y = function(x)
        return [y] if isinstance(y, Value) else y

    recording = bool((Value(1.0) * 1).inputs)  # not under no_grad, where nothing new can be compiled
    if len(X) >= _WORTH_COMPILING and (recording or model in _programs):
        with contextlib.suppress(DomainError):  # of the first row, perhaps: the graph says of which
            if model not in _programs:
                _programs[model] = compile(outputs, X[0].tolist(), wrt=model.parameters())
            program = _programs[model]
            program.parameters = [p.data for p in model.parameters()]  # they may have been changed since
            found = program(X)
            if np.isfinite(found).all():
                return found
    with no_grad():
        return np.array([[y.data for y in outputs(x)] for x in X.tolist()], dtype=np.float64)


def _generator(random_state: Any) -> np.random.Generator:
    """nn's source of random numbers, from what scikit-learn calls a random state."""
    return np.random.default_rng(check_random_state(random_state).randint(2**31, dtype=np.int64))


class _Estimator(BaseEstimator):
    """What the three share: parameters that are checked under their own names, rows to predict."""

    def _integer(self, name: str) -> int:
        return integer(type(self).__name__, name, getattr(self, name))

    def _number(self, name: str, **bounds: Any) -> float:
        return number(type(self).__name__, name, getattr(self, name), **bounds)

    def _rows(self, X: Any) -> Array:
        """The rows to predict: as many features as in training, under the same names."""
        check_is_fitted(self)
        rows: Any = validate_data(self, X, dtype=np.float64, reset=False)
        return rows

    def _warn(self, message: str) -> None:
        warnings.warn(f"{type(self).__name__}: {message}", ConvergenceWarning, stacklevel=3)


class _Classifier(ClassifierMixin, _Estimator):
    """Labels of any type to integers from 0, and scores back to labels."""

    classes_: NDArray[Any]

    def decision_function(self, X: Any) -> Array:
        """The scores by which the classes are chosen: logits of a network, weighted sums of perceptrons.

        Args:
            X: (n, features) finite numbers.

        Returns:
            Of two classes (n,), above 0 for the second one; of more (n, classes), the largest for the one chosen.
        """
        scores = self._scores(self._rows(X))
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of each row."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def _scores(self, X: Array) -> Array:
        raise NotImplementedError

    def _samples(self, X: Any, y: Any) -> tuple[Array, NDArray[np.int64]]:
        """X as float64, y as indices into `classes_`."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, indices = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__}.fit(y=…) has only one class, {y.tolist()[0]!r}: wanted two or more."
            )
        return X, indices


# --- Multilayer perceptrons -----------------------------------------------------------------------------------


@dataclass(eq=False, repr=False, kw_only=True)  # its fields are the constructor's parameters, as get_params wants them
class _MLPEstimator(_Estimator):
    """The parameters, and the training; described at `MLPClassifier`."""

    hidden_layer_sizes: int | Sequence[int] = (16,)
    activation: Activation = "relu"
    solver: str | Optimizer = "adam"
    alpha: float = 1e-4
    batch_size: int | str = "auto"
    learning_rate_init: float = 0.01
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    verbose: bool = False
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    initialization: str | Initialization = "glorot"
    backend: str | None = None

    def _train(self, loss: Any, X: Array, y: NDArray[Any], outputs: int, stratify: Any = None) -> None:
        rng = _generator(self.random_state)
        model, optimizer = self._new_model(X.shape[1], outputs, rng), self._new_optimizer()
        X, y, validation = self._held_out(X, y, stratify, rng) if self.early_stopping else (X, y, None)
        batch_size = self._batch_size(len(X))
        history = fit(
            model,
            loss,
            X,
            y,
            optimizer=optimizer,
            epochs=self._integer("max_iter"),
            batch_size=batch_size,
            validation=validation,
            seed=rng,
            shuffle=self.shuffle,
            l2=self._number("alpha") / (2 * batch_size),
            patience=self._integer("n_iter_no_change"),
            min_delta=self._number("tol"),
            progress=self.verbose,
            backend=self.backend,
        )
        self.model_, self.history_, self.n_iter_, self.loss_curve_ = model, history, history.epochs, history.losses
        if history.epochs == self.max_iter and history.epochs - history.best_epoch < self.n_iter_no_change:
            self._warn(
                f"the loss was still falling after max_iter={self.max_iter} epochs; allow more, or take a "
                "larger learning_rate_init, or standardise the inputs."
            )

    def _new_model(self, nin: int, outputs: int, rng: np.random.Generator) -> MLP:
        sizes: Any = self.hidden_layer_sizes
        hidden = sizes if isinstance(sizes, Sequence) else [sizes]
        widths = [integer(type(self).__name__, "hidden_layer_sizes", width) for width in hidden]
        activation = "sigmoid" if self.activation == "logistic" else self.activation  # scikit-learn's name for it
        return MLP(nin, [*widths, outputs], activation, initialization=self.initialization, seed=rng)

    def _new_optimizer(self) -> Optimizer:
        if not isinstance(self.solver, Optimizer):
            if not isinstance(self.solver, str) or self.solver not in SOLVERS:
                raise unknown(type(self).__name__, "solver", self.solver, "a solver", SOLVERS, " or an nn.Optimizer")
            return SOLVERS[self.solver](self._number("learning_rate_init", above=True))
        optimizer = copy.deepcopy(self.solver)
        optimizer.load_state({"steps": 0})  # a second fit starts again, whatever the given one has been used for
        return optimizer

    def _batch_size(self, n: int) -> int:
        return min(32 if self.batch_size == "auto" else self._integer("batch_size"), n)

    def _held_out(self, X: Array, y: NDArray[Any], stratify: Any, rng: np.random.Generator) -> tuple[Any, Any, Any]:
        """X and y to train on, and the pair to validate on."""
        part, state = self._number("validation_fraction", above=True, below=1), int(rng.integers(2**31))
        split: Any = train_test_split(X, y, test_size=part, stratify=stratify, random_state=state)
        return split[0], split[2], (split[1], split[3])


class MLPClassifier(_Classifier, _MLPEstimator):
    """A multilayer perceptron that chooses among classes: one logit for two classes, softmax over more.

    Standardise the inputs: `make_pipeline(StandardScaler(), MLPClassifier())`. The defaults are those of a network that
    is small enough to be drawn, with which scikit-learn's toy data sets are learned: 16 hidden neurons, batches of 32,
    a rate of 0.01.

    Args:
        hidden_layer_sizes: widths of the hidden layers, `()` for none; an integer for one layer.
        activation: of the hidden layers, as for `nn.Neuron`.
        solver: `"sgd"`, `"momentum"`, `"nesterov"`, `"adagrad"`, `"rmsprop"`, `"adam"`, `"adamw"`, or an optimizer of
            which each fit takes a fresh copy, as in `nn.SGD(nn.CosineSchedule(0.1, steps=500))`.
        alpha: penalty alpha·Σθ² / (2 · batch size) on the mean loss of a batch; unlike scikit-learn's, on biases too.
        batch_size: samples per step; `"auto"` for 32.
        learning_rate_init: of a solver given by name.
        max_iter: passes over the data at most.
        shuffle: whether each pass takes the samples in a new order.
        random_state: an integer, a NumPy RandomState, or None for another outcome each time.
        tol, n_iter_no_change: training ends after `n_iter_no_change` passes without a loss that is lower by more than
            `tol`; the parameters are those of the best pass.
        verbose: whether to show nn.fit's progress bar.
        early_stopping: whether that loss is of a part of the data, `validation_fraction`, that is not trained on.
        initialization: of the weights, as for `nn.Neuron`.
        backend: of `nn.fit`; None for its default.

    Attributes:
        model_: the trained `nn.MLP`; its outputs are logits.
        classes_: the labels, sorted.
        history_: the `nn.History` of the training; `loss_curve_` and `n_iter_` are its losses and their number.
        n_features_in_, feature_names_in_: of the data trained on.
    """

    def fit(self, X: Any, y: Any) -> "MLPClassifier":
        """Train a new network.

        Args:
            X: (n, features) finite numbers.
            y: n labels, of two classes or more.

        Raises:
            ValueError, TypeError: the data or a parameter make no sense.
            nn.DivergenceError: the loss runs away.
        """
        X, indices = self._samples(X, y)
        classes = len(self.classes_)
        loss, outputs = ("binary_cross_entropy", 1) if classes == 2 else ("softmax_cross_entropy", classes)
        self._train(loss, X, indices, outputs, stratify=indices)
        return self

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, shape (n, classes)."""
        logits = self.decision_function(X)
        return softmax(logits, axis=1) if logits.ndim == 2 else np.column_stack([expit(-logits), expit(logits)])

    def _scores(self, X: Array) -> Array:
        return _evaluated(self.model_, self.model_, X)


@dataclass(eq=False, repr=False, kw_only=True)
class MLPRegressor(RegressorMixin, _MLPEstimator):
    """A multilayer perceptron that predicts one number or several.

    Standardise inputs and targets: with a `TransformedTargetRegressor` around the pipeline.

    Args:
        loss: `"squared_error"`, `"absolute_error"`, `"huber_loss"`, …: as for `nn.fit`.
        hidden_layer_sizes, …, backend: as for `MLPClassifier`.

    Attributes:
        model_: the trained `nn.MLP`; its outputs are the predictions.
        history_, loss_curve_, n_iter_, n_features_in_, feature_names_in_: as for `MLPClassifier`.
    """

    loss: str | Callable[[Any, Any], Any] = "squared_error"

    def fit(self, X: Any, y: Any) -> "MLPRegressor":
        """Train a new network on targets y of shape (n,) or (n, outputs); else as `MLPClassifier.fit`."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        self._train(self.loss, X, y, outputs=1 if y.ndim == 1 else y.shape[1])
        return self

    def predict(self, X: Any) -> Array:
        """The prediction for each row: (n,), or (n, outputs)."""
        rows = self._rows(X)
        outputs = _evaluated(self.model_, self.model_, rows)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


# --- Perceptrons ----------------------------------------------------------------------------------------------


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
class PerceptronClassifier(_Classifier):
    """Rosenblatt's perceptron: weights from 0, moved at each mistake; of more than two classes, one against the rest.

    It ends with a pass without mistakes, which comes if hyperplanes separate the classes (Novikoff 1962); else after
    `max_iter` passes, with a warning.

    Args:
        eta0: the rate η of w ← w + ηyx. It scales the weights and changes no prediction.
        fit_intercept: whether there is a bias.
        max_iter: passes over the data at most.
        shuffle: whether each pass takes the samples in a new order.
        random_state: of these orders: an integer, a NumPy RandomState, or None for others each time.

    Attributes:
        model_: the `nn.Perceptron` that says whether it is the second class; of more classes a `OneVsRest`.
        coef_, intercept_: its weights, shape (1 or classes, features), and biases, shape (1 or classes,).
        mistakes_: of each perceptron the number of mistakes in each pass; `n_iter_` is the number of passes.
        classes_: the labels, sorted.
        n_features_in_, feature_names_in_: of the data trained on.

    Source: Rosenblatt, The perceptron: a probabilistic model for information storage and organization (1958).
    """

    eta0: float = 1.0
    fit_intercept: bool = True
    max_iter: int = 100
    shuffle: bool = True
    random_state: Any = None

    def fit(self, X: Any, y: Any) -> "PerceptronClassifier":
        """Teach new perceptrons.

        Args:
            X: (n, features) finite numbers.
            y: n labels, of two classes or more.

        Raises:
            ValueError, TypeError: the data or a parameter make no sense.
        """
        rate, epochs = self._number("eta0", above=True), self._integer("max_iter")
        X, indices = self._samples(X, y)
        taught = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        model = OneVsRest(X.shape[1], len(taught), bias=self.fit_intercept)
        seed = _generator(self.random_state) if self.shuffle else None
        self.mistakes_ = [
            perceptron.learn(X, np.where(indices == k, 1, -1), rate=rate, epochs=epochs, seed=seed)
            for perceptron, k in zip(model.perceptrons, taught, strict=True)
        ]
        self._keep(model)
        return self

    def _keep(self, model: OneVsRest) -> None:
        perceptrons = model.perceptrons
        self.model_ = perceptrons[0] if len(perceptrons) == 1 else model
        self.coef_ = np.array([[w.data for w in perceptron.w] for perceptron in perceptrons], dtype=np.float64)
        self.intercept_ = np.array([p.b.data if p.b is not None else 0.0 for p in perceptrons], dtype=np.float64)
        self.n_iter_ = max(map(len, self.mistakes_))
        if any(mistakes[-1] for mistakes in self.mistakes_):
            self._warn(
                f"mistakes were still made after max_iter={self.max_iter} passes; perhaps no hyperplane "
                "separates the classes, and MLPClassifier can."
            )

    def _scores(self, X: Array) -> Array:
        return _evaluated(self.model_, getattr(self.model_, "weighted_sum", self.model_), X)
