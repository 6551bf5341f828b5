"""The GPT of scalars: held to the same formulas in JAX, to itself compiled, and to what a language model keeps."""

import itertools
import math
from pathlib import Path

import jax
import numpy as np
import pytest
from jax import numpy as jnp

from demos import _microgpt_story as story
from demos import microgpt as gpt
from demos.__main__ import main
from demos._microgpt_pictures import attention
from demos._names import NAMES


def numbered(name: str) -> list[int]:
    return [gpt.LETTERS.index(letter) for letter in f".{name}."]


def logits(model: gpt.GPT, letters: list[int]) -> np.ndarray:
    return np.array([[z.data for z in row] for row in model(letters)])


def livelier(seed: int = 0) -> gpt.GPT:
    """A model with parameters of the size that training makes them."""
    model = gpt.GPT(seed)
    for parameter in model.parameters():
        parameter.data *= 5
    return model


def by_jax(theta: jax.Array, letters: jax.Array) -> jax.Array:
    """The loss in matrices, for all places at once, with a mask for what comes later."""
    D, V, places = gpt.WIDTH, len(gpt.LETTERS), gpt.LENGTHS[-1] + 1
    shapes = [(V, D), (places, D), *[(D, D)] * 4, (gpt.HIDDEN, D), (D, gpt.HIDDEN), (V, D)]
    ends = np.cumsum([a * b for a, b in shapes])[:-1]
    E, P, Q, K, W, M, up, down, out = (
        part.reshape(shape) for part, shape in zip(jnp.split(theta, ends), shapes, strict=True)
    )

    def norm(x: jax.Array) -> jax.Array:
        return x / jnp.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)

    x = E[letters[:-1]] + P[: len(letters) - 1]
    q, k, v = (
        (norm(x) @ each.T).reshape(len(x), gpt.HEADS, -1).transpose(1, 0, 2) for each in (Q, K, W)
    )  # heads, places, numbers
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(D / gpt.HEADS)
    scores = jnp.where(jnp.tril(jnp.ones_like(scores)) > 0, scores, -jnp.inf)
    x = x + (jax.nn.softmax(scores) @ v).transpose(1, 0, 2).reshape(len(x), D) @ M.T
    x = x + jax.nn.leaky_relu(norm(x) @ up.T, 0.01) @ down.T
    return -jax.nn.log_softmax(x @ out.T)[jnp.arange(len(x)), letters[1:]].mean()


