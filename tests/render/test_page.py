"""The page: its steps are the chain rule to the digit, and it is one file that asks for nothing."""

import base64
import hashlib
import html
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograd import Value, exp, sin, sqrt, tanh
from autograd import sum as total
from autograd.render import draw
from autograd.render.dot.text import dot_text
from autograd.render.graph.snapshot import Snapshot
from autograd.render.page.file import embedded
from autograd.render.page.steps import Step, Story, _Places
from autograd.words import PICTURE
from drawn import HOSTILE, fan_out, hostile_graph, in_another_process, modular
from lecture import price
from share import share

ROOT = Path(__file__).parents[2]


def some_graph(seed: int) -> Value:
    """A graph in which nodes are shared, with gradients; sometimes large enough that leaves are drawn at each use."""
    pick = random.Random(seed)
    nodes: list[Value] = [Value(pick.uniform(0.5, 2), f"x{i}") for i in range(3)]
    for _ in range(pick.randint(2, pick.choice([10, 40]))):
        left, right = pick.choice(nodes), pick.choice(nodes[-4:])
        nodes.append(pick.choice([left + right, right * nodes[0], left - right, tanh(left) * 2, sin(right)]))
    nodes[-1].backward()
    return nodes[-1]


def story(y: Value, language: Any = "ja", digits: int = 4) -> Story:
    snapshot = Snapshot([y])
    return Story(snapshot, dot_text(snapshot, "", PICTURE[language], digits).joints, language, digits)


def steps(y: Value, phase: str, digits: int = 4) -> list[Step]:
    return [step for step in story(y, digits=digits).steps() if step.phase == phase]


