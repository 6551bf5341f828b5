"""Deep programs, each written once in plain scalar Python, for numbers of any kind.

A function takes (parameters, inputs, functions): its derivatives with respect to the parameters are wanted, the inputs
are the numbers of one row, and `functions` has `exp`, `sin`, `maximum` and the like for this kind of number: the
module `autograd` for Values, `FLOATS` for floats. What else a function reads (observations, noise) is constant.

>>> program = PROGRAMS["sir"]
>>> program.function(program.parameters, program.inputs, FLOATS)
4.929644768259423
"""

import itertools
import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

Number = Any  # a float, a Value, a symbol of another library
Numbers = Sequence[Number]
Functions = Any


class Deep(NamedTuple):
    """A program and the numbers it is run on."""

    function: Callable[[Numbers, Numbers, Functions], Number]
    parameters: Sequence[float]
    inputs: Sequence[float]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


FLOATS = SimpleNamespace(
    exp=math.exp, log=math.log, sqrt=math.sqrt, sin=math.sin, cos=math.cos, tanh=math.tanh, sigmoid=sigmoid, maximum=max
)


def noise(count: int, seed: float = 0.0) -> list[float]:
    """Numbers between −1 and 1 that look drawn, and are the same everywhere."""
    return [math.modf(math.sin(12.9898 * k + 78.233 * (seed + 1)) * 43758.5453)[0] for k in range(count)]


# --- Differential equations -----------------------------------------------------------------------------------


def runge_kutta(
    parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 200, h: float = 0.02
) -> Number:
    """Prey and predators after Lotka and Volterra, by the classical method of fourth order."""
    a, b, c, d = parameters

    def slopes(x: Number, y: Number) -> tuple[Number, Number]:
        return a * x - b * x * y, d * x * y - c * y

    x, y = inputs
    for _ in range(steps):
        k1 = slopes(x, y)
        k2 = slopes(x + h / 2 * k1[0], y + h / 2 * k1[1])
        k3 = slopes(x + h / 2 * k2[0], y + h / 2 * k2[1])
        k4 = slopes(x + h * k3[0], y + h * k3[1])
        x = x + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        y = y + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return x + y


def corrected(parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 100, h: float = 0.02) -> Number:
    """Van der Pol's oscillator by the trapezoidal rule: in each step, three corrections of a first guess."""
    (stiffness,) = parameters

    def slopes(x: Number, v: Number) -> tuple[Number, Number]:
        return v, stiffness * (1 - x * x) * v - x

    x, v = inputs
    for _ in range(steps):
        dx, dv = slopes(x, v)
        next_x, next_v = x + h * dx, v + h * dv
        for _ in range(3):
            at_x, at_v = slopes(next_x, next_v)
            next_x, next_v = x + h / 2 * (dx + at_x), v + h / 2 * (dv + at_v)
        x, v = next_x, next_v
    return x * x + v * v


def sir(parameters: Numbers, inputs: Numbers, functions: Functions, days: int = 160) -> Number:
    """An epidemic (susceptible, infected, recovered), and how far it is from what was reported."""
    contact, recovery = parameters
    susceptible, infected = inputs
    loss: Number = 0.0
    for reported in noise(days):
        fresh, healed = contact * susceptible * infected, recovery * infected
        susceptible = susceptible - fresh
        infected = infected + fresh - healed
        loss = loss + (infected - (0.2 + 0.1 * reported)) ** 2
    return loss


def three_bodies(
    parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 60, h: float = 0.01
) -> Number:
    """Three masses that attract each other in a plane: where the first one is in the end."""
    bodies = range(len(parameters))
    x, y, u, v = (list(inputs[k::4]) for k in range(4))
    for _ in range(steps):
        for i in bodies:
            for j in bodies:
                if i != j:
                    dx, dy = x[j] - x[i], y[j] - y[i]
                    square = dx * dx + dy * dy + 0.01
                    pull = h * parameters[j] / (square * functions.sqrt(square))
                    u[i], v[i] = u[i] + pull * dx, v[i] + pull * dy
        x = [x[i] + h * u[i] for i in bodies]
        y = [y[i] + h * v[i] for i in bodies]
    return x[0] * x[0] + y[0] * y[0]


