"""Trees: numbers in lists, tuples, named tuples, dicts, dataclasses and arrays, nested in any way and to any depth.

A tree is taken apart into its leaves, in order, and put together again with others in their places. Every container
comes back as what it was: a named tuple, a dict with its keys in their order, a dataclass of the same class. A
dataclass is copied, and then its fields are set, also where it is frozen, has slots, or has fields that `__init__` does
not take: neither `__init__` nor `__post_init__` runs, for they may refuse what is no plain number. Fields with the
metadata `{"static": True}` (JAX's and Equinox's word) hold no numbers, and stay as they are.

Everything that is none of these is a leaf; whoever needs numbers refuses the others, by their path: `x['rates'][2]`.
"""

import copy
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, product
from math import prod
from numbers import Real
from typing import Any, ClassVar

from autograd.engine import Value

_Shape = tuple[int, ...]

# --- Containers -----------------------------------------------------------------------------------------------


class Container:
    """A container of a tree, opened.

    Attributes:
        keys: where its branches stand, in order; so many are there as `count` says.
        is_array: whether it counts as an axis of an array where its branches have one shape; without names, that is.
    """

    is_array: ClassVar[bool] = False
    keys: Sequence[Any]

    def __init__(self, tree: Any, keys: Sequence[Any]) -> None:
        self.tree, self.keys, self.count = tree, keys, len(keys)

    @staticmethod
    def holds(tree: Any) -> bool:
        """Whether `tree` is a container of this kind."""
        raise NotImplementedError

    @property
    def branches(self) -> list[Any]:
        return [self.tree[key] for key in self.keys]

    def filled(self, branches: list[Any]) -> Any:
        """A container like this one, with other branches."""
        raise NotImplementedError

    def step(self, key: Any) -> str:
        """How a path shows the key."""
        return f"[{key!r}]"

    def matching(self, other: Any) -> list[Any] | None:
        """The branches of another tree in the order of these, if it has the same keys."""
        raise NotImplementedError

    @property
    def contents(self) -> str:
        """What is in it, for messages."""
        return f"{self.count} element{'' if self.count == 1 else 's'}"

    @property
    def wanted(self) -> str:
        """What `matching` wants."""
        return self.contents


class _List(Container):
    is_array = True

    def __init__(self, tree: Any) -> None:
        super().__init__(tree, range(len(tree)))

    @staticmethod
    def holds(tree: Any) -> bool:
        return isinstance(tree, list)

    @property
    def branches(self) -> list[Any]:
        return list(self.tree)

    def filled(self, branches: list[Any]) -> Any:
        if type(self.tree) is list:
            return branches
        filled = copy.copy(self.tree)
        filled[:] = branches
        return filled

    def matching(self, other: Any) -> list[Any] | None:
        sequence = isinstance(other, list | tuple) or is_array(other)
        return list(other) if sequence and len(other) == self.count else None


class _Tuple(_List):
    @staticmethod
    def holds(tree: Any) -> bool:
        return isinstance(tree, tuple) and not hasattr(tree, "_fields")

    def filled(self, branches: list[Any]) -> Any:
        return type(self.tree)(branches)


class _NamedTuple(Container):
    def __init__(self, tree: Any) -> None:
        super().__init__(tree, tree._fields)

    @staticmethod
    def holds(tree: Any) -> bool:
        return isinstance(tree, tuple) and hasattr(tree, "_fields")

    @property
    def branches(self) -> list[Any]:
        return list(self.tree)

    def filled(self, branches: list[Any]) -> Any:
        return self.tree._make(branches)

    def step(self, key: str) -> str:
        return f".{key}"

    def matching(self, other: Any) -> list[Any] | None:
        same = isinstance(other, list | tuple) and len(other) == self.count
        return list(other) if same and getattr(other, "_fields", self.keys) == self.keys else None

    @property
    def contents(self) -> str:
        return f"the fields {', '.join(self.keys)}"


class _Dict(Container):
    def __init__(self, tree: Any) -> None:
        super().__init__(tree, list(tree))

    @staticmethod
    def holds(tree: Any) -> bool:
        return isinstance(tree, dict)

    def filled(self, branches: list[Any]) -> Any:
        filled = {} if type(self.tree) is dict else copy.copy(self.tree)  # a defaultdict keeps its default
        filled.update(zip(self.keys, branches, strict=True))
        return filled

    def matching(self, other: Any) -> list[Any] | None:
        same = isinstance(other, dict) and other.keys() == self.tree.keys()
        return [other[key] for key in self.keys] if same else None

    @property
    def contents(self) -> str:
        return f"the keys {', '.join(map(repr, self.keys))}" if self.keys else "no keys"


