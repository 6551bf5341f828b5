"""Pictures: what stands in them is right, they look the same everywhere, and nothing in a label can break them."""

import io
import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageFont

from autograd import Value, compile, exp, language, maximum, relu, sqrt, tanh, topological_order
from autograd import sum as total
from autograd.foreign import OTHERWISE
from autograd.languages import is_japanese
from autograd.notation import read_latex
from autograd.render import GraphvizNotFound, draw, explain, expression
from autograd.render.dot import graphviz as layout
from autograd.render.dot.graphviz import lay_out
from autograd.render.dot.labels import SIZE, pair_width
from autograd.render.formula import formula
from autograd.render.graph.snapshot import Snapshot
from autograd.render.text import clean, number, shorten, width
from autograd.words import PICTURE
from drawn import ANY_TEXT, SVG, groups, in_another_process, pairs, some_graph, texts
from lecture import fan_out, price

ROOT = Path(__file__).parents[2]


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Graphviz."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def other_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program `dot` of our own, alone on the PATH."""
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


# --- What stands in a picture -----------------------------------------------------------------------------------


def test_the_price_picture_has_the_numbers_of_the_lecture() -> None:
    """Values above the arrows, gradients below: 2.2 for the unit price."""
    expected = [("1.1", "200"), ("100", "2.2"), ("2", "110"), ("200", "1.1"), ("220", "1")]
    assert pairs(draw(price())) == expected


def test_title_and_legend_speak_the_language_asked_for() -> None:
    """Formula, what is above, what is below; in Japanese or in English."""
    assert texts(groups(draw(price()), "graph")[0])[:2] == (
        "価格 = 単価 × 個数 × 消費税",
        "矢印の上：順伝播の値     矢印の下：勾配 ∂価格/∂(その値)     ".replace(" " * 5, "\xa0" * 5),
    )
    assert "above the arrow: value" in texts(groups(draw(price(), language="en"), "graph")[0])[1]


def test_an_input_has_its_label_and_an_operation_its_symbol() -> None:
    """Boxes and circles carry what a reader looks for."""
    picture = draw(price())
    assert [texts(group) for group in groups(picture, "input")] == [("単価",), ("個数",), ("消費税",)]
    assert [texts(group) for group in groups(picture, "op")] == [("×",), ("×",)]
    assert [texts(group) for group in groups(picture, "output")] == [("価格",)]


def test_at_a_branch_the_shares_add_up_to_the_total() -> None:
    """y = x·x + x at 3: each arrow carries its own contribution, the arrow before the dot 7 = 3+3+1."""
    y = fan_out()
    y.backward()
    picture = draw(y)
    assert pairs(picture) == [("12", "1"), ("3", "1"), ("3", "3"), ("3", "3"), ("3", "7 = 3+3+1"), ("9", "1")]
    assert len(groups(picture, "branch")) == 1


def test_summands_have_their_signs_and_are_left_out_where_they_are_many() -> None:
    """7 = 3+3+1, 1 = 3−2, and just the total of ten."""
    x = Value(3.0, "x")
    few, many = 3 * x - 2 * x, total(*[x] * 10)
    for y in (few, many):
        y.backward()
    assert ("3", "1 = 3−2") in pairs(draw(few))
    assert ("3", "10") in pairs(draw(many))


@given(st.integers(0, 10_000))
def test_what_flows_back_through_the_arrows_is_the_gradient(seed: int) -> None:
    """At every node of a graph swept once, the arrows' shares add up to `.grad`; drawing changes none."""
    y = some_graph(seed)
    y.backward()
    snapshot = Snapshot([y])
    before = [node.grad for node in snapshot.nodes]
    assert [snapshot.total(node) for node in snapshot.nodes] == pytest.approx(before)
    assert [node.grad for node in snapshot.nodes] == before


def test_the_picture_shows_one_sweep_also_when_gradients_have_accumulated() -> None:
    """Leaves add up over calls of backward; the numbers of a picture agree with each other."""
    y = price()
    y.backward()
    assert ("100", "2.2") in pairs(draw(y))


