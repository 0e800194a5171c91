"""jvp, linearize, derivative and jacobian: shapes, arguments, kinds of input and output, promises."""

import functools
import operator
import warnings

import numpy as np
import pytest

from dualnum import (
    Dual,
    DualnumError,
    InputError,
    ShapeError,
    derivative,
    hessian,
    hessian_diagonal,
    jacobian,
    jacobian_column,
    jacobian_columns,
    jvp,
    linearize,
    primal,
    value_and_jacobian,
)
from dualnum.levels import current_level
from dualnum.packing import contains_active
from tests.shapes import CHUNKS, OUTPUTS, SHAPES, between, numbers_of

# Shapes


@SHAPES
def test_jacobian_has_the_shape_of_result_and_argument(x_shape, y_shape):
    f, f_jacobian = between(x_shape, y_shape)
    x = numbers_of(x_shape)
    before = np.copy(x)
    expected = f_jacobian(x)
    for chunk in CHUNKS:
        j = jacobian(f, chunk=chunk)(x)
        assert np.shape(j) == y_shape + x_shape
        np.testing.assert_allclose(j, expected, rtol=1e-14)
        y, j = value_and_jacobian(f, chunk=chunk)(x)
        np.testing.assert_array_equal(y, f(x), strict=True)
        np.testing.assert_allclose(j, expected, rtol=1e-14)
    np.testing.assert_array_equal(x, before)


