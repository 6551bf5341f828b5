"""The table of operations: one entry each, and the only place where the library knows it.

An entry is read by the engine (numbers, gradients, higher derivatives), by pictures (`symbol`, `latex`, `meaning`), by
the error messages (`defined`) and by the laws in tests/ (`domain`, `truth`, `edges`, `ulps`). What each field means is
said at `autograd.operation.Op`. Two habits of the closures:

- `backward` must not cancel: tanh' is written `4 s(2x) s(-2x)`, s the sigmoid, because `1 - y²` has no correct digit at
  x = 20. Where an entry cannot keep 4 units in the last place, its `ulps` and `absolute` say what it does keep.
- `backward` must not branch on numbers, so that it can be recorded: it multiplies by `step`, or asks `where`.
"""

import builtins
import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograd.engine import Value, unary
from autograd.reals import refusal
from autograd.operation import Op, family, primitive

# --- Forward closures that do not fit on a line ---------------------------------------------------------------


def _scipy(name: str, inside: Callable[[float], bool] = lambda x: True) -> Callable[..., float]:
    """A function of scipy.special, imported when first called; ValueError where `inside` is false."""

    def forward(*x: float) -> float:
        try:
            from scipy import special
        except ModuleNotFoundError:
            raise ModuleNotFoundError(f"{name} needs SciPy: pip install 'scalar-autograd[special]'") from None
        if not inside(x[-1]):
            raise ValueError
        return float(getattr(special, name)(*x))

    return forward


def _no_pole(x: float) -> bool:
    return x > 0 or x != math.floor(x)


def _half(x: Any) -> Any:
    """½ in the arithmetic of x."""
    return Decimal("0.5") if isinstance(x, Decimal) else 0.5 if isinstance(x, float) else Fraction(1, 2)


def _exp_of_square(a: float, x: float) -> float:
    """exp(-a x²), a a power of two. The rounding of x² alone would cost x² units in the last place."""
    if builtins.abs(x) > 64:
        return 0.0
    head = math.floor(x * 2**20) / 2**20  # 26 bits: its square is exact
    return math.exp(-a * head * head) * math.exp(-a * (x - head) * (x + head))


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def _logaddexp(a: float, b: float) -> float:
    if a == b:
        return a + math.log(2)
    return max(a, b) + math.log1p(math.exp(-builtins.abs(a - b)))


def _logsumexp(*x: float) -> float:
    if not x:
        raise ValueError
    largest = max(x)
    rest = list(x)
    rest.remove(largest)
    return largest + math.log1p(math.fsum(math.exp(other - largest) for other in rest))


def _sum(*x: Any) -> Any:
    """Rounded once for floats; exact for the exact types."""
    return math.fsum(x) if any(isinstance(number, float) for number in x) else builtins.sum(x)


def _dot(*x: Any) -> Any:
    half = len(x) // 2
    return _sum(*(a * b for a, b in zip(x[:half], x[half:], strict=True)))


_MOST_BITS = 10_000_000


def _power(x: Any, n: Any) -> Any:
    """x**n, exact for exact numbers, never complex."""
    if _endless(x, n):
        raise OverflowError
    return x**n if isinstance(n, int) or (x >= 0 and isinstance(n, Decimal)) else math.pow(x, n)


def _array_power(n: Any) -> str:
    if n in (1, 2, 3):
        return " * ".join(["{0}"] * int(n))
    return "np.sqrt({0})" if n == 0.5 else f"np.power({{0}}, {float(n)!r})"


def _endless(x: Any, n: Any) -> bool:
    """Whether Python would compute the exact power x**n, digit by digit, for ever."""
    if not (isinstance(n, int) and isinstance(x, int | Fraction)):
        return False
    bits = max(builtins.abs(x.numerator), x.denominator).bit_length() - 1
    return bits * builtins.abs(n) > _MOST_BITS


def _others(x: tuple[Any, ...]) -> list[Any]:
    """For each of x, the product of the others: from prefixes and suffixes, so that zeros do no harm."""
    before, after = [1], [1]
    for i in range(len(x) - 1):
        before.append(before[-1] * x[i])
        after.append(after[-1] * x[-1 - i])
    return [left * right for left, right in zip(before, reversed(after), strict=True)]


# --- The table ------------------------------------------------------------------------------------------------

