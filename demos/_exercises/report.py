"""The report of document 002: scaling, and what it does to learning."""

from typing import Any

import numpy as np

from demos._exercises.answer import Answer, Case, Slip, Unwritten, Wrong, compare, differs, shown, written
from demos._exercises.exercise import Exercise, Part

TEMPLATE = '''\
"""$task"""

import numpy as np
from ex4_perceptron import MeanSquaredError, Perceptron, load, train


def normalise(x):
    """$normalise"""
    # x_n = $blank
    # return x_n, shift, scale
    raise NotImplementedError("TODO: $todo_normalise")


def standardise(x):
    """$standardise"""
    # x_n = $blank
    # return x_n, shift, scale
    raise NotImplementedError("TODO: $todo_standardise")


def original_units(w, b, x_shift, x_scale, t_shift, t_scale):
    """$units"""
    # return w_original, b_original
    raise NotImplementedError("TODO: $todo_units")


REPORT = """TODO: $todo_report"""


def raw(x):
    return x, np.zeros(x.shape[1]), np.ones(x.shape[1])


def main():
    x, t = load()
    for scaled, learning_rate in ((raw, 1e-7), (normalise, 1e-3), (standardise, 1e-3)):
        (x_n, x_shift, x_scale), (t_n, t_shift, t_scale) = scaled(x), scaled(t)
        for max_iteration in (10, 100, 1000):
            perceptron = Perceptron(3, 1, learning_rate, np.random.default_rng(0))
            train(perceptron, MeanSquaredError(), x_n, t_n, max_iteration)
            w, b = perceptron.w, perceptron.b
            if scaled is not raw:
                w, b = original_units(w, b, x_shift, x_scale, t_shift, t_scale)
            error = np.mean((x @ w + b - t) ** 2)
            print(f"{scaled.__name__:12} {learning_rate:g} {max_iteration:5} E = {error:8.4f} w = {w.ravel()} b = {b}")


$end
'''

TEXTS = {
    "ja": {
        "task": """課題・考察：正規化と標準化

情報システム実験実習II 第2回（document 002）：perceptron.py において、学習データ x と教師データ t を
正規化か標準化できるように改良する。その後、正規化や標準化によって重み、出力結果、学習率、学習回数がどのように変化したか考察し述べよ。また、
正規化や標準化がなぜ有効なのか調べよ。

演習(4) の ex4_perceptron.py を使う。正規化・標準化は列（変数）ごとに行う。ヒント：np.max や np.std を用いると良い。
""",
        "normalise": """正規化（Min-Max 法）：列ごとに、最小値を 0、最大値を 1 に変換する。

    x: 形 (データ数, 変数の数)
    返すのは x_n, shift, scale。列ごとに x_n = (x - shift) / scale となるもの。
    """,
        "todo_normalise": "normalise に、正規化を書く",
        "standardise": """標準化：列ごとに、平均 0、標準偏差 1 に変換する。

    返すのは x_n, shift, scale。列ごとに x_n = (x - shift) / scale となるもの。
    """,
        "todo_standardise": "standardise に、標準化を書く",
        "units": """変換したデータで学習した重みとバイアスを、元の単位のものに直す。

    元の x と t について t = x @ w_original + b_original が、変換した x と t についての t_n = x_n @ w + b と
    同じ予測になるようにする。w は形 (入力数, 1)、b は形 (1,)、shift と scale は列ごと。
    """,
        "todo_units": "original_units に、元の単位の重みとバイアスを書く",
        "todo_report": "重み、出力結果、学習率、学習回数はどう変わったか。正規化や標準化はなぜ有効か。ここに書く",
        "blank": "TODO",
        "hint general": "小さい例を紙の上で計算して、比べてみよう。",
        "hint all": "配列全体で計算している。列ごとにするには、axis をどうする？",
        "hint max": "最小値が 0 になっていない。",
        "hint no scale": "ずらしただけで、幅を合わせていない。",
        "hint variance": "分散で割っている。",
        "hint n": "標準偏差を n - 1 で割って求めている。資料の標準偏差は n で割る（np.std のまま）。",
        "hint shift": "(x - shift) / scale が x_n になっていない。",
        "hint units": "t_n = x_n @ w + b に、x_n と t_n の式を代入して、t について解こう。",
    },
    "en": {
        "task": """The report: normalising and standardising.

Document 002 (情報システム実験実習II, second lecture): change perceptron.py so that the inputs x and the targets t
can be normalised or standardised. Then say how the weights, the output, the learning rate and the number of steps have
changed by it, and find out why it helps.

This builds on your ex4_perceptron.py. Scaling is done for each column (variable). The document's tip: use np.max and
np.std.
""",
        "normalise": """Normalising (min-max): in each column the least becomes 0 and the largest 1.

    x: of shape (data, variables)
    Returns x_n, shift, scale, such that x_n = (x - shift) / scale in each column.
    """,
        "todo_normalise": "in normalise, write the normalising",
        "standardise": """Standardising: each column gets mean 0 and standard deviation 1.

    Returns x_n, shift, scale, such that x_n = (x - shift) / scale in each column.
    """,
        "todo_standardise": "in standardise, write the standardising",
        "units": """The weights and the bias that were learned from scaled data, in the units of the data.

    t = x @ w_original + b_original is to be the same prediction for x and t as t_n = x_n @ w + b is for what they were
    scaled to. w is of shape (inputs, 1), b of shape (1,); shift and scale have a number for each column.
    """,
        "todo_units": "in original_units, write the weights and the bias in the units of the data",
        "todo_report": "how did weights, output, learning rate and number of steps change? Why does scaling help? "
        "Write it here",
        "blank": "TODO",
        "hint general": "Work the small case out on paper, and compare.",
        "hint all": "This is computed over the whole array. What does axis have to be for each column?",
        "hint max": "The least does not become 0.",
        "hint no scale": "It is shifted, and as wide as before.",
        "hint variance": "This divides by the variance.",
        "hint n": "This standard deviation is by n - 1; the document's is by n (np.std as it is).",
        "hint shift": "(x - shift) / scale is not x_n.",
        "hint units": "Put the formulas of x_n and t_n into t_n = x_n @ w + b, and solve for t.",
    },
}

