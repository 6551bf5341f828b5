"""Where everything stands in the picture of a network, and how it looks there.

Neurons are circles in columns, one for each layer, inputs on the left. A weight is a line: its width says |weight|, its
colour and dashes the sign. A bias is a short arrow from above. Where there are too many weights to be told apart,
wide layers are blocks: a few of their neurons, and the shape of the weights in between.
"""

import math
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Any

from autograd.render.dot import looks
from autograd.render.dot.labels import ARROW, BOLD, INK, RED
from autograd.render.dot.shapes import Box, Curve, Disc, Line, Part, Point, Scene, Shape, Text
from autograd.render.network.layers import Column, Network, Neuron, Weight
from autograd.render.text import exact, is_japanese, number, ruled, shorten, width

MOST_EDGES = 400
"""Networks of more have blocks."""
_MOST_NUMBERED = 12  # edges that carry their numbers
_WIDEST_LAYER, _WIDEST_BESIDE = 20, 10  # neurons of a layer that is no block: at all, and in a network of many edges
_SHOWN = 3  # neurons of a block, and the last
_ROOMY = 10  # rows, up to which there is room for large circles

POSITIVE, NEGATIVE, ZERO, FAINT = "#1F6FB2", "#B85C00", "#90A4AE", "#B0BEC5"
_SIGNS = {1: "positive", -1: "negative", 0: "zero"}
_MARGIN, _LABEL = 24.0, 15.0
_HEAD, _SMALL, _LEGEND, _NAME = 13.0, 12.0, 11.0, 10.0  # points of text
_WIDEST_LINES = ((40, 5.5), (130, 4.0), (math.inf, 2.6))  # edges up to which lines may be so wide
_NUMBERED = 0.3  # where on an edge its number stands, at most: not in the middle, where edges cross
_BEAD = 0.78  # where its gradient does: between neighbours' beads
_TURN = 0.6  # of the angle of a line, where it leaves its circle: so it keeps clear of the circles above and below
WIDEST_LABEL, _WIDEST_TITLE, _WIDEST_HEAD = 16, 44, 12  # em


def is_block(column: Column, network: Network) -> bool:
    """Whether only a few neurons of the layer are drawn."""
    count = len(column.neurons)
    return count > _WIDEST_LAYER or (network.edges > MOST_EDGES and count > _WIDEST_BESIDE)


def shows_gradients(network: Network, grads: bool | str) -> bool:
    return any(weight.gradient for weight in network.parameters) if grads == "auto" else bool(grads)