def double_pendulum(
    parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 100, h: float = 0.02
) -> Number:
    """Two rods swing and turn over: an angle beyond ±π is taken back by a turn."""
    l1, l2, m1, m2 = parameters
    a, b, u, v = inputs
    for _ in range(steps):
        sin, cos = functions.sin(a - b), functions.cos(a - b)
        below = 2 * m1 + m2 - m2 * (cos * cos - sin * sin)
        pull = 9.81 * (2 * m1 + m2) * functions.sin(a) + m2 * 9.81 * functions.sin(a - 2 * b)
        du = (-pull - 2 * sin * m2 * (v * v * l2 + u * u * l1 * cos)) / (l1 * below)
        swing = u * u * l1 * (m1 + m2) + 9.81 * (m1 + m2) * functions.cos(a) + v * v * l2 * m2 * cos
        dv = 2 * sin * swing / (l2 * below)
        u, v = u + h * du, v + h * dv
        a, b = within_a_turn(a + h * u), within_a_turn(b + h * v)
    return functions.cos(a) * l1 + functions.cos(b) * l2


def within_a_turn(angle: Number) -> Number:
    if angle > math.pi:
        return angle - 2 * math.pi
    if angle < -math.pi:
        return angle + 2 * math.pi
    return angle


# --- Time series ----------------------------------------------------------------------------------------------


def kalman(parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 300) -> Number:
    """The negative log-likelihood of a level that walks at random and is seen through noise."""
    walk, blur = parameters
    level, variance = inputs
    loss: Number = 0.0
    for seen in noise(steps):
        variance = variance + walk
        spread = variance + blur
        error = seen - level
        gain = variance / spread
        level = level + gain * error
        variance = (1 - gain) * variance
        loss = loss + 0.5 * (functions.log(spread) + error * error / spread)
    return loss


def garch(parameters: Numbers, inputs: Numbers, functions: Functions, days: int = 1000) -> Number:
    """The negative log-likelihood of returns whose variance follows what came; the returns are constants."""
    return likelihood(parameters, inputs[0], noise(days), functions)


def garch_of_row(parameters: Numbers, inputs: Numbers, functions: Functions) -> Number:
    """The same of the returns of a row."""
    return likelihood(parameters, 0.4, inputs, functions)


def likelihood(parameters: Numbers, variance: Number, returns: Numbers, functions: Functions) -> Number:
    base, news, memory = parameters
    loss: Number = 0.0
    for each in returns:
        square = each * each
        loss = loss + 0.5 * (functions.log(variance) + square / variance)
        variance = base + news * square + memory * variance
    return loss


def averages(parameters: Numbers, inputs: Numbers, functions: Functions) -> Number:
    """A signal smoothed twice, the second time from what stood two steps before: how far the two part."""
    quick, slow = parameters
    first = [inputs[0]]
    second = [inputs[0], inputs[1]]
    loss: Number = 0.0
    for t in range(2, len(inputs)):
        first.append(quick * inputs[t] + (1 - quick) * first[-1])
        second.append(slow * first[-1] + (1 - slow) * second[-2])
        loss = loss + (first[-1] - second[-1]) ** 2 + 0.1 * (inputs[t] - inputs[t - 2]) * second[-1]
    return loss


# --- Options --------------------------------------------------------------------------------------------------


def heston(parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 250) -> Number:
    """A call on a price whose variance moves: what one path pays."""
    speed, mean, vibration, correlation, variance = parameters
    price, strike = inputs
    h = 1 / steps
    rest = functions.sqrt(1 - correlation * correlation)
    for own, other in zip(noise(steps), noise(steps, 1.0), strict=True):
        root = functions.sqrt(functions.maximum(variance, 1e-8) * h)
        price = price * functions.exp((0.03 - 0.5 * variance) * h + root * own)
        both = correlation * own + rest * other
        variance = variance + speed * (mean - variance) * h + vibration * root * both
    return functions.maximum(price - strike, 0.0)


