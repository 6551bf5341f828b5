"""Forms: what an operation computes, as a tree of elementary functions that every backend can print.

A form is written in Python, `lambda f, x: f.maximum(x, 0.0) + f.log1p(f.exp(-f.abs(x)))`, and run once, when the
operation is defined: on symbols, which write down what is done to them. So a wrong name is refused there and then, and
whoever prints a program walks a tree and reads no text.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

from autograd.familiar import nearest

SIGNS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "floor_divide", "%": "mod", "**": "power",
    ">": "greater", "<": "less", ">=": "greater_equal", "<=": "less_equal", "==": "equal", "!=": "not_equal",
}  # fmt: skip
"""The signs between two operands, and what NumPy calls them. A comparison is 1 where it holds, else 0."""
COMPARISONS = {">", "<", ">=", "<=", "==", "!="}
TRUTHS = {*COMPARISONS, "isnan", "isinf", "isfinite"}
"""What is 1 or 0; where a library has truth values for it, which do not subtract, a printer makes numbers of them."""
REDUCTIONS = {"sum", "prod", "max", "min"}
"""They make one number of `args`, the operands of an operation that takes any number of them."""

_ELEMENTARY = {
    1: """abs negative sign square reciprocal sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos
          arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil trunc rint deg2rad rad2deg isnan isinf isfinite""",
    2: "maximum minimum fmax fmin hypot arctan2 copysign power mod fmod floor_divide logaddexp logaddexp2",
    3: "where",
}
_SPECIAL = {
    1: """erf erfc erfcx erfinv erfcinv gamma gammaln digamma expit logit log_expit ndtr ndtri log_ndtr dawsn entr
          i0 i0e i1 i1e j0 j1 spence exp1 expi""",
    2: "polygamma xlogy xlog1py beta betaln gammainc gammaincc zeta kl_div rel_entr",
    3: "betainc",
}
SPECIAL = {word for words in _SPECIAL.values() for word in words.split()}
"""The functions of scipy.special; the others are NumPy's."""
ARITY = {word: size for table in (_ELEMENTARY, _SPECIAL) for size, words in table.items() for word in words.split()}
ARITY.update(dict.fromkeys(REDUCTIONS, 1))
"""Every function that a form may call, by its name in NumPy or scipy.special, with its number of operands."""

_BINDING = {**dict.fromkeys(SIGNS, 3), **dict.fromkeys(COMPARISONS, 1), "+": 2, "-": 2, "negative": 4, "**": 5}
_ATOM = 6


@dataclass(frozen=True, slots=True)
class Form:
    """A node of the tree; equal to another of the same structure.

    Attributes:
        word: one of `SIGNS` or `ARITY`; or of a leaf "operand", "args" (all operands), "number".
        leaf: the index of an operand; a number as Python writes it, so that 1, 1.0 and -0.0 are told apart.
    """

    word: str
    parts: tuple["Form", ...] = ()
    leaf: int | str = ""

    @property
    def number(self) -> float:
        """The number that a leaf is."""
        return int(self.leaf) if str(self.leaf).lstrip("-").isdigit() else float(self.leaf)

    def walk(self) -> Iterator["Form"]:
        """Every node, each once."""
        waiting: list[Form] = [self]
        seen: set[int] = set()
        while waiting:
            form = waiting.pop()
            if id(form) not in seen:
                seen.add(id(form))
                waiting += form.parts
                yield form

    @property
    def words(self) -> set[str]:
        return {form.word for form in self.walk()}

    @property
    def operands(self) -> set[int]:
        """Which operands it reads."""
        return {int(form.leaf) for form in self.walk() if form.word == "operand"}

    def written(
        self,
        operands: Sequence[str],
        call: Callable[[str, list[str]], str] = lambda word, texts: f"{word}({', '.join(texts)})",
        number: Callable[[float], str] = repr,
    ) -> str:
        """The form as an expression of Python.

        Args:
            operands: names for the operands; for `args`, the first is.
            call: how a function is called.
            number: how a number is written.
        """
        return _written(self, operands, call, number)[0]

    def __str__(self) -> str:
        count = 1 + max(self.operands, default=0)
        letters = ["x"] if count == 1 else [chr(ord("a") + k) for k in range(count)]
        return self.written(["args"] if "args" in self.words else letters)


def operand(k: int) -> Form:
    return Form("operand", leaf=k)


