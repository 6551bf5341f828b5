"""Basins of attraction: the minima, the borders between their basins, and maps that single walks agree with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import grad
from demos import basins
from demos.bowl import gradient_descent
from demos.derivative import descend
from share import share


def test_the_minima_and_the_border_are_where_the_slope_is_zero() -> None:
    """The three roots of 4x³ − 8x + 1 by linear algebra: the outer ones are minima, the left one the lower."""
    left, middle, right = sorted(np.roots([4, 0, -8, 1]).real)
    numbers = basins.numbers()
    assert numbers["global minimum"] == pytest.approx(left, abs=1e-9)
    assert numbers["local minimum"] == pytest.approx(right, abs=1e-9)
    assert numbers["border"] == pytest.approx(middle, abs=2e-6)
    assert numbers["f there"] < numbers["f at the local one"]


def test_himmelblaus_four_minima_are_found() -> None:
    """(3, 2) and three more, with f = 0 in each."""
    known = [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]
    assert np.array(basins.himmelblaus_minima()) == pytest.approx(np.array(known), abs=1e-5)
    assert [basins.himmelblau(x) for x in basins.himmelblaus_minima()] == pytest.approx([0] * 4, abs=1e-12)


@settings(max_examples=share(15))
@given(st.lists(st.floats(-2, 2), min_size=1, max_size=4), st.floats(0.005, 0.1))
def test_descents_together_end_where_each_ends_alone(starts: list[float], rate: float) -> None:
    """On the line, by the compiled program and by a graph for each step."""
    together = basins.descend_together(basins.f, np.array(starts), rate, 20)
    assert together.tolist() == pytest.approx([descend(basins.f, x, rate, 20)[-1] for x in starts], rel=1e-6, abs=1e-6)


def test_the_map_of_the_plane_is_that_of_single_walks() -> None:
    """Every twentieth point in each direction, far from the borders and near them, at the small rate."""
    labels = basins.map_of_plane(basins.PLANE_RATES[0])
    for row in range(0, len(basins.PLANE), 40):
        for column in range(0, len(basins.PLANE), 40):
            start = (basins.PLANE[column], basins.PLANE[row])
            end = gradient_descent(grad(basins.himmelblau), start, basins.PLANE_RATES[0], basins.STEPS)[-1]
            nearest = np.linalg.norm(np.array(basins.himmelblaus_minima()) - end, axis=1).argmin()
            assert labels[row, column] == nearest


def test_what_runs_away_is_left_where_it_is_and_belongs_to_no_basin() -> None:
    """Without overflow, however many steps follow; and its neighbour arrives all the same."""
    ends = basins.descend_together(basins.f, np.array([2.0, 30.0, -1.0]), np.array([0.01, 0.01, 0.01]), 500)
    assert ends[1] == 30.0
    assert basins.basin(ends, basins.minima()).tolist() == [1, -1, 0]


def test_a_minimum_that_bends_by_more_than_two_over_the_rate_holds_nothing() -> None:
    """f″ = 12x² − 8 is 18.04 in the global minimum: above η = 2/18.04 = 0.1109 its basin is empty, below it is not."""
    limit = 2 / (12 * basins.minima()[0] ** 2 - 8)
    shares = {rate: basins.share(row, 0) for rate, row in zip(basins.RATES, basins.map_of_rates(), strict=True)}
    assert min(share for rate, share in shares.items() if rate < limit - 0.002) > 0.4
    assert max(share for rate, share in shares.items() if rate > limit + 0.002) == 0


def test_for_small_rates_the_border_is_the_hill_and_for_large_ones_there_are_more() -> None:
    """One change of colour from left to right at the smallest rate, several at η = 0.1."""
    rows = basins.map_of_rates()
    changes = [int(np.count_nonzero(np.diff(rows[k]))) for k in (0, int(np.abs(basins.RATES - 0.1).argmin()))]
    assert changes[0] == 1
    assert changes[1] >= 3


@pytest.mark.parametrize(("language", "said"), [("ja", "5 本で確かめた"), ("en", "(5 were tried)")])
def test_all_walks_that_the_story_tried_agree_with_the_map(language: str, said: str) -> None:
    """Five of them; the story counts those that did."""
    assert said in basins.story(language)
