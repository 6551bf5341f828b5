"""Make an operation of your own: two closures, and it draws, checks, differentiates and learns.

The operation here is snake, x + sin²x, an activation for what repeats itself (Ziyin, Hartwig & Ueda, Neural networks
fail to learn periodic functions and how to fix it, 2020). The library does not have it; what stands between the lines
"The operation" and "The story" is all that it takes. Change it, and run the lesson again.
"""

import functools
import inspect
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np

import nn
from autograd import GradientMismatch, Op, Value, check_gradient, cos, draw, no_grad, sin
from demos import Part, Try
from demos._pictures import GREY, INK, RED, TEAL, drawing, show

TEACHES = {
    "ja": "自分の演算を作る：定義し、描き、確かめ、それで学習するまで 30 行",
    "en": "Make your own operation: define it, draw it, check it and train with it, in 30 lines",
}
SOURCE = "beyond the documents; the activations are those of document 001 p. 34-36, and one more"

# --- The operation ----------------------------------------------------------------------------------------------

SNAKE = Op(
    "snake",
    forward=lambda x: x + sin(x) ** 2,
    backward=lambda g, y, x: (g * (1 + sin(2 * x)),),  # what comes from the output × the local derivative
)


def see(**options):
    x, w = Value(0.7, "x"), Value(2.0, "w")
    y = SNAKE(w * x)
    y.backward()
    return draw(y, **options)


def check():
    return check_gradient(SNAKE, 0.7)


def wave(x):
    return x / 2 + np.sin(2 * x)


def train(activation, seed):
    X = np.linspace(-3, 3, 31)
    model = nn.MLP(1, [8, 1], activation, initialization="glorot", seed=seed)
    nn.fit(model, "squared_error", X[:, None], wave(X), optimizer=nn.Adam(0.03), epochs=400, progress=False)
    return model


# --- The story --------------------------------------------------------------------------------------------------

# `primitive("snake", forward=…, backward=…)` makes the same operation and enters it in the library's table besides:
# then `activation="snake"`, pickles and saved models find it by name.

MISTAKE = Op("snake", SNAKE.forward, lambda g, y, x: (g * (1 + cos(2 * x)),))
"""As one might get it wrong."""


@functools.cache
def trained(seed: int) -> tuple[nn.MLP, nn.MLP]:
    """A network of snake and one of tanh."""
    return train(SNAKE, seed), train("tanh", seed)


def error_beyond(model: nn.MLP) -> float:
    """Mean squared error where the model has seen no data, 3 < |x| < 6."""
    x = np.concatenate([np.linspace(-6, -3.2, 15), np.linspace(3.2, 6, 15)])
    return float(np.mean((predict(model, x) - wave(x)) ** 2))


def predict(model: nn.MLP, x: Any) -> Any:
    with no_grad():
        return np.array([model([number]).data for number in x.tolist()])


def numbers(seed: int = 0) -> dict[str, float]:
    """The derivative, how wrong the mistake is, and how the two networks go on beyond their data."""
    x = Value(0.7)
    SNAKE(x).backward()
    snake, tanh = trained(seed)
    return {
        "snake′(0.7)": x.grad,
        "lines": sum(bool(line) for line in recipe().splitlines()),
        "error beyond, snake": error_beyond(snake),
        "error beyond, tanh": error_beyond(tanh),
    }


def recipe() -> str:
    """The lines of this file that make the operation and use it: a program of its own."""
    source = inspect.getsource(sys.modules[__name__])
    imports = [line for line in source.splitlines() if line.startswith(("import numpy", "import nn", "from autograd"))]
    code = source.split("# --- The operation")[1].split("# --- The story")[0].split("\n", 1)[1]
    return "\n".join(imports) + "\n\n" + code.strip().replace("\n\n\n", "\n\n")


