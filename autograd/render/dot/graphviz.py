"""Graphviz: where it is, its fonts, its time limit.

It is the program `dot` where that is on the PATH, or else the one inside the wheel pygraphviz.
"""

import html
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from autograd.installing import pip_install
from autograd.languages import Language, spoken
from autograd.render.text import is_japanese
from autograd.words import GRAPHVIZ

LIMIT = 20.0
"""Seconds that Graphviz may take for one picture."""

_DPI = {"png": "192"}  # twice a screen's; the other formats count in points
_FONT_CONFIGURATIONS = [f"{prefix}/fonts/fonts.conf" for prefix in ("/etc", "/usr/local/etc", "/opt/homebrew/etc")]


class GraphvizNotFound(RuntimeError):  # noqa: N818 - the name says what is wrong
    """There is no Graphviz on this machine; the message says which one command to type."""


def lay_out(dot: str, form: str, language: Language | None = None) -> bytes:
    """The picture that Graphviz makes of a DOT text.

    Args:
        form: "svg", "png" or "pdf".
        language: of what is said; as `autograd.language` says, if None.

    Raises:
        GraphvizNotFound: there is none.
        TimeoutError: it took longer than `LIMIT`.
        RuntimeError: it failed; says how.
    """
    words = GRAPHVIZ[spoken("draw", language, [dot])]
    if form != "svg" and is_japanese(dot) and not _has_japanese_font():
        font = pip_install("matplotlib-fontja")
        warnings.warn(words["fonts"].format(form=form.upper(), command=font), stacklevel=4)
    failure: RuntimeError | None = None
    for command in _commands(form):
        with _fonts() as environment:
            try:
                return _run(command, dot, environment, words)
            except RuntimeError as error:  # a `dot` without plugins, say: perhaps the other one draws
                failure = error
    raise failure or GraphvizNotFound(words["none"].format(command=pip_install("pygraphviz")))


def _commands(form: str) -> Iterator[list[str]]:
    dpi = _DPI.get(form, "72")
    if program := shutil.which("dot"):
        yield [program, f"-T{form}", f"-Gdpi={dpi}"]
    if folder := _bundled():
        # -I: neither the current folder nor the environment can put another module in the way
        yield [sys.executable, "-I", str(Path(__file__).with_name("bundled.py")), form, dpi, folder]


def _bundled() -> str | None:
    """The folder that pygraphviz lies in."""
    spec = find_spec("pygraphviz")
    return str(Path(spec.origin).parents[1]) if spec and spec.origin and sys.executable else None


def _run(command: list[str], dot: str, environment: dict[str, str], words: dict[str, str]) -> bytes:
    try:
        ran = subprocess.run(command, input=dot.encode(), env=environment, capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise TimeoutError(words["slow"].format(seconds=f"{LIMIT:g}")) from None
    except OSError as error:
        raise RuntimeError(words["unstarted"].format(error=error)) from error
    if ran.returncode or not ran.stdout:
        said = ran.stderr.decode(errors="replace").strip().splitlines() or [words["nothing"]]
        raise RuntimeError(words["failed"].format(status=ran.returncode, said=said[-1]))
    return ran.stdout


# --- Fonts --------------------------------------------------------------------------------------------------


def _font_folder() -> Path | None:
    """Where the wheel matplotlib-fontja keeps its Japanese font."""
    spec = find_spec("matplotlib_fontja")
    folder = Path(spec.origin).parent / "fonts" if spec and spec.origin else None
    return folder if folder and folder.is_dir() else None


@contextmanager
def _fonts() -> Iterator[dict[str, str]]:
    """An environment in which Graphviz finds that font besides those of the machine."""
    folder = _font_folder()
    if folder is None:
        yield dict(os.environ)
        return
    with tempfile.TemporaryDirectory() as temporary:
        configuration = Path(temporary) / "fonts.conf"
        configuration.write_text(_configuration(folder), encoding="utf-8")
        yield {**os.environ, "FONTCONFIG_FILE": str(configuration)}


def _configuration(folder: Path) -> str:
    own = os.environ.get("FONTCONFIG_FILE")
    included = (own,) if own else _FONT_CONFIGURATIONS
    includes = [f'<include ignore_missing="yes">{html.escape(path)}</include>' for path in included]
    folders = [f"<dir>{html.escape(path)}</dir>" for path in ("WINDOWSFONTDIR", str(folder))]
    return "\n".join(['<?xml version="1.0"?>', "<fontconfig>", *includes, *folders, _BOLD, "</fontconfig>"])


_BOLD = """\
<match target="font">
  <test name="family"><string>IPAexGothic</string></test>
  <test name="weight" target="pattern" compare="more_eq"><const>bold</const></test>
  <edit name="embolden" mode="assign"><bool>true</bool></edit>
</match>"""
"""IPAexGothic has no bold letters: thicken the others, as machines are usually set up to do. Some have no set-up."""


def _has_japanese_font() -> bool:
    if _font_folder() or sys.platform in ("darwin", "win32"):
        return True
    program = shutil.which("fc-list")
    return bool(program and subprocess.run([program, ":lang=ja"], capture_output=True).stdout)
