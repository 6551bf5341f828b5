"""What the lesson `microgpt` measures and tells; the model and its training are in `microgpt.py`."""

import functools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from statistics import median
from textwrap import indent
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import topological_order
from autograd.render.text import ruled
from demos import InputError
from demos import microgpt as gpt
from demos._microgpt_pictures import EXAMPLE, Curve, attention, draw_attention, draw_curves, draw_head
from demos._names import NAMES
from demos._pictures import show

SAMPLES = 20  # names made after training, and half as many before
EVERY = 20  # steps between two points of the curves

_STORY = {
    "ja": """\
GPT は、次の文字を当てる
  名前 {names} 個、うち {held_out} 個は学習に使わない。文字は {letters} 種類（名前の始めと終わりの点を含む）
  パラメータ {parameters:,} 個。「{example}」の損失は、{nodes:,} 個のノードのグラフ

同じ学習を、グラフとプログラムで
{same}

1 歩にかかる時間（{length} 文字の名前、勾配と Adam を含む）
{seconds}

損失は、あてずっぽうの ln {letters} = {chance:.3f} から下がる
{course}

学習前に作る名前は、でたらめ
{before}

{steps} 歩のあとに作る名前は、名前らしい
{after}
  {made} 個のうち {new} 個は、一覧にない新しい名前

注意機構は、それまでの文字のどれをどれだけ読むかを決める
  点数 = クエリ · キー / √{size}。softmax が点数を合計 1 の重みにし、バリューを重みで平均する
  「{example}」の各文字で、{heads} 個のヘッドが最もよく読む文字とその重み：
{attention}
""",
    "en": """\
A GPT guesses the next letter
  {names} names, of which {held_out} are not learned from; {letters} letters, with the dot that begins and ends a name
  {parameters:,} parameters; the loss of "{example}" is a graph of {nodes:,} nodes

The same training, by graphs and by programs
{same}

Time for a step (names of {length} letters; gradient and Adam included)
{seconds}

The loss falls from ln {letters} = {chance:.3f}, which is guessing
{course}

Names made before training are noise
{before}

Names made after training sound like names ({steps} steps)
{after}
  {new} of {made} are new: they are not in the list

Attention decides which of the letters so far is read, and how much
  score = query · key / √{size}; softmax makes them weights that add up to 1; by these the values are averaged
  At each letter of "{example}", which letter each of the {heads} heads reads most, and with which weight:
{attention}
""",
}
_HEADS_OF_TABLES = {
    "ja": {
        "same": ("歩", "グラフの損失", "プログラムの損失", "差"),
        "seconds": (" ", "名前 1 個", " ", "{} 個まとめて、1 個あたり", " "),
        "course": ("歩", "学習した名前", "ほかの名前"),
        "read": "ヘッド {}",
    },
    "en": {
        "same": ("step", "loss by graph", "loss by program", "difference"),
        "seconds": (" ", "one name", " ", "{} names, each", " "),
        "course": ("step", "names learned", "other names"),
        "read": "head {}",
    },
}
_SECONDS = {"ja": "{:9.3f} ミリ秒", "en": "{:9.3f} ms"}
_TIMES = {"ja": "{:>6,.0f} 倍速い", "en": "{:>6,.0f} times as fast"}
_WAYS = {
    "ja": {"eager": "グラフ", "numpy": "プログラム、NumPy", "c": "プログラム、C"},
    "en": {"eager": "graph", "numpy": "program, NumPy", "c": "program, C"},
}


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
    before, theta = samples(model, seed, SAMPLES // 2), numbers_of(model)
    compile_all()
    training, curve = gpt.by_program(theta, gpt.batches(learned, steps, gpt.BATCH, seed)), []
    for step in range(steps + 1):
        if step % EVERY == 0 or step == steps:
            curve.append((step, level(theta, learned), level(theta, others)))
        next(training, None)
    model.load_state(dict(zip(model.state(), theta.tolist(), strict=True)))
    return Learned(model, curve, before, samples(model, seed, SAMPLES))


def compile_all() -> None:
    """The programs of all lengths: while the C compiler makes one, Python records the next."""
    theta = numbers_of(gpt.GPT())
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda names: gpt.gradient(theta, names), gpt.split()[0]))


