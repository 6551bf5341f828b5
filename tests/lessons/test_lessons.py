"""The lessons: each runs from the command line, tells its numbers in both languages, and draws."""

import contextlib
import functools
import io
import os
import pickle
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import matplotlib
import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure

import demos
import demos.__main__ as command
import nn
import plots
from autograd.languages import LANGUAGES
from demos import _pictures, price
from demos.__main__ import lessons, main
from docs.build import lessons as lessons_page
from docs.build import notebooks
from nn import plots as fonts
from telling import alike, without_seconds

ROOT = Path(__file__).parents[2]
OPTIONAL = {"matplotlib", "sklearn", "tqdm", "scipy", "pygraphviz"}


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
    assert f"Step by step, and with other numbers (open it in a browser): {folder / 'price.html'}" in told


# --- Every lesson ---------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What came of a lesson."""

    story: str
    files: dict[str, bytes]
    elsewhere: list[str]
    figures: dict[str, Figure]
    """As they were drawn, by the names of their files."""


def tell(name: str, language: str) -> Told:
    """Run a lesson in an empty folder, its pictures into `outputs`."""
    said, figures, save, replacing, file_names = io.StringIO(), {}, Figure.savefig, _pictures.replacing, []

    def kept(figure: Figure, file: Any, **how: Any) -> None:
        save(figure, file, **how)
        figures[file_names[-1]] = figure

    def named(file: Path) -> Any:
        file_names.append(file.name)
        return replacing(file)

    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
    ):
        patch.setattr(Figure, "savefig", kept)
        patch.setattr(_pictures, "replacing", named)
        assert main([name, "--language", language, "--output", "outputs"]) == 0
        files = {str(path): path.read_bytes() for path in Path("outputs").iterdir()}
        elsewhere = [path.name for path in Path().iterdir() if path.name != "outputs"]
        return Told(said.getvalue(), files, elsewhere, figures)


told = functools.cache(tell)


@pytest.fixture(scope="module", autouse=True)
def _few_pixels() -> Iterator[None]:
    """Painting takes as long as all that the lessons compute, and no law is about it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_pictures, "DPI", 40)
        yield


@pytest.fixture(scope="module", params=lessons())
def name(request: pytest.FixtureRequest) -> str:
    """A lesson; module-wide, so that its laws come one after another in one process, and it is told once for all."""
    told.cache_clear()  # figures are large
    return request.param


def test_a_lesson_tells_its_story_in_both_languages(name: str) -> None:
    """Japanese has kana and English has none."""
    kana = re.compile("[ぁ-んァ-ン]")
    assert kana.search(told(name, "ja").story)
    assert not kana.search(told(name, "en").story)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_writes_only_into_its_folder_and_says_what(name: str, language: str) -> None:
    """Every file has the lesson's name in front, and its path stands in the story."""
    story, files, elsewhere, _ = told(name, language)
    assert files
    assert all(Path(file).name.startswith(name) and file in story for file in files)
    assert elsewhere == []


