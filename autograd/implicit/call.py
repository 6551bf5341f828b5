"""What a solver is called with: its numbers are operands, and all else is the structure of the call."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from autograd.containers import Array, Container
from autograd.engine import Value
from autograd.errors import brief
from autograd.operation import constant, number_of
from autograd.reals import is_nan, refusal
from autograd.trees import Tree


class Given(NamedTuple):
    """The arguments of a call."""

    init: Any
    args: tuple[Any, ...]


class Call:
    """The arguments of a call as a tree; its numbers are the operands, and all else stays where it is.

    Attributes:
        tree: the arguments; of a call that is kept, with no number in it.
        kinds: of each leaf: Value where derivatives go, int or float for a plain number, None for what is no number.
        inits: how many leaves, from the first, say where the solver starts.
        operands: the Values and numbers; `places` says which leaves they are.
        asked: the operands that derivatives go to.
    """

    def __init__(self, tree: Tree, kinds: list[Any], inits: int) -> None:
        self.tree, self.kinds, self.inits = tree, kinds, inits
        self.places = [i for i, kind in enumerate(kinds) if kind is not None]
        self.operands = [tree.leaves[i] for i in self.places]
        self.asked = [k for k, i in enumerate(self.places) if kinds[i] is Value and i >= inits]

    @classmethod
    def of(cls, name: str, init: Any, args: tuple[Any, ...]) -> "Call":
        """The call of the solver of this name.

        Raises:
            ValueError: an argument is nan, or contains itself.
        """
        tree = Tree.of(Given(init, args), name, "the call")
        kinds = [_kind(name, x, tree, i) for i, x in enumerate(tree.leaves)]
        return cls(tree, kinds, len(Tree.of(init).leaves))

    @property
    def varies(self) -> bool:
        """Whether a program may have other numbers in it."""
        return any(kind is Value for kind in self.kinds)

    @property
    def numbers(self) -> list[Any]:
        return [number_of(x) for x in self.operands]

    def given(self, operands: Iterable[Any]) -> Given:
        """The arguments with these operands; plain numbers are what they were, and others floats or Values."""
        each, leaves = iter(operands), []
        for kind, x in zip(self.kinds, self.tree.leaves, strict=True):
            leaves.append(x if kind is None else _as(kind, next(each)))
        return self.tree.rebuilt(leaves)

    def kept(self) -> "Call":
        """The same structure without the numbers."""
        blank = [x if kind is None else 0.0 for kind, x in zip(self.kinds, self.tree.leaves, strict=True)]
        return Call(Tree.of(self.tree.rebuilt(blank)), self.kinds, self.inits)

    @property
    def key(self) -> Any:
        """What is the same for calls of the same structure.

        Raises:
            TypeError: something in it cannot be compared.
        """
        leaves = zip(self.kinds, self.tree.leaves, strict=True)
        others = [(type(x), x) for kind, x in leaves if kind is None]
        return (*self.kinds, *others, *structure(self.tree))


def _kind(name: str, x: Any, tree: Tree, i: int) -> Any:
    if isinstance(x, Value):
        return float if x.op is constant else Value
    if is_nan(x):
        raise ValueError(f"{name}: {tree.paths[i][1:]} = {brief(x)}: {refusal(x)}.")
    if refusal(x):
        return None
    return int if x.__class__ is int else float


def _as(kind: Any, x: Any) -> Any:
    if kind is Value and isinstance(x, Value):
        return x
    return int(number_of(x)) if kind is int else float(number_of(x))


def structure(tree: Tree) -> Iterator[Any]:
    """The containers of a tree, as what can be compared and holds no number."""
    for part in tree.parts:
        yield part if part is None else (type(part.tree), part.count, *_keys(part))


def _keys(part: Container) -> Iterator[Any]:
    kind = type(part.tree)
    if isinstance(part, Array):
        yield part.shape
        yield part.tree.dtype == object
    elif kind is dict or hasattr(kind, "_fields"):
        yield from part.keys
    elif hasattr(kind, "__dataclass_fields__"):
        names = {*kind.__dataclass_fields__, *getattr(part.tree, "__dict__", ())}.difference(part.keys)
        yield from part.keys
        yield from ((name, getattr(part.tree, name, None)) for name in sorted(names))
    elif kind not in (list, tuple):  # it may hold anything
        raise TypeError
