import numpy as np
import pytest

from dualnum import Dual, MutationError, jacobian
from dualnum.dual_operands import make_dual

X = np.arange(6.0).reshape(2, 3)
T = np.arange(10.0, 16.0).reshape(2, 3)
MANY = np.arange(24.0).reshape(4, 2, 3)


@pytest.mark.parametrize("order", ["K", "A", "k", "a"])
@pytest.mark.parametrize("tangent", [T, np.asfortranarray(T), MANY, np.asfortranarray(MANY)])
def test_memory_order_is_that_of_the_value(order, tangent):
    value = np.asfortranarray(X)
    x = make_dual(value, tangent, 1, None if tangent.ndim == 2 else 4)
    y = np.ravel(x, order=order)
    assert np.array_equal(y.value, np.ravel(value, order))
    assert np.array_equal(y.tangent, np.swapaxes(tangent, -1, -2).reshape(*tangent.shape[:-2], 6))
    z = np.reshape(x, (3, 2), order="A")
    assert np.array_equal(z.value, np.reshape(value, (3, 2), order="A"))
    single = tangent.reshape(-1, 2, 3)
    assert np.array_equal(z.tangent.reshape(-1, 3, 2), [np.reshape(t, (3, 2), order="F") for t in single])


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_ravel_in_any_memory_order(axes):
    value = np.arange(24.0).reshape(2, 3, 4).transpose(axes)
    y = np.ravel(Dual(value, np.stack([value + 100, value + 200])), order="K")
    assert np.array_equal(y.value, np.arange(24.0))
    assert np.array_equal(y.tangent, [np.arange(100.0, 124), np.arange(200.0, 224)])


@pytest.mark.parametrize("tangent", [T, MANY])
@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T.reshape(3, 2).T[0],
        lambda x: np.squeeze(np.expand_dims(x, 1))[1],
        lambda x: np.moveaxis(np.atleast_3d(x), 0, 2)[1:, 0],
        lambda x: np.flip(np.rot90(np.ravel(x[1]).reshape(1, 3))),
    ],
)
def test_views_of_views_alias_as_they_do_in_numpy(view, tangent):
    expected = X.copy()
    view(expected)[...] = -1.0
    x = Dual(X, tangent)
    view(x)[...] = -1.0
    assert np.array_equal(x.value, expected)
    assert np.array_equal(x.tangent, np.where(expected == -1, 0, tangent))


def test_what_has_enough_axes_is_returned_itself():
    x = Dual(X, T)
    assert np.atleast_1d(x) is x
    assert np.atleast_2d(x) is x
    same, plain = np.broadcast_arrays(x, np.ones(3))
    assert same is x
    assert isinstance(plain, np.ndarray)


@pytest.mark.parametrize("tangent", [T, MANY])
@pytest.mark.parametrize("function", [lambda x: np.broadcast_to(x, (2, 2, 3)), np.diagonal])
def test_read_only_views_stay_read_only(function, tangent):
    x = Dual(X, tangent)
    y = function(x)
    with pytest.raises(ValueError):
        y[...] = 0.0
    assert np.array_equal(x.value, X)
    assert np.array_equal(x.tangent, tangent)


@pytest.mark.parametrize(
    "bad",
    [
        lambda x: np.reshape(x, (4, 2)),
        lambda x: np.reshape(x, (-1, -1)),
        lambda x: np.reshape(x.T, 6, copy=False),
        lambda x: np.squeeze(x, 0),
        lambda x: np.expand_dims(x, 5),
        lambda x: np.transpose(x, (0, 0)),
        lambda x: np.moveaxis(x, 0, 7),
        lambda x: np.broadcast_to(x, (5, 3)),
        lambda x: np.resize(x, (-1, 2)),
        lambda x: np.tile(x, -1),
        lambda x: np.repeat(x, [1, 2], 1),
        lambda x: np.trace(x[0]),
        lambda x: np.diag(x[np.newaxis]),
    ],
)
def test_bad_arguments_give_numpys_own_error(bad):
    with pytest.raises(Exception) as expected:
        bad(X)
    with pytest.raises(type(expected.value)) as found:
        bad(Dual(X, MANY))
    assert str(found.value) == str(expected.value)


def test_resize_in_place_is_refused():
    with pytest.raises(MutationError):
        Dual(X, T).resize(3, 2)


def test_jacobian_of_reshaping_is_a_permutation():
    j = jacobian(lambda x: np.ravel(np.roll(x.T, 1, axis=0), order="F"))(X).reshape(6, 6)
    assert np.array_equal(j @ X.ravel(), np.ravel(np.roll(X.T, 1, axis=0), order="F"))
    assert np.array_equal(j.sum(0), np.ones(6))
