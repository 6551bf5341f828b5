"""Compiled programs beside code by hand, JAX, PyTorch, CasADi and micrograd: `python -m benchmarks.compiled`.

Needs the extra `bench`; each peer is optional. Everything runs in one thread and in one process, the contenders take
turns, and before any is timed all have to give the same loss and gradient. A bar is the ratio that is asked for: the
best time of ours over the best of the peer. What is measured:

    moons       a training step: 100 samples, MLP 2-16-16-1, hinge loss and L2; gradient and update
    sample      value and all 337 derivatives of one sample of it, without L2
    digits      a training step: 128 samples, MLP 64-32-10, softmax cross-entropy
    compiling   seconds from the recorded function to the first result, and the memory, each in a process of its own
    recurrence  deep and narrow: 1,000 steps of tanh(w h + u x + b)
    whole       micrograd's loss of 100 samples in one graph, and the program of one sample
"""

import argparse
import dataclasses
import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from autograd.commands import run
from benchmarks import compiling, contenders_recurrence
from benchmarks import contenders_networks as peers
from benchmarks.contenders import (
    Contender,
    Work,
    agree,
    digits,
    moons,
    ours,
    ours_buffered,
    ours_jitted,
    ours_once,
    step_of_whole_batch,
)
from benchmarks.timing import side_by_side

ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""What has to be in the environment before NumPy and JAX are imported."""

Timings = dict[str, list[float]]  # seconds of each round
Contenders = dict[str, Callable[[], Contender]]

PACKAGES = ("numpy", "numba", "jax", "torch", "casadi", "micrograd")


class Bar(NamedTuple):
    """What the design asks for: `ours` takes at most so many times as long as `peer`."""

    ours: str
    peer: str
    most: float


class Table(NamedTuple):
    """A work, who does it, and the bars."""

    title: str
    contenders: Contenders
    bars: Sequence[Bar]


# --- What is measured -----------------------------------------------------------------------------------------


def moons_table(work: Work) -> Table:
    contenders = {
        "ours, numpy": lambda: ours(work, "numpy"),
        "ours, C": lambda: ours(work, "c"),
        "ours, jax": lambda: ours(work, "jax"),
        "ours, jax, one function": lambda: ours_jitted(work),
        "NumPy by hand": lambda: peers.numpy_moons(work),
        "NumPy by hand, in place": lambda: peers.numpy_moons_in_place(work),
        "numba by hand": lambda: peers.numba_moons(work),
        "JAX jit": lambda: peers.jax_step(work),
        "PyTorch": lambda: peers.torch_step(work),
        "micrograd": lambda: peers.micrograd_step(work),
    }
    bars = [Bar("ours, numpy", "NumPy by hand", 1.1), Bar("ours, C", "JAX jit", 0.5)]
    return Table(f"Moons: a training step of {_shape(work)}, hinge loss and L2", contenders, bars)


def sample_table(work: Work) -> Table:
    work = dataclasses.replace(work, l2=0.0)
    contenders = {
        "ours, C, buffers": lambda: ours_buffered(work),
        "ours, C": lambda: ours_once(work, "c"),
        "ours, numpy": lambda: ours_once(work, "numpy"),
        "CasADi, buffered": lambda: peers.casadi_sample(work),
        "numba by hand": lambda: peers.numba_sample(work),
    }
    title = f"Sample: value and {work.theta.size} derivatives of one sample of it, without L2"
    return Table(title, contenders, [Bar("ours, C, buffers", "CasADi, buffered", 1)])


def digits_table(work: Work) -> Table:
    contenders = {
        "ours, numpy": lambda: ours(work, "numpy"),
        "ours, C": lambda: ours(work, "c"),
        "ours, jax": lambda: ours(work, "jax"),
        "ours, jax, one function": lambda: ours_jitted(work),
        "NumPy by hand": lambda: peers.numpy_digits(work),
        "JAX jit": lambda: peers.jax_step(work),
        "PyTorch": lambda: peers.torch_step(work),
    }
    title = f"Digits: a training step of {_shape(work)}, softmax cross-entropy"
    return Table(title, contenders, [Bar("ours, numpy", "NumPy by hand", 1.1)])


def recurrence_table(steps: int) -> Table:
    xs = contenders_recurrence.sequence(steps)
    contenders = {
        "ours, C": lambda: contenders_recurrence.compiled(xs, "c"),
        "ours, numpy": lambda: contenders_recurrence.compiled(xs, "numpy"),
        "ours, eager": lambda: contenders_recurrence.eager(xs),
        "ours, eager, replayed": lambda: contenders_recurrence.eager_replay(xs),
        "Python by hand": lambda: contenders_recurrence.python_by_hand(xs),
        "numba by hand": lambda: contenders_recurrence.numba_by_hand(xs),
    }
    bars = [Bar("ours, C", "numba by hand", 3), Bar("ours, numpy", "ours, eager", 1)]
    return Table(f"Recurrence: {steps:,} steps of tanh(w h + u x + b), loss and three derivatives", contenders, bars)


def whole_table(work: Work) -> Table:
    contenders = {
        "the whole batch in one graph": lambda: step_of_whole_batch(work),
        "one sample, run on the batch": lambda: ours(work, "numpy"),
    }
    title = f"Whole: the graph of all {len(work.X)} samples of moons, and that of one, compiled (numpy)"
    return Table(title, contenders, [Bar("the whole batch in one graph", "one sample, run on the batch", 3)])


def _shape(work: Work) -> str:
    return f"{len(work.X)} samples, MLP {'-'.join(map(str, work.widths))}"


# --- Measuring ------------------------------------------------------------------------------------------------


def installed(contenders: Contenders) -> tuple[dict[str, Contender], dict[str, str]]:
    """Those that can be made, checked against each other; and why the others cannot."""
    made, missing = {}, {}
    for name, make in contenders.items():
        try:
            made[name] = make()
        except ModuleNotFoundError as error:
            missing[name] = f"{error.name} is not installed"
    agree(made)
    return made, missing


# --- Telling --------------------------------------------------------------------------------------------------


def markdown(table: Table, seconds: Timings, missing: dict[str, str]) -> str:
    """Best, median, and how many times the quickest of ours; then the bars."""
    base = next(name for name in table.contenders if name in seconds)
    lines = [f"### {table.title}", "", f"| | best | median | ÷ {base} | bar |", "|---|--:|--:|--:|---|"]
    for name in table.contenders:
        if name in missing:
            lines.append(f"| {name} | {missing[name]} | | | |")
            continue
        best, median = min(seconds[name]), sorted(seconds[name])[len(seconds[name]) // 2]
        verdict = "; ".join(judged(bar, seconds) for bar in table.bars if bar.ours == name)
        lines.append(f"| {name} | {clock(best)} | {clock(median)} | {best / min(seconds[base]):.2f} | {verdict} |")
    return "\n".join(lines) + "\n"


def judged(bar: Bar, seconds: Timings) -> str:
    """Whether the bar is met, in words."""
    if bar.peer not in seconds:
        return f"≤ {bar.most:g} × {bar.peer}: not measured"
    ratio = min(seconds[bar.ours]) / min(seconds[bar.peer])
    return f"{ratio:.2f} × {bar.peer} (≤ {bar.most:g}): {'met' if ratio <= bar.most else '**missed**'}"


def clock(seconds: float) -> str:
    """With three digits, in µs, ms or s."""
    for unit, size in (("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * size:
            return f"{seconds / size:.{2 if seconds < 10 * size else 1 if seconds < 100 * size else 0}f} {unit}"
    return f"{seconds:.2f} s"


def heading(title: str) -> str:
    """Where and when, and with what."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"no {package}")
    machine = f"{processor()}, one thread on one core, Python {platform.python_version()}"
    return f"## {title}\n\n{date.today()}, {machine}; {', '.join(versions)}.\n"


def processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


# --- The command ----------------------------------------------------------------------------------------------

TABLES: dict[str, Callable[[], Table]] = {
    "moons": lambda: moons_table(moons()),
    "sample": lambda: sample_table(moons()),
    "digits": lambda: digits_table(digits()),
    "recurrence": lambda: recurrence_table(1000),
    "whole": lambda: whole_table(moons()),
}


def in_one_thread(module: str) -> None:
    """Start anew with what makes libraries use one thread, and on one processor: nothing else stops all of them."""
    if any(os.environ.get(name) != setting for name, setting in ONE_THREAD.items()):
        command = [sys.executable, "-m", module, *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | ONE_THREAD)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def timed_table(name: str, quick: bool) -> str:
    table = TABLES[name]()
    made, missing = installed(table.contenders)
    return markdown(table, side_by_side({name: each.run for name, each in made.items()}, 10 if quick else 100), missing)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compiled",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*TABLES, "compiling"]
    parser.add_argument("--only", choices=names, action="append", help="this alone; may be given several times")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the rounds, and no compiling of the larger network"
    )
    options = parser.parse_args(arguments)
    print(heading("Compiled programs beside their peers"), flush=True)
    for name in options.only or names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        made = compiling.table(options.quick) if name == "compiling" else timed_table(name, options.quick)
        print(made, flush=True)


if __name__ == "__main__":
    in_one_thread("benchmarks.compiled")
    sys.exit(run(main, "benchmarks.compiled"))
