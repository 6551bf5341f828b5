"""What a user builds in scalars compiles to what it means: networks, shared weights, outputs, second derivatives.

`test_compile.py` has the laws for graphs drawn at random; here are the graphs that people write.
"""

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import BranchChanged, Program, Value, compile, exp, gradients, relu, tanh
from compiled import ROWS, agrees, close, swept, tangle, targets
from nn import MLP
from nn.losses import LOSSES, hinge_loss, softmax_cross_entropy, squared_error
from share import share

ACTIVATIONS = ["relu", "tanh", "sigmoid", "identity", "leaky_relu(0.1)", "elu(1.0)", "gelu", "softplus", "silu", "sin"]

# --- Networks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", ROWS)
@settings(max_examples=share(15), deadline=None)
@given(
    widths=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    activation=st.sampled_from(ACTIVATIONS),
    loss=st.sampled_from(sorted(LOSSES)),
    seed=st.integers(0, 2**20),
    penalty=st.sampled_from([0.0, 1e-4]),
)
def test_a_network_computes_what_its_graph_computes(
    rows: int, widths: list[int], activation: str, loss: str, seed: int, penalty: float
) -> None:
    """Losses and gradients of a program are those of the reverse sweep, for any widths, activation, loss and batch."""
    widths = [*widths[:-1], max(2, widths[-1])] if loss == "softmax_cross_entropy" else widths
    rng = np.random.default_rng(seed)
    model = MLP(widths[0], widths[1:], activation, seed=seed)
    parameters = model.parameters()

    def f(x: Any, t: Any) -> Value:
        outputs = model(x)
        given = LOSSES[loss](outputs if isinstance(outputs, list) else [outputs], t)
        return given + penalty * sum(p * p for p in parameters) if penalty else given

    agrees(f, parameters, rng.normal(size=(rows, widths[0])), targets(loss, rng, rows, widths[-1]))


@pytest.mark.parametrize("loss", ["squared_error", "softmax_cross_entropy"])
def test_float32_is_within_its_digits(loss: str) -> None:
    """A network of the demos' size, to 1e-5."""
    rng, model = np.random.default_rng(3), MLP(5, [16, 16, 4], "tanh", seed=3)
    batch = rng.normal(size=(32, 5)), targets(loss, rng, 32, 4)
    agrees(lambda x, t: LOSSES[loss](model(x), t), model.parameters(), *batch, dtype="float32")


def skeleton(program: Program) -> list[str]:
    """The steps without their sizes."""
    return [re.sub(r"\d+", "n", step) for step in program.steps]


def network_program(nin: int, nouts: list[int], activation: str = "relu") -> Program:
    model = MLP(nin, nouts, activation, seed=1)
    zeros = [0.1] * nin
    return compile(lambda x, t: hinge_loss(model(x), t), zeros, 1.0, wrt=model.parameters())


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_the_steps_of_a_network_do_not_depend_on_its_widths(activation: str) -> None:
    """The lifting law: 2-3-1 and 20-30-1 are the same steps up to shapes; so are deeper networks."""
    for small, large in (((2, [3, 1]), (20, [30, 1])), ((2, [4, 5, 1]), (11, [30, 17, 1]))):
        assert skeleton(network_program(*small, activation)) == skeleton(network_program(*large, activation))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_layer_is_a_fixed_number_of_steps(depth: int) -> None:
    """Each further layer adds the same steps: two of the forward pass, three of the backward pass."""
    steps = [len(network_program(6, [8] * layers + [1]).steps) for layers in (depth, depth + 1, depth + 2)]
    assert steps[1] - steps[0] == steps[2] - steps[1] == 5


def test_a_number_that_is_added_to_a_layer_is_a_step_more() -> None:
    """No weight is copied to stand beside it."""
    W, b = [[Value(0.1 * j - k) for j in range(8)] for k in range(8)], [Value(0.2 * k) for k in range(8)]
    wrt = [p for line, bias in zip(W, b, strict=True) for p in (*line, bias)]

    def steps(number: float) -> list[str]:
        return compile(
            lambda x: ag.sum([tanh(ag.dot(line, x) + bias + number) for line, bias in zip(W, b, strict=True)]),
            [0.1] * 8,
            wrt=wrt,
        ).steps

    assert steps(0.0)[0] == "affine 8×8"
    assert steps(0.5)[:2] == ["affine 8×8", "a + 0.5, 8"]


