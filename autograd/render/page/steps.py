"""The steps of a picture: values appear forward, node by node; gradients backward, arrow by arrow.

What is not drawn (a folded constant, the inside of a closed module, what lies behind a cut) has no step. Of the graph
its numbers are copied at once; all the rest is made when a page is asked for.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

from autograd.engine import Op, Value
from autograd.languages import Language
from autograd.notation import SIGN, Text
from autograd.render.dot.text import Joint
from autograd.render.graph.operands import operands
from autograd.render.graph.snapshot import Arrow, Box, Snapshot, by_target
from autograd.render.graph.tape import Tape
from autograd.render.text import DIFFERS, clean, differing, number, shorten
from autograd.sweep import slopes
from autograd.words import STEPS

_WIDEST_NAME, _WIDEST_RESULT = 20, 50  # em
_MOST_SUMMANDS = 6


@dataclass(frozen=True)
class Step:
    """What happens at one press of the key →."""

    phase: Literal["forward", "backward"]
    at: str
    """The name of the box or circle where it happens."""
    shows: tuple[str, ...]
    """The arrows where a number appears: above them if forward, below them if backward."""
    looks: tuple[str, ...]
    """The arrows whose numbers were used."""
    says: str
    box: str = ""
    """The calculation beside the circle: `1.1 × 2 = 2.2`."""
    gradient: Any = None
    """What flows back along the arrow, unrounded; for a branch, the sum."""
    upstream: tuple[str, ...] = ()
    """Of a template: the numbers that, where they are all 0, make it `otherwise`."""
    otherwise: tuple[str, str] = ("", "")
    """What it says then, and the calculation."""


@dataclass(frozen=True)
class Hint:
    """What a pointer shows at an arrow or a circle."""

    says: str
    of: tuple[str, ...] = ()
    """The other arrows it speaks of, which it should not cover."""


@dataclass(frozen=True)
class StoryNode:
    label: str
    kind: str
    op: Op | None
    number: Any
    operands: tuple[Any, ...]
    total: Any
    """What flows back into it from all its uses; None without gradients."""
    module: str
    """The text on the box that it is inside of, if it is."""
    box: Box | None
    closed: bool
    """Whether what made it is not drawn: it is inside a module that is one box, or behind a cut."""
    place: int
    """Where it stands on the tape."""
    right: Any = None
    """Where another engine has a wrong number, the right one; and so the next."""
    right_total: Any = None


@dataclass(frozen=True)
class Use:
    source: int
    target: int | None
    slot: int | None
    """Which operand of `target` it is."""
    gradient: Any
    ways: tuple[tuple[int, Any], ...]
    """Into a module that is one box: its outputs, and their derivatives with respect to the source."""
    passing: tuple[tuple[int, int], ...]
    """What flows back along it, as the tape has it: the nodes that pass it on, and to which of their operands."""
    right: Any
    """What should flow back along it, where another engine has a wrong number."""
    arrow: str
    at: str


class Story:
    """A picture told step by step. Copies the graph's numbers: later changes of the graph do not change it.

    Args:
        snapshot: what the picture shows.
        joints: its arrows, as `dot_text` gives them.
        language: "ja" or "en".
        digits: significant digits of the numbers.
        tape, places: the whole graph, and where its nodes stand on it; `StoryTemplate` needs them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        joints: Sequence[Joint],
        language: Language,
        digits: int,
        tape: Tape | None = None,
        places: Mapping[Value, int] | None = None,
    ) -> None:
        self.language, self.words, self.digits = language, STEPS[language], digits
        self._number, self._notation = partial(number, digits=digits), Text(partial(number, digits=digits))
        self.shows_gradients = snapshot.shows_gradients
        self.tape = tape
        self._places = _Places(joints)
        arrows = [arrow for arrow in snapshot.arrows if arrow.is_single]
        index = {node: i for i, node in enumerate(_in_order(arrows))}
        hidden = {arrow.source for arrow in arrows if arrow.hidden}
        places = places or {}
        self.nodes = [_copy(node, snapshot, node in hidden, places.get(node, -1)) for node in index]
        modules = _modules(snapshot, places)
        self._modules = {name: [places[node] for node in nodes] for name, nodes in modules.items()}
        self._roots = [index[root] for root in snapshot.roots if root in index]
        self._recorded = [
            (
                index[a.source],
                None if a.target is None else index[a.target],
                slot,
                a.gradient,
                tuple((index[output], slope) for output, slope in snapshot.ways(a) if output in index),
                _passing(a, slot, snapshot, places, modules),
                a.right,
            )
            for a, slot in zip(arrows, _slots(arrows), strict=True)
        ]
        self._bundles = [
            [(places[each.source], _passing(each, None, snapshot, places, modules)) for each in arrow.bundle]
            for arrow in snapshot.arrows
            if arrow.bundle and places
        ]

    @cached_property
    def _uses(self) -> list[Use]:
        named = zip(self._recorded, self._places.arrows, strict=True)
        return [Use(*recorded, arrow, self._places.head[arrow]) for recorded, arrow in named]

    @cached_property
    def _from(self) -> dict[int, list[Use]]:
        found: dict[int, list[Use]] = defaultdict(list)
        for use in self._uses:
            found[use.source].append(use)
        return found

    @cached_property
    def _into(self) -> dict[int | None, list[Use]]:
        found: dict[int | None, list[Use]] = defaultdict(list)
        for use in self._uses:
            found[use.target].append(use)
        return found

    def steps(self) -> list[Step]:
        """Forward, and then backward if the picture has gradients."""
        return [*self._forward(), *(self._backward() if self.shows_gradients else ())]

    def hints(self) -> dict[str, Hint]:
        """The local derivatives, by the name of the arrow or the circle."""
        found: dict[str, Hint] = {}
        for i, node in enumerate(self.nodes):
            if slopes := self._locals(i):
                use_of = {use.arrow: use for use in self._into[i]}
                for arrow, slope in slopes.items():
                    says = self._say("local", op=_symbol(node), local=self._number(slope))
                    found[arrow] = Hint(says + self._wrong(use_of[arrow].gradient, use_of[arrow].right))
                shown = ", ".join(map(self._number, list(slopes.values())[:_MOST_SUMMANDS]))
                found[self._into[i][0].at] = Hint(self._say("locals", locals=shown), tuple(slopes))
            if node.right_total is not None and (trunk := self._places.before_dot(self._from[i][0].arrow)):
                found[trunk] = Hint(
                    self._say("gradient of", name=self._name(node)) + self._wrong(node.total, node.right_total)
                )
        return found

    # Forward

    def _forward(self) -> Iterator[Step]:
        for i, node in enumerate(self.nodes):
            if uses := self._from[i]:
                arrows = [use.arrow for use in uses]
                shows = tuple(dict.fromkeys([*filter(None, map(self._places.before_dot, arrows)), *arrows]))
                looks = tuple(use.arrow for use in self._into[i])
                yield Step("forward", self._places.tail[shows[0]], shows, looks, self._result(node))

    def _result(self, node: StoryNode) -> str:
        result = (
            differing(node.number, node.right, self.digits) if node.right is not None else self._number(node.number)
        )
        if not node.operands or node.op is None:
            named = node.label or node.kind == "constant"
            return self._say(node.kind if named else "value", name=self._name(node), number=result)
        if node.closed:
            return self._say("value", number=result)
        applied = self._notation.applied(node.op, [self._notation.number(x) for x in node.operands])
        calculation = self._shortened(applied.text)
        return f"{self._name(node)} = {calculation} = {result}" if node.label else f"{calculation} = {result}"

    # Backward

    def _backward(self) -> Iterator[Step]:
        for i in reversed(range(len(self.nodes))):
            yield from (self._start(use) for use in self._from[i] if use.target is None)
            yield from self._sums(i)
            yield from (self._pass(i, use) for use in self._into[i] if self._has_gradient(use))

    def _has_gradient(self, use: Use) -> bool:
        return use.gradient is not None and self.nodes[use.source].kind != "constant"

    def _start(self, use: Use) -> Step:
        form = "start" if use.gradient == 1 and len(self._roots) == 1 else "seed"
        text = self._say(form, name=self._root_name(use.source), number=self._number(use.gradient))
        return Step("backward", use.at, (use.arrow,), (), text, gradient=use.gradient)

    def _sums(self, i: int) -> Iterator[Step]:
        """At a branch dot, what comes back along all its arrows."""
        joined: dict[str, list[Use]] = defaultdict(list)
        for use in self._from[i]:
            joined[self._places.before_dot(use.arrow)].append(use)
        for trunk, uses in joined.items():
            if trunk and all(map(self._has_gradient, uses)):
                yield self._sum(i, trunk, uses)

    def _sum(self, i: int, trunk: str, uses: list[Use]) -> Step:
        node = self.nodes[i]
        total, summands = self._number(node.total), self._summands(uses)
        is_right = node.right_total is None
        summed = total if is_right else self._number(node.right_total)
        text = self._say("sum", name=self._name(node), summands=summands, total=summed)
        text += self._meaning(node, total) if is_right else self._wrong(node.total, node.right_total)
        looks, box = tuple(use.arrow for use in uses), f"{total}{' = ' if is_right else DIFFERS}{summands}"
        return Step("backward", self._places.head[trunk], (trunk,), looks, text, box, node.total)

    def _summands(self, uses: list[Use]) -> str:
        if len(uses) > _MOST_SUMMANDS:
            return self._say("many", count=len(uses))
        return self._notation.sum([self._notation.number(use.gradient) for use in uses], space="").text

    def _pass(self, i: int, use: Use) -> Step:
        """One arrow of the chain rule: in words, and in numbers beside the circle."""
        node, source, slope = self.nodes[i], self.nodes[use.source], self._locals(i).get(use.arrow)
        up, down = self._number(node.total), self._number(use.gradient)
        said = {"op": self._doer(node), "name": self._name(source), "down": down}
        upstream = [self.nodes[output].total for output, _ in use.ways] or [node.total]
        quiet = (self._say("closed", **said), down) if node.closed else (self._say("nothing", **said), "0")
        loud = self._say("closed", **said), down
        if use.ways:
            loud = self._through(use, said)
        elif slope is not None and not node.closed:
            local = self._held(slope)
            said["down"] = down if use.right is None else self._number(use.right)
            box = f"{up} × {local} = {said['down']}" if use.right is None else f"{down}{DIFFERS}{up} × {local}"
            loud = self._say("arrow", up=up, local=local, **said) + self._wrong(use.gradient, use.right), box
        meaning = ""
        if self._is_last(use) and use.right is None:
            meaning = self._meaning(source, self._number(source.total), len(self._from[use.source]))
        text, box = self._chosen(loud, quiet, upstream)
        arrived = [arrow for output in [output for output, _ in use.ways] or [i] for arrow in self._upstream(output)]
        step = Step("backward", use.at, (use.arrow,), tuple(arrived), text + meaning, box, use.gradient)
        return self._either(step, quiet[0] + meaning, quiet[1], upstream)

    def _wrong(self, theirs: Any, right: Any) -> str:
        """What is said of a gradient that another engine has, where the rule gives another."""
        if right is None:
            return ""
        theirs, _, right = differing(theirs, right, self.digits).partition(DIFFERS)
        return self._say("wrong", theirs=theirs, right=right)

    def _chosen(self, loud: tuple[str, str], quiet: tuple[str, str], upstream: Sequence[Any]) -> tuple[str, str]:
        """What is told, and calculated, of an arrow: whether something arrives makes the difference."""
        return loud if any(upstream) else quiet

    def _either(self, step: Step, text: str, box: str, upstream: Sequence[Any]) -> Step:
        """For templates, with what is told where nothing arrives."""
        return step

    def _through(self, use: Use, said: dict[str, str]) -> tuple[str, str]:
        """The chain rule for a module as a whole: over all its outputs."""
        ways = [(self.nodes[output].total, self._held(slope)) for output, slope in use.ways]
        if len(ways) > _MOST_SUMMANDS:
            return self._say("ways", sum=self._say("many", count=len(ways)), **said), said["down"]
        if len(ways) == 1:
            ((total, local),) = ways
            up = self._number(total)
            return self._say("arrow", up=up, local=local, **said), f"{up} × {local} = {said['down']}"
        ups = [(self._held if i else self._number)(total) for i, (total, _) in enumerate(ways)]
        summed = " + ".join(f"{up} × {local}" for up, (_, local) in zip(ups, ways, strict=True))
        return self._say("ways", sum=summed, **said), f"{summed} = {said['down']}"

    def _is_last(self, use: Use) -> bool:
        """Whether after this arrow all has come back that comes back to its source, without a dot that says so."""
        uses = self._from[use.source]
        return not self._places.before_dot(use.arrow) and use is [u for u in uses if u.target is uses[0].target][-1]

    def _upstream(self, i: int) -> tuple[str, ...]:
        """The arrow that carries all that arrives at a node."""
        arrows = [use.arrow for use in self._from[i]]
        return tuple(dict.fromkeys(self._places.before_dot(arrow) or arrow for arrow in arrows))

    def _meaning(self, node: StoryNode, gradient: str, uses: int = 1) -> str:
        """`∂価格/∂単価 = 2.2`, where that is what the number is."""
        starts = [use for use in self._uses if use.target is None]
        if node.kind == "operation" or not node.label or [use.gradient for use in starts] != [1]:
            return ""
        form = "gradient" if uses == 1 else "together"
        return self._say(form, root=self._root_name(starts[0].source), name=self._name(node), down=gradient)

    def _locals(self, i: int) -> dict[str, Any]:
        """By arrow, what the operation's own `backward` gives for the cotangent 1; empty where it gives nothing."""
        node = self.nodes[i]
        if node.op is None or not node.operands or node.closed:
            return {}
        found = slopes(node.op, node.number, node.operands)
        return {
            use.arrow: found[use.slot]
            for use in self._into[i]
            if use.slot is not None and found[use.slot] is not None and self.nodes[use.source].kind != "constant"
        }

    # Texts

    def _shortened(self, calculation: str) -> str:
        return shorten(clean(calculation), _WIDEST_RESULT)

    def _say(self, form: str, **said: object) -> str:
        return self.words[form].format(**said)

    def _held(self, x: Any) -> str:
        """A number as it stands after a sign."""
        return self._notation.held(self._notation.number(x), SIGN, after_sign=True)

    def _name(self, node: StoryNode) -> str:
        """The label; for an operation without one its symbol, for a leaf its number."""
        if node.label:
            return self._notation.name(shorten(node.label, _WIDEST_NAME)).text
        return _symbol(node) if node.kind == "operation" else self._number(node.number)

    @staticmethod
    def _doer(node: StoryNode) -> str:
        return shorten(node.module, _WIDEST_NAME) or _symbol(node)

    def _root_name(self, i: int) -> str:
        return self._name(self.nodes[i]) if self.nodes[i].label else self.words["output"]


