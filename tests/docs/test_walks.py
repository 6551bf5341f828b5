"""The walks in docs/how-it-works.md: code that is traced passes every file that they name."""

import os
import re
import subprocess
import sys

import pytest

from autograd.compiler.choosing import has_compiler
from docs.build import pages

_TRACED = """
import sys
from autograd import Value, compile, tanh
passed = set()
sys.setprofile(lambda frame, event, argument: passed.add(frame.f_code.co_filename))
{}
sys.setprofile(None)
print(*passed, sep="\\n")
"""
_NUMBER = "x = Value(0.5, 'x'); y = tanh(x) * x; y.backward()"
_WIDE = """
w, b = Value(2.0, "w"), Value(1.0, "b")
compile(lambda x, t: (w * x + b - t) ** 2, 0.0, 0.0, wrt=[w, b]).value_and_grad([1.0, 2.0], [0.0, 0.0])
"""
_DEEP = """
def balance(y, rate):
    for _ in range(60):
        y = y + rate * y
    return y
rate = Value(0.1)
compile(lambda y: balance(y, rate), 100.0, wrt=[rate]).value_and_grad([100.0])
"""
_WALKS = {"`y = tanh(x)": _NUMBER, "`compile(": _WIDE, "A deep loss": _DEEP}
"""The code of each walk, by the words with which it begins."""


def _walk(page: str, beginning: str) -> set[str]:
    """The files that it names."""
    section = pages.text(page).partition("\n`y = tanh(x)")
    whole = "".join(section[1:]).partition("\n## ")[0]
    walk = whole[whole.index(beginning) :]
    ends = [walk.index(other) for other in _WALKS if other != beginning and other in walk]
    return set(re.findall(r"`([\w/]+\.py)`", walk[: min(ends, default=len(walk))]))


@pytest.mark.parametrize("beginning", _WALKS)
def test_a_walk_passes_every_file_that_it_names(beginning: str) -> None:
    """In a fresh interpreter, on the plain engine, whose files can be traced."""
    if beginning == "A deep loss" and not has_compiler():
        pytest.skip("the deep loss goes to a C compiler, and there is none")
    named = _walk("docs/how-it-works.md", beginning)
    plain = os.environ | {"AUTOGRAD_ENGINE": "python", "PYTHONPATH": str(pages.ROOT)}
    command = [sys.executable, "-c", _TRACED.format(_WALKS[beginning])]
    passed = subprocess.run(command, env=plain, capture_output=True, check=True, text=True).stdout.splitlines()
    assert len(named) > 6
    assert not [name for name in named if not any(path.endswith(f"/{name}") for path in passed)]
