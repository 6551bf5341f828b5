"""The timings compare what computes the same: every contender's loss and gradient, on sizes that take no time."""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from benchmarks import compiled, compiling, deep, timing
from benchmarks.contenders import Contender, Work, agree, arrays, digits, flat, moons, order
from benchmarks.contenders_deep import Failed, Made, Worker, rows_of
from benchmarks.deep_programs import FLOATS, PROGRAMS

TABLES = {
    "moons": lambda: compiled.moons_table(moons(7, (2, 3, 4, 1))),
    "sample": lambda: compiled.sample_table(moons(2, (2, 3, 4, 1))),
    "digits": lambda: compiled.digits_table(digits(6, (5, 4, 3))),
    "recurrence": lambda: compiled.recurrence_table(12),
    "whole": lambda: compiled.whole_table(moons(4, (2, 3, 4, 1))),
}


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """JAX keeps its setting."""
    if not importlib.util.find_spec("jax"):
        yield
        return
    import jax

    before = jax.config.jax_enable_x64  # type: ignore[attr-defined]
    yield
    jax.config.update("jax_enable_x64", before)


def answering(loss: float, gradient: list[float]) -> Contender:
    return Contender(lambda: None, lambda: (loss, np.array(gradient)))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", compiled.TABLES)
def test_all_contenders_get_the_same_loss_and_gradient(name: str) -> None:
    """Every contender of a table agrees with ours to 1e-10; only those are left out whose package is not there."""
    table = TABLES[name]()
    made, missing = compiled.installed(table.contenders)
    assert made
    assert set(made) | set(missing) == set(table.contenders)
    for why in missing.values():
        assert importlib.util.find_spec(why.split()[0]) is None


@pytest.mark.parametrize("other", [(1 + 1e-9, [3.0, 4.0]), (1.0, [3.0, 4.0 + 1e-8]), (1.0, [float("nan"), 4.0])])
def test_whoever_computes_something_else_is_not_timed(other: tuple[float, list[float]]) -> None:
    """A loss or gradient that is off by more than rounding stops the measurement, and the message names who."""
    with pytest.raises(ArithmeticError, match="the other and ours"):
        agree({"ours": answering(1.0, [3.0, 4.0]), "the other": answering(*other)})


def test_a_step_tells_its_gradient() -> None:
    """What a contender that moves its parameters reports is the gradient where it stood: of θ², 2θ."""
    from benchmarks.contenders import stepping

    work = moons(2, (2, 1))
    theta = work.theta.copy()

    def step() -> float:
        loss = float(theta @ theta)
        theta[:] -= work.rate * 2 * theta
        return loss

    loss, gradient = stepping(work, step, lambda: theta).answer()
    assert loss == work.theta @ work.theta
    np.testing.assert_allclose(gradient, 2 * work.theta, rtol=1e-11)


def test_the_layers_are_the_parameters_by_another_order() -> None:
    """`flat` undoes `arrays`, and `order` is where in θ the numbers of W₁, b₁, W₂, … are."""
    work = digits(2, (5, 4, 3))
    np.testing.assert_array_equal(flat(arrays(work)), work.theta)
    laid = np.concatenate([part.ravel() for both in arrays(work) for part in both])
    np.testing.assert_array_equal(work.theta[order(work)], laid)


def test_a_table_says_what_is_missed_and_what_is_missing() -> None:
    """Beside ours stands the ratio to the peer, and whether the bar is met; a peer that is not there is said to be."""

    def never() -> Contender:
        raise ModuleNotFoundError(name="peer")

    bars = [compiled.Bar("ours", "by hand", 1.5), compiled.Bar("ours", "strict", 0.5), compiled.Bar("ours", "gone", 1)]
    made: dict[str, Callable[[], Contender]] = {
        name: lambda: answering(1.0, [1.0]) for name in ("ours", "by hand", "strict")
    }
    table = compiled.Table("Work", {**made, "gone": never}, bars)
    _, missing = compiled.installed(table.contenders)
    text = compiled.markdown(table, {"ours": [2e-6, 3e-6], "by hand": [2e-6], "strict": [1e-6]}, missing)
    assert "| ours | 2.00 µs | 3.00 µs | 1.00 | 1.00 × by hand (≤ 1.5): met; 2.00 × strict (≤ 0.5): **missed**" in text
    assert "| gone | peer is not installed |" in text
    assert "≤ 1 × gone: not measured" in text


def test_every_contender_is_timed() -> None:
    """A measurement has as many rounds of each contender as were asked for."""
    works: dict[str, Callable[[], object]] = {"a": lambda: time.sleep(1e-3), "b": lambda: time.sleep(2e-3)}
    seconds = timing.side_by_side(works, rounds=2)
    assert {name: len(each) for name, each in seconds.items()} == {"a": 2, "b": 2}
    assert min(seconds["a"]) >= 1e-3
    assert min(seconds["b"]) >= 2e-3
    assert sum(timing.in_turn({"a": lambda times: 0.25 * times}, rounds=3)["a"]) == 0.75


