"""Every formula that is written, wherever it is written, reads back as the number it stands for."""

import contextlib
import html
import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import OPS, Value, exp, primitive, sqrt, topological_order
from autograd.catalogue import operations
from autograd.compiler.slopes import Builder
from autograd.engine import constant
from autograd.errors import DomainError
from autograd.forms import Form, operand, trace
from autograd.notation import SUM, Term, Text
from autograd.operation import Op
from autograd.render import draw, explain, expression
from autograd.render.text import columns
from autograd.sweep import slopes
from reading import Reader
from share import share

ALL = [op for op in operations() if op.name != "constant"]
NUMBERS = ["1", "2", "3", "0.5", "2.5", "-1", "-2", "-0.5", "1e-07", "-3e-07", "2e+10", "-1e+15", "0", "1e+100"]
LABELS = [
    *["a", "x₁", "w_ij", "単価", "unit price", "σ", "e", "max", "log", "x′", "w[0]", "りんご🍎"],
    *["x − 3", "a+b", "2", "−1", "1e5", "f(x)", "|x|", "x²", "2ⁿ", "[1]", "…", "∞", "a, b", "−", "y = 2", "50%", "½"],
    *["{0}", "\\frac{1}{2}", "$x$", "“q” × ”", 'a"b', "x–1", "∂y/∂x", "x * y", "２", "√x", "a - b"],
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
                yield re.sub(r"^(\w)_?(\w+)$", lambda found: f"{found[1]}_{_plain(found[2])}", node.label), node
                for name in names_of(node.label):
                    yield name, node


def names_of(label: str) -> tuple[str, str, str]:
    """How it may stand in a formula: bare, or in quotation marks, those of text or those of LaTeX."""
    return label, '"{}"'.format(label.replace('"', "'")), "“{}”".format(label.replace("”", "'"))


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
    if found := re.match(r'("[^"]*"|\\text\{“[^”]*”\}|\\text\{[^}]*\}|[^="“]*?) = (.*)', formula):
        return found[2]
    return formula


def near(read: Any, true: Any, tolerance: float = 1e-12) -> bool:
    return read == true or math.isclose(read, true, rel_tol=tolerance)


def assert_reads_back(y: Value) -> None:
    """The formula of y without labels inside, as text and as LaTeX."""
    written = expression(y, 10_000)
    leaves = {name: x.data for x in topological_order(y) if x.label for name in names_of(x.label)}
    assert near(Reader(leaves).text(str(written)), y.data, 1e-6), written
    assert near(Reader(leaves).latex(written.latex()), y.data, 1e-6), written.latex()


# --- The laws ---------------------------------------------------------------------------------------------------


@settings(max_examples=share(60), deadline=None)
@given(graphs())
def test_the_text_of_a_formula_is_its_number(graph: Graph) -> None:
    """`expression` as text, over all operations, signs and labels."""
    values = {name: node.data for name, node in graph.names()}
    read = Reader(values).text(right_side(str(expression(graph.root, 10_000))))
    assert near(read, graph.root.data)


@settings(max_examples=share(60), deadline=None)
@given(graphs())
def test_the_latex_of_a_formula_is_its_number(graph: Graph) -> None:
    """`expression` as LaTeX, to sixty digits, since LaTeX says log(1 + x) where we compute log1p."""
    values = {name: graph.exact[node] for name, node in graph.names()}
    latex = right_side(expression(graph.root, 10_000).latex())
    assert near(Reader(values, to_sixty_digits, mp.mpf).latex(latex), graph.exact[graph.root], 1e-30)


@settings(max_examples=share(40), deadline=None)
@given(graphs())
def test_each_line_of_the_table_computes_its_number(graph: Graph) -> None:
    """`draw(y).text()`: names, constants and [3] for the third line."""
    _, rule, *lines = draw(graph.root, title="", digits=17).text().strip("\n").split("\n")
    nodes = topological_order(graph.root)
    values = {name: node.data for name, node in graph.names()}
    values |= {f"[{k}]": node.data for k, node in enumerate(nodes, 1)}
    for node, line in zip(nodes, lines, strict=True):
        _, _, computed, *_ = cells(line, rule)
        if computed:
            assert near(Reader(values).text(computed), node.data)


def cells(line: str, rule: str) -> list[str]:
    """The columns of a line, by the widths of the rule below the heads."""
    found, rest = [], line
    for width in map(len, rule.split("  ")):
        k = next((k for k in range(len(rest) + 1) if columns(rest[:k]) >= width), len(rest))
        found.append(rest[:k].strip())
        rest = rest[k + 2 :]
    return found


@settings(max_examples=share(40), deadline=None)
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
    sides = unquoted(equation).split(" = ")
    if len(sides) > 1 and "…" not in equation:
        numbers = [Reader({}).text(side) for side in (sides if re.match("[−(√∛|⌊⌈0-9∞]", sides[0]) else sides[1:])]
        assert all(near(number, numbers[-1], 1e-9) for number in numbers), equation


@settings(max_examples=share(60), deadline=None)
@given(graphs(steps=4))
def test_every_equation_of_an_explanation_holds(graph: Graph) -> None:
    """`∂y/∂x = 1 × (−3) = −3`, the sum of the paths, and the same in LaTeX."""
    try:
        explained = explain(graph.root, language="en", digits=17)
    except (DomainError, ValueError):
        return
    for line in str(explained).splitlines():
        if " = " in line:
            assert_equations_hold(
                re.sub(r"^.*?: ", "", line)
                if line.startswith("    sum")
                else f"d = {unquoted(line).split(' = ', 1)[1]}"
            )
    for row in explained.latex().split("&=")[1:]:
        sides = row.replace("\\end{aligned}", "").replace("\\\\\n", "\n").split("\n")[0].strip().split(" = ")
        if "cdots" not in row:
            numbers = [Reader({}, to_sixty_digits, mp.mpf).latex(side) for side in sides]
            assert all(near(number, numbers[-1], 1e-9) or abs(number - numbers[-1]) < 1e-12 for number in numbers)


def unquoted(line: str) -> str:
    """Without what stands in quotation marks, which may be anything."""
    return re.sub('"[^"]*"', '""', line)


def operands(op: Op) -> list[float]:
    """Numbers of two digits where an operation has a value."""
    for x in (0.5, 2.5, -0.5, 1.5):
        numbers = [x + k for k in range(op.arity or 2)]
        with contextlib.suppress(DomainError):
            op(*numbers)
            return numbers
    raise AssertionError


FORMS: dict[str, Callable[[float], Value]] = {
    "number": Value,
    "label with a sign": lambda x: Value(x, "x − 3"),
    "the label e": lambda x: Value(x, "e"),
    "sum": lambda x: Value(x - 0.25, "a") + 0.25,
    "difference": lambda x: Value(x + 0.25, "a") - 0.25,
    "product": lambda x: Value(2 * x, "a") * 0.5,
    "quotient": lambda x: Value(2 * x, "a") / 2,
    "negative": lambda x: -Value(-x, "a"),
    "negative of a number": lambda x: -Value(-x),
    "reciprocal": lambda x: ag.reciprocal(Value(1 / x, "a")),
    "power": lambda x: Value(x, "a") ** 1,
    "negative power": lambda x: Value(1 / x, "a") ** -1,
    "difference of a negative product": lambda x: Value(x - 1, "a") - -Value(0.5, "b") * 2,
    "remainder": lambda x: (x % Value(1e3, "a")) if x > 0 else (x % Value(-1e3, "a")),
    "choice": lambda x: ag.where(Value(1.0), Value(x), 2.0),
}


@pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)
def test_every_operation_holds_every_operand(op: Op) -> None:
    """In brackets where it has to be: at each of its places each kind of formula, among them every other operation."""
    numbers = operands(op)
    for place, make in itertools.product(range(len(numbers)), FORMS.values()):
        inner = [make(x) if i == place else Value(x) for i, x in enumerate(numbers)]
        with contextlib.suppress(DomainError):
            assert_reads_back(op(*inner))


