"""A story with holes for its numbers, and what else of a picture a page writes anew when a number is changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from autograd.render.dot.text import RANGE_DIGITS
from autograd.render.graph.snapshot import Box
from autograd.render.graph.symbols import IS
from autograd.render.page.holes import CLOSE, OPEN, Hole, Template, written
from autograd.render.page.steps import Step, Story, StoryNode, Use
from autograd.render.text import number


class StoryTemplate(Story):
    """A story with holes for its numbers."""

    def __init__(self, story: Story) -> None:
        tape = story.tape
        assert tape is not None
        self.__dict__ |= {name: x for name, x in vars(story).items() if not name.startswith("_")}
        self._roots, self._places = story._roots, story._places
        shown = partial(number, digits=story.digits)
        self._number, self._notation = written(shown), Template(shown)
        self.nodes = [
            replace(
                node,
                number=Hole(node.number, f"v{node.place}"),
                operands=tuple([Hole(x, f"v{k}") for x, k in zip(node.operands, tape.inputs[node.place], strict=True)]),
                total=None if node.total is None else Hole(node.total, _total(node, story._from[i])),
            )
            for i, node in enumerate(story.nodes)
        ]
        self._recorded, self._bundles = [], story._bundles
        self.boxes = list(story._modules.values())
        """The places of the nodes in each module that is one box."""
        boxes: dict[Box | None, int] = {box: i for i, box in enumerate(story._modules)}
        self._told = [
            replace(
                use,
                gradient=_flowing(use),
                ways=tuple([(k, self._way(use, k, slope, boxes)) for k, slope in use.ways]),
            )
            for use in story._uses
        ]

    @cached_property
    def _uses(self) -> list[Use]:
        return self._told

    def _way(self, use: Use, output: int, slope: Any, boxes: Mapping[Box | None, int]) -> Hole:
        node = self.nodes[output]
        return Hole(slope, f"w{node.place}.{self.nodes[use.source].place}.{boxes[node.box]}")

    def _locals(self, i: int) -> dict[str, Any]:
        place = self.nodes[i].place
        slots = {use.arrow: use.slot for use in self._into[i]}
        found = super()._locals(i)
        return {arrow: Hole(slope, f"l{place}.{slots[arrow]}") for arrow, slope in found.items()}

    def pairs(self, shown: Mapping[str, tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
        """What stands at the arrows, above and below them and the local derivative, with holes.

        Args:
            shown: the same with the recorded numbers, as `dot_text` gives it.
        """
        found: dict[str, tuple[str, str, str]] = {}
        bundles = [name for name in shown if name not in self._places.tail]  # the arrows that stand for several
        for name, several in zip(bundles, self._bundles, strict=True):
            above = self._range([f"v{place}" for place, _ in several])
            below = self._range([_flow(passing) for _, passing in several]) if shown[name][1] else ""
            found[name] = above, below, ""
        for i, uses in self._from.items():
            node = self.nodes[i]
            for use in uses:
                slope = self._locals(use.target).get(use.arrow) if use.target is not None else None
                gradient = "" if use.gradient is None else self._number(use.gradient)
                found[use.arrow] = self._pair(node, shown[use.arrow], gradient, slope)
                if (trunk := self._places.before_dot(use.arrow)) and trunk not in found:
                    joined = [each for each in uses if self._places.before_dot(each.arrow) == trunk]
                    total = "" if node.total is None else self._number(node.total)
                    summed = f"{total} = {self._summands(joined)}" if " = " in shown[trunk][1].split(IS)[-1] else total
                    found[trunk] = self._pair(node, shown[trunk], summed, None)
        return found

    def _range(self, refs: Sequence[str]) -> str:
        return f"{OPEN}m{min(self.digits, RANGE_DIGITS)}:{','.join(refs)}{CLOSE}"

    def _pair(self, node: StoryNode, shown: tuple[str, str, str], gradient: str, slope: Any) -> tuple[str, str, str]:
        above, below, beside = shown
        name = above.removesuffix(number(node.number, self.digits))
        total, local = ("".join(text.rpartition(IS)[:2]) for text in (below, beside))  # the symbols, if there are any
        if local and slope is not None:
            local += self._number(slope)
        elif "∂" in beside:  # a symbol alone
            local = beside
        else:
            local = f"×{self._held(slope)}" if beside and slope is not None else ""
        return name + self._number(node.number), total + gradient if below else "", local

    def fields(self) -> dict[str, int]:
        """The boxes of leaves in the picture, and their places on the tape."""
        tape = self.tape
        assert tape is not None
        found: dict[str, int] = {}
        for use in self._uses:
            place = self.nodes[use.source].place
            if not tape.inputs[place]:
                found[self._places.tail[self._places.before_dot(use.arrow) or use.arrow]] = place
        return found

    def drawn(self) -> dict[int, list[str]]:
        """The circles of operations and the arrows that start there, by their places on the tape."""
        return {
            node.place: [
                *[use.at for use in self._into[i][:1] if not node.closed],
                *[use.arrow for use in self._from[i]],
            ]
            for i, node in enumerate(self.nodes)
        }

    def _shortened(self, calculation: str) -> str:
        return calculation

    def _chosen(self, loud: tuple[str, str], quiet: tuple[str, str], upstream: Sequence[Any]) -> tuple[str, str]:
        return loud

    def _either(self, step: Step, text: str, box: str, upstream: Sequence[Any]) -> Step:
        refs = tuple([total.ref for total in upstream if isinstance(total, Hole)])
        return step if (step.says, step.box) == (text, box) else replace(step, upstream=refs, otherwise=(text, box))


def _flowing(use: Use) -> Any:
    if use.gradient is None or not use.passing:
        return use.gradient
    return Hole(use.gradient, _flow(use.passing))


def _total(node: StoryNode, uses: Sequence[Use]) -> str:
    """What flows back into a node; of one inside of a box, from outside of it alone, if so it is shown."""
    if node.closed and all(use.passing for use in uses) and node.total == sum(use.gradient for use in uses):
        return _flow(each for use in uses for each in use.passing)
    return f"t{node.place}"


def _flow(passing: Iterable[tuple[int, int]]) -> str:
    return "e" + "+".join(f"{place}.{slot}" for place, slot in passing)
