"""checkpoint and checkpoint_scan: the same values and derivatives as without, in less memory."""

import functools
import gc
import tracemalloc

import numpy as np
import optree
import pytest
from scipy.special import gammaln

from dualnum import (
    DerivativeLostError,
    Dual,
    ForeignError,
    InputError,
    MutationError,
    ShapeError,
    Tape,
    checkpoint,
    checkpoint_scan,
    derivative,
    grad,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from dualnum.tape.schedule import evaluations

X = np.random.default_rng(0).normal(size=(2, 3))


def model(params, x, *, power=2, names=("w", "b")):
    """Trees in and out, control flow, several results, one of them no float."""
    y = np.tanh(x @ params[names[0]] + params[names[1]])
    if y[0, 0] > 0:
        y = y**power
    return {"y": y, "more": [np.sum(y, axis=0), 3], "none": None}


def parameters():
    rng = np.random.default_rng(1)
    return {"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}


def loss_of(f):
    def loss(params, x, **kwargs):
        out = f(params, x, **kwargs)
        assert out["more"][1] == 3
        assert out["none"] is None
        return np.sum(out["y"] ** 2) + out["more"][1] * np.sum(np.sin(out["more"][0]))

    return loss


def assert_equal_trees(found, expected):
    """Compare trees of arrays, to the last bit: the same is computed."""
    optree.tree_map(functools.partial(np.testing.assert_array_equal, strict=True), found, expected)


def peak_memory(f, *args):
    """Most bytes that a gradient takes at once; afterwards they are back, without a search for cycles."""
    gradient = grad(f, tuple(range(len(args))))
    gradient(*args)  # what is cached stays
    gc.disable()
    tracemalloc.start()
    try:
        gradient(*args)
        current, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert current < 3 * args[0].nbytes  # Python keeps the memory of some small objects
    return peak


# checkpoint


def test_values_and_gradients_are_those_without():
    stored, again = loss_of(model), loss_of(checkpoint(model))
    assert_equal_trees(checkpoint(model)(parameters(), X), model(parameters(), X))
    for argnums in (0, 1, (0, 1)):
        for kwargs in ({}, {"power": 3}):
            expected = value_and_grad(stored, argnums)(parameters(), X, **kwargs)
            assert_equal_trees(value_and_grad(again, argnums)(parameters(), X, **kwargs), expected)


def test_the_function_keeps_its_name():
    assert checkpoint(model).__name__ == "model"
    assert checkpoint(model).__doc__ == model.__doc__


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_what_has_changed_meanwhile_is_noticed(dtype):
    weights = np.arange(1, 8, dtype=dtype)

    def of_loop_variable(x):
        for i in range(3):
            x = checkpoint(lambda x: np.sin(x) * weights[i])(x)  # noqa: B023
        return np.sum(np.abs(x))

    def of_array(x):
        scale = np.ones(7, dtype)
        y = checkpoint(lambda x: x * scale)(x)
        scale[3] += 1e-2
        return np.sum(np.abs(y))

    def of_generator(x):
        rng = np.random.default_rng(0)
        return np.sum(np.abs(checkpoint(lambda x: x[rng.permutation(7)] ** 2)(x)))

    def of_step(x):
        scale = np.ones(7, dtype)
        y = checkpoint_scan(lambda x: x * scale, x, 5, memory=2)
        scale[3] += 1e-2
        return np.sum(np.abs(y))

    x = np.linspace(0.5, 2.0, 7).astype(dtype)
    for f in (of_loop_variable, of_array, of_generator, of_step):
        with pytest.raises(InputError, match="other results than before"):
            grad(f)(x)

    def with_bound_variable(x, block=checkpoint):
        for i in range(3):
            x = block(lambda x, i=i: np.sin(x) * weights[i])(x)
        return np.sum(np.abs(x))

    expected = grad(functools.partial(with_bound_variable, block=lambda f: f))(x)
    np.testing.assert_array_equal(grad(with_bound_variable)(x), expected)


def test_results_without_end_are_the_same_again():
    f = checkpoint(lambda x: np.stack([x[0] / 0.0, x[1], x[0] * np.nan, x[1] * 1e200]))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(lambda x: f(x)[1] + 0 * f(x)[3])(np.ones(2)), [0.0, 1.0])


def test_forward_mode():
    x_dot = np.ones((2, 3))

    def loss(f):
        return functools.partial(loss_of(f), parameters())

    found = jvp(loss(checkpoint(model)), (X,), (x_dot,))
    assert_equal_trees(found, jvp(loss(model), (X,), (x_dot,)))


def test_nothing_but_the_arguments_is_stored():
    calls = []

    def f(x, scale):
        calls.append(type(x))
        for _ in range(20):
            x = np.sin(x * scale)
        return x, np.cos(x)

    with Tape() as tape:
        x = tape.variable(X)
        y, z = checkpoint(f)(x, 2.0)
        out = np.sum(y * z)
    assert calls == [np.ndarray]
    # The leaf, the checkpoint and its two parts, the product and the sum.
    assert len(tape.nodes) == 6
    assert tape.nodes[1].saved == (x._value, 2.0)
    tape.backward(out)
    assert len(calls) == 2
    expected = grad(lambda x: np.sum(np.multiply(*f(x, 2.0))))(X)
    np.testing.assert_array_equal(x.adjoint, expected)


def test_rows_of_cotangents_and_repeated_pullbacks():
    def numbers(f):
        return lambda params, x: {"a": f(params, x)["y"], "b": f(params, x)["more"][0]}

    rng = np.random.default_rng(2)
    rows = {"a": rng.normal(size=(4, 2, 2)), "b": rng.normal(size=(4, 2))}
    expected = vjp(numbers(model), parameters(), X)[1](rows)
    pullback = vjp(numbers(checkpoint(model)), parameters(), X)[1]
    for _ in range(2):
        assert_equal_trees(pullback(rows), expected)


def cubes(x, y):
    return x**3 * y, np.sum(np.sin(x * y))


@pytest.mark.parametrize("f", [checkpoint(cubes), checkpoint(checkpoint(cubes))], ids=["once", "nested"])
def test_second_derivatives(f):
    def of(f):
        return lambda x: np.sum(f(x, x[::-1] ** 2)[0] * f(2.0 * x, 3.0)[1])

    x, v = np.array([0.3, -1.2, 2.0]), np.array([1.0, 2.0, -1.0])
    expected = jvp(grad(of(cubes)), (x,), (v,))[1]
    close = functools.partial(np.testing.assert_allclose, desired=expected, rtol=1e-13)
    close(jvp(grad(of(f)), (x,), (v,))[1])
    close(grad(lambda x: np.sum(grad(of(f))(x) * v))(x))
    close(grad(lambda x: jvp(of(f), (x,), (v,))[1])(x))
    close(v @ jacobian(grad(of(f)))(x))


def test_third_derivative_of_a_checkpoint_in_each_level():
    f = checkpoint(lambda x: np.sin(x) * x)
    third = grad(grad(grad(lambda x: f(x) * 1.0)))
    assert third(0.7) == pytest.approx(-3 * np.sin(0.7) - 0.7 * np.cos(0.7), rel=1e-14)


def test_outer_variables_may_be_captured():
    # The inner tape cuts nothing off the outer one.
    def outer(x):
        return grad(lambda y: checkpoint(lambda y: x**2 * y**3)(y))(2.0)

    assert grad(outer)(5.0) == 2 * 5 * 3 * 2**2
    assert derivative(outer)(5.0) == 2 * 5 * 3 * 2**2
    assert grad(lambda x: derivative(lambda y: checkpoint(lambda y: x**2 * y**3)(y))(2.0))(5.0) == 120


class Holder:
    """What optree does not look into."""

    def __init__(self, x):
        self.x = x


def test_captured_variables_are_refused():
    x = np.ones(3)
    for loss in (
        lambda x: np.sum(checkpoint(lambda y: y * x)(x)),
        lambda x: np.sum(checkpoint(lambda y: y * x)(np.ones(3))),
        lambda x: np.sum(checkpoint(lambda y, holder: y * holder.x)(x, Holder(x))),
        # A variable of an inner tape, among arguments of the outer one alone.
        lambda x: grad(lambda z: np.sum(checkpoint(lambda y: y * z)(x)))(2.0),
    ):
        with pytest.raises(InputError, match="captured"):
            grad(loss)(x)
    with pytest.raises(InputError, match="Holder"):
        grad(lambda x: np.sum(checkpoint(Holder)(x).x))(x)


def test_updates_before_and_after():
    def in_place(x, c):
        x *= c
        c += 1.0
        return x * c

    def loss(f):
        def loss(x):
            c = np.array([2.0, 3.0])
            u = 1.0 * x
            y = f(u, c)
            u[0] = 7.0  # after it was saved
            c[:] = np.nan
            return np.sum(u**2) + np.sum(y**2)

        return loss

    x = np.array([1.0, 2.0])
    # y = x c (c + 1): what is updated is a copy, in each mode.
    expected = 2 * x * np.array([6.0, 12.0]) ** 2 + np.array([0.0, 4.0])
    np.testing.assert_array_equal(grad(loss(checkpoint(in_place)))(x), expected)
    np.testing.assert_array_equal(jacobian(loss(checkpoint(in_place)))(x), expected)
    assert loss(checkpoint(in_place))(x) == 49 + 4 + 36 + 576


@pytest.mark.parametrize("f", [lambda x: (x, x), lambda x: (x, x[:]), lambda x: (2 * x, np.broadcast_to(x, (2, 2)))])
def test_results_do_not_share_memory(f):
    def g(x):
        a, b = checkpoint(f)(x)
        a[0] = 5.0
        b *= 3.0
        return np.sum(a) + np.sum(b)

    x = np.array([1.0, 2.0])
    expected = np.sum(f(x)[0]) - f(x)[0][0] + 5 + 3 * np.sum(f(x)[1])
    assert g(x) == jvp(g, (x,), (x,))[0] == value_and_grad(g)(x)[0] == expected
    np.testing.assert_array_equal(grad(g)(x), jacobian(g)(x))
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_a_view_of_what_was_updated():
    def f(x):
        view = x[:2]
        x[0] = 3 * x[1]
        return view

    for g in (f, checkpoint(f)):
        np.testing.assert_array_equal(vjp(g, np.ones(3))[1](np.ones(2))[0], [0.0, 4.0, 0.0])


def test_other_results_the_second_time_are_noticed():
    sizes = iter(range(1, 10))
    with pytest.raises(ShapeError, match="run again"):
        grad(lambda x: np.sum(checkpoint(lambda x: x * np.ones(next(sizes)))(x)))(2.0)


def test_generators_among_the_arguments_give_the_same_numbers_again():
    def drop(x, rng):
        return np.where(rng.random(50) < 0.5, 0.0, x)

    def twice(f):
        rng = np.random.default_rng(3)
        _, pullback = vjp(lambda x: np.sum(np.cumsum(f(x, rng)) * f(x, rng)), np.ones(50))
        return pullback(1.0) + pullback(1.0)

    assert_equal_trees(twice(checkpoint(drop)), twice(drop))


def test_an_object_array_among_the_arguments():
    f = checkpoint(lambda x: np.sum(x**2))
    np.testing.assert_array_equal(grad(lambda x: f(np.array([x[1], 3.0])))(np.ones(2)), [0.0, 2.0])


def test_a_lost_derivative_is_noticed_on_the_way_back():
    # On plain values nothing is wrong with it.
    with pytest.raises(DerivativeLostError):
        grad(checkpoint(lambda x: float(x) ** 2))(2.0)


def test_foreign_errors_on_the_way_back_are_explained():
    def f(x):
        array = np.asarray(x)
        return np.sum(gammaln(array))

    with pytest.raises(ForeignError, match="'array' was an object array"):
        grad(checkpoint(f))(np.ones(3))


def test_errors_that_the_function_catches_are_raised_again():
    def f(x):
        try:
            return np.log(x) / x
        except FloatingPointError:
            return 5 * x

    with np.errstate(all="raise"):
        assert grad(checkpoint(f))(0.0) == grad(f)(0.0) == 5


def test_warnings_come_once():
    with pytest.warns(RuntimeWarning) as caught:
        grad(checkpoint(lambda x: np.sum(np.log(x))))(np.zeros(2))
    assert len(caught) == 1


def test_a_cotangent_of_zero_stays_zero():
    f = checkpoint(lambda x: np.sqrt(x))
    x = np.array([-1.0, 0.0, 4.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(grad(lambda x: np.sum(np.where(x > 0, f(x), 0.0)))(x), [0, 0, 0.25])


def test_memory_of_a_chain_of_checkpoints():
    x = np.ones(10_000)

    def block(x):
        for _ in range(30):
            x = np.sin(x)
        return x

    def chain(f, x):
        for _ in range(30):
            x = f(x)
        return np.sum(x)

    assert peak_memory(functools.partial(chain, block), x) / x.nbytes > 900
    assert peak_memory(functools.partial(chain, checkpoint(block)), x) / x.nbytes < 30 + 30 + 10


# checkpoint_scan


def step(state, speed, settings):
    """A tree for a state, and arguments of all kinds."""
    u, t, count = state["u"], state["t"], state["count"]
    v = u + settings["dt"] * np.sin(speed * u[::-1] + t)
    return {"u": v, "t": t + settings["dt"] * speed[0], "count": count + 1}


def start():
    return {"u": np.array([0.3, -0.2]), "t": 0.5, "count": 0}


def scan_loss(n, **options):
    def loss(state, speed, settings):
        end = checkpoint_scan(step, {**start(), **state}, n, args=(speed, settings), **options)
        assert end["count"] == n
        return np.sum(end["u"] ** 3) + end["t"] ** 2

    return loss


def loop_loss(n):
    def loss(state, speed, settings):
        state = {**start(), **state}
        for _ in range(n):
            state = step(state, speed, settings)
        return np.sum(state["u"] ** 3) + state["t"] ** 2

    return loss


ARGS = ({"u": np.array([0.3, -0.2])}, np.array([1.1, 0.4]), {"dt": 0.05, "name": "sine"})


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 30])
@pytest.mark.parametrize("memory", [1, 2, 3, 100])
def test_a_scan_is_a_loop(n, memory):
    scan, loop = scan_loss(n, memory=memory), loop_loss(n)
    assert scan(*ARGS) == loop(*ARGS)
    for argnums in (0, 1, (0, 1)):
        found = value_and_grad(scan, argnums)(*ARGS)
        expected = value_and_grad(loop, argnums)(*ARGS)
        assert found[0] == expected[0]
        # The shares of the steps in a gradient are added in another order.
        optree.tree_map(functools.partial(np.testing.assert_allclose, rtol=1e-13), found[1], expected[1])
    speed, speed_dot = (ARGS[1],), (np.ones(2),)
    forward = [jvp(lambda speed, f=f: f(ARGS[0], speed, ARGS[2]), speed, speed_dot) for f in (scan, loop)]
    assert forward[0] == forward[1]


@pytest.mark.parametrize(("n", "memory"), [(1, 1), (5, 1), (60, 3), (60, 100)])
def test_steps_are_counted(n, memory):
    plain = taped = 0

    def f(x):
        nonlocal plain, taped
        if isinstance(x, float):
            plain += 1
        else:
            taped += 1
        return np.sin(x)

    _, pullback = vjp(lambda x: checkpoint_scan(f, x, n, memory=memory), 0.3)
    first = pullback(1.0)
    assert (plain, taped) == (evaluations(n, memory) + 1, n)
    # The snapshots are used up, and made again.
    assert pullback(1.0) == first
    assert (plain, taped) == (2 * evaluations(n, memory) + 1, 2 * n)
    assert pullback(np.ones(3))[0].shape == (3,)


def heat(u, c):
    u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def test_memory_of_a_scan():
    u = np.random.default_rng(4).normal(size=10_000)

    def scan(memory, u, c):
        return np.sum(checkpoint_scan(heat, u, 300, memory=memory, args=(c,)) ** 2)

    def loop(u, c):
        for _ in range(300):
            u = heat(u, c)
        return np.sum(u**2)

    for memory in (2, 10, 40):
        assert memory < peak_memory(functools.partial(scan, memory), u, 0.1) / u.nbytes < memory + 16
    assert peak_memory(loop, u, 0.1) / u.nbytes > 300


def test_constants_are_stored_once():
    a = np.random.default_rng(5).normal(size=(200, 200)) / 20

    def f(x):
        return np.sum(checkpoint_scan(lambda u, a: np.sin(a @ u) + u @ a, x, 20, memory=3, args=(a,)))

    assert a.nbytes < peak_memory(f, np.ones(200)) < 1.5 * a.nbytes


@pytest.mark.parametrize("memory", [1, 2, 3, 20])
def test_steps_in_place(memory):
    def f(u):
        u[1:-1] += 0.1 * u[2:] * u[:-2]
        u[0] = np.sin(u[0])
        return u

    def loop(u):
        for _ in range(9):
            u = f(u.copy())
        return u

    def scan(u):
        return checkpoint_scan(f, u, 9, memory=memory)

    u = np.array([0.5, 1.0, 3.0, -2.0])
    before = u.copy()
    expected = loop(u)
    np.testing.assert_array_equal(scan(u), expected)
    y, pullback = vjp(scan, u)
    np.testing.assert_array_equal(y, expected)
    for _ in range(2):
        np.testing.assert_allclose(pullback(np.eye(4))[0], jacobian(loop)(u), rtol=1e-14)
    np.testing.assert_array_equal(jacobian(scan)(u), jacobian(loop)(u))
    np.testing.assert_array_equal(u, before)


def test_parts_of_the_state_do_not_share_memory():
    def f(state):
        a, b = state
        a += 1.0
        a *= b
        return a, a

    def run(x):
        return np.sum(checkpoint_scan(f, (x, x), 3, memory=2)[0])

    # In each step a becomes (a + 1) a; it would be (a + 1) (a + 1) if both were one array.
    assert run(np.ones(1)) == value_and_grad(run)(np.ones(1))[0] == 42
    assert grad(run)(np.ones(1)) == jacobian(run)(np.ones(1)) == 3 * 5 * 13


def test_the_number_of_the_step():
    def run(x):
        return checkpoint_scan(lambda i, x, c: x * (i + c), x, 4, memory=2, args=(1.0,), index=True)

    assert run(2.0) == 48
    assert grad(run)(2.0) == derivative(run)(2.0) == 24


def test_second_derivatives_of_a_scan():
    def of(scan):
        def f(x):
            return np.sum(scan(lambda u, c: np.sin(u * c) + u[::-1], x, x[:1]) ** 2)

        return f

    def loop(step, u, c):
        for _ in range(6):
            u = step(u, c)
        return u

    f = of(lambda step, u, c: checkpoint_scan(step, u, 6, memory=2, args=(c,)))
    x, v = np.array([0.3, 0.5]), np.array([1.0, -2.0])
    expected = jvp(grad(of(loop)), (x,), (v,))[1]
    close = functools.partial(np.testing.assert_allclose, desired=expected, rtol=1e-12)
    close(jvp(grad(f), (x,), (v,))[1])
    close(grad(lambda x: np.sum(grad(f)(x) * v))(x))
    close(grad(lambda x: jvp(f, (x,), (v,))[1])(x))


def test_a_dual_made_by_hand_is_stepped_forward():
    end = checkpoint_scan(np.multiply, Dual(2.0, 1.0), 3, args=(3.0,))
    assert (end.value, end.tangent) == (54, 27)


@pytest.mark.parametrize("transform", [lambda f: f, grad, derivative], ids=["plain", "reverse", "forward"])
@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: (x, x), "structure"),
        (lambda x: x * np.ones(2), r"float64\[\]; got float64\[2\]"),
        (lambda x: x * 1j, "got complex128"),
    ],
)
def test_a_state_that_changes_its_kind(transform, f, message):
    with pytest.raises(ShapeError, match=message):
        transform(lambda x: checkpoint_scan(f, x, 2))(1.0)


