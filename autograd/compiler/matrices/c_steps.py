"""C of a program of matrices, on the arenas that the NumPy backend has.

`run` calls a function for each step, and steps that differ in sizes and places only share one. Eight lanes are computed
at once (see lanes.py), in vectors that compilers have for every machine, so that no result depends on what they do to
loops. The last lanes may be fewer: then what stands behind them in the arena is computed with them, and thrown away.
"""

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.loops.code import Expression
from autograd.compiler.matrices.lanes import NO_LOOPS, Loops
from autograd.compiler.matrices.numpy_backend import Bind
from autograd.compiler.matrices.steps import Contraction, Gather, Map, Places, Plan, Scatter, Step, View, arena_name
from autograd.compiler.printers.braces import names
from autograd.compiler.printers.c import HEAD, CWriter, braced, commented, ignored
from autograd.compiler.printers.expressions import bare
from autograd.compiler.slopes import with_parts
from autograd.compiler.writing import title
from autograd.forms import REDUCTIONS, Form, operand

_LANES = 8
_BLOCK = 4  # results at once, so that additions need not wait for each other, and what they share is read once
_COMBINED = {"max": "maximum", "min": "minimum", "sum": "+", "prod": "*"}
_LANES_TEXT = """typedef double wide __attribute__((vector_size(64)));
typedef double unaligned __attribute__((vector_size(64), aligned(8), may_alias));
typedef long long bits __attribute__((vector_size(64)));
typedef long long unaligned_bits __attribute__((vector_size(64), aligned(8)));
#ifdef __clang__
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PICK(a, b, ...) __builtin_shuffle(a, b, (bits){__VA_ARGS__})
#endif
#define GET(p) (*(const unaligned *)(p))
#define ALL(x) ((wide){x, x, x, x, x, x, x, x})
#define PUT(p, v, count) \\
  do { const wide v_ = (v); if ((count) < 8) put_some(p, (double *)&v_, count); else *(unaligned *)(p) = v_; } while (0)
/* A function of its own: put where they are called, they keep compilers busy for long. */
#ifdef __clang__
#define STEP static __attribute__((noinline))
#else
#define STEP static __attribute__((noinline, noclone))
#endif
STEP __attribute__((unused)) void put_some(double *p, const double *v, ptrdiff_t count)
{
  for (ptrdiff_t k = 0; k < count; k++)
    p[k] = v[k];
}
/* 0 in all lanes but so many, the first. */
static __attribute__((unused)) const long long first[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
#define KEEP(v, count) ((wide)((bits)(v) & *(const unaligned_bits *)(first + 8 - (count))))
/* Neighbours added, of two; so the sums of the lanes of four are in the first four lanes. */
#define PAIRS(a, b) (PICK(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + PICK(a, b, 1, 9, 3, 11, 5, 13, 7, 15))
#define FOURS(a, b) (PICK(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + PICK(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
#define HALVES(a) ((a) + PICK(a, a, 4, 5, 6, 7, 0, 1, 2, 3))
#define TOTALS(a, b, c, d) HALVES(FOURS(PAIRS(a, b), PAIRS(c, d)))
#define TOTAL(a) (((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7])))
/* In the next loop no turn reads what another writes: an operand is the result itself, or apart from it. */
#ifdef __clang__
#define APART _Pragma("clang loop vectorize(assume_safety)")
#else
#define APART _Pragma("GCC ivdep")
#endif

"""


def printed(plan: Plan) -> tuple[str, Bind]:
    """The text of a plan, and what binds it to arenas, which need room for seven numbers behind their end."""
    from autograd.compiler.toolchain import library

    printer = StepsPrinter()
    run = printer.defined("run", plan)
    text = f"{HEAD}{printer.above}{run}"
    entry = library(text, optimize=2, native=True).run
    entry.restype = None

    def bind(rows: Any, fixed: Any) -> Callable[[], None]:
        # Numbers that are C's already save a tenth of a microsecond in every call; and these keep the arenas alive.
        pointers = [arena.ctypes.data_as(ctypes.c_void_p) for arena in (rows, fixed)]
        return partial(entry, ctypes.c_ssize_t(rows.shape[1]), *pointers)

    return text, bind


