"""Rows of the functions of numpy.polynomial that NumPy dispatches; loaded late, as NumPy loads that module.

Their coefficients go from the lowest power to the highest, along the first axes.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import polynomial

from dualnum.packing import as_operand
from dualnum.rules.shape import as_array
from dualnum.table import composite


def _evaluated(x, c, tensor=True):
    """Polynomial in the first axis of the coefficients, for each of the other ones; or each at its own x."""
    x, c = as_operand(x), np.atleast_1d(as_array(c))
    if tensor:
        c = np.reshape(c, c.shape + (1,) * x.ndim)
    y = c[-1] + x * 0.0
    for i in range(len(c) - 2, -1, -1):
        y = c[i] + y * x
    return y


def _polyvalnd(pts, c):
    for i, x in enumerate(pts):
        c = _evaluated(x, c, tensor=i == 0)
    return c


def _polygrid2d(x, y, c):
    return _evaluated(y, _evaluated(x, c))


for _name, _body in (
    ("polyval2d", lambda x, y, c: _polyvalnd((x, y), c)),
    ("polygrid2d", _polygrid2d),
    ("polyvalnd", _polyvalnd),
):
    # NumPy dispatches the first two since 2.4, and has the last since 2.5.
    if hasattr(getattr(polynomial, _name, None), "_implementation"):
        composite(getattr(polynomial, _name), _body)
