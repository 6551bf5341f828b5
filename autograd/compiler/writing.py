"""What the backends and the pictures share: texts of programs, and what steps are called."""

import keyword
import linecache
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count as counter
from types import CodeType
from typing import Any
from weakref import finalize

from autograd.compiler.matrices.steps import Contraction, Gather, Map, Operand, Scatter, Step, View, reduces, written_by
from autograd.forms import REDUCTIONS, Form, operand
from autograd.notation import Term, Text
from autograd.operation import Op
from autograd.words import PROGRAM, Contractions

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WIDEST = 32  # characters of a formula in a title

_A, _B = operand(0), operand(1)
_PRODUCT = Form("*", (_A, _B))
_AS_PYTHON = {
    operator.add: Form("+", (_A, _B)),
    operator.sub: Form("-", (_A, _B)),
    operator.mul: _PRODUCT,
    operator.truediv: Form("/", (_A, _B)),
    operator.neg: Form("negative", (_A,)),
    abs: Form("abs", (_A,)),
    math.sqrt: Form("sqrt", (_A,)),
}


def strict_form(what: Op) -> Form | None:
    """The form, if NumPy has every bit of what `forward` gives; None where only `forward` itself does."""
    return _AS_PYTHON.get(what.forward)


def code_of(text: str, kind: str) -> CodeType:
    """The code of a text that defines `program`; debuggers and tracebacks show its lines for as long as that lives."""
    code = compile(text, filename := file_of(text, kind), "exec")
    body = next(each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == "program")
    forget_with(body, filename)
    return code


def file_of(text: str, kind: str) -> str:
    """A name of a file in which debuggers and tracebacks find the lines of the text."""
    filename = f"<autograd {kind} {next(_numbers)}>"
    linecache.cache[filename] = len(text), None, text.splitlines(True), filename
    return filename


def forget_with(holder: Any, filename: str) -> None:
    """Let tracebacks show the lines of a text no longer than `holder` lives."""
    finalize(holder, linecache.cache.pop, filename, None).atexit = False


_numbers = counter(1)


