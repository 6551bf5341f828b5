"""Running code that somebody else wrote: whatever it raises or prints, and endless loops, become a `Raised`.

The limit of time works in two ways. In the main thread, where the system has it, `signal.setitimer` interrupts whatever
runs, sleeping included. Elsewhere (Windows, other threads) a second thread asks the interpreter to raise in this one,
which ends loops of Python code but not a call that waits outside Python. Code that catches everything around
a loop (`while True: try: … except: pass`) can hold on to both; the command line runs it in a process of its own, and
ends that.
"""

import contextlib
import ctypes
import io
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from autograd.commands import Interrupted

_AGAIN = 0.05  # seconds until whoever caught the interruption is interrupted again, at first


class TimeLimit(BaseException):
    """Raised in code that runs too long; no `Exception`, so that it passes most handlers."""


class Raised(Exception):  # noqa: N818 - says what happened
    """What came of code that did not end as it should.

    Attributes:
        kind: the name of the exception, "TimeLimit" where the time was up, "SystemExit" …
        message: what it said.
        line: the last line of the checked file that ran; 0 where none did.
        function: in which it stands.
    """

    def __init__(self, error: BaseException, file: str) -> None:
        self.kind = type(error).__name__
        self.message = _message(error)
        self.line, self.function = _last_line(error.__traceback__, file)
        super().__init__(f"{self.kind}: {self.message}" if self.message else self.kind)


def _message(error: BaseException) -> str:
    """The first line of what an exception says, or of what a student's own `__str__` gives."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        return ""
    return lines[0][:200] if lines else ""


def _last_line(trace: TracebackType | None, file: str) -> tuple[int, str]:
    """Where in that file the code was when it raised."""
    found = 0, ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = trace.tb_lineno, trace.tb_frame.f_code.co_name
        trace = trace.tb_next
    return found


@dataclass
class Student:
    """How the code in a file is run.

    Attributes:
        file: the file whose lines are named.
        limit: seconds for each run.
    """

    file: str
    limit: float

    def run(self, code: Callable[[], Any]) -> Any:
        """What the code gives.

        Raises:
            Raised: it raised, asked Python to exit, or did not end in time.
            KeyboardInterrupt: whoever waits has had enough.
        """
        try:
            with within(self.limit):
                return code()
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as error:
            raise Raised(error, self.file) from None


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """A block that is left by a `TimeLimit` after so many seconds."""
    in_main = threading.current_thread() is threading.main_thread()
    with _by_signal(seconds) if in_main and hasattr(signal, "setitimer") else _by_thread(seconds):
        yield


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    armed, again = True, _AGAIN

    def ring(number: int, frame: Any) -> None:
        nonlocal again
        if armed:
            # later each time: where handlers of theirs are slow, the next must not come before the last has arrived
            signal.setitimer(signal.ITIMER_REAL, again)
            again *= 2
            raise TimeLimit

    before = signal.signal(signal.SIGALRM, ring)
    begin, (left, interval) = time.monotonic(), signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        armed = False
        rest = max(left - (time.monotonic() - begin), 1e-3) if left else 0.0  # somebody else's, such as a test runner's
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, rest, interval)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    done, asking, thread = threading.Event(), threading.Lock(), ctypes.c_ulong(threading.get_ident())

    def watch() -> None:
        wait, again = seconds, _AGAIN
        while not done.wait(wait):
            with asking:
                if not done.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(TimeLimit))
            wait = again
            again *= 2

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        # What was asked for has to arrive. Taken back (by asking for None), it leaves the interpreter looking for it at
        # every call, for ever; and in CPython 3.11 profilers and debuggers then hang.
        while True:
            try:
                with asking:
                    done.set()
                watcher.join()
                break
            except TimeLimit:
                pass


class Unheard(io.TextIOBase):
    """Where prints of the checked code go, which runs hundreds of times.

    Attributes:
        lines: how many there were.
        first: the first of them.
    """

    def __init__(self) -> None:
        self.lines, self.first = 0, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        self.lines += text.count("\n")
        if not self.first:
            self.first = text.strip()[:40]
        return len(text)


@contextlib.contextmanager
def quietly() -> Iterator[Unheard]:
    """A block whose prints and warnings are not shown, and are counted."""
    unheard = Unheard()
    with contextlib.redirect_stdout(unheard), contextlib.redirect_stderr(unheard), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield unheard