class _Places:
    """Where arrows start and end, by their names."""

    def __init__(self, joints: Sequence[Joint]) -> None:
        self._joints = joints

    @cached_property
    def tail(self) -> dict[str, str]:
        return {joint.arrow: joint.tail for joint in self._joints}

    @cached_property
    def head(self) -> dict[str, str]:
        return {joint.arrow: joint.head for joint in self._joints}

    @cached_property
    def _trunks(self) -> dict[str, str]:
        return {joint.head: joint.arrow for joint in self._joints if joint.head.startswith("b")}

    @cached_property
    def arrows(self) -> list[str]:
        """The snapshot's, in its order; those before branch dots come besides."""
        return [joint.arrow for joint in self._joints if joint.head not in self._trunks]

    def before_dot(self, arrow: str) -> str:
        """The arrow with the total, if this one starts at a branch dot."""
        return self._trunks.get(self.tail[arrow], "")


def _in_order(arrows: Sequence[Arrow]) -> list[Value]:
    """Each node after its operands, as the arrows come."""
    order: dict[Value, None] = {}
    for target, group in by_target(arrows):
        order.update(dict.fromkeys(arrow.source for arrow in group))
        if target is not None:
            order[target] = None
    return list(order)


def _slots(arrows: Sequence[Arrow]) -> list[int | None]:
    """Which operand each arrow is; operands without an arrow, as folded constants, are passed over."""
    slots: list[int | None] = []
    for target, group in by_target(arrows):
        inputs = operands(target) if target is not None else ()
        start = 0  # arrows come in the order of their operands, so that a million of them are passed once
        for arrow in group:
            slot = next((k for k in range(start, len(inputs)) if inputs[k] is arrow.source), None)
            start = len(inputs) if slot is None else slot + 1
            slots.append(slot)
    return slots


