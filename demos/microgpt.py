"""A GPT made of scalars, whole: it reads Japanese given names letter by letter, and then makes names of its own.

Every number in it is a `Value`. The same lines train it twice: by a graph that is made anew for every name, and
compiled, by one program for each length of a name. What it tells and draws is in `_microgpt_story.py`.
"""

import argparse
import functools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import nn
from autograd import Program, Value, compile, leaky_relu, mean, no_grad, softmax
from autograd.compiler.choosing import has_compiler
from demos._microgpt_cells import NOTEBOOK as NOTEBOOK
from demos._names import NAMES

TEACHES = {
    "ja": "GPT をスカラーだけで：注意機構を上から下まで読み、名前を学習させ、新しい名前を作らせる",
    "en": "A GPT made of scalars: attention read from top to bottom; it learns names, and makes new ones",
}
SOURCE = "beyond the documents: Vaswani et al., Attention is all you need (2017); Karpathy, microgpt (2026)"

LETTERS = "." + "".join(sorted(set("".join(NAMES))))  # the dot begins a name and ends it
LENGTHS = sorted({len(name) for name in NAMES})
WIDTH, HEADS, HIDDEN = 16, 4, 64  # numbers for a letter, heads that share them, neurons behind
HELD_OUT, BATCH, STEPS, RATE = 100, 64, 400, 0.005  # names not learned from; names a step; steps; Adam's rate
BACKEND = "c" if has_compiler() else "numpy"

Vector = Sequence[Any]
Matrix = Sequence[Vector]

# --- The model ------------------------------------------------------------------------------------------------


def matrix(rng: np.random.Generator, rows: int, columns: int) -> Matrix:
    """Parameters, so small that at first every letter is as likely as any other."""
    return [[Value(number) for number in row] for row in rng.normal(0, 0.08, (rows, columns)).tolist()]


def inner(a: Vector, b: Vector) -> Any:
    return sum(x * y for x, y in zip(a, b, strict=True))


def linear(weights: Matrix, x: Vector) -> Vector:
    return [inner(row, x) for row in weights]


def add(a: Vector, b: Vector) -> Vector:
    return [x + y for x, y in zip(a, b, strict=True)]


def norm(x: Vector) -> Vector:
    """x, divided by the root of the mean of its squares."""
    scale = (inner(x, x) / len(x) + 1e-5) ** -0.5
    return [each * scale for each in x]


def picked(table: Matrix, letter: int | Vector) -> Vector:
    """The row of a letter: of its number; or, for a program, in which no number is known, of zeros and a one."""
    return table[letter] if isinstance(letter, int) else linear([*zip(*table, strict=True)], letter)


def head(query: Vector, keys: Matrix, values: Matrix) -> tuple[Vector, Vector]:
    """How much it reads of each letter so far, by query · key; and the mean of their values by these weights."""
    weights = softmax([inner(query, key) / len(query) ** 0.5 for key in keys])
    return weights, [inner(weights, column) for column in zip(*values, strict=True)]


