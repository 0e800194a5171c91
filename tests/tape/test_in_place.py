"""Programs that update arrays in place: what the tape gives is what forward mode gives, to the second order."""

import operator

import numpy as np
import pytest

from dualnum import InputError, MutationError, Tape, derivative, grad, jacfwd, jacrev, jvp, vjp

X = np.array([0.7, 1.3, -0.4, 2.1])
PROGRAMS = []


def program(function):
    PROGRAMS.append(function)
    return function


@program
def saved_then_set(x):
    y = x.copy()
    z = y * y
    y[0] = 3.0
    return z.sum() + (y**3).sum()


@program
def result_in_place(x):
    y = np.exp(x)
    y += 1
    y *= y
    return y.sum()


@program
def view_seen(x):
    y = x.copy()
    v = y[1:]
    w = v**2
    y[2] = x[0]
    return (v * w).sum() + v[1] ** 2


@program
def through_reshape_and_transpose(x):
    y = x * 1.0
    v = y.reshape(2, 2)
    v[0] *= x[3]
    v.T[1] += y[0]
    return (y**2 * np.arange(4.0)).sum() + v[1, 1] ** 3


@program
def filled_by_loop(x):
    y = np.zeros(4, like=x)
    for i in range(4):
        y[i] = np.sin(x[i]) * (y[i - 1] if i else 1)
    return (y * y).sum()


@program
def repeated_positions(x):
    y = x.copy()
    y[[0, 0, 1]] = x[[1, 2, 3]] ** 2
    return (y * np.array([1.0, 2.0, 3.0, 4.0])).sum()


@program
def masks(x):
    y = x.copy()
    y[x > 0.5] = x[x > 0.5] ** 2
    y[np.array([True, False, True, False])] += x[0]
    return (y**2).sum()


@program
def ufunc_at(x):
    y = x.copy()
    np.add.at(y, [0, 0, 2], x[:3] ** 2)
    np.multiply.at(y, [1, 1], x[0])
    return (y**2).sum()


@program
def put_and_copyto(x):
    y = x.copy()
    np.put(y, [0, 3], x[1:3] ** 3)
    np.copyto(y, x * 2, where=x > 1)
    return (y**2).sum()


@program
def out(x):
    y = x.copy()
    np.multiply(x, x, out=y)
    np.sin(y, out=y)
    np.add(y[1:], x[1:], out=y[:-1])
    return (y**2).sum()


@program
def sorted_then_filled(x):
    y = x.copy()
    z = np.sort(y)
    y[:] = 0.5
    return (z * np.arange(4.0)).sum() + y.sum()


@program
def captured_by_push(x):
    A = np.outer(x, x) + np.eye(4) * 3
    B = A.copy()
    s = np.linalg.solve(A, x)
    A[0, 0] = 5
    A *= 2
    return (s**2).sum() + A.sum() + np.linalg.det(B)


@program
def workspace_used_again(x):
    buf = np.zeros(4)
    out = 0
    for i in range(3):
        buf[:] = i + 1
        out = out + (x * buf).sum() ** 2
    return out


@program
def index_used_again(x):
    idx = np.array([0, 1, 2, 3])
    a = x[idx] ** 2
    idx[:] = idx[::-1].copy()
    b = x[idx] ** 3 * a
    return b.sum()


@program
def overlapping_slices(x):
    y = x.copy()
    y[1:] = y[:-1]
    y[..., 0] = x[3]
    y[::2] *= y[1::2]
    return (y**2 * np.arange(1, 5.0)).sum()


@program
def nonlinear_time_steps(x):
    u = x.copy()
    for _ in range(5):
        u[1:-1] += 0.1 * u[1:-1] * (u[2:] - 2 * u[1:-1] + u[:-2])
    return (u**2).sum()


@program
def views_of_views(x):
    a = x.copy()
    b = a[::-1]
    c = b[1:]
    c *= 2
    b[0] = a[3] * x[0]
    a[1] += c[0]
    return (a * np.arange(4.0)).sum() * b[2] + c[1] ** 2


