"""Tests of gradients in one line, for pytest: `test_price = gradient_test(price, unit=(0, 100), tax=(1, 2))`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.installing import pip_install

try:
    from hypothesis import assume, example, given, settings

    from autograd.laws.drawing import QUICK, arguments_of, explicit_examples, nothing_kept
    from autograd.laws.of_functions import judged
except ImportError as missing:
    raise ImportError(
        f"autograd.testing needs hypothesis and mpmath: {pip_install('hypothesis', 'mpmath')} ({missing})"
    ) from None

from autograd.check import GradientMismatch

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["gradient_test"]


def __dir__() -> list[str]:
    return __all__


def gradient_test(
    f: "Callable[..., Any]", options: "settings | None" = None, /, **domain: "Sequence[float] | SearchStrategy[Any]"
) -> "Callable[[], None]":
    """A test function that passes if the gradient of f is right wherever hypothesis looks.

    ```python
    test_price = gradient_test(price, unit=(0, 100), tax=(1, 2))
    ```

    A failure shows the simplest arguments, the table of `check_gradient` and the operation to blame. Nothing is written
    to disk, so no failure is remembered from one run to the next.

    Args:
        f: a function of numbers, or of lists and tuples of numbers, as for `autograd.laws.check_function`. Its
            `@example`s are tried.
        options: hypothesis settings, such as `settings(max_examples=1000)`; by default those of its profile, for one
            failure that is shrunk, without a deadline.
        domain: an interval, or a strategy of hypothesis, for a parameter; the others are drawn by their annotations.

    Raises:
        TypeError: f is not a function, or its arguments cannot be drawn.
        ValueError: no parameter has this name, or an interval is not valid.
    """
    if not callable(f):
        raise TypeError(f"gradient_test({f!r:.40}): wanted a function.")
    name = getattr(f, "__name__", "f")
    drawn = arguments_of(f"gradient_test({name})", f, domain)

    def test(**arguments: Any) -> None:
        found = judged(f, arguments)
        assume(found is not None)  # f has no value there
        if isinstance(found, GradientMismatch):
            raise found

    test.__name__ = test.__qualname__ = f"test_{name.strip('<>')}"  # that of a lambda is no name
    test.__doc__ = f"The gradient of {name} is right at every {', '.join(drawn)}."
    test.__module__ = getattr(f, "__module__", __name__)
    whole = given(**drawn)(test)
    for each in explicit_examples(f, list(drawn)):
        whole = example(**each)(whole)
    return nothing_kept()(settings(options or settings(**QUICK), database=None)(whole))
