"""Laws of the compiled engine: whatever it is asked, it does what plain Python does, to the letter.

They need it built, as `make test` does where there is a C compiler; and say so where it is not.
"""

import gc
import inspect
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import autograd as ag
from autograd import Value, doubles, engines
from autograd.compiler import kernels, toolchain
from autograd.operation import OPS, Op, primitive

ROOT = Path(ag.__file__).parents[1]
TRANSLATED = ROOT / "autograd" / "doubles.c"
SAME = Path(__file__).parents[1] / "support" / "same.py"

needs_compiled = pytest.mark.skipif(not doubles.NATIVE, reason=f"the engine is {engines.said()}")
needs_compiler = pytest.mark.skipif(not toolchain.compiler(), reason="there is no C compiler")


def run(*command: str, root: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    chosen = {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", "AUTOGRAD_ENGINE": "", **environment}
    variables = {**os.environ, **chosen}
    command = (sys.executable, *command)
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The package at another place."""
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd", ignore=shutil.ignore_patterns("__pycache__", "*.c"))
    return tmp_path


# --- The same ---------------------------------------------------------------------------------------------------


@needs_compiled
def test_both_engines_do_the_same_to_the_letter() -> None:
    """Numbers, gradients, graphs, copies, messages of some thousand random programs, with numbers of every kind."""
    plain, compiled = (run(str(SAME), "0", "2500", AUTOGRAD_ENGINE=engine) for engine in ("python", "compiled"))
    assert (plain.stderr, compiled.stderr) == ("", "")
    text = compiled.stdout.replace("autograd.engine.Value", "Value")  # so Python itself names classes that are compiled
    assert len(text.splitlines()) > 30_000
    for ours, theirs in zip(text.split("program"), plain.stdout.split("program"), strict=True):
        assert ours == theirs


def named(text: str) -> list[Op]:
    """The operations of a kernels.h."""
    known = {op.name: op for op in (*OPS.values(), *ag.functions.MEMBERS) if isinstance(op, Op)}
    names = text[text.index("KERNELS[]") : text.index("};")].split('"')[1::2]
    return [known[name] for name in names]


def test_the_kernels_are_those_of_the_table() -> None:
    """kernels.h is what `make kernels` writes of the operations that it has."""
    text = kernels.FILE.read_text(encoding="utf-8")
    assert kernels.written(named(text)) == text, "make kernels"


@needs_compiler
def test_a_kernel_gives_the_bits_of_the_closures() -> None:
    """Value and cotangents, over the domain and beyond it; or it leaves the operands to them."""
    assert kernels.differences(named(kernels.FILE.read_text(encoding="utf-8"))) == {}


@needs_compiler
@pytest.mark.parametrize(
    "forward",
    [lambda x: ag.exp.forward(x) * (1 + 1e-15), lambda x: int(ag.exp.forward(min(x, 700.0)))],
    ids=["another number", "an integer"],
)
def test_a_kernel_that_differs_is_found(forward: Callable[[float], float]) -> None:
    op = Op("exp", forward, lambda g, y, x: (g * y,), form=lambda f, x: f.exp(x))
    assert set(kernels.differences([op])) == {"exp"}
    op = Op("exp", ag.exp.forward, lambda g, y, x: (g * y,), form=lambda f, x: f.exp(x))
    assert kernels.differences([op]) == {}


def test_the_compiled_class_has_its_signature() -> None:
    """For help, and for editors."""
    assert list(inspect.signature(Value).parameters) == ["data", "label"]
    assert list(inspect.signature(Value.backward).parameters) == ["self", "gradient"]


def test_integers_beyond_the_floats_compare_exactly() -> None:
    """As Python's do: a float is no measure of them."""
    big, near = 2**53 + 1, 2.0**53
    for left, right in [(Value(near), big), (Value(near), Value(big)), (near, Value(big))]:
        assert left < right
        assert right > left
        assert left != right
        assert not left >= right


@needs_compiled
def test_an_operation_that_takes_a_name_does_not_take_its_kernel() -> None:
    """A user's own tanh, in the place of the library's, is computed by its own closures."""
    own = primitive("tanh", lambda x: 2.0 * x, lambda g, y, x: (2.0 * g,), replace=True)
    x = Value(0.5)
    y = own(x)
    y.backward()
    assert (y.data, x.grad) == (1.0, 2.0)


# --- Graphs -----------------------------------------------------------------------------------------------------


def recurrence(start: float, turns: int = 500) -> tuple[Value, list[Value]]:
    x, a, b = Value(start), Value(0.9), Value(0.1)
    y = x
    for k in range(turns):
        y = ag.tanh(a * y + b) * y + (y if y > 0.2 else -y) / (k + 1)
    return y, [x, a, b]


def swept(start: float) -> tuple[float, ...]:
    y, leaves = recurrence(start)
    y.backward()
    return y.data, *(leaf.grad for leaf in leaves)


def test_eight_threads_give_the_bits_of_one() -> None:
    """Graphs of their own, made and swept side by side, again and again."""
    starts = [0.1 * k for k in range(1, 9)]
    wanted = [swept(start) for start in starts]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            assert list(pool.map(swept, starts)) == wanted


def test_one_graph_swept_by_eight_threads_adds_up() -> None:
    """Every sweep adds the whole gradient, whoever else sweeps."""
    y, leaves = recurrence(0.3, 100)
    y.backward()
    once = [leaf.grad for leaf in leaves]
    y.zero_grad()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: y.backward(), range(64)))
    assert [leaf.grad for leaf in leaves] == pytest.approx([64 * g for g in once], rel=1e-12)


