"""What may hold the numbers of an argument: lists, tuples, named tuples, dicts, dataclasses and arrays.

Every container comes back as what it was: a named tuple, a dict with its keys in their order, a dataclass of the same
class. A dataclass is copied, and then its fields are set, also where it is frozen, has slots, or has fields that
`__init__` does not take: neither `__init__` nor `__post_init__` runs, for they may refuse what is no plain number.
Fields with the metadata `{"static": True}` (JAX's and Equinox's word) hold no numbers, and stay as they are.
"""

import copy
import dataclasses
from collections.abc import Sequence
from itertools import product
from math import prod
from numbers import Real
from typing import Any, ClassVar

from autograd.engine import Value
from autograd.errors import many


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
        return many(self.count, "element")

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
        return list(other) if _is_row(other, self.count) else None


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


class Array(Container):
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
        level = [other]
        for length in self.shape:
            if not all(_is_row(row, length) for row in level):
                return None
            level = [x for row in level for x in row]
        return level

    @property
    def contents(self) -> str:
        return f"the shape {self.shape}"


_KINDS = (_List, _Tuple, _NamedTuple, _Dict, Array, _Dataclass)


def is_array(tree: Any) -> bool:
    """Whether NumPy sees an array in it, with at least one axis."""
    return bool(getattr(tree, "shape", ())) and hasattr(tree, "__array__")


def _is_row(tree: Any, length: int) -> bool:
    return (isinstance(tree, list | tuple) or is_array(tree)) and len(tree) == length


def opened(tree: Any) -> Container | None:
    """The container that a tree is, or None for a leaf."""
    if isinstance(tree, Value | float | int):
        return None
    return next((kind(tree) for kind in _KINDS if kind.holds(tree)), None)


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