class Outline(HTMLParser):
    """The elements of a page, and the text in each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in self.texts:
            self.texts[self.cdata_elem].append(data)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# --- Steps ------------------------------------------------------------------------------------------------------


def test_the_price_is_told_as_in_the_lecture() -> None:
    """Five values forward, then five gradients backward: 1.1 × 2 = 2.2 at the end of it."""
    assert [step.says for step in steps(price(), "forward")] == [
        "入力 単価 = 100",
        "入力 個数 = 2",
        "100 × 2 = 200",
        "入力 消費税 = 1.1",
        "価格 = 200 × 1.1 = 220",
    ]
    assert [(step.says, step.box) for step in steps(price(), "backward")] == [
        ("出発点：∂価格/∂価格 = 1", ""),
        ("× から × へ：上流の勾配 1 × 局所微分 1.1 = 1.1", "1 × 1.1 = 1.1"),
        ("× から 消費税 へ：上流の勾配 1 × 局所微分 200 = 200。∂価格/∂消費税 = 200", "1 × 200 = 200"),
        ("× から 単価 へ：上流の勾配 1.1 × 局所微分 2 = 2.2。∂価格/∂単価 = 2.2", "1.1 × 2 = 2.2"),
        ("× から 個数 へ：上流の勾配 1.1 × 局所微分 100 = 110。∂価格/∂個数 = 110", "1.1 × 100 = 110"),
    ]


def test_the_steps_speak_english_too() -> None:
    """The page speaks the language of the picture."""
    says = [step.says for step in story(price("en"), "en").steps()]
    assert says[0] == "input unit price = 100"
    assert says[-2] == (
        "From × to unit price: upstream gradient 1.1 × local derivative 2 = 2.2. ∂price/∂unit price = 2.2"
    )


def test_a_branch_dot_shows_the_sum() -> None:
    """After the three shares of x have come back: 7 = 3+3+1."""
    *shares, last = steps(fan_out(), "backward")
    assert [step.box for step in shares] == ["", "1 × 1 = 1", "1 × 1 = 1", "1 × 3 = 3", "1 × 3 = 3"]
    assert (last.box, last.at[0], last.gradient) == ("7 = 3+3+1", "b", 7)


@given(st.integers(0, 10_000))
def test_the_gradients_of_the_steps_are_those_of_the_arrows(seed: int) -> None:
    """One step for each arrow, and one for each branch dot, which carries the sum: nothing else, nothing twice."""
    y = some_graph(seed)
    snapshot = Snapshot([y])
    arrows = Counter(arrow.gradient for arrow in snapshot.arrows if snapshot.kind(arrow.source) != "constant")
    told = steps(y, "backward")
    assert Counter(step.gradient for step in told if not step.at.startswith("b")) == arrows
    dots = {step.at for step in told if step.at.startswith("b")}
    assert len(dots) == sum(step.at.startswith("b") for step in told)


@given(st.integers(0, 10_000))
def test_what_the_steps_bring_to_a_leaf_is_its_gradient(seed: int) -> None:
    """The sum over the arrows from each input is `.grad`."""
    y = some_graph(seed)
    snapshot = Snapshot([y])
    brought: Counter[Value] = Counter()
    by_name = {step.shows[0]: step.gradient for step in steps(y, "backward") if not step.at.startswith("b")}
    names = re.findall(r"(v\d+):shaft:e -> [^b]", draw(y).dot)
    for name, arrow in zip(names, snapshot.arrows, strict=True):
        brought[arrow.source] += by_name.get(name, 0)
    for node in snapshot.nodes:
        if snapshot.kind(node) == "input":
            assert brought[node] == pytest.approx(node.grad)


@given(st.integers(0, 10_000))
def test_upstream_times_local_is_downstream(seed: int) -> None:
    """The numbers in the box, multiplied."""
    for step in steps(some_graph(seed), "backward", digits=17):
        if " × " in step.box:
            up, local, down = (float(x.strip("()")) for x in re.split(" [×=] ", step.box.replace("−", "-")))
            assert up * local == pytest.approx(down)


@given(st.integers(0, 10_000))
@example(2)
def test_a_closed_module_passes_back_upstream_times_local_over_its_outputs(seed: int) -> None:
    """As the chain rule has it for the module as a whole; and the gradient is the one that its inside gives."""
    y, group, parameters = modular(seed)
    y.backward()
    picture = draw(y, group=group, collapse="m0", parameters=parameters, digits=17)
    assert picture._story is not None
    for step in picture._story.steps():
        if step.phase == "backward" and step.at.startswith("m") and "×" in step.box:
            *products, last = re.split(r" \+ | = ", step.box.replace("−", "-"))
            factors = [[float(x.strip("()")) for x in product.split(" × ")] for product in products]
            assert sum(up * local for up, local in factors) == pytest.approx(float(last), abs=1e-9)
            assert float(last) == pytest.approx(step.gradient)


def test_a_collapsed_layer_is_told_as_one_operation() -> None:
    """One output: upstream × local, as of a circle. Two: the sum over both. None arrives: nothing is said of it."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    h, k = w * x * x, x + 1
    one, two = h * 5, h * 5 + k * 7
    (told,) = _through(one, {"層": h}, w)
    assert (told.says, told.box) == ("層 から x へ：上流の勾配 5 × 局所微分 12 = 60。∂出力/∂x = 60", "5 × 12 = 60")
    (told,) = _through(two, {"層": [h, k]}, w)
    assert told.box == "5 × 12 + 7 × 1 = 67"
    assert told.says.startswith("層 から x へ：出力ごとの 上流の勾配 × 局所微分 の和 5 × 12 + 7 × 1 = 67")
    (told,) = _through(h * 0, {"層": h}, w)
    assert (told.says, told.box) == ("層 から x へ：0。∂出力/∂x = 0", "0")


def _through(y: Value, group: dict[str, Any], *parameters: Value) -> list[Step]:
    """What comes out of the one collapsed module, backward."""
    y.zero_grad()
    y.backward()
    told = draw(y, group=group, collapse=list(group), parameters=parameters)._story
    assert told is not None
    return [step for step in told.steps() if step.phase == "backward" and step.at.startswith("m")]


