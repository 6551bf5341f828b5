"""What pages compute: the numbers, texts and messages of the engine, in a real browser."""

import inspect
import json
import math
import random
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest

from autograd import OPS, Op, Value, cos, exp, log, logsumexp, relu, sin, sqrt, tanh, where
from autograd import functions as table
from autograd import sum as total
from autograd.compiler.printers.javascript_functions import Functions
from autograd.errors import NotCompilable
from autograd.operation import constant
from autograd.reals import is_nothing
from autograd.render import draw
from autograd.render.graph.tape import MOST, copied
from autograd.render.page.stories import StoryTemplate
from autograd.render.text import number
from drawn import modular, network, newton, some_graph
from lecture import price

RANDOM = random.Random(7)


def asset(name: str) -> str:
    return files("autograd.render.page").joinpath("assets", name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compute(browser: Any) -> Iterator[Callable[..., Any]]:
    """Runs JavaScript beside the functions of pages, on data."""
    page = browser.new_page()

    def computed(code: str, data: Any, operations: str = "const operations = [];") -> Any:
        script = "\n".join([asset("numbers.js"), operations, asset("tape.js"), code])
        text = page.evaluate(f"(given) => {{ const data = JSON.parse(given);\n{script} }}", json.dumps(data))
        return json.loads(text, parse_constant=float)

    yield computed
    page.close()


def printed() -> dict[str, Op]:
    """The operations that have a tree, so that pages can compute them."""
    found: dict[str, Op] = {}
    for op in [*[each for each in OPS.values() if isinstance(each, Op)], *table.MEMBERS]:
        try:
            Functions().place(op, op.arity or 3)
        except NotCompilable:
            continue
        found[f"{op.name}{op.constants or ''}"] = op
    return found


WITHOUT = {"erfinv", "lgamma", "digamma", "log_sum_rest", "polygamma"}
"""JavaScript has no such function, or they have no form: their pages say so."""


def test_all_operations_of_the_library_but_few_are_computed_by_pages() -> None:
    names = {op.name for op in printed().values()}
    missing = {op.name for op in OPS.values() if isinstance(op, Op)} - names
    assert missing <= WITHOUT


def drawn_from(op: Op) -> list[float]:
    bounds = op.domain if op.arity is not None else op.domain * 3
    found = []
    for low, high in bounds:
        wide = RANDOM.random() < 0.3
        low, high = (max(low, -1e3), min(high, 1e3)) if wide else (max(low, -3), min(high, 3))
        found.append(RANDOM.uniform(low, max(low, high)))
    return found


def test_every_operation_and_its_rule_are_those_of_the_engine(compute: Callable[..., Any]) -> None:
    """To 1e-12, over the domain of each: values, cotangents, and where nothing flows."""
    functions, cases, wanted = Functions(), [], []
    for op in printed().values():
        for _ in range(100):
            x, g = drawn_from(op), RANDOM.gauss(0, 1)
            try:
                y = float(op.forward(*x))
                passed = op.backward(g, y, *x)
                expected = [y, *[0.0 if is_nothing(each) else float(each) for each in passed]]
            except (ValueError, ArithmeticError):
                continue
            if all(map(math.isfinite, expected)):
                cases.append([functions.place(op, len(x)), g, x])
                wanted.append((f"{op.name}{tuple(x)}", max(map(abs, [*x, g, 1])), expected))
    code = """return JSON.stringify(data.map(([place, g, x]) => {
        const [forward, backward] = operations[place], y = forward(...x);
        return [y, ...backward(g, y, ...x).map((each) => each ?? 0)];
    }));"""
    assert len(cases) > 5000
    for (name, size, expected), found in zip(wanted, compute(code, cases, functions.text()), strict=True):
        # a sum of large numbers may cancel, and Python adds it up exactly
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-14 * size), name


