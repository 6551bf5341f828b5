"""The eager engine beside micrograd and XAD: `python -m benchmarks.eager` (needs the extra `bench`).

Two works, each written once and given to every engine:

- *one sample*: a fresh MLP(2, [16, 16, 1]) as micrograd builds it, one forward, one backward. 337 parameters.
- *moons step*: micrograd's own training step, 100 samples in one graph of some 65,000 nodes, hinge loss and L2.
- *deep programs*: the solvers, filters and trees of `deep_programs.py`, value and all derivatives, fresh parameters.

XAD is a C++ tape driven from Python; its package has no neural network, so it runs the same loops. Which of our engines
runs is said at the top; AUTOGRAD_ENGINE=python in the environment chooses the plain one.
"""

import argparse
import importlib.metadata
import itertools
import os
import platform
import random
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

import autograd
from autograd import Value, topological_order
from autograd.commands import run
from autograd.engines import said
from benchmarks.deep_programs import FLOATS, PROGRAMS, Deep
from benchmarks.timing import show, side_by_side

Number = Any  # a node of whichever engine
SHAPE = (2, 16, 16, 1)


class Network:
    """micrograd's MLP over any class of nodes: relu inside, linear at the end."""

    def __init__(self, leaf: Callable[[float], Number], relu: Callable[[Number], Number]) -> None:
        self.relu = relu
        self.layers = [
            [([leaf(random.uniform(-1, 1)) for _ in range(wide)], leaf(0.0)) for _ in range(out)]
            for wide, out in itertools.pairwise(SHAPE)
        ]

    def __call__(self, x: Sequence[Number]) -> Number:
        for layer in self.layers:
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = [self.relu(each) for each in x] if layer is not self.layers[-1] else x
        (y,) = x
        return y

    def parameters(self) -> list[Number]:
        return [p for layer in self.layers for w, b in layer for p in [*w, b]]


def method_relu(x: Number) -> Number:
    return x.relu()


def one_sample(node: Callable[[float], Number]) -> Callable[[], object]:
    """Fresh parameters, forward, backward, for a class whose nodes know relu() and backward()."""

    def work() -> object:
        model = Network(node, method_relu)
        y: Number = model([0.5, -0.3])
        y.backward()
        return y

    return work


def one_sample_xad() -> object:
    """The same on XAD's tape."""
    import xad.adj_1st as xad  # pyright: ignore[reportMissingImports]

    with xad.Tape() as tape:
        model = Network(xad.Real, lambda x: x if x > 0 else 0.0 * x)
        for p in model.parameters():
            tape.registerInput(p)
        tape.newRecording()
        y = model([0.5, -0.3])
        tape.registerOutput(y)
        y.derivative = 1.0
        tape.computeAdjoints()
        return [p.derivative for p in model.parameters()]


