"""Normalising and standardising: what becomes of rate, steps and weights, against least squares and eigenvalues."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import nn
from demos import _advertising, _table, scaling


def made_up(n: int = 60, seed: int = 0) -> _table.Table:
    """A table on the scales of the advertising data: t = 3 + 0.05x₁ + 0.2x₂ − 0.001x₃ and noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, [300, 50, 110], (n, 3))
    y = 3 + X @ [0.05, 0.2, -0.001] + rng.normal(0, 1.5, n)
    return _table.Table(["TV", "Radio", "Newspaper"], X, "Sales", y)


def trained(table: _table.Table) -> dict[str, scaling.Learned]:
    return {name: scaling.train(table, each) for name, each in scaling.scalings(table).items()}


def test_scaled_inputs_lead_to_the_least_squares_solution() -> None:
    """Normalised and standardised, in units of the data: the weights that scikit-learn finds by linear algebra."""
    table = made_up()
    solved: Any = LinearRegression().fit(table.X, table.y)
    for name in ("divided", "normalised", "standardised"):
        assert trained(table)[name].weights == pytest.approx([*solved.coef_, solved.intercept_], rel=1e-2, abs=1e-5)
    assert trained(table)["standardised"].weights == pytest.approx([*solved.coef_, solved.intercept_], rel=1e-9)


def test_raw_inputs_do_not_get_there_in_the_same_steps() -> None:
    """The largest rate is thousands of times smaller, and the bias has hardly moved."""
    table = made_up()
    raw, standardised = trained(table)["raw"], trained(table)["standardised"]
    assert raw.rate < standardised.rate / 1000
    least = _advertising.least_error(table)
    assert _advertising.error_of(table, raw.weights) > 1.05 * least
    assert _advertising.error_of(table, standardised.weights) == pytest.approx(least, rel=1e-12)


@pytest.mark.parametrize("name", ["raw", "divided", "normalised", "standardised"])
def test_the_errors_walked_are_the_errors_computed(name: str) -> None:
    """On a quadratic error the eigenvalues tell the error after any number of steps."""
    table = made_up()
    learned = trained(table)[name]
    least = _advertising.least_error(table)
    for steps in (0, 1, 10, 100, scaling.STEPS - 1):
        computed = least + scaling.excess(learned, steps)
        assert learned.errors[steps] == pytest.approx(computed, rel=1e-9)


def test_steps_counted_are_steps_computed() -> None:
    """Where both can be had: the arrival of normalised data, with and without having walked there."""
    table = made_up()
    learned = trained(table)["normalised"]
    counted = scaling.arrival(learned, table)
    assert 50 < counted < scaling.STEPS
    assert scaling.arrival(learned._replace(errors=np.array([])), table) == counted


def test_the_curvature_is_that_of_the_normal_equations() -> None:
    """The Hessian by automatic differentiation is 2 XᵀX / n, X with a column of ones."""
    X = made_up().X
    with_ones = np.column_stack([X, np.ones(len(X))])
    assert scaling.curvature(X) == pytest.approx(2 * with_ones.T @ with_ones / len(X), rel=1e-12)


def test_the_largest_rate_is_the_largest() -> None:
    """A hundredth below it training goes on, a tenth above it training diverges, at the step the lesson says."""
    table = made_up()
    raw = scaling.scalings(table)["raw"]
    assert scaling.train(table, raw, share=0.99).errors[-1] < 1e3
    with pytest.raises(nn.DivergenceError, match=f"at step {scaling.divergence(table)} "):
        scaling.train(table, raw, share=1.1)


def test_on_the_documents_data_scaled_numbers_arrive() -> None:
    """TV, radio, newspaper → sales: scaled numbers lead to the least squares solution."""
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "advertising.csv"
    if not path.exists():
        pytest.skip("the advertising data of document 002 are not part of the project, and not beside it")
    table = _advertising.data(path)
    learned = trained(table)
    assert (table.names, table.target, table.X.shape) == (["TV", "Radio", "Newspaper"], "Sales", (200, 3))
    assert learned["standardised"].weights == pytest.approx([0.045765, 0.188530, -0.0010375, 2.93889], rel=1e-4)
    for name in ("normalised", "standardised"):
        assert _advertising.error_of(table, learned[name].weights) <= _advertising.least_error(table) * (1 + 1e-8)
    steps = {name: scaling.arrival(each, table) for name, each in learned.items()}
    assert steps["standardised"] < steps["normalised"] < 300 < 500_000 < steps["raw"]
    assert learned["raw"].rate == pytest.approx(2.49e-5, rel=1e-2)