def american_put(parameters: Numbers, inputs: Numbers, functions: Functions, levels: int = 60) -> Number:
    """The put on a binomial tree that may be used at every node."""
    spot, volatility, rate = parameters
    (strike,) = inputs
    h = 1 / levels
    up = functions.exp(volatility * math.sqrt(h))
    down, discount = 1 / up, functions.exp(-rate * h)
    chance = (1 / discount - down) / (up - down)
    prices = [spot]
    for _ in range(levels):
        prices = [prices[0] * down, *(price * up for price in prices)]
    worth = [functions.maximum(strike - price, 0.0) for price in prices]
    for _ in range(levels):
        prices = [price * up for price in prices[:-1]]
        kept = [discount * (chance * more + (1 - chance) * less) for less, more in itertools.pairwise(worth)]
        worth = [functions.maximum(strike - price, value) for price, value in zip(prices, kept, strict=True)]
    return worth[0]


def trinomial(parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 50, width: int = 10) -> Number:
    """A put that may be used at any time, on a lattice of fixed width: each node hears of its three neighbours."""
    spot, volatility, rate = parameters
    (strike,) = inputs
    h, apart = 1 / steps, 0.08
    drift = (rate - 0.5 * volatility * volatility) * h / apart
    square = volatility * volatility * h / (apart * apart)
    up, down = 0.5 * (square + drift), 0.5 * (square - drift)
    same = 1 - square - rate * h
    payoff = [strike - spot * math.exp(apart * k) for k in range(-width, width + 1)]
    worth = [functions.maximum(each, 0.0) for each in payoff]
    for _ in range(steps):
        inner = [down * worth[k - 1] + same * worth[k] + up * worth[k + 1] for k in range(1, 2 * width)]
        kept = [functions.maximum(now, later) for now, later in zip(payoff[1:-1], inner, strict=True)]
        worth = [worth[0], *kept, worth[-1]]
    return worth[width]


# --- Equations, polynomials, geometry -------------------------------------------------------------------------


def newton(parameters: Numbers, inputs: Numbers, functions: Functions, times: int = 20) -> Number:
    """Kepler's equation by six steps of Newton's method, at many times: where the planet stands, summed."""
    size, eccentricity, phase = parameters
    (frequency,) = inputs
    total: Number = 0.0
    for k in range(times):
        mean = frequency * (0.3 * k) + phase
        anomaly = mean
        for _ in range(6):
            off = anomaly - eccentricity * functions.sin(anomaly) - mean
            anomaly = anomaly - off / (1 - eccentricity * functions.cos(anomaly))
        total = total + size * (functions.cos(anomaly) - eccentricity)
    return total


def until_convergence(parameters: Numbers, inputs: Numbers, functions: Functions, times: int = 20) -> Number:
    """The same, with as many steps of the plain iteration as it takes to stand still."""
    size, eccentricity, phase = parameters
    (frequency,) = inputs
    total: Number = 0.0
    for k in range(times):
        mean = frequency * (0.3 * k) + phase
        anomaly, before = mean + eccentricity * functions.sin(mean), mean
        while abs(anomaly - before) > 1e-9:
            anomaly, before = mean + eccentricity * functions.sin(anomaly), anomaly
        total = total + size * (functions.cos(anomaly) - eccentricity)
    return total


def horner(parameters: Numbers, inputs: Numbers, functions: Functions) -> Number:
    """A polynomial of as many coefficients as there are parameters."""
    (x,) = inputs
    y: Number = 0.0
    for coefficient in parameters:
        y = y * x + coefficient
    return y


def logistic(parameters: Numbers, inputs: Numbers, functions: Functions, steps: int = 10_000) -> Number:
    """The logistic map, iterated."""
    (growth,) = parameters
    (x,) = inputs
    for _ in range(steps):
        x = growth * x * (1 - x)
    return x


