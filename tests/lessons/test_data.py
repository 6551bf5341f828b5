"""The lessons on data: generalisation and representation."""

import itertools
import re
from types import ModuleType

import numpy as np
import pytest

from autograd.languages import LANGUAGES
from demos import generalisation, representation

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("lesson", [generalisation, representation])
def test_a_story_has_the_same_numbers_in_both_languages(lesson: ModuleType) -> None:
    """Nothing is left out in one of them; numbers of one or two digits may be words in the other."""
    japanese, english = (sorted(re.findall(r"\d[\d.,]+\d", lesson.story(language))) for language in LANGUAGES)
    assert japanese == english


# --- generalisation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_larger_the_model_the_smaller_the_training_error(seed: int) -> None:
    """Each degree contains the one before; and the weights are those of gradient 0, as the engine sees it."""
    found = generalisation.choose(generalisation.draw_data(seed))
    assert found.train == sorted(found.train, reverse=True)
    assert generalisation.numbers(seed)["gradient left"] < 1e-12


@pytest.mark.parametrize("seed", SEEDS)
def test_too_small_and_too_large_are_worse_than_the_chosen_model(seed: int) -> None:
    """On the validation data by the choice, and on the test data, which had no part in it."""
    parts = generalisation.draw_data(seed)
    small, chosen, large = generalisation.three(generalisation.choose(parts).degree)
    tested = {degree: generalisation.error_on_test(parts, degree) for degree in (small, chosen, large)}
    assert tested[chosen] < 0.5 * min(tested[small], tested[large])


def test_the_choice_does_not_hang_on_the_test_data() -> None:
    """Other test data, the same degree; other validation data may give another."""
    parts = generalisation.draw_data()
    others = generalisation.draw_data(1)
    assert generalisation.choose({**parts, "test": others["test"]}) == generalisation.choose(parts)
    assert generalisation.choose({**parts, "validation": others["validation"]}) != generalisation.choose(parts)


def test_a_polynomial_of_its_degree_is_found_again() -> None:
    """Without noise the error is 0 from that degree on, on data not learned from too."""
    x, unseen = np.linspace(-1, 1, 15), np.linspace(-0.9, 0.9, 7)
    cubic, elsewhere = (generalisation.Data(at, at**3 - at) for at in (x, unseen))
    errors = [generalisation.error(generalisation.fit(cubic, degree), elsewhere) for degree in (2, 3, 6)]
    assert errors[0] > 1e-3
    assert max(errors[1:]) < 1e-25


def test_winners_look_better_than_they_are() -> None:
    """On the data that they won by, in the median over many draws; test data are not below the noise."""
    on_validation, on_test = generalisation.winners()
    assert on_validation < 0.9 * on_test
    assert on_test > generalisation.NOISE**2


# --- representation -------------------------------------------------------------------------------------------


def test_each_way_to_write_a_row_is_what_it_says() -> None:
    """Numbers from 0 to 1; one 1 for the weather; one for the bucket; one for the pair of both."""
    hour, weather = np.array([0, 23, 8]), np.array([0, 2, 1])
    assert representation.as_numbers(hour, weather).tolist() == [[0, 0], [1, 1], [8 / 23, 0.5]]
    assert representation.with_one_hot(hour, weather)[:, 1:].tolist() == np.eye(3)[[0, 2, 1]].tolist()
    buckets = representation.with_buckets(hour, weather)
    assert buckets.shape == (3, 15)
    assert [row.nonzero()[0].tolist() for row in buckets] == [[0, 12], [11, 14], [4, 13]]
    crosses = representation.with_crosses(hour, weather)
    assert crosses.shape == (3, 36)
    assert [row.nonzero()[0].tolist() for row in crosses] == [[0], [35], [13]]


def test_better_features_make_the_same_linear_model_better() -> None:
    """On rows not learned from: numbers, one-hot, buckets and crosses, each much better than the one before."""
    numbers = representation.numbers()
    errors = [numbers[f"{name}: off by"] for name in representation.FEATURES]
    assert all(after < 0.9 * before for before, after in itertools.pairwise(errors))
    assert errors[-1] < 0.4 * errors[0]


def test_the_model_of_crosses_is_the_mean_of_each_cell() -> None:
    """What a linear model of one-hot crosses can say at best: training has come to it."""
    model = representation.ride_models()["crosses"]
    hour, weather, rides = (each[~representation.held_out()] for each in representation.draw_rides())
    for bucket, kind in ((4, 0), (9, 1), (6, 2)):
        rows = (hour // representation.BUCKET == bucket) & (weather == kind)
        said = model.rides(np.array([bucket * representation.BUCKET]), np.array([kind]))
        assert said == pytest.approx(rides[rows].mean(), abs=1)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_products_divide_xor_and_squares_circles(seed: int) -> None:
    """Which x₁ and x₂ alone do not."""
    for name in representation.SHAPES:
        right = representation.accuracy(name, seed)
        assert right > 0.95 if "x₁x₂" in name or "²" in name else right < 0.8
