"""A compiled program in use: branches, threads, pickles, interruptions, operations of one's own, mistakes, size."""

import gc
import itertools
import math
import pickle
import random
import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import (
    BranchChanged,
    DomainError,
    Op,
    Program,
    Value,
    compile,
    exp,
    log,
    maximum,
    primitive,
    relu,
    tanh,
)
from autograd.compiler.matrices.kernel import Kernel
from compiled import ROWS, agrees, close, line_of, targets
from nn import MLP
from nn.losses import hinge_loss, softmax_cross_entropy
from share import share

# --- Branches -------------------------------------------------------------------------------------------------


def by_if(a: Any, b: Any) -> Any:
    if a - b > 0:  # here
        return a * a
    return b


def by_max(a: Any, b: Any) -> Any:
    return max(a, b) * a  # here


def by_sorted(a: Any, b: Any) -> Any:
    return sorted([a, b])[0] * a  # here


def by_le(a: Any, b: Any) -> Any:
    return a if b <= a else b  # here


def by_ternary_chain(a: Any, b: Any) -> Any:
    return a if -100 < b < a else b  # here


BRANCHES = [by_if, by_max, by_sorted, by_le, by_ternary_chain]


@pytest.mark.parametrize("f", BRANCHES)
def test_a_branch_that_changes_is_refused_by_line_and_row(f: Callable[..., Any]) -> None:
    """The file, the line and the first row in which the comparison goes another way; and what it compared."""
    program = compile(f, 2.0, 1.0)
    a = np.array([5.0, 4.0, 1.0, 3.0, 0.0])
    with pytest.raises(BranchChanged) as caught:
        program(a, 2.0)
    assert str(caught.value).startswith(line_of(f, "# here"))
    assert "in row 2 goes another way than when the program was recorded" in str(caught.value)


@pytest.mark.parametrize("f", BRANCHES)
@settings(max_examples=share(60), deadline=None)
@given(example=st.tuples(*[st.floats(-9, 9)] * 2), rows=st.lists(st.tuples(*[st.floats(-9, 9)] * 2), max_size=6))
def test_no_wrong_result_and_no_false_alarm(f: Callable[..., Any], example: Any, rows: Any) -> None:
    """A program gives what f gives in every row, or refuses; and it refuses only if a row goes another way."""

    def way(a: float, b: float) -> list[tuple[str, bool]]:
        went: list[tuple[str, bool]] = []
        watcher = SimpleNamespace(
            replays=False, compared=lambda sign, left, right, outcome: went.append((sign, outcome))
        )
        with ag.engine.watched_by(cast(Any, watcher)):
            f(Value(a), Value(b))
        return went

    program = compile(f, *example)
    first = next((k for k, row in enumerate(rows) if way(*row) != way(*example)), None)
    batch = [[row[k] for row in rows] for k in (0, 1)]
    if first is None:
        close(program(*batch), [float(f(*row)) for row in rows])
    else:
        with pytest.raises(BranchChanged, match=rf"in row {first} "):
            program(*batch)


def test_a_value_as_condition_is_a_branch() -> None:
    """`if x:` asks whether it is 0."""
    program = compile(lambda x: 1 / x if x else x, 2.0)
    assert program([4.0, -0.5]).tolist() == [0.25, -2]
    with pytest.raises(BranchChanged, match=r"`0 != 0` in row 1 "):
        program([4.0, 0.0])


def test_a_branch_on_a_parameter_is_guarded() -> None:
    """Parameters change: a comparison of one alone, with a number or another, is a guard as well."""
    w, v = Value(1.0), Value(0.5)
    for f in (
        lambda x: w * x if w > 0 else -w * x,
        lambda x: max(w, v) * x,
        lambda x: w * x if w * 2 > v else x,
        lambda x: x / w if w else x,
    ):
        program = compile(f, 1.0, wrt=[w, v])
        assert program([2.0]).shape == (1,)
        program.parameters = [0.0, 1.0]
        for call in (program, program.value_and_grad):
            with pytest.raises(BranchChanged, match="goes another way"):
                call([2.0])


