"""The numba backend: the steps as plain loops over the arenas, compiled to machine code.

Products of matrices are unrolled and tiled by hand, for the compiler does not exchange loops; the innermost loop is
over the rows of the batch, and becomes vector instructions. Instructions that repeat themselves with their places
moving evenly, as in a recurrence, are rolled up into a loop.
"""

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count as counter
from typing import Any

import numba
import numpy as np

from autograd.compiler.kernel import Kernel
from autograd.compiler.layout import Inner, Instruction, Map, Operand, Pack, Plan, Product, View
from autograd.compiler.lowering import Lowered
from autograd.compiler.writing import code_of, form_of, literal, title
from autograd.errors import NotCompilable
from autograd.forms import ARITY, REDUCTIONS, SPECIAL, Form, operand
from autograd.operation import Op

_WHOLE = 20  # summands of a product that are written out; of longer ones so many at a time:
_UNROLL = 8
_SPECIAL = {"erf": math.erf, "erfc": math.erfc, "gammaln": math.lgamma}
_REDUCTIONS = {
    "max": ("-np.inf", "maximum({0}, {1})"),
    "min": ("np.inf", "minimum({0}, {1})"),
    "sum": ("0.0", "{0} + {1}"),
    "prod": ("1.0", "{0} * {1}"),
}
_PERIOD, _TURNS = 12, 4  # instructions in the body of a loop, at most; turns for which a loop is made, at least
_FAST = {"reassoc", "contract", "nsz"}  # sums in any order; nan and infinity keep their meaning


@numba.njit(inline="always")
def maximum(a: float, b: float) -> float:
    """np.maximum, without a branch: nan if either is."""
    return a if (a > b) | (a != a) else b


@numba.njit(inline="always")
def minimum(a: float, b: float) -> float:
    """np.minimum, without a branch: nan if either is."""
    return a if (a < b) | (a != a) else b


def make(lowered: Lowered, arguments: list[tuple[str, int]], parameters: int, dtype: str) -> tuple[str, Kernel]:
    """The text of the program and its kernel."""
    text, names = _Writer(lowered.plan).write()
    run = _compiled(text, tuple(names.items()), dtype)

    def bind(rows: Any, fixed: Any) -> Any:
        return functools.partial(run, rows, fixed)

    return text, Kernel(lowered, bind, [size for _, size in arguments], parameters, dtype, quiet=True)


@functools.lru_cache(maxsize=64)
def _compiled(text: str, names: tuple[tuple[str, Op | bytes], ...], dtype: str) -> Any:
    """The machine code of a program; the same text with the same operations and places is compiled once."""
    space: dict[str, Any] = {"np": np, "maximum": maximum, "minimum": minimum, **_SPECIAL}
    for name, meant in names:
        space[name] = numba.njit(meant.forward) if isinstance(meant, Op) else np.frombuffer(meant, dtype=np.intp)
    exec(code_of(text, "numba program"), space)
    number = numba.from_dtype(np.dtype(dtype))
    signature = numba.void(number[:, ::1], number[::1])
    try:
        return numba.njit(signature, fastmath=_FAST, error_model="numpy", nogil=True)(space.pop("program"))
    except Exception as error:  # numba's own, and not all of them have a base in common
        named = ", ".join(meant.name for _, meant in names if isinstance(meant, Op))
        if not named:
            raise
        raise NotCompilable(
            f"compile(backend='numba'): numba cannot compile {named}. An operation can say how it is "
            f"written: primitive(…, form=lambda f, x: f.sin(x)); or use backend='numpy'. Numba says: {error}"
        ) from None


def rolled(instructions: Sequence[Instruction]) -> Iterator[tuple[int, int, int, list[tuple[View, int]]]]:
    """The instructions as loops: first, number in the body, turns, and how far each view of the body moves in a turn.

    What does not repeat itself is a body of one that is run once.
    """
    shapes = [_shape(each) for each in instructions]
    bases = [tuple(view.base for view in _views(each)) for each in instructions]
    start = 0
    while start < len(instructions):
        period, times = max(
            ((period, _turns(shapes, bases, start, period)) for period in range(1, _PERIOD + 1)),
            key=lambda found: (found[0] * found[1] if found[1] >= _TURNS else 1, -found[0]),
        )
        if times < _TURNS:
            period, times = 1, 1
        body = instructions[start : start + period]
        second = bases[start + period : start + 2 * period] if times > 1 else bases[start : start + 1]
        moves = [
            (view, after - view.base)
            for each, next_bases in zip(body, second, strict=True)
            for view, after in zip(_views(each), next_bases, strict=True)
        ]
        yield start, period, times, moves
        start += period * times


