"""The reference: a page for each public module, with every public name, its signature and its docstring.

Nothing is listed here but the modules: which names are public, a module says itself.
"""

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd import OPS
from docs.build import ROOT, operations
from docs.build.docstrings import markdown

MODULES = (
    "autograd",
    "autograd.render",
    "autograd.check",
    "autograd.compiler",
    "autograd.implicit",
    "autograd.laws",
    "autograd.testing",
    "autograd.strategies",
    "nn",
    "nn.estimators",
)
"""The public modules; a name that several have is described at the first."""


OURS = ("autograd", "nn")


def names(module: ModuleType) -> list[str]:
    """The public names of a module: what it says by `__all__` or its `dir`, and operations under their own names."""
    if not hasattr(module, "__all__"):
        return [name for name, thing in vars(module).items() if _is_own(name, thing, module)]
    asked = dir(module) if "__dir__" in vars(module) else []
    ours = [name for name, op in OPS.items() if getattr(module, name, None) is op]
    found = {*module.__all__, *asked, *ours}
    return sorted((name for name in found if not name.startswith("_")), key=lambda name: (name.lower(), name))


def _is_own(name: str, thing: Any, module: ModuleType) -> bool:
    return not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__


@cache
def homes() -> dict[str, str]:
    """Where each public name is described: `autograd.render.draw` at `autograd.draw`."""
    found: dict[str, str] = {}
    seen: dict[int, str] = {}
    for module in map(importlib.import_module, MODULES):
        for name in names(module):
            full = f"{module.__name__}.{name}"
            found[full] = seen.setdefault(id(getattr(module, name)), full)
    return found


@cache
def links() -> dict[str, str]:
    """Where the names lead that docstrings write between backticks: `check_gradient`, `nn.fit`, `Value.backward`.

    A lowercase word alone (`dot`, `step`) may be an argument as well, and leads nowhere.
    """
    whole = {full: home for full, home in homes().items() if not inspect.ismodule(thing_named(full))}
    members = [f"{home}.{name}" for home in set(whole.values()) for name in _members(thing_named(home))]
    short = {full.rpartition(".")[2]: home for full, home in reversed(whole.items())}
    plain = {name: home for name, home in short.items() if "_" in name or not name.islower()}
    of_class = {".".join(full.split(".")[-2:]): full for full in members}
    return {**plain, **of_class, **whole, **dict(zip(members, members, strict=True))}


def thing_named(full: str) -> Any:
    """What a full name stands for."""
    module, _, name = full.rpartition(".")
    return getattr(importlib.import_module(module), name)


# --- Pages ----------------------------------------------------------------------------------------------------


def page(module: ModuleType) -> str:
    """The page of a module, as Markdown."""
    return "\n".join(_parts(module))


def _parts(module: ModuleType) -> Iterator[str]:
    yield f"# {module.__name__}\n"
    yield f"```{{py:module}} {module.__name__}\n```\n\n{markdown(module.__doc__, links())}\n"
    groups: dict[str, list[str]] = {title: [] for title in ("Classes", "Exceptions", "Functions", "Data")}
    elsewhere: list[str] = []
    of_table: list[str] = []
    for name in names(module):
        full, thing = f"{module.__name__}.{name}", getattr(module, name)
        if inspect.ismodule(thing):
            elsewhere.append(f"- [`{name}`]({thing.__name__}.md)")
        elif homes()[full] != full:
            elsewhere.append(f"- {{py:obj}}`{name} <{homes()[full]}>`")
        elif name in OPS or thing in OPS.values():
            of_table.append(f"[`{name}`](../operations/{name}.md)")
        else:
            groups[_kind(thing)].append("\n".join(described(full, thing)))
    yield from (f"## {title}\n\n" + "\n".join(entries) for title, entries in groups.items() if entries)
    if of_table:
        yield f"## Operations\n\nEach has [a page](../operations/index.md): {', '.join(of_table)}.\n"
    if elsewhere:
        yield "## Described elsewhere\n\n" + "\n".join(elsewhere) + "\n"


def _kind(thing: Any) -> str:
    if inspect.isclass(thing):
        return "Exceptions" if issubclass(thing, BaseException) else "Classes"
    is_type = type(thing).__module__ in ("typing", "types", "collections.abc") and not inspect.isroutine(thing)
    return "Functions" if callable(thing) and not is_type else "Data"


_DIRECTIVES = {"Classes": "class", "Exceptions": "exception", "Functions": "function", "Data": "data"}


def described(full: str, thing: Any) -> Iterator[str]:
    """A name, with its signature and its docstring; of a class its members too."""
    kind = _DIRECTIVES[_kind(thing)]
    name = full.rpartition(".")[2]
    head = name if kind == "data" else name + signature(thing)
    yield f"```````{{py:{kind}}} {head}\n"
    yield _source_link(thing)
    yield markdown(thing.__doc__ if kind != "data" else _below(thing), links())
    if inspect.isclass(thing):
        yield from _described_members(thing)
    yield "```````\n"


