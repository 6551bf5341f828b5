"""What NumPy and pandas do with Values, by trying it: `make numpy`.

Prints the tables of docs/numpy.md; `--write` puts them there. Every line is code that is run twice, on floats and on
Values: the numbers have to be the same, and the gradient that of the floats, by differences.
"""

import argparse
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from autograd import Value, commands, gradients

PAGE = Path(__file__).parents[1] / "numpy.md"

# --- What is tried --------------------------------------------------------------------------------------------

FUNCTIONS = {
    "Sums and statistics": """
        a.sum()  np.sum(A, axis=0)  np.prod(a)  np.cumsum(a)  np.cumprod(a)  np.diff(a)  a.mean()
        np.mean(A, axis=1)  np.average(a, weights=b)  np.var(a)  np.std(a)  np.var(A, axis=0, ddof=1)  np.median(a)
        np.percentile(a, 30)  np.quantile(a, 0.3)  np.ptp(a)  np.nanmean(a)  np.nansum(a)  np.trapezoid(a, b)
        np.cov(A)  np.corrcoef(A)  np.histogram(a, bins=2)
    """,
    "Products and norms": """
        a @ b  A @ b  A[:, :2] @ A  np.dot(a, b)  np.inner(a, b)  np.outer(a, b)  np.vdot(a, b)  np.vecdot(a, b)
        np.matvec(A, b)  np.vecmat(b, A.T)  np.tensordot(A, A, 2)  np.einsum("ij,j->i", A, b)  np.kron(a, b)
        np.cross(a, b)  np.trace(A[:, :2])  np.convolve(a, b)  np.correlate(a, b)  np.linalg.norm(a)
        np.linalg.norm(A, axis=1)  np.linalg.norm(a, 1)  np.linalg.norm(a, np.inf)
        np.linalg.matrix_power(A[:, :2], 3)  np.linalg.det(A[:, :2])  np.linalg.inv(A[:, :2])
        np.linalg.solve(A[:, :2], b[:2])  np.linalg.eigh(A[:, :2])  np.linalg.svd(A)  np.fft.fft(a)
    """,
    "Choices and order": """
        np.where(a > 0, a * a, -a)  np.where(x > 0, x * x, -x)  np.select([a > 1, a > 0], [a * a, -a], b)
        np.piecewise(a, [a > 0], [np.exp, np.square])  np.piecewise(x, [x > 0], [np.exp, np.square])
        np.clip(a, -1, 1)  np.clip(x, -1, 1)  a.max()  np.min(A, axis=0)  np.maximum(a, b)  np.maximum.reduce(a)
        np.sort(a)  np.argsort(a)  np.argmax(a)  np.searchsorted(np.sort(a), x)  np.unique(a)  np.nonzero(a)
        np.any(a > 1)  np.isin(a, b)  np.count_nonzero(a)
    """,
    "Shapes": """
        np.concatenate([a, b])  np.stack([a, b])  np.reshape(A, (3, 2))  A.T  np.roll(a, 1)  np.flip(a)
        np.repeat(a, 2)  np.tile(a, 2)  np.diag(a)  np.triu(A)  np.pad(a, 1)  np.append(a, x)  np.squeeze(A[:1])
        np.broadcast_to(a, (2, 3))  np.meshgrid(a, b)[0]  np.take(a, [0, 2])  np.insert(a, 1, x)  np.full(3, x)
        np.linspace(x, 1, 4)  np.lib.stride_tricks.sliding_window_view(a, 2).mean(axis=1)
        np.vectorize(lambda v: v * v)(a)  np.frompyfunc(np.logaddexp, 2, 1)(a, b)  np.apply_along_axis(np.sum, 0, A)
    """,
    "Rounding, comparing and the rest": """
        np.round(a)  np.round(x, 1)  np.fix(a)  np.allclose(a, [1.4, -0.4, 0.9])  np.allclose(a, a)
        np.isclose(x, 1.0)  np.array_equal(a, b)  np.nan_to_num(x)  np.nan_to_num(a)  np.isreal(a)  np.real(a)
        np.conj(a)  np.sinc(a)  np.unwrap(a)  np.angle(a)  np.gradient(a)  np.ediff1d(a)  np.polyval(a, x)
        np.polynomial.polynomial.polyval(x, a)  np.polyfit(b, a, 1)  np.interp(x, [0, 1], [2, 5])  np.i0(x)
        np.heaviside(x, 0.5)
    """,
}
PANDAS = {
    "A column": """
        s + s  2 * s / t  s * x  s**2  -s  s.abs()  s > 0  s.sum()  s.prod()  s.cumsum()  s.cumprod()  s.diff()
        s.pct_change()  s.shift(1)  s.min()  s.max()  s.cummax()  s.sort_values()  s.idxmax()  s.quantile(0.5)
        s.round()  s.clip(-1, 1)  s.where(s > 0, t)  s.mask(s > 0, t)  s.map(np.tanh)  s.apply(lambda v: v * v)
        np.exp(s)  s.dot(t)  s.isna()  s.fillna(0)  s.rank()  s.between(0, 1)  s.loc[0]  s.to_numpy().mean()
        s.to_numpy().std(ddof=1)  s.mean()  s.var()  s.std()  s.sem()  s.median()  s.skew()  s.corr(t)  s.cov(t)
        s.describe()  s.rolling(2).mean()  s.rolling(2).sum()  s.rolling(2).apply(np.sum)  s.expanding().mean()
        s.ewm(1).mean()  s.interpolate()  np.hypot(s, t)  np.logaddexp(s, t)
    """,
    "A frame": """
        d["a"] * d["b"]  d + 1  d * d  d.sum()  d.sum(axis=1)  d.T  d.assign(c=d["a"] ** 2)  d.eval("a * b + 1")
        d[d["a"] > 0]  d.apply(np.sum)  d.map(np.tanh)  np.exp(d)  d.mean()  d.to_numpy().mean(axis=0)  d.std()
        d.cov()  d.corr()  d.describe()  d @ d.T  d.groupby(k).sum()  d.groupby(k).mean()
        d.groupby(k)["a"].agg(lambda v: v.sum())  pd.concat([d, d])
        d.merge(d.assign(key=1), left_index=True, right_index=True)  d.sort_values("a")
        d.pivot_table(values="a", index=k, aggfunc="sum")
    """,
}
WINDOWS = "np.lib.stride_tricks.sliding_window_view(s.to_numpy(), 2)"
INSTEAD = {
    "np.cov(A)": "np.cov(A, aweights=np.ones(3))",
    "np.corrcoef(A)": "(C := np.cov(A, aweights=np.ones(3))) / np.sqrt(np.outer(np.diag(C), np.diag(C)))",
    "np.linalg.det(A[:, :2])": "A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]",
    "np.allclose(a, a)": "np.allclose(a, [v.data for v in a])",
    "np.percentile(a, 30)": "pd.Series(a).quantile(0.3)",
    "np.quantile(a, 0.3)": "pd.Series(a).quantile(0.3)",
    "np.gradient(a)": "np.concatenate([[a[1] - a[0]], (a[2:] - a[:-2]) / 2, [a[-1] - a[-2]]])",
    "np.angle(a)": "np.array([np.arctan2(0.0, v) for v in a])",
    "np.interp(x, [0, 1], [2, 5])": "2 + (5 - 2) * x",
    "s.mean()": "s.to_numpy().mean()",
    "s.var()": "s.to_numpy().var(ddof=1)",
    "s.std()": "s.to_numpy().std(ddof=1)",
    "s.sem()": "s.to_numpy().std(ddof=1) / len(s) ** 0.5",
    "s.median()": "np.median(s.to_numpy())",
    "s.cov(t)": "np.cov(s.to_numpy(), t.to_numpy(), aweights=np.ones(3))[0, 1]",
    "s.corr(t)": "(C := np.cov(s.to_numpy(), t.to_numpy(), aweights=np.ones(3)))[0, 1] / np.sqrt(C[0, 0] * C[1, 1])",
    "np.logaddexp(s, t)": "s.combine(t, np.logaddexp)",
    "d.mean()": "pd.Series(d.to_numpy().mean(axis=0), d.columns)",
    "d.std()": "pd.Series(d.to_numpy().std(axis=0, ddof=1), d.columns)",
    "d.cov()": "pd.DataFrame(np.cov(d.to_numpy().T, aweights=np.ones(3)), d.columns, d.columns)",
    "d.groupby(k).mean()": "d.groupby(k).agg(lambda v: v.to_numpy().mean())",
    "d.corr()": "(C := np.cov(d.to_numpy().T, aweights=np.ones(3))) / np.sqrt(np.outer(np.diag(C), np.diag(C)))",
    'd.eval("a * b + 1")': 'd["a"] * d["b"] + 1',
    **{
        f"s.rolling(2).{line}": f"np.append(np.nan, {WINDOWS}.{name}(axis=1))"
        for line, name in (("mean()", "mean"), ("sum()", "sum"), ("apply(np.sum)", "sum"))
    },
    "s.expanding().mean()": "s.cumsum() / range(1, 4)",
}
"""What to write where the line does not work; it is tried too."""

