"""What is said where a package is missing can be typed, wherever the project came from."""

import ast
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograd import installing
from autograd.installing import pip_install

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
REQUIREMENTS = [each for extra in EXTRAS.values() for each in extra]
NEEDED: dict[str, str] = {canonicalize_name(Requirement(each).name): each for each in REQUIREMENTS}
CODE = [path for package in ("autograd", "nn", "demos") for path in (ROOT / package).rglob("*.py")]
READ = [*CODE, *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.ipynb"), *ROOT.glob("README*.md")]


def asked() -> set[tuple[str, ...]]:
    """What the code hands to `pip_install`, where it says so in so many words."""
    nodes = (node for path in CODE for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    calls = (node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    ours = [node for node in calls if getattr(node.func, "id", "") == "pip_install"]
    return {tuple(str(each.value) for each in node.args if isinstance(each, ast.Constant)) for node in ours}


@pytest.mark.parametrize("names", sorted(asked()), ids=" ".join)
def test_a_hint_asks_for_what_an_extra_needs(names: tuple[str, ...]) -> None:
    """By the requirement in pyproject.toml, quoted for the shell."""
    assert pip_install(*names) == " ".join(["pip install", *(f"'{NEEDED[name]}'" for name in names)])


def test_a_module_is_asked_for_by_the_name_of_its_distribution() -> None:
    """As in the error of a lesson, which knows what could not be imported."""
    assert pip_install("sklearn") == f"pip install '{NEEDED['scikit-learn']}'"
    assert pip_install("matplotlib_fontja") == f"pip install '{NEEDED['matplotlib-fontja']}'"


def test_a_hint_works_where_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a clone without metadata the names alone are asked for, and of a stranger its name."""
    assert pip_install("elsewhere") == "pip install elsewhere"
    monkeypatch.setattr(installing, "PROJECT", "a-project-that-is-not-there")
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.requires(installing.PROJECT)
    assert pip_install("sklearn", "jax") == "pip install 'scikit-learn' jax"


def test_every_command_that_is_written_out_can_be_typed() -> None:
    """`pip install` in code, docs and notebooks names what extras need, or this folder with extras that there are."""
    for path in READ:
        for typed in re.findall(r"pip install ((?:'[^']+'|[\w.-]+)(?: '[^']+')*)", path.read_text(encoding="utf-8")):
            for each in re.findall(r"'([^']+)'|([\w.-]+)", typed):
                assert is_known("".join(each)), f"{path}: pip install {typed}"


def is_known(wanted: str) -> bool:
    if here := re.fullmatch(r"\.(?:\[([\w,]+)\])?", wanted):
        return set((here[1] or "test").split(",")) <= set(EXTRAS)
    return NEEDED.get(canonicalize_name(Requirement(wanted).name)) == wanted
