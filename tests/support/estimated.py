"""Data that the tests of estimators share."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs

unconverged = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few passes are meant

BLOBS: Any = make_blobs(60, centers=[[-2, 0], [2, 0], [0, 3]], cluster_std=0.4, random_state=0)
X, Y = BLOBS
NAMES = np.array(["赤", "青", "黄"])
BINARY_X, BINARY_Y = X[Y < 2], Y[Y < 2]
LINES = np.column_stack([X[:, 0] + X[:, 1], X[:, 0] - X[:, 1], 2 * X[:, 0]])
TABLE = np.column_stack([Y == 1, Y != 2, X[:, 0] > 0]).astype(int)  # several labels at once
