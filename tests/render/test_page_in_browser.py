"""The page in a real browser: by keys, buttons and fingers, read aloud, on paper, in a notebook, with hostile labels.

These tests need `chromium` (Debian's package, say) and the package playwright; where one of them is missing they are
skipped, and the terminal says so.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value, tanh
from autograd import sum as total
from autograd.render import draw
from drawn import HOSTILE, fan_out, hostile_graph
from lecture import price


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


def fingers(page: Any, *kinds_and_points: tuple[str, list[tuple[float, float]]]) -> None:
    """Touches as a touch screen reports them."""
    screen = page.context.new_cdp_session(page)
    for kind, points in kinds_and_points:
        touches = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def under(page: Any, x: float, y: float) -> list[float]:
    """What point of the picture is at a point of the screen."""
    return page.evaluate(
        """([x, y]) => { const svg = document.querySelector('#stage > svg');
        const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse()); return [point.x, point.y] }""",
        [x, y],
    )


def test_two_fingers_zoom_and_what_is_under_them_stays_under_them(opened: Callable[..., Any]) -> None:
    """Twice as far apart is twice as large, wherever they move to; one finger moves the picture, none the steps."""
    page = opened(draw(price()), viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    before, held = view(page), [under(page, 150, 380), under(page, 250, 400)]
    after = [(90.0, 420.0), (290.0, 460.0)]
    steps_between = [[(150 - 6 * k, 380 + 4 * k), (250 + 4 * k, 400 + 6 * k)] for k in range(1, 10)]
    moves = [("touchMove", points) for points in [*steps_between, after]]
    fingers(page, ("touchStart", [(150, 380), (250, 400)]), *moves, ("touchEnd", []))
    assert view(page)[2] == pytest.approx(before[2] / 2, rel=0.01)
    for point, there in zip(held, after, strict=True):
        assert under(page, *there) == pytest.approx(point, abs=0.5)
    held = [under(page, 200, 400)]
    fingers(
        page, ("touchStart", [(200, 400)]), ("touchMove", [(180, 390)]), ("touchMove", [(120, 350)]), ("touchEnd", [])
    )
    assert under(page, 120, 350) == pytest.approx(held[0], abs=0.5)
    assert page.locator("#count").text_content() == "0 / 10"


def test_paper_shows_the_step_in_words_and_numbers_on_white(opened: Callable[..., Any]) -> None:
    """The whole picture, however the reader has zoomed, and no buttons; afterwards the view is as before."""
    page = opened(draw(price()), color_scheme="dark")
    whole = view(page)
    for key in ("End", "ArrowLeft", "+", "+"):
        page.keyboard.press(key)
    zoomed = view(page)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert view(page) == pytest.approx(whole, abs=0.01)
    assert len(visible(page)) == 9
    assert page.locator("#box text").is_visible()
    assert "1.1 × 局所微分 2 = 2.2" in page.get_by_role("status").text_content()
    assert page.get_by_role("status").is_visible()
    assert not any(control.is_visible() for control in page.locator("button, input, #tip").all())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert view(page) == zoomed
    assert len(page.pdf()) > 1000


def test_paper_shows_all_numbers_where_no_step_has_begun(opened: Callable[..., Any]) -> None:
    """Values and gradients, and no words about a step."""
    page = opened(draw(price()))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(visible(page)) == 10
    assert page.locator("#status").is_hidden()


def covers(page: Any, names: list[str]) -> list[str]:
    """The numbers at these arrows that the tooltip lies over, however little."""
    return page.evaluate(
        """names => { const tip = document.getElementById('tip').getBoundingClientRect();
        return names.flatMap((name) => [...document.getElementById(name).querySelectorAll('text')])
          .filter((text) => getComputedStyle(text).visibility === 'visible')
          .filter((text) => { const box = text.getBoundingClientRect();
            return box.left < tip.right && tip.left < box.right && box.top < tip.bottom && tip.top < box.bottom })
          .map((text) => text.textContent) }""",
        names,
    )


@pytest.mark.parametrize(("width", "height"), [(390, 780), (1280, 420)])
def test_a_tooltip_covers_none_of_the_numbers_it_explains(width: int, height: int, opened: Callable[..., Any]) -> None:
    """At every arrow and circle; what has the focus is brought into view, and the tooltip lies inside the window."""
    y = tanh(total(*[Value(float(i), f"x{i}") * Value(2.0, f"w{i}") for i in range(4)]))
    y.backward()
    page = opened(draw(y), viewport={"width": width, "height": height})
    page.keyboard.press("End")
    hints = json.loads(page.locator("#data").text_content())["hints"]
    assert len(hints) > 10
    for name, hint in hints.items():
        page.locator(f"#{name}").focus()
        assert page.get_by_role("tooltip").is_visible()
        assert covers(page, [name, *hint["of"]]) == []
        for box in (page.locator("#tip").bounding_box(), page.locator(f"#{name}").bounding_box()):
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def test_a_screen_reader_is_told_the_steps_and_the_picture(opened: Callable[..., Any]) -> None:
    """What the browser tells it: controls by name, the picture by its parts, and each step when it comes."""
    page = opened(draw(price("en"), language="en"))
    outline = page.locator("body").aria_snapshot()
    for line in (
        '- heading "price = unit price × quantity × tax" [level=1]',
        '- group "steps":',
        '- button "First" [disabled]',
        '- button "Next"',
        '- slider "position": "0"',
        '- group "view":',
        '- button "Zoom in"',
        '- main "computational graph":',
        "- group:",
        '- spinbutton "quantity": "2"',
    ):
        assert line in [each.strip() for each in outline.splitlines()]
    assert "2.2" not in outline  # not before it is there to be seen
    status = page.get_by_role("status")
    assert status.inner_text().startswith("Press “Next” or the → key to go one step at a time. Click a coloured box")
    assert [status.get_attribute(name) for name in ("aria-live", "aria-atomic")] == ["polite", "true"]
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert "backward From × to unit price: upstream gradient 1.1 × local derivative 2 = 2.2" in status.inner_text()
    outline = page.locator("body").aria_snapshot()
    assert 'img "mul: product local derivatives (arrows from top to bottom) 2, 100"' in outline
    assert 'img "value 100, gradient 2.2, local derivative ∂(×)/∂(this value) = 2"' in outline
    assert 'img "value 2, local derivative ∂(×)/∂(this value) = 100"' in outline
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "9 / 10"
    assert page.get_by_role("button", name="Next").get_attribute("aria-keyshortcuts") == "ArrowRight"


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
    """Nothing lies outside, nothing scrolls sideways, targets are large enough for a finger."""
    page = opened(draw(price()), viewport={"width": width, "height": 780}, color_scheme=scheme)
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("header button, header input, #count, #status").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 780
        assert control.evaluate("e => e.tagName !== 'BUTTON'") or min(box["width"], box["height"]) >= 32
    ground = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    for part in ("#stage", "body"):
        assert (page.evaluate(ground.format(part)) == "rgb(255, 255, 255)") == (scheme == "light")


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
    """Where the whole is too small to read it opens at its beginning and follows the steps; "0" shows the whole."""
    y = Value(1.0, "x")
    for _ in range(12):
        y = tanh(y)
    page = opened(draw(y), viewport={"width": 390, "height": 780})
    sizes = page.evaluate("""[...document.querySelectorAll('#stage text')].map((text) =>
        parseFloat(text.getAttribute('font-size')) * text.getScreenCTM().a)""")
    assert min(sizes) >= 10
    assert page.locator(".leaf").first.bounding_box()["x"] >= 0
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        box = page.locator(".op.now, .leaf.now").first.bounding_box()
        assert 0 <= box["x"] <= 390 - box["width"]
        assert box["height"] > 25
    page.keyboard.press("0")
    assert view(page)[2] > 2000
