"""One rule for the language of everything that speaks, and tables that say the same in each language."""

import ast
import importlib
import pkgutil
import re
import string
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import pytest

import autograd
import demos
import nn
from autograd import DomainError, Value, compile, div, draw, explain, language, languages
from autograd.catalogue import operations
from autograd.languages import LANGUAGES, VARIABLE, is_japanese
from autograd.operation import Op
from autograd.words import DEFINED
from demos.__main__ import main

ROOT = Path(__file__).parents[2]
JAPANESE, ENGLISH = ("単価", "x"), ("unit price", "x")
OTHER = {"ja": "en", "en": "ja"}


def product(labels: tuple[str, str]) -> Value:
    y = Value(3.0, labels[0]) * Value(2.0, labels[1])
    y.backward()
    return y


def program(labels: tuple[str, str]) -> Any:
    w = Value(3.0, labels[0])
    return compile(lambda x: w * x, 1.0, wrt=[w])


def refusal(labels: tuple[str, str], given: Any) -> str:
    """An error takes no `language=`: what is given is chosen for the whole program."""
    if given:
        language(given)
    with pytest.raises(DomainError) as caught:
        div(Value(3.0, labels[0]), Value(0.0, labels[1]))
    return str(caught.value)


def trained(labels: tuple[str, str]) -> nn.History:
    """A model whose parameters have these labels, after one epoch."""
    model = nn.MLP(1, [1], seed=0)
    for value, label in zip(model.parameters(), labels, strict=True):
        value.label = label
    return nn.fit(model, "squared_error", [[1.0]], [0.0], epochs=1, progress=False)


def reported(labels: tuple[str, str], **given: Any) -> str:
    model = nn.MLP(1, [1], seed=0)
    for value, label in zip(model.parameters(), labels, strict=True):
        value.label = label
    return str(model.report([[1.0]], **given))


def ended(labels: tuple[str, str], given: Any) -> str:
    """`fit` takes no `language=` either."""
    if given:
        language(given)
    return trained(labels).stopped


SPEAKERS: dict[str, tuple[Callable[..., Any], str]] = {
    "the legend of a picture": (lambda labels, **given: draw(product(labels), **given).dot, "above the arrow"),
    "the table of a picture": (lambda labels, **given: draw(product(labels), **given).text(), "computed"),
    "a page": (lambda labels, **given: draw(product(labels), **given).html(), '<html lang="en">'),
    "a page's steps": (lambda labels, **given: draw(product(labels), **given).html(), "upstream gradient"),
    "an explanation": (lambda labels, **given: str(explain(product(labels), **given)), "output"),
    "a program's picture": (lambda labels, **given: program(labels).draw(**given).dot, "parameters θ"),
    "a refusal": (lambda labels, language=None: refusal(labels, language), "is defined for a divisor"),
    "a report": (lambda labels, **given: reported(labels, **given), "No problem on 1 sample."),
    "the end of a training run": (lambda labels, language=None: ended(labels, language), "1 epoch done"),
    "a program's page": (lambda labels, **given: program(labels).draw(**given).html(), '<html lang="en">'),
}
"""What speaks, by name: a function of labels, and what it says in English alone."""


def spoken(name: str, labels: tuple[str, str], given: str | None = None) -> str:
    say, english = SPEAKERS[name]
    return "en" if english in say(labels, **({"language": given} if given else {})) else "ja"


