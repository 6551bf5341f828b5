"""Programs with loops as text: what each number is called, and the lines that say how it comes about.

`v12` is what instruction 12 makes in this turn, `v12[t−1]` what it made in the turn before, `v12[157]` in turn 157, and
`v[12+9t]` stands where several instructions make the numbers that are read one after the other. `c[t]` is a constant
that differs from turn to turn. What only one other instruction reads has no name, but stands in its formula.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from autograd.compiler.drawing.boxes import Subject, parts
from autograd.compiler.loops.dataflow import Dataflow, Read
from autograd.compiler.loops.nest import TURNS, Do, Loop, Nest, Place, Strides, walk
from autograd.compiler.scalar import CONSTANT, INPUT, OUTPUT, PARAMETER, VALUE, Check
from autograd.notation import ATOM, Term, Text
from autograd.operation import Op
from autograd.render.text import clean, columns, number, shorten, width

_WIDEST_NAME, _WIDEST_FORMULA = 16, 21  # em
_OURS = re.compile(r"[vcθ]\d*")
_MOST_NAMES = 6  # carried values in a line
_MOST_LINES = 40  # of one block of the table


def turn(depth: int) -> str:
    """The letter that counts the turns of a loop."""
    return TURNS[depth % len(TURNS)]


def affine(base: int, strides: Strides) -> str:
    """`3+t`, `2t`, `t−1`, `7`: a place in a list, affine in the turns."""
    turns = [(f"{abs(each) if abs(each) > 1 else ''}{turn(k)}", each > 0) for k, each in enumerate(strides) if each]
    signed = "".join(f"{'+' if positive else '−'}{text}" for text, positive in turns)
    if base < 0:
        return f"{signed.removeprefix('+')}−{-base}"
    return f"{base}{signed}" if base or not signed else signed.removeprefix("+")


def this_turn(depth: int, loops: int) -> tuple[int, Strides]:
    """The index that is the turn of the loop at this depth, of so many around."""
    return 0, tuple([int(k == depth) for k in range(loops)])


@dataclass(frozen=True)
class Carried:
    """What each turn of a loop reads of the turn before.

    Attributes:
        name: `v12[t−1]`.
        at_first: `v12[−1]`, for what `first` has made before the loop.
    """

    name: str
    at_first: str
    made: Do
    first: Do
    loop: Loop


class Names:
    """What the numbers of a nest are called: what has a name by that name, in texts for users."""

    def __init__(self, nest: Nest, subject: Subject | None, digits: int, output: str = "output") -> None:
        self.nest, self.flow, self.output = nest, Dataflow(nest), output
        self.loops, self.reads = self.flow.loops, self.flow.reads
        self.notation = Text(partial(number, digits=digits))
        self.arguments = [("x", sys.maxsize)] if subject is None else subject.arguments
        self.parts = [] if subject is None else parts(subject.outputs, output)
        self.of_parameters = "p" if subject is None else "θ"
        labels = [] if subject is None else [*subject.parameters, *(do.label for do in self.loops)]
        known = Counter([_short(label or "") for label in labels] + [_short(name) for name, _ in self.arguments])
        self._unique = {name for name, count in known.items() if count == 1 and name and not _OURS.fullmatch(name)}
        self.labels = [] if subject is None else subject.parameters

    def of(self, do: Do) -> str:
        """What an instruction makes, in this turn."""
        if do.what is OUTPUT:
            return self._output(self.flow.output(do))
        return self._label(do.label) or f"v{do.at}"

    def carried(self, do: Do, k: int) -> "Carried | None":
        """What an operand is that the turn before has made, and in the first turn an instruction before the loop."""
        x, read = do.operands[k], self.reads[do][k]
        if read is None or len(read.writers) != 2:
            return None
        depth = max(j for j, stride in enumerate(x.strides) if stride)
        around, span = self.loops[do][: depth + 1], x.strides[depth]
        firsts = [each for each in read.writers if each.at == x.base and self.loops[each] == around[:-1]]
        made = next((each for each in read.writers if self.loops[each][: depth + 1] == around), None)
        if not firsts or made is None or list(x.strides[: depth + 1]) != [loop.span for loop in around]:
            return None
        turns = _digits(x.base + span - made.at, self.loops[made])
        if turns is None or any(turns[: depth + 1]) or min(turns) < 0:
            return None
        before, inner = affine(-1, (0,) * depth + (1,)), "".join(f", {each}" for each in turns[depth + 1 :])
        name = self.of(made)
        return Carried(f"{name}[{before}{inner}]", f"{name}[−1{inner}]", made, firsts[0], around[-1])

    def operand(self, do: Do, k: int) -> Term:
        """An operand as its instruction reads it."""
        x = do.operands[k]
        if x.kind == INPUT:
            return Term(self._input(x, self._last(x, do)))
        if x.kind == PARAMETER:
            label = None if any(x.strides) or not self.labels else self._label(self.labels[x.base])
            return Term(label or f"{self.of_parameters}[{affine(x.base, x.strides)}]")
        if x.kind == CONSTANT:
            table = any(x.strides)
            return Term(f"c[{affine(x.base, x.strides)}]") if table else self.notation.number(self.nest.numbers[x.base])
        read = self.reads[do][k]
        assert read is not None
        carried = self.carried(do, k)
        return Term(carried.name if carried else self._value(do, x, read))

    def indices(self, do: Do, x: Place, writer: Do) -> list[tuple[int, Strides]] | None:
        """Of which turns a value is that one instruction makes; None if that is not affine in the reader's turns."""
        loops, around = self.loops[writer], self.loops[do]
        if any(each.slide for each in (*loops, writer)):
            return None
        base = _digits(x.base - writer.at, loops)
        moves = [_digits(stride, loops) for stride in x.strides]
        if base is None or None in moves:
            return None
        found = [(start, tuple([move[k] for move in moves if move])) for k, start in enumerate(base)]
        for (start, strides), loop in zip(found, loops, strict=True):
            lowest, highest = Place(VALUE, start, strides).ends([each.count for each in around])
            if lowest < 0 or highest >= loop.count:
                return None
        return found

    def _value(self, do: Do, x: Place, read: Read) -> str:
        writer = read.writers[0]
        if read.way == "turn":
            return self.of(writer)
        found = self.indices(do, x, writer) if len(read.writers) == 1 else None
        if found is None:
            return f"v[{affine(x.base, x.strides)}]"
        both = sum(a is b for a, b in zip(self.loops[do], self.loops[writer], strict=False))
        while found[1:] and both and found[0] == this_turn(len(self.loops[writer]) - len(found), len(x.strides)):
            found, both = found[1:], both - 1
        return f"{self.of(writer)}[{', '.join(affine(*each) for each in found)}]"

    def _input(self, x: Place, last: int) -> str:
        start = 0
        for name, size in self.arguments:
            if start <= x.base < start + size and start <= last < start + size:
                return self._name(name) + (f"[{affine(x.base - start, x.strides)}]" if size > 1 else "")
            start += size
        names = [self._name(name) for name, size in self.arguments for _ in range(size)]
        return f"({names[x.base]}, …, {names[last]})[{affine(0, x.strides)}]"

    def _output(self, x: Place) -> str:
        for name, positions in self.parts:
            if x.base in positions and (len(positions) == 1 or not any(x.strides)):
                return name + (f"[{positions.index(x.base)}]" if len(positions) > 1 else "")
            if positions and positions == list(range(positions[0], positions[-1] + 1)) and x.base in positions:
                return f"{name}[{affine(x.base - positions[0], x.strides)}]"
        return f"{self.output}[{affine(x.base, x.strides)}]"

    def _last(self, x: Place, do: Do) -> int:
        """The place in the last turn of all loops."""
        return x.base + sum(s * (loop.count - 1) for s, loop in zip(x.strides, self.loops[do], strict=True))

    def _label(self, label: str | None) -> str | None:
        return self._name(label) if label and _short(label) in self._unique else None

    def _name(self, name: str) -> str:
        """Quoted where it could be read as a number, or as one of our own names."""
        short = _short(name)
        return f'"{short}"' if _OURS.fullmatch(short) else self.notation.name(short).text


