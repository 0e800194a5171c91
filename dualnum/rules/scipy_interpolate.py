"""Rows of piecewise polynomials and splines, by way of `dualnum.scipy.interpolate`.

All are linear in their coefficients, and the derivative in a point is the value of the next derivative of the polynomial. At a
common end of two intervals, it is that of the interval on the right, as SciPy has it.
"""

from __future__ import annotations

import math

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.primitives import scatter
from dualnum.rules.products import fitted
from dualnum.splines import (
    exact_value,
    grid_spline_at,
    intervals,
    pieces_at,
    polynomial_at,
    spline_at,
    spline_intervals,
)
from dualnum.table import composite, nonlinear

composite(exact_value, lambda function, body, *args: body(*args))


def _columns(c_dot, ndim):
    """Coefficients whose directions, if there are any, have become further columns."""
    if c_dot.ndim == ndim:
        return c_dot
    moved = np.moveaxis(c_dot, 0, -2)
    return np.reshape(moved, (*moved.shape[:-2], math.prod(moved.shape[-2:])))


def _rows(out, c_dot, ndim):
    """Undo that in the result."""
    if c_dot.ndim == ndim:
        return out
    return np.moveaxis(np.reshape(out, (len(out), len(c_dot), c_dot.shape[-1])), 1, 0)


def _sum(terms):
    return sum(terms[1:], terms[0])


def _where(inside, x, constant=0.0):
    """What is outside, or at nan, is nan and counts as constant."""
    return x if inside.all() else np.where(inside, x, np.asarray(constant, x.dtype))


# Piecewise polynomials


def _between(t, x, extrapolate):
    if extrapolate:
        return ~np.isnan(t)[:, None]
    low, high = (x[0], x[-1]) if x[0] <= x[-1] else (x[-1], x[0])
    return ((t >= low) & (t <= high))[:, None]


def _pieces_rule(t, c, x, nu=0, extrapolate=True):
    out = pieces_at(t, c, x, nu, extrapolate)
    points, ends = primal_all(t), primal_all(x)
    inside = _between(points, ends, extrapolate)

    def push(t_dot, c_dot, x_dot):
        terms = []
        if t_dot is not None or x_dot is not None:
            slope = _where(inside, pieces_at(t, c, x, nu + 1, True))
            if t_dot is not None:
                terms.append(t_dot[..., None] * slope)
            if x_dot is not None:  # the distance to the left end is what counts
                terms.append(-x_dot[..., intervals(points, ends)][..., None] * slope)
        if c_dot is not None:
            found = pieces_at(t, _columns(c_dot, 3), x, nu, True)
            terms.append(_where(inside, _rows(found, c_dot, 3)))
        return _sum(terms)

    return out, push


def _pieces_pull(out_bar, t, c, x, nu=0, extrapolate=True):
    points, ends = primal_all(t), primal_all(x)
    inside = _between(points, ends, extrapolate)
    left = intervals(points, ends)
    degree = c.shape[0] - 1
    distance = _where(inside[:, 0], t - x[left])
    powers = [
        math.perm(p, nu) * distance ** (p - nu) if p >= nu else np.zeros_like(distance) for p in range(degree, -1, -1)
    ]
    updates = np.stack(powers)[:, :, None] * _where(inside, out_bar)
    return fitted(scatter(updates, (slice(None), left), c.shape), c)


nonlinear(pieces_at, _pieces_rule, positions=(0, 1, 2), batched=True, transposes={1: _pieces_pull})


# Sums of B-splines

_KNOTS = {2: "active knots are taken by make_interp_spline, make_lsq_spline and BSpline of dualnum.scipy.interpolate"}


def _within(x, t, k, extrapolate):
    return (~np.isnan(x) if extrapolate else (x >= t[k]) & (x <= t[t.size - k - 1]))[:, None]


def _basis(x, t, k, nu):
    """Values (n, k + 1) of the B-splines that are not zero at each of `x`, and their numbers.

    They come in a sum each in which every (k + 1)-th coefficient is one: only one of these is not zero there.
    """
    count = t.size - k - 1
    numbers = np.arange(count)
    chosen = (numbers[:, None] % (k + 1) == np.arange(k + 1)).astype(float)
    last = spline_intervals(primal_all(x), t, k)
    first = last - k
    numbers = first[:, None] + (np.arange(k + 1) - first[:, None]) % (k + 1)
    return spline_at(x, chosen, t, k, nu, True), numbers


