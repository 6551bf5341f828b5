"""Gradients that are too long, cut: give one of these to an optimiser as `clip`."""

from dataclasses import dataclass

import numpy as np

from nn.arguments import Array, number


@dataclass(frozen=True)
class ClipNorm:
    """Scales the gradient down to the Euclidean length `limit` where it is longer; its direction stays.

    Source: Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks (2013), algorithm 1.
    """

    limit: float

    def __post_init__(self) -> None:
        number("ClipNorm", "limit", self.limit, above=True)

    def __call__(self, gradient: Array) -> Array:
        largest = float(np.abs(gradient).max(initial=0.0))
        if largest == 0:
            return gradient
        direction = gradient / largest  # so that no square overflows
        length = float(np.linalg.norm(direction))
        return gradient if largest <= self.limit / length else direction * (self.limit / length)


@dataclass(frozen=True)
class ClipValue:
    """Limits every component of the gradient to the interval from −`limit` to `limit`."""

    limit: float

    def __post_init__(self) -> None:
        number("ClipValue", "limit", self.limit, above=True)

    def __call__(self, gradient: Array) -> Array:
        return np.clip(gradient, -self.limit, self.limit)
