"""How long a training takes, graph by graph and compiled."""

import time
from collections.abc import Callable, Mapping
from typing import Any

TIMED = ("eager", "numpy")
"""Of `nn.fit`. JAX first makes machine code for seconds: it is for longer trainings."""

_STORY = {
    "ja": "同じ学習にかかった時間：標本ごとにグラフを作ると {eager:.2f} 秒、"
    "コンパイルしてまとめて計算すると {numpy:.2f} 秒（コンパイルを含む）",
    "en": "Seconds for the same training: {eager:.2f} s with a graph for each sample, "
    "{numpy:.2f} s compiled (compiling included)",
}


def seconds(train: Callable[[str], Any]) -> dict[str, float]:
    """The seconds that `train(backend)` takes with each."""
    taken = {}
    for backend in TIMED:
        start = time.perf_counter()
        train(backend)
        taken[backend] = time.perf_counter() - start
    return taken


def told(language: str, taken: Mapping[str, float]) -> str:
    """The seconds in a sentence."""
    return _STORY[language].format(**taken)
