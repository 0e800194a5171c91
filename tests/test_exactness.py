"""Exact or an error: every known way to lose a derivative, in the words in which people write it.

Each line in `tests.user_code` is a piece of user's code, run with Duals ``x`` (an array), ``d`` (one of its elements),
``o`` (the object array that NumPy makes of `x`) and ``m`` (a matrix made of `x`), and with plain arrays.
"""

import array
import ast
import bisect
import builtins
import cmath
import collections
import contextlib
import copy
import ctypes
import decimal
import fractions
import functools
import heapq
import io
import itertools
import json
import marshal
import math
import numbers
import operator
import pickle
import random
import statistics
import struct
import warnings

import numpy as np
import pytest
import scipy
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.sparse
import scipy.spatial
import scipy.special
import scipy.stats
from numpy.testing import overrides

from dualnum import DerivativeLostError, Dual, DualnumError, NoRuleError, ObjectArrayWarning, jacobian, jvp
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active
from dualnum.table import TABLE
from tests.user_code import lines
from tests.user_code.exact import EXACT, PLAIN
from tests.user_code.refused import REFUSED, REFUSED_BY_OTHERS

POINT = np.array([0.55, 1.6, 0.27])

pair = collections.namedtuple("pair", "first second")

MODULES = {module.__name__: module for module in (
    array, bisect, cmath, collections, copy, ctypes, decimal, fractions, functools, heapq, io, itertools, json, marshal,
    math, numbers, operator, pickle, random, scipy, statistics, struct,
)} | {"np": np, "pair": pair}  # fmt: skip


def constants():
    """Plain arrays of the caller's, which no line may modify when it is refused."""
    return {
        "plain": np.array([1.0, 1.5, 2.0]),
        "square": np.eye(3) + 0.1,
        "ints": np.array([1, 2, 3]),
        "bools": np.array([True, False, True]),
        "complexes": np.array([1j, 2.0, 3.0]),
        "singles": np.array([1, 2, 3], dtype=np.float32),
        "texts": np.array(["a", "b", "c"]),
        "grid": np.linspace(0.0, 2.0, 5),
        "sparse": scipy.sparse.csr_array(np.eye(3)),
    }


def run(code, x, names):
    """Run a line; the value is that of its last expression.

    What SciPy's own code does with Duals depends on its version; what is written down here is what 1.17 does.
    """
    if "scipy." in code and not scipy.__version__.startswith("1.17."):
        pytest.skip("written down for SciPy 1.17")
    tree = ast.parse(code)
    objects = np.asarray(x) if isinstance(x, Dual) else x.copy()
    scope = MODULES | names | {"x": x, "d": x[0], "o": objects, "m": np.outer(x, x) + np.eye(3)}
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "user", "exec"), scope)
    return None if last is None else eval(compile(ast.Expression(last.value), "user", "eval"), scope)


def variants():
    """Duals with one direction, few, many, in single precision, and nested."""
    yield Dual(POINT, [1.0, 10.0, 100.0])
    yield Dual(POINT, np.eye(3))
    yield Dual(POINT, np.ones((20, 3)))
    yield Dual(POINT.astype(np.float32), np.ones(3))
    yield Dual(Dual(POINT, np.ones(3)), Dual(np.ones(3), np.ones(3)))


def assert_untouched(names):
    for name, array_before in constants().items():
        after = names[name]
        if name == "sparse":
            after, array_before = after.toarray(), array_before.toarray()
        np.testing.assert_array_equal(after, array_before, strict=True)


@pytest.mark.parametrize("code", REFUSED)
def test_refused(code):
    for x in variants():
        names = constants()
        with contextlib.redirect_stderr(io.StringIO()), pytest.raises(DualnumError) as refusal:
            run(code, x, names)
        assert len(str(refusal.value)) > 40  # says what happened and what to do
        assert_untouched(names)


@pytest.mark.parametrize(
    ("code", "error"), [(code, error) for error, text in REFUSED_BY_OTHERS.values() for code in lines(text)]
)
@pytest.mark.filterwarnings("ignore:string or file could not be read:DeprecationWarning")
def test_refused_by_others(code, error):
    for x in variants():
        names = constants()
        with pytest.raises(error):
            run(code, x, names)
        assert_untouched(names)


