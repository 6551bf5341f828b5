"""Laws of the comparison of program and graph: what a program has frozen is never trained on without a word."""

import math
import random
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import NotCompilable, Value, relu
from nn.backends import BACKENDS, CompiledProgram
from nn.crosscheck import difference
from nn.eager import EagerProgram

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(12, 2)), RNG.normal(size=12)
Callback = Callable[[nn.History], object]


def model() -> nn.MLP:
    return nn.MLP(2, [3, 1], "tanh", seed=0)


def fit(trained: nn.Module, loss: Any = "squared_error", **named: Any) -> nn.History:
    return nn.fit(trained, loss, X, Y, **{"optimizer": nn.SGD(0.05), "epochs": 10, "progress": False, **named})


def squared(prediction: Any, target: Any) -> Any:
    return (prediction - target) ** 2


def numbers(trained: nn.Module) -> list[float]:
    return list(trained.state().values())


@contextmanager
def told(pattern: str) -> Iterator[None]:
    """Exactly one warning, of this kind, that names a line of this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert [(w.category, w.filename) for w in caught] == [(RuntimeWarning, __file__)]
    assert re.search(pattern, str(caught[0].message))


# --- What is frozen ---------------------------------------------------------------------------------------------


class Switched(nn.Module):
    """A network whose outputs are multiplied with an attribute."""

    def __init__(self) -> None:
        self.inner, self.factor = model(), 1.0

    def __call__(self, x: Any) -> Any:
        return self.factor * self.inner(x)


def branching(_: nn.Module) -> tuple[Any, Callback | None]:
    return lambda z, t: squared(z, t) if z.data > 0.3 else 3 * squared(z, t), None


def drawing(_: nn.Module) -> tuple[Any, Callback | None]:
    rng = random.Random(0)
    return lambda z, t: squared(rng.choice([0.0, 2.0]) * z, t), None


def counting(_: nn.Module) -> tuple[Any, Callback | None]:
    calls: list[int] = []
    return lambda z, t: (calls.append(1), squared(z, t) * (1 + 1 / len(calls)))[1], None


def reading_data(trained: nn.Module) -> tuple[Any, Callback | None]:
    w = trained.parameters()[0]
    return lambda z, t: squared(z, t) * (1 + w.data**2), None


def detaching(_: nn.Module) -> tuple[Any, Callback | None]:
    return lambda z, t: squared(z, t) + z.data * z, None


def switching(trained: nn.Module) -> tuple[Any, Callback | None]:
    assert isinstance(trained, Switched)
    return squared, lambda history: setattr(trained, "factor", 0.5 if history.epochs >= 5 else 1.0)


def scheduling(_: nn.Module) -> tuple[Any, Callback | None]:
    weight = [1.0]
    return lambda z, t: weight[0] * squared(z, t), lambda history: weight.__setitem__(0, 0.999999**history.epochs)


STATES = (branching, drawing, counting, reading_data, detaching, switching, scheduling)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_what_reads_the_state_of_python_is_trained_by_its_graphs_and_said(state: Any) -> None:
    """A branch on .data, random numbers, a counter, frozen .data, attributes and variables that a callback changes."""
    trained = Switched()
    loss, callback = state(trained)
    itself = state in (drawing, counting)  # then there is no other number that would be the right one
    with told(rf"^fit: {'the graph of row .* gives' if itself else 'in row .* the'} .* The graph goes on"):
        history = fit(trained, loss, callback=callback)
    assert (history.backend, history.epochs) == ("eager", 10)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_backend_that_was_asked_for_and_differs_from_the_graph_is_refused(state: Any) -> None:
    """The same, with backend="numpy": an error that says what differs and what to do."""
    trained = Switched()
    loss, callback = state(trained)
    with pytest.raises(ValueError, match=r'^fit\(backend=\'numpy\'\): .* Give backend="eager", or none\.$'):
        fit(trained, loss, callback=callback, backend="numpy")


@pytest.mark.parametrize("state", [drawing, counting, detaching], ids=lambda state: state.__name__)
def test_what_differs_from_the_start_never_trains_by_the_program(state: Any) -> None:
    """No step is made before the first comparison; where that fails, `fit` has changed nothing."""
    trained = Switched()
    before = numbers(trained)
    with pytest.raises(ValueError, match="Give backend"):
        fit(trained, state(trained)[0], backend="numpy")
    assert numbers(trained) == before
    with told("The graph goes on"):
        fit(trained, detaching(trained)[0])
    eagerly = Switched()
    fit(eagerly, detaching(eagerly)[0], backend="eager")
    assert numbers(trained) == numbers(eagerly)


@pytest.mark.parametrize("switched", [1, 3, 9])
def test_a_factor_that_a_callback_changes_counts_from_the_next_epoch(switched: int) -> None:
    """The trained numbers are those of the graph, up to rounding, whenever it changes."""
    runs = []
    for backend in (None, "eager"):
        trained = Switched()

        def callback(history: nn.History, trained: Switched = trained) -> None:
            trained.factor = 0.5 if history.epochs >= switched else 1.0

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit(trained, callback=callback, backend=backend)
        runs.append(numbers(trained))
    assert runs[0] == pytest.approx(runs[1], rel=1e-9, abs=1e-12)


def test_the_last_epoch_is_compared_whatever_its_number() -> None:
    """A factor that something else than a callback changes, for the last step of ten alone."""
    trained = Switched()

    def rate(steps: int) -> float:
        trained.factor = 0.5 if steps >= 9 else 1.0
        return 0.05

    with told("9|10 epochs were trained by the program"):
        fit(trained, optimizer=nn.SGD(rate))


def test_a_resumed_run_goes_on_with_the_graph_without_asking_again(tmp_path: Any) -> None:
    """The file says what was found; resumed, it is the run that was not interrupted."""
    loss: Any = branching(model())[0]
    once, first, rest = model(), model(), model()
    for trained, named in ((once, {}), (first, {"epochs": 6, "checkpoint": tmp_path / "c"})):
        with told("The graph goes on"):
            fit(trained, loss, seed=0, **named)
    assert fit(rest, loss, resume=tmp_path / "c").backend == "eager"
    assert numbers(rest) == numbers(once)


def test_a_validation_loss_is_compared_too() -> None:
    """A branch that only validation rows take: else early stopping would watch another loss."""
    loss: Any = lambda z, t: squared(z, t) if z.data < 50 else 2 * squared(z, t)  # noqa: E731
    with told("the loss is"):
        nn.fit(nn.Neuron(1, "identity", seed=0), loss, [[0.1]], [0.1], validation=([[1e3], [-1e3]], [0, 0]), epochs=5)


def test_what_only_the_graph_refuses_is_raised_as_it_is() -> None:
    """An exception of the user's own that the program has not frozen, and no comparison of numbers."""

    def picky(prediction: Any, target: Any) -> Any:
        if prediction.data > 0.3:
            raise LookupError("too high")
        return squared(prediction, target)

    for backend in (None, "numpy", "eager"):
        with pytest.raises(LookupError, match="too high"):
            fit(model(), picky, epochs=64, backend=backend)


