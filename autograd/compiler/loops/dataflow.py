"""Who reads what of a nest, how: in its turn, from turn to turn, behind a loop, or by its place in a list."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from autograd.compiler.loops.nest import Do, Loop, Nest, Place, place_of, walk
from autograd.compiler.scalar import NONE, VALUE, Output


@dataclass(frozen=True, slots=True)
class Read:
    """How an instruction reads a value.

    Attributes:
        writers: the instructions that make it, in some turn: one, or of a carried value two.
        way: "turn" if one that this turn, or a turn around, has made; "before" if one that the turn before has made,
            and in the first turn the second of the writers; "after" if one that the last turn of a loop has made;
            "list" if by its place.
    """

    way: str
    writers: tuple[Do, ...]


@dataclass(eq=False)
class Dataflow:
    """Who reads what, how.

    Attributes:
        loops: of each instruction, in order, the loops around it.
        reads: of each instruction, how it reads each operand; None of what is no value.
        in_list: what is read by its place, in some turn.
        carried: what the turn after reads, or what comes after the loop, and what stands there before the first turn.
    """

    nest: Nest
    loops: dict[Do, tuple[Loop, ...]] = field(init=False)
    reads: dict[Do, list[Read | None]] = field(init=False)
    in_list: set[Do] = field(init=False, default_factory=set)
    carried: dict[Do, Do | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.loops = dict(walk((*self.nest.shared, *self.nest.rows)))
        dos = list(self.loops)
        self._owner = np.zeros(self.nest.size, dtype=np.int64)
        for k, do in enumerate(dos):
            self._owner[self.at(do).over(self.loops[do])] = k
        self._dos = dos
        outputs = [do.at for do in dos if isinstance(do.what, Output)]
        self.first_output = min(outputs, default=self.nest.size)  # behind it are outputs only
        self.reads = {do: [self._read(do, x) if x.kind == VALUE else None for x in do.operands] for do in dos}
        for read in self.all_reads():
            if read.way == "list":
                self.in_list.update(read.writers)
            elif read.way == "before":
                self.carried[read.writers[0]] = read.writers[1]
            elif read.way == "after":
                self.carried.setdefault(read.writers[0], None)

    def all_reads(self) -> Iterator[Read]:
        """Every read of a value."""
        return (read for reads in self.reads.values() for read in reads if read)

    def at(self, do: Do) -> Place:
        """Its place in the list of values."""
        return place_of(do, self.loops[do])

    def output(self, do: Do) -> Place:
        """Which of the numbers that f returns an instruction gives."""
        at = self.at(do)
        return replace(at, base=at.base - self.first_output)

    def _writer(self, at: int) -> Do:
        return self._dos[self._owner[at]]

    def _read(self, do: Do, x: Place) -> Read:
        loops = self.loops[do]
        for depth in range(len(loops), -1, -1):
            if not any(x.strides[depth:]):
                found = self._near(Place(VALUE, x.base, x.strides[:depth]), loops[:depth])
                if found:
                    return found
        writers = np.unique(self._owner[x.over(loops)])
        return Read("list", tuple([self._dos[k] for k in writers]))

    def _near(self, x: Place, around: tuple[Loop, ...]) -> Read | None:
        """How a value is read that moves with the turns of these loops, and no others."""
        writer = self._writer(x.base)
        loops = self.loops[writer]
        if loops == around and self.at(writer) == x:
            return Read("turn", (writer,))
        if loops[:-1] == around and len(loops) > len(around) and self._last(writer) == x:
            return Read("after", (writer,))
        if around and x.base < around[-1].at <= x.base + x.strides[-1] < self.nest.size:
            carried = self._writer(x.base + x.strides[-1])
            goes_on = self.loops[carried] == around and self.at(carried) == replace(x, base=x.base + x.strides[-1])
            if goes_on and loops == around[:-1] and self.at(writer) == replace(x, strides=x.strides[:-1]):
                return Read("before", (carried, writer))
        return None

    def _last(self, do: Do) -> Place:
        """Where an instruction has the value of the last turn of the innermost loop around it."""
        at, loop = self.at(do), self.loops[do][-1]
        *around, step = at.strides
        turns = loop.turns or Place(NONE, loop.count, (0,) * len(around))
        strides = [a + step * b for a, b in zip(around, turns.strides, strict=True)]
        return Place(VALUE, at.base + step * (turns.base - 1), tuple(strides))
