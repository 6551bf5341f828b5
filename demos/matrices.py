"""Derivatives by vectors and matrices: the slide of formulas "to be understood at once", each beside the engine.

The formulas of document 001's appendix are computed as they stand, with numbers, and compared with what the engine
finds from nothing but the function. All but one agree; in that one a letter of the slide has slipped. Two conventions
meet here as well: the slide's ∂Mx/∂x is Mᵀ, the Jacobian matrix is M.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd import dot, grad, jacobian, prod
from autograd import sum as total
from demos import Part, Try
from demos import _pictures as pictures
from demos._pictures import minus

TEACHES = {
    "ja": "ベクトルと行列の微分：∂wᵀx, ∂‖x‖², ∂‖Ax − b‖² の公式を、ひとつずつ自動微分と比べる",
    "en": "Derivatives by vectors and matrices: ∂wᵀx, ∂‖x‖², ∂‖Ax − b‖² and more, each beside the engine",
}
SOURCE = (
    "データマイニングと機械学習 ニューラルネットワーク p. 82-88 (document 001); "
    "PythonとKerasによるディープラーニング 2.4.2 勾配 (document 004)"
)

X = (2.0, -1.0)
W_VECTOR = (3.0, -2.0)
A_VECTOR = (0.5, 1.5)
A = ((2.0, 1.0), (1.0, 2.0), (0.0, 1.0))
B = (4.0, 1.0, 4.0)
SQUARE = ((1.0, 2.0), (0.0, 3.0))
RATE = 0.04  # of the descent in the picture
STEPS = 40

Array = Any  # of float64


def times(M: Sequence[Sequence[Any]], x: Sequence[Any]) -> list[Any]:
    """Mx, of numbers or of Values: a dot product for each row."""
    return [dot(row, x) for row in M]


def squared_length(x: Sequence[Any]) -> Any:
    """‖x‖² = x₁² + … + xₙ²."""
    return total([each**2 for each in x])


def minus_vector(x: Sequence[Any], a: Sequence[Any]) -> list[Any]:
    return [p - q for p, q in zip(x, a, strict=True)]


def distance(x: Sequence[Any]) -> Any:
    """‖x − a‖²."""
    return squared_length(minus_vector(x, A_VECTOR))


def misfit(x: Sequence[Any], M: Sequence[Sequence[Any]] = A) -> Any:
    """‖Mx − b‖²: what least squares makes least."""
    return squared_length(minus_vector(times(M, x), B))


class Rule(NamedTuple):
    """A formula, its numbers, and what the engine finds from the function alone."""

    formula: str
    by_hand: Array
    by_engine: Array
    remark: str = ""
    """The key of a word about it."""


def rules() -> list[Rule]:
    """The slide's, in its order, and three that belong to them."""
    x, w, a, M, b, S = map(np.array, (X, W_VECTOR, A_VECTOR, A, B, SQUARE))

    def by_engine(f: Callable[[Any], Any], at: Any = X) -> Array:
        return np.array(grad(f)([list(each) if isinstance(each, tuple) else each for each in at]))

    return [
        Rule("∂/∂x wᵀx = w", w, by_engine(lambda x: dot(W_VECTOR, x))),
        Rule("∂/∂x ‖x‖² = 2x", 2 * x, by_engine(squared_length)),
        Rule("∂/∂x ‖x − a‖² = 2(x − a)", 2 * (x - a), by_engine(distance), "slip"),
        Rule("∂/∂x ‖Ax − b‖² = 2Aᵀ(Ax − b)", 2 * M.T @ (M @ x - b), by_engine(misfit)),
        Rule("∂/∂x xᵀWx = (W + Wᵀ)x", (S + S.T) @ x, by_engine(lambda x: dot(x, times(SQUARE, x))), "beyond"),
        Rule("∂/∂x Πxᵢ = (Πxᵢ)/xᵢ", np.prod(x) / x, by_engine(prod), "beyond"),
        Rule("∂/∂A ‖Ax − b‖² = 2(Ax − b)xᵀ", 2 * np.outer(M @ x - b, x), by_engine(lambda M: misfit(X, M), A), "shape"),
    ]


