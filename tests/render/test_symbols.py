"""Pictures with symbols: ∂y/∂h and ∂h/∂x are what the numbers beside them are, and no symbol is two numbers."""

import random
import re
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, draw, exp, sigmoid, sin, tanh, topological_order
from autograd.render import Picture
from autograd.render.graph.symbols import IS
from drawn import fan_out, groups, in_dot, pairs, some_graph, texts
from lecture import price

LABELS = (None, None, "h", "h₁", "h₂", "x", "y", "重み")


def named(seed: int) -> Value:
    """A graph in which nodes are shared, with labels that are names of ours, and collide."""
    y, pick = some_graph(seed), random.Random(seed)
    for node in topological_order(y):
        node.label = pick.choice(LABELS)
    y.backward()
    return y


def number(text: str) -> float:
    return float(text.strip("()").replace("−", "-"))


def equations(picture: Picture) -> list[tuple[str, float, str, float | None]]:
    """Of each arrow: the gradient as a symbol and a number, the local derivative likewise."""
    found = []
    for _, below, *local in in_dot(picture, "value"):
        symbol, numbers = below.split(IS)
        first = numbers.split(" = ")[0]
        under, _, slope = local[0].removeprefix("× ").partition(IS) if local else ("", "", "")
        found.append((symbol, number(first), under, number(slope) if slope else None))
    return found


@given(st.integers(0, 10_000))
def test_the_symbols_keep_the_chain_rule(seed: int) -> None:
    """∂y/∂x = ∂y/∂h × ∂h/∂x along each arrow, and the sum over the uses x①, x②, … before a branch dot; and no symbol
    is two numbers, wherever it stands."""
    found = equations(draw(named(seed), symbolic=True, local=True, digits=17))
    gradients, known = {symbol: gradient for symbol, gradient, *_ in found}, dict[str, float]()
    (root,) = {symbol.split("/")[0] for symbol in gradients}
    for symbol, gradient, under, slope in found:
        assert isclose(known.setdefault(symbol, gradient), gradient, rel_tol=1e-12)
        if slope is not None:
            assert isclose(known.setdefault(under, slope), slope, rel_tol=1e-12)
            target = under.split("/")[0]
            assert isclose(gradient, gradients[f"{root}/{target}"] * slope, rel_tol=1e-12, abs_tol=1e-300)
            assert under.split("/")[1] == symbol.split("/")[1]
        shares = [g for name, g in gradients.items() if re.fullmatch(re.escape(symbol) + "[①-⑳]", name)]
        assert not shares or isclose(gradient, sum(shares), rel_tol=1e-9, abs_tol=1e-12)
        assert len(shares) != 1


@given(st.integers(0, 10_000))
def test_everything_that_has_a_derivative_has_a_name_of_its_own(seed: int) -> None:
    """Inputs and outputs in their boxes, what is between before its value; labels stay where they collide with none."""
    y = named(seed)
    picture = draw(y, symbolic=True)
    boxes = [text for role in ("input", "output") for (text,) in in_dot(picture, role)]
    between = {above.split(" = ")[0] for above, *_ in in_dot(picture, "value") if " = " in above}
    names = [box.split(" = ")[0] for box in boxes] + sorted(between)
    assert len(names) == len(set(names)) == len(topological_order(y))
    labels = [node.label for node in topological_order(y) if node.label]
    assert {label for label in labels if labels.count(label) == 1} <= set(names)


def test_the_price_in_symbols() -> None:
    """Document 002, the graph made general: h has no label, and gets its name."""
    assert pairs(draw(price(), symbolic=True)) == [
        ("1.1", f"∂価格/∂消費税{IS}200", "× ∂価格/∂消費税"),
        ("100", f"∂価格/∂単価{IS}2.2", "× ∂h/∂単価"),
        ("2", f"∂価格/∂個数{IS}110", "× ∂h/∂個数"),
        ("220", f"∂価格/∂価格{IS}1"),
        ("h = 200", f"∂価格/∂h{IS}1.1", "× ∂価格/∂h"),
    ]


