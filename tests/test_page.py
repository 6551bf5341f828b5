"""The page: its steps are the chain rule to the digit, it is one file that asks for nothing, and it works in a browser.

The tests in a browser need `chromium` (Debian's package, say) and the package playwright; where one of them is
missing they are skipped, and the terminal says so.
"""

import base64
import hashlib
import html
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lecture
from autograd import Value, exp, sin, sqrt, tanh
from autograd import sum as total
from autograd.render import Picture, draw
from autograd.render.page import embedded
from autograd.render.snapshot import Snapshot
from autograd.render.steps import Step, Story
from lecture import price

ROOT = Path(__file__).parents[1]


def fan_out() -> Value:
    y = lecture.fan_out()
    y.backward()
    return y


def some_graph(seed: int) -> Value:
    """A graph in which nodes are shared, with gradients; sometimes large enough that leaves are drawn at each use."""
    pick = random.Random(seed)
    nodes: list[Value] = [Value(pick.uniform(0.5, 2), f"x{i}") for i in range(3)]
    for _ in range(pick.randint(2, pick.choice([10, 40]))):
        left, right = pick.choice(nodes), pick.choice(nodes[-4:])
        nodes.append(pick.choice([left + right, right * nodes[0], left - right, tanh(left) * 2, sin(right)]))
    nodes[-1].backward()
    return nodes[-1]


def story(y: Value, language: str = "ja", digits: int = 4) -> Story:
    return Story(Snapshot([y]), draw(y).dot, language, digits)


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
    assert hints["v0"] == "局所微分 ∂(×)/∂(この値) = 2"
    assert hints["n2"] == "局所微分（上の矢印から順に）2, 100"


def test_a_page_does_not_follow_later_changes() -> None:
    """It is a snapshot, as the picture is."""
    y = price()
    picture, before = draw(y), draw(price()).html()
    y.inputs[1].data = 5
    y.forward()
    y.zero_grad()
    assert picture.html() == before


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
    code = "from test_page import draw, price, some_graph\nfor y in (price(), some_graph(7)): print(draw(y).html())"

    def printed(seed: str) -> bytes:
        paths = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
        return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout

    assert printed("1") == printed("2")


ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("<>&\"'/\\!-@script \u2028\x00", max_size=40)
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "-->",
    "]]>",
    "\u2028alert(1)\u2029",
    "</title></svg><img src=x onerror=alert(1)>",
    '" onload="alert(1)',
    "@@script@@",
    "{name}",
    "javascript:alert(1)",
    "&lt;b&gt;",
]


def hostile_graph(labels: list[str]) -> Value:
    inputs = [Value(i, text) for i, text in enumerate(labels)]
    y = total(*inputs) + inputs[0]
    y.label = labels[-1]
    y.backward()
    return y


@cache
def harmless() -> Outline:
    return Outline(draw(hostile_graph(["a", "b"]), title="a").html())


PICTURE = {"g", "title", "text", "tspan", "path", "polygon", "ellipse"}  # as many as the graph has parts


@given(st.lists(ANY_TEXT, min_size=1, max_size=6), ANY_TEXT)
@example(HOSTILE, HOSTILE[0])
@example(list(reversed(HOSTILE)), "@@data@@")
@settings(max_examples=20)  # each draws
def test_no_label_adds_an_element_or_ends_a_script(labels: list[str], title: str) -> None:
    """Whatever stands in them, elements, attributes, style and script are those of a page with harmless labels."""
    outline, usual = Outline(draw(hostile_graph(labels), title=title).html()), harmless()
    assert {tag: outline.tags.count(tag) for tag in usual.tags if tag not in PICTURE} == {
        tag: usual.tags.count(tag) for tag in usual.tags if tag not in PICTURE
    }
    assert set(outline.tags) <= set(usual.tags)
    assert {name for name, _ in outline.attributes} <= {name for name, _ in usual.attributes}
    assert outline.texts["style"] == usual.texts["style"]
    assert outline.texts["script"][1:] == usual.texts["script"][1:]
    assert len(json.loads(outline.texts["script"][0])["steps"]) > len(labels)


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
    """`explore` never raises; where nothing can be drawn the text says what else there is."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    page = draw(price()).explore()
    assert page._repr_html_() is None
    assert repr(page) == "<Page: shown in a notebook; elsewhere use Picture.save('name.html')>"


# --- In a browser -----------------------------------------------------------------------------------------------

_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_OPTIONS += ["--disable-component-update", "--disable-sync"]


def _skip(request: pytest.FixtureRequest, missing: str) -> None:
    reason = f"NO BROWSER TEST WAS RUN: {missing}. The page has not been tried in a browser here."
    capture: Any = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():  # else it would be shown only where a test fails
        print(f"\n{reason}", file=sys.stderr, flush=True)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Debian's chromium, driven by playwright; its own download of a browser is never used."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _skip(request, "pip install playwright")
        return
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        _skip(request, "there is no chromium on the PATH (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_OPTIONS, headless=True)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens pictures as pages; at the end no request but for the file itself was made, and the console is empty."""
    contexts, requests, said = [], [], []

    def opening(picture: Picture, **options: Any) -> Any:
        file = picture.save(tmp_path / f"{len(contexts)}.html")
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert not [url for url in requests if not url.startswith(("file:", "data:"))]
    assert len([url for url in requests if url.startswith("file:")]) == len(contexts)
    assert said == []