# --- What is right --------------------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 9),
    loss=st.sampled_from(["squared_error", "absolute_error", "huber_loss", "hinge_loss", "perceptron_loss"]),
    activation=st.sampled_from(["relu", "tanh", "elu(1.0)", "gelu", "leaky_relu(0.1)", "abs"]),
    initialization=st.sampled_from(["uniform", "zeros", "he"]),
    scale=st.sampled_from([0.0, 1e-12, 1e-3, 1.0, 1e3, 1e6]),
    whole=st.booleans(),
)
@example(seed=0, loss="squared_error", activation="tanh", initialization="zeros", scale=0.0, whole=True)
def test_a_program_without_state_is_never_suspected(
    seed: int, loss: str, activation: str, initialization: str, scale: float, whole: bool
) -> None:
    """At kinks, where digits cancel, for tiny and huge numbers: a difference would be an error."""
    rng = np.random.default_rng(seed)
    inputs = scale * (rng.integers(-2, 3, (6, 3)) if whole else rng.normal(size=(6, 3)))
    targets = rng.choice([-1, 1], 6)
    trained = nn.MLP(3, [4, 2, 1], activation, initialization=initialization, seed=seed)
    rate = nn.SGD(1e-3 / max(1.0, scale**2), clip=nn.ClipNorm(1.0))
    nn.fit(trained, loss, inputs, targets, optimizer=rate, epochs=8, progress=False, backend="numpy")


@pytest.mark.parametrize("residual", [0.0, 1e-16, 1e-12, 1e-6])
def test_rounding_is_no_difference_where_digits_cancel(residual: float) -> None:
    """A fit that is perfect but for the last digits: the program adds in another order, and its residual is another."""
    trained, inputs = nn.Neuron(9, "identity", seed=3), RNG.normal(size=(3, 9))
    targets = np.array([trained(x).data + residual for x in inputs])
    history = nn.fit(trained, "squared_error", inputs, targets, optimizer=nn.SGD(0.0), epochs=9, progress=False)
    assert history.backend == "numpy"