class Diagram:
    """One picture in the making.

    Args:
        words: what is said, of one language.
        digits: significant digits of numbers; circles show as many of them as there is room for.
        grads: whether to show gradients; "auto" shows them if there are any.
    """

    def __init__(self, network: Network, words: dict[str, Any], digits: int, grads: bool | str) -> None:
        self.network, self.words, self.digits = network, words, digits
        self.shows_gradients = shows_gradients(network, grads)
        self.blocks = [is_block(column, network) for column in network.columns]
        self.is_numbered = network.edges <= _MOST_NUMBERED
        rows = max(len(self.slots(column)) for column in network.columns)
        self.is_roomy = rows <= _ROOMY
        self.radius = 26.0 if self.is_roomy else 18.0
        self.widest = next(wide for most, wide in _WIDEST_LINES if network.edges <= most)
        self.largest = max((abs(weight.number) for weight in network.parameters), default=0.0)
        self.steepest = max((abs(weight.gradient) for weight in network.parameters), default=0.0)
        self.rows = rows

    def scene(self, title: str) -> Scene:
        """The whole picture."""
        scene = Scene((self.right, self.bottom), title)
        if title:
            text = Text((_MARGIN, 24), shorten(title, _WIDEST_TITLE), 15.0, bold=True, side="start")
            scene.parts.append(Part("", "title", [text]))
        scene.parts += self.legend
        scene.parts += map(self._header, self.network.columns)
        scene.parts += [part for column in self.network.columns for part in self._frame(column)]
        edges = [each for column in self.network.columns[1:] for each in self._into(column)]
        scene.parts += sorted(edges, key=lambda part: part.shapes[0].wide if isinstance(part.shapes[0], Line) else 0)
        scene.parts += [part for column in self.network.columns for part in self._neurons(column)]
        scene.parts += self._labels()
        return scene

    thinnest = 0.5
    """The width of the line of a weight that is 0; the largest is wider by `widest`."""
    colours = (NEGATIVE, ZERO, POSITIVE)

    @property
    def most(self) -> str:
        """What the largest weight is, in the legend."""
        return self._said(self.largest)

    @property
    def room(self) -> float:
        """How wide a number in a circle may be."""
        return 43.0 if self.is_roomy else 31.0

    # --- Places -----------------------------------------------------------------------------------------------

    def slots(self, column: Column) -> list[Neuron | None]:
        """The neurons that are drawn, from top to bottom; None where others are left out."""
        if not self.blocks[column.number]:
            return list(column.neurons)
        return [*column.neurons[:_SHOWN], None, column.neurons[-1]]

    @cached_property
    def pitch(self) -> float:
        """From row to row."""
        usual = 2 * self.radius + (26 if self.is_roomy or self.is_numbered else 16)
        if not self.is_numbered:
            return usual
        apart = [min(self._numbered(column), 1 - self._numbered(column)) for column in self.network.columns[1:]
                 if min(len(column.neurons), len(column.neurons[0].weights)) > 1]  # fmt: skip
        return max([usual + self._label_height, *[(self._label_height + 4) / part for part in apart]])

    @property
    def _label_height(self) -> float:
        """Of a name and the numbers below it."""
        return 46.0 if self.shows_gradients else 30.0

    def _numbered(self, column: Column) -> float:
        """Where on the lines into a layer their numbers stand: near the side with more neurons, none beside another."""
        sources, targets = len(column.neurons[0].weights), len(column.neurons)
        part = min(_NUMBERED, 0.9 / (min(sources, targets) + 1))  # 1 / …, if lines began in the middles of circles
        return 1 - part if targets > sources else part

    @cached_property
    def gap(self) -> float:
        """From column to column."""
        if self.is_numbered:
            return 230.0
        return max(165.0, min(320.0, 0.42 * self.rows * self.pitch))

    @cached_property
    def left(self) -> float:
        """The middle of the first column."""
        names = [self._shown(neuron) for neuron in self.network.columns[0].neurons] if self.network.is_fed else []
        wide = max((_LABEL * width(name) + 10 for name in names), default=0.0)
        return _MARGIN + max(wide + self.radius + 12 * self.blocks[0], 60.0)

    @cached_property
    def right(self) -> float:
        """Where the picture ends."""
        last = self.left + self.gap * (len(self.network.columns) - 1)
        wide = max(_LABEL * width(self._shown(neuron)) for neuron in self.network.columns[-1].neurons)
        return max(last + self.radius + 40 + max(wide, 40.0) + _MARGIN, 560.0)

    @cached_property
    def top(self) -> float:
        """The heads of the columns: their first line."""
        return 46 + 17.0 * (1 + max(row for row, _, _ in self._legend_places())) + 8

    @cached_property
    def first(self) -> float:
        """The middle of the first row."""
        above = 26 + (self._label_height if self.is_numbered else 0)
        biased = [column for column in self.network.columns if any(column.biases) and not self.blocks[column.number]]
        needed = [above - (self.rows - len(column.neurons)) / 2 * self.pitch for column in biased]
        return self.top + 26 + max([14.0, *needed]) + self.radius

    @cached_property
    def bottom(self) -> float:
        below = 26 if any(self.blocks) else 0
        return self.first + (self.rows - 1) * self.pitch + self.radius + below + _MARGIN

    @cached_property
    def places(self) -> dict[str, Point]:
        """The middle of each circle, by the keys of the neurons."""
        found: dict[str, Point] = {}
        for column in self.network.columns:
            slots = self.slots(column)
            down = self.first + (self.rows - len(slots)) / 2 * self.pitch
            for row, neuron in enumerate(slots):
                if neuron is not None:
                    found[neuron.key] = (self._x(column), down + row * self.pitch)
        return found

    def _x(self, column: Column) -> float:
        return self.left + self.gap * column.number

    # --- What is said -----------------------------------------------------------------------------------------

    def _said(self, x: float) -> str:
        return number(x, self.digits)

    def _shown(self, neuron: Neuron) -> str:
        return shorten(neuron.name, WIDEST_LABEL)

    @cached_property
    def legend(self) -> list[Part]:
        """What width, colour, dashes and the rest mean."""
        parts = []
        for row, x, item in self._legend_places():
            sample, text, colour = item
            y = 48 + 17.0 * row
            shapes: list[Shape] = []
            if sample:
                shapes.append(Line((x, y), (x + 26, y), 2.5, colour, sample == "dashed"))
                x += 32
            is_red = colour == RED
            shapes.append(Text((x, y), text, _LEGEND, RED if is_red else INK, is_red, "start"))
            parts.append(Part("", "legend", shapes))
        return parts

    def _legend_places(self) -> list[tuple[int, float, tuple[str, str, str]]]:
        """Row, left end, and item."""
        found, row, x = [], 0, _MARGIN
        for item in self._legend_items():
            wide = (32 if item[0] else 0) + _LEGEND * (BOLD if item[2] == RED else 1.0) * _printed(item[1]) + 20
            if x > _MARGIN and x + wide > self.right - _MARGIN:
                row, x = row + 1, _MARGIN
            found.append((row, x, item))
            x += wide
        return found

    def _legend_items(self) -> Iterator[tuple[str, str, str]]:
        words = self.words
        if self._draws_weights:
            yield "solid", words["positive"], POSITIVE
            yield "dashed", words["negative"], NEGATIVE
            yield "", words["thickness"].format(largest=self.most), INK
        if any(not self.blocks[column.number] for column in self.network.columns for _ in column.biases):
            yield "", words["bias"], INK
        if self.network.is_fed:
            yield "", words["value"], INK
        if self.is_roomy and any(column.curve for column in self.network.columns):
            yield "", words["curve"], INK
        if self.is_numbered:
            yield "", words["numbers"], INK
            if self.shows_gradients:
                yield "", words["gradients"], RED
        elif self.shows_gradients and self._draws_weights:
            yield "", words["beads"].format(largest=self._said(self.steepest)), RED

    @property
    def _draws_weights(self) -> bool:
        return any(not self._is_cut(column) for column in self.network.columns[1:])

    def _is_cut(self, column: Column) -> bool:
        """Whether the weights into a layer are not drawn one by one."""
        return self.blocks[column.number] or self.blocks[column.number - 1]

    def _header(self, column: Column) -> Part:
        x, count = self._x(column), len(self.network.columns) - 1
        if column.number == 0:
            head = self.words["inputs"]
        elif count == 1:
            head = self.words["only"]
        else:
            head = self.words["last" if column.number == count else "hidden"].format(number=column.number)
        shapes: list[Shape] = [Text((x, self.top), head, _HEAD)]
        if column.activation:
            shapes.append(Text((x, self.top + 17), shorten(column.activation, _WIDEST_HEAD), _SMALL, ARROW))
        return Part("", "layer", shapes)

    # --- Weights ----------------------------------------------------------------------------------------------

    def _into(self, column: Column) -> Iterator[Part]:
        """The lines that end at a layer."""
        sources = self.network.columns[column.number - 1]
        if self._is_cut(column):
            for source in self.slots(sources):
                for target in self.slots(column):
                    if source is not None and target is not None:
                        line = self._line(source, target, 0.7, FAINT, False)
                        yield Part(f"{source.key}-{target.key}", "many", [line], joins=(source.key, target.key))
        else:
            for neuron in column.neurons:
                for weight in neuron.weights:
                    source = sources.neurons[weight.source or 0]
                    line = self._line(source, neuron, self.wide(weight), *self._look(weight))
                    yield Part(weight.key, self._role("weight", weight), [line], self._tooltip(weight, source, neuron),
                               (source.key, neuron.key))  # fmt: skip
        for neuron in [] if self.blocks[column.number] else column.neurons:
            if neuron.bias is not None:
                x, y = self.places[neuron.key]
                end = y - self.radius - 1
                arrow = Line((x, end - (20 if self.is_roomy else 13)), (x, end), self.wide(neuron.bias),
                             *self._look(neuron.bias), is_arrow=True)  # fmt: skip
                yield Part(neuron.bias.key, self._role("bias", neuron.bias), [arrow], self._tooltip(neuron.bias))

    def _line(self, source: Neuron, target: Neuron, wide: float, colour: str, dashed: bool) -> Line:
        """From circle to circle."""
        (x0, y0), (x1, y1) = self.places[source.key], self.places[target.key]
        angle = _TURN * math.atan2(y1 - y0, x1 - x0)
        across, down = self.radius * math.cos(angle), self.radius * math.sin(angle)
        return Line((x0 + across, y0 + down), (x1 - across, y1 - down), wide, colour, dashed)

    def wide(self, weight: Weight) -> float:
        """The width of a line: it grows with |weight|."""
        part = abs(weight.number) / self.largest if self.largest else 0.0
        return self.thinnest + self.widest * part

    @staticmethod
    def _look(weight: Weight) -> tuple[str, bool]:
        sign = _sign(weight.number)
        return Diagram.colours[sign + 1], sign < 0

    @staticmethod
    def _role(role: str, weight: Weight) -> str:
        return f"edge {role} {_SIGNS[_sign(weight.number)]}"

    def _tooltip(self, weight: Weight, source: Neuron | None = None, target: Neuron | None = None) -> str:
        text = f"{weight.name} = {exact(weight.number)}"
        if source is not None and target is not None:
            name = self.words["of"].format(name=weight.name, start=source.name, end=target.name)
            text = f"{name} = {exact(weight.number)}"
            if source.value is not None:
                product = self._said(weight.number * source.value)
                text += f", × {self._said(source.value)} = {product}"
        if self.shows_gradients:
            text += ", " + self.words["gradient"].format(number=self._said(weight.gradient))
        return text

    # --- Neurons ----------------------------------------------------------------------------------------------

    def _neurons(self, column: Column) -> Iterator[Part]:
        for neuron in self.slots(column):
            if neuron is not None:
                yield self._neuron(column, neuron)
        last = column is self.network.columns[-1]
        for neuron in self.slots(column) if last else []:
            if neuron is not None:
                x, y = self.places[neuron.key]
                start = x + self.radius + 2
                arrow = Line((start, y), (start + 26, y), 2, ARROW, is_arrow=True)
                name = Text((start + 32, y), self._shown(neuron), _LABEL, side="start")
                yield Part("", "result", [arrow, name])

    def _frame(self, column: Column) -> Iterator[Part]:
        """Around what is one: a block, and a layer whose activation is of the layer as a whole."""
        is_one = bool(column.number and column.activation and column.curve is None)
        if not (self.blocks[column.number] or is_one):
            return
        ends = [self.places[neuron.key] for neuron in self.slots(column) if neuron is not None]
        (x, high), (_, low) = ends[0], ends[-1]
        size = 2 * self.radius + 24, low - high + 2 * self.radius + 24
        box = Box((x, (high + low) / 2), size, "#FAFAFA" if self.blocks[column.number] else "#FFFFFF", ARROW, True, 14)
        yield Part("", "frame", [box])
        if self.blocks[column.number]:
            middle = self.places[column.neurons[_SHOWN - 1].key][1] + self.pitch
            dots: list[Shape] = [Disc((x, middle + 9 * k), 2, ARROW, ARROW, 0.5) for k in (-1, 0, 1)]
            count = self.words["width"].format(count=len(column.neurons))
            below = Text((x, low + self.radius + 26), count, _HEAD)
            yield Part("", "frame", [*dots, below])

    def _neuron(self, column: Column, neuron: Neuron) -> Part:
        (x, y), r = self.places[neuron.key], self.radius
        kind = "input" if column.number == 0 else "output" if column is self.network.columns[-1] else "hidden"
        fill, colour = _NEURONS[kind]
        shapes: list[Shape] = [Disc((x, y), r, fill, colour, 2)]
        if column.curve is not None and (self.is_roomy or neuron.value is None):
            small = neuron.value is not None
            size = (26, 14) if small else (0.95 * r, 0.75 * r)
            shapes += curve(column.curve, (x, y - (11 if small else 0)), size)
        if neuron.value is not None:
            below = 7 if self.is_roomy and column.curve is not None else 0
            shapes.append(Text((x, y + below), *self._fitted(neuron.value)))
        if column.number == 0 and neuron.value is None:
            shapes.append(Text((x, y), self._shown(neuron), 14))
        elif column.number == 0:
            shapes.append(Text((x - r - 8 - 12 * self.blocks[0], y), self._shown(neuron), _LABEL, side="end"))
        return Part(neuron.key, f"node neuron {kind}", shapes, self._neuron_tooltip(column, neuron))

    def _fitted(self, value: float) -> tuple[str, float]:
        """A number with as many digits as a circle has room for, and its size."""
        size, room = (11.5 if self.is_roomy else 10.0), self.room
        texts = [number(value, digits) for digits in range(self.digits, 0, -1)]
        return next((text for text in texts if 0.92 * size * width(text) <= room), texts[-1]), size

    def _neuron_tooltip(self, column: Column, neuron: Neuron) -> str:
        if neuron.value is None:
            return f"{neuron.name}: {column.activation}" if column.activation else neuron.name
        text = f"{neuron.name} = {exact(neuron.value)}"
        if neuron.inner is not None:
            text += ", " + self.words["before"].format(number=self._said(neuron.inner))
        return text

    # --- On top -----------------------------------------------------------------------------------------------

    def _labels(self) -> Iterator[Part]:
        """Numbers on lines, gradients, and the shapes between blocks."""
        for column in self.network.columns[1:]:
            if self._is_cut(column):
                yield self._shape_of(column)
            elif self.is_numbered:
                yield from self._numbers(column)
            elif self.shows_gradients:
                yield from self._beads(column)

    def _shape_of(self, column: Column) -> Part:
        x, y = self._x(column) - self.gap / 2, self.first + (self.rows - 1) / 2 * self.pitch
        nin, nout = len(column.neurons[0].weights), len(column.neurons)
        biases = sum(1 for _ in column.biases)
        tooltip = self.words["block"].format(source=nin, target=nout, count=nin * nout, biases=biases)
        shapes: list[Shape] = [
            Text((x, y - 10), f"{nin} × {nout}", 16, bold=True, is_backed=True),
            Text((x, y + 10), self.words["weights"].format(count=nin * nout), _LEGEND, is_backed=True),
        ]
        return Part(f"w{column.number}", "shape", shapes, tooltip)

    def _numbers(self, column: Column) -> Iterator[Part]:
        part = self._numbered(column)
        for neuron in column.neurons:
            for weight in neuron.weights:
                source = self.network.columns[column.number - 1].neurons[weight.source or 0]
                line = self._line(source, neuron, 1, INK, False)
                (x0, y0), (x1, y1) = line.start, line.end
                yield self._number(weight, (x0 + (x1 - x0) * part, y0 + (y1 - y0) * part))
            if neuron.bias is not None:
                x, y = self.places[neuron.key]
                yield self._number(neuron.bias, (x, y - self.radius - 24 - self._label_height / 2))

    def _number(self, weight: Weight, at: Point) -> Part:
        """Its name, its number, and its gradient below each other."""
        lines = [(weight.name, _NAME, ARROW, False), (self._said(weight.number), _HEAD, INK, False)]
        if self.shows_gradients:
            lines.append((self._said(weight.gradient), _HEAD, RED, True))
        (x, y), high = at, self._label_height
        texts = [Text((x, y - high / 2 + 6 + 16 * i), *line) for i, line in enumerate(lines)]
        ground = Box((x, y), (max(0.9 * text.wide for text in texts), high - 2), round=3)
        return Part(f"n.{weight.key}", "number", [ground, *texts])

    def _beads(self, column: Column) -> Iterator[Part]:
        for neuron in column.neurons:
            x1, y1 = self.places[neuron.key]
            for weight in neuron.weights:
                source = self.network.columns[column.number - 1].neurons[weight.source or 0]
                line = self._line(source, neuron, 1, INK, False)
                (x2, y2), (x3, y3) = line.start, line.end
                yield self._bead(weight, (x2 + (x3 - x2) * _BEAD, y2 + (y3 - y2) * _BEAD))
            if neuron.bias is not None:
                yield self._bead(neuron.bias, (x1 + 9, y1 - self.radius - 8))

    def _bead(self, weight: Weight, at: Point) -> Part:
        size = math.sqrt(abs(weight.gradient) / self.steepest) if self.steepest else 0.0
        fill = RED if weight.gradient > 0 else "#FFFFFF"
        disc = Disc(at, 0.4 + (5 if self.is_roomy else 3.5) * size, fill, RED, 1.2)
        tooltip = f"{weight.name}: " + self.words["gradient"].format(number=exact(weight.gradient))
        return Part(f"g.{weight.key}", "gradient", [disc], tooltip)


