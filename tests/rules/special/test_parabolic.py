"""Parabolic cylinder functions: single precision, and values of SciPy that solve no equation."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_order_zero(dtype):
    x = Dual(dtype(0.6), dtype(1))  # D_0 = exp(-x^2 / 4)
    value, slope = special.pbdv(dtype(0), x)
    tolerance = 10 * np.finfo(dtype).eps
    assert np.isclose(value.tangent, -0.3 * np.exp(-0.09), rtol=tolerance)
    assert np.isclose(slope.tangent, (0.09 - 0.5) * np.exp(-0.09), rtol=tolerance)


@pytest.mark.parametrize(
    ("function", "v", "x"), [(special.pbdv, 17.213075511094573, -6.315464449140449), (special.pbvv, 16.7, 8.335)]
)
def test_refused_where_scipy_is_wrong(function, v, x):
    with pytest.raises(NoRuleError, match="no solution"):
        function(v, Dual(x, 1.0))


def test_order_has_no_rule():
    with pytest.raises(NoRuleError, match="order"):
        special.pbwa(Dual(1.0, 1.0), 0.4)
