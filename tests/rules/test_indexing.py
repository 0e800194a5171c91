import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, MutationError, derivative, jacobian, jvp
from dualnum.packing import as_operand
from dualnum.primitives import add_at, scatter

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]])
T = np.arange(1.0, 7.0).reshape(2, 3)
MANY = np.arange(24.0).reshape(4, 2, 3)
MASK = X > 0

STORES = {
    "copyto": lambda a, v: np.copyto(a, v),
    "copyto where": lambda a, v: np.copyto(a, v, where=MASK),
    "put": lambda a, v: np.put(a, [0, 4], v),
    "put_along_axis": lambda a, v: np.put_along_axis(a, np.array([[1], [0]]), v, 1),
    "place": lambda a, v: np.place(a, MASK, v),
    "putmask": lambda a, v: np.putmask(a, MASK, v),
    "fill_diagonal": lambda a, v: np.fill_diagonal(a, v),
}


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_storing_in_a_plain_array_is_refused(store):
    plain = X.copy()
    with pytest.raises(DerivativeLostError, match="plain array"):
        store(plain, Dual(1.5, 1.0))
    assert np.array_equal(plain, X)


@pytest.mark.filterwarnings("ignore:NumPy has put Duals")
@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@pytest.mark.parametrize("tangent", [1.0, [1.0, 2.0]])
def test_storing_in_an_object_array_is_exact(store, tangent):
    objects, expected = X.astype(object), X.copy()
    store(objects, Dual(7.0, tangent))
    store(expected, 7.0)
    packed = as_operand(objects)
    assert np.array_equal(packed.value, expected)
    stored = (expected == 7.0).astype(float)
    assert np.array_equal(packed.tangent, np.multiply.outer(np.array(tangent), stored))
    store(objects, Dual(8.0, tangent))  # into an array that holds Duals already
    assert np.array_equal(as_operand(objects).value, np.where(stored, 8.0, X))


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@pytest.mark.parametrize("tangent", [T, MANY])
def test_storing_plain_values_clears_tangents(store, tangent):
    x, expected = Dual(X, tangent), X.copy()
    store(x, 7.0)
    store(expected, 7.0)
    assert np.array_equal(x.value, expected)
    assert np.array_equal(x.tangent, np.where(expected == 7.0, 0, tangent))


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_storing_in_a_view_updates_its_base(store):
    base, expected = Dual(np.zeros((3, 2)), np.zeros((3, 2))), np.zeros((3, 2))
    store(base.T, Dual(7.0, 5.0))
    store(expected.T, 7.0)
    assert np.array_equal(base.value, expected)
    assert np.array_equal(base.tangent, expected / 7 * 5)


def test_storing_an_inner_derivative_in_an_outer_array_is_refused():
    outer = Dual(X, T)
    with pytest.raises(MutationError):
        derivative(lambda t: np.copyto(outer, t))(1.0)
    assert np.array_equal(outer.value, X)


def test_conditions_that_are_active_count_by_value():
    plain = X.copy()
    np.place(plain, Dual(X, T) - X, [1.0])
    assert np.array_equal(plain, X)
    np.putmask(plain, Dual(X, T), 2.0)
    assert np.array_equal(plain, np.full((2, 3), 2.0))
    assert np.array_equal(np.extract(Dual(X, T), X), X.ravel())
    assert np.array_equal(np.where(Dual(X, T) * 0, 1.0, X), X)


@pytest.mark.parametrize(
    "bad",
    [
        lambda a, v: np.put(a, [99], v),
        lambda a, v: np.place(a, MASK, v[:0]),
        lambda a, v: np.place(a, MASK[:1], v),
        lambda a, v: np.copyto(a, v[:2]),
        lambda a, v: np.copyto(a, v * 1j),
        lambda a, v: np.fill_diagonal(a[0], v),
        lambda a, v: np.take(a, [9]),
        lambda a, v: np.take(a, v),
        lambda a, v: np.compress([1, 1, 1, 1], a, 0),
        lambda a, v: np.compress([[1]], a),
        lambda a, v: np.choose([5, 0, 0], a),
        lambda a, v: np.where(MASK, a),
        lambda a, v: np.select([MASK, MASK], [a]),
        lambda a, v: np.select([v], [v]),
        lambda a, v: np.piecewise(v, [v > 0], [1, 2, 3]),
    ],
)
def test_bad_arguments_give_numpys_own_error(bad):
    with pytest.raises(Exception) as expected:
        bad(X.copy(), X[0])
    x = Dual(X, MANY)
    with pytest.raises(type(expected.value)) as found:
        bad(x, x[0])
    assert str(found.value) == str(expected.value)
    assert np.array_equal(x.value, X)


