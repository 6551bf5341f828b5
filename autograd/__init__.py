"""Scalar reverse-mode automatic differentiation that people learn from, trust and keep using.

>>> from autograd import Value
>>> unit_price, quantity, tax = Value(100, "単価"), Value(2, "個数"), Value(1.1, "消費税")
>>> price = unit_price * quantity * tax
>>> price.backward()
>>> unit_price.grad
2.2

This file is the complete list of public names. Where to read on: `operation.py`, then `engine.py`, then `functions.py`.
"""

import importlib
from typing import TYPE_CHECKING, Any

from autograd import engines, familiar

engines.choose()

from autograd import notebooks as notebooks  # attaches what notebooks ask for
from autograd import ufuncs as ufuncs  # attaches x.tanh(), and what NumPy asks for
from autograd.engine import (
    Value,
    add,
    div,
    mul,
    neg,
    no_grad,
    sub,
    topological_order,
)
from autograd.errors import DomainError, NotCompilable
from autograd.functions import (
    abs as abs,
)
from autograd.functions import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    clip,
    copysign,
    cos,
    cosh,
    digamma,
    dot,
    elu,
    erf,
    erfc,
    erfinv,
    exp,
    exp2,
    expm1,
    floor,
    floor_divide,
    fmod,
    gaussian,
    gelu,
    greater,
    hypot,
    identity,
    inside,
    leaky_relu,
    lgamma,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    log_softmax,
    logaddexp,
    logsumexp,
    maximum,
    mean,
    minimum,
    mod,
    polygamma,
    power,
    prod,
    reciprocal,
    relu,
    round_to,
    selu,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softmax,
    softplus,
    softsign,
    sqrt,
    square,
    step,
    tan,
    tanh,
    trunc,
    where,
)
from autograd.functions import (
    pow as pow,
)
from autograd.functions import (
    round as round,
)
from autograd.functions import (
    sum as sum,
)
from autograd.languages import language
from autograd.operation import OPS, Family, Op, family, operations, primitive
from autograd.transforms import derivative, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from autograd import implicit
    from autograd.check import GradientMismatch, GradientReport, check_gradient, numerical_gradient
    from autograd.compiler import BranchChanged, Program
    from autograd.compiler import compile as compile
    from autograd.render import Explanation, Expression, GraphvizNotFound, Picture, draw, explain, expression

_LATER = {
    "BranchChanged": "autograd.compiler",
    "Program": "autograd.compiler",
    "compile": "autograd.compiler",
    "GradientMismatch": "autograd.check",
    "GradientReport": "autograd.check",
    "check_gradient": "autograd.check",
    "numerical_gradient": "autograd.check",
    "Explanation": "autograd.render",
    "Expression": "autograd.render",
    "GraphvizNotFound": "autograd.render",
    "Picture": "autograd.render",
    "draw": "autograd.render",
    "explain": "autograd.render",
    "expression": "autograd.render",
    "implicit": "autograd.implicit",
}
"""Names whose modules are loaded when first asked for, so that the import stays quick."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise familiar.missing(
            __name__, name, [*__all__, "abs", "compile", "pow", "round", "sum"], familiar.OF_AUTOGRAD
        )
    module = importlib.import_module(_LATER[name])
    return module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)


__version__ = "0.1.0"

# Everything but what shares a name with a builtin (abs, compile, pow, round, sum): that is to be asked for by name, and
# is not handed to `from autograd import *`.
__all__ = [
    "OPS",
    "BranchChanged",
    "DomainError",
    "Explanation",
    "Expression",
    "Family",
    "GradientMismatch",
    "GradientReport",
    "GraphvizNotFound",
    "NotCompilable",
    "Op",
    "Picture",
    "Program",
    "Value",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "check_gradient",
    "clip",
    "copysign",
    "cos",
    "cosh",
    "derivative",
    "digamma",
    "div",
    "dot",
    "draw",
    "elu",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "explain",
    "expm1",
    "expression",
    "family",
    "floor",
    "floor_divide",
    "fmod",
    "gaussian",
    "gelu",
    "grad",
    "gradients",
    "greater",
    "hessian",
    "hvp",
    "hypot",
    "identity",
    "implicit",
    "inside",
    "jacobian",
    "jvp",
    "language",
    "leaky_relu",
    "lgamma",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "maximum",
    "mean",
    "minimum",
    "mod",
    "mul",
    "neg",
    "no_grad",
    "numerical_gradient",
    "operations",
    "polygamma",
    "power",
    "primitive",
    "prod",
    "reciprocal",
    "relu",
    "round_to",
    "selu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "step",
    "sub",
    "tan",
    "tanh",
    "topological_order",
    "trunc",
    "value_and_grad",
    "vjp",
    "where",
]