def test_what_does_the_same_waits_to_be_done_together() -> None:
    """The product of weights with numbers that are there waits for that with numbers that are not."""
    w = [Value(0.1 * k - 0.7) for k in range(8)]

    def f(x: Any) -> list[Value]:
        early = [ag.dot(line, x) for line in (w[:4], w[4:])]
        return [*early, *[ag.dot(line, list(map(ag.sin, x))) for line in (w[:4], w[4:])]]

    products = [step for step in compile(f, [0.1] * 4, wrt=w).steps if "product" in step]
    assert len(products) == 1


def test_weights_are_not_copied_to_stand_beside_others() -> None:
    """Weights that are parameters, and others that are computed, of the same numbers: two products."""
    w = [Value(0.1 * k - 0.7) for k in range(16)]

    def f(x: Any) -> list[Value]:
        lines = [w[:4], w[4:8], [exp(a) for a in w[8:12]], [exp(a) for a in w[12:]]]
        return [ag.dot(line, x) for line in lines]

    assert not [step for step in compile(f, [0.1] * 4, wrt=w).steps if step.startswith("gather")]


def test_the_number_of_classes_does_not_change_the_steps() -> None:
    """Softmax cross-entropy of 3 classes and of 10."""

    def program(classes: int) -> Program:
        model = MLP(6, [8, classes], seed=0)
        t = [1.0] + [0.0] * (classes - 1)
        return compile(lambda x, t: softmax_cross_entropy(model(x), t), [0.1] * 6, t, wrt=model.parameters())

    assert skeleton(program(4)) == skeleton(program(10))


# --- Shared weights -------------------------------------------------------------------------------------------


def convolution(image: Any, kernel: Sequence[Value], bias: Value) -> list[list[Value]]:
    """3×3 in plain loops; the weights are the same at each position."""
    rows, columns = len(image) - 2, len(image[0]) - 2
    return [
        [
            relu(sum(kernel[3 * i + j] * image[r + i][c + j] for i in range(3) for j in range(3)) + bias)
            for c in range(columns)
        ]
        for r in range(rows)
    ]


@pytest.mark.parametrize("rows", ROWS)
def test_a_convolution_shares_its_weights(rows: int) -> None:
    """The gradient of a weight is the sum over the positions."""
    rng = np.random.default_rng(5)
    kernel, bias = [Value(x) for x in rng.normal(size=9)], Value(0.1)

    def f(image: Any, t: Any) -> Value:
        maps = convolution(image, kernel, bias)
        return (ag.sum(x for line in maps for x in line) / 16 - t) ** 2

    agrees(f, [*kernel, bias], rng.normal(size=(rows, 6, 6)), rng.normal(size=rows))


def test_the_steps_of_a_convolution_do_not_depend_on_the_image() -> None:
    """An image of 6×6 and one of 9×9 are the same steps."""
    kernel, bias = [Value(0.1 * k - 0.3) for k in range(9)], Value(0.1)

    def program(size: int) -> Program:
        def f(image: Any) -> Value:
            return ag.sum(x * x for line in convolution(image, kernel, bias) for x in line)

        image = np.random.default_rng(0).normal(size=(size, size)).tolist()
        return compile(f, image, wrt=[*kernel, bias])

    assert len(program(6).steps) == len(program(9).steps)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("width", [1, 3])
def test_a_recurrence_shares_its_weights(rows: int, width: int) -> None:
    """h ← tanh(W h + u x + b) over a sequence of 6: gradients add up over the time steps."""
    rng = np.random.default_rng(7)
    W = [[Value(x) for x in line] for line in rng.normal(size=(width, width)) / 2]
    u, b = [[Value(x) for x in rng.normal(size=width)] for _ in range(2)]

    def f(sequence: Any, t: Any) -> Value:
        h: list[Any] = [0.0] * width
        for x in sequence:
            h = [tanh(ag.dot(W[i], h) + u[i] * x + b[i]) for i in range(width)]
        return (ag.sum(h) - t) ** 2

    agrees(f, [*itertools.chain(*W), *u, *b], rng.normal(size=(rows, 6)), rng.normal(size=rows))