def test_constants_make_no_guard() -> None:
    """Comparisons of numbers, of frozen Values and of what is made of them always go the same way."""
    frozen, w = Value(3.0), Value(1.0)

    def f(x: Any) -> Any:
        if frozen > 2 and Value(1.0) < 2 and frozen * frozen >= 9 and max(frozen, Value(0.0)) is frozen:
            return w * x
        return x

    program = compile(f, 1.0, wrt=[w])
    assert program.guards == []
    assert compile(lambda x: w * x if x > 0 else x, 1.0, wrt=[w]).guards != []


def test_compiling_watches_its_own_thread_only() -> None:
    """Comparisons that another thread makes meanwhile are none of the program's."""
    recording, done = threading.Event(), threading.Event()

    def compare() -> None:
        recording.wait(10)
        assert Value(1.0) < Value(2.0)
        done.set()

    def f(x: Any) -> Any:
        recording.set()
        assert done.wait(10)
        return x * x

    thread = threading.Thread(target=compare)
    thread.start()
    program = compile(f, 2.0)
    thread.join()
    assert program.guards == []


# --- Numbers that are not finite ------------------------------------------------------------------------------


def test_without_check_arithmetic_is_ieee() -> None:
    """Where the graph would raise DomainError a program gives nan or inf, without a warning, in that row only."""
    found = compile(lambda x: [log(x), 1 / x, exp(x)], 1.0)([1.0, -1.0, 0.0, 1000.0])
    assert np.isnan(found[1, 0])
    assert found[2].tolist() == [-np.inf, np.inf, 1]
    assert found[3, 2] == np.inf
    assert np.isfinite(found[0]).all()


def test_check_names_operation_label_and_row() -> None:
    """The first scalar that is not finite, what it was computed from, and the row of the batch."""
    w = Value(1.0, "w")

    def f(x: Any) -> Any:
        height = log(x * 2)
        height.label = "高さ"
        return w * height + tanh(height)

    program = compile(f, 1.0, wrt=[w], check=True)
    assert program([1.0]).tolist() == compile(f, 1.0, wrt=[w])([1.0]).tolist()
    for call in (program, program.value_and_grad):
        with pytest.raises(DomainError, match=r"^row 2: log\(-2.0\) \(label '高さ'\) has no finite value\.$"):
            call([1.0, 2.0, -1.0, 3.0, -1.0])
        with pytest.raises(DomainError, match=r"^row 1: log\(0.0\) \(label '高さ'\) has no finite value\.$"):
            call([1.0, 0.0])
    assert program([1.0]).shape == (1,)


def test_check_names_what_is_the_same_for_all_rows() -> None:
    """A number made of parameters has no row."""
    w = Value(1.0)
    program = compile(lambda x: x * log(w), 1.0, wrt=[w], check=True)
    program.parameters = [-1.0]
    with pytest.raises(DomainError, match=r"^log\(-1.0\) has no finite value\.$"):
        program([1.0, 2.0])


def test_check_does_not_stop_what_the_graph_allows() -> None:
    """A network's step in a batch passes, and is the same number for number."""
    rng, model = np.random.default_rng(0), MLP(4, [6, 3], seed=0)
    X, t = rng.normal(size=(9, 4)), targets("softmax_cross_entropy", rng, 9, 3)

    def f(x: Any, t: Any) -> Value:
        return softmax_cross_entropy(model(x), t)

    plain, checked = (compile(f, X[0], t[0], wrt=model.parameters(), check=check) for check in (False, True))
    assert plain.value_and_grad(X, t)[1].tobytes() == checked.value_and_grad(X, t)[1].tobytes()