TABLES: list[Case] = [
    {"x": np.array([[0.0], [2.0]])},
    {"x": np.array([[1.0], [2.0], [5.0]])},
    {"x": np.array([[1.0, 10.0], [3.0, 40.0], [2.0, 70.0]])},
]


def _scaled(x: Any, shift: Any, scale: Any) -> Any:
    return (x - shift) / scale


def right_normalised(x: Any) -> Any:
    return _scaled(x, np.min(x, 0), np.ptp(x, 0))


def right_standardised(x: Any) -> Any:
    return _scaled(x, np.mean(x, 0), np.std(x, 0))


def _check_scaling(answer: Answer, name: str, right: Any, slips: dict[str, Slip]) -> None:
    """What it gives is scaled so, and is what its shift and scale say."""
    function = answer.find(name)

    def scaled(case: Case) -> Any:
        got = function(**case)
        return got[0] if isinstance(got, tuple | list) and len(got) == 3 else got

    compare(answer, name, TABLES, right, slips=slips, call=scaled)
    for case in TABLES:
        text = written(name, case)
        got = answer.call(text, lambda case=case: function(**case))
        if found := differs(answer, text, got, got, ("x_n", "shift", "scale")):
            raise found
        x_n, *parameters = got
        again = answer.call(text, lambda case=case, p=parameters: _scaled(case["x"], *map(np.asarray, p)))
        if found := differs(answer, text, again, x_n):
            raise answer.wrong(
                "came", "shift", call=text, got=f"(x - shift) / scale = {shown(again)}", right=shown(x_n)
            )


def check_normalise(answer: Answer) -> None:
    slips: dict[str, Slip] = {
        "all": lambda right, case: _scaled(case["x"], np.min(case["x"]), np.ptp(case["x"])),
        "max": lambda right, case: case["x"] / np.max(case["x"], 0),
        "no scale": lambda right, case: case["x"] - np.min(case["x"], 0),
    }
    _check_scaling(answer, "normalise", right_normalised, slips)


def check_standardise(answer: Answer) -> None:
    slips: dict[str, Slip] = {
        "all": lambda right, case: _scaled(case["x"], np.mean(case["x"]), np.std(case["x"])),
        "no scale": lambda right, case: case["x"] - np.mean(case["x"], 0),
        "variance": lambda right, case: _scaled(case["x"], np.mean(case["x"], 0), np.var(case["x"], 0)),
        "n": lambda right, case: _scaled(case["x"], np.mean(case["x"], 0), np.std(case["x"], 0, ddof=1)),
    }
    _check_scaling(answer, "standardise", right_standardised, slips)


def _scales(w: Any, b: float, x: Any, t: Any) -> Case:
    """Weights, a bias, and the shift and scale of the inputs and of the target."""
    shifts = {
        "x_shift": np.array(x[0]),
        "x_scale": np.array(x[1]),
        "t_shift": np.array(t[:1]),
        "t_scale": np.array(t[1:]),
    }
    return {"w": np.array(w)[:, None], "b": np.array([b]), **shifts}


SCALES = (
    _scales([1.0], 0.0, ([0.0], [2.0]), (0.0, 1.0)),
    _scales([1.0], 0.0, ([0.0], [1.0]), (0.0, 3.0)),
    _scales([1.0], 1.0, ([2.0], [1.0]), (4.0, 1.0)),
    _scales([2.0, -1.0], 0.5, ([1.0, 3.0], [2.0, 4.0]), (5.0, 10.0)),
)


def check_units(answer: Answer) -> None:
    """Both predict the same, at the origin, at each unit vector and elsewhere."""
    function = answer.find("original_units")
    for case in SCALES:
        text = written("original_units", case)
        got = answer.call(text, lambda case=case: function(**{name: each.copy() for name, each in case.items()}))
        zeros = np.zeros_like(case["w"]), np.zeros_like(case["b"])
        if got is None or not isinstance(got, tuple | list) or len(got) != 2:
            raise differs(answer, text, got, zeros, ("w_original", "b_original")) or answer.wrong("none", call=text)
        n = len(case["w"])
        for x in (np.zeros(n), *np.eye(n), np.arange(n) + 2.0):
            w, b = (np.asarray(each, dtype=float) for each in got)
            theirs = answer.call(text, lambda x=x, w=w, b=b: (x[None] @ w + b).reshape(-1))
            scaled = _scaled(x, case["x_shift"], case["x_scale"])
            right = (scaled @ case["w"] + case["b"]) * case["t_scale"] + case["t_shift"]
            if found := differs(answer, f"{text}, t({shown(x)})", theirs, right):
                raise Wrong(str(found), answer.hint("units"))


def check_report(answer: Answer) -> None:
    """Something is written; whether it is right is for a reader."""
    report = getattr(answer.module, "REPORT", None)
    if not isinstance(report, str):
        raise answer.wrong("missing", name="REPORT", file=answer.path.name)
    if not report.strip() or "TODO" in report:
        raise Unwritten(report.strip() or "TODO")


EXERCISE = Exercise(
    "ex5_report.py",
    TEMPLATE,
    TEXTS,
    (
        Part("normalise", check_normalise),
        Part("standardise", check_standardise),
        Part("original_units", check_units),
        Part("REPORT", check_report),
    ),
)
