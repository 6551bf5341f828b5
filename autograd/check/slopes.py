"""The slope of a function of one number, from its values alone, with a bound on the error.

Difference quotients at steps that halve, over many orders of magnitude: large steps err by truncation, small ones by
rounding. Three quotients in a row are extrapolated to step 0 twice, by Richardson's rule for smooth functions and by
Aitken's for roots and powers; how far the two disagree bounds the truncation. What f says of its own rounding, at the
points where it is asked, and what the smaller steps disagreed by beyond that, bounds the rounding.

Sources: L. F. Richardson, J. A. Gaunt, The deferred approach to the limit, Phil. Trans. A 226 (1927);
C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (1982).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

SAFETY = 10.0
"""An error estimate is trusted to this factor."""
CONVINCING = 1e-3
"""Relative error up to which a slope is known."""
UNEVEN = 0.618
"""Steps are this times powers of two: there rounding errors are random; at whole numbers a staircase has a slope."""
_DIGITS = 52  # halvings from the size of a float to its last place
_REACH = 16  # halvings from any other scale: beyond, rounding outweighs truncation in every smooth function
_PROBES = (UNEVEN * 2**-40, UNEVEN * 2**-3)  # of x and of 1: how far away f is asked for its rounding
_LEVELS = 12  # halvings over which a jump shows the same height
_GROWTH = 16.0  # how many times higher rounding errors have to be near x than afar …
_FINE = 1e-3  # … at steps below this part of x or 1, …
_TURNS = 3  # … and how often they change their sign, to be told from what f really does
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
        rounding: likewise, asked of f itself: near 0 the values of (exp(x) - 1) / x have few digits, 1 at 0 has all.
    """

    def __init__(
        self,
        f: Callable[[float], float],
        x: float,
        here: float,
        noise: float = 0.0,
        ulps: float = 1.0,
        rounding: Callable[[float], float] | None = None,
    ) -> None:
        self.f, self.x, self.here, self.ulps, self.rounding = f, x, here, ulps, rounding
        self.noise = max(noise, ulps * math.ulp(here))
        self._seen: dict[float, float | None] = {x: here}
        self._noises = {x: self.noise}

    def plain(self) -> "Line":
        """The same, but f is not asked for its rounding: for a first glance."""
        line = Line(self.f, self.x, self.here, self.noise, self.ulps)
        line._seen = self._seen
        return line

    def noise_at(self, x: float, y: float) -> float:
        """What the value y at x may be off by, by rounding."""
        if self.rounding is None or self._steady:
            return max(self.noise, self.ulps * math.ulp(y))
        if x not in self._noises:
            self._noises[x] = max(self.rounding(x), self.ulps * math.ulp(y))
        return self._noises[x]

    @cached_property
    def _steady(self) -> bool:
        """Whether f is nowhere near much more or less certain than at x: then its values tell their rounding."""
        far = [self.x + sign * size * scale for size in (abs(self.x), 1.0) for scale in _PROBES for sign in (-1, +1)]
        known = [(x, y) for x in far if (y := self.at(x)) is not None]
        rounding, sane = self.rounding, self.noise <= 2**10 * self.ulps * math.ulp(self.here)
        return (
            sane
            and rounding is not None
            and all(rounding(x) <= 16 * max(self.noise, self.ulps * math.ulp(y)) for x, y in known)
        )

    def gap(self, step: float) -> float | None:
        """How far the value one step away is from that at x; 0 if that may be rounding, None where there is none."""
        y = self.at(self.x + step)
        if y is None:
            return None
        noise = max(self.noise, self.noise_at(self.x + step, y))
        return y - self.here if abs(y - self.here) > 2 * SAFETY * noise else 0.0

    def has(self, step: float) -> bool:
        """Whether there is a value one step away."""
        return self.at(self.x + step) is not None

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
        noise = max(self.noise_at(low, below), self.noise_at(high, above))
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
    return [math.ldexp(UNEVEN, e) for e in sorted(exponents, reverse=True) if smallest <= e <= 1020]


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

    @cached_property
    def afar(self) -> Slope | None:
        """The slope beyond rounding, where all that small steps say is rounding, of which f itself may know nothing.

        As for (1 - cos(x)) / x, computed in one piece: 0 about 0. What steps say there besides the slope on which
        larger ones agree has no sign, and grows towards x. A dead zone, a kink, a staircase keep their height.
        """
        sides = [[self.line.one_sided(sign * step) for step in self._asked] for sign in (-1, +1)]
        left, right = (self._agreed(side, 1)[0] for side in sides)
        slack = SAFETY * (left.error + right.error) + max(abs(left.value), abs(right.value)) / SAFETY
        if abs(left.value - right.value) > slack:  # a kink, seen from afar; the value at x may be rough too
            return None
        if not self._grows(self._centrals, 2) and not all(self._grows(side, 1) for side in sides):
            return None
        center = self.straight
        size = max(abs(center.value), self.mean, abs(self.line.here))
        return center if center.error <= CONVINCING**2 * size else None

    @cached_property
    def straight(self) -> Slope:
        """The slope on which larger steps agree, whatever smaller ones say."""
        return self._agreed(self._centrals, 2)[0]

    def _grows(self, quotients: list[_Quotient | None], order: int) -> bool:
        """Whether what small steps say grows towards x, and has no sign."""
        slope, heights, reach = self._agreed(quotients, order)
        below = [(step, value - slope.value) for step, value in _extrapolations(quotients, order) if step < reach]
        off = [(value, step) for step, value in below if value and step < self._size * _FINE]
        turns = sum((before > 0) != (after > 0) for (before, _), (after, _) in pairwise(off))
        highest = max((abs(value) * step for value, step in off), default=0.0)
        if len(heights) < _LEVELS:  # a staircase may look straight by chance
            return turns >= _TURNS and len(heights) > _LEVELS // 2 and highest > _GROWTH**2 * max(heights)
        between = heights[len(heights) // 4 : len(heights) * 3 // 4]  # neither truncation nor the edge of what agrees
        return turns >= _TURNS and highest > _GROWTH * max(between)

    def _agreed(self, quotients: list[_Quotient | None], order: int) -> tuple[Slope, list[float], float]:
        """Of slopes by their steps: the best on which larger ones agree, how high all these differ, and its step."""
        best, heights, reach = UNKNOWN, [math.inf], math.inf
        found = [each for each in _extrapolations(quotients, order) if each[0] <= self._size]
        for (step, near), (_, middle), (_, far) in zip(found, found[1:], found[2:], strict=False):
            spread = max(near, middle, far) - min(near, middle, far) + self.line.noise / step
            if spread <= CONVINCING * max(abs(middle), self.mean, abs(self.line.here)):
                heights.append(spread * step)
                if spread < best.error:
                    best, reach = Slope(middle, spread), step
            elif best is not UNKNOWN:
                break
        return best, heights[1:] or heights, reach

    @property
    def _size(self) -> float:
        return max(abs(self.line.x), 1.0)

    @property
    def ends(self) -> str:
        """On which sides the function has no values, in words."""
        ends = [side for side, slope in (("below", self.left), ("above", self.right)) if slope is None]
        return f"f has no value {' and '.join(ends)}" if ends else ""

    @property
    def mean(self) -> float:
        """How steep the function is, without sign, over the longest step that stays where it is defined."""
        chords = (self.line.one_sided(sign * step) for step in self.steps for sign in (-1, +1))
        return next((abs(chord.value) for chord in chords if chord), 0.0)

    @property
    def rough(self) -> bool:
        """Whether neighbouring floats are as far apart in value as floats a thousand times farther."""
        return self._gap(self.steps[-3:]) > self._gap(self.steps[-_LEVELS : 3 - _LEVELS]) / 8

    @property
    def only_integers(self) -> bool:
        """Whether the function has integer values only, like a rounding."""
        values = [self.line.at(self.line.x + sign * step) for step in self.steps for sign in (-1, +1)]
        return all(value.is_integer() for value in values if value is not None)

    def _gap(self, steps: Sequence[float]) -> float:
        return max(abs(self.line.gap(sign * step) or 0.0) for step in steps for sign in (-1, +1))

    @cached_property
    def _centrals(self) -> list[_Quotient | None]:
        return [self.line.central(step) for step in self._asked]

    @cached_property
    def _asked(self) -> Sequence[float]:
        """The steps but for the smallest if f has no value there, on neither side: it may underflow and divide by 0."""
        has = self.line.has
        last = next((i for i, step in enumerate(self.steps[::-1]) if has(step) or has(-step)), 0)
        return self.steps[: len(self.steps) - last]

    def _side(self, sign: int) -> Slope | None:
        quotients = [self.line.one_sided(sign * step) for step in self._asked]
        if sum(self.line.has(sign * step) for step in self._asked[-3:]) < 2:
            return None
        reach, gap = self._jumps[sign]
        if reach == self._asked[-1]:
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
        found = [(step, self.line.gap(sign * step)) for step in reversed(self._asked)]
        gaps = [(step, gap) for step, gap in found if gap is not None]
        for (step, gap), *more in (gaps[i : i + _LEVELS] for i in range(len(gaps) - _LEVELS + 1)):
            if gap and all(abs(other - gap) <= abs(gap) / 8 for _, other in more):
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


def _extrapolations(quotients: Sequence[_Quotient | None], order: int) -> Iterator[tuple[float, float]]:
    """The smallest of three steps in a row, and what their quotients say at step 0; large ones first."""
    for far, middle, near in reversed(list(_triples(quotients))):
        yield near.step, _extrapolate(far.value, middle.value, near.value, 2.0**order)[0]


def _triples(quotients: Sequence[_Quotient | None]) -> Iterator[tuple[_Quotient, _Quotient, _Quotient]]:
    """Three quotients whose steps halve, small ones first."""
    for far, middle, near in zip(quotients[-3::-1], quotients[-2::-1], quotients[::-1], strict=False):
        if far and middle and near and far.step == 2 * middle.step == 4 * near.step:
            yield far, middle, near


def _estimates(quotients: Sequence[_Quotient | None], order: int) -> Iterator[Slope]:
    """Extrapolations to step 0, small steps first, from quotients whose error starts with that power of the step."""
    loudest = bend = 0.0  # what smaller steps disagreed by, in values of the function; how it bent there
    for far, middle, near in _triples(quotients):
        value, richardson, aitken = _extrapolate(far.value, middle.value, near.value, 2.0**order)
        known = max(_AMPLIFIED[order] * near.noise, _AMPLIFIED[order] / 4 * far.noise)
        rounding = max(loudest, known)
        loudest, bend = max(loudest, richardson * near.step - known), max(bend, near.bend)
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
