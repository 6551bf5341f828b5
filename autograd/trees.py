"""Nested lists, tuples and arrays of numbers: their elements, their shape, and others of the same shape."""

from collections.abc import Callable, Iterator
from typing import Any

from autograd.engine import Value
from autograd.reals import unboxed


def is_array(tree: Any) -> bool:
    return hasattr(tree, "dtype") and bool(getattr(tree, "shape", ()))


def leaves(tree: Any) -> Iterator[Any]:
    """The numbers of nested lists, tuples and arrays, in order."""
    if isinstance(tree, list | tuple):
        for branch in tree:
            yield from leaves(branch)
    elif is_array(tree):
        yield from tree.flat
    else:
        yield unboxed(tree)


def rebuilt(tree: Any, make: Callable[[Any, str], Any], path: str = "") -> Any:
    """The same nesting, `make(number, path)` in place of every number; arrays stay arrays."""
    if isinstance(tree, list | tuple):
        branches = [rebuilt(branch, make, f"{path}[{i}]") for i, branch in enumerate(tree)]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    if is_array(tree):
        return array_of([make(x, f"{path}.flat[{i}]") for i, x in enumerate(tree.flat)], tree.shape)
    return make(unboxed(tree), path)


def array_of(entries: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of Values, or of float64; a plain number where the shape is ()."""
    import numpy as np

    if not shape:
        return entries[0]
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape) if any(isinstance(x, Value) for x in entries) else array.astype(float).reshape(shape)


def shape_of(what: str, tree: Any) -> tuple[int, ...]:
    if is_array(tree):
        return tuple(tree.shape)
    if not isinstance(tree, list | tuple):
        return ()
    shapes = {shape_of(what, branch) for branch in tree}
    if len(shapes) > 1:
        raise ValueError(f"{what} is ragged, {tree!r}; wanted rows of one length.")
    return (len(tree), *(shapes.pop() if shapes else ()))
