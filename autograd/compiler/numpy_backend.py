"""The NumPy backend: each step is a call or a few that write into the arenas, and nothing is allocated.

The text is a module that finds the arenas `rows` and `fixed` in its namespace. It takes its views of them once; then
`program()` reads and writes them.
"""

import keyword
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.compiler.slopes import CALLED, OPERATION
from autograd.compiler.steps import Contraction, Gather, Map, Operand, Plan, Scatter, Step, View, reduces
from autograd.compiler.writing import code_of, literal, strict_form, title
from autograd.errors import NotCompilable, call
from autograd.forms import REDUCTIONS, SIGNS, SPECIAL, Form
from autograd.operation import Op
from autograd.reals import is_bool, is_nan, refusal

Bind = Callable[[Any, Any], Callable[[], None]]

_REDUCTIONS = {"max": "maximum", "min": "minimum", "sum": "add", "prod": "multiply"}
_NO_UFUNCS = {"where", "polygamma", OPERATION}
ROWS = 1 << 30  # the axis of rows, behind all others


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


def elementwise(op: Op, parameters: int) -> Callable[..., Any]:
    """An operation without array form: its `forward`, number by number; nan where it has no value.

    Raises:
        TypeError: `forward` does, or gives no number; names the operation and its operands, as the graph does.
    """

    def each(*numbers: Any) -> float:
        x = list(map(float, numbers))
        try:
            y = op.forward(*x)
            if y.__class__ is float or is_nan(y):
                return y
            if is_bool(y) or not (why := refusal(y)):
                return float(y)
        except (ValueError, ArithmeticError):
            return float("nan")
        except TypeError as error:
            raise TypeError(f"{call(op.name, x)}: {error}.") from error
        raise TypeError(f"{call(op.name, x)}: forward returned {y!r}: {why}.")

    ufunc = np.frompyfunc(each, parameters, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays), dtype=float)