# --- Irregular graphs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [1, 2, 3, 6, 7, 8, 20])
def test_a_sum_may_have_any_number_of_terms(terms: int) -> None:
    """Numbers with different weights; products of arguments; parameters times these; and the program has a text."""
    w, X = [Value(0.1 * k - 0.3) for k in range(terms)], np.random.default_rng(0).normal(size=(3, terms + 1))
    sums: list[Callable[[Any], Any]] = [
        lambda x: w[0] + sum((k + 2) * x[k] for k in range(terms)),
        lambda x: w[0] * x[0] + sum(x[k] * x[k + 1] for k in range(terms)),
        lambda x: sum(w[k] * x[k] * x[k + 1] - (k + 2) * x[k] for k in range(terms)),
        lambda x: sum(tanh(w[k]) * (k + 2) for k in range(terms)) * x[0],
    ]
    for f in sums:
        program = agrees(f, w, X)
        assert program.source
        assert str(program)


@pytest.mark.parametrize("rows", [1, 5])
@settings(max_examples=share(60), deadline=None)
@given(seed=st.integers(0, 2**30))
def test_irregular_networks_compute_what_their_graphs_compute(rows: int, seed: int) -> None:
    """Whatever is found in the graph, complete layers or parts of them, the numbers are those of the sweep."""
    f, wrt, inputs = tangle(seed)
    agrees(f, wrt, np.random.default_rng(seed).normal(size=(rows, inputs)) / 2)


# --- Arguments and outputs ------------------------------------------------------------------------------------

trees = st.recursive(
    st.integers(0, 5),
    lambda tree: st.one_of(
        st.lists(tree, max_size=3),
        st.lists(tree, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), tree, max_size=3),
        st.integers(1, 3).flatmap(lambda n: st.lists(st.integers(0, 5), min_size=n, max_size=n)).map(np.array),
    ),
    max_leaves=8,
)
"""Outputs: numbers that say which of six scalars stands there, in lists, tuples, dicts and arrays."""


