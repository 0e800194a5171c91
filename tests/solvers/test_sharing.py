"""What is shared, what is copied, and what happens when the function fails."""

import inspect
import pickle
from threading import Barrier, Thread

import numpy as np
import pytest
from scipy.optimize import least_squares, minimize

from dualnum import Dual, grad, hvp, jacobian, objective, residuals
from dualnum.errors import DerivativeLostError, InputError, ShapeError


class Counted:
    def __init__(self, f):
        self.f = f
        self.runs = 0

    def __call__(self, *args, **kwargs):
        self.runs += 1
        return self.f(*args, **kwargs)


def cubes(x, scale=1.0):
    return scale * x**3


def energy(x, scale=1.0):
    return np.sum(scale * x**3) + x[0] * x[-1]


@pytest.mark.parametrize("n", [3, 40], ids=["forward", "reverse"])
@pytest.mark.parametrize(("make", "f"), [(objective, energy), (residuals, cubes)])
def test_value_and_derivative_take_one_run(make, f, n):
    f = Counted(f)
    shared = make(f)
    x = np.linspace(1.0, 2.0, n)
    shared.jac(x)  # which mode it is to be takes a run, the first time
    f.runs = 0
    value, derivative = shared.fun(x + 1), shared.jac(x + 1)
    assert f.runs == 1
    np.testing.assert_array_equal(value, f.f(x + 1))
    np.testing.assert_allclose(derivative, jacobian(f.f)(x + 1), rtol=1e-15)
    f.runs = 0
    shared.jac(x + 2), shared.fun(x + 2)
    assert f.runs == 1


@pytest.mark.parametrize("asked_before", [0, 40], ids=["at once", "after many points"])
def test_what_is_asked_for_again_is_computed_again(asked_before):
    penalty = 1.0
    shared = objective(lambda x: penalty * np.sum(x**2), hess=True, hessp=True)
    for i in range(asked_before):
        shared.fun(np.array([float(i), 0.0])), shared.jac(np.array([float(i), 0.0]))
    x, p = np.array([1.0, 2.0]), np.ones(2)
    for penalty in (1.0, 10.0):  # as when a second solve starts where the first one ended
        assert shared.fun(x) == 5 * penalty
        np.testing.assert_array_equal(shared.jac(x), 2 * penalty * x)
        np.testing.assert_array_equal(shared.hess(x), 2 * penalty * np.eye(2))
        np.testing.assert_array_equal(shared.hessp(x, p), 2 * penalty * p)


def test_a_derivative_that_is_seldom_wanted_is_not_computed_with_the_value():
    active = []
    shared = residuals(lambda x: active.append(isinstance(x, Dual)) or x**2)
    for i in range(40):
        shared.fun(np.array([float(i)]))
        if i % 10 == 9:
            shared.jac(np.array([float(i)]))
    assert active[-33:].count(True) == 3  # one for each Jacobian


def test_a_derivative_that_is_wanted_again_is_computed_with_the_value():
    f = Counted(cubes)
    shared = residuals(f)
    for i in range(5):
        shared.fun(np.array([float(i)]))
    f.runs = 0
    for i in range(18):
        shared.fun(np.array([-float(i + 1)]))
        shared.jac(np.array([-float(i + 1)]))
    assert f.runs == 34  # sixteen times apart, then together


def test_of_right_hand_sides_the_function_is_called_without_ceremony():
    def f(t, y):
        return t * y

    assert residuals(f, 1).fun is f
    assert dict(**residuals(f, 1))["fun"] is f
    assert residuals(f, 1).jac(2.0, np.ones(2)).tolist() == [[2.0, 0.0], [0.0, 2.0]]


def test_products_with_the_hessian_at_a_point_take_one_run():
    f = Counted(energy)
    shared = objective(f)
    x = np.array([1.0, -2.0, 0.5])
    H = shared.hess(x)
    for v in np.random.default_rng(7).standard_normal((5, 3)):
        np.testing.assert_allclose(shared.hessp(x, v), hvp(energy, x, v), rtol=1e-14)
        np.testing.assert_allclose(H @ v, shared.hessp(x, v), rtol=1e-14)
    assert f.runs == 2


def test_hessian_is_that_of_what_the_function_is_now():
    penalty = [1.0]
    shared = objective(lambda x: penalty[0] * np.sum(x**2), hess=True)
    x = np.ones(2)
    np.testing.assert_array_equal(shared.hess(x), 2 * np.eye(2))
    penalty[0] = 5.0
    np.testing.assert_array_equal(shared.hess(x), 10 * np.eye(2))


