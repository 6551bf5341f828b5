"""micrograd's notebook, with its engine and with ours: the same moons, the same weights, the same steps.

    python -m benchmarks.moons [--steps 100]

100 samples with noise 0.1, MLP 2-16-16-1, max-margin loss and L2, rate 1 − 0.9k/100. The loop is micrograd's own code;
only what it imports differs. A third run is the same training by `nn.fit`. Needs scikit-learn and micrograd 0.1.0
(extra `bench`).
"""

import argparse
import gc
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from autograd.commands import run

ALPHA = 1e-4  # of the L2 penalty
Train = Callable[[Any, Any, Any, int], object]


def moons(n: int = 100, noise: float = 0.1) -> tuple[Any, Any]:
    """n points of two interleaving half circles, and labels −1 and 1."""
    from sklearn.datasets import make_moons

    X, y = cast(tuple[Any, Any], make_moons(n_samples=n, noise=noise, random_state=1337))
    return X, y * 2 - 1


def weights(seed: int = 1337) -> list[float]:
    """The 337 numbers that micrograd's MLP(2, [16, 16, 1]) draws after `random.seed(1337)`, biases 0."""
    rng, numbers = random.Random(seed), []
    for nin, nout in [(2, 16), (16, 16), (16, 1)]:
        for _ in range(nout):
            numbers += [*(rng.uniform(-1, 1) for _ in range(nin)), 0.0]
    return numbers


def notebook(value: Callable[[float], Any]) -> Train:
    """The notebook's training loop, line by line, with the `Value` of an engine."""

    def train(model: Any, X: Any, y: Any, steps: int) -> None:
        for k in range(steps):
            inputs = [list(map(value, xrow)) for xrow in X]
            scores = list(map(model, inputs))
            losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
            data_loss: Any = sum(losses) * (1.0 / len(losses))
            reg_loss = ALPHA * sum(p * p for p in model.parameters())
            total_loss = data_loss + reg_loss

            model.zero_grad()
            total_loss.backward()

            learning_rate = 1.0 - 0.9 * k / 100
            for p in model.parameters():
                p.data -= learning_rate * p.grad

    return train


def by_fit(model: Any, X: Any, y: Any, steps: int) -> None:
    """The same training in one call."""
    import nn

    optimizer = nn.SGD(nn.LinearSchedule(1.0, 0.1, steps=100))
    nn.fit(model, "hinge_loss", X, y, optimizer=optimizer, epochs=steps, l2=ALPHA, progress=False)


def timed(train: Train, model: Any, X: Any, y: Any, steps: int) -> tuple[float, float, list[float]]:
    """Seconds for so many steps, training accuracy afterwards, parameters afterwards."""
    for p, number in zip(model.parameters(), weights(), strict=True):
        p.data = number
    gc.collect()  # so that no engine pays for another's garbage
    start = time.perf_counter()
    train(model, X, y, steps)
    seconds = time.perf_counter() - start
    right = [(model(list(xrow)).data > 0) == (yi > 0) for xrow, yi in zip(X, y, strict=True)]
    return seconds, sum(right) / len(right), [p.data for p in model.parameters()]


def runs() -> dict[str, tuple[Train, Any]]:
    """For each run, how it trains and what."""
    import micrograd.engine  # pyright: ignore[reportMissingImports]
    import micrograd.nn  # pyright: ignore[reportMissingImports]

    import autograd
    import nn

    return {
        "scalar-autograd, notebook": (notebook(autograd.Value), nn.MLP(2, [16, 16, 1])),
        "scalar-autograd, nn.fit": (by_fit, nn.MLP(2, [16, 16, 1])),
        "micrograd 0.1.0, notebook": (notebook(micrograd.engine.Value), micrograd.nn.MLP(2, [16, 16, 1])),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print seconds and accuracy of each run, and how far its parameters end from micrograd's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.moons", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--steps", type=int, default=100, help="training steps (micrograd takes about 0.7 s for each)")
    steps = parser.parse_args(arguments).steps
    X, y = moons()
    results = {name: timed(*run, X, y, steps) for name, run in runs().items()}
    reference, _, reached = list(results.values())[-1]
    print(f"{steps} steps{'':<19}{'seconds':>9}{'ratio':>8}{'accuracy':>10}{'difference':>12}")
    for name, (seconds, accuracy, parameters) in results.items():
        difference = max(abs(p - q) for p, q in zip(parameters, reached, strict=True))
        print(f"{name:<27}{seconds:>9.2f}{reference / seconds:>8.1f}{accuracy:>10.0%}{difference:>12.1g}")


if __name__ == "__main__":
    sys.exit(run(main, "benchmarks.moons"))
