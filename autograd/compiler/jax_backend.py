"""The JAX backend: the program as a pure function in `jax.numpy`, in a module of text that stands on its own.

`program(parameters, *inputs)` gives `(loss, gradient)`; or the outputs, of shape (rows, number of outputs), where there
is no gradient. It reads nothing else and changes nothing, so `jax.jit`, `vmap`, `grad` and `jax.sharding` apply to it:

- inputs come as (rows,) or (rows, *shape), and all arithmetic is done in the dtype of the parameters;
- `mean=False` gives the sum over the rows instead of their mean; the mean of no rows is nan;
- nothing can be raised from within: a comparison that goes another way than it was recorded is not seen. Calls through
  `Program` see it.

Arrays have the rows of the batch first. There are no arenas: what the plan writes to places becomes a named array, and
what it reads from places becomes a slice of one, reshaped or transposed.
"""

import math
import re
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from jax.scipy import special
from numpy.typing import NDArray

from autograd.compiler import numpy_backend
from autograd.compiler.arrays import Arrays, Known, listed
from autograd.compiler.kernel import branch_changed
from autograd.compiler.layout import Inner, Instruction, Map, Operand, Pack, Places, Product, View
from autograd.compiler.lowering import Gather, Gradient, Lowered
from autograd.compiler.recording import COMPARE
from autograd.compiler.writing import code_of, forget_with, form_of, literal, title
from autograd.errors import NotCompilable
from autograd.forms import ARITY, REDUCTIONS, SPECIAL, TRUTHS, Form
from autograd.operation import Op

Array = NDArray[Any]

_RESERVED = {"jnp", "np", "special", "program", "compared", "mean", "dtype", "rows", "times"}
_IMPORTS = {"jnp": "import jax.numpy as jnp", "np": "import numpy as np", "special": "from jax.scipy import special"}


def make(lowered: Lowered, arguments: list[tuple[str, int]], parameters: int, dtype: str) -> tuple[str, "JaxKernel"]:
    """The text of the program and its kernel.

    Args:
        arguments: name and number of scalars of each.

    Raises:
        NotCompilable: an operation has no form, or one that JAX has no function for.
    """
    text = Writer(lowered, arguments, parameters).write()
    watch = numpy_backend.make(lowered, arguments, parameters, dtype)[1] if lowered.names is not None else None
    return text, JaxKernel(lowered, load(text), dtype, watch)


def load(text: str) -> dict[str, Any]:
    """What the module of this text defines; debuggers and tracebacks show its lines.

    Each function sees what stands before it, and so not itself: a program that is dropped is freed at once.
    """
    space: dict[str, Any] = {}
    exec(code := code_of(text, "JAX program"), space)
    linked: dict[str, Any] = {}
    for name, thing in space.items():
        if isinstance(thing, FunctionType):
            options, thing = thing.__kwdefaults__, FunctionType(thing.__code__, dict(linked))
            thing.__kwdefaults__ = options
        linked[name] = thing
    forget_with(linked["program"], code)  # which JAX may keep longer
    return linked


class JaxKernel:
    """Calls the jitted program; JAX compiles it once for each number of rows.

    Attributes:
        function: the program, pure and not jitted: `(parameters, *inputs, mean=True) -> (loss, gradient)`, or
            `(parameters, *inputs) -> outputs`.
    """

    def __init__(self, lowered: Lowered, space: dict[str, Any], dtype: str, watch: Any = None) -> None:
        self.lowered, self.dtype, self.watch = lowered, np.dtype(dtype), watch
        self.function: Callable[..., Any] = space["program"]
        static = ["mean"] if lowered.gradient else []
        self._jitted = jax.jit(space["compared" if lowered.guards else "program"], static_argnames=static)

    def values(self, parameters: Array, inputs: Sequence[Array], columns: int) -> Array:
        """The outputs, of shape (number of outputs, columns)."""
        if self.watch:
            self.watch.values(parameters, inputs, columns)
        found = np.array(self._run(parameters, inputs), self.dtype)
        return found.reshape(columns, self.lowered.outputs.count).T

    def loss_and_gradient(
        self, parameters: Array, inputs: Sequence[Array], columns: int, mean: bool
    ) -> tuple[float, Array]:
        """The mean or the sum over the rows of the loss, and its gradient."""
        if self.watch:  # JAX cannot look at every scalar: NumPy raises, for the same plan
            self.watch.loss_and_gradient(parameters, inputs, columns, mean)
        loss, gradient = self._run(parameters, inputs, mean=mean)
        return float(loss), np.array(gradient, self.dtype)

    def _run(self, parameters: Array, inputs: Sequence[Array], **options: bool) -> Any:
        with jax.enable_x64(self.dtype == np.float64):
            given = [np.asarray(each, self.dtype) for each in (parameters, *[lines.T for lines in inputs])]
            found = self._jitted(*given, **options)
        if not self.lowered.guards:
            return found
        self._compare(np.atleast_2d(np.asarray(found[1])))
        return found[0]

    def _compare(self, sides: Array) -> None:
        """Refuse rows in which a comparison goes another way than it was recorded."""
        for k, guard in enumerate(self.lowered.guards):
            left, right = sides[:, 2 * k], sides[:, 2 * k + 1]
            changed = np.flatnonzero(COMPARE[guard.sign](left, right) != guard.outcome)
            if len(changed):
                row = int(changed[0])
                raise branch_changed(guard, left.item(row), right.item(row), row)


