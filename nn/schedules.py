"""Learning rates that change: functions of the number of updates made so far."""

import math
from dataclasses import dataclass

from nn.arguments import integer, number


@dataclass(frozen=True)
class ConstantSchedule:
    """`rate`, always: the same as the plain number."""

    rate: float

    def __post_init__(self) -> None:
        number("ConstantSchedule", "rate", self.rate)

    def __call__(self, step: int) -> float:
        return self.rate


@dataclass(frozen=True)
class StepSchedule:
    """`rate`, multiplied by `factor` after every `every` updates."""

    rate: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        number("StepSchedule", "rate", self.rate)
        integer("StepSchedule", "every", self.every)
        number("StepSchedule", "factor", self.factor)

    def __call__(self, step: int) -> float:
        return self.rate * self.factor ** (step // self.every)


@dataclass(frozen=True)
class LinearSchedule:
    """From `rate` in a straight line to `final` after `steps` updates, and `final` from there on."""

    rate: float
    final: float
    steps: int

    def __post_init__(self) -> None:
        number("LinearSchedule", "rate", self.rate)
        number("LinearSchedule", "final", self.final)
        integer("LinearSchedule", "steps", self.steps)

    def __call__(self, step: int) -> float:
        return self.rate + (self.final - self.rate) * min(step, self.steps) / self.steps


@dataclass(frozen=True)
class CosineSchedule:
    """From `rate` along half a cosine to `final` after `steps` updates, and `final` from there on.

    Source: Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts (2017), eq. 5, without restarts.
    """

    rate: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        number("CosineSchedule", "rate", self.rate)
        integer("CosineSchedule", "steps", self.steps)
        number("CosineSchedule", "final", self.final)

    def __call__(self, step: int) -> float:
        angle = math.pi * min(step, self.steps) / self.steps
        return self.final + (self.rate - self.final) * (1 + math.cos(angle)) / 2
