"""How a function is called: what it calls its arguments, and which of them are asked for."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.familiar import did_you_mean
from autograd.operation import Op
from autograd.reals import is_bool

Argnums = int | str | tuple[int | str, ...]


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """What f calls its first arguments; those of `*args` are `args[0]`, `args[1]`, … ."""
    parameters = _parameters(f)
    names = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    many = next((each.name for each in parameters if each.kind is each.VAR_POSITIONAL), "x")
    return (names + [f"{many}[{i}]" for i in range(count)])[:count]


def _parameters(f: Callable[..., Any]) -> list[inspect.Parameter]:
    """Those of its signature; those of an operation are in its rule, behind g and y."""
    try:
        parameters = list(inspect.signature(f.backward if isinstance(f, Op) else f).parameters.values())
    except (TypeError, ValueError):  # some builtins have no signature
        return []
    return parameters[2:] if isinstance(f, Op) else parameters


@dataclass(frozen=True)
class Argument:
    """One argument of a call: its position, or its name where it came, or may come, as a keyword.

    As text it is what f calls it, which is looked up only then.
    """

    f: Callable[..., Any]
    key: int | str
    before: str = ""

    def __str__(self) -> str:
        name = self.key if isinstance(self.key, str) else parameter_names(self.f, self.key + 1)[self.key]
        return f"{self.before}{name}"

    def after(self, words: str) -> "Argument":
        """The same with words before its name."""
        return Argument(self.f, self.key, words)


def asked_for(
    caller: str, f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[list[Argument], dict[str, Any]]:
    """The arguments of a call that `argnums` means, and those by keyword, with defaults of f that it names.

    Raises:
        TypeError: argnums is neither a position nor a name, or f was not called with such an argument.
        ValueError: argnums means an argument twice.
    """
    asked = argnums if isinstance(argnums, tuple) else (argnums,)
    if any(isinstance(each, str) and each not in named for each in asked):
        named = {**_defaults(f, asked, len(args)), **named}
    found = [Argument(f, _key(caller, f, each, args, named)) for each in asked]
    if len({argument.key for argument in found}) < len(found):
        raise ValueError(f"{caller}: argnums={argnums!r} means an argument twice: {', '.join(map(str, found))}.")
    return found, named


def _defaults(f: Callable[..., Any], asked: tuple[Any, ...], given: int) -> dict[str, Any]:
    """What f itself has for arguments that are asked for, behind so many that were given."""
    return {
        each.name: each.default
        for i, each in enumerate(_parameters(f))
        if each.kind is each.KEYWORD_ONLY or (each.kind is each.POSITIONAL_OR_KEYWORD and i >= given)
        if each.name in asked and each.default is not each.empty
    }


def _key(caller: str, f: Callable[..., Any], asked: Any, args: tuple[Any, ...], named: dict[str, Any]) -> int | str:
    """Where the argument came: its position, or its name where it came by keyword."""
    if isinstance(asked, int) and not is_bool(asked):
        if -len(args) <= asked < len(args):
            return asked % len(args)
        plural = "" if len(args) == 1 else "s"
        raise TypeError(f"{caller}: argnums has {asked}, but f was called with {len(args)} argument{plural}.")
    if not isinstance(asked, str):
        raise TypeError(
            f"{caller}: argnums has {asked!r}; wanted the position or the name of an argument, or a tuple of them. "
            f"Arguments are for the function that it makes: {caller}(x)."
        )
    names = parameter_names(f, len(args))
    if asked in named or asked in names:
        return asked if asked in named else names.index(asked)
    given = [*names, *named]
    called = f"with {', '.join(given)}" if given else "without arguments"
    hint = did_you_mean(asked, given)
    raise TypeError(f"{caller}: argnums has {asked!r}, but f was called {called}.{hint}")
