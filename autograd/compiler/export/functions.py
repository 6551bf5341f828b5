"""Functions in C that stand alone: of batches, whose arguments come as arrays of rows.

The statements are those of the backend (`CPrinter`, `StepsPrinter`). What is written here is what stands around them:
where rows come from and go to, the memory, and the sums over blocks of rows, which are cut as they are in Python, so
that sums of sums have the same digits.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from autograd.compiler.loops import rolled
from autograd.compiler.loops.code import Code
from autograd.compiler.loops.rolled import Rolled
from autograd.compiler.loops.unread import without_unread
from autograd.compiler.matrices.c_steps import StepsPrinter
from autograd.compiler.matrices.kernel import rows_at_once
from autograd.compiler.matrices.lifted import Forward, Lifted, Site
from autograd.compiler.printers.braces import names
from autograd.compiler.printers.c import CPrinter, CWriter, braced, headed, ignored

_HEAD = """#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

"""
_SMALL = 1024  # numbers that may be on the stack
_BEHIND = 7  # numbers that steps may read behind the end of an arena
_IN_LINE = 8  # numbers that vectors are aligned to
_GIVEN = {
    "rows": "size_t rows",
    "arguments": "const double *const arguments[]",
    "parameters": "const double *parameters",
}
_VALUES = {**_GIVEN, "outputs": "double *outputs", "row": "size_t *row"}
_GRADIENT = {**_GIVEN, "value": "double *value", "gradient": "double *gradient", "row": "size_t *row"}
_BLOCK = {
    "n": "size_t n",
    "start": "size_t start",
    **{name: declaration for name, declaration in _GIVEN.items() if name != "rows"},
    "lines": "double *lines",
    "fixed": "double *fixed",
    "broken": "size_t *broken",
}
_SAID = "  if (status && row) *row = broken;\n  return status;\n"


def prototype(name: str, gradient: bool) -> str:
    """How a function of values, or the one of loss and gradient, is declared."""
    return headed(f"int {name}", (_GRADIENT if gradient else _VALUES).values())


class Functions:
    """Functions of programs for one file, with what they share.

    Args:
        file: what begins the names of what only the file sees.
        sizes: how many numbers a row has of each argument.

    Attributes:
        linkage: what stands before the functions to come: "static " where only the file sees them.
    """

    def __init__(self, file: str, sizes: Sequence[int]) -> None:
        self.sizes, self.take, self.linkage = sizes, f"{file}_take", ""
        self.steps = StepsPrinter()
        self.tables: dict[str, str] = {}  # text → name
        self._file, self._texts = file, list[str]()

    @property
    def has_vectors(self) -> bool:
        """Whether the file needs a compiler that has them."""
        return bool(self.steps.plans)

    @property
    def text(self) -> str:
        """What the file includes and defines, so far."""
        functions = "\n".join(self._texts)
        above = self.steps.above if self.has_vectors else self.steps.helpers
        tables = "".join([f"static const double {name}[] = {text};\n\n" for text, name in self.tables.items()])
        take = _take(self.take, self.sizes) if names(functions, self.take) else ""
        return "".join([_HEAD, above, tables, take, functions])

    def table(self, text: str) -> str:
        """The name of a list of numbers, which stands there once."""
        return self.tables.setdefault(text, f"{self._file}_constants{len(self.tables)}")

    def add(self, text: str) -> None:
        """Another function of the file."""
        self._texts.append(text)

    def add_values(self, name: str, program: Rolled | Lifted) -> None:
        """The function of a program without its gradient, which writes its outputs for every row."""
        if isinstance(program, Rolled):
            self._texts += [*_Loops(program.code(False), self, name).values()]
        else:
            self._texts += [*_Steps(program.forward, self, name).values()]

    def add_gradient(self, name: str, program: Rolled | Lifted, mean: bool) -> None:
        """The function of the mean, or the sum, over the rows of a loss, and its gradient."""
        if isinstance(program, Rolled):
            self._texts += [*_Loops(program.code(True), self, name).gradient(mean)]
        else:
            self._texts += [*_Steps(program.backward, self, name).gradient(mean)]


def _take(name: str, sizes: Sequence[int]) -> str:
    """The function that gathers the numbers of a row from several arguments."""
    return f"""static void {name}(const double *const arguments[], size_t row, double *x)
{{
  static const size_t sizes[] = {_list(sizes)};
  for (size_t k = 0; k < {len(sizes)}; k++)
    for (size_t i = 0; i < sizes[k]; i++)
      *x++ = arguments[k][row * sizes[k] + i];
}}

