"""What repeats in a picture is folded: the boxes hold what they say, nothing is left out, and every number is right."""

import random
import warnings
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, exp, relu, sin, sqrt, tanh, topological_order
from autograd.render import Picture, draw
from autograd.render.graph import snapshot
from autograd.render.graph.nearest import in_order
from autograd.render.graph.operands import shown_as
from autograd.render.graph.repeats import Fold
from autograd.render.graph.snapshot import Snapshot
from drawn import SVG, groups, in_another_process, network, newton, some_graph, texts
from nn import MLP
from share import share


def batch(samples: int, order: int = 0) -> Value:
    """The mean of the squared errors of a small network; the samples in an order of one's own."""
    model, pick = MLP(2, [8, 1], seed=0), random.Random(0)
    rows = [(pick.random(), pick.random(), pick.choice([0, 1])) for _ in range(samples)]
    random.Random(order).shuffle(rows)
    loss = sum([(model([a, b]) - t) ** 2 for a, b, t in rows]) / samples
    assert isinstance(loss, Value)
    loss.backward()
    return loss


def orbit(steps: int) -> Value:
    """Runge and Kutta's method, for a mass on a spring."""
    k, x, v, h = Value(1.0, "k"), Value(1.0, "x₀"), Value(0.0, "v₀"), 0.1
    for _ in range(steps):
        a1, b1 = v, -k * x
        a2, b2 = v + h / 2 * b1, -k * (x + h / 2 * a1)
        a3, b3 = v + h / 2 * b2, -k * (x + h / 2 * a2)
        a4, b4 = v + h * b3, -k * (x + h * a3)
        x, v = x + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4), v + h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
    x.backward()
    return x


def recurrent(turns: int, units: int) -> Value:
    """Turns in which units are alike, each turn with an input of its own."""
    w = [[Value(0.01 * (i + j), f"w{i}{j}") for j in range(units)] for i in range(units)]
    h = [Value(0.1 * i, f"h{i}") for i in range(units)]
    for t in range(turns):
        x = Value(0.1 * t, f"x{t}")
        h = [tanh(sum([w[i][j] * h[j] for j in range(units)]) + x) for i in range(units)]
    y = sum(h)
    assert isinstance(y, Value)
    y.backward()
    return y


def layered(seed: int) -> Value:
    """A random graph: now layers of parts of a random form, now turns of one, now nodes without a plan."""
    pick = random.Random(seed)
    forms: list[Callable[[Value, Value, Value], Value]] = [
        lambda a, b, w: tanh(a * w + b),
        lambda a, b, w: relu(w * a - b) + 1,
        lambda a, b, w: sin(a) * b + w,
        lambda a, b, w: sum([a * w, b, w * w]),  # type: ignore[reportReturnType]
    ]
    nodes = [Value(pick.uniform(0.5, 2), f"x{i}") for i in range(pick.randint(1, 4))]
    shared = Value(pick.uniform(0.5, 1), "s")
    for _ in range(pick.randint(1, 4)):
        form, width, fresh = pick.choice(forms), pick.randint(1, 12), pick.random() < 0.5

        def weight(fresh: bool = fresh) -> Value:
            return Value(pick.uniform(0.1, 1), "w") if fresh else shared

        way = pick.random()
        if way < 0.4:
            nodes = [form(pick.choice(nodes), nodes[0], weight()) for _ in range(width)]
        elif way < 0.7:
            last = nodes[-1]
            for _ in range(4 * width):
                last = form(last, nodes[0], weight())
            nodes = [*nodes[:2], last]
        else:
            nodes = [*nodes, *(pick.choice(nodes) * pick.choice(nodes) * 0.1 for _ in range(width))][-8:]
    y = sum(nodes)
    assert isinstance(y, Value)
    y.backward()
    return y


GRAPHS: dict[str, Callable[[], Value]] = {
    "network": lambda: network(16, 16, 1),
    "batch": lambda: batch(50),
    "newton": lambda: newton(300),
    "orbit": lambda: orbit(60),
    "recurrent": lambda: recurrent(30, 4),
}


def boxes(picture: Picture) -> list[str]:
    return ["".join(texts(group)) for group in groups(picture, "fold")]


def folded(y: Value, **options: object) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is folded is what is looked at
        return draw(y, language="en", **options)  # type: ignore[reportArgumentType]


def shares(snapshot: Snapshot, boxes: Snapshot) -> dict[tuple[Value, object], float]:
    """What flows back to each node from each other, or from what is in a box all together."""
    found: dict[tuple[Value, object], float] = {}
    for arrow in (single for drawn in snapshot.arrows for single in (drawn.bundle or (drawn,))):
        end = None if arrow.target is None else boxes.box(arrow.target) or arrow.target
        if end is None or end is not boxes.box(arrow.source):
            found[arrow.source, end] = found.get((arrow.source, end), 0) + arrow.gradient
    return found


