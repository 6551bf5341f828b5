"""A training run as a file, from which `fit(resume=…)` continues bit for bit."""

import copy
import math
import os
import sys
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from nn import files
from nn.history import History
from nn.module import checked_state, described

if TYPE_CHECKING:
    from nn.training import Training

_UNWRITTEN = "fallback"  # of a history, so that files of version 0.1 are read
_SLOT = "optimizer."  # before the names of the optimiser's arrays
_LAST = {"pos": 624, "buffer_pos": 4}  # places in the buffers of generators, which NumPy sets unseen and reads behind


def save(path: str | os.PathLike[str], training: "Training") -> None:
    """Write everything that the next epoch depends on, except the data and the arguments of `fit`."""
    training.program.write_back()
    header, arrays = described(training.model)
    state = training.optimizer.state()
    header |= {
        "optimizer": type(training.optimizer).__name__,
        "steps": state.pop("steps"),
        "random": _listed(training.rng.bit_generator.state),
        "history": {name: entry for name, entry in asdict(training.history).items() if name != _UNWRITTEN},
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
    found, optimizer, generator = files.read(path, "checkpoint"), training.optimizer, training.rng.bit_generator
    _check_kinds(found, type(optimizer).__name__, type(generator).__name__)
    state = checked_state(training.model, found)
    random, history = _checked_random(found, generator), _checked_history(found, training.validation is not None)
    first_loss = found.entry("first_loss", "a finite number", _is_number)
    waited = found.entry("waited", f"an integer up to {history.epochs}", lambda n: _is_count(n) and n <= history.epochs)
    best_loss, best = _checked_best(found, len(state))
    remembered = _checked_slots(found, optimizer.slots, len(state))
    try:
        optimizer.load_state(remembered)
    except (TypeError, ValueError, KeyError) as error:
        raise found.refused(str(error)) from None
    training.model.load_state(state)
    generator.state = random
    training.program.parameters = found.arrays["parameters"]
    training.best_loss, training.best_parameters = best_loss, best
    training.history, training.first_loss, training.waited = history, first_loss, waited


# --- What is in the file, checked before anything is set ------------------------------------------------------


def _check_kinds(found: files.Contents, *ours: str) -> None:
    random = found.entry("random", "the state of a generator", lambda given: isinstance(given, dict))
    came = found.entry("optimizer", "the name of an optimizer", _is_text), str(random.get("bit_generator"))
    if came != ours:
        raise ValueError(f"{found.path!r} was written with {' and '.join(came)}, not {' and '.join(ours)}.")


def _checked_random(found: files.Contents, generator: Any) -> Any:
    """The state of the generator, tried on a copy."""
    state, spare = found.header["random"], copy.deepcopy(generator)
    whole = _is_like(state, _listed(spare.state))
    try:
        if whole:
            spare.state = state
            whole = _listed(spare.state) == state
    except (TypeError, ValueError, KeyError, OverflowError):
        whole = False
    if not whole:
        raise found.refused(f"random is not a state of {type(generator).__name__}")
    return state


def _is_like(came: Any, ours: Any, name: str = "") -> bool:
    """Whether a state has the names, lengths and kinds that one of ours has."""
    if isinstance(ours, dict):
        alike = isinstance(came, dict) and came.keys() == ours.keys()
        return alike and all(_is_like(came[key], part, key) for key, part in ours.items())
    if isinstance(ours, list):
        return isinstance(came, list) and len(came) == len(ours) and all(_is_like(part, 0) for part in came)
    if isinstance(ours, str):
        return came == ours
    return type(came) is int and 0 <= came <= _LAST.get(name, came)


def _checked_history(found: files.Contents, validated: bool) -> History:
    came = found.entry("history", "a history", lambda given: isinstance(given, dict))
    wanted = [field for field in fields(History) if field.name != _UNWRITTEN]
    if came.keys() != {field.name for field in wanted}:
        raise found.refused(f"history has {', '.join(came)}; wanted {', '.join(field.name for field in wanted)}")
    for field in wanted:
        if not _KINDS[field.type](came[field.name]):
            raise found.refused(f"history.{field.name} is {came[field.name]!r}")
    history = History(**came)
    epochs, rates, losses = history.epochs, len(history.learning_rates), len(history.validation_losses)
    if rates != epochs or not history.best_epoch <= epochs <= history.steps:
        raise found.refused(f"history has {epochs} losses, which its other entries do not match")
    if losses != epochs * validated:
        raise found.refused(f"history has {losses} validation_losses of {epochs} epochs; wanted {epochs * validated}")
    return history


def _checked_best(found: files.Contents, parameters: int) -> tuple[float, Any]:
    """The lowest loss so far and its parameters; neither, where there is none yet."""
    best = found.entry("best_loss", "a finite number, or null", lambda given: given is None or _is_number(given))
    if best is None and "best_parameters" not in found.arrays:
        return math.inf, None
    if best is None:
        raise found.refused("there are best_parameters without a best_loss")
    return best, found.row("best_parameters", parameters)


def _checked_slots(found: files.Contents, slots: tuple[str, ...], parameters: int) -> dict[str, Any]:
    """What the optimiser remembers: a number for each parameter, once it has made a step."""
    steps = found.entry("steps", "an integer of at least 0", _is_count)
    unknown = set(found.arrays) - {"parameters", "best_parameters", *(_SLOT + name for name in slots)}
    if unknown:
        raise found.refused(f"there is an unknown {min(unknown)}")
    return {"steps": steps} | {name: found.row(_SLOT + name, parameters) for name in slots if steps}


def _is_count(given: Any) -> bool:
    return type(given) is int and 0 <= given < 2**63


def _is_number(given: Any) -> bool:
    return type(given) in (int, float) and abs(given) <= sys.float_info.max


def _is_text(given: Any) -> bool:
    return isinstance(given, str)


def _are_numbers(given: Any) -> bool:
    return isinstance(given, list) and all(map(_is_number, given))


_KINDS: dict[Any, Any] = {list[float]: _are_numbers, int: _is_count, str: _is_text}
"""What an entry of a history has to be, by its type."""


def _listed(state: Any) -> Any:
    """The state of a generator, its arrays as lists, so that it can be written as JSON."""
    if isinstance(state, dict):
        return {name: _listed(part) for name, part in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else state
