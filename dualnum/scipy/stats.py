"""`scipy.stats`, with distributions and functions of samples that take Duals.

The methods `logpdf`, `pdf`, `cdf`, `sf`, `logcdf`, `logsf`, `ppf`, `isf`, `median`, `interval`, `mean`, `var`, `std` of
distributions (`logpmf` and `pmf` of discrete ones) have derivatives in the point, the shape parameters, `loc` and `scale`,
frozen or not.
What they give for plain arguments is SciPy's; all other names are SciPy's own.

>>> import numpy as np
>>> from dualnum import grad
>>> from dualnum.scipy import stats
>>> data = np.array([1.0, 2.0, 4.0])
>>> grad(lambda p: np.sum(stats.norm.logpdf(data, p[0], p[1])))([2.0, 1.0])
array([1., 2.])
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from scipy import stats as _stats

from dualnum.distributions import distribution
from dualnum.table import TABLE
from dualnum.twins import TWINS, twins_in

__all__ = list(_stats.__all__)

TABLE.load()
import_module("dualnum.rules.stats")  # not among those that are loaded late: SciPy's module takes long

_scipys = twins_in(_stats)


def __getattr__(name: str) -> Any:
    """SciPy's, or its twin; that of a distribution without rows is made when it is asked for, and refuses."""
    found = _scipys(name)
    if isinstance(found, (_stats.rv_continuous, _stats.rv_discrete)) and found is getattr(_stats, name):
        distribution(found)
        return TWINS[found]
    return found


def __dir__() -> list[str]:
    return __all__
