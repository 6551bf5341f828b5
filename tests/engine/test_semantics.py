"""What a Value means: every row of the table in the design, and every message word for word."""

import asyncio
import copy
import math
import pickle
import threading
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import DomainError, Value, gradients, no_grad, topological_order

# --- Data -----------------------------------------------------------------------------------------------------

RATIONALS = st.fractions(min_value=-9, max_value=9, max_denominator=9).filter(bool)


def polynomial(a: Any, b: Any) -> Any:
    return (a * b - a / b) ** 3 + (b - a) ** -2 * 2 - -a


@given(RATIONALS, RATIONALS)
def test_fractions_stay_exact_forward_and_backward(a: Fraction, b: Fraction) -> None:
    """Rational arithmetic gives rational gradients: here against the quotient rule worked out by hand."""
    if a == b:
        return
    x, y = Value(a), Value(b)
    z = polynomial(x, y)
    z.backward()
    inner = 3 * (a * b - a / b) ** 2
    assert z.data == polynomial(a, b)
    assert x.grad == inner * (b - 1 / b) + 4 * (b - a) ** -3 + 1
    assert y.grad == inner * (a + a / b**2) - 4 * (b - a) ** -3
    assert all(isinstance(number, Fraction | int) for number in (z.data, x.grad, y.grad))


def test_decimals_stay_decimal() -> None:
    """0.1 · 3 is 0.3 in decimal arithmetic, and so is every gradient."""
    price, count = Value(Decimal("0.1")), Value(3)
    total = price * count
    total.backward()
    assert (total.data, price.grad, count.grad) == (Decimal("0.3"), 3, Decimal("0.1"))


def test_a_function_that_gives_floats_takes_decimals() -> None:
    """From a logarithm on, Decimals are floats: a node says where, and the gradient is a Decimal again behind it."""
    x = Value(Decimal("2.5"), "x")
    y = ag.log(x) * 3
    y.backward()
    assert y.data == math.log(2.5) * 3
    assert x.grad == +Decimal(3.0 / 2.5)
    assert [node.op.name for node in topological_order(y) if not node.is_leaf] == ["cast", "log", "mul"]
    (first,) = gradients(ag.log(x), [x])
    assert gradients(first, [x])[0].data == pytest.approx(Decimal(-1 / 2.5**2))


def test_the_base_of_a_power_stays_a_fraction() -> None:
    """Fraction ** Value is exact, although Python's Fraction would make it a float first."""
    y = Fraction(2, 3) ** Value(3)
    assert y.data == Fraction(8, 27)
    assert isinstance(y.data, Fraction)
    assert (0.5 ** Value(2)).data == 0.25


def test_the_seed_is_in_the_arithmetic_of_the_output() -> None:
    """One third of Fraction(1, 3) has the slope Fraction(1, 3), not its float."""
    for number, third in [(Fraction(1, 3), Fraction(1, 3)), (Decimal(3), 1 / Decimal(3)), (2.0, 1 / 3)]:
        x = Value(number)
        (x / 3).backward()
        assert x.grad == third
        assert type(x.grad) is type(third)


def test_mpmath_numbers_keep_their_precision() -> None:
    """A graph of 50-digit numbers has 50-digit values and gradients."""
    with mpmath.workdps(50):
        x = Value(mpmath.mpf(2) / 3)
        y = ag.tanh(x) * ag.exp(x) ** 2 / (1 + x) + ag.erf(x) - ag.atan2(x, 3)
        y.backward()

        def exact(x: Any) -> Any:
            return mpmath.tanh(x) * mpmath.exp(2 * x) / (1 + x) + mpmath.erf(x) - mpmath.atan2(x, 3)

        assert abs(y.data - exact(x.data)) < mpmath.mpf(10) ** -48
        # erf' multiplies by 2/√π, which the rule holds as a float
        assert abs(x.grad - mpmath.diff(exact, x.data)) < 1e-16


