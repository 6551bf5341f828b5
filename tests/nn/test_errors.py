"""What is refused: the sentence names the argument, what was got and what was wanted, word for word."""

import contextlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, softmax
from share import share

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1.0, 2.0, 3.0]


def fit(X: Any = X, y: Any = Y, loss: Any = "squared_error", model: Any = None, **named: Any) -> Any:
    return nn.fit(
        model or nn.MLP(2, [2, 1], seed=0), loss, X, y, epochs=named.pop("epochs", 1), progress=False, **named
    )


LOSSES = ", ".join(nn.LOSSES)

REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    # the shape of a model
    "no inputs": (lambda: nn.Neuron(0), ValueError, "Neuron(nin=0): wanted an integer of at least 1."),
    "half an input": (
        lambda: nn.MLP(2.5, [1]),  # type: ignore[arg-type]
        TypeError,
        "MLP(nin=2.5): wanted an integer of at least 1, not float.",
    ),
    "no width": (lambda: nn.Layer(2, -1), ValueError, "Layer(nout=-1): wanted an integer of at least 1."),
    "no layers": (
        lambda: nn.MLP(2, []),
        TypeError,
        "MLP(nouts=[]): wanted the widths of the layers, as in [16, 16, 1].",
    ),
    "one width": (
        lambda: nn.MLP(2, 4),  # type: ignore[arg-type]
        TypeError,
        "MLP(nouts=4): wanted the widths of the layers, as in [16, 16, 1].",
    ),
    "a width of 0": (lambda: nn.MLP(2, [4, 0]), ValueError, "MLP(nouts[1]=0): wanted an integer of at least 1."),
    # names
    "misspelt activation": (
        lambda: nn.Neuron(2, "rleu"),
        ValueError,
        "Neuron(activation='rleu'): no operation of one operand has this name. Did you mean 'relu'?",
    ),
    "an activation of two": (
        lambda: nn.MLP(2, [1], output="maximum"),
        ValueError,
        "MLP(output='maximum'): no operation of one operand has this name.",
    ),
    "an activation without its constants": (
        lambda: nn.Neuron(2, "clip"),
        ValueError,
        "Neuron(activation='clip'): it takes constants, as in 'clip(0, 1)'.",
    ),
    "an activation that is no data": (
        lambda: nn.Neuron(2, "leaky_relu(__import__('os'))"),
        ValueError,
        "Neuron(activation=\"leaky_relu(__import__('os'))\"): no operation of one operand has this "
        "name. Did you mean 'leaky_relu'?",
    ),
    "a number for an activation": (
        lambda: nn.Neuron(2, 3),  # type: ignore[arg-type]
        TypeError,
        "Neuron(activation=3): wanted the name of an operation of one operand, not int.",
    ),
    "softmax of one neuron": (
        lambda: nn.Neuron(2, softmax),
        ValueError,
        f"Neuron(activation={softmax!r}): this is for a whole layer, not for one neuron.",
    ),
    "misspelt initialisation": (
        lambda: nn.Layer(2, 2, initialization="xavier"),
        ValueError,
        "Layer(initialization='xavier'): no initialization has this name; wanted one of uniform, glorot, he, normal, "
        "zeros or a function of (rng, nin, nout). Did you mean 'glorot'?",
    ),
    "too few weights": (
        lambda: nn.Neuron(2, initialization=lambda rng, nin, nout: [1.0]),
        ValueError,
        "Neuron(initialization=…): wanted 2 weights, and it gave 1.",
    ),
    "a seed that is no seed": (
        lambda: nn.MLP(2, [1], seed="now"),
        TypeError,
        "MLP(seed='now'): wanted None, an integer or a NumPy Generator, not str.",
    ),
    "a negative seed": (lambda: nn.Neuron(2, seed=-1), ValueError, "Neuron(seed=-1): wanted an integer of at least 0."),
    "misspelt loss": (
        lambda: fit(loss="hinge"),
        ValueError,
        f"fit(loss='hinge'): no loss has this name; wanted one of {LOSSES} or a function of (prediction, target). Did "
        "you mean 'hinge_loss'?",
    ),
    "no loss": (
        lambda: fit(loss=None),
        TypeError,
        "fit(loss=None): wanted the name of a loss or a function of (prediction, target), not NoneType.",
    ),
    "unknown backend": (
        lambda: fit(backend="torch"),
        ValueError,
        "fit(backend='torch'): no backend has this name; wanted one of numpy, c, jax, eager.",
    ),
    # calls
    "too few inputs": (
        lambda: nn.MLP(3, [4, 1])([1.0, 2.0]),
        ValueError,
        "MLP(3, [4, 1]) was called with 2 inputs.",
    ),
    "one input for two": (lambda: nn.Layer(2, 3)([1.0]), ValueError, "Layer(2, 3, 'relu') was called with 1 input."),
    "too many inputs": (lambda: nn.Neuron(2)([1, 2, 3]), ValueError, "Neuron(2, 'relu') was called with 3 inputs."),
    "a number for a sample": (
        lambda: nn.MLP(1, [1])(0.5),  # type: ignore[arg-type]
        TypeError,
        "MLP(1, [1]) was called with 0.5: wanted a sequence of 1 number, or of Values.",
    ),
    # data
    "ragged rows": (
        lambda: fit(X=[[1, 2], [3, 4], [5]]),
        ValueError,
        "fit(X=…): row 2 has 1 number where row 0 has 2 numbers; wanted rows of one length.",
    ),
    "flat data": (
        lambda: fit(X=[1.0, 2.0, 3.0]),
        ValueError,
        "fit(X=…) has shape (3,): wanted rows, shape (n, features); for one feature write X.reshape(-1, 1).",
    ),
    "no data": (lambda: fit(X=[], y=[]), ValueError, "fit(X=…) is empty: wanted at least one row."),
    "no features": (
        lambda: fit(X=[[], []]),
        ValueError,
        "fit(X=…) has shape (2, 0): wanted at least one feature in each row.",
    ),
    "nan": (
        lambda: fit(X=[[0, 1], [1, np.nan], [0, 0]]),
        ValueError,
        "fit(X=…): X[1, 1] is nan; wanted finite numbers.",
    ),
    "infinite target": (
        lambda: fit(y=[1.0, -np.inf, 0]),
        ValueError,
        "fit(y=…): y[1] is -inf; wanted finite numbers.",
    ),
    "text": (lambda: fit(X=[["a", "b"]]), TypeError, "fit(X=…): wanted numbers, not an array of <U1."),
    "too few targets": (
        lambda: fit(y=[1.0, 2.0]),
        ValueError,
        "fit(y=…) has shape (2,): wanted one target for each of the 3 rows.",
    ),
    "wrong width": (
        lambda: fit(X=[[1.0], [2.0], [3.0]]),
        ValueError,
        "MLP(2, [2, 1]) was called with 1 input.",
    ),
    "more targets than outputs": (
        lambda: fit(y=[[1, 2], [3, 4], [5, 6]]),
        ValueError,
        "fit(y=…), row 0: squared_error: the model gave 1 output for 2 targets.",
    ),
    "label outside the classes": (
        lambda: fit(model=nn.MLP(2, [3]), loss="softmax_cross_entropy", y=[0, 2, 3]),
        ValueError,
        "fit(y=…), row 2: softmax_cross_entropy: got the target 3 for 3 classes; wanted an integer from 0 to 2.",
    ),
    "label 0 for a hinge": (
        lambda: fit(loss="hinge_loss", y=[1, -1, 0]),
        ValueError,
        "fit(y=…), row 2: hinge_loss: got the target 0; wanted -1 or 1.",
    ),
    "bad validation label": (
        lambda: fit(loss="binary_cross_entropy", y=[0, 1, 1], validation=(X, [0, 1, 2])),
        ValueError,
        "fit(validation[1]=…), row 2: binary_cross_entropy: got the target 2; wanted 0 or 1 (or a probability "
        "between).",
    ),
    "half a validation": (
        lambda: fit(validation=X),
        TypeError,
        "fit(validation=…): wanted a pair (X, y), or (X, y, sample_weight).",
    ),
    # settings
    "negative rate": (
        lambda: fit(optimizer=nn.SGD(-0.1)),
        ValueError,
        "SGD(learning_rate=-0.1): wanted a finite number of at least 0.",
    ),
    "a rate for an optimiser": (
        lambda: fit(optimizer=0.1),
        TypeError,
        "fit(optimizer=0.1): wanted the name of an optimizer or an nn.Optimizer, as in nn.Adam(0.01), not float.",
    ),
    "negative epochs": (lambda: fit(epochs=-1), ValueError, "fit(epochs=-1): wanted an integer of at least 0."),
    "empty batches": (lambda: fit(batch_size=0), ValueError, "fit(batch_size=0): wanted an integer of at least 1."),
    "no patience": (lambda: fit(patience=0), ValueError, "fit(patience=0): wanted an integer of at least 1."),
    "negative l2": (lambda: fit(l2=-1.0), ValueError, "fit(l2=-1.0): wanted a finite number of at least 0."),
    "a function for a model": (
        lambda: fit(model=abs),
        TypeError,
        "fit(model=<built-in function abs>): wanted an nn.Module with parameters, not builtin_function_or_method.",
    ),
    "a step for fit": (
        lambda: fit(model=nn.Perceptron(2)),
        ValueError,
        "fit(model=Perceptron(2, 'step')): a step has slope 0; call its learn, or make it with \"identity\".",
    ),
    # Rosenblatt's rule
    "label 0": (
        lambda: nn.Perceptron(2).learn(X, [0, 1, 1]),
        ValueError,
        "Perceptron(2, 'step') was taught the label 0; wanted -1 or 1.",
    ),
    "a rule without a step": (
        lambda: nn.Perceptron(2, "identity").learn_one([1, 2], 1),
        ValueError,
        "Perceptron(2, 'identity') has no step output, which Rosenblatt's rule needs; train it by nn.fit.",
    ),
    "learning at no rate": (
        lambda: nn.Perceptron(2).learn(X, [1, 1, 1], rate=0),
        ValueError,
        "learn(rate=0): wanted a finite number above 0.",
    ),
    "learning other rows": (
        lambda: nn.Perceptron(3).learn(X, [1, 1, 1]),
        ValueError,
        "Perceptron(3, 'step') was called with 2 inputs.",
    ),
    # states and reports
    "half a state": (
        lambda: nn.Neuron(2).load_state({"w.0": 1.0, "v": 2.0}),
        ValueError,
        "Neuron(2, 'relu').load_state(state): the state lacks w.1, b and the state has the unknown v.",
    ),
    "another model's state": (
        lambda: nn.Neuron(9).load_state({}),
        ValueError,
        "Neuron(9, 'relu').load_state(state): the state lacks w.0, w.1, w.2 and 7 more.",
    ),
    "a report on nothing": (
        lambda: nn.MLP(2, [1]).report(np.empty((0, 2))),
        ValueError,
        "report(X=…) is empty: wanted at least one row.",
    ),
    "a report on other rows": (
        lambda: nn.MLP(2, [1]).report([[1, 2, 3]]),
        ValueError,
        "Layer(2, 1, 'identity') was called with 3 inputs.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused_in_these_words(name: str) -> None:
    """Each sentence stands here once."""
    call, kind, message = REFUSED[name]
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        call()


def test_data_of_values_say_what_they_are() -> None:
    """Values are for models; data are numbers."""
    with pytest.raises(TypeError, match=r"^fit\(X=…\): wanted numbers; .*x\.data"):
        fit(X=[[Value(1.0), Value(2.0)]], y=[1.0])


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=2), st.just(1j)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=1), inner, max_size=2),
    max_leaves=8,
)


@settings(max_examples=share(200))
@given(X=JUNK, y=JUNK, loss=JUNK | st.sampled_from(sorted(nn.LOSSES)), batch_size=JUNK)
def test_junk_raises_only_documented_errors_and_changes_nothing(X: Any, y: Any, loss: Any, batch_size: Any) -> None:
    """Whatever comes as data, loss or batch size: TypeError or ValueError, and the model as it was."""
    model = nn.MLP(1, [1, 1], seed=0)
    before = model.state()
    try:
        nn.fit(model, loss, X, y, epochs=1, batch_size=batch_size, progress=False)
    except (TypeError, ValueError):
        assert model.state() == before


@settings(max_examples=share(200))
@given(first=JUNK, second=JUNK, third=JUNK)
def test_junk_makes_no_model(first: Any, second: Any, third: Any) -> None:
    """The constructors refuse it by a TypeError or a ValueError."""
    for make in (nn.Neuron, nn.Layer, nn.MLP, nn.Perceptron):
        with contextlib.suppress(TypeError, ValueError):
            assert isinstance(make(first, second, third), nn.Module)  # type: ignore[call-arg]
