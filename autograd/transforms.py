"""Derivatives as functions and as graphs: gradients, grad, jacobian, hessian, jvp, vjp, hvp, derivative.

The names and arguments are JAX's, but for the names of arguments, which `argnums` takes as well. Arguments are trees:
numbers, and lists, tuples, named tuples, dicts, dataclasses and arrays of them (see containers.py).

All transforms record `f` once on nodes of their own, so they touch nobody's `.grad`. What depends on a Value outside is
a Value: on one that is an argument or a direction, or that `f` reads, as a loss reads its parameters. So transforms
nest, d/dx [x · d/dy (x · y)] included, and a loss may be made of derivatives. All else is plain numbers. Under
`no_grad()` all results are plain numbers: what is paused is the recording of the result, not the differentiation.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from autograd.calls import Argnums, asked_for
from autograd.containers import array_of
from autograd.engine import Value, is_recording, is_replayed, recording_anew
from autograd.errors import brief, many, spelled
from autograd.functions import identity
from autograd.operation import Real, constant, parameter
from autograd.reals import alike, as_real, is_bool, is_nan, is_nothing, refusal, unboxed
from autograd.sweep import adjoints, tangents, topological_order, variables
from autograd.trees import Blocks, Tree, leaves

__all__ = ["derivative", "grad", "gradients", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

# --- Graphs ---------------------------------------------------------------------------------------------------


def gradients(output: Value, inputs: Sequence[Value], gradient: Value | Real = 1) -> list[Value]:
    """The derivatives of `output` with respect to each of `inputs`, as nodes that can be differentiated again.

    The reverse sweep once more, but on Values: every cotangent is recorded. No `.grad` is touched.

    >>> x = Value(3.0)
    >>> (first,) = gradients(x**3, [x])
    >>> (second,) = gradients(first, [x])
    >>> first.data, second.data
    (27.0, 18.0)

    Args:
        inputs: any nodes, leaves or not; one that `output` does not depend on has derivative 0.
        gradient: the cotangent of `output`.

    Raises:
        TypeError: `output` or one of `inputs` is not a Value.
        DomainError: a derivative on the way has no value; says at which node.
    """
    output, *inputs = map(unboxed, (output, *inputs))
    for name, node in [("output", output), *((f"inputs[{i}]", node) for i, node in enumerate(inputs))]:
        if not isinstance(node, Value):
            raise TypeError(f"gradients({name}={node!r}): wanted a Value, not {type(node).__name__}.")
    found = adjoints(output, gradient, inputs, record=True, replayed=is_replayed())
    return [_as_node(found.get(x, 0)) for x in inputs]


def _as_node(x: Any) -> Value:
    return x if isinstance(x, Value) else Value(x).detach()


# --- Functions ------------------------------------------------------------------------------------------------


class _Recording:
    """One call of `f`, recorded on fresh nodes in place of the numbers of the arguments that are asked for."""

    def __init__(
        self, name: str, f: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], named: dict[str, Any]
    ):
        self.name, self.several, self.nodes = name, isinstance(argnums, tuple), []
        self._outside: dict[Value, bool] = {}  # nodes that have been looked at alone
        self.arguments, named = asked_for(name, f, argnums, args, named)
        placed: dict[int | str, Any] = {**dict(enumerate(args)), **named}
        self.structure = [placed[each.key] for each in self.arguments]
        self.trees = [Tree.of(placed[each.key], name, each) for each in self.arguments]
        self.among_values = any(isinstance(x, Value) for tree in self.trees for x in tree.leaves)
        for argument, tree in zip(self.arguments, self.trees, strict=True):
            fresh = [self._node(x) for x in self.checked(tree.leaves, tree, argument.after("argument "))]
            placed[argument.key] = tree.rebuilt(fresh)
            self.nodes += fresh
        args = tuple(placed[i] for i in range(len(args)))
        named = {key: placed[key] for key in named}
        with recording_anew():
            self.output = unboxed(f(*args, **named))
        self.record = is_recording() and (self.among_values or self._reads_outside(leaves(self.output)))

    def _node(self, x: Any) -> Value:
        if not isinstance(x, Value):
            return Value(as_real(x))
        with recording_anew():  # seen through `identity`: the derivative is in this place only, whatever else uses x
            return identity(x)

    def checked(self, numbers: list[Any], tree: Tree, name: Any) -> list[Any]:
        """The numbers that were given in a tree, or the error that says where one stood."""
        for i, x in enumerate(numbers):
            usual = (x.__class__ is float and x == x) or isinstance(x, Value)
            if not usual and (why := refusal(x)):
                kind = ValueError if is_nan(x) else TypeError
                raise kind(f"{self.name}: {name}{tree.paths[i]} = {brief(x)}: {why}.")
        return numbers

    def directions(self, tree: Any, like: Tree, name: Any, model: Any) -> list[Any]:
        """The numbers of a tangent or a cotangent of this structure; Values among them make the results Values."""
        found = self.checked([unboxed(x) for x in like.matching(tree, self.name, name, model)], like, name)
        self.among_values = self.among_values or any(isinstance(x, Value) for x in found)
        self.record = is_recording() and (self.record or self.among_values)
        return found

    def take_aux(self) -> Any:
        """What f returned beside its value, as it is given back."""
        if not isinstance(self.output, tuple) or len(self.output) != 2:
            raise TypeError(
                f"{self.name}: f returned {spelled(self.output)}; with has_aux=True it has to return (value, aux)."
            )
        self.output, aux = self.output
        tree = Tree.of(aux, self.name, "aux", lambda x: hasattr(x, "dtype") and x.dtype != object)
        found = [x for x in tree.leaves if isinstance(x, Value)]
        each = iter(self.given(found, found))
        return tree.rebuilt([next(each) if isinstance(x, Value) else x for x in tree.leaves]) if found else aux

    def scalar(self) -> Value:
        """The output, which has to be one number."""
        if not isinstance(self.output, Value) and (why := refusal(self.output)) and not is_bool(self.output):
            raise TypeError(f"{self.name}: f returned {spelled(self.output)}: {why}; wanted one number.")
        return _as_node(self.output)

    def outputs(self) -> tuple[Tree, list[Value]]:
        """The output as a tree, and its numbers."""
        tree = Tree.of(self.output, self.name, "output")
        return tree, [_as_node(x) for x in self.checked(tree.leaves, tree, "output")]

    def pull_back(self, output: Value, gradient: Any = 1) -> list[Any]:
        alone = not self.among_values and not self._reads_outside([output])
        with recording_anew():  # alone in its graph, no other variable has to be kept out
            found = adjoints(output, gradient, None if alone else self.nodes, self.record, replayed=is_replayed())
        return self.given([found.get(x, 0) for x in self.nodes], [output] * len(self.nodes))

    def push_forward(self, outputs: Sequence[Value], directions: dict[Value, Any]) -> list[Any]:
        with recording_anew():
            return tangents(outputs, directions, self.record, replayed=is_replayed())

    def given(self, numbers: list[Any], outputs: list[Value]) -> list[Any]:
        """As given back: Values where they depend on one outside, else numbers in the arithmetic of their outputs."""
        if is_recording() and (self.among_values or self._reads_outside(numbers)):
            for x in self.nodes:  # to what is outside, the point of this derivative is a constant
                x.op = constant if x.op is None or x.op is parameter else x.op
            return [_as_node(x) for x in numbers]
        plain = [x.data if isinstance(x, Value) else x for x in numbers]
        return [alike(0, y.data) if is_nothing(x) else x for x, y in zip(plain, outputs, strict=True)]

    def _reads_outside(self, results: Any) -> bool:
        recorded = [x for x in results if isinstance(x, Value)]
        if len(recorded) != 1:
            return bool(recorded) and self._any_reads_outside(recorded)
        (alone,) = recorded
        if alone not in self._outside:
            self._outside[alone] = self._any_reads_outside(recorded)
        return self._outside[alone]

    def _any_reads_outside(self, recorded: list[Value]) -> bool:
        own = set(self.nodes)
        return any(x not in own for x in variables(topological_order(*recorded)))

    def shaped(self, numbers: Sequence[Any]) -> list[Any]:
        """The numbers, one for each node, as trees like the arguments."""
        each = iter(numbers)
        return [tree.rebuilt(each) for tree in self.trees]

    def asked(self, results: list[Any]) -> Any:
        """What was found for each argument: a tuple where `argnums` is one."""
        return tuple(results) if self.several else results[0]

    # --- Jacobians

    def blocks(self) -> list[Blocks]:
        """The arguments as trees of arrays."""
        named = zip(self.arguments, self.structure, strict=True)
        return [Blocks.of(tree, self.name, argument) for argument, tree in named]

    def jacobians(self, numbers: list[Value], outputs: list[Blocks]) -> list[Any]:
        """The derivatives of the numbers of some trees: for each a tree like it, of what `asked` makes of arrays."""
        rows, inputs = iter(self._rows(numbers)), self.blocks()
        found = []
        for blocks in outputs:
            lines = [(shape, list(islice(rows, size))) for shape, size in zip(blocks.shapes, blocks.sizes, strict=True)]
            found.append(blocks.tree.rebuilt([self.asked(list(_arrays(inputs, *each))) for each in lines]))
        return found

    def _rows(self, outputs: list[Value]) -> list[list[Any]]:
        """The derivatives of each output with respect to each node, by the cheaper of the two modes."""
        count = len(self.nodes)
        if len(outputs) <= count:
            return [self.pull_back(y) for y in outputs]
        columns = [self.push_forward(outputs, {node: 1}) for node in self.nodes]
        entries = self.given(
            [column[i] for i in range(len(outputs)) for column in columns], [outputs[0]] * (len(outputs) * count)
        )
        return [entries[i * count : (i + 1) * count] for i in range(len(outputs))]


def _arrays(inputs: list[Blocks], shape: tuple[int, ...], lines: list[list[Any]]) -> Iterator[Any]:
    """The derivatives of one number or array with respect to all arguments; a line for each number in it."""
    start = 0
    for blocks in inputs:
        arrays = []
        for inner, size in zip(blocks.shapes, blocks.sizes, strict=True):
            arrays.append(array_of([x for line in lines for x in line[start : start + size]], shape + inner))
            start += size
        yield blocks.tree.rebuilt(arrays)


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """A function that gives f's value and its gradient at once.

    >>> value_and_grad(lambda x: x[0] ** 2 + x[1] ** 2)([3.0, 4.0])
    (25.0, [6.0, 8.0])
    >>> value_and_grad(lambda car: car["mass"] * car["speed"] ** 2 / 2)({"mass": 2.0, "speed": 3.0})
    (9.0, {'mass': 4.5, 'speed': 6.0})

    Args:
        f: takes numbers, or trees of them: lists, tuples, named tuples, dicts, dataclasses and arrays, nested as you
            like; and gives one number.
        argnums: the position or the name of the argument to differentiate, or a tuple of them. A name means the same
            argument whether it comes by position, by keyword, or by default.
        has_aux: f returns a pair (value, aux); aux may be anything, and comes back beside the value.

    Returns:
        A function of f's arguments. The gradient is a tree like the argument: a number for a number, a dict for a
        dict, an array for an array; a tuple of gradients where `argnums` is a tuple. With `has_aux` it gives
        ((value, aux), gradient); Values in aux are plain numbers then, where the value would be one.

    Raises:
        TypeError: an element of the argument, or what f returns, is not a number; names which. Or f was not called
            with an argument that `argnums` has.
        ValueError: `argnums` has an argument twice, or a container contains itself.
    """
    _check_function("value_and_grad", f)

    def value_and_gradient(*args: Any, **named: Any) -> tuple[Any, Any]:
        recording = _Recording("grad(f)", f, argnums, args, named)
        aux = recording.take_aux() if has_aux else None
        y = recording.scalar()
        shaped = recording.shaped(recording.pull_back(y))
        (value,) = recording.given([y], [y])
        return (value, aux) if has_aux else value, recording.asked(shaped)

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives f's gradient, or (gradient, aux); arguments and errors as for `value_and_grad`.

    >>> grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0)
    6.0
    """
    _check_function("grad", f)
    both = value_and_grad(f, argnums, has_aux)

    def gradient(*args: Any, **named: Any) -> Any:
        value, found = both(*args, **named)
        return (found, value[1]) if has_aux else found

    return gradient


