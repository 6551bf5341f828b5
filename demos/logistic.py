"""Logistic regression on breast cancer data: what is learned, what is chosen, and what is only then measured.

Weights are learned from the training data. When to stop, and above which probability a tumour is called malignant, is
chosen on the validation data. The test data are looked at once, at the end: only they say how good all of it is.
"""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import compile, sigmoid
from demos import Part, Try
from demos import _pictures as pictures

TEACHES = {
    "ja": "ロジスティック回帰：訓練・検証・テストの分割、しきい値、正解率・適合率・再現率",
    "en": "Logistic regression: training, validation and test data, the threshold, accuracy, precision, recall",
}
SOURCE = "Training and Test Sets, Validation Set, Logistic Regression, Classification (document 000, Day 4, units 2–6)"

MISS_COST = 10  # a malignant tumour that is missed costs as much as so many false alarms
THRESHOLDS = np.arange(2, 100, 2) / 100
PATIENCE = 10  # epochs without a lower validation loss, after which training ends

_STORY = {
    "ja": """\
乳がんのデータ（{features} 個の特徴量、{n} 例）を三つに分ける。悪性を 1、良性を 0 とする。
  訓練 {train}（悪性 {train_ones}）  検証 {validation}（悪性 {validation_ones}）  テスト {test}（悪性 {test_ones}）
標準化の平均と標準偏差は、訓練データだけから求める。

学習：確率 p = σ(w·x + b)、クロスエントロピー、Adam。検証データの損失が最小のエポックで止める。
  {epochs} エポック学習し、{best} エポック目を採用：損失 訓練 {loss:.4f}、検証 {validation_loss:.4f}

しきい値：p がこれ以上なら「悪性」。見逃し 1 件を誤報 {cost} 件分の損とみなし、検証データで選ぶ。
  しきい値  見逃し  誤報   損
{choice}

テストデータ（ここで初めて使う。悪性は {test_ones} 例なので、1 例で再現率は {grain:.1%} 変わる）
  しきい値  正解率  適合率  再現率  見逃し  誤報   損
{results}
これだけの例数では、どちらの損が小さいかは分け方の運にも左右される：--seed 1, --seed 2, … で比べてみるとよい。
いつも「良性」と答えても正解率は {lazy:.1%}：正解率だけでは分からない。
""",
    "en": """\
Breast cancer data ({features} features, {n} cases), in three parts. Malignant is 1, benign is 0.
  training {train} ({train_ones} malignant), validation {validation} ({validation_ones}), test {test} ({test_ones})
Means and standard deviations for standardising come from the training data alone.

Learning: probability p = σ(w·x + b), cross-entropy, Adam, ended where the loss of the validation data is lowest.
  {epochs} epochs, of which epoch {best} is kept: loss {loss:.4f} (training), {validation_loss:.4f} (validation)

Threshold: from this p on the answer is "malignant". A miss counts as {cost} false alarms; the validation data choose.
  threshold  missed  false alarms  cost
{choice}

Test data, looked at for the first time ({test_ones} malignant, so one of them is {grain:.1%} of the recall)
  threshold  accuracy  precision  recall  missed  false alarms  cost
{results}
With so few cases, which of the costs is lower is also luck of the split: compare --seed 1, --seed 2, …
Whoever always says "benign" has an accuracy of {lazy:.1%}: accuracy alone says little.
""",
}
_CHOICE = {
    "ja": "  {threshold:>8.2f}{missed:>8}{alarms:>6}{cost:>5}{mark}",
    "en": "  {threshold:>9.2f}{missed:>8}{alarms:>14}{cost:>6}{mark}",
}
_MARK = {"ja": "  ← 最小", "en": "  ← lowest"}
_RESULT = {
    "ja": "  {threshold:>8.2f}{accuracy:>8.1%}{precision:>8.1%}{recall:>8.1%}{missed:>8}{alarms:>6}{cost:>5}",
    "en": "  {threshold:>9.2f}{accuracy:>10.1%}{precision:>11.1%}{recall:>8.1%}{missed:>8}{alarms:>14}{cost:>6}",
}
_LABELS = {
    "ja": {
        "loss": ("訓練", "検証"),
        "losses": "学習（採用：{} エポック目）",
        "loss axis": "損失",
        "score axis": "検証データでの値",
        "cases": "例数",
        "scores": ("正解率", "適合率", "再現率"),
        "choice": "検証データ：しきい値 {:.2f} を選ぶ",
        "test": "テスト：しきい値 {:.2f}",
        "classes": ("良性", "悪性"),
        "axes": {"xlabel": "予測", "ylabel": "正解"},
        "epoch": "エポック",
        "threshold": "しきい値",
    },
    "en": {
        "loss": ("training", "validation"),
        "losses": "Learning (kept: epoch {})",
        "loss axis": "loss",
        "score axis": "on the validation data",
        "cases": "cases",
        "scores": ("accuracy", "precision", "recall"),
        "choice": "validation data: threshold {:.2f} is chosen",
        "test": "test data, threshold {:.2f}",
        "classes": ("benign", "malignant"),
        "axes": {"xlabel": "predicted", "ylabel": "true"},
        "epoch": "epoch",
        "threshold": "threshold",
    },
}


