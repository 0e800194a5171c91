"""The front door: each way in leads to the same row, once; counted by the hook for it."""

import contextlib
import itertools
import operator
import re
from collections import Counter

import numpy as np
import pytest
import scipy.optimize

from dualnum import Dual, NoRuleError, jacobian, jvp, primal
from dualnum.dispatch import OBSERVER, apply_function, level_of, primal_all, strip
from dualnum.table import (
    TABLE,
    Composite,
    Constant,
    Elementwise,
    Linear,
    Nonlinear,
    Row,
    Unsupported,
    elementwise,
    unsupported,
)

DIRECTIONS = [None, 1, 3, 8, 9, 30]


@contextlib.contextmanager
def observed():
    """Collect ``(row, args, out)`` of all primitives applied to active values."""
    seen = []
    token = OBSERVER.set(lambda row, args, out: seen.append((row, args, out)))
    try:
        yield seen
    finally:
        OBSERVER.reset(token)


def names(seen):
    return [row.name.removeprefix("numpy.") for row, _, _ in seen]


def dual(k=None, n=3, seed=0):
    rng = np.random.default_rng(seed)
    return Dual(rng.uniform(1, 2, size=n), rng.normal(size=(n,) if k is None else (k, n)))


PROGRAMS = {
    "chain": lambda x: np.exp(np.sin(x) * 2 + x / 3 - 1) ** 2,
    "operators": lambda x: (x + x) * (x - 1) / (2 - x) ** x % 3,
    "scalars": lambda x: [x[0] * x[1] + np.sin(x[2]), 2 ** x[0] - x[1] / 3, -x[2]],
    "unpacking": lambda x: (lambda a, b, c: [a * b, b - c / a])(*x),
    "loop": lambda x: sum(v * v for v in x),
    "reductions": lambda x: np.sum(x) * x.prod() + np.mean(x) * np.max(x),
    "statistics": lambda x: np.std(x) + np.var(x) + np.linalg.norm(x),
    "products": lambda x: np.dot(x, x) + x @ np.outer(x, x) @ np.arange(3.0),
    "shapes": lambda x: np.concatenate([x[1:], x.reshape(3, 1).T[0], np.stack([x[0], x[1]])]),
    "selection": lambda x: np.where(x > 1.5, x, 1 / x) + np.clip(x, 1.2, 1.7) + np.maximum(x, 1.5) + abs(x),
    "in place": lambda x: np.multiply(x, x, out=np.empty_like(x)) + operator.iadd(x.copy(), 1.0),
    "solving": lambda x: np.linalg.solve(np.diag(x) + 1, x) + np.linalg.inv(np.diag(x))[0],
    "borders": lambda x: np.sqrt(x - x) + (x * 0) ** 0.5,
    "rosen": scipy.optimize.rosen,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_directions_are_pushed_together(program):
    """However many directions there are, each primitive is applied once: the same ones, in the same order."""
    expected = None
    for k in DIRECTIONS:
        with observed() as seen:
            program(dual(k))
        assert seen
        if expected is None:
            expected = names(seen)
        assert names(seen) == expected


def test_jacobian_applies_each_primitive_once_per_chunk():
    def f(x):
        return np.sin(x) * np.cumsum(x)

    x = np.arange(1.0, 13.0)
    for chunk, runs in ((None, 1), (12, 1), (5, 3), (1, 12)):
        with observed() as seen:
            jacobian(f, chunk=chunk)(x)
        assert Counter(names(seen)) == {"sin": runs, "cumsum": runs, "multiply": runs}


def test_no_second_evaluation():
    """What the inner number sees is the arithmetic on the outer one's value and tangent."""
    inner = Dual(0.5, 1.0)
    cases = [
        (np.sin, ["sin", "cos", "multiply"]),
        (np.exp, ["exp", "multiply"]),
        (lambda x: x * x, ["multiply", "multiply", "multiply", "add"]),
        (lambda x: x * 3.0, ["multiply", "multiply"]),
        (lambda x: 1.0 + x, ["add"]),
        (lambda x: x - x, ["subtract", "subtract"]),
        (np.sqrt, ["sqrt", "divide", "multiply"]),
    ]
    for f, expected in cases:
        with observed() as seen:
            f(Dual(inner, Dual(1.0, 0.0)))
        below = [row for row, _, out in seen if level_of(out) == 1]
        assert names((row, None, None) for row in below) == expected
    evaluations = []

    def f(x):
        evaluations.append(x)
        return np.tanh(x).sum()

    jacobian(f)(np.ones(5))
    assert len(evaluations) == 1
    jvp(f, (np.ones(5),), (np.ones((7, 5)),))
    assert len(evaluations) == 2


def test_what_the_hook_is_told():
    x, y = dual(3), dual(3, seed=1)
    for call, function, args in (
        (lambda: x * y, np.multiply, (x, y)),
        (lambda: x * 2.0, np.multiply, (x, 2.0)),
        (lambda: 2.0 - x, np.subtract, (2.0, x)),
        (lambda: np.arctan2(x, 1.0), np.arctan2, (x, 1.0)),
        (lambda: np.sin(x), np.sin, (x,)),
        (lambda: -x, np.negative, (x,)),
        (lambda: x[0] * y[0], None, None),
        (lambda: np.dot(x, y), np.dot, (x, y)),
        (lambda: x.cumsum(), np.cumsum, (x,)),
    ):
        with observed() as seen:
            result = call()
        row, seen_args, out = seen[-1]
        assert isinstance(row, Row)
        assert out is result
        if function is not None:
            assert row is TABLE[function]
            assert len(seen_args) == len(args)
            assert all(a is b for a, b in zip(seen_args, args, strict=True))


def test_the_hook_is_told_of_nothing_plain():
    x = dual(3)
    with observed() as seen:
        np.sin(x.value)
        x > 1  # noqa: B015
        len(x)
        x.shape  # noqa: B018
        repr(x)
        float(primal(x)[0])
        np.argsort(x)
        np.floor(x)
    assert seen == []
    assert OBSERVER.get() is None


def test_an_error_leaves_nothing_behind():
    with observed() as seen:
        with pytest.raises(ValueError, match="broadcast"):
            dual(n=3) * dual(n=4)
        with pytest.raises(NoRuleError):
            np.savez("nowhere", dual())
    assert seen == []


# All doors lead to one row


def doors(function, x, y):
    """The ways in which people write one operation."""
    return {
        np.add: [lambda: x + y, lambda: np.add(x, y), lambda: x.__add__(y), lambda: operator.add(x, y), lambda: np.add(x, y, dtype=None)],
        np.matmul: [lambda: x @ y, lambda: np.matmul(x, y), lambda: x.__matmul__(y)],
        np.sum: [lambda: x.sum(), lambda: np.sum(x), lambda: np.sum(a=x), lambda: np.add.reduce(x), lambda: x.sum(axis=0)],
        np.cumsum: [lambda: x.cumsum(), lambda: np.cumsum(x), lambda: np.add.accumulate(x), lambda: np.cumsum(a=x, axis=0)],
        np.transpose: [lambda: x.T, lambda: np.transpose(x), lambda: x.transpose(), lambda: np.transpose(a=x)],
        np.absolute: [lambda: abs(x), lambda: np.abs(x), lambda: np.absolute(x)],
        np.dot: [lambda: np.dot(x, y), lambda: x.dot(y), lambda: np.dot(b=y, a=x), lambda: np.dot(x, b=y)],
        np.clip: [lambda: np.clip(x, 1.2, 1.6), lambda: x.clip(1.2, 1.6), lambda: np.clip(x, a_max=1.6, a_min=1.2),
                  lambda: np.clip(x, min=1.2, max=1.6), lambda: x.clip(max=1.6, min=1.2)],
        np.reshape: [lambda: x.reshape(3, 1), lambda: x.reshape((3, 1)), lambda: np.reshape(x, (3, 1)), lambda: np.reshape(x, shape=(3, 1)),
                     lambda: np.reshape(x, (3, -1))],
        np.take: [lambda: np.take(x, [0, 2]), lambda: x.take([0, 2]), lambda: np.take(a=x, indices=[0, 2]), lambda: x[[0, 2]]],
        np.divmod: [lambda: divmod(x, y), lambda: np.divmod(x, y), lambda: (x // y, x % y), lambda: x.__divmod__(y)],
        np.power: [lambda: x**y, lambda: pow(x, y), lambda: np.power(x, y)],
    }[function]  # fmt: skip


@pytest.mark.parametrize(
    "function", [np.add, np.matmul, np.sum, np.cumsum, np.transpose, np.absolute, np.dot, np.clip, np.reshape, np.take, np.divmod,
                 np.power], ids=lambda f: f.__name__
)  # fmt: skip
def test_all_doors_lead_to_one_row(function):
    for k in DIRECTIONS:
        x, y = dual(k), dual(k, seed=1)
        results = [door() for door in doors(function, x, y)]
        for result in results[1:]:
            for mine, first in zip(*(r if isinstance(r, tuple) else (r,) for r in (result, results[0])), strict=True):
                np.testing.assert_array_equal(mine.value, first.value)
                np.testing.assert_array_equal(mine.tangent, first.tangent)


REFLECTED = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
             operator.matmul, divmod]  # fmt: skip


@pytest.mark.parametrize("op", REFLECTED, ids=lambda f: f.__name__)
def test_reflected_operators(op):
    for k in DIRECTIONS:
        x = dual(k)
        for other in (
            np.array([1.5, 2.5, 3.5]),
            [1.5, 2.5, 3.5],
            (1.5, 2.5, 3.5),
            np.asarray(dual(k, seed=1)),
            np.float32([1, 2, 3]),
        ):
            constant = (
                Dual(other, np.zeros_like(x.tangent))
                if not isinstance(other, np.ndarray) or other.dtype != object
                else None
            )
            reference = op(dual(k, seed=1) if constant is None else constant, x)
            result = op(other, x)
            for mine, first in zip(*(r if isinstance(r, tuple) else (r,) for r in (result, reference)), strict=True):
                np.testing.assert_allclose(mine.value, first.value, rtol=1e-6)
                np.testing.assert_allclose(mine.tangent, first.tangent, rtol=1e-6, atol=1e-12)


def test_keyword_arguments_may_be_active():
    x, y = dual(3), dual(3, seed=1)
    for call, expected in (
        (lambda: np.sum(x, initial=y[0]), np.sum(x) + y[0]),
        (lambda: np.prod(x, initial=y[0]), np.prod(x) * y[0]),
        (lambda: np.clip(x, min=y, max=5.0), np.maximum(x, y)),
        (lambda: np.clip(x.value, a_min=y, a_max=None), np.maximum(x.value, y)),
        (lambda: np.add.reduce(x, initial=y[0]), np.sum(x) + y[0]),
        (lambda: np.linspace(0.0, stop=x, num=3), np.stack([x * 0, x / 2, x])),
        (lambda: np.average(x, weights=y), np.sum(x * y) / np.sum(y)),
        (lambda: np.diff(x, prepend=y[:1]), np.stack([x[0] - y[0], x[1] - x[0], x[2] - x[1]])),
        (lambda: np.var(x, mean=np.mean(x, keepdims=True)), np.var(x)),
        (lambda: np.interp(0.5, xp=[0.0, 1.0], fp=x[:2]), (x[0] + x[1]) / 2),
    ):
        result = call()
        np.testing.assert_allclose(result.value, expected.value, rtol=1e-14)
        np.testing.assert_allclose(result.tangent, expected.tangent, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    "function",
    [
        *(
            lambda x, **out: np.dot(x, x, **out),
            lambda x, **out: x.dot(x, **out),
            lambda x, **out: np.outer(x, x, **out),
        ),
        *(lambda x, **out: np.fft.rfft(x, **out).real, lambda x, **out: np.linalg.multi_dot([x, np.eye(3), x], **out)),
    ],
)
def test_no_out_may_be_said(function):
    x, x_dot = np.array([1.0, 2.0, 4.0]), np.eye(3)
    np.testing.assert_array_equal(
        jvp(lambda x: function(x, out=None), (x,), (x_dot,))[1], jvp(function, (x,), (x_dot,))[1], strict=True
    )


def test_levels_in_one_call():
    low = dual(2)
    high = Dual(low * 0 + 2.0, np.ones(3))
    for call in (
        lambda a, b: a * b, np.multiply, lambda a, b: np.einsum("i,i->i", a, b), lambda a, b: np.dot(np.diag(a), b),
        lambda a, b: np.stack([a, b]).prod(axis=0), lambda a, b: np.where(True, a, b) * np.where(False, a, b),
        lambda a, b: np.linalg.solve(np.diag(1 / a), b), lambda a, b: np.concatenate([a, b])[:3] * np.concatenate([a, b])[3:],
    ):  # fmt: skip
        for a, b in itertools.permutations((low, high)):
            result = call(a, b)
            assert result._level == high._level
            np.testing.assert_allclose(result.value.value, 2 * low.value, rtol=1e-15)
            np.testing.assert_allclose(result.value.tangent, 2 * low.tangent, rtol=1e-14)
            np.testing.assert_allclose(result.tangent.value, low.value, rtol=1e-15)
            np.testing.assert_allclose(result.tangent.tangent, low.tangent, rtol=1e-14)


def test_strip_and_primal():
    x = Dual(dual(), np.ones(3))
    assert primal_all(x) is x.value.value
    assert primal_all(2.0) == 2.0
    stripped = strip([x, (x.value, 1.0)], x._level)
    assert stripped[0] is x.value
    assert stripped[1][0] is x.value
    assert level_of(x) == 2
    assert level_of(x.value) == 1
    assert level_of(np.ones(3)) == 0


# Unknown functions


def test_functions_without_a_row():
    x = dual()

    def unknown(x):
        return x

    with pytest.raises(NoRuleError, match="unknown has no derivative rule.*primal"):
        apply_function(unknown, (x,), {})
    for row in TABLE.values():
        if isinstance(row, Unsupported):
            with pytest.raises(NoRuleError, match=re.escape(row.reason)):
                apply_function(row.function, (x,), {})


def test_bad_arguments_are_numpys_own_errors():
    x = dual(3)
    for call in (
        lambda x: np.sum(x, axis=5), lambda x: np.reshape(x, (2, 2)), lambda x: np.dot(x, np.ones(4)), lambda x: x @ np.ones((2, 2)),
        lambda x: np.concatenate([x, np.ones((2, 2))]), lambda x: np.stack([x, np.ones(4)]), lambda x: np.take(x, 7),
        lambda x: np.linalg.solve(x, x), lambda x: np.transpose(x, (1, 0)), lambda x: np.einsum("ij", x), lambda x: np.sum(x, 0, 1, 2, 3, 4, 5, 6),
        lambda x: np.sum(x, nonsense=1), lambda x: np.sin(x, x, x), lambda x: x.reshape(2), lambda x: x + np.ones(4),
        lambda x: x.sum(axis=1), lambda x: np.squeeze(x, 0), lambda x: np.swapaxes(x, 0, 1), lambda x: np.cumsum(x, axis=1),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError, IndexError)) as theirs:
            call(x.value)
        with pytest.raises(type(theirs.value)):
            call(x)


# The table


def test_every_function_has_one_row():
    with pytest.raises(ValueError, match="exactly one"):
        elementwise(np.sin, 1)
    with pytest.raises(ValueError, match="exactly one"):
        unsupported("because", np.sin)
    assert all(row.function is function for function, row in TABLE.items())
    assert {type(row) for row in TABLE.values()} == {Elementwise, Linear, Nonlinear, Composite, Constant, Unsupported}


def test_names_of_rows_are_those_that_users_type():
    for function in (np.sin, np.sum, np.linalg.solve, np.add, np.concatenate):
        name = TABLE[function].name
        module = getattr(function, "__module__", None) or "numpy"
        assert name == f"{module}.{function.__name__}".replace("numpy._core.", "numpy.")


@pytest.mark.parametrize("function", [lambda x: x // 1.25, lambda x: 1.25 // x, lambda x: divmod(x, 2)[1]])
def test_numbers_beside_float32_leave_it_what_it_is(function):
    x = np.array([0.75], np.float32)
    assert function(Dual(x, x)).dtype == function(x).dtype == np.float32


def test_signatures_are_looked_up_once(monkeypatch):
    """Looking takes longer than most functions."""
    x = dual()
    expected = np.concatenate([x, x]).tangent

    def refuse(function):
        raise AssertionError(f"asked again for the signature of {function}")

    monkeypatch.setattr("dualnum.application.inspect.signature", refuse)
    np.testing.assert_array_equal(np.concatenate([x, x]).tangent, expected)
