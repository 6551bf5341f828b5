"""Laws of `fit`: what one step is, which samples it sees, how it ends, and what it leaves behind."""

import copy
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
import plots
from autograd import DomainError, Value, log
from nn.backends import BACKENDS
from nn.eager import EagerProgram

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(10, 2)), RNG.normal(size=10)


def model() -> nn.MLP:
    return nn.MLP(2, [3, 1], "tanh", seed=0)


def fit(trained: nn.Module, loss: Any = "squared_error", X: Any = X, y: Any = Y, **named: Any) -> nn.History:
    """`nn.fit` without a bar, by plain gradient descent unless told otherwise; a loss that notes its calls, eagerly."""
    backend = None if isinstance(loss, str) else "eager"
    return nn.fit(trained, loss, X, y, **{"optimizer": nn.SGD(0.05), "progress": False, "backend": backend, **named})


def numbers(trained: nn.Module) -> list[float]:
    return [parameter.data for parameter in trained.parameters()]


def by_hand(trained: nn.Module, batches: list[list[int]], rate: float, l2: float = 0.0) -> list[float]:
    """micrograd's loop: the graph of a whole batch, one sweep, one step."""
    for batch in batches:
        losses = [(trained(X[i]) - Y[i]) ** 2 for i in batch]
        total: Any = sum(losses) * (1 / len(batch)) + l2 * sum(p * p for p in trained.parameters())
        trained.zero_grad()
        total.backward()
        for parameter in trained.parameters():
            parameter.data -= rate * parameter.grad
    trained.zero_grad()
    return numbers(trained)


class Recorder:
    """A squared error that notes its targets, and does something at one of its calls."""

    def __init__(self, at: int = -1, then: Callable[[], Any] = lambda: None) -> None:
        self.targets: list[float] = []
        self.at, self.then = at, then

    def __call__(self, prediction: Any, target: Any) -> Any:
        self.targets.append(target)
        if len(self.targets) == self.at:
            self.then()
        return (prediction - target) ** 2


def interrupt() -> None:
    raise KeyboardInterrupt


# --- One step -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", "eager"])
@given(batch_size=st.sampled_from([None, 1, 3, 4, 10, 99]), epochs=st.integers(0, 3))
def test_fit_is_the_loop_written_by_hand(backend: str, batch_size: int | None, epochs: int) -> None:
    """Batch, mini-batch and single-sample, the last batch shorter: 1e-12 for another order of the additions."""
    ours = model()
    history = fit(ours, epochs=epochs, batch_size=batch_size, shuffle=False, backend=backend)
    size = batch_size or 10
    batches = [list(range(10))[i : i + size] for i in range(0, 10, size)] * epochs
    assert numbers(ours) == pytest.approx(by_hand(model(), batches, 0.05), rel=1e-12, abs=1e-12)
    assert (history.steps, history.epochs) == (len(batches), epochs)


