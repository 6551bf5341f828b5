"""Trees: numbers in containers of any kind, nested in any way and to any depth, taken apart and put together again.

A tree is its leaves, in order, and the containers around them (see containers.py). Everything that is no container is a
leaf; whoever needs numbers refuses the others, by their path: `x['rates'][2]`.
"""

import dataclasses
from collections.abc import Callable, Iterable
from itertools import accumulate
from math import prod
from typing import Any

from autograd.containers import Array, Container, opened
from autograd.engine import Value
from autograd.reals import unboxed

_Shape = tuple[int, ...]


@dataclasses.dataclass(slots=True)
class Tree:
    """A tree taken apart.

    Attributes:
        leaves: its numbers, or whatever stands in their place, in order.
        parts: None for each leaf, and each container behind its branches.
    """

    leaves: list[Any]
    parts: list[Container | None]

    @classmethod
    def of(cls, tree: Any, caller: str = "", name: Any = "", is_leaf: Callable[[Any], bool] | None = None) -> "Tree":
        """Take a tree apart.

        Args:
            caller, name: how messages begin.
            is_leaf: of what is not to be opened, though it could be.

        Raises:
            ValueError: a container contains itself.
        """
        if tree.__class__ is float or isinstance(tree, Value):  # the usual ones
            return cls([tree], [None])
        leaves: list[Any] = []
        parts: list[Container | None] = []
        above: set[int] = set()  # the containers around what is looked at
        pending: list[tuple[Any, Container | None]] = [(tree, None)]
        while pending:
            tree, done = pending.pop()
            if done is not None:
                parts.append(done)
                above.discard(id(tree))
            elif (given := is_leaf is not None and is_leaf(tree)) or (container := opened(tree)) is None:
                leaves.append(tree if given else unboxed(tree))
                parts.append(None)
            elif isinstance(container, Array):
                leaves += container.branches
                parts += [*[None] * container.count, container]
            elif id(tree) in above:
                raise ValueError(f"{caller}: {name} has no end: it holds a {type(tree).__name__} that contains itself.")
            else:
                above.add(id(tree))
                pending.append((tree, container))
                pending += [(branch, None) for branch in reversed(container.branches)]
        return cls(leaves, parts)

    def rebuilt(self, leaves: Iterable[Any]) -> Any:
        """The same tree with others in place of its leaves."""
        each, stack = iter(leaves), []
        if len(self.parts) == 1 and self.parts[0] is None:
            return next(each)
        for part in self.parts:
            stack.append(next(each) if part is None else part.filled(_taken(stack, part.count)))
        return stack.pop()

    def matching(self, other: Any, caller: str, name: Any, model: Any) -> list[Any]:
        """What stands in another tree of the same structure where the leaves of this one stand, in their order.

        Lists, tuples and arrays of the same shape are alike, and so are dicts with the same keys.

        Args:
            caller, name, model: how messages begin, and what they call the other tree and this one.

        Raises:
            ValueError: the structure differs; says where.
        """
        found, pending = [], [(other, None)]
        for part in reversed(self.parts):
            branch, link = pending.pop()
            if part is None:
                found.append(branch)
                continue
            branches = part.matching(branch)
            if branches is None:
                path = _path(link)
                raise ValueError(
                    f"{caller}: {name}{path} is {_described(branch)}; wanted {part.wanted}, as in {model}{path}."
                )
            pending += [(x, (link, part, key)) for x, key in zip(branches, part.keys, strict=True)]
        return found[::-1]

    @property
    def paths(self) -> list[str]:
        """Where the leaves stand, as code says it: `['rates'][2]`."""
        return [_path(link) for part, link in zip(self.parts, self._links(), strict=True) if part is None]

    def _links(self) -> list[Any]:
        """Where each part stands: the link of the container, the container and the key; None for the whole."""
        found, pending = [], [None]
        for part in reversed(self.parts):
            link = pending.pop()
            found.append(link)
            if part is not None:
                pending += [(link, part, key) for key in part.keys]
        return found[::-1]

    def shapes(self, refuse: tuple[str, Any] | None = None, tuples: bool = True) -> list[tuple[_Shape | None, int]]:
        """For each part its shape, and at which part it begins.

        A number has the shape (), and so have lists, tuples and arrays of one shape the shape that NumPy would see;
        None has what has names somewhere, or is ragged.

        Args:
            refuse: how to begin the message about lists that are ragged.
            tuples: whether they have a shape.

        Raises:
            ValueError: a list is ragged, and `refuse` says that it is to be refused.
        """
        found: list[tuple[_Shape | None, int]] = []
        stack: list[tuple[_Shape | None, int]] = []
        for k, part in enumerate(self.parts):
            inner = _taken(stack, part.count) if part is not None else []
            start = inner[0][1] if inner else k
            shape = () if part is None else self._shape(k, part, [each for each, _ in inner], refuse, tuples)
            stack.append((shape, start))
            found.append((shape, start))
        return found

    def _shape(
        self, k: int, part: Container, inner: list[_Shape | None], refuse: tuple[str, Any] | None, tuples: bool
    ) -> _Shape | None:
        if isinstance(part, Array):
            return part.shape
        if not part.is_array or None in inner or (isinstance(part.tree, tuple) and not tuples):
            return None
        different = next((i for i, shape in enumerate(inner) if shape != inner[0]), None)
        if different is None:
            return (len(inner), *(inner[0] or ())) if inner else (0,)
        if not refuse:
            return None
        caller, name = refuse
        where = f"{name}{_path(self._links()[k])}"
        raise ValueError(
            f"{caller}: {name} is ragged: {where}[0] has shape {inner[0]} and {where}[{different}] has "
            f"{inner[different]}; wanted the same for all."
        )


