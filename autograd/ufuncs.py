"""Values among NumPy's functions: `np.hypot(x, 3.0)`, `np.logaddexp(x, y)`, `np.rint(array of Values)`.

NumPy asks in two ways. A ufunc that is given a Value asks `Value.__array_ufunc__`, and finds its operation here. A
ufunc that is given an array of Values asks each for a method of the ufunc's own name: `x.arctan2(y)`. So operations are
methods too. A ufunc that takes no arrays of objects (`np.logaddexp`) does not ask: docs/numpy.md says which these are.
"""

import builtins
import math
import operator
import sys
from collections.abc import Callable
from numbers import Real
from typing import Any

from autograd import functions
from autograd.engine import Value, neg, unary
from autograd.errors import call
from autograd.familiar import OF_VALUE, advise
from autograd.functions import atan2, exp2, logaddexp, maximum, minimum, round, sech2, step, trunc, where
from autograd.operation import OPS, Op
from autograd.reals import as_real, unboxed

# --- The table ------------------------------------------------------------------------------------------------

_LN2, _DEGREE = math.log(2), math.pi / 180

_NAMED = {name: op for name, op in OPS.items() if isinstance(op, Op)}
_INVERSES = {f"arc{name[1:]}": op for name, op in _NAMED.items() if name[0] == "a" and name[1:] in _NAMED}
_OPERATIONS = {**_NAMED, **_INVERSES}

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "negative": operator.neg,
    "positive": operator.pos,
    "absolute": operator.abs,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
"""What is an operator in Python too: NumPy itself applies these to the elements of an array of objects."""

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **_OPERATIONS,
    **OPERATORS,
    "arctan2": atan2,
    "conjugate": operator.pos,
    "deg2rad": lambda x: x * _DEGREE,
    "degrees": lambda x: x / _DEGREE,
    "divmod": builtins.divmod,
    "fabs": operator.abs,
    "float_power": operator.pow,
    "fmax": maximum,
    "fmin": minimum,
    "heaviside": lambda x, at_zero: where(x, step(x), at_zero),
    "isfinite": lambda x: -math.inf < x < math.inf,
    "isinf": lambda x: not -math.inf < x < math.inf,
    "isnan": lambda x: False,  # a nan is refused where it would appear
    "ldexp": lambda x, n: x * exp2(n),
    "logaddexp2": lambda x, y: logaddexp(x * _LN2, y * _LN2) / _LN2,
    "logical_and": lambda x, y: bool(x) and bool(y),
    "logical_not": operator.not_,
    "logical_or": lambda x, y: bool(x) or bool(y),
    "logical_xor": lambda x, y: bool(x) != bool(y),
    "modf": lambda x: (x - trunc(x), trunc(x)),
    "rad2deg": lambda x: x / _DEGREE,
    "radians": lambda x: x * _DEGREE,
    "rint": round,
    "signbit": lambda x: x < 0,
    # SciPy's
    "expit": functions.sigmoid,
    "gammaln": functions.lgamma,
    "log_expit": functions.log_sigmoid,
    "psi": functions.digamma,
}
"""What a ufunc of NumPy's or of scipy.special does with Values, by its name. Zeros have no sign."""


# --- A ufunc that is given a Value ----------------------------------------------------------------------------

_found: dict[Any, Callable[..., Any]] = {}


def _array_ufunc(self: Value, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
    """What NumPy calls where a Value is among the inputs of a ufunc."""
    function = _found.get(ufunc) or _find(ufunc)
    numbers = [x if x.__class__ is Value else _number(x) for x in inputs]
    if function is not None and method == "__call__" and not named:
        for x in numbers:
            if x.__class__ is not Value and x.__class__ is not float and hasattr(x, "__len__"):
                break
        else:
            return function(*numbers)
    if function is None and (_qualified(ufunc) or not _takes_objects(ufunc)):
        raise TypeError(
            f"{call(_qualified(ufunc) or ufunc.__name__, inputs)}: there is no such operation of Values; compute with "
            "their numbers, x.data, if no derivative is wanted, or define the operation: autograd.primitive(…)."
        )
    return getattr(_on_objects(ufunc, function), method)(*map(_boxed, numbers), **named)


def _number(x: Any) -> Any:
    """What is given besides a Value, not as a number of NumPy's, which would ask for us again."""
    if isinstance(x, float):
        return float(x)
    number = unboxed(x)
    if number.__class__ is x.__class__ and isinstance(x, Real) and type(x).__module__ == "numpy":  # a longdouble
        return as_real(x) if x == x else math.nan
    return number


def _find(ufunc: Any) -> Callable[..., Any] | None:
    """Its function of the table; None where it has none, or only shares the name with one that has."""
    function = FUNCTIONS.get(ufunc.__name__) if _qualified(ufunc) else None
    if function is not None:
        _found[ufunc] = function
    return function


def _qualified(ufunc: Any) -> str:
    """`np.hypot`, `scipy.special.expit`; nothing for anybody else's ufunc, and for one that works on vectors."""
    name = ufunc.__name__
    for library, prefix in (("numpy", "np"), ("scipy.special", "scipy.special")):
        if library in sys.modules and getattr(sys.modules[library], name, None) is ufunc and not ufunc.signature:
            return f"{prefix}.{name}"
    return ""


def _takes_objects(ufunc: Any) -> bool:
    return any(kinds.replace("->", "").strip("?") == "O" * (ufunc.nin + ufunc.nout) for kinds in ufunc.types)


def _on_objects(ufunc: Any, function: Callable[..., Any] | None) -> Any:
    """A ufunc for arrays of objects: itself, where it applies Python's operators to them."""
    import numpy as np

    if function is None or ufunc.__name__ in OPERATORS:
        return ufunc
    return np.frompyfunc(function, ufunc.nin, ufunc.nout)


def _boxed(x: Any) -> Any:
    """A Value as an array of shape (): a ufunc takes it without asking again, and leaves the answer to a Series."""
    import numpy as np

    return np.array(x, dtype=object) if isinstance(x, Value) else x


# --- Methods --------------------------------------------------------------------------------------------------

_ASKED = (
    "arctan2", "conjugate", "deg2rad", "degrees", "fabs", "fmod", "hypot", "logical_xor", "rad2deg", "radians", "rint",
)  # fmt: skip
"""Functions that are methods besides, because NumPy asks the elements of an array for them."""


def _method(name: str) -> Callable[..., Any]:
    function = FUNCTIONS[name]
    method: Any = lambda self, *others: function(self, *others)  # noqa: E731 - it is named below
    if isinstance(function, Op) and function.arity == 1:
        method = lambda self: unary(function, self)  # noqa: E731
    method.__name__, method.__qualname__ = name, f"Value.{name}"
    method.__doc__ = function.meaning if isinstance(function, Op) else f"NumPy's {name} of this number."
    return method


def _attach_methods() -> None:
    """x.tanh() for every operation of one operand, in NumPy's spelling too where that differs; x.arctan2(y)."""
    unary_operations = [name for name, op in _OPERATIONS.items() if op.arity == 1 and op not in (neg, sech2)]
    for name in [*unary_operations, *_ASKED]:  # without -x, and without a part of tanh's rule
        setattr(Value, name, _method(name))
    Value.__array_ufunc__ = _array_ufunc
    advise(Value, OF_VALUE)


_attach_methods()
