"""What the tests of the checks share: the report, whether it was raised or returned."""

from collections.abc import Callable
from typing import Any

from autograd.check import GradientMismatch, GradientReport, check_gradient


def report(f: Callable[..., Any], *x: Any, **named: Any) -> GradientReport:
    """What `check_gradient` found, raised or returned."""
    try:
        return check_gradient(f, *x, **named)
    except GradientMismatch as mismatch:
        return mismatch.report


def verdicts(f: Callable[..., Any], *x: Any) -> list[str]:
    return [row.verdict for row in report(f, *x).rows]
