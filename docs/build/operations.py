"""The pages of the operations, one for each entry of the table: formula, domain, rule, accuracy, kinks and curve.

What was measured is quoted from docs/accuracy.md and docs/conventions.md; all else is asked of the records.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import autograd
from autograd import OPS, Family, Op, Value
from autograd.catalogue import members
from autograd.notation import Text
from autograd.render import expression
from autograd.render.text import number
from docs.build import accuracy, conventions, curves
from docs.build.docstrings import escaped, markdown

_TABLE = Path(autograd.__file__).with_name("functions.py")
_TEXT = Text(number)


class Entry(NamedTuple):
    """An operation or family of the table, as the site shows it."""

    key: str
    entry: Op | Family
    section: str

    @property
    def ops(self) -> list[Op]:
        """It, or the members with which the laws try the family."""
        return members(self.entry)

    @property
    def is_public(self) -> bool:
        """Whether `autograd` has it under its name."""
        return getattr(autograd, self.key, None) is self.entry or self.key == "dot"

    @property
    def meaning(self) -> str:
        """A few words."""
        return self.entry.meaning if isinstance(self.entry, Op) else inspect.cleandoc(self.entry.__doc__ or "")


def entries() -> list[Entry]:
    """Of the library's own table, in its order, with the headings that stand there."""
    sections = _sections()
    return [
        Entry(key, entry, sections.get(key, "families" if isinstance(entry, Family) else "arithmetic"))
        for key, entry in OPS.items()
        if is_ours(entry)
    ]


def is_ours(entry: Op | Family) -> bool:
    """Whether the library defines it, and not who uses it."""
    module = getattr(entry.backward if isinstance(entry, Op) else entry, "__module__", "") or ""
    return module.split(".")[0] == "autograd"


def _sections() -> dict[str, str]:
    """Under which comment of the table an operation stands."""
    found, section = {}, ""
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"# ([a-z].*)", line):
            section = heading[1]
        elif entry := re.match(r'\w+: Op +=+ primitive\("(\w+)"', line):
            found[entry[1]] = section
    return found


# --- Formulas -------------------------------------------------------------------------------------------------


def formula(op: Op) -> str:
    """`y = …`, as pictures write it."""
    _, y = _recorded(op)
    return str(expression(y))


def form(op: Op) -> str:
    """What programs compute for one number; nothing where they are told otherwise."""
    if op.form is None or op.arity is None:
        return ""
    return op.form.written(curves.operand_names(op))


def rules(op: Op) -> list[tuple[str, str]]:
    """What `backward` passes to each operand, of the cotangent g and the value y."""
    xs, recorded = _recorded(op)
    g, y = Value(1.0, "g"), Value(recorded.data, "y")
    passed = op.backward(g, y, *xs)
    return [(name, _shown(each)) for name, each in zip(curves.operand_names(op), passed, strict=True)]


def _shown(passed: object) -> str:
    return str(expression(passed)) if isinstance(passed, Value) else _TEXT.number(passed).text


def _recorded(op: Op) -> tuple[list[Value], Value]:
    xs = [Value(x, name) for x, name in zip(curves.held(op), curves.operand_names(op), strict=True)]
    return xs, op(*xs)


# --- Pages ----------------------------------------------------------------------------------------------------


def page(each: Entry) -> str:
    """The page of an entry, as Markdown."""
    return "\n".join(_parts(each))


def _parts(each: Entry) -> Iterator[str]:
    yield f"# {each.key}\n"
    yield from _signature(each)
    yield f"\n```{{image}} ../curves/{curves.file(each.key)}\n:alt: {_caption(each)}\n:class: curve\n```\n"
    yield f"*{_caption(each)}*\n"
    yield "## Formula and rule\n"
    yield "What `backward` passes on to each operand, of the cotangent g of the output and its value y.\n"
    yield from _records(each)
    yield "\n## Accuracy\n"
    yield "The worst error that was measured, in units in the last place, and the bound that the tests hold it to. "
    yield "[How it is measured](../accuracy.md).\n"
    yield quoted(accuracy.PAGE, each.ops) or "Not measured."
    yield "\n## At kinks and edges\n"
    yield from _kinks(each)


