"""The pages of docs/ tell the truth: their code prints what they say, and the generated ones are up to date."""

import re
from pathlib import Path

import pytest

import demos
from autograd import operations
from autograd.languages import LANGUAGES, Language
from demos.__main__ import lessons as all_lessons
from docs.build import lessons, pages
from docs.build.accuracy import described
from docs.build.conventions import row

DOCS = Path(__file__).parents[2] / "docs"
JAPANESE = [page for page in pages.PAGES if page.endswith(".ja.md")]
ALONE = ("README.md", "README.ja.md", "docs/cookbook.md")  # pages whose blocks need none of the others


@pytest.mark.parametrize("page", pages.PAGES)
def test_the_code_prints_what_the_page_says(page: str) -> None:
    """Block by block, from top to bottom: the comments beside print(…), or the text below the block."""
    for each in pages.ran(page):
        assert each.printed == each.promised, "to write the text blocks anew: python -m docs.build.pages"


@pytest.mark.parametrize("page", ALONE)
def test_the_blocks_of_a_page_run_alone(page: str) -> None:
    """Whoever copies one needs none of the others."""
    for each in pages.ran(page, alone=True):
        assert each.printed == each.promised


def test_the_pages_to_read_have_code() -> None:
    """The law above is about something."""
    told = {page for page in pages.PAGES if pages.blocks(page, "python")}
    written = {
        "how-it-works.md",
        "coming-from.md",
        "from-micrograd.md",
        "compile.md",
        "cookbook.md",
        "how-compile-works.md",
    }
    written |= {"implicit.md", "pages.md", "your-own-engine.md", "how-it-works.ja.md", "compile.ja.md"}
    assert told == {"README.md", "README.ja.md", *(f"docs/{name}" for name in written)}


@pytest.mark.parametrize("page", pages.PAGES)
def test_every_block_has_a_language_that_is_tested_or_needs_no_test(page: str) -> None:
    """No code escapes by another name: python is run, text is what it prints, sh is commands, diff is none of these."""
    assert pages.languages(page) <= {"python", "text", "sh", "diff"}


@pytest.mark.parametrize("page", pages.PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link is a file or folder of the project, and its anchor a heading there."""
    assert not [link for link in pages.links(page) if pages.dead(page, link)]


@pytest.mark.parametrize("page", pages.PAGES)
def test_files_that_are_named_are_there(page: str) -> None:
    """`engine.py` in the text is the end of some path of the project."""
    assert not [name for name in pages.files(page) if not pages.is_file(name)]


@pytest.mark.parametrize("page", pages.PAGES)
def test_commands_that_are_named_are_there(page: str) -> None:
    """`make x` is a target, `python -m x --y` a module of the project that knows the option."""
    assert not [command for command in pages.commands(page) if not pages.is_command(*command)]


@pytest.mark.parametrize("page", pages.PAGES)
def test_names_that_are_mentioned_are_public(page: str) -> None:
    """`autograd.check_gradient` can be imported."""
    assert not [name for name in pages.names(page) if not pages.is_name(name)]


def test_every_page_is_reached_from_the_readmes() -> None:
    """No page of docs/ is left over: README.md links to each in English, README.ja.md in Japanese if there is one."""
    english = {page for page in pages.PAGES if page.startswith("docs/") and page not in JAPANESE}
    translated = {page.replace(".ja.md", ".md"): page for page in JAPANESE}
    assert english <= set(pages.links("README.md"))
    assert {translated.get(page, page) for page in english} <= set(pages.links("README.ja.md"))


@pytest.mark.parametrize("page", JAPANESE)
def test_a_page_says_the_same_in_both_languages(page: str) -> None:
    """Headings, code but for its comments, tables by their shape, files, and links, each to its own language."""
    english = page.replace(".ja.md", ".md")
    assert pages.outline(page) == pages.outline(english)
    assert Path(page).name in pages.links(english), "the first lines link to the other language"
    assert Path(english).name in pages.links(page), "the first lines link to the other language"


# --- Generated pages ------------------------------------------------------------------------------------------


def test_every_convention_is_in_the_page() -> None:
    """docs/conventions.md has a line for every edge of every operation; the peers' columns stay as measured."""
    page = (DOCS / "conventions.md").read_text(encoding="utf-8")
    lines = [row(op, x, slopes, []) for op in operations() for x, slopes in op.edges]
    assert not [line for line in lines if line not in page], "python -m docs.build.conventions --write"


def test_every_bound_is_in_the_page() -> None:
    """docs/accuracy.md states every operation's domain and bound as its record does."""
    page = (DOCS / "accuracy.md").read_text(encoding="utf-8")
    assert not [op for op in operations() if described(op) not in page], "make accuracy"


def test_what_was_measured_is_within_the_bounds() -> None:
    """No line of docs/accuracy.md contradicts its own bound."""
    for line in (DOCS / "accuracy.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            _, name, _, bound, value, _, slope, *_ = line.split("|")
            allowed = float(bound.split("+")[0])
            assert max(float(value), float(slope)) <= allowed, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_lessons_has_every_lesson_in_order(language: Language) -> None:
    """With what it teaches, and its source."""
    page = lessons.PAGES[language].read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \|.*$", page, re.MULTILINE)
    assert [name for name, _ in all_lessons().items()][: len(demos.ORDER)] == list(demos.ORDER)
    assert len(rows) == len(all_lessons())
    for k, (line, (name, lesson)) in enumerate(zip(rows, all_lessons().items(), strict=True), start=1):
        assert line.startswith(lessons.words(k, name, lesson, language)), "python -m docs.build.lessons --write"
        assert line.endswith(f" | {lesson.SOURCE} |")


def test_both_pages_of_lessons_have_the_same_numbers() -> None:
    """Cell by cell, digit by digit, whatever they are called."""
    cells = {
        language: re.findall(
            r": (-?[\d.,]+(?:e-\d+)?)(?=<br>| \|)",
            page.read_text(encoding="utf-8").replace("below ", "").replace(" 未満", ""),
        )
        for language, page in lessons.PAGES.items()
    }
    assert cells["ja"] == cells["en"]
    assert len(cells["en"]) > 2 * len(all_lessons())
