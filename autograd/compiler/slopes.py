"""What an operation passes back, as forms: its rule run once, on symbols that write down what is done to them.

The form of a cotangent reads operand 0 for the cotangent that arrives, 1 for the value of the operation, and from 2 on
the operands. So one walk prints what an operation computes and what it passes back, in every language.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.floats import constant_of
from autograd.errors import NotCompilable
from autograd.forms import COMPARISONS, METHODS, REDUCTIONS, SIGNS, SPECIAL, Form, operand
from autograd.operation import Node, Op
from autograd.reals import is_nothing, nothing

OPERATION = "operation"
"""The word of a call of an operation that has no form: `leaf` is a `Called`."""
_ONE, _ZERO = Form("number", leaf="1.0"), Form("number", leaf="0.0")
_STRONG = "strong"  # of a value, and of where it is nothing


class Called(str):
    """The name of an operation that has no form, and the operation: several may have one name."""

    op: Op

    def __new__(cls, op: Op) -> "Called":
        self = str.__new__(cls, op.name)
        self.op = op
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Called) and other.op is self.op

    def __hash__(self) -> int:
        return hash(self.op)

    def __reduce__(self) -> Any:
        return Called, (self.op,)


def called(form: Form) -> Op:
    """The operation that a form of the word OPERATION calls."""
    assert isinstance(form.leaf, Called)
    return form.leaf.op


class Builder:
    """Makes forms, equal ones once, so that what a rule uses twice is computed once."""

    def __init__(self) -> None:
        self._made: dict[Any, Form] = {}

    def form(self, word: str, parts: Sequence[Form] = (), leaf: int | str = "") -> Form:
        if word == "*" and parts[0].leaf in ("1", "1.0"):
            return parts[1]
        if word in "*/" and parts[1].leaf in ("1", "1.0"):
            return parts[0]
        key = word, tuple(map(id, parts)), leaf, type(leaf)
        if key not in self._made:
            self._made[key] = Form(word, tuple(parts), leaf)
        return self._made[key]

    def number(self, x: Any) -> Form:
        number = x if x.__class__ is int and abs(x) <= 2**53 else constant_of(x)
        return self.form("number", leaf=repr(number))

    def applied(self, op: Op, operands: Sequence[Form], strong: bool = False) -> Form:
        """The form of an operation, its operands put in; `strong`: with where it is nothing."""
        if op.form is None:
            return self.form(OPERATION, operands, Called(op))
        value = self._filled(op.form, operands, {}, None)
        if op.absent is None or not strong:
            return value
        return self.form(_STRONG, (value, self._filled(op.absent, operands, {}, None)))

    def _filled(self, form: Form, operands: Sequence[Form], done: dict[Any, Form], turn: int | None) -> Form:
        if form.word == "operand":
            return operands[int(form.leaf)]
        if form.word == "args":
            return operands[turn or 0]
        if (key := (id(form), turn)) not in done:
            if form.word in REDUCTIONS:
                inner = [self._filled(form.parts[0], operands, done, k) for k in range(len(operands))]
                done[key] = self._reduced(form.word, inner)
            else:
                parts = [self._filled(part, operands, done, turn) for part in form.parts]
                done[key] = self.form(form.word, parts, form.leaf)
        return done[key]

    def _reduced(self, word: str, parts: Sequence[Form]) -> Form:
        total = parts[0]
        for each in parts[1:]:
            total = self.form({"sum": "+", "prod": "*", "max": "maximum", "min": "minimum"}[word], (total, each))
        return total


class _Symbol(Node):
    """A number of a rule: operations on it are written down."""

    __slots__ = ("builder", "form")
    data = 1.0  # the kind of number it is, for rules that ask: a float

    def __init__(self, builder: Builder, form: Form) -> None:
        self.builder, self.form = builder, form

    @staticmethod
    def record(op: Op, operands: tuple[Any, ...]) -> Any:
        builder = next(x.builder for x in operands if isinstance(x, _Symbol))
        return _Symbol(builder, builder.applied(op, [_form(builder, x) for x in operands], strong=True))

    def __bool__(self) -> bool:
        raise _Branches

    __float__ = __int__ = __bool__  # type: ignore[assignment]

    def __neg__(self) -> "_Symbol":
        return _Symbol(self.builder, self.builder.form("negative", (self.form,)))

    def __pos__(self) -> "_Symbol":
        return self

    def __abs__(self) -> "_Symbol":
        return _Symbol(self.builder, self.builder.form("abs", (self.form,)))


class _Branches(TypeError):  # noqa: N818 - says what happened
    """A rule asks what number a symbol is."""


def _form(builder: Builder, x: Any) -> Form:
    if isinstance(x, _Symbol):
        return x.form
    return builder.form("nothing") if x is nothing else builder.number(x)


def _sign(word: str, turned: bool) -> Callable[[Any, Any], _Symbol]:
    def written(self: _Symbol, other: Any) -> _Symbol:
        left, right = (other, self) if turned else (self, other)
        forms = _form(self.builder, left), _form(self.builder, right)
        return _Symbol(self.builder, self.builder.form(word, forms))

    return written


def _compared(self: _Symbol, other: Any) -> bool:
    raise _Branches


for _word, _name in zip(SIGNS, METHODS, strict=True):
    if _word in COMPARISONS:
        setattr(_Symbol, f"__{_name}__", _compared)
    else:
        setattr(_Symbol, f"__{_name}__", _sign(_word, turned=False))
        setattr(_Symbol, f"__r{_name}__", _sign(_word, turned=True))
_Symbol.__hash__ = object.__hash__  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Slope:
    """What a rule passes to one operand.

    Attributes:
        form: the cotangent, 0 where that is nothing.
        flows: 0 where it is nothing, else 1; None where something flows whatever the numbers are.
        is_safe: nothing in it is infinite where all numbers are finite, so that a cotangent of 0 stays 0.
    """

    form: Form
    flows: Form | None
    is_safe: bool

    def reads(self, k: int) -> bool:
        """Whether it asks for this operand of the form."""
        return k in self.form.operands or (self.flows is not None and k in self.flows.operands)


@lru_cache(maxsize=4096)
def slopes(op: Op, count: int) -> tuple[Slope | None, ...]:
    """What an operation of so many operands passes to each of them; None where that is always nothing.

    Raises:
        NotCompilable: its rule branches on numbers, and cannot be written down once for all.
    """
    builder = Builder()
    symbols = [_Symbol(builder, operand(k)) for k in range(count + 2)]
    try:
        passed = op.backward(*symbols)
    except _Branches:
        raise NotCompilable(
            f"compile: the rule of {op.name!r} branches on its numbers, and so it cannot be written down once for all; "
            "write it with autograd.where and autograd.step."
        ) from None
    return tuple([None if is_nothing(x) else _Strong(builder).slope(_form(builder, x)) for x in passed])


def shared_slope(op: Op, count: int) -> Form | None:
    """What an operation passes to every operand, with operand 2 for all of them along an axis; None if it differs."""
    alike = {slope and _own(slope.form, k, count) for k, slope in enumerate(slopes(op, count))}
    return alike.pop() if len(alike) == 1 else None


def _own(form: Form, k: int, count: int) -> Form | None:
    """What is passed to operand k, with operand 2 for all of them along an axis; None if that cannot be said.

    It may read operand k itself, and sums of the like of every operand.
    """
    if form.word == "operand":
        at = int(form.leaf)
        return form if at < 2 else operand(2) if at == 2 + k else None
    if form.word == "+" and len(summands := _summands(form)) == count:
        each = {_own(part, at, count) for at, part in enumerate(summands)}
        if len(each) == 1 and (same := each.pop()) is not None and same.operands >= {2}:
            return Form("sum", (same,))
    parts = tuple([_own(part, k, count) for part in form.parts])
    return None if None in parts else Form(form.word, parts, form.leaf)  # type: ignore[arg-type]


def _summands(form: Form) -> list[Form]:
    """Of a + b + c: a, b and c."""
    found: list[Form] = []
    while form.word == "+":
        form, last = form.parts
        found.append(last)
    return [form, *reversed(found)]


def is_safe(op: Op) -> bool:
    """Whether its value is finite where its operands are, unless a product or a sum of them overflows."""
    return op.terms is not None or (op.form is not None and range_of(op.form).finite)


def is_steep(op: Op, slope: Slope) -> bool:
    """Whether a slope may be infinite where the value of the operation is finite: that of a root, not of a quotient."""
    divisor = op.form.parts[1] if op.form and op.form.word == "/" else None
    if slope.is_safe or divisor is None or divisor.word != "operand":
        return not slope.is_safe
    same = operand(2 + int(divisor.leaf))
    return not range_of(slope.form, {id(form): _NOT_ZERO for form in slope.form.walk() if form == same}).finite


class _Strong:
    """Tells zeros that say "nothing" from others: a strong zero leaves whatever it is multiplied with."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.done: dict[int, tuple[Form, Form | None]] = {}

    def slope(self, form: Form) -> Slope | None:
        value, flows = self.split(form)
        if flows is _ZERO:
            return None
        return Slope(value, flows, range_of(value).finite)

    def split(self, form: Form) -> tuple[Form, Form | None]:
        """The form with 0 for nothing; and where something flows, None if everywhere."""
        if id(form) not in self.done:
            self.done[id(form)] = self._split(form)
        return self.done[id(form)]

    def _split(self, form: Form) -> tuple[Form, Form | None]:
        if form.word == "nothing":
            return _ZERO, _ZERO
        if form.word == _STRONG:
            value, absent = form.parts
            return self.split(value)[0], self.builder.form("-", (_ONE, absent))
        if not form.parts:
            return form, None
        parts, flows = zip(*map(self.split, form.parts), strict=True)
        return self.builder.form(form.word, parts, form.leaf), self._flows(form.word, parts, flows)

    def _flows(self, word: str, parts: Sequence[Form], flows: Sequence[Form | None]) -> Form | None:
        if all(each is None for each in flows):
            return None
        if word in ("*", "/", "negative"):
            kept = [each for each in flows[: 1 if word == "/" else 2] if each is not None]
            return _ZERO if _ZERO in kept else self._folded("*", kept)
        if word in ("+", "-"):
            return None if None in flows else self._folded("maximum", [each for each in flows if each is not None])
        if word == "where":
            return self.builder.form("where", (parts[0], *(_ONE if each is None else each for each in flows[1:])))
        return None

    def _folded(self, word: str, forms: Sequence[Form]) -> Form:
        return reduce(lambda left, right: self.builder.form(word, (left, right)), forms)


