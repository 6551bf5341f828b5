"""JavaScript of a program: a function that stands alone, for pages that compute what Python computes."""

from collections.abc import Iterator

from autograd.compiler.loops.code import Atom, Code, Element
from autograd.compiler.loops.nest import index
from autograd.compiler.loops.unread import without_unread
from autograd.compiler.printers.braces import Braces, names
from autograd.compiler.printers.javascript_functions import JavaScriptWriter

_OF_ROWS = {"x": ("inputs", "at"), "out": ("outputs", "to")}
"""The lists of a row: what they are a part of, and the name of where they begin in it."""


class JavaScriptPrinter(JavaScriptWriter, Braces):
    """Writes an expression that is a function of all rows; the lists that it works in are its own.

    With a gradient it is `(rows, inputs, p, g) => loss`, the sum over the rows of the loss, and in g that of its
    gradient; else `(rows, inputs, p, outputs) => undefined`. Each of these is a Float64Array, or a list: `inputs` has
    the numbers of all arguments, those of a row side by side, one row after the other; `p` the parameters; `outputs`
    what f returns, one row after the other. A row that breaks a guard is a RangeError.
    """

    counter = "let"

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = without_unread(code)

    def text(self) -> str:
        """The expression."""
        gradient, body = self.code.gradient, "\n".join(self.block(self.code.block, 2))
        lines = [f"  {line}" for line in [*self.helpers.splitlines(), *self._lists(body)]]
        lines += [f"  return (rows, inputs, p, {'g' if gradient else 'outputs'}) => {{", "    let row = 0;"]
        if gradient:
            lines += ["    let loss = 0;", f"    g.fill(0, 0, {self.code.parameters});"]
        lines += [body, *["    return loss;"] * gradient, "  };"]
        return "\n".join(["(() => {", *lines, "})()"])

    def _lists(self, body: str) -> Iterator[str]:
        """What declares the lists that are kept from call to call."""
        for name, size in {"V": self.code.values, **self._adjoints}.items():
            if names(body, name):
                yield f"const {name} = new Float64Array({size});"
        if names(body, "c"):
            yield f"const c = [{', '.join(map(self.literal, self.code.constants))}];"

    @property
    def _adjoints(self) -> dict[str, int]:
        """The lists that are 0 before a call, and their lengths."""
        return {name: size for name, size in (("A", self.code.adjoints), ("E", self.code.flags)) if size}

    def declared(self, name: str, text: str) -> str:
        return super().declared(name, text).replace("const", "let", 1)  # for what changes as well

    def atom(self, atom: Atom) -> str:
        if not isinstance(atom, Element) or atom.list not in _OF_ROWS:
            return super().atom(atom)
        name, begin = _OF_ROWS[atom.list]
        place = index(atom.index)
        return f"{name}[{begin if place == '0' else f'{begin} + {place}'}]"

    def row(self) -> dict[str, str]:
        sizes = {"x": self.code.inputs, "out": self.code.outputs}
        return {begin: f"const {begin} = row * {sizes[name]};" for name, (_, begin) in _OF_ROWS.items()}

    def given_up(self, guard: int, left: str, right: str) -> str:
        cleared = "".join([f"{name}.fill(0); " for name in self._adjoints])
        return f"{cleared}throw new RangeError(`guard {guard + 1}, row ${{row}}: ${{{left}}}, ${{{right}}}`);"