class _Writer:
    def __init__(self, plan: Plan, names: Sequence[str], strict: bool) -> None:
        self.plan, self.names, self.strict = plan, names, strict
        self.views: list[str] = []
        self.lines: list[tuple[str, str]] = []
        self.name_of: dict[tuple[View, bool], str] = {}
        self.made_at: dict[tuple[bool, int], tuple[View, str]] = {}
        self.transposed: dict[tuple[bool, int, tuple[int, ...]], str] = {}
        self.numbers: Counter[str] = Counter()
        self.needs: dict[str, Any] = {}
        self.used: set[str] = {"np", "rows", "fixed", "view", "special", "program"}
        self.scratch: dict[Any, list[str]] = {}
        self.flat: dict[Any, str] = {}

    def write(self) -> tuple[str, dict[str, Any]]:
        for name, (base, size) in zip(self.names, self.plan.arguments, strict=True):
            if size:
                name = self._fresh(name, numbered=False)
                self._written(squeezed(View.of(True, base, (size,))), name)
                self.views.append(f"{name} = rows[{base}:{base + size}]" if size > 1 else f"{name} = rows[{base}]")
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
                self._contraction(step)
            case Gather():
                self._gather(step)
            case Scatter():
                self._scatter(step)

    def _line(self, text: str) -> None:
        self.lines.append((text, ""))

    # --- Names ------------------------------------------------------------------------------------------------

    def _fresh(self, name: str, numbered: bool = True) -> str:
        """The name, if it is free and an argument's; else with the next number."""
        name = re.sub(r"\W", "_", name)
        name = f"_{name}" if not name.isidentifier() or keyword.iskeyword(name) else name
        chosen = name
        while chosen in self.used or (numbered and chosen == name):
            self.numbers[name] += 1
            chosen = f"{name}{self.numbers[name]}"
        self.used.add(chosen)
        return chosen

    def _written(self, out: View, name: str) -> str:
        self.name_of[out, False] = name
        self.made_at[out.in_rows, out.base] = out, name
        return name

    def _named(self, view: View, column: bool = False) -> str:
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
            return self._fresh(f"{known}_T", numbered=False)
        out, name = self.made_at.get((view.in_rows, view.base), (None, ""))
        if out is not None:
            longer = len(view.shape) == len(out.shape) == 1 and view.shape > out.shape and view.strides[0] == 1
            kind = "_and_1" if longer else "_each" if 0 in view.strides else "_"
            return self._fresh(name + kind, numbered=False)
        parameter = not view.in_rows and view.base < self.plan.parameters
        return self._fresh(("W" if len(view.shape) > 1 else "theta") if parameter else "c")

    def _out(self, out: View, hint: str) -> str:
        """The name of a view that is written to; of a cotangent, after what it is the cotangent of."""
        if (out, False) in self.name_of:
            return self.name_of[out, False]
        behind = self.plan.behind[not out.in_rows]
        _, value = self.made_at.get((out.in_rows, out.base - behind), (None, ""))
        if behind and not out.in_rows and behind <= out.base < behind + self.plan.parameters:
            name = self._fresh("gradient")
        else:
            name = self._fresh(f"d_{value}", numbered=False) if behind and value else self._fresh(hint)
        self.views.append(f"{name} = {self._view_text(out)}")
        return self._written(out, name)

    def _view_text(self, view: View) -> str:
        arena, base, size = "rows" if view.in_rows else "fixed", view.base, view.size
        if not view.shape:
            return f"rows[{base}]" if view.in_rows else f"fixed[{base}:{base + 1}].reshape(())"
        if is_contiguous(view):
            text = f"{arena}[{base}:{base + size}]"
            tail = ", -1" if view.in_rows else ""
            return text if len(view.shape) == 1 else f"{text}.reshape({', '.join(map(str, view.shape))}{tail})"
        return f"view({arena}, {base}, {view.shape}, {view.strides})"

    # --- Copies -----------------------------------------------------------------------------------------------

    def _places(self, places: Any) -> str:
        index = self._fresh("places")
        self.needs[index] = places
        return index

    def _gather(self, step: Gather) -> None:
        out, index = self._named(squeezed(step.out)), self._places(step.places)
        arena = "rows" if step.from_rows else "fixed"
        if step.from_rows == step.out.in_rows and step.out.size > 1:
            self._line(f"np.take({arena}, {index}, axis=0, out={out}, mode='clip')")
        else:
            self._line(f"{out}[...] = {arena}[{index}]{'' if step.from_rows == step.out.in_rows else '[:, None]'}")

    def _scatter(self, step: Scatter) -> None:
        """Added at once if each place stands there once, else each with all that go to it."""
        arena, source = "rows" if step.to_rows else "fixed", self._operand(step.source, False)
        sign = "+=" if step.adds else "="
        places, starts = np.unique(np.sort(step.places), return_index=True)
        if len(places) == len(step.places):
            self._line(f"{arena}[{self._places(step.places)}] {sign} {source}")
            return
        order, begin = self._places(np.argsort(step.places, kind="stable")), self._places(starts)
        self._line(f"{arena}[{self._places(places)}] {sign} np.add.reduceat({source}[{order}], {begin}, axis=0)")

    # --- Elementwise steps ------------------------------------------------------------------------------------

    def _map(self, step: Map) -> None:
        form, whole = step.form, step.what
        many = isinstance(whole, Op) and reduces(whole)
        shape = squeezed if not form.words & REDUCTIONS else lambda view: view
        views = [shape(x) if isinstance(x, View) else x for x in step.operands]
        out = shape(step.out)
        hint = whole.name if isinstance(whole, Op) else "s" if isinstance(whole, tuple) else "d"
        if isinstance(whole, Op) and (self.strict or (form.words & SPECIAL and not self._special())):
            exact = strict_form(whole) if self.strict else None
            if exact is None:
                names = [self._operand(x, out.in_rows) for x in views]
                each = self._each(whole, views[0].shape[0] if many and isinstance(views[0], View) else len(views))
                self._line(f"{self._out(out, hint)}[...] = {each}({'*' if many else ''}{', '.join(names)})")
                return
            form = exact
        if form.words & SPECIAL and not self._special():
            raise NotCompilable("compile: a rule calls a function of SciPy, which is not installed.")
        shapes = [out.shape, *(x.shape for x in views if isinstance(x, View))]
        full = max(shapes, key=len)
        _Expression(self, form, views, out, full).write(self._out(out, hint), step.adds)

    def _special(self) -> bool:
        try:
            from scipy import special
        except ModuleNotFoundError:
            return False
        self.needs["special"] = special
        return True

    def _each(self, op: Op, count: int) -> str:
        """The name of a function that calls `forward` number by number."""
        name = self._fresh(f"each_{op.name}")
        self.needs[name] = elementwise(op, count)
        return name

    def _operand(self, operand: Operand, varies: bool) -> str:
        return self._named(operand, varies) if isinstance(operand, View) else literal(operand)

    def _scratch(self, in_rows: bool, shape: tuple[int, ...], taken: Sequence[str] = ()) -> str:
        """An array for numbers in between, none of those that are taken."""
        pool = self.scratch.setdefault((in_rows, shape), [])
        for name in pool:
            if name not in taken:
                return name
        name = self._fresh("t")
        sizes = "".join(f"{size}, " for size in shape) + ("rows.shape[1]," if in_rows else "")
        self.views.append(f"{name} = np.empty(({sizes}), {'rows' if in_rows else 'fixed'}.dtype)")
        pool.append(name)
        return name

    # --- Contractions -----------------------------------------------------------------------------------------

    def _contraction(self, step: Contraction) -> None:
        out, left, right = axes(step.out), axes(step.left), axes(step.right) if step.right else set()
        if step.right is None:
            self._sum(step, left, out)
            return
        batch, summed = out & left & right, (left | right) - out
        if not out <= left | right or not summed <= left & right:
            self._einsum(step)
        elif ROWS in batch or not summed:
            self._inner(step, summed)
        elif not self._matmul(step, batch, out & left - right, summed, out & right - left):
            self._einsum(step)

    def _sum(self, step: Contraction, left: set[int], out: set[int]) -> None:
        name, target = self._arranged(step.left, sorted(left)), self._target(step, sorted(out))
        over = tuple([k for k, axis in enumerate(sorted(left)) if axis not in out])
        if not over:
            self._line(f"np.add({target}, {name}, out={target})" if step.adds else f"np.copyto({target}, {name})")
            return
        axis = over[0] if len(over) == 1 else over if len(over) < len(left) else None
        self._into(step, target, f"np.add.reduce({name}, axis={axis}, out={{}})", sorted(out))

    def _einsum(self, step: Contraction) -> None:
        assert step.right is not None
        letters, names = {}, []
        for view in (step.left, step.right):
            names.append(self._arranged(view, sorted(axes(view))))
        for axis in sorted(axes(step.left) | axes(step.right)):
            letters[axis] = "abcdefghijklm"[len(letters)]
        out = [axis for axis in sorted(axes(step.out)) if axis in letters]
        texts = ["".join(letters[axis] for axis in sorted(axes(view))) for view in (step.left, step.right)]
        call = f"np.einsum('{','.join(texts)}->{''.join(letters[axis] for axis in out)}', {', '.join(names)}, out={{}})"
        self._into(step, self._target(step, sorted(axes(step.out))), call, out)

    def _inner(self, step: Contraction, summed: set[int]) -> None:
        """Products element by element, then their sums."""
        assert step.right is not None
        every = sorted(axes(step.left) | axes(step.right))
        names = [self._arranged(view, every) for view in (step.left, step.right)]
        target, out = self._target(step, sorted(axes(step.out))), sorted(axes(step.out))
        if not summed:
            self._into(step, target, f"np.multiply({', '.join(names)}, out={{}})", out)
            return
        scratch = self._scratch(ROWS in every, tuple([step.left.shape[axis] for axis in every if axis != ROWS]))
        self._line(f"np.multiply({', '.join(names)}, out={scratch})")
        over = tuple([k for k, axis in enumerate(every) if axis in summed])
        axis = over[0] if len(over) == 1 else over
        self._into(step, target, f"np.add.reduce({scratch}, axis={axis}, out={{}})", out, [scratch])

    def _matmul(self, step: Contraction, batch: set[int], m: set[int], k: set[int], n: set[int]) -> bool:
        """As a product of matrices of merged axes; says no if the result cannot be seen as one."""
        left, right, out = step.left, step.right, step.out
        assert right is not None
        strides = {**dict(enumerate(out.strides)), ROWS: 0}
        if ROWS in m or (ROWS not in n and m and n and min(strides[a] for a in m) < min(strides[a] for a in n)):
            left, right, m, n = right, left, n, m  # so that the last axis of the result is the quick one
        for group in (m, n):  # what cannot be seen as one axis of the result is done one by one
            while not mergeable(out, sorted(group)):
                batch = batch | {min(group)}
                group.discard(min(group))
        if ROWS in batch:
            return False
        shape = [*([axis] for axis in sorted(batch)), sorted(m), sorted(n)]
        target = self._merged(out, [group for group in shape if group], written=True)
        a, b = self._matrix(left, batch, sorted(m), sorted(k)), self._matrix(right, batch, sorted(k), sorted(n))
        order = [axis for group in shape for axis in group if axis != ROWS]
        index = ""
        if batch:
            a, b = (a if m else f"{a}[..., None, :]"), (b if n else f"{b}[..., None]")
            index = "" if m and n else "[..., None, :]" if n else "[..., None]" if m else "[..., None, None]"
        contiguous = is_contiguous(View(out.in_rows, out.base, *_chosen(out, order)))
        function = "np.dot" if not batch and contiguous else "np.matmul"
        result = self._like(target, out, shape) if step.adds else target
        self._line(f"{function}({a}, {b}, out={result}{index})")
        if step.adds:
            self._line(f"np.add({target}, {result}, out={target})")
        return True

    def _like(self, target: str, out: View, groups: list[list[int]]) -> str:
        """Scratch of the shape of a result, in which the axes of each group are one."""
        key = "like", out.in_rows, tuple([(_size(out, group), ROWS in group) for group in groups])
        if key not in self.flat:
            self.flat[key] = self._fresh("t")
            self.views.append(f"{self.flat[key]} = np.empty({target}.shape, {target}.dtype)")
        return self.flat[key]

    def _matrix(self, view: View, batch: set[int], first: list[int], second: list[int]) -> str:
        """The view as matrices; the axis of rows, which is the last of every array, comes where it belongs."""
        turned = ROWS in first and bool(second)
        groups = [second, first] if turned else [first, second]
        name = self._merged(view, [*([axis] for axis in sorted(batch)), *(group for group in groups if group)])
        return name if not turned else f"{name}.swapaxes(-1, -2)" if batch else f"{name}.T"

    def _merged(self, view: View, groups: list[list[int]], written: bool = False) -> str:
        """The view with the axes of each group as one; a copy if that is no view."""
        order = [axis for group in groups for axis in group]
        if all(len(group) == 1 for group in groups):
            return self._target_name(view, order) if written else self._arranged(view, order)
        key = view, tuple(map(tuple, groups))
        copied = not all(mergeable(view, group) for group in groups)
        name = self._arranged(view, order)
        if key not in self.flat:
            source = name
            if copied:
                source = self._fresh(f"{name}_copy", numbered=False)
                self.views.append(f"{source} = np.empty({name}.shape, {name}.dtype)")
            sizes = ["-1" if ROWS in group else str(_size(view, group)) for group in groups]
            self.flat[key] = self._fresh(f"{name}_flat", numbered=False)
            self.views.append(f"{self.flat[key]} = {source}.reshape({', '.join(sizes)})")
        if copied:
            self._line(f"{self.flat[key]}.reshape({name}.shape)[...] = {name}")
        return self.flat[key]

    def _arranged(self, view: View, order: list[int]) -> str:
        """The view with its axes in this order, those that it has not of length 1; that of rows comes last."""
        shape, strides = _chosen(view, [axis for axis in order if axis != ROWS and axis in view.axes])
        name = self._named(View(view.in_rows, view.base, shape, strides))
        index = [":" if axis in axes(view) else "None" for axis in order]
        while index and index[0] == "None":
            index.pop(0)
        return f"{name}[{', '.join(index)}]" if "None" in index else name

    def _target(self, step: Contraction, order: list[int]) -> str:
        return self._target_name(step.out, order)

    def _target_name(self, out: View, order: list[int]) -> str:
        shape, strides = _chosen(out, [axis for axis in order if axis != ROWS and axis in out.axes])
        return self._out(View(out.in_rows, out.base, shape, strides), "z")

    def _into(self, step: Contraction, target: str, call: str, out: list[int], taken: Sequence[str] = ()) -> None:
        """Write what a call gives, or add it."""
        if not step.adds:
            self._line(call.format(target))
            return
        shape = tuple([step.out.shape[axis] for axis in out if axis != ROWS])
        scratch = self._scratch(step.out.in_rows, shape, taken)
        self._line(call.format(scratch))
        self._line(f"np.add({target}, {scratch}, out={target})")


