"""The twins of scipy.linalg: what the generic checks cannot say."""

import numpy as np
import pytest
import scipy.linalg
from scipy.stats import multivariate_normal

from dualnum import Dual, DualnumError, NoRuleError, grad, hessian, jacobian, jvp
from dualnum.scipy import linalg
from tests.samples.scipy_linalg import STACKS

A = np.array([[4.0, 1.0, 0.5], [2.0, 5.0, 1.5], [0.25, 0.75, 3.0]])
POSITIVE = A @ A.T
B = np.array([1.0, -2.0, 0.5])


def test_names_are_those_of_scipy():
    assert linalg.schur is scipy.linalg.schur
    assert linalg.expm is not scipy.linalg.expm
    np.testing.assert_array_equal(linalg.expm(A), scipy.linalg.expm(A))
    assert set(dir(linalg)) == set(scipy.linalg.__all__)


def test_what_may_be_overwritten_is_not():
    x = Dual(np.asfortranarray(POSITIVE), np.ones((3, 3)))
    for call in (
        lambda: linalg.solve(x, B, False, True, True), lambda: linalg.inv(x, True), lambda: linalg.det(x, overwrite_a=True),
        lambda: linalg.cholesky(x, False, True), lambda: linalg.cho_factor(x, overwrite_a=True),
        lambda: linalg.lu_factor(x, True), lambda: linalg.lstsq(x, B, None, True, True),
    ):  # fmt: skip
        call()
        np.testing.assert_array_equal(x.value, POSITIVE)
        np.testing.assert_array_equal(x.tangent, 1)


@pytest.mark.parametrize("lower", [True, False])
def test_what_is_not_read_has_no_derivative(lower):
    unread = np.triu(np.ones((3, 3)), 1) if lower else np.tril(np.ones((3, 3)), -1)
    for f in (
        lambda a: linalg.solve(a, B, lower, assume_a="sym"),
        lambda a: linalg.solve(a, B, lower, assume_a="pos"),
        lambda a: linalg.solve_triangular(a, B, lower=lower),
        lambda a: linalg.cholesky(a, lower=lower),
        lambda a: linalg.eigvalsh(a, lower=lower),
        lambda a: linalg.cho_solve(linalg.cho_factor(a, lower), B),
    ):
        np.testing.assert_array_equal(jvp(f, (POSITIVE,), (unread,))[1], 0)
        assert np.any(jvp(f, (POSITIVE,), (unread.T,))[1])


@pytest.mark.parametrize("kind", ["upper triangular", "lower triangular", "diagonal", "tridiagonal"])
def test_structures_that_newer_versions_know(kind):
    try:
        expected = scipy.linalg.solve(A, B, assume_a=kind)
    except ValueError:
        pytest.skip("this SciPy does not know it")
    value, found = jvp(lambda a: linalg.solve(a, B, assume_a=kind), (A,), (np.ones((3, 3)),))
    np.testing.assert_array_equal(value, expected)
    moved = scipy.linalg.solve(A + 1e-6, B, assume_a=kind) - scipy.linalg.solve(A - 1e-6, B, assume_a=kind)
    np.testing.assert_allclose(found, moved / 2e-6, rtol=1e-7)


def test_a_gaussian_likelihood_as_statisticians_write_it():
    def covariance(p):
        distance = np.arange(4.0)[:, None] - np.arange(4.0)
        return p[0] ** 2 * np.exp(-((distance / p[1]) ** 2)) + p[2] * np.eye(4)

    def log_likelihood(p):
        factor = linalg.cholesky(covariance(p), lower=True)
        half = linalg.solve_triangular(factor, y, lower=True)
        return -0.5 * half @ half - np.sum(np.log(np.diag(factor))) - 2 * np.log(2 * np.pi)

    y, p = np.array([0.3, -0.2, 0.9, 1.1]), np.array([1.2, 1.5, 0.1])
    np.testing.assert_allclose(log_likelihood(p), multivariate_normal(cov=covariance(p)).logpdf(y), rtol=1e-12)
    inverse = np.linalg.inv(covariance(p))
    steps = np.moveaxis(jacobian(covariance)(p), -1, 0)
    expected = [0.5 * np.trace(np.outer(inverse @ y, inverse @ y) @ step - inverse @ step) for step in steps]
    np.testing.assert_allclose(grad(log_likelihood)(p), expected, rtol=1e-11)
    np.testing.assert_allclose(hessian(log_likelihood)(p), jacobian(grad(log_likelihood))(p), rtol=1e-9)


def along(f, a, a_dot):
    """``f(a)``, and its first and second derivatives in a direction by forward mode and by reverse mode."""
    results = [f(a), jvp(f, (a,), (a_dot,))[1]]
    results.append(jvp(lambda x: jvp(f, (x,), (a_dot,))[1], (a,), (a_dot,))[1])
    reverse = jacobian(lambda t: f(a + t * a_dot), mode="reverse")
    return [*results, reverse(0.0), jacobian(reverse)(0.0)]


@pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning")
def test_lu_factors_multiply_to_the_matrix_with_its_rows_exchanged():
    a = A[[2, 0, 1]]

    def residual(x):
        lu, piv = linalg.lu_factor(x)
        assert piv.dtype.kind == "i"
        order = [0, 1, 2]
        for i, j in enumerate(piv):
            order[i], order[j] = order[j], order[i]
        return (np.tril(lu, -1) + np.eye(3)) @ np.triu(lu) - x[order]

    def other_residual(x):
        return np.stack([np.matmul(*linalg.lu(x, permute_l=True)) - x, np.linalg.multi_dot(linalg.lu(x)) - x])

    for f in (residual, other_residual):
        for derivative in along(f, a, POSITIVE):
            np.testing.assert_allclose(derivative, 0, atol=1e-11)
    for f in (linalg.lu_factor, linalg.lu):
        with pytest.raises(DualnumError, match="the matrix is singular"):
            f(Dual(np.triu(A, 1), A))


@pytest.mark.parametrize("trans", [0, 1, 2])
def test_one_factor_serves_several_solutions(trans):
    matrix = A + 1j * np.diag(B)
    turned = {0: lambda a: a, 1: lambda a: a.T, 2: lambda a: a.T.conj()}[trans]

    def residual(a):
        factor = linalg.lu_factor(a)
        x = linalg.lu_solve(factor, np.stack([B, linalg.lu_solve(factor, B, trans)], axis=-1), trans)
        return turned(a) @ (turned(a) @ x[:, 1]) - turned(a) @ x[:, 0]

    for derivative in (residual(matrix), jvp(residual, (matrix,), (A * 1j,))[1]):
        np.testing.assert_allclose(derivative, 0, atol=1e-13)
    lu, piv = linalg.lu_factor(Dual(A, POSITIVE))
    found = linalg.lu_solve((lu, piv.tolist()), B.tolist(), trans)
    np.testing.assert_array_equal(found.tangent, linalg.lu_solve((lu, piv), B, trans).tangent)


def test_a_least_squares_fit_satisfies_its_normal_equations():
    a, b, a_dot = A[:, :2], B, POSITIVE[:, :2]

    def residuals(x):
        fit, square, rank, values = linalg.lstsq(x, b)
        inverse, found = linalg.pinv(x, return_rank=True)
        assert rank == found == 2
        rest = b - x @ fit
        return np.concatenate(
            [x.T @ rest, inverse @ b - fit, [square - rest @ rest], [np.sum(values**2) - np.sum(x**2)]]
        )

    for derivative in along(residuals, a, a_dot):
        np.testing.assert_allclose(derivative, 0, atol=1e-11)


def test_least_squares_by_another_driver_says_how_it_counts_singular_values():
    x, fits = Dual(A[:, :2], np.ones((3, 2))), linalg.lstsq(Dual(A[:, :2], np.ones((3, 2))), B)
    found = linalg.lstsq(x, B, lapack_driver="gelsy")
    np.testing.assert_allclose(found[0].tangent, fits[0].tangent, rtol=1e-13)
    assert found[3] is None
    with pytest.raises(DualnumError, match="scipy.linalg.lstsq: the tolerance cuts off"):
        linalg.lstsq(Dual(np.diag([1.0, 1e-3]), np.eye(2)), B[:2], cond=0.1)
    with pytest.raises(DualnumError, match="scipy.linalg.pinv: the tolerance cuts off"):
        linalg.pinv(Dual(np.diag([1.0, 1e-3]), np.eye(2)), rtol=0.1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of SciPy, for arrays of objects
def test_what_has_no_rule():
    with pytest.raises((NoRuleError, ValueError)):
        linalg.lstsq(Dual(np.stack([A, A]), np.ones((2, 3, 3))), B)
    if STACKS:
        with pytest.raises(ValueError):
            linalg.solve(Dual(A, A), np.ones((3, 2, 2)))
    else:  # the right sides have their rows in the first axis
        with pytest.raises(NoRuleError, match="one matrix after the other"):
            linalg.solve(Dual(A, A), np.ones((3, 2, 2)))
    with pytest.raises(NoRuleError, match="not square"):
        linalg.lu_factor(Dual(A[:2], A[:2]))
    with pytest.raises(NoRuleError, match="not square"):
        linalg.lu(Dual(A[:2], A[:2]))
    with pytest.raises(DualnumError) as refusal:
        jacobian(scipy.linalg.expm)(A)
    assert "dualnum.scipy.linalg.expm does" in refusal.value.__notes__[-1]


def test_structures_without_a_rule():
    try:
        scipy.linalg.solve(A, B, assume_a="banded")
    except (KeyError, ValueError):
        pytest.skip("this SciPy does not know it")
    with pytest.raises(NoRuleError, match="assume_a='banded'"):
        linalg.solve(Dual(A, A), B, assume_a="banded")
