"""Distribution functions at the ends of their domains, and with very many degrees of freedom."""

import numpy as np
import pytest
import scipy
from scipy import special

from dualnum import derivative

precise = pytest.mark.skipif(
    np.lib.NumpyVersion(scipy.__version__) < "1.17.0", reason="older values of Student's distribution are not precise"
)


@pytest.mark.parametrize(("m", "slope"), [(1.0, np.inf), (2.0, 1.0), (3.0, 0.0)])
def test_f_at_zero(m, slope):
    assert derivative(lambda x: special.fdtr(m, 4.0, x))(0.0) == slope
    assert derivative(lambda m: special.fdtr(m, 4.0, 0.0))(m) == 0.0


def test_f_at_infinity():
    assert derivative(lambda x: special.fdtr(3.0, 4.0, x))(np.inf) == 0.0
    assert derivative(lambda n: special.fdtr(3.0, n, np.inf))(4.0) == 0.0


@precise
def test_quantiles_at_the_ends():
    assert derivative(lambda p: special.stdtrit(3.0, p))(0.0) == np.inf
    assert derivative(lambda v: special.stdtrit(v, 1.0))(3.0) == -np.inf
    assert derivative(lambda p: special.chdtri(3.0, p))(0.0) == -np.inf
    assert derivative(lambda v: special.chdtri(v, 1.0))(3.0) == 0.0


@precise
def test_student_at_the_middle():
    assert derivative(lambda v: special.stdtr(v, 0.0))(3.0) == 0.0
    assert derivative(lambda v: special.stdtrit(v, 0.5))(3.0) == 0.0
    assert derivative(lambda t: special.stdtr(1.0, t))(0.0) == pytest.approx(1 / np.pi, rel=1e-14)


@precise
@pytest.mark.parametrize("v", [1e3, 1e5, 1e6])
def test_student_near_the_normal_distribution(v):
    """The expansion in 1 / v (Abramowitz & Stegun 26.7.5, inverted), whose next term is 1e-3 / v of the first."""
    t = -0.5
    z = special.ndtri(special.stdtr(v, t))
    expected = -(z**3 + z) / (4 * v**2) - (5 * z**5 + 16 * z**3 + 3 * z) / (48 * v**3)
    density = derivative(lambda t: special.stdtr(v, t))(t)
    found = derivative(lambda v: special.stdtr(v, t))(v) / -density
    assert found == pytest.approx(expected, rel=2 / v**2 + 1e-15 * v, abs=0)


def test_student_with_infinitely_many_degrees():
    assert derivative(lambda t: special.stdtr(np.inf, t))(1.0) == pytest.approx(np.exp(-0.5) / np.sqrt(2 * np.pi))
    assert derivative(lambda v: special.stdtr(v, 1.0))(np.inf) == 0.0


@pytest.mark.parametrize("v", [0.5, 3.0, 200.0])
def test_density_of_student_changes_with_the_degrees_of_freedom_at_zero(v):
    density = derivative(lambda t: special.stdtr(v, t))(0.0)
    slope = derivative(lambda v: derivative(lambda t: special.stdtr(v, t))(0.0))(v)
    assert slope == pytest.approx(density * (special.psi(v / 2 + 0.5) - special.psi(v / 2) - 1 / v) / 2, rel=1e-9)
    assert derivative(lambda t: derivative(lambda v: special.stdtr(v, t))(v))(0.0) == pytest.approx(slope, rel=1e-9)


def test_f_in_second_order_at_zero():
    """With 2 and n degrees of freedom, the density is (1 + 2 x / n)^(-1 - n / 2)."""
    n = 0.25
    found = derivative(derivative(lambda x: special.fdtr(2.0, n, x)))(0.0)
    assert found == pytest.approx(-(2 / n) * (1 + n / 2), rel=1e-13)
