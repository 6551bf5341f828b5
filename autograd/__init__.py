"""Scalar reverse-mode automatic differentiation that people learn from, trust and keep using.

>>> from autograd import Value
>>> unit_price, quantity, tax = Value(100, "単価"), Value(2, "個数"), Value(1.1, "消費税")
>>> price = unit_price * quantity * tax
>>> price.backward()
>>> unit_price.grad
2.2

Public is what the modules below list in their `__all__`, and nothing else: `dir(autograd)`. Python has functions of its
own called abs, compile, pow, round and sum, so `from autograd import *` leaves these five out; ask for them by name.
Where to read on: `operation.py`, then `engine.py`, then `functions.py`.
"""

import builtins
import importlib
from typing import TYPE_CHECKING, Any

from autograd import engines, familiar

engines.choose()

from autograd import notebooks, ufuncs  # noqa: F401 - these attach to Value what notebooks and NumPy ask for
from autograd.catalogue import *
from autograd.engine import *
from autograd.errors import *
from autograd.functions import *
from autograd.languages import *
from autograd.operation import *
from autograd.transforms import *

if TYPE_CHECKING:
    from autograd import implicit as implicit
    from autograd.check import *
    from autograd.compiler import *
    from autograd.render import *

__version__ = "0.1.0"

_LATER = {
    "check": "GradientMismatch GradientReport GradientRow check_gradient numerical_gradient",
    "compiler": "BranchChanged Program compile",
    "implicit": "implicit",
    "render": "DenseLayer Explanation Expression GraphvizNotFound NetworkPicture Picture draw explain expression",
}
"""What is loaded when it is first asked for, so that the import stays quick."""
_HOMES = {name: module for module, names in _LATER.items() for name in names.split()}

_NOW = ("catalogue", "engine", "errors", "functions", "languages", "operation", "transforms")
_PUBLIC = sorted([*_HOMES, *(name for module in _NOW for name in globals()[module].__all__)])
__all__ = [name for name in _PUBLIC if not hasattr(builtins, name)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise familiar.missing(__name__, name, _PUBLIC, familiar.OF_AUTOGRAD)
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(module, name, module)  # implicit is a module itself


def __dir__() -> list[str]:
    return [*_PUBLIC, "__version__"]