def _written(form: Form, operands: Sequence[str], call: Any, number: Any) -> tuple[str, int]:
    """The text, and how strongly it holds together."""
    if not form.parts:
        text = number(form.number) if form.word == "number" else operands[int(form.leaf or 0)]
        return text, _BINDING["negative"] if text.startswith("-") else _ATOM
    done = [_written(part, operands, call, number) for part in form.parts]
    if form.word not in _BINDING:
        return call(form.word, [text for text, _ in done]), _ATOM
    binding, to_power = _BINDING[form.word], form.word == "**"
    if form.word == "negative":
        return f"-{_bracketed(*done[0], binding)}", binding
    left = _bracketed(*done[0], binding + (to_power or binding == 1))
    right = _bracketed(*done[1], binding - 1 if to_power else binding + 1)
    return f"{left} {form.word} {right}", binding


def _bracketed(text: str, binding: int, wanted: int) -> str:
    return text if binding >= wanted else f"({text})"


# --- Products -------------------------------------------------------------------------------------------------


def products(form: Form) -> list[tuple[float, *tuple[int, ...]]] | None:
    """A sum of products of at most two operands, each as its coefficient and their indices; None of another form."""
    if form.word in ("+", "-"):
        left, right = map(products, form.parts)
        if left is None or right is None:
            return None
        return left + [(-c if form.word == "-" else c, *factors) for c, *factors in right]
    product = _product(form)
    return None if product is None or len(product) > 3 else [product]


def _product(form: Form) -> tuple[float, *tuple[int, ...]] | None:
    if form.word == "operand":
        return 1, int(form.leaf)
    if form.word == "number" and math.isfinite(form.number):
        return (form.number,)
    parts = [_product(part) for part in form.parts] if form.word in ("*", "negative") else []
    if form.word == "negative" and parts[0]:
        return -parts[0][0], *parts[0][1:]
    if len(parts) == 2 and parts[0] and parts[1] and 1 in (abs(parts[0][0]), abs(parts[1][0])):  # else it might round
        return parts[0][0] * parts[1][0], *parts[0][1:], *parts[1][1:]
    return None


# --- Tracing --------------------------------------------------------------------------------------------------


class Symbol:
    """What the function of a form gets in the place of a number: arithmetic with it is written down."""

    __slots__ = ("form", "many")
    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # NumPy's numbers leave the arithmetic to it

    def __init__(self, form: Form, many: bool = False) -> None:
        self.form, self.many = form, many

    def __bool__(self) -> bool:
        raise TypeError("a form cannot branch: it is traced once, for all numbers; write f.where(condition, a, b)")

    def __neg__(self) -> "Symbol":
        return _applied("negative", self)

    def __abs__(self) -> "Symbol":
        return _applied("abs", self)

    def __pos__(self) -> "Symbol":
        return self


def _sign(word: str, turned: bool = False) -> Callable[[Any, Any], Symbol]:
    return lambda left, right: _applied(word, right, left) if turned else _applied(word, left, right)


METHODS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "gt", "lt", "ge", "le", "eq", "ne")
for _word, _name in zip(SIGNS, METHODS, strict=True):
    setattr(Symbol, f"__{_name}__", _sign(_word))
    if _word not in COMPARISONS:
        setattr(Symbol, f"__r{_name}__", _sign(_word, turned=True))


def _applied(word: str, *operands: Any) -> Symbol:
    """The node of a function or a sign of these operands."""
    if word in ARITY and len(operands) != ARITY[word]:
        raise TypeError(f"f.{word} takes {ARITY[word]} operand{'s' * (ARITY[word] > 1)}, got {len(operands)}")
    parts = [_symbol(each) for each in operands]
    many = any(each.many for each in parts)
    if word in REDUCTIONS and not many:
        raise TypeError(f"f.{word} makes one number of args, the operands of an operation that takes any number")
    return Symbol(Form(word, tuple([each.form for each in parts])), many and word not in REDUCTIONS)


def _symbol(x: Any) -> Symbol:
    return x if x.__class__ is Symbol else Symbol(Form("number", leaf=_number(x)))


def _number(x: Any) -> str:
    """A constant as text: an integer, or a float, infinite where it is too large for one."""
    if x.__class__ is int and abs(x) <= 2**53:
        return str(x)
    try:
        return repr(x.__float__())  # float(x) would read text
    except OverflowError:
        return "inf" if x > 0 else "-inf"
    except (AttributeError, TypeError, ValueError):
        raise TypeError(f"got {x!r}; wanted a number, or what f makes of the operands") from None


