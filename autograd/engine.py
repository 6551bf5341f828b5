"""The engine: nodes, and the reverse sweep over the graph they form.

Two ideas, in the order of this file (the third, the operation, is in operation.py: read that first):

1. A **node** (`Value`) is a number, its gradient, the operation that made it, and its inputs.
   Arithmetic on nodes records more nodes.
2. The **reverse sweep** walks the recorded graph from the output to the leaves and adds up cotangents.

The words are those of Griewank & Walther, *Evaluating Derivatives* (2nd ed., SIAM 2008) and of JAX. The file is long
because a number in Python has many operators: nodes, sweep and order, what there is to understand, are half of it.
"""

import contextlib
import functools
import inspect
import operator
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from typing import cast as typed

from autograd.callers import asking, would_drop
from autograd.doubles import NATIVE, Kernels, Node, backwards, cleared
from autograd.errors import bad_gradient, call, show, spelled, written
from autograd.operation import OPS, Op, Real, constant, number_of, primitive
from autograd.reals import alike, as_operand, as_real, is_bool, is_finite, is_nan, nothing, refusal, unboxed
from autograd.sweep import adjoints, topological_order

__all__ = ["Value", "add", "div", "mul", "neg", "no_grad", "sub", "topological_order"]

_F = TypeVar("_F", bound=Callable[..., Any])

# --- Recording ----------------------------------------------------------------------------------------------


class _Block:
    """One `with no_grad():` from its start to its end."""

    __slots__ = ("is_open",)

    def __init__(self) -> None:
        self.is_open = True


_attentive = 0  # blocks of `no_grad` and recordings, in any thread: all that the hot path reads
_blocks: ContextVar[tuple[_Block, ...]] = ContextVar("blocks of no_grad around this code", default=())
_counting = threading.Lock()


class no_grad:  # noqa: N801 - reads as a statement, and is PyTorch's name
    """Computes without recording: `with no_grad(): …`, or `@no_grad()` on a function or a coroutine function.

    Holds for the thread or the asyncio task that entered it and for tasks that are started inside, until the block
    ends, wherever that is; for no other thread. Results are constants.
    """

    def __init__(self) -> None:
        self._entered: list[_Block] = []

    def __enter__(self) -> None:
        block = _Block()
        self._entered.append(block)
        _blocks.set((*_blocks.get(), block))
        _count_attentive(+1)

    def __exit__(self, *exception: object) -> None:
        around = _blocks.get()
        ours = [block for block in around if block in self._entered] or self._entered
        if not ours:
            raise RuntimeError("no_grad: this block was left without having been entered.")
        block = ours[-1]  # of another thread or task, where this one has entered none
        self._entered.remove(block)
        block.is_open = False
        _blocks.set(tuple([other for other in around if other.is_open]))
        _count_attentive(-1)

    def __call__(self, function: _F) -> _F:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("no_grad() cannot decorate a generator: it would leak at each yield; use it inside.")
        if inspect.iscoroutinefunction(function):

            async def paused_coroutine(*arguments: Any, **named: Any) -> Any:
                with no_grad():
                    return await function(*arguments, **named)

            return typed(_F, functools.wraps(function)(paused_coroutine))

        def paused(*arguments: Any, **named: Any) -> Any:
            with no_grad():
                return function(*arguments, **named)

        return typed(_F, functools.wraps(function)(paused))


def _count_attentive(step: int) -> None:
    global _attentive
    with _counting:
        _attentive += step
        kernels.attentive = _attentive


def _paused() -> bool:
    """Whether a `no_grad` around this code is still open; asked where any is, anywhere."""
    blocks = _blocks.get()
    return bool(blocks) and any(block.is_open for block in blocks)


def is_recording() -> bool:
    """Whether operations are recorded here, and not only computed."""
    return not (_attentive and _paused())


