"""What repeats in a large graph, and is folded: alike parts into one box, turns of a loop into a box and a frame.

Two nodes are *alike* if the same operations lead to them from leaves of the same kinds, and the same lead on from them;
in which order the terms of a sum stand makes no difference. So the sixteen neurons of a layer are alike, and so are
the samples of a batch. Nodes that are alike are one class. Classes of which each node leads only to one node of
another are one box with it: a neuron with its weights, its products and its sum.

Where many classes are left, *turns* are looked for: stretches of classes that repeat with a period, by the finder with
which `compile` rolls loops. All turns but the last are one box, and the last is drawn, in a frame.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from autograd.engine import Value, add, div, mul, neg, sub
from autograd.functions import sum as total
from autograd.render.graph.instances import Instance
from autograd.render.graph.operands import kind, operands

if TYPE_CHECKING:
    from autograd.compiler.loops.periods import Run
    from autograd.compiler.scalar import Scalars

FEW = 40  # a picture of so many boxes needs no loops
_FEWEST = 8  # nodes that are worth a box
_FEWEST_LEAVES = 5
_FEWEST_TERMS = 3
_DEEPEST = 12  # classes in a box, one behind the other
_ROUNDS = 6
_LINEAR = (add, sub, mul, div, neg)
_UNORDERED = 4  # an operation of so many operands counts as one of a set


@dataclass(frozen=True, eq=False)
class Fold:
    """What is drawn as one box, or stands in a frame as one of those in a box.

    Attributes:
        kind: "alike" or "leaves" for nodes that are alike, "turns" of a loop, and "one" for what is open in a frame.
        name: by which a reader asks for one of what is in it, or of which box it is one.
        text: the formula of one.
        count: how many there are, those in the frame not counted; in a frame, how many with it.
        frame: the frame that the box stands in.
    """

    kind: Literal["alike", "leaves", "turns", "one"]
    text: str
    count: int
    name: str = ""
    look: str = ""
    frame: "Fold | None" = None

    @property
    def is_box(self) -> bool:
        """Whether it is one box, and no frame."""
        return self.kind != "one"

    @property
    def counted(self) -> str:
        """`16 × tanh(Σ w × x + b)`, `299 ×: x ← x + 1`."""
        if self.kind == "turns":
            return f"{self.count:,} ×: {self.text}"
        return f"{self.count:,} × {self.text}" if self.count > 1 else self.text

    def __str__(self) -> str:
        return f"{self.name}: {self.counted}" if self.name else self.counted


class _Region(NamedTuple):
    """A stretch of classes that is a loop's, all turns but the last or the last."""

    run: "Run"
    is_last: bool


def folds(
    order: Sequence[Value],
    roots: Iterable[Value],
    fixed: Collection[Value] = (),
    parameters: Collection[Value] = (),
    expand: Collection[str] = (),
) -> dict[Value, Fold]:
    """For each node that is in a box or a frame, which.

    Args:
        order: the graph, inputs before what is made of them.
        fixed: nodes that stay as they are.
        parameters: leaves that are parameters.
        expand: the names of boxes of which one is drawn.
    """
    graph = _Graph(order, frozenset(roots), frozenset(fixed), parameters)
    boxes = _Boxes(graph, {})
    if boxes.drawn > FEW and (regions := _regions(graph)):
        boxes = _Boxes(graph, regions)
    return boxes.folds(expand)


