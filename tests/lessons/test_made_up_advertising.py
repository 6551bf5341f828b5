"""The made-up advertising data: known coefficients, the same each time, as a table and as a file."""

from pathlib import Path

import numpy as np
import pytest

from demos import _advertising, _table


def test_least_squares_finds_the_coefficients_of_the_data() -> None:
    """Each within three of its standard errors, whatever the seed; and the noise is as large as it is said to be."""
    for seed in range(5):
        table = _advertising.made(400, seed)
        Z = np.column_stack([table.X, np.ones(400)])
        solved, (squares,), *_ = np.linalg.lstsq(Z, table.y, rcond=None)
        errors = _advertising.NOISE * np.sqrt(np.diag(np.linalg.inv(Z.T @ Z)))
        off = (solved - [*_advertising.COEFFICIENTS, _advertising.BIAS]) / errors
        assert np.abs(off).max() < 3
        assert np.sqrt(squares / 396) == pytest.approx(_advertising.NOISE, rel=0.15)


def test_the_budgets_lie_in_the_ranges_of_the_documents_data() -> None:
    """TV to 300, radio to 50, newspapers to 120; no number is below 0, and each has one decimal."""
    table = _advertising.made()
    assert (table.names, table.target, table.X.shape) == (["TV", "Radio", "Newspaper"], "Sales", (200, 3))
    numbers = np.column_stack([table.X, table.y])
    assert numbers.min() >= 0
    assert np.all(table.X.max(axis=0) <= [300, 50, 120])
    assert np.all(table.X.max(axis=0) >= [290, 48, 80])
    assert np.array_equal(numbers, np.round(numbers, 1))


def test_the_data_are_the_same_each_time_and_a_seed_makes_others() -> None:
    """To the last bit."""
    first, again, other = _advertising.made(), _advertising.made(), _advertising.made(seed=1)
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.y, other.y)


def test_the_file_has_the_same_numbers(tmp_path: Path) -> None:
    """Read back by the lessons' own reader, which leaves the index out; the header is document 002's."""
    path = _advertising.write(tmp_path / "data" / "advertising.csv")
    read, table = _table.read(path), _advertising.made()
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",TV,Radio,Newspaper,Sales"
    assert (read.names, read.target) == (table.names, table.target)
    assert np.array_equal(read.X, table.X)
    assert np.array_equal(read.y, table.y)