class _Expression:
    """A form as calls of ufuncs, each into the output or into scratch."""

    def __init__(
        self, writer: _Writer, form: Form, operands: Sequence[Operand], out: View, full: tuple[int, ...]
    ) -> None:
        self.writer, self.form, self.out = writer, form, out
        self.full, self.reduced = full, full[1:] if form.words & REDUCTIONS else full
        self.leaves = [
            (writer._operand(x, out.in_rows), isinstance(x, View) and x.shape == full)
            if k in form.operands or "args" in form.words
            else ("", False)
            for k, x in enumerate(operands)
        ]
        self.uses: Counter[int] = Counter()
        self._count(form)
        self.done: dict[int, tuple[str, bool]] = {}
        self.left = Counter(self.uses)
        self.busy: list[str] = []

    def _count(self, form: Form) -> None:
        self.uses[id(form)] += 1
        if self.uses[id(form)] == 1:
            for part in form.parts:
                self._count(part)

    def write(self, target: str, adds: bool) -> None:
        result, _ = self._evaluate(self.form, None if adds else target)
        if adds:
            self.writer._line(f"np.add({target}, {result}, out={target})")
        elif result != target:
            self.writer._line(f"np.copyto({target}, {result})")

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
        line = self.writer._line
        done = [self._evaluate(part, None) for part in form.parts]
        names = [name for name, _ in done]
        if form.word in _REDUCTIONS:
            full = False
            call = f"np.{_REDUCTIONS[form.word]}.reduce({names[0]}, axis=0, out={{}})"
        else:
            full = any(is_full for _, is_full in done)
            call = f"{self._function(form)}({', '.join(names)}, out={{}})"
        separate = form.word in _NO_UFUNCS or form.word in _REDUCTIONS
        if not separate:
            self._release(form)
        result = target or self._scratch(full)
        if form.word in _NO_UFUNCS:
            line(f"{result}[...] = {self._function(form)}({', '.join(names)})")
        else:
            line(call.format(result))
        if separate:
            self._release(form)
        return result, full

    def _function(self, form: Form) -> str:
        if form.word == OPERATION:
            key = form.leaf, len(form.parts)
            known = self.writer.flat
            if key not in known:
                known[key] = self.writer._each(CALLED[str(form.leaf)], len(form.parts))
            return known[key]
        return f"{'special' if form.word in SPECIAL else 'np'}.{SIGNS.get(form.word, form.word)}"

    def _scratch(self, full: bool) -> str:
        name = self.writer._scratch(self.out.in_rows, self.full if full else self.reduced, self.busy)
        self.busy.append(name)
        return name

    def _release(self, form: Form) -> None:
        """Scratch that has been read for the last time may be written again."""
        for part in form.parts:
            self.left[id(part)] -= 1
            if not self.left[id(part)] and id(part) in self.done and (name := self.done[id(part)][0]) in self.busy:
                self.busy.remove(name)


# --- Views ----------------------------------------------------------------------------------------------------


def axes(view: View) -> set[int]:
    """The axes that a view has, that of the rows among them."""
    return view.axes | ({ROWS} if view.in_rows else set())


def squeezed(view: View) -> View:
    """Without axes of length 1."""
    return View(view.in_rows, view.base, *_chosen(view, [k for k, size in enumerate(view.shape) if size > 1]))


def _chosen(view: View, order: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and strides of these axes."""
    return tuple([view.shape[axis] for axis in order]), tuple([view.strides[axis] for axis in order])


def is_contiguous(view: View) -> bool:
    step = 1
    for size, stride in zip(reversed(view.shape), reversed(view.strides), strict=True):
        if size > 1 and stride != step:
            return False
        step *= size
    return True


def mergeable(view: View, group: Sequence[int]) -> bool:
    """Whether the axes are one in memory."""
    for outer, inner in pairwise(group):
        size, stride = (1, 1) if inner == ROWS else (view.shape[inner], view.strides[inner])
        if view.strides[outer] != size * stride:
            return False
    return True


def _size(view: View, group: Sequence[int]) -> int:
    return int(np.prod([view.shape[axis] for axis in group if axis != ROWS]))
