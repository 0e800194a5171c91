"""Calls of distributions of vectors."""

from __future__ import annotations

import numpy as np
import scipy

from dualnum.distributions import KERNELS
from tests.samples import Sample
from tests.samples.stats import rows

COV = np.array([[2.0, 0.3, -0.4], [0.3, 1.5, 0.2], [-0.4, 0.2, 1.1]])
MEAN = np.array([0.2, -0.5, 1.1])
X = np.array([[0.4, 0.3, -0.2], [1.4, -1.3, 0.6], [-0.3, 0.1, 2.2], [0.9, 0.8, 0.7]])
SHARES = np.array([[0.2, 0.5], [0.3, 0.1]])
ALPHA = np.array([1.7, 2.4, 3.1])

assert rows("norm")

SAMPLES = [
    *(
        Sample(KERNELS["multivariate_normal", method], (x, mean, cov, False), active=active)
        for method in ("logpdf", "pdf")
        for x, mean, cov, active in (
            (X, MEAN, COV, (0, 1, 2)),
            (X[0], MEAN, COV, (0, 1, 2)),
            (X.reshape(2, 2, 3), MEAN, COV, (0, 1, 2)),
            (X, None, COV, (0, 2)),
            (X, MEAN, COV.diagonal(), (0, 1, 2)),
            (X, MEAN, 1.3, (0, 1, 2)),
            (X[0], np.array([0.3]), 1.3, (0, 1, 2)),
            (0.4, 0.3, 1.3, (0, 1, 2)),
            (0.4, None, 1.3, (0, 2)),
        )
    ),
    Sample(KERNELS["multivariate_normal", "entropy"], (None, COV), active=(1,)),
    *(
        Sample(KERNELS["multivariate_t", "logpdf"], (x, MEAN, COV, 3.7), active=(0, 1, 2, 3))
        for x in (X, X[0], X.reshape(2, 2, 3))
    ),
    *(
        Sample(KERNELS["multivariate_t", "logpdf"], (x, MEAN, COV, np.inf), active=(0, 1, 2))
        for x in (X, X[0])
        if scipy.__version__ >= "1.17"  # 1.14 fails
    ),
    Sample(KERNELS["multivariate_t", "pdf"], (X, MEAN, COV, 3.7, False), active=(0, 1, 2, 3)),
    *(
        Sample(KERNELS["dirichlet", method], (x, ALPHA), active=(0, 1))
        for method in ("logpdf", "pdf")
        for x in (SHARES, SHARES[:, 0])
    ),
    *(Sample(KERNELS["dirichlet", method], (ALPHA,)) for method in ("mean", "var", "entropy")),
]
