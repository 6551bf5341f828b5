"""Builds the compiled engine: the same `engine.py`, translated to C by Cython, with numbers as doubles.

It is optional. Without a C compiler, without Python's headers, or with AUTOGRAD_ENGINE=python in the environment,
nothing is built, and `engine.py` runs as it is. So it does on PyPy, and where Python has no global lock.
"""

import os
import runpy
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

MODULES = {"autograd.doubles": "autograd/doubles.pyx", "autograd.engine": "autograd/engine.py"}
FLAGS = [] if sys.platform == "win32" else ["-O2", "-g0", "-ffp-contract=off", "-fno-builtin-pow"]


def extensions() -> list[Extension]:
    """What to build: from the sources where Cython is there, else from the C that a source distribution has."""
    is_fit = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
    if os.environ.get("AUTOGRAD_ENGINE") == "python" or not is_fit:
        return []
    engines = runpy.run_path("autograd/engines.py")
    fingerprint, sources = engines["fingerprint"](), [f"autograd/{name}" for name in engines["SOURCES"]]
    made = [
        Extension(
            name,
            [source],
            define_macros=[("CYTHON_USE_TYPE_SPECS", "1"), ("AUTOGRAD_FINGERPRINT", f'"{fingerprint}"')],
            depends=sources,
            extra_compile_args=FLAGS,
            optional=True,
        )
        for name, source in MODULES.items()
    ]
    try:
        from Cython.Build import cythonize
    except ModuleNotFoundError:
        for each in made:
            each.sources = [str(Path(source).with_suffix(".c")) for source in each.sources]
        return [each for each in made if all(map(os.path.exists, each.sources))]
    return cythonize(made, language_level=3, compiler_directives={"annotation_typing": False})


setup(ext_modules=extensions())
