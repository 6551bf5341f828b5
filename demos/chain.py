"""The chain rule: f = a(w₁, b(w₂, c(w₃))) as code, as a graph, and as a page; each factor stands on its arrow.

Document 004 writes a network as one function in another, and its derivative as a product. Here the factors are read off
the graph, multiplied, and compared with the gradient that the engine finds; then the same with vectors and a matrix,
where the factors are Jacobian matrices, and where it is seen why backpropagation begins at the output.
"""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd import Picture, Value, draw, explain, grad, jacobian
from demos import Part, Try
from demos._pictures import minus, show, show_page

TEACHES = {
    "ja": "連鎖律：f = a(w₁, b(w₂, c(w₃))) の微分は、矢印の上の因子の積",
    "en": "The chain rule: the derivative of f = a(w₁, b(w₂, c(w₃))) is the product of the factors on the arrows",
}
SOURCE = "PythonとKerasによるディープラーニング 2.4.1 導関数, 2.4.4 導関数の連鎖 (document 004)"

WEIGHTS = (20.0, 2.0, 3.0)
EPSILON = 0.001
VECTORS = ((1.0, -1.0, 2.0), ((1.0, 0.0), (2.0, 1.0), (0.0, 1.0)), (3.0, 1.0))
"""w₁, a matrix w₂ and w₃, for the same in vectors."""


def c(w3: Any) -> Any:
    return w3**2


def b(w2: Any, c: Any) -> Any:
    return w2 * c


def a(w1: Any, b: Any) -> Any:
    return w1 - b


def f(w1: Any, w2: Any, w3: Any) -> Any:
    return a(w1, b(w2, c(w3)))


class Chain(NamedTuple):
    """The graph: three weights, what c and b give, and f."""

    w1: Value
    w2: Value
    w3: Value
    c: Value
    b: Value
    f: Value


def chain() -> Chain:
    """The same with a name for each result, with gradients."""
    w1, w2, w3 = (Value(number, name) for number, name in zip(WEIGHTS, ("w₁", "w₂", "w₃"), strict=True))
    of_c = c(w3)
    of_b = b(w2, of_c)
    of_a = a(w1, of_b)
    of_c.label, of_b.label, of_a.label = "c", "b", "f"
    of_a.backward()
    return Chain(w1, w2, w3, of_c, of_b, of_a)


def factors() -> list[float]:
    """∂a/∂b, ∂b/∂c and ∂c/∂w₃, each from its own function."""
    w1, w2, w3 = WEIGHTS
    at_c = c(w3)
    at_b = b(w2, at_c)
    return [grad(a, 1)(w1, at_b), grad(b, 1)(w2, at_c), grad(c)(w3)]


def approximation() -> tuple[float, float]:
    """f at w₃ + ε, and what the document foretells: y + a·ε, where a is the slope."""
    w1, w2, w3 = WEIGHTS
    return f(w1, w2, w3 + EPSILON), f(w1, w2, w3) + grad(f, 2)(w1, w2, w3) * EPSILON


# --- With vectors and a matrix ------------------------------------------------------------------------------------


def squares(w3: Sequence[Any]) -> list[Any]:
    """c: from 2 numbers to 2."""
    return [each**2 for each in w3]


def mixed(c: Sequence[Any]) -> list[Any]:
    """b: from 2 numbers to 3, by the matrix w₂."""
    return [sum(w * x for w, x in zip(row, c, strict=True)) for row in VECTORS[1]]


def weighted(b: Sequence[Any]) -> Any:
    """a: from 3 numbers to 1, by w₁."""
    return sum(w * x for w, x in zip(VECTORS[0], b, strict=True))


def jacobians() -> list[Any]:
    """∂a/∂b (1, 3), ∂b/∂c (3, 2) and ∂c/∂w₃ (2, 2)."""
    at_c = squares(VECTORS[2])
    at_b = mixed(at_c)
    found = [[grad(weighted)(at_b)], jacobian(mixed)(at_c), jacobian(squares)(VECTORS[2])]
    return [np.array(each) for each in found]


def gradient() -> list[float]:
    """∂f/∂w₃ of the whole chain, by the engine."""
    return grad(lambda w3: weighted(mixed(squares(w3))))(list(VECTORS[2]))


def multiplications(matrices: Sequence[Any]) -> int:
    """How many it takes to multiply matrices in this order: (m, k) times (k, n) takes m·k·n."""
    count, (rows, columns) = 0, matrices[0].shape
    for each in matrices[1:]:
        count += rows * columns * each.shape[1]
        columns = each.shape[1]
    return count


def numbers() -> dict[str, float]:
    """f, the factors, the gradients, and what is multiplied from either end."""
    graph, matrices = chain(), jacobians()
    found: dict[str, float] = {"f": graph.f.data, **dict(zip(("∂a/∂b", "∂b/∂c", "∂c/∂w₃"), factors(), strict=True))}
    found |= {f"∂f/∂{w.label}": w.grad for w in graph[:3]}
    found |= dict(zip(("f at w₃ + ε", "foretold"), approximation(), strict=True))
    found |= {f"vectors: ∂f/∂w₃, {i}": slope for i, slope in enumerate(gradient(), start=1)}
    from_output, from_input = multiplications(matrices), multiplications([each.T for each in reversed(matrices)])
    return found | {"from the output": from_output, "from the input": from_input}


