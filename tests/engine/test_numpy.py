"""NumPy and pandas among Values: the right number and gradient, or an error that says what to write instead."""

import cmath
import contextlib
import inspect
import math
import re
import statistics
from array import array
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import fsum as added
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import autograd
from autograd import BranchChanged, DomainError, Op, Value, check_gradient, compile, grad, gradients, operations
from autograd.callers import INSTEAD
from autograd.ufuncs import FUNCTIONS
from docs.build import with_numpy
from docs.build.with_numpy import calls, one_by_one, tried, ufuncs

UFUNCS = ufuncs()
EVERY_UFUNC = pytest.mark.parametrize("name", UFUNCS)
KNOWN = [name for name in UFUNCS if name in FUNCTIONS]
TWO_OPERANDS = [name for name in KNOWN if UFUNCS[name].nin == 2]

# --- Ufuncs ---------------------------------------------------------------------------------------------------


@EVERY_UFUNC
def test_a_ufunc_of_values_gives_the_number_and_the_gradient_or_says_what_to_do(name: str) -> None:
    """What floats give, with the derivative that differences of floats have; else the message names the way out."""
    outcome = tried(calls(name)[0])
    if name in FUNCTIONS:
        assert outcome.verdict in ("right", "plain")
    else:
        with pytest.raises(TypeError, match=rf"^np\.{name}\(.*x\.data.*autograd\.primitive"):
            UFUNCS[name](*[Value(6), Value(4)][: UFUNCS[name].nin])


@EVERY_UFUNC
def test_a_ufunc_of_arrays_is_never_silently_wrong(name: str) -> None:
    """It gives what it gives on Values, or raises; and one Value after the other it always works."""
    outcome = tried(calls(name)[1])
    as_in_python = name in ("logical_and", "logical_or")  # gives the operand that decides
    asks = name in FUNCTIONS and any("O" in kinds for kinds in UFUNCS[name].types)
    assert outcome.verdict in (("other",) if as_in_python else ("right", "plain") if asks else ("right", "refused"))
    if name in FUNCTIONS:
        assert tried(one_by_one(name), calls(name)[1]).verdict in ("right", "plain")


PLAIN: dict[str, Callable[[Any], Any]] = {
    "a number": lambda x: x,
    "of NumPy": lambda x: np.asarray(x)[()],
    "of shape ()": np.asarray,
    "boxed": lambda x: np.array(x, dtype=object),
    "an array": lambda x: np.array([x, x]),
    "a list": lambda x: [x, x],
}


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_a_ufunc_takes_values_among_all_kinds_of_numbers(name: str, kind: str) -> None:
    """Whichever operand is a Value, and whatever the other: the numbers are those of floats, element by element."""
    numbers: list[Any] = [0.6, 4 if name == "ldexp" else 1.7]
    for place in (0, 1):
        operands = [Value(x) if i == place else PLAIN[kind](x) for i, x in enumerate(numbers)]
        found = UFUNCS[name](*operands)
        plain = np.asarray if kind == "boxed" else PLAIN[kind]
        wanted = UFUNCS[name](*[x if i == place else plain(x) for i, x in enumerate(numbers)])
        assert np.shape(found) == np.shape(wanted)
        for ours, number in zip(with_numpy.numbers(found), with_numpy.numbers(wanted), strict=True):
            assert getattr(ours, "data", ours) == pytest.approx(number, rel=1e-15)
            assert isinstance(ours, bool if isinstance(number, bool) else Value)


def test_ufuncs_keep_their_methods_and_options() -> None:
    """reduce, accumulate, outer, out=, where=: as on floats, with the gradient."""
    x, b = Value(0.6), np.array([0.3, 0.8])
    column: Any = np.array([Value(0.6), Value(1.7)])
    for call in (
        lambda x, b, a: np.logaddexp.outer(x, b),
        lambda x, b, a: np.hypot.outer(b, x),
        lambda x, b, a: np.maximum(b, x, out=np.zeros(2, dtype=object)),
        lambda x, b, a: np.multiply(a, x, out=np.zeros(2, dtype=object), where=[True, False]),
        lambda x, b, a: np.add.reduce(a, initial=x),
        lambda x, b, a: np.hypot.accumulate(a),
    ):
        found: Any = call(x, b, column)
        wanted: Any = call(0.6, b, np.array([0.6, 1.7]))
        for ours, number in zip(with_numpy.numbers(found), with_numpy.numbers(wanted), strict=True):
            assert getattr(ours, "data", ours) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize("operands", [(0.0, 0.0), (2.0, 2.0), (-1.5, -1.5), (0.0, 2.0)])
