"""Explanations: the paths add up to the gradient exactly, the largest come first, and no graph is too large."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from html.parser import HTMLParser
from math import prod

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import DomainError, Value, exp, hypot, log, relu, sqrt, topological_order
from autograd import sum as total
from autograd.foreign import OTHERWISE
from autograd.render import draw
from autograd.render.explain import MOST_COUNTED, explain
from autograd.render.formula import expression
from autograd.render.text import number
from autograd.strategies import Expression, expressions
from drawn import cpu_seconds, in_dot
from lecture import fan_out, price


def all_paths(output: Value, leaf: Value) -> list[list[Value]]:
    """Every path, by trying all."""
    if output is leaf:
        return [[leaf]]
    return [[output, *path] for x in output.inputs for path in all_paths(x, leaf)]


# --- Paths ------------------------------------------------------------------------------------------------------


def test_the_price_reads_like_the_lecture() -> None:
    """∂価格/∂単価 = 1.1 × 2 = 2.2."""
    y = price()
    assert str(explain(y, y.inputs[0].inputs[0])) == (
        "∂価格/∂単価 = 1.1 × 2 = 2.2\n    ∂価格/∂(単価 × 個数) × ∂(単価 × 個数)/∂単価"
    )


def test_several_paths_are_added() -> None:
    """y = x·x + x at 3, in both languages; with top=1 the others are one line."""
    y = fan_out()
    assert str(explain(y, language="en")) == (
        "∂y/∂x = 7\n"
        "    ∂y/∂(x × x) × ∂(x × x)/∂x = 1 × 3 = 3\n"
        "    ∂y/∂(x × x) × ∂(x × x)/∂x = 1 × 3 = 3\n"
        "    ∂y/∂x = 1\n"
        "    sum: 3 + 3 + 1 = 7"
    )
    assert str(explain(y, top=1)).splitlines()[2:] == ["    the other 2 paths: 4", "    sum: 3 + 4 = 7"]
    assert str(explain(y, top=1, language="ja")).splitlines()[2:] == ["    他の 2 本の経路: 4", "    合計: 3 + 4 = 7"]


@given(expressions(max_nodes=8), st.integers(1, 6))
def test_the_paths_add_up_to_the_gradient_exactly(program: Expression, top: int) -> None:
    """What is listed and the rest are the very number that `backward` gives: no digit is lost."""
    leaves = program.values()
    y = program(*leaves)
    try:
        y.backward()
    except DomainError:
        return
    for each in explain(y, leaves, top=top).derivatives:
        assert each.total == each.leaf.grad
        assert sum(Fraction(path.product) for path in each.paths) + each.rest == Fraction(each.leaf.grad)


@given(expressions(max_nodes=6), st.integers(1, 6))
def test_the_largest_paths_come_first(program: Expression, top: int) -> None:
    """As by trying all; each is the product of its factors, and joins the output to the leaf."""
    leaves = program.values()
    y = program(*leaves)
    try:
        explained = explain(y, leaves, top=10_000)
    except DomainError:
        return
    for each, few in zip(explained.derivatives, explain(y, leaves, top=top).derivatives, strict=True):
        assert each.count == len(all_paths(y, each.leaf))
        sizes = [abs(path.product) for path in each.paths]
        assert sizes == pytest.approx(sorted(sizes, reverse=True), rel=1e-8)
        assert few.paths == each.paths[:top]
        for path in each.paths:
            assert path.product == pytest.approx(prod(path.factors))
            assert [path.nodes[0], path.nodes[-1]] == [y, each.leaf]


def test_two_to_the_sixtieth_paths_are_no_hindrance() -> None:
    """The largest are found without listing the others."""
    x = y = Value(1.0, "x")
    for _ in range(100):
        y = y + y
    begun = cpu_seconds()
    (each,) = explain(y).derivatives
    assert cpu_seconds() - begun < 2
    assert (each.total, each.count, len(each.paths)) == (2.0**100, MOST_COUNTED, 5)
    assert each.leaf is x


def test_a_deep_graph_is_explained_without_its_middle() -> None:
    """A path of ten thousand factors is a line all the same."""
    y = Value(1.0, "x")
    for _ in range(10_000):
        y = relu(y)
    assert str(explain(y)).splitlines()[0] == f"∂output/∂x = {'1 × ' * 6}… (9,988) … × {'1 × ' * 5}1 = 1"


def test_a_leaf_that_is_not_there_has_the_derivative_0() -> None:
    """No path leads to it; and the output itself has the derivative 1."""
    x, other = Value(1.0, "x"), Value(2.0, "z")
    assert str(explain(x * 2, other)) == "∂output/∂z = 0"
    assert str(explain(x, x)) == "∂x/∂x = 1"


def test_where_nothing_arrives_there_is_nothing_to_explain() -> None:
    """sqrt has no derivative at 0; behind a factor of 0 none is asked for, as in backward."""
    assert str(explain(sqrt(Value(0.0, "x")) * 0)) == "∂output/∂x = 0"


def test_explaining_changes_nothing_and_needs_no_backward() -> None:
    """No gradient is touched."""
    y = fan_out()
    explain(y)
    assert y.grad == y.inputs[1].grad == 0


def test_a_derivative_that_does_not_exist_is_named() -> None:
    """sqrt has none at 0."""
    with pytest.raises(DomainError, match="sqrt"):
        explain(sqrt(Value(0.0, "x")))


def test_an_explanation_in_latex() -> None:
    """Fractions, products, the sum; a notebook sets it."""
    y = price()
    explained = explain(y, y.inputs[0].inputs[0])
    assert explained.latex() == (
        "\\begin{aligned}\n"
        r"\frac{\partial \text{価格}}{\partial \text{単価}} &= 1.1 \times 2 = 2.2"
        "\n\\end{aligned}"
    )
    assert explained._repr_latex_() == f"$\\displaystyle {explained.latex()}$"


class Table(HTMLParser):
    """The cells of a table, row by row, and the elements and attributes that it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.rows[-1][-1] += data