"""


def _list(numbers: Iterable[int]) -> str:
    """What a list in a function begins with."""
    return braced(map(str, numbers), "  ")


def _defined(head: str, declared: Mapping[str, str], body: str) -> str:
    """A function with a head for these names, of which it may not need all."""
    return f"{head}\n{{\n{ignored([name for name in declared if not names(body, name)])}{body}}}\n"


# --- Programs of loops ------------------------------------------------------------------------------------------


class _Loops(CPrinter):
    """Writes the functions of a program of loops."""

    told = "that row in *broken"

    def __init__(self, code: Code, functions: Functions, name: str) -> None:
        super().__init__(without_unread(code))
        self.functions, self.name, self.used = functions, name, functions.steps.used
        own = {"x": "double *restrict x"} if self._gathers else {}
        known = {each: CPrinter.lists[each] for each in ("p", "outputs", "g", "V", "A", "E", "broken")}
        self.lists = {"arguments": _GIVEN["arguments"], **known, **own}

    @property
    def _gathers(self) -> bool:
        """Whether the numbers of a row are not side by side anyway."""
        return len(self.functions.sizes) > 1

    def row(self) -> dict[str, str]:
        x = f"const double *x = arguments[0] + row * {self.code.inputs};"
        gathered = f"{self.functions.take}(arguments, row, x);"
        return {**super().row(), "x": gathered if self._gathers else x}

    def given_up(self, guard: int, left: str, right: str) -> str:
        return f"*broken = row; return {guard + 1};"

    def constants(self) -> str:
        return f"  const double *const c = {self.functions.table(self.table())};\n"

    def values(self) -> Iterable[str]:
        """The function of all rows, and who calls it."""
        text, given = self.defined(f"{self.name}_rows")
        yield text
        memory, places, end = self._memory(given)
        call = self._call(given, places, "0, rows", outputs="outputs")
        body = f"{memory}  const int status = rows ? {call} : 0;\n{end}"
        yield _defined(self.functions.linkage + prototype(self.name, False), _VALUES, body)

    def gradient(self, mean: bool) -> Iterable[str]:
        """The same with the sums over blocks of rows."""
        text, given = self.defined(f"{self.name}_rows")
        yield text
        memory, places, end = self._memory(given)
        call = self._call(given, {**places, "g": "g"}, "start, stop", outputs="&loss")
        count, cleared = self.code.parameters, self.code.adjoints + self.code.flags
        zeros = f"  for (size_t k = 0; k < {cleared}; k++) memory[k] = 0;\n" if cleared else ""
        divided = _DIVIDED.format(count=count) if mean else "  *value = total;\n"
        added = _ADDED.format(count=count, most=rolled.ROWS, call=call, g=places["g"])
        yield _defined(
            self.functions.linkage + prototype(self.name, True), _GRADIENT, f"{memory}{zeros}{added}{divided}{end}"
        )

    def _memory(self, given: Sequence[str]) -> tuple[str, dict[str, str], str]:
        """How a call begins, with room for the lists that only it has; where each is; and how it ends.

        Those that are 0 before a call come first.
        """
        code, broken = self.code, "broken" in given
        sizes = {"A": code.adjoints, "E": code.flags, "V": code.values, "x": code.inputs, "g": code.parameters}
        sizes = {name: size for name, size in sizes.items() if name in given}
        starts, total = accumulate(sizes.values(), initial=0), sum(sizes.values())
        places = {name: f"memory + {start}" if start else "memory" for name, start in zip(sizes, starts, strict=False)}
        begin, end = "  size_t broken = 0;\n" if broken else "", _SAID if broken else "  return status;\n"
        if total > _SMALL:
            taken = f"  double *const memory = malloc({total} * sizeof *memory);\n  if (!memory) return -1;\n"
            return f"{taken}{begin}", places, f"  free(memory);\n{end}"
        return (f"  double memory[{total}];\n" if total else "") + begin, places, end

    def _call(self, given: Sequence[str], places: Mapping[str, str], rows: str, outputs: str) -> str:
        known = {"arguments": "arguments", "p": "parameters", "outputs": outputs, "broken": "&broken", **places}
        return f"{self.name}_rows({', '.join([rows, *[known[each] for each in given]])})"


_ADDED = """  int status = 0;
  double total = 0, *const g = {g};
  for (size_t k = 0; k < {count}; k++) gradient[k] = 0;
  for (size_t start = 0; start < rows && !status; start += {most}) {{
    const size_t stop = rows - start < {most} ? rows : start + {most};
    double loss = 0;
    status = {call};
    total += loss;
    for (size_t k = 0; k < {count}; k++) gradient[k] += g[k];
  }}