def test_where_nothing_arrives_nothing_is_asked_of_the_operation() -> None:
    """sqrt has no derivative at 0; behind a gradient of 0 that does not matter, as in backward itself."""
    x = Value(0.0, "x")
    y = sqrt(x) * 0 + 1
    y.backward()
    assert ("0", "0") in pairs(draw(y))


def test_before_backward_there_is_no_gradient() -> None:
    """No row of zeros: the numbers below the arrows come with backward, or when asked for."""
    assert pairs(draw(fan_out())) == [("12",), ("3",), ("3",), ("3",), ("3",), ("9",)]
    assert ("12", "0") in pairs(draw(fan_out(), grads=True))
    assert ("220",) in pairs(draw(price(), grads=False))


def test_a_constant_is_grey_and_has_no_gradient() -> None:
    """Nobody asks for the derivative with respect to 2."""
    y = 2 * Value(3.0, "x")
    y.backward()
    picture = draw(y)
    assert pairs(picture) == [("2",), ("3", "2"), ("6", "1")]
    assert [texts(group) for group in groups(picture, "constant")] == [("2",)]
    assert "#f2f2f2" in picture.svg()


def test_a_label_inside_the_graph_stands_before_its_value() -> None:
    """`h.label = "小計"` is seen although an operation has no box for it."""
    h = Value(2, "a") * Value(3, "b")
    h.label = "小計"
    assert ("小計 = 6",) in pairs(draw(-h))


def test_several_outputs_are_one_picture() -> None:
    """Shared parts are drawn once; each output has its box."""
    a = Value(2.0, "a")
    y1, y2 = a * 3, a * a
    y1.label, y2.label = "y1", "y2"
    (y1 + y2).backward()
    picture = draw([y1, y2])
    assert [texts(group) for group in groups(picture, "output")] == [("y1",), ("y2",)]
    assert ("2", "7 = 3+2+2") in pairs(picture)


def test_an_output_that_is_also_an_input_of_another_has_both_arrows() -> None:
    """The share of its own box is what the other uses do not explain."""
    a = Value(2.0, "a")
    y1 = a * 3
    y2 = y1 * y1
    y2.backward()
    assert ("6", "12 = 6+6+0") in pairs(draw([y1, y2]))


def test_a_picture_of_a_single_value_is_its_box_and_its_number() -> None:
    """The smallest graph draws too, also one whose number is 0."""
    assert pairs(draw(Value(0.0, "x"))) == [("0",)]


@given(st.integers(0, 10_000))
def test_the_left_operand_is_on_top(seed: int) -> None:
    """Arrows reach an operation in the order of its operands, from top to bottom."""
    dot = draw(some_graph(seed)).dot
    operands: dict[str, list[str]] = {}
    for arrow, operation in re.findall(r"(v\d+):shaft:e -> (n\d+)", dot):
        operands.setdefault(operation, []).append(arrow)
    heights = {}
    for line in lay_out(dot, "plain").decode().replace("\\\n", "").splitlines():
        if line.startswith("edge"):
            _, tail, head, points, *rest = line.split()
            heights[tail, head] = float(rest[2 * int(points) - 1])
    for operation, arrows in operands.items():
        reached = [heights[arrow, operation] for arrow in arrows]
        assert reached == sorted(reached, reverse=True)


def _shown(make: Callable[[Value, Value, Value], Value | int]) -> list[object]:
    """All that is said of a graph of three leaves, with and without local derivatives and copies of leaves."""
    y = make(*[Value(x, name) for x, name in ((2.0, "a"), (3.0, "b"), (5.0, "c"))])
    assert isinstance(y, Value)
    y.backward()
    pictures = [draw(y, local=local, clone=local) for local in (False, True)]
    told = [
        told
        for picture in pictures
        for told in (picture.text(), picture.dot, picture._story and picture._story.steps())
    ]
    return [*told, str(explain(y)), explain(y).latex(), str(expression(y)), expression(y).latex()]


