"""Laws of nn.estimators: scikit-learn's own, its numbers from the same weights, and what is ours besides."""

import math
import os
import pickle
import re
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
from autograd import DomainError, Op, draw, no_grad
from estimated import BINARY_X, BINARY_Y, LINES, NAMES, TABLE, X, Y, unconverged
from lecture import FINAL, MAILS
from nn.estimators import MLPClassifier, MLPRegressor, OneVsRest, PerceptronClassifier, multilayer

SMALL: dict[str, Callable[..., Any]] = {
    "MLPClassifier": lambda **named: MLPClassifier(
        **{"hidden_layer_sizes": (4,), "max_iter": 30, "random_state": 0} | named
    ),
    "MLPRegressor": lambda **named: MLPRegressor(
        **{"hidden_layer_sizes": (4,), "max_iter": 30, "random_state": 0} | named
    ),
    "PerceptronClassifier": lambda **named: PerceptronClassifier(
        **cast(Any, {"max_iter": 30, "random_state": 0} | named)
    ),
}
small = pytest.mark.parametrize("name", SMALL)


def target(name: str) -> Any:
    return LINES if name == "MLPRegressor" else NAMES[Y]


# --- scikit-learn's laws --------------------------------------------------------------------------------------


@unconverged
@parametrize_with_checks([make() for make in SMALL.values()])
def test_scikit_learns_checks_pass(estimator: BaseEstimator, check: Callable[[BaseEstimator], None]) -> None:
    """All of `check_estimator`, none expected to fail."""
    check(estimator)


def test_the_check_that_asks_for_array_dispatch_passes_too() -> None:
    """scikit-learn skips it unless the variable SCIPY_ARRAY_API is set before the start."""
    code = """if True:
        import warnings
        from sklearn.utils.estimator_checks import estimator_checks_generator
        from nn.estimators import *
        warnings.simplefilter("ignore")
        small = dict(hidden_layer_sizes=(2,), max_iter=5)
        for estimator in (MLPClassifier(**small), MLPRegressor(**small), PerceptronClassifier()):
            for _, check in estimator_checks_generator(estimator):
                if "array_api" in check.func.__name__:
                    print(check(estimator))
    """
    assert run(code, SCIPY_ARRAY_API="1") == ["None"] * 3


@unconverged
@small
def test_it_works_in_a_pipeline_and_a_search(name: str) -> None:
    """The search sees every parameter; the best of them is fitted again on all data."""
    parameters = {"eta0": [0.5, 1.0]} if name == "PerceptronClassifier" else {"hidden_layer_sizes": [(), (4,)]}
    rate = {} if name == "PerceptronClassifier" else {"learning_rate_init": 0.1}
    steps = make_pipeline(StandardScaler(), SMALL[name](**rate))
    grid = {f"{name.lower()}__{parameter}": values for parameter, values in parameters.items()}
    search: Any = GridSearchCV(steps, grid, cv=2, error_score=cast(Any, "raise")).fit(X, target(name))
    assert search.best_params_.keys() == grid.keys()
    assert search.best_estimator_[-1].n_features_in_ == 2
    assert search.score(X, target(name)) > 0.8


@unconverged
def test_iris_is_learned_in_cross_validation() -> None:
    """The defaults but for 40 passes, on standardised inputs: 93 of 100 flowers that were not trained on, at least."""
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(max_iter=40, random_state=0))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.93


@unconverged
@small
def test_pickles_predict_the_same_and_clones_are_unfitted(name: str) -> None:
    """A pickle is the whole estimator, a clone its parameters."""
    fitted = SMALL[name]().fit(X, target(name))
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict(X) == fitted.predict(X)).all()
    assert again.model_.state() == fitted.model_.state()
    cloned: Any = clone(fitted)
    assert cloned.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        cloned.predict(X)


# --- scikit-learn's numbers -----------------------------------------------------------------------------------