CONTEXTS: tuple[Callable[[Value], Value], ...] = (
    *(lambda y: 3 + y, lambda y: 3 - y, lambda y: 3 * y, lambda y: 3 / y, lambda y: y - 3, lambda y: y * 3),
    *(lambda y: -y, lambda y: -(y**2), lambda y: y**2, lambda y: 2 ** (y / 8), lambda y: abs(y) ** 2.5, ag.square),
    *(abs, lambda y: sqrt(y * y), ag.reciprocal, lambda y: ag.greater(y, 3), lambda y: ag.greater(3, y)),
    *(lambda y: y % 7, lambda y: 7 % y, lambda y: y // 0.3, lambda y: ag.hypot(1, y), lambda y: exp(y / 99)),
)


@pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)
def test_every_operation_stands_in_every_formula(op: Op) -> None:
    """As an operand of sums, products, powers and functions."""
    for make in CONTEXTS:
        with contextlib.suppress(DomainError):
            assert_reads_back(make(op(*map(Value, operands(op)))))


@pytest.mark.parametrize("op", [op for op in ALL if op.arity == 2], ids=lambda op: op.name)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("constant", [-3.0, 2.0, 1e-07, -1e15])
def test_a_folded_constant_reads_as_an_operand(op: Op, place: int, constant: float) -> None:
    """`− (−3)`, `2^·`: with an operand at the other side, or at the dot, it is the operation."""
    x = Value(2.0, "x")
    try:
        y = op(*((constant, x) if place == 0 else (x, constant)))
    except DomainError:
        return
    (shown,) = re.findall(r"label=<(.*?)> class=op ", draw(y, fold=True, grads=False).dot)
    text = html.unescape(shown)
    whole = text.replace("·", "x") if "·" in text else f"{text} x" if place == 0 else f"x {text}"
    assert near(Reader({"x": 2.0}).text(whole), y.data)


