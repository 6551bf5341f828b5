"""Laws of files: what is saved comes back, what is damaged changes nothing, a run resumes bit for bit."""

import io
import json
import os
import pickle
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, primitive
from nn import files

MODELS: dict[str, Callable[[], nn.Module]] = {
    "neuron": lambda: nn.Neuron(3, "leaky_relu(0.2)", bias=False, seed=1),
    "perceptron": lambda: nn.Perceptron(2, seed=1),
    "layer": lambda: nn.Layer(2, 3, "softmax", bias=False, seed=1),
    "mlp": lambda: nn.MLP(2, [3, 2], "tanh", "log_softmax", seed=1),
    "one layer": lambda: nn.MLP(2, [1], "tanh", seed=1),
}
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(10, 2)), RNG.normal(size=10)


def model(seed: int = 0) -> nn.MLP:
    return nn.MLP(2, [2, 1], "tanh", seed=seed)


def fit(trained: nn.Module, **named: Any) -> nn.History:
    return nn.fit(trained, "squared_error", X, Y, progress=False, batch_size=4, **named)


# --- Models ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_saved_model_comes_back_bit_for_bit(name: str, tmp_path: Path) -> None:
    """By nn.load, which makes it, and by load into one of the same architecture."""
    saved = MODELS[name]()
    saved.save(tmp_path / "m.npz")
    made, other = nn.load(tmp_path / "m.npz"), MODELS[name]()
    for parameter in other.parameters():
        parameter.data = 0.125
    other.load(tmp_path / "m.npz")
    assert made.state() == other.state() == saved.state()
    assert repr(made) == repr(saved)


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2))
def test_every_float_comes_back_bit_for_bit(numbers: list[float], tmp_path_factory: Any) -> None:
    """Subnormal, huge, or −0."""
    path = tmp_path_factory.mktemp("floats") / "m.npz"
    neuron = nn.Neuron(1)
    neuron.load_state(dict(zip(("w.0", "b"), numbers, strict=True)))
    neuron.save(path)
    assert list(map(str, nn.load(path).state().values())) == list(map(str, numbers))


def test_a_file_is_data_with_architecture_version_and_float64(tmp_path: Path) -> None:
    """A zip of two arrays, readable without this library and without pickle."""
    model().save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz", allow_pickle=False) as archive:
        assert sorted(archive.files) == ["header", "parameters"]
        assert archive["parameters"].dtype == np.float64
        header = json.loads(str(archive["header"]))
    assert (header["format"], header["kind"], header["version"]) == ("scalar-autograd", "model", 1)
    assert header["architecture"] == {
        "class": "MLP",
        "nin": 2,
        "nouts": [2, 1],
        "activation": "tanh",
        "output": "identity",
    }
    assert header["names"][0] == "layers.0.neurons.0.w.0"


def test_the_same_seed_gives_the_same_bytes_of_a_file(tmp_path: Path) -> None:
    """In two processes with different hash seeds: initialise, train, save."""
    code = (
        "import sys, nn; m = nn.MLP(2, [3, 1], seed=7); X, y = [[0, 1], [1, 0], [1, 1]], [1, -1, 1]; "
        "nn.fit(m, 'hinge_loss', X, y, epochs=3, batch_size=1, seed=7, progress=False); "
        "m.save(sys.argv[1])"
    )
    for i in range(2):
        environment = {**os.environ, "PYTHONHASHSEED": str(i)}
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / f"{i}.npz")], check=True, env=environment, timeout=60
        )
    assert (tmp_path / "0.npz").read_bytes() == (tmp_path / "1.npz").read_bytes()


def test_a_module_of_ones_own_is_saved_by_the_names_of_its_parameters(tmp_path: Path) -> None:
    """It loads into an object of its class; nn.load says that it cannot make one."""

    class Line(nn.Module):
        def __init__(self, slope: float) -> None:
            self.slope = Value(slope)

    Line(2.5).save(tmp_path / "m.npz")
    other = Line(0.0)
    other.load(tmp_path / "m.npz")
    assert other.slope.data == 2.5
    with pytest.raises(ValueError, match=r"holds \{'class': 'Line'\}, which nn\.load cannot make"):
        nn.load(tmp_path / "m.npz")


