"""Laws of estimators that go on: `partial_fit`, `warm_start`, weights of samples, several labels at once."""

import copy
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.special import expit, softmax
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import nn
from estimated import LINES, NAMES, TABLE, X, Y, unconverged
from nn.estimators import MLPClassifier, MLPRegressor, PerceptronClassifier, multilayer

pytestmark = unconverged

CLASSES, CLASSIFIER = np.unique(NAMES), {"hidden_layer_sizes": (3,), "random_state": 0, "activation": "tanh", "tol": 0}
TARGETS: dict[str, tuple[type[Any], Any, dict[str, Any]]] = {
    "two classes": (MLPClassifier, Y % 2, {"classes": [0, 1]}),
    "three classes": (MLPClassifier, NAMES[Y], {"classes": NAMES}),
    "several labels": (MLPClassifier, TABLE, {}),
    "one number": (MLPRegressor, LINES[:, 0], {}),
    "three numbers": (MLPRegressor, LINES, {}),
    "perceptrons": (PerceptronClassifier, NAMES[Y], {"classes": CLASSES}),
}
networks = pytest.mark.parametrize("name", [name for name in TARGETS if name != "perceptrons"])
all_of_them = pytest.mark.parametrize("name", TARGETS)


def made(name: str, **named: Any) -> Any:
    """A small estimator for these targets, which never thinks that it has converged."""
    kind = TARGETS[name][0]
    return kind(random_state=0, **named) if kind is PerceptronClassifier else kind(**CLASSIFIER | named)


def went_on(name: str, passes: int, between: Callable[[Any], Any] = lambda estimator: estimator, **named: Any) -> Any:
    """An estimator that has been trained by `partial_fit`, pass after pass."""
    estimator, (_, y, classes) = made(name, **named), TARGETS[name]
    for _ in range(passes):
        estimator = between(estimator.partial_fit(X, y, **classes))
    return estimator


def state(estimator: Any) -> dict[str, Any]:
    return estimator.model_.state()


# --- partial_fit ----------------------------------------------------------------------------------------------


@all_of_them
def test_passes_one_by_one_are_one_training(name: str) -> None:
    """k calls of partial_fit are fit(max_iter=k), bit for bit: shuffled batches, optimiser and all."""
    at_once = made(name, max_iter=4).fit(X, TARGETS[name][1])
    one_by_one = went_on(name, 4)
    assert state(one_by_one) == state(at_once)
    assert one_by_one.n_iter_ == 1
    if name != "perceptrons":
        assert at_once.history_.best_epoch == 4  # or fit would have gone back to a better one
        assert (one_by_one.loss_curve_, one_by_one.t_) == (at_once.loss_curve_, 4 * 60)
        assert at_once.t_ == 4 * 60


def test_perceptrons_take_another_order_in_each_pass() -> None:
    """Of data that no line separates, where the order decides where they end: k passes are fit(max_iter=k)."""
    mixed = X + np.random.default_rng(0).normal(size=X.shape)
    one_by_one = made("perceptrons")
    for k in range(1, 5):
        one_by_one.partial_fit(mixed, NAMES[Y], classes=CLASSES)
        at_once = made("perceptrons", max_iter=k).fit(mixed, NAMES[Y])
        assert (state(one_by_one), one_by_one.mistakes_) == (state(at_once), at_once.mistakes_)


@pytest.mark.parametrize("solver", nn.OPTIMIZERS)
def test_the_optimiser_is_kept_between_passes(solver: str) -> None:
    """For each solver, by its name and as an optimizer with a schedule."""
    scheduled = nn.OPTIMIZERS[solver](nn.LinearSchedule(0.02, 0.001, 5))
    variants: list[dict[str, Any]] = [{"solver": solver, "learning_rate_init": 0.003}, {"solver": scheduled}]
    for named in variants:
        at_once = made("three classes", max_iter=3, **named).fit(X, NAMES[Y])
        assert state(went_on("three classes", 3, **named)) == state(at_once)
    assert scheduled.steps == 0


