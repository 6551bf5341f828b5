"""What the lessons on advertising and sales share: data that are made up, a reader's own, and the best linear fit.

The made-up data are on the scales of document 002's, with coefficients that are known.

```python
from demos import _advertising

table = _advertising.made()                       # 200 rows: TV, Radio, Newspaper → Sales
_advertising.write(Path("data/advertising.csv"))  # the same as a file, with an index in front as document 002's has
```

The document's own data are not part of this project. These are as large, and as noisy, and a program that learns from
them can be held against `COEFFICIENTS`.
"""

import csv
import io
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.files import replacing
from autograd.render.text import columns
from demos import InputError
from demos._table import Table, read

Array = NDArray[np.float64]

INPUTS = ("TV", "Radio", "Newspaper")
TARGET = "Sales"
COEFFICIENTS = (0.05, 0.2, 0.02)
"""By how much sales rise with each input."""
BIAS = 2.0
"""The sales without any advertising."""
NOISE = 1.5
"""The standard deviation of what else moves the sales."""

_MOST = (300.0, 50.0, 120.0)


def made(n: int = 200, seed: int = 0) -> Table:
    """n rows of budgets and sales, with one decimal each as in a report; the same for the same seed.

    Budgets for TV lie between 0 and 300, for radio between 0 and 50, for newspapers between 0 and 120, where small ones
    are the most frequent; sales are BIAS + X @ COEFFICIENTS, and noise.
    """
    rng = np.random.default_rng(seed)
    parts = np.column_stack([rng.uniform(size=(n, 2)), rng.beta(1.3, 3.0, size=n)])
    X = np.round(parts * np.array(_MOST), 1)
    sales: Array = BIAS + X @ np.array(COEFFICIENTS) + rng.normal(0, NOISE, n)
    return Table(list(INPUTS), X, TARGET, sales.clip(0).round(1))


def write(path: Path, n: int = 200, seed: int = 0) -> Path:
    """The same as a CSV file: names in the first row, and in the first column, which has no name, the row's number."""
    table, text = made(n, seed), io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["", *table.names, table.target])
    for i, (x, y) in enumerate(zip(table.X.tolist(), table.y.tolist(), strict=True), start=1):
        lines.writerow([i, *x, y])
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as new:
        new.write(text.getvalue().encode())
    return path


def add_arguments(parser: ArgumentParser) -> None:
    """The file, and which of its columns."""
    parser.add_argument(
        "csv", type=Path, nargs="?", metavar="CSV", help="a file, its first row the names of the columns"
    )
    parser.add_argument("--inputs", default="", metavar="A,B,…", help="columns, by name or counted from 1 (all)")
    parser.add_argument("--target", default="", metavar="C", help="column to be predicted (the last)")


def data(path: Path | None = None, inputs: str = "", target: str = "") -> Table:
    """The file's table, or made-up data with known coefficients.

    Raises:
        InputError: the file is not to be used, or its columns do not determine the weights.
    """
    table = made() if path is None else read(path, [each for each in inputs.split(",") if each], target)
    if np.linalg.matrix_rank((table.X - table.X.mean(axis=0)) / spread(table.X)) < table.X.shape[1]:
        raise InputError(
            f"the columns {', '.join(table.names)} do not determine the weights: there are too few rows "
            f"({len(table.y)}), or a column is constant, or made of the others."
        )
    if np.ptp(table.y) == 0:
        raise InputError(f"the target {table.target} is {table.y[0]:g} in every row: there is nothing to learn.")
    return table


def least_squares(X: Array, y: Array) -> Array:
    """The weights and the bias of the least error."""
    shift, scale = X.mean(axis=0), spread(X)  # else the bias is lost beside columns of large numbers
    w = np.linalg.lstsq((X - shift) / scale, y - y.mean(), rcond=None)[0] / scale
    return np.append(w, y.mean() - w @ shift)


def least_error(table: Table) -> float:
    """The mean squared error that no weights get below."""
    return error_of(table, least_squares(table.X, table.y))


def error_of(table: Table, weights: Any) -> float:
    """The mean squared error of weights and a bias."""
    return float(np.mean((predicted(table, weights) - table.y) ** 2))


def predicted(table: Table, weights: Any) -> Array:
    """What weights and a bias say of each row."""
    return np.column_stack([table.X, np.ones(len(table.y))]) @ np.asarray(weights)


def spread(X: Array) -> Array:
    """The standard deviations of the columns; 1 for a constant one, which is not to be divided by 0."""
    return np.where(np.ptp(X, axis=0) > 0, X.std(axis=0), 1)


def rows(heads: Sequence[str], lines: Mapping[str, Any]) -> Iterator[str]:
    """A table of numbers as text: heads above, the name of each line after it."""
    widths = [max(columns(head), 10) + 2 for head in heads]
    yield "".join(" " * (width - columns(head)) + head for head, width in zip(heads, widths, strict=True))
    for name, numbers in lines.items():
        yield "".join(f"{number:>{width}.5g}" for number, width in zip(numbers, widths, strict=True)) + f"    {name}"
