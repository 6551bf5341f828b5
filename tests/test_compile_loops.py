"""Loops in recorded graphs: found, differentiated as loops, and printed, they compute what the graph does."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value
from autograd.compiler import rolling
from autograd.compiler.nest import Loop
from autograd.compiler.recording import record
from autograd.compiler.rolled import CKernel, PythonKernel
from autograd.compiler.rolling import roll
from autograd.compiler.scalar import CONSTANT, Scalars, scalars
from support.loops import THETA, Program, X, check, programs, read, values


@pytest.fixture(autouse=True, params=["as it is", "eager for loops"])
def eagerness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that save next to nothing are found too, so that small programs have many."""
    if request.param == "eager for loops":
        monkeypatch.setattr(rolling, "_SAVED", 1)
        monkeypatch.setattr(rolling, "_SAVED_INSIDE", 1)


def same(a: Scalars, b: Scalars) -> bool:
    """Instruction for instruction, constants by number."""
    constant = a.kinds == CONSTANT
    return (
        [a.table[k] for k in a.what] == [b.table[k] for k in b.what]
        and bool((a.kinds == b.kinds).all())
        and bool(((a.places == b.places) | constant).all())
        and bool((a.numbers[a.places[constant]] == b.numbers[b.places[constant]]).all())
        and (a.shared, a.labels) == (b.shared, b.labels)
    )


@settings(max_examples=60, deadline=None)
@given(programs())
def test_a_nest_unrolls_to_the_program_it_was_made_of(program: Program) -> None:
    flat, _, _ = read(program)
    flat.verify()
    nest = roll(flat)
    nest.verify()
    assert same(flat, nest.unrolled())


@settings(max_examples=40, deadline=None)
@given(programs())
def test_reading_a_graph_keeps_its_numbers(program: Program) -> None:
    flat, _, recording = read(program)
    outputs, held = flat.evaluate(X[0].tolist(), THETA.tolist())
    assert held
    np.testing.assert_allclose(outputs, [x.data for x in recording.outputs], rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(programs(), st.sampled_from([1, 5]))
def test_loops_in_python_are_the_graph(program: Program, rows: int) -> None:
    check(program, PythonKernel, rows)


@settings(max_examples=15, deadline=None)
@given(programs(), st.sampled_from([1, 5]))
def test_loops_in_c_are_the_graph(program: Program, rows: int) -> None:
    check(program, CKernel, rows)


def test_something_is_rolled() -> None:
    """Else the laws above hold for nothing."""
    theta = values(THETA)

    def f(x: Any) -> Value:
        h = theta[0]
        for each in x:
            h = (h * theta[1] + each) * 0.5 + theta[2] * h * h
        return h

    recording = record(f, [X[0].tolist()], theta)
    nest = roll(scalars(recording, theta, recording.outputs))
    assert any(isinstance(each, Loop) for each in nest.rows)
    assert nest.length < 30
