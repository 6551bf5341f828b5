"""The engine: operations, nodes, the reverse sweep.

Three ideas, in the order of this file:

1. An **operation** (`Op`) is one record that owns two closures: `forward`, numbers to number, and `backward`,
   the cotangent of the output to the cotangents of the inputs.
2. A **node** (`Value`) is a number, its gradient, the operation that made it, and its inputs.
   Arithmetic on nodes records more nodes.
3. The **reverse sweep** walks the recorded graph from the output to the leaves and adds up cotangents.

The words are those of Griewank & Walther, *Evaluating Derivatives* (2nd ed., SIAM 2008) and of JAX.
"""

import functools
import inspect
import operator
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from dataclasses import replace as with_fields
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from autograd.errors import (
    DomainError,
    as_real,
    bad_backward,
    bad_gradient,
    call,
    is_bool,
    is_nan,
    precise,
    refusal,
    show,
)

Real = float | Fraction | Decimal  # to a type checker, float includes int
_F = TypeVar("_F", bound=Callable[..., Any])

# --- Operations ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Op:
    """One operation: all that the library knows about it stands in this record and nowhere else.

    Called with plain numbers it computes; called with at least one `Value` it records a node.
    """

    name: str
    forward: Callable[..., Any]
    """Numbers of the inputs to the number of the output."""
    backward: Callable[..., tuple[Any, ...]]
    """`backward(g, y, *x)`: cotangent of the output to the cotangents of the inputs, one for each.

    Written with `+ - * /` and other operations, so that it runs on numbers (the sweep) and on Values
    (a gradient that is again a graph). A plain 0 among the results says that nothing flows there."""
    symbol: str = ""
    """What pictures write in the circle: `×`, `tanh`. The name if not given."""
    latex: str = ""
    """LaTeX with `{0}`, `{1}` for the operands, or `{args}` where any number is taken."""
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
    family: "Family | None" = None
    constants: tuple[Any, ...] = ()
    arity: int | None = field(init=False)
    """Number of operands, read off `backward(g, y, *x)`; None for any number."""

    def __post_init__(self) -> None:
        parameters = list(inspect.signature(self.backward).parameters.values())[2:]
        many = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
        derived = {
            "arity": None if many else len(parameters),
            "symbol": self.symbol or self.name,
            "latex": self.latex or rf"\operatorname{{{{{self.name}}}}}({{args}})",
            "domain": self.domain or ((-10.0, 10.0),) * (1 if many else len(parameters)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @overload
    def __call__(self, *operands: float) -> float: ...
    @overload
    def __call__(self, *operands: "Value | Real") -> "Value": ...
    @overload
    def __call__(self, operands: Iterable["Value | Real"], /) -> "Value": ...
    def __call__(self, *operands: Any) -> Any:
        if self.arity is None and len(operands) == 1 and isinstance(operands[0], Iterable):
            operands = tuple(operands[0])
        for operand in operands:
            if operand.__class__ is not float and isinstance(operand, Value):
                return unary(self, operand) if self.arity == len(operands) == 1 else record(self, operands)
        return self.evaluate(operands)

    def evaluate(self, numbers: tuple[Any, ...], operands: tuple[Any, ...] | None = None) -> Any:
        """The number the operation gives: never nan, and infinite only if an operand is.

        Args:
            operands: what carries the numbers (labelled nodes), for the messages.

        Raises:
            DomainError: there is no such number.
            TypeError: an operand is not a real number, or there are too few or too many.
        """
        error, y = None, 0
        try:
            if len(numbers) == self.arity or self.arity is None:
                y = self._forward_for(numbers)(*numbers)
                if not (y - y):  # inf - inf and nan - nan are nan, and nan is true
                    return y
                if y == y and not all(map(_finite, numbers)):
                    return y
        except (TypeError, ValueError, ArithmeticError) as caught:
            error = caught
        if (why := refusal(y)) and not is_nan(y):
            raise TypeError(f"{call(self.name, operands or numbers)}: forward returned {y!r}: {why}.") from error
        raise self._refusal(numbers, operands or numbers, error) from error

    def at_precision(self, mp: Any) -> Callable[..., Any]:
        """The operation's function in the mpmath context `mp`: its `truth`, else mpmath's function of this name."""
        return functools.partial(self.truth, mp) if self.truth else getattr(mp, self.name, self.forward)

    def _forward_for(self, numbers: tuple[Any, ...]) -> Callable[..., Any]:
        for number in numbers:
            if number.__class__ is not float and (mp := precise(number)):
                return self.at_precision(mp)
        return self.forward

    def _refusal(self, numbers: tuple[Any, ...], operands: tuple[Any, ...], error: Exception | None) -> Exception:
        called = call(self.name, operands)
        if self.arity not in (None, len(numbers)):
            takes = f"{self.arity} operand{'s' if self.arity != 1 else ''}"
            return TypeError(f"{called}: {self.name} takes {takes}, not {len(numbers)}.")
        for number in numbers:
            if why := refusal(number):
                return (ValueError if is_nan(number) else TypeError)(f"{called}: {why}.")
        if isinstance(error, TypeError):
            return TypeError(f"{called}: {error}.")
        if error is not None and not isinstance(error, OverflowError):
            return DomainError(f"{called}: {self.name} is defined for {self.defined}.")
        if all(map(_finite, numbers)):
            return DomainError(f"{called}: the result is too large for a float.")
        return DomainError(f"{called}: the result is not a number.")

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # IPython's and Hypothesis's printers ask for this
        printer.text(repr(self))

    def __reduce__(self) -> Any:
        return (self.family, self.constants) if self.family else (_lookup, (self.name,))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Op":
        return self


class Family:
    """Operations that close over constants: `power(3)`, `leaky_relu(0.01)`, `clip(0, 1)` each make an `Op`.

    The same constants give the same `Op`. `samples` are the constants with which the laws try the family.
    """

    def __init__(self, make: Callable[..., Op], samples: tuple[tuple[Any, ...], ...]) -> None:
        self.name, self.samples = make.__name__, samples
        self._make = make
        self._member = functools.lru_cache(maxsize=4096, typed=True)(self._new_member)
        functools.update_wrapper(self, make)

    def _new_member(self, *constants: Any) -> Op:
        op = self._make(*constants)
        name = f"{self.name}({', '.join(map(repr, constants))})"
        return with_fields(op, name=name, symbol=op.symbol, family=self, constants=constants)

    def __call__(self, *constants: Any) -> Op:
        """The operation for these constants.

        Raises:
            TypeError: a `Value` among the constants, or too few or too many of them.
        """
        if any(isinstance(constant, Value) for constant in constants):
            example = f"{self.name}({', '.join(map(repr, self.samples[0]))})"
            raise TypeError(f"{self.name} takes constants and makes an operation; write {example}(x), x a Value.")
        return self._member(*constants)

    def __repr__(self) -> str:
        return f"<Family {self.name}>"

    def __reduce__(self) -> Any:
        return _lookup, (self.name,)


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
    if name in OPS and not replace:
        raise ValueError(f"primitive({name!r}): there is such an operation already; to define it again, replace=True.")
    OPS[name] = op = Op(name, forward, backward, **fields)
    return op


def family(*samples: tuple[Any, ...]) -> Callable[[Callable[..., Op]], Family]:
    """Decorator: a function from constants to an `Op` becomes a `Family`, and enters `OPS` under its name."""

    def enter(make: Callable[..., Op]) -> Family:
        OPS[make.__name__] = made = Family(make, samples)
        return made

    return enter


def operations() -> Iterator[Op]:
    """Every operation of `OPS`, a family once for each of its samples."""
    for entry in list(OPS.values()):
        if isinstance(entry, Op):
            yield entry
        else:
            yield from (entry(*constants) for constants in entry.samples)


def _lookup(name: str) -> Op | Family:
    """Where a pickled graph finds its operations again."""
    if name == constant.name:
        return constant
    if name not in OPS:
        raise LookupError(f"the operation {name!r} is not defined here; first import the module that defines it.")
    return OPS[name]


def _finite(number: Any) -> bool:
    return abs(number) < float("inf")


constant = Op("constant", forward=lambda: 0, backward=lambda g, y: (), meaning="a number without gradient")
"""Marks the nodes made of plain numbers, by `detach`, or under `no_grad`."""

# --- Recording ----------------------------------------------------------------------------------------------

_open_blocks = 0  # `no_grad` blocks open in any thread: all that the hot path reads
_depth: ContextVar[int] = ContextVar("depth of no_grad", default=0)
_counting = threading.Lock()


class no_grad:  # noqa: N801 - reads as a statement, and is PyTorch's name
    """Computes without recording: `with no_grad(): …`, or `@no_grad()` on a function or a coroutine function.

    Holds for the thread or the asyncio task that entered it, and for no other. Results are constants.
    """

    def __enter__(self) -> None:
        self._enter(+1)

    def __exit__(self, *exception: object) -> None:
        self._enter(-1)

    @staticmethod
    def _enter(step: int) -> None:
        global _open_blocks
        _depth.set(_depth.get() + step)
        with _counting:
            _open_blocks += step

    def __call__(self, function: _F) -> _F:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("no_grad() cannot decorate a generator: it would leak at each yield; use it inside.")
        if inspect.iscoroutinefunction(function):

            async def paused_coroutine(*arguments: Any, **named: Any) -> Any:
                with self:
                    return await function(*arguments, **named)

            return cast(_F, functools.wraps(function)(paused_coroutine))

        def paused(*arguments: Any, **named: Any) -> Any:
            with self:
                return function(*arguments, **named)

        return cast(_F, functools.wraps(function)(paused))


def record(op: Op, operands: Iterable[Any]) -> "Value":
    """Compute `op` on operands of which at least one is a `Value`, and record it; plain numbers become constants."""
    inputs = tuple([x if isinstance(x, Value) else _constant(x, op, operands) for x in operands])
    y = op.evaluate(tuple([x.data for x in inputs]), inputs)
    if _open_blocks and _depth.get():
        return _node(y, constant)
    if len(inputs) > 2:
        left, right = inputs, None
    else:
        left, right = (*inputs, None)[:2]
    return _node(y, op, left, right)


def binary(op: Op, left: Any, right: Any) -> "Value":
    """`record(op, (left, right))` for the operators; the one hot path, so it handles only what is usual itself."""
    if left.__class__ is not Value:
        left = _operand(left, op, (left, right))
        if left is NotImplemented:
            return left
    if right.__class__ is not Value:
        right = _operand(right, op, (left, right))
        if right is NotImplemented:
            return right
    try:
        y = op.forward(left.data, right.data)
        usual = not (y - y or _open_blocks)
    except (TypeError, ValueError, ArithmeticError):
        usual = False
    if not usual:
        return record(op, (left, right))
    node = _new(Value)
    node.data = y
    node.grad = 0
    node.op = op
    node._left = left
    node._right = right
    node.label = None
    return node


def unary(op: Op, x: "Value") -> "Value":
    """`record(op, (x,))`, by the same short way as `binary`."""
    if x.data.__class__ is not float:
        return record(op, (x,))
    try:
        y = op.forward(x.data)
        usual = not (y - y or _open_blocks)
    except (TypeError, ValueError, ArithmeticError):
        usual = False
    if not usual:
        return record(op, (x,))
    node = _new(Value)
    node.data = y
    node.grad = 0
    node.op = op
    node._left = x
    node._right = None
    node.label = None
    return node


def _operand(x: Any, op: Op, operands: tuple[Any, Any]) -> Any:
    """The node of an operator's other operand; NotImplemented where Python should ask `x` (an array, say)."""
    if x.__class__ is float or x.__class__ is int:
        return _node(x, constant)
    if isinstance(x, Value):
        return x
    if refusal(x) and not is_bool(x) and type(x).__module__ != "builtins":
        return NotImplemented
    return _constant(x, op, operands)


def _constant(x: Any, op: Op, operands: Iterable[Any]) -> "Value":
    """The node of a plain number; a bool counts as 1 or 0, as in Python, so that a comparison can be an operand."""
    if x.__class__ is not float and x.__class__ is not int:
        try:
            x = int(x) if is_bool(x) else as_real(x)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{call(op.name, operands)}: {error}.") from None
    return _node(x, constant)


def _node(
    data: Any, op: Op | None, left: Any = None, right: Any = None, grad: Any = 0, label: str | None = None
) -> "Value":
    node = _new(Value)
    node.data = data
    node.grad = grad
    node.op = op
    node._left = left
    node._right = right
    node.label = label
    return node


_new = object.__new__

# --- Nodes --------------------------------------------------------------------------------------------------


class Value:
    """A number that remembers how it was made.

    >>> unit_price, quantity, tax = Value(100, "単価"), Value(2, "個数"), Value(1.1, "消費税")
    >>> price = unit_price * quantity * tax
    >>> price.backward()
    >>> price.data, unit_price.grad, quantity.grad, tax.grad
    (220.00000000000003, 2.2, 110.00000000000001, 200)

    Attributes:
        data: the number (the primal). int, Fraction and Decimal stay exact; other reals become float.
        grad: the adjoint, once a `backward` has run; 0 before.
        op: the operation that made it; None for a leaf, `constant` for a number that has no gradient.
        label: a name for pictures and messages; may be set afterwards.

    Raises:
        TypeError: `data` is not a real number.
        ValueError: `data` is nan.
    """

    # Two slots for the inputs instead of a tuple: most operations have one or two, and without the tuple the
    # garbage collector has half as many objects to walk, which halves the time of a training step.
    # _left is None at a leaf; it holds the tuple of all inputs where there are more than two.
    __slots__ = ("_left", "_right", "data", "grad", "label", "op")

    data: Any  # int, float, Fraction or Decimal
    grad: Any
    op: Any  # Op | None
    label: str | None
    _left: Any
    _right: Any

    def __init__(self, data: Real, label: str | None = None) -> None:
        usual = label is None and data.__class__ is float and data == data
        self.data = data if usual else _checked(data, label)
        self.grad = 0
        self.op = None
        self._left = None
        self._right = None
        self.label = label

    @property
    def inputs(self) -> tuple["Value", ...]:
        """The nodes it was made from, in operand order; empty for a leaf."""
        left, right = self._left, self._right
        if right is not None:
            return (left, right)
        if left is None:
            return ()
        return left if left.__class__ is tuple else (left,)

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by no operation: a variable, or a constant."""
        return self._left is None

    def backward(self, gradient: Real = 1) -> None:
        """The reverse sweep: adds to `.grad` of every leaf the derivative of this value, times `gradient`.

        Leaves accumulate over calls, as in PyTorch; the nodes between are cleared first.

        Raises:
            DomainError: a derivative on the way is not finite; says at which node.
        """
        _reverse_sweep(self, gradient)

    def forward(self) -> float:
        """Replay: recompute the recorded graph from its leaves, whose `.data` may have changed."""
        for node in topological_order(self):
            if node._left is None:
                node.data = as_real(node.data)
            else:
                inputs = node.inputs
                node.data = node.op.evaluate(tuple([x.data for x in inputs]), inputs)
        return self.data

    def zero_grad(self) -> None:
        """Clear the gradient of every node of the graph, the leaves included."""
        for node in topological_order(self):
            node.grad = 0

    def detach(self) -> "Value":
        """The same number as a constant: no gradient flows through it."""
        return _node(self.data, constant, label=self.label)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    # Comparison is of the numbers and gives bool; equality and hash are identity, inherited from object.

    def __lt__(self, other: Any) -> bool:
        return self.data < _number(other)

    def __le__(self, other: Any) -> bool:
        return self.data <= _number(other)

    def __gt__(self, other: Any) -> bool:
        return self.data > _number(other)

    def __ge__(self, other: Any) -> bool:
        return self.data >= _number(other)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __add__(self, other: Any) -> "Value":
        return binary(add, self, other)

    def __radd__(self, other: Any) -> "Value":
        return binary(add, other, self)

    def __sub__(self, other: Any) -> "Value":
        return binary(sub, self, other)

    def __rsub__(self, other: Any) -> "Value":
        return binary(sub, other, self)

    def __mul__(self, other: Any) -> "Value":
        return binary(mul, self, other)

    def __rmul__(self, other: Any) -> "Value":
        return binary(mul, other, self)

    def __truediv__(self, other: Any) -> "Value":
        return binary(div, self, other)

    def __rtruediv__(self, other: Any) -> "Value":
        return binary(div, other, self)

    def __neg__(self) -> "Value":
        return unary(neg, self)

    def __pos__(self) -> "Value":
        return self

    # The other operators look their operation up in the table of functions.py.

    def __pow__(self, exponent: Any, modulus: None = None) -> "Value":
        if modulus is not None:
            raise TypeError("pow(x, y, modulus): a Value has no modular power; use pow(x, y) % modulus.")
        if isinstance(exponent, Value) and exponent.op is constant:
            exponent = exponent.data
        if isinstance(exponent, Value) or refusal(exponent) is not None:
            return binary(_op("pow"), self, exponent)
        return _op("power", as_real(exponent))(self)

    def __rpow__(self, base: Any) -> "Value":
        return binary(_op("pow"), base, self)

    def __mod__(self, other: Any) -> "Value":
        return binary(_op("mod"), self, other)

    def __rmod__(self, other: Any) -> "Value":
        return binary(_op("mod"), other, self)

    def __floordiv__(self, other: Any) -> "Value":
        return binary(_op("floor_divide"), self, other)

    def __rfloordiv__(self, other: Any) -> "Value":
        return binary(_op("floor_divide"), other, self)

    def __divmod__(self, other: Any) -> tuple["Value", "Value"]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple["Value", "Value"]:
        return other // self, other % self

    def __abs__(self) -> "Value":
        return _op("abs")(self)

    def __floor__(self) -> "Value":
        return _op("floor")(self)

    def __ceil__(self) -> "Value":
        return _op("ceil")(self)

    def __trunc__(self) -> "Value":
        return _op("trunc")(self)

    def __round__(self, digits: int | None = None) -> "Value":
        return _op("round")(self) if digits is None else _op("round_to", digits)(self)

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __float__(self) -> float:
        # math.sin(x) arrives here too, and would lose the graph without a word.
        raise TypeError(
            f"float({show(self)}) would drop the graph: the number is x.data, and of the functions in math "
            "use autograd's, as in autograd.sin(x)."
        )

    def __int__(self) -> int:
        raise TypeError(f"int({show(self)}) would drop the graph: use int(x.data), or math.trunc(x).")

    def __reduce__(self) -> Any:
        # Pickling a deep graph node by node would recurse as deep. So the first node that is pickled puts all its
        # ancestors before itself, inputs first; these then find their inputs already in the pickler's memo.
        ancestors = None if id(self) in _flattening() else _Ancestors(topological_order(self)[:-1])
        return _restore, (ancestors, self.data, self.op, self._left, self._right, self.grad, self.label)

    def __copy__(self) -> "Value":
        return _node(self.data, self.op, self._left, self._right, self.grad, self.label)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        def copied(x: Any) -> Any:
            return tuple(map(copied, x)) if x.__class__ is tuple else memo.get(id(x))

        for node in topological_order(self):
            if id(node) not in memo:
                left, right = copied(node._left), copied(node._right)
                memo[id(node)] = _node(node.data, node.op, left, right, node.grad, node.label)
        return memo[id(self)]

    if TYPE_CHECKING:  # attached by functions.py, one for each operation of one operand; a test compares the lists

        def exp(self) -> "Value": ...

        identity = abs = acos = acosh = arccos = arccosh = arcsin = arcsinh = arctan = arctanh = asin = asinh = atan = (
            exp
        )
        atanh = cbrt = ceil = cos = cosh = digamma = erf = erfc = erfinv = exp2 = expm1 = floor = gelu = exp
        lgamma = log = log10 = log1p = log2 = log_sigmoid = reciprocal = relu = round = selu = sigmoid = sign = exp
        silu = sin = sinh = softplus = softsign = sqrt = square = step = tan = tanh = trunc = exp


def _checked(data: Any, label: Any) -> Any:
    """`data` as a node keeps it, or the error that names the argument of `Value(data, label)` and what to do."""
    if label is not None and not isinstance(label, str):
        raise TypeError(f"Value({show(data)}, label={label!r}): a label is text, not {type(label).__name__}.")
    if data.__class__ is int:
        return data
    named = f", label={label!r}" if label else ""
    if isinstance(data, Value):
        raise TypeError(f"Value({show(data)}{named}): this is a Value already; use it, or its number .data.")
    try:
        return as_real(data)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Value({show(data)}{named}): {error}.") from None


def _op(name: str, *constants: Any) -> Any:
    return OPS[name](*constants) if constants else OPS[name]


def _number(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


# --- Graphs -------------------------------------------------------------------------------------------------


def topological_order(*roots: Value) -> list[Value]:
    """Every node the roots depend on, once, inputs before what is made of them; left operands first."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Any] = list(reversed(roots))
    pop, push, append, see = stack.pop, stack.append, order.append, seen.add
    while stack:
        node = pop()
        if node is None:  # the inputs of the node below are done
            append(pop())
        elif node not in seen:
            see(node)
            left = node._left
            if left is None:
                append(node)
                continue
            push(node)
            push(None)
            right = node._right
            if right is not None:
                push(right)
                push(left)
            elif left.__class__ is tuple:
                stack.extend(reversed(left))
            else:
                push(left)
    return order


def _reverse_sweep(root: Value, gradient: Any) -> None:
    if why := refusal(gradient):
        raise TypeError(f"backward(gradient={show(gradient)}): {why}.")
    if root.op is constant:
        raise ValueError(
            f"{show(root)} is a constant: computed under no_grad() or detached, it has no graph to differentiate."
        )
    order = topological_order(root)
    for node in order:
        if node._left is not None:
            node.grad = 0
    root.grad += gradient
    node = root
    try:
        for node in reversed(order):
            g = node.grad
            if g - g and node.op is not constant:  # nan or infinite
                break
            left = node._left
            if left is None or not g:  # where nothing arrives nothing is passed on, whatever the derivative
                continue
            right = node._right
            if right is not None:
                to_left, to_right = node.op.backward(g, node.data, left.data, right.data)
                left.grad += to_left
                right.grad += to_right
            elif left.__class__ is tuple:
                cotangents = node.op.backward(g, node.data, *[x.data for x in left])
                for x, to_x in zip(left, cotangents, strict=True):
                    x.grad += to_x
            else:
                (to_left,) = node.op.backward(g, node.data, left.data)
                left.grad += to_left
        else:
            return
    except (TypeError, ValueError, ArithmeticError) as error:
        raise bad_backward(node, node.grad, error) from error
    raise bad_gradient(order, node)


# --- Pickling -----------------------------------------------------------------------------------------------

_pickling = threading.local()


def _flattening() -> set[int]:
    """The ids of nodes that an `_Ancestors` of this thread is just now writing."""
    if not hasattr(_pickling, "ids"):
        _pickling.ids = set()
    return _pickling.ids


class _Ancestors:
    """Pickles as a list of nodes, inputs first, so that pickling any of them never recurses."""

    def __init__(self, nodes: list[Value]) -> None:
        self.nodes = nodes

    def __reduce__(self) -> Any:
        return list, (), None, self._one_by_one()

    def _one_by_one(self) -> Iterator[Value]:
        ids = {id(node) for node in self.nodes}
        _flattening().update(ids)
        try:
            yield from self.nodes
        finally:
            _flattening().difference_update(ids)


def _restore(_ancestors: Any, *fields: Any) -> Value:
    return _node(*fields)


# --- The four rules -----------------------------------------------------------------------------------------


def _two(bound: float) -> tuple[tuple[float, float], ...]:
    return ((-bound, bound),) * 2


# fmt: off
add: Op = primitive("add", operator.add,     lambda g, y, a, b: (g, g),
    symbol="+", latex="{0} + {1}", meaning="sum", domain=_two(1e300), truth=lambda mp, a, b: a + b)
sub: Op = primitive("sub", operator.sub,     lambda g, y, a, b: (g, -g),
    symbol="−", latex="{0} - {1}", meaning="difference", domain=_two(1e300), truth=lambda mp, a, b: a - b)
mul: Op = primitive("mul", operator.mul,     lambda g, y, a, b: (g * b, g * a),
    symbol="×", latex=r"{0} \times {1}", meaning="product", domain=_two(1e150), truth=lambda mp, a, b: a * b)
div: Op = primitive("div", operator.truediv, lambda g, y, a, b: (g / b, -g * y / b),
    symbol="÷", latex=r"\frac{{{0}}}{{{1}}}", meaning="quotient", domain=((-1e100, 1e100), (1e-100, 1e100)),
    defined="a divisor other than 0", truth=lambda mp, a, b: a / b)
neg: Op = primitive("neg", operator.neg,     lambda g, y, x: (-g,),
    symbol="−", latex="-{0}", meaning="negative", domain=((-1e300, 1e300),), truth=lambda mp, x: -x)
# fmt: on