@pytest.mark.parametrize("size", [1.0, 20.0, 30.0, 36.0, 50.0])
def test_a_class_that_is_all_but_sure_is_no_difference(size: float) -> None:
    """A loss of 1e-9, 1e-13, 1e-16: the graph of a class has all its digits, a program of probabilities has not."""
    for seed in range(8):
        trained = nn.MLP(2, [4, 3], seed=seed)
        inputs = np.random.default_rng(seed).normal(size=(9, 2))
        for neuron in trained.layers[-1].neurons:
            neuron.w = [Value(size * w.data) for w in neuron.w]
        classes = [int(np.argmax([z.data for z in trained(x)])) for x in inputs]
        history = nn.fit(trained, "softmax_cross_entropy", inputs, classes, epochs=20, progress=False)
        assert history.backend == "numpy"


def test_a_kink_within_rounding_is_no_difference() -> None:
    """0.1 + 0.2 - 0.3 is 0 in one order and not in another, and relu has another slope there."""
    for order in ([0.1, 0.2, -0.3], [0.3, -0.1, -0.2], [-0.3, 0.2, 0.1]):
        trained = nn.Neuron(3, "relu", bias=False, initialization=lambda rng, nin, nout, given=order: given)
        history = nn.fit(trained, "squared_error", [[1.0] * 3], [1.0], optimizer=nn.SGD(0.0), epochs=2, progress=False)
        assert history.backend == "numpy"


def test_the_comparison_draws_from_nobody() -> None:
    """The generator of the samples' order is where as many permutations leave it; NumPy's and Python's own are idle."""
    rng, other = np.random.default_rng(3), np.random.default_rng(3)
    python, old = random.getstate(), np.random.get_state()
    fit(model(), seed=rng, batch_size=5, callback=lambda history: None, validation=(X, Y))
    for _ in range(10):
        other.permutation(len(X))
    assert rng.bit_generator.state == other.bit_generator.state
    assert random.getstate() == python
    assert str(np.random.get_state()) == str(old)


@pytest.mark.parametrize("epochs", [1, 7, 100])
def test_the_comparison_costs_a_few_graphs(epochs: int) -> None:
    """Of two rows at the start, of one after the epochs 1, 2, 4, … and the last one; whatever the data."""
    calls = []

    def squared(prediction: Any, target: Any) -> Any:
        calls.append(target)
        return (prediction - target) ** 2

    assert fit(model(), squared, epochs=epochs).backend == "numpy"
    recorded = 1
    assert len(calls) <= recorded + 2 + epochs.bit_length() + 1


def test_many_rows_are_compared_again_after_each_hundred_thousand() -> None:
    """So a state that changes late is found while it is cheap to look."""
    calls = []

    def squared(prediction: Any, target: Any) -> Any:
        calls.append(target)
        return (prediction - target) ** 2

    x, y = np.tile(X, (5000, 1)), np.tile(Y, 5000)  # 60 000 rows
    named: Any = {"epochs": 20, "progress": False, "optimizer": nn.SGD(0.0), "batch_size": 30_000, "shuffle": False}
    nn.fit(nn.Neuron(2, "identity", seed=0), squared, x, y, **named)
    assert 3 + 12 <= len(calls) <= 3 + 12 + 5


# --- The comparison itself ------------------------------------------------------------------------------------


class Crooked(CompiledProgram):
    """A compiled program that is wrong by so much in one number."""

    def __init__(self, place: int, error: float) -> None:
        super().__init__("numpy", model(), nn.squared_error, X, Y)
        self.place, self.error = place, error

    def __call__(self, X: Any, y: Any) -> Any:
        return super().__call__(X, y) * (1 + self.error * (self.place == 0))

    def value_and_grad(self, X: Any, y: Any) -> Any:
        loss, gradient = super().value_and_grad(X, y)
        found = np.concatenate([[loss], gradient])
        found[self.place] += self.error * (loss if self.place == 0 else np.abs(gradient).max())
        return found[0], found[1:]


NAMES = [name for name, _ in model().named_parameters()]


@given(place=st.integers(0, len(NAMES)), size=st.sampled_from([1e-7, 1e-3, 1.0]), sign=st.sampled_from([-1, 1]))
def test_a_number_that_is_off_is_named(place: int, size: float, sign: int) -> None:
    """The loss or any one derivative, from 1e-7 of the largest on; smaller by a thousand it is rounding."""
    graph = EagerProgram(model(), nn.squared_error, X, Y)
    found = difference(Crooked(place, sign * size), graph, X, Y, 4, NAMES)
    assert found.startswith(f"in row 4 the derivative for {NAMES[place - 1]} is" if place else "in row 4 the loss is")
    assert not difference(Crooked(place, 1e-10), graph, X, Y, 4, NAMES)


