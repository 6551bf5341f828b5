"""The message where code asks a Value for a float: who asked, and what to write there instead.

C code asks too (`math.sin`), and leaves no frame. But the Python code that called it stands at the call, and the
instructions that load a function begin in the column where its call does. Where that tells nothing, nothing is guessed.
"""

import dis
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any

from autograd.operation import OPS, Op

_ENGINE = (__name__, "autograd.engine")
_LIBRARIES = ("jax", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "statistics", "torch")
_CALL, _ITEM, _STORE = "()", "[…]", "array[…] = x"
_OBJECTS = "make the array with dtype=object"
INSTEAD = {
    "math.degrees": "write x * (180 / math.pi)",
    "math.dist": "write autograd.sqrt(autograd.sum((a - b) ** 2 for a, b in zip(p, q)))",
    "math.fabs": "write abs(x)",
    "math.fsum": "write autograd.sum(xs)",
    "math.gamma": "write autograd.exp(autograd.lgamma(x)), for x > 0",
    "math.hypot": "write autograd.hypot(x, y), and of more numbers autograd.sqrt(autograd.sum(x * x for x in xs))",
    "math.ldexp": "write x * 2.0**n",
    "math.log": "write autograd.log(x), and to a base b autograd.log(x) / autograd.log(b)",
    "math.modf": "write (x - math.trunc(x), math.trunc(x))",
    "math.radians": "write x * (math.pi / 180)",
    "math.remainder": "write x - y * round(x / y)",
    "math.sumprod": "write autograd.dot(p, q)",
    "statistics.fmean": "write autograd.mean(xs)",
    "numpy.array": _OBJECTS,
    "numpy.asarray": _OBJECTS,
    "numpy.astype": _OBJECTS,
    "numpy.fill": _OBJECTS,
    "numpy.full": _OBJECTS,
    "numpy.fromiter": _OBJECTS,
    "numpy.normal": "write x + y * generator.normal()",
    "numpy.uniform": "write x + (y - x) * generator.uniform()",
    _STORE: f"{_OBJECTS}, as in np.zeros(n, dtype=object)",
    "pandas.corr": "write C = np.cov(column.to_numpy(), other.to_numpy(), aweights=np.ones(len(column))) and then "
    "C[0, 1] / np.sqrt(C[0, 0] * C[1, 1])",
    "pandas.cov": "write np.cov(column.to_numpy(), other.to_numpy(), aweights=np.ones(len(column)))[0, 1]",
    "pandas.groupby": "write {key: group.to_numpy().mean() for key, group in column.groupby(keys)}",
    "pandas.mean": "write column.to_numpy().mean()",
    "pandas.median": "write np.median(column.to_numpy())",
    "pandas.rolling": "write np.lib.stride_tricks.sliding_window_view(column.to_numpy(), n).mean(axis=1)",
    "pandas.sem": "write column.to_numpy().std(ddof=1) / len(column) ** 0.5",
    "pandas.std": "write column.to_numpy().std(ddof=1)",
    "pandas.var": "write column.to_numpy().var(ddof=1)",
    **dict.fromkeys(("pandas.ewm", "pandas.expanding", "pandas.resample", "pandas"), "compute with column.to_numpy()"),
    "matplotlib": "give it [x.data for x in xs]",
}
"""Of a function, else of its library. x, y are numbers; xs, p, q several of them; a column is one of a DataFrame."""


def asking() -> FrameType | None:
    """The frame of the Python code that asked the engine, or that called the C code that did."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in _ENGINE:  # a compiled engine leaves no frame
        frame = frame.f_back
    return frame


def would_drop(shown: str) -> str:
    """The sentence that refuses a float; `shown` is the Value, as messages show it."""
    library, frame = "", asking()
    while frame is not None and (inside := _top(frame.f_globals.get("__name__"))) in _LIBRARIES:
        library, frame = inside, frame.f_back
    names = list(_called(frame.f_code, frame.f_lasti)) if frame is not None else []
    function, first = _looked_up(names, frame) if frame is not None else (None, None)
    nobody = not names or names[-1] == _CALL or (_home(function, first) == "builtins" and names != [_STORE])
    if nobody:
        return (
            f"float({shown}) would drop the graph: the number is x.data, and of the functions in math use autograd's, "
            "as in autograd.sin(x); grad, jacobian and hessian give plain numbers under no_grad()."
        )
    known = [getattr(function, "__name__", names[-1])] if function is not None else names[1:] or names
    instead = _instead(library or _home(function, first), known)
    written = ".".join(names).replace(f".{_CALL}", _CALL).replace(f".{_ITEM}", _ITEM)
    instead = f": {instead}; the" if instead else "; the"
    return f"in {written}, float({shown}) would drop the graph{instead} number alone is x.data."


def _instead(library: str, names: list[str]) -> str:
    for key in (*(f"{library}.{name}" for name in names), names[-1], library):
        if key in INSTEAD:
            return INSTEAD[key]
    op = OPS.get(names[-1]) if library in ("math", "cmath") else None
    return f"write autograd.{op.name}({', '.join('xyz'[: op.arity])})" if isinstance(op, Op) else ""


def _home(function: Any, first: Any) -> str:
    """The library of a function; where only an object knows the function, that of the object's class."""
    if function is None:
        return _top(first.__name__ if isinstance(first, ModuleType) else type(first).__module__)
    return _top(getattr(function, "__module__", None) or type(getattr(function, "__self__", function)).__module__)


def _top(module: Any) -> str:
    return module.split(".")[0] if isinstance(module, str) else ""


def _called(code: CodeType, at: int) -> Iterator[str]:
    """The names that lead to what is called at an instruction: `math`, `sin`; `column`, `rolling`, `()`, `mean`."""
    instructions = [each for each in dis.get_instructions(code) if each.offset <= at]
    now = instructions.pop()
    if now.opname == "STORE_SUBSCR":
        yield _STORE
    if not now.opname.startswith("CALL") or (start := _begins(now)) is None:
        return
    for each in instructions:
        if _begins(each) == start:
            if each.opname.startswith("LOAD_") and isinstance(each.argval, str):
                yield each.argval
            elif each.opname.startswith("CALL"):
                yield _CALL
            elif each.opname in ("BINARY_SUBSCR", "BINARY_OP"):
                yield _ITEM


def _begins(instruction: dis.Instruction) -> tuple[int, int] | None:
    """Line and column of its source."""
    where = instruction.positions
    if where is None or where.lineno is None or where.col_offset is None:
        return None
    return where.lineno, where.col_offset


def _looked_up(names: list[str], frame: FrameType) -> tuple[Any, Any]:
    """The function of these names, if only modules lead to it, else None; and what the first name stands for.

    Nothing is asked for an attribute but modules: others may compute it.
    """
    thing = first = {**frame.f_builtins, **frame.f_globals, **frame.f_locals}.get(names[0]) if names else None
    for name in names[1:]:
        thing = vars(thing).get(name) if isinstance(thing, ModuleType) else None
    return thing, first
