"""The READMEs tell the truth: their code prints what stands in its comments, their links and commands exist."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from autograd import OPS

ROOT = Path(__file__).parents[1]
READMES = pytest.mark.parametrize("name", ["README.md", "README.ja.md"])


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)


@READMES
def test_the_code_prints_what_its_comments_say(name: str) -> None:
    """Run top to bottom, the printed lines are the comments beside print(...)."""
    code = "\n".join(blocks(name, "python"))
    promised = [line.rpartition("# ")[2] for line in code.splitlines() if line.startswith("print(")]
    printed = io.StringIO()
    before = set(OPS)
    with contextlib.redirect_stdout(printed):
        exec(compile(code, name, "exec"), {})
    for added in set(OPS) - before:
        del OPS[added]
    assert promised
    assert printed.getvalue().splitlines() == promised


@READMES
def test_links_lead_somewhere(name: str) -> None:
    """Every relative link is a file or folder of the project."""
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]


@READMES
def test_the_two_commands_are_targets_of_the_makefile(name: str) -> None:
    """make demo and make test, and no other command of make is called for in the shell block."""
    named = re.findall(r"^make (\w+)", "\n".join(blocks(name, "sh")), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named == ["demo", "test"]
    assert all(f"\n{target}:" in makefile for target in named)


def test_both_languages_show_the_same_code() -> None:
    """The Japanese README runs the same lines; only its comments without output may differ."""

    def lines(name: str) -> list[str]:
        return [line.split("  #")[0].rstrip() for line in "\n".join(blocks(name, "python")).splitlines()]

    assert lines("README.md") == lines("README.ja.md")
