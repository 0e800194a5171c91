"""Which epsilon is which: perturbation confusion, in every nesting of the ways to take a derivative."""

import asyncio
import contextvars
import functools
import itertools
import multiprocessing
import os
import pathlib
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dualnum
from dualnum import (
    Dual,
    InputError,
    Tape,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jacobian_column,
    jacobian_columns,
    jvp,
    linearize,
    primal,
    taylor,
    value_and_jacobian,
    vjp,
)
from dualnum.levels import current_level, enter_transform, leave_transform


def by_hand(f, x):
    x = Dual(x, 1.0)
    return (f(x) + 0 * x).tangent  # that of this epsilon, even if f does not depend on x


def by_hand_two_directions(f, x):
    x = Dual(x, np.array([5.0, 1.0]))
    return (f(x) + 0 * x).tangent[1]


def of_vector(f):
    return lambda v: f(v[0])


# Each takes a function of a scalar and a point, which may be active itself.
TRANSFORMS = {
    "derivative": lambda f, x: derivative(f)(x),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "jvp, two directions": lambda f, x: jvp(f, (x,), (np.array([3.0, 1.0]),))[1][1],
    "linearize": lambda f, x: linearize(f, x)[1](1.0),
    "jacobian": lambda f, x: jacobian(f)(x),
    "jacobian of vector": lambda f, x: jacobian(of_vector(f))([x])[0],
    "value_and_jacobian": lambda f, x: value_and_jacobian(f)(x)[1],
    "jacobian_column": lambda f, x: jacobian_column(of_vector(f), [x, 7.0], 0),
    "jacobian_columns": lambda f, x: next(jacobian_columns(of_vector(f), [x, 7.0], chunk=1)),
}
HAND_MADE = {"by hand": by_hand, "by hand, two directions": by_hand_two_directions}
WAYS = TRANSFORMS | HAND_MADE


NESTED = list(itertools.product(WAYS, WAYS))
# Two Duals made by hand share an epsilon unless one is inside the other.
WITH_TRANSFORM = [names for names in NESTED if not set(names) <= set(HAND_MADE)]


def two_ways(names=NESTED):
    return pytest.mark.parametrize(
        ("outer", "inner"), [pytest.param(WAYS[a], WAYS[b], id=f"{a} of {b}") for a, b in names]
    )


@two_ways(WITH_TRANSFORM)
def test_classic_confusion(outer, inner):
    def siskind_pearlmutter(x):
        return x * inner(lambda y: x + y, 2.0)

    assert primal(outer(siskind_pearlmutter, 3.0)) == 1.0
    assert primal(outer(lambda x: x * inner(lambda y: x * y, 2.0), 3.0)) == 6.0
    assert primal(outer(lambda x: inner(lambda y: x, 2.0), 3.0)) == 0.0
    assert primal(outer(lambda x: inner(lambda y: y, 2.0), 3.0)) == 0.0
    assert primal(outer(lambda x: inner(lambda y: x * x * y, 2.0) + inner(lambda y: x + y, 2.0), 3.0)) == 6.0


@two_ways()
def test_inner_point_depends_on_outer(outer, inner):
    """Here one Dual made by hand is inside the other."""
    assert primal(outer(lambda x: inner(lambda y: x * y, x), 3.0)) == 1.0
    assert primal(outer(lambda x: inner(lambda y: x * y**3, x), 3.0)) == pytest.approx(81.0, rel=1e-15)
    assert primal(outer(lambda x: x * inner(lambda y: x + y, x * x), 3.0)) == 1.0


@two_ways()
def test_second_derivative(outer, inner):
    x = 0.7
    assert outer(lambda x: inner(np.sin, x), x) == -np.sin(x)
    assert outer(lambda x: inner(lambda y: y**4, x), x) == pytest.approx(12 * x**2, rel=1e-15)


@pytest.mark.parametrize("outer", WAYS)
def test_three_levels(outer):
    for middle, inner in itertools.product(WAYS, WAYS):
        a, b, c = WAYS[outer], WAYS[middle], WAYS[inner]
        if middle not in HAND_MADE or (outer not in HAND_MADE and inner not in HAND_MADE):
            # x · d/dy [y · d/dz (x y z)] = 2 x² y
            result = a(lambda x: x * b(lambda y: y * c(lambda z: x * y * z, 1.0), 2.0), 3.0)  # noqa: B023
            assert primal(result) == 24.0
        third = a(lambda x: b(lambda y: c(np.exp, y), x), 0.3)  # noqa: B023
        assert third == pytest.approx(np.exp(0.3), rel=1e-15)


