"""What a training run leaves behind."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class History:
    """The course of one training run, one number per epoch.

    Attributes:
        losses: mean training loss of the samples of the epoch, each as it was when it was used.
        validation_losses: mean loss of the validation data after the epoch; empty without such data.
        learning_rates: of the last update of the epoch.
        steps: updates made in all.
        best_epoch: the epoch (from 1) with the lowest loss, of the validation data if there are any.
        stopped: why the run ended, a sentence.
        backend: what computed losses and gradients: "eager" also where they cannot be compiled, or the program turned
            out to differ from the graph.
        fallback: why it is "eager" though none was asked for: what cannot be compiled, where the code branches, or what
            the program computed otherwise; else empty.
    """

    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    steps: int = 0
    best_epoch: int = 0
    stopped: str = ""
    backend: str = ""
    fallback: str = ""

    @property
    def epochs(self) -> int:
        """Epochs that were finished."""
        return len(self.losses)

    def plot(self, ax: Any = None) -> Any:
        """Draw the losses over the epochs.

        Args:
            ax: matplotlib axes to draw on; new ones if None.

        Returns:
            The axes; `history.plot().figure.savefig("losses.png")` saves the picture.

        Raises:
            ModuleNotFoundError: matplotlib is not installed.
        """
        ax = _new_axes() if ax is None else ax
        epochs = range(1, self.epochs + 1)
        ax.plot(epochs, self.losses, color="#1F6FB2", label="training")
        if self.validation_losses:
            ax.plot(epochs, self.validation_losses, color="#8A6100", linestyle="--", label="validation")
        if self.losses and min(self.losses + self.validation_losses) > 0:
            ax.set_yscale("log")
        ax.set(xlabel="epoch", ylabel="loss", title=self.stopped)
        ax.legend()
        return ax

    def __repr__(self) -> str:
        curves = [("loss", self.losses), ("validation loss", self.validation_losses)]
        shown = [f", {name} {curve[0]:.4g} → {curve[-1]:.4g}" for name, curve in curves if curve]
        return f"History({self.epochs} epochs, {self.steps} steps{''.join(shown)}; {self.stopped or 'running'})"


def _new_axes() -> Any:
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError:
        raise ModuleNotFoundError("plotting needs matplotlib: pip install 'scalar-autograd[demos]'") from None
    return pyplot.subplots()[1]