NUMBERS = {
    "x": [0.6],
    "y": [1.7],
    "a": [1.4, -0.4, 0.9],
    "b": [0.3, 0.8, 2.1],
    "A": [[0.5, 1.2, -0.7], [0.4, 2.0, 0.1]],
    "u": [0.4, 0.2, 0.9],
    "v": [1.5, 1.2, 1.9],
    "i": [6],
    "j": [4],
    "m": [6, 3, 5],
    "n": [4, 2, 1],
}
COLUMNS = {"s": "a", "t": "b", "d": "ab"}
OPERANDS = {1: [("x", "u"), ("y", "v"), ("i", "m")], 2: [("x, y", "u, v"), ("x, 4", "u, [4, 2, 1]"), ("i, j", "m, n")]}
"""Of a ufunc, by the number of its operands: numbers, and arrays; whole numbers where there are no others."""

# --- The trial ------------------------------------------------------------------------------------------------

_STEP, _NEAR = 1e-6, 1e-7


@dataclass(frozen=True)
class Outcome:
    """What became of a line.

    Attributes:
        verdict: "right": the numbers, and where they have a derivative, the gradient. "plain": numbers or bools without
            a graph, that need none. "refused": an error. "other": other numbers, or not the gradient.
        why: of a refusal, its first sentence.
    """

    verdict: str
    why: str = ""