def test_a_notebook_shows_a_table() -> None:
    """A row for each path, the others in one, the sum below; the derivative stands beside them."""
    assert Table(explain(fan_out(), top=1, language="ja")._repr_html_()).rows == [
        ["微分", "経路", "局所微分の積", "値"],
        ["∂y/∂x", "∂y/∂(x × x) × ∂(x × x)/∂x", "1 × 3", "3"],
        ["他の 2 本の経路", "", "4"],
        ["合計", "3 + 4", "7"],
    ]
    y = price("en")
    assert Table(explain(y, y.inputs[0].inputs[0], language="en")._repr_html_()).rows == [
        ["derivative", "path", "product of local derivatives", "value"],
        [
            "∂price/∂unit price",
            "∂price/∂(unit price × quantity) × ∂(unit price × quantity)/∂unit price",
            "1.1 × 2",
            "2.2",
        ],
    ]


@given(st.text(st.characters(exclude_categories=())) | st.text("<>&\"'/b", max_size=20), st.integers(1, 3))
@example("<script>alert(1)</script>", 1)
@example('"><img src=x onerror=alert(1)>', 3)
def test_any_label_is_text_in_the_table(label: str, top: int) -> None:
    """Elements and attributes are ours, whatever the labels are; and the table says what the text says."""
    x = Value(3.0, label)
    y = x * x + x
    y.label = label
    explained = explain(y, top=top)
    table = Table(explained._repr_html_())
    assert table.elements - {"tfoot"} == {"table", "thead", "tbody", "tr", "th", "td", "b"}
    assert table.attributes - {"colspan"} == {"style", "scope", "rowspan"}
    written = "".join(str(explained).split())
    assert all("".join(cell.split()) in written for row in table.rows[1:] for cell in row)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((3.0,), {}, TypeError, "explain(output=3.0): wanted a Value, not float. " + OTHERWISE),
        ((Value(1), 2), {}, TypeError, "explain(wrt=2): wanted a Value, or several in a list, not int."),
        ((Value(1),), {"top": 0}, ValueError, "explain(top=0): wanted a whole number, at least 1."),
        ((Value(1),), {"language": "fr"}, ValueError, "explain(language='fr'): wanted 'ja' or 'en'."),
    ],
)
def test_a_wrong_argument_is_named(arguments: tuple, options: dict, error: type[Exception], message: str) -> None:
    """Which argument, what was got, what was wanted."""
    with pytest.raises(error) as caught:
        explain(*arguments, **options)
    assert str(caught.value) == message


