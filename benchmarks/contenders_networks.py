"""The peers' training steps, each written as its own users would, and as fast as they would without tricks."""

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.contenders import Answer, Array, Contender, Work, arrays, flat, layers, order, squares, stepping

FAST = {"reassoc", "contract", "nsz"}  # what compilers of networks allow themselves


# --- NumPy by hand --------------------------------------------------------------------------------------------


class Flat:
    """Parameters in one array and gradients in another, of which W and b are views: one update moves them all."""

    def __init__(self, work: Work) -> None:
        self.order = order(work)
        self.theta = work.theta[self.order]
        self.gradient = np.empty_like(self.theta)

    def views(self, numbers: Array, widths: tuple[int, ...]) -> list[Array]:
        """W₁, b₁, W₂, b₂, …"""
        sizes = [size for m, n in itertools.pairwise(widths) for size in (m * n, n)]
        parts = np.split(numbers, np.cumsum(sizes)[:-1])
        for k in range(0, len(parts), 2):
            parts[k] = parts[k].reshape(len(parts[k + 1]), -1)
        return parts

    def back(self, numbers: Array) -> Array:
        """By the order of θ."""
        theta = np.empty_like(numbers)
        theta[self.order] = numbers
        return theta


def numpy_moons(work: Work) -> Contender:
    """Samples in lines, `X @ W.T + b`; written for two hidden layers."""
    own, X, T, n = Flat(work), work.X, work.T, len(work.X)
    theta, g, rate, l2 = own.theta, own.gradient, work.rate, work.l2
    W1, b1, W2, b2, (w3,), b3 = own.views(theta, work.widths)
    gW1, gb1, gW2, gb2, (gw3,), gb3 = own.views(g, work.widths)

    def step() -> float:
        h1 = np.maximum(X @ W1.T + b1, 0)
        h2 = np.maximum(h1 @ W2.T + b2, 0)
        margin = 1 - T * (h2 @ w3 + b3)
        loss = np.maximum(margin, 0).mean() + l2 * (theta @ theta)
        d3 = np.where(margin > 0, -T / n, 0)
        d2 = np.outer(d3, w3) * (h2 > 0)
        d1 = d2 @ W2 * (h1 > 0)
        gW1[:], gb1[:] = d1.T @ X, d1.sum(0)
        gW2[:], gb2[:] = d2.T @ h1, d2.sum(0)
        gw3[:], gb3[:] = d3 @ h2, d3.sum()
        theta[:] -= rate * (g + 2 * l2 * theta)
        return loss

    return stepping(work, step, lambda: own.back(theta))


def numpy_digits(work: Work) -> Contender:
    """The same for one hidden layer and softmax."""
    own, X, T, n = Flat(work), work.X, work.T, len(work.X)
    theta, g, rate = own.theta, own.gradient, work.rate
    W1, b1, W2, b2 = own.views(theta, work.widths)
    gW1, gb1, gW2, gb2 = own.views(g, work.widths)

    def step() -> float:
        h = np.maximum(X @ W1.T + b1, 0)
        z = h @ W2.T + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - (T * z).sum(axis=1)).mean()
        d2 = (e / total - T) / n
        d1 = d2 @ W2 * (h > 0)
        gW1[:], gb1[:] = d1.T @ X, d1.sum(0)
        gW2[:], gb2[:] = d2.T @ h, d2.sum(0)
        theta[:] -= rate * g
        return loss

    return stepping(work, step, lambda: own.back(theta))


def numpy_moons_in_place(work: Work) -> Contender:
    """What is possible by hand: neurons in lines, a line of ones for the biases, and nothing allocated."""
    X, T, n, rate, l2 = work.X, work.T, len(work.X), work.rate, work.l2
    theta, g, t = work.theta.copy(), np.empty_like(work.theta), np.empty_like(work.theta)
    W1, W2, W3 = (_with_bias(W) for W, _ in layers(theta, work.widths))
    g1, g2, g3 = (_with_bias(W) for W, _ in layers(g, work.widths))
    x, h1, h2 = (np.ones((m + 1, n)) for m in work.widths[:3])
    x[:-1] = X.T
    a1, a2, s, m1, m2 = h1[:-1], h2[:-1], np.empty((1, n)), np.empty_like(h1[:-1]), np.empty_like(h2[:-1])
    signs, w3, W2T = -T / n, W3[0, :-1, None], W2[:, :-1].T

    def step() -> float:
        np.maximum(np.dot(W1, x, out=a1), 0, out=a1)
        np.maximum(np.dot(W2, h1, out=a2), 0, out=a2)
        np.subtract(1, np.multiply(np.dot(W3, h2, out=s), T, out=s), out=s)
        np.maximum(s, 0, out=s)
        loss = s.sum() / n + l2 * theta.dot(theta)
        np.multiply(np.greater(s, 0, out=s), signs, out=s)
        np.dot(s, h2.T, out=g3)
        np.greater(a2, 0, out=m2)
        np.dot(np.multiply(np.multiply(w3, s, out=a2), m2, out=a2), h1.T, out=g2)
        np.greater(a1, 0, out=m1)
        np.dot(np.multiply(np.dot(W2T, a2, out=a1), m1, out=a1), x.T, out=g1)
        np.multiply(theta, 2 * l2, out=t)
        np.subtract(theta, np.multiply(np.add(t, g, out=t), rate, out=t), out=theta)
        return loss

    return stepping(work, step, lambda: theta)