# --- What is there already ------------------------------------------------------------------------------------

CHEAP = {"+", "-", "*", "/", "negative", "abs", "sign", "square", "where", "number", "operand", *COMPARISONS}
"""Words that are computed again rather than kept."""


def recalled(form: Form, operands: Sequence[Any], find: Callable[[Any], Any], found: list[Any]) -> Form:
    """The form, with an operand behind the others for each call of a function that somebody has made already.

    Args:
        operands: what the form reads; None for what nobody else has.
        find: who has computed what is meant so; None for nobody.
        found: who has, in the order of the new operands.
    """
    if not form.parts or form.words <= CHEAP:
        return form
    what = meaning(form, operands)
    if what and (same := find(what)) is not None:
        if same not in found:
            found.append(same)
        return operand(len(operands) + found.index(same))
    return with_parts(form, [recalled(part, operands, find, found) for part in form.parts])


def meaning(form: Form, operands: Sequence[Any]) -> Any:
    """What a form computes of which operands, to be compared; None if it reads one that is None, or any number."""
    if form.word == "operand":
        return operands[int(form.leaf)]
    parts = tuple([meaning(part, operands) for part in form.parts])
    return None if None in parts or form.word == "args" else (form.word, form.leaf, *parts)


def with_parts(form: Form, parts: Sequence[Form]) -> Form:
    """The form with these parts: itself if they are its own, for what is one form is computed once."""
    same = all(new is old for new, old in zip(parts, form.parts, strict=True))
    return form if same else Form(form.word, tuple(parts), form.leaf)


