"""`fit`: the one training loop, whatever computes the gradients."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import BranchChanged, DomainError, NotCompilable, no_grad
from autograd.engine import data_of
from autograd.errors import brief
from autograd.files import check_folder
from autograd.languages import spoken
from autograd.words import counted
from nn import checkpoint as checkpoints
from nn.arguments import Array, generator, integer, number, rows, sample_weights, targets
from nn.backends import CompiledProgram, program_of
from nn.crosscheck import FROZEN, difference
from nn.eager import EagerProgram, LossFunction, Program
from nn.history import History
from nn.losses import Loss, loss_named
from nn.module import Module
from nn.optimizers import Adam, Optimizer, optimizer_named
from nn.perceptron import Perceptron
from nn.progress import ProgressBar
from nn.words import HISTORY

_HOPELESS = 1e12  # times the first loss (or 1): no run comes back from there, and an overflow may be long in coming

_OFTEN = 100_000  # rows trained for which the graph of one is worth its time: it takes that of some thousand rows

_RUNAWAY = (DomainError, FloatingPointError, OverflowError)  # of the model, of the optimiser, of a sum of losses


class DivergenceError(ArithmeticError):
    """Training has run away: the loss, the gradient or a parameter is no longer a finite number of sensible size."""


def fit(
    model: Module,
    loss: str | LossFunction,
    X: Any,
    y: Any,
    *,
    optimizer: Optimizer | type[Optimizer] | str | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    sample_weight: Any = None,
    validation: tuple[Any, ...] | None = None,
    seed: Any = None,
    shuffle: bool = True,
    l2: float = 0.0,
    patience: int | None = None,
    min_delta: float = 0.0,
    callback: Callable[[History], object] | None = None,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
    backend: str | Program | None = None,
) -> History:
    """Train a model: lower the mean loss of the samples by steps against its gradient.

    Ctrl-C ends the training; the model keeps what it has learned, and a line on stderr says so.

    Args:
        loss: a name of `nn.LOSSES` such as `"squared_error"`, or a function of (prediction, target) for one sample,
            such as `nn.squared_error`.
        X: (n, features) numbers.
        y: (n,) targets, or (n, outputs).
        optimizer: `nn.Adam(0.01)`, say; a class (`nn.Adam`) or a name of `nn.OPTIMIZERS` (`"adam"`) is one with its
            defaults; None is `Adam()`. It remembers: a second `fit` with the same one goes on where the first ended.
        epochs: passes over the data, those before `resume` included.
        batch_size: samples per step; None for all of them, 1 for one at a time.
        sample_weight: (n,) numbers of at least 0, how much each sample counts: the loss of a batch, of an epoch and of
            validation data is Σwᵢlᵢ / Σwᵢ. A weight of 0 leaves the sample out of the batches too.
        validation: a pair (X, y) of data not trained on, or (X, y, sample_weight), whose loss is taken after each
            epoch.
        seed: of the order of the samples: an integer, a NumPy Generator, or None for another one each time.
        shuffle: whether each epoch takes the samples in a new order (if there is more than one batch).
        l2: adds l2·Σθ² over all parameters to the loss.
        patience: stop after this many epochs without a lower loss (of the validation data if there are any), with the
            parameters of the best epoch.
        min_delta: how much lower counts as lower.
        callback: is called after each epoch with the history so far; the model is up to date. Training goes on from
            the numbers that it leaves in the parameters.
        progress: whether to show a progress bar, if tqdm is installed.
        checkpoint: a file to write after each epoch: parameters, optimiser, random numbers, history.
        resume: such a file to continue from. With the same data and settings the outcome is that of one run, bit for
            bit.
        backend: what computes losses and gradients: `"numpy"`, `"c"` or `"jax"`, the loss of a sample
            compiled (see `autograd.compile`), or `"eager"`, the graph of each sample. None is what `compile` takes,
            `"c"` for deep models if there is a compiler, else `"numpy"`. Where the loss or the model branches
            (`if x > 0`) programs follow; but `"eager"` if there are too many ways to follow. Or a program that
            `nn.backends.program_of` has made for this model and loss, so that many short runs compile once. What a
            program has frozen (a number drawn at random, `if z.data > 0`, an attribute that a callback changes) shows
            in comparisons with the graph: of two rows at the start, of one after the epochs 1, 2, 4, 8, …, after each
            100 000 rows, after the last epoch, and after each callback. Where they differ, a warning says what, and
            the graph goes on.

    Returns:
        The losses of each epoch.

    Raises:
        ValueError, TypeError: an argument makes no sense, or the loss depends on no parameter. Then nothing has
            changed: what fails before the first step leaves model, optimizer and generator as they were.
        ValueError: the program of the backend that was asked for computes something else than the graph.
        DivergenceError: the loss runs away. The model keeps the parameters before the step that failed.
    """
    _check_places(model, loss, X, y)
    if checkpoint is not None:
        check_folder(f"fit(checkpoint={os.fspath(checkpoint)!r})", checkpoint)
    if isinstance(model, Perceptron) and model.activation == "step":
        raise ValueError(f'fit(model={model!r}): a step has slope 0; call its learn, or make it with "identity".')
    optimizer = optimizer_named("fit", "optimizer", Adam() if optimizer is None else optimizer)
    function, epochs = loss_named("fit", loss), integer("fit", "epochs", epochs, least=0)
    data = _data(model, function, (X, y, sample_weight))
    training = Training(
        model,
        program_of(backend, model, function, *data[:2], weighted=data[2] is not None),
        EagerProgram(model, function, *data[:2]),
        optimizer,
        generator("fit", seed),
        *data,
        validation=_validation(model, function, validation),
        batch_size=len(data[0]) if batch_size is None else integer("fit", "batch_size", batch_size),
        shuffle=shuffle,
        l2=number("fit", "l2", l2),
        patience=None if patience is None else integer("fit", "patience", patience),
        min_delta=number("fit", "min_delta", min_delta),
        insists=isinstance(backend, str),
    )
    with training.unchanged_without_a_step():
        if resume is not None:
            checkpoints.load(resume, training)
        training.run(epochs, progress, checkpoint, callback)
    return training.history


@dataclass
class Training:
    """A training run between two epochs: everything that the next epoch depends on."""

    model: Module
    program: Program
    graph: EagerProgram
    optimizer: Optimizer
    rng: np.random.Generator
    X: Array
    y: NDArray[Any]
    weights: Array | None
    validation: tuple[Array, NDArray[Any], Array | None] | None
    batch_size: int
    shuffle: bool
    l2: float
    patience: int | None
    min_delta: float
    insists: bool = False  # on its program: a difference from the graph is an error
    history: History = field(default_factory=History)
    first_loss: float = 0.0
    best_loss: float = float("inf")
    best_parameters: Array | None = None
    waited: int = 0
    stepped: bool = False  # since it was made, or resumed

    def run(self, epochs: int, progress: bool, checkpoint: Any, callback: Callable[[History], object] | None) -> None:
        if self.history.backend == "eager" and not self.insists:  # what a resumed run has found, it need not find again
            self._go_on_with_the_graph("the run that was resumed went on with the graph")
        self.history.backend, self.history.fallback = self.program.backend, self.program.fallback
        batches = -(-len(self.X) // self.batch_size)
        bar = ProgressBar(progress, self.history.epochs * batches, epochs * batches)
        rows = [0, self._any_row()][: len(self.X)]
        try:
            while self._goes_on(epochs):
                self._compare(rows)
                self._epoch(bar)
                self._compare([self._any_row()] if self._is_due() or not self._goes_on(epochs) else [])
                if checkpoint is not None:
                    checkpoints.save(checkpoint, self)
                rows = self._called(callback) if callback is not None else []
            self._settle()
        except KeyboardInterrupt:
            bar.close()
            self._interrupted()
        finally:
            bar.close()
            self.program.write_back()
            self.model.zero_grad()

    def _goes_on(self, epochs: int) -> bool:
        return self.history.epochs < epochs and not self._out_of_patience()

    def _called(self, callback: Callable[[History], object]) -> list[int]:
        """Call it, take over the parameters that it leaves; which rows to compare, for it may change anything."""
        self.program.write_back()
        callback(self.history)
        values = self.model.parameters()
        if list(map(id, values)) != list(map(id, self.graph.values)):
            raise ValueError("fit(callback=…): it replaced parameters of the model; assign numbers to their .data.")
        numbers = np.array([data_of(value) for value in values], dtype=np.float64)
        if numbers.tobytes() != self.program.parameters.tobytes():
            self.program.parameters = numbers
        return [self._any_row()]

    def _epoch(self, bar: ProgressBar) -> None:
        n, total, rate = len(self.X), 0.0, 0.0
        shuffled = self.shuffle and self.batch_size < n
        order = self.rng.permutation(n) if shuffled else np.arange(n)
        for start in range(0, n, self.batch_size):
            batch, rate = order[start : start + self.batch_size], self.optimizer.rate
            loss = self._step(batch, rate)
            total += loss * self._weight(batch)
            bar.advance(self.history.epochs + 1, loss)
        self._finish_epoch(total / self._weight(order), rate)

    def _weight(self, batch: NDArray[Any]) -> float:
        """How much these samples count together."""
        return len(batch) if self.weights is None else float(self.weights[batch].sum())

    def _step(self, batch: NDArray[Any], rate: float) -> float:
        try:
            loss, gradient = self._value_and_grad(batch)
            moved = self.optimizer.update(self.program.parameters, gradient)
        except _RUNAWAY as error:
            if self.history.steps == 0:  # nothing has moved yet: whatever this is, it is no divergence
                raise
            raise self._divergence(error, rate) from error
        self.program.parameters, self.stepped = moved, True
        self.first_loss = self.first_loss if self.history.steps else loss
        self.history.steps += 1
        return loss

    def _value_and_grad(self, batch: NDArray[Any]) -> tuple[float, Array]:
        weights = None if self.weights is None else self.weights[batch] / self.weights[batch].mean()
        loss, gradient = self._by_program(lambda each: each.value_and_grad(self.X[batch], self.y[batch], weights))
        if self.l2:
            theta = self.program.parameters
            with np.errstate(over="raise"):
                loss, gradient = loss + self.l2 * float(np.sum(theta * theta)), gradient + 2 * self.l2 * theta
        limit = _HOPELESS * max(1.0, self.first_loss) if self.history.steps else float("inf")
        if not loss < limit:
            raise FloatingPointError(f"the loss is {loss:.4g}")
        return loss, gradient

    def _divergence(self, error: ArithmeticError, rate: float) -> DivergenceError:
        where = f"at step {self.history.steps + 1} (epoch {self.history.epochs + 1})"
        return DivergenceError(
            f"fit diverged {where}, with learning rate {rate:.4g}: {str(error).rstrip('.')}, after a loss of "
            f"{self.first_loss:.4g} at step 1. Usually the learning rate is too large: try {rate / 10:.2g}; or "
            "standardise the inputs, or give the optimizer clip=nn.ClipNorm(1.0)."
        )

    def _finish_epoch(self, loss: float, rate: float) -> None:
        history = self.history
        history.losses.append(loss)
        history.learning_rates.append(rate)
        if self.validation is not None:
            X, y, weights = self.validation
            losses = self._by_program(lambda each: each(X, y))
            history.validation_losses.append(float(np.average(losses, weights=weights)))
        watched = loss if self.validation is None else history.validation_losses[-1]
        if watched < self.best_loss - self.min_delta:
            self.best_loss, self.best_parameters, self.waited = watched, self.program.parameters.copy(), 0
            history.best_epoch = history.epochs
        else:
            self.waited += 1

    # --- The program and the graph ----------------------------------------------------------------------------

    @cached_property
    def _names(self) -> list[str]:
        return [name for name, _ in self.model.named_parameters()]

    def _any_row(self, n: int = 0) -> int:
        """A row by the number of the epoch, so that the order of the samples has its random numbers to itself."""
        return int(np.random.default_rng(self.history.epochs).integers(n or len(self.X)))

    def _is_due(self) -> bool:
        """Whether the program is to be compared after this epoch: often at first, and then so that it costs little."""
        epochs, n = self.history.epochs, len(self.X)
        return epochs & (epochs - 1) == 0 or epochs * n // _OFTEN > (epochs - 1) * n // _OFTEN

    def _compare(self, rows: Sequence[int]) -> None:
        """Where the program computes something else than the graph on these rows, the graph goes on."""
        data: list[Any] = [(self.X, self.y, row, self._names) for row in rows]
        if rows and self.validation is not None:
            data.append((*self.validation[:2], self._any_row(len(self.validation[0])), ()))
        for each in data:
            if found := self._by_program(lambda program, each=each: self._difference(program, each)):
                self._trust_the_graph(found)

    def _difference(self, program: Program, data: Any) -> str:
        return difference(program, self.graph, *data) if isinstance(program, CompiledProgram) else ""

    def _by_program(self, compute: Callable[[Program], Any]) -> Any:
        """What the program computes; if it cannot follow a row's way, or all ways, the graph goes on."""
        try:
            return compute(self.program)
        except (BranchChanged, NotCompilable) as error:
            if self.insists or self.program is self.graph:
                raise
            self._go_on_with_the_graph(str(error))
            return compute(self.program)

    def _trust_the_graph(self, found: str) -> None:
        called, epochs = f"fit(backend={self.program.backend!r})" if self.insists else "fit", self.history.epochs
        trained = f" {epochs} epoch{'s were' if epochs > 1 else ' was'} trained by the program." if epochs else ""
        sentence = f"{called}: {found} {FROZEN}.{trained}"
        if self.insists:
            raise ValueError(f'{sentence} Give backend="eager", or none.')
        warnings.warn(f'{sentence} The graph goes on, as with backend="eager".', RuntimeWarning, stacklevel=_outside())
        self._go_on_with_the_graph(found)

    def _go_on_with_the_graph(self, fallback: str) -> None:
        self.graph.parameters, self.graph.fallback = self.program.parameters, fallback
        self.program = self.graph
        self.history.backend, self.history.fallback = self.program.backend, self.program.fallback

    # --- The end ----------------------------------------------------------------------------------------------

    def _out_of_patience(self) -> bool:
        return self.patience is not None and self.waited >= self.patience

    def _settle(self) -> None:
        """The end of a run that was not interrupted."""
        history, best = self.history, self.best_parameters
        history.stopped = counted(self._words["done"], history.epochs)
        if self._out_of_patience():
            history.stopped = counted(self._words["early"], self.waited, epoch=history.best_epoch)
        if self.patience is not None and best is not None:
            self.program.parameters = best

    @contextmanager
    def unchanged_without_a_step(self) -> Iterator[None]:
        """What fails before the first step within the block has changed neither model nor optimizer nor generator."""
        values, random = self.graph.values, self.rng.bit_generator.state
        numbers, remembered = [(value.data, value.grad) for value in values], self.optimizer.state()
        try:
            yield
        except BaseException as error:
            if not self.stepped and not isinstance(error, DivergenceError):
                for value, (data, grad) in zip(values, numbers, strict=True):
                    value.data, value.grad = data, grad
                self.optimizer.load_state(remembered)
                self.rng.bit_generator.state = random
            raise

    def _interrupted(self) -> None:
        epoch, steps = self.history.epochs + 1, self.history.steps
        self.history.stopped = counted(self._words["interrupted"], steps, epoch=epoch)
        print(self._words["kept"].format(stopped=self.history.stopped), file=sys.stderr)

    @property
    def _words(self) -> dict[str, Any]:
        """Of the language that is chosen, or of the parameters' labels."""
        return HISTORY[spoken("fit", None, (value.label for value in self.graph.values))]