@settings(max_examples=share(40), deadline=None)
@given(graphs(steps=3))
def test_a_local_derivative_reads_as_a_factor(graph: Graph) -> None:
    """`×(−3)` below an arrow, never a sign after a sign."""
    wanted = [
        slope or 0.0
        for node in topological_order(graph.root)
        if node.inputs
        for slope, x in zip(slopes(node.op, node.data, [x.data for x in node.inputs]), node.inputs, strict=True)
        if slope is not None and x.op is not constant
    ]
    picture = draw(graph.root, local=True, grads=False, title="", digits=17, fold=False, clone=False)
    shown = [html.unescape(text) for text in re.findall(r">(×[^<]+)</FONT>", picture.dot)]
    assert [Reader({}).text(f"1 {text}") for text in shown] == wanted


COEFFICIENTS = st.sampled_from([-3.0, -2.0, -1.0, 1.0, 2.0, 0.5, -0.5, 1e-07, -3e-07])


@settings(max_examples=share(15), deadline=None)
@given(st.lists(st.tuples(COEFFICIENTS, st.sampled_from(["", "x", "t", "xx", "xt", "tt"])), min_size=1, max_size=5))
@example([(-3.0, "xx"), (-2.0, "tt")])
def test_the_steps_of_a_program_compute_what_it_gives(terms: list[tuple[float, str]]) -> None:
    """Each box read with the numbers of the boxes it is made of."""
    x, t = 1.5, -2.5

    def f(x: Any, t: Any) -> Any:
        return x * t + sum(c * math.prod({"x": x, "t": t}[name] for name in names) for c, names in terms)

    program = ag.compile(f, x, t)
    assume(not any("product" in step for step in program.steps))  # with what is no formula
    numbers: dict[str, float] = {}
    for line in program.draw(language="en", digits=17).text().splitlines()[3:]:
        place, label, reads, _ = [*re.split(r"\s{2,}", line), ""][:4]
        inputs = re.findall(r"\[\d+\]", reads)
        values = {letter: numbers[each] for letter, each in zip("abcdefgh", inputs, strict=False)}
        if label in ("x", "t") and not inputs:
            numbers[place] = {"x": x, "t": t}[label]
        elif label == "output":
            parts = [x * t, *[c * math.prod({"x": x, "t": t}[name] for name in names) for c, names in terms]]
            assert abs(numbers[inputs[0]] - f(x, t)) <= 1e-12 * sum(map(abs, parts))
        else:
            letters = set(re.findall(r"\b[a-h](?![\d−])", label))
            assume(len(values) >= len(letters))  # several letters may be parts of what one box has
            assert len(values) == len(letters) or label in ("×", "+", "−"), label
            numbers[place] = Reader(values).text(f"a {label} b" if len(label) == 1 and label != "a" else label)


