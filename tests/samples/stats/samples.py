"""Calls of functions of a sample."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import stats
from tests.samples import Sample

A = np.array([[1.3, 0.4, 2.6], [0.7, 3.1, 1.9], [2.2, 1.1, 0.6], [1.7, 2.4, 3.3], [0.9, 1.6, 2.1]])
WEIGHTS = np.linspace(0.5, 1.5, 15).reshape(5, 3)
X = np.array([0.3, 1.1, 1.9, 3.2, 4.0])
Y = np.array([1.2, 0.7, 2.9, 2.6, 4.4])


def correlation(x, y):
    result = stats.pearsonr(x, y)
    return [result.statistic, result.pvalue]


def line(x, y):
    result = stats.linregress(x, y)
    return [*result, result.intercept_stderr]


SAMPLES = [
    *(
        Sample(function, (a,), kwargs)
        for function in (stats.gmean, stats.hmean, stats.sem, stats.skew, stats.kurtosis, stats.variation, stats.moment)
        for a, kwargs in (
            (A, {}),
            (A[:, 0], {}),
            (A, {"axis": -1}),
            (A, {"axis": None}),
            (A, {"axis": 1, "keepdims": True}),
        )
    ),
    *(
        Sample(function, (A, 0, None, WEIGHTS), active=(0, 3))
        if function is stats.gmean
        else Sample(function, (A,), {"weights": WEIGHTS})
        for function in (stats.gmean, stats.hmean)
    ),
    *(Sample(stats.pmean, (A, p), {"axis": axis}) for p in (0, -1.5, 3) for axis in (0, 1, None)),
    *(Sample(stats.moment, (A,), {"order": order, "axis": 1}) for order in (0, 2, 3)),
    Sample(stats.moment, (A,), {"order": 3, "center": 0.4}),
    *(Sample(f, (A,), {"bias": False}) for f in (stats.skew, stats.kurtosis)),
    Sample(stats.kurtosis, (A,), {"fisher": False, "bias": False}),
    Sample(stats.sem, (A,), {"ddof": 0}),
    Sample(stats.variation, (A,), {"ddof": 1}),
    *(
        Sample(stats.zscore, (a,), kwargs)
        for a, kwargs in ((A, {}), (A, {"axis": 1, "ddof": 1}), (A, {"axis": None}), (X, {}))
    ),
    Sample(correlation, (X, Y), active=(0, 1)),
    Sample(line, (X, Y), active=(0, 1)),
]
