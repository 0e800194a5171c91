"""`scipy.interpolate`, with splines and tables that can be differentiated.

Take a class or function from here instead of SciPy's. What it makes of plain data is SciPy's own (a subclass), and can be
called with points that carry derivatives; data that carry derivatives give an object of the same use. Values are SciPy's, bit
for bit.

- piecewise polynomials: `PPoly`, `BPoly`, `CubicSpline`, `CubicHermiteSpline`, `PchipInterpolator`, `Akima1DInterpolator`,
  `pchip_interpolate`;
- B-splines: `BSpline`, `NdBSpline`, `make_interp_spline`, `make_lsq_spline`;
- tables: `interp1d`, `RegularGridInterpolator`, `interpn`, `griddata`, `LinearNDInterpolator`;
- those of FITPACK: `splrep`, `splev`, `splint`, `splder`, `splantider`, `UnivariateSpline`, `InterpolatedUnivariateSpline`,
  `LSQUnivariateSpline`, `RectBivariateSpline`, `bisplev`;
- others: `RBFInterpolator`, `BarycentricInterpolator`, `KroghInterpolator`, `barycentric_interpolate`, `krogh_interpolate`.

What splines choose by decisions (the knots of smoothing splines) is not differentiated: there the data are plain, and points
alone may carry derivatives (`make_smoothing_spline`, `make_splrep`, `UnivariateSpline`, `SmoothBivariateSpline`,
`LSQBivariateSpline`). All other names are SciPy's own.

Examples
--------
>>> import numpy as np
>>> from dualnum import derivative, grad
>>> from dualnum.scipy.interpolate import CubicSpline
>>> x = np.array([0.0, 1.0, 2.0, 3.0])
>>> print(f"{derivative(CubicSpline(x, x**3))(2.0):.6f}")
12.000000
>>> print(np.round(grad(lambda y: CubicSpline(x, y)(0.5))(x**3), 4))
[ 0.3125  0.9375 -0.3125  0.0625]
"""

from __future__ import annotations

from typing import Any

from scipy import interpolate

from dualnum.scipy.interpolate import (
    bivariate,
    bsplines,
    cubic,
    fitpack,
    fitting,
    pieces,
    polynomials,
    scattered,
    tables,
)
from dualnum.table import TABLE

__all__ = list(interpolate.__all__)  # type: ignore[attr-defined]

TABLE.load()

_OWN = {
    name: value
    for module in (bivariate, bsplines, cubic, fitpack, fitting, pieces, polynomials, scattered, tables)
    for name in module.__all__
    if name in __all__ and (value := getattr(module, name, None)) is not None
}


def __getattr__(name: str) -> Any:
    return _OWN[name] if name in _OWN else getattr(interpolate, name)


def __dir__() -> list[str]:
    return __all__
