"""Which language is spoken: one rule for everything that speaks. What is said stands in `words.py`, here and in `nn`.

1. What a call asks for: `draw(y, language="ja")`.
2. What the program has chosen: `autograd.language("ja")`.
3. What the environment says: AUTOGRAD_LANGUAGE=ja.
4. What the labels are: Japanese if any of them is, else English.
"""

import os
import re
import warnings
from collections.abc import Iterable
from types import EllipsisType
from typing import Any, Literal, cast

__all__ = ["language"]

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")
VARIABLE = "AUTOGRAD_LANGUAGE"

# Kana, full and half width, and Chinese characters; no Hangul, no emoji, no fullwidth Latin letters.
_JAPANESE = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)

_chosen: Language | None = None
_warned: set[str] = set()  # of these values of the variable


def language(name: Language | EllipsisType | None = ..., /) -> Language | None:
    """Choose the language of pictures, pages, explanations, reports, lessons and errors, or ask which is chosen.

    The choice holds for the whole process, in every thread: a notebook's cells and the threads that they start speak
    alike. Where one process speaks to different people at once, pass `language=` to each call instead, which comes
    before this. What was made before keeps its language.

    Args:
        name: "ja" or "en". None takes the choice back: then AUTOGRAD_LANGUAGE decides, and where that is not set,
            the labels do: Japanese if any label of the graph is, else English. Left out, nothing is changed.

    Returns:
        The language that is chosen now, here or by AUTOGRAD_LANGUAGE; None where the labels decide.

    Raises:
        ValueError: another name.
    """
    global _chosen
    if name is not ...:
        if name is not None:
            check("language", "name", name)
        _chosen = name
    return _chosen or _of_environment()


def spoken(call: str, given: Any, labels: Iterable[Any] = ()) -> Language:
    """The language that a call speaks.

    Args:
        call: its name, for the message.
        given: its argument `language`; None where none was given.
        labels: of what it speaks about; looked at only where nothing else decides.

    Raises:
        ValueError: what was given is no language.
    """
    if given is not None:
        return check(call, "language", given)
    return language() or ("ja" if any(map(is_japanese, labels)) else "en")


def is_japanese(label: Any) -> bool:
    """Whether there is a kana or a Chinese character in a label."""
    return label is not None and _JAPANESE.search(str(label)) is not None


def check(call: str, argument: str, given: Any) -> Language:
    if not (isinstance(given, str) and given in LANGUAGES):
        raise ValueError(f"{call}({argument}={given!r:.40}): wanted {' or '.join(map(repr, LANGUAGES))}.")
    return cast(Language, given)


def _of_environment() -> Language | None:
    """A wrong value is said once, and is as none: a picture should not fail for it."""
    name = os.environ.get(VARIABLE, "")
    if name in LANGUAGES:
        return cast(Language, name)
    if name and name not in _warned:
        _warned.add(name)
        warnings.warn(f"{VARIABLE}={name}: wanted {' or '.join(LANGUAGES)}; it is passed over.", stacklevel=3)
    return None
