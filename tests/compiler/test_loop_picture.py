"""Programs with loops, drawn and written down: every number that is read has a name, and the name is right."""

import dataclasses
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value
from autograd.compiler.drawing.boxes import Subject
from autograd.compiler.drawing.loop_picture import LoopDiagram
from autograd.compiler.drawing.loop_text import Formulas, Line, Names, Turns, affine, lines, table
from autograd.compiler.drawing.picture import picture
from autograd.compiler.loops import rolling
from autograd.compiler.loops.nest import TURNS, Do, Loop, Nest, walk
from autograd.compiler.loops.rolled import Rolled
from autograd.compiler.recording import record
from autograd.compiler.scalar import CONSTANT, INPUT, OUTPUT, PARAMETER, VALUE, scalars
from autograd.operation import Op
from autograd.words import PROGRAM
from benchmarks.deep_programs import PROGRAMS
from loops import programs
from pictures import extent, groups, texts
from share import share

EVIL = 'a<b> & "c" \\N {x|y} \n 単価'


def subject(f: Callable[..., Any], labels: Sequence[str | None], *examples: Any, theta: Sequence[float]) -> Subject:
    parameters = [Value(number, label or "") for number, label in zip(theta, labels, strict=True)]
    recording = record(lambda *x: f(parameters, *x), list(examples), parameters)
    sizes = recording.sizes
    rolled = Rolled.of(scalars(recording, parameters, recording.outputs))
    arguments = list(zip(recording.names if len(sizes) > 1 else ("x",), sizes, strict=True))
    count = len(recording.outputs)
    return Subject(rolled, count == 1 and len(labels) > 0, arguments, labels, 0 if count == 1 else list(range(count)))


def deep(name: str, labels: Sequence[str] = (), **few: Any) -> Subject:
    program = PROGRAMS[name]
    theta = program.parameters[: few.pop("parameters", None)]
    x = program.inputs[: few.pop("inputs", None)]
    return subject(lambda p, x: program.function(p, x, ag, **few), labels or [None] * len(theta), list(x), theta=theta)


def nested() -> Subject:
    """Each of the outer turns has a loop in it."""

    def f(p: Any, x: Any) -> Any:
        h, total = p[0], 0.0
        for each in x:
            for _ in range(7):
                h = h - p[1] * (ag.sin(h) * ag.tanh(h) - each)
            total = total + h * h
        return total

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rolling, "_SAVED_INSIDE", 1)
        return subject(f, ["start", "rate"], [0.1 * k for k in range(9)], theta=[0.5, 0.7])


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "sir": lambda: deep("sir", ["contact", "recovery"], days=12),
    "kalman": lambda: deep("kalman", ["walk", "blur"], steps=12),
    "garch": lambda: deep("garch", ["base", "news", "memory"], days=30),
    "garch_of_row": lambda: deep("garch_of_row", ["base", "news", "memory"], inputs=30),
    "rnn": lambda: deep("rnn", width=2, parameters=10, inputs=12),
    "averages": lambda: deep("averages", ["quick", "slow"], inputs=20),
    "horner": lambda: deep("horner"),
    "until_convergence": lambda: deep("until_convergence", times=2),
    "nested": nested,
}
every = pytest.mark.parametrize("make", SUBJECTS.values(), ids=SUBJECTS)


def drawn(found: Subject, language: Any = "en", most: int = 1000) -> Any:
    return picture(found, given=None, language=language, digits=4, max_nodes=most)


def of(nest: Nest) -> tuple[Do | Loop, ...]:
    return (*nest.shared, *nest.rows)


def loops_of(nest: Nest) -> list[Loop]:
    return list(dict.fromkeys(loop for _, loops in walk(of(nest)) for loop in loops))


# --- Names ----------------------------------------------------------------------------------------------------


REFERENCE = re.compile(r"\b([vxpc])(\d*)(?:\[([^\]]*)\])?(?![a-z_(])")
KIND = {"v": VALUE, "x": INPUT, "p": PARAMETER, "c": CONSTANT}


