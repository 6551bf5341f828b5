"""Solutions in programs: the solver recorded, or called for each row; its slopes and the check of both beside it."""

import functools
from collections.abc import Sequence
from typing import Any
from weakref import ref

from autograd.compiler.recording import explained, tried
from autograd.engine import Value, record, recording_anew
from autograd.forms import Form, operand
from autograd.functions import maximum
from autograd.implicit.call import Call
from autograd.implicit.solutions import Known, Rules, Solution, known_solution
from autograd.implicit.system import Equation
from autograd.trees import Tree


class InProgram(Rules):
    """The numbers of a solution in a program: operands are what the solver gave, those of the call, and all slopes.

    The value is the solver's; what is passed to the arguments is the slope that was recorded, and nothing to the rest.
    """

    def __init__(self, solution: Solution) -> None:
        super().__init__()
        self.solution, self.name, self.count = solution, solution.name, solution.count
        self.asked = [self.count + k for k in solution.asked]
        self._first = self.count + solution.operands  # of the slopes
        self.operands = self._first + self.count * len(self.asked)

    def forward(self, i: int, *x: Any) -> Any:
        return x[i]

    def fields(self, i: int) -> dict[str, Any]:
        return {**self.solution.fields(i), "form": operand(i)}

    def form(self, i: int, k: int) -> Form:
        return Form("*", (operand(0), operand(2 + self._slope(i, k))))

    def _slope(self, i: int, k: int) -> int:
        """Which operand is the slope of the i-th number by the k-th operand."""
        return self._first + i * len(self.asked) + self.asked.index(k)

    def slopes(self, i: int, y: Any, x: Sequence[Any], asked: Sequence[int]) -> list[Any]:
        if not any(isinstance(each, Value) for each in (y, *x)):
            return [x[self._slope(i, k)] for k in asked]
        with recording_anew():
            numbers = [y if j == i and isinstance(y, Value) else record(self.op(j), x) for j in range(self.count)]
        operands = x[self.count : self._first]
        return self.solution.system.slopes(numbers, operands, [k - self.count for k in asked])[i]

    def reduced(self, i: int) -> Any:
        from pickle import PicklingError

        raise PicklingError(f"{self.name}: a solution inside a program cannot be pickled.")


def in_program(equation: Equation, call: Call, known: Known) -> Any:
    """The solution with its slopes and the check of its convergence, recorded."""
    x = _recorded(equation, call) or equation.solve(call.given(call.numbers))
    solution = known_solution(known, equation, call, x)
    numbers = x.leaves
    if not any(isinstance(each, Value) for each in numbers):
        numbers = solution.nodes(call.operands, numbers)
    residual, correction, slopes = solution.system.corrected(numbers, call.operands)
    with explained(f": {equation.name} did not converge there, Newton's correction is larger than tol allows"):
        bound = equation.tol * functools.reduce(maximum, map(abs, numbers), 1.0)
        if not functools.reduce(maximum, map(abs, correction)) <= bound:
            raise solution.system.not_converged(numbers, residual, correction)
    if (rules := solution.in_programs and solution.in_programs()) is None:  # one for all turns of a loop
        rules = InProgram(solution)
        solution.in_programs = ref(rules)
    operands = [*numbers, *call.operands, *(each for row in slopes for each in row)]
    return x.rebuilt([record(rules.op(i), operands) for i in range(solution.count)])


def _recorded(equation: Equation, call: Call) -> Tree | None:
    """What the solver gives on Values; None if it cannot take them, or its result does not depend on them."""
    if not equation.recorded:
        return None
    given = call.given(call.operands)
    advice = (
        f'; that is in {equation.name}: compile with branches="follow", or write recorded=False, and programs of NumPy '
        "call it for each row"
    )
    found = tried(lambda: Tree.of(equation.solver(given.init, *given.args)), advice)
    if found is None or not any(isinstance(x, Value) for x in found.leaves):
        return None
    equation.check_numbers(found)
    return found
