"""Optimisers: one rule each, on arrays.

`update` is the rule on arrays, which `fit` uses whatever computed the gradient; `step` applies the same rule to
Values after `backward`. η is the learning rate, g the gradient, t the number of the update, counted from 1.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, ClassVar

import numpy as np

from autograd import Value
from autograd.engine import data_of, gradient_of
from autograd.errors import brief
from nn.arguments import Array, number, unknown


@dataclass(eq=False)
class Optimizer:
    """What all optimisers share; a subclass defines `rule`, and names in `slots` the arrays it remembers.

    Args:
        learning_rate: a number, or a schedule: a function from the number of updates made to the rate.
        clip: changes the gradient before it is used: `ClipNorm(limit)`, `ClipValue(limit)`, any function of arrays.
    """

    slots: ClassVar[tuple[str, ...]] = ()

    learning_rate: float | Callable[[int], float]
    clip: Callable[[Array], Array] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.steps = 0
        self._arrays: list[Array] = []
        if isinstance(self.learning_rate, Iterable) and not isinstance(self.learning_rate, str):
            called = f"{type(self).__name__}(learning_rate={brief(self.learning_rate)})"
            raise TypeError(
                f"{called}: wanted a number or a schedule; parameters go to its step, as model.parameters()."
            )
        if not callable(self.learning_rate):
            number(type(self).__name__, "learning_rate", self.learning_rate)
        self.check()

    def check(self) -> None:
        """Refuse hyperparameters that make no sense."""

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        """The next parameters, then the next value of each slot (0 at first)."""
        raise NotImplementedError(f"{type(self).__name__} is an Optimizer and has to define rule.")

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        rate = self.learning_rate
        return number(type(self).__name__, "learning_rate", rate(self.steps)) if callable(rate) else rate

    def update(self, parameters: Array, gradient: Array) -> Array:
        """The parameters after one step against the gradient; neither array is changed.

        Args:
            parameters, gradient: of shape (n,).

        Raises:
            ValueError: the shapes differ from each other, or from those of the updates before.
            FloatingPointError: the gradient is not finite, or the step overflows. Then the state is as before.
        """
        self._check_shapes(parameters, gradient)
        if not np.isfinite(gradient).all():
            bad = int(np.argmin(np.isfinite(gradient)))
            raise FloatingPointError(f"{type(self).__name__}.update: gradient[{bad}] is {gradient[bad]}.")
        slots = self._arrays or [np.zeros_like(parameters) for _ in self.slots]
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            g = self.clip(gradient) if self.clip else gradient
            moved, *slots = self.rule(parameters, g, self.rate, self.steps + 1, *slots)
        self._arrays, self.steps = list(slots), self.steps + 1
        return moved

    def step(self, parameters: Sequence[Value]) -> None:
        """Move Values against the gradients that `backward` left in them.

        Raises:
            FloatingPointError: the step overflows. Then nothing has changed.
        """
        theta = np.array([data_of(parameter) for parameter in parameters], dtype=np.float64)
        gradient = np.array([gradient_of(parameter) for parameter in parameters], dtype=np.float64)
        moved = self.update(theta, gradient).tolist()
        for parameter, data in zip(parameters, moved, strict=True):
            parameter.data = data

    def state(self) -> dict[str, Any]:
        """What the optimiser remembers: `steps`, and a copy of each slot once there has been an update."""
        return {"steps": self.steps, **{name: a.copy() for name, a in zip(self.slots, self._arrays, strict=False)}}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state` gave.

        Raises:
            ValueError: it is the state of another kind of optimiser, or no state at all. Then nothing has changed.
        """
        wanted, called = {"steps", *self.slots}, f"{type(self).__name__}.load_state"
        if not isinstance(state, Mapping) or set(state) not in ({"steps"}, wanted):
            got = ", ".join(map(str, state)) if isinstance(state, Mapping) else repr(state)
            raise ValueError(f"{called}: the state has {got}; wanted {', '.join(('steps', *self.slots))}.")
        steps = state["steps"]
        if isinstance(steps, bool) or not isinstance(steps, Integral) or steps < 0:
            raise ValueError(f"{called}: steps is {steps!r}; wanted an integer of at least 0.")
        arrays = [_row(called, name, state[name]) for name in self.slots if name in state]
        if len(set(map(len, arrays))) > 1:
            raise ValueError(f"{called}: the slots have {' and '.join(str(len(each)) for each in arrays)} numbers.")
        self.steps, self._arrays = int(steps), arrays

    def _check_shapes(self, parameters: Array, gradient: Array) -> None:
        name = type(self).__name__
        if parameters.shape != gradient.shape:
            raise ValueError(f"{name}.update: parameters of shape {parameters.shape}, gradient {gradient.shape}.")
        if self._arrays and self._arrays[0].shape != parameters.shape:
            before = self._arrays[0].shape
            raise ValueError(
                f"{name}.update: parameters of shape {parameters.shape} after others of shape {before}; "
                "an optimiser remembers its model, so make a new one for a new model."
            )


@dataclass(eq=False)
class SGD(Optimizer):
    """Gradient descent, stochastic where the gradient is of a part of the data: θ ← θ − ηg.

    Source: Cauchy (1847); Robbins & Monro, A stochastic approximation method (1951).
    """

    learning_rate: float | Callable[[int], float] = 0.01

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        return (theta - rate * g,)


