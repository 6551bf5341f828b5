"""Rosenblatt's perceptron, and the rule by which it learns."""

from typing import Any

from autograd import Value
from nn.activations import Activation
from nn.arguments import generator, integer, number, rows, targets
from nn.initializations import Initialization
from nn.neurons import Neuron, Sample, check_length


class Perceptron(Neuron):
    """A neuron with a step: 1 where w₁x₁ + … + b > 0, and −1 elsewhere.

    With another activation it is a neuron by another name: `Perceptron(3, "identity")` does linear regression by `fit`.

    Args:
        nin, activation, bias, initialization, seed: as for `Neuron`.

    Source: Rosenblatt, The perceptron: a probabilistic model for information storage and organization (1958).
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "step",
        *,
        bias: bool = True,
        initialization: str | Initialization = "uniform",
        seed: Any = None,
    ) -> None:
        super().__init__(nin, activation, bias=bias, initialization=initialization, seed=seed)

    def __call__(self, x: Sample) -> Value:
        """The output for one sample of `nin` numbers or Values; −1 or 1 if the activation is a step."""
        return super().__call__(x)

    def _of_sum(self, z: Any) -> Any:
        y = super()._of_sum(z)
        return 2 * y - 1 if self.activation == "step" else y

    def learn_one(self, x: Sample, y: int, rate: float = 1.0) -> bool:
        """Rosenblatt's rule on one sample: where the output is not y, w ← w + rate·y·x and b ← b + rate·y.

        It is no gradient step: at w = 0, where learning often begins, the loss max(0, −y f(x)) has slope 0.

        Args:
            x: `nin` numbers.
            y: −1 or 1.

        Returns:
            Whether the weights changed.

        Raises:
            ValueError: `x` has another length, `y` is another label, or the output is not a step.
        """
        self._check_label(y)
        if self(x).data == y:
            return False
        change = rate * _plain(y)
        for w, feature in zip(self.w, x, strict=True):
            w.data += change * _plain(feature)
        if self.b is not None:
            self.b.data += change
        return True

    def learn(self, X: Any, y: Any, *, rate: float = 1.0, epochs: int = 100, seed: Any = None) -> list[int]:
        """Rosenblatt's rule on sample after sample, until a pass over them makes no mistake.

        There is such a pass if a hyperplane separates the classes (Novikoff 1962); else learning ends after `epochs`
        passes.

        Args:
            X: (n, nin) numbers.
            y: n labels, −1 or 1.
            seed: shuffles the samples before each pass; None keeps their order.

        Returns:
            The number of mistakes in each pass.

        Raises:
            ValueError: `X` is empty, ragged or of another width, or `y` has another label. Then nothing has changed.
        """
        rate, epochs = number("learn", "rate", rate, above=True), integer("learn", "epochs", epochs)
        samples = rows("learn", "X", X).tolist()
        labels = targets("learn", "y", y, len(samples)).tolist()
        check_length(self, samples[0], len(self.w))
        for label in labels:
            self._check_label(label)
        rng = None if seed is None else generator("learn", seed)
        mistakes: list[int] = []
        while len(mistakes) < epochs and (not mistakes or mistakes[-1]):
            order = range(len(samples)) if rng is None else rng.permutation(len(samples)).tolist()
            mistakes.append(sum([self.learn_one(samples[i], labels[i], rate) for i in order]))
        return mistakes

    def _check_label(self, label: Any) -> None:
        if self.activation != "step":
            raise ValueError(f"{self!r} has no step output, which Rosenblatt's rule needs; train it by nn.fit.")
        if label not in (-1, 1):
            raise ValueError(f"{self!r} was taught the label {label!r}; wanted -1 or 1.")


def _plain(x: Any) -> Any:
    """The number of a Value or of a NumPy scalar, as Python's."""
    x = x.data if isinstance(x, Value) else x
    return x.item() if hasattr(x, "item") else x
