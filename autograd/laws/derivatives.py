"""Whether each operation alone passes on its derivative, times what arrives at it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from autograd.errors import DomainError
from autograd.laws.shapes import RULES, Form, StraightLine, moderate, short, shown
from autograd.laws.subject import BecauseOf, Broken, Difference, Subject, refuse, right_of
from autograd.laws.sweeps import order, shared
from autograd.laws.words import ENGINE
from autograd.trying import Raised

_Wrong = tuple[tuple[float, ...], Difference]  # where, and how
_SHRUNK = 50  # draws, of which the first that is wrong is shrunk
_POINTS = {1: ((1.0,), (0.5,), (2.0,), (-1.5,), (3.0,)), 2: ((2.0, 3.0), (3.0, 2.0), (-1.5, 0.5), (1.0, 2.0))}


def derivatives(subject: Subject) -> None:
    """Each operation alone passes on its derivative, times what arrives at it."""
    _starts(subject)
    for scaled in (False, True):
        if broken := _wrong(subject, scaled):
            sentence = ""
            try:
                _unless_another_law(subject, list(broken))
                sentence = _sentence(subject, *next(iter(broken.items())), scaled)
            finally:
                subject.forms = [form for form in subject.forms if form not in broken]
            refuse(subject, [("", sentence), *((form.name, "") for form in list(broken)[1:])])
    _kinks(subject)


def _wrong(subject: Subject, scaled: bool) -> dict[Form, _Wrong]:
    """The forms that are wrong, each with operands where it is and how; found at a few points, else by hypothesis.

    Where code does not end, there is no waiting for it again: nothing else is right either.
    """
    found: dict[Form, _Wrong] = {}
    for form in subject.forms:
        for x in _points(form):
            if different := _is_off(subject, form, x, scaled):
                found[form] = x, different
                if different.is_endless:
                    return found | dict.fromkeys(subject.forms, found[form]) if len(found) == 1 else found
                break
    return found or (_drawn_wrong(subject) if not scaled else {})


def _starts(subject: Subject) -> None:
    """`backward` begins with 1 at the output."""
    for form in subject.need("x + y", "x * y")[:1]:
        try:
            outcome = subject.run(StraightLine((2.0, 3.0), ((form, (0, 1)),)))
            begun = subject.gradient(outcome.nodes[-1]) or any(outcome.gradients)
        except Raised:
            return
        if not begun:
            subject.forms = []
            raise Broken(subject.say("no start", written=form.text.format("x", "y")))


def _points(form: Form) -> list[tuple[float, ...]]:
    """A few operands in the domain of a form, none at a kink."""
    inside = [
        x
        for x in _POINTS[form.arity]
        if all(low <= each <= high for each, (low, high) in zip(x, form.domain, strict=True))
    ]
    middle = tuple(low / 4 + high * 0.75 for low, high in form.domain)
    return [x for x in [*inside, middle] if not (form.arity == 1 and x[0] in form.kinks)]


def _alone(subject: Subject, form: Form, x: tuple[float, ...], scaled: bool) -> StraightLine | None:
    """The form of these numbers, times 3 if so asked; None where it cannot be multiplied."""
    steps: list[Any] = [(form, tuple(range(form.arity)))]
    if scaled:
        times = subject.form("x * y")
        if times is None:
            return None
        steps.append((times, (form.arity, 3.0)))
    return StraightLine(x, tuple(steps))


def _is_off(subject: Subject, form: Form, x: tuple[float, ...], scaled: bool = False) -> Difference | None:
    """What is wrong with the form at x; None also where there is no moderate derivative."""
    program = _alone(subject, form, x, scaled)
    if program is None or (form.arity == 1 and x[0] in form.kinks):
        return None
    try:
        gradients, value = right_of(program)
    except DomainError:
        return None
    return subject.difference(program) if moderate([value, *gradients]) else None


def _drawn_wrong(subject: Subject) -> dict[Form, _Wrong]:
    """A form that hypothesis finds wrong somewhere, and where."""
    if not subject.forms:
        return {}
    drawn = st.sampled_from(subject.forms).flatmap(lambda form: st.tuples(st.just(form), _operands_of(form)))
    found = subject.smallest(drawn, lambda each: bool(_is_off(subject, *each)), subject.max_examples)
    different = _is_off(subject, *found) if found else None
    return {found[0]: (found[1], different)} if different else {}


def _operands_of(form: Form) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*(st.floats(low, high, allow_subnormal=False) for low, high in form.domain))


def _sentence(subject: Subject, form: Form, wrong: _Wrong, scaled: bool) -> str:
    """The sentence on a form that is wrong somewhere, at the simplest operands where it is."""
    x, different = wrong
    if different.is_endless:
        return subject.say("program", program=form.name, what=subject.told(different))
    simplest = subject.smallest(_operands_of(form), lambda x: bool(_is_off(subject, form, x, scaled)), _SHRUNK)
    x = x if simplest is None else simplest
    different = _is_off(subject, form, x, scaled)
    if different is None:
        return subject.say("not the same", name=form.name)
    names = ("x", "y")[: form.arity]
    at = ", ".join(f"{name} = {short(each)}" for name, each in zip(names, x, strict=True))
    different = replace(different, name={"a": "x", "b": "y"}.get(different.name, "x"))
    if different.is_value:
        assert different.theirs is not None
        assert different.right is not None
        theirs, right = shown(different.theirs, different.right)
        return subject.say("result", written=form.name, at=at, theirs=theirs, right=right)
    if scaled and not different.raised:
        name = form.name if form.name.endswith("(x)") else f"({form.name})"
        return subject.say("no factor", name=name, at=at, what=subject.told(different))
    rule = _rule(subject, form)
    return subject.say("wrong", name=form.name, at=at, what=subject.told(different)) + (
        "" if different.raised else rule
    )


def _rule(subject: Subject, form: Form) -> str:
    """How the right derivative is had, where that can be said."""
    in_words = ENGINE[subject.language]["rules"].get(form.name)
    formula = RULES.get(form.name) or RULES.get(form.name.removesuffix("(x)"))
    rule = in_words or (formula and subject.say("formula", formula=formula))
    return subject.say("rule", rule=rule) if rule else ""


def _unless_another_law(subject: Subject, broken: Sequence[Form]) -> None:
    """Operations made of others go wrong where the sweep does: then that is the fault to name.

    Raises:
        BecauseOf: sums and products alone are right, and one of the laws of the sweep is broken for them.
    """
    if any(form.name in ("x + y", "x * y") for form in broken):
        return
    forms = subject.forms
    try:
        subject.forms = subject.need("x + y", "x * y")
        for law in (shared, order):
            try:
                law(subject)
            except Broken:
                raise BecauseOf(law.__name__) from None
    finally:
        subject.forms = forms


def _kinks(subject: Subject) -> None:
    """Note which derivative is taken at a kink: any slope between those of the sides will do."""
    for form in subject.forms:
        for x in form.kinks if form.name in ("relu(x)", "abs(x)", "selu(x)") else ():
            try:
                slope = subject.run(StraightLine((x,), ((form, (0,)),))).gradients[0]
            except Raised:
                continue
            subject.note("kink", name=form.name, x=short(x), slope=f"{slope:.4g}")
