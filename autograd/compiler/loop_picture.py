"""What the picture of a program with loops shows: its formulas as boxes, each loop as a frame with its count.

What a turn hands to the next comes in at the left of the frame, in a box of its own; a dashed arrow leads back to it.
"""

from collections.abc import Iterable, Iterator

from autograd.compiler.boxes import Box, Boxes, Subject, Words, joined
from autograd.compiler.loop_text import Formulas, Line, Lines, Names, Turns, operations, turn
from autograd.compiler.nest import Do, Loop, Place
from autograd.compiler.scalar import CONSTANT, INPUT, PARAMETER, Check, Output
from autograd.render.text import clean, number

_MOST_BLOCKS = 12  # boxes for parameters; if there are more, they are one box
_FEWEST = 2  # formulas of a stretch that is made one box
_MOST_NUMBERS = 4  # of a table, in tooltips


class LoopDiagram(Boxes):
    """The boxes of a program with loops."""

    def __init__(self, subject: Subject, words: Words, digits: int) -> None:
        super().__init__(subject, words)
        self.digits, self.nest = digits, subject.program.nest
        one = len(subject.parameters) > 0 and isinstance(subject.outputs, int)
        self.names = Names(self.nest, subject, digits, words.loss if one else words.output)
        self.formulas = Formulas(self.names, guard=words.guard)
        self.folded = ""  # where stretches of formulas are one box each: "", "straight" outside of loops, or "all"
        self._draw()

    def fold(self, most: int) -> None:
        for self.folded in ("straight", "all"):
            if len(self.boxes) > most:
                self._draw()

    @property
    def title(self) -> str:
        words, count = self.words, operations(self.formulas.shared) + operations(self.formulas.rows)
        done = words.counted(words.operations, count)
        loops = words.counted(words.loops, len(self.frames))
        return words.program_of_loops.format(names=self.subject.names, operations=done, loops=loops)

    def _draw(self) -> None:
        self.boxes, self.frames = [], []
        self.box_of: dict[Do, int] = {}
        self.entry_of: dict[Do, int] = {}
        self.pending: list[tuple[int, Do]] = []  # boxes to which a dashed arrow leads, and what from
        self._add_arguments()
        self._add_parameters()
        self._add_lines(self.formulas.shared, (), True)
        self._add_lines(self.formulas.rows, (), False)
        for k, do in self.pending:
            self.boxes[k].later = list(dict.fromkeys([*self.boxes[k].later, self.box_of[do]]))
        self.notes = [self.words.carried] if self.pending else []
        self.drop_unread()

    # Sources

    def _add_arguments(self) -> None:
        self.argument_of: list[int] = []
        for name, size in self.subject.arguments:
            shown = clean(name)
            self.argument_of += [len(self.boxes)] * size
            self.boxes.append(Box("input", shown, f"{shown}: {size}" if size > 1 else shown))

    def _add_parameters(self) -> None:
        count = len(self.subject.parameters)
        blocks = joined(set(self._spans()), count)
        self.block_of: list[int] = []
        for start, stop in blocks if len(blocks) <= _MOST_BLOCKS else [(0, count)]:
            self.block_of += [len(self.boxes)] * (stop - start)
            label = self.subject.block(start, stop)
            self.boxes.append(Box("parameter", label, self.subject.tooltip(start, stop)))

    def _spans(self) -> Iterator[tuple[int, int]]:
        """The parameters that each instruction reads, in all turns."""
        for do, loops in self.names.loops.items():
            for x in do.operands:
                if x.kind == PARAMETER:
                    lowest, highest = _ends(x, loops)
                    yield lowest, highest + 1

    # Formulas and frames

    def _add_lines(self, body: Lines, frames: tuple[int, ...], shared: bool) -> None:
        stretch: list[Line] = []
        for each in body:
            if isinstance(each, Line) and not isinstance(each.do.what, Output):
                stretch.append(each)
                continue
            self._add_stretch(stretch, frames, shared)
            stretch = []
            if isinstance(each, Turns):
                self._add_loop(each, frames, shared)
            else:
                self._add_box(Box("output", self.names.of(each.do), frames=frames), each.instructions)
        self._add_stretch(stretch, frames, shared)

    def _add_loop(self, turns: Turns, frames: tuple[int, ...], shared: bool) -> None:
        letter, count = turn(len(frames)), turns.loop.count
        inside = (*frames, len(self.frames))
        self.frames.append(f"{letter} = 0 … {count - 1:,}   {self.words.turns.format(count=count)}")
        for do, first in turns.carried.items():
            self._add_entry(do, first, inside)
        self._add_lines(turns.body, inside, shared)

    def _add_entry(self, do: Do, first: Do, frames: tuple[int, ...]) -> None:
        """What the turn before made: of the first turn it is what stood before the loop."""
        before, at_first = self.words.before, self.words.first
        tooltip = f"{before.format(name=self.names.of(do))}; {at_first.format(first=self.names.of(first))}"
        box = Box("carried", self.names.before(do), tooltip, frames=frames)
        box.reads = [(self.box_of[first], "")]
        self.entry_of[do] = len(self.boxes)
        self.pending.append((len(self.boxes), do))
        self.boxes.append(box)

    def _add_stretch(self, stretch: list[Line], frames: tuple[int, ...], shared: bool) -> None:
        folded = self.folded == "all" or (self.folded == "straight" and not frames)
        if folded and len(stretch) >= _FEWEST:
            count = sum(line.operations for line in stretch)
            box = Box("step", self.words.counted(self.words.operations, count), frames=frames)
            box.tooltip = f"{stretch[0].text}; …; {stretch[-1].text}"
            self._add_box(box, [do for line in stretch for do in line.instructions])
            return
        for line in stretch:
            tooltip = "; ".join(filter(None, [line.text, self._told(line), self.words.once if shared else ""]))
            kind = "constant" if isinstance(line.do.what, Check) else "step"
            self._add_box(Box(kind, line.text, tooltip, frames=frames), line.instructions)

    def _told(self, line: Line) -> str:
        """For the tooltip: where a guard stands, and the numbers of the tables that are read."""
        what = [clean(line.do.what.where)] if isinstance(line.do.what, Check) else []
        for do in line.instructions:
            for k, x in enumerate(do.operands):
                if x.kind == CONSTANT and any(x.strides):
                    numbers = x.all([loop.count for loop in self.names.loops[do]]).ravel()[: _MOST_NUMBERS + 1].tolist()
                    shown = [number(self.nest.numbers[place], self.digits) for place in numbers]
                    shown[_MOST_NUMBERS:] = ["…"]
                    what.append(f"{self.names.operand(do, k).text}: {', '.join(shown)}")
        return "; ".join(dict.fromkeys(what))

    def _add_box(self, box: Box, instructions: Iterable[Do]) -> None:
        me, reads = len(self.boxes), dict[int, None]()
        self.box_of.update(dict.fromkeys(instructions, me))
        for do in instructions:
            for k, x in enumerate(do.operands):
                reads.update(dict.fromkeys(self._sources(do, k, x, me)))
        box.reads = [(maker, "") for maker in reads if maker != me]
        self.boxes.append(box)

    def _sources(self, do: Do, k: int, x: Place, me: int) -> Iterator[int]:
        """The boxes that an operand comes from; what an earlier turn made comes by a dashed arrow."""
        read = self.names.reads[do][k]
        if read is None:
            lowest, highest = _ends(x, self.names.loops[do])
            boxes = {INPUT: self.argument_of, PARAMETER: self.block_of}.get(x.kind, [])
            yield from dict.fromkeys(boxes[lowest : highest + 1])
        elif read.way == "before" and self.entry_of[read.writers[0]] != me:
            yield self.entry_of[read.writers[0]]
        else:
            for writer in read.writers:
                if read.way == "list" and self._is_earlier(do, x, writer, len(read.writers) == 1):
                    self.pending.append((me, writer))
                else:
                    yield self.box_of[writer]

    def _is_earlier(self, do: Do, x: Place, writer: Do, alone: bool) -> bool:
        """Whether a value is of another turn of a loop that both its maker and its reader are in."""
        both = [a for a, b in zip(self.names.loops[do], self.names.loops[writer], strict=False) if a is b]
        if not both or writer.at >= do.at:
            return bool(both)
        found = self.names.indices(do, x, writer) if alone else None
        width = len(self.names.loops[do])
        same = [(0, tuple([int(j == k) for j in range(width)])) for k in range(len(both))]
        return found is not None and found[: len(both)] != same


def _ends(x: Place, loops: tuple[Loop, ...]) -> tuple[int, int]:
    """The lowest and the highest place in all turns."""
    reach = [stride * (loop.count - 1) for stride, loop in zip(x.strides, loops, strict=True)]
    return x.base + sum(min(0, each) for each in reach), x.base + sum(max(0, each) for each in reach)
