"""Graphs of other engines: read by what nodes have, drawn with their numbers, and marked where these are wrong."""

import random
import re
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from micrograd import nn as micrograd_nn
from micrograd.engine import Value as MicrogradValue

from autograd import OPS, DomainError, Op, Value, add, div, draw, exp, explain, expression, mul, relu, sub, tanh
from autograd import topological_order as order
from autograd.foreign import reader
from autograd.render.graph.adopted import Adopted
from autograd.render.graph.matching import matched, named
from autograd.render.picture import Picture
from autograd.strategies import Expression, expressions
from autograd.sweep import slopes
from engines import MicroGPT as Micro
from other_engines import Knot, Variable, read_knot

Micrograd: Any = MicrogradValue
SMOOTH = [op for op in OPS.values() if isinstance(op, Op) and not op.edges and op.arity in (1, 2)]
cube: Op = OPS["power"](3)  # pyright: ignore

Engine = tuple[Callable[[float], Any], dict[Op, Callable[..., Any]]]
PLUS_TIMES = {add: lambda a, b: a + b, mul: lambda a, b: a * b}
ENGINES: dict[str, Engine] = {
    "micrograd": (Micrograd, PLUS_TIMES | {relu: lambda x: x.relu(), cube: lambda x: x**3}),
    "microgpt": (Micro, PLUS_TIMES | {relu: lambda x: x.relu(), exp: lambda x: x.exp()}),
    "DeZero": (
        Variable,
        PLUS_TIMES
        | {sub: lambda a, b: a - b, div: lambda a, b: a / b, cube: lambda x: x**3}
        | {tanh: lambda x: x.tanh(), exp: lambda x: x.exp()},
    ),
}


def run(program: Expression, node: Callable[[float], Any], apply: Callable[[Op, list[Any]], Any]) -> Any:
    """What the program gives of nodes; constants too are nodes, as most engines have it."""
    results = [node(x) for x in program.inputs]
    for op, operands in program.steps:
        results.append(apply(op, [results[x] if isinstance(x, int) else node(x) for x in operands]))
    return results[-1]


def ours(program: Expression) -> Value:
    """The graph of a program, after `backward`."""
    y = run(program, Value, lambda op, x: op(*x))
    try:
        y.backward()
    except DomainError:
        reject()
    return y


def mirrored(y: Value) -> tuple[SimpleNamespace, dict[Value, SimpleNamespace]]:
    """A graph of ours as another engine may have it."""
    made: dict[Value, SimpleNamespace] = {}
    for node in order(y):
        text = "" if node.is_leaf else node.op.name
        made[node] = SimpleNamespace(
            data=node.data, grad=node.grad, op=text, inputs=[made[x] for x in node.inputs], label=node.label
        )
    return made[y], made


def told(picture: Picture) -> Any:
    """Its steps and hints."""
    assert picture._story is not None
    return picture._story


def faults(root: Any, read: Any = None) -> list[tuple[Any, str, Any, Any]]:
    """What is marked, and what it should be."""
    found = Adopted("draw", "root", root, read).numbers.faults
    return [(each.node.label, each.of, each.theirs, each.right) for each in found]


# The same picture


@pytest.mark.parametrize("engine", ENGINES)
@given(data=st.data())
def test_a_program_is_drawn_the_same_by_whichever_engine(engine: str, data: st.DataObject) -> None:
    """The same boxes, values and gradients as of our own graph, and nothing is marked."""
    node, functions = ENGINES[engine]
    program = data.draw(expressions(list(functions), max_nodes=8))
    assume(program.steps)
    y = ours(program)
    theirs = run(program, node, lambda op, x: functions[op](*x))
    theirs.backward(retain_grad=True) if engine == "DeZero" else theirs.backward()
    drawn, right = draw(theirs, language="en"), draw(y, language="en")
    assert skeleton(drawn.text()) == skeleton(right.text())
    assert numbers_in(drawn.text()) == pytest.approx(numbers_in(right.text()), rel=2e-3, abs=1e-9)
    assert drawn._shown.keys() == right._shown.keys()
    assert "≠" not in drawn.dot
    assert ("read off its numbers" in drawn.dot) == (engine == "microgpt")
    assert str(expression(theirs)) == str(expression(y))
    if engine == "micrograd":  # whose formulas round as ours do
        assert drawn.dot == right.dot
        assert str(explain(theirs)) == str(explain(y))


