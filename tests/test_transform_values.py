"""What transforms take and give: scalars, sequences, integers, trees, complex numbers, and what they refuse."""

import collections
import decimal
import fractions

import numpy as np
import pytest

from dualnum import (
    Dual,
    InputError,
    ShapeError,
    derivative,
    jacobian,
    jacobian_column,
    jacobian_columns,
    jvp,
    linearize,
    value_and_jacobian,
)
from dualnum.levels import current_level

# Kinds of input


@pytest.mark.parametrize(
    "x", [[1, 2], (1, 2), [1.0, 2], np.array([1, 2]), np.array([1, 2], np.int8), [np.int64(1), 2.0], [True, 2], np.array([1, 2], object)
          .astype(int)], ids=repr,
)  # fmt: skip
def test_sequences_and_integers_become_floats(x):
    def f(x):
        assert x.dtype == np.float64
        assert isinstance(x, Dual)
        return x * x

    np.testing.assert_array_equal(jacobian(f)(x), np.diag([2.0, 4.0]), strict=True)
    y, y_dot = jvp(f, (x,), ([1, 0],))
    np.testing.assert_array_equal(y_dot, [2.0, 0.0], strict=True)
    np.testing.assert_array_equal(list(jacobian_columns(f, x)), np.diag([2.0, 4.0]))
    np.testing.assert_array_equal(jacobian_column(f, x, 1), [0.0, 4.0])