# --- Numbers -------------------------------------------------------------------------------------------------


def value_of(form: Form, operands: Sequence[Any]) -> Any:
    """The number that a form has: of numbers, or at every index of arrays."""
    if form.word in ("operand", "args"):
        return operands[int(form.leaf or 0)]
    if form.word == "number":
        return form.number
    parts = [value_of(part, operands) for part in form.parts]
    if form.word in REDUCTIONS:
        return getattr(np, form.word)(parts[0], axis=0)
    if form.word == OPERATION:
        return np.vectorize(called(form).forward, otypes=[float])(*parts)
    if form.word in SPECIAL:
        from scipy import special

        return getattr(special, form.word)(*parts)
    return getattr(np, SIGNS.get(form.word, form.word))(*parts) * 1.0


# --- Ranges ---------------------------------------------------------------------------------------------------


class Range(NamedTuple):
    """Between which numbers a form is, and whether it is finite there, for finite operands that do not overflow.

    Attributes:
        zero: whether it may be 0.
    """

    low: float
    high: float
    finite: bool
    zero: bool = True


_ANYTHING, _BEYOND = Range(-math.inf, math.inf, finite=True), Range(-math.inf, math.inf, finite=False)
_NOT_ZERO = Range(-math.inf, math.inf, finite=True, zero=False)
_BOUNDED = {"sin": 1.0, "cos": 1.0, "tanh": 1.0, "sign": 1.0, "erf": 1.0, "arctan": 1.6, "arctan2": 3.2}
_FINITE = {"floor", "ceil", "rint", "trunc", "tan", "cbrt", "arcsinh", "logaddexp", "copysign", "prod", "max", "min"}


