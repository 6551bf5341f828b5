"""The language of code: what every printer prints, one statement after the other.

A name holds a number of the turn, of the row or of the whole call, as the block says that declares it. What outlives
its turn is in a list: by the place of the instruction, `V` has values, `A` adjoints, and `E` whether any has arrived;
`x` has the inputs of the row, `p` the parameters, `g` their derivatives, `c` constants, `out` what f returns.

An expression is a form, and what stands for its operands: numbers, names and elements of lists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd.compiler.nest import Place
from autograd.compiler.scalar import Check
from autograd.forms import Form, operand


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list, its index affine in the turns of the loops around."""

    list: str
    index: Place


Atom = str | float | Element


@dataclass(frozen=True, slots=True)
class Expression:
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


def statements(block: Block) -> Iterator[Statement]:
    """Every statement, those of loops included."""
    for each in block:
        yield each
        if isinstance(each, For | Rows):
            yield from statements(each.body)