@pytest.mark.parametrize("op", list(ag.operations()), ids=lambda op: op.name)
def test_mpmath_numbers_go_through_every_operation(op: ag.Op) -> None:
    """The value is mpmath's own at the precision of the operands, not the float's."""
    with mpmath.workdps(40):
        x = [mpmath.mpf(low + high) / 3 if abs(low) < 1e6 else mpmath.mpf(4) / 3 for low, high in op.domain]
        x = [
            each if low <= each <= high else mpmath.mpf(high) / 7
            for each, (low, high) in zip(x, op.domain, strict=False)
        ]
        if op.arity is None:
            x *= 2
        leaves = [Value(each) for each in x]
        y = op(*leaves)
        y.backward()
        assert abs(y.data - op.at_precision(mpmath.mp)(*x)) <= abs(y.data) * mpmath.mpf(10) ** -38


def test_integers_stay_exact_at_any_size() -> None:
    """Powers and products of int are int, forward and backward."""
    x = Value(10**30)
    y = x**2 * x + 7
    y.backward()
    assert (y.data, x.grad) == (10**90 + 7, 3 * 10**60)
    assert type(y.data) is type(x.grad) is int


def test_an_integer_exponent_is_not_its_float() -> None:
    """3² is 9 and 3^2.0 is 9.0, whichever was asked for first."""
    x = Value(3)
    assert [type((x**n).data) for n in (2, 2.0, 5.0, 5)] == [int, float, float, int]
    assert [type(ag.clip(low, 7)(-3)) for low in (0, 0.0)] == [int, float]
    assert [type(ag.clip(low, 8)(-3)) for low in (0.0, 0)] == [float, int]


def test_kinks_of_exact_numbers_are_exact() -> None:
    """A tie of two Fractions shares Fraction(1, 2); Decimals share Decimal("0.5")."""
    for number, half in [(Fraction(2, 3), Fraction(1, 2)), (Decimal("1.5"), Decimal("0.5"))]:
        a, b = Value(number), Value(number)
        ag.maximum(a, b).backward()
        assert (a.grad, b.grad) == (half, half)
        assert type(a.grad) is type(half)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [(np.float64(1.5), float), (np.float32(1.5), float), (np.int64(3), int), (3, int), (Fraction(3, 1), Fraction)],
)
def test_every_real_number_is_taken(given_: Any, kept: type) -> None:
    """int, Fraction and Decimal as they are; NumPy's scalars as Python's."""
    x = Value(given_)
    assert x.data == given_
    assert type(x.data) is kept


# --- Gradients ------------------------------------------------------------------------------------------------


def test_the_price_of_the_lecture() -> None:
    """Document 002: 100 × 2 × 1.1 = 220, with 2.2, 110 and 200 on the way back."""
    unit_price, quantity, tax = Value(100, "単価"), Value(2, "個数"), Value(1.1, "消費税")
    price = unit_price * quantity * tax
    price.label = "価格"
    price.backward()
    assert f"{price.data:.10g}" == "220"
    assert [f"{x.grad:.10g}" for x in (unit_price, quantity, tax)] == ["2.2", "110", "200"]
    assert repr(unit_price) == "Value(data=100, grad=2.2, label='単価')"


def test_leaves_accumulate_and_interiors_do_not() -> None:
    """x·x·x at 3: 27, then 54 (micrograd: 72, because it keeps what stood in x·x)."""
    x = Value(3.0)
    y = x * x * x
    y.backward()
    assert x.grad == 27
    y.backward()
    assert x.grad == 54
    y.zero_grad()
    assert {node.grad for node in topological_order(y)} == {0}


def test_a_leaf_differentiates_itself() -> None:
    """dx/dx = 1, and it accumulates like any leaf's."""
    x = Value(5)
    x.backward()
    x.backward(gradient=2)
    assert x.grad == 3


def test_in_place_operators_make_new_nodes() -> None:
    """y += x leaves the old y alone."""
    x, y = Value(2.0), Value(3.0)
    before = y
    y += x
    y *= x
    assert before.data == 3.0
    assert y.data == 10.0
    assert len(topological_order(y)) == 4