def _copy(node: Value, snapshot: Snapshot, hidden: bool, place: int) -> StoryNode:
    return StoryNode(
        label=snapshot.label(node),
        kind=snapshot.kind(node),
        op=node.op,
        number=node.data,
        operands=tuple(x.data for x in node.inputs),
        total=snapshot.total(node),
        module=clean(str(snapshot.box(node) or "")),
        box=snapshot.box(node),
        closed=hidden or snapshot.box(node) is not None,
        place=place,
        right=snapshot.numbers.right_value(node),
        right_total=snapshot.numbers.right_gradient(node) if snapshot.shows_gradients else None,
    )


def _modules(snapshot: Snapshot, places: Mapping[Value, int]) -> dict[Box, list[Value]]:
    """The nodes within each module that is one box."""
    found: dict[Box, list[Value]] = defaultdict(list)
    for node in snapshot.seen:
        if node in places and (name := snapshot.box(node)) is not None:
            found[name].append(node)
    return found


def _passing(
    arrow: Arrow, slot: int | None, snapshot: Snapshot, places: Mapping[Value, int], modules: Mapping[Box, list[Value]]
) -> tuple[tuple[int, int], ...]:
    """The nodes of the tape that pass something back along an arrow, and to which operand."""
    if arrow.target is None or arrow.target not in places:
        return ()
    name = snapshot.box(arrow.target)
    if name is None:
        return () if slot is None else ((places[arrow.target], slot),)
    inside = [(places[node], k, x) for node in modules[name] for k, x in enumerate(operands(node))]
    return tuple([(place, k) for place, k, x in inside if x is arrow.source])


def _symbol(node: StoryNode) -> str:
    return shorten(clean(node.op.symbol), _WIDEST_NAME) if node.op else ""