@pytest.mark.parametrize("name", ["fun", "jac", "hess"])
def test_points_are_compared_by_value_and_results_belong_to_the_caller(name):
    ask = getattr(objective(energy), name)
    x = np.array([1.0, 2.0])
    first = np.array(ask(x))
    if name != "fun":
        ask(x)[...] = np.nan
    np.testing.assert_array_equal(ask(x), first)
    x[0] = -1.0  # the same array
    assert np.all(np.any(ask(x) != first))
    np.testing.assert_array_equal(ask(x), ask(np.array([-1.0, 2.0])))


def test_results_of_residuals_belong_to_the_caller():
    shared = residuals(cubes)
    x = np.array([1.0, 2.0])
    shared.fun(x)[...] = np.nan
    shared.jac(x)[...] = np.nan
    np.testing.assert_array_equal(shared.fun(x), [1.0, 8.0])
    np.testing.assert_array_equal(shared.jac(x), [[3.0, 0.0], [0.0, 12.0]])


class Scale:
    def __init__(self, factor):
        self.factor = factor


@pytest.mark.parametrize(
    ("first", "change"),
    [
        (lambda: np.array([2.0, 3.0]), lambda arg: arg.__setitem__(0, 5.0)),
        (lambda: [2.0, 3.0], lambda arg: arg.__setitem__(0, 5.0)),
        (lambda: {"scale": np.array([2.0])}, lambda arg: arg["scale"].__setitem__(0, 5.0)),
        (lambda: Scale(2.0), lambda arg: setattr(arg, "factor", 5.0)),
    ],
    ids=["array", "list", "dict", "object"],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_changed_arguments_are_noticed(first, change, by_name):
    """Also those changed in place, of which the caller passes the same object again."""

    def f(x, arg):
        scale = arg["scale"][0] if isinstance(arg, dict) else getattr(arg, "factor", None)
        return x * (arg[0] if scale is None else scale)

    shared = residuals(f)
    x, arg = np.array([1.0]), first()
    extra = ((), {"arg": arg}) if by_name else ((arg,), {})
    assert shared.fun(x, *extra[0], **extra[1]) == 2.0
    change(arg)
    assert shared.jac(x, *extra[0], **extra[1]) == 5.0
    assert shared.fun(x, *extra[0], **extra[1]) == 5.0


@pytest.mark.parametrize("other", [-0.0, np.float32(0.0), 0, False, np.zeros(1), None, "0", 0j])
def test_arguments_that_are_merely_alike_are_told_apart(other):
    seen = []
    shared = residuals(lambda x, arg: seen.append(arg) or x)
    shared.fun([1.0], 0.0)
    shared.jac([1.0], other)
    assert len(seen) == 2
    assert repr(seen[1]) == repr(other)


def test_times_in_other_units_are_told_apart():
    shared = residuals(lambda x, time: x * (time / np.timedelta64(1, "h")))
    x, hours, days = np.ones(1), np.timedelta64(2, "h"), np.timedelta64(2, "D")
    for _ in range(20):  # then the derivative is computed with the value
        for time, factor in [(hours, 2), (days, 48)]:
            assert shared.fun(x, time) == shared.jac(x, time) == factor
    shared.jac(x, hours)
    assert shared.fun(x, days) == shared.hess(x, np.ones(1), days) + 48 == 48


def test_derivatives_do_not_touch_the_arguments_of_the_caller():
    def f(x, data):
        x *= 2
        data += 1
        return x * data

    shared = residuals(f)
    x, data = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    for ask in (shared.fun, shared.jac, lambda *args: shared.hess(args[0], np.ones(2), args[1])):
        ask(x, data)
        np.testing.assert_array_equal(x, [1.0, 2.0])
        np.testing.assert_array_equal(data, [3.0, 4.0])


def test_threads_do_not_mix_their_points():
    shared, barrier, wrong = residuals(cubes), Barrier(4), []

    def work(seed):
        barrier.wait()
        for x in np.random.default_rng(seed).standard_normal((200, 3)):
            value, derivative = shared.fun(x), shared.jac(x)
            if not (np.array_equal(value, cubes(x)) and np.array_equal(derivative, np.diag(3 * x**2))):
                wrong.append(x)

    threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_derivatives_of_outer_transforms_pass_through_and_are_not_remembered():
    shared = residuals(cubes)
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(jacobian(shared.fun)(x), np.diag(3 * x**2))
    np.testing.assert_array_equal(jacobian(lambda s: shared.jac(x, s))(2.0), np.diag(3 * x**2))
    np.testing.assert_array_equal(shared.fun(x), x**3)
    s = Dual(2.0, 1.0)
    outer = residuals(lambda x: s * x)
    assert outer.fun(x).tangent.tolist() == [1.0, 2.0]
    assert outer.jac(x).tangent.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("asked_before", [0, 20])
def test_a_gradient_that_was_taken_of_an_objective_is_over(asked_before):
    shared = objective(energy)
    x = np.array([1.0, 2.0])
    for i in range(asked_before):
        shared.fun(x + i)
        shared.jac(x + i)
    expected = shared.jac(x)
    for call in (lambda: grad(shared)(x), lambda: hvp(shared, x, x), lambda: grad(lambda s: shared(x, scale=s))(2.0)):
        call()
        np.testing.assert_allclose(shared.jac(x), expected)


def test_exceptions_of_the_function_reach_the_caller_and_leave_nothing_behind():
    def f(x):
        if x[0] > 2:
            raise OverflowError("the model ends at 2")
        return np.sum(x**2)

    shared = objective(f)
    shared.fun(np.array([1.0]))
    for ask in (shared.fun, shared.jac, shared.hess, shared.fun):
        with pytest.raises(OverflowError, match="ends at 2"):
            ask(np.array([3.0]))
    assert shared.fun(np.array([1.0])) == 1.0
    with pytest.raises(OverflowError, match="ends at 2"):
        minimize(**objective(f), x0=[2.5])


def test_nan_is_for_the_solver_to_judge():
    with pytest.raises(ValueError, match="not finite in the initial point"):
        least_squares(**residuals(lambda x: x * np.nan), x0=[1.0])
    found = minimize(**objective(lambda x: np.sum(x) * np.nan), x0=[1.0])
    assert not found.success
    assert np.isnan(found.fun)


def test_what_loses_derivatives_says_so():
    with pytest.raises(DerivativeLostError, match="float"):
        minimize(**objective(lambda x: float(x[0]) ** 2), x0=[1.0])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_an_objective_may_return_its_number_in_an_array(shape):
    shared = objective(lambda x: np.reshape(np.sum(x**2), shape))
    x = np.array([1.0, 2.0])
    assert shared.fun(x) == 5.0
    assert shared.jac(x).tolist() == [2.0, 4.0]
    assert shared.hess(x).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert objective(lambda x: [x[0] * x[1]]).jac(x).tolist() == [2.0, 1.0]


def test_integers_count_as_floats():
    assert residuals(cubes).jac([1, 2]).tolist() == [[3.0, 0.0], [0.0, 12.0]]


def test_errors_advise():
    x = np.ones(2)
    with pytest.raises(ShapeError, match=r"shape \(2,\).*use residuals"):
        objective(cubes).fun(x)
    with pytest.raises(InputError, match="complex number"):
        objective(lambda x: np.sum(x) * 1j).jac(x)
    with pytest.raises(InputError, match=r"tuple of arrays.*np\.concatenate"):
        residuals(lambda x: (x, x[0])).jac(x)
    with pytest.raises(InputError, match="argnums=1"):
        residuals(cubes, 1).jac(x)
    with pytest.raises(InputError, match="first argument"):
        residuals(cubes, 1).hess(x, x)
    with pytest.raises(InputError, match="where it was last called"):
        residuals(cubes).krylov(None, x)


@pytest.mark.parametrize("make", [objective, residuals])
def test_what_is_no_function_is_refused(make):
    with pytest.raises(InputError, match=r"expected a function, got 3\."):
        make(3)


def test_krylov_refuses_another_value():
    shared = residuals(cubes)
    shared.fun(np.array([1.0, 2.0]))
    with pytest.raises(InputError, match="where it was last called"):
        shared.krylov(None, np.array([1.0, 9.0]))
    step, _ = shared.krylov(None, np.array([1.0, 8.0]))
    np.testing.assert_allclose(step, [1 / 3, 8 / 12], rtol=1e-12)


@pytest.mark.parametrize("argnums", [(1, 2), (1, ...), [1, 2], [1, ...], (-2, -1)])
def test_numbers_among_the_arguments_make_a_vector(argnums):
    shared = residuals(lambda t, a, b: a * t**2 + b, argnums)
    t = np.array([1.0, 2.0])
    np.testing.assert_array_equal(shared.fun(t, 3.0, 4.0), [7.0, 16.0])
    np.testing.assert_array_equal(shared.jac(t, 3.0, 4.0), [[1.0, 1.0], [4.0, 1.0]])


def test_what_unpacking_hands_over():
    assert set(dict(**objective(energy))) == {"fun", "jac"}
    assert set(dict(**objective(energy, hess=True, hessp=True))) == {"fun", "jac", "hess", "hessp"}
    assert set(dict(**residuals(cubes, hess=True))) == {"fun", "jac", "hess"}
    with pytest.raises(KeyError):
        objective(energy)["hess"]


def test_they_stand_for_the_function():
    shared = objective(energy)
    assert shared.__name__ == "energy"
    assert inspect.signature(shared) == inspect.signature(energy)
    x = np.array([1.0, 2.0])
    for original in (shared, residuals(cubes, mode="reverse")):
        copy = pickle.loads(pickle.dumps(original))
        np.testing.assert_array_equal(copy.jac(x), original.jac(x))