def test_an_operation_of_ones_own_is_saved_by_its_name(tmp_path: Path) -> None:
    """It has to be defined where the file is loaded."""
    cube = primitive("cube_of_a_test", lambda x: x**3, lambda g, y, x: (3 * g * x * x,), replace=True)
    nn.Neuron(1, cube).save(tmp_path / "m.npz")
    made = nn.load(tmp_path / "m.npz")
    assert isinstance(made, nn.Neuron)
    assert made([1.0]).op is cube


# --- Writing --------------------------------------------------------------------------------------------------


def test_a_kill_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written under another name and renamed; nothing else is left in the folder."""
    path = tmp_path / "m.npz"
    model().save(path)
    before = path.read_bytes()

    def killed(file: Any, **arrays: Any) -> None:
        file.write(b"half a fi")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez_compressed", killed)
        with pytest.raises(KeyboardInterrupt):
            model(1).save(path)
    assert path.read_bytes() == before
    with path.open("rb") as reader:  # who has the old file open goes on reading the old file
        model(1).save(path)
        assert reader.read() == before != path.read_bytes()
    assert os.listdir(tmp_path) == ["m.npz"]


def test_a_file_gets_the_name_that_was_asked_for(tmp_path: Path) -> None:
    """No suffix is added, a link stays a link, and the permissions are those of any new file."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "m")
    model().save(tmp_path / "link")
    (tmp_path / "usual").touch()
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE((tmp_path / "real" / "m").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)
    with pytest.raises(FileNotFoundError):
        model().save(tmp_path / "nowhere" / "m.npz")


# --- Damaged and foreign files --------------------------------------------------------------------------------


def refused(path: Path, into: nn.Module) -> bool:
    """Whether loading fails with a ValueError that names the file; then nothing may have changed."""
    before, message = into.state(), ""
    try:
        into.load(path)
    except ValueError as error:
        message = str(error)
    assert not message or (str(path) in message and into.state() == before)
    return bool(message)


def test_a_cut_file_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    """Every length but the whole one."""
    path, other = tmp_path / "m.npz", model(1)
    model().save(path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert refused(path, other)
    path.write_bytes(whole)
    other.load(path)
    assert other.state() == model().state()


def test_a_damaged_file_is_refused_or_harmless(tmp_path: Path) -> None:
    """Any one byte changed: an error that changes nothing, or (where a zip says nothing) the same model."""
    path, other, saved = tmp_path / "m.npz", model(1), model().state()
    model().save(path)
    whole = path.read_bytes()
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 0x41]) + whole[i + 1 :])
        if not refused(path, other):
            assert other.state() == saved
            other = model(1)


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def header(**changed: Any) -> Any:
    return np.array(json.dumps({"format": "scalar-autograd", "kind": "model", "version": 1, **changed}))


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        (b"", "EOFError"),
        (b"hello", "ValueError"),
        (pickle.dumps([1, 2]), "ValueError"),
        (archive(weights=np.ones(3)), "KeyError"),
        (archive(header=np.array("[1")), "JSONDecodeError"),
        (archive(header=np.array("[]")), "TypeError"),
        (archive(header=np.array('{"format": "x"}')), "KeyError"),
        (archive(header=header(version=2)), "it says format 'scalar-autograd', kind 'model', version 2"),
        (archive(header=header(kind="checkpoint")), "kind 'checkpoint'"),
        (archive(header=header(), parameters=np.ones(3, np.float32)), "parameters is not a row of finite float64"),
        (archive(header=header(), parameters=np.array([np.nan])), "parameters is not a row of finite float64"),
    ],
)
def test_a_foreign_file_is_refused_with_the_reason(contents: bytes, why: str, tmp_path: Path) -> None:
    """The message names the file, what was wanted and what was found."""
    path = tmp_path / "m.npz"
    path.write_bytes(contents)
    for load in (nn.load, model().load):
        with pytest.raises(
            ValueError, match=rf"m\.npz' is not a whole model file of scalar-autograd, .*{re.escape(why)}"
        ):
            load(path)


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    """An array of objects, whose loading would run code, is refused unread."""

    class Bomb:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "executed"),)

    (tmp_path / "m.npz").write_bytes(archive(header=header(), parameters=np.array([Bomb()])))
    with pytest.raises(ValueError, match="pickle"):
        nn.load(tmp_path / "m.npz")
    assert not (tmp_path / "executed").exists()