def test_many_levels():
    x = 0.3
    f = np.exp
    for _ in range(9):
        f = derivative(f)
    assert f(x) == np.exp(x)
    g = functools.reduce(lambda g, _: lambda x: by_hand(g, x), range(9), np.exp)
    assert g(x) == np.exp(x)


def test_hand_made_numbers_of_one_depth_share_an_epsilon():
    x, y = Dual(3.0, [1.0, 0.0]), Dual(2.0, [0.0, 1.0])
    np.testing.assert_array_equal((x * y).tangent, [2.0, 3.0])

    def f(z):
        a, b = Dual(3.0, [1.0, 0.0]), Dual(z, [0.0, 1.0])
        return (a * b).tangent

    np.testing.assert_array_equal(f(2.0), [2.0, 3.0])
    value, change = jvp(f, (2.0,), (1.0,))
    np.testing.assert_array_equal(value, [2.0, 3.0])
    np.testing.assert_array_equal(change, [1.0, 0.0])


def test_hand_made_around_and_inside_transforms():
    a = Dual(3.0, 1.0)
    inside = derivative(lambda x: x * a * a)(2.0)
    assert (inside.value, inside.tangent) == (9.0, 6.0)
    assert derivative(lambda x: by_hand(lambda y: y * x * derivative(lambda z: x * y * z)(1.0), 2.0))(3.0) == 24.0


def test_hand_made_result_of_a_transformed_function():
    """The function returns a number whose epsilon it has made itself."""
    y, y_dot = jvp(lambda x: Dual(x * x, x * x * x), (2.0,), (1.0,))
    assert (y.value, y.tangent) == (4.0, 8.0)
    assert (y_dot.value, y_dot.tangent) == (4.0, 12.0)
    j = jacobian(lambda x: Dual(x * x, np.stack([x, 2 * x, 3 * x])))(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(j.value, np.diag([2.0, 4.0]))
    np.testing.assert_array_equal(j.tangent, [np.eye(2), 2 * np.eye(2), 3 * np.eye(2)])


def test_tangents_may_be_active():
    assert derivative(lambda a: jvp(np.sin, (1.0,), (a,))[1])(2.0) == np.cos(1.0)
    assert derivative(lambda a: jvp(lambda x: x * x * a, (a,), (a,))[1])(2.0) == 24.0  # a · 2 a · a
    assert derivative(lambda a: linearize(np.exp, a)[1](a * a))(0.5) == pytest.approx(np.exp(0.5) * 1.25, rel=1e-15)
    assert derivative(lambda a: Dual(1.0, a).tangent * a)(3.0) == 6.0
    j = jacobian(lambda a: jvp(lambda x: x * x, (np.ones(2),), (a,))[1])(np.array([3.0, 4.0]))
    np.testing.assert_array_equal(j, 2 * np.eye(2))


@pytest.mark.parametrize("chunks", [(None, None), (1, None), (None, 1), (1, 2), (2, 1), (3, 3)])
def test_jacobian_of_jacobian(chunks):
    x = np.array([0.3, -1.2, 2.0])
    outer, inner = chunks
    a = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]])
    result = jacobian(jacobian(lambda x: np.sin(a @ x), chunk=inner), chunk=outer)(x)
    expected = -np.einsum("i,ij,ik->ijk", np.sin(a @ x), a, a)
    np.testing.assert_allclose(result, expected, rtol=1e-14, atol=1e-16)


def test_jacobian_with_respect_to_both_of_nested_arguments():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    mixed = jacobian(lambda x, y: jacobian(lambda x, y: np.sum(x * x * y), argnums=1)(x, y), argnums=0)(x, y)
    np.testing.assert_array_equal(mixed, np.diag(2 * x))


# What leaves a transform


def test_number_leaked_by_a_finished_transform_is_a_constant_for_later_ones():
    leaked = []
    derivative(lambda x: leaked.append(x) or x)(2.0)
    (x,) = leaked
    for way in TRANSFORMS.values():
        result = way(lambda y: x * y, 3.0)
        assert (result.value, result.tangent) == (2.0, 1.0)
        for f in (lambda y: x * 1.0, lambda y: x + y):
            with pytest.raises(InputError, match="earlier run"):
                way(f, 3.0)


class Remembering:
    """Keeps what it has computed for the last point, as objectives that share a simulation do."""

    last = None

    def squares(self, x):
        if self.last is None or not np.array_equal(x, self.last):
            self.last, self.known = x.copy(), x**2
        return self.known

    def both(self, x):
        return np.concatenate([self.squares(x), x])

    def total(self, x):
        return np.sum(self.both(x))


