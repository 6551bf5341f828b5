"""How weights begin. Biases begin at 0.

An initialization is a function `(rng, nin, nout) -> nin weights` of one neuron with `nin` inputs in a layer of `nout`.
"""

from collections.abc import Callable, Sequence
from types import FunctionType

import numpy as np

from nn.arguments import Array, unknown

Initialization = Callable[[np.random.Generator, int, int], Sequence[float] | Array]


def uniform(rng: np.random.Generator, nin: int, nout: int) -> Array:
    """Between −1 and 1, however many inputs there are: micrograd's."""
    return rng.uniform(-1, 1, nin)


def glorot(rng: np.random.Generator, nin: int, nout: int) -> Array:
    """Between ∓√(6 / (nin + nout)): keeps the variance of tanh-like layers forwards and backwards.

    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), eq. 16.
    """
    bound = np.sqrt(6 / (nin + nout))
    return rng.uniform(-bound, bound, nin)


def he(rng: np.random.Generator, nin: int, nout: int) -> Array:
    """Normal with variance 2 / nin: keeps the variance through relu layers.

    Source: He, Zhang, Ren & Sun, Delving deep into rectifiers (2015), eq. 10.
    """
    return rng.normal(0, np.sqrt(2 / nin), nin)


def normal(rng: np.random.Generator, nin: int, nout: int) -> Array:
    """Standard normal, however many inputs there are."""
    return rng.standard_normal(nin)


def zeros(rng: np.random.Generator, nin: int, nout: int) -> Array:
    """All 0: for a single neuron only, since equal neurons of a layer stay equal."""
    return np.zeros(nin)


INITIALIZATIONS: dict[str, Initialization] = {
    name: f for name, f in vars().items() if isinstance(f, FunctionType) and f.__module__ == __name__
}
"""Every function that is defined above, by its name."""


def initialization_named(called: str, given: str | Initialization) -> Initialization:
    """The function that `given` names, or `given` itself if it is one."""
    if callable(given):
        return given
    if not isinstance(given, str) or given not in INITIALIZATIONS:
        more = " or a function of (rng, nin, nout)"
        raise unknown(called, "initialization", given, "an initialization", INITIALIZATIONS, more)
    return INITIALIZATIONS[given]