class _Graph:
    """The graph by numbers, the plus signs of one sum put together, and its classes.

    Attributes:
        head: for each node, the node of which it is a part: of a sum, the last plus sign.
        terms: for each head, what it is made from.
        users: for each head, the heads that are made from it, once for each use.
        of: the class of each head.
        members: the heads of each class.
    """

    def __init__(
        self,
        order: Sequence[Value],
        roots: frozenset[Value],
        fixed: frozenset[Value],
        parameters: Collection[Value],
    ) -> None:
        self.nodes, self.roots, self.fixed, self.parameters = order, roots, fixed, parameters
        place = {node: i for i, node in enumerate(order)}
        inputs = [[place[x] for x in operands(node) if x in place] for node in order]
        self.head = list(range(len(order)))
        self.terms: list[list[int]] = inputs
        self._join_sums(inputs)
        self.users: list[list[int]] = [[] for _ in order]
        self.heads = [i for i in range(len(order)) if self.head[i] == i]
        for i in self.heads:
            for x in self.terms[i]:
                self.users[x].append(i)
        self.of = self._classes()
        self.members: dict[int, list[int]] = {}
        for i in self.heads:
            self.members.setdefault(self.of[i], []).append(i)
        self.parts: dict[int, list[int]] = {}
        for i, head in enumerate(self.head):
            self.parts.setdefault(head, []).append(i)

    def _join_sums(self, inputs: list[list[int]]) -> None:
        """Plus signs that lead to another alone are one sum with it."""
        uses = Counter(x for each in inputs for x in each)
        for i, node in enumerate(self.nodes):
            if node.op is not add or node in self.fixed or len(inputs[i]) < 2:
                continue
            joined: list[int] = []
            for x in inputs[i]:
                if self.nodes[x].op is add and uses[x] == 1 and self._may_join(x):
                    self.head[x] = i
                    joined, rest = sorted((joined, self.terms[x]), key=len, reverse=True)
                    joined += rest  # the shorter one, so that a sum of any shape is quick
                else:
                    joined.append(x)
            self.terms[i] = joined
        for i in reversed(range(len(self.head))):
            self.head[i] = self.head[self.head[i]]

    def _may_join(self, i: int) -> bool:
        node = self.nodes[i]
        return node not in self.fixed and node not in self.roots and len(self.terms[i]) > 1

    def is_sum(self, i: int) -> bool:
        return self.nodes[i].op is add or self.nodes[i].op is total

    def kind(self, i: int) -> str:
        node = self.nodes[i]
        return "parameter" if node.is_leaf and node in self.parameters else kind(node)

    # Classes

    def _classes(self) -> list[int]:
        """A number for each head, the same for those that are alike."""
        own = [self._own(i) for i in range(len(self.nodes))]
        number: dict[Any, int] = {}
        of, many = [number.setdefault(each, len(number)) for each in own], 0
        for _ in range(_ROUNDS):
            of = self._by_users(self._by_terms(of))
            if (found := len({of[i] for i in self.heads})) == many:
                break
            many = found
        return of

    def _own(self, i: int) -> Any:
        node = self.nodes[i]
        if node in self.fixed or node in self.roots:
            return i
        return self.kind(i), None if node.is_leaf else node.op

    def _by_terms(self, of: list[int]) -> list[int]:
        number: dict[Any, int] = {}
        found = [0] * len(of)
        for i in self.heads:
            below = [found[x] for x in self.terms[i]]
            key = (of[i], *(sorted(below) if self._is_unordered(i) else below))
            found[i] = number.setdefault(key, len(number))
        return found

    def _by_users(self, of: list[int]) -> list[int]:
        number: dict[Any, int] = {}
        found = [0] * len(of)
        above: dict[int, list[tuple[int, int]]] = {}
        for i in reversed(self.heads):
            key = (of[i], *sorted(above.pop(i, ())))
            found[i] = number.setdefault(key, len(number))
            unordered = self._is_unordered(i)
            for slot, x in enumerate(self.terms[i]):
                above.setdefault(x, []).append((found[i], 0 if unordered else slot))
        return found

    def _is_unordered(self, i: int) -> bool:
        return self.nodes[i].op is add or len(self.terms[i]) >= _UNORDERED

    def repeated(self, i: int) -> int:
        """Of a sum, how many of its terms are alike, at most."""
        return max(Counter(self.of[x] for x in self.terms[i]).values(), default=0) if self.is_sum(i) else 0


# --- Boxes --------------------------------------------------------------------------------------------------


