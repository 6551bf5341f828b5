"""Which engine runs: `engine.py` compiled, where that was built, or as plain Python. Both do the same.

AUTOGRAD_ENGINE=python in the environment chooses the plain one. A compiled one that was built from other sources than
those beside it is not used: whoever changes `engine.py` sees the change, before it is built again.
"""

import importlib.util
import os
import sys
from hashlib import sha256
from pathlib import Path

SOURCES = ("doubles.pyx", "doubles.pxd", "engine.py", "engine.pxd", "kernels.h")
MODULES = ("doubles", "engine")
_HERE = Path(__file__).parent
_why_plain: str | None = None  # the compiled engine does not run


def fingerprint() -> str:
    """Of the sources that are compiled, whatever ends their lines."""
    return sha256(b"\0".join((_HERE / name).read_bytes().replace(b"\r", b"") for name in SOURCES)).hexdigest()[:16]


def _unfit() -> str | None:
    """Why the compiled engine cannot run."""
    for name in MODULES:
        spec = importlib.util.find_spec(f"autograd.{name}")
        if spec is None or spec.origin is None or spec.origin.endswith(".py"):
            return "none was built: install again with a C compiler"
    from autograd import doubles

    if fingerprint() != doubles.FINGERPRINT:
        return "it was built from other sources than those beside it: install again"
    return None


def choose() -> None:
    """Load the engine that runs, before anything imports it.

    Raises:
        ValueError: AUTOGRAD_ENGINE is neither python nor compiled.
        ImportError: it is compiled, and that engine cannot run.
    """
    global _why_plain
    chosen = os.environ.get("AUTOGRAD_ENGINE", "")
    if chosen not in ("", "python", "compiled"):
        raise ValueError(f"AUTOGRAD_ENGINE={chosen}: wanted python or compiled.")
    _why_plain = "AUTOGRAD_ENGINE=python is set" if chosen == "python" else _unfit()
    if _why_plain and chosen == "compiled":
        raise ImportError(f"AUTOGRAD_ENGINE=compiled: {_why_plain}.")
    if _why_plain:
        for name in MODULES:
            sys.modules.pop(f"autograd.{name}", None)
            _load_source(f"autograd.{name}")


def _load_source(name: str) -> None:
    """A module from its Python source, where there is a compiled one too."""
    spec = importlib.util.spec_from_file_location(name, _HERE / f"{name.split('.')[-1]}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    setattr(sys.modules["autograd"], name.split(".")[-1], module)


def said() -> str:
    """Which engine runs, and why not the compiled one."""
    return f"plain Python ({_why_plain})" if _why_plain else "compiled"
