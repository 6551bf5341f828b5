"""Stories of lessons, compared as far as machines and clocks allow."""

import re
from decimal import Decimal

_SECONDS = re.compile(r" *[\d.,]+ *(?:m?s\b|µs|ミリ秒|マイクロ秒|秒)")
_TIMES = re.compile(r" *[\d.,]+ *(?:×|倍|times)(?= *(?:faster|as fast|quicker|速|の速))")
_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def without_seconds(story: str) -> str:
    """A story without what a clock measured."""
    return _TIMES.sub("…", _SECONDS.sub("…", story))


def alike(one: str, other: str) -> bool:
    """The same words, and numbers that differ by rounding alone.

    That is by one unit of the last decimal that is printed, where machines round otherwise on the way; by 1e-9 where
    the numbers are themselves rounding; and not at all where they have no decimals.
    """
    words = [" ".join(_NUMBER.sub("#", without_seconds(each)).split()) for each in (one, other)]
    numbers = [_NUMBER.findall(without_seconds(each)) for each in (one, other)]
    return words[0] == words[1] and all(map(_near, *numbers))


def _near(one: str, other: str) -> bool:
    a, b = (Decimal(each.replace("−", "-")) for each in (one, other))
    exponents = [each.as_tuple().exponent for each in (a, b)]
    places = min(exponent for exponent in exponents if isinstance(exponent, int))
    return a == b or abs(a - b) <= (max(Decimal("1e-9"), Decimal(1).scaleb(places)) if places < 0 else 0)
