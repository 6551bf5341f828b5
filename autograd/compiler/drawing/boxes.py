"""What pictures of compiled programs are made of: boxes, which numbers go from one to the next, and words."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.containers import opened
from autograd.render.text import clean, shorten
from autograd.trees import leaves
from autograd.words import ProgramWords

_MOST_OUTPUTS = 12  # boxes for the parts of what f returns; if there are more, they are one box


@dataclass(frozen=True)
class Subject:
    """What is drawn.

    Attributes:
        program: Lifted or Rolled.
        gradient: whether the loss and its gradient are drawn, or what f returns.
        arguments: name and number of scalars of each.
        parameters: their labels.
        outputs: what f returned, with the position among all numbers in place of each.
    """

    program: Any
    gradient: bool
    arguments: Sequence[tuple[str, int]]
    parameters: Sequence[str | None]
    outputs: Any

    @property
    def names(self) -> str:
        """The arguments, as a title writes them."""
        return f"({shorten(', '.join(clean(name) for name, _ in self.arguments), 24)})"

    @property
    def labels(self) -> Iterator[str | None]:
        """Everything that the user has named."""
        yield from (name for name, _ in self.arguments)
        yield from self.parameters
        yield from (name for name, _ in parts(self.outputs, ""))

    def block(self, start: int, stop: int) -> str:
        """A single parameter has its label; a block is written as the slice of `program.parameters`."""
        if stop - start > 1:
            return f"θ[{start}:{stop}]"
        return clean(self.parameters[start] or "") or f"θ[{start}]"

    def tooltip(self, start: int, stop: int) -> str:
        """Of a block of parameters: which they are, and how the first of them are labelled."""
        labels = [clean(label) for label in self.parameters[start : min(stop, start + 9)] if label]
        return f"parameters[{start}:{stop}] {shorten(', '.join(labels), 40)}".strip()


@dataclass
class Box:
    """A box of the picture.

    Attributes:
        kind: a role of `looks.COLOURS`, or "step", or "carried" for a value of the turn before.
        shape: what leaves it.
        reads: numbers of boxes, and the shapes of what is read.
        frames: numbers of the frames that it is in, the outermost first.
        later: the boxes from which, a turn later, comes what it holds or reads.
    """

    kind: str
    label: str
    tooltip: str = ""
    shape: str = ""
    size: int = 0
    reads: list[tuple[int, str]] = field(default_factory=list)
    frames: tuple[int, ...] = ()
    later: list[int] = field(default_factory=list)

    @property
    def is_result(self) -> bool:
        return self.kind in ("output", "constant")


class Boxes:
    """The boxes of a program; what each reads comes before it.

    Attributes:
        title: what the picture is of.
        widest: how wide a step may be, in em.
        frames: what is written at each frame.
        notes: what the legend says before it says which colour is what.
    """

    title: str
    widest = 20

    def __init__(self, subject: Subject, words: ProgramWords) -> None:
        self.subject, self.words = subject, words
        self.boxes: list[Box] = []
        self.frames: list[str] = []
        self.notes: list[str] = []

    def drop_unread(self) -> None:
        """Arguments stay, also where nothing reads them; other boxes that no result needs go."""
        self._keep(self._nearest(len(self.boxes)) | {k for k, box in enumerate(self.boxes) if box.kind == "input"})

    def fold(self, most: int) -> None:
        """Make one box of several, where there are more than so many and that is possible."""

    def cut(self, most: int) -> int:
        """Keep the boxes nearest the results, and say how many are gone."""
        before = len(self.boxes)
        if before > most:
            self._keep(self._nearest(most))
        return before - len(self.boxes)

    def _nearest(self, most: int) -> set[int]:
        results = [k for k, box in enumerate(self.boxes) if box.is_result]
        results = sorted(results, key=lambda k: self.boxes[k].kind != "output")[:most]
        found, queue = dict.fromkeys(results), deque(results)
        while queue:
            box = self.boxes[queue.popleft()]
            for maker in [*(maker for maker, _ in box.reads), *box.later]:
                if maker not in found and maker >= 0 and len(found) < most:
                    found[maker] = None
                    queue.append(maker)
        return set(found)

    def _keep(self, chosen: set[int]) -> None:
        """-1 stands for what is not drawn."""
        new = {old: k for k, old in enumerate(sorted(chosen))}
        self.boxes = [box for k, box in enumerate(self.boxes) if k in chosen]
        for box in self.boxes:
            box.reads = list(dict.fromkeys((new.get(maker, -1), shape) for maker, shape in box.reads))
            box.later = [new[maker] for maker in box.later if maker in new]


def parts(tree: Any, word: str) -> list[tuple[str, list[int]]]:
    """What f returns as boxes: an entry of a dict, a tuple or a dataclass each, else one; and where its numbers are."""
    container = opened(tree)
    if container is None or isinstance(tree, list | np.ndarray) or not 0 < container.count <= _MOST_OUTPUTS:
        return [(word, _positions(tree))]
    unnamed = isinstance(tree, tuple) and container.is_array
    names = [f"{word}[{key}]" if unnamed else clean(str(key)) for key in container.keys]
    return [(name, _positions(branch)) for name, branch in zip(names, container.branches, strict=True)]


def _positions(tree: Any) -> list[int]:
    return [int(place) for place in leaves(tree)]


def joined(spans: Iterable[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """Parts of range(count): a span that meets one part joins it, one that meets several leaves them as they are."""
    blocks: list[tuple[int, int]] = []
    for start, stop in sorted(spans, key=lambda span: (span[1] - span[0], span)):
        met = [block for block in blocks if block[0] < stop and start < block[1]]
        if len(met) <= 1:
            blocks = [block for block in blocks if block not in met]
            blocks.append((min([start, *(a for a, _ in met)]), max([stop, *(b for _, b in met)])))
    edges = sorted(blocks)
    gaps = [(a, b) for (_, a), (b, _) in pairwise([(0, 0), *edges, (count, count)]) if a < b]
    return sorted(edges + gaps)
