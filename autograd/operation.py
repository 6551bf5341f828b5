"""The operation: one record of two closures, and the table of all of them.

`Op` is the one idea that everything here follows from: eager evaluation, replay, the reverse sweep, higher derivatives,
pictures, messages and laws all read it. `functions.py` is the table; `primitive` adds to it from anywhere.
"""

import functools
import inspect
import itertools
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from dataclasses import replace as with_fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, overload
from weakref import WeakValueDictionary

from autograd.behaviour import Sample, behaviour, change
from autograd.doubles import NATIVE, Node, Operation
from autograd.errors import NotConverged, brief, call, many, refused, written
from autograd.forms import Form, read, trace
from autograd.reals import as_operand, as_real, is_finite, is_nan, precise, refusal, unboxed

if TYPE_CHECKING:
    from autograd.engine import Value

__all__ = ["OPS", "Family", "Op", "family", "primitive"]

Real = float | Fraction | Decimal  # to a type checker, float includes int


def number_of(x: Any) -> Any:
    """The number of a node, or the number that x is."""
    return getattr(x, "data") if isinstance(x, Node) else x  # noqa: B009 - of any kind of node


@dataclass(frozen=True, eq=False, repr=False, slots=True, weakref_slot=True)
class Op(Operation):
    """One operation: all that the library knows about it stands in this record and nowhere else.

    Called with plain numbers it computes; called with at least one `Value` it records a node.
    """

    name: str
    forward: Callable[..., Any]
    """Numbers of the inputs to the number of the output."""
    backward: Callable[..., tuple[Any, ...]]
    """`backward(g, y, *x)`: cotangent of the output to the cotangents of the inputs, one for each.

    Written with `+ - * /` and other operations, so that it runs on numbers (the sweep) and on Values
    (a gradient that is again a graph). `nothing`, or a plain int 0, says that nothing flows there. An operand whose
    derivative nobody needs cannot fail: where the rule fails, it is asked for each operand alone."""
    symbol: str = ""
    """What pictures write in the circle: `×`, `tanh`. The name if not given."""
    text: str = ""
    """What formulas write: `|{0}|`, `{0}²`, with `{0}`, `{1}` for the operands and after them for the constants, or
    `{args}` for all. If not given, a symbol that is a word is a function, `tanh({args})`, and a single sign stands
    before one operand or between two. `notation` puts the brackets, also around a sign that it does not know."""
    latex: str = ""
    """The same in LaTeX."""
    meaning: str = ""
    """A few words, for tables and tooltips."""
    defined: str = "every real number"
    """Where it has a value; ends the sentence "log is defined for …"."""
    domain: tuple[tuple[float, float], ...] = ()
    """The box, one interval per operand, over which the accuracy below is claimed and the laws draw."""
    truth: Callable[..., Any] | None = None
    """`truth(mp, *x)`: the same function at any precision, in mpmath; the laws' oracle."""
    edges: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...] = ()
    """Conventions at kinks: operands, and what `backward` gives there for the cotangent 1."""
    ulps: float = 4.0
    """Bound on the error of the value and of each derivative over `domain`, in units in the last place."""
    absolute: float = 0.0
    """Allowed besides: where a result crosses zero, no bound in ulps can hold."""
    form: Any = None
    """What it computes, for compiled programs: `lambda f, x: f.maximum(x, 0.0)`, of the functions of `f` and the
    operands; where any number is taken, of `args`, which `f.sum`, `f.max` … reduce. Traced once, here, to a `Form`.
    Without it, programs call `forward` for one number after the other."""
    array: InitVar[str] = ""
    """The form as text instead: `"np.maximum({0}, 0.0)"`, in the names of `np` and `special` (scipy.special), with
    `{0}`, `{1}` for the operands, or `{args}`."""
    absent: Any = None
    """Where its value is `nothing`, so that what it multiplies does not flow, as a form like the one above: 1 there,
    and 0 elsewhere. For steps, which rules multiply with: `lambda f, x: x < 0.0`."""
    terms: Callable[[int], Sequence[tuple[float, *tuple[int, ...]]]] | None = None
    """For an operation that is a sum of products: `terms(number of operands)` gives the coefficient of each product and
    the positions of its factors, two at most: `a - b` is `[(1, 0), (-1, 1)]`. These become matrix products. A form
    that is such a sum says so by itself; this is for operations of any number of operands."""
    family: "Family | None" = None
    constants: tuple[Any, ...] = ()
    arity: int | None = field(init=False)
    """Number of operands, read off `backward(g, y, *x)`; None for any number."""
    advice: ClassVar[str] = ""
    """What to do where a program needs a form and there is none, if that is not to give it one."""

    def __post_init__(self, array: str) -> None:
        parameters = list(inspect.signature(self.backward).parameters.values())[2:]
        many = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
        derived = {
            "arity": None if many else len(parameters),
            "symbol": self.symbol or self.name,
            "domain": self.domain or ((-10.0, 10.0),) * (1 if many else len(parameters)),
        }
        derived["form"] = self._formed(array, derived["arity"])
        derived["absent"] = trace(self.name, self.absent, derived["arity"]) if callable(self.absent) else self.absent
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def _formed(self, array: str, arity: int | None) -> Form | None:
        if callable(self.form):
            if array:
                raise ValueError(f"{self.name}: form and array say the same; give one of them.")
            return trace(self.name, self.form, arity)
        if self.form is not None and not isinstance(self.form, Form):
            raise TypeError(f"{self.name}: got form={self.form!r}; wanted a function, form=lambda f, x: f.exp(x).")
        return read(self.name, array, arity) if array else self.form

    @overload
    def __call__(self, *operands: float) -> float: ...
    @overload
    def __call__(self, *operands: "Value | Real") -> "Value": ...
    @overload
    def __call__(self, operands: Iterable["Value | Real"], /) -> "Value": ...
    def __call__(self, *operands: Any) -> Any:  # renamed below where the base class calls
        if self.arity is None and len(operands) == 1 and isinstance(several := unboxed(operands[0]), Iterable):
            operands = tuple(several)
        usual = len(operands) == self.arity
        for operand in operands:
            if operand.__class__ is not float:
                if isinstance(operand, Node):
                    return operand.record(self, operands)
                usual = False
        if usual:  # rules call operations on floats: the short way
            try:
                y = self.forward(*operands)
                if not (y - y):
                    return y
            except (TypeError, ValueError, ArithmeticError):
                pass
        plain = tuple(map(unboxed, operands))
        boxed = next((x for x in plain if isinstance(x, Node)), None)
        return self.evaluate(plain) if boxed is None else boxed.record(self, plain)

    def evaluate(self, numbers: tuple[Any, ...], operands: tuple[Any, ...] | None = None) -> Any:
        """The number the operation gives: never nan, and infinite only if an operand is.

        Args:
            operands: what carries the numbers (labelled nodes), for the messages.

        Raises:
            DomainError: there is no such number.
            TypeError: an operand is not a real number, or there are too few or too many.
        """
        y = 0
        try:
            if len(numbers) == self.arity or self.arity is None:
                y = self._on(numbers)
                if y.__class__ is not float:
                    y = as_operand(y)
                if -math.inf < y < math.inf or (y == y and not all(map(is_finite, numbers))):
                    return y
        except NotConverged:
            raise
        except (TypeError, ValueError, ArithmeticError) as error:  # raised from in here: a name for it would be a cycle
            kinds = set(map(type, numbers))
            if isinstance(error, TypeError) and Decimal in kinds and float not in kinds:
                # a function that mixes in floats of its own, which Decimals refuse
                return self.evaluate(tuple([float(x) if isinstance(x, Decimal) else x for x in numbers]), operands)
            raise self._refusal(y, numbers, operands or numbers, error) from error
        raise self._refusal(y, numbers, operands or numbers, None)

    def at_precision(self, mp: Any) -> Callable[..., Any]:
        """The operation's function in the mpmath context `mp`: its `truth`, else mpmath's function of this name."""
        return functools.partial(self.truth, mp) if self.truth else getattr(mp, self.name, self.forward)

    def _on(self, numbers: tuple[Any, ...]) -> Any:
        for number in numbers:
            if number.__class__ is not float:
                if mp := precise(number):
                    return self.at_precision(mp)(*numbers)
                if type(number).__module__ == "numpy":  # its scalars warn where Python's raise
                    return self._on(tuple([as_real(x) if type(x).__module__ == "numpy" else x for x in numbers]))
        return self.forward(*numbers)

    def _refusal(
        self, y: Any, numbers: tuple[Any, ...], operands: tuple[Any, ...], error: Exception | None
    ) -> Exception:
        called = call(self.name, operands)
        if self.arity not in (None, len(numbers)):
            return TypeError(f"{called}: {self.name} takes {many(self.arity or 0, 'operand')}, not {len(numbers)}.")
        for number, x in zip(numbers, operands, strict=True):
            if why := refusal(number):
                if isinstance(x, Node) and getattr(x, "op") is not constant:  # noqa: B009 - of any kind of node
                    return written(x, "data", why)
                return (ValueError if is_nan(number) else TypeError)(f"{called}: {why}.")
        if (why := refusal(y)) and not is_nan(y):
            return TypeError(f"{called}: forward returned {y!r}: {why}.")
        if isinstance(error, TypeError):
            return TypeError(f"{called}: {error}.")
        if error is not None and not isinstance(error, OverflowError):
            return refused("undefined", self.name, operands, domain=self.defined)
        return refused("too large" if all(map(is_finite, numbers)) else "no number", self.name, operands)

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # IPython's and Hypothesis's printers ask for this
        printer.text(repr(self))

    def __reduce__(self) -> Any:
        name, constants = (self.family.name, self.constants) if self.family else (self.name, None)
        definition = name, constants, behaviour(self)
        try:
            _found(*definition)
        except (LookupError, TypeError, ValueError) as error:
            from pickle import PicklingError

            raise PicklingError(f"{self!r} could not be read back: {error}") from None
        return _found, definition

    def __copy__(self) -> "Op":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Op":
        return self