_LN2, _LN10 = math.log(2), math.log(10)
_SQRT2, _2_SQRTPI, _SQRT2PI = math.sqrt(2), 2 / math.sqrt(math.pi), math.sqrt(2 * math.pi)
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
_ANY, _WIDE, _UNIT = ((-1e300, 1e300),), ((-1000.0, 1000.0),), ((-1.0, 1.0),)
_AT_0: tuple[Any, ...] = (((0.0,), (0.0,)),)  # the convention: no slope at the kink

# fmt: off
# exponentials, logarithms, roots
exp: Op          = primitive("exp",          math.exp,                    lambda g, y, x: (g * y,),
    array="np.exp({0})", domain=((-745.0, 709.0),), latex="e^{{{0}}}", meaning="exponential")
expm1: Op        = primitive("expm1",        math.expm1,                  lambda g, y, x: (g * exp(x),),
    array="np.expm1({0})", domain=((-745.0, 709.0),), latex="e^{{{0}}} - 1", meaning="exp(x) − 1, exact near 0")
exp2: Op         = primitive("exp2",         math.exp2,                   lambda g, y, x: (g * y * _LN2,),
    array="np.exp2({0})", domain=((-1000.0, 1000.0),), latex="2^{{{0}}}", meaning="power of two", truth=lambda mp, x: mp.power(2, x))
log: Op          = primitive("log",          math.log,                    lambda g, y, x: (g / x,),
    array="np.log({0})", domain=((1e-300, 1e300),), latex=r"\log({0})", meaning="natural logarithm", defined="x > 0")
log1p: Op        = primitive("log1p",        math.log1p,                  lambda g, y, x: (g / (1 + x),),
    array="np.log1p({0})", domain=((-0.999999, 1e300),), latex=r"\log(1 + {0})", meaning="log(1 + x), exact near 0", defined="x > -1")
log2: Op         = primitive("log2",         math.log2,                   lambda g, y, x: (g / (x * _LN2),),
    array="np.log2({0})", domain=((1e-300, 1e300),), latex=r"\log_2({0})", meaning="logarithm to base 2", defined="x > 0", truth=lambda mp, x: mp.log(x) / mp.log(2))
log10: Op        = primitive("log10",        math.log10,                  lambda g, y, x: (g / (x * _LN10),),
    array="np.log10({0})", domain=((1e-300, 1e300),), latex=r"\log_{{10}}({0})", meaning="logarithm to base 10", defined="x > 0")
sqrt: Op         = primitive("sqrt",         math.sqrt,                   lambda g, y, x: (g / (2 * y),),
    array="np.sqrt({0})", domain=((1e-300, 1e300),), symbol="√", latex=r"\sqrt{{{0}}}", meaning="square root", defined="x ≥ 0")
cbrt: Op         = primitive("cbrt",         math.cbrt,                   lambda g, y, x: (g * y / (3 * x),),
    array="np.cbrt({0})", domain=_ANY, symbol="∛", latex=r"\sqrt[3]{{{0}}}", meaning="cube root", truth=lambda mp, x: mp.sign(x) * mp.cbrt(mp.fabs(x)))
square: Op       = primitive("square",       lambda x: x * x,             lambda g, y, x: (2 * g * x,),
    terms=lambda n: [(1, 0, 0)], domain=((-1e150, 1e150),), symbol="x²", latex="{0}^2", meaning="square", truth=lambda mp, x: x * x)
reciprocal: Op   = primitive("reciprocal",   lambda x: 1 / x,             lambda g, y, x: (-g * y * y,),
    array="1.0 / {0}", domain=((1e-150, 1e150),), symbol="1/x", latex=r"\frac{{1}}{{{0}}}", meaning="reciprocal", defined="x other than 0", truth=lambda mp, x: 1 / x)

# trigonometric and hyperbolic functions
sin: Op          = primitive("sin",          math.sin,                    lambda g, y, x: (g * cos(x),),
    array="np.sin({0})", domain=((-1e4, 1e4),), latex=r"\sin({0})", meaning="sine")
cos: Op          = primitive("cos",          math.cos,                    lambda g, y, x: (-g * sin(x),),
    array="np.cos({0})", domain=((-1e4, 1e4),), latex=r"\cos({0})", meaning="cosine")
tan: Op          = primitive("tan",          math.tan,                    lambda g, y, x: (g * (1 + y * y),),
    array="np.tan({0})", domain=((-1e4, 1e4),), latex=r"\tan({0})", meaning="tangent")
asin: Op         = primitive("asin",         math.asin,                   lambda g, y, x: (g / sqrt((1 - x) * (1 + x)),),
    array="np.arcsin({0})", domain=_UNIT, latex=r"\arcsin({0})", meaning="inverse sine", defined="-1 ≤ x ≤ 1")
