"""Is this number the derivative? The five answers, from the view that `slopes` gives of the function."""

import math
from typing import NamedTuple

from autograd.check.slopes import CONVINCING, SAFETY, UNEVEN, UNKNOWN, Line, Slope, View, steps

OK, KINK, EDGE, CANCELLATION, WRONG = "ok", "kink", "domain edge", "cancellation", "wrong"
ROUGH = "f changes too much, or too little, from one float to the next"
"""The note of a cancellation that is no rounding: the function has features finer than floats."""

_TREADS = 2.5e-4  # of x: a staircase with finer treads passes for a slope with rounding errors
_NIL = 1e-4  # a slope of 0 is seen at a glance only if it is known so much better than any other
_SMALL = 1e-3  # nearer to 0 than that f may be flat because of rounding: (1 - cos(x)) / x is
_UNDER = UNEVEN * 2**-34  # how much smaller steps a glance from afar includes
_TINY = 2.0**-1040  # subnormal numbers have few digits: no difference between two of them counts


class Finding(NamedTuple):
    """A verdict, the reference it rests on, how far off that may be, and what else there is to say."""

    verdict: str
    reference: float
    uncertainty: float
    note: str = ""


def judge(line: Line, ours: float, tolerance: float, hurry: bool = False) -> Finding:
    """Whether `ours` is the slope of the line at its point, within a relative tolerance.

    Args:
        hurry: call it wrong at a glance too, which may miss a kink; not only right.
    """
    scale, plain = abs(line.here / ours) if ours else 0.0, line.plain()
    sizes = (abs(line.x) or 1.0, scale, 1.0) if ours or abs(line.x) > _SMALL else (1.0,)
    for size in dict.fromkeys(sizes):
        if 0 < size < math.inf and (found := _at_a_glance(plain, ours, tolerance, size, hurry)):
            return found
    view = View(line, steps(line.x, *_scales(line.x), scale, line.here))
    found = _judge_view(view, ours, tolerance)
    if found.verdict == WRONG:
        far = (_from_afar(view, math.inf), view.straight)
        if coarse := next((each for each in far if each.relative <= _TREADS and _fits(each, ours, tolerance)), None):
            return Finding(CANCELLATION, *coarse, "f is too rough here for its slope to be seen in small steps")
    if found.verdict == WRONG and not view.afar and not _is_visible(view, found.reference, ours):
        return found._replace(verdict=CANCELLATION, note=ROUGH)
    return found


def climbs(line: Line) -> Slope | None:
    """The slope from afar of what is flat in small steps: a staircase so fine that it passes for rounding."""
    slope = _from_afar(View(line, steps(line.x, 1.0)), math.inf)
    return slope if slope.relative <= _TREADS else None


def _scales(x: float) -> list[float]:
    """Scales on which f may vary besides that of x: 1, and where x is small, all between."""
    return [1.0, *(scale for scale in (2.0**-16, 2.0**-32, 2.0**-48) if 0 < abs(x) < min(scale, _SMALL))]


def undecided(line: Line) -> Finding:
    """What there is to say where backward gives no derivative: an edge, a kink, or neither (then the verdict is "")."""
    view = View(line, steps(line.x, 1.0, line.here))
    slope = _known(view)
    if view.ends:
        return Finding(EDGE, *(slope or UNKNOWN), view.ends)
    if slope is None:
        return Finding(KINK, *UNKNOWN, _sides(view.left or UNKNOWN, view.right or UNKNOWN))
    return Finding("", *slope, "f has a slope here, and backward no value")


def known_slope(line: Line) -> Slope | None:
    """The slope of the line at its point where it has one beyond doubt, so that no rule is excused for giving none."""
    return _known(View(line, steps(line.x, 1.0, line.here)))


def _known(view: View) -> Slope | None:
    sides = [side for side in (view.left, view.right) if side is not None]
    if (
        not sides
        or view.only_integers
        or _differ(sides[0], sides[-1], CONVINCING)
        or not all(_is_known(side, view) for side in sides)
    ):
        return None
    return min(sides[0], sides[-1], view.center, key=lambda slope: slope.error)


def _at_a_glance(line: Line, ours: float, tolerance: float, scale: float, hurry: bool) -> Finding | None:
    """A verdict if three steps at this scale show it clearly, else None."""
    exponent = math.frexp(scale)[1]
    if not max(-1000, math.frexp(line.x)[1] - 40) < exponent < 1000:  # else the steps would vanish beside x
        return None
    view = View(line, [math.ldexp(UNEVEN, exponent - k) for k in (7, 8, 9)])
    center, left, right = view.center, view.left, view.right
    if left is None or right is None or _differ(left, right, tolerance):
        return None
    if _agree(center, ours, tolerance) or _is_zero(view, ours, tolerance):
        if abs(line.x) < _SMALL * scale and not _holds(line, center, _UNDER * scale):
            return None
        return Finding(OK, *center) if center.error <= SAFETY * tolerance * (abs(ours) or _NIL) else None
    clear = hurry and center.relative <= CONVINCING and not _fits(center, ours, tolerance)
    return Finding(WRONG, *center) if clear else None


