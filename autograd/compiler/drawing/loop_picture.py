"""What the picture of a program with loops shows: its formulas as boxes, each loop as a frame with its count.

What a turn hands to the next comes in at the left of the frame, in a box of its own; a dashed arrow leads back to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograd.compiler.drawing.boxes import Box, Boxes, Subject, joined
from autograd.compiler.drawing.loop_text import (
    Carried,
    Formulas,
    Line,
    Lines,
    Names,
    Turns,
    operations,
    this_turn,
    turn,
)
from autograd.compiler.loops.nest import Do, Place
from autograd.compiler.scalar import CONSTANT, INPUT, PARAMETER, Check, Output
from autograd.render.text import clean, number
from autograd.words import ProgramWords, counted

_WHOLE, _STRAIGHT, _ALL = 1, 2, 3  # one box is a whole formula, or a stretch of formulas outside of loops, or of any
_MOST_BLOCKS = 12  # boxes for parameters; if there are more, they are one box
_FEWEST = 2  # formulas of a stretch that is made one box
_MOST_GUARDS = 3  # of a stretch, in its tooltip
_MOST_NUMBERS = 4  # of a table, in tooltips


class LoopDiagram(Boxes):
    """The boxes of a program with loops."""

    widest = 32

    def __init__(self, subject: Subject, words: ProgramWords, digits: int) -> None:
        super().__init__(subject, words)
        self.digits, self.nest = digits, subject.program.nest
        self.names = Names(self.nest, subject, digits, words.loss if subject.gradient else words.output)
        self.folded = 0
        self._draw()

    def fold(self, most: int) -> None:
        """First what only one formula reads is in its box; then stretches outside of loops are one; then all are."""
        while len(self.boxes) > most and self.folded < _ALL:
            self.folded += 1
            self._draw()

    @property
    def title(self) -> str:
        words, count = self.words, operations(self.formulas.shared) + operations(self.formulas.rows)
        done = counted(words.operations, count)
        loops = counted(words.loops, len(self.frames))
        return words.program_of_loops.format(names=self.subject.names, operations=done, loops=loops)

    def _draw(self) -> None:
        self.formulas = Formulas(self.names, whole=self.folded >= _WHOLE, guard=self.words.guard)
        self.boxes, self.frames = [], []
        self.frames_here: tuple[int, ...] = ()
        self.stretch = 0  # the number of the stretch between frames
        arguments, parameters = list(self._arguments()), list(self._parameters())
        self.sources = {
            kind: [box for box in boxes for _ in range(box.size)]
            for kind, boxes in ((INPUT, arguments), (PARAMETER, parameters))
        }
        self.source_of: dict[tuple[int, tuple[int, ...], int], int] = {}
        self.box_of: dict[Do, int] = {}
        self.entry_of: dict[Carried, int] = {}
        self.pending: list[tuple[int, Do]] = []  # boxes to which a dashed arrow leads, and what from
        self._add_lines(self.formulas.shared, True)
        self._add_lines(self.formulas.rows, False)
        for k, do in self.pending:
            self.boxes[k].later = list(dict.fromkeys([*self.boxes[k].later, self.box_of[do]]))
        self.notes = [self.words.carried] if self.pending else []
        self.drop_unread()
        read = {source for source, _, _ in self.source_of}
        self.boxes += [box for box in arguments if id(box) not in read]

    # Sources: each stands wherever a frame or a stretch between frames reads it, so that no arrow has far to go

    def _arguments(self) -> Iterator[Box]:
        for name, size in self.subject.arguments:
            shown = clean(name)
            yield Box("input", shown, f"{shown}: {size}" if size > 1 else shown, size=size)

    def _parameters(self) -> Iterator[Box]:
        count = len(self.subject.parameters)
        blocks = joined(set(self._spans()), count)
        for start, stop in blocks if len(blocks) <= _MOST_BLOCKS else [(0, count)]:
            tooltip = self.subject.tooltip(start, stop)
            yield Box("parameter", self.subject.block(start, stop), tooltip, size=stop - start)

    def _source(self, source: Box) -> int:
        """The box that stands for a source in this stretch."""
        key = id(source), self.frames_here, self.stretch
        if key not in self.source_of:
            self.source_of[key] = len(self.boxes)
            self.boxes.append(replace(source, frames=self.frames_here))
        return self.source_of[key]

    def _spans(self) -> Iterator[tuple[int, int]]:
        """The parameters that each instruction reads, in all turns."""
        for do, loops in self.names.loops.items():
            for x in do.operands:
                if x.kind == PARAMETER:
                    lowest, highest = x.ends([loop.count for loop in loops])
                    yield lowest, highest + 1

    # Formulas and frames

    def _add_lines(self, body: Lines, shared: bool) -> None:
        stretch: list[Line] = []
        for each in body:
            if isinstance(each, Line) and not isinstance(each.do.what, Output):
                stretch.append(each)
                continue
            self._add_stretch(stretch, shared)
            stretch = []
            if isinstance(each, Turns):
                self._add_loop(each, shared)
            else:
                self._add_box(Box("output", self.names.of(each.do)), each.instructions)
        self._add_stretch(stretch, shared)

    def _add_loop(self, turns: Turns, shared: bool) -> None:
        around, count = self.frames_here, turns.loop.count
        self.frames_here = (*around, len(self.frames))
        self.frames.append(f"{turn(len(around))} = 0 … {count - 1:,}   {self.words.turns.format(count=count)}")
        for each in turns.carried:
            self._add_entry(each)
        self._add_lines(turns.body, shared)
        self.frames_here = around
        self.stretch += 1

    def _add_entry(self, carried: Carried) -> None:
        """What the turn before made: of the first turn it is what stood before the loop."""
        words, names = self.words, self.names
        before = words.before.format(name=names.of(carried.made))
        box = Box("carried", carried.name, f"{before}; {words.first.format(first=names.of(carried.first))}")
        box.reads, box.frames = [(self.box_of[carried.first], "")], self.frames_here
        self.entry_of[carried] = len(self.boxes)
        self.pending.append((len(self.boxes), carried.made))
        self.boxes.append(box)

    def _add_stretch(self, stretch: list[Line], shared: bool) -> None:
        if len(stretch) >= _FEWEST and self.folded >= (_ALL if self.frames_here else _STRAIGHT):
            count = sum(line.operations for line in stretch)
            box = Box("step", counted(self.words.operations, count))
            guards = [self._told(line) for line in stretch if isinstance(line.do.what, Check)]
            box.tooltip = "; ".join([stretch[0].text, "…", stretch[-1].text, *guards[:_MOST_GUARDS]])
            self._add_box(box, [do for line in stretch for do in line.instructions])
            return
        for line in stretch:
            tooltip = "; ".join(filter(None, [line.text, self._told(line), self.words.once if shared else ""]))
            kind = "constant" if isinstance(line.do.what, Check) else "step"
            self._add_box(Box(kind, line.text, tooltip), line.instructions)

    def _told(self, line: Line) -> str:
        """For the tooltip: where a guard stands, and the numbers of the tables that are read."""
        what = [clean(line.do.what.where)] if isinstance(line.do.what, Check) else []
        for do in line.instructions:
            for k, x in enumerate(do.operands):
                if x.kind == CONSTANT and any(x.strides):
                    numbers = x.over(self.names.loops[do])[: _MOST_NUMBERS + 1].tolist()
                    shown = [number(self.nest.numbers[place], self.digits) for place in numbers]
                    shown[_MOST_NUMBERS:] = ["…"]
                    what.append(f"{self.names.operand(do, k).text}: {', '.join(shown)}")
        return "; ".join(dict.fromkeys(what))

    def _add_box(self, box: Box, instructions: Sequence[Do]) -> None:
        reads, later = dict[int, None](), dict[Do, None]()
        for do in instructions:
            for k, x in enumerate(do.operands):
                if self.names.reads[do][k] is None:
                    reads.update(dict.fromkeys(self._sources(do, x)))
                else:
                    self._add_makers(do, k, reads, later)
        me = len(self.boxes)
        self.box_of.update(dict.fromkeys(instructions, me))
        box.reads, box.frames = [(maker, "") for maker in reads], self.frames_here
        self.pending += [(me, maker) for maker in later]
        self.boxes.append(box)

    def _sources(self, do: Do, x: Place) -> Iterator[int]:
        lowest, highest = x.ends([loop.count for loop in self.names.loops[do]])
        for source in {id(box): box for box in self.sources.get(x.kind, [])[lowest : highest + 1]}.values():
            yield self._source(source)

    def _add_makers(self, do: Do, k: int, reads: dict[int, None], later: dict[Do, None]) -> None:
        """The boxes that a value comes from; what an earlier turn made comes by a dashed arrow."""
        read = self.names.reads[do][k]
        assert read is not None
        if carried := self.names.carried(do, k):
            reads[self.entry_of[carried]] = None
            return
        for maker in read.writers:
            if read.way == "list" and self._is_earlier(do, do.operands[k], maker, len(read.writers) == 1):
                later[maker] = None
            elif maker in self.box_of:  # else it is in the box itself
                reads[self.box_of[maker]] = None

    def _is_earlier(self, do: Do, x: Place, writer: Do, alone: bool) -> bool:
        """Whether a value is of another turn of a loop that both its maker and its reader are in."""
        both = [a for a, b in zip(self.names.loops[do], self.names.loops[writer], strict=False) if a is b]
        if not both or writer.at >= do.at:
            return bool(both)
        found = self.names.indices(do, x, writer) if alone else None
        same = [this_turn(k, len(self.names.loops[do])) for k in range(len(both))]
        return found is not None and found[: len(both)] != same
