"""What the compiled programs are timed on, by ours: a contender, the works, and the check that all compute the same.

Two works are the training step of a small network: *moons*, an MLP 2-16-16-1 with hinge loss and L2, and *digits*, an
MLP 64-32-10 with softmax cross-entropy. Every contender starts from the same parameters θ and takes the same steps
θ ← θ − rate·∇. The peers are in `contenders_networks.py`; the third work is `contenders_recurrence.py`.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import Program, Value, compile

Array = NDArray[Any]
Answer = tuple[float, Array]

TOLERANCE = 1e-10  # relative to the largest number; a step's gradient is known to 1e-16 / rate


class Contender(NamedTuple):
    """A way to do a work.

    Attributes:
        run: does it once; this is timed.
        answer: does it once and tells the loss and its gradient, in the order of `nn.MLP.parameters`.
    """

    run: Callable[[], object]
    answer: Callable[[], Answer]


@dataclass(frozen=True)
class Work:
    """Data and first parameters of a training step.

    Attributes:
        widths: of the layers, the inputs first.
        X, T: (n, inputs), and the targets: (n,) signs, or (n, classes) of which one is 1.
        theta: neuron after neuron, its weights and then its bias.
    """

    widths: tuple[int, ...]
    X: Array
    T: Array
    theta: Array
    l2: float
    rate: float = 1e-3  # small, so that however many steps are timed the network stays what it was


def moons(n: int = 100, widths: tuple[int, ...] = (2, 16, 16, 1)) -> Work:
    """micrograd's training step, on points drawn at random."""
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(n, widths[0])), rng.choice([-1.0, 1.0], n)
    return Work(widths, X, T, _theta(widths, rng), l2=1e-4)


def digits(n: int = 128, widths: tuple[int, ...] = (64, 32, 10)) -> Work:
    """Numbers drawn at random in the place of scikit-learn's digits: as many, and as many classes."""
    rng = np.random.default_rng(0)
    X, T = rng.uniform(size=(n, widths[0])), np.eye(widths[-1])[rng.integers(widths[-1], size=n)]
    return Work(widths, X, T, _theta(widths, rng), l2=0.0)


def _theta(widths: Sequence[int], rng: np.random.Generator) -> Array:
    return np.concatenate([rng.uniform(-1, 1, n * (m + 1)) / m**0.5 for m, n in itertools.pairwise(widths)])


# --- Parameters -----------------------------------------------------------------------------------------------


def layers(theta: Any, widths: Sequence[int]) -> list[tuple[Any, Any]]:
    """Weights (out, in) and biases (out,) of every layer, as views."""
    found, start = [], 0
    for nin, nout in itertools.pairwise(widths):
        both = theta[start : start + nout * (nin + 1)].reshape(nout, nin + 1)
        found.append((both[:, :-1], both[:, -1]))
        start += both.size
    return found


def arrays(work: Work) -> list[tuple[Array, Array]]:
    """The first weights and biases as arrays of their own."""
    return [(W.copy(), b.copy()) for W, b in layers(work.theta, work.widths)]


def flat(parameters: Sequence[tuple[Any, Any]]) -> Array:
    """θ of weights and biases: the inverse of `layers`."""
    return np.concatenate([np.column_stack([np.asarray(W), np.asarray(b)]).ravel() for W, b in parameters])


def order(work: Work) -> NDArray[np.intp]:
    """Where in θ each number is of W₁, b₁, W₂, b₂, … laid one after the other, as one would by hand."""
    places = layers(np.arange(work.theta.size), work.widths)
    return np.concatenate([part.ravel() for both in places for part in both])


# --- Contenders -----------------------------------------------------------------------------------------------


def stepping(work: Work, step: Callable[[], Any], theta: Callable[[], Array]) -> Contender:
    """The contender of a step; its gradient is how far the parameters have moved.

    Args:
        step: moves the parameters, and gives the loss before.
        theta: the parameters as they are.
    """

    def answer() -> Answer:
        before = np.array(theta())
        loss = float(step())
        return loss, (before - theta()) / work.rate

    return Contender(step, answer)