acos: Op         = primitive("acos",         math.acos,                   lambda g, y, x: (-g / sqrt((1 - x) * (1 + x)),),
    array="np.arccos({0})", domain=_UNIT, latex=r"\arccos({0})", meaning="inverse cosine", defined="-1 ≤ x ≤ 1")
atan: Op         = primitive("atan",         math.atan,                   lambda g, y, x: (g / hypot(1, x) / hypot(1, x),),
    array="np.arctan({0})", domain=((-1e150, 1e150),), latex=r"\arctan({0})", meaning="inverse tangent")
atan2: Op        = primitive("atan2",        lambda a, b: math.atan2(a + 0.0, b + 0.0), lambda g, y, a, b: (g * b / hypot(a, b) / hypot(a, b), -g * a / hypot(a, b) / hypot(a, b)),
    array="np.arctan2({0} + 0.0, {1} + 0.0)", domain=((-1e100, 1e100),) * 2, latex=r"\operatorname{{atan2}}({0}, {1})", meaning="angle of the point (b, a); zeros have no sign")
sinh: Op         = primitive("sinh",         math.sinh,                   lambda g, y, x: (g * cosh(x),),
    array="np.sinh({0})", domain=((-710.0, 710.0),), latex=r"\sinh({0})", meaning="hyperbolic sine")
cosh: Op         = primitive("cosh",         math.cosh,                   lambda g, y, x: (g * sinh(x),),
    array="np.cosh({0})", domain=((-710.0, 710.0),), latex=r"\cosh({0})", meaning="hyperbolic cosine")
tanh: Op         = primitive("tanh",         math.tanh,                   lambda g, y, x: (4 * g * sigmoid(2 * x) * sigmoid(-2 * x),),
    array="np.tanh({0})", domain=((-350.0, 350.0),), latex=r"\tanh({0})", meaning="hyperbolic tangent")
asinh: Op        = primitive("asinh",        math.asinh,                  lambda g, y, x: (g / hypot(1, x),),
    array="np.arcsinh({0})", domain=((-1e150, 1e150),), latex=r"\operatorname{{arsinh}}({0})", meaning="inverse hyperbolic sine")
acosh: Op        = primitive("acosh",        math.acosh,                  lambda g, y, x: (g / (sqrt(x - 1) * sqrt(x + 1)),),
    array="np.arccosh({0})", domain=((1.0, 1e150),), latex=r"\operatorname{{arcosh}}({0})", meaning="inverse hyperbolic cosine", defined="x ≥ 1")
atanh: Op        = primitive("atanh",        math.atanh,                  lambda g, y, x: (g / ((1 - x) * (1 + x)),),
    array="np.arctanh({0})", domain=_UNIT, latex=r"\operatorname{{artanh}}({0})", meaning="inverse hyperbolic tangent", defined="-1 < x < 1")
hypot: Op        = primitive("hypot",        math.hypot,                  lambda g, y, a, b: (g * a / where(y, y, 1), g * b / where(y, y, 1)),
    array="np.hypot({0}, {1})", domain=((-1e150, 1e150),) * 2, latex=r"\sqrt{{{0}^2 + {1}^2}}", meaning="length of (a, b)", edges=(((0.0, 0.0), (0.0, 0.0)),))

# steps, kinks, choices
abs: Op          = primitive("abs",          builtins.abs,                lambda g, y, x: (g * sign(x),),
    array="np.abs({0})", domain=_ANY, symbol="|x|", latex=r"\lvert {0} \rvert", meaning="absolute value", edges=_AT_0, truth=lambda mp, x: mp.fabs(x))
sign: Op         = primitive("sign",         lambda x: (x > 0) - (x < 0), lambda g, y, x: (0,),
    array="np.sign({0})", domain=_ANY, latex=r"\operatorname{{sgn}}({0})", meaning="sign: -1, 0 or 1", edges=_AT_0)
step: Op         = primitive("step",         lambda x: int(x > 0),        lambda g, y, x: (0,),
    array="{0} > 0.0", domain=_ANY, latex=r"\operatorname{{step}}({0})", meaning="1 if x > 0, else 0", edges=_AT_0, truth=lambda mp, x: mp.mpf(x > 0))
floor: Op        = primitive("floor",        math.floor,                  lambda g, y, x: (0,),
    array="np.floor({0})", domain=_WIDE, symbol="⌊x⌋", latex=r"\lfloor {0} \rfloor", meaning="next integer below", edges=_AT_0)