@given(st.integers(0, 10_000))
def test_each_number_of_the_picture_appears_at_one_step(seed: int) -> None:
    """Every value forward, every gradient backward; and operands before what is computed of them."""
    y = some_graph(seed)
    pairs = re.findall(r"^\t+(v\d+) \[(.*)", draw(y).dot, re.MULTILINE)
    drawn, red = [name for name, _ in pairs], [name for name, look in pairs if "<B>" in look]
    assert sorted(name for step in steps(y, "forward") for name in step.shows) == sorted(drawn)
    assert sorted(name for step in steps(y, "backward") for name in step.shows) == sorted(red)
    for phase in ("forward", "backward"):
        seen: set[str] = set(drawn) if phase == "backward" else set()
        for step in steps(y, phase):
            assert set(step.looks) <= seen
            seen |= set(step.shows)


def test_before_backward_there_are_only_forward_steps() -> None:
    """No gradient has been computed, so none is told; asked for, they are told."""
    y = Value(3.0, "x") * 2
    assert {step.phase for step in story(y).steps()} == {"forward"}
    assert '"phase":"backward"' not in draw(y).html()
    assert '"phase":"backward"' in draw(price()).html()
    assert '"phase":"backward"' not in draw(price(), grads=False).html()


def test_where_nothing_arrives_no_local_derivative_is_needed() -> None:
    """sqrt has none at 0; behind a gradient of 0 the words say why nothing passes."""
    y = sqrt(Value(0.0, "x")) * 0 + 1
    y.backward()
    assert steps(y, "backward")[-1].says == "√ から x へ：上流の勾配が 0 なので 0。∂出力/∂x = 0"


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda x: x - -2, "3 − (−2) = 5"),
        (lambda x: -x, "−3 = −3"),
        (lambda x: x**2, "3² = 9"),
        (lambda x: x / 2, "3 ÷ 2 = 1.5"),
        (lambda x: abs(-x), "|−3| = 3"),
        (lambda x: exp(x - 3), "exp(0) = 1"),
        (lambda x: total(x, x, x), "Σ(3, 3, 3) = 9"),
    ],
)
def test_the_forward_words_are_the_calculation(made: Callable[[Value], Value], says: str) -> None:
    """The symbol of the operation, between, around or before the numbers."""
    assert steps(made(Value(3.0, "x")), "forward")[-1].says == says


def test_hints_are_the_local_derivatives() -> None:
    """At an arrow its own, at a circle those of all its arrows."""
    hints = story(price()).hints()
    assert hints["v0"].says == "局所微分 ∂(×)/∂(この値) = 2"
    assert hints["n2"].says == "局所微分（上の矢印から順に）2, 100"
    assert hints["n2"].of == ("v0", "v1")


def test_a_page_does_not_follow_later_changes() -> None:
    """It is a snapshot, as the picture is."""
    y = price()
    picture, before = draw(y), draw(price()).html()
    y.inputs[1].data = 5
    y.inputs[1].label = y.label = "other"
    y.forward()
    y.zero_grad()
    assert picture.html() == before