def visible(page: Any) -> list[str]:
    """The numbers that a reader sees at the arrows."""
    script = """() => [...document.querySelectorAll('#stage .value text')]
        .filter((text) => getComputedStyle(text).visibility === 'visible').map((text) => text.textContent)"""
    return sorted(page.evaluate(script))


def gradient(page: Any, name: str) -> str:
    """The red number that is seen at an arrow."""
    text = page.locator(f"#{name} text[font-weight=bold]")
    return text.text_content() if text.is_visible() else ""


def test_stepping_to_the_end_the_gradient_of_the_unit_price_reads_2_2(opened: Callable[..., Any]) -> None:
    """One press of → for each number; 1.1 × 2 = 2.2 stands beside the circle when it comes."""
    page = opened(draw(price()))
    assert visible(page) == []
    for count in range(1, 11):
        page.keyboard.press("ArrowRight")
        assert len(visible(page)) == count
        assert page.locator("#count").text_content() == f"{count} / 10"
        assert gradient(page, "v0") == ("2.2" if count >= 9 else "")
        if count == 9:
            assert page.locator("#box text").text_content() == "1.1 × 2 = 2.2"
            assert "上流の勾配 1.1 × 局所微分 2 = 2.2" in page.get_by_role("status").text_content()
    assert visible(page) == sorted(["100", "2", "200", "1.1", "220", "1", "1.1", "200", "2.2", "110"])


def test_keys_move_through_the_steps(opened: Callable[..., Any]) -> None:
    """→ ← Home End, and no further than the ends."""
    page = opened(draw(fan_out()))
    for key, there in [("End", 9), ("ArrowRight", 9), ("ArrowLeft", 8), ("Home", 0), ("ArrowLeft", 0)]:
        page.keyboard.press(key)
        assert page.locator("#count").text_content() == f"{there} / 9"
    page.keyboard.press("End")
    assert page.locator("#box text").text_content() == "7 = 3+3+1"


def test_buttons_and_slider_move_through_the_steps(opened: Callable[..., Any]) -> None:
    """Real buttons, found by their names; the slider says where it is; space presses the button with the focus."""
    page = opened(draw(price("en"), language="en"))
    for name, there in [("Last", 10), ("Back", 9), ("First", 0), ("Next", 1)]:
        page.get_by_role("button", name=name).click()
        assert page.locator("#count").text_content() == f"{there} / 10"
    page.keyboard.press("Space")
    assert page.locator("#count").text_content() == "2 / 10"
    slider = page.get_by_role("slider", name="position")
    slider.fill("7")
    assert len(visible(page)) == 7
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "8 / 10"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_play_goes_step_by_step_and_pauses(motion: str, opened: Callable[..., Any]) -> None:
    """With the space bar; where motion is unwanted nothing fades, and the steps come all the same."""
    page = opened(draw(price()), reduced_motion=motion)
    page.clock.install()
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="一時停止").is_visible()
    page.clock.run_for(3 * 1600)
    assert page.locator("#count").text_content() == "3 / 10"
    page.keyboard.press("Space")
    page.clock.run_for(10_000)
    assert page.locator("#count").text_content() == "3 / 10"
    fades = page.evaluate("getComputedStyle(document.querySelector('#stage .value text')).transitionDuration")
    assert fades == ("0s" if motion == "reduce" else "0.25s")
    page.keyboard.press("Space")
    page.clock.run_for(20_000)
    assert page.locator("#count").text_content() == "10 / 10"
    assert page.get_by_role("button", name="再生").is_visible()