"""
_DIVIDED = """  const double n = rows ? (double)rows : NAN;
  *value = total / n;
  for (size_t k = 0; k < {count}; k++) gradient[k] /= n;
"""


# --- Programs of matrices ---------------------------------------------------------------------------------------


class _Steps:
    """Writes the functions of a program of matrices, which works in two arenas: `lines` of rows, and `fixed`."""

    def __init__(self, forward: Forward, functions: Functions, name: str) -> None:
        self.forward, self.plan, self.functions, self.name = forward, forward.plan, functions, name

    def values(self) -> Iterable[str]:
        """The function of all rows, and those of a block of rows."""
        yield from self._block()
        body = self._over_blocks(f"""    for (size_t r = 0; r < n; r++) {{
      double *out = outputs + (start + r) * {len(self.forward.outputs)};
{"".join(self._outputs())}    }}
""" if self.forward.outputs else "", "")  # fmt: skip
        yield _defined(self.functions.linkage + prototype(self.name, False), _VALUES, body)

    def gradient(self, mean: bool) -> Iterable[str]:
        """The same with the sums over blocks of rows."""
        plan, sign = self.plan, "+=" if self.plan.is_total else "="
        yield from self._block()
        added = f"""    total {sign} fixed[{plan.loss}];
    for (size_t k = 0; k < {plan.parameters}; k++) gradient[k] {sign} fixed[{plan.gradient.start} + k];
"""
        scale = ("1 / (double)rows" if mean else "1") if plan.is_total else "1" if mean else "(double)rows"
        scaled = f"""  const double scale = {f"rows ? {scale} : NAN" if mean else scale};
  *value = total * scale;
  for (size_t k = 0; k < {plan.parameters}; k++) gradient[k] *= scale;