NUMBERS = [0.0, 0.125, 2.5, 1234.5, 1235.5, 0.00012345, 9999.5, 99995.0, 1e22, 1.5e-5, 5e-324, 1.7e308, 0.3, 100.0]
NUMBERS += [RANDOM.gauss(0, 1) * 10 ** RANDOM.uniform(-12, 12) for _ in range(1000)]
NUMBERS += [RANDOM.randrange(10**6) / 2 ** RANDOM.randrange(12) for _ in range(1000)]  # many of which end in 5
NUMBERS += [-x for x in NUMBERS]


@pytest.mark.parametrize("digits", [1, 2, 4, 7, 17])
def test_numbers_are_written_as_python_writes_them(digits: int, compute: Callable[..., Any]) -> None:
    """Also where they end in 5, and even wins."""
    found = compute(f"return JSON.stringify(data.map((x) => general(x, {digits})));", NUMBERS)
    for x, text in zip(NUMBERS, found, strict=True):
        assert text == number(x, digits), x


STEPS: list[Callable[[Value, Value], Value]] = [
    lambda a, b: a - b * 2,
    lambda a, b: relu(a - b),
    lambda a, b: where(a - 1, a, b),
    lambda a, b: logsumexp(a, b, 0.5),
    lambda a, b: total([a, b, a]),
    lambda a, b: sqrt(a * a + 1) / (b * b + 2),
    lambda a, b: tanh(a) ** 3 - b,
    lambda a, b: cos(a) + 1 - exp(-b * b),
]


def branching(seed: int) -> Value:
    """A graph with closed gates, sums of many, constants, and functions that are nearly flat."""
    pick = random.Random(seed)
    nodes = [Value(pick.uniform(0.2, 2), f"x{i}") for i in range(3)]
    for _ in range(pick.randint(3, 30)):
        nodes.append(pick.choice(STEPS)(pick.choice(nodes), pick.choice(nodes)))
    nodes[-1].label = "y"
    nodes[-1].backward()
    return nodes[-1]


GRAPHS = [price(), *map(some_graph, range(12)), *map(branching, range(30))]

_TAPE = """return JSON.stringify(data.map(({ tape: each, numbers, code }) => {
    const tape = new Tape(each, eval(`(() => { ${code}; return operations; })()`));
    const results = [numbers, numbers.map((x) => x * 1.25 + 0.125)].map((leaves) => {
      tape.leaves.forEach((k, i) => { tape.values[k] = leaves[i]; });
      tape.compute();
      return [[...tape.values], [...tape.totals], [...tape.faults.keys()]];
    });
    return results;
}));"""


def test_a_tape_is_the_engine_forward_and_backward_for_other_numbers_too(compute: Callable[..., Any]) -> None:
    """Values and gradients of all nodes to 1e-12, as recorded and after every leaf has been changed."""
    given = []
    for y in GRAPHS:
        data = copied([y])[0].data() | {"modules": []}
        given.append({"code": data.pop("script"), "tape": data, "numbers": data["numbers"]})
    for y, results in zip(GRAPHS, compute(_TAPE, given), strict=True):
        order = list(copied([y])[1])
        leaves = [node for node in order if node.is_leaf]
        recorded = [node.data for node in leaves]
        for values, totals, faults in results:
            y.zero_grad()
            y.backward()
            assert faults == []
            assert values == pytest.approx([node.data for node in order], rel=1e-12, abs=1e-14)
            asked = [k for k, node in enumerate(order) if node.op is not constant]
            assert [totals[k] for k in asked] == pytest.approx([order[k].grad for k in asked], rel=1e-11, abs=1e-12)
            for node, x in zip(leaves, recorded, strict=True):
                node.data = x * 1.25 + 0.125
            y.forward()
        for node, x in zip(leaves, recorded, strict=True):
            node.data = x
        y.forward()
        y.zero_grad()
        y.backward()


def modules(seed: int, **looks: Any) -> Any:
    y, group, parameters = modular(seed)
    y.backward()
    return draw(y, group=group, collapse=list(group), parameters=parameters, max_nodes=1000, **looks)