# --- Forms ------------------------------------------------------------------------------------------------------

WORDS = {"+": 2, "-": 2, "*": 2, "/": 2, ">": 2, "maximum": 2, "hypot": 2, "negative": 1, "abs": 1, "exp": 1}


@st.composite
def forms(draw: st.DrawFn, depth: int = 3) -> Form:
    """Of three operands: words, and what operations that have long forms are written out as."""
    kind = draw(st.sampled_from([*WORDS, *["square", "sigmoid", "sech2", "softplus"], *"0123"])) if depth else "0"
    if kind.isdigit():
        return operand(draw(st.integers(0, 2))) if kind < "3" else Form("number", leaf=draw(st.sampled_from(NUMBERS)))
    if kind in WORDS:
        return Form(kind, tuple([draw(forms(depth - 1)) for _ in range(WORDS[kind])]))
    op = OPS[kind]
    assert isinstance(op, Op)
    return Builder().applied(op, [draw(forms(depth - 1))])


def in_python(form: Form, x: Sequence[float]) -> float:
    """The number of a form, by the words of Python."""
    words = {**vars(math), "maximum": max, "square": lambda x: x * x}
    return float(eval(form.written(["a", "b", "c"]), words | dict(zip("abc", x, strict=True))))


@settings(max_examples=share(150), deadline=None)
@given(form=forms(), x=st.tuples(*[st.sampled_from([-2.5, -0.75, 0.3, 1.25, 3.5])] * 3))
@example(form=Form("-", (operand(0), Form("-", (operand(1), operand(2))))), x=(1.0, 2.0, 4.0))
@example(form=Form("*", (Form("*", (operand(0), operand(0))), operand(0))), x=(2.0, 0.0, 0.0))
@example(form=trace("no silu", lambda f, a, b, c: a / (1.0 + f.exp(-b)) + c, 3), x=(1.0, 2.0, 0.0))
def test_a_form_reads_back_as_what_it_computes(form: Form, x: tuple[float, ...]) -> None:
    """Powers and names of operations are found in it, chains are flat, and brackets stay where they matter."""
    text = Text(lambda number: repr(number).replace("-", "−")).form(form, [Term(name) for name in "abc"]).text
    assume("…" not in text)
    try:
        true = in_python(form, x)
    except (ArithmeticError, ValueError):
        assume(False)
        raise
    assume(math.isfinite(true))
    reader = Reader(dict(zip("abc", x, strict=True)), lambda op, x: x[0] > x[1] if op.name == "greater" else op(*x))
    assert near(reader.text(text), true, 1e-9) or abs(true) < 1e-9, text


def inside(form: Form) -> list[Form]:
    return [part for part in form.walk() if part.parts]