def filled(tree: Any, scalars: Sequence[Any]) -> Any:
    if isinstance(tree, dict):
        return {key: filled(branch, scalars) for key, branch in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(filled(branch, scalars) for branch in tree)
    if isinstance(tree, np.ndarray):
        return np.array([scalars[k] for k in tree], dtype=object)
    return scalars[tree]


def numbers(tree: Any) -> list[Any]:
    """The numbers of an output in the order in which f returned them, for one row."""
    if isinstance(tree, dict):
        return [x for branch in tree.values() for x in numbers(branch)]
    if isinstance(tree, list | tuple):
        return [x for branch in tree for x in numbers(branch)]
    return np.ravel(tree).astype(float).tolist()


def of_row(tree: Any, row: int) -> Any:
    if isinstance(tree, dict):
        return {key: of_row(branch, row) for key, branch in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(of_row(branch, row) for branch in tree)
    return tree[row]


def six(x: Any, w: Any) -> list[Any]:
    return [x, w, x * w, tanh(x) if isinstance(x, Value) else math.tanh(x), 2.5, x + w]


@settings(max_examples=share(80), deadline=None)
@given(tree=trees)
def test_outputs_have_the_structure_that_f_gives_them(tree: Any) -> None:
    """Lists, tuples, dicts and arrays, nested: every row has each number where f put it."""
    w = Value(0.5)
    program = compile(lambda x: {"x": x * w, "tree": filled(tree, six(x, w))}, 1.0, wrt=[w])
    found = program([1.0, -2.0])["tree"]
    for row, x in enumerate((1.0, -2.0)):
        close(numbers(of_row(found, row)), numbers(filled(tree, six(x, 0.5))))
    close(numbers(program(-2.0)["tree"]), numbers(filled(tree, six(-2.0, 0.5))))


def test_an_array_comes_with_an_axis_of_rows() -> None:
    """(rows, *shape) for what has a shape; its own shape for a single sample."""
    program = compile(lambda x: [[x[0], x[1]], [x[1], x[0] * x[1]], [x[0], 1.0]], [1.0, 2.0])
    assert program(np.ones((7, 2))).shape == (7, 3, 2)
    assert program(np.ones((0, 2))).shape == (0, 3, 2)
    assert program([3.0, 4.0]).tolist() == [[3, 4], [4, 12], [3, 1]]


def test_what_comes_without_rows_is_the_same_for_all_of_them() -> None:
    """A number or an array of the example's shape beside a batch; alone it gives a single result."""
    w = Value(2.0)
    program = compile(lambda x, v: w * x[0] * v + x[1], [0.0, 0.0], 0.0, wrt=[w])
    X, v = np.arange(6.0).reshape(3, 2), np.array([1.0, -1.0, 2.0])
    close(program(X, 3.0), 6 * X[:, 0] + X[:, 1])
    close(program(X[0], v), 2 * X[0, 0] * v + X[0, 1])
    assert program([1.0, 2.0], 3.0) == 8.0
    loss, gradient = program.value_and_grad(X, 3.0)
    assert loss == np.mean(6 * X[:, 0] + X[:, 1])
    close(gradient, [np.mean(3 * X[:, 0])])


def test_memory_order_does_not_matter() -> None:
    """Transposed, strided, integer and float32 arrays, and lists, are the numbers that are in them."""
    w = Value(2.0)
    program = compile(lambda x: w * x[0] - x[1] * x[2], [0.0] * 3, wrt=[w])
    X = np.arange(12.0).reshape(4, 3)
    wanted = program(X).tolist()
    for same in (np.asfortranarray(X), np.repeat(X, 2, 0)[::2], X.astype(int), X.astype(np.float32), X.tolist()):
        assert program(same).tolist() == wanted


def test_the_empty_batch_has_no_results() -> None:
    """Outputs without rows; a sum of 0 and no gradient; no mean."""
    w = Value(2.0)
    f, X = (lambda x: relu(w * x[0] + x[1]) + w * w), np.zeros((0, 2))
    assert compile(f, [0.0, 0.0], wrt=[w])(X).shape == (0,)
    total, gradient = compile(f, [0.0, 0.0], wrt=[w], reduce="sum").value_and_grad(X)
    assert (total, gradient.tolist()) == (0.0, [0.0])
    with pytest.raises(ValueError, match=r"^value_and_grad: the batch is empty, and has no mean\.$"):
        compile(f, [0.0, 0.0], wrt=[w]).value_and_grad(X)


class Line(NamedTuple):
    slope: Any
    height: Any


def test_named_tuples_stay_named() -> None:
    """What f returns as a NamedTuple comes back as one."""
    w = Value(2.0)
    found = compile(lambda x: {"line": Line(w, [w * x])}, 0.0, wrt=[w])([1.0, 2.0])["line"]
    assert isinstance(found, Line)
    assert (found.slope.tolist(), found.height.tolist()) == ([2, 2], [[2], [4]])


def test_a_program_without_arguments_has_one_row() -> None:
    """Parameters alone: f and its gradient, as a number and an array."""
    w = Value(3.0)
    program = compile(lambda: w * w + 1, wrt=[w])
    assert program() == 10.0
    loss, gradient = program.value_and_grad()
    assert (loss, gradient.tolist()) == (10.0, [6.0])


def test_a_long_batch_goes_through_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 64 rows give the results of one block; a branch that changes is named by its row of the batch."""
    rng, model = np.random.default_rng(0), MLP(3, [5, 1], "tanh", seed=0)
    X, t = rng.normal(size=(1000, 3)), rng.normal(size=1000)

    def f(x: Any, t: Any) -> Value:
        penalty = 1e-2 * sum(p * p for p in model.parameters())
        return squared_error(model(x), t) + penalty if x[0] < 100 else x[0]

    whole = compile(f, [0.0] * 3, 0.0, wrt=model.parameters())
    wanted, (loss, gradient) = whole(X, t), whole.value_and_grad(X, t)
    monkeypatch.setattr("autograd.compiler.matrices.kernel._CELLS", 1)
    parts = compile(f, [0.0] * 3, 0.0, wrt=model.parameters())
    close(parts(X, t), wanted)
    close(parts.value_and_grad(X, t)[0], loss)
    close(parts.value_and_grad(X, t)[1], gradient)
    X[777, 0] = 200
    for call in (parts, parts.value_and_grad, whole, whole.value_and_grad):
        with pytest.raises(BranchChanged, match=r"`200 < 100` in row 777 "):
            call(X, t)


# --- Parameters -----------------------------------------------------------------------------------------------


def test_parameters_that_do_not_matter_have_gradient_0() -> None:
    """First, in the middle, last; and where one has slope 0."""
    a, b, c = (Value(x) for x in (2.0, 3.0, 5.0))
    program = compile(lambda x: b * x + x * x, 0.0, wrt=[a, b, c])
    assert program.value_and_grad([1.0, 2.0])[1].tolist() == [0, 1.5, 0]
    program = compile(lambda x: ag.step(a) * x, 0.0, wrt=[a, b])
    loss, gradient = program.value_and_grad([1.0, 2.0])
    assert (loss, gradient.tolist()) == (1.5, [0, 0])


@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_parameters_may_share_a_gradient(penalty: float) -> None:
    """(a + b)·x: both have the gradient x, in whatever order they come, with a penalty or without."""
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    X = np.array([1.0, 2.0, 4.0])
    for wrt in ([a, b, c], [c, b, a], [b, c, a]):
        agrees(lambda x: (a + b) * x + c * x * x + penalty * (a * a + b * b), wrt, X)


def test_a_parameter_may_be_an_output() -> None:
    """As the only one, whose gradient is 1, and beside others."""
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w, 0.0, wrt=[v, w])
    assert program([1.0, 5.0]).tolist() == [2, 2]
    assert program.value_and_grad([1.0, 5.0])[1].tolist() == [0, 1]
    both = compile(lambda x: (w, [x, w * x], v), 0.0, wrt=[v, w])
    both.parameters = [30.0, 20.0]
    found = both([1.0, 2.0])
    assert [each.tolist() for each in found] == [[20, 20], [[1, 20], [2, 40]], [30, 30]]


def test_a_penalty_counts_once_for_a_mean_and_in_every_row_of_a_sum() -> None:
    """What is the same for all rows: the mean of f over the rows has it once."""
    w = Value(3.0)
    X = [1.0, 2.0, 3.0, 4.0]
    loss, gradient = compile(lambda x: w * x + w * w, 0.0, wrt=[w], reduce="mean").value_and_grad(X)
    assert (loss, gradient.tolist()) == (16.5, [8.5])
    loss, gradient = compile(lambda x: w * x + w * w, 0.0, wrt=[w], reduce="sum").value_and_grad(X)
    assert (loss, gradient.tolist()) == (4 * 16.5, [4 * 8.5])


@pytest.mark.parametrize("cells", [1, 1 << 21], ids=["blocks", "one block"])
def test_a_loss_that_is_the_same_for_all_rows_counts_as_often_as_they_are(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once in a mean, and in a sum for each row, however many blocks they come in."""
    monkeypatch.setattr("autograd.compiler.matrices.kernel._CELLS", cells)
    w, X = Value(3.0), np.zeros(200)
    ways: list[tuple[Any, int]] = [("mean", 1), ("sum", len(X))]
    for reduce, times in ways:
        program = compile(lambda x: w * w, 0.0, wrt=[w], reduce=reduce, backend="numpy")
        loss, gradient = program.value_and_grad(X)
        assert (loss, gradient.tolist()) == (9.0 * times, [6.0 * times])


def test_the_values_change_when_they_are_told_to() -> None:
    """Programs start from the Values' numbers, keep their own, and give them back at write_back."""
    w = Value(2.0)
    program = compile(lambda x: w * x, 0.0, wrt=[w])
    w.data = 50.0
    program.parameters = [3.0]
    assert (program([1.0]).tolist(), w.data, w.grad) == ([3], 50.0, 0)
    program.write_back()
    assert w.data == 3.0


def test_a_loss_in_terms_of_an_inner_node() -> None:
    """A parameter need not be a leaf: the program begins at it."""
    w = Value(3.0)
    inner = w * 2
    program = Program.from_graph(inner * inner, wrt=[inner])
    loss, gradient = program.value_and_grad()
    assert (loss, gradient.tolist()) == (36.0, [12.0])


# --- Second derivatives ---------------------------------------------------------------------------------------


def rosenbrock(x: Sequence[Any]) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))