class _Dataclass(Container):
    def __init__(self, tree: Any) -> None:
        fields = [field.name for field in dataclasses.fields(tree) if not field.metadata.get("static")]
        super().__init__(tree, [name for name in fields if hasattr(tree, name)])

    @staticmethod
    def holds(tree: Any) -> bool:
        return dataclasses.is_dataclass(tree) and not isinstance(tree, type | Real)

    @property
    def branches(self) -> list[Any]:
        return [getattr(self.tree, key) for key in self.keys]

    def filled(self, branches: list[Any]) -> Any:
        filled = copy.copy(self.tree)
        for key, branch in zip(self.keys, branches, strict=True):
            object.__setattr__(filled, key, branch)
        return filled

    def step(self, key: str) -> str:
        return f".{key}"

    def matching(self, other: Any) -> list[Any] | None:
        same = type(other) is type(self.tree) and all(hasattr(other, key) for key in self.keys)
        return [getattr(other, key) for key in self.keys] if same else None

    @property
    def contents(self) -> str:
        return f"the fields {', '.join(self.keys)}"

    @property
    def wanted(self) -> str:
        return f"a {type(self.tree).__name__}"


class _Array(Container):
    """Its branches are its numbers, and so is all that an array of objects holds; one of shape () is its number."""

    is_array = True

    def __init__(self, tree: Any) -> None:
        self.tree, self.shape, self.count = tree, tuple(tree.shape), prod(tree.shape)

    @property
    def keys(self) -> Sequence[Any]:
        return list(product(*map(range, self.shape)))

    @staticmethod
    def holds(tree: Any) -> bool:
        return is_array(tree)

    @property
    def branches(self) -> list[Any]:
        import numpy as np

        return np.asarray(self.tree).ravel().tolist()

    def filled(self, branches: list[Any]) -> Any:
        return array_of(branches, self.shape, exact=self.tree.dtype == object)

    def step(self, key: tuple[int, ...]) -> str:
        return f"[{', '.join(map(str, key))}]"

    def matching(self, other: Any) -> list[Any] | None:
        tree = Tree.of(other)
        return tree.leaves if tree.shapes()[-1][0] == self.shape else None

    @property
    def contents(self) -> str:
        return f"the shape {self.shape}"


_KINDS = (_List, _Tuple, _NamedTuple, _Dict, _Array, _Dataclass)


def is_array(tree: Any) -> bool:
    """Whether NumPy sees an array in it, with at least one axis."""
    return bool(getattr(tree, "shape", ())) and hasattr(tree, "__array__")


def opened(tree: Any) -> Container | None:
    """The container that a tree is, or None for a leaf."""
    if isinstance(tree, Value | float | int):
        return None
    return next((kind(tree) for kind in _KINDS if kind.holds(tree)), None)


# --- Trees ----------------------------------------------------------------------------------------------------


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
                leaves.append(tree if given else plain(tree))
                parts.append(None)
            elif isinstance(container, _Array):
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
        if isinstance(part, _Array):
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
    def sizes(self) -> list[int]:
        return [prod(shape) for shape in self.shapes]

    @property
    def places(self) -> list[tuple[int, int, _Shape]]:
        """Where each block starts among all numbers, how many it has, and its shape."""
        return list(zip(accumulate(self.sizes, initial=0), self.sizes, self.shapes, strict=False))


def leaves(tree: Any) -> list[Any]:
    """The numbers of a tree, in order."""
    return Tree.of(tree).leaves


def array_of(entries: list[Any], shape: tuple[int, ...], exact: bool = False) -> Any:
    """An array of Values, or of float64; a plain number where the shape is ().

    Args:
        exact: Fractions and the like stay what they are.
    """
    import numpy as np

    if not shape:
        return entries[0]
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    usual = not any(isinstance(x, Value) for x in entries)
    if usual and not (exact and any(not isinstance(x, float | int | complex) for x in entries)):
        array = array.astype(complex if any(isinstance(x, complex) for x in entries) else float)
    return array.reshape(shape)


def plain(leaf: Any) -> Any:
    """A leaf; of NumPy's scalars and arrays of shape () the number, as Python has it."""
    return leaf.item() if getattr(leaf, "shape", None) == () and hasattr(leaf, "__array__") else leaf


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
