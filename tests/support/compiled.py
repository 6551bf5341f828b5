"""What the tests of compiled programs share: the reverse sweep row by row, and a program compared with it."""

import inspect
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import DomainError, Program, Value, compile, gradients, identity, square, tanh
from autograd.strategies import Expression

ROWS = [1, 2, 7, 64]
_EPS = np.finfo(float).eps


def close(found: Any, wanted: Any, relative: float = 1e-12) -> None:
    """To so many digits of the largest number of the array."""
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert found.shape == wanted.shape
    scale = np.abs(wanted).max(initial=0.0)
    assert np.abs(found - wanted).max(initial=0.0) <= relative * scale


def swept(f: Callable[..., Value], wrt: Sequence[Value], *batch: Any) -> tuple[list[float], np.ndarray]:
    """The loss of each row and the mean gradient, from the graph of each row."""
    losses, gradient = [], np.zeros(len(wrt))
    for row in zip(*(np.asarray(each).tolist() for each in batch), strict=True):
        for value in wrt:
            value.grad = 0
        loss = f(*row)
        loss.backward()
        losses.append(float(loss.data))
        gradient += [value.grad for value in wrt]
    return losses, gradient / len(losses)


def agrees(f: Callable[..., Value], wrt: Sequence[Value], *batch: Any, **options: Any) -> Program:
    """A program of f gives what the graphs of the rows give: f of each row, mean loss and gradient."""
    relative = 1e-5 if options.get("dtype") == "float32" else 1e-12
    losses, gradient = swept(f, wrt, *batch)
    program = compile(f, *[np.asarray(each)[0].tolist() for each in batch], wrt=wrt, **options)
    close(program(*batch), losses, relative)
    loss, found = program.value_and_grad(*batch)
    close(loss, np.mean(losses), relative)
    close(found, gradient, relative)
    return program


def line_of(f: Callable[..., Any], mark: str) -> str:
    """File and line of the line of f that has the mark, as messages name them."""
    lines, first = inspect.getsourcelines(f)
    return f"{inspect.getsourcefile(f)}, line {first + next(k for k, text in enumerate(lines) if mark in text)}: "


def targets(loss: str, rng: np.random.Generator, rows: int, outputs: int) -> np.ndarray:
    if loss in ("hinge_loss", "perceptron_loss"):
        return rng.choice([-1.0, 1.0], (rows, outputs))
    if loss == "binary_cross_entropy":
        return rng.choice([0.0, 1.0], (rows, outputs))
    if loss == "softmax_cross_entropy":
        return np.eye(outputs)[rng.integers(outputs, size=rows)]
    return rng.normal(size=(rows, outputs))


def tangle(seed: int) -> tuple[Callable[[Any], Value], list[Value], int]:
    """Layers whose neurons read some of what is there, with weights that are shared, constant or computed."""
    pick = random.Random(seed)
    weights, inputs = [Value(pick.uniform(-1, 1)) for _ in range(pick.randint(1, 30))], pick.randint(1, 6)
    layers: list[Any] = []
    known = inputs
    for _ in range(pick.randint(1, 3)):
        layer = []
        for _ in range(pick.randint(1, 7)):
            read = pick.sample(range(known), pick.randint(1, known))
            by = [pick.choice([*weights, *weights, pick.choice([1, -1, 2.5]), pick.randrange(known)]) for _ in read]
            layer.append((read, by, pick.choice([0, pick.choice(weights), 0.7]), pick.choice([tanh, square, identity])))
        layers.append(layer)
        known += len(layer)

    def f(x: Any) -> Value:
        values = list(x)
        for layer in layers:
            made = []
            for read, by, bias, activation in layer:
                # a whole number above 2 says which value, others are constants
                factors = [values[each] if each.__class__ is int and each > 2 else each for each in by]
                made.append(activation(sum(a * values[k] for a, k in zip(factors, read, strict=True)) + bias))
            values += made
        return ag.logsumexp(*values[inputs:]) + 1e-3 * ag.sum(w * w for w in weights)

    return f, pick.sample(weights, pick.randint(1, len(weights))), inputs


# --- Programs of drawn graphs ----------------------------------------------------------------------------------


def bound(output: Value) -> float:
    """How far two evaluations of a graph may be apart, in floats: each node's rounding, times its effect.

    An operation may err by its `ulps` and `absolute`; a compiled one by twice as much, for NumPy has its own tanh.
    """
    order = ag.topological_order(output)
    nodes = [node for node in order if not node.is_leaf]
    try:
        effects = gradients(output, nodes)
    except DomainError:
        return float("inf")
    errors = [
        abs(effect.data) * (8 * node.op.ulps * _EPS * abs(node.data) + 8 * node.op.absolute + 1e-300)
        for node, effect in zip(nodes, effects, strict=True)
    ]
    return 1e-12 * abs(output.data) + float(sum(errors))


def smooth_at(program: Expression, inputs: tuple[float, ...]) -> bool:
    """Whether no operation stands at a kink, a jump or an edge, where a last digit decides the result."""
    for shift in (1e-9, -1e-9):
        try:
            near = program.run(lambda op, x: op(*x), [x + shift * max(1.0, abs(x)) for x in inputs])
            here = program.run(lambda op, x: op(*x), list(inputs))
        except DomainError:
            return False
        if any(abs(a - b) > 1e-3 * max(1.0, abs(a)) for a, b in zip(near, here, strict=True)):
            return False
    return True


def used(program: Expression) -> list[int]:
    """The inputs that the result depends on."""
    count = len(program.inputs)
    found = {x for _, operands in program.steps for x in operands if isinstance(x, int) and x < count}
    return sorted(found) if program.steps else [count - 1]


def eager(
    program: Expression, inputs: tuple[float, ...], parameters: list[int]
) -> tuple[float, list[float], list[float]]:
    """Value, gradient, and the bounds of both."""
    leaves = [Value(x) for x in inputs]
    y = program(*leaves)
    derivatives = gradients(y, [leaves[k] for k in parameters])
    return y.data, [d.data for d in derivatives], [bound(y), *map(bound, derivatives)]