def made_alike(monkeypatch: Any, ours: Any, theirs: Any, **named: Any) -> tuple[Any, Any]:
    """Two estimators that train by SGD in given order, from the same weights and biases of 0."""
    rng, drawn = np.random.default_rng(0), []

    def neuron(_: Any, nin: int, nout: int) -> Any:
        drawn.append(rng.normal(size=nin))
        return drawn[-1]

    def layer(self: Any, nin: int, nout: int, dtype: Any) -> Any:
        weights = np.column_stack([drawn.pop(0) for _ in range(nout)])
        return weights, np.zeros(nout)

    monkeypatch.setattr(theirs, "_init_coef", layer)
    common = {"solver": "sgd", "shuffle": False, "learning_rate_init": 0.1, "hidden_layer_sizes": (3, 2), **named}
    return ours(initialization=neuron, **common), theirs(momentum=0, nesterovs_momentum=False, **common)


def trained_by_both(monkeypatch: Any, ours: Any, theirs: Any, y: Any, **named: Any) -> tuple[Any, Any]:
    """Both fitted to X and y."""
    rows, (us, them) = X[: len(y)] / 3, made_alike(monkeypatch, ours, theirs, **named)
    return us.fit(rows, y), them.fit(rows, y)


PAIRS: dict[str, Any] = {
    "two classes": (MLPClassifier, TheirClassifier, Y[:48] % 2, {}),
    "three classes": (MLPClassifier, TheirClassifier, NAMES[Y[:48]], {}),
    "several labels": (MLPClassifier, TheirClassifier, TABLE[:48], {}),
    "regression": (MLPRegressor, TheirRegressor, LINES[:48, 0], {"loss": "half_squared_error"}),
}


@unconverged
@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "identity"])
@pytest.mark.parametrize("name", PAIRS)
def test_training_is_scikit_learns_from_the_same_weights(monkeypatch: Any, name: str, activation: str) -> None:
    """Six passes in batches of 16: the same losses, and the same predictions to 1e-12."""
    ours, theirs, y, loss = PAIRS[name]
    named = {"activation": activation, "alpha": 0.0, "max_iter": 6, "batch_size": 16}
    us, them = trained_by_both(monkeypatch, partial(ours, **loss), theirs, y, **named)
    assert us.loss_curve_ == pytest.approx(them.loss_curve_, rel=1e-12)
    predict = "predict" if ours is MLPRegressor else "predict_proba"
    assert getattr(us, predict)(X) == pytest.approx(getattr(them, predict)(X), rel=1e-12, abs=1e-12)


@unconverged
@pytest.mark.parametrize("name", PAIRS)
def test_weighted_training_is_scikit_learns_from_the_same_weights(monkeypatch: Any, name: str) -> None:
    """Three passes of `fit` and two of `partial_fit` in batches of 16, no weight 0: the same weights to 1e-12."""
    ours, theirs, y, loss = PAIRS[name]
    named = {"activation": "tanh", "alpha": 0.0, "max_iter": 3, "batch_size": 16}
    rows, weights = X[:48] / 3, np.random.default_rng(1).uniform(0.1, 3, 48)
    for estimator in (pair := made_alike(monkeypatch, partial(ours, **loss), theirs, **named)):
        estimator.fit(rows, y, sample_weight=weights)
        estimator.partial_fit(rows, y, sample_weight=weights).partial_fit(rows, y)
    for us, them in zip(pair[0].coefs_ + pair[0].intercepts_, pair[1].coefs_ + pair[1].intercepts_, strict=True):
        assert us == pytest.approx(them, rel=1e-12, abs=1e-12)
    assert pair[0].score(rows, y, weights) == pytest.approx(pair[1].score(rows, y, weights), rel=1e-12)


