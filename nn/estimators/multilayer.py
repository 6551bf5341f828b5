"""Multilayer perceptrons as estimators: `MLPClassifier` and `MLPRegressor`."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import RegressorMixin
from sklearn.model_selection import train_test_split

from nn.activations import Activation
from nn.arguments import Array, integer
from nn.backends import program_of
from nn.eager import Program
from nn.estimators.base import Classifier, Estimator, evaluated, random_numbers
from nn.history import History
from nn.initializations import Initialization
from nn.losses import loss_named
from nn.mlp import MLP
from nn.optimizers import Optimizer, optimizer_named
from nn.training import fit


@dataclass(eq=False, repr=False, kw_only=True)  # its fields are the constructor's parameters, as get_params wants them
class MLPEstimator(Estimator):
    """The parameters, and the training; described at `MLPClassifier`."""

    hidden_layer_sizes: int | Sequence[int] = (16,)
    activation: Activation = "relu"
    solver: str | type[Optimizer] | Optimizer = "adam"
    alpha: float = 1e-4
    batch_size: int | str = "auto"
    learning_rate_init: float = 0.01
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    verbose: bool = False
    warm_start: bool = False
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    initialization: str | Initialization = "glorot"
    backend: str | None = None

    # --- What was trained -------------------------------------------------------------------------------------

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, shape (inputs, outputs): a picture of `model_`, where they can be changed."""
        return [_frozen([[w.data for w in neuron.w] for neuron in layer.neurons]).T for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, shape (outputs,)."""
        return [_frozen([neuron.b.data for neuron in layer.neurons]) for layer in self.model_.layers]

    @property
    def n_layers_(self) -> int:
        """The number of layers, the inputs counted as one."""
        return len(self.model_.layers) + 1

    @property
    def n_outputs_(self) -> int:
        return len(self.model_.layers[-1].neurons)

    @property
    def loss_(self) -> float:
        """The loss of the last pass; nan if none was finished."""
        return self.loss_curve_[-1] if self.loss_curve_ else float("nan")

    @property
    def best_loss_(self) -> float | None:
        """The lowest loss of a pass; None if validation data decided which pass was the best."""
        return None if self.history_.validation_losses else min(self.loss_curve_, default=float("nan"))

    # --- Training ---------------------------------------------------------------------------------------------

    def _train(
        self, loss: Any, data: tuple[Any, Any, Any], outputs: int, incremental: bool, stratify: Any = None
    ) -> None:
        """A training from the beginning, from the parameters of the one before, or one pass more of that."""
        goes_on = self._goes_on(incremental)
        model = self._begin(data[0].shape[1], outputs, goes_on, incremental)
        data, validation = self._held_out(data, stratify, incremental)
        history = self._fit(model, loss, data, validation, incremental)
        self.model_, self.history_, self.n_iter_ = model, history, history.epochs
        self.loss_curve_ = (self.loss_curve_ if goes_on else []) + history.losses
        self.t_ = (self.t_ if goes_on else 0) + history.epochs * len(data[0])

    def _begin(self, nin: int, outputs: int, goes_on: bool, incremental: bool) -> MLP:
        """The model to train; sets the optimiser and the random numbers, which only `partial_fit` keeps."""
        kept = goes_on and incremental
        rng = self._rng if kept else random_numbers(self.random_state)
        model = self._new_model(nin, outputs, None if kept else rng)
        model, optimizer = self._known(model) if goes_on else model, self._new_optimizer()
        if kept and type(optimizer) is type(self._optimizer):
            optimizer.load_state(self._optimizer.state())
        self._rng, self._optimizer = rng, optimizer
        return model

    def _fit(self, model: MLP, loss: Any, data: tuple[Any, Any, Any], validation: Any, incremental: bool) -> History:
        X, y, weights = data
        batch_size = self._batch_size(len(X))
        together = batch_size * (1 if weights is None else (weights / len(X)).sum())
        return fit(
            model,
            loss,
            X,
            y,
            optimizer=self._optimizer,
            epochs=1 if incremental else self._integer("max_iter"),
            batch_size=batch_size,
            sample_weight=weights,
            validation=validation,
            seed=self._rng,
            shuffle=self.shuffle,
            l2=self._number("alpha") / (2 * together),
            patience=None if incremental else self._integer("n_iter_no_change"),
            min_delta=self._number("tol"),
            progress=self.verbose,
            backend=self._program(model, loss, data) if incremental else self.backend,
        )

    def _shortcoming(self) -> str:
        epochs, waited = self.history_.epochs, self.history_.epochs - self.history_.best_epoch
        if epochs < self.max_iter or waited >= self.n_iter_no_change:
            return ""
        return (
            f"the loss was still falling after max_iter={self.max_iter} epochs; allow more, or take a larger "
            "learning_rate_init, or standardise the inputs."
        )

    def _program(self, model: MLP, loss: Any, data: tuple[Any, Any, Any]) -> Program:
        """The program of the calls of `partial_fit`, made in the first one: it may take longer than their passes."""
        X, y, weights = data
        made_for = model, loss, self.backend, weights is not None
        if getattr(self, "_compiled", (None,))[0] != made_for:
            program = program_of(self.backend, model, loss_named("fit", loss), X, y, weights is not None)
            self._compiled = made_for, program
        program = self._compiled[1]
        program.parameters = np.array([p.data for p in model.parameters()], dtype=np.float64)
        return program

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        return {name: kept for name, kept in state.items() if name != "_compiled"}

    def _new_model(self, nin: int, outputs: int, rng: np.random.Generator | None) -> MLP:
        sizes: Any = self.hidden_layer_sizes
        hidden = sizes if isinstance(sizes, Sequence) else [sizes]
        widths = [integer(type(self).__name__, "hidden_layer_sizes", width) for width in hidden]
        activation = "sigmoid" if self.activation == "logistic" else self.activation  # scikit-learn's name for it
        return MLP(nin, [*widths, outputs], activation, initialization=self.initialization, seed=rng)

    def _new_optimizer(self) -> Optimizer:
        optimizer = optimizer_named(
            type(self).__name__, "solver", self.solver, self._number("learning_rate_init", above=True)
        )
        if optimizer is self.solver:  # a second fit starts again, whatever the given one has been used for
            optimizer = copy.deepcopy(optimizer)
            optimizer.load_state({"steps": 0})
        return optimizer

    def _batch_size(self, n: int) -> int:
        return min(32 if self.batch_size == "auto" else self._integer("batch_size"), n)

    def _held_out(self, data: tuple[Any, Any, Any], stratify: Any, incremental: bool) -> tuple[Any, Any]:
        """X, y and weights to train on, and those to validate on."""
        if not self.early_stopping:
            return data, None
        if incremental:
            raise ValueError(f"{type(self).__name__}.partial_fit: early_stopping=True needs many passes; wanted False.")
        part, state = self._number("validation_fraction", above=True, below=1), int(self._rng.integers(2**31))
        arrays = [each for each in data if each is not None]
        split: Any = train_test_split(*arrays, test_size=part, stratify=stratify, random_state=state)
        rest = [] if data[2] is not None else [None]
        return (*split[::2], *rest), (*split[1::2], *rest)


def _frozen(numbers: Any) -> Array:
    array = np.array(numbers, dtype=np.float64)
    array.flags.writeable = False
    return array


class MLPClassifier(Classifier, MLPEstimator):
    """A multilayer perceptron that chooses among classes: one logit for two classes, softmax over more.

    Where a row may have several labels at once, y is a table of 0 and 1, and each label has a logit of its own.

    Standardise the inputs: `make_pipeline(StandardScaler(), MLPClassifier())`. The defaults are those of a network that
    is small enough to be drawn, with which scikit-learn's toy data sets are learned: 16 hidden neurons, batches of 32,
    a rate of 0.01.

    Args:
        hidden_layer_sizes: widths of the hidden layers, `()` for none; an integer for one layer.
        activation: of the hidden layers, as for `nn.Neuron`.
        solver: a name of `nn.OPTIMIZERS` such as `"adam"`, or its class, `nn.Adam`; or an optimizer of which each fit
            takes a fresh copy, as in `nn.SGD(nn.CosineSchedule(0.1, steps=500))`.
        alpha: penalty alpha·Σθ² / (2 · batch size) on the mean loss of a batch; unlike scikit-learn's, on biases too.
            Of weighted samples, the batch size is multiplied by their mean weight.
        batch_size: samples per step; `"auto"` for 32.
        learning_rate_init: of a solver given by its name or class.
        max_iter: passes over the data at most.
        shuffle: whether each pass takes the samples in a new order.
        random_state: an integer, a NumPy RandomState, or None for another outcome each time.
        tol, n_iter_no_change: training ends after `n_iter_no_change` passes without a loss that is lower by more than
            `tol`; the parameters are those of the best pass.
        verbose: whether to show nn.fit's progress bar.
        warm_start: whether `fit` begins with the parameters of the `fit` before; optimizer and random numbers are new.
        early_stopping: whether that loss is of a part of the data, `validation_fraction`, that is not trained on.
        initialization: of the weights, as for `nn.Neuron`.
        backend: of `nn.fit`; None for its default.

    Attributes:
        model_: the trained `nn.MLP`; its outputs are logits.
        classes_: the labels, sorted; of a table the numbers of its columns.
        coefs_, intercepts_: of each layer its weights, shape (inputs, outputs), and its biases, read-only.
        out_activation_: what turns logits into probabilities, `"logistic"` or `"softmax"`.
        n_layers_, n_outputs_: of the network, the inputs counted as a layer.
        loss_curve_: the loss of each pass since the network was new; `loss_` is the last one, `best_loss_` the lowest.
        t_: the samples seen in these passes.
        history_: the `nn.History` of the last call; `n_iter_` is the number of its passes.
        n_features_in_, feature_names_in_: of the data trained on.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network, or with `warm_start` the one there is.

        Args:
            X: (n, features) finite numbers.
            y: n labels, of two classes or more; or a table of 0 and 1, (n, labels).
            sample_weight: (n,) numbers of at least 0. A weight of 2 is the row twice, a weight of 0 the row left out.

        Raises:
            ValueError, TypeError: the data or a parameter make no sense.
            nn.DivergenceError: the loss runs away.
        """
        self._learn(X, y, sample_weight, None, incremental=False)
        self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train by one pass over these data, where the last call of `fit` or `partial_fit` ended.

        Parameters that have been set since hold from now on; those that shape the network may not change.

        Args:
            X, y, sample_weight: as for `fit`; y may lack some of the classes.
            classes: in the first call, all labels that any call will bring; for a table of 0 and 1 not needed.

        Raises:
            ValueError, TypeError, nn.DivergenceError: as for `fit`; then the model is that of before the failing step.
        """
        self._learn(X, y, sample_weight, classes, incremental=True)
        return self

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, shape (n, classes); of several labels at once, that of each alone."""
        return self._of_logits(X, expit, softmax)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of the probabilities, which stay exact where those round to 0 or 1."""
        return self._of_logits(X, log_expit, log_softmax)

    @property
    def out_activation_(self) -> str:
        return "logistic" if self._multilabel or self.n_outputs_ == 1 else "softmax"

    def _of_logits(self, X: Any, of_one: Callable[..., Any], of_all: Callable[..., Any]) -> Array:
        logits = self.decision_function(X)
        if logits.ndim == 1:
            return np.column_stack([of_one(-logits), of_one(logits)])
        return of_one(logits) if self._multilabel else of_all(logits, axis=1)

    def _learn(self, X: Any, y: Any, sample_weight: Any, classes: Any, incremental: bool) -> None:
        X, y, weights = self._samples(X, y, sample_weight, classes, incremental)
        softmaxed = not self._multilabel and len(self.classes_) > 2
        loss = "softmax_cross_entropy" if softmaxed else "binary_cross_entropy"
        outputs = len(self.classes_) if softmaxed or self._multilabel else 1
        self._train(loss, (X, y, weights), outputs, incremental, stratify=None if self._multilabel else y)

    def _scores(self, X: Array) -> Array:
        return evaluated(self.model_, self.model_, X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@dataclass(eq=False, repr=False, kw_only=True)
class MLPRegressor(RegressorMixin, MLPEstimator):
    """A multilayer perceptron that predicts one number or several.

    Standardise inputs and targets: with a `TransformedTargetRegressor` around the pipeline.

    Args:
        loss: `"squared_error"`, `"absolute_error"`, `"huber_loss"`, …: as for `nn.fit`.
        hidden_layer_sizes, …, backend: as for `MLPClassifier`.

    Attributes:
        model_: the trained `nn.MLP`; its outputs are the predictions.
        coefs_, intercepts_, n_layers_, n_outputs_, loss_curve_, loss_, best_loss_, t_, history_, n_iter_,
            n_features_in_, feature_names_in_: as for `MLPClassifier`.
        out_activation_: `"identity"`.
    """

    loss: str | Callable[[Any, Any], Any] = "squared_error"

    @property
    def out_activation_(self) -> str:
        return self.model_.output

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on targets y of shape (n,) or (n, outputs); else as `MLPClassifier.fit`."""
        self._learn(X, y, sample_weight, incremental=False)
        self._warn()
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train by one pass over these data, as `MLPClassifier.partial_fit`."""
        self._learn(X, y, sample_weight, incremental=True)
        return self

    def _learn(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> None:
        X, y, weights = self._data(X, y, sample_weight, incremental, multi_output=True, y_numeric=True)
        self._train(self.loss, (X, y, weights), 1 if y.ndim == 1 else y.shape[1], incremental)

    def predict(self, X: Any) -> Array:
        """The prediction for each row: (n,), or (n, outputs)."""
        rows = self._rows(X)
        outputs = evaluated(self.model_, self.model_, rows)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
