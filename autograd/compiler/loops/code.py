"""The language of code: what every printer prints, one statement after the other.

A name holds a number of the turn, of the row or of the whole call, as the block says that declares it. What outlives
its turn is in a list: by the place of the instruction, `V` has values, `A` adjoints, and `E` whether any has arrived;
`x` has the inputs of the row, `p` the parameters, `g` their derivatives, `c` constants, `out` what f returns.

An expression is a form, and what stands for its operands: numbers, names and elements of lists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from autograd.compiler.loops.nest import Place
from autograd.compiler.scalar import Check
from autograd.forms import Form, operand

if TYPE_CHECKING:
    from autograd.compiler.printers.python import Module


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list, its index affine in the turns of the loops around."""

    list: str
    index: Place


Atom = str | float | Element


@dataclass(frozen=True, slots=True)
class Expression:
    """A form, and what stands for its operands."""

    form: Form
    atoms: tuple[Atom, ...]

    @classmethod
    def of(cls, atom: Atom) -> "Expression":
        return cls(_ITSELF, (atom,))


_ITSELF = operand(0)


@dataclass(slots=True)
class Let:
    """Declares a name: `name = value`."""

    name: str
    value: Expression


@dataclass(slots=True)
class Set:
    """Changes a name that a block around declares: `name = value`."""

    name: str
    value: Expression


@dataclass(slots=True)
class Add:
    """`target += value`: a name, or an element of a list."""

    target: str | Element
    value: Expression


@dataclass(slots=True)
class Store:
    """`element = value`."""

    target: Element
    value: Expression


@dataclass(slots=True)
class Guard:
    """Gives up the row, and says which guard, unless the two sides compare as they should."""

    number: int
    check: Check
    left: Atom
    right: Atom


@dataclass(slots=True, eq=False)
class For:
    """`body` for each turn from 0 to count − 1, or from the last to the first; or `turns` times, as of a `Loop`."""

    turn: str
    count: int
    backwards: bool
    body: "Block"
    turns: Place | None = None


@dataclass(slots=True)
class Rows:
    """`body` for each row of the batch; `totals` are names around it that it adds to."""

    body: "Block"
    totals: list[str]


Statement = Let | Set | Add | Store | Guard | For | Rows
Block = list[Statement]


@dataclass(frozen=True, eq=False)
class Code:
    """A program, up to the language it is written in.

    Attributes:
        block: the statements.
        inputs, outputs, parameters: how many numbers of a row, how many it gives, and how many parameters there are.
        values, adjoints, flags: the lengths of `V`, `A` and `E`. All of A and E is 0 before a call, and after it.
        constants: the list `c`.
        checks: the guards by number.
        shared: the places of `A` and `E` below this one belong to what is the same for all rows.
    """

    block: Block
    inputs: int
    outputs: int
    parameters: int
    values: int
    adjoints: int
    flags: int
    shared: int
    constants: Sequence[float]
    checks: Sequence[Check]
    gradient: bool

    def __str__(self) -> str:
        """As Python of floats."""
        return self.in_floats.text.rstrip()

    @cached_property
    def in_floats(self) -> "Module":
        """It in Python, of floats, for one row."""
        from autograd.compiler.printers.python import Module

        return Module(self, arrays=False)

    @cached_property
    def in_arrays(self) -> "Module":
        """It in Python, of arrays over the rows."""
        from autograd.compiler.printers.python import Module

        return Module(self, arrays=True)

    def verify(self) -> None:
        """Raise AssertionError unless names are declared before they are read, and places are in their lists."""
        _Verifier(self).block(self.block, {"loss"} if self.gradient else set(), ())

    def evaluate(self, inputs: Sequence[float], parameters: Sequence[float]) -> list[float]:
        """The loss and its gradient, or the outputs, of one row; raises `Broken` where a guard does not hold."""
        gradient = [0.0] * self.parameters
        loss, outputs = self.in_floats.run(1, inputs, list(parameters), gradient)
        return [loss, *gradient] if self.gradient else outputs


class _Verifier:
    """Walks over code with the names that are declared, block in block."""

    def __init__(self, code: Code) -> None:
        sizes = (code.inputs, code.parameters, code.parameters, code.values, code.adjoints, code.flags, code.outputs)
        self.sizes = dict(zip(("x", "p", "g", "V", "A", "E", "out"), sizes, strict=True), c=len(code.constants))

    def block(self, block: Block, names: set[str], loops: tuple[For, ...]) -> None:
        names = set(names)
        for each in block:
            match each:
                case For(body=body):
                    assert each.count > 0, "a loop without turns"
                    self.block(body, names, (*loops, each))
                case Rows(body, totals):
                    self.block(body, names, loops)
                    assert names.issuperset(totals), "a total of what is not declared"
                case Guard(left=left, right=right):
                    self.read(left, names, loops)
                    self.read(right, names, loops)
                case _:
                    self.statement(each, names, loops)

    def statement(self, each: "Let | Set | Add | Store", names: set[str], loops: tuple[For, ...]) -> None:
        for k in each.value.form.operands:
            self.read(each.value.atoms[k], names, loops)
        if isinstance(each, Let):
            assert each.name not in names, f"{each.name} is declared twice"
            names.add(each.name)
        else:
            self.read(each.name if isinstance(each, Set) else each.target, names, loops)

    def read(self, atom: Atom, names: set[str], loops: tuple[For, ...]) -> None:
        if isinstance(atom, str):
            assert atom in names, f"{atom} is not declared"
        elif isinstance(atom, Element):
            places = atom.index.over(loops)
            inside = not places.size or (places.min() >= 0 and places.max() < self.sizes[atom.list])
            assert inside, f"{atom.list}[{atom.index}] is beyond the list"


def statements(block: Block) -> Iterator[Statement]:
    """Every statement, those of loops included."""
    for each in block:
        yield each
        if isinstance(each, For | Rows):
            yield from statements(each.body)
