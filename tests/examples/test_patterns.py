"""Spots that form by themselves: the Jacobian is the one that is known, and Newton's method ends in a steady state."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest
from scipy import sparse

from dualnum import jacobian
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import patterns


def test_the_jacobian_is_the_one_by_hand():
    cells = 9
    supply = patterns.feed(cells)
    y = patterns.start(supply)
    u, v = y.reshape(2, -1)
    ring = np.roll(np.eye(cells), 1, 0) + np.roll(np.eye(cells), -1, 0) - 2 * np.eye(cells)
    laplacian = np.kron(ring, np.eye(cells)) + np.kron(np.eye(cells), ring)
    by_hand = np.block(
        [
            [laplacian + np.diag(2 * u * v - 1), np.diag(u**2)],
            [np.diag(-2 * u * v), patterns.DIFFUSION * laplacian - np.diag(u**2)],
        ]
    )
    J = jacobian(patterns.rates, 1, sparse=True)(0.0, y, supply)
    assert sparse.issparse(J)
    assert J.nnz == np.count_nonzero(by_hand)
    np.testing.assert_allclose(J.toarray(), by_hand, rtol=1e-13)


def test_newtons_method_returns_to_the_steady_state():
    supply = np.full((8, 8), 2.0)  # no spots form with so much
    balance = patterns.SOURCE + 2, 2 / (patterns.SOURCE + 2) ** 2
    steady, largest = patterns.newton(patterns.start(supply), supply)
    np.testing.assert_allclose(steady.reshape(2, -1).T, [balance] * 64, rtol=1e-9)
    assert 2 < len(largest) < 8
    assert largest[-1] < 1e-11 < largest[0]


def test_the_script_finds_a_stable_pattern(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("patterns.py", tmp_path, "--cells", "24", "--time", "3000")
    assert "1152 unknowns. Of the Jacobian's 1327104 derivatives 6912 are not zero." in printed
    assert float(re.search(r"differs by (\S+) ", printed)[1]) < 1e-12
    rates = [float(rate) for rate in printed.split("rate of change is ")[1].split("\n")[0].split(", ")]
    assert rates[-1] < 1e-11 < rates[0] < 1e-3
    assert ": the state is stable.\nIt has 4 spots." in printed
    assert picture.startswith(b"\x89PNG")
