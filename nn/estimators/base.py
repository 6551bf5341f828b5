"""What the estimators share: rows and labels checked as scikit-learn wants it, batches evaluated, training gone on."""

import warnings
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd import BranchChanged, NotCompilable, Program, Value, compile, no_grad
from autograd.engine import is_recording
from nn.arguments import Array, integer, number, sample_weights
from nn.module import Module
from nn.neurons import Sample

_WORTH_COMPILING = 20
"""Rows from which on a program is quicker than their graphs: making it takes as long as about a dozen of these."""

_programs: WeakKeyDictionary[Module, Program] = WeakKeyDictionary()  # of models that have predicted, while they live


def evaluated(model: Module, function: Callable[[Sample], Any], X: Array) -> Array:
    """What a function of the model gives for each row, (n, outputs): the one place where batches are evaluated."""

    def outputs(x: Any) -> list[Value]:
        y = function(x)
        return [y] if isinstance(y, Value) else y

    if len(X) >= _WORTH_COMPILING and (is_recording() or model in _programs):  # under no_grad nothing is compiled
        found = _by_program(model, outputs, X)
        if found is not None and np.isfinite(found).all():
            return found
    with no_grad():
        return np.array([[y.data for y in outputs(x)] for x in X.tolist()], dtype=np.float64)


def _by_program(model: Module, outputs: Callable[[Any], list[Value]], X: Array) -> Array | None:
    """What the program of a model gives, with its parameters as they are now; None if these rows have none."""
    try:
        program = _programs.get(model) or compile(outputs, X[0].tolist(), wrt=model, branches="follow")
        if not program.guards:  # else it holds the function, which may hold the model
            _programs[model] = program
        program.parameters = [p.data for p in model.parameters()]  # they may have been changed since
        return program(X)
    except (BranchChanged, NotCompilable):  # too many ways to follow, or none that can be compiled
        return None


def random_numbers(random_state: Any) -> np.random.Generator:
    """nn's source of random numbers, from what scikit-learn calls a random state."""
    return np.random.default_rng(check_random_state(random_state).randint(2**31, dtype=np.int64))


class Estimator(BaseEstimator):
    """Parameters that are checked under their own names, rows to train on and to predict, a model to go on with."""

    model_: Any
    warm_start: bool

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _integer(self, name: str) -> int:
        return integer(type(self).__name__, name, getattr(self, name))

    def _number(self, name: str, **bounds: Any) -> float:
        return number(type(self).__name__, name, getattr(self, name), **bounds)

    def _rows(self, X: Any) -> Array:
        """The rows to predict: as many features as in training, under the same names."""
        check_is_fitted(self)
        rows: Any = validate_data(self, X, dtype=np.float64, reset=False)
        return rows

    def _goes_on(self, incremental: bool) -> bool:
        """Whether a training goes on with the model of the one before."""
        return hasattr(self, "model_") and (incremental or self.warm_start)

    def _called(self, incremental: bool) -> str:
        return f"{type(self).__name__}.{'partial_fit' if incremental else 'fit'}"

    def _data(self, X: Any, y: Any, sample_weight: Any, incremental: bool, **checks: Any) -> tuple[Array, Any, Any]:
        """X, y and weights as arrays, of the rows whose weight is not 0; a new training that fails leaves no model."""
        goes_on = self._goes_on(incremental)
        X, y = validate_data(self, X, y, dtype=np.float64, reset=not goes_on, **checks)
        y = y.toarray() if issparse(y) else y
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        if not goes_on:
            vars(self).pop("model_", None)
        if sample_weight is None:
            return X, y, None
        weights = sample_weights(self._called(incremental), "sample_weight", sample_weight, len(X))
        counts = weights > 0
        return X[counts], y[counts], weights[counts]

    def _known(self, wanted: Module) -> Any:
        """The model to go on with, if it is the one that the parameters and the data ask for."""
        if wanted.architecture() != self.model_.architecture():
            raise ValueError(
                f"{type(self).__name__}: the parameters and the data ask for {wanted!r}, and the training goes on with "
                f"{self.model_!r}; for a new model call fit without warm_start."
            )
        return self.model_

    def _warn(self) -> None:
        """Say at the line that called `fit` what is not as it should be."""
        if message := self._shortcoming():
            warnings.warn(f"{type(self).__name__}: {message}", ConvergenceWarning, stacklevel=3)

    def _shortcoming(self) -> str:
        raise NotImplementedError


class Classifier(ClassifierMixin, Estimator):
    """Labels of any type to integers from 0, and scores back to labels."""

    classes_: NDArray[Any]
    _multilabel: bool

    def decision_function(self, X: Any) -> Array:
        """The scores by which the classes are chosen: logits of a network, weighted sums of perceptrons.

        Args:
            X: (n, features) finite numbers.

        Returns:
            Of two classes (n,), above 0 for the second one; of more (n, classes), the largest for the one chosen; of
            several labels at once (n, labels), above 0 for each that is there.
        """
        scores = self._scores(self._rows(X))
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of each row; of several at once a table of 0 and 1, (n, labels)."""
        scores = self.decision_function(X)
        if self._multilabel:
            return (scores > 0).astype(int)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def _scores(self, X: Array) -> Array:
        raise NotImplementedError

    def _samples(
        self, X: Any, y: Any, sample_weight: Any, classes: Any, incremental: bool
    ) -> tuple[Array, NDArray[Any], Array | None]:
        """X as float64, y as indices into `classes_` or as a table of 0 and 1, and the weights."""
        goes_on, several = self._goes_on(incremental), self.__sklearn_tags__().classifier_tags.multi_label
        X, y, weights = self._data(X, y, sample_weight, incremental, multi_output=several)
        check_classification_targets(y)
        multilabel = y.ndim == 2
        if multilabel and not np.isin(y, (0, 1)).all():
            wanted = "one label for each row, or a table of 0 and 1"
            raise self._refused(incremental, "y=…", "is a table of other labels than 0 and 1", wanted)
        if goes_on and multilabel != self._multilabel:
            raise self._refused(incremental, "y=…", f"has shape {y.shape}", "labels of the same form as before")
        found = np.arange(y.shape[1]) if multilabel else np.unique(y)
        self.classes_ = self._known_classes(found, classes, incremental, multilabel)
        self._multilabel = multilabel
        return X, y if multilabel else np.searchsorted(self.classes_, y), weights

    def _known_classes(self, found: NDArray[Any], given: Any, incremental: bool, multilabel: bool) -> NDArray[Any]:
        """The classes of before, or those given, or those of y; in one call of many, y may lack some."""
        goes_on, whole = self._goes_on(incremental), multilabel or not incremental
        if given is None and not (goes_on or whole):
            raise self._refused(incremental, "classes=None", "in the first call", "the classes of all calls")
        known = self.classes_ if goes_on else found if given is None else np.unique(np.asarray(given))
        for name, some, all_of_them in (("classes", given, True), ("y", found, whole)):
            some = known if some is None else np.unique(np.asarray(some))
            if not (np.isin(some, known).all() and (len(some) == len(known) or not all_of_them)):
                wanted = f"{'all' if all_of_them else 'some'} of {known.tolist()}, and no others"
                raise self._refused(incremental, f"{name}=…", f"has the classes {some.tolist()}", wanted)
        if len(known) < 2:
            name = "y" if given is None else "classes"
            raise self._refused(incremental, f"{name}=…", f"has only one class, {known.tolist()[0]!r}", "two or more")
        return known

    def _refused(self, incremental: bool, argument: str, came: str, wanted: str) -> ValueError:
        return ValueError(f"{self._called(incremental)}({argument}) {came}: wanted {wanted}.")
