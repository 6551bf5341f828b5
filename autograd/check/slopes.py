"""The slope of a function of one number, from its values alone, with a bound on the error.

Difference quotients at steps that halve, over many orders of magnitude: large steps err by truncation, small ones by
rounding. Three quotients in a row are extrapolated to step 0 twice, by Richardson's rule for smooth functions and by
Aitken's for roots and powers; how far the two disagree bounds the truncation. What the smaller steps disagreed by
bounds the rounding.

Sources: L. F. Richardson, J. A. Gaunt, The deferred approach to the limit, Phil. Trans. A 226 (1927);
C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (1982).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

SAFETY = 10.0
"""An error estimate is trusted to this factor."""
CONVINCING = 1e-3
"""Relative error up to which a slope is known."""
_DIGITS = 52  # halvings from the size of a float to its last place
_REACH = 16  # halvings from any other scale: beyond, rounding outweighs truncation in every smooth function
_LEVELS = 12  # halvings over which a jump shows the same height
_AMPLIFIED = {1: 8.0, 2: 2.0}  # how many times the noise of a value enters the extrapolated quotient


class Slope(NamedTuple):
    """A derivative, and how far off it may be."""

    value: float
    error: float

    @property
    def relative(self) -> float:
        """The error in parts of the value."""
        return self.error / abs(self.value) if self.value else math.inf


def _error(slope: Slope) -> float:
    return slope.error


UNKNOWN = Slope(math.nan, math.inf)


class _Quotient(NamedTuple):
    """One difference quotient."""

    step: float
    value: float
    noise: float  # of the values it is made of
    shift: float = 0.0  # by how much rounding may have moved its middle
    bend: float = 0.0  # the second derivative that its values show


class Line:
    """A function of one number seen from one point: its value there, and nearby, where it has one.

    Args:
        here: the value at x.
        noise: what it may be off by, by rounding.
        ulps: likewise for values nearby, in units in the last place.
    """

    def __init__(
        self, f: Callable[[float], float], x: float, here: float, noise: float = 0.0, ulps: float = 1.0
    ) -> None:
        self.f, self.x, self.here, self.ulps = f, x, here, ulps
        self.noise = max(noise, ulps * math.ulp(here))
        self._seen: dict[float, float | None] = {x: here}

    def at(self, x: float) -> float | None:
        """The value at x, None where there is none that is finite."""
        if x not in self._seen:
            self._seen[x] = self._value(x)
        return self._seen[x]

    def _value(self, x: float) -> float | None:
        try:
            y = self.f(x)
        except (ValueError, ArithmeticError):
            return None
        return y if math.isfinite(y) else None

    def central(self, step: float) -> _Quotient | None:
        """The slope of the chord from x - step to x + step."""
        if chord := self._chord(self.x - step, self.x + step):
            slope, noise, bend = chord
            size = abs(self.x)
            if step <= size:  # the chord has its middle at x, or nearly
                return _Quotient(step, slope, noise)
            return _Quotient(step, slope, noise, min(size, math.ulp(step)), max(bend - 4 * noise, 0.0) / step / step)
        return None

    def one_sided(self, step: float) -> _Quotient | None:
        """The slope of the chord from x to x + step, which may be negative."""
        chord = self._chord(*sorted((self.x, self.x + step)))
        return _Quotient(abs(step), *chord[:2]) if chord else None

    def _chord(self, low: float, high: float) -> tuple[float, float, float] | None:
        """Slope, noise of the values at its ends, and how far these are, together, from the value at x."""
        below, above = self.at(low), self.at(high)
        if below is None or above is None:
            return None
        noise = max(self.noise, self.ulps * math.ulp(max(abs(below), abs(above))))
        slope = (above - below) / (high - low)
        return (slope, noise, abs((above - self.here) + (below - self.here))) if math.isfinite(slope) else None


def steps(x: float, *scales: float, largest: float | None = None) -> list[float]:
    """Powers of two, large ones first: from |x| (1 if that is 0) to its last digit, and about each further scale.

    Args:
        largest: begin there instead, rounded to a power of two.
    """
    size = math.frexp(x)[1] if x else 0
    first = size if largest is None else round(math.log2(largest)) + 1
    exponents = set(range(first - _DIGITS, first))
    for scale in scales:
        if 0 < abs(scale) < math.inf:
            exponents |= set(range(math.frexp(scale)[1] - _REACH, math.frexp(scale)[1] + 1))
    smallest = max(size - _DIGITS, -1070) if x else -1070
    return [math.ldexp(1.0, e) for e in sorted(exponents, reverse=True) if smallest <= e <= 1020]


@dataclass(frozen=True)
class View:
    """What difference quotients say about a function at a point.

    Args:
        steps: as `steps` gives them; three that halve are needed for each estimate.
    """

    line: Line
    steps: Sequence[float]

    @cached_property
    def center(self) -> Slope:
        """The derivative, from both sides at once."""
        reach = min(self._jumps[-1][0], self._jumps[+1][0])
        return limit(_estimates([each for each in self._centrals if each and each.step < reach], order=2))

    @cached_property
    def coarse(self) -> Slope:
        """The derivative where the function is taken for smooth and its small jumps for rounding errors.

        So a slope that is known to some digits comes before one that may be 0; but three estimates must say so, or
        it may be luck.
        """
        slopes = list(_estimates(self._centrals, order=2))
        known = [slope for slope in slopes if slope.relative <= CONVINCING]
        best = min(known, key=lambda slope: slope.relative, default=UNKNOWN)
        if sum(abs(slope.value - best.value) <= SAFETY * CONVINCING * abs(best.value) for slope in known) >= 3:
            return best
        value, error = min(slopes, key=_error, default=UNKNOWN)
        return Slope(value, max(error, abs(value)))

    @cached_property
    def left(self) -> Slope | None:
        """The slope from the left, infinite at a jump; None if the function has no values there."""
        return self._side(-1)

    @cached_property
    def right(self) -> Slope | None:
        """The slope from the right, infinite at a jump; None if the function has no values there."""
        return self._side(+1)

    @property
    def mean(self) -> float:
        """How steep the function is, without sign, over the longest step that stays where it is defined."""
        chords = (self.line.one_sided(sign * step) for step in self.steps for sign in (-1, +1))
        return next((abs(chord.value) for chord in chords if chord), 0.0)

    @property
    def rough(self) -> bool:
        """Whether neighbouring floats are as far apart in value as floats a thousand times farther."""
        near, far = self._gap(self.steps[-3:]), self._gap(self.steps[-_LEVELS : 3 - _LEVELS])
        return near > 2 * SAFETY * self.line.noise and near > far / 8

    @property
    def only_integers(self) -> bool:
        """Whether the function has integer values only, like a rounding."""
        values = [self.line.at(self.line.x + sign * step) for step in self.steps for sign in (-1, +1)]
        return all(value.is_integer() for value in values if value is not None)

    def _gap(self, steps: Sequence[float]) -> float:
        values = [self.line.at(self.line.x + sign * step) for step in steps for sign in (-1, +1)]
        return max((abs(value - self.line.here) for value in values if value is not None), default=0.0)

    @cached_property
    def _centrals(self) -> list[_Quotient | None]:
        return [self.line.central(step) for step in self.steps]

    def _side(self, sign: int) -> Slope | None:
        quotients = [self.line.one_sided(sign * step) for step in self.steps]
        if all(each is None for each in quotients[-3:]):
            return None
        reach, gap = self._jumps[sign]
        if reach == self.steps[-1]:
            return Slope(sign * math.copysign(math.inf, gap), 0.0)
        return limit(_estimates([each for each in quotients if each and each.step < reach], order=1))

    @cached_property
    def _jumps(self) -> dict[int, tuple[float, float]]:
        """For each side the first step that lands beyond a jump (infinite if none does), and the height of the jump.

        After a jump steps of very different sizes land on the same value. After a slope, or among rounding errors,
        they do not.
        """
        return {sign: self._jump(sign) for sign in (-1, +1)}

    def _jump(self, sign: int) -> tuple[float, float]:
        line = self.line
        found = [(step, line.at(line.x + sign * step)) for step in reversed(self.steps)]
        gaps = [(step, value - line.here) for step, value in found if value is not None]
        for (step, gap), *more in (gaps[i : i + _LEVELS] for i in range(len(gaps) - _LEVELS + 1)):
            if abs(gap) > 2 * SAFETY * line.noise and all(abs(other - gap) <= abs(gap) / 8 for _, other in more):
                return step, gap
        return math.inf, 0.0


def limit(estimates: Iterable[Slope]) -> Slope:
    """The best of estimates that come in the order of their steps, the smallest first.

    The derivative is a limit: larger steps may sharpen what smaller ones say, never contradict it. So the floor of
    x, at large steps a line of slope 1, is found to be flat.
    """
    best, low, high = UNKNOWN, -math.inf, math.inf
    for slope in estimates:
        low = max(low, slope.value - SAFETY * slope.error)
        high = min(high, slope.value + SAFETY * slope.error)
        if low > high:
            break
        if slope.error < best.error and not abs(slope.value - best.value) > 2 * best.error:
            best = slope
    return best


def _estimates(quotients: Sequence[_Quotient | None], order: int) -> Iterator[Slope]:
    """Extrapolations to step 0, small steps first, from quotients whose error starts with that power of the step."""
    loudest = bend = 0.0  # what smaller steps disagreed by, in values of the function; how it bent there
    for far, middle, near in zip(quotients[-3::-1], quotients[-2::-1], quotients[::-1], strict=False):
        if far and middle and near and far.step == 2 * middle.step == 4 * near.step:
            value, richardson, aitken = _extrapolate(far.value, middle.value, near.value, 2.0**order)
            rounding = max(loudest, _AMPLIFIED[order] * near.noise, _AMPLIFIED[order] / 4 * far.noise)
            loudest, bend = max(loudest, richardson * near.step), max(bend, near.bend)
            error = max(richardson, aitken) + rounding / near.step + bend * far.shift
            if math.isfinite(value) and error < math.inf:
                yield Slope(value, error)


def _extrapolate(far: float, middle: float, near: float, ratio: float) -> tuple[float, float, float]:
    """The limit of a sequence whose error shrinks by `ratio`, then by ratio²; how far two other limits are from it."""
    first = middle + (middle - far) / (ratio - 1)
    second = near + (near - middle) / (ratio - 1)
    value = second + (second - first) / (ratio * ratio - 1)
    before, after = middle - far, near - middle
    aitken = near - after * (after / (after - before)) if after != before else near
    return value, abs(value - second), abs(value - aitken)