def derivative(f: Callable[[Any], Any], order: int = 1) -> Callable[[Any], Any]:
    """A function that gives the derivative of f of that order, f a function of one number.

    >>> [derivative(lambda x: x**4 - 2 * x**3 + 1, order=n)(1.5) for n in (0, 1, 2, 3)]
    [-0.6875, 0.0, 9.0, 24.0]

    Raises:
        ValueError: `order` is not a whole number from 0 up.
    """
    _check_function("derivative", f)
    if not isinstance(order, int) or is_bool(order) or order < 0:
        raise ValueError(f"derivative(f, order={order!r}): wanted a whole number, 0 or more.")

    def nth(x: Any) -> Any:
        recording = _Recording("derivative(f)", f, 0, (x,), {})
        y = recording.scalar()
        with recording_anew():
            for _ in range(order):
                (y,) = gradients(y, recording.nodes)
        return recording.given([y], [y])[0]

    return nth


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that gives all derivatives of f's outputs, by the cheaper of the two modes.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([3.0, 4.0])
    array([[4., 3.],
           [1., 1.]])
    >>> jacobian(lambda x: {"area": x["a"] * x["b"]})({"a": 3.0, "b": 4.0})
    {'area': {'a': 4.0, 'b': 3.0}}

    Args:
        f: takes and gives numbers, or trees of them.
        argnums: as for `value_and_grad`.

    Returns:
        A function of f's arguments, to an array of shape (*shape of the output, *shape of the argument); float64.
        Lists, tuples and arrays of numbers count as arrays, and a number has the shape (). Where the output has names
        (it is a dict, a dataclass or a named tuple), the result is such a container of the Jacobians of its parts;
        each of these is a container like the argument where that has names; and a tuple where `argnums` is one.

    Raises:
        TypeError: an element is not a number; names which. Or as for `value_and_grad`.
        ValueError: the output or the argument has lists that are ragged. Or as for `value_and_grad`.
    """
    _check_function("jacobian", f)

    def matrix(*args: Any, **named: Any) -> Any:
        recording = _Recording("jacobian(f)", f, argnums, args, named)
        _, outputs = recording.outputs()
        return recording.jacobians(outputs, [Blocks.of(recording.output, "jacobian(f)", "output")])[0]

    return matrix


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that gives all second derivatives of f.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    array([[8., 6.],
           [6., 0.]])
    >>> hessian(lambda a, b: a**2 * b, argnums=(0, 1))(3.0, 4.0)
    ((8.0, 6.0), (6.0, 0.0))

    Returns:
        A function of f's arguments, to an array of shape (*shape of the argument, *shape of the argument); float64.
        Otherwise, as for `jacobian`, a tree like the argument of trees like the argument; a tuple of tuples where
        `argnums` is a tuple.

    Raises:
        TypeError, ValueError: as for `jacobian`.
    """
    _check_function("hessian", f)

    def matrix(*args: Any, **named: Any) -> Any:
        recording = _Recording("hessian(f)", f, argnums, args, named)
        y = recording.scalar()
        with recording_anew():
            slopes = gradients(y, recording.nodes)
        return recording.asked(recording.jacobians(slopes, recording.blocks()))

    return matrix


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f's value and its derivative along `tangents`: forward mode, one pass.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
    (12.0, 5.5)

    Args:
        f: takes and gives numbers, or trees of them.
        primals: f's arguments.
        tangents: a direction for each, a tree like it.

    Returns:
        The value and the derivative, each a tree as f gives it.

    Raises:
        ValueError: the tangents do not have the structure of the primals; says where.
    """
    _check_function("jvp", f)
    recording = _Recording("jvp(f)", f, tuple(range(len(primals))), tuple(primals), {})
    if len(tangents) != len(primals):
        raise ValueError(f"jvp(f): got {many(len(tangents), 'tangent')} for {many(len(primals), 'primal')}.")
    directions = []
    for argument, tree, tangent in zip(recording.arguments, recording.trees, tangents, strict=True):
        directions += recording.directions(tangent, tree, argument.after("the tangent of "), argument)
    structure, outputs = recording.outputs()
    moved = recording.push_forward(outputs, dict(zip(recording.nodes, directions, strict=True)))
    return tuple(structure.rebuilt(recording.given(numbers, outputs)) for numbers in (outputs, moved))


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """f's value, and the function that pulls a cotangent of it back to f's arguments: reverse mode.

    >>> y, pull_back = vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> y, pull_back(2.0)
    (12.0, (8.0, 6.0))

    Args:
        f: takes and gives numbers, or trees of them. The cotangent is a tree like what it gives.
    """
    _check_function("vjp", f)
    recording = _Recording("vjp(f)", f, tuple(range(len(primals))), primals, {})
    structure, outputs = recording.outputs()

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        cotangents = recording.directions(cotangent, structure, "the cotangent", "the output")
        pulled = [recording.pull_back(y, g) for y, g in zip(outputs, cotangents, strict=True)]
        totals = [sum(column[1:], column[0]) for column in zip(*pulled, strict=True)]
        return tuple(recording.shaped(totals if pulled else [0] * len(recording.nodes)))

    return structure.rebuilt(recording.given(outputs, outputs)), pull_back


def hvp(f: Callable[[Any], Any], x: Any, v: Any) -> Any:
    """The Hessian of f at x times v, a tree like x, without the Hessian: forward over reverse.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 4.0], [1.0, 0.5])
    [11.0, 6.0]

    Raises:
        ValueError: v does not have the structure of x; says where.
    """
    _check_function("hvp", f)
    recording = _Recording("hvp(f)", f, 0, (x,), {})
    direction = recording.directions(v, recording.trees[0], "v", "x")
    y = recording.scalar()
    with recording_anew():
        first = gradients(y, recording.nodes)
    products = recording.push_forward(first, dict(zip(recording.nodes, direction, strict=True)))
    return recording.shaped(recording.given(products, [y] * len(products)))[0]


# --- Checks ---------------------------------------------------------------------------------------------------


def _check_function(name: str, f: Any) -> None:
    if not callable(f):
        instead = "; of Values write gradients(y, [x])" if isinstance(f, Value) else ""
        raise TypeError(f"{name}(f): f = {f!r} is not a function{instead}.")
