"""JAX of a program of loops: a pure function whose loops are `lax.fori_loop`, and what calls it.

`program(parameters, x)`, x of shape (rows, numbers of a row), gives the sum over the rows of the loss and its gradient;
or the outputs, of shape (rows, number of outputs), where there is no gradient. What one row does is the function `row`,
which `jax.vmap` makes one of all rows; what is the same for all of them stands around it.

A loop's body is a function from what it changes to what that is then: names around it that it sets or adds to, and the
lists V, A, E, g, out, whose elements XLA writes in place. Nothing can be raised from within: G has the first guard that
a row breaks (its number from 1 on, 0 if none) and its two sides, which `compared` gives and a call through the kernel
sees.
"""

import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from autograd.compiler.loops.code import (
    Add,
    Atom,
    Block,
    Code,
    Element,
    For,
    Guard,
    Let,
    Rows,
    Set,
    Statement,
    Store,
    statements,
)
from autograd.compiler.loops.nest import Place, index
from autograd.compiler.loops.rolled import Rolled, RolledKernel
from autograd.compiler.printers.jax_words import JaxWriter, function, load, module
from autograd.compiler.printers.python import Broken

Array = NDArray[Any]

_HELPERS = {  # the last one first in the text
    "noted": '''
def noted(G, number, found, wanted, left, right):
    """The first guard that a row breaks, and its two sides."""
    return jnp.where((found != wanted) & (G[0] == 0), joined(G, (number, left, right)), G)

''',
    "put": '''
def put(numbers, place, *given):
    """The list with the numbers given from a place on."""
    return lax.dynamic_update_slice(numbers, joined(numbers, given), (place,))

''',
    "added": '''
def added(numbers, place, *given):
    """The list with the numbers given added to it from a place on."""
    given = joined(numbers, given)
    there = lax.dynamic_slice(numbers, (place,), given.shape)
    return lax.dynamic_update_slice(numbers, there + given, (place,))

''',
    "joined": """
def joined(numbers, given):
    return jnp.stack([jnp.asarray(each, numbers.dtype) for each in given])

""",
}
_BACK = ("A", "E")  # the lists of the way back, which has those of each row and of what is shared
_GAP = 8  # numbers that are not added to, between two that are, at most

Places = dict[Place, list[str]]


