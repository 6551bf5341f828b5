"""What every command here does alike: Ctrl-C, a reader that has gone, a terminal without the characters, progress."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from types import FrameType
from typing import Any, NoReturn, TextIO, cast

from autograd.languages import Language, spoken
from autograd.words import UNFINISHED

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells give it: 128 and the number of the signal."""
_QUIET, _TICK = 1.0, 0.25  # seconds before there is anything to see, and between two looks at the clock


class Interrupted(BaseException):
    """Ctrl-C in a command.

    It is no KeyboardInterrupt, which `nn.fit` takes as "that is enough": there the training ends early and the program
    goes on, with a model that has learned less and a clock that has run less.
    """


def run(main: Callable[[], int | None], name: str, language: Language | None = None) -> int:
    """Run a command and give its exit status.

    Ctrl-C ends it with a sentence and status 130, wherever it comes; a second one at once. Where nobody reads any more
    (`| head`), it ends quietly. Characters that the terminal does not have become question marks.

    Args:
        main: the command; None is status 0.
        name: of the command, for the sentence.
        language: of the sentence; where None is given, that of `autograd.language`, else English.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        with _interruptible():
            status = main() or 0
            sys.stdout.flush()
            return status
    except (Interrupted, KeyboardInterrupt):
        print(f"\n{UNFINISHED[spoken('run', language)].format(name=name)}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains as it closes it
        return 1


def add_version(parser: argparse.ArgumentParser) -> None:
    """The option `--version`, and `-V`: the same for every command."""
    import autograd

    about = "print the version of scalar-autograd, and nothing else"
    parser.add_argument(
        "-V", "--version", action="version", version=f"scalar-autograd {autograd.__version__}", help=about
    )


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Inside the block Ctrl-C is an `Interrupted`; only the main thread can have that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever asks twice does not want to wait
    raise Interrupted


@contextlib.contextmanager
def progress(words: str) -> Iterator[None]:
    """A line with the seconds that the block has taken, from the first on; it goes when the block ends.

    On standard error, and only where that is a terminal and tqdm is installed. What the block prints goes above it.
    """
    bar = _bar(words)
    if bar is None:
        yield
        return
    above, ended = _Above(bar, sys.stdout), threading.Event()
    ticking = threading.Thread(target=_tick, args=(bar, above, ended), daemon=True)
    ticking.start()
    try:
        with contextlib.redirect_stdout(cast(TextIO, above)):
            yield
    finally:
        ended.set()
        ticking.join()
        bar.clear()  # `close` thinks that a bar which was never updated was never drawn
        bar.close()


class _Above:
    """Standard output, where the line goes away before a line is written; the next tick draws it again."""

    def __init__(self, bar: Any, stream: TextIO) -> None:
        self._bar, self._stream = bar, stream
        self.is_at_start = True  # of a line

    def write(self, text: str) -> int:
        if text and self.is_at_start:
            self._bar.clear()
        self.is_at_start = text.endswith("\n") if text else self.is_at_start
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _bar(words: str) -> Any:
    if not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return None
    return tqdm(desc=words, bar_format="{desc} … {elapsed}", leave=False, delay=_QUIET)


def _tick(bar: Any, above: _Above, ended: threading.Event) -> None:
    if not ended.wait(_QUIET):
        while not ended.wait(_TICK):
            if above.is_at_start:
                bar.refresh()