def moons_step(node: Callable[[float], Number]) -> Callable[[], Number]:
    """micrograd's training step on 100 points, on parameters that stay."""
    generator = random.Random(1337)
    points = [[generator.gauss(0, 1), generator.gauss(0, 1)] for _ in range(100)]
    targets = [generator.choice([-1, 1]) for _ in points]
    model = Network(node, method_relu)

    def work() -> Number:
        scores = [model([node(x) for x in point]) for point in points]
        losses = [(1 + -t * score).relu() for t, score in zip(targets, scores, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        for p in model.parameters():
            p.grad = 0
        total.backward()  # pyright: ignore[reportAttributeAccessIssue]
        return total

    return work


def deep(program: Deep) -> Callable[[], Sequence[float]]:
    """Value and all derivatives of a deep program: the gradient."""

    def work() -> Sequence[float]:
        parameters = [Value(number) for number in program.parameters]
        program.function(parameters, program.inputs, autograd).backward()
        return [p.grad for p in parameters]

    return work


def deep_xad(program: Deep) -> Callable[[], Sequence[float]]:
    """The same on XAD's tape."""
    import xad.adj_1st as xad  # pyright: ignore[reportMissingImports]
    from xad import math as functions  # pyright: ignore[reportMissingImports]

    words = SimpleNamespace(
        **{name: getattr(functions, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh")},
        sigmoid=lambda x: 1 / (1 + functions.exp(-x)),
        maximum=lambda a, b: a if a > b else b + 0.0 * a,  # its own takes no number
    )

    def work() -> Sequence[float]:
        with xad.Tape() as tape:
            parameters: list[Any] = [xad.Real(number) for number in program.parameters]
            for p in parameters:
                tape.registerInput(p)
            tape.newRecording()
            y: Any = program.function(parameters, program.inputs, words)
            tape.registerOutput(y)
            y.derivative = 1.0
            tape.computeAdjoints()
            return [p.derivative for p in parameters]

    return work


def show_deep(rounds: int) -> None:
    """Print, of each deep program, our best time, XAD's and that of the floats alone."""
    print("\nDeep programs, value and all derivatives\n")
    print("| | ours | xad | xad ÷ ours | floats alone |\n|---|--:|--:|--:|--:|")
    ratios = []
    for name, program in PROGRAMS.items():
        works: dict[str, Callable[[], Any]] = {"ours": deep(program), "xad": deep_xad(program)}
        if not np.allclose(*(work() for work in works.values()), rtol=1e-9):
            raise ArithmeticError(f"{name}: the gradients differ.")
        works["floats"] = lambda program=program: program.function(program.parameters, program.inputs, FLOATS)
        ours, xad, floats = (min(each) for each in side_by_side(works, rounds).values())
        ratios.append(xad / ours)
        print(f"| {name} | {ours * 1e3:.3f} ms | {xad * 1e3:.3f} ms | {xad / ours:.2f} | {floats * 1e3:.3f} ms |")
    print(
        f"\nGeometric mean of xad ÷ ours: {statistics.geometric_mean(ratios):.2f} (bars: ≥ 3 on each, ≥ 6 in the mean)"
    )


def show_plain(rounds: int) -> None:
    """Print what the first two works take in plain Python, where nothing is compiled."""
    print("\nIn plain Python\n\n| | best |\n|---|--:|")
    works = {"one sample": (one_sample(Value), rounds), "moons step": (moons_step(Value), max(rounds // 5, 2))}
    for name, (work, times) in works.items():
        (seconds,) = side_by_side({name: work}, times).values()
        print(f"| {name} | {min(seconds) * 1e3:.3f} ms |")


def bytes_per_node() -> tuple[float, int]:
    """Memory of the moons graph after its backward, per node: the nodes and their numbers, nothing else lives."""
    work = moons_step(Value)
    kept = work()  # so that the graph is made of no memory that was there
    tracemalloc.start()
    graph = work()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    nodes = len(topological_order(graph))
    del kept
    return held / nodes, nodes


def import_seconds(rounds: int = 7) -> float:
    """Best time of `import autograd` in a fresh interpreter, less that of an empty one."""

    def start(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    seconds = side_by_side({"import": start("import autograd"), "empty": start("pass")}, rounds)
    return min(seconds["import"]) - min(seconds["empty"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eager", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=40, help="rounds of one sample; the moons step takes a fifth")
    parser.add_argument("--plain", action="store_true", help="only the two works, for the plain engine")
    options = parser.parse_args()
    rounds = options.rounds
    if options.plain:
        show_plain(rounds)
        return
    samples: dict[str, Callable[[], object]] = {"scalar-autograd": one_sample(Value)}
    steps: dict[str, Callable[[], object]] = {"scalar-autograd": moons_step(Value)}
    try:
        from micrograd.engine import Value as Micrograd  # pyright: ignore[reportMissingImports]

        name = f"micrograd {importlib.metadata.version('micrograd')}"
        samples[name], steps[name] = one_sample(Micrograd), moons_step(Micrograd)
    except ModuleNotFoundError:
        print("micrograd is not installed: pip install 'scalar-autograd[bench]'", file=sys.stderr)
    try:
        samples[f"xad {importlib.metadata.version('xad')}"] = one_sample_xad
    except importlib.metadata.PackageNotFoundError:
        print("xad is not installed: pip install 'scalar-autograd[bench]'", file=sys.stderr)
    print(f"Python {platform.python_version()}, {platform.machine()}; engine: {said()}")
    bars = {"micrograd 0.1.0": 5.0, "xad 1.5.2": 4.0}
    show("One sample of MLP(2, [16, 16, 1]), forward and backward", side_by_side(samples, rounds), bars)
    show("Moons step, 100 samples in one graph", side_by_side(steps, max(rounds // 5, 2)), {"micrograd 0.1.0": 30})
    if any(name.startswith("xad") for name in samples):
        show_deep(rounds)
    command = [sys.executable, "-m", "benchmarks.eager", "--plain", "--rounds", str(rounds)]
    sys.stdout.flush()
    subprocess.run(command, env={**os.environ, "AUTOGRAD_ENGINE": "python"}, check=True)
    held, nodes = bytes_per_node()
    print(f"\nMemory: {held:.0f} bytes per node, in a graph of {nodes:,} nodes after backward (bar: ≤ 100)")
    print(f"import autograd: {import_seconds():.3f} s (bar: < 0.2)")


if __name__ == "__main__":
    sys.exit(run(main, "benchmarks.eager"))