def test_the_zero_with_which_a_sum_begins_is_not_shown() -> None:
    """`sum([a, b])` records (0 + a) + b, and reads a + b: in pictures, pages, tables, explanations and formulas."""
    assert _shown(lambda a, b, c: sum([a * b, c])) == _shown(lambda a, b, c: a * b + c)
    assert _shown(lambda a, b, c: sum([sum([a]), b]) * sum([a])) == _shown(lambda a, b, c: (a + b) * a)
    assert _shown(lambda a, b, c: tanh(sum([sum([a, b]), 2]))) == _shown(lambda a, b, c: tanh(a + b + 2))


def test_a_zero_that_says_something_is_shown() -> None:
    """One that can change, one behind, and one under a label."""
    a, named = Value(2.0, "a"), sum([Value(2.0, "a")])
    assert isinstance(named, Value)
    named.label = "s"
    for y in (Value(0.0) + a, a + 0, named, -named, 1 + a, 0 - a):
        assert len(draw(y).text().splitlines()) - 3 == len(topological_order(y))


def test_the_dot_of_the_legend_has_the_colour_of_those_drawn() -> None:
    """And the words around it have that of gradients."""
    picture = draw(fan_out(), grads=True, language="en")
    (dot,) = [shape.get("fill") for group in groups(picture, "branch") for shape in group.iter(f"{SVG}ellipse")]
    runs = {run.text: run.get("fill") for run in groups(picture, "graph")[0].iter(f"{SVG}tspan")}
    assert runs["●"] == dot
    assert runs["at a branch "] == "#c62828"


