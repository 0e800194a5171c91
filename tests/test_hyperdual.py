"""Hyper-dual numbers: all rows serve them as they serve nested Duals, and they stand for arrays as Duals do."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings

import numpy as np
import pytest

from dualnum import (
    DerivativeLostError,
    Dual,
    HyperDual,
    InputError,
    MutationError,
    ObjectArrayWarning,
    ShapeError,
    derivative,
    grad,
    jacfwd,
    jvp,
)
from tests.row_checks import (
    arguments,
    assert_close,
    call,
    directions,
    leaves,
    lifted,
    tangent_of,
    tree_map,
    value_of,
)
from tests.test_rows import SAMPLES


def of_hyperduals(args, e1, e2, positions):
    return [
        tree_map(HyperDual, arg, e1[i], e2[i]) if i in positions and e1[i] is not None else arg
        for i, arg in enumerate(args)
    ]


@pytest.mark.parametrize("sample", [pytest.param(sample, id=label) for label, sample in SAMPLES])
@pytest.mark.parametrize("leads", [((), ()), ((2,), (3,))])
def test_every_row(sample, leads):
    """The parts are those of nested Duals, the value bit for bit, and the dtype is NumPy's."""
    args = arguments(sample)
    e1, e2 = directions(sample, args, 1, leads[0]), directions(sample, args, 2, leads[1])
    found = leaves(call(sample, of_hyperduals(arguments(sample), e1, e2, sample.active)))
    expected = leaves(call(sample, lifted(args, e2, e1)))
    assert len(found) == len(expected)
    k1, k2 = (lead[0] if lead else None for lead in leads)
    for y, nested in zip(found, expected, strict=True):
        assert isinstance(y, HyperDual) is isinstance(nested, Dual)
        if isinstance(y, HyperDual):
            assert y.dtype == nested.dtype
            tolerance = 1e-12 if y.dtype.itemsize > 4 else 1e-5
            first, second = value_of(nested), tangent_of(nested, k1)
            e21 = tangent_of(second, k2)
            np.testing.assert_array_equal(y.value, value_of(first))
            assert_close(y.e2, tangent_of(first, k2), tolerance)
            assert_close(y.e1, value_of(second), tolerance)
            assert_close(y.e12, np.swapaxes(e21, 0, 1) if k1 else e21, tolerance)
        elif y is not None:
            np.testing.assert_array_equal(y, nested)


def test_parts():
    x = HyperDual([1.0, 2.0], np.eye(2), [3, 4], np.ones((2, 2)))
    assert x.shape == x.e2.shape == (2,)
    assert x.e1.shape == x.e12.shape == (2, 2)
    np.testing.assert_array_equal(x.e1, np.eye(2))
    np.testing.assert_array_equal((x * 2).e12, 2 * np.ones((2, 2)))
    assert repr(HyperDual(1.0, 2.0, 3.0, 4.0)) == "HyperDual(1.0, e1=2.0, e2=3.0, e12=4.0)"
    assert f"{HyperDual(1.25, 2.0, 3.0, 4.0):.1f}" == "1.2"
    assert HyperDual(np.zeros((2, 3)), np.zeros((4, 2, 3)), np.zeros((5, 2, 3))).e12.shape == (4, 5, 2, 3)


def test_e12_is_in_the_order_of_its_directions():
    e12 = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal((HyperDual(1.0, np.zeros(2), np.zeros(3), e12) * 1.0).e12, e12)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        (([1.0, 2.0], [1.0], [0.0, 1.0]), ShapeError),
        (([1.0, 2.0], [1.0, 0.0], np.zeros((2, 3))), ShapeError),
        (([1.0, 2.0], [1.0, 0.0], [0.0, 1.0], np.zeros((2, 2))), ShapeError),
        ((1.0, 1j, 0.0), InputError),
        ((1.0, 0.0, 0.0, 1j), InputError),
        (("a", 1.0, 1.0), InputError),
    ],
)
def test_parts_that_do_not_fit(parts, error):
    with pytest.raises(error, match="HyperDual"):
        HyperDual(*parts)


def test_callers_arrays_are_copied():
    value, e1 = np.ones(2), np.ones(2)
    x = HyperDual(value, e1, e1)
    x *= 2
    np.testing.assert_array_equal([value, e1], np.ones((2, 2)))


def test_updates_and_views():
    x = HyperDual(np.array([1.0, 2.0, 3.0]), np.eye(3), np.eye(3))
    y = np.zeros_like(x)
    tail = y[1:]
    y[:] = x**2
    tail *= x[1:]
    np.testing.assert_array_equal(y.value, [1, 8, 27])
    np.testing.assert_array_equal(np.diagonal(np.diagonal(y.e12)), [2, 12, 18])
    np.exp(x, out=y)
    np.testing.assert_array_equal(y.e12.sum(axis=(0, 1)), np.exp(x.value))
    with pytest.raises(DerivativeLostError):
        np.exp(x, out=np.zeros(3))
    z = np.exp(x, where=np.array([True, False, True]), out=None)
    np.testing.assert_array_equal(z.e12[1, 1], 0)


