"""Models and checkpoints as files: `.npz` archives of one JSON header and float64 arrays, never a pickle.

A file is written under a temporary name and renamed, so that a kill in the middle leaves the old file whole; the same
contents give the same bytes.
"""

import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nn.arguments import Array

FORMAT, VERSION = "scalar-autograd", 1
_UNREADABLE = (  # what NumPy, zipfile and json raise over bytes that are no such file
    *(ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, RuntimeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error),
)


def write(path: str | os.PathLike[str], kind: str, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write a file of this `kind` ("model" or "checkpoint"), or leave what stood there.

    Raises:
        OSError: the folder is missing, or not to be written to.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    text = json.dumps({"format": FORMAT, "kind": kind, "version": VERSION, **header}, allow_nan=False)
    try:
        with open(temporary, "xb") as file:
            np.savez_compressed(file, header=np.array(text), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the arrays of a file that `write` wrote.

    Raises:
        OSError: there is none, or it is not to be read.
        ValueError: it is cut, damaged, foreign, of another kind or of a later version.
    """
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                contents = {name: archive[name] for name in archive.files}
            header = json.loads(str(contents.pop("header")))
            came = header["format"], header["kind"], header["version"]
        except _UNREADABLE as error:
            raise _foreign(path, kind, f"{type(error).__name__}: {error}") from None
    if came != (FORMAT, kind, VERSION):
        raise _foreign(path, kind, f"it says format {came[0]!r}, kind {came[1]!r}, version {came[2]!r}")
    for name, array in contents.items():
        if array.dtype != np.float64 or array.ndim != 1 or not np.isfinite(array).all():
            raise _foreign(path, kind, f"{name} is not a row of finite float64 numbers")
    return header, contents


def _foreign(path: str | os.PathLike[str], kind: str, why: str) -> ValueError:
    return ValueError(f"{os.fspath(path)!r} is not a whole {kind} file of {FORMAT}, version {VERSION} ({why}).")