def test_a_constants_gradient_is_nobodys_business() -> None:
    """d/dc (x / c) overflows here, but c is a plain number: x has its gradient all the same."""
    x = Value(1e-150)
    (x / 1e-300).backward()
    assert x.grad == pytest.approx(1e300)


def test_left_operands_come_first() -> None:
    """The order of a graph is the order of its formula."""
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    first = a * b
    y = ag.sum([first, c, a])
    assert topological_order(y) == [a, b, first, c, y]


def test_second_and_third_derivatives() -> None:
    """x⁴ − 2x³ + 1 of document 000: f' = 4x³ − 6x², f'' = 12x² − 12x, f''' = 24x − 12."""
    x = Value(1.5)
    y = x**4 - 2 * x**3 + 1
    derivatives = []
    for _ in range(3):
        (y,) = gradients(y, [x])
        derivatives.append(y.data)
    assert derivatives == [0.0, 9.0, 24.0]
    assert gradients(y, [Value(1.0)])[0].data == 0


def test_gradients_of_interior_nodes() -> None:
    """gradients() answers for any node, not only for leaves, and None of them changes."""
    x = Value(2.0)
    h = x * x
    (to_h, to_x) = gradients(h * h, [h, x])
    assert (to_h.data, to_x.data) == (8.0, 32.0)
    assert (h.grad, x.grad) == (0, 0)


def test_an_untaken_branch_cannot_make_a_nan() -> None:
    """where(x > 0, √x, 0) at 0 has gradient 0, in the sweep and as a graph, though √'(0) has no value."""
    x = Value(0.0)
    y = ag.where(x > 0, ag.sqrt(x), 0)
    y.backward()
    assert (y.data, x.grad) == (0, 0)
    assert gradients(y, [x])[0].data == 0
    with pytest.raises(DomainError):
        ag.sqrt(x).backward()


# --- Equality, comparison, Python's numbers -------------------------------------------------------------------


@given(st.floats(-9, 9), st.floats(-9, 9))
def test_comparison_is_of_the_numbers(a: float, b: float) -> None:
    """< <= > >= give the bool that floats would, on either side."""
    x, y = Value(a), Value(b)
    assert (x < y, x <= y, x > y, x >= y) == (a < b, a <= b, a > b, a >= b)
    assert (x < b, a <= y, x > b, a >= y) == (a < b, a <= b, a > b, a >= b)
    assert bool(x) == bool(a)


BINARY: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a // b,
    lambda a, b: a % b,
    lambda a, b: divmod(a, b)[0],
    lambda a, b: divmod(a, b)[1],
    lambda a, b: abs(a) ** b,
    lambda a, b: pow(abs(a), b),
    lambda a, b: max(a, b),
    lambda a, b: sorted([a, b])[0],
    lambda a, b: sum([a, b, a]),
]


@given(st.sampled_from(BINARY), st.floats(-9, 9).filter(lambda x: abs(x) > 0.1), st.floats(0.1, 5), st.integers(-3, 9))
def test_operators_do_what_floats_do(operator: Callable[[Any, Any], Any], a: float, b: float, n: int) -> None:
    """Value with Value, Value with number and number with Value give the float's result, as a Value."""
    for left, right in [(a, b), (b, a), (a, n or 1)]:
        if operator in BINARY[8:10] and right < 0:
            right = -right
        expected = operator(left, right)
        pairs = [(Value(left), Value(right)), (Value(left), right), (left, Value(right))]
        for result in [operator(*pair) for pair in pairs]:
            number = result.data if isinstance(result, Value) else result
            assert number == expected
        assert isinstance(operator(*pairs[0]), Value)


@given(st.floats(-99, 99))
def test_unary_operators_do_what_floats_do(a: float) -> None:
    """−x, +x, |x|, round, floor, ceil, trunc and format give the float's result; the first seven as a Value."""
    x = Value(a)
    functions: list[Callable[[Any], Any]] = [
        lambda a: -a, lambda a: +a, abs, round, math.floor, math.ceil, math.trunc, lambda a: round(a, 2),
    ]  # fmt: skip
    for function in functions:
        result = function(x)
        assert isinstance(result, Value)
        assert result.data == function(a)
        assert type(result.data) is type(function(a))
    assert format(x, ".2f") == f"{a:.2f}"
    assert f"{x}" == repr(x)


