"""The tape in explicit use: adjoints of all variables, seeds, several outputs, and what it refuses."""

import copy
import pickle
import threading

import numpy as np
import pytest

from dualnum import Dual, InputError, ShapeError, Tape, Variable, grad, hvp, jacfwd, jacrev, vjp


def test_adjoints_of_all_variables():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        u = x**2
        v = np.sin(u)
        y = np.sum(v * x)
    assert all(isinstance(variable, Variable) for variable in (x, u, v, y))
    tape.backward(y)
    np.testing.assert_array_equal(y.adjoint, 1)
    np.testing.assert_array_equal(v.adjoint, [1, 2])
    np.testing.assert_allclose(u.adjoint, np.cos([1.0, 4.0]) * [1, 2], rtol=1e-15)
    np.testing.assert_allclose(x.adjoint, 2 * np.cos([1.0, 4.0]) * [1, 4] + np.sin([1.0, 4.0]), rtol=1e-15)


def test_several_outputs_and_rows_of_seeds():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0, 3.0])
        y, z = x * x, np.prod(x)
        unused = np.exp(x)
    tape.backward([y, z], [np.ones(3), 2.0], retain=True)
    np.testing.assert_array_equal(x.adjoint, [2 + 12, 4 + 6, 6 + 4])
    np.testing.assert_array_equal(unused.adjoint, [0, 0, 0])
    tape.backward(y, np.eye(3), retain=True)
    np.testing.assert_array_equal(x.adjoint, np.diag([2.0, 4.0, 6.0]))
    assert unused.adjoint.shape == (3, 3)
    tape.backward([y, z], [np.eye(3)[:2], np.array([0.0, 1.0])])
    np.testing.assert_array_equal(x.adjoint, [[2, 0, 0], [6, 3 + 4, 2]])


def test_each_traversal_starts_afresh():
    with Tape() as tape:
        x = tape.variable(3.0)
        y = x * x
    for _ in range(2):
        tape.backward(y, retain=True)
        assert x.adjoint == 6


def test_a_variable_that_was_updated_has_no_adjoint():
    with Tape() as tape:
        x, z = tape.variable([1.0, 2.0]), tape.variable([3.0, 4.0])
        y = z.copy()
        y *= y
        x[0] = x[1] ** 2
        u = np.sum(x * y)
    tape.backward(u)
    np.testing.assert_array_equal(z.adjoint, [2 * 4 * 3, 2 * 2 * 4])
    np.testing.assert_array_equal(y.adjoint, [4, 2])
    with pytest.raises(InputError, match=r"updated in place.*x\.copy\(\)"):
        _ = x.adjoint


def test_adjoint_is_the_callers():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        y = x + 1
        z = np.sum(y)
    tape.backward(z, retain=True)
    x.adjoint[0] = 100
    np.testing.assert_array_equal(y.adjoint, [1, 1])
    np.testing.assert_array_equal(x.adjoint, [1, 1])


def test_backward_within_the_block_and_on_a_nested_tape():
    with Tape() as outer:
        a = outer.variable(2.0)
        with Tape() as inner:
            b = inner.variable(a * a)
            c = b**3
            inner.backward(c)
        slope = b.adjoint  # 3 b², and a function of a
        assert isinstance(slope, Variable)
    outer.backward(slope)
    assert float(slope.value) == 48
    assert a.adjoint == pytest.approx(12 * 2**3, rel=1e-15)


def test_a_dual_inside_of_a_tape_and_outside():
    with Tape() as tape:
        x = tape.variable(Dual(3.0, 1.0))
        y = x**3
    tape.backward(y)
    assert (x.adjoint.value, x.adjoint.tangent) == (27.0, 18.0)
    with Tape() as tape:
        x = tape.variable(3.0)
        y = (Dual(x, 1.0) ** 3).tangent
    tape.backward(y)
    assert x.adjoint == 18


def test_what_is_refused():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        y = x * 2
        with pytest.raises(InputError, match="call tape.backward"):
            _ = x.adjoint
    with pytest.raises(InputError, match="inside of the"):
        tape.variable(1.0)
    with pytest.raises(InputError, match="written once"):
        tape.__enter__()
    for use in (lambda: y + 1, lambda: np.sin(y), lambda: y[0], lambda: np.sum(y), lambda: y.__setitem__(0, y[1:])):
        with pytest.raises(InputError, match="after its tape had ended"):
            use()
    with pytest.raises(ShapeError, match="give a seed"):
        tape.backward(y)
    for seed in (np.ones(3), 1.0, np.ones((2, 3)), np.ones((2, 2, 2))):
        with pytest.raises(ShapeError, match="cotangent has shape"):
            tape.backward(y, seed)
    with pytest.raises(ShapeError, match="one for each"):
        tape.backward([y, y], [np.ones(2)])
    with pytest.raises(ShapeError, match="same number of rows"):
        tape.backward([y, y], [np.ones(2), np.ones((3, 2))])
    with pytest.raises(InputError, match="complex seed"):
        tape.backward(y, np.ones(2) * 1j)
    for other in (1.0, np.ones(2), Dual(1.0, 1.0)):
        with pytest.raises(InputError, match="no variable of this tape"):
            tape.backward(other)
    tape.backward(y, np.ones(2))
    with pytest.raises(InputError, match="retain=True"):
        tape.backward(y, np.ones(2))
    np.testing.assert_array_equal(x.adjoint, [2, 2])


