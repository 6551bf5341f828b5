"""What an exercise is, and the file that a student gets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from autograd.files import replacing

if TYPE_CHECKING:
    from demos._exercises.answer import Answer

_END = """\
if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(todo)"""
"""A file that is not finished says its TODO, without a traceback."""

Texts = Mapping[str, Mapping[str, str]]
"""By language, by name."""


@dataclass(frozen=True)
class Part:
    """What is checked by itself, and has a verdict of its own.

    Attributes:
        name: as the table shows it: the function or method that it is about.
        check: raises `Wrong` or `Unwritten` where the answer is not right yet.
        after: the part without which this one cannot be tried.
    """

    name: str
    check: Callable[["Answer"], None]
    after: str | None = None


@dataclass(frozen=True)
class Exercise:
    """A file that a student completes.

    Attributes:
        file: its name.
        template: the file, with `$name` where a text stands, and `$end` for what runs it as a program.
        texts: those of the template, and hints, whose names begin with "hint".
        parts: what is checked, from easy to hard.
        praise: texts by the name of a part: what to try once it and all before it pass.
    """

    file: str
    template: str
    texts: Texts
    parts: tuple[Part, ...]
    praise: Mapping[str, str] | None = None

    def skeleton(self, language: str) -> str:
        """The file as a student gets it."""
        return Template(self.template).substitute(self.texts[language], end=_END)


def write(exercises: Iterable[Exercise], folder: Path, language: str) -> tuple[list[Path], list[Path]]:
    """Write the files that are not there; those that are belong to the student, and are left alone.

    Returns:
        What was written, and what was there.

    Raises:
        OSError: the folder cannot be made, or not be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written, kept = [], []
    for exercise in exercises:
        path = folder / exercise.file
        if path.exists() or path.is_symlink():
            kept.append(path)
            continue
        with replacing(path) as new:
            new.write(exercise.skeleton(language).encode())
        written.append(path)
    return written, kept