_NEURONS = {
    "input": (looks.COLOURS["input"]["fillcolor"], looks.COLOURS["input"]["color"]),
    "hidden": ("#FFFFFF", INK),
    "output": (looks.COLOURS["output"]["fillcolor"], looks.COLOURS["output"]["color"]),
}


def _printed(text: str) -> float:
    """How wide a text is in em, in most fonts: letters are narrower than `width` has them, which is for all fonts."""
    return sum(width(character) * (1.0 if is_japanese(character) else 0.86) for character in text)


def _sign(x: float) -> int:
    return (x > 0) - (x < 0)


# --- For a terminal -----------------------------------------------------------------------------------------


def listing(network: Network, words: dict[str, Any], digits: int, grads: bool | str) -> str:
    """Tables: the layers, and each parameter and each neuron where they are not too many."""
    said = partial(number, digits=digits)
    layers = [words["columns"]]
    for column in network.columns[1:]:
        shape = f"{len(column.neurons[0].weights)} × {len(column.neurons)}"
        count = sum(1 for _ in column.weights) + sum(1 for _ in column.biases)
        layers.append((str(column.number), shape, column.activation, f"{count:,}"))
    tables = [layers]
    if network.edges <= MOST_EDGES:
        wide = 3 if shows_gradients(network, grads) else 2
        rows = [(each.name, said(each.number), said(each.gradient))[:wide] for each in network.parameters]
        tables.append([words["listed"][:wide], *rows])
    if network.is_fed and network.edges <= MOST_EDGES:
        neurons = [neuron for column in network.columns for neuron in column.neurons]
        rows = [(each.name, "" if each.inner is None else said(each.inner), said(each.value)) for each in neurons]
        tables.append([words["valued"], *rows])
    return "\n\n".join([ruled(rows, left=1) for rows in tables])