def test_the_numbers_of_local_derivatives_stand_beside_their_symbols() -> None:
    """With `local=True`; before `backward` the symbols of local derivatives alone."""
    x = Value(3.0, "x")
    y = sigmoid(tanh(x))
    assert pairs(draw(y, symbolic=True)) == [("0.7301",), ("3", "∂h/∂x"), ("h = 0.9951", "∂y/∂h")]
    y.backward()
    assert ("3", f"∂y/∂x{IS}0.001944", f"× ∂h/∂x{IS}0.009866") in pairs(draw(y, symbolic=True, local=True))


def test_a_value_used_several_times_has_a_mark_at_each_use() -> None:
    """What comes back from one use is not ∂y/∂x: that is their sum."""
    assert pairs(draw(fan_out(), symbolic=True)) == [
        ("12", f"∂y/∂y{IS}1"),
        ("3", f"∂y/∂x{IS}7 = 3+3+1"),
        ("3", f"∂y/∂x①{IS}3", "× ∂h/∂x①"),
        ("3", f"∂y/∂x②{IS}3", "× ∂h/∂x②"),
        ("3", f"∂y/∂x③{IS}1", "× ∂y/∂x③"),
        ("h = 9", f"∂y/∂h{IS}1", "× ∂y/∂h"),
    ]


def test_names_are_given_where_there_are_none() -> None:
    """In the title and the table too; the first that no label has; one alone has no number."""
    x = Value(0.5)
    picture = draw(exp(sin(x * x)), symbolic=True)
    assert picture.title == "y = exp(sin(x × x))"
    assert [line.split()[1] for line in picture.text().splitlines()[3:]] == ["x", "h₁", "h₂", "y"]
    taken = Value(0.5, "h") * Value(0.25, "y")
    assert [line.split()[1] for line in draw(exp(sin(taken)), symbolic=True).text().splitlines()[3:]] == [
        *("h", "y", "h₁", "h₂", "y₁")
    ]


def test_gradients_of_several_outputs_have_no_symbol() -> None:
    """Nor those that `backward` began with another seed: they are no derivatives of one output."""
    x = Value(2.0, "x")
    a, b = x * 3, x * x
    a.backward()
    assert not [text for each in in_dot(draw([a, b], symbolic=True), "value") for text in each if text.startswith("∂")]
    y = fan_out()
    y.zero_grad()
    y.backward(gradient=2.0)
    assert ("h = 9", "2", "× ∂y/∂h") in pairs(draw(y, symbolic=True))


def test_constants_boxes_and_cuts_have_no_derivative() -> None:
    """A constant, what is inside a closed module, and what is not drawn."""
    x = Value(2.0, "x")
    h = tanh(x * 3 - 1)
    y = h * x
    y.label = "y"
    y.backward()
    assert ("3",) in pairs(draw(y, symbolic=True))
    closed = pairs(draw(y, symbolic=True, group={"inside": h}, collapse="inside"))
    assert [each for each in closed if "①" in "".join(each)] == [("2", f"∂y/∂x①{IS}{3 * (1 - h.data**2) * 2:.4g}")]
    with pytest.warns(UserWarning, match="nearest"):
        cut = draw(y, symbolic=True, max_nodes=2)
    assert any("more values" in text for group in groups(cut, "cut") for text in texts(group))


def test_the_page_has_the_symbols() -> None:
    """In its picture, and the names in its steps."""
    page = draw(price(), symbolic=True).html()
    assert f"∂価格/∂h{IS}1.1" in page
    story = draw(price(), symbolic=True)._story
    assert story
    assert "h = 100 × 2 = 200" in [step.says for step in story.steps()]


def test_symbolic_is_yes_or_no() -> None:
    """Nothing else."""
    with pytest.raises(ValueError, match=r"draw\(symbolic='yes'\): wanted True or False\."):
        draw(price(), symbolic="yes")  # type: ignore[arg-type]