PICTURES: list[Callable[..., Any]] = [
    *[lambda seed=seed, **looks: modules(seed, **looks) for seed in range(20)],
    *[lambda y=y, **looks: draw(y, max_nodes=1000, **looks) for y in GRAPHS],
    lambda **looks: draw(network(16, 16, 1), repeats=True, **looks),
    lambda **looks: draw(newton(50), repeats=True, **looks),
]


@pytest.mark.parametrize("looks", [{"language": "ja"}, {"language": "en", "symbolic": True, "local": True}], ids=str)
def test_a_template_filled_with_the_recorded_numbers_says_what_the_story_says(
    looks: Any, compute: Callable[..., Any]
) -> None:
    """Steps, calculations, hints, the numbers at the arrows and beside symbols, brackets and signs included."""
    given, wanted = [], []
    for make in PICTURES:
        picture = make(**looks)
        story: Any = picture._story
        told = StoryTemplate(story)
        data = story.tape.data() | {"modules": told.boxes}
        texts = [[step.says, step.box, step.upstream, *step.otherwise] for step in told.steps()]
        texts += [[hint.says, "", (), "", ""] for hint in told.hints().values()]
        texts += [[text, "", (), "", ""] for pair in told.pairs(picture._shown).values() for text in pair]
        given.append({"code": data.pop("script"), "tape": data, "texts": texts})
        said = [(step.says, step.box) for step in story.steps()]
        said += [(hint.says, "") for hint in story.hints().values()]
        said += [(text, "") for name in told.pairs(picture._shown) for text in picture._shown[name]]
        wanted.append(said)
    code = """return JSON.stringify(data.map(({ tape: each, code, texts }) => {
        const tape = new Tape(each, eval(`(() => { ${code}; return operations; })()`));
        const read = (name) => tape.read(name);
        return texts.map(([says, box, upstream, ...otherwise]) => {
          const nothing = upstream.length && upstream.every((name) => read(name) === 0);
          return (nothing ? otherwise : [says, box]).map((text) => fill(text, read, 4));
        });
    }));"""
    for said, found in zip(wanted, compute(code, given), strict=True):
        for (says, box), (text, calculation) in zip(said, found, strict=True):
            if "…" not in says or " … " in says:  # else a formula that Python has cut short
                assert text == says
            assert calculation == box


# --- In the page ------------------------------------------------------------------------------------------------


def field(page: Any, name: str) -> Any:
    return page.get_by_role("spinbutton", name=name, exact=True)


def at(page: Any) -> dict[str, str]:
    """All numbers of the picture that are seen, by the names of their arrows."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('#stage .value')].map((group) =>
        [group.id, [...group.querySelectorAll('text')].filter((text) => getComputedStyle(text).visibility === 'visible')
          .map((text) => text.textContent).join(' | ')]))"""
    )


QUIET: dict[str, Any] = {"reduced_motion": "reduce"}
AFTER = {"v0": "100 | 3.3", "v1": "3 | 110", "v2": "300 | 1.1", "v3": "1.1 | 300", "v4": "330 | 1"}
BEFORE = {"v0": "100 | 2.2", "v1": "2 | 110", "v2": "200 | 1.1", "v3": "1.1 | 200", "v4": "220 | 1"}


def test_three_typed_into_the_quantity_gives_330_and_its_gradients(opened: Callable[..., Any]) -> None:
    """At once and everywhere: picture, result, what a screen reader hears, steps, hints. Esc puts it back."""
    page = opened(draw(price()), **QUIET)
    field(page, "個数").fill("3")
    assert at(page) == AFTER
    assert page.locator("#result").text_content() == "価格 = 330"
    assert "個数 = 3 → 価格 = 330" in page.get_by_role("status").text_content()
    assert "value 3" in page.locator("#v1").get_attribute("aria-label").replace("順伝播の値", "value")
    page.get_by_role("button", name="前へ").click()
    assert "上流の勾配 1.1 × 局所微分 3 = 3.3。∂価格/∂単価 = 3.3" in page.get_by_role("status").text_content()
    assert page.locator("#box text").text_content() == "1.1 × 3 = 3.3"
    page.locator("#n2").focus()
    assert page.get_by_role("tooltip").text_content().endswith("（上の矢印から順に）3, 100")
    field(page, "個数").press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="最後").click()
    assert at(page) == BEFORE


