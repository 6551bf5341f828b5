"""A training run as a file, from which `fit(resume=…)` continues bit for bit."""

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from nn import files
from nn.history import History
from nn.module import described, restore

if TYPE_CHECKING:
    from nn.training import Training

_SLOT = "optimizer."  # before the names of the optimiser's arrays


def save(path: str | os.PathLike[str], training: "Training") -> None:
    """Write everything that the next epoch depends on, except the data and the arguments of `fit`."""
    training.program.write_back()
    header, arrays = described(training.model)
    state = training.optimizer.state()
    header |= {
        "optimizer": type(training.optimizer).__name__,
        "steps": state.pop("steps"),
        "random": _listed(training.rng.bit_generator.state),
        "history": asdict(training.history),
        "first_loss": training.first_loss,
        "best_loss": training.best_loss if training.best_parameters is not None else None,
        "waited": training.waited,
    }
    arrays |= {_SLOT + name: slot for name, slot in state.items()}
    if training.best_parameters is not None:
        arrays["best_parameters"] = training.best_parameters
    files.write(path, "checkpoint", header, arrays)


def load(path: str | os.PathLike[str], training: "Training") -> None:
    """Put a training run where `save` left it.

    Raises:
        OSError: there is no such file, or it is not to be read.
        ValueError: it is damaged or foreign, or of another model, optimiser or generator. Then nothing has changed.
    """
    header, arrays = files.read(path, "checkpoint")
    try:
        came = header["optimizer"], header["random"]["bit_generator"]
        state, history = {"steps": header["steps"]}, History(**header["history"])
        first_loss, best_loss, waited = header["first_loss"], header["best_loss"], header["waited"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{os.fspath(path)!r} is not a whole checkpoint ({error!r}).") from None
    generator = training.rng.bit_generator
    ours = type(training.optimizer).__name__, type(generator).__name__
    if came != ours:
        raise ValueError(f"{os.fspath(path)!r} was written with {' and '.join(came)}, not {' and '.join(ours)}.")
    restore(training.model, path, header, arrays)
    state |= {name.removeprefix(_SLOT): slot for name, slot in arrays.items() if name.startswith(_SLOT)}
    training.optimizer.load_state(state)
    generator.state = header["random"]
    training.program.parameters = arrays["parameters"]
    training.best_parameters = arrays.get("best_parameters")
    training.best_loss = float("inf") if best_loss is None else best_loss
    training.history, training.first_loss, training.waited = history, first_loss, waited


def _listed(state: Any) -> Any:
    """The state of a generator, its arrays as lists, so that it can be written as JSON."""
    if isinstance(state, dict):
        return {name: _listed(part) for name, part in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state