def _short(name: str) -> str:
    return shorten(clean(name), _WIDEST_NAME)


def _digits(n: int, loops: Sequence[Loop]) -> list[int] | None:
    """n as a sum of multiples of the loops' spans, the outermost first; None if something is left over."""
    found = []
    for loop in loops:
        found.append(int(n / loop.span))
        n -= found[-1] * loop.span
    return None if n else found


# --- Lines ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Line:
    """`v12 = v3 × (v4 + 1)`: the last of these instructions, the others in its formula."""

    text: str
    instructions: tuple[Do, ...]

    @property
    def do(self) -> Do:
        return self.instructions[-1]

    @property
    def operations(self) -> int:
        return sum(isinstance(do.what, Op) for do in self.instructions)


@dataclass(frozen=True, eq=False)
class Turns:
    """The lines of a loop, and what each turn hands to the next."""

    loop: Loop
    body: tuple["Line | Turns", ...]
    carried: tuple[Carried, ...]

    @property
    def operations(self) -> int:
        """Of one turn."""
        return operations(self.body)


Lines = Sequence[Line | Turns]


def operations(body: Lines) -> int:
    """How many operations of scalars these lines take, in all turns."""
    return sum(each.operations * (each.loop.count if isinstance(each, Turns) else 1) for each in body)