def test_a_number_is_dragged(opened: Callable[..., Any]) -> None:
    """Right makes it more and left less, in steps of its size; the picture does not move."""
    page = opened(draw(price()), **QUIET)
    box = field(page, "個数").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    view = page.locator("#stage > svg").get_attribute("viewBox")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y, steps=4)
    assert at(page)["v1"].startswith("4 ")
    page.mouse.move(x - 6, y, steps=4)
    assert at(page)["v1"].startswith("1 ")
    page.mouse.up()
    assert page.locator("#stage > svg").get_attribute("viewBox") == view
    page.get_by_role("button", name="取り消す").click()
    assert at(page) == BEFORE


def test_everything_is_done_by_keys(opened: Callable[..., Any]) -> None:
    """Tab reaches the field, arrows change it, Shift in fine steps; letters descend, undo and reset."""
    page = opened(draw(price()), **QUIET)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "個数":
            break
    page.keyboard.press("ArrowUp")
    assert at(page) == AFTER
    page.keyboard.press("Shift+ArrowDown")
    assert at(page)["v1"].startswith("2.9 ")
    page.keyboard.press("Enter")
    page.keyboard.type("3")
    assert at(page) == AFTER
    page.locator("#next").focus()
    page.keyboard.press("u")
    assert at(page)["v1"].startswith("2.9 ")
    page.keyboard.press("r")
    assert at(page) == BEFORE
    page.keyboard.press("d")
    assert at(page)["v1"].startswith("−9 ")  # 2 − 0.1 × 110


def test_ten_steps_of_descent_are_the_engines(opened: Callable[..., Any]) -> None:
    """On (x − 1)² from 3, to 1e-12; the curve of the output is drawn, and undo goes back one step."""
    x = Value(3.0, "x")
    y = (x - 1) ** 2
    y.label = "y"
    y.backward()
    page = opened(draw(y), **QUIET)
    found = []
    for _ in range(10):
        page.get_by_role("button", name="Descend").click()
        found.append(float(field(page, "x").input_value()))
    for there in found:
        x.data -= 0.1 * x.grad
        y.forward()
        y.zero_grad()
        y.backward()
        assert there == pytest.approx(x.data, rel=1e-12)
    assert len(page.locator("#path polyline").get_attribute("points").split()) == 11
    page.get_by_role("button", name="Undo").click()
    assert float(field(page, "x").input_value()) == found[-2]
    page.get_by_role("button", name="Reset").click()
    assert field(page, "x").input_value() == "3"


def test_descent_moves_parameters_where_there_are_any(opened: Callable[..., Any]) -> None:
    """And inputs stay."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = x * w
    y.backward()
    page = opened(draw(y, parameters=[w]), **QUIET)
    page.get_by_role("button", name="Descend").click()
    assert [field(page, name).input_value() for name in ("x", "w")] == ["2", "2.8"]


def test_descent_moves_no_constant(opened: Callable[..., Any]) -> None:
    """Where nothing has a label, all that are none."""
    y = Value(2.0) * 3
    y.backward()
    page = opened(draw(y), **QUIET)
    page.get_by_role("button", name="Descend").click()
    assert [field(page, name).input_value() for name in ("input 2", "constant 3")] == ["1.7", "3"]


def test_the_logarithm_of_a_negative_number_is_a_fault_at_its_node(opened: Callable[..., Any]) -> None:
    """In the engine's words; no number that depends on it is shown, and descent does not step."""
    a = Value(2.0, "a")
    y = log(a) * a
    y.backward()
    page = opened(draw(y, language="en"), **QUIET)
    field(page, "a").fill("-1")
    status = page.get_by_role("status")
    assert "log(a = −1): log is defined for x > 0." in status.text_content()
    assert page.locator(".op.fault").text_content().strip() == "log"
    assert set("".join(at(page).values()).replace("−1", "").replace("1", "")) <= set("—| ")
    page.get_by_role("button", name="Descend").click()
    assert field(page, "a").input_value() == "-1"
    field(page, "a").fill("2")
    assert page.locator(".fault").count() == 0
    assert "y" not in status.text_content().split("→")[0]