# --- Names ------------------------------------------------------------------------------------------------------

LABELS = ("w", "w (1)", "w₁", "w1", "output", "[1]", 'a"', "a'", "a long label to be cut", "a long label to be left")


@st.composite
def labelled(draw: st.DrawFn) -> Value:
    """A graph in which labels collide, and formulas too."""
    label = st.sampled_from([None, *LABELS])
    nodes = [Value(float(i), draw(label)) for i in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(1, 8))):
        a, b = (draw(st.sampled_from(nodes)) for _ in "ab")
        node = a * b if draw(st.booleans()) else a + b
        node.label = draw(label)
        nodes.append(node)
    return nodes[-1]


@given(labelled(), st.booleans())
def test_no_two_things_have_one_name(y: Value, latex: bool) -> None:
    """Whatever the labels are: in an explanation, as text and as LaTeX, each node that is named has its own name."""
    explained = explain(y, top=20)
    named = {node for each in explained.derivatives for node in each.written()}
    assert len({explained._name(node, latex) for node in named}) == len(named)


@given(labelled())
def test_an_explanation_ends_with_what_is_what(y: Value) -> None:
    """Each node that is written and has the label of another: its line in the table of `draw`, and its number."""
    explained, place = explain(y, top=20), {node: i for i, node in enumerate(topological_order(y), 1)}
    labels = Counter(node.label for node in place if node.label)
    _, _, listed = str(explained).partition("\nWhich is which (numbers as in draw(…).text()):\n")
    for node in {node for each in explained.derivatives for node in each.written()}:
        if labels[node.label or ""] > 1:
            start = f"    [{place[node]}] {explained._name(node)} = "
            assert [line.endswith(f" = {number(node.data)}") for line in listed.splitlines() if start in line] == [True]


def test_labels_that_collide_are_told_apart() -> None:
    """By numbers in the order of the graph; the list has their places, how they are made, and what they are."""
    w, other, x = Value(2.0, "w₁"), Value(3.0, "w₁"), Value(4.0, "x")
    y = w * x + other
    assert str(explain(y)) == (
        "∂output/∂w₁ (1) = 1 × 4 = 4\n"
        "    ∂output/∂(w₁ (1) × x) × ∂(w₁ (1) × x)/∂w₁ (1)\n"
        "∂output/∂x = 1 × 2 = 2\n"
        "    ∂output/∂(w₁ (1) × x) × ∂(w₁ (1) × x)/∂x\n"
        "∂output/∂w₁ (2) = 1\n"
        "Which is which (numbers as in draw(…).text()):\n"
        "    [1] w₁ (1) = 2\n"
        "    [4] w₁ (2) = 3"
    )
    assert Table(explain(y, x)._repr_html_()).rows[-1] == ["    [1] w₁ (1) = 2"]
    assert explain(y, w).latex().splitlines()[1:-1] == [
        r"\frac{\partial \text{output}}{\partial w_{1}\text{ (1)}} &= 1 \times 4 = 4 \\",
        r"w_{1}\text{ (1)} &= 2",
    ]
    assert str(expression(y)) == "w₁ (1) × x + w₁ (2)"
    assert expression(y).latex() == r"w_{1}\text{ (1)} \times x + w_{1}\text{ (2)}"


def test_what_was_computed_twice_goes_by_its_numbers() -> None:
    """Two products x × x are two nodes; where only one of them is written, it goes by its formula."""
    x = Value(3.0, "x")
    assert str(explain(x * x + x * x, top=3)).splitlines()[3:] == [
        "    ∂output/∂[3] × ∂[3]/∂x = 1 × 3 = 3",
        "    the other path: 3",
        "    sum: 3 + 3 + 3 + 3 = 12",
        "Which is which (numbers as in draw(…).text()):",
        "    [2] = [1] × [1] = 9",
        "    [3] = [1] × [1] = 9",
    ]
    assert "∂output/∂(x × x) × ∂(x × x)/∂x" in str(explain(x * x + x * x, top=1))


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=8))
def test_an_expression_has_a_name_for_each_input(labels: list[str]) -> None:
    """As many different ones as there are inputs, in text and in LaTeX."""
    written = expression(total(*[Value(1.0, label) for label in labels]))
    for text in (str(written), written.latex()):
        inside = text.partition("(")[2].removesuffix(")").removesuffix(r"\right")
        assert len(labels) == 1 or len(set(inside.split(", "))) == len(inside.split(", "))