def tried(code: str, wanted: str = "") -> Outcome:
    """`code` on Values, beside `wanted` (or itself) on floats."""
    names = [name for name in NUMBERS if re.search(rf"\b{name}\b", code) or any(
        name in of and re.search(rf"\b{column}\b", code) for column, of in COLUMNS.items()
    )]  # fmt: skip
    there = {name: np.array(NUMBERS[name]) for name in names}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = numbers(run(wanted or code, there))
        nodes = {name: _values(array) for name, array in there.items()}
        try:
            found = numbers(run(code, nodes))
        except Exception as error:
            return Outcome("refused", _first_cause(error))
        slopes = list(_slopes(wanted or code, there, expected))
    data = [each.data if isinstance(each, Value) else each for each in found]
    same = len(data) == len(expected) and all(map(_alike, data, expected))
    leaves = [leaf for array in nodes.values() for leaf in array.flat]
    return Outcome(_verdict(found, leaves, slopes) if same else "other")


def run(code: str, arrays: dict[str, Any]) -> Any:
    """The value of a line. Arrays of one number are that number; columns and frames are made of arrays."""
    names: dict[str, Any] = {name: array[0] if array.shape == (1,) else array for name, array in arrays.items()}
    columns = {"a": arrays.get("a"), "b": arrays.get("b")}
    if re.search(r"\b[std]\b", code):
        s, t = (pd.Series(each) for each in columns.values())
        d = pd.DataFrame({name: each for name, each in columns.items() if each is not None})
        names |= {"s": s, "t": t, "d": d, "k": [0, 0, 1]}
    return eval(code, {"np": np, "pd": pd, "special": special, **names})


def numbers(result: Any) -> list[Any]:
    """All numbers of a result, in order."""
    if isinstance(result, tuple | list | dict):
        return [each for part in (result.values() if isinstance(result, dict) else result) for each in numbers(part)]
    if isinstance(result, Value):
        return [result]
    return np.asarray(result).ravel().tolist()


