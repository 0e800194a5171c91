import math

import numpy as np
import pytest
from scipy import optimize, sparse

import dualnum.differences.methods as methods
from dualnum.differences import Verdict, check_jacobian
from dualnum.differences.checking import judge
from dualnum.differences.methods import Estimate
from dualnum.errors import DerivativeLostError, InputError, ShapeError

POINT = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
METHODS = ["central", "forward", "complex-step"]


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def springs(x):
    """Three results of three variables; the second does not depend on the last."""
    return np.stack([np.sin(x[0]) * x[1], x[0] / x[1], np.exp(-x[2]) * x[0]])


def springs_jacobian(x):
    a, b, c = x
    return np.array([[np.cos(a) * b, np.sin(a), 0.0], [1 / b, -a / b**2, 0.0], [np.exp(-c), 0.0, -np.exp(-c) * a]])


def noise(x):
    """Deterministic, and without any slope, to the eyes of forward mode too."""
    return np.trunc(1e6 * np.sin(1e9 * x)) / 1e6


X = np.array([0.4, 1.7, 0.9])


@pytest.mark.parametrize("method", METHODS)
def test_forward_mode_agrees(method):
    for f, x in ((rosenbrock, POINT), (springs, X)):
        report = check_jacobian(f, x, method=method)
        assert report
        assert report.verdict is Verdict.AGREES
        assert [column.index for column in report.columns] == [(j,) for j in range(x.size)]
        assert report.worst <= methods.SAFETY


@pytest.mark.filterwarnings("ignore::dualnum.errors.ObjectArrayWarning")
def test_scipys_rosenbrock_function_agrees_as_it_is():
    assert check_jacobian(optimize.rosen, POINT)


def test_scipys_rosenbrock_gradient_agrees():
    report = check_jacobian(optimize.rosen, POINT, jac=optimize.rosen_der)
    assert report
    assert report.checked == "jac"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("entry", [(0, 0), (1, 1), (2, 2)])
@pytest.mark.parametrize("spoil", [lambda d: -d, lambda d: 2 * d, lambda d: 0 * d, lambda d: d * (1 + 1e-5), np.log])
def test_one_wrong_entry_is_found_and_named(entry, spoil, method):
    wrong = springs_jacobian(X)
    with np.errstate(invalid="ignore"):
        wrong[entry] = spoil(wrong[entry])
    report = check_jacobian(springs, X, jac=wrong, method=method)
    assert not report
    verdicts = [column.verdict for column in report.columns]
    assert verdicts.count(Verdict.DIFFERS) == 1
    column = report.columns[entry[1]]
    assert (column.verdict, column.entry) == (Verdict.DIFFERS, entry[:1])
    np.testing.assert_equal(column.derivative, wrong[entry])
    assert column.estimate == pytest.approx(springs_jacobian(X)[entry], rel=1e-6)


@pytest.mark.parametrize("extra", [1e-9, 1.0, np.nan, np.inf])
def test_a_derivative_where_there_is_none_is_found(extra):
    wrong = springs_jacobian(X)
    wrong[1, 2] = extra
    report = check_jacobian(springs, X, jac=wrong)
    assert [column.verdict for column in report.columns] == [Verdict.AGREES, Verdict.AGREES, Verdict.DIFFERS]
    assert report.columns[2].entry == (1,)


def test_the_worst_verdict_names_the_entry_and_not_the_largest_difference():
    def f(x):
        return np.stack([1e12 * np.sin(x), 1e-6 * np.cos(x)])

    report = check_jacobian(f, 0.6, jac=lambda x: np.stack([1e12 * np.cos(x), 1e-6 * np.sin(x)]))
    assert report.columns[0].entry == (1,)
    assert report.columns[0].difference == pytest.approx(2e-6 * np.sin(0.6))


def test_a_jacobian_of_the_wrong_function_differs_everywhere():
    report = check_jacobian(springs, X, jac=lambda x: springs_jacobian(x).T)
    assert [column.verdict for column in report.columns] == [Verdict.DIFFERS] * 3