def check(y: Value, most: int = 10**6, expand: tuple[str, ...] = ()) -> Snapshot:
    """What holds of every folded picture; the snapshot of which it is one."""
    order = in_order([shown_as(y)], set(topological_order(y)))
    seen = Snapshot([y], most=most, repeats=True, expand=expand, fold=False)
    many = Counter(map(seen.box, seen.seen))
    assert seen.count == (len(order), False)
    assert many[None] == len(seen.nodes)
    assert sum(many.values()) == len(set(seen.seen)) == len(seen.seen)
    whole = Snapshot([y], fold=False)
    drawn = [node for node in seen.nodes if seen.kind(node) != "constant"]
    assert [seen.total(node) for node in drawn] == pytest.approx([whole.total(node) for node in drawn])
    if seen.is_cut:
        return seen
    for box in seen.boxes:
        if isinstance(box, Fold) and box.kind != "turns":
            kinds = Counter(node.op for node in seen.seen if seen.box(node) is box)
            assert all(each % box.count == 0 for each in kinds.values()), (str(box), kinds)
    assert shares(seen, seen) == pytest.approx(shares(whole, seen))
    return seen


@pytest.mark.parametrize("name", GRAPHS)
def test_boxes_hold_what_they_say_and_nothing_is_left_out(name: str) -> None:
    """Whether one of what is in a box is drawn or not, and where there is no room for all."""
    y = GRAPHS[name]()
    names = check(y).names
    for most in (3, 10):
        check(y, most)
    for each in names:
        check(y, expand=(each,))
    check(y, expand=tuple(names))


@settings(max_examples=share(40))
@given(st.integers(0, 10_000))
def test_boxes_of_any_graph_hold_what_they_say(seed: int) -> None:
    """Layers, turns, and what has no plan, one behind the other."""
    y = layered(seed)
    names = check(y).names
    check(y, expand=tuple(names))


def test_the_neurons_of_a_layer_are_one_box() -> None:
    """982 nodes; from layer to layer goes one arrow, with the least and the greatest of sixteen values."""
    with pytest.warns(UserWarning, match="982 nodes") as caught:
        picture = draw(network(16, 16, 1), language="en")
    assert [str(each.message) for each in caught] == [
        "draw: the graph has 982 nodes; what repeats is drawn as one box each, and all else. Open one of what is in a "
        "box with expand='A', pass a larger max_nodes, draw a part of it, as in draw(node) for a node nearer the "
        "inputs, or make parts of it one box each with group= and collapse=."
    ]
    assert boxes(picture) == ["C: Σ w × x + b₁⁽³⁾", "B: 16 × relu(Σ w × x + b)", "A: 16 × relu(Σ w × x + b)"]
    assert [texts(each) for each in groups(picture, "value") if "…" in texts(each)[0]] == [
        ("0 … 2.9", "−4.7 … 2.9"),
        ("0 … 4.8", "−1.9 … 1.8"),
    ]
    assert [texts(each) for each in groups(picture, "input")] == [("x0",), ("x1",)]


def test_one_neuron_is_drawn_where_it_is_asked_for() -> None:
    """In a frame beside the fifteen others, and its numbers are its own."""
    y = network(16, 16, 1)
    picture = folded(y, expand="A")
    assert boxes(picture)[-1] == "A: 15 × relu(Σ w × x + b)"
    assert [texts(each) for each in groups(picture, "cluster")] == [("A: one of 16",)]
    assert Counter(texts(each)[0] for each in groups(picture, "input")) == Counter(["x0", "x1"])
    own = ["w₁₆,₁⁽¹⁾", "w₁₆,₂⁽¹⁾", "b₁₆⁽¹⁾", "b₁⁽³⁾"]
    assert sorted(texts(each)[0] for each in groups(picture, "parameter")) == sorted(own)
    assert [texts(each)[0] for each in groups(picture, "op")].count("relu") == 1


def test_the_turns_of_a_loop_are_a_box_and_the_last_is_drawn() -> None:
    """With the value that goes into the last turn, and its gradient."""
    picture = folded(newton(300))
    assert boxes(picture) == ["299 ×: x ← x − (x × x − a) ÷ (2 × x)"]
    assert [texts(each) for each in groups(picture, "cluster")] == [("the last of 300 turns",)]
    assert [texts(each)[0] for each in groups(picture, "op")] == ["×", "−", "×", "÷", "−"]
    assert ("1.414", "0") in [texts(each) for each in groups(picture, "value")]  # from the box: nothing flows back


def test_what_a_loop_begins_with_is_drawn() -> None:
    """It belongs to no turn: in all but the first, the turn before stands in its place."""
    w, u, h = Value(0.7, "w"), Value(0.3, "u"), Value(0.1, "h₀")
    for _ in range(100):
        h = tanh(w * h + u)
    assert sorted(texts(each) for each in groups(folded(h, clone=False, repeats=True), "input")) == [
        ("h₀",),
        ("u",),
        ("w",),
    ]


