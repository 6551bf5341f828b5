"""What the picture of a compiled program shows: its steps as boxes, and which numbers go from one to the next.

Copies (`Pack`) are no boxes, for what reads a copy reads what was copied. Which step made a number follows from its
place: of all that have written there, the last one before it is read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.boxes import Box, Boxes, Subject, Words, joined, parts
from autograd.compiler.layout import Inner, Instruction, Map, Operand, Pack, Plan, Product, View
from autograd.compiler.lowering import Gather
from autograd.compiler.writing import compared, flops, title
from autograd.functions import square
from autograd.notation import Term, Text
from autograd.operation import Op
from autograd.render.text import clean, number

Cells = NDArray[np.intp]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CONSTANTS = "[…]"  # a different one for each number


class Diagram(Boxes):
    """The boxes of a program; what each reads comes before it."""

    def __init__(self, subject: Subject, words: Words, digits: int) -> None:
        super().__init__(subject, words)
        self.notation, self.notes = Text(partial(number, digits=digits)), [words.rows]
        self.lowered, self.plan = subject.program, subject.program.plan
        self.count = len(subject.parameters)
        self.made_by = np.full(self.plan.height + self.plan.size, -1, dtype=np.intp)
        self.copy_of = np.arange(len(self.made_by))
        self._add_arguments()
        self._add_parameters()
        for instruction in self.plan.instructions:
            self._add_instruction(instruction)
        self._add_guards()
        self._add_results()
        self.drop_unread()

    @property
    def title(self) -> str:
        steps = sum(not isinstance(each, Pack) for each in self.plan.instructions)
        return self.words.program[steps != 1].format(names=self.subject.names, count=steps)

    # Cells: places of `rows`, and behind them those of `fixed`

    def _cells(self, in_rows: bool, places: Any) -> Cells:
        """The cells, copies replaced by what they are copies of."""
        return self.copy_of[np.asarray(places, dtype=np.intp) + (0 if in_rows else self.plan.height)]

    def _sources(self, cells: Cells) -> list[tuple[int, str]]:
        """The boxes that made these cells, in order, and the shape of what is read of each."""
        cells = np.unique(cells)
        makers = self.made_by[cells]
        found = []
        for maker in dict.fromkeys(makers[makers >= 0].tolist()):
            read = int((makers == maker).sum())
            box, batched = self.boxes[maker], bool(cells[makers == maker][0] < self.plan.height)
            found.append((maker, box.shape if read == box.size else _shape((read,), batched)))
        return found

    def _of_view(self, view: View) -> list[tuple[int, str]]:
        """A view that has no copies, constants or repetitions in it has a shape of its own."""
        sources = self._sources(self._cells(view.in_rows, view.places))
        if len(sources) == 1 and self.boxes[sources[0][0]].kind == "parameter" and not view.in_rows:
            sizes = [size for size, stride in zip(view.shape, view.strides, strict=True) if stride]
            return [(sources[0][0], _shape(sizes, False))]
        return sources

    def _enter(self, box: Box, cells: Any = ()) -> int:
        self.boxes.append(box)
        self.made_by[np.asarray(cells, dtype=np.intp)] = len(self.boxes) - 1
        return len(self.boxes) - 1

    # Sources

    def _add_arguments(self) -> None:
        for (name, size), base in zip(self.subject.arguments, self.plan.arguments, strict=True):
            shape = _shape((size,), True)
            self._enter(Box("input", clean(name), f"{clean(name)}: {shape}", shape, size), np.arange(base, base + size))

    def _add_parameters(self) -> None:
        height = self.plan.height
        self.blocks = _blocks(self.plan, self.count)
        for start, stop in self.blocks:
            names, shape = self.subject.block(start, stop), _shape((stop - start,), False)
            box = Box("parameter", names, self.subject.tooltip(start, stop), shape, stop - start)
            self._enter(box, np.arange(height + start, height + stop))

    # Steps

    def _add_instruction(self, instruction: Instruction) -> None:
        out = self._written(instruction.out)
        if isinstance(instruction, Pack):
            sources = self._cells(instruction.from_rows, instruction.places)
            self.copy_of[out], self.made_by[out] = sources, self.made_by[sources]
            return
        shape = _shape(instruction.out.shape, instruction.out.in_rows)
        box = Box("step", self._label(instruction), "", shape, len(out))
        box.reads = list(dict.fromkeys(self._reads(instruction)))
        box.tooltip = f"{title(instruction)}: {self.words.work.format(count=flops(instruction))}"
        self._enter(box, out)

    def _written(self, out: View) -> Cells:
        cells = out.places + (0 if out.in_rows else self.plan.height)
        self.copy_of[cells] = cells
        return cells

    def _reads(self, instruction: Instruction) -> Iterator[tuple[int, str]]:
        for operand in _operands(instruction):
            yield from self._of_view(operand)

    def _label(self, instruction: Instruction) -> str:
        words = self.words
        if isinstance(instruction, Map):
            return self._elementwise(instruction)
        if isinstance(instruction, Inner):
            terms, count = instruction.left.shape
            return f"{words.inner} {count}×{terms}"
        assert isinstance(instruction, Product)
        (rows, terms), lists = instruction.left.shape, instruction.right.shape[0]
        if instruction.total:
            return f"{words.total} {_shape((rows, lists), False)}".removesuffix(" 1")
        if lists == 1 and instruction.biased:
            return f"{words.affine} {rows}×{terms - 1}"
        return f"{words.product} {rows}×{terms}" + (f" · {terms}×{lists}" if lists > 1 else "")

    def _elementwise(self, step: Map) -> str:
        """`relu`, `a × b`, `1 − a`: constants are written out, and an operation between two needs no letters."""
        if not isinstance(step.what, Op):
            return self._sum(step.what, self._names(step.operands))
        places = [place for place, x in enumerate(step.operands) if not isinstance(x, View)]
        if len(places) != 1 or len(step.operands) != 2:
            return clean(step.what.symbol)
        return clean(self.notation.section(step.what, places[0], self.notation.number(step.operands[places[0]])))

    def _sum(self, form: Sequence[tuple[bool, int]], factors: list[Term]) -> str:
        """A sum of products: `a × b + c`, `1 − a²`; without letters where each operand stands there once: `×`, `+`."""
        if len(set(factors)) == 2 == len(factors) and all(factor.text in _LETTERS for factor in factors):
            for usual, sign in (([(False, 2)], "×"), ([(False, 1)] * 2, "+"), ([(False, 1), (True, 1)], "−")):
                if list(form) == usual:
                    return sign
        rest, summands = iter(factors), []
        for negative, count in form:
            product = self._powers(list(islice(rest, count)))
            summands.append(self.notation.negative(product) if negative else product)
        return self.notation.sum(summands).text

    def _powers(self, factors: list[Term]) -> Term:
        """A product, with a² for a × a."""
        powers = Counter(factors).items()
        return self.notation.product([self.notation.applied(square, [x]) if n == 2 else x for x, n in powers])

    def _names(self, operands: Sequence[Operand]) -> list[Term]:
        """A letter for each operand that an arrow brings, the same for the same; constants are written out."""
        letters: dict[View, str] = {}
        for operand in operands:
            if isinstance(operand, View) and self._of_view(operand):
                turn, letter = divmod(len(letters), len(_LETTERS))
                letters.setdefault(operand, f"{_LETTERS[letter]}{turn or ''}")
        return [Term(letters.get(x, _CONSTANTS)) if isinstance(x, View) else self.notation.number(x) for x in operands]

    # Results

    def _add_guards(self) -> None:
        for guard in self.lowered.guards:
            label = f"{self.words.guard} {compared(guard.sign)}"
            self._enter(Box("constant", label, clean(guard.where), reads=self._asked(guard.sides)))

    def _asked(self, gather: Gather, chosen: Iterable[int] | None = None) -> list[tuple[int, str]]:
        """The sources of numbers that are asked for; of all, or of those at the chosen positions."""
        cells = np.zeros(gather.count, dtype=np.intp)
        cells[gather.in_rows] = self._cells(True, gather.rows)
        cells[gather.in_fixed] = self._cells(False, gather.fixed)
        return self._sources(cells if chosen is None else cells[list(chosen)])

    def _add_results(self) -> None:
        if self.lowered.gradient is not None:
            self._add_gradient()
            return
        for label, positions in parts(self.subject.outputs, self.words.output):
            reads = self._asked(self.lowered.outputs, positions)
            self._enter(Box("output", label, label, reads=reads))

    def _add_gradient(self) -> None:
        where = self.lowered.gradient
        assert where is not None
        places = [place for place in (where.loss_total, where.loss_fixed) if place is not None]
        self._enter(Box("output", self.words.loss, self.words.loss, reads=self._fixed(places)))
        of_total = self.plan.gradient + np.arange(self.count)
        of_total[where.moved] = where.moved_from
        for start, stop in self.blocks:
            reads = self._fixed(of_total[start:stop]) if where.has_totals else []
            if where.fixed is not None:
                reads += [read for read in self._fixed(where.fixed[start:stop]) if read not in reads]
            name = f"∂{self.words.loss}/∂{self.subject.block(start, stop)}"
            self._enter(Box("output", name, name, reads=reads))

    def _fixed(self, places: Any) -> list[tuple[int, str]]:
        return self._sources(self._cells(False, places))


def _shape(sizes: Iterable[int], batched: bool) -> str:
    """`16×2`, `16×n`, `n`, `1`: axes of length 1 are left out."""
    axes = [str(size) for size in sizes if size != 1] + ["n"] * batched
    return "×".join(axes) or "1"


def _operands(instruction: Instruction) -> list[View]:
    """What an instruction reads, each once."""
    if isinstance(instruction, Map):
        return list(dict.fromkeys(x for x in instruction.operands if isinstance(x, View)))
    return [instruction.left, instruction.right] if isinstance(instruction, Product | Inner) else []


def _blocks(plan: Plan, count: int) -> list[tuple[int, int]]:
    """The parameters in parts, as the steps read them: a layer's weights and biases are one.

    A step that reads several of the parts together, such as a penalty, does not join them.
    """
    copy_of = np.arange(plan.size)
    spans: set[tuple[int, int]] = set()
    for instruction in plan.instructions:
        if isinstance(instruction, Pack):
            if not instruction.from_rows and not instruction.out.in_rows:
                copy_of[instruction.out.places] = copy_of[instruction.places]
            continue
        for view in _operands(instruction):
            read = copy_of[view.places] if not view.in_rows else np.empty(0, dtype=np.intp)
            if (read < count).any():
                spans.add((int(read.min()), int(read[read < count].max()) + 1))
    return joined(spans, count)
