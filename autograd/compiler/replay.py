"""A compiled program as a function again: its scalars run on Values, so that what it computes can be differentiated.

Nothing of the first recording is needed for it, neither f nor any node: a program that was pickled has derivatives too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.recording import Guard
from autograd.compiler.scalar import CONSTANT, INPUT, PARAMETER, VALUE, Check, Output, Scalars
from autograd.engine import Value
from autograd.trees import Blocks, leaves


class Replay:
    """What a program computes, as a function of its arguments; what it compares is not compared, but noted.

    Attributes:
        guards: the comparisons of the last call, on its Values.
    """

    def __init__(self, program: Scalars, results: Blocks, parameters: Sequence[Value]) -> None:
        self.program, self.results, self.parameters = program, results, parameters
        self.guards: list[Guard] = []

    def __call__(self, *arguments: Any) -> Any:
        """What f returns: a tree, in which arrays stand for lists."""
        found = self.outputs(leaves(arguments))
        arrays = [_array(found[start : start + size], shape) for start, size, shape in self.results.places]
        return self.results.tree.rebuilt(arrays)

    def outputs(self, inputs: Sequence[Any]) -> list[Any]:
        """The numbers that f returns."""
        program, values, outputs = self.program, list[Any](), list[Any]()
        self.guards = []
        of_kind: dict[int, Any] = {VALUE: values, INPUT: inputs, PARAMETER: self.parameters}
        of_kind[CONSTANT] = program.numbers.tolist()
        for k in range(len(program)):
            x, y = [of_kind[kind][place] for kind, place in program.operands(k)], None
            match what := program.table[program.what[k]]:
                case Output():
                    outputs += x
                case Check():
                    self.guards.append(Guard(what.sign, x[0], x[1], what.outcome, what.where, what.advice))
                case _:
                    y = what(*x)
                    y.label = program.labels.get(k, "")
            values.append(y)
        return outputs


def _array(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return numbers[0]
    array = np.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape)
