"""From a recorded scalar graph to a program on matrices, or with loops.

`recording` runs the function once, and `scalar` numbers what it did. `choosing` says which compiler goes on from there:
that of `matrices`, whose passes `lifted` calls one after the other, or that of `loops`, whose passes are in `pipeline`.
`program` is what users hold; `drawing` shows it. The package is not called `compile`, for that is the function's name
in `autograd`.
"""

from autograd.compiler.program import Program, compile
from autograd.compiler.recording import BranchChanged

__all__ = ["BranchChanged", "Program", "compile"]


def __dir__() -> list[str]:
    return __all__
