"""Who runs the deep programs: floats, our engine, our compiler by each backend, and CasADi.

A backend works in a process of its own, since some need minutes for a long program, or never end; the clock is read
in that process, so that being asked costs nothing.
"""

import gc
import importlib
import multiprocessing
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Program, Value
from benchmarks.contenders import Answer, Array
from benchmarks.contenders_networks import Buffered
from benchmarks.deep_programs import FLOATS, Deep

AGAIN = 0.3  # seconds; what is made sooner is made again
STARTING = 120  # seconds, in which a process has loaded its backend
BUFFERS, ROWS = ", buffers", ", rows"  # what stands behind the name of who runs from buffers, and who many rows


class Made(NamedTuple):
    """A contender, ready to run.

    Attributes:
        seconds: from the function to the first result.
        answer: that result: the loss and its gradient, means over the rows.
        clocked: seconds that so many runs take.
    """

    seconds: float
    answer: Answer
    clocked: Callable[[int], float]


def clocked(run: Callable[[], object], times: int) -> float:
    """Seconds of so many runs, the collector of garbage off."""
    gc.disable()
    start = time.perf_counter()
    for _ in range(times):
        run()
    seconds = time.perf_counter() - start
    gc.enable()
    return seconds


Making = Callable[[], tuple[Callable[[], object], Callable[[], Answer]]]  # a run, and what tells its answer


def made(make: Making) -> Made:
    """What `make` gives, and how long that took with a first run: the best of three, unless it is long anyway."""
    seconds: list[float] = []
    while len(seconds) < 3 and sum(seconds) < AGAIN:
        gc.collect()
        start = time.perf_counter()
        run, tell = make()
        run()
        seconds.append(time.perf_counter() - start)
    return Made(min(seconds), tell(), lambda times, _held=tell: clocked(run, times))  # holds the arrays of a C function


def rows_of(deep: Deep, rows: int) -> Array:
    """The inputs of so many rows: eight that differ in the sixth digit, so that they branch alike, over and over."""
    scales = 1 + 1e-6 * (np.arange(rows) % 8)
    return scales[:, None] * np.asarray(deep.inputs)


# --- Floats, and our engine -----------------------------------------------------------------------------------


def eager(deep: Deep) -> Made:
    """The graph made anew, and swept."""

    def run() -> Answer:
        parameters = [Value(number) for number in deep.parameters]
        loss = deep.function(parameters, deep.inputs, autograd)
        loss.backward()
        return loss.data, np.array([p.grad for p in parameters])

    return made(lambda: (run, run))


def floats(deep: Deep) -> Made:
    """The loss alone."""

    def run() -> float:
        return deep.function(deep.parameters, deep.inputs, FLOATS)

    return made(lambda: (run, lambda: (run(), eager(deep).answer[1])))


def eager_mean(deep: Deep) -> Answer:
    """The mean over the rows, a multiple of eight, of which only the first eight differ."""
    answers = [eager(deep._replace(inputs=row)).answer for row in rows_of(deep, 8).tolist()]
    losses, gradients = zip(*answers, strict=True)
    return float(np.mean(losses)), np.mean(gradients, axis=0)


# --- Our compiler ---------------------------------------------------------------------------------------------


def compiled(deep: Deep, backend: str) -> Program:
    theta = [Value(number) for number in deep.parameters]
    return autograd.compile(
        lambda inputs: deep.function(theta, inputs, autograd), list(deep.inputs), wrt=theta, backend=backend
    )


def called(program: Program, batch: Array) -> Made:
    def run() -> Answer:
        return program.value_and_grad(batch)

    return made(lambda: (run, run))


def bound(program: Program, inputs: Sequence[float]) -> Made:
    """The program run on its own arrays."""
    buffers = program.buffers()
    buffers.arguments[0][:, 0] = inputs

    def tell() -> Answer:
        buffers.run()
        return float(buffers.loss), np.array(buffers.gradient)

    return made(lambda: (buffers.run, tell))


