"""Lists the lessons, or tells one."""

import argparse
import inspect
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

import demos
from autograd.languages import LANGUAGES, Language, spoken

_HINTS = {
    "ja": "ひとつを実行するには: python -m demos {name}",
    "en": "To run one: python -m demos {name}",
}
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
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without × or 価 should not end the lesson
    known = lessons()
    options = vars(_parser(known).parse_args(arguments))
    name, asked, output = (options.pop(each) for each in ("lesson", "language", "output"))
    language = spoken("demos", asked)
    if name is None:
        _print_list(known, language)
        return 0
    try:
        known[name].main(language, output, **_taken(known[name], options))
    except _EXPECTED as error:
        print(f"{name}: {_in_a_line(error)}", file=sys.stderr)
        return 1
    return 0


def _print_list(known: dict[str, ModuleType], language: Language) -> None:
    width = max(map(len, known))
    for name, lesson in known.items():
        print(f"{name:<{width}}  {lesson.TEACHES[language]}")
    print(f"\n{_HINTS[language].format(name=next(iter(known)))}")


def _in_a_line(error: Exception) -> str:
    if isinstance(error, ImportError) and error.name:
        return f"this lesson needs {error.name.split('.')[0]}: pip install 'scalar-autograd[demos]'"
    return str(error)


def _taken(lesson: ModuleType, options: dict[str, object]) -> dict[str, object]:
    """The options but --seed, if the lesson draws no random numbers."""
    return {name: given for name, given in options.items() if name != "seed" or _default_seed(lesson) is not None}


def _default_seed(lesson: ModuleType) -> int | None:
    seed = inspect.signature(lesson.main).parameters.get("seed")
    return seed.default if seed else None


# --- The command line -----------------------------------------------------------------------------------------


def _parser(known: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demos", description="The lessons of scalar-autograd.")
    _add_options(parser, language=None, output=Path("outputs"))
    _add_seed(parser, "a whole number")
    commands = parser.add_subparsers(dest="lesson", metavar="lesson", title="lessons")
    for name, lesson in known.items():
        description = "\n".join([*lesson.TEACHES.values(), "", lesson.SOURCE])
        command = commands.add_parser(
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


def _whole_number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} came; wanted a whole number, 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
