"""Which operation an operation is: the same constants give the same one, and a pickle finds it or says so."""

import copy
import enum
import gc
import inspect
import math
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import count as counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mpf

import autograd as ag
from autograd import Family, Op, Value, primitive
from autograd.laws import operations as laws
from autograd.laws import oracle

FAMILIES = {name: entry for name, entry in ag.OPS.items() if isinstance(entry, Family)}
EVERY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
MANY = 4_200


def wide(low: float, high: float) -> st.SearchStrategy[Any]:
    """Positive constants over many orders of magnitude, round and not, of each type."""
    sizes = st.floats(math.log(low), math.log(high)).map(lambda x: min(max(math.exp(x), low), high))
    return st.one_of(sizes, sizes.map(lambda x: Fraction(x) * Fraction(7, 9)), sizes.map(lambda x: Decimal(repr(x))))


CONSTANTS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "power": st.tuples(wide(1e-3, 500).flatmap(lambda n: st.sampled_from([n, -n])) | st.integers(-300, 300)),
    "pow_derivative": st.sampled_from([(1, 0), (0, 1), (1, 1), (2, 0), (0, 2)]),
    "leaky_relu": st.tuples(wide(1e-200, 1e200) | st.just(0)),
    "elu": st.tuples(wide(1e-200, 1e200) | st.just(0)),
    "clip": st.tuples(wide(1e-200, 1e200), wide(1e-200, 1e200)).map(lambda pair: (-pair[0], pair[1])),
    "inside": st.tuples(wide(1e-200, 1e200), wide(1e-200, 1e200)).map(lambda pair: (-pair[0], pair[1])),
    "round_to": st.tuples(st.integers(-5, 12)),
    "gaussian": st.tuples(wide(1e-300, 1e300) | st.sampled_from([0, 1, 2, 3])),
    "polygamma": st.tuples(st.integers(1, 40)),
}
"""Constants for which each family keeps its claims."""


@pytest.fixture
def name() -> Iterator[str]:
    """The name of an operation of the moment."""
    yield "of_a_moment"
    ag.OPS.pop("of_a_moment", None)


def cube(name: str, factor: float = 3.0, **options: Any) -> Op:
    return primitive(name, lambda x: x * x * x, lambda g, y, x: (factor * g * x * x,), **options)


# --- The same constants, the same operation -------------------------------------------------------------------


@EVERY
def test_the_same_constants_give_the_same_operation(family: Family) -> None:
    """By position and by name, with the defaults written out or not; pickled, copied; after thousands of others."""
    for constants in family.samples:
        op = family(*constants)
        named = dict(zip(inspect.signature(family).parameters, constants, strict=True))
        assert op is family(*constants) is family(**named)
        assert op is pickle.loads(pickle.dumps(op)) is copy.copy(op) is copy.deepcopy(op)
        assert op.constants == constants
    held, new = family(*family.samples[0]), counter(7)
    if family.name not in ("polygamma", "pow_derivative", "round_to"):
        for _ in range(300):
            family(*[next(new) / 7 for _ in family.samples[0]])
    assert family(*family.samples[0]) is held


def test_an_operation_that_is_held_is_the_same_after_thousands_of_others() -> None:
    """A graph recorded long ago and one recorded now have one operation between them, and so has a pickle."""
    x = Value(2.0)
    y = x**0.123
    for k in range(MANY):
        ag.power(k + 0.5)
    assert y.op is ag.power(0.123) is (x**0.123).op is pickle.loads(pickle.dumps(y)).op is copy.deepcopy(y).op


def test_an_operation_that_nobody_holds_is_forgotten() -> None:
    """However many constants were asked for, those of the last moment stay, and no more."""
    asked = [weakref.ref(ag.power(k + 0.25)) for k in range(MANY)]
    assert sum(each() is not None for each in asked) <= 300
    assert len(ag.power._members) < 1_000


@pytest.mark.parametrize(
    "different",
    [(1, 1.0, Fraction(1), Decimal(1), Decimal("1.0"), mpf(1)), (0.0, -0.0, 0), (Decimal("-0"), Decimal(0))],
)
def test_constants_that_are_equal_are_not_the_same(different: tuple[Any, ...]) -> None:
    """The arithmetic they bring is another one, or the sign of a zero: each has its operation, in any order."""
    made = {id(op): op for each in (*different, *reversed(different)) for op in [ag.power(each)]}
    assert len(made) == len(different)
    assert [str(op.constants[0]) for op in made.values()] == list(map(str, different))


