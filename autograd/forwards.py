"""The forward closures of the table that do not fit on a line: numbers to a number, as near to the truth as a float is.

Rounded once, where that can be done; without an overflow on the way to a result that fits a float; exact for exact
numbers. `functions.py` names them, entry by entry.
"""

import builtins
import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograd.installing import pip_install
from autograd.reals import nothing, precise


def scipy(name: str, inside: Callable[[float], bool] = lambda x: True) -> Callable[..., float]:
    """A function of scipy.special, imported when first called; ValueError where `inside` is false."""

    def forward(*x: Any) -> float:
        try:
            from scipy import special
        except ModuleNotFoundError:
            raise ModuleNotFoundError(f"{name} needs SciPy: {pip_install('scipy')}") from None
        if not inside(x[-1]):
            raise ValueError
        return float(getattr(special, name)(*x[:-1], float(x[-1])))

    return forward


def no_pole(x: float) -> bool:
    return x > 0 or x != math.floor(x)


def _half(*x: Any) -> Any:
    """½ in the arithmetic of x."""
    if any(isinstance(each, float) for each in x):
        return 0.5
    return Decimal("0.5") if any(isinstance(each, Decimal) for each in x) else Fraction(1, 2)


# Slopes: 1; where nothing can flow, `nothing` among floats and a plain 0 among exact numbers; at a kink a computed 0.


def step(x: Any) -> Any:
    if x > 0:
        return 1
    if isinstance(x, float):
        return nothing if x < 0 else 0.0
    return 0


def greater(a: Any, b: Any) -> Any:
    if a > b:
        return 1
    if a == b:
        return _half(a, b)
    return nothing if isinstance(a, float) or isinstance(b, float) else 0


def inside(low: Any, high: Any, x: Any) -> Any:
    if low < x < high:
        return 1
    if isinstance(x, float):
        return 0.0 if x in (low, high) else nothing
    return 0


def relu(x: Any) -> Any:
    return x if x > 0 else 0.0 if x.__class__ is float else 0 * x


