"""Representation: what a linear model can learn depends on the features that it is given.

Rides of a bicycle hire rise and fall with the hour and hang on the weather. The hour as a number allows one slope, the
weather as a code an order that it has not. Buckets of hours, one feature for each kind of weather (one-hot), and their
crosses let the same model say what it could not say. So do products and squares for classes that no line divides.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import compile
from demos import Part, Try, playground
from demos import _pictures as pictures

TEACHES = {
    "ja": "表現：数値・区間分け・one-hot・特徴の交差。線形モデルのまま、特徴だけを変える",
    "en": "Representation: numbers, buckets, one-hot, crosses; the model stays linear, only its features change",
}
SOURCE = "Representation (document 000, レッスン&ハンズオン 4)"

RIDES, HELD_OUT = 400, 3  # of so many rows one is not learned from
BUCKET = 2  # hours
KINDS = 3  # of weather
EPOCHS = 400

Array = NDArray[np.float64]


class Rides(NamedTuple):
    """Of each row the hour, the weather (0, 1, 2) and the number of rides."""

    hour: NDArray[np.int64]
    weather: NDArray[np.int64]
    rides: Array


def draw_rides(seed: int = 0) -> Rides:
    """Two peaks a day, smaller where it is cloudy and much smaller in the rain; some noise."""
    rng = np.random.default_rng(seed)
    hour, weather = rng.integers(0, 24, RIDES), rng.integers(0, KINDS, RIDES)
    day = 20 + 110 * np.exp(-((hour - 8) ** 2) / 8) + 150 * np.exp(-((hour - 18) ** 2) / 14)
    rides = day * np.array([1.0, 0.3, 0.8])[weather] + rng.normal(0, 8, RIDES)
    return Rides(hour, weather, np.maximum(rides, 0))


# --- Features -------------------------------------------------------------------------------------------------


def one_hot(labels: NDArray[np.int64], kinds: int) -> Array:
    """A column for each kind: 1 in the rows of that kind, else 0."""
    return (labels[:, None] == np.arange(kinds)).astype(np.float64)


def as_numbers(hour: Any, weather: Any) -> Array:
    """Both as numbers from 0 to 1: the weather as if rain lay between sun and clouds."""
    return np.column_stack([hour / 23, weather / (KINDS - 1)])


def with_one_hot(hour: Any, weather: Any) -> Array:
    """The hour as a number, the weather one-hot."""
    return np.column_stack([hour / 23, one_hot(weather, KINDS)])


def with_buckets(hour: Any, weather: Any) -> Array:
    """The hour in buckets too."""
    return np.column_stack([one_hot(hour // BUCKET, 24 // BUCKET), one_hot(weather, KINDS)])


def with_crosses(hour: Any, weather: Any) -> Array:
    """A column for each pair of a bucket and a kind of weather: the product of their columns."""
    return one_hot(hour // BUCKET * KINDS + weather, 24 // BUCKET * KINDS)


FEATURES: dict[str, Callable[[Any, Any], Array]] = {
    "numbers": as_numbers,
    "one-hot": with_one_hot,
    "buckets": with_buckets,
    "crosses": with_crosses,
}


def as_they_are(X: Array) -> Array:
    """x₁ and x₂."""
    return X


def with_product(X: Array) -> Array:
    """x₁, x₂, x₁x₂."""
    return np.column_stack([X, X[:, 0] * X[:, 1]])


def with_squares(X: Array) -> Array:
    """x₁, x₂, x₁², x₂²."""
    return np.column_stack([X, X**2])


SHAPES: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "xor, x₁ x₂": ("xor", as_they_are),
    "xor, x₁ x₂ x₁x₂": ("xor", with_product),
    "circles, x₁ x₂": ("circles", as_they_are),
    "circles, x₁ x₂ x₁² x₂²": ("circles", with_squares),
}


# --- The linear model -----------------------------------------------------------------------------------------


def learn(X: Array, y: Any, loss: Any) -> nn.Neuron:
    """w·x + b, whatever the features: by Adam from 0."""
    model = nn.Neuron(X.shape[1], "identity", initialization="zeros")
    nn.fit(model, loss, X, y, optimizer=nn.Adam(0.1), epochs=EPOCHS, progress=False)
    return model


def outputs(model: nn.Neuron, X: Array) -> Array:
    """w·x + b of each row."""
    return np.asarray(compile(model, [0.0] * X.shape[1])(X))


class Model(NamedTuple):
    """What was learned with some features."""

    neuron: nn.Neuron
    features: Callable[[Any, Any], Array]
    scale: float

    def rides(self, hour: Any, weather: Any) -> Array:
        return self.scale * outputs(self.neuron, self.features(hour, weather))


@functools.cache
def ride_models(seed: int = 0) -> dict[str, Model]:
    """One for each kind of features; kept, so that story and pictures tell of one training."""
    hour, weather, rides = (each[~held_out()] for each in draw_rides(seed))
    scale = float(rides.std())
    return {
        name: Model(learn(features(hour, weather), rides / scale, "half_squared_error"), features, scale)
        for name, features in FEATURES.items()
    }


def held_out() -> NDArray[np.bool_]:
    """Which rows are not learned from."""
    return np.arange(RIDES) % HELD_OUT == 0


def off(model: Model, seed: int = 0) -> float:
    """The root of the mean square by which it is off, on rows that it has not seen."""
    hour, weather, rides = (each[held_out()] for each in draw_rides(seed))
    return float(np.sqrt(np.mean((model.rides(hour, weather) - rides) ** 2)))


@functools.cache
def shape_models(seed: int = 0) -> dict[str, nn.Neuron]:
    """Logistic regression of the classes, with and without products or squares."""
    found = {}
    for name, (which, features) in SHAPES.items():
        X, y = playground.points(which, seed).samples(held=False)
        found[name] = learn(features(X), y, "binary_cross_entropy")
    return found


def accuracy(name: str, seed: int = 0) -> float:
    """The part of the points held out that is on its side."""
    which, features = SHAPES[name]
    X, y = playground.points(which, seed).samples(held=True)
    return float(np.mean((outputs(shape_models(seed)[name], features(X)) > 0) == y))


# --- The lesson -----------------------------------------------------------------------------------------------


def numbers(seed: int = 0) -> dict[str, float]:
    """By features how many weights there are and how far off the model is; and the accuracies of the classes."""
    models = ride_models(seed)
    return {
        **{f"{name}: weights": len(model.neuron.w) for name, model in models.items()},
        **{f"{name}: off by": off(model, seed) for name, model in models.items()},
        **{f"{name}: accuracy": accuracy(name, seed) for name in SHAPES},
    }


_STORY = {
    "ja": """\
