"""Pictures of compiled programs: the steps that the plan has, with the shapes of what goes between them."""

import math
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import OPS, BranchChanged, Picture, Program, Value, compile, relu, tanh
from autograd.compiler.drawing.boxes import joined
from autograd.compiler.drawing.diagram import Diagram
from autograd.compiler.matrices.steps import Contraction, Gather, Map, Plan, Scatter, Step, View
from autograd.compiler.writing import flops, title
from autograd.words import PROGRAM
from compiled import tangle
from nn import MLP
from nn.losses import hinge_loss, softmax_cross_entropy
from pictures import SVG, extent, groups, texts
from share import share

EVIL = 'a<b> & "c" \\N {x|y} \n 単価'


def network(penalty: float = 0.0) -> Program:
    model = MLP(2, [16, 16, 1], seed=0)

    def f(x: Any, t: Any) -> Value:
        loss = hinge_loss(model(x), t)
        return loss + penalty * sum(p * p for p in model.parameters()) if penalty else loss

    return compile(f, [0.0, 0.0], 1.0, wrt=model.parameters())


def digits() -> Program:
    model = MLP(64, [32, 10], seed=0)
    t = [1.0] + [0.0] * 9
    return compile(lambda x, t: softmax_cross_entropy(model(x), t), [0.1] * 64, t, wrt=model.parameters())


def line() -> Program:
    w, b = Value(2.0, "w"), Value(1.0, "b")
    return compile(lambda x, t: (w * x + b - t) ** 2, 0.0, 0.0, wrt=[w, b])


def bowl() -> Program:
    return compile(ag.hessian(lambda x: x[0] ** 2 * x[1] + tanh(x[1] * x[2])), [1.0, 2.0, 3.0])


def recurrence(steps: int = 9) -> Program:
    w = Value(0.7, "w")

    def f(x: Any) -> Any:
        h: Any = 0.1
        for _ in range(steps):
            h = tanh(w * h + x)
        return h

    return compile(f, 0.5, wrt=[w])


PROGRAMS = {"network": network, "penalty": lambda: network(1e-4), "digits": digits, "line": line, "bowl": bowl}


def arrows(picture: Picture) -> set[tuple[str, str, str]]:
    """From which box, by their texts; with which shape; to which."""
    edges = re.findall(r"^\s*(\w+)(?:\S*) -> (\w+)", picture.dot, re.MULTILINE)
    after: dict[str, list[str]] = {}
    for start, end in edges:
        after.setdefault(start, []).append(end)
    shown, found = names(picture), set()
    for box in [name for name in shown if name.startswith("n")]:
        for shaft in after.get(box, []):
            ends = [y for x in after.get(shaft, []) for y in (after[x] if x.startswith("b") else [x])]
            found |= {(shown[box], shown[shaft], shown[end]) for end in ends}
    return found


def names(picture: Picture) -> dict[str, str]:
    """What stands in each box, by its name."""
    roles = ("op", "leaf", "value")
    return {
        group.get("id", ""): shown
        for role in roles
        for group, shown in zip(groups(picture, role), texts(picture, role), strict=True)
    }


# --- What stands in a picture ---------------------------------------------------------------------------------


Number = tuple[int, int]  # of which box, and which of its numbers


