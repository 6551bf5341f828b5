"""A student's file, its calls, and what can be wrong with what they give."""

import contextlib
import copy
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np

from autograd.trying import Raised, Student, quietly
from demos._exercises.exercise import Texts
from demos._exercises.words import SAYS

_CLOSE = 1e-6  # relative, and absolute: an answer may round as it likes
_SHOWN = 60  # characters of what came


class Wrong(Exception):  # noqa: N818 - says what an answer is
    """An answer is not right: the sentence says what came, for the smallest case that shows it.

    Attributes:
        hint: where to look; "" where the sentence says all.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


class Unwritten(Exception):  # noqa: N818
    """There is a TODO still: its own sentence."""


@dataclass
class Answer:
    """A student's file, loaded as a module.

    Attributes:
        path: the file.
        module: what it defines.
        language: of the sentences.
        texts: of the exercise; its hints.
        student: runs the code.
    """

    path: Path
    module: ModuleType
    language: str
    texts: Texts
    student: Student

    def say(self, key: str, **said: Any) -> str:
        """A sentence that all exercises share."""
        return SAYS[self.language][key].format(**said)

    def hint(self, key: str) -> str:
        """A hint of this exercise; `hint` for none."""
        return self.texts[self.language].get(f"hint {key}", "")

    def wrong(self, key: str, hint: str = "", **said: Any) -> Wrong:
        """What to raise: a shared sentence, and a hint of this exercise."""
        return Wrong(self.say(key, **said), self.hint(hint))

    def find(self, name: str) -> Any:
        """What the file defines under a name, `f` or `Perceptron.forward`.

        Raises:
            Wrong: nothing, or nothing that can be called.
        """
        found: Any = self.module
        for part in name.split("."):
            found = getattr(found, part, None)
        if not callable(found):
            raise self.wrong("missing" if found is None else "no function", name=name, file=self.path.name)
        return found

    def call(self, shown: str, code: Callable[[], Any]) -> Any:
        """What the student's code gives.

        Args:
            shown: the call, as sentences show it.

        Raises:
            Unwritten: it comes to a TODO.
            Wrong: it raises something else, or does not end.
        """
        try:
            return self.student.run(code)
        except Raised as raised:
            if raised.kind == "NotImplementedError":
                raise Unwritten(raised.message or "TODO") from None
            raise self._raised(shown, raised) from None

    def _raised(self, shown: str, raised: "Raised") -> Wrong:
        key = {"TimeLimit": "endless", "SystemExit": "exits", "RecursionError": "calls itself"}.get(
            raised.kind, "raises"
        )
        at = self.say("at", line=raised.line) if raised.line else ""
        hint = "dimensions" if raised.kind == "ValueError" else ""  # what NumPy raises where shapes do not fit
        return self.wrong(key, hint, call=shown, error=str(raised), at=at, seconds=f"{self.student.limit:g}")

    @contextlib.contextmanager
    def given(self, **functions: Any) -> Iterator[None]:
        """A block in which these functions of the file are right, so that a part is judged by itself."""
        before = {name: getattr(self.module, name) for name in functions if hasattr(self.module, name)}
        vars(self.module).update(functions)
        try:
            yield
        finally:
            for name in functions:
                vars(self.module).pop(name)
            vars(self.module).update(before)


Case = Mapping[str, Any]
Slip = Callable[[Any, Case], Any]
"""From what is right, and the case, to what a frequent mistake gives."""


def compare(
    answer: Answer,
    name: str,
    cases: Sequence[Case],
    right: Callable[..., Any],
    *,
    results: Sequence[str] = (),
    slips: Mapping[str, Slip] | None = None,
    call: Callable[[Case], Any] | None = None,
    shown: Callable[[Case], str] | None = None,
) -> None:
    """Hold a function to what is right, from the smallest case on; the first that differs is told.

    Args:
        name: of the function.
        cases: its arguments by name, from small to large.
        right: of the same arguments.
        results: the names of what it gives, where that is more than one thing.
        slips: by the name of a hint. The hint of a slip that explains all that came is given; else `"general"`.
        call: calls the student's code, where that is more than a call of `name`.
        shown: the call as sentences show it.

    Raises:
        Wrong, Unwritten: as the names say.
    """
    function = answer.find(name)
    call = call or (lambda case: function(**case))
    came: list[tuple[Case, Any]] = []
    different: Wrong | None = None
    for case in cases:
        text = shown(case) if shown else written(name, case)
        try:
            got = answer.call(text, lambda case=case: call(copy.deepcopy(dict(case))))
            difference = differs(answer, text, got, right(**case), results)
        except Wrong:
            if different:
                break  # a larger case may raise; the first difference is told
            raise
        came.append((case, got))
        different = different or difference
    if different:
        raise Wrong(str(different), _explained(answer, came, right, slips or {}) or different.hint)


def _explained(answer: Answer, came: Iterable[tuple[Case, Any]], right: Any, slips: Mapping[str, Slip]) -> str:
    """The hint of the slip that gives just what came; "" where none does."""
    came = list(came)
    for key, slip in slips.items():
        with contextlib.suppress(Exception):
            if all(_close(got, slip(right(**case), case)) for case, got in came):
                return answer.hint(key.split(",")[0])
    return ""


def differs(answer: Answer, shown: str, got: Any, right: Any, results: Sequence[str] = ()) -> Wrong | None:
    """What is wrong with what a call gave; None where it is right."""
    if got is None:
        return answer.wrong("none", call=shown)
    if not results:
        return _one_differs(answer, shown, "", got, right)
    if not isinstance(got, tuple | list | np.ndarray) or len(got) != len(results):
        return answer.wrong("count", call=shown, got=brief(got), names=", ".join(results))
    for name, one, wanted in zip(results, got, right, strict=True):
        if found := _one_differs(answer, shown, f"{name} = ", one, wanted):
            return found
    return None


def _one_differs(answer: Answer, shown: str, name: str, got: Any, right: Any) -> Wrong | None:
    if got is None:
        return answer.wrong("none", call=f"{shown}, {name.rstrip(' =')}")
    numbers = _numbers(got)
    if numbers is None:
        return answer.wrong("no numbers", call=shown, got=name + brief(got), kind=type(got).__name__)
    if numbers.shape != np.shape(right):
        came, wanted = (number_or_shape(answer, np.shape(each)) for each in (numbers, right))
        name = name.replace(" =", ":")
        return answer.wrong("shape", "dimensions", call=shown, name=name, got=came, right=wanted)
    if not _close(numbers, right):
        got, right = apart(numbers, right)
        return answer.wrong("came", "general", call=shown, got=name + got, right=right)
    return None


def number_or_shape(answer: Answer, shape: tuple[int, ...]) -> str:
    return answer.say("array", shape=shape) if shape else answer.say("number")


def _numbers(got: Any) -> Any:
    """As floats; None where these are none."""
    try:
        return np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return None


def _close(got: Any, right: Any) -> bool:
    if isinstance(right, tuple):
        return len(got) == len(right) and all(map(_close, got, right))
    return np.shape(got) == np.shape(right) and bool(np.allclose(got, right, rtol=_CLOSE, atol=_CLOSE))


# --- In words -------------------------------------------------------------------------------------------------


def written(name: str, case: Case) -> str:
    """A call: `loss(x = [1, 2], w = 0.5)`."""
    return f"{name}({', '.join(f'{key} = {shown(value)}' for key, value in case.items())})"


def shown(value: Any, digits: int = 6) -> str:
    """A number or an array as a student writes it; a function by its name."""
    if callable(value):
        return getattr(value, "__name__", str(value))
    if isinstance(value, list | tuple | np.ndarray) and np.ndim(value):
        return f"[{', '.join(shown(each, digits) for each in value)}]"
    if isinstance(value, str):
        return repr(value)
    return f"{float(cast(Any, value)) + 0.0:.{digits}g}"


def brief(got: Any) -> str:
    """What came, whatever it is, on one short line."""
    text = shown(got) if _numbers(got) is not None else " ".join(repr(got).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def apart(got: Any, right: Any) -> tuple[str, str]:
    """Both in as few digits as show that they differ."""
    pairs = ((shown(got, digits), shown(right, digits)) for digits in (6, 9, 12, 17))
    return next(pair for pair in pairs if pair[0] != pair[1])


# --- Loading --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def loaded(path: Path, language: str, texts: Texts, limit: float) -> Iterator[Answer]:
    """A student's file as a module, as `import` would have it: what stands under `if __name__ == …` does not run.

    It may import the other files of its folder. Afterwards nothing of it is left among the modules. Prints are not
    shown, and there is nothing to read from the keyboard.

    Raises:
        Wrong: the file does not load.
    """
    student = Student(str(path), limit)
    answer = Answer(path, ModuleType(path.stem), language, texts, student)
    before, writes = dict(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(path.parent))
    sys.dont_write_bytecode = True
    try:
        with quietly(), _no_keyboard():
            answer.module = answer.call(path.name, lambda: _import(path))
            yield answer
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(path.parent))
        for name in set(sys.modules) - set(before):
            if _is_in(sys.modules[name], path.parent):
                del sys.modules[name]
        if path.stem in before:
            sys.modules[path.stem] = before[path.stem]


def _import(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[path.stem] = module = module_from_spec(spec)  # data classes look there
    spec.loader.exec_module(module)
    return module


def _is_in(module: Any, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).parent == folder


@contextlib.contextmanager
def _no_keyboard() -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        yield
    finally:
        sys.stdin = before
