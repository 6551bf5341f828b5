"""A user's file: run, and searched for what can be checked."""

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from autograd.commands import Interrupted
from autograd.familiar import nearest
from autograd.languages import Language
from autograd.laws.drawing import Domain, arguments_of
from autograd.laws.shapes import defines
from autograd.laws.words import FILE
from autograd.operation import Op
from autograd.trying import Raised

ENGINE, OPERATION, FUNCTION = "engine", "operation", "function"
NOT_FOUND, NOT_RUN = 2, 1


class Unfit(Exception):  # noqa: N818 - says what it is
    """A file, or a name in it, cannot be checked; the message is one line.

    Attributes:
        status: 2 where it is not there, 1 where its code is to blame.
    """

    def __init__(self, sentence: str, status: int = NOT_FOUND) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Thing:
    """What can be checked: its name, what it is, and its kind."""

    name: str
    what: Any
    kind: str


def split(given: str) -> tuple[Path, str]:
    """FILE.py:NAME; a path may have a colon of its own, as on Windows."""
    path, colon, name = given.rpartition(":")
    if colon and path and all(part.isidentifier() for part in name.split(".")) and not Path(given).exists():
        return Path(path), name
    return Path(given), ""


def load(path: Path, language: Language) -> ModuleType:
    """The module that the file makes, run as `python FILE` runs it: from its folder, with nothing behind its name.

    Only `__name__` is another, the file's own: what stands under `if __name__ == "__main__":`, such as training, is not
    run.

    Raises:
        Unfit: there is no such file, or it raises.
    """
    says = FILE[language]
    if not path.is_file():
        raise Unfit(says["missing"].format(path=path))
    if path.suffix == ".ipynb":
        raise Unfit(says["notebook"].format(path=path))
    name = path.stem if path.stem not in sys.modules else f"{path.stem} (checked)"
    file = str(path.resolve())
    spec = spec_from_loader(name, SourceFileLoader(name, file))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    sys.argv = [str(path)]
    try:
        spec.loader.exec_module(module)
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException as error:
        raise Unfit(_why(error, path, file, language), NOT_RUN) from None
    return module


def _why(error: BaseException, path: Path, file: str, language: Language) -> str:
    """One line on what a file raised, with the line of it."""
    says = FILE[language]
    if isinstance(error, SyntaxError) and error.filename == file:
        return says["raises"].format(path=path, line=error.lineno, error=f"{type(error).__name__}: {error.msg}")
    raised = Raised(error, file)
    if isinstance(error, SystemExit):
        return says["exits"].format(path=path, line=raised.line)
    return says["raises"].format(path=path, line=raised.line, error=raised)


def things(module: ModuleType, path: Path, name: str, domain: Domain, language: Language) -> list[Thing]:
    """What the name stands for; without one, all that the file defines and that can be checked.

    Raises:
        Unfit: there is none.
    """
    if name:
        return [_named(module, path, name, language)]
    found = [thing for thing in _defined(module) if thing.kind != FUNCTION or _has_numbers(thing.what, domain)]
    if not found:
        raise Unfit(FILE[language]["nothing"].format(path=path))
    return found


def _named(module: ModuleType, path: Path, name: str, language: Language) -> Thing:
    says, what = FILE[language], module
    for part in name.split("."):
        if not hasattr(what, part):
            near = nearest(name, [each.name for each in _defined(module)] or dir(module))
            hint = says["near"].format(name=near) if near else ""
            raise Unfit(says["no name"].format(path=path, name=name, hint=hint))
        what = getattr(what, part)
    kind = ENGINE if inspect.isclass(what) else OPERATION if isinstance(what, Op) else FUNCTION
    if not callable(what):
        raise Unfit(says["no kind"].format(path=path, name=name, kind=type(what).__name__))
    return Thing(name, what, kind)


def _defined(module: ModuleType) -> Iterator[Thing]:
    """What can be checked and is made in this file, not imported there, in its order."""
    seen: set[int] = set()
    for name, what in vars(module).items():
        kind = _kind(what, module)
        if kind and id(what) not in seen and not name.startswith("_"):
            seen.add(id(what))
            yield Thing(name, what, kind)


def _kind(what: Any, module: ModuleType) -> str:
    if inspect.isclass(what):
        sums = defines(what, "__add__") or defines(what, "__mul__")
        return ENGINE if what.__module__ == module.__name__ and sums and hasattr(what, "backward") else ""
    if isinstance(what, Op):
        return OPERATION if any(_is_from(each, module) for each in (what.backward, what.forward)) else ""
    return FUNCTION if isinstance(what, FunctionType) and _is_from(what, module) else ""


def _is_from(what: Any, module: ModuleType) -> bool:
    return getattr(getattr(what, "__code__", None), "co_filename", "") == module.__file__


def _has_numbers(f: Callable[..., Any], domain: Domain) -> bool:
    """Whether annotations, intervals or examples say which numbers it takes, and it may return one."""
    returned = getattr(f, "__annotations__", {}).get("return", float)
    if returned in (None, "None", str, "str", bool, "bool", list, dict):
        return False
    try:
        names = inspect.signature(f).parameters
        arguments_of("", f, {name: each for name, each in domain.items() if name in names}, bare=False)
    except (TypeError, ValueError):
        return hasattr(f, "hypothesis_explicit_examples")
    return True
