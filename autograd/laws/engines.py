"""A teacher's eye: `check_engine(Value)` holds somebody's class to the laws, from easy to hard."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from autograd import commands
from autograd.foreign import GRADIENTS, NUMBERS, Read, is_node, reader
from autograd.languages import spoken
from autograd.laws.arithmetic import arithmetic
from autograd.laws.derivatives import derivatives
from autograd.laws.extremes import deep, extremes, freed
from autograd.laws.report import BECAUSE, BROKEN, HOLDS, Report, Row
from autograd.laws.shapes import found_functions, given_functions, operators
from autograd.laws.subject import BecauseOf, Broken, Subject
from autograd.laws.sweeps import order, random, shared, twice
from autograd.operation import Node
from autograd.reals import refusal
from autograd.trying import Student, Unheard, quietly

LAWS: tuple[Callable[[Subject], None], ...] = (
    arithmetic,
    derivatives,
    shared,
    order,
    twice,
    random,
    deep,
    freed,
    extremes,
)
"""From easy to hard."""

NEEDS = {
    "order": ("shared",),
    "twice": ("shared", "order"),
    "random": ("shared", "order"),
}
"""Laws that cannot be told apart from others which are broken."""


def check_engine(
    engine: type,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    *,
    read: Callable[[Any], Sequence[Any]] | None = None,
    limit: float = 5.0,
    max_examples: int = 50,
    language: str | None = None,
    progress: bool = True,
    watch: Callable[[str], None] | None = None,
) -> Report:
    """Hold a class of numbers with gradients, such as a `Value` of your own, to the laws of an engine.

    ```python
    report = check_engine(Value)
    print(report)
    assert report.ok
    ```

    Each broken law is reported in one sentence, with the smallest program that shows it. Laws that cannot be told
    apart from a broken one are not tried. A convention is not a fault, but it is named.

    Args:
        engine: a class whose objects are made from one number, and have a number, a gradient and `backward()`. Its
            operators are found automatically.
        functions: functions of a node, by the names of this library's operations, `{"tanh": Value.tanh}`. If not
            given, methods without arguments that have such a name.
        read: returns (number, gradient) of a node, if they are not found by their names, as `draw` finds them.
        limit: seconds for each run of its code, and for each law's search; a law may take twice as long. In the main
            thread, on systems with `signal.setitimer`, anything is interrupted; elsewhere Python code is, and a call
            that waits outside Python is not.
        max_examples: how many inputs and programs hypothesis draws for a law.
        language: "ja" or "en"; by default as everywhere (`autograd.language`).
        progress: whether to show the seconds on a terminal when it takes over one, if tqdm is installed.
        watch: called with the name of each law before it is tried.

    Raises:
        TypeError: engine is not a class, or one of `functions` is not a function.
        ValueError: an unknown function or language, or a limit that is not a positive number.
    """
    if not inspect.isclass(engine):
        raise TypeError(f"check_engine({engine!r:.40}): wanted a class, not {type(engine).__name__}.")
    if refusal(limit) or not 0 < limit < 1e6:
        raise ValueError(f"check_engine(limit={limit!r}): wanted seconds, a number above 0.")
    says = spoken("check_engine", language)
    forms = [*operators(engine), *(found_functions(engine) if functions is None else given_functions(functions))]
    subject = Subject(engine, Student(_file(engine), limit), says, forms, max_examples, _reader(engine, read))
    with commands.progress("check_engine") if progress else nullcontext(), quietly() as unheard:
        rows = _tried(subject, watch or (lambda law: None))
    _heard(subject, unheard)
    return Report(engine.__name__, tuple(rows), tuple(subject.notes), says)


def _tried(subject: Subject, begin: Callable[[str], Any]) -> list[Row]:
    """The laws one after the other."""
    rows: list[Row] = []
    for law in LAWS:
        name = law.__name__
        begin(name)
        subject.begin(name)
        rows.append(_row(subject, law, name, {row.law for row in rows if row.result != HOLDS}))
        if name == "arithmetic" and rows[0].result == BROKEN and not subject.forms:
            return rows + [Row(other.__name__, BECAUSE, name) for other in LAWS[1:]]
    return [_root(row, rows) for row in rows]


def _row(subject: Subject, law: Callable[[Subject], None], name: str, failed: set[str]) -> Row:
    if cause := next((each for each in NEEDS.get(name, ()) if each in failed), None):
        return Row(name, BECAUSE, cause)
    try:
        law(subject)
    except Broken as broken:
        return Row(name, BROKEN, str(broken))
    except BecauseOf as cause:
        return Row(name, BECAUSE, str(cause) or next(law for law in ("arithmetic", "derivatives") if law in failed))
    return Row(name, HOLDS)


def _root(row: Row, rows: Sequence[Row]) -> Row:
    """The law that is broken, in place of one that was not tried because of it."""
    causes = {each.law: each for each in rows}
    while row.result == BECAUSE and causes[row.says].result == BECAUSE:
        row = Row(row.law, BECAUSE, causes[row.says].says)
    return row


def _reader(engine: type, read: Callable[[Any], Sequence[Any]] | None) -> Callable[[Any], Read]:
    """How nodes are read; the inputs of a node, which pictures need, may be missing here."""
    if issubclass(engine, Node):
        return lambda node: Read(node.data, node.grad)
    return lambda node: reader(node, read if read or is_node(node) else _by_names)(node)


def _by_names(node: Any) -> tuple[Any, Any]:
    number, gradient = (
        next((name for name in names if hasattr(node, name)), names[0]) for names in (NUMBERS, GRADIENTS)
    )
    return getattr(node, number), getattr(node, gradient)


def _file(engine: type) -> str:
    """The file of a class, whose lines are named."""
    for method in vars(engine).values():
        if code := getattr(method, "__code__", None):
            return code.co_filename
    return ""


def _heard(subject: Subject, unheard: Unheard) -> None:
    if unheard.lines:
        subject.note("prints", first=unheard.first, count=unheard.lines)