def heads(queries: Matrix, keys: Matrix, values: Matrix) -> list[tuple[Vector, Vector]]:
    """Every head for the last letter; each has its own part of the vectors."""
    parts = [slice(k, k + WIDTH // HEADS) for k in range(0, WIDTH, WIDTH // HEADS)]
    return [head(queries[-1][part], [k[part] for k in keys], [v[part] for v in values]) for part in parts]


class GPT(nn.Module):
    """One block of a transformer, from a letter to the logits of the next. What a part finds is added to x."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.letters, self.places = matrix(rng, len(LETTERS), WIDTH), matrix(rng, LENGTHS[-1] + 1, WIDTH)
        self.query, self.key, self.value, self.mix = (matrix(rng, WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = matrix(rng, HIDDEN, WIDTH), matrix(rng, WIDTH, HIDDEN)
        self.out = matrix(rng, len(LETTERS), WIDTH)

    def __call__(self, letters: Sequence[int | Vector]) -> Matrix:
        """At each place the logits of the letter that follows."""
        past = [], [], []
        return [self.following(letter, *past)[0] for letter in letters]

    def following(self, letter: int | Vector, *past: list[Vector]) -> tuple[Vector, list[tuple[Vector, Vector]]]:
        """The logits of what follows one more letter, and what its heads read: queries, keys, values of the past."""
        x = add(picked(self.letters, letter), self.places[len(past[0])])
        for vectors, weights in zip(past, (self.query, self.key, self.value), strict=True):
            vectors.append(linear(weights, norm(x)))
        found = heads(*past)
        x = add(x, linear(self.mix, [number for _, read in found for number in read]))
        x = add(x, linear(self.down, [leaky_relu(0.01)(each) for each in linear(self.up, norm(x))]))
        return linear(self.out, x), found


def loss(model: GPT, letters: Any, following: Any) -> Any:
    """Of a name: the mean over its letters of −log of the probability that the model gave to what follows."""
    return mean([nn.softmax_cross_entropy(z, each) for z, each in zip(model(letters), following, strict=True)])


def sample(model: GPT, rng: np.random.Generator) -> str:
    """A new name: each letter is drawn as likely as the model says, and then read."""
    name, past = [0], ([], [], [])
    while len(name) <= LENGTHS[-1] and (len(name) == 1 or name[-1]):
        with no_grad():
            logits, _ = model.following(name[-1], *past)
        name.append(int(rng.choice(len(LETTERS), p=softmax([z.data for z in logits]))))
    return "".join(LETTERS[k] for k in name).strip(".")


# --- Training -------------------------------------------------------------------------------------------------

Array = NDArray[np.float64]
Names = NDArray[np.int64]  # of one length: the numbers of their letters, from dot to dot


def split(seed: int = 0) -> tuple[list[Names], list[Names]]:
    """Names to learn from, and others; of each length an array."""
    mixed = np.random.default_rng(seed).permutation(NAMES).tolist()
    learned, others = ([numbered(part, n) for n in LENGTHS] for part in (mixed[HELD_OUT:], mixed[:HELD_OUT]))
    return learned, others


def numbered(names: Sequence[str], length: int) -> Names:
    return np.array([[LETTERS.index(k) for k in f".{name}."] for name in names if len(name) == length])


def batches(names: list[Names], steps: int, size: int, seed: int = 0) -> Iterator[Names]:
    """For each step names of one length, which is drawn as often as there are names of it."""
    rng, counts = np.random.default_rng(seed), np.array([*map(len, names)])
    for _ in range(steps):
        yield rng.choice(names[rng.choice(len(names), p=counts / counts.sum())], size)


def by_graph(model: GPT, batches: Iterable[Names]) -> Iterator[float]:
    """Steps by graphs, each made anew; the loss before each step."""
    adam = nn.Adam(RATE)
    for names in batches:
        total = mean([loss(model, name[:-1], name[1:]) for name in names.tolist()])
        model.zero_grad()
        total.backward()
        adam.step(model.parameters())
        yield total.data


def by_program(theta: Array, batches: Iterable[Names], backend: str = BACKEND) -> Iterator[float]:
    """The same steps by programs, on the numbers of the parameters, which they change in place."""
    adam = nn.Adam(RATE)
    for names in batches:
        value, slopes = gradient(theta, names, backend)
        theta[:] = adam.update(theta, slopes)
        yield value


def gradient(theta: Array, names: Names, backend: str = BACKEND) -> tuple[float, Array]:
    """The mean loss of names, and its derivative by every parameter."""
    ready, rows = program(names.shape[1] - 1, backend), np.eye(len(LETTERS))[names]
    ready.parameters = theta
    return ready.value_and_grad(rows[:, :-1], rows[:, 1:])


@functools.cache
def program(places: int, backend: str = BACKEND) -> Program:
    """The loss of names of one length, compiled once, for any parameters."""
    model, rows = GPT(), np.eye(len(LETTERS))[[0] * places]
    return compile(lambda letters, following: loss(model, letters, following), rows, rows, wrt=model, backend=backend)


# --- What it comes to: told, timed and drawn in _microgpt_story.py -----------------------------------------------


def numbers() -> dict[str, float]:
    from demos import _microgpt_story as story

    return story.numbers()


def main(language: Literal["ja", "en"], output: Path, seed: int = 0, steps: int = STEPS) -> None:
    from demos import _microgpt_story as story

    story.tell(language, output, seed, steps)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of the training ({STEPS}, if not given)")
