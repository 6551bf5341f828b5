"""The exercises: skeletons ask, answers pass, mistakes are told by their smallest case and a hint, files are safe."""

import functools
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

from autograd.languages import LANGUAGES
from demos.__main__ import main
from demos._exercises.answer import loaded
from demos._exercises.checking import LIMIT, Verdict, check, praise
from demos._exercises.command import exercises
from demos._exercises.words import SAYS
from exercises_answered import ANSWERS, MISTAKES, Mistake, answered, mistaken

ROOT = Path(__file__).parents[2]
BY_FILE = {exercise.file: exercise for exercise in exercises()}
TITLES = re.compile("情報システム実験実習II|データマイニングと機械学習 ニューラルネットワーク")  # they have no other
KANA = re.compile("[ぁ-んァ-ン]")
SHORT = 0.2  # seconds, for loops that are known to be endless


def judged(file: str, text: str, folder: Path, language: str = "en") -> list[Verdict]:
    """The verdicts on a file with this text; beside it stands the answer of exercise 4, which another imports."""
    (folder / "ex4_perceptron.py").write_text(answered("ex4_perceptron.py"), encoding="utf-8")
    (folder / file).write_text(text, encoding="utf-8")
    return check(BY_FILE[file], folder, language, SHORT if "while True: pass" in text else LIMIT)


def outcomes(verdicts: list[Verdict]) -> dict[str, str]:
    return {verdict.part: verdict.outcome for verdict in verdicts}


@pytest.mark.parametrize("file", BY_FILE)
def test_an_answer_passes_in_every_part(file: str, tmp_path: Path) -> None:
    """In both languages' skeletons."""
    for language in LANGUAGES:
        verdicts = judged(file, answered(file, language), tmp_path)
        assert [verdict for verdict in verdicts if verdict.outcome != "passes"] == []