ceil: Op         = primitive("ceil",         math.ceil,                   lambda g, y, x: (0,),
    array="np.ceil({0})", domain=_WIDE, symbol="⌈x⌉", latex=r"\lceil {0} \rceil", meaning="next integer above", edges=_AT_0)
trunc: Op        = primitive("trunc",        math.trunc,                  lambda g, y, x: (0,),
    array="np.trunc({0})", domain=_WIDE, latex=r"\operatorname{{trunc}}({0})", meaning="integer part", truth=lambda mp, x: mp.sign(x) * mp.floor(mp.fabs(x)))
round: Op        = primitive("round",        builtins.round,              lambda g, y, x: (0,),
    array="np.rint({0})", domain=_WIDE, latex=r"\operatorname{{round}}({0})", meaning="nearest integer, halves to even", truth=lambda mp, x: mp.nint(x))
greater: Op      = primitive("greater",      lambda a, b: _half(a) if a == b else int(a > b), lambda g, y, a, b: (0, 0),
    array="({0} > {1}) + 0.5 * ({0} == {1})", domain=((-1e300, 1e300),) * 2, symbol=">", latex="[{0} > {1}]", meaning="1 if a > b, ½ if equal, else 0", edges=(((2.0, 2.0), (0.0, 0.0)),), truth=lambda mp, a, b: (1 + mp.sign(a - b)) / 2)
maximum: Op      = primitive("maximum",      max,                         lambda g, y, a, b: (g * greater(a, b), g * greater(b, a)),
    array="np.maximum({0}, {1})", domain=((-1e300, 1e300),) * 2, symbol="max", latex=r"\max({0}, {1})", meaning="the larger; a tie shares ½, ½", edges=(((2.0, 2.0), (0.5, 0.5)),), truth=lambda mp, a, b: max(a, b))
minimum: Op      = primitive("minimum",      min,                         lambda g, y, a, b: (g * greater(b, a), g * greater(a, b)),
    array="np.minimum({0}, {1})", domain=((-1e300, 1e300),) * 2, symbol="min", latex=r"\min({0}, {1})", meaning="the smaller; a tie shares ½, ½", edges=(((2.0, 2.0), (0.5, 0.5)),), truth=lambda mp, a, b: min(a, b))
where: Op        = primitive("where",        lambda c, a, b: a if c else b, lambda g, y, c, a, b: (0, where(c, g, 0), where(c, 0, g)),
    array="np.where({0} != 0.0, {1}, {2})", domain=((-1.0, 1.0), (-1e300, 1e300), (-1e300, 1e300)), latex=r"({0}\;?\;{1} : {2})", meaning="a if c else b", truth=lambda mp, c, a, b: a if c else b)
mod: Op          = primitive("mod",          lambda a, b: a % b,          lambda g, y, a, b: (g, -g * floor_divide(a, b)),
    array="np.mod({0}, {1})", domain=((-1000.0, 1000.0), (0.01, 1000.0)), symbol="%", latex=r"{0} \bmod {1}", meaning="remainder, with the sign of the divisor", defined="a divisor other than 0", truth=lambda mp, a, b: a - b * mp.floor(a / b))
floor_divide: Op = primitive("floor_divide", lambda a, b: a // b,         lambda g, y, a, b: (0, 0),
    array="np.floor_divide({0}, {1})", domain=((-1000.0, 1000.0), (0.01, 1000.0)), symbol="//", latex=r"\lfloor {0} / {1} \rfloor", meaning="quotient rounded down", defined="a divisor other than 0", truth=lambda mp, a, b: mp.floor(a / b))

# activations
identity: Op     = primitive("identity",     lambda x: x,                 lambda g, y, x: (g,),
    terms=lambda n: [(1, 0)], domain=_ANY, symbol="id", latex="{0}", meaning="x itself, as a node of its own", truth=lambda mp, x: x)
sigmoid: Op      = primitive("sigmoid",      _sigmoid,                    lambda g, y, x: (g * sigmoid(x) * sigmoid(-x),),
    array="1.0 / (1.0 + np.exp(-{0}))", domain=((-700.0, 700.0),), symbol="σ", latex=r"\sigma({0})", meaning="logistic function 1 / (1 + exp(-x))", truth=lambda mp, x: 1 / (1 + mp.exp(-x)))