def _with_bias(W: Array) -> Array:
    """The view of weights and biases that W is a part of."""
    return np.lib.stride_tricks.as_strided(W, (W.shape[0], W.shape[1] + 1), W.strides)


# --- numba by hand --------------------------------------------------------------------------------------------


@functools.cache
def numba_gradient(widths: tuple[int, ...]) -> Any:
    """Loss and gradient of moons, sample after sample; written for two hidden layers."""
    import numba  # pyright: ignore[reportMissingImports]

    nin, A, B, _ = widths  # frozen into the machine code, as one would write them

    @numba.njit(fastmath=FAST, error_model="numpy")
    def gradient(theta, X, T, l2, g):  # type: ignore[no-untyped-def]
        n = len(X)
        k1, k2, k3, k4 = A * nin, A * nin + A, A * nin + A + B * A, A * nin + A + B * A + B
        W1, b1, W2, b2 = theta[:k1].reshape(A, nin), theta[k1:k2], theta[k2:k3].reshape(B, A), theta[k3:k4]
        w3, gb1, gb2, gw3 = theta[k4:], g[k1:k2], g[k3:k4], g[k4:]
        gW1, gW2 = g[:k1].reshape(A, nin), g[k2:k3].reshape(B, A)
        h1, h2, d1 = np.empty(A), np.empty(B), np.empty(A)
        square = 0.0
        for k in range(len(theta)):
            square += theta[k] * theta[k]
            g[k] = 2 * l2 * theta[k]
        loss = 0.0
        for s in range(n):
            for i in range(A):
                z = b1[i]
                for j in range(nin):
                    z += W1[i, j] * X[s, j]
                h1[i] = max(z, 0.0)
                d1[i] = 0.0
            y = w3[B]
            for i in range(B):
                z = b2[i]
                for j in range(A):
                    z += W2[i, j] * h1[j]
                h2[i] = max(z, 0.0)
                y += w3[i] * h2[i]
            margin = 1 - T[s] * y
            if margin <= 0:
                continue
            loss += margin
            d3 = -T[s] / n
            gw3[B] += d3
            for i in range(B):
                if h2[i] > 0:
                    gw3[i] += d3 * h2[i]
                    d2 = d3 * w3[i]
                    gb2[i] += d2
                    for j in range(A):
                        gW2[i, j] += d2 * h1[j]
                        d1[j] += d2 * W2[i, j]
            for i in range(A):
                if h1[i] > 0:
                    gb1[i] += d1[i]
                    for j in range(nin):
                        gW1[i, j] += d1[i] * X[s, j]
        return loss / n + l2 * square

    return gradient


def numba_moons(work: Work) -> Contender:
    """The loops, and the update in the same machine code."""
    import numba  # pyright: ignore[reportMissingImports]

    own, gradient, rate = Flat(work), numba_gradient(work.widths), work.rate

    @numba.njit(fastmath=FAST, error_model="numpy")
    def move(theta, X, T, l2, g):  # type: ignore[no-untyped-def]
        loss = gradient(theta, X, T, l2, g)
        for k in range(len(theta)):
            theta[k] -= rate * g[k]
        return loss

    return stepping(work, lambda: move(own.theta, work.X, work.T, work.l2, own.gradient), lambda: own.back(own.theta))


def numba_sample(work: Work) -> Contender:
    """The loops for the first sample, into a buffer."""
    own, gradient = Flat(work), numba_gradient(work.widths)
    X, T = work.X[:1].copy(), work.T[:1].copy()

    def run() -> float:
        return gradient(own.theta, X, T, work.l2, own.gradient)

    return Contender(run, lambda: (run(), own.back(own.gradient)))


# --- Libraries ------------------------------------------------------------------------------------------------


def jax_step(work: Work) -> Contender:
    """`jax.jit` of loss, gradient and update in float64, in the memory of the parameters before; waits for the loss."""
    import jax

    jax.config.update("jax_enable_x64", True)
    state = jax.tree.map(jax.numpy.asarray, arrays(work))
    X, T = jax.numpy.asarray(work.X), jax.numpy.asarray(work.T)
    move = jax.jit(jax_move(work), donate_argnums=0)

    def step() -> Any:
        nonlocal state
        loss, state = move(state, X, T)
        return loss.block_until_ready()

    return stepping(work, step, lambda: flat(state))


