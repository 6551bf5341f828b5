"""What programs in JAX call: the words of forms under JAX's names, and polygamma, which JAX's own has wrong."""

import math
import re
from types import FunctionType
from typing import Any

from jax import numpy as jnp
from jax.scipy import special

from autograd.compiler.writing import code_of, forget_with
from autograd.forms import ARITY, REDUCTIONS, SPECIAL, TRUTHS, Form

_IMPORTS = {
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "lax": "from jax import lax",
    "special": "from jax.scipy import special",
}


def imports(text: str) -> str:
    """The lines that a module of this text begins with."""
    return "".join(f"{line}\n" for name, line in _IMPORTS.items() if re.search(rf"\b{name}[.(]", text))


def load(text: str) -> dict[str, Any]:
    """What the module of this text defines; debuggers and tracebacks show its lines.

    Each function sees what stands before it, and so not itself: a program that is dropped is freed at once.
    """
    space: dict[str, Any] = {}
    exec(code := code_of(text, "JAX program"), space)
    linked: dict[str, Any] = {}
    for name, thing in space.items():
        if isinstance(thing, FunctionType):
            options, thing = thing.__kwdefaults__, FunctionType(thing.__code__, dict(linked))
            thing.__kwdefaults__ = options
        linked[name] = thing
    forget_with(linked["program"], code)  # which JAX may keep longer
    return linked


def lacking(form: Form) -> tuple[str, str] | None:
    """A word of a form that JAX has no function for, and the module that lacks it."""
    for word in sorted(form.words & ARITY.keys()):
        if not hasattr(module := special if word in SPECIAL else jnp, word):
            return word, module.__name__
    return None


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


class Words:
    """Writes calls of functions.

    Args:
        statics: where the definitions go that calls need.
        used: the names that are taken.
    """

    def __init__(self, statics: list[str], used: set[str]) -> None:
        self._statics, self._used = statics, used

    def called(self, word: str, texts: list[str]) -> str:
        if word == "polygamma" and texts[0].isdigit():
            return f"{self._polygamma(int(texts[0]))}({texts[1]})"
        option = ["dtype"] if word == "asarray" else ["0"] if word in REDUCTIONS else []
        return f"{'special' if word in SPECIAL else 'jnp'}.{word}({', '.join([*texts, *option])})"

    def _polygamma(self, n: int) -> str:
        """One that is right below 0 too, where JAX's own is not."""
        if (name := f"polygamma{n}") not in self._used:
            self._used.add(name)
            self._statics.append(
                _POLYGAMMA.format(n=n, slopes=_slopes_of_cot(n), sign="-" if n % 2 else "", far=_far(n))
            )
        return name


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
