"""What an operation passes back, as forms: its rule run once, on symbols that write down what is done to them.

The form of a cotangent reads operand 0 for the cotangent that arrives, 1 for the value of the operation, and from 2 on
the operands. So one walk prints what an operation computes and what it passes back, in every language.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from autograd.errors import NotCompilable
from autograd.forms import COMPARISONS, REDUCTIONS, SIGNS, Form, operand
from autograd.operation import Node, Op
from autograd.reals import is_nothing, nothing

OPERATION = "operation"
"""The word of a call of an operation that has no form: `leaf` is its name, and `CALLED` has it by that."""
CALLED: dict[str, Op] = {}
_ONE, _ZERO, _NOTHING = Form("number", leaf="1.0"), Form("number", leaf="0.0"), Form("nothing")


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
        number = x if x.__class__ is int and abs(x) <= 2**53 else float(x)
        return self.form("number", leaf=repr(number))

    def applied(self, op: Op, operands: Sequence[Form]) -> Form:
        """The form of an operation, its operands put in."""
        if op.form is None:
            CALLED[op.name] = op
            return self.form(OPERATION, operands, op.name)
        return self._filled(op.form, operands, {}, None)

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
        return _Symbol(builder, builder.applied(op, [_form(builder, x) for x in operands]))

    def __bool__(self) -> bool:
        raise _Branches

    __float__ = __int__ = __bool__  # type: ignore[assignment]

    def __neg__(self) -> "_Symbol":
        return _Symbol(self.builder, self.builder.form("negative", (self.form,)))

    def __pos__(self) -> "_Symbol":
        return self

    def __abs__(self) -> "_Symbol":
        return _Symbol(self.builder, self.builder.form("abs", (self.form,)))


class _Branches(TypeError):
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


_METHODS = dict(zip(SIGNS, "add sub mul truediv floordiv mod pow gt lt ge le eq ne".split(), strict=True))
for _word, _name in _METHODS.items():
    if _word in COMPARISONS:
        setattr(_Symbol, f"__{_name}__", _compared)
    else:
        setattr(_Symbol, f"__{_name}__", _sign(_word, turned=False))
        setattr(_Symbol, f"__r{_name}__", _sign(_word, turned=True))
_Symbol.__hash__ = object.__hash__  # type: ignore[method-assign]


@lru_cache(maxsize=4096)
def slopes(op: Op, count: int) -> tuple[Form | None, ...]:
    """What an operation of so many operands passes to each of them; None where that is nothing.

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
    return tuple([None if is_nothing(x) or x is nothing else _cleaned(_form(builder, x), builder) for x in passed])


def _cleaned(form: Form, builder: Builder) -> Form | None:
    """The form with 0 for nothing; None where all of it is nothing."""
    done: dict[int, Form | None] = {}

    def clean(each: Form) -> Form | None:
        if id(each) not in done:
            parts = [clean(part) for part in each.parts]
            gone = each.word == "nothing" or (each.word in ("*", "/", "negative") and parts[0] is None)
            gone = gone or (each.word == "*" and parts[1] is None)
            kept = [_ZERO if part is None else part for part in parts]
            done[id(each)] = None if gone else builder.form(each.word, kept, each.leaf) if parts else each
        return done[id(each)]

    return clean(form)