log_sigmoid: Op  = primitive("log_sigmoid",  lambda x: -softplus(-x),     lambda g, y, x: (g * sigmoid(-x),),
    array="np.minimum({0}, 0.0) - np.log1p(np.exp(-np.abs({0})))", domain=((-700.0, 700.0),), latex=r"\log \sigma({0})", meaning="logarithm of the logistic function", truth=lambda mp, x: -mp.log1p(mp.exp(-x)))
softplus: Op     = primitive("softplus",     lambda x: max(x, 0.0) + math.log1p(math.exp(-builtins.abs(x))), lambda g, y, x: (g * sigmoid(x),),
    array="np.maximum({0}, 0.0) + np.log1p(np.exp(-np.abs({0})))", domain=((-700.0, 700.0),), latex=r"\log(1 + e^{{{0}}})", meaning="log(1 + exp(x))", truth=lambda mp, x: mp.log1p(mp.exp(x)))
softsign: Op     = primitive("softsign",     lambda x: x / (1 + builtins.abs(x)), lambda g, y, x: (g / (1 + abs(x)) / (1 + abs(x)),),
    array="{0} / (1.0 + np.abs({0}))", domain=((-1e100, 1e100),), latex=r"\frac{{{0}}}{{1 + \lvert {0} \rvert}}", meaning="x / (1 + |x|)", truth=lambda mp, x: x / (1 + mp.fabs(x)))
relu: Op         = primitive("relu",         lambda x: x if x > 0 else 0 * x, lambda g, y, x: (g * step(x),),
    array="np.maximum({0}, 0.0)", domain=_ANY, latex=r"\operatorname{{relu}}({0})", meaning="rectified linear unit, max(x, 0)", edges=_AT_0, truth=lambda mp, x: max(x, mp.mpf(0)))
silu: Op         = primitive("silu",         lambda x: x * _sigmoid(x),   lambda g, y, x: (g * sigmoid(x) * (1 + x * sigmoid(-x)),),
    array="{0} / (1.0 + np.exp(-{0}))", domain=((-700.0, 700.0),), latex=r"\operatorname{{silu}}({0})", meaning="x times its logistic function (swish)", absolute=3e-16, truth=lambda mp, x: x / (1 + mp.exp(-x)))
gelu: Op         = primitive("gelu",         lambda x: x * math.erfc(-x / _SQRT2) / 2, lambda g, y, x: (g * (erfc(-x / _SQRT2) / 2 + x * gaussian(0.5)(x) / _SQRT2PI),),
    array="{0} * special.erfc(-{0} / 1.4142135623730951) * 0.5", domain=((-8.0, 1000.0),), latex=r"\operatorname{{gelu}}({0})", meaning="x times its normal distribution function", absolute=3e-16, truth=lambda mp, x: x * mp.erfc(-x / mp.sqrt(2)) / 2)
selu: Op         = primitive("selu",         lambda x: _SELU_SCALE * (x if x > 0 else _SELU_ALPHA * math.expm1(x)), lambda g, y, x: (g * _SELU_SCALE * where(step(-x), _SELU_ALPHA * exp(where(step(x), 0, x)), 1),),
    array=f"{_SELU_SCALE} * np.where({{0}} > 0.0, {{0}}, {_SELU_ALPHA} * np.expm1(np.minimum({{0}}, 0.0)))", domain=((-700.0, 1e100),), latex=r"\operatorname{{selu}}({0})", meaning="self-normalising elu", edges=(((0.0,), (_SELU_SCALE,)),), truth=lambda mp, x: mp.mpf(_SELU_SCALE) * (x if x > 0 else mp.mpf(_SELU_ALPHA) * mp.expm1(x)))

# special functions
erf: Op          = primitive("erf",          math.erf,                    lambda g, y, x: (g * _2_SQRTPI * gaussian(1)(x),),
    array="special.erf({0})", domain=((-6.0, 6.0),), latex=r"\operatorname{{erf}}({0})", meaning="error function")
erfc: Op         = primitive("erfc",         math.erfc,                   lambda g, y, x: (-g * _2_SQRTPI * gaussian(1)(x),),
    array="special.erfc({0})", domain=((-6.0, 26.0),), latex=r"\operatorname{{erfc}}({0})", meaning="1 − erf(x), exact where small")
erfinv: Op       = primitive("erfinv",       _scipy("erfinv", lambda x: -1 < x < 1), lambda g, y, x: (g / _2_SQRTPI / gaussian(1)(y),),
    array="special.erfinv({0})", domain=((-0.999, 0.999),), latex=r"\operatorname{{erf}}^{{-1}}({0})", meaning="inverse error function", defined="-1 < x < 1", ulps=16)
