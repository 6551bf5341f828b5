"""The package as others get it: built, installed where nothing else is, used, and type-checked against.

Everything here works without a network. The build is `python -m build --no-isolation`, with the setuptools of this
environment, and not in an environment that pip would first fetch; and the clean environment gets, besides the wheel,
only what the wheel's own metadata say that it needs, linked from this one. So what the code imports without declaring
it is missing there, as it would be for a user.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import autograd
from autograd.compiler.backends import BACKENDS
from docs.build import pages

ROOT = Path(__file__).parents[2]
NOT_COPIED = (".*", "outputs", "build", "dist", "*.egg-info", "__pycache__", "docs")
USER = '''\
"""What a user may write; every mistake is one that a type checker has to find."""

from autograd import Value, compile, draw, grad, gradients, sin
from nn import MLP, fit

x = Value(1.0, "x")
y: Value = sin(x) * 2 + x**2 - 1 / x
number: float = sin(0.5)
slopes: list[Value] = gradients(y, [x])
text: str = draw(y).text()
model = MLP(2, [4, 1], "tanh", seed=0)
parameters: list[Value] = model.parameters()
losses: list[float] = fit(model, "squared_error", [[0.0, 1.0]], [1.0], epochs=1, progress=False).losses
loss, gradient = compile(lambda a: a * x, 1.0, wrt=[x]).value_and_grad([1.0])
reveal = grad(lambda a: a * a)(2.0)
'''
MISTAKES = {
    '_ = Value("1")': "reportArgumentType",
    "_ = Value(1.0).backwards()": "reportAttributeAccessIssue",
    "_ = gradients(1.0, [x])": "reportArgumentType",
    '_ = draw(x, language="fr")': "reportArgumentType",
    "one: int = compile(lambda a: a, 1.0)": "reportAssignmentType",
    "two: int = draw(x)": "reportAssignmentType",
    "three: int = model": "reportAssignmentType",
}


def run(*command: object, cwd: Path | None = None, **variables: str) -> str:
    """What a program prints, in an environment that knows nothing of this folder.

    Raises:
        AssertionError: it fails; with what it said.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "VIRTUAL_"))}
    line = [str(each) for each in command]
    ran = subprocess.run(line, cwd=cwd, env=clean | variables, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{' '.join(line)}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is made of the sdist."""
    folder = tmp_path_factory.mktemp("built")
    copy = folder / "source"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, copy)
    return folder


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel and what its metadata say that it needs."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder)
    here = folder / "bin" / "python"
    packages = packages_of(here)
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", packages, wheel)
    for name in needed(here):
        _link(name, packages)
    return here


def packages_of(python: Path) -> Path:
    """Where an environment has what is installed."""
    return Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())


def ours(python: Path) -> metadata.Distribution:
    """The wheel as it is installed."""
    found = metadata.distributions(name="scalar-autograd", path=[str(packages_of(python))])
    return next(iter(found))


def needed(python: Path) -> list[str]:
    """What the wheel installs besides itself, without extras."""
    requirements = map(Requirement, ours(python).requires or [])
    return [each.name for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]


def _link(name: str, packages: Path) -> None:
    """Have a distribution of this environment in the other one too."""
    files = metadata.files(name) or []
    for top in {file.parts[0] for file in files if file.parts[0] != ".."}:
        (packages / top).symlink_to(Path(str(metadata.distribution(name).locate_file(top))))


# --- What is in it ----------------------------------------------------------------------------------------------


# The C that Cython writes; and what was built of it, where the environment asks for plain Python.
NOT_IN_WHEELS = {".c", *((".so", ".pyd") if os.environ.get("AUTOGRAD_ENGINE") == "python" else ())}


def names(archive: Path) -> set[str]:
    """The files of a wheel or an sdist; those of an sdist without their first folder."""
    lister = "import sys, tarfile, zipfile, json; path = sys.argv[1]; "
    lister += "print(json.dumps(zipfile.ZipFile(path).namelist() if path.endswith('.whl') else "
    lister += "[name.partition('/')[2] for name in tarfile.open(path).getnames()]))"
    return set(json.loads(run(sys.executable, "-c", lister, archive)))


def test_the_wheel_has_the_library_and_nothing_else(built: Path) -> None:
    """Every file of autograd, nn and demos that is not a cache, the licence, and no test or benchmark."""
    (wheel,) = built.glob("*.whl")
    inside = {name for name in names(wheel) if ".dist-info/" not in name}
    library = {
        path.relative_to(ROOT).as_posix()
        for package in ("autograd", "nn", "demos")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in NOT_IN_WHEELS
    }
    assert inside == library
    assert any(name.endswith("licenses/LICENSE") for name in names(wheel))


def test_the_sdist_can_be_read_and_built(built: Path) -> None:
    """It has what the wheel is made of, with README and licence; the wheel of this test was made of it."""
    (sdist,) = built.glob("*.tar.gz")
    assert {"pyproject.toml", "README.md", "LICENSE", "autograd/py.typed", "nn/py.typed"} <= names(sdist)


def test_the_metadata_are_complete(python: Path) -> None:
    """What an index shows; by PEP 639 the licence is an SPDX expression."""
    installed = ours(python)
    fields = installed.metadata
    assert fields["Version"] == autograd.__version__
    for field in ("Summary", "Description-Content-Type", "License-Expression", "License-File", "Keywords", "Author"):
        assert fields[field], field
    assert fields["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in fields.get_all("Classifier", [])
    assert "\n\n# scalar-autograd\n" in (installed.read_text("METADATA") or "")


def test_an_editable_install_is_a_line_that_type_checkers_follow(tmp_path: Path) -> None:
    """`pip install -e .` leaves a .pth file with the folder in it: no finder that only a running Python asks."""
    copy = tmp_path / "source"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED, "tests", "benchmarks"))
    build = f"from setuptools import build_meta; build_meta.build_editable({str(tmp_path)!r})"
    run(sys.executable, "-c", build, cwd=copy, AUTOGRAD_ENGINE="python")
    (wheel,) = tmp_path.glob("*.whl")
    (line,) = (name for name in names(wheel) if ".dist-info/" not in name)
    assert line.endswith(".pth")
    assert zipfile.ZipFile(wheel).read(line).decode().split() == [str(copy)]


# --- In use -----------------------------------------------------------------------------------------------------


def test_the_examples_of_the_readme_run_where_only_the_wheel_is(python: Path, tmp_path: Path) -> None:
    """With their printed numbers, and imported from the wheel; and a picture's text, which needs no Graphviz."""
    code = "\n".join(pages.blocks("README.md", "python"))
    promised = [line.rpartition("  # ")[2] for line in code.splitlines() if line.startswith("print(")]
    code += "\nimport autograd\nprint(autograd.draw(price).dot[:7])\nprint(autograd.__file__)"
    *printed, dot, place = run(python, "-I", "-W", "error", "-c", code, cwd=tmp_path).splitlines()
    assert printed == promised
    assert dot == "digraph"
    assert Path(place).is_relative_to(python.parents[1])


def test_it_says_what_is_missing(python: Path, tmp_path: Path) -> None:
    """`python -m autograd` where only the wheel is: NumPy works, and each other part asks for what an extra has."""
    said = run(python, "-I", "-m", "autograd", cwd=tmp_path, PATH="")
    assert f"scalar-autograd {autograd.__version__}\n" in said
    assert re.search(r"numpy +✓ numpy \d", said)
    needs = {each.partition(";")[0].strip() for each in ours(python).requires or []}
    for part in {*BACKENDS, "Graphviz", "digamma …"} - {"numpy"}:
        asked = re.search(rf"\n  {part} +– .*pip install '([^']+)'", said)
        assert asked, part
        assert asked[1] in needs, part


def test_it_says_what_is_here() -> None:
    """`python -m autograd` in this environment, which has every extra: each part names its version; C, its compiler."""
    said = run(sys.executable, "-m", "autograd", cwd=ROOT)
    for name in BACKENDS:
        what = "." if name == "c" else rf"{name} \d"
        assert re.search(rf"\n  {name} +✓ {what}", said), name
    assert " – " not in said


def test_a_users_file_is_type_checked_against_the_wheel(python: Path, tmp_path: Path) -> None:
    """Without a complaint; and each planted mistake is found, so the types are seen at all."""
    pytest.importorskip("pyright", reason="NO TYPES WERE CHECKED: pyright is in the extra dev (make lint installs it)")
    wrong = USER + "\n".join([*MISTAKES, ""])
    assert pyright(python, tmp_path, right=USER, wrong=wrong) == {"right": [], "wrong": list(MISTAKES.values())}


def pyright(python: Path, folder: Path, **code: str) -> dict[str, list[str]]:
    """The rules that each file breaks."""
    broken: dict[str, list[str]] = {name: [] for name in code}
    for name, text in code.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", str(python), "--outputjson", str(folder)]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    for each in json.loads(said)["generalDiagnostics"]:
        broken[Path(each["file"]).stem].append(each.get("rule", each["message"]))
    return broken