def test_of_a_graph_too_large_to_search_the_rest_is_one_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box of turns stands at the end of what was searched, and behind it is what was not."""
    monkeypatch.setattr(snapshot, "_MOST_COUNTED", 1000)
    with pytest.warns(UserWarning, match="the graph has more than 1,000 nodes; what repeats near the output"):
        picture = draw(newton(1000), language="en")
    assert len(boxes(picture)) == 1
    assert len(groups(picture, "op")) < 20
    assert groups(picture, "cut")


@pytest.mark.parametrize("turns", [20, 21, 22, 300])
def test_a_loop_of_any_length_is_counted_right(turns: int) -> None:
    """One more turn is one more in the box."""
    assert boxes(folded(newton(turns), repeats=True)) == [f"{turns - 1} ×: x ← x − (x × x − a) ÷ (2 × x)"]


def test_turns_with_units_that_are_alike_are_folded_both_ways() -> None:
    """The units of the last turn are one box in its frame."""
    picture = folded(recurrent(30, 4), repeats=True)
    assert [texts(each) for each in groups(picture, "cluster")] == [("the last of 30 turns",)]
    assert "29 ×: " in "".join(boxes(picture))


def test_the_order_of_the_terms_of_a_sum_makes_no_difference() -> None:
    """A batch is a batch, however it is shuffled."""
    assert sorted(boxes(folded(batch(30, 1)))) == sorted(boxes(folded(batch(30, 2))))
    assert sorted(boxes(folded(batch(30, 1)))) == [
        *("16 × w", "60 × x", "8 × b", "8 × w"),
        *("A: 240 × relu(Σ w × x + b)", "B: 30 × (Σ w × x + b₁⁽²⁾ − c)²", "C: Σ x"),
    ]


def test_a_graph_in_which_nothing_repeats_is_cut() -> None:
    """As without: the nearest are drawn, the others counted."""
    y, names = Value(1.0, "x"), iter("abcdefghijklm")
    for operation in (sin, exp, tanh, relu, sqrt, sin, sin, tanh, exp, relu, tanh, sqrt):
        y = operation(y * Value(0.5, next(names)))
    y.backward()
    with pytest.warns(UserWarning, match="the max_nodes=5 nearest the output are drawn"):
        picture = draw(y, max_nodes=5)
    assert boxes(picture) == []
    with pytest.warns(UserWarning, match="max_nodes"):
        assert draw(y, max_nodes=5, repeats=False).dot == picture.dot


def test_a_small_graph_is_drawn_whole() -> None:
    """Folding begins where a picture would be cut, unless it is asked for."""
    y = network(4, 1)
    assert boxes(draw(y)) == []
    assert boxes(draw(y, repeats=True)) != []
    assert boxes(folded(network(16, 16, 1), repeats=False)) == []


def test_modules_of_ones_own_stay_as_they_are() -> None:
    """What is named is not folded into anything else."""
    y = network(16, 16, 1)
    output = y.inputs[0].inputs[0]
    picture = folded(y, group={"end": output}, collapse="end")
    assert "end" in {texts(each)[0] for each in groups(picture, "module") if texts(each)}
    assert check(y).boxes


@pytest.mark.parametrize("name", GRAPHS)
def test_a_page_of_a_folded_picture_steps(name: str) -> None:
    """Every number appears at a step but those that are several."""
    y = GRAPHS[name]()
    picture = folded(y, repeats=True)
    story = picture._story
    assert story is not None
    shown = {arrow for step in story.steps() for arrow in step.shows}
    arrows = {each.get("id"): each.findtext(f"{SVG}title", "") for each in groups(picture, "value")}
    assert {arrow for arrow, tooltip in arrows.items() if "the least and the greatest" not in tooltip} == shown
    assert picture.html()


def test_the_picture_is_the_same_in_any_process() -> None:
    """Whatever the seed of the hashes."""
    shown = "draw(y, repeats=True).dot"
    assert in_another_process(shown, 1) == in_another_process(shown, 2)


@given(st.integers(0, 10_000))
def test_folding_a_small_graph_without_a_plan_is_harmless(seed: int) -> None:
    """Whatever it finds is right."""
    y = some_graph(seed)
    y.backward()
    check(y)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"expand": "Z"}, ValueError, "draw(expand='Z'): wanted one of 'A', 'B', 'C'."),
        ({"expand": 3}, TypeError, "draw(expand=3): wanted a name, not int."),
        (
            {"expand": "A", "repeats": False},
            ValueError,
            "draw(expand='A'): wanted nothing, for nothing is folded.",
        ),
        ({"repeats": "no"}, ValueError, "draw(repeats='no'): wanted 'auto' or True or False."),
    ],
)
def test_what_cannot_be_opened_is_refused(options: dict[str, object], error: type[Exception], message: str) -> None:
    """In one sentence that says what there is."""
    with pytest.raises(error) as caught:
        folded(network(16, 16, 1), **options)
    assert str(caught.value) == message
