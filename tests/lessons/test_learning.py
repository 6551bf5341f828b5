"""The lessons in which something is learned from data: their numbers, held to the documents and to other ways there."""

from typing import Any

import numpy as np
import pytest

import nn
from demos import _backends, digits, logistic, moons, optimisers, xor

# --- xor and moons --------------------------------------------------------------------------------------------


def test_no_line_divides_xor() -> None:
    """The perceptron's rule never ends, and logistic regression ends at log 2, probability ½ for everything."""
    for seed in range(5):
        model, mistakes = xor.perceptron(seed)
        assert min(mistakes) > 0
        assert xor.right(model) <= 3
        neuron, loss = xor.logistic(seed)
        assert loss == pytest.approx(np.log(2), abs=1e-6)
        assert [neuron(x).data for x in xor.X] == pytest.approx([0, 0, 0, 0], abs=1e-2)


def test_the_best_lines_get_three_points_of_xor() -> None:
    """Of ten thousand lines none gets four, as the lesson says."""
    w = np.random.default_rng(0).normal(size=(10_000, 3))
    sides = w @ np.column_stack([xor.X, np.ones(4)]).T > 0
    assert (sides == np.array(xor.Y, dtype=bool)).sum(axis=1).max() == 3


def test_two_hidden_neurons_solve_xor() -> None:
    """All four points, and what the hidden layer hands on is divided by one line."""
    learned = xor.network()
    assert xor.right(learned.model) == 4
    assert learned.history.losses[-1] < 0.01
    hidden, output = learned.model.layers
    seen = [[h.data for h in hidden.outputs(x)] for x in xor.X]
    assert [output(h).data > 0 for h in seen] == [y == 1 for y in xor.Y]


def test_the_wider_the_hidden_layer_the_more_starts_succeed() -> None:
    """None with one neuron, which is a line again; all with four."""
    found = [xor.solved(hidden) for hidden in (1, 4)]
    assert found == [0, xor.STARTS]


def test_the_moons_are_divided_by_the_network_only() -> None:
    """A line leaves more than a tenth on the wrong side, the network none it learned and few of the others."""
    numbers = moons.numbers()
    assert numbers["perceptron: accuracy, learned"] < 0.9
    assert numbers["perceptron: accuracy, others"] < 0.9
    assert numbers["network: accuracy, learned"] == 1
    assert numbers["network: accuracy, others"] >= 0.97


def test_the_moons_are_tested_with_other_points() -> None:
    """None of the points learned from is among them, and the accuracy of the others is that of the others."""
    (X, _), (X_others, y_others) = moons.moons(), moons.others()
    assert X.shape == X_others.shape
    assert not {*map(tuple, X.tolist())} & {*map(tuple, X_others.tolist())}
    learned, _, unknown = moons.results()["network"]
    wrong = [(learned.model(x).data > 0) != (y == 1) for x, y in zip(X_others.tolist(), y_others, strict=True)]
    assert unknown == pytest.approx(1 - np.mean(wrong)) != 1


@pytest.mark.parametrize("lesson", [xor, moons])
def test_compiled_and_eager_learn_the_same(lesson: Any) -> None:
    """The seconds that are compared are of the same training: ten epochs agree to ten digits."""
    losses = [lesson.network(backend=backend).history.losses[:10] for backend in _backends.TIMED]
    assert losses[1] == pytest.approx(losses[0], rel=1e-10)


def test_seconds_are_taken_of_each_way_to_train() -> None:
    """And told in both languages."""
    asked: list[str] = []
    taken = _backends.seconds(asked.append)
    assert tuple(asked) == tuple(taken) == _backends.TIMED
    assert all(second >= 0 for second in taken.values())
    assert "2.50 s with a graph" in _backends.told("en", {"eager": 2.5, "numpy": 0.25})
    assert "0.25 秒" in _backends.told("ja", {"eager": 2.5, "numpy": 0.25})


# --- logistic -------------------------------------------------------------------------------------------------


def test_the_three_parts_share_no_case_and_have_the_same_share_of_malignant_ones() -> None:
    """341, 114 and 114 of 569; only the training data have mean 0 exactly, for only they made the scale."""
    parts = logistic.parts()
    assert [len(part.y) for part in parts] == [341, 114, 114]
    rows = np.round(np.concatenate([part.X for part in parts]), 9)
    assert len(np.unique(rows, axis=0)) == 569
    assert [part.y.mean() for part in parts] == pytest.approx([212 / 569] * 3, abs=0.01)
    means = [np.abs(part.X.mean(axis=0)).max() for part in parts]
    assert means[0] < 1e-12 < 1e-3 < min(means[1:])


def test_the_chosen_threshold_costs_least_on_the_validation_data() -> None:
    """And at a lower threshold no malignant case is missed that a higher one finds."""
    choices = logistic.choices()
    cost = {each.threshold: logistic.MISS_COST * each.missed + each.alarms for each in choices}
    assert cost[logistic.chosen()] == min(cost.values())
    assert [each.missed for each in choices] == sorted(each.missed for each in choices)
    assert [each.alarms for each in choices] == sorted((each.alarms for each in choices), reverse=True)


