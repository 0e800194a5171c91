"""Operators in short: values, dtypes, warnings and tangents are those of the general ones."""

import operator
import warnings

import numpy as np
import pytest

from dualnum import Dual
from dualnum.dual_operators import operators_in_short

VALUES = np.array([1.0, np.inf, -np.inf, np.nan, 1e308, 0.0])
GENERAL = {
    "__add__": Dual.__add__, "__sub__": Dual.__sub__, "__mul__": Dual.__mul__, "__rmul__": Dual.__rmul__,
    "__pow__": Dual.__pow__,
}  # fmt: skip


def same(a, b):
    assert a.dtype == b.dtype
    if isinstance(a, Dual):
        same(a.value, b.value)
        same(a.tangent, b.tangent)
    else:
        np.testing.assert_array_equal(a, b)
        assert np.shape(a) == () or a.strides == b.strides


@pytest.mark.parametrize("k", [None, 2])
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul])
def test_two_arrays(op, k):
    name = f"__{op.__name__}__"
    short, general = operators_in_short()[name], GENERAL[name]
    lead = () if k is None else (k,)
    rng = np.random.default_rng(3)

    def dual(value, dtype=float):
        tangent = rng.choice(VALUES, (*lead, *np.shape(value)))
        with np.errstate(over="ignore"):
            return Dual(np.asarray(value, dtype), tangent.astype(dtype))

    table = np.arange(6.0).reshape(2, 3)
    pairs = [
        (dual(VALUES), dual(VALUES[::-1])),
        (dual(VALUES, np.float32), dual(VALUES)),
        (dual(table), dual(np.asfortranarray(table))),
        (dual(table), dual(table[0])),
        (dual(table), dual(2.0)),
        (dual(table), Dual(dual(table), np.ones((*lead, 2, 3)))),
        (dual(np.array(1.0)), dual(np.array(2.0))),
        (dual(np.zeros((0, 3))), dual(np.zeros((0, 3)))),
    ]
    for a, b in pairs:
        with np.errstate(all="ignore"):
            same(short(a, b), general(a, b))


def test_sums_warn_of_values_alone():
    x = Dual(np.ones(2), np.array([np.inf, 1e308]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = x - x
        assert np.isnan(y.tangent[0])
        assert np.isinf((x + x).tangent).all()
    y = Dual(np.full(2, 1e308), np.ones(2))
    with pytest.warns(RuntimeWarning, match="overflow"):
        y + y


def test_large_squares_are_computed_in_fresh_memory():
    x = Dual(np.linspace(-1, 1, 5000), np.ones(5000))
    y = x**2
    np.testing.assert_array_equal(y.tangent, 2 * x.value)
    np.testing.assert_array_equal(x.value, np.linspace(-1, 1, 5000))
    np.testing.assert_array_equal(x.tangent, np.ones(5000))
    z = Dual(np.append(x.value, np.inf), np.append(x.tangent, 0.0)) ** 2
    assert z.tangent[-1] == 0