@dataclass(eq=False)
class Momentum(Optimizer):
    """The heavy ball: v ← μv − ηg, θ ← θ + v.

    Source: Polyak, Some methods of speeding up the convergence of iteration methods (1964), in the form of Sutskever,
    Martens, Dahl & Hinton, On the importance of initialization and momentum in deep learning (2013), eq. 1 and 2.
    """

    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    learning_rate: float | Callable[[int], float] = 0.01
    momentum: float = 0.9

    def check(self) -> None:
        number(type(self).__name__, "momentum", self.momentum, below=1)

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        (v,) = slots
        v = self.momentum * v - rate * g
        return theta + v, v


@dataclass(eq=False)
class Nesterov(Momentum):
    """Momentum whose gradient is taken ahead, at θ + μv.

    The parameters that the model sees are those ahead, φ = θ + μv: v ← μv − ηg(φ), φ ← φ + μv − ηg(φ).

    Source: Nesterov (1983), as momentum in Sutskever et al. (2013), eq. 3 and 4; in φ as in Bengio,
    Boulanger-Lewandowski & Pascanu, Advances in optimizing recurrent networks (2013).
    """

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        (v,) = slots
        v = self.momentum * v - rate * g
        return theta + self.momentum * v - rate * g, v


@dataclass(eq=False)
class AdaGrad(Optimizer):
    """A rate for each parameter, by the squares of all its gradients: G ← G + g², θ ← θ − ηg / (√G + ε).

    Source: Duchi, Hazan & Singer, Adaptive subgradient methods for online learning (2011).
    """

    slots: ClassVar[tuple[str, ...]] = ("squares",)

    learning_rate: float | Callable[[int], float] = 0.01
    epsilon: float = 1e-8

    def check(self) -> None:
        number(type(self).__name__, "epsilon", self.epsilon, above=True)

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        (squares,) = slots
        squares = squares + g * g
        return theta - rate * g / (np.sqrt(squares) + self.epsilon), squares


@dataclass(eq=False)
class RMSProp(Optimizer):
    """AdaGrad with a moving average: G ← ρG + (1 − ρ)g², θ ← θ − ηg / (√G + ε).

    Source: Tieleman & Hinton, Neural networks for machine learning, lecture 6.5 (2012).
    """

    slots: ClassVar[tuple[str, ...]] = ("squares",)

    learning_rate: float | Callable[[int], float] = 0.001
    decay: float = 0.9
    epsilon: float = 1e-8

    def check(self) -> None:
        number(type(self).__name__, "decay", self.decay, below=1)
        number(type(self).__name__, "epsilon", self.epsilon, above=True)

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        (squares,) = slots
        squares = self.decay * squares + (1 - self.decay) * g * g
        return theta - rate * g / (np.sqrt(squares) + self.epsilon), squares


@dataclass(eq=False)
class Adam(Optimizer):
    """Moving averages m of the gradient and v of its square, both corrected for their start at 0.

    m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).

    Source: Kingma & Ba, Adam: a method for stochastic optimization (2015), algorithm 1.
    """

    slots: ClassVar[tuple[str, ...]] = ("first", "second")

    learning_rate: float | Callable[[int], float] = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def check(self) -> None:
        number(type(self).__name__, "beta1", self.beta1, below=1)
        number(type(self).__name__, "beta2", self.beta2, below=1)
        number(type(self).__name__, "epsilon", self.epsilon, above=True)

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        m, v = slots
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * g * g
        corrected_m, corrected_v = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        return theta - rate * corrected_m / (np.sqrt(corrected_v) + self.epsilon), m, v


@dataclass(eq=False)
class AdamW(Adam):
    """Adam with decoupled weight decay: besides Adam's step, θ ← θ − ηλθ.

    λ is the paper's divided by its α, as in PyTorch: the learning rate multiplies the decay.

    Source: Loshchilov & Hutter, Decoupled weight decay regularization (2019), algorithm 2.
    """

    weight_decay: float = 0.01

    def check(self) -> None:
        super().check()
        number(type(self).__name__, "weight_decay", self.weight_decay)

    def rule(self, theta: Array, g: Array, rate: float, t: int, *slots: Array) -> tuple[Array, ...]:
        moved, m, v = super().rule(theta, g, rate, t, *slots)
        return moved - rate * self.weight_decay * theta, m, v


OPTIMIZERS: dict[str, type[Optimizer]] = {
    name.lower(): kind
    for name, kind in vars().items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}
"""Every optimiser that is defined above, by its name in small letters: `"adam"`."""


def optimizer_named(called: str, argument: str, given: Any, *hyperparameters: float) -> Optimizer:
    """The optimiser that `given` is, or a new one of the class that it is or names.

    Args:
        hyperparameters: of a new one.
    """
    if isinstance(given, Optimizer):
        return given
    kind = OPTIMIZERS.get(given, given) if isinstance(given, str) else given
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer:
        return kind(*hyperparameters)
    raise unknown(called, argument, given, "an optimizer", OPTIMIZERS, " or an nn.Optimizer, as in nn.Adam(0.01)")


def _row(called: str, name: str, given: Any) -> Array:
    """A slot of a state, copied."""
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"{called}: {name} is {given!r}; wanted a row of finite numbers.")
    return array
