"""Lists the lessons, or tells one."""

import argparse
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

import demos

_HINTS = {
    "ja": "ひとつを実行するには: python -m demos {name}",
    "en": "To run one: python -m demos {name}",
}


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
    options = _parser(known).parse_args(arguments)
    if options.lesson is None:
        _print_list(known, options.language)
        return 0
    try:
        known[options.lesson].main(options.language, options.output)
    except (RuntimeError, OSError) as error:  # no Graphviz, or nowhere to write: one line says what to do
        print(f"{options.lesson}: {error}", file=sys.stderr)
        return 1
    return 0


def _print_list(known: dict[str, ModuleType], language: str) -> None:
    width = max(map(len, known))
    for name, lesson in known.items():
        print(f"{name:<{width}}  {lesson.TEACHES[language]}")
    print(f"\n{_HINTS[language].format(name=next(iter(known)))}")


def _parser(known: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demos", description="The lessons of scalar-autograd.")
    _add_options(parser, language="ja", output=Path("outputs"))
    commands = parser.add_subparsers(dest="lesson", metavar="lesson", title="lessons")
    for name, lesson in known.items():
        description = "\n".join([*lesson.TEACHES.values(), "", lesson.SOURCE])
        command = commands.add_parser(
            name,
            help=lesson.TEACHES["en"],
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # no defaults here: they would overwrite what was typed before the name of the lesson
        _add_options(command, language=argparse.SUPPRESS, output=argparse.SUPPRESS)
    return parser


def _add_options(parser: argparse.ArgumentParser, language: str, output: Path | str) -> None:
    parser.add_argument("--language", choices=demos.LANGUAGES, default=language, help="of the story and the pictures")
    parser.add_argument(
        "--output", type=Path, default=output, metavar="DIR", help="folder for the pictures (outputs, if not given)"
    )


if __name__ == "__main__":
    sys.exit(main())
