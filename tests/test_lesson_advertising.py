"""Sales from advertising: the perceptron against least squares, and what is said of a CSV file with a mistake."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import nn
from demos import InputError, _advertising, _table, advertising
from demos.__main__ import main


def made_up(n: int = 60, seed: int = 0) -> _table.Table:
    """A table on the scales of the advertising data: t = 3 + 0.05x₁ + 0.2x₂ − 0.001x₃ and noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, [300, 50, 110], (n, 3))
    y = 3 + X @ [0.05, 0.2, -0.001] + rng.normal(0, 1.5, n)
    return _table.Table(["TV", "Radio", "Newspaper"], X, "Sales", y)


def trained(table: _table.Table) -> dict[str, advertising.Learned]:
    return {name: advertising.train(table, scaling) for name, scaling in advertising.scalings(table).items()}


def test_scaled_inputs_lead_to_the_least_squares_solution() -> None:
    """Normalised and standardised, in units of the data: the weights that scikit-learn finds by linear algebra."""
    table = made_up()
    solved: Any = LinearRegression().fit(table.X, table.y)
    for name in ("normalised", "standardised"):
        assert trained(table)[name].weights == pytest.approx([*solved.coef_, solved.intercept_], rel=1e-2, abs=1e-5)
    assert trained(table)["standardised"].weights == pytest.approx([*solved.coef_, solved.intercept_], rel=1e-9)


def test_raw_inputs_do_not_get_there_in_the_same_steps() -> None:
    """The largest rate is thousands of times smaller, and the bias has hardly moved."""
    table = made_up()
    raw, standardised = trained(table)["raw"], trained(table)["standardised"]
    assert raw.rate < standardised.rate / 1000
    least = advertising.least_error(table)
    assert advertising.error_of(table, raw.weights) > 1.05 * least
    assert advertising.error_of(table, standardised.weights) == pytest.approx(least, rel=1e-12)


@pytest.mark.parametrize("name", ["raw", "normalised", "standardised"])
def test_the_errors_walked_are_the_errors_computed(name: str) -> None:
    """On a quadratic error the eigenvalues tell the error after any number of steps."""
    table = made_up()
    learned = trained(table)[name]
    least = advertising.least_error(table)
    for steps in (0, 1, 10, 100, advertising.STEPS - 1):
        computed = least + advertising.excess(learned, steps)
        assert learned.errors[steps] == pytest.approx(computed, rel=1e-9)


def test_steps_counted_are_steps_computed() -> None:
    """Where both can be had: the arrival of normalised data, with and without having walked there."""
    table = made_up()
    learned = trained(table)["normalised"]
    counted = advertising.arrival(learned, table)
    assert 50 < counted < advertising.STEPS
    assert advertising.arrival(learned._replace(errors=np.array([])), table) == counted


def test_the_curvature_is_that_of_the_normal_equations() -> None:
    """The Hessian by automatic differentiation is 2 XᵀX / n, X with a column of ones."""
    X = made_up().X
    with_ones = np.column_stack([X, np.ones(len(X))])
    assert advertising.curvature(X) == pytest.approx(2 * with_ones.T @ with_ones / len(X), rel=1e-12)


def test_the_largest_rate_is_the_largest() -> None:
    """A hundredth below it training goes on, a tenth above it training diverges, at the step the lesson says."""
    table = made_up()
    raw = advertising.scalings(table)["raw"]
    assert advertising.train(table, raw, share=0.99).errors[-1] < 1e3
    with pytest.raises(nn.DivergenceError, match=f"at step {advertising.divergence(table)} "):
        advertising.train(table, raw, share=1.1)


