"""The lessons: each runs from the command line, tells its numbers in both languages, and draws."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import demos
from demos import price
from demos.__main__ import lessons, main

ROOT = Path(__file__).parents[1]


def test_the_price_lesson_computes_the_numbers_of_the_lecture() -> None:
    """100 × 2 × 1.1 = 220, and the gradients 2.2, 110 and 200 in red."""
    expected = {"price": 220, "∂price/∂unit price": 2.2, "∂price/∂quantity": 110, "∂price/∂tax": 200}
    assert price.numbers() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "ja",
            ["  単価: 1.1 × 2 = 2.2", "  個数: 1.1 × 100 = 110", "  消費税: 1 × 200 = 200", "  価格 = 200 × 1.1 = 220"],
        ),
        ("en", ["  unit price: 1.1 × 2 = 2.2", "When the unit price rises by 1, the price rises by 2.2."]),
    ],
)
def test_the_price_lesson_shows_each_step_of_the_chain_rule(language: str, lines: list[str]) -> None:
    """Upstream × local = what arrives, in numbers."""
    assert set(lines) <= set(price.story(language).splitlines())


def test_a_lesson_writes_its_pictures_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into a folder that it makes if it is not there."""
    folder = tmp_path / "new" / "outputs"
    assert main(["price", "--language", "en", "--output", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["price.html", "price.png", "price.svg"]
    assert "unit price" in (folder / "price.svg").read_text(encoding="utf-8")
    told = capsys.readouterr().out
    assert str(folder / "price.png") in told
    assert f"Step by step (open it in a browser): {folder / 'price.html'}" in told


@pytest.mark.parametrize("language", demos.LANGUAGES)
def test_every_lesson_is_listed_with_what_it_teaches(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, in the order of teaching."""
    assert main(["--language", language]) == 0
    listed = capsys.readouterr().out.splitlines()
    for line, (name, lesson) in zip(listed, lessons().items(), strict=False):
        assert line.split(maxsplit=1) == [name, lesson.TEACHES[language]]
    assert set(demos.ORDER) <= set(lessons())


@pytest.mark.parametrize("name", lessons())
def test_help_says_what_a_lesson_teaches_and_where_it_comes_from(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In both languages, because --language is what one may be looking for."""
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(words in text for words in [*lessons()[name].TEACHES.values(), lessons()[name].SOURCE])


def test_the_language_may_stand_before_or_after_the_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the folder is `outputs` where none is given."""
    monkeypatch.chdir(tmp_path)
    main(["--language", "en", "price"])
    first = capsys.readouterr().out
    main(["price", "--language", "en"])
    assert capsys.readouterr().out == first
    assert "quantity" in first
    assert (tmp_path / "outputs" / "price.svg").is_file()


def test_without_graphviz_the_numbers_are_still_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then one line on the error stream says what to type, and the exit status is 1."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert main(["price", "--output", str(tmp_path)]) == 1
    told, complained = capsys.readouterr()
    assert "2.2" in told
    assert "pip install 'scalar-autograd[demos]'" in complained
    assert len(complained.splitlines()) == 1


def test_a_terminal_without_japanese_does_not_end_the_lesson(tmp_path: Path) -> None:
    """What it cannot show becomes a question mark."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "demos", "price", "--output", str(tmp_path)]
    ran = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=tmp_path)
    assert b"1.1 ? 2 = 2.2" in ran.stdout