@pytest.mark.parametrize(
    "make", [springs_jacobian(X).tolist(), springs_jacobian, sparse.csr_array(springs_jacobian(X))]
)
def test_forms_of_jac(make):
    assert check_jacobian(springs, X, jac=make)


@pytest.mark.parametrize("jac", [np.eye(2), np.ones(3), lambda x: 1.0])
def test_a_jac_of_the_wrong_shape_is_refused(jac):
    with pytest.raises(ShapeError, match=r"f\(x\).shape \+ x.shape is \(3, 3\)"):
        check_jacobian(springs, X, jac=jac)


def test_noise_makes_the_comparison_worth_nothing():
    def noisy(x):
        return np.stack([x[0] ** 2 + 1e-2 * noise(x[0]), x[0] * x[1]])

    report = check_jacobian(noisy, [0.8, 1.1])
    assert [column.verdict for column in report.columns] == [Verdict.NOISY, Verdict.AGREES]
    assert report.columns[0].entry == (0,)
    assert not report


def test_noise_hides_no_gross_error():
    report = check_jacobian(lambda x: x**2 + 1e-5 * noise(x), 0.8, jac=-1.6)
    assert report.verdict is Verdict.DIFFERS


def test_little_noise_is_no_obstacle():
    assert check_jacobian(lambda x: x**2 + 1e-9 * noise(x), 0.8)


@pytest.mark.parametrize(("slope", "verdict"), [(0.0, Verdict.AGREES), (1.0, Verdict.DIFFERS)])
def test_at_a_kink_the_mean_slope_agrees(slope, verdict):
    assert check_jacobian(np.abs, 0.0, jac=slope).verdict is verdict


def test_kinks_by_forward_mode():
    assert check_jacobian(lambda x: np.abs(x) + np.maximum(x, 0.0), [-1.0, 0.0, 1e-3, 2.0])


@pytest.mark.parametrize("derivative", [np.nan, np.inf, 3.0])
def test_a_nan_confirms_nothing(derivative):
    report = check_jacobian(lambda x: x * np.nan, 1.0, jac=derivative)
    assert report.verdict is Verdict.NOISY
    assert report.columns[0].error == np.inf


def test_an_infinite_derivative_is_not_confirmed():
    assert check_jacobian(np.sqrt, 0.0, jac=np.inf).verdict is Verdict.NOISY


@pytest.mark.parametrize("derivative", [np.nan, np.inf])
def test_a_derivative_that_is_not_finite_differs_from_one_that_is(derivative):
    assert check_jacobian(np.sin, 1.0, jac=derivative).verdict is Verdict.DIFFERS


def test_an_exact_zero_that_differences_miss_by_round_off_agrees():
    assert check_jacobian(np.sin, np.pi / 2, jac=0.0)
    assert check_jacobian(lambda x: (x - 1) ** 2 + (x - 1) ** 3, 1.0, jac=0.0)
    assert check_jacobian(lambda x: (x - 1) ** 2 + (x - 1) ** 3, 1.0, jac=0.0, method="forward")


def test_a_derivative_below_the_round_off_of_the_function_agrees():
    assert check_jacobian(lambda x: np.log(np.tanh(x)), 25.0, jac=4 * np.exp(-50.0))


@pytest.mark.parametrize("x", [1.5, [1.5], [[1.5, 0.2, -0.3], [2.0, 1.0, 0.1]]])
@pytest.mark.parametrize(
    "f",
    [
        np.sum,
        lambda x: np.reshape(np.sin(x), (-1, 1)) * np.array([1.0, 2.0]),
        lambda x: [np.sum(x), np.sum(x * x)],
    ],
    ids=["scalar", "matrix", "list"],
)
def test_shapes(f, x):
    report = check_jacobian(f, x)
    assert report
    assert report.input_shape == np.shape(x)
    assert report.output_shape == np.shape(f(np.asarray(x)))
    assert [column.index for column in report.columns] == list(np.ndindex(np.shape(x)))
    assert all(len(column.entry) == len(report.output_shape) for column in report.columns)


