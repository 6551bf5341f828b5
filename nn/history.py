"""What a training run leaves behind."""

from dataclasses import dataclass, field
from typing import Any

from autograd.errors import many
from autograd.installing import pip_install
from autograd.languages import Language, spoken
from autograd.words import counted
from nn import plots
from nn.words import HISTORY


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
        fallback: why it is "eager" although that was not asked for: what cannot be compiled, where the code branches,
            or what the program computed otherwise; else empty.
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

    def plot(self, ax: Any = None, language: Language | None = None) -> Any:
        """Draw the losses over the epochs, on a logarithmic scale if all are above 0.

        Args:
            ax: matplotlib axes to draw on, in their own style; new ones, in that of the lessons, if None.
            language: of the title and the axes; if not given, as `autograd.language` says.

        Returns:
            The axes; `history.plot().figure.savefig("losses.png")` saves the picture.

        Raises:
            ModuleNotFoundError: matplotlib is not installed.
        """
        speaks = spoken("plot", language)
        if ax is not None:
            self._draw(ax, HISTORY[speaks])
            if speaks == "ja":
                plots.add_family(ax, plots.japanese_font())
            return ax
        pyplot = _pyplot()
        with plots.styled(["DejaVu Sans", plots.japanese_font()] if speaks == "ja" else None):
            ax = pyplot.subplots(figsize=(7, 4.5), layout="constrained")[1]
            self._draw(ax, HISTORY[speaks])
            ax.figure.draw_without_rendering()  # marks are made as they are drawn, in the style of that moment
        return ax

    def _draw(self, ax: Any, words: dict[str, Any]) -> None:
        lines = {words["training"]: self.losses, words["validation"]: self.validation_losses}
        every = self.losses + self.validation_losses
        log = bool(every) and min(every) > 0
        plots.curves(ax, {name: losses for name, losses in lines.items() if losses}, range(1, self.epochs + 1), log)
        ax.set(xlabel=words["epoch"], ylabel=words["loss"], title=self._title(words))
        if every:
            plots.epochs(ax, self.epochs)
            if self.epochs == 1:
                for line in ax.lines:
                    line.set_marker("o")  # a line of one point is not to be seen
        plots.readable(ax.yaxis)

    def _title(self, words: dict[str, Any]) -> str:
        if not self.losses:
            return words["empty"]
        best = words["best_validation" if self.validation_losses else "best"].format(epoch=self.best_epoch)
        return counted(words["title"], self.epochs) + (best if 0 < self.best_epoch < self.epochs else "")

    def __repr__(self) -> str:
        curves = [("loss", self.losses), ("validation loss", self.validation_losses)]
        shown = [f", {name} {curve[0]:.4g} → {curve[-1]:.4g}" for name, curve in curves if curve]
        made = f"{many(self.epochs, 'epoch')}, {many(self.steps, 'step')}"
        return f"History({made}{''.join(shown)}; {self.stopped or 'running'})"


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError:
        raise ModuleNotFoundError(f"plotting needs matplotlib: {pip_install('matplotlib')}") from None
    return pyplot
