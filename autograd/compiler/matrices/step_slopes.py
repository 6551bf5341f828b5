"""What a step passes back to its operands: forms of the cotangent that arrives, and of what the step has read."""

import functools
from collections.abc import Iterator, Sequence

from autograd.compiler.matrices.steps import Map, Operand, Signs, View, reduces
from autograd.compiler.slopes import shared_slope, slopes
from autograd.forms import Form, operand
from autograd.operation import Op


def slopes_of(step: Map) -> Iterator[tuple[Operand, Form, tuple[Operand, ...]]]:
    """What a step passes to each operand: a form of the cotangent and of these other operands."""
    known = (step.out, *step.operands)
    what, count = step.what, len(step.operands)
    assert not isinstance(what, Form)
    if not isinstance(what, Op):
        for k, form in _of_sum(what, step.operands):
            yield step.operands[k], form, known
    elif not reduces(what):
        for x, slope in zip(step.operands, slopes(what, count), strict=True):
            if slope is not None:
                yield x, slope.form, known
    else:
        (args,) = step.operands
        assert isinstance(args, View)
        yield from _of_many(what, args, known)


def _of_sum(signs: Signs, operands: Sequence[Operand]) -> Iterator[tuple[int, Form]]:
    """For each factor of a sum of products, the product of the others; of a square, twice the factor."""
    at = 0
    for negative, count in signs:
        square = count == 2 and operands[at] == operands[at + 1]
        for k in range(at, at + (1 if square else count)):
            form = Form("*", (operand(0), number_form(2.0))) if square else operand(0)
            for other in range(at, at + count):
                form = Form("*", (form, operand(2 + other))) if other != k else form
            yield k, Form("negative", (form,)) if negative else form
        at += count


def _of_many(op: Op, args: View, known: tuple[Operand, ...]) -> Iterator[tuple[Operand, Form, tuple[Operand, ...]]]:
    """An operation that takes any number of operands, along an axis: at once, if it passes the like to each."""
    count = args.shape[0]
    if (shared := shared_slope(op, count)) is not None:
        yield args, shared, known
        return
    each = tuple([args.first.moved(k * args.strides[0]) for k in range(count)])
    for x, slope in zip(each, slopes(op, count), strict=True):
        if slope is not None:
            yield x, slope.form, (known[0], *each)


def fold(form: Form, operands: Sequence[Operand], done: dict[int, Form] | None = None) -> Form:
    """The form with what are numbers among the operands put in."""
    done = {} if done is None else done
    if form.word == "operand":
        x = operands[int(form.leaf)]
        return form if isinstance(x, View) else number_form(float(x))
    if form.parts and id(form) not in done:
        parts = tuple([fold(part, operands, done) for part in form.parts])
        done[id(form)] = form if parts == form.parts else _simplified(Form(form.word, parts, form.leaf))
    return done.get(id(form), form)


def _simplified(form: Form) -> Form:
    """Without what is done to numbers alone, and without factors that are 1 or −1."""
    numbers = [part.number if part.word == "number" else None for part in form.parts]
    if form.word == "negative" and numbers[0] is not None:
        return number_form(-numbers[0])
    if form.word not in ("*", "/"):
        return form
    a, b = numbers
    if form.word == "/":
        return number_form(a / b) if a is not None and b else form
    if a is not None and b is not None:
        return number_form(a * b)
    for number, other in ((a, form.parts[1]), (b, form.parts[0])):
        if number in (1.0, -1.0):
            return other if number == 1 else Form("negative", (other,))
    return form


def factors_of(form: Form) -> tuple[int, ...] | None:
    """The operands of which the form is the product; or the one that it is."""
    if form.word == "operand":
        return (int(form.leaf),)
    if form.word == "*" and all(part.word == "operand" for part in form.parts):
        return int(form.parts[0].leaf), int(form.parts[1].leaf)
    return None


def number_form(number: float) -> Form:
    """A number that stands in a form."""
    return Form("number", leaf=repr(number))


def product_form(number: float, count: int) -> Form:
    """number · operand · …"""
    forms = [operand(k) for k in range(count)]
    if (number != 1 and number != -1) or not forms:
        forms = [number_form(number), *forms]
    product = functools.reduce(lambda left, right: Form("*", (left, right)), forms)
    return Form("negative", (product,)) if number == -1 and forms[0].word != "number" else product
