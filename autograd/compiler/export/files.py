"""Export: a program as C that stands alone, a file and its header, for those who have a compiler and no Python."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from pathlib import Path

from autograd.compiler.export.functions import Functions, prototype
from autograd.compiler.export.names import identifier
from autograd.compiler.export.ways import Sorting
from autograd.compiler.loops.rolled import Rolled
from autograd.compiler.matrices.lifted import Lifted
from autograd.compiler.printers.c import CWriter, check_words, commented
from autograd.compiler.scalar import Check
from autograd.errors import NotCompilable
from autograd.files import replacing

_UNUSUAL = re.compile(r'["\\\x00-\x1f\x7f]|\?\?|[\ud800-\udfff]')  # what no #include can name
_NAMED = 100  # parameters whose labels the header lists

Onward = Mapping[tuple[int, int], int]
Named = tuple[str, tuple[int, ...]]
"""A number or an array: the path by which code has it, and its shape."""


@dataclass(frozen=True)
class Interface:
    """What callers of a program see.

    Attributes:
        arguments, results: the arrays, in order.
        labels, parameters: of each parameter its label and its number.
        mean: whether the value is the mean over the rows, else it is the sum.
        differentiable: whether it has one.
        derivatives, slopes: the arrays of the Jacobian, and the programs that compute it, one for each way.
    """

    arguments: Sequence[Named]
    results: Sequence[Named]
    labels: Sequence[str | None]
    parameters: Sequence[float]
    mean: bool
    differentiable: bool
    derivatives: Sequence[Named] = ()
    slopes: Sequence[Rolled | Lifted] = ()

    @property
    def sizes(self) -> list[int]:
        """How many numbers a row has of each argument."""
        return [prod(shape) for _, shape in self.arguments]

    @property
    def outputs(self) -> int:
        """How many numbers a row gives."""
        return sum(prod(shape) for _, shape in self.results)


def export(
    path: str | os.PathLike[str], ways: Sequence[Rolled | Lifted], interface: Interface, dtype: str, onward: Onward
) -> Path:
    """Write a program to `path` and the header beside it; see `Program.export`.

    Args:
        ways: its ways; those of the Jacobian are in the interface.
        onward: for a way, and a guard that a row breaks on it, the way where it goes on.
    """
    target = Path(path)
    if target.suffix != ".c" or _UNUSUAL.search(target.name):
        raise ValueError(
            f"export({os.fspath(path)!r}): wanted the path of a file in C, as in 'model.c'; its name stands in an "
            "#include, where quotes, backslashes, ?? and control characters cannot stand."
        )
    if dtype != "float64" or any(isinstance(way, Lifted) and way.is_strict for way in ways):
        what, instead = ("strict=True", "strict") if dtype == "float64" else (f"dtype={dtype!r}", "dtype")
        raise NotCompilable(f"export: C has no program with {what}; compile without {instead}, and export that.")
    for way in ways:
        check_words(way.scalars, interface.differentiable, "export", "")
    for way in interface.slopes:
        check_words(way.scalars, False, "export", "")
    file = _File(identifier(target.stem), target.with_suffix(".h").name, ways, onward, interface)
    _write(target.with_suffix(".h"), file.header)
    _write(target, file.text)
    return target


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def in_javascript(way: Rolled | Lifted, gradient: bool) -> str:
    """The function of a way that computes its outputs, or the sum over the rows of its loss and the gradient.

    Straight code with its loops, whatever the way is made of: browsers compile it, and it takes a microsecond for a row
    and a few kB for a network, where steps of matrices would need a library beside them.

    Returns:
        An expression, as `JavaScriptPrinter` says.

    Raises:
        NotCompilable: JavaScript has no words for an operation, or a rule cannot be written down.
    """
    from autograd.compiler.printers.javascript import JavaScriptPrinter

    rolled = way if isinstance(way, Rolled) else Rolled.of(way.scalars)
    return JavaScriptPrinter(rolled.code(gradient)).text()


class _File:
    """The two files of a program."""

    def __init__(
        self, name: str, header: str, ways: Sequence[Rolled | Lifted], onward: Onward, interface: Interface
    ) -> None:
        self.name, self.interface, self.ways = name, interface, ways
        self._header = header
        self.functions = Functions(name, interface.sizes)
        self.prototypes = [prototype(name, False)]
        if interface.differentiable:
            self.prototypes.append(prototype(f"{name}_value_and_grad", True))
        if interface.slopes:
            self.prototypes.append(prototype(f"{name}_jacobian", False))
        if len(ways) > 1:
            self._add_ways(onward)
        else:
            self._add_one("", ways[0], interface.slopes[0] if interface.slopes else None, interface.mean)

    def _add_one(self, suffix: str, way: Rolled | Lifted, slopes: Rolled | Lifted | None, mean: bool) -> None:
        """The functions of one way."""
        name, functions = self.name + suffix, self.functions
        functions.add_values(name, way)
        if self.interface.differentiable:
            functions.add_gradient(f"{name}_value_and_grad", way, mean)
        if slopes is not None:
            functions.add_values(f"{name}_jacobian", slopes)

    def _add_ways(self, onward: Onward) -> None:
        """The functions of each way, and those that send each row the way it goes."""
        given, self.functions.linkage = self.interface, "static "
        slopes = given.slopes or [None] * len(self.ways)
        for k, (way, each) in enumerate(zip(self.ways, slopes, strict=True)):
            self._add_one(f"_way{k}", way, each, mean=False)
        first = [0, *accumulate(len(way.checks) for way in self.ways)]
        sorts = Sorting(self.name, given.sizes, first, onward)
        self.functions.add(sorts.sorted())
        self.functions.add(sorts.values(given.outputs))
        if given.differentiable:
            self.functions.add(sorts.gradient(len(given.parameters), given.mean))
        if given.slopes:
            self.functions.add(sorts.jacobian(given.outputs, sum(prod(shape) for _, shape in given.derivatives)))

    @property
    def text(self) -> str:
        """The file that is compiled."""
        words = {"header": self._header, "needs": _VECTORS if self.functions.has_vectors else _PLAIN}
        parameters = f"\n{self._parameters}" if self.interface.parameters else ""
        return f"{_TOP.format(**words)}{self.functions.text}{parameters}"

    @property
    def _parameters(self) -> str:
        """The list of their numbers, each with its label."""
        number, labels = CWriter().number, self.interface.labels
        each = zip(self.interface.parameters, labels, strict=True)
        lines = [f"  {number(x)},{_beside(k, label)}" for k, (x, label) in enumerate(each)]
        return "\n".join([f"const double {self.name}_parameters[] = {{", *lines, "};", ""])

    @property
    def header(self) -> str:
        """The file that callers include."""
        guard, given = f"{self.name.upper()}_H", self.interface
        counts = {"ARGUMENTS": len(given.arguments), "OUTPUTS": given.outputs, "PARAMETERS": len(given.parameters)}
        defined = [f"#define {self.name.upper()}_{what} {count}" for what, count in counts.items()]
        declared = [f"{each};" for each in self.prototypes]
        if given.parameters:
            declared.append(f"extern const double {self.name}_parameters[];")
        return _HEADER.format(
            about=commented("\n".join(self._about())),
            guard=guard,
            defined="\n".join(defined),
            declared="\n".join(declared),
        )

    def _about(self) -> Iterator[str]:
        """What the header says, line by line."""
        given = self.interface
        yield from _arrays("arguments", given.arguments)
        yield ""
        yield from _numbers("outputs takes", given.results)
        if given.differentiable:
            what = "mean over the rows (of none: NAN)" if given.mean else "sum over the rows"
            yield f"value takes the {what} of the output, and gradient its {_counted(len(given.labels), 'derivative')}."
        if given.slopes:
            yield from _numbers(f"In {self.name}_jacobian it takes", given.derivatives)
        yield ""
        yield from self._about_parameters()
        yield ""
        yield from self._about_guards()

    def _about_guards(self) -> Iterator[str]:
        """Which comparisons a row may break."""
        checks = [check for way in self.ways for check in way.checks]
        if len(self.ways) > 1:
            yield f"A row goes one of {len(self.ways)} ways, or breaks a guard; here are those of all ways."
        yield from _about_guards(checks)
        if not self.interface.slopes:
            return
        if len(self.ways) > 1:
            yield f"{self.name}_jacobian returns {1 + len(checks)} where a rule would go another way."
        elif (others := self.interface.slopes[0].checks) != checks:
            yield f"In {self.name}_jacobian:"
            yield from _about_guards(others)

    def _about_parameters(self) -> Iterator[str]:
        labels = self.interface.labels
        if not labels:
            yield "There are no parameters: the argument of that name may be NULL."
            return
        yield f"parameters has {_counted(len(labels), 'number')}; the program's own are in {self.name}_parameters."
        named = [(k, label) for k, label in enumerate(labels) if label]
        yield from [f"  [{k}] {_line(label)}" for k, label in named[:_NAMED]]
        if len(named) > _NAMED:
            yield f"  … the labels of {len(named) - _NAMED} more stand beside their numbers in the file"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _beside(k: int, label: str | None) -> str:
    return f" /* {commented(f'[{k}] {_line(label)}')} */" if label else ""


def _line(text: str) -> str:
    """On one line."""
    return text.replace("\n", "\\n")


def _arrays(name: str, arrays: Sequence[Named]) -> Iterator[str]:
    """What the arrays are."""
    if not arrays:
        yield f"There are no {name}: the argument of that name may be NULL."
        return
    yield f"{name} are arrays of rows, one row after another, with the last index fastest within a row:"
    for k, (path, shape) in enumerate(arrays):
        rows = ", ".join(map(str, ("rows", *shape)))
        yield f"  [{k}] {_line(path)}, of shape ({rows}{'' if shape else ','})"


def _numbers(what: str, arrays: Sequence[Named]) -> Iterator[str]:
    """What is written for a row, and where each array stands in it."""
    count = _counted(sum(prod(shape) for _, shape in arrays), "number")
    yield f"{what} {count} for each row, one row after another; within a row"
    start = 0
    for path, shape in arrays:
        stop = start + prod(shape)
        places = f"[{start}..{stop - 1}]" if shape else f"[{start}]"
        yield f"  {places} {_line(path)}, {f'of shape {shape}' if shape else 'a number'}"
        start = stop


def _about_guards(checks: Sequence[Check]) -> Iterator[str]:
    """Which comparisons a row may break."""
    if not checks:
        yield "No row can break a guard, because nothing was compared."
        return
    yield "Guards: a row breaks one where it would go another way than the sample from which the program was made."
    yield "A comparison in a loop is checked in every turn."
    for k, check in enumerate(checks, 1):
        yield f"  {k}: left {check.sign} right was {'true' if check.outcome else 'false'}; {_line(check.where)}"


_PLAIN = "any compiler of C99"
_VECTORS = "gcc (4.9 or later) or clang, for its vectors"
_TOP = """/* Written by scalar-autograd. {header} says what it computes. It needs {needs}, and libm.
   Compiled as C99 (-std=c99) without -ffast-math, it gives the same digits as the program in Python. */
#include "{header}"

"""
_HEADER = """/* Written by scalar-autograd.

{about}

The functions return 0 if all went well. If a row breaks a guard, they return the number of that guard, counted from 1;
the row is then in *row, unless row is NULL, and the results are not valid. They return -1 if there is no memory.
Several threads may call them at once: nothing is kept from call to call. Arrays that are written must not overlap those
that are read. */
#ifndef {guard}
#define {guard}

#include <stddef.h>

#ifdef __cplusplus
extern "C" {{
#endif

{defined}

{declared}

#ifdef __cplusplus
}}
#endif

#endif
"""
