"""Deep programs, by the public ways: what is chosen and why, batches, messages, threads, pickles, what is kept."""

import functools
import gc
import linecache
import math
import operator
import pickle
import re
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import BranchChanged, DomainError, NotCompilable, Program, Value, compile, primitive
from autograd.compiler import choosing
from autograd.compiler.loops import rolled
from autograd.compiler.loops.code import Code
from autograd.compiler.loops.packing import elements
from autograd.compiler.loops.rolled import CKernel, Rolled
from autograd.compiler.matrices.kernel import Kernel
from autograd.compiler.printers.c import CPrinter
from autograd.compiler.recording import record
from autograd.compiler.scalar import scalars
from autograd.doubles import living
from autograd.operation import OPS
from benchmarks.deep_programs import PROGRAMS

WAYS = ["c", "numpy"]
SMALLER = {"american_put": 12, "trinomial": 12, "logistic": 300}  # turns, so that the graph is quick too


def deep(theta: Any, x: Any, turns: int = 60) -> Any:
    for _ in range(turns):
        x = ag.tanh(theta[0] * x + theta[1])
    return x * x


def made(way: str | None = "c", **options: Any) -> tuple[Program, list[Value]]:
    theta = [Value(0.9, "w"), Value(0.1, "b")]
    return compile(lambda x: deep(theta, x), 0.5, wrt=theta, backend=way, **options), theta


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_engineers_write_gives_the_graph_s_numbers(name: str, way: str) -> None:
    """Value and gradient of three rows, near each other so that they branch alike; to 1e-10 of the largest."""
    program = PROGRAMS[name]
    function: Callable[..., Any] = program.function
    if name in SMALLER:
        function = lambda p, x, f: program.function(p, x, f, SMALLER[name])  # type: ignore[call-arg]  # noqa: E731
    theta = [Value(float(each)) for each in program.parameters]
    rows = np.array([program.inputs]) * np.array([[1.0], [1 + 1e-7], [1 - 1e-7]])
    found = compile(lambda x: function(theta, x, ag), rows[0].tolist(), wrt=theta, backend=way)
    losses = []
    for row in rows.tolist():
        loss = function(theta, row, ag)
        loss.backward()
        losses.append(float(loss.data))
    wanted = np.array([float(each.grad) for each in theta]) / 3
    loss, gradient = found.value_and_grad(rows)
    np.testing.assert_allclose(found(rows), losses, rtol=1e-10)
    np.testing.assert_allclose(loss, np.mean(losses), rtol=1e-10)
    np.testing.assert_allclose(gradient, wanted, rtol=0, atol=1e-10 * np.abs(wanted).max())


# --- What is chosen -------------------------------------------------------------------------------------------


def test_deep_code_is_c_where_there_is_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    program, _ = made(None)
    assert program.backend == "c"
    assert program.why.startswith("deep: 181 operations")
    assert "for (size_t t = 0;" in program.source
    monkeypatch.setattr(choosing, "has_compiler", lambda: False)
    program, _ = made(None)
    assert program.backend == "numpy"
    assert "for t in range(" in program.source


def test_wide_code_is_matrices() -> None:
    w = [Value(0.1 * k) for k in range(30)]
    program = compile(lambda x: ag.sum(a * b for a, b in zip(w, x, strict=True)), [1.0] * 30, wrt=w)
    assert (program.backend, program.why) == ("numpy", "wide: 31 operations, 1 deep")


def added(terms: Iterable[Any]) -> Any:
    return functools.reduce(operator.add, terms)


@pytest.mark.parametrize("total", [ag.sum, added])
def test_a_sum_waits_for_nothing_however_it_is_written(total: Callable[..., Any]) -> None:
    w = [Value(0.1 * k) for k in range(30)]
    program = compile(lambda x: total([a * b for a, b in zip(w, x, strict=True)]), [1.0] * 30, wrt=w)
    assert re.match(r"wide: \d+ operations, 1 deep", program.why)