class Namer:
    """Gives the names in the text of a program, each once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken, self._last = {*taken}, Counter[str]()

    def fresh(self, name: str, numbered: bool = True) -> str:
        """The name, if it is free and not to be numbered; else with the next number."""
        name = re.sub(r"\W", "_", name)
        name = f"_{name}" if not name.isidentifier() or keyword.iskeyword(name) else name
        chosen = name
        while chosen in self._taken or (numbered and chosen == name):
            self._last[name] += 1
            chosen = f"{name}{self._last[name]}"
        self._taken.add(chosen)
        return chosen


def literal(number: float, module: str = "np") -> str:
    """A number as text, also where Python has no literal for it."""
    if math.isfinite(number):
        return repr(number if isinstance(number, int) else float(number))
    return f"{module}.nan" if math.isnan(number) else f"{module}.inf" if number > 0 else f"-{module}.inf"


# --- What steps are called ------------------------------------------------------------------------------------


def _rounded(x: Any) -> str:
    """A constant, of whatever kind of number it is."""
    try:
        text = f"{float(x):.4g}"
    except OverflowError:
        text = "inf" if x > 0 else "-inf"
    return text.replace("-", "−").replace("inf", "∞")


_NOTATION = Text(_rounded)


def title(step: Step) -> str:
    """What a step does, and to how many numbers: `affine 16×2`, `relu 16`, `(b > 0) × a, 16`."""
    match step:
        case Gather():
            return f"gather {len(step.places)}"
        case Scatter():
            return f"{'fill' if is_fill(step) else 'scatter'} {len(step.places)}"
        case Contraction():
            return contraction_name(step, PROGRAM["en"].contractions)
        case Map():
            return _sized(step)


def _sized(step: Map) -> str:
    views = [x for x in step.operands if isinstance(x, View)]
    reduced = isinstance(step.what, Op) and reduces(step.what)
    sizes = shape_text((*views[0].shape[1:], views[0].shape[0]) if reduced else step.out.shape)
    if is_fill(step) or is_copy(step):
        return f"{'fill' if is_fill(step) else 'copy'} {sizes}".rstrip()
    op = step.what if isinstance(step.what, Op) else None
    if op and op.arity in (None, 1) and not (op.constants and op.text):  # relu, but a² for power(2)
        return f"{op.name} {sizes}".rstrip()
    text = "".join([c if c.isprintable() else "\ufffd" for c in formula(step, _NOTATION)])  # no line ends in a comment
    text = text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
    return f"{text}, {sizes}" if sizes else text


def contraction_name(step: Contraction, called: Contractions) -> str:
    """`affine 16×2`; `matrix product 16×3 · 3×100`; `inner product 8×16`, of two such matrices row by row."""
    if step.biased and step.left.shape[1] == 1:
        name = f"{called.affine} {step.left.shape[0]}×{step.left.shape[2] - 1}"
    elif matrices := _matrices(step):
        name = f"{called.total if step.is_total else called.product} {matrices}"
    else:
        kind = called.total if step.is_total else called.sum if step.right is None else called.inner
        name = f"{kind} {_sums(step)}"
    return f"{'+ ' * step.adds}{name}".rstrip()


def _matrices(step: Contraction) -> str:
    """The shapes of two matrices, or of the one that a vector is multiplied with; nothing if it is no such product."""
    left, right = step.left.axes, step.right.axes if step.right else set[int]()
    both, summed, shape = left & right, step.summed, step.left.shape
    kept = sorted([axes for axes in (left - both, right - both) if axes], key=min)
    if not kept or both & step.out.axes or summed - both or (step.is_total and not summed):
        return ""
    terms = math.prod([shape[k] for k in summed])
    rows, *columns = [math.prod([shape[k] for k in axes]) for axes in kept]
    other = f"{terms}×{columns[0]}" if columns else str(terms)
    return f"{rows}×{terms}" + (f" · {other}" if columns or step.is_total else "")


def _sums(step: Contraction) -> str:
    """The shape of what is summed, with the axes that are summed over last; over the batch too that of the sums."""
    shape, out, summed = step.left.shape, sorted(step.out.axes), sorted(step.summed)
    given, left = (shape_text([shape[k] for k in axes]) for axes in (out + summed, out))
    return f"{given} → {left or 1}" if step.is_total and summed else given


def formula(step: Map, notation: Text, brought: Callable[[View], bool] = lambda _: True) -> str:
    """What an elementwise step computes: `a × b + c`, with a letter for each operand that is `brought`."""
    form, operands = _whole(step)
    terms = _terms(form, operands, notation, brought)
    if isinstance(step.what, Op) and form != _PRODUCT:  # a² of a × a is a form
        return notation.applied(step.what, terms).text
    return notation.form(form, terms).text


def short_formula(step: Map, notation: Text, brought: Callable[[View], bool]) -> str:
    """The same for who sees the arrows: `relu`, `1 ÷`; without letters where each operand stands there once: `×`."""
    form, operands = _whole(step)
    if isinstance(step.what, Op) and not len(operands) == 2 > len(set(operands)):
        places = [k for k, x in enumerate(operands) if not isinstance(x, View)]
        if len(places) != 1 or len(operands) != 2:
            return step.what.symbol
        return notation.section(step.what, places[0], notation.number(operands[places[0]]))
    read = [operands[int(part.leaf)] for part in form.parts if part.word == "operand"]
    if len(form.parts) == 2 == len(set(read)) and all(isinstance(x, View) and brought(x) for x in read):
        return notation.sign(form.word)
    return formula(step, notation, brought)


def _whole(step: Map) -> tuple[Form, Sequence[Operand]]:
    """The form and its operands; what it adds to is operand -1, so that it comes first."""
    if not step.adds:
        return step.form, step.operands
    return Form("+", (operand(-1), step.form)), (*step.operands, step.out)


def _terms(form: Form, operands: Sequence[Operand], notation: Text, brought: Callable[[View], bool]) -> list[Term]:
    """A letter for each operand that is read, the same for the same; numbers are written out."""
    letters: dict[Operand, Term] = {}
    for x in [operands[k] for k in sorted(form.operands)]:
        if isinstance(x, View) and brought(x) and x not in letters:
            turn, letter = divmod(len(letters), len(_LETTERS))
            letters[x] = Term(f"{_LETTERS[letter]}{turn or ''}")
    return [letters.get(x, notation.numbers) if isinstance(x, View) else notation.number(x) for x in operands]


def reads(step: Step) -> list[View]:
    """The views that a step reads, each once, also what it adds to; of a copy of single places none."""
    if isinstance(step, Contraction):
        found = step.factors
    elif isinstance(step, Map):
        found = [*step.read.values()]
    else:
        return []
    found += [step.out] if step.adds else []
    return list(dict.fromkeys(found))


def is_fill(step: Step) -> bool:
    """Whether it writes numbers that are always the same."""
    if isinstance(step, Map):
        return not reads(step)
    return isinstance(step, Scatter) and not isinstance(step.source, View)


def is_copy(step: Step) -> bool:
    """Whether it writes numbers that are there already."""
    if isinstance(step, Map):
        return step.form.word == "operand" and not step.adds and not is_fill(step)
    return isinstance(step, Gather) or (isinstance(step, Scatter) and not is_fill(step))


def shape_text(sizes: Iterable[int]) -> str:
    """`16×2`: axes of length 1 are left out; nothing for a single number."""
    return "×".join([str(size) for size in sizes if size != 1])


# --- What steps cost ------------------------------------------------------------------------------------------


def flops(step: Step) -> int:
    """Additions, multiplications and calls of functions, for one row of the batch."""
    match step:
        case Map():
            return step.out.distinct.size * (_operations(step) + step.adds)
        case Contraction():
            return (1 if step.right is None else 2) * step.left.size
        case Scatter():
            return len(step.places) * step.adds
        case Gather():
            return 0


def _operations(step: Map) -> int:
    """Of each element; what is done to every operand of a reduction counts for each."""
    parts = [form for form in step.form.walk() if form.parts]
    within = {id(each) for form in parts if form.word in REDUCTIONS for each in form.walk()}
    longest = max([len(x.shape) for x in step.operands if isinstance(x, View)], default=0)
    terms = next((x.shape[0] for x in step.operands if isinstance(x, View) and len(x.shape) == longest), 1)
    return sum(terms if id(form) in within else 1 for form in parts)


def written(step: Step) -> int:
    """Numbers that a step writes for each row."""
    in_rows, places = written_by(step)
    return len(places) * in_rows
