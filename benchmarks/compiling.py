"""How long it takes to make a program, and how much memory: each case in a process of its own.

    python -m benchmarks.compiling CASE WIDTHS    # as the table calls it: prints seconds and megabytes as JSON

Seconds go from the model, already made, to the first loss with its gradient: recording, compiling, running once.
"""

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from autograd.commands import run
from benchmarks.contenders import Answer, Contender, Work, agree, compiled, digits, model_of, moons, whole_batch

SMALL, LARGE = (2, 16, 16, 1), (784, 128, 10)

Told = Callable[[], Answer]  # of what was computed while the clock ran


def by_ours(backend: str) -> Callable[[Work], Callable[[], Told]]:
    def prepare(work: Work) -> Callable[[], Told]:
        model = model_of(work)
        return lambda: _known(compiled(work, backend, model).value_and_grad(work.X, work.T))

    return prepare


def whole(work: Work) -> Callable[[], Told]:
    model = model_of(work)
    return lambda: _known(whole_batch(work, model).value_and_grad())


def by_jax(work: Work) -> Callable[[], Told]:
    from benchmarks.contenders_networks import jax_step

    contender = jax_step(work)
    return lambda: _known(contender.answer())


def by_casadi(work: Work) -> Callable[[], Told]:
    """Of one sample; afterwards the mean over all is told."""
    from casadi import DM  # pyright: ignore[reportMissingImports]

    from benchmarks.contenders_networks import casadi_function

    def make() -> Told:
        function = casadi_function(work)
        function(*map(DM, (work.theta, work.X[0], work.T[0])))
        return lambda: mean(function)

    def mean(function: Any) -> Answer:
        results = [function(*map(DM, (work.theta, x, t))) for x, t in zip(work.X, work.T, strict=True)]
        losses, gradients = zip(*results, strict=True)
        return float(np.mean([float(loss) for loss in losses])), np.mean([np.ravel(g.full()) for g in gradients], 0)

    return make


def _known(answer: Answer) -> Told:
    return lambda: answer


class Case(NamedTuple):
    """Who makes a program, the package that this needs, of which networks; and the most seconds and megabytes.

    Attributes:
        prepare: makes the model; what it returns is timed, and returns what tells the loss and the gradient.
    """

    prepare: Callable[[Work], Callable[[], Told]]
    package: str
    networks: tuple[tuple[int, ...], ...] = (SMALL, LARGE)
    bars: tuple[tuple[float, float], ...] = ()


CASES = {
    "ours, numpy": Case(by_ours("numpy"), "numpy", bars=((0.1, math.inf), (10.0, 3000.0))),
    "ours, C": Case(by_ours("c"), "numpy"),
    "ours, jax": Case(by_ours("jax"), "jax"),
    "ours, numpy, all 100 samples in one graph": Case(whole, "numpy", (SMALL,)),
    "JAX jit": Case(by_jax, "jax"),
    "CasADi": Case(by_casadi, "casadi"),
}

LIMIT = 600  # seconds, after which a case is given up


def table(quick: bool = False) -> str:
    """Markdown: a line for each network and case; the quickest of a few processes.

    Raises:
        ArithmeticError: two cases disagree on the loss or the gradient of a network.
    """
    lines = ["### Compiling: from the model to the first gradient, each in a process of its own", ""]
    lines += ["| | network | seconds | peak memory | bar |", "|---|---|--:|--:|---|"]
    for widths in (SMALL,) if quick else (SMALL, LARGE):
        processes = 1 if quick else 5 if widths == SMALL else 2
        found = {name: best_of(processes, name, widths) for name, case in CASES.items() if widths in case.networks}
        agree({name: Contender(str, _known(each.answer)) for name, each in found.items() if isinstance(each, Found)})
        lines += [_line(name, widths, each) for name, each in found.items()]
    return "\n".join(lines) + "\n"


class Found(NamedTuple):
    """What a process measured; of the gradient some numbers only."""

    seconds: float
    megabytes: float
    loss: float
    gradient: list[float]

    @property
    def answer(self) -> Answer:
        return self.loss, np.array(self.gradient)


def best_of(processes: int, name: str, widths: tuple[int, ...]) -> Found | str:
    """The quickest; or why there is none."""
    if find_spec(CASES[name].package) is None:
        return f"{CASES[name].package} is not installed"
    command = [sys.executable, "-m", "benchmarks.compiling", name, _written(widths)]
    try:
        done = [subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT) for _ in range(processes)]
    except subprocess.TimeoutExpired:
        return f"over {LIMIT}"
    return min(Found(*json.loads(each.stdout)) for each in done)


def _line(name: str, widths: tuple[int, ...], found: Found | str) -> str:
    if isinstance(found, str):
        return f"| {name} | {_written(widths)} | {found} | | |"
    case, verdict = CASES[name], ""
    if case.bars:
        seconds, megabytes = case.bars[case.networks.index(widths)]
        met = found.seconds <= seconds and found.megabytes <= megabytes
        memory = f", {megabytes:,.0f} MB" if megabytes < math.inf else ""
        verdict = f"≤ {seconds:g} s{memory}: {'met' if met else '**missed**'}"
    return f"| {name} | {_written(widths)} | {found.seconds:.3f} | {found.megabytes:,.0f} MB | {verdict} |"


def _written(widths: tuple[int, ...]) -> str:
    return "-".join(map(str, widths))


def measure(name: str, widths: tuple[int, ...]) -> Found:
    """In this process: seconds, and the peak of its memory in megabytes, its imports included."""
    work = moons(widths=widths) if widths[-1] == 1 else digits(widths=widths)
    _import(CASES[name].package)
    make = CASES[name].prepare(work)
    start = time.perf_counter()
    tell = make()
    seconds, megabytes = time.perf_counter() - start, peak()
    loss, gradient = tell()
    return Found(seconds, megabytes, loss, gradient[:: max(1, len(gradient) // 500)].tolist())


def _import(package: str) -> None:
    """Load what is measured, so that its import is not: of JAX it takes longer than many compilations."""
    import_module(package)
    import_module("autograd.compiler.matrices.lifted")


def peak() -> float:
    """Megabytes. ru_maxrss would start from what the parent had when it forked; Linux knows that of the program."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1000
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    """Measure what is asked for, and print it for the process that asks."""
    print(json.dumps(measure(sys.argv[1], tuple(map(int, sys.argv[2].split("-"))))))


if __name__ == "__main__":
    sys.exit(run(main, "benchmarks.compiling"))