class Writer(Arrays):
    """Writes the module, instruction after instruction."""

    def __init__(self, lowered: Lowered, arguments: list[tuple[str, int]], parameters: int) -> None:
        super().__init__(lowered.plan, arguments, parameters, _RESERVED)
        self.lowered, self.parameters = lowered, parameters

    # --- The module -------------------------------------------------------------------------------------------

    def write(self) -> str:
        for instruction in self.plan.instructions:
            self.instruction(instruction)
        result = self.loss(self.lowered.gradient) if self.lowered.gradient else self.outputs()
        names = ", ".join([self.theta, *[name for name, _ in self.arguments]])
        option, passed = (", *, mean=True", ", mean=mean") if self.lowered.gradient else ("", "")
        if not self.lowered.guards:
            return self.module(f"def program({names}{option}):", result)
        shell = f'    """Without what it compared."""\n    return compared({names}{passed})[0]\n'
        sides = self.name_of(self.guards(), "sides")
        text = self.module(f"def compared({names}{option}):", f"({result}), {sides}")
        return f"{text}\n\ndef program({names}{option}):\n{shell}"

    def module(self, head: str, result: str) -> str:
        rows = f"len({self.arguments[0][0]})" if self.arguments else "1"
        first = [f"{self.theta} = jnp.asarray({self.theta})", f"n, dtype = {rows}, {self.theta}.dtype"]
        first += [f"{name} = jnp.asarray({name}, dtype).reshape(n, {size})" for name, size in self.arguments]
        width = min(88, max([len(text) for text, note in self.lines if note], default=0))
        body = [f"{text:<{width}}  # {note}" if note else text for text, note in self.lines]
        function = "\n".join([head, *[f"    {line}" for line in (*first, *body, f"return {result}")]])
        statics = "\n".join(self.statics)
        used = [text for name, text in _IMPORTS.items() if re.search(rf"\b{name}\.", f"{statics}\n{function}")]
        return "\n".join(used) + "\n\n" + (f"{statics}\n\n" if statics else "") + f"\n{function}\n"

    def loss(self, where: Gradient) -> str:
        self.add("rows, times = (n, 1) if mean else (1, n)")
        number = self.sum_of(
            None if where.loss_total is None else self.element(where.loss_total),
            None if where.loss_fixed is None else self.element(where.loss_fixed),
        )
        self.add(f"{(loss := self.fresh('loss', False))} = {number}")
        totals = self.total_places(where) if where.has_totals else None
        gradient = self.sum_of(
            None if totals is None else self.gathered(totals)[0],
            None if where.fixed is None else self.gathered(self.plan.height + where.fixed)[0],
        )
        self.add(f"{(name := self.fresh('gradient', False))} = {gradient or f'jnp.zeros({self.parameters}, dtype)'}")
        return f"{loss}, {name}"

    @staticmethod
    def sum_of(total: str | None, fixed: str | None) -> str:
        """What is summed over the rows, and what is the same for each."""
        return " + ".join([f"{text}{scale}" for text, scale in ((total, " / rows"), (fixed, " * times")) if text])

    def total_places(self, where: Gradient) -> Places:
        """Where the totals of the gradient are; what has none is in a cell that is never written, and so 0."""
        places = np.arange(self.parameters) + self.plan.gradient
        places[where.moved] = where.moved_from
        return self.plan.height + places

    def outputs(self) -> str:
        text, batched = self.gathered(self.cells(self.lowered.outputs))
        if self.arguments and not batched:
            return f"jnp.broadcast_to({text}, (n, {self.lowered.outputs.count}))"
        return text

    def guards(self) -> str:
        return self.gathered(np.concatenate([self.cells(guard.sides) for guard in self.lowered.guards]))[0]

    def cells(self, gather: Gather) -> Places:
        cells = np.empty(gather.count, dtype=np.intp)
        cells[gather.in_rows], cells[gather.in_fixed] = gather.rows, self.plan.height + gather.fixed
        return cells

    # --- Instructions -----------------------------------------------------------------------------------------

    def instruction(self, instruction: Instruction) -> None:
        if isinstance(instruction, Pack):
            self.pack(instruction)
            return
        out = instruction.out
        if isinstance(instruction, Map):
            text, shape, hint = self.map(instruction), out.shape, getattr(instruction.what, "name", "s")
        elif isinstance(instruction, Inner):
            left, right = self.read(instruction.left), self.read(instruction.right)
            text, shape, hint = f"jnp.sum({left} * {right}, axis=-2)", out.shape, "inner"
        elif instruction.total:
            (text, shape), hint = self.total(instruction), "total"
        else:
            (text, shape), hint = self.product(instruction), "z"
        name = self.fresh(hint)
        self.add(f"{name} = {text}", title(instruction))
        self.enter(Known(name, self.cell(out), shape, out.in_rows))

    def product(self, product: Product) -> tuple[str, tuple[int, ...]]:
        (rows, terms), columns = product.left.shape, product.right.shape[0]
        if columns > 1:
            if product.out.in_rows and rows == 1:
                return f"{self.read(product.right)} @ {self.read(_without_first(product.left))}", (columns,)
            if product.out.in_rows:
                return f"{self.read(product.right)} @ {self.read(_transposed(product.left))}", (columns, rows)
            return f"{self.read(product.left)} @ {self.read(_transposed(product.right))}", (rows, columns)
        right = _without_first(product.right)
        if not product.out.in_rows:
            return f"{self.read(product.left)} @ {self.read(right)}", (rows,)
        if product.biased and self.number(right, terms - 1) == 1:
            self.read(product.left)  # names the weights together with the biases: the slices are of that
            weights, bias = _without_last(product.left), _last(product.left)
            text = f"{self.read(_without_last(right))} @ {self.read(_transposed(weights))} + {self.read(bias)}"
            return text, (rows,)
        return f"{self.read(right)} @ {self.read(_transposed(product.left))}", (rows,)

    def total(self, product: Product) -> tuple[str, tuple[int, ...]]:
        """Σ over the rows, and over the terms of each."""
        (rows, terms), columns = product.left.shape, product.right.shape[0]
        if columns == 1 and self.all_constant(product.right) == {1.0}:
            left = self.read(_flat_column(product.left) if terms == 1 else product.left, batched=True)
            return f"jnp.sum({left}, axis={0 if terms == 1 else (0, 2)})", (rows,)
        if self.all_constant(product.right):
            left = self.read(product.left, batched=True)
            return f"jnp.sum({left}, axis=0) @ {self.read(_transposed(product.right))}", (rows, columns)
        if self.all_constant(product.left):
            right = self.read(product.right, batched=True)
            return f"{self.read(product.left)} @ jnp.sum({right}, axis=0).T", (rows, columns)
        views = product.left, product.right
        left, right = (self.read(_flat_column(each) if terms == 1 else each, batched=True) for each in views)
        return f"{left}.T @ {right}" if terms == 1 else f'jnp.einsum("nrk,nck->rc", {left}, {right})', (rows, columns)

    def map(self, step: Map) -> str:
        form = form_of(step.what)
        if form is None:
            raise NotCompilable(
                f'compile(backend="jax"): the operation {step.what.name!r} has no form; define it with one, '
                f'as in primitive(…, form=lambda f, x: f.exp(x)), or use backend="numpy".'
            )
        many = isinstance(step.what, Op) and step.what.arity is None
        names = [self.many(operand) if many else self.operand(operand) for operand in step.operands]
        self.check(form, step.what)
        text = _in_numbers(form).written(names, self.called, lambda number: literal(number, "jnp"))
        if many or self.fills(step, form):
            return text
        return f"jnp.full(({'n, ' if step.out.in_rows else ''}{listed(step.out.shape)},), {text}, dtype)"

    @staticmethod
    def check(form: Form, what: Any) -> None:
        """Refuse what JAX has no function for."""
        for word in form.words & ARITY.keys():
            if not hasattr(module := special if word in SPECIAL else jnp, word):
                raise NotCompilable(
                    f'compile(backend="jax"): the form of {what.name!r} calls {word}, which {module.__name__} does not '
                    'have; write it with other functions, or use backend="numpy".'
                )

    def called(self, word: str, texts: list[str]) -> str:
        if word == "polygamma" and texts[0].isdigit():
            return f"{self.polygamma(int(texts[0]))}({texts[1]})"
        option = ["dtype"] if word == "asarray" else ["0"] if word in REDUCTIONS else []
        return f"{'special' if word in SPECIAL else 'jnp'}.{word}({', '.join([*texts, *option])})"

    def polygamma(self, n: int) -> str:
        """One that is right below 0 too, where JAX's own is not."""
        if (name := f"polygamma{n}") not in self.used:
            self.used.add(name)
            self.statics.append(
                _POLYGAMMA.format(n=n, slopes=_slopes_of_cot(n), sign="-" if n % 2 else "", far=_far(n))
            )
        return name

    @staticmethod
    def fills(step: Map, form: Form) -> bool:
        """Whether the operands that the form reads together have the shape of the result."""
        views = [each for k, each in enumerate(step.operands) if k in form.operands and isinstance(each, View)]
        shape = step.out.shape
        return bool(views) and all(size == 1 or any(v.strides[k] for v in views) for k, size in enumerate(shape))

    def operand(self, operand: Operand) -> str:
        if isinstance(operand, View):
            return self.read(operand, full=False)
        return literal(operand, "jnp")

    def many(self, view: Any) -> str:
        """The operands of an operation that takes any number, along axis 0."""
        text, batched = self.array(view)
        return self.name_of(f"jnp.moveaxis({text}, 1, 0)", "args") if batched else text


