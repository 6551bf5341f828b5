"""Functions in C that send each row the way it goes, of programs that have several (see ways.py)."""

from collections.abc import Mapping, Sequence

from autograd.compiler.export.functions import prototype
from autograd.compiler.printers.c import braced


class Sorting:
    """Writes them.

    Args:
        name: of the program; its ways are `name_way0`, `name_way1`, …, and functions of single rows to them.
        sizes: how many numbers a row has of each argument.
        first: for each way how many guards those before it have; and how many there are.
        onward: for a way, and a guard that a row breaks on it, the way where it goes on.
    """

    def __init__(
        self, name: str, sizes: Sequence[int], first: Sequence[int], onward: Mapping[tuple[int, int], int]
    ) -> None:
        self.name, self.sizes, self.first, self.onward, self.count = name, sizes, first, onward, len(first) - 1

    def sorted(self) -> str:
        """The function that finds the way of a row, and its outputs: 0; or the number to return."""
        tables = []
        for way in range(self.count):
            guards = range(self.first[way + 1] - self.first[way])
            tables += [self.onward.get((way, guard), -1) for guard in guards]
        return f"""/* The way that a row goes, which breaks none of its guards; and what it gives. */
static int {self.name}_sorted(const double *const *row, const double *parameters, double *outputs, size_t *way)
{{
{self._ways("")}  static const int first[] = {braced(map(str, self.first), "  ")};
  static const int onward[] = {braced(map(str, tables), "  ")};
  *way = 0;
  for (size_t turns = 0;; turns++) {{
    const int status = ways[*way](1, row, parameters, outputs, NULL);
    if (status <= 0) return status;
    const int next = onward[first[*way] + status - 1];
    if (next < 0 || turns > {self.count}) return first[*way] + status;
    *way = (size_t)next;
  }}
}}
"""

    def values(self, outputs: int) -> str:
        """The function of all rows."""
        body = f"    size_t way;\n    status = {self.name}_sorted(at, parameters, outputs + r * {outputs}, &way);\n"
        return self._over_rows(prototype(self.name, False), "", body, "")

    def jacobian(self, outputs: int, derivatives: int) -> str:
        """The function of all rows that writes the derivatives."""
        begin = f"{self._ways('_jacobian')}{_memory('found', outputs)}"
        body = f"""    size_t way;
    status = {self.name}_sorted(at, parameters, found, &way);
    if (status) continue;
    status = ways[way](1, at, parameters, outputs + r * {derivatives}, NULL);
    if (status > 0) status = {1 + self.first[-1]};
"""
        return self._over_rows(prototype(f"{self.name}_jacobian", False), begin, body, "  free(found);\n")

    def gradient(self, parameters: int, mean: bool) -> str:
        """The function of the mean or the sum over the rows, and its gradient."""
        begin = f"""{self._ways("_value_and_grad", gradient=True)}{_memory("g", parameters)}  *value = 0;
  for (size_t k = 0; k < {parameters}; k++) gradient[k] = 0;
"""
        body = f"""    size_t way;
    double one;
    status = {self.name}_sorted(at, parameters, &one, &way);
    if (!status) status = ways[way](1, at, parameters, &one, g, NULL);
    if (status) continue;
    *value += one;
    for (size_t k = 0; k < {parameters}; k++) gradient[k] += g[k];
"""
        divided = f"""  const double n = rows ? (double)rows : NAN;
  *value /= n;
  for (size_t k = 0; k < {parameters}; k++) gradient[k] /= n;
"""
        end = f"  free(g);\n{divided if mean else ''}"
        return self._over_rows(prototype(f"{self.name}_value_and_grad", True), begin, body, end)

    def _ways(self, what: str, gradient: bool = False) -> str:
        names = braced([f"{self.name}_way{way}{what}" for way in range(self.count)], "  ")
        return f"  static {prototype('(*const ways[])', gradient)} = {names};\n"

    def _over_rows(self, head: str, begin: str, body: str, end: str) -> str:
        places = [f"arguments[{k}] + r * {size}" for k, size in enumerate(self.sizes)]
        at = (
            f"const double *const at[] = {braced(places, '    ')};"
            if places
            else "const double *const *at = arguments;"
        )
        return f"""{head}
{{
{begin}  int status = 0;
  size_t broken = 0;
  for (size_t r = 0; r < rows && !status; r++) {{
    {at}
    broken = r;
{body}  }}
{end}  if (status > 0 && row) *row = broken;
  return status;
}}
"""


def _memory(name: str, count: int) -> str:
    return f"  double *const {name} = malloc({count} * sizeof *{name});\n  if (!{name}) return -1;\n"
