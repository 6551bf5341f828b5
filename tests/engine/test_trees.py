"""Laws of trees: whatever holds the numbers, transforms, checks and programs treat them as they treat a flat list."""

import dataclasses
import math
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from autograd import (
    Value,
    check_gradient,
    compile,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    numerical_gradient,
    value_and_grad,
    vjp,
)
from autograd.compiler.recording import record
from autograd.trees import Tree
from share import share

# --- Containers of every kind ---------------------------------------------------------------------------------


class Pair(NamedTuple):
    """A tuple with names."""

    first: Any
    second: Any


class Row(list):
    """A list with a name of its own."""


@dataclasses.dataclass
class Car:
    """A dataclass that refuses what is no plain number, as many do."""

    speed: Any
    loads: Any

    def __post_init__(self) -> None:
        if isinstance(self.speed, Value):
            raise TypeError("speed is a number")


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    """Frozen, with slots, a field that is no number, and one that `__init__` does not take."""

    rates: Any
    name: str = dataclasses.field(default="a name", metadata={"static": True})
    total: Any = dataclasses.field(init=False, default=0.5)


def with_default(branches: list[Any]) -> Any:
    return defaultdict(list, {f"key {i}": branch for i, branch in enumerate(branches)})


MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "Row": Row,
    "tuple": tuple,
    "Pair": lambda branches: Pair(branches, 0.25),
    "dict": lambda branches: {("b", 1, "a", 2)[i]: branch for i, branch in enumerate(branches)},
    "OrderedDict": lambda branches: OrderedDict((f"k{i}", branch) for i, branch in enumerate(branches)),
    "defaultdict": with_default,
    "Car": lambda branches: Car(0.75, branches),
    "Frozen": Frozen,
}
numbers = st.integers(-16, 16).map(lambda k: k / 8)
arrays = st.tuples(st.integers(0, 2), st.integers(1, 2)).flatmap(
    lambda shape: st.lists(numbers, min_size=math.prod(shape), max_size=math.prod(shape)).map(
        lambda entries: np.array(entries).reshape(shape)
    )
)


def made_of(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda make, branches: MAKERS[make](branches), st.sampled_from(list(MAKERS)), st.lists(inner, max_size=3)
        ),
        max_leaves=6,
    )


def branches(tree: Any) -> list[Any] | None:
    """What a container holds, written out once more; None for a number."""
    if isinstance(tree, dict):
        return list(tree.values())
    if isinstance(tree, Car):
        return [tree.speed, tree.loads]
    if isinstance(tree, Frozen):
        return [tree.rates, tree.total]
    return list(tree) if isinstance(tree, list | tuple | np.ndarray) else None


def flat(tree: Any) -> list[Any]:
    inner = branches(tree)
    return [tree] if inner is None else [x for branch in inner for x in flat(branch)]


def same(a: Any, b: Any) -> bool:
    """Whether both are of the same classes with the same keys in the same order, all the way down."""
    if isinstance(a, dict) and list(a) != list(b):
        return False
    inner, others = branches(a), branches(b)
    if inner is None or others is None:
        return inner is others
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape
    return type(a) is type(b) and len(inner) == len(others) and all(map(same, inner, others))


def bowl(xs: list[Any]) -> Any:
    """A function of a list in which no two numbers, and no two pairs, have the same part."""
    squares = [(k + 1) * x * x for k, x in enumerate(xs)]
    return sum(squares, sum(((k + 2) * a * b for k, (a, b) in enumerate(pairwise(xs))), 0.0))


def on_tree(tree: Any) -> Any:
    return bowl(flat(tree))


trees = made_of(numbers | arrays)
SHARED = [1.0, 2.0]
EXAMPLES: list[Any] = [
    {}, [], Pair({}, ()), {"a": 1.5, "b": 1.5}, [SHARED, SHARED], Frozen([1.0]), Car(1.0, {"x": 2.0}),
]  # fmt: skip


def over_trees(law: Callable[[Any], None]) -> Callable[..., None]:
    """Try the law on drawn trees, and on those that are easy to get wrong."""
    law = settings(max_examples=share(40), deadline=None)(given(tree=trees)(law))
    for each in EXAMPLES:
        law = example(tree=each)(law)
    return law


