"""Spheroidal wave functions: c = 0, and functions of the second kind that SciPy has wrong."""

import numpy as np
import pytest
import scipy
from scipy import special

from dualnum import Dual, NoRuleError


def test_characteristic_values_for_small_c():
    # DLMF 30.3.8, 30.3.9: n (n + 1) + l c^2 with l = (1 - (2m - 1) (2m + 1) / ((2n - 1) (2n + 3))) / 2
    m, n, c = np.int64(1), np.int64(3), 1e-6
    factor = (1 - 3 / 45) / 2
    assert np.isclose(special.pro_cv(m, n, Dual(c, 1.0)).tangent, 2 * factor * c, rtol=1e-10)
    assert np.isclose(special.obl_cv(m, n, Dual(c, 1.0)).tangent, -2 * factor * c, rtol=1e-10)


@pytest.mark.skipif(np.lib.NumpyVersion(scipy.__version__) < "1.15.0", reason="SciPy 1.14 damages memory there")
def test_refused_where_scipy_is_wrong():
    with pytest.raises(NoRuleError, match="Wronskian"):
        special.obl_rad2(1, 2, 1.3, Dual(1.4, 1.0))
    assert np.isclose(special.obl_rad2(1, 2, 1.3, Dual(3.5, 1.0))[0].tangent, special.obl_rad2(1, 2, 1.3, 3.5)[1])


def test_what_has_no_rule():
    with pytest.raises(NoRuleError, match="parameter c"):
        special.pro_ang1(1, 2, Dual(1.3, 1.0), 0.4)
    with pytest.raises(NoRuleError, match="characteristic value"):
        special.pro_ang1_cv(1, 2, 1.3, Dual(6.0, 1.0), 0.4)