@dataclasses.dataclass(frozen=True)
class Blocks:
    """The structure of a tree of arrays: numbers, and what is made of lists, tuples and arrays alone, are its leaves.

    Attributes:
        tree: the containers that have names, and what holds them; the blocks are numbered in it, and no number is kept.
        paths: where the blocks stand, with the name of the tree: `x['rates']`.
        shapes, sizes: of the blocks; a size is how many numbers there are.
    """

    tree: Tree
    paths: list[str]
    shapes: list[_Shape]

    @classmethod
    def of(cls, tree: Any, caller: str, name: Any) -> "Blocks":
        """The blocks of an argument; `caller` and `name` are how messages begin.

        Raises:
            ValueError: a block is ragged, or a container contains itself.
        """
        whole = Tree.of(tree, caller, name)
        return cls._of(whole, whole.shapes((caller, name)), name)

    @classmethod
    def of_output(cls, tree: Any) -> "Blocks":
        """The blocks of what a program gives: tuples stay tuples, and lists that are ragged stay lists."""
        whole = Tree.of(tree)
        return cls._of(whole, whole.shapes(tuples=False), "output")

    @classmethod
    def _of(cls, whole: Tree, found: list[tuple[_Shape | None, int]], name: Any) -> "Blocks":
        parts: list[Container | None] = []
        shapes: list[_Shape] = []
        k = len(found)
        while k:
            shape, start = found[k - 1]
            parts.append(whole.parts[k - 1] if shape is None else None)
            shapes += [] if shape is None else [shape]
            k = k - 1 if shape is None else start
        numbered = Tree(list(range(len(shapes))), parts[::-1])
        paths = [f"{name}{path}" for path in numbered.paths]
        return cls(Tree.of(numbered.rebuilt(numbered.leaves)), paths, shapes[::-1])

    @property
    def is_one(self) -> bool:
        """Whether the whole tree is one block, and so an array."""
        return self.tree.parts == [None]

    @property
    def sizes(self) -> list[int]:
        return [prod(shape) for shape in self.shapes]

    @property
    def places(self) -> list[tuple[int, int, _Shape]]:
        """Where each block starts among all numbers, how many it has, and its shape."""
        return list(zip(accumulate(self.sizes, initial=0), self.sizes, self.shapes, strict=False))


def leaves(tree: Any) -> list[Any]:
    """The numbers of a tree, in order."""
    return Tree.of(tree).leaves


def _taken(stack: list[Any], count: int) -> list[Any]:
    """The last so many of the stack, which loses them."""
    start = len(stack) - count
    taken = stack[start:]
    del stack[start:]
    return taken


def _path(link: Any) -> str:
    steps = []
    while link is not None:
        link, container, key = link
        steps.append(container.step(key))
    return "".join(reversed(steps))


def _described(tree: Any) -> str:
    """A tree in a few words."""
    container = opened(tree)
    return f"a {type(tree).__name__}" + (f" with {container.contents}" if container else "")