@pytest.mark.parametrize("x", [1e-200, 1e200, 1.0])
def test_constants_are_not_multiplied_beyond_the_floats(x: float) -> None:
    """c·(c·x) where c² is no float: the result is one nevertheless."""
    c = 1 / x
    program = compile(lambda x: [(c * x) * c, c * (x * c), (x / (1 / c)) * c], x)
    close(program([x])[0], [c, c, c])


def test_constants_are_not_added_beyond_the_floats() -> None:
    """(x + c) + c where 2c is no float: the result is one nevertheless."""
    program = compile(lambda x: (x + 1e308) + 1e308, -1.5e308, backend="numpy")
    close(program([-1.5e308]), [(-1.5e308 + 1e308) + 1e308])


# --- Pickles, threads, interruptions --------------------------------------------------------------------------


def moons_program(**options: Any) -> tuple[Program, tuple[np.ndarray, np.ndarray]]:
    rng, model = np.random.default_rng(4), MLP(2, [8, 8, 1], seed=4)

    def f(x: Any, t: Any) -> Value:
        return hinge_loss(model(x), t) + 1e-4 * sum(p * p for p in model.parameters())

    program = compile(f, [0.0, 0.0], 1.0, wrt=model.parameters(), **options)
    return program, (rng.normal(size=(50, 2)), rng.choice([-1.0, 1.0], 50))


def results(program: Program, batch: tuple[np.ndarray, ...]) -> bytes:
    loss, gradient = program.value_and_grad(*batch)
    return np.asarray(program(*batch)).tobytes() + np.float64(loss).tobytes() + gradient.tobytes()


@pytest.mark.parametrize("options", [{}, {"dtype": "float32"}, {"check": True}, {"reduce": "sum"}], ids=str)
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_pickled_program_gives_the_same_bytes(options: dict[str, Any], protocol: int) -> None:
    """Also if it was pickled before its first run, and of its copy; and it says the same of itself."""
    program, batch = moons_program(**options)
    fresh = pickle.loads(pickle.dumps(program, protocol))
    wanted = results(program, batch)
    used = pickle.loads(pickle.dumps(program, protocol))
    for copied in (fresh, used, pickle.loads(pickle.dumps(fresh, protocol))):
        assert results(copied, batch) == wanted
        assert (repr(copied), copied.steps, copied.source) == (repr(program), program.steps, program.source)


def test_a_pickled_program_has_its_guards() -> None:
    """BranchChanged names the line also in the process that loaded it."""
    program = pickle.loads(pickle.dumps(compile(by_if, 2.0, 1.0)))
    with pytest.raises(BranchChanged, match=re.escape(line_of(by_if, "# here"))):
        program([1.0], [2.0])


def test_threads_share_a_program() -> None:
    """8 threads, 24 sizes of batches at once: every result is the one that a thread alone gets, byte for byte."""
    program, (X, t) = moons_program()
    wanted = [results(program, (X[:rows], t[:rows])) for rows in range(1, 25)]
    program, _ = moons_program()  # one that no thread has run yet

    def work(seed: int) -> bool:
        sizes = random.Random(seed).choices(range(24), k=100)
        return all(results(program, (X[: k + 1], t[: k + 1])) == wanted[k] for k in sizes)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


class Interruption(BaseException):
    """What a signal handler may raise anywhere."""


