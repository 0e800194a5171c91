"""Calls of distributions on the whole line, and of parts of the normal one."""

from __future__ import annotations

import numpy as np

from dualnum.distributions import KERNELS
from tests.samples import Sample
from tests.samples.stats import continuous_samples, positions, rows

SAMPLES = [
    *continuous_samples("norm"),
    *continuous_samples("halfnorm"),
    *continuous_samples("truncnorm", -0.7, 1.4),
    *continuous_samples("t", 5.3),
    *continuous_samples("cauchy"),
    *continuous_samples("logistic"),
    *continuous_samples("laplace"),
    *continuous_samples("uniform"),
    *(
        Sample(KERNELS["vonmises", method], args, active=positions("vonmises", method, 4))
        for method in rows("vonmises")
        for args in ((np.array([-1.5, 0.2, 2.2]), 1.3, np.array([[0.3], [-0.2]]), 1.4), (0.9, 40.0, 0.5, 1.0))
    ),
]
