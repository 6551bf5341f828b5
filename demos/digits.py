"""Handwritten digits: softmax, cross-entropy and a hidden layer, trained by five optimisers.

An image of 8 × 8 pixels goes in and ten numbers come out; softmax turns them into probabilities, and the loss is
−log of the probability of the right digit. At first all ten are about as likely, so the loss begins near log 10.
"""

import functools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import compile, softmax
from demos import Part, Try
from demos import _pictures as pictures

TEACHES = {
    "ja": "手書き数字：ソフトマックスとクロスエントロピー、最適化手法の比較、混同行列",
    "en": "Handwritten digits: softmax and cross-entropy, optimisers compared, the confusion matrix",
}
SOURCE = (
    "ソフトマックス関数, クロスエントロピー (document 001, slides 35 and 50); SGD の変種 (document 004, section 2.4.3)"
)

WIDTHS = (32, 10)
EPOCHS = 20
BATCH = 32
LECTURE = (10.0, 2.0, 1.0)  # the lecture's example of softmax
SHOWN = "Adam"  # whose confusion matrix is drawn

_STORY = {
    "ja": """\
ソフトマックス：どんな数の組も、足して 1 になる確率にする。
  softmax({lecture}) = {softmax}
損失はクロスエントロピー −log p（p は正解の数字の確率）。10 個とも同じ確率なら log 10 = {chance:.3f}。

8 × 8 画素の手書き数字：学習 {train} 枚、テスト {test} 枚。{model}、パラメータ {parameters} 個
{batch} 枚ずつのミニバッチで {epochs} エポック（{steps} 回の更新）。初期値もミニバッチの順も同じ。
  手法       学習率   損失：1 エポック   {epochs} エポック   テスト正解率
{table}

{shown}：テスト {test} 枚のうち間違いは {wrong} 枚。
""",
    "en": """\
Softmax turns any numbers into probabilities, which add up to 1:
  softmax({lecture}) = {softmax}
The loss is the cross-entropy −log p, p the probability of the right digit. If all ten are alike: log 10 = {chance:.3f}.

Handwritten digits of 8 × 8 pixels: {train} to learn from, {test} to test with. {model}, {parameters} parameters
{epochs} epochs of mini-batches of {batch} ({steps} updates), from the same start, in the same order.
  optimiser    rate    loss: 1 epoch    {epochs} epochs    test accuracy
{table}

{shown}, wrong: {wrong} of the {test} test images.
""",
}
_ROW = {
    "ja": "  {:<10}{:>7g}{:>19.4f}{:>14.4f}{:>15.1%}",
    "en": "  {:<10}{:>7g}{:>17.4f}{:>13.4f}{:>17.1%}",
}
_SECONDS = {
    "ja": "{} の学習にかかった時間：{:.2f} 秒（コンパイルを含む）",
    "en": "Seconds to train by {}: {:.2f} s (compiling included)",
}
_LABELS = {
    "ja": {
        "learning": "手法ごとの学習",
        "loss": "学習データの損失",
        "images": "枚数",
        "epoch": "エポック",
        "matrix": "{}：テストの混同行列（{:.1%}）",
        "axes": {"xlabel": "予測", "ylabel": "正解"},
        "wrong": "間違えた画像（正解 → 予測）",
    },
    "en": {
        "learning": "Learning by five optimisers",
        "loss": "loss of the training data",
        "images": "images",
        "epoch": "epoch",
        "matrix": "{}: confusion matrix, test data ({:.1%})",
        "axes": {"xlabel": "predicted", "ylabel": "true"},
        "wrong": "images taken for another digit (true → predicted)",
    },
}


class Learned(NamedTuple):
    """A trained network, its losses, and the digits it reads in the test images."""

    model: nn.MLP
    history: nn.History
    read: NDArray[np.int64]


def optimisers() -> dict[str, nn.Optimizer]:
    """Each with a rate that suits it. Change one, and see."""
    return {
        "SGD": nn.SGD(0.1),
        "Momentum": nn.Momentum(0.1, momentum=0.9),
        "AdaGrad": nn.AdaGrad(0.05),
        "RMSProp": nn.RMSProp(0.003),
        "Adam": nn.Adam(0.005),
    }


@functools.cache
def digits(seed: int = 0) -> Any:
    """Images, pixels from 0 to 1, and digits: those to learn from, those to test with, as scikit-learn splits them.

    Returns:
        X_train (1437, 64), X_test (360, 64), y_train (1437,), y_test (360,).
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data: Any = load_digits()
    return train_test_split(data.data / 16, data.target, test_size=0.2, stratify=data.target, random_state=seed)


def train(optimizer: nn.Optimizer, seed: int = 0, epochs: int = EPOCHS, **settings: Any) -> tuple[nn.MLP, nn.History]:
    """One network, by one optimiser."""
    X, _, y, _ = digits(seed)
    model = nn.MLP(64, WIDTHS, initialization="he", seed=seed)
    history = nn.fit(
        model,
        "softmax_cross_entropy",
        X,
        y,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
        progress=False,
        **settings,
    )
    return model, history


def read(model: nn.MLP, X: NDArray[np.float64]) -> NDArray[np.int64]:
    """The digit with the largest output, which is the one with the largest probability."""
    outputs = compile(model, [0.0] * X.shape[1])(X)  # recorded once, for one image, and run on all of them
    return np.argmax(outputs, axis=1)


@functools.cache
def results(seed: int = 0) -> dict[str, Learned]:
    """What comes of each optimiser; kept, so that story and pictures tell of one training."""
    found = {}
    for name, optimizer in optimisers().items():
        model, history = train(optimizer, seed)
        found[name] = Learned(model, history, read(model, digits(seed)[1]))
    return found


def accuracy(learned: Learned, seed: int = 0) -> float:
    """The part of the test images that is read rightly."""
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(digits(seed)[3], learned.read))


def lecture() -> list[float]:
    """Softmax of the lecture's three numbers."""
    return [float(p) for p in softmax(LECTURE)]


