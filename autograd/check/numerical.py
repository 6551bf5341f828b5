"""Derivatives from the values of a function, in three ways."""

import math
import sys
from collections.abc import Callable
from typing import Any

from autograd.check.arguments import Task
from autograd.check.slopes import Line, View, steps
from autograd.containers import array_of
from autograd.errors import DomainError
from autograd.reals import refusal
from autograd.trees import Blocks

_CENTRAL = sys.float_info.epsilon ** (1 / 3)  # balances truncation, step², against rounding, 1 / step
_IMAGINARY = 1e-20  # nothing is subtracted, so the step can be as small as its square is to vanish


def numerical_gradient(f: Callable[..., Any], x: Any, method: str = "central", step: float | None = None) -> Any:
    """The derivatives of f at x from its values alone: the slow way, to check the fast one with.

    >>> numerical_gradient(lambda x: x[0] ** 2 + x[1] ** 2, [-3.0, 4.0])
    array([-6.,  8.])

    | method | value | error |
    |---|---|---|
    | central | (f(x + h) − f(x − h)) / 2h, for each element of x | about 1e-10 if f varies on the scale of 1 and of x |
    | complex | Im f(x + ih) / h | the last digits; f must take complex numbers, which autograd's functions do not |
    | richardson | central quotients at many steps, extrapolated to step 0 | about 1e-13 |

    Args:
        f: takes one argument like x and returns one number.
        x: a number, or a tree of numbers; lists in it have rows of one length.
        method: "central", "complex" or "richardson".
        step: h; for richardson about the largest of many. If not given, in proportion to
            each element of x (for central not below 6e-6).

    Returns:
        A float for a number, a float64 array of the shape of x for lists, tuples and arrays; a dict, a dataclass or a
        named tuple of these where x is one.

    Raises:
        TypeError: x is not made of numbers; f does not return one; f does not take complex ones.
        ValueError: x is empty, ragged, or not finite; the method or the step is none.
        DomainError: f has no value on one side of x.

    Source: central differences as in K. Saito, Deep Learning from Scratch (O'Reilly Japan, 2016), section 4.3;
        the complex step of W. Squire, G. Trapp, SIAM Review 40 (1998); Richardson's at `autograd.check.slopes`.
    """
    caller = "numerical_gradient(f, x)"
    _check(caller, method, step)
    task = Task.of(caller, f, (x,), ["x"])
    blocks = Blocks.of(x, caller, "x")
    slopes = [_METHODS[method](task, i, step) for i in range(len(task.numbers))]
    return blocks.tree.rebuilt([array_of(slopes[i : i + size], shape) for i, size, shape in blocks.places])


def _check(caller: str, method: str, step: Any) -> None:
    if method not in _METHODS:
        raise ValueError(f"{caller}: method is {method!r}; wanted {', '.join(map(repr, _METHODS))}.")
    if step is not None and (refusal(step) or not 0 < step < math.inf):
        raise ValueError(f"{caller}: step is {step!r}; wanted a finite number above 0.")


def _along(task: Task, i: int) -> Callable[[float], float]:
    """f as a function of its i-th element alone, which stays the kind of number it is."""
    before, after = task.numbers[:i], task.numbers[i + 1 :]
    return lambda x: task.number(task.call([*before, task.moved(i, x), *after]))


def _central(task: Task, i: int, step: float | None) -> float:
    f, x = _along(task, i), float(task.numbers[i])
    h = step or _CENTRAL * max(abs(x), 1.0)
    if x + h == x or x - h == x:
        raise ValueError(f"{task.caller}: step is {h!r}; too small to change {task.names[i]} = {x!r}.")
    return (f(x + h) - f(x - h)) / (2 * h)


def _complex(task: Task, i: int, step: float | None) -> float:
    elements = [complex(x) for x in task.numbers]
    x = elements[i].real
    # Next to 0 less than 1e-20 of x would underflow in f.
    h = step or max(_IMAGINARY * abs(x), min(1e-10 * abs(x), 1e-290)) or _IMAGINARY
    elements[i] = complex(x, h)
    try:
        y = task.call(elements)
    except TypeError as error:
        raise TypeError(
            f"{task.caller}, method='complex': f does not take a complex number ({error}). autograd's functions are "
            "real: use those of NumPy or cmath in f, or method='richardson'."
        ) from error
    if not isinstance(y, complex):
        raise TypeError(
            f"{task.caller}, method='complex': f returned {y!r} for a complex x; wanted a complex number. "
            "(abs, max and .real lose the imaginary part, which carries the derivative.)"
        )
    return y.imag / h


def _richardson(task: Task, i: int, step: float | None) -> float:
    x = float(task.numbers[i])
    line = Line(_along(task, i), x, task.value(task.numbers))
    slope = View(line, steps(x, 1.0) if step is None else steps(x, largest=step)).coarse
    if slope.error == math.inf:
        raise DomainError(f"{task.caller}: f has values on one side of {task.names[i]} = {x!r} only.")
    return slope.value


_METHODS = {"central": _central, "complex": _complex, "richardson": _richardson}
