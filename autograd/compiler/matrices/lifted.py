"""Programs of matrices: from scalars to steps.

What `rolled.Rolled` is to programs with loops, `Lifted` is to those of matrices.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd.compiler.backends import BACKENDS, loaded
from autograd.compiler.matrices.cotangents import differentiate
from autograd.compiler.matrices.layout import lay_out
from autograd.compiler.matrices.lift import lift
from autograd.compiler.matrices.normal import normal
from autograd.compiler.matrices.recalling import recall
from autograd.compiler.matrices.steps import Plan
from autograd.compiler.pipeline import verified
from autograd.compiler.scalar import Check, Output, Scalars

Site = tuple[bool, int]
"""Where a number is: whether in `rows`, and its place."""


@dataclass(frozen=True)
class Guard:
    """A comparison, and where its two sides are."""

    check: Check
    left: Site
    right: Site


@dataclass(frozen=True)
class Forward:
    """The steps of what f returns, and where that is; and the guards."""

    plan: Plan
    outputs: list[Site]
    guards: list[Guard]


@dataclass(eq=False)
class Lifted:
    """A program of matrices, up to the language it is written in.

    Attributes:
        scalars: the program that it computes.
        arguments: name and number of scalars of each argument.
        slopes: of a strict program, which keeps every operation as a step of its own, in order: the scalars of its loss
            and all derivatives, if it has a gradient, else those that it computes.
    """

    scalars: Scalars
    arguments: list[tuple[str, int]]
    slopes: Scalars | None = None

    def __reduce__(self) -> Any:
        return Lifted, (self.scalars, self.arguments, self.slopes)  # plans are made anew

    @property
    def names(self) -> list[str]:
        """Of the arguments."""
        return [name for name, _ in self.arguments]

    @property
    def is_strict(self) -> bool:
        return self.slopes is not None

    @cached_property
    def forward(self) -> Forward:
        """The steps of what f returns."""
        return self._forward(self.scalars)

    def _forward(self, program: Scalars) -> Forward:
        numbers = normal(program, flat=not self.is_strict)
        asked = [x for _, operands in numbers.ends for x in operands]
        groups = lift(numbers, asked, alone=self.is_strict)
        plan, place = lay_out(numbers, groups, [size for _, size in self.arguments], asked)
        sites = [(what, [(numbers.varies[x], int(place[x])) for x in operands]) for what, operands in numbers.ends]
        guards = [Guard(what, *found) for what, found in sites if isinstance(what, Check)]
        return Forward(verified(plan), [found[0] for what, found in sites if isinstance(what, Output)], guards)

    @cached_property
    def backward(self) -> Forward:
        """The steps of the sum of the loss over the rows, and of its gradient; strictly, of each row.

        Raises:
            NotCompilable: a rule cannot be written down.
        """
        if self.slopes is not None:
            return self._forward(self.slopes)
        plan = verified(recall(differentiate(self.forward.plan, self.forward.outputs[0])))
        return Forward(plan, self.forward.outputs, self.forward.guards)

    def plan(self, differentiate: bool) -> Plan:
        return (self.backward if differentiate else self.forward).plan

    def kernel(self, backend: str, differentiate: bool, check: bool, dtype: str) -> Any:
        """The program on a backend."""
        return loaded(BACKENDS[backend].matrices)(self, differentiate, check, dtype)

    @property
    def checks(self) -> list[Check]:
        """The guards by number."""
        return [guard.check for guard in self.forward.guards]
