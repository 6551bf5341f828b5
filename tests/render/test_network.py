"""Pictures of networks: every weight is there once, looks as what it is, and circles hold what the engine computes."""

import itertools
import math
import re
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, tanh, topological_order
from autograd.languages import Language
from autograd.render import DenseLayer, NetworkPicture, Picture, draw
from autograd.render.network import layers as networks
from autograd.render.network.diagram import NEGATIVE, POSITIVE, ZERO
from autograd.render.text import clean, exact, number
from autograd.words import NETWORK
from drawn import ANY_TEXT, SVG
from share import share

WEIGHTS = st.floats(-3, 3) | st.just(0.0)
COLOURS = {1: POSITIVE, -1: NEGATIVE, 0: ZERO}


@st.composite
def fed(draw: st.DrawFn) -> tuple[nn.MLP, list[float]]:
    """A network with any weights, and an input of it."""
    widths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    nin = draw(st.integers(1, 5))
    activation = draw(st.sampled_from(["tanh", "relu", "sigmoid", "identity"]))
    output = draw(st.sampled_from(["identity", "softmax", "sigmoid"]))
    model = nn.MLP(nin, widths, activation, output, initialization="zeros")
    for parameter in model.parameters():
        parameter.data = draw(WEIGHTS)
    return model, draw(st.lists(WEIGHTS, min_size=nin, max_size=nin))


def parts(picture: Picture, role: str) -> list[Element]:
    root = ElementTree.fromstring(picture.svg())
    return [group for group in root.iter(f"{SVG}g") if role in group.get("class", "").split()]


def told(part: Element) -> str:
    """Its tooltip."""
    return part.findtext(f"{SVG}title") or ""


def shown(part: Element) -> list[str]:
    return [text.text or "" for text in part.findall(f"{SVG}text")]


def stroke(part: Element) -> Element:
    found = part.find(f"{SVG}path")
    assert found is not None
    return found


def disc(part: Element) -> tuple[float, float, float]:
    found = part.find(f"{SVG}ellipse")
    assert found is not None
    return float(found.get("cx", 0)), float(found.get("cy", 0)), float(found.get("rx", 0))


def ends(part: Element) -> tuple[tuple[float, float], tuple[float, float]]:
    x0, y0, x1, y1 = map(float, re.findall(r"-?[\d.]+", stroke(part).get("d", "")))
    return (x0, y0), (x1, y1)


# --- Weights ----------------------------------------------------------------------------------------------------


@given(fed())
@settings(max_examples=share(25))
def test_every_parameter_is_drawn_once_as_what_it_is(fed: tuple[nn.MLP, list[float]]) -> None:
    """Name and number in the tooltip; colour and dashes say the sign, and the larger |w| the wider is the line."""
    model, _ = fed
    picture = draw(model)
    lines = parts(picture, "edge")
    names = [re.split(r" = |（| \(", told(line))[0] for line in lines]
    wanted = {str(value.label): value.data for value in model.parameters()}
    assert sorted(names) == sorted(wanted)
    for line, name in zip(lines, names, strict=True):
        sign = (wanted[name] > 0) - (wanted[name] < 0)
        assert told(line).split(" = ")[1] == exact(wanted[name])
        assert stroke(line).get("stroke") == COLOURS[sign]
        assert (stroke(line).get("stroke-dasharray") is not None) == (sign < 0)
    pairs = [
        (abs(wanted[name]), float(stroke(line).get("stroke-width", 0))) for line, name in zip(lines, names, strict=True)
    ]
    for (size, wide), (other, narrow) in itertools.pairwise(sorted(pairs)):
        assert wide <= narrow
        assert wide < narrow or other - size <= 0.01 * max(pairs)[0]


