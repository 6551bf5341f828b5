"""Operations as functions in JAX, with our derivatives: what an operation passes back is its rule, not JAX's.

JAX differentiates what a program says, but at kinks, where digits cancel, and where numbers overflow on the way, our
rules and JAX's differ. So each operation that is more than a sum of products is a function of its own, and `own` gives
it its slopes. These are linear in the cotangent, and so the same forms are those of tangents.
"""

import re
from collections.abc import Callable, Sequence

from autograd.compiler.code import Expression
from autograd.compiler.jax_words import JaxWriter
from autograd.compiler.slopes import shared_slope, slopes
from autograd.compiler.steps import form_of, reduces
from autograd.errors import NotCompilable
from autograd.forms import REDUCTIONS, Form, products
from autograd.operation import Op

Fresh = Callable[[str, bool], str]

_OWN = '''
def own(*slopes):
    """Gives a function derivatives of its own: what an operand adds to the tangent of the value y, if t is its own."""

    def with_slopes(function):
        function = jax.custom_jvp(function)

        def rule(operands, tangents):
            y = function(*operands)
            moving = [not isinstance(t, jax.custom_derivatives.SymbolicZero) for t in tangents]
            moves = [slope(t, y, *operands) for slope, t, moves in zip(slopes, tangents, moving) if slope and moves]
            return y, sum(moves, jnp.zeros_like(y))

        function.defjvp(rule, symbolic_zeros=True)
        return function

    return with_slopes

'''


def is_sum(op: Op) -> bool:
    """Whether it is a sum of products of all its operands, which JAX differentiates as we do."""
    return op.form is not None and products(op.form) is not None and op.form.operands == set(range(op.arity or 0))


class Functions(JaxWriter):
    """Writes the operations of a module, each once.

    Args:
        differentiate: refuse an operation whose rule cannot be written; else JAX differentiates it.
    """

    def __init__(self, differentiate: bool) -> None:
        super().__init__()
        self._differentiate = differentiate
        self._names: dict[tuple[Op, tuple[float | None, ...] | int], str] = {}

    @property
    def helpers(self) -> list[str]:
        return [_OWN] if any(each.startswith("@own(") for each in self.statics) else []

    def of(self, op: Op, numbers: tuple[float | None, ...], fresh: Fresh) -> str:
        """The name of an operation as a function of those operands that are not numbers already."""
        if (op, numbers) not in self._names:
            moving = [k for k, number in enumerate(numbers) if number is None]
            letter = dict(zip(moving, "x" if len(moving) == 1 else "abcdef", strict=False))
            atoms = [letter.get(k, f"x{k}") if number is None else number for k, number in enumerate(numbers)]
            given = [str(atoms[k]) for k in moving]
            name = self._names[op, numbers] = fresh(_words(op.name, *(x for x in numbers if x is not None)), False)
            value = self._value(op, form_of(op, len(numbers)), atoms, given)

            def passed() -> list[str | None]:
                found = slopes(op, len(numbers))
                each = [(atoms[k], slope and [(slope.form, ("t", "y", *atoms))]) for k, slope in enumerate(found)]
                return [
                    terms and self._slope(f"{name}_by_{at}", given, terms)
                    for at, terms in map(each.__getitem__, moving)
                ]

            self._define(name, given, value, self._rules(op, passed))
        return self._names[op, numbers]

    def of_many(self, op: Op, count: int, fresh: Fresh) -> str:
        """The name of an operation that takes any number of operands, as a function of these along axis 0."""
        if (op, count) not in self._names:
            name = self._names[op, count] = fresh(_words(op.name), False)

            def passed() -> list[str | None]:
                if (form := shared_slope(op, count)) is not None and not _sums_tangents(form):
                    return [self._slope(name, ["x"], [(Form("sum", (form,)), ("t", "y", "x"))])]
                each = [f"x[{k}]" for k in range(count)]
                terms = [(slope.form, (f"t[{k}]", "y", *each)) for k, slope in enumerate(slopes(op, count)) if slope]
                return [self._slope(name, ["x"], terms) if terms else None]

            self._define(name, ["x"], self._value(op, form_of(op, count), ["x"], ["x"]), self._rules(op, passed))
        return self._names[op, count]

    def _value(self, op: Op, form: Form, atoms: Sequence[str | float], given: Sequence[str]) -> list[str]:
        """The body of the function, with as many numbers as its operands have, whether it reads them or not."""
        self.subject, self.dtype = f"the form of {op.name!r}", f"{given[0]}.dtype"
        lines, text = self.expression(Expression(form, tuple(atoms)))
        if not {*given} <= {atoms[k] for k in form.operands} and "args" not in form.words:
            shape = (
                f"{given[0]}.shape"
                if len(given) == 1
                else f"jnp.broadcast_shapes({', '.join(f'{x}.shape' for x in given)})"
            )
            text = f"jnp.full({shape}{'[1:]' if reduces(op) else ''}, {text}, {self.dtype})"
        return [*lines, f"return {text}"]

    def _rules(self, op: Op, passed: Callable[[], list[str | None]]) -> list[str | None] | None:
        """The functions that `passed` gives; None if they cannot be written, and need not."""
        self.subject, self.dtype = f"the rule of {op.name!r}", "t.dtype"
        try:
            return passed()
        except NotCompilable:
            if self._differentiate:
                raise
            return None

    def _slope(self, name: str, given: Sequence[str], terms: Sequence[tuple[Form, tuple[str | float, ...]]]) -> str:
        """A function of the tangent, the value and the operands: the sum of these terms."""
        written = [self.expression(Expression(*term)) for term in terms]
        lines, text = [line for lines, _ in written for line in lines], " + ".join(text for _, text in written)
        parameters = ", ".join(["t", "y", *given])
        if not lines:
            return f"lambda {parameters}: {text}"
        self.statics.append(_function(f"slope_of_{name}", parameters, [*lines, f"return {text}"]))
        return f"slope_of_{name}"

    def _define(self, name: str, given: Sequence[str], body: list[str], rules: list[str | None] | None) -> None:
        head = "" if rules is None else f"@own({', '.join(map(str, rules))})\n"
        self.statics.append(head + _function(name, ", ".join(given), body))


def _function(name: str, parameters: str, body: Sequence[str]) -> str:
    return "\n".join([f"def {name}({parameters}):", *(f"    {line}" for line in body), "", ""])


def _words(*parts: str | float) -> str:
    """A name of these parts."""
    return re.sub(r"\W+", "_", "_".join(map(str, parts))).strip("_")


def _sums_tangents(form: Form) -> bool:
    """Whether a sum within it is of what an operand's own tangent is part of."""
    return any(part.word in REDUCTIONS and 0 in part.operands for part in form.walk())
