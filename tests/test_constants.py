"""Constant arguments of other dtypes: small integers have no negatives and overflow, small floats have few digits.

NumPy computes the value in the common dtype; so must the derivative be.
"""

from collections.abc import Mapping

import numpy as np
import pytest

from dualnum import Dual, DualnumError, InputError
from tests.samples import Sample, samples_by_module

SAMPLES = samples_by_module()
DTYPES = [np.uint8, np.int8, np.float32]


def leaves(result):
    if isinstance(result, tuple | list):
        for item in result:
            yield from leaves(item)
    elif isinstance(result, Mapping):
        yield from leaves(list(result.values()))
    else:
        yield result


def constants_of(sample, active):
    """Where a sample has constants that may be of any dtype: positions and names."""
    arguments = {i: arg for i, arg in enumerate(sample.args) if i != active} | dict(sample.kwargs)
    for where, arg in arguments.items():
        if isinstance(arg, np.ndarray | np.floating | float) and np.asarray(arg).dtype.kind == "f":
            yield where, np.asarray(arg)


def call(sample, changes):
    args = [changes.get(i, arg) for i, arg in enumerate(sample.args)]
    return sample.function(*args, **{name: changes.get(name, arg) for name, arg in sample.kwargs.items()})


def compare(sample, active, where, constant, dtype):
    """Try a constant in a dtype and as a float64 of the same value, if both are taken."""
    x = sample.args[active]
    if dtype is np.float32:
        small = constant.astype(dtype)
    else:
        small = (np.round(np.abs(constant) * 3) + 1).astype(dtype)
        if dtype is np.int8:
            small = -small
    small, wide = small[()], small.astype(np.float64)[()]
    dual = Dual(x, np.ones(np.shape(x)))
    try:
        plain, plain_wide = call(sample, {where: small}), call(sample, {where: wide})
        theirs = call(sample, {where: wide, active: dual})
    except (TypeError, ValueError, DualnumError):  # LinAlgError is a ValueError
        return
    try:
        mine = call(sample, {where: small, active: dual})
    except InputError:  # SciPy's filters of images of integers round their results
        assert all(np.asarray(p).dtype.kind in "iu" for p in leaves(plain))
        return
    for m, t, p, w in zip(*map(leaves, (mine, theirs, plain, plain_wide)), strict=True):
        # What polydiv takes for zero, and leaves out, depends on the precision.
        if not isinstance(t, Dual) or m.dtype != t.dtype or np.shape(p) != np.shape(w):
            continue
        if np.allclose(p, w, rtol=1e-13, atol=1e-15, equal_nan=True):
            np.testing.assert_allclose(m.tangent, t.tangent, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("module", SAMPLES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_constants_of_other_dtypes(module):
    for sample in SAMPLES[module]:
        for active in sample.active:
            if active < len(sample.args) and isinstance(sample.args[active], np.ndarray | np.generic | float):
                for where, constant in constants_of(sample, active):
                    for dtype in DTYPES:
                        compare(sample, active, where, constant, dtype)


def test_there_is_something_to_compare():
    done = 0
    for module in SAMPLES:
        for sample in SAMPLES[module]:
            done += any(True for active in sample.active for _ in constants_of(sample, active))
    assert done > 100
    with pytest.raises(AssertionError):
        compare(Sample(_wrong_for_integers, (np.ones(2), np.full(2, 3.0))), 0, 1, np.full(2, 3.0), np.uint8)


def _wrong_for_integers(x, y):
    """The value is right, but the derivative is that of another function where `y` is an array of integers."""
    return x * y if y.dtype == float or not isinstance(x, Dual) else Dual(x.value * y, x.tangent)