@given(fed())
@example((nn.MLP(2, [10, 10, 1], seed=0), [1.0, 2.0]))
@settings(max_examples=share(15))
def test_lines_lead_from_circle_to_circle_and_cross_none(fed: tuple[nn.MLP, list[float]]) -> None:
    """Each from the right of its source to the left of its target; circles do not touch."""
    picture = draw(fed[0])
    circles = {part.get("id", ""): disc(part) for part in parts(picture, "neuron")}
    for (x, y, r), (x2, y2, _) in itertools.combinations(circles.values(), 2):
        assert math.dist((x, y), (x2, y2)) > 2 * r + 5
    for line in parts(picture, "weight"):
        k, i, j = map(int, re.findall(r"\d+", line.get("id", "")))
        source, target = f"z{k - 1}.{j}" if k > 1 else f"x{j}", f"z{k}.{i}"
        start, end = ends(line)
        for at, key in ((start, source), (end, target)):
            x, y, r = circles[key]
            assert math.dist(at, (x, y)) == pytest.approx(r, abs=0.05)
        assert circles[source][0] < start[0] < end[0] < circles[target][0]
        for x, y, r in (circle for key, circle in circles.items() if key not in (source, target)):
            assert distance((x, y), start, end) > r + 1


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Of a point from a line."""
    (px, py), (x0, y0), (x1, y1) = point, start, end
    long = (x1 - x0) ** 2 + (y1 - y0) ** 2
    part = max(0.0, min(1.0, ((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / long))
    return math.dist(point, (x0 + part * (x1 - x0), y0 + part * (y1 - y0)))


@pytest.mark.parametrize(
    "widths", [(3, 2, 2), (2, 3, 1), (3, 3), (3, 4), (4, 3), (1, 3, 3), (2, 6), (6, 2), (1, 12), (12, 1), (2, 2, 2, 2)]
)
def test_few_weights_have_their_names_and_numbers_beside_them(widths: tuple[int, ...]) -> None:
    """On white, which covers no circle and no other number."""
    model, x = nn.MLP(widths[0], widths[1:], "tanh", seed=1), [*range(widths[0])]
    nn.squared_error(model(x), [0] * widths[-1]).backward()
    picture = draw(model, x, grads=True)
    numbered = {shown(part)[0]: shown(part)[1:] for part in parts(picture, "number")}
    wanted = {value.label: [number(value.data), number(value.grad)] for value in model.parameters()}
    assert numbered == wanted
    grounds = [part.find(f"{SVG}rect") for part in parts(picture, "number")]
    boxes = [
        tuple(float(box.get(side, 0)) for side in ("x", "y", "width", "height")) for box in grounds if box is not None
    ]
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(boxes, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    for x, y, w, h in boxes:
        for cx, cy, r in map(disc, parts(picture, "neuron")):
            assert math.dist((cx, cy), (max(x, min(cx, x + w)), max(y, min(cy, y + h)))) > r
    assert not parts(draw(nn.MLP(3, [3, 2])), "number")


def test_in_the_dot_language_the_head_of_a_dashed_arrow_is_whole() -> None:
    """Its outline is no dashed line: as in SVG, where it has none."""
    model = nn.Neuron(1, initialization="zeros")
    model.b.data = -1.0  # type: ignore[union-attr]
    drawn = draw(model).dot
    pens = re.findall(r"-(solid|dashed)(?= c \d+ -#\w+ C \d+ -#\w+ \\\nP 3 )", drawn)
    assert "-dashed" in drawn
    assert pens
    assert set(pens) == {"solid"}


# --- Values -----------------------------------------------------------------------------------------------------


@given(fed())
@settings(max_examples=share(20))
def test_circles_hold_what_the_engine_computes(fed: tuple[nn.MLP, list[float]]) -> None:
    """Whole in the tooltip; in the circle with as many digits as it has room for."""
    model, x = fed
    layers = [[Value(each) for each in x]]
    for layer in model.layers:
        layers.append(layer.outputs(layers[-1]))
    wanted = [node.data for layer in layers for node in layer]
    circles = parts(draw(model, x), "neuron")
    assert [re.split(r" = |, ", told(circle))[1] for circle in circles] == [exact(each) for each in wanted]
    for circle, each in zip(circles, wanted, strict=True):
        assert shown(circle)[0] in [number(each, digits) for digits in (1, 2, 3, 4)]
    inner = [
        neuron.weighted_sum(before)
        for layer, before in zip(model.layers, layers, strict=False)
        for neuron in layer.neurons
    ]
    for circle, z in zip(circles[len(x) :], inner, strict=True):
        said = told(circle).split("before the activation ")[1].replace("−", "-")
        assert float(said) == pytest.approx(float(z.data), rel=1e-3, abs=1e-9)


def test_a_circle_shows_as_many_digits_as_it_has_room_for() -> None:
    """All of them stand in its tooltip."""
    circles = parts(draw(nn.Neuron(2), [-1.23456e-05, 0.1234567]), "input")
    assert [shown(circle)[0] for circle in circles] == ["−1e−05", "0.1235"]
    assert [told(circle) for circle in circles] == ["x₁ = −1.23456e−05", "x₂ = 0.1234567"]


def test_without_an_input_circles_have_curves_and_no_numbers() -> None:
    """The activation, as a curve that is the function's; none where it is of the layer as a whole."""
    picture = draw(nn.MLP(2, [3, 2], "tanh", "softmax"))
    hidden, outputs = parts(picture, "hidden"), parts(picture, "output")
    assert all(not shown(circle) for circle in [*hidden, *outputs])
    assert [len(circle.findall(f"{SVG}path")) for circle in hidden] == [3, 3, 3]
    assert not any(circle.findall(f"{SVG}path") for circle in [*parts(picture, "input"), *outputs])
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", hidden[0].findall(f"{SVG}path")[2].get("d", ""))]
    x, y, _ = disc(hidden[0])
    scale = max(abs(each - y) for each in numbers[1::2]) / math.tanh(3)
    wide = max(abs(each - x) for each in numbers[::2]) / 3
    for px, py in zip(numbers[::2], numbers[1::2], strict=True):
        assert (y - py) / scale == pytest.approx(math.tanh((px - x) / wide), abs=0.02)