def test_bad_seeds_change_nothing():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        y = x * x
    tape.backward(y, np.ones(2), retain=True)
    with pytest.raises(ShapeError):
        tape.backward(y, np.ones(3))
    np.testing.assert_array_equal(x.adjoint, [2, 4])


def test_copies_and_pickles():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        y = copy.copy(x) * copy.deepcopy(x)
        with pytest.raises(InputError, match="pickled"):
            pickle.dumps(x)
        assert repr(x) == "Variable(array([1., 2.]))"
        assert f"{x[0]:.1f}" == "1.0"
    tape.backward(y, np.ones(2))
    np.testing.assert_array_equal(x.adjoint, [2, 4])


def test_tapes_in_threads():
    results = {}

    def work(i):
        with Tape() as tape:
            x = tape.variable(np.full(3, 0.1 * i))
            y = x
            for _ in range(200):
                y = np.sin(y) * x + i
        tape.backward(y, np.ones(3))
        results[i] = x.adjoint

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = dict(results)
    for i in range(6):
        work(i)
        np.testing.assert_array_equal(together[i], results[i])


def test_complex_variables():
    """The adjoint is the gradient by the inner product Re sum(conj(u) v)."""
    z = np.array([1 + 2j, -0.5j])
    with Tape() as tape:
        x = tape.variable(z)
        y = np.sum(np.abs(x) ** 2 + (x**2).real)
    tape.backward(y)
    np.testing.assert_allclose(x.adjoint, 2 * z + 2 * np.conj(z), rtol=1e-15)


@pytest.mark.parametrize("x", [2.0, np.array(2.0)], ids=["scalar", "0-d array"])
def test_adjoints_of_numbers_are_scalars(x):
    with Tape() as tape:
        v = tape.variable(x)
        y = np.sum(v * np.ones(3))
    tape.backward(y)
    found = [v.adjoint, grad(lambda x: np.sum(x * np.ones(3)))(x), grad(lambda x: x * 2)(x)]
    assert [type(x_bar) for x_bar in found] == [np.float64] * 3
    assert found == [3, 3, 2]


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
def test_no_rows_of_cotangents():
    _, pullback = vjp(lambda x: np.array([x[0], x[1] ** 2]) * x, np.ones(2))
    assert pullback(np.ones((0, 2)))[0].shape == (0, 2)


def test_zero_cotangents_stay_zero_in_second_derivatives():
    def f(x):
        return np.where(x > 0, x**1.5, 0).sum()

    x = np.array([0.0, 1.0])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(f)(x), [0, 1.5])
        np.testing.assert_array_equal(
            hvp(f, x, np.eye(2)), [[0, 0], [0, 0.75]]
        )  # of the gradient the slope alone is nan
        np.testing.assert_array_equal(jacrev(grad(f))(x), [[0, 0], [0, 0.75]])


@pytest.mark.parametrize("size", [1, 10_000])
def test_one_zero_cotangent_stays_zero_among_few_and_many(size):
    x = np.ones(size)
    x[-1] = 0
    with np.errstate(divide="ignore"):
        bar = grad(lambda x: np.where(x > 0, np.sqrt(x), 0).sum())(x)
    np.testing.assert_array_equal(bar, x / 2)


def test_zero_cotangents_that_may_depend_on_something_stay_zero():
    a = np.array([2.0, np.nan, 3.0])

    def f(x):
        return np.nansum(a * np.tanh(x)) ** 2

    x = np.array([0.5, 0.1, -0.2])
    keep = np.array([0, 2])
    expected = np.zeros((3, 3))
    expected[np.ix_(keep, keep)] = jacrev(grad(lambda x: np.sum(a[keep] * np.tanh(x)) ** 2))(x[keep])
    assert np.all(expected[keep, keep] != 0)
    for hessian in jacrev(grad(f)), jacfwd(grad(f)), jacrev(jacfwd(f)), jacfwd(jacfwd(f)):
        np.testing.assert_allclose(hessian(x), expected, rtol=1e-14, atol=1e-15)


def test_a_zero_that_depends_on_something_keeps_its_derivative():
    """The value of 0 * inf is set to 0, but not what it depends on."""

    def f(x):  # the inner cotangent of the square root is x[1], which is 0
        return grad(lambda y: x[1] * np.sqrt(y))(x[0])

    assert np.isinf(grad(f)(np.zeros(2))[1])
    np.testing.assert_array_equal(grad(f)(np.array([4.0, 0.0])), [0, 0.25])