# --- Agreement ------------------------------------------------------------------------------------------------


@over_trees
def test_what_is_taken_apart_goes_together_again(tree: Any) -> None:
    """The leaves are those of the tree in order; put back, they make the same tree; and paths are the code for them."""
    found = Tree.of(tree)
    assert found.leaves == flat(tree)
    again = found.rebuilt(found.leaves)
    assert same(again, tree)
    assert flat(again) == flat(tree)
    assert [eval(f"x{path}", {"x": tree}) for path in found.paths] == flat(tree)
    assert not isinstance(tree, Frozen) or again.name == tree.name


@over_trees
def test_the_gradient_of_a_sum_of_squares_is_twice_the_tree(tree: Any) -> None:
    """Of the same classes, with the same keys; and the tree itself stays as it was."""
    before = flat(tree)
    gradient = grad(lambda tree: sum(x * x for x in flat(tree)))(tree)
    assert same(gradient, tree)
    assert flat(gradient) == [2 * x for x in before]
    assert flat(tree) == before


@over_trees
def test_transforms_of_a_tree_are_those_of_a_flat_list(tree: Any) -> None:
    """value_and_grad, jvp, vjp and hvp; directions and cotangents are trees too, and so is what f gives."""
    xs = flat(tree)
    direction = Tree.of(tree).rebuilt([k + 1.0 for k in range(len(xs))])
    value, gradient = value_and_grad(on_tree)(tree)
    assert (value, flat(gradient)) == value_and_grad(bowl)(xs)
    assert jvp(on_tree, (tree,), (direction,)) == jvp(bowl, (xs,), (flat(direction),))
    assert flat(hvp(on_tree, tree, direction)) == hvp(bowl, xs, flat(direction))
    copy, along = jvp(lambda x: Tree.of(x).rebuilt([3 * leaf for leaf in Tree.of(x).leaves]), (tree,), (direction,))
    assert same(copy, tree)
    assert flat(along) == [3 * x for x in flat(direction)]
    value, pull_back = vjp(lambda tree: {"bowl": on_tree(tree), "tree": tree}, tree)
    (pulled,) = pull_back({"tree": direction, "bowl": 1.0})
    assert same(pulled, tree)
    assert same(value["tree"], tree)
    assert flat(pulled) == [a + b for a, b in zip(grad(bowl)(xs), flat(direction), strict=True)]


def pieces(tree: Any) -> list[Any]:
    """The numbers and arrays in the containers that have names."""
    if isinstance(tree, float | int | np.ndarray) or is_rectangular(tree):
        return [np.array(tree, float)]
    return [piece for branch in branches(tree) or [] for piece in pieces(branch)]


def is_rectangular(tree: Any) -> bool:
    """Whether it is nested lists and tuples alone, which count as arrays."""
    if isinstance(tree, float | int | np.ndarray):
        return True
    return isinstance(tree, list | tuple) and not isinstance(tree, Pair) and all(map(is_rectangular, tree))


def ragged(tree: Any) -> bool:
    try:
        return pieces(tree) is None
    except ValueError:
        return True


@over_trees
def test_jacobians_and_hessians_of_a_tree_are_blocks_of_those_of_a_list(tree: Any) -> None:
    """The Jacobian of a number is laid out as the argument; the Hessian is so twice; or the ragged list is named."""
    try:
        sizes = [piece.size for piece in pieces(tree)]
        shapes = [piece.shape for piece in pieces(tree)]
    except ValueError:
        with pytest.raises(ValueError, match=r"^hessian\(f\): tree.* is ragged: tree.*\[0\] has shape"):
            hessian(on_tree)(tree)
        return
    xs = flat(tree)
    slopes, bends = jacobian(on_tree)(tree), hessian(on_tree)(tree)
    assert [x for piece in pieces(slopes) for x in piece.flat] == grad(bowl)(xs)
    blocks = pieces(bends)
    assert [block.shape for block in blocks] == [a + b for a in shapes for b in shapes]
    rows = [blocks[i : i + len(sizes)] for i in range(0, len(blocks), len(sizes) or 1)]
    whole = np.zeros((len(xs), len(xs)))
    ends = np.cumsum(sizes).tolist()
    for size, end, row in zip(sizes, ends, rows, strict=True):
        for width, stop, block in zip(sizes, ends, row, strict=True):
            whole[end - size : end, stop - width : stop] = block.reshape(size, width)
    wanted = hessian(bowl)(xs)
    assert (whole == wanted.reshape(whole.shape)).all()


