"""Updates in place of arrays whose tangents are terms are right, or left to blocks of directions."""

import numpy as np
import pytest

from dualnum import (
    value_and_jacobian,
)
from dualnum.columns import jacobian_of
from tests.sparse_checks import X, assert_agree, by_blocks

pytestmark = pytest.mark.usefixtures("few_are_enough")


def into_a_view(x):
    y = x * 2.0
    z = y[2:5]
    z[0] = x[7]
    return y


def into_what_has_views(x):
    y = x * 2.0
    z = y[2:5]
    y[3] = x[7]
    return z * y[2:5]


def through_a_view(x):
    y = x * 2.0
    z = y[2:5]
    z += x[:3]
    z[...] = z * x[7]
    return y


def into_one_of_two_views(x):
    y = x * 2.0
    z, same = y[2:5], y[2:5]
    z += x[:3]
    return same


def into_what_is_seen_as_dense(x):
    y = x * 2.0
    z = y[2:5]
    same = np.real(z)
    y[3] = x[7]
    return same


def into_what_windows_see(x):
    y = x * 2.0
    windows = np.lib.stride_tricks.sliding_window_view(y, 3)
    y[3] = x[7]
    return windows


def into_what_was_reshaped(x):
    y = x * 2.0
    z = y.reshape(4, 6).T
    y[3:] += x[:-3]
    y[0] = z[1, 1]
    return y


def stored_where_it_no_longer_is(x):
    y, start, end = x * 2.0, np.array(2), np.array(5)
    z = y[start:end]
    start += 1
    end += 1
    z += x[:3]
    return y


def what_is_overwritten(x):
    y = x * 2.0
    z = y[:4]
    y[:4] = x[4:8]
    y[4:8] = z
    y[0], y[1:3] = y[2], y[:2]
    return y


def into_the_argument(x):
    y = x.reshape(4, 6)
    x[1] = x[2] * 3
    return y


def into_a_view_of_dense(x):
    y = np.cumsum(x).reshape(4, 6)
    y[1] *= 2.0
    z = np.reshape(x, (4, 6), copy=False)
    z[2, 2] = 1.0
    return y + z + x.reshape(4, 6)


def by_at(x):
    y = np.zeros_like(x)
    np.add.at(y, [1, 1, 2], x[:3])
    np.put(y, [4, 5], x[:2])
    return y


def into_the_tangent(x):
    x.tangent[...] = 0.0
    return x * 2.0


def into_a_view_by_einsum(x):
    y = x * 2.0
    z = np.einsum("ii->i", y[:16].reshape(4, 4))
    z[:] = x[:4] ** 2
    return y


def into_what_is_said_to_be_writable(x):
    y = x.reshape(4, 6)
    x.setflags(write=True)
    y[0] = 1.0
    return x * 1.0


def into_its_own_part(x):
    y = x + 0.0
    y[1:] = y[:-1]
    z = np.zeros_like(y)
    z[2:] += y[2:]
    z[[1, 1]] = y[[3, 4]]
    return [y, z]


def as_objects(x):
    y = x * 1.0
    z = np.asarray(y)
    return [np.stack(list(z)), y[0] + z[1]]


UPDATES = [
    into_a_view,
    into_what_has_views,
    through_a_view,
    into_one_of_two_views,
    into_what_is_seen_as_dense,
    into_what_windows_see,
    into_what_was_reshaped,
    stored_where_it_no_longer_is,
    what_is_overwritten,
    into_the_argument,
    into_a_view_of_dense,
    into_the_tangent,
    into_a_view_by_einsum,
    into_what_is_said_to_be_writable,
    into_its_own_part,
    by_at,
    as_objects,
]


@pytest.mark.parametrize("f", UPDATES)
def test_updates(f):
    assert_agree(f, X, allow_none=True)
    np.testing.assert_equal(value_and_jacobian(f, mode="forward")(X), by_blocks(f, X))


@pytest.mark.parametrize("write", UPDATES)
def test_errors_that_the_function_catches(write):
    def f(x):
        try:
            return write(x)
        except Exception:
            return x * 0.0

    expected = by_blocks(f, X)
    found = jacobian_of(f, X.copy(), None, False, "f")[:2]
    np.testing.assert_equal(found, expected)