def test_a_model_of_another_architecture_is_refused(tmp_path: Path) -> None:
    """Another width, another activation, another class: with both in the message."""
    path = tmp_path / "m.npz"
    nn.MLP(2, [3, 1]).save(path)
    for other in (nn.MLP(2, [4, 1]), nn.MLP(2, [3, 1], "tanh"), nn.Layer(2, 3)):
        assert refused(path, other)
    with pytest.raises(ValueError, match=r"holds .*'nouts': \[3, 1\].*, and this model is .*'nouts': \[4, 1\]"):
        nn.MLP(2, [4, 1]).load(path)


@pytest.mark.parametrize(
    "architecture", [None, [], {"class": "os"}, {"class": "MLP", "nin": 0, "nouts": [1]}, {"class": "Neuron", "n": 1}]
)
def test_an_architecture_that_makes_no_sense_is_refused(architecture: Any, tmp_path: Path) -> None:
    """What is not known is named, and nothing is made."""
    (tmp_path / "m.npz").write_bytes(archive(header=header(architecture=architecture), parameters=np.ones(1)))
    with pytest.raises(ValueError, match=r"which nn\.load cannot make"):
        nn.load(tmp_path / "m.npz")


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    """Missing files and folders keep the errors of `open`."""
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "nothing.npz")
    with pytest.raises(IsADirectoryError):
        model().load(tmp_path)


# --- Checkpoints ----------------------------------------------------------------------------------------------

KINDS = tuple(nn.OPTIMIZERS.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=3)
@given(first=st.integers(0, 6), seed=st.integers(0, 99))
def test_a_resumed_run_is_one_run_bit_for_bit(kind: Any, first: int, seed: int, tmp_path_factory: Any) -> None:
    """Some epochs, a file, the rest in a new model with a new optimiser and another seed: parameters and history."""
    path = tmp_path_factory.mktemp("resume") / "run.npz"
    named = {"validation": (X[:4], -Y[:4]), "patience": 3}
    once, before, after = model(), model(), model(9)
    whole = fit(once, optimizer=kind(nn.CosineSchedule(0.1, 20)), epochs=7, seed=seed, **named)
    fit(before, optimizer=kind(nn.CosineSchedule(0.1, 20)), epochs=first, seed=seed, checkpoint=path, **named)
    resume = path if path.exists() else None  # no epoch, no file
    rest_seed, rest_model = (seed + 1, after) if resume else (seed, model())
    optimizer = kind(nn.CosineSchedule(0.1, 20))
    rest = fit(rest_model, optimizer=optimizer, epochs=7, seed=rest_seed, resume=resume, **named)
    assert np.array(list(rest_model.state().values())).tobytes() == np.array(list(once.state().values())).tobytes()
    assert rest == whole


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_generator_of_numpy_resumes(bits: str, tmp_path: Path) -> None:
    """Its state is in the file, whatever it is made of."""
    make = getattr(np.random, bits)
    once, before, after = model(), model(), model(9)
    fit(once, epochs=4, seed=np.random.Generator(make(3)))
    fit(before, epochs=2, seed=np.random.Generator(make(3)), checkpoint=tmp_path / "c")
    fit(after, epochs=4, seed=np.random.Generator(make(4)), resume=tmp_path / "c")
    assert after.state() == once.state()