POINT = np.array([2.0, 3.0])
WAYS_OF_VECTOR = {
    "jvp": lambda f: jvp(f, (POINT,), (POINT,))[1],
    "linearize": lambda f: linearize(f, POINT)[1](POINT),
    "jacobian": lambda f: jacobian(f)(POINT),
    "forward": lambda f: jacobian(f, mode="forward")(POINT),
    "column by column": lambda f: jacobian(f, mode="forward", chunk=1)(POINT),
    "jacobian_columns": lambda f: [*jacobian_columns(f, POINT, chunk=1)],
    "sparse": lambda f: jacobian(f, sparse=True)(POINT),
    "sparse, column by column": lambda f: jacobian(f, sparse=True, chunk=1)(POINT),
    "reverse": lambda f: jacobian(f, mode="reverse")(POINT),
    "vjp": lambda f: vjp(f, POINT)[1](f(POINT)),
    "taylor": lambda f: taylor(f, POINT, POINT, 2),
}
WAYS_OF_NUMBER = {
    "grad": lambda f: grad(f)(POINT),
    "hvp": lambda f: hvp(f, POINT, POINT),
    "hyperdual": lambda f: hessian(f, mode="hyperdual")(POINT),
    "hyperdual, column by column": lambda f: hessian(f, mode="hyperdual", chunk=1)(POINT),
    "forward over reverse": lambda f: hessian(f, mode="forward-over-reverse")(POINT),
    "forward over forward": lambda f: hessian(f, mode="forward-over-forward")(POINT),
}


@pytest.mark.parametrize("name", [*WAYS_OF_VECTOR, *WAYS_OF_NUMBER])
@pytest.mark.parametrize("method", ["squares", "both"])
def test_what_a_function_keeps_for_a_point_is_not_taken_for_a_constant(name, method):
    way = WAYS_OF_VECTOR.get(name)
    if way is None:
        way, method = WAYS_OF_NUMBER[name], "total"
    f = getattr(Remembering(), method)
    WAYS_OF_VECTOR["forward"](f)
    with pytest.raises(InputError, match="earlier run"):
        way(f)
    if "column" in name or name == "linearize":  # which run the function several times
        with pytest.raises(InputError, match="earlier run"):
            way(getattr(Remembering(), method))


def test_tapes_that_do_not_end_in_order():
    def run():
        first, second = Tape(), Tape()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        y = second.variable(3.0)
        assert derivative(lambda t: t + y)(2.0) == 1.0
        second.__exit__(None, None, None)

    contextvars.copy_context().run(run)


def test_no_plain_run_comes_before_that_of_linearize():
    seen = []
    _, push = linearize(lambda x: seen.append(isinstance(x, Dual)) or x**2, POINT)
    push(POINT)
    assert seen == [True, True]


def test_number_leaked_by_an_inner_transform_keeps_its_own_epsilon():
    leaked = []

    def f(x):
        derivative(lambda y: leaked.append(y) or y)(5.0)
        return x * leaked[-1]

    result = derivative(f)(3.0)  # of x y with respect to x: y, with the epsilon of y
    assert (result.value, result.tangent) == (5.0, 1.0)
    inner = []
    assert derivative(lambda x: derivative(lambda y: inner.append(x * y) or y * y)(x))(3.0) == 2.0
    assert derivative(lambda x: x * inner[0])(1.0).value.value == 9.0


def test_closure_evaluated_in_another_transform():
    """A function made in one derivative, differentiated in another (Manzyuk et al. 2019, section 6)."""
    made = []
    derivative(lambda x: made.append(lambda y: x * y) or x)(2.0)
    (f,) = made
    result = derivative(lambda x: x * derivative(f)(7.0))(3.0)
    assert (primal(result), result.tangent) == (2.0, 1.0)

    def curried(x):
        return lambda g, z: g(z) + x

    d = jvp(lambda x: curried(x)(lambda z: derivative(lambda y: curried(y)(np.sin, z))(x), 1.0), (0.5,), (1.0,))
    assert d == (1.5, 1.0)


# Generators


def test_columns_consumed_interleaved():
    x = np.array([2.0, 3.0])
    f, g = (lambda x: x**2 * x[0]), (lambda x: np.sin(x) * x[1])
    for chunk in (1, 2):
        columns = list(zip(jacobian_columns(f, x, chunk=chunk), jacobian_columns(g, x, chunk=chunk), strict=True))
        for i, point in enumerate(columns):
            np.testing.assert_array_equal(point[0], jacobian(f)(x)[:, i])
            np.testing.assert_array_equal(point[1], jacobian(g)(x)[:, i])


