"""The way back: the reverse sweep of a nest, which is the program backwards.

The same loops from the last turn to the first, and in each turn what the rules pass on. An adjoint is held as its value
is: in a name `a`, a name around the loop `b`, or the list `A`. So is whether anything has arrived, where that has to be
known: `e`, `h`, `E`. What rules call functions for, whatever arrives, stands at the head of the turn, in `d`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

from autograd.compiler.loops.activity import Activity
from autograd.compiler.loops.code import (
    Add,
    Atom,
    Block,
    Code,
    Element,
    Expression,
    For,
    Let,
    Rows,
    Set,
    Store,
    statements,
)
from autograd.compiler.loops.dataflow import Dataflow
from autograd.compiler.loops.forward import Forward
from autograd.compiler.loops.nest import TURNS, Do, Loop, Nest, Place
from autograd.compiler.scalar import PARAMETER, Output
from autograd.compiler.slopes import CHEAP, Slope, meaning, recalled, with_parts
from autograd.forms import Form, operand
from autograd.operation import Op

_NAMES = 64  # parameters whose derivatives are added up in names; if there are more, in the list
_ZERO, _ONE = Form("number", leaf="0.0"), Form("number", leaf="1.0")
_CLEARED = Expression.of(0.0)


def differentiate(nest: Nest) -> Code:
    """The statements that compute the sums over the rows of the output, of which there is one, and of its gradient.

    Raises:
        NotCompilable: a rule cannot be written down.
    """
    forward = Forward(nest, differentiate=True)
    return _Reverse(forward).code()


class _Holder(NamedTuple):
    """What holds a number on the way back: a name of its turn, one around the loop, or an element of a list."""

    name: str
    around: str
    list: str


_ADJOINT, _FLAG = _Holder("a", "b", "A"), _Holder("e", "h", "E")


class _Sums:
    """Names that are added to. Each belongs to a block, and is declared there by what is added first."""

    def __init__(self) -> None:
        self.home: dict[str, Block] = {}
        self.declared: set[str] = set()

    def add(self, name: str, value: Expression, block: Block) -> None:
        if name not in self.declared and self.home[name] is block:
            self.let(name, value)
        else:
            self.declare(name)
            block.append(Add(name, value))

    def declare(self, name: str) -> None:
        if name not in self.declared:
            self.let(name, _CLEARED)

    def let(self, name: str, value: Expression) -> None:
        self.declared.add(name)
        self.home[name].append(Let(name, value))

    def of(self, block: Block) -> list[str]:
        """The names that this block declares."""
        return sorted(name for name in self.declared if self.home[name] is block)


class _Reverse:
    """The reverse sweep of a nest with one output."""

    def __init__(self, forward: Forward) -> None:
        self.forward, self.nest, self.flow = forward, forward.nest, forward.flow
        self.activity = Activity(self.flow)
        self.known = _calls(self.flow)
        self.sums, self.around = _Sums(), Block()
        self.head: dict[str, Let] | None = None  # of the turn; None outside of loops, where no turn waits
        self._numbers = count()
        fixed = {x.base for do in self.flow.loops for x in do.operands if x.kind == PARAMETER and not any(x.strides)}
        self.named = sorted(fixed) if len(fixed) <= _NAMES else []
        self.sums.home.update({f"g{k}": self.around for k in self.named})

    def code(self) -> Code:
        """The program, forwards and then backwards; what is the same for all rows around the rows."""
        rows: Block = []
        self._open(self.nest.shared, self.around)
        self._open(self.nest.rows, rows)
        self._back(self.nest.rows, rows, 0)
        split, totals = len(self.around), self.sums.of(self.around)
        self._back(self.nest.shared, self.around, 0)
        for k in self.named:
            if f"g{k}" in self.sums.declared:
                self.around.append(Add(Element("g", Place(PARAMETER, k, ())), Expression.of(f"g{k}")))
        top, body = self.forward.block(self.nest.shared), self.forward.block(self.nest.rows)
        block = [*top, *self.around[:split], Rows([*body, *rows], totals), *self.around[split:]]
        in_list = self.activity.in_list
        flags = self.nest.size if in_list & self.activity.flagged else 0
        return self.forward.code(block, self.nest.size if in_list else 0, flags)

    def _open(self, body: Sequence[Do | Loop], block: Block) -> None:
        """The names of this body's adjoints belong to this block."""
        for each in body:
            if isinstance(each, Do):
                self.sums.home.update({f"{holder.name}{each.at}": block for holder in (_ADJOINT, _FLAG)})
            else:
                inside = [do.at for do in each.body if isinstance(do, Do)]
                self.sums.home.update({f"{holder.around}{at}": block for at in inside for holder in (_ADJOINT, _FLAG)})

    def _back(self, body: Sequence[Do | Loop], block: Block, depth: int) -> None:
        for each in reversed(body):
            if isinstance(each, Loop):
                self._loop(each, block, depth)
            elif each in self.activity.active:
                self._instruction(each, block)

    # --- Loops ------------------------------------------------------------------------------------------------

    def _loop(self, loop: Loop, block: Block, depth: int) -> None:
        carried = [do for do in loop.body if isinstance(do, Do) and self._is_carried(do)]
        turn: Block = []
        self._open(loop.body, turn)
        for do in carried:
            self._hand_on(do, turn)
        around, self.head = self.head, {}
        self._back(loop.body, turn, depth + 1)
        turn, self.head = [*self.head.values(), *turn], around
        if turn := _without_zeros(turn):
            block.append(For(TURNS[depth], loop.count, True, turn, loop.turns))
        for do in carried:
            self._leave(do, block)

    def _is_carried(self, do: Do) -> bool:
        return do in self.flow.carried and do not in self.activity.in_list and do in self.activity.active

    def _hand_on(self, do: Do, turn: Block) -> None:
        """At the start of a turn: what later turns have passed to it is its own; what it passes on begins at 0."""
        for name, around, _ in self._holders(do):
            self.sums.declare(f"{around}{do.at}")
            self.sums.let(f"{name}{do.at}", Expression.of(f"{around}{do.at}"))
            turn.append(Set(f"{around}{do.at}", _CLEARED))

    def _leave(self, do: Do, block: Block) -> None:
        """Behind the first turn: what is left is for what stood there before it."""
        first = self.flow.carried[do]
        if first is None or first not in self.activity.active:
            return
        for holder in self._holders(first):
            left = f"{holder.around}{do.at}" if holder in self._holders(do) else 1.0
            self._gain(holder, first, self.flow.at(first), "turn", Expression.of(left), block)

    def _holders(self, do: Do) -> Sequence[_Holder]:
        return (_ADJOINT, _FLAG) if do in self.activity.flagged else (_ADJOINT,)

    # --- Instructions -----------------------------------------------------------------------------------------

    def _instruction(self, do: Do, block: Block) -> None:
        g = self._arrived(do, block)
        if g is None:
            return
        for k, slope in self.activity.passing(do):
            found, operands, loops = list[Do](), (None, None, *do.operands, None), self.flow.loops[do]
            form = recalled(slope.form, operands, lambda what, loops=loops: self.known.get((loops, what)), found)
            slope = replace(slope, form=form)
            again = map(self.forward.value_again, found)
            self._pass(do, k, slope, [g, *self._atoms(do, slope), f"e{do.at}", *again], block)

    def _arrived(self, do: Do, block: Block) -> Atom | None:
        """The adjoint of an instruction; None if nothing has arrived."""
        if isinstance(do.what, Output):
            return 1.0
        if do in self.activity.in_list:
            for name, _, name_of_list in self._holders(do):
                element = Element(name_of_list, self.flow.at(do))
                self.sums.let(f"{name}{do.at}", Expression.of(element))
                block.append(Store(element, _CLEARED))
        return f"a{do.at}" if f"a{do.at}" in self.sums.declared else None

    def _atoms(self, do: Do, slope: Slope) -> Iterator[Atom]:
        """What a slope reads on the way back: the value and the operands."""
        yield self.forward.value_again(do) if slope.reads(1) else 0.0
        for k in range(len(do.operands)):
            yield self.forward.atom_again(do, k) if slope.reads(2 + k) else 0.0

    def _pass(self, do: Do, k: int, slope: Slope, atoms: list[Atom], block: Block) -> None:
        """What an instruction passes to its k-th operand; a flag of its own stands behind the other atoms."""
        x, read = do.operands[k], self.flow.reads[do][k]
        flag = operand(2 + len(do.operands)) if do in self.activity.flagged else None
        if flag and self.activity.is_risky(do, slope):
            form = _gated(flag, slope.form)
        else:
            form = self._ahead(slope.form, atoms, {0, 2 + len(do.operands)})
        value = Expression(form, tuple(atoms))
        if x.kind == PARAMETER:
            if x.base in self.named and not any(x.strides):
                self.sums.add(f"g{x.base}", value, block)
            else:
                block.append(Add(Element("g", x), value))
        elif read:
            self._gain(_ADJOINT, read.writers[0], x, read.way, value, block)
            if not self.activity.flagged.isdisjoint(read.writers):
                flows = Expression(_both(flag, slope.flows), tuple(atoms))
                self._gain(_FLAG, read.writers[0], x, read.way, flows, block)

    def _ahead(self, form: Form, atoms: list[Atom], arriving: set[int]) -> Form:
        """The form, with a name at the head of the turn for each call in it that does not wait for what arrives."""
        if self.head is None or form.words <= CHEAP:
            return form
        if arriving.isdisjoint(read := form.operands):
            value = Expression(form, tuple([atom if k in read else 0.0 for k, atom in enumerate(atoms)]))
            let = self.head.setdefault(repr(value), Let(f"d{next(self._numbers)}", value))
            atoms.append(let.name)
            return operand(len(atoms) - 1)
        if form.word == "where":  # floats compute one of its parts, and the other may raise
            return form
        return with_parts(form, [self._ahead(part, atoms, arriving) for part in form.parts])

    def _gain(self, holder: _Holder, writer: Do, x: Place, way: str, value: Expression, block: Block) -> None:
        """Add to the adjoint, or the flag, of what is read in this way at this place."""
        if writer in self.activity.in_list or way == "list":
            block.append(Add(Element(holder.list, x), value))
        else:
            self.sums.add(f"{holder.name if way == 'turn' else holder.around}{writer.at}", value, block)


def _gated(flag: Form, form: Form) -> Form:
    return Form("where", (Form(">", (flag, _ZERO)), form, _ZERO))


def _both(flag: Form | None, flows: Form | None) -> Form:
    """Whether something flows: as much as has arrived, times what the rule says; None for always."""
    factors = tuple([each for each in (flag, flows) if each is not None])
    return Form("*", factors) if len(factors) == 2 else factors[0] if factors else _ONE


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


def _calls(flow: Dataflow) -> dict[Any, Do]:
    """The calls of functions on the way forward, by the loops around and what they compute of what."""
    made = dict[Any, Do]()
    for do, loops in flow.loops.items():
        if isinstance(do.what, Op) and do.what.form is not None and not do.what.form.words <= CHEAP:
            made[loops, meaning(do.what.form, do.operands)] = do
    return made
