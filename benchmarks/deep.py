"""Deep programs, compiled, beside the engine and CasADi: `python -m benchmarks.deep [NAMES …]` (needs `bench`).

The programs are those of `deep_programs.py`, plain scalar Python with loops of up to ten thousand turns. Of each are
measured value and all derivatives with respect to its parameters, of one row of inputs and of a thousand, and the
seconds from the function to the first result. Everything runs in one thread on one processor; the contenders take
turns, each counts by its best round, the collector of garbage is off; each has to give the value and the gradient of
our engine. Our backends (all there are, or those named) work in a process each, and are given up at a limit. CasADi
runs from buffers into buffers: its virtual machine, and its own C code compiled by `cc -O1`. It cannot branch: where a
program does, it follows the numbers of the first row, unchecked.
"""

import argparse
import functools
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

import autograd
from autograd import Value, topological_order
from autograd.commands import run
from autograd.compiler.backends import BACKENDS
from benchmarks.compiled import heading, in_one_thread
from benchmarks.contenders import Contender, agree
from benchmarks.contenders_deep import (
    BUFFERS,
    CASADI,
    CASADI_C,
    ROWS,
    Failed,
    Made,
    Worker,
    casadi,
    clocked,
    eager,
    eager_mean,
    floats,
    ours,
)
from benchmarks.deep_programs import PROGRAMS, Deep, logistic
from benchmarks.timing import in_turn

ENGINE, FLOATS = "eager", "floats alone"


class Settings(NamedTuple):
    """How it is measured, and where.

    Attributes:
        rows: how many are run at once; a multiple of eight.
        limit: seconds after which a backend, or `cc`, is given up.
        folder: for what is written; emptied in the end.
    """

    rounds: int
    limit: float
    rows: int
    turns: Sequence[int]
    folder: str


class Line(NamedTuple):
    """Of a program: seconds of a row by contender, and until the first result; or why there are none."""

    name: str
    operations: int
    row: dict[str, float | str]
    first: dict[str, float | str]


# --- Measuring ------------------------------------------------------------------------------------------------


def line(name: str, deep: Deep, workers: Sequence[Worker], settings: Settings) -> Line:
    """The contenders, checked against the engine and timed."""
    found: dict[str, Made | str] = {ENGINE: eager(deep), FLOATS: floats(deep)}
    for worker in workers:
        found |= ours(worker, deep, settings.rows)
    found |= casadi(deep, settings.rows, settings.folder, settings.limit)
    ready = {who: each for who, each in found.items() if isinstance(each, Made)}
    why = {who: each for who, each in found.items() if isinstance(each, str)}
    check(deep, ready)
    timings = in_turn({who: each.clocked for who, each in ready.items()}, settings.rounds)
    seconds = {who: min(each) for who, each in timings.items()}
    row = {who: each / (settings.rows if who.endswith(ROWS) else 1) for who, each in seconds.items()}
    return Line(name, operations(deep), why | row, why | {who: each.seconds for who, each in ready.items()})


def check(deep: Deep, ready: dict[str, Made]) -> None:
    """Raise an ArithmeticError if one gets another value or gradient than the engine, of one row or of several."""
    answers = {who: Contender(str, lambda each=each: each.answer) for who, each in ready.items()}
    mean = eager_mean(deep)
    several = {who: each for who, each in answers.items() if who.endswith(ROWS)}
    agree({who: each for who, each in answers.items() if who not in several})
    agree({f"{ENGINE}{ROWS}": Contender(str, lambda: mean), **several})


def operations(deep: Deep) -> int:
    parameters, inputs = ([Value(number) for number in numbers] for numbers in (deep.parameters, deep.inputs))
    return sum(bool(node.inputs) for node in topological_order(deep.function(parameters, inputs, autograd)))


# --- Telling --------------------------------------------------------------------------------------------------


def microseconds(each: Line, who: str) -> str:
    """Of a row."""
    seconds = each.row[who]
    return seconds if isinstance(seconds, str) else three(seconds * 1e6)


def three(number: float) -> str:
    """With three digits."""
    return f"{float(f'{number:.3g}'):,.{2 if number < 10 else 1 if number < 100 else 0}f}"


def briefly(seconds: float | str) -> str:
    """Seconds as they are, with two digits, or to the second."""
    return seconds if isinstance(seconds, str) else f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"


