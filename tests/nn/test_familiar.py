"""Laws of how `nn` is spoken to: by names, objects or classes, in the order of the arguments, one sample at a time."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import draw, explain, expression

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1, 1, -1]


def model() -> nn.MLP:
    return nn.MLP(2, [2, 1], "tanh", seed=0)


def losses(loss: Any = "squared_error", optimizer: Any = None, y: Any = Y) -> list[float]:
    """What training by these gives."""
    return nn.fit(model(), loss, X, y, optimizer=optimizer, epochs=3, backend="eager", progress=False).losses


@pytest.mark.parametrize("name", nn.OPTIMIZERS)
def test_an_optimizer_is_given_by_name_by_class_or_as_it_is(name: str) -> None:
    """One training, whichever of the three: the name and the class stand for one with its defaults."""
    kind = nn.OPTIMIZERS[name]
    assert losses(optimizer=name) == losses(optimizer=kind) == losses(optimizer=kind())  # type: ignore[call-arg]


@pytest.mark.parametrize("name", sorted({*nn.LOSSES} - {"softmax_cross_entropy"}))
def test_a_loss_is_given_by_name_or_as_it_is(name: str) -> None:
    """The same numbers."""
    y = [1, 0, 1] if "entropy" in name else Y
    assert losses(name, y=y) == losses(nn.LOSSES[name], y=y) == losses(getattr(nn, name), y=y)


def test_what_is_found_by_name_is_public_and_the_other_way_round() -> None:
    """Whoever adds a loss, an optimizer or an initialization defines it and names it in `nn`: two places."""
    public = {name: getattr(nn, name) for name in nn.__all__}
    kinds = [each for each in public.values() if isinstance(each, type)]
    assert {name for name, each in public.items() if isinstance(each, nn.Loss)} == set(nn.LOSSES)
    optimizers = {each for each in kinds if issubclass(each, nn.Optimizer)} - {nn.Optimizer}
    assert optimizers == set(nn.OPTIMIZERS.values())
    of_initializations = {name for name, each in public.items() if getattr(each, "__module__", "") == nn.he.__module__}
    assert of_initializations == set(nn.INITIALIZATIONS)


@pytest.mark.parametrize("make", [list, tuple, np.array], ids=["list", "tuple", "array"])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("module", [nn.Neuron(2), nn.Layer(2, 2), nn.MLP(2, [2, 1]), nn.Perceptron(2)], ids=repr)
def test_a_batch_is_no_sample(module: Any, n: int, make: Callable[[Any], Any]) -> None:
    """However many rows it has, as many as there are inputs too."""
    rows = "1 row" if n == 1 else f"{n} rows"
    with pytest.raises(ValueError, match=rf"was called with {rows}: it takes one sample .* \[model\(x\) for x in X\]"):
        module(make(X[:n]))


ORDER = re.escape("The order is fit(model, loss, X, y).")
MIXED: dict[str, tuple[Any, ...]] = {
    "loss last": (model(), X, Y, "squared_error"),
    "y and loss": (model(), Y, X, "squared_error"),
    "loss and X": (model(), X, "squared_error", Y),
    "loss first": ("squared_error", model(), X, Y),
    "model last": ("squared_error", X, Y, model()),
    "a function last": (model(), X, Y, nn.squared_error),
}


@pytest.mark.parametrize("name", MIXED)
def test_arguments_in_each_others_places_are_told_their_order(name: str) -> None:
    """Whichever are exchanged."""
    with pytest.raises(TypeError, match=f"^fit\\((model|loss)=.*{ORDER}$"):
        nn.fit(*MIXED[name], progress=False)


def test_a_folder_that_is_not_there_is_named_before_anything_is_done(tmp_path: Path) -> None:
    """Of a model, a picture and a checkpoint; the training has not begun."""
    missing, learner = tmp_path / "no" / "file.npz", model()
    says = f"there is no folder {re.escape(repr(str(missing.parent)))}; make it first\\.$"
    for save in (learner.save, draw(learner(X[0])).save):
        path = missing if save == learner.save else missing.with_suffix(".svg")
        with pytest.raises(FileNotFoundError, match=rf"^save\(.*\): {says}"):
            save(path)
    before = learner.state()
    with pytest.raises(FileNotFoundError, match=rf"^fit\(checkpoint=.*\): {says}"):
        nn.fit(learner, "squared_error", X, Y, checkpoint=missing, progress=False)
    assert learner.state() == before


PARAMETERS: Any = model().parameters()
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "parameters for a rate": (
        lambda: nn.Adam(PARAMETERS),
        "parameters go to its step, as model.parameters()",
    ),
    "a class drawn": (lambda: draw(nn.MLP), "this is a class; wanted an object of it"),
    "a module without layers drawn": (lambda: draw(nn.Module()), "draw(model(x)) draws the graph of its output"),
    "a model explained": (lambda: explain(model()), "Of a model or a function give what it returns: explain(f(x))."),
    "a model as expression": (lambda: expression(model()), "give what it returns: expression(f(x))."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_taken_for_something_else_says_what_to_give(name: str) -> None:
    """In one short sentence, however many parameters a model has."""
    call, message = REFUSED[name]
    with pytest.raises(TypeError, match=re.escape(message)) as caught:
        call()
    assert len(str(caught.value)) < 250
