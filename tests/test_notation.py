"""Every formula that is written, wherever it is written, reads back as the number it stands for."""

import html
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import OPS, Value, exp, log, maximum, primitive, sqrt, topological_order
from autograd.errors import DomainError
from autograd.operation import Op, operations
from autograd.render import draw, explain, expression
from autograd.render.text import columns
from autograd.sweep import slopes
from reading import Reader

ALL = [op for op in operations() if op.name != "constant"]
NUMBERS = ["1", "2", "3", "0.5", "2.5", "-1", "-2", "-0.5", "1e-07", "-3e-07", "2e+10", "-1e+15", "0", "1e+100"]
LABELS = [
    *["a", "x₁", "w_12", "単価", "unit price", "σ", "e", "max", "log", "x′", "w[0]", "りんご🍎"],
    *["x − 3", "a+b", "2", "−1", "1e5", "f(x)", "|x|", "x²", "2ⁿ", "[1]", "…", "∞", "a, b", "−", "y = 2", "50%", "½"],
    *["{0}", "\\frac{1}{2}", "$x$", "“q” × ”", "x–1", "∂y/∂x", "x * y", "２", "√x", "a - b"],
]
mp = mpmath.mp.clone()
mp.dps = 60


@dataclass
class Graph:
    """A drawn graph, and the number of each node to sixty digits."""

    root: Value
    exact: dict[Value, Any]

    def names(self) -> Iterator[tuple[str, Value]]:
        for node in self.exact:
            if node.label:
                label = node.label.replace("”", '"')
                yield label, node
                yield f"“{label}”", node
                yield re.sub(r"^(\w)_?(\w+)$", lambda found: f"{found[1]}_{_plain(found[2])}", label), node


def _plain(digits: str) -> str:
    return digits.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))


def to_sixty_digits(op: Op, numbers: tuple[Any, ...]) -> Any:
    y = op.at_precision(mp)(*numbers)
    if not isinstance(y, mp.mpf | int | float):
        raise ValueError
    return mp.mpf(y)


@st.composite
def graphs(draw: st.DrawFn, steps: int = 5, ops: list[Op] = ALL) -> Graph:
    """Over all operations; leaves and interior nodes have labels or none, numbers are what four digits can show."""
    labels = iter(draw(st.permutations(LABELS)))
    exact: dict[Value, Any] = {}
    for text in draw(st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=3)):
        exact[Value(float(text), next(labels) if draw(st.booleans()) else None)] = mp.mpf(text)
    for op in draw(st.lists(st.sampled_from(ops), min_size=1, max_size=steps)):
        count = op.arity or 2 * draw(st.integers(1, 2))
        operands = draw(st.lists(st.sampled_from([*exact][-4:]), min_size=count, max_size=count))
        try:
            y = op(*operands)
            number = to_sixty_digits(op, tuple(exact[x] for x in operands))
        except (ArithmeticError, ValueError):
            continue
        if abs(y.data) < 1e200 and math.isclose(y.data, number, rel_tol=1e-6, abs_tol=1e-300):
            y.label = next(labels) if draw(st.integers(0, 4)) == 0 else None
            exact[y] = number
    root = [*exact][-1]
    return Graph(root, exact)


def right_side(formula: str) -> str:
    """Without the name of what is computed; an equals sign in a name stands in quotation marks."""
    if found := re.match(r"(“[^”]*”|\\text\{[^}]*\}|[^=]*?) = (.*)", formula):
        return found[2]
    return formula


def near(read: Any, true: Any, tolerance: float = 1e-12) -> bool:
    return read == true or math.isclose(read, true, rel_tol=tolerance)


def written_as(make: Callable[..., Value], *numbers: float) -> str:
    leaves = [Value(x, name) for x, name in zip(numbers or (2.0, 3.0), "abc", strict=False)]
    return str(expression(make(*leaves)))