def on_pieces(tree: Any, make: Callable[[Any], Any]) -> Any:
    """The tree with others in place of its numbers and arrays: a batch, say."""
    if isinstance(tree, float | int | np.ndarray) or is_rectangular(tree):
        return make(tree)
    if isinstance(tree, dict):
        return {key: on_pieces(branch, make) for key, branch in tree.items()}
    if isinstance(tree, Car):
        return Car(on_pieces(tree.speed, make), on_pieces(tree.loads, make))
    if isinstance(tree, Frozen):
        made = Frozen(on_pieces(tree.rates, make))
        object.__setattr__(made, "total", on_pieces(tree.total, make))
        return made
    made = [on_pieces(branch, make) for branch in tree]
    return Pair(*made) if isinstance(tree, Pair) else type(tree)(made)


@over_trees
def test_a_program_takes_trees_of_batches(tree: Any) -> None:
    """Row by row it gives what f gives of the row; arguments are called by their paths; a result is a tree as well."""
    try:
        batch = on_pieces(tree, lambda piece: np.stack([np.array(piece, float), 2 * np.array(piece, float)]))
    except ValueError:
        with pytest.raises(ValueError, match=r"^compile\(f\), the example: tree.* is ragged: "):
            compile(on_tree, tree)
        return
    xs = flat(tree)
    assume(xs)
    program = compile(on_tree, tree)
    labels = [x.label for x in record(on_tree, [tree]).inputs]
    assert [eval(str(label), {"tree": tree}) for label in labels] == xs
    single = float(bowl(xs))
    assert program(tree) == pytest.approx(single, rel=1e-14)
    assert program(tree=batch) == pytest.approx([single, 4 * single], rel=1e-14)
    given = compile(lambda tree: {"tree": Pair(tree, 2 * on_tree(tree))}, tree)(tree)["tree"]
    assert isinstance(given, Pair)
    assert flat(given.first) == xs
    assert pickle.loads(pickle.dumps(program))(tree) == program(tree)


@settings(max_examples=10, deadline=None)
@given(tree=trees)
@example(tree=Frozen([1.0, {"a": (2.0, Pair(1.0, 3.0))}]))
@example(tree=Car(1.0, {"x": np.array([2.0, 3.0])}))
def test_the_check_asks_f_of_the_same_tree(tree: Any) -> None:
    """With all classes kept; its rows are called by paths; a wrong rule is found in any of them."""
    assume(0 < len(flat(tree)) <= 5)

    def watched(tree_: Any) -> Any:
        assert same(tree_, tree)
        return on_tree(tree_)

    rows = check_gradient(watched, tree).rows
    assert [eval(row.argument, {"tree_": tree}) for row in rows] == flat(tree)
    assert [row.ours for row in rows] == pytest.approx(grad(bowl)(flat(tree)))
    if not ragged(tree):
        slopes = pieces(numerical_gradient(on_tree, tree))
        assert [x for piece in slopes for x in piece.flat] == pytest.approx(grad(bowl)(flat(tree)), abs=1e-6)


# --- What is no tree of numbers -------------------------------------------------------------------------------

EVERY: dict[str, Callable[[Any], Any]] = {
    "grad": grad(on_tree),
    "value_and_grad": value_and_grad(on_tree),
    "jacobian": jacobian(on_tree),
    "hessian": hessian(on_tree),
    "jvp": lambda tree: jvp(on_tree, (tree,), (tree,)),
    "vjp": lambda tree: vjp(on_tree, tree),
    "hvp": lambda tree: hvp(on_tree, tree, tree),
    "check_gradient": lambda tree: check_gradient(on_tree, tree),
    "numerical_gradient": lambda x: numerical_gradient(lambda tree: 1.0, x),
    "compile": lambda tree: compile(on_tree, tree),
}
EACH = pytest.mark.parametrize("name", EVERY)