def test_a_comparison_leaves_the_model_as_it_was() -> None:
    """Though the graph is asked at shifted parameters where the two differ."""
    trained = model()
    before, graph = numbers(trained), EagerProgram(trained, nn.squared_error, X, Y)
    assert difference(Crooked(1, 1.0), graph, X, Y, 0, NAMES)
    assert numbers(trained) == before == graph.parameters.tolist()


# --- Callbacks and parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", "eager"])
def test_training_goes_on_from_the_numbers_that_a_callback_leaves(backend: str) -> None:
    """Weights that are clipped or averaged after an epoch: two fits with the same done between them."""

    def halve(trained: nn.Module) -> None:
        for parameter in trained.parameters():
            parameter.data *= 0.5

    ours, theirs, optimizer = model(), model(), nn.Momentum(0.05)
    fit(ours, optimizer=nn.Momentum(0.05), epochs=3, callback=lambda history: halve(ours), backend=backend)
    for _ in range(3):
        fit(theirs, optimizer=optimizer, epochs=1, backend=backend)
        halve(theirs)
    assert numbers(ours) == numbers(theirs)


@pytest.mark.parametrize("backend", ["numpy", "eager"])
def test_a_callback_that_replaces_parameters_is_refused(backend: str) -> None:
    """Other Values would be trained by nobody."""
    ours = nn.Neuron(2, "identity", seed=0)

    def replace(history: nn.History) -> None:
        ours.b = Value(0.0)

    with pytest.raises(ValueError, match=r"^fit\(callback=…\): it replaced parameters of the model; assign"):
        fit(ours, callback=replace, backend=backend)


# --- What cannot be compiled, and what is wrong in compiling --------------------------------------------------