def test_document_002_is_reached() -> None:
    """TV, radio, newspaper → sales: the least squares solution; the document's own two runs were not there yet."""
    path = Path(__file__).resolve().parents[2] / "shared" / "data" / "advertising.csv"
    if not path.exists():
        pytest.skip("the advertising data of document 002 are not part of the project, and not beside it")
    table = advertising.data(path)
    learned = trained(table)
    assert (table.names, table.target, table.X.shape) == (["TV", "Radio", "Newspaper"], "Sales", (200, 3))
    assert learned["standardised"].weights == pytest.approx([0.045765, 0.188530, -0.0010375, 2.93889], rel=1e-4)
    for name in ("normalised", "standardised"):
        assert advertising.error_of(table, learned[name].weights) <= advertising.least_error(table) * (1 + 1e-8)
    steps = {name: advertising.arrival(each, table) for name, each in learned.items()}
    assert steps["standardised"] < steps["normalised"] < 300 < 500_000 < steps["raw"]
    assert learned["raw"].rate == pytest.approx(2.49e-5, rel=1e-2)
    errors = [advertising.error_of(table, weights) for weights in advertising.LECTURE]
    assert errors == pytest.approx([3.3281, 4.2634], abs=1e-4)
    assert min(errors) > 1.19 * advertising.least_error(table)


def test_numbers_in_yen_are_no_trouble(tmp_path: Path) -> None:
    """Where the curvatures lie further apart than a float can tell: standardised data still arrive, raw ones never."""
    table = made_up()
    table = table._replace(X=table.X * 1e12, y=table.y * 1e12)
    np.savetxt(tmp_path / "yen.csv", np.column_stack([table.X, table.y]), delimiter=",", header="a,b,c,t", comments="")
    assert advertising.data(tmp_path / "yen.csv").X.tolist() == table.X.tolist()
    learned = trained(table)
    assert learned["raw"].eigenvalues[-1] / 1e16 > learned["raw"].eigenvalues[0] >= 0
    assert advertising.arrival(learned["raw"], table) > 1e9
    assert advertising.arrival(learned["standardised"], table) < 20
    assert "standardised" in advertising.story("en", table, learned, "yen")


def test_columns_that_are_almost_the_same_are_no_trouble() -> None:
    """No curvature is below 0, and the steps of a direction that is flat to rounding are a number."""
    for seed in range(5):
        table = made_up(seed=seed)
        twin = table.X[:, 0] * (1 + 1e-9 * np.random.default_rng(seed).normal(size=len(table.y)))
        table = table._replace(X=np.column_stack([table.X, twin]), names=[*table.names, "twin"])
        found = trained(table)
        assert all(learned.eigenvalues.min() >= 0 for learned in found.values())
        assert all(advertising.arrival(learned, table) < 1e16 for learned in found.values())
        assert "twin" in advertising.story("en", table, found, "twins")


def test_without_a_file_the_data_are_made_up_and_the_coefficients_are_found() -> None:
    """200 rows of TV, radio and newspaper, made from known coefficients."""
    table = advertising.data()
    assert (table.names, table.target, table.X.shape) == (["TV", "Radio", "Newspaper"], "Sales", (200, 3))
    numbers = advertising.numbers()
    assert numbers["standardised: error"] == pytest.approx(numbers["least error"], rel=1e-9)
    *w, b = trained(table)["standardised"].weights
    assert w == pytest.approx(_advertising.COEFFICIENTS, abs=0.015)
    assert b == pytest.approx(_advertising.BIAS, abs=0.6)


# --- CSV files ------------------------------------------------------------------------------------------------

ROWS = ",TV,Radio,Sales\n1,230.1,37.8,22.1\n2,44.5,39.3,10.4\n3,17.2,45.9,9.3\n"


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("inputs", "target", "names", "first"),
    [
        ([], "", ["TV", "Radio", "Sales"], [230.1, 37.8, 22.1]),
        (["Radio"], "", ["Radio", "Sales"], [37.8, 22.1]),
        (["3", "2"], "4", ["Radio", "TV", "Sales"], [37.8, 230.1, 22.1]),
        (["1"], "TV", ["column 1", "TV"], [1, 230.1]),
        ([], "TV", ["Radio", "Sales", "TV"], [37.8, 22.1, 230.1]),
    ],
)
def test_columns_are_given_by_name_or_by_place(
    inputs: list[str], target: str, names: list[str], first: list[float], tmp_path: Path
) -> None:
    """All but an index without a name if none are given; the target is the last."""
    table = _table.read(written(tmp_path, ROWS), inputs, target)
    assert [*table.names, table.target] == names
    assert [*table.X[0], table.y[0]] == first
    assert table.X.shape == (3, len(names) - 1)