@EACH
@settings(max_examples=share(15), deadline=None)
@given(tree=made_of(numbers), bad=st.sampled_from(["2", None, {1.0}, 1j, b"x"]), data=st.data())
def test_what_is_no_number_is_named_by_its_path(name: str, tree: Any, bad: Any, data: st.DataObject) -> None:
    """In every transform, check and program: text, nothing, a set, a complex number, anywhere in the tree."""
    found = Tree.of(tree)
    assume(found.leaves)
    k = data.draw(st.integers(0, len(found.leaves) - 1))
    path = found.paths[k]
    spoiled = found.rebuilt([bad if i == k else x for i, x in enumerate(found.leaves)])
    with pytest.raises((TypeError, ValueError)) as caught:
        EVERY[name](spoiled)
    argument = "x" if name == "numerical_gradient" else "tree"
    assert f"{argument}{path} " in str(caught.value)
    assert repr(bad) in str(caught.value)


def cyclic(kind: str) -> Any:
    tree: Any = {"list": [1.0], "dict": {"a": 1.0}, "dataclass": Car(1.0, 2.0)}[kind]
    if isinstance(tree, list):
        tree.append((tree,))
    elif isinstance(tree, dict):
        tree["b"] = [tree]
    else:
        tree.loads = {"car": tree}
    return tree


@EACH
@pytest.mark.parametrize("kind", ["list", "dict", "dataclass"])
def test_a_container_that_contains_itself_is_refused(name: str, kind: str) -> None:
    """It has no leaves to be found in finite time; the error names the argument."""
    with pytest.raises(ValueError, match=r": (tree|x) has no end: it holds a (list|dict|Car) that contains itself\.$"):
        EVERY[name](cyclic(kind))


def test_any_depth_will_do() -> None:
    """Ten thousand levels are no deeper than ten: nothing here recurses."""
    tree: Any = 3.0
    for level in range(10_000):
        tree = {"deeper": tree} if level % 2 else [tree]

    def innermost(tree: Any) -> Any:
        while isinstance(tree, list | dict):
            tree = tree[0] if isinstance(tree, list) else tree["deeper"]
        return tree

    def f(tree: Any) -> Any:
        return innermost(tree) ** 2

    assert innermost(grad(f)(tree)) == 6.0
    assert innermost(hvp(f, tree, tree)) == 6.0
    assert innermost(jvp(lambda tree: tree, (tree,), (tree,))[1]) == 3.0
    assert check_gradient(f, tree).ok
    assert compile(f, tree)(tree) == 9.0
    assert len(Tree.of(tree).paths[0]) == 5000 * len("['deeper'][0]")