def faults(told: Told, *laws: Callable[[Figure], Iterable[str]]) -> list[str]:
    return [f"{file}: {fault}" for file, figure in told.figures.items() for law in laws for fault in law(figure)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_says_what_is_on_its_axes_and_what_its_colours_mean(name: str, language: str) -> None:
    """Axes have a title and names, and colours that tell numbers a bar with a name."""
    assert faults(told(name, language), plots.nameless, plots.unexplained) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_picture_one_thing_has_one_colour_and_two_things_differ(name: str, language: str) -> None:
    """In all panels of a picture."""
    assert faults(told(name, language), plots.ambiguous) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_a_picture_cover_nothing(name: str, language: str) -> None:
    """Neither words nor curves nor marks, and none is cut off."""
    assert faults(told(name, language), plots.covered) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_notebook_tells_the_story_of_a_lesson_beside_its_code(name: str, language: str) -> None:
    """Nobody has changed the one and forgotten the other; to write it anew: python -m docs.build.notebooks --write."""
    if name not in notebooks.names():
        return
    made = notebooks.notebook(name, language, notebooks.without_files(told(name, language).story, "outputs/"))
    kept = nbformat.read(notebooks.path(name, language), as_version=4)
    assert [(cell.cell_type, cell.id) for cell in made.cells] == [(cell.cell_type, cell.id) for cell in kept.cells]
    for new, old in zip(made.cells, kept.cells, strict=True):
        assert new.source == old.source if new.cell_type == "code" else alike(new.source, old.source)


def test_one_thing_is_not_told_in_the_plural(name: str) -> None:
    """Such as "after 1 steps", in the story or in a picture."""
    told_ = told(name, "en")
    written = [told_.story, *(text for figure in told_.figures.values() for text in plots.texts(figure))]
    assert [text for text in written if plots.PLURALS.search(text)] == []


def test_an_optimiser_has_the_same_colour_in_every_lesson() -> None:
    """Of those that compare them."""
    (one,), (other,) = (told(name, "en").figures.values() for name in ("digits", "optimisers"))
    seen = [
        {name: {colour for colour, _ in looks} for name, looks in plots.looks(each).items()} for each in (one, other)
    ]
    shared = set(seen[0]) & set(seen[1])
    assert len(shared) == 5
    assert all(seen[0][name] == seen[1][name] for name in shared)


def globals_now() -> bytes:
    return pickle.dumps((dict(matplotlib.rcParams), np.random.get_state(), random.getstate(), sys.getrecursionlimit()))


def test_a_lesson_is_the_same_each_time_and_changes_nothing_global(name: str) -> None:
    """Story and pictures to the byte, except what it says of seconds; no settings, no random state is touched."""
    first, before = told(name, "ja"), globals_now()
    second = tell(name, "ja")
    assert without_seconds(first.story) == without_seconds(second.story)
    assert first.files == second.files
    assert globals_now() == before


def test_the_numbers_of_a_lesson_are_numbers(name: str) -> None:
    """{name: number}."""
    numbers = lessons()[name].numbers()
    assert numbers
    assert all(isinstance(key, str) and isinstance(number, int | float) for key, number in numbers.items())


def test_the_page_of_lessons_has_the_numbers_of_a_lesson(name: str) -> None:
    """docs/lessons.md: the key numbers are what the lesson computes today, but for the last digit."""
    page = lessons_page.PAGE.read_text(encoding="utf-8")
    cell = next(line for line in page.splitlines() if f"../demos/{name}.py)" in line).split(" | ")[3]
    now = lessons_page.cell(name, lessons()[name].numbers())

    def parts(text: str) -> list[list[str]]:
        return [each.rsplit(": ", 1) for each in text.split("<br>")]

    for (key, stands), (wanted, number) in zip(parts(cell), parts(now), strict=True):
        assert key == wanted
        if stands != number:
            assert float(stands.replace(",", "")) == pytest.approx(float(number.replace(",", "")), rel=2e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_is_listed_with_what_it_teaches(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, in the order of teaching."""
    assert main(["--language", language]) == 0
    listed = capsys.readouterr().out.splitlines()
    for line, (name, lesson) in zip(listed, lessons().items(), strict=False):
        assert line.split(maxsplit=1) == [name, lesson.TEACHES[language]]


def test_the_order_names_every_lesson() -> None:
    """None is forgotten, none is announced that is not there."""
    assert list(lessons()) == list(demos.ORDER)


def test_help_says_what_a_lesson_teaches_and_where_it_comes_from(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In both languages, because --language is what one may be looking for."""
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(words in text for words in [*lessons()[name].TEACHES.values(), lessons()[name].SOURCE])


def test_the_list_needs_none_of_the_optional_packages() -> None:
    """It comes at once, and where nothing but the library is installed; what a lesson needs it loads when it runs."""
    code = "import sys; from demos.__main__ import lessons; lessons(); print(*{m.split('.')[0] for m in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not OPTIONAL & set(ran.stdout.split())


# --- The command ----------------------------------------------------------------------------------------------


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


def planted(monkeypatch: pytest.MonkeyPatch, **parts: object) -> None:
    """A lesson called `planted`, in place of all others."""
    words = {"ja": "試す", "en": "100 % of a trial"}
    lesson = SimpleNamespace(TEACHES=words, SOURCE="a test", numbers=dict, **parts)
    monkeypatch.setattr(command, "lessons", lambda: {"planted": lesson})


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["planted"], [("en", 7, "nothing")]),
        (["--seed", "3", "planted", "--language", "en"], [("en", 3, "nothing")]),
        (["planted", "--seed", "4", "--rows", "all"], [("en", 4, "all")]),
    ],
)
def test_a_lesson_gets_its_seed_and_its_own_options(
    arguments: list[str], expected: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seed of its own `main` where none is given; --seed before or after its name."""
    seen: list[object] = []
    planted(
        monkeypatch,
        main=lambda language, output, seed=7, rows="nothing": seen.append((language, seed, rows)),
        add_arguments=lambda parser: parser.add_argument("--rows", default="nothing"),
    )
    assert main(["--language", "en", *arguments]) == 0
    assert seen == expected


def test_several_lessons_are_told_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order in which they were named, each with its place in the row; `all` tells every one.

    Options of the first are for the first alone, and --seed for those that draw random numbers.
    """
    seen: list[object] = []
    planted(
        monkeypatch,
        main=lambda language, output, seed=7, rows="nothing": seen.append((seed, rows)),
        add_arguments=lambda parser: parser.add_argument("--rows", default="some"),
    )
    other = SimpleNamespace(**vars(command.lessons()["planted"]))
    other.main = lambda language, output: seen.append("other")
    both = {**command.lessons(), "other": other}
    monkeypatch.setattr(command, "lessons", lambda: both)
    assert main(["planted", "--seed", "3", "other", "planted"]) == 0
    assert seen == [(3, "some"), "other", (3, "some")]
    told = capsys.readouterr().out.splitlines()
    assert [line.rstrip("─") for line in told] == ["── 1/3 planted ", "── 2/3 other ", "── 3/3 planted "]
    seen.clear()
    assert main(["all", "--seed", "4"]) == 0
    assert seen == [(4, "nothing"), "other"]


def test_all_goes_on_after_a_lesson_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one whose package is missing; the exit status is 1."""
    seen: list[str] = []

    def fail(language: str, output: Path) -> None:
        raise RuntimeError("no Graphviz")

    planted(monkeypatch, main=fail)
    other = SimpleNamespace(**vars(command.lessons()["planted"]))
    other.main = lambda language, output: seen.append("told")
    both = {**command.lessons(), "other": other}
    monkeypatch.setattr(command, "lessons", lambda: both)
    assert main(["all"]) == 1
    assert seen == ["told"]


def test_a_lesson_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where it is not the first."""
    with pytest.raises(SystemExit) as ended:
        main(["price", "bowls"])
    assert ended.value.code == 2
    assert "there is no lesson 'bowls'. Did you mean 'bowl'?" in capsys.readouterr().err


def test_an_interrupted_lesson_says_so_and_tells_no_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where `fit` would keep what was learned and go on; status 130, no traceback, and no lesson after it."""

    def interrupted(history: nn.History) -> None:
        signal.raise_signal(signal.SIGINT)

    def teach(language: str, output: Path) -> None:
        nn.fit(nn.MLP(1, [1]), "squared_error", [[0.0]], [0.0], epochs=2, callback=interrupted, progress=False)
        print("learned")

    planted(monkeypatch, main=teach)
    assert main(["planted", "planted"]) == 130
    told, complained = capsys.readouterr()
    assert "learned" not in told
    assert "2/2" not in told
    assert complained == (
        "\nplanted was interrupted: it has not finished, and what it has printed so far is not a result.\n"
    )


@pytest.mark.parametrize("seed", ["-1", "1.5", "x"])
def test_a_seed_is_a_whole_number(seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """NumPy takes no other."""
    with pytest.raises(SystemExit):
        main(["price", f"--seed={seed}"])
    assert f"argument --seed: got {seed!r}; wanted a whole number, 0 or more" in capsys.readouterr().err


def test_help_may_have_a_per_cent_sign(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Which argparse reads as a format, in one place and not in the other."""
    planted(monkeypatch, main=lambda language, output: None)
    for arguments in (["--help"], ["planted", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "100 % of a trial" in capsys.readouterr().out


def test_a_seed_is_no_error_where_nothing_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one command line serves all lessons."""
    seen: list[object] = []
    planted(monkeypatch, main=lambda language, output: seen.append(language))
    assert main(["planted", "--seed", "3"]) == 0
    assert seen == ["en"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("no Graphviz: install it."), "planted: no Graphviz: install it.\n"),
        (OSError("no room left."), "planted: no room left.\n"),
        (demos.InputError("row 3: 'x' is no number."), "planted: row 3: 'x' is no number.\n"),
        (
            ModuleNotFoundError("No module named 'sklearn.x'", name="sklearn.x"),
            "planted: this lesson needs sklearn: pip install 'scikit-learn>=1.6'\n",
        ),
        (ModuleNotFoundError("plotting needs matplotlib"), "planted: plotting needs matplotlib\n"),
    ],
)
def test_what_the_reader_can_put_right_is_said_in_one_line(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the error stream, with exit status 1."""

    def fail(language: str, output: Path) -> None:
        raise error

    planted(monkeypatch, main=fail)
    assert main(["planted"]) == 1
    assert capsys.readouterr().err == said


def test_a_bug_in_a_lesson_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other error comes with its traceback."""
    planted(monkeypatch, main=lambda language, output: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["planted"])


def test_without_graphviz_the_numbers_are_still_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then one line on the error stream says what to type, and the exit status is 1."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert main(["price", "--output", str(tmp_path)]) == 1
    told, complained = capsys.readouterr()
    assert "2.2" in told
    assert "pip install 'pygraphviz>=2'" in complained
    assert len(complained.splitlines()) == 1


def test_a_terminal_without_japanese_does_not_end_the_lesson(tmp_path: Path) -> None:
    """What it cannot show becomes a question mark."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "demos", "price", "--output", str(tmp_path)]
    ran = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=tmp_path)
    assert b"1.1 ? 2 = 2.2" in ran.stdout


# --- Pictures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["matplotlib", "matplotlib_fontja"])
def test_without_matplotlib_a_picture_says_what_to_type(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves no file."""
    found = fonts.find_spec
    monkeypatch.setattr(fonts, "find_spec", lambda name: None if name == missing else found(name))
    fonts.japanese_font.cache_clear()
    with (
        pytest.raises(ModuleNotFoundError, match=r"pip install 'matplotlib>=3.8' 'matplotlib-fontja>=1'"),
        _pictures.drawing(tmp_path / "x.png"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_picture_does_not_depend_on_the_readers_settings(tmp_path: Path) -> None:
    """The same bytes whatever matplotlibrc says, and afterwards it says the same."""
    files = [tmp_path / "plain.png", tmp_path / "wild.png"]
    wild: Any = {"lines.linewidth": 9, "axes.facecolor": "yellow", "xtick.direction": "in", "font.size": 30}
    for file, settings in zip(files, [{}, wild], strict=True):
        with matplotlib.rc_context(settings):
            before = dict(matplotlib.rcParams)
            with _pictures.drawing(file, width=3, height=2) as figure:
                _pictures.curves(figure.subplots(), {"損失": [3, 2, 1]}, log=True)
            assert dict(matplotlib.rcParams) == before
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_block_that_fails_writes_no_picture(tmp_path: Path) -> None:
    """And restores the settings all the same."""
    before = dict(matplotlib.rcParams)
    with pytest.raises(ZeroDivisionError), _pictures.drawing(tmp_path / "x.png"):
        _ = 1 / 0
    assert dict(matplotlib.rcParams) == before
    assert not list(tmp_path.iterdir())


def test_a_grid_has_a_row_for_each_y() -> None:
    """As matplotlib wants it; f gets plain floats."""
    numbers = _pictures.grid(lambda x, y: 10 * x + y, [1, 2, 3], np.array([5, 6]))
    assert numbers.tolist() == [[15, 25, 35], [16, 26, 36]]


def test_a_lesson_has_the_parts_of_one() -> None:
    """The contract of demos/__init__.py."""
    for name, lesson in lessons().items():
        assert isinstance(lesson, ModuleType), name
        assert set(lesson.TEACHES) == set(LANGUAGES), name
        assert "document" in lesson.SOURCE or "beyond" in lesson.SOURCE, name
