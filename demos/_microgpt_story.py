"""What the lesson `microgpt` tells, times and draws; the model and its training are in `microgpt.py`."""

import functools
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from statistics import median
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import Value, draw, no_grad, topological_order
from demos import InputError
from demos import microgpt as gpt
from demos._names import NAMES
from demos._pictures import BLUE, GREY, RED, colour_bar, drawing, legend_below, show
from nn.names import numbered

SAMPLES = 40  # new names, before and after
EVERY = 20  # steps between two points of the curves
EXAMPLE = "hanako"  # the name whose attention is drawn

_STORY = {
    "ja": """\
GPT は、次の文字を当てる
  {letters} 種類の文字（名前の始めと終わりの点を含む）、名前 {names} 個。うち {held_out} 個は学習に使わない
  パラメータ {parameters:,} 個。「{example}」の損失と勾配は {nodes:,} 個の演算のグラフ

同じ学習を、グラフとプログラムで
  歩    グラフの損失        プログラムの損失    差
{same}

1 歩にかかる時間（{example_length} 文字の名前、勾配と Adam を含む）
                       名前 1 個               {batch} 個のとき 1 個あたり
{seconds}

損失は ln {letters} = {chance:.3f}（あてずっぽう）から下がる
  歩     学習した名前      学習に使わない名前
{course}

学習前に作る名前は、でたらめ
{before}

{steps} 歩のあとに作る名前は、名前らしい
{after}
  {samples} 個のうち {new} 個は、一覧にない新しい名前

注意機構：それまでの文字を、どれだけ読むか
  点数 = クエリ · キー / √{size}。softmax で重み（合計 1）にし、バリューを重みで平均する
  「{example}」の各文字で、{heads} 個のヘッドが最もよく読む文字
{attention}
""",
    "en": """\
A GPT guesses the next letter
  {letters} letters, with the dot that begins and ends a name; {names} names, {held_out} of which are not learned from
  {parameters:,} parameters; the loss of "{example}" is a graph of {nodes:,} operations

The same training, by graphs and by programs
  step  loss by graph       loss by program     difference
{same}

Time for a step ({example_length} letters, with gradient and Adam)
                       of one name             of {batch} names, for each
{seconds}

The loss falls from ln {letters} = {chance:.3f}, which is guessing
  step   names learned      other names
{course}

Names made before training are noise
{before}

Names made after {steps} steps sound like names
{after}
  {new} of {samples} are new: they are not in the list

Attention: how much is read of the letters so far
  score = query · key / √{size}; softmax makes weights of the scores, which add up to 1; values are averaged by weight
  At each letter of "{example}", the letter that each of the {heads} heads reads most
{attention}
""",
}
_SECONDS = {
    "ja": "  {:<16}{:>9.3f} ミリ秒{:>22.4f} ミリ秒{}",
    "en": "  {:<18}{:>10.3f} ms{:>23.4f} ms{}",
}
_TIMES = {
    "ja": "   {:,.0f} 倍速い、まとめれば {:,.0f} 倍速い",
    "en": "   {:,.0f} times as fast, {:,.0f} times as fast",
}
_WAYS = {
    "ja": {"eager": "グラフ", "numpy": "プログラム numpy", "c": "プログラム c"},
    "en": {"eager": "graph", "numpy": "program, numpy", "c": "program, c"},
}
_COURSE = {"ja": "  {:>4}{:>16.3f}{:>20.3f}", "en": "  {:>4}{:>16.3f}{:>14.3f}"}
_READ = {"ja": "  「{}」の {}: {}", "en": "  {}{}: {}"}
_LABELS = {
    "ja": {
        "loss": "1 文字あたりの損失",
        "step": "歩",
        "title": "学習した名前と、学習に使わない名前",
        "learned": "学習した名前",
        "others": "学習に使わない名前",
        "chance": "あてずっぽう ln {}",
        "head": "ヘッド {}",
        "reads": "読まれる文字",
        "at": "読む位置の文字",
        "weight": "重み",
        "score": "「{}」の点数",
        "graph": "「{}」まで読んだヘッド 1：o₁ は v₁ の重みつき平均",
    },
    "en": {
        "loss": "loss for a letter",
        "step": "step",
        "title": "Names learned from, and others",
        "learned": "names learned",
        "others": "other names",
        "chance": "guessing, ln {}",
        "head": "head {}",
        "reads": "letter that is read",
        "at": "letter at which it reads",
        "weight": "weight",
        "score": "score of “{}”",
        "graph": "Head 1 when “{}” has been read: o₁ is the mean of v₁ by weight",
    },
}