@SHAPES
@pytest.mark.parametrize("k", [None, 0, 1, 3])
def test_jvp_and_linearize(x_shape, y_shape, k):
    f, f_jacobian = between(x_shape, y_shape)
    x = numbers_of(x_shape)
    x_dot = numbers_of(x_shape if k is None else (k, *x_shape), seed=2)
    axes = len(x_shape)
    expected = np.tensordot(x_dot, f_jacobian(x), (list(range(-axes, 0)), list(range(-axes, 0)))) if axes else (
        np.multiply.outer(x_dot, f_jacobian(x))
    )  # fmt: skip
    before = np.copy(x), np.copy(x_dot)
    for y, y_dot in (
        jvp(f, (x,), (x_dot,)),
        jvp(f, [x], [x_dot]),
        (lambda y, push: (y, push(x_dot)))(*linearize(f, x)),
    ):
        np.testing.assert_array_equal(y, f(x), strict=True)
        assert np.shape(y_dot) == (y_shape if k is None else (k, *y_shape))
        np.testing.assert_allclose(y_dot, expected, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(x_dot, before[1])


@pytest.mark.parametrize("y_shape", OUTPUTS)
def test_derivative(y_shape):
    f, f_jacobian = between((), y_shape)
    for x in (0.7, np.float64(0.7), np.array(0.7)):
        d = derivative(f)(x)
        assert np.shape(d) == y_shape
        np.testing.assert_allclose(d, f_jacobian(np.float64(0.7)), rtol=1e-14)


def test_parts_of_elementwise_functions():
    x = numbers_of((2, 3))
    j = jacobian(np.sin)(x).reshape(6, 6)
    np.testing.assert_array_equal(j, np.diag(np.cos(x).ravel()))


# Arguments


def weighted(x, y, z=2.0, *, power=1):
    return np.sum(x**2) * y * z**power


def test_argnums():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
    by_x, by_y, by_z = 2 * 2 * np.outer(y, x), 5 * 2 * np.eye(3), 5 * y
    for argnums, expected in ((0, by_x), (1, by_y), (-3, by_x), (-1, by_z), (np.int64(2), by_z)):
        np.testing.assert_allclose(jacobian(weighted, argnums)(x, y, 2.0), expected)
    for argnums in ((0, 1), (1, 0), [2, 0, 1], (-1,), (1,)):
        result = jacobian(weighted, argnums)(x, y, 2.0)
        assert isinstance(result, tuple)
        for j, i in zip(result, argnums, strict=True):
            np.testing.assert_allclose(j, (by_x, by_y, by_z)[i])
        value, result = value_and_jacobian(weighted, argnums)(x, y, 2.0)
        np.testing.assert_array_equal(value, weighted(x, y))
        assert len(result) == len(argnums)


def test_argnums_out_of_range():
    for argnums in (2, -3, (0, 2), 5, (7,), (0, 0), (1, -1)):
        with pytest.raises(InputError, match="argnums"):
            jacobian(lambda x, y: x * y, argnums)(1.0, 2.0)
    with pytest.raises(InputError, match="argnums"):
        jacobian(np.sin)()
    with pytest.raises(InputError, match="argnums"):
        jacobian(lambda x: x)(x=1.0)
    with pytest.raises(InputError, match="argnums"):
        jacobian(np.sin, ())
    for argnums in (1.0, "0", None):
        with pytest.raises(TypeError):
            jacobian(lambda x, y: x, argnums)(1.0, 2.0)


def test_keyword_arguments():
    x, y = np.array([1.0, 2.0]), 3.0
    np.testing.assert_allclose(jacobian(weighted)(x, y, z=5.0, power=2), 2 * x * y * 25)
    np.testing.assert_allclose(jacobian(weighted)(x, y=y, power=0), 2 * x * y)
    assert derivative(lambda t, a, *, b: a * t**b)(2.0, 3.0, b=3) == 36.0
    assert derivative(lambda t, *args, **kwargs: t * len(args) + len(kwargs))(2.0, 1, 2, c=3) == 2.0


def test_has_aux():
    seen = []

    def f(x):
        seen.append(1)
        return x**2, {
            "sum": np.sum(x),
            "same": x,
            "objects": np.array([x[0], 1.0]),
            "list": [x[1], "text", None],
            "n": len(seen),
        }

    x = np.array([1.0, 2.0])
    for chunk in (None, 1):
        seen.clear()
        j, aux = jacobian(f, has_aux=True, chunk=chunk)(x)
        np.testing.assert_array_equal(j, np.diag(2 * x))
        assert aux["sum"] == 3.0
        assert aux["list"][1:] == ["text", None]
        assert aux["n"] == 1
        np.testing.assert_array_equal(aux["same"], x)
        np.testing.assert_array_equal(aux["objects"], [1.0, 1.0])
        assert not any(contains_active(leaf) for leaf in (aux["sum"], aux["same"], aux["objects"], aux["list"]))
        (y, aux), j = value_and_jacobian(f, has_aux=True, chunk=chunk)(x)
        np.testing.assert_array_equal(y, x**2)
    (j,), aux = jacobian(lambda x: (x * 2, "aux"), (0,), has_aux=True)(3.0)
    assert (j, aux) == (2.0, "aux")
    for bad in (lambda x: x, lambda x: (x,), lambda x: (x, x, x), lambda x: [x, x], lambda x: np.stack([x, x])):
        with pytest.raises(InputError, match="pair"):
            jacobian(bad, has_aux=True)(1.0)


def test_aux_keeps_outer_derivatives():
    y, y_dot = jvp(lambda a: jacobian(lambda x: (x * a, a * a), has_aux=True)(1.0)[1], (3.0,), (1.0,))
    assert (y, y_dot) == (9.0, 6.0)


def test_chunks():
    runs = []

    def f(x):
        runs.append(x.tangent.shape)
        return np.sin(x)

    x = np.linspace(0, 1, 7)
    for chunk, sizes in (
        (1, [1] * 7),
        (2, [2, 2, 2, 1]),
        (3, [3, 3, 1]),
        (7, [7]),
        (8, [7]),
        (10**9, [7]),
        (None, [7]),
    ):
        runs.clear()
        np.testing.assert_array_equal(jacobian(f, chunk=chunk)(x), np.diag(np.cos(x)))
        assert runs == [(size, 7) for size in sizes]
        runs.clear()
        list(jacobian_columns(f, x, chunk=chunk))
        assert runs == [(size, 7) for size in sizes]
    runs.clear()
    x = np.linspace(0, 1, 500)
    np.testing.assert_allclose(jacobian(f)(x), np.diag(np.cos(x)), rtol=4e-16, atol=0)
    assert 1 < len(runs) < 20
    assert sum(size for size, _ in runs) == 500
    for bad in (0, -1):
        with pytest.raises(ValueError, match="chunk"):
            jacobian(f, chunk=bad)(x)
        with pytest.raises(ValueError, match="chunk"):
            jacobian_columns(f, x, chunk=bad)
    with pytest.raises(TypeError):
        jacobian(f, chunk=1.5)(x)


def test_jacobians_are_the_callers():
    for f in (lambda x: x, lambda x: x[...], lambda x: x * 1, lambda x: x.reshape(-1)):
        y, j = value_and_jacobian(f)(np.ones(3))
        j[...] = 99
        y[...] = 99
        y, j = value_and_jacobian(f)(np.ones(3))
        np.testing.assert_array_equal(j, np.eye(3))
        np.testing.assert_array_equal(y, np.ones(3))


# Promises


def mutating(x, c=None):
    """Use up all that it is given."""
    x *= 2
    x[0] = x[-1] * x[0]
    if c is not None:
        c += 1
        x += c
    return x


def test_the_callers_arrays_are_not_touched():
    x, c = np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0])
    expected = np.array([[12.0, 0.0, 4.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
    value = np.array([14.0, 6.0, 8.0])
    for chunk in CHUNKS:
        for call in (
            lambda: value_and_jacobian(mutating, chunk=chunk)(x, c),  # noqa: B023
            lambda: value_and_jacobian(mutating, chunk=chunk)(x, c=c),  # noqa: B023
        ):
            y, j = call()
            np.testing.assert_array_equal(y, value)
            np.testing.assert_array_equal(j, expected)
        by_c = jacobian(lambda x, c: mutating(c, x), 1, chunk=chunk)(c, x)
        np.testing.assert_array_equal(by_c, expected)
        np.testing.assert_array_equal(np.stack(list(jacobian_columns(mutating, x, chunk=chunk)), -1), expected)
    for j in range(3):
        np.testing.assert_array_equal(jacobian_column(mutating, x, j), expected[:, j])
    y, y_dot = jvp(mutating, (x, c), (x, c))
    np.testing.assert_array_equal(y_dot, expected @ x + c)
    y, push = linearize(mutating, x, c)
    for _ in range(3):
        np.testing.assert_array_equal(push(x, c), expected @ x + c)
    y[...] = 0
    np.testing.assert_array_equal(push(x, c), expected @ x + c)
    assert derivative(lambda t, c: np.sum(mutating(c * t)))(1.0, x) == 24 + 10  # 12 t² + 10 t
    assert derivative(lambda t, c, *, e: (mutating(c), mutating(e), t)[2])(1.0, x, e=c) == 1.0
    np.testing.assert_array_equal(x, [1, 2, 3])
    np.testing.assert_array_equal(c, [1, 1, 1])


def test_the_callers_containers_of_arrays_are_not_touched():
    x, held = np.ones(3), {"a": [np.ones(3), 2.0]}

    def f(x, held):
        held["a"][0] *= 3
        return x * held["a"][0]

    for chunk in (None, 1):
        np.testing.assert_array_equal(jacobian(f, chunk=chunk)(x, held), 3 * np.eye(3))
        np.testing.assert_array_equal(jacobian(f, chunk=chunk)(x, held=held), 3 * np.eye(3))
    np.testing.assert_array_equal(held["a"][0], np.ones(3))


def test_the_callers_duals_are_not_touched():
    x, c = np.array([1.0, 2.0, 3.0]), Dual(np.ones(3), np.ones(3))
    for chunk in (None, 1):
        j = jacobian(lambda x, c: operator.imul(c, 2.0) * x, chunk=chunk)(x, c)
        np.testing.assert_array_equal(j.value, 2 * np.eye(3))
        np.testing.assert_array_equal(j.tangent, 2 * np.eye(3))
        j = jacobian(lambda c: operator.imul(c, c), chunk=chunk)(c)
        np.testing.assert_array_equal(j.value, 2 * np.eye(3))
        np.testing.assert_array_equal(j.tangent, 2 * np.eye(3))
    np.testing.assert_array_equal(c.value, np.ones(3))


def test_linearize_is_at_the_point_that_was_given():
    x = np.array([1.0, 2.0])
    y, push = linearize(lambda x: x**2, x)
    x[:] = 100
    np.testing.assert_array_equal(push(np.ones(2)), [2.0, 4.0])
    np.testing.assert_array_equal(push(np.eye(2)), np.diag([2.0, 4.0]))
    np.testing.assert_array_equal(y, [1.0, 4.0])


def test_results_are_plain():
    x = np.ones(3)
    for result in (jacobian(np.sin)(x), *jvp(np.sin, (x,), (x,)), *value_and_jacobian(np.sum)(x), jacobian_column(np.sin, x, 0),
                   *jacobian_columns(np.sin, x), derivative(np.sin)(1.0), linearize(np.sin, x)[0], linearize(np.sin, x)[1](x)):  # fmt: skip
        assert type(result) in (np.ndarray, np.float64)


def test_errors_of_the_function_come_through():
    class Own(Exception):
        pass

    def f(x):
        raise Own

    for call in (
        lambda: jacobian(f)(np.ones(2)), lambda: jvp(f, (1.0,), (1.0,)), lambda: derivative(f)(1.0), lambda: linearize(f, 1.0),
        lambda: jacobian_column(f, [1.0], 0), lambda: next(jacobian_columns(f, [1.0])), lambda: value_and_jacobian(f)(1.0),
    ):  # fmt: skip
        with pytest.raises(Own):
            call()
        assert current_level() == 0
    with pytest.raises(DualnumError):
        jacobian(lambda x: float(x[0]))(np.ones(2))
    assert current_level() == 0
    np.testing.assert_array_equal(jacobian(lambda x: x)(np.ones(2)), np.eye(2))


# Kinds of function


class Model:
    """Callable, with a method, and with a state."""

    def __init__(self, a):
        self.a = a

    def __call__(self, x):
        return self.a * x**2

    def method(self, x):
        return self.a * x**2

    @staticmethod
    def static(x):
        return 3.0 * x**2

    @classmethod
    def of_class(cls, x):
        return cls(3.0)(x)


@pytest.mark.parametrize(
    "f",
    [Model(3.0), Model(3.0).method, Model.static, Model.of_class, functools.partial(lambda a, x: a * x**2, 3.0),
     functools.partial(lambda x, a: a * x**2, a=3.0), lambda x: 3.0 * x**2,
     functools.lru_cache(lambda a: lambda x: a * x**2)(3.0), np.vectorize(lambda x: 3.0 * x**2), np.polynomial.Polynomial([0, 0, 3.0])],
    ids=lambda f: type(f).__name__,
)  # fmt: skip
def test_callables(f):
    x = np.array([1.0, 2.0])
    expected = np.diag(6 * x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(jacobian(f)(x), expected)
        np.testing.assert_allclose(value_and_jacobian(f)(x)[1], expected)
        np.testing.assert_allclose(jvp(f, (x,), (x,))[1], 6 * x * x)
        np.testing.assert_allclose(derivative(f)(2.0), 12.0)
        np.testing.assert_allclose(jacobian_column(f, x, 0), expected[0])
        np.testing.assert_allclose(linearize(f, x)[1](x), 6 * x * x)


@pytest.mark.parametrize(
    "f", [np.sin, np.add, np.multiply, np.sum, operator.neg, abs, sum, max, np.linalg.norm, np.dot, operator.mul, pow]
)
def test_ufuncs_and_builtin_functions(f):
    x, y = np.array([1.2, 2.5]), np.array([1.5, 0.5])
    args = (x, y) if f in (np.add, np.multiply, np.dot, operator.mul, pow) else (x,)
    h = 1e-6
    for i in range(len(args)):
        j = jacobian(f, i)(*args)
        for column, e in zip(np.moveaxis(j, -1, 0), np.eye(2), strict=True):
            ahead, behind = ([a + s * h * e if n == i else a for n, a in enumerate(args)] for s in (1, -1))
            np.testing.assert_allclose(column, (np.asarray(f(*ahead)) - f(*behind)) / (2 * h), rtol=1e-8, atol=1e-8)


def test_names_are_kept():
    def rosenbrock(x):
        """Valley."""
        return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2

    for g in (jacobian(rosenbrock), value_and_jacobian(rosenbrock), derivative(rosenbrock)):
        assert g.__name__ == "rosenbrock"
        assert g.__doc__ == "Valley."
    with pytest.raises(InputError, match="rosenbrock"):
        jacobian(rosenbrock)("a")
    with pytest.raises(InputError, match="Model"):
        jacobian(Model(1.0))("a")


def test_control_flow_looks_at_values():
    def f(x):
        total = x[0] * 0
        while total < 10:
            total = total + (x[0] if total > x[1] else x[1] * 2)
        return total if x[0] > x[1] else -total

    x = np.array([3.0, 1.0])
    j = jacobian(f)(x)
    h = 1e-6
    np.testing.assert_allclose(j, [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(2)], rtol=1e-8)


def test_primal():
    d = Dual([1.0, 2.0], [3.0, 4.0])
    assert primal(d) is d.value
    assert primal(Dual(d, d)) is not d
    np.testing.assert_array_equal(primal(primal(Dual(d, d))), [1.0, 2.0])
    for x in (1.0, None, "a", [d]):
        assert primal(x) is x
    assert type(primal(Dual(1.0, 1.0))) is np.float64


def test_linearize_notices_that_what_the_function_has_captured_has_changed():
    factors = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    x = np.array([0.5, 1.5])
    pushes = []
    for factor in factors:
        y, push = linearize(lambda x: {"y": factor * x}, x)  # noqa: B023
        pushes.append(push)
        y["y"][:] = 0  # which is the caller's
    np.testing.assert_array_equal(pushes[1](x)["y"], factors[1] * x)
    with pytest.raises(InputError, match="has captured"):
        pushes[0](x)
    factors[1][0] = 5.0
    with pytest.raises(InputError, match="has captured"):
        pushes[1](x)


def drawing(total=False):
    rng = np.random.default_rng(0)
    return lambda x, *more: np.sum(x**2 * rng.normal(size=3)) if total else x**2 * rng.normal(size=3)


@pytest.mark.parametrize(
    "way",
    [
        lambda x: jacobian(drawing(), mode="forward", chunk=1)(x),
        lambda x: jacobian(drawing(), mode="forward", argnums=(0, 1))(x, x),
        lambda x: jacobian(lambda tree, f: f(tree[0]) * tree[1], mode="forward")((x, x), drawing()),
        lambda x: jacobian(drawing(), sparse=True, chunk=2)(x),
        lambda x: [*jacobian_columns(drawing(), x, chunk=1)],
        lambda x: hessian(drawing(True), mode="hyperdual", chunk=1)(x),
        lambda x: hessian(drawing(True), mode="forward-over-reverse", chunk=1)(x),
        lambda x: hessian_diagonal(drawing(True), chunk=1)(x),
    ],
)
def test_a_function_that_changes_from_block_to_block_is_refused(way):
    with pytest.raises(InputError, match="run again"):
        way(np.array([1.0, 2.0, 3.0]))


def test_a_result_that_changes_its_shape_from_block_to_block_is_refused():
    runs = []
    with pytest.raises(ShapeError, match="another shape"):
        jacobian(lambda x: x[: runs.append(0) or len(runs)], mode="forward", chunk=1)(np.ones(3))