def test_branch_that_is_not_taken_does_not_spoil_the_derivative():
    f = derivative(lambda x: np.where(x > 0, np.sqrt(x), 0.0))
    assert f(0.0) == 0.0
    assert f(4.0) == 0.25
    with np.errstate(divide="ignore"):
        j = jacobian(lambda x: np.where(x > 0, np.log(x), x))(np.array([0.0, 2.0]))
    assert np.array_equal(j, [[1, 0], [0, 0.5]])


def test_select_takes_the_first_that_holds():
    j = jacobian(lambda x: np.select([x > 0, x > -2], [x**2, 3 * x], 7.0))(np.array([1.0, -1.0, -5.0]))
    assert np.array_equal(j, np.diag([2.0, 3.0, 0.0]))


def test_piecewise_calls_each_function_once_on_its_own_elements():
    sizes = []

    def double(x):
        sizes.append(x.size)
        return 2 * x

    x = Dual(X, T)
    y = np.piecewise(x, [MASK], [double, -1.0])
    assert sizes == [4]
    assert np.array_equal(y.tangent, np.where(MASK, 2 * T, 0))


def test_repeated_positions_add_up_in_the_transpose():
    assert np.array_equal(scatter(np.array([1.0, 2.0, 4.0]), ([1, 1, 0],), (3,)), [4, 3, 0])


RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [float, np.float32, complex])
@pytest.mark.parametrize(
    "index",
    [
        (RNG.integers(0, 30, 60),),
        (slice(None), RNG.integers(-8, 8, (4, 5))),
        (RNG.integers(0, 30, (20, 1)), slice(None), RNG.integers(0, 10, 20)),
        (..., np.arange(10) > 0),
        RNG.random((30, 8, 10)) < 0.99,
        ([1, 1, 0],),
    ],
)
def test_few_and_many_elements_add_up_as_numpy_has_it_in_any_memory(index, dtype):
    x = RNG.normal(size=(30, 8, 10)).astype(dtype)
    updates = RNG.normal(size=x[index].shape).astype(dtype)
    expected = x.copy()
    np.add.at(expected, index, updates)
    for found in x.copy(), x.copy(order="F"), np.repeat(x, 2, axis=1)[:, ::2]:
        add_at(found, index, updates)
        assert np.array_equal(found, expected)


def test_hessian_through_assignment():
    def f(x):
        y = np.zeros_like(x)
        np.put(y, [0, 2], x[1:] ** 3)
        y[1] = x[0] * x[2]
        return np.sum(y * x)

    x = np.array([1.0, 2.0, 3.0])
    hessian = jacobian(jacobian(f))(x)
    # f = x0 x1^3 + x0 x1 x2 + x2^4
    assert np.allclose(hessian, [[0, 15, 2], [15, 12, 1], [2, 1, 108]], rtol=1e-14)


def test_elements_taken_are_not_tied_to_the_array():
    x = Dual(X, MANY)
    taken, scalar = np.take(x, [0, 1]), x[0, 0]
    x[...] = 9.0
    assert np.array_equal(taken.tangent, MANY[:, 0, :2])
    assert np.array_equal(scalar.tangent, MANY[:, 0, 0])


def test_choice_by_an_active_number_is_refused():
    with pytest.raises(TypeError):
        np.choose(Dual(1.0, 1.0), [X, X])


def test_where_of_two_levels():
    _, t = jvp(lambda x: jvp(lambda y: np.where(MASK, x * y, y), (X,), (T,))[1], (X,), (np.ones((2, 3)),))
    assert np.array_equal(t, np.where(MASK, T, 0))


def test_numbers_among_choices_leave_float32_what_it_is():
    x = np.array([1.5, 2.5], np.float32)
    y = np.choose([0, 1], [Dual(x, x), 1.25])
    assert y.dtype == y.tangent.dtype == np.float32
    assert np.array_equal(y.tangent, [1.5, 0.0])


def test_piecewise_keeps_the_order_in_memory():
    x = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    y = np.piecewise(Dual(x, x), [x > 3], [lambda v: v * v, 0.5])
    assert y.value.strides == y.tangent.strides == x.strides