Curve = list[tuple[int, float, float]]


class Learned(NamedTuple):
    """What a training gives: the model, the losses on the way, and the names it made before and after."""

    model: gpt.GPT
    curve: Curve
    before: list[str]
    after: list[str]


@functools.cache
def results(seed: int = 0, steps: int = gpt.STEPS) -> Learned:
    """One training; kept, so that story and pictures tell of the same."""
    model, (learned, others) = gpt.GPT(seed), gpt.split(seed)
    before, theta = samples(model, seed), numbers_of(model)
    compile_all()
    training, curve = gpt.by_program(theta, gpt.batches(learned, steps, gpt.BATCH, seed)), []
    for step in range(steps + 1):
        if step % EVERY == 0 or step == steps:
            curve.append((step, level(theta, learned), level(theta, others)))
        next(training, None)
    model.load_state(dict(zip(model.state(), theta.tolist(), strict=True)))
    return Learned(model, curve, before, samples(model, seed))


def compile_all() -> None:
    """The programs of all lengths, side by side: while the C compiler makes one, Python records the next."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda names: gpt.gradient(numbers_of(gpt.GPT()), names), gpt.split()[0]))


def numbers_of(model: gpt.GPT) -> NDArray[np.float64]:
    return np.array([*model.state().values()])


def level(theta: NDArray[np.float64], parts: list[gpt.Names]) -> float:
    """The mean loss of names of all lengths."""
    return sum(len(names) * gpt.gradient(theta, names)[0] for names in parts) / sum(map(len, parts))


def samples(model: gpt.GPT, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [gpt.sample(model, rng) for _ in range(SAMPLES)]


@functools.cache
def same_steps(seed: int = 0, steps: int = 4) -> list[tuple[float, float]]:
    """The losses of the same steps on two names each, by graphs and by programs."""
    model = gpt.GPT(seed)
    taken = [*gpt.batches(gpt.split(seed)[0], steps, 2, seed)]
    theta = numbers_of(model)
    return [*zip(gpt.by_graph(model, taken), gpt.by_program(theta, taken), strict=True)]


def furthest(same: list[tuple[float, float]]) -> float:
    """The largest relative difference."""
    return max(abs(one - other) / abs(one) for one, other in same)


def nodes() -> int:
    """Of the graph of one name's loss: operations, parameters and constants."""
    name = [gpt.LETTERS.index(letter) for letter in f".{EXAMPLE}."]
    return len(topological_order(gpt.loss(gpt.GPT(), name[:-1], name[1:])))


def new(names: Sequence[str]) -> int:
    """How many are not in the list, each counted once."""
    return len(set(names) - set(NAMES))


def numbers() -> dict[str, float]:
    learned = results()
    (_, before, _), (_, after, others) = learned.curve[0], learned.curve[-1]
    return {
        "parameters": len(learned.model.parameters()),
        "nodes of one step": nodes(),
        "loss of guessing": math.log(len(gpt.LETTERS)),
        "loss before": before,
        "loss after, names learned": after,
        "loss after, other names": others,
        "largest difference, graphs and programs": furthest(same_steps()),
        "names made": SAMPLES,
        "names made that are new": new(learned.after),
    }


