"""The laws, to try on your own operations, functions and engines with one call.

`check_operation(op)` for an operation, `check_engine(Value)` for a whole engine that somebody wrote, and
`check_function(f)` for a function of numbers. The library holds its own to them in its tests. Needs hypothesis and
mpmath (extra `test`), so it is for tests.
"""

from autograd.laws.engines import check_engine
from autograd.laws.of_functions import FunctionReport, check_function
from autograd.laws.operations import LAWS, SECOND_ORDER, Law, check_operation
from autograd.laws.report import Report, Row

__all__ = [
    "LAWS",
    "SECOND_ORDER",
    "FunctionReport",
    "Law",
    "Report",
    "Row",
    "check_engine",
    "check_function",
    "check_operation",
]


def __dir__() -> list[str]:
    return __all__