class _Boxes:
    """Which classes are one box.

    Attributes:
        box: of classes in a box, its number.
        root: of a box, the class that what is in it leads to; None for the turns of a loop.
        drawn: how many boxes there are, and nodes without one.
    """

    def __init__(self, graph: _Graph, regions: dict[int, _Region]) -> None:
        self.graph, self.regions = graph, regions
        self.box: dict[int, int] = {}
        self.root: list[int | None] = []
        self.instance: dict[int, int] = {}
        self._depth: dict[int, int] = {}
        self._in_sum: dict[int, bool] = {}
        self._deep = self._with_sums()
        self._turns: dict[int, int] = {}
        self._begins = self._given_first()
        for each in sorted(graph.members, key=lambda c: -graph.members[c][-1]):
            self._put(each)
        self._open_small()
        self.size = Counter(self.box[graph.of[graph.head[i]]] for i in range(len(graph.nodes)) if self._is_in(i))
        self.drawn = len(self.size) + len(graph.nodes) - sum(self.size.values())

    def _is_in(self, i: int) -> bool:
        return self.graph.of[self.graph.head[i]] in self.box

    def _with_sums(self) -> set[int]:
        """The classes that depend on a sum of terms that are alike."""
        graph, found = self.graph, set[int]()
        for each in sorted(graph.members, key=lambda c: graph.members[c][-1]):
            i = graph.members[each][0]
            if graph.repeated(i) >= 2 or any(graph.of[x] in found for x in graph.terms[i]):
                found.add(each)
        return found

    def _given_first(self) -> set[int]:
        """The leaves that a loop begins with: in later turns, the turn before stands in their place."""
        graph, found = self.graph, set[int]()
        for region in set(self.regions.values()):
            if region.is_last:
                continue
            sequence = _sequence(graph)
            for k in range(region.run.start, region.run.start + region.run.period):
                now, later = (_kinds(graph, sequence[at]) for at in (k, k + region.run.period))
                found |= {c for (c, kind), (_, then) in zip(now, later, strict=True) if kind != then}
        return found

    def _put(self, each: int) -> None:
        graph = self.graph
        i = graph.members[each][0]
        if graph.nodes[i] in graph.fixed:
            return
        region = self.regions.get(each)
        if region is not None and not region.is_last:
            self._add_to_turns(each, region)
        elif (box := self._box_of_users(each)) is not None:
            self._add(each, box)
        elif self._is_worth_a_box(each):
            self.root.append(each)
            self._add(each, len(self.root) - 1)

    def _add_to_turns(self, each: int, region: _Region) -> None:
        if region.run.start not in self._turns:
            self._turns[region.run.start] = len(self.root)
            self.root.append(None)
        self.box[each] = self._turns[region.run.start]

    def _add(self, each: int, box: int) -> None:
        graph, top = self.graph, each == self.root[box]
        self.box[each] = box
        for i in graph.members[each]:
            self.instance[i] = i if top or not graph.users[i] else self.instance.get(graph.users[i][0], i)
        above = [] if top else [graph.of[j] for i in graph.members[each][:1] for j in graph.users[i]]
        self._depth[each] = 1 + max((self._depth.get(c, 0) for c in above), default=0)
        self._in_sum[each] = graph.repeated(graph.members[each][0]) >= 2 or any(self._in_sum.get(c) for c in above)

    def _is_worth_a_box(self, each: int) -> bool:
        graph = self.graph
        members = graph.members[each]
        if graph.nodes[members[0]].is_leaf:
            return len(members) >= _FEWEST_LEAVES
        return len(members) > 1 or graph.repeated(members[0]) >= _FEWEST_TERMS

    def _box_of_users(self, each: int) -> int | None:
        """The box in which all are that are made from a class, each of its nodes going into one of what is in it."""
        graph, members = self.graph, self.graph.members[each]
        boxes = {self.box.get(graph.of[j]) for i in members for j in graph.users[i]}
        box = boxes.pop() if len(boxes) == 1 else None
        if box is None or any(graph.nodes[i] in graph.roots for i in members):
            return None
        is_leaf = graph.nodes[members[0]].is_leaf
        if self.root[box] is None:
            return box if is_leaf and self._is_of_one_turn(each) else None
        if not self._is_of_one(members) or (len(members) == 1 and graph.kind(members[0]) != "constant"):
            return None
        return box if is_leaf or self._has_room(each) else None

    def _is_of_one_turn(self, each: int) -> bool:
        alone = all(len(self.graph.users[i]) == 1 for i in self.graph.members[each])
        return alone and each not in self._begins

    def _is_of_one(self, members: Sequence[int]) -> bool:
        return all(len({self.instance[j] for j in self.graph.users[i]}) == 1 for i in members)

    def _has_room(self, each: int) -> bool:
        """Whether a box may go on below what is made from this class: a sum in a sum has a box of its own."""
        graph, i = self.graph, self.graph.members[each][0]
        above = {graph.of[j] for j in graph.users[i]}
        if self.regions.get(each) != self.regions.get(next(iter(above))):
            return False
        if any(self._depth[c] >= _DEEPEST for c in above):
            return False
        in_sum = any(self._in_sum[c] for c in above)
        is_sum = graph.repeated(i) >= 2
        return not (in_sum and each in self._deep and (is_sum or graph.nodes[i].op not in _LINEAR))

    def _open_small(self) -> None:
        """A box of a few nodes saves nothing."""
        size = Counter[int]()
        for each, box in self.box.items():
            size[box] += sum(len(self.graph.parts[i]) for i in self.graph.members[each])
        leaves = {box for box, root in enumerate(self.root) if root is not None and self._is_leaf(root)}
        small = {box for box in size if size[box] < (_FEWEST_LEAVES if box in leaves else _FEWEST)}
        self.box = {each: box for each, box in self.box.items() if box not in small}

    def _is_leaf(self, each: int) -> bool:
        return self.graph.nodes[self.graph.members[each][0]].is_leaf

    # What is drawn

    def folds(self, expand: Collection[str]) -> dict[Value, Fold]:
        graph = self.graph
        frames = self._frames()
        names = self._names()
        found: dict[int, Fold] = {}
        for box in sorted(self.size):
            found[box] = self._fold(box, names.get(box, ""), frames, expand)
        opened = {box: fold for box, fold in found.items() if fold.name in expand and fold.name}
        home: dict[Value, Fold] = {}
        ones = {box: self._opened(box, fold) for box, fold in opened.items()}
        for i, node in enumerate(graph.nodes):
            each = graph.of[graph.head[i]]
            if each in self.box:
                box = self.box[each]
                if box in ones and self.instance[graph.head[i]] == ones[box][0]:
                    home[node] = ones[box][1]
                else:
                    home[node] = found[box]
            elif (frame := self._frame_of(each, frames)) is not None:
                home[node] = frame
        return home

    def _opened(self, box: int, fold: Fold) -> tuple[int, Fold]:
        root = self.root[box]
        assert root is not None
        return self.graph.members[root][-1], Fold("one", fold.text, fold.count + 1, fold.name)

    def _frames(self) -> dict[int, Fold]:
        """By the start of a loop, the frame of its last turn."""
        return {
            region.run.start: Fold("one", "", region.run.turns) for region in self.regions.values() if region.is_last
        }

    def _frame_of(self, each: int, frames: dict[int, Fold]) -> Fold | None:
        graph = self.graph
        region = self.regions.get(each)
        if region is None and self._is_leaf(each):
            of = {self.regions.get(graph.of[j]) for i in graph.members[each] for j in graph.users[i]}
            single = sum(len(graph.users[i]) for i in graph.members[each]) == 1
            region = of.pop() if len(of) == 1 and single else None
        return frames[region.run.start] if region is not None and region.is_last else None

    def _names(self) -> dict[int, str]:
        """Letters, from left to right."""
        roots = {box: root for box, root in enumerate(self.root) if box in self.size and root is not None}
        ordered = sorted(
            (box for box, root in roots.items() if not self._is_leaf(root)),
            key=lambda box: self.graph.members[roots[box]][-1],
        )
        return {box: _letters(k) for k, box in enumerate(ordered)}

    def _fold(self, box: int, name: str, frames: dict[int, Fold], expand: Collection[str]) -> Fold:
        graph, root = self.graph, self.root[box]
        if root is None:
            region = next(r for c, r in self.regions.items() if self.box.get(c) == box)
            return Fold("turns", self._turn_text(region), region.run.turns - 1)
        members = graph.members[root]
        inside = {c for c, b in self.box.items() if b == box}
        text = Instance(graph, inside).text(members[-1], is_one=len(members) == 1)
        if self._is_leaf(root):
            return Fold("leaves", text, len(members), look=graph.kind(members[0]))
        count = len(members) - (name in expand)
        return Fold("alike", text, count, name, frame=self._frame_of(root, frames))

    def _turn_text(self, region: _Region) -> str:
        """What a turn makes that is used after it."""
        graph, run = self.graph, region.run
        sequence = _sequence(graph)
        turn = sequence[run.stop - 2 * run.period : run.stop - run.period]
        inside = set(turn)
        inside |= {
            graph.of[x] for c in turn for i in graph.members[c] for x in graph.terms[i] if self._leads_to(x, inside)
        }
        made = [c for c in turn if any(graph.of[j] not in inside for i in graph.members[c] for j in graph.users[i])]
        instance, before = Instance(graph, inside), dict(zip(turn, sequence[run.stop - 3 * run.period :], strict=False))
        texts = [(before[c], instance.text(graph.members[c][-1])) for c in made]
        return ", ".join(f"{instance.names[c].text} ← {text}" if c in instance.names else text for c, text in texts)

    def _leads_to(self, x: int, inside: set[int]) -> bool:
        graph = self.graph
        return graph.nodes[x].is_leaf and all(graph.of[j] in inside for j in graph.users[x])


