"""Derivatives as functions and as graphs: gradients, grad, jacobian, hessian, jvp, vjp, hvp, derivative.

The names and arguments are JAX's. All of them record `f` once on nodes of their own, so they touch nobody's `.grad`.
What depends on a Value outside is a Value: on one that is an argument or a direction, or that `f` reads, as a loss
reads its parameters. So transforms nest, d/dx [x · d/dy (x · y)] included, and a loss may be made of derivatives. All
else is plain numbers. Under `no_grad()` all results are plain numbers: what is paused is the recording of the result,
not the differentiation.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.engine import Value, is_recording, is_replayed, recording_anew
from autograd.functions import identity
from autograd.operation import Real, constant
from autograd.reals import alike, as_real, is_bool, is_nan, is_nothing, refusal, unboxed
from autograd.sweep import adjoints, tangents, topological_order, variables
from autograd.trees import array_of, leaves, rebuilt, shape_of

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
    """One call of `f`, recorded on fresh nodes in place of the numbers of the arguments `argnums`."""

    def __init__(self, name: str, f: Callable[..., Any], argnums: tuple[int, ...], args: tuple[Any, ...], named: Any):
        self.name, self.nodes = name, []
        for i in argnums:
            if not -len(args) <= i < len(args):
                raise TypeError(f"{name}: argnums has {i}, but f was called with {_many(len(args), 'argument')}.")
        self.structure = [args[i] for i in argnums]
        self.among_values = any(isinstance(x, Value) for tree in self.structure for x in leaves(tree))
        placed = list(args)
        for i in argnums:
            placed[i] = rebuilt(args[i], lambda x, path, i=i: self._node(x, f"argument {i}{path}"))
        with recording_anew():
            self.output = unboxed(f(*placed, **named))
        self.record = is_recording() and (self.among_values or self._reads_outside(leaves(self.output)))

    def _node(self, x: Any, where: str) -> Value:
        if not isinstance(x, Value):
            x = self.checked(x, where)
            self.nodes.append(Value(as_real(x)))
        else:  # seen through `identity`: the derivative is in this place only, whatever else depends on x
            with recording_anew():
                self.nodes.append(identity(x))
        return self.nodes[-1]

    def checked(self, x: Any, where: str) -> Any:
        """A number that was given, or the error that says where it stood."""
        if not isinstance(x, Value) and (why := refusal(x)):
            raise (ValueError if is_nan(x) else TypeError)(f"{self.name}: {where} = {x!r}: {why}.")
        return x

    def directions(self, where: str, tree: Any) -> list[Any]:
        """The numbers of a tangent or a cotangent; Values among them make the results Values."""
        found = [self.checked(x, where) for x in leaves(tree)]
        self.among_values = self.among_values or any(isinstance(x, Value) for x in found)
        self.record = is_recording() and (self.record or self.among_values)
        return found

    def scalar(self) -> Value:
        """The output, which has to be one number."""
        if not isinstance(self.output, Value) and (why := refusal(self.output)) and not is_bool(self.output):
            raise TypeError(f"{self.name}: f returned {self.output!r}: {why}, and wanted is one number.")
        return _as_node(self.output)

    def pull_back(self, output: Value, gradient: Any = 1) -> list[Any]:
        with recording_anew():
            found = adjoints(output, gradient, self.nodes, self.record, replayed=is_replayed())
        return self.given([found.get(x, 0) for x in self.nodes], output)

    def push_forward(self, outputs: Sequence[Value], directions: dict[Value, Any]) -> list[Any]:
        with recording_anew():
            return tangents(outputs, directions, self.record, replayed=is_replayed())

    def given(self, numbers: list[Any], output: Value) -> list[Any]:
        """As given back: Values where they depend on one outside, else numbers in the arithmetic of the output."""
        if is_recording() and (self.among_values or self._reads_outside(numbers)):
            for x in self.nodes:  # to what is outside, the point of this derivative is a constant
                x.op = x.op or constant
            return [_as_node(x) for x in numbers]
        plain = [x.data if isinstance(x, Value) else x for x in numbers]
        return [alike(0, output.data) if is_nothing(x) else x for x in plain]

    def _reads_outside(self, results: Any) -> bool:
        own = set(self.nodes)
        order = topological_order(*(x for x in results if isinstance(x, Value)))
        return any(x not in own for x in variables(order))

    def shaped(self, numbers: list[Any]) -> list[Any]:
        """The numbers, one for each node, in the shapes of the arguments."""
        each = iter(numbers)
        return [rebuilt(tree, lambda x, path: next(each)) for tree in self.structure]


def value_and_grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that gives f's value and its gradient at once.

    >>> value_and_grad(lambda x: x[0] ** 2 + x[1] ** 2)([3.0, 4.0])
    (25.0, [6.0, 8.0])

    Args:
        f: takes numbers, lists or tuples of numbers (nested as you like) or arrays, and gives one number.
        argnums: the position of the argument to differentiate, or a tuple of positions.

    Returns:
        A function of f's arguments. The gradient has the shape of the argument: a number for a number, a list for a
        list, an array for an array; a tuple of gradients where `argnums` is a tuple.

    Raises:
        TypeError: an element of the argument, or what f returns, is not a number; names which.
    """
    _check_function("value_and_grad", f)
    positions = argnums if isinstance(argnums, tuple) else (argnums,)

    def value_and_gradient(*args: Any, **named: Any) -> tuple[Any, Any]:
        recording = _Recording("grad(f)", f, positions, args, named)
        y = recording.scalar()
        shaped = recording.shaped(recording.pull_back(y))
        (value,) = recording.given([y], y)
        return value, tuple(shaped) if isinstance(argnums, tuple) else shaped[0]

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """A function that gives f's gradient; arguments and errors as for `value_and_grad`.

    >>> grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0)
    6.0
    """
    both = value_and_grad(f, argnums)
    return lambda *args, **named: both(*args, **named)[1]


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
        recording = _Recording("derivative(f)", f, (0,), (x,), {})
        y = recording.scalar()
        with recording_anew():
            for _ in range(order):
                (y,) = gradients(y, recording.nodes)
        return recording.given([y], y)[0]

    return nth