class Samples(NamedTuple):
    """Samples: standardised features of shape (n, 30), and labels, 1 for malignant."""

    X: NDArray[np.float64]
    y: NDArray[np.int64]


class Learned(NamedTuple):
    """A trained model, how it came about, and the three parts of the data."""

    model: nn.Perceptron
    history: nn.History
    train: Samples
    validation: Samples
    test: Samples


class Scores(NamedTuple):
    """What a threshold makes of some samples."""

    threshold: float
    accuracy: float
    precision: float
    recall: float
    missed: int
    alarms: int

    @property
    def cost(self) -> int:
        return MISS_COST * self.missed + self.alarms


def parts(seed: int = 0) -> tuple[Samples, Samples, Samples]:
    """60 % of the cases to train with, 20 % to choose with, 20 % to test with."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    split: Any = train_test_split
    data: Any = load_breast_cancer()
    X, y = data.data, 1 - data.target  # there, 1 is benign; what is looked for shall be 1
    X_train, X_rest, y_train, y_rest = split(X, y, test_size=0.4, stratify=y, random_state=seed)
    X_val, X_test, y_val, y_test = split(X_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=seed)
    scale: Any = StandardScaler().fit(X_train).transform
    return Samples(scale(X_train), y_train), Samples(scale(X_val), y_val), Samples(scale(X_test), y_test)


@functools.cache
def learned(seed: int = 0) -> Learned:
    """The regression; kept, so that story and pictures tell of one training."""
    train, validation, test = parts(seed)
    model = nn.Perceptron(train.X.shape[1], "identity", initialization="zeros")
    history = nn.fit(
        model,
        "binary_cross_entropy",
        *train,
        optimizer=nn.Adam(0.05),
        epochs=100,
        validation=validation,
        patience=PATIENCE,
        progress=False,
    )
    return Learned(model, history, train, validation, test)


def probabilities(model: nn.Perceptron, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """σ of the logits: how likely each case is malignant."""
    return compile(lambda x: sigmoid(model(x)), [0.0] * X.shape[1])(X)


def scores(y: NDArray[np.int64], probability: NDArray[np.float64], threshold: float) -> Scores:
    """Count and compare."""
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score

    answer = probability >= threshold
    (_, alarms), (missed, _) = confusion_matrix(y, answer, labels=[0, 1]).tolist()
    measured = [float(score(y, answer)) for score in (accuracy_score, precision_score, recall_score)]
    return Scores(threshold, *measured, missed=missed, alarms=alarms)


@functools.cache
def choices(seed: int = 0) -> list[Scores]:
    """What each threshold makes of the validation data."""
    model, _, _, validation, _ = learned(seed)
    probability = probabilities(model, validation.X)
    return [scores(validation.y, probability, threshold) for threshold in THRESHOLDS.tolist()]


def chosen(seed: int = 0) -> float:
    """The threshold of lowest cost on the validation data."""
    return min(choices(seed), key=lambda each: each.cost).threshold


def results(seed: int = 0) -> tuple[Scores, Scores]:
    """On the test data: the threshold ½, and the chosen one."""
    model, _, _, _, test = learned(seed)
    probability = probabilities(model, test.X)
    return scores(test.y, probability, 0.5), scores(test.y, probability, chosen(seed))


def numbers() -> dict[str, float]:
    """The test data under both thresholds."""
    half, best = results()
    found = {f"½: {name}": number for name, number in half._asdict().items()}
    return found | {f"chosen: {name}": number for name, number in best._asdict().items()}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    _, history, train, validation, test = learned(seed)
    return _STORY[language].format(
        features=train.X.shape[1],
        n=len(train.y) + len(validation.y) + len(test.y),
        train=len(train.y),
        validation=len(validation.y),
        test=len(test.y),
        train_ones=train.y.sum(),
        validation_ones=validation.y.sum(),
        test_ones=test.y.sum(),
        epochs=history.epochs,
        best=history.best_epoch,
        loss=history.losses[history.best_epoch - 1],
        validation_loss=history.validation_losses[history.best_epoch - 1],
        cost=MISS_COST,
        choice="\n".join(_choice(language, seed)),
        grain=1 / test.y.sum(),
        results="\n".join(_RESULT[language].format(**result._asdict(), cost=result.cost) for result in results(seed)),
        lazy=1 - test.y.mean(),
    )


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson, then draw losses, thresholds and the two confusion matrices."""
    print(story(language, seed))
    file = output / "logistic.png"
    draw_choice(file, language, seed)
    pictures.show(language, file)