"""
        cleared = f"  double total = 0;\n  for (size_t k = 0; k < {plan.parameters}; k++) gradient[k] = 0;\n"
        body = cleared + self._over_blocks(added, scaled)
        yield _defined(self.functions.linkage + prototype(self.name, True), _GRADIENT, body)

    def _over_blocks(self, read: str, behind: str) -> str:
        """The statements that take memory, go over the blocks, read each, and say how it went."""
        plan = self.plan
        room = -(-(plan.size + _BEHIND) // _IN_LINE) * _IN_LINE
        more = room + _BEHIND + _IN_LINE - 1
        small = plan.height + more <= _SMALL
        taken = "malloc(cells * sizeof *memory)"
        memory = f"  double *const memory = {taken};\n"
        if small:
            memory = f"  double small[{_SMALL}], *const memory = cells <= {_SMALL} ? small : {taken};\n"
        most = rows_at_once(plan)
        return f"""  const size_t most = rows < {most} ? rows : {most}, cells = {plan.height} * most + {more};
{memory}  if (!memory) return -1;
  memset(memory, 0, cells * sizeof *memory);
  double *const fixed = memory + (64 - (uintptr_t)memory % 64) % 64 / sizeof *memory, *const lines = fixed + {room};
  size_t broken = 0;
  int status = 0;
  for (size_t start = 0; start < rows; start += most) {{
    const size_t n = rows - start < most ? rows - start : most;
    status = {self.name}_block(n, start, arguments, parameters, lines, fixed, &broken);
    if (status) break;
{read}  }}
{behind}{"  if (memory != small) free(memory);" if small else "  free(memory);"}
{_SAID}"""

    def _outputs(self) -> Iterable[str]:
        """The statements that write the outputs of row r: one for those side by side."""
        sites = self.forward.outputs
        starts = [k for k, site in enumerate(sites) if not k or site != (sites[k - 1][0], sites[k - 1][1] + 1)]
        for start, stop in zip(starts, [*starts[1:], len(sites)], strict=True):
            if stop == start + 1:
                yield f"      out[{start}] = {_read(sites[start])};\n"
                continue
            in_rows, place = sites[start]
            place = f"lines[({place} + k) * n + r]" if in_rows else f"fixed[{place} + k]"
            yield f"      for (size_t k = 0; k < {stop - start}; k++) out[{start} + k] = {place};\n"

    def _block(self) -> Iterable[str]:
        """The steps, and the function that fills the arenas for a block of rows, runs them and looks at the guards."""
        yield f"static {self.functions.steps.defined(f'{self.name}_steps', self.plan)}"
        body = "".join([*self._filled(), f"  {self.name}_steps((ptrdiff_t)n, lines, fixed);\n", *self._guards()])
        head = headed(f"static int {self.name}_block", _BLOCK.values())
        yield _defined(head, _BLOCK, f"{body}  return 0;\n")

    def _filled(self) -> Iterable[str]:
        """The statements before the steps, which write constants, parameters and arguments."""
        plan = self.plan
        for constants, target in ((plan.row_constants, "lines"), (plan.fixed_constants, "fixed")):
            if constants:
                places, numbers = zip(*constants, strict=True)
                yield from self._constants(places, numbers, target)
        if plan.parameters:
            yield f"  memcpy(fixed, parameters, {plan.parameters} * sizeof *fixed);\n"
        if plan.arguments:
            bases, sizes = zip(*plan.arguments, strict=True)
            yield f"""  static const size_t bases[] = {_list(bases)}, sizes[] = {_list(sizes)};
  for (size_t k = 0; k < {len(bases)}; k++)
    for (size_t i = 0; i < sizes[k]; i++)
      for (size_t r = 0; r < n; r++)
        lines[(bases[k] + i) * n + r] = arguments[k][(start + r) * sizes[k] + i];
"""

    def _constants(self, places: Sequence[int], numbers: Sequence[float], target: str) -> Iterable[str]:
        table = self.functions.table(braced(map(CWriter().number, numbers)))
        yield f"  static const size_t of_{target}[] = {_list(places)};\n"
        yield f"  for (size_t k = 0; k < {len(places)}; k++)\n"
        if target == "lines":
            yield f"    for (size_t r = 0; r < n; r++) lines[of_lines[k] * n + r] = {table}[k];\n"
        else:
            yield f"    fixed[of_fixed[k]] = {table}[k];\n"

    def _guards(self) -> Iterable[str]:
        """The statements that look, row by row, whether all comparisons go as they went."""
        if not self.forward.guards:
            return
        yield "  for (size_t r = 0; r < n; r++) {\n"
        for k, guard in enumerate(self.forward.guards, 1):
            holds = f"{_read(guard.left)} {guard.check.sign} {_read(guard.right)}"
            yield f"    if ({f'!({holds})' if guard.check.outcome else holds}) {{ *broken = start + r; return {k}; }}\n"
        yield "  }\n"


def _read(site: Site) -> str:
    """A number of row r."""
    in_rows, place = site
    return f"lines[{place} * n + r]" if in_rows else f"fixed[{place}]"