class _Function:
    """A function as it is written, and what a step calls it with.

    Attributes:
        n: how many rows there are, as text.
        named: the operands in the order of `loops`, the result first.
    """

    def __init__(self, n: str, loops: Loops = NO_LOOPS, named: dict[str, View] | None = None) -> None:
        self.n, self.loops, self.names, self.lines = n, loops, list(named or ()), list[str]()
        self.parameters: dict[str, tuple[str, str]] = {}  # name → declaration, argument
        self._depth = 1
        if named:
            self._given_operands(named)

    def _given_operands(self, named: dict[str, View]) -> None:
        """The parameters for lanes, places, sizes and strides."""
        loops = self.loops
        self.given("lanes", "ptrdiff_t lanes", self.times(loops.count) if loops.in_rows else str(loops.count))
        for name, view in named.items():
            place = f"rows + {self.times(view.base)}" if view.in_rows else f"fixed + {view.base}"
            self.given(name, f"double *{name}" if name == "out" else f"const double *{name}", place)
        for k, axis in enumerate(loops.axes):
            self.given(f"size{k}", f"ptrdiff_t size{k}", str(axis.size))
            for stride, (name, view) in zip(axis.strides, named.items(), strict=True):
                if stride:
                    self.stride(f"{name}_{k}", view, stride)

    def given(self, name: str, declaration: str, argument: str) -> None:
        self.parameters[name] = declaration, argument

    def stride(self, name: str, view: View, stride: int) -> None:
        self.given(name, f"ptrdiff_t {name}", self.times(stride) if view.in_rows else str(stride))

    def times(self, count: int) -> str:
        """So many lines, in cells."""
        if self.n == "1" or not count:
            return str(count)
        return self.n if count == 1 else f"{count} * {self.n}"

    def line(self, text: str) -> None:
        self.lines.append(text if text.startswith("#") else "  " * self._depth + text)

    def open(self, text: str) -> None:
        self.line(f"{text} {{")
        self._depth += 1

    def close(self, count: int = 1) -> None:
        for _ in range(count):
            self._depth -= 1
            self.line("}")

    def place(self, name: str, block: int | None = None, further: int = 0) -> str:
        """Where an operand is in the loops; in that of the block so many turns further on."""
        at, terms = self.names.index(name), [name]
        for k, axis in enumerate(self.loops.axes):
            if axis.strides[at]:
                terms.append(f"(i{k} + {further}) * {name}_{k}" if k == block and further else f"i{k} * {name}_{k}")
        return " + ".join([*terms, *(["r"] if self.loops.lanes[at] else [])])


def _aligned(view: View, rank: int) -> View:
    """With so many axes: without the one that is reduced, or with others in front, along which it repeats."""
    if len(view.shape) > rank:
        return view.first
    missing = rank - len(view.shape)
    return replace(view, shape=(1,) * missing + view.shape, strides=(0,) * missing + view.strides)


def _apart(step: Map) -> Iterator[Map]:
    """The step; or if it has the axis that it reduces, one for each index of that."""
    rank, views = len(step.out.shape), step.read
    if not step.form.words & REDUCTIONS or any(len(x.shape) > rank for x in views.values()):
        yield step
        return
    whole = [k for k, x in views.items() if len(x.shape) == rank]
    form = _of_whole(step.form, {k: len(step.operands) + i for i, k in enumerate(whole)}, False)
    for index in range(step.out.shape[0]):
        operands = [_at(x, index) if isinstance(x, View) and len(x.shape) == rank else x for x in step.operands] + [
            step.operands[k] for k in whole
        ]
        yield Map(_at(step.out, index), form, tuple(operands), step.adds)


def _at(view: View, index: int) -> View:
    """At an index of the axis in front."""
    return view.part(0, index, index + 1).first if view.shape[0] > 1 else view.first


def _of_whole(form: Form, wholes: dict[int, int], reduced: bool) -> Form:
    """The form with others of its operands within reductions."""
    if form.word == "operand":
        k = int(form.leaf)
        return operand(wholes.get(k, k)) if reduced else form
    return with_parts(form, [_of_whole(part, wholes, reduced or form.word in REDUCTIONS) for part in form.parts])