@pytest.mark.parametrize(
    ("make", "typed", "said"),
    [
        (lambda x: exp(x), "1000", "exp(x = 1000): the result is too large for a float."),
        (lambda x: 1 / x, "0", "div(1, x = 0): div is defined for a divisor other than 0."),
        (lambda x: sqrt(x), "0", "sqrt(x = 0): the derivative has no value here (upstream gradient "),
        (lambda x: cos(sqrt(x)), "0", "sqrt(x = 0): the derivative has no value here (upstream gradient "),
    ],
)
def test_what_has_no_value_says_why(make: Any, typed: str, said: str, opened: Callable[..., Any]) -> None:
    """Too large, a pole, an infinite slope, and 0 × ∞."""
    y = make(Value(2.0, "x"))
    y.backward()
    page = opened(draw(y, language="en"), **QUIET)
    field(page, "x").fill(typed)
    assert said in page.get_by_role("status").text_content()


def test_a_page_with_symbols_keeps_them(opened: Callable[..., Any]) -> None:
    """They stand before the new numbers: at arrows, at a branch dot, and in the box of a leaf without a label."""
    x = Value(0.5)
    y = x * x + x
    y.backward()
    page = opened(draw(y, symbolic=True, local=True), **QUIET)
    field(page, "input 0.5").fill("3")
    told = {text.replace("\xa0", " ") for text in at(page).values()}
    assert "3 | ∂y/∂x = 7 = 3+3+1" in told
    assert "3 | ∂y/∂x① = 3 | × ∂h/∂x① = 3" in told
    assert "h = 9 | ∂y/∂h = 1 | × ∂y/∂h = 1" in told
    assert page.locator("#stage .input text").text_content() == "x = 3"


def test_a_number_in_the_title_that_no_longer_holds_is_grey(opened: Callable[..., Any]) -> None:
    """Constants of the code stand in the formula."""
    x = Value(3.0, "x")
    y = (x - 25) * x
    y.label = "y"
    y.backward()
    page = opened(draw(y), **QUIET)
    constant = page.locator("#fields input").nth(1)
    assert constant.get_attribute("aria-label") == "constant 25"
    constant.fill("2")
    assert page.locator(".graph > text.gone").text_content() == "y = (x − 25) × x"
    assert page.locator("#result").text_content() == "y = 3"
    constant.press("Escape")
    assert page.locator(".gone").count() == 0


def test_what_is_no_number_changes_nothing(opened: Callable[..., Any]) -> None:
    """The field says so, and what was there comes back when it is left."""
    page = opened(draw(price()), **QUIET)
    field(page, "個数").fill("")
    assert field(page, "個数").get_attribute("aria-invalid") == "true"
    page.locator("#next").focus()
    assert field(page, "個数").input_value() == "2"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: OPS["lgamma"](Value(2.0, "x")), "JavaScript cannot compute the operation lgamma"),
        (lambda: Value(__import__("fractions").Fraction(1, 3), "x") * 2, "Fraction(1, 3) is not exactly a float"),
        (lambda: total([Value(1.0) for _ in range(MOST)]), f"there are more than {MOST:,} values"),
    ],
)
@pytest.mark.filterwarnings("ignore:draw")
def test_a_page_that_cannot_compute_says_why_and_stays_as_it_was(
    make: Any, said: str, opened: Callable[..., Any]
) -> None:
    """Steps, and no fields."""
    y = make()
    y.backward()
    page = opened(draw(y, language="en"), **QUIET)
    assert said in page.locator("#why").text_content()
    assert page.get_by_role("spinbutton").count() == 0
    page.keyboard.press("End")
    assert at(page)


