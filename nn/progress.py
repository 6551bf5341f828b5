"""A progress bar, where tqdm is installed."""

import importlib
from typing import Any


class ProgressBar:
    """tqdm's bar with the epoch and the loss; nothing at all without tqdm, or if not wanted."""

    def __init__(self, wanted: bool, done: int, total: int) -> None:
        self._bar: Any = None
        if wanted:
            try:
                self._bar = importlib.import_module("tqdm").tqdm(total=total, initial=done, desc="fit", unit="step")
            except ModuleNotFoundError:
                return

    def advance(self, epoch: int, loss: float) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"epoch {epoch}, loss {loss:.4g}", refresh=False)
            self._bar.update()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