_STORY = {
    "ja": """\
1. 関数の中の関数、そのまた中の関数
{code}

2. 順伝播：c から、b、a へ
  c = {w3}² = {c},  b = {w2} × {c} = {b},  f = a = {w1} − {b} = {f}

3. 連鎖律 f(g(x))′ = f′(g(x)) × g′(x)：矢印の上の因子をかける
{paths}
  3 つの関数を別々に微分した因子の積: {product}

4. 勾配は、小さな変化の予測になる：f(w₃ + ε) ≈ f(w₃) + 傾き × ε
  ε = {epsilon}: f = {moved:.6f}、予測 {f} + ({slope}) × {epsilon} = {foretold:.6f}

5. ベクトルと行列でも同じ：因子はヤコビ行列、積は行列の積
  ∂a/∂b = {first}
  × ∂b/∂c = {second}
  × ∂c/∂w₃ = {third}
  エンジンの勾配 {gradient}
  出力の側からかければ、かけ算は {backward} 回。入力の側からなら {forward} 回。逆伝播は出力から始める。
""",
    "en": """\
1. A function in a function in a function
{code}

2. Forward: c, then b, then a
  c = {w3}² = {c},  b = {w2} × {c} = {b},  f = a = {w1} − {b} = {f}

3. The chain rule f(g(x))′ = f′(g(x)) × g′(x): multiply the factors on the arrows
{paths}
  The product of the factors, each from its function alone: {product}

4. A gradient foretells small changes: f(w₃ + ε) ≈ f(w₃) + slope × ε
  ε = {epsilon}: f = {moved:.6f}, foretold {f} + ({slope}) × {epsilon} = {foretold:.6f}

5. The same with vectors and a matrix: the factors are Jacobians, multiplied as matrices
  ∂a/∂b = {first}
  × ∂b/∂c = {second}
  × ∂c/∂w₃ = {third}
  the engine's gradient {gradient}
  From the output it takes {backward} multiplications, from the input {forward}: backpropagation begins at the output.
""",
}
_TITLE = "f = a(w₁, b(w₂, c(w₃)))"


def code() -> str:
    """The four functions, as they stand above."""
    return "\n".join(f"  {line}" for each in (c, b, a, f) for line in _lines(each))


def _lines(function: Any) -> list[str]:
    head, body = inspect.getsource(function).replace(": Any", "").replace(" -> Any", "").splitlines()
    return [f"{head} {body.strip()}"]


def _vector(numbers: Any) -> str:
    return f"({', '.join(minus(f'{number:g}') for number in np.ravel(numbers))})"


def story(language: Literal["ja", "en"]) -> str:
    """The lesson as text; all its numbers are read off the graph."""
    graph, (first, second, third) = chain(), jacobians()
    moved, foretold = approximation()
    paths = str(explain(graph.f, [graph.w1, graph.w2, graph.w3], language=language))
    return _STORY[language].format(
        code=code(),
        **{name: f"{value.data:g}" for name, value in graph._asdict().items()},
        paths="\n".join(f"  {line}" for line in paths.splitlines()),
        product=minus(f"{np.prod(factors()):g}"),
        epsilon=EPSILON,
        moved=moved,
        slope=minus(f"{graph.w3.grad:g}"),
        foretold=foretold,
        first=_vector(first),
        second=_vector(first @ second),
        third=_vector(first @ second @ third),
        gradient=_vector(gradient()),
        backward=multiplications([first, second, third]),
        forward=multiplications([third.T, second.T, first.T]),
    )


def draw_chain(language: Literal["ja", "en"]) -> Picture:
    """The graph, with a symbol and a number for each factor."""
    graph = chain()
    return draw(graph.f, title=_TITLE, language=language, symbolic=True, local=True, parameters=graph[:3])


def main(language: Literal["ja", "en"], output: Path) -> None:
    """Tell the lesson, then draw the graph and make its page."""
    print(story(language))
    output.mkdir(parents=True, exist_ok=True)
    drawn = draw_chain(language)
    show(language, *(drawn.save(output / f"chain.{suffix}") for suffix in ("svg", "png")))
    show_page(language, drawn.save(output / "chain.html"))


NOTEBOOK = (
    Part("WEIGHTS c b a f", "f(*WEIGHTS)"),
    Part("Chain chain", "draw_chain(language)"),
    Part("factors", "factors(), np.prod(factors())"),
    Part("EPSILON approximation", "approximation()"),
    Part(
        "VECTORS squares mixed weighted jacobians gradient multiplications",
        """\
first, second, third = jacobians()
first @ second @ third, gradient()""",
    ),
    Try(
        "`c` を w₃³ に変えると、どの矢印の因子が変わり、どの因子は変わらないだろうか。",
        "Make `c` w₃³. Which factors on the arrows change, and which do not?",
    ),
    Try(
        "因子のひとつが 0 になる w₃ を選ぶと、勾配はいくつだろうか。学習は進むだろうか。",
        "Choose w₃ so that one of the factors is 0. What is the gradient then, and can w₃ learn?",
    ),
)