def test_micrograd_and_reflected_powers() -> None:
    """Exponents may be numbers or Values, bases too; integer powers of negative numbers are real."""
    x = Value(3.0)
    assert [v.data for v in (x**2, 2**x, x**x, Value(-2) ** 3, x**-1)] == [9.0, 8.0, 27.0, -8, 1 / 3]
    y = 2**x
    y.backward()
    assert x.grad == pytest.approx(8 * math.log(2), rel=1e-15)


# --- NumPy ----------------------------------------------------------------------------------------------------


def test_numpy_scalars_do_not_swallow_values() -> None:
    """np.float64(2) * x is a Value, whichever side, whichever operator."""
    x = Value(3.0)
    for result in [np.float64(2) * x, x * np.float64(2), np.float64(6) / (1 / x) / 3, np.int64(2) + x + 1]:
        assert isinstance(result, Value)
        assert result.data == 6.0


def test_object_arrays_of_values_compute() -> None:
    """Arrays of Values add, multiply, @ and sum; gradients flow through."""
    w = np.array([Value(1.0), Value(2.0)])
    x = np.array([3.0, 4.0])
    y = (w @ x) + (w * x).sum() + (x - w)[0]
    assert isinstance(y, Value)
    y.backward()
    assert y.data == 24.0
    assert [v.grad for v in w] == [5.0, 8.0]
    scaled: Any = Value(2.0) * x
    assert scaled[1].data == (x * Value(2.0))[1].data == 8.0


def test_numpy_functions_find_the_methods() -> None:
    """np.tanh(x) and np.exp(array of Values) record; NumPy's spelling of the inverse functions too."""
    x = Value(0.5)
    tanh: Any = np.tanh
    assert tanh(x).data == math.tanh(0.5)
    assert [v.data for v in np.exp(np.array([x, x]))] == [math.exp(0.5)] * 2
    for name in ("sin", "arcsin", "arccos", "arctan", "arcsinh", "arctanh", "log1p", "cbrt", "square", "sqrt", "abs"):
        assert getattr(np, name)(x).data == pytest.approx(getattr(np, name)(0.5), rel=1e-15)


# --- Functions and methods ------------------------------------------------------------------------------------


def test_every_operation_of_one_operand_is_a_method_that_type_checkers_see() -> None:
    """x.tanh() for the whole table; the list declared in the class is the list attached."""
    import ast

    unary = {op.name for op in ag.OPS.values() if isinstance(op, ag.Op) and op.arity == 1 and op.family is None}
    x = Value(0.5)
    own = {name for name in unary if hasattr(Value, name)}
    for name in own:
        op = ag.OPS[name]
        assert isinstance(op, ag.Op)
        try:
            expected = op(0.5)
        except DomainError:
            continue
        assert getattr(x, name)().data == expected
    attached = {name for name, thing in vars(Value).items() if getattr(thing, "__module__", "") == "autograd.ufuncs"}
    source = ast.parse(Path(ag.__file__).with_name("engine.py").read_text(encoding="utf-8"))
    tree = next(node for node in source.body if isinstance(node, ast.ClassDef) and node.name == "Value")
    guarded = next(
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    )
    declared = {node.name for node in guarded.body if isinstance(node, ast.FunctionDef)}
    for node in guarded.body:
        if isinstance(node, ast.Assign):
            declared |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    assert declared == attached
    assert {name for name in attached if not name.startswith("arc")} >= {"tanh", "exp", "relu", "sigmoid", "log"}


def test_functions_take_plain_numbers_too() -> None:
    """tanh(0.5) is a float: a formula written once runs on numbers and on Values."""
    assert ag.tanh(0.5) == math.tanh(0.5)
    assert ag.maximum(2, 3.5) == 3.5
    assert ag.sum([1, 2, Fraction(1, 2)]) == Fraction(7, 2)
    assert ag.leaky_relu(0.01)(-2.0) == -0.02
    assert ag.power(3) is ag.power(3)


