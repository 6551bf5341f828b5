"""`python -m autograd check FILE.py[:NAME]`: is what this file defines right?

The file runs in a process of its own, which is ended where its code holds on to it: laws interrupt what does not end
(`trying.py`), but code that catches everything can go on all the same, and code can crash Python.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd.commands import INTERRUPTED, Interrupted, progress, run
from autograd.languages import LANGUAGES, Language, spoken
from autograd.laws.engines import check_engine
from autograd.laws.files import ENGINE, OPERATION, Thing, Unfit, load, split, things
from autograd.laws.of_functions import check_function
from autograd.laws.operations import check_operation
from autograd.laws.shapes import functions_of
from autograd.laws.words import ENGINE as ENGINE_WORDS
from autograd.laws.words import FILE
from autograd.trying import Raised, Student, quietly

_PATIENCE = 4, 10.0  # a law may take so many limits, and this many seconds more, until the process is ended
_POLL = 0.05
_ENDED = "ended"
_BESIDE = "AUTOGRAD_CHECK_TOLD"  # a variable of the environment: the file in which the process says what it is doing
_ROOT = Path(__file__).parents[2]


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(
        prog="python -m autograd check",
        description="Checks what a file defines: a Value class (the laws of an engine, from easy to hard), an Op (the "
        "laws of operations), or a function of numbers (its gradient, at numbers that hypothesis draws). Without NAME, "
        "everything in the file that can be checked. The file is run as python FILE would run it, except that what "
        'stands under if __name__ == "__main__": is not. The exit status is 0 if nothing is wrong, 1 if something is, '
        "and 2 if there is nothing to check.",
    )
    made.add_argument("file", metavar="FILE.py[:NAME]")
    made.add_argument(
        "--domain",
        metavar="x=0:10",
        action="append",
        default=[],
        type=_interval,
        help="an interval for a parameter of a function, may be given several times; otherwise its annotation says",
    )
    made.add_argument("--limit", metavar="SECONDS", type=_seconds, default=5.0, help="for each law; 5 if not given")
    made.add_argument("--language", choices=LANGUAGES, help="if not given, as everywhere")
    return made


def _interval(text: str) -> tuple[str, tuple[float, float]]:
    name, _, ends = text.partition("=")
    low, _, high = ends.partition(":")
    try:
        interval = float(low), float(high)
    except ValueError:
        interval = math.nan, math.nan
    if not (name.isidentifier() and interval[0] < interval[1] and math.isfinite(interval[1] - interval[0])):
        raise argparse.ArgumentTypeError(f"{text!r}: wanted an interval, x=0:10")
    return name, interval


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted seconds, a number above 0")
    return seconds


def main(arguments: Sequence[str]) -> int:
    """Check a file in a process of its own; the exit status."""
    options = parser().parse_args(arguments)
    language = spoken("check", options.language)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        told.write_text("the file", encoding="utf-8")
        start = f"import sys; sys.path[:1] = [{str(_ROOT)!r}]; from autograd.laws.command import work; sys.exit(work())"
        environment = os.environ | {_BESIDE: str(told), "HYPOTHESIS_STORAGE_DIRECTORY": folder}
        process = subprocess.Popen([sys.executable, "-c", start, *arguments], env=environment)
        try:
            status = _watched(process, told, options.limit)
        except (KeyboardInterrupt, Interrupted):  # the process has had it too, and says so
            process.wait()
            return INTERRUPTED
        doing = told.read_text(encoding="utf-8")
    if doing == _ENDED:
        return process.returncode
    words = FILE[language]
    what = words["the file"] if doing == "the file" else ENGINE_WORDS[language]["laws"].get(doing, doing)
    print(words[status].format(path=split(options.file)[0], what=what), flush=True)
    return 1


def _watched(process: "subprocess.Popen[bytes]", told: Path, limit: float) -> str:
    """How a process went that has not said that it ended: "held", "crashed" or "ended"."""
    before, waited, times, more = "", 0.0, *_PATIENCE
    while True:
        try:
            process.wait(_POLL)
            return "crashed" if process.returncode < 0 or process.returncode > 255 else "ended"
        except subprocess.TimeoutExpired:
            now = told.read_text(encoding="utf-8")
            waited = 0.0 if now != before or now in ("the file", _ENDED) else waited + _POLL
            before = now
        if waited > times * limit + more:
            process.kill()
            process.wait()
            return "held"


def work(arguments: Sequence[str] | None = None) -> int:
    """Check a file in this process, and say so to the process that waits for it; the exit status."""
    return run(lambda: _work(arguments), "python -m autograd check")


def _work(arguments: Sequence[str] | None) -> int:
    options = parser().parse_args(arguments)
    path, name = split(options.file)
    language, domain = spoken("check", options.language), dict(options.domain)
    beside = os.environ.pop(_BESIDE, "")
    tell = (lambda doing: _write(beside, doing)) if beside else (lambda doing: None)
    try:
        status = _checked(path, name, domain, options.limit, language, tell)
    except Unfit as unfit:
        print(unfit)
        status = unfit.status
    tell(_ENDED)
    return status


def _write(beside: str, doing: str) -> None:
    Path(beside).write_text(doing, encoding="utf-8")


def _checked(
    path: Path, name: str, domain: dict[str, Any], limit: float, language: Language, tell: Callable[[str], Any]
) -> int:
    with progress(FILE[language]["running"].format(path=path)):
        module = load(path, language)
    wrong = 0
    found = things(module, path, name, domain, language)
    for i, thing in enumerate(found):
        tell(thing.name)
        text, right = _judged(thing, module, domain, limit, language, tell)
        print(text if i == len(found) - 1 else f"{text}\n", flush=True)
        wrong += not right
    return int(wrong > 0)


def _judged(
    thing: Thing, module: Any, domain: dict[str, Any], limit: float, language: Language, tell: Callable[[str], Any]
) -> tuple[str, bool]:
    """What is to be said of it, and whether it is right."""
    if thing.kind == ENGINE:
        functions = functions_of(thing.what, module)
        report = check_engine(thing.what, functions, limit=limit, language=language, watch=tell)
        return str(report), report.ok
    if thing.kind == OPERATION:
        return _operation(thing, limit, language)
    try:
        found = check_function(thing.what, domain or None, limit=limit, language=language)
    except (TypeError, ValueError) as error:
        raise Unfit(str(error)) from None
    return str(found), found.ok


def _operation(thing: Thing, limit: float, language: Language) -> tuple[str, bool]:
    """An Op: the first law that it breaks. All of its laws together have three limits."""
    words = FILE[language]
    file = getattr(getattr(thing.what.backward, "__code__", None), "co_filename", "")
    try:
        with quietly():
            Student(file, 3 * limit).run(lambda: check_operation(thing.what, max_examples=50))
    except Raised as raised:
        message = raised.message if raised.kind == "AssertionError" else str(raised)
        return words["operation wrong"].format(name=thing.name, error=message), False
    return words["operation right"].format(name=thing.name), True
