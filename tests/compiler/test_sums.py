"""Which operations are taken for sums of products: those whose rule says so too, and no others."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Op, Value, compile
from compiled import agrees

Numbers = Sequence[Any]

SUMS: dict[str, tuple[int | None, Callable[..., Any], Callable[..., Numbers]]] = {
    # operands, their form, and its derivatives
    "x": (1, lambda f, a: a, lambda g, a: (g,)),
    "3x": (1, lambda f, a: 3 * a, lambda g, a: (3 * g,)),
    "0x": (1, lambda f, a: 0 * a, lambda g, a: (0 * g,)),
    "a-b": (2, lambda f, a, b: a - b, lambda g, a, b: (g, -g)),
    "2a+a": (2, lambda f, a, b: 2 * a + a, lambda g, a, b: (3 * g, 0 * g)),
    "ab": (2, lambda f, a, b: a * b, lambda g, a, b: (g * b, g * a)),
    "-2ab": (2, lambda f, a, b: -2 * (a * b), lambda g, a, b: (-2 * g * b, -2 * g * a)),
    "aa": (1, lambda f, a: a * a, lambda g, a: (2 * g * a,)),
    "ab+c": (3, lambda f, a, b, c: a * b + c, lambda g, a, b, c: (g * b, g * a, g)),
    "sum": (None, lambda f, x: f.sum(x), lambda g, *x: (g,) * len(x)),
    "prod": (None, lambda f, x: f.prod(x), lambda g, *x: [g * math.prod(x[:k] + x[k + 1 :]) for k in range(len(x))]),
}
RULES: dict[str, Callable[[Any, Numbers], Numbers]] = {
    # from the cotangent and what the form passes to what is passed
    "the form's": lambda g, passed: passed,
    "reversed": lambda g, passed: [-each for each in passed],
    "straight": lambda g, passed: [g for _ in passed],
    "stopped": lambda g, passed: [0 for _ in passed],
    "for the first": lambda g, passed: [each if k == 0 else 0 for k, each in enumerate(passed)],
    "for the last": lambda g, passed: [each if k == len(passed) - 1 else 0 for k, each in enumerate(passed)],
}


class _Floats:
    """What a form calls, for numbers."""

    sum, prod = staticmethod(math.fsum), staticmethod(math.prod)


def operation(form: str, rule: str) -> Op:
    arity, written, passed = SUMS[form]

    def forward(*x: Any) -> float:
        return written(_Floats, *x) if arity else written(_Floats, x)

    def backward(g: Any, *x: Any) -> tuple[Any, ...]:
        return tuple(RULES[rule](g, passed(g, *x)))

    rules = {1: lambda g, y, a: backward(g, a), 2: lambda g, y, a, b: backward(g, a, b)}
    rules |= {3: lambda g, y, a, b, c: backward(g, a, b, c), None: lambda g, y, *x: backward(g, *x)}
    return Op(f"{form} {rule}", forward, rules[arity], form=written)


def agrees_in_turns(names: Sequence[tuple[str, str]], turns: int, **options: Any) -> None:
    """Each operation in its own recurrence of so many turns; its parameters are its own."""
    ops = [operation(*name) for name in names]
    wrt = [Value(0.1 * k % 0.7 - 0.3) for k in range(2 * len(ops))]

    def f(x: Sequence[Any]) -> Any:
        total: Any = 0
        for k, op in enumerate(ops):
            count, h = 3 if op.arity is None else op.arity, x[0] + wrt[2 * k + 1]
            for _ in range(turns):
                h = ag.tanh(op(*[h, wrt[2 * k], x[1]][:count]) + 0.3 * h) + op(*[x[1], h, wrt[2 * k]][:count])
            total = total + h
        return total

    agrees(f, wrt, np.random.default_rng(0).normal(size=(3, 2)), **options)


EACH = [(form, rule) for form in SUMS for rule in RULES]


@pytest.mark.parametrize("turns", [1, 30], ids=["wide", "deep"])
@pytest.mark.parametrize("form", SUMS)
def test_a_form_that_is_a_sum_of_products_is_believed_if_its_rule_is_that_of_the_sum(form: str, turns: int) -> None:
    """Reversed, stopped and straight-through gradients are the graph's, as matrices and in loops."""
    for rule in RULES:
        agrees_in_turns([(form, rule)], turns, backend="numpy")


@pytest.mark.parametrize("backend", ["c", "jax"])
@pytest.mark.parametrize("turns", [1, 30], ids=["wide", "deep"])
def test_it_is_on_the_backends_that_take_their_time(backend: str, turns: int) -> None:
    """All of them in one program in C, some of them in JAX."""
    some = EACH[:: 11 if turns > 1 else 5] if backend == "jax" else EACH
    agrees_in_turns(some, turns, backend=backend)


def test_what_is_believed_is_a_sum_of_products() -> None:
    """Only where the rule is that of the form: the steps are those of arithmetic, else a step of its own name."""

    def steps(op: Callable[..., Any]) -> list[str]:
        w = [Value(0.1 * k) for k in range(8)]
        return compile(lambda x: ag.tanh(sum([op(a, b) for a, b in zip(w, x, strict=True)])), [1.0] * 8, wrt=w).steps

    wanted = steps(lambda a, b: a * b)
    assert steps(operation("ab", "the form's")) == wanted
    for rule in list(RULES)[1:]:
        assert steps(operation("ab", rule)) != wanted
