"""The house: imports run one way, and importing the library loads and changes nothing it need not."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("autograd", "nn", "demos", "benchmarks", "docs/build")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HEAVY = {"numpy", "graphviz", "matplotlib", "sklearn", "scipy", "hypothesis", "mpmath", "jax", "numba", "tqdm"}


ORDER = (
    *(
        "doubles",
        "installing",
        "reals",
        "languages",
        "words",
        "errors",
        "familiar",
        "behaviour",
        "forms",
        "operation",
        "callers",
        "rules",
        "sweep",
        "engine",
    ),
    *("forwards", "functions", "ufuncs", "notation"),
)


PAGES_USE = {
    "autograd.compiler.printers.javascript_functions": ("Functions",),  # what computes a graph in a page
    "autograd.compiler.recording": ("Guard", "record"),  # a function that is drawn
}
FOLDS_USE = {  # what finds the turns of a loop, and the language in which it is told of them
    "autograd.compiler.loops.periods": ("Periods", "Run", "TURNS"),
    "autograd.compiler.scalar": ("CONSTANT", "INPUT", "NONE", "VALUE", "Scalars"),
}


def imports(path: Path, for_types: bool = True) -> set[str]:
    """The modules a file imports, anywhere in it; not for type checkers only, if so asked."""
    found, tree = set(), ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not for_types:
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the import out, without dots"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def uses(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in imports(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    """docs/build → demos, benchmarks → nn → autograd; in it the engine in its order; drawing and compiling apart."""
    inside = path.relative_to(ROOT).parts
    rooms = ("autograd", "nn", "demos", "benchmarks", "docs")
    above = rooms[rooms.index(inside[0]) + 1 :]
    assert not any(uses(path, package) for package in above)
    if inside[:-1] == ("autograd",) and path.stem in ORDER:
        needed = {name.split(".")[1] for name in imports(path, for_types=False) if name.startswith("autograd.")}
        assert needed <= set(ORDER[: ORDER.index(path.stem)])
    if inside[:2] == ("autograd", "render"):
        used = PAGES_USE | (FOLDS_USE if path.stem == "repeats" else {})
        allowed = {*used, *(f"{module}.{name}" for module, names in used.items() for name in names)}
        assert {name for name in imports(path) if name.startswith("autograd.compiler.")} <= allowed
    if inside[:2] == ("autograd", "compiler") and inside[2] != "drawing":
        assert not uses(path, "autograd.render")
    if inside[:3] == ("autograd", "compiler", "loops"):
        assert not uses(path, "autograd.compiler.matrices")


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def at_once(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports of a file that run as it is loaded: not those in functions, nor for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If | ast.Try | ast.With) and "TYPE_CHECKING" not in ast.dump(node):
            yield from at_once(node)


def test_there_is_no_circle_of_imports() -> None:
    """Whichever file is loaded first, those that it needs are complete when it uses them."""
    files = {module(path): path for path in FILES}
    needs: dict[str, set[str]] = {}
    for name, path in files.items():
        found = list(at_once(ast.parse(path.read_text(encoding="utf-8"))))
        whole = {alias.name for each in found if isinstance(each, ast.Import) for alias in each.names}
        for each in (each for each in found if isinstance(each, ast.ImportFrom)):
            inside = {f"{each.module}.{alias.name}" for alias in each.names}
            whole |= inside & set(files) or {each.module or ""}
        needs[name] = whole & set(files) - {name}
    assert len(tuple(TopologicalSorter(needs).static_order())) == len(files)


def test_no_test_imports_another_test() -> None:
    """What tests share stands in tests/support."""
    tests = {path.stem: path for path in (ROOT / "tests").rglob("*.py")}
    shared = {path.stem for path in (ROOT / "tests" / "support").iterdir()}
    for path in tests.values():
        assert not {name.split(".")[0] for name in imports(path)} & (set(tests) - shared), path


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_importing_autograd_loads_nothing_heavy() -> None:
    """`import autograd` needs no third-party module at all until one is used; pictures and checks come later."""
    loaded = run("import sys, autograd; print(*sys.modules)").split()
    assert not HEAVY & {name.split(".")[0] for name in loaded}
    assert not {"autograd.render", "autograd.check"} & set(loaded)


def test_importing_nn_loads_numpy_at_most() -> None:
    """`import nn` stays light: the optional packages come with the function that needs them."""
    loaded = run("import sys, nn; print(*{name.split('.')[0] for name in sys.modules})").split()
    assert HEAVY & set(loaded) <= {"numpy"}


def test_importing_changes_nothing_global() -> None:
    """No random state, recursion limit, warning filter or signal handler is touched."""
    look = "(random.getstate(), sys.getrecursionlimit(), list(warnings.filters), signal.getsignal(signal.SIGINT))"
    head = "import random, signal, sys, warnings, inspect, decimal, fractions, numpy"
    assert run(f"{head}; before = {look}; import autograd, nn; print(before == {look})") == "True\n"