NUMBER = re.compile(r"(?:(?<=[\s(])|^)−?\d+(?:\.\d+)?(?:e[−+]\d+)?(?![\d\]])")


def skeleton(text: str) -> str:
    """A table without its numbers."""
    return re.sub(r"[\s-]+", " ", NUMBER.sub("#", text))


def numbers_in(text: str) -> list[float]:
    return [float(number.replace("−", "-")) for number in NUMBER.findall(text)]


@given(expressions([op for op in OPS.values() if isinstance(op, Op)], max_nodes=8))
def test_every_operation_of_the_table_is_known_by_its_name(program: Expression) -> None:
    """A graph with names of our operations is drawn as ours, whichever operations it has."""
    assume(program.steps)
    y = ours(program)
    assert draw(mirrored(y)[0]).dot == draw(y).dot


def test_micrograds_network_is_drawn_with_its_gradients() -> None:
    """An MLP of micrograd is drawn whole or folded, and it is right everywhere."""
    random.seed(2)
    model = micrograd_nn.MLP(2, [3, 1])
    y: Any = model([1.0, -2.0])
    loss = (y - 1) ** 2
    loss.backward()
    assert "≠" not in draw(loss).text()
    given = Adopted("draw", "root", loss)
    assert any(p.grad for p in model.parameters())
    assert [given.numbers.gradient(given.own(p)) for p in model.parameters()] == [p.grad for p in model.parameters()]
    wide = micrograd_nn.MLP(2, [16, 16, 1])([1.0, -2.0])
    with pytest.warns(UserWarning, match="what repeats is drawn as one box"):
        folded = draw(wide)
    assert "16 ×" in folded.text()


def test_a_dropped_gradient_is_computed_and_the_picture_says_so() -> None:
    """DeZero drops gradients in between: those at arrows are what the rules give, and agree with the leaves."""
    x: Any = Variable(2.0, "x")
    y = (x * x + x).tanh()
    y.backward()
    picture = draw(y, language="en")
    assert "computed by the rules" in picture.dot
    assert faults(y) == []
    x.grad.data = x.grad.data + 1
    assert [fault[:2] for fault in faults(y)] == [("x", "gradient")]


# Where numbers are wrong


@given(expressions(SMOOTH, max_nodes=8), st.data())
def test_a_wrong_backward_is_marked_at_its_arrow_and_nowhere_else(program: Expression, data: st.DataObject) -> None:
    """Of a sweep in which one node passes one wrong share, that share's arrow is marked, or where its receiver is used
    several times the sum; with what is right, given everything above."""
    assume(program.steps)
    y = run(program, Value, lambda op, x: op(*x))
    nodes = [node for node in order(y) if not node.is_leaf]
    wrong = data.draw(st.sampled_from(nodes))
    slot = data.draw(st.integers(0, len(wrong.inputs) - 1))
    grads, sizes, rights = dict.fromkeys(order(y), 0.0), dict.fromkeys(order(y), 0.0), dict.fromkeys(order(y), 0.0)
    grads[y] = 1.0
    for node in reversed(nodes):
        passed = slopes(node.op, node.data, [x.data for x in node.inputs])
        for i, (x, slope) in enumerate(zip(node.inputs, passed, strict=True)):
            assume(slope is not None and abs(slope) < 1e6)
            share = (slope or 0) * grads[node]
            planted = (1 + abs(share)) * (node is wrong and i == slot)
            grads[x] += share + planted
            rights[x] += share
            sizes[x] += abs(share) + abs(planted)
    x = wrong.inputs[slot]
    assume(sizes[x] < 1e3 * abs(grads[x] - rights[x]))
    for node in order(y):
        node.grad = grads[node]
    theirs, made = mirrored(y)
    for node, each in made.items():
        each.label = "here" if node is x else ""
    found = faults(theirs)
    assert [(label, of) for label, of, *_ in found] == [("here", "gradient")]
    assert found[0][2:] == (grads[x], pytest.approx(rights[x], rel=1e-6, abs=1e-6))
    assert draw(theirs).text().count("≠") == 1


