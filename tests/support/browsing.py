"""A real browser for the tests of pages; where chromium or playwright is missing they are skipped, and it is said."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_OPTIONS += ["--disable-component-update", "--disable-sync"]


def _skip(request: pytest.FixtureRequest, missing: str) -> None:
    reason = f"NO BROWSER TEST WAS RUN: {missing}. The page has not been tried in a browser here."
    capture: Any = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():  # else it would be shown only where a test fails
        print(f"\n{reason}", file=sys.stderr, flush=True)
    pytest.skip(reason)


@pytest.fixture(scope="module")  # while it runs, an event loop does, which tests of asyncio cannot have
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Debian's chromium, driven by playwright; its own download of a browser is never used."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _skip(request, "pip install playwright")
        return
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        _skip(request, "there is no chromium on the PATH (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_OPTIONS, headless=True)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens pictures as pages, and files; at the end nothing was asked for but the file, and the console is empty."""
    contexts, requests, said = [], [], []

    def opening(picture: Any, **options: Any) -> Any:
        file = picture if isinstance(picture, Path) else picture.save(tmp_path / f"{len(contexts)}.html")
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.goto(file.as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert not [url for url in requests if not url.startswith(("file:", "data:"))]
    assert len([url for url in requests if url.startswith("file:")]) == len(contexts)
    assert said == []


@pytest.fixture(scope="session")
def javascript(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Runs the body of a function in node, or else in the browser, and gives what it returns, by way of JSON."""
    node = shutil.which("node")
    if node is None:
        page = request.getfixturevalue("browser").new_page()
        return lambda body: json.loads(page.evaluate(f"() => JSON.stringify((() => {{{body}}})())"))

    def running(body: str) -> Any:
        text = f"process.stdout.write(JSON.stringify((() => {{{body}}})()))"
        ran = subprocess.run([node], input=text, capture_output=True, text=True, check=False, encoding="utf-8")
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return running
