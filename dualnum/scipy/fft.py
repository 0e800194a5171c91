"""`scipy.fft`, with functions that take Duals.

Of the discrete Fourier transforms (`fft`, `ifft`, `rfft`, `irfft`, `hfft`, `ihfft`, and those of several axes) there are twins,
which give plain arguments to SciPy; all other names are SciPy's own.

>>> import numpy as np
>>> from dualnum import grad
>>> from dualnum.scipy.fft import rfft
>>> grad(lambda x: np.sum(np.abs(rfft(x)) ** 2))(np.array([1.0, 2.0, 3.0]))
array([ 9., 12., 15.])
"""

from __future__ import annotations

from scipy import fft as _fft

from dualnum.table import TABLE
from dualnum.twins import twins_in

__all__ = list(_fft.__all__)  # type: ignore[attr-defined]

TABLE.load()

__getattr__ = twins_in(_fft)


def __dir__() -> list[str]:
    return __all__
