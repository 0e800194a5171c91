"""Taylor series made by hand: the constructor, mixtures with other numbers, and what is refused."""

import copy
import pickle

import numpy as np
import pytest

from dualnum import Dual, HyperDual, InputError, ShapeError, Taylor, derivative, grad, jacobian, taylor
from dualnum.errors import DerivativeLostError


def f(x):
    return np.exp(np.sin(x)) / (1 + x * x)


def test_a_series_by_hand_is_that_of_taylor():
    np.testing.assert_array_equal(f(Taylor([0.7, 1.0, 0.0, 0.0])).coefficients, taylor(f, 0.7, 1.0, 3))
    x = np.array([1.0, 2.0, 3.0])
    y = np.sum(Taylor([x, np.ones(3), np.zeros(3)]) ** 3)
    np.testing.assert_array_equal(y.coefficients, taylor(lambda x: np.sum(x**3), x, np.ones(3), 2))
    assert y.value == y.coefficients[0]


def test_integers_lists_and_complex_numbers():
    assert (Taylor([1, 2]) ** 2).coefficients.tolist() == [1.0, 4.0]
    assert (Taylor([1 + 2j, 1]) ** 2).coefficients.tolist() == [-3 + 4j, 2 + 4j]
    assert Taylor(np.float32([1, 2])).dtype == np.float32


def test_the_coefficients_are_copied():
    given = np.array([1.0, 2.0])
    series = Taylor(given)
    given[:] = 9
    assert series.coefficients.tolist() == [1.0, 2.0]


def test_copies_and_pickles():
    series = Taylor([[1.0, 2.0], [3.0, 4.0]])
    for twin in (copy.copy(series), copy.deepcopy(series), pickle.loads(pickle.dumps(series))):
        assert repr(twin) == repr(series) == "Taylor(array([[1., 2.],\n       [3., 4.]]))"
        twin[0] = 0.0
        assert series.coefficients.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("bad", [1.0, [], [1.0], [[1.0, 2.0]]])
def test_too_few_coefficients(bad):
    with pytest.raises(ShapeError, match="one coefficient at least"):
        Taylor(bad)


@pytest.mark.parametrize("bad", [None, "ab", ["a", "b"]])
def test_coefficients_that_are_no_numbers(bad):
    with pytest.raises(InputError, match="must be numeric"):
        Taylor(bad)


def test_orders_that_differ_are_refused():
    one, other = Taylor([1.0, 2.0]), Taylor([1.0, 2.0, 3.0])
    for mix in (lambda: one + other, lambda: np.stack([one, other]), lambda: np.arctan2(one, other)):
        with pytest.raises(ShapeError, match="one Taylor series has the order"):
            mix()


def test_it_has_an_epsilon_of_its_own():
    """d/dx of the coefficients at x = 0.7 times the series 0.7 + t, whatever the kind of number that takes it."""
    expected = taylor(lambda s: derivative(lambda x: f(s * x))(0.7), 0.7, 1.0, 3)
    series = Taylor([0.7, 1.0, 0.0, 0.0])
    np.testing.assert_allclose(f(series * Dual(0.7, 1.0)).coefficients.tangent, expected, rtol=1e-13)
    hyper = f(HyperDual(0.7, 1.0, 1.0) * series).coefficients
    np.testing.assert_allclose(hyper.e1, expected, rtol=1e-13)
    second = taylor(lambda s: derivative(derivative(lambda x: f(s * x)))(0.7), 0.7, 1.0, 3)
    np.testing.assert_allclose(hyper.e12, second, rtol=1e-12)


def test_inside_of_transforms():
    def third(x):
        return np.sin(Taylor([x, 1.0, 0.0, 0.0])).coefficients[3]

    assert derivative(third)(0.3) == pytest.approx(np.sin(0.3) / 6, rel=1e-14)
    assert grad(third)(0.3) == pytest.approx(np.sin(0.3) / 6, rel=1e-14)
    x = np.array([0.1, 0.2])
    np.testing.assert_allclose(
        jacobian(lambda x: np.exp(Taylor(np.stack([x, np.ones_like(x)]))).coefficients[1])(x), np.diag(np.exp(x))
    )


def test_nothing_is_lost_without_a_word():
    with pytest.raises(DerivativeLostError, match="a Taylor series of shape"):
        float(Taylor([1.0, 2.0]))
    plain = np.zeros(2)
    with pytest.raises(DerivativeLostError):
        plain[0] = Taylor([1.0, 2.0])
    assert not plain.any()