def test_numbers_that_were_changed_after_recording_are_not_computed_from(opened: Callable[..., Any]) -> None:
    """The picture has them, and their sums do not fit."""
    x = Value(2.0, "x")
    y = sin(x) * 2
    y.backward()
    x.data = 3.0
    page = opened(draw(y, language="en"), **QUIET)
    assert "sin no longer gives its result" in page.locator("#why").text_content()


# --- Functions: how the code went ---------------------------------------------------------------------------------


def tax(amount: Any) -> Any:
    """A tenth, and of what is beyond a hundred a fifth."""
    beyond = amount - 100
    if beyond > 0:
        return 10 + beyond * 0.2
    return amount * 0.1


def test_a_number_that_would_have_gone_another_way_is_told_by_file_and_line(opened: Callable[..., Any]) -> None:
    """What was recorded because of the comparison is grey, with the result and all gradients; descent does not step."""
    page = opened(draw(tax, 150.0, language="en"), **QUIET)
    assert page.locator("#result").text_content() == "tax = 20"
    field(page, "amount").fill("120")
    assert at(page)["v0"] == "120 | 0.2"
    assert page.locator("html.broken").count() == 0
    field(page, "amount").fill("80")
    line = inspect.getsourcelines(tax)[1] + 3
    said = f"test_live.py, line {line}: the comparison −20 > 0 comes out otherwise than when the graph was recorded"
    assert said in page.get_by_role("status").text_content()
    assert [op.text_content().strip() for op in page.locator(".op:not(.gone)").all()] == ["−"]  # came before
    assert page.locator(".op.gone").count() == 2
    pale = "(element) => getComputedStyle(element).opacity"
    assert page.locator("#result").evaluate(pale) == page.locator("#v0 text").last.evaluate(pale) == "0.25"
    assert page.locator("#v0 text").first.evaluate(pale) == "1"
    page.get_by_role("button", name="Descend").click()
    assert field(page, "amount").input_value() == "80"
    field(page, "amount").fill("150")
    assert page.locator(".gone").count() == 0


def test_comparisons_of_a_loop_hold_until_it_would_have_run_on(opened: Callable[..., Any]) -> None:
    """A solver that was done after some turns: for another number it is not, and the page says which `while`."""

    def root(a: Any) -> Any:
        x = a
        while abs(x * x - a) > 1e-9:
            x = (x + a / x) / 2
        return x

    page = opened(draw(root, 2.0, language="en"), **QUIET)
    field(page, "a").fill("2.01")
    assert "→ root = 1.418" in page.get_by_role("status").text_content()
    field(page, "a").fill("2000")
    assert "> 1e−09 comes out otherwise than when the graph was recorded (false)" in (
        page.get_by_role("status").text_content()
    )


def test_a_function_is_drawn_with_gradients_and_nothing_else_changes() -> None:
    """Of Values that it finds outside too: their gradients are shown, and `.grad` is as before."""
    w = Value(3.0, "w")
    w.grad = 7.0

    def f(x: list[Any]) -> Any:
        return w * x[0] + x[1]

    text = draw(f, [2.0, 1.0], language="en").text()
    assert "f = w × x[0] + x[1]" in text
    assert w.grad == 7.0
    rows = [line.split() for line in text.splitlines()]
    assert {row[1]: row[3] for row in rows if len(row) == 4} == {"w": "2", "x[0]": "3", "x[1]": "1"}


@pytest.mark.parametrize(
    ("f", "arguments", "said"),
    [
        (lambda x: 1.0, (2.0,), "does not depend on its arguments"),
        (tax, ("a",), "draw(tax, …): the example for amount is 'a'; wanted a number"),
        (tax, (Value(1.0),), "draw(tax, …): the example for amount is a Value"),
        (tax, (), "amount"),
    ],
)
def test_what_cannot_be_drawn_of_a_function_is_an_error(f: Any, arguments: Any, said: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        draw(f, *arguments)
    assert said in str(raised.value)