def test_sums_and_products_of_many() -> None:
    """sum, mean, prod, dot and logsumexp make one node each of any number of operands."""
    xs = [Value(x) for x in (1.0, 2.0, 0.0)]
    for op, expected in [(ag.sum, 3.0), (ag.mean, 1.0), (ag.prod, 0.0)]:
        y = op(xs)
        assert y.data == expected
        assert y.inputs == tuple(xs)
    y = ag.prod(xs)
    y.backward()
    assert [x.grad for x in xs] == [0.0, 0.0, 2.0]
    assert ag.dot(xs, [3, 4, 5]).data == 11.0


def test_selu_keeps_mean_0_and_variance_1() -> None:
    """What its two constants are for: standard normal inputs give outputs of mean 0 and variance 1.

    Source: Klambauer et al., Self-Normalizing Neural Networks (NeurIPS 2017), the fixed point (0, 1).
    """
    selu = ag.OPS["selu"]
    assert isinstance(selu, ag.Op)
    with mpmath.workdps(30):

        def moment(k: int) -> Any:
            return mpmath.quad(lambda z: selu.at_precision(mpmath.mp)(z) ** k * mpmath.npdf(z), [-20, 0, 20])

        assert abs(moment(1)) < 1e-15
        assert abs(moment(2) - 1) < 1e-15


def test_softmax_of_the_lecture() -> None:
    """Document 001: (10, 2, 1) gives 0.9995, 0.0003, 0.0001; the rows of its Jacobian sum to 0; ±1000 is safe."""
    u = [Value(x) for x in (10.0, 2.0, 1.0)]
    probabilities = ag.softmax(u)
    assert [f"{p:.4f}" for p in probabilities] == ["0.9995", "0.0003", "0.0001"]
    assert [lp.data for lp in ag.log_softmax(u)] == pytest.approx([math.log(p.data) for p in probabilities], abs=1e-14)
    for p in probabilities:
        assert sum(g.data for g in gradients(p, u)) == pytest.approx(0, abs=1e-15)
    far = ag.softmax([Value(1000.0), Value(-1000.0)])
    assert [p.data for p in far] == [1.0, 0.0]


# --- Recording, replay, copies --------------------------------------------------------------------------------


def test_no_grad_makes_constants_and_stops_with_its_block() -> None:
    """Inside nothing is recorded; blocks nest; outside recording goes on, also after an exception."""
    x = Value(2.0)
    with no_grad():
        with no_grad():
            y = x * x
        z = ag.exp(x) + y
    assert y.is_leaf
    assert z.is_leaf
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * x).inputs == (x, x)


def test_no_grad_decorates_functions_and_coroutines() -> None:
    """@no_grad() covers the body of a function, and of a coroutine while it runs."""

    @no_grad()
    def plain(x: Value) -> Value:
        """Square."""
        return x * x

    @no_grad()
    async def slow(x: Value) -> Value:
        await asyncio.sleep(0)
        return x * x

    assert plain(Value(2.0)).is_leaf
    assert plain.__doc__ == "Square."
    assert asyncio.run(slow(Value(2.0))).is_leaf
    with pytest.raises(TypeError, match=r"^no_grad\(\) cannot decorate a generator: it would leak at each yield"):

        @no_grad()
        def generator() -> Any:
            yield 1


def test_no_grad_of_one_task_is_not_another_tasks() -> None:
    """Two asyncio tasks interleave; only the one inside no_grad makes constants."""

    async def task(paused: bool) -> list[bool]:
        seen = []
        x = Value(2.0)
        for _ in range(3):
            if paused:
                with no_grad():
                    await asyncio.sleep(0)
                    seen.append((x * x).is_leaf)
            else:
                await asyncio.sleep(0)
                seen.append((x * x).is_leaf)
        return seen

    async def both() -> list[list[bool]]:
        return list(await asyncio.gather(task(True), task(False)))

    assert asyncio.run(both()) == [[True] * 3, [False] * 3]


