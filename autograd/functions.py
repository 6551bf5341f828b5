"""The table of operations: one entry each, and the only place where the library knows it.

An entry is read by the engine (numbers, gradients, higher derivatives), by pictures (`symbol`, `latex`, `meaning`), by
the error messages (`defined`) and by the laws in tests/ (`domain`, `truth`, `edges`, `ulps`). What each field means is
said at `autograd.operation.Op`. Two habits of the closures:

- `backward` must not cancel, and must not overflow on the way to a finite result: tanh' is an operation of its own,
  `sech2`, because `1 - y²` has no correct digit at x = 20. Where an entry cannot keep 4 units in the last place, its
  `ulps` and `absolute` say what it does keep.
- `backward` must not branch on numbers, so that it can be recorded: it multiplies by `step`, or asks `where`. What may
  be `nothing` stands on the left of a product: it swallows what follows, whatever its arithmetic.
"""

import builtins
import functools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograd import forwards
from autograd.doubles import CODES
from autograd.engine import Value, add, binary, div, mul, neg, sub
from autograd.errors import brief, show
from autograd.operation import OPS, Op, family, number_of, primitive
from autograd.reals import is_bool, is_finite, nothing, precise, refusal

# fmt: off
__all__ = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "clip", "copysign",
    "cos", "cosh", "digamma", "dot", "elu", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "floor",
    "floor_divide", "fmod", "gaussian", "gelu", "greater", "hypot", "identity", "inside", "leaky_relu",
    "lgamma", "log", "log1p", "log2", "log10", "log_sigmoid", "log_softmax", "logaddexp", "logsumexp",
    "maximum", "mean", "minimum", "mod", "polygamma", "pow", "power", "prod", "reciprocal", "relu", "round",
    "round_to", "selu", "sigmoid", "sign", "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sqrt",
    "square", "step", "sum", "tan", "tanh", "trunc", "where",
]
"""What `autograd` shows of this file: a new operation is written here and in the table. What is only there is a part
of rules."""
# fmt: on

# --- Parts of rules -------------------------------------------------------------------------------------------


class _Irrational:
    """A constant with as many digits as the number it is asked for has: mpmath's have more than a float."""

    def __init__(self, as_float: float, exactly: Callable[[Any], Any]) -> None:
        self._as_float, self._exactly = as_float, exactly

    def __call__(self, x: Any) -> Any:
        number = number_of(x)
        if number.__class__ is float or (mp := precise(number)) is None:
            return self._as_float
        return self._exactly(mp)


def _selu(mp: Any) -> tuple[Any, Any]:
    """Scale and alpha of selu, with which mean 0 and variance 1 stay as they are.

    Source: Klambauer et al., Self-Normalizing Neural Networks (NeurIPS 2017), the fixed point (0, 1).
    """
    tail, root = mp.erfc(1 / mp.sqrt(2)), mp.exp(mp.mpf(1) / 2)
    variance = 2 * mp.erfc(mp.sqrt(2)) * mp.exp(2) + mp.pi * tail**2 * mp.e - 2 * (2 + mp.pi) * tail * root + mp.pi + 2
    return (1 - tail * root) * mp.sqrt(2 * mp.pi / variance), mp.sqrt(2 / mp.pi) / (1 - tail * root)


def _as(x: Any, constant: Any) -> Any:
    """A constant as a number that x can be mixed with: a Decimal takes no float and no fraction; floats stay floats."""
    number = number_of(x)
    if isinstance(number, float):
        return float(constant) if isinstance(constant, Fraction | Decimal) else constant
    if isinstance(number, Decimal):
        if isinstance(constant, Fraction):
            return Decimal(constant.numerator) / constant.denominator
        return constant if isinstance(constant, int) else Decimal(constant)
    if isinstance(constant, Decimal) and not isinstance(number, int):
        return Fraction(constant) if isinstance(number, Fraction) else float(constant)
    return constant


def _edge(x: Any, constant: Any) -> Any:
    """A constant to compare x with: floats are compared with a Decimal exactly, and a fraction is not."""
    return constant if isinstance(number_of(x), float) else _as(x, constant)


def _others(x: tuple[Any, ...]) -> list[Any]:
    """For each of x, the product of the others."""
    if len(x) <= _FEW:
        return [prod(*x[:i], *x[i + 1 :]) for i in range(len(x))]
    before, after = [1], [1]  # from prefixes and suffixes, so that zeros do no harm
    for i in range(len(x) - 1):
        before.append(before[-1] * x[i])
        after.append(after[-1] * x[-1 - i])
    return [left * right for left, right in zip(before, reversed(after), strict=True)]


_FEW = 8  # factors: here a product for each costs no more than prefixes and suffixes, and cannot overflow on the way


def _shares(g: Any, y: Any, x: tuple[Any, ...]) -> tuple[Any, ...]:
    """g · exp(xᵢ) / Σ exp(xⱼ), from differences to y = logsumexp(x), whose own rounding the sum makes good."""
    difference = forwards.exp_difference if y.__class__ is float else exp_difference
    parts = [difference(each, y) for each in x]
    g = g / partition(*parts)
    return tuple([g * part for part in parts])


# --- Kinks inside smooth functions ----------------------------------------------------------------------------
# |x|² is smooth at 0, and so is the square of hypot: on either side of the kink, sign(x) · k|x| is k x. The rules
# write it so where the cotangent that arrives is recorded with such a factor; then its own derivative is right at 0
# too.


def _moved(g: Any, y: Any, x: Any, odd: bool = False, depth: int = 12) -> Any:
    """The recorded g with x in the place of one factor y in each of its terms; None if a term has no such factor.

    Args:
        odd: x may take the place of y in an odd function too, since sign(x) f(|x|) is f(x).
    """
    if g.__class__ is not Value or y.__class__ is not Value or not depth:
        return None
    if g.is_leaf:
        return x if g is y else None
    if g is y or (g.op is y.op and [*map(id, g.inputs)] == [*map(id, y.inputs)]):
        return x
    if g.op is add or g.op is sub:
        moved = [_moved(each, y, x, odd, depth - 1) for each in g.inputs]
        return None if builtins.any(each is None for each in moved) else g.op(*moved)
    for k, factor in enumerate(g.inputs[: _factors(g.op, odd)]):
        if (moved := _moved(factor, y, x, odd, depth - 1)) is not None:
            return g.op(*g.inputs[:k], moved, *g.inputs[k + 1 :])
    return None


def _odd() -> tuple[Op, ...]:
    return sin, tan, asin, atan, sinh, tanh, asinh, atanh, cbrt, erf, erfinv, softsign, identity


def _factors(op: Op, odd: bool) -> int:
    """How many operands, from the left, change the sign of the result with their own."""
    exponent = op.constants[0] if op.family is power else 0
    if op is mul or op is prod:
        return sys.maxsize
    return int(op is div or op is neg or exponent == 1 or (odd and (op in _odd() or exponent % 2 == 1)))


