"""Batches whose rows go different ways, beside the graph of each row: `python -m benchmarks.ways`.

Kepler's equation by Newton's method, `while` the step is large: rows take one to ten turns, so there are as many ways.
A contender gives the number of each row, and its derivatives by both arguments; the graph sweeps each row by itself.
"""

import argparse
import platform
import sys
import time

import numpy as np

import autograd as ag
from autograd import Program, Value, compile
from autograd.commands import run
from autograd.compiler.choosing import has_compiler
from benchmarks.timing import show, side_by_side


def kepler(anomaly: Value, eccentricity: Value) -> Value:
    """The eccentric anomaly of a planet."""
    e = anomaly + eccentricity * ag.sin(anomaly)
    while abs(step := (e - eccentricity * ag.sin(e) - anomaly) / (1 - eccentricity * ag.cos(e))) > 1e-12:
        e = e - step
    return e


def by_graphs(m: np.ndarray, e: np.ndarray) -> np.ndarray:
    found = []
    for numbers in zip(m.tolist(), e.tolist(), strict=True):
        x = list(map(Value, numbers))
        y = kepler(*x)
        y.backward()
        found.append((y.data, x[0].grad, x[1].grad))
    return np.array(found, dtype=float)


def by_program(program: Program, m: np.ndarray, e: np.ndarray) -> np.ndarray:
    return np.stack([program(m, e), *program.jacobian(m, e)], axis=1)


def main() -> None:
    """Print what the first call takes, the number of ways, and a table of timings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ways", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    m, e = rng.uniform(0, 2 * np.pi, options.rows), rng.uniform(0, 0.95, options.rows)
    wanted, contenders = by_graphs(m, e), {}
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {options.rows:,} rows")
    for backend in ("numpy", *(["c"] if has_compiler() else [])):
        start = time.perf_counter()
        program = compile(kepler, 1.0, 0.5, wrt=[0, 1], branches="follow", backend=backend)
        found = by_program(program, m, e)
        seconds, error = time.perf_counter() - start, np.abs(found - wanted).max()
        print(f"{backend}: first call {seconds:.2f} s, {len(program.ways)} ways, at most {error:.1e} from the graphs")
        contenders[backend] = lambda program=program: by_program(program, m, e)
    contenders["the graph of each row"] = lambda: by_graphs(m, e)
    show("value and Jacobian", side_by_side(contenders, options.rounds), {})


if __name__ == "__main__":
    sys.exit(run(main, "benchmarks.ways"))
