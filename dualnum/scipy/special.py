"""`scipy.special`, with functions that take Duals throughout.

The ufuncs of `scipy.special` dispatch, and are the same objects here. Functions that call ``np.asarray`` first
(`logsumexp`, `polygamma`, `comb`, ...) cannot; here they are replaced by twins, which give plain arguments to SciPy.

>>> import numpy as np
>>> from dualnum import Dual
>>> from dualnum.scipy.special import logsumexp
>>> logsumexp(Dual(np.zeros(2), np.array([1.0, 3.0]))).tangent
np.float64(2.0)
"""

from __future__ import annotations

from scipy import special

from dualnum.table import TABLE
from dualnum.twins import twins_in

__all__ = list(special.__all__)  # type: ignore[attr-defined]

TABLE.load()

__getattr__ = twins_in(special)


def __dir__() -> list[str]:
    return __all__