def smooth(x: Sequence[Any]) -> Any:
    return tanh(x[0] * x[1]) + exp(-x[2] * x[2] / 2) * x[3] + ag.logsumexp(*x)


@pytest.mark.parametrize("f", [rosenbrock, smooth])
@pytest.mark.parametrize("rows", ROWS)
def test_a_compiled_hessian_is_the_hessian(f: Callable[..., Any], rows: int) -> None:
    """By `gradients` twice in f, and by `autograd.hessian` in f: both as matrices, row by row."""
    X = np.random.default_rng(1).normal(size=(rows, 4))

    def by_hand(x: list[Value]) -> list[list[Value]]:
        return [gradients(each, x) for each in gradients(f(x), x)]

    wanted = [ag.hessian(f)(row) for row in X]
    close(compile(by_hand, X[0])(X), wanted, 1e-11)
    close(compile(ag.hessian(f), X[0])(X), wanted, 1e-11)


@pytest.mark.parametrize("f", [rosenbrock, smooth])
def test_a_compiled_hessian_times_a_vector(f: Callable[..., Any]) -> None:
    """By gradients of ⟨∇f, v⟩, and by `autograd.hvp`; with a vector for each row, and one for all."""
    rng = np.random.default_rng(2)
    X, V = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))

    def by_hand(x: list[Value], v: list[Value]) -> list[Value]:
        return gradients(ag.dot(gradients(f(x), x), v), x)

    for g in (by_hand, lambda x, v: ag.hvp(f, x, v)):
        program = compile(g, X[0], V[0])
        close(program(X, V), [ag.hvp(f, x, v) for x, v in zip(X.tolist(), V.tolist(), strict=True)], 1e-11)
        close(program(X, V[0]), [ag.hvp(f, x, V[0].tolist()) for x in X.tolist()], 1e-11)


