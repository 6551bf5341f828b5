"""Files that are written whole, or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def check_folder(called: str, path: str | os.PathLike[str]) -> None:
    """Refuse a path whose folder is not there.

    Raises:
        FileNotFoundError: it is missing; says which.
    """
    folder = Path(path).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"{called}: there is no folder {str(folder)!r}; make it first.")


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file under a temporary name, renamed at the end of the block: a kill in the middle leaves what stood there.

    Raises:
        OSError: the folder is missing, or not to be written to.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