MISMATCHED: list[tuple[Callable[[], Any], str]] = [
    (lambda: hvp(on_tree, {"a": 1.0}, {"b": 1.0}),
     "hvp(f): v is a dict with the keys 'b'; wanted the keys 'a', as in x."),
    (lambda: hvp(on_tree, {"a": [1.0]}, {"a": 1.0}), "hvp(f): v['a'] is a float; wanted 1 element, as in x['a']."),
    (lambda: jvp(on_tree, (Pair(1.0, [2.0, 3.0]),), (Pair(1.0, [2.0]),)),
     "jvp(f): the tangent of tree.second is a list with 1 element; wanted 2 elements, as in tree.second."),
    (lambda: jvp(on_tree, (Car(1.0, 2.0),), ({"speed": 1.0},)),
     "jvp(f): the tangent of tree is a dict with the keys 'speed'; wanted a Car, as in tree."),
    (lambda: jvp(on_tree, (np.ones((2, 3)),), (np.ones((3, 2)),)),
     "jvp(f): the tangent of tree is a ndarray with the shape (3, 2); wanted the shape (2, 3), as in tree."),
    (lambda: vjp(lambda x: {"y": x}, 1.0)[1](2.0),
     "vjp(f): the cotangent is a float; wanted the keys 'y', as in the output."),
    (lambda: hvp(on_tree, Pair(1.0, 2.0), Pair(1.0, [2.0])),
     "hvp(f): v.second = [2.0]: a list is not a real number; make one Value per element."),
    (lambda: compile(on_tree, {"a": 1.0})({"b": 1.0}),
     "<Program of (tree), numpy, 0 parameters>: tree is a dict with the keys 'b'; wanted the keys 'a', "
     "as in the example for tree."),
    (lambda: compile(on_tree, {"a": [1.0, 2.0]})({"a": [1.0]}),
     "<Program of (tree), numpy, 0 parameters>: tree['a'] has shape (1,); wanted (rows, 2) or (2,)."),
    (lambda: compile(on_tree, 1.0)(["1", "2"]),
     "<Program of (tree), numpy, 0 parameters>: tree is not an array of numbers: '1' is text."),
    (lambda: compile(lambda x, t: x, 1.0, 2.0)(1.0, x=2.0),
     "<Program of (x, t), numpy, 0 parameters> takes the arguments x, t; 'x' is given twice."),
    (lambda: compile(lambda x, t: x, 1.0, 2.0)(1.0, y=2.0),
     "<Program of (x, t), numpy, 0 parameters> takes the arguments x, t; 'y' is not one of them."),
    (lambda: grad(lambda a, b: a, "c")(1.0, b=2.0),
     "grad(f): argnums has 'c', but f was called with a, b."),
    (lambda: grad(lambda a, b: a, (0, "a"))(1.0, b=2.0), "grad(f): argnums=(0, 'a') means an argument twice: a, a."),
    (lambda: grad(lambda a: a, 0.5)(1.0),  # pyright: ignore
     "grad(f): argnums has 0.5; wanted the position or the name of an argument, or a tuple of them. "
     "Arguments are for the function that it makes: grad(f)(x)."),
    (lambda: grad(lambda a: a, has_aux=True)(1.0),
     "grad(f): f returned Value(data=1.0, grad=0); with has_aux=True it has to return (value, aux)."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), MISMATCHED, ids=[message[:60] for _, message in MISMATCHED])
def test_what_does_not_match_is_named(act: Callable[[], Any], message: str) -> None:
    """What was got, where, and what was wanted there."""
    with pytest.raises((TypeError, ValueError)) as caught:
        act()
    assert str(caught.value) == message


# --- Arguments by name ----------------------------------------------------------------------------------------


def product(a: Any, /, b: Any, *rest: Any, c: Any = 5.0, **more: Any) -> Any:
    return a * b * c * math.prod(rest) * math.prod(more.values())


CALLS: dict[str, Callable[[Any], Any]] = {
    "positions": lambda transform: transform(product, (0, 1))(2.0, 3.0),
    "names": lambda transform: transform(product, ("a", "b"))(2.0, 3.0),
    "by keyword": lambda transform: transform(product, (0, "b"))(2.0, b=3.0),
    "in another order, from the end": lambda transform: transform(product, ("b", -2))(2.0, 3.0)[::-1],
}


@pytest.mark.parametrize("call", CALLS)
def test_an_argument_is_asked_for_by_position_or_by_name(call: str) -> None:
    """However it is passed; one name alone gives no tuple; defaults, `*args` and `**named` have names as well."""
    assert CALLS[call](grad) == (15.0, 10.0)
    assert CALLS[call](jacobian) == (15.0, 10.0)
    assert CALLS[call](value_and_grad)[:1] == (30.0,) or "order" in call
    assert grad(product, "c")(2.0, 3.0) == 6.0
    assert grad(product, "c")(2.0, 3.0, 7.0, c=4.0) == 42.0
    assert grad(product, "d")(2.0, 3.0, d=4.0) == 30.0
    assert grad(product, "rest[0]")(2.0, 3.0, 4.0) == 30.0
    assert hessian(product, ("a", "c"))(2.0, b=3.0) == ((0.0, 3.0), (3.0, 0.0))
    assert grad(product, ("b",))(2.0, b=[3.0][0]) == (10.0,)