def numbers() -> dict[str, float]:
    """The lecture's softmax, and each optimiser's last loss and test accuracy."""
    found = {f"softmax({u:g})": p for u, p in zip(LECTURE, lecture(), strict=True)}
    for name, learned in results().items():
        found |= {f"{name}: loss": learned.history.losses[-1], f"{name}: accuracy": accuracy(learned)}
    return found


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    X, _, _, y_test = digits(seed)
    shown = results(seed)[SHOWN]
    return _STORY[language].format(
        lecture=", ".join(f"{u:g}" for u in LECTURE),
        softmax=", ".join(f"{p:.4f}" for p in lecture()),
        chance=np.log(10),
        train=len(X),
        test=len(y_test),
        model=shown.model,
        parameters=len(shown.model.parameters()),
        batch=BATCH,
        epochs=EPOCHS,
        steps=shown.history.steps,
        table="\n".join(_table(language, seed)),
        shown=SHOWN,
        wrong=int(np.sum(shown.read != y_test)),
    )


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson, time it, and draw the losses, the confusion matrix and the mistakes."""
    print(story(language, seed))
    start = time.perf_counter()
    train(optimisers()[SHOWN], seed)
    print(_SECONDS[language].format(SHOWN, time.perf_counter() - start))
    file = output / "digits.png"
    draw_digits(file, language, seed)
    pictures.show(language, file)


def _table(language: str, seed: int) -> Iterator[str]:
    for (name, learned), optimizer in zip(results(seed).items(), optimisers().values(), strict=True):
        first, last = learned.history.losses[0], learned.history.losses[-1]
        yield _ROW[language].format(name, optimizer.rate, first, last, accuracy(learned, seed))


def draw_digits(file: Path, language: str, seed: int = 0) -> None:
    """Loss curves, the confusion matrix, and some of the images that were read wrongly."""
    found, words = results(seed), _LABELS[language]
    with pictures.drawing(file, width=12, height=7.6) as figure:
        parts: Any = figure.subfigures(2, 1, height_ratios=[3.4, 1])
        above, below = parts
        losses, matrix = above.subplots(1, 2)
        curves = {name: learned.history.losses for name, learned in found.items()}
        pictures.curves(losses, curves, np.arange(1, EPOCHS + 1), log=True, look=pictures.OPTIMISERS)
        losses.set(xlabel=words["epoch"], ylabel=words["loss"], title=words["learning"])
        pictures.epochs(losses, EPOCHS)
        _draw_matrix(matrix, found[SHOWN], words, seed)
        _draw_mistakes(below, found[SHOWN], words["wrong"], seed)


def _draw_matrix(ax: Any, learned: Learned, words: dict[str, Any], seed: int) -> None:
    from sklearn.metrics import ConfusionMatrixDisplay

    ConfusionMatrixDisplay.from_predictions(digits(seed)[3], learned.read, ax=ax, cmap="Blues", colorbar=False)
    ax.grid(False)
    pictures.colour_bar(ax, ax.images[0], words["images"], shrink=0.8)
    ax.set(title=words["matrix"].format(SHOWN, accuracy(learned, seed)), **words["axes"])


def _draw_mistakes(figure: Any, learned: Learned, title: str, seed: int) -> None:
    _, X, _, y = digits(seed)
    figure.suptitle(title, x=0.01, ha="left")
    wrong = np.flatnonzero(learned.read != y).tolist()
    for ax, i in zip(figure.subplots(1, 12), [*wrong, *[None] * 12], strict=False):
        ax.axis("off")
        if i is not None:
            ax.imshow(X[i].reshape(8, 8), cmap="gray_r")
            ax.set_title(f"{y[i]} → {learned.read[i]}", loc="center", fontsize=10, pad=3)


NOTEBOOK = (
    Part("LECTURE lecture", "lecture()"),
    Part("WIDTHS EPOCHS BATCH digits optimisers train"),
    Part(
        "SHOWN Learned read results accuracy",
        "{name: round(accuracy(learned), 4) for name, learned in results().items()}",
    ),
    Part(show="picture(draw_digits, language)", paragraphs=0),
    Try(
        "学習率をひとつだけ 10 倍、1/10 倍にして、損失の曲線を比べよ。どの手法がいちばん影響を受けるか。",
        "Make one rate ten times as large, then a tenth. Which optimiser minds most?",
    ),
    Try(
        "`WIDTHS` を (10,) にすると隠れ層がなくなる。正解率はどれだけ下がるだろうか。",
        "With `WIDTHS` (10,) there is no hidden layer. How much accuracy is lost?",
    ),
    Part(paragraphs=0, skipped=1),
)