def test_numbers_in_yen_are_no_trouble(tmp_path: Path) -> None:
    """Where the curvatures lie further apart than a float can tell: standardised data still arrive, raw ones never."""
    table = made_up()
    table = table._replace(X=table.X * 1e12, y=table.y * 1e12)
    np.savetxt(tmp_path / "yen.csv", np.column_stack([table.X, table.y]), delimiter=",", header="a,b,c,t", comments="")
    assert _advertising.data(tmp_path / "yen.csv").X.tolist() == table.X.tolist()
    learned = trained(table)
    assert learned["raw"].eigenvalues[-1] / 1e16 > learned["raw"].eigenvalues[0] >= 0
    assert scaling.arrival(learned["raw"], table) > 1e9
    assert scaling.arrival(learned["standardised"], table) < 20
    assert "standardised" in scaling.story("en", table, learned, "yen")


def test_columns_that_are_almost_the_same_are_no_trouble() -> None:
    """No curvature is below 0, and the steps of a direction that is flat to rounding are a number."""
    for seed in range(5):
        table = made_up(seed=seed)
        twin = table.X[:, 0] * (1 + 1e-9 * np.random.default_rng(seed).normal(size=len(table.y)))
        table = table._replace(X=np.column_stack([table.X, twin]), names=[*table.names, "twin"])
        found = trained(table)
        assert all(learned.eigenvalues.min() >= 0 for learned in found.values())
        assert all(scaling.arrival(learned, table) < 1e16 for learned in found.values())
        assert "twin" in scaling.story("en", table, found, "twins")


# --- The report -----------------------------------------------------------------------------------------------------


def test_the_scalings_are_the_documents_formulas() -> None:
    """x/x_max, (x − x_min)/(x_max − x_min) and (x − μ)/σ, of inputs and target alike."""
    table = made_up()
    Z = np.column_stack([table.X, table.y])
    low, high = Z.min(axis=0), Z.max(axis=0)
    expected = {
        "raw": Z,
        "divided": Z / high,
        "normalised": (Z - low) / (high - low),
        "standardised": (Z - Z.mean(axis=0)) / Z.std(axis=0),
    }
    for name, each in scaling.scalings(table).items():
        np.testing.assert_allclose((Z - each.shift) / each.scale, expected[name], atol=1e-12)


def test_condition_number_and_steps_fall_with_each_scaling() -> None:
    """Of the lesson's own data: raw, x/x_max, min–max, standardised; the last error of scaled ones is the least."""
    numbers = scaling.numbers()
    names = ("raw", "divided", "normalised", "standardised")
    steps, conditions = ([numbers[f"{name}: {what}"] for name in names] for what in ("steps", "condition"))
    assert steps == sorted(steps, reverse=True)
    assert conditions == sorted(conditions, reverse=True)
    assert steps[0] > 1e6
    assert steps[-1] < 12
    assert conditions[-1] < 1.5
    assert numbers["standardised: error"] == pytest.approx(numbers["least error"], rel=1e-9)


def test_the_condition_number_is_that_of_linear_algebra() -> None:
    """Of XᵀX with a column of ones."""
    table = made_up()
    for name, each in scaling.scalings(table).items():
        X = np.column_stack([(table.X - each.shift[:-1]) / each.scale[:-1], np.ones(len(table.y))])
        assert scaling.condition(trained(table)[name]) == pytest.approx(np.linalg.cond(X.T @ X), rel=1e-6)


def test_standardised_weights_are_slopes_in_deviations_and_the_bias_is_zero() -> None:
    """Each is the raw weight times σₓ/σₜ; and all outputs lie where the predictions do."""
    table = made_up()
    *w, b, low, high = trained(table)["standardised"].scaled
    solved = _advertising.least_squares(table.X, table.y)
    assert w == pytest.approx((solved[:-1] * table.X.std(axis=0) / table.y.std()).tolist(), rel=1e-9, abs=1e-12)
    assert b == 0
    guess = (_advertising.predicted(table, solved) - table.y.mean()) / table.y.std()
    assert (low, high) == pytest.approx((guess.min(), guess.max()), rel=1e-9)


def test_in_the_raw_valley_the_bias_stands_still_and_in_the_round_one_it_arrives() -> None:
    """After 50 steps from (0.8, 0.8): the weight is right in both, the bias in one."""
    table = made_up()
    ends = {}
    for name in ("raw", "standardised"):
        each = scaling.scalings(table)[name]
        _, way = scaling.valley((table.X - each.shift[:-1]) / each.scale[:-1])
        ends[name] = way[-1]
    assert abs(ends["raw"][0]) < 0.01
    assert ends["raw"][1] > 0.7
    assert ends["standardised"] == pytest.approx([0, 0], abs=1e-9)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_report_names_all_four_scalings_in_each_table(language: str) -> None:
    """Rates, scaled weights, and weights in the units of the data: each has a row for each."""
    table = made_up()
    lines = scaling.story(language, table, trained(table), "x").splitlines()
    for name in scaling._NAMES[language].values():
        assert sum(line.endswith(f"    {name}") for line in lines) == 3, name