@pytest.mark.parametrize("error", [KeyboardInterrupt, Interruption])
def test_an_interruption_leaves_the_program_usable(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """Wherever it comes, in a step or between: the next call gives the bytes of an undisturbed one."""
    program, batch = moons_program()
    wanted, run = results(program, batch), Kernel._run

    def interrupted(self: Kernel, *arguments: Any) -> Any:
        run(self, *arguments)
        raise error

    def halfway(self: Kernel, parameters: Any, inputs: Any, columns: int, *rest: Any) -> Any:
        workspace = self._workspace(columns)
        workspace.rows[...] = np.nan  # as far as the steps had come
        raise error

    for broken in (interrupted, halfway):
        with monkeypatch.context() as patch:
            patch.setattr(Kernel, "_run", broken)
            for call in (program, program.value_and_grad):
                with pytest.raises(error):
                    call(*batch)
        assert results(program, batch) == wanted


def test_a_refusal_leaves_the_program_usable() -> None:
    """BranchChanged, DomainError and wrong arguments change no later result."""
    program = compile(lambda a, b: log(a) if a > b else b, 2.0, 1.0, check=True)
    wanted = program([2.0, 3.0], [1.0, 1.0]).tobytes()
    for a, b in (([1.0, 1.0], [2.0, 2.0]), ([-1.0, -1.0], [-2.0, -2.0]), ([1.0], [[1.0]])):
        with pytest.raises(ValueError, match=r"goes another way|no finite value|has shape"):
            program(a, b)
        assert program([2.0, 3.0], [1.0, 1.0]).tobytes() == wanted


def test_results_belong_to_who_asked() -> None:
    """A later call does not change an earlier result, and what a caller writes into one changes nothing."""
    program, (X, t) = moons_program()
    values, (_, gradient) = program(X, t), program.value_and_grad(X, t)
    kept = values.tobytes(), gradient.tobytes()
    assert results(program, (-X, t)) != b""
    assert (values.tobytes(), gradient.tobytes()) == kept
    values[...], gradient[...] = 0, 0
    assert (program(X, t).tobytes(), program.value_and_grad(X, t)[1].tobytes()) == kept


def test_a_failing_function_leaves_nothing_behind() -> None:
    """An exception in f comes out as it is, and comparisons are not watched any longer."""
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(x)
        raise Interruption

    with pytest.raises(Interruption):
        compile(f, 1.0)
    assert not ag.engine.is_watched()
    assert seen[0] < 2


# --- Operations of one's own ----------------------------------------------------------------------------------


CUBE: dict[str, Any] = {"forward": lambda x: x * x * x, "backward": lambda g, y, x: (3 * g * x * x,)}


@pytest.mark.parametrize("fields", [{}, {"array": "{0} * {0} * {0}"}, {"array": "np.power({0}, 3)"}], ids=str)
@pytest.mark.parametrize("rows", ROWS)
def test_an_operation_of_ones_own_compiles(fields: dict[str, Any], rows: int) -> None:
    """With its array form, and without it by its `forward`, number by number; in float32 too."""
    cube = primitive("cube", **CUBE, **fields)
    w, v = Value(0.7), Value(-0.2)
    X = np.random.default_rng(0).normal(size=(rows, 3))
    for dtype in ("float64", "float32"):
        agrees(lambda x: cube(w * x[0] + v) * x[1] + cube(v) - cube(x[2]), [w, v], X, dtype=dtype)


def test_an_operation_of_several_numbers_compiles() -> None:
    """Any number of operands, with an array form and without."""
    fields: dict[str, Any] = {
        "forward": lambda *x: math.sqrt(math.fsum(each * each for each in x)),
        "backward": lambda g, y, *x: tuple(g * each / y for each in x),
    }
    plain, written = (
        primitive("norm_a", **fields),
        primitive("norm_b", **fields, array="np.sqrt(np.sum({args} * {args}, 0))"),
    )
    w, X = [Value(0.5), Value(2.0)], np.random.default_rng(1).normal(size=(5, 3))
    for norm in (plain, written):

        def f(x: Any, norm: Op = norm) -> Value:
            return norm(w[0] * x[0], x[1], w[1] * x[2]) + norm(w) + norm([x[0], x[1]])

        agrees(f, w, X)


@pytest.mark.parametrize(
    "fields",
    [{"terms": lambda count: [(1, 0, 1), (1, 2)]}, {"form": lambda f, a, b, c: a * b + c}],
    ids=["terms", "form"],
)
def test_an_operation_that_is_a_sum_of_products_becomes_matrix_products(fields: dict[str, Any]) -> None:
    """`terms=` or its form says so: the same steps as with the library's own + and ×."""
    fused = primitive(
        "multiply_add",
        forward=lambda a, b, c: a * b + c,
        backward=lambda g, y, a, b, c: (g * b, g * a, g),
        **fields,
    )
    rng = np.random.default_rng(2)
    W, b = [[Value(x) for x in line] for line in rng.normal(size=(5, 4))], [Value(x) for x in rng.normal(size=5)]
    wrt, X = [*itertools.chain(*W), *b], rng.normal(size=(6, 4))

    def layer(multiply_add: Callable[..., Any]) -> Callable[[Any], Value]:
        def f(x: Any) -> Value:
            outputs = []
            for line, y in zip(W, b, strict=True):
                for weight, each in zip(line, x, strict=True):
                    y = multiply_add(weight, each, y)
                outputs.append(tanh(y))
            return ag.sum(outputs)

        return f

    program = agrees(layer(fused), wrt, X)
    assert program.steps == agrees(layer(lambda a, b, c: a * b + c), wrt, X).steps
    assert program.steps[1] == "affine 5×4"


def test_what_has_no_value_in_an_own_operation_is_nan() -> None:
    """`forward` that raises, in the rows in which it does; check names it."""
    root = primitive("own_root", forward=math.sqrt, backward=lambda g, y, x: (g / (2 * y),))
    assert np.isnan(compile(lambda x: root(x), 1.0)([4.0, -1.0])).tolist() == [False, True]
    with pytest.raises(DomainError, match=r"^row 1: own_root\(-1.0\) has no finite value\.$"):
        compile(lambda x: root(x), 1.0, check=True)([4.0, -1.0])


# --- Mistakes -------------------------------------------------------------------------------------------------

_W = Value(2.0, "w")


def two(x: Any, t: Any) -> Any:
    return _W * x[0] * x[1] - t


def mistaken(what: str) -> Callable[[], Any]:
    program = compile(two, [1.0, 2.0], 0.0, wrt=[_W])
    many = compile(lambda x: [x, x], 1.0, wrt=[_W])
    x = Value(1.0)
    return {
        "few": lambda: program([1.0, 2.0]),
        "many": lambda: program([1.0, 2.0], 1.0, 2.0),
        "text": lambda: program("a", 1.0),
        "ragged": lambda: program([[1.0], [1.0, 2.0]], 1.0),
        "width": lambda: program(np.ones((5, 3)), 1.0),
        "flat": lambda: program(np.ones(3), 1.0),
        "deep": lambda: program(np.ones((5, 2)), np.ones((5, 1, 1))),
        "rows": lambda: program(np.ones((5, 2)), np.ones(4)),
        "parameters": lambda: setattr(program, "parameters", [1.0, 2.0]),
        "two outputs": lambda: many.value_and_grad([1.0]),
        "no wrt": lambda: compile(lambda x: x, 1.0).value_and_grad([1.0]),
        "buffers": lambda: many.buffers(),
        "function": lambda: program.function,
        "backend": lambda: compile(two, [1.0, 2.0], 0.0, backend="fortran"),
        "reduce": lambda: compile(two, [1.0, 2.0], 0.0, reduce="max"),  # pyright: ignore[reportArgumentType]
        "dtype": lambda: compile(two, [1.0, 2.0], 0.0, dtype="float16"),
        "no function": lambda: compile(3, 1.0),  # pyright: ignore[reportArgumentType]
        "Value example": lambda: compile(two, [1.0, x], 0.0),
        "text example": lambda: compile(two, [1.0, "a"], 0.0),
        "returns None": lambda: compile(lambda x: None, 1.0),
        "returns text": lambda: compile(lambda x: {"a": [x, "b"]}, 1.0),
        "returns bool": lambda: compile(lambda x: x > 0, 1.0),
        "wrt number": lambda: compile(two, [1.0, 2.0], 0.0, wrt=[_W, 3.0]),  # pyright: ignore[reportArgumentType]
        "wrt twice": lambda: compile(two, [1.0, 2.0], 0.0, wrt=[_W, x, _W]),
        "input number": lambda: Program.from_graph(x * x, inputs=[3.0]),  # pyright: ignore[reportArgumentType]
        "no_grad": lambda: _under_no_grad(two),
    }[what]


def _under_no_grad(f: Callable[..., Any]) -> Any:
    with ag.no_grad():
        return compile(f, [1.0, 2.0], 0.0)


_P = "<Program of (x, t), numpy, 1 parameters>"
MESSAGES = {
    "few": (TypeError, f"{_P} takes 2 arguments (x, t), not 1."),
    "many": (TypeError, f"{_P} takes 2 arguments (x, t), not 3."),
    "text": (TypeError, f"{_P}: x is not an array of numbers: 'a' is text."),
    "ragged": (TypeError, f"{_P}: x is not an array of numbers: "),
    "width": (ValueError, f"{_P}: x has shape (5, 3); wanted (rows, 2) or (2,)."),
    "flat": (ValueError, f"{_P}: x has shape (3,); wanted (rows, 2) or (2,)."),
    "deep": (ValueError, f"{_P}: t has shape (5, 1, 1); wanted (rows) or ()."),
    "rows": (ValueError, f"{_P}: t has 4 rows, and an argument before it has 5."),
    "parameters": (ValueError, f"{_P}: got parameters of shape (2,); wanted (1,)."),
    "two outputs": (TypeError, "value_and_grad: this program returns more than one number."),
    "no wrt": (TypeError, "value_and_grad: this program has no parameters: compile it with wrt=…."),
    "buffers": (TypeError, "buffers: this program returns more than one number."),
    "function": (
        TypeError,
        "function: the backend 'numpy' writes into arrays; compile with backend='jax'.",
    ),
    "backend": (ValueError, "compile(backend='fortran'): wanted 'numpy' or 'c' or 'jax'."),
    "reduce": (ValueError, "compile(reduce='max'): wanted 'mean' or 'sum'."),
    "dtype": (ValueError, "compile(dtype='float16'): wanted 'float64' or 'float32'."),
    "no function": (TypeError, "compile(f): f = 3 is not a function."),
    "Value example": (
        TypeError,
        "compile(f): the example for x[1] is a Value; wanted a number, as in a sample.",
    ),
    "text example": (ValueError, "compile(f): the example for x[1] is 'a'; wanted a number."),
    "returns None": (TypeError, "compile(f): f returned None; wanted Values, or lists, tuples or dicts of them."),
    "returns text": (
        TypeError,
        "compile(f): f returned 'b' as output['a'][1]; wanted Values, or lists, tuples or dicts of them.",
    ),
    "returns bool": (TypeError, "compile(f): f returned True; wanted Values, or lists, tuples or dicts of them."),
    "wrt number": (TypeError, "compile(wrt): wrt[1] = 3.0; wanted a Value, or a model: all else is frozen."),
    "wrt twice": (
        ValueError,
        "compile: the same Value is given twice in inputs and wrt; give each one once.",
    ),
    "input number": (TypeError, "Program.from_graph(inputs[0]=3.0): wanted a Value."),
    "no_grad": (
        RuntimeError,
        "compile(f): called under no_grad(), where nothing is recorded; leave the block first.",
    ),
}


@pytest.mark.parametrize("what", MESSAGES)
def test_a_mistake_is_named(what: str) -> None:
    """What was got, what was wanted, and of which argument."""
    kind, message = MESSAGES[what]
    with pytest.raises(kind) as caught:
        mistaken(what)()
    assert str(caught.value).startswith(message)
    assert message.endswith(": ") or str(caught.value) == message


# --- Size -----------------------------------------------------------------------------------------------------


def calls(work: Callable[[], Any]) -> int:
    """How many Python functions a piece of work calls."""
    count = 0

    def count_call(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def right_sum(x: Any, w: Any, n: int) -> Any:
    y = w * x
    for k in range(n):
        y = (x + k) + y
    return y


def left_sum(x: Any, w: Any, n: int) -> Any:
    y = w * x
    for k in range(n):
        y = y + (x + k)
    return y


def horner(x: Any, w: Any, n: int) -> Any:
    y = w * 1
    for _ in range(n):
        y = 0.5 * y + x
    return y


def chain(x: Any, w: Any, n: int) -> Any:
    y = w * x
    for _ in range(n):
        y = tanh(y)
    return y


def alternating(x: Any, w: Any, n: int) -> Any:
    y = w * x
    for _ in range(n):
        y = x - y
    return y


def products(x: Any, w: Any, n: int) -> Any:
    y = w * x
    for _ in range(n):
        y = y * x
    return y


def long_sum(x: Any, w: Any, n: int) -> Any:
    return ag.sum(tanh(w * (x + k)) for k in range(n))


SHAPES = [right_sum, left_sum, horner, chain, alternating, products, long_sum]


@pytest.mark.parametrize("shape", SHAPES)
def test_compiling_takes_linear_time(shape: Callable[..., Any]) -> None:
    """Of lifting and of writing the program with its gradient: twice the graph is twice the function calls."""

    def work(n: int) -> int:
        w = Value(0.5)
        return calls(lambda: compile(lambda x: shape(x, w, n), 0.9, wrt=[w]).source)

    work(10)  # what is loaded at the first time
    small, large = work(500), work(1000)
    assert large <= 2.2 * small


@pytest.mark.parametrize(
    ("shape", "n"), [(shape, 20_000 if shape in (left_sum, right_sum) else 3000) for shape in SHAPES]
)
def test_a_long_graph_is_no_deep_recursion(shape: Callable[..., Any], n: int) -> None:
    """Sums of 20,000 terms and chains of thousands of steps compile, with the number and gradient of the sweep."""
    w = Value(0.5)
    program = compile(lambda x: shape(x, w, n), 0.9, wrt=[w])
    y = shape(Value(0.9), w, n)
    y.backward()
    loss, gradient = program.value_and_grad([0.9])
    close(loss, y.data, 1e-9)
    assert math.isclose(gradient[0], w.grad, rel_tol=1e-9, abs_tol=1e-300)


def test_a_long_dot_product() -> None:
    """20,000 weights times 20,000 inputs: one affine step."""
    rng = np.random.default_rng(0)
    weights, x = [Value(each) for each in rng.normal(size=20_000)], rng.normal(size=(2, 20_000))
    program = compile(lambda x: ag.dot(weights, x), x[0], wrt=weights)
    close(program(x), x @ [each.data for each in weights], 1e-11)
    close(program.value_and_grad(x)[1], x.mean(0))
    assert len(program.steps) <= 4


def test_maximum_does_not_make_guards() -> None:
    """The operations that replace a branch: where, relu, maximum, clip, abs."""
    w = Value(1.0)

    def f(x: Any) -> Any:
        return maximum(x, w) + relu(x) + abs(x) + ag.where(ag.greater(x, w), x, w) + ag.clip(-1, 1)(x)

    program = agrees(f, [w], np.array([-2.0, -0.5, 0.5, 2.0]))
    assert program.guards == []


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_of_garbage_is_as_it_was_behind_compile(collects: bool) -> None:
    """It is off meanwhile; also where f raises."""
    found = []

    def f(x: Any) -> Any:
        found.append(gc.isenabled())
        return 2 * x / (len(found) - 2)

    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        compile(f, 1.0)
        after = [gc.isenabled()]
        with pytest.raises(DomainError):
            compile(f, 1.0)
        after.append(gc.isenabled())
    finally:
        (gc.enable if was else gc.disable)()
    assert found == [False, False]
    assert after == [collects, collects]