def test_l2_adds_its_penalty_to_loss_and_gradient() -> None:
    """l2·Σθ², biases included, as in micrograd's notebook."""
    ours = model()
    squares = sum(number**2 for number in numbers(ours))
    history = fit(ours, epochs=3, l2=0.1)
    assert numbers(ours) == pytest.approx(by_hand(model(), [list(range(10))] * 3, 0.05, l2=0.1), rel=1e-12)
    assert history.losses[0] == pytest.approx(
        float(np.mean(EagerProgram(model(), Recorder(), X, Y)(X, Y))) + 0.1 * squares
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_gives_the_mean_loss_and_its_gradient_as_arrays(backend: str) -> None:
    """The seam: parameters in, (loss, gradient) out; one row each for the losses; write_back fills the Values."""
    ours = model()
    program = BACKENDS[backend](ours, nn.squared_error, X, Y)
    loss, gradient = program.value_and_grad(X, Y)
    assert loss == pytest.approx(np.mean(program(X, Y)), rel=1e-14)
    direction, h = RNG.normal(size=gradient.shape), 1e-6
    values, start = [], program.parameters
    for sign in (1, -1):
        program.parameters = start + sign * h * direction
        values.append(np.mean(program(X, Y)))
    assert gradient @ direction == pytest.approx((values[0] - values[1]) / (2 * h), rel=1e-7)
    program.write_back()
    assert numbers(ours) == program.parameters.tolist()


@pytest.mark.parametrize("loss", sorted(nn.LOSSES))
def test_the_compiled_training_is_the_eager_one(loss: str) -> None:
    """Every loss: losses and parameters agree to 1e-9 after ten epochs of mini-batches."""
    targets = {"softmax_cross_entropy": [0, 2, 1], "hinge_loss": [-1, 1], "perceptron_loss": [-1, 1]}
    some = targets.get(loss, [0, 1])
    y = [some[k % len(some)] for k in range(10)]
    runs = []
    for backend in ("numpy", "eager"):
        trained = nn.MLP(2, [4, 3 if loss == "softmax_cross_entropy" else 1], "tanh", seed=0)
        history = fit(trained, loss, X, y, epochs=10, batch_size=4, seed=3, l2=0.01, backend=backend)
        runs.append([*history.losses, *numbers(trained)])
    assert runs[0] == pytest.approx(runs[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("backend", [None, "numpy", "c", "jax"])
def test_a_model_that_branches_is_trained_by_a_program_for_each_way(backend: str | None) -> None:
    """As by its graphs: each sample goes its way, and another one when the parameters have moved."""

    def kinked(prediction: Any, target: Any) -> Any:
        error = prediction - target
        return error * error if error > 0 else -error

    ours, eagerly = model(), model()
    history = fit(ours, kinked, epochs=30, backend=backend)
    assert history.backend == (backend or "numpy")
    wanted = fit(eagerly, kinked, epochs=30, backend="eager")
    assert history.losses == pytest.approx(wanted.losses, rel=1e-9)
    assert numbers(ours) == pytest.approx(numbers(eagerly), rel=1e-9)


def test_a_zero_rate_changes_nothing() -> None:
    """Not a bit of any parameter, for any optimiser."""
    for kind in nn.OPTIMIZERS.values():
        ours = model()
        history = fit(ours, optimizer=kind(0.0), epochs=2, batch_size=3, seed=1)
        assert numbers(ours) == numbers(model())
        assert history.learning_rates == [0.0, 0.0]


def test_fit_leaves_no_gradients() -> None:
    """A loop of one's own that follows begins with clean parameters."""
    ours = model()
    fit(ours, epochs=1)
    assert {parameter.grad for parameter in ours.parameters()} == {0}


# --- Which samples --------------------------------------------------------------------------------------------


@given(batch_size=st.integers(1, 12), seed=st.integers(0, 2**32))
@settings(max_examples=10)
def test_every_epoch_takes_every_sample_once(batch_size: int, seed: int) -> None:
    """Whatever the size of the batches and the order."""
    recorder = Recorder()
    fit(model(), recorder, epochs=3, batch_size=batch_size, seed=seed)
    for epoch in range(3):
        assert sorted(recorder.targets[10 * epoch : 10 * (epoch + 1)]) == sorted(Y.tolist())


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples() -> None:
    """Each sample counts alike, also those of a shorter last batch."""
    losses = []

    def squared(prediction: Any, target: Any) -> Any:
        loss = (prediction - target) ** 2
        losses.append(loss.data)
        return loss

    history = fit(model(), squared, epochs=1, batch_size=4)
    assert history.losses == [pytest.approx(np.mean(losses), rel=1e-14)]


def test_each_epoch_has_another_order_by_the_seed() -> None:
    """Orders differ between epochs and between seeds; without shuffling there is one order, that of the data."""
    orders = {}
    for seed in (0, 1):
        recorder = Recorder()
        fit(model(), recorder, epochs=2, batch_size=1, seed=seed)
        orders[seed] = recorder.targets
    assert len({tuple(targets[start : start + 10]) for targets in orders.values() for start in (0, 10)}) == 4
    recorder = Recorder()
    fit(model(), recorder, epochs=2, batch_size=1, shuffle=False)
    assert recorder.targets == Y.tolist() * 2


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5)
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    """Model, order of the samples, optimiser: the same seeds make the same run bit for bit, another seed another."""
    runs = []
    for s in (seed, seed, seed + 1):
        ours = nn.MLP(2, [3, 1], seed=seed)
        history = fit(ours, optimizer=nn.Adam(0.05), epochs=3, batch_size=2, seed=s)
        runs.append((np.array(numbers(ours)).tobytes(), str(history)))
    assert runs[0] == runs[1] != runs[2]


def test_a_second_fit_goes_on_where_the_first_ended() -> None:
    """3 + 4 epochs with one optimiser and one generator are 7 epochs, bit for bit."""
    ours, once, rng, optimizer = model(), model(), np.random.default_rng(3), nn.Adam(nn.LinearSchedule(0.1, 0.01, 20))
    for epochs in (3, 4):
        fit(ours, optimizer=optimizer, epochs=epochs, batch_size=4, seed=rng)
    fit(once, optimizer=nn.Adam(nn.LinearSchedule(0.1, 0.01, 20)), epochs=7, batch_size=4, seed=3)
    assert numbers(ours) == numbers(once)


def test_validation_data_are_measured_and_not_learned_from() -> None:
    """Their loss after each epoch is the model's; the parameters are those of a run without them."""
    ours, alone = model(), model()
    history = fit(ours, epochs=4, validation=(X[:3] + 1, Y[:3]))
    fit(alone, epochs=4)
    assert numbers(ours) == numbers(alone)
    assert len(history.validation_losses) == 4
    last = np.mean([(ours(x).data - t) ** 2 for x, t in zip(X[:3] + 1, Y[:3], strict=True)])
    assert history.validation_losses[-1] == pytest.approx(last, rel=1e-14)


# --- Several outputs, classes ---------------------------------------------------------------------------------


def test_several_outputs_take_rows_of_targets() -> None:
    """Their losses add up; a column of targets is as good as a row for one output."""
    two = nn.MLP(2, [3, 2], seed=0)
    history = fit(two, y=np.c_[Y, -Y], epochs=1)
    first = np.mean(
        [
            sum((z.data - s * t) ** 2 for z, s in zip(nn.MLP(2, [3, 2], seed=0)(x), (1, -1), strict=True))
            for x, t in zip(X, Y, strict=True)
        ]
    )
    assert history.losses == [pytest.approx(first, rel=1e-13)]
    ours, theirs = model(), model()
    fit(ours, y=Y[:, None], epochs=2)
    fit(theirs, y=Y.tolist(), epochs=2)
    assert numbers(ours) == numbers(theirs)


def test_three_classes_are_learned() -> None:
    """Three clouds of points by softmax cross-entropy; the classes may stand in a column."""
    rng = np.random.default_rng(0)
    y = np.arange(30) % 3
    points = np.array([[0, 2], [2, -1], [-2, -1]])[y] + rng.normal(0, 0.4, (30, 2))
    ours = nn.MLP(2, [3], seed=0)
    history = fit(ours, "softmax_cross_entropy", points, y[:, None], optimizer=nn.Adam(0.1), epochs=60)
    assert history.losses[-1] < 0.1 * history.losses[0]
    assert [int(np.argmax([z.data for z in ours(x)])) for x in points] == y.tolist()


# --- How it ends ----------------------------------------------------------------------------------------------


def test_early_stopping_ends_with_the_best_epoch() -> None:
    """Validation targets half way to the training targets: it stops when it is past them, and goes back to the best."""
    ours, best = model(), model()
    half_way = [(ours(x).data + y) / 2 for x, y in zip(X, Y, strict=True)]
    history = fit(ours, epochs=200, patience=3, validation=(X, half_way), optimizer=nn.SGD(0.1))
    assert history.epochs == history.best_epoch + 3 < 200
    assert history.best_epoch == int(np.argmin(history.validation_losses)) + 1
    assert history.stopped == f"stopped early: no lower loss in 3 epochs after epoch {history.best_epoch}"
    fit(best, epochs=history.best_epoch, optimizer=nn.SGD(0.1))
    assert numbers(ours) == numbers(best)


def test_patience_begins_anew_with_each_lower_loss() -> None:
    """Losses 5 4 6 3 7 8 and patience 2: the third epoch is forgiven, the sixth is the last, the fourth the best."""
    script = iter([5.0, 4.0, 6.0, 3.0, 7.0, 8.0, 1.0])

    def scripted(prediction: Any, target: Any) -> Any:
        return prediction * 0 + next(script)

    ours = nn.Neuron(1, seed=0)
    history = nn.fit(ours, scripted, [[1.0]], [0.0], epochs=99, patience=2, progress=False, backend="eager")
    assert history.losses == [5, 4, 6, 3, 7, 8]
    assert (history.best_epoch, history.stopped) == (4, "stopped early: no lower loss in 2 epochs after epoch 4")


def test_early_stopping_without_validation_watches_the_training_loss() -> None:
    """A rate of 0 makes no progress; and with min_delta slow progress is none."""
    assert fit(model(), optimizer=nn.SGD(0.0), epochs=50, patience=4).epochs == 5
    assert fit(model(), epochs=50, patience=1, min_delta=1e9).epochs == 2
    assert fit(model(), epochs=5, patience=5).stopped == "all 5 epochs done"


@pytest.mark.parametrize("how", [interrupt, lambda: signal.raise_signal(signal.SIGINT)], ids=["raised", "signal"])
def test_ctrl_c_keeps_what_was_learned_and_says_so(how: Callable[[], Any], capsys: pytest.CaptureFixture[str]) -> None:
    """In the middle of a batch: the model is that of the last step that was finished."""
    ours = model()
    history = fit(ours, Recorder(at=29, then=how), epochs=9, batch_size=4, shuffle=False)
    batches = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert numbers(ours) == pytest.approx(by_hand(model(), batches * 2 + batches[:2], 0.05), rel=1e-12)
    assert history.stopped == "interrupted in epoch 3, after 8 steps"
    assert history.epochs == 2
    wanted = "fit was interrupted in epoch 3, after 8 steps; the model keeps what it has learned.\n"
    assert capsys.readouterr().err == wanted


def test_divergence_names_step_loss_and_rate_and_the_usual_cause() -> None:
    """And the model keeps the parameters before the step that failed, all finite."""
    ours = nn.Neuron(1, "identity", bias=False, initialization="zeros")
    ours.w[0].data = 1.0
    with pytest.raises(nn.DivergenceError) as caught:
        nn.fit(ours, "squared_error", [[1.0]], [0.0], optimizer=nn.SGD(5.0), epochs=99, progress=False)
    assert str(caught.value) == (
        "fit diverged at step 8 (epoch 8), with learning rate 5: the loss is 2.288e+13, after a loss of 1 at step 1. "
        "Usually the learning rate is too large: try 0.5; or standardise the inputs, or give the optimizer "
        "clip=nn.ClipNorm(1.0)."
    )
    assert ours.w[0].data == (-9.0) ** 7  # w ← w − 5·2w, seven times


def test_divergence_by_overflow_names_the_operation() -> None:
    """Where a number is too large within one step, the engine's own words are in the message."""
    ours = nn.Neuron(1, "identity", bias=False, initialization="zeros")
    with pytest.raises(nn.DivergenceError, match=r"at step 2 .* learning rate 1e\+200: .*too large for a float"):
        nn.fit(ours, "squared_error", [[1.0]], [1.0], optimizer=nn.SGD(1e200), epochs=99, progress=False)
    assert ours.w[0].data == 2e200


def test_a_failure_before_the_first_step_is_no_divergence() -> None:
    """Nothing has moved yet: the model's own error comes through."""
    ours = nn.Neuron(1, "log", bias=False, initialization=lambda rng, nin, nout: [1.0])
    with pytest.raises(DomainError, match="log is defined for x > 0"):
        nn.fit(ours, "squared_error", [[1.0], [-1.0]], [1.0, 1.0], progress=False)


def _rate(steps: int) -> float:
    raise LookupError("no rate")


def _at_once(prediction: Any, target: Any) -> Any:
    raise LookupError("no loss")


FAILING: dict[str, dict[str, Any]] = {
    "no value": {"loss": lambda z, t: log(z - 1e9)},
    "an error in the loss": {"loss": _at_once},
    "no Value": {"loss": lambda z, t: 1.0},
    "no parameter": {"loss": lambda z, t: Value(t)},
    "a loss that is frozen": {"loss": lambda z, t: (z - t) ** 2 + z.data * z, "backend": "numpy"},
    "no rate": {"optimizer": nn.Momentum(_rate)},
    "a clip that fails": {"optimizer": nn.Adam(clip=lambda g: g[:99] @ g[:1])},
}


@pytest.mark.parametrize("backend", ["numpy", "eager"])
@pytest.mark.parametrize("how", FAILING)
def test_what_fails_before_the_first_step_changes_nothing(how: str, backend: str) -> None:
    """The numbers of the model and their kind, its gradients, the optimiser, the generator: also of a second fit."""
    ours, rng = nn.Neuron(2, "identity", seed=0), np.random.default_rng(0)
    named = {"optimizer": nn.Momentum(0.1), "backend": backend, **FAILING[how]}
    loss, optimizer = named.pop("loss", nn.squared_error), named["optimizer"]
    rate, clip = optimizer.learning_rate, optimizer.clip
    optimizer.learning_rate, optimizer.clip = 0.1, None
    fit(ours, X=X, optimizer=optimizer, epochs=1)
    optimizer.learning_rate, optimizer.clip = rate, clip
    ours.w[0].data, ours.w[0].grad = 1, 0.25

    def everything() -> str:
        values = [(p.data, p.grad) for p in ours.parameters()]
        return str((values, optimizer.state(), rng.bit_generator.state))

    before = everything()
    with pytest.raises((ValueError, TypeError, LookupError, IndexError)):
        fit(ours, loss, batch_size=3, seed=rng, **named)
    assert everything() == before


def test_what_fails_later_keeps_what_was_learned() -> None:
    """An error in the third epoch: the model is that of the last step that was finished."""
    ours = model()
    with pytest.raises(ZeroDivisionError):
        fit(ours, Recorder(at=29, then=lambda: 1 // 0), epochs=9, batch_size=4, shuffle=False)
    batches = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert numbers(ours) == pytest.approx(by_hand(model(), batches * 2 + batches[:2], 0.05), rel=1e-12)


def test_a_user_loss_must_give_a_value() -> None:
    """A loss that drops the graph is named."""
    with pytest.raises(TypeError, match=r"the loss gave 1\.0: wanted a Value"):
        fit(model(), lambda prediction, target: 1.0)


# --- What it shows --------------------------------------------------------------------------------------------


class FakeTqdm:
    """Takes tqdm's place, and notes what it is told."""

    made: list["FakeTqdm"]

    def __init__(self, **named: Any) -> None:
        self.named, self.texts, self.count, self.closed = named, [], 0, False
        FakeTqdm.made.append(self)

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        self.texts.append(text)

    def update(self) -> None:
        self.count += 1

    def close(self) -> None:
        self.closed = True


def test_the_bar_counts_steps_and_shows_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """One tick a step, epoch and loss beside it; closed also when training fails."""
    FakeTqdm.made = []
    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=FakeTqdm))  # type: ignore[arg-type]
    history = fit(model(), epochs=2, batch_size=5, progress=True)
    (bar,) = FakeTqdm.made
    assert (bar.named["total"], bar.count, bar.closed) == (4, 4, True)
    assert bar.texts[-1].startswith("epoch 2, loss ")
    assert history.steps == 4
    with pytest.raises(ZeroDivisionError):
        fit(model(), Recorder(at=12, then=lambda: 1 // 0), progress=True)
    assert FakeTqdm.made[1].closed


def test_without_tqdm_there_is_quietly_no_bar(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed, and training goes on."""
    monkeypatch.setitem(sys.modules, "tqdm", None)  # type: ignore[arg-type]
    assert fit(model(), epochs=2, progress=True).epochs == 2
    assert capfd.readouterr() == ("", "")


def test_the_real_bar_works_and_shows_the_loss(capfd: pytest.CaptureFixture[str]) -> None:
    """With tqdm itself, on stderr."""
    fit(model(), epochs=2, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "epoch 2, loss" in err


def test_a_callback_sees_the_model_of_each_epoch() -> None:
    """After epoch k it sees k losses, and the parameters of a run of k epochs."""
    ours, seen = model(), []
    fit(ours, epochs=3, callback=lambda history: seen.append((history.epochs, numbers(ours))))
    for k, (epochs, parameters) in enumerate(seen, start=1):
        shorter = model()
        fit(shorter, epochs=k)
        assert (epochs, parameters) == (k, numbers(shorter))


def test_the_history_counts_and_prints() -> None:
    """Losses, rates and steps, one line to read."""
    history = fit(model(), epochs=3, batch_size=5, optimizer=nn.SGD(nn.LinearSchedule(0.06, 0.0, 6)), seed=0)
    assert history.learning_rates == pytest.approx([0.05, 0.03, 0.01])
    assert (history.epochs, history.steps, history.stopped) == (3, 6, "all 3 epochs done")
    first, last = history.losses[0], history.losses[-1]
    assert repr(history) == f"History(3 epochs, 6 steps, loss {first:.4g} → {last:.4g}; all 3 epochs done)"


def test_the_history_plots_itself() -> None:
    """One curve for the training loss, one for the validation loss, on axes that are given or new."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    history = fit(model(), epochs=4, validation=(X, Y))
    ax = history.plot()
    assert [*plots.nameless(ax.figure), *plots.ambiguous(ax.figure), *plots.covered(ax.figure)] == []
    assert [line.get_ydata().tolist() for line in ax.lines] == [history.losses, history.validation_losses]
    assert history.plot(ax) is ax
    assert ax.get_ylabel() == "loss"
    nn.History().plot(ax)
    pyplot.close(ax.figure)


@pytest.mark.parametrize(
    ("losses", "best", "title"),
    [
        ([], 0, "No epoch yet"),
        ([0.3], 1, "Loss over 1 epoch"),
        ([0.3, 0.2, 0.1], 3, "Loss over 3 epochs"),
        ([0.3, 0.1, 0.2], 2, "Loss over 3 epochs, lowest loss after epoch 2"),
        ([0.3, 0.0], 2, "Loss over 2 epochs"),
    ],
)
def test_a_plot_of_any_length_has_a_title_and_whole_epochs(losses: list[float], best: int, title: str) -> None:
    """A scale of decades where every loss is above 0; the style of the lessons, and the reader's settings as before."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    ax = nn.History(losses, best_epoch=best).plot()
    assert dict(matplotlib.rcParams) == before
    assert ax.get_title(loc="left") == title
    assert ax.get_yscale() == ("log" if losses and min(losses) > 0 else "linear")
    assert not ax.spines["top"].get_visible()
    if losses:
        low, high = ax.get_xlim()
        marks = [mark for mark in ax.get_xticks() if low <= mark <= high]
        assert marks == list(range(1, len(losses) + 1))
        assert ax.lines[0].get_marker() == ("o" if len(losses) == 1 else "None")
    pyplot.close(ax.figure)


def test_one_epoch_is_not_epochs() -> None:
    """In all that a run says of itself."""
    history = fit(model(), epochs=1)
    assert (history.stopped, repr(history)[:26]) == ("1 epoch done", "History(1 epoch, 1 step, l")
    waited = fit(model(), epochs=30, patience=1, optimizer=nn.SGD(3.0), validation=(X, Y))
    assert waited.stopped == f"stopped early: no lower loss in 1 epoch after epoch {waited.best_epoch}"


def test_without_matplotlib_a_plot_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is in the message."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # type: ignore[arg-type]
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'matplotlib>=3.8'"):
        nn.History().plot()


def test_a_module_of_ones_own_can_be_trained() -> None:
    """Anything that owns parameters and can be called on a row."""

    class Parabola(nn.Module):
        def __init__(self) -> None:
            self.a, self.b = Value(0.0), Value(0.0)

        def __call__(self, x: Any) -> Value:
            return self.a * x[0] ** 2 + self.b

    ours, xs = Parabola(), np.linspace(-1, 1, 9)
    fit(ours, X=xs[:, None], y=3 * xs**2 - 1, epochs=400, optimizer=nn.Momentum(0.1))
    assert numbers(ours) == pytest.approx([3, -1], abs=1e-6)
    assert copy.deepcopy(ours)([2.0]).data == pytest.approx(11, abs=1e-5)