@pytest.mark.parametrize("name", [name for name in KNOWN if isinstance(FUNCTIONS[name], Op)])
def test_a_ufunc_has_the_conventions_of_its_operation(name: str, operands: tuple[float, float]) -> None:
    """At kinks, ties and edges too np.maximum(x, y) is autograd.maximum(x, y): number, gradient and error."""

    def told(function: Callable[..., Any]) -> Any:
        leaves = [Value(x) for x in operands[: UFUNCS[name].nin]]
        try:
            y = function(*leaves)
            return y.data, *(slope.data for slope in gradients(y, leaves))
        except DomainError as error:
            return str(error)

    assert told(UFUNCS[name]) == told(FUNCTIONS[name])


@pytest.mark.parametrize("name", [*with_numpy.SPECIAL, "log1p", "cbrt"])
def test_ufuncs_of_scipy_that_are_operations_take_values(name: str) -> None:
    """special.expit(x) is autograd.sigmoid(x), with its gradient."""
    assert tried(f"special.{name}(x)").verdict == "right"


def test_a_ufunc_that_only_has_the_name_is_not_taken_for_numpys() -> None:
    """A ufunc of one's own called `exp` does what its author wrote; SciPy's without an operation is refused."""
    from scipy import special

    def exp(x: Any) -> Any:
        return 10 * x

    assert np.frompyfunc(exp, 1, 1)(Value(2.0)).data == 20.0
    fields = {"nin": 1, "nout": 1, "signature": None, "types": ["O->O"]}
    named: Any = type("Ufunc", (), fields | {"__call__": lambda self, boxed: exp(boxed.item())})()
    named.__name__ = "exp"
    assert Value(2.0).__array_ufunc__(named, "__call__", Value(2.0)).data == 20.0
    with pytest.raises(TypeError, match=r"^scipy\.special\.j0\(0\.5\): there is no such operation"):
        special.j0(Value(0.5))


def test_what_computes_by_itself_is_asked() -> None:
    """A Series among the operands answers, in either order, and keeps its index."""
    x: Any = Value(2.0)
    s: Any = pd.Series([1.0, 3.0], index=["p", "q"])
    for found in (np.add(x, s), np.add(s, x), x * s, s * x, np.hypot(x, s)):
        assert list(found.index) == ["p", "q"]
        assert all(isinstance(v, Value) for v in found)


@pytest.mark.parametrize("name", ["signbit", "isfinite", "less", "greater_equal", "logical_not"])
def test_predicates_are_seen_by_a_program(name: str) -> None:
    """A program that took its way by a predicate says so, where the data would have gone the other way."""
    operands = [0.5][: UFUNCS[name].nin - 1]
    program = compile(lambda x: x * 2 if UFUNCS[name](x, *operands) else x * 3, 1.0)
    other = {"isfinite": math.inf, "logical_not": 0.0, "less": 0.25}.get(name, -1.0)
    with pytest.raises(BranchChanged):
        program([1.0, other])


@pytest.mark.parametrize("f", [
    lambda x, y: np.hypot(x, y), lambda x, y: np.fmod(x, y) + np.copysign(x, y), lambda x, y: np.logaddexp2(x, 3.0) * y,
    lambda x, y: np.float64(2.0) * x + np.deg2rad(y), lambda x, y: np.heaviside(x - 2, y) * x,
    lambda x, y: np.modf(x * y)[0],
    lambda x, y: np.where(np.isfinite(x), x * y, 0.0), lambda x, y: np.std(np.array([x, y, x * y])),
])  # fmt: skip
def test_functions_written_with_numpy_are_differentiated_and_compiled(f: Callable[..., Any]) -> None:
    """The gradient is checked, and a program gives the numbers of the floats."""
    assert check_gradient(f, 0.6, 1.7).ok
    assert compile(f, 0.6, 1.7)(0.7, 1.9) == pytest.approx(float(f(0.7, 1.9)), rel=1e-14)


def test_the_page_is_up_to_date() -> None:
    """docs/numpy.md says what NumPy and pandas do with Values today; every line is run."""
    page = with_numpy.PAGE.read_text(encoding="utf-8")
    if not all(f"{library.__name__.replace('numpy', 'NumPy')} {library.__version__}" in page for library in (np, pd)):
        pytest.skip("the page was written with other versions of NumPy and pandas")
    assert page == with_numpy.page(), "make numpy"


