"""Functions of scipy.special that are no ufuncs: their twins, limits, and what they refuse."""

from inspect import signature

import numpy as np
import pytest
import scipy.special

from dualnum import Dual, NoRuleError, derivative, jacfwd, jacobian, jacrev, taylor
from dualnum.scipy import special


def test_the_module_is_scipys_with_twins_in_place():
    assert special.gamma is scipy.special.gamma
    assert special.logsumexp is not scipy.special.logsumexp
    assert set(dir(special)) >= {"logsumexp", "gamma", "comb"}
    with pytest.raises(AttributeError):
        special.nonsense  # noqa: B018


@pytest.mark.parametrize("x", [[1.0, 2.0], np.array([1.0, 2.0]), 3.0])
def test_plain_arguments_go_to_scipy(x):
    for name in ("logsumexp", "softmax", "factorial"):
        np.testing.assert_array_equal(getattr(special, name)(x), getattr(scipy.special, name)(x))
    assert special.comb(10, 3, exact=True) == 120


def test_lists_of_duals():
    x = Dual([1.0, 2.0], [1.0, 0.0])
    np.testing.assert_allclose(special.softmax([x[0], x[1]]).tangent, special.softmax(x).tangent)


def test_logsumexp_far_out():
    slope = jacobian(special.logsumexp)
    np.testing.assert_allclose(slope(np.array([1000.0, 1000.0])), [0.5, 0.5])
    np.testing.assert_allclose(slope(np.array([-1000.0, -1000.0, -np.inf])), [0.5, 0.5, 0])
    np.testing.assert_allclose(slope(np.array([0.0, -700.0]))[1], np.exp(-700.0))
    out, sign = special.logsumexp(Dual(np.array([1.0, 2.0]), np.ones(2)), b=np.array([1.0, -1.0]), return_sign=True)
    assert (sign.value, sign.tangent) == (-1.0, 0.0)
    np.testing.assert_allclose(out.tangent, 1.0)
    weights = jacobian(lambda b: special.logsumexp(np.array([-np.inf, 0.0]), b=b))(np.array([1.0, 2.0]))
    np.testing.assert_allclose(weights, [0.0, 0.5])


@pytest.mark.parametrize("slope", [jacfwd, jacrev, lambda f: lambda x: taylor(f, x, np.eye(len(x))[0], 1)[1]])
def test_logsumexp_of_what_is_infinite_goes_to_the_largest(slope):
    inf = np.inf
    for x, expected in [([-inf, -inf], [0.5, 0.5]), ([inf, 1.0], [1.0, 0.0]), ([-inf], [1.0])]:
        found = slope(special.logsumexp)(np.array(x))
        assert np.array_equal(found, expected if np.ndim(found) else expected[0])
        assert np.array_equal(found, slope(np.logaddexp.reduce)(np.array(x)))
    found = slope(lambda b: special.logsumexp(np.array([[-inf, -inf], [0.0, 0.0]]), axis=1, b=b))(np.array([1.0, 3.0]))
    assert np.array_equal(found, [[0, 0], [0.25, 0.25]] if found.ndim == 2 else [0, 0.25])


def test_softmax_saturates_without_nan():
    np.testing.assert_array_equal(jacobian(special.softmax)(np.array([0.0, 2000.0])), np.zeros((2, 2)))
    np.testing.assert_array_equal(jacobian(special.log_softmax)(np.array([0.0, 2000.0])), [[1, -1], [0, 0]])


def test_integers_have_no_derivative():
    d = Dual(3.0, 1.0)
    for call in (
        lambda: special.polygamma(d, 2.0), lambda: special.multigammaln(5.0, d), lambda: special.jvp(1, 2.0, d),
        lambda: special.diric(1.0, d), lambda: special.comb(d, 2, exact=True),
        lambda: special.stirling2(d, 2), lambda: special.factorial2(d), lambda: special.bernoulli(d),
    ):  # fmt: skip
        with pytest.raises(NoRuleError, match="integer"):
            call()


def test_outside_of_where_they_count():
    x = Dual(np.array([2.0]), np.array([1.0]))
    for call in (lambda x: special.comb(x, 5.0), lambda x: special.perm(x, 5.0), lambda x: special.factorial(x - 10)):
        assert (call(x).value, call(x).tangent) == (0.0, 0.0)


@pytest.mark.skipif("extend" not in signature(scipy.special.factorial).parameters, reason="SciPy has it from 1.15 on")
def test_factorials_of_all_numbers():
    assert derivative(lambda x: special.factorial(x, extend="complex"))(2.5) == pytest.approx(
        scipy.special.gamma(3.5) * scipy.special.digamma(3.5)
    )


def test_diric_at_its_peaks():
    for n in (1, 4, 5):
        for x in (0.0, 2 * np.pi):
            assert derivative(lambda x, n=n: special.diric(x, n))(x) == pytest.approx(0, abs=1e-12)


@pytest.mark.skipif(not hasattr(scipy.special, "sph_harm_y"), reason="SciPy has it from 1.15 on")
def test_legendre_functions_with_their_derivatives():
    y = special.legendre_p(3, Dual(0.3, 1.0), diff_n=1)
    np.testing.assert_allclose(y.tangent, scipy.special.legendre_p(3, 0.3, diff_n=2)[1:])
    with pytest.raises(NoRuleError, match="second"):
        special.legendre_p(3, Dual(0.3, 1.0), diff_n=2)
    with pytest.raises(NoRuleError, match="_all"):
        special.legendre_p_all(3, Dual(0.3, 1.0))
    with pytest.raises(NoRuleError, match="diff_n"):
        special.sph_harm_y(3, 1, Dual(0.3, 1.0), 0.2, diff_n=1)
    with pytest.raises(NoRuleError, match="integer"):
        special.sph_harm_y(3, Dual(1.0, 1.0), 0.3, 0.2)
