"""Kelvin functions at 0, and where SciPy's own values have few digits."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, derivative


def test_derivatives_at_the_origin():
    assert special.ber(Dual(0.0, 1.0)).tangent == 0
    assert special.beip(Dual(0.0, 1.0)).tangent == 0.5
    # ber'''' = -3/8, from 1 - (x/2)**4 / 4
    assert derivative(derivative(special.berp))(0.0) == 0
    assert derivative(derivative(derivative(derivative(special.ber))))(0.0) == pytest.approx(-3 / 8)


@pytest.mark.parametrize("x", [2.5, 9.5, 10.5, 15.0])
def test_differential_equation(x):
    """DLMF 10.61: x w'' + w' - i x w = 0, of which SciPy's real functions have ten digits here."""
    whole, slope = special.kelvin(Dual(x, 1.0))[0], special.kelvin(Dual(x, 1.0))[2]
    w = complex(special.jv(0, x * np.exp(0.75j * np.pi)))
    assert x * slope.tangent + whole.tangent == pytest.approx(1j * x * w, rel=1e-12)


@pytest.mark.parametrize("x", [899.0, 901.0, 1000.0, -1000.0])
def test_close_to_overflow(x):
    assert special.ber(Dual(x, 1.0)).tangent == pytest.approx(special.berp(x), rel=1e-10)
    second = -special.bei(x) - special.berp(x) / x
    assert special.berp(Dual(x, 1.0)).tangent == pytest.approx(second, rel=1e-10)