def _source_link(thing: Any) -> str:
    """To the line where a class or function begins."""
    try:
        file = Path(str(inspect.getsourcefile(inspect.unwrap(thing)))).relative_to(ROOT).as_posix()
        line = inspect.getsourcelines(inspect.unwrap(thing))[1]
    except (TypeError, OSError, ValueError):
        return ""
    return f'<a class="source-link" href="../source/{file}.html#L-{line}">source</a>\n'


def _described_members(thing: type) -> Iterator[str]:
    for name, (member, docstring) in _members(thing).items():
        kind = "method" if inspect.isroutine(member) else "property" if isinstance(member, property) else "attribute"
        bound = isinstance(inspect.getattr_static(thing, name, None), staticmethod)
        shown = signature(member, is_method=not bound) if kind == "method" else ""
        yield f"\n`````{{py:{kind}}} {name}{shown}\n\n{markdown(docstring, links())}\n`````\n"


def _below(thing: Any) -> str:
    """The sentence below the line that defines a constant, in the module that does."""
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] in OURS and str(module.__file__).endswith(".py"):
            defined = {name for name, value in vars(module).items() if value is thing}
            said = _sentences(Path(str(module.__file__)).read_text(encoding="utf-8")) if defined else {}
            if found := next((said[name] for name in sorted(defined) if said.get(name)), ""):
                return found
    return f"A {type(thing).__name__}."


def _sentences(source: str) -> dict[str, str]:
    """Names that are assigned, with the string that stands below; "" where there is none."""
    tree = ast.parse(textwrap.dedent(source))
    body = tree.body[0].body if len(tree.body) == 1 and isinstance(tree.body[0], ast.ClassDef) else tree.body
    found = {}
    for statement, after in zip(body, [*body[1:], None], strict=True):
        target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", [])), None)
        if isinstance(target, ast.Name) and isinstance(statement, ast.Assign | ast.AnnAssign):
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value
            found[target.id] = said if isinstance(said, str) else ""
    return found


# --- Members and signatures -----------------------------------------------------------------------------------


def _members(thing: Any) -> dict[str, tuple[Any, str]]:
    """Of a class, the public members of our own classes that say something, with what they say."""
    if not inspect.isclass(thing):
        return {}
    found: dict[str, tuple[Any, str]] = {}
    for owner in reversed(thing.__mro__):
        if owner.__module__.split(".")[0] in OURS:
            found.update({name: (None, said) for name, said in _fields(owner).items() if said})
            found.update({name: (each, text) for name, each in vars(owner).items() if (text := _said(each))})
    mentioned = set(re.findall(r"^\s+([\w, ]+): ", inspect.getdoc(thing) or "", re.MULTILINE))
    return {
        name: each for name, each in found.items() if not name.startswith("_") and (each[0] or name not in mentioned)
    }


def _fields(owner: type) -> dict[str, str]:
    try:
        return _sentences(inspect.getsource(owner))
    except (OSError, TypeError):
        return {}


def _said(member: Any) -> str:
    own = inspect.isroutine(member) or isinstance(member, property | staticmethod | classmethod)
    return (inspect.getdoc(member) or "") if own else ""


def signature(thing: Any, is_method: bool = False) -> str:
    """As it is called, with the types as the source writes them; nothing where users do not call it so."""
    try:
        found = inspect.signature(thing)
    except (ValueError, TypeError):
        return ""
    parameters = list(found.parameters.values())[1 if is_method else 0 :]
    if any(parameter.name.startswith("_") for parameter in parameters):
        return ""
    gives = found.empty if inspect.isclass(thing) else found.return_annotation
    return _tidy(str(found.replace(parameters=parameters, return_annotation=gives)))


_TIDY = (
    (r"<[^<>]*(?: object at |factory|function )[^<>]*>|Ellipsis", "..."),
    (r"(:|->) '([^']*)'", r"\1 \2"),
    (r"'([A-Z]\w*)'", r"\1"),
    (r"(?<![\w.'\"])(?:[a-z_]\w*\.)+(?=[A-Za-z_])", ""),  # modules
    (r"ndarray\[tuple\[Any, \.\.\.\], dtype\[float64\]\]", "ndarray"),
    (r"Optional\[(Literal\[[^\[\]]*\])\]", r"\1 | None"),
)


def _tidy(text: str) -> str:
    """Without modules, without quotes around types, and with … for what has no short name."""
    for pattern, instead in _TIDY:
        text = re.sub(pattern, instead, text)
    return text


def write(folder: Path, curves: bool = True) -> None:
    """The pages into `reference`, and those of the operations beside, with their curves if asked to."""
    operations.write(folder, curves)
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    for name in MODULES:
        text = page(importlib.import_module(name))
        (folder / "reference" / f"{name}.md").write_text(text, encoding="utf-8")
