"""Pictures of graphs that are large or have parts: what is cut, folded, drawn twice, framed or closed is right."""

import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, relu, sqrt, tanh, topological_order
from autograd import sum as total
from autograd.render import draw
from autograd.render.dot.graphviz import lay_out
from autograd.render.formula import expression
from autograd.render.graph.modules import Modules
from autograd.render.graph.nearest import behind, in_order, nearest
from autograd.render.graph.snapshot import Snapshot
from autograd.render.text import clean, columns, shorten
from drawn import ANY_TEXT, cpu_seconds, groups, modular, pairs, some_graph, texts
from lecture import fan_out, price


def chain(length: int) -> Value:
    y = Value(1.0, "x")
    for _ in range(length):
        y = relu(y)
    return y


def recurrence(steps: int) -> Value:
    """Two weights, used at every step."""
    w, u, h = Value(0.7, "w"), Value(0.3, "u"), Value(0.0, "h0")
    for i in range(steps):
        h = tanh(w * h + u * (0.1 * i))
    h.backward()
    return h


def network() -> tuple[Value, list[Value], list[Value]]:
    """Two inputs, a layer of two neurons, one output: the output, the hidden neurons, the weights."""
    inputs, weights = [Value(1.0, "x1"), Value(-2.0, "x2")], [Value(0.5 * i, f"w{i}") for i in range(6)]
    h1 = tanh(weights[0] * inputs[0] + weights[1] * inputs[1])
    h2 = tanh(weights[2] * inputs[0] + weights[3] * inputs[1])
    y = weights[4] * h1 + weights[5] * h2
    y.label = "y"
    y.backward()
    return y, [h1, h2], weights


# --- Large graphs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "many"), [(10_000, "10,001"), (1_000_000, "more than 100,000")])
def test_a_large_graph_answers_at_once(length: int, many: str) -> None:
    """What is nearest the output is drawn, what was cut is counted, and one warning says what to do."""
    y = chain(length)
    begun = cpu_seconds()
    with pytest.warns(UserWarning, match="max_nodes") as caught:
        picture = draw(y, max_nodes=5, repeats=False, language="en")
    assert cpu_seconds() - begun < 2
    assert [str(warning.message) for warning in caught] == [
        f"draw: the graph has {many} nodes; the max_nodes=5 nearest the output are drawn. Pass a larger max_nodes, "
        "draw a part of it, as in draw(node) for a node nearer the inputs, or make parts of it one box each with "
        "group= and collapse=."
    ]
    shown = "… 9,996 more values" if length == 10_000 else "… 100,000 or more values"
    assert [texts(group) for group in groups(picture, "cut")] == [(shown,)]
    assert len(groups(picture, "op")) == 5


def test_the_operands_of_a_wide_sum_that_have_no_room_are_one_box() -> None:
    """A hundred thousand operands are counted, not drawn."""
    y = total(*[Value(float(i), f"x{i}") for i in range(100_000)])
    y.backward()
    with pytest.warns(UserWarning, match="100,001 nodes"):
        picture = draw(y, max_nodes=4, repeats=False)
    assert [texts(group) for group in groups(picture, "cut")] == [("… 99,997 more values",)]
    assert [texts(group) for group in groups(picture, "input")] == [("x0",), ("x1",), ("x2",)]


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_numbers_of_a_cut_picture_are_those_of_the_whole(seed: int, most: int) -> None:
    """Cutting changes no value and no gradient of what remains."""
    y = some_graph(seed)
    y.backward()
    whole, cut = Snapshot([y], clone=False), Snapshot([y], most=most, clone=False)
    shares = {(a.source, a.target): a.gradient for a in whole.arrows}
    many = Counter((a.source, a.target) for a in whole.arrows)
    for arrow in cut.arrows:
        if arrow.target is not None and len(arrow.hidden) < 2 and many[arrow.source, arrow.target] == 1:
            assert arrow.gradient == pytest.approx(shares[arrow.source, arrow.target])
    assert [cut.total(node) for node in cut.nodes] == pytest.approx([node.grad for node in cut.nodes])


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_what_is_shown_and_what_is_hidden_are_the_graph(seed: int, most: int) -> None:
    """Every node is in one or the other; shown are the nearest; their order is the engine's."""
    y = some_graph(seed)
    order, shown = topological_order(y), nearest([y], most)
    assert len(shown) == min(most, len(order))
    assert in_order([y], set(order)) == order
    assert set(in_order([y], shown)) == shown
    assert len(shown) + behind([y, *order], shown, 1000) == len(order)


