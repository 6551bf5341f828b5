"""What `draw` and its companions are given, checked: which argument, what was got, what was wanted."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from autograd.engine import Value
from autograd.reals import unboxed
from autograd.render.graph.modules import Modules
from autograd.render.text import clean, shorten


def check_choice(call: str, name: str, given: Any, choices: tuple[Any, ...]) -> None:
    if not any(given is choice or (isinstance(given, str) and given == choice) for choice in choices):
        wanted = " or ".join(map(repr, choices))
        raise ValueError(f"{call}({name}={show(given)}): wanted {wanted}.")


def check_count(call: str, name: str, given: Any, most: int | None = None) -> None:
    wanted = f"a whole number from 1 to {most}" if most else "a whole number, at least 1"
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"{call}({name}={show(given)}): wanted {wanted}, not {type(given).__name__}.")
    if given < 1 or (most and given > most):
        raise ValueError(f"{call}({name}={given}): wanted {wanted}.")


def checked_value(call: str, name: str, given: Any) -> Value:
    if not isinstance(value := unboxed(given), Value):
        raise TypeError(f"{call}({name}={show(given)}): wanted a Value, not {type(given).__name__}.")
    return value


def checked_values(call: str, name: str, given: Any) -> list[Value]:
    """One Value or several, as a list."""
    wanted = "wanted a Value, or several in a list"
    if isinstance(one := unboxed(given), Value):
        return [one]
    if isinstance(given, str | bytes | Set | Mapping) or not isinstance(given, Iterable):  # a set has no order
        raise TypeError(f"{call}({name}={show(given)}): {wanted}, not {type(given).__name__}.")
    values = list(map(unboxed, given))
    for i, each in enumerate(values):
        if not isinstance(each, Value):
            raise TypeError(f"{call}({name}): {wanted}, but {name}[{i}] is {show(each)}, {type(each).__name__}.")
    return values


def checked_modules(group: Any, collapse: Any, parameters: Any) -> Modules:
    """The modules that `draw` is told of."""
    if group is not None and not isinstance(group, Mapping):
        raise TypeError(f"draw(group={show(group)}): wanted names and their nodes in a dict.")
    home: dict[Value, str] = {}
    for name, nodes in (group or {}).items():
        if not isinstance(name, str):
            raise TypeError(f"draw(group): wanted a name, not {show(name)}, {type(name).__name__}.")
        for node in checked_values("draw", f"group[{name!r}]", nodes):
            if home.setdefault(node, name) != name:
                shown = shorten(clean(node.label or ""), 16) or show(node)
                raise ValueError(f"draw(group): {shown} is in {home[node]!r} and in {name!r}; wanted it in only one.")
    collapsed = (collapse,) if isinstance(collapse, str) else tuple(collapse)
    for name in collapsed:
        if name not in (group or {}):
            known = f"one of {', '.join(map(repr, group))}" if group else "group= with the nodes of that name"
            raise ValueError(f"draw(collapse={show(name)}): wanted {known}.")
    return Modules(home, collapsed, frozenset(checked_values("draw", "parameters", parameters)))


def checked_names(name: str, given: Any) -> tuple[str, ...]:
    """One name or several."""
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    for each in names:
        if not isinstance(each, str):
            raise TypeError(f"draw({name}={show(each)}): wanted a name, not {type(each).__name__}.")
    return names


def check_known(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """That all names are those of boxes."""
    names = ", ".join(map(repr, known))
    for each in given:
        if each not in known:
            wanted = f"one of {names}" if names else "nothing, for nothing is folded"
            raise ValueError(f"draw({name}={show(each)}): wanted {wanted}.")


def show(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= 40 else f"{text[:37]}..."
