"""Engines that this library did not write, as courses and lectures have them: with them its pictures are held to laws.

Each has the shape of one that is in use: what a node is called there, and what it keeps.
"""

import math
from typing import Any

import numpy as np


class Variable:
    """DeZero's, ゼロから作る Deep Learning 3: `data` is a 0-d array, `creator` a function with inputs and outputs."""

    def __init__(self, data: Any, name: str | None = None) -> None:
        self.data, self.name = np.array(data, dtype=float), name
        self.grad: Any = None
        self.creator: Any = None

    def __add__(self, other: Any) -> "Variable":
        return Add()(self, other)

    def __sub__(self, other: Any) -> "Variable":
        return Sub()(self, other)

    def __mul__(self, other: Any) -> "Variable":
        return Mul()(self, other)

    def __truediv__(self, other: Any) -> "Variable":
        return Div()(self, other)

    def __neg__(self) -> "Variable":
        return Neg()(self)

    def __pow__(self, c: float) -> "Variable":
        return Pow(c)(self)

    def exp(self) -> "Variable":
        return Exp()(self)

    def tanh(self) -> "Variable":
        return Tanh()(self)

    def backward(self, retain_grad: bool = False) -> None:
        """As the book has it: gradients in between are dropped unless they are to be kept."""
        self.grad = Variable(np.ones_like(self.data))
        order: list[Variable] = []
        seen: set[int] = set()

        def visit(node: "Variable") -> None:
            if id(node) not in seen:
                seen.add(id(node))
                for x in node.creator.inputs if node.creator else ():
                    visit(x)
                order.append(node)

        visit(self)
        for node in reversed(order):
            if node.creator:
                passed = node.creator.backward(node.grad.data)
                for x, g in zip(node.creator.inputs, passed if isinstance(passed, tuple) else (passed,), strict=True):
                    x.grad = Variable(g) if x.grad is None else Variable(x.grad.data + g)
                if not retain_grad:
                    node.grad = None


class Function:
    """What makes a variable of variables."""

    def __call__(self, *inputs: Any) -> Variable:
        self.inputs = [x if isinstance(x, Variable) else Variable(x) for x in inputs]
        output = Variable(self.forward(*[x.data for x in self.inputs]))
        output.creator, self.outputs = self, [output]
        return output

    def forward(self, *x: Any) -> Any: ...

    def backward(self, g: Any) -> Any: ...


class Add(Function):
    def forward(self, a: Any, b: Any) -> Any:
        return a + b

    def backward(self, g: Any) -> Any:
        return g, g


class Sub(Function):
    def forward(self, a: Any, b: Any) -> Any:
        return a - b

    def backward(self, g: Any) -> Any:
        return g, -g


class Mul(Function):
    def forward(self, a: Any, b: Any) -> Any:
        return a * b

    def backward(self, g: Any) -> Any:
        a, b = [x.data for x in self.inputs]
        return g * b, g * a


class Div(Function):
    def forward(self, a: Any, b: Any) -> Any:
        return a / b

    def backward(self, g: Any) -> Any:
        a, b = [x.data for x in self.inputs]
        return g / b, -g * (a / b) / b


class Neg(Function):
    def forward(self, x: Any) -> Any:
        return -x

    def backward(self, g: Any) -> Any:
        return -g


class Pow(Function):
    def __init__(self, c: float) -> None:
        self.c = c

    def forward(self, x: Any) -> Any:
        return x**self.c

    def backward(self, g: Any) -> Any:
        return self.c * self.inputs[0].data ** (self.c - 1) * g


class Exp(Function):
    def forward(self, x: Any) -> Any:
        return np.exp(x)

    def backward(self, g: Any) -> Any:
        return self.outputs[0].data * g


class Tanh(Function):
    def forward(self, x: Any) -> Any:
        return np.tanh(x)

    def backward(self, g: Any) -> Any:
        return g * (1 - self.outputs[0].data ** 2)


class Knot:
    """A node of no usual shape, for `read=`: `Knot("mul", [a, b])` knows its operation and what it is made from."""

    def __init__(self, what: str | float, made_of: tuple["Knot", ...] = (), called: str = "") -> None:
        self.what, self.made_of, self.called, self.slope = what, made_of, called, 0.0

    @property
    def worth(self) -> float:
        x = [knot.worth for knot in self.made_of]
        if not isinstance(self.what, str):
            return self.what
        return {"mul": math.prod, "add": math.fsum, "swirl": lambda x: x[0] + 1}[self.what](x)


def read_knot(knot: Knot) -> tuple:
    """`read=` for it."""
    return knot.worth, knot.slope, knot.what if knot.made_of else "", knot.made_of, knot.called