def test_a_sum_at_a_branch_says_when_some_of_it_is_not_drawn() -> None:
    """x is used near the output and far from it: its gradient is more than the shares that are seen."""
    x = Value(2.0, "x")
    y = tanh(tanh(x * x)) + x + x
    y.backward()
    with pytest.warns(UserWarning, match="max_nodes"):
        picture = draw(y, max_nodes=4, digits=2)
    assert ("2", "2 = 1+1+…") in pairs(picture)


def test_a_recurrence_with_shared_weights_lays_out_quickly() -> None:
    """Above a small size a shared leaf is drawn at each use, and each use has its own share."""
    y = recurrence(60)
    begun = cpu_seconds()
    picture = draw(y, max_nodes=1000)
    picture.svg()
    assert cpu_seconds() - begun < 10
    assert [texts(group) for group in groups(picture, "input")].count(("w",)) == 60
    assert groups(picture, "branch") == []


def test_small_graphs_have_every_leaf_once_and_every_constant() -> None:
    """Unless asked otherwise."""
    y = 2 * fan_out()
    assert len(groups(draw(y), "input")) == len(groups(draw(y), "branch")) == 1
    assert [texts(group) for group in groups(draw(y), "constant")] == [("2",)]
    assert len(groups(draw(y, clone=True), "input")) == 3
    assert groups(draw(y, clone=True), "branch") == []


def test_a_folded_constant_stands_with_the_symbol_on_its_own_side() -> None:
    """`2 ×` is not `× 2`, and 1 − x is not x − 1."""
    x = Value(3.0, "x")
    y = total((2 * x) - 1, 1 - (x / 2), x % 2, relu(x))
    picture = draw(y, fold=True)
    assert sorted(texts(group)[0] for group in groups(picture, "op")) == sorted(
        ["2 ×", "− 1", "1 −", "÷ 2", "% 2", "relu", "Σ"]
    )
    assert groups(picture, "constant") == []


# --- Modules ----------------------------------------------------------------------------------------------------


def test_a_module_takes_in_what_leads_to_it_alone() -> None:
    """Its weights and the operations between; not the inputs, and not another module."""
    y, hidden, weights = network()
    modules = Modules(dict.fromkeys(hidden, "1") | {y: "2"}, (), frozenset(weights))
    home = modules.spread(topological_order(y), [y])
    assert {home[w] for w in weights[:4]} == {"1"}
    assert {home[w] for w in weights[4:]} == {"2"}
    assert len(home) == len(topological_order(y)) - 2


def test_a_frame_has_its_name_and_changes_no_number() -> None:
    """The same arrows as without."""
    y, hidden, weights = network()
    framed = draw(y, group={"層 1": hidden, "層 2": y}, parameters=weights)
    assert [texts(group) for group in groups(framed, "cluster")] == [("層 2",), ("層 1",)]
    assert pairs(framed) == pairs(draw(y))
    assert len(groups(framed, "parameter")) == 6


class Layout:
    """Where Graphviz puts the boxes of a picture, and in which frame each is."""

    def __init__(self, dot: str) -> None:
        self.frames: dict[str, str | None] = {}
        self.looks: dict[str, str] = {}
        self.places: dict[str, tuple[float, float]] = {}
        frame = None
        for line in dot.splitlines():
            if found := re.match(r"\t(?:subgraph (\w+) \{|\})", line):
                frame = found[1]
            elif found := re.match(r"\t+(\w+) \[(.*)", line):
                self.frames[found[1]], self.looks[found[1]] = frame, found[2]
        for line in lay_out(dot, "plain").decode().replace("\\\n", "").splitlines():
            kind, *words = line.split()
            if kind == "node":
                self.places[words[0]] = float(words[1]), float(words[2])