def _values(array: Any) -> Any:
    return np.array([Value(each) for each in array.ravel().tolist()], dtype=object).reshape(array.shape)


def _weighted(found: list[Any]) -> Any:
    """One number that depends on all of them, each in its own way."""
    return sum((1 + 0.1 * k) * each for k, each in enumerate(found) if _counts(each))


def _counts(each: Any) -> bool:
    return isinstance(each, Value) or (isinstance(each, int | float) and each == each)


def _slopes(code: str, arrays: dict[str, Any], expected: list[Any]) -> Iterator[float]:
    """The derivative of `_weighted` by each number, from differences; 0 where the number is whole."""
    for name, array in arrays.items():
        for k in range(array.size):
            if array.dtype.kind != "f":
                yield 0.0
                continue
            totals = []
            for step in (_STEP, -_STEP):
                moved = array.copy()
                moved.flat[k] += step
                totals.append(_weighted(numbers(run(code, {**arrays, name: moved}))))
            yield float(totals[0] - totals[1]) / (2 * _STEP)


def _verdict(found: list[Any], leaves: list[Value], slopes: list[float]) -> str:
    total = _weighted(found)
    if not isinstance(total, Value):
        return "other" if any(map(bool, slopes)) else "plain"
    ours = [slope.data for slope in gradients(total, leaves)]
    return "right" if np.allclose(ours, slopes, rtol=_NEAR, atol=_NEAR) else "other"


def _alike(ours: Any, wanted: Any) -> bool:
    if isinstance(wanted, float) and isinstance(ours, int | float):
        return bool(np.isclose(ours, wanted, rtol=1e-12, atol=1e-15, equal_nan=True))
    return bool(ours == wanted) or (ours is None and wanted != wanted)


def _first_cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{error}".split("; ")[0]


# --- Ufuncs ---------------------------------------------------------------------------------------------------


def ufuncs() -> dict[str, Any]:
    """Every ufunc of NumPy's that computes element by element, by its own name."""
    found = {each.__name__: each for each in vars(np).values() if isinstance(each, np.ufunc) and not each.signature}
    del found["isnat"]  # of dates only
    return dict(sorted(found.items()))


def calls(name: str) -> tuple[str, str]:
    """A call of a ufunc with numbers, and one with arrays, that floats or else integers have."""
    for operands in OPERANDS[ufuncs()[name].nin]:
        codes = f"np.{name}({operands[0]})", f"np.{name}({operands[1]})"
        try:
            with np.errstate(all="raise"):
                run(codes[0], {key: np.array(given) for key, given in NUMBERS.items()})
        except (TypeError, FloatingPointError):
            continue
        return codes
    raise LookupError(f"np.{name} takes none of the numbers that are tried")


def one_by_one(name: str) -> str:
    """The line that does on arrays what the ufunc does on numbers."""
    ufunc = ufuncs()[name]
    return calls(name)[1].replace(f"np.{name}(", f"np.frompyfunc(np.{name}, {ufunc.nin}, {ufunc.nout})(")


# --- The page -------------------------------------------------------------------------------------------------

HEAD = """# NumPy and pandas

Generated by `make numpy`; do not edit. Every expression below was run twice, on floats and on Values, with NumPy
{numpy} and pandas {pandas}. The numbers are the same, and the gradient agrees with the differences of the floats.

- **A Value in a ufunc** (`np.hypot(x, 2.0)`, `np.float64(2) * x`) records the operation, by itself or among arrays.
- **An array of Values** has `dtype=object`. NumPy applies Python's operators to its elements, or calls the method of
  each element that has the ufunc's name. A ufunc that can do neither raises an error:
  `np.frompyfunc(np.logaddexp, 2, 1)(a, b)` applies it to one Value after another. The same helps where a method would
  be called and the first operand is a plain number: `np.frompyfunc(np.hypot, 2, 1)(2.0, a)`.
- **An array of shape ()**, such as the result of `np.where(x > 0, x * x, -x)`, counts as the number in it. So do such
  arrays of JAX and PyTorch.
- **Ties.** On arrays, NumPy itself picks the larger or the smaller element. Of equal ones, the first gets the whole
  slope, and where `np.clip` cuts, the result is the bound, a plain number. On Values, `np.maximum` is
  `autograd.maximum`, which shares the slope.
- **Floats.** Code that needs floats (`math.sin`, `np.zeros(3)[0] = x`, `column.mean()`) would silently lose the
  graph, so a Value refuses to become a float. The message says what to write instead. Where pandas raises an error of
  its own, this message is shown above it, as the cause.

In these expressions, `x` and `y` are Values; `a` and `b` (of length 3) and `A` (2 × 3) are arrays of Values; `s` and
`t` are columns, `d` is a frame of two such columns, and `k` holds keys.

## Ufuncs

| of a Value | of an array of Values | |
|---|---|---|
"""