def test_an_arrow_has_no_seam_at_four_times_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its three parts meet, no pixel is lighter than the line: through values, from box to circle."""
    monkeypatch.setitem(layout._DPI, "png", "384")
    picture = draw(price(), grads=True)
    scale, pixels = 384 / 72, np.asarray(Image.open(io.BytesIO(picture.png())).convert("RGB")).astype(int)
    root = ElementTree.fromstring(picture.svg())
    (moved,) = [group.get("transform", "") for group in root.iter(f"{SVG}g") if group.get("class") == "graph"]
    right, down = map(float, re.findall(r"translate\((\S+) (\S+)\)", moved)[0])
    shafts = [shape.get("points", "") for group in groups(picture, "value") for shape in group.iter(f"{SVG}polygon")]
    assert len(shafts) == len(groups(picture, "value")) == 5  # one piece each
    for shaft in shafts:
        x, y = np.array([list(map(float, point.split(","))) for point in shaft.split()]).T
        row = round(scale * (down + (y.min() + y.max()) / 2))
        first, last = round(scale * (right + x.min() - 2)), round(scale * (right + x.max() + 2))
        assert np.abs(pixels[row, first:last] - (0x54, 0x6E, 0x7A)).max() <= 2


def test_a_picture_does_not_follow_later_changes() -> None:
    """It is a snapshot."""
    y = price()
    picture = draw(y)
    y.inputs[1].data = 5
    y.forward()
    y.zero_grad()
    assert ("220", "1") in pairs(picture)


# --- Numbers, labels, formulas ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        *[(100, "100"), (0, "0"), (-0.0, "0"), (-6, "−6"), (110.00000000000001, "110"), (2 / 3, "0.6667")],
        *[(1e-7, "1e−07"), (12345.6, "1.235e+04"), (Fraction(-1, 3), "−0.3333"), (Decimal("2.20"), "2.2")],
        *[(-(10**400), "−1e+400"), (Fraction(1, 10**400), "1e−400"), (Decimal("1.5e999"), "1.5e+999")],
        *[(float("inf"), "∞"), (float("-inf"), "−∞"), (Decimal("-Infinity"), "−∞")],
    ],
)
def test_numbers_have_four_digits_and_a_true_minus(x: float | Fraction | Decimal, shown: str) -> None:
    """`%.4g` with U+2212, for everything that a node can hold, and without a negative zero."""
    assert number(x) == shown


def test_digits_are_as_many_as_asked_for() -> None:
    """`digits=6` shows 0.666667."""
    assert ("0.666667",) in pairs(draw(Value(2.0) / 3, digits=6))


def test_a_huge_integer_draws() -> None:
    """Exact integers may have more digits than Python will print."""
    assert pairs(draw(Value(10**5000, "x") * 10)) == [("10",), ("1e+5000",), ("1e+5001",)]


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (lambda a, b: a * b + a, "a × b + a"),
        (lambda a, b: a * (b + a), "a × (b + a)"),
        (lambda a, b: a - (b - a), "a − (b − a)"),
        (lambda a, b: a - b - a, "a − b − a"),
        (lambda a, b: a / (b * a), "a ÷ (b × a)"),
        (lambda a, b: a * -3, "a × (−3)"),
        (lambda a, b: -(a + b), "−(a + b)"),
        (lambda a, b: (a + b) ** 2, "(a + b)²"),
        (lambda a, b: a**b, "a^b"),
        (lambda a, b: abs(a * b), "|a × b|"),
        (lambda a, b: a % b + a, "(a % b) + a"),
        (lambda a, b: tanh(a) * maximum(a, b), "tanh(a) × max(a, b)"),
        (lambda a, b: exp(-a), "exp(−a)"),
    ],
)
def test_the_formula_says_what_was_computed(made: Callable[[Value, Value], Value], written: str) -> None:
    """Parentheses where they are needed, and only the symbols of the operations."""
    assert formula(made(Value(2.0, "a"), Value(3.0, "b")), 40) == written


def test_the_formula_of_a_deep_graph_is_cut_where_the_room_ends() -> None:
    """A hundred thousand nodes, or 2^60 paths, take no longer than what is shown of them."""
    chain = doubled = Value(1.0, "x")
    for _ in range(100_000):
        chain = relu(chain)
    for _ in range(60):
        doubled = doubled + doubled
    assert re.fullmatch(r"(relu\()+…\)+", formula(chain, 40))
    assert width(formula(doubled, 40)) <= 40


def font(name: str) -> ImageFont.FreeTypeFont:
    package, folder = ("matplotlib_fontja", "fonts") if "ipa" in name else ("matplotlib", "mpl-data/fonts/ttf")
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return ImageFont.truetype(str(Path(spec.origin).parent / folder / name), 100)


FONTS = {name: font(name) for name in ("ipaexg.ttf", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf")}


@pytest.mark.parametrize("name", FONTS)
@given(x=st.floats(allow_nan=False), digits=st.integers(1, 17))
def test_no_number_is_wider_than_its_arrow(name: str, x: float, digits: int) -> None:
    """In the Japanese font and in the widest usual one, in bold too."""
    text = number(x, digits)
    room = pair_width("", text) if "Bold" in name else pair_width(text, "")
    assert FONTS[name].getlength(text) * SIZE / 100 <= room


@pytest.mark.parametrize("name", ["ipaexg.ttf", "DejaVuSans.ttf"])
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
@example("W" * 60)
@example("単価mW@%" * 10)
def test_no_label_is_wider_than_its_box(name: str, text: str) -> None:
    """A box has 20 points more than our estimate of its text."""
    shown = shorten(clean(text), 16)
    assert FONTS[name].getlength(shown) * SIZE / 100 <= SIZE * width(shown) + 20


@given(st.lists(ANY_TEXT, min_size=1, max_size=15))
@example(["<b>太字</b>", '"', "\\", "\\N\\G\\l", "&amp;", "<", "</TABLE>>", "\ud800", "\x00\x1b[31m", "a" * 20_000])
@example(['価\\&"' * 5_000, "a b" * 6_000])
@example(
    ["<script>alert(1)</script>", "javascript:x", "]]>", "--> ", "{a|b}", "%s", "\u202eabc", "́" * 500, "👩‍👩‍👧", " "]
)
def test_any_text_is_a_label(labels: list[str]) -> None:
    """Whatever it is, it is drawn as text, its whole is in the tooltip, and the SVG is XML without a script."""
    inputs = [Value(i, text) for i, text in enumerate(labels)]
    y = total(*inputs) + inputs[0]
    y.label = labels[-1]
    picture, speaks = draw(y, title=labels[0]), "ja" if any(map(is_japanese, labels)) else "en"
    whole = [read_latex(clean(text)) or number(i) for i, text in enumerate(labels)]
    assert [group.findtext(f"{SVG}title") for group in groups(picture, "input")] == whole
    assert [texts(group) for group in groups(picture, "input")] == [(shorten(text, 16),) for text in whole]
    named = read_latex(clean(labels[-1])) or PICTURE[speaks].output
    assert [texts(group) for group in groups(picture, "output")] == [(shorten(named, 16),)]
    harmless = {"svg", "g", "title", "polygon", "path", "ellipse", "text", "tspan"}
    root = ElementTree.fromstring(picture.svg())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= harmless
    assert not any("href" in name or name.startswith("on") for element in root.iter() for name in element.attrib)


@given(ANY_TEXT)
def test_cleaned_text_is_one_line_that_xml_allows(text: str) -> None:
    """No control characters, no lone surrogates, no second line; and cleaning twice changes nothing."""
    cleaned = clean(text)
    assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cs", "Zl", "Zp"}
    ElementTree.fromstring(f"<a>{cleaned.replace('&', '').replace('<', '')}</a>".encode())
    assert clean(cleaned) == cleaned


@given(ANY_TEXT, st.integers(2, 20))
def test_shortened_text_fits(text: str, widest: int) -> None:
    """It is the beginning of the text, at most so wide; "…" exactly where something is missing."""
    shown = shorten(clean(text), widest)
    assert width(shown) <= widest
    assert shown == clean(text) or (shown.endswith("…") and clean(text).startswith(shown[:-1]))


# --- The same everywhere ----------------------------------------------------------------------------------------


def test_the_same_graph_gives_the_same_bytes_in_any_process() -> None:
    """DOT and SVG depend on the graph alone: not on addresses, hash seeds or the number of runs."""
    shown = "draw(y).dot, draw(y).svg()"
    assert in_another_process(shown, 1) == in_another_process(shown, 2)


def test_the_svg_is_self_contained_white_and_readable_everywhere() -> None:
    """No document type, no address but the name of SVG itself; a white ground; fonts for every system; a name."""
    svg = draw(price()).svg()
    assert re.findall(r"\w+://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert "<!" not in svg
    assert 'fill="white"' in svg
    assert "Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Meiryo, IPAexGothic, sans-serif" in svg
    assert ElementTree.fromstring(svg).get("aria-label") == "価格 = 単価 × 個数 × 消費税"


def test_numbers_stand_in_the_middle_of_their_arrows() -> None:
    """Whatever font the reader has: the text is anchored by its middle, at the middle of the shaft."""
    for group in groups(draw(price()), "value"):
        points = [shape.get("points", "").split() for shape in group.iter(f"{SVG}polygon")]
        xs = [float(point.split(",")[0]) for piece in points for point in piece]
        for text in group.iter(f"{SVG}text"):
            assert text.get("text-anchor") == "middle"
            assert float(text.get("x", 0)) == pytest.approx((min(xs) + max(xs)) / 2, abs=0.01)


def test_png_and_pdf_are_what_they_say(tmp_path: Path) -> None:
    """Also without `dot`, and in Japanese also without a Japanese font on the machine."""
    assert draw(price()).png().startswith(b"\x89PNG\r\n")
    assert draw(price()).save(tmp_path / "price.PDF").read_bytes().startswith(b"%PDF")


def test_japanese_draws_on_a_machine_without_any_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel matplotlib-fontja has one, and no warning comes."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "no.conf"))
    assert b"IPAexGothic" in draw(price()).save(tmp_path / "price.pdf").read_bytes()


def test_without_a_japanese_font_a_warning_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for a picture, where it matters: PNG and PDF with Japanese in them, not SVG, not English."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setitem(sys.modules, "matplotlib_fontja", None)
    with pytest.warns(UserWarning, match="No Japanese font") as caught:
        draw(price(), language="en").png()
    assert [str(warning.message) for warning in caught] == [
        "No Japanese font was found, so the PNG will show boxes for Japanese text: pip install "
        "'matplotlib-fontja>=1', or install the Debian package fonts-noto-cjk. The SVG needs neither."
    ]
    with pytest.warns(UserWarning, match="日本語フォントが見つからないので、PNG では日本語が四角になります"):
        draw(price()).png()
    draw(price()).svg()
    draw(fan_out()).png()


# --- Graphviz ---------------------------------------------------------------------------------------------------


def test_drawing_needs_nothing_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel of pygraphviz is enough."""
    monkeypatch.setenv("PATH", "")
    assert ("100", "2.2") in pairs(draw(price()))