def test_inputs_keep_their_labels() -> None:
    """Japanese ones too; a number has the name x₁."""
    picture = draw(nn.Neuron(2), [Value(0.3, "打率"), 12])
    assert [shown(circle)[1] for circle in parts(picture, "input")] == ["打率", "x₂"]


def test_a_perceptron_is_drawn_with_its_step() -> None:
    """From −1 to 1, as it answers."""
    model = nn.Perceptron(1)
    for x in (1.0, -1.0):
        model.w[0].data = x
        assert told(parts(draw(model, [1.0]), "output")[0]).startswith(f"y = {number(x)}")
    y = [
        float(each)
        for each in re.findall(r",(-?[\d.]+)", parts(draw(model), "output")[0].findall(f"{SVG}path")[2].get("d", ""))
    ]
    assert (max(y) + min(y)) / 2 == pytest.approx(disc(parts(draw(model), "output")[0])[1], abs=0.1)


# --- Gradients --------------------------------------------------------------------------------------------------


@given(fed())
@settings(max_examples=share(25))
def test_dots_say_sign_and_size_of_the_gradients(fed: tuple[nn.MLP, list[float]]) -> None:
    """Once `backward` has run, one for each parameter, of an area that grows with |gradient|; or as asked for."""
    model, x = fed
    assume(sum(len(layer.neurons) * layer.nin for layer in model.layers) > 12)
    assert not parts(draw(model, x), "gradient")
    assert len(parts(draw(model, x, grads=True), "gradient")) == len(model.parameters())
    y = model(x)
    (y[0] if isinstance(y, list) else y).backward()
    assert not parts(draw(model, x, grads=False), "gradient")
    dots = {told(part).split(": ")[0]: part for part in parts(draw(model, x, grads=True), "gradient")}
    assert sorted(dots) == sorted(str(value.label) for value in model.parameters())
    sizes = []
    for value in model.parameters():
        part = dots[str(value.label)]
        fill = part.find(f"{SVG}ellipse").get("fill")  # type: ignore[union-attr]
        assert told(part).endswith(" " + exact(float(value.grad)))
        assert (fill == "#C62828") == (value.grad > 0)
        sizes.append((abs(value.grad), disc(part)[2]))
    assert all(r <= r2 for (_, r), (_, r2) in itertools.pairwise(sorted(sizes)))