WORDS = {
    ("right", "right"): "a Value, with the gradient | the same",
    ("right", "plain"): "a Value, with the gradient 0 | plain numbers, as the gradient is 0",
    ("plain", "plain"): "a bool | bools",
    ("plain", "other"): "a bool | the operand that decides, as with Python's `and` and `or`",
    ("right", "refused"): "a Value, with the gradient | refused; write `np.frompyfunc(np.copysign, 2, 1)(a, b)`",
    ("plain", "refused"): "a bool | refused; write `np.frompyfunc(np.isnan, 1, 1)(a)`",
    ("refused", "refused"): "refused: it has no derivative, or takes only whole numbers | refused",
}
SPECIAL = ("erf", "erfc", "erfinv", "expit", "gammaln", "log_expit", "psi")


def ufunc_rows() -> Iterator[str]:
    """The ufuncs by what becomes of them."""
    kinds: dict[tuple[str, str], list[str]] = {kind: [] for kind in WORDS}
    for name in ufuncs():
        one, many = (tried(code).verdict for code in calls(name))
        kinds[one, many].append(f"`{name}`")
        if one != "refused" and tried(one_by_one(name), calls(name)[1]).verdict not in ("right", "plain"):
            raise AssertionError(f"{one_by_one(name)} does not do what {calls(name)[1]} does")
    for kind, names in kinds.items():
        if names:
            yield f"| {WORDS[kind]} | {', '.join(names)} |"


def section(title: str, lines: str) -> Iterator[str]:
    """What works, what gives plain numbers, and what to write for the rest."""
    outcomes = {code: tried(code).verdict for code in re.split(r"\s{2,}", lines.strip())}
    yield f"\n### {title}\n"
    titles = {"right": "With the gradient", "plain": "Numbers and bools with nothing to differentiate"}
    for verdict, words in titles.items():
        if codes := [f"`{code}`" for code, outcome in outcomes.items() if outcome == verdict]:
            yield f"{words}: {', '.join(codes)}.\n"
    others = [code for code, outcome in outcomes.items() if outcome not in ("right", "plain")]
    if others:
        yield "| not on Values | write |\n|---|---|"
    for code in others:
        if (instead := INSTEAD.get(code)) and tried(instead, code).verdict not in ("right", "plain"):
            raise AssertionError(f"{instead} does not do what {code} does")
        nothing = "— (it gives something else)" if outcomes[code] == "other" else "—"
        yield f"| `{code}` | {f'`{instead}`' if instead else nothing} |"


def page() -> str:
    """docs/numpy.md."""
    lines = [HEAD.format(numpy=np.__version__, pandas=pd.__version__) + "\n".join(ufunc_rows())]
    of_scipy = [f"`special.{name}`" for name in SPECIAL if tried(f"special.{name}(x)").verdict == "right"]
    lines.append(f"\nSciPy's functions that take a Value and keep the gradient: {', '.join(of_scipy)}.")
    for heading, groups in (("Functions and methods of arrays", FUNCTIONS), ("Columns and frames", PANDAS)):
        lines.append(f"\n## {heading}")
        for title, codes in groups.items():
            lines += section(title, codes)
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def main() -> None:
    """Try everything, and print the page."""
    parser = argparse.ArgumentParser(prog="python -m docs.build.with_numpy", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    options = parser.parse_args()
    text = page()
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(commands.run(main, "docs.build.with_numpy"))
