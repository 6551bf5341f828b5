"""Whether gradients meet: values used twice, the order of the sweep, a second sweep, whole graphs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from autograd.errors import DomainError
from autograd.laws.shapes import Form, StraightLine, agree, moderate
from autograd.laws.subject import BecauseOf, Broken, Difference, Subject, refuse, right_of
from autograd.strategies import expressions
from autograd.trying import Raised

_DOUBLINGS = 40  # a sweep that follows every path takes 2⁴⁰ steps


def shared(subject: Subject) -> None:
    """What arrives at a value by several ways adds up."""
    plus, broken = subject.form("x + y"), []
    for form in subject.forms:
        for program in _with_shared(form, plus):
            if different := subject.difference(program):
                broken.append((form, program, different))
                break
    if not subject.forms:
        raise BecauseOf
    if broken:
        _, program, different = broken[0]
        written, what = subject.written(program), subject.told(different)
        key = "assigns" if _is_one_part(program, different) else "program"
        first = subject.say(key, program=written, what=what)
        refuse(subject, [("", first), *((form.name, "") for form, _, _ in broken[1:])])


def _with_shared(form: Form, plus: Form | None) -> Iterator[StraightLine]:
    """Programs in which a value goes into a form twice, or into it and past it."""
    x = 3.0 if form.arity == 2 else form.domain[0][1] / 2
    if form.arity == 2:
        yield StraightLine((x,), ((form, (0, 0)),))
    if plus and form is not plus:
        uses = ((0,),) if form.arity == 1 else ((0, 2.0), (2.0, 0))
        for operands in uses:
            yield StraightLine((x,), ((form, operands), (plus, (1, 0))))


def _is_one_part(program: StraightLine, different: Difference) -> bool:
    """Whether a gradient is what one of the ways of its leaf brings, and not their sum."""
    if different.theirs is None or different.is_value:
        return False
    apart = [(form, tuple(2 if k and x == 0 else x for k, x in enumerate(each))) for form, each in program.steps[:1]]
    if len(program.steps) == 2:  # form, then plus of it and the leaf
        return agree(different.theirs, 1.0) or agree(different.theirs, (different.right or 0.0) - 1.0)
    first = StraightLine(program.inputs * 2, ((apart[0][0], (0, 1)),))
    return any(agree(different.theirs, part) for part in right_of(first)[0])


def order(subject: Subject) -> None:
    """A node passes its gradient on when all has arrived there, and once."""
    forms = subject.need("x * y", "x + y")
    if not forms:
        raise BecauseOf
    for program, early in _crossing(forms[-1], forms[0]):
        if different := subject.difference(program):
            key = "early" if not different.raised else "program"
            raise Broken(subject.say(key, program=subject.written(program), what=subject.told(different), early=early))
    _doublings(subject, forms[-1])
    strategy = expressions(cast(Any, forms), max_inputs=2, max_nodes=8).map(_as_program)
    found = subject.smallest(strategy, lambda program: _breaks(subject, program) is not None, subject.max_examples // 2)
    if found and (different := _breaks(subject, found)):
        early = next((name for name in _used_twice(found)), found.names[-1])
        key = "early" if not different.raised else "program"
        raise Broken(subject.say(key, program=subject.written(found), what=subject.told(different), early=early))


def _crossing(plus: Form, times: Form) -> Iterator[tuple[StraightLine, str]]:
    """Programs with ways of different lengths to a value, and the value that is visited too early if one is."""
    yield StraightLine((2.0,), ((times, (0, 2.0)), (times, (1, 3.0)))), "b"
    for operands in ((1, 2), (2, 1)):
        yield StraightLine((2.0,), ((times, (0, 2.0)), (times, (1, 3.0)), (plus, operands))), "b"
    for operands in ((1, 3), (3, 1)):
        yield StraightLine((2.0,), ((times, (0, 2.0)), (times, (1, 3.0)), (times, (2, 4.0)), (plus, operands))), "b"
    twice = (times, (0, 2.0)), (times, (1, 3.0)), (plus, (1, 2)), (times, (3, 5.0))
    for operands in ((3, 4), (4, 3)):
        yield StraightLine((2.0,), (*twice, (plus, operands))), "d"


def _doublings(subject: Subject, plus: Form) -> None:
    """Forty doublings take forty steps, not as many as there are ways."""
    program = StraightLine((1.0,), tuple((plus, (i, i)) for i in range(_DOUBLINGS)))
    try:
        gradients = subject.run(program).gradients
    except Raised as raised:
        key = "every path" if raised.kind == "TimeLimit" else "doublings"
        raise Broken(subject.say(key, count=_DOUBLINGS, what=subject.raised(raised))) from None
    if not agree(gradients[0], 2.0**_DOUBLINGS):
        what = subject.told(Difference("x", gradients[0], 2.0**_DOUBLINGS))
        raise Broken(subject.say("doublings", count=_DOUBLINGS, what=what))


def _as_program(drawn: Any) -> StraightLine:
    """What the strategy draws, with numbers that a person would write: eighths."""
    steps = [
        (form, tuple(x if isinstance(x, int) else _eighths(x) for x in operands)) for form, operands in drawn.steps
    ]
    return StraightLine(tuple(map(_eighths, drawn.inputs)), tuple(steps))


def _eighths(x: float) -> float:
    return round(8 * x) / 8 + 0.0  # no -0


def _used_twice(program: StraightLine) -> list[str]:
    """The values between input and output that are used several times."""
    uses = [x for _, operands in program.steps for x in operands if isinstance(x, int)]
    first = len(program.inputs)
    return [program.names[i] for i in range(first, first + len(program.steps)) if uses.count(i) > 1]


def _breaks(subject: Subject, program: StraightLine) -> Difference | None:
    """What is wrong with a program; None also where rounding, or a convention, may decide."""
    if not program.steps:
        return None
    try:
        results = program.run(program.inputs)
        gradients, _ = right_of(program)
    except DomainError:
        return None
    if any(_is_special(form, _result(results, operands[0])) for form, operands in program.steps if form.arity == 1):
        return None
    if not moderate([*results, *gradients]) or not _is_tame(program, gradients):
        return None
    return subject.difference(program)


def _is_special(form: Form, x: float) -> bool:
    """Whether x is for other laws: at a kink, or where a derivative may be huge, as that of x ** 0.5 beside 0."""
    low, high = form.domain[0]
    return not low <= x <= high or any(abs(x - kink) < 1e-6 for kink in form.kinks)


def _result(results: Sequence[Any], x: int | float) -> float:
    return results[x] if isinstance(x, int) else x


def _is_tame(program: StraightLine, gradients: Sequence[float]) -> bool:
    """Whether gradients hardly change within a rounding error: not beside a pole."""
    moved = replace(program, inputs=tuple(x * (1 + 1e-9) + 1e-12 for x in program.inputs))
    try:
        there, _ = right_of(moved)
    except DomainError:
        return False
    if any(0 < abs(x) < 1e-3 for x in program.run(program.inputs)):
        return False  # what is left of numbers that cancel
    return all(abs(a - b) <= 1e-7 * max(1.0, abs(a)) for a, b in zip(gradients, there, strict=True))


def twice(subject: Subject) -> None:
    """A second `backward` adds the same again to the leaves, or starts anew; it does not pass on what is old."""
    times = subject.need("x * y", "x + y")
    if not times:
        raise BecauseOf
    form = times[0]
    six = (form, (0, 6.0)), (form, (1, 3.0)), (form, (1, 6.0))
    alone, both = _one_way(subject, six), _two_losses(subject, six)
    first, second = right_of(StraightLine((3.0,), six[:2]))[0][0], right_of(StraightLine((3.0,), six[::2]))[0][0]
    if agree(alone, 2 * first) and agree(both, first + second):
        subject.note("accumulates")
    elif agree(alone, first) and agree(both, second):
        subject.note("starts anew")
    else:
        raise Broken(_second(subject, six, alone, both, first, second))


def _second(subject: Subject, steps: Any, alone: float, both: float, first: float, second: float) -> str:
    """What is wrong after a second sweep, of another loss or else of the same one."""
    of_two = not (agree(both, first + second) or agree(both, second))
    lines = StraightLine((3.0,), steps if of_two else steps[:2]).lines(subject.engine.__name__)[1:]
    lines += ["c.backward()", "d.backward()" if of_two else "c.backward()"]
    theirs, right = (both, first + second) if of_two else (alone, 2 * first)
    what = subject.told(Difference("a", theirs, right))
    return subject.say("kept" if theirs > right else "lost", program="; ".join(lines), what=what)


def _one_way(subject: Subject, steps: Any) -> float:
    """The gradient after the same `backward` twice."""
    try:
        return subject.run(StraightLine((3.0,), steps[:2]), sweeps=2).gradients[0]
    except Raised as raised:
        raise Broken(subject.say("second raises", what=subject.raised(raised))) from None


def _two_losses(subject: Subject, steps: Any) -> float:
    """The gradient after `backward` of two losses that share a node."""

    def code() -> float:
        a = subject.make(3.0)
        *_, c, d = StraightLine((3.0,), steps).run([a], subject.make)
        c.backward()
        d.backward()
        return subject.gradient(a)

    try:
        return subject.student.run(code)
    except Raised as raised:
        raise Broken(subject.say("second raises", what=subject.raised(raised))) from None


def random(subject: Subject) -> None:
    """Whole graphs of everything that is right alone."""
    if not subject.forms:
        raise BecauseOf
    strategy = expressions(cast(Any, subject.forms), max_inputs=3, max_nodes=10).map(_as_program)
    found = subject.smallest(strategy, lambda program: _breaks(subject, program) is not None, 2 * subject.max_examples)
    if found and (different := _breaks(subject, found)):
        lines = [*found.lines(subject.engine.__name__), f"{found.names[len(found.names) - 1]}.backward()"]
        raise Broken(subject.say("random", what=subject.told(different)) + "\n" + "\n".join(f"    {x}" for x in lines))