def test_an_operation_that_is_written_out_is_named() -> None:
    """Every operation of one or two operands whose form is long, with anything in it."""
    shown, inner = Text(str), Form("-", (operand(0), operand(1)))
    for op in OPS.values():
        if isinstance(op, Op) and op.form and op.arity in (1, 2) and len(inside(op.form)) > 3:
            operands = [inner, operand(2)][: op.arity]
            terms = [Term("a − b", SUM), Term("c")][: op.arity]
            found = shown.form(Builder().applied(op, operands), [Term(name) for name in "abc"])
            assert found == shown.applied(op, terms)


# --- Operations and names of one's own --------------------------------------------------------------------------


@pytest.fixture
def mine() -> Iterator[Callable[..., Op]]:
    """Defines an operation that the tests know alone."""

    def define(operands: int, **fields: Any) -> Op:
        if operands == 1:
            return primitive("mine", lambda x: x, lambda g, y, x: (g,), replace=True, **fields)
        return primitive("mine", lambda a, b: a + b, lambda g, y, a, b: (g, g), replace=True, **fields)

    yield define
    OPS.pop("mine", None)


@pytest.mark.parametrize("symbol", ["⊕", "~", "+−", "!", "a b", "mod", "(", "{", "}{", "x⅔", "→→", "·", "f({0})"])
def test_a_sign_of_ones_own_has_brackets_around_it(symbol: str, mine: Callable[..., Op]) -> None:
    """Nobody knows how strongly it binds; a word is a function."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    for count in (1, 2):
        op = mine(count, symbol=symbol)
        y = op(*(a, b)[:count])
        alone = str(expression(y))
        inside = str(expression(op(*(a + b, b)[:count])))
        is_function = alone.startswith((f"{symbol}(", "mine("))
        held = alone if is_function else f"({alone})"
        assert str(expression(3 * y - y)) == f"3 × {held} − {held}"
        assert str(expression(y**2)) == f"{held}²"
        assert ("(a + b)" in inside) or inside.startswith(alone.partition("a")[0] + "a + b")
        assert is_function == (symbol not in ("⊕", "~", "!", "·"))
        assert expression(y).latex() == rf"\operatorname{{mine}}({', '.join('ab'[:count])})"


@pytest.mark.parametrize(
    ("fields", "text", "latex"),
    [
        ({"text": "{0} + {1}", "latex": r"{0} + {1}"}, "a × b + (a − b)", r"a \times b + \left(a - b\right)"),
        (
            {"text": "{0} ⊗ {1}", "latex": r"{0} \otimes {1}"},
            "(a × b) ⊗ (a − b)",
            r"\left(a \times b\right) \otimes \left(a - b\right)",
        ),
        (
            {"text": "⟨{0}, {1}⟩", "latex": r"\langle {0}, {1} \rangle"},
            "⟨a × b, a − b⟩",
            r"\langle a \times b, a - b \rangle",
        ),
        ({"text": "{0}", "latex": "{1}"}, "mine(a × b, a − b)", r"\operatorname{mine}(a \times b, a - b)"),
        ({"text": "{0", "latex": "}{1}"}, "mine(a × b, a − b)", r"\operatorname{mine}(a \times b, a - b)"),
        ({"text": "{0} {1} {2}", "latex": "{x}"}, "mine(a × b, a − b)", r"\operatorname{mine}(a \times b, a - b)"),
    ],
)
def test_a_pattern_of_ones_own_is_followed(
    fields: dict[str, str], text: str, latex: str, mine: Callable[..., Op]
) -> None:
    """As the library's own are; one that leaves an operand out, or is no pattern, is not."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    written = expression(mine(2, **fields)(a * b, a - b))
    assert (str(written), written.latex()) == (text, latex)


