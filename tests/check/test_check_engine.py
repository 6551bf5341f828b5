"""A teacher's eye: `check_engine` finds the fault that is there, says it in one sentence, and finds no other."""

import math
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import micrograd.engine  # type: ignore[import-untyped]
import pytest

import autograd
import engines
from autograd.laws import Report, check_engine
from autograd.trying import Raised, Student

ROOT = Path(autograd.__file__).parents[1]


def checked(engine: type, functions: Any = None, **options: Any) -> Report:
    """A quick check."""
    return check_engine(
        engine, functions, **{"max_examples": 6, "limit": 30.0, "progress": False, "language": "en", **options}
    )


def results(report: Report) -> dict[str, str]:
    """What is not right, by law; of what was not tried, because of which law."""
    return {
        row.law: row.says if row.result == "because" else row.result for row in report.rows if row.result != "holds"
    }


ASSIGNS = "b = a + a: a.grad is 1, should be 2: _backward assigns where it has to add (+=). "
ORDER = (
    "b = a * 2; c = b * 3; d = b + c: a.grad is 2, should be 8: backward visits b before what depends on it; use a "
    "topological order."
)
RECURSION = (
    "a chain of 10,000 operations, in backward: RecursionError (line …, in {}): collect the nodes in a loop with a "
    "list as its stack, not by a function that calls itself."
)
KEPT = (
    "b = a * 6; c = b * 3; d = b * 6; c.backward(); d.backward(): a.grad is 72, should be 54: what came to b at first "
    "is passed on again; begin backward by setting the gradients of all nodes that are no leaves to 0. micrograd does "
    "so."
)
SWEEP_LATER = ("order", "twice", "random")


def somewhere(sentence: str) -> str:
    """A sentence without the line at which Python had enough of recursion, which is not the same in every Python."""
    return re.sub(r"RecursionError \(line \d+", "RecursionError (line …", sentence)


def line(function: Callable[..., Any], offset: int) -> int:
    """The number of a line in a function of the tests' engines."""
    return function.__code__.co_firstlineno + offset


PLANTED: list[tuple[type, str, str, tuple[str, ...]]] = [
    (engines.NoRightMultiply, "arithmetic", "2 * x: TypeError; define __rmul__.", ()),
    (engines.Unwrapped, "arithmetic", "x + 2: AttributeError: 'float' object has no attribute 'data'; in __add__, make "
     "a Unwrapped of a number first.", ()),
    (engines.Exchanged, "arithmetic", "2 - x at x = 3: the value is 1, should be -1.", ()),
    (engines.Assigns, "shared", f"{ASSIGNS}Also: x - y, x * y, x / y, … 6 more.", SWEEP_LATER),
    (engines.NoOrder, "order", ORDER, ("twice", "random")),
    (engines.WrongTanh, "derivatives", "tanh(x) at x = 1: x.grad is 0.2384, should be 0.42. Rule: the gradient times "
     "(1 - tanh(x)²).", ()),
    (engines.WrongDivision, "derivatives", "x / y at x = 1, y = 1: y.grad is 1, should be -1. Rule: to x goes the "
     "gradient / y, and to y minus the gradient · x / y².", ()),
    (engines.WrongPower, "derivatives", "x ** 2 at x = 1: x.grad is 1, should be 2. Rule: the gradient times 2 · x. "
     "Also: x ** 3, x ** -1, x ** 0.5.", ()),
    (engines.Recursive, "deep", RECURSION.format("_visit"), ()),
    (engines.Held, "freed", "of 20 dropped graphs 80 nodes stay for ever: some list or dict holds them.", ()),
    (engines.Overflowing, "extremes", f"tanh(1000): OverflowError: math range error (line "
     f"{line(engines.Overflowing.tanh, 1)}, in tanh); use a formula that needs no larger numbers on the way, as "
     "math.tanh does.", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "law", "sentence", "untried"), PLANTED, ids=lambda each: getattr(each, "__name__", "")
)
def test_one_fault_is_one_sentence(engine: type, law: str, sentence: str, untried: tuple[str, ...]) -> None:
    """The law it breaks says what is wrong, word for word; laws that fail only because of it are not tried."""
    report = checked(engine)
    assert tuple(map(somewhere, report.faults)) == (sentence,)
    assert not report.ok
    assert {name: says for name, says in results(report).items() if name != law} == dict.fromkeys(untried, law)


ALL_LATER = ("shared", "order", "twice", "random", "deep", "freed", "extremes")


