"""The compiled program held to the graph: the same loss and gradient for the same row.

A program has frozen what the model and the loss read besides Values: an attribute that a callback changes later, a
random number, the outcome of `if z.data > 0`. The graph is recorded anew each time, so where the two differ the graph
is what the user wrote.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import DomainError, Value
from nn.arguments import Array
from nn.backends import CompiledProgram
from nn.eager import EagerProgram, Program

_ROUNDING = 1e-9  # of the loss, or of the largest derivative: sums in another order differ by far less …
_SHIFT = 1e-10  # … unless digits cancel: then by what so small a change of each parameter does, …
_TARGET_SHIFT = 1e-13  # … with one of the targets, for those of a row that is learned cancel with the predictions, …
_SAFETY = 10.0  # … times this

FROZEN = (
    "The model or the loss reads what a program has frozen: .data or a comparison of it, random numbers, an attribute "
    "or a variable that has changed since"
)


def difference(
    program: CompiledProgram, graph: EagerProgram, X: Array, y: NDArray[Any], row: int, names: Sequence[str] = ()
) -> str:
    """In words, what the program computes otherwise than the graph on a row; "" if nothing.

    Where only the graph has no value the two are not compared: programs compute in IEEE arithmetic, and an infinity
    may vanish again in 1 / (1 + exp(1000)).

    Args:
        names: of the parameters whose derivatives are compared; none for the loss alone.
    """
    one = X[row : row + 1], y[row : row + 1], bool(names)
    graph.parameters = program.parameters
    try:
        wanted = _numbers(graph, *one)
    except DomainError:
        return ""
    except Exception as error:
        error.add_note(f"fit: raised by the graph of row {row}, which the compiled program stands for.")
        raise
    came = _numbers(program, *one)
    if not _beyond(came, wanted).any():
        return ""
    again = _numbers(graph, *one)
    if again.tobytes() != wanted.tobytes():
        return f"the graph of row {row} gives a loss of {wanted[0]!s}, then of {again[0]!s}."
    beyond = _beyond(came, wanted, _doubt(graph, one[0], program.encoded(one[1]), wanted))
    if not beyond.any():
        return ""
    worst = 0 if beyond[0] > 0 else int(np.argmax(beyond))
    what = f"the derivative for {names[worst - 1]}" if worst else "the loss"
    return f"in row {row} {what} is {came[worst]!s} by the program and {wanted[worst]!s} by the graph."


def _numbers(program: Program, x: Array, y: NDArray[Any], differentiate: bool) -> Array:
    """The loss of a row and, if asked for, its derivatives behind it."""
    if not differentiate:
        return program(x, y)
    loss, gradient = program.value_and_grad(x, y)
    return np.concatenate([[loss], gradient])


def _beyond(came: Array, wanted: Array, doubt: tuple[float, float] = (0.0, 0.0)) -> Array:
    """By how much each number is further off than rounding explains; 0 where it is not."""
    size = np.abs(wanted)
    allowed = np.full(len(wanted), _ROUNDING * size[1:].max(initial=0.0) + doubt[1])
    allowed[0] = _ROUNDING * size[0] + doubt[0]
    return np.maximum(np.abs(came - wanted) - allowed, 0.0)


def _doubt(graph: EagerProgram, x: Array, y: NDArray[Any], wanted: Array) -> tuple[float, float]:
    """How far loss and derivatives may be off where digits cancel, or where the row stands at a kink.

    Args:
        y: the target as the program has it. Here too it is a Value, so that the loss is written as in the program.
    """
    theta, rng, differentiate = graph.parameters, np.random.default_rng(0), len(wanted) > 1
    signs, target_signs = (rng.choice([-1.0, 1.0], size) for size in (len(theta), y.shape))
    changes = np.zeros(len(wanted))
    for side in (0, 1, -1):  # to either side: at a kink only one of them is another
        graph.parameters = theta * (1 + side * _SHIFT * signs)
        targets = _constants(y + side * _TARGET_SHIFT * np.abs(y).max() * target_signs)
        try:
            changes = np.maximum(changes, np.abs(_numbers(graph, x, targets, differentiate) - wanted))
        except DomainError:
            continue
        finally:
            graph.parameters = theta
    graph.write_back()
    return _SAFETY * float(changes[0]), _SAFETY * float(changes[1:].max(initial=0.0))


def _constants(numbers: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.frompyfunc(lambda number: Value(float(number)).detach(), 1, 1)(numbers), dtype=object)