class Reader:
    """Reads the text of a nest again, as a person would: which place each name stands for in a given turn."""

    def __init__(self, nest: Nest) -> None:
        self.spans: dict[int, list[int]] = {}
        self.first: dict[tuple[int, tuple[int, ...]], str] = {}
        self.text: list[tuple[str, list[tuple[str, int]]]] = []
        around: list[tuple[str, int, int]] = []
        top = 0
        for raw in str(nest).splitlines():
            if raw == "for each row:":
                top, around = 1, []
                continue
            depth = (len(raw) - len(raw.lstrip())) // 4 - top
            around, line = around[:depth], raw.strip()
            if loop := re.fullmatch(r"for (\w) in range\((\d+)\):  # (\d+) instructions each", line):
                around.append((loop[1], int(loop[2]), int(loop[3])))
            elif "[−1" in line.split(" = ")[0]:
                left, right = line.split(" = ")
                places = [(int(k), number_in(index, {})) for k, index in re.findall(r"v(\d+)\[([^\]]*)\]", left)]
                self.first.update(zip(places, right.split(", "), strict=True))
            else:
                if made := re.match(r"v(\d+) = ", line):
                    self.spans[int(made[1])] = [span for _, _, span in around]
                self.text.append((line, [(letter, count) for letter, count, _ in around]))

    def places(self, line: str, turns: dict[str, int]) -> set[tuple[int, int]]:
        read = line.split(" = ", 1)[-1]
        return {self.place(found, turns) for found in REFERENCE.finditer(read)}

    def place(self, found: re.Match[str] | None, turns: dict[str, int]) -> tuple[int, int]:
        assert found is not None
        kind, digits, index = found.groups()
        at = list(number_in(index or "", turns))
        if kind != "v" or not digits:
            return KIND[kind], at[0]
        spans, current = self.spans[int(digits)], list(turns.values())
        if at[:1] == [-1]:
            return self.place(REFERENCE.fullmatch(self.first[int(digits), tuple(at)]), turns)
        turn = current[: len(spans) - len(at)] + at
        return VALUE, int(digits) + sum(a * b for a, b in zip(spans, turn, strict=True))


def number_in(index: str, turns: dict[str, int]) -> tuple[int, ...]:
    """The numbers of `t−1, 3+2u`."""
    python = re.sub(r"(\d)([a-z])", r"\1*\2", index.replace("−", "-"))
    return eval(f"({python},)" if python else "()", {}, turns)


def check_text(nest: Nest) -> None:
    reader, written = Reader(nest), [do for do, _ in walk(of(nest))]
    assert len(reader.text) == len(written)
    loops = dict(walk(of(nest)))
    for do, (line, around) in zip(written, reader.text, strict=True):
        counts = [loop.count for loop in loops[do]]
        assert [count for _, count in around] == counts
        for turn in {(0,) * len(counts), tuple(min(1, c - 1) for c in counts), tuple(c - 1 for c in counts)}:
            expected = {
                (x.kind, x.base + sum(s * t for s, t in zip(x.strides, turn, strict=True)))
                for x in do.operands
                if x.kind != CONSTANT or any(x.strides)
            }
            assert reader.places(line, dict(zip(TURNS, turn, strict=False))) == expected


@settings(max_examples=share(40), deadline=None)
@given(programs(ragged=False), st.booleans())
def test_each_name_stands_for_the_number_that_is_read(program: Any, eager: bool) -> None:
    """In the first turns, the second and the last: read again, the text gives the place of every operand."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_SAVED", "_SAVED_INSIDE") if eager else ():
            patch.setattr(rolling, name, 1)
        found = subject(lambda p, x: program(x, p), [None] * 8, [0.1 * k for k in range(24)], theta=[0.3] * 8)
    check_text(found.program.nest)


@every
def test_each_name_of_a_real_program_is_right(make: Any) -> None:
    check_text(make().program.nest)


def test_there_are_nested_loops() -> None:
    """Else the laws here hold for none."""
    assert any(len(loops) == 2 for _, loops in walk(of(nested().program.nest)))


@given(st.integers(-9, 9), st.lists(st.integers(-9, 9), max_size=3))
def test_places_in_lists_are_sums(base: int, strides: list[int]) -> None:
    """As written, they are the number they stand for."""
    turns: dict[str, int] = dict(zip(TURNS, (5, 7, 11), strict=False))
    expected = base + sum(a * b for a, b in zip(strides, turns.values(), strict=False))
    assert number_in(affine(base, tuple(strides)), turns) == (expected,)


# --- Formulas -------------------------------------------------------------------------------------------------


def flat(body: Any) -> list[Line]:
    return [line for x in body for line in (flat(x.body) if isinstance(x, Turns) else [x])]


@every
@pytest.mark.parametrize("whole", [False, True])
def test_formulas_have_every_instruction_once(make: Any, whole: bool) -> None:
    """All that one holds is done in the same turns, and as often: what is shared by the rows in none of a row."""
    found = make()
    nest = found.program.nest
    formulas = Formulas(Names(nest, found, 6), whole=whole)
    held = [do for line in flat((*formulas.shared, *formulas.rows)) for do in line.instructions]
    assert len(held) == len(set(held)) == nest.length
    loops, shared = dict(walk(of(nest))), {do for do, _ in walk(nest.shared)}
    for line in flat((*formulas.shared, *formulas.rows)):
        assert len({(loops[do], do in shared) for do in line.instructions}) == 1


@every
def test_formulas_name_what_is_read(make: Any) -> None:
    """Every operand that is made elsewhere stands in the text by its name, and no other value does."""
    found = make()
    names = Names(found.program.nest, found, 6)
    formulas = Formulas(names)
    for line in flat((*formulas.shared, *formulas.rows)):
        inside = {names.of(do) for do in line.instructions[:-1]}
        operands = {names.operand(do, k).text for do in line.instructions for k in range(len(do.operands))}
        for operand in operands - inside:
            assert operand in line.text
        assert not set(re.findall(r"v\d+\b(?!\[)", line.text.split(" = ", 1)[-1])) & inside


@every
def test_the_table_adds_up(make: Any) -> None:
    """Its last line counts the operations of the scalar program; no line of the text is missing."""
    found = make()
    flat = found.program.nest.unrolled()
    count = sum(isinstance(flat.table[k], Op) for k in flat.what)
    text = table(found)
    assert text.splitlines()[-1].startswith(f"{count:,} scalar operations")
    assert [line.rstrip() for line in lines(found)] == [
        re.sub(r"\s{2,}[\d,]+$", "", line).rstrip() for line in text.splitlines()[1:-1]
    ]


def test_a_program_reads_as_it_was_written() -> None:
    """An epidemic, in its formulas."""
    assert (
        "\n".join(lines(deep("sir", ["contact", "recovery"], days=20)))
        == """\