def range_of(form: Form, done: dict[int, Range] | None = None) -> Range:
    """The range of a form; `done` has those of its parts that are known."""
    done = {} if done is None else done
    if id(form) not in done:
        done[id(form)] = _ruled(form, [range_of(part, done) for part in form.parts])
    return done[id(form)]


def _ruled(form: Form, parts: Sequence[Range]) -> Range:
    """The range of a word of parts with these ranges."""
    word, finite = form.word, all(part.finite for part in parts)
    if word == "*" and form.parts[0] == form.parts[1]:
        word, parts = "square", parts[:1]
    if word in ("operand", "args"):
        return _ANYTHING
    if word == "number":
        return Range(form.number, form.number, math.isfinite(form.number))
    if word in COMPARISONS:
        return Range(0.0, 1.0, finite=True)
    if word == "where":
        _, a, b = parts
        condition, value, _ = form.parts
        zero = b.low <= 0.0 <= b.high or condition != Form("!=", (value, _ZERO))
        return Range(min(a.low, b.low), max(a.high, b.high), a.finite and b.finite, zero)
    if word in _BOUNDED:
        return Range(-_BOUNDED[word], _BOUNDED[word], finite)
    if word in _RULES:
        low, high = _RULES[word](*parts)
        return Range(low, high, finite and not (word in ("exp", "expm1") and high == math.inf))
    if word == "log1p" and parts[0].low >= 0.0:
        return Range(0.0, math.inf, finite)
    if word == "/" and parts[1].low >= 1.0:  # by an infinite number, too
        return Range(*_product(parts[0], Range(0.0, 1.0, finite=True)), parts[0].finite)
    whole = word == "power" and (exponent := parts[1]).low == exponent.high >= 0.0 and exponent.low % 1 == 0
    return _ANYTHING if finite and (whole or word in _FINITE or (word == "/" and not parts[1].zero)) else _BEYOND


def _product(a: Range, b: Range) -> tuple[float, float]:
    ends = [x * y if x and y else 0.0 for x in a[:2] for y in b[:2]]
    return min(ends), max(ends)


def _size(a: Range) -> tuple[float, float]:
    return max(0.0, a.low, -a.high), max(abs(a.low), abs(a.high))


def _squared(a: Range) -> tuple[float, float]:
    low, high = _product(a, a)
    return max(0.0, low), high


def _exponential(a: Range) -> tuple[float, float]:
    low, high = (math.exp(x) if x < 700 else math.inf for x in a[:2])
    return low, high


_RULES: dict[str, Callable[..., tuple[float, float]]] = {
    "+": lambda a, b: (a.low + b.low, a.high + b.high),
    "-": lambda a, b: (a.low - b.high, a.high - b.low),
    "*": _product,
    "negative": lambda a: (-a.high, -a.low),
    "sum": lambda a: (a.low if a.low >= 0.0 else -math.inf, a.high if a.high <= 0.0 else math.inf),
    "abs": _size,
    "square": _squared,
    "exp": _exponential,
    "expm1": lambda a: (_exponential(a)[0] - 1.0, _exponential(a)[1] - 1.0),
    "hypot": lambda a, b: (max(_size(a)[0], _size(b)[0]), math.inf),
    "maximum": lambda a, b: (max(a.low, b.low), max(a.high, b.high)),
    "minimum": lambda a, b: (min(a.low, b.low), min(a.high, b.high)),
    "erfc": lambda a: (0.0, 2.0),
}
