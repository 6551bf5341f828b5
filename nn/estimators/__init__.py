"""scikit-learn estimators: `MLPClassifier`, `MLPRegressor`, `PerceptronClassifier`, for pipelines and searches.

>>> from sklearn.datasets import make_moons
>>> from nn.estimators import MLPClassifier
>>> X, y = make_moons(40, noise=0.1, random_state=0)
>>> classifier = MLPClassifier(learning_rate_init=0.1, max_iter=500, random_state=0).fit(X, y)
>>> classifier.score(X, y)
1.0
>>> classifier.model_
MLP(2, [16, 1])

Parameters, attributes and methods have scikit-learn's names and meanings where it has the idea. What was trained is an
`nn.MLP` or `nn.Perceptron`, and stays at hand as `model_`: draw it, ask for its report, save it. This package needs
scikit-learn; `import nn` does not. Where to read on:

- `base`: rows and labels checked, batches evaluated;
- `multilayer`, `perceptron`: the estimators.
"""

try:
    import scipy.special  # noqa: F401 - comes with scikit-learn
    from sklearn.utils.validation import validate_data  # noqa: F401 - new in 1.6
except ImportError as error:
    raise ModuleNotFoundError(
        f"nn.estimators needs scikit-learn 1.6 or newer ({error}): pip install 'scalar-autograd[sklearn]'"
    ) from None

from nn.estimators.multilayer import SOLVERS, MLPClassifier, MLPRegressor
from nn.estimators.perceptron import OneVsRest, PerceptronClassifier

__all__ = ["SOLVERS", "MLPClassifier", "MLPRegressor", "OneVsRest", "PerceptronClassifier"]