DROPPED: dict[str, Callable[[Value], Value]] = {
    "a chain": lambda x: x + 1.5,
    "both operands": lambda x: x * x,
    "a diamond": lambda x: x + x * 1e-9,
    "another diamond": lambda x: 1e-9 * x + x,
    "many operands": lambda x: ag.sum([x, 1.5, x]),
    "by closures": lambda x: ag.hypot(x, 1.5),
    "of integers": lambda x: 1 - x,
}


@pytest.mark.parametrize("step", DROPPED)
def test_a_deep_graph_of_any_shape_is_dropped(step: str) -> None:
    """Without recursion, every node, and the memory with it."""
    gc.collect()
    before = doubles.living()
    x = Value(0.25)
    for _ in range(300_000):
        x = DROPPED[step](x if abs(x) < 1e6 else x * 1e-6)
    del x
    assert doubles.living() == before


@needs_compiled
def test_memory_of_a_large_graph_is_given_back() -> None:
    """But for that of some thirty thousand nodes, which are made anew of it."""
    gc.collect()
    before = sys.getallocatedblocks()
    x = Value(0.25)
    for _ in range(200_000):
        x = x + x * 1e-9
    del x
    assert sys.getallocatedblocks() - before < 50_000


def test_a_new_node_has_nothing_of_those_before() -> None:
    """Whatever they held: a label, exact numbers, gradients, an operation, operands."""
    numbers = [3, 2**80, Fraction(1, 3), 0.5]
    for _ in range(3):
        dropped = [Value(number, "x") * number for number in numbers * 50]
        for node in dropped:
            node.backward()
            node.label = "y"
        del dropped, node
        for made in [Value(0.5), Value(0.5) * 2.0, Value(7), ag.tanh(Value(0.5))] * 50:
            assert (made.label, made.grad) == (None, 0)
            assert all((x.label, x.grad, x.op, x.inputs) == (None, 0, None, ()) for x in made.inputs[:1])
            assert type(made.data) is (int if made.is_leaf and made.data == 7 else float)


def test_a_node_that_was_tampered_with_is_an_error_and_no_crash() -> None:
    """Its operation, or what it was made of, is not what a node has."""
    changes: list[Callable[[Any, Value], None]] = [
        lambda y, x: setattr(y, "op", None),
        lambda y, x: setattr(y, "_left", (x, x, x)),
        lambda y, x: setattr(y, "_left", 3),
        lambda y, x: setattr(y, "_right", None),
        lambda y, x: setattr(y, "_right", 3),
    ]
    for change in changes:
        x = Value(2.0)
        y: Any = x * 3.0
        change(y, x)
        with pytest.raises((TypeError, AttributeError)):
            (y + 1.0).backward()


def test_a_hundred_thousand_graphs_leave_nothing() -> None:
    """Made, swept and dropped; blocks of memory are counted."""

    def graphs(count: int) -> None:
        for k in range(count):
            x = Value(0.5, "x")
            y = (x * 3 + ag.tanh(x) - k) ** 2 / 2.0
            y.backward()

    graphs(1000)
    gc.collect()
    nodes, blocks = doubles.living(), sys.getallocatedblocks()
    graphs(100_000)
    assert doubles.living() == nodes
    assert sys.getallocatedblocks() - blocks < 1000