def _to_larger(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """What a maximum y passes to a and b: to each its share of g, in which y is a and is b."""
    if y.__class__ is float:  # the same without a call
        return (g, nothing) if a > b else (nothing, g) if a < b else (0.5 * g, 0.5 * g)
    to_a, to_b = _moved(g, y, a), _moved(g, y, b)
    return greater(a, b) * (g if to_a is None else to_a), greater(b, a) * (g if to_b is None else to_b)


def _to_smaller(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    if y.__class__ is float:
        return (g, nothing) if a < b else (nothing, g) if a > b else (0.5 * g, 0.5 * g)
    to_a, to_b = _moved(g, y, a), _moved(g, y, b)
    return greater(b, a) * (g if to_a is None else to_a), greater(a, b) * (g if to_b is None else to_b)


def _relu_rule(g: Any, y: Any, x: Any) -> tuple[Any]:
    if x.__class__ is float:  # the same without a call
        return (g if x > 0 else nothing if x < 0 else 0.0 * g,)
    return (step(x) * g,)


def _abs_rule(g: Any, y: Any, x: Any) -> tuple[Any]:
    if y.__class__ is not Value or (moved := _moved(g, y, x, odd=True)) is None:
        return (sign(x) * g,)
    return (moved,)


def _hypot_rule(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    if (to_a := _moved(g, y, a)) is not None:
        return to_a, _moved(g, y, b)
    a, b = a * (u := unit(a, b)), b * u
    length = hypot(a, b)
    length = where(length, length, 1)
    return g * (a / length), g * (b / length)


def _atan2_rule(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    a, b = a * (u := unit(a, b)), b * u
    length = hypot(a, b)
    return g * (b / length / length * u), -g * (a / length / length * u)


def _sech2(e: Any) -> Any:
    """sech(x)² from e = exp(-2|x|), which costs libraries less than a cosh."""
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


# --- The table ------------------------------------------------------------------------------------------------

_LN2, _LN10 = _Irrational(math.log(2), lambda mp: mp.log(2)), _Irrational(math.log(10), lambda mp: mp.log(10))
_SQRT2 = _Irrational(math.sqrt(2), lambda mp: mp.sqrt(2))
_2_SQRTPI = _Irrational(2 / math.sqrt(math.pi), lambda mp: 2 / mp.sqrt(mp.pi))
_SQRT2PI = _Irrational(math.sqrt(2 * math.pi), lambda mp: mp.sqrt(2 * mp.pi))
_SCALE, _ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
_SELU_SCALE, _SELU_ALPHA = _Irrational(_SCALE, lambda mp: _selu(mp)[0]), _Irrational(_ALPHA, lambda mp: _selu(mp)[1])
_ANY, _WIDE, _UNIT = ((-1e300, 1e300),), ((-1000.0, 1000.0),), ((-1.0, 1.0),)
_AT_0: tuple[Any, ...] = (((0.0,), (0.0,)),)  # the convention: no slope at the kink

# fmt: off
# exponentials, logarithms, roots
exp: Op          = primitive("exp",          math.exp,                    lambda g, y, x: (g * y,),
    form=lambda f, x: f.exp(x), domain=((-745.0, 709.0),), latex="e^{{{0}}}", meaning="exponential")
expm1: Op        = primitive("expm1",        math.expm1,                  lambda g, y, x: (g * exp(x),),
    form=lambda f, x: f.expm1(x), domain=((-745.0, 709.0),), latex="e^{{{0}}} - 1", meaning="exp(x) − 1, exact near 0")
exp2: Op         = primitive("exp2",         math.exp2,                   lambda g, y, x: (g * (y * _LN2(x)),),
    form=lambda f, x: f.exp2(x), domain=((-1000.0, 1000.0),), latex="2^{{{0}}}", meaning="power of two",
    truth=lambda mp, x: mp.power(2, x))
log: Op          = primitive("log",          math.log,                    lambda g, y, x: (g / x,),
    form=lambda f, x: f.log(x), domain=((1e-300, 1e300),), latex=r"\log({0})", meaning="natural logarithm",
    defined="x > 0")
log1p: Op        = primitive("log1p",        math.log1p,                  lambda g, y, x: (g / (1 + x),),
    form=lambda f, x: f.log1p(x), domain=((-0.999999, 1e300),), latex=r"\log(1 + {0})",
    meaning="log(1 + x), exact near 0", defined="x > -1")
log2: Op         = primitive("log2",         math.log2,                   lambda g, y, x: (g / _LN2(x) / x,),
    form=lambda f, x: f.log2(x), domain=((1e-300, 1e300),), latex=r"\log_2({0})", meaning="logarithm to base 2",
    defined="x > 0", truth=lambda mp, x: mp.log(x) / mp.log(2))
log10: Op        = primitive("log10",        math.log10,                  lambda g, y, x: (g / _LN10(x) / x,),
    form=lambda f, x: f.log10(x), domain=((1e-300, 1e300),), latex=r"\log_{{10}}({0})", meaning="logarithm to base 10",
    defined="x > 0")
sqrt: Op         = primitive("sqrt",         math.sqrt,                   lambda g, y, x: (g / (2 * y),),
    form=lambda f, x: f.sqrt(x), domain=((1e-300, 1e300),), symbol="√", latex=r"\sqrt{{{0}}}", meaning="square root",
    defined="x ≥ 0")
cbrt: Op         = primitive("cbrt",         math.cbrt,                   lambda g, y, x: (g * (y / x) / 3,),
    form=lambda f, x: f.cbrt(x), domain=_ANY, symbol="∛", latex=r"\sqrt[3]{{{0}}}", meaning="cube root",
    truth=lambda mp, x: mp.sign(x) * mp.cbrt(mp.fabs(x)))
square: Op       = primitive("square",       lambda x: x * x,             lambda g, y, x: (2 * g * x,),
    form=lambda f, x: x * x, domain=((-1e150, 1e150),), symbol="x²", text="{0}²", latex="{0}^2", meaning="square",
    truth=lambda mp, x: x * x)
reciprocal: Op   = primitive("reciprocal",   lambda x: 1 / x,             lambda g, y, x: (-g * y * y,),
    form=lambda f, x: 1.0 / x, domain=((1e-150, 1e150),), symbol="1/x", text="1/{0}", latex=r"\frac{{1}}{{{0}}}",
    meaning="reciprocal", defined="x other than 0", truth=lambda mp, x: 1 / x)

# trigonometric and hyperbolic functions
sin: Op          = primitive("sin",          math.sin,                    lambda g, y, x: (g * cos(x),),
    form=lambda f, x: f.sin(x), domain=((-1e4, 1e4),), latex=r"\sin({0})", meaning="sine")
cos: Op          = primitive("cos",          math.cos,                    lambda g, y, x: (-g * sin(x),),
    form=lambda f, x: f.cos(x), domain=((-1e4, 1e4),), latex=r"\cos({0})", meaning="cosine")
tan: Op          = primitive("tan",          math.tan,                    lambda g, y, x: (g * (1 + y * y),),
    form=lambda f, x: f.tan(x), domain=((-1e4, 1e4),), latex=r"\tan({0})", meaning="tangent")
asin: Op         = primitive("asin",         math.asin, lambda g, y, x: (g / sqrt((1 - x) * (1 + x)),),
    form=lambda f, x: f.arcsin(x), domain=_UNIT, latex=r"\arcsin({0})", meaning="inverse sine", defined="-1 ≤ x ≤ 1")
acos: Op         = primitive("acos",         math.acos, lambda g, y, x: (-g / sqrt((1 - x) * (1 + x)),),
    form=lambda f, x: f.arccos(x), domain=_UNIT, latex=r"\arccos({0})", meaning="inverse cosine", defined="-1 ≤ x ≤ 1")
atan: Op         = primitive("atan",         math.atan, lambda g, y, x: (g / hypot(1, x) / hypot(1, x),),
    form=lambda f, x: f.arctan(x), domain=((-1e150, 1e150),), latex=r"\arctan({0})", meaning="inverse tangent")
atan2: Op        = primitive("atan2",        lambda a, b: math.atan2(a + 0.0, b + 0.0), _atan2_rule,
    form=lambda f, a, b: f.arctan2(a + 0.0, b + 0.0), domain=((-1e100, 1e100),) * 2,
    latex=r"\operatorname{{atan2}}({0}, {1})", meaning="angle of the point (b, a); zeros have no sign")
sinh: Op         = primitive("sinh",         math.sinh,                   lambda g, y, x: (g * cosh(x),),
    form=lambda f, x: f.sinh(x), domain=((-710.0, 710.0),), latex=r"\sinh({0})", meaning="hyperbolic sine")
cosh: Op         = primitive("cosh",         math.cosh,                   lambda g, y, x: (g * sinh(x),),
    form=lambda f, x: f.cosh(x), domain=((-710.0, 710.0),), latex=r"\cosh({0})", meaning="hyperbolic cosine")
tanh: Op         = primitive("tanh",         math.tanh,                   lambda g, y, x: (g * sech2(x),),
    form=lambda f, x: f.tanh(x), domain=((-350.0, 350.0),), latex=r"\tanh({0})", meaning="hyperbolic tangent")
sech2: Op        = primitive("sech2",        forwards.sech2,              lambda g, y, x: (-2 * g * y * tanh(x),),
    form=lambda f, x: _sech2(f.exp(-2.0 * f.abs(x))), domain=((-350.0, 350.0),), latex=r"\operatorname{{sech}}^2({0})",
    meaning="1 / cosh(x)², the slope of tanh", truth=lambda mp, x: mp.sech(x) ** 2)
asinh: Op        = primitive("asinh",        math.asinh,                  lambda g, y, x: (g / hypot(1, x),),
    form=lambda f, x: f.arcsinh(x), domain=((-1e150, 1e150),), latex=r"\operatorname{{arsinh}}({0})",
    meaning="inverse hyperbolic sine")
acosh: Op        = primitive("acosh",        math.acosh, lambda g, y, x: (g / sqrt(x - 1) / sqrt(x + 1),),
    form=lambda f, x: f.arccosh(x), domain=((1.0, 1e150),), latex=r"\operatorname{{arcosh}}({0})",
    meaning="inverse hyperbolic cosine", defined="x ≥ 1")
atanh: Op        = primitive("atanh",        math.atanh,                  lambda g, y, x: (g / ((1 - x) * (1 + x)),),
    form=lambda f, x: f.arctanh(x), domain=_UNIT, latex=r"\operatorname{{artanh}}({0})",
    meaning="inverse hyperbolic tangent", defined="-1 < x < 1")
hypot: Op        = primitive("hypot",        math.hypot,                  _hypot_rule,
    form=lambda f, a, b: f.hypot(a, b), domain=((-1e150, 1e150),) * 2, latex=r"\sqrt{{{0}^2 + {1}^2}}",
    meaning="length of (a, b)", edges=(((0.0, 0.0), (0.0, 0.0)),))
unit: Op         = primitive("unit",         forwards.unit,               lambda g, y, a, b: (0, 0),
    form=lambda f, a, b: f.where(f.maximum(f.abs(a), f.abs(b)) > 1e308, 0.5,
        f.where(f.maximum(f.abs(a), f.abs(b)) < 1e-150, 4.149515568880993e+180, 1.0)),
    domain=((-1e300, 1e300),) * 2, latex=r"\operatorname{{unit}}({0}, {1})",
    meaning="a power of two in which a² + b² is a float", truth=lambda mp, a, b: mp.mpf(forwards.unit(a, b)))

# steps, kinks, choices
abs: Op          = primitive("abs",          builtins.abs,                _abs_rule,
    form=lambda f, x: f.abs(x), domain=_ANY, symbol="|x|", text="|{0}|", latex=r"\lvert {0} \rvert",
    meaning="absolute value", edges=_AT_0, truth=lambda mp, x: mp.fabs(x))
sign: Op         = primitive("sign",         lambda x: (x > 0) - (x < 0), lambda g, y, x: (0,),
    form=lambda f, x: f.sign(x), domain=_ANY, latex=r"\operatorname{{sgn}}({0})", meaning="sign: -1, 0 or 1",
    edges=_AT_0)
step: Op         = primitive("step",         forwards.step,               lambda g, y, x: (0,),
    form=lambda f, x: x > 0.0, absent=lambda f, x: x < 0.0, domain=_ANY,
    latex=r"\operatorname{{step}}({0})", meaning="1 if x > 0, else 0",
    edges=_AT_0, truth=lambda mp, x: nothing if x < 0 else mp.mpf(x > 0))
copysign: Op     = primitive("copysign",     forwards.copysign, lambda g, y, a, b: (g * (sign(a) * copysign(1, b)), 0),
    form=lambda f, a, b: f.copysign(a, b + 0.0), domain=((-1e300, 1e300),) * 2,
    latex=r"\operatorname{{copysign}}({0}, {1})", meaning="|a| with the sign of b; zeros have none",
    edges=(((0.0, 2.0), (0.0, 0.0)), ((2.0, 0.0), (1.0, 0.0))),
    truth=lambda mp, a, b: -mp.fabs(a) if b < 0 else mp.fabs(a))
floor: Op        = primitive("floor",        math.floor,                  lambda g, y, x: (0,),
    form=lambda f, x: f.floor(x), domain=_WIDE, symbol="⌊x⌋", text="⌊{0}⌋", latex=r"\lfloor {0} \rfloor",
    meaning="next integer below", edges=_AT_0)
ceil: Op         = primitive("ceil",         math.ceil,                   lambda g, y, x: (0,),
    form=lambda f, x: f.ceil(x), domain=_WIDE, symbol="⌈x⌉", text="⌈{0}⌉", latex=r"\lceil {0} \rceil",
    meaning="next integer above", edges=_AT_0)
trunc: Op        = primitive("trunc",        math.trunc,                  lambda g, y, x: (0,),
    form=lambda f, x: f.trunc(x), domain=_WIDE, latex=r"\operatorname{{trunc}}({0})", meaning="integer part",
    truth=lambda mp, x: mp.sign(x) * mp.floor(mp.fabs(x)))
round: Op        = primitive("round",        builtins.round,              lambda g, y, x: (0,),
    form=lambda f, x: f.rint(x), domain=_WIDE, latex=r"\operatorname{{round}}({0})",
    meaning="nearest integer, halves to even", truth=lambda mp, x: mp.nint(x))
greater: Op      = primitive("greater",      forwards.greater,            lambda g, y, a, b: (0, 0),
    form=lambda f, a, b: (a > b) + 0.5 * (a == b), absent=lambda f, a, b: a < b,
    domain=((-1e300, 1e300),) * 2, symbol=">", latex="[{0} > {1}]", meaning="1 if a > b, ½ if equal, else 0",
    edges=(((2.0, 2.0), (0.0, 0.0)),),
    truth=lambda mp, a, b: nothing if a < b else mp.mpf(1) / (1 + (a == b)))
maximum: Op      = primitive("maximum",      max,                         _to_larger,
    form=lambda f, a, b: f.maximum(a, b), domain=((-1e300, 1e300),) * 2, symbol="max", latex=r"\max({0}, {1})",
    meaning="the larger; a tie shares ½, ½", edges=(((2.0, 2.0), (0.5, 0.5)),), truth=lambda mp, a, b: max(a, b))
minimum: Op      = primitive("minimum",      min,                         _to_smaller,
    form=lambda f, a, b: f.minimum(a, b), domain=((-1e300, 1e300),) * 2, symbol="min", latex=r"\min({0}, {1})",
    meaning="the smaller; a tie shares ½, ½", edges=(((2.0, 2.0), (0.5, 0.5)),), truth=lambda mp, a, b: min(a, b))
where: Op        = primitive("where",        lambda c, a, b: a if c else b,
    lambda g, y, c, a, b: (0, where(c, g, nothing), where(c, nothing, g)),
    form=lambda f, c, a, b: f.where(c != 0.0, a, b), domain=((-1.0, 1.0), (-1e300, 1e300), (-1e300, 1e300)),
    latex=r"({0}\;?\;{1} : {2})", meaning="a if c else b", truth=lambda mp, c, a, b: a if c else b)
mod: Op          = primitive("mod",          forwards.mod, lambda g, y, a, b: (g, -g * floor_divide(a, b)),
    form=lambda f, a, b: f.mod(a, b), domain=((-1000.0, 1000.0), (0.01, 1000.0)), symbol="%", latex=r"{0} \bmod {1}",
    meaning="remainder, with the sign of the divisor", defined="a divisor other than 0",
    truth=lambda mp, a, b: mp.mpf(a) % mp.mpf(b))
fmod: Op         = primitive("fmod",         forwards.fmod, lambda g, y, a, b: (g, -g * round((a - y) / b)),
    form=lambda f, a, b: f.fmod(a, b), domain=((-1000.0, 1000.0), (0.01, 1000.0)),
    latex=r"\operatorname{{fmod}}({0}, {1})", meaning="remainder, with the sign of the dividend",
    defined="a divisor other than 0", truth=lambda mp, a, b: mp.sign(a) * (abs(mp.mpf(a)) % abs(mp.mpf(b))))
floor_divide: Op = primitive("floor_divide", forwards.floor_divide,       lambda g, y, a, b: (0, 0),
    form=lambda f, a, b: f.floor_divide(a, b), domain=((-1000.0, 1000.0), (0.01, 1000.0)), symbol="//",
    latex=r"\lfloor {0} / {1} \rfloor", meaning="quotient rounded down", defined="a divisor other than 0",
    truth=lambda mp, a, b: mp.floor(a / b))

# activations
identity: Op     = primitive("identity",     lambda x: x,                 lambda g, y, x: (g,),
    form=lambda f, x: x, domain=_ANY, symbol="id", latex=r"\operatorname{{id}}({0})",
    meaning="x itself, as a node of its own", truth=lambda mp, x: x)
sigmoid: Op      = primitive("sigmoid",      forwards.sigmoid, lambda g, y, x: (g * sigmoid(x) * sigmoid(-x),),
    form=lambda f, x: 1.0 / (1.0 + f.exp(-x)), domain=((-700.0, 700.0),), symbol="σ", latex=r"\sigma({0})",
    meaning="logistic function 1 / (1 + exp(-x))", truth=lambda mp, x: 1 / (1 + mp.exp(-x)))
log_sigmoid: Op  = primitive("log_sigmoid",  lambda x: -softplus(-x),     lambda g, y, x: (g * sigmoid(-x),),
    form=lambda f, x: f.minimum(x, 0.0) - f.log1p(f.exp(-f.abs(x))), domain=((-700.0, 700.0),),
    latex=r"\log(\sigma({0}))", meaning="logarithm of the logistic function", truth=lambda mp, x: -mp.log1p(mp.exp(-x)))
softplus: Op     = primitive("softplus",     lambda x: max(x, 0.0) + math.log1p(math.exp(-builtins.abs(x))),
    lambda g, y, x: (g * sigmoid(x),),
    form=lambda f, x: f.maximum(x, 0.0) + f.log1p(f.exp(-f.abs(x))), domain=((-700.0, 700.0),),
    latex=r"\log(1 + e^{{{0}}})", meaning="log(1 + exp(x))", truth=lambda mp, x: mp.log1p(mp.exp(x)))
softsign: Op     = primitive("softsign",     lambda x: x / (1 + builtins.abs(x)),
    lambda g, y, x: (g / (1 + abs(x)) / (1 + abs(x)),),
    form=lambda f, x: x / (1.0 + f.abs(x)), domain=((-1e100, 1e100),), latex=r"\frac{{{0}}}{{1 + \lvert {0} \rvert}}",
    meaning="x / (1 + |x|)", truth=lambda mp, x: x / (1 + mp.fabs(x)))
relu: Op         = primitive("relu",         forwards.relu,               _relu_rule,
    form=lambda f, x: f.maximum(x, 0.0), domain=_ANY, latex=r"\operatorname{{relu}}({0})",
    meaning="rectified linear unit, max(x, 0)", edges=_AT_0, truth=lambda mp, x: max(x, mp.mpf(0)))
silu: Op         = primitive("silu",         lambda x: x * forwards.sigmoid(x) if x < -700 else x / (1 + math.exp(-x)),
    lambda g, y, x: (g * sigmoid(x) * (1 + x * sigmoid(-x)),),
    form=lambda f, x: x / (1.0 + f.exp(-x)), domain=((-700.0, 700.0),), latex=r"\operatorname{{silu}}({0})",
    meaning="x times its logistic function (swish)", absolute=3e-16, truth=lambda mp, x: x / (1 + mp.exp(-x)))
gelu: Op         = primitive("gelu",         lambda x: x * (math.erfc(-x / math.sqrt(2)) / 2),
    lambda g, y, x: (g * (erfc(-x / _SQRT2(x)) / 2 + x * gaussian(0.5)(x) / _SQRT2PI(x)),),
    form=lambda f, x: x * f.erfc(-x / 1.4142135623730951) * 0.5, domain=((-8.0, 1000.0),),
    latex=r"\operatorname{{gelu}}({0})", meaning="x times its normal distribution function", absolute=3e-16,
    truth=lambda mp, x: x * mp.erfc(-x / mp.sqrt(2)) / 2)
selu: Op         = primitive("selu",         lambda x: _SCALE * (x if x > 0 else _ALPHA * math.expm1(x)),
    lambda g, y, x: (g * _SELU_SCALE(x) * where(step(-x), _SELU_ALPHA(x) * exp(minimum(x, 0)), 1),),
    form=lambda f, x: _SCALE * f.where(x > 0.0, x, _ALPHA * f.expm1(f.minimum(x, 0.0))), domain=((-700.0, 1e100),),
    latex=r"\operatorname{{selu}}({0})", meaning="self-normalising elu", edges=(((0.0,), (_SCALE,)),),
    truth=lambda mp, x: _selu(mp)[0] * (x if x > 0 else _selu(mp)[1] * mp.expm1(x)))

# special functions
erf: Op          = primitive("erf",          math.erf, lambda g, y, x: (g * _2_SQRTPI(x) * gaussian(1)(x),),
    form=lambda f, x: f.erf(x), domain=((-6.0, 6.0),), latex=r"\operatorname{{erf}}({0})", meaning="error function")
erfc: Op         = primitive("erfc",         math.erfc, lambda g, y, x: (-g * _2_SQRTPI(x) * gaussian(1)(x),),
    form=lambda f, x: f.erfc(x), domain=((-6.0, 26.0),), latex=r"\operatorname{{erfc}}({0})",
    meaning="1 − erf(x), exact where small")
erfinv: Op       = primitive("erfinv",       forwards.scipy("erfinv", lambda x: -1 < x < 1),
    lambda g, y, x: (g / _2_SQRTPI(x) / gaussian(1)(y),),
    form=lambda f, x: f.erfinv(x), domain=((-0.999, 0.999),), latex=r"\operatorname{{erf}}^{{-1}}({0})",
    meaning="inverse error function", defined="-1 < x < 1", ulps=16)
lgamma: Op       = primitive("lgamma",       math.lgamma,                 lambda g, y, x: (g * digamma(x),),
    form=lambda f, x: f.gammaln(x), domain=((0.01, 1e6),), latex=r"\log(\lvert \Gamma({0}) \rvert)",
    meaning="logarithm of the gamma function", absolute=1e-15, defined="x other than 0, -1, -2, …",
    truth=lambda mp, x: mp.log(mp.fabs(mp.gamma(x))))
digamma: Op      = primitive("digamma",      forwards.scipy("digamma", forwards.no_pole),
    lambda g, y, x: (g * polygamma(1)(x),),
    form=lambda f, x: f.digamma(x), domain=((0.01, 1e6),), symbol="ψ", latex=r"\psi({0})",
    meaning="derivative of lgamma", defined="x other than 0, -1, -2, …", ulps=8)

# two and more operands
pow: Op          = primitive("pow",          forwards.power,
    lambda g, y, a, b: (g * pow_derivative(1, 0)(a, b), g * pow_derivative(0, 1)(a, b)),
    form=lambda f, a, b: f.power(a, b), domain=((1e-4, 1e4), (-10.0, 10.0)), ulps=80, symbol="xʸ", text="{0}^{1}",
    latex="{0}^{{{1}}}", meaning="power; 0⁰ = 1",
    defined="a base above 0, or an integer exponent (not below 0 at base 0)",
    edges=(((0.0, 2.0), (0.0, 0.0)), ((0.0, 0.0), (0.0, 0.0)), ((0.0, 1.0), (1.0, 0.0))),
    truth=lambda mp, a, b: mp.power(a, b))
logaddexp: Op    = primitive("logaddexp",    forwards.logaddexp, lambda g, y, a, b: (g * share(a, b), g * share(b, a)),
    form=lambda f, a, b: f.logaddexp(a, b), domain=((-700.0, 700.0),) * 2, latex=r"\log(e^{{{0}}} + e^{{{1}}})",
    meaning="log(exp(a) + exp(b))", absolute=3e-16,
    truth=lambda mp, a, b: b + mp.log1p(mp.exp(a - b)) if a < b else a + mp.log1p(mp.exp(b - a)))
share: Op        = primitive("share",        forwards.share,
    lambda g, y, a, b: (g * (y * share(b, a)), -g * (y * share(b, a))),
    form=lambda f, a, b: 1.0 / (1.0 + f.exp(b - a)), domain=((-350.0, 350.0),) * 2,
    latex=r"\frac{{e^{{{0}}}}}{{e^{{{0}}} + e^{{{1}}}}}", meaning="exp(a) / (exp(a) + exp(b)), the slope of logaddexp",
    truth=lambda mp, a, b: 1 / (1 + mp.exp(b - a)))
exp_difference: Op = primitive("exp_difference", forwards.exp_difference, lambda g, y, a, b: (g * y, -g * y),
    form=lambda f, a, b: f.exp(a - b), domain=((-350.0, 350.0),) * 2, latex="e^{{{0} - {1}}}",
    meaning="exp(a - b), where a and b are large too", truth=lambda mp, a, b: mp.exp(mp.mpf(a) - b))
sum: Op          = primitive("sum",          forwards.sum,                lambda g, y, *x: (g,) * len(x),
    terms=lambda n: [(1, i) for i in range(n)], domain=_ANY, symbol="Σ", latex=r"\operatorname{{sum}}({args})",
    meaning="sum, rounded once", truth=lambda mp, *x: mp.fsum(x))
partition: Op    = primitive("partition",    forwards.sum,                lambda g, y, *x: (g,) * len(x),
    form=lambda f, args: f.sum(args), domain=((0.0, 1e300),), symbol="Σ", latex=r"\operatorname{{sum}}({args})",
    meaning="sum of the parts of a softmax", truth=lambda mp, *x: mp.fsum(x))
mean: Op         = primitive("mean",         forwards.mean,               lambda g, y, *x: (g / len(x),) * len(x),
    terms=lambda n: [(1 / n, i) for i in range(n)], domain=_ANY, latex=r"\operatorname{{mean}}({args})",
    meaning="arithmetic mean", defined="at least one number", truth=lambda mp, *x: mp.fsum(x) / len(x))
prod: Op         = primitive("prod",         forwards.prod, lambda g, y, *x: tuple(g * rest for rest in _others(x)),
    form=lambda f, args: f.prod(args), domain=((1e-30, 1e30),), symbol="Π", latex=r"\operatorname{{prod}}({args})",
    meaning="product", truth=lambda mp, *x: mp.fprod(x))
logsumexp: Op    = primitive("logsumexp",    forwards.logsumexp,          lambda g, y, *x: _shares(g, y, x),
    form=lambda f, args: f.max(args) + f.log(f.sum(f.exp(args - f.max(args)))), domain=((-10.0, 10.0),),
    latex=r"\operatorname{{logsumexp}}({args})", meaning="log of the sum of exp", defined="at least one number",
    absolute=3e-16, truth=lambda mp, *x: mp.log(mp.fsum(map(mp.exp, x))))
pivot: Op        = primitive("pivot",        lambda *x: builtins.round(max(x)), lambda g, y, *x: (0,) * len(x),
    form=lambda f, args: f.rint(f.max(args)), domain=_WIDE, latex=r"\lfloor \max({args}) \rceil",
    meaning="the largest, rounded: where the others are measured from", defined="at least one number",
    truth=lambda mp, *x: mp.nint(max(x)))
log_sum_rest: Op = primitive("log_sum_rest", forwards.lost,               lambda g, y, *x: (0,) * len(x),
    terms=lambda n: [], domain=((-10.0, 10.0),), latex=r"\operatorname{{rest}}({args})",
    meaning="what rounding takes from log(Σ exp(x)); 0 but for that", defined="at least one number", absolute=2e-15,
    truth=forwards.lost_in)
dot_product: Op  = primitive("dot",          forwards.dot,
    lambda g, y, *x: tuple(g * other for other in x[len(x) // 2:] + x[:len(x) // 2]),
    terms=lambda n: [(1, i, i + n // 2) for i in range(n // 2)], domain=((0.0, 1e100),), symbol="·", text="dot({args})",
    latex=r"\operatorname{{dot}}({args})", meaning="sum of products of the first half and the second",
    defined="two sequences of one length", truth=lambda mp, *x: mp.fdot(x[:len(x) // 2], x[len(x) // 2:]))
# fmt: on


# --- Families: operations that close over constants -----------------------------------------------------------


def _real(called: str, name: str, value: Any, *, positive: bool = False, as_float: bool = False) -> Any:
    """A constant of a family, checked.

    Args:
        positive: it is finite, and not below 0.
        as_float: it has to fit a float, since the operation has no exact results.
    """
    given = f"{called}({name}={brief(value)})"
    if why := refusal(value):
        raise TypeError(f"{given}: {why}.")
    if as_float and math.isinf(_float(value)):
        raise ValueError(f"{given}: wanted a number that fits a float.")
    if positive and not (is_finite(value) and value >= 0):
        raise ValueError(f"{given}: wanted a finite number, not below 0.")
    return value


def _whole(called: str, name: str, value: Any, least: int, most: int) -> int:
    given = f"{called}({name}={brief(value)}): wanted a whole number from {least:,} to {most:,}"
    if not isinstance(value, int) or is_bool(value):
        raise TypeError(f"{given}, not {type(value).__name__}.")
    if not least <= value <= most:
        raise ValueError(f"{given}.")
    return value


def _interval(called: str, low: Any, high: Any) -> None:
    if _real(called, "low", low) > _real(called, "high", high):
        raise ValueError(f"{called}({brief(low)}, {brief(high)}): low is above high.")


def _float(constant: Any) -> float:
    """A constant as a float, infinite where it is too large for one."""
    try:
        return float(constant)
    except OverflowError:
        return math.inf if constant > 0 else -math.inf


def _edges(*edges: tuple[float, float]) -> tuple[Any, ...]:
    """Edges of an operation of one operand, but for those that no float is."""
    return tuple(((x,), (_float(slope),)) for x, slope in edges if math.isfinite(x) and math.isfinite(slope))


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _power_form(f: Any, x: Any, n: Any) -> Any:
    if n in (1, 2, 3):
        return functools.reduce(operator.mul, [x] * int(n))
    if isinstance(n, int) and n % 2 and builtins.abs(n) > 2**53:
        return f.sign(x) * f.power(f.abs(x), _float(n))
    return f.sqrt(x) if n == 0.5 else f.power(x, _float(n))


def _power_rule(n: Any, whole: bool, g: Any, y: Any, x: Any) -> Any:
    """n · x^(n-1); as n · y / x where x^(n-1) may overflow, or where n - 1 would be rounded: below 1."""
    if -1 < n < 1 or (n < 0 and not whole):
        return g * (_as(x, n) * y / x) if n else 0
    if math.isinf(_float(n)) and isinstance(number_of(x), float):
        return g * (y * 1e308 * 1e308)  # y is 0, or the slope is too large for a float
    return g * (_as(x, n) * power(n - 1)(x))


@family((2,), (3,), (1,), (0,), (-1,), (-3,), (0.5,), (2.5,), (-1.5,))
def power(n: float) -> Op:
    """x to a constant power: what `x ** 3` records. 0⁰ = 1, with derivative 0; exact for integer n."""
    _real("power", "n", n)
    whole = isinstance(n, int) or (is_finite(n) and n % 1 == 0)
    far = min(1e10, 10 ** (300 / max(30.0, builtins.abs(_float(n)))))  # where powers fit a float
    short = isinstance(n, int) and builtins.abs(n) < 1e6
    text = f"{{0}}{str(n).translate(_SUPERSCRIPTS)}" if short else "{0}^{1}"
    return Op(
        "power",
        forwards.power_of(n),
        lambda g, y, x: (_power_rule(n, whole, g, y, x),),
        form=lambda f, x: _power_form(f, x, n),
        symbol=text.format("x", f"{Decimal(n) if isinstance(n, int) else float(n):.4g}"),
        text=text,
        latex="{0}^{{{1}}}",
        meaning="constant power",
        defined="x ≥ 0, or an integer exponent (not below 0 at x = 0)",
        domain=((-far, far),) if whole else ((1 / far, far),),
        truth=lambda mp, x: mp.power(x, n),
        edges=_edges((0.0, float(n == 1))) if n >= 1 or n == 0 else (),
    )


Polynomial = list[int]  # coefficients, the constant first


def _at(polynomial: Sequence[float], b: Any) -> Any:
    y: Any = polynomial[-1]
    for coefficient in polynomial[-2::-1]:
        y = y * b + coefficient
    return y


def _pow_parts(n: int, k: int) -> list[tuple[int, Polynomial]]:
    """∂ⁿ/∂aⁿ ∂ᵏ/∂bᵏ aᵇ = a^(b-n) · Σ log(a)^p · polynomial(b): the pairs of p and polynomial, by Leibniz' rule."""
    falling: Polynomial = [1]
    for i in range(n):  # times (b - i)
        falling = [low - i * high for low, high in zip([0, *falling], [*falling, 0], strict=True)]
    parts = []
    for j in range(min(k, n) + 1):
        parts.append((k - j, [math.comb(k, j) * c for c in falling]))
        falling = [i * c for i, c in enumerate(falling)][1:]
    return parts


def _pow_derivative(n: int, parts: list[tuple[int, Polynomial]], a: Any, b: Any, power: Any, log: Any) -> Any:
    factors = [(p, _at(polynomial, b)) for p, polynomial in parts]
    if a == 0:
        return _pow_derivative_at_zero(n, factors, a, b)
    if any(p and factor for p, factor in factors):
        logarithm = log(a)
        factor = builtins.sum(factor * logarithm**p for p, factor in factors)
    else:
        factor = factors[-1][1] if not factors[-1][0] else 0 * b
    if not factor:
        return 0 * factor * a
    if -1 < b < 1 or builtins.abs(b) > 2**53:  # a^(b-n) may overflow where the product does not; b-n may not be odd
        return functools.reduce(lambda y, _: y / a, range(n), factor * power(a, b))
    return factor * power(a, b - n)


def _pow_derivative_at_zero(n: int, factors: list[tuple[int, Any]], a: Any, b: Any) -> Any:
    finite = all(not factor for p, factor in factors if p) and (b == n or not factors[-1][1])
    if b > n or (finite and b != n) or (n == 0 and b == 0):  # 0⁰ is a jump in the exponent
        return 0 * a
    if not finite:
        raise ValueError
    return factors[-1][1]


def _logarithm(a: Any) -> Any:
    return a.ln() if isinstance(a, Decimal) else math.log(a)


def _pow_derivative_form(f: Any, a: Any, b: Any, n: int, parts: list[tuple[int, Polynomial]]) -> Any:
    """`_pow_derivative` on arrays: nan where it has no value."""
    factors = [(p, _at(list(map(_float, polynomial)), b)) for p, polynomial in parts]
    constant = next((factor for p, factor in factors if not p), 0.0)
    logs = functools.reduce(operator.add, [f.abs(factor) for p, factor in factors if p] or [0.0])
    logarithm = f.log(f.where(a > 0.0, a, 1.0))
    powers = [functools.reduce(operator.mul, [logarithm] * p, factor) for p, factor in factors]
    factor = functools.reduce(operator.add, powers)
    divided = functools.reduce(lambda y, _: y / a, range(n), factor * f.power(a, b))
    plain = factor * f.power(a, f.where(factor == 0.0, 0.0, b - float(n)))
    apart = (f.abs(b) < 1.0) + (f.abs(b) > 9007199254740992.0)
    at_n = f.where(logs == 0.0, constant, math.nan) if n else 0.0
    below = f.where(logs + f.abs(constant) == 0.0, 0.0, math.nan)
    at_zero = f.where(b > float(n), 0.0, f.where(b == float(n), at_n, below))
    real = f.where((a < 0.0) * logs != 0.0, math.nan, f.where(apart, divided, plain))
    return f.where(a == 0.0, at_zero, real)


@family((1, 0), (0, 1), (1, 1), (2, 0))
def pow_derivative(n: int, k: int) -> Op:
    """The n-th derivative in a of the k-th in b of aᵇ, not both 0; at 0⁰ it is 0 if n is."""
    if not _whole("pow_derivative", "n", n, 0, 1000) + _whole("pow_derivative", "k", k, 0, 1000):
        raise ValueError("pow_derivative(0, 0): not both can be 0; this is the power itself.")
    parts = _pow_parts(n, k)
    return Op(
        "pow_derivative",
        lambda a, b: _pow_derivative(n, parts, a, b, forwards.power, _logarithm),
        lambda g, y, a, b: (g * pow_derivative(n + 1, k)(a, b), g * pow_derivative(n, k + 1)(a, b)),
        form=lambda f, a, b: _pow_derivative_form(f, a, b, n, parts),
        symbol="∂xʸ",
        text="pow_derivative({args})",
        meaning="derivative of a power",
        defined="a base above 0, or an integer exponent and no logarithm of the base",
        domain=((0.5, 2.0), (-3.0, 3.0)),
        ulps=16,
        absolute=1e-13,
        truth=lambda mp, a, b: _pow_derivative(n, parts, a, b, mp.power, mp.log),
    )


@family((0.01,), (0.5,), (0,), (2.0,))
def leaky_relu(slope: float = 0.01) -> Op:
    """x above 0, slope·x below (slope ≥ 0); at the kink the smaller of the two slopes."""
    _real("leaky_relu", "slope", slope, positive=True)

    def rule(g: Any, y: Any, x: Any) -> tuple[Any]:
        return ((where(x, where(step(x), 1, _as(x, slope)), _as(x, min(slope, 1))) if slope else step(x)) * g,)

    return Op(
        "leaky_relu",
        lambda x: x if x > 0 else _as(x, slope) * x,
        rule,
        form=lambda f, x: f.where(x > 0.0, x, _float(slope) * x),
        latex=r"\operatorname{{leaky\_relu}}_{{{1}}}({0})",
        meaning="relu with a slope below 0",
        domain=_ANY,
        truth=lambda mp, x: x if x > 0 else x * slope,
        edges=_edges((0.0, min(slope, 1.0))),
    )


@family((1.0,), (0.5,), (2.0,))
def elu(alpha: float = 1.0) -> Op:
    """x above 0, alpha·(exp(x) − 1) below (alpha ≥ 0); at the kink the smaller slope."""
    _real("elu", "alpha", alpha, positive=True, as_float=True)

    def rule(g: Any, y: Any, x: Any) -> tuple[Any]:
        if not alpha:
            return (step(x) * g,)
        growth = exp(minimum(x, 0))
        return (g * where(x, where(step(x), 1, _as(growth, alpha) * growth), _as(x, min(alpha, 1))),)

    return Op(
        "elu",
        lambda x: x if x > 0 else float(alpha) * math.expm1(x),
        rule,
        form=lambda f, x: f.where(x > 0.0, x, float(alpha) * f.expm1(f.minimum(x, 0.0))),
        latex=r"\operatorname{{elu}}_{{{1}}}({0})",
        meaning="exponential linear unit",
        domain=((-700.0, 1e100),),
        truth=lambda mp, x: x if x > 0 else alpha * mp.expm1(x),
        edges=_edges((0.0, min(alpha, 1.0))),
    )


@family((0, 1), (-2.0, 3.0), (1.5, 1.5))
def clip(low: float, high: float) -> Op:
    """x, but not below low nor above high; slope 1 strictly between, 0 at the edges and outside."""
    _interval("clip", low, high)
    slope = inside(low, high)
    return Op(
        "clip",
        lambda x: _as(x, low) if x < _edge(x, low) else _as(x, high) if x > _edge(x, high) else x,
        lambda g, y, x: (slope(x) * g,),
        form=lambda f, x: f.minimum(f.maximum(x, _float(low)), _float(high)),
        latex=r"\operatorname{{clip}}({0}, {1}, {2})",
        meaning=f"between {brief(low)} and {brief(high)}",
        truth=lambda mp, x: min(max(x, mp.mpf(low)), mp.mpf(high)),
        edges=_edges(*((_float(each), 0.0) for each in (low, high) if each == _float(each))),
    )


@family((0, 1), (-2.0, 3.0))
def inside(low: float, high: float) -> Op:
    """1 strictly between low and high, else 0: the slope of `clip`."""
    _interval("inside", low, high)
    return Op(
        "inside",
        lambda x: forwards.inside(_edge(x, low), _edge(x, high), x),
        lambda g, y, x: (0,),
        form=lambda f, x: (x > _float(low)) * (x < _float(high)),
        absent=lambda f, x: (x < _float(low)) + (x > _float(high)),
        latex="[{1} < {0} < {2}]",
        meaning=f"1 strictly between {brief(low)} and {brief(high)}, else 0",
        truth=lambda mp, x: nothing if x < low or x > high else mp.mpf(low < x < high),
        edges=_edges(*((_float(each), 0.0) for each in (low, high) if each == _float(each))),
    )


@family((2,), (-1,), (0,))
def round_to(digits: int) -> Op:
    """Rounded to so many decimal digits, as Python's `round(x, digits)`: what that records. Slope 0."""
    _whole("round_to", "digits", digits, -10_000, 10_000)
    return Op(
        "round_to",
        lambda x: builtins.round(x, digits),
        lambda g, y, x: (0,),
        symbol="round",
        latex=r"\operatorname{{round}}_{{{1}}}({0})",
        meaning=f"rounded to {digits} decimal digits",
        domain=_WIDE,
        truth=lambda mp, x: mp.nint(x * mp.mpf(10) ** digits) / mp.mpf(10) ** digits,
    )


@family((1,), (0.5,))
def gaussian(a: float) -> Op:
    """exp(-a x²) with a ≥ 0, accurate to the last digits even where x² is large."""
    _real("gaussian", "a", a, positive=True, as_float=True)
    far = min(26 / math.sqrt(a), 1e150) if a else 1e150

    def rule(g: Any, y: Any, x: Any) -> tuple[Any]:
        narrow = -1 < number_of(x) < 1  # there x y may have few digits left, and outside a x may overflow
        return (g * (-2 * (_as(x, a) * x * y if narrow else _as(x, a) * (x * y))),)

    return Op(
        "gaussian",
        forwards.gaussian(a),
        rule,
        form=lambda f, x: f.exp(-float(a) * (x * x)),
        latex=r"e^{{-{1} \times {0}^2}}",
        meaning="bell curve exp(-a x²)",
        domain=((-far, far),),
        truth=lambda mp, x: mp.exp(-a * x * x),
    )


@family((1,), (2,), last=True)
def polygamma(n: int) -> Op:
    """The n-th derivative of digamma, n ≥ 1 (SciPy)."""
    _whole("polygamma", "n", n, 1, 170)
    far = 10 ** (300 / (n + 1)) if n > 20 else math.inf  # SciPy multiplies n! with what is 0 from here on
    values = forwards.scipy("polygamma", lambda x: -1e6 < x < far and forwards.no_pole(x))  # takes |x| steps below 0
    symbol = f"ψ{'′' * n}" if n < 4 else f"ψ⁽{str(n).translate(_SUPERSCRIPTS)}⁾"
    return Op(
        "polygamma",
        lambda x: values(n, x),
        lambda g, y, x: (g * polygamma(n + 1)(x),),
        form=lambda f, x: f.polygamma(n, x),
        symbol=symbol,
        text=f"{symbol}({{0}})",
        latex=r"\psi^{{({1})}}({0})",
        meaning="derivative of digamma",
        defined=f"-1,000,000 < x{f' < {far:.3g}' if n > 20 else ''}, x ≠ 0, -1, -2, …",
        domain=((0.01, min(far, 1e6)),),
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
    a, b = _several("dot", a), _several("dot", b)
    if len(a) != len(b):
        raise ValueError(f"dot(a, b): a has {len(a)} elements and b has {len(b)}; wanted as many in both.")
    return dot_product(*a, *b)


def softmax(x: Sequence[Any]) -> list[Any]:
    """exp(xᵢ) / Σ exp(xⱼ), a list as long as `x`; accurate to the last digits for operands of any size."""
    x = _several("softmax", x)
    largest = pivot(*x)
    parts = [_binary(exp_difference, each, largest) for each in x]
    total = partition(*parts)
    return [part / total for part in parts]


def _several(called: str, x: Any) -> list[Any]:
    if not isinstance(x, Iterable):
        raise TypeError(f"{called}: got {show(x)}; wanted a sequence of numbers or Values.")
    return list(x)


def _binary(op: Op, a: Any, b: Any) -> Any:
    return binary(op, a, b) if a.__class__ is Value and b.__class__ is Value else op(a, b)


def log_softmax(x: Sequence[Any]) -> list[Any]:
    """log(exp(xᵢ) / Σ exp(xⱼ)), a list as long as `x`; accurate for operands of any size, even near 0."""
    x = _several("log_softmax", x)
    largest = pivot(*x)
    x = [each - largest for each in x]
    total, rest = log(partition(*map(exp, x))), log_sum_rest(*x)
    return [each - total - rest for each in x]


# --- Kernels --------------------------------------------------------------------------------------------------

MEMBERS = (
    *(power(n) for n in (2, 3, 4, -1, -2, 0.5, 1.5, -0.5, 2.0, 3.0)),
    leaky_relu(0.01),
)
"""Of families, those that have a kernel where the engine is compiled (`make kernels` writes them from this table)."""
for _op in (*OPS.values(), *MEMBERS):
    if isinstance(_op, Op):
        object.__setattr__(_op, "code", CODES.get(_op.name, 0))
