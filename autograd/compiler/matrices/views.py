"""The axes of views, that of the rows of the batch among them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autograd.compiler.matrices.steps import View

ROWS = 1 << 30
"""The axis of rows, which comes behind all others."""


def axes(view: View) -> set[int]:
    """The axes that a view has, that of the rows among them."""
    return view.axes | ({ROWS} if view.in_rows else set())


def is_contiguous(view: View) -> bool:
    """Whether its places are one after the other, in the order of its indices."""
    step = 1
    for size, stride in zip(reversed(view.shape), reversed(view.strides), strict=True):
        if size > 1 and stride != step:
            return False
        step *= size
    return True


def mergeable(view: View, group: Sequence[int]) -> bool:
    """Whether the axes are one in memory."""
    for outer, inner in pairwise(group):
        size, stride = (1, 1) if inner == ROWS else (view.shape[inner], view.strides[inner])
        if view.strides[outer] != size * stride:
            return False
    return True


def merged_size(view: View, group: Sequence[int]) -> int:
    """How many indices the axes have together, rows not counted."""
    return int(np.prod([view.shape[axis] for axis in group if axis != ROWS]))