def gaussian(a: Any) -> Callable[[Any], float]:
    """x to exp(-a x²). The rounding of a x² alone would cost a x² units in the last place."""
    size, rest = halves(a)
    part, exponent = math.frexp(size)
    scale = 2.0 ** (exponent // 2) if size else 0.0  # a is m · scale², and scale · x is exact
    m, rest = part * 2 ** (exponent % 2), rest / scale / scale if size else 0.0
    m_head, m_tail = _split(m)

    def forward(x: Any) -> float:
        x = scale * float(x)
        square = x * x
        product = m * square
        if not product < 750:
            return 0.0
        (head, tail), (high, low) = _split(x), _split(square)
        lost = (head * head - square + 2 * head * tail) + tail * tail
        lost_too = (m_head * high - product + m_head * low + m_tail * high) + m_tail * low
        return math.exp(-product) * math.exp(-(lost_too + m * lost + rest * square))

    return forward


def _split(x: float) -> tuple[float, float]:
    """x as a sum of two floats of 26 bits, whose products are exact. Source: Dekker, Numer. Math. 18 (1971)."""
    wide = (2**27 + 1) * x
    head = wide - (wide - x)
    return head, x - head


def halves(constant: Any) -> tuple[float, float]:
    """A number as a float, and what this lacks."""
    near = float(constant)
    if isinstance(constant, float) or math.isinf(near):
        return near, 0.0
    exact = constant if precise(constant) else Fraction(constant)
    return near, float(exact - (near if precise(constant) else Fraction(near)))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= -700 else math.exp(x)


def exp_difference(a: Any, b: Any) -> float:
    """exp(a - b); the rounding of the difference, which the exponential would magnify, is made good."""
    difference = a - b
    y = math.exp(difference)
    if difference.__class__ is float and -800 < difference < 800:
        shift = difference - a
        y += y * ((a - (difference - shift)) - (b + shift))
    return y


def share(a: Any, b: Any) -> float:
    if a >= b:
        return 1 / (1 + exp_difference(b, a))
    return (e := exp_difference(a, b)) / (1 + e)


def sech2(x: Any) -> float:
    e = math.exp(-2 * builtins.abs(x))
    return 4 * e / ((1 + e) * (1 + e))


def logaddexp(a: float, b: float) -> float:
    if a == b:
        return a + math.log(2)
    return max(a, b) + math.log1p(math.exp(-builtins.abs(a - b)))


def logsumexp(*x: float) -> float:
    return max(x) + math.log1p(_rest(x))


def _rest(x: Sequence[Any]) -> float:
    """Σ exp(xⱼ - max x) over all but the largest."""
    largest = max(x)
    rest = list(x)
    rest.remove(largest)
    return math.fsum([math.exp(other - largest) for other in rest])


def lost(*x: Any) -> float:
    """What log(Σ exp(xⱼ)), computed as it stands, lacks to the true logarithm: x not far from 0."""
    if not x:
        raise ValueError
    computed = math.log(math.fsum(map(math.exp, x)))
    return (max(x) - computed) + math.log1p(_rest(x))


def lost_in(mp: Any, *x: Any) -> Any:
    """`lost` at the precision of mpmath's numbers: near 0, and the nearer the more digits they have."""
    largest = x.index(max(x))
    rest = mp.fsum(mp.exp(each - x[largest]) for k, each in enumerate(x) if k != largest)
    return (x[largest] - mp.log(mp.fsum(map(mp.exp, x)))) + mp.log1p(rest)


def sum(*x: Any) -> Any:
    """Rounded once for floats, whatever their partial sums; exact for the exact types."""
    if not any(isinstance(number, float) for number in x):
        return builtins.sum(x)
    try:
        return math.fsum(x)
    except OverflowError:
        return float(_exact_sum(x))


def _exact_sum(x: Iterable[Any]) -> Any:
    infinite = [number for number in x if isinstance(number, float) and math.isinf(number)]
    return builtins.sum(infinite or map(Fraction, x))


def mean(*x: Any) -> Any:
    if not x:
        raise ValueError
    try:
        return sum(*x) / len(x)
    except OverflowError:
        return float(_exact_sum(x) / len(x))


def dot(*x: Any) -> Any:
    half = len(x) // 2
    products = [a * b for a, b in zip(x[:half], x[half:], strict=True)]
    if all(math.isfinite(product) for product in products if isinstance(product, float)):
        return sum(*products)
    if not all(math.isfinite(number) for number in x if isinstance(number, float)):
        return builtins.sum(products)
    return float(builtins.sum(Fraction(a) * Fraction(b) for a, b in zip(x[:half], x[half:], strict=True)))


def prod(*x: Any) -> Any:
    """The product, whatever its partial products: where these could leave the floats, by parts and exponents."""
    sizes = [*map(builtins.abs, x), 1.0]
    bound = 1e300 ** (1 / len(sizes))
    if (max(sizes) < bound and min(sizes) > 1 / bound) or not any(isinstance(number, float) for number in x):
        return math.prod(x)
    exponents = [math.frexp(number)[1] for number in x]
    part, exponent = 1.0, builtins.sum(exponents)
    for number in x:
        part, more = math.frexp(part * math.frexp(number)[0])
        exponent += more
    return math.ldexp(part, exponent)


def unit(a: Any, b: Any) -> float:
    larger = max(builtins.abs(a), builtins.abs(b))
    return 0.5 if larger > 1e308 else 2.0**600 if larger < 1e-150 else 1.0


def floor_divide(a: Any, b: Any) -> Any:
    """a // b; among Decimals too, whose // cuts off towards 0."""
    quotient = a // b
    return quotient - 1 if isinstance(quotient, Decimal) and _turned(a % b, b) else quotient


def mod(a: Any, b: Any) -> Any:
    rest = a % b
    return rest + b if isinstance(rest, Decimal) and _turned(rest, b) else rest


def fmod(a: Any, b: Any) -> Any:
    if isinstance(a, float) or isinstance(b, float):
        return math.fmod(a, b)
    rest = builtins.abs(a) % builtins.abs(b)
    return -rest if a < 0 else rest


def copysign(a: Any, b: Any) -> Any:
    return -builtins.abs(a) if b < 0 else builtins.abs(a)


def _turned(rest: Decimal, divisor: Any) -> bool:
    return bool(rest) and (rest < 0) != (divisor < 0)


_MOST_BITS = 10_000_000


def power(x: Any, n: Any) -> Any:
    """x**n, exact for exact numbers, never complex."""
    if _endless(x, n):
        raise OverflowError
    if isinstance(n, int):
        return x**n if builtins.abs(n) <= 2**53 or not isinstance(x, float) else _huge_power(x, n)
    if isinstance(n, Decimal) and isinstance(x, int | Decimal) and (x >= 0 or n == n.to_integral_value()):
        return x**n
    y = math.pow(x, n)
    if isinstance(n, float) or not (x > 0 and 0 < y < math.inf):
        return y
    return y * math.exp(halves(n)[1] * math.log(x))


_SHORT: dict[Any, Callable[[float], float]] = {2: lambda x: x * x, 3: lambda x: x * x * x, 0.5: math.sqrt}


def power_of(n: Any) -> Callable[[Any], Any]:
    """x to `power(x, n)`; of a float by products or a root where that is right."""
    short = _SHORT.get(n)
    if short is None:
        return lambda x: power(x, n)
    return lambda x: short(x) if x.__class__ is float else power(x, n)


def _huge_power(x: float, n: int) -> float:
    """x**n for an n that is no float; as one it would be even, or no number at all."""
    size = math.pow(builtins.abs(x), float(min(max(n, -(2**1000)), 2**1000)))
    return -size if x < 0 and n % 2 else size


def _endless(x: Any, n: Any) -> bool:
    """Whether Python would compute the exact power x**n, digit by digit, for ever."""
    if not (isinstance(n, int) and isinstance(x, int | Fraction)):
        return False
    bits = max(builtins.abs(x.numerator), x.denominator).bit_length() - 1
    return bits * builtins.abs(n) > _MOST_BITS
