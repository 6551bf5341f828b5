"""Programs as C that stands alone: compiled without a warning, watched by sanitizers, with the numbers of Python."""

import itertools
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import autograd as ag
import loops
import nn
from autograd import BranchChanged, NotCompilable, Program, Value, compile
from autograd.compiler.export import files as exporting
from autograd.compiler.export.files import Interface, export
from autograd.compiler.export.functions import Functions, prototype
from autograd.compiler.export.names import identifier
from autograd.compiler.loops import rolled
from autograd.compiler.loops.code import statements
from autograd.compiler.loops.rolled import PythonKernel, Rolled
from autograd.compiler.loops.unread import without_unread
from autograd.compiler.matrices import kernel
from autograd.compiler.matrices.lifted import Lifted
from autograd.compiler.printers.python import Broken
from autograd.compiler.recording import record
from autograd.compiler.scalar import scalars
from benchmarks.deep_programs import PROGRAMS
from drawn import ANY_TEXT, HOSTILE
from exported import CC, SANITIZED, STRICT, Call, Exported, answers, compiled
from loops import THETA, Instruction, Triangle, X, programs, read
from networks import Network, networks

pytestmark = pytest.mark.skipif(not CC or os.name == "nt", reason="no C compiler is on the PATH")
ROWS = (0, 1, 7, 64)
CPP = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)


@dataclass
class Trial:
    """Files to be compiled together, the calls of them, and what each has to give: status, row and numbers."""

    folder: Path
    models: list[Exported] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    wanted: list[tuple[int, int, Any]] = field(default_factory=list)

    def call(self, gradient: bool, arguments: Sequence[Any], theta: Any, rows: int, wanted: Any) -> None:
        arrays = [np.asarray(each, dtype=float) for each in arguments]
        self.calls.append(Call(len(self.models) - 1, gradient, arrays, theta, rows))
        self.wanted.append(wanted)

    def hold(self, *options: str, exactly: bool = False) -> None:
        """Compile all with these options, call, and compare: to the digits that orders of sums leave, or to the bit."""
        found = answers(compiled(self.models, self.folder, *options), self.models, self.calls)
        for call, each, (status, row, numbers) in zip(self.calls, found, self.wanted, strict=True):
            where = f"{self.models[call.model].name}, gradient: {call.gradient}, rows: {call.rows}"
            assert (each.status, each.row) == (status, row), where
            if not status:
                scale = 0 if exactly else max(1.0, np.abs(np.nan_to_num(numbers)).max(initial=0.0))
                relative = 0 if exactly else 1e-10
                np.testing.assert_allclose(each.numbers, numbers, rtol=relative, atol=1e-11 * scale, err_msg=where)


def guards(header: Path) -> list[str]:
    """File and line of each guard, as the header lists them."""
    return re.findall(r"^  \d+: left \S+ right was \w+; (.*)$", header.read_text(encoding="utf-8"), re.MULTILINE)


def added(trial: Trial, name: str, program: Program, batch: Sequence[Any], sizes: Sequence[int] = ROWS) -> None:
    """The program as a file, called on the first rows of the batch, and on those of them that break no guard."""
    path = program.export(trial.folder / f"{name}.c")
    count, header = len(batch[0]) if batch else 64, path.with_suffix(".h").read_text(encoding="utf-8")
    differentiable = f"{identifier(name)}_value_and_grad" in header
    outputs = int(re.findall(r"_OUTPUTS (\d+)", header)[0])
    widths = [int(np.prod(np.shape(each)[1:])) for each in batch]
    trial.models.append(Exported(path, identifier(name), widths, outputs, len(program.parameters), differentiable))
    broken = [said(program, [each[k] for each in batch]) for k in range(count)]
    kept = [k for k in range(count) if not broken[k]]
    named = guards(path.with_suffix(".h"))
    for rows, chosen in itertools.product(sizes, (range(count), kept)):
        places = np.resize(chosen, rows).astype(int)
        part = [np.asarray(each)[places] for each in batch]
        first = next((k for k in range(rows) if broken[places[k]]), None)
        for gradient in (False, True)[: 1 + differentiable]:
            if first is None:
                numbers = of_python(program, part, rows, gradient, len(program.parameters), outputs)
                trial.call(gradient, part, program.parameters, rows, (0, 12345, numbers))
            else:
                line = broken[places[first]].split(": the comparison")[0]
                wanted = (1 + named.index(line), first, None)
                trial.call(gradient, part, program.parameters, rows, wanted)