@pytest.mark.usefixtures("nothing_installed")
def test_without_graphviz_one_command_is_named() -> None:
    """The DOT text is there all the same."""
    picture = draw(price("en"))
    with pytest.raises(GraphvizNotFound) as caught:
        picture.svg()
    assert str(caught.value) == (
        "Drawing needs Graphviz: pip install 'pygraphviz>=2' brings one (or install Graphviz so that `dot` is on "
        "the PATH). The DOT text, .dot, needs none."
    )
    assert picture.dot.startswith("digraph")
    assert repr(picture) == "<Picture 'price = unit price × quantity × tax': .svg(), .png(), .dot, .save('name.svg')>"


NOTEBOOK: dict[str, Callable[[], Any]] = {
    "a Value": price,
    "a picture": lambda: draw(price()),
    "a page": lambda: draw(price()).explore(),
    "a program": lambda: compile(named, 1.0),
}


def named(値: Any) -> Any:
    return 値 * 2


def shown(given: Any) -> dict[str, str]:
    """What a notebook gets, by kind."""
    if hasattr(given, "_repr_mimebundle_"):
        return given._repr_mimebundle_()
    ways = {"image/svg+xml": "_repr_svg_", "text/html": "_repr_html_"}
    found = {kind: getattr(given, name)() for kind, name in ways.items() if hasattr(given, name)}
    return {kind: text for kind, text in found.items() if text is not None}


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", NOTEBOOK)
def test_without_graphviz_a_notebook_shows_what_to_install(name: str) -> None:
    """In the language of the labels, with the table of what would be drawn; no bare `repr`, and no error."""
    (text,) = shown(NOTEBOOK[name]()).values()
    assert text.startswith("<p>図を描くには Graphviz が必要です：pip install &#x27;pygraphviz&gt;=2&#x27; で")
    assert "<pre>" in text
    assert "番号" in text
    language("en")
    assert shown(NOTEBOOK[name]())["text/html"].startswith("<p>Drawing needs Graphviz: pip install &#x27;pyg")