@given(st.integers(0, 10_000), st.booleans())
@example(37, False)
@example(41, False)
def test_operands_stand_from_top_to_bottom_in_and_between_modules(seed: int, clone: bool) -> None:
    """Whatever is in which module: the numbers at the arrows into an operation, and the leaves that are drawn for it
    alone in its own frame, stand in the order of its operands. And every arrow goes from left to right."""
    y, group, parameters = modular(seed)
    dot = draw(y, group=group, parameters=parameters, clone=clone, title="").dot
    layout = Layout(dot)
    tails = {arrow: tail for tail, arrow in re.findall(r"^\t+(\w+)(?:\:shaft:e)? -> (\w+):shaft:w", dot, re.MULTILINE)}
    starts = Counter(tails.values())
    operands: dict[str, list[str]] = {}
    for arrow, operation in re.findall(r"(v\d+):shaft:e -> (n\d+)", dot):
        operands.setdefault(operation, []).append(arrow)
    for operation, found in operands.items():
        arrows = sorted(found, key=lambda arrow: int(arrow[1:]))
        leaves = [
            tail
            for tail in map(tails.__getitem__, arrows)
            if "leaf" in layout.looks[tail] and starts[tail] == 1 and layout.frames[tail] == layout.frames[operation]
        ]
        for boxes in (arrows, leaves):
            heights = [layout.places[box][1] for box in boxes]
            assert heights == sorted(heights, reverse=True)
        assert all(layout.places[arrow][0] < layout.places[operation][0] for arrow in arrows)
    assert all(layout.places[tail][0] < layout.places[arrow][0] for arrow, tail in tails.items())


@given(st.integers(0, 10_000), st.sets(st.integers(0, 2)))
def test_copies_of_an_input_stand_where_they_are_used_or_in_their_own_module(seed: int, own: set[int]) -> None:
    """And every other box is in the frame of its module, or in none."""
    y, group, parameters = modular(seed)
    inputs = [node for node in topological_order(y) if node.is_leaf and node not in parameters]
    group = {**group, "inputs": [x for i, x in enumerate(inputs) if i in own]}
    dot = draw(y, group=group, parameters=parameters, clone=True, title="").dot
    frames, tails = Layout(dot).frames, dict(re.findall(r"^\t+(n\d+c\d+) -> (\w+):shaft:w", dot, re.MULTILINE))
    names = {f"n{i}": node for i, node in enumerate(Snapshot([y], clone=True).nodes)}
    owned = {frames[copy] for copy in tails if names[copy.partition("c")[0]] in group["inputs"]}
    assert len(owned) <= 1
    for copy, arrow in tails.items():
        if names[copy.partition("c")[0]] not in group["inputs"]:
            assert frames[copy] == frames[arrow]


def test_a_collapsed_module_is_one_box_with_its_inputs_and_outputs() -> None:
    """Into it go the gradients of the inputs, added up; out of it go the values of its neurons."""
    y, hidden, weights = network()
    picture = draw(y, group={"層 1": hidden}, collapse="層 1", parameters=weights)
    assert [texts(group) for group in groups(picture, "module")] == [("層 1",)]
    assert len(groups(picture, "parameter")) == 2
    x1 = y.inputs[0].inputs[1].inputs[0].inputs[0].inputs[1]
    snapshot = Snapshot([y], modules=Modules(dict.fromkeys(hidden, "1"), ("1",), frozenset(weights)))
    assert snapshot.total(x1) == pytest.approx(x1.grad)
    assert len(snapshot.uses[x1]) == 1


def test_a_collapsed_module_leaves_room_for_the_rest() -> None:
    """Its box is one of the nodes that `max_nodes` counts."""
    inside = chain(5000)
    y = inside + 1
    picture = draw(y, group={"deep": inside}, collapse=["deep"], max_nodes=4)
    assert [texts(group) for group in groups(picture, "cut")] == []
    assert len(groups(picture, "module")) == 1