def test_compiling_is_measured_in_a_process() -> None:
    """Seconds and megabytes of a compilation are positive, and the memory is that of a process with NumPy in it."""
    found = compiling.best_of(1, "ours, numpy", (2, 3, 1))
    assert isinstance(found, compiling.Found)
    assert found.seconds > 0
    assert 10 < found.megabytes < 1000


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("work", [moons(3, (2, 3, 4, 1)), digits(3, (5, 4, 3))], ids=["moons", "digits"])
def test_all_programs_whose_making_is_timed_compute_the_same(work: Work) -> None:
    """Each program gives the loss and gradient that ours gives; of the whole batch in one graph only for moons."""
    cases = {
        name: case.prepare(work)()
        for name, case in compiling.CASES.items()
        if importlib.util.find_spec(case.package) and (work.T.ndim == 1 or compiling.LARGE in case.networks)
    }
    agree({name: Contender(str, tell) for name, tell in cases.items()})


# --- Deep programs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_deep_program_is_the_same_for_floats_and_values(name: str) -> None:
    """A program in Values has the number of the program in floats, and its gradient is the slope of that."""
    program = PROGRAMS[name]
    parameters = [Value(number) for number in program.parameters]
    loss = program.function(parameters, program.inputs, autograd)
    loss.backward()
    assert loss.data == program.function(program.parameters, program.inputs, FLOATS)
    theta, gradient = np.array(program.parameters), np.array([p.grad for p in parameters])
    step = 1e-6 * theta * np.cos(np.arange(len(theta)))
    above, below = (program.function((theta + by).tolist(), program.inputs, FLOATS) for by in (step, -step))
    assert (above - below) / 2 == pytest.approx(gradient @ step, rel=1e-5)


@pytest.fixture
def settings(tmp_path: Path) -> deep.Settings:
    return deep.Settings(rounds=1, limit=60, rows=16, turns=(2, 3), folder=str(tmp_path))


def test_the_tables_of_deep_programs_have_everybody(settings: deep.Settings, capfd: pytest.CaptureFixture[str]) -> None:
    """Each program stands in three tables with a number or a reason for each contender; a program with guards too."""
    names = ["horner", "until_convergence"]
    text = deep.report(names, ["numpy"], settings)
    assert capfd.readouterr().err.split("\n")[:2] == [f"measuring {name} …" for name in names]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    assert all(cell.strip() for row in rows for cell in row[1:])
    for name in names:
        assert text.count(f"| {name} |") == 3
    (bound,) = {row[5].strip() for row in rows if row[0].strip() == names[1] and len(row) > 7}
    assert bound == "none"
    for turns in settings.turns:
        assert f"\n| {turns} | " in text


def test_a_deep_program_that_computes_something_else_is_not_timed() -> None:
    """Whoever is off by more than rounding from the engine, of one row or of several, stops the measurement."""
    program = PROGRAMS["robot_arm"]
    right = deep.eager(program)
    deep.check(program, {deep.ENGINE: right, "ours": right})
    loss, gradient = right.answer
    for who, other in (("ours", (loss, gradient + 1e-6)), ("ours, rows", (loss, gradient))):
        wrong = Made(0.0, other, lambda times: 0.0)
        with pytest.raises(ArithmeticError, match=f"{who} and eager"):
            deep.check(program, {deep.ENGINE: right, who: wrong})


def test_a_thousand_rows_differ_and_branch_alike() -> None:
    """Eight rows in turn, all near the example."""
    rows = rows_of(PROGRAMS["sir"], 20)
    assert rows.shape == (20, 2)
    assert len({tuple(row) for row in rows.tolist()}) == 8
    np.testing.assert_allclose(rows, np.broadcast_to(PROGRAMS["sir"].inputs, rows.shape), rtol=1e-5)


def test_who_takes_too_long_is_given_up_and_may_try_the_next(tmp_path: Path) -> None:
    """Beyond the limit the process is ended and the table says so; the next program gets another process."""
    worker = Worker("numpy", 0.0, str(tmp_path))
    with pytest.raises(Failed, match="> 0 s"):
        worker.ask("make", PROGRAMS["runge_kutta"], 2)
    worker.limit = 60
    assert set(worker.ask("make", PROGRAMS["horner"], 2)) == {"", ", buffers", ", rows"}
    with pytest.raises(Failed, match="KeyError"):
        worker.ask("clocked", "no such way", 1)
    worker._process.kill()
    worker._process.join()
    with pytest.raises(Failed, match="its process died"):
        worker.ask("make", PROGRAMS["horner"], 2)
    worker.end()


@pytest.mark.parametrize("module", ["benchmarks", "benchmarks.compiled"])
def test_help_names_every_timing(module: str) -> None:
    """`--help` lists what can be measured."""
    command: list[Any] = [sys.executable, "-m", module, "--help"]
    text = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout
    for name in ("eager", "compiled", "deep", "moons") if module == "benchmarks" else (*compiled.TABLES, "compiling"):
        assert f"    {name}  " in text
