"""Prints what an engine does with random programs: `python same.py SEED COUNT`. Both engines have to print the same.

A program computes with numbers of every kind, near edges too, whatever is refused; then it is swept, changed, replayed,
copied, differentiated twice, and read by `compile`.
"""

import copy
import operator
import pickle
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import autograd as ag
from autograd import Value, topological_order
from autograd.compiler.recording import record
from autograd.compiler.scalar import scalars
from autograd.operation import OPS, Op

SIGNS: list[Callable[[Any, Any], Any]] = [operator.add, operator.sub, operator.mul, operator.truediv] * 4
SIGNS += [operator.pow, operator.mod, operator.floordiv, divmod]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
NAMED = [op for op in OPS.values() if isinstance(op, Op)]
MEMBERS = [ag.power(2), ag.power(3), ag.power(-1), ag.power(0.5), ag.power(2.5), ag.leaky_relu(0.01), ag.clip(0, 1)]
EDGES = [0, 1, -1, 2, 10**20, 2**53 + 1, 0.0, -0.0, 1.0, 0.5, 1e300, 1e-300, 5e-324, 1e16, True, float("inf")]
FAULTS = (ArithmeticError, TypeError, ValueError, RecursionError)
BAD = ["5", None, float("nan"), 1j, [1.0]]


def number(random: Random) -> Any:
    """Most are floats, as in most programs."""
    match random.randrange(14):
        case 0:
            return random.randrange(-4, 5)
        case 1:
            return Fraction(random.randrange(-6, 7), random.randrange(1, 5))
        case 2:
            return Decimal(random.randrange(-60, 60)) / 16
        case 3:
            return random.choice(EDGES)
        case 4:
            return random.uniform(0, 1)
    return random.gauss(0, 1.5)


def step(random: Random, made: list[Value]) -> Any:
    """One operation on what there is, or on a plain number."""

    def operand() -> Any:
        return random.choice(made[-6:]) if random.random() < 0.8 else number(random)

    chosen = random.random()
    if chosen < 0.5:
        pair = [operand(), random.choice(made)]
        random.shuffle(pair)
        return random.choice(SIGNS)(*pair)
    if chosen < 0.55:
        return random.choice(made) ** random.choice([2, 3, -1, 0.5, 2.0, 0, 7])
    if chosen < 0.6:
        return random.choice(COMPARISONS)(random.choice(made), operand())
    if chosen < 0.65:
        return random.choice(MEMBERS)(random.choice(made))
    if chosen < 0.7:
        return random.choice([-random.choice(made), abs(random.choice(made)), random.choice(made).detach()])
    op = random.choice(NAMED)
    return op(*[operand() for _ in range(random.choice([op.arity or 3] * 9 + [1]))])


def told(do: Callable[[], Any]) -> str:
    """What it gives, or what it raises."""
    try:
        return repr(do())
    except FAULTS as error:
        return f"{type(error).__name__}: {error}"


def program(random: Random) -> Iterator[str]:
    leaves = []
    while len(leaves) < 3:
        try:
            leaves.append(Value(number(random), random.choice(["x", "価格", None])))
        except (TypeError, ValueError) as error:
            yield str(error)
    made = list(leaves)
    for _ in range(random.randrange(1, 14)):
        try:
            result = step(random, made)
        except FAULTS as error:
            yield f"{type(error).__name__}: {error}"
            continue
        yield repr(result)
        made += [result] if isinstance(result, Value) else []
    root = made[-1]
    places = {id(node): k for k, node in enumerate(topological_order(root))}
    yield str([(node.op and node.op.name, *(places[id(x)] for x in node.inputs)) for node in topological_order(root)])
    for seed in (1, random.choice([2.0, -1, Fraction(1, 3), 0.0])):
        yield told(lambda seed=seed: root.backward(seed))
        yield repr([(node.data, node.grad) for node in [*topological_order(root), *leaves]])
    yield told(lambda: ag.gradients(root, leaves))
    yield told(lambda: ag.gradients(sum(ag.gradients(root, leaves), 0 * root), leaves))
    yield repr([copy.deepcopy(root), pickle.loads(pickle.dumps(root)), copy.copy(root)])
    random.choice(leaves).data = random.choice([number(random), number(random), random.choice(BAD)])
    random.choice(leaves).grad = random.choice([None, 0, 0.0, 2, 1.5, Fraction(1, 2), random.choice(BAD)])
    yield told(root.forward)
    yield told(root.backward)
    yield repr([(node.data, node.grad) for node in [*topological_order(root), *leaves]])
    yield told(root.zero_grad) + repr([x.grad for x in leaves])
    yield read(random)
    leaf = random.choice(leaves)
    yield told(lambda: leaf.__init__(number(random), random.choice(["y", None]))) + repr(leaf)


def read(random: Random) -> str:
    """What `compile` reads of a program of floats."""
    weights = [Value(random.gauss(0, 1), "w"), Value(0.5) * 2]

    def f(x: Value, y: Value) -> Value:
        made = [x, y, *weights, x * y]
        made[-1].label = "first"
        for _ in range(2000 if random.random() < 0.01 else random.randrange(1, 30)):
            try:
                result = step(random, made)
            except FAULTS:
                continue
            made += [result] if isinstance(result, Value) else []
        again = x * y  # which is there already
        again.label = "again"
        return made[-1] + again

    try:
        recording = record(f, [0.5, 1.5])
        found = scalars(recording, weights, recording.outputs)
        return f"{found} {found.labels}"
    except FAULTS as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:])
    for seed in range(first, first + count):
        print(f"program {seed}", *program(Random(seed)), sep="\n  ")