def test_a_run_that_was_interrupted_resumes_from_its_last_whole_epoch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C in the third epoch; the same call with resume= ends as if nothing had happened."""
    calls = 0

    def squared(prediction: Any, target: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 27:
            raise KeyboardInterrupt
        return nn.squared_error(prediction, target)

    ours, once, path = model(), model(), tmp_path / "run.npz"
    named: dict[str, Any] = {"epochs": 5, "batch_size": 4, "checkpoint": path, "progress": False, "backend": "eager"}
    nn.fit(ours, squared, X, Y, seed=1, **named)
    assert "interrupted in epoch 3" in capsys.readouterr().err
    nn.fit(ours, squared, X, Y, resume=path, **named)
    fit(once, epochs=5, seed=1, backend="eager")
    assert ours.state() == once.state()


def test_the_checkpoint_of_another_run_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """Another model, optimiser, generator, a model file, a damaged file: an error before anything is set."""
    path = tmp_path / "c.npz"
    fit(model(), epochs=1, seed=0, checkpoint=path)
    model().save(tmp_path / "m.npz")
    (tmp_path / "cut.npz").write_bytes(path.read_bytes()[:-9])
    cases: list[tuple[nn.Module, dict[str, Any], str]] = [
        (nn.MLP(2, [5, 1]), {}, "and this model is"),
        (model(1), {"optimizer": nn.SGD(0.1)}, "was written with Adam and PCG64, not SGD and PCG64."),
        (model(1), {"seed": np.random.Generator(np.random.MT19937())}, "not Adam and MT19937."),
        (model(1), {"resume": tmp_path / "m.npz"}, "is not a whole checkpoint file"),
        (model(1), {"resume": tmp_path / "cut.npz"}, "is not a whole checkpoint file"),
    ]
    for ours, named, message in cases:
        before = ours.state()
        with pytest.raises(ValueError, match=re.escape(message)):
            fit(ours, epochs=2, **{"resume": path, **named})
        assert ours.state() == before


def test_a_checkpoint_with_gaps_is_refused(tmp_path: Path) -> None:
    """A header that lacks an entry is not a whole checkpoint."""
    files.write(tmp_path / "c.npz", "checkpoint", {"optimizer": "Adam"}, {})
    with pytest.raises(ValueError, match="is not a whole checkpoint"):
        fit(model(), epochs=1, resume=tmp_path / "c.npz")


def small() -> nn.Neuron:
    return nn.Neuron(1, "tanh", seed=0)


class Ours:
    """A model, an optimiser and a generator that may resume a run, if they are of its kind."""

    def __init__(self, kind: Any = nn.SGD, bits: str = "PCG64") -> None:
        self.trained, self.optimizer = small(), kind(0.1)
        self.rng = np.random.Generator(getattr(np.random, bits)(7))
        self.optimizer.update(np.ones(2), np.ones(2))
        for parameter in self.trained.parameters():
            parameter.grad = 3.5

    def __str__(self) -> str:
        """All that a checkpoint sets."""
        remembered = {name: np.asarray(part).tolist() for name, part in self.optimizer.state().items()}
        gradients = [parameter.grad for parameter in self.trained.parameters()]
        return str((self.trained.state(), gradients, remembered, self.rng.bit_generator.state))

    def refuse(self, path: Path) -> bool:
        """Whether resuming is a ValueError that names the file; then nothing may have changed."""
        before, message = str(self), ""
        named: Any = {"optimizer": self.optimizer, "seed": self.rng, "validation": (X[:3, :1], Y[:3])}
        named |= {"backend": "eager", "progress": False}
        try:
            nn.fit(self.trained, "squared_error", X[:, :1], Y, epochs=0, resume=path, **named)
        except ValueError as error:
            message = str(error)
        assert not message or (str(path) in message and str(self) == before)
        return bool(message)


def saved(path: Path, kind: Any = nn.SGD, bits: str = "PCG64") -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the arrays of a checkpoint after two epochs."""
    named: dict[str, Any] = {"validation": (X[:3, :1], Y[:3]), "backend": "eager", "progress": False}
    named |= {"optimizer": kind(0.1), "seed": np.random.Generator(getattr(np.random, bits)(3))}
    nn.fit(small(), "squared_error", X[:, :1], Y, epochs=2, checkpoint=path, **named)
    with np.load(path, allow_pickle=False) as opened:
        arrays = {name: opened[name] for name in opened.files}
    return json.loads(str(arrays.pop("header"))), arrays


def test_a_checkpoint_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    """Every length but the whole one, and nothing has changed."""
    saved(path := tmp_path / "c.npz")
    whole = path.read_bytes()
    ours = Ours()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="is not a whole checkpoint file"):
            files.read(path, "checkpoint")
        assert length % 40 or ours.refuse(path)
    path.write_bytes(whole)
    assert not ours.refuse(path)


def places(part: Any, *path: Any) -> Any:
    """Every place in a header: of each dict all, of each list the first and the last."""
    if path:
        yield path
    keys = list(part) if isinstance(part, dict) else sorted({0, len(part) - 1}) if isinstance(part, list) else []
    for key in keys:
        yield from places(part[key], *path, key)


MISSING = object()
DAMAGES = (MISSING, None, True, "text", [], {}, [[]], {"a": 1}, -1, 0.5, 10**400, float("nan"), float("inf"))


