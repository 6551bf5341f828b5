"""Networks, drawn by hypothesis: layers on lists of numbers, from which the compiler makes matrices."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd as ag
from autograd import Op, Value

TWICE = Op(
    "twice",
    lambda a, b: 2 * (a * b),
    lambda g, y, a, b: (2 * g * b, 2 * g * a),
    form=lambda f, a, b: 2 * (a * b),
)
STRAIGHT = Op("straight", lambda *x: math.prod(x), lambda g, y, *x: (g,) * len(x), form=lambda f, x: f.prod(x))
LAST = Op("last", lambda *x: math.fsum(x), lambda g, y, *x: (*[0] * (len(x) - 1), g), form=lambda f, x: f.sum(x))

EDGE = 0.0123  # jumps and kinks where no sum of drawn numbers lands, so that no last digit decides

MAPS: tuple[Callable[[Any], Any], ...] = (
    *(ag.tanh, ag.sigmoid, ag.sin, ag.identity, ag.square),
    *(lambda x: 0.5 * x - 1, lambda x: 1 / (2 + x * x), lambda x: ag.where(ag.step(x - EDGE), x, 0.1 * x)),
)
PAIRS: tuple[Callable[[Any, Any], Any], ...] = (
    *(lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: -a - 2 * b),
    *(
        lambda a, b: ag.maximum(a, b + EDGE),
        ag.hypot,
        lambda a, b: a * b * a,
        TWICE,
        lambda a, b: ag.where(ag.step(a - EDGE), b, 0.5 * b),
    ),
)
MANY: tuple[Callable[..., Any], ...] = (
    *(ag.sum, ag.mean, ag.logsumexp, ag.prod, lambda *x: sum(x)),
    *(lambda *x: -3 * sum(x), lambda *x: sum(a * a for a in x), lambda *x: x[0] - 0.5 * x[-1]),
    *(STRAIGHT, LAST, lambda *x: sum((1 + k) * (a * a) for k, a in enumerate(x)), lambda *x: ag.dot(x, x[::-1])),
)
LARGEST = 1e4  # numbers stay below, so that digits can be compared


@dataclass
class Network:
    """A loss in scalars.

    Attributes:
        f: of a sample; reads the parameters.
        wrt: the parameters.
        inputs: how many numbers a sample has.
    """

    f: Callable[[Sequence[Any]], Any]
    wrt: list[Value]
    inputs: int


class _Drawing:
    """Layers are functions of all lists so far; what they read, and their weights, are drawn once."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.wrt = draw, list[Value]()
        self.rng = np.random.default_rng(draw(st.integers(0, 99)))
        self.widths = [draw(st.integers(1, 6))]
        self.inputs = self.widths[0]
        self.kernels: dict[int, list[Any]] = {}

    def number(self) -> float:
        """Often one that is alike for others, or 1."""
        return self.draw(st.sampled_from([1.0, -1.0, 0.5, float(self.rng.normal())]))

    def weights(self, count: int) -> list[Any]:
        """Parameters, new or those of another layer; or constants, or some of both."""
        kind = self.draw(st.sampled_from(["new", "new", "new", "shared", "constant", "mixed"]))
        if kind == "shared" and count in self.kernels:
            return self.kernels[count]
        found: list[Any] = [Value(x) for x in self.rng.normal(size=count).tolist()]
        if kind == "constant":
            found = [self.number() for _ in range(count)]
        elif kind == "mixed":
            found = [self.number() if k % 3 == 1 else x for k, x in enumerate(found)]
        self.wrt += [x for x in found if isinstance(x, Value)]
        self.kernels[count] = found
        return found

    def source(self) -> int:
        """Which of the lists is read: most often the last."""
        return len(self.widths) - 1 - self.draw(st.integers(0, min(2, len(self.widths) - 1)))

    # --- Layers -----------------------------------------------------------------------------------------------

    def dense(self) -> Callable[..., list[Any]]:
        """Weighted sums of one list or of two, perhaps with a bias, or beside numbers that are there already."""
        sources = [self.source() for _ in range(self.draw(st.integers(1, 2)))]
        width, activation = self.draw(st.integers(1, 4)), self.draw(st.sampled_from(MAPS))
        matrices = [[self.weights(self.widths[each]) for _ in range(width)] for each in sources]
        bias = self.weights(width) if self.draw(st.booleans()) else [0] * width
        scale = self.number() if self.draw(st.booleans()) else 1
        beside = self.widths.index(width) if width in self.widths and self.draw(st.booleans()) else None
        self.widths.append(width)

        def layer(lists: list[list[Any]]) -> list[Any]:
            parts = [lists[each] for each in sources]
            totals = [
                sum([_weighted(rows[k], x, scale) for rows, x in zip(matrices, parts, strict=True)], bias[k])
                for k in range(width)
            ]
            if beside is not None:
                totals = [
                    total - scale * bias[0] + x * parts[0][0] for total, x in zip(totals, lists[beside], strict=True)
                ]
            return list(map(activation, totals))

        return layer

    def parameters(self) -> Callable[..., list[Any]]:
        """A list that is the same for all rows."""
        width = self.draw(st.integers(1, 4))
        found = self.weights(width)
        self.widths.append(width)
        return lambda lists: list(found)

    def convolution(self) -> Callable[..., list[Any]]:
        """Windows that overlap or do not, all with the same weights, once or twice."""
        source, activation = self.source(), self.draw(st.sampled_from(MAPS))
        length, step = self.draw(st.integers(1, self.widths[source])), self.draw(st.integers(1, 2))
        kernels = [self.weights(length) for _ in range(self.draw(st.integers(1, 2)))]
        starts = range(0, self.widths[source] - length + 1, step)[:: self.draw(st.sampled_from([1, -1]))]
        self.widths.append(len(starts) * len(kernels))
        return lambda lists: [
            activation(_weighted(kernel, lists[source][start:])) for start in starts for kernel in kernels
        ]

    def joined(self) -> Callable[..., list[Any]]:
        """Two lists as one."""
        source, other = self.source(), self.source()
        self.widths.append(self.widths[source] + self.widths[other])
        return lambda lists: [*lists[source], *lists[other]]

    def attention(self) -> Callable[..., list[Any]]:
        """Each place looks at those before it: lengths that grow."""
        source, scale = self.source(), self.weights(1)[0]
        self.widths.append(self.widths[source])

        def layer(lists: list[list[Any]]) -> list[Any]:
            x = lists[source]
            shares = [ag.softmax([scale * x[k] * x[j] for j in range(k + 1)]) for k in range(len(x))]
            return [_weighted(part, x) for part in shares]

        return layer

    def pairs(self) -> Callable[..., list[Any]]:
        """Two lists number by number, one of them perhaps turned, or parameters, or a constant."""
        source, other, turned = self.source(), self.source(), self.draw(st.booleans())
        each = self.draw(st.sampled_from(PAIRS))
        width = min(self.widths[source], self.widths[other])
        given = self.weights(width) if self.draw(st.booleans()) else None
        self.widths.append(width)

        def layer(lists: list[list[Any]]) -> list[Any]:
            right = given or (lists[other][::-1] if turned else lists[other])
            return [each(a, b) for a, b in zip(lists[source], right, strict=False)]

        return layer

    def many(self) -> Callable[..., list[Any]]:
        """Operations on any number of operands: some of them twice, some of them constants."""
        source, each = self.source(), self.draw(st.sampled_from(MANY))
        count = self.widths[source]
        place = st.lists(st.integers(0, count), min_size=1, max_size=5)
        places, constant = self.draw(st.lists(place, min_size=1, max_size=3)), self.number()
        places = [[k for k in chosen if k < count] or [0] if each is MANY[-1] else chosen for chosen in places]
        self.widths.append(len(places))
        return lambda lists: [each(*[[*lists[source], constant][k] for k in [0, *chosen]]) for chosen in places]

    def loss(self) -> Callable[..., Any]:
        """Of the last list or of all of them; perhaps with a penalty, perhaps nothing but that."""
        total, penalty = self.draw(st.sampled_from(MANY)), self.draw(st.sampled_from([0.0, 0.01, 0.01]))
        whole, alone = self.draw(st.booleans()), self.draw(st.sampled_from([False, False, False, True]))
        beside = self.draw(st.booleans())
        read = [x for x in self.wrt if self.draw(st.booleans())] if penalty else []

        def loss(lists: list[list[Any]]) -> Any:
            found = total(*[x for each in lists[1:] for x in each] if whole else lists[-1])
            found = (found + 1.5) + lists[-1][0] if beside else found
            squares = penalty * sum(w * w for w in read)
            return squares if alone and read else found + squares

        return loss


def _weighted(weights: Sequence[Any], x: Sequence[Any], scale: float = 1) -> Any:
    """The sum of w·x, every other of them times the scale."""
    each = enumerate(zip(weights, x, strict=False))
    return sum([scale * (w * a) if k % 2 and scale != 1 else w * a for k, (w, a) in each])


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Losses of layers, whose numbers are of moderate size at a few samples, and depend on a parameter."""
    drawing = _Drawing(draw)
    kinds = [drawing.dense, drawing.dense, drawing.convolution, drawing.attention, drawing.pairs, drawing.many]
    kinds += [drawing.parameters, drawing.joined]
    layers = [each() for each in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))]
    loss = drawing.loss()

    def f(x: Sequence[Any]) -> Any:
        lists = [list(x)]
        for layer in layers:
            lists.append(layer(lists))
        return loss(lists)

    return Network(f, drawing.wrt, drawing.inputs)
