"""A property-based test of a gradient in one line: `autograd.testing.gradient_test`."""

import subprocess
import sys
from typing import Annotated, Any

import pytest
from hypothesis import example, settings
from hypothesis import strategies as st

from autograd import Value, primitive, relu
from autograd.check import GradientMismatch
from autograd.operation import Op
from autograd.testing import gradient_test


def price(unit: Any, tax: Any) -> Any:
    """A product, without annotations that say numbers."""
    return unit * tax


test_price = gradient_test(price, unit=(0, 100), tax=(1, 2))


def hinge(w: list[float], b: Annotated[float, (0, 1)], scale: float = 2.0) -> Any:
    return relu(w[0] * scale + b)


test_hinge = gradient_test(hinge, settings(max_examples=10, deadline=None))


def test_it_is_named_after_the_function() -> None:
    """So that a report of failures says which gradient is wrong."""
    assert test_price.__name__ == "test_price"
    assert test_price.__doc__ == "The gradient of price is right at every unit, tax."


@pytest.fixture
def wrong() -> Op:
    """An operation whose rule lacks the 2."""
    return primitive("bent", lambda x: x * x, lambda g, y, x: (g * x,))


def test_a_failure_shows_the_simplest_case(wrong: Op) -> None:
    """The arguments as hypothesis shrinks them, and the operation to blame."""

    def cost(x: float, y: float) -> Any:
        return wrong(x) + y

    with pytest.raises(GradientMismatch, match=r"first wrong operation: bent\(x = 1\.0\)") as caught:
        gradient_test(cost)()
    assert any("x=1.0" in note for note in caught.value.__notes__)


def test_examples_of_the_function_are_tried(wrong: Op) -> None:
    """Those of hypothesis's decorator, which may lie outside of the intervals."""

    @example(x=5.0)
    def cost(x: Any) -> Any:
        return wrong(x)

    with pytest.raises(GradientMismatch, match=r"bent\(x = 5\.0\)"):
        gradient_test(cost, x=(-1, 0))()


def test_strategies_are_taken_as_they_are() -> None:
    """In place of an interval."""
    seen: list[float] = []

    def square(x: Any) -> Any:
        seen.append(float(x.data if isinstance(x, Value) else x))
        return x * x

    gradient_test(square, x=st.just(3.0))()
    assert min(seen) >= 2


@pytest.mark.parametrize(
    ("intervals", "error", "message"),
    [
        ({"z": (0, 1)}, ValueError, r"gradient_test\(price\): there is no parameter z; its parameters are unit, tax\."),
        ({"tax": (2, 1)}, ValueError, r"gradient_test\(price\): tax=\(2, 1\); wanted an interval, tax=\(0, 10\)\."),
        ({"tax": 3}, ValueError, r"gradient_test\(price\): tax=3; wanted an interval, tax=\(0, 10\)\."),
    ],
)
def test_intervals_are_checked_at_once(intervals: Any, error: type[Exception], message: str) -> None:
    """Where the test is made, and not where it runs."""
    with pytest.raises(error, match=f"^{message}$"):
        gradient_test(price, **intervals)


def test_a_function_is_wanted() -> None:
    """And one that takes numbers."""
    with pytest.raises(TypeError, match=r"^gradient_test\(3\): wanted a function\.$"):
        gradient_test(3)  # type: ignore[arg-type]

    def named(name: str) -> float:
        return 0.0

    with pytest.raises(
        TypeError, match=r"^gradient_test\(named\): name has no annotation that says numbers; give its "
    ):
        gradient_test(named)


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    """Importing the helper alone needs it."""
    code = "import sys; sys.modules['hypothesis'] = None; import autograd.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(
        "ImportError: autograd.testing needs hypothesis and mpmath: pip install 'hypothesis>=6.100' 'mpmath>=1.3' ("
    )
