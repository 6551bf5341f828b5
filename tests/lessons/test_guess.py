"""The page of a line by hand: its numbers are the engine's, and it does what sliders, pointer, keys and buttons ask.

What needs JavaScript runs in node or in a browser (see browsing.py); without them it is skipped, and the terminal says
so.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import grad
from autograd.languages import LANGUAGES
from demos import guess, line
from demos._page import part

# --- The lesson -----------------------------------------------------------------------------------------------


def test_the_guesses_have_the_errors_of_the_formula() -> None:
    """½ Σ (y − y′)², written once more."""
    numbers = guess.numbers()
    for w0, w1 in guess.GUESSES:
        expected = 0.5 * sum((y - (w0 + w1 * x)) ** 2 for x, y in zip(line.X, line.Y, strict=True))
        assert numbers[f"loss of ({w0:g}, {w1:g})"] == pytest.approx(expected, rel=1e-12)


def test_one_slider_at_a_time_is_never_better_than_its_neighbours() -> None:
    """The slider set last stands where 0.01 more or less is worse, and each round is lower than the one before."""
    losses = [guess.numbers()[f"one slider at a time, round {k}"] for k in guess.ROUNDS]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] > guess.numbers()["least loss"]
    w0, w1 = guess.one_slider_at_a_time(1)
    assert line.loss((w0, w1)) < min(line.loss((w0, w1 + d)) for d in (-0.01, 0.01))


def test_the_program_ends_at_the_least_squares_line() -> None:
    """Where the gradient is as good as 0, and not before."""
    *_, before, end = guess.find()
    assert end == pytest.approx(line.least_squares(), abs=1e-3)
    assert np.hypot(*grad(line.loss)(end)) < guess.NEAR <= np.hypot(*grad(line.loss)(before))


def test_error_gradient_and_line_in_the_page_are_the_engines(javascript: Callable[[str], Any]) -> None:
    """To twelve digits, at lines all over the map; each datum alone too."""
    rng = np.random.default_rng(0)
    places = rng.uniform(*guess.RANGE, (20, 2)).tolist()
    samples = [list(each) for each in zip(line.X, line.Y, strict=True)]
    found = javascript(f"""{guess.program()}
const samples = {samples}, g = new Float64Array(2), y = new Float64Array(6);
return {places}.map((w) => {{
  program.f(6, samples.map(([x]) => x), w, y);
  const parts = samples.map((sample) => program.loss(1, sample, w, [0, 0]));
  return [program.loss(6, samples.flat(), w, g), ...g, ...y, ...parts];
}});""")
    for w, (loss, *others) in zip(places, found, strict=True):
        slopes, lines, parts = others[:2], others[2:8], others[8:]
        assert loss == pytest.approx(line.loss(w), rel=1e-12)
        assert slopes == pytest.approx(grad(line.loss)(w), rel=1e-12)
        assert lines == pytest.approx([line.f(w, x) for x in line.X], rel=1e-12)
        assert sum(parts) == pytest.approx(loss, rel=1e-12)


# --- Words ----------------------------------------------------------------------------------------------------


def test_the_page_has_every_word_in_both_languages() -> None:
    """What it says it has, with the same holes; and there is none that it does not say."""
    ja, en = (guess.WORDS[language] for language in LANGUAGES)
    assert list(ja) == list(en)
    holes = re.compile(r"\{\w+\}")
    assert all(sorted(holes.findall(ja[name])) == sorted(holes.findall(en[name])) for name in ja)
    scripts = part("_guess/guess.js") + part("_shared/canvas.js")
    said = re.findall(r'say\((?:running \? "(\w+)" : )?"(\w+)"', scripts)
    said = [name for names in said for name in names if name]
    said += re.findall(r'data-(?:word|name)="(\w+)"', part("_guess/page.html"))
    assert {*said, "this_language"} == {*en}


def test_the_same_page_each_time_and_a_small_one() -> None:
    """To the byte, below 50 kB."""
    assert guess.page("ja") == guess.page("ja") != guess.page("en")
    assert len(guess.page("ja").encode()) < 50_000


# --- In a browser ---------------------------------------------------------------------------------------------


@pytest.fixture
def tried(opened: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Opens the page; motion is unwanted unless wanted, so that the program walks all the way in one frame."""

    def opening(language: str = "en", **options: Any) -> Any:
        file = tmp_path / "guess.html"
        file.write_text(guess.page(language), encoding="utf-8")
        return opened(file, **{"reduced_motion": "reduce", **options})

    return opening


def text(page: Any, name: str) -> str:
    return page.locator(f"#{name}").text_content()


