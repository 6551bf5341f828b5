"""Laws of the style of curves, and of the laws about pictures: each finds the fault that it is there to find."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import plots as faults
from autograd.errors import many
from demos import _pictures
from nn import plots


def drawn(draw: Callable[[Axes], Any]) -> Figure:
    """A figure with names and a title, and what `draw` makes of it."""
    with plots.styled():
        figure = Figure(figsize=(5, 4), layout="constrained")
        ax: Axes = figure.subplots()
        ax.set(xlabel="x", ylabel="y", title="a title")
        draw(ax)
        figure.draw_without_rendering()
    return figure


def diagonal(ax: Axes) -> None:
    ax.plot([0, 1], [0, 1], label="a")


@functools.cache
def faultless() -> Figure:
    return drawn(diagonal)


def two_of_one_look(ax: Axes) -> None:
    diagonal(ax)
    ax.plot([0, 1], [1, 0], color=ax.lines[0].get_color(), label="b")


def two_colours_of_one_name(ax: Axes) -> None:
    diagonal(ax)
    ax.plot([0, 1], [1, 0], "--", color=plots.RED, label="a")


def legend_on_the_curve(ax: Axes) -> None:
    diagonal(ax)
    ax.legend(loc="center")


def word_on_the_curve(ax: Axes) -> None:
    diagonal(ax)
    ax.text(0.5, 0.5, "struck", ha="center", va="center")


def word_on_a_mark(ax: Axes) -> None:
    _pictures.classes(ax, [[0.5, 0.5], [0, 0], [1, 1]], [0, 1, 1])
    ax.text(0.5, 0.5, "hidden", ha="center", va="center")


def word_on_a_boundary(ax: Axes) -> None:
    xs = np.linspace(0, 1, 9)
    _pictures.boundary(ax, xs, xs, _pictures.grid(lambda x, y: x - y, xs, xs))
    ax.text(0.5, 0.5, "struck", ha="center", va="center")


def word_on_a_word(ax: Axes) -> None:
    ax.text(0.5, 0.5, "one")
    ax.text(0.52, 0.5, "two")


def word_that_is_cut_off(ax: Axes) -> None:
    ax.text(0.9, 0.5, "a rather long sentence").set_in_layout(False)


def colours_without_a_bar(ax: Axes) -> None:
    ax.imshow([[1, 2], [3, 4]])


def bar_of_other_colours(ax: Axes) -> None:
    other: Any = ax.figure.add_axes((0.8, 0.1, 0.1, 0.1))
    image = other.imshow([[5, 6]])
    _pictures.colour_bar(ax, image, "w")
    ax.imshow([[1, 2], [3, 4]])


def bar_without_a_name(ax: Axes) -> None:
    _pictures.colour_bar(ax, ax.imshow([[1, 2], [3, 4]]), "")


@pytest.mark.parametrize(
    ("law", "draw", "found"),
    [
        (faults.nameless, lambda ax: ax.set(xlabel=""), "no name of x"),
        (faults.nameless, lambda ax: ax.set(title=""), "no title"),
        (faults.nameless, bar_without_a_name, "a colour bar without a name"),
        (faults.unexplained, colours_without_a_bar, "no colour bar for AxesImage"),
        (faults.unexplained, bar_of_other_colours, "no colour bar for AxesImage"),
        (faults.ambiguous, two_of_one_look, "a and b look the same"),
        (faults.ambiguous, two_colours_of_one_name, "a: several colours"),
        (faults.covered, legend_on_the_curve, "'legend of a' lies on the curve a"),
        (faults.covered, word_on_the_curve, "'struck' lies on the curve a"),
        (faults.covered, word_on_a_mark, "'hidden' lies on a mark"),
        (faults.covered, word_on_a_boundary, "'struck' lies on a boundary"),
        (faults.covered, word_on_a_word, "'one' lies on 'two'"),
        (faults.covered, word_that_is_cut_off, "is cut off"),
    ],
)
def test_the_laws_about_pictures_find_their_faults(
    law: Callable[[Figure], Iterable[str]], draw: Callable[[Axes], Any], found: str
) -> None:
    """And nothing is wrong with the figure that has none."""
    assert list(law(faultless())) == []
    assert any(found in fault for fault in law(drawn(draw)))


@pytest.mark.parametrize(("text", "wrong"), [("after 1 steps", True), ("after 11 steps, 0.1 steps", False)])
def test_one_thing_in_the_plural_is_found(text: str, wrong: bool) -> None:
    """And no other number is taken for it."""
    assert bool(faults.PLURALS.search(text)) == wrong


# --- Curves -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**9))
def test_one_thing_is_singular_and_any_other_number_is_plural(count: int) -> None:
    """As English has it: 0 steps, 1 step, 2 steps."""
    assert many(count, "step") == f"{count} step" + ("s" if count != 1 else "")


def test_a_name_looks_the_same_wherever_it_comes() -> None:
    """Whatever else is drawn, in whatever order."""
    look = plots.looks("abcdef")
    assert len({str(each) for each in look.values()}) == 6
    figure = drawn(lambda ax: plots.curves(ax, {"c": [1, 2], "a": [2, 1]}, look=look))
    assert [(line.get_label(), line.get_color()) for line in figure.axes[0].lines] == [
        ("c", look["c"]["color"]),
        ("a", look["a"]["color"]),
    ]


@pytest.mark.parametrize("last", [1, 2, 3, 8, 13, 60, 199, 3000])
def test_epochs_are_whole_numbers_from_one(last: int) -> None:
    """All of them are in view, and every mark is at an epoch."""
    ax = Figure().subplots()
    plots.epochs(ax, last)
    low, high = ax.get_xlim()
    marks = [mark for mark in ax.get_xticks() if low <= mark <= high]
    assert 0 < low < 1 <= last < high
    assert marks
    assert all(mark == round(mark) >= 1 for mark in marks)


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0.03, 0.4, ["0.05", "0.1", "0.2"]),
        (0.003, 2, ["0.01", "0.1", "1"]),
        (2, 300, ["10", "100"]),
        (1e-9, 1e9, None),
    ],
)
def test_a_logarithmic_axis_has_plain_numbers_where_they_are_short(
    low: float, high: float, marks: list[str] | None
) -> None:
    """With 2 and 5 where decades are few; powers of ten where numbers would be long."""
    figure = Figure()
    ax: Axes = figure.subplots()
    ax.set(yscale="log", ylim=(low, high))
    plots.readable(ax.yaxis)
    figure.draw_without_rendering()
    places = [mark for mark in ax.get_yticks() if low <= mark <= high]
    said = [ax.yaxis.get_major_formatter()(place) for place in places]
    if marks is None:
        assert all("10^{" in each for each in said)
    else:
        assert said == marks
    assert not any(label.get_text() for label in ax.yaxis.get_minorticklabels())


# --- Colours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "extend"), [(14, "neither"), ([0, 1, 9], "neither"), ([1, 2], "both"), ([0, 2], "max")]
)
def test_a_colour_bar_covers_the_heights_and_has_arrows_only_for_more(levels: Any, extend: str) -> None:
    """Of a bowl it begins at 0."""
    xs = np.linspace(-2, 2, 9)
    heights = _pictures.grid(lambda x, y: x * x + y * y, xs, xs)
    seen: list[Any] = []
    drawn(lambda ax: seen.append(_pictures.contours(ax, xs, xs, heights, levels)))
    assert seen[0].extend == extend
    if extend == "neither":
        assert seen[0].levels[0] == 0 == heights.min()
        assert seen[0].levels[-1] >= heights.max()


def test_a_matrix_names_its_rows_and_its_colours_end_at_a_round_number() -> None:
    """The same number away from 0 below and above it."""
    cells = np.array([[0.0064, -0.0032], [0.0, 0.0011]])
    figure = drawn(
        lambda ax: _pictures.matrix(ax, cells, ["1", "2"], ["b", "w"], "∂L/∂W", lambda x: _pictures.minus(f"{x:.2g}"))
    )
    ax, bar = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2"]
    assert [text.get_text() for text in ax.texts] == ["0.0064", "−0.0032", "0", "0.0011"]
    assert [label.get_text() for label in bar.get_yticklabels()] == ["−0.007", "0", "0.007"]
    assert list(faults.unexplained(figure)) == list(faults.nameless(figure)) == []


@pytest.mark.parametrize(
    ("typed", "written"), [("-1.5", "−1.5"), ("-6.1e-10", "−6.1×10⁻¹⁰"), ("3e+08", "3×10⁸"), ("7", "7")]
)
def test_numbers_are_written_as_in_books(typed: str, written: str) -> None:
    """With a minus, not a hyphen, and powers of ten."""
    assert _pictures.minus(typed) == written


def test_the_style_does_not_outlive_its_block() -> None:
    """And the reader's own has no part in it."""
    with matplotlib.rc_context({"lines.linewidth": 9.0}):
        before = dict(matplotlib.rcParams)
        with plots.styled():
            assert matplotlib.rcParams["lines.linewidth"] == 2
        assert dict(matplotlib.rcParams) == before