def test_loss_is_refused():
    x = HyperDual(2.0, 1.0, 1.0)
    for lose in (float, int, lambda x: np.asarray(x, dtype=float), lambda x: np.zeros(2).__setitem__(0, x)):
        with pytest.raises((DerivativeLostError, TypeError)):
            lose(x)
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)


def test_object_arrays_stay_exact():
    x = HyperDual(np.array([1.0, 2.0]), np.eye(2), np.eye(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ObjectArrayWarning)  # shown once in the life of a process, maybe here
        y = np.asarray(x)
    total = np.sum(np.array([y[0], x[1]]) * np.array([x[1], y[0]]))
    assert isinstance(total, HyperDual)
    np.testing.assert_array_equal(total.e12, [[0, 2], [2, 0]])


def test_copies():
    x = HyperDual(np.array([1.0, 2.0]), np.eye(2), np.eye(2), np.ones((2, 2, 2)))
    for y in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.copy()):
        np.testing.assert_array_equal((x * y).e12, (x * x).e12)
        y += 1
    np.testing.assert_array_equal(x.value, [1, 2])


# Which epsilon is which


def test_with_a_dual_made_by_hand():
    """Its epsilon is none of the two."""
    x, d = HyperDual(2.0, 1.0, 1.0), Dual(3.0, 1.0)
    y = x * x * d * d
    assert isinstance(y, HyperDual)
    assert (y.value.value, y.value.tangent) == (36.0, 24.0)
    assert (y.e1.value, y.e1.tangent) == (36.0, 24.0)
    assert (y.e12.value, y.e12.tangent) == (18.0, 12.0)


def test_inside_each_other():
    x = HyperDual(HyperDual(2.0, 1.0, 1.0), 1.0, 1.0)
    y = x**4
    assert y.e12.e12 == 24.0
    assert Dual(HyperDual(2.0, 1.0, 1.0), 1.0).__pow__(3).tangent.e12 == 6.0
    assert (HyperDual(Dual(2.0, 1.0), 1.0, 1.0) ** 3).e12.tangent == 6.0


def test_inside_transforms():
    def second(x):
        return (HyperDual(x, 1.0, 1.0) ** 3).e12  # 6 x

    assert derivative(second)(2.0) == 6.0
    assert grad(second)(2.0) == 6.0
    assert derivative(lambda x: x * second(x))(2.0) == 24.0
    assert derivative(lambda x: (HyperDual(2.0, 1.0, 1.0) ** 2 * x).e12)(5.0) == 2.0


def test_transforms_inside():
    x = HyperDual(2.0, 1.0, 1.0)
    assert derivative(lambda y: y**2 * x**2)(3.0).e12 == 12.0
    assert grad(lambda y: y**2 * x**2)(3.0).e12 == 12.0
    assert derivative(lambda y: y**4)(x).e12 == 48.0
    assert grad(lambda y: y**4)(x).e12 == 48.0


def test_a_result_made_by_hand_keeps_what_it_depends_on():
    """The function returns a hyper-dual number whose parts depend on its argument."""
    y, y_dot = jvp(lambda x: HyperDual(x**2, x, 1.0), (3.0,), (1.0,))
    assert (y.value, y.e1, y.e2) == (9.0, 3.0, 1.0)
    assert (y_dot.value, y_dot.e1, y_dot.e2) == (6.0, 1.0, 0.0)
    j = jacfwd(lambda x: HyperDual(x**2, np.stack([x, x, x]), np.ones((2, 2))))(np.array([3.0, 4.0]))
    np.testing.assert_array_equal(j.value, np.diag([6.0, 8.0]))
    np.testing.assert_array_equal(j.e1, np.stack([np.eye(2)] * 3))


def test_directions_must_be_as_many():
    with pytest.raises(ShapeError):
        HyperDual(1.0, np.ones(2), np.ones(2)) * HyperDual(1.0, np.ones(3), np.ones(2))


def test_an_outer_number_cannot_be_stored_in_an_inner_one():
    x = HyperDual(np.ones(2), np.ones(2), np.ones(2))

    def store(y):
        x[0] = y
        return y

    with pytest.raises(MutationError):
        derivative(store)(1.0)


def test_threads_do_not_see_each_other():
    found = []

    def work(n):
        for _ in range(50):
            found.append((n, (HyperDual(float(n), 1.0, 1.0) ** 3).e12))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 200
    assert all(second == 6.0 * n for n, second in found)