1. 生のデータは、特徴量（数の並び）にしてから線形モデル w·x + b に渡す：貸し自転車の利用回数 {rows} 行
  生の値: {raw}
{vectors}

2. モデルは同じまま、特徴量だけを変える：見ていない {held} 行での誤差（二乗平均の平方根）
{errors}
  天気の番号には順序の意味がない：one-hot なら、天気ごとに重みがひとつある。
  時刻の区間（{bucket} 時間ごと）には山が二つあってもよい。交差は「雨の日の朝」に重みを与える。

3. 積と二乗も特徴量：直線で分けられないクラスのロジスティック回帰、見ていない点の正解率
{classes}
  尺度をそろえること（正規化・標準化）の効果は、レッスン scaling で測る。
""",
    "en": """\
1. Raw data become features, a list of numbers, for the linear model w·x + b: {rows} rows of a bicycle hire
  raw: {raw}
{vectors}

2. The model stays, only the features change: how far off it is (root mean square) on {held} rows not learned from
{errors}
  The number of a kind of weather has no order: one-hot, each kind has a weight of its own.
  Buckets of hours ({bucket} hours each) may have two peaks. Crosses give "a rainy morning" a weight.

3. Products and squares are features too: logistic regression of classes no line divides; right on points held out
{classes}
  What scaling does (normalising, standardising) is measured in the lesson scaling.