@program
def sort_fill_flat(x):
    y = x.copy()
    y.sort()
    y.fill(2)
    y.flat[1] = x[2]
    y.flat[2:] = x[:2] ** 2
    return (y**2).sum()


@program
def diagonal_and_triangle(x):
    m = np.zeros((4, 4), like=x)
    np.fill_diagonal(m, x)
    m[np.triu_indices(4, 1)] = x[0]
    d = np.diagonal(m)
    m[0, 0] += x[1]
    return (m @ m).sum() + (d**2).sum()


@program
def complex_numbers(x):
    c = x * (1 + 0j)
    c.real[0] if False else None
    c[1] = c[0] * 1j
    return (np.abs(c) ** 2).sum() + c.imag[1]


@program
def parts_of_split(x):
    parts = np.split(x.copy(), 2)
    parts[0][0] = x[3]
    parts[1] *= x[0]
    return (parts[0] * parts[1]).sum()


@program
def while_iterating(x):
    y = x.copy()
    it = iter(y)
    s = 0
    for i, e in enumerate(it):
        s = s + e**2
        if i < 3:
            y[i + 1] = e * x[i + 1]
    return s


@program
def full_views(x):
    y = x.copy()
    a = y.T
    b = y.ravel()
    c = y.view() if True else y
    c[0] = 7.0
    b[1] = x[0] ** 2
    a[2] += b[1]
    return (y * c * a).sum()


@program
def broadcast_copy(x):
    y = np.broadcast_to(x[:2], (3, 2)).copy()
    y[1] = y[0] * y[2]
    return y.sum() * y[1, 0]


@program
def all_operators(x):
    y = x.copy()
    z = np.where(y > 1, y**2, y)
    y -= z
    y /= z + 3
    y **= 2
    return (y * z).sum()


@program
def object_arrays(x):
    a = np.array([x[i] for i in range(4)])
    b = np.asarray(x[0])
    return (a[1] * a[2] + a.sum()) * b[()]


@program
def order_and_scan(x):
    y = x.copy()
    s = np.max(y)
    t = np.cumprod(y)
    u = np.median(y)
    y[1] = 0.0
    return s * t.sum() * u + y.sum()


@program
def eigenvalues_kept(x):
    y = x.copy()
    e, v = np.linalg.eigh(np.outer(y, y) + np.diag(np.arange(4.0)))
    y[:] = 1
    e2 = e.copy()
    e[0] = x[0]
    return (e2**3).sum() + e.sum() * v[0, 0] ** 2


@program
def view_outlives_its_array(x):
    y = x.copy()
    ys = y[1:3]
    del y
    ys[0] = x[0] * 5
    return (ys**2).sum()


@program
def convolution_and_fft(x):
    y = x.copy()
    k = np.convolve(y, y[:2])
    y[0] = 9
    f = np.fft.rfft(k)
    k[:] = 0
    return (np.abs(f) ** 2).sum()


@program
def weights_changed(x):
    w = np.ones(4)
    t = np.tensordot(x, w, 1)
    e = np.einsum("i,j->ij", x, w)
    w[:] = 100
    return t**2 + (e**2).sum()


