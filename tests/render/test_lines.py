"""Lines of a picture keep apart: none runs on another, and dots keep clear of circles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Picture, Value, tanh
from autograd.render import draw
from docs.build.gallery import PICTURES
from drawn import fan_out, some_graph
from geometry import Geometry
from nn import MLP
from share import share

GRAPHS = [name for name in PICTURES if not name.startswith(("network", "convolution", "program"))]
LEAST = 8.0  # points between a dot and a circle


def check(picture: Picture) -> None:
    geometry = Geometry(picture)
    assert [(one[:2], other[:2], long) for one, other, long, _ in geometry.shared()] == []
    assert list(geometry.crowded("branch", "op", LEAST)) == []
    for role in ("op", "leaf", "branch"):
        assert [(name, line[:2]) for name, line in geometry.struck(role)] == []


def used_often() -> Value:
    """A neuron whose output, input and weight are used again."""
    x, w, b = Value(2.0, "x"), Value(3.0, "w"), Value(1.0, "b")
    h = tanh(w * x + b)
    y = h * h + h * x + w
    y.backward()
    return y


def loss(*sizes: int) -> Picture:
    model = MLP(2, list(sizes), seed=0)
    y = (model([Value(1.0, "x₁"), Value(2.0, "x₂")]) - 1) ** 2
    y.backward()
    return draw(y, parameters=model.parameters())


@pytest.mark.parametrize("name", GRAPHS)
def test_lines_of_the_gallery_keep_apart(name: str) -> None:
    """Frames, copies and folded boxes too."""
    check(PICTURES[name][1]())


@pytest.mark.parametrize("sizes", [(4, 1), (2, 2, 2, 1)])
def test_lines_of_small_networks_keep_apart(sizes: tuple[int, ...]) -> None:
    """With a loss, and every weight."""
    check(loss(*sizes))


@settings(max_examples=share(15))  # Graphviz is slow
@given(st.integers(0, 149))
def test_lines_keep_apart_where_there_are_no_frames(seed: int) -> None:
    """In these small graphs, in which nodes are shared. (Six arrows from one dot may still touch where they leave.)"""
    y = some_graph(seed)
    y.backward()
    check(draw(y))


def test_lines_that_leave_one_dot_part() -> None:
    """Where a value is used five times, and where dots stand side by side."""
    x = Value(2.0, "x")
    check(draw(x * x * x + x * x))
    check(draw(used_often()))
    check(draw(fan_out()))


def test_the_measure_finds_what_it_looks_for() -> None:
    """Lines that run on each other, and a line through a circle."""
    crossing = Geometry(draw(fan_out()))
    one, *_, other = crossing.lines
    crossing.lines.append(one._replace(head="elsewhere"))
    assert [(a.head, b.head) for a, b, *_ in crossing.shared()] == [(one.head, "elsewhere")]
    circle = crossing.boxes[other.tail] if other.tail in crossing.boxes else crossing.boxes[other.head]
    crossing.lines.append(one._replace(points=one.points[:1] * 0 + (circle.x, circle.y)))
    assert list(crossing.struck(""))
