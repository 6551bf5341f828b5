"""Engines for the tests of `check_engine`: microgpt's class, and seven that have one planted fault each."""

import math
from typing import Any, ClassVar


class MicroGPT:
    """The `Value` of Karpathy's microgpt, from its description: local derivatives in place of closures."""

    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(self, data: Any, children: Any = (), local_grads: Any = ()) -> None:
        self.data, self.grad = data, 0
        self._children, self._local_grads = children, local_grads

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, MicroGPT) else MicroGPT(other)
        return MicroGPT(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, MicroGPT) else MicroGPT(other)
        return MicroGPT(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, other: Any) -> Any:
        return MicroGPT(self.data**other, (self,), (other * self.data ** (other - 1),))

    def log(self) -> Any:
        return MicroGPT(math.log(self.data), (self,), (1 / self.data,))

    def exp(self) -> Any:
        return MicroGPT(math.exp(self.data), (self,), (math.exp(self.data),))

    def relu(self) -> Any:
        return MicroGPT(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Any:
        return self * -1

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return other + (-self)

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> Any:
        return self * other**-1

    def __rtruediv__(self, other: Any) -> Any:
        return other * self**-1

    def backward(self) -> None:
        topo, visited = [], set()

        def build_topo(v: Any) -> None:
            if v not in visited:
                visited.add(v)
                for child in v._children:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = 1
        for v in reversed(topo):
            for child, local_grad in zip(v._children, v._local_grads, strict=True):
                child.grad += local_grad * v.grad


class Right:
    """All laws hold; each engine below changes one thing of it."""

    start: ClassVar[float] = 1.0

    def __init__(self, data: Any, inputs: Any = (), slopes: Any = ()) -> None:
        self.data, self.grad, self.inputs, self.slopes = data, 0.0, inputs, slopes

    @classmethod
    def of(cls, x: Any) -> Any:
        return x if isinstance(x, cls) else cls(x)

    def __add__(self, other: Any) -> Any:
        other = self.of(other)
        return type(self)(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Any:
        other = self.of(other)
        return type(self)(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other: Any) -> Any:
        other = self.of(other)
        return type(self)(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data**2))

    def __pow__(self, n: float) -> Any:
        if self.data < 0 and n != int(n):
            raise ValueError("a root of a negative number")
        return type(self)(self.data**n, (self,), (n * self.data ** (n - 1) if n else 0.0,))

    def tanh(self) -> Any:
        t = math.tanh(self.data)
        return type(self)(t, (self,), (1 - t * t,))

    def __neg__(self) -> Any:
        return self * -1.0

    def __sub__(self, other: Any) -> Any:
        return self + -self.of(other)

    def __rsub__(self, other: Any) -> Any:
        return self.of(other) - self

    def __rtruediv__(self, other: Any) -> Any:
        return self.of(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def order(self) -> list[Any]:
        """All nodes, each before its inputs."""
        found, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                found.append(node)
            elif node not in seen:
                seen.add(node)
                stack += [(node, True), *((each, False) for each in node.inputs)]
        return found[::-1]

    def arrive(self, g: float) -> None:
        self.grad += g

    def backward(self) -> None:
        nodes = self.order()
        for node in nodes:
            if node.inputs:
                node.grad = 0.0
        self.grad = self.start
        for node in nodes:
            for each, slope in zip(node.inputs, node.slopes, strict=True):
                each.arrive(slope * node.grad)


class NoRightMultiply(Right):
    """2 * x is not defined."""

    __rmul__: Any = None


class Assigns(Right):
    """`=` in place of `+=`."""

    def arrive(self, g: float) -> None:
        self.grad = g


class NoOrder(Right):
    """Level by level, each node where it is first met."""

    def order(self) -> list[Any]:
        found: dict[Any, None] = {}
        level = [self]
        while level:
            found |= dict.fromkeys(each for each in level if each not in found)
            level = [each for node in level for each in node.inputs if each not in found]
        return list(found)


class WrongTanh(Right):
    """1 - t in place of 1 - t²."""

    def tanh(self) -> Any:
        t = math.tanh(self.data)
        return type(self)(t, (self,), (1 - t,))


class WrongDivision(Right):
    """The sign of the divisor's derivative is lost."""

    def __truediv__(self, other: Any) -> Any:
        other = self.of(other)
        return type(self)(self.data / other.data, (self, other), (1 / other.data, self.data / other.data**2))


class Endless(Right):
    """The sweep never ends."""

    def backward(self) -> None:
        while True:
            pass


class NoStart(Right):
    """Nothing arrives, as nothing is sent."""

    start = 0.0


class Recursive(Right):
    """A function that calls itself finds the order."""

    def order(self) -> list[Any]:
        found: list[Any] = []
        _visit(self, found, set())
        return found[::-1]


def _visit(node: Any, found: list[Any], seen: set[Any]) -> None:
    if node not in seen:
        seen.add(node)
        for each in node.inputs:
            _visit(each, found, seen)
        found.append(node)


class Forgetful(Right):
    """No `out.grad` in the product's rule."""

    def backward(self) -> None:
        nodes = self.order()
        for node in nodes:
            if node.inputs:
                node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for each, slope in zip(node.inputs, node.slopes, strict=True):
                each.arrive(slope)


class EveryPath(Right):
    """Follows every way from the output to a leaf: right, and without end."""

    def backward(self) -> None:
        stack = [(self, 1.0)]
        while stack:
            node, g = stack.pop()
            node.grad += g
            stack += [(each, slope * g) for each, slope in zip(node.inputs, node.slopes, strict=True)]