def _outside() -> int:
    """How many calls up the user's code stands, for a warning to name it."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "nn":
        frame, level = frame.f_back, level + 1
    return level


# --- What is given ---------------------------------------------------------------------------------------------


def _check_places(*given: Any) -> None:
    """Refuse arguments that stand in each other's places."""
    model, loss, *data = given
    wanted = {
        "model": "an nn.Module with parameters",
        "loss": "the name of a loss or a function of (prediction, target)",
        "X": "rows of numbers",
        "y": "targets",
    }
    fits = [
        isinstance(model, Module) and bool(model.parameters()),
        _is_loss(loss),
        *(not isinstance(x, str) and not callable(x) for x in data),
    ]
    for (name, what), each, is_right in zip(wanted.items(), given, fits, strict=True):
        if not is_right:
            kind = "" if isinstance(each, Module) else f", not {type(each).__name__}"
            order = "" if sum(fits) == 3 and name in ("model", "loss") else " The order is fit(model, loss, X, y)."
            raise TypeError(f"fit({name}={brief(each)}): wanted {what}{kind}.{order}")


def _is_loss(x: Any) -> bool:
    return isinstance(x, str) or (callable(x) and not isinstance(x, Module))


def _data(
    model: Module, loss: LossFunction, data: Sequence[Any], names: Sequence[str] = ("X", "y", "sample_weight")
) -> Any:
    """X, y and weights as arrays, tried on the model, every target on the loss."""
    inputs = rows("fit", names[0], data[0])
    wanted = targets("fit", names[1], data[1], len(inputs))
    weights = None if data[2] is None else sample_weights("fit", names[2], data[2], len(inputs))
    with no_grad():
        prediction = model(inputs[0].tolist())
    outputs = len(prediction) if isinstance(prediction, list | tuple) else 1
    for i, target in enumerate(wanted.tolist() if isinstance(loss, Loss) else []):
        try:
            loss.check(target, outputs)  # type: ignore[union-attr]
        except ValueError as error:
            raise ValueError(f"fit({names[1]}=…), row {i}: {error}") from None
    return _counting(inputs, wanted, weights)


def _counting(X: Array, y: NDArray[Any], weights: Array | None) -> tuple[Array, NDArray[Any], Array | None]:
    """The samples that count, with their weights, the largest 1; with None if all count alike."""
    if weights is None:
        return X, y, None
    shares = weights / weights.max()
    counts = shares > 0
    return X[counts], y[counts], None if (shares[counts] == 1).all() else shares[counts]


def _validation(model: Module, loss: LossFunction, validation: Any) -> Any:
    if validation is None:
        return None
    try:
        X, y, weights = validation if isinstance(validation, tuple) and len(validation) == 3 else (*validation, None)
    except (TypeError, ValueError):
        raise TypeError("fit(validation=…): wanted a pair (X, y), or (X, y, sample_weight).") from None
    return _data(model, loss, (X, y, weights), ("validation[0]", "validation[1]", "validation[2]"))
