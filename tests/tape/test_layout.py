"""Layers, their order and coordinates."""

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from dualnum.tape.layout import _increasing, layered


def test_edges_run_downward_and_what_is_used_late_lies_there():
    parents = [[], [], [0], [2], [1, 3], [3]]
    layout = layered([30.0] * 6, parents)
    assert layout.layer == [0, 2, 1, 2, 3, 3]


def test_a_sum_of_elements_has_them_where_they_are_added():
    parents = [[], [0], [0], [1, 2]]  # x, x[0], x[1], x[0] + x[1]
    for _ in range(4):
        parents += [[0], [len(parents) - 1, len(parents)]]
    layer = layered([30.0] * len(parents), parents).layer
    assert layer[3::2] == [2, 3, 4, 5, 6]
    assert layer[4::2] == [2, 3, 4, 5]


def test_a_running_sum_stays_beside_what_it_sums():
    # h -> g -> h and s + h -> s in each step: sinking all sums to the end would drag an edge from each h there.
    parents = [[], [0], [0, 1]]
    for _ in range(5):
        h, s = len(parents) - 2, len(parents) - 1
        parents += [[h], [h + 2], [s, h + 3]]
    layer = layered([30.0] * len(parents), parents).layer
    assert all(layer[i] == 1 + max(layer[p] for p in ps) for i, ps in enumerate(parents) if len(ps) == 2)


def test_order_avoids_crossings():
    layout = layered([30.0] * 6, [[], [], [], [2], [1], [0]])
    assert layout.x[:3] == pytest.approx(layout.x[:2:-1])
    assert layout.width == pytest.approx(3 * 30 + 2 * 14)


def test_a_chain_is_straight():
    layout = layered([30.0, 50.0, 20.0], [[], [0], [1]])
    assert layout.x == pytest.approx([25.0] * 3)
    assert layout.width == pytest.approx(50.0)


def test_long_edges_from_one_node_share_their_places():
    #  0 -> 1 -> 2 -> 3 -> 4, and 0 -> 3, 0 -> 4
    layout = layered([30.0] * 5, [[], [0], [1], [0, 2], [0, 3]])
    (to_3, to_4) = (dict(layout.routes[i])[0] for i in (3, 4))
    assert len(to_3) == 2
    assert to_4[:2] == to_3
    assert len(to_4) == 3


def test_nothing():
    assert layered([], []) == ([], [], [], 0.0)


def test_increasing_is_the_isotonic_regression():
    rng = np.random.default_rng(3)
    for n in range(1, 9):
        wishes, weights = rng.normal(size=n), rng.uniform(0.1, 5.0, size=n)
        expected = isotonic_regression(wishes, weights=weights).x
        np.testing.assert_allclose(_increasing(wishes.tolist(), weights.tolist()), expected, rtol=1e-12)