def _letters(k: int) -> str:
    """A, B, … Z, AA, AB …"""
    text = ""
    k += 1
    while k:
        k, last = divmod(k - 1, 26)
        text = chr(ord("A") + last) + text
    return text


# --- Turns --------------------------------------------------------------------------------------------------


def _sequence(graph: _Graph) -> list[int]:
    """The classes of operations, what is made from them later."""
    inner = [c for c, members in graph.members.items() if not graph.nodes[members[0]].is_leaf]
    return sorted(inner, key=lambda c: graph.members[c][-1])


def _kinds(graph: _Graph, each: int) -> list[tuple[int, str]]:
    """The classes that a class is made from, each once, and of which kind they are."""
    i = graph.members[each][0]
    return [(graph.of[x], graph.kind(x)) for x in _once(graph, i)]


def _once(graph: _Graph, i: int) -> list[int]:
    seen: dict[int, int] = {}
    for x in graph.terms[i]:
        seen.setdefault(graph.of[x], x)
    return list(seen.values())


def _regions(graph: _Graph) -> dict[int, _Region]:
    """The loops of the graph; for each class in one, which turns it belongs to."""
    sequence = _sequence(graph)
    found: dict[int, _Region] = {}
    for run in _runs(graph, sequence):
        last = run.stop - run.period
        for k in range(run.start, run.stop):
            found[sequence[k]] = _Region(run, k >= last)
    return found