@unconverged
@pytest.mark.parametrize("name", PAIRS)
def test_what_was_trained_has_scikit_learns_names_and_shapes(monkeypatch: Any, name: str) -> None:
    """Every attribute of theirs that ends in an underscore but those of their stopping by scores; the same values."""
    ours, theirs, y, loss = PAIRS[name]
    named = {"activation": "tanh", "alpha": 0.0, "max_iter": 3, "batch_size": 16}
    us, them = trained_by_both(monkeypatch, partial(ours, **loss), theirs, y, **named)
    for attribute in {each for each in vars(them) if re.fullmatch("[a-z].*_", each)}:
        if attribute not in ("validation_scores_", "best_validation_score_"):
            mine, yours = getattr(us, attribute), getattr(them, attribute)
            for one, other in (
                zip(mine, yours, strict=True) if attribute in ("coefs_", "intercepts_") else [(mine, yours)]
            ):
                assert np.shape(one) == np.shape(other)
                floats = np.asarray(other).dtype.kind == "f"
                assert np.allclose(one, other, rtol=1e-12, atol=1e-15) if floats else np.array_equal(one, other), (
                    attribute
                )


@unconverged
@pytest.mark.parametrize(("batch_size", "rate"), [(48, 0.1), (16, 1e-15)])
def test_alpha_means_what_it_means_to_scikit_learn(monkeypatch: Any, batch_size: int, rate: float) -> None:
    """While biases are 0, in the first step or at next to no rate: the same penalty, and the same weights after it."""
    named = {"activation": "tanh", "alpha": 5.0, "max_iter": 1, "batch_size": batch_size, "learning_rate_init": rate}
    us, them = trained_by_both(monkeypatch, MLPClassifier, TheirClassifier, Y[:48] % 2, **named)
    assert us.loss_curve_ == pytest.approx(them.loss_curve_, rel=1e-12)
    for layer, weights in zip(us.model_.layers, them.coefs_, strict=True):
        assert [[w.data for w in neuron.w] for neuron in layer.neurons] == pytest.approx(weights.T, rel=1e-12)


# --- Classes and targets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MLPClassifier", "PerceptronClassifier"])
@pytest.mark.parametrize("labels", [NAMES, np.array([10, -3, 7]), np.array([False, True])], ids=["str", "int", "bool"])
def test_labels_of_any_type_come_back(name: str, labels: Any) -> None:
    """Text, integers, bools; two classes or three: sorted in classes_, predicted as they came."""
    rows, y = (X, Y) if len(labels) == 3 else (BINARY_X, BINARY_Y)
    fitted = SMALL[name](**{"learning_rate_init": 0.1, "max_iter": 200} if name == "MLPClassifier" else {})
    fitted.fit(rows, labels[y])
    assert fitted.classes_.tolist() == sorted(labels.tolist())
    assert fitted.predict(rows).dtype == labels.dtype
    assert fitted.score(rows, labels[y]) == 1
    scores = fitted.decision_function(rows)
    chosen = (scores > 0).astype(int) if len(labels) == 2 else scores.argmax(axis=1)
    assert (fitted.classes_[chosen] == labels[y]).all()


@unconverged
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_are_of_the_logits(classes: int) -> None:
    """σ of one logit, softmax of several: log p is a logit up to a constant, and they add up to 1, however far away."""
    seen = classes > Y
    fitted = SMALL["MLPClassifier"]().fit(X[seen], Y[seen])
    for rows in (X, 30 * X):
        probabilities, scores = fitted.predict_proba(rows), fitted.decision_function(rows)
        assert probabilities.shape == (60, classes)
        logits = np.column_stack([0 * scores, scores]) if classes == 2 else scores
        assert np.diff(np.log(probabilities)) == pytest.approx(np.diff(logits), rel=1e-12, abs=1e-12)
    assert fitted.predict_proba(1e6 * X).sum(axis=1) == pytest.approx(1)


def test_several_outputs_are_learned_at_once() -> None:
    """Three linear functions by a network without hidden layer: predicted in the shape of y."""
    fitted = SMALL["MLPRegressor"](hidden_layer_sizes=(), learning_rate_init=0.1, max_iter=300).fit(X, LINES)
    assert fitted.predict(X[:5]).shape == (5, 3)
    assert fitted.score(X, LINES) > 0.999
    assert get_tags(fitted).target_tags.multi_output
    assert [[w.data for w in neuron.w] for neuron in fitted.model_.layers[0].neurons] == pytest.approx(
        np.array([[1, 1], [1, -1], [2, 0]]), abs=0.05
    )