def test_eight_threads_give_the_numbers_of_one() -> None:
    """Threads that build and differentiate graphs of their own, some under no_grad, do not disturb each other."""

    def work(seed: int) -> list[float]:
        x, y = Value(0.1 * seed), Value(2.0)
        for _ in range(200):
            with no_grad():
                assert (x * y).is_leaf
            z = ag.tanh(x * y) + y / (1 + x * x)
            z.backward()
            y = Value(z.data)
        return [x.grad, y.data]

    alone = [work(seed) for seed in range(8)]
    together: dict[int, list[float]] = {}
    threads = [threading.Thread(target=lambda s=s: together.__setitem__(s, work(s))) for s in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[seed] for seed in range(8)] == alone


def test_detach_stops_the_gradient_and_keeps_the_label() -> None:
    """d/dx [x · detach(x)] = x, not 2x."""
    x = Value(3.0, "x")
    y = x * x.detach()
    y.backward()
    assert x.grad == 3.0
    assert x.detach().label == "x"


def test_a_constant_exponent_is_a_constant_however_it_came() -> None:
    """(−2) ** detach(3) has a real derivative, though the derivative in the exponent has none."""
    x = Value(-2.0)
    (x ** Value(3).detach()).backward()
    assert x.grad == 12.0


def test_replay_takes_new_numbers_and_checks_them() -> None:
    """forward() reads the leaves' .data again, and names the operation that cannot go on."""
    x = Value(4.0, "x")
    y = ag.log(x) * 2
    x.data = np.float32(1.0)
    assert y.forward() == 0.0
    assert type(x.data) is float
    x.data = -1.0
    with pytest.raises(DomainError, match=r"^log\(x = -1.0\): log is defined for x > 0.$"):
        y.forward()


def test_a_shallow_copy_shares_its_inputs() -> None:
    """copy.copy gives a new node of the same operation on the same inputs."""
    x = Value(2.0)
    y = x * x
    y2 = copy.copy(y)
    assert y2 is not y
    assert y2.inputs == (x, x)
    y2.backward()
    assert x.grad == 4.0


def test_unpickling_names_the_operation_that_is_missing() -> None:
    """A graph with an operation of one's own needs the module that defines it, and says so."""
    op = ag.primitive("gone", lambda x: x, lambda g, y, x: (g,))
    pickled = pickle.dumps(op(Value(1.0)))
    del ag.OPS["gone"]
    with pytest.raises(LookupError, match=r"^the operation 'gone' is not defined here; first import the module"):
        pickle.loads(pickled)


# --- Messages, word for word ----------------------------------------------------------------------------------

X = Value(0.5, "x")

