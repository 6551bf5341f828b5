"""Advertising and sales that are made up, on the scales of document 002's data, with coefficients that are known.

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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograd.files import replacing
from demos._table import Table

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
    sales: NDArray[np.float64] = BIAS + X @ np.array(COEFFICIENTS) + rng.normal(0, NOISE, n)
    return Table(list(INPUTS), X, TARGET, sales.clip(0).round(1))


def write(path: Path, n: int = 200, seed: int = 0) -> Path:
    """The same as a CSV file: names in the first row, and in the first column, which has no name, the row's number."""
    table, text = made(n, seed), io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["", *table.names, table.target])
    for i, (x, y) in enumerate(zip(table.X.tolist(), table.y.tolist(), strict=True), start=1):
        rows.writerow([i, *x, y])
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as new:
        new.write(text.getvalue().encode())
    return path
