"""Elementary functions at the ends of their domains, where plain formulas give 0 / 0, and far out."""

from math import e, exp, inf, log, pi

import numpy as np
import pytest
from scipy import special
from scipy.special import _ufuncs

from dualnum import Dual, NoRuleError, derivative, jacobian


def partials(function, *args):
    """All first derivatives at one point."""
    return [float(jacobian(function, argnums=i)(*map(float, args))) for i in range(len(args))]


def test_entropies_at_zero():
    assert partials(special.xlogy, 0, 0) == [-inf, 0]
    assert partials(special.xlogy, 0, 2) == [log(2), 0]
    assert partials(special.xlog1py, 0, -1) == [-inf, 0]
    assert partials(special.rel_entr, 0, 2) == [-inf, 0]
    assert partials(special.rel_entr, 0, 0)[1] == 0
    assert partials(special.kl_div, 0, 2) == [-inf, 1]
    assert partials(special.kl_div, 0, 0)[1] == 1
    assert partials(special.entr, 0) == [inf]


@pytest.mark.parametrize("function", [special.rel_entr, special.kl_div])
@pytest.mark.parametrize("args", [(-1, 2), (1, -2)])
def test_where_a_divergence_is_infinite_by_definition_it_has_no_derivative(function, args):
    assert np.isnan(partials(function, *args)).all()


def test_mixed_second_derivative_at_zero_is_that_of_the_formula():
    mixed = derivative(lambda x: derivative(lambda y: special.xlogy(x, y))(4.0))(0.0)
    assert mixed == 0.25
    assert np.isposinf(derivative(lambda x: derivative(lambda y: special.xlogy(x, y))(0.0))(0.0))


def test_divergence_of_nearly_equal_numbers():
    assert partials(special.kl_div, 1 + 2**-50, 1) == pytest.approx([2**-50, -(2**-50)], rel=1e-14)


@pytest.mark.parametrize("x", [700.0, 40.0, -40.0, -700.0])
def test_logistic_function_in_its_tails(x):
    assert derivative(special.expit)(x) == pytest.approx(exp(-abs(x)), rel=1e-13)
    assert derivative(special.log_expit)(x) == pytest.approx(exp(-x) if x > 0 else 1.0, rel=1e-13)


def test_logit_at_the_ends():
    np.testing.assert_array_equal(jacobian(special.logit)(np.array([0.0, 1.0])).diagonal(), inf)
    assert derivative(special.logit)(1e-300) == pytest.approx(1e300)


def test_exprel_where_it_is_removable():
    assert derivative(special.exprel)(0.0) == 0.5
    assert derivative(derivative(special.exprel))(0.0) == pytest.approx(1 / 3)
    assert derivative(special.exprel)(-1e200) == 0
    assert derivative(special.exprel)(-1e100) == pytest.approx(1e-200)


def test_box_cox_at_parameter_zero_and_at_the_ends():
    assert partials(special.boxcox, e, 0) == pytest.approx([1 / e, 0.5])
    assert partials(special.boxcox, 0, 2) == pytest.approx([0, 0.25])
    assert partials(special.boxcox1p, e - 1, 0) == pytest.approx([1 / e, 0.5])
    assert partials(special.inv_boxcox, 1, 0) == pytest.approx([e, -e / 2])
    assert partials(special.inv_boxcox, -1, 1) == [1, -1]  # (1 + y) ** 1
    assert partials(special.inv_boxcox, -2, 0.5) == [0, 0]
    assert derivative(derivative(lambda y: special.inv_boxcox(y, 0.5)))(-2.0) == 0.5  # (1 + y / 2) ** 2
    assert np.isinf(derivative(lambda y: derivative(lambda t: special.inv_boxcox(y, t))(1.0))(-1.0))
    assert partials(special.inv_boxcox1p, 0.5, 2) == pytest.approx([2**-0.5, 2**0.5 * (0.125 - log(2) / 4)])


@pytest.mark.parametrize("function", [special.huber, special.pseudo_huber])
def test_robust_losses_at_zero(function):
    assert partials(function, 1, 0) == [0, 0]
    assert partials(function, 0, 0) == [0, 0]
    assert partials(function, 0, -3) == [3, 0]
    assert np.isnan(partials(function, -1, 2)).all()


def test_pseudo_huber_at_the_ends_of_the_range():
    assert partials(special.pseudo_huber, 1e160, 1e150) == pytest.approx([1e120 / 4, 1e150])
    assert partials(special.pseudo_huber, 1e-200, 1e-200) == pytest.approx(
        [1e-200 * (2 - 1.5 * 2**0.5) * 2**0.5 / 2 * 2**0.5, 1e-200 / 2**0.5]
    )


def test_mean_at_zero_and_of_negative_numbers():
    assert partials(special.agm, 0, 2) == [inf, 0]
    mixed = derivative(lambda a: derivative(lambda b: special.agm(a, b))(2.0))(0.0)
    assert np.isnan(mixed)
    assert partials(special.agm, -3, -3) == pytest.approx([0.5, 0.5])
    assert np.isnan(partials(special.agm, -1, 2)).all()


def test_lambert_w_at_zero_and_in_its_tolerance():
    assert derivative(lambda x: np.real(_ufuncs._lambertw(x, 0, 1e-12)))(0.0) == 1
    with pytest.raises(NoRuleError, match="tolerance"):
        _ufuncs._lambertw(1.0 + 0j, 0, Dual(1e-12, 1.0))


def test_wright_omega_far_out():
    assert derivative(special.wrightomega)(-700.0) == pytest.approx(exp(-700), rel=1e-12)
    assert derivative(special.wrightomega)(1e60) == derivative(special.wrightomega)(np.inf) == 1


def test_angles_in_degrees():
    assert derivative(special.cosdg)(180.0) == 0
    assert derivative(special.sindg)(90.0) == 0
    assert partials(special.radian, 1, 2, 3) == [pi / 180, pi / 180 / 60, pi / 180 / 3600]
    assert derivative(special.round)(0.3) == 0


def test_box_cox_1p_at_minus_one():
    assert derivative(lambda x: special.boxcox1p(x, 1.0))(-1.0) == 1.0
    assert derivative(derivative(lambda x: special.boxcox1p(x, 2.0)))(-1.0) == 1.0


def test_pseudo_huber_bends_at_threshold_zero():
    assert derivative(derivative(lambda d: special.pseudo_huber(d, 2.5)))(0.0) == -2.0