def said(program: Program, row: Sequence[Any]) -> str:
    """Of a guard that the row breaks, or nothing."""
    try:
        program(*row)
    except BranchChanged as error:
        return str(error)
    return ""


def of_python(program: Program, part: list[Any], rows: int, gradient: bool, parameters: int, outputs: int) -> Any:
    """What the program gives in Python: its outputs row by row, or value and gradient."""
    if gradient and not rows:
        return np.full(1 + parameters, math.nan if program.reduce == "mean" else 0.0)
    if not rows:
        return np.empty(0)
    with np.errstate(all="ignore"):
        if gradient:
            value, derivatives = program.value_and_grad(*part)
            scale = rows if not part and program.reduce == "sum" else 1
            return np.array([value, *derivatives]) * scale
        count = rows if part else 1  # without arguments Python has one row
        found = [np.reshape(each, (count, np.size(each) // count)) for each in flat(program(*part))]
    return np.broadcast_to(np.concatenate([np.empty((count, 0)), *found], axis=1), (rows, outputs)).ravel()


def flat(tree: Any) -> list[Any]:
    """The arrays of what a program gives."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    return [each for branch in tree for each in flat(branch)] if isinstance(tree, list | tuple) else [tree]


# --- Programs ---------------------------------------------------------------------------------------------------


def deep(theta: Any, x: Any, turns: int) -> Any:
    for k in range(turns):
        x = ag.tanh(theta[0] * x + theta[1] + (0.05 * (k * k % 7) - 0.1))
        if x > 0.9:
            x = 0.5 * x
    return x * x


def gated(theta: Any, x: Sequence[Any]) -> Any:
    """Roots behind branches, so that flags say what flows."""
    y = theta[0]
    for each in x:
        y = ag.where(ag.step(y - each), ag.sqrt(ag.relu(y)), 0.5 * y + theta[1]) * ag.maximum(each, theta[2] + 0.1)
    return y


def wide(model: Any, x: Sequence[Any], t: Any) -> Any:
    if x[0] > 1.5:
        t = 2 * t
    y = model(x)
    if x[1] <= -1.4:
        t = t + 1
    if y == 0.123:
        t = t - 1
    return (1 - t * y).relu()


def wrt(*numbers: float) -> list[Value]:
    return [Value(each, f"w{k}") for k, each in enumerate(numbers)]


def from_graph() -> Program:
    a, b = wrt(2.0, 3.0)
    return Program.from_graph(a * a * b + ag.sin(a), wrt=[a, b], reduce="sum")


def many_arguments() -> Program:
    theta = wrt(0.5, 0.25)

    def f(*x: Any) -> Any:
        y = theta[0]
        for each in x:
            y = ag.sin(y * each) + theta[1]
        return y

    return compile(f, *[0.5] * 40, wrt=theta)


MODEL = nn.MLP(2, [5, 1], seed=0)
RNG = np.random.default_rng(5)
ONE, PAIR, LIST = RNG.normal(size=64), RNG.normal(size=(64, 2)), RNG.uniform(-1, 1, size=(64, 3, 4))


def programs_to_export() -> dict[str, tuple[Callable[[], Program], list[Any]]]:
    """By name: the program, and a batch; with guards, outputs and arguments of every kind."""
    theta = wrt(0.9, 0.1, -0.2)
    return {
        "deep": (lambda: compile(lambda x: deep(theta, x, 60), 0.1, wrt=theta, backend="numpy"), [ONE]),
        "long_deep": (lambda: compile(lambda x: deep(theta, x, 900), 0.1, wrt=theta, reduce="sum"), [ONE]),
        "gated": (
            lambda: compile(lambda x, y: gated(theta, [*x, y] * 8), [0.0] * 2, 0.1, wrt=theta),
            [PAIR, ONE],
        ),
        "many": (many_arguments, [ONE + 0.1 * k for k in range(40)]),
        "wide": (lambda: compile(lambda x, t: wide(MODEL, x, t), [0.0, 0.0], 1.0, wrt=MODEL), [PAIR, ONE]),
        "wide_sum": (
            lambda: compile(lambda x, t: wide(MODEL, x, t), [0.0, 0.0], 1.0, wrt=MODEL, backend="c", reduce="sum"),
            [PAIR, ONE],
        ),
        "penalty": (lambda: compile(lambda x: ag.sum(w * w for w in theta), 0.0, wrt=theta), [ONE]),
        "penalty_sum": (lambda: compile(lambda x: ag.sum(w * w for w in theta), 0.0, wrt=theta, reduce="sum"), [ONE]),
        "tree": (
            lambda: compile(
                lambda x, y: {"a": x[0], "b": [theta[0], y * y, 0.25], "c": [[2 * v for v in row] for row in x[1:]]},
                LIST[0].tolist(),
                0.5,
                wrt=theta,
            ),
            [LIST, ONE],
        ),
        "deep_tree": (
            lambda: compile(lambda x: [deep([0.5, x], y, 40) for y in (0.2, x)] + [x, 1.0], 0.1), [np.abs(ONE) / 9]
        ),
        "graph": (from_graph, []),
        "only_guards": (lambda: compile(lambda x: [][: x[1] < 0.5], [0.1, 0.1]), [PAIR]),
        "one_number_in_a_reduction": (
            lambda: compile(
                lambda x: ag.logsumexp(theta[0] * x[0]) + theta[1] * ag.logsumexp(theta[0] * x[1]) + ag.logsumexp(x[0]),
                [0.1, 0.2],
                wrt=theta,
            ),
            [PAIR],
        ),
        "words": (
            lambda: compile(
                lambda x: ag.sum([ag.maximum(x, w) * ag.sigmoid(w) + abs(x) % 0.7 + abs(x) // 0.3 for w in theta]),
                0.1,
                wrt=theta,
            ),
            [ONE],
        ),
    }  # fmt: skip


def trial_of_all(folder: Path) -> Trial:
    trial = Trial(folder)
    for name, (made, batch) in programs_to_export().items():
        added(trial, name, made(), batch)
    return trial


def test_an_exported_program_gives_the_numbers_of_python(tmp_path: Path) -> None:
    """Values, gradients and broken guards of batches of 0, 1, 7 and 64 rows: without a warning, sanitized or at -O2."""
    trial = trial_of_all(tmp_path)
    assert {status for status, _, _ in trial.wanted} >= {0, 1, 2}
    trial.hold("-O1", *SANITIZED)
    trial.hold("-O2")


@settings(max_examples=3, phases=[Phase.generate])  # compilers take too long to shrink
@given(several=st.lists(programs(), min_size=3, max_size=3), nets=st.lists(networks(), min_size=2, max_size=2))
def test_drawn_programs_give_the_numbers_of_python(
    several: list[Any], nets: list[Network], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Loops of any kind, with their inputs cut into arguments, and networks; the guard that a row breaks by number."""
    trial = Trial(tmp_path_factory.mktemp("drawn"))
    for k, program in enumerate(several):
        loops_added(trial, f"loops{k}", program, ([24], [5, 18, 1], [1] * 24)[k], mean=k == 1)
    for k, net in enumerate(nets):
        batch = np.random.default_rng(k).normal(size=(64, net.inputs))
        program = compile(net.f, batch[0].tolist(), wrt=net.wrt, backend="numpy", reduce="sum" if k else "mean")
        added(trial, f"net{k}", program, [batch], (1, 7))
    trial.hold("-O1", *SANITIZED)


def loops_added(trial: Trial, name: str, program: Any, sizes: list[int], mean: bool) -> None:
    """A program of drawn loops, which may break a guard in any turn."""
    program = Rolled.of(read(program)[0])
    if program.nest.length > 200:  # not rolled: sanitizers would take long
        return
    arguments = [(f"x{k}", (size,)) for k, size in enumerate(sizes)]
    interface = Interface(arguments, [("output", ())], [None] * 8, THETA.tolist(), mean, True)
    path = export(trial.folder / f"{name}.c", [program], interface, "float64", {})
    trial.models.append(Exported(path, name, sizes, 1, 8, True))
    forward, backward = PythonKernel(program, False), PythonKernel(program, True)
    for rows, gradient in itertools.product((1, 5), (False, True)):
        x, wanted = X[:rows], (0, 12345, None)
        for row in reversed(range(rows)):
            try:
                forward._values(THETA, x[row : row + 1])
            except Broken as broken:
                wanted = 1 + broken.args[0], row, None
        if not wanted[0]:
            loss, found = backward.loss_and_gradient(THETA, [x.T], rows, mean)
            numbers = np.array([loss, *found]) if gradient else forward.values(THETA, [x.T], rows)[0]
            wanted = (0, 12345, numbers)
        trial.call(gradient, np.split(x, np.cumsum(sizes)[:-1], axis=1), THETA, rows, wanted)


TREES = (
    Triangle("shrinks", 1, 2, (Instruction("/", (("left", 0), ("left", 0))),), False),
    Triangle("grows", 5, 3, (Instruction("*", (("left", 0), ("left", 0))),), False),
)


def test_names_that_nobody_reads_are_not_there(tmp_path: Path) -> None:
    """Compilers warn of them: here they say what flows to where nobody asks. Nothing else changes."""
    program = loops.Program(TREES, ("all",))
    code = Rolled.of(read(program)[0]).code(True)
    kept = without_unread(code)
    kept.verify()
    assert len([*statements(kept.block)]) < len([*statements(code.block)])
    assert kept.evaluate(X[0].tolist(), THETA.tolist()) == code.evaluate(X[0].tolist(), THETA.tolist())
    trial = Trial(tmp_path)
    loops_added(trial, "trees", program, [24], mean=False)
    trial.hold("-O1")


@pytest.mark.parametrize("name", ["sir", "kalman", "heston", "three_bodies"])
def test_loops_have_every_bit(name: str, tmp_path: Path) -> None:
    """Where the compiler rewrites no function, a program of loops gives what backend="c" gives, bit for bit."""
    theta = [Value(float(each)) for each in PROGRAMS[name].parameters]
    rows = np.array([PROGRAMS[name].inputs]) * (1 + 1e-7 * np.arange(7)[:, None])
    program = compile(lambda x: PROGRAMS[name].function(theta, x, ag), rows[0].tolist(), wrt=theta, backend="c")
    trial = Trial(tmp_path)
    added(trial, name, program, [rows], (1, 7))
    trial.hold("-O1", "-fno-builtin", exactly=True)


def test_long_batches_go_in_the_blocks_of_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Sums of sums: the same rows at once, and so the same bits; a guard is found in whatever block it is."""
    monkeypatch.setattr(rolled, "ROWS", 16)
    monkeypatch.setattr(kernel, "_CELLS", 1)
    theta, x = wrt(0.9, 0.1), np.linspace(-1, 0.4, 150)
    trial = Trial(tmp_path)
    loops = compile(lambda x: ag.sin(deep(theta, x, 40)) if x < 0.39 else x, 0.1, wrt=theta, backend="c")
    assert isinstance(loops._way.program, Rolled)
    added(trial, "loops", loops, [x], (16, 17, 150))
    trial.hold("-O1", "-fno-builtin", exactly=True)
    batch = [np.stack([np.where(x == x[140], 2.0, x), x], axis=1), np.where(x < 0, 1.0, -1.0)]
    model = compile(lambda x, t: wide(MODEL, x, t), [0.0, 0.0], 1.0, wrt=MODEL)
    assert isinstance(model._way.program, Lifted)
    added(trial, "matrices", model, batch, (64, 65, 150))
    trial.hold("-O1", *SANITIZED)


def test_a_loop_of_ten_thousand_turns_is_a_page(tmp_path: Path) -> None:
    """However many turns, the file is as long, but for the two lines that take memory and free it."""
    lines = []
    for turns in (100, 10_000):
        theta = wrt(0.9, 0.1)

        def f(x: Any, theta: Any = theta, turns: int = turns) -> Any:
            for _ in range(turns):
                x = x + 0.001 * (theta[0] * x - theta[1] * x * x)
            return x

        path = compile(f, 0.1, wrt=theta, backend="numpy").export(tmp_path / f"f{turns}.c")
        lines.append(path.read_text(encoding="utf-8").count("\n"))
    assert lines[0] + 2 == lines[1] < 150


# --- Names and comments -----------------------------------------------------------------------------------------

NAMES = {
    "model": "model", "my-model v2.1": "my_model_v2_1", "__x__y": "x_y", "modèle": "modele", "2d": "model_2d",
    "日本語": "model", "価格2": "model_2", "-": "model", "int": "int_model", "class": "class_model",
    "main": "main_model",
    "exp": "exp_model", "sinf": "sinf_model", "malloc": "malloc_model", "linux": "linux_model",
    "first": "first_model",
    "map0": "map0_model", "PUT": "PUT_model", "rows": "rows", "row": "row", "x": "x", "c": "c", "NAN": "NAN_model",
}  # fmt: skip


@pytest.mark.parametrize("stem", NAMES)
def test_names_of_files_become_names_of_c(stem: str) -> None:
    """Letters and digits stay; what C, C++ or their libraries have taken gets more of a name."""
    assert identifier(stem) == NAMES[stem]


@given(ANY_TEXT)
def test_any_text_becomes_a_name(text: str) -> None:
    """An identifier without underscores at its ends or twice, as those are reserved; and a name stays itself."""
    name = identifier(text)
    assert re.fullmatch(r"[A-Za-z](?:_?[A-Za-z0-9])*", name)
    assert identifier(name) == name


def test_every_name_compiles_in_c_and_as_header_of_cpp(tmp_path: Path) -> None:
    """Also those that stand in a language's way; and all headers may be included at once."""
    theta = wrt(0.9, 0.1)
    loops = compile(lambda x, y: deep(theta, x + y, 40), 0.1, 0.1, wrt=theta, backend="numpy")
    matrices = compile(lambda x, t: (1 - t * MODEL(x)).relu(), [0.0, 0.0], 1.0, wrt=MODEL)
    for k, stem in enumerate(NAMES):
        (tmp_path / str(k)).mkdir()
        for sort, program in (("l", loops), ("m", matrices)):
            (tmp_path / str(k) / sort).mkdir()
            program.export(tmp_path / str(k) / sort / f"{stem}.c")
    files = [str(path) for path in sorted(tmp_path.rglob("*.c"))]
    ran = subprocess.run([str(CC), *STRICT, "-fsyntax-only", *files], capture_output=True, text=True)
    assert not ran.returncode, ran.stderr
    if CPP:
        headers = "".join(f'#include "{path}"\n' for path in sorted(tmp_path.rglob("l/*.h")) if path.stem != "-")
        (tmp_path / "all.cpp").write_text(f"#include <cmath>\n{headers}", encoding="utf-8")
        command = [CPP, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", str(tmp_path / "all.cpp")]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert not ran.returncode, ran.stderr


def labelled(folder: Path, labels: Sequence[str]) -> tuple[str, str]:
    """File and header of a program whose names are these."""
    program = Rolled.of(read_of(lambda x: ag.sin(x) * 2 if x < 9 else x))
    check = next(each for each in program.scalars.table if hasattr(each, "where"))
    object.__setattr__(check, "where", labels[0])
    names = [(each, ()) for each in labels]
    interface = Interface(names[:1], names[:1], labels, [1.0] * len(labels), True, False)
    path = export(folder / "model.c", [program], interface, "float64", {})
    return path.read_text(encoding="utf-8"), path.with_suffix(".h").read_text(encoding="utf-8")


def read_of(f: Callable[[Any], Any]) -> Any:
    recording = record(f, [0.5])
    return scalars(recording, [], recording.outputs)


def without_comments(text: str) -> list[str]:
    return "".join(re.split(r"/\*.*?\*/", text, flags=re.DOTALL)).split()


@given(labels=st.lists(ANY_TEXT | st.text("*/?\\\n\r ", max_size=6), min_size=1, max_size=3))
def test_no_label_leaves_its_comment(labels: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever labels and names of files are, the code is the same; nothing in a comment is invisible or a trigraph."""
    folder = tmp_path_factory.mktemp("labels")
    plain = labelled(folder, ["w"] * len(labels))
    for text, usual in zip(labelled(folder, labels), plain, strict=True):
        assert without_comments(text) == without_comments(usual)
        assert all(c.isprintable() or c == "\n" for c in text)
        assert not re.search(r"\?\?|/\*[^*]*/\*", text)


def test_hostile_labels_compile(tmp_path: Path) -> None:
    """Without a warning."""
    labelled(tmp_path, [*HOSTILE, "*/ int x; /*", "??/", "a\\", "// a \\\n b", "価格 \u202e", "/", "*"])
    ran = subprocess.run(
        [str(CC), *STRICT, "-c", "model.c", "-o", "model.o"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")


# --- What is written --------------------------------------------------------------------------------------------


def test_the_header_says_what_a_caller_needs(tmp_path: Path) -> None:
    """Shapes, places, labels, guards with file and line, counts; and both declarations as they were promised."""
    w, b = Value(2.0, "slope"), Value(1.0)

    def f(car: Any, t: Any) -> Any:
        if t > 1:
            return w * t
        return w * car["mass"] * ag.sum(car["v"]) + b - t

    program = compile(f, {"mass": 1.0, "v": [1.0, 2.0]}, 0.5, wrt=[w, b])
    path = program.export(os.fspath(tmp_path / "model.c"))
    assert path == tmp_path / "model.c"
    header = path.with_suffix(".h").read_text(encoding="utf-8")
    for part in (
        "  [0] car['mass'], of shape (rows,)\n  [1] car['v'], of shape (rows, 2)\n  [2] t, of shape (rows,)\n",
        "  [0] output, a number\n",
        "value takes the mean over the rows (of none: NAN)",
        "  [0] slope\n",
        f"  1: left > right was false; {__file__}, line ",
        "#define MODEL_ARGUMENTS 3\n#define MODEL_OUTPUTS 1\n#define MODEL_PARAMETERS 2\n",
        "extern const double model_parameters[];",
    ):
        assert part in header
    declared = " ".join(header.split())
    given = "(size_t rows, const double *const arguments[], const double *parameters, double *"
    assert f"int model{given}outputs, size_t *row);" in declared
    assert f"int model_value_and_grad{given}value, double *gradient, size_t *row);" in declared


def test_parameters_are_those_of_now_and_have_every_bit(tmp_path: Path) -> None:
    """As they were assigned, with infinities and what is no number."""
    theta = wrt(*[0.0] * 5)
    program = compile(lambda x: ag.dot([*theta], [x] * 5), 0.0, wrt=theta)
    numbers = [0.1 + 0.2, -0.0, 5e-324, -math.inf, math.nan]
    program.parameters = numbers
    text = program.export(tmp_path / "model.c").read_text(encoding="utf-8")
    found = re.findall(r"^  \(?(\S+?)\)?, /\* \[\d\] w\d \*/$", text, re.MULTILINE)
    assert found == ["0.30000000000000004", "-0.0", "5e-324", "-INFINITY", "NAN"]


def test_without_parameters_nothing_is_said_of_a_gradient(tmp_path: Path) -> None:
    """Neither a function nor a list."""
    path = compile(lambda x: x * x, 0.0).export(tmp_path / "model.c")
    for each in (path, path.with_suffix(".h")):
        assert "value_and_grad" not in (text := each.read_text(encoding="utf-8"))
        assert "model_parameters" not in text


def test_several_programs_of_both_kinds_may_share_a_file(tmp_path: Path) -> None:
    """Values of any program can be put beside the others, by a name of their own."""
    theta = wrt(0.9, 0.1)
    f = Functions("model", [1])
    f.add_values("model", compile(lambda x: ag.sin(theta[0] * x), 0.1, wrt=theta, backend="numpy")._way.program)
    f.add_values("model_jacobian", compile(lambda x: deep(theta, x, 40), 0.1, wrt=theta, backend="numpy")._way.program)
    f.add_values("model_hessian", compile(lambda x: ag.exp(x) * theta[1], 0.1, wrt=theta, backend="numpy")._way.program)
    above = "#include <stddef.h>\n"
    declared = "".join(f"{prototype(name, False)};\n" for name in ("model", "model_jacobian", "model_hessian"))
    (tmp_path / "model.c").write_text(f"{above}{declared}{f.text}", encoding="utf-8")
    ran = subprocess.run([str(CC), *STRICT, "-fsyntax-only", "model.c"], cwd=tmp_path, capture_output=True, text=True)
    assert not ran.returncode, ran.stderr


NO_MEMORY = """
#include <stdio.h>
#include "loops.h"
#include "matrices.h"
void *__wrap_malloc(size_t size) { (void)size; return NULL; }
int main(void)
{
  static double x[2000], out[2000], gradient[200];
  const double *arguments[] = {x, x};
  size_t row = 7;
  return !(loops_value_and_grad(1, arguments, loops_parameters, out, gradient, &row) == -1
    && matrices(500, arguments, matrices_parameters, out, &row) == -1
    && matrices(1, arguments, matrices_parameters, out, &row) == 0
    && matrices_value_and_grad(500, arguments, matrices_parameters, out, gradient, NULL) == -1);
}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other linkers wrap nothing")
def test_without_memory_the_functions_say_so(tmp_path: Path) -> None:
    """They return -1, and small batches of small programs need none."""
    theta = wrt(0.9, 0.1)
    compile(lambda x: deep(theta, x, 900), 0.1, wrt=theta).export(tmp_path / "loops.c")
    compile(lambda x, t: (1 - t * MODEL(x)).relu(), [0.0, 0.0], 1.0, wrt=MODEL).export(tmp_path / "matrices.c")
    (tmp_path / "main.c").write_text(NO_MEMORY, encoding="utf-8")
    command = [str(CC), "-std=c99", "-Wl,--wrap=malloc", "main.c", "loops.c", "matrices.c", "-lm", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "main"], check=True)


# --- Refusals ---------------------------------------------------------------------------------------------------


def simple(**options: Any) -> Program:
    w = Value(2.0, "w")
    return compile(lambda x: w * x, 0.0, wrt=[w], **options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"strict": True}, "export: C has no program with strict=True; compile without strict, and export that"),
        ({"dtype": "float32"}, r"export: C has no program with dtype='float32'; compile without dtype"),
    ],
)
def test_what_c_does_not_keep_is_refused(options: dict[str, Any], says: str, tmp_path: Path) -> None:
    """The order of strict programs, and float32; and no file is there."""
    with pytest.raises(NotCompilable, match=says):
        simple(**options).export(tmp_path / "model.c")
    assert not [*tmp_path.iterdir()]


def test_an_operation_without_words_in_c_is_named(tmp_path: Path) -> None:
    """As for backend="c", but that another backend is no way out."""
    op = ag.Op("bent", lambda x: x * x, lambda g, y, x: (2 * g * x,))
    with pytest.raises(NotCompilable, match=r"^export: the operation 'bent' has no form; give it a form\.$"):
        compile(lambda x: op(x), 0.0).export(tmp_path / "model.c")


@pytest.mark.parametrize("name", ["model", "model.h", "model.cpp", ".c", 'a"b.c', "a\\b.c", "a\nb.c", "a??=.c"])
def test_a_path_that_is_none_of_a_file_in_c_is_refused(name: str, tmp_path: Path) -> None:
    """Or whose name an #include cannot say."""
    with pytest.raises(ValueError, match=r"wanted the path of a file in C, as in 'model\.c'"):
        simple().export(tmp_path / name)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        simple().export(tmp_path / "none" / "model.c")


def test_a_file_is_there_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What stood there stays if the disk is full, and nothing else is left; and a link stays a link."""
    path, target = tmp_path / "model.c", tmp_path / "target.c"
    target.write_text("old")
    path.symlink_to(target)

    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(exporting.os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            simple().export(path)
    assert target.read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.c", "target.c"]
    simple().export(path)
    assert path.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("/* Written by scalar-autograd")