def test_a_slope_that_an_engine_keeps_is_blamed_at_its_own_arrow() -> None:
    """microgpt keeps its derivatives, so even of a value that is used twice the wrong arrow is known."""
    x, w = Micro(2.0), Micro(3.0)
    h = Micro(6.0, (x, w), (3.0, 3.0))  # by w it is 2
    y = h + w
    y.backward()
    numbers = Adopted("draw", "root", y).numbers
    (fault,) = numbers.faults
    assert (fault.node.data, fault.by and fault.by.data, fault.theirs, fault.right) == (3.0, 6.0, 3.0, 2.0)
    assert numbers.right_gradient(fault.node) is None


def test_assigning_where_it_should_add_is_seen_at_the_branch() -> None:
    """`a + a` with `a.grad = out.grad`: `1 ≠ 1+1`, in the picture and in the table, in steps, hints and explanation."""
    a = Micrograd(3.0)
    b = a + a
    b.grad, a.grad = 1, 1
    picture = draw(b, language="en")
    assert "1 ≠ 1+1" in picture.dot
    assert "≠: on the left what this engine has, on the right what the rule gives (1 in all)" in picture.dot
    assert "1 ≠ 2" in picture.text()
    assert any("This engine has 1, and the rule gives 2" in step.says for step in told(picture).steps())
    assert any("This engine has 1, and the rule gives 2" in hint.says for hint in told(picture).hints().values())
    assert "gradient from all its uses 1 ≠ 2" in str(explain(b, language="en"))
    assert "∂output/∂3 = 2" in str(explain(b, language="en")) or "= 2" in str(explain(b, a, language="en"))


def test_a_wrong_value_is_marked_where_it_appears() -> None:
    """A forward number that is not what the operation gives stands with the right one; what follows is not blamed."""
    a, b = Micrograd(2.0), Micrograd(3.0)
    c = a * b
    c.data = 7.0
    d = c + a
    assert [fault[1:] for fault in faults(d)] == [("value", 7.0, 6.0)]
    assert draw(d).text().count("7 ≠ 6") == 1
    assert "7 ≠ 6" in draw(d).dot


def test_a_small_difference_is_written_with_enough_digits() -> None:
    """Never `2.2 ≠ 2.2`."""
    a = Micrograd(3.0)
    b = a * 2.0
    b.backward()
    a.grad = 2.0001
    assert "2.0001 ≠ 2" in draw(b).text()


@pytest.mark.parametrize("stale", [0.0, 5.0])
def test_before_backward_nothing_is_said_of_gradients(stale: float) -> None:
    """All of them 0 between leaves and output: it has not run, whatever leaves still have of another graph."""
    a = Micrograd(3.0)
    a.grad = stale
    b = (a * 2.0).relu()
    assert faults(b) == []
    assert not told(draw(b)).shows_gradients


def test_a_convention_at_a_kink_is_no_fault() -> None:
    """At relu(0) an engine may pass all or nothing."""
    x = Micrograd(0.0)
    y = x.relu()
    y.grad, x.grad = 1, 1
    assert faults(y) == []
    x.grad = 0
    assert faults(y) == []


# Sets, and what they lose


def test_numbers_tell_the_order_of_a_set() -> None:
    """`a - b` and `a / b` of a set are drawn in the order that gives their number."""
    a, b = (SimpleNamespace(data=x, grad=0, _prev=set(), label=name) for x, name in ((5.0, "a"), (3.0, "b")))
    for sign, number in (("-", 2.0), ("-", -2.0), ("/", 5 / 3), ("/", 0.6), ("**", 125.0), ("**", 243.0)):
        node = Hashed(data=number, grad=0, _prev={Ref(a), Ref(b)}, _op=sign)
        drawn = str(expression(node, read=read_hashed))
        first = ["a", "b"][[5 - 3, 5 / 3, 5**3].count(number) == 0]
        assert drawn.startswith(first), (sign, number, drawn)


class Hashed(SimpleNamespace):
    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class Ref:
    """A node that a set can hold."""

    def __init__(self, node: Any) -> None:
        self.node = node


def read_hashed(node: Any) -> tuple:
    node = getattr(node, "node", node)
    return node.data, node.grad, getattr(node, "_op", ""), node._prev, getattr(node, "label", "")


