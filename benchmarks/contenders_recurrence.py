"""Deep and narrow: h ← tanh(w h + u xₜ + b) along a sequence, loss h² at its end; that and three derivatives."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Value, compile, tanh
from benchmarks.contenders import Answer, Array, Contender
from benchmarks.contenders_networks import FAST

THETA = (0.9, 0.3, 0.1)


def sequence(steps: int = 1000) -> Array:
    return np.random.default_rng(0).normal(size=steps)


def recurrence(theta: Sequence[Any], xs: Any) -> Any:
    """The loss, of numbers of any kind that know `tanh`."""
    w, u, b = theta
    h: Any = 0.0
    for x in xs:
        h = tanh(w * h + u * x + b)
    return h * h


def compiled(xs: Array, backend: str) -> Contender:
    """By our compiler."""
    theta = [Value(number) for number in THETA]
    program = compile(lambda x: recurrence(theta, x), xs.tolist(), wrt=theta, backend=backend)
    batch = xs[None]

    def run() -> Answer:
        return program.value_and_grad(batch)

    return Contender(run, run)


def eager(xs: Array) -> Contender:
    """By our engine: the graph made anew, and swept."""
    numbers = xs.tolist()

    def run() -> tuple[Value, list[Value]]:
        theta = [Value(number) for number in THETA]
        loss = recurrence(theta, numbers)
        loss.backward()
        return loss, theta

    def answer() -> Answer:
        loss, theta = run()
        return loss.data, np.array([p.grad for p in theta])

    return Contender(run, answer)


def eager_replay(xs: Array) -> Contender:
    """By our engine: the graph made once, its numbers computed anew, and swept."""
    numbers = xs.tolist()
    theta = [Value(number) for number in THETA]
    loss = recurrence(theta, numbers)

    def run() -> Value:
        for p in theta:
            p.grad = 0.0
        loss.forward()
        loss.backward()
        return loss

    def answer() -> Answer:
        return run().data, np.array([p.grad for p in theta])

    return Contender(run, answer)


def python_by_hand(xs: Array) -> Contender:
    """Floats in a loop: there is nothing here for arrays to do."""
    import math

    numbers = xs.tolist()

    def run() -> Answer:
        w, u, b = THETA
        states = [0.0]
        for x in numbers:
            states.append(math.tanh(w * states[-1] + u * x + b))
        g, dw, du, db = 2 * states[-1], 0.0, 0.0, 0.0
        for t in range(len(numbers) - 1, -1, -1):
            d = g * (1 - states[t + 1] ** 2)
            dw, du, db, g = dw + d * states[t], du + d * numbers[t], db + d, d * w
        return states[-1] ** 2, np.array([dw, du, db])

    return Contender(run, run)


def numba_by_hand(xs: Array) -> Contender:
    """The same loop as machine code."""
    import math

    import numba  # pyright: ignore[reportMissingImports]

    @numba.njit(fastmath=FAST, error_model="numpy")
    def value_and_grad(theta, xs, states, gradient):  # type: ignore[no-untyped-def]
        w, u, b = theta[0], theta[1], theta[2]
        h = 0.0
        for t in range(len(xs)):
            h = math.tanh(w * h + u * xs[t] + b)
            states[t] = h
        g, dw, du, db = 2 * h, 0.0, 0.0, 0.0
        for t in range(len(xs) - 1, -1, -1):
            d = g * (1 - states[t] * states[t])
            dw += d * (states[t - 1] if t else 0.0)
            du += d * xs[t]
            db += d
            g = d * w
        gradient[0], gradient[1], gradient[2] = dw, du, db
        return h * h

    theta, states, gradient = np.array(THETA), np.empty_like(xs), np.empty(3)

    def run() -> float:
        return value_and_grad(theta, xs, states, gradient)

    return Contender(run, lambda: (run(), gradient.copy()))