def _in_numbers(form: Form, condition: bool = False) -> Form:
    """With numbers for truth values, of which a sum would be an "or"; but not where they are a condition."""
    parts = [_in_numbers(part, form.word == "where" and not k) for k, part in enumerate(form.parts)]
    form = Form(form.word, tuple(parts), form.leaf)
    return Form("asarray", (form,)) if form.word in TRUTHS and not condition else form


# --- Views and text -------------------------------------------------------------------------------------------


def _transposed(view: View) -> View:
    return View(view.in_rows, view.base, view.shape[::-1], view.strides[::-1])


def _without_first(view: View) -> View:
    return View(view.in_rows, view.base, view.shape[1:], view.strides[1:])


def _without_last(view: View) -> View:
    """All but the last number of the last axis."""
    return View(view.in_rows, view.base, (*view.shape[:-1], view.shape[-1] - 1), view.strides)


def _last(view: View) -> View:
    return View(view.in_rows, view.base + (view.shape[-1] - 1) * view.strides[-1], view.shape[:-1], view.strides[:-1])


def _flat_column(view: View) -> View:
    """A list of one-element lists as one list."""
    return View(view.in_rows, view.base, view.shape[:1], view.strides[:1])


_POLYGAMMA = '''
def polygamma{n}(x):
    """JAX's own is wrong below 0 and far out; cot is the cotangent of pi * x, with all its digits."""
    y = jnp.where(x > 0, x, 1 - x)
    positive = jnp.where(y < 1e17, special.polygamma({n}, y), {far} * y ** -{n})
    t = x - jnp.round(x)
    cot = jnp.where(jnp.abs(t) < 0.25, 1 / jnp.tan(jnp.pi * t), jnp.sign(t) * jnp.tan(jnp.pi * (0.5 - jnp.abs(t))))
    return jnp.where(x > 0, positive, {sign}positive - np.pi ** {n} * np.pi * ({slopes}))

'''


def _far(n: int) -> float:
    """What polygamma(n) of a large x is, times xⁿ."""
    return (-1.0) ** (n + 1) * math.factorial(n - 1)


def _slopes_of_cot(n: int) -> str:
    """The n-th derivative of cot(t) as a polynomial in `cot`, from cot' = -(1 + cot²)."""
    slopes = [0, 1]  # the coefficient of each power
    for _ in range(n):
        lower = [k * each for k, each in enumerate(slopes)][1:]
        slopes = [-(a + b) for a, b in zip([*lower, 0, 0], [0, 0, *lower], strict=True)]
    text = "0"
    for each in reversed(slopes):
        text = f"{each}.0" if text == "0" else f"({text}) * cot + {each}.0"
    return text