@pytest.mark.parametrize(("sign", "number", "shown"), [("+", 6.0, "a + a"), ("*", 9.0, "a × a"), ("-", -3.0, "−a")])
def test_numbers_tell_what_a_set_has_lost(sign: str, number: float, shown: str) -> None:
    """A set has `a + a`'s operand once."""
    a = Hashed(data=3.0, grad=0, _prev=set(), label="a")
    assert str(expression(Hashed(data=number, grad=0, _prev={a}, _op=sign))) == shown


def test_the_picture_says_once_that_a_set_has_no_order() -> None:
    """And it says nothing where the node's `_backward` has the operands."""
    a, b = (Hashed(data=x, grad=0, _prev=set()) for x in (2.0, 3.0))
    c = Hashed(data=5.0, grad=0, _prev={a, b}, _op="+")
    assert draw(Hashed(data=10.0, grad=0, _prev={c, b}, _op="?")).dot.count("集合") == 0
    for words, said in (("en", "a set does not tell the order of operands"), ("ja", "被演算子の順序は")):
        assert draw(Hashed(data=15.0, grad=0, _prev={c, b}, _op="*"), language=words).dot.count(said) == 1  # pyright: ignore
    x, y = Micrograd(2.0), Micrograd(3.0)
    assert "a set" not in draw(x * y + y, language="en").dot
    assert str(expression(y * x)) == "3 × 2"


# What is unknown


def test_an_unknown_operation_is_drawn_under_its_own_name() -> None:
    """Its share is unknown, and nothing is wrong; the gradient at its only operand is the engine's."""
    a, b = Knot(2.0, called="a"), Knot(5.0, called="b")
    y = Knot("mul", (Knot("swirl", (a,)), b))
    y.slope, y.made_of[0].slope, a.slope, b.slope = 1.0, 5.0, 40.0, 3.0
    picture = draw(y, read=read_knot)
    assert picture.text().splitlines()[0] == "swirl(a) × b"
    assert "40" in picture.text()
    assert faults(y, read_knot) == []
    with pytest.raises(ValueError, match="the operation 'swirl' of another engine is unknown here"):
        explain(y, read=read_knot)


def test_a_page_is_live_where_the_rules_give_every_number() -> None:
    """And where they do not, it says why not."""
    a = Micrograd(3.0)
    b = (a * 2.0).relu()
    b.backward()
    assert '"live":{' in draw(b).html()
    a.grad = 7.0
    wrong = draw(b, language="en").html()
    assert '"live":{' not in wrong
    assert "those of another engine" in wrong
    swirl = Knot("swirl", (Knot(2.0),))
    assert "JavaScript cannot compute the operation swirl" in draw(swirl, read=read_knot, language="en").html()


@pytest.mark.parametrize(
    ("text", "count", "op"),
    [("+", 2, "add"), ("-", 1, "neg"), ("-", 2, "sub"), ("**2", 1, "power(2)"), ("**-1", 1, "power(-1)")]
    + [("**0.5", 1, "power(0.5)"), ("ReLU", 1, "relu"), ("Square", 1, "square"), ("MulBackward0", 2, "mul")]
    + [("ln", 1, "log"), ("Sigmoid", 1, "sigmoid"), ("truediv", 2, "div"), ("x^2", 1, None), ("swirl", 1, None)],
)
def test_operations_are_known_by_their_usual_names(text: str, count: int, op: str | None) -> None:
    """Signs, words, names of classes, powers with their exponents."""
    found = named(text, count)
    assert (found and found.name) == op


def test_an_operation_without_a_name_is_what_its_numbers_say() -> None:
    """The value and the slopes decide; where only the value does, there must be no other."""
    assert [matched("", 2.5**n, [2.5], True, [n * 2.5 ** (n - 1)]).op for n in (3, -1)] == [
        OPS["power"](n) for n in (3, -1)
    ]  # pyright: ignore
    assert matched("", 6.0, [2.0, 3.0], True, [1.0, 1.0]).op is mul  # with wrong slopes
    assert matched("", 4.0, [2.0, 2.0], True, None).op is None
    assert matched("", 4.0, [2.0, 2.0], True, [1.0, 1.0]).op is add
    assert matched("", 4.0, [2.0, 2.0], True, [2.0, 2.0]).op is mul


# What else a call takes


