"""Numbers and labels as pictures write them, and how wide they are at most.

Boxes are sized by the widths computed here, not by a font: the reader's machine may have any.
"""

import math
import unicodedata
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any

from autograd.reals import is_finite, precise

DIFFERS = " ≠ "
_ELLIPSIS = "…"
_UNPRINTABLE = "\ufffd"
_NO_CHARACTERS = "".join(map(chr, [*range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF]))  # XML forbids the last; see holes.py
_JOINERS = "\u200c\u200d"  # invisible, but emoji and Indic scripts are spelled with them
_NO_WIDTH = _JOINERS + "".join(map(chr, [*range(0x300, 0x370), *range(0xFE00, 0xFE10)]))  # accents, variants
_LATIN = "".join(map(chr, range(0xC0, 0x250)))
_MARKS = 3  # accents on one character; without a limit they climb over the neighbours


def number(x: Any, digits: int = 4) -> str:
    """`x` rounded as by `%.4g`, with the sign −; also where it is too large or too small for a float.

    Args:
        x: any number that a node can hold.
        digits: significant digits.
    """
    try:
        rounded = float(x)
    except OverflowError:  # an int or a Fraction
        rounded = math.inf
    if (math.isinf(rounded) or (not rounded and x)) and is_finite(x):
        text = _scientific(x, digits)
    elif math.isinf(rounded):
        text = "∞" if rounded > 0 else "-∞"
    else:
        text = f"{rounded or 0.0:.{digits}g}"  # `or` takes the sign from -0.0
    return text.replace("-", "−")


def differing(x: Any, right: Any, digits: int = 4) -> str:
    """`3 ≠ 4`, with as many more digits as it takes to see the difference; `x` alone where `right` is None."""
    if right is None:
        return number(x, digits)
    enough = next((each for each in range(digits, 18) if number(x, each) != number(right, each)), 17)
    return f"{number(x, enough)}{DIFFERS}{number(right, enough)}"


def _scientific(x: Any, digits: int) -> str:
    if mp := precise(x):
        text = mp.nstr(x, digits, min_fixed=0, max_fixed=0)
    else:
        context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
        top, bottom = x.as_integer_ratio()
        text = f"{context.divide(Decimal(top), Decimal(bottom)):.{digits - 1}e}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{exponent}"


def exact(x: Any) -> str:
    """All digits of `x` where they are few, for tooltips."""
    try:
        text = str(x)
    except ValueError:  # an int with more digits than Python agrees to convert
        return number(x, 17)
    return text.replace("-", "−") if len(text) <= 40 else number(x, 17)


def clean(text: str) -> str:
    """`text` on one line, without what XML forbids and what would disturb the text around it."""
    seen, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) == "Mn" else 0
        if marks <= _MARKS:
            seen.append(_printable(character))
    return " ".join("".join(seen).split())


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in ("Cc", "Cs") or character in _NO_CHARACTERS:
        return _UNPRINTABLE
    return "" if category == "Cf" and character not in _JOINERS else character


def shorten(text: str, widest: float) -> str:
    """The beginning of a clean text, `widest` em at most; "…" says that there is more."""
    if width(text[: 20 * math.ceil(widest)]) <= widest and len(text) <= 20 * widest:
        return text
    room, kept = widest - width(_ELLIPSIS), []
    for character in text[: int(20 * widest)]:
        room -= width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + _ELLIPSIS


def width(text: str) -> float:
    """How wide a text is in em, in whichever font."""
    return sum(map(_em, text))


def _em(character: str) -> float:
    if character in _NO_WIDTH:
        return 0.0
    if character in "mMW@%":
        return 1.0
    if character.isupper() or character in "w&#=+−<>~^":
        return 0.85
    # Japanese fonts have ×, α and … wide (A); what a machine has no font for is a box as wide as high
    wide = unicodedata.east_asian_width(character) in "WFA" and character not in _LATIN
    return 1.0 if wide or "\u0590" <= character < "\u2000" or character >= "\u2400" else 0.6


def ruled(rows: Sequence[Sequence[str]], left: int) -> str:
    """A table for a terminal with a rule below its first row; the first `left` columns to the left, the others right.

    Columns stand under each other also where Japanese characters are two columns wide.
    """
    first, *others = aligned(rows, left)
    return "\n".join([first, "  ".join("-" * wide for wide in _widths(rows)), *others])


def aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """The lines of such a table, without the rule."""
    widths = _widths(rows)
    return [_line(row, widths, left) for row in rows]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(columns, column)) for column in zip(*rows, strict=True)]


def _line(cells: Sequence[str], widths: Sequence[int], left: int) -> str:
    padded = []
    for i, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (wide - columns(cell))
        padded.append(cell + space if i < left else space + cell)
    return "  ".join(padded).rstrip()


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: two for a Japanese character, none for an accent."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def is_japanese(text: str) -> bool:
    """Whether a font without Japanese would show boxes in place of some of it."""
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)