@pytest.mark.parametrize("code", EXACT)
def test_exact(code):
    names = constants()

    def f(x):
        return run(code, x, names)

    def flat(y):
        return np.asarray(y, dtype=float).ravel()

    h = 1e-6
    differences = np.stack([(flat(f(POINT + h * e)) - flat(f(POINT - h * e))) / (2 * h) for e in np.eye(3)], axis=-1)
    expected = f(POINT.copy())
    assert_untouched(names)

    j = jacobian(f)(POINT)
    assert j.shape == (*np.shape(expected), 3)
    np.testing.assert_allclose(j.reshape(-1, 3), differences, rtol=1e-7, atol=1e-7)
    for direction in (np.array([1.0, 10.0, 100.0]), np.random.default_rng(1).normal(size=(20, 3))):
        y, y_dot = jvp(f, (POINT,), (direction,))
        assert not contains_active(y)
        # Object arrays are summed in another order.
        np.testing.assert_array_almost_equal_nulp(y, np.asarray(expected, dtype=float), 4)
        np.testing.assert_allclose(y_dot, np.tensordot(direction, j, axes=(-1, -1)), rtol=1e-12, atol=1e-13)
    second = jacobian(jacobian(f))(POINT)
    differences = np.stack([(jacobian(f)(POINT + h * e) - jacobian(f)(POINT - h * e)) / (2 * h) for e in np.eye(3)], -1)
    np.testing.assert_allclose(second, differences, rtol=1e-6, atol=1e-6)
    assert_untouched(names)


@pytest.mark.parametrize("code", PLAIN)
def test_plain(code):
    expected = run(code, POINT.copy(), constants())
    for x in variants():
        names = constants()
        if x.dtype == np.float64:
            result = run(code, x, names)
            assert type(result) is type(expected)
            assert not contains_active(result)
            np.testing.assert_array_equal(result, expected)
            assert_untouched(names)


# Whole modules


ARGUMENTS = ["d", "d, d", "d, 2", "2, d", "d, d, d", "[d, d]", "[d, d], [1.0, 2.0]", "[d], [1.0]", "x"]

# math.prod multiplies with the elements' own operators; the other three look at the value alone.
OF_MATH = {"prod", "floor", "ceil", "trunc", "sumprod"}  # exact


@pytest.mark.parametrize("module", [math, cmath])
def test_whole_module(module):
    """No function of math and cmath takes a Dual for a float."""
    refused = 0
    for name, function in vars(module).items():
        if name.startswith("_") or not callable(function) or (module is math and name in OF_MATH):
            continue
        fits = 0
        for text in ARGUMENTS:
            plain_args = eval(f"({text},)", {"d": 0.5, "x": POINT})
            try:
                function(*plain_args)
            except TypeError:
                # Integers, or another number of arguments: it must not take Duals either.
                for d in (Dual(0.5, 1.0), Dual(np.float32(0.5), 1.0), Dual(0.5, np.ones(20))):
                    with pytest.raises(TypeError):
                        function(*eval(f"({text},)", {"d": d, "x": Dual(POINT, POINT)}))
                continue
            except ValueError:
                pass
            fits += 1
            for d in (Dual(0.5, 1.0), Dual(np.float32(0.5), 1.0), Dual(0.5, np.ones(20)), Dual(Dual(0.5, 1.0), 1.0)):
                with pytest.raises(DerivativeLostError):
                    function(*eval(f"({text},)", {"d": d, "x": Dual(POINT, POINT)}))
                refused += 1
        assert fits or name in {"gcd", "lcm", "comb", "perm", "factorial", "isqrt", "sumprod", "fma"}
    assert refused > 60


def test_all_builtin_functions_of_one_number():
    """What gives a float back for a float would lose the derivative of a Dual."""
    tried = 0
    for name, function in vars(builtins).items():
        if name in ("print", "input", "breakpoint", "help", "exit", "quit", "copyright", "credits", "license", "open"):
            continue
        if isinstance(function, type) and issubclass(function, BaseException):
            continue
        try:
            plain_result = function(0.5)
        except Exception:
            continue
        if isinstance(plain_result, float | complex):
            tried += 1
            try:
                result = function(Dual(0.5, 1.0))
            except DualnumError:
                continue
            assert result.__class__ in ACTIVE_TYPES
    assert tried == 3  # abs, float, complex