def _reduction(word: str) -> Callable[..., Symbol]:
    def reduced(args: Any, axis: int = 0) -> Symbol:
        if axis != 0:
            raise TypeError(f"f.{word}: args are along axis 0, got axis {axis!r}")
        return _applied(word, args)

    return reduced


f = SimpleNamespace(
    **{name: getattr(operator, method) for name, method in zip(SIGNS.values(), METHODS, strict=True)}
    | {word: partial(_applied, word) for word in ARITY}  # after the signs: a backend may compute np.power otherwise
    | {word: _reduction(word) for word in REDUCTIONS}
    | {"negative": operator.neg, "absolute": abs},
    clip=lambda x, low, high: f.minimum(f.maximum(x, low), high),
    pi=math.pi,
    e=math.e,
    inf=math.inf,
    nan=math.nan,
)
"""What a form is written with, besides signs: the functions of `ARITY`."""


def trace(name: str, function: Callable[..., Any], arity: int | None) -> Form:
    """The form that a function of `f` and the operands writes down.

    Raises:
        TypeError: it calls what no backend has, or gives no number; names the operation.
    """
    try:
        return _whole(function(f, *_symbols(arity)))
    except (AttributeError, TypeError, ValueError, ArithmeticError) as error:
        raise TypeError(f"the form of {name}: {_reason(error)}.") from error


def _symbols(arity: int | None) -> list[Symbol]:
    return [Symbol(Form("args"), many=True)] if arity is None else [Symbol(operand(k)) for k in range(arity)]


def _whole(result: Any) -> Form:
    symbol = _symbol(result)
    if symbol.many:
        raise TypeError(f"args are many numbers, and one is wanted; reduce them by {_listed(REDUCTIONS)}")
    return symbol.form


def _reason(error: Exception) -> str:
    if not isinstance(error, AttributeError):
        return getattr(error, "msg", str(error))  # a SyntaxError's text is in its msg
    if error.obj is not f:
        return f"{error}; the functions are those of f, as in f.exp(x)"
    near = nearest(str(error.name), vars(f))
    return f"there is no {error.name}; {f'did you mean {near}' if near else f'there are {_listed(vars(f))}'}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


# --- Text -----------------------------------------------------------------------------------------------------

_OF_SYNTAX = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.USub: operator.neg,
    ast.UAdd: operator.pos, ast.Gt: operator.gt, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def read(name: str, text: str, arity: int | None) -> Form:
    """The form of a text in the names of `np` and `special`, `{0}` for the first operand, `{args}` for all.

    Raises:
        ValueError: shows the part of the text that is no form; names the operation.
    """
    symbols = _symbols(arity)
    names = {f"operand_{k}": symbol for k, symbol in enumerate(symbols)}
    try:
        named = text.replace("{args}", "operand_0") if arity is None else text.format(*names)
        return _whole(_read(ast.parse(named.strip(), mode="eval").body, {**names, "inf": math.inf, "nan": math.nan}))
    except (IndexError, KeyError):
        reason = f"wanted {_listed(f'{{{k}}}' for k in range(len(names)))} for the operands"
    except (AttributeError, TypeError, ValueError, ArithmeticError, SyntaxError) as error:
        reason = re.sub(r"operand_(\d+)", "{args}" if arity is None else r"{\1}", _reason(error))
    raise ValueError(f"the form of {name}, array={text!r}: {reason}.")


def _read(node: ast.expr, names: dict[str, Any]) -> Any:
    """What the syntax says, computed: a symbol, or a number."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Attribute(value=ast.Name(id="np" | "special"), attr=word):
            return getattr(f, word)
        case ast.UnaryOp(op, part) if type(op) in _OF_SYNTAX:
            return _OF_SYNTAX[type(op)](_read(part, names))
        case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]) if type(op) in _OF_SYNTAX:
            return _OF_SYNTAX[type(op)](_read(left, names), _read(right, names))
        case ast.Call(ast.Attribute() as function, parts, keywords):
            options = {str(each.arg): _read(each.value, names) for each in keywords}
            return _read(function, names)(*[_read(part, names) for part in parts], **options)
    wanted = "wanted + - * / ** % //, comparisons of two, and functions of np and special"
    raise ValueError(f"cannot read {ast.unparse(node)}; {wanted}")
