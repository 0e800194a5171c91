"""Histograms and statistics of pairs: what moves and what does not."""

import numpy as np
import pytest

from dualnum import Dual, jacobian

X = np.array([0.1, 0.9, 0.4, 0.5, 0.45])


class TestHistograms:
    def test_counts_are_constant_and_edges_follow_the_extremes(self):
        counts, edges = np.histogram(Dual(X, [1.0, 2.0, 3.0, 4.0, 5.0]), bins=2)
        assert type(counts) is np.ndarray
        assert np.array_equal(edges.tangent, [1.0, 1.5, 2.0])

    def test_a_given_range_is_constant(self):
        counts, edges = np.histogram(Dual(X, np.ones(5)), bins=2, range=(0.0, 1.0))
        assert type(counts) is np.ndarray
        assert np.array_equal(edges.tangent, np.zeros(3))

    def test_an_active_range(self):
        edges = jacobian(lambda end: np.histogram_bin_edges(X, bins=2, range=(0.0, end)))(1.0)
        assert np.array_equal(edges, [0.0, 0.5, 1.0])

    def test_weights_go_to_their_bins(self):
        slopes = jacobian(lambda w: np.histogram(X, bins=[0.0, 0.4, 0.9], weights=w)[0])(np.ones(5))
        assert np.array_equal(slopes, [[1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0, 1.0]])

    def test_density_falls_with_the_width(self):
        def density(width):
            return np.histogram(X, bins=np.stack([0.0, width]), density=True)[0]

        assert np.array_equal(jacobian(density)(2.0), [-0.25])

    def test_counts_of_integers(self):
        slopes = jacobian(lambda w: np.bincount([0, 2, 2], weights=w, minlength=4))(np.ones(3))
        assert np.array_equal(slopes, [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
        with pytest.raises(ValueError, match="same length"):
            np.bincount([0, 1], weights=Dual(np.ones(3), np.ones(3)))

    def test_directions_of_no_weights(self):
        # NumPy counts nothing in integers, which are plain
        assert type(np.bincount(np.zeros(0, int), weights=Dual([], np.zeros((2, 0))), minlength=3)) is np.ndarray


class TestPairs:
    DATA = np.random.default_rng(4).uniform(size=(3, 6))

    def test_the_diagonal_of_correlations_is_constant(self):
        slopes = jacobian(np.corrcoef)(self.DATA)
        assert np.allclose(slopes[np.arange(3), np.arange(3)], 0.0, atol=1e-14)

    def test_variances_are_on_the_diagonal_of_covariances(self):
        slopes = jacobian(np.cov)(self.DATA)
        expected = jacobian(lambda x: np.var(x, axis=1, ddof=1))(self.DATA)
        assert np.allclose(slopes[np.arange(3), np.arange(3)], expected, rtol=1e-12, atol=1e-15)

    def test_whole_weights_repeat_observations(self):
        repeats = [1, 3, 1, 2, 1, 1]
        slopes = jacobian(lambda x: np.cov(x, fweights=repeats))(self.DATA)
        expected = jacobian(lambda x: np.cov(np.repeat(x, repeats, axis=1)))(self.DATA)
        assert np.allclose(slopes, expected, rtol=1e-12, atol=1e-15)

    def test_bad_arguments_are_numpys_own_errors(self):
        with pytest.raises(ValueError, match="more than 2 dimensions"):
            np.cov(Dual(np.zeros((2, 2, 2)), np.zeros((2, 2, 2))))