class recording_anew:  # noqa: N801 - as no_grad
    """Within the block operations are recorded, whatever `no_grad` is around it."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _blocks.set(())

    def __exit__(self, *exception: object) -> None:
        _blocks.reset(self._token)


def record(op: Op, operands: Iterable[Any]) -> "Value":
    """Compute `op` on operands of which at least one is a `Value`, and record it; plain numbers become constants."""
    inputs = tuple([x if isinstance(x, Value) else _constant(x, op, operands) for x in operands])
    numbers = tuple([x.data for x in inputs])
    y = op.evaluate(numbers, inputs)
    if _attentive and _paused():
        return _node(y, constant)
    if y.__class__ is float and Decimal in map(type, numbers) and op is not cast:
        # Decimals and floats do not mix: what is a float from here on has floats behind it, and a node says where.
        inputs = tuple([cast(x, 1.0) if isinstance(x.data, Decimal) else x for x in inputs])
    left: Any = inputs if len(inputs) > 2 else next(iter(inputs))
    right = inputs[1] if len(inputs) == 2 else None
    return _attended(y, op, left, right) if _attentive else _node(y, op, left, right)


def binary(op: Op, left: Any, right: Any) -> "Value":
    """`record(op, (left, right))` for the operators; the one hot path, so it handles only what is usual itself."""
    if NATIVE and op.code:
        node = kernels.binary(op, left, right)
        if node is not None:
            return node
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
        usual = (y.__class__ is float or y.__class__ is int) and not (y - y)
    except (TypeError, ValueError, ArithmeticError):
        usual = False
    if not usual:
        return record(op, (left, right))
    if _attentive:
        return _attended(y, op, left, right)
    node = Value.__new__(Value)
    node.data = y
    node.grad = 0
    node.op = op
    node._left = left
    node._right = right
    node.label = None
    return node


def unary(op: Op, x: "Value") -> "Value":
    """`record(op, (x,))`, by the same short way as `binary`."""
    if NATIVE and op.code:
        node = kernels.unary(op, x)
        if node is not None:
            return node
    if x.data.__class__ is not float:
        return record(op, (x,))
    try:
        y = op.forward(x.data)
        usual = y.__class__ is float and not (y - y)
    except (TypeError, ValueError, ArithmeticError):
        usual = False
    if not usual:
        return record(op, (x,))
    if _attentive:
        return _attended(y, op, x)
    node = Value.__new__(Value)
    node.data = y
    node.grad = 0
    node.op = op
    node._left = x
    node._right = None
    node.label = None
    return node


def _attended(y: Any, op: Op, left: Any, right: Any = None) -> "Value":
    """A node where a `no_grad` is open, so that it is none, or a watcher wants to know of it; or in another thread."""
    if _paused():
        return _node(y, constant)
    node = _node(y, op, left, right)
    if watcher := _watcher.get():
        watcher.made(node)
    return node


def _operand(x: Any, op: Op, operands: tuple[Any, Any]) -> Any:
    """The node of an operator's other operand; NotImplemented where Python should ask `x` (an array, say)."""
    if x.__class__ is float or x.__class__ is int:
        return _node(x, constant)
    if isinstance(x, Value):
        return x
    if _is_no_number(x) and type(x).__module__ != "builtins":
        return NotImplemented
    return _constant(x, op, operands)


def _constant(x: Any, op: Op, operands: Iterable[Any]) -> "Value":
    """The node of a plain number; a bool counts as 1 or 0, as in Python, so that a comparison can be an operand."""
    if x.__class__ is not float and x.__class__ is not int:
        try:
            x = as_operand(x)
        except (TypeError, ValueError) as error:
            if isinstance(boxed := unboxed(x), Value):
                return boxed
            raise type(error)(f"{call(op.name, operands)}: {error}.") from None
    return _node(x, constant)


def _node(
    data: Any, op: Op | None, left: Any = None, right: Any = None, grad: Any = 0, label: str | None = None
) -> "Value":
    node = Value.__new__(Value)
    node.data = data
    node.grad = grad
    node.op = op
    node._left = left
    node._right = right
    node.label = label
    return node