class JaxPrinter(JaxWriter):
    """Writes a module that stands on its own and defines `program(p, x)`; and `compared(p, x)` if it has guards."""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = code
        self._changing = {each.name for each in statements(code.block) if isinstance(each, Set)}
        self._changing |= {x.target for x in statements(code.block) if isinstance(x, Add) and isinstance(x.target, str)}
        self._loops = 0
        self._counts: tuple[int, ...] = ()
        self._waiting: dict[str, Places] = {}

    def text(self) -> str:
        code, body = self.code, list(self.block(self.code.block))
        used = "\n".join(body)
        sizes = {
            "V": code.values,
            "A": code.shared,
            "E": code.shared,
            "G": 3,
            "out": code.outputs,
            "g": code.parameters,
        }
        top = ["p = jnp.asarray(p)", "dtype = p.dtype", "x = jnp.asarray(x, dtype)"]
        if re.search(r"\brows\b", used):
            top.append("rows = jnp.asarray(len(x), dtype)")
        if "c[" in used:
            numbers = ", ".join(map(self.number, code.constants))
            self.statics.append(textwrap.fill(f"numbers = [{numbers}]", 118, subsequent_indent="    "))
            top.append("c = jnp.asarray(numbers, dtype)")
        named = [name for name in sizes if re.search(rf"\b{name}\b", used) or (name == "g" and code.gradient)]
        top += [f"{name} = {_zeros(sizes[name])}" for name in named]
        if code.gradient:
            top.append("loss = jnp.zeros((), dtype)")
        result = "loss, g" if code.gradient else "out"
        if not code.checks:
            return self.module(function("program", "p, x", [*top, *body], result))
        shell = function("program", "p, x", ['"""Without what it compared."""'], "compared(p, x)[0]")
        return self.module(function("compared", "p, x", [*top, *body], f"({result}), G"), shell)

    def module(self, *functions: Sequence[str]) -> str:
        blocks = [*self.statics, *map("\n".join, functions)]
        for name, helper in _HELPERS.items():
            if any(re.search(rf"\b{name}\(", block) for block in blocks):
                blocks.insert(0, helper)
        return module(blocks)

    # --- Statements -------------------------------------------------------------------------------------------

    def block(self, block: Block) -> Iterator[str]:
        around, self._waiting = self._waiting, {}
        for each in block:
            yield from self._before(each)
            match each:
                case For():
                    yield from self._loop(each)
                case Rows():
                    yield from self._rows(each)
                case Guard(number, check, left, right):
                    a, b = self.atom(left), self.atom(right)
                    yield f"G = noted(G, {number + 1}, {a} {check.sign} {b}, {check.outcome}, {a}, {b})"
                case _:
                    yield from self._statement(each)
        yield from self._stored(*self._waiting)
        self._waiting = around

    def _statement(self, each: Let | Set | Add | Store) -> Iterator[str]:
        if _cleared(each):
            return
        lines, text = self.expression(each.value)
        yield from lines
        match each:
            case Let(name) | Set(name):
                yield f"{name} = {text}"
            case Add(str() as name):
                yield f"{name} = {name} + {text}"
            case Add(Element() as target) | Store(target):
                if text in self._changing or not text.isidentifier():
                    yield f"{(name := self.fresh())} = {text}"
                    text = name
                places = self._waiting.setdefault(target.list, {})
                places[target.index] = [*(places.get(target.index, []) if isinstance(each, Add) else []), text]

    # --- Lists: what a block writes waits until it is read, so that neighbours are written at once ---------------

    def _before(self, each: Statement) -> Iterator[str]:
        """Writes what a statement reads."""
        if isinstance(each, Rows):
            yield from self._stored(*self._waiting)
        if isinstance(each, For):
            yield from self._stored(*(name for name in self._waiting if name in _lists(each.body)))
        if isinstance(each, For | Rows):
            return
        for element in _elements(each):
            waiting = self._waiting.get(element.list, {})
            if not all(apart(place, element.index, self._counts) for place in waiting):
                yield from self._stored(element.list)

    def _stored(self, *names: str) -> Iterator[str]:
        for name in names:
            waiting = self._waiting.pop(name)
            verb, gap = ("added", _GAP) if name in ("A", "E", "g") else ("put", 0)
            for place, given in runs(waiting, gap):
                yield f"{name} = {verb}({name}, {index(place)}, {', '.join(given)})"

    def _loop(self, loop: For) -> Iterator[str]:
        names = _changed(loop.body)
        if not names:
            return
        carried, self._loops = ", ".join(names), self._loops + 1
        turn = f"turn{self._loops}"
        count = index(loop.turns) if loop.turns else str(loop.count)
        last = f"{count} - 1" if loop.turns else str(loop.count - 1)
        top = [f"{loop.turn} = {last} - {loop.turn}"] if loop.backwards else []
        if len(names) > 1:
            top.append(f"{carried} = carried")
        taken = "carried" if len(names) > 1 else carried
        self._counts = *self._counts, loop.count
        yield from function(turn, f"{loop.turn}, {taken}", [*top, *self.block(loop.body)], carried)
        self._counts = self._counts[:-1]
        yield f"{carried} = lax.fori_loop(0, {count}, {turn}, ({carried}))"

    def _rows(self, rows: Rows) -> Iterator[str]:
        """What one row does, and the sums over them of what they add to; V, G and out begin as they are around."""
        changed = _changed(rows.body)
        own = [name for name in ("V", "G", "out") if name in changed]
        added = [name for name in changed if name not in own and (name not in _BACK or self.code.shared)]
        given = [*(["G"] if self.code.checks else []), *([] if self.code.gradient else ["out"])]
        if not added and not given:
            return
        sizes = {"A": self.code.adjoints, "E": self.code.flags, "g": self.code.parameters}
        zeros = [f"{name} = {_zeros(sizes.get(name, ()))}" for name in changed if name not in own]
        body = [*zeros, *self.block(rows.body)]
        results = [f"{name}[:{self.code.shared}]" if name in _BACK else name for name in added]
        heads = ", ".join(["x", *(f"{name}={name}" for name in own)])
        yield from function("row", heads, body, f"{', '.join([*results, *given])},")
        yield f"{', '.join([*(f'{name}_of_rows' for name in added), *given])}, = jax.vmap(row)(x)"
        for name in added:
            yield f"{name} = {name} + jnp.sum({name}_of_rows, axis=0)"


def _zeros(size: int | tuple[int, ...]) -> str:
    return f"jnp.zeros({size}, dtype)"


def _cleared(each: Statement) -> bool:
    """Whether it leaves a 0 in A or E for the next call, which has lists of its own here."""
    return isinstance(each, Store) and each.target.list in _BACK


def _changed(block: Block) -> list[str]:
    """The names and lists around a block that it changes, in the order of their first change."""
    own, found = set[str](), dict[str, None]()
    for each in block:
        match each:
            case _ if _cleared(each):
                pass
            case Let(name):
                own.add(name)
            case Set(name) | Add(str() as name) | Add(Element(name)) | Store(Element(name)):
                found[name] = None
            case Guard():
                found["G"] = None
            case For(body=body) | Rows(body=body):
                found.update(dict.fromkeys(_changed(body)))
    return [name for name in found if name not in own]