@unconverged
def test_a_column_of_targets_is_one_output() -> None:
    """As in scikit-learn's own: with its warning, and flat predictions."""
    with pytest.warns(DataConversionWarning):
        column = SMALL["MLPRegressor"]().fit(X, LINES[:, :1])
    assert column.predict(X).shape == (60,)
    assert (column.predict(X) == SMALL["MLPRegressor"]().fit(X, LINES[:, 0]).predict(X)).all()


def test_a_regressor_takes_any_loss_of_nn() -> None:
    """One wild target moves the line of squares, the default, and leaves that of absolute errors where it was."""
    rows, y = np.linspace(-1, 1, 21).reshape(-1, 1), np.linspace(-1, 1, 21)
    y[3] = 50.0
    named = {"hidden_layer_sizes": (), "learning_rate_init": 0.05, "max_iter": 1000, "tol": 1e-3}
    of_squares, of_moduli = SMALL["MLPRegressor"](**named), SMALL["MLPRegressor"](loss="absolute_error", **named)
    assert of_squares.fit(rows, y).predict([[0.0]])[0] > 1
    assert abs(of_moduli.fit(rows, y).predict([[0.0]])[0]) < 0.2


# --- What was trained -----------------------------------------------------------------------------------------


@unconverged
@small
def test_the_model_is_at_hand_and_predicts_what_the_estimator_predicts(name: str) -> None:
    """`model_` of one sample is the estimator's row, and can be drawn."""
    fitted = SMALL[name]().fit(X, target(name))
    batch = fitted.predict(X) if name == "MLPRegressor" else fitted.decision_function(X)
    for x, row in zip(X[:5], batch, strict=False):
        assert [y.data for y in fitted.model_(x)] == pytest.approx(row, rel=1e-12, abs=1e-12)
    assert "w₁" in draw(fitted.model_(X[0])[0]).dot


def test_a_perceptron_of_two_classes_is_rosenblatts() -> None:
    """`model_` is an nn.Perceptron, whose 1 stands for the second class."""
    fitted = SMALL["PerceptronClassifier"]().fit(BINARY_X, NAMES[BINARY_Y])
    assert isinstance(fitted.model_, nn.Perceptron)
    said = [fitted.model_(x).data for x in BINARY_X]
    assert (fitted.classes_[(np.array(said) > 0).astype(int)] == NAMES[BINARY_Y]).all()
    assert fitted.coef_.tolist() == [[w.data for w in fitted.model_.w]]
    assert fitted.intercept_.tolist() == [fitted.model_.state()["b"]]
    sums = [fitted.model_.weighted_sum(x).data for x in BINARY_X]
    assert fitted.decision_function(BINARY_X) == pytest.approx(sums, rel=1e-12, abs=1e-12)


def test_document_001_is_reproduced() -> None:
    """The six mails, η = ½, in their order, without bias: four mistakes, then none; w = (0, 1, 0, −½, ½)."""
    rows, labels = zip(*MAILS.values(), strict=True)
    named = {"eta0": 0.5, "fit_intercept": False, "shuffle": False}
    fitted = SMALL["PerceptronClassifier"](**named).fit(rows, np.where(np.array(labels) > 0, "spam", "ham"))
    assert fitted.classes_.tolist() == ["ham", "spam"]
    assert fitted.coef_.tolist() == [FINAL]
    assert fitted.intercept_.tolist() == [0.0]
    assert fitted.model_.b is None
    assert (fitted.mistakes_, fitted.n_iter_) == ([[4, 0]], 2)


def test_of_three_classes_each_has_its_perceptron() -> None:
    """One against the rest: its weighted sum is above 0 for its own samples only; the weights are coef_'s rows."""
    fitted = SMALL["PerceptronClassifier"]().fit(X, Y)
    assert isinstance(fitted.model_, OneVsRest)
    assert fitted.coef_.shape == (3, 2)
    assert fitted.decision_function(X) == pytest.approx(X @ fitted.coef_.T + fitted.intercept_)
    assert ((fitted.decision_function(X) > 0) == (np.arange(3) == Y[:, None])).all()
    assert [mistakes[-1] for mistakes in fitted.mistakes_] == [0, 0, 0]
    assert fitted.n_iter_ == max(map(len, fitted.mistakes_))


