"""A CSV file as numbers, with every mistake in it reported by row and column.

Rows are counted as a spreadsheet or an editor counts them: the names are row 1.
"""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.errors import many
from autograd.familiar import did_you_mean
from demos import InputError

_ENCODINGS = ("utf-8-sig", "cp932")  # what spreadsheets write, the second one in Japan


class Table(NamedTuple):
    """Inputs of shape (n, columns), the target of shape (n,), and their names."""

    names: list[str]
    X: NDArray[np.float64]
    target: str
    y: NDArray[np.float64]


class Classes(NamedTuple):
    """Inputs of shape (n, columns), of each row the name of its class, and the names of the columns."""

    names: list[str]
    X: NDArray[np.float64]
    target: str
    labels: list[str]


def read(path: Path, inputs: Sequence[str] = (), target: str = "") -> Table:
    """Read some columns of a file whose first row has their names.

    Args:
        inputs: names, or positions counted from 1. If there are none: every column but the target and the index,
            which is a first column without a name.
        target: name or position; the last column if not given.

    Raises:
        InputError: the file is missing, empty or no text, a column is missing or given twice, a row is too short or
            too long, or a cell has no number. Says which row.
    """
    header, rows, wanted = _chosen(path, inputs, target)
    names = [header[i] or f"column {i + 1}" for i in wanted]
    numbers = np.array([_numbers(path, line, header, row, wanted) for line, row in rows])
    return Table(names[:-1], numbers[:, :-1], names[-1], numbers[:, -1])


def read_classes(path: Path, inputs: Sequence[str] = (), target: str = "") -> Classes:
    """The same with a target that may be any text: the name of a class."""
    header, rows, wanted = _chosen(path, inputs, target)
    *columns, last = wanted
    names = [header[i] or f"column {i + 1}" for i in wanted]
    numbers = np.array([_numbers(path, line, header, row, columns) for line, row in rows])
    labels = [row[last] for _, row in rows]
    for (line, _), label in zip(rows, labels, strict=True):
        if not label:
            raise InputError(f"{_quoted(path)}, row {line}, column {names[-1]}: got an empty cell; wanted a class.")
    return Classes(names[:-1], numbers, names[-1], labels)


def _chosen(path: Path, inputs: Sequence[str], target: str) -> tuple[list[str], list[tuple[int, list[str]]], list[int]]:
    """The names, the rows of cells with their places in the file, and which columns are wanted, the target last."""
    header, *rows = _rows(path)
    wanted = [_position(path, header, each) for each in (*inputs, target or str(len(header)))]
    if not inputs:
        first = 1 if header[0] == "" else 0
        wanted = [i for i in range(first, len(header)) if i != wanted[-1]] + wanted
    names = [header[i] or f"column {i + 1}" for i in wanted]
    if len(wanted) < 2:
        raise InputError(f"{_quoted(path)} has a single column of numbers; wanted inputs and a target.")
    if len(set(wanted)) < len(wanted):
        raise InputError(f"{_quoted(path)}: the columns {', '.join(names)} were asked for; wanted each but once.")
    return header, rows, wanted


def _rows(path: Path) -> list:
    """The names, then each row of cells with its place in the file; empty rows are left out."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    found = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    if not found:
        raise InputError(f"{_quoted(path)} is empty; wanted a row of names, then rows of numbers.")
    if len(found) == 1:
        raise InputError(f"{_quoted(path)} has nothing below row {found[0][0]}, its names; wanted rows of numbers.")
    return [found[0][1], *found[1:]]


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"there is no file {_quoted(path)}; wanted a CSV file.")
    content = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{_quoted(path)} is no text; wanted a CSV file in UTF-8 (or Shift_JIS).")


def _position(path: Path, header: list[str], wanted: str) -> int:
    """Where a column is that was given by its name or, counted from 1, by its place."""
    wanted = wanted.strip()
    if header.count(wanted) == 1 and wanted:
        return header.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(header) and wanted not in header:
        return int(wanted) - 1
    how = "has more than one column" if header.count(wanted) > 1 else "has no column"
    names = ", ".join(f"{i}: {name or '(no name)'}" for i, name in enumerate(header, start=1))
    raise InputError(f"{_quoted(path)} {how} {wanted!r}; it has {names}.{did_you_mean(wanted, header)}")


def _numbers(path: Path, line: int, header: list[str], row: list[str], wanted: list[int]) -> list[float]:
    if len(row) != len(header):
        raise InputError(
            f"{_quoted(path)}, row {line}: it has {many(len(row), 'cell')}, and row 1 has {many(len(header), 'name')}."
        )
    return [_number(f"{_quoted(path)}, row {line}, column {header[i] or i + 1}", row[i]) for i in wanted]


def _number(where: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        got = repr(cell) if cell else "an empty cell"
        raise InputError(f"{where}: got {got}; wanted a number.") from None
    if not math.isfinite(number):
        raise InputError(f"{where}: got {cell!r}; wanted a finite number.")
    return number


def _quoted(path: Path) -> str:
    return repr(str(path))