@pytest.mark.parametrize("transform", [lambda f: f, grad], ids=["plain", "reverse"])
def test_args_cannot_be_updated(transform):
    def f(x, c):
        c *= 2
        return x * c[0]

    c = np.ones(2)
    with pytest.raises(MutationError, match="part"):
        transform(lambda x: checkpoint_scan(f, x, 3, args=(c,)))(1.0)
    with pytest.raises(MutationError, match="part"):
        transform(lambda x: checkpoint_scan(f, x, 3, args=(x * c,)))(1.0)
    np.testing.assert_array_equal(c, 1.0)
    # Duals have no such lock: each step gets a copy.
    assert derivative(lambda x: checkpoint_scan(f, 1.0, 3, args=(x * c,)))(1.0) == 24


def test_captured_variables_in_a_step_are_refused():
    for state in (lambda x: x, lambda x: 1.0):
        with pytest.raises(InputError, match="captured"):
            grad(lambda x, state=state: checkpoint_scan(lambda u: u * x, state(x), 3))(2.0)


def test_other_input_is_refused():
    for error, n, options in [
        (ValueError, -1, {}),
        (ValueError, 3, {"memory": 0}),
        (TypeError, 2.0, {}),
        (TypeError, 2, {"memory": 1.5}),
        (InputError, 2, {"args": 3.0}),
        (InputError, 2, {"args": (np.random.default_rng(0),)}),
    ]:
        with pytest.raises(error):
            checkpoint_scan(lambda x, *args: x, 1.0, n, **options)
    with pytest.raises(InputError, match="str"):
        checkpoint_scan(lambda x: x, "state", 2)