@pytest.mark.parametrize("name", NOTEBOOK)
def test_with_graphviz_a_notebook_shows_the_picture(name: str) -> None:
    """Once, and nothing beside it."""
    ((kind, text),) = shown(NOTEBOOK[name]()).items()
    assert kind == ("text/html" if name == "a page" else "image/svg+xml")
    assert text.startswith("<iframe" if name == "a page" else "<svg")


def test_a_number_and_a_large_graph_stay_text_in_a_notebook() -> None:
    """One circle is no graph, and a thousand are no picture; nor does a graph that cannot be drawn end a cell."""
    x = y = Value(1.0, "x")
    for _ in range(40):
        y = y * x
    broken = Value(1.0) * 2
    broken.grad, broken.inputs[0].data = 1.0, "text"
    assert shown(x) == shown(y) == shown(broken) == {}


def test_a_layout_without_end_is_tried_once_by_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for the SVG, then for the HTML; that takes twenty seconds, not forty."""
    calls: list[str] = []

    def endless(*given: Any) -> bytes:
        calls.append("called")
        raise TimeoutError("too slow")

    monkeypatch.setattr("autograd.render.picture.lay_out", endless)
    assert shown(draw(price()))["text/html"].startswith("<p>too slow</p>")
    assert calls == ["called"]


def test_a_dot_on_the_path_is_used_first(other_dot: Path) -> None:
    """The user's own Graphviz, where there is one."""
    other_dot.write_text(f"#!/bin/sh\necho '<svg xmlns=\"{SVG[1:-1]}\"/>'\n")
    assert "<g" not in draw(price()).svg()


@pytest.mark.usefixtures("other_dot")
def test_a_dot_that_fails_is_replaced_by_the_wheel() -> None:
    """An installation without plugins does not stop a picture."""
    assert ("100", "2.2") in pairs(draw(price()))