def _lists(block: Block) -> set[str]:
    """The lists that a block reads or changes."""
    plain = [each for each in statements(block) if not isinstance(each, For | Rows)]
    written = {each.target.list for each in plain if isinstance(each, Store)}
    return written.union(element.list for each in plain for element in _elements(each))


def _elements(each: Let | Set | Add | Store | Guard) -> list[Element]:
    """The elements that a statement reads, or adds to."""
    atoms: list[Atom] = [each.left, each.right] if isinstance(each, Guard) else [*each.value.atoms]
    return [atom for atom in atoms if isinstance(atom, Element)]


def apart(a: Place, b: Place, counts: Sequence[int]) -> bool:
    """Whether two places of a list are never the same."""
    if a.strides == b.strides:
        return a.base != b.base
    (low, high), (lowest, highest) = (place.ends(counts) for place in (a, b))
    return high < lowest or highest < low


def runs(waiting: Places, gap: int) -> Iterator[tuple[Place, list[str]]]:
    """Neighbours together, with the place of the first; 0 stands in gaps of at most this size."""
    order = sorted(waiting, key=lambda place: (place.strides, place.base))
    first, given = order[0], list[str]()
    for place in order:
        missing = place.base - first.base - len(given)
        if place.strides != first.strides or missing > gap:
            yield first, given
            first, given, missing = place, [], 0
        given += [*["0.0"] * missing, " + ".join(waiting[place])]
    yield first, given


class JaxLoops(RolledKernel):
    """A program of loops in JAX, which compiles it once for each number of rows.

    Attributes:
        pure: the program, not jitted: `(parameters, x) -> (loss, gradient)`, the sums over the rows of x, which has the
            shape (rows, numbers of a row); or `(parameters, x) -> outputs`, (rows, number of outputs).
        text: the module that defines it.
    """

    def __init__(self, rolled: Rolled, differentiate: bool, check: bool = False, dtype: str = "float64") -> None:
        super().__init__(rolled, differentiate, check)
        self.dtype = np.dtype(dtype)
        self.text = JaxPrinter(self.code).text()
        space = load(self.text)
        self.pure = space["program"]
        self._jitted = jax.jit(space["compared" if self.code.checks else "program"])

    def function(self, theta: Any, *arguments: Any, mean: bool = True) -> Any:
        """The program of its arguments, each with the rows first: the mean or the sum of the losses; or the outputs."""
        x = jnp.concatenate([jnp.reshape(each, (len(each), -1)) for each in arguments], axis=1)
        if not self.code.gradient:
            return self.pure(theta, x)
        loss, gradient = self.pure(theta, x)
        return (loss / len(x), gradient / len(x)) if mean else (loss, gradient)

    @property
    def block(self) -> int:
        """All rows at once: XLA compiles for each number of them."""
        return sys.maxsize

    def values(self, theta: Array, inputs: Sequence[Array], columns: int) -> Array:
        return super().values(theta, inputs, columns).astype(self.dtype, copy=False)

    def followed(self, theta: Array, inputs: Sequence[Array], columns: int) -> tuple[Array, NDArray[np.intp]]:
        found, broken = super().followed(theta, inputs, columns)
        return found.astype(self.dtype, copy=False), broken

    def loss_and_gradient(self, theta: Array, inputs: Sequence[Array], columns: int, mean: bool) -> tuple[float, Array]:
        loss, gradient = super().loss_and_gradient(theta, inputs, columns, mean)
        return loss, gradient.astype(self.dtype, copy=False)

    def _values(self, theta: Array, x: Array) -> Array:
        return self._result(theta, x)

    def _swept(self, theta: Array, x: Array) -> tuple[float, Array]:
        loss, gradient = self._result(theta, x)
        return float(loss), gradient

    def _followed(self, theta: Array, x: Array) -> tuple[Array, NDArray[np.intp]]:
        if not self.code.checks:
            return self._result(theta, x), np.full(len(x), -1)
        found, first = self._called(theta, x)
        numbers = np.atleast_2d(first)[:, 0].astype(np.intp) - 1
        return found, np.broadcast_to(numbers, len(x))

    def _called(self, theta: Array, x: Array) -> Any:
        with jax.enable_x64(self.dtype == np.float64):
            found = self._jitted(theta.astype(self.dtype), x.astype(self.dtype))
        return jax.tree.map(np.asarray, found)

    def _result(self, theta: Array, x: Array) -> Any:
        found = self._called(theta, x)
        if not self.code.checks:
            return found
        result, first = found
        broken = np.atleast_2d(first)
        if (rows := np.flatnonzero(broken[:, 0])).size:
            number, left, right = broken[rows[0]].tolist()
            raise Broken(int(number) - 1, int(rows[0]), left, right)
        return result
