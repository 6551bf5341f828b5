"""Names that are not here: the nearest of ours, and what to write for those of other libraries.

Everything that is asked for by name (operations, activations, losses, optimisers, backends, lessons, …) asks here for
"did you mean", and what PyTorch, Keras, JAX, NumPy and scikit-learn call otherwise stands in the two tables below.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

THEIRS: dict[str, str] = {
    # losses
    "squared_error": "mse MSELoss mse_loss mean_squared_error l2 l2_loss quadratic least_squares",
    "absolute_error": "mae l1 l1_loss L1Loss mean_absolute_error",
    "huber_loss": "huber smooth_l1 smooth_l1_loss SmoothL1Loss",
    "hinge_loss": "hinge HingeEmbeddingLoss MultiMarginLoss svm",
    "binary_cross_entropy": "bce bce_loss BCEWithLogitsLoss binary_cross_entropy_with_logits sigmoid_cross_entropy "
    "log_loss logistic_loss",
    "softmax_cross_entropy": "cross_entropy cross_entropy_loss ce categorical_cross_entropy nll nll_loss "
    "sparse_categorical_cross_entropy softmax_cross_entropy_with_integer_labels",
    # optimisers and their schedules
    "sgd": "gd gradient_descent stochastic_gradient_descent",
    "SGD": "gd gradient_descent stochastic_gradient_descent",
    "momentum": "heavy_ball polyak",
    "nesterov": "nag",
    "adam": "nadam adamax amsgrad",
    "CosineSchedule": "CosineAnnealingLR cosine_decay cosine_decay_schedule",
    "StepSchedule": "StepLR ExponentialLR exponential_decay piecewise_constant",
    "LinearSchedule": "LinearLR PolynomialLR linear_schedule polynomial_decay",
    "ClipNorm": "clip_grad_norm clip_grad_norm_ clip_by_global_norm clip_by_norm",
    "ClipValue": "clip_grad_value clip_grad_value_ clip_by_value",
    # initializations
    "glorot": "xavier xavier_uniform xavier_uniform_ glorot_uniform glorot_normal xavier_normal",
    "he": "kaiming kaiming_normal kaiming_normal_ he_normal kaiming_uniform he_uniform",
    "normal": "gaussian randn random_normal standard_normal",
    "uniform": "rand random random_uniform",
    "zeros": "zero constant",
    # activations and other operations
    "identity": "linear none",
    "sigmoid": "logistic expit",
    "silu": "swish",
    "relu": "rectifier ramp",
    "step": "heaviside threshold",
    "leaky_relu": "prelu rrelu",
    "abs": "fabs absolute",
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "clip": "clamp hardtanh",
    "digamma": "psi",
    "div": "divide true_divide",
    "lgamma": "gammaln loggamma gamma_ln",
    "log": "ln",
    "log_sigmoid": "log_expit",
    "maximum": "fmax max",
    "minimum": "fmin min",
    "mean": "average",
    "mod": "remainder",
    "mul": "multiply times",
    "neg": "negative",
    "pow": "float_power",
    "prod": "product",
    "round": "rint around",
    "sub": "subtract minus",
    "sum": "add_n fsum",
    "dot": "inner vdot matmul",
    "where": "cond select if_else",
    # functions of autograd, classes of nn
    "Value": "Variable Tensor tensor Scalar Var",
    "compile": "jit function",
    "grad": "gradient derivative_of",
    "hessian": "hess",
    "jacobian": "jac jacfwd jacrev",
    "no_grad": "inference_mode stop_gradient",
    "primitive": "custom_vjp Function",
    "Layer": "Linear Dense linear dense",
    "MLP": "Sequential MultilayerPerceptron",
    "load": "load_model",
    "fit": "train",
    # backends
    "numpy": "np cpu",
    "c": "gcc clang native inductor",
    "jax": "xla jit",
    "eager": "python graph",
}
"""Ours, and what others call it; names are the same whatever their capitals and underscores."""

_OURS: dict[str, list[str]] = {}


def plain(name: str) -> str:
    """The letters and digits of a name: `ReLU`, `re_lu` and `relu` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


