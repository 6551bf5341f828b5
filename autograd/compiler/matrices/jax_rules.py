"""Operations as functions in JAX, with our derivatives: what an operation passes back is its rule, not JAX's.

JAX differentiates what a program says, but at kinks, where digits cancel, and where numbers overflow on the way, our
rules and JAX's differ. So each operation that is more than a sum of products is a function of its own, and `own` gives
it its slopes. These are linear in the cotangent, and so the same forms are those of tangents.
"""

import re
from collections.abc import Callable, Sequence

from autograd.compiler.loops.code import Expression
from autograd.compiler.matrices.steps import form_of, reduces
from autograd.compiler.printers.jax_words import JaxWriter, function
from autograd.compiler.slopes import shared_slope, slopes
from autograd.compiler.sums import terms_of
from autograd.errors import NotCompilable
from autograd.forms import REDUCTIONS, Form
from autograd.operation import Op

Fresh = Callable[[str, bool], str]
_Terms = list[tuple[Form, tuple[str | float, ...]]]
"""Forms, and what stands for their operands: the tangent, the value, then the operands of the operation."""

_OWN = '''
def own(*slopes):
    """Gives a function derivatives of its own: what an operand adds to the tangent of the value y, if t is its own."""

    def with_slopes(function):
        function = jax.custom_jvp(function)

        def rule(operands, tangents):
            y = function(*operands)
            still = [isinstance(t, jax.custom_derivatives.SymbolicZero) for t in tangents]
            each = [slope(t, y, *operands) for slope, t, zero in zip(slopes, tangents, still) if slope and not zero]
            return y, sum(each, jnp.zeros_like(y))

        function.defjvp(rule, symbolic_zeros=True)
        return function

    return with_slopes

'''


def is_sum(op: Op) -> bool:
    """Whether it is a sum of products, which JAX differentiates as we do."""
    return op.form is not None and op.arity is not None and terms_of(op, op.arity) is not None


class Functions(JaxWriter):
    """Writes the operations of a module, each once.

    Args:
        differentiate: refuse an operation whose rule cannot be written; else JAX differentiates it.
    """

    def __init__(self, differentiate: bool) -> None:
        super().__init__()
        self._differentiate = differentiate
        self._names: dict[tuple[Op, tuple[str, ...]], str] = {}

    @property
    def written(self) -> list[str]:
        """The functions, and what they need."""
        return [*([_OWN] if any(each.startswith("@own(") for each in self.statics) else []), *self.statics]

    def of(self, op: Op, numbers: Sequence[float | None], fresh: Fresh) -> str:
        """The name of an operation as a function of those operands that are not numbers already."""
        key = op, tuple(map(str, numbers))
        if key not in self._names:
            moving = [k for k, number in enumerate(numbers) if number is None]
            letter = dict(zip(moving, "x" if len(moving) == 1 else "abcdef", strict=False))
            atoms = [letter.get(k, f"x{k}") if number is None else number for k, number in enumerate(numbers)]

            def passed() -> list[_Terms]:
                found = slopes(op, len(numbers))
                return [[(slope.form, ("t", "y", *atoms))] if (slope := found[k]) else [] for k in moving]

            name = self._names[key] = fresh(_words(op.name, *(x for x in numbers if x is not None)), False)
            self._define(op, name, atoms, [str(atoms[k]) for k in moving], passed)
        return self._names[key]

    def of_many(self, op: Op, count: int, fresh: Fresh) -> str:
        """The name of an operation that takes any number of operands, as a function of these along axis 0."""
        key = op, (str(count),)
        if key not in self._names:

            def passed() -> list[_Terms]:
                if (form := shared_slope(op, count)) is not None and not _sums_tangents(form):
                    return [[(Form("sum", (form,)), ("t", "y", "x"))]]
                each = [f"x[{k}]" for k in range(count)]
                return [[(slope.form, (f"t[{k}]", "y", *each)) for k, slope in enumerate(slopes(op, count)) if slope]]

            name = self._names[key] = fresh(_words(op.name), False)
            self._define(op, name, ["x"], ["x"], passed)
        return self._names[key]

    def _define(
        self,
        op: Op,
        name: str,
        atoms: Sequence[str | float],
        operands: Sequence[str],
        passed: Callable[[], list[_Terms]],
    ) -> None:
        value, rules = self._value(op, atoms, operands), self._rules(op, name, operands, passed)
        head = "" if rules is None else f"@own({', '.join(rules)})\n"
        if len(head) > 120:
            head = "\n".join(["@own(", *(f"    {rule}," for rule in rules or ()), ")", ""])
        self.statics.append(head + "\n".join(function(name, ", ".join(operands), *value)))

    def _value(self, op: Op, atoms: Sequence[str | float], operands: Sequence[str]) -> tuple[list[str], str]:
        """The body of the function, and its result: as many numbers as its operands, whether it reads them or not."""
        self.subject, self.dtype, self._temporaries = f"the form of {op.name!r}", f"{operands[0]}.dtype", 0
        form = form_of(op, len(atoms))
        lines, text = self.expression(Expression(form, tuple(atoms)))
        if not {*operands} <= {atoms[k] for k in form.operands} and "args" not in form.words:
            shape = f"jnp.broadcast_shapes({', '.join(f'{x}.shape' for x in operands)}){'[1:]' if reduces(op) else ''}"
            text = f"jnp.full({shape}, {text}, {self.dtype})"
        return lines, text

    def _rules(
        self, op: Op, name: str, operands: Sequence[str], passed: Callable[[], list[_Terms]]
    ) -> list[str] | None:
        """For each operand what its tangent gives, a function or "None"; None if they cannot be written."""
        self.subject, self.dtype = f"the rule of {op.name!r}", "t.dtype"
        try:
            each = zip(operands, passed(), strict=True)
            return [self._slope(f"slope_of_{name}_by_{x}", operands, terms) if terms else "None" for x, terms in each]
        except NotCompilable:
            if self._differentiate:
                raise
            return None

    def _slope(self, name: str, operands: Sequence[str], terms: _Terms) -> str:
        """A function of the tangent, the value and the operands: the sum of these terms."""
        self._temporaries, parameters = 0, ", ".join(["t", "y", *operands])
        written = [self.expression(Expression(*term)) for term in terms]
        lines, text = [line for lines, _ in written for line in lines], " + ".join(text for _, text in written)
        if not lines:
            return f"lambda {parameters}: {text}"
        self.statics.append("\n".join(function(name, parameters, lines, text)))
        return name


def _words(*parts: str | float) -> str:
    """A name of these parts."""
    return re.sub(r"\W+", "_", "_".join(map(str, parts))).strip("_")


def _sums_tangents(form: Form) -> bool:
    """Whether a sum within it is of what an operand's own tangent is part of."""
    return any(part.word in REDUCTIONS and 0 in part.operands for part in form.walk())