def jacobian_matrix() -> Array:
    """∂(Mx)ᵢ/∂xⱼ with i for rows, by the engine: M itself."""
    return np.array(jacobian(lambda x: times(A, x))(list(X)))


def as_the_slide_has_it() -> Array:
    """The slide's formula 2(w − a), where it must be x."""
    return 2 * (np.array(W_VECTOR) - A_VECTOR)


def transposes() -> dict[str, float]:
    """How far the slide's rules of transposing are off, in numbers: not at all."""
    M, S = np.array(A), np.array(SQUARE)
    N = M[::-1]  # another of the size of M
    inverse = np.linalg.inv
    pairs = {
        "(A + B)ᵀ = Aᵀ + Bᵀ": ((M + N).T, M.T + N.T),
        "(AB)ᵀ = BᵀAᵀ": ((M @ S).T, S.T @ M.T),
        "(A⁻¹)ᵀ = (Aᵀ)⁻¹": (inverse(S).T, inverse(S.T)),
    }
    return {rule: difference(*pair) for rule, pair in pairs.items()}


def sizes(m: int = 3, k: int = 2) -> dict[str, tuple[int, ...]]:
    """The slide's questions, for A (m, k), W (m, m) and x (m, 1)."""
    M, S, x = np.ones((m, k)), np.ones((m, m)), np.ones((m, 1))
    return {"Aᵀx": (M.T @ x).shape, "xᵀWx": (x.T @ S @ x).shape, "xᵀx": (x.T @ x).shape}


def least_squares() -> Array:
    """Where 2Aᵀ(Ax − b) = 0: the x of the normal equations AᵀAx = Aᵀb."""
    M = np.array(A)
    return np.linalg.solve(M.T @ M, M.T @ np.array(B))


def descend() -> Array:
    """x ← x − η ∇‖Ax − b‖² from X on; every x, of shape (STEPS + 1, 2)."""
    way = [np.array(X)]
    for _ in range(STEPS):
        way.append(way[-1] - RATE * np.array(grad(misfit)(way[-1].tolist())))
    return np.array(way)


def numbers() -> dict[str, float]:
    """By how much each formula is off, that of the slide with the slip, and the least-squares point."""
    found = {rule.formula: difference(rule.by_hand, rule.by_engine) for rule in rules()}
    found["∂/∂x Mx against M"] = difference(jacobian_matrix(), A)
    found["2(w − a) is off by"] = difference(as_the_slide_has_it(), rules()[2].by_engine)
    x = least_squares().tolist()
    found |= {"least squares x₁": x[0], "least squares x₂": x[1], "least misfit": misfit(x)}
    return found | {"gradient there": difference(grad(misfit)(x), 0), **transposes()}


def difference(a: Any, b: Any) -> float:
    """The largest between two vectors or matrices."""
    return float(np.max(np.abs(np.asarray(a) - np.asarray(b))))


