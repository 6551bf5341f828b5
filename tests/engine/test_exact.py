"""Laws of exact numbers: every operation on int, Fraction, Decimal and mpmath's mpf, its gradients by both ways."""

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from mpmath import mpf

import autograd as ag
from autograd import Op, Value, gradients, operations
from autograd.laws import oracle
from autograd.reals import nothing

mp: Any = mpmath.mp
DIGITS = 50
with mp.workdps(DIGITS):
    THIRD = mpf(1) / 3

OPERANDS: dict[str, list[tuple[Any, ...]]] = {
    "int": [(2, 3, 4), (-2, 3, 5), (0, 2, 1)],
    "Fraction": [
        (Fraction(1, 3), Fraction(5, 2), Fraction(2, 5)),
        (Fraction(-1, 3), Fraction(2), Fraction(7, 3)),
        (Fraction(7, 3), Fraction(1, 3), Fraction(3)),
    ],
    "Decimal": [
        (Decimal("0.3"), Decimal("2.5"), Decimal("0.4")),
        (Decimal("-0.3"), Decimal(2), Decimal("0.7")),
        (Decimal("2.3"), Decimal("0.3"), Decimal(3)),
    ],
    "mpf": [(THIRD, 7 * THIRD, THIRD / 5), (-THIRD, mpf(2), 7 * THIRD), (7 * THIRD, THIRD, mpf(3))],
}
ERROR = {"int": 1e-13, "Fraction": 1e-13, "Decimal": 1e-13, "mpf": mpf(10) ** (4 - DIGITS)}
"""Relative to the result, or to 0.1 where it is smaller: a few units in the last place of a float, or of 50 digits."""
RATIONAL = {
    *("add", "sub", "mul", "div", "neg", "square", "reciprocal", "abs", "sign", "step", "floor", "ceil", "trunc"),
    *("round", "greater", "maximum", "minimum", "where", "mod", "floor_divide", "identity", "softsign", "relu", "sum"),
    *("mean", "prod", "dot", "power(2)", "power(3)", "power(1)", "power(0)", "power(-1)", "power(-3)"),
    *("clip(0, 1)", "inside(0, 1)", "leaky_relu(0)", "round_to(2)"),
}
EXACT = {"Fraction": (Fraction, mpf(10) ** -58), "Decimal": (Decimal, mpf(10) ** -25)}  # type, error

EVERY = pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)
EVERY_TYPE = pytest.mark.parametrize("kind", list(OPERANDS))


def precisely(x: Any) -> Any:
    """The number as one of mpmath's, of the precision of the moment."""
    if isinstance(x, Fraction):
        return mpf(x.numerator) / x.denominator
    return mpf(str(x)) if isinstance(x, Decimal) else mpf(x)


def cases(op: Op, kind: str) -> Iterator[tuple[Any, ...]]:
    """Operands at which the operation has a real value."""
    for operands in OPERANDS[kind]:
        x = operands[: op.arity or (2 if op.name == "dot" else 3)]
        if known(lambda x=x: oracle.value(op, [*map(precisely, x)])) is not None:
            yield x


def known(compute: Callable[[], Any]) -> Any:
    """The oracle's real number; None where it has none: a pole, a complex number, a kink."""
    with mp.workdps(DIGITS + 10):
        try:
            true = compute()
        except (TypeError, ValueError, ZeroDivisionError):
            return None
    return true if isinstance(true, mpf) and mp.isfinite(true) else None


@functools.lru_cache(maxsize=16)
def slope(op: Op, x: tuple[Any, ...], i: int) -> Any:
    return known(lambda: oracle.derivative(op, [*map(precisely, x)], i))


@functools.lru_cache(maxsize=16)
def curvature(op: Op, x: tuple[Any, ...], i: int, j: int) -> Any:
    return known(lambda: oracle.second_derivative(op, [*map(precisely, x)], i, j))


def off(ours: Any, true: Any) -> Any:
    with mp.workdps(DIGITS + 10):
        return abs(precisely(ours) - true) / max(abs(true), mpf("0.1"))


def held(op: Op, kind: str, ours: Any, true: Any, allowed: float = 1) -> None:
    """The result is the true one, to the digits of its arithmetic; exact where the operation is rational."""
    assert off(ours, true) <= ERROR[kind] * allowed, (op.name, ours, true)
    if op.name in RATIONAL and kind in EXACT:
        exact, error = EXACT[kind]
        assert isinstance(ours, exact | int) or ours is nothing, (op.name, ours)
        assert off(ours, true) <= error, (op.name, ours, true)


@EVERY_TYPE
@EVERY
def test_every_operation_takes_every_exact_type(op: Op, kind: str) -> None:
    """Its value is right to the digits of a float at least, of 50 digits for mpmath's numbers; rational ones exact."""
    with mp.workdps(DIGITS):
        for x in cases(op, kind):
            held(op, kind, op(*x), known(lambda x=x: oracle.value(op, [*map(precisely, x)])))


