"""Elliptic integrals: ends of the domain, equal arguments, principal values."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual


def slopes(function, *args):
    """Derivatives in each argument in turn."""
    found = []
    for i, x in enumerate(args):
        result = function(*args[:i], Dual(x, np.ones_like(x)), *args[i + 1 :])
        found.append(tuple(r.tangent for r in result) if isinstance(result, tuple) else result.tangent)
    return found


def test_complete_integrals_at_the_ends():
    # DLMF 19.5.1, 19.5.2: K = pi/2 (1 + m/4 + ...), E = pi/2 (1 - m/4 - ...)
    assert np.allclose(
        [*slopes(special.ellipk, 0.0), *slopes(special.ellipkm1, 1.0)], [np.pi / 8, -np.pi / 8], rtol=1e-15
    )
    assert np.isclose(slopes(special.ellipe, 0.0)[0], -np.pi / 8, rtol=1e-15)
    assert slopes(special.ellipk, 1.0) == [np.inf]
    assert slopes(special.ellipe, 1.0) == [-np.inf]
    assert slopes(special.ellipkm1, 0.0) == [-np.inf]


def test_incomplete_integrals_at_amplitude_zero_and_at_m_one():
    assert slopes(special.ellipkinc, 0.0, 0.5) == [1.0, 0.0]
    assert slopes(special.ellipeinc, 0.0, 1.0) == [1.0, 0.0]
    gudermann = 1 / np.cos(1.2)  # F(phi, 1) = arctanh(sin(phi)), E(phi, 1) = sin(phi)
    assert np.allclose(
        [slopes(special.ellipkinc, 1.2, 1.0)[0], slopes(special.ellipeinc, 1.2, 1.0)[0]], [gudermann, np.cos(1.2)]
    )
    assert slopes(special.ellipkinc, 3.0, 1.0)[1] == np.inf


@pytest.mark.parametrize("m", [0.0, 1.0])
def test_jacobian_functions_at_the_ends_of_m(m):
    # DLMF 22.10.7-9: sn u = u - (1 + m) u^3/6 + ..., cn u = 1 - u^2/2 + (1 + 4m) u^4/24, dn u = 1 - m u^2/2 + m (4 + m) u^4/24
    u = 1e-3
    sn, cn, dn, _ = slopes(special.ellipj, u, m)[1]
    assert np.isclose(sn, -(u**3) / 6, rtol=1e-5, atol=0)
    assert np.isclose(cn, u**4 / 6, rtol=1e-5, atol=0)
    assert np.isclose(dn, -(u**2) / 2, rtol=1e-5, atol=0)


def test_equal_arguments():
    # R_F and R_G of equal arguments are a power of their mean, to first order
    for function, power in ((special.elliprf, -0.5), (special.elliprg, 0.5)):
        assert np.allclose(slopes(function, 2.0, 2.0, 2.0), power / 3 * 2.0 ** (power - 1), rtol=1e-14)
    for function, args in ((special.elliprd, (2.0,) * 3), (special.elliprj, (2.0,) * 4)):
        found = slopes(function, *args)
        assert np.isclose(np.sum(found), -1.5 * 2.0**-2.5, rtol=1e-14)
        assert np.isclose(found[-1], {3: 3, 4: 2}[len(args)] * found[0], rtol=1e-14)


def test_zero_arguments():
    assert slopes(special.elliprf, 0.0, 1.0, 2.0)[0] == -np.inf
    assert np.isfinite(slopes(special.elliprd, 0.0, 1.0, 2.0)[1:]).all()
    assert slopes(special.elliprg, 0.0, 0.0, 4.0)[2] == 1 / 8  # sqrt(z) / 2
    assert np.isclose(slopes(special.elliprg, 0.0, 1.0, 1.0)[0], np.pi / 8)  # a quarter of R_F(0, 1, 1)


def test_homogeneity_of_a_principal_value():
    args = 0.3, 1.2, 0.8, -0.4
    assert np.isclose(np.dot(slopes(special.elliprj, *args), args), -1.5 * special.elliprj(*args), rtol=1e-12)


def test_second_derivative_where_arguments_are_equal():
    x = Dual(Dual(1.0, 1.0), 1.0)
    # R_D(x, 1, 1) = 3/2 of the integral of (t + x)^(-1/2) (t + 1)^(-2): its second derivative at 1 is 9/28
    assert np.isclose(special.elliprd(x, 1.0, 1.0).tangent.tangent, 9 / 28, rtol=1e-13)
