"""What `check_gradient` found, as a table for terminals and for notebooks."""

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from autograd.check.verdicts import KINK, WRONG
from autograd.errors import many

_SHOWN = 20  # rows; of more than so many the first that are not plainly right are shown
_HEADS = ("argument", "at", "ours", "reference", "±", "error", "verdict")


@dataclass(frozen=True)
class GradientRow:
    """One derivative beside its reference.

    Attributes:
        argument: the name of the element, `w[0][1]`.
        at: the number at which f was differentiated, as it was given.
        ours: the derivative that `backward` gives; None if it raised.
        reference: the derivative that the values of f show.
        uncertainty: how far off the reference may be.
        verdict: "ok", "kink", "domain edge", "cancellation" or "wrong".
        note: why.
    """

    argument: str
    at: Any
    ours: float | None
    reference: float
    uncertainty: float
    verdict: str
    note: str = ""

    @property
    def error(self) -> float:
        """The difference between ours and the reference, relative to the larger of the two."""
        if self.ours is None:
            return math.nan
        size = max(abs(self.ours), abs(self.reference))
        return abs(self.ours - self.reference) / size if size else 0.0

    def cells(self) -> tuple[str, ...]:
        """The row as the table shows it."""
        ours = "none" if self.ours is None else f"{self.ours:.10g}"
        known = f"{self.reference:.10g}" if math.isfinite(self.uncertainty) else "unknown"
        verdict = f"{self.verdict}: {self.note}" if self.note else self.verdict
        doubt = f"{self.uncertainty:.1e}" if math.isfinite(self.uncertainty) else "–"
        error = "–" if self.verdict == KINK or not math.isfinite(self.error) else f"{self.error:.1e}"
        at = f"{self.at:.10g}" if isinstance(self.at, float) else str(self.at)
        return (self.argument, at, ours, known, doubt, error, verdict)


@dataclass(frozen=True, repr=False)
class GradientReport:
    """Every derivative of f beside its reference: `print(report)`.

    Attributes:
        function: the name of f.
        rows: one for each number that f takes.
        explanation: what is wrong: the first wrong operation.
    """

    function: str
    rows: tuple[GradientRow, ...]
    explanation: str = ""

    @property
    def ok(self) -> bool:
        """Whether no derivative is wrong."""
        return not any(row.verdict == WRONG for row in self.rows)

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        wrong, n = sum(row.verdict == WRONG for row in self.rows), len(self.rows)
        if wrong:
            return f"The gradient of {self.function} is wrong: {wrong} of {many(n, 'derivative')}."
        counts = [(v, sum(row.verdict == v for row in self.rows)) for v in dict.fromkeys(r.verdict for r in self.rows)]
        found = ", ".join(f"{count} {verdict}" for verdict, count in counts)
        return f"Nothing is wrong with the gradient of {self.function}: {found}."

    def _shown(self) -> tuple[list[GradientRow], int]:
        """The rows of the table, and how many are left out."""
        if len(self.rows) <= _SHOWN:
            return list(self.rows), 0
        notable = [row for row in self.rows if row.verdict != "ok"][:_SHOWN]
        shown = notable or list(self.rows[:_SHOWN])
        return shown, len(self.rows) - len(shown)

    def __repr__(self) -> str:
        rows, more = self._shown()
        table = [_HEADS, *(row.cells() for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(_aligned(cells, widths)).rstrip() for cells in table]
        tail = [f"… {more} more"] if more else []
        return "\n".join([self.summary, "", *lines, *tail, *(["", self.explanation] if self.explanation else [])])

    def _repr_html_(self) -> str:
        rows, more = self._shown()
        head = "".join(f"<th>{escape(cell)}</th>" for cell in _HEADS)
        body = "".join(_html_row(row) for row in rows)
        tail = f"<p>… {more} more</p>" if more else ""
        explanation = f"<p>{escape(self.explanation)}</p>" if self.explanation else ""
        return f"<p>{escape(self.summary)}</p><table><tr>{head}</tr>{body}</table>{tail}{explanation}"


class GradientMismatch(AssertionError):  # noqa: N818 - says what was found, as DomainError could not
    """A gradient is wrong. The message is the table with its explanation; `report` is the `GradientReport`."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return str(self.report)


def _aligned(cells: tuple[str, ...], widths: list[int]) -> list[str]:
    """Words to the left, numbers to the right."""
    last = len(cells) - 1
    return [
        cell.ljust(width) if i in (0, last) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def _html_row(row: GradientRow) -> str:
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in row.cells())
    return f'<tr style="font-weight: bold">{cells}</tr>' if row.verdict == WRONG else f"<tr>{cells}</tr>"
