"""A pass over code: removes names that nobody reads, about which compilers would warn."""

from collections.abc import Iterator
from dataclasses import replace

from autograd.compiler.loops.code import Add, Atom, Block, Code, For, Guard, Let, Rows, Set, Store, statements

_LOSS = "loss"  # what the way back leaves in a name


def without_unread(code: Code) -> Code:
    """The same code without what computes names that nothing comes of."""
    needs: dict[str, set[str]] = {}
    pending = {_LOSS}
    for each in statements(code.block):
        if isinstance(each, For | Rows):
            continue
        read = {atom for atom in _read(each) if isinstance(atom, str)}
        if (name := _name(each)) is None:
            pending |= read
        else:
            needs.setdefault(name, set()).update(read)
    live: set[str] = set()
    while pending:
        live.add(name := pending.pop())
        pending |= needs.get(name, set()) - live
    return replace(code, block=_kept(code.block, live))


def _name(each: Let | Set | Add | Store | Guard) -> str | None:
    """The name that a statement gives a number; None if it does something else."""
    target = each.name if isinstance(each, Let | Set) else each.target if isinstance(each, Add) else None
    return target if isinstance(target, str) else None


def _read(each: Let | Set | Add | Store | Guard) -> Iterator[Atom]:
    if isinstance(each, Guard):
        yield from (each.left, each.right)
    else:
        yield from (each.value.atoms[k] for k in each.value.form.operands)


def _kept(block: Block, live: set[str]) -> Block:
    """The statements that matter; a loop in which none is left goes too."""
    kept: Block = []
    for each in block:
        if isinstance(each, For):
            if body := _kept(each.body, live):
                kept.append(replace(each, body=body))
        elif isinstance(each, Rows):
            kept.append(Rows(_kept(each.body, live), [name for name in each.totals if name in live]))
        elif (name := _name(each)) is None or name in live:
            kept.append(each)
    return kept
