"""Laws of comparison: code written for floats goes its way, a program guards that way, and nodes stay keys."""

import copy
import functools
import itertools
import math
import pickle
import statistics
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp

import autograd as ag
import nn
from autograd import BranchChanged, Value

SIGNS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
NUMBERS = [0, 1, -2, True, 0.0, -0.0, 1.0, 0.5, math.inf, math.nan, 10**400, Fraction(1, 2), Decimal("0.5")]
NUMBERS += [np.float64(0.5), np.float32(0.1), np.int64(1), np.bool_(True), mp.mpf(1) / 3]
STRANGERS = [None, "1", b"1", [], (1,), {}, object(), 0.5 + 0j, 1j, complex(math.nan, 0), ...]


def outcome(compare: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """What a comparison gives, or the class of the error that it raises."""
    try:
        return bool(compare(a, b))
    except (TypeError, ArithmeticError) as error:
        return type(error)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("data", [0, 1, 0.5, 1.0, math.inf, Fraction(1, 2), Decimal("0.5")], ids=repr)
def test_a_value_compares_as_its_number_does(sign: str, data: Any) -> None:
    """On either side, with every kind of number and with what is none; the outcome is a bool."""
    compare = SIGNS[sign]
    for other in [*NUMBERS, *STRANGERS]:
        found = outcome(compare, Value(data), other)
        assert found == outcome(compare, data, other), other
        assert isinstance(found, type) or compare(Value(data), other).__class__ is bool
        assert outcome(compare, other, Value(data)) == outcome(compare, other, data), other
        if type(other) in (int, float) and other == other:
            assert outcome(compare, Value(data), Value(other)) == outcome(compare, data, other)


@pytest.mark.parametrize("sign", SIGNS)
def test_arrays_compare_element_by_element(sign: str) -> None:
    """With a Value on either side, of numbers and of Values."""
    compare, numbers = SIGNS[sign], np.array([0.0, 1.0, 2.0])
    values = np.array([Value(x) for x in numbers])
    for array, one in itertools.product((numbers, values), (1.0, Value(1.0))):
        assert compare(array, one).tolist() == compare(numbers, 1.0).tolist()
        assert compare(one, array).tolist() == compare(1.0, numbers).tolist()
    assert np.equal(values, numbers).all()
    assert np.array_equal(values, values.copy())


def matched(x: Any) -> Any:
    match x:
        case 0:
            return x + 5
        case 1 | 2:
            return x * 7
    return -x


def halved(x: Any) -> Any:
    steps = 0
    while x != 1 and steps < 8:
        x, steps = x / 2, steps + 1
    return x + steps


WRITTEN_FOR_FLOATS: dict[str, Callable[[Any], Any]] = {
    "removable": lambda x: 1.0 + 0 * x if x == 0 else ag.sin(x) / x,
    "unlike": lambda x: ag.sin(x) / x if x != 0 else 1.0 + 0 * x,
    "reflected": lambda x: 3 * x if x == 2 else x,
    "while": halved,
    "match": matched,
    "tuples": lambda x: x if (x, 1) < (1.0, 2) else 2 * x,
    "lists": lambda x: x if [x, x + 1] == [1.0, 2.0] else 3 * x,
    "in": lambda x: x * 2 if x in (0, 1, 2) else x,
    "not in": lambda x: x * 2 if x not in [0.0, 4.0] else x + 1,
    "among": lambda x: x * 2 if 1 in [x, x + 1] else x,
    "count": lambda x: x * [0, 1.0, 1.0, x].count(x),
    "index": lambda x: x + [0.0, 1.0, 2.0, 4.0, 8.0, x].index(x),
    "truth": lambda x: x * 3 if x else x + 1,
    "not": lambda x: x - 1 if not x else x * x,
    "maximum of pairs": lambda x: max((x, 1), (1.0, 2))[1] * x,
    "remove": lambda x: sum(without([4.0, 2.0, 1.0], x), 0.0) * x,
    "equal": lambda x: x * 2 if np.equal(x, 1.0) else x,
    "array_equal": lambda x: x * 2 if np.array_equal([x, 2.0], [1.0, 2.0]) else x,
    "mode": lambda x: x * (statistics.multimode([0, 1, 1]).index(1) + 1),
    "chained": lambda x: x if 0 == x == 0.0 else -x,
}


def without(numbers: list[Any], x: Any) -> list[Any]:
    if x in numbers:
        numbers.remove(x)
    return numbers


@pytest.mark.parametrize("name", WRITTEN_FOR_FLOATS)
@given(st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.0, 4.0, 64.0]))
def test_code_written_for_floats_goes_its_way(name: str, number: float) -> None:
    """`==`, `in`, `match`, `index` … on a Value take the branch that they take on its number."""
    f = WRITTEN_FOR_FLOATS[name]
    assert f(Value(number)) == f(number)


@pytest.mark.parametrize("name", WRITTEN_FOR_FLOATS)
@pytest.mark.parametrize("example_", [0.0, 1.0, 3.0])
def test_a_program_never_goes_another_way_without_a_word(name: str, example_: float) -> None:
    """For every other number a program gives the number of the code, or raises BranchChanged."""
    f = WRITTEN_FOR_FLOATS[name]
    program = ag.compile(f, example_)
    changed = 0
    for number in (0.0, 1.0, 2.0, 3.0, 4.0, 64.0):
        try:
            assert program(number) == pytest.approx(f(number), rel=1e-15)
        except BranchChanged:
            changed += 1
    assert program(example_) == pytest.approx(f(example_), rel=1e-15)
    assert changed or not program.guards