# --- Names ------------------------------------------------------------------------------------------------------


class Plain:
    """A model of someone's own, of numbers."""

    def __init__(self, *widths: int) -> None:
        self.widths = widths

    def __network__(self) -> list[DenseLayer]:
        return [
            DenseLayer([[0.5] * nin] * nout, [None] * nout, lambda x, n=nout: [tanh(x[0])] * n, "tanh", math.tanh)
            for nin, nout in itertools.pairwise(self.widths)
        ]


@given(st.lists(st.integers(1, 12), min_size=2, max_size=4))
@settings(max_examples=share(20))
def test_what_has_no_label_is_named_as_in_a_network_of_ours(widths: list[int]) -> None:
    """So names are unique, and `named_parameters`, formulas and pictures call a weight the same."""
    ours = nn.MLP(widths[0], widths[1:]) if len(widths) > 2 else nn.Layer(widths[0], widths[1])
    labels = [value.label for name, value in ours.named_parameters() if not name.endswith(".b")]
    if widths[1:] == [1]:
        labels = [value.label for value in nn.Neuron(widths[0]).w]
    assert [weight.name for weight in networks.read(Plain(*widths))[0].parameters] == labels
    neurons = [neuron.name for column in networks.read(Plain(*widths))[0].columns for neuron in column.neurons]
    assert len(set(neurons)) == len(neurons)


def test_a_model_of_anyones_is_drawn_by_its_network() -> None:
    """Values or numbers, with biases or without."""
    picture = draw(Plain(2, 3, 1), [0.1, 0.2], language="en")
    assert isinstance(picture, NetworkPicture)
    assert picture.title == "Plain 2–3–1"
    assert len(parts(picture, "weight")) == 9
    assert not parts(picture, "bias")


@given(ANY_TEXT, ANY_TEXT)
@settings(max_examples=share(30))
def test_any_label_gives_a_picture_that_can_be_read(text: str, other: str) -> None:
    """SVG is XML whatever stands in labels and titles, and DOT keeps its quotes."""
    model = nn.Neuron(1)
    model.w[0].label = text
    picture = draw(model, [Value(1.0, other)], title=text)
    root = ElementTree.fromstring(picture.svg())
    assert root.get("aria-label", "") == clean(text)
    graph = picture.dot
    assert graph.startswith("digraph picture {")
    assert graph.count("\n") > 10


# --- Large networks ---------------------------------------------------------------------------------------------


def test_layers_of_many_weights_are_blocks_with_their_shape() -> None:
    """Three neurons and the last, and the shape of the weights in between; no weight is drawn of those."""
    picture = draw(nn.MLP(64, [128, 10], seed=0), [0.5] * 64, language="en")
    assert [shown(part) for part in parts(picture, "shape")] == [
        ["64 × 128", "8,192 weights"],
        ["128 × 10", "1,280 weights"],
    ]
    assert [shown(part) for part in parts(picture, "frame") if shown(part)] == [["64 neurons"], ["128 neurons"]]
    assert not parts(picture, "weight")
    assert [circle.get("id") for circle in parts(picture, "hidden")] == ["z1.0", "z1.1", "z1.2", "z1.127"]
    assert len(picture.svg()) < 40_000
    assert picture.text().splitlines()[3].split() == ["1", "64", "×", "128", "relu", "8,320"]


def test_a_few_hundred_weights_are_drawn_one_by_one() -> None:
    """4–16–16–3 has 368."""
    assert len(parts(draw(nn.MLP(4, [16, 16, 3])), "weight")) == 368


# --- Files ------------------------------------------------------------------------------------------------------


def test_graphviz_draws_the_same_picture(tmp_path: Any) -> None:
    """PNG and PDF of the DOT text, in which every circle has its place and every weight is an edge."""
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    picture = draw(model, [1.0, -1.0])
    assert picture.dot.count(" -> ") == 9
    for part in parts(picture, "neuron"):
        x, y, _ = disc(part)
        high = int(re.search(r'bb="0,0,\d+,(\d+)"', picture.dot)[1])  # type: ignore[index]
        assert re.search(rf'^\s"?{part.get("id")}"? \[.*pos="{x:g},{high - y:g}"', picture.dot, re.MULTILINE)
    for end, start in (
        (".png", b"\x89PNG"),
        (".pdf", b"%PDF"),
        (".svg", b"<svg"),
        (".html", b"<!doctype"),
        (".dot", b"digraph"),
    ):
        assert picture.save(tmp_path / f"a{end}").read_bytes().startswith(start)