_STORY = {
    "ja": """\
ライブラリにない演算を、{lines} 行で

{recipe}

1. 描く: {pictures}

2. 確かめる: check_gradient(SNAKE, 0.7)
{good}

   微分をうっかり 1 + cos 2x と書くと
{bad}

3. 学習する: 31 個のデータ（|x| ≤ 3）から y = x/2 + sin 2x を覚え、その先 3 < |x| ≤ 6 を予測する
   平均二乗誤差  snake {snake:.2f}、tanh {tanh:.2f}
   くり返すものは、くり返す活性化関数で。
""",
    "en": """\
An operation that the library does not have, in {lines} lines

{recipe}

1. See it: {pictures}

2. Check it: check_gradient(SNAKE, 0.7)
{good}

   With a slip, 1 + cos 2x for the derivative
{bad}

3. Train with it: from 31 points (|x| ≤ 3) of y = x/2 + sin 2x, predict how it goes on, 3 < |x| ≤ 6
   mean squared error: snake {snake:.2f}, tanh {tanh:.2f}
   For what repeats itself, an activation that does.
""",
}
_WORDS = {
    "ja": {
        "truth": "y = x/2 + sin 2x",
        "data": "学習データ",
        "network": "snake のネットワーク",
        "other": "tanh のネットワーク",
        "title": "データの外（灰色の外側）を予測する",
    },
    "en": {
        "truth": "y = x/2 + sin 2x",
        "data": "training data",
        "network": "network of snake",
        "other": "network of tanh",
        "title": "Going on beyond the data (outside the grey)",
    },
}


def story(language: str, pictures: str, seed: int = 0) -> str:
    """The lesson as text.

    Args:
        pictures: where the picture of the graph is.
    """
    found = numbers(seed)
    return _STORY[language].format(
        lines=found["lines"],
        recipe=_indented(recipe()),
        pictures=pictures,
        good=_indented(str(check())),
        bad=_indented(complaint()),
        snake=found["error beyond, snake"],
        tanh=found["error beyond, tanh"],
    )


def complaint() -> str:
    """What check_gradient says of the mistake."""
    try:
        check_gradient(MISTAKE, 0.7)
    except GradientMismatch as mismatch:
        return str(mismatch)
    raise RuntimeError("check_gradient found nothing wrong with 1 + cos 2x: has snake been changed?")


def _indented(text: str) -> str:
    return "\n".join(f"   {line}".rstrip() for line in text.splitlines())


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson, draw the operation's graph, and what the networks predict."""
    graph = output / "make_your_own-graph.svg"
    print(story(language, str(graph), seed))
    output.mkdir(parents=True, exist_ok=True)
    see(language=language).save(graph)
    draw_predictions(output / "make_your_own.png", language, seed)
    show(language, output / "make_your_own.png")


def draw_predictions(file: Path, language: str, seed: int = 0) -> None:
    words = _WORDS[language]
    x, data = np.linspace(-6, 6, 241), np.linspace(-3, 3, 31)
    snake, tanh = trained(seed)
    with drawing(file, width=9) as figure:
        ax = figure.subplots()
        ax.axvspan(-3, 3, color="#EEF1F3", zorder=0)
        ax.plot(x, wave(x), color=GREY, linewidth=4, alpha=0.5, label=words["truth"])
        ax.plot(x, predict(tanh, x), "--", color=TEAL, label=words["other"])
        ax.plot(x, predict(snake, x), color=RED, label=words["network"])
        ax.plot(data, wave(data), "o", color=INK, markersize=4.5, label=words["data"], zorder=5)
        ax.set(xlabel="x", ylabel="y", title=words["title"], xlim=(-6, 6))
        ax.legend(loc="upper left")


NOTEBOOK = (
    Part("SNAKE see", "see(language=language)"),
    Part("MISTAKE check", "print(check())", paragraphs=5, skipped=6),
    Part("wave train trained predict error_beyond", "[round(error_beyond(model), 2) for model in trained(0)]"),
    Part(show="picture(draw_predictions, language)", paragraphs=0),
    Try(
        "`SNAKE` の backward を `MISTAKE` のように間違えて、`check()` が何と言うか見よ。",
        "Get `backward` of `SNAKE` wrong, as in `MISTAKE`, and see what `check()` says.",
    ),
    Try(
        "自分の活性化関数（たとえば x + cos x や x tanh x）で同じことをしてみよ。",
        "Do the same with an activation of your own, such as x + cos x or x tanh x.",
    ),
)
