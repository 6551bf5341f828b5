"""`python -m demos exercises`: writes the exercises into a folder, or checks what is in it."""

import argparse
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.languages import LANGUAGES, Language
from demos import InputError
from demos._exercises.words import SAYS

if TYPE_CHECKING:
    from demos._exercises.exercise import Exercise

NAME = "exercises"
TEACHES = {
    "ja": "演習：TODO のあるファイルを書き出し（exercises FOLDER）、確かめる（exercises check FOLDER）",
    "en": "Exercises: writes files with TODOs (exercises FOLDER), and checks them (exercises check FOLDER)",
}
_USAGE = "python -m demos exercises [FOLDER]\n       python -m demos exercises check [FOLDER | FILE]"
_ABOUT = """\
{ja}
{en}

Files that are there already are left alone. The exercises are those of document 002, the perceptron of document 001,
and "write your own Value in seven steps". FOLDER is exercises in the folder of --output, if not given. A check runs
your files on this machine, as `import` would, with a limit of time; its exit status is 0 if all pass, else 1.
"""
CHECK = "check"
_ORDER = ("derivative", "least_squares", "gradient_method", "perceptron", "report", "mails", "value")


def exercises() -> list["Exercise"]:
    """All of them, from easy to hard."""
    return [import_module(f"demos._exercises.{name}").EXERCISE for name in _ORDER]


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to those of `python -m demos`."""
    command = commands.add_parser(
        NAME,
        help=TEACHES["en"],
        usage=_USAGE,
        description=_ABOUT.format(**TEACHES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--language", choices=LANGUAGES, default=argparse.SUPPRESS, help="of the files and verdicts")
    command.add_argument("--output", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS)
    command.add_argument("words", nargs="*", metavar="[check] FOLDER", help="what to do, and where")


def run(language: Language, output: Path, words: list[str]) -> int:
    """Write, or check; gives the exit status.

    Args:
        output: the folder of all outputs, where none is named for the exercises.
        words: what was typed.

    Raises:
        InputError: more than one folder, or one that is not there.
        OSError: the folder is not to be written to.
    """
    checks = words[:1] == [CHECK]
    places = words[checks:]
    if len(places) > 1:
        raise InputError(SAYS[language]["one folder"].format(came=" ".join(places)))
    place = Path(places[0]) if places else output / NAME
    return check(place, language) if checks else write(place, language)


def write(folder: Path, language: Language) -> int:
    """Write what is not there, and say what was there."""
    from demos import _advertising
    from demos._exercises.exercise import write as written_and_kept

    says, data = SAYS[language], folder / "data" / "advertising.csv"
    written, kept = written_and_kept(exercises(), folder, language)
    (kept if data.exists() else written).append(data)
    if data in written:
        _advertising.write(data)
    for key, paths in (("written", written), ("kept", kept)):
        if paths:
            print(says[key])
            print("\n".join(f"  {path}" for path in paths))
    print(f"\n{says['next'].format(folder=folder)}")
    return 0


def check(place: Path, language: Language) -> int:
    """Print the verdicts on a folder, or on one file of it; 0 if every part passes."""
    from demos._exercises import checking

    folder, chosen = _chosen(place, language)
    found = [(exercise, checking.check(exercise, folder, language)) for exercise in chosen]
    verdicts = [verdict for _, several in found for verdict in several]
    passed = sum(verdict.outcome == "passes" for verdict in verdicts)
    print(checking.table(verdicts, language))
    print(f"\n{SAYS[language]['passed'].format(passed=passed, all=len(verdicts))}")
    for text in (checking.explained(verdicts, language), *(checking.praise(*each, language) for each in found)):
        if text:
            print(f"\n{text}")
    return int(passed < len(verdicts))


def _chosen(place: Path, language: Language) -> tuple[Path, list["Exercise"]]:
    """The folder, and which exercises are asked for."""
    says, known = SAYS[language], exercises()
    if place.is_dir():
        return place, known
    chosen = [exercise for exercise in known if exercise.file == place.name]
    if place.is_file() and chosen:
        return place.parent, chosen
    if place.suffix == ".py":
        names = ", ".join(exercise.file for exercise in known)
        raise InputError(says["no exercise"].format(file=place, names=names))
    raise InputError(says["no folder"].format(folder=place))