def test_a_saved_model_of_three_classes_comes_back(tmp_path: Any) -> None:
    """Into a OneVsRest of the same shape, and into no other."""
    fitted = SMALL["PerceptronClassifier"]().fit(X, Y)
    fitted.model_.save(tmp_path / "m.npz")
    again = OneVsRest(2, 3)
    again.load(tmp_path / "m.npz")
    assert again.state() == fitted.model_.state()
    with pytest.raises(ValueError, match="this model is"):
        OneVsRest(2, 2).load(tmp_path / "m.npz")


@unconverged
def test_predictions_record_no_graph() -> None:
    """2,000 rows take less than 2 kB each; with the graphs it would be 12 kB."""
    rows = np.random.default_rng(0).normal(size=(2000, 2))
    fitted = MLPRegressor(hidden_layer_sizes=(16,), max_iter=1).fit(X, LINES[:, 0])
    fitted.predict(rows[:2])
    tracemalloc.start()
    try:
        fitted.predict(rows)
        assert tracemalloc.get_traced_memory()[1] < 2000 * len(rows)
    finally:
        tracemalloc.stop()


@unconverged
@small
def test_what_a_graph_refuses_is_refused_in_a_batch(name: str) -> None:
    """An overflow in the last row is a DomainError, of one row and of thirty; no inf, no nan, no warning of NumPy's."""
    fitted = SMALL[name]().fit(X, target(name))
    for parameter in fitted.model_.parameters():
        parameter.data = 10.0
    for rows in (1, 30):
        with pytest.raises(DomainError, match="too large for a float"):
            fitted.predict(np.vstack([np.zeros((rows - 1, 2)), [[1e308, 1e308]]]))


@unconverged
def test_an_operation_of_ones_own_predicts_the_same_in_a_batch() -> None:
    """A forward that branches on the number, which only the graph can follow: each row goes its own way."""
    bent = Op("bent", lambda x: x if x > 0 else math.expm1(x), lambda g, y, x: (g if x > 0 else g * math.exp(x),))
    fitted = SMALL["MLPRegressor"](activation=bent, max_iter=3).fit(X, LINES[:, 0])
    one_by_one = [fitted.model_(x).data for x in X]
    assert min(one_by_one) < 0 < max(one_by_one)
    assert fitted.predict(X) == pytest.approx(one_by_one, rel=1e-12, abs=1e-12)


# --- Parameters -----------------------------------------------------------------------------------------------


@unconverged
@small
def test_the_random_state_decides_everything(name: str) -> None:
    """The same integer, the same parameters bit for bit; a RandomState goes on; None is fresh each time."""
    make, y = SMALL[name], target(name)
    rows = X + np.random.default_rng(0).normal(size=X.shape)  # so mixed that the order decides where perceptrons end

    def outcome(state: Any) -> Any:
        return (
            make(random_state=state, **({"early_stopping": True} if "MLP" in name else {"max_iter": 3}))
            .fit(rows, y)
            .model_.state()
        )

    assert outcome(3) == outcome(3) == outcome(np.random.RandomState(3))
    assert outcome(3) != outcome(4)
    shared = np.random.RandomState(3)
    assert outcome(shared) != outcome(shared)
    assert outcome(None) != outcome(None)


@unconverged
@pytest.mark.parametrize("solver", nn.OPTIMIZERS)
def test_a_solver_is_nns_optimizer(solver: str) -> None:
    """The name and the optimizer itself train alike; the optimizer is copied fresh and stays as it was."""
    kind = nn.OPTIMIZERS[solver]
    given = kind(0.02)
    given.update(np.ones(3), np.ones(3))  # it has been used, for another model
    named = SMALL["MLPClassifier"](solver=solver, learning_rate_init=0.02, max_iter=3).fit(X, Y)
    fitted = SMALL["MLPClassifier"](solver=given, max_iter=3)
    assert fitted.fit(X, Y).model_.state() == fitted.fit(X, Y).model_.state() == named.model_.state()
    assert given.steps == 1