for _ours, _theirs in THEIRS.items():
    for _name in _theirs.split():
        _OURS.setdefault(plain(_name), []).append(_ours)


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `given` is most likely to mean; None where none is near enough to help.

    The same letters, else what others call so, else what differs by a slip in four letters, else the only one that has
    all its words.
    """
    known = [name for name in known if name != given]
    text = plain(given.split("(")[0])
    for name in known:
        if plain(name) == text:
            return name
    for name in _OURS.get(text, ()):
        if name in known:
            return name
    slips = {name: (_slips(text, plain(name)), plain(name)[:1] != text[:1]) for name in known}
    best = min(known, key=slips.__getitem__, default=None)
    if best is not None and slips[best][0] <= (len(text) + 1) // 4:
        return best
    longer = [name for name in known if len(text) > 3 and set(_words(given)) < set(_words(name))]
    return longer[0] if len(longer) == 1 else None


def did_you_mean(given: Any, known: Iterable[str]) -> str:
    """` Did you mean 'relu'?`, with the space before it; empty where nothing is near."""
    near = nearest(given, known) if isinstance(given, str) else None
    return f" Did you mean {near!r}?" if near else ""


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())


def _slips(a: str, b: str) -> int:
    """How many letters are to be changed, left out, put in or swapped with the next one to make b of a."""
    before, row = [], list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        further, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, further[j - 2] + 1)
            row.append(cost)
    return row[-1]


# --- Attributes -----------------------------------------------------------------------------------------------

_NUMBER = "write x.data, or x.item()"
_ONE = "a Value is one number"
_MANY = "of several Values write autograd.{name}(xs)"

OF_VALUE: dict[str, str] = {
    **dict.fromkeys(
        ("numpy", "tolist", "asarray", "cpu", "cuda", "to"), f"{_NUMBER}; of several, [x.data for x in xs]"
    ),
    **dict.fromkeys(("shape", "ndim", "dtype", "size", "T", "device"), f"{_ONE}; its number is x.data"),
    **dict.fromkeys(("reshape", "view", "flatten", "squeeze", "unsqueeze"), f"{_ONE}; keep several in lists or arrays"),
    **dict.fromkeys(("matmul", "mm", "dot"), "write autograd.dot(xs, ys)"),
    **{name: _MANY.format(name=name) for name in ("sum", "mean", "prod", "softmax", "log_softmax", "logsumexp")},
    "max": "of several Values write max(xs), or autograd.maximum(x, y)",
    "min": "of several Values write min(xs), or autograd.minimum(x, y)",
    **{
        name: f"write autograd.{name}(x, …)"
        for name in ("clip", "elu", "leaky_relu", "where", "atan2", "maximum", "minimum")
    },
    "clamp": "write autograd.clip(x, low, high)",
    "pow": "write x ** 3",
    "requires_grad": "every Value has a gradient; one without is x.detach()",
    "requires_grad_": "every Value has a gradient; one without is x.detach()",
    "retain_grad": "after y.backward() every node of its graph has its .grad",
    "grad_fn": "the operation that made it is x.op, and its operands are x.inputs",
    "clone": "write copy.copy(x); a Value never changes unless x.data is assigned",
    "value": "its number is x.data",
    "gradient": "its gradient is x.grad",
    "eval": "its number is x.data; x.forward() computes it again",
    "_prev": "its operands are x.inputs",
    "_op": "the operation that made it is x.op",
    "_backward": "the rule of its operation is x.op.backward",
}

_TRAIN = "there is no mode; write nn.fit(model, loss, X, y)"
OF_MODULE: dict[str, str] = {
    "train": _TRAIN,
    "eval": "there is no mode; write model(x), under autograd.no_grad() where no gradient is wanted",
    "fit": "write nn.fit(model, loss, X, y), or take nn.estimators.MLPClassifier",
    "compile": "write nn.fit(model, loss, X, y), which compiles the loss",
    "forward": "write model(x)",
    "apply": "write model(x)",
    "backward": "write loss(model(x), y).backward()",
    "predict": "write [model(x) for x in X], or take nn.estimators.MLPClassifier",
    "state_dict": "write model.state()",
    "load_state_dict": "write model.load_state(state)",
    "get_weights": "write model.state()",
    "set_weights": "write model.load_state(state)",
    "summary": "write print(model), autograd.draw(model) or model.report(X)",
    "modules": "the layers of an MLP are model.layers",
    "children": "the layers of an MLP are model.layers",
    "weights": "write model.parameters()",
    "trainable_variables": "write model.parameters()",
    "to": "a model has no device: it is compiled by nn.fit(…, backend=…)",
    "cuda": "a model has no device: it is compiled by nn.fit(…, backend=…)",
    "requires_grad_": "a number that is not to be learned is assigned as Value(…).detach()",
}
OF_OPTIMIZER: dict[str, str] = {
    "zero_grad": "write model.zero_grad()",
    "minimize": "write loss.backward(), then optimizer.step(model.parameters())",
    "apply_gradients": "write optimizer.step(model.parameters()) after loss.backward()",
    "param_groups": "its learning rate is optimizer.learning_rate",
    "lr": "its learning rate is optimizer.learning_rate",
    "init": "an optimizer begins by itself; write theta = optimizer.update(theta, gradient)",
    "state_dict": "write optimizer.state()",
    "load_state_dict": "write optimizer.load_state(state)",
}
OF_AUTOGRAD: dict[str, str] = {
    "vmap": "write [f(x) for x in xs]; a program, autograd.compile(f, x), takes all rows at once",
    "numpy": "NumPy's functions take Values: np.exp(x)",
    "nn": "it is a package of its own: import nn",
    "optim": "optimisers are in nn, as nn.Adam",
    "backward": "write y.backward()",
    "stack": "write a list, or np.array(xs)",
    "array": "write a list, or np.array(xs)",
    "max": "write max(xs), or autograd.maximum(x, y)",
    "min": "write min(xs), or autograd.minimum(x, y)",
    "pi": "write math.pi",
    "float32": "numbers are Python's: float, int, Fraction, Decimal",
    "float64": "numbers are Python's: float, int, Fraction, Decimal",
}
_ACTIVATION = 'give its name to a layer, as in nn.Layer(2, 3, "{name}"), or call autograd.{name}(x)'
OF_NN: dict[str, str] = {
    **{
        name: _ACTIVATION.format(name=ours)
        for ours in ("relu", "tanh", "sigmoid", "softmax", "log_softmax", "gelu", "elu", "selu", "leaky_relu", "silu")
        for name in (ours, "".join(map(str.capitalize, ours.split("_"))))
    },
    **{name: _ACTIVATION.format(name=name.lower()) for name in ("ReLU", "GELU", "ELU", "SELU")},
    "LeakyReLU": _ACTIVATION.format(name="leaky_relu"),
    "SiLU": _ACTIVATION.format(name="silu"),
    "Sequential": "write nn.MLP(2, [16, 1]), or a class of your own on nn.Module",
    "Parameter": "write Value(0.0): every Value that a module is given is a parameter",
    "ModuleList": "a list of modules is found as it is",
    "Dropout": "there is none; nn.fit(…, l2=…, patience=…) holds a model back",
    "BatchNorm1d": "there is none; standardise the inputs",
    "functional": "functions are in autograd, losses in nn",
    "init": "give the name to a layer, as in initialization='glorot'",
    "optim": "optimisers are in nn, as nn.Adam",
    "DataLoader": "write nn.fit(…, batch_size=32)",
    "save": "write model.save(path)",
}
"""What to write, by the attribute that is missing. One table for each kind of thing that is asked."""


class Instead:
    """An attribute that is not there, and whose AttributeError says what to write: `hasattr` is false.

    It stands in the class in the place of `__getattr__`, which would make the access to every other attribute slower.
    """

    def __init__(self, advice: str) -> None:
        self.advice = advice

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, thing: Any, owner: type) -> NoReturn:
        said = f"{owner.__name__} has no attribute {self.name!r}: {self.advice}."
        raise AttributeError(said, obj=thing)  # without its name, so that Python does not guess at another one

    def __repr__(self) -> str:
        return f"<not here: {self.advice}>"


def advise(owner: type, table: Mapping[str, str]) -> None:
    """Have what the class has not by itself say what to write, and leave these names out of what Tab shows."""
    for name, advice in table.items():
        if not hasattr(owner, name):
            setattr(owner, name, made := Instead(advice))
            made.__set_name__(owner, name)

    def listed(self: Any) -> list[str]:
        return [name for name in object.__dir__(self) if name not in table or hasattr(self, name)]

    setattr(owner, "__dir__", listed)  # noqa: B010 - type checkers need not know of it


def missing(module: str, name: str, known: Iterable[str], table: Mapping[str, str]) -> AttributeError:
    """What to raise for an attribute that a module has not."""
    said = f"module {module!r} has no attribute {name!r}"
    if name.startswith("_"):
        return AttributeError(said)
    hint = f": {table[name]}." if name in table else f".{did_you_mean(name, known)}"
    return AttributeError(said + hint, obj=None) if hint != "." else AttributeError(said)
