"""What help shows of each operation is what its record says."""

import inspect
import pydoc

import pytest

from autograd import OPS, Op, Value, functions, operations
from autograd.operation import Family, primitive


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
def test_help_shows_what_the_record_says(op: Op) -> None:
    """Meaning, domain, accuracy and every convention at a kink; in the docstring, so by `help` and by `tanh?` too."""
    told = inspect.getdoc(op)
    assert told
    for part in (op.meaning, f"defined for {op.defined}", f"within {op.ulps:g} ulp"):
        assert part in told
    assert told.count("by convention") == len(op.edges)
    assert told in "\n".join(line[4:] for line in pydoc.plain(pydoc.render_doc(op)).splitlines())


@pytest.mark.parametrize("name", functions.__all__)
def test_an_entry_can_be_called_as_its_signature_says(name: str) -> None:
    """An operation by its operands, a family by its constants."""
    entry = getattr(functions, name)
    signature = inspect.signature(entry)
    if isinstance(entry, Op):
        signature.bind(*[1.0] * (2 if entry.arity is None else entry.arity))
    elif isinstance(entry, Family):
        signature.bind(*entry.samples[0])
        assert entry(*entry.samples[0]).name in inspect.getdoc(entry)


def test_derivatives_are_formulas() -> None:
    """Those of one line, by the rule itself: nothing is written by hand."""
    shown = {name: getattr(functions, name).__doc__ for name in ("log", "tanh", "power")}
    assert "derivative: 1 ÷ x\n" in shown["log"]
    assert "derivative: sech2(x)\n" in shown["tanh"]
    assert "derivative: 2 × x¹\n" in shown["power"]


def test_the_classes_keep_their_own_text() -> None:
    """`help(Op)` says what an operation is."""
    assert str(Op.__doc__).startswith("One operation")
    assert str(Family.__doc__).startswith("Operations that close over constants")
    assert "backward" in inspect.signature(Op).parameters


def test_the_operations_are_shown_as_a_table() -> None:
    """One line each: name, formula, meaning; in a notebook a row each."""
    lines = repr(operations()).splitlines()
    assert len(lines) == len(operations())
    assert "tanh tanh(x) hyperbolic tangent" in [" ".join(line.split()) for line in lines]
    assert operations()._repr_html_().count("<tr>") == len(lines)


def test_help_helps_where_a_rule_is_wrong() -> None:
    """An operation that is not finished has a page and a line too."""

    def backward(g: Value, y: Value, x: Value) -> tuple[Value]:
        raise RuntimeError

    unfinished = primitive("unfinished", lambda x: x.nothing, backward)
    try:
        assert "defined for" in str(unfinished.__doc__)
        assert "unfinished" in repr(operations())
    finally:
        del OPS["unfinished"]