@program
def table_changed(x):
    w = np.arange(4.0)
    a = np.average(x, weights=w)
    i = np.interp(x, w, w**2)
    w[:] = 0
    return a * i.sum()


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_program(function):
    x = X.copy()
    expected = jacfwd(function)(x)
    np.testing.assert_allclose(grad(function)(x), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(x, X)
    ones = np.ones_like(x)
    second = jacfwd(jacfwd(function))(x) @ ones
    for way in (
        lambda: jvp(grad(function), (x,), (ones,))[1],
        lambda: grad(lambda x: np.sum(grad(function)(x)))(x),
        lambda: grad(lambda x: jvp(function, (x,), (ones,))[1])(x),
    ):
        np.testing.assert_allclose(way(), second, rtol=1e-9, atol=1e-9)


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_rows_of_cotangents(function):
    """With several results, rows of cotangents give what one by one gives."""

    def several(x):
        y = x.copy()
        y[1:] *= y[:-1]
        total = function(y)
        return np.stack([total, y[0] * total, y[3]])

    np.testing.assert_allclose(jacrev(several)(X), jacfwd(several)(X), rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(jacrev(several, chunk=1)(X), jacfwd(several)(X), rtol=1e-12, atol=1e-11)


def test_assignment_into_an_outer_array_is_refused():
    def f(x):
        y = np.zeros_like(x)

        def inner(z):
            y[0] = z
            return z * x[0]

        return grad(inner)(x[1])

    with pytest.raises(MutationError, match="inside the one"):
        grad(f)(X)


def test_assignment_of_a_view_by_an_array_of_indices_is_refused():
    def f(x):
        y = x.copy()
        y[[0, 1, 2]] = y[1:]
        return y.sum()

    with pytest.raises(MutationError, match="y.copy"):
        grad(f)(X)


@pytest.mark.parametrize("integer", [int, np.int8, np.uint16, np.int64, np.uint64, np.longlong])
def test_integers_of_all_types_are_numbers_in_an_index(integer):
    def f(x):
        y = x * 1.0
        y[integer(1)] += x[0]
        y[integer(0), :] *= y[integer(1)]
        return y

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.array_equal(jacrev(f)(x), jacfwd(f)(x))
    assert np.array_equal(jacrev(f)(x)[0, :, 1, :], np.diag([1.0, 2.0]))


def test_update_of_a_complex_array_is_seen_by_a_view_of_its_real_part():
    def f(x):
        z = x + 0j
        real = z.real
        z[0] = 5.0
        return real.sum()

    np.testing.assert_array_equal(grad(f)(X), [0, 1, 1, 1])


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
def test_array_of_objects_closes_its_source():
    def f(x):
        y = x * 1.0
        objects = np.asarray(y)
        y[0] = 1.0
        return objects[0] + y.sum()

    with pytest.raises(MutationError, match="object array"):
        grad(f)(X)


def test_what_was_overwritten_everywhere_gets_nothing():
    def f(x):
        y = x * 2
        y[...] = 3.0
        return y.sum() + x[0]

    np.testing.assert_array_equal(grad(f)(X), [1, 0, 0, 0])


def test_value_cannot_be_changed_behind_the_tape():
    def f(x):
        y = x * x
        x.value[0] = 7.0
        return y.sum()

    with pytest.raises(ValueError, match="read-only"):
        grad(f)(X)


def test_pullback_is_not_touched_by_later_updates_of_its_inputs():
    x = X.copy()
    _, pullback = vjp(lambda x: np.sum(x**3), x)
    x[:] = 0
    np.testing.assert_allclose(pullback(1.0)[0], 3 * X**2)


def test_pullback_is_not_touched_by_later_updates_of_its_results():
    y, pullback, aux = vjp(lambda x: (np.exp(x), [np.exp(2 * x)]), X, has_aux=True)
    y *= 0
    aux[0] *= 0
    np.testing.assert_allclose(pullback(np.ones(4))[0], np.exp(X))
    _, pullback, aux = vjp(lambda x: (np.sum(u := np.exp(x)), u), X, has_aux=True)
    aux *= 0
    np.testing.assert_allclose(pullback(1.0)[0], np.exp(X))


def test_a_view_of_what_was_updated_is_an_output_after_the_end():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        y = x * 3
        view = y[:1]
        y[0] = x[1] ** 2
    tape.backward(view, np.ones(1))
    np.testing.assert_array_equal(x.adjoint, [0, 4])


@pytest.mark.parametrize("same", [np.squeeze, np.real, np.real_if_close, lambda x: x.conj()])
def test_functions_that_give_their_argument_back(same):
    def of_the_result(x):
        y = x * 1.0
        same(y)[...] *= 2
        return np.sum(y**2)

    def of_the_argument(x):
        y = x * 1.0
        result = same(y)
        y *= 2
        return np.sum(result**2)

    for f in (of_the_result, of_the_argument):
        assert f(X) == 4 * np.sum(X**2) == vjp(f, X)[0]
        np.testing.assert_allclose(grad(f)(X), 8 * X)


def test_windows_see_updates_and_are_saved_from_them():
    def f(x):
        y = x * 1.0
        windows = np.lib.stride_tricks.sliding_window_view(y, 2)
        before = windows * windows
        y *= 2
        return np.sum(before) + np.sum(windows**3)

    np.testing.assert_allclose(grad(f)(X), (2 * X + 24 * X**2) * np.array([1, 2, 2, 1]))


def test_an_update_through_windows_that_overlap_is_refused():
    def f(x):
        windows = np.lib.stride_tricks.sliding_window_view(x, 2, writeable=True)
        windows[0] *= 2
        return np.sum(windows)

    with pytest.raises(MutationError, match="more than once"):
        grad(f)(X)


class Counter:
    """Stands for a number in an index, each time for another one."""

    def __init__(self):
        self.i = 0

    def __index__(self):
        return self.i

    def __iadd__(self, step):
        self.i += step
        return self


@pytest.mark.parametrize("counter", [Counter, lambda: np.array(0)])
@pytest.mark.parametrize(
    "take",
    [
        lambda x, i: x[i],
        lambda x, i: x[i:],
        lambda x, i: x[i : i.__index__() + 2],
        lambda x, i: np.outer(x, x)[1, i:],
        lambda x, i: np.outer(x, x)[i, ::2],
        lambda x, i: np.take(x, i),
        lambda x, i: x.reshape(2, 2)[:, :, None][..., i : i.__index__() + 1],
    ],
)
def test_indices_that_change_later(counter, take):
    def f(x):
        i, total, y = counter(), 0.0, np.zeros_like(x)
        while i.__index__() < 3:
            weight = i.__index__() + 1.0
            total = total + weight * np.sum(take(x, i) ** 2)
            y[i : i.__index__() + 1] += weight * x[0]
            i += 1
        return total + np.sum(y * y)

    np.testing.assert_allclose(grad(f)(X), jacfwd(f)(X), rtol=1e-14)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (3, 0, 2)])