@all_of_them
@pytest.mark.parametrize("between", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy], ids=["pickle", "copy"])
def test_a_pickle_goes_on_bit_for_bit(name: str, between: Any) -> None:
    """Optimiser and random numbers are in it; the program is not, and is made anew."""
    assert state(went_on(name, 3, between)) == state(went_on(name, 3))
    assert b"CompiledProgram" not in pickle.dumps(went_on(name, 1))


@all_of_them
def test_a_pass_after_fit_goes_on_from_there(name: str) -> None:
    """fit(max_iter=2) and two passes are four; a clone of it has forgotten everything."""
    y = TARGETS[name][1]
    estimator = made(name, max_iter=2).fit(X, y).partial_fit(X, y).partial_fit(X, y)
    assert state(estimator) == state(went_on(name, 4))
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(estimator))


def test_fit_after_partial_fit_begins_anew() -> None:
    """Unless warm_start says otherwise."""
    for name in TARGETS:
        y = TARGETS[name][1]
        again, once = went_on(name, 2).set_params(max_iter=3).fit(X, y), made(name, max_iter=3).fit(X, y)
        assert state(again) == state(once)
        assert name == "perceptrons" or again.loss_curve_ == once.loss_curve_


def test_a_program_is_made_once_for_many_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than the passes; another backend, loss or weights at all need another."""
    made_programs: list[Any] = []
    program_of = multilayer.program_of
    monkeypatch.setattr(multilayer, "program_of", lambda *given: made_programs.append(given) or program_of(*given))
    estimator = went_on("one number", 5)
    assert len(made_programs) == 1
    for k, change in enumerate(({"loss": "huber_loss"}, {"backend": "eager"}), start=2):
        estimator.set_params(**change).partial_fit(X, LINES[:, 0]).partial_fit(X, LINES[:, 0])
        assert len(made_programs) == k
    estimator.partial_fit(X, LINES[:, 0], sample_weight=np.arange(60) + 1)
    assert len(made_programs) == 4


def test_a_pass_sees_the_model_as_it_is() -> None:
    """Parameters that were changed by hand between two passes are where the next one begins."""
    changed, fresh = went_on("one number", 1), went_on("one number", 1)
    for estimator in (changed, fresh):
        for parameter in estimator.model_.parameters():
            parameter.data = 0.1
    fresh = pickle.loads(pickle.dumps(fresh))  # without a program that might remember
    assert state(changed.partial_fit(X, LINES[:, 0])) == state(fresh.partial_fit(X, LINES[:, 0]))


def test_parameters_set_between_passes_hold_from_then_on() -> None:
    """A rate ten times as large moves ten times as far; the moments of an optimiser of the same kind stay."""
    moves = []
    for rate in (1e-4, 1e-3):
        estimator = went_on("one number", 1, solver="sgd", batch_size=60)
        before = estimator.coefs_[0].copy()
        estimator.set_params(learning_rate_init=rate).partial_fit(X, LINES[:, 0])
        moves.append(estimator.coefs_[0] - before)
    assert moves[1] == pytest.approx(10 * moves[0], rel=1e-6)
    estimator = went_on("one number", 2).set_params(learning_rate_init=0.5, batch_size=60).partial_fit(X, LINES[:, 0])
    assert estimator._optimizer.steps == 5  # two batches in each of two passes, and one
    estimator.set_params(solver="sgd").partial_fit(X, LINES[:, 0])
    assert estimator._optimizer.steps == 1


def test_classes_may_come_later_than_they_are_announced() -> None:
    """Each call may lack some; those of the first call are all, sorted, and have their outputs."""
    for kind in (MLPClassifier, PerceptronClassifier):
        estimator = kind(random_state=0)
        for k in (2, 0, 1, 2, 0, 1):
            estimator.partial_fit(X[k == Y], NAMES[Y[k == Y]], classes=NAMES)
            assert estimator.classes_.tolist() == CLASSES.tolist()
            assert estimator.decision_function(X).shape == (60, 3)


def test_a_pass_that_fails_at_once_has_not_been() -> None:
    """Model and optimiser go on as if it had not been tried; a new training that fails leaves no model at all."""
    bad = np.where(np.arange(60) == 40, 1e200, LINES[:, 0])  # whose square is no float, in the second step
    for rows in (slice(0, 30), slice(30, 60)):
        estimator = went_on("one number", 1, shuffle=False)
        if rows.start:
            with pytest.raises(ArithmeticError):
                estimator.partial_fit(X[rows], bad[rows])
        estimator.partial_fit(X, LINES[:, 0])
        assert state(estimator) == state(went_on("one number", 2, shuffle=False))
    with pytest.raises(ArithmeticError):
        estimator.fit(X, bad)
    with pytest.raises(NotFittedError):
        estimator.predict(X)


def test_a_pass_that_diverges_stops_before_the_step_that_fails() -> None:
    """The estimator has a model still, of finite numbers."""
    estimator = went_on("one number", 1, solver="sgd")
    with pytest.raises(nn.DivergenceError, match="at step 2"):
        estimator.set_params(learning_rate_init=1e200).partial_fit(X, LINES[:, 0])
    assert np.isfinite(list(state(estimator).values())).all()


# --- warm_start -----------------------------------------------------------------------------------------------


@networks
def test_a_warm_start_goes_on_with_the_parameters(name: str) -> None:
    """By plain gradient descent, which remembers nothing, fit and fit are one fit; losses and samples add up."""
    y, named = TARGETS[name][1], {"solver": "sgd", "shuffle": False, "learning_rate_init": 0.003}
    twice = made(name, warm_start=True, max_iter=2, **named).fit(X, y)
    twice.set_params(max_iter=3).fit(X, y)
    once = made(name, max_iter=5, **named).fit(X, y)
    assert state(twice) == state(once)
    assert (twice.loss_curve_, twice.t_, twice.n_iter_) == (once.loss_curve_, once.t_, 3)
    twice.set_params(warm_start=False, max_iter=5).fit(X, y)
    assert (state(twice), twice.loss_curve_) == (state(once), once.loss_curve_)


def test_a_warm_start_begins_with_a_new_optimiser() -> None:
    """The first step of Adam is as long as the rate, whatever came before."""
    y = LINES[:, 0]
    estimator = made("one number", warm_start=True, max_iter=5, alpha=0.0).fit(X, y)
    before = estimator.intercepts_[-1]
    estimator.set_params(max_iter=1, batch_size=60).fit(X, y)
    assert abs(estimator.intercepts_[-1] - before) == pytest.approx(0.01, rel=1e-4)


def test_perceptrons_start_warm() -> None:
    """A second fit begins where the first ended: where nothing is wrong any more, nothing changes."""
    estimator = made("perceptrons", warm_start=True).fit(X, NAMES[Y])
    before, passes = state(estimator), [len(mistakes) for mistakes in estimator.mistakes_]
    estimator.fit(X, NAMES[Y])
    assert state(estimator) == before
    assert [len(mistakes) for mistakes in estimator.mistakes_] == [each + 1 for each in passes]
    assert estimator.n_iter_ == 1


def test_a_warm_start_holds_out_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or what stopped the first fit would be trained on in the second."""
    held_out = []

    def spied(*given: Any, **named: Any) -> nn.History:
        held_out.append(named["validation"][0])
        return nn.fit(*given, **named)

    monkeypatch.setattr(multilayer, "fit", spied)
    estimator = made("three classes", warm_start=True, early_stopping=True, max_iter=2)
    for _ in range(3):
        estimator.fit(X, NAMES[Y])
    assert (held_out[0] == held_out[1]).all()
    assert (held_out[0] == held_out[2]).all()