class Formulas:
    """The lines of a nest.

    Args:
        names: what its numbers are called.
        fold: whether a value that is read once stands in the formula that reads it.
        whole: whether it does so too where there is no room, as "…".
        guard: what a guard is called.
    """

    def __init__(self, names: Names, fold: bool = True, whole: bool = False, guard: str = "guard") -> None:
        self.names, self.nest, self.whole, self.guard = names, names.nest, whole, guard
        self.reads = names.reads
        reads = [read for each in self.reads.values() for read in each if read]
        carried = [names.carried(do, k) for do in self.reads for k in range(len(do.operands))]
        self._carried = list(dict.fromkeys(filter(None, carried)))
        self._uses = Counter(writer for read in reads for writer in read.writers)
        self._foldable = {do for do in self.reads if fold and isinstance(do.what, Op) and names.of(do) == f"v{do.at}"}
        self._block: dict[Do, int] = {}
        self._note(self.nest.shared)
        self._note(self.nest.rows)
        self._formulas: dict[Do, Term] = {}
        self._within: dict[Do, tuple[Do, ...]] = {}
        for do in self.reads:
            self._write(do)
        self.shared, self.rows = self._lines(self.nest.shared), self._lines(self.nest.rows)

    def _note(self, body: Sequence[Do | Loop]) -> None:
        for each in body:
            if isinstance(each, Loop):
                self._note(each.body)
            else:
                self._block[each] = id(body)

    def _write(self, do: Do) -> None:
        """Its formula, with those of its operands in it, the shortest first, as long as there is room."""
        terms = [self.names.operand(do, k) for k in range(len(do.operands))]
        within: tuple[Do, ...] = ()
        for k, made in sorted(self._single(do), key=lambda found: width(self._formulas[found[1]].text)):
            name, terms[k] = terms[k], self._formulas[made]
            if width(self._applied(do, terms).text) > _WIDEST_FORMULA:
                terms[k] = Term(Text.more) if self.whole else name
            if terms[k] is not name:
                within = (*within, *self._within.pop(made))
        self._formulas[do], self._within[do] = self._applied(do, terms), (*within, do)

    def _single(self, do: Do) -> list[tuple[int, Do]]:
        """The operands that only this instruction reads, in the turn in which they are made; and their places."""
        found = []
        for k, read in enumerate(self.reads[do] if do.what is not OUTPUT else ()):
            if read and read.way == "turn" and self._uses[made := read.writers[0]] == 1 and made in self._foldable:
                found += [(k, made)] if self._block[made] == self._block[do] else []
        return found

    def _applied(self, do: Do, terms: Sequence[Term]) -> Term:
        if isinstance(do.what, Op):
            term = self.names.notation.applied(do.what, terms)
            return Term(clean(term.text), term.rank)
        if isinstance(do.what, Check):
            return self.names.notation.compared(do.what.sign, terms)
        return terms[0]

    def _lines(self, body: Sequence[Do | Loop]) -> tuple[Line | Turns, ...]:
        return tuple([self._turns(x) if isinstance(x, Loop) else self._line(x) for x in body if not self._is_in(x)])

    def _is_in(self, each: Do | Loop) -> bool:
        return isinstance(each, Do) and each not in self._within

    def _line(self, do: Do) -> Line:
        text = self._formulas[do].text
        if isinstance(do.what, Check):
            held = text if do.what.outcome else f"not {self.names.notation.held(self._formulas[do], ATOM)}"
            return Line(f"{self.guard} {held}", self._within[do])
        return Line(f"{self.names.of(do)} = {text}", self._within[do])

    def _turns(self, loop: Loop) -> Turns:
        return Turns(loop, self._lines(loop.body), tuple([each for each in self._carried if each.loop is loop]))

    # Text

    def text(self) -> Iterator[tuple[str, int | None]]:
        """Every line, and how many operations it takes; None where that is no question."""
        yield from self._text(self.shared, 0, 0)
        if self.rows:
            yield "for each row:", None
            yield from self._text(self.rows, 1, 0)

    def _text(self, body: Lines, indent: int, depth: int) -> Iterator[tuple[str, int | None]]:
        space = "    " * indent
        for each in body:
            if isinstance(each, Line):
                yield space + each.text, each.operations
                continue
            yield from ((space + text, None) for text in self._at_first(each))
            turns = each.loop.turns
            stop = affine(turns.base, turns.strides) if turns else each.loop.count
            head = f"{space}for {turn(depth)} in range({stop}):  # {each.loop.span} instructions each"
            yield head, each.loop.count * each.operations
            yield from self._text(each.body, indent + 1, depth + 1)

    def _at_first(self, turns: Turns) -> Iterator[str]:
        for k in range(0, len(turns.carried), _MOST_NAMES):
            some = turns.carried[k : k + _MOST_NAMES]
            yield f"{', '.join(x.at_first for x in some)} = {', '.join(self.names.of(x.first) for x in some)}"


