"""The page of a network in a real browser: circles, lines and graphs of neurons follow what is typed.

These tests need chromium and playwright, as those of other pages do.
"""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

import nn
from autograd.render import draw
from autograd.render.text import number


def fed_network() -> tuple[Any, list[float]]:
    return nn.MLP(2, [4, 3, 1], "tanh", "sigmoid", seed=1), [1.0, -2.0]


_SEEN = """(ids) => ids.map((id) => {
    const part = document.getElementById(id), line = part.querySelector("path");
    const look = (name) => line?.getAttribute(name) ?? null;
    return [part.querySelector("title").textContent, part.querySelector("text")?.textContent, look("stroke"),
            look("stroke-width"), look("stroke-dasharray")];
})"""


def network_shows(page: Any, model: Any, x: list[float]) -> None:
    """The circles and lines are those of a new picture of this model."""
    svg = "{http://www.w3.org/2000/svg}"
    fresh = ElementTree.fromstring(draw(model, x, language="en").svg())
    parts = {
        part.get("id"): part for part in fresh.iter(f"{svg}g") if {"neuron", "edge"} & {*part.get("class", "").split()}
    }
    for part, (told, seen, *look) in zip(parts.values(), page.evaluate(_SEEN, list(parts)), strict=True):
        tooltips = told, str(part[0].text)
        number_of = [float(text.split(" = ")[1].split(",")[0].replace("−", "-")) for text in tooltips]
        assert number_of[0] == pytest.approx(number_of[1], rel=1e-12)
        if "neuron" in part.get("class", ""):
            assert seen in [number(number_of[1], digits) for digits in (1, 2, 3, 4)]
            continue
        line = next(part.iter(f"{svg}path"))
        assert look[0] == line.get("stroke")
        assert float(look[1]) == pytest.approx(float(line.get("stroke-width", 0)), abs=0.01)
        assert (look[2] is None) == (line.get("stroke-dasharray") is None)


def test_a_network_follows_an_input_and_a_weight(opened: Callable[..., Any]) -> None:
    """A number in a circle, or on a line by Enter: circles, widths, colours and dashes are those of that model."""
    model, x = fed_network()
    page = opened(draw(model, x, language="en"))
    network_shows(page, model, x)
    page.get_by_role("spinbutton", name="x₁").focus()
    page.keyboard.type("0.25")
    network_shows(page, model, [0.25, -2.0])
    page.locator('[id="w1.0.0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("-1.5")
    page.keyboard.press("Enter")
    changed = model.layers[0].neurons[0].w[1]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"{changed.label} = −1.5"
    changed.data = -1.5
    network_shows(page, model, [0.25, -2.0])
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    network_shows(page, fed_network()[0], x)


def test_a_neuron_shows_its_own_graph(opened: Callable[..., Any]) -> None:
    """By a click or Enter: the names and numbers are its own, and those that hold now; Esc goes back."""
    model, x = fed_network()
    page = opened(draw(model, x, language="en"))
    page.get_by_role("spinbutton", name="x₂").focus()
    page.keyboard.type("0.5")
    neuron, inputs = model.layers[1].neurons[2], model.layers[0].outputs([1.0, 0.5])
    z = neuron(inputs)
    page.locator('[id="z2.2"] ellipse').click(position={"x": 6, "y": 26})
    dialog = page.get_by_role("dialog")
    assert dialog.locator("header span").text_content() == f"z₃⁽²⁾ = {number(z.data)}"
    leaves = dialog.locator(".leaf:not(.output) text").all_text_contents()
    assert sorted(leaves) == sorted([w.label for w in [*neuron.w, neuron.b]] + [f"z{i}⁽¹⁾" for i in "₁₂₃₄"])
    shown = dialog.locator(".value text").all_text_contents()
    z.backward()
    for value in (*neuron.w, *inputs):
        assert number(value.data) in shown
        assert number(value.grad) in shown
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.locator('[id="z1.0"]').focus()
    page.keyboard.press("Enter")
    assert dialog.locator("header span").text_content().startswith("z₁⁽¹⁾ = ")


def test_gradients_of_a_network_hold_while_nothing_is_changed(opened: Callable[..., Any]) -> None:
    """They are of a loss that the page does not know; and come back with the recorded numbers."""
    model, x = fed_network()
    model(x).backward()
    page = opened(draw(model, x, language="en"))
    dot = page.locator(".gradient").first
    assert dot.is_visible()
    page.get_by_role("spinbutton", name="x₁").focus()
    page.keyboard.type("7")
    assert not dot.is_visible()
    page.get_by_role("button", name="Reset").click()
    assert dot.is_visible()