def test_a_guard_names_its_sign_and_line() -> None:
    """The message says which comparison went another way, and where it stands."""
    program = ag.compile(lambda x: x if x == 1.0 else -x, 1.0)
    with pytest.raises(
        BranchChanged, match=r"test_comparisons\.py, line \d+: the comparison `2 == 1` in row 1 goes another way"
    ):
        program([1.0, 2.0])


@given(st.lists(st.sampled_from([0.0, -0.0, 1, 1.0]), min_size=2, max_size=5))
def test_nodes_are_keys(numbers: list[float]) -> None:
    """Hash is of the node: sets, dicts and caches keep nodes of one number apart, and find each again."""
    nodes = [Value(x) for x in numbers]
    assert len(set(nodes)) == len(dict.fromkeys(nodes)) == len(nodes)
    places = {node: i for i, node in enumerate(nodes)}
    assert [places[node] for node in nodes] == list(range(len(nodes)))
    seen = functools.cache(lambda node: id(node))
    assert [seen(node) for node in nodes] == list(map(id, nodes))
    assert nodes[0] == Value(numbers[0])


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=2), st.booleans())
@example([1.0, 1.0], False)
def test_no_guard_is_made_of_a_node_and_itself(point: list[float], swap: bool) -> None:
    """`x in [x]` asks for identity first, as Python does, and that hangs on no number."""

    def f(x: Any, y: Any) -> Any:
        return x * y if x in ([x, y] if not swap else [x]) else x

    assert ag.compile(f, *point).guards == []


# --- The library itself ---------------------------------------------------------------------------------------


def everything(folder: Path) -> None:
    """One call of each kind that the library has, on graphs in which many nodes have the same number."""
    x, y, z = Value(1.0, "x"), Value(1.0, "y"), Value(1.0)
    out = (x * y + z * 1.0) * (x * y) + ag.logsumexp([x, y, z]) + ag.sum([x, x, y]) + ag.where(x > 2, y, z)
    out.backward()
    out.forward()
    ag.gradients(ag.gradients(out, [x, y])[0], [y])
    ag.draw(out).text()
    ag.draw(out, parameters=[x]).save(folder / "graph.svg")
    ag.draw([out, x * x * y * x, x * y, x, y]).save(folder / "page.html")
    ag.explain(out, x)
    ag.expression(out).latex()
    pickle.loads(pickle.dumps(copy.deepcopy(out)))

    def f(v: Any) -> Any:
        return v[0] * v[1] + ag.exp(v[0]) * v[1] ** 2 + x * v[0]

    point = [1.0, 1.0]
    ag.value_and_grad(f)(point)
    ag.hessian(f)(point)
    ag.hessian(lambda v: abs(v[0]) * abs(v[1]) + ag.hypot(v[0], 1.0) * ag.hypot(v[1], 1.0))(point)
    ag.jacobian(lambda v: [f(v), f(v), v[0]])(point)
    ag.jvp(f, (point,), (point,))
    ag.hvp(f, point, point)
    ag.check_gradient(f, point)
    ag.check_gradient(f, point, order=2)
    program = ag.compile(f, point, wrt=[x])
    program.value_and_grad(point)
    program.draw().save(folder / "program.svg")
    model = nn.MLP(2, [2, 1])
    nn.fit(model, "squared_error", [point, point], [1.0, 1.0], epochs=2, seed=0, progress=False)
    nn.fit(model, "squared_error", [point], [1.0], epochs=1, seed=0, progress=False, backend="eager")
    ag.draw(model([x, y]), group={"inner": [x * y]}, local=True).save(folder / "model.svg")
    model.report([point])
    model.save(folder / "model.npz")


@pytest.mark.parametrize("op", [op for op in ag.operations() if op.arity in (1, 2)], ids=lambda op: op.name)
def test_operands_of_one_number_are_two_operands(op: ag.Op) -> None:
    """∂²(op(x) op(y))/∂x∂y is op′(x) op′(y), where x and y are equal as elsewhere: no rule takes one for the other."""
    low, high = op.domain[0]
    t = next(t for t in (0.7, 1.7, low * 0.3 + high * 0.7) if low < t < high)
    others = () if op.arity == 1 else (min(max(0.6, op.domain[1][0]), op.domain[1][1]),)
    slope = ag.grad(lambda x: op(x, *others))(t)
    for apart in (0.0, 1e-9 * t):
        found = ag.hessian(lambda v: op(v[0], *others) * op(v[1], *others))([t, t + apart])
        assert found[0, 1] == pytest.approx(slope**2, rel=1e-6, abs=1e-300)


def test_the_library_asks_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No code of the library compares two nodes by their numbers when it means the nodes."""

    def refused(self: Value, other: Any) -> bool:
        raise AssertionError("the library has compared a Value by == or !=")

    monkeypatch.setattr(Value, "__eq__", refused)
    monkeypatch.setattr(Value, "__ne__", refused)
    everything(tmp_path)