lgamma: Op       = primitive("lgamma",       math.lgamma,                 lambda g, y, x: (g * digamma(x),),
    array="special.gammaln({0})", domain=((0.01, 1e6),), latex=r"\log \lvert \Gamma({0}) \rvert", meaning="logarithm of the gamma function", absolute=1e-15, defined="x other than 0, -1, -2, …", truth=lambda mp, x: mp.log(mp.fabs(mp.gamma(x))))
digamma: Op      = primitive("digamma",      _scipy("digamma", _no_pole), lambda g, y, x: (g * polygamma(1)(x),),
    array="special.digamma({0})", domain=((0.01, 1e6),), symbol="ψ", latex=r"\psi({0})", meaning="derivative of lgamma", defined="x other than 0, -1, -2, …", ulps=8)

# two and more operands
pow: Op          = primitive("pow",          _power,                      lambda g, y, a, b: (g * b * a ** where(abs(a) + abs(b), b - 1, 0), g * y * log(where(a, a, 1))),
    array="np.power({0}, {1})", domain=((1e-4, 1e4), (-10.0, 10.0)), ulps=80, symbol="xʸ", latex="{0}^{{{1}}}", meaning="power; 0⁰ = 1", defined="a base above 0, or an integer exponent (not below 0 at base 0)", edges=(((0.0, 2.0), (0.0, 0.0)), ((0.0, 0.0), (0.0, 0.0)), ((0.0, 1.0), (1.0, 0.0))), truth=lambda mp, a, b: mp.power(a, b))
logaddexp: Op    = primitive("logaddexp",    _logaddexp,                  lambda g, y, a, b: (g * sigmoid(a - b), g * sigmoid(b - a)),
    array="np.logaddexp({0}, {1})", domain=((-700.0, 700.0),) * 2, latex=r"\log(e^{{{0}}} + e^{{{1}}})", meaning="log(exp(a) + exp(b))", absolute=3e-16, truth=lambda mp, a, b: b + mp.log1p(mp.exp(a - b)) if a < b else a + mp.log1p(mp.exp(b - a)))
sum: Op          = primitive("sum",          _sum,                        lambda g, y, *x: (g,) * len(x),
    terms=lambda n: [(1, i) for i in range(n)], domain=_ANY, symbol="Σ", latex=r"\operatorname{{sum}}({args})", meaning="sum, rounded once", truth=lambda mp, *x: mp.fsum(x))
mean: Op         = primitive("mean",         lambda *x: _sum(*x) / len(x), lambda g, y, *x: (g / len(x),) * len(x),
    terms=lambda n: [(1 / n, i) for i in range(n)], domain=_ANY, latex=r"\operatorname{{mean}}({args})", meaning="arithmetic mean", defined="at least one number", truth=lambda mp, *x: mp.fsum(x) / len(x))
prod: Op         = primitive("prod",         lambda *x: math.prod(x),     lambda g, y, *x: tuple(g * rest for rest in _others(x)),
    array="np.prod({args}, 0)", domain=((1e-30, 1e30),), symbol="Π", latex=r"\operatorname{{prod}}({args})", meaning="product", truth=lambda mp, *x: mp.fprod(x))
logsumexp: Op    = primitive("logsumexp",    _logsumexp,                  lambda g, y, *x: tuple(g * exp(each - y) for each in x),
    array="np.max({args}, 0) + np.log(np.sum(np.exp({args} - np.max({args}, 0)), 0))", domain=((-10.0, 10.0),), latex=r"\operatorname{{logsumexp}}({args})", meaning="log of the sum of exp", defined="at least one number", ulps=32, absolute=3e-16, truth=lambda mp, *x: mp.log(mp.fsum(map(mp.exp, x))))
