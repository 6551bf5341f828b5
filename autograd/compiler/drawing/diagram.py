"""What the picture of a compiled program shows: its steps as boxes, and which numbers go from one to the next.

Copies are no boxes, and neither is what writes constants: who reads a copy reads what was copied. Which box made a
number follows from its place: of all that have written there, the last one before it is read.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.drawing.boxes import Box, Boxes, Subject, joined, parts
from autograd.compiler.matrices.lifted import Site
from autograd.compiler.matrices.steps import Contraction, Gather, Map, Plan, Scatter, Step, View, written_by
from autograd.compiler.writing import contraction_name, flops, is_copy, reads, shape_text, short_formula, title
from autograd.notation import Text, compared
from autograd.render.text import clean, number
from autograd.words import ProgramWords

Cells = NDArray[np.intp]
"""Places of `rows`, and behind them those of `fixed`."""

_CONSTANT = -1


class Diagram(Boxes):
    """The boxes of a program; what each reads comes before it."""

    def __init__(self, subject: Subject, words: ProgramWords, digits: int) -> None:
        super().__init__(subject, words)
        self.notation, self.notes = Text(partial(number, digits=digits)), [words.rows]
        self.program = subject.program.backward if subject.gradient else subject.program.forward
        self.plan: Plan = self.program.plan
        self.blocks = _blocks(subject.program.forward.plan, len(subject.parameters))
        self.numbers = _Numbers(self.plan.height + self.plan.size)
        self._add_arguments()
        self._add_parameters()
        for step in self.plan.steps:
            self._add_step(step)
        self.drawn = sum(box.kind == "step" for box in self.boxes)
        self._add_guards()
        self._add_results()
        self.drop_unread()

    @property
    def title(self) -> str:
        return self.words.program[self.drawn != 1].format(names=self.subject.names, count=self.drawn)

    # What is read

    def _cells(self, in_rows: bool, places: Any) -> Cells:
        return np.asarray(places, dtype=np.intp) + (0 if in_rows else self.plan.height)

    def _read(self, cells: Cells, shape: Sequence[int] = ()) -> list[tuple[int, str]]:
        """The boxes that made what is there, in order, and the shape of what is read of each.

        Args:
            shape: that of the cells, which matters if they hold nothing else than different numbers of one box.
        """
        found = self.numbers.makers(cells)
        alone = len(found) == 1 and found[0][1] == math.prod(shape)
        return [(maker, self._shape_of(maker, count, shape if alone else (count,))) for maker, count in found]

    def _of_view(self, view: View) -> list[tuple[int, str]]:
        distinct = view.distinct
        return self._read(self._cells(view.in_rows, distinct.places), distinct.shape)

    def _of_views(self, views: Sequence[View]) -> list[tuple[int, str]]:
        """What several views read of a box comes by one arrow, with all of it."""
        each = [read for view in views for read in self._of_view(view)]
        times = Counter(maker for maker, _ in each)
        cells = [self._cells(view.in_rows, view.distinct.places) for view in views]
        together = dict(self._read(np.concatenate(cells))) if cells else {}
        return list({maker: (maker, shape if times[maker] == 1 else together[maker]) for maker, shape in each}.values())

    def _shape_of(self, maker: int, count: int, shape: Sequence[int]) -> str:
        """As it leaves its box, if it is all of that; parameters leave as the matrices that they are read as."""
        box = self.boxes[maker]
        if count == box.size and box.kind != "parameter":
            return box.shape
        return _shape(shape, self.numbers.in_rows[maker])

    # Boxes

    def _enter(self, box: Box, in_rows: bool, cells: Cells) -> None:
        self.numbers.make(in_rows, cells)
        self.boxes.append(box)

    def _add_arguments(self) -> None:
        for (name, size), (base, _) in zip(self.subject.arguments, self.plan.arguments, strict=True):
            shape = _shape((size,), True)
            box = Box("input", clean(name), f"{clean(name)}: {shape}", shape, size)
            self._enter(box, True, self._cells(True, np.arange(base, base + size)))

    def _add_parameters(self) -> None:
        for start, stop in self.blocks:
            names, shape = self.subject.block(start, stop), _shape((stop - start,), False)
            box = Box("parameter", names, self.subject.tooltip(start, stop), shape, stop - start)
            self._enter(box, False, self._cells(False, np.arange(start, stop)))

    def _add_step(self, step: Step) -> None:
        cells = self._cells(*written_by(step))
        if is_copy(step):
            self.numbers.copy(cells, self._copied(step), step.adds)
        elif isinstance(step, Map | Contraction) and self._of_views(reads(step)):  # else it writes constants
            self._enter(self._box(step), step.out.in_rows, cells)

    def _copied(self, step: Step) -> Cells:
        if isinstance(step, Gather):
            return self._cells(step.from_rows, step.places)
        (view,) = [step.source] if isinstance(step, Scatter) else reads(step)
        assert isinstance(view, View)
        shape = view.shape if isinstance(step, Scatter) else step.out.shape
        return self._cells(view.in_rows, np.broadcast_to(view.grid, shape).ravel())

    def _box(self, step: Map | Contraction) -> Box:
        out, words = step.out.distinct, self.words
        if isinstance(step, Contraction):
            name = contraction_name(step, words.contractions)
        else:
            name = short_formula(step, self.notation, lambda view: bool(self._of_view(view)))
        tooltip = f"{clean(title(step))}: {words.work.format(count=flops(step))}"
        shape = _shape(out.shape, out.in_rows)
        return Box("step", clean(name), tooltip, shape, out.size, self._of_views(reads(step)))

    # Results

    def _add_result(self, kind: str, label: str, tooltip: str, sites: Iterable[Site]) -> None:
        cells = [place if in_rows else place + self.plan.height for in_rows, place in sites]
        self.boxes.append(Box(kind, label, tooltip, reads=self._read(np.array(cells, dtype=np.intp))))

    def _add_guards(self) -> None:
        """A box for all comparisons that a line of the code makes."""
        sites: dict[tuple[str, str], list[Site]] = {}
        for guard in self.program.guards:
            sites.setdefault((guard.check.sign, guard.check.where), []).extend([guard.left, guard.right])
        for (sign, where), sides in sites.items():
            self._add_result("constant", f"{self.words.guard} {compared(sign)}", clean(where), sides)

    def _add_results(self) -> None:
        outputs, loss = self.program.outputs, self.words.loss
        if not self.subject.gradient:
            for label, positions in parts(self.subject.outputs, self.words.output):
                self._add_result("output", label, label, [outputs[k] for k in positions])
            return
        if self.plan.loss is not None:
            outputs = [(False, cell) for cell in (self.plan.loss, *range(self.plan.size)[self.plan.gradient])]
        self._add_result("output", loss, loss, outputs[:1])
        for start, stop in self.blocks:
            name = f"∂{loss}/∂{self.subject.block(start, stop)}"
            self._add_result("output", name, name, outputs[start + 1 : stop + 1])


class _Numbers:
    """Which numbers the places hold. Each number that a box makes is one of its own; copies hold the same, or sums.

    Attributes:
        held: the number in each place, or that no box made it.
        in_rows: for each box whether its numbers differ from row to row.
    """

    def __init__(self, places: int) -> None:
        self.held = np.full(places, _CONSTANT, dtype=np.intp)
        self.in_rows: list[bool] = []
        self._firsts = [0]  # the first number of each box, and behind the last box the next number
        self._sums: list[tuple[int, int]] = []  # numbers below _CONSTANT

    def make(self, in_rows: bool, cells: Cells) -> None:
        """The next box writes into these places."""
        self.held[cells] = self._firsts[-1] + np.arange(len(cells))
        self.in_rows.append(in_rows)
        self._firsts.append(self._firsts[-1] + len(cells))

    def copy(self, cells: Cells, source: Cells, adds: bool) -> None:
        """Write into places what others hold; where several go to one place, their sum."""
        numbers = self.held[source]
        if not adds:
            self.held[cells] = _CONSTANT
            if len(np.unique(cells)) == len(cells):
                self.held[cells] = numbers
                return
        for cell, each in zip(cells.tolist(), numbers.tolist(), strict=True):
            self.held[cell] = self._sum(int(self.held[cell]), each)

    def _sum(self, a: int, b: int) -> int:
        if a == b or _CONSTANT in (a, b):
            return a if b == _CONSTANT else b
        self._sums.append((a, b))
        return _CONSTANT - len(self._sums)

    def makers(self, cells: Cells) -> list[tuple[int, int]]:
        """The boxes that made what these places hold, in order, and how many numbers of each there are."""
        found = groupby(sorted(self._summands(self.held[cells])), lambda k: bisect_right(self._firsts, k) - 1)
        return [(box, len(list(numbers))) for box, numbers in found]

    def _summands(self, numbers: Cells) -> set[int]:
        found, waiting = set[int](), np.unique(numbers).tolist()
        while waiting:
            each = waiting.pop()
            if each not in found and each != _CONSTANT:
                found.add(each)
                waiting += self._sums[_CONSTANT - 1 - each] if each < _CONSTANT else ()
        return {each for each in found if each >= 0}


def _shape(sizes: Iterable[int], batched: bool) -> str:
    """`16×2`, `16×n`, `n`, `1`: axes of length 1 are left out."""
    return "×".join(filter(None, [shape_text(sizes), "n" * batched])) or "1"


def _blocks(plan: Plan, count: int) -> list[tuple[int, int]]:
    """The parameters in parts, as the steps read them: a layer's weights and biases are one.

    A step that reads several of the parts together, such as a penalty, does not join them.
    """
    copy_of = np.arange(plan.size)
    spans: set[tuple[int, int]] = set()
    for step in plan.steps:
        if isinstance(step, Gather) and not step.from_rows and not step.out.in_rows:
            copy_of[step.out.places] = copy_of[step.places]
        for view in reads(step):
            read = copy_of[view.distinct.places] if not view.in_rows else np.empty(0, dtype=np.intp)
            if (read < count).any():
                spans.add((int(read.min()), int(read[read < count].max()) + 1))
    return joined(spans, count)