class Flow:
    """What each box of a plan reads, found number by number: the arguments, blocks of parameters, and steps."""

    def __init__(self, plan: Plan, sizes: Sequence[int], blocks: Sequence[tuple[int, int]]) -> None:
        self.at: dict[tuple[bool, int], set[Number]] = {}
        self.reads: list[set[Number]] = []
        for size, (base, _) in zip(sizes, plan.arguments, strict=True):
            self.box(set(), [(True, base + k) for k in range(size)])
        for start, stop in blocks:
            self.box(set(), [(False, k) for k in range(start, stop)])
        for step in plan.steps:
            self.step(step)

    def box(self, read: set[Number], out: Sequence[tuple[bool, int]]) -> None:
        self.at.update({place: {(len(self.reads), k)} for k, place in enumerate(out)})
        self.reads.append(read)

    def of(self, view: View) -> list[set[Number]]:
        return [self.at.get((view.in_rows, int(place)), set()) for place in view.places]

    def step(self, step: Step) -> None:
        if isinstance(step, Gather):
            source = [self.at.get((step.from_rows, place), set()) for place in step.places.tolist()]
            self.copy(list(zip([step.out.in_rows] * len(source), step.out.places.tolist(), strict=True)), source, False)
        elif isinstance(step, Scatter):
            out = [(step.to_rows, place) for place in step.places.tolist()]
            self.copy(out, self.of(step.source) if isinstance(step.source, View) else [set()] * len(out), step.adds)
        else:
            self.computed(step)

    def copy(self, out: Sequence[tuple[bool, int]], source: Sequence[set[Number]], adds: bool) -> None:
        self.at.update({place: set() for place in out if not adds})
        for place, numbers in zip(out, source, strict=True):
            self.at[place] = self.at.get(place, set()) | numbers

    def computed(self, step: Map | Contraction) -> None:
        given = step.operands if isinstance(step, Map) else (step.left, step.right)
        form = step.form if isinstance(step, Map) else None
        views = [x for k, x in enumerate(given) if not form or k in form.operands or "args" in form.words]
        read = [self.of(x) for x in (*views, *[step.out] * step.adds) if isinstance(x, View)]
        out = list(dict.fromkeys((step.out.in_rows, place) for place in step.out.places.tolist()))
        if form and form.word == "operand" and not step.adds:
            (source,) = read or [[set[Number]()]]
            self.copy(out, source * (len(out) // len(source)), False)
        elif numbers := set[Number]().union(*[each for places in read for each in places]):
            self.box(numbers, out)
        else:
            self.copy(out, [set()] * len(out), False)


class Whole(Diagram):
    """A picture's boxes, also those that nothing reads."""

    def drop_unread(self) -> None:
        pass


def irregular(seed: int) -> Program:
    f, wrt, inputs = tangle(seed)
    return compile(f, [0.1] * inputs, wrt=wrt)


def every(law: Any) -> Any:
    """For the programs of this file, and for networks without any order."""
    laws = given(st.one_of(st.sampled_from(sorted(PROGRAMS)), st.integers(0, 2**30)))(law)
    for name in PROGRAMS:
        laws = example(name)(laws)
    return settings(max_examples=share(15), deadline=None)(laws)


@every
def test_a_box_reads_what_made_its_numbers(name: str | int) -> None:
    """Every arrow, and how many numbers it brings, also through copies and sums of copies."""
    subject = (PROGRAMS[name]() if isinstance(name, str) else irregular(name))._subject
    diagram = Whole(subject, PROGRAM["en"], 4)
    assert [k for start, stop in diagram.blocks for k in range(start, stop)] == [*range(len(subject.parameters))]
    flow, plan = Flow(diagram.plan, [size for _, size in subject.arguments], diagram.blocks), diagram.plan
    boxes, wanted = [box for box in diagram.boxes if not box.is_result], flow.reads
    if subject.gradient:
        boxes += [box for box in diagram.boxes if box.kind == "output"]
        cells = [[plan.loss], *[range(plan.behind[1] + a, plan.behind[1] + b) for a, b in diagram.blocks]]
        wanted = [*wanted, *[set[Number]().union(*[flow.at.get((False, k), set()) for k in each]) for each in cells]]
    for box, numbers in zip(boxes, wanted, strict=True):
        assert {maker: count_of(shape) for maker, shape in box.reads} == Counter(maker for maker, _ in numbers)


def count_of(shape: str) -> int:
    return math.prod([int(size) for size in shape.split("×") if size != "n"])


@pytest.mark.parametrize("make", PROGRAMS.values(), ids=PROGRAMS)
def test_every_step_is_a_box(make: Any) -> None:
    """All that the program computes of its arguments and parameters; and a line of the table for each box."""
    program = make()
    picture = program.draw(language="en")
    steps = drawn(program)
    assert len(texts(picture, "op")) == steps
    assert f"program of ({', '.join(program._names)}): {steps} steps" == picture.title
    boxes = len(texts(picture, "op")) + len(texts(picture, "leaf"))
    assert len(picture.text().splitlines()) == boxes + 3


def drawn(program: Program) -> int:
    """How many steps compute something; the others copy, or write constants."""
    subject = program._subject
    plan = subject.program.plan(subject.gradient)
    sizes, blocks = [size for _, size in subject.arguments], [(0, len(subject.parameters))]
    return sum(map(bool, Flow(plan, sizes, blocks).reads))


def test_a_network_reads_as_a_drawing_of_it() -> None:
    """Arguments, blocks of parameters, layers and gradients, joined by arrows with the shapes of matrices."""
    picture = network().draw(language="en")
    assert sorted(texts(picture, "input")) == ["t", "x"]
    assert sorted(texts(picture, "parameter")) == ["θ[0:48]", "θ[320:337]", "θ[48:320]"]
    assert sorted(texts(picture, "output")) == ["loss", "∂loss/∂θ[0:48]", "∂loss/∂θ[320:337]", "∂loss/∂θ[48:320]"]
    assert {
        ("x", "2×n", "affine 16×2"),
        ("θ[0:48]", "16×3", "affine 16×2"),
        ("affine 16×2", "16×n", "relu"),
        ("relu", "16×n", "affine 16×16"),
        ("θ[48:320]", "16×17", "affine 16×16"),
        ("affine 16×16", "16×n", "relu"),
        ("relu", "16×n", "affine 1×16"),
        ("affine 1×16", "n", "1 − a × b"),
        ("t", "n", "1 − a × b"),
        ("θ[48:320]", "16×16", "matrix product 16×16"),
        ("relu", "16×n", "sum over the batch 16×17"),
        ("x", "2×n", "sum over the batch 16×3"),
        ("sum over the batch 16×3", "16×3", "∂loss/∂θ[0:48]"),
        ("sum over the batch 16×17", "16×17", "∂loss/∂θ[48:320]"),
        ("sum over the batch", "1", "loss"),
    } <= arrows(picture)


def test_a_penalty_reads_each_block_and_joins_none() -> None:
    """Its gradient goes to the gradient of each block, beside the sum over the batch."""
    found = arrows(network(1e-4).draw(language="en"))
    for block, size in (("θ[0:48]", "48"), ("θ[48:320]", "272"), ("θ[320:337]", "17")):
        assert (block, size, "inner product 337") in found
        assert (block, size, "a + 2 × […] × b") in found
        assert ("a + 2 × […] × b", size, f"∂loss/∂{block}") in found or block == "θ[0:48]"
    assert {
        ("a + 2 × […] × b", "16×3", "+ sum over the batch 16×3"),
        ("+ sum over the batch 16×3", "16×3", "∂loss/∂θ[0:48]"),
    } <= found


def test_the_arrows_are_the_data_flow() -> None:
    """A line with squared error, arrow by arrow: w x + b − t, and on to loss and gradient."""
    w, b = Value(2.0, "w"), Value(1.0, "b")
    picture = compile(lambda x, t: relu(w * x + b - t), 0.0, 0.0, wrt=[w, b]).draw(language="en")
    lines = [re.split(r"\s{2,}", line) for line in picture.text().splitlines()[3:]]
    assert [(label, *sorted(re.findall(r"\d+", (*rest, "")[0]))) for _, label, *rest in lines[4:]] == [
        ("a × b + c − d", "1", "2", "3", "4"),  # x, t, w, b
        ("relu", "5"),
        ("sum over the batch", "6"),
        ("a > 0", "5"),
        ("sum over the batch", "1", "8"),
        ("sum over the batch", "8"),
        ("loss", "7"),
        ("∂loss/∂w", "9"),
        ("∂loss/∂b", "10"),
    ]
    shown = {place: label for place, label, *_ in lines}
    reads = {(shown[f"[{each}]"], label) for _, label, *rest in lines for each in re.findall(r"\[(\d+)\]", str(rest))}
    assert {(start, end) for start, _, end in arrows(picture)} == reads


def test_a_gradient_that_two_parameters_share_leads_to_both() -> None:
    """(a + b)·x: one sum over the rows, and two results."""
    a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(1.0, "c")
    found = arrows(compile(lambda x: (a + b) * x + c * x * x, 1.0, wrt=[a, c, b]).draw(language="en"))
    for name in "abc":
        assert any(start.startswith("sum over the batch") for start, _, end in found if end == f"∂loss/∂{name}")


def test_what_is_read_twice_leaves_its_box_once() -> None:
    """One arrow with the shape, to a dot; from there on to the steps that read it."""
    picture = network().draw(language="en")
    assert texts(picture, "value").count("2×n") == 1
    assert len(groups(picture, "branch")) >= 3


def test_copies_are_not_drawn() -> None:
    """What reads a copy is joined to what was copied."""
    w = [Value(float(k), f"w{k}") for k in range(8)]

    def f(x: Any) -> Any:
        y = [tanh(x[k]) for k in range(8)]
        return ag.sum(y[k] * relu(x[(5 * k + 3) % 8]) * w[(3 * k) % 8] for k in range(8))

    program = compile(f, [0.1] * 8, wrt=w)
    assert any(step.startswith("gather") for step in program.steps)
    found = arrows(program.draw(language="en"))
    assert not [box for arrow in found for box in arrow if "gather" in box]
    assert {"tanh", "relu", "θ[0:8]"} <= {start for start, _, _ in found}


def test_outputs_are_boxes_by_their_keys() -> None:
    """Entries of a dict by their names, of a tuple by their numbers; a list is one box."""
    f = [lambda x: {"双曲": tanh(x), "both": [x, 2 * x]}, lambda x: (tanh(x), [x, 2 * x]), lambda x: [x, tanh(x)]]
    found = [sorted(texts(compile(g, 1.0).draw(language="en"), "output")) for g in f]
    assert found == [["both", "双曲"], ["output[0]", "output[1]"], ["output"]]


def test_a_guard_is_a_box_that_names_its_line() -> None:
    """What is compared leads to it; where, is in the tooltip."""
    program = compile(lambda a, b: max(a, b) * a, 2.0, 1.0)
    picture = program.draw(language="en")
    assert {("a", "n", "guard >"), ("b", "n", "guard >")} <= arrows(picture)
    (group,) = groups(picture, "constant")
    title = group.find(f"{SVG}title")
    assert title is not None
    assert title.text == program.guards[0]
    with pytest.raises(BranchChanged, match=re.escape(program.guards[0])):
        program(1.0, 2.0)


def test_what_is_computed_once_has_no_n() -> None:
    """A number made of parameters alone."""
    w, v = Value(2.0, "w"), Value(3.0, "v")
    found = arrows(compile(lambda x: x * tanh(w * v) + x * x, 1.0, wrt=[w, v]).draw(language="en"))
    assert {("w", "1", "×"), ("v", "1", "×"), ("×", "1", "tanh")} <= found


def test_an_argument_that_nothing_reads_is_there() -> None:
    """And so is the gradient 0 of a parameter that does not matter; without arrows."""
    w, v = Value(2.0, "w"), Value(3.0, "v")
    picture = compile(lambda x, unused: w * x, 1.0, 1.0, wrt=[w, v]).draw(language="en")
    assert sorted(texts(picture, "input")) == ["unused", "x"]
    assert "∂loss/∂v" in texts(picture, "output")
    assert not [arrow for arrow in arrows(picture) if "unused" in arrow or "∂loss/∂v" in arrow]


# --- What steps are called ------------------------------------------------------------------------------------


def contractions(program: Program) -> list[Contraction]:
    plan = program._subject.program.plan(program._differentiable)
    return [step for step in plan.steps if isinstance(step, Contraction)]


def images(size: int = 5) -> Program:
    """A convolution, whose weights are shared, of two channels; then a layer."""
    kernels = [[Value(0.1 * k - c) for k in range(4)] for c in range(2)]
    model = MLP(2 * (size - 1) ** 2, [3], "identity", seed=0)

    def f(x: Any) -> Value:
        at = [(i, j) for i in range(size - 1) for j in range(size - 1)]
        maps = [relu(sum(w * x[i + k // 2][j + k % 2] for k, w in enumerate(one))) for one in kernels for i, j in at]
        return ag.logsumexp(*model(maps))

    return compile(f, np.full((size, size), 0.1).tolist(), wrt=[w for one in kernels for w in one] + model.parameters())


@every
@example("images")
def test_a_contraction_is_called_by_what_it_computes(name: str | int) -> None:
    """The sizes in its name are those of its result, and of all that it multiplies."""
    made = {**PROGRAMS, "images": images}
    for step in contractions(made[name]() if isinstance(name, str) else irregular(name)):
        name, *factors = re.split(r"(?<=[a-z]) (?=\d)| · | → ", title(step).removeprefix("+ "))
        sizes = [list(map(int, factor.split("×"))) for factor in factors]
        given, out = step.left.size, step.out.distinct.size
        if name == "affine":
            assert (given, out) == (sizes[0][0] * (sizes[0][1] + 1), sizes[0][0])
        elif len(sizes) == 2 and "→" in title(step):
            assert (given, out) == tuple(map(math.prod, sizes))
        elif len(sizes) == 2:
            (rows, terms), (same, *columns) = sizes
            assert (terms, out, given) == (same, rows * math.prod(columns), rows * terms * math.prod(columns))
        else:
            whole = sizes[0] if sizes else [1]
            assert given == math.prod(whole)
            assert name in ("sum", "inner product") or out == (whole[0] if name == "matrix product" else given)


def test_a_reduction_costs_something_for_each_operand() -> None:
    """Operations that take any number of operands do as much more for one operand more."""
    costs = []
    for count in (4, 5, 6):
        program = compile(lambda x: ag.logsumexp(*x), [0.1] * count)
        costs.append(sum(map(flops, program._subject.program.forward.plan.steps)))
    assert costs[2] - costs[1] == costs[1] - costs[0] > 1


def test_a_title_is_one_line() -> None:
    """Whatever an operation of one's own is written like: titles stand in comments of the program's text."""
    op = ag.primitive(
        "mine", lambda a, b: a + b, lambda g, y, a, b: (g, g), text="{0}\nraise\r\x0c\u2028\x00{1}", replace=True
    )
    try:
        program = compile(lambda x: op(x, 2 * x), 1.0)
        assert program([1.0]).tolist() == [3.0]
        assert any("raise" in step and step.isprintable() for step in program.steps)
    finally:
        OPS.pop("mine")


# --- Blocks of parameters -------------------------------------------------------------------------------------


@given(
    count=st.integers(1, 30),
    data=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)).map(sorted), max_size=8),
)
def test_blocks_have_every_parameter_once(count: int, data: list[list[int]]) -> None:
    """Whichever spans are read: the blocks follow each other from the first parameter to the last."""
    spans = {(start, min(stop + 1, count)) for start, stop in data if start < count}
    blocks = joined(spans, count)
    assert [k for start, stop in blocks for k in range(start, stop)] == list(range(count))


# --- Looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_boxes_do_not_overlap(make: Any, language: Any) -> None:
    """No box or shape stands on another one."""
    picture = make().draw(language=language)
    found = [box for role in ("op", "leaf", "value") for box in map(extent, groups(picture, role))]
    for k, (left, top, right, bottom) in enumerate(found):
        for other in found[:k]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom


def test_it_speaks_japanese_and_english() -> None:
    """Words, not numbers, differ."""
    program = digits()
    japanese, english = program.draw(language="ja"), program.draw()
    assert japanese.title == f"(x, t) のプログラム：{drawn(program)} ステップ"
    assert english.title == f"program of (x, t): {drawn(program)} steps"
    assert "アフィン 32×64" in texts(japanese, "op")
    assert "affine 32×64" in texts(english, "op")
    assert texts(japanese, "value") == texts(english, "value")


@pytest.mark.parametrize("name", ["単価", EVIL, "", "n0", "<TABLE>", "x" * 300, "\x00", "\\N"])
def test_any_name_is_safe(name: str) -> None:
    """Names and labels are data: the picture is drawn, and what is too long is shortened."""
    x, w = Value(1.0, name), Value(2.0, name)
    picture = Program.from_graph({name: x * w}, inputs=[x], wrt=[w]).draw()
    loss = Program.from_graph(x * w, inputs=[x], wrt=[w]).draw()
    assert len(texts(picture, "input")) == len(texts(loss, "parameter")) == 1
    assert picture.text()
    assert len(max(texts(picture, "input"), key=len)) < 40


def test_the_same_program_gives_the_same_bytes() -> None:
    """In this process and in another one."""
    code = "from test_picture import digits; print(digits().draw().dot)"
    here, root = Path(__file__).parent, Path(__file__).parents[2]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [root, here, root / "tests" / "support"]))}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=here, env=paths)
    assert ran.stdout.rstrip("\n") == digits().draw().dot.rstrip("\n")


