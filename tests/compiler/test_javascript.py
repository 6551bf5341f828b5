"""Programs printed as JavaScript: they give what Python gives, of networks, loops, guards and constants.

They run in node, or else in a browser; where there is neither they are skipped, and the terminal says so.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import BranchChanged, NotCompilable, Program, Value, compile
from autograd.compiler.export.files import in_javascript
from nn import losses

Run = Callable[[str], Any]


def numbers(x: Any) -> str:
    """A Float64Array of these, in JavaScript."""
    return f"Float64Array.of({', '.join(map(repr, np.ravel(x).tolist()))})"


def asked(program: Program, gradient: bool, *batch: Any) -> str:
    """What calls the program on a batch twice, the second time to be read, and returns the loss and gradient, or the
    outputs."""
    function = in_javascript(program.ways[0].program, gradient)
    rows = len(batch[0])
    inputs = np.column_stack([np.reshape(x, (rows, -1)) for x in batch])
    count = len(program.parameters) if gradient else rows * len(np.ravel(program(*[x[0] for x in batch])))
    return f"""const f = {function}, found = new Float64Array({count}), p = {numbers(program.parameters)};
const again = () => f({rows}, {numbers(inputs)}, p, found);
again();
return [again() ?? null, Array.from(found)];"""


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


NETWORKS = st.tuples(
    st.lists(st.integers(1, 9), max_size=3),
    st.sampled_from(["tanh", "relu", "sigmoid", "softplus", "gelu", "sin", "leaky_relu(0.1)"]),
    st.sampled_from(["squared_error", "binary_cross_entropy", "hinge_loss", "huber_loss"]),
    st.integers(0, 1000),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.large_base_example], max_examples=2)
@given(drawn=st.lists(NETWORKS, min_size=8, max_size=8))
def test_a_network_has_the_loss_and_the_gradient_that_it_has_in_python(javascript: Run, drawn: list[Any]) -> None:
    """Of any widths, activation and loss: to twelve digits, in the second call as in the first; and so what neurons
    give."""
    texts, wanted = [], []
    for widths, activation, loss, seed in drawn:
        model, function = nn.MLP(2, [*widths, 1], activation=activation, seed=seed), getattr(losses, loss)
        program = compile(lambda x, y, f=function, model=model: f(model(x), y), [0.5, 0.25], 1.0, wrt=model)
        seen = compile(lambda x, model=model: [*model.layers[0].outputs(x), model(x)], [0.5, 0.25], wrt=model)
        rng = np.random.default_rng(seed)
        X, y = rng.normal(0, 1.5, (7, 2)), rng.integers(0, 2, 7).astype(float)
        texts += [asked(program, True, X, y), asked(seen, False, X)]
        wanted.append((*program.value_and_grad(X, y), seen(X)))
    found = javascript(f"return [{', '.join(f'(() => {{ {text} }})()' for text in texts)}];")
    for (total, gradient), (_, outputs), (mean, slopes, values) in zip(found[::2], found[1::2], wanted, strict=True):
        close(total / 7, mean)
        close(np.array(gradient) / 7, slopes)
        close(np.reshape(outputs, (7, -1)), values)


def recurrence(length: int) -> Program:
    """A state that goes through as many turns as there are inputs, with a table of constants."""
    w, b = Value(0.7, "w"), Value(-0.2, "b")
    table = np.random.default_rng(0).normal(size=length).tolist()

    def loss(x: Any, y: Any) -> Value:
        state = Value(0.0)
        for each, constant in zip(x, table, strict=True):
            state = ag.tanh(w * state + each + b * constant)
        return (state - y) ** 2

    return compile(loss, [0.1] * length, 0.0, wrt=[w, b])


def test_loops_stay_loops_and_carry_on() -> None:
    """A text no longer for more turns but for its table."""
    short, long = (in_javascript(recurrence(length).ways[0].program, True) for length in (100, 200))
    assert "for (let t = 200; t-- > 0;)" in long
    assert len(long) < len(short) + 100 * 22


def test_a_recurrence_is_differentiated_as_in_python(javascript: Run) -> None:
    """What outlives its turn is in lists, which are clean for the next call."""
    program, rng = recurrence(60), np.random.default_rng(1)
    X, y = rng.normal(size=(5, 60)), rng.normal(size=5)
    (total, gradient), (wanted, slopes) = javascript(asked(program, True, X, y)), program.value_and_grad(X, y)
    close(total / 5, wanted)
    close(np.array(gradient) / 5, slopes)


def guarded(x: Any, w: Value) -> Value:
    """A loop that is the same for all rows, each of whose turns every row reads, and then a comparison."""
    state, total = w, Value(0.0)
    for _ in range(40):
        state = ag.sin(state * w)
        total = ag.cos(total * x + state)
    return total * w if x > 0 else total + w


def test_a_row_that_breaks_a_guard_is_named_and_leaves_nothing_behind(javascript: Run) -> None:
    """A RangeError with guard, row and both sides; the next call is right, whatever rows before that one have added."""
    w = Value(1.1, "w")
    program = compile(lambda x: guarded(x, w), 0.5, wrt=[w])
    with pytest.raises(BranchChanged):
        program.value_and_grad([0.5, -0.25])
    function = in_javascript(program.ways[0].program, True)
    said, total, gradient = javascript(f"""const f = {function};
const g = new Float64Array(1);
let said = "";
try {{ f(2, [0.5, -0.25], [1.1], g); }} catch (error) {{ said = `${{error.name}}: ${{error.message}}`; }}
return [said, f(1, [0.5], [1.1], g), g[0]];""")
    wanted, slopes = program.value_and_grad([0.5])
    assert said == "RangeError: guard 1, row 1: -0.25, 0"
    close([total, gradient], [wanted, slopes[0]])


def test_infinite_and_huge_constants_are_the_same_numbers(javascript: Run) -> None:
    """As JavaScript writes them."""
    w = Value(2.0, "w")
    constants = [1e300, -1e-300, float("inf"), 0.1, -3.0, 1e21]
    program = compile(lambda x: [ag.minimum(x * w, c) for c in constants], 0.5, wrt=[w])
    wanted = [min(1.0, c) for c in constants]
    assert javascript(asked(program, False, [0.5]))[1] == wanted


def test_what_javascript_has_no_word_for_is_refused_by_name() -> None:
    """Not printed wrong."""
    w = Value(2.0, "w")
    program = compile(lambda x: ag.lgamma(x * w), 1.0, wrt=[w])
    with pytest.raises(NotCompilable, match="JavaScript has no gammaln"):
        in_javascript(program.ways[0].program, False)
