"""The generated pages of docs/ are up to date with the table of operations."""

from pathlib import Path

from autograd import operations
from benchmarks.accuracy import described
from benchmarks.conventions import row

DOCS = Path(__file__).parents[1] / "docs"


def test_every_convention_is_in_the_page() -> None:
    """docs/conventions.md has a line for every edge of every operation; the peers' columns stay as measured."""
    page = (DOCS / "conventions.md").read_text(encoding="utf-8")
    lines = [row(op, x, slopes, []) for op in operations() for x, slopes in op.edges]
    assert not [line for line in lines if line not in page], "python -m benchmarks.conventions --write"


def test_every_bound_is_in_the_page() -> None:
    """docs/accuracy.md states every operation's domain and bound as its record does."""
    page = (DOCS / "accuracy.md").read_text(encoding="utf-8")
    assert not [op for op in operations() if described(op) not in page], "make accuracy"


def test_what_was_measured_is_within_the_bounds() -> None:
    """No line of docs/accuracy.md contradicts its own bound."""
    for line in (DOCS / "accuracy.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            _, name, _, bound, value, _, slope, *_ = line.split("|")
            allowed = float(bound.split("+")[0])
            assert max(float(value), float(slope)) <= allowed, name