def test_drawing_changes_nothing() -> None:
    """Neither the program's results nor its Values."""
    program = network()
    X, t = np.ones((3, 2)), np.ones(3)
    before = program.value_and_grad(X, t)[1].tobytes()
    assert program.draw().dot == program.draw().dot
    assert program.value_and_grad(X, t)[1].tobytes() == before


def test_every_backend_draws_the_same_steps() -> None:
    """The plan is drawn, not the text that a backend makes of it."""
    w = Value(2.0, "w")
    found = {compile(lambda x: tanh(w * x), 1.0, wrt=[w], backend=name).draw().dot for name in ("numpy", "jax")}
    assert len(found) == 1


def test_compiling_does_not_load_the_pictures() -> None:
    """Whoever draws nothing does not wait for Graphviz."""
    code = (
        "import sys, autograd; autograd.compile(lambda x: x * x, 1.0)([1.0]); print('autograd.render' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert ran.stdout == "False\n"


# --- Long programs --------------------------------------------------------------------------------------------


def test_a_long_program_is_cut_and_says_so() -> None:
    """The boxes nearest the results are drawn, a dashed one says how many are not; and a warning comes."""
    program = recurrence()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        boxes = len(program.draw(max_nodes=10**6).text().splitlines()) - 3
    with pytest.warns(
        UserWarning, match=rf"^draw: the program has {boxes} nodes; the max_nodes=12 nearest the results"
    ):
        picture = program.draw(max_nodes=12, language="en")
    assert len(texts(picture, "op")) + len(texts(picture, "leaf")) == 12
    assert texts(picture, "cut") == [f"… {boxes - 12} more"]
    assert sorted(texts(picture, "output")) == ["loss", "∂loss/∂w"]


def test_a_program_of_the_greatest_size_is_not_cut() -> None:
    """max_nodes is the number of boxes, no fewer; and one less cuts."""
    program = line()
    boxes = len(program.draw().text().splitlines()) - 3
    assert not texts(program.draw(max_nodes=boxes), "cut")
    with pytest.warns(UserWarning, match="nearest the results"):
        assert texts(program.draw(max_nodes=boxes - 1, language="en"), "cut") == ["… 1 more"]


def test_the_warning_names_the_line_that_drew() -> None:
    """It is the caller's."""
    with pytest.warns(UserWarning, match="nearest the results") as caught:
        recurrence().draw(max_nodes=5)
    assert caught[0].filename == __file__


# --- Mistakes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"language": "fr"}, ValueError, "draw(language='fr'): wanted 'ja' or 'en'."),
        ({"max_nodes": 0}, ValueError, "draw(max_nodes=0): wanted a whole number, at least 1."),
        ({"max_nodes": 2.5}, TypeError, "draw(max_nodes=2.5): wanted a whole number, at least 1, not float."),
        ({"digits": 18}, ValueError, "draw(digits=18): wanted a whole number from 1 to 17."),
        ({"title": 3}, TypeError, "draw(title=3): wanted text or None, not int."),
    ],
)
def test_mistakes_are_named_as_draw_names_them(given: Any, kind: type[Exception], message: str) -> None:
    """What was got and what was wanted."""
    with pytest.raises(kind) as caught:
        line().draw(**given)
    assert str(caught.value) == message


def test_a_title_of_ones_own() -> None:
    """Instead of the arguments' names."""
    assert line().draw(title="直線").title == "直線"


@settings(max_examples=share(15), deadline=None)
@given(widths=st.lists(st.integers(1, 6), min_size=2, max_size=4))
def test_every_network_is_drawn(widths: list[int]) -> None:
    """Of whatever widths: each gradient comes from somewhere, each argument and parameter leads somewhere."""
    model = MLP(widths[0], widths[1:], seed=0)

    def f(x: Any) -> Any:
        y = model(x)
        return ag.sum(each * each for each in (y if isinstance(y, list) else [y]))

    picture = compile(f, [0.5] * widths[0], wrt=model.parameters()).draw(language="en")
    found = arrows(picture)
    starts, ends = {start for start, _, _ in found}, {end for _, _, end in found}
    assert set(texts(picture, "output")) <= ends
    assert {"x0" if "x0" in starts else "x"} | set(texts(picture, "parameter")) <= starts