# --- Time -----------------------------------------------------------------------------------------------------


def seconds(backends: Sequence[str] = tuple(dict.fromkeys(("numpy", gpt.BACKEND)))) -> dict[str, tuple[float, float]]:
    """Of one step on one name, and for each name of a step on many: by graphs, and by programs.

    Graphs have no other way for many names than one after the other.
    """
    (_, _, names), _ = gpt.split()
    model = gpt.GPT()
    alone = middle(gpt.by_graph(model, repeat(names[:1])), 6)
    taken = {"eager": (alone, alone)}
    for backend in backends:
        one, many = (gpt.by_program(numbers_of(model), repeat(names[:n]), backend) for n in (1, gpt.BATCH))
        taken[backend] = middle(one, 60), middle(many, 30) / gpt.BATCH
    return taken


def middle(steps: Iterator[float], count: int) -> float:
    """The median of the seconds of some steps, after one that compiles."""
    next(steps)
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        next(steps)
        taken.append(time.perf_counter() - start)
    return median(taken)


# --- The story ------------------------------------------------------------------------------------------------


def tell(language: Literal["ja", "en"], output: Path, seed: int, steps: int) -> None:
    """All of the lesson."""
    if steps < 0:
        raise InputError(f"--steps={steps} came; wanted a number of steps, 0 or more")
    print(story(language, seed, steps))
    files = [output / f"microgpt{name}.png" for name in ("", "_attention", "_head")]
    learned = results(seed, steps)
    draw_curves(files[0], language, learned.curve)
    draw_attention(files[1], language, learned.model)
    draw_head(files[2], language, learned.model)
    show(language, *files)


def story(language: str, seed: int = 0, steps: int = gpt.STEPS) -> str:
    """The lesson as text."""
    learned, same = results(seed, steps), same_steps(seed)
    course = [each for each in learned.curve if each[0] % 100 == 0 or each[0] == steps]
    return _STORY[language].format(
        letters=len(gpt.LETTERS),
        names=len(NAMES),
        held_out=gpt.HELD_OUT,
        parameters=len(learned.model.parameters()),
        example=EXAMPLE,
        nodes=nodes(),
        same="\n".join(
            f"  {k:>3}   {one:.14f}    {other:.14f}    {abs(one - other):.0e}" for k, (one, other) in enumerate(same, 1)
        ),
        example_length=gpt.LENGTHS[-1],
        batch=gpt.BATCH,
        seconds="\n".join(_timed(language)),
        chance=math.log(len(gpt.LETTERS)),
        course="\n".join(_COURSE[language].format(*each) for each in course),
        steps=steps,
        before=_in_lines(learned.before),
        after=_in_lines(learned.after),
        samples=SAMPLES,
        new=new(learned.after),
        size=gpt.WIDTH // gpt.HEADS,
        heads=gpt.HEADS,
        attention="\n".join(_most_read(learned.model)),
    )


def _timed(language: str) -> Iterator[str]:
    taken = seconds()
    for way, (one, many) in taken.items():
        quicker = [by / here for by, here in zip(taken["eager"], (one, many), strict=True)]
        times = "" if way == "eager" else _TIMES[language].format(*quicker)
        yield _SECONDS[language].format(_WAYS[language][way], 1e3 * one, 1e3 * many, times)


def _in_lines(names: Sequence[str]) -> str:
    return "\n".join("  " + " ".join(f"{name:<7}" for name in names[k : k + 10]).rstrip() for k in range(0, 20, 10))


def _most_read(model: gpt.GPT) -> Iterator[str]:
    """Of each letter of the example, what the heads read most."""
    weights = attention(model, EXAMPLE)
    letters = f".{EXAMPLE}"
    for place, letter in enumerate(letters):
        read = [f"{letters[k]} {weights[h, place, k]:.2f}" for h, k in enumerate(weights[:, place].argmax(axis=1))]
        yield f"  {letter}   {'   '.join(read)}"