@EVERY_TYPE
@EVERY
def test_every_derivative_takes_every_exact_type(op: Op, kind: str) -> None:
    """By `backward` and by `gradients`: to the digits of the type, and exact where the operation is rational."""
    with mp.workdps(DIGITS):
        for x in cases(op, kind):
            for i in range(len(x)):
                true = slope(op, x, i)
                if true is not None:
                    operands = [Value(each) if k == i else each for k, each in enumerate(x)]
                    op(*operands).backward()
                    held(op, kind, operands[i].grad, true)
                    held(op, kind, gradients(op(*operands), [operands[i]])[0].data, true)


@EVERY_TYPE
@EVERY
def test_every_second_derivative_takes_every_exact_type(op: Op, kind: str) -> None:
    """Differentiating the recorded gradient: as good, but for the parts that cancel in it."""
    with mp.workdps(DIGITS):
        for x in [x for x in cases(op, kind) if 0 not in x]:  # kinks have a law of their own
            for i, j in itertools.product(range(len(x)), repeat=2):
                true = curvature(op, x, *sorted((i, j)))
                if true is not None and slope(op, x, i) is not None:
                    leaves = [Value(each) if k in (i, j) else each for k, each in enumerate(x)]
                    (first,) = gradients(op(*leaves), [leaves[i]])
                    held(op, kind, gradients(first, [leaves[j]])[0].data, true, allowed=100)


@pytest.mark.parametrize("kind", ["Fraction", "Decimal"])
def test_a_mean_and_a_whole_power_keep_fractions(kind: str) -> None:
    """The gradient of a mean of three is a third, exactly; so is x**Value(2) a square, and its gradient 2 x."""
    make: Callable[[int], Any] = Fraction if kind == "Fraction" else Decimal
    xs = [Value(make(n)) for n in (1, 2, 4)]
    y = ag.mean(xs)
    y.backward()
    assert y.data == make(7) / 3
    assert [x.grad for x in xs] == [make(1) / 3] * 3
    x = Value(make(3))
    y = ag.pow(x, 2)
    y.backward()
    assert (y.data, x.grad) == (9, 6)
    assert type(y.data) is type(x.grad) is type(make(1))


def test_constants_of_families_come_into_the_arithmetic_of_the_operand() -> None:
    """A slope of ½ times a Decimal is a Decimal; a bound of clip that is a Fraction can be compared with one."""
    x = Value(Decimal(-3))
    y = ag.leaky_relu(0.5)(x)
    y.backward()
    assert (y.data, x.grad) == (Decimal("-1.5"), Decimal("0.5"))
    assert ag.clip(Fraction(1, 2), 0.75)(Decimal(1)) == Decimal("0.75")
    assert ag.clip(Fraction(1, 2), 0.75)(Decimal(0)) == Decimal("0.5")
    assert ag.clip(Decimal("0.5"), 1)(Fraction(1, 3)) == Fraction(1, 2)
    assert isinstance(ag.leaky_relu(Decimal("0.5"))(-3.0), float)


def test_a_tie_of_an_int_and_a_decimal_shares_half() -> None:
    """½ is of the arithmetic that both can be mixed with."""
    for other, half in [(Decimal(2), Decimal("0.5")), (Fraction(2), Fraction(1, 2)), (2.0, 0.5), (2, Fraction(1, 2))]:
        x = Value(other)
        ag.maximum(2, x).backward()
        assert x.grad == half
        assert ag.greater(2, other) == half
        assert type(ag.greater(2, other)) is type(half)


@pytest.mark.parametrize(("a", "b"), [("-7", "3"), ("7", "-3"), ("-7", "-3"), ("7", "3"), ("-6", "3")])
def test_a_remainder_of_decimals_has_the_sign_of_the_divisor(a: str, b: str) -> None:
    """As for every other number, and unlike Python's own % of Decimals; the quotient is rounded down."""
    assert ag.mod(Decimal(a), Decimal(b)) == int(a) % int(b)
    assert ag.floor_divide(Decimal(a), Decimal(b)) == int(a) // int(b)
    assert (Value(Decimal(a)) % Decimal(b)).data == int(a) % int(b)


@pytest.mark.parametrize("name", ["digamma", "lgamma", "erfinv"])
@pytest.mark.parametrize("x", [Fraction(1, 2), Decimal("0.5")])
def test_scipy_is_handed_floats(name: str, x: Any) -> None:
    """A Fraction and a Decimal give what the float gives."""
    op = getattr(ag, name)
    assert op(x) == op(0.5)
    assert ag.polygamma(1)(x) == ag.polygamma(1)(0.5)


def test_constants_of_rules_have_the_digits_of_the_operand() -> None:
    """The slope of log2 at 1 is 1 / log 2 in as many digits as its operand has."""
    for digits in (20, 80):
        with mp.workdps(digits):
            one: Any = mpf(1)
            x = Value(one)
            ag.log2(x).backward()
            assert abs(x.grad * mp.log(2) - 1) < mpf(10) ** (1 - digits)
    x = Value(1.0)
    ag.log2(x).backward()
    assert x.grad == 1 / math.log(2)
