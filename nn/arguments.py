"""What public functions are given: the checks, and the sentences that refuse it.

Every sentence names the argument, what was got and what was wanted: `MLP(nin=0): wanted an integer of at least 1.`
"""

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import many
from autograd.familiar import did_you_mean

Array = NDArray[np.float64]

# --- Numbers and names ----------------------------------------------------------------------------------------


def integer(called: str, name: str, given: Any, least: int = 1) -> int:
    """An int that is not below `least`."""
    wanted = f"{called}({name}={given!r}): wanted an integer of at least {least}"
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise TypeError(f"{wanted}, not {type(given).__name__}.")
    if given < least:
        raise ValueError(f"{wanted}.")
    return int(given)


def number(called: str, name: str, given: Any, *, above: bool = False, below: float = math.inf) -> float:
    """A finite float from 0 (excluded if `above`) to `below` (excluded)."""
    wanted = f"{called}({name}={given!r}): wanted a finite number {'above' if above else 'of at least'} 0"
    if isinstance(given, bool) or not isinstance(given, Real):
        raise TypeError(f"{wanted}, not {type(given).__name__}.")
    if not 0 <= float(given) < below or (above and given == 0):
        raise ValueError(f"{wanted}{'' if below == math.inf else f' and below {below:g}'}.")
    return float(given)


def unknown(called: str, name: str, given: Any, kind: str, known: Iterable[str], more: str = "") -> Exception:
    """What to raise for a name that stands for nothing: with the nearest one that does."""
    known = list(known)
    if not isinstance(given, str):
        return TypeError(f"{called}({name}={given!r}): wanted the name of {kind}{more}, not {type(given).__name__}.")
    wanted = f"; wanted one of {', '.join(known)}{more}" if len(known) < 20 else ""
    thing = kind.split(" ", 1)[1]
    return ValueError(f"{called}({name}={given!r}): no {thing} has this name{wanted}.{did_you_mean(given, known)}")


def generator(called: str, seed: Any) -> np.random.Generator:
    """The source of random numbers that `seed` stands for: a Generator is used as it is, None is fresh each time."""
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is None:
        return np.random.default_rng()
    try:
        return np.random.default_rng(integer(called, "seed", seed, least=0))
    except TypeError:
        came = f"not {type(seed).__name__}"
        raise TypeError(f"{called}(seed={seed!r}): wanted None, an integer or a NumPy Generator, {came}.") from None


# --- Data -----------------------------------------------------------------------------------------------------


def rows(called: str, name: str, X: Any) -> Array:
    """A float64 array of shape (n, features), n ≥ 1, every number finite."""
    array = _finite(called, name, _array(called, name, X).astype(np.float64))
    if array.ndim != 2:
        hint = f"; for one feature write {name}.reshape(-1, 1)" if array.ndim == 1 else ""
        raise ValueError(f"{called}({name}=…) has shape {array.shape}: wanted rows, shape (n, features){hint}.")
    if array.shape[1] == 0:
        raise ValueError(f"{called}({name}=…) has shape {array.shape}: wanted at least one feature in each row.")
    return array


def targets(called: str, name: str, y: Any, n: int) -> NDArray[Any]:
    """An array of shape (n,) or (n, outputs); integers and bools as int64, the rest as float64."""
    array = _array(called, name, y)
    array = array.astype(np.int64) if array.dtype.kind in "biu" else _finite(called, name, array.astype(np.float64))
    if array.ndim not in (1, 2) or len(array) != n:
        raise ValueError(f"{called}({name}=…) has shape {array.shape}: wanted one target for each of the {n} rows.")
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def sample_weights(called: str, name: str, given: Any, n: int) -> Array:
    """An array of shape (n,) of finite numbers of at least 0, not all of them 0."""
    array = _finite(called, name, _array(called, name, given).astype(np.float64))
    if array.shape != (n,):
        raise ValueError(f"{called}({name}=…) has shape {array.shape}: wanted one number for each of the {n} rows.")
    if array.min() < 0:
        k = int(array.argmin())
        raise ValueError(f"{called}({name}=…): {name}[{k}] is {array[k]}; wanted numbers of at least 0.")
    if array.max() == 0:
        raise ValueError(f"{called}({name}=…) is zero for every row: wanted a row that counts.")
    return array


def _array(called: str, name: str, given: Any) -> NDArray[Any]:
    try:
        array = np.asarray(given)
        array = array.astype(np.float64) if array.dtype.kind == "O" else array
    except ValueError:
        raise ValueError(f"{called}({name}=…): {_first_ragged(given)}; wanted rows of one length.") from None
    except TypeError as error:
        raise TypeError(f"{called}({name}=…): wanted numbers; {error}.") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{called}({name}=…): wanted numbers, not an array of {array.dtype}.")
    if len(array.shape) and len(array) == 0:
        raise ValueError(f"{called}({name}=…) is empty: wanted at least one row.")
    return array


def _first_ragged(given: Any) -> str:
    lengths = [len(row) if isinstance(row, Sequence | np.ndarray) else None for row in given]
    for i, length in enumerate(lengths):
        if length != lengths[0]:
            return f"row {i} has {_numbers(length)} where row 0 has {_numbers(lengths[0])}"
    return "its rows are not made of numbers"


def _numbers(length: int | None) -> str:
    return "no length" if length is None else many(length, "number")


def _finite(called: str, name: str, array: Array) -> Array:
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = ", ".join(map(str, bad[0]))
        raise ValueError(f"{called}({name}=…): {name}[{where}] is {array[tuple(bad[0])]}; wanted finite numbers.")
    return array