MESSAGES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Value(True), TypeError, "Value(True): a bool is not a real number; write 1 or 0."),  # pyright: ignore
    (
        lambda: Value(1j, label="z"),  # pyright: ignore[reportArgumentType]
        TypeError,
        "Value(1j, label='z'): a complex number is not a real number; use its .real and .imag as two Values.",
    ),
    (
        lambda: Value("3", label="単価"),  # pyright: ignore[reportArgumentType]
        TypeError,
        "Value('3', label='単価'): a str is not a real number; convert it first, as in float('2.5').",
    ),
    (
        lambda: Value(None),  # pyright: ignore[reportArgumentType]
        TypeError,
        "Value(None): None is not a real number (did a function forget to return it?).",
    ),
    (
        lambda: Value([1, 2]),  # pyright: ignore[reportArgumentType]
        TypeError,
        "Value([1, 2]): a list is not a real number; make one Value per element.",
    ),
    (
        lambda: Value(np.ones(3)),  # pyright: ignore[reportArgumentType]
        TypeError,
        "Value(array([1., 1., 1.])): an array of shape (3,) is not one real number; make one Value per element.",
    ),
    (
        lambda: Value(X),  # pyright: ignore[reportArgumentType]
        TypeError,
        "Value(x = 0.5): this is a Value already; use it, or its number .data.",
    ),
    (lambda: Value(np.True_), TypeError, "Value(np.True_): a bool is not a real number; write 1 or 0."),  # pyright: ignore
    (lambda: Value(object), TypeError, "Value(<class 'object'>): an object of class type is not a real number."),  # pyright: ignore
    (lambda: Value(math.nan), ValueError, "Value(nan): nan is not a real number; find where it came from."),
    (lambda: Value(Decimal("nan")), ValueError,
     "Value(Decimal('NaN')): nan is not a real number; find where it came from."),
    (lambda: Value(1.0, 3), TypeError, "Value(1.0, label=3): a label is text, not int."),  # pyright: ignore
    (lambda: X * "a", TypeError,
     "mul(x = 0.5, 'a'): a str is not a real number; convert it first, as in float('2.5')."),
    (lambda: None + X, TypeError,
     "add(None, x = 0.5): None is not a real number (did a function forget to return it?)."),
    (lambda: X * math.nan, ValueError, "mul(x = 0.5, nan): nan is not a real number; find where it came from."),
    (lambda: ag.tanh("a"), TypeError, "tanh('a'): a str is not a real number; convert it first, as in float('2.5')."),  # pyright: ignore
    (lambda: ag.atan2(X), TypeError, "atan2(x = 0.5): atan2 takes 2 operands, not 1."),
    (lambda: ag.tanh(X, X), TypeError, "tanh(x = 0.5, x = 0.5): tanh takes 1 operand, not 2."),
    (lambda: Value(Decimal(1)) * 0.5, TypeError,
     "mul(Decimal('1'), 0.5): unsupported operand type(s) for *: 'decimal.Decimal' and 'float'."),
    (lambda: float(X), TypeError,
     "float(x = 0.5) would drop the graph: the number is x.data, and of the functions in math use autograd's, "
     "as in autograd.sin(x); grad, jacobian and hessian give plain numbers under no_grad()."),
    (lambda: int(X), TypeError, "int(x = 0.5) would drop the graph: use int(x.data), or math.trunc(x)."),
    (lambda: pow(X, 2, 3), TypeError, "pow(x, y, modulus): a Value has no modular power; use pow(x, y) % modulus."),  # pyright: ignore
    (lambda: ag.power(X), TypeError, "power(): missing a required argument: 'n'; wanted power(n), or power(x, n)."),
    (lambda: ag.clip(2, 1), ValueError, "clip(2, 1): low is above high."),
    (lambda: ag.leaky_relu(-1), ValueError, "leaky_relu(slope=-1): wanted a finite number, not below 0."),
    (lambda: ag.dot([X], [1, 2]), ValueError,
     "dot(a, b): a has 1 elements and b has 2; wanted as many in both."),
    (lambda: X.backward("1"), TypeError,  # pyright: ignore
     "backward(gradient='1'): a str is not a real number; convert it first, as in float('2.5')."),
    (lambda: X.detach().backward(), ValueError,
     "x = 0.5 is a constant: computed under no_grad() or detached, it has no graph to differentiate."),
    (lambda: gradients(X, [1.0]), TypeError, "gradients(inputs[0]=1.0): wanted a Value, not float."),  # pyright: ignore
    (lambda: gradients(2.0, [X]), TypeError, "gradients(output=2.0): wanted a Value, not float."),  # pyright: ignore
    (lambda: ag.log(Value(-1.0, "残高")), DomainError, "log(残高 = -1.0)：log の定義域は「x > 0」です。"),
    (lambda: ag.sqrt(Value(-1)), DomainError, "sqrt(-1): sqrt is defined for x ≥ 0."),
    (lambda: 1 / Value(0, "b"), DomainError, "div(1, b = 0): div is defined for a divisor other than 0."),
    (lambda: ag.asin(Value(2)), DomainError, "asin(2): asin is defined for -1 ≤ x ≤ 1."),
    (lambda: ag.exp(Value(1000, "t")), DomainError, "exp(t = 1000): the result is too large for a float."),
    (lambda: Value(1e200, "a") * 1e200, DomainError, "mul(a = 1e+200, 1e+200): the result is too large for a float."),
    (lambda: Value(3, "x") ** 10**9, DomainError,
     "power(1000000000)(x = 3): the result is too large for a float."),
    (lambda: Value(math.inf, "a") - math.inf, DomainError, "sub(a = inf, inf): the result is not a number."),
    (lambda: Value(-8.0, "x") ** (1 / 3), DomainError,
     "power(0.3333333333333333)(x = -8.0): power(0.3333333333333333) is defined for x ≥ 0, "
     "or an integer exponent (not below 0 at x = 0)."),
    (lambda: ag.log(0.0), DomainError, "log(0.0): log is defined for x > 0."),
    (lambda: ag.sum([Value(1e308)] * 6), DomainError,
     "sum(1e+308, 1e+308, 1e+308, 1e+308, … 2 more): the result is too large for a float."),
    (lambda: ag.sqrt(Value(0.0, "v")).backward(), DomainError,
     "sqrt(v = 0.0): the derivative has no value here (upstream gradient 1.0)."),
    (lambda: gradients(ag.sqrt(v := Value(0.0, "v")), [v]), DomainError,
     "sqrt(v = 0.0): the derivative has no value here (upstream gradient 1.0)."),
    (lambda: (Value(1e-200, "a") * 1e200 * Value(1e250, "b")).backward(gradient=1e100), DomainError,
     "mul(1.0, b = 1e+250): the gradient it passes to 1.0 is upstream 1e+100 × local 1e+250 = inf."),
    (lambda: (lambda x: (x * 1e308 + x * 1e308).backward())(Value(1e-300, "x")), DomainError,
     "the gradients that arrive at x = 1e-300 add up to inf."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "kind", "message"), MESSAGES, ids=[message[:40] for _, _, message in MESSAGES])