def test_svg_needs_no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """We place everything ourselves; so a bare machine draws at once."""
    monkeypatch.setattr("autograd.render.picture.lay_out", lambda dot, form: pytest.fail("asked Graphviz"))
    picture = draw(nn.MLP(2, [3, 1]))
    assert picture._repr_svg_() == picture.svg()
    assert picture.html()


def test_ids_are_unique() -> None:
    """A page finds every part."""
    model = nn.MLP(2, [3, 1])
    model([1.0, 2.0]).backward()
    ids = re.findall(r' id="([^"]+)"', draw(model, [1.0, 2.0]).svg())
    assert len(set(ids)) == len(ids)


def test_it_speaks_both_languages() -> None:
    """Every word of one is there in the other."""
    assert NETWORK["ja"].keys() == NETWORK["en"].keys()
    model = nn.MLP(2, [3, 1], "tanh")
    heads: dict[Language, str] = {"ja": "1 層目（隠れ層）", "en": "layer 1 (hidden)"}
    for language, head in heads.items():
        assert [head, "tanh"] in [shown(part) for part in parts(draw(model, language=language), "layer")]


def test_the_table_has_every_parameter_and_every_value() -> None:
    """For a terminal."""
    model = nn.Neuron(2, "identity")
    model.w[0].data, model.w[1].data = 2.0, -1.0
    text = draw(model, [3.0, 1.0], language="en").text().splitlines()
    assert text[0] == "Neuron 2–1"
    assert [line.split() for line in text if line.startswith(("w", "b", "y"))] == [
        *(["w₁", "2"], ["w₂", "−1"], ["b", "0"], ["y", "5", "5"]),
    ]


# --- Refusals ---------------------------------------------------------------------------------------------------


class Bare(nn.Module):
    """Says nothing of layers."""

    def __call__(self, x: Any) -> Any:
        return x


class Says(Plain):
    def __init__(self, layers: Any) -> None:
        self.layers = layers

    def __network__(self) -> Any:
        return self.layers


def damaged(number: float) -> nn.Neuron:
    model = nn.Neuron(1)
    model.w[0].data = number
    return model


LAYER = DenseLayer([[1]], [0], list)
REFUSED: list[tuple[tuple[Any, ...], type[Exception], str]] = [
    ((nn.MLP(2, [1]), [1.0]), ValueError, "draw(model, x): wanted 2 numbers or Values, the inputs of this MLP, and x "),
    ((nn.Neuron(1), 3.0), TypeError, "draw(model, x=3.0): wanted 1 number or Values, the inputs of this Neuron."),
    ((nn.Neuron(1), ["a"]), TypeError, "draw(model, x): x[0] is 'a': "),
    ((nn.Neuron(1), [math.inf]), ValueError, "draw(model, x): x[0] is inf; wanted finite numbers."),
    ((damaged(math.nan),), ValueError, "w₁.data = nan: "),
    ((damaged(math.inf),), ValueError, "draw: w₁ of Neuron is inf; wanted finite numbers."),
    ((Bare(),), TypeError, "draw(root=Bare()): this model has no method __network__"),
    ((Value(1.0), [1.0]), TypeError, "draw(root, x): an input is for a model or a function"),
    ((Says([]),), ValueError, "draw: Says.__network__() gave no layers; wanted at least one DenseLayer."),
    ((Says([3]),), TypeError, "draw: layer 1 of Says.__network__() is 3; wanted a DenseLayer."),
    ((Says([LAYER._replace(weights=[])]),), ValueError, "draw: layer 1 of Says is empty"),
    ((Says([LAYER._replace(weights=[[1], [1, 2]])]),), ValueError, "draw: the neurons of layer 1 of Says have 1 to 2"),
    ((Says([LAYER._replace(weights=[["a"]])]),), TypeError, "draw: w₁ of Says is 'a': "),
    (
        (Says([LAYER, LAYER._replace(weights=[[1, 1]])]),),
        ValueError,
        "draw: layer 1 of Says has 1 neurons, and layer 2",
    ),
    ((Says([LAYER._replace(weights=[[1, 1]])]), [1, 2]), ValueError, "draw: layer 1 of Says has 1 neurons and gave 2"),
]


