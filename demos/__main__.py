"""Lists the lessons, or tells one."""

import argparse
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import demos
from autograd import commands
from autograd.familiar import did_you_mean
from autograd.installing import pip_install
from autograd.languages import LANGUAGES, Language, spoken
from demos._exercises import command as exercises

_HINTS = {
    "ja": "実行するには: python -m demos {name}（いくつ並べてもよい。all ならすべて）",
    "en": "To run one: python -m demos {name} (several names run one after the other, and all runs every lesson)",
}
_ABOUT = "The lessons of scalar-autograd: lists them, or tells one, several, or all."
ALL = "all"
_EXPECTED = (RuntimeError, OSError, ImportError, demos.InputError)
"""No Graphviz, nowhere to write, a package that is not installed, data that make no sense: one line says what to do."""


def lessons() -> dict[str, ModuleType]:
    """Every lesson by name, in the order of teaching."""
    found = {module.name for module in pkgutil.iter_modules(demos.__path__) if not module.name.startswith("_")}
    ordered = [name for name in demos.ORDER if name in found] + sorted(found.difference(demos.ORDER))
    return {name: import_module(f"demos.{name}") for name in ordered}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m demos`; gives its exit status.

    Args:
        arguments: what was typed after it; None for the command line of this process.
    """
    return commands.run(lambda: _main(arguments), "python -m demos")


def _main(arguments: Sequence[str] | None) -> int:
    known = lessons()
    options = vars(_parser(known).parse_args(arguments))
    name, asked, output = (options.pop(each) for each in ("lesson", "language", "output"))
    language = spoken("demos", asked)
    if name is None:
        _print_list(known, language)
        return 0
    if name == exercises.NAME:
        return _in_one_line(name, partial(exercises.run, language, output, cast(Any, options["words"])))
    chosen = list(known) if name == ALL else [name, *options.pop("more", ())]
    status = 0
    for place, each in enumerate(chosen, start=1):
        given = _taken(known[each], options, is_first=each == name)
        words = each if len(chosen) == 1 else f"{place}/{len(chosen)} {each}"
        if len(chosen) > 1:
            print(f"── {words} ".ljust(80, "─"), flush=True)
        told = commands.run(partial(_tell, known[each], each, words, language, output, given), each, language)
        if told == commands.INTERRUPTED:
            return told
        status = max(status, told)
    return status


def _tell(
    lesson: ModuleType, name: str, words: str, language: Language, output: Path, options: dict[str, object]
) -> int:
    """One lesson; 1 if it failed."""

    def tell() -> int:
        with commands.progress(words):
            lesson.main(language, output, **options)
        return 0

    return _in_one_line(name, tell)


def _in_one_line(name: str, run: Callable[[], int]) -> int:
    """Its exit status; what the reader can put right is said in a line."""
    try:
        return run()
    except _EXPECTED as error:
        print(f"{name}: {_in_a_line(error)}", file=sys.stderr)
        return 1


def _print_list(known: dict[str, ModuleType], language: Language) -> None:
    width = max(map(len, known))
    for name, lesson in known.items():
        print(f"{name:<{width}}  {lesson.TEACHES[language]}")
    print(f"{exercises.NAME:<{width}}  {exercises.TEACHES[language]}")
    print(f"\n{_HINTS[language].format(name=next(iter(known)))}")


def _in_a_line(error: Exception) -> str:
    if isinstance(error, ImportError) and error.name:
        package = error.name.split(".")[0]
        return f"this lesson needs {package}: {pip_install(package)}"
    return str(error)


def _taken(lesson: ModuleType, options: dict[str, object], is_first: bool) -> dict[str, object]:
    """The options that a lesson takes: --seed if it draws random numbers; its own if they were parsed for it."""
    draws = _default_seed(lesson) is not None
    return {name: given for name, given in options.items() if (draws if name == "seed" else is_first)}


def _default_seed(lesson: ModuleType) -> int | None:
    seed = inspect.signature(lesson.main).parameters.get("seed")
    return seed.default if seed else None


# --- The command line -----------------------------------------------------------------------------------------


def _parser(known: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demos", description=_ABOUT)
    commands.add_version(parser)
    _add_options(parser, language=None, output=Path("outputs"))
    _add_seed(parser, "a whole number")
    found = parser.add_subparsers(dest="lesson", metavar="lesson", title="lessons")
    _add_options(all_ := found.add_parser(ALL, help="every lesson, one after the other"), *[argparse.SUPPRESS] * 2)
    _add_seed(all_, "each lesson's own, if not given")
    for name, lesson in known.items():
        description = "\n".join([*lesson.TEACHES.values(), "", lesson.SOURCE])
        command = found.add_parser(
            name,
            help=lesson.TEACHES["en"].replace("%", "%%"),
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # no defaults here: they would overwrite what was typed before the name of the lesson
        _add_options(command, language=argparse.SUPPRESS, output=argparse.SUPPRESS)
        seed = _default_seed(lesson)
        _add_seed(command, "this lesson draws none" if seed is None else f"{seed}, if not given")
        if hasattr(lesson, "add_arguments"):
            lesson.add_arguments(command)
        about = "other lessons, told after this one"
        command.add_argument("more", nargs="*", type=_one_of(known), metavar="lesson", help=about)
    exercises.add_parser(found)
    return parser


def _add_options(parser: argparse.ArgumentParser, language: str | None, output: Path | str) -> None:
    about = "of the story and the pictures (AUTOGRAD_LANGUAGE, or en, if not given)"
    parser.add_argument("--language", choices=LANGUAGES, default=language, help=about)
    parser.add_argument(
        "--output", type=Path, default=output, metavar="DIR", help="folder for the pictures (outputs, if not given)"
    )


def _add_seed(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--seed", type=_whole_number, default=argparse.SUPPRESS, help=f"of the random numbers ({default})"
    )


def _one_of(known: Iterable[str]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if text not in known:
            hint = did_you_mean(text, known) or " python -m demos lists them."
            raise argparse.ArgumentTypeError(f"there is no lesson {text!r}.{hint}")
        return text

    return checked


def _whole_number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"got {text!r}; wanted a whole number, 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