def _runs(graph: _Graph, sequence: list[int]) -> list["Run"]:
    from autograd.compiler.loops.periods import TURNS, Periods, Run

    program = _program(graph, sequence)
    periods = Periods(program)
    free = [(0, len(sequence))]
    runs: list[Run] = []
    while free:
        start, stop = free.pop()
        if stop - start < 2 * _FEWEST:
            continue
        alike = periods.alike[start:stop]
        rows = periods.repeats(start, alike, periods.candidates(start, stop, alike)).tolist()
        whole = [row for row in rows if row[1] * row[2] >= 2 * _FEWEST]
        if not whole:
            continue
        most = max(row[1] * row[2] for row in whole)
        run = Run(*min((row for row in whole if row[1] * row[2] >= 0.9 * most), key=lambda row: (row[1], row[0])))
        run = _aligned(program, periods, run, start)
        if run.turns >= TURNS:
            runs.append(run)
            free += [(start, run.start), (run.stop, stop)]
    return sorted(runs, key=lambda run: run.start)


def _aligned(program: "Scalars", periods: Any, run: "Run", start: int) -> "Run":
    """The run with the turn before it, if that differs in nothing but leaves in place of a turn before; its turns
    begun where the fewest values are carried."""
    from autograd.compiler.loops.periods import Run

    first = run.start
    while (
        first > max(start, run.start - run.period) and program.what[first - 1] == program.what[first - 1 + run.period]
    ):
        first -= 1
    stop = run.stop + run.spare
    turns = (stop - first) // run.period
    shifts = max(1, min(run.period, stop - first - 2 * run.period + 1))
    carried = periods.alive[first + run.period : first + run.period + shifts]
    shift = int(carried.argmin())
    return Run(first + shift, run.period, (stop - first - shift) // run.period) if turns > 2 else run


def _program(graph: _Graph, sequence: list[int]) -> "Scalars":
    """The classes as instructions; those of the same operation on operands of the same kinds are alike."""
    import numpy as np

    from autograd.compiler.scalar import CONSTANT, INPUT, NONE, VALUE, Scalars

    at = {each: k for k, each in enumerate(sequence)}
    leaves: dict[int, int] = {}
    numbers: dict[Any, int] = {}
    rows: list[list[tuple[int, int]]] = []
    what: list[int] = []
    for each in sequence:
        i = graph.members[each][0]
        once = _once(graph, i)
        row: list[tuple[int, int]] = []
        for x in once:
            if graph.of[x] in at:
                row.append((VALUE, at[graph.of[x]]))
            elif graph.kind(x) == "constant":
                row.append((CONSTANT, 0))
            else:
                row.append((INPUT, leaves.setdefault(graph.of[x], len(leaves))))
        rows.append(row)
        many = len(graph.members[each])
        is_fixed = graph.nodes[i] in graph.fixed
        what.append(numbers.setdefault(i if is_fixed else (graph.nodes[i].op, many, len(once)), len(numbers)))
    wide = max(map(len, rows), default=1)
    padded = [row + [(NONE, 0)] * (wide - len(row)) for row in rows]
    table = np.array(padded, dtype=np.int64).reshape(len(rows), wide, 2)
    return Scalars((), np.array(what, dtype=np.int64), table[..., 0], table[..., 1], np.empty(0), 0, {}, len(leaves), 0)