@pytest.mark.parametrize(("given", "error", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_what_cannot_be_drawn_is_refused(given: tuple[Any, ...], error: type[Exception], message: str) -> None:
    """Which argument, what was got, what was wanted."""
    with pytest.raises(error) as caught:
        draw(*given)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "option", [{"local": True}, {"group": {"a": []}}, {"collapse": "a"}, {"clone": True}, {"fold": False}]
)
def test_options_of_graphs_are_none_of_models(option: dict[str, Any]) -> None:
    """Rather than being ignored."""
    with pytest.raises(ValueError, match=rf"^draw\(model, {next(iter(option))}=…\): this is for graphs; "):
        draw(nn.Neuron(1), **option)


# --- The page ---------------------------------------------------------------------------------------------------


def computed(order: list[Value], numbers: list[float]) -> float:
    """What a graph gives with these numbers in its leaves, in order."""
    values: dict[Value, Any] = {}
    given = iter(numbers)
    for node in order:
        values[node] = node.op.forward(*[values[x] for x in node.inputs]) if node.inputs else next(given)
    return values[order[-1]]


@given(fed())
@settings(max_examples=10, deadline=None)
def test_the_page_knows_every_number_and_the_graph_of_every_neuron(fed: tuple[nn.MLP, list[float]]) -> None:
    """Where circles and lines have their numbers on the tape; and one graph of a layer is that of all its neurons."""
    model, x = fed
    live = draw(model, x)._live  # type: ignore[attr-defined]
    numbers = live.tape.numbers
    circles = {part.get("id"): told(part).split(" = ")[1].split(",")[0] for part in parts(draw(model, x), "neuron")}
    assert {key: exact(numbers[k]) for key, k in live.circles.items()} == circles
    lines = {part.get("id"): told(part).split(" = ")[1].split(",")[0] for part in parts(draw(model, x), "edge")}
    assert {key: exact(numbers[k]) for key, k in live.lines.items()} == lines
    plain = sum(len(layer.neurons) for layer in model.layers if layer.activation != "softmax")
    assert sum(len(form.leaves) for _, form in live.forms) >= plain
    for _, form in live.forms:
        order = topological_order(form.output)
        recorded = [node.data for node in order if node.is_leaf]
        for key, leaves in form.leaves.items():
            now = [was if k is None else numbers[k] for (k, _), was in zip(leaves, recorded, strict=True)]
            assert computed(order, now) == pytest.approx(numbers[live.circles[key]], rel=1e-12, abs=1e-300)


def test_drawing_touches_no_gradient_of_the_model() -> None:
    """Neither for the picture, nor for the graphs of neurons."""
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    draw(model, [1.0, 2.0]).html()
    assert {value.grad for value in model.parameters()} == {0}


class Branching(Plain):
    """Computes something else for other inputs."""

    def __network__(self) -> list[DenseLayer]:
        w = Value(2.0)
        return [DenseLayer([[w]], [None], lambda x: [w * x[0] if x[0] > 0 else x[0]])]


@pytest.mark.parametrize(
    ("model", "x", "why"),
    [
        (Branching(), [1.0], "the model compares values"),
        (nn.MLP(64, [128, 10]), [0.5] * 64, "there are more than 5,000 values"),
    ],
    ids=["branches", "large"],
)
def test_a_page_that_cannot_compute_says_why(model: Any, x: list[float], why: str) -> None:
    """And shows the picture all the same."""
    html = draw(model, x, language="en").html()
    assert f'<p id="why">The numbers of this page cannot be changed: {why}' in html
    assert '"codes":' not in html