@pytest.mark.parametrize(
    ("engine", "sentence"),
    [
        (engines.NoStart, "y = x + y: after y.backward() all gradients are 0: begin backward with self.grad = 1."),
        (engines.Forgetful, "3 * (x + y) at x = 0, y = 0: x.grad is 1, should be 3: _backward has to multiply with "
         "out.grad, the gradient of its output. Also: x - y, x * y, x / y, … 6 more."),
        (engines.Exits, f"x + y at x = 0, y = 0: it asks Python to exit (line {line(engines.Exits.backward, 1)}, in "
         "backward). Also: x - y, x * y, x / y, … 6 more."),
        (engines.Hungry, f"x + y at x = 0, y = 0: it needs more memory than there is (line "
         f"{line(engines.Hungry.backward, 1)}, in backward). Also: x - y, x * y, x / y, … 6 more."),
        (engines.CallsItself, f"x + y at x = 0, y = 0: RecursionError (line "
         f"{line(engines.CallsItself.backward, 1)}, in backward): it calls itself without end. "
         "Also: x - y, x * y, x / y, … 6 more."),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_a_sweep_that_does_not_work_is_one_fault(engine: type, sentence: str) -> None:
    """Whatever their code does: it ends, it is said in words with the line, and nothing else is tried."""
    report = checked(engine)
    assert report.faults == (sentence,)
    assert results(report) == {"derivatives": "broken", **dict.fromkeys(ALL_LATER, "derivatives")}


@pytest.mark.parametrize("engine", [engines.Endless, engines.Swallowing])
def test_a_sweep_without_end_is_ended(engine: type) -> None:
    """`while True: pass`, also around what catches the first interruption; the line says where it was."""
    (sentence,) = checked(engine, limit=0.2).faults
    head, _, tail = sentence.partition("line ")
    number, _, tail = tail.partition(",")
    assert head == "x + y: it does not end within 0.2 s ("
    assert tail == " in backward). Also: x - y, x * y, x / y, … 6 more."
    assert 1 <= int(number) - line(engine.backward, 0) < 8


def test_ways_are_not_followed_one_by_one() -> None:
    """A sweep whose time doubles with each use of a value is right and takes for ever: that is what is said."""
    report = checked(engines.EveryPath, limit=0.3)
    (sentence,) = report.faults
    assert sentence.startswith("b = a + a; c = b + b; … 40 times: it does not end within 0.3 s (line ")
    assert sentence.endswith("visit each node once, and keep those that were visited in a set.")
    assert results(report) == {"order": "broken", "twice": "order", "random": "order"}


def test_an_operation_made_of_others_is_not_blamed_for_the_sweep() -> None:
    """tanh by exponentials uses a value twice: where the sweep assigns, that is the fault, and no derivative."""
    report = checked(engines.AssignsInParts)
    assert report.faults[0].startswith(ASSIGNS)
    assert results(report)["derivatives"] == "shared"
    assert len(report.faults) == 1


def test_whole_graphs_show_the_program_that_fails() -> None:
    """What no single operation shows; shrunk by hypothesis to the smallest, as text that runs."""
    report = checked(engines.Inner, max_examples=200, limit=60)
    (sentence,) = report.faults
    head, *program = [line.strip() for line in sentence.splitlines()]
    assert results(report) == {"random": "broken"}
    assert re.fullmatch(r"[ab]\.grad is \S+, should be \S+, in this program:", head)
    assert program[0] == "a = Inner(0)"
    assert len(program) <= 5
    exec("\n".join(program), {"Inner": engines.Inner})


def test_micrograd_has_the_faults_it_has() -> None:
    """Interior gradients are kept, recursion, cycles, 0⁰ and complex roots; nothing else, and what is not there."""
    report = checked(micrograd.engine.Value)
    assert tuple(map(somewhere, report.faults)) == (
        KEPT,
        RECURSION.format("build_topo"),
        "of 20 dropped graphs 80 nodes stay until the garbage collector comes: the closure _backward holds its output, "
        "which holds the closure: pass the output to it, or keep local derivatives.",
        "x ** 0, x = 0: ZeroDivisionError: 0.0 cannot be raised to a negative power (line 40, in _backward). Also: "
        "x ** 0.5, x = -1.",
    )
    assert report.notes == (
        "Operations that are not there: x ** y, 2 ** x.",
        "By convention the derivative of relu(x) at 0 is 0.",
        "A number that is too large is inf, and 0 times that is nan, without an error.",
    )


def test_microgpt_has_the_faults_it_has() -> None:
    """Those of micrograd, but that its cycle is the function in backward; and its relu makes 0 of nan."""
    report = checked(engines.MicroGPT)
    assert report.faults[0] == KEPT
    assert report.faults[2] == (
        "after backward, of 20 dropped graphs 80 nodes stay until the garbage collector comes: a function defined in "
        "backward that calls itself holds itself and the list it fills: use a loop, or a method."
    )
    assert list(results(report)) == ["twice", "deep", "freed", "extremes"]
    assert report.notes[-1] == "These hide a nan: relu(x)."


def test_this_library_keeps_its_own_laws() -> None:
    """`Value`, on the engine that runs."""
    report = checked(autograd.Value)
    assert report.ok, report
    assert "A second backward adds to the gradients of the leaves." in report.notes
    assert "A number that is too large raises DomainError." in report.notes


def test_this_library_keeps_its_own_laws_in_plain_python() -> None:
    """The plain engine in a fresh interpreter."""
    code = (
        "import autograd; from autograd.laws import check_engine; r = check_engine(autograd.Value, {}, max_examples=9)"
    )
    code += "; from autograd.engines import said; print(r.ok, said())"
    environment = os.environ | {"AUTOGRAD_ENGINE": "python", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True plain Python")


def test_conventions_are_named_and_no_faults() -> None:
    """relu'(0) = 1, a backward that starts anew, numbers that are too large."""
    report = checked(engines.OtherConventions)
    assert report.ok, report
    assert "By convention the derivative of relu(x) at 0 is 1." in report.notes
    assert "A second backward computes the gradients anew." in report.notes


def test_prints_are_not_shown_and_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Code that prints does so hundreds of times."""
    report = checked(engines.Chatty)
    assert capsys.readouterr() == ("", "")
    assert report.notes[-1].startswith("It prints while it computes ('sweeping' first, ")
    assert report.ok


def test_functions_are_given_by_name() -> None:
    """Functions of a module instead of methods; an unknown name says which are known."""
    report = checked(engines.WrongTanh, {"exp": lambda x: x + 0.0})
    assert report.faults == ("exp(x) at x = 0: the value is 0, should be 1.",)
    with pytest.raises(ValueError, match=r"^check_engine\(functions=\{'tanhh': …\}\): wanted one of abs, acos, "):
        checked(engines.Right, {"tanhh": math.tanh})
    with pytest.raises(TypeError, match=r"^check_engine\(functions=\{'tanh': 3\}\): wanted a function\."):
        checked(engines.Right, {"tanh": 3})


def test_other_names_are_read_by_a_function() -> None:
    """`read=` gives number and gradient of nodes that have other names for them."""
    assert checked(engines.Renamed).faults[0].startswith("Renamed(2.0) has no number that can be found")
    assert checked(engines.Renamed, read=lambda node: (node.v, node.d)).ok


@pytest.mark.parametrize(
    ("engine", "sentence"),
    [
        (engines.NoArithmetic, "there is no + and no *: define __add__ and __mul__."),
        (engines.NoBackward, "NoBackward has no backward: define backward(self)."),
        (engines.TwoNumbers, "TwoNumbers(2.0): TypeError: TwoNumbers.__init__() missing 1 required positional "
         "argument: 'grad'; wanted a class that is made of one number."),
        (engines.NoReturn, "x + y: the result is None; return a new NoReturn. Also: x - y."),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_beginnings_are_said(engine: type, sentence: str) -> None:
    """A class that is not there yet."""
    assert checked(engine).faults == (sentence,)


def test_the_report_speaks_both_languages() -> None:
    """A table with the sentences below; as HTML for notebooks, escaped."""
    english, japanese = checked(engines.NoOrder), checked(engines.NoOrder, language="ja")
    assert str(english).startswith("NoOrder: 1 of 9 laws broken.\n\nlaw ")
    assert f"✗ the order of the sweep\n  {ORDER}" in str(english)
    assert "random graphs                     not tried, because of: the order of the sweep" in str(english)
    assert "トポロジカル順序を使う。" in str(japanese)
    assert "NoOrder：9 個の法則のうち 1 個が成り立たない。" in japanese._repr_html_()
    assert "<table>" in checked(engines.NoOrder)._repr_html_()
    assert "x &lt; 0" not in english._repr_html_()


def test_what_is_no_class_is_refused() -> None:
    """And a limit that is none."""
    with pytest.raises(TypeError, match=r"^check_engine\(3\): wanted a class, not int\.$"):
        check_engine(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^check_engine\(limit=0\): wanted seconds, a number above 0\.$"):
        checked(engines.Right, limit=0)


def test_loops_end_in_other_threads_too() -> None:
    """Where no signal comes, a second thread interrupts."""
    found: list[Raised] = []

    def code() -> None:
        with pytest.raises(Raised) as caught:
            Student(engines.__file__, 0.1).run(engines.Endless(1.0).backward)
        found.append(caught.value)

    thread = threading.Thread(target=code)
    thread.start()
    thread.join()
    assert (found[0].kind, found[0].function) == ("TimeLimit", "backward")


def test_nothing_is_left_behind_where_a_thread_interrupts() -> None:
    """Whether the code ended in time, late, or as the limit came: nothing arrives later, and a profiler still works."""
    code = """if True:
        import sys, threading, time
        from autograd.trying import TimeLimit, within

        def limited(seconds):
            try:
                with within(0.02):
                    begin = time.perf_counter()
                    while time.perf_counter() < begin + seconds:
                        pass
            except TimeLimit:
                pass

        def work():
            for seconds in (0, 0.1, *(0.02 + k * 1e-5 for k in range(-20, 20))):
                limited(seconds)
                sys.setprofile(lambda *_: None)
                (lambda: None)()
                sys.setprofile(None)
            print("ended")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    """
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (ran.stdout, ran.stderr) == ("ended\n", "")


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="this system has no such timer")
def test_the_timer_of_others_goes_on() -> None:
    """A test runner's own alarm is put back, less the time that has passed."""
    import signal

    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 50)
        Student("", 1.0).run(lambda: None)
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 0 < left <= 50
        signal.raise_signal(signal.SIGALRM)
        assert rung == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