def agree(contenders: dict[str, Contender]) -> None:
    """Have every contender answer once.

    Raises:
        ArithmeticError: one gets another loss or gradient than the first.
    """
    answers = {name: contender.answer() for name, contender in contenders.items()}
    (first, (loss, gradient)), *others = answers.items()
    for name, (its_loss, its_gradient) in others:
        for what, off in (
            ("losses", abs(its_loss - loss) / abs(loss)),
            ("gradients", distance(its_gradient, gradient)),
        ):
            if not off <= TOLERANCE:  # nor if it is nan
                raise ArithmeticError(f"{name} and {first} compute different things: their {what} are {off:.1e} apart.")


def distance(a: Array, b: Array) -> float:
    """The largest difference, relative to the largest number."""
    return float(np.max(np.abs(a - b)) / max(1e-300, np.max(np.abs(b))))


# --- Ours -----------------------------------------------------------------------------------------------------


def model_of(work: Work) -> nn.MLP:
    """The network in scalars, with the first parameters."""
    model = nn.MLP(work.widths[0], work.widths[1:], initialization="zeros")
    for p, number in zip(model.parameters(), work.theta.tolist(), strict=True):
        p.data = number
    return model


def compiled(work: Work, backend: str, model: nn.MLP | None = None) -> Program:
    """The loss of one sample, written in scalars, as program."""
    model = model or model_of(work)
    parameters = model.parameters()
    loss = nn.softmax_cross_entropy if work.T.ndim > 1 else nn.hinge_loss

    def sample(x: Any, t: Any) -> Value:
        own = loss(model(x), t)
        return own + work.l2 * squares(parameters) if work.l2 else own

    return compile(sample, work.X[0].tolist(), work.T[0].tolist(), wrt=parameters, backend=backend)


def squares(parameters: Sequence[Any]) -> Any:
    return sum(p * p for p in parameters)


def step_by(program: Program, work: Work) -> Contender:
    """A training step as a user of the program writes it."""

    def step() -> float:
        loss, gradient = program.value_and_grad(work.X, work.T)
        program.parameters -= work.rate * gradient
        return loss

    return stepping(work, step, lambda: program.parameters)


def ours(work: Work, backend: str) -> Contender:
    return step_by(compiled(work, backend), work)


def ours_jitted(work: Work) -> Contender:
    """The step of `ours`, gradient and update in one function for JAX to compile."""
    import jax

    jax.config.update("jax_enable_x64", True)
    function = compiled(work, "jax").function
    X, T = jax.numpy.asarray(work.X), jax.numpy.asarray(work.T)
    theta = jax.numpy.array(work.theta)

    def move(theta: Any, X: Any, T: Any) -> Any:
        loss, gradient = function(theta, X, T)
        return loss, theta - work.rate * gradient

    jitted = jax.jit(move, donate_argnums=0)

    def step() -> Any:
        nonlocal theta
        loss, theta = jitted(theta, X, T)
        return loss.block_until_ready()

    return stepping(work, step, lambda: np.array(theta))


def ours_once(work: Work, backend: str) -> Contender:
    """Loss and gradient of the first sample."""
    program, X, T = compiled(work, backend), work.X[:1].copy(), work.T[:1].copy()

    def run() -> Answer:
        return program.value_and_grad(X, T)

    return Contender(run, run)


def ours_buffered(work: Work) -> Contender:
    """Loss and gradient of the first sample, from arrays into arrays."""
    bound = compiled(work, "c").buffers()
    x, t = bound.arguments
    x[:, 0], t[:, 0] = work.X[0], work.T[0]

    def run() -> Answer:
        bound.run()
        return bound.loss, bound.gradient

    return Contender(run, run)


def whole_batch(work: Work, model: nn.MLP | None = None) -> Program:
    """The mean loss of all samples as one graph, as micrograd's notebook has it, compiled from that graph."""
    model = model or model_of(work)
    losses = [nn.hinge_loss(model(x), t) for x, t in zip(work.X.tolist(), work.T.tolist(), strict=True)]
    parameters = model.parameters()
    return Program.from_graph(sum(losses) / len(losses) + work.l2 * squares(parameters), wrt=parameters)


def step_of_whole_batch(work: Work) -> Contender:
    """The same training step by the program of the whole batch, which has no arguments."""
    program = whole_batch(work)

    def step() -> float:
        loss, gradient = program.value_and_grad()
        program.parameters -= work.rate * gradient
        return loss

    return stepping(work, step, lambda: program.parameters)
