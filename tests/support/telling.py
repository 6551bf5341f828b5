"""Stories of lessons, compared as far as machines and clocks allow."""

import re

_SECONDS = re.compile(r" *[\d.,]+ *(?:m?s\b|µs|ミリ秒|マイクロ秒|秒)")
_TIMES = re.compile(r" *[\d.,]+ *(?:×|倍|times)(?= *(?:faster|as fast|quicker|速|の速))")
_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def without_seconds(story: str) -> str:
    """A story without what a clock measured."""
    return _TIMES.sub("…", _SECONDS.sub("…", story))


def alike(one: str, other: str) -> bool:
    """The same words, and numbers that differ by rounding alone: 1e-6 of them, or 1e-9 where they are rounding."""
    words = [" ".join(_NUMBER.sub("#", without_seconds(each)).split()) for each in (one, other)]
    numbers = [[float(n.replace("−", "-")) for n in _NUMBER.findall(without_seconds(each))] for each in (one, other)]
    return words[0] == words[1] and all(abs(a - b) <= max(1e-9, 1e-6 * abs(b)) for a, b in zip(*numbers, strict=True))
