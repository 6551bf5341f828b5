"""From a nest to code: what each number is held in, and the reverse sweep.

A value that only its own turn reads is a name. One that the next turn reads, or what comes after the loop, is a name
around the loop too (`c`: carried). Everything else is in the list `V`, and so is what the sweep backwards reads of a
turn that is over. Adjoints likewise: a name `a`, a name around the loop `b`, or the list `A`. The sweep is the program
backwards: the same loops from the last turn to the first, and in each turn what the rules pass on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograd.compiler.code import (
    Add,
    Atom,
    Block,
    Code,
    Element,
    Expression,
    For,
    Guard,
    Let,
    Rows,
    Set,
    Store,
    statements,
)
from autograd.compiler.nest import TURNS, Do, Loop, Nest, Place, place_of, walk
from autograd.compiler.scalar import CONSTANT, INPUT, NONE, PARAMETER, VALUE, Check, Output
from autograd.compiler.slopes import Builder, Slope, is_safe, slopes
from autograd.forms import COMPARISONS, Form, operand
from autograd.operation import Op

_NAMES = 64  # parameters whose derivatives are added up in names; if there are more, in the list


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
class Analysis:
    """Who reads what, how."""

    nest: Nest
    loops: dict[Do, tuple[Loop, ...]] = field(default_factory=dict)
    reads: dict[Do, list[Read | None]] = field(default_factory=dict)

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
        turns = loop.turns or Place(NONE, loop.count, (0,) * (len(at.strides) - 1))
        strides = [a + loop.span * b for a, b in zip(at.strides, turns.strides, strict=False)]
        return Place(VALUE, at.base + loop.span * (turns.base - 1), tuple(strides))


def compute(nest: Nest) -> Code:
    """The statements that compute the outputs of each row."""
    return _Unnesting(nest, differentiate=False).code()


def differentiate(nest: Nest) -> Code:
    """The statements that compute the sums over the rows of the output, of which there is one, and of its gradient.

    Raises:
        NotCompilable: a rule cannot be written down.
    """
    return _Unnesting(nest, differentiate=True).code()


class _Unnesting:
    def __init__(self, nest: Nest, differentiate: bool) -> None:
        self.nest, self.differentiate = nest, differentiate
        self.analysis = Analysis(nest)
        self.loops, self.reads = self.analysis.loops, self.analysis.reads
        self.outer = {do for do, _ in walk(nest.shared)}
        self.in_list, self.carried = set[Do](), dict[Do, Do | None]()
        for reads in self.reads.values():
            for read in filter(None, reads):
                if read.way == "list":
                    self.in_list.update(read.writers)
                elif read.way != "turn":
                    first = read.writers[1] if read.way == "before" else self.carried.get(read.writers[0])
                    self.carried[read.writers[0]] = first
        self.kept = set(self.in_list)  # values that are in V: those read by place, and those the way back reads
        self.checks: list[Check] = []

    def code(self) -> Code:
        way_back = _Backwards(self) if self.differentiate else None
        block: Block = []
        rows: Block = []
        if way_back:
            way_back.sweep(block, rows)
        top = self.forwards(self.nest.shared)
        body = self.forwards(self.nest.rows)
        totals = way_back.totals if way_back else []
        if way_back:
            before, after = block[: way_back.split], block[way_back.split :]
            whole = [*top, *before, Rows([*body, *rows], totals), *after]
        else:
            whole = [*top, Rows(body, totals)]
        adjoints = self.nest.size if way_back and way_back.in_list else 0
        flags = self.nest.size if way_back and way_back.in_list & way_back.flagged else 0
        shared = min([do.at for do, _ in walk(self.nest.rows)], default=self.nest.size)
        return Code(
            whole,
            self.nest.inputs,
            0 if self.differentiate else self.nest.size - self.analysis.first_output,
            self.nest.parameters,
            self.nest.size if self.kept else 0,
            adjoints,
            flags,
            shared,
            self.nest.numbers,
            self.checks,
            self.differentiate,
        )

    # --- Forwards ---------------------------------------------------------------------------------------------

    def forwards(self, body: Sequence[Do | Loop], depth: int = 0) -> Block:
        block: Block = []
        for each in body:
            if isinstance(each, Loop):
                block += self._loop(each, depth)
            else:
                block += self._instruction(each)
        return block

    def _loop(self, loop: Loop, depth: int) -> Iterator[Let | For]:
        carried = [do for do in loop.body if isinstance(do, Do) and do in self.carried]
        for do in carried:
            first = self.carried[do]
            yield Let(f"c{do.at}", Expression.of(0.0 if first is None else f"v{first.at}"))
        turn = self.forwards(loop.body, depth + 1)
        turn += [Set(f"c{do.at}", Expression.of(f"v{do.at}")) for do in carried]
        yield For(TURNS[depth], loop.count, False, turn, loop.turns)

    def _instruction(self, do: Do) -> Block:
        atoms = tuple([self.atom(do, k) for k in range(len(do.operands))])
        if isinstance(do.what, Check):
            self.checks.append(do.what)
            return [Guard(len(self.checks) - 1, do.what, *atoms)]
        if isinstance(do.what, Output):
            return [self._output(do, atoms[0])]
        block: Block = [Let(f"v{do.at}", Expression(_form(do.what, len(atoms)), atoms))]
        if do in self.kept:
            block.append(Store(Element("V", self.analysis.at(do)), Expression.of(f"v{do.at}")))
        return block

    def _output(self, do: Do, atom: Atom) -> Store | Add:
        if self.differentiate:
            return Add("loss", Expression.of(atom))
        return Store(Element("out", self.analysis.output(do)), Expression.of(atom))

    def atom(self, do: Do, k: int, back: bool = False) -> Atom:
        """The k-th operand of an instruction, as it is read in its turn; or on the way back, when the turn is over."""
        x, read = do.operands[k], self.reads[do][k]
        if x.kind == CONSTANT:
            return Element("c", x) if any(x.strides) else self.nest.numbers[x.base]
        if read is None:
            return Element("x" if x.kind == INPUT else "p", x)
        writer = read.writers[0]
        if read.way == "turn" and (not back or not self.loops[writer]):
            return f"v{writer.at}"
        if read.way in ("before", "after") and (not back or (read.way == "after" and len(self.loops[writer]) == 1)):
            return f"c{writer.at}"
        if back:
            self.kept.update(read.writers)
        return Element("V", x)


def _form(op: Op, count: int) -> Form:
    return Builder().applied(op, [operand(k) for k in range(count)])


class _Backwards:
    """The reverse sweep of a nest with one output."""

    def __init__(self, unnesting: _Unnesting) -> None:
        self.un, self.nest = unnesting, unnesting.nest
        self.loops, self.reads = unnesting.loops, unnesting.reads
        self.passed = {do: self._slopes(do) for do in self.loops}
        self._find_moving()
        self._find_reached()
        self.in_list = self._in_list()
        self._find_flagged()
        self.home: dict[str, Block] = {}
        self.declared: set[str] = set()
        self.totals: list[str] = []
        self.split = 0

    def _slopes(self, do: Do) -> tuple[Slope | None, ...]:
        if isinstance(do.what, Op):
            return slopes(do.what, len(do.operands))
        return (_SEED,) if isinstance(do.what, Output) else (None,) * len(do.operands)

    def _passing(self, do: Do) -> Iterator[tuple[int, Slope]]:
        """The operands to which an instruction passes anything that is asked for."""
        for k, slope in enumerate(self.passed[do]):
            if slope is not None and self._moves(do, k):
                yield k, slope

    def _find_moving(self) -> None:
        """What depends on a parameter."""
        self.moving: set[Do] = set()
        _closed(
            self.moving,
            lambda _: (do for do in self.loops if any(self._moves(do, k) for k in range(len(do.operands)))),
        )

    def _moves(self, do: Do, k: int) -> bool:
        read = self.reads[do][k]
        return do.operands[k].kind == PARAMETER or bool(read and not self.moving.isdisjoint(read.writers))

    def _find_reached(self) -> None:
        """What the output depends on, by slopes that are something."""
        self.reached = {do for do in self.loops if isinstance(do.what, Output)}
        before = 0
        while before < len(self.reached):
            before = len(self.reached)
            for do in reversed(self.loops):
                if do in self.reached:
                    for k, read in enumerate(self.reads[do]):
                        if read and self.passed[do][k] is not None:
                            self.reached.update(read.writers)

    def _in_list(self) -> set[Do]:
        """Whose adjoints are in the list: those read by place, and the first of a carried value that is."""
        together = [read.writers for reads in self.reads.values() for read in reads if read]
        return _closed(
            set(self.un.in_list),
            lambda found: (do for writers in together if not found.isdisjoint(writers) for do in writers),
        )

    def _find_flagged(self) -> None:
        """Where it is written down whether anything arrives: 0 times an infinite slope is 0 if nothing does, else nan.

        Only before a slope that may be infinite, and only where everything that arrives may be nothing.
        """
        ends = {do for do in self.reached if isinstance(do.what, Output)}
        flows = _closed(ends, lambda found: (do for do in self.reached if self._flows(do, found)))
        risky = {do for do in self.reached if any(self._risky(do, slope) for _, slope in self._passing(do))}
        needed = _closed(risky, lambda found: (do for do in self.reached if any(x in found for x in self._below(do))))
        self.flagged = (needed & self.moving) - flows

    def _risky(self, do: Do, slope: Slope) -> bool:
        """Whether a cotangent of 0 may give nan: the slope is infinite somewhere, or a number that it reads is."""
        reads = [read for i, read in enumerate(self.reads[do]) if read and _reads(slope, 2 + i)]
        writers = {writer for read in reads for writer in read.writers} | ({do} if _reads(slope, 1) else set())
        return not slope.is_safe or any(isinstance(each.what, Op) and not is_safe(each.what) for each in writers)

    def _below(self, do: Do) -> Iterator[Do]:
        for k, _ in self._passing(do):
            read = self.reads[do][k]
            yield from read.writers if read else ()

    @cached_property
    def _arrivals(self) -> dict[Do, list[tuple[str, Do, Slope]]]:
        """For each instruction, in which way who reads it, and what that passes back."""
        found: dict[Do, list[tuple[str, Do, Slope]]] = defaultdict(list)
        for do in self.reached:
            for k, slope in self._passing(do):
                if read := self.reads[do][k]:
                    for writer, way in self._ways(read):
                        found[writer].append((way, do, slope))
        return found

    @staticmethod
    def _ways(read: Read) -> Iterator[tuple[Do, str]]:
        """Each writer, and from where it is read: the one before the first turn from a later turn of its own body."""
        for k, writer in enumerate(read.writers):
            yield writer, "first" if k and read.way == "before" else read.way

    def _flows(self, do: Do, flows: set[Do]) -> bool:
        """Whether something arrives in every turn: from the turn itself; or from the next and, after the last, too."""
        ways = {way for way, reader, slope in self._arrivals[do] if slope.flows is None and reader in flows}
        return bool(ways & {"turn", "first"}) or {"before", "after"} <= ways

    # --- Statements -------------------------------------------------------------------------------------------

    def sweep(self, block: Block, rows: Block) -> None:
        """The statements around the rows (those from `split` on follow them), and those for each row."""
        self.around = block
        self._open(self.nest.shared, block)
        self._back(self.nest.rows, rows, 0)
        self.split = len(block)
        self.totals = sorted(self.declared & set(self.home_around))
        self._back(self.nest.shared, block, 0, opened=True)
        for k in self._named:
            if f"g{k}" in self.declared:
                block.append(Add(Element("g", Place(PARAMETER, k, ())), Expression.of(f"g{k}")))

    @cached_property
    def _named(self) -> list[int]:
        """The parameters whose derivatives are added up in names."""
        fixed = {x.base for do in self.loops for x in do.operands if x.kind == PARAMETER and not any(x.strides)}
        return sorted(fixed) if len(fixed) <= _NAMES else []

    @cached_property
    def home_around(self) -> set[str]:
        return {name for name, block in self.home.items() if block is self.around}

    def _open(self, body: Sequence[Do | Loop], block: Block) -> None:
        """The names of this body's adjoints belong to this block."""
        for each in body:
            if isinstance(each, Do):
                self.home[f"a{each.at}"] = self.home[f"e{each.at}"] = block
            else:
                self.home.update({f"{name}{do.at}": block for do in each.body if isinstance(do, Do) for name in "bh"})

    def _back(self, body: Sequence[Do | Loop], block: Block, depth: int, opened: bool = False) -> None:
        if not opened:
            self._open(body, block)
        for each in reversed(body):
            if isinstance(each, Loop):
                self._loop(each, block, depth)
            elif (each in self.moving and each in self.reached) or isinstance(each.what, Output):
                self._instruction(each, block)

    def _loop(self, loop: Loop, block: Block, depth: int) -> None:
        carried = [do for do in loop.body if isinstance(do, Do) and self._carries(do)]
        turn: Block = []
        for do in carried:
            for a, b in (("a", "b"), ("e", "h"))[: 1 + (do in self.flagged)]:
                self._declare(f"{b}{do.at}", block)
                turn += [Let(f"{a}{do.at}", Expression.of(f"{b}{do.at}")), Set(f"{b}{do.at}", Expression.of(0.0))]
                self.declared.add(f"{a}{do.at}")
        self._back(loop.body, turn, depth + 1)
        turn = _without_zeros(turn)
        self.declared -= {f"{name}{do.at}" for do in loop.body if isinstance(do, Do) for name in "ae"}
        if turn:
            block.append(For(TURNS[depth], loop.count, True, turn, loop.turns))
        for do in carried:
            first = self.un.carried[do]
            if first is not None and first in self.moving:
                x = self.un.analysis.at(first)
                self._gain(first, x, "turn", Expression.of(f"b{do.at}"), block)
                if first in self.flagged:
                    flag = Expression.of(f"h{do.at}" if do in self.flagged else 1.0)
                    self._gain(first, x, "turn", flag, block, flag=True)

    def _carries(self, do: Do) -> bool:
        return do in self.un.carried and do not in self.in_list and do in self.moving and do in self.reached

    def _instruction(self, do: Do, block: Block) -> None:
        g = self._arrived(do, block)
        if g is None:
            return
        for k, slope in self._passing(do):
            known: dict[Form, Do] = {}
            slope = replace(slope, form=self._with_known(do, slope.form, known))
            atoms: list[Atom] = [g, 0.0, *(0.0 for _ in do.operands), f"e{do.at}", *map(self._again, known.values())]
            if _reads(slope, 1):
                atoms[1] = self._again(do)
            for i in range(len(do.operands)):
                if _reads(slope, 2 + i):
                    atoms[2 + i] = self.un.atom(do, i, back=True)
            self._pass(do, k, slope, tuple(atoms), block)

    def _again(self, do: Do) -> Atom:
        """The value of an instruction of the turn that is now gone back."""
        if not self.loops[do]:
            return f"v{do.at}"
        self.un.kept.add(do)
        return Element("V", self.un.analysis.at(do))

    @cached_property
    def _known(self) -> dict[Any, Do]:
        """The instructions that call functions, by what they compute of what, in which loops."""
        found = {}
        for do, loops in self.loops.items():
            if isinstance(do.what, Op) and do.what.form is not None and not do.what.form.words <= _CHEAP:
                found[loops, _meaning(do.what.form, do.operands)] = do
        return found

    def _with_known(self, do: Do, form: Form, known: dict[Form, Do]) -> Form:
        """The form of a slope, with an operand behind the others for what the way forward has computed already."""
        if not form.parts or form.words <= _CHEAP:
            return form
        meaning = _meaning(form, (None, None, *do.operands))
        if meaning and (same := self._known.get((self.loops[do], meaning))):
            known[form] = same
            return operand(2 + len(do.operands) + 1 + list(known).index(form))
        parts = tuple([self._with_known(do, part, known) for part in form.parts])
        same_parts = all(new is old for new, old in zip(parts, form.parts, strict=True))
        return form if same_parts else Form(form.word, parts, form.leaf)

    def _arrived(self, do: Do, block: Block) -> Atom | None:
        """The adjoint of an instruction; None if nothing has arrived."""
        if isinstance(do.what, Output):
            return 1.0
        for name, place in (("a", "A"), ("e", "E"))[: 1 + (do in self.flagged)]:
            if do in self.in_list:
                element = Element(place, self.un.analysis.at(do))
                block += [Let(f"{name}{do.at}", Expression.of(element)), Store(element, Expression.of(0.0))]
                self.declared.add(f"{name}{do.at}")
        return f"a{do.at}" if f"a{do.at}" in self.declared else None

    def _pass(self, do: Do, k: int, slope: Slope, atoms: tuple[Atom, ...], block: Block) -> None:
        """What an instruction passes to its k-th operand; a flag of its own stands behind the other atoms."""
        x, read = do.operands[k], self.reads[do][k]
        flag = operand(2 + len(do.operands)) if do in self.flagged else None
        form = slope.form if flag is None or not self._risky(do, slope) else _gated(flag, slope.form)
        value = Expression(form, atoms)
        if x.kind == PARAMETER:
            if x.base in self._named and not any(x.strides):
                self.home[f"g{x.base}"] = self.around
                self._add(f"g{x.base}", value, block)
            else:
                block.append(Add(Element("g", x), value))
        elif read:
            self._gain(read.writers[0], x, read.way, value, block)
            if not self.flagged.isdisjoint(read.writers):
                flows = [each for each in (flag, slope.flows) if each is not None]
                form = Form("*", tuple(flows)) if len(flows) == 2 else flows[0] if flows else _ONE
                self._gain(read.writers[0], x, read.way, Expression(form, atoms), block, flag=True)

    def _gain(self, writer: Do, x: Place, way: str, value: Expression, block: Block, flag: bool = False) -> None:
        if writer in self.in_list or way == "list":
            block.append(Add(Element("E" if flag else "A", x), value))
        else:
            names = "eh" if flag else "ab"
            self._add(f"{names[way != 'turn']}{writer.at}", value, block)

    def _add(self, name: str, value: Expression, block: Block) -> None:
        """The first that is added declares the name, in the block that it belongs to."""
        if name in self.declared:
            block.append(Add(name, value))
        elif self.home[name] is block:
            self.declared.add(name)
            block.append(Let(name, value))
        else:
            self._declare(name, self.home[name])
            block.append(Add(name, value))

    def _declare(self, name: str, block: Block) -> None:
        if name not in self.declared:
            self.declared.add(name)
            block.append(Let(name, Expression.of(0.0)))