def test_columns_consumed_while_another_function_runs():
    x = np.array([2.0, 3.0, 5.0])
    columns = jacobian_columns(lambda v: v * v[0], x, chunk=1)
    expected = jacobian(lambda v: v * v[0])(x)

    def f(y):
        return y * next(columns)  # the generator began outside, at another level

    np.testing.assert_array_equal(next(columns), expected[:, 0])
    assert current_level() == 0
    np.testing.assert_array_equal(derivative(f)(4.0), expected[:, 1])
    np.testing.assert_array_equal(derivative(lambda y: derivative(f)(y) * y)(4.0), expected[:, 2])
    assert next(columns, None) is None


def test_columns_made_inside_and_consumed_outside():
    kept = []
    derivative(lambda y: kept.append(jacobian_columns(lambda x: x * x * y, [2.0, 3.0], chunk=1)) or y)(5.0)
    for i, column in enumerate(kept[0]):
        np.testing.assert_array_equal(column.value, np.eye(2)[i] * [20.0, 30.0])
        np.testing.assert_array_equal(column.tangent, np.eye(2)[i] * [4.0, 6.0])


def powers(x):
    for i in itertools.count():
        yield derivative(lambda y: x * y**i)(2.0)  # noqa: B023


def test_users_generator_inside_a_function():
    def f(x):
        return sum(itertools.islice(powers(x), 4)) * x  # x (0 + 1 + 4 + 12) x

    assert derivative(f)(3.0) == 2 * 17 * 3.0
    assert derivative(derivative(f))(3.0) == 34.0


def test_users_generators_interleaved():
    def f(x):
        a, b = powers(x), powers(x * x)
        return sum(p * q for p, q, _ in zip(a, b, range(4)))  # noqa: B905

    factor = 0 + 1 + 16 + 144
    assert derivative(f)(3.0) == factor * 27.0


def test_users_generator_begun_in_one_transform_and_continued_in_another():
    kept = []

    def begin(x):
        kept.append(powers(x))
        return next(kept[0]) + next(kept[0])

    assert derivative(begin)(3.0) == 1.0
    result = derivative(lambda z: z * z * next(kept[0]))(5.0)  # the third power: x · 2 y, at y = 2
    assert (result.value, result.tangent) == (10.0 * 12.0, 10.0 * 4.0)
    last = next(kept[0])
    assert (last.value, last.tangent) == (36.0, 12.0)
    assert current_level() == 0


# Errors


@pytest.mark.parametrize("way", TRANSFORMS.values(), ids=TRANSFORMS)
def test_a_function_that_raises_leaves_the_level_clean(way):
    def fails(x):
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            way(lambda x: x * way(fails, 1.0), 2.0)
        assert current_level() == 0

    def recovers(x):
        before = current_level()
        with pytest.raises(ZeroDivisionError):
            way(fails, x)
        assert current_level() == before
        return x * way(lambda y: x + y, 2.0)

    assert way(recovers, 3.0) == 1.0


def test_closing_a_generator_of_columns_leaves_the_level_clean():
    columns = jacobian_columns(lambda x: x * 2, np.ones(4), chunk=1)
    next(columns)
    columns.close()
    assert current_level() == 0


def test_levels_grow_and_are_given_back():
    first, token = enter_transform()
    second, inner = enter_transform()
    assert 0 < first < second == current_level()
    leave_transform(inner)
    assert current_level() == first
    leave_transform(token)
    assert current_level() == 0
    third, token = enter_transform()
    leave_transform(token)
    assert third > second


# Threads, contexts, tasks

THREADS = 32


def in_threads(work):
    """Run ``work(i)`` in many threads that begin at the same time; give the results."""
    barrier = threading.Barrier(THREADS)

    def begin(i):
        barrier.wait()
        return [work(i) for _ in range(5)]

    with ThreadPoolExecutor(THREADS) as pool:
        return [result for results in pool.map(begin, range(THREADS)) for result in results]


@two_ways(WITH_TRANSFORM[::7])
def test_confusion_in_threads_with_shared_closures(outer, inner):
    shared = {}

    def f(x):
        shared[threading.get_ident()] = x
        return x * inner(lambda y: x + y, 2.0) * inner(lambda y: x * y, 2.0)

    results = in_threads(lambda i: (i, primal(outer(f, float(i)))))
    assert all(result == 2.0 * i for i, result in results)
    assert len(results) == 5 * THREADS