def test_every_optimizer_of_nn_is_a_solver() -> None:
    """By its name in lower case."""
    kinds = [each for each in map(nn.__dict__.get, nn.__all__) if isinstance(each, type)]
    assert {k.__name__.lower() for k in kinds if issubclass(k, nn.Optimizer) and k is not nn.Optimizer} == set(
        nn.OPTIMIZERS
    )


@unconverged
@pytest.mark.parametrize(("part", "held_out"), [(0.1, [2, 2, 2]), (0.5, [10, 10, 10])])
def test_early_stopping_watches_data_that_are_not_trained_on(monkeypatch: Any, part: float, held_out: Any) -> None:
    """The part that was named, each class in its proportion; the rest, and only the rest, is trained on."""
    given: dict[str, Any] = {}

    def spied(model: Any, loss: Any, X: Any, y: Any, **named: Any) -> nn.History:
        given.update(X=X, y=y, validation=named["validation"])
        return nn.fit(model, loss, X, y, **named)

    monkeypatch.setattr(multilayer, "fit", spied)
    fitted = SMALL["MLPClassifier"](early_stopping=True, validation_fraction=part, max_iter=2, random_state=1)
    fitted.fit(X, NAMES[Y])
    assert len(fitted.history_.validation_losses) == 2
    rows, indices, _ = given["validation"]
    assert np.bincount(indices).tolist() == held_out
    together = np.column_stack([np.vstack([rows, given["X"]]), np.concatenate([indices, given["y"]])])
    assert sorted(together.tolist()) == sorted(np.column_stack([X, np.searchsorted(np.sort(NAMES), NAMES[Y])]).tolist())
    assert SMALL["MLPClassifier"](max_iter=2).fit(X, Y).history_.validation_losses == []


@unconverged
@pytest.mark.parametrize(("given", "steps"), [("auto", 2), (7, 9), (100, 1)])
def test_batches_are_of_the_given_size(given: Any, steps: int) -> None:
    """60 samples: 32 and 28 by default, 7 at a time, or all."""
    assert SMALL["MLPRegressor"](batch_size=given, max_iter=1).fit(X, LINES).history_.steps == steps


def test_training_ends_when_the_loss_no_longer_falls() -> None:
    """After n_iter_no_change passes without tol, without a warning; with one if max_iter comes first."""
    ended = SMALL["MLPClassifier"](tol=10.0, n_iter_no_change=4).fit(X, Y)
    assert ended.n_iter_ == len(ended.loss_curve_) == 5
    exactly = SMALL["MLPClassifier"](tol=10.0, n_iter_no_change=4, max_iter=5).fit(X, Y)
    assert exactly.n_iter_ == 5
    with pytest.warns(ConvergenceWarning, match="still falling after max_iter=4 epochs"):
        SMALL["MLPClassifier"](tol=10.0, n_iter_no_change=4, max_iter=4).fit(X, Y)


@unconverged
@small
def test_training_is_silent_unless_asked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """verbose shows nn.fit's progress bar; else nothing is printed."""
    SMALL[name]().fit(X, target(name))
    assert capsys.readouterr() == ("", "")
    if name != "PerceptronClassifier":
        SMALL[name](verbose=True).fit(X, target(name))
        assert "loss" in capsys.readouterr().err


@unconverged
@small
def test_predictions_may_be_made_under_no_grad(name: str) -> None:
    """Where nothing can be recorded, nor compiled: the same of one row and of sixty."""
    fitted = SMALL[name]().fit(X, target(name))
    scores = getattr(fitted, "decision_function", fitted.predict)
    with no_grad():
        one, sixty = scores(X[:1]), scores(X)
    assert sixty == pytest.approx(scores(X), rel=1e-12, abs=1e-12)
    assert one == pytest.approx(sixty[:1], rel=1e-12, abs=1e-12)


class Interrupted(nn.SGD):
    """Ctrl-C in the fourth step."""

    def rule(self, theta: Any, g: Any, rate: float, t: int, *slots: Any) -> Any:
        if t == 4:
            raise KeyboardInterrupt
        return super().rule(theta, g, rate, t, *slots)


