"""How languages with braces, C and JavaScript, write the statements of code."""

import re
from collections.abc import Iterator

from autograd.compiler.loops.code import Add, Block, Code, For, Guard, Let, Rows, Set, Store
from autograd.compiler.loops.nest import index
from autograd.compiler.printers.expressions import Writer, bare


class Braces(Writer):
    """The base of their printers.

    Attributes:
        counter: what declares the turns of a loop.
    """

    counter = "size_t"
    code: Code

    def row(self) -> dict[str, str]:
        """What a row that names its inputs, or its outputs, begins with."""
        raise NotImplementedError

    def given_up(self, guard: int, left: str, right: str) -> str:
        """What is done where a guard does not hold."""
        raise NotImplementedError

    def block(self, block: Block, depth: int) -> Iterator[str]:
        indent = "  " * depth
        for each in block:
            match each:
                case For(turn, count, backwards, body, turns):
                    stop = index(turns) if turns else count
                    head = f"{turn} = {stop}; {turn}-- > 0;" if backwards else f"{turn} = 0; {turn} < {stop}; {turn}++"
                    yield f"{indent}for ({self.counter} {head}) {{"
                    yield from self.block(body, depth + 1)
                    yield f"{indent}}}"
                case Rows(body, _):
                    inner = "\n".join(self.block(body, depth + 1))
                    yield f"{indent}for (; row < rows; row++) {{"
                    yield from [f"{indent}  {line}" for name, line in self.row().items() if names(inner, name)]
                    yield inner
                    yield f"{indent}}}"
                case Guard(n, check, left, right):
                    a, b = self.atom(left), self.atom(right)
                    holds = f"{a} {check.sign} {b}"
                    test = f"!({holds})" if check.outcome else holds
                    yield f"{indent}if ({test}) {{ {self.given_up(n, a, b)} }}"
                case _:
                    yield from self.statement(each, indent)

    def statement(self, each: Let | Set | Add | Store, indent: str) -> Iterator[str]:
        lines, text = self.expression(each.value)
        yield from (indent + line for line in lines)
        text = bare(text)
        match each:
            case Let(name):
                yield f"{indent}{self.declared(name, text)}"
            case Set(name):
                yield f"{indent}{name} = {text};"
            case Add(target):
                yield f"{indent}{self.atom(target)} += {text};"
            case Store(target):
                yield f"{indent}{self.atom(target)} = {text};"


def names(text: str, name: str) -> bool:
    """Whether a text has this name in it."""
    return re.search(rf"\b{name}\b", text) is not None