def ratio(each: Line, peer: str) -> str:
    """The best of ours over the peer, which does the same."""
    several = peer.endswith(ROWS)
    best = [
        seconds
        for who, seconds in each.row.items()
        if who.startswith("ours") and who.endswith(ROWS) == several and isinstance(seconds, float)
    ]
    by = each.row[peer]
    return three(min(best) / by) if best and isinstance(by, float) else "—"


Cell = Callable[[Line, str], str]  # of a program and a contender


def table(title: str, lines: Sequence[Line], columns: Sequence[str], cell: Cell, peers: Sequence[str] = ()) -> str:
    """Markdown: programs down, contenders across, and the ratios to the peers."""
    heads = ["operations", *columns, *(f"best of ours ÷ {peer}" for peer in peers)]
    text = [f"### {title}", "", f"| | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    for each in lines:
        cells = [f"{each.operations:,}", *(cell(each, who) for who in columns)]
        cells += [ratio(each, peer) for peer in peers]
        text.append(f"| {each.name} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def tables(lines: Sequence[Line], backends: Sequence[str], rows: int) -> str:
    """One row, several rows, and the seconds until the first result."""
    ways = [f"ours, {backend}{way}" for backend in backends for way in ("", BUFFERS)]
    one = [FLOATS, ENGINE, *ways, CASADI, CASADI_C]
    several = [f"{who}{ROWS}" for who in (*(f"ours, {backend}" for backend in backends), CASADI)]
    first = [*(f"ours, {backend}" for backend in backends), CASADI, CASADI_C]
    made = (
        table("One row: value and gradient, µs", lines, one, microseconds, (CASADI, CASADI_C)),
        table(f"{rows:,} rows: value and gradient, µs a row", lines, several, microseconds, (CASADI + ROWS,)),
        table(
            "From the function to the first result, seconds", lines, first, lambda each, who: briefly(each.first[who])
        ),
    )
    return "\n".join(made)


def turns_table(workers: Sequence[Worker], turns: Sequence[int]) -> str:
    """One recurrence with more and more turns: seconds of recording, of compiling beyond that, and lines of text."""
    heads = [f"ours, {worker.backend}{what}" for worker in workers for what in ("", ", lines")]
    text = ["### The logistic map: seconds from the recorded function to the first result, and lines of text", ""]
    text += [f"| turns | recording | {' | '.join(heads)} |", "|--:|--:|" + "--:|" * len(heads)]
    for count in turns:
        deep = PROGRAMS["logistic"]._replace(function=functools.partial(logistic, steps=count))
        recording = min(clocked(lambda deep=deep: operations(deep), 1) for _ in range(3))
        cells = [cell for worker in workers for cell in compiling(worker, deep, recording)]
        text.append(f"| {count:,} | {briefly(recording)} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def compiling(worker: Worker, deep: Deep, recording: float) -> tuple[str, str]:
    try:
        seconds, lines = worker.ask("compiling", deep)
    except Failed as error:
        return str(error), ""
    return briefly(max(0.0, seconds - recording)), f"{lines:,}"


# --- The command ----------------------------------------------------------------------------------------------


def report(names: Sequence[str], backends: Sequence[str], settings: Settings) -> str:
    """All tables, of these programs and backends."""
    workers = [Worker(backend, settings.limit, settings.folder) for backend in backends]
    try:
        lines = []
        for name in names:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            lines.append(line(name, PROGRAMS[name], workers, settings))
        return f"{tables(lines, backends, settings.rows)}\n{turns_table(workers, settings.turns)}"
    finally:
        for worker in workers:
            worker.end()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.deep", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"programs, of {', '.join(PROGRAMS)}; without any, all"
    )
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS), help="of ours, these alone")
    parser.add_argument("--limit", type=float, help="seconds after which a backend is given up (60; if quick, 10)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds, and loops of a thousand turns")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(PROGRAMS):
        parser.error(f"no program {', '.join(sorted(unknown))}; there are {', '.join(PROGRAMS)}")
    quick = options.quick
    turns = (100, 1000) if quick else (100, 1000, 10_000)
    print(heading("Deep programs"), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(10 if quick else 100, options.limit or (10 if quick else 60), 1000, turns, folder)
        print(report(options.names or list(PROGRAMS), options.backends, settings))


if __name__ == "__main__":
    in_one_thread("benchmarks.deep")
    sys.exit(run(main, "benchmarks.deep"))
