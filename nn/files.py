"""Models and checkpoints as files: `.npz` archives of one JSON header and float64 arrays, never a pickle.

A file is written under a temporary name and renamed, so that a kill in the middle leaves the old file whole; the same
contents give the same bytes.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.errors import many
from autograd.files import replacing
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
        TypeError: the header has what JSON cannot say.
        ValueError: a number is not finite, or an array is not a row: `read` would refuse the file.
    """
    for name, array in arrays.items():
        if not _is_row(array):
            raise ValueError(f"{os.fspath(path)!r} was not written: {name} is not a row of finite float64 numbers.")
    text = json.dumps({"format": FORMAT, "kind": kind, "version": VERSION, **header}, allow_nan=False)
    with replacing(path) as file:
        np.savez_compressed(file, header=np.array(text), **arrays)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Contents:
    """What a file holds; asked for by name, and given only if it is of the kind that is wanted."""

    path: str
    kind: str
    header: dict[str, Any]
    arrays: dict[str, Array]

    def entry(self, name: str, wanted: str, accepts: Callable[[Any], bool]) -> Any:
        """An entry of the header."""
        if name not in self.header or not accepts(self.header[name]):
            came = f"{name} is {_brief(self.header[name])}" if name in self.header else f"there is no {name}"
            raise self.refused(f"{came}; wanted {wanted}")
        return self.header[name]

    def row(self, name: str, length: int) -> Array:
        """An array."""
        if name not in self.arrays or len(self.arrays[name]) != length:
            came = (
                f"{name} has {many(len(self.arrays[name]), 'number')}" if name in self.arrays else f"there is no {name}"
            )
            raise self.refused(f"{came}; wanted {many(length, 'number')}")
        return self.arrays[name]

    def refused(self, why: str) -> ValueError:
        """The error that says what is wrong with the file."""
        return ValueError(f"{self.path!r} is not a whole {self.kind} file of {FORMAT}, version {VERSION} ({why}).")


def read(path: str | os.PathLike[str], kind: str) -> Contents:
    """What `write` wrote.

    Raises:
        OSError: there is no such file, or it is not to be read.
        ValueError: it is cut, damaged, foreign, of another kind or of a later version.
    """
    contents = Contents(os.fspath(path), kind, {}, {})
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                contents.arrays.update({name: archive[name] for name in archive.files})
            header = json.loads(str(contents.arrays.pop("header")))
            came = [header[name] for name in ("format", "kind", "version")]
        except _UNREADABLE as error:
            raise contents.refused(f"{type(error).__name__}: {error}") from None
    if came != [FORMAT, kind, VERSION] or type(came[2]) is not int:
        raise contents.refused("it says format {!r}, kind {!r}, version {!r}".format(*came))
    contents.header.update(header)
    for name, array in contents.arrays.items():
        if not _is_row(array):
            raise contents.refused(f"{name} is not a row of finite float64 numbers")
    return contents


def _is_row(array: Any) -> bool:
    usual = isinstance(array, np.ndarray) and array.dtype == np.float64 and array.ndim == 1  # a zip may hold any bytes
    return usual and bool(np.isfinite(array).all())


def _brief(entry: Any) -> str:
    text = repr(entry)
    return text if len(text) <= 60 else f"{text[:57]}..."
