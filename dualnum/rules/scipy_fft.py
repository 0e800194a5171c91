"""Rows of `scipy.fft`, by way of `dualnum.scipy.fft`: values are SciPy's, transposes those of numpy.fft."""

from __future__ import annotations

import numpy as np
from scipy import fft

from dualnum.packing import as_operand
from dualnum.rules.fft import ADJOINTS, SEVERAL, transform, transforms
from dualnum.table import composite
from dualnum.twins import dispatching, twin


def _kernel(function):
    """The transform with the arguments that its derivative depends on; it never overwrites its input."""

    def kernel(x, size=None, axes=-1, norm=None):
        return function(x, size, axes, norm)

    kernel.__name__ = f"scipy.fft.{function.__name__}"  # by which it is counted
    return dispatching(kernel)


def _one_axis(function, adjoint):
    kernel = _kernel(function)

    def body(x, n=None, axis=-1, norm=None, overwrite_x=False, workers=None, *, plan=None):
        return kernel(as_operand(x), n, axis, norm)

    transform(kernel, adjoint)
    composite(twin(function), body, exact=True)


def _several_axes(function, default_axes=None, **adjoints):
    kernel = _kernel(function)

    def body(x, s=None, axes=default_axes, norm=None, overwrite_x=False, workers=None, *, plan=None):
        s, axes = (given if given is None else np.atleast_1d(given).tolist() for given in (s, axes))
        return kernel(as_operand(x), s, axes, norm)

    transforms(kernel, default_axes=default_axes, **adjoints)
    composite(twin(function), body, exact=True)


for _name, _adjoint in ADJOINTS.items():
    _one_axis(getattr(fft, _name), _adjoint)
for _name, _options in SEVERAL.items():
    _several_axes(getattr(fft, _name), **_options)
