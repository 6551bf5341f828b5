"""The JAX backend: the program as a pure function in `jax.numpy`, in a module of text that stands on its own.

`program(parameters, *inputs)` gives `(loss, gradient)`; or the outputs, of shape (rows, number of outputs), where there
is no gradient. It reads nothing else and changes nothing, so `jax.jit`, `vmap`, `grad` and `jax.sharding` apply to it:

- inputs come as (rows,) or (rows, *shape), and all arithmetic is done in the dtype of the parameters;
- `mean=False` gives the sum over the rows instead of their mean; the mean of no rows is nan;
- nothing can be raised from within: a comparison that goes another way than it was recorded is not seen. Calls through
  `Program` see it.

The text says what f does, and JAX differentiates that; but what an operation passes back is our rule, not JAX's: each
stands in the module once, with derivatives of its own. Arrays have the rows of the batch first. There are no arenas:
what a step writes to places becomes a named array, and what it reads from places becomes a slice of one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from autograd.compiler.matrices.arrays import Arrays, Known, Text, in_rows
from autograd.compiler.matrices.jax_rules import Functions, is_sum
from autograd.compiler.matrices.kernel import Kernel
from autograd.compiler.matrices.lifted import Lifted, Site
from autograd.compiler.matrices.steps import Contraction, Gather, Map, Places, View, reduces
from autograd.compiler.printers.jax_words import function, load, module
from autograd.compiler.recording import check_branch, first_broken
from autograd.compiler.writing import literal, title
from autograd.operation import Op

Array = NDArray[Any]

_MODULE = {"jax", "jnp", "np", "special", "own", "total", "compared", "program"}
_RESERVED = {*_MODULE, "dtype", "mean", "rows", "loss", "gradient", "sides"}
_ROWS = -1  # the axis of rows, before all others


class JaxKernel:
    """Calls the jitted program; JAX compiles it once for each number of rows.

    Attributes:
        text: the module that defines it.
        function: the program, pure and not jitted: `(parameters, *inputs, mean=True) -> (loss, gradient)`, or
            `(parameters, *inputs) -> outputs`.

    Raises:
        NotCompilable: an operation has no form, or one that JAX has no function for; or its rule cannot be written.
    """

    def __init__(self, lifted: Lifted, differentiate: bool, check: bool, dtype: str) -> None:
        self.dtype, self._forward = np.dtype(dtype), lifted.forward
        self.text = _Writer(lifted, differentiate).write()
        space = load(self.text)
        self.function: Callable[..., Any] = space["program"]
        static = ["mean"] if differentiate else []
        self._jitted = jax.jit(space["compared" if self._forward.guards else "program"], static_argnames=static)
        self._watch = Kernel(lifted, differentiate, check, dtype) if check else None

    def values(self, parameters: Array, inputs: Sequence[Array], columns: int) -> Array:
        """The outputs, of shape (number of outputs, columns)."""
        if self._watch:
            self._watch.values(parameters, inputs, columns)
        found = np.array(self._run(parameters, inputs), self.dtype)
        return found.reshape(columns, len(self._forward.outputs)).T

    def loss_and_gradient(
        self, parameters: Array, inputs: Sequence[Array], columns: int, mean: bool
    ) -> tuple[float, Array]:
        """The mean or the sum over the rows of the loss, and its gradient."""
        if self._watch:  # JAX cannot look at every scalar: NumPy raises, for the same steps
            self._watch.loss_and_gradient(parameters, inputs, columns, mean)
        loss, gradient = self._run(parameters, inputs, mean=mean)
        return float(loss), np.array(gradient, self.dtype)

    def followed(self, parameters: Array, inputs: Sequence[Array], columns: int) -> tuple[Array, NDArray[np.intp]]:
        """As `Kernel.followed`."""
        if self._watch:
            self._watch.followed(parameters, inputs, columns)
        if not self._forward.guards:
            return self.values(parameters, inputs, columns), np.full(columns, -1)
        outputs, sides = self._called(parameters, inputs)
        found = np.array(outputs, self.dtype).reshape(columns, len(self._forward.outputs)).T
        sides = np.atleast_2d(np.asarray(sides)).T
        return found, first_broken([guard.check for guard in self._forward.guards], sides, columns)

    def _called(self, parameters: Array, inputs: Sequence[Array], **options: bool) -> Any:
        with jax.enable_x64(self.dtype == np.float64):
            given = [np.asarray(each, self.dtype) for each in (parameters, *[lines.T for lines in inputs])]
            return self._jitted(*given, **options)

    def _run(self, parameters: Array, inputs: Sequence[Array], **options: bool) -> Any:
        found = self._called(parameters, inputs, **options)
        if not self._forward.guards:
            return found
        sides = np.atleast_2d(np.asarray(found[1])).T
        for guard, left, right in zip(self._forward.guards, sides[::2], sides[1::2], strict=True):
            check_branch(guard.check, left, right)
        return found[0]


@dataclass(frozen=True)
class _Factor:
    """An operand of a step: the cells at every index of the axes along which it does not repeat, and these axes.

    Attributes:
        known: the array of which they are places, if they are no cells of the plan.
    """

    places: Places
    axes: tuple[int, ...]
    known: Known | None = None


class _Writer(Arrays):
    """Writes the module, step after step."""

    def __init__(self, lifted: Lifted, differentiate: bool) -> None:
        self.forward, self.differentiate = lifted.forward, differentiate
        self.functions = Functions(differentiate)
        super().__init__(self.forward.plan, lifted.names, _RESERVED)

    # --- The module -------------------------------------------------------------------------------------------

    def write(self) -> str:
        for step in self.forward.plan.steps:
            match step:
                case Gather():
                    self.gather(step)
                case Map():
                    self.result(step, getattr(step.what, "name", "s"), self.map(step))
                case Contraction():
                    self.result(step, "z", self.contraction(step))
        outputs, guards = self.forward.outputs, self.forward.guards
        result = self.loss(outputs[0]) if self.differentiate else self.outputs(outputs)
        if guards:
            sides = self.asked([side for guard in guards for side in (guard.left, guard.right)])
            result = f"{result}, {self.name_of(sides.text, 'sides')}"
        constants = ["\n".join(self.statics)] if self.statics else []
        blocks = [*constants, *self.functions.written, self.computed(result)]
        if self.differentiate:
            blocks.append(self.differentiated(outputs[0][0]))
        if guards:
            options = (", *, mean=True", ", mean=mean") if self.differentiate else ("", "")
            note, result = '"""Without what it compared."""', f"compared({self.names}{options[1]})[0]"
            blocks.append("\n".join(function("program", f"{self.names}{options[0]}", [note], result)))
        return module(blocks)

    @property
    def names(self) -> str:
        return ", ".join([self.theta, *self.arguments])

    @property
    def rows(self) -> str:
        return f"len({self.arguments[0]})" if self.arguments else "1"

    def computed(self, result: str) -> str:
        """The function that does the steps."""
        first = [f"n, dtype = {self.rows}, {self.theta}.dtype"]
        for name, (_, size) in zip(self.arguments, self.forward.plan.arguments, strict=True):
            first.append(f"{name} = jnp.asarray({name}, dtype).reshape({'n' if size == 1 else f'n, {size}'})")
        width = min(88, max([len(text) for text, note in self.lines if note], default=0))
        body = [*first, *(f"{text:<{width}}  # {note}" if note else text for text, note in self.lines)]
        if self.differentiate:
            return "\n".join(function("total", self.names, body, result))
        name = "compared" if self.forward.guards else "program"
        return "\n".join(function(name, self.names, [f"{self.theta} = jnp.asarray({self.theta})", *body], result))

    def differentiated(self, varies: bool) -> str:
        """The function of the mean or the sum, and its gradient."""
        guarded, others = self.forward.guards, ", ".join(["", *self.arguments])
        name, aux = ("compared", ", has_aux=True") if guarded else ("program", "")
        found = "(loss, sides)" if guarded else "loss"
        times = " / rows" if varies else " * rows"
        scaled = f"(loss{times}, gradient{times})"
        either = f"{scaled} if mean else (loss, gradient)" if varies else f"(loss, gradient) if mean else {scaled}"
        body = [
            f"{found}, gradient = jax.value_and_grad(total{aux})(jnp.asarray({self.theta}){others})",
            f"rows = {self.rows}",
        ]
        result = f"({either}), sides" if guarded else either
        return "\n".join(function(name, f"{self.names}, *, mean=True", body, result))

    def result(self, step: Map | Contraction, hint: str, text: str) -> None:
        name, out = self.fresh(hint), step.out.distinct
        self.add(f"{name} = {text}", title(step))
        self.enter(name, out, out.shape)

    def loss(self, site: Site) -> str:
        """The loss; if it varies from row to row, its sum."""
        text = self.at(self.cells(site[0], np.array(site[1]))).text
        return f"jnp.sum({text})" if site[0] else text

    def outputs(self, sites: Sequence[Site]) -> str:
        found = self.asked(sites)
        return in_rows(found.text, len(sites)) if self.arguments and not found.batched else found.text

    def asked(self, sites: Sequence[Site]) -> Text:
        return self.at(np.array([int(self.cells(varies, np.array(place))) for varies, place in sites], dtype=np.intp))

    # --- Steps ------------------------------------------------------------------------------------------------

    def factor(self, view: View) -> _Factor:
        return _Factor(self.cells(view.in_rows, view.distinct.grid), tuple(sorted(view.axes)))

    def arranged(self, factor: _Factor, order: Sequence[int]) -> str:
        """The operand with its axes in this order, those that it has not of length 1; that of rows comes first."""
        own = [axis for axis in order if axis in factor.axes]
        places = factor.places.transpose([factor.axes.index(axis) for axis in own])
        found = Text(self.sliced(factor.known, places), False) if factor.known else self.at(places)
        index = [":" if axis in own else "None" for axis in order if axis != _ROWS]
        if found.batched:
            index.insert(0, ":")
        while index[:1] == ["None"]:
            index.pop(0)
        return f"{found.text}[{', '.join(index)}]" if "None" in index else found.text

    def map(self, step: Map) -> str:
        what, order = step.what, sorted(step.out.axes)
        if isinstance(what, Op) and reduces(what):
            (args,) = step.operands
            assert isinstance(args, View)
            return f"{self.functions.of_many(what, args.shape[0], self.fresh)}({self.many(args)})"
        operands = [self.arranged(self.factor(x), order) if isinstance(x, View) else x for x in step.operands]
        texts = [x for x in operands if isinstance(x, str)]
        if isinstance(what, Op) and not is_sum(what):
            numbers = [None if isinstance(x, str) else x for x in operands]
            return f"{self.functions.of(what, numbers, self.fresh)}({', '.join(texts)})"
        text = step.form.written(
            [x if isinstance(x, str) else literal(x, "jnp") for x in operands], number=lambda x: literal(x, "jnp")
        )
        return text if texts else f"jnp.full({step.out.distinct.shape}, {text}, dtype)"

    def many(self, view: View) -> str:
        """The operands of an operation that takes any number, along axis 0."""
        factor, others = self.factor(view), sorted(view.axes - {0})
        if 0 not in factor.axes:
            text = self.arranged(factor, others)
            return f"jnp.stack([{', '.join([text] * view.shape[0])}])"
        text = self.arranged(factor, [0, *sorted(view.long - {0})])
        return f"jnp.moveaxis({text}, 1, 0)" if self.vary(factor.places) else text

    # --- Contractions -----------------------------------------------------------------------------------------

    def contraction(self, step: Contraction) -> str:
        left, out = self.factor(step.left), sorted(step.out.axes)
        if step.out.in_rows:
            out.insert(0, _ROWS)
        if step.right is None:
            return self.summed(left, out)
        right = self.factor(step.right)
        shape, count = step.left.shape, step.left.shape[-1]
        terms = len(shape) - 1
        if (
            step.biased
            and terms in left.axes
            and self.are_all(self.factor(step.right.part(terms, count - 1, count)).places, 1.0)
        ):
            weights, bias = self.layer(left, terms)
            right = self.factor(step.right.part(terms, 0, count - 1))
            return f"{self.product(weights, right, out, (*shape[:-1], count - 1))} + {self.arranged(bias, out)}"
        return self.product(left, right, out, shape)

    def summed(self, factor: _Factor, out: list[int]) -> str:
        """Summed over the axes that the result has not."""
        axes = sorted(self.axes(factor))
        over = [k for k, axis in enumerate(axes) if axis not in out]
        text = self.arranged(factor, axes)
        return f"jnp.sum({text}, axis={over[0] if len(over) == 1 else tuple(over)})" if over else text

    def layer(self, parameters: _Factor, terms: int) -> tuple[_Factor, _Factor]:
        """Weights and biases, as slices of an array of both."""
        hint = "W" if len(parameters.axes) > 1 else "theta"
        known = Known(self.name_of(self.arranged(parameters, parameters.axes), hint), 0, parameters.places.shape, False)
        grid, others = np.arange(known.size).reshape(known.shape), parameters.axes[:-1]
        weights = grid[..., :-1] if known.shape[-1] > 2 else grid[..., 0]
        return _Factor(weights, (*others, terms)[: weights.ndim], known), _Factor(grid[..., -1], others, known)

    def product(self, left: _Factor, right: _Factor, out: list[int], shape: Sequence[int]) -> str:
        """Σ left · right, its axes in order."""
        a, b = self.axes(left), self.axes(right)
        summed = sorted((a | b).difference(out))
        scale = int(np.prod([size for axis, size in enumerate(shape) if axis not in a | b]))
        factor = f"{float(scale)} * " if scale > 1 else ""
        if len(summed) == 1 and summed[0] in a & b:
            for first, second in ((left, right), (right, left)):
                if text := self.matrix_product(first, second, summed[0], out):
                    return factor + text
        if not summed or a == b:
            every = sorted(a | b)
            text = f"{self.arranged(left, every)} * {self.arranged(right, every)}"
            over = ", ".join(str(every.index(axis)) for axis in summed)
            return factor + (f"jnp.sum({text}, axis={over if len(summed) == 1 else f'({over})'})" if summed else text)
        letters = {axis: "nabcdefgh"[axis + 1] for axis in a | b}
        words = ["".join(letters[axis] for axis in axes) for axes in (sorted(a), sorted(b), out)]
        texts = [self.arranged(each, each.axes) for each in (left, right)]
        return f'{factor}jnp.einsum("{words[0]},{words[1]}->{words[2]}", {", ".join(texts)})'

    def matrix_product(self, first: _Factor, second: _Factor, summed: int, out: list[int]) -> str | None:
        """As `first @ second`, if the axes of the result come in order."""
        m, n = (sorted(self.axes(each) - {summed}) for each in (first, second))
        if len(n) <= 1 and _ROWS not in n and [*m, *n] == out:
            return f"{self.arranged(first, [*m, summed])} @ {self.arranged(second, [summed, *n])}"
        if len(n) == 2 and len(m) == 1 and _ROWS not in m and [n[0], *m, n[1]] == out:
            return f"{self.arranged(first, [*m, summed])} @ {self.arranged(second, [n[0], summed, n[1]])}"
        return None

    def axes(self, factor: _Factor) -> set[int]:
        """The axes along which it does not repeat, that of the rows among them."""
        varies = factor.known is None and self.vary(factor.places)
        return {*factor.axes, *([_ROWS] if varies else [])}
