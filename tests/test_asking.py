"""Functions of numpy.polynomial that would take an array of Duals for one number."""

import numpy as np
import pytest
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from dualnum import NoRuleError, jacobian

X = np.array([0.2, 0.5, 0.7])
C = np.arange(9.0).reshape(3, 3)
VALUES = [
    *(chebyshev.chebval, hermite.hermval, hermite_e.hermeval, laguerre.lagval, legendre.legval),
    *(polynomial.polyval, polynomial.polyvalfromroots),
]
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])

pytestmark = pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")


def by_function(function):
    return pytest.mark.parametrize("function", function, ids=lambda function: function.__name__)


@MODES
@by_function(VALUES)
def test_coefficients_that_were_not_spread_over_an_array_are_refused(function, mode):
    for c in (C, C[:1]):
        with pytest.raises(NoRuleError, match="tensor=False"):
            jacobian(lambda x, c=c: function(x, c), mode=mode)(X)
    with pytest.raises(NoRuleError, match="tensor=False"):
        jacobian(lambda x: function(x, x[:, None] * C), mode=mode)(X)


@MODES
@by_function(VALUES)
def test_what_the_message_advises_and_what_needs_no_advice(function, mode):
    spread = C[..., None]
    np.testing.assert_allclose(
        jacobian(lambda x: function(x, spread, tensor=False), mode=mode)(X).sum(-1),
        jacobian(lambda s: np.stack([function(x + s, C) for x in X], axis=-1), mode=mode)(0.0),
        rtol=1e-13,
    )
    if function is not polynomial.polyvalfromroots:  # whose roots are spread even if they have one axis
        each = jacobian(lambda x: function(x, C[0]), mode=mode)(X)
        np.testing.assert_allclose(np.diag(each), [jacobian(lambda x: function(x, C[0]))(x) for x in X], rtol=1e-13)
    jacobian(lambda x: function(x[0], x[:, None] * C), mode=mode)(X)  # of one number


@MODES
def test_grids_are_refused(mode):
    with pytest.raises(NoRuleError, match="chebval"):
        jacobian(lambda x: chebyshev.chebgrid2d(x, x, C), mode=mode)(X)


def test_functions_of_that_name_elsewhere_are_nobodys_business():
    def polyval(x, c):
        return c * x

    np.testing.assert_array_equal(jacobian(lambda x: polyval(x, C[1]))(X), np.diag(C[1]))
