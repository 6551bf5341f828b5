"""The playground: it learns as Python does, says so in both languages, takes files, and does what keys and buttons ask.

What needs JavaScript runs in node or in a browser (see browsing.py); without them it is skipped, and the terminal says
so.
"""

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import compile
from demos import InputError, playground
from demos.__main__ import main
from demos._page import part
from demos.playground import SETS, WORDS, from_file, page, points, programs

# --- Learning -------------------------------------------------------------------------------------------------

KINDS = [
    ((), "tanh", 0.5, 0.0),
    ((3,), "tanh", 0.3, 0.01),
    ((8, 8), "tanh", 1.0, 0.001),
    ((1, 5), "relu", 0.1, 0.0),
    ((8, 8, 8), "sigmoid", 3.0, 0.0001),
    ((2, 7, 4), "relu", 0.03, 0.03),
    ((4, 2), "sigmoid", 1.0, 0.0),
]
"""Widths, activation, learning rate, L2: a layer narrower than those of the printed programs, or as wide."""


def parameters_of(model: nn.MLP) -> list[float]:
    return [x.data for x in model.parameters()]


def test_twenty_steps_of_the_page_are_those_of_fit(javascript: Callable[[str], Any]) -> None:
    """The same parameters to ten digits, and the same loss; what stands beside a narrow layer stays 0."""
    data = points("moons")
    X, y = data.samples(held=False)
    found = javascript(f"""{programs()}\n{part("_playground/learning.js")}
const samples = {{ rows: {len(y)}, numbers: Float64Array.from({np.column_stack([X, y]).ravel().tolist()}) }};
return {json.dumps(KINDS)}.map(([widths, activation, rate, l2], seed) => {{
  const network = new Network(activation, widths, seed), at = () => network.places.map((k) => network.parameters[k]);
  const begun = at();
  for (let k = 0; k < 20; k++) network.step(samples, rate, l2);
  const others = network.parameters.filter((_, k) => !network.places.includes(k));
  return [begun, at(), network.loss(samples), others.every((x) => x === 0)];
}});""")
    for (widths, activation, rate, l2), (begun, ended, loss, clean) in zip(KINDS, found, strict=True):
        model = playground.network(widths, activation)
        for value, number in zip(model.parameters(), begun, strict=True):
            value.data = number
        playground.train(model, data, rate, l2, steps=20)
        np.testing.assert_allclose(ended, parameters_of(model), rtol=1e-10, atol=1e-10)
        mean = np.mean(np.logaddexp(0, (1 - 2 * y) * compile(model, [0.0, 0.0])(X)))
        assert loss == pytest.approx(mean, rel=1e-10)
        assert clean


def test_moons_are_learned_within_five_hundred_steps(javascript: Callable[[str], Any]) -> None:
    """At least 95 % of the points, learned from and held out, whatever the first weights."""
    data = points("moons")
    learned, held = (np.column_stack(data.samples(held)).ravel().tolist() for held in (False, True))
    shares = javascript(f"""{programs()}\n{part("_playground/learning.js")}
const samplesOf = (list) => ({{ rows: list.length / 3, numbers: Float64Array.from(list) }});
const sets = [samplesOf({learned}), samplesOf({held})];
return [0, 1, 2, 3].flatMap((seed) => {{
  const network = new Network("tanh", [8, 8], seed);
  for (let k = 0; k < 500; k++) network.step(sets[0], {playground.RATE}, 0);
  return sets.map(({{ rows, numbers }}) => {{
    const found = new Float64Array(rows * network.count), points = numbers.filter((_, k) => k % 3 < 2);
    network.outputs(rows, points, found);
    const at = network.outputsOf(2, 0).gives, logits = found.filter((_, k) => k % network.count === at);
    return logits.filter((z, k) => z > 0 === (numbers[3 * k + 2] === 1)).length / rows;
  }});
}});""")
    assert len(shares) == 8
    assert min(shares) >= 0.95


