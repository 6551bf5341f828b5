"""Are derivatives right? `numerical_gradient` computes them from values alone, `check_gradient` compares.

`slopes` finds a derivative and bounds its error, `verdicts` decides what that says of ours, `trial` records f once,
`gradient` asks of f and, if f is wrong, of each of its operations, `second` of second derivatives.
"""

from autograd.check.gradient import check_gradient
from autograd.check.numerical import numerical_gradient
from autograd.check.report import GradientMismatch, GradientReport, GradientRow

__all__ = ["GradientMismatch", "GradientReport", "GradientRow", "check_gradient", "numerical_gradient"]


def __dir__() -> list[str]:
    return __all__
