"""Timings that can be compared on a noisy machine: contenders take turns, and each counts by its best round."""

import gc
import time
from collections.abc import Callable

from tqdm import trange


def side_by_side(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every round of every contender.

    They run in turn, so that a change of the machine's speed meets all. The garbage collector is run before each
    timing and outside the clock, so that nobody pays for another's garbage; within the clock it is on.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in trange(rounds, desc=" / ".join(contenders), leave=False):
        for name, contender in contenders.items():
            gc.collect()
            start = time.perf_counter()
            result = contender()
            seconds[name].append(time.perf_counter() - start)
            del result
    return seconds


def show(title: str, seconds: dict[str, list[float]], bars: dict[str, float]) -> None:
    """Print a Markdown table: best and median of each contender, and how many times ours (the first) it takes.

    Args:
        bars: the ratio that the design asks for, by contender.
    """
    ours = min(next(iter(seconds.values())))
    print(f"\n{title}\n\n| | best | median | best ÷ ours | bar |\n|---|--:|--:|--:|--:|")
    for name, each in seconds.items():
        median = sorted(each)[len(each) // 2]
        bar = f"≥ {bars[name]}" if name in bars else ""
        print(f"| {name} | {min(each) * 1e3:.3f} ms | {median * 1e3:.3f} ms | {min(each) / ours:.2f} | {bar} |")