def test_gradients_of_gradients_may_be_trained() -> None:
    """A loss that has a derivative in it, as physics-informed networks do, has a gradient."""
    model = MLP(1, [5, 1], "tanh", seed=0)

    def f(x: list[Value]) -> Value:
        (slope,) = gradients(model(x), x)
        return (slope - x[0]) ** 2

    X = np.linspace(-1, 1, 7)[:, None]
    wrt = model.parameters()

    def eager(x: list[float]) -> Value:
        return f([Value(each) for each in x])

    _, gradient = swept(eager, wrt, X)
    close(compile(f, [0.0], wrt=wrt).value_and_grad(X)[1], gradient)


# --- Recorded graphs ------------------------------------------------------------------------------------------


def moons_loss(model: MLP, X: np.ndarray, y: np.ndarray) -> Any:
    """micrograd's loss of the whole batch in one graph.

    Source: Andrej Karpathy, micrograd, demo.ipynb (2020), `loss`.
    """
    scores = [model(row.tolist()) for row in X]
    losses = [relu(1 + -int(yi) * score) for yi, score in zip(y, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum(p * p for p in model.parameters())
    return data_loss + reg_loss


def test_the_moons_loss_of_a_whole_batch() -> None:
    """100 samples, MLP(2, [16, 16, 1]): loss and the 337 gradients of `backward`, now and after a step."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 2)), rng.choice([-1, 1], 100)
    model = MLP(2, [16, 16, 1], seed=1)
    parameters = model.parameters()
    loss = moons_loss(model, X, y)
    program = Program.from_graph(loss, wrt=parameters)
    for _ in range(2):
        loss.forward()
        for p in parameters:
            p.grad = 0
        loss.backward()
        found, gradient = program.value_and_grad()
        close(found, loss.data)
        close(gradient, [p.grad for p in parameters])
        program.parameters = program.parameters - 0.1 * gradient
        program.write_back()


def test_a_recorded_graph_takes_arguments() -> None:
    """Leaves become arguments, named by their labels; the other leaves keep their numbers."""
    x, t, w, c = Value(3.0, "x"), Value(1.0, "t"), Value(2.0), Value(10.0)
    program = Program.from_graph((w * x - t) ** 2 + c, inputs=[x, t], wrt=[w])
    assert program([1.0, 2.0], [0.0, 1.0]).tolist() == [14, 19]
    assert repr(program) == "<Program of (x, t), numpy, 1 parameters>"


def test_a_leaf_is_an_input_once_or_a_parameter_once() -> None:
    """A leaf that is named twice is refused, as it could have one of two numbers."""
    x, w = Value(3.0, "x"), Value(2.0, "w")
    for inputs, wrt in (([x, x], [w]), ([x], [x]), ([x], [w, w])):
        with pytest.raises(ValueError, match="twice"):
            Program.from_graph(x * w, inputs=inputs, wrt=wrt)