def test_without_columns_all_agree():
    report = check_jacobian(lambda x: np.ones(2), np.empty((0, 3)))
    assert report
    assert report.worst == 0.0
    assert "nothing to compare" in str(report)


def test_without_results_all_agree():
    report = check_jacobian(lambda x: x[:0], [1.0, 2.0])
    assert report
    assert [column.entry for column in report.columns] == [None, None]
    assert "2 agree" in str(report)


def test_integers_and_lists_are_points():
    assert check_jacobian(lambda x: x[0] ** 2 * x[1], [2, 3])


def test_the_point_is_not_modified():
    x = np.array([1.0, 2.0])

    def overwrites(x):
        x *= x
        return x

    assert check_jacobian(overwrites, x)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_tolerances():
    wrong = 1.001 * springs_jacobian(X)
    assert not check_jacobian(springs, X, jac=wrong)
    assert check_jacobian(springs, X, jac=wrong, rtol=0.01)
    assert check_jacobian(springs, X, jac=wrong, atol=0.01)


def test_errors_of_forward_mode_are_its_own():
    with pytest.raises(DerivativeLostError):
        check_jacobian(lambda x: math.sin(x[0]), [1.0, 2.0])


def test_an_unknown_method_is_refused_before_anything_is_computed():
    with pytest.raises(ValueError, match="method must be one of"):
        check_jacobian(None, [1.0], method="best")


def test_several_arrays_are_refused():
    with pytest.raises(InputError, match="tuple of arrays"):
        check_jacobian(lambda x: (x, 2 * x), [1.0, 2.0])


def test_calls_and_times_are_counted():
    calls = []

    def counted(x):
        calls.append(type(x))
        return x * x

    report = check_jacobian(counted, np.array([1.0, 2.0]))
    assert report.calls == calls.count(np.ndarray)
    assert set(report.seconds) == {"function", "derivative", "differences"}


def estimate(value, error, scale=0.0):
    return Estimate(np.array([value]), np.array([error]), np.array([scale]))


@pytest.mark.parametrize(
    ("derivative", "against", "verdict"),
    [
        (1.0, estimate(1.0 + 1e-9, 1e-9), "agrees"),
        (1.0, estimate(1.0 + 1e-6, 1e-9), "differs"),
        (1.0, estimate(1.0 + 1e-6, 2e-7), "agrees"),
        (1.0, estimate(1.001, 1e-3), "too noisy to tell"),
        (1.0, estimate(1.1, 1e-3), "differs"),
        (1.0, estimate(-1.0, 0.5), "too noisy to tell"),
        (0.0, estimate(0.0, 0.0), "agrees"),
        (0.0, estimate(1e-12, 1e-12), "too noisy to tell"),
        (0.0, estimate(1e-12, 1e-12, scale=1.0), "agrees"),
        (0.0, estimate(1e-3, 1e-3, scale=1.0), "too noisy to tell"),
        (1e-3, estimate(1e-12, 1e-12, scale=1.0), "differs"),
        (1.0, estimate(np.nan, np.inf), "too noisy to tell"),
        (np.nan, estimate(np.nan, np.inf), "too noisy to tell"),
        (np.nan, estimate(1.0, 1e-9), "differs"),
        (-np.inf, estimate(1.0, 1e-9), "differs"),
        (1.0 + 1.0j, estimate(1.0 + 1.0j, 1e-9), "agrees"),
        (1.0 + 1.0j, estimate(1.0 - 1.0j, 1e-9), "differs"),
    ],
)
def test_verdicts(derivative, against, verdict):
    assert list(Verdict)[judge(np.array([derivative]), against, 1e-8, 0.0)[0]] == verdict