@pytest.mark.parametrize("given", [np.float64(0.5), np.float32(0.5), 0.5])
def test_a_constant_is_a_number_as_a_node_keeps_it(given: Any) -> None:
    """NumPy's scalars are the Python numbers they stand for."""
    assert ag.power(given) is ag.power(0.5)
    assert ag.power(np.int64(3)) is ag.power(3) is ag.power(enum.IntEnum("Digit", {"THREE": 3}).THREE)


def test_the_defaults_are_constants_too() -> None:
    """leaky_relu() is leaky_relu(0.01), and its name says so."""
    assert ag.leaky_relu() is ag.leaky_relu(0.01) is ag.leaky_relu(slope=0.01)
    assert ag.leaky_relu().name == "leaky_relu(0.01)"


def test_eight_threads_that_ask_at_once_get_one_operation() -> None:
    """Whoever is first: there is one operation for the same constants, for all of them."""
    for k in range(20):
        gate, got = threading.Barrier(8), []

        def ask(k: int = k, gate: threading.Barrier = gate, got: list[Op] = got) -> None:
            gate.wait()
            got.append(ag.power(k + 0.77))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(map(id, got))) == 1


def test_two_threads_that_make_one_operation_at_once_get_the_first(name: str) -> None:
    """Both have begun when neither is done; nobody waits for the other's code with a lock in hand."""
    gate = threading.Barrier(2, timeout=10)

    def slowly(n: float) -> Op:
        gate.wait()
        return Op("slowly", lambda x: n * x, lambda g, y, x: (n * g,))

    slowly.__name__ = name
    family, got = ag.family()(slowly), []
    threads = [threading.Thread(target=lambda: got.append(family(2))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got[0] is got[1] is family(2)


def test_a_family_may_take_any_number_of_constants_of_any_kind(name: str) -> None:
    """Texts, tuples and None are told apart as numbers are; what is equal in a tuple is not the same."""

    def polynomial(*coefficients: Any) -> Op:
        return Op("polynomial", lambda x: x, lambda g, y, x: (g,))

    polynomial.__name__ = name
    family = ag.family()(polynomial)
    assert family(1, 2, 3) is family(1, 2, 3)
    asked = [(), (1,), (1.0,), (True,), ("a",), (None,), ((1,),), ((1.0,),), ((0.0,),), ((-0.0,),)]
    assert len({id(op) for op in [family(*each) for each in asked]}) == len(asked)
    with pytest.raises(TypeError, match="can only be given by name"):
        ag.family()(lambda *, n: ag.identity)
    with pytest.raises(TypeError, match=r"<lambda>\(1\) made 3: a family makes an Op"):
        ag.family(replace=True)(lambda n: 3)(1)  # pyright: ignore[reportArgumentType]
    del ag.OPS["<lambda>"]


# --- Constants that are refused -------------------------------------------------------------------------------

JUNK: list[tuple[Any, type[Exception]]] = [
    (math.nan, ValueError), (Decimal("nan"), ValueError), (Decimal("sNaN"), ValueError), (mpf("nan"), ValueError),
    (np.float32("nan"), ValueError), ("1", TypeError), (True, TypeError), (np.True_, TypeError), (None, TypeError),
    (1j, TypeError), ([1], TypeError), ({}, TypeError), (np.ones(2), TypeError), (object(), TypeError),
    (np.timedelta64(1), TypeError),
]  # fmt: skip


@EVERY
@pytest.mark.parametrize(("junk", "kind"), JUNK, ids=[repr(junk)[:20] for junk, _ in JUNK])
def test_what_is_no_constant_is_refused_by_name(family: Family, junk: Any, kind: type[Exception]) -> None:
    """By position or by name, in every place: the error names the family, and the constant and what came."""
    names = list(inspect.signature(family).parameters)
    for k, parameter in enumerate(names):
        constants = [*family.samples[0][:k], junk, *family.samples[0][k + 1 :]]
        for placed, named in ((constants, {}), ([], dict(zip(names, constants, strict=True)))):
            with pytest.raises((TypeError, ValueError)) as caught:
                family(*placed, **named)
            assert type(caught.value) is kind
            assert str(caught.value).startswith(f"{family.name}({parameter}=")


@EVERY
def test_a_constant_cannot_be_a_value(family: Family) -> None:
    """By name, and behind the operands, which may be."""
    constants, names = family.samples[0], list(inspect.signature(family).parameters)
    operands = [Value(1.0)] * (family(*constants).arity or 1)
    several = [[*operands, Value(1.0), *constants[1:]], [Value(1.0), *constants[1:], *operands]]
    for placed, named in ((several[family.name == "polygamma"], {}), ([], {names[0]: Value(1.0)})):
        with pytest.raises(TypeError, match=f"^{family.name}(: a constant cannot be a Value|.*missing a required)"):
            family(*placed, **named)


@EVERY
def test_too_few_too_many_and_unknown_constants_are_refused(family: Family) -> None:
    """The error says what came, what is wrong with it, and what is wanted."""
    sample, names = family.samples[0], list(inspect.signature(family).parameters)
    many = [1] * ((family(*sample).arity or 1) + 1)
    wrong = [((*sample, *many), {}), (sample, {"unknown": 1}), ((*sample, *many[1:]), {names[0]: sample[0]})]
    if all(each.default is each.empty for each in inspect.signature(family).parameters.values()):
        wrong.append((sample[:-1], {}))
    for constants, named in wrong:
        with pytest.raises(TypeError) as caught:
            family(*constants, **named)
        assert str(caught.value).startswith(f"{family.name}(")
        assert (
            str(caught.value)
            .partition("; wanted ")[2]
            .startswith(f"{family.name}({', '.join(names)}), or {family.name}(")
        )


REFUSED = [
    (lambda: ag.clip([0], 1), TypeError,
     "clip(low=[0]): a constant has to be hashable, as numbers are, and list is not."),
    (lambda: ag.clip(1, 0), ValueError, "clip(1, 0): low is above high."),
    (lambda: ag.inside(low=1, high=0), ValueError, "inside(1, 0): low is above high."),
    (lambda: ag.round_to(1.5), TypeError,
     "round_to(digits=1.5): wanted a whole number from -10,000 to 10,000, not float."),
    (lambda: ag.round_to(10**9), ValueError,
     "round_to(digits=1000000000): wanted a whole number from -10,000 to 10,000."),
    (lambda: ag.polygamma(0), ValueError, "polygamma(n=0): wanted a whole number from 1 to 170."),
    (lambda: ag.power("2"), TypeError,
     "power(n='2'): a str is not a real number; convert it first, as in float('2.5')."),
    (lambda: ag.power(math.nan), ValueError, "power(n=nan): nan is not a real number; find where it came from."),
    (lambda: ag.leaky_relu(math.inf), ValueError, "leaky_relu(slope=inf): wanted a finite number, not below 0."),
    (lambda: ag.elu(alpha=-0.5), ValueError, "elu(alpha=-0.5): wanted a finite number, not below 0."),
    (lambda: ag.gaussian(-1), ValueError, "gaussian(a=-1): wanted a finite number, not below 0."),
    (lambda: ag.clip(0), TypeError, "clip(0): missing a required argument: 'high'; wanted clip(low, high), or "
     "clip(x, low, high)."),
    (lambda: ag.power(2, m=3), TypeError,
     "power(2, m=3): got an unexpected keyword argument 'm'; wanted power(n), or power(x, n)."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "kind", "message"), REFUSED, ids=[message[:40] for _, _, message in REFUSED])
def test_refusals_of_constants_word_for_word(act: Callable[[], Any], kind: type[Exception], message: str) -> None:
    """Each says which constant, what was got, and what was wanted."""
    with pytest.raises(kind) as caught:
        act()
    assert str(caught.value) == message


# --- A family keeps its claims for every constant that it takes -----------------------------------------------


@EVERY
@given(data=st.data())
def test_value_and_slope_are_right_for_every_constant(family: Family, data: st.DataObject) -> None:
    """Over its domain, within what its record allows, against 50 digits: not only for the samples."""
    op = family(*data.draw(CONSTANTS[family.name]))
    laws.the_value_is_the_true_one(op, data)
    laws.backward_is_the_derivative(op, data)
    laws.the_edges_are_as_stated(op, data)
    laws.the_record_is_complete(op, data)


@given(st.sampled_from([0.3, 1e-9, 7e5, Fraction(1, 3), Decimal("0.1"), 3, mpf(1) / 3, 7.6e299]), st.floats(0, 25))
@example(0.3, 48.0)
@example(7.6e299, 19.9)  # x times the value is subnormal
def test_bell_curves_are_right_far_out(a: Any, size: float) -> None:
    """exp(-a x²) where a x² is in the hundreds: a need not be a power of two, nor a float."""
    op, x = ag.gaussian(a), size / math.sqrt(a)
    assume(op.domain[0][1] >= x)
    assert oracle.ulps(op(x), oracle.value(op, (x,))) <= 4
    (slope,) = op.backward(1.0, op(x), x)
    assert oracle.ulps(slope, oracle.derivative(op, (x,), 0)) <= 4


@pytest.mark.parametrize("n", [-1.1, -2.3, Fraction(1001, 3), Decimal("-33.3"), 100, -40])
def test_slopes_of_powers_are_right_far_out(n: Any) -> None:
    """n - 1 is a rounded number below 1, and a fraction is not the float that it is near: both would be magnified."""
    op = ag.power(n)
    for x in (op.domain[0][1] * 0.99, op.domain[0][1] / 7):
        y = op(x)
        assert oracle.ulps(y, oracle.value(op, (x,))) <= 4
        assert oracle.ulps(op.backward(1.0, y, x)[0], oracle.derivative(op, (x,), 0)) <= 4


def test_a_high_polygamma_answers_where_it_is_right_or_not_at_all() -> None:
    """SciPy multiplies a factorial with what underflows; no number comes of that."""
    assert ag.polygamma(80)(100.0) == pytest.approx(float(oracle.value(ag.polygamma(80), (100.0,))), rel=1e-13)
    with pytest.raises(ag.DomainError, match=r"polygamma\(80\) is defined for -1,000,000 < x < 5.05e\+03"):
        ag.polygamma(80)(1e4)


# --- Defined anew ---------------------------------------------------------------------------------------------


def test_a_recorded_graph_goes_on_with_its_own_operation(name: str) -> None:
    """What was recorded before an operation was defined anew computes and differentiates as it did."""
    x = Value(2.0)
    y = cube(name)(x)
    cube(name, factor=5.0, replace=True)
    y.backward()
    assert (y.forward(), x.grad, copy.deepcopy(y).op) == (8.0, 12.0, y.op)


CHANGES = {
    "the value": (lambda x: x * x, lambda g, y, x: (3 * g * x * x,), "of_a_moment(0.3) was 0.027, and is 0.09 now"),
    "the slope": (lambda x: x**3, lambda g, y, x: (g * x * x,), "the slopes of of_a_moment(0.3) were (0.27,), and are"),
    "the operands": (lambda x, z: x, lambda g, y, x, z: (g, g), "of_a_moment(0.3) was 0.027, and has no value now"),
}


@pytest.mark.parametrize(("forward", "backward", "why"), CHANGES.values(), ids=CHANGES)
def test_a_pickle_says_that_an_operation_is_defined_otherwise(name: str, forward: Any, backward: Any, why: str) -> None:
    """When it is read; and when it is written, if that is known by then."""
    op = primitive(name, lambda x: round(x**3, 12), lambda g, y, x: (round(3 * g * x * x, 12),))
    y = op(Value(2.0))
    pickled = pickle.dumps(y)
    primitive(name, forward, backward, replace=True)
    message = "the operation 'of_a_moment' is defined otherwise here than where this graph was recorded: "
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole of it is looked at
        pickle.loads(pickled)
    assert str(caught.value).startswith(message + why)
    with pytest.raises(pickle.PicklingError) as caught:
        pickle.dumps(y)
    assert str(caught.value).startswith(f"<Op of_a_moment> could not be read back: {message}{why}")


def test_the_same_definition_again_is_the_same_operation_to_a_pickle(name: str) -> None:
    """A notebook cell that is run twice, or written in another way: what counts is what it does."""
    y = cube(name)(Value(2.0))
    pickled = pickle.dumps(y)
    primitive(name, lambda x: x**3, lambda g, y, x: (g * 3 * x**2,), replace=True, meaning="a cube")
    assert pickle.loads(pickled).op is pickle.loads(pickle.dumps(y)).op is ag.OPS[name]


def test_a_family_defined_otherwise_is_said_too(name: str) -> None:
    """Its members are asked, with their constants; and a family is no operation."""

    def family(factor: float, **options: Any) -> Family:
        def scaled(n: float) -> Op:
            return Op("scaled", lambda x: factor * n * x, lambda g, y, x: (factor * n * g,))

        scaled.__name__ = name
        return ag.family((2,), **options)(scaled)

    y = family(1.0)(3)(Value(2.0))
    pickled = pickle.dumps(y)
    assert pickle.loads(pickled).op is y.op
    with pytest.raises(
        ValueError, match=r"^family of_a_moment: there is such an operation already, defined in .*test_"
    ):
        family(2.0)
    family(2.0, replace=True)
    with pytest.raises(ValueError, match=r"the operation 'of_a_moment\(3\)' is defined otherwise here"):
        pickle.loads(pickled)
    cube(name, replace=True)
    with pytest.raises(LookupError, match=r"^'of_a_moment' is an operation here, and was a family where this graph"):
        pickle.loads(pickled)
    pickled = pickle.dumps(ag.OPS[name](Value(2.0)))  # pyright: ignore[reportCallIssue]
    family(1.0, replace=True)
    with pytest.raises(LookupError, match=r"^'of_a_moment' is a family here, and was an operation where this graph"):
        pickle.loads(pickled)


def test_an_operation_that_is_in_no_table_is_not_pickled() -> None:
    """A pickle that nobody could read is not written."""
    y = Op("unlisted", lambda x: x, lambda g, y, x: (g,))(Value(1.0))
    with pytest.raises(pickle.PicklingError, match="the operation 'unlisted' is not defined here; first import"):
        pickle.dumps(y)


def test_the_name_of_constants_is_taken() -> None:
    """A pickle would take an operation of this name for a constant."""
    with pytest.raises(ValueError, match=r"^primitive\('constant'\): this is the name of the nodes made of plain"):
        cube("constant")
    assert pickle.loads(pickle.dumps(Value(1.0).detach())).op is Value(1.0).detach().op


def test_operations_that_draw_numbers_or_fail_can_be_pickled(name: str) -> None:
    """What gives another number each time, or none at all, has nothing to be compared by."""
    numbers = counter(1)
    op = primitive(name, lambda x: x * next(numbers), lambda g, y, x: (g,))
    pickled = pickle.dumps(op(Value(1.0)))
    assert pickle.loads(pickled).op is op
    op = primitive(name, lambda x: x * next(numbers), lambda g, y, x: (g,), replace=True)
    assert pickle.loads(pickled).op is op

    def picky(x: float) -> float:
        if x != 5.0:
            raise KeyError(x)
        return x

    op = primitive(name, picky, lambda g, y, x: (g,), replace=True)
    assert pickle.loads(pickle.dumps(op(Value(5.0)))).op is op


def test_a_pickle_is_read_in_another_process() -> None:
    """With every operation of the library, and with one of one's own that is defined there, or otherwise, or not."""
    graphs = [op.name for op in ag.operations() if op.name != "constant"]
    ops = [pickle.dumps(op).hex() for op in ag.operations()]
    own = cube("of_a_process")
    pickled = pickle.dumps(own(Value(2.0))).hex()
    del ag.OPS["of_a_process"]
    code = f"""
import pickle, sys, autograd as ag
print([pickle.loads(bytes.fromhex(each)).name for each in {ops!r}] == {graphs!r})
for factor in (None, 3.0, 2.0):
    if factor:
        ag.primitive("of_a_process", lambda x: x * x * x, lambda g, y, x: (factor * g * x * x,), replace=True)
    try:
        print(pickle.loads(bytes.fromhex({pickled!r})).data)
    except Exception as error:
        print(type(error).__name__)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["True", "LookupError", "8.0", "ValueError"], ran.stderr


def test_pickles_of_version_0_1_are_read() -> None:
    """They name their operations, and no more."""
    from autograd import operation

    assert operation._lookup("tanh") is ag.tanh
    assert operation._lookup("power") is ag.power


# --- Kinds of numbers -----------------------------------------------------------------------------------------


class Whole(enum.IntEnum):
    THREE = 3


class Part(Fraction):
    """A fraction of a class of its own."""


class Money(Decimal):
    """A Decimal of a class of its own."""


KINDS: list[tuple[Any, Any]] = [
    (Whole.THREE, 3), (Part(1, 3), Fraction(1, 3)), (Money("0.10"), Decimal("0.10")), (np.int8(3), 3),
    (np.uint64(2**63), 2**63), (np.float16(1.5), 1.5), (np.float32("inf"), math.inf), (np.longdouble("1.5"), 1.5),
    (Decimal("Infinity"), Decimal("Infinity")), (mpf("1e4000"), mpf("1e4000")),
]  # fmt: skip
NO_NUMBERS: list[tuple[Any, type[Exception], str]] = [
    *[(each, ValueError, "nan is not a real number") for each in (
        Decimal("NaN"), Decimal("sNaN"), Decimal("-sNaN123"), Money("sNaN"), np.float16("nan"), np.float32("nan"),
        np.longdouble("nan"), mpf("nan"), math.nan)],
]  # fmt: skip
UNKEPT: list[tuple[Any, type[Exception], str]] = [
    (np.timedelta64(1, "s"), TypeError, "a time is not a real number"),
    (np.datetime64("2020-01-01"), TypeError, "a time is not a real number"),
]
if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
    UNKEPT.append((np.longdouble("1e4000"), ValueError, "too large for a float"))


@pytest.mark.parametrize(("given", "kept"), KINDS, ids=[repr(given) for given, _ in KINDS])
def test_a_number_of_any_class_is_kept_as_the_number_it_is(given: Any, kept: Any) -> None:
    """Of subclasses the plain number: with it arithmetic goes on anyway. As an operand and as a constant too."""
    for data in (
        Value(given).data,
        ag.identity(Value(given)).data,
        (Value(0) + given).data,
        ag.power(given).constants[0],
    ):
        assert (type(data), data) == (type(kept), kept)


@pytest.mark.parametrize(("given", "kind", "why"), NO_NUMBERS, ids=[repr(given) for given, _, _ in NO_NUMBERS])
def test_what_is_no_number_is_refused_in_every_place(given: Any, kind: type[Exception], why: str) -> None:
    """As data, as an operand, as a constant, as a seed: an error that says why, and no other."""
    x = Value(2)
    for act in (lambda: Value(given), lambda: x * given, lambda: given + x, lambda: ag.power(given), lambda: x**given,
                lambda: ag.tanh(given), lambda: ag.grad(lambda x: x * 2)(given)):  # fmt: skip
        with pytest.raises(kind, match=why) as caught:
            act()
        assert type(caught.value) is kind


@pytest.mark.parametrize(("given", "kind", "why"), UNKEPT, ids=[repr(given) for given, _, _ in UNKEPT])
def test_what_numpy_counts_among_the_numbers_may_be_none(given: Any, kind: type[Exception], why: str) -> None:
    """Its integers include spans of time, and its floats are larger than Python's."""
    for act in (lambda: Value(given), lambda: ag.power(given)):
        with pytest.raises(kind, match=why) as caught:
            act()
        assert type(caught.value) is kind


@pytest.mark.parametrize("infinity", [math.inf, Decimal("Infinity"), mpf("inf")])
def test_an_infinite_operand_may_give_an_infinite_result(infinity: Any) -> None:
    """Of every kind that has an infinity."""
    assert (Value(infinity) * 2).data == (Value(infinity) + 1).data == infinity
    with pytest.raises(ag.DomainError):
        _ = Value(infinity) - infinity


def test_a_complex_result_is_refused_by_name() -> None:
    """Python's own ** gives one of a negative base."""
    op = Op("root", lambda x: x**0.5, lambda g, y, x: (g,))
    with pytest.raises(TypeError, match=r"^root\(-1\): forward returned .*: a complex number is not a real number"):
        op(Value(-1))


@pytest.fixture(autouse=True, scope="module")
def _collected() -> Iterator[None]:
    yield
    gc.collect()
