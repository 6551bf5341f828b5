"""All timings, one after the other: `python -m benchmarks` (needs the extra `bench`).

Each prints Markdown and runs in a process of its own, for each sets up its threads before NumPy is imported:

    eager       the engine beside micrograd and XAD
    compiled    compiled programs beside code by hand, JAX, PyTorch, CasADi and micrograd
    deep        programs with loops of up to ten thousand turns, beside CasADi; takes up to an hour
    moons       micrograd's notebook, trained by its engine, by ours and by nn.fit
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from autograd.commands import run

TIMINGS: dict[str, list[str]] = {
    "eager": ["--rounds", "5"],
    "compiled": ["--quick"],
    "deep": ["--quick", "--limit", "5", "newton", "robot_arm"],
    "moons": ["--steps", "5"],
}
"""Modules here, and the options with which each is quick."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them; 1 if one fails."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=TIMINGS, action="append", help="this alone; may be given several times")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, in about three minutes")
    options = parser.parse_args(arguments)
    failed = [name for name in options.only or TIMINGS if not _run(name, options.quick)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _run(name: str, quick: bool) -> bool:
    print(f"benchmarks.{name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *(TIMINGS[name] if quick else [])]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(run(main, "benchmarks"))
