"""The backends by name. Each is a module with `make`, loaded when it is asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

BACKENDS = {
    "numpy": "autograd.compiler.numpy_backend",
    "numba": "autograd.compiler.numba_backend",
    "jax": "autograd.compiler.jax_backend",
    "c": "autograd.compiler.rolled",
}
_EXTRAS = {"numba": "jit", "jax": "jax"}


def backend_named(name: str) -> Callable[..., Any]:
    """`make(lowered, arguments, parameters, dtype)`, which gives the text of the program and its kernel."""
    try:
        return import_module(BACKENDS[name]).make
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        extra = f"pip install 'scalar-autograd[{_EXTRAS[name]}]'"
        raise ModuleNotFoundError(f"compile(backend={name!r}) needs {name}: {extra}", name=name) from None