def sanitizers() -> list[str]:
    """The libraries with which gcc looks over what a program does in memory."""
    names = ("libasan.so", "libubsan.so")
    if not shutil.which("gcc"):
        return []
    asked = [
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
        for name in names
    ]
    return [each.stdout.strip() for each in asked if os.path.isabs(each.stdout.strip())]


@needs_compiled
@pytest.mark.skipif(len(sanitizers()) < 2, reason="gcc has no sanitizers here")
@pytest.mark.skipif(not TRANSLATED.exists(), reason="doubles.pyx was translated elsewhere")
def test_sanitizers_find_nothing(copied: Path) -> None:
    """Random programs and a deep graph, doubles.pyx under AddressSanitizer and UBSan; compiled without a warning."""
    (library,) = copied.glob("autograd/doubles.*so")
    library.unlink()
    defined = ["-DCYTHON_USE_TYPE_SPECS=1", "-DAUTOGRAD_SPARES=0", f'-DAUTOGRAD_FINGERPRINT="{engines.fingerprint()}"']
    checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-Wall", "-Wextra"]
    included = [f"-I{sysconfig.get_path('include')}", f"-I{ROOT / 'autograd'}"]
    command = ["gcc", "-O0", "-shared", "-fPIC", *checks, *defined, *included, str(TRANSLATED), "-o", str(library)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    checked = {
        "LD_PRELOAD": " ".join(sanitizers()),
        "ASAN_OPTIONS": "detect_leaks=0",  # Python leaves much to the end of the process
        "PYTHONMALLOC": "malloc",
        "AUTOGRAD_ENGINE": "compiled",
    }
    done = run(str(SAME), "0", "150", root=copied, **checked)
    assert (done.returncode, done.stderr) == (0, "")
    deep = "from autograd import Value\nx = Value(0.5)\nfor _ in range(20_000): x = x + x * 1e-9\nx.backward()\ndel x"
    done = run("-c", deep, root=copied, **checked)
    assert (done.returncode, done.stderr) == (0, "")


# --- Which engine -----------------------------------------------------------------------------------------------

SAID = "from autograd.engines import said; print(said())"


def test_what_builds_the_engine_is_said_alike() -> None:
    """The sources in `SOURCES` and in the Makefile; Cython's versions for building and for the tests."""
    (built,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".venv/engine:")]
    assert all(name in built for name in engines.SOURCES)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["build-system"]["requires"]) <= set(project["project"]["optional-dependencies"]["test"])


def test_the_plain_engine_can_be_chosen() -> None:
    done = run("-c", SAID + "; from autograd import engine; print(engine.__file__)", AUTOGRAD_ENGINE="python")
    said, file = done.stdout.splitlines()
    assert said == "plain Python (AUTOGRAD_ENGINE=python is set)"
    assert Path(file).name == "engine.py"


def test_a_choice_that_is_none_is_refused() -> None:
    done = run("-c", SAID, AUTOGRAD_ENGINE="C")
    assert done.stderr.splitlines()[-1] == "ValueError: AUTOGRAD_ENGINE=C: wanted python or compiled."


@needs_compiled
def test_a_changed_source_is_what_runs(copied: Path) -> None:
    """A build of other sources is not used, until it is built anew."""
    assert run("-c", SAID, root=copied).stdout == "compiled\n"
    source = copied / "autograd" / "engine.py"
    source.write_text(source.read_text(encoding="utf-8").replace('"""The engine:', '"""My engine:'), encoding="utf-8")
    done = run("-c", SAID + "; from autograd import engine; print(engine.__doc__[:9])", root=copied)
    why = "it was built from other sources than those beside it: install again"
    assert done.stdout.splitlines() == [f"plain Python ({why})", "My engine"]
    done = run("-c", SAID, root=copied, AUTOGRAD_ENGINE="compiled")
    assert done.stderr.splitlines()[-1] == f"ImportError: AUTOGRAD_ENGINE=compiled: {why}."


@pytest.mark.parametrize("missing", [("engine",), ("doubles",), ("engine", "doubles")])
def test_where_nothing_was_built_plain_python_runs(missing: tuple[str, ...], copied: Path) -> None:
    for name in missing:
        for library in (*copied.glob(f"autograd/{name}.*so"), *copied.glob(f"autograd/{name}.*pyd")):
            library.unlink()
    code = "; from autograd import Value; x = Value(3.0); (x * x).backward(); print(x.grad)"
    done = run("-c", SAID + code, root=copied)
    assert done.stdout.splitlines() == ["plain Python (none was built: install again with a C compiler)", "6.0"]
