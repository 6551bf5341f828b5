"""Which operations are sums of products: those whose form says so, and whose rule is the rule of that sum.

Such operations are written out as sums and products, which loops and matrices are found in, and whose derivatives are
those of sums and products. An operation with a rule of its own (a gradient that is reversed, or stopped) stays itself.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from autograd.compiler.slopes import slopes, value_of
from autograd.errors import NotCompilable
from autograd.forms import Form, products
from autograd.operation import Op

Term = tuple[Any, ...]
"""A coefficient, and which operands it is multiplied with: two at most."""

_ARGS = Form("args")
_SUM, _PRODUCT = Form("sum", (_ARGS,)), Form("prod", (_ARGS,))
_POINT, _G = (0.7, -1.3, 0.4, 2.1), 1.7


def terms_of(op: Op, count: int) -> Sequence[Term] | None:
    """The operation of so many operands as a sum of products; None if it is none, or has a rule of its own."""
    found = _terms(op, count)
    return found if found is not None and _has_the_rule_of_its_form(op) else None


def is_product(op: Op) -> bool:
    """Whether it is the product of any number of operands."""
    return op.form == _PRODUCT and _has_the_rule_of_its_form(op)


def _terms(op: Op, count: int) -> Sequence[Term] | None:
    if op.terms is not None:
        return list(op.terms(count))
    if op.form == _SUM:
        return [(1.0, k) for k in range(count)]
    return products(op.form) if op.form is not None else None


@lru_cache(maxsize=1024)
def _has_the_rule_of_its_form(op: Op) -> bool:
    """At a point; of few operands, if it takes any number of them."""
    count = len(_POINT) if op.arity is None else op.arity
    x = (*_POINT, *range(1, count))[:count]
    try:
        passed = slopes(op, count)
    except NotCompilable:
        return False
    terms = _terms(op, count)
    if terms is None:
        terms = [(1.0, *range(count))]  # a product
    y = sum([c * math.prod([x[k] for k in factors]) for c, *factors in terms])
    for k, slope in enumerate(passed):
        wanted = _G * sum([_without(c, factors, k, x) for c, *factors in terms])
        found = 0.0 if slope is None else float(value_of(slope.form, (_G, y, *x)))
        if not math.isclose(found, wanted, rel_tol=1e-12):
            return False
    return True


def _without(coefficient: float, factors: Sequence[int], k: int, x: Sequence[Any]) -> float:
    """The derivative of a product by operand k."""
    total = 0.0
    for at, factor in enumerate(factors):
        if factor == k:
            total += coefficient * math.prod([x[each] for other, each in enumerate(factors) if other != at])
    return total
