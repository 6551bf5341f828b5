"""The parts of a picture that are tables in Graphviz's HTML-like language: pairs on arrows, labels, the heading.

All cells have a fixed size, computed from the text: so the layout is the same whichever fonts a machine has.
"""

import html
import math
from collections.abc import Sequence

from autograd.render.text import width

INK, ARROW, RED = "#263238", "#546E7A", "#C62828"
SIZE = 15  # points, of everything but symbols, local derivatives and the legend
LOCAL_SIZE = 12
_LEGEND_SIZE = 11
_GAP = "\xa0" * 5  # spaces that stay
BOLD = 1.12  # bold letters are so much wider
_NARROWEST_PAIR = 40
BRANCH = "●"
SHAFT = "shaft"  # where lines end at a pair
_SEAM = 2
_BARE = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'

Piece = tuple[str, str]
"""A text of the legend, and its colour."""


def escaped(text: str) -> str:
    r"""`text` as data: Graphviz reads <, & and, as in \N, backslashes."""
    return html.escape(text).replace("\\", r"\\")


def pair_width(above: str, below: str, local: str = "") -> int:
    """The width in points of an arrow's shaft that carries these texts."""
    widest = max(SIZE * width(above), SIZE * BOLD * width(below), LOCAL_SIZE * width(local))
    return max(_NARROWEST_PAIR, math.ceil(widest) + 10)


def pair(above: str, below: str, wide: int, local: str = "") -> str:
    """The shaft of an arrow, a value above it and a gradient below; as high without a gradient as with one.

    A local derivative stands in a row of its own, with another above the value so that the shaft stays the middle.
    """
    red = f'<FONT COLOR="{RED}"><B>{escaped(below)}</B></FONT>' if below else ""
    grey = f'<FONT COLOR="{ARROW}" POINT-SIZE="{LOCAL_SIZE}">{escaped(local)}</FONT>'
    outer = [_row(_cell(text, wide, 14, 'VALIGN="TOP"')) for text in ("", grey)] if local else ["", ""]
    return _table(
        outer[0],
        _row(_cell(escaped(above), wide, 22, 'VALIGN="BOTTOM"')),
        _row(_cell("", wide, 2)),
        _row(_shaft(wide)),
        _row(_cell("", wide, 2)),
        _row(_cell(red, wide, 22, 'VALIGN="TOP"')),
        outer[1],
    )


def gate() -> str:
    """A piece of a line that has a place of its own."""
    return _table(_row(_shaft(8 + 2 * _SEAM)))


def _shaft(wide: int) -> str:
    """One piece, for between several a hairline would show; the lines before and after end a little inside of it."""
    inside = (_cell("", _SEAM, 2), _cell("", wide - 2 * _SEAM, 2, f'PORT="{SHAFT}"'), _cell("", _SEAM, 2))
    return _cell(f"<TABLE {_BARE}>{_row(*inside)}</TABLE>", wide, 2, f'BGCOLOR="{ARROW}"')


def spaced(text: str, wide: float, high: int = 24) -> str:
    """A text with empty space left and right of it."""
    return _table(_row(_cell(escaped(text), math.ceil(wide), high)))


def aligned(text: str, wide: float, size: float, colour: str, bold: bool, side: str) -> str:
    """A text of any size, at the LEFT, in the CENTER or at the RIGHT of its room."""
    shown = f"<B>{escaped(text)}</B>" if bold else escaped(text)
    run = f'<FONT POINT-SIZE="{size:g}" COLOR="{colour}">{shown}</FONT>'
    return _table(_row(_cell(run, math.ceil(wide), math.ceil(1.5 * size), f'ALIGN="{side}"')))


def heading(title: str, legend: Sequence[Piece]) -> str:
    """The title in bold, and below it the legend in one line."""
    wide = math.ceil(BOLD * _LEGEND_SIZE * sum(width(text + _GAP) for text, _ in legend))
    rows = [_row(_cell("".join(map(_run, legend)), wide, 18, 'ALIGN="LEFT"')), _row(_cell("", 1, 6))]
    if title:
        wide = math.ceil(BOLD * SIZE * width(title)) + 4
        rows.insert(0, _row(_cell(f"<B>{escaped(title)}</B>", wide, 22, 'ALIGN="LEFT"')))
    return _table(*rows)


def _run(piece: Piece) -> str:
    text, colour = escaped(piece[0]) + _GAP, piece[1]
    text = text.replace(BRANCH, f'<FONT COLOR="{ARROW}">{BRANCH}</FONT>')  # as it is drawn
    bold = f"<B>{text}</B>" if colour == RED else text
    return f'<FONT POINT-SIZE="{_LEGEND_SIZE}" COLOR="{colour}">{bold}</FONT>'


def _table(*rows: str) -> str:
    return f"<<TABLE {_BARE}>{''.join(rows)}</TABLE>>"


def _row(*cells: str) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def _cell(content: str, wide: int, high: int, look: str = "") -> str:
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}" {look}>{content}</TD>'
