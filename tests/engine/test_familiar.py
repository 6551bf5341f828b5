"""Laws of names that people bring from elsewhere: what is near is offered, what is far is not, advice holds."""

import builtins
import inspect
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import OPS, Family, Value
from autograd.compiler.backends import BACKENDS
from autograd.familiar import (
    OF_AUTOGRAD,
    OF_MODULE,
    OF_NN,
    OF_OPTIMIZER,
    OF_VALUE,
    THEIRS,
    did_you_mean,
    nearest,
    plain,
)
from demos.__main__ import lessons

KINDS: dict[str, list[str]] = {
    "losses": list(nn.LOSSES),
    "optimizers": list(nn.OPTIMIZERS),
    "initializations": list(nn.INITIALIZATIONS),
    "operations": list(OPS),
    "backends": [*BACKENDS, "eager"],
    "lessons": list(lessons()),
    "nn": nn.__all__,
    "autograd": [*ag.__all__, "abs", "compile", "pow", "round", "sum"],
}
"""All that is asked for by name."""
OWNERS: dict[str, tuple[Any, dict[str, str]]] = {
    "Value": (Value(2.0), OF_VALUE),
    "Module": (nn.MLP(2, [2, 1]), OF_MODULE),
    "Optimizer": (nn.Adam(), OF_OPTIMIZER),
    "autograd": (ag, OF_AUTOGRAD),
    "nn": (nn, OF_NN),
}
"""What is asked for attributes that it has not, and the table of what it says."""
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
EVERY_OWNER = pytest.mark.parametrize("owner", OWNERS)


def slips(name: str) -> Iterable[str]:
    """The name with one letter left out, one put in, two swapped, and with other capitals."""
    for i in range(1, len(name) - 1):
        yield name[:i] + name[i + 1 :]
        yield name[:i] + "q" + name[i:]
        if name[i] != name[i + 1]:
            yield name[:i] + name[i + 1] + name[i] + name[i + 2 :]
    yield from {name.upper(), name.title(), name.replace("_", ""), name.replace("_", "-")} - {name}


@EVERY_KIND
def test_one_slip_is_forgiven(kind: str) -> None:
    """Every name of four letters or more is offered for every slip in it, unless that is as near to another name."""
    known = KINDS[kind]
    for name in (each for each in known if len(plain(each)) > 3):
        for slip in slips(name):
            if slip not in known:
                found = nearest(slip, known)
                near = {name, *(other for other in known if found == other and abs(len(other) - len(slip)) < 3)}
                assert found in near, slip
    assert nearest(known[0], known) != known[0]


@EVERY_KIND
@pytest.mark.parametrize("given_", ["xyz", "wombat", "qqqqqqq", "a name that nobody has", "", "é", "0"])
def test_what_is_far_from_every_name_is_not_offered_one(kind: str, given_: str) -> None:
    """A guess that misleads is worse than none."""
    assert did_you_mean(given_, KINDS[kind]) == ""


@pytest.mark.parametrize("ours", THEIRS)
def test_what_others_call_so_is_offered_wherever_ours_is_known(ours: str) -> None:
    """Ours is a name of some kind; and what stands beside it is no name of that kind."""
    kinds = [known for known in KINDS.values() if ours in known]
    assert kinds
    for known in kinds:
        for theirs in THEIRS[ours].split():
            if all(plain(theirs) != plain(name) for name in known):
                found = nearest(theirs, known)
                assert found == ours or plain(theirs) in map(plain, THEIRS[str(found)].split())


@EVERY_OWNER
def test_an_attribute_that_is_known_from_elsewhere_says_what_to_write(owner: str) -> None:
    """An AttributeError with the advice; so `hasattr` is false, and Tab does not show it."""
    thing, table = OWNERS[owner]
    for name, advice in table.items():
        with pytest.raises(AttributeError, match=re.escape(f"{name!r}: {advice}.")) as caught:
            getattr(thing, name)
        assert caught.value.name is None  # Python's own guess would stand beside it
        assert not hasattr(thing, name)
        assert name not in dir(thing)


SAMPLES = {"autograd": ag, "nn": nn, "x": Value(2.0), "model": nn.MLP(2, [1]), "optimizer": nn.Adam()}


@EVERY_OWNER
def test_advice_can_be_followed(owner: str) -> None:
    """Every attribute that it names is there."""
    for advice in OWNERS[owner][1].values():
        for of, name in re.findall(r"\b(autograd|nn|x|model|optimizer)\.(\w+)", advice):
            assert hasattr(SAMPLES[of], name) or (of, name) == ("nn", "estimators"), advice


def test_attributes_that_are_there_are_as_quick_as_ever() -> None:
    """Nothing stands between an attribute and who asks for it: `__getattr__` in a class would slow down all others."""
    for kind in (Value, nn.Module, nn.Optimizer):
        for base in kind.__mro__[:-1]:
            assert not {"__getattr__", "__getattribute__"} & set(vars(base))


