"""Checks leave nothing behind: the folder in which they run is as empty as before."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from hypothesis import configuration, settings
from autograd import Value, primitive
from autograd.laws import check_engine, check_function, check_operation
from autograd.testing import gradient_test

def tried(check):
    try:
        check()
    except Exception:
        print("fails")

home = configuration.storage_directory("x").path
right = primitive("right", lambda x: x**3, lambda g, y, x: (3 * g * x**2,))
wrong = primitive("wrong", lambda x: x**3, lambda g, y, x: (2 * g * x**2,))
for op in (right, wrong):
    tried(lambda: check_operation(op, max_examples=5))
    check_function(lambda x: op(x), max_examples=5)
    tried(gradient_test(lambda x: op(x), settings(max_examples=5), x=(1.0, 2.0)))
gradient_test(lambda x: right(x), x=(1.0, 2.0))()
check_engine(Value, max_examples=5)
assert configuration.storage_directory("x").path == home
"""
FILE = "def f(x: float) -> float:\n    return x * x\n"


def ran(folder: Path, *command: str) -> str:
    folder.mkdir(exist_ok=True)
    call = [sys.executable, *command]
    path = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(call, cwd=folder, env=path, capture_output=True, text=True, check=True).stdout


def test_checks_write_nothing_where_they_run(tmp_path: Path) -> None:
    """Right or wrong: `check_operation`, `check_function`, `check_engine`, `gradient_test`; and afterwards hypothesis
    writes for others where it did before."""
    assert ran(tmp_path / "empty", "-c", CHECKS) == "fails\n" * 2
    assert not list((tmp_path / "empty").iterdir())


def test_the_command_writes_nothing_where_it_runs(tmp_path: Path) -> None:
    """`python -m autograd check` leaves the folder and the file as they were."""
    (tmp_path / "mine.py").write_text(FILE, encoding="utf-8")
    ran(tmp_path / "empty", "-m", "autograd", "check", str(tmp_path / "mine.py"))
    assert not list((tmp_path / "empty").iterdir())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["empty", "mine.py"]