@given(ANY_TEXT)
@example("</TABLE>>")
@example('"\\N<b>{a|b}')
def test_any_text_is_the_name_of_a_module(name: str) -> None:
    """It is drawn as text, in a frame and as a box, and the SVG is XML; the same of the table."""
    y, hidden, _ = network()
    y.label = name
    for collapse in ([], [name]):
        picture = draw(y, group={name: hidden}, collapse=collapse, digits=2)
        (shown,) = [texts(group) for group in groups(picture, "module" if collapse else "cluster")]
        assert "".join(shown) in (shorten(clean(name), 16), clean(name))
        assert len(picture.text().splitlines()) == len(topological_order(y)) + 2 + bool(picture.title)
    assert expression(y).latex().count("\n") == 0


# --- Local derivatives, the table -------------------------------------------------------------------------------


def test_local_derivatives_stand_under_the_gradients() -> None:
    """Upstream times local is downstream: 1.1 and ×2 make 2.2. Also before backward."""
    assert ("100", "2.2", "×2") in pairs(draw(price(), local=True))
    assert ("3", "×3") in pairs(draw(fan_out(), local=True))
    x = Value(3.0, "x")
    assert ("3", "×(−1)") in pairs(draw(1 - x, local=True))


def test_a_local_derivative_that_does_not_exist_is_not_drawn() -> None:
    """sqrt has none at 0."""
    assert ("0",) in pairs(draw(sqrt(Value(0.0, "x")), local=True))


def test_the_table_says_what_the_picture_says() -> None:
    """In columns that stand under each other in a terminal, Japanese or not."""
    assert draw(price()).text() == (
        "価格 = 単価 × 個数 × 消費税\n"
        "番号  名前    計算          順伝播の値  勾配\n"
        "----  ------  ------------  ----------  ----\n"
        "[1]   単価                         100   2.2\n"
        "[2]   個数                           2   110\n"
        "[3]           単価 × 個数          200   1.1\n"
        "[4]   消費税                       1.1   200\n"
        "[5]   価格    [3] × 消費税         220     1"
    )


@given(st.lists(st.text("価aｱ\u0301é…\u200d", max_size=8), min_size=1, max_size=4), st.sampled_from(["ja", "en"]))
def test_the_columns_of_the_table_end_where_their_heads_end(labels: list[str], language: str) -> None:
    """Whatever the labels are: every line is as wide as the rule below the heads, or ends with empty cells."""
    y = total(*[Value(i, text) for i, text in enumerate(labels)])
    y.backward()
    _, rule, *rows = draw(y, title="", language="ja" if language == "ja" else "en").text().splitlines()
    assert all(columns(row) == len(rule) for row in rows)


# --- Arguments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"group": ["x"]}, TypeError, "draw(group=['x']): wanted names and their nodes in a dict."),
        ({"group": {1: []}}, TypeError, "draw(group): wanted a name, not 1, int."),
        (
            {"group": {"a": 3.0}},
            TypeError,
            "draw(group['a']=3.0): wanted a Value, or several in a list, not float.",
        ),
        ({"collapse": "a"}, ValueError, "draw(collapse='a'): wanted group= with the nodes of that name."),
        (
            {"collapse": "b", "group": {"a": []}},
            ValueError,
            "draw(collapse='b'): wanted one of 'a'.",
        ),
        ({"clone": 3}, ValueError, "draw(clone=3): wanted 'auto' or True or False."),
        ({"local": "yes"}, ValueError, "draw(local='yes'): wanted True or False."),
        (
            {"parameters": 3},
            TypeError,
            "draw(parameters=3): wanted a Value, or several in a list, not int.",
        ),
    ],
)
def test_a_wrong_option_is_named(options: dict, error: type[Exception], message: str) -> None:
    """Which argument, what was got, what was wanted."""
    with pytest.raises(error) as caught:
        draw(Value(1), **options)
    assert str(caught.value) == message


def test_a_node_is_in_one_module() -> None:
    """Frames do not overlap."""
    x = Value(1, "x")
    with pytest.raises(ValueError, match="wanted it in only one") as caught:
        draw(x, group={"a": x, "b": [x]})
    assert str(caught.value) == "draw(group): x is in 'a' and in 'b'; wanted it in only one."