# --- Watching -----------------------------------------------------------------------------------------------


class Watcher(Protocol):
    """What has to know of all that Python code does with Values: a program made of the graph."""

    @property
    def replays(self) -> bool:
        """Whether what is recorded will be computed for other numbers."""
        ...

    def made(self, node: "Value") -> None:
        """A node was recorded; told to those that replay."""

    def compared(self, sign: str, left: "Value", right: Any, outcome: bool) -> None:
        """A Value was compared, and which way the code went."""

    def swept(self, root: "Value") -> None:
        """`root.backward()` is about to run."""


class Witness:
    """A watcher that counts comparisons, and lets everything pass."""

    count, replays = 0, False

    def made(self, node: "Value") -> None:
        """Recording is nobody's business here."""

    def compared(self, sign: str, left: "Value", right: Any, outcome: bool) -> None:
        self.count += 1

    def swept(self, root: "Value") -> None:
        """A sweep is nobody's business here."""


_watchers = 0  # at work in any thread: all that a comparison reads
_watcher: ContextVar[Watcher | None] = ContextVar("what is told of comparisons and sweeps", default=None)


@contextlib.contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Within the block every comparison of a Value and every `backward` tells `watcher`."""
    token = _watcher.set(watcher)
    _count_watchers(+1)
    _count_attentive(+watcher.replays)
    try:
        yield
    finally:
        _count_attentive(-watcher.replays)
        _count_watchers(-1)
        _watcher.reset(token)


def is_replayed() -> bool:
    """Whether what is recorded here will be computed for other numbers, by a program."""
    watcher = _watcher.get() if _watchers else None
    return watcher is not None and watcher.replays


def is_watched() -> bool:
    """Whether code in any thread is watched, or under `no_grad`: then operations everywhere have more to ask."""
    return bool(_watchers or _attentive)


def _count_watchers(step: int) -> None:
    global _watchers
    with _counting:
        _watchers += step


def _compared(sign: str, compare: Callable[[Any, Any], bool], left: "Value", right: Any) -> bool:
    """How the numbers compare; NotImplemented where `right` has none, so that Python asks it (an array, say)."""
    if NATIVE and not _watchers:
        outcome = kernels.compared(sign, left, right)
        if outcome >= 0:
            return outcome == 1
    number = number_of(right)
    if number.__class__ is complex and not number.imag and sign in ("==", "!="):
        number = number.real
    if number.__class__ is not float and number.__class__ is not int and _is_no_number(number):
        return NotImplemented
    outcome = bool(compare(left.data, number))
    if _watchers and (watcher := _watcher.get()):
        watcher.compared(sign, left, right if isinstance(right, Value) else number, outcome)
    return outcome


def _is_no_number(x: Any) -> bool:
    """Whether it is something else; a bool counts as 1 or 0, and a nan as a number, though no node holds it."""
    return refusal(x) is not None and not is_bool(x) and not is_nan(x)


# --- Nodes --------------------------------------------------------------------------------------------------


class Value(Node):
    """A number that remembers how it was made.

    >>> unit_price, quantity, tax = Value(100, "単価"), Value(2, "個数"), Value(1.1, "消費税")
    >>> price = unit_price * quantity * tax
    >>> price.backward()
    >>> price.data, unit_price.grad, quantity.grad, tax.grad
    (220.00000000000003, 2.2, 110.00000000000001, 200.0)

    Attributes:
        data: the number (the primal). int, Fraction and Decimal stay exact; other reals become float.
        grad: the adjoint, once a `backward` has run; 0 before. None may be assigned, PyTorch's way to clear it.
        op: the operation that made it; None for a leaf, `constant` for a number that has no gradient, `parameter`
            for one that a model learns.
        label: a name for pictures and messages; may be set afterwards.

    Raises:
        TypeError: `data` is not a real number.
        ValueError: `data` is nan.
    """

    # Two slots for the inputs instead of a tuple: most operations have one or two, and without the tuple the
    # garbage collector has half as many objects to walk, which halves the time of a training step.
    # _left is None at a leaf; it holds the tuple of all inputs where there are more than two.
    __slots__ = ("_left", "_right", "data", "grad", "label", "op")

    def __init__(self, data: Real, label: str | None = None) -> None:
        if NATIVE and label is None and kernels.hold(self, data):
            return
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

    @staticmethod
    def record(op: Op, operands: tuple[Any, ...]) -> "Value":
        return unary(op, operands[0]) if op.arity == len(operands) == 1 else record(op, operands)

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
        """Replay: recompute the recorded graph from its leaves, whose `.data` may have changed.

        The gradients of the nodes between are forgotten, for they were those of other numbers; leaves keep theirs, so
        that several replays add up.
        """
        for node in topological_order(self):
            if node._left is None:
                node.data = data_of(node)
            else:
                inputs = node.inputs
                node.data = node.op.evaluate(tuple([x.data for x in inputs]), inputs)
                node.grad = 0
        return self.data

    def item(self) -> Real:
        """The number, as `data`; PyTorch's and NumPy's name for it."""
        return data_of(self)

    def zero_grad(self) -> None:
        """Clear the gradient of every node of the graph, the leaves included."""
        with _turn:
            for node in topological_order(self):
                node.grad = 0

    def detach(self) -> "Value":
        """The same number as a constant: no gradient flows through it."""
        return _node(self.data, constant, label=self.label)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={spelled(self.data)}, grad={spelled(self.grad)}{label})"

    # Comparisons are of the numbers and give bool, so that code written for floats goes its way. The hash is of the
    # node, as in PyTorch, so that nodes are keys: sets and dicts tell apart two nodes of the same number.

    def __eq__(self, other: Any) -> bool:
        return _compared("==", operator.eq, self, other)

    def __ne__(self, other: Any) -> bool:
        return _compared("!=", operator.ne, self, other)

    def __lt__(self, other: Any) -> bool:
        return _compared("<", operator.lt, self, other)

    def __le__(self, other: Any) -> bool:
        return _compared("<=", operator.le, self, other)

    def __gt__(self, other: Any) -> bool:
        return _compared(">", operator.gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return _compared(">=", operator.ge, self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return _compared("!=", operator.ne, self, 0)

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
        if exponent.__class__ is int and (op := _powers.get(exponent)) is not None and op.family is OPS["power"]:
            return unary(op, self)
        if isinstance(exponent, Value) and exponent.op is constant:
            exponent = exponent.data
        if isinstance(exponent, Value) or refusal(exponent) is not None:
            return binary(_op("pow"), self, exponent)
        op = _op("power", as_real(exponent))
        if exponent.__class__ is int and -_FEW <= exponent <= _FEW:
            _powers[exponent] = op
        return op(self)

    def __rpow__(self, base: Any) -> "Value":
        return binary(_op("pow"), _exact_base(base), self)

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
        raise TypeError(would_drop(show(self)))

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
        for node in topological_order(self):
            if id(node) not in memo:
                left, right = _copies(node._left, memo), memo.get(id(node._right))
                memo[id(node)] = _node(node.data, node.op, left, right, node.grad, node.label)
        return memo[id(self)]

    if TYPE_CHECKING:  # attached by ufuncs.py; a test compares the lists

        def exp(self) -> "Value": ...

        identity = abs = acos = acosh = arccos = arccosh = arcsin = arcsinh = arctan = arctanh = asin = asinh = exp
        atan = atanh = cbrt = ceil = conjugate = cos = cosh = deg2rad = degrees = digamma = erf = erfc = erfinv = exp
        exp2 = expm1 = fabs = floor = gelu = lgamma = log = log10 = log1p = log2 = log_sigmoid = rad2deg = exp
        radians = reciprocal = relu = rint = round = selu = sigmoid = sign = silu = sin = sinh = softplus = exp
        softsign = sqrt = square = step = tan = tanh = trunc = exp

        def hypot(self, other: Any) -> "Value": ...

        arctan2 = fmod = logical_xor = hypot

        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any: ...


Value.__hash__ = object.__hash__  # said again for the compiled class, which forgets it over its comparisons


def _copies(inputs: Any, memo: dict[int, Any]) -> Any:
    """What `memo` has for a node, or for each of a tuple of nodes."""
    return tuple([memo[id(x)] for x in inputs]) if inputs.__class__ is tuple else memo.get(id(inputs))


def _checked(data: Any, label: Any) -> Any:
    """`data` as a node keeps it, or the error that names the argument of `Value(data, label)` and what to do."""
    if label is not None and not isinstance(label, str):
        raise TypeError(f"Value({show(data)}, label={label!r}): a label is text, not {type(label).__name__}.")
    if data.__class__ is int:
        return data
    named = f", label={label!r}" if label else ""
    if isinstance(inner := unboxed(data), Value):
        raise TypeError(f"Value({show(inner)}{named}): this is a Value already; use it, or its number .data.")
    try:
        return as_real(data)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Value({show(data)}{named}): {error}.") from None


def _exact_base(base: Any) -> Any:
    """The Fraction of `Fraction ** Value`: before Python 3.12 `Fraction.__pow__` rounds it to a float and asks us."""
    if base.__class__ is float and sys.version_info < (3, 12):
        frame = asking()
        if frame is not None and frame.f_code is Fraction.__pow__.__code__:
            return frame.f_locals["a"]
    return base


_FEW = 16
_powers: dict[int, Op] = {}  # by an exponent, of these few


def _op(name: str, *constants: Any) -> Any:
    return OPS[name](*constants) if constants else OPS[name]


# --- The reverse sweep ---------------------------------------------------------------------------------------


class _Turn:
    """One sweep at a time: `with _turn:` around what writes to `.grad` of nodes, which several threads may share.

    Threads wait for each other. A rule that waited for a thread that sweeps would wait forever; it is told so.
    """

    def __init__(self) -> None:
        self._lock, self._done = threading.RLock(), 0

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._wait()

    def __exit__(self, *exception: object) -> None:
        self._done += 1
        self._lock.release()

    def _wait(self, patience: float = 300.0) -> None:
        before = self._done
        while not self._lock.acquire(timeout=patience):
            if self._done == before:
                raise RuntimeError(
                    f"another thread has been in one sweep for {patience:g} s: does a rule wait for this thread?"
                )
            before = self._done


_turn = _Turn()


def gradient_of(node: Value) -> Any:
    """`node.grad` as a number: 0 for None.

    Raises:
        TypeError, ValueError: something else was assigned to it.
    """
    return 0 if node.grad is None else _real(node, "grad")


def data_of(node: Value) -> Any:
    """`node.data`, which code outside may have assigned.

    Raises:
        TypeError, ValueError: it is no number.
    """
    return _real(node, "data")


def _real(node: Value, attribute: str) -> Any:
    number = getattr(node, attribute)
    if number.__class__ is float and number == number:
        return number
    if number.__class__ is not int and (why := refusal(number)):
        raise written(node, attribute, why)
    return as_real(number)


def _reverse_sweep(root: Value, gradient: Any) -> None:
    if why := refusal(gradient):
        raise TypeError(f"backward(gradient={show(gradient)}): {why}.")
    if root.op is constant:
        raise ValueError(
            f"{show(root)} is a constant: computed under no_grad() or detached, it has no graph to differentiate."
        )
    if _watchers and (watcher := _watcher.get()):
        watcher.swept(root)
    with _turn:
        _sweep(root, topological_order(root), gradient)


def _sweep(root: Value, order: list[Value], gradient: Any) -> None:
    before: list[tuple[Value, Any]] = []
    for node in cleared(order, before):
        if node._left is not None:
            node.grad = 0
            continue
        data, grad = node.data, node.grad
        if data.__class__ is not float and data.__class__ is not int:
            node.data = data_of(node)
        if grad.__class__ is not float and grad.__class__ is not int:
            node.grad = grad = gradient_of(node)
        if grad:
            before.append((node, grad))
    try:
        if _usual_sweep(root, order, alike(gradient, root.data)):
            return
        _put_back(order, before)
        for node, g in adjoints(root, gradient).items():
            node.grad = _sum(node, gradient_of(node), g)
    except BaseException:
        _put_back(order, before)
        raise


def _sum(node: Value, before: Any, g: Any) -> Any:
    total = before + g
    if not is_finite(total):
        raise bad_gradient(node, total)
    return total


def _usual_sweep(root: Value, order: list[Value], gradient: Any) -> bool:
    """The sweep where every derivative is finite; False where one is not, and `adjoints` has to look into it.

    A node at which nothing arrived keeps the int 0 that it was cleared to; a zero that was computed is a 0.0.
    """
    root.grad += gradient
    try:
        for node in backwards(order):
            g = node.grad
            if g - g:  # nan or infinite
                return False
            left = node._left
            if left is None:
                if g.__class__ is complex:  # somebody has assigned such a number to a node
                    return False
                continue
            if not g and g.__class__ is int:
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
    except (TypeError, ValueError, ArithmeticError):
        return False
    return True


def _put_back(order: list[Value], before: list[tuple[Value, Any]]) -> None:
    """The gradients as they were before the sweep; those between are cleared."""
    for node in order:
        node.grad = 0
    for leaf, grad in before:
        leaf.grad = grad


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
    form=lambda f, a, b: a + b, symbol="+", latex="{0} + {1}", meaning="sum", domain=_two(1e300),
    truth=lambda mp, a, b: a + b)
sub: Op = primitive("sub", operator.sub,     lambda g, y, a, b: (g, -g),
    form=lambda f, a, b: a - b, symbol="−", latex="{0} - {1}", meaning="difference", domain=_two(1e300),
    truth=lambda mp, a, b: a - b)
mul: Op = primitive("mul", operator.mul,     lambda g, y, a, b: (g * b, g * a),
    form=lambda f, a, b: a * b, symbol="×", latex=r"{0} \times {1}", meaning="product", domain=_two(1e150),
    truth=lambda mp, a, b: a * b)
div: Op = primitive("div", operator.truediv, lambda g, y, a, b: (g / b, -g * y / b),
    form=lambda f, a, b: a / b, symbol="÷", latex=r"\frac{{{0}}}{{{1}}}", meaning="quotient",
    domain=((-1e100, 1e100), (1e-100, 1e100)), defined="a divisor other than 0", truth=lambda mp, a, b: a / b)
neg: Op = primitive("neg", operator.neg,     lambda g, y, x: (-g,),
    form=lambda f, x: -x, symbol="−", latex="-{0}", meaning="negative", domain=((-1e300, 1e300),),
    truth=lambda mp, x: -x)
cast: Op = primitive("cast", alike,          lambda g, y, x, other: (cast(g, x), nothing),
    form=lambda f, x, other: x, symbol="→", latex=r"{0}\vert_{{{1}}}",
    meaning="the same number in the arithmetic of another", domain=_two(1e300), truth=lambda mp, x, other: x)
# fmt: on


def _signed(data: Real, label: str | None = None) -> None:
    """What the signature of Value is, which a compiled class does not tell."""


if NATIVE:
    setattr(Value, "__signature__", inspect.signature(_signed))  # noqa: B010 - type checkers read it off __init__
kernels = Kernels(Value, constant, (add, sub, mul, div), _blocks, _watcher)