def jacobian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """A function that gives the matrix of all derivatives of f's outputs, by the cheaper of the two modes.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([3.0, 4.0])
    array([[4., 3.],
           [1., 1.]])

    Args:
        f: takes and gives numbers, or lists, tuples or arrays of them that are rectangular.
        argnums: the position of the argument to differentiate.

    Returns:
        A function of f's arguments, to an array of shape (*shape of the output, *shape of the argument); float64.

    Raises:
        TypeError: an element is not a number; names which.
        ValueError: the output or the argument is ragged.
    """
    _check_function("jacobian", f)

    def matrix(*args: Any, **named: Any) -> Any:
        recording = _Recording("jacobian(f)", f, (argnums,), args, named)
        outputs = [_as_node(x) for x in leaves(recording.output)]
        shape = shape_of("jacobian(f): what f returned", recording.output) + shape_of(
            f"jacobian(f): argument {argnums}", args[argnums]
        )
        if len(outputs) <= len(recording.nodes):
            entries = [x for y in outputs for x in recording.pull_back(y)]
        else:
            columns = [recording.push_forward(outputs, {node: 1}) for node in recording.nodes]
            entries = recording.given([column[i] for i in range(len(outputs)) for column in columns], outputs[0])
        return array_of(entries, shape)

    return matrix


def hessian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """A function that gives all second derivatives of f.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    array([[8., 6.],
           [6., 0.]])

    Returns:
        A function of f's arguments, to an array of shape (*shape of the argument, *shape of the argument); float64.

    Raises:
        TypeError, ValueError: as for `grad` and `jacobian`.
    """
    return jacobian(grad(f, argnums), argnums)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f's value and its derivative along `tangents`: forward mode, one pass.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.5))
    (12.0, 5.5)

    Args:
        primals: f's arguments.
        tangents: a direction of the same shape for each.

    Raises:
        ValueError: the tangents do not have the shape of the primals.
    """
    _check_function("jvp", f)
    recording = _Recording("jvp(f)", f, tuple(range(len(primals))), tuple(primals), {})
    directions = [x for i, tree in enumerate(tangents) for x in recording.directions(f"a number of tangent {i}", tree)]
    if len(primals) != len(tangents) or len(directions) != len(recording.nodes):
        raise ValueError(f"jvp(f, primals, tangents): {tangents!r} does not have the shape of {primals!r}.")
    y = recording.scalar()
    tangent = recording.push_forward([y], dict(zip(recording.nodes, directions, strict=True)))
    return recording.given([y], y)[0], recording.given(tangent, y)[0]


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """f's value, and the function that pulls a cotangent of it back to f's arguments: reverse mode.

    >>> y, pull_back = vjp(lambda x, y: x * y, 3.0, 4.0)
    >>> y, pull_back(2.0)
    (12.0, (8.0, 6.0))
    """
    _check_function("vjp", f)
    recording = _Recording("vjp(f)", f, tuple(range(len(primals))), primals, {})
    y = recording.scalar()

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        (cotangent,) = recording.directions("the cotangent", cotangent)
        return tuple(recording.shaped(recording.pull_back(y, cotangent)))

    return recording.given([y], y)[0], pull_back


def hvp(f: Callable[[Any], Any], x: Any, v: Any) -> Any:
    """The Hessian of f at x times v, in the shape of x, without the Hessian: forward over reverse.

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 4.0], [1.0, 0.5])
    [11.0, 6.0]

    Raises:
        ValueError: v does not have the shape of x.
    """
    _check_function("hvp", f)
    recording = _Recording("hvp(f)", f, (0,), (x,), {})
    direction = recording.directions("a number of v", v)
    if len(direction) != len(recording.nodes):
        raise ValueError(f"hvp(f, x, v): {v!r} does not have the shape of {x!r}.")
    y = recording.scalar()
    with recording_anew():
        first = gradients(y, recording.nodes)
    products = recording.push_forward(first, dict(zip(recording.nodes, direction, strict=True)))
    return recording.shaped(recording.given(products, y))[0]


# --- Checks ---------------------------------------------------------------------------------------------------


def _check_function(name: str, f: Any) -> None:
    if not callable(f):
        raise TypeError(f"{name}(f): f = {f!r} is not a function.")


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
