"""The backends by name, and what they need."""

from importlib.util import find_spec

from autograd.installing import pip_install

BACKENDS = ("numpy", "c", "jax")
_EXTRAS = {"jax": "jax"}


def check_installed(name: str) -> None:
    """Raise ModuleNotFoundError, which says what to install, if the package of a backend is not there."""
    if name in _EXTRAS and find_spec(name) is None:
        raise ModuleNotFoundError(f"compile(backend={name!r}) needs {name}: {pip_install(name)}", name=name)
