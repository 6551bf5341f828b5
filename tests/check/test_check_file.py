"""`python -m autograd check FILE.py[:NAME]`: every kind of file has an answer, one line where it cannot be checked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import Op, log, primitive, relu
from autograd.__main__ import main
from autograd.laws import check_function
from autograd.laws.command import work
from autograd.operation import OPS

FUNCTIONS = """
from autograd import log, primitive, relu
wrong_cube = primitive("wrong_cube", lambda x: x * x * x, lambda g, y, x: (2 * g * x * x,))

def price(unit: float, tax: float):
    return unit * tax

def cubed(x: float, y: float):
    return wrong_cube(x) + y

def bare(a):
    return a * a

def text(x: float) -> str:
    return str(x)

if __name__ == "__main__":
    raise SystemExit("this is not run")
"""
ENGINE = """
class Value:
    def __init__(self, data, _prev=()):
        self.data, self.grad, self._prev = data, 0.0, _prev

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other))

    def backward(self):
        BODY
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write files to, with what a check changes of the interpreter put back."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit status and what is printed, in this process."""
    try:
        status = work(arguments)
    finally:
        sys.modules.pop("mine", None)
    return status, capsys.readouterr().out


def test_functions_and_operations_of_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All that is defined there and says its numbers; the operation to blame, and nothing of what is imported."""
    (folder / "mine.py").write_text(FUNCTIONS)
    status, out = checked(capsys, "mine.py", "--language", "en")
    assert status == 1
    assert out.startswith("wrong_cube: wrong_cube(1.0): backward passes 2.0 to operand 0, the derivative is 3.0: ")
    assert "\n\nprice: nothing is wrong with its gradient (100 ok).\n\n" in out
    assert "\n\ncubed(x=1.0, y=0.0): wrong.\n\n" in out
    assert out.endswith(
        "first wrong operation: wrong_cube(x = 1.0): backward passes 2 to x, the difference quotient is 3\n"
    )
    assert "bare" not in out
    assert "text" not in out
    OPS.pop("wrong_cube", None)


def test_one_function_of_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, without annotations; its interval counts, and is said where it is no parameter's."""
    (folder / "mine.py").write_text("from autograd import log\n\ndef bare(a):\n    return log(a - 1)\n")
    assert checked(capsys, "mine.py:bare", "--domain", "a=2:3", "--language", "ja") == (
        0,
        "bare：勾配に誤りは見つからない（正しい 100 点）。\n",
    )
    status, out = checked(capsys, "mine.py:bare", "--domain", "b=2:3")
    assert (status, out) == (2, "check_function(bare): there is no parameter b; its parameters are a.\n")