# --- Curves -------------------------------------------------------------------------------------------------

_FAR, _STEPS = 3.0, 60


def curve(function: object, middle: Point, size: Point) -> list[Shape]:
    """An activation from −3 to 3, with its axes; nothing where it has no finite values."""
    points = list(_sampled(function))
    if not points:
        return []
    low, high = min(0.0, *(y for _, y in points)), max(0.0, *(y for _, y in points))
    if high == low:
        low, high = -1.0, 1.0
    (x0, y0), (wide, tall) = middle, size

    def place(x: float, y: float) -> Point:
        return x0 + x / (2 * _FAR) * wide, y0 + tall / 2 - (y - low) / (high - low) * tall

    axes: Iterable[Shape] = (
        Curve([place(-_FAR, 0), place(_FAR, 0)], FAINT, 0.8),
        Curve([place(0, low), place(0, high)], FAINT, 0.8),
    )
    return [*axes, Curve([place(x, y) for x, y in points], INK, 1.6)]


def _sampled(function: object) -> Iterator[Point]:
    for k in range(_STEPS + 1):
        x = -_FAR + 2 * _FAR * k / _STEPS
        try:
            y = float(function(x))  # type: ignore[operator]
        except (ValueError, ArithmeticError):
            continue
        if math.isfinite(y):
            yield x, max(-10.0, min(10.0, y))