def _closed(found: set[Do], more: Callable[[set[Do]], Iterable[Do]]) -> set[Do]:
    """The set, grown by what `more` finds by it until that is nothing new."""
    before = -1
    while before < len(found):
        before = len(found)
        found.update(list(more(found)))
    return found


def _without_zeros(turn: Block) -> Block:
    """`b = 0` and later `b += x` as `b = x`: a sum less on the way from turn to turn, which is waited for."""
    cleared = {each.name: k for k, each in enumerate(turn) if isinstance(each, Set) and each.value == _CLEARED}
    gone = set()
    for k, each in enumerate(turn):
        if isinstance(each, For):
            for inner in statements(each.body):
                if isinstance(inner, Add) and isinstance(inner.target, str):
                    cleared.pop(inner.target, None)
        elif isinstance(each, Add) and isinstance(each.target, str) and each.target in cleared:
            gone.add(cleared.pop(each.target))
            turn[k] = Set(each.target, each.value)
    return [each for k, each in enumerate(turn) if k not in gone]


def _reads(slope: Slope, k: int) -> bool:
    return k in slope.form.operands or (slope.flows is not None and k in slope.flows.operands)


def _gated(flag: Form, form: Form) -> Form:
    return Form("where", (Form(">", (flag, _ZERO)), form, _ZERO))


_SEED = Slope(operand(0), None, True)


def _meaning(form: Form, operands: Sequence[Place | None]) -> Any:
    """What a form computes of which places, to be compared; None if it reads what is no operand."""
    if form.word == "operand":
        return operands[int(form.leaf)]
    parts = tuple([_meaning(part, operands) for part in form.parts])
    return None if None in parts or form.word == "args" else (form.word, form.leaf, *parts)


_CHEAP = {"+", "-", "*", "/", "negative", "abs", "sign", "square", "where", "number", "operand", *COMPARISONS}
_CLEARED = Expression.of(0.0)
_ZERO, _ONE = Form("number", leaf="0.0"), Form("number", leaf="1.0")