class Workshop:
    """What the process of a backend does: it makes a program, and runs what it made last."""

    def __init__(self, backend: str, folder: str) -> None:
        self.backend, self.folder = backend, folder
        if backend == "jax":
            importlib.import_module("jax")
        self.ways: dict[str, Made] = {}
        small = Deep(lambda theta, x, functions: theta[0] * functions.exp(x[0]), (1.0,), (1.0,))
        self.make(small, rows=2)  # loads what the first use loads

    def make(self, deep: Deep, rows: int) -> dict[str, tuple[float, Answer] | str]:
        """By way to run it, of one row and of several, seconds and answer; or why the program cannot be run so."""
        program, first = self.first(deep)
        ways: dict[str, Callable[[], Made]] = {"": lambda: first}
        ways[BUFFERS] = lambda: bound(program, deep.inputs)
        ways[ROWS] = lambda: called(program, rows_of(deep, rows))
        tried = {way: _tried(make) for way, make in ways.items()}
        self.ways = {way: each for way, (each, _) in tried.items() if each}
        reasons = {way: "none" if way == BUFFERS else why for way, (_, why) in tried.items()}
        return {way: each[:2] if each else reasons[way] for way, (each, _) in tried.items()}

    def first(self, deep: Deep) -> tuple[Program, Made]:
        """The program, and its calls with one row, which are made with it."""
        programs: list[Program] = []

        def make() -> Any:
            os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(dir=self.folder)  # what was compiled before is not found
            programs.append(compiled(deep, self.backend))
            run = partial(programs[-1].value_and_grad, rows_of(deep, 1))
            return run, run

        calls = made(make)
        return programs[-1], calls

    def clocked(self, way: str, times: int) -> float:
        return self.ways[way].clocked(times)

    def compiling(self, deep: Deep) -> tuple[float, int]:
        """Seconds from the function to the first result, and the lines of the program's text."""
        program, calls = self.first(deep)
        return calls.seconds, len(program.source.splitlines())


def _work(pipe: Connection, backend: str, folder: str) -> None:
    """Be ready, or say why not; then do what is asked, until nobody asks."""
    workshop, why = _tried(Workshop, backend, folder)
    pipe.send((None, why))
    with suppress(EOFError):
        while workshop:
            name, arguments = pipe.recv()
            pipe.send(_tried(getattr(workshop, name), *arguments))


def _tried(work: Callable[..., Any], *arguments: Any) -> tuple[Any, str]:
    """The result, or in a few words why there is none."""
    try:
        return work(*arguments), ""
    except ModuleNotFoundError as error:
        return None, f"{error.name} is not installed"
    except Exception as error:
        return None, type(error).__name__


class Failed(Exception):  # noqa: N818 - it says why there is no number
    """What was asked of a process did not come; the message is for the table."""