def test_loss_and_gradient_of_a_name_are_those_of_the_formulas_in_jax() -> None:
    """By a graph and by a program, to 1e-10."""
    letters, model = numbered("misaki"), livelier()
    theta = story.numbers_of(model)
    with jax.enable_x64(True):
        value, slopes = jax.jit(jax.value_and_grad(by_jax))(jnp.asarray(theta), jnp.asarray(letters))
        value, slopes = float(value), np.asarray(slopes)
    total = gpt.loss(model, letters[:-1], letters[1:])
    total.backward()
    program_value, program_slopes = gpt.gradient(theta, np.array([letters]))
    assert [total.data, program_value] == pytest.approx([value] * 2, rel=1e-10)
    assert np.array([p.grad for p in model.parameters()]) == pytest.approx(slopes, rel=1e-10, abs=1e-12)
    assert program_slopes == pytest.approx(slopes, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("backend", dict.fromkeys(["numpy", gpt.BACKEND]))
def test_the_same_steps_by_graphs_and_by_programs_have_the_same_losses(backend: str) -> None:
    """To 1e-9, and afterwards the same parameters; several names a step, with Adam."""
    names = np.array([numbered(name) for name in ("sora", "yuki", "hina", "goro")])
    model = livelier()
    theta = story.numbers_of(model)
    taken = [names[:1], names[1:], names]
    losses = [[*gpt.by_graph(model, taken)], [*gpt.by_program(theta, taken, backend)]]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
    assert story.numbers_of(model) == pytest.approx(theta, rel=1e-6, abs=1e-9)
    assert not np.allclose(theta, story.numbers_of(livelier()))


def test_a_length_has_one_program_which_is_kept() -> None:
    """And takes whatever parameters it is given."""
    kept = gpt.program.cache_info().misses
    names = np.array([numbered("sora")])
    first, other = (gpt.gradient(story.numbers_of(livelier(seed)), names)[0] for seed in (0, 1))
    assert first != other
    assert gpt.gradient(story.numbers_of(livelier(0)), names)[0] == first
    assert gpt.program.cache_info().misses <= kept + 1


def test_a_later_letter_changes_no_earlier_logit() -> None:
    """Bit for bit; and the letter itself changes all that come after it."""
    model, letters = livelier(), numbered("haruka")[:-1]
    for changed in (1, 3, 6):
        other = [*letters]
        other[changed] = gpt.LETTERS.index("z")
        before, after = logits(model, letters), logits(model, other)
        assert (before[:changed] == after[:changed]).all()
        assert (before[changed:] != after[changed:]).any(axis=1).all()


def test_the_weights_of_a_head_add_up_to_one_over_the_letters_so_far() -> None:
    """None is below 0, and nothing later is read."""
    weights = attention(livelier(), "hanako")
    assert weights.shape == (gpt.HEADS, 7, 7)
    assert weights.sum(axis=2) == pytest.approx(np.ones((gpt.HEADS, 7)))
    assert (weights >= 0).all()
    assert (np.triu(weights, 1) == 0).all()
    assert np.ptp(weights, axis=0).max() > 0.1  # the heads differ


def test_names_that_are_made_have_the_letters_of_the_list() -> None:
    """At most as many as the longest name; a seed gives the same names."""
    made, again, other = (
        [gpt.sample(livelier(), rng) for _ in range(4)] for rng in map(np.random.default_rng, (3, 3, 4))
    )
    assert made == again != other
    assert all(len(name) <= gpt.LENGTHS[-1] and set(name) <= set(gpt.LETTERS[1:]) for name in made)


def test_names_are_split_into_those_learned_from_and_others() -> None:
    """Each is in one part; in a part names of one length stand together."""
    learned, others = gpt.split(seed=1)
    spelled = ["".join(gpt.LETTERS[k] for k in row) for part in (*learned, *others) for row in part]
    assert sorted(spelled) == sorted(f".{name}." for name in NAMES)
    assert len(set(NAMES)) == len(NAMES)
    assert sum(map(len, others)) == gpt.HELD_OUT
    assert [part.shape[1] - 2 for part in learned] == gpt.LENGTHS


def test_a_batch_is_of_one_length_drawn_as_often_as_there_are_names_of_it() -> None:
    """By a seed; every name has the same chance."""
    learned, _ = gpt.split()
    drawn = [*gpt.batches(learned, 2000, 4, seed=5)]
    share = np.array([sum(batch.shape[1] == part.shape[1] for batch in drawn) for part in learned]) / len(drawn)
    counts = np.array([*map(len, learned)])
    assert share == pytest.approx(counts / counts.sum(), abs=0.04)
    again = gpt.batches(learned, 2000, 4, seed=5)
    assert all((one == other).all() for one, other in itertools.islice(zip(drawn, again, strict=True), 50))


def test_the_numbers_of_the_lesson() -> None:
    """From guessing to something clearly lower, also for names that were not learned from; most names are new."""
    numbers = story.numbers()
    assert numbers["parameters"] == 2 * 23 * 16 + 7 * 16 + 4 * 16**2 + 2 * 16 * 64
    assert numbers["loss of guessing"] == math.log(23)
    assert numbers["loss before"] == pytest.approx(math.log(23), abs=0.01)
    assert numbers["loss after, names learned"] < 1.6
    assert numbers["loss after, other names"] < 1.75
    assert numbers["largest difference, graphs and programs"] < 1e-9
    assert numbers["names made"] / 2 <= numbers["names made that are new"] <= numbers["names made"]
    assert numbers["nodes of one step"] > 10 * numbers["parameters"]


def test_a_name_is_new_if_it_is_not_in_the_list_and_counts_once() -> None:
    """So repeating itself makes no model inventive."""
    assert story.new(["hanako", "hanoka", "hanoka", "sora", "zz"]) == 2


def test_a_training_may_have_no_steps_and_not_fewer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the names after it are those before it; fewer are refused in a line."""
    monkeypatch.setattr(story, "SAMPLES", 2)
    learned = story.results(seed=7, steps=0)
    assert learned.before == learned.after[:1]
    assert [step for step, *_ in learned.curve] == [0]
    assert main(["microgpt", "--steps=-3", "--output", str(tmp_path)]) == 1
    assert capsys.readouterr() == ("", "microgpt: got --steps=-3; wanted a number of steps, 0 or more\n")


def test_the_whole_gpt_is_read_in_two_hundred_lines() -> None:
    """Model, training, sampling and the words between them."""
    lines = Path(gpt.__file__).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 200
    assert max(map(len, lines)) <= 120