@pytest.mark.parametrize(
    ("text", "given", "status", "line"),
    [
        (None, "nothing.py", 2, "nothing.py: there is no such file."),
        ("def f(x):\n    return (x", "mine.py", 1, "mine.py:2: SyntaxError: '(' was never closed"),
        ("x = 1\ny = x / 0\n", "mine.py", 1, "mine.py:2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "mine.py", 1, "mine.py:2: the file ends Python (sys.exit)."),
        ("class Value:\n    backward = __add__ = print\n", "mine.py:Valu", 2,
         "mine.py: there is no Valu. Did you mean Value?"),
        ("price = 3\n", "mine.py:price", 2,
         "mine.py: price is of class int; wanted a Value class, an Op, or a function of numbers."),
        ("from autograd import Value, tanh\n", "mine.py", 2,
         "mine.py: there is nothing to check: no Value class with a backward, no Op, and no function whose arguments "
         "are annotated as float. Name a function, FILE:NAME, or give an interval, --domain x=0:10."),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str | None, given: str, status: int, line: str
) -> None:
    """With the line of the student's file, and no traceback."""
    if text is not None:
        (folder / "mine.py").write_text(text)
    assert checked(capsys, given, "--language", "en") == (status, f"{line}\n")


def process(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command as it is typed."""
    environment = os.environ | {"PYTHONPATH": str(Path(autograd.__file__).parents[1])}
    command = [sys.executable, "-m", "autograd", "check", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_command_checks_an_engine(folder: Path) -> None:
    """In a process of its own, from the file's own folder, leaving nothing behind; status 1 where a law is broken."""
    (folder / "sub").mkdir()
    (folder / "sub" / "beside.py").write_text("zero = 0.0\n")
    body = "from beside import zero\n        while True:\n            pass"
    (folder / "sub" / "mine.py").write_text(ENGINE.replace("BODY", body))
    done = process(folder, "sub/mine.py", "--limit", "0.2", "--language", "en")
    assert done.returncode == 1
    assert "  x + y: it does not end within 0.2 s (line " in done.stdout
    assert "2 + x: TypeError; define __radd__." in done.stdout
    assert {path.name for path in folder.iterdir()} == {"sub"}


def test_code_that_ends_python_is_noticed(folder: Path) -> None:
    """Also where no exception says so."""
    (folder / "mine.py").write_text("import os\n" + ENGINE.replace("BODY", "os._exit(0)"))
    done = process(folder, "mine.py", "--language", "en")
    said = "mine.py: in the derivative of each operation, the code ended Python (os._exit).\n"
    assert (done.returncode, done.stdout) == (1, said)


def test_code_that_cannot_be_interrupted_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The process is: it has blocked the signal."""
    monkeypatch.setattr("autograd.laws.command._PATIENCE", (1, 0.5))
    body = "import signal\n        signal.signal(signal.SIGALRM, signal.SIG_IGN)\n        while True:\n            pass"
    (folder / "mine.py").write_text(ENGINE.replace("BODY", body))
    assert main(["check", "mine.py", "--limit", "0.2", "--language", "en"]) == 1
    said = "mine.py: in the derivative of each operation, the code does not end nor lets itself be stopped: "
    assert capfd.readouterr().out == f"{said}does an except catch everything?\n"


@pytest.mark.parametrize(("option", "given"), [("--domain", "x"), ("--domain", "x=3:1"), ("--limit", "0")])
def test_usage_is_status_2(option: str, given: str, capsys: pytest.CaptureFixture[str]) -> None:
    """argparse says what was wanted."""
    with pytest.raises(SystemExit) as caught:
        main(["check", "mine.py", option, given])
    assert caught.value.code == 2
    assert "wanted" in capsys.readouterr().err


def test_help_says_how_the_file_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    """As python FILE would, except for the main block."""
    with pytest.raises(SystemExit) as caught:
        main(["check", "--help"])
    assert caught.value.code == 0
    assert "The file is run as python FILE would" in " ".join(capsys.readouterr().out.split())


# --- check_function -------------------------------------------------------------------------------------------


def test_kinks_and_edges_are_no_errors() -> None:
    """They are counted apart, and where there is no value at all, that is said."""
    assert check_function(lambda x: relu(x) + abs(x), language="en").verdicts["kink"] > 0
    assert check_function(lambda x: log(x), language="en").verdicts["outside"] > 0
    report = check_function(lambda x: log(-1 - x * x), language="en")
    assert not report.ok
    assert report.summary == "<lambda>: there is no point at which it can be checked."


def test_the_simplest_arguments_are_shown(wrong_square: Op) -> None:
    """Shrunk by hypothesis, with the operation that made the gradient wrong."""

    def cost(w: list[float], b: float) -> float:
        return wrong_square(w[0]) + b

    report = check_function(cost, language="en")
    assert report.arguments == {"w": [1.0], "b": 0.0}
    assert "first wrong operation: wrong_square(w[0] = 1.0)" in report.says
    assert "wrong_square" in report._repr_html_()


@pytest.fixture
def wrong_square() -> Op:
    """An operation whose rule lacks the 2."""
    return primitive("wrong_square", lambda x: x * x, lambda g, y, x: (g * x,))


def test_what_a_function_raises_is_said_with_its_line() -> None:
    """And a loop without end, in both languages."""

    def misspelt(x: float) -> float:
        return x * nowhere  # type: ignore[name-defined]  # noqa: F821

    def endless(x: float) -> float:
        while True:
            pass

    line = misspelt.__code__.co_firstlineno + 1
    said = f"NameError: name 'nowhere' is not defined (line {line}, in misspelt)."
    assert check_function(misspelt, language="en").says == said
    assert check_function(endless, limit=0.2, language="ja").says.startswith("0.2 秒たっても終わらない（")
