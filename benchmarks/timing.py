"""Timings that can be compared on a noisy machine: contenders take turns, and each counts by its best round."""

import functools
import gc
import time
from collections.abc import Callable

from tqdm import trange

SLICE, SLOW = 0.005, 0.5  # seconds: a timing lasts about so long; what takes longer is timed three times only


def side_by_side(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds that one run of each contender took, by rounds.

    The garbage collector is run before each timing and outside the clock, so that nobody pays for another's garbage;
    within the clock it is on.
    """
    return in_turn({name: functools.partial(_clocked, contender) for name, contender in contenders.items()}, rounds)


def in_turn(clocks: dict[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """The same of contenders that have their own clock, which gives the seconds of so many runs.

    They take turns, so that a change of the machine's speed meets all. A timing is of as many runs as take 5 ms, as in
    a loop of training: what the collector left in the processor's caches matters to none.
    """
    once = {name: min(clock(1), clock(1)) for name, clock in clocks.items()}
    counts = {name: max(1, round(SLICE / seconds)) for name, seconds in once.items()}
    seconds: dict[str, list[float]] = {name: [] for name in clocks}
    gc.collect()
    is_frozen = gc.get_freeze_count() > 0  # by who called
    gc.freeze()  # what was made until now need not be looked through again between the timings
    for k in trange(rounds, desc=" / ".join(clocks), leave=False, disable=None):
        for name, clock in clocks.items():
            if k < 3 or once[name] < SLOW:
                seconds[name].append(clock(counts[name]) / counts[name])
    if not is_frozen:
        gc.unfreeze()
    return seconds


def _clocked(contender: Callable[[], object], times: int) -> float:
    gc.collect()
    start = time.perf_counter()
    for _ in range(times):
        contender()
    return time.perf_counter() - start


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