def _holds(line: Line, slope: Slope, step: float) -> bool:
    """Whether both sides show that slope also at a step so much smaller, as far as rounding lets them."""
    sides = [line.one_sided(sign * step) for sign in (-1, +1)]
    slack = CONVINCING * abs(slope.value) + SAFETY * slope.error
    return all(side and abs(side.value - slope.value) <= slack + SAFETY * side.noise / step for side in sides)


def _judge_view(view: View, ours: float, tolerance: float) -> Finding:
    if afar := view.afar:
        fine = OK if _agree(afar, ours, tolerance) or ours == 0 else CANCELLATION
        return Finding(fine if _fits(afar, ours, tolerance) else WRONG, *afar)
    left, right = view.left, view.right
    if left is None or right is None:
        return _at_an_edge(view, ours, tolerance)
    if math.inf in (abs(left.value), abs(right.value)) or _differ(left, right, tolerance):
        return _at_a_kink(left, right, ours, tolerance)
    if _agree(view.center, ours, tolerance) or _is_zero(view, ours, tolerance):
        return Finding(OK, *view.center)
    if _fits(view.center, ours, tolerance):
        return Finding(CANCELLATION, *view.center, "the reference is not known well enough to judge")
    return Finding(WRONG, *view.center)


def _at_an_edge(view: View, ours: float, tolerance: float) -> Finding:
    """Where the function ends, the slope from inside is all there is."""
    inside = view.right if view.left is None else view.left
    inside = inside or UNKNOWN
    wrong = _is_known(inside, view) and not _fits(inside, ours, tolerance)
    return Finding(WRONG if wrong else EDGE, *inside, view.ends)


def _at_a_kink(left: Slope, right: Slope, ours: float, tolerance: float) -> Finding:
    """Any slope between those of the two sides will do; at a jump up and down again any slope at all."""
    low, high = sorted((left, right))
    note = _sides(left, right)
    both_jump = abs(left.value) == abs(right.value) == math.inf
    between = low.value <= ours <= high.value or _fits(low, ours, tolerance) or _fits(high, ours, tolerance)
    nearest = min(low, high, key=lambda slope: abs(slope.value - ours))
    return Finding(KINK if between or both_jump else WRONG, *nearest, note)


def _sides(left: Slope, right: Slope) -> str:
    return f"slope {left.value:.6g} from the left, {right.value:.6g} from the right"


def _is_visible(view: View, reference: float, ours: float) -> bool:
    """Whether floats are fine enough to see the slope at x, and not only that of the surroundings.

    Not in a staircase, if they are too large to show its treads. Not beside a pole or in a saw with teeth of a few
    floats, unless the view from afar is smooth beyond doubt (so that it was rounding). Nor where all that the function
    does within |x| drowns in rounding, as an angle may: then ours may be far steeper than the reference.
    """
    if ours == 0 and view.only_integers:
        return False
    size = abs(view.line.x) or math.inf
    drowned = size * abs(ours) <= SAFETY * view.line.noise and abs(ours) > 1000 * abs(reference)
    return not (view.rough or drowned) or _from_afar(view, size).relative <= CONVINCING**2


def _from_afar(view: View, size: float) -> Slope:
    """The slope from steps up to that size and well above the last digit of x, its small jumps taken for rounding."""
    return View(view.line, [step for step in view.steps if view.steps[-1] * 2**10 <= step <= size]).coarse


def _is_known(slope: Slope, view: View) -> bool:
    """Whether quotients settle on that slope; they would not if it grew without bound."""
    return abs(slope.value) < math.inf and slope.error <= CONVINCING * max(abs(slope.value), view.mean)


def _differ(left: Slope, right: Slope, tolerance: float) -> bool:
    doubt = SAFETY * (left.error + right.error) + tolerance * max(abs(left.value), abs(right.value))
    return abs(left.value - right.value) > doubt


def _agree(slope: Slope, ours: float, tolerance: float) -> bool:
    return abs(slope.value - ours) <= tolerance * max(abs(slope.value), abs(ours))


def _is_zero(view: View, ours: float, tolerance: float) -> bool:
    """Whether ours is 0, and so is the reference but for rounding: no relative error says that."""
    known = view.center.error <= tolerance * min(1.0, max(abs(view.line.here), view.mean))
    return ours == 0 and known and _fits(view.center, ours, tolerance)


def _fits(slope: Slope, ours: float, tolerance: float) -> bool:
    """Whether the two agree, as far as the reference is known."""
    doubt = tolerance * max(abs(slope.value), abs(ours)) + SAFETY * slope.error + _TINY
    return slope.error == math.inf or abs(slope.value - ours) <= doubt
