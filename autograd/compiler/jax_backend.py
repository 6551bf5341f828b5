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

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from autograd.compiler import numpy_backend
from autograd.compiler.arrays import Arrays, Known, listed
from autograd.compiler.jax_words import Words, imports, in_numbers, lacking, load
from autograd.compiler.kernel import branch_changed
from autograd.compiler.layout import Inner, Instruction, Map, Operand, Pack, Places, Product, View
from autograd.compiler.lowering import Gather, Gradient, Lowered
from autograd.compiler.recording import COMPARE
from autograd.compiler.writing import form_of, literal, title
from autograd.errors import NotCompilable
from autograd.forms import Form
from autograd.operation import Op

Array = NDArray[Any]

_RESERVED = {"jnp", "np", "special", "program", "compared", "mean", "dtype", "rows", "times"}


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
        self.words = Words(self.statics, self.used)

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
        return imports(f"{statics}\n{function}") + "\n" + (f"{statics}\n\n" if statics else "") + f"\n{function}\n"

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
        text = in_numbers(form).written(names, self.words.called, lambda number: literal(number, "jnp"))
        if many or self.fills(step, form):
            return text
        return f"jnp.full(({'n, ' if step.out.in_rows else ''}{listed(step.out.shape)},), {text}, dtype)"

    @staticmethod
    def check(form: Form, what: Any) -> None:
        """Refuse what JAX has no function for."""
        if found := lacking(form):
            raise NotCompilable(
                f'compile(backend="jax"): the form of {what.name!r} calls {found[0]}, which {found[1]} does not '
                'have; write it with other functions, or use backend="numpy".'
            )

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