@pytest.mark.usefixtures("other_dot")
def test_what_graphviz_said_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Graphviz succeeds, its own words say why."""
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RuntimeError) as caught:
        draw(fan_out()).svg()
    assert str(caught.value) == "Graphviz failed with exit status 3, and said: nothing"


def test_a_layout_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the limit Graphviz is ended, and the message says what to do."""
    monkeypatch.setattr(layout, "LIMIT", 0.001)
    with pytest.raises(TimeoutError) as caught:
        draw(fan_out()).svg()
    assert str(caught.value) == (
        "Graphviz had not laid out this graph after 0.001 s: draw a part of it, as in draw(node) for a node nearer the "
        "inputs; or save the .dot and lay it out with another program."
    )


def test_importing_render_does_not_import_graphviz() -> None:
    """Only who draws waits for it."""
    code = "import sys, autograd.render; print('graphviz' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


# --- Files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.svg", "a.png", "a.pdf", "a.dot", "A.SVG"])
def test_a_picture_is_saved_by_its_suffix(name: str, tmp_path: Path) -> None:
    """The path comes back, the file is there, and nothing else is."""
    path = draw(price()).save(str(tmp_path / name))
    assert path == tmp_path / name
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("nothing_installed")
def test_a_failure_leaves_the_old_file_alone(tmp_path: Path) -> None:
    """There is the old picture or the new one, never half of one."""
    path = tmp_path / "a.svg"
    path.write_text("old")
    with pytest.raises(GraphvizNotFound):
        draw(price()).save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_cannot_be_saved_says_why(tmp_path: Path) -> None:
    """Unknown suffix: the choices. No folder: which one."""
    with pytest.raises(ValueError, match="must end in") as caught:
        draw(price()).save("price.gif")
    assert str(caught.value) == "save('price.gif'): the name must end in .svg, .png, .pdf, .dot, .html."
    with pytest.raises(FileNotFoundError) as missing:
        draw(price()).save(tmp_path / "no" / "price.svg")
    folder = str(tmp_path / "no")
    assert (
        str(missing.value)
        == f"save({str(tmp_path / 'no' / 'price.svg')!r}): there is no folder {folder!r}; make it first."
    )


# --- Arguments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((3.0,), {}, TypeError, "draw(root=3.0): wanted a Value, or several in a list, not float. " + OTHERWISE),
        (("y",), {}, TypeError, "draw(root='y'): wanted a Value, or several in a list, not str. " + OTHERWISE),
        (({Value(1)},), {}, TypeError, None),
        (([],), {}, ValueError, "draw(root=[]): wanted at least one Value."),
        (([Value(1), 2],), {}, TypeError, "draw(root): wanted a Value, or several in a list, but root[1] is 2, int."),
        ((Value(1),), {"language": "fr"}, ValueError, "draw(language='fr'): wanted 'ja' or 'en'."),
        ((Value(1),), {"grads": 1}, ValueError, "draw(grads=1): wanted 'auto' or True or False."),
        ((Value(1),), {"digits": 0}, ValueError, "draw(digits=0): wanted a whole number from 1 to 17."),
        ((Value(1),), {"digits": 2.5}, TypeError, "draw(digits=2.5): wanted a whole number from 1 to 17, not float."),
        (
            (Value(1),),
            {"max_nodes": True},
            TypeError,
            "draw(max_nodes=True): wanted a whole number, at least 1, not bool.",
        ),
        ((Value(1),), {"title": 5}, TypeError, "draw(title=5): wanted text or None, not int."),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: tuple, options: dict, error: type[Exception], message: str | None
) -> None:
    """Which argument, what was got, what was wanted."""
    with pytest.raises(error) as caught:
        draw(*arguments, **options)
    assert message in (None, str(caught.value))


def test_numbers_changed_since_backward_are_noticed() -> None:
    """A derivative that no longer exists is not drawn as if it did."""
    x = Value(4.0, "x")
    y = 1 / x
    y.backward()
    x.data = 0.0
    with pytest.raises(ValueError, match="have numbers changed since"):
        draw(y)
    draw(y, grads=False)