def test_scalars_stay_scalars():
    for x in (3, 3.0, np.float64(3), np.int32(3), np.array(3), np.array(3.0), np.float32(3)):

        def f(x):
            assert np.isscalar(x) == scalar  # noqa: B023
            return x * x

        scalar = np.isscalar(x)
        assert derivative(f)(x) == 6.0
        assert jacobian(f)(x) == 6.0
        assert np.shape(jacobian(f)(x)) == ()
        assert jvp(f, (x,), (2,)) == (9.0, 12.0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_precision_is_kept(dtype):
    x = np.array([1, 2, 3], dtype)
    for chunk in (None, 1):
        y, j = value_and_jacobian(lambda x: np.sin(x) * 2, chunk=chunk)(x)
        assert y.dtype == j.dtype == dtype
    assert derivative(np.sin)(x[0]).dtype == dtype
    y, y_dot = jvp(np.sin, (x,), ([1.0, 1.0, 1.0],))
    assert y.dtype == y_dot.dtype == dtype
    assert all(column.dtype == dtype for column in jacobian_columns(np.sin, x))
    assert jacobian_column(np.sin, x, 0).dtype == dtype


@pytest.mark.parametrize(
    "bad",
    ["text", None, {"a": 1.0}, [1.0, "a"], [[1.0], [1.0, 2.0]], object(), np.array(["a"]), np.array([None]), {1.0}, np.datetime64(1, "s"),
     np.array([1, 2], "m8[s]"), fractions.Fraction(1, 2), decimal.Decimal(1), np.ma.array([1.0], mask=[1]), (x for x in [1.0]), print,
     [1.0, None], b"bytes"], ids=lambda bad: type(bad).__name__,
)  # fmt: skip
def test_what_cannot_be_differentiated(bad):
    def f(x):
        return 1.0

    is_tree = isinstance(bad, dict) or (isinstance(bad, list) and (None in bad or [1.0] in bad))
    for call in (
        *((lambda: jacobian(f)(bad), lambda: value_and_jacobian(f)(bad)) if not is_tree else ()),
        lambda: jacobian_column(f, bad, 0),
        lambda: jacobian_columns(f, bad),
        lambda: derivative(f)(bad),
    ):
        with pytest.raises((InputError, ShapeError)):
            call()
    if bad is not None and not isinstance(bad, dict):
        with pytest.raises((InputError, ShapeError)):
            jvp(f, (bad,), (1.0,))
    assert current_level() == 0


def test_jvp_of_what_does_not_fit():
    x = np.ones(3)
    for tangent in (np.ones(2), 1.0, np.ones((3, 2)), np.ones((2, 2, 3)), [x, x, x, [1.0, 2.0, 3.0]][:0]):
        with pytest.raises(ShapeError):
            jvp(np.sin, (x,), (tangent,))
    for primals, tangents in (
        ((x,), (x, x)),
        ((x, x), (x,)),
        ((x,), ()),
        (({"a": x},), ({"b": x},)),
        (([x, x],), (x,)),
        ((x,), ([x, x],)),
    ):
        with pytest.raises((ShapeError, TypeError)):
            jvp(lambda *args: 1.0, primals, tangents)
    for primals, tangents in ((x, x), (x, (x,)), ((x,), x), (1.0, 1.0)):
        with pytest.raises(InputError, match="tuples"):
            jvp(np.sin, primals, tangents)
    with pytest.raises(ShapeError, match="directions"):
        jvp(lambda x, y: x * y, (x, x), (x, np.ones((2, 3))))
    with pytest.raises(ShapeError, match="directions"):
        jvp(lambda x, y: x * y, (x, x), (np.ones((4, 3)), np.ones((2, 3))))
    with pytest.raises(InputError, match="0j"):
        jvp(np.sin, (x,), (x * 1j,))
    with pytest.raises(InputError):
        jvp(np.sin, (x,), (["a", "b", "c"],))
    _, push = linearize(np.sin, x)
    for tangents in ((), (x, x), (np.ones(2),)):
        with pytest.raises(ShapeError):
            push(*tangents)


def test_derivative_of_arrays_is_refused():
    for x in ([1.0], np.ones(3), np.ones((1, 1)), Dual([1.0], [1.0])):
        with pytest.raises(ShapeError, match="scalar"):
            derivative(np.sin)(x)


def test_trees_of_arguments():
    w = {"a": np.array([1.0, 2.0]), "b": [np.float64(3.0), np.ones((2, 2))], "c": None}
    w_dot = {"a": np.array([1.0, 0.0]), "b": [np.float64(2.0), np.eye(2)], "c": None}

    def f(w, x):
        assert w["c"] is None
        return {"y": w["a"] * w["b"][0] * x, "z": (np.sum(w["b"][1]),)}

    y, y_dot = jvp(f, (w, 2.0), (w_dot, 1.0))
    np.testing.assert_array_equal(y["y"], [6.0, 12.0])
    np.testing.assert_array_equal(y_dot["y"], [1 * 3 * 2 + 1 * 2 * 2 + 1 * 3 * 1, 2 * 2 * 2 + 2 * 3 * 1])
    assert y_dot["z"] == (2.0,)
    again, push = linearize(f, w, 2.0)
    np.testing.assert_array_equal(push(w_dot, 1.0)["y"], y_dot["y"])
    np.testing.assert_array_equal(again["y"], y["y"])


def test_active_inputs():
    """Arguments that are Duals already, in every form."""
    d = Dual([1.0, 2.0], [3.0, 4.0])
    for x in (d, list(d), tuple(d), np.asarray(d), [d[0], d[1]]):
        j = jacobian(lambda x: x * x)(x)
        np.testing.assert_array_equal(j.value, np.diag([2.0, 4.0]))
        np.testing.assert_array_equal(j.tangent, np.diag([6.0, 8.0]))
    j = jacobian(lambda x: x * x)([d[0], 5.0])
    np.testing.assert_array_equal(j.value, np.diag([2.0, 10.0]))
    np.testing.assert_array_equal(j.tangent, np.diag([6.0, 0.0]))


# Complex numbers


def test_complex_jacobian_needs_a_promise():
    z = np.array([1 + 2j, 0.5j])
    for call in (lambda: jacobian(np.sin)(z), lambda: value_and_jacobian(np.sin)(z), lambda: jacobian_columns(np.sin, z),
                 lambda: jacobian_column(np.sin, z, 0)):  # fmt: skip
        with pytest.raises(InputError, match="holomorphic"):
            call()
    for chunk in (None, 1):
        np.testing.assert_allclose(jacobian(np.sin, holomorphic=True, chunk=chunk)(z), np.diag(np.cos(z)), rtol=1e-15)
    np.testing.assert_allclose(jacobian_column(np.sin, z, 1, holomorphic=True), [0, np.cos(z[1])], rtol=1e-15)
    np.testing.assert_allclose(list(jacobian_columns(np.sin, z, holomorphic=True)), np.diag(np.cos(z)), rtol=1e-15)
    assert derivative(np.exp, holomorphic=True)(1j) == np.exp(1j)


def test_complex_results_of_real_arguments():
    x = np.array([0.3, 0.7])
    j = jacobian(lambda x: np.exp(1j * x))(x)
    assert j.dtype == complex
    np.testing.assert_allclose(j, np.diag(1j * np.exp(1j * x)), rtol=1e-15)


def test_jvp_of_functions_that_are_not_holomorphic():
    z, z_dot = np.array([3 + 4j, 1j]), np.array([1j, 2 + 1j])
    h = 1e-7
    for f in (np.abs, np.real, np.conj, lambda z: np.real(z * np.conj(z)), lambda z: np.abs(z) ** 2 * z):
        y, y_dot = jvp(f, (z,), (z_dot,))
        np.testing.assert_allclose(y_dot, (f(z + h * z_dot) - f(z - h * z_dot)) / (2 * h), rtol=1e-6)
        assert y.dtype == y_dot.dtype


# Kinds of output

Point = collections.namedtuple("Point", "x y")


def test_lists_and_tuples_of_numbers_are_arrays():
    x = np.array([2.0, 3.0])
    expected = [[3.0, 2.0], [4.0, 0.0]]
    for f in (
        lambda x: [x[0] * x[1], x[0] ** 2],
        lambda x: (x[0] * x[1], x[0] ** 2),
        lambda x: np.array([x[0] * x[1], x[0] ** 2]),
        lambda x: np.stack([x[0] * x[1], x[0] ** 2]),
    ):
        y, j = value_and_jacobian(f)(x)
        np.testing.assert_array_equal(y, [6.0, 4.0], strict=True)
        np.testing.assert_array_equal(j, expected, strict=True)
        np.testing.assert_array_equal(list(jacobian_columns(f, x)), np.transpose(expected))
        np.testing.assert_array_equal(jvp(f, (x,), ([1.0, 0.0],))[1], [3.0, 4.0], strict=True)
    j = jacobian(lambda x: [[x[0], 1], [2.0, x[1] * 2]])(x)
    np.testing.assert_array_equal(j, [[[1, 0], [0, 0]], [[0, 0], [0, 2]]])
    assert jacobian(lambda x: [x[0]])(x).shape == (1, 2)


def test_trees_of_results():
    x = np.array([2.0, 3.0])
    for chunk in (None, 1):
        j = jacobian(lambda x: {"a": x * x, "b": (np.sum(x), [x[:, None], Point(x[0], x[1] * x)])}, chunk=chunk)(x)
        np.testing.assert_array_equal(j["a"], np.diag(2 * x))
        np.testing.assert_array_equal(j["b"][0], [1.0, 1.0])
        assert j["b"][1][0].shape == (2, 1, 2)
        assert isinstance(j["b"][1][1], Point)
        np.testing.assert_array_equal(j["b"][1][1].x, [1.0, 0.0])
        np.testing.assert_array_equal(j["b"][1][1].y, [[3.0, 2.0], [0.0, 6.0]])
    y, j = value_and_jacobian(lambda x: (x, np.ones(3)))(x)
    np.testing.assert_array_equal(y[0], x)
    np.testing.assert_array_equal(j[0], np.eye(2))
    np.testing.assert_array_equal(j[1], np.zeros((3, 2)))
    assert jacobian(lambda x: {})(x) == {}
    assert jacobian(lambda x: ())(x) == ()
    columns = list(jacobian_columns(lambda x: {"a": x, "b": x[0]}, x))
    assert [column["b"] for column in columns] == [1.0, 0.0]


def test_results_that_do_not_depend_on_the_argument():
    x = np.array([2.0, 3.0])
    for constant in (5.0, 5, True, np.float32(5), np.ones(3), np.ones(3, int), np.zeros((2, 0)), [1.0, 2.0], [[1, 2]], np.bool(True),
                     np.ones((2, 2), bool), [True, 2]):  # fmt: skip
        for chunk in (None, 1):
            y, j = value_and_jacobian(lambda x: constant, chunk=chunk)(x)  # noqa: B023
            np.testing.assert_array_equal(y, constant)
            assert j.shape == (*np.shape(constant), 2)
            assert j.dtype.kind == "f"
            assert not j.any()
        y, y_dot = jvp(lambda x: constant, (x,), (x,))  # noqa: B023
        assert np.shape(y_dot) == np.shape(constant)
        assert not np.any(y_dot)
        assert not np.any(derivative(lambda t: constant)(1.0))  # noqa: B023
    assert jacobian(lambda x: np.argmax(x))(x).tolist() == [0.0, 0.0]
    assert jacobian(lambda x: x > 2)(x).shape == (2, 2)


def test_a_function_may_return_its_argument():
    for shape in ((), (1,), (3,), (0,), (2, 3), (1, 1), (2, 0), (2, 1, 3), (17,)):
        x = np.random.default_rng(0).normal(size=shape) if shape else np.float64(1.5)
        for f in (lambda x: x, lambda x: x[...] if np.ndim(x) else x, lambda x: +x):
            y, j = value_and_jacobian(f)(x)
            np.testing.assert_array_equal(y, x, strict=True)
            np.testing.assert_array_equal(np.reshape(j, (x.size, x.size)), np.eye(x.size))
            y, y_dot = jvp(f, (x,), (x,))
            np.testing.assert_array_equal(y_dot, x)
            if shape:
                y[...] = 0
                assert x.all()


@pytest.mark.parametrize(
    "bad", ["text", None, [None], object(), {"a": "b"}, np.array(["a"]), np.array([None]), (x for x in [1.0]), {1.0}, [1.0, "a"], print,
            np.datetime64(1, "s"), decimal.Decimal(1), fractions.Fraction(1, 2), [{"a": None}]], ids=lambda bad: type(bad).__name__,
)  # fmt: skip
def test_results_that_are_not_numbers(bad):
    def f(x):
        return bad

    for call in (
        lambda: jacobian(f)(1.0),
        lambda: jacobian(f)(np.ones(2)),
        lambda: jvp(f, (1.0,), (1.0,)),
        lambda: derivative(f)(1.0),
        lambda: jacobian_column(f, [1.0], 0),
        lambda: list(jacobian_columns(f, [1.0])),
        lambda: linearize(f, 1.0),
    ):
        with pytest.raises(InputError, match="returned|object array"):
            call()
