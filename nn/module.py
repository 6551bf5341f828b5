"""Modules: objects that own parameters."""

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Value, operation
from autograd.engine import data_of
from autograd.files import check_folder
from nn import files


class Module:
    """Owns parameters: every leaf `Value` among its attributes, its modules, and lists, tuples and dicts of them.

    They are marked as parameters when they are assigned, so pictures draw them in green.

    A subclass assigns them in `__init__` and defines `__call__`:

    ```python
    class Line(Module):
        def __init__(self):
            self.w, self.b = Value(0.0), Value(0.0)

        def __call__(self, x):
            return self.w * x[0] + self.b
    ```
    """

    def __setattr__(self, name: str, given: Any) -> None:
        super().__setattr__(name, given)
        _mark(given, set())

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} is a Module and has to define __call__(self, x).")

    def parameters(self) -> list[Value]:
        """The parameters in the order in which they were defined, each once."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Each parameter with the path that leads to it, as in `layers.0.neurons.3.w.1`.

        The path is its name in files and states, which have to be the same for every model of an architecture. What
        people read is the label, `w₄₂⁽¹⁾`: the same place, counted from 1 (`names.py`).
        """
        found: list[tuple[str, Value]] = []
        _collect(vars(self), "", found, set())
        return found

    def zero_grad(self) -> None:
        """Clear the gradients, which otherwise add up over calls of `backward`."""
        for parameter in self.parameters():
            parameter.grad = 0

    def state(self) -> dict[str, Any]:
        """The number of every parameter by its name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set every parameter, or none.

        Raises:
            ValueError: a name is missing or unknown, or a number is nan.
            TypeError: something is not a real number.
        """
        parameters = dict(self.named_parameters())
        missing = [name for name in parameters if name not in state]
        unknown = [name for name in state if name not in parameters]
        if missing or unknown:
            raise ValueError(f"{self!r}.load_state(state): {_difference(missing, unknown)}.")
        numbers = [Value(state[name], label=name).data for name in parameters]  # Value refuses what is no number
        for parameter, number in zip(parameters.values(), numbers, strict=True):
            parameter.data = number

    def architecture(self) -> dict[str, Any]:
        """What a file says of the model besides its numbers: the name of the class, and arguments to make one."""
        return {"class": type(self).__name__}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write architecture and parameters (as float64) to an `.npz` file, which is data and never a pickle.

        Raises:
            FileNotFoundError: the folder is missing.
            OSError: the file cannot be written.
            TypeError: `architecture` returns something that JSON cannot express.
            ValueError: a parameter is infinite.
        """
        check_folder(f"save({os.fspath(path)!r})", path)
        files.write(path, "model", *described(self))

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read the parameters of a file that `save` wrote; `nn.load` makes the model too.

        Raises:
            OSError: there is no such file, or it cannot be read.
            ValueError: it is damaged, foreign, or of another architecture. Then nothing has changed.
        """
        self.load_state(checked_state(self, files.read(path, "model")))

    def __repr__(self) -> str:
        arguments = {name: given for name, given in self.architecture().items() if name != "class"}
        return f"{type(self).__name__}({', '.join(f'{name}={given!r}' for name, given in arguments.items())})"


def described(module: Module) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the arrays that describe a model in a file."""
    names = [name for name, _ in module.named_parameters()]
    numbers = np.array([float(data_of(parameter)) for parameter in module.parameters()])
    return {"architecture": module.architecture(), "names": names}, {"parameters": numbers}


def checked_state(module: Module, found: files.Contents) -> dict[str, float]:
    """The state in a file, if it is that of a module of this architecture."""
    theirs, ours = found.header.get("architecture"), module.architecture()
    if _as_json(theirs) != _as_json(ours):
        raise ValueError(f"{found.path!r} holds {theirs}, and this model is {ours}.")
    wanted = [name for name, _ in module.named_parameters()]
    names = found.entry("names", "the names of this model's parameters", lambda given: given == wanted)
    return dict(zip(names, found.row("parameters", len(names)).tolist(), strict=True))


def _as_json(architecture: Any) -> str:
    """For comparing: a tuple is a list there, and 1 is not true."""
    return json.dumps(architecture, sort_keys=True)


def _collect(found_in: Any, name: str, found: list[tuple[str, Value]], seen: set[int]) -> None:
    if id(found_in) in seen:
        return
    if isinstance(found_in, Value):
        if _is_parameter(found_in):
            seen.add(id(found_in))
            found.append((name, found_in))
        return
    if not isinstance(found_in, Module | Mapping | list | tuple):
        return
    seen.add(id(found_in))
    parts = vars(found_in) if isinstance(found_in, Module) else found_in
    for key, part in parts.items() if isinstance(parts, Mapping) else enumerate(parts):
        _collect(part, f"{name}.{key}" if name else str(key), found, seen)


def _mark(given: Any, seen: set[int]) -> None:
    """Mark the parameters in what a module is given; modules in it have marked their own."""
    if isinstance(given, Value):
        _is_parameter(given)
    elif isinstance(given, Mapping | list | tuple) and id(given) not in seen:
        seen.add(id(given))
        for part in given.values() if isinstance(given, Mapping) else given:
            _mark(part, seen)


def _is_parameter(value: Value) -> bool:
    """Whether it is a variable, neither a result nor a constant; it is marked from then on."""
    if value.op is None:
        value.op = operation.parameter
    return value.op is operation.parameter


def _difference(missing: list[str], unknown: list[str]) -> str:
    parts = [("lacks", missing), ("has the unknown", unknown)]
    return " and ".join(f"the state {verb} {', '.join(names[:3])}{_rest(names)}" for verb, names in parts if names)


def _rest(names: list[str]) -> str:
    return f" and {len(names) - 3} more" if len(names) > 3 else ""
