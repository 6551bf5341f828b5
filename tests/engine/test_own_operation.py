"""An operation defined outside the package is one `primitive(...)` call, and everything picks it up."""

import copy
import math
import pickle
from collections.abc import Iterator

import pytest

from autograd import OPS, DomainError, Op, Value, gradients, primitive
from autograd.laws import check_operation
from autograd.render import draw


@pytest.fixture
def cube_root_of_square() -> Iterator[Op]:
    """x^(2/3), which the library does not have; known to the tests only."""
    yield primitive(
        "two_thirds",
        forward=lambda x: math.cbrt(x) ** 2,
        backward=lambda g, y, x: (2 * g * y / (3 * x),),
        symbol="x⅔",
        latex="{0}^{{2/3}}",
        meaning="x to the power two thirds",
        domain=((1e-3, 1e3),),
        truth=lambda mp, x: mp.cbrt(x) ** 2,
        ulps=8,
    )
    del OPS["two_thirds"]


def test_it_computes_replays_and_differentiates_twice(cube_root_of_square: Op) -> None:
    """Eager, replay, first and second derivative from the two closures alone."""
    op, x = cube_root_of_square, Value(8.0, "x")
    y = op(x) + 1
    y.backward()
    assert (y.data, x.grad) == (5.0, pytest.approx(1 / 3))
    (first,) = gradients(y, [x])
    assert gradients(first, [x])[0].data == pytest.approx(-1 / 72)
    x.data = 27.0
    assert y.forward() == pytest.approx(10.0)
    assert copy.deepcopy(y).data == pickle.loads(pickle.dumps(y)).data == y.data


def test_the_picture_shows_its_symbol(cube_root_of_square: Op) -> None:
    """draw() reads the record."""
    assert "x⅔" in draw(cube_root_of_square(Value(8.0))).dot


def test_its_errors_name_it(cube_root_of_square: Op) -> None:
    """A derivative that has no value is reported as for the library's own."""
    x = Value(0.0, "x")
    with pytest.raises(DomainError, match=r"^two_thirds\(x = 0.0\): the derivative has no value here"):
        cube_root_of_square(x).backward()


def test_every_law_of_operations_holds_it(cube_root_of_square: Op) -> None:
    """One call runs them all."""
    check_operation(cube_root_of_square)


@pytest.mark.parametrize(
    "backward",
    [
        lambda g, y, x: (2.001 * g * y / (3 * x),),  # a constant off by 0.05 %
        lambda g, y, x: (-2 * g * y / (3 * x),),  # the wrong sign
        lambda g, y, x: (2 * y / (3 * x),),  # the cotangent forgotten
    ],
)
def test_the_laws_catch_a_wrong_rule(cube_root_of_square: Op, backward: object) -> None:
    """Each planted bug fails the law of the derivative, or that of linearity."""
    right = cube_root_of_square
    wrong = Op("two_thirds", right.forward, backward, domain=right.domain, truth=right.truth, ulps=8)  # pyright: ignore
    with pytest.raises(AssertionError, match=r"two_thirds\(.*backward"):
        check_operation(wrong)


def test_a_rule_that_branches_on_numbers_is_caught() -> None:
    """Its gradient is right and the gradient of that is not: the branch was decided once, when it was recorded."""
    wrong = Op("wrong", lambda x: x * abs(x), lambda g, y, x: (2 * g * abs(getattr(x, "data", x)),))
    with pytest.raises(AssertionError, match="does backward branch on numbers"):
        check_operation(wrong)


@pytest.mark.parametrize(
    ("backward", "message"),
    [
        (
            lambda g, y, x: (g, g),
            "wrong(x = 2.0): backward returned (1.0, 1.0) instead of a tuple of 1 number, the cotangents of its "
            "operands.",
        ),
        (
            lambda g, y, x: None,
            "wrong(x = 2.0): backward returned None instead of a tuple of 1 number, the cotangents of its operands.",
        ),
        (lambda g, y, x: (g * "a" * 0.5,), "wrong(x = 2.0): in backward, can't multiply sequence by non-int of type"),
    ],
)
def test_a_backward_that_returns_something_else_is_named(backward: object, message: str) -> None:
    """The error says which operation, what was got, and what was wanted."""
    op = Op("wrong", lambda x: x, backward)  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError) as caught:
        op(Value(2.0, "x")).backward()
    assert str(caught.value).startswith(message)


def test_a_forward_that_returns_something_else_is_named() -> None:
    """Likewise for the forward closure."""
    op = Op("wrong", lambda x: None, lambda g, y, x: (g,))
    with pytest.raises(TypeError, match=r"^wrong\(x = 2.0\): forward returned None: None is not a real number"):
        op(Value(2.0, "x"))