def test_ctrl_c_keeps_what_was_learned(capsys: pytest.CaptureFixture[str]) -> None:
    """The estimator is fitted, with the passes that were finished, and does not say that more of them were needed."""
    fitted = SMALL["MLPClassifier"](solver=Interrupted(0.1), batch_size=60).fit(X, Y)
    assert fitted.n_iter_ == len(fitted.loss_curve_) == 3
    assert fitted.predict(X).shape == (60,)
    assert "interrupted in epoch 4" in capsys.readouterr().err


def test_a_perceptron_that_cannot_learn_says_so() -> None:
    """xor: no line separates it."""
    with pytest.warns(ConvergenceWarning, match="after max_iter=10 passes; perhaps no hyperplane separates"):
        xor = PerceptronClassifier(max_iter=10).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    assert (xor.n_iter_, xor.mistakes_[0][-1] > 0) == (10, True)
    one_of_three = [[-5, 0], [-5, 1], [0, 0], [0, 1], [0, 0.5]], ["a", "a", "b", "b", "c"]
    with pytest.warns(ConvergenceWarning, match="after max_iter=10 passes"):
        mixed = PerceptronClassifier(max_iter=10, random_state=0).fit(*one_of_three)
    assert [mistakes[-1] > 0 for mistakes in mixed.mistakes_] == [False, True, True]
    assert mixed.n_iter_ == 10


@unconverged
def test_the_backend_is_handed_to_fit() -> None:
    """By name; None leaves the choice to fit."""
    assert SMALL["MLPClassifier"](backend="eager", max_iter=2).fit(X, Y).n_iter_ == 2
    with pytest.raises(ValueError, match=re.escape("fit(backend='abacus'): no backend has this name")):
        SMALL["MLPClassifier"](backend="abacus").fit(X, Y)