@pytest.mark.parametrize(
    "content",
    [
        "広告,売上\n1,2\n3,4\n".encode(),
        "広告,売上\r\n1,2\r\n3,4\r\n".encode("cp932"),
        "\ufeff広告 , 売上\n\n 1, 2\n3,4\n\n".encode(),
        '"広告","売上"\n"1","2"\n3,4'.encode(),
    ],
    ids=["utf-8", "shift_jis", "bom, spaces, empty rows", "quotes"],
)
def test_a_spreadsheets_file_is_read_however_it_was_saved(content: bytes, tmp_path: Path) -> None:
    """Encoding, line ends, quotes, spaces and empty rows make no difference."""
    table = _table.read(written(tmp_path, content))
    assert (table.names, table.target) == (["広告"], "売上")
    assert (table.X.tolist(), table.y.tolist()) == ([[1], [3]], [2, 4])


@pytest.mark.parametrize(
    ("text", "inputs", "target", "said"),
    [
        ("", [], "", "is empty; wanted a row of names"),
        ("\n\n", [], "", "is empty; wanted a row of names"),
        ("TV,Sales\n", [], "", "has nothing below row 1, its names"),
        (ROWS + "4,x,1,2\n", [], "", r"row 5, column TV: 'x' came; wanted a number"),
        (ROWS + "\n5,1,,2\n", [], "", r"row 6, column Radio: an empty cell came; wanted a number"),
        (ROWS + "4,nan,1,2\n", [], "", r"row 5, column TV: 'nan' came; wanted a finite number"),
        (ROWS + "4,1,2\n", [], "", r"row 5: it has 3 cells, and row 1 has 4 names"),
        (ROWS, ["Rado"], "", r"has no column 'Rado'; it has 1: \(no name\), 2: TV.* Did you mean 'Radio'\?"),
        (ROWS, ["TV"], "5", r"has no column '5'"),
        (ROWS, ["TV"], "0", r"has no column '0'"),
        (ROWS, ["TV", "2"], "", r"the columns TV, TV, Sales were asked for; wanted each but once"),
        (ROWS, ["Sales"], "Sales", r"wanted each but once"),
        ("a,a,b\n1,2,3\n", ["a"], "", r"has more than one column 'a'"),
        ("a\n1\n2\n", [], "", r"has a single column of numbers"),
        ("a,b\n1,2\n1,3\n1,4\n", [], "", r"a column is constant"),
        ("a,b,c\n1,2,3\n4,5,6\n", [], "", r"too few rows \(2\)"),
        ("a,b\n1,7\n2,7\n3,7\n", [], "", r"the target b is 7 in every row"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(
    text: str, inputs: list[str], target: str, said: str, tmp_path: Path
) -> None:
    """Rows are counted as an editor does; nothing is guessed, nothing left out."""
    with pytest.raises(InputError, match=said):
        advertising.data(written(tmp_path, text), ",".join(inputs), target)


@pytest.mark.parametrize("content", [b"\x81", b"\xff\xfe\x00\x81\x00"])
def test_a_file_that_is_no_text_is_refused(content: bytes, tmp_path: Path) -> None:
    """A picture, a spreadsheet's own format."""
    with pytest.raises(InputError, match="is no text"):
        _table.read(written(tmp_path, content))


def test_the_command_takes_a_file_and_says_what_is_wrong_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on the error stream, exit status 1; with a good file the story has its names."""
    output = ["--language", "en", "--output", str(tmp_path)]
    assert main(["advertising", str(tmp_path / "no.csv"), *output]) == 1
    assert "there is no file" in capsys.readouterr().err
    assert main(["advertising", str(tmp_path), *output]) == 1
    assert "there is no file" in capsys.readouterr().err
    path = written(tmp_path, ROWS + "4,a,1,2\n")
    assert main(["advertising", str(path), *output]) == 1
    assert capsys.readouterr().err == f"advertising: '{path}', row 5, column TV: 'a' came; wanted a number.\n"
    path = written(tmp_path, ROWS + "4,151.5,41.3,18.5\n")
    assert main(["advertising", str(path), "--inputs", "TV,3", "--target", "Sales", *output]) == 0
    assert "data.csv: 4 rows, TV, Radio → Sales" in capsys.readouterr().out
