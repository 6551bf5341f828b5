"""The backends by name, and what they need."""

from importlib.util import find_spec

BACKENDS = ("numpy", "c", "jax")
_EXTRAS = {"jax": "jax"}


def check_installed(name: str) -> None:
    """Raise ModuleNotFoundError, which says what to install, if the package of a backend is not there."""
    if name in _EXTRAS and find_spec(name) is None:
        extra = f"pip install 'scalar-autograd[{_EXTRAS[name]}]'"
        raise ModuleNotFoundError(f"compile(backend={name!r}) needs {name}: {extra}", name=name)