# --- The rule -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", LANGUAGES)
@pytest.mark.parametrize("name", SPEAKERS)
def test_what_is_asked_for_comes_first(name: str, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then what the program has chosen, then what the environment says, then what the labels are."""
    other: Any = OTHER[asked]
    labels = {"ja": ENGLISH, "en": JAPANESE}[asked]
    assert spoken(name, labels) == other
    monkeypatch.setenv(VARIABLE, asked)
    assert spoken(name, labels) == asked
    monkeypatch.setenv(VARIABLE, other)
    language(asked)
    assert spoken(name, labels) == asked
    language(other)
    assert spoken(name, labels, asked) == asked


@pytest.mark.parametrize("asked", LANGUAGES)
def test_lessons_follow_the_rule(
    asked: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their labels are in the language that they are told in, so English comes where nobody has chosen."""

    def told(*options: str) -> str:
        main(options)
        return "ja" if is_japanese(capsys.readouterr().out) else "en"

    assert told() == "en"
    monkeypatch.setenv(VARIABLE, asked)
    assert told() == asked
    monkeypatch.setenv(VARIABLE, OTHER[asked])
    language(asked)
    assert told() == asked
    assert told("--language", OTHER[asked]) == OTHER[asked]


def test_the_plot_of_a_history_follows_the_rule(recwarn: pytest.WarningsRecorder) -> None:
    """It has no labels; its letters are there in a font that has them, on axes of one's own too."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    history = nn.History(losses=[2.0, 1.0], validation_losses=[2.0, 1.0], best_epoch=1)
    axes = [history.plot(), history.plot(language="ja"), history.plot(pyplot.subplots()[1], language="ja")]
    language("ja")
    axes.append(history.plot())
    assert [ax.get_xlabel() for ax in axes] == ["epoch", "エポック", "エポック", "エポック"]
    assert axes[0].get_title("left") == "Loss over 2 epochs, lowest validation loss after epoch 1"
    assert axes[1].get_title("left") == "2 エポックの損失、検証の損失の最小はエポック 1 のあと"
    for ax in axes:
        ax.figure.canvas.draw()
        pyplot.close(ax.figure)
    assert [str(warning.message) for warning in recwarn] == []


def test_a_choice_can_be_asked_for_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """None: the labels decide, unless the environment does."""
    assert language() is None
    assert language("ja") == language() == "ja"
    monkeypatch.setenv(VARIABLE, "en")
    assert language() == "ja"
    assert language(None) == language() == "en"
    monkeypatch.setenv(VARIABLE, "")
    assert language() is None


def test_a_choice_holds_in_every_thread() -> None:
    """Those that run already, too."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(language).result() is None
        language("ja")
        assert pool.submit(language).result() == "ja"
        pool.submit(language, "en").result()
        assert language() == "en"


def test_what_was_made_keeps_its_language() -> None:
    """A picture and an explanation speak as when they were made."""
    picture, explained = draw(product(JAPANESE)), explain(product(JAPANESE))
    language("en")
    assert "矢印" in picture.dot
    assert "順伝播" in picture.html()
    assert "出力" in str(explained)


@pytest.mark.parametrize("name", ["fr", "JA", "", "日本語", 3])
def test_there_are_two_languages(name: Any) -> None:
    """Another is an error, and leaves what was chosen."""
    language("ja")
    with pytest.raises(ValueError, match=r"language\(name=.*\): wanted 'ja' or 'en'\."):
        language(name)
    assert language() == "ja"


def test_a_wrong_variable_is_said_once_and_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture fails for it."""
    monkeypatch.setattr(languages, "_warned", set())
    monkeypatch.setenv(VARIABLE, "fr")
    with pytest.warns(UserWarning, match="^AUTOGRAD_LANGUAGE=fr: wanted ja or en; it is passed over.$"):
        assert spoken("an explanation", JAPANESE) == "ja"
    assert spoken("an explanation", ENGLISH) == "en"  # a second warning would be an error


# --- The labels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["単価", "かな", "カナ", "ｶﾅ", "w の値", "々", "〇", "𠮷"])
def test_kana_and_kanji_are_japanese(label: str) -> None:
    """Full width and half width."""
    assert is_japanese(label)


@pytest.mark.parametrize("label", ["", "x", "α", "w₁₂⁽¹⁾", "価"[:0], "한국어", "😀", "ＡＢ", "x × 2", "、", "é", None])
def test_nothing_else_is(label: str | None) -> None:
    """Nor what only takes a Japanese font: fullwidth letters, ×, emoji, Hangul."""
    assert not is_japanese(label)


def test_one_japanese_label_is_enough() -> None:
    """Of an input, a node between, an output; of a module, or the title; also where it is not drawn."""
    x, h = Value(1.0, "x"), Value(2.0, "x") * 3
    assert "above the arrow" in draw(x * h).dot
    assert "矢印の上" in draw(x * h, title="図").dot
    assert "矢印の上" in draw(x * h, group={"層": [h]}).dot
    y = x * h
    h.label = "中間"
    assert "矢印の上" in draw([x, y]).dot
    for _ in range(9):
        y = y + x
    with pytest.warns(UserWarning, match="nearest"):
        assert "矢印の上" in draw(y, max_nodes=3, repeats=False).dot


def test_a_program_looks_at_all_that_has_a_name() -> None:
    """Its arguments, its parameters, what it gives."""

    def f(x: Any) -> Any:
        return {"出力": x * 2}

    def g(値: Any) -> Any:
        return 値 * 2

    assert all("矢印の上" in compile(each, 1.0).draw().dot for each in (f, g))
    assert "above the arrow" in compile(lambda x: x * 2, 1.0).draw().dot


# --- The tables ---------------------------------------------------------------------------------------------


def modules() -> Iterator[ModuleType]:
    for package in (autograd, nn, demos):
        found_in = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for found in sorted(found_in, key=lambda each: not each.name.endswith(".words")):
            if not found.name.endswith(("__main__", "bundled")) and found.name not in UNLOADED:
                yield importlib.import_module(found.name)


UNLOADED = {"autograd.doubles", "autograd.laws", "autograd.strategies"}  # these need the extra `test`, or a compiler


def speaks(given: Any) -> bool:
    return isinstance(given, dict) and any(name in given for name in LANGUAGES) and len(given) <= len(LANGUAGES)


def tables() -> dict[str, dict[str, Any]]:
    """Every table of words, by the name of its module and its own; a table in another is found with that."""
    found: dict[int, tuple[str, dict[str, Any]]] = {}
    for module in modules():
        for name, given in vars(module).items():
            if speaks(given):
                found.setdefault(id(given), (f"{module.__name__}.{name}", given))
    return dict(found.values())


def texts(entry: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The texts of an entry, by where they stand in it; those for one thing and for several are one."""
    if is_dataclass(entry) and not isinstance(entry, type):
        entry = asdict(entry)
    if isinstance(entry, dict):
        for key, part in entry.items():
            yield from texts(part, f"{path}.{key}")
    elif isinstance(entry, tuple | list):
        assert all(entry), path
        yield f"{path}: {len(entry)}", "\n".join(entry)
    else:
        yield path, entry


def places(text: str) -> list[str]:
    """The `{places}` of a text, each once, those without a name as often as they occur."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:  # no format, such as LaTeX
        return []
    return sorted([name for name in names if not name] + list({name for name in names if name}))


def test_every_text_is_there_in_both_languages() -> None:
    """Legends, tooltips, tables, steps, buttons, explanations, reports, stories; with the same `{places}`."""
    found = tables()
    assert {"autograd.words.PICTURE", "autograd.words.STEPS", "nn.words.REPORT", "demos.price._STORY"} <= set(found)
    for name, table in found.items():
        assert set(table) == set(LANGUAGES), name
        japanese, english = (dict(texts(table[each])) for each in ("ja", "en"))
        assert japanese.keys() == english.keys(), name
        for path, text in japanese.items():
            assert bool(text) == bool(english[path]), (name, path)
            assert places(text) == places(english[path]), (name, path)


def test_japanese_is_japanese_and_english_is_not() -> None:
    """Of each table, in the libraries: no text was put into the wrong column."""
    for name, table in tables().items():
        if not name.startswith("demos"):
            assert not [text for _, text in texts(table["en"]) if is_japanese(text)], name
            assert any(is_japanese(text) for _, text in texts(table["ja"])), name


def test_the_libraries_speak_from_one_place_each() -> None:
    """`words.py`; a lesson has its own words, as it has its own numbers."""
    assert {name.rpartition(".")[0] for name in tables() if not name.startswith("demos")} <= {
        "autograd.words",
        "autograd.laws.words",
        "nn.words",
    }


def test_no_function_has_a_language_of_its_own() -> None:
    """Where it may be left out, what is left out is None, and the rule decides."""
    for path in [path for package in ("autograd", "nn", "demos") for path in (ROOT / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                named = [*node.args.posonlyargs, *node.args.args][::-1]
                defaults: list[Any] = [*zip(named, node.args.defaults[::-1], strict=False)]
                defaults += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                for argument, default in defaults:
                    if argument.arg == "language" and default is not None:
                        assert ast.unparse(default) == "None", f"{path}: {node.name}"


def test_every_limit_of_an_operation_is_said_in_japanese() -> None:
    """Where it is words, and not a formula that both languages share."""
    said = DEFINED["ja"]
    limits = {op.defined for op in operations()}
    assert not [limit for limit in limits if re.search("[a-z]{3}", limit) and limit not in said]
    assert not set(said) - limits - {Op.defined}
