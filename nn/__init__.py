"""Perceptrons and multilayer perceptrons built from `autograd.Value`.

>>> import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> history = nn.fit(model, "binary_cross_entropy", X, y, optimizer=nn.Adam(0.1), epochs=200, progress=False)
>>> [int(model(x).data > 0) for x in X]
[0, 1, 1, 0]

This file is the complete list of public names; scikit-learn's estimators are in `nn.estimators`. Where to read on:
`neurons.py`, `training.py`.
"""

import typing

from autograd import familiar
from nn.clipping import ClipNorm, ClipValue
from nn.history import History
from nn.initializations import INITIALIZATIONS, glorot, he, normal, uniform, zeros
from nn.losses import (
    LOSSES,
    Loss,
    absolute_error,
    binary_cross_entropy,
    half_squared_error,
    hinge_loss,
    huber_loss,
    perceptron_loss,
    softmax_cross_entropy,
    squared_error,
)
from nn.mlp import MLP, load
from nn.module import Module
from nn.neurons import Layer, Neuron
from nn.optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, Optimizer, RMSProp
from nn.perceptron import Perceptron
from nn.report import LayerReport, Report
from nn.schedules import ConstantSchedule, CosineSchedule, LinearSchedule, StepSchedule
from nn.training import DivergenceError, fit

__all__ = [
    "INITIALIZATIONS",
    "LOSSES",
    "MLP",
    "OPTIMIZERS",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "ClipNorm",
    "ClipValue",
    "ConstantSchedule",
    "CosineSchedule",
    "DivergenceError",
    "History",
    "Layer",
    "LayerReport",
    "LinearSchedule",
    "Loss",
    "Module",
    "Momentum",
    "Nesterov",
    "Neuron",
    "Optimizer",
    "Perceptron",
    "RMSProp",
    "Report",
    "StepSchedule",
    "absolute_error",
    "binary_cross_entropy",
    "fit",
    "glorot",
    "half_squared_error",
    "he",
    "hinge_loss",
    "huber_loss",
    "load",
    "normal",
    "perceptron_loss",
    "softmax_cross_entropy",
    "squared_error",
    "uniform",
    "zeros",
]


def __dir__() -> list[str]:
    return __all__


if not typing.TYPE_CHECKING:  # to a type checker a name that is not here is a mistake

    def __getattr__(name):
        raise familiar.missing(__name__, name, __all__, familiar.OF_NN)


familiar.advise(Module, familiar.OF_MODULE)
familiar.advise(Optimizer, familiar.OF_OPTIMIZER)