""",
}
_RAW = {
    "ja": "{} 時, {}",
    "en": "{} o'clock, {}",
}
_WORDS = {
    "ja": {
        "weather": ("晴れ", "雨", "曇り"),
        "numbers": "数値のまま",
        "one-hot": "天気を one-hot",
        "buckets": "時刻を区間に",
        "crosses": "区間 × 天気の交差",
        "off": "{0}：特徴 {1:>2} 個、誤差 {2:.1f}",
        "right": "{}：{:.0%}",
        "title": "{}（誤差 {:.1f}）",
        "hour": "時刻",
        "rides": "利用回数",
        "classes": ("0", "1"),
        "boundary": "境界（確率 ½）",
    },
    "en": {
        "weather": ("sun", "rain", "clouds"),
        "numbers": "as numbers",
        "one-hot": "weather one-hot",
        "buckets": "hours in buckets",
        "crosses": "buckets × weather",
        "off": "{0}: features {1:>2}, off by {2:.1f}",
        "right": "{}: {:.0%}",
        "title": "{} (off by {:.1f})",
        "hour": "hour",
        "rides": "rides",
        "classes": ("0", "1"),
        "boundary": "boundary (probability ½)",
    },
}


def story(language: str, seed: int = 0) -> str:
    """The lesson as text."""
    words, found = _WORDS[language], numbers(seed)
    hour, weather, _ = draw_rides(seed)
    return _STORY[language].format(
        rows=RIDES,
        raw=_RAW[language].format(hour[0], words["weather"][weather[0]]),
        vectors="\n".join(_vector(language, name, hour[:1], weather[:1]) for name in FEATURES),
        held=int(held_out().sum()),
        errors="\n".join(
            "  " + words["off"].format(words[name], found[f"{name}: weights"], found[f"{name}: off by"])
            for name in FEATURES
        ),
        bucket=BUCKET,
        classes="\n".join("  " + _right(language, name, seed) for name in SHAPES),
    )


def _vector(language: str, name: str, hour: Any, weather: Any) -> str:
    (row,) = FEATURES[name](hour, weather)
    return f"  {_WORDS[language][name]}: ({' '.join(f'{x:.3g}' for x in row)})"


def _right(language: str, name: str, seed: int) -> str:
    which, columns = name.split(", ")
    called = f"{playground.WORDS[language][which]} ({columns})"
    return _WORDS[language]["right"].format(called, accuracy(name, seed))


def main(language: Literal["ja", "en"], output: Path, seed: int = 0) -> None:
    """Tell the lesson and draw what the models say, by their features."""
    print(story(language, seed))
    files = [output / f"representation-{name}.png" for name in ("rides", "classes")]
    draw_models(files[0], language, seed)
    draw_classes(files[1], language, seed)
    pictures.show(language, *files)


def draw_models(file: Path, language: str, seed: int = 0) -> None:
    """The rides by hour, and what each model says of each kind of weather."""
    words: dict[str, Any] = _WORDS[language]
    with pictures.drawing(file, width=11.5, height=7.6) as figure:
        axes: Any = figure.subplots(2, 2, sharex=True, sharey=True)
        for ax, (name, model) in zip(axes.ravel(), ride_models(seed).items(), strict=True):
            _draw_rides(ax, model, draw_rides(seed), words)
            ax.set(title=words["title"].format(words[name], off(model, seed)), xticks=range(0, 25, 4))
        for ax in axes[1]:
            ax.set_xlabel(words["hour"])
        for ax in axes[:, 0]:
            ax.set_ylabel(words["rides"])
        pictures.legend_below(figure, *axes.ravel())


def _draw_rides(ax: Any, model: Model, data: Rides, words: dict[str, Any]) -> None:
    hours = np.arange(24)
    for kind, colour, mark, line in zip(
        range(KINDS),
        (pictures.AMBER, pictures.BLUE, pictures.GREY),
        ("o", "v", "s"),
        ("-", "--", "-."),
        strict=True,
    ):
        rows = data.weather == kind
        ax.plot(data.hour[rows], data.rides[rows], mark, color=colour, markersize=3, alpha=0.45)
        said = model.rides(hours, np.full(24, kind))
        ax.plot(hours, said, line, color=colour, linewidth=2.4, label=words["weather"][kind], drawstyle="steps-mid")


def draw_classes(file: Path, language: str, seed: int = 0) -> None:
    """Points of classes that no line divides, and the boundaries with and without products or squares."""
    words: dict[str, Any] = _WORDS[language]
    with pictures.drawing(file, width=13, height=4.6) as figure:
        axes: Any = figure.subplots(1, 4, sharey=True)
        across = np.linspace(-2.4, 2.4, 81)
        plane = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
        for ax, (name, (which, features)) in zip(axes, SHAPES.items(), strict=True):
            scores = outputs(shape_models(seed)[name], features(plane)).reshape(81, 81)
            pictures.boundary(ax, across, across, scores, name=words["boundary"])
            pictures.classes(ax, *playground.points(which, seed).samples(held=True), words["classes"])
            ax.set(title=_right(language, name, seed), xlabel="x₁", aspect="equal")
        axes[0].set_ylabel("x₂")
        pictures.legend_below(figure, *axes)


NOTEBOOK = (
    Part(
        "RIDES KINDS BUCKET Rides draw_rides one_hot as_numbers with_one_hot with_buckets with_crosses FEATURES",
        """\
hour, weather, rides = draw_rides()
{name: features(hour[:1], weather[:1]) for name, features in FEATURES.items()}""",
    ),
    Part(
        "HELD_OUT EPOCHS learn outputs Model held_out ride_models off",
        "{name: round(off(model), 2) for name, model in ride_models().items()}",
    ),
    Part(show="picture(draw_models, language)", paragraphs=0),
    Part(
        "as_they_are with_product with_squares SHAPES shape_models accuracy",
        "{name: accuracy(name) for name in SHAPES}",
    ),
    Part(show="picture(draw_classes, language)", paragraphs=0),
    Try(
        "区間の幅 `BUCKET` を 1、6 時間にすると、誤差はどうなるだろうか。特徴は何個になるだろうか。",
        "With buckets (`BUCKET`) of 1 and 6 hours, how far off are the models, and how many features are there?",
    ),
    Try(
        "`with_squares` から x₁ と x₂ を除くと、円は分けられるだろうか。xor に `with_squares` を使うと。",
        "Leave x₁ and x₂ out of `with_squares`: are the circles still divided? And what does it do for xor?",
    ),
)