_STORY = {
    "ja": """\
x = {x}, w = {w}, a = {a}, b = {b}, A = {A}, W = {W}

1. 公式と、関数だけから自動微分が求めた値
{rules}
  スライド p. 87 では ∂/∂x ‖x − a‖² が 2(w − a) になっている。w は x の誤記と思われる：2(w − a) = {wrong} は合わない。

2. ベクトルの微分は行列：並べ方に二通りある
  スライドの ∂/∂x Mx = Mᵀ は、成分 ∂(Mx)ⱼ/∂xᵢ を i 行 j 列に並べる（∂/∂x wᵀx = w と同じ縦の並べ方）。
  ヤコビ行列（自動微分の jacobian）は ∂(Mx)ᵢ/∂xⱼ を i 行 j 列に並べるので、M = {J}

3. 転置と大きさ
  {transposes}
  A が 3 × 2、W が 3 × 3、x が 3 × 1 なら {sizes}

4. 勾配が 0 の点：正規方程式 AᵀAx = Aᵀb
  argmin ‖Ax − b‖² = {best}、min ‖Ax − b‖² = {least:g}、そこでの勾配 = {flat}（丸め誤差の範囲で 0）
  勾配降下法（η = {rate:g}、{steps} 回）でも {arrived}
""",
    "en": """\
x = {x}, w = {w}, a = {a}, b = {b}, A = {A}, W = {W}

1. The formulas, and what the engine finds from the function alone
{rules}
  Slide 87 has 2(w − a) for ∂/∂x ‖x − a‖². The w must be a slip for x: 2(w − a) = {wrong} does not fit.

2. The derivative of a vector is a matrix, written in one of two ways
  The slide's ∂/∂x Mx = Mᵀ has ∂(Mx)ⱼ/∂xᵢ in row i, column j (columns stay columns, as in ∂/∂x wᵀx = w).
  The Jacobian matrix (the engine's jacobian) has ∂(Mx)ᵢ/∂xⱼ in row i, column j, which is M = {J}

3. Transposes and sizes
  {transposes}
  If A is 3 × 2, W is 3 × 3 and x is 3 × 1: {sizes}

4. Where the gradient is 0: the normal equations AᵀAx = Aᵀb
  argmin ‖Ax − b‖² = {best}, min ‖Ax − b‖² = {least:g}, the gradient there = {flat} (0 as far as rounding goes)
  Gradient descent (η = {rate:g}, {steps} steps) comes to {arrived}
""",
}
_REMARKS = {
    "ja": {
        "": "",
        "slip": "← スライドは 2(w − a)",
        "beyond": "← スライドにはない",
        "shape": "← A と同じ形",
    },
    "en": {
        "": "",
        "slip": "← slide: 2(w − a)",
        "beyond": "← not on the slide",
        "shape": "← the shape of A",
    },
}
_LABELS = {
    "ja": {
        "map": "‖Ax − b‖² の等高線（矢印：−勾配の向き）",
        "way": "勾配降下法",
        "best": "最小二乗解",
        "jacobian": "ヤコビ行列 M",
        "slide": "スライドの ∂/∂x Mx = Mᵀ",
        "entry": "成分",
    },
    "en": {
        "map": "‖Ax − b‖² (arrows: where −gradient points)",
        "way": "gradient descent",
        "best": "least squares",
        "jacobian": "Jacobian matrix M",
        "slide": "the slide's ∂/∂x Mx = Mᵀ",
        "entry": "entry",
    },
}


def written(numbers: Any) -> str:
    """(1, 2) or ((1, 2), (3, 4))."""
    rows = np.asarray(numbers)
    return f"({', '.join(written(row) if rows.ndim > 1 else minus(f'{row:g}') for row in rows)})"


def story(language: str) -> str:
    """The lesson as text."""
    best, way = least_squares(), descend()
    return _STORY[language].format(
        x=written(X),
        w=written(W_VECTOR),
        a=written(A_VECTOR),
        b=written(B),
        A=written(A),
        W=written(SQUARE),
        rules="\n".join(_row(language, rule) for rule in rules()),
        wrong=written(as_the_slide_has_it()),
        J=written(jacobian_matrix()),
        transposes=",  ".join(transposes()),
        sizes=", ".join(f"{name} {rows} × {columns}" for name, (rows, columns) in sizes().items()),
        best=written(best.round(9)),
        least=misfit(best.tolist()),
        flat=written(np.round(grad(misfit)(best.tolist()), 9) + 0.0),
        rate=RATE,
        steps=STEPS,
        arrived=written(way[-1].round(4)),
    )


