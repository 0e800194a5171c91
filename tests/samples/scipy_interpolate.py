"""Samples of piecewise polynomials and splines, as the classes of `dualnum.scipy.interpolate` evaluate them."""

from __future__ import annotations

import numpy as np

from dualnum.splines import exact_value, grid_spline_at, pieces_at, polynomial_at, spline_at
from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(41)

ENDS = np.array([-1.0, -0.3, 0.6, 1.5, 2.0])
POINTS = np.array([-0.7, 1.1, 1.9, 0.2, 1.1, -0.9])
BEYOND = np.array([-1.6, 0.1, 2.5])
KNOTS = {k: np.concatenate([np.full(k + 1, -1.0), [-0.3, 0.6, 1.5], np.full(k + 1, 2.0)]) for k in range(6)}
UNEVEN = np.array([-2.0, -1.7, -1.0, -0.3, 0.6, 0.6, 1.5, 2.0, 2.1, 2.9])
GRID = np.stack([POINTS, POINTS[::-1]], 1)
NODES = np.array([-1.0, 0.1, 1.5, 2.0])
WEIGHTS = 1 / np.prod(NODES[:, None] - NODES + np.eye(4), axis=1)
ROWS = (POINTS, NODES[1:3], POINTS[:0])


def cube(x, scale):
    """Value, as some function of SciPy's would compute it."""
    return scale * x * x * x


def cube_again(x, scale):
    """The same, with derivatives."""
    return scale * x**3


SAMPLES = [
    *(
        Sample(pieces_at, (POINTS, make(k, 4, 2), ENDS, nu), active=(0, 1, 2))
        for make in (real, plane)
        for k, nu in ((1, 0), (4, 0), (4, 1), (3, 2), (4, 4))
    ),
    Sample(pieces_at, (POINTS, real(4, 4, 1), ENDS[::-1].copy(), 0), active=(0, 1, 2)),
    Sample(pieces_at, (BEYOND, real(4, 4, 2), ENDS, 0, True), active=(0, 1, 2)),
    Sample(pieces_at, (POINTS, real(4, 4, 2), ENDS, 1, False), active=(0, 1, 2)),
    Sample(pieces_at, (POINTS[:0], real(4, 4, 2), ENDS), active=(0, 1, 2)),
    Sample(pieces_at, (POINTS, real(4, 4, 0), ENDS), active=(0, 1, 2)),
    *(
        Sample(spline_at, (POINTS, make(k + 4, 2), KNOTS[k], k, nu), active=(0, 1))
        for make in (real, plane)
        for k, nu in ((0, 0), (1, 0), (3, 0), (3, 1), (3, 3), (5, 2))
    ),
    Sample(spline_at, (POINTS, real(6, 1), UNEVEN, 3, 0), active=(0, 1)),
    Sample(spline_at, (BEYOND, real(7, 2), KNOTS[3], 3, 0, True), active=(0, 1)),
    Sample(spline_at, (POINTS, real(7, 2), KNOTS[3], 3, 0, False), active=(0, 1)),
    Sample(spline_at, (POINTS[:0], real(7, 2), KNOTS[3], 3), active=(0, 1)),
    *(
        Sample(grid_spline_at, (GRID, make(7, 5, 2), (KNOTS[3], KNOTS[1]), (3, 1), nu), active=(0, 1))
        for make in (real, plane)
        for nu in ((0, 0), (1, 0), (0, 1), (2, 1))
    ),
    Sample(grid_spline_at, (POINTS[:, None], real(7, 1), (KNOTS[3],), (3,), (0,), False), active=(0, 1)),
    *(
        Sample(polynomial_at, (points, make(4, 2), NODES, WEIGHTS), active=(0, 1))
        for make in (real, plane)
        for points in ROWS
    ),
    Sample(polynomial_at, (POINTS, real(1, 2), NODES[:1], WEIGHTS[:1]), active=(0, 1)),
    Sample(exact_value, (cube, cube_again, real(3), 2.0), active=(2,), complex_ok=True),
]