def test_the_measures_are_what_the_crash_course_calls_them() -> None:
    """Accuracy: right of all. Precision: malignant of those called so. Recall: called so of the malignant."""
    y, p = np.array([1, 1, 1, 0, 0, 0, 0, 0]), np.array([0.9, 0.6, 0.2, 0.7, 0.4, 0.3, 0.1, 0.0])
    assert logistic.scores(y, p, 0.5) == logistic.Scores(0.5, 6 / 8, 2 / 3, 2 / 3, missed=1, alarms=1)
    assert logistic.scores(y, p, 0.2).missed == 0  # p = threshold counts as malignant
    assert logistic.scores(y, p, 0.2).cost == 3
    assert logistic.scores(y, p, 0.6).cost == logistic.MISS_COST + 1


def test_the_regression_finds_the_malignant_cases() -> None:
    """Of 114 test cases 96 % right at ½; at the chosen threshold no fewer malignant ones are found."""
    half, best = logistic.results()
    assert half.accuracy >= 0.96
    assert half.recall >= 0.95
    assert best.recall >= half.recall


def test_training_ends_where_the_validation_loss_is_lowest() -> None:
    """The weights kept are those of the best epoch."""
    model, history, _, validation, _ = logistic.learned()
    p = logistic.probabilities(model, validation.X)
    loss = -np.mean(np.log(np.where(validation.y == 1, p, 1 - p)))
    assert loss == pytest.approx(min(history.validation_losses), rel=1e-9)
    assert history.epochs == history.best_epoch + logistic.PATIENCE


# --- digits ---------------------------------------------------------------------------------------------------


def test_softmax_of_the_lecture() -> None:
    """Document 001: (10, 2, 1) → 0.9995, 0.0003, 0.0001."""
    assert [round(p, 4) for p in digits.lecture()] == [0.9995, 0.0003, 0.0001]


def test_the_digits_are_split_by_class() -> None:
    """1437 and 360 of 1797, pixels from 0 to 1, each digit as often in both parts."""
    X, X_test, y, y_test = digits.digits()
    assert (X.shape, X_test.shape) == ((1437, 64), (360, 64))
    assert (X.min(), X.max()) == (0, 1)
    assert np.bincount(y) / len(y) == pytest.approx(np.bincount(y_test) / len(y_test), abs=0.005)


def test_the_digits_are_read() -> None:
    """96 % of the test images by Adam, and momentum and its kin are ahead of plain descent."""
    found = digits.numbers()
    assert found["Adam: accuracy"] >= 0.96
    losses = {name: found[f"{name}: loss"] for name in digits.optimisers()}
    assert max(losses, key=losses.__getitem__) == "SGD"
    assert all(found[f"{name}: accuracy"] >= 0.95 for name in losses)


def test_all_optimisers_begin_alike() -> None:
    """The same first loss, about log 10: the comparison is of nothing but the rules."""
    X, _, y, _ = digits.digits()
    first = []
    for optimizer in digits.optimisers().values():
        model = nn.MLP(64, digits.WIDTHS, initialization="he", seed=0)
        few: Any = {"optimizer": optimizer, "epochs": 1, "progress": False}
        first.append(nn.fit(model, "softmax_cross_entropy", X[:40], y[:40], **few).losses[0])
    assert first == pytest.approx([first[0]] * len(first))
    assert first[0] == pytest.approx(np.log(10), rel=0.25)


# --- optimisers -----------------------------------------------------------------------------------------------


def bottoms() -> tuple[float, float]:
    """Where 4x³ − 4x + ½ = 0 and the second derivative is positive: the deep bottom, and the local one."""
    roots = sorted(np.roots([4, 0, -4, 0.5]).real)
    return float(roots[0]), float(roots[2])


def test_momentum_leaves_the_local_minimum_where_sgd_stays() -> None:
    """Document 004: from the same start, with the same rate."""
    deep, local = bottoms()
    numbers = optimisers.numbers()
    assert numbers["SGD x"] == pytest.approx(local, abs=1e-3)
    assert numbers["Momentum x"] == pytest.approx(deep, abs=1e-2)
    assert numbers["Nesterov x"] == pytest.approx(deep, abs=1e-2)
    assert numbers["Momentum f"] < numbers["SGD f"] - 0.9
    assert optimisers.optimisers()["Momentum"].rate == optimisers.optimisers()["SGD"].rate


def test_it_takes_enough_speed_to_leave() -> None:
    """Without momentum the heavy ball is SGD to the last digit, with half of it it stays, with 0.8 it leaves."""
    _, local = bottoms()
    ends = optimisers.sweep()
    assert ends[0.0] == optimisers.numbers()["SGD x"]
    assert ends[0.5] == pytest.approx(local, abs=1e-3)
    assert ends[0.8] < 0
    assert ends[0.9] < 0


def test_each_path_begins_at_the_start_and_ends_at_a_bottom() -> None:
    """Six paths of 100 steps; SGD's goes down at each of them."""
    for name, points in optimisers.paths().items():
        assert points.shape == (optimisers.STEPS + 1, 2)
        assert tuple(points[0]) == optimisers.START
        assert min(abs(points[-1, 0] - x) for x in bottoms()) < 0.02, name
        assert abs(points[-1, 1]) < 0.05, name
    heights = optimisers.surface(*optimisers.paths()["SGD"].T)
    assert np.all(np.diff(heights) < 0)


# --- All of them ----------------------------------------------------------------------------------------------


def test_a_training_is_the_same_each_time() -> None:
    """A seed gives the same parameters to the last bit; what a lesson keeps is no more than a saving of time."""
    assert moons.network(3).model.state() == moons.network(3).model.state()
    kept = logistic.learned(1).model.state()
    logistic.learned.cache_clear()
    assert logistic.learned(1).model.state() == kept