def test_every_array_function_without_a_row_is_refused():
    x = Dual(POINT, POINT)
    without = [f for f in overrides.get_overridable_numpy_array_functions() if f not in TABLE]
    for function in without:
        with pytest.raises(NoRuleError, match=function.__name__):
            x.__array_function__(function, (type(x),), (x,), {})
    for ufunc in overrides.get_overridable_numpy_ufuncs():
        assert ufunc in TABLE


def special_ufuncs():
    return {f for f in vars(scipy.special).values() if isinstance(f, np.ufunc)}


def test_every_special_function_without_a_row_is_refused():
    ufuncs = special_ufuncs()
    assert len(ufuncs) > 200
    for ufunc in ufuncs - set(TABLE):
        for x in (Dual(POINT, POINT), Dual(0.5, 1.0)):
            with pytest.raises(NoRuleError, match=ufunc.__name__):
                ufunc(*[x] * ufunc.nin)
            with pytest.raises(NoRuleError):
                ufunc(*[0.5] * (ufunc.nin - 1), x, *[None] * ufunc.nout)


def test_every_ufunc_refuses_plain_out():
    x = Dual(np.array([[0.5, 0.25], [0.75, 0.6]]), np.ones((2, 2)))
    tried = 0
    for ufunc in overrides.get_overridable_numpy_ufuncs():
        with np.errstate(all="ignore"):
            try:
                results = ufunc(*[x] * ufunc.nin)
            except (TypeError, ValueError):
                continue
        results = results if isinstance(results, tuple) else (results,)
        if not any(isinstance(r, Dual) for r in results):
            continue
        tried += 1
        outs = tuple(np.full(np.shape(r), 7.0) for r in results)
        for position, args, kwargs in ((0, outs, {}), (1, (), {"out": outs})):
            with np.errstate(all="ignore"), warnings.catch_warnings(), pytest.raises(DualnumError):
                warnings.simplefilter("ignore", DeprecationWarning)  # of the third argument of maximum
                ufunc(*[x] * ufunc.nin, *args, **kwargs)
            assert all((out == 7.0).all() for out in outs), (ufunc, position)
    assert tried > 50


# Complex numbers, which object arrays get wrong


@pytest.mark.parametrize(
    "code",
    ["np.asarray(x)", "np.array([d, d])", "np.r_[d, 1.0]", "plain.dot(x)", "complex(d)", "complexes[0] = d",
     "complexes[:] = x", "plain[0] = d", "np.full(3, d)", "cmath.sin(d)", "np.complex128(d)", "x.item(0).__float__()"],
)  # fmt: skip
def test_complex_refused(code):
    for x in (Dual(POINT + 1j, POINT), Dual(POINT + 1j, np.ones((20, 3)))):
        names = constants()
        with pytest.raises(DerivativeLostError):
            run(code, x, names) if "o" in code.split() else run_without_objects(code, x, names)
        assert_untouched(names)


def run_without_objects(code, x, names):
    scope = MODULES | names | {"x": x, "d": x[0]}
    exec(compile(code, "user", "exec"), scope)


def test_complex_by_python_says_what_to_write():
    for code in ("complex(d)", "complex(d, d)", "cmath.exp(1j * d)", "cmath.sqrt(d)"):
        x = Dual(POINT, POINT)
        with pytest.raises(DerivativeLostError, match="a . 1j . b, and NumPy's functions|np.sin.x. for math.sin"):
            run_without_objects(code, x, constants())


def test_complex_exact():
    x = Dual(POINT + 1j, POINT)
    for y in (np.stack([x[0], x[1], x[2]]), np.concatenate([x]), np.sort(x)[::-1] * 0 + x, x.copy(), as_operand(x)):
        np.testing.assert_array_equal(y.value, x.value)
        np.testing.assert_array_equal(y.tangent, x.tangent)


def test_the_warning_of_object_arrays(monkeypatch):
    monkeypatch.setattr("dualnum.packing._warned", False)
    with pytest.warns(ObjectArrayWarning, match="once"):
        np.asarray(Dual(POINT, POINT))
    np.asarray(Dual(POINT, POINT))  # warnings are errors here