for each row:
    v1 = contact × x[0] × x[1]
    v3 = x[0] − v1
    v5 = x[1] + v1 − recovery × x[1]
    v8 = 0 + (v5 − 0.218292)²
    v12[−1], v14[−1], v17[−1] = v3, v5, v8
    for t in range(18):  # 9 instructions each
        v10 = contact × v12[t−1] × v14[t−1]
        v11 = recovery × v14[t−1]
        v12 = v12[t−1] − v10
        v14 = v14[t−1] + v10 − v11
        v17 = v17[t−1] + (v14 − c[21+t])²
    v172 = contact × v12[17] × v14[17]
    v173 = recovery × v14[17]
    v176 = v14[17] + v172 − v173 − 0.170998
    v178 = v17[17] + v176²
    output = v178"""
    )


def test_long_texts_are_shortened_and_say_so() -> None:
    """In the middle of the table; the list of lines has all."""
    found = deep("until_convergence")
    (cut,) = [line for line in table(found).splitlines() if line.startswith("…")]
    assert cut == f"… {len(lines(found)) - 80:,} more lines"


# --- Pictures -------------------------------------------------------------------------------------------------


@every
def test_every_loop_is_a_frame_with_its_count(make: Any) -> None:
    """As many frames as loops, one in the other as the loops are, with as many turns."""
    found = make()
    loops = loops_of(found.program.nest)
    dot = drawn(found).dot
    assert dot.count("subgraph cluster") == len(loops)
    assert sorted(re.findall(r"× ([\d,]+)<", dot)) == sorted(f"{loop.count:,}" for loop in loops)
    diagram = LoopDiagram(found, PROGRAM["ja"], 4)
    assert {len(box.frames) for box in diagram.boxes} >= {len(around) for _, around in walk(of(found.program.nest))}
    assert [label.split()[-2:] for label in diagram.frames] == [[f"{loop.count:,}", "回"] for loop in loops]


@every
def test_arrows_bring_what_formulas_name(make: Any) -> None:
    """From the box that makes it, or that holds it for the turn before; what goes to a later turn stays in its loop."""
    diagram = LoopDiagram(make(), PROGRAM["en"], 6)
    maker = {box.label.split(" = ")[0]: k for k, box in enumerate(diagram.boxes) if box.kind == "step"}
    for k, box in enumerate(diagram.boxes):
        assert all(source < k for source, _ in box.reads if source >= 0)
        if box.kind not in ("step", "constant"):
            continue
        named = set(re.findall(r"\bv\d+\b", box.label.split(" = ", 1)[-1]))
        sources = [*(source for source, _ in box.reads), *box.later]
        beside = [diagram.boxes[source] for source, _ in box.reads]
        assert all(each.frames == box.frames for each in beside if each.kind in ("input", "parameter"))
        assert all(box.frames and diagram.boxes[source].frames[:1] == box.frames[:1] for source in box.later)
        makers = {diagram.boxes[source].label.split(" = ")[0].split("[")[0] for source in sources}
        assert named <= makers <= named | {each for each in makers if "v[" in box.label or not each.startswith("v")}
    carried = [box for box in diagram.boxes if box.kind == "carried"]
    assert all(box.later == [maker[box.label.split("[")[0]]] for box in carried if box.label.split("[")[0] in maker)


@pytest.mark.parametrize("make", [SUBJECTS[name] for name in ("kalman", "rnn", "until_convergence", "nested")])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_boxes_stand_apart_and_in_their_frames(make: Any, language: Any) -> None:
    """No box stands on another; each is in its frames, and an inner frame is in the outer one."""
    found = make()
    shown = drawn(found, language)
    boxes = [box for role in ("op", "leaf", "carried") for box in map(extent, groups(shown, role))]
    for k, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:k]:
            assert left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom
    frames = list(map(extent, groups(shown, "module")))
    assert len(frames) == len(loops_of(found.program.nest))
    depths = sorted(sum(x[0] >= f[0] and x[1] >= f[1] and x[2] <= f[2] and x[3] <= f[3] for f in frames) for x in boxes)
    assert depths == sorted(len(box.frames) for box in LoopDiagram(found, PROGRAM["ja"], 4).boxes)


@pytest.mark.parametrize("most", [1, 5, 12, 40])
def test_nothing_is_left_out_without_a_warning(most: int) -> None:
    """At most so many boxes; the result is one; what is not drawn is counted."""
    found = deep("until_convergence", times=4)
    with pytest.warns(UserWarning, match=r"^draw: the program has \d+ nodes; .*program\.steps\.$") as caught:
        shown = drawn(found, most=most)
    assert len(caught) == 1
    count = len(re.findall(r'class="?(op|leaf|carried)\b', shown.dot))
    assert count <= most
    assert "output" in str(texts(shown, "output")) or "loss" in str(texts(shown, "output"))
    assert bool(texts(shown, "cut")) == ("nearest" in str(caught[0].message))


@every
def test_a_picture_with_room_has_no_warning(make: Any) -> None:
    """As many boxes as there are: none is folded, none cut."""
    found = make()
    boxes = len(LoopDiagram(found, PROGRAM["en"], 4).boxes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn(found, most=boxes)
    with pytest.warns(UserWarning, match="draw: the program has"):
        drawn(found, most=boxes - 1)


@pytest.mark.parametrize("label", ["単価", EVIL, "", "v12", "c", "2", "x", "θ[0]", "x" * 300, "\x00", "\\N", "<TABLE>"])
def test_any_label_is_safe(label: str) -> None:
    """Of parameters and of values; one that another has, or that reads as a name of ours, is not used."""

    def f(p: Any, x: Any) -> Any:
        h = p[0] * x[0]
        h.label = label
        for each in x:
            h = ag.tanh(h * p[1] + each)
        return h

    found = subject(f, [label, label + "'"], [0.1] * 60, theta=[0.5, 0.7])
    ElementTree.fromstring(drawn(found).svg())
    text = "\n".join(lines(found))
    assert "for t in range(" in text
    assert "θ[0]" in text  # the label is of two things
    assert len(max(lines(found), key=len)) < 80


def test_labels_are_names() -> None:
    """Of parameters, arguments and values that have them."""

    def f(p: Any, returns: Any, start: Any) -> Any:
        h = p[0] * start
        h.label = "開始"
        for each in returns:
            h = ag.tanh(h * p[1] + each)
        return h

    found = subject(f, ["a", "重み"], [0.1] * 60, 1.0, theta=[0.5, 0.7])
    found = dataclasses.replace(found, arguments=[("returns", 60), ("start", 1)])
    text = "\n".join(lines(found))
    assert "開始 = a × start" in text
    assert re.search(r"tanh\(v\d+\[t−1\] × 重み \+ returns\[\d*\+?t\]\)", text)


@pytest.mark.parametrize("step", [1, 2, 5])
def test_outputs_of_a_loop_are_named(step: int) -> None:
    """What f returns as a list, by its places: in each turn of a loop so many."""

    def f(p: Any, x: Any) -> Any:
        h, found = p[0], []
        for each in x:
            h = ag.tanh(h + each)
            found += reversed([h, *(ag.sin(h * k) for k in range(2, step + 1))])
        return found

    found = subject(f, ["w"], [0.1] * 60, theta=[0.5])
    text = "\n".join(lines(found))
    flow = Names(found.program.nest, found, 6).flow
    outputs = [flow.output(do).over(loops) for do, loops in walk(of(found.program.nest)) if do.what is OUTPUT]
    assert sorted(place for each in outputs for place in each.tolist()) == list(range(60 * step))
    steps = [int(each or 1) for each in re.findall(r"output\[(?:\d+\+)?(\d*)t\] = v", text)]
    assert steps
    assert all(each % step == 0 for each in steps)
    assert len(outputs) < 20 * step