# --- Rounding ---------------------------------------------------------------------------------------------------

DECIMALS = st.integers(-(10**6), 10**6).map(lambda n: Fraction(n, 1000))


@given(st.lists(DECIMALS, min_size=2, max_size=9), st.data())
@example([Fraction(1, 10), Fraction(2, 10)], None)
def test_what_only_rounding_leaves_is_0_with_a_mark(weights: list[Fraction], data: st.DataObject | None) -> None:
    """Decimals that add up to 0 do not as floats; whatever is left is no derivative."""
    weights = [*weights, Fraction(-sum(weights))]
    if data is not None:
        weights = data.draw(st.permutations(weights))
    x = Value(1.0, "x")
    y = total(*[x * float(weight) for weight in weights])
    explained = explain(y)
    (each,) = explained.derivatives
    first, *lines = str(explained).splitlines()
    said = "* 0 but for rounding: what is left is less than the rounding of the numbers that cancel."
    assert first == ("∂output/∂x = 0*" if each.total else "∂output/∂x = 0")
    assert (said in lines) == any("0*" in line for line in [first, *lines]) >= bool(each.total)


@given(st.permutations([k / 100 for k in range(71, 131)]))
def test_rounding_grows_with_the_way(factors: list[float]) -> None:
    """Sixty factors in two orders are one product but for rounding, of which there is more than of two factors."""
    x = Value(1.0, "x")
    y = prod(factors, start=x) - prod(sorted(factors), start=x)
    assert isinstance(y, Value)
    assert str(explain(y)).splitlines()[0] in ("∂output/∂x = 0*", "∂output/∂x = 0")


@given(st.lists(DECIMALS, min_size=2, max_size=9), st.integers(-9, 9).filter(bool))
def test_what_is_more_than_rounding_has_no_mark(weights: list[Fraction], left: int) -> None:
    """A derivative of a billionth of what cancels is shown as it is."""
    size = max(1, *map(abs, weights))
    weights = [*weights, Fraction(-sum(weights)), Fraction(left * size / 10**9)]
    x = Value(1.0, "x")
    explained = explain(total(*[x * float(weight) for weight in weights]))
    assert "*" not in str(explained)
    assert explained.derivatives[0].total == pytest.approx(float(weights[-1]), rel=1e-4)


def test_numbers_that_cancel_nothing_have_no_mark() -> None:
    """However small: a product of small slopes is no rounding; and exact numbers know none."""
    x = Value(1e-200, "x")
    assert "*" not in str(explain(x * 1e-200))
    assert "*" not in str(explain(x * 1e-17 + x * 1e-18))
    third = Value(Fraction(1), "x")
    assert "*" not in str(explain(third * 1 - third * 1 + third * Fraction(1, 10**30)))


def test_rounding_is_no_path() -> None:
    """Where the other paths give nothing, what rounding did to the sum is not theirs; and it is not added."""
    x = Value(1.0, "x")
    y = x * 0.1 + x * 0.2 + x * 0
    assert explain(y, top=2).derivatives[0].rest
    assert str(explain(y, top=2)).splitlines()[-3:-1] == ["    the other path: 0*", "    sum: 0.2 + 0.1 = 0.3"]
    assert Table(explain(y, top=2)._repr_html_()).rows[3] == ["the other path", "", "0*"]


# --- Formulas ---------------------------------------------------------------------------------------------------


def test_an_expression_is_the_formula_with_labels() -> None:
    """As text, as LaTeX, and set by a notebook."""
    written = expression(price())
    assert str(written) == repr(written) == "価格 = 単価 × 個数 × 消費税"
    assert written.latex() == r"\text{価格} = \text{単価} \times \text{個数} \times \text{消費税}"
    assert written._repr_latex_() == f"$\\displaystyle {written.latex()}$"


