"""The verdicts on a folder, part by part, and the table of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograd.render.text import ruled
from demos._exercises.answer import Answer, Unwritten, Wrong, loaded
from demos._exercises.exercise import Exercise, Part
from demos._exercises.words import SAYS

LIMIT = 5.0  # seconds for one call of a student's function

Outcome = Literal["passes", "todo", "wrong", "later"]


@dataclass(frozen=True)
class Verdict:
    """On one part of one file.

    Attributes:
        said: why it does not pass; "" where it does.
        hint: where to look.
    """

    file: str
    part: str
    outcome: Outcome
    said: str = ""
    hint: str = ""


def check(exercise: Exercise, folder: Path, language: str, limit: float = LIMIT) -> list[Verdict]:
    """Every part of an exercise, by itself: one that is wrong leaves the verdict on the others as it is."""
    path = (folder / exercise.file).resolve()
    if not path.is_file():
        return _all(exercise, "todo", SAYS[language]["no file"].format(folder=folder))
    try:
        with loaded(path, language, exercise.texts, limit) as answer:
            return list(_verdicts(exercise, answer))
    except Unwritten as todo:
        return _all(exercise, "todo", str(todo))
    except Wrong as wrong:
        return _all(exercise, "wrong", str(wrong), wrong.hint)


def _all(exercise: Exercise, outcome: Outcome, said: str, hint: str = "") -> list[Verdict]:
    return [Verdict(exercise.file, part.name, outcome, said, hint) for part in exercise.parts]


def _verdicts(exercise: Exercise, answer: Answer) -> Iterator[Verdict]:
    passed = set()
    for part in exercise.parts:
        if part.after is not None and part.after not in passed:
            said = answer.say("not tried", after=part.after)
            yield Verdict(exercise.file, part.name, "later", said)
            continue
        verdict = _verdict(exercise.file, part, answer)
        if verdict.outcome == "passes":
            passed.add(part.name)
        yield verdict


def _verdict(file: str, part: Part, answer: Answer) -> Verdict:
    try:
        part.check(answer)
    except Unwritten as todo:
        return Verdict(file, part.name, "todo", str(todo))
    except Wrong as wrong:
        return Verdict(file, part.name, "wrong", str(wrong), wrong.hint)
    return Verdict(file, part.name, "passes")


# --- What is printed ------------------------------------------------------------------------------------------


def table(verdicts: Iterable[Verdict], language: str) -> str:
    """A line for each part; the name of a file stands at its first."""
    says, rows, before = SAYS[language], [], None
    for verdict in verdicts:
        file = "" if verdict.file == before else verdict.file
        rows.append([file, verdict.part, says[verdict.outcome]])
        before = verdict.file
    return ruled([says["heads"].split("|"), *rows], left=3)


def explained(verdicts: Iterable[Verdict], language: str) -> str:
    """What is wrong, each with its hint, and of each file the first thing to do."""
    lines, told = [], set()
    for verdict in verdicts:
        sentence = verdict.file, verdict.said
        if verdict.outcome in ("passes", "later") or sentence in told:
            continue
        if verdict.outcome == "todo" and (verdict.file, "todo") in told:
            continue
        told |= {sentence, (verdict.file, verdict.outcome)}
        lines += [""] * bool(lines) + [f"{verdict.file}, {verdict.part}", f"  {verdict.said}"]
        if verdict.hint:
            lines.append(f"  {SAYS[language]['hint'].format(hint=verdict.hint)}")
    return "\n".join(lines)


def praise(exercise: Exercise, verdicts: Iterable[Verdict], language: str) -> str:
    """What there is to try with as much as passes, without a gap; "" for nothing."""
    found = ""
    for verdict in verdicts:
        if verdict.outcome != "passes":
            break
        key = (exercise.praise or {}).get(verdict.part)
        found = exercise.texts[language][key] if key else found
    return found