REFUSED: dict[str, tuple[str, dict[str, Any], type[Exception], str]] = {
    "one class": (
        "MLPClassifier",
        {"y": np.repeat("a", 60)},
        ValueError,
        "MLPClassifier.fit(y=…) has only one class, 'a': wanted two or more.",
    ),
    "misspelt solver": (
        "MLPRegressor",
        {"solver": "lbfgs"},
        ValueError,
        f"MLPRegressor(solver='lbfgs'): no optimizer has this name; wanted one of {', '.join(nn.OPTIMIZERS)} or an "
        "nn.Optimizer, as in nn.Adam(0.01).",
    ),
    "no solver": (
        "MLPClassifier",
        {"solver": 0.1},
        TypeError,
        "MLPClassifier(solver=0.1): wanted the name of an optimizer or an nn.Optimizer, as in nn.Adam(0.01), not "
        "float.",
    ),
    "a width of 0": (
        "MLPClassifier",
        {"hidden_layer_sizes": (4, 0)},
        ValueError,
        "MLPClassifier(hidden_layer_sizes=0): wanted an integer of at least 1.",
    ),
    "half a width": (
        "MLPClassifier",
        {"hidden_layer_sizes": 2.5},
        TypeError,
        "MLPClassifier(hidden_layer_sizes=2.5): wanted an integer of at least 1, not float.",
    ),
    "misspelt activation": (
        "MLPClassifier",
        {"activation": "rleu"},
        ValueError,
        "MLP(activation='rleu'): no operation of one operand has this name. Did you mean 'relu'?",
    ),
    "negative alpha": (
        "MLPRegressor",
        {"alpha": -1},
        ValueError,
        "MLPRegressor(alpha=-1): wanted a finite number of at least 0.",
    ),
    "no rate": (
        "MLPRegressor",
        {"learning_rate_init": 0},
        ValueError,
        "MLPRegressor(learning_rate_init=0): wanted a finite number above 0.",
    ),
    "no passes": (
        "MLPClassifier",
        {"max_iter": 0},
        ValueError,
        "MLPClassifier(max_iter=0): wanted an integer of at least 1.",
    ),
    "empty batches": (
        "MLPClassifier",
        {"batch_size": "all"},
        TypeError,
        "MLPClassifier(batch_size='all'): wanted an integer of at least 1, not str.",
    ),
    "no patience": (
        "MLPClassifier",
        {"n_iter_no_change": 0},
        ValueError,
        "MLPClassifier(n_iter_no_change=0): wanted an integer of at least 1.",
    ),
    "negative tolerance": (
        "MLPClassifier",
        {"tol": -1.0},
        ValueError,
        "MLPClassifier(tol=-1.0): wanted a finite number of at least 0.",
    ),
    "everything for validation": (
        "MLPClassifier",
        {"early_stopping": True, "validation_fraction": 1.0},
        ValueError,
        "MLPClassifier(validation_fraction=1.0): wanted a finite number above 0 and below 1.",
    ),
    "learning at no rate": (
        "PerceptronClassifier",
        {"eta0": 0},
        ValueError,
        "PerceptronClassifier(eta0=0): wanted a finite number above 0.",
    ),
    "no passes of a perceptron": (
        "PerceptronClassifier",
        {"max_iter": 0},
        ValueError,
        "PerceptronClassifier(max_iter=0): wanted an integer of at least 1.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused_in_these_words(name: str) -> None:
    """By the name under which it was given; and not before fit, as scikit-learn wants it."""
    estimator, given, kind, message = REFUSED[name]
    made = SMALL[estimator](**{parameter: value for parameter, value in given.items() if parameter != "y"})
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        made.fit(X, given.get("y", target(estimator)))


# --- Without scikit-learn -------------------------------------------------------------------------------------


def run(code: str, **environment: str) -> list[str]:
    """The lines that a fresh interpreter prints."""
    root = os.path.dirname(os.path.dirname(nn.__file__))
    command, environment = [sys.executable, "-c", code], {**os.environ, **environment}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env=environment)
    return done.stdout.split("\n")[:-1]


MISSING = {
    "scikit-learn": "sys.modules['sklearn'] = None",
    "SciPy": "sys.modules['scipy'] = None",
    "what scikit-learn 1.6 brought": "import sklearn.utils.validation as old; del old.validate_data",
}


@pytest.mark.parametrize("name", MISSING)
def test_without_scikit_learn_the_message_says_what_to_type(name: str) -> None:
    """nn itself works without it."""
    code = f"""if True:
        import sys
        {MISSING[name]}
        import nn
        print(nn.MLP(2, [1]))
        try:
            from nn.estimators import MLPClassifier
        except ModuleNotFoundError as error:
            print(error)
    """
    model, message = run(code)
    assert model == "MLP(2, [1])"
    assert message.startswith("nn.estimators needs scikit-learn 1.6 or newer (")
    assert message.endswith("): pip install 'scikit-learn>=1.6'")


def test_predictions_follow_the_model_when_it_is_changed() -> None:
    """The program that predicts is kept from call to call, and its numbers are the model's at each."""
    X, y = np.linspace(-1, 1, 40).reshape(-1, 1), np.linspace(0, 2, 40)
    regressor = MLPRegressor(max_iter=5, random_state=0).set_params(tol=0.0)
    with warnings.catch_warnings(action="ignore"):
        before = regressor.fit(X, y).predict(X)
    for parameter in regressor.model_.parameters():
        parameter.data *= 2
    after = regressor.predict(X)
    assert after == pytest.approx([regressor.model_(x).data for x in X.tolist()], rel=1e-12)
    assert not np.allclose(after, before)


def test_a_fault_of_the_compiler_is_raised_where_rows_are_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not taken for a model that cannot be compiled, to be evaluated slowly."""
    fitted = MLPRegressor(max_iter=9, n_iter_no_change=1, tol=1e9, random_state=0).fit(X, X[:, 0])

    def broken(*arguments: Any) -> Any:
        raise AssertionError("a planted fault")

    monkeypatch.setattr("autograd.compiler.matrices.lifted.lay_out", broken)
    with pytest.raises(AssertionError, match="a planted fault"):
        fitted.predict(X)