def view(page: Any) -> list[float]:
    return [float(x) for x in page.locator("#stage > svg").get_attribute("viewBox").split()]


def test_zoom_and_pan_change_the_view_and_0_brings_it_back(opened: Callable[..., Any]) -> None:
    """+ − 0, dragging, and the wheel with ctrl; the wheel alone is left to whatever the page stands in."""
    page = opened(draw(price()))
    whole = view(page)
    page.keyboard.press("+")
    assert view(page)[2] == pytest.approx(whole[2] / 1.25, abs=0.01)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert view(page)[2] == pytest.approx(whole[2] / 0.8, abs=0.01)
    page.keyboard.press("0")
    assert view(page) == pytest.approx(whole, abs=0.01)
    page.mouse.move(600, 400)
    page.mouse.down()
    page.mouse.move(500, 400)
    page.mouse.up()
    assert view(page)[0] > 10
    before = view(page)
    page.mouse.wheel(0, -200)
    assert view(page) == before
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(
        "before => document.querySelector('#stage > svg').viewBox.baseVal.width < before", arg=before[2]
    )


def test_pointing_at_an_arrow_or_focusing_it_shows_its_local_derivative(opened: Callable[..., Any]) -> None:
    """Hover and focus, pointer and keyboard."""
    page = opened(draw(price()))
    page.keyboard.press("End")
    page.locator("#v0").hover()
    assert page.get_by_role("tooltip").text_content() == "局所微分 ∂(×)/∂(この値) = 2"
    page.mouse.move(2, 2)
    assert page.locator("#tip").is_hidden()
    page.locator("#n2").focus()
    assert page.get_by_role("tooltip").text_content().endswith("局所微分（上の矢印から順に）2, 100")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_fit_the_window(width: int, scheme: str, opened: Callable[..., Any]) -> None:
    """Nothing lies outside, nothing scrolls sideways, targets are large enough for a finger; the graph is on white."""
    page = opened(draw(price()), viewport={"width": width, "height": 780}, color_scheme=scheme)
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button, input, #count, #status").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 780
        assert control.evaluate("e => e.tagName !== 'BUTTON'") or min(box["width"], box["height"]) >= 32
    ground = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    assert page.evaluate(ground.format("#stage")) == "rgb(255, 255, 255)"
    assert (page.evaluate(ground.format("body")) == "rgb(255, 255, 255)") == (scheme == "light")


def test_what_has_the_focus_is_seen(opened: Callable[..., Any]) -> None:
    """Every button has a name and a ring."""
    page = opened(draw(price()))
    for button in page.get_by_role("button").all():
        assert (button.get_attribute("aria-label") or button.text_content()).strip()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_without_javascript_every_number_is_visible(opened: Callable[..., Any]) -> None:
    """And there are no controls that would do nothing."""
    page = opened(draw(price()), java_script_enabled=False)
    assert all(text.is_visible() for text in page.locator(".value text").all())
    assert page.locator("button").first.is_hidden()
    assert page.locator("noscript p").is_visible()


def test_hostile_labels_do_nothing_in_a_browser(opened: Callable[..., Any]) -> None:
    """A real parser reads the page as we do: as text."""
    page = opened(draw(hostile_graph(HOSTILE), title=HOSTILE[5]))
    page.keyboard.press("End")
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    assert page.title() == HOSTILE[5]


def test_the_page_works_in_the_frame_of_a_notebook(opened: Callable[..., Any]) -> None:
    """Sandboxed as it is, its own script runs."""
    page = opened(draw(price()))
    page.set_content(draw(price()).explore()._repr_html_())
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="最後").click()
    assert frame.locator("#v0 text[font-weight=bold]").text_content() == "2.2"
    assert frame.locator("#count").text_content() == "10 / 10"


def test_a_large_picture_on_a_small_screen_follows_the_step(opened: Callable[..., Any]) -> None:
    """Where the whole would be too small to read the view moves to what happens; "0" shows the whole."""
    y = Value(1.0, "x")
    for _ in range(12):
        y = tanh(y)
    page = opened(draw(y), viewport={"width": 390, "height": 780})
    whole = view(page)
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        box = page.locator(".op.now, .leaf.now").first.bounding_box()
        assert 0 <= box["x"] <= 390 - box["width"]
        assert box["height"] > 25
    page.keyboard.press("0")
    assert view(page) == pytest.approx(whole, abs=0.01)
