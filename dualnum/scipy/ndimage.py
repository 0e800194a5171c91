"""`scipy.ndimage`, with functions that take Duals.

Of these functions there are twins, which give plain arguments to SciPy; all other names are SciPy's own:

- filters, with respect to the image, the weights and `cval`: `correlate`, `convolve`, `correlate1d`, `convolve1d`,
  `uniform_filter`, `uniform_filter1d`, `sobel`, `prewitt`, `laplace`; with respect to `sigma` too: `gaussian_filter`,
  `gaussian_filter1d`, `gaussian_laplace`, `gaussian_gradient_magnitude`;
- order: `minimum_filter`, `maximum_filter`, those along one axis, `median_filter`, `rank_filter`, `percentile_filter`;
- interpolation, with respect to the image and the coordinates, shifts, matrices or angles: `map_coordinates`, `shift`,
  `zoom` (the image alone), `affine_transform`, `rotate`, `spline_filter`, `spline_filter1d`;
- measurements: `sum_labels`, `sum`, `mean`, `variance`, `standard_deviation`, `center_of_mass`, `minimum`, `maximum`, `median`;
- `label`, `minimum_position`, `maximum_position`, `histogram`, whose results are constants.

All modes at the ends, origins and axes are SciPy's. An array is refused as ``output=``: take what the functions return.

Examples
--------
How a picture changes as it is moved:

>>> import numpy as np
>>> from dualnum import derivative
>>> from dualnum.scipy import ndimage
>>> derivative(lambda s: ndimage.shift(np.array([0.0, 1.0, 4.0, 9.0]), s, order=1))(0.5)
array([ 0., -1., -3., -5.])
"""

from __future__ import annotations

from typing import Any

from scipy import ndimage as _ndimage

from dualnum.implicit.refusing import refusing
from dualnum.table import TABLE
from dualnum.twins import twins_in

__all__ = list(_ndimage.__all__)  # type: ignore[attr-defined]

TABLE.load("scipy.ndimage")

_REFUSED = {
    name: refusing(getattr(_ndimage, name), advice)
    for names, advice in {
        "generic_filter generic_filter1d generic_laplace generic_gradient_magnitude vectorized_filter": (
            "Take the filters that have a name, or NumPy's functions on windows (np.lib.stride_tricks.sliding_window_view)."
        ),
        "geometric_transform": "Compute the coordinates, and take map_coordinates.",
        "distance_transform_edt distance_transform_bf distance_transform_cdt": (
            "Distances between places of the grid do not depend on the values; a threshold has no derivative."
        ),
        "fourier_gaussian fourier_uniform fourier_ellipsoid fourier_shift": (
            "It multiplies a Fourier transform by numbers of the frequencies: write the product with NumPy."
        ),
        "grey_dilation grey_erosion grey_opening grey_closing morphological_gradient morphological_laplace white_tophat "
        "black_tophat": "Take maximum_filter for a dilation, minimum_filter for an erosion, and their differences.",
        "extrema": "Take minimum, maximum, minimum_position and maximum_position.",
        "labeled_comprehension": "Take mean, variance, median, or NumPy's functions of x[labels == i].",
        "watershed_ift binary_closing binary_dilation binary_erosion binary_fill_holes binary_hit_or_miss binary_opening "
        "binary_propagation": "It takes booleans or integers, which have no derivatives: pass primal(x).",
    }.items()
    for name in names.split()
    if hasattr(_ndimage, name)
}

_twin = twins_in(_ndimage)


def __getattr__(name: str) -> Any:
    return _REFUSED.get(name) or _twin(name)


def __dir__() -> list[str]:
    return __all__