dot_product: Op  = primitive("dot",          _dot,                        lambda g, y, *x: tuple(g * other for other in x[len(x) // 2:] + x[:len(x) // 2]),
    terms=lambda n: [(1, i, i + n // 2) for i in range(n // 2)], domain=((0.0, 1e100),), symbol="·", latex=r"\operatorname{{dot}}({args})", meaning="sum of products of the first half and the second", defined="two sequences of one length", truth=lambda mp, *x: mp.fdot(x[:len(x) // 2], x[len(x) // 2:]))
# fmt: on


# --- Families: operations that close over constants -----------------------------------------------------------


def _real(name: str, value: Any, *, above: float = -math.inf) -> Any:
    """A constant of a family, checked."""
    if why := refusal(value):
        raise TypeError(f"{name} = {value!r}: {why}.")
    if value < above:
        raise ValueError(f"{name} = {value!r}: wanted a number not below {above:g}.")
    return value


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@family((2,), (3,), (1,), (0,), (-1,), (-3,), (0.5,), (2.5,), (-1.5,))
def power(n: float) -> Op:
    """x to a constant power: what `x ** 3` records. 0⁰ = 1, with derivative 0; exact for integer n."""
    _real("n", n)
    return Op(
        "power",
        lambda x: _power(x, n),
        lambda g, y, x: (g * n * power(n - 1)(x),) if n else (0,),
        array=_array_power(n),
        terms={1.0: lambda _: [(1, 0)], 2.0: lambda _: [(1, 0, 0)]}.get(n),
        symbol=f"x{str(n).translate(_SUPERSCRIPTS)}" if isinstance(n, int) else f"x^{float(n):.4g}",
        latex=f"{{0}}^{{{{{n}}}}}",
        meaning="constant power",
        defined="x ≥ 0, or an integer exponent (not below 0 at x = 0)",
        domain=((1e-10, 1e10),) if n != int(n) else ((-1e10, 1e10),),
        truth=lambda mp, x: mp.power(x, n),
        edges=(((0.0,), (float(n == 1),)),) if n >= 1 or n == 0 else (),
    )


@family((0.01,), (0.5,), (0,), (2.0,))
def leaky_relu(slope: float = 0.01) -> Op:
    """x above 0, slope·x below (slope ≥ 0); at the kink the smaller of the two slopes."""
    _real("slope", slope, above=0)
    return Op(
        "leaky_relu",
        lambda x: x if x > 0 else slope * x,
        lambda g, y, x: (g * where(x, where(step(x), 1, slope), min(slope, 1)),),
        array=f"np.where({{0}} > 0.0, {{0}}, {float(slope)!r} * {{0}})",
        latex=rf"\operatorname{{{{leaky\_relu}}}}_{{{{{slope}}}}}({{0}})",
        meaning="relu with a slope below 0",
        domain=_ANY,
        truth=lambda mp, x: x if x > 0 else x * slope,
        edges=(((0.0,), (min(slope, 1.0),)),),
    )


@family((1.0,), (0.5,), (2.0,))
def elu(alpha: float = 1.0) -> Op:
    """x above 0, alpha·(exp(x) − 1) below (alpha ≥ 0); at the kink the smaller slope."""
    _real("alpha", alpha, above=0)
    return Op(
        "elu",
        lambda x: x if x > 0 else alpha * math.expm1(x),
        lambda g, y, x: (g * where(x, where(step(x), 1, alpha * exp(where(step(x), 0, x))), min(alpha, 1)),),
        array=f"np.where({{0}} > 0.0, {{0}}, {float(alpha)!r} * np.expm1(np.minimum({{0}}, 0.0)))",
        latex=rf"\operatorname{{{{elu}}}}_{{{{{alpha}}}}}({{0}})",
        meaning="exponential linear unit",
        domain=((-700.0, 1e100),),
        truth=lambda mp, x: x if x > 0 else alpha * mp.expm1(x),
        edges=(((0.0,), (min(alpha, 1.0),)),),
    )


@family((0, 1), (-2.0, 3.0), (1.5, 1.5))
def clip(low: float, high: float) -> Op:
    """x, but not below low nor above high; slope 1 strictly between, 0 at the edges and outside."""
    if _real("high", high) < _real("low", low):
        raise ValueError(f"clip({low!r}, {high!r}): low is above high.")
    return Op(
        "clip",
        lambda x: low if x < low else high if x > high else x,
        lambda g, y, x: (g * inside(low, high)(x),),
        array=f"np.minimum(np.maximum({{0}}, {float(low)!r}), {float(high)!r})",
        latex=rf"\operatorname{{{{clip}}}}({{0}}, {low}, {high})",
        meaning=f"between {low} and {high}",
        truth=lambda mp, x: min(max(x, mp.mpf(low)), mp.mpf(high)),
        edges=(((float(low),), (0.0,)), ((float(high),), (0.0,))),
    )


@family((0, 1), (-2.0, 3.0))
def inside(low: float, high: float) -> Op:
    """1 strictly between low and high, else 0: the slope of `clip`."""
    return Op(
        "inside",
        lambda x: int(low < x < high),
        lambda g, y, x: (0,),
        array=f"({{0}} > {float(low)!r}) * ({{0}} < {float(high)!r})",
        latex=f"[{low} < {{0}} < {high}]",
        meaning=f"1 strictly between {low} and {high}, else 0",
        truth=lambda mp, x: mp.mpf(low < x < high),
        edges=(((float(low),), (0.0,)), ((float(high),), (0.0,))),
    )


@family((2,), (-1,), (0,))
def round_to(digits: int) -> Op:
    """Rounded to so many decimal digits, as Python's `round(x, digits)`: what that records. Slope 0."""
    if not isinstance(digits, int):
        raise TypeError(f"round(x, {digits!r}): the number of digits is an int.")
    return Op(
        "round_to",
        lambda x: builtins.round(x, digits),
        lambda g, y, x: (0,),
        symbol="round",
        latex=rf"\operatorname{{{{round}}}}_{{{{{digits}}}}}({{0}})",
        meaning=f"rounded to {digits} decimal digits",
        domain=_WIDE,
        truth=lambda mp, x: mp.nint(x * mp.mpf(10) ** digits) / mp.mpf(10) ** digits,
    )


@family((1,), (0.5,))
def gaussian(a: float) -> Op:
    """exp(-a x²) for a power of two a, to the last digits also where x² is large."""
    _real("a", a, above=0)
    return Op(
        "gaussian",
        lambda x: _exp_of_square(a, x),
        lambda g, y, x: (-2 * a * g * x * y,),
        array=f"np.exp({-float(a)!r} * ({{0}} * {{0}}))",
        latex=rf"e^{{{{-{a} {{0}}^2}}}}",
        meaning="bell curve exp(-a x²)",
        domain=((-26.0, 26.0),),
        truth=lambda mp, x: mp.exp(-a * x * x),
    )


@family((1,), (2,))
def polygamma(n: int) -> Op:
    """The n-th derivative of digamma, n ≥ 1 (SciPy)."""
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"polygamma({n!r}): wanted a whole number, 1 or more.")
    values = _scipy("polygamma", lambda x: _no_pole(x) and x > -1e6)  # SciPy takes |x| steps where x < 0
    return Op(
        "polygamma",
        lambda x: values(n, x),
        lambda g, y, x: (g * polygamma(n + 1)(x),),
        array=f"special.polygamma({n}, {{0}})",
        symbol=f"ψ{'′' * n}" if n < 4 else f"ψ({n})",
        latex=rf"\psi^{{{{({n})}}}}({{0}})",
        meaning="derivative of digamma",
        defined="x above -1,000,000, and other than 0, -1, -2, …",
        domain=((0.01, 1e6),),
        ulps=12,
        truth=lambda mp, x: mp.psi(n, x),
    )


# --- Functions of sequences, made of the entries above --------------------------------------------------------


def dot(a: Iterable[Any], b: Iterable[Any]) -> Value:
    """Σ aᵢ bᵢ as one node.

    Args:
        a, b: sequences of n numbers or Values each.

    Raises:
        ValueError: the lengths differ.
    """
    a, b = tuple(a), tuple(b)
    if len(a) != len(b):
        raise ValueError(f"dot(a, b): a has {len(a)} elements and b has {len(b)}; they must have as many.")
    return dot_product(*a, *b)


def softmax(x: Sequence[Any]) -> list[Any]:
    """exp(xᵢ) / Σ exp(xⱼ), a list as long as `x`; stable for operands of any size."""
    total = logsumexp(*x)
    return [exp(each - total) for each in x]


def log_softmax(x: Sequence[Any]) -> list[Any]:
    """log(exp(xᵢ) / Σ exp(xⱼ)), a list as long as `x`; stable for operands of any size."""
    total = logsumexp(*x)
    return [each - total for each in x]


# --- Methods --------------------------------------------------------------------------------------------------
# x.tanh() for every operation of one operand, and NumPy's spelling of it where that differs, because
# np.arctan(x) asks an object for the method `arctan`.


def _method(op: Op, name: str) -> Callable[[Value], Value]:
    def method(self: Value) -> Value:
        return unary(op, self)

    method.__name__, method.__qualname__, method.__doc__ = name, f"Value.{name}", op.meaning
    return method


def _attach_methods() -> None:
    for op in [entry for entry in globals().values() if isinstance(entry, Op) and entry.arity == 1]:
        inverse = op.name.startswith("a") and op.name[1:] in globals() and op.name != "abs"
        for name in [op.name, f"arc{op.name[1:]}"] if inverse else [op.name]:
            setattr(Value, name, _method(op, name))


_attach_methods()