def mulberry32(seed: int) -> float:
    """The first number of the generator, as its author has it."""
    state = (seed + 0x6D2B79F5) & 0xFFFFFFFF
    t = (state ^ state >> 15) * (state | 1) & 0xFFFFFFFF
    t ^= (t + ((t ^ t >> 7) * (t | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
    return (t ^ t >> 14) / 2**32


def test_weights_begin_as_those_of_nn_and_hang_on_the_seed_alone(javascript: Callable[[str], Any]) -> None:
    """Uniform between −1 and 1, biases 0; a step that cannot be done changes nothing."""
    first, again, next_, kept = javascript(f"""{programs()}\n{part("_playground/learning.js")}
const begun = (seed) => {{
  const network = new Network("relu", [8, 8, 8], seed);
  return network.places.map((k) => network.parameters[k]);
}};
const network = new Network("tanh", [2], 0), before = Array.from(network.parameters);
const infinite = {{ rows: 1, numbers: Float64Array.of(Infinity, -Infinity, 1) }};
const kept = !network.step(infinite, 1, 0) && network.parameters.every((x, k) => x === before[k]);
return [begun(5), begun(5), begun(6), kept];""")
    assert first == again
    assert first != next_
    assert kept
    model = nn.MLP(2, [8, 8, 8, 1])
    biased = {neuron.b for layer in model.layers for neuron in layer.neurons}
    weights, biases = (
        [number for number, x in zip(first, model.parameters(), strict=True) if (x in biased) == of_bias]
        for of_bias in (False, True)
    )
    assert biases == [0] * 25
    assert weights[0] == 2 * mulberry32(5) - 1
    assert -1 <= min(weights) < -0.9
    assert 0.9 < max(weights) < 1
    assert abs(np.mean(weights)) < 0.1


# --- Words and bytes ------------------------------------------------------------------------------------------


def test_the_page_has_every_word_in_both_languages() -> None:
    """What it says it has, with the same holes; and there is none that it does not say."""
    ja, en = WORDS["ja"], WORDS["en"]
    assert list(ja) == list(en)
    holes = re.compile(r"\{\w+\}")
    assert all(sorted(holes.findall(ja[name])) == sorted(holes.findall(en[name])) for name in ja)
    kana = re.compile("[ぁ-んァ-ヶ一-龠]")
    assert [name for name in en if kana.search(en[name])] == []
    assert [name for name in ja if not kana.search(ja[name])] == ["xor"]
    said = re.findall(r'say\("(\w+)"', part("_playground/playground.js") + part("_shared/canvas.js"))
    said += re.findall(r'data-(?:word|name)="(\w+)"', part("_playground/page.html"))
    assert {*said, *SETS, "this_language"} == {*en}


def test_the_same_choices_give_the_same_page() -> None:
    """To the byte, below 200 kB; other choices another one."""
    sets = {name: points(name) for name in SETS}
    text = page(sets, "ja")
    assert text == page({name: points(name) for name in SETS}, "ja")
    assert len(text.encode()) < 200_000
    assert text != page({name: points(name, 1) for name in SETS}, "ja", seed=1)


# --- Files ----------------------------------------------------------------------------------------------------

GOOD = "width,height,kind\n" + "".join(f"{k},{k * k % 7},{'cat' if k % 2 else 'dog'}\n" for k in range(20))


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        file = tmp_path / "own.csv"
        file.write_text(text, encoding="utf-8")
        return file

    return written


def test_a_file_gives_two_columns_and_the_names_of_the_classes(csv: Callable[[str], Path]) -> None:
    """In order of their letters, or as numbers by size; a quarter of each class is held out."""
    data = from_file(csv(GOOD))
    assert (data.names, data.classes) == (["width", "height"], ["cat", "dog"])
    assert data.X[3].tolist() == [3, 2]
    assert data.y[:4].tolist() == [1, 0, 1, 0]
    assert [int(data.held[data.y == side].sum()) for side in (0, 1)] == [3, 3]
    numbered = from_file(csv("a,b,c\n" + "".join(f"{k},{k % 3},{'10' if k % 2 else '9'}\n" for k in range(12))))
    assert numbered.classes == ["9", "10"]


def test_columns_may_be_chosen(csv: Callable[[str], Path]) -> None:
    """By name or by place."""
    wide = csv("kind,a,b,c\n" + "".join(f"{'x' if k < 6 else 'y'},{k},{-k},{k * k}\n" for k in range(12)))
    data = from_file(wide, "c,a", "kind")
    assert data.names == ["c", "a"]
    assert data.X[3].tolist() == [9, 3]
    assert from_file(wide, "4,2", "1").X.tolist() == data.X.tolist()


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", {}, "is empty"),
        ("a,b\n1,2\n", {}, "has 1 columns (a) besides the class (b); wanted two"),
        (
            "a,b,c,d\n1,2,3,4\n",
            {},
            "has 3 columns (a, b, c) besides the class (d); wanted two: choose them with --inputs",
        ),
        (GOOD, {"inputs": "width"}, "--inputs 'width' names 1 columns; wanted two"),
        (GOOD, {"inputs": "width,heigth"}, "has no column 'heigth'; it has 1: width, 2: height, 3: kind. Did you mean"),
        (GOOD.replace("dog", "cat"), {}, "the column kind has 1 classes ('cat'); wanted two"),
        (GOOD.replace("4,2,dog", "4,2,cow"), {}, "has 3 classes ('cat', 'cow', 'dog'); wanted two"),
        (GOOD.replace("4,2,dog", "4,2,"), {}, "row 6, column kind: got an empty cell; wanted a class"),
        (GOOD.replace("4,2,dog", "nan,2,dog"), {}, "row 6, column width: got 'nan'; wanted a finite number"),
        (GOOD.replace("4,2,dog", "x,2,dog"), {}, "row 6, column width: got 'x'; wanted a number"),
        (GOOD.replace("4,2,dog", "4,2"), {}, "row 6: it has 2 cells, and row 1 has 3 names"),
        ("a,b,c\n" + "1,2,x\n" * 9 + "2,3,y\n" * 3, {}, "has 3 rows of class 'y'; wanted 4 or more of each class"),
        ("a,b,c\n" + "1,2,x\n1,3,y\n" * 9, {}, "the column a is the same in every row"),
        ("a,b,c\n" + "1,2,x\n2,3,y\n" * 1001, {}, "has 2,002 rows; wanted 2,000 or fewer"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    text: str, options: dict[str, Any], said: str, csv: Callable[[str], Path]
) -> None:
    """Where, what was got, and what was wanted."""
    with pytest.raises(InputError) as refused:
        from_file(csv(text), **options)
    assert said in str(refused.value)


@pytest.mark.parametrize("widths", ["9", "8,0", "1,2,3,4", "x", "", "-1"])
def test_widths_that_the_page_has_not_are_refused(widths: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what is wanted."""
    with pytest.raises(SystemExit):
        main(["playground", f"--hidden={widths}"])
    assert f"got {widths!r}; wanted up to 3 widths from 1 to 8" in capsys.readouterr().err


def test_columns_without_a_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They would be forgotten."""
    assert main(["playground", "--inputs", "a,b", "--output", str(tmp_path)]) == 1
    assert "give that with --csv FILE" in capsys.readouterr().err


# --- In a browser ---------------------------------------------------------------------------------------------


@pytest.fixture
def played(opened: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Opens the page of these sets."""
    names = itertools.count()

    def opening(language: str = "en", sets: Any = None, hidden: Any = (8, 8), seed: int = 0, **options: Any) -> Any:
        file = tmp_path / f"{next(names)}.html"
        text = page(sets or {name: points(name) for name in SETS}, language, hidden, seed=seed)
        file.write_text(text, encoding="utf-8")
        return opened(file, **options)

    return opening


def steps(page: Any) -> int:
    return int(re.findall(r"\d+", page.locator("#count").text_content())[0])


def right(page: Any, part: str) -> list[int]:
    """How many are right, and of how many."""
    return [int(each) for each in re.findall(r"\d+", page.locator(f"#{part}-right").text_content())][:2]


def go(page: Any, count: int) -> None:
    """So many steps by the key, as quick as they come."""
    key = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))"
    page.evaluate(f"() => {{ for (let k = 0; k < {count}; k++) {key}; }}")


def pixels(page: Any, canvas: str = "#field") -> str:
    return page.locator(canvas).evaluate("(canvas) => canvas.toDataURL()")


def test_boundary_weights_and_curves_move_as_moons_are_learned(played: Callable[..., Any]) -> None:
    """Fifty steps a frame, until at least 95 % are right, of the points held out too; the words have these numbers."""
    page = played()
    before = [pixels(page), pixels(page, "#curve"), page.locator("#wires").inner_html()]
    page.locator("#pace").press("End")
    page.keyboard.press("Space")
    while steps(page) < 500:
        page.wait_for_timeout(20)
    page.keyboard.press("Space")
    assert all(a >= 0.95 * b for a, b in (right(page, "learned"), right(page, "held")))
    after = [pixels(page), pixels(page, "#curve"), page.locator("#wires").inner_html()]
    assert all(a != b for a, b in zip(before, after, strict=True))
    loss = page.locator("#learned-loss").text_content()
    assert float(loss) < 0.1
    told = page.get_by_role("status").text_content()
    assert told.startswith(f"Step {steps(page)}: the loss is {loss}.")
    assert told.endswith(f"{right(page, 'held')[0]} of 50 are right.")


@pytest.mark.parametrize(("motion", "count"), [("reduce", 3), ("no-preference", 62)])
def test_keys_start_pause_step_and_begin_anew(motion: str, count: int, played: Callable[..., Any]) -> None:
    """Space, →, N; and where motion is unwanted there are two frames a second, not sixty."""
    page = played(reduced_motion=motion)
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.clock.run_for(1040)
    there = steps(page)
    assert there == pytest.approx(count, rel=0.1)
    page.keyboard.press("Space")
    page.clock.run_for(1040)
    assert steps(page) == there
    assert page.get_by_role("status").text_content().startswith(f"Step {there}: the loss is ")
    page.keyboard.press("ArrowRight")
    assert steps(page) == there + 1
    field = pixels(page)
    page.keyboard.press("n")
    assert page.locator("#count").text_content() == "step 0 (seed 1)"
    assert pixels(page) != field
    page.get_by_role("button", name="One step").click()
    assert steps(page) == 1


def test_sliders_and_lists_change_how_and_what_is_learned(played: Callable[..., Any]) -> None:
    """By keys alone; a new network begins at step 0, and sliders go on with the one there is."""
    page = played()
    page.get_by_role("slider", name="Learning rate").focus()
    page.keyboard.press("End")
    assert page.locator("#rate-said").text_content() == "10"
    assert page.get_by_role("slider", name="Learning rate").get_attribute("aria-valuetext") == "10"
    assert steps(page) == 0
    page.get_by_role("slider", name="L2").focus()
    page.keyboard.press("End")
    page.locator("#activation").select_option("relu")
    go(page, 40)
    assert "diverged" in page.get_by_role("status").text_content()
    page.locator("#data-set").select_option("circles")
    assert steps(page) == 0
    for layer, width in ((1, "3"), (2, "0")):
        page.get_by_label(f"neurons in hidden layer {layer}").select_option(width)
    assert page.locator("#width-2").is_disabled()
    assert page.locator("#network button").count() == 4
    assert page.locator("#wires path").count() == 2 * 3 + 3
    page.get_by_label("neurons in hidden layer 1").select_option("0")
    assert page.locator("#network button").count() == 1
    go(page, 1)
    assert steps(page) == 1


def test_a_neuron_shows_its_own_boundary(played: Callable[..., Any]) -> None:
    """By click and by Enter; once more, or Esc, and the output is back."""
    page = played(hidden=(3,))
    output = pixels(page)
    neuron = page.locator("#network button").nth(1)
    assert neuron.get_attribute("aria-label").startswith("neuron 2 of layer 1: bias 0; weights x₁ ")
    neuron.click()
    own = pixels(page)
    assert own != output
    assert neuron.get_attribute("aria-pressed") == "true"
    assert page.locator("#shown").text_content() == "What neuron 2 of layer 1 gives"
    assert "neuron 2 of layer 1" in page.get_by_role("status").text_content()
    neuron.press("Enter")
    assert pixels(page) == output
    neuron.press("Enter")
    assert pixels(page) == own
    page.keyboard.press("Escape")
    assert pixels(page) == output
    assert neuron.get_attribute("aria-pressed") == "false"
    go(page, 1)
    neuron.click()
    assert pixels(page) != own


def test_the_languages_change_at_a_button(played: Callable[..., Any]) -> None:
    """All words do, what was said last among them; the network stays."""
    page = played("ja")
    go(page, 3)
    kana = re.compile("[ぁ-んァ-ヶ一-龠]")
    assert page.locator("html").get_attribute("lang") == "ja"
    assert page.get_by_role("status").text_content().startswith("3 歩：")
    page.get_by_role("button", name="English").click()
    assert steps(page) == 3
    outline = page.locator("body").aria_snapshot().replace("日本語", "")
    assert not kana.search(outline)
    assert page.get_by_role("status").text_content().startswith("Step 3:")
    page.get_by_role("button", name="日本語").click()
    assert kana.search(page.locator("body").aria_snapshot())


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_window(width: int, scheme: str, played: Callable[..., Any]) -> None:
    """Nothing lies outside, three hidden layers neither; controls have names and room for a finger."""
    page = played(hidden=(8, 8, 8), viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.evaluate(
        """[...document.querySelectorAll('button, select, input, canvas, h2, td, th, #status, li')].map((each) => {
        const { left, right, width, height } = each.getBoundingClientRect();
        return [each.tagName, left, right, Math.min(width, height)]; })"""
    )
    assert len(boxes) > 50
    assert [box for box in boxes if box[1] < 0 or box[2] > width] == []
    assert [box for box in boxes if box[0] in ("BUTTON", "SELECT", "INPUT") and box[3] < 32] == []
    unnamed = "[...document.querySelectorAll('button')].filter((e) => !(e.ariaLabel || e.textContent.trim())).length"
    assert page.evaluate(unnamed) == 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    corner = "(canvas) => Array.from(canvas.getContext('2d').getImageData(canvas.width / 2, 20, 1, 1).data)"
    shade = page.locator("#field").evaluate(corner)
    assert (sum(shade[:3]) > 3 * 150) == (scheme == "light")


def test_a_file_of_ones_own_is_the_first_set_and_its_names_are_data(
    played: Callable[..., Any], csv: Callable[[str], Path]
) -> None:
    """Hostile ones are text as any."""
    hostile = "</script><img src=x onerror=alert(1)>"
    data = from_file(csv(GOOD.replace("width", hostile).replace("cat", "<b>猫</b>")))
    page = played(sets={"own.csv": data, "moons": points("moons")}, hidden=(2,))
    assert page.locator("#data-set option").all_text_contents() == ["own.csv", "two moons"]
    assert page.locator("#class-0").text_content() == "class <b>猫</b>"
    assert hostile in page.locator("#network button").first.get_attribute("aria-label")
    assert page.locator("img").count() == 0
    go(page, 5)
    assert steps(page) == 5


def test_without_javascript_the_page_says_what_it_needs(played: Callable[..., Any]) -> None:
    """And shows nothing that would do nothing."""
    page = played("ja", java_script_enabled=False)
    assert page.locator("noscript p").inner_text() == "このページには JavaScript が必要です。"
    assert page.locator("noscript p").is_visible()
    assert page.locator("button").first.is_hidden()