@pytest.mark.parametrize(
    ("make", "latex"),
    [
        (lambda a, b: a * (b + a), r"a \times \left(b + a\right)"),
        (lambda a, b: a - (b - a), r"a - \left(b - a\right)"),
        (lambda a, b: a * b - a, r"a \times b - a"),
        (lambda a, b: a / (b + a), r"\frac{a}{b + a}"),
        (lambda a, b: -(a + b), r"-\left(a + b\right)"),
        (lambda a, b: (a + b) ** 2, r"\left(a + b\right)^{2}"),
        (lambda a, b: a ** (a + b), "a^{a + b}"),
        (lambda a, b: exp(a) ** 2, r"\left(e^{a}\right)^{2}"),
        (lambda a, b: exp(-(a + b)), r"e^{-\left(a + b\right)}"),
        (lambda a, b: sqrt(a + b) * log(a * b), r"\sqrt{a + b} \times \log(a \times b)"),
        (lambda a, b: abs(a * b), r"\lvert a \times b \rvert"),
        (lambda a, b: hypot(a + b, b), r"\sqrt{\left(a + b\right)^2 + b^2}"),
        (lambda a, b: a * -3e-7, r"a \times \left(-3 \times 10^{-7}\right)"),
    ],
)
def test_latex_has_parentheses_where_they_are_needed(make: Callable[[Value, Value], Value], latex: str) -> None:
    """By precedence; none inside fractions, roots, exponents and the brackets of a function."""
    assert expression(make(Value(2.0, "a"), Value(3.0, "b"))).latex() == latex


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("x", "x"),
        ("x₁", "x_{1}"),
        ("w_12", "w_{12}"),
        ("α", r"\alpha"),
        ("Ω₁₂⁽³⁾", r"\Omega_{12}^{(3)}"),
        ("unit price", r"\text{unit price}"),
        ("50%_#{}\\", r"\text{“50\%\_\#\{\}$\backslash $”}"),
    ],
)
def test_a_label_in_latex_is_text(label: str, latex: str) -> None:
    """Nothing in a label is a command."""
    assert expression(Value(1.0, label)).latex() == latex


@pytest.mark.parametrize(
    ("label", "shown", "latex"),
    [
        ("x_1", "x₁", "x_{1}"),
        ("w_{12}^{(1)}", "w₁₂⁽¹⁾", "w_{12}^{(1)}"),
        ("w_{1,12}^{(10)}", "w₁,₁₂⁽¹⁰⁾", "w_{1,12}^{(10)}"),
        (r"\alpha", "α", r"\alpha"),
        (r"\theta_{0}", "θ₀", r"\theta_{0}"),
        (r"\phi", "φ", r"\varphi"),
    ],
)
def test_a_label_may_be_written_in_latex(label: str, shown: str, latex: str) -> None:
    """Pictures and texts write it as Unicode does, LaTeX as it was; letters with indices, and nothing else."""
    x = Value(2.0, label)
    assert (str(expression(x * 3)), expression(x * 3).latex()) == (f"{shown} × 3", rf"{latex} \times 3")
    assert (shown,) in in_dot(draw(x * 3), "input")


@pytest.mark.parametrize("label", [r"\input_1", r"\alpha\beta", "x^2", "x^{(2)}", "w_i", "x_{1", "rate_1", r"\N", "_1"])
def test_other_labels_are_no_latex(label: str) -> None:
    """They stay as they are."""
    assert (label,) in in_dot(draw(Value(2.0, label) * 3), "input")


@given(expressions())
def test_every_graph_has_a_formula_that_is_not_too_long(program: Expression) -> None:
    """Text within its width, LaTeX with balanced braces."""
    written = expression(program(*program.values()), 30)
    assert len(str(written)) <= 50
    assert written.latex().count("{") == written.latex().count("}")


def test_a_large_graph_has_a_short_formula() -> None:
    """What has no room is "…", \\cdots in LaTeX; it takes no time."""
    y = Value(1.0, "x")
    for _ in range(100_000):
        y = relu(y)
    assert str(expression(y, 10)) == "relu(relu(…))"
    assert expression(y, 10).latex() == r"\operatorname{relu}(\operatorname{relu}(\cdots))"
