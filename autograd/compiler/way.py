"""One way through f, compiled: what a program computes for rows that go as its example went."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autograd.calls import Argnums
from autograd.compiler.backends import BACKENDS, check_installed
from autograd.compiler.choosing import choose
from autograd.compiler.floats import float_of
from autograd.compiler.loops.rolled import Rolled
from autograd.compiler.matrices.lifted import Lifted
from autograd.compiler.recording import NoExampleError, Recording, record, uncollected, with_slopes
from autograd.compiler.replay import Replay
from autograd.compiler.scalar import Check, Scalars, scalars
from autograd.engine import Value, recording_anew
from autograd.errors import NotCompilable
from autograd.familiar import did_you_mean
from autograd.transforms import gradients, hessian, jacobian
from autograd.trees import Blocks, leaves

Array = NDArray[Any]
Kind = Literal["outputs", "gradient", "jacobian", "hessian"]
"""What is computed: of each row what f returns, or its derivatives by arguments; of all, the loss and its gradient."""

_TRANSFORMS: dict[str, Callable[..., Any]] = {"jacobian": jacobian, "hessian": hessian}
_BESIDE = (1e-3, -1e-3, 0.1, -0.1)  # how far from an example at which there is no derivative
_GOLDEN = 0.6180339887498949  # so that no two numbers are moved alike
_CHOICES = {
    "backend": (None, *BACKENDS),
    "reduce": ("mean", "sum"),
    "dtype": ("float64", "float32"),
    "branches": ("raise", "follow"),
}


@dataclass(frozen=True)
class Options:
    """How to compile, as for `compile`; `argnums` are the arguments among its `wrt`."""

    backend: str | None = None
    reduce: str = "mean"
    dtype: str = "float64"
    check: bool = False
    strict: bool = False
    branches: str = "raise"
    most_ways: int = 64
    argnums: Argnums | None = None

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            if (given := getattr(self, name)) not in known:
                names = [each for each in known if each]
                wanted = " or ".join(map(repr, names))
                hint = "" if name == "dtype" else did_you_mean(given, names)  # float16 is no slip for float64
                raise ValueError(f"compile({name}={given!r}): wanted {wanted}.{hint}")
        if not isinstance(self.most_ways, int) or self.most_ways < 1:
            raise ValueError(f"compile(most_ways={self.most_ways!r}): wanted a whole number, 1 or more.")
        if self.strict and self.backend and not BACKENDS[self.backend].keeps_order:
            raise NotCompilable(
                f"compile(strict=True, backend={self.backend!r}): only 'numpy' keeps the order; compilers to machine "
                "code add in another order, or round a product and a sum once."
            )


class Way:
    """One way through f.

    Attributes:
        taken: how many rows have gone this way, of a program that follows branches.
        parts: where it parts from another: file and line, what was compared, and how that came out; "" for the first.
        backend, why: which backend, and why this one.
        has_loss: whether f returns one Value on it; a plain number has no derivatives.
        differentiable: whether there are parameters too.
    """

    def __init__(
        self,
        recording: Recording,
        parameters: Sequence[Value],
        options: Options,
        parts: str = "",
        deep: bool = False,
    ) -> None:
        self.options, self.parts, self.taken = options, parts, 0
        self.arguments, self.results = recording.arguments, Blocks.of_output(recording.output)
        self.example = [float(x.data) for x in recording.inputs]
        self.theta = [float_of(f"compile(wrt): the number of wrt[{k}]", x.data) for k, x in enumerate(parameters)]
        self.has_loss = isinstance(recording.output, Value)
        self.differentiable = self.has_loss and bool(parameters)
        program = scalars(recording, parameters, recording.outputs, options.strict)
        asked = options.backend, options.dtype, options.strict
        choice = choose(program, len(recording.order), *asked, self.differentiable, deep)
        self.backend, self.why = choice.backend, choice.why
        self.program: Rolled | Lifted = choice.rolled or self._lifted(program, recording, parameters)
        self._kernels: dict[Kind, Any] = {}
        self._derived: dict[Kind, Way] = {}

    def _lifted(self, program: Scalars, recording: Recording, parameters: Sequence[Value]) -> Lifted:
        arguments = [pair for blocks in self.arguments for pair in zip(blocks.paths, blocks.sizes, strict=True)]
        strict = self.options.strict
        if strict and self.differentiable:
            recording = with_slopes(recording, parameters)
            return Lifted(program, arguments, scalars(recording, parameters, recording.outputs, strict=True))
        lifted = Lifted(program, arguments, program if strict else None)
        if self.differentiable:
            _ = lifted.backward  # so that what cannot be said is said now
        return lifted

    @property
    def checks(self) -> Sequence[Check]:
        """What rows are compared with, by the numbers that kernels give."""
        return self.program.checks

    @property
    def guards(self) -> list[str]:
        """Where f compared, each line once: file and line."""
        return list(dict.fromkeys(check.where for check in self.checks))

    @property
    def source(self) -> str:
        """The text: of the loss with its gradient, if there is one."""
        return self.kernel(self.usual).text

    @property
    def usual(self) -> Kind:
        """What is asked of it if it can be."""
        return "gradient" if self.differentiable else "outputs"

    def kernel(self, kind: Kind) -> Any:
        """What computes it: `values(parameters, inputs, rows)`, or `loss_and_gradient` of the gradient."""
        if kind not in self._kernels:
            check_installed(self.backend)
            self._kernels[kind] = self._made(kind)
        return self._kernels[kind]

    def _made(self, kind: Kind) -> Any:
        if kind in _TRANSFORMS:
            return self.derived(kind).kernel("outputs")
        return self.program.kernel(self.backend, kind == "gradient", self.options.check, self.options.dtype)

    def derived(self, kind: Kind) -> "Way":
        """What computes its derivatives by the arguments in `argnums`."""
        if kind not in self._derived:
            self._derived[kind] = self._derive(kind)
        return self._derived[kind]

    def _derive(self, kind: Kind) -> "Way":
        """Beside the example, if f has no derivative at it: what is recorded hangs on no numbers."""
        try:
            return self._derive_at(kind, self.example)
        except NoExampleError as error:
            for step in _BESIDE:
                beside = [x + step * (1 + k * _GOLDEN % 1) for k, x in enumerate(self.example)]
                with suppress(NoExampleError):
                    return self._derive_at(kind, beside)
            raise error

    def _derive_at(self, kind: Kind, example: Sequence[float]) -> "Way":
        parameters = [Value(x) for x in self.theta]
        again = Replay(self.program.scalars, self.results, parameters)
        with uncollected(), recording_anew():
            recording = record(_TRANSFORMS[kind](again, self.options.argnums), self._arguments(example), parameters)
            recording = replace(recording, guards=(*again.guards, *recording.guards))
            return Way(recording, parameters, self.options, deep=isinstance(self.program, Rolled))

    def _arguments(self, numbers: Sequence[float]) -> list[Any]:
        """The arguments of f, with arrays for lists."""
        found, start = [], 0
        for blocks in self.arguments:
            arrays = []
            for size, shape in zip(blocks.sizes, blocks.shapes, strict=True):
                arrays.append(np.array(numbers[start : start + size]).reshape(shape) if shape else numbers[start])
                start += size
            found.append(blocks.tree.rebuilt(arrays))
        return found

    def alone(self, kind: Kind, theta: Sequence[float], row: Sequence[float]) -> list[float]:
        """The same of one row, as the graph does it: it goes this way. A gradient comes behind its loss."""
        parameters = [Value(x) for x in theta]
        again = Replay(self.program.scalars, self.results, parameters)
        with recording_anew():
            if kind in _TRANSFORMS:
                found = leaves(_TRANSFORMS[kind](again, self.options.argnums)(*self._arguments(row)))
            else:
                found = again.outputs([Value(x) for x in row])
            if kind == "gradient":
                found += gradients(found[0], parameters) if isinstance(found[0], Value) else [0.0] * len(theta)
        return [float(x.data) if isinstance(x, Value) else float(x) for x in found]

    def __repr__(self) -> str:
        return f"<Way taken by {self.taken} rows{': ' if self.parts else ''}{self.parts}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kernels": {}}
