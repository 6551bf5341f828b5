"""What every command does alike: Ctrl-C, a reader that has gone, a terminal without the characters, progress."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import autograd
import autograd.__main__ as autograd_command
import demos.__main__ as demos_command
from autograd import commands

ROOT = Path(__file__).parents[2]


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "\neager was interrupted: it has not finished, and what it has printed so far is not a result.\n"),
        ("ja", "\neager は中断されました。最後まで実行していないので、ここまでの出力は結果ではありません。\n"),
    ],
)
def test_ctrl_c_ends_a_command_with_a_sentence_and_status_130(
    language: commands.Language, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback; and afterwards Ctrl-C is what it was before."""
    before = signal.getsignal(signal.SIGINT)
    assert commands.run(press_ctrl_c, "eager", language) == 130
    assert capsys.readouterr().err == said
    assert signal.getsignal(signal.SIGINT) is before


def test_code_that_keeps_what_it_has_at_ctrl_c_does_not_go_on() -> None:
    """As `nn.fit` does, which a command must not take for a whole training."""
    finished = []

    def main() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            press_ctrl_c()
        finished.append(True)

    assert commands.run(main, "moons") == 130
    assert finished == []


def test_a_command_gives_its_status() -> None:
    """None is 0; an error of the program is not hidden."""
    assert commands.run(lambda: None, "x") == 0
    assert commands.run(lambda: 3, "x") == 3
    with pytest.raises(ZeroDivisionError):
        commands.run(lambda: 1 // 0, "x")


def test_a_command_runs_in_any_thread() -> None:
    """Where Ctrl-C cannot be looked after, it works all the same."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(commands.run(lambda: 4, "x")))
    thread.start()
    thread.join()
    assert statuses == [4]


@pytest.mark.parametrize("module", ["demos", "autograd"])
def test_a_reader_that_has_gone_ends_a_command_quietly(module: str) -> None:
    """As `| head -1` does."""
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")


@pytest.mark.parametrize("main", [autograd_command.main, demos_command.main])
@pytest.mark.parametrize("option", ["--version", "-V"])
def test_a_command_says_its_version(main: Callable[..., int], option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and `--help` names the option."""
    for given in (option, "--help"):
        with pytest.raises(SystemExit) as ended:
            main([given])
        assert ended.value.code in (0, None)
    version, _, about = capsys.readouterr().out.partition("\n")
    assert version == f"scalar-autograd {autograd.__version__}"
    assert "-V, --version" in about


def test_a_long_block_has_a_line_of_progress(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the terminal, from the first second on; it is gone before anything is printed, and at the end."""
    monkeypatch.setattr(commands, "_QUIET", 0.01)
    monkeypatch.setattr(commands, "_TICK", 0.01)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with commands.progress("2/3 moons"):
        _wait_for(lambda: "2/3 moons … 00:00" in terminal.getvalue())
        print("the story")
        printed = terminal.getvalue()
        _wait_for(lambda: "moons" in terminal.getvalue()[len(printed) :])
    assert printed.rstrip("\r").endswith(" ")
    assert terminal.getvalue().rstrip("\r").endswith(" ")
    assert capsys.readouterr().out == "the story\n"


def _wait_for(happened: object) -> None:
    assert callable(happened)
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_short_block_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a second nothing flickers."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with commands.progress("price"):
        pass
    assert terminal.getvalue().strip("\r ") == ""


def test_no_progress_is_written_into_files(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where tqdm is missing; standard output is then left alone."""
    monkeypatch.setattr(commands, "_QUIET", 0.0)
    stdout = sys.stdout
    with commands.progress("price"):
        assert sys.stdout is stdout
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with commands.progress("price"):
        assert sys.stdout is stdout