def _choice(language: str, seed: int) -> Iterator[str]:
    best = chosen(seed)
    for each in choices(seed):
        if each.threshold in (0.1, 0.3, 0.5, 0.7, 0.9, best):
            mark = _MARK[language] if each.threshold == best else ""
            yield _CHOICE[language].format(**each._asdict(), cost=each.cost, mark=mark)


def draw_choice(file: Path, language: str, seed: int = 0) -> None:
    """Four pictures: the losses, the choice of the threshold, and the test data under both thresholds."""
    words, (_, history, *_) = _LABELS[language], learned(seed)
    with pictures.drawing(file, width=11.5, height=8.6) as figure:
        (losses, choice), (half, best) = figure.subplots(2, 2)
        curves = dict(zip(words["loss"], (history.losses, history.validation_losses), strict=True))
        pictures.curves(losses, curves, np.arange(1, history.epochs + 1))
        losses.axvline(history.best_epoch, color=pictures.GREY, linestyle=":")
        pictures.epochs(losses, history.epochs)
        titled = words["losses"].format(history.best_epoch)
        losses.set(xlabel=words["epoch"], ylabel=words["loss axis"], title=titled)
        tried = choices(seed)
        measured = (
            [each.accuracy for each in tried],
            [each.precision for each in tried],
            [each.recall for each in tried],
        )
        pictures.curves(choice, dict(zip(words["scores"], measured, strict=True)), THRESHOLDS)
        choice.axvline(chosen(seed), color=pictures.GREY, linestyle=":")
        choice.set(xlabel=words["threshold"], ylabel=words["score axis"], title=words["choice"].format(chosen(seed)))
        for ax, result in zip((half, best), results(seed), strict=True):
            _draw_matrix(ax, result.threshold, words, seed)
        pictures.colour_bar([half, best], half.images[0], words["cases"])


def _draw_matrix(ax: Any, threshold: float, words: dict[str, Any], seed: int) -> None:
    from sklearn.metrics import ConfusionMatrixDisplay

    model, _, _, _, test = learned(seed)
    answer = probabilities(model, test.X) >= threshold
    most = {"vmin": 0, "vmax": int(np.bincount(test.y).max())}  # the same colours for both thresholds
    look = {"cmap": "Blues", "colorbar": False, "text_kw": {"fontsize": 17}, "im_kw": most}
    ConfusionMatrixDisplay.from_predictions(test.y, answer, display_labels=words["classes"], ax=ax, **look)
    ax.grid(False)
    ax.set(title=words["test"].format(threshold), **words["axes"])


NOTEBOOK = (
    Part("Samples parts", "[len(part.y) for part in parts()]"),
    Part(
        "PATIENCE Learned learned probabilities", "probabilities(learned().model, learned().validation.X)[:5].round(4)"
    ),
    Part("MISS_COST THRESHOLDS Scores scores choices chosen", "chosen()"),
    Part("results", "results()"),
    Part(show="picture(draw_choice, language)", paragraphs=0),
    Try(
        "見逃しの損 `MISS_COST` を 1、100 にすると、どのしきい値が選ばれるだろうか。",
        "With `MISS_COST` 1 and 100, which threshold is chosen?",
    ),
    Try(
        "`parts(seed=1)`、`parts(seed=2)` では、選んだしきい値はテストデータでも良いだろうか。",
        "With the splits of seeds 1 and 2, is the chosen threshold good on the test data too?",
    ),
)