def test_updates_through_views_of_nothing(shape):
    def f(x):
        view = (x * 2).T
        view *= 3.0
        view[...] = view * view
        return np.sum(view)

    x = np.ones(shape)
    np.testing.assert_array_equal(grad(f)(x), np.zeros(shape))


def test_variables_of_two_tapes_do_not_mix():
    with Tape() as first:
        a = first.variable(X)
    with pytest.raises(InputError, match="ended"), Tape() as second:
        second.variable(X)[0] = a[0] * 2


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("op", [operator.isub, operator.iadd, operator.imul, operator.itruediv])
def test_arrays_without_axes(dtype, op):
    """Their cotangents may be scalars, of which an index gives a copy."""

    def f(x):
        y = x.copy()
        y[...] = op(y[...], x)
        z = y[...]
        z += x * y
        return y * z + x[()]

    x = np.array(0.75, dtype)
    expected = jvp(f, (x,), (np.ones((), dtype),))[1]
    (found,) = vjp(f, x)[1](np.ones((), dtype))
    np.testing.assert_allclose(np.conj(found), expected, rtol=1e-5)


def test_an_array_without_axes_minus_itself():
    def f(x):
        x[...] -= x
        return x

    assert vjp(f, np.array(0.5))[1](1.0) == (0.0,)


@pytest.mark.parametrize("outer", [derivative, grad])
def test_a_number_is_not_updated_with_what_was_reshaped_of_it(outer):
    """The tangent of a number may be an array without axes, of which that is a view."""

    def of_number(x):
        def f(x):
            y = np.reshape(x, (-1,))
            np.log(y, out=y)
            return {"x": x, "y": y}

        return jvp(f, (x,), (0.25,))[1]["x"]

    assert outer(of_number)(0.5) == 0.0
