import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, ShapeError, jacobian, jvp

X = np.array([0.5, -1.5, 2.0])
T = np.array([1.0, 2.0, 3.0])
MANY = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize("tangent", [T, MANY])
def test_scalars_and_lists_among_the_parts(tangent):
    x = Dual(X, tangent)
    y = np.stack([x[0], 1.0, x[2]])
    assert np.array_equal(y.value, [0.5, 1.0, 2.0])
    assert np.array_equal(y.tangent, tangent * [1, 0, 1])
    z = np.concatenate([x, [x[1], 4.0], [5, 6]])
    assert np.array_equal(z.value, [0.5, -1.5, 2.0, -1.5, 4.0, 5.0, 6.0])
    assert np.array_equal(z.tangent, np.concatenate([tangent, tangent[..., 1:2], 0 * tangent], -1))
    assert np.array_equal(
        np.hstack((x[0], x, 7)).tangent, np.insert(tangent, [0, 3], tangent[..., [0, 0]] * [1, 0], -1)
    )


@pytest.mark.parametrize("tangent", [T, MANY])
@pytest.mark.parametrize("dtype", [np.float32, complex])
def test_constants_of_any_dtype_among_the_parts(tangent, dtype):
    x = Dual(X.astype(dtype), tangent.astype(dtype))
    for constant in ([1.5], [2], [1j], [True], (3.0,), np.arange(2), np.ones(1, "f2"), np.ones((2,), "c8")):
        for join in (np.concatenate, np.hstack):
            for parts in ([constant, x, x], (x, constant)):
                y = join(parts)
                plain = join([x.value if part is x else part for part in parts])
                np.testing.assert_array_equal(y.value, plain, strict=True)
                pieces = [x.tangent if part is x else np.zeros((*tangent.shape[:-1], len(part))) for part in parts]
                np.testing.assert_array_equal(y.tangent, np.concatenate(pieces, -1))
                assert y.tangent.dtype == plain.dtype


def test_block_of_scalars_and_matrices():
    j = jacobian(lambda x: np.block([[x[0], x[1:]], [np.zeros((2, 1)), np.diag(x[:2])]]))(X)
    assert j.shape == (3, 3, 3)
    assert np.array_equal(j @ X, [[0.5, -1.5, 2.0], [0, 0.5, 0], [0, 0, -1.5]])


def test_parts_of_different_levels():
    inner, outer = jvp(lambda x: jvp(lambda y: np.concatenate([x * y, x, y]), (X,), (np.ones(3),))[1], (X,), (T,))
    assert np.array_equal(inner, np.concatenate([X, np.zeros(3), np.ones(3)]))
    assert np.array_equal(outer, np.concatenate([T, np.zeros(6)]))


def test_out():
    x = Dual(X, T)
    out = np.empty_like(x, shape=(2, 3))
    assert np.stack([x, 2 * x], out=out) is out
    assert np.array_equal(out.tangent, [T, 2 * T])
    plain = np.zeros((2, 3))
    with pytest.raises(DerivativeLostError, match="out="):
        np.stack([x, x], out=plain)
    assert not plain.any()


def test_different_numbers_of_directions_do_not_mix():
    with pytest.raises(ShapeError, match="directions"):
        np.concatenate([Dual(X, T), Dual(X, MANY)])


@pytest.mark.parametrize(
    "bad",
    [
        lambda x: np.concatenate([x, x[np.newaxis]]),
        lambda x: np.concatenate([x, x], 1),
        lambda x: np.concatenate([x, x], dtype=int),
        lambda x: np.stack([x, x[:2]]),
        lambda x: np.stack([x], 3),
        lambda x: np.block([[x], x]),
        lambda x: np.split(x, 2),
        lambda x: np.vsplit(x, 3),
        lambda x: np.meshgrid(x, x, indexing="yx"),
        lambda x: np.insert(x, 9, x[0]),
        lambda x: np.insert(x, 1.5, x[0]),
        lambda x: np.insert(x, x, 1.0),
        lambda x: np.delete(x, 7),
        lambda x: np.delete(x, x),
    ],
)
def test_bad_arguments_give_numpys_own_error(bad):
    with pytest.raises(Exception) as expected:
        bad(X)
    with pytest.raises(type(expected.value)) as found:
        bad(Dual(X, MANY))
    assert str(found.value) == str(expected.value)


def test_inserting_into_integers_rounds_and_so_is_plain():
    y = np.insert(np.arange(3), 1, Dual(X, T))
    assert type(y) is np.ndarray
    assert np.array_equal(y, [0, 0, -1, 2, 1, 2])


@pytest.mark.parametrize("tangent", [T, MANY])
def test_pieces_of_one_element_are_copies_only_where_numpys_are(tangent):
    x = Dual(X, tangent)
    scalars, views = np.unstack(x), np.split(x, 3)
    x[...] = 7.0
    assert [float(s.value) for s in scalars] == list(X)
    assert np.array_equal(np.stack([s.tangent for s in scalars], -1), tangent)
    assert all(v.value[0] == 7.0 and not v.tangent.any() for v in views)


@pytest.mark.parametrize("function", [lambda x: np.delete(x, 0, 0), lambda x: np.insert(x, 0, 1.5, 1)])
def test_order_in_memory_is_that_of_numpy(function):
    """What is a view of the result, and so what an update reaches, depends on it."""
    x = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    assert function(Dual(x, x)).value.strides == function(x).strides
