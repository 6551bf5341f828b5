"""Every operation, and what can be read about each: `operations()`, and `help(autograd.tanh)`.

All of it is made from the records. What writes formulas is loaded when somebody reads.
"""

import html
import inspect
import re
from collections.abc import Iterator
from typing import Any

from autograd.engine import Value
from autograd.operation import OPS, Family, Op
from autograd.transforms import gradients

__all__ = ["operations"]

_FACTOR_1 = re.compile(r"^1 × \(([^()]*)\)$|^1 × (?=[\w(√∛⌊|])|(?<=[\w)]) × 1$")  # the cotangent of the result
_LONGEST = 72  # characters of a derivative that is worth reading


class Catalogue(tuple[Op, ...]):
    """Operations; shown as a table of names, formulas and meanings."""

    __slots__ = ()

    def __repr__(self) -> str:
        from autograd.render.text import aligned

        return "\n".join(aligned([*self._rows()], left=3))

    def _repr_html_(self) -> str:
        rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in self._rows())
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        return ((op.name, _formula(op), op.meaning) for op in self)


def operations() -> Catalogue:
    """Every operation of `OPS`, a family once for each of its samples."""
    return Catalogue(op for entry in list(OPS.values()) for op in members(entry))


def members(entry: Op | Family) -> list[Op]:
    """An operation itself, or the members with which the laws try a family."""
    return [entry] if isinstance(entry, Op) else [entry(*constants) for constants in entry.samples]


# --- What help shows ------------------------------------------------------------------------------------------


def page(entry: Op | Family) -> str:
    """Formula, derivative, domain and accuracy of an operation; of a family those of its first member."""
    if isinstance(entry, Op):
        return "\n".join(_lines(entry))
    about = inspect.getdoc(vars(entry)["__wrapped__"]) or ""
    shown = entry(*entry.samples[0]) if entry.samples else None
    example = f"For example {shown.name}:\n\n{page(shown)}" if shown else ""
    return "\n\n".join(filter(None, [about, f"Makes operations: {entry.name}{signature(entry)}(x).", example]))


def _lines(op: Op) -> Iterator[str]:
    yield f"{_formula(op)}{op.meaning and f': {op.meaning}'}"
    yield ""
    derivatives = _derivatives(op)
    for name, derivative in zip(operand_names(op), derivatives, strict=False):
        by = "derivative" if len(derivatives) == 1 else f"derivative by {name}"
        yield f"{by}: {derivative}"
    yield f"defined for {op.defined}"
    besides = f", and {op.absolute:g} besides" if op.absolute else ""
    yield f"accuracy: within {op.ulps:g} ulp{besides}, for {_box(op)}"
    for operands, slopes in op.edges:
        passed = ", ".join(f"{slope:g}" for slope in slopes)
        yield f"by convention the derivative at {', '.join(f'{x:g}' for x in operands)} is {passed}"


def _box(op: Op) -> str:
    """Where the accuracy is claimed: `−10 ≤ x ≤ 10`."""
    parts = [f"{low:g} ≤ {name} ≤ {high:g}" for name, (low, high) in zip(operand_names(op), op.domain, strict=False)]
    return ("each " if op.arity is None else "") + ", ".join(parts).replace("-", "−")


def operand_names(op: Op) -> list[str]:
    """Of its operands, as in `backward(g, y, *x)`; of any number of them, for two."""
    return ["x", "y"] if op.arity is None else list(inspect.signature(op.backward).parameters)[2:]


def _operands(op: Op) -> list[Value]:
    """Named, at numbers in the middle of the domain that are no kinks."""
    names = operand_names(op)
    domain = (op.domain * len(names))[: len(names)]
    middle = [(max(low, -4.0) + min(high, 4.0)) / 2 for low, high in domain]
    inside = [low < x + 0.25 < high for x, (low, high) in zip(middle, domain, strict=True)]
    return [Value(x + 0.25 * is_in, name) for x, is_in, name in zip(middle, inside, names, strict=True)]


def _formula(op: Op) -> str:
    from autograd.render import expression

    try:
        return str(expression(op(*_operands(op))))
    except Exception:  # whatever is wrong with an operation that is not finished, its name is right
        return op.name


def _derivatives(op: Op) -> list[str]:
    """As formulas of the operands; none where the rule is too long to be read."""
    from autograd.render import expression

    operands = _operands(op)
    try:
        found = [str(expression(each)) for each in gradients(op(*operands), operands)]
    except Exception:  # whatever is wrong with a rule, help should help
        return []
    plain = [_FACTOR_1.sub(r"\1", text) for text in found]
    return plain if max(map(len, plain), default=0) <= _LONGEST else []


def signature(entry: Op | Family) -> inspect.Signature:
    """What an operation is called with: its operands; of a family the constants."""
    if isinstance(entry, Family):
        return inspect.signature(vars(entry)["__wrapped__"]).replace(return_annotation=inspect.Signature.empty)
    P = inspect.Parameter
    if entry.arity is None:
        return inspect.Signature([P("operands", P.VAR_POSITIONAL)])
    return inspect.Signature([P(name, P.POSITIONAL_ONLY) for name in operand_names(entry)])


class _OfEach:
    """An attribute that a class has, and each of its instances otherwise."""

    def __init__(self, of_class: Any, of_each: Any) -> None:
        self._of_class, self._of_each = of_class, of_each

    def __get__(self, entry: Any, kind: type) -> Any:
        if entry is not None:
            return self._of_each(entry)
        if self._of_class is None:
            raise AttributeError
        return self._of_class


for _kind in (Op, Family):
    setattr(_kind, "__doc__", _OfEach(_kind.__doc__, page))  # noqa: B010 - to a type checker it is a text
    setattr(_kind, "__signature__", _OfEach(None, signature))  # noqa: B010
