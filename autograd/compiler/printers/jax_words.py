"""What programs in JAX are written with: forms as text, and polygamma, which JAX's own has wrong."""

import ast
import builtins
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from jax import numpy as jnp
from jax.scipy import special

from autograd.compiler.loops.code import Expression
from autograd.compiler.printers.expressions import Writer, bare
from autograd.compiler.slopes import OPERATION, called
from autograd.compiler.writing import file_of, forget_with, literal
from autograd.errors import NotCompilable
from autograd.forms import ARITY, REDUCTIONS, SPECIAL, TRUTHS, Form

_IMPORTS = {
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "lax": "from jax import lax",
    "special": "from jax.scipy import special",
}


def function(name: str, parameters: str, body: Sequence[str], result: str) -> list[str]:
    """The lines of a function."""
    return [f"def {name}({parameters}):", *(f"    {line}" for line in (*body, f"return {result}"))]


def module(blocks: Sequence[str]) -> str:
    """The text of a module of these, with what it imports."""
    text = "\n\n\n".join(block.strip("\n") for block in blocks)
    lines = [line for name, line in _IMPORTS.items() if re.search(rf"\b{name}[.(]", text)]
    return "\n".join([*lines, "", "", text, ""])


def load(text: str) -> dict[str, Any]:
    """What the module of this text defines; debuggers and tracebacks show its lines.

    Each function sees what stands before it, and so not itself: a program that is dropped is freed at once.
    """
    linked: dict[str, Any] = {"__builtins__": builtins}
    filename = file_of(text, "JAX program")
    for statement in ast.parse(text).body:
        space = dict(linked)
        exec(compile(ast.Module([statement], []), filename, "exec"), space)
        linked.update({name: space.pop(name) for name in space.keys() - linked.keys()})
    forget_with(linked["program"], filename)
    return linked


def in_numbers(form: Form) -> Form:
    """With numbers for truth values, of which a sum would be an "or"; but not where they are a condition."""
    return _in_numbers(form, False, {})


def _in_numbers(form: Form, condition: bool, done: dict[tuple[int, bool], Form]) -> Form:
    key = id(form), condition
    if form.parts and key not in done:
        parts = [_in_numbers(part, form.word == "where" and not k, done) for k, part in enumerate(form.parts)]
        made = Form(form.word, tuple(parts), form.leaf)
        done[key] = Form("asarray", (made,)) if form.word in TRUTHS and not condition else made
    return done.get(key, form)


class JaxWriter(Writer):
    """The base of what prints JAX.

    Attributes:
        statics: what the module defines before its functions.
        subject: what is written, for messages.
        dtype: how the text says the dtype.
    """

    subject, dtype = "an operation", "dtype"

    def __init__(self) -> None:
        super().__init__()
        self.statics: list[str] = []

    def expression(self, expression: Expression) -> tuple[list[str], str]:
        lines, text = super().expression(Expression(in_numbers(expression.form), expression.atoms))
        return lines, bare(text)

    def _written(
        self, form: Form, atoms: Sequence[str], uses: Counter[int], lines: list[str], done: dict[int, str]
    ) -> str:
        return atoms[0] if form.word == "args" else super()._written(form, atoms, uses, lines, done)

    def literal(self, x: float) -> str:
        return literal(x, "jnp")

    def function(self, word: str, parts: list[str], form: Form) -> str:
        """The text of a function.

        Raises:
            NotCompilable: JAX has no such function.
        """
        if word == "polygamma" and parts[0].isdigit():
            return f"{self._polygamma(int(parts[0]))}({bare(parts[1])})"
        if word == OPERATION:
            advice = called(form).advice
            advice = advice or "define it with one, as in primitive(…, form=lambda f, x: f.exp(x))"
            raise NotCompilable(
                f'compile(backend="jax"): the operation {str(form.leaf)!r} has no form; {advice}, or use '
                'backend="numpy".'
            )
        module = special if word in SPECIAL else jnp
        if word in ARITY and not hasattr(module, word):
            raise NotCompilable(
                f'compile(backend="jax"): {self.subject} calls {word}, which {module.__name__} does not have; '
                'write it with other functions, or use backend="numpy".'
            )
        option = [self.dtype] if word == "asarray" else ["0"] if word in REDUCTIONS else []
        return f"{'special' if word in SPECIAL else 'jnp'}.{word}({', '.join([*map(bare, parts), *option])})"

    def _polygamma(self, n: int) -> str:
        """One that is right below 0 too, where JAX's own is not."""
        text = _POLYGAMMA.format(n=n, slopes=_slopes_of_cot(n), sign="-" if n % 2 else "", far=_far(n))
        if text not in self.statics:
            self.statics.append(text)
        return f"polygamma{n}"


_POLYGAMMA = '''
def polygamma{n}(x):
    """JAX's own is wrong below 0 and far out; cot is the cotangent of pi * x, with all its digits."""
    y = jnp.where(x > 0, x, 1 - x)
    positive = jnp.where(y < 1e17, special.polygamma({n}, y), {far} * y ** -{n})
    t = x - jnp.round(x)
    cot = jnp.where(jnp.abs(t) < 0.25, 1 / jnp.tan(jnp.pi * t), jnp.sign(t) * jnp.tan(jnp.pi * (0.5 - jnp.abs(t))))
    return jnp.where(x > 0, positive, {sign}positive - np.pi ** {n} * np.pi * ({slopes}))

'''


def _far(n: int) -> float:
    """What polygamma(n) of a large x is, times xⁿ."""
    return (-1.0) ** (n + 1) * math.factorial(n - 1)


def _slopes_of_cot(n: int) -> str:
    """The n-th derivative of cot(t) as a polynomial in `cot`, from cot' = -(1 + cot²)."""
    slopes = [0, 1]  # the coefficient of each power
    for _ in range(n):
        lower = [k * each for k, each in enumerate(slopes)][1:]
        slopes = [-(a + b) for a, b in zip([*lower, 0, 0], [0, 0, *lower], strict=True)]
    text = "0"
    for each in reversed(slopes):
        text = f"{each}.0" if text == "0" else f"({text}) * cot + {each}.0"
    return text