# --- Numbers in arrays of shape () ----------------------------------------------------------------------------


class Tensor:
    """A number as PyTorch has it: of a class of its own, with a shape and `item`."""

    shape = ()

    def __init__(self, number: float) -> None:
        self.number = number

    def item(self) -> float:
        return self.number


BOXES: dict[str, Callable[[Any], Any]] = {
    "NumPy": np.array,
    "objects": lambda x: np.array(x, dtype=object),
    "where": lambda x: np.where(True, x, 0),
    "scalar": np.float64,
    "JAX": jnp.asarray,
    "Tensor": Tensor,
}
EVERY_BOX = pytest.mark.parametrize("box", BOXES.values(), ids=list(BOXES))


@EVERY_BOX
@pytest.mark.parametrize("op", list(operations()), ids=lambda op: op.name)
def test_every_operation_takes_a_number_in_an_array(op: Op, box: Callable[[Any], Any]) -> None:
    """op(array of shape ()) is op(number), of a number and beside a Value."""
    numbers = [0.625, 0.75, 0.875][: op.arity or 2]  # as exact in JAX's 32 bits
    try:
        wanted = op(*numbers)
    except DomainError:
        numbers = [1.5 + x for x in numbers]
        wanted = op(*numbers)
    assert op(*map(box, numbers)) == wanted
    assert op(Value(numbers[0]), *map(box, numbers[1:])).data == wanted


@EVERY_BOX
def test_a_number_in_an_array_counts_everywhere(box: Callable[[Any], Any]) -> None:
    """As the number of a node, operand, constant, argument, cotangent, example."""
    x = Value(0.5)
    assert Value(box(0.5)).data == 0.5
    assert type(Value(box(0.5)).data) is float
    assert [(x * box(2.0)).data, (x + box(2.0)).data, (x ** box(2.0)).data, (x / box(2.0)).data] == [1, 2.5, 0.25, 0.25]
    assert autograd.power(box(2.0))(x).data == autograd.clip(box(0.0), box(0.25))(x).data == 0.25
    assert autograd.sum(box(2.0)) == autograd.sum([box(2.0)]) == 2.0
    assert grad(lambda x: x * x)(box(2.0)) == 4.0
    assert check_gradient(lambda x: x * x, box(2.0)).ok
    assert compile(lambda x: x * x, box(2.0))(3.0) == 9.0
    (x * x).backward(box(2.0))
    assert x.grad == 2.0


ABSOLUTE: Callable[[Any], Any] = lambda x: np.where(x > 0, x * x, -x)  # noqa: E731


@pytest.mark.parametrize("transformed", [
    lambda: grad(ABSOLUTE)(3.0), lambda: autograd.value_and_grad(ABSOLUTE)(3.0)[1],
    lambda: autograd.derivative(ABSOLUTE)(3.0), lambda: autograd.jacobian(ABSOLUTE)(3.0),
    lambda: autograd.jvp(ABSOLUTE, (3.0,), (1.0,))[1], lambda: autograd.vjp(ABSOLUTE, 3.0)[1](1.0)[0],
    lambda: 3 * autograd.hvp(ABSOLUTE, 3.0, 1.0), lambda: 3 * autograd.hessian(ABSOLUTE)(3.0),
    lambda: check_gradient(ABSOLUTE, 3.0).ok * 6.0, lambda: compile(grad(ABSOLUTE), 2.0)(3.0),
])  # fmt: skip
def test_a_function_may_return_its_value_in_an_array(transformed: Callable[[], Any]) -> None:
    """np.where gives an array of shape (); every transform takes the Value out of it."""
    assert transformed() == 6.0


def test_a_value_in_an_array_is_a_value_to_all_who_want_one() -> None:
    """gradients, draw, explain, expression and operators take it out."""
    x = Value(3.0, "x")
    y: Any = ABSOLUTE(x)
    assert gradients(y, [x])[0].data == 6.0
    assert str(autograd.expression(y)) == str(autograd.expression(x * x))
    assert str(autograd.explain(y)) == str(autograd.explain(y.item()))
    assert autograd.draw(y).dot == autograd.draw([y]).dot == autograd.draw(y.item()).dot
    for z in (x * y, y * x, autograd.maximum(y, y), autograd.dot([y], [x]), x + y, y - 1):
        assert isinstance(z, Value)
        assert gradients(z, [x])[0].data