def _spline_rule(x, c, t, k, nu=0, extrapolate=True):
    out = spline_at(x, c, t, k, nu, extrapolate)
    inside = _within(primal_all(x), t, k, extrapolate)

    def push(x_dot, c_dot):
        terms = []
        if x_dot is not None:
            terms.append(x_dot[..., None] * _where(inside, spline_at(x, c, t, k, nu + 1, True)))
        if c_dot is not None:
            found = spline_at(x, _columns(c_dot, 2), t, k, nu, True)
            terms.append(_where(inside, _rows(found, c_dot, 2)))
        return _sum(terms)

    return out, push


def _spline_pull(out_bar, x, c, t, k, nu=0, extrapolate=True):
    inside = _within(primal_all(x), t, k, extrapolate)
    values, numbers = _basis(_where(inside[:, 0], x, t[k]), t, k, nu)
    bar = _where(inside, out_bar)
    return fitted(scatter(values[:, :, None] * bar[:, None, :], numbers, c.shape), c)


nonlinear(spline_at, _spline_rule, positions=(0, 1), batched=True, transposes={1: _spline_pull}, reasons=_KNOTS)


# Sums of products of B-splines


def _within_grid(x, t, k, extrapolate):
    along = [_within(x[:, i], *pair, extrapolate) for i, pair in enumerate(zip(t, k, strict=True))]
    return np.concatenate(along, 1).all(1, keepdims=True)


def _grid_rule(x, c, t, k, nu, extrapolate=True):
    out = grid_spline_at(x, c, t, k, nu, extrapolate)
    d = len(t)
    inside = _within_grid(primal_all(x), t, k, extrapolate)

    def push(x_dot, c_dot):
        terms = []
        if x_dot is not None:
            for i in range(d):
                order = (*nu[:i], nu[i] + 1, *nu[i + 1 :])
                slope = _where(inside, grid_spline_at(x, c, t, k, order, True))
                terms.append(x_dot[..., i][..., None] * slope)
        if c_dot is not None:
            found = grid_spline_at(x, _columns(c_dot, d + 1), t, k, nu, True)
            terms.append(_where(inside, _rows(found, c_dot, d + 1)))
        return _sum(terms)

    return out, push


def _grid_pull(out_bar, x, c, t, k, nu, extrapolate=True):
    weights, places = np.ones((len(x), 1)), np.zeros((len(x), 1), np.intp)
    inside = _within_grid(primal_all(x), t, k, extrapolate)
    for i in range(len(t)):
        values, numbers = _basis(_where(inside[:, 0], x[:, i], t[i][k[i]]), t[i], k[i], nu[i])
        weights = np.reshape(weights[:, :, None] * values[:, None, :], (len(x), -1))
        places = np.reshape(places[:, :, None] * c.shape[i] + numbers[:, None, :], (len(x), -1))
    bar = _where(inside, out_bar)
    shape = (math.prod(c.shape[:-1]), c.shape[-1])
    return fitted(scatter(weights[:, :, None] * bar[:, None, :], places, shape), c)


nonlinear(grid_spline_at, _grid_rule, positions=(0, 1), batched=True, transposes={1: _grid_pull}, reasons=_KNOTS)


# Polynomials by their values


def _differentiation(nodes, weights):
    """Matrix that takes values at nodes to those of the derivative (Berrut and Trefethen, 2004, section 9.3)."""
    nodes, weights = np.asarray(nodes, float), np.asarray(weights, float)
    distance = nodes[:, None] - nodes + np.eye(nodes.size)
    matrix = weights / (weights[:, None] * distance) * (1 - np.eye(nodes.size))
    return matrix - np.diag(matrix.sum(1))


def _polynomial_rule(x, y, nodes, weights):
    out = polynomial_at(x, y, nodes, weights)
    inside = ~np.isnan(primal_all(x))[:, None]

    def push(x_dot, y_dot):
        terms = []
        if x_dot is not None:
            slope = polynomial_at(x, np.matmul(_differentiation(nodes, weights), y), nodes, weights)
            terms.append(x_dot[..., None] * _where(inside, slope))
        if y_dot is not None:
            found = polynomial_at(x, _columns(y_dot, 2), nodes, weights)
            terms.append(_where(inside, _rows(found, y_dot, 2)))
        return _sum(terms)

    return out, push


def _polynomial_pull(out_bar, x, y, nodes, weights):
    inside = ~np.isnan(primal_all(x))[:, None]
    shares = _where(inside, polynomial_at(x, np.eye(nodes.size), nodes, weights))
    return fitted(np.matmul(shares.T, _where(inside, out_bar)), y)


nonlinear(polynomial_at, _polynomial_rule, positions=(0, 1), batched=True, transposes={1: _polynomial_pull})
