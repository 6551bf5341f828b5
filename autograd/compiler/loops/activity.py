"""What the reverse sweep has to do at all: which instructions are active, and where it must know what has arrived.

An instruction is varied if it depends on a parameter, useful if the output depends on it by slopes that are something,
and active if it is both: the words of Griewank and Walther (Evaluating Derivatives, 2008).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from autograd.compiler.loops.dataflow import Dataflow, Read
from autograd.compiler.loops.nest import Do, walk
from autograd.compiler.scalar import PARAMETER, Output
from autograd.compiler.slopes import Slope, is_safe, is_steep, slopes
from autograd.forms import operand
from autograd.operation import Op

_SEED = Slope(operand(0), None, True)


class Activity:
    """Which instructions a sweep goes back through, and what each passes on.

    Attributes:
        active: those that depend on a parameter, and on which the output depends, in order.
        in_list: those whose adjoints are in the list: read by place, or the first of a carried value that is.
    """

    def __init__(self, flow: Dataflow) -> None:
        self._reads, self._shared = flow.reads, {do for do, _ in walk(flow.nest.shared)}
        self._slopes = {do: _slopes(do) for do in flow.loops}
        self._varied = set[Do]()
        _closed(self._varied, lambda _: (do for do in flow.loops if any(self._varies(do))))
        outputs = {do for do in flow.loops if isinstance(do.what, Output)}
        useful = _closed(outputs, lambda found: (x for do in reversed(flow.loops) if do in found for x in self._of(do)))
        self.active = dict.fromkeys(do for do in flow.loops if do in useful and do in self._varied)
        together = [read.writers for read in flow.all_reads()]
        self.in_list = _closed(
            set(flow.in_list), lambda found: (do for each in together if not found.isdisjoint(each) for do in each)
        )

    def passing(self, do: Do) -> Iterator[tuple[int, Slope]]:
        """The operands to which an instruction passes anything that is asked for."""
        for k, (slope, varies) in enumerate(zip(self._slopes[do], self._varies(do), strict=True)):
            if slope is not None and varies:
                yield k, slope

    def _varies(self, do: Do) -> Iterator[bool]:
        """Of each operand, whether it depends on a parameter."""
        for x, read in zip(do.operands, self._reads[do], strict=True):
            yield x.kind == PARAMETER or (read is not None and not self._varied.isdisjoint(read.writers))

    def _of(self, do: Do) -> Iterator[Do]:
        """What an instruction depends on by slopes that are something."""
        for slope, read in zip(self._slopes[do], self._reads[do], strict=True):
            if slope is not None and read is not None:
                yield from read.writers

    # --- Flags ------------------------------------------------------------------------------------------------

    @cached_property
    def flagged(self) -> set[Do]:
        """Where it is written down whether anything arrives: 0 times an infinite slope is 0 if nothing does, else nan.

        Only before a slope that may be infinite, and only where everything that arrives may be nothing.
        """
        risky = {do for do in self.active if any(self.is_risky(do, slope) for _, slope in self.passing(do))}
        needed = _closed(risky, lambda found: (do for do in self.active if any(x in found for x in self._below(do))))
        return needed & _closed(set(), lambda found: (do for do in reversed(self.active) if self._is_idle(do, found)))

    def is_risky(self, do: Do, slope: Slope) -> bool:
        """Whether a cotangent of 0 may give nan: the slope is infinite somewhere, or a number that it reads is.

        A number that is the same for all rows counts as finite: where it is not, no row has a derivative in the graph.
        """
        if do in self._shared and isinstance(do.what, Op):
            return is_steep(do.what, slope)
        reads = [read for i, read in enumerate(self._reads[do]) if read and slope.reads(2 + i)]
        writers = {writer for read in reads for writer in read.writers} | ({do} if slope.reads(1) else set())
        numbers = writers - self._shared
        return not slope.is_safe or any(isinstance(each.what, Op) and not is_safe(each.what) for each in numbers)

    def _below(self, do: Do) -> Iterator[Do]:
        """To which instructions one passes something."""
        for k, _ in self.passing(do):
            read = self._reads[do][k]
            yield from read.writers if read else ()

    def _is_idle(self, do: Do, idle: set[Do]) -> bool:
        """Whether there may be a turn in which nothing arrives, for these pass nothing on either.

        Something arrives in every turn if it comes from the turn itself; or from the next and, after the last, too.
        """
        ways = {way for way, reader, slope in self._arrivals[do] if slope.flows is None and reader not in idle}
        return not isinstance(do.what, Output) and not ways & {"turn", "first"} and not {"before", "after"} <= ways

    @cached_property
    def _arrivals(self) -> dict[Do, list[tuple[str, Do, Slope]]]:
        """For each instruction, in which way who reads it, and what that passes back."""
        found: dict[Do, list[tuple[str, Do, Slope]]] = defaultdict(list)
        for do in self.active:
            for k, slope in self.passing(do):
                if read := self._reads[do][k]:
                    for writer, way in _ways(read):
                        found[writer].append((way, do, slope))
        return found


def _slopes(do: Do) -> tuple[Slope | None, ...]:
    if isinstance(do.what, Op):
        return slopes(do.what, len(do.operands))
    return (_SEED,) if isinstance(do.what, Output) else (None,) * len(do.operands)


def _ways(read: Read) -> Iterator[tuple[Do, str]]:
    """Each writer, and from where it is read: the one before the first turn from a later turn of its own body."""
    for k, writer in enumerate(read.writers):
        yield writer, "first" if k and read.way == "before" else read.way


def _closed(found: set[Do], more: Callable[[set[Do]], Iterable[Do]]) -> set[Do]:
    """The set, grown by what `more` finds by it until that is nothing new; `more` sees at once what it has found."""
    before = -1
    while before < len(found):
        before = len(found)
        for each in more(found):
            found.add(each)
    return found
