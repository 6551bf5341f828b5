"""scikit-learn estimators: `MLPClassifier`, `MLPRegressor`, `PerceptronClassifier`, for pipelines and searches.

>>> from sklearn.datasets import make_moons
>>> from nn.estimators import MLPClassifier
>>> X, y = make_moons(40, noise=0.1, random_state=0)
>>> classifier = MLPClassifier(learning_rate_init=0.1, max_iter=500, random_state=0).fit(X, y)
>>> classifier.score(X, y)
1.0
>>> classifier.model_
MLP(2, [16, 1])

Parameters, attributes and methods have scikit-learn's names and meanings wherever it has the same idea. What was
trained is an `nn.MLP` or `nn.Perceptron`, and stays at hand as `model_`: draw it, ask for its report, save it.

>>> stream = MLPClassifier(random_state=0)
>>> for _ in range(30):
...     stream = stream.partial_fit(X, y, classes=[0, 1])
>>> [weights.shape for weights in stream.coefs_]
[(2, 16), (16, 1)]

They differ from scikit-learn's `MLPClassifier` and `MLPRegressor` in this:

- `partial_fit` goes on with the random numbers too: k calls on the same data are the k passes of one `fit`, bit for
  bit.
- A row of weight 0 is left out and takes no place in a batch. The loss of a pass is Σwᵢlᵢ / Σwᵢ over its rows; theirs
  is the mean of the losses of its batches.
- Training watches the loss, with `early_stopping` that of the validation data, and goes back to the best pass.
- `alpha` holds for biases too. `coefs_` and `intercepts_` are read-only: change the parameters of `model_`.
- A loss that runs away is an `nn.DivergenceError`. A training that begins anew and fails leaves no model.

This package needs scikit-learn; `import nn` does not. Where to read on:

- `base`: rows and labels checked, batches evaluated;
- `multilayer`, `perceptron`: the estimators.
"""

from autograd.installing import pip_install

try:
    import scipy.special  # noqa: F401 - comes with scikit-learn
    from sklearn.utils.validation import validate_data  # noqa: F401 - new in 1.6
except ImportError as error:
    raise ModuleNotFoundError(
        f"nn.estimators needs scikit-learn 1.6 or newer ({error}): {pip_install('scikit-learn')}"
    ) from None

from nn.estimators.multilayer import MLPClassifier, MLPRegressor
from nn.estimators.perceptron import OneVsRest, PerceptronClassifier

__all__ = ["MLPClassifier", "MLPRegressor", "OneVsRest", "PerceptronClassifier"]


def __dir__() -> list[str]:
    return __all__
