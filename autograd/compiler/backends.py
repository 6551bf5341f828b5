"""The backends by name: a line for each, and what writes and runs its programs in modules of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from autograd.installing import pip_install


@dataclass(frozen=True)
class Backend:
    """Where a backend is, as `module:name` in this package, and what it can do.

    Both kernels are called with the program, whether its gradient is asked for, whether results are checked, and the
    dtype.
    """

    matrices: str
    """The kernel of a `Lifted`."""
    loops: str
    """The kernel of a `Rolled`."""
    package: str = ""
    """What has to be installed."""
    tool: str = ""
    """What has to be on the machine: a function that finds it."""
    words: str = ""
    """What raises NotCompilable where it cannot say what a program does; "" if it can say everything."""
    dtypes: tuple[str, ...] = ("float64", "float32")
    dtypes_of_loops: tuple[str, ...] = ("float64",)
    """Other programs of these dtypes are made of matrices."""
    keeps_order: bool = False
    """Whether it adds in the order that was recorded, as `strict` asks."""


# fmt: off
BACKENDS = {
    "numpy": Backend("matrices.kernel:in_numpy", "loops.rolled:PythonKernel", package="numpy", keeps_order=True),
    "c": Backend("matrices.kernel:KernelInC", "loops.rolled:CKernel", tool="toolchain:compiler",
                 words="printers.c:check_words", dtypes=("float64",)),
    "jax": Backend("matrices.jax_backend:JaxKernel", "printers.jax:JaxLoops", package="jax",
                   dtypes_of_loops=("float64", "float32")),
}
# fmt: on


def loaded(place: str) -> Callable[..., Any]:
    """What stands at `module:name` in this package; loaded now."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"autograd.compiler.{module}"), name)


def check_installed(name: str) -> None:
    """Raise ModuleNotFoundError, which says what to install, if the package of a backend is not there."""
    package = BACKENDS[name].package
    if package and find_spec(package) is None:
        raise ModuleNotFoundError(f"compile(backend={name!r}) needs {package}: {pip_install(package)}", name=package)
