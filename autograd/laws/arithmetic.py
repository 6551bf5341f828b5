"""Whether every operator that a class has computes, with its own kind and with numbers on both sides."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from autograd.errors import brief
from autograd.laws.shapes import SIGNS, Form, agree, defines, short, shown
from autograd.laws.subject import Broken, Subject, refuse
from autograd.trying import Raised


def arithmetic(subject: Subject) -> None:
    """Every operator the class has computes, with its own kind and with numbers on both sides."""
    forms, subject.forms = subject.forms, []
    _begin(subject)
    subject.forms = forms
    broken = [(form, side, why) for form in subject.forms for side, why in _sides(subject, form)]
    for form, side, _ in broken:
        i = next((i for i, each in enumerate(subject.forms) if each.name == form.name), None)
        if i is not None and side == "left":
            subject.forms[i] = replace(subject.forms[i], numbers_left=False)
        elif i is not None:
            del subject.forms[i]
    _missing(subject)
    if not subject.need("x + y", "x * y") and not broken:
        raise Broken(subject.say("no arithmetic"))
    refuse(subject, [(_written(form, side), why) for form, side, why in broken])


def _begin(subject: Subject) -> None:
    """One number: it can be made and read, and it has a `backward`."""
    try:
        x = subject.student.run(lambda: subject.make(2.0))
    except Raised as raised:
        raise Broken(subject.say("cannot be made", what=subject.raised(raised))) from None
    try:
        number = subject.number(x)
    except (TypeError, ValueError, AttributeError):
        raise Broken(subject.say("no number")) from None
    if number != 2.0:
        raise Broken(subject.say("another number", number=short(number)))
    if not callable(getattr(x, "backward", None)):
        raise Broken(subject.say("no backward"))


def _sides(subject: Subject, form: Form) -> Iterator[tuple[str, str]]:
    """Where a form gives no right value, and why: "both" with nodes, "right" and "left" with a number there."""
    sides = ("both", "right", "left") if form.arity == 2 else ("both",)
    if form.name.endswith("(x)"):  # a function, for the next law
        return
    for side in sides:
        if why := _side(subject, form, side):
            yield side, why
            if side == "both":
                return


def _side(subject: Subject, form: Form, side: str) -> str | None:
    x, y = (3.0, 2.0) if form.arity == 2 else (form.domain[0][1] / 2, 0.0)
    written = _written(form, side)
    try:
        node = subject.student.run(lambda: form.theirs(*_operands(subject, form, side, x, y)))
    except Raised as raised:
        return subject.say("so", written=written, what=_advice(subject, form, side, raised))
    right = form.ours(*((y, x) if side == "left" else (x, y)[: form.arity]))
    return _value(subject, node, written, x if form.arity == 1 or side != "both" else (x, y), right)


def _written(form: Form, side: str) -> str:
    return form.text.format(*{"both": ("x", "y"), "right": ("x", "2"), "left": ("2", "x")}[side])


def _operands(subject: Subject, form: Form, side: str, x: float, y: float) -> tuple[Any, ...]:
    if form.arity == 1:
        return (subject.make(x),)
    if side == "left":
        return y, subject.make(x)
    return subject.make(x), (y if side == "right" else subject.make(y))


def _value(subject: Subject, node: Any, written: str, at: Any, right: float) -> str | None:
    """What is wrong with a result, if anything is."""
    try:
        number = subject.number(node)
    except (TypeError, ValueError, AttributeError):
        return subject.say("so", written=written, what=subject.say("no node", what=brief(node)))
    if not isinstance(node, subject.engine):
        return subject.say("so", written=written, what=subject.say("no node", what=brief(node)))
    if agree(number, right):
        return None
    place = f"x = {short(at)}" if not isinstance(at, tuple) else f"x = {short(at[0])}, y = {short(at[1])}"
    theirs, ours = shown(number, right)
    return subject.say("result", written=written, at=place, theirs=theirs, right=ours)


def _advice(subject: Subject, form: Form, side: str, raised: Raised) -> str:
    """What was raised, and which method to define or mend."""
    sign = form.text.split()[1] if form.arity == 2 else ""
    method = SIGNS[sign][0] if sign in SIGNS else ""
    if method and side == "left" and not defines(subject.engine, f"__r{method}__"):
        return subject.say("define", kind=raised.kind, method=f"__r{method}__")
    if method and side == "right" and raised.kind in ("AttributeError", "TypeError"):
        return subject.say("wrap", error=str(raised), method=f"__{method}__")
    return subject.raised(raised) + subject.say("end")


def _missing(subject: Subject) -> None:
    """Note which operators the class does not have; find those that not every class has."""
    absent = [f"x {sign} y" for sign, (method, _) in SIGNS.items() if not defines(subject.engine, f"__{method}__")]
    if not defines(subject.engine, "__neg__"):
        absent.append("-x")
    if not defines(subject.engine, "__pow__"):
        absent.append("x ** n")
    for form in _further():
        try:
            subject.number(
                subject.student.run(lambda form=form: form.theirs(*map(subject.make, (2.0, 3.0)[: form.arity])))
            )
        except (Raised, TypeError, ValueError, AttributeError):
            absent.append(form.name)
        else:
            subject.forms.append(form)
    if absent:
        subject.note("not there", names=", ".join(absent))


def _further() -> tuple[Form, ...]:
    """A power with an exponent that is a node, which many engines leave out."""
    positive = (0.1, 4.0)
    return (
        Form("x ** y", "{0} ** {1}", lambda x, y: x**y, lambda x, y: x**y, (positive, (-4.0, 4.0))),
        Form("2 ** x", "2 ** {0}", lambda x: 2**x, lambda x: 2.0**x, ((-4.0, 4.0),)),
    )