def robot_arm(parameters: Numbers, inputs: Numbers, functions: Functions) -> Number:
    """Where the hand of an arm is, whose joints turn about z and y in turn: the square of its distance to a thing."""
    place: list[Number] = [0.0, 0.0, 0.0]
    frame: list[list[Number]] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    for k, (length, angle) in enumerate(zip(parameters, inputs, strict=True)):
        sin, cos = functions.sin(angle), functions.cos(angle)
        turn = [[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]  # the columns
        if k % 2:
            turn = [[cos, 0.0, -sin], [0.0, 1.0, 0.0], [sin, 0.0, cos]]
        frame = [[sum(row[m] * column[m] for m in range(3)) for column in turn] for row in frame]
        place = [at + length * row[0] for at, row in zip(place, frame, strict=True)]
    return sum((at - thing) ** 2 for at, thing in zip(place, (1.0, 0.5, 0.25), strict=True))


# --- Recurrent networks ---------------------------------------------------------------------------------------


def rnn(parameters: Numbers, inputs: Numbers, functions: Functions, width: int = 8) -> Number:
    """A recurrent network that reads a sequence: the square of what it says at the end."""
    weights = iter(parameters)
    inner = [list(itertools.islice(weights, width)) for _ in range(width)]
    outer, biases, last = (list(itertools.islice(weights, width)) for _ in range(3))
    state: list[Number] = [0.0] * width
    for x in inputs:
        state = [
            functions.tanh(weighted(row, state) + weight * x + bias)
            for row, weight, bias in zip(inner, outer, biases, strict=True)
        ]
    return weighted(last, state) ** 2


def weighted(weights: Numbers, numbers: Numbers) -> Number:
    return sum(weight * number for weight, number in zip(weights, numbers, strict=True))


def lstm(parameters: Numbers, inputs: Numbers, functions: Functions, width: int = 4) -> Number:
    """Cells with gates (long short-term memory) that read a sequence: the squares of what they say at the end."""
    weights = iter(parameters)
    gates = [[list(itertools.islice(weights, width + 2)) for _ in range(width)] for _ in range(4)]
    state: list[Number] = [0.0] * width
    memory: list[Number] = [0.0] * width
    for x in inputs:
        given = [*state, x, 1.0]
        taken, kept, shown, fresh = ([weighted(cell, given) for cell in gate] for gate in gates)
        for k in range(width):
            news = functions.sigmoid(taken[k]) * functions.tanh(fresh[k])
            memory[k] = functions.sigmoid(kept[k]) * memory[k] + news
        state = [functions.sigmoid(gate) * functions.tanh(each) for gate, each in zip(shown, memory, strict=True)]
    return sum(each * each for each in state)


def _scaled(factor: float, numbers: Sequence[float]) -> list[float]:
    return [factor * each for each in numbers]


PROGRAMS: dict[str, Deep] = {
    "runge_kutta": Deep(runge_kutta, (1.5, 1.0, 3.0, 1.0), (1.0, 1.0)),
    "sir": Deep(sir, (0.3, 0.1), (0.99, 0.01)),
    "kalman": Deep(kalman, (0.1, 0.5), (0.0, 1.0)),
    "garch": Deep(garch, (0.1, 0.1, 0.7), (0.4,)),
    "garch_of_row": Deep(garch_of_row, (0.1, 0.1, 0.7), noise(1000)),
    "heston": Deep(heston, (1.5, 0.04, 0.3, -0.6, 0.04), (100.0, 60.0)),
    "american_put": Deep(american_put, (100.0, 0.2, 0.05), (103.0,)),
    "newton": Deep(newton, (1.2, 0.3, 0.1), (1.0,)),
    "three_bodies": Deep(
        three_bodies,
        (1.0, 0.8, 1.2),
        (0.0, 0.0, 0.3, -0.1, 1.0, 0.2, -0.2, 0.6, -0.4, 0.9, 0.1, -0.5),
    ),
    "rnn": Deep(rnn, _scaled(0.5, noise(88)), noise(40, 1.0)),
    "lstm": Deep(lstm, noise(96), noise(30, 1.0)),
    "trinomial": Deep(trinomial, (100.0, 0.3, 0.05), (103.0,)),
    "double_pendulum": Deep(double_pendulum, (1.0, 0.8, 1.0, 0.5), (2.5, 2.0, 0.0, 1.0)),
    "corrected": Deep(corrected, (1.5,), (1.0, 0.5)),
    "until_convergence": Deep(until_convergence, (1.2, 0.3, 0.1), (1.0,)),
    "horner": Deep(horner, noise(51), (0.9,)),
    "logistic": Deep(logistic, (3.3,), (0.3,)),
    "averages": Deep(averages, (0.4, 0.2), noise(200)),
    "robot_arm": Deep(robot_arm, (0.4, 0.5, 0.4, 0.3, 0.2, 0.1), (0.3, -0.4, 0.5, 0.2, -0.6, 0.7)),
}