def test_nodes_of_the_engine_are_taken_wherever_ours_are() -> None:
    """Several outputs, groups, parameters, `wrt`; each node is one node of the picture."""
    w, x = Micrograd(3.0), Micrograd(2.0)
    h = w * x
    y, z = h.relu(), h + x
    y.label, z.label, w.label = "y", "z", "w"
    picture = draw([y, z], group={"layer": [h]}, parameters=[w], language="en")
    assert 'label="layer' in picture.dot or "layer" in picture.dot
    assert "■ parameter" in picture.dot
    assert str(explain(y, w)).startswith("∂y/∂w")
    assert str(explain(y, [w])) == str(explain(y, w))


def test_drawing_changes_nothing_in_the_graph() -> None:
    """Numbers, gradients and inputs are as before."""
    a, b = Micrograd(3.0), Micrograd(2.0)
    y = a * b
    y.backward()
    before = [(n.data, n.grad, set(n._prev)) for n in (a, b, y)]
    assert draw(y).text()
    assert str(explain(y))
    assert str(expression(y))
    assert [(n.data, n.grad, set(n._prev)) for n in (a, b, y)] == before


def test_a_graph_of_any_depth_is_taken() -> None:
    """Twenty thousand nodes in a row, without recursion."""
    node = SimpleNamespace(data=0.0, grad=1.0, inputs=())
    for _ in range(20_000):
        node = SimpleNamespace(data=node.data + 1, grad=1.0, op="+", inputs=(node, 1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = draw(node, repeats=False, max_nodes=20, language="en")
    assert "more values" in picture.dot
    assert "≠" not in picture.dot


def test_numbers_that_are_none_are_drawn() -> None:
    """An engine may have an infinity or a nan: that is what one wants to see."""
    a = Micrograd(float("nan"))
    b = a * 2.0
    b.backward()
    a.grad = float("nan")
    assert "nan" in draw(b).text()
    big = Micrograd(float("inf")) * 2.0
    assert "∞" in draw(big).text()


# Errors

NO_FUNCTION: Any = 5


def test_a_cycle_is_an_error_that_says_so() -> None:
    """A node that is made from itself has no picture."""
    a = SimpleNamespace(data=1.0, grad=0, inputs=[])
    b = SimpleNamespace(data=1.0, grad=0, inputs=[a])
    a.inputs.append(b)
    with pytest.raises(ValueError, match="the graph has a cycle"):
        draw(a)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: draw(object()), TypeError, r"wanted a Value.*read=, a function node -> \(number"),
        (lambda: explain(3), TypeError, r"explain\(output=3\): wanted a Value, not int\..*read="),
        (lambda: expression("y"), TypeError, r"wanted a Value, not str\..*read="),
        (lambda: reader(3), TypeError, r"3 is not a node of a graph: a node has a number \(data, value, val\)"),
        (lambda: draw(3, read=NO_FUNCTION), TypeError, r"read=5: wanted a function"),
        (lambda: draw(Knot(2.0), read=lambda knot: NO_FUNCTION), TypeError, "read gave 5 of"),
        (lambda: draw(Knot(2.0), read=lambda knot: (1.0, 0, "", 7)), TypeError, "read gave inputs 7 of"),
        (lambda: draw(Knot(2.0), read=lambda knot: ("2", 0)), TypeError, "the number of .* a str is not a real number"),
        (lambda: draw(Knot(2.0), read=lambda knot: (2, [1])), TypeError, "the gradient of .* cannot be drawn"),
        (lambda: draw(Variable([1.0, 2.0])), TypeError, r"an array of shape \(2,\) is not one real number"),
    ],
)
def test_what_is_no_node_is_named(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    """What was got, what was wanted, and what to do."""
    with pytest.raises(error, match=message):
        call()


def test_the_language_is_that_of_the_labels() -> None:
    """As of our own graphs: Japanese if any label is."""
    a = Micrograd(3.0)
    a.label = "単価"
    b = a + a
    b.grad, a.grad = 1, 1
    assert "左はこのエンジンの数" in draw(b).dot
    assert "規則と違うところ" in str(explain(b))
    assert any("このエンジンでは 1、規則では 2" in step.says for step in told(draw(b)).steps())
    assert "what this engine has" in draw(b, language="en").dot
