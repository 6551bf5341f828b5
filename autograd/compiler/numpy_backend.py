"""The NumPy backend: each step is a call or a few that write into the arenas, and nothing is allocated.

The text is a module that finds the arenas `rows` and `fixed` in its namespace. It takes its views of them once; then
`program()` reads and writes them.
"""

import keyword
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.kernel import Bind, Kernel
from autograd.compiler.layout import Inner, Instruction, Map, Operand, Pack, Plan, Product, View
from autograd.compiler.lowering import Lowered
from autograd.compiler.writing import code_of, form_of, literal, strict_form, title
from autograd.errors import call
from autograd.forms import SIGNS, SPECIAL, Form, operand
from autograd.operation import Op
from autograd.reals import is_bool, is_nan, refusal

_REDUCTIONS = {"max": "maximum", "min": "minimum", "sum": "add", "prod": "multiply"}
_NO_UFUNCS = {"where", "polygamma"}
_INNER = Form("sum", (Form("*", (operand(0), operand(1))),))


def make(lowered: Lowered, arguments: list[tuple[str, int]], parameters: int, dtype: str) -> tuple[str, Kernel]:
    """The text of the program and its kernel.

    Args:
        arguments: name and number of scalars of each.
    """
    text, names = _Writer(lowered.plan, arguments, parameters, lowered.strict).write()
    return text, Kernel(lowered, load(text, names), [size for _, size in arguments], parameters, dtype)


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
    def __init__(self, plan: Plan, arguments: list[tuple[str, int]], parameters: int, strict: bool) -> None:
        self.plan, self.arguments, self.parameters = plan, arguments, parameters
        self.form_of = strict_form if strict else form_of
        self.views: list[str] = []
        self.lines: list[tuple[str, str]] = []
        self.name_of: dict[tuple[View, bool], str] = {}
        self.made_at: dict[tuple[bool, int], tuple[View, str]] = {}
        self.transposed: dict[tuple[bool, int, tuple[int, ...]], str] = {}
        self.numbers: Counter[str] = Counter()
        self.needs: dict[str, Any] = {}
        self.used: set[str] = {"np", "rows", "fixed", "view", "special", "program"}
        self.scratch: dict[Any, list[str]] = {}
        self.free: dict[Any, list[str]] = {}

    def write(self) -> tuple[str, dict[str, Any]]:
        for (name, size), base in zip(self.arguments, self.plan.arguments, strict=True):
            if size:
                name = self._fresh(name, numbered=False)
                self._written(View(True, base, (size,), (int(size > 1),)), name)
                self.views.append(f"{name} = rows[{base}:{base + size}]")
        for instruction in self.plan.instructions:
            start = len(self.lines)
            self._write(instruction)
            text, _ = self.lines[start]
            self.lines[start] = text, title(instruction)
        return self._text(), self.needs

    def _text(self) -> str:
        width = min(88, max([len(text) for text, _ in self.lines], default=0))
        body = [f"    {text:<{width}}  # {note}" if note else f"    {text}" for text, note in self.lines]
        return "\n".join([*self.views, "", "", "def program():", *(body or ["    pass"]), ""])

    def _write(self, instruction: Instruction) -> None:
        if isinstance(instruction, Map):
            self._map(instruction)
        elif isinstance(instruction, Product):
            self._product(instruction)
        elif isinstance(instruction, Inner):
            left, right = self._named(instruction.left, True), self._named(instruction.right, True)
            self._expression(_INNER, [left, right], instruction.out, instruction.left.shape, "inner")
        else:
            self._pack(instruction)

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

    def _named(self, view: View, column: bool, hint: str = "") -> str:
        """The name of a view; `column` gives what is in `fixed` an axis for the rows of the batch."""
        key = view, column and not view.in_rows
        if key not in self.name_of:
            self.name_of[key] = name = self._new_name(view, hint)
            self.views.append(f"{name} = {self._view_text(view)}{'[..., None]' if key[1] else ''}")
            self.transposed.setdefault((view.in_rows, view.base, view.strides[::-1]), name)
        return self.name_of[key]

    def _new_name(self, view: View, hint: str) -> str:
        """A name that says what of a known array the view is."""
        known = self.transposed.get((view.in_rows, view.base, view.strides))
        if known and len(view.shape) > 1:
            return self._fresh(f"{known}_T", numbered=False)
        out, name = self.made_at.get((view.in_rows, view.base), (None, ""))
        if out is not None:
            longer = len(view.shape) == len(out.shape) == 1 and view.shape > out.shape and view.strides[0] == 1
            kind = "_and_1" if longer else "_each" if 0 in view.strides else "_"
            return self._fresh(name + kind, numbered=False)
        parameter = not view.in_rows and view.base < self.parameters
        return self._fresh(hint or (("W" if len(view.shape) > 1 else "theta") if parameter else "c"))

    def _view_text(self, view: View) -> str:
        arena = "rows" if view.in_rows else "fixed"
        end = view.base
        size = int(np.prod(view.shape))
        if self._contiguous(view):
            text = f"{arena}[{end}:{end + size}]"
            tail = ", -1" if view.in_rows else ""
            return text if len(view.shape) == 1 else f"{text}.reshape({', '.join(map(str, view.shape))}{tail})"
        return f"view({arena}, {view.base}, {view.shape}, {view.strides})"

    @staticmethod
    def _contiguous(view: View) -> bool:
        step = 1
        for size, stride in zip(reversed(view.shape), reversed(view.strides), strict=True):
            if size > 1 and stride != step:
                return False
            step *= size
        return True

    # --- Instructions -----------------------------------------------------------------------------------------

    def _pack(self, pack: Pack) -> None:
        out = self._named(pack.out, False, "packed")
        index = self._fresh("places")
        self.needs[index] = pack.places
        arena = "rows" if pack.from_rows else "fixed"
        if pack.from_rows == pack.out.in_rows:
            self.lines.append((f"np.take({arena}, {index}, axis=0, out={out}, mode='clip')", ""))
        else:
            self.lines.append((f"{out}[...] = {arena}[{index}][:, None]", ""))

    def _product(self, product: Product) -> None:
        if product.total:
            self._total(product)
            return
        (rows, _), columns = product.left.shape, product.right.shape[0]
        left = self._named(product.left, False)
        if not product.out.in_rows:
            right = self._named(product.right, False)
            out = self._out(product.out, "z")
            self.lines.append((f"np.matmul({left}, {right}.T, out={out})", ""))
        elif columns == 1:
            right = self._named(
                View(True, product.right.base, product.right.shape[1:], product.right.strides[1:]), True
            )
            out = self._out(View(True, product.out.base, (rows,), (1,)), "z")
            self.lines.append((f"np.dot({left}, {right}, out={out})", ""))
        else:
            right = self._named(product.right, True)
            self.lines.append((f"np.matmul({left}, {right}, out={self._out(product.out, 'z')})", ""))

    def _total(self, product: Product) -> None:
        left, right = self._flat(product.left), self._flat(product.right)
        out = self._out(product.out, "total")
        if right is None:
            self.lines.append((f"np.sum({left}, axis=1, out={out}[:, 0])", ""))
        else:
            self.lines.append((f"np.dot({left}, {right}.T, out={out})", ""))

    def _flat(self, operand: View) -> str:
        """One line for each list, the numbers of all its scalars and rows one after the other."""
        lists, terms = operand.shape
        if terms == 1:
            return self._named(View(True, operand.base, (lists,), operand.strides[:1]), True)
        name = self._named(operand, True)
        flat = self._fresh(f"{name}_flat")
        self.views.append(f"{flat} = {name}.reshape({lists}, -1)")
        if operand.strides[1] != 1 or operand.strides[0] != terms:
            self.views[-1] = f"{flat} = np.empty(({lists}, {terms}, rows.shape[1]), rows.dtype)"
            self.lines.append((f"{flat}[...] = {name}", ""))
            return f"{flat}.reshape({lists}, -1)"
        return flat

    def _map(self, step: Map) -> None:
        form = self.form_of(step.what)
        many = isinstance(step.what, Op) and step.what.arity is None
        names = [self._operand(operand, step.out.in_rows) for operand in step.operands]
        hint = step.what.name if isinstance(step.what, Op) else "s"
        if form is None or (form.words & SPECIAL and not self._special()):
            self._call(step, names, many)
            return
        full = step.operands[0].shape if many and isinstance(step.operands[0], View) else step.out.shape
        self._expression(form, names, step.out, full, hint)

    def _special(self) -> bool:
        try:
            from scipy import special
        except ModuleNotFoundError:
            return False
        self.needs["special"] = special
        return True

    def _call(self, step: Map, names: list[str], many: bool) -> None:
        name = self._fresh(f"each_{step.what.name}")
        view = step.operands[0]
        arity = view.shape[0] if many and isinstance(view, View) else len(names)
        self.needs[name] = elementwise(step.what, arity)
        out = self._out(step.out, step.what.name)
        self.lines.append((f"{out}[...] = {name}({'*' if many else ''}{', '.join(names)})", ""))

    def _operand(self, operand: Operand, varies: bool) -> str:
        return self._named(operand, varies) if isinstance(operand, View) else literal(operand)

    def _out(self, out: View, hint: str) -> str:
        if (out, False) in self.name_of:
            return self.name_of[out, False]
        name = self._written(out, self._fresh(hint))
        self.views.append(f"{name} = {self._view_text(out)}")
        return name

    # --- Expressions ------------------------------------------------------------------------------------------

    def _expression(self, form: Form, names: list[str], out: View, full: tuple[int, ...], hint: str) -> None:
        """The form as calls of ufuncs, each into the output or into scratch."""
        target = self._out(out, hint)
        self.free = {key: list(pool) for key, pool in self.scratch.items()}
        self.leaves, self.known = names, {}
        self.reduced, self.full = (out.in_rows, out.shape), (out.in_rows, full)
        result, _ = self._evaluate(form, target)
        if result != target:
            self.lines.append((f"np.copyto({target}, {result})", ""))

    def _evaluate(self, form: Form, target: str | None) -> tuple[str, bool]:
        """Write the code of a form; gives the name of its result, and whether it is of the full shape."""
        if form.word == "number":
            return literal(form.number), False
        if not form.parts:
            return self.leaves[int(form.leaf or 0)], self.full != self.reduced
        if form.word in _REDUCTIONS:
            return self._reduction(form, target), False
        done = [self._evaluate(part, None) for part in form.parts]
        full = any(is_full for _, is_full in done)
        arguments = ", ".join(name for name, _ in done)
        function = f"{'special' if form.word in SPECIAL else 'np'}.{SIGNS.get(form.word, form.word)}"
        if form.word in _NO_UFUNCS:  # they may read what they have written over already
            result = target or self._scratch(full)
            self.lines.append((f"{result}[...] = {function}({arguments})", ""))
            self._release(*[name for name, _ in done])
            return result, full
        self._release(*[name for name, _ in done])
        result = target or self._scratch(full)
        self.lines.append((f"{function}({arguments}, out={result})", ""))
        return result, full

    def _reduction(self, form: Form, target: str | None) -> str:
        if form not in self.known:
            inner, _ = self._evaluate(form.parts[0], None)
            result = self.known[form] = target or self._scratch(False)
            self.lines.append((f"np.{_REDUCTIONS[form.word]}.reduce({inner}, axis=0, out={result})", ""))
            self._release(inner)
        return self.known[form]

    def _scratch(self, full: bool) -> str:
        key = self.full if full else self.reduced
        free = self.free.setdefault(key, [])
        if free:
            return free.pop()
        name = self._fresh("t")
        in_rows, shape = key
        sizes = "".join(f"{size}, " for size in shape) + ("rows.shape[1]," if in_rows else "")
        self.views.append(f"{name} = np.empty(({sizes}), {'rows' if in_rows else 'fixed'}.dtype)")
        self.scratch.setdefault(key, []).append(name)
        return name

    def _release(self, *names: str) -> None:
        for key, pool in self.scratch.items():
            for name in names:
                if name in pool and name not in self.free[key] and name not in self.known.values():  # to be read again
                    self.free[key].append(name)