def test_deep_code_without_loops_is_matrices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compilers of C take long for a long text."""
    monkeypatch.setattr(choosing, "_LONGEST", 5)
    monkeypatch.setattr(choosing, "_SHORTER", 1000)
    program, _ = made(None)
    assert (program.backend, program.why) == ("numpy", "deep, but without loops: 8 operations")


STEEP: dict[str, tuple[Callable[..., Any], bool]] = {
    "behind a branch": (lambda x, w: ag.where(ag.step(x), ag.sqrt(w * x), 0.25), True),
    "a branch of what no parameter moves": (lambda x, w: w * ag.where(ag.step(x), ag.sqrt(x), 0.25), False),
    "before a branch": (lambda x, w: ag.sqrt(1.0 + ag.sqrt(ag.where(ag.step(x), w * x, 0.25))), False),
    "behind the second branch": (
        lambda x, w: ag.where(ag.step(x), w * x, 0.25) + ag.where(ag.step(x), ag.sqrt(w * x), 0.25),
        True,
    ),
    "a number behind a branch": (lambda x, w: ag.where(ag.step(x), w * ag.log(x), 0.25), True),
    "beside a branch": (lambda x, w: ag.sqrt(w * x) + ag.where(ag.step(x), w * x, 0.25), False),
    "a branch of what is nowhere steep": (lambda x, w: ag.where(ag.step(x), ag.sin(w * x), 0.25), False),
    "a branch of what is steep and bounded": (
        lambda x, w: ag.where(ag.step(x), ag.selu(w * x) * ag.elu(2.0)(w * x) + ag.hypot(ag.atan(w * x), x), 0.25),
        False,
    ),
    "a quotient that is the same for all rows": (lambda x, w: ag.where(ag.step(x), (1.5 / w) * (w * x), 0.25), False),
    "a root that is the same for all rows": (lambda x, w: ag.where(ag.step(x), x * ag.sqrt(w), 0.25), True),
    "a quotient of a row": (lambda x, w: ag.where(ag.step(x), w / x, 0.25), True),
    "no branch": (lambda x, w: ag.sqrt(w * x), False),
}


@pytest.mark.parametrize("case", STEEP)
def test_wide_code_is_loops_only_where_a_branch_may_hide_an_infinite_slope(case: str) -> None:
    """There matrices would give nan; and loops are then run by NumPy, which is as quick as C at what is wide."""
    f, loses = STEEP[case]
    w = Value(0.5)
    program = compile(lambda x: f(x, w), 0.5, wrt=[w])
    program.value_and_grad([0.5])
    assert program.backend == "numpy"
    assert program.why.startswith("with branches" if loses else "wide")


@pytest.mark.parametrize("case", STEEP)
def test_c_is_asked_for_and_the_code_says_whether_it_is_loops_or_matrices(case: str) -> None:
    """Deep code, and branches that may hide an infinite slope, are loops; wide code is steps in vectors."""
    f, loses = STEEP[case]
    w = Value(0.5)
    wide, (deep, _) = compile(lambda x: f(x, w), 0.5, wrt=[w], backend="c"), made("c")
    assert (wide.backend, wide.why) == (deep.backend, deep.why) == ("c", "asked for")
    assert isinstance(wide._kernel("gradient"), CKernel if loses else Kernel)
    assert isinstance(deep._kernel("gradient"), CKernel)
    wanted = compile(lambda x: f(x, w), 0.5, wrt=[w], backend="numpy").value_and_grad([0.5, 2.0])
    np.testing.assert_allclose(np.hstack(wide.value_and_grad([0.5, 2.0])), np.hstack(wanted), rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_a_root_of_nothing_behind_a_closed_branch_costs_nothing_also_where_no_row_moves_it(way: str) -> None:
    w = Value(0.0)
    program = compile(lambda x: ag.where(ag.step(x), x * ag.sqrt(w), 0.25), 0.5, wrt=[w], backend=way)
    assert program.value_and_grad([-1.0, -2.0]) == (0.25, 0.0)


@pytest.mark.parametrize("options", [{"strict": True}, {"dtype": "float32"}])
def test_what_only_matrices_can_is_theirs(options: dict[str, Any]) -> None:
    program, _ = made(None, **options)
    assert program.backend == "numpy"
    assert "np." in program.source
    with pytest.raises(NotCompilable, match="backend='c'"):
        made("c", **options)


@pytest.mark.parametrize("turns", [1, 70])
@pytest.mark.parametrize("backend", [None, "numpy", "c"])
def test_a_rule_that_branches_on_numbers_is_refused(backend: str | None, turns: int) -> None:
    """By name: the way that it goes at the example would be frozen, for every row. Without a gradient it is taken."""
    op = primitive("bent", lambda x: abs(x), lambda g, y, x: (g if x > 0 else -g,), form=lambda f, x: f.abs(x))
    try:
        w = Value(0.5)

        def f(x: Any) -> Any:
            for _ in range(turns):
                x = ag.sin(op(x) + w)
            return x

        assert compile(f, 0.5, backend=backend)([0.5]) == pytest.approx([f(0.5).data], rel=1e-12)
        if turns == 1:
            f = lambda x: op(w * x)  # noqa: E731
        with pytest.raises(NotCompilable, match=r"bent.*branches on its numbers"):
            compile(f, 0.5, wrt=[w], backend=backend)
    finally:
        del OPS["bent"]


def test_an_operation_without_a_form_runs_in_python_and_is_refused_in_c() -> None:
    op = primitive("third", lambda x: x / 3, lambda g, y, x: (g / 3,))
    try:
        w = Value(0.5)

        def f(x: Any) -> Any:
            for _ in range(70):
                x = ag.sin(op(x) + w)
            return x

        program = compile(f, 0.5, wrt=[w])
        assert program.backend == "numpy"
        for rows in (1, 5):
            x = np.linspace(0.1, 0.5, rows)
            again = pickle.loads(pickle.dumps(program))
            np.testing.assert_allclose(program(x), [f(Value(each)).data for each in x], rtol=1e-12)
            np.testing.assert_array_equal(again.value_and_grad(x)[1], program.value_and_grad(x)[1])
        with pytest.raises(NotCompilable, match=r"'third' has no form.*backend=\"numpy\""):
            compile(f, 0.5, wrt=[w], backend="c")
    finally:
        del OPS["third"]


@pytest.mark.parametrize(("backend", "turns"), [("numpy", 1), ("c", 1), ("c", 70)])
def test_what_a_bound_program_works_on_lives_as_long_as_its_run(backend: str, turns: int) -> None:
    """`run` alone may be kept: then its arrays are, and C reads no memory that was given back."""
    w = Value(0.5)

    def f(x: Any) -> Any:
        for _ in range(turns):
            x = ag.sin(w * x)
        return x

    bound = compile(f, 0.5, wrt=[w], backend=backend).buffers()
    owners = [each if each.base is None else each.base for each in (bound.arguments[0], bound.parameters)]
    run, alive = bound.run, [weakref.ref(each) for each in owners]
    del bound, owners
    gc.collect()
    assert all(each() is not None for each in alive)
    run()
    del run
    gc.collect()
    assert not any(each() is not None for each in alive)


# --- What is printed ------------------------------------------------------------------------------------------


def printed(f: Callable[..., Any], theta: list[Value], x: Any) -> Code:
    """The code of a loss and its gradient."""
    recording = record(f, [x], theta)
    return Rolled.of(scalars(recording, theta, recording.outputs)).code(True)


def printed_deep(name: str, *turns: int) -> Code:
    program = PROGRAMS[name]
    theta = [Value(float(each)) for each in program.parameters]
    return printed(lambda x: program.function(theta, x, ag, *turns), theta, list(program.inputs))  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["sir", "heston", "rnn", "lstm", "averages"])
def test_numbers_that_are_kept_stand_side_by_side(name: str) -> None:
    """Also where they are read through a loop and what stands before it or behind it, which keeps but a few of them."""
    code = printed_deep(name)
    kept = np.zeros(code.values, dtype=bool)
    for element, loops in elements(code.block):
        if element.list == "V":
            kept[element.index.over(loops)] = True
    assert kept.sum() > 0.97 * code.values


def test_nobody_asks_what_flows_through_a_quotient_that_is_the_same_for_all_rows() -> None:
    assert not re.search(
        r"\b[eEh]\d*\b", CPrinter(printed_deep("american_put", 12)).text().partition("double *restrict")[2]
    )


def test_functions_that_slopes_call_wait_for_nothing_that_arrives() -> None:
    """They stand at the head of the turn, each once; what calls none stands where it is read."""
    theta = [Value(0.9), Value(0.1)]
    text = CPrinter(printed(lambda x: deep(theta, x), theta, 0.5)).text()
    head, body = text.partition("t-- > 0")[2].partition("= b")[::2]
    assert "exp(" in head
    assert "exp(" not in body.partition("}")[0]


def test_floats_call_no_function_ahead_for_a_branch_that_is_not_taken() -> None:
    """It may raise: the exponential of 800."""
    op = primitive(
        "bent",
        lambda x: x if x > 0 else math.expm1(x),
        lambda g, y, x: (ag.where(ag.step(x), g, g * ag.exp(x)),),
        form=lambda f, x: f.where(x > 0, x, f.expm1(x)),
    )
    try:
        theta = [Value(0.9), Value(0.1)]

        def f(x: Any) -> Any:
            for _ in range(60):
                x = op(theta[0] * x + theta[1])
            return x

        gradient = [0.0, 0.0]
        printed(f, theta, 0.5).in_floats.run(1, [1e30], [0.9, 0.1], gradient)
        assert gradient[0] == pytest.approx(60e30 * 0.9**59, rel=1e-9)
    finally:
        del OPS["bent"]


# --- Batches and messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rows", [0, 1, 2, 7, 64, 5000])
def test_any_batch(way: str, rows: int) -> None:
    program, theta = made(way, reduce="sum")
    x = np.linspace(-1, 1, rows)
    distinct = np.unique(x)[:: max(1, rows // 7)]
    np.testing.assert_allclose(program(distinct), [deep(theta, Value(each)).data for each in distinct], rtol=1e-12)
    loss, gradient = program.value_and_grad(x)
    np.testing.assert_allclose(loss, program(x).sum(), rtol=1e-12)
    parts = [program.value_and_grad([each])[1] for each in x[:64]]
    if rows <= 64:
        np.testing.assert_allclose(gradient, np.sum(parts, axis=0) if rows else [0.0, 0.0], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("way", WAYS)
def test_arguments_and_outputs_of_any_shape(way: str) -> None:
    w = Value(0.3)

    def f(x: Any, pair: Any, start: Any) -> Any:
        path = []
        for k in range(70):
            start = ag.sin(start + w * x[k % 3]) * pair["a"] + pair["b"]
            path.append(start)
        return {"path": path, "end": (start, 2 * w)}

    examples = ([0.1, 0.2, 0.3], {"a": 0.5, "b": 0.1}, 0.2)
    program = compile(f, *examples, wrt=[w], backend=way)
    x, pair, start = np.random.default_rng(0).normal(size=(4, 3)), {"a": np.arange(4) / 4, "b": 0.1}, np.arange(4.0)
    found = program(x, pair, start)
    assert found["path"].shape == (4, 70)
    for row in range(4):
        wanted = f(x[row].tolist(), {"a": row / 4, "b": 0.1}, float(row))
        np.testing.assert_allclose(found["path"][row], [each.data for each in wanted["path"]], rtol=1e-12)
        np.testing.assert_allclose(found["end"][1][row], 0.6)


@pytest.mark.parametrize("way", WAYS)
def test_a_graph_that_is_there_already(way: str) -> None:
    theta = [Value(0.9), Value(0.1)]
    loss = deep(theta, Value(0.5))
    program = Program.from_graph(loss, wrt=theta, backend=way)
    loss.backward()
    np.testing.assert_allclose(program.value_and_grad()[1], [each.grad for each in theta], rtol=1e-12)


def guarded(theta: Any, x: Any) -> Any:
    for _ in range(60):
        x = theta[0] * x + theta[1]
        if x > 0.75:
            x = 0.5 * x
    return x


@pytest.mark.parametrize("way", WAYS)
def test_a_guard_names_line_and_row(way: str) -> None:
    theta = [Value(0.9), Value(0.1)]
    program = compile(lambda x: guarded(theta, x), 0.1, wrt=theta, backend=way)
    assert len(program.guards) == 1
    assert re.search(r"test_deep\.py, line \d+$", program.guards[0])
    for rows in ([0.1, 0.1, 0.8], [0.1] * 20 + [0.8]):
        for run in (program, program.value_and_grad):
            with pytest.raises(BranchChanged, match=f"`0.82 > 0.75` in row {len(rows) - 1} goes another way"):
                run(rows)
    before = program.value_and_grad([0.1])
    assert program.value_and_grad([0.1])[0] == before[0]


@pytest.mark.parametrize("way", WAYS)
def test_rows_are_counted_through_all_blocks(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is done in blocks of rows; results, sums and messages know nothing of it."""
    monkeypatch.setattr(rolled, "ROWS", 32)
    monkeypatch.setattr(rolled, "_CELLS", 1)
    theta = [Value(0.9), Value(0.1)]
    program = compile(lambda x: guarded(theta, x), 0.1, wrt=theta, backend=way)
    x = np.linspace(0.0999, 0.1, 150)
    np.testing.assert_allclose(program(x), [guarded(theta, each).data for each in x.tolist()], rtol=1e-12)
    loss, gradient = program.value_and_grad(x)
    np.testing.assert_allclose(loss, program(x).mean(), rtol=1e-12)
    np.testing.assert_allclose(gradient, np.mean([program.value_and_grad([each])[1] for each in x], axis=0), rtol=1e-12)
    for row in (0, 63, 64, 149):
        x[row:] = 0.8
        for run in (program, program.value_and_grad):
            with pytest.raises(BranchChanged, match=f"in row {row} goes"):
                run(x[: row + 1] if row else x)
        x[row:] = 0.1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_row_whose_slope_is_infinite_counts_once(way: str, rows: int) -> None:
    """Floats raise in the middle of the way back where arrays and C go on; no parameter's part is added twice."""
    theta = [Value(0.5 + k / 100) for k in range(90)]

    def f(x: Any) -> Any:
        y = ag.sqrt(theta[0] * x[0])
        for each in theta[1:]:
            y = 0.5 * y + each * x[1]
        return y

    program = compile(f, [0.5, 0.5], wrt=theta, backend=way)
    usual = program.value_and_grad([[0.5, 0.5]] * rows)[1]
    found = program.value_and_grad([[0.0, 0.5]] * rows)[1]
    assert not np.isfinite(found[0])
    np.testing.assert_allclose(found[1:], usual[1:], rtol=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_check_names_the_operation_and_the_row(way: str) -> None:
    theta = [Value(0.9), Value(0.1)]

    def f(x: Any) -> Any:
        y = deep(theta, x)
        (z := ag.log(x)).label = "z"
        return y + z + theta[0] * theta[1]  # which is computed before all that reads an argument

    program = compile(f, 0.5, wrt=theta, backend=way, check=True)
    for run in (program, program.value_and_grad):
        with pytest.raises(DomainError, match=r"^row 1: log\(-3.0\) \(label 'z'\) has no finite value"):
            run([0.5, -3.0])
    assert np.isfinite(program([0.5]))


# --- What is kept, threads, interruptions ---------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_pickled_program_is_the_same(way: str) -> None:
    program, _ = made(way)
    program.value_and_grad([0.3])
    again = pickle.loads(pickle.dumps(program))
    x = np.linspace(0, 1, 9)
    assert again.source == program.source
    assert (again.value_and_grad(x)[1] == program.value_and_grad(x)[1]).all()


@pytest.mark.parametrize("way", WAYS)
def test_threads_share_a_program(way: str) -> None:
    program, _ = made(way)
    x = np.linspace(0, 1, 33)
    wanted = [program.value_and_grad(x[k:]) for k in range(8)]
    found: dict[int, Any] = {}

    def run(k: int) -> None:
        found[k] = [program.value_and_grad(x[k:]) for _ in range(20)]

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for k, (loss, gradient) in enumerate(wanted):
        assert all(each[0] == loss and (each[1] == gradient).all() for each in found[k])


@pytest.mark.parametrize("way", WAYS)
def test_no_graph_is_kept_and_a_dropped_program_is_freed(way: str) -> None:
    """At once, and with it the functions of its text, for as long as which tracebacks show their lines."""
    gc.collect()
    gc.disable()
    try:
        theta = [Value(0.9), Value(0.1)]
        before, texts = living(), set(linecache.cache)
        program = compile(lambda x: deep(theta, x), 0.5, wrt=theta, backend=way)
        program.value_and_grad([0.5])
        program.value_and_grad(np.zeros(100))
        assert living() == before
        kernel = weakref.ref(program._kernel("gradient"))
        del program
        assert kernel() is None
        assert {name for name in set(linecache.cache) - texts if name.startswith("<")} == set()
    finally:
        gc.enable()


def guarded_behind_weights(theta: Any, x: Any) -> Any:
    """What is the same for all rows is read from a list, and its adjoints wait there for the last row."""
    weights = [theta[0]]
    for _ in range(60):
        weights.append(ag.sqrt(weights[-1] * theta[1]))
    y = guarded(theta, x)
    for each in reversed(weights):
        y = ag.relu(y * each + 0.01)
    return y


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("f", [guarded, guarded_behind_weights])
def test_a_call_that_gave_up_leaves_nothing(f: Callable[..., Any], way: str) -> None:
    theta = [Value(0.9), Value(0.1)]
    program = compile(lambda x: f(theta, x), 0.1, wrt=theta, backend=way)
    before = program.value_and_grad([0.1, 0.1])[1]
    with pytest.raises(BranchChanged, match="row 1"):
        program.value_and_grad([0.1, 0.8])
    assert (program.value_and_grad([0.1, 0.1])[1] == before).all()


@pytest.mark.parametrize("f", [guarded, guarded_behind_weights])
def test_buffers_check_guards_and_go_on(f: Callable[..., Any]) -> None:
    theta = [Value(0.9), Value(0.1)]
    bound = compile(lambda x: f(theta, x), 0.1, wrt=theta, backend="c").buffers(rows=2)
    bound.arguments[0][...] = [[0.1, 0.05]]
    bound.run()
    before = bound.gradient
    bound.arguments[0][0, 1] = 0.8
    with pytest.raises(BranchChanged, match="row 1"):
        bound.run()
    bound.arguments[0][...] = [[0.1, 0.05]]
    bound.run()
    assert (bound.gradient == before).all()


def test_a_loop_of_ten_thousand_turns_is_no_longer_than_one_of_a_hundred() -> None:
    theta = [Value(0.9), Value(0.1)]
    texts = [compile(lambda x, n=n: deep(theta, x, n), 0.5, wrt=theta, backend="c").source for n in (100, 10_000)]
    assert len(texts[0].splitlines()) == len(texts[1].splitlines())


# --- Training -------------------------------------------------------------------------------------------------


class Recurrent(nn.Module):
    """h ← tanh(w h + u x + b) along a row."""

    def __init__(self) -> None:
        self.w, self.u, self.b = Value(0.5), Value(0.3), Value(0.1)

    def __call__(self, x: Any) -> Any:
        h: Any = 0.0
        for each in x:
            h = ag.tanh(self.w * h + self.u * each + self.b)
        return h


def test_a_deep_model_is_trained_in_c_as_by_the_graph() -> None:
    X = np.random.default_rng(0).normal(size=(20, 40))
    y = np.tanh(X[:, -1])
    histories = {}
    for backend in (None, "eager"):
        model = Recurrent()
        histories[backend] = nn.fit(model, nn.squared_error, X, y, epochs=3, seed=0, backend=backend)
    assert histories[None].backend == "c"
    np.testing.assert_allclose(histories[None].losses, histories["eager"].losses, rtol=1e-10)


def swinging(x: Any, turns: int) -> Any:
    """A pendulum with friction and a drive, of six arguments, of which the Hessian has fourteen loops."""
    y, v = x[0], x[1]
    for _ in range(turns):
        push = x[4] * ag.cos(x[5] * y) - x[2] * ag.sin(y) - x[3] * v
        y, v = y + 0.01 * v, v + 0.01 * push
    return y * y + v


def lorenz(x: Any, turns: int) -> Any:
    """Runge and Kutta's steps: their Hessian is so wide that without this law it would be matrices."""

    def slope(y: Any) -> list[Any]:
        return [10 * (y[1] - y[0]), y[0] * (x[3] - y[2]) - y[1], y[0] * y[1] - x[4] * y[2]]

    y = x[:3]
    for _ in range(turns):
        stages = [slope(y)]
        for step in (0.005, 0.005, 0.01):
            stages.append(slope([a + step * b for a, b in zip(y, stages[-1], strict=True)]))
        parts = zip(y, *stages, strict=True)
        y = [before + 0.01 / 6 * (a + 2 * b + 2 * c + d) for before, a, b, c, d in parts]
    return y[0] * y[1]


@pytest.mark.parametrize(("f", "x"), [(swinging, [1.0, 0.2, 1.1, 0.1, 0.3, 0.7]), (lorenz, [1.0, 1.0, 1.0, 28.0, 2.6])])
def test_a_hessian_of_a_loop_is_made_of_loops_however_many_arguments(f: Callable[..., Any], x: list[float]) -> None:
    """Its code does not grow with the turns, and its numbers are the graph's."""
    shorter, longer = (compile(functools.partial(f, turns=turns), x, wrt=0) for turns in (60, 80))
    programs = [each._way.derived("hessian").program for each in (shorter, longer)]
    assert len({each.nest.length for each in programs if isinstance(each, Rolled)}) == 1
    assert all(isinstance(each, Rolled) for each in programs)
    np.testing.assert_allclose(shorter.hessian(x), ag.hessian(functools.partial(f, turns=60))(x), rtol=1e-9)
