"""Property-based gradient checks of a function of numbers: hypothesis draws, `check_gradient` judges."""

import inspect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from hypothesis import strategies as st

from autograd.check import GradientMismatch, GradientReport, check_gradient
from autograd.check.gradient import Unsteady
from autograd.check.verdicts import OK
from autograd.languages import Language, spoken
from autograd.laws.drawing import Domain, arguments_of, explicit_examples, said, smallest
from autograd.laws.words import FUNCTION
from autograd.trying import Raised, Student, quietly

OUTSIDE = "outside"
_NO_VALUE = (ValueError, ArithmeticError)


@dataclass(frozen=True, repr=False)
class FunctionReport:
    """What a check of a function found: `print(report)`.

    Attributes:
        name: of the function.
        verdicts: how many points there were of each verdict: "ok", "kink", "domain edge", "cancellation", and "outside"
            where the function has no value.
        language: of the sentences.
        arguments: the simplest for which something is wrong; None if nothing is.
        says: what is wrong there: the table of `check_gradient` with the operation to blame, or what was raised.
    """

    name: str
    verdicts: dict[str, int]
    language: Language
    arguments: dict[str, Any] | None = None
    says: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong at any point, and there were some."""
        return not self.says

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        words = FUNCTION[self.language]
        if self.arguments is not None:
            return words["wrong"].format(name=self.name, arguments=said(self.arguments))
        if not self.ok:
            return words["nowhere"].format(name=self.name)
        counts = [words["count"].format(count=n, verdict=words["verdicts"][v]) for v, n in self.verdicts.items() if n]
        return words["right"].format(name=self.name, counts=words["and"].join(counts))

    def __repr__(self) -> str:
        return f"{self.summary}\n\n{self.says}" if self.says else self.summary

    def _repr_html_(self) -> str:
        says = f"<pre>{escape(self.says)}</pre>" if self.says else ""
        return f"<p>{escape(self.summary)}</p>{says}"


def check_function(
    f: Callable[..., Any],
    domain: Domain | None = None,
    *,
    limit: float = 5.0,
    max_examples: int = 100,
    language: str | None = None,
) -> FunctionReport:
    """Check the gradient of a function at numbers that hypothesis draws.

    ```python
    print(check_function(price, {"unit": (0, 100), "tax": (1, 2)}))
    ```

    Args:
        f: a function of numbers, or of lists and tuples of numbers; its hypothesis `@example`s are tried first.
        domain: an interval, or a strategy of hypothesis, by the name of a parameter. The others are drawn by their
            annotations (`float`, `int`, `list[float]`, `Annotated[float, (0, 10)]`), without one between -10 and 10;
            those with a default keep it.
        limit: seconds for each call of f, and for the search.

    Returns:
        The report. Where f raises a ValueError or an ArithmeticError, it has no value, which is not a fault.

    Raises:
        TypeError: f is not a function, or its arguments cannot be drawn.
        ValueError: no parameter has this name, or an interval is not valid.
    """
    caller = f"check_function({getattr(f, '__name__', 'f')})"
    if not callable(f):
        raise TypeError(f"check_function({f!r:.40}): wanted a function.")
    drawn = arguments_of(caller, f, domain)
    says = spoken("check_function", language)
    judged = _Judge(f, Student(getattr(getattr(f, "__code__", None), "co_filename", ""), limit), says)
    with quietly():
        examples = explicit_examples(f, list(drawn))
        found = next((each for each in examples if judged.fails(each)), None)
        found = found or smallest(st.fixed_dictionaries(drawn), judged.fails, max_examples, limit)
        wrong = judged.sentence(found) if found is not None else ""
    name = getattr(f, "__name__", "f")
    nowhere = FUNCTION[says]["domain"] if set(judged.verdicts) <= {OUTSIDE} and not found else ""
    return FunctionReport(name, dict(judged.verdicts), says, found, wrong or nowhere)


@dataclass
class _Judge:
    """Tries a function at one set of arguments after the other, and counts the verdicts."""

    f: Callable[..., Any]
    student: Student
    language: Language
    verdicts: Counter[str] = field(default_factory=Counter)
    failure: tuple[dict[str, Any], Exception] | None = None

    def fails(self, arguments: dict[str, Any]) -> bool:
        """Whether something is wrong there."""
        verdict = self._tried(arguments)
        if isinstance(verdict, str):
            self.verdicts[verdict] += 1
            return False
        self.failure = arguments, verdict
        return True

    def _tried(self, arguments: dict[str, Any]) -> str | Exception:
        """The verdict, or what is wrong."""
        try:
            report = self.student.run(lambda: judged(self.f, arguments))
        except Raised as raised:
            return raised
        return report if isinstance(report, GradientMismatch) else verdict_of(report)

    def sentence(self, arguments: dict[str, Any]) -> str:
        """What is wrong there."""
        last = self.failure
        wrong = last[1] if last and last[0] == arguments else self._tried(arguments)
        words = FUNCTION[self.language]
        if isinstance(wrong, GradientMismatch):
            return str(wrong)
        if not isinstance(wrong, Raised) or wrong.kind == Unsteady.__name__:
            return words["not the same"]
        at = words["at"].format(line=wrong.line, function=wrong.function) if wrong.line else ""
        key = "endless" if wrong.kind == "TimeLimit" else "raises"
        return words[key].format(error=str(wrong), seconds=f"{self.student.limit:g}", at=at)


def judged(f: Callable[..., Any], arguments: dict[str, Any]) -> GradientReport | GradientMismatch | None:
    """What `check_gradient` says there; None where f has no value."""
    named = positional(f, list(arguments))
    try:
        named(*arguments.values())
    except _NO_VALUE:
        return None
    try:
        return check_gradient(named, *arguments.values())
    except GradientMismatch as wrong:
        return wrong
    except Unsteady:
        raise
    except _NO_VALUE:
        return None


def positional(f: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    """f as a function of these arguments, in their order; the others keep their defaults."""

    def called(*arguments: Any) -> Any:
        given = dict(zip(names, arguments, strict=True))
        first = [given.pop(name) for name in only]
        return f(*first, **given)

    parameters = inspect.signature(f).parameters
    only = [name for name in names if parameters[name].kind is inspect.Parameter.POSITIONAL_ONLY]
    called.__name__ = getattr(f, "__name__", "f")
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    setattr(called, "__signature__", inspect.Signature([inspect.Parameter(name, kind) for name in names]))  # noqa: B010
    return called


def verdict_of(report: GradientReport | None) -> str:
    """Of all derivatives the first that is not plainly right."""
    if report is None:
        return OUTSIDE
    return next((row.verdict for row in report.rows if row.verdict != OK), OK)