@pytest.mark.parametrize(("given", "kind", "why"), [
    (np.array([1.0]), TypeError, r"an array of shape \(1,\)"), (np.array(np.nan), ValueError, "nan is not"),
    (np.array(True), TypeError, "a bool is not"), (np.array(1j), TypeError, "a complex number"),
    (np.complex64(1), TypeError, "a complex number"), (np.clongdouble(1), TypeError, "class clongdouble"),
    (np.array("2"), TypeError, "a str is not"), (np.ma.masked, TypeError, "class MaskedConstant"),
    (np.array(None), TypeError, "None is not"), (np.array(Value(1.0)), TypeError, "this is a Value already"),
])  # fmt: skip
def test_what_is_no_number_is_none_in_an_array_either(given: Any, kind: type[Exception], why: str) -> None:
    """The message is about what the array holds."""
    with pytest.raises(kind, match=why):
        Value(given)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("number", [2, Fraction(1, 3), Decimal("0.1")])
def test_exact_numbers_stay_exact_in_an_array(number: Any) -> None:
    """An array of objects holds an exact number."""
    boxed: Any = np.array(number, dtype=object)
    given = Value(boxed).data
    assert given == number
    assert type(given) is type(number)


# --- Floats that are refused ----------------------------------------------------------------------------------


def _advice(asked: Callable[[], Any]) -> str:
    """What the refusal of a float says to write; pandas shows it as the cause of its own error."""
    with pytest.raises(Exception, match=r".") as caught:  # pandas has classes of its own
        asked()
    error: BaseException = caught.value
    while error.__cause__ is not None:
        error = error.__cause__
    assert "would drop the graph" in str(error)
    assert "x.data" in str(error)
    return re.split(", for |, and |, say|; the number", str(error).partition("write ")[2])[0]


XS, YS = [0.6, 1.7, 0.2], [0.3, 0.8, 2.1]
ARGUMENTS = [("x",), ("x", "y"), ("xs",), ("x", "n"), ("p", "q")]
NAMES: dict[str, Any] = {"x": 0.6, "y": 1.7, "n": 3, "xs": XS, "p": XS, "q": YS, "z": 0.4}
VALUES = {
    name: [Value(v) for v in x] if isinstance(x, list) else x if name == "n" else Value(x) for name, x in NAMES.items()
}


def _functions() -> list[Any]:
    """Every function of math, cmath and statistics that takes floats, with the names of arguments that it takes."""
    found = []
    for module in (math, cmath, statistics):
        for name in getattr(module, "__all__", dir(module)):
            for arguments in ARGUMENTS[name == "hypot" :] if inspect.isroutine(getattr(module, name)) else ():
                with contextlib.suppress(Exception):  # of what class, each decides
                    if not np.any(np.imag(getattr(module, name)(*(NAMES[each] for each in arguments)))):
                        found.append(pytest.param(module, name, arguments, id=f"{module.__name__}.{name}"))
                        break
    return found


@pytest.mark.parametrize(("module", "name", "arguments"), _functions())
def test_a_function_of_floats_works_on_values_or_the_message_says_what_does(
    module: Any, name: str, arguments: tuple[str, ...]
) -> None:
    """math.sin, math.fsum, statistics.fmean, …: what the message says to write gives the function's number."""
    wanted = getattr(module, name)(*(NAMES[each] for each in arguments))
    try:
        found = getattr(module, name)(*(VALUES[each] for each in arguments))
    except TypeError as error:
        if "would drop the graph" not in str(error):
            assert module is statistics  # whose own message says that it takes no such numbers
            return
        call = f"{module.__name__}.{name}({', '.join(arguments)})"
        scope = {module.__name__: module, "autograd": autograd, "math": math, **VALUES}
        advice = _advice(lambda: eval(call, scope))
        if not advice:
            assert not isinstance(autograd.OPS.get(name), Op)
            return
        found = eval(advice, scope)
    for ours, number in zip(with_numpy.numbers(found), with_numpy.numbers(wanted), strict=True):
        assert getattr(ours, "data", ours) == pytest.approx(np.real(number), rel=1e-14)


PANDAS = {key.removeprefix("pandas."): key for key in INSTEAD if key.startswith("pandas.")}
CALLED = {"corr": "(other)", "cov": "(other)", "rolling": "(n).mean()", "groupby": "(keys).mean()"} | dict.fromkeys(
    ("ewm", "expanding"), "(1).mean()"
)