@pytest.mark.parametrize("file", BY_FILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_skeleton_passes_in_no_part_and_says_what_is_to_do(file: str, language: str, tmp_path: Path) -> None:
    """Each part has its own TODO, as it stands in the file, or the part to do before."""
    text = BY_FILE[file].skeleton(language)
    for part, verdict in zip(BY_FILE[file].parts, judged(file, text, tmp_path, language), strict=True):
        assert verdict.outcome == ("later" if part.after else "todo")
        assert verdict.said.startswith("TODO: ") or verdict.outcome == "later"
        assert verdict.outcome == "later" or verdict.said.removeprefix("TODO: ") in text
        assert bool(KANA.search(verdict.said)) == (language == "ja")


@pytest.mark.parametrize("file", BY_FILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_skeleton_is_in_its_language_and_needs_every_text(file: str, language: str) -> None:
    """No text of a table is left over, none is missing in the other language, no line is too long to read."""
    exercise = BY_FILE[file]
    assert bool(KANA.search(TITLES.sub("", exercise.skeleton(language)))) == (language == "ja")
    assert set(exercise.texts["ja"]) == set(exercise.texts["en"])
    template = set(re.findall(r"\$(\w+)", exercise.template))
    others = {name for name in exercise.texts[language] if not name.startswith("hint ")} - template
    assert others == set((exercise.praise or {}).values())
    assert max(map(len, exercise.skeleton(language).splitlines())) <= 125


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.function}: {mistake.after[:30]!r}")
def test_a_mistake_is_told_by_its_smallest_case_and_a_hint(mistake: Mistake, tmp_path: Path) -> None:
    """Of the part that it is in; parts that do not need that one pass all the same."""
    verdicts = judged(mistake.file, mistaken(mistake), tmp_path)
    found = next(verdict for verdict in verdicts if verdict.outcome != "passes")
    assert (found.part, found.outcome) == (mistake.part, "wrong")
    assert mistake.sentence in found.said
    assert found.hint == (BY_FILE[mistake.file].texts["en"][f"hint {mistake.hint}"] if mistake.hint else "")


@pytest.mark.parametrize("file", BY_FILE)
def test_every_hint_belongs_to_a_mistake(file: str) -> None:
    """None stands there that nobody can get."""
    hints = {name.removeprefix("hint ") for name in BY_FILE[file].texts["en"] if name.startswith("hint ")}
    assert hints - {mistake.hint for mistake in MISTAKES if mistake.file == file} == set()


def test_a_hint_does_not_give_the_answer() -> None:
    """No line of an answer stands in a skeleton or among its texts."""
    for file, functions in ANSWERS.items():
        texts = " ".join(BY_FILE[file].texts["en"].values()) + BY_FILE[file].skeleton("en")
        for body in functions.values():
            lines = [line.strip() for line in body.splitlines() if re.search(r"[-+*/@]", line)]
            told = {line for line in lines if line in texts and not line.startswith("self.w =")}
            assert told == set(), file


# --- In parts -------------------------------------------------------------------------------------------------


def test_parts_are_judged_by_themselves(tmp_path: Path) -> None:
    """A descent is right though the gradients it calls are wrong, and though they are not written."""
    file = "ex3_gradient_method.py"
    wrong = {**ANSWERS[file], "gradients": "return 0, 0"}
    written = {"gradient_method": ANSWERS[file]["gradient_method"]}
    assert outcomes(judged(file, answered(file, functions=wrong), tmp_path)) == {
        "loss": "passes",
        "gradients": "wrong",
        "gradient_method": "passes",
    }
    assert outcomes(judged(file, answered(file, functions=written), tmp_path))["gradient_method"] == "passes"


def test_a_backward_pass_is_judged_without_a_forward_pass(tmp_path: Path) -> None:
    """And without an `__init__`: the checks put in place what it needs."""
    file = "ex4_perceptron.py"
    functions = {name: body for name, body in ANSWERS[file].items() if name.endswith("backward")}
    (tmp_path / file).write_text(answered(file, functions=functions), encoding="utf-8")
    found = outcomes(check(BY_FILE[file], tmp_path, "en"))
    assert {part for part, outcome in found.items() if outcome == "passes"} == {
        "MeanSquaredError.backward",
        "Perceptron.backward: g_w, g_b",
        "Perceptron.backward: w, b",
        "Perceptron.backward: return",
    }


def test_gradients_may_be_means_in_the_perceptron(tmp_path: Path) -> None:
    """The document allows both: 総和ではなく平均でも良い."""
    file = "ex4_perceptron.py"
    means = ANSWERS[file]["Perceptron.backward"].replace("self.x.T @ g", "self.x.T @ g / len(g)")
    functions = {**ANSWERS[file], "Perceptron.backward": means.replace("np.sum", "np.mean")}
    (tmp_path / file).write_text(answered(file, functions=functions), encoding="utf-8")
    assert set(outcomes(check(BY_FILE[file], tmp_path, "en")).values()) == {"passes"}


def test_the_steps_of_a_value_are_passed_one_after_the_other(tmp_path: Path) -> None:
    """`=` passes until a value is used twice, a plain walk until the order matters; what was passed stays so."""
    file, answers = "value.py", ANSWERS["value.py"]
    naive = {name: body.replace(" += ", " = ") for name, body in answers.items()}
    naive["Value.backward"] = "\n".join(
        [
            "self.grad = 1.0",
            "def walk(node):",
            "    node._backward()",
            "    for each in node._prev:",
            "        walk(each)",
            "walk(self)",
        ]
    )
    stages = [dict(list(naive.items())[:count]) for count in (0, 1, 2, 3)]
    stages.append({**stages[3], **{name: answers[name] for name in ("Value.__add__", "Value.__mul__")}})
    stages.append({**stages[4], "Value.backward": answers["Value.backward"]})
    stages += [{**stages[5], "Value.tanh": answers["Value.tanh"]}, answers]
    for count, stage in enumerate(stages):
        verdicts = judged(file, answered(file, functions=stage), tmp_path)
        found = list(outcomes(verdicts).values())
        assert found[:count] == ["passes"] * count
        assert "passes" not in found[count:]
        tries = {3: "try 3", 4: "try 3", 5: "try 3", 6: "try 3", 7: "try 7"}
        wanted = BY_FILE[file].texts["en"][tries[count]] if count in tries else ""
        assert praise(BY_FILE[file], verdicts, "en") == wanted


def test_what_is_put_in_place_of_a_part_is_taken_away_again(tmp_path: Path) -> None:
    """The file has then what it had, and nothing more."""
    (tmp_path / "some.py").write_text("def gradients(): return 1", encoding="utf-8")
    with loaded(tmp_path / "some.py", "en", {}, LIMIT) as answer:
        before = dict(vars(answer.module))
        with answer.given(gradients=lambda: 2, loss=lambda: 3):
            assert answer.module.gradients() == 2
        assert vars(answer.module) == before


# --- Whatever stands in a file --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return x", "derivative(x = 1): got 1; 0 is right"),
        ("return None", "derivative(x = 1): got None"),
        ("return 'two'", "derivative(x = 1): got 'two', a str; wanted numbers"),
        ("return [1, 2]", "derivative(x = 1): got an array of shape (2,); one number is right"),
        ("return float('nan')", "derivative(x = 1): got nan; 0 is right"),
        ("return 1 / (x - 1)", "derivative(x = 1): ZeroDivisionError"),
        ("return unknown", "derivative(x = 1): NameError: name 'unknown' is not defined (line "),
        ("import sys; sys.exit()", "derivative(x = 1): ends the program (line "),
        ("return derivative(x)", "derivative(x = 1): calls itself without end"),
        ("while True: pass", "derivative(x = 1): has not ended after 0.2 s (line "),
        ("return float(input())", "derivative(x = 1): EOFError"),
        ("print('here'); return x", "derivative(x = 1): got 1; 0 is right"),
        ("return ...", "derivative(x = 1): got Ellipsis"),
    ],
)
def test_whatever_a_function_does_is_told_in_a_sentence(
    body: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed, nothing is raised, and the other parts are judged."""
    file = "ex1_derivative.py"
    verdicts = judged(file, answered(file, functions={**ANSWERS[file], "derivative": body}), tmp_path)
    assert outcomes(verdicts) == {"numerical_derivative": "passes", "derivative": "wrong", "gradient_descent": "passes"}
    assert verdicts[1].said.startswith(said)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:", "SyntaxError: invalid syntax (ex1_derivative.py, line 1)"),
        ("1 / 0", "ZeroDivisionError: division by zero (line 1)"),
        ("while True: pass", "has not ended"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere' (line 1)"),
        ("x = 1", "ex1_derivative.py has no numerical_derivative; was it renamed?"),
        ("numerical_derivative = 3", "numerical_derivative in ex1_derivative.py cannot be called"),
        ("", "ex1_derivative.py has no numerical_derivative"),
    ],
)
def test_a_file_that_does_not_load_is_wrong_in_every_part(text: str, said: str, tmp_path: Path) -> None:
    """With the same sentence; so is one that lacks what is asked for."""
    verdicts = judged("ex1_derivative.py", text, tmp_path)
    assert {verdict.outcome for verdict in verdicts} == {"wrong"}
    assert said in verdicts[0].said


def test_a_file_may_define_data_classes(tmp_path: Path) -> None:
    """Which look up their module by its name."""
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    x: float\n"
    verdicts = judged("ex1_derivative.py", head + answered("ex1_derivative.py"), tmp_path)
    assert set(outcomes(verdicts).values()) == {"passes"}


def test_nothing_of_a_file_is_left_after_a_check(tmp_path: Path) -> None:
    """No module, no path, no compiled file, no keyboard taken away."""
    before = list(sys.path), sys.stdin, sys.dont_write_bytecode
    assert outcomes(judged("ex5_report.py", answered("ex5_report.py"), tmp_path))["normalise"] == "passes"
    assert (list(sys.path), sys.stdin, sys.dont_write_bytecode) == before
    assert not {Path(file).stem for file in BY_FILE} & set(sys.modules)
    here = sys.modules["value"] = ModuleType("value")
    judged("value.py", answered("value.py"), tmp_path)
    assert sys.modules.pop("value") is here
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ex4_perceptron.py", "ex5_report.py", "value.py"]


# --- The command ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_writes_what_is_not_there_and_overwrites_nothing(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what it wrote and what it left alone, and is 0 both times."""
    folder = tmp_path / "new" / "mine"
    assert main(["--language", language, "exercises", str(folder)]) == 0
    names = [*BY_FILE, "data/advertising.csv"]
    first = capsys.readouterr().out.splitlines()
    assert first[:9] == [SAYS[language]["written"], *(f"  {folder / name}" for name in names)]
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == sorted(names)
    (folder / "value.py").write_text("mine", encoding="utf-8")
    (folder / "ex1_derivative.py").unlink()
    assert main(["exercises", str(folder), "--language", language]) == 0
    again = capsys.readouterr().out.splitlines()
    assert again[:3] == [SAYS[language]["written"], f"  {folder / 'ex1_derivative.py'}", SAYS[language]["kept"]]
    assert (folder / "value.py").read_text(encoding="utf-8") == "mine"


def test_the_folder_is_that_of_all_outputs_if_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`exercises` in --output; a check looks there too."""
    assert main(["--output", str(tmp_path), "exercises"]) == 0
    assert (tmp_path / "exercises" / "value.py").is_file()
    assert main(["exercises", "check", "--output", str(tmp_path), "--language", "ja"]) == 1
    assert "29 のうち 0 が合格" in capsys.readouterr().out


def put(folder: Path, *files: str) -> None:
    folder.mkdir(exist_ok=True)
    for file in files:
        (folder / file).write_text(answered(file), encoding="utf-8")


def test_a_half_finished_folder_is_checked_in_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table has every part; below it stands what is to do next, once for each file, and what to try."""
    main(["exercises", str(tmp_path)])
    put(tmp_path, "ex1_derivative.py", "value.py")
    broken = next(mistake for mistake in MISTAKES if mistake.hint == "half")
    (tmp_path / broken.file).write_text(mistaken(broken), encoding="utf-8")
    (tmp_path / "ex6_mails.py").unlink()
    capsys.readouterr()
    assert main(["exercises", "check", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert re.search(r"^ex1_derivative.py +numerical_derivative +passes\n +derivative +passes$", told, re.MULTILINE)
    assert told.count("TODO: ") == 3
    assert "ex6_mails.py, predict\n  the file is not there; python -m demos exercises" in told
    assert f"Hint: {BY_FILE[broken.file].texts['en']['hint half']}" in told
    assert "See your own neuron" in told


def test_a_folder_in_which_all_is_right_gives_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says so."""
    put(tmp_path, *BY_FILE)
    assert main(["exercises", "check", str(tmp_path)]) == 0
    assert "29 of 29 pass" in capsys.readouterr().out


def test_one_file_is_checked_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its path."""
    put(tmp_path, "ex1_derivative.py")
    assert main(["exercises", "check", str(tmp_path / "ex1_derivative.py")]) == 0
    assert "3 of 3 pass" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "nowhere"], "nowhere is not there; python -m demos exercises nowhere writes it"),
        (["check", "other.py"], "there is no exercise other.py; the exercises are ex1_derivative.py, "),
        (["a", "b"], "got a b; wanted one folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit status 1, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    assert main(["exercises", *words]) == 1
    assert capsys.readouterr().err.startswith(f"exercises: {said}")
    assert not list(tmp_path.iterdir())


def test_exercises_need_none_of_the_packages_of_tests(tmp_path: Path) -> None:
    """Neither to be written nor to be checked, in a fresh interpreter: students do not have them."""
    code = "import sys; sys.modules |= {'hypothesis': None, 'mpmath': None}\n"
    code += "from demos.__main__ import main; sys.exit(main(sys.argv[1:]))"
    for words, status in (([], 0), (["check"], 1)):
        command = [sys.executable, "-c", code, "exercises", *words, str(tmp_path)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert (ran.returncode, ran.stderr) == (status, "")
    assert "0 of 29 pass" in ran.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_exercises_are_listed_after_the_lessons(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a line of their own."""
    assert main(["--language", language]) == 0
    assert "\nexercises  " in capsys.readouterr().out


# --- As plain scripts -----------------------------------------------------------------------------------------


@functools.cache
def run_as_scripts(answers: bool) -> dict[str, str]:
    """What each file prints, run in its own folder, which needs none of this library."""
    code = "import runpy, sys; [(print('#', file), runpy.run_path(file, run_name='__main__')) for file in sys.argv[1:]]"
    with tempfile.TemporaryDirectory() as folder:
        main(["exercises", folder])
        if answers:
            put(Path(folder), *BY_FILE)
        given = [sys.executable, "-c", f"import sys; sys.path[0:0] = ['.']; {code}", *BY_FILE]
        ran = subprocess.run(given, capture_output=True, text=True, check=True, cwd=folder)
        assert ran.stderr == ""
    parts = re.split(r"^# (.*)\n", ran.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_a_skeleton_run_as_a_script_says_what_is_to_do() -> None:
    """In one line, without a traceback."""
    said = run_as_scripts(answers=False)
    assert set(said) == set(BY_FILE)
    assert all(re.fullmatch("TODO: .*\n", text) for text in said.values())


def test_an_answer_run_as_a_script_gives_the_documents_numbers() -> None:
    """Those of documents 001 and 002, and the coefficients that the data were made with."""
    said = run_as_scripts(answers=True)
    assert "x = 1.0000000" in said["ex1_derivative.py"]
    assert "a = 0.780000, b = 2.033333" in said["ex2_least_squares.py"]
    w, b = map(float, re.findall(r"[wb] = ([\d.]+)", said["ex3_gradient_method.py"]))
    assert (w, b) == pytest.approx((0.78, 2.03), abs=0.6)  # the start is random
    assert re.findall(r"-?\d\.\d", said["ex6_mails.py"]) == ["0.0", "1.0", "0.0", "-0.5", "0.5"]
    assert "Value(data=2.0, grad=-3.0)" in said["value.py"]
    last = said["ex5_report.py"].splitlines()[-1]
    assert [float(each) for each in re.findall(r"[-\d.e]+", last.partition("w = ")[2])[:3]] == pytest.approx(
        [0.05, 0.2, 0.02], abs=0.02
    )
