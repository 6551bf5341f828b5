"""Exported programs with several ways, and their Jacobians: each row goes its way in C as it does in Python."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Program, Value, compile
from branching import INPUTS, Branching, Change, Compared, Exit, If, Solve, While
from exported import CC, SANITIZED, Call, Exported, answers, compiled

pytestmark = pytest.mark.skipif(not CC, reason="no C compiler is on the PATH")
ABOVE = Compared(2, 0.0, True)
NESTED = Branching(
    (
        If(Compared(0, 0.0, True), (If(Compared(1, 0.1, False), (Change(0, 1, (1, 2)),), (Exit(ABOVE, 3),)),), ()),
        While(Compared(2, -0.25, True), (Change(1, 3, (0, 2)), Exit(Compared(1, 0.4, True), None))),
        Solve(0),
    )
)
ASKED = ((0, False), (0, True), (1, False))
ROWS = np.resize(np.random.default_rng(0).normal(size=(5, INPUTS)), (64, INPUTS))


def deep(x: Any, theta: Any) -> Any:
    """Loops, so that ways are programs of loops."""
    y = x[0]
    for _ in range(60):
        y = ag.tanh(theta[0] * y + theta[1] * x[1])
    return y * x[2] if y > 0 else y - x[2]


def exported(f: Any, folder: Path, **options: Any) -> tuple[Program, list[Exported]]:
    """The program, and the function of its values and that of its Jacobian."""
    theta = [Value(0.7, "a"), Value(-0.4, "b")]
    program = compile(lambda x: f(x, theta), ROWS[0].tolist(), wrt=[0, *theta], branches="follow", **options)
    program(ROWS)
    path = program.export(folder / "model.c")
    values = Exported(path, "model", [INPUTS], 1, 2, True)
    return program, [values, Exported(path, "model_jacobian", [INPUTS], INPUTS, 2, False)]


@pytest.mark.parametrize("f", [NESTED, deep], ids=["matrices", "loops"])
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_each_row_goes_its_way_in_c(f: Any, reduce: Any, tmp_path: Path) -> None:
    """Values, loss, gradient and Jacobian of batches of any size, without a warning, watched by sanitizers."""
    program, models = exported(f, tmp_path, reduce=reduce)
    assert len(program.ways) > 1
    calls, wanted = [], []
    for rows in (1, 7, 64):
        x = ROWS[:rows]
        for model, gradient in ((0, False), (0, True), (1, False)):
            calls.append(Call(model, gradient, [x], program.parameters, rows))
        loss, slopes = program.value_and_grad(x)
        wanted += [program(x), np.array([loss, *slopes]), program.jacobian(x)[0].ravel()]
    for options in (("-O1", *SANITIZED), ("-O2",))[: 1 + (reduce == "sum")]:
        for answer, numbers in zip(answers(compiled(models, tmp_path, *options), models, calls), wanted, strict=True):
            assert (answer.status, answer.row) == (0, 12345)
            np.testing.assert_allclose(answer.numbers, numbers, rtol=1e-12, atol=1e-13)


def test_a_row_that_goes_a_way_that_is_not_known_breaks_a_guard(tmp_path: Path) -> None:
    """Which the header lists by its number; no rows at all break none."""

    def steps(x: Any, theta: Any) -> Any:
        y = theta[0] * x[0]
        while y > 1:
            y = 0.5 * y
        return y + theta[1] * x[1]

    theta = [Value(1.0), Value(1.0)]
    program = compile(lambda x: steps(x, theta), [0.5, 1.0, 1.0], wrt=[0, *theta], branches="follow")
    program([[3.0, 1.0, 1.0], [1.5, 1.0, 1.0]])
    path = program.export(tmp_path / "model.c")
    models = [Exported(path, "model", [3], 1, 2, True), Exported(path, "model_jacobian", [3], 3, 2, False)]
    batch = np.array([[1.5, 1.0, 1.0], [0.5, 1.0, 1.0], [9.0, 1.0, 1.0]])
    calls = [Call(model, gradient, [batch], program.parameters, 3) for model, gradient in ASKED]
    calls += [Call(model, gradient, [batch[:0]], program.parameters, 0) for model, gradient in ASKED]
    found = answers(compiled(models, tmp_path, "-O1", *SANITIZED), models, calls)
    header = path.with_suffix(".h").read_text(encoding="utf-8")
    named = re.findall(r"^  (\d+): left > right was (\w+); ", header, re.MULTILINE)
    assert {(each.status, each.row) for each in found[:3]} == {(found[0].status, 2)}
    assert (str(found[0].status), "false") in named
    assert [each.status for each in found[3:]] == [0, 0, 0]
    assert np.isnan(found[4].numbers).all()
    for k, way in enumerate(program.ways):  # which send every row back now, as roundings might
        for guard in range(len(way.checks)):
            program._ways._next.setdefault((k, guard), 0)
    program.export(tmp_path / "model.c")
    found = answers(compiled(models, tmp_path, "-O1"), models, calls[:3])
    assert {each.status > 0 for each in found} == {True}


@pytest.mark.parametrize("turns", [2, 60])
def test_a_program_of_one_way_has_its_jacobian_too(turns: int, tmp_path: Path) -> None:
    """Several arguments and outputs, as the header says where each stands; no parameters."""

    def f(x: Any, a: Any) -> Any:
        y = x[0]
        for _ in range(turns):
            y = ag.sin(y + a * x[1])
        return {"y": y, "pair": [y * a, x[1] * x[1]]}

    program = compile(f, [0.1, 0.2], 0.3, wrt=[0, 1])
    path = program.export(tmp_path / "model.c")
    header = path.with_suffix(".h").read_text(encoding="utf-8")
    for line in ("[0..1] jacobian['y'][0], of shape (2,)", "[2] jacobian['y'][1], a number", "takes 9 numbers"):
        assert line in header
    x, a = ROWS[:7, :2], ROWS[:7, 2]
    models = [Exported(path, "model_jacobian", [2, 1], 9, 0, False)]
    (found,) = answers(compiled(models, tmp_path, "-O1", *SANITIZED), models, [Call(0, False, [x, a], np.empty(0), 7)])
    wanted = program.jacobian(x, a)
    for k in range(7):
        each = [wanted["y"][0][k], wanted["y"][1][k], wanted["pair"][0][k], wanted["pair"][1][k]]
        np.testing.assert_allclose(found.numbers[9 * k : 9 * k + 9], np.concatenate([np.ravel(x) for x in each]))