def numbers_of(model: gpt.GPT) -> NDArray[np.float64]:
    return np.array([*model.state().values()])


def level(theta: NDArray[np.float64], parts: list[gpt.Names]) -> float:
    """The mean loss of names of all lengths."""
    return sum(len(names) * gpt.gradient(theta, names)[0] for names in parts) / sum(map(len, parts))


def samples(model: gpt.GPT, seed: int, count: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [gpt.sample(model, rng) for _ in range(count)]


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
    (names, *_), _ = gpt.split()
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
        raise InputError(f"got --steps={steps}; wanted a number of steps, 0 or more")
    print(story(language, seed, steps))
    files = [output / f"microgpt{name}" for name in (".png", "_attention.png", "_head.svg")]
    learned = results(seed, steps)
    draw_curves(files[0], language, learned.curve)
    draw_attention(files[1], language, learned.model)
    draw_head(files[2], language, learned.model)
    show(language, *files)


def story(language: str, seed: int = 0, steps: int = gpt.STEPS) -> str:
    """The lesson as text."""
    learned, same = results(seed, steps), same_steps(seed)
    return _STORY[language].format(
        names=len(NAMES),
        held_out=gpt.HELD_OUT,
        letters=len(gpt.LETTERS),
        parameters=len(learned.model.parameters()),
        example=EXAMPLE,
        nodes=nodes(),
        same=_table(language, "same", _compared(same)),
        length=gpt.LENGTHS[0],
        seconds=_table(language, "seconds", _timed(language)),
        chance=math.log(len(gpt.LETTERS)),
        course=_table(language, "course", _on_the_way(learned.curve)),
        before=_in_lines(learned.before),
        steps=steps,
        after=_in_lines(learned.after),
        made=SAMPLES,
        new=new(learned.after),
        size=gpt.WIDTH // gpt.HEADS,
        heads=gpt.HEADS,
        attention=_most_read(language, learned.model),
    )


def _table(language: str, name: str, rows: Iterable[Sequence[str]]) -> str:
    first = [cell.format(gpt.BATCH) for cell in _HEADS_OF_TABLES[language][name]]
    return indent(ruled([first, *rows], left=1), "  ")


def _compared(same: list[tuple[float, float]]) -> Iterator[Sequence[str]]:
    for step, (one, other) in enumerate(same, start=1):
        yield str(step), f"{one:.13f}", f"{other:.13f}", f"{abs(one - other):.0e}"


def _timed(language: str) -> Iterator[Sequence[str]]:
    taken = seconds()
    for way, here in taken.items():
        yield [
            _WAYS[language][way],
            *(
                cell
                for by_graphs, each in zip(taken["eager"], here, strict=True)
                for cell in (
                    _SECONDS[language].format(1e3 * each),
                    "" if way == "eager" else _TIMES[language].format(by_graphs / each),
                )
            ),
        ]


def _on_the_way(curve: Curve) -> Iterator[Sequence[str]]:
    for step, learned, others in curve:
        if step % 100 == 0 or step == curve[-1][0]:
            yield str(step), f"{learned:.3f}", f"{others:.3f}"


def _in_lines(names: Sequence[str]) -> str:
    """Ten in a line; a name may have no letter."""
    lines = [names[k : k + 10] for k in range(0, len(names), 10)]
    return "\n".join("  " + " ".join(f"{name or '—':<6}" for name in line).rstrip() for line in lines)


def _most_read(language: str, model: gpt.GPT) -> str:
    weights, letters = attention(model, EXAMPLE), f".{EXAMPLE}"
    rows = [["", *(_HEADS_OF_TABLES[language]["read"].format(h + 1) for h in range(gpt.HEADS))]]
    for place, letter in enumerate(letters):
        most = weights[:, place].argmax(axis=1)
        rows.append([letter, *(f"{letters[k]}  {weights[h, place, k]:.2f}" for h, k in enumerate(most))])
    return indent(ruled(rows, left=1), "  ")
