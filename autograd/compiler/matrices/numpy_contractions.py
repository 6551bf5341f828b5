"""How the NumPy backend says a contraction: as a sum, as products element by element, or as a product of matrices.

The axes of its index space are told apart by who has them. Those of the result and both operands are a batch; those of
the result and one operand are the rows and the columns of a matrix product; those of both operands alone are summed.
Several axes in one role are merged to one where memory allows; else there is a copy, or they are done one by one.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from autograd.compiler.matrices.steps import Contraction, View
from autograd.compiler.matrices.views import ROWS, axes, is_contiguous, mergeable, merged_size


class Names(Protocol):
    """What the writer of the program does for a contraction."""

    views: list[str]
    known: dict[Any, str]

    def line(self, text: str) -> None: ...
    def named(self, view: View, column: bool = False) -> str: ...
    def target(self, out: View, hint: str) -> str: ...
    def fresh(self, name: str, numbered: bool = True) -> str: ...
    def scratch_of(self, in_rows: bool, shape: tuple[int, ...], taken: Sequence[str] = ()) -> str: ...


class Contractions:
    """Writes contractions into the program of a writer."""

    def __init__(self, writer: Names) -> None:
        self.writer = writer

    def write(self, step: Contraction) -> None:
        out, left, right = axes(step.out), axes(step.left), axes(step.right) if step.right else set()
        if step.right is None:
            self._sum(step, left, out)
            return
        batch, summed = out & left & right, (left | right) - out
        if not out <= left | right or not summed <= left & right:
            self._einsum(step)
        elif ROWS in batch or not summed:
            self._inner(step, summed)
        elif not self._matmul(step, batch, out & left - right, summed, out & right - left):
            self._einsum(step)

    def _sum(self, step: Contraction, left: set[int], out: set[int]) -> None:
        name, target = self._arranged(step.left, sorted(left)), self._target(step.out, sorted(out))
        over = tuple([k for k, axis in enumerate(sorted(left)) if axis not in out])
        if not over:
            self.writer.line(f"np.add({target}, {name}, out={target})" if step.adds else f"np.copyto({target}, {name})")
            return
        axis = over[0] if len(over) == 1 else over if len(over) < len(left) else None
        self._into(step, target, f"np.add.reduce({name}, axis={axis}, out={{}})", sorted(out))

    def _einsum(self, step: Contraction) -> None:
        assert step.right is not None
        letters, names = {}, []
        for view in (step.left, step.right):
            names.append(self._arranged(view, sorted(axes(view))))
        for axis in sorted(axes(step.left) | axes(step.right)):
            letters[axis] = "abcdefghijklm"[len(letters)]
        out = [axis for axis in sorted(axes(step.out)) if axis in letters]
        texts = ["".join(letters[axis] for axis in sorted(axes(view))) for view in (step.left, step.right)]
        call = f"np.einsum('{','.join(texts)}->{''.join(letters[axis] for axis in out)}', {', '.join(names)}, out={{}})"
        self._into(step, self._target(step.out, sorted(axes(step.out))), call, out)

    def _inner(self, step: Contraction, summed: set[int]) -> None:
        """Products element by element, then their sums."""
        assert step.right is not None
        every = sorted(axes(step.left) | axes(step.right))
        names = [self._arranged(view, every) for view in (step.left, step.right)]
        target, out = self._target(step.out, sorted(axes(step.out))), sorted(axes(step.out))
        if not summed:
            self._into(step, target, f"np.multiply({', '.join(names)}, out={{}})", out)
            return
        shape = tuple([step.left.shape[axis] for axis in every if axis != ROWS])
        scratch = self.writer.scratch_of(ROWS in every, shape)
        self.writer.line(f"np.multiply({', '.join(names)}, out={scratch})")
        over = tuple([k for k, axis in enumerate(every) if axis in summed])
        axis = over[0] if len(over) == 1 else over
        self._into(step, target, f"np.add.reduce({scratch}, axis={axis}, out={{}})", out)

    def _matmul(self, step: Contraction, batch: set[int], m: set[int], k: set[int], n: set[int]) -> bool:
        """As a product of matrices of merged axes; says no if the result cannot be seen as one."""
        left, right, out = step.left, step.right, step.out
        assert right is not None
        strides = {**dict(enumerate(out.strides)), ROWS: 0}
        if ROWS in m or (ROWS not in n and m and n and min(strides[a] for a in m) < min(strides[a] for a in n)):
            left, right, m, n = right, left, n, m  # so that the last axis of the result is the quick one
        for group in (m, n):  # what cannot be seen as one axis of the result is done one by one
            while not mergeable(out, sorted(group)):
                batch = batch | {min(group)}
                group.discard(min(group))
        if ROWS in batch:
            return False
        shape = [*([axis] for axis in sorted(batch)), sorted(m), sorted(n)]
        target = self._merged(out, [group for group in shape if group], written=True)
        a, b = self._matrix(left, batch, sorted(m), sorted(k)), self._matrix(right, batch, sorted(k), sorted(n))
        order = [axis for group in shape for axis in group if axis != ROWS]
        index = ""
        if batch:
            a, b = (a if m else f"{a}[..., None, :]"), (b if n else f"{b}[..., None]")
            index = "" if m and n else "[..., None, :]" if n else "[..., None]" if m else "[..., None, None]"
        contiguous = is_contiguous(out.only(order))
        function = "np.dot" if not batch and contiguous else "np.matmul"
        result = self._like(target, out, shape) if step.adds else target
        self.writer.line(f"{function}({a}, {b}, out={result}{index})")
        if step.adds:
            self.writer.line(f"np.add({target}, {result}, out={target})")
        return True

    def _like(self, target: str, out: View, groups: list[list[int]]) -> str:
        """Scratch of the shape of a result, in which the axes of each group are one."""
        key = "like", tuple([(merged_size(out, group), ROWS in group) for group in groups])
        if key not in self.writer.known:
            self.writer.known[key] = self.writer.fresh("t")
            self.writer.views.append(f"{self.writer.known[key]} = np.empty({target}.shape, {target}.dtype)")
        return self.writer.known[key]

    def _matrix(self, view: View, batch: set[int], first: list[int], second: list[int]) -> str:
        """The view as matrices; the axis of rows, which is the last of every array, comes where it belongs."""
        turned = ROWS in first and bool(second)
        groups = [second, first] if turned else [first, second]
        name = self._merged(view, [*([axis] for axis in sorted(batch)), *(group for group in groups if group)])
        return name if not turned else f"{name}.swapaxes(-1, -2)" if batch else f"{name}.T"

    def _merged(self, view: View, groups: list[list[int]], written: bool = False) -> str:
        """The view with the axes of each group as one; a copy if that is no view."""
        order = [axis for group in groups for axis in group]
        if all(len(group) == 1 for group in groups):
            return self._target(view, order) if written else self._arranged(view, order)
        key = view, tuple(map(tuple, groups))
        copied = not all(mergeable(view, group) for group in groups)
        name = self._arranged(view, order)
        if key not in self.writer.known:
            source = name
            if copied:
                source = self.writer.fresh(f"{name}_copy", numbered=False)
                self.writer.views.append(f"{source} = np.empty({name}.shape, {name}.dtype)")
            sizes = ["-1" if ROWS in group else str(merged_size(view, group)) for group in groups]
            self.writer.known[key] = self.writer.fresh(f"{name}_flat", numbered=False)
            self.writer.views.append(f"{self.writer.known[key]} = {source}.reshape({', '.join(sizes)})")
        if copied:
            self.writer.line(f"{self.writer.known[key]}.reshape({name}.shape)[...] = {name}")
        return self.writer.known[key]

    def _arranged(self, view: View, order: list[int]) -> str:
        """The view with its axes in this order, those that it has not of length 1; that of rows comes last."""
        name = self.writer.named(view.only([axis for axis in order if axis in view.axes]))
        index = [":" if axis in axes(view) else "None" for axis in order]
        while index and index[0] == "None":
            index.pop(0)
        return f"{name}[{', '.join(index)}]" if "None" in index else name

    def _target(self, out: View, order: list[int]) -> str:
        return self.writer.target(out.only([axis for axis in order if axis in out.axes]), "z")

    def _into(self, step: Contraction, target: str, call: str, out: list[int]) -> None:
        """Write what a call gives, or add it."""
        if not step.adds:
            self.writer.line(call.format(target))
            return
        shape = tuple([step.out.shape[axis] for axis in out if axis != ROWS])
        scratch = self.writer.scratch_of(step.out.in_rows, shape)
        self.writer.line(call.format(scratch))
        self.writer.line(f"np.add({target}, {scratch}, out={target})")