def nest_text(nest: Nest) -> str:
    """Every instruction on a line."""
    return "\n".join(line for line, _ in Formulas(Names(nest, None, 6), fold=False).text())


def lines(subject: Subject, digits: int = 6) -> list[str]:
    """What a program with loops does, formula by formula."""
    return [line for line, _ in _formulas(subject, digits).text()]


def table(subject: Subject, digits: int = 6) -> str:
    """The same, beside it how many operations each line takes; the middle of a long stretch is left out."""
    formulas = _formulas(subject, digits)
    rows = list(_shortened(list(formulas.text())))
    wide = max([columns(line) for line, _ in rows], default=0) + 2
    shown = [f"{line}{' ' * (wide - columns(line))}{'' if n is None else f'{n:>12,}'}".rstrip() for line, n in rows]
    total = operations(formulas.shared) + operations(formulas.rows)
    written = sum(isinstance(do.what, Op) for do, _ in walk((*subject.program.nest.shared, *subject.program.nest.rows)))
    heads = f"{'step'.ljust(wide)}{'operations':>12}"
    return "\n".join([heads, *shown, f"{total:,} scalar operations, of which {written:,} are written out"])


def _formulas(subject: Subject, digits: int) -> Formulas:
    return Formulas(Names(subject.program.nest, subject, digits))


def _shortened(rows: list[tuple[str, int | None]]) -> Iterator[tuple[str, int | None]]:
    if len(rows) > 2 * _MOST_LINES:
        hidden = rows[_MOST_LINES:-_MOST_LINES]
        rows[_MOST_LINES:-_MOST_LINES] = [(f"… {len(hidden):,} more lines", None)]
    yield from rows