@pytest.mark.parametrize("module", [ag, nn], ids=lambda module: module.__name__)
def test_a_star_import_shadows_no_builtin(module: Any) -> None:
    """No name in `__all__` is Python's."""
    assert not set(module.__all__) & set(dir(builtins))


@pytest.mark.parametrize("data", [2, 2.5, 10**400, -0.0, np.float64(0.5)], ids=repr)
def test_an_item_is_the_number(data: Any) -> None:
    """`x.item()` is `x.data`, as it is kept."""
    x = Value(data)
    assert (type(x.item()), x.item()) == (type(x.data), x.data)


FAMILIES = {name: entry for name, entry in OPS.items() if isinstance(entry, Family)}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_takes_operands_and_constants_together(name: str) -> None:
    """Of Values and of plain numbers the same operation as in two steps: the same number, the same node."""
    family = FAMILIES[name]
    for constants in family.samples:
        op = family(*constants)
        numbers = [sum(interval) / 2 if max(map(abs, interval)) < 1e9 else 0.25 for interval in op.domain]
        values = [Value(number) for number in numbers]
        together = (*constants, *numbers) if name == "polygamma" else (*numbers, *constants)
        recorded = (*constants, *values) if name == "polygamma" else (*values, *constants)
        made = family(*recorded)
        assert (made.op, made.data, made.inputs) == (op, op(*numbers), tuple(values))
        assert family(*together) == op(*numbers)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_of_a_value_alone_takes_its_defaults(name: str) -> None:
    """Where each constant has one; else the error says how both spellings are written."""
    family = FAMILIES[name]
    x = [Value(0.5) for _ in range(family(*family.samples[0]).arity or 1)]
    parameters = inspect.signature(family).parameters.values()
    if all(each.default is not each.empty for each in parameters):
        assert family(*x).op is family()
    else:
        with pytest.raises(TypeError, match=rf"wanted {name}\(.*\), or {name}\("):
            family(*x)


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=4))
def test_a_replay_forgets_the_gradients_between_and_keeps_those_of_leaves(numbers: list[float]) -> None:
    """No gradient of other numbers stands beside a new value, nor in a picture; replays of a batch add up."""
    x, w = Value(1.0), Value(0.5)
    between = w * x
    y = ag.tanh(between)
    y.backward()
    w.grad, expected = 0, 0.0
    for number in numbers:
        x.data = number
        y.forward()
        assert (y.grad, between.grad) == (0, 0)
        assert not re.search("gradient|勾配", ag.draw(y).text())
        y.backward()
        expected += ag.grad(lambda w, number=number: ag.tanh(w * number))(0.5)
    assert w.grad == pytest.approx(expected, abs=1e-12)


LOGARITHMS: dict[str, tuple[Any, str]] = {
    "sigmoid": (lambda: ag.log(ag.sigmoid(Value(-1000.0))), "log_sigmoid(x)"),
    "1 - sigmoid": (lambda: ag.log(1 - ag.sigmoid(Value(1000.0))), "log_sigmoid(-x)"),
    "softmax": (lambda: ag.log(ag.softmax([Value(-1000.0), Value(0.0)])[0]), "log_softmax(xs)"),
    "exps": (lambda: ag.log(ag.exp(Value(-1000.0)) + ag.exp(Value(-1001.0))), "logsumexp(xs)"),
    "sum": (lambda: ag.log(ag.sum([ag.exp(Value(-1000.0))] * 3)), "logsumexp(xs)"),
    "exp": (lambda: ag.log(ag.exp(Value(-1000.0))), "x"),
    "base 2": (lambda: ag.log2(ag.sigmoid(Value(-1000.0))), "log_sigmoid(x)"),
    "plain": (lambda: ag.log(0.0 * Value(1.0)), ""),
}


@pytest.mark.parametrize("name", LOGARITHMS)
def test_a_logarithm_of_what_has_underflowed_says_what_is_exact(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both languages, and only where there is something better."""
    compute, advice = LOGARITHMS[name]
    for language, domain in (("en", r"log\d? is defined for x > 0\."), ("ja", "の定義域は「x > 0」です。")):
        monkeypatch.setenv("AUTOGRAD_LANGUAGE", language)
        with pytest.raises(ag.DomainError, match=domain + (".*" + re.escape(advice) if advice else "$")):
            compute()


@pytest.mark.parametrize("function", [ag.softmax, ag.log_softmax, lambda x: ag.dot(x, x)])
def test_functions_of_several_numbers_say_so_of_one(function: Any) -> None:
    """A Value is one number."""
    with pytest.raises(TypeError, match=r"got x = 1.0; wanted a sequence of numbers or Values\.$"):
        function(Value(1.0, "x"))
