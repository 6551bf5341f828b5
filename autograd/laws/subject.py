"""Somebody's class under examination: programs are run on it and on ours, and what differs is put into words."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis.strategies import SearchStrategy

from autograd.engine import Value
from autograd.errors import DomainError
from autograd.foreign import Read
from autograd.languages import Language
from autograd.laws.drawing import smallest
from autograd.laws.shapes import Form, StraightLine, agree, shown
from autograd.laws.words import ENGINE
from autograd.trying import Raised, Student

_NAMED = 3  # other operations with the same fault


class Broken(Exception):  # noqa: N818 - says what a law is
    """A law is broken; its message is the sentence that says how."""


class BecauseOf(Exception):  # noqa: N818
    """A law cannot be tried before another holds, whose name this is; without one, the first that is broken."""


@dataclass(frozen=True)
class Difference:
    """What a program gives and what it should.

    Attributes:
        name: of the value or leaf, `a`; where something was raised, of the method that ran.
        theirs, right: two numbers; None where something was raised.
        is_value: whether it is the value that differs, and not a gradient.
        raised: what their code raised.
    """

    name: str
    theirs: float | None = None
    right: float | None = None
    is_value: bool = False
    raised: Raised | None = None

    @property
    def is_endless(self) -> bool:
        """Whether their code ran until it was stopped."""
        return self.raised is not None and self.raised.kind == "TimeLimit"


@dataclass
class Outcome:
    """What a program gives: its results (nodes), and its numbers and gradients where they could be read."""

    nodes: list[Any] = field(default_factory=list)
    value: float = math.nan
    gradients: list[float] = field(default_factory=list)


@dataclass
class Subject:
    """A class under examination.

    Attributes:
        engine: the class.
        student: runs its code.
        language: of the sentences.
        forms: what it can compute; what is found to be wrong is taken out.
        max_examples: how many programs hypothesis draws for a law.
        read: a node to its number and gradient.
        notes: what is no fault.
        law: the name of the law that is tried.
        until: when the time for it is over; after that nothing more is tried.
    """

    engine: type
    student: Student
    language: Language
    forms: list[Form]
    max_examples: int
    read: Callable[[Any], Read]
    notes: list[str] = field(default_factory=list)
    law: str = ""
    until: float = math.inf

    def begin(self, law: str) -> None:
        """The clock of a law begins."""
        self.law, self.until = law, time.monotonic() + 2 * self.student.limit

    def say(self, key: str, **said: Any) -> str:
        """A sentence of the table."""
        return ENGINE[self.language]["says"][key].format(engine=self.engine.__name__, **said)

    def note(self, key: str, **said: Any) -> None:
        """Remember what is a convention, or missing, and no fault."""
        sentence = self.say(key, **said)
        self.notes += [sentence] if sentence not in self.notes else []

    def form(self, name: str) -> Form | None:
        """The form of this name, where the class has it and it is right."""
        return next((form for form in self.forms if form.name == name), None)

    def need(self, *names: str) -> list[Form]:
        """Those of these forms that are right."""
        return [form for form in map(self.form, names) if form]

    def make(self, x: float) -> Any:
        """A leaf of theirs."""
        return self.engine(x)

    def number(self, node: Any) -> float:
        """The number of a node of theirs, as a float."""
        return float(self.read(node).number)

    def gradient(self, node: Any) -> float:
        """The gradient of a node of theirs; 0 where there is none."""
        found = self.read(node).gradient
        return 0.0 if found is None else float(found)

    def run(self, program: StraightLine, sweeps: int = 1) -> Outcome:
        """The program on their class, and `backward` from its last result.

        Raises:
            Raised: their code did not end as it should.
        """
        outcome = Outcome()

        def code() -> None:
            leaves = [self.make(x) for x in program.inputs]
            outcome.nodes = program.run(leaves, self.make)
            outcome.value = self.number(outcome.nodes[-1])
            for _ in range(sweeps):
                outcome.nodes[-1].backward()
            outcome.gradients = [self.gradient(leaf) for leaf in leaves]

        self.student.run(code)
        return outcome

    def difference(self, program: StraightLine) -> Difference | None:
        """The first number of a program that is wrong, or what was raised; None where all are right.

        Raises:
            DomainError: the program has no value, or no derivative, at its inputs.
        """
        if time.monotonic() > self.until:
            self.note("slow", law=ENGINE[self.language]["laws"][self.law])
            return None
        leaves, right = right_of(program)
        try:
            theirs = self.run(program)
        except Raised as raised:
            return Difference("", raised=raised)
        names = program.names
        if not agree(theirs.value, right):
            return Difference(names[-1], theirs.value, right, is_value=True)
        for name, ours, found in zip(names, leaves, theirs.gradients, strict=False):
            if not agree(found, ours):
                return Difference(name, found, ours)
        return None

    def told(self, different: Difference) -> str:
        """A difference in words."""
        if different.raised:
            return self.raised(different.raised)
        assert different.theirs is not None
        assert different.right is not None
        theirs, right = shown(different.theirs, different.right)
        return self.say("value" if different.is_value else "gradient", name=different.name, theirs=theirs, right=right)

    def raised(self, raised: Raised, deep: bool = False) -> str:
        """What their code did instead of giving a number, and where."""
        key = {
            "TimeLimit": "endless",
            "SystemExit": "exits",
            "MemoryError": "memory",
            "RecursionError": "too deep" if deep else "calls itself",
        }.get(raised.kind, "raises")
        at = self.say("at", line=raised.line, function=raised.function) if raised.line else ""
        return self.say(key, error=str(raised), seconds=f"{self.student.limit:g}", at=at)

    def written(self, program: StraightLine) -> str:
        """A program on one line; its inputs too, where its derivative depends on them."""
        lines = program.lines(self.engine.__name__)
        return "; ".join(lines[len(program.inputs) :] if is_linear(program) else lines)

    def smallest(self, strategy: SearchStrategy[Any], breaks: Callable[[Any], bool], examples: int) -> Any:
        """The simplest that is drawn and breaks a law; None where none is found in time."""
        return smallest(strategy, breaks, examples, self.student.limit)


def right_of(program: StraightLine) -> tuple[list[float], float]:
    """Gradients and value by this library.

    Raises:
        DomainError: there are none.
    """
    leaves = [Value(x) for x in program.inputs]
    y = program.run(leaves)[-1]
    if not isinstance(y, Value):
        raise DomainError("the program does not depend on its inputs")
    y.backward()
    return [float(leaf.grad) for leaf in leaves], float(y.data)


def is_linear(program: StraightLine) -> bool:
    """Whether derivatives are the same everywhere: sums, and products with constants."""

    def linear(form: Form, operands: Sequence[int | float]) -> bool:
        return form.name in ("x + y", "x - y", "-x") or (
            form.name == "x * y" and any(isinstance(x, float) for x in operands)
        )

    return all(linear(*step) for step in program.steps)


def refuse(subject: Subject, found: Sequence[tuple[str, str]]) -> None:
    """Raise the first sentence, if there is one, with the names of what else is wrong behind it."""
    if found:
        names = list(dict.fromkeys(name for name, _ in found[1:]))
        more = [subject.say("more", count=len(names) - _NAMED)] if len(names) > _NAMED else []
        also = subject.say("also", names=", ".join(names[:_NAMED] + more)) if names else ""
        raise Broken(found[0][1] + also)