def _row(language: str, rule: Rule) -> str:
    line = f"  {rule.formula:<30} = {written(rule.by_hand)}"
    same = np.allclose(rule.by_hand, rule.by_engine, rtol=1e-12)
    return f"{line:<66} {'=' if same else '≠'} {written(rule.by_engine)}  {_REMARKS[language][rule.remark]}".rstrip()


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson and draw the misfit, its gradient, and the two matrices."""
    print(story(language))
    draw_misfit(output / "matrices.png", language)
    pictures.show(language, output / "matrices.png")


def draw_misfit(file: Path, language: str) -> None:
    """Level curves with the way down, and the Jacobian in both ways of writing it."""
    words = _LABELS[language]
    with pictures.drawing(file, width=12, height=5.8) as figure:
        parts: Any = figure.subfigures(1, 2, width_ratios=[1.35, 1])
        _draw_levels(parts[0].subplots(), words)
        above, below = parts[1].subplots(2, 1)
        _draw_matrix(above, jacobian_matrix(), words["jacobian"], "(Mx){}", "x{}", words["entry"])
        _draw_matrix(below, np.array(A).T, words["slide"], "x{}", "(Mx){}", words["entry"])


def _draw_levels(ax: Any, words: dict[str, str]) -> None:
    xs = ys = np.linspace(-1.5, 3.5, 81)
    M, b = np.array(A), np.array(B)
    heights = pictures.grid(lambda p, q: float(np.sum((M @ [p, q] - b) ** 2)), xs, ys)
    levels = [14.2, 16, 20, 27, 38, 55, 80, 115, 160, 220]
    filled = pictures.contours(ax, xs, ys, heights, levels, log=True)
    pictures.colour_bar(ax, filled, "‖Ax − b‖²", ticks=levels[1::2], format="%d")
    places = [[p, q] for p in range(-1, 4) for q in range(-1, 4) if [p, q] != least_squares().round(9).tolist()]
    down = -np.array([grad(misfit)(place) for place in places])
    arrows = 0.38 * down / np.linalg.norm(down, axis=1, keepdims=True)
    as_drawn: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1}  # in units of the axes
    ax.quiver(*np.array(places).T, *arrows.T, color=pictures.INK, width=0.005, zorder=4, **as_drawn)
    pictures.path(ax, descend(), words["way"], pictures.RED)
    cross: dict[str, Any] = {"color": pictures.GREEN, "markeredgecolor": "white", "markersize": 13, "zorder": 8}
    ax.plot(*least_squares(), "P", label=words["best"], **cross)
    ax.set(xlabel="x₁", ylabel="x₂", title=words["map"], aspect="equal", xlim=(-1.5, 3.5), ylim=(-1.5, 3.5))
    pictures.legend_below(ax.figure, ax)


def _draw_matrix(ax: Any, J: Array, title: str, row: str, column: str, entry: str) -> None:
    rows, columns = ([name.format(i) for i in "₁₂₃"[:size]] for name, size in zip((row, column), J.shape, strict=True))
    pictures.matrix(ax, J, rows, columns, entry, lambda number: minus(f"{number:g}"), fontsize=13)
    ax.set(title=title, xlabel=column.format("ⱼ"), ylabel=row.format("ᵢ"))


NOTEBOOK = (
    Part(),
    Part(
        "X W_VECTOR A_VECTOR A B SQUARE times squared_length minus_vector distance misfit Rule rules",
        "{rule.formula: bool(np.allclose(rule.by_hand, rule.by_engine)) for rule in rules()}",
    ),
    Part("jacobian_matrix", "jacobian_matrix()"),
    Part("transposes sizes", "sizes(5, 4)"),
    Part("RATE STEPS least_squares descend", "least_squares().round(9), descend()[-1].round(4)"),
    Part(show="picture(draw_misfit, language)", paragraphs=0),
    Try(
        "`B` を A の列の和 (3, 3, 1) に変えると、‖Ax − b‖² の最小値はいくつになるだろうか。なぜだろうか。",
        "Make `B` the sum of the columns of A, (3, 3, 1). What is the least ‖Ax − b‖² now, and why?",
    ),
    Try(
        "`RATE` をいくつより大きくすると、降下は発散するだろうか。AᵀA の固有値から予想できる。",
        "Above which `RATE` does the descent diverge? The eigenvalues of AᵀA tell.",
    ),
)