@pytest.mark.parametrize("fault", [AssertionError, KeyError, TypeError, ValueError, AttributeError, IndexError])
def test_a_fault_of_the_compiler_is_raised_and_no_slowness(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a pass raises: training does not take it for a function that cannot be compiled."""

    def broken(*arguments: Any) -> Any:
        raise fault("a planted fault")

    monkeypatch.setattr("autograd.compiler.matrices.lifted.lay_out", broken)
    with pytest.raises(fault, match="a planted fault"):
        fit(model())


def unrecordable(x: Any) -> Any:
    """What works with numbers and not with placeholders: an index, a key, a function of floats."""
    return {"index": lambda: [1.0, 2.0][int(x) % 2], "key": lambda: {x: 1.0}[float(x)], "method": x.hex}


@pytest.mark.parametrize("how", ["index", "key", "method"])
def test_what_works_on_numbers_only_is_trained_by_its_graphs(how: str) -> None:
    """No error and no warning: the graph of each sample is what there is; asked for a program, its error is raised."""

    class Odd(nn.Module):
        def __init__(self) -> None:
            self.w = Value(0.5)

        def __call__(self, x: Any) -> Any:
            found = unrecordable(x[0])[how]()
            return self.w * (found if isinstance(found, float) else 1.0)

    history = fit(Odd())
    assert history.backend == "eager"
    with pytest.raises(NotCompilable) as caught:
        fit(Odd(), backend="numpy")
    assert history.fallback == str(caught.value)


def a_function_of_floats(z: Any, t: Any) -> Any:
    return squared(z, math.trunc(float(t)))


def a_key(z: Any, t: Any) -> Any:
    return {row: squared(z, row) for row in Y.tolist()}[t]


def a_branch(z: Any, t: Any) -> Any:
    return squared(z, t) if z > t else 2 * squared(z, t)


def a_way_of_floats(z: Any, t: Any) -> Any:
    return squared(z, t) if z > t else squared(z, math.trunc(float(t)))


def many_ways(z: Any, t: Any) -> Any:
    return squared(z, t + sum(2.0**-k if z * 2**k % 1 > 0.5 else 0.0 for k in range(12)))


def a_rule_of_floats(z: Any, t: Any) -> Any:
    return squared(of_floats(z), t)


def a_difference(z: Any, t: Any) -> Any:
    return squared(z, t) + z.data * z


of_floats = ag.Op("of_floats", lambda x: 2 * x, lambda g, y, x: (float(g) * 2.0,))
WHY: dict[Any, str] = {
    a_function_of_floats: "float",
    a_key: "is looked up as a key",
    a_branch: "^$",
    a_way_of_floats: "^row . goes a way of its own: .*float",
    many_ways: r"test_crosscheck\.py, line \d+: rows part .* most_ways=64",
    a_rule_of_floats: "of_floats",
    a_difference: "^in row .* by the program",
    squared: "^$",
}


@pytest.mark.parametrize("loss", WHY, ids=lambda loss: loss.__name__)
def test_a_history_says_why_the_graph_computed(loss: Any) -> None:
    """What was not compilable, where there are too many ways, what differed; nothing for what was asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = fit(model(), loss, epochs=30 if loss is many_ways else 2)
    assert history.backend == ("numpy" if loss in (squared, a_branch) else "eager")
    assert re.search(WHY[loss], history.fallback)
    assert fit(model(), loss, epochs=2, backend="eager").fallback == ""


@pytest.mark.parametrize("fault", [KeyError("k"), IndexError("i"), AttributeError("a"), RuntimeError("r"), OSError()])
@pytest.mark.parametrize("backend", [None, "numpy", "eager"])
def test_what_else_a_loss_raises_is_raised_and_no_slowness(backend: str | None, fault: Exception) -> None:
    """Only on what stands for numbers in a program, too: nothing but `NotCompilable` makes training take the graph."""

    def faulty(z: Any, t: Any) -> Any:
        if backend == "eager" or isinstance(t, Value):
            raise fault
        return squared(z, t)

    with pytest.raises(type(fault)) as caught:
        fit(model(), faulty, backend=backend)
    assert caught.value is fault


def test_estimators_say_why_too() -> None:
    """Their history is that of the training; and predictions take the graphs where there is no program."""
    estimators = pytest.importorskip("nn.estimators")
    regressor = estimators.MLPRegressor(loss=a_way_of_floats, max_iter=2, tol=1e9, n_iter_no_change=1).fit(X, Y)
    assert "float(target" in regressor.history_.fallback
    regressor = estimators.MLPRegressor(loss=a_way_of_floats).partial_fit(X, Y).partial_fit(X, Y)
    assert regressor.history_.backend == "eager"


# --- Losses without parameters --------------------------------------------------------------------------------

CONSTANT: dict[str, Any] = {
    "of .data": lambda z, t: (z.data - t) ** 2 + Value(0.0),
    "of the target": lambda z, t: Value(0.0) + t * t,
    "detached": lambda z, t: (z - t).detach() ** 2,
    "a branch of .data": lambda z, t: Value(1.0) if z.data > t else Value(2.0),
}


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize("loss", CONSTANT)
def test_a_loss_that_depends_on_no_parameter_is_refused(loss: str, backend: str | None) -> None:
    """By every backend, whatever keeps the parameters out, before anything has moved."""
    trained = model()
    before = numbers(trained)
    with pytest.raises(ValueError, match=r"^fit\(loss=…\): the loss depends on no parameter; was it computed from"):
        fit(trained, CONSTANT[loss], backend=backend, l2=0.1)
    assert numbers(trained) == before


@pytest.mark.parametrize("backend", [None, "eager"])
def test_rows_without_parameters_are_no_reason_where_others_have_them(backend: str | None) -> None:
    """A hinge written with `if` is, for rows on their side of the margin, a number of its own."""

    def hinge(prediction: Any, target: Any) -> Any:
        margin = 1 - (1 if target > 0 else -1) * prediction
        return margin if margin.data > 0 else Value(0.0)

    by_branch, by_relu = model(), model()
    for data in (X, X[::-1]):
        nn.fit(by_branch, hinge, data, Y, optimizer=nn.SGD(0.3), epochs=30, progress=False, backend="eager")
        expected = lambda z, t: relu(1 - (1 if t > 0 else -1) * z)  # noqa: E731
        nn.fit(by_relu, expected, data, Y, optimizer=nn.SGD(0.3), epochs=30, progress=False, backend="eager")
    assert numbers(by_branch) == numbers(by_relu)


def test_a_comparison_says_that_rows_without_parameters_may_have_them_later() -> None:
    """Every row on its side of the margin: there is nothing to learn, and nothing wrong."""

    def hinge(prediction: Any, target: Any) -> Any:
        margin = 1 - target * prediction
        return margin if margin > 0 else Value(0.0)

    trained = nn.Neuron(1, "identity", bias=False, initialization=lambda rng, nin, nout: [5.0])
    history = nn.fit(trained, hinge, [[1.0], [-1.0]], [1, -1], epochs=3, progress=False)
    assert (history.losses, history.backend) == ([0.0] * 3, "numpy")
