"""Mathieu functions: q = 0, degrees for radians, wrong values of SciPy."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError


def in_q(function, m, q):
    return function(m, Dual(q, 1.0)).tangent


def test_without_q():
    # DLMF 28.6.1 - 28.6.6: a_1 = 1 + q - q^2/8, b_1 = 1 - q - q^2/8, a_2 = 4 + 5 q^2/12, b_2 = 4 - q^2/12
    assert in_q(special.mathieu_a, 1, 0.0) == 1
    assert in_q(special.mathieu_b, 1, 0.0) == -1
    for function, m, second in (
        (special.mathieu_a, 0, -1.0),
        (special.mathieu_a, 1, -1 / 4),
        (special.mathieu_b, 1, -1 / 4),
        (special.mathieu_a, 2, 5 / 6),
        (special.mathieu_b, 2, -1 / 6),
    ):
        found = function(m, Dual(Dual(0.0, 1.0), 1.0)).tangent.tangent
        assert np.isclose(found, second, rtol=1e-12)
    x = Dual(30.0, 1.0)
    assert np.isclose(special.mathieu_cem(2, 0.0, x)[0].tangent, -2 * np.sin(np.pi / 3) * np.pi / 180, rtol=1e-14)


@pytest.mark.parametrize("q", [1e-9, 1e-3])
def test_small_slopes_keep_their_digits(q):
    assert np.isclose(in_q(special.mathieu_a, 5, q), q / 24, rtol=1e-7 if q > 1e-6 else 1e-12)  # q / (m^2 - 1)


def test_refused_where_scipy_gives_another_order():
    with pytest.raises(NoRuleError, match="not that of this order"):
        in_q(special.mathieu_a, 36, -729.4929239706051)


def test_what_has_no_rule():
    with pytest.raises(NoRuleError, match="integer"):
        special.mathieu_a(Dual(1.0, 1.0), 0.3)
    with pytest.raises(NoRuleError, match="parameter q"):
        special.mathieu_cem(1, Dual(0.3, 1.0), 20.0)
