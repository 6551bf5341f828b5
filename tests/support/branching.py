"""Programs with branches, drawn by hypothesis: nested ifs, loops until something is small enough, early exits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

import autograd as ag

INPUTS, PARAMETERS, STATE = 3, 2, 4
_OPERATIONS: tuple[Callable[..., Any], ...] = (
    lambda a, b: a + 0.5 * b,
    lambda a, b: a * b,
    lambda a, b: a / (2 + b * b),
    lambda a, b: ag.sin(a) - b,
    lambda a, b: ag.maximum(a, 0.3 * b),
)


@dataclass(frozen=True)
class Compared:
    """`state[k]` compared with a number."""

    k: int
    number: float
    above: bool

    def __call__(self, state: Sequence[Any]) -> bool:
        return state[self.k] > self.number if self.above else state[self.k] <= self.number


@dataclass(frozen=True)
class Change:
    """`state[k]` becomes an operation of two others."""

    k: int
    what: int
    operands: tuple[int, int]

    def run(self, state: list[Any]) -> Any:
        a, b = self.operands
        state[self.k] = ag.tanh(_OPERATIONS[self.what](state[a], state[b]))


@dataclass(frozen=True)
class If:
    """One of two bodies."""

    test: Compared
    body: "tuple[Statement, ...]"
    other: "tuple[Statement, ...]"

    def run(self, state: list[Any]) -> Any:
        return run(self.body if self.test(state) else self.other, state)


@dataclass(frozen=True)
class While:
    """A body as long as it has not come below a limit, or for nine turns; it shrinks what it is asked for."""

    test: Compared
    body: "tuple[Statement, ...]"

    def run(self, state: list[Any]) -> Any:
        for _ in range(9):
            if not self.test(state):
                break
            if (found := run(self.body, state)) is not None:
                return found
            state[self.test.k] = 0.7 * state[self.test.k] - 0.05
        return None


@dataclass(frozen=True)
class Solve:
    """`state[k]` becomes the square root of 1 + its square, by Newton's method until it is there."""

    k: int

    def run(self, state: list[Any]) -> Any:
        square, y = 1 + state[self.k] * state[self.k], 1.0 + 0 * state[self.k]
        while abs(y * y - square) > 1e-7:
            y = (y + square / y) / 2
        state[self.k] = 0.5 * y


@dataclass(frozen=True)
class Exit:
    """Returns at once: a number of the state, or one that depends on nothing."""

    test: Compared
    k: int | None

    def run(self, state: list[Any]) -> Any:
        if not self.test(state):
            return None
        return 0.25 if self.k is None else 2 * state[self.k]


Statement = Change | If | While | Solve | Exit


def run(body: Sequence[Statement], state: list[Any]) -> Any:
    """What is returned early, if anything is."""
    for each in body:
        if (found := each.run(state)) is not None:
            return found
    return None


@dataclass(frozen=True)
class Branching:
    """A function of three inputs, and of two parameters that are read as they are when it runs."""

    body: tuple[Statement, ...]

    def __call__(self, x: Sequence[Any], theta: Sequence[Any]) -> Any:
        state = [x[0] * theta[0], x[1], x[2] + theta[1], theta[0] - x[0]]
        found = run(self.body, state)
        return state[0] * state[1] + state[2] - 0.5 * state[3] if found is None else found


def tests() -> st.SearchStrategy[Compared]:
    numbers = st.sampled_from([-0.6, -0.25, 0.0, 0.1, 0.4])
    return st.builds(Compared, st.integers(0, STATE - 1), numbers, st.booleans())


def bodies() -> st.SearchStrategy[tuple[Statement, ...]]:
    places = st.integers(0, STATE - 1)
    plain = st.one_of(
        st.builds(Change, places, st.integers(0, len(_OPERATIONS) - 1), st.tuples(places, places)),
        st.builds(Solve, places),
        st.builds(Exit, tests(), st.none() | places),
    )

    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        body = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.builds(If, tests(), body, body) | st.builds(While, tests(), body)

    return st.lists(st.recursive(plain, deeper, max_leaves=6), min_size=1, max_size=4).map(tuple)


def branching() -> st.SearchStrategy[Branching]:
    return st.builds(Branching, bodies())