class Worker:
    """A backend in a process of its own, which is ended when it takes too long."""

    def __init__(self, backend: str, limit: float, folder: str) -> None:
        self.backend, self.limit, self.folder = backend, limit, folder
        self._process: Any = None
        self._pipe: Any = None
        self._missing = ""

    def ask(self, name: str, *arguments: Any) -> Any:
        """What the workshop's method returns.

        Raises:
            Failed: it takes longer than the limit, or raises.
        """
        if self._missing:
            raise Failed(self._missing)
        if self._process is None:
            self._start()
        with suppress(BrokenPipeError):  # if it has died, the reply says so
            self._pipe.send((name, arguments))
        return self._reply(self.limit)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self.backend, self.folder), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._reply(STARTING)
        except Failed as error:
            self._missing = str(error)
            raise

    def _reply(self, limit: float) -> Any:
        if not self._pipe.poll(limit):
            self.end()
            raise Failed(f"> {limit:g} s")
        try:
            result, reason = self._pipe.recv()
        except (EOFError, ConnectionError):
            self.end()
            raise Failed("its process died") from None
        if reason:
            raise Failed(reason)
        return result

    def end(self) -> None:
        """Stop the process; the next question starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = None


def ours(worker: Worker, deep: Deep, rows: int) -> dict[str, Made | str]:
    """By calls, from arrays to arrays, and of several rows; or why not."""
    try:
        found = worker.ask("make", deep, rows)
    except Failed as error:
        found = dict.fromkeys(("", BUFFERS, ROWS), str(error))
    return {
        f"ours, {worker.backend}{way}": each
        if isinstance(each, str)
        else Made(each[0], each[1], partial(worker.ask, "clocked", way))
        for way, each in found.items()
    }


# --- CasADi ---------------------------------------------------------------------------------------------------

CASADI, CASADI_C = "CasADi", "CasADi, its C"


class Symbols:
    """A deep program in CasADi's scalar symbols.

    CasADi cannot branch: where the program does, it follows the numbers the program is given, and nothing looks
    whether other numbers would go the same way.
    """

    def __init__(self, deep: Deep) -> None:
        self.deep = deep
        self._outcomes: list[bool] = []
        self.function()  # asks at each comparison which way to go; from now on that is known

    def function(self) -> Any:
        """The loss and its gradient as a function of the parameters and the inputs."""
        import casadi as ca  # pyright: ignore[reportMissingImports]

        deep = self.deep
        theta, x = ca.SX.sym("theta", len(deep.parameters)), ca.SX.sym("x", len(deep.inputs))
        own = SimpleNamespace(
            **{name: getattr(ca, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh")},
            sigmoid=lambda x: 1 / (1 + ca.exp(-x)),
            maximum=ca.fmax,
        )
        known = iter(list(self._outcomes))

        def went(condition: Any) -> bool:
            outcome = next(known, None)
            if outcome is None:
                outcome = bool(ca.Function("went", [theta, x], [condition])(deep.parameters, deep.inputs))
                self._outcomes.append(outcome)
            return outcome

        before, ca.SX.__bool__ = ca.SX.__bool__, went
        try:
            loss = deep.function(ca.vertsplit(theta), ca.vertsplit(x), own)
        finally:
            ca.SX.__bool__ = before
        return ca.Function("deep", [theta, x], [loss, ca.gradient(loss, theta)])

    def compiled(self, folder: str, limit: float) -> Any:
        """The same function by its own C code, compiled by cc -O1."""
        import casadi as ca  # pyright: ignore[reportMissingImports]

        code = ca.CodeGenerator("deep")
        code.add(self.function())
        code.generate(f"{folder}/")
        place = tempfile.mkdtemp(dir=folder)
        command = ["cc", "-O1", "-fPIC", "-shared", f"{folder}/deep.c", "-o", f"{place}/deep.so", "-lm"]
        subprocess.run(command, check=True, timeout=limit)
        return ca.external("deep", f"{place}/deep.so")


def casadi_run(function: Any, deep: Deep, rows: int = 1) -> tuple[Callable[[], None], Callable[[], Answer]]:
    """From buffers into buffers: one row, or several by `map` in one thread."""
    if rows > 1:
        function = function.map(rows)
    given = [np.tile(deep.parameters, (rows, 1)), rows_of(deep, rows)]
    losses, gradients = np.empty(rows), np.empty((rows, len(deep.parameters)))
    held = Buffered(function, given, [losses, gradients])

    def tell() -> Answer:
        held.run()
        return float(losses.mean()), gradients.mean(axis=0)

    return held.run, tell


def casadi(deep: Deep, rows: int, folder: str, limit: float) -> dict[str, Made | str]:
    """By its virtual machine, of one row and of several, and by its C; or why not."""
    ways: dict[str, Callable[[Symbols], Any]] = {
        CASADI: lambda symbols: casadi_run(symbols.function(), deep),
        CASADI_C: lambda symbols: casadi_run(symbols.compiled(folder, limit), deep),
        CASADI + ROWS: lambda symbols: casadi_run(symbols.function(), deep, rows),
    }
    try:
        symbols = Symbols(deep)
    except ModuleNotFoundError:
        return dict.fromkeys(ways, "casadi is not installed")
    found: dict[str, Made | str] = {}
    for name, way in ways.items():
        try:
            found[name] = made(partial(way, symbols))
        except subprocess.TimeoutExpired:
            found[name] = f"> {limit:g} s"
        except FileNotFoundError as error:
            found[name] = f"no {error.filename}"
    return found
