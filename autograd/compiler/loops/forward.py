"""The way forward: from a nest to the code that computes, and what each number is held in.

A value that only its own turn reads is a name, `v`. One that the next turn reads, or what comes after the loop, is a
name around the loop too (`c`: carried). Everything else is in the list `V`, and so is what the reverse sweep reads of
a turn that is over.
"""

from collections.abc import Iterator, Sequence

from autograd.compiler.loops.code import Add, Atom, Block, Code, Element, Expression, For, Guard, Let, Rows, Set, Store
from autograd.compiler.loops.dataflow import Dataflow
from autograd.compiler.loops.nest import TURNS, Do, Loop, Nest, Place, walk
from autograd.compiler.scalar import CONSTANT, INPUT, Check, Output
from autograd.compiler.slopes import Builder
from autograd.forms import Form, operand
from autograd.operation import Op


def compute(nest: Nest) -> Code:
    """The statements that compute the outputs of each row."""
    forward = Forward(nest)
    return forward.code([*forward.block(nest.shared), Rows(forward.block(nest.rows), [])])


class Forward:
    """Writes what computes a nest.

    Args:
        differentiate: the output is a loss, which is added up over the rows.

    Attributes:
        kept: values that are in V: those read by place, and those that the way back reads, which is written first.
    """

    def __init__(self, nest: Nest, differentiate: bool = False) -> None:
        self.nest, self.flow, self._differentiate = nest, Dataflow(nest), differentiate
        self.loops, self.reads = self.flow.loops, self.flow.reads
        self.kept = set(self.flow.in_list)
        self._checks: list[Check] = []

    def code(self, block: Block, adjoints: int = 0, flags: int = 0) -> Code:
        """The program of these statements."""
        nest = self.nest
        return Code(
            block,
            inputs=nest.inputs,
            outputs=0 if self._differentiate else nest.size - self.flow.first_output,
            parameters=nest.parameters,
            values=nest.size if self.kept else 0,
            adjoints=adjoints,
            flags=flags,
            shared=min([do.at for do, _ in walk(nest.rows)], default=nest.size),
            constants=nest.numbers,
            checks=self._checks,
            gradient=self._differentiate,
        )

    def block(self, body: Sequence[Do | Loop], depth: int = 0) -> Block:
        """The statements of a body, as deep in loops."""
        block: Block = []
        for each in body:
            block += self._loop(each, depth) if isinstance(each, Loop) else self._instruction(each)
        return block

    def _loop(self, loop: Loop, depth: int) -> Iterator[Let | For]:
        carried = [do for do in loop.body if isinstance(do, Do) and do in self.flow.carried]
        for do in carried:
            first = self.flow.carried[do]
            yield Let(f"c{do.at}", Expression.of(0.0 if first is None else f"v{first.at}"))
        turn = self.block(loop.body, depth + 1)
        turn += [Set(f"c{do.at}", Expression.of(f"v{do.at}")) for do in carried]
        yield For(TURNS[depth], loop.count, False, turn, loop.turns)

    def _instruction(self, do: Do) -> Iterator[Let | Store | Add | Guard]:
        atoms = tuple([self.atom(do, k) for k in range(len(do.operands))])
        if isinstance(do.what, Check):
            self._checks.append(do.what)
            yield Guard(len(self._checks) - 1, do.what, *atoms)
        elif isinstance(do.what, Output):
            value = Expression.of(atoms[0])
            yield Add("loss", value) if self._differentiate else Store(Element("out", self.flow.output(do)), value)
        else:
            yield Let(f"v{do.at}", Expression(_form(do.what, len(atoms)), atoms))
            if do in self.kept:
                yield Store(Element("V", self.flow.at(do)), Expression.of(f"v{do.at}"))

    # --- What stands for an operand ---------------------------------------------------------------------------

    def atom(self, do: Do, k: int) -> Atom:
        """The k-th operand of an instruction, as its turn reads it."""
        x, read = do.operands[k], self.reads[do][k]
        if read is None:
            return self._source(x)
        if read.way == "list":
            return Element("V", x)
        return f"{'v' if read.way == 'turn' else 'c'}{read.writers[0].at}"

    def atom_again(self, do: Do, k: int) -> Atom:
        """The k-th operand of an instruction on the way back, when the turn is over: from V, or a name around it."""
        x, read = do.operands[k], self.reads[do][k]
        if read is None:
            return self._source(x)
        depth = len(self.loops[read.writers[0]])
        if (read.way, depth) in (("turn", 0), ("after", 1)):
            return self.atom(do, k)
        self.kept.update(read.writers)
        return Element("V", x)

    def value_again(self, do: Do) -> Atom:
        """What an instruction has computed, on the way back."""
        if not self.loops[do]:
            return f"v{do.at}"
        self.kept.add(do)
        return Element("V", self.flow.at(do))

    def _source(self, x: Place) -> Atom:
        if x.kind == CONSTANT:
            return Element("c", x) if any(x.strides) else self.nest.numbers[x.base]
        return Element("x" if x.kind == INPUT else "p", x)


def _form(op: Op, count: int) -> Form:
    return Builder().applied(op, [operand(k) for k in range(count)])
