"""What all tests share: Hypothesis profiles, operations of a test's own, and a collector with less to look at.

The profile is chosen by the variable HYPOTHESIS_PROFILE: `dev` gives a quick answer and `ci` a thorough one, the same
each time; `glance` is for mutants, most of which die at once; `deep` looks for what nobody has seen yet.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from autograd import OPS, language
from autograd.languages import VARIABLE
from browsing import browser, javascript, opened  # noqa: F401 - fixtures of all tests of pages

_SLOW_ORACLE = [HealthCheck.too_slow, HealthCheck.filter_too_much]  # 50 digits take their time
_NO_SHRINKING = (Phase.explicit, Phase.generate)  # a mutant is dead, however large the example
settings.register_profile(
    "glance",
    max_examples=5,
    deadline=None,
    suppress_health_check=_SLOW_ORACLE,
    derandomize=True,
    phases=_NO_SHRINKING,
)
settings.register_profile("dev", max_examples=10, deadline=None, suppress_health_check=_SLOW_ORACLE, derandomize=True)
settings.register_profile("ci", max_examples=60, deadline=None, suppress_health_check=_SLOW_ORACLE, derandomize=True)
settings.register_profile("deep", max_examples=1000, deadline=None, suppress_health_check=_SLOW_ORACLE, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


# what is compiled stays in the project, and is found there by the next run
os.environ.setdefault("AUTOGRAD_CACHE", str(Path(__file__).parents[1] / ".pytest_cache" / "libraries"))


def pytest_configure() -> None:
    """Ctrl-C is an interruption, also where the tests were started in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Fourteen thousand tests and the libraries they load stay: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


os.environ.pop(VARIABLE, None)  # the laws are of what is said where nobody has chosen


@pytest.fixture(autouse=True)
def a_language_is_chosen_for_a_test_only() -> Iterator[None]:
    yield
    language(None)


@pytest.fixture(autouse=True, scope="module")
def lessons_forget_with_their_module() -> Iterator[None]:
    """What lessons keep between story and picture: networks and graphs of 50,000 nodes slow every collection."""
    yield
    for name, module in [*sys.modules.items()]:
        if name.startswith("demos."):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()
    gc.collect()
    gc.freeze()  # what is left is kept by somebody for good: the next module's collections need not look at it


@pytest.fixture(autouse=True)
def definitions_end_with_their_test() -> Iterator[None]:
    """What a test defines by `primitive` or `family` is taken back."""
    before = dict(OPS)
    yield
    if before != OPS:
        OPS.clear()
        OPS.update(before)
