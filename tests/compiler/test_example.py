"""An example says what shape the arguments have and which way f goes: a slope may be infinite there."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import compile

CASES: dict[str, tuple[Callable[[Any], Any], list[float], list[float]]] = {
    "a distance": (lambda x: ag.sqrt(x[0] ** 2 + x[1] ** 2), [0.0, 0.0], [3.0, 4.0]),
    "a distance of two": (lambda x: ag.sqrt((x[0] - x[1]) ** 2), [1.0, 1.0], [3.0, 4.0]),
    "a power": (lambda x: x[0] ** 1.5, [0.0], [4.0]),
    "a root of what is turned": (lambda x: ag.sqrt(-x[0]), [0.0], [-4.0]),
    "an angle at the end of its domain": (lambda x: ag.acos(x[0]), [1.0], [0.5]),
}


@pytest.mark.parametrize("case", CASES)
def test_an_example_without_slopes_has_derivatives_elsewhere(case: str) -> None:
    f, example, x = CASES[case]
    program = compile(f, example, wrt=0)
    np.testing.assert_allclose(program.jacobian(x), ag.jacobian(f)(x), rtol=1e-12)
    np.testing.assert_allclose(program.hessian(x), ag.hessian(f)(x), rtol=1e-9, atol=1e-14)


def test_where_there_is_no_derivative_a_row_has_none() -> None:
    """And no other row minds, whichever comes first."""
    program = compile(lambda x: ag.sqrt(x) if x > 0 else ag.sqrt(-x), 1.0, wrt=0, branches="follow")
    none, *others = program.jacobian([0.0, 4.0, -4.0])
    assert not np.isfinite(none)
    assert others == [0.25, -0.25]
