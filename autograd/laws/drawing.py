"""The simplest input that breaks something, and where the arguments of a function are drawn from."""

import contextlib
import inspect
import math
import os
import time
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any

from hypothesis import HealthCheck, Phase, configuration, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

from autograd.engine import Value
from autograd.errors import brief
from autograd.familiar import did_you_mean
from autograd.reals import refusal
from autograd.strategies import within

QUIET: list[Any] = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
QUICK: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "suppress_health_check": QUIET,
    "report_multiple_bugs": False,
    "phases": [phase for phase in Phase if phase is not Phase.explain],
}
"""Settings for one bug: the search for a second, and for lines of this library that only failures run, is slow."""
ANYWHERE = -10.0, 10.0
Domain = Mapping[str, Sequence[float] | SearchStrategy[Any]]


@contextlib.contextmanager
def nothing_kept() -> Iterator[None]:
    """Inside, hypothesis makes no folder .hypothesis, in which it keeps what it has read of the code.

    It goes on without where it cannot write, so it is sent to where nobody can; but not from a folder that it has made
    before, for somebody who uses it.
    """
    home: Any = configuration.storage_directory(intent_to_write=False)
    if getattr(home, "path", home).exists():
        yield
        return
    before = vars(configuration).get("__hypothesis_home_directory")
    configuration.set_hypothesis_home_dir(os.devnull)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


def smallest(strategy: SearchStrategy[Any], breaks: Callable[[Any], bool], examples: int, limit: float) -> Any:
    """The simplest that is drawn and breaks a law, as hypothesis shrinks it; None where none is found in time.

    The search ends after so many seconds, and the simplest until then counts.
    """
    end, broken = time.monotonic() + limit, []

    def found(drawn: Any) -> bool:
        if time.monotonic() > end or not breaks(drawn):
            return False
        broken.append(drawn)
        return True

    thorough = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=QUIET,
    )
    try:
        with nothing_kept():
            return find(strategy, found, settings=thorough)
    except HypothesisException:  # none is found; or no more time, or code that does something else each time
        return broken[-1] if broken else None


def arguments_of(
    caller: str, f: Callable[..., Any], domain: Domain | None = None, bare: bool = True
) -> dict[str, SearchStrategy[Any]]:
    """What to draw for each parameter of a function: from its interval, or else by its annotation.

    Args:
        caller: how messages begin.
        domain: an interval, or a strategy, by the name of a parameter. Parameters with a default keep it if not here.
        bare: whether a parameter without annotation is a number between -10 and 10.

    Raises:
        TypeError: a parameter cannot be drawn, or the function has no signature.
        ValueError: there is no parameter of this name, or an interval is none.
    """
    domain = dict(domain or {})
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        raise TypeError(f"{caller}: {brief(f)} has no signature; wrap it in a function of your own.") from None
    names = [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    if unknown := next((name for name in domain if name not in names), None):
        known = f"its parameters are {', '.join(names)}" if names else "it has none"
        raise ValueError(f"{caller}: there is no parameter {unknown}; {known}.{did_you_mean(unknown, names)}")
    hints = _hints(f)
    drawn = {}
    for each in parameters:
        if each.name in domain:
            drawn[each.name] = _interval(caller, each.name, domain[each.name])
        elif each.name in names and each.default is each.empty:
            drawn[each.name] = _annotated(caller, each.name, hints.get(each.name), bare)
    if not drawn:
        raise TypeError(f"{caller}: it takes no numbers.")
    return drawn


def _hints(f: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(f, include_extras=True)
    except Exception:  # a name that only type checkers know
        return {}


def _interval(caller: str, name: str, given: Any) -> SearchStrategy[Any]:
    if isinstance(given, SearchStrategy):
        return given
    if isinstance(given, tuple | list) and len(given) == 2 and not any(map(refusal, given)):
        low, high = map(float, given)
        if low < high and math.isfinite(low) and math.isfinite(high):
            return within(low, high)
    raise ValueError(f"{caller}: {name}={brief(given)}; wanted an interval, {name}=(0, 10).")


def _annotated(caller: str, name: str, hint: Any, bare: bool) -> SearchStrategy[Any]:
    """What an annotation says: numbers, lists and tuples of them, or a strategy in `Annotated`."""
    if hint in (None, Any) and bare:
        return within(*ANYWHERE)
    if (found := _of_type(hint)) is not None:
        return found
    raise TypeError(f"{caller}: {name} has no annotation that says numbers; give its interval, {name}=(0, 10).")


def _of_type(hint: Any) -> SearchStrategy[Any] | None:
    if hint is float or hint is Value:
        return within(*ANYWHERE)
    if hint is int:
        return st.integers(-10, 10)
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        own = next((each for each in parts[1:] if isinstance(each, SearchStrategy)), None)
        if own is None and (interval := next((each for each in parts[1:] if _is_interval(each)), None)):
            own = within(*interval)
        return _of_type(parts[0]) if own is None else own
    if origin in (list, Sequence) and len(parts) == 1 and (each := _of_type(parts[0])) is not None:
        return st.lists(each, min_size=1, max_size=4)
    if origin is tuple and parts and Ellipsis not in parts:
        several = [_of_type(part) for part in parts]
        return None if None in several else st.tuples(*typing.cast(list[Any], several))
    if origin in (typing.Union, UnionType):
        return next((found for part in parts if (found := _of_type(part)) is not None), None)
    return None


def _is_interval(x: Any) -> bool:
    return isinstance(x, tuple) and len(x) == 2 and not any(map(refusal, x)) and x[0] < x[1]


def explicit_examples(f: Callable[..., Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """What hypothesis's `@example`s on a function give, by the names of its parameters."""
    found = []
    for each in getattr(f, "hypothesis_explicit_examples", ())[::-1]:
        given = {**dict(zip(names, each.args, strict=False)), **each.kwargs}
        if set(given) == set(names):
            found.append(given)
    return found


def said(arguments: Mapping[str, Any]) -> str:
    """Arguments as a call shows them: `unit=0.0, tax=1.0`."""
    return ", ".join(f"{name}={brief(x)}" for name, x in arguments.items())