def jax_move(work: Work) -> Any:
    """The step as a pure function of parameters, X and T, not jitted."""
    import jax
    from jax import numpy as jnp

    def loss(parameters: Any, X: Any, T: Any) -> Any:
        h = X
        for W, b in parameters[:-1]:
            h = jax.nn.relu(h @ W.T + b)
        W, b = parameters[-1]
        y = h @ W.T + b
        if T.ndim > 1:
            return -jnp.mean(jnp.sum(T * jax.nn.log_softmax(y), axis=1))
        square = sum(jnp.sum(p * p) for p in jax.tree.leaves(parameters))
        return jnp.mean(jax.nn.relu(1 - T * y[:, 0])) + work.l2 * square

    def move(parameters: Any, X: Any, T: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(parameters, X, T)
        return value, jax.tree.map(lambda p, g: p - work.rate * g, parameters, gradient)

    return move


def torch_step(work: Work) -> Contender:
    """PyTorch without compiling."""
    import torch  # pyright: ignore[reportMissingImports]
    from torch.nn import functional  # pyright: ignore[reportMissingImports]

    torch.set_num_threads(1)
    parameters = [(torch.tensor(W, requires_grad=True), torch.tensor(b, requires_grad=True)) for W, b in arrays(work)]
    leaves = [p for both in parameters for p in both]
    X, T = torch.tensor(work.X), torch.tensor(work.T)

    def loss() -> Any:
        h = X
        for W, b in parameters[:-1]:
            h = functional.relu(functional.linear(h, W, b))
        y = functional.linear(h, *parameters[-1])
        if T.ndim > 1:
            return functional.cross_entropy(y, T)
        return functional.relu(1 - T * y[:, 0]).mean() + work.l2 * sum((p * p).sum() for p in leaves)

    def step() -> float:
        value = loss()
        gradients = torch.autograd.grad(value, leaves)
        with torch.no_grad():
            for p, g in zip(leaves, gradients, strict=True):
                p -= work.rate * g
        return value.item()

    return stepping(work, step, lambda: flat([(W.detach(), b.detach()) for W, b in parameters]))


def micrograd_step(work: Work) -> Contender:
    """micrograd's notebook: all samples in one graph, made anew for every step."""
    from micrograd.engine import Value  # pyright: ignore[reportMissingImports]
    from micrograd.nn import MLP  # pyright: ignore[reportMissingImports]

    model = MLP(work.widths[0], list(work.widths[1:]))
    parameters = model.parameters()
    for p, number in zip(parameters, work.theta.tolist(), strict=True):
        p.data = number

    def step() -> float:
        scores = [model([Value(x) for x in row]) for row in work.X.tolist()]
        losses = [(1 + -t * score).relu() for t, score in zip(work.T.tolist(), scores, strict=True)]
        total: Any = sum(losses) * (1.0 / len(losses)) + work.l2 * squares(parameters)
        model.zero_grad()
        total.backward()
        for p in parameters:
            p.data -= work.rate * p.grad
        return total.data

    return stepping(work, step, lambda: np.array([p.data for p in parameters]))


def casadi_function(work: Work) -> Any:
    """Loss and gradient of one sample, as a function of θ, x and t."""
    import casadi as ca  # pyright: ignore[reportMissingImports]

    theta, x = ca.SX.sym("theta", work.theta.size), ca.SX.sym("x", work.widths[0])
    t = ca.SX.sym("t", work.widths[-1])
    h, start, pairs = x, 0, list(itertools.pairwise(work.widths))
    for k, (nin, nout) in enumerate(pairs):
        size = nout * (nin + 1)
        both = ca.reshape(theta[start : start + size], nin + 1, nout).T
        h, start = both[:, :-1] @ h + both[:, -1], start + size
        h = ca.fmax(h, 0) if k < len(pairs) - 1 else h
    if work.T.ndim > 1:
        loss = ca.logsumexp(h) - ca.dot(t, h)
    else:
        loss = ca.fmax(1 - t * h, 0) + (work.l2 * ca.dot(theta, theta) if work.l2 else 0)
    return ca.Function("sample", [theta, x, t], [loss, ca.gradient(loss, theta)])


def casadi_sample(work: Work) -> Contender:
    """The first sample by CasADi's virtual machine, from buffers into buffers."""
    loss, gradient = np.empty(1), np.empty(work.theta.size)
    bound = Buffered(casadi_function(work), [work.theta.copy(), work.X[0].copy(), work.T[:1].copy()], [loss, gradient])

    def answer() -> Answer:
        bound.run()
        return float(loss[0]), gradient.copy()

    return Contender(bound.run, answer)


class Buffered:
    """A function of CasADi bound to arrays, which it reads and writes without a copy.

    Attributes:
        run: computes it once; it has only the addresses of the arrays, so this object must live as long.
    """

    def __init__(self, function: Any, arguments: Sequence[Array], results: Sequence[Array]) -> None:
        self._buffer, self.run = function.buffer()
        self._arrays = [*arguments, *results]
        for k, each in enumerate(arguments):
            self._buffer.set_arg(k, each.data)
        for k, each in enumerate(results):
            self._buffer.set_res(k, each.data)