def test_messages_say_what_came_and_what_was_wanted(
    act: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    """Every refusal names the operation, the operands with their labels, and the way out."""
    with pytest.raises(kind) as caught:
        act()
    assert str(caught.value) == message
    assert type(caught.value) is kind


def test_a_domain_error_is_a_value_error_and_an_arithmetic_error() -> None:
    """Code that guards math.log or a division already catches it."""
    assert issubclass(DomainError, ValueError)
    assert issubclass(DomainError, ArithmeticError)


def test_without_scipy_the_special_functions_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the command, forward and in the derivative that needs it."""
    import sys

    monkeypatch.setitem(sys.modules, "scipy", None)
    wanted = r"^digamma needs SciPy: pip install 'scipy>=1.12'$"
    with pytest.raises(ModuleNotFoundError, match=wanted):
        ag.digamma(Value(2.0))
    with pytest.raises(ModuleNotFoundError, match=wanted):
        ag.lgamma(Value(2.0)).backward()


def test_infinity_may_be_data_but_never_a_surprise() -> None:
    """An infinite operand may give an infinite result; a finite one never does."""
    assert ag.exp(Value(-math.inf)).data == 0.0
    assert (Value(math.inf) + 1).data == math.inf


def test_no_grad_holds_for_every_way_to_record() -> None:
    """Operators, functions of floats and of exact numbers, functions of many: constants all of them."""
    x, whole = Value(2.0), Value(4)
    with no_grad():
        made = [x * x, x + 1, ag.exp(x), ag.sqrt(whole), whole**2, ag.sum([x, x, whole]), ag.where(x, x, whole)]
    assert [node.op.name for node in made] == ["constant"] * len(made)
    assert all(node.is_leaf for node in made)


def test_an_integer_that_python_does_not_write_out_is_described() -> None:
    """Numbers of thousands of digits work, and messages and reprs say how long they are."""
    huge = 10**5000
    assert (Value(1.0) ** huge).data == 1.0
    assert ag.clip(0, huge)(Value(3.0)).data == 3.0
    assert repr(Value(huge)) == "Value(data=<a number of about 5,001 digits>, grad=0)"
    with pytest.raises(DomainError, match=r"mul\(<a number of about 5,001 digits>, 1.5\): the result is too large"):
        _ = Value(huge) * 1.5
    with pytest.raises(ValueError, match=r"elu|alpha = <a number of about 5,001 digits>: wanted a number that fits"):
        ag.elu(huge)
