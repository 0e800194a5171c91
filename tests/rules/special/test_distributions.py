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
