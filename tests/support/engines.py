"""Engines for the tests of `check_engine`: microgpt's class, and many that have one planted fault each."""

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

    def __init__(self, data: Any, uses: Any = (), slopes: Any = ()) -> None:
        self.data, self.grad, self.uses, self.slopes = data, 0.0, uses, slopes

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
        """All nodes, each before what it uses."""
        found, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                found.append(node)
            elif node not in seen:
                seen.add(node)
                stack += [(node, True), *((each, False) for each in node.uses)]
        return found[::-1]

    def arrive(self, g: float) -> None:
        self.grad += g

    def backward(self) -> None:
        nodes = self.order()
        for node in nodes:
            if node.uses:
                node.grad = 0.0
        self.grad = self.start
        for node in nodes:
            for each, slope in zip(node.uses, node.slopes, strict=True):
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
            level = [each for node in level for each in node.uses if each not in found]
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
        for each in node.uses:
            _visit(each, found, seen)
        found.append(node)


class Forgetful(Right):
    """No `out.grad` in the product's rule."""

    def backward(self) -> None:
        nodes = self.order()
        for node in nodes:
            if node.uses:
                node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for each, slope in zip(node.uses, node.slopes, strict=True):
                each.arrive(slope)


class EveryPath(Right):
    """Follows every way from the output to a leaf: right, and without end."""

    def backward(self) -> None:
        stack = [(self, 1.0)]
        while stack:
            node, g = stack.pop()
            node.grad += g
            stack += [(each, slope * g) for each, slope in zip(node.uses, node.slopes, strict=True)]


class Unwrapped(Right):
    """x + 2 is not defined."""

    def __add__(self, other: Any) -> Any:
        return type(self)(self.data + other.data, (self, other), (1.0, 1.0))

    def __radd__(self, other: Any) -> Any:
        return self.of(other) + self

    def __sub__(self, other: Any) -> Any:
        return self + -self.of(other)


class Exchanged(Right):
    """2 - x is x - 2."""

    def __rsub__(self, other: Any) -> Any:
        return self - other


class WrongPower(Right):
    """n is forgotten."""

    def __pow__(self, n: float) -> Any:
        y = super().__pow__(n)
        return type(self)(y.data, (self,), (self.data ** (n - 1) if n else 0.0,))


class Held(Right):
    """A list keeps every node."""

    tape: ClassVar[list[Any]] = []

    def __init__(self, data: Any, uses: Any = (), slopes: Any = ()) -> None:
        super().__init__(data, uses, slopes)
        self.tape.append(self)


class Overflowing(Right):
    """tanh by a formula whose exponentials are too large."""

    def tanh(self) -> Any:
        t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
        return type(self)(t, (self,), (1 - t * t,))


class Swallowing(Right):
    """The sweep never ends, and catches what interrupts it at first."""

    def backward(self) -> None:
        try:
            while True:
                pass
        except BaseException:
            while True:
                pass


class Exits(Right):
    """The sweep asks Python to exit."""

    def backward(self) -> None:
        raise SystemExit(3)


class Hungry(Right):
    """The sweep needs too much memory."""

    def backward(self) -> None:
        raise MemoryError


class CallsItself(Right):
    """The sweep calls itself."""

    def backward(self) -> None:
        self.backward()


class AssignsInParts(Assigns):
    """tanh is made of exponentials, one of which is used twice."""

    def exp(self) -> Any:
        y = math.exp(self.data)
        return type(self)(y, (self,), (y,))

    def tanh(self) -> Any:
        e = (self * 2.0).exp()
        return (e - 1.0) / (e + 1.0)


class Inner(Right):
    """Right but for tanh of what is computed itself, which passes on half of it."""

    def tanh(self) -> Any:
        y = super().tanh()
        if self.uses:
            y.slopes = (y.slopes[0] / 2,)
        return y


class OtherConventions(Right):
    """relu'(0) = 1, and each backward starts anew."""

    def relu(self) -> Any:
        return type(self)(max(self.data, 0.0), (self,), (float(self.data >= 0),))

    def backward(self) -> None:
        for node in self.order():
            node.grad = 0.0
        super().backward()


class Chatty(Right):
    """The sweep prints."""

    def backward(self) -> None:
        print("sweeping")
        super().backward()


class Renamed:
    """Sums, with names that nobody would guess."""

    def __init__(self, v: float, uses: Any = ()) -> None:
        self.v, self.d, self.uses = v, 0.0, uses

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Renamed) else Renamed(other)
        return Renamed(self.v + other.v, (self, other))

    __radd__ = __add__

    def backward(self) -> None:
        nodes = Right.order(self)  # type: ignore[arg-type]
        for node in nodes:
            node.d = 0.0 if node.uses else node.d
        self.d = 1.0
        for node in nodes:
            for each in node.uses:
                each.d += node.d


class NoArithmetic:
    """A number."""

    def __init__(self, data: float) -> None:
        self.data, self.grad = data, 0.0

    def backward(self) -> None:
        self.grad = 1.0


class NoBackward(Right):
    """No sweep."""

    backward: Any = None


class TwoNumbers(Right):
    """Made of two numbers."""

    def __init__(self, data: float, grad: float) -> None:
        super().__init__(data)
        self.grad = grad


class NoReturn(Right):
    """A sum that is not returned."""

    def __add__(self, other: Any) -> Any:
        super().__add__(other)

    __radd__ = __add__