@pytest.mark.parametrize("method", [name for name in PANDAS if name != "resample"])
def test_where_pandas_wants_floats_the_message_says_what_keeps_the_graph(method: str) -> None:
    """column.mean() and the like: what the message says to write gives pandas' number, as Values."""
    call = f"column.{method}{CALLED.get(method, '()')}"
    scope = {"np": np, "n": 2, "keys": [0, 0, 1], "pd": pd}
    wanted = eval(call, scope | {"column": pd.Series(XS), "other": pd.Series(YS)})
    there = scope | {"column": pd.Series(map(Value, XS)), "other": pd.Series(map(Value, YS))}
    advice = _advice(lambda: eval(call, there))
    if not advice:
        assert INSTEAD[PANDAS[method]] == "compute with column.to_numpy()"
        return
    for line in INSTEAD[PANDAS[method]].removeprefix("write ").split(" and then "):
        found = there["C"] = eval(line.partition(", say")[0].removeprefix("C = "), there)
    wanted = wanted.dropna() if isinstance(wanted, pd.Series) else wanted
    for ours, number in zip(with_numpy.numbers(found), with_numpy.numbers(wanted), strict=True):
        assert isinstance(ours, Value)
        assert ours.data == pytest.approx(number, rel=1e-14)


def _set_item(array: Any, x: Any) -> None:
    array[0] = x


def _plotted(x: Any) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.plot([x, x])


X: Any = Value(0.6)
GENERATOR = np.random.default_rng(0)
NOBODY = r"^float\(0\.6\) would drop the graph"
ASKED: list[tuple[str, Callable[[], Any]]] = [
    (r"in array\[…\] = x, .*dtype=object, as in np\.zeros", lambda: _set_item(np.zeros(1), X)),
    (r"in array\[…\] = x, .*dtype=object", lambda: _set_item(array("d", [0]), X)),
    (r"in np\.array, .*dtype=object", lambda: np.array([X, X], dtype=float)),
    (r"in np\.full, .*dtype=object", lambda: np.full(3, X, dtype=float)),
    (r"in np\.array\(\)\.astype, .*dtype=object", lambda: np.array([X]).astype(float)),
    (r"in GENERATOR\.normal, .*write x \+", lambda: GENERATOR.normal(X, 1)),
    (r"in np\.random\.default_rng\(\)\.uniform, .*write x \+", lambda: np.random.default_rng().uniform(X, 1)),
    (r"in np\.random\.normal, .*write x \+", lambda: np.random.normal(X)),
    (r"in np\.interp, [^:]*; the number alone", lambda: np.interp(X, [0, 1], [0, 1])),
    (r"in uniform\.normal, .*write x \+ y \*", lambda: (lambda uniform: uniform.normal(X, 1))(GENERATOR)),
    (r"in added, .*autograd\.sum", lambda: added([X, X])),
    (r"in math\.fsum, .*autograd\.sum", lambda: 1 + math.fsum(x * x for x in [X, X]) + math.cos(1.0)),
    (r"in plt\.plot, .*\[x\.data", lambda: _plotted(X)),
    (r"in math\.ulp, [^:]*; the number alone", lambda: math.ulp(X)),
    (NOBODY, lambda: float(X)),
    (NOBODY, lambda: complex(X)),
    (NOBODY, lambda: list(map(math.sin, [X]))),  # which of the two asked cannot be seen
    (NOBODY, lambda: np.vectorize(math.sin)(np.array([X]))),
    (NOBODY, lambda: "%.2f" % X),  # noqa: UP031
]


@pytest.mark.parametrize(("message", "asked"), ASKED)
def test_a_refused_float_names_who_asked_and_guesses_nothing(message: str, asked: Callable[[], Any]) -> None:
    """As it is written in the line that asked; where the line does not tell, nobody is named."""
    with pytest.raises(TypeError, match=message):
        asked()


def test_a_refused_float_looks_for_no_attributes() -> None:
    """Saying who asked runs none of the user's code."""

    class Curious:
        calls = 0

        @property
        def sin(self) -> Callable[[Any], float]:
            type(self).calls += 1
            return math.sin

    curious = Curious()
    with pytest.raises(TypeError, match=r"in curious\.sin"):
        curious.sin(Value(0.5))
    assert Curious.calls == 1