if NATIVE:  # the compiled base class is called, and comes here with what has no kernel
    setattr(Op, "applied", Op.__call__)  # noqa: B010 - a name that no record has
    del Op.__call__

_RECENT = 256  # members of a family that stay although nobody holds them


class Family:
    """Operations that close over constants: `power(3)`, `leaky_relu(0.01)`, `clip(0, 1)` each make an `Op`.

    As functions they take operands and constants together: `clip(x, 0, 1)` is `clip(0, 1)(x)`, and `leaky_relu(x)` is
    `leaky_relu()(x)`. What is given is read so if it begins with a `Value`, or is more than there are constants. So a
    plain number alone is a constant: of numbers write `leaky_relu(0.5, 0.01)`.

    The same constants give the same `Op`, in every thread, for as long as anybody holds it; 1 and 1.0 are not the same,
    nor are 0.0 and -0.0. Constants are numbers, or anything hashable that `make` takes; they can be given by name.
    `samples` are the constants with which the laws try the family.
    """

    def __init__(self, make: Callable[..., Op], samples: tuple[tuple[Any, ...], ...], last: bool = False) -> None:
        self.name, self.samples, self._last = make.__name__, samples, last
        self._make, self._signature = make, inspect.signature(make)
        parameters = self._signature.parameters.values()
        if any(each.kind in (each.KEYWORD_ONLY, each.VAR_KEYWORD) for each in parameters):
            raise TypeError(f"family: {self.name} has constants that can only be given by name; remove the * or **.")
        self._takes_any = any(each.kind is each.VAR_POSITIONAL for each in parameters)
        self._members: WeakValueDictionary[tuple[Any, ...], Op] = WeakValueDictionary()
        self._recent: dict[tuple[Any, ...], Op] = {}
        self._entering = threading.Lock()
        functools.update_wrapper(self, make, assigned=("__module__", "__qualname__"))  # the text is made: catalogue.py

    @overload
    def __call__(self, x: "Value", /, *more: Any, **named: Any) -> "Value": ...
    @overload
    def __call__(self, *constants: Any, **named: Any) -> Op: ...
    def __call__(self, *constants: Any, **named: Any) -> Any:
        """The operation for these constants, or its value where operands are given too.

        Raises:
            TypeError: a `Value` among the constants, or too few or too many of them, or one that is not hashable.
            ValueError: a constant is nan, or not among those for which there is an operation.
        """
        if known := self._known(constants, named):
            return known
        count = self._operands(constants, named)
        if not count:
            return self._member(self._checked(constants, named))
        operands, rest = constants[:count], constants[count:]
        if self._last:
            rest, operands = constants[:-count], constants[-count:]
        return (self._known(rest, named) or self._member(self._checked(rest, named)))(*operands)

    def _known(self, constants: tuple[Any, ...], named: Mapping[str, Any]) -> Op | None:
        """The member that was asked for lately, without checks."""
        if not named:
            try:
                return self._recent.get((*constants, *map(type, constants))) or self._recent[_key(constants)]
            except (KeyError, TypeError, ValueError):  # new, or not hashable
                pass
        return None

    def _operands(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> int:
        """How many of what is given are operands."""
        parameters = self._signature.parameters
        too_many = not self._takes_any and len(given) + sum(name in parameters for name in named) > len(parameters)
        first = given[-1 if self._last else 0] if given else None
        return self._arity if too_many or isinstance(unboxed(first), Node) else 0

    @functools.cached_property
    def _arity(self) -> int:
        return (self(*self.samples[0]).arity or 1) if self.samples else 1

    def _with_operands(self, constants: str) -> str:
        """The call with operands besides: `clip(x, 0, 1)`."""
        x = ", ".join("xyz"[: self._arity])
        return f"{self.name}({constants}, {x})" if self._last else f"{self.name}({x}, {constants})"

    def _member(self, constants: tuple[Any, ...]) -> Op:
        key = _key(constants)
        member = self._members.get(key)
        if member is None:
            made = self._new_member(constants)
            with self._entering:
                member = self._members.setdefault(key, made)
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent[key] = member
        return member

    def _new_member(self, constants: tuple[Any, ...]) -> Op:
        op = self._make(*constants)
        if not isinstance(op, Op):
            raise TypeError(f"{call(self.name, constants)} made {op!r}: a family makes an Op.")
        name = f"{self.name}({', '.join(map(brief, constants))})"
        return with_fields(op, name=name, family=self, constants=constants)

    def _checked(self, constants: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The constants in order, defaults included, numbers as a node would keep them."""
        constants = tuple(map(unboxed, constants))
        named = {name: unboxed(constant) for name, constant in named.items()}
        if any(isinstance(constant, Node) for constant in (*constants, *named.values())):
            given = ", ".join(map(repr, self.samples[0] if self.samples else ()))
            both = self._with_operands(given)
            raise TypeError(f"{self.name}: a constant cannot be a Value; write {both} or {self.name}({given})(x).")
        names = list(self._signature.parameters)
        try:
            bound = self._signature.bind(*constants, **named)
        except TypeError as error:
            shown = [*map(brief, constants), *(f"{name}={brief(constant)}" for name, constant in named.items())]
            wanted = f"{self.name}({', '.join(names)}), or {self._with_operands(', '.join(names))}"
            raise TypeError(f"{self.name}({', '.join(shown)}): {error}; wanted {wanted}.") from None
        bound.apply_defaults()
        named_all = zip(itertools.chain(names, itertools.repeat(names[-1])) if names else (), bound.args)  # noqa: B905
        return tuple([_constant(f"{self.name}({name}={brief(constant)})", constant) for name, constant in named_all])

    def __repr__(self) -> str:
        return f"<Family {self.name}>"

    def __reduce__(self) -> Any:
        return _lookup, (self.name,)

    def __copy__(self) -> "Family":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Family":
        return self


def _constant(called: str, constant: Any) -> Any:
    """A constant of a family: a number as a node keeps it, or what else is hashable."""
    if is_nan(constant):
        raise ValueError(f"{called}: {refusal(constant)}.")
    if not refusal(constant):
        return as_real(constant)
    try:
        hash(constant)
    except (TypeError, ValueError):
        kind = type(constant).__name__
        raise TypeError(f"{called}: a constant has to be hashable, as numbers are, and {kind} is not.") from None
    return constant


def _key(constants: tuple[Any, ...]) -> tuple[Any, ...]:
    """What tells constants apart: type, number, and the sign of a zero."""
    return *map(_told_apart, constants), *map(type, constants)


def _told_apart(constant: Any) -> Any:
    if isinstance(constant, tuple):
        return _key(constant)
    equal_to_others = isinstance(constant, Decimal) or (isinstance(constant, float) and not constant)
    return str(constant) if equal_to_others else constant


OPS: dict[str, Op | Family] = {}
"""Every operation by name: the library's own, and those that `primitive` and `family` define elsewhere."""


def primitive(
    name: str,
    forward: Callable[..., Any],
    backward: Callable[..., tuple[Any, ...]],
    *,
    replace: bool = False,
    **fields: Any,
) -> Op:
    """Define an operation and enter it in `OPS`.

    ```python
    cube = primitive("cube", forward=lambda x: x * x * x, backward=lambda g, y, x: (3 * g * x * x,))
    cube(Value(2.0))    # eager; replay, higher derivatives, pictures and the laws follow
    ```

    Args:
        fields: any further field of `Op`, by name.
        replace: define this name again (a notebook cell that is run twice).

    Raises:
        ValueError: `OPS` has the name already.
    """
    op = Op(name, forward, backward, **fields)
    _enter(f"primitive({name!r})", name, op, replace)
    return op


def family(
    *samples: tuple[Any, ...], replace: bool = False, last: bool = False
) -> Callable[[Callable[..., Op]], Family]:
    """Decorator: a function from constants to an `Op` becomes a `Family`, and enters `OPS` under its name.

    Args:
        samples: tuples of constants, with which the laws try the family.
        last: whether operands stand behind the constants, `polygamma(n, x)`, where both are given at once.
        replace: define this name again (a notebook cell that is run twice).

    Raises:
        ValueError: `OPS` has the name already.
    """

    def enter(make: Callable[..., Op]) -> Family:
        made = Family(make, samples, last)
        _enter(f"family {made.name}", made.name, made, replace)
        return made

    return enter


def _enter(called: str, name: str, entry: Op | Family, replace: bool) -> None:
    if name in _LEAVES:
        nodes = "nodes made of plain numbers" if name == constant.name else "parameters of models"
        raise ValueError(f"{called}: this is the name of the {nodes}; choose another name.")
    if (before := OPS.get(name)) and not replace:
        where = getattr(before.backward if isinstance(before, Op) else before, "__module__", "")
        raise ValueError(
            f"{called}: there is such an operation already, defined in {where}; to define it again, replace=True."
        )
    if isinstance(before, Family):
        before._recent.clear()  # its members know their family
    OPS[name] = entry


def _lookup(name: str) -> Op | Family:
    """Where a pickled graph finds its operations again."""
    if name in _LEAVES:
        return _LEAVES[name]
    if name not in OPS:
        raise LookupError(
            f"the operation {name!r} is not defined here; first import the module that defines it, "
            "by primitive or family."
        )
    return OPS[name]


def _found(name: str, constants: tuple[Any, ...] | None, before: tuple[Sample, ...]) -> Op:
    """The operation that a graph was recorded with, or the error that says that it is another one here."""
    entry = _lookup(name)
    if isinstance(entry, Family) != (constants is not None):
        kind, was = ("a family", "an operation") if constants is None else ("an operation", "a family")
        raise LookupError(f"{name!r} is {kind} here, and was {was} where this graph was recorded.")
    op = entry(*(constants or ())) if isinstance(entry, Family) else entry
    if changed := change(op, before):
        raise ValueError(
            f"the operation {op.name!r} is defined otherwise here than where this graph was recorded: {changed}. "
            "Define it as it was, or give the new one another name."
        )
    return op


constant = Op("constant", forward=lambda: 0, backward=lambda g, y: (), meaning="a number without gradient")
"""Marks the nodes made of plain numbers, by `detach`, or under `no_grad`."""

parameter = Op("parameter", forward=lambda: 0, backward=lambda g, y: (), meaning="a number that a model learns")
"""Marks variables that are parameters of a model, for pictures: a variable in everything else."""

_LEAVES = {op.name: op for op in (constant, parameter)}