def test_a_program_takes_its_arguments_by_the_names_of_f() -> None:
    """In any order, some of them by position."""
    program = compile(lambda x, y, z: x - 2 * y + 4 * z, 0.0, 0.0, 0.0)
    for found in (program(1.0, 2.0, 3.0), program(1.0, z=3.0, y=2.0), program(z=3.0, y=2.0, x=1.0)):
        assert found == 9.0


def test_aux_comes_back_as_plain_numbers_unless_they_depend_on_something_outside() -> None:
    """As in JAX: what else f finds out is a by-product; anything may stand in it, and what is no Value is untouched."""
    w, note, counts = Value(2.0), object(), np.arange(3)

    def f(x: Any) -> Any:
        return x * x, {"twice": Pair(2 * x, note), "counts": counts, "none": None, "car": Car(1.0, [x])}

    (value, aux), slope = value_and_grad(f, has_aux=True)(3.0)
    assert (value, slope) == (9.0, 6.0)
    assert aux == {"twice": Pair(6.0, note), "counts": counts, "none": None, "car": Car(1.0, [3.0])}
    assert aux["counts"] is counts
    assert type(aux["twice"].first) is float
    assert grad(lambda x: (x * x, "aux"), has_aux=True)(3.0) == (6.0, "aux")
    (_, outside), _ = value_and_grad(lambda x: (x * x, w * x), has_aux=True)(3.0)
    outside.backward()
    assert (outside.data, w.grad) == (6.0, 3.0)
    assert grad(lambda y: value_and_grad(lambda x: (x * x, x**3), has_aux=True)(y)[0][1])(2.0) == 12.0


# --- Beside JAX, and exact ------------------------------------------------------------------------------------


def test_blocks_are_laid_out_as_jax_lays_them_out() -> None:
    """Jacobians and Hessians of dicts, named tuples and several arguments: the same containers and shapes."""
    jax = pytest.importorskip("jax")
    at = {"a": np.array([1.0, 2.0]), "p": Pair(3.0, np.array([[0.5, 1.5]]))}, 2.0

    def f(x: Any, t: Any) -> Any:
        return {"y": x["a"] * t * x["p"].first, "z": Pair(x["p"].second[0, 1] * t**2, x["a"][0])}

    def g(x: Any, t: Any) -> Any:
        return x["a"][0] * x["a"][1] ** 2 * t + x["p"].first * x["p"].second[0, 0] * t**2

    for argnums in (0, 1, (0, 1), (1, 0)):
        for transform, of_jax, function in ((jacobian, jax.jacobian, f), (hessian, jax.hessian, g)):
            ours, structure = jax.tree.flatten(transform(function, argnums)(*at))
            wanted, as_jax = jax.tree.flatten(jax.eval_shape(of_jax(function, argnums), *at))
            assert structure == as_jax
            assert [np.shape(x) for x in ours] == [x.shape for x in wanted]


def test_exact_numbers_stay_exact_in_any_container() -> None:
    """A Fraction in a dict, in a dataclass and in an array of objects has a Fraction for its derivative."""
    third = Fraction(1, 3)
    for tree in ({"a": third}, Car(third, third), np.array([third, third], dtype=object)):
        gradient = grad(lambda tree: sum(x * x for x in flat(tree)))(tree)
        assert same(gradient, tree)
        assert all(x == 2 * third and isinstance(x, Fraction) for x in flat(gradient))


def test_an_array_of_shape_nothing_is_its_number() -> None:
    """np.array(3.0), which indexing and sums of NumPy's give."""
    for at in (np.array(3.0), np.float64(3.0), np.array(3.0, dtype=object)):
        assert grad(lambda x: x * x)(at) == 6.0
        assert grad(lambda x: x[0] * x[0])([at]) == [6.0]
        assert check_gradient(lambda x: x * x, at).ok
        assert compile(lambda x: x * x, at)(at) == 9.0
        assert hvp(lambda x: x**3, 1.0, at) == 18.0