# --- Pictures -------------------------------------------------------------------------------------------------


def past(model: gpt.GPT, name: str) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """The queries, keys and values of a name, and what the heads read at each letter."""
    queries, keys, values, found = [], [], [], []
    with no_grad():
        for letter in f".{name}":
            found.append(model.following(gpt.LETTERS.index(letter), queries, keys, values)[1])
    return queries, keys, values, found


def attention(model: gpt.GPT, name: str) -> NDArray[np.float64]:
    """The weights, of shape (heads, letters, letters): at each letter how much of each letter is read."""
    places = len(name) + 1
    weights = np.zeros((gpt.HEADS, places, places))
    for place, found in enumerate(past(model, name)[3]):
        for number, (read, _) in enumerate(found):
            weights[number, place, : place + 1] = [weight.data for weight in read]
    return weights


def draw_curves(file: Path, language: str, curve: Curve) -> None:
    """The loss of names learned from and of others, step by step."""
    words, (steps, learned, others) = _LABELS[language], zip(*curve, strict=True)
    chance = math.log(len(gpt.LETTERS))
    with drawing(file, width=8, height=4.6) as figure:
        ax = figure.subplots()
        ax.plot(steps, learned, color=BLUE, label=words["learned"])
        ax.plot(steps, others, color=RED, linestyle="--", label=words["others"])
        ax.axhline(chance, color=GREY, linestyle=":", label=words["chance"].format(len(gpt.LETTERS)))
        ax.set(xlabel=words["step"], ylabel=words["loss"], title=words["title"], ylim=(1, 1.08 * chance))
        legend_below(figure, ax)


def draw_attention(file: Path, language: str, model: gpt.GPT, name: str = EXAMPLE) -> None:
    """The weights of every head: a line for each letter, and in it how much it reads of those before."""
    words, letters = _LABELS[language], list(f".{name}")
    weights = attention(model, name)
    with drawing(file, width=12.5, height=3.8) as figure:
        axes: Any = figure.subplots(1, gpt.HEADS, sharey=True)
        for number, ax in enumerate(axes):
            seen = np.ma.masked_where(np.triu(np.ones_like(weights[0]), 1) > 0, weights[number])
            image = ax.imshow(seen, cmap="Blues", vmin=0, vmax=1)
            ax.set(title=words["head"].format(number + 1), xlabel=words["reads"])
            ax.set_xticks(range(len(letters)), letters)
            ax.set_yticks(range(len(letters)), letters)
            ax.grid(False)
        axes[0].set_ylabel(words["at"])
        colour_bar(list(axes), image, words["weight"], ticks=[0, 0.5, 1])


def draw_head(file: Path, language: str, model: gpt.GPT, read: str = EXAMPLE[:2]) -> None:
    """The graph of the first number that the first head gives for the last letter of some."""
    words, part, letters = _LABELS[language], slice(0, gpt.WIDTH // gpt.HEADS), f".{read}"
    queries, keys, values, _ = past(model, read)
    q = _named(queries[-1][part], "q")
    k, v = (
        [_named(row[part], f"{what}({at})") for at, row in zip(letters, rows, strict=True)]
        for what, rows in (("k", keys), ("v", values))
    )
    weights, given = gpt.head(q, k, v)
    scores = [weight.inputs[0].inputs[0] for weight in weights]
    for at, score, weight in zip(letters, scores, weights, strict=True):
        score.label, weight.label = f"s({at})", f"w({at})"
    given[0].label = "o₁"
    boxes = {words["score"].format(at): score for at, score in zip(letters, scores, strict=True)} | {"softmax": weights}
    draw(given[0], title=words["graph"].format(read), language=language, group=boxes, collapse=list(boxes)).save(file)


def _named(numbers: Sequence[Any], name: str) -> list[Value]:
    return [Value(each.data, numbered(name, i)) for i, each in enumerate(numbers)]
