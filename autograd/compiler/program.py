"""`compile` and what it gives: a program that runs on whole batches."""

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from autograd.calls import Argnums
from autograd.compiler.floats import array_of_floats, float_of
from autograd.compiler.loops.rolled import CBuffers, CKernel, Rolled
from autograd.compiler.matrices.kernel import Buffers, Kernel
from autograd.compiler.recording import Recording, record, uncollected
from autograd.compiler.way import Kind, Options, Way
from autograd.compiler.ways import Learner, Ways
from autograd.compiler.writing import flops, title, written
from autograd.containers import opened
from autograd.engine import Value
from autograd.errors import show
from autograd.languages import Language
from autograd.operation import constant
from autograd.trees import Blocks

if TYPE_CHECKING:
    from autograd.compiler.drawing.picture import Picture

Array = NDArray[Any]
Reduction = Literal["mean", "sum"]
Branches = Literal["raise", "follow"]

_FLOAT64 = np.dtype(np.float64)


class IndependentError(ValueError):
    """The loss of the example depends on no parameter."""


class HasParameters(Protocol):
    """A model: `parameters()` gives the Values to be learned."""

    def parameters(self) -> Iterable[Value]: ...


Asked = Value | HasParameters | int | Sequence[Value | HasParameters | int]
"""What derivatives are asked for: parameters, and positions of arguments."""


def compile(
    f: Callable[..., Any],
    *examples: Any,
    wrt: Asked = (),
    backend: str | None = None,
    reduce: Reduction = "mean",
    dtype: str = "float64",
    check: bool = False,
    strict: bool = False,
    branches: Branches = "raise",
    most_ways: int = 64,
) -> "Program":
    """A program that does for whole batches what `f` does for one sample: write scalars, run matrices.

    >>> from autograd import Value
    >>> w, b = Value(2.0, "w"), Value(1.0, "b")
    >>> program = compile(lambda x, t: (w * x + b - t) ** 2, 0.0, 0.0, wrt=[w, b])
    >>> program([1.0, 2.0], [0.0, 0.0])
    array([ 9., 25.])
    >>> program.value_and_grad([1.0, 2.0], [0.0, 0.0])
    (17.0, array([13.,  8.]))

    `f` runs once, here, on placeholders for the numbers of the examples. What it does with anything but Values is
    frozen, and so are Values that it reads and `wrt` does not name. A comparison (`if x > 0`) becomes a guard: data
    that would have gone the other way raise `BranchChanged`, or go that way with `branches="follow"`. A comparison of
    `.data` cannot be seen, and is frozen.

    Programs compute in IEEE arithmetic: where the graph would raise DomainError, they give nan or inf; `check=True`
    raises, and names the operation. A zero that was computed, times infinity, is nan.

    Args:
        f: a function from the arguments of one sample to a Value, or to a tree of Values: lists, tuples, named tuples,
            dicts, dataclasses and arrays.
        examples: a sample: for each argument a number, or a tree of numbers. Where one has names (a dict, a dataclass,
            a named tuple), the program takes such a container too, with an array in each place: not a list of records.
        wrt: the parameters, Values that `f` reads: a model (anything with `parameters()`, as an `nn.Module`), a Value,
            or a list of models and Values. The program starts from their numbers. And the positions of arguments, by
            which `Program.jacobian` and `Program.hessian` differentiate: an int, or ints in the list.
        backend: `"numpy"`; `"c"`, compiled by the system's C compiler (or extra `c`); `"jax"` (extra `jax`), see
            `Program.function`. None chooses C for deep code, in which each operation waits for the one before, if
            there is a compiler, and NumPy otherwise: for matrices, C takes half a second to compile, which pays off
            after some ten thousand calls of a small network.
        reduce: what `value_and_grad` makes of the losses of a batch: `"mean"` or `"sum"`.
        dtype: `"float64"`, or `"float32"`, with 7 digits.
        check: after every call, look for results that are not finite, and name the scalar they came from.
        strict: compute each operation as the graph does, in the order in which `f` and the reverse sweep do, so that
            every row is the graph's, bit for bit; slower, and for the NumPy backend only.
        branches: what becomes of a row that goes another way than the example at a comparison. `"raise"` refuses it;
            `"follow"` records f once more, on this row, and keeps a program for each way (`Program.ways`). While it
            records, the Values of `wrt` have the program's parameters, and what else f reads its first numbers.
        most_ways: how many ways are followed at most; one more is refused with `BranchChanged`.

    Raises:
        ValueError: the result depends on no argument and no parameter, or the loss on none of `wrt`; or the lists of
            an example are ragged.
        TypeError: an example is not a number, or one that a float would round (a Fraction, say); or `f` returns
            something else than Values.
        NotCompilable: `f` needs numbers where it gets Values (`float(x)`, a key of a dict); or calls `backward`, or
            reads the `.grad` of an argument (then it is a RuntimeError too); or has no value at the example (then it
            is a DomainError too); or a rule branches on its numbers. Or the backend lacks an operation.
    """
    options = {"backend": backend, "reduce": reduce, "dtype": dtype, "check": check, "strict": strict}
    argnums, parameters = _asked(wrt, len(examples))
    options = Options(**options, branches=branches, most_ways=most_ways, argnums=argnums)
    learner = Learner(f, examples, parameters) if branches == "follow" else None
    with uncollected():
        recording = learner.first(examples) if learner else record(f, examples, parameters)
        return Program(recording, parameters, options, learner)