def test_functions_of_all_sizes_in_threads():
    """Classes of small scalars are made when they are first needed: here at the same moment."""
    matrix = np.random.default_rng(0).normal(size=(40, 40))

    def work(i):
        n = 1 + i % 12
        x = np.arange(1.0, n + 1)
        j = jacobian(lambda x: [x[0] * np.sin(xi) for xi in x] @ matrix[:n, :n] if n > 8 else [x[0] * xi for xi in x])(
            x
        )
        return n, j

    for n, j in in_threads(work):
        x = np.arange(1.0, n + 1)
        if n > 8:
            expected = matrix[:n, :n].T @ (np.diag(np.cos(x)) + np.outer(np.sin(x), np.eye(n)[0]))
        else:
            expected = np.eye(n) + np.outer(x, np.eye(n)[0])
        np.testing.assert_allclose(j, expected, rtol=1e-12)


def test_threads_inside_a_function():
    """What the threads capture belongs to the transform outside; what they differentiate does not."""

    def f(x):
        parts = in_threads(lambda i: derivative(lambda y: x * y * y)(float(i)))
        return sum(parts)

    assert derivative(f)(3.0) == 5 * 2 * sum(range(THREADS))


def test_hand_made_numbers_in_threads_inside_a_function():
    """The context is handed on: a thread does not know by itself which function it works for."""

    def f(x):
        contexts = [contextvars.copy_context() for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                pool.submit(context.run, by_hand, lambda y: x * y * y, float(i)) for i, context in enumerate(contexts)
            ]
            return sum(job.result() for job in jobs)

    assert derivative(f)(3.0) == 2 * sum(range(8))


def test_hand_made_numbers_in_threads_that_do_not_know_the_function_are_refused():
    """Their levels would be too low: the derivative read off them would be that of the function outside."""

    def f(x):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(by_hand, lambda y: x * y * y, 2.0).result()

    with pytest.raises(InputError, match="copy_context"):
        derivative(f)(3.0)
    for use in (lambda x, d: np.stack([x, d]), lambda x, d: np.hypot(d, x), lambda x, d: np.array([x, x])[0] * d):
        with pytest.raises(InputError, match="copy_context"):
            jacobian(lambda v, use=use: _elsewhere(use, v[0]))(np.ones(2))


def _elsewhere(use, x):
    return contextvars.Context().run(lambda: use(x, Dual(2.0, 1.0)))


# Other processes

WORKER = """
import pickle, sys
from dualnum import derivative
x = pickle.load(sys.stdin.buffer)
results = [derivative(lambda y: x * y)(2.0) for _ in range(int(sys.argv[1]))]
sys.stdout.buffer.write(pickle.dumps(results))
"""


def test_numbers_sent_to_a_new_process():
    """The derivatives that are taken there are others than those that were being taken here."""

    def f(x):
        command = [sys.executable, "-c", WORKER, "20"]
        root = str(pathlib.Path(dualnum.__file__).parents[1])
        done = subprocess.run(
            command, input=pickle.dumps(x), capture_output=True, check=True, env=os.environ | {"PYTHONPATH": root}
        )
        return pickle.loads(done.stdout)

    np.testing.assert_array_equal(derivative(f)(3.0), np.ones(20))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_numbers_sent_to_a_forked_process():
    """It was forked before, and has handed out as many levels as we have meanwhile."""
    to_child, to_parent = multiprocessing.Pipe(), multiprocessing.Pipe()

    def work():
        x = pickle.loads(to_child[0].recv_bytes())
        to_parent[1].send_bytes(pickle.dumps([derivative(lambda y: x * y)(2.0) for _ in range(20)]))

    def f(x):
        to_child[1].send_bytes(pickle.dumps(x))
        return pickle.loads(to_parent[0].recv_bytes())

    process = os.fork()
    # Each keeps its own ends alone, so that nobody waits for one that has failed.
    if process == 0:
        try:
            to_child[1].close()
            work()
        finally:
            os._exit(0)
    to_child[0].close()
    to_parent[1].close()
    for _ in range(10):
        derivative(np.sin)(1.0)
    np.testing.assert_array_equal(derivative(f)(3.0), np.ones(20))
    os.waitpid(process, 0)


def test_tasks():
    async def task(i):
        total = 0.0
        x = Dual(float(i), 1.0)
        async for column in columns(i):
            total = total + column * x
            await asyncio.sleep(0)
        return total

    async def columns(i):
        for column in jacobian_columns(lambda v: v[0] * v[1] * i, [2.0, 3.0], chunk=1):
            await asyncio.sleep(0)
            assert current_level() == 0
            yield column

    async def main():
        return await asyncio.gather(*map(task, range(1, 9)))

    for i, result in enumerate(asyncio.run(main()), 1):
        assert (result.value, result.tangent) == (5.0 * i * i, 5.0 * i)
