"""What grows: deep graphs, many graphs, and numbers at the ends of the floats."""

import gc
import math
from collections.abc import Iterator
from dataclasses import replace

from autograd.foreign import NUMBERS
from autograd.laws.shapes import Form, StraightLine, agree, power, short
from autograd.laws.subject import BecauseOf, Broken, Difference, Subject, refuse
from autograd.trying import Raised

DEPTH = 10_000
_DROPPED = 20  # graphs


def deep(subject: Subject) -> None:
    """A chain of ten thousand operations is built, swept and right."""
    forms = subject.need("x + y", "x * y")
    if not forms:
        raise BecauseOf
    form, neutral = forms[0], 1.0
    phase = ["building"]

    def code() -> float:
        x = y = subject.make(1.0)
        for _ in range(DEPTH):
            y = form.theirs(y, neutral)
        phase[0] = "backward"
        y.backward()
        return subject.gradient(x)

    try:
        gradient = subject.student.run(code)
    except Raised as raised:
        key = {"TimeLimit": "deep slow", "RecursionError": "deep recursion"}.get(raised.kind, "deep raises")
        what = subject.raised(raised, deep=True)
        raise Broken(subject.say(key, what=what, where=subject.say(phase[0]), count=f"{DEPTH:,}")) from None
    if not agree(gradient, 1.0):
        what = subject.told(Difference("x", gradient, 1.0))
        raise Broken(subject.say("deep raises", what=what, where=subject.say("backward"), count=f"{DEPTH:,}"))


def freed(subject: Subject) -> None:
    """A graph that nobody holds any more is gone at once, without the collector of cycles."""
    forms = subject.need("x * y", "x + y")
    if not forms:
        raise BecauseOf
    for sweeps, key in ((False, "closures"), (True, "sweep held")):
        held, after = _held(subject, forms[0], sweeps)
        if after:
            raise Broken(subject.say("never freed", count=_DROPPED, held=after))
        if held:
            raise Broken(subject.say(key, count=_DROPPED, held=held))


def _held(subject: Subject, form: Form, sweeps: bool) -> tuple[int, int]:
    """How many nodes of dropped graphs are still there, before and after the collector has run."""

    def graphs() -> None:
        for _ in range(_DROPPED):
            x = subject.make(2.0)
            y = form.theirs(form.theirs(x, 3.0), x)
            if sweeps:
                y.backward()

    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        before = _alive(subject)
        subject.student.run(graphs)
        held = _alive(subject) - before
        if held:
            gc.collect()
        return held, _alive(subject) - before
    except Raised as raised:
        raise Broken(subject.raised(raised)) from None
    finally:
        if enabled:
            gc.enable()


def _alive(subject: Subject) -> int:
    """How many instances the collector knows."""
    return sum(type(each) is subject.engine for each in gc.get_objects())


_FAR = {
    "tanh(x)": (1000.0, -1000.0),
    "sigmoid(x)": (1000.0, -1000.0),
    "softplus(x)": (1000.0, -1000.0),
    "silu(x)": (1000.0, -1000.0),
    "relu(x)": (1e300, -1e300),
    "abs(x)": (1e300, -1e300),
    "exp(x)": (-1000.0,),
    "log(x)": (1e-300, 1e300),
    "sqrt(x)": (1e-300, 1e300),
    "sin(x)": (1e5,),
    "cos(x)": (1e5,),
    "atan(x)": (1e100,),
    "x ** 2": (0.0, 1e100),
    "x ** 3": (0.0,),
    "x ** 0": (0.0,),
}
_STABLE = ("tanh(x)", "sigmoid(x)", "softplus(x)", "silu(x)")


def extremes(subject: Subject) -> None:
    """What has a finite value and derivative gets them; what has none is not passed over in silence."""
    if not subject.forms:
        raise BecauseOf
    broken = [why for form in _with_zeroth_power(subject) for why in _far(subject, form)]
    broken += _imaginary(subject)
    _overflow(subject)
    _not_a_number(subject)
    refuse(subject, broken)


def _with_zeroth_power(subject: Subject) -> list[Form]:
    return [*subject.forms, power(0)] if subject.form("x ** 2") else subject.forms


def _far(subject: Subject, form: Form) -> Iterator[tuple[str, str]]:
    """What is wrong with a form far out, by how it is written there."""
    for x in _FAR.get(form.name, ()):
        if different := subject.difference(StraightLine((x,), ((form, (0,)),))):
            calls = form.name.endswith("(x)")
            written = form.name.replace("(x)", f"({short(x)})") if calls else f"{form.name}, x = {short(x)}"
            what = subject.told(replace(different, name="x"))
            yield written, subject.say("far off" if form.name in _STABLE else "far", written=written, what=what)
            return


def _imaginary(subject: Subject) -> list[tuple[str, str]]:
    """The root of a negative number must not be complex in silence."""
    try:
        y = subject.student.run(lambda: subject.make(-1.0) ** 0.5) if subject.form("x ** 0.5") else None
    except Raised:
        return []
    number = next((getattr(y, name) for name in NUMBERS if hasattr(y, name)), None)  # what reads nodes refuses these
    if not isinstance(number, complex):
        return []
    return [("x ** 0.5, x = -1", subject.say("complex", number=f"{number:.3g}"))]


def _overflow(subject: Subject) -> None:
    """Note what becomes of numbers that are too large."""
    times = subject.form("x * y")
    if not times:
        return
    try:
        y = subject.student.run(lambda: times.theirs(subject.make(1e200), 1e200))
        nothing = subject.student.run(lambda: subject.number(times.theirs(y, 0.0)))
    except Raised as raised:
        subject.note("overflow raises", kind=raised.kind)
        return
    subject.note("overflow", number=f"{subject.number(y):g}", nothing=f"{nothing:g}")


def _not_a_number(subject: Subject) -> None:
    """Note which operations hide a nan."""
    hiding = []
    for form in subject.forms:
        if form.arity == 1 and form.name != "x ** 0":
            try:
                y = subject.student.run(lambda form=form: subject.number(form.theirs(subject.make(math.nan))))
            except Raised:
                continue
            if not math.isnan(y):
                hiding.append(form.name)
    if hiding:
        subject.note("hides nan", names=", ".join(hiding))