def _signature(each: Entry) -> Iterator[str]:
    name = f"autograd.{each.key}" if each.is_public else f'autograd.OPS["{each.key}"]'
    if isinstance(each.entry, Family):
        given = ", ".join(inspect.signature(each.entry).parameters)
        call = f"{each.key}({given})({', '.join(curves.operand_names(each.ops[0]))})"
        more = f"A family: `{each.key}({given})` makes the operation, which is called with numbers or Values."
    else:
        taken = "a, b" if each.key == "dot" else ", ".join(curves.operand_names(each.entry))
        call = f"{each.key}({taken}{', …' if each.entry.arity is None and each.key != 'dot' else ''})"
        more = "Takes any number of operands." if each.entry.arity is None and each.key != "dot" else ""
    if each.is_public:
        shown = call.split(")(")[0].rstrip(")") + ")"
        yield f"````{{py:function}} {shown.replace('…', '*more')}\n:module: autograd\n"
        yield f"{markdown(each.meaning)}\n\n{more}\n````"
    else:
        yield f"`{name}`: {markdown(each.meaning)}\n\n{more}\n"
        yield "A part of other operations' rules and programs, without a public name."


def _caption(each: Entry) -> str:
    if isinstance(each.entry, Family):
        named = ", ".join(op.name for op in each.ops)
        return f"{named}: values on the left, derivatives on the right."
    if each.entry.arity is None:
        return f"{formula(each.entry)} over its first operand, the others held; it is as smooth in each of them."
    return "Value and derivative" + (", over each operand while the others are held." if each.entry.arity > 1 else ".")


def _records(each: Entry) -> Iterator[str]:
    """One operation from top to bottom; the members of a family beside one another."""
    facts = [
        {"y": _cell(formula(op)), "defined for": escaped(op.defined), **_back(op), **_programs(op)} for op in each.ops
    ]
    if isinstance(each.entry, Op):
        yield f"| | `{each.key}` |\n|---|---|"
        yield from (f"| {title} | {cell} |" for title, cell in facts[0].items())
        return
    titles = list(dict.fromkeys(title for fact in facts for title in fact))
    yield f"| | {' | '.join(titles)} |\n|---|{'---|' * len(titles)}"
    for op, fact in zip(each.ops, facts, strict=True):
        yield f"| {_cell(op.name)} | {' | '.join(fact.get(title, '') for title in titles)} |"


def _back(op: Op) -> dict[str, str]:
    return {f"to {name}": _cell(rule) for name, rule in rules(op)}


def _programs(op: Op) -> dict[str, str]:
    return {"in programs": _cell(form(op))} if form(op) else {}


def _cell(text: str) -> str:
    return f"`{text}`".replace("|", r"\|")


def _kinks(each: Entry) -> Iterator[str]:
    if table := quoted(conventions.PAGE, each.ops):
        yield "What the rule gives where there is no one derivative, beside other libraries. "
        yield "[The conventions](../conventions.md).\n"
        yield table
    else:
        yield "The record states no convention for a kink. [The conventions](../conventions.md)."


def quoted(page: Path, ops: list[Op]) -> str:
    """Of a page's tables the first head, and the lines that are about these operations; nothing if there are none."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    about = [line for op in ops for line in lines[2:] if line.startswith(f"| `{op.name}` |")]
    return "\n".join([*lines[:2], *about]) if about else ""


def _gallery() -> Iterator[str]:
    """The page of all operations: their curves, under the headings of the table."""
    yield "# Operations\n"
    yield "Every entry of the table in [functions.py](../source/autograd/functions.py.md), with its curve. "
    yield "On its page: formula, domain, rule, derivative, accuracy, and what holds at kinks.\n"
    shown = entries()
    for section in dict.fromkeys(each.section for each in shown):
        yield f"## {section[0].upper()}{section[1:]}\n"
        for each in shown:
            if each.section == section:
                yield f"[![{each.key}](../curves/{curves.file(each.key, is_small=True)})`{each.key}`]({each.key}.md)"
        yield ""
    yield "```{toctree}\n:hidden:\n"
    yield from (each.key for each in shown)
    yield "```"


def write(folder: Path, draw: bool = True) -> None:
    """The pages into `operations`, and if asked to, the curves into `curves`."""
    (folder / "operations").mkdir(parents=True, exist_ok=True)
    (folder / "operations" / "index.md").write_text("\n".join(_gallery()), encoding="utf-8")
    for each in entries():
        (folder / "operations" / f"{each.key}.md").write_text(page(each), encoding="utf-8")
        if draw:
            curves.draw(each.entry, folder / "curves" / curves.file(each.key))
            curves.thumbnail(each.entry, folder / "curves" / curves.file(each.key, is_small=True))