# --- Weights --------------------------------------------------------------------------------------------------

ROWS = np.arange(0, 60, 5)  # four of each class
COUNTS = st.lists(st.integers(0, 2), min_size=12, max_size=12).filter(
    lambda counts: all(sum(c for c, k in zip(counts, Y[ROWS], strict=True) if k == each) for each in range(3))
)


@networks
@given(counts=COUNTS)
@example(counts=[0, 2] * 6)
@settings(max_examples=4)
def test_a_weight_of_two_is_the_row_twice(name: str, counts: list[int]) -> None:
    """In a batch of all rows, penalty included: the same model, but for the order of sums; in partial_fit too."""
    y, again = TARGETS[name][1][ROWS], np.repeat(ROWS, counts)
    named = {"max_iter": 4, "alpha": 0.1}
    weighted, repeated = made(name, **named), made(name, **named)
    weighted.fit(X[ROWS], y, sample_weight=counts).partial_fit(X[ROWS], y, sample_weight=counts)
    repeated.fit(X[again], TARGETS[name][1][again]).partial_fit(X[again], TARGETS[name][1][again])
    assert weighted.loss_curve_ == pytest.approx(repeated.loss_curve_, rel=1e-9)
    assert weighted.model_.state() == pytest.approx(repeated.model_.state(), rel=1e-6, abs=1e-9)
    score = repeated.score(X[again], TARGETS[name][1][again])
    assert weighted.score(X[ROWS], y, sample_weight=counts) == pytest.approx(score, rel=1e-6)