class Program:
    """A compiled function of batches; made by `compile`, or by `Program.from_graph`.

    Attributes:
        backend, why: which backend, and why this one.
        parameters: float64 (n_parameters,), the numbers of `wrt`; may be assigned. `write_back` gives them to the
            Values, which nothing else changes.
    """

    def __init__(
        self, recording: Recording, parameters: Sequence[Value], options: Options, learner: Learner | None = None
    ) -> None:
        self._values = _distinct(recording.inputs, parameters)
        _check_dependence(recording, self._values)
        self._way = way = Way(recording, self._values, options)
        self._ways = Ways(way, recording.guards, learner)
        self.backend, self.why, self.reduce, self.dtype = way.backend, way.why, options.reduce, options.dtype
        self.strict = options.strict
        self._names, self._arguments, self._sizes = recording.names, recording.arguments, recording.sizes
        self._paths = [path for blocks in recording.arguments for path in blocks.paths]
        self._shapes = [shape for blocks in recording.arguments for shape in blocks.shapes]
        self._plain = all(blocks.is_one for blocks in recording.arguments)
        self._results, self._places = way.results, way.results.places
        self._theta = np.array(way.theta, dtype=np.float64)
        self._labels = [value.label for value in self._values]

    @classmethod
    def from_graph(cls, outputs: Any, inputs: Sequence[Value] = (), wrt: Asked = (), **options: Any) -> "Program":
        """The program of a graph that is already recorded.

        >>> from autograd import Value
        >>> x, w = Value(3.0), Value(2.0)
        >>> program = Program.from_graph(x * w, inputs=[x], wrt=[w])
        >>> program([1.0, 2.0])
        array([2., 4.])

        Args:
            outputs: a Value, or a tree of them.
            inputs: leaves that become the arguments, one number each. Without any the program has no batch.
            wrt, options: as for `compile`.
        """
        for k, node in enumerate(inputs):
            if not isinstance(node, Value):
                raise TypeError(f"Program.from_graph(inputs[{k}]={node!r}): wanted a Value.")
            float_of(f"Program.from_graph: the number of inputs[{k}]", node.data)
        names = tuple(node.label or f"x{k}" for k, node in enumerate(inputs))
        arguments = tuple(Blocks.of(0.0, "Program.from_graph", name) for name in names)
        argnums, parameters = _asked(wrt, len(inputs))
        recording = Recording(names, arguments, tuple(inputs), outputs)
        return cls(recording, parameters, Options(argnums=argnums, **options))

    # --- Running ----------------------------------------------------------------------------------------------

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What f returns, for every row of the batch.

        Args:
            arguments: for each argument of f an array of its shape, or of shape (rows, *its shape); in a dict, a
                dataclass or a named tuple where the example was one. An argument without rows is the same for all of
                them.
            named: the same, by the names of f's arguments.

        Returns:
            An array of shape (rows,) for a Value, (rows, *shape) for lists of Values that have a shape; tuples, dicts,
            dataclasses and other lists of these, as f returns them. Without the axis of rows if no argument has one.

        Raises:
            BranchChanged: a comparison goes another way than when f was recorded.
        """
        inputs, columns, batched = self._inputs(arguments, named)
        found = self._kernel("outputs").values(self._theta, inputs, columns)
        return self._results.tree.rebuilt(_split(found if batched else found[:, 0], self._places))

    def jacobian(self, *arguments: Any, **named: Any) -> Any:
        """The derivatives of what f returns by the arguments that `wrt` names, for every row of the batch.

        >>> program = compile(lambda x, a: [a * x[0] * x[1], x[0] + x[1]], [1.0, 1.0], 1.0, wrt=0)
        >>> program.jacobian([3.0, 4.0], 2.0)
        array([[8., 6.],
               [1., 1.]])

        By forward or reverse mode, whichever needs fewer sweeps. Where f has no derivative it is nan or infinite.

        Args:
            arguments, named: as in a call.

        Returns:
            What `jax.vmap(jax.jacobian(f, argnums=wrt))` gives: an array of shape (rows, *shape of the output,
            *shape of the argument); a tuple of them, one for each position, if `wrt` is a list; containers of them for
            outputs and arguments that have names, as `autograd.jacobian` gives. Without the axis of rows if no argument
            has one.

        Raises:
            TypeError: `wrt` names no argument.
            BranchChanged: as a call.
        """
        return self._derivatives("jacobian", arguments, named)

    def hessian(self, *arguments: Any, **named: Any) -> Any:
        """The second derivatives of f, which returns one number, by the arguments that `wrt` names, for every row.

        >>> program = compile(lambda x, a: a * x[0] ** 2 * x[1], [1.0, 1.0], 1.0, wrt=0)
        >>> program.hessian([3.0, 4.0], 2.0)
        array([[16., 12.],
               [12.,  0.]])

        Returns:
            What `jax.vmap(jax.hessian(f, argnums=wrt))` gives: an array of shape (rows, *shape of the argument,
            *shape of the argument); a tuple of tuples if `wrt` is a list. Otherwise as for `jacobian`.

        Raises:
            TypeError: `wrt` names no argument, or f returns more than one number.
            BranchChanged: as a call.
        """
        if not self._returns_number:
            raise TypeError("hessian: this program returns more than one number.")
        return self._derivatives("hessian", arguments, named)

    def _derivatives(self, kind: Kind, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._way.options.argnums is None:
            raise TypeError(f"{kind}: `wrt` names no argument of this program: compile it with wrt=0, say, or [0, 2].")
        inputs, columns, batched = self._inputs(arguments, named)
        results = self._way.derived(kind).results
        found = self._kernel(kind).values(self._theta, inputs, columns)
        return results.tree.rebuilt(_split(found if batched else found[:, 0], results.places))

    def value_and_grad(self, *arguments: Any, **named: Any) -> tuple[float, Array]:
        """The mean (or sum) of f over the batch, and its gradient of shape (n_parameters,)."""
        self._check_differentiable("value_and_grad")
        inputs, columns, _ = self._inputs(arguments, named)
        mean = self.reduce == "mean"
        if mean and not columns:
            raise ValueError("value_and_grad: the batch is empty, and has no mean.")
        return self._kernel("gradient").loss_and_gradient(self._theta, inputs, columns, mean)

    def buffers(self, rows: int = 1) -> Buffers | CBuffers:
        """The program bound to arrays for `rows` rows, where the checks and copies of a call would cost too much.

        `arguments` are its arrays: one for each argument of f, or for each array in a dict, a dataclass and the like.

        >>> from autograd import Value
        >>> w = Value(2.0)
        >>> bound = compile(lambda x: w * x, 0.0, wrt=[w]).buffers()
        >>> bound.arguments[0][...] = 3.0
        >>> bound.run()
        >>> bound.loss, bound.gradient
        (6.0, array([3.]))

        Raises:
            TypeError: the program has no gradient, or its backend no buffers (jax); or it has guards or `check`, which
                only calls look at.
        """
        self._check_differentiable("buffers")
        kernel = self._way.kernel("gradient")
        if not isinstance(kernel, Kernel | CKernel):
            advice = "program.function" if hasattr(kernel, "function") else "value_and_grad"
            raise TypeError(f"buffers: this program, of the backend {self.backend!r}, has none; use {advice}.")
        if self._way.options.check or self._ways.follow or (self.guards and not isinstance(kernel, CKernel)):
            raise TypeError("buffers: this program has comparisons or results to check, and only its calls check them.")
        mean = self.reduce == "mean"
        if isinstance(kernel, CKernel):
            return CBuffers(kernel, self._theta, self._sizes, rows, mean)
        return Buffers(kernel, self._theta, rows, mean)

    @property
    def function(self) -> Callable[..., Any]:
        """The program as a pure function of JAX: `(parameters, *arguments) -> (loss, gradient)`, or `-> outputs`.

        The arguments have the rows first. Not jitted: `jax.jit`, `vmap`, `grad` and `jax.sharding` apply to it. It
        computes in the dtype of the parameters. Guards are not checked: nothing can be raised from within.

        Raises:
            TypeError: the program is of another backend, or follows branches.
        """
        kernel = self._way.kernel(self._way.usual)
        if not hasattr(kernel, "function"):
            raise TypeError(f"function: the backend {self.backend!r} writes into arrays; compile with backend='jax'.")
        if self._ways.follow:
            raise TypeError("function: a function of JAX goes one way, and this program follows branches.")
        function = kernel.function
        if self._way.differentiable and self.reduce == "sum":
            function = partial(function, mean=False)
        return function if self._plain else lambda theta, *arguments: function(theta, *self._taken_apart(arguments))

    def _check_differentiable(self, name: str) -> None:
        if not self._differentiable:
            why = "has no parameters: compile it with wrt=…" if not self._values else "returns more than one number"
            raise TypeError(f"{name}: this program {why}.")

    def _taken_apart(self, arguments: Sequence[Any]) -> Sequence[Any]:
        """What came for each number or array among the arguments of f."""
        if len(arguments) != len(self._names):
            raise TypeError(
                f"{self!r} takes {len(self._names)} arguments ({', '.join(self._names)}), not {len(arguments)}."
            )
        if self._plain:
            return arguments
        each = zip(self._names, self._arguments, arguments, strict=True)
        return [
            array
            for name, blocks, given in each
            for array in blocks.tree.matching(given, repr(self), name, f"the example for {name}")
        ]

    def _in_order(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments with those that came by name."""
        expected = self._names[len(arguments) :]
        for name in named:
            if name not in expected:
                why = "is given twice" if name in self._names else "is not one of them"
                raise TypeError(f"{self!r} takes the arguments {', '.join(self._names)}; {name!r} {why}.")
        return (*arguments, *(named[name] for name in expected if name in named))

    def _inputs(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[Array], int, bool]:
        """The arguments as arrays of shape (numbers, rows); how many rows, and whether any argument has the axis."""
        arrays = self._taken_apart(self._in_order(arguments, named) if named else arguments)
        lines, columns = [], -1
        for k, given in enumerate(arrays):
            array = given if given.__class__ is np.ndarray and given.dtype is _FLOAT64 else self._array(k, given)
            if array.ndim != len(self._shapes[k]) + 1:
                lines.append(self._without_rows(k, array))
                continue
            if array.shape[1:] != self._shapes[k]:
                raise self._wrong_shape(k, array)
            if columns not in (-1, len(array)):
                raise ValueError(
                    f"{self!r}: {self._paths[k]} has {len(array)} rows, and an argument before it has {columns}."
                )
            columns = len(array)
            lines.append(array.T if array.ndim == 2 else array.reshape(columns, self._sizes[k]).T)
        if columns < 0:
            return lines, 1, False
        return [x if x.shape[1] == columns else np.broadcast_to(x, (len(x), columns)) for x in lines], columns, True

    def _array(self, k: int, given: Any) -> Array:
        try:
            return array_of_floats(given)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{self!r}: {self._paths[k]} is not an array of numbers: {error}.") from None

    def _without_rows(self, k: int, array: Array) -> Array:
        if array.shape != self._shapes[k]:
            raise self._wrong_shape(k, array)
        return array.reshape(self._sizes[k], 1)

    def _wrong_shape(self, k: int, array: Array) -> ValueError:
        rows = ", ".join(map(str, ("rows", *self._shapes[k])))
        return ValueError(f"{self!r}: {self._paths[k]} has shape {array.shape}; wanted ({rows}) or {self._shapes[k]}.")

    # --- Parameters -------------------------------------------------------------------------------------------

    @property
    def parameters(self) -> Array:
        return self._theta

    @parameters.setter
    def parameters(self, numbers: Any) -> None:
        if numbers is self._theta:  # program.parameters -= …, which has changed it already
            return
        try:
            array = array_of_floats(numbers).copy()
        except TypeError as error:
            raise TypeError(f"{self!r}: the parameters are not an array of numbers: {error}.") from None
        if array.shape != self._theta.shape:
            raise ValueError(f"{self!r}: got parameters of shape {array.shape}; wanted {self._theta.shape}.")
        self._theta = array

    def write_back(self) -> None:
        """Copy the parameters to the Values that they were taken from."""
        for value, number in zip(self._values, self._theta.tolist(), strict=True):
            value.data = number

    # --- Looking ----------------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """The text of the program: of the loss with its gradient, if there is one; and of each way."""
        return "\n".join([way.source for way in self.ways])

    @property
    def steps(self) -> list[str]:
        """What the program does, step by step: `affine 16×2`, `relu 16`, …"""
        program = self._way.program
        if isinstance(program, Rolled):
            from autograd.compiler.drawing.loop_text import lines

            return lines(self._subject)
        return [title(each) for each in program.plan(self._way.differentiable).steps]

    def draw(
        self,
        *,
        title: str | None = None,
        language: Language | None = None,
        digits: int = 4,
        max_nodes: int = 100,
    ) -> "Picture":
        """The steps as a picture, with the shapes of the numbers between them; arguments as for `autograd.draw`.

        Parameters are the slices of `parameters` that the steps read, in green.
        """
        from autograd.compiler.drawing.picture import picture

        return picture(self._subject, given=title, language=language, digits=digits, max_nodes=max_nodes)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the picture; where it cannot be drawn, what to install and the steps. Never raises."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a large program the picture itself says how much is not drawn
                return self.draw().shown()
        except Exception:  # a notebook must go on
            return {}

    @property
    def _subject(self) -> Any:
        from autograd.compiler.drawing.picture import Subject

        arguments = list(zip(self._paths, self._sizes, strict=True))
        places = [np.arange(start, start + size).reshape(shape) for start, size, shape in self._places]
        tree = self._results.tree.rebuilt(places)
        return Subject(self._way.program, self._way.differentiable, arguments, self._labels, tree)

    def __repr__(self) -> str:
        backend = f"{self.backend}, strict" if self.strict else self.backend
        return f"<Program of ({', '.join(self._names)}), {backend}, {len(self._theta)} parameters>"

    def __str__(self) -> str:
        ways = self.ways if len(self.ways) > 1 else []
        return "\n".join([self._table, *map(repr, ways)])

    @property
    def _table(self) -> str:
        program = self._way.program
        if isinstance(program, Rolled):
            from autograd.compiler.drawing.loop_text import table

            return f"{self!r}\n{table(self._subject)}"
        plan, bytes_ = program.plan(self._way.differentiable), np.dtype(self.dtype).itemsize
        lines = [repr(self), f"{'step':<44}{'flops per row':>14}{'bytes per row':>14}"]
        lines += [f"{title(each):<44}{flops(each):>14,}{written(each) * bytes_:>14,}" for each in plan.steps]
        total = f"{len(program.scalars):,} scalar operations in {len(plan.steps)} steps"
        lines.append(f"{total:<44}{sum(map(flops, plan.steps)):>14,}{sum(map(written, plan.steps)) * bytes_:>14,}")
        return "\n".join(lines)

    @property
    def guards(self) -> list[str]:
        """Where f made comparisons, while it was recorded, that may come out differently: file and line."""
        return list(dict.fromkeys(where for way in self.ways for where in way.guards))

    @property
    def ways(self) -> list[Way]:
        """The ways through f that the program knows: how many rows have gone each (`taken`), and where it parts from
        another (`parts`). There is only one without `branches="follow"`; what is drawn and listed is the first."""
        return list(self._ways.known)

    # --- Export ------------------------------------------------------------------------------------------------

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the program as C99 that stands alone: a file and its header, which need no Python and only libm.

        `model.c` and `model.h` define `model`, which computes the outputs of rows of arguments; if the program has a
        gradient, `model_value_and_grad`; if `wrt` names arguments, `model_jacobian`, called as `model`; and the
        numbers of `parameters`, as `model_parameters`. The header says what the arguments are, and which guard is
        which. Loops stay loops, and each row goes its own way among those that are known. `check` is ignored.

        Args:
            path: of the file, `….c`; the functions are named after it.

        Returns:
            The path of the file; the header is beside it.

        Raises:
            NotCompilable: C lacks an operation; or the program is strict, or in float32.
            ValueError: the path is not that of a C file.
            OSError: the folder is missing, or cannot be written to.
        """
        from autograd.compiler.export.files import Interface, export

        ways, onward = self._ways.known_and_onward()
        interface = Interface(
            arguments=[*zip(self._paths, self._shapes, strict=True)],
            results=[*zip(self._results.paths, self._results.shapes, strict=True)],
            labels=self._labels,
            parameters=self._theta.tolist(),
            mean=self.reduce == "mean",
            differentiable=self._differentiable,
            **self._slopes(ways),
        )
        return export(path, [way.program for way in ways], interface, self.dtype, onward)

    def _slopes(self, ways: Sequence[Way]) -> dict[str, Any]:
        """The Jacobian of each way, as it is exported, if `wrt` names arguments."""
        if self._way.options.argnums is None:
            return {}
        derived = [way.derived("jacobian") for way in ways]
        results = derived[0].results
        paths = [f"jacobian{path.removeprefix('output')}" for path in results.paths]
        named = [*zip(paths, results.shapes, strict=True)]
        return {"derivatives": named, "slopes": [way.program for way in derived]}

    # --- Kernels ----------------------------------------------------------------------------------------------

    @property
    def _differentiable(self) -> bool:
        has_loss = self._way.has_loss or (self._ways.follow and self._returns_number)
        return has_loss and bool(self._values)

    @property
    def _returns_number(self) -> bool:
        return self._results.is_one and self._results.shapes == [()]

    def _kernel(self, kind: Kind) -> Any:
        return self._ways.kernel(kind)


def _asked(wrt: Any, count: int) -> tuple[Argnums | None, list[Value]]:
    """The arguments that `wrt` names, of so many, and its Values, each of which a program can depend on."""
    if _is_position(wrt):
        return _position(wrt, count), []
    several = hasattr(wrt, "__iter__") and not hasattr(wrt, "parameters")
    given = list(wrt) if several else [wrt]
    positions = tuple([_position(x, count) for x in given if _is_position(x)])
    if len(set(positions)) < len(positions):
        raise ValueError(f"compile(wrt): {list(positions)} names an argument twice.")
    values = [x for x in given if not _is_position(x)] if positions else given
    if not all(isinstance(x, Value) and x.op is not constant for x in values):
        names = [f"wrt[{k}]" if several else "wrt" for k, x in enumerate(given) if not _is_position(x)]
        values = _named(list(zip(names, values, strict=True)))
    return positions or None, values


def _is_position(x: Any) -> bool:
    return isinstance(x, Integral) and not isinstance(x, bool)


def _position(k: Any, count: int) -> int:
    if not -count <= k < count:
        raise ValueError(f"compile(wrt): there is no argument {k}; f has {count}.")
    return int(k) % count


def _distinct(inputs: Sequence[Value], values: Sequence[Value]) -> list[Value]:
    """The parameters, none of which is an argument too."""
    if len({*inputs, *values}) < len(inputs) + len(values):
        raise ValueError("compile: the same Value is given twice in inputs and wrt; give each one once.")
    return list(values)


def _named(given: Sequence[tuple[str, Any]]) -> list[Value]:
    """The Values among what is called so, and of models; what else there is, is refused by name."""
    named = [
        pair for name, each in given for pair in ([(name, each)] if isinstance(each, Value) else _opened(name, each))
    ]
    for name, value in named:
        if not isinstance(value, Value):
            raise TypeError(f"compile(wrt): {name} = {value!r}; wanted a Value, or a model: all else is frozen.")
        if value.op is constant:
            raise ValueError(
                f"compile(wrt): {name} = {show(value)} is a constant, made by detach() or under no_grad(), and nothing "
                "depends on it; wanted what is to be learned."
            )
    return [value for _, value in named]


def _opened(name: str, given: Any) -> list[tuple[str, Any]]:
    """The parameters of a model, and how code says them; else the thing itself."""
    if not callable(getattr(given, "parameters", None)):
        return [(name, given)]
    return [(f"{name}.parameters()[{k}]", each) for k, each in enumerate(given.parameters())]


def _check_dependence(recording: Recording, wrt: Sequence[Value]) -> None:
    """Refuse a result that is the same for all arguments and parameters; a guard may be all that depends on them."""
    outputs = recording.outputs
    if recording.guards or not outputs or not (recording.inputs or wrt):
        return
    if wrt and opened(recording.output) is None:
        if not recording.depends_on(wrt):
            raise IndependentError("compile(f): the loss depends on no parameter; was it computed from .data?")
    elif not recording.depends_on([*recording.inputs, *wrt]):
        raise ValueError("compile(f): the result depends on no argument and no parameter; was it computed from .data?")


def _split(found: Array, places: Sequence[tuple[int, int, tuple[int, ...]]]) -> list[Any]:
    """Each number and each array that f returns; found is (numbers, rows), or (numbers,) without rows."""
    if found.ndim > 1:
        return [found[start : start + size].T.reshape(found.shape[1], *shape) for start, size, shape in places]
    return [
        found[start : start + size].reshape(shape) if shape else float(found[start]) for start, size, shape in places
    ]