# --- The laws ---------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_text_of_a_formula_is_its_number(graph: Graph) -> None:
    """`expression` as text, over all operations, signs and labels."""
    values = {name: node.data for name, node in graph.names()}
    read = Reader(values).text(right_side(str(expression(graph.root, 10_000))))
    assert near(read, graph.root.data)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_latex_of_a_formula_is_its_number(graph: Graph) -> None:
    """`expression` as LaTeX, to sixty digits, since LaTeX says log(1 + x) where we compute log1p."""
    values = {name: graph.exact[node] for name, node in graph.names()}
    latex = right_side(expression(graph.root, 10_000).latex())
    assert near(Reader(values, to_sixty_digits, mp.mpf).latex(latex), graph.exact[graph.root], 1e-30)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_each_line_of_the_table_computes_its_number(graph: Graph) -> None:
    """`draw(y).text()`: names, constants and [3] for the third line."""
    _, heads, rule, *lines = ["", *draw(graph.root, title="", digits=17).text().strip("\n").split("\n")]
    nodes = topological_order(graph.root)
    values = dict([*((name, node.data) for name, node in graph.names())])
    values |= {f"[{k}]": node.data for k, node in enumerate(nodes, 1)}
    for node, line in zip(nodes, lines, strict=True):
        _, _, computed, *_ = cells(line, rule)
        if computed:
            assert near(Reader(values).text(computed), node.data)
    assert heads


def cells(line: str, rule: str) -> list[str]:
    """The columns of a line, by the widths of the rule below the heads."""
    found, rest = [], line
    for width in map(len, rule.split("  ")):
        k = next((k for k in range(len(rest) + 1) if columns(rest[:k]) >= width), len(rest))
        found.append(rest[:k].strip())
        rest = rest[k + 2 :]
    return found


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_every_equation_of_a_page_holds(graph: Graph) -> None:
    """What the steps say forward, and the products and sums beside the circles: both sides read as one number."""
    told = story(graph.root)
    for step in told:
        says = step.says if step.phase == "forward" else step.box
        assert_equations_hold(says)


def story(y: Value) -> list[Any]:
    y.zero_grad()
    try:
        y.backward()
    except DomainError:
        y.zero_grad()
    picture = draw(y, title="", digits=17, grads=bool(y.grad))
    assert picture._story is not None
    return picture._story.steps()


def assert_equations_hold(equation: str) -> None:
    """`name = calculation = number`: all that is no name is one number."""
    sides = re.sub("“[^”]*”", "“”", equation).split(" = ")
    if len(sides) > 1 and "…" not in equation:
        numbers = [Reader({}).text(side) for side in (sides if re.match("[−(√∛|⌊⌈0-9∞]", sides[0]) else sides[1:])]
        assert all(near(number, numbers[-1], 1e-9) for number in numbers), equation


@settings(max_examples=60, deadline=None)
@given(graphs(steps=4))
def test_every_equation_of_an_explanation_holds(graph: Graph) -> None:
    """`∂y/∂x = 1 × (−3) = −3`, the sum of the paths, and the same in LaTeX."""
    try:
        explained = explain(graph.root, language="en", digits=17)
    except (DomainError, ValueError):
        return
    for line in str(explained).splitlines():
        if " = " in line:
            assert_equations_hold(re.sub(r"^.*?: ", "", line) if line.startswith("    sum") else f"d = {tail(line)}")
    for row in explained.latex().split("&=")[1:]:
        sides = row.replace("\\end{aligned}", "").replace("\\\\\n", "\n").split("\n")[0].strip().split(" = ")
        if "cdots" not in row:
            numbers = [Reader({}, to_sixty_digits, mp.mpf).latex(side) for side in sides]
            assert all(near(number, numbers[-1], 1e-9) or abs(number - numbers[-1]) < 1e-12 for number in numbers)


def tail(line: str) -> str:
    """What stands after the quotients ∂y/∂x."""
    return re.sub("“[^”]*”", "“”", line).split(" = ", 1)[1]
