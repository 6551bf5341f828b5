"""Public names: each is found by Tab and `help`, and nothing else is."""

import builtins
import importlib
import pydoc
from types import ModuleType

import pytest

import autograd
import nn
from autograd import Op, functions
from autograd.operation import OPS, Family

# The modules to import from, and what they have besides their __all__.
PUBLIC = {
    "autograd": {"abs", "compile", "pow", "round", "sum"},
    "autograd.check": set(),
    "autograd.compiler": set(),
    "autograd.implicit": set(),
    "autograd.laws": set(),
    "autograd.render": set(),
    "autograd.strategies": set(),
    "autograd.testing": set(),
    "nn": set(),
    "nn.estimators": set(),
}


@pytest.fixture(params=PUBLIC)
def module(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def names(module: ModuleType) -> set[str]:
    return {*module.__all__, *PUBLIC[module.__name__]}


def test_tab_shows_the_public_names_and_no_others(module: ModuleType) -> None:
    """`dir`, which editors and notebooks ask, has no submodule and no import of ours; every name in it can be had."""
    assert {name for name in dir(module) if not name.startswith("_")} == names(module)
    for name in names(module):
        getattr(module, name)


def test_help_shows_every_public_name(module: ModuleType) -> None:
    """Also those that are loaded when they are first asked for."""
    said = pydoc.plain(pydoc.render_doc(module))
    assert not [name for name in names(module) if name not in said]


def test_a_star_hides_nothing_of_pythons() -> None:
    """`from autograd import *` brings all but what Python itself has under that name; so does nn's, and has none."""
    for module in (autograd, nn):
        space: dict[str, object] = {}
        exec(f"from {module.__name__} import *", space)
        assert {*space} - {"__builtins__"} == {name for name in names(module) if not hasattr(builtins, name)}


@pytest.mark.parametrize("part", autograd._LATER)
def test_what_is_loaded_later_is_what_its_module_lists(part: str) -> None:
    """A name is public in the part if and only if it is in `autograd`, but for the part that is public itself."""
    listed = autograd._LATER[part].split()
    assert listed == ([part] if part in listed else importlib.import_module(f"autograd.{part}").__all__)


def test_an_operation_of_the_table_is_public_or_a_part_of_rules() -> None:
    """By the list in functions.py: who adds an entry decides, for what is not listed is used by another entry."""
    entries = {name for name, entry in vars(functions).items() if isinstance(entry, Op | Family) and name in OPS}
    parts = {"exp_difference", "log_sum_rest", "partition", "pivot", "pow_derivative", "sech2", "share", "unit"}
    assert entries - {*autograd.__all__, *functions.__all__} == parts
