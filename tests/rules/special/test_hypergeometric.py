"""Hypergeometric functions: parameters at which factors vanish, and what is refused."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError


def slope(function, position, *args):
    active = Dual(args[position], np.ones_like(args[position]))
    return function(*args[:position], active, *args[position + 1 :]).tangent


def test_numerator_parameter_zero():
    # 1F1(a; 1; z) = 1 + a (sum of z^k / (k k!)) + ...; at z = 1 that is Ein(-1) with the other sign
    assert np.isclose(slope(special.hyp1f1, 0, 0.0, 1.0, 1.0), special.expi(1.0) - np.euler_gamma, rtol=1e-14)
    # 2F1(a, b; b; z) = (1 - z)^(-a)
    assert np.isclose(slope(special.hyp2f1, 0, 0.0, 2.5, 2.5, 0.4), -np.log(0.6), rtol=1e-14)
    assert slope(special.hyp1f1, 2, 0.0, 1.0, 1.0) == 0


def test_polynomials_have_derivatives_that_do_not_end():
    # of (1 - z)^2 = 2F1(-2, 1; 1; z) in a
    assert np.isclose(slope(special.hyp2f1, 0, -2.0, 1.0, 1.0, 0.5), -np.log(0.5) * 0.25, rtol=1e-13)


def test_u_as_power_and_as_polynomial():
    # U(a, a + 1, z) = z^(-a), so that the derivatives in a and b together are -log(z) z^(-a); U(0, b, z) = 1
    total = slope(special.hyperu, 0, 1.5, 2.5, 0.3) + slope(special.hyperu, 1, 1.5, 2.5, 0.3)
    assert np.isclose(total, -np.log(0.3) * 0.3**-1.5, rtol=1e-13)
    assert abs(slope(special.hyperu, 1, 0.0, 1.5, 0.3)) < 1e-13
    # U(-1, b, z) = z - b
    assert np.isclose(slope(special.hyperu, 1, -1.0, 1.5, 0.3), -1.0, rtol=1e-12)
    assert np.isclose(slope(special.hyperu, 2, -1.0, 1.5, 0.3), 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("function", "position", "args"),
    [
        (special.hyp0f1, 0, (1.5, -1e4)),
        (special.hyp1f1, 0, (0.5, 1.5, 100j)),
        (special.hyp2f1, 2, (0.5, 0.7, 1.5, 0.999)),
        (special.hyp2f1, 0, (0.5, 0.7, 1.5, -1e3)),
        (special.hyperu, 0, (0.5, 0.7, 0.0)),
        (special.hyperu, 1, (-5.0, 7.0, 1e-5)),
        (special.eval_jacobi, 0, (30.5, 0.5, 0.5, -0.5)),
        (special.eval_legendre, 0, (2.5, -1.0 + 1e-9)),
    ],
)
def test_refused_where_digits_are_lost(function, position, args):
    with pytest.raises(NoRuleError, match="parameters here"):
        slope(function, position, *args)
    assert not np.isnan(slope(function, len(args) - 1, *args))


@pytest.mark.parametrize("a", [np.nan, -np.inf])
def test_series_that_never_begins(a):
    assert np.isnan(slope(special.hyp1f1, 0, a, 1.5, 0.3))