def test_drawing_tells_no_story_until_a_page_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`draw` copies the numbers and no more: the steps cost nothing where only the picture is wanted."""

    def refused(*arguments: Any) -> Any:
        raise AssertionError

    for name in ("steps", "hints", "_result", "_pass"):
        monkeypatch.setattr(Story, name, refused)
    monkeypatch.setattr(_Places, "arrows", property(refused))
    picture = draw(price())
    assert picture.svg()
    assert picture.text()
    with pytest.raises(AssertionError):
        picture.html()


def test_a_graph_that_is_not_drawn_whole_has_steps_for_what_is_drawn() -> None:
    """Closed modules and cuts: fewer steps, none for what is not there."""
    y = some_graph(3)
    with pytest.warns(UserWarning, match="max_nodes"):
        cut = draw(y, max_nodes=5)
    hidden = draw(y, group={"block": list(y.inputs)}, collapse="block")
    for picture in (cut, hidden):
        data = json.loads(Outline(picture.html()).texts["script"][0])
        names = {name for step in data["steps"] for name in [step["at"], *step["shows"], *step["looks"]]}
        assert names
        assert names <= set(re.findall(r'id="(\w+)"', picture.svg()))


# --- The file ---------------------------------------------------------------------------------------------------


def test_the_page_is_one_file_that_asks_for_nothing(tmp_path: Path) -> None:
    """A policy that forbids everything but its own style and script, by their hashes; and no address in it."""
    text = draw(price()).save(tmp_path / "price.html").read_text(encoding="utf-8")
    outline = Outline(text)
    policy = re.findall(r'Policy" content="([^"]*)"', text)[0]
    [style], [data, script] = outline.texts["style"], outline.texts["script"]
    assert policy == (
        f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert set(re.findall(r"\w+://[^\"']*", text)) == {"http://www.w3.org/2000/svg"}
    assert not any(name.startswith("on") or name in ("style", "src") for name, _ in outline.attributes)
    assert [value for name, value in outline.attributes if "href" in name] == ["data:,"]
    assert json.loads(data)["steps"]
    assert text.startswith("<!doctype html>\n")


def test_without_a_script_the_whole_picture_is_there() -> None:
    """Nothing is hidden in the file itself, and a sentence says so."""
    text = draw(price()).html()
    assert draw(price()).svg().strip() in text
    assert "later" not in Outline(text.replace("<style>", "<!--").replace("</style>", "-->")).attributes
    assert "<noscript><p>JavaScript が使えないので" in text


def test_the_same_graph_gives_the_same_page_in_any_process() -> None:
    """Bytes depend on the graph alone."""
    assert in_another_process("draw(y).html()", 1) == in_another_process("draw(y).html()", 2)


ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("<>&\"'/\\!-@script \u2028\x00", max_size=40)


@cache
def harmless() -> Outline:
    return Outline(draw(hostile_graph(["a", "b"]), title="a").html())


PARTS = {"g", "title", "text", "tspan", "path", "polygon", "ellipse"}  # as many as the graph has parts


@given(st.lists(ANY_TEXT, min_size=1, max_size=6), ANY_TEXT)
@example(HOSTILE, HOSTILE[0])
@example(list(reversed(HOSTILE)), "@@data@@")
@settings(max_examples=share(20))  # each draws
def test_no_label_adds_an_element_or_ends_a_script(labels: list[str], title: str) -> None:
    """Whatever stands in them, elements, attributes, style and script are those of a page with harmless labels."""
    outline, usual = Outline(draw(hostile_graph(labels), title=title).html()), harmless()
    assert {tag: outline.tags.count(tag) for tag in usual.tags if tag not in PARTS} == {
        tag: usual.tags.count(tag) for tag in usual.tags if tag not in PARTS
    }
    assert set(outline.tags) <= set(usual.tags)
    assert {name for name, _ in outline.attributes} <= {name for name, _ in usual.attributes}
    assert outline.texts["style"] == usual.texts["style"]
    assert without_operations(outline) == without_operations(usual)
    assert len(json.loads(outline.texts["script"][0])["steps"]) > len(labels)


def without_operations(outline: Outline) -> str:
    """The script but for the functions of the graph's operations."""
    (script,) = outline.texts["script"][1:]
    return re.sub(r"(?s)(const \w+_ = [^\n]*\n)*const operations = \[.*?\n\];", "", script)


@given(ANY_TEXT)
@example("</script><!--\u2028\u2029]]>&")
def test_embedded_data_is_read_back_and_cannot_break_out(text: str) -> None:
    """JSON without <, >, & and line separators."""
    written = embedded({"says": text})
    assert json.loads(written) == {"says": text}
    assert not set("<>&\u2028\u2029\n") & set(written)


# --- Notebooks --------------------------------------------------------------------------------------------------


def test_a_notebook_shows_the_page_in_a_frame_of_its_own() -> None:
    """It may run its script and nothing else: not reach the notebook, nor the network."""
    shown = draw(price()).explore()._repr_html_() or ""
    match = re.fullmatch(r'<iframe sandbox="allow-scripts" [^>]*srcdoc="([^"]*)"></iframe>', shown)
    assert match
    assert html.unescape(match[1]) == draw(price()).html()


def test_a_notebook_goes_on_without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """`explore` never raises; where nothing can be drawn it shows what the picture shows, and its text the rest."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    page = draw(price()).explore()
    assert page._repr_html_() == draw(price())._repr_html_()
    assert repr(page) == "<Page: shown in a notebook; elsewhere use Picture.save('name.html')>"