def damaged(header: Any, path: tuple[Any, ...], damage: Any) -> Any:
    """The header with something else in one place; None if that may be right there."""
    copied: Any = json.loads(json.dumps(header))
    parent: Any = copied
    for key in path[:-1]:
        parent = parent[key]
    before = parent.pop(path[-1])
    if isinstance(before, str) and damage == "text" and path[-1] in ("stopped", "backend"):
        return None
    if isinstance(before, float) and damage in (-1, 0.5):
        return None
    if damage is not MISSING:
        parent.insert(path[-1], damage) if isinstance(parent, list) else parent.update({path[-1]: damage})
    return copied


@pytest.mark.parametrize("bits", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_a_checkpoint_with_damage_in_any_field_is_refused(bits: str, tmp_path: Path) -> None:
    """Missing, or of another kind, size or sign, however deep: a ValueError that names the file; nothing changes."""
    header, arrays = saved(path := tmp_path / "c.npz", bits=bits)
    ours = Ours(bits=bits)
    for place in [each for each in places(header) if bits == "PCG64" or each[0] == "random"]:
        for damage in DAMAGES:
            if (other := damaged(header, place, damage)) is not None:
                path.write_bytes(archive(header=np.array(json.dumps(other)), **arrays))
                assert ours.refuse(path), (place, damage)


@pytest.mark.parametrize("pos", [625, 10**6, 2**31 - 1])
def test_a_place_behind_the_buffer_of_a_generator_is_refused(pos: int, tmp_path: Path) -> None:
    """NumPy takes it, and reads memory that is not the generator's."""
    header, arrays = saved(path := tmp_path / "c.npz", bits="MT19937")
    header["random"]["state"]["pos"] = pos
    path.write_bytes(archive(header=np.array(json.dumps(header)), **arrays))
    assert Ours(bits="MT19937").refuse(path)


class Bomb:
    """What unpickling would run."""

    def __reduce__(self) -> Any:
        raise AssertionError("pickled")


def spoilt(array: Any) -> dict[str, Any]:
    """What may stand in place of an array."""
    return {
        "short": array[:-1],
        "long": np.append(array, 1.0),
        "empty": array[:0],
        "of two axes": array[None],
        "float32": array.astype(np.float32),
        "integers": array.astype(np.int64),
        "big-endian": array.astype(">f8"),
        "nan": array * np.nan,
        "infinite": np.append(array[1:], np.inf),
        "complex": array.astype(complex),
        "text": np.array(["a"] * len(array)),
        "objects": np.array([{}] * len(array)),
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_checkpoint_with_a_damaged_array_is_refused(kind: Any, tmp_path: Path) -> None:
    """Each of them missing, short, of another kind, not finite or pickled; and one too many."""
    header, arrays = saved(path := tmp_path / "c.npz", kind)
    text = np.array(json.dumps(header))
    assert {*arrays} == {"parameters", "best_parameters", *(f"optimizer.{name}" for name in kind.slots)}
    cases: list[dict[str, Any]] = [{**arrays, "optimizer.junk": np.ones(2)}]
    for name, array in arrays.items():
        cases.append({other: each for other, each in arrays.items() if other != name})
        cases += [{**arrays, name: spoiled} for spoiled in spoilt(array).values()]
    ours = Ours(kind)
    for case in cases:
        path.write_bytes(archive(header=text, **case))
        assert ours.refuse(path), case
    path.write_bytes(archive(header=text, **arrays))
    with zipfile.ZipFile(path, "a") as opened:
        opened.writestr("notes.txt", "no array")
    assert ours.refuse(path)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_model_file_with_any_damage_is_refused(name: str, tmp_path: Path) -> None:
    """Every field of the header and the array, in the same ways, by `load` and by nn.load."""
    path, other = tmp_path / "m.npz", MODELS[name]()
    other.save(path)
    with np.load(path) as opened:
        header, numbers = json.loads(str(opened["header"])), opened["parameters"]
    text = np.array(json.dumps(header))
    cases = [archive(header=text)] + [archive(header=text, parameters=each) for each in spoilt(numbers).values()]
    for place in places(header):
        for damage in DAMAGES:
            if place == ("architecture", "bias") and damage is True:
                continue  # another model
            cases.append(archive(header=np.array(json.dumps(damaged(header, place, damage))), parameters=numbers))
    for case in cases:
        path.write_bytes(case)
        assert refused(path, other)
        with pytest.raises(ValueError, match=re.escape(str(path))):
            nn.load(path)


def test_a_model_file_cannot_ask_for_more_than_it_holds(tmp_path: Path) -> None:
    """A width of a milliard in a damaged header makes no model of a milliard weights."""
    for kind, sizes in (
        ("MLP", {"nin": 10**9, "nouts": [1]}),
        ("Neuron", {"nin": 10**9}),
        ("Layer", {"nin": 9, "nout": 10**9}),
    ):
        architecture = {"class": kind, **sizes, "activation": "relu"}
        (tmp_path / "m.npz").write_bytes(archive(header=header(architecture=architecture), parameters=np.ones(9)))
        with pytest.raises(ValueError, match=r"weights, and the file 9 parameters"):
            nn.load(tmp_path / "m.npz")


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    """An infinite parameter: the old file stays, and the message says which array."""
    path, neuron = tmp_path / "m.npz", small()
    neuron.save(path)
    before = path.read_bytes()
    neuron.w[0].data = float("inf")
    with pytest.raises(ValueError, match=r"was not written: parameters is not a row of finite float64 numbers"):
        neuron.save(path)
    assert path.read_bytes() == before


def test_an_architecture_of_tuples_comes_back(tmp_path: Path) -> None:
    """JSON knows only lists; a model of one's own need not."""

    class Line(nn.Module):
        def __init__(self) -> None:
            self.w = Value(1.5)

        def architecture(self) -> dict[str, Any]:
            return {"class": "Line", "shape": (1, 2)}

    Line().save(tmp_path / "m.npz")
    other = Line()
    other.w.data = 0.0
    other.load(tmp_path / "m.npz")
    assert other.w.data == 1.5


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_optimizer_takes_a_whole_state_or_none(kind: Any) -> None:
    """What `state` cannot have given is a ValueError, and then it remembers what it did."""
    optimizer = kind(0.1)
    optimizer.update(np.ones(2), np.ones(2))
    good = optimizer.state()
    bad: list[Any] = [None, [], {}, 3, {**good, "junk": np.ones(2)}]
    bad += [{**good, "steps": steps} for steps in (None, -1, 0.5, True, "1", [])]
    for name in kind.slots:
        bad += [
            {**good, name: array} for array in (None, 1.0, np.ones((2, 1)), [1.0, np.nan], ["a", "b"], [[1], [1, 2]])
        ]
    if len(kind.slots) > 1:
        bad += [{**good, kind.slots[0]: np.ones(3)}, {name: good[name] for name in good if name != kind.slots[0]}]
    for state in bad:
        with pytest.raises(ValueError, match=rf"^{kind.__name__}\.load_state: "):
            optimizer.load_state(state)
        assert str(optimizer.state()) == str(good)
    optimizer.load_state(good)
    assert str(optimizer.state()) == str(good)


def test_a_finished_run_resumes_to_nothing_more(tmp_path: Path) -> None:
    """All epochs done, or out of patience: the same model, the same history."""
    for named in ({}, {"patience": 1, "optimizer": nn.SGD(0.0)}):
        ours, again = model(), model()
        history = fit(ours, epochs=3, seed=0, checkpoint=tmp_path / "c", **named)
        assert fit(again, epochs=3, resume=tmp_path / "c", **named) == history
        assert again.state() == ours.state()


def test_a_resumed_run_diverges_in_the_same_words(tmp_path: Path) -> None:
    """The loss of the very first step, by which divergence is judged, is in the file."""
    messages = []
    for epochs in (1, 3):
        ours, path = nn.Neuron(1, "identity", bias=False, initialization="zeros"), tmp_path / f"{epochs}"
        ours.w[0].data = 100.0
        named: dict[str, Any] = {"progress": False, "checkpoint": path}
        nn.fit(ours, "squared_error", [[1.0]], [0.0], optimizer=nn.SGD(5.0), epochs=epochs, **named)
        with pytest.raises(nn.DivergenceError) as caught:
            nn.fit(ours, "squared_error", [[1.0]], [0.0], optimizer=nn.SGD(5.0), epochs=99, resume=path, **named)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert "after a loss of 1e+04 at step 1" in messages[0]


def test_files_are_zip_archives(tmp_path: Path) -> None:
    """Any tool opens them, and finds them intact."""
    fit(model(), epochs=1, checkpoint=tmp_path / "c.npz")
    with zipfile.ZipFile(tmp_path / "c.npz") as opened:
        assert opened.testzip() is None
        assert "optimizer.first.npy" in opened.namelist()