@networks
@pytest.mark.parametrize("early", [False, True])
def test_a_weight_of_0_leaves_the_row_out_bit_for_bit(name: str, early: bool) -> None:
    """Of shuffled batches, of the validation data and of their proportions."""
    weights, y = np.random.default_rng(0).integers(0, 3, 60).astype(float), TARGETS[name][1]
    kept, named = weights > 0, {"max_iter": 3, "batch_size": 7, "early_stopping": early}
    ours = made(name, **named).fit(X, y, sample_weight=weights)
    assert state(ours) == state(made(name, **named).fit(X[kept], y[kept], sample_weight=weights[kept]))
    assert state(made(name, **named).fit(X, y, np.full(60, 3.0))) == state(
        made(name, **named, alpha=1e-4 / 3).fit(X, y)
    )


def test_weights_go_with_their_rows_into_the_validation_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is found with its own weight, in one part or the other."""
    given_to_fit: dict[str, Any] = {}

    def spied(model: Any, loss: Any, X: Any, y: Any, **named: Any) -> nn.History:
        given_to_fit.update(named, X=X)
        return nn.fit(model, loss, X, y, **named)

    monkeypatch.setattr(multilayer, "fit", spied)
    made("three classes", early_stopping=True, max_iter=1).fit(X, NAMES[Y], sample_weight=np.arange(60) + 1.0)
    rows, _, weights = given_to_fit["validation"]
    found = np.vstack([np.c_[given_to_fit["X"], given_to_fit["sample_weight"]], np.c_[rows, weights]])
    assert sorted(found.tolist()) == sorted(np.c_[X, np.arange(60) + 1.0].tolist())


@pytest.mark.parametrize("backend", ["numpy", "eager"])
def test_weights_shift_the_boundary(backend: str) -> None:
    """What counts a hundred times as much is right in the end, where both labels came at the same place."""
    rows, labels = np.zeros((4, 1)), np.array(["a", "b", "a", "b"])
    for heavy in "ab":
        estimator = MLPClassifier(hidden_layer_sizes=(), max_iter=20, random_state=0, backend=backend)
        estimator.fit(rows, labels, sample_weight=np.where(labels == heavy, 100, 1))
        assert (estimator.predict(rows) == heavy).all()


# --- Several labels at once -----------------------------------------------------------------------------------


def test_several_labels_are_learned_at_once() -> None:
    """Each label has its probability; a row is right if all of its labels are."""
    estimator = MLPClassifier(learning_rate_init=0.05, max_iter=300, random_state=0).fit(X, TABLE)
    probabilities, predicted = estimator.predict_proba(X), estimator.predict(X)
    assert probabilities.shape == predicted.shape == TABLE.shape
    assert (predicted == (probabilities > 0.5)).all()
    assert probabilities == pytest.approx(expit(estimator.decision_function(X)), rel=1e-12)
    assert estimator.classes_.tolist() == [0, 1, 2]
    assert estimator.score(X, TABLE) == accuracy_score(TABLE, predicted) > 0.95
    assert estimator.score(X, 1 - TABLE) == 0


@pytest.mark.parametrize("given_as", [np.ndarray.tolist, csr_array, lambda t: t.astype(bool), lambda t: t * 1.0])
def test_a_table_of_labels_may_come_in_any_form(given_as: Callable[[Any], Any]) -> None:
    """Lists, a sparse matrix, bools, floats: the same model."""
    assert state(made("several labels", max_iter=2).fit(X, given_as(TABLE))) == state(
        made("several labels", max_iter=2).fit(X, TABLE)
    )


def test_rows_without_labels_and_labels_without_rows_are_no_mistake() -> None:
    """All 0 or all 1 in a column, in a row, in the first batch of many."""
    table = TABLE * [1, 0, 1]
    assert made("several labels", max_iter=200).fit(X, table).predict(X)[:, 1].sum() == 0
    first = made("several labels").partial_fit(X[:3], np.zeros((3, 3), int)).partial_fit(X, TABLE)
    assert first.predict(X).shape == TABLE.shape


@pytest.mark.parametrize("name", ["two classes", "three classes", "several labels"])
def test_logarithms_of_probabilities_are_exact_far_away(name: str) -> None:
    """log p where p is not 0, and finite where it would round to 0."""
    estimator = made(name, activation="relu", max_iter=20).fit(X, TARGETS[name][1])
    assert np.exp(estimator.predict_log_proba(X)) == pytest.approx(estimator.predict_proba(X), rel=1e-12)
    far = estimator.predict_log_proba(1e5 * X)
    assert np.isfinite(far).all()
    assert far.min() < -750
    if name != "several labels":
        assert log_loss(TARGETS[name][1], estimator.predict_proba(X)) == pytest.approx(estimator_loss(estimator, name))


def estimator_loss(estimator: Any, name: str) -> float:
    """The mean of −log p of the right class."""
    columns = np.searchsorted(estimator.classes_, TARGETS[name][1])
    return float(-estimator.predict_log_proba(X)[np.arange(60), columns].mean())


# --- coefs_ and intercepts_ -----------------------------------------------------------------------------------

HIDDEN = {"tanh": np.tanh, "logistic": expit, "relu": lambda z: np.maximum(z, 0), "identity": lambda z: z}
OUT = {"identity": lambda z: z, "logistic": expit, "softmax": lambda z: softmax(z, axis=1)}


@networks
@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("hidden", [(), 4, (3, 5)])
def test_a_forward_pass_by_numpy_predicts_the_same(name: str, activation: str, hidden: Any) -> None:
    """x ↦ f(xW + b), layer by layer, with W from coefs_ and b from intercepts_."""
    estimator = made(name, activation=activation, hidden_layer_sizes=hidden).partial_fit(
        X, *TARGETS[name][1:2], **TARGETS[name][2]
    )
    z = X
    for k, (weights, biases) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True)):
        z = (HIDDEN[activation](z) if k else z) @ weights + biases
    z = OUT[estimator.out_activation_](z)
    found = estimator.predict(X) if name in ("one number", "three numbers") else estimator.predict_proba(X)
    found = found[:, 1:] if name == "two classes" else found
    assert z.reshape(found.shape) == pytest.approx(found, rel=1e-12, abs=1e-12)
    assert estimator.n_layers_ == len(estimator.coefs_) + 1
    assert estimator.n_outputs_ == z.shape[1]


def test_coefs_are_a_picture_that_says_so() -> None:
    """They follow the model; writing into them would change nothing, and is refused."""
    estimator = went_on("one number", 1)
    with pytest.raises(ValueError, match="read-only"):
        estimator.coefs_[0][0, 0] = 1.0
    estimator.model_.layers[0].neurons[2].w[1].data = 7.0
    assert estimator.coefs_[0][1, 2] == 7.0
    for attribute in ("coefs_", "intercepts_", "n_layers_", "n_outputs_", "loss_", "best_loss_", "out_activation_"):
        assert not hasattr(clone(estimator), attribute)


def test_losses_are_told_as_scikit_learn_tells_them() -> None:
    """The last one, the lowest one; None where the validation data decided which pass was the best."""
    estimator = made("one number", max_iter=6).fit(X, LINES[:, 0])
    assert estimator.loss_ == estimator.loss_curve_[-1] == estimator.history_.losses[-1]
    assert estimator.best_loss_ == min(estimator.loss_curve_)
    assert made("one number", max_iter=2, early_stopping=True).fit(X, LINES[:, 0]).best_loss_ is None


# --- With the rest of scikit-learn ----------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_weights_are_routed_through_a_search_and_a_pipeline(jobs: int) -> None:
    """To fit and to score, here or in other processes: the score is that of the search done by hand."""
    weights = np.random.default_rng(0).uniform(0.1, 3, 60)
    with config_context(enable_metadata_routing=True):
        network: Any = made("three classes", max_iter=5)
        network.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        pipeline = Pipeline([("scale", StandardScaler().set_fit_request(sample_weight=False)), ("network", network)])
        search: Any = GridSearchCV(pipeline, {"network__alpha": [0.0, 10.0]}, cv=2, n_jobs=jobs)
        search.fit(X, NAMES[Y], sample_weight=weights)
    for alpha, mean in zip([0.0, 10.0], search.cv_results_["mean_test_score"], strict=True):
        scores = []
        for train, test in StratifiedKFold(2).split(X, NAMES[Y]):
            scaler = StandardScaler().fit(X[train])
            fitted = made("three classes", max_iter=5, alpha=alpha)
            fitted.fit(scaler.transform(X[train]), NAMES[Y][train], sample_weight=weights[train])
            scores.append(fitted.score(scaler.transform(X[test]), NAMES[Y][test], sample_weight=weights[test]))
        assert mean == pytest.approx(np.mean(scores), rel=1e-12)


def test_it_serves_scikit_learns_meta_estimators() -> None:
    """One against the rest, calibration with weights, cross-validation: each clones it, and each gets scores."""
    network = MLPClassifier(learning_rate_init=0.1, max_iter=60, random_state=0)
    one_against_the_rest = OneVsRestClassifier(network).fit(X, NAMES[Y])
    assert one_against_the_rest.score(X, NAMES[Y]) == 1
    steps = OneVsRestClassifier(network)
    for _ in range(30):
        steps.partial_fit(X, NAMES[Y], classes=CLASSES)
    assert steps.score(X, NAMES[Y]) > 0.95
    calibrated: Any = CalibratedClassifierCV(network, cv=2).fit(X, NAMES[Y], sample_weight=np.arange(60) + 1)
    assert calibrated.predict_proba(X).shape == (60, 3)
    assert cross_val_score(network, X, TABLE, cv=3).mean() > 0.8


def test_a_warning_stands_at_the_line_that_called_fit() -> None:
    """Not inside the library."""
    for name in ("three classes", "one number", "perceptrons"):
        estimator = made(name, max_iter=1)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            estimator.fit(X + np.random.default_rng(0).normal(size=X.shape), TARGETS[name][1])
        assert [each.filename for each in caught] == [__file__]


# --- What is refused ------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no classes in the first call": (
        lambda: MLPClassifier().partial_fit(X, Y),
        "MLPClassifier.partial_fit(classes=None) in the first call: wanted the classes of all calls.",
    ),
    "one class in the first call": (
        lambda: PerceptronClassifier().partial_fit(X, 0 * Y, [0]),
        "PerceptronClassifier.partial_fit(classes=…) has only one class, 0: wanted two or more.",
    ),
    "other classes than before": (
        lambda: MLPClassifier().fit(X, Y).partial_fit(X, Y, classes=[0, 1]),
        "MLPClassifier.partial_fit(classes=…) has the classes [0, 1]: wanted all of [0, 1, 2], and no others.",
    ),
    "a class that was not announced": (
        lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 1]),
        "MLPClassifier.partial_fit(y=…) has the classes [0, 1, 2]: wanted some of [0, 1], and no others.",
    ),
    "labels of another type": (
        lambda: MLPClassifier().fit(X, Y % 2).partial_fit(X, np.array(["a", "b"])[Y % 2]),
        "MLPClassifier.partial_fit(y=…) has the classes ['a', 'b']: wanted some of [0, 1], and no others.",
    ),
    "fewer classes in a warm start": (
        lambda: MLPClassifier(warm_start=True).fit(X, Y).fit(X[Y < 2], Y[Y < 2]),
        "MLPClassifier.fit(y=…) has the classes [0, 1]: wanted all of [0, 1, 2], and no others.",
    ),
    "more labels than before": (
        lambda: MLPClassifier().fit(X, TABLE).partial_fit(X, np.c_[TABLE, TABLE]),
        "MLPClassifier.partial_fit(y=…) has the classes [0, 1, 2, 3, 4, 5]: wanted all of [0, 1, 2], and no others.",
    ),
    "classes after several labels": (
        lambda: MLPClassifier().fit(X, TABLE).partial_fit(X, Y),
        "MLPClassifier.partial_fit(y=…) has shape (60,): wanted labels of the same form as before.",
    ),
    "several classes at once": (
        lambda: MLPClassifier().fit(X, np.c_[Y, Y]),
        "MLPClassifier.fit(y=…) is a table of other labels than 0 and 1: wanted one label for each row, or a table of "
        "0 and 1.",
    ),
    "a table of -1 and 1": (
        lambda: MLPClassifier().fit(X, 2 * TABLE - 1),
        "MLPClassifier.fit(y=…) is a table of other labels than 0 and 1: wanted one label for each row, or a table of "
        "0 and 1.",
    ),
    "another width": (
        lambda: MLPClassifier().fit(X, Y).set_params(hidden_layer_sizes=3).partial_fit(X, Y),
        "MLPClassifier: the parameters and the data ask for MLP(2, [3, 3]), and the training goes on with "
        "MLP(2, [16, 3]); for a new model call fit without warm_start.",
    ),
    "more outputs": (
        lambda: MLPRegressor(warm_start=True).fit(X, LINES).fit(X, LINES[:, :2]),
        "MLPRegressor: the parameters and the data ask for MLP(2, [16, 2]), and the training goes on with "
        "MLP(2, [16, 3]); for a new model call fit without warm_start.",
    ),
    "a perceptron that loses its bias": (
        lambda: PerceptronClassifier().fit(X, Y).set_params(fit_intercept=False).partial_fit(X, Y),
        "PerceptronClassifier: the parameters and the data ask for OneVsRest(nin=2, activation='step', bias=False, "
        "nout=3), and the training goes on with OneVsRest(nin=2, activation='step', nout=3); for a new model call fit "
        "without warm_start.",
    ),
    "early stopping in one pass": (
        lambda: MLPRegressor(early_stopping=True).partial_fit(X, LINES),
        "MLPRegressor.partial_fit: early_stopping=True needs many passes; wanted False.",
    ),
    "a negative weight": (
        lambda: MLPRegressor().partial_fit(X, LINES, -np.ones(60)),
        "MLPRegressor.partial_fit(sample_weight=…): sample_weight[0] is -1.0; wanted numbers of at least 0.",
    ),
    "weights that leave one class": (
        lambda: MLPClassifier().fit(X, Y, sample_weight=Y == 2),
        "MLPClassifier.fit(y=…) has only one class, 2: wanted two or more.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_go_on_is_refused_in_these_words(name: str) -> None:
    """What was got, and what was wanted."""
    call, message = REFUSED[name]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


@all_of_them
def test_another_number_of_features_is_refused_in_scikit_learns_words(name: str) -> None:
    """In a pass, and in a warm start."""
    kind, y, classes = TARGETS[name]
    message = f"X has 1 features, but {kind.__name__} is expecting 2 features"
    with pytest.raises(ValueError, match=message):
        went_on(name, 1).partial_fit(X[:, :1], y, **classes)
    with pytest.raises(ValueError, match=message):
        went_on(name, 1, warm_start=True).fit(X[:, :1], y)