@given(st.text(min_size=1, max_size=10))
@example("x − 3")
@example("−x")
@example("2")
@example("xⁿ")
def test_a_label_is_never_read_as_mathematics(label: str) -> None:
    """Whatever it is, as one operand it stands there as one thing: a name, or something in quotation marks."""
    y = Value(3.0, label) ** 2 * Value(2.0, "a")
    written = str(expression(y, 10_000))
    found = re.fullmatch('(?:"([^"]*)"|([^"]*)|3)² × a', written)
    assert found is not None
    assert not set(found[2] or "") & set("+−×÷=<>|^√²³ⁿʸ-*/%(){},~")
    assert not (found[2] or "a")[0].isdigit()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda a, b: Value(-2.0) ** 2, "(−2)²"),
        (lambda a, b: a - -3, "a − (−3)"),
        (lambda a, b: -3 * a, "−3 × a"),
        (lambda a, b: -(a**2), "−a²"),
        (lambda a, b: (-a) ** 2, "(−a)²"),
        (lambda a, b: ag.neg(ag.neg(a)), "−(−a)"),
        (lambda a, b: a + -b * a, "a + (−b × a)"),
        (lambda a, b: (a**2) ** 3, "(a²)³"),
        (lambda a, b: a**b**a, "a^(b^a)"),
        (lambda a, b: a ** (-b), "a^(−b)"),
        (lambda a, b: a**-1.5, "a^(−1.5)"),
        (lambda a, b: sqrt(a) ** 2, "(√a)²"),
        (lambda a, b: sqrt(a**2), "√(a²)"),
        (lambda a, b: Value(1e-7) ** 2, "(1e−07)²"),
        (lambda a, b: a * 1e-7, "a × 1e−07"),
        (lambda a, b: abs(abs(a) - b), "||a| − b|"),
        (lambda a, b: ag.clip(0, 1)(a) * ag.leaky_relu(0.01)(b), "clip(a, 0, 1) × leaky_relu(b, 0.01)"),
        (lambda a, b: ag.greater(a + b, b) * a, "(a + b > b) × a"),
        (lambda a, b: Value(2.0, "x − 3") * a, '"x − 3" × a'),
        (lambda a, b: Value(2.0, "単価") * Value(2.0, "unit price"), "単価 × unit price"),
    ],
)
def test_formulas_look_as_in_a_book(make: Callable[[Value, Value], Value], text: str) -> None:
    """No bracket more than a careful writer sets, and none less."""
    assert str(expression(make(Value(2.0, "a"), Value(3.0, "b")))) == text


# --- Numbers of every kind --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [float, Fraction, Decimal, mpmath.mpf], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("power", [0, 200, 500])
def test_numbers_of_every_kind_are_explained(kind: Callable[[Any], Any], power: int) -> None:
    """Also those too large or too small for a float, and with readable digits."""
    if kind is float and power == 500:
        return
    size = kind(10) ** power
    x, w = Value(kind(3), "x"), Value(kind(-2), "w")
    tiny, large = explain(x * w / size + w, w, language="en"), explain(x * w * size - w, w, language="en")
    shown = f"e+{power}" if power else ""
    assert str(large).splitlines()[-1] == f"    sum: 3{shown} − 1 = {'2' if not power else '3' + shown}"
    assert str(tiny).splitlines()[0] == f"∂output/∂w = {'4' if not power else '1'}"
    assert all(len(line) < 120 for line in str(tiny).splitlines())
    assert large.derivatives[0].rest == 0 or power


@pytest.mark.parametrize(
    ("backward", "error"),
    [
        (lambda g, y, x: (1 / 0,), None),
        (lambda g, y, x: (math.log(-1),), None),
        (lambda g, y, x: (g, g), "mine(2.0): backward has to give as many cotangents as there are operands."),
        (lambda g, y, x: None, "mine(2.0): backward has to give as many cotangents as there are operands."),
    ],
)
def test_hints_say_which_rule_is_wrong(backward: Any, error: str | None) -> None:
    """A derivative that has no value has no hint, as it has no gradient; a rule that is none is named."""
    picture = draw(Op("mine", lambda x: x, backward)(Value(2.0, "x")))
    assert picture._story is not None
    if error is None:
        assert picture._story.hints() == {}
    else:
        with pytest.raises(TypeError) as caught:
            picture._story.hints()
        assert str(caught.value) == error
