"""Texts with holes, which a page fills with the numbers that it has computed: `単価 × 個数 = ▢ × ▢ = ▢`.

A hole says which number belongs there: `v3`, the value of node 3 of the tape; `t3`, what flows back into it from all
its uses; `e3.0`, what it passes back to its first operand, or `e3.0+5.1` for a sum of such; `l3.0`, the derivative by
that operand; `w8.3.0`, that of node 8 by node 3 through the nodes of module 0; `m2:v3,v5`, the least and the greatest
of several, with two digits. After it stands how the number is written: `n` in brackets if it is negative, `s` if it
has a sign or an exponent, `a` with the sign of a summand, and `b` the same without spaces.
"""

from collections.abc import Callable, Iterable
from typing import Any

from autograd.notation import SIGN, SUM, Term, Text

OPEN, CLOSE = "\ufdd0", "\ufdd1"  # no characters, and so in no label: see text.clean


class Hole(float):
    """A number that a page will compute again.

    Attributes:
        ref: which, as above.
    """

    __slots__ = ("ref",)
    ref: str

    def __new__(cls, x: Any, ref: str) -> "Hole":
        self = float.__new__(cls, x)
        self.ref = ref
        return self


def written(shown: Callable[[Any], str]) -> Callable[[Any], str]:
    """How numbers are written, but for those that are holes."""
    return lambda x: f"{OPEN}{x.ref}{CLOSE}" if isinstance(x, Hole) else shown(x)


class Template(Text):
    """Formulas whose numbers may be holes: brackets and signs wait for the number too."""

    def __init__(self, shown: Callable[[Any], str]) -> None:
        super().__init__(written(shown))

    def held(self, term: Term, rank: int, after_sign: bool = False) -> str:
        if not _is_hole(term):
            return super().held(term, rank, after_sign)
        return _told(term, "s" if rank > SIGN else "n" if after_sign else "")

    def sum(self, summands: Iterable[Term], space: str = " ") -> Term:
        first, *rest = summands
        if not any(map(_is_hole, rest)):
            return super().sum([first, *rest], space)
        signed, how = super().sum, "a" if space else "b"
        after = [_told(each, how) if _is_hole(each) else signed([_NOTHING, each], space).text for each in rest]
        return Term(self.held(first, SUM) + "".join(after), SUM)


_NOTHING = Term("")


def _is_hole(term: Term) -> bool:
    return term.text.startswith(OPEN) and term.text.endswith(CLOSE) and term.text.count(OPEN) == 1


def _told(term: Term, how: str) -> str:
    return f"{term.text[:-1]}{how}{CLOSE}"