def _turns(k: int) -> str:
    """The head of the loop over axis `k`."""
    return f"for (ptrdiff_t i{k} = 0; i{k} < size{k}; i{k}++)"


class _Product:
    """The body of a contraction: loops over the results, within them over what is summed."""

    def __init__(self, function: _Function, adds: bool) -> None:
        self.function, self.loops, self.adds = function, function.loops, adds
        self.factors = function.names[1:]
        axes = self.loops.axes
        self.results = [k for k, axis in enumerate(axes) if axis.strides[0]]
        self.summed = [k for k, axis in enumerate(axes) if not axis.strides[0]]
        self.block = max(self.results, key=self._gain, default=None)

    def _gain(self, k: int) -> tuple[bool, bool, float]:
        """How good it is to do several turns of a loop at once: what does not move with it is read once."""
        size, (_, *moving) = self.loops.axes[k].size, self.loops.axes[k].strides
        return size >= _BLOCK, not all(moving), -(size // _BLOCK + size % _BLOCK) / size

    def write(self) -> None:
        f, others = self.function, [k for k in self.results if k != self.block]
        for k in others:
            f.open(_turns(k))
        if self.loops.lanes[0]:
            f.open(f"for (ptrdiff_t r = 0; r < lanes; r += {_LANES})")
            f.line("const ptrdiff_t left_over = lanes - r;")
        if self.block is None:
            self._core(1)
        else:
            turn, size = f"i{self.block}", f"size{self.block}"
            f.line(f"ptrdiff_t {turn} = 0;")
            f.open(f"for (ptrdiff_t blocks = {size} / {_BLOCK}; blocks > 0; blocks--, {turn} += {_BLOCK})")
            self._core(_BLOCK)
            f.close()
            f.open(f"for (ptrdiff_t rest = {size} % {_BLOCK}; rest > 0; rest--, {turn}++)")
            self._core(1)
            f.close()
        f.close(len(others) + self.loops.lanes[0])

    def _core(self, width: int) -> None:
        """So many results of the block."""
        (self._side_by_side if self.loops.lanes[0] else self._summed_up)(width)

    def _side_by_side(self, width: int) -> None:
        """The lanes are results."""
        f, sums = self.function, [f"s{j}" for j in range(width)]
        if self.summed:
            f.line(f"wide {', '.join(f'{each} = {{0}}' for each in sums)};")
        for k in self.summed:
            f.open(_turns(k))
        products = self._products(width)
        for each, product in zip(sums, products, strict=True):
            whole = product if any(self.loops.lanes[1:]) else f"ALL({product})"
            f.line(f"{each} += {product};" if self.summed else f"const wide {each} = {whole};")
        f.close(len(self.summed))
        for j, each in enumerate(sums):
            place = f.place("out", self.block, j)
            f.line(f"PUT({place}, {f'GET({place}) + ' if self.adds else ''}{each}, left_over);")

    def _summed_up(self, width: int) -> None:
        """The lanes are summed: so many sums, which are added up in the end."""
        f, sums = self.function, [f"s{j}" for j in range(width)]
        f.line(f"wide {', '.join(f'{each} = {{0}}' for each in sums)};")
        for k in self.summed:
            f.open(_turns(k))
        f.line("ptrdiff_t r = 0;")
        f.open(f"for (; r + {_LANES} <= lanes; r += {_LANES})")
        for each, product in zip(sums, self._products(width), strict=True):
            f.line(f"{each} += {product};")
        f.close()
        f.open("if (r < lanes)")
        for each, product in zip(sums, self._products(width), strict=True):
            f.line(f"{each} += KEEP({product}, lanes - r);")
        f.close(1 + len(self.summed))
        sign = "+=" if self.adds else "="
        if width > 1:
            f.line(f"const wide total = TOTALS({', '.join(sums)});")
        for j in range(width):
            f.line(f"*({f.place('out', self.block, j)}) {sign} {f'total[{j}]' if width > 1 else 'TOTAL(s0)'};")

    def _products(self, width: int) -> list[str]:
        """Their texts, after the names of what is the same for the whole block."""
        texts: list[list[str]] = [[] for _ in range(width)]
        for at, name in enumerate(self.factors, 1):
            moves = self.block is not None and bool(self.loops.axes[self.block].strides[at])
            for j in range(width):
                place = self.function.place(name, self.block, j)
                text = f"GET({place})" if self.loops.lanes[at] else f"*({place})"
                if width > 1 and not moves:
                    if not j:
                        kind = "wide" if self.loops.lanes[at] else "double"
                        self.function.line(f"const {kind} {name}_ = {text};")
                    text = f"{name}_"
                texts[j].append(text)
        return [" * ".join(each) for each in texts]


class StepsPrinter(CWriter):
    """Writes plans as functions; steps of all of them that differ in sizes and places only share one."""

    def __init__(self) -> None:
        super().__init__()
        self.functions: dict[tuple[str, str], str] = {}  # kind and text → name
        self.counts = Counter[str]()
        self.tables: dict[str, str] = {}  # text → name
        self.plans = 0  # that are written

    def defined(self, name: str, plan: Plan) -> str:
        """The function that runs a plan on its arenas; `above` stands above all of them."""
        self.plans += 1
        calls = [(call, commented(title(step))) for step in plan.steps for call in self._calls(step)]
        body = "".join([f"  {call}  /* {comment} */\n" for call, comment in calls])
        unread = [each for each in ("n", "rows", "fixed") if not any(names(call, each) for call, _ in calls)]
        return f"void {name}(ptrdiff_t n, double *rows, double *fixed)\n{{\n{ignored(unread)}{body}}}\n"

    @property
    def above(self) -> str:
        """What the functions need, of the plans so far."""
        functions = [f"STEP void {name}{text}\n" for (_, text), name in self.functions.items()]
        tables = [f"static const unsigned {name}[] = {text};\n" for text, name in self.tables.items()]
        return "".join([self.helpers, _LANES_TEXT, *tables, *functions])

    def _calls(self, step: Step) -> Iterator[str]:
        match step:
            case Map():
                yield from map(self._map, _apart(step))
            case Contraction():
                yield self._contraction(step)
            case Gather():
                yield self._gather(step)
            case Scatter():
                yield from self._scatter(step)

    def _call(self, kind: str, function: _Function) -> str:
        """The call of a function, which is written if none of its text is there yet."""
        declarations, arguments = zip(*function.parameters.values(), strict=True)
        text = "\n".join([f"({', '.join(declarations)})", "{", *function.lines, "}", ""])
        if (kind, text) not in self.functions:
            self.functions[kind, text] = f"{kind}{self.counts[kind]}"
            self.counts[kind] += 1
        return f"{self.functions[kind, text]}({', '.join(arguments)});"

    # --- Contractions -----------------------------------------------------------------------------------------

    def _contraction(self, step: Contraction) -> str:
        views = [step.out, *step.factors]
        usual, alone = (Loops.of(views, one_row) for one_row in (False, True))
        call = self._product(step, usual, "n")
        if not usual.in_rows or alone.count == 1:
            return call
        return f"if (n == 1) {self._product(step, alone, '1')} else {call}"

    def _product(self, step: Contraction, loops: Loops, n: str) -> str:
        named = {"out": step.out, "left": step.left} | ({"right": step.right} if step.right else {})
        function = _Function(n, loops, named)
        _Product(function, step.adds).write()
        return self._call("sum" if step.right is None else "product", function)

    # --- Elementwise steps ------------------------------------------------------------------------------------

    def _map(self, step: Map) -> str:
        rank, views = len(step.out.shape), {f"x{k}": x for k, x in step.read.items()}
        named = {"out": step.out} | {name: _aligned(x, rank) for name, x in views.items()}
        function = _Function("n", Loops.of([*named.values()]), named)
        for k in range(len(function.loops.axes)):
            function.open(_turns(k))
        texts = [self.number(x) if not isinstance(x, View) else f"x{k}" for k, x in enumerate(step.operands)]
        for name, x in views.items():
            at = int(name[1:])
            texts[at] = f"*({function.place(name)})"
            if len(x.shape) > rank:
                function.stride(f"step{at}", x, x.strides[0])
                function.given("count", "ptrdiff_t count", str(x.shape[0]))
                texts[at] = f"*({function.place(name)} + k * step{at})"
            elif not function.loops.lanes[function.names.index(name)]:
                function.line(f"const double y{at} = {texts[at]};")
                texts[at] = f"y{at}"
        function.line("APART")
        function.open("for (ptrdiff_t r = 0; r < lanes; r++)")
        for line in self._statements(step, texts, f"*({function.place('out')})"):
            function.line(line)
        function.close(1 + len(function.loops.axes))
        return self._call("map", function)

    def _statements(self, step: Map, texts: Sequence[str], target: str) -> Iterator[str]:
        self._temporaries = 0  # a function has names of its own, so that equal ones have equal texts
        lines, text = self.expression(Expression(step.form, tuple(texts)))
        yield from lines
        yield f"{target} {'+=' if step.adds else '='} {text};"

    def _written(self, form: Form, atoms: Any, uses: Any, lines: list[str], done: dict[int, str]) -> str:
        if form.word == "args":
            return atoms[int(form.leaf or 0)]
        if form.word in REDUCTIONS and id(form) not in done:
            name = done[id(form)] = self.fresh()
            each = self._written(form.parts[0], atoms, Counter(), lines, {})
            word = _COMBINED[form.word]
            lines.append(f"double {name}; {{ ptrdiff_t k = 0; {name} = {each};")
            lines.append(f"for (k = 1; k < count; k++) {name} = {bare(self.called(word, [name, each], form))}; }}")
        return super()._written(form, atoms, uses, lines, done)

    # --- Copies -----------------------------------------------------------------------------------------------

    def _gather(self, step: Gather) -> str:
        return self._copy((step.out.in_rows, step.out.places), (step.from_rows, step.places), False)

    def _scatter(self, step: Scatter) -> Iterator[str]:
        """Where several go to one place, that is 0 first, and then all are added."""
        several = len(np.unique(step.places)) < len(step.places)
        to, source = (step.to_rows, step.places), step.source
        if several and not step.adds:
            yield self._copy(to, 0.0, False)
        yield self._copy(
            to, (source.in_rows, source.places) if isinstance(source, View) else source, several or step.adds
        )

    def _copy(self, to: tuple[bool, Places], source: tuple[bool, Places] | float, adds: bool) -> str:
        """A copy line by line, or cell by cell."""
        count, sign, varies = len(to[1]), "+=" if adds else "=", to[0]
        function = _Function("n")
        function.given("size", "size_t size", "n" if varies else "1")
        function.given("count", "size_t count", str(count))
        target = self._line(function, "to", to)
        text = self.number(source) if not isinstance(source, tuple) else self._line(function, "from", source)
        function.open("for (size_t k = 0; k < count; k++)")
        function.line(f"for (size_t r = 0; r < size; r++) {target} {sign} {text};")
        function.close()
        return self._call("copy", function)

    def _line(self, function: _Function, name: str, site: tuple[bool, Places]) -> str:
        """The text of a number of line `k`."""
        in_rows, places = site
        step = int(places[1] - places[0]) if len(places) > 1 else 0
        regular = np.array_equal(places, places[0] + step * np.arange(len(places)))
        const = "double" if name == "to" else "const double"
        function.given(name, f"{const} *{name}", arena_name(in_rows))
        if regular:
            function.given(f"{name}0", f"ptrdiff_t {name}0", str(int(places[0])))
            function.given(f"{name}_step", f"ptrdiff_t {name}_step", str(step))
            at = f"({name}0 + (ptrdiff_t)k * {name}_step)"
        else:
            function.given(f"{name}_places", f"const unsigned *{name}_places", self._table(places))
            at = f"{name}_places[k]"
        return f"{name}[{at} * size + r]" if in_rows else f"{name}[{at}]"

    def _table(self, places: Places) -> str:
        return self.tables.setdefault(braced(map(str, places.tolist())), f"places{len(self.tables)}")