def _turns(shapes: list[Any], bases: list[tuple[int, ...]], start: int, period: int) -> int:
    """How often the instructions from `start` repeat themselves with that period, their places moving evenly."""
    if start + period > len(shapes):
        return 0
    turns, moves = 1, None
    while shapes[start : start + period] == shapes[start + turns * period : start + (turns + 1) * period]:
        here = [base for each in bases[start + (turns - 1) * period : start + turns * period] for base in each]
        there = [base for each in bases[start + turns * period : start + (turns + 1) * period] for base in each]
        move = [after - before for before, after in zip(here, there, strict=True)]
        if moves is not None and move != moves:
            break
        moves, turns = move, turns + 1
    return turns


def _views(instruction: Instruction) -> list[View]:
    if isinstance(instruction, Map):
        return [instruction.out, *(x for x in instruction.operands if isinstance(x, View))]
    if isinstance(instruction, Pack):
        return [instruction.out]
    return [instruction.out, instruction.left, instruction.right]


def _shape(instruction: Instruction) -> Any:
    """All of an instruction but its places."""
    if isinstance(instruction, Pack):
        return id(instruction)
    views = [(view.in_rows, view.shape, view.strides) for view in _views(instruction)]
    if isinstance(instruction, Map):
        literals = [None if isinstance(x, View) else x for x in instruction.operands]
        return instruction.what, literals, views
    return type(instruction), getattr(instruction, "total", False), views


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lines: list[str] = []
        self.constants: dict[str, Op | bytes] = {}  # operations to compile and places, by name
        self.names = counter(1)
        self.moves: dict[int, tuple[str, int]] = {}  # views that go on by so many places with each turn of a loop

    def write(self) -> tuple[str, dict[str, Op | bytes]]:
        instructions = self.plan.instructions
        before = [each for each in instructions if not _in_block(each)]
        block = [each for each in instructions if _in_block(each)]
        self._all(before, 1)
        for each in block:
            if isinstance(each, Product) and each.total:
                self._loops(each.out, 1, lambda place: f"{place} = 0.0")
        if block:
            self.lines.append("    columns = rows.shape[1]")
            self._all(block, 1)
        return "\n".join(["def program(rows, fixed):", *(self.lines or ["    pass"]), ""]), self.constants

    def _all(self, instructions: Sequence[Instruction], depth: int) -> None:
        """The code of the instructions; where they repeat themselves, as in a recurrence, a loop."""
        for start, period, times, moves in rolled(instructions):
            if times > 1:
                variable = f"s{next(self.names)}"
                self._line(depth, f"for {variable} in range({times}):")
                self.moves = {id(view): (variable, move) for view, move in moves if move}
            for each in instructions[start : start + period]:
                self._one(each, depth + (times > 1))
            self.moves = {}

    def _one(self, each: Instruction, depth: int) -> None:
        self._line(depth, f"# {title(each)}")
        if isinstance(each, Map):
            self._map(each, depth)
        elif isinstance(each, Product):
            self._product(each, depth)
        elif isinstance(each, Inner):
            self._inner(each, depth)
        else:
            self._pack(each, depth)

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    # --- Places -----------------------------------------------------------------------------------------------

    def _at(self, view: View, *index: str) -> str:
        """The number of a view at an index, in the column c."""
        place = self._place(view, *index)
        return f"rows[{place}, c]" if view.in_rows else f"fixed[{place}]"

    def _place(self, view: View, *index: str) -> str:
        terms = [str(view.base)] if view.base else []
        if id(view) in self.moves:
            variable, move = self.moves[id(view)]
            terms.append(f"{variable} * {move}")
        for position, stride in zip(index, view.strides, strict=True):
            if stride and position != "0":
                terms.append(position if stride == 1 else f"{position} * {stride}")
        return " + ".join(terms) or "0"

    def _loops(self, out: View, depth: int, body: Any, columns: bool = False) -> None:
        index = []
        for size in out.shape:
            name = "ijklmn"[len(index)] if size > 1 else "0"
            if size > 1:
                self._line(depth, f"for {name} in range({size}):")
                depth += 1
            index.append(name)
        if columns and out.in_rows:
            self._line(depth, "for c in range(columns):")
            depth += 1
        text = body(self._at(out, *index)) if not columns else body(index, depth)
        if text:
            self._line(depth, text)

    # --- Steps ------------------------------------------------------------------------------------------------

    def _pack(self, pack: Pack, depth: int) -> None:
        name = f"places{next(self.names)}"
        self.constants[name] = pack.places.tobytes()
        source = f"rows[{name}[k], c]" if pack.from_rows else f"fixed[{name}[k]]"
        self._line(depth, f"for k in range({len(pack.places)}):")
        if pack.out.in_rows:
            self._line(depth + 1, "for c in range(columns):")
            self._line(depth + 2, f"rows[{pack.out.base} + k, c] = {source}")
        else:
            self._line(depth + 1, f"fixed[{pack.out.base} + k] = {source}")

    def _map(self, step: Map, depth: int) -> None:
        form, first = form_of(step.what), step.operands[0]
        several = first if isinstance(first, View) and getattr(step.what, "arity", 0) is None else None
        count, axis = (several.shape[0], ["q"]) if several else (len(step.operands), [])
        if form is None or form.words & SPECIAL - _SPECIAL.keys():
            form, axis = self._own(step.what, count), list(map(str, range(count)))

        def body(index: list[str], inner: int) -> str:
            at = [(several, [k, *index]) for k in axis] if several else [(each, index) for each in step.operands]
            names = [self._operand(each, place) for each, place in at]
            return f"{self._at(step.out, *index)} = {form.written(names, self._caller(count, inner), literal)}"

        self._loops(step.out, depth, body, columns=True)

    def _own(self, op: Op, count: int) -> Form:
        """A call of the `forward` of an operation, which numba compiles."""
        name = f"op{next(self.names)}"
        self.constants[name] = op
        return Form(name, tuple(map(operand, range(count))))

    def _caller(self, count: int, depth: int) -> Callable[[str, list[str]], str]:
        """How functions are called; a reduction becomes a loop before, each once, and is a name."""
        looped = functools.cache(lambda word, element: self._loop(word, element, count, depth))
        return lambda word, texts: looped(word, texts[0]) if word in REDUCTIONS else _called(word, texts)

    def _loop(self, word: str, element: str, count: int, depth: int) -> str:
        """The name of what a reduction makes of the elements q."""
        name, (start, step) = f"r{next(self.names)}", _REDUCTIONS[word]
        self._line(depth, f"{name} = {start}")
        self._line(depth, f"for q in range({count}):")
        self._line(depth + 1, f"{name} = {step.format(name, element)}")
        return name

    def _operand(self, operand: Operand, index: list[str]) -> str:
        return self._at(operand, *index) if isinstance(operand, View) else literal(operand)

    def _inner(self, step: Inner, depth: int) -> None:
        def body(index: list[str], inner: int) -> str:
            left, right = self._at(step.left, "q", *index), self._at(step.right, "q", *index)
            self._line(inner, "total = 0.0")
            self._line(inner, f"for q in range({step.left.shape[0]}): total += {left} * {right}")
            return f"{self._at(step.out, *index)} = total"

        self._loops(step.out, depth, body, columns=True)

    def _product(self, step: Product, depth: int) -> None:
        if step.total:
            self._total(step, depth)
        elif step.out.in_rows:
            self._row_product(step, depth)
        else:
            self._fixed_product(step, depth)

    def _fixed_product(self, step: Product, depth: int) -> None:
        (lefts, terms), rights = step.left.shape, step.right.shape[0]
        self._line(depth, f"for i in range({lefts}):")
        self._line(depth + 1, f"for j in range({rights}):")
        self._line(depth + 2, "total = 0.0")
        left, right = self._at(step.left, "i", "q"), self._at(step.right, "j", "q")
        self._line(depth + 2, f"for q in range({terms}): total += {left} * {right}")
        self._line(depth + 2, f"{self._at(step.out, 'i', 'j')} = total")

    def _row_product(self, step: Product, depth: int) -> None:
        """out[i] = Σ left[i, q]·right[q], many q at a time, so that out is read and written less often."""
        (lefts, terms), rights = step.left.shape, step.right.shape[0]
        self._line(depth, f"for i in range({lefts}):")
        depth += 1
        if rights > 1:
            self._line(depth, f"for j in range({rights}):")
            depth += 1
        out = self._at(step.out, *(("j", "i") if rights > 1 else ("i", "0")))
        size = terms if terms <= _WHOLE else _UNROLL
        whole = terms - terms % size

        def part(first: str, size: int, inner: int, sign: str) -> None:
            for u in range(size):
                self._line(inner, f"a{u} = {self._at(step.left, 'i', _plus(first, u))}")
            products = [
                f"a{u} * {self._at(step.right, 'j' if rights > 1 else '0', _plus(first, u))}" for u in range(size)
            ]
            self._line(inner, "for c in range(columns):")
            self._line(inner + 1, f"{out} {sign} {' + '.join(products)}")

        part("0", size, depth, "=")
        if whole > size:
            self._line(depth, f"for q in range({size}, {whole}, {size}):")
            part("q", size, depth + 1, "+=")
        if terms > whole:
            part(str(whole), terms - whole, depth, "+=")

    def _total(self, step: Product, depth: int) -> None:
        """out[i, j] += Σ over terms and columns, in tiles of 2×4, so that an operand is read for several totals."""
        (lefts, terms), rights = step.left.shape, step.right.shape[0]
        if terms > 1:
            self._line(depth, f"for q in range({terms}):")
            depth += 1
        for first_i, count_i, tile_i in _tiles(lefts, 2):
            inner = depth
            if count_i > 1:
                self._line(inner, f"for i in range({first_i}, {first_i} + {count_i * tile_i}, {tile_i}):")
                inner += 1
            for first_j, count_j, tile_j in _tiles(rights, 4):
                deepest = inner
                if count_j > 1:
                    self._line(deepest, f"for j in range({first_j}, {first_j} + {count_j * tile_j}, {tile_j}):")
                    deepest += 1
                i, j = "i" if count_i > 1 else str(first_i), "j" if count_j > 1 else str(first_j)
                self._total_tile(step, (i, tile_i), (j, tile_j), "q" if terms > 1 else "0", deepest)

    def _total_tile(self, step: Product, i: tuple[str, int], j: tuple[str, int], q: str, depth: int) -> None:
        tile = [(u, v) for u in range(i[1]) for v in range(j[1])]
        for u, v in tile:
            self._line(depth, f"t{u}{v} = 0.0")
        self._line(depth, "for c in range(columns):")
        for u in range(i[1]):
            self._line(depth + 1, f"a{u} = {self._at(step.left, _plus(i[0], u), q)}")
        for v in range(j[1]):
            self._line(depth + 1, f"b{v} = {self._at(step.right, _plus(j[0], v), q)}")
        for u, v in tile:
            self._line(depth + 1, f"t{u}{v} += a{u} * b{v}")
        for u, v in tile:
            self._line(depth, f"{self._at(step.out, _plus(i[0], u), _plus(j[0], v))} += t{u}{v}")


def _tiles(count: int, size: int) -> list[tuple[int, int, int]]:
    """How to go through `count`: first index, number of tiles, size of each."""
    whole = count - count % size
    parts = [(0, whole // size, size), (whole, 1, count - whole)]
    return [part for part in parts if part[1] and part[2]]


def _plus(name: str, number: int) -> str:
    if name.isdigit():
        return str(int(name) + number)
    return f"({name} + {number})" if number else name


def _in_block(instruction: Instruction) -> bool:
    return instruction.out.in_rows or (isinstance(instruction, Product) and instruction.total)


def _called(word: str, texts: list[str]) -> str:
    """A function of numbers, without branches where the compiler can do without."""
    if word == "where":
        return f"({texts[1]} if {texts[0]} else {texts[2]})"
    if word == "floor_divide":  # numba's np.floor_divide rounds the quotient first: 1 // 1e-10 is one too many
        return f"(({texts[0]}) // ({texts[1]}))"
    own = word in ("maximum", "minimum") or word in _SPECIAL or word not in ARITY
    return f"{'' if own else 'np.'}{word}({', '.join(texts)})"