def shown(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


def says(page: Any, w0: float, w1: float) -> bool:
    """Whether everything in the page is that of this line."""
    loss, (a, b) = line.loss((w0, w1)), grad(line.loss)([w0, w1])
    off = [y - line.f((w0, w1), x) for x, y in zip(line.X, line.Y, strict=True)]
    columns = [page.locator(f"#body td:nth-child({k})").all_text_contents() for k in (4, 5)]
    wanted = {
        "w0-said": f"{w0:.2f}",
        "w1-said": f"{w1:.2f}",
        "loss": shown(loss),
        "sum": shown(loss),
        "gradient": f"({shown(a)}, {shown(b)})",
    }
    return {name: text(page, name) for name in wanted} == wanted and columns == [
        [shown(each) for each in off],
        [shown(each**2 / 2) for each in off],
    ]


def test_sliders_move_the_line_and_all_its_numbers(tried: Callable[..., Any]) -> None:
    """By keys; what is heard of a slider has the error too."""
    page = tried()
    assert says(page, *guess.START)
    before = page.locator("#data-plane").evaluate("(canvas) => canvas.toDataURL()")
    page.get_by_role("slider", name="Intercept").press("End")
    page.get_by_role("slider", name="Slope").press("ArrowRight")
    assert says(page, 3.0, 0.26)
    assert page.locator("#w1").get_attribute("aria-valuetext") == f"0.26, L = {shown(line.loss((3, 0.26)))}"
    assert page.locator("#data-plane").evaluate("(canvas) => canvas.toDataURL()") != before
    assert text(page, "best") == shown(line.loss((3, 0.26)))
    page.get_by_role("slider", name="Intercept").press("Home")
    assert text(page, "best") == shown(line.loss((3, 0.26)))


def test_the_point_on_the_map_is_pulled_by_pointer_and_by_keys(tried: Callable[..., Any]) -> None:
    """To a place, and no further than the map goes; arrow keys go 0.1, with Shift 0.01."""
    page = tried()
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert says(page, 0.6, 0.26)
    assert text(page, "count") == "0"
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    near = float(text(page, "w0-said")), float(text(page, "w1-said"))
    assert 0 < near[0] < 0.5
    assert 2 < near[1] < 3
    assert says(page, *near)
    page.mouse.move(box["x"] - 50, box["y"] - 50)
    page.mouse.up()
    assert says(page, 0.0, 3.0)
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    assert says(page, 0.0, 3.0)


def test_the_program_takes_the_steps_of_python_and_finds_the_line(tried: Callable[..., Any]) -> None:
    """One step by its key; all of them by the space bar, as many as in Python; a new guess takes them back."""
    page = tried()
    page.keyboard.press("ArrowRight")
    w0, w1 = guess.find()[1]
    assert text(page, "formula") == f"y′ = {shown(w0)} + {shown(w1)} x"
    assert text(page, "count") == "1"
    page.keyboard.press("Space")
    page.get_by_text("At the bottom of the valley").wait_for()
    assert text(page, "count") == str(len(guess.find()) - 1)
    assert text(page, "loss") == shown(line.loss(line.least_squares()))
    assert text(page, "best") == shown(line.loss(guess.START))  # by hand, not by the program
    page.keyboard.press("r")
    assert says(page, *guess.START)
    assert text(page, "count") == "0"


def test_a_rate_too_large_is_said_to_diverge(tried: Callable[..., Any]) -> None:
    """And the program stops."""
    page = tried()
    page.get_by_role("slider", name="Learning rate").press("End")
    page.get_by_role("button", name="Let the program find it").click()
    page.get_by_text("It diverged at step").wait_for()
    assert page.get_by_role("button", name="Let the program find it").is_visible()


def test_it_walks_before_your_eyes_and_pauses(tried: Callable[..., Any]) -> None:
    """One step a frame where motion is welcome."""
    page = tried(reduced_motion="no-preference")
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.keyboard.press("Space")
    page.clock.run_for(500)
    there = int(text(page, "count"))
    assert 20 <= there <= 40
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(500)
    assert int(text(page, "count")) == there


def test_the_languages_change_at_a_button(tried: Callable[..., Any]) -> None:
    """All words do; the line stays."""
    page = tried("ja")
    kana = re.compile("[ぁ-んァ-ヶ一-龠]")
    page.get_by_role("slider", name="傾き").press("End")
    page.get_by_role("button", name="English").click()
    assert says(page, guess.START[0], 3.0)
    assert not kana.search(page.locator("body").aria_snapshot().replace("日本語", ""))
    assert page.get_by_role("status").text_content().startswith("w₀ = 0.5, w₁ = 3: L = ")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_window(width: int, tried: Callable[..., Any]) -> None:
    """Nothing lies outside; controls have room for a finger."""
    page = tried(viewport={"width": width, "height": 800})
    boxes = page.evaluate(
        """[...document.querySelectorAll('button, input, canvas, h2, dd, td, th, #status, li')].map((each) => {
        const { left, right, width, height } = each.getBoundingClientRect();
        return [each.tagName, left, right, Math.min(width, height)]; })"""
    )
    assert len(boxes) > 50
    assert [box for box in boxes if box[1] < 0 or box[2] > width] == []
    assert [box for box in boxes if box[0] in ("BUTTON", "INPUT") and box[3] < 32] == []


def test_without_javascript_the_page_says_what_it_needs(tried: Callable[..., Any]) -> None:
    """And shows nothing that would do nothing."""
    page = tried("ja", java_script_enabled=False)
    assert page.locator("noscript p").is_visible()
    assert page.locator("button").first.is_hidden()
