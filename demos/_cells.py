"""How a lesson is cut into the cells of a notebook: `NOTEBOOK` in its file, of `Part`s and `Try`s.

A notebook says nothing that does not stand in its lesson. Its Markdown is the story that `main` prints, its code are
the lesson's own definitions; here is only what stands beside what. docs/notebooks is written from it.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Part(NamedTuple):
    """Some paragraphs of the story, then the code that they are about."""

    code: str = ""
    """Names of definitions and constants of the lesson, separated by spaces: each has a cell, constants share one.

    What these need and the reader need not see is imported. What depends on one of them is shown as well, folded if
    it draws: so a change in a cell is followed by all cells below."""
    show: str = ""
    """Lines to run in a cell of their own, such as "gradient(START)"; `language` is "ja" or "en"."""
    paragraphs: int = 1
    """How many of the story come before; they are separated by empty lines."""
    skipped: int = 0
    """How many of the story, before those, are left out: what the cells show anyway, and what a clock measured."""


class Try(NamedTuple):
    """A question for the reader, with an empty cell below."""

    ja: str
    en: str


def picture(draw: Callable[..., object], *arguments: Any, **options: Any) -> Any:
    """What `draw(file, …)` of a lesson draws into a PNG, in a notebook.

    Args:
        draw: a function of a lesson that takes a file first.
        arguments, options: what it takes besides.

    Returns:
        IPython's `Image`, of 840 × 640 points at most and in 64 colours, so that a notebook stays small.
    """
    from IPython.display import Image
    from PIL import Image as Pillow

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        draw(file, *arguments, **options)
        drawn = Pillow.open(file).convert("RGB")
        drawn.thumbnail((840, 640))
        drawn.quantize(64).save(file, optimize=True)
        return Image(file.read_bytes())
