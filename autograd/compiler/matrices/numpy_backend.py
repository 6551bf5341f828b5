"""The NumPy backend: each step is a call or a few that write into the arenas, and nothing is allocated.

The text is a module that finds the arenas `rows` and `fixed` in its namespace. It takes its views of them once; then
`program()` reads and writes them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.floats import elementwise
from autograd.compiler.matrices.numpy_contractions import Contractions
from autograd.compiler.matrices.steps import (
    Contraction,
    Gather,
    Map,
    Operand,
    Plan,
    Scatter,
    Step,
    View,
    arena_name,
    reduces,
    views_read,
)
from autograd.compiler.matrices.views import is_contiguous
from autograd.compiler.printers.expressions import uses_of
from autograd.compiler.slopes import OPERATION, called
from autograd.compiler.writing import Namer, code_of, literal, strict_form, title
from autograd.errors import NotCompilable
from autograd.forms import REDUCTIONS, SIGNS, SPECIAL, Form
from autograd.operation import Op

Bind = Callable[[Any, Any], Callable[[], None]]

_REDUCTIONS = {"max": "maximum", "min": "minimum", "sum": "add", "prod": "multiply"}
_NO_UFUNCS = {"where", "polygamma", OPERATION}


def printed(plan: Plan, names: Sequence[str], strict: bool = False) -> tuple[str, Bind]:
    """The text of a plan, and what binds it to arenas.

    Args:
        names: of the arguments.
    """
    text, needed = _Writer(plan, names, strict).write()
    return text, load(text, needed)


def load(text: str, names: dict[str, Any]) -> Bind:
    """A function that runs the text on arenas, and gives its `program`; debuggers and tracebacks show its lines."""
    code = code_of(text, "program")

    def bind(rows: Any, fixed: Any) -> Callable[[], None]:
        space = {"np": np, "view": view, **names, "rows": rows, "fixed": fixed}
        exec(code, space)
        return space.pop("program")  # whose globals this is: held by them too, the arenas would wait for the collector

    return bind


def view(arena: Any, base: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """A strided view of lines or cells; of shape (*shape, columns) or (*shape)."""
    strides = tuple(stride * arena.strides[0] for stride in strides)
    return np.lib.stride_tricks.as_strided(arena[base:], (*shape, *arena.shape[1:]), (*strides, *arena.strides[1:]))


class _Writer(Namer):
    def __init__(self, plan: Plan, names: Sequence[str], strict: bool) -> None:
        super().__init__(("np", "rows", "fixed", "view", "special", "program"))
        self.plan, self.names, self.strict = plan, names, strict
        self.views: list[str] = []
        self.lines: list[tuple[str, str]] = []
        self.name_of: dict[tuple[View, bool], str] = {}
        self.made_at: dict[tuple[bool, int], tuple[View, str]] = {}
        self.transposed: dict[tuple[bool, int, tuple[int, ...]], str] = {}
        self.needs: dict[str, Any] = {}
        self.scratch: dict[Any, list[str]] = {}
        self.known: dict[Any, str] = {}

    def write(self) -> tuple[str, dict[str, Any]]:
        for name, (base, size) in zip(self.names, self.plan.arguments, strict=True):
            if size:
                self._written(View.of(True, base, (size,)).squeezed, self.fresh(name, numbered=False))
        for step in self.plan.steps:
            start = len(self.lines)
            self._step(step)
            text, _ = self.lines[start]
            self.lines[start] = text, title(step)
        return self._text(), self.needs

    def _text(self) -> str:
        width = min(88, max([len(text) for text, _ in self.lines], default=0))
        body = [f"    {text:<{width}}  # {note}" if note else f"    {text}" for text, note in self.lines]
        return "\n".join([*self.views, "", "", "def program():", *(body or ["    pass"]), ""])

    def _step(self, step: Step) -> None:
        match step:
            case Map():
                self._map(step)
            case Contraction():
                Contractions(self).write(step)
            case Gather():
                self._gather(step)
            case Scatter():
                self._scatter(step)

    def line(self, text: str) -> None:
        self.lines.append((text, ""))

    # --- Names ------------------------------------------------------------------------------------------------

    def _written(self, out: View, name: str) -> str:
        """Give a name to a view that is written to."""
        self.views.append(f"{name} = {self._view_text(out)}")
        self.name_of[out, False] = name
        self.made_at[out.in_rows, out.base] = out, name
        return name

    def named(self, view: View, column: bool = False) -> str:
        """The name of a view; `column` gives what is in `fixed` an axis for the rows of the batch."""
        key = view, column and not view.in_rows and bool(view.shape)
        if key not in self.name_of:
            self.name_of[key] = name = self._new_name(view)
            self.views.append(f"{name} = {self._view_text(view)}{'[..., None]' if key[1] else ''}")
            self.transposed.setdefault((view.in_rows, view.base, view.strides[::-1]), name)
        return self.name_of[key]

    def _new_name(self, view: View) -> str:
        """A name that says what of a known array the view is."""
        known = self.transposed.get((view.in_rows, view.base, view.strides))
        if known and len(view.shape) > 1:
            return self.fresh(f"{known}_T", numbered=False)
        out, name = self.made_at.get((view.in_rows, view.base), (None, ""))
        if out is not None:
            longer = len(view.shape) == len(out.shape) == 1 and view.shape > out.shape and view.strides[0] == 1
            kind = "_and_1" if longer else "_each" if 0 in view.strides else "_"
            return self.fresh(name + kind, numbered=False)
        parameter = not view.in_rows and view.base < self.plan.parameters
        return self.fresh(("W" if len(view.shape) > 1 else "theta") if parameter else "c")

    def target(self, out: View, hint: str) -> str:
        """The name of a view that is written to; of a cotangent, after what it is the cotangent of."""
        if (out, False) in self.name_of:
            return self.name_of[out, False]
        values, behind = self.plan.values[not out.in_rows], self.plan.behind[not out.in_rows]
        is_cotangent = self.plan.loss is not None and out.base >= values
        _, value = self.made_at.get((out.in_rows, out.base - behind), (None, "")) if is_cotangent else (None, "")
        if is_cotangent and not out.in_rows and out.base < behind + self.plan.parameters:
            name = self.fresh("gradient")
        else:
            name = self.fresh(f"d_{value}", numbered=False) if value else self.fresh(hint)
        return self._written(out, name)

    def _view_text(self, view: View) -> str:
        arena, base, size = arena_name(view.in_rows), view.base, view.size
        if not view.shape:
            return f"rows[{base}]" if view.in_rows else f"fixed[{base}:{base + 1}].reshape(())"
        if is_contiguous(view):
            text = f"{arena}[{base}:{base + size}]"
            tail = ", -1" if view.in_rows else ""
            return text if len(view.shape) == 1 else f"{text}.reshape({', '.join(map(str, view.shape))}{tail})"
        return f"view({arena}, {base}, {view.shape}, {view.strides})"

    # --- Copies -----------------------------------------------------------------------------------------------

    def _places(self, places: Any) -> str:
        index = self.fresh("places")
        self.needs[index] = places
        return index

    def _gather(self, step: Gather) -> None:
        out, index = self.named(step.out.squeezed), self._places(step.places)
        arena = arena_name(step.from_rows)
        if step.from_rows == step.out.in_rows and step.out.size > 1:
            self.line(f"np.take({arena}, {index}, axis=0, out={out}, mode='clip')")
        else:
            self.line(f"{out}[...] = {arena}[{index}]{'' if step.from_rows == step.out.in_rows else '[:, None]'}")

    def _scatter(self, step: Scatter) -> None:
        """Added at once if each place stands there once, else each with all that go to it."""
        arena, source = arena_name(step.to_rows), self.operand(step.source, False)
        sign = "+=" if step.adds else "="
        places, starts = np.unique(np.sort(step.places), return_index=True)
        if len(places) == len(step.places):
            self.line(f"{arena}[{self._places(step.places)}] {sign} {source}")
            return
        order, begin = self._places(np.argsort(step.places, kind="stable")), self._places(starts)
        self.line(f"{arena}[{self._places(places)}] {sign} np.add.reduceat({source}[{order}], {begin}, axis=0)")

    # --- Elementwise steps ------------------------------------------------------------------------------------

    def _map(self, step: Map) -> None:
        form, whole = step.form, step.what
        many = isinstance(whole, Op) and reduces(whole)
        out, views = step.out, [*step.operands]
        if not form.words & REDUCTIONS:
            out, views = out.squeezed, [x.squeezed if isinstance(x, View) else x for x in views]
        hint = whole.name if isinstance(whole, Op) else "s" if isinstance(whole, tuple) else "d"
        if isinstance(whole, Op) and (self.strict or (form.words & SPECIAL and not self._special())):
            exact = strict_form(whole) if self.strict else None
            if exact is None:
                names = [self.operand(x, out.in_rows) for x in views]
                each = self.each(whole, views[0].shape[0] if many and isinstance(views[0], View) else len(views))
                self.line(f"{self.target(out, hint)}[...] = {each}({'*' if many else ''}{', '.join(names)})")
                return
            form = exact
        if form.words & SPECIAL and not self._special():
            raise NotCompilable("compile: a rule calls a function of SciPy, which is not installed.")
        shapes = [out.shape, *(x.shape for x in views if isinstance(x, View))]
        full = max(shapes, key=len)
        _Expression(self, form, views, out, full).write(self.target(out, hint), step.adds)

    def _special(self) -> bool:
        try:
            from scipy import special
        except ModuleNotFoundError:
            return False
        self.needs["special"] = special
        return True

    def each(self, op: Op, count: int) -> str:
        """The name of a function that calls `forward` number by number."""
        name = self.fresh(f"each_{op.name}")
        self.needs[name] = elementwise(op, count)
        return name

    def operand(self, operand: Operand, varies: bool) -> str:
        return self.named(operand, varies) if isinstance(operand, View) else literal(operand)

    def scratch_of(self, in_rows: bool, shape: tuple[int, ...], taken: Sequence[str] = ()) -> str:
        """An array for numbers in between, none of those that are taken."""
        pool = self.scratch.setdefault((in_rows, shape), [])
        for name in pool:
            if name not in taken:
                return name
        name = self.fresh("t")
        sizes = "".join(f"{size}, " for size in shape) + ("rows.shape[1]," if in_rows else "")
        self.views.append(f"{name} = np.empty(({sizes}), {arena_name(in_rows)}.dtype)")
        pool.append(name)
        return name


class _Expression:
    """A form as calls of ufuncs, each into the output or into scratch."""

    def __init__(
        self, writer: _Writer, form: Form, operands: Sequence[Operand], out: View, full: tuple[int, ...]
    ) -> None:
        self.writer, self.form, self.out = writer, form, out
        self.full, self.reduced = full, full[1:] if form.words & REDUCTIONS else full
        self.leaves = {k: (literal(x), False) for k, x in enumerate(operands) if not isinstance(x, View)}
        read = views_read(form, operands)
        self.leaves.update({k: (writer.named(x, out.in_rows), x.shape == full) for k, x in read.items()})
        self.done: dict[int, tuple[str, bool]] = {}
        self.left = uses_of(form)  # how often each part is still to be read
        self.busy: list[str] = []

    def write(self, target: str, adds: bool) -> None:
        result, _ = self._evaluate(self.form, None if adds else target)
        if adds:
            self.writer.line(f"np.add({target}, {result}, out={target})")
        elif result != target:
            self.writer.line(f"np.copyto({target}, {result})")

    def _evaluate(self, form: Form, target: str | None) -> tuple[str, bool]:
        """Write the code of a form; gives the name of its result, and whether it is of the full shape."""
        if form.word == "number":
            return literal(form.number), False
        if not form.parts:
            return self.leaves[int(form.leaf or 0)]
        if id(form) not in self.done:
            self.done[id(form)] = self._called(form, target)
        return self.done[id(form)]

    def _called(self, form: Form, target: str | None) -> tuple[str, bool]:
        line = self.writer.line
        done = [self._evaluate(part, None) for part in form.parts]
        names = [name for name, _ in done]
        if form.word in _REDUCTIONS:
            full = False
            call = f"np.{_REDUCTIONS[form.word]}.reduce({names[0]}, axis=0, out={{}})"
        else:
            full = any(is_full for _, is_full in done)
            call = f"{self._function(form)}({', '.join(names)}, out={{}})"
        self._release(form)
        result = target or self._scratch(full)
        if form.word in _NO_UFUNCS:
            line(f"{result}[...] = {self._function(form)}({', '.join(names)})")
        else:
            line(call.format(result))
        return result, full

    def _function(self, form: Form) -> str:
        if form.word == OPERATION:
            key = form.leaf, len(form.parts)
            known = self.writer.known
            if key not in known:
                known[key] = self.writer.each(called(form), len(form.parts))
            return known[key]
        return f"{'special' if form.word in SPECIAL else 'np'}.{SIGNS.get(form.word, form.word)}"

    def _scratch(self, full: bool) -> str:
        name = self.writer.scratch_of(self.out.in_rows, self.full if full else self.reduced, self.busy)
        self.busy.append(name)
        return name

    def _release(self, form: Form) -> None:
        """Scratch that has been read for the last time may be written again."""
        for part in form.parts:
            self.left[id(part)] -= 1
            if not self.left[id(part)] and id(part) in self.done and (name := self.done[id(part)][0]) in self.busy:
                self.busy.remove(name)
