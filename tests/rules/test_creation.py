import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, NoRuleError, jacfwd, jacobian, jacrev, jvp
from dualnum.packing import as_operand

X = np.array([0.5, 1.5, 2.0])
T = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "allocate",
    [
        np.zeros_like,
        np.ones_like,
        np.empty_like,
        lambda x: np.full_like(x, 3.0),
        lambda x: np.zeros(3, like=x),
        lambda x: np.empty(3, like=x),
        lambda x: np.full(3, 1.5, like=x),
        lambda x: np.array([1.0, 2.0, 3.0], like=x),
        lambda x: np.linspace(x[0], 1.0, 3),
    ],
)
def test_what_is_allocated_can_hold_derivatives_of_every_level(allocate):
    def f(x):
        y = allocate(x)
        y[:2] = x[1:] ** 2
        y[2] = x[0] * x[2]
        return y

    assert np.array_equal(jacobian(f)(X), [[0, 3, 0], [0, 0, 4], [2, 0, 0.5]])
    hessian = jacobian(jacobian(f))(X)
    assert np.array_equal(hessian[0], np.diag([0, 2, 0]))
    assert np.array_equal(hessian[2], [[0, 0, 1], [0, 0, 0], [1, 0, 0]])


def test_integers_are_plain():
    x = Dual(X, T)
    for y in (np.zeros_like(x, dtype=int), np.ones(2, bool, like=x), np.arange(3, like=x), np.full(2, 1, like=x)):
        assert type(y) is np.ndarray


def test_filling_a_plain_array_is_refused():
    with pytest.raises(DerivativeLostError):
        np.full_like(X, Dual(1.0, 1.0))
    with pytest.raises(DerivativeLostError):
        np.full(3, Dual(1.0, 1.0), float)


@pytest.mark.filterwarnings("ignore:NumPy has put Duals")
def test_full_without_like_gives_objects_that_are_exact():
    assert np.array_equal(as_operand(np.full(3, Dual(2.0, 5.0))).tangent, [5.0, 5.0, 5.0])
    assert np.array_equal(as_operand(np.full((2, 3), Dual(X, T))).tangent, [T, T])
    assert np.array_equal(jacobian(lambda x: np.full(2, x[1]))(X), [[0, 1, 0], [0, 1, 0]])


def test_filling_with_an_outer_derivative_an_array_like_an_inner_one():
    def f(x):
        def g(y):
            z = np.full(3, x[0], like=y)
            z[1] = y[1] * x[0]
            return z

        return jvp(g, (X,), (np.ones(3),))

    (value, inner), (outer, mixed) = jvp(f, (X,), (np.ones(3),))
    assert np.array_equal(value, [0.5, 0.75, 0.5])
    assert np.array_equal(inner, [0, 0.5, 0])
    assert np.array_equal(outer, [1, 1.5, 1])
    assert np.array_equal(mixed, [0, 1, 0])


def test_arrays_of_scalars():
    x = Dual(X, T)
    y = np.array([[x[0], 2.0], [x[1], x[2]]], like=x)
    assert np.array_equal(y.value, [[0.5, 2.0], [1.5, 2.0]])
    assert np.array_equal(y.tangent, [[1, 0], [2, 3]])
    assert np.asarray(x, like=x) is x


def test_a_range_between_active_numbers_is_refused_with_advice():
    x = Dual(1.0, 1.0)
    with pytest.raises(NoRuleError, match=r"start \+ step \* np.arange"):
        np.arange(x, 3.0, like=x)
    with pytest.raises(DerivativeLostError):
        np.arange(x, 3.0)


def test_ends_of_spaced_arrays_have_the_derivatives_of_the_ends():
    x = Dual([2.0, 3.0], [1.0, 10.0])
    for function in (np.linspace, np.geomspace):
        y = function(x[0], x[1], 5)
        assert y.tangent[0] == 1.0
        assert y.tangent[-1] == pytest.approx(10.0, rel=1e-15)
    y, step = np.linspace(x[0], x[1], 5, retstep=True)
    assert step.tangent == 2.25


@pytest.mark.parametrize(
    "bad",
    [
        lambda x: np.linspace(x[0], x[1], -1),
        lambda x: np.linspace(x[0], x[1], 2.5),
        lambda x: np.geomspace(0 * x[0], x[1]),
        lambda x: np.zeros_like(x, shape=(-1,)),
        lambda x: np.full_like(x, [1.0, 2.0]),
    ],
)
def test_bad_arguments_give_numpys_own_error(bad):
    with pytest.raises(Exception) as expected:
        bad(X)
    with pytest.raises(type(expected.value)):
        bad(Dual(X, T))


@pytest.mark.parametrize("way", [jacfwd, jacrev])
def test_items_of_an_iterable_keep_their_derivatives(way):
    np.testing.assert_array_equal(
        way(lambda x: np.fromiter([x[1] ** 2, 1.0], float, like=x))(np.ones(2)), [[0, 2], [0, 0]]
    )
    with pytest.raises(ValueError, match="too short"):
        way(lambda x: np.fromiter([x[0]], float, 2, like=x))(np.ones(2))
    with pytest.raises(NoRuleError, match="bytes"):
        way(lambda x: np.frombuffer(x, like=x))(np.ones(2))
