"""Exact or an error: every known way to lose a derivative, in the words in which people write it.

Each line of the lists below is a piece of user's code, run with Duals ``x`` (an array), ``d`` (one of its elements),
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

POINT = np.array([0.55, 1.6, 0.27])

pair = collections.namedtuple("pair", "first second")

MODULES = {module.__name__: module for module in (
    array, bisect, cmath, collections, copy, ctypes, decimal, fractions, functools, heapq, io, itertools, json, marshal,
    math, numbers, operator, pickle, random, scipy, statistics, struct,
)} | {"np": np, "pair": pair}  # fmt: skip


@pytest.fixture(autouse=True)
def _object_arrays_have_been_warned_of(monkeypatch):
    monkeypatch.setattr("dualnum.packing._warned", True)


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
    """Run a line; the value is that of its last expression."""
    tree = ast.parse(code)
    objects = np.asarray(x) if isinstance(x, Dual) else x.copy()
    scope = MODULES | names | {"x": x, "d": x[0], "o": objects, "m": np.outer(x, x) + np.eye(3)}
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "user", "exec"), scope)
    return None if last is None else eval(compile(ast.Expression(last.value), "user", "eval"), scope)


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


# What is refused by an error of ours

REFUSED = lines("""
    float(d)
    float(x)
    float(x[:1])
    int(d)
    int(x[:1])
    complex(d)
    complex(x[:1])
    complex(1, d)
    list(map(float, x))
    [float(v) for v in o]
    "%f" % d
    "%.3g" % (d,)
    d.as_integer_ratio()
    ctypes.c_double(d)
    (ctypes.c_double * 3)(*x)
    array.array("d", [d])
    array.array("d", x)
    json.dumps(d, default=float)
    x.tobytes()
    x.tofile("file")
    x.dump("file")
    x.dumps()
    x.byteswap()
    x.getfield("f4")
    x.setfield(1.0, "f8")
    x.view("i8")
    x.view(np.int64)
    d.view("i8")
    x.strides
    np.lib.stride_tricks.as_strided(x, (2, 2), (x.strides[0], x.strides[0]))
    x.__dlpack__()
    np.from_dlpack(x)
    x.astype(str)
    x.astype(bytes)
    x.astype(object)
    x.astype("M8[s]")

    np.float64(d)
    np.float64(x)
    np.float64([d, d])
    np.float64(o)
    np.double(d)
    np.float32(d)
    np.half(d)
    np.longdouble(d)
    np.complex128(d)
    np.int64(d)
    np.uint8(d)
    np.asarray(x, dtype=float)
    np.asarray(d, float)
    np.asarray(x, "f4")
    np.asarray(x, dtype=complex)
    np.asarray(x, dtype=int)
    np.asarray(x, dtype=bool)
    np.asanyarray(x, dtype=float)
    np.array(x, dtype=float)
    np.array(x, copy=False)
    np.asarray(x, copy=False)
    np.array(x, float, copy=True)
    np.array(d, dtype=float)
    np.array([d, d], dtype=float)
    np.array([[d, 1.0], [2, d]], dtype="f4")
    np.array([x, x], dtype=float)
    np.array([x, plain], dtype=float)
    np.array(list(x), dtype=float)
    np.array(o, dtype=float)
    np.array(o.tolist(), dtype=float)
    np.asarray(o, dtype=float)
    np.ascontiguousarray(x, dtype=float)
    np.asarray_chkfinite(x, dtype=float)
    np.require(x, float)
    np.ma.array(x, dtype=float)
    o.astype(float)
    o.astype("f4")
    o.astype(complex)
    o.astype(int)
    np.fromiter(x, float)
    np.fromiter([d], np.float32)
    np.full(3, d, dtype=float)
    np.full(3, x, float)
    np.full_like(plain, d)
    np.arange(d)
    np.arange(0, d, 0.1)
    np.arange(0, 2, d)
    np.vectorize(lambda a: a * 2, otypes=[float])(x)
    np.frompyfunc(lambda a: a * 2, 1, 1)(x)
    np.piecewise(plain, [plain < 1.2], [d, 2.0])
    np.piecewise(plain, [plain < 1.2], [lambda a: a * d, 2.0])
    np.save(io.BytesIO(), x)
    np.savez(io.BytesIO(), x)
    np.savetxt(io.StringIO(), x)
    np.format_float_positional(d)

    plain[0] = d
    plain[-1] = d
    plain[np.int64(1)] = d
    plain[:] = d
    plain[...] = d
    plain[[0, 1]] = d
    plain[plain > 1.2] = d
    plain[0:1] = x[:1]
    plain[0] = o[0]
    plain[:] = x
    plain[...] = x
    plain[[0, 1]] = x[:2]
    plain[plain > 1.2] = x[:2]
    plain[:] = [d, d, d]
    plain[:] = (d, 1.0, 2.0)
    plain[:] = list(x)
    plain[:] = o
    plain[::2] = x[::2]
    square[0, 0] = d
    square[0] = x
    square[:, 0] = x
    square[np.ix_([0, 1], [1, 2])] = m[:2, :2]
    square[...] = m
    square.T[...] = m
    ints[0] = d
    ints[:] = x
    complexes[0] = d
    complexes[:] = x
    complexes.real = x
    complexes.imag = x
    singles[0] = d
    singles[:] = x
    texts[:] = x
    plain.flat[:] = x
    plain.flat = x
    square.flat[0:3] = x
    plain.fill(d)
    plain.put([0], d)
    plain.put([0, 1], x[:2])
    np.put(plain, [0], d)
    np.put(plain, [0, 1], x[:2])
    np.place(plain, plain > 1.2, x)
    np.place(plain, plain > 1.2, list(x))
    np.putmask(plain, plain > 1.2, x)
    np.putmask(plain, bools, d)
    np.put_along_axis(plain, np.array([0]), x[:1], 0)
    np.fill_diagonal(square, d)
    np.fill_diagonal(square, x)
    np.copyto(plain, x)
    np.copyto(plain, d)
    np.copyto(plain, x, where=bools)
    np.copyto(plain, x, casting="unsafe")
    np.copyto(plain, o, casting="unsafe")
    operator.setitem(plain, 0, d)
    np.add.at(plain, [0], d)
    np.add.at(plain, [0, 1], x[:2])
    np.subtract.at(plain, [0], d)
    np.multiply.at(plain, slice(None), x)
    np.maximum.at(plain, [0], d)

    plain += x
    plain += d
    plain -= x
    plain *= d
    plain /= x
    plain **= x
    plain %= x
    plain //= x
    plain @= m
    square @= m
    ints += x
    complexes *= x
    operator.iadd(plain, x)
    np.add(x, x, out=plain)
    np.add(x, x, plain)
    np.add(x, 1, (plain,))
    np.add(plain, d, out=(plain,))
    np.add(x, x, out=plain, where=bools)
    np.add(x, x, out=plain, casting="unsafe")
    np.add(o, 1, out=plain, casting="unsafe")
    np.sin(x, plain)
    np.sin(x, out=plain)
    np.abs(x, out=plain)
    np.floor(x, out=plain)
    np.modf(x, plain, plain.copy())
    np.modf(x, out=(plain, None))
    np.modf(x, out=(None, plain))
    np.divmod(x, 2, out=(plain, plain.copy()))
    np.frexp(x, plain, ints)
    np.maximum(x, 1, out=plain)
    np.matmul(square, x, out=plain)
    np.add.reduce(m, out=plain)
    np.add.reduce(m, 0, None, plain)
    np.add.accumulate(x, out=plain)
    np.multiply.outer(x, x, out=square)
    np.sum(m, 0, None, plain)
    np.sum(m, axis=0, out=plain)
    m.sum(0, None, plain)
    m.sum(axis=0, out=plain)
    m.mean(0, out=plain)
    np.cumsum(x, out=plain)
    x.cumsum(out=plain)
    x.cumprod(0, None, plain)
    np.prod(m, 0, out=plain)
    np.max(m, 0, plain)
    np.std(m, 0, None, plain)
    np.median(m, 0, plain)
    np.clip(x, 0, 1, plain)
    np.clip(x, 0, 1, out=plain)
    x.clip(0, 1, plain)
    plain.clip(d, 3.0, out=plain)
    np.dot(square, x, plain)
    np.dot(square, x, out=plain)
    x.dot(square, plain)
    np.einsum("i->i", x, out=plain)
    np.take(x, [0, 1, 2], out=plain)
    x.take([0, 1, 2], out=plain)
    np.choose([0, 0, 0], [x, x], out=plain)
    np.compress([1, 1, 1], x, out=plain)
    x.compress([1, 1, 1], out=plain)
    np.concatenate([x[:1], x[:2]], out=plain)
    np.concatenate([x[:1], x[:2]], 0, plain)
    np.stack([d, d, d], out=plain)
    np.round(x, 2, plain)
    x.round(2, out=plain)
    np.nan_to_num(plain, nan=d)
    np.outer(x, x, out=square)
    np.trace(m[None], 0, 1, 2, None, plain[:1])
    plain.sum(initial=d)
    plain.max(initial=d)
    plain.prod(initial=d)
    np.sum(plain, initial=d)
    np.max(plain, initial=d)
    np.add.reduce(plain, initial=d)
    plain.std(ddof=d)
    np.var(plain, ddof=d)
    plain.repeat(d)
    plain.take(d)
    plain.compress(x)

    random.Random(1).seed(float(d))
    np.random.default_rng(0).normal(d, 1.0)
    np.random.default_rng(0).normal(x, 1.0)
    np.random.default_rng(0).uniform(0.0, d)

    statistics.fmean(x)
    statistics.mean(x)
    statistics.variance(x)
    statistics.pstdev([d, 1.0, 2.0])
    statistics.geometric_mean(x)
    statistics.correlation(x, plain)
    statistics.linear_regression(plain, x)
    statistics.median_grouped(x)
    statistics.NormalDist(d, 1.0)
    statistics.NormalDist(0.0, 1.0).pdf(d)

    scipy.linalg.expm(m)
    scipy.linalg.cho_factor(m)
    scipy.linalg.lu(m)
    scipy.linalg.circulant(x)
    scipy.linalg.blas.ddot(x, x)
    scipy.linalg.lapack.dgesv(m, plain)
    scipy.integrate.quad(lambda t: t, 0, d)
    scipy.integrate.quad(lambda t: t * d, 0, 1)
    scipy.integrate.quad(lambda t, a: t * a, 0, 1, args=(d,))
    scipy.integrate.dblquad(lambda s, t: s * d, 0, 1, 0, 1)
    scipy.integrate.solve_ivp(lambda t, y: y * d, (0, 1), [1.0])
    scipy.integrate.solve_ivp(lambda t, y: -y, (0, 1), x)
    scipy.integrate.odeint(lambda y, t: y * d, 1.0, grid)
    scipy.interpolate.CubicSpline(grid, np.ones(5) * d)
    scipy.interpolate.CubicSpline(grid, grid)(d)
    scipy.interpolate.CubicSpline(grid, grid)(x)
    scipy.interpolate.PchipInterpolator(grid, grid)(d)
    scipy.interpolate.make_interp_spline(grid, np.ones(5) * d)
    scipy.interpolate.interp1d(grid, np.ones(5) * d)
    scipy.interpolate.splev(d, scipy.interpolate.splrep(grid, grid))
    scipy.interpolate.RegularGridInterpolator((grid,), grid)(x)
    scipy.optimize.minimize(lambda t: np.sum((t - x) ** 2), plain)
    scipy.optimize.minimize(lambda t: np.sum(t**2), x)
    scipy.optimize.least_squares(lambda t: t - x, plain)
    scipy.optimize.linprog(x)
    scipy.optimize.nnls(m, plain)
    scipy.fft.fft(x)
    scipy.fft.dct(x)
    scipy.signal.fftconvolve(x, plain)
    scipy.signal.hilbert(x)
    scipy.spatial.cKDTree(m)
    sparse[0, 0] = d
    sparse.setdiag(x)
    sparse * d
    sparse / d
""")  # fmt: skip

# What Python, NumPy or SciPy refuse before we are asked, each group for its reason

REFUSED_BY_OTHERS = {
    "needs a hash, which mutable numbers that compare by value cannot have": (TypeError, """
        hash(d)
        hash(x)
        {d}
        {d: 1}
        set(x)
        collections.Counter(x)
        statistics.mode(x)
        functools.lru_cache(lambda a: a)(d)
    """),
    "needs an integer, and asks for __index__ alone": (TypeError, """
        range(d)
        [1, 2, 3][d]
        "ab"[d:]
        operator.index(d)
        bin(d)
        hex(d)
        chr(d)
        math.gcd(d, 1)
        math.factorial(d)
        math.comb(d, 1)
        "a" * d
        "%d" % d
        bytes(x)
        bytearray(x)
        array.array("i", [d])
        plain.reshape(d)
        plain.cumsum(d)
        plain.item(d)
        plain.partition(d)
        plain.round(d)
        np.zeros(d)
        np.random.default_rng(d)
        random.Random(1).randrange(d)
    """),
    "has no such operation on floats either": (TypeError, """
        ~d
        d & 1
        d << 1
        bools & d
        ints ^= x
        pow(d, 2, 3)
        f"{x:.3f}"
        iter(d)
        len(d)
    """),
    "is as ambiguous as for plain arrays": (ValueError, """
        bool(x)
        x and 1
        not x
        1 if x > 1 else 2
        0 < x < 1
        np.array((d, x))
        plain[0] = x
        plain.fill(x)
    """),
    "works on rational numbers alone": (TypeError, """
        fractions.Fraction(d)
        fractions.Fraction(1, 2) * d
        d + fractions.Fraction(1, 2)
        decimal.Decimal(d)
        decimal.Decimal(1) + d
        d * decimal.Decimal(1)
    """),
    "needs raw memory (from Python 3.12 on the error is ours, a TypeError too)": (TypeError, """
        memoryview(x)
        memoryview(d)
        bytes(d)
        bytearray(d)
        np.frombuffer(x)
        (ctypes.c_char * 24).from_buffer(x)
        io.BytesIO().write(x)
        np.fromstring(x, sep=" ")
    """),
    "needs raw memory, and looks for an attribute that we do not have": (AttributeError, """
        x.ctypes
        x.data
        x.base
        x.__array_interface__
        x.__array_struct__
        np.ctypeslib.as_ctypes(x)
    """),
    "puts an error of its own in the place of ours": (struct.error, """
        struct.pack("d", d)
        struct.pack("3d", *x)
        struct.pack_into("d", bytearray(8), 0, d)
    """),
    "goes on after we have raised, until something else is noticed": ((DerivativeLostError, SystemError, ValueError), """
        scipy.optimize.brentq(lambda t: t - d, 0, 1)
        scipy.optimize.bisect(lambda t: t - d, 0, 1)
    """),
    "puts a ValueError in the place of ours": (ValueError, """
        plain.flat[0] = d
        plain[0] = x[0, ...]
        np.datetime64(d)
        np.zeros(3, "M8[s]")[0] = d
        marshal.dumps(d)
    """),
    "knows only some classes": (TypeError, """
        json.dumps(d)
        json.dumps(x)
        json.dumps(x.tolist())
        random.Random(1).seed(d)
        float.hex(d)
        float.fromhex(d)
        float.__mul__(d, 2.0)
    """),
    "casts object arrays safely or not at all": (TypeError, """
        np.copyto(plain, o)
        np.add(o, 1, out=plain)
        plain += o
        np.add(plain, plain, out=plain, where=x)
        np.linalg.solve(square, o)
        np.linalg.inv(np.diag(o))
        np.linalg.det(np.diag(o))
        np.linalg.eigh(np.diag(o))
        np.linalg.svd(np.diag(o))
        np.fft.fft(o)
        np.isnan(o)
        np.isfinite(o)
        np.logaddexp(o, o)
        np.interp(o, grid, grid)
        np.interp(0.3, plain, o)
        np.nditer(x)
        np.savetxt(io.StringIO(), o)
        o.view(float)
        scipy.special.gamma(o)
        scipy.special.polygamma(1, d)
        scipy.stats.norm.pdf(d)
        scipy.stats.norm.cdf(x)
    """),
    "looks for methods that plain numbers beside Duals do not have": (TypeError, """
        np.sin(np.array([d, 1.0]))
        np.sqrt(np.r_[x, 2.0])
        np.exp([d, 1.0])
    """),
    "says that it does not take object arrays": (ValueError, """
        scipy.linalg.solve(square, x)
        scipy.linalg.solve(m, plain)
        scipy.linalg.inv(m)
        scipy.linalg.eigh(m)
        scipy.linalg.svd(m)
        scipy.linalg.lstsq(m, plain)
        scipy.linalg.solve_triangular(m, plain)
        scipy.interpolate.interp1d(grid, grid)(d)
        sparse @ x
        sparse.dot(x)
        x @ sparse
        scipy.sparse.csr_array(m)
        scipy.spatial.distance.cdist(m, m)
    """),
    "says that it does not take the type": (RuntimeError, """
        scipy.ndimage.gaussian_filter(x, 1)
        scipy.ndimage.convolve(x, plain)
        scipy.ndimage.map_coordinates(plain, [x])
        scipy.signal.lfilter([1.0], [1.0, 0.5], x)
    """),
    "knows no operation of the two types": (TypeError, """
        sparse + m
        np.multiply(sparse, d)
        np.add(x, sparse)
        x + "a"
        x * None
        d + {}
        x @ object()
        np.add(x, object())
    """),
}  # fmt: skip

# What is exact, value and derivative; compared with differences of the same line on plain arrays

EXACT = lines("""
    d
    d.item()
    x.item(0)
    x[:1].item()
    x.item(-1)
    x.tolist()
    list(x)
    [*x]
    tuple(x)
    list(reversed(x))
    list(itertools.chain(x, [1.0]))
    np.asarray(x)
    np.asarray(d)
    np.asarray(x, dtype=object).tolist()
    np.asanyarray(x)
    np.ascontiguousarray(x)
    np.asfortranarray(m)
    np.asarray_chkfinite(x)
    np.require(x)
    np.array(x)
    np.array(x, copy=True)
    np.array(x, ndmin=2)
    np.array([x, x])
    np.array([d, d])
    np.array([d, 1.0, 2])
    np.array([[d, 1.0], [2, x[1]]])
    np.array([x, plain])
    np.array([[x, x], [x, plain]])
    np.array(list(x))
    np.array([list(x), [1.0, 2.0, d]])
    np.array([x[:1], x[1:2]])
    np.array(x.tolist() + [1.0])
    np.array([d, True, np.float32(2)])
    np.array([v * v for v in x])
    [d, 1.0, x[1]]
    (d, 2, 3.0)
    [[d, 1.0], [2.0, d]]
    np.r_[d, 1.0]
    np.r_[x, 1.0, x]
    np.r_[x, 2:5]
    np.r_["0,2", x, x]
    np.c_[x, x]
    np.c_[x, plain]
    np.full(3, d)
    np.full((2, 2), d)
    np.full(3, x)
    np.full_like(x, d)
    np.full_like(x, 2.0)
    np.fromiter(x, object)
    np.fromfunction(lambda i: d * i, (3,))
    np.vectorize(lambda a: a * a)(x)
    np.vectorize(lambda a, b: a * b)(x, plain)
    np.vectorize(lambda a: a * a.sum(), signature="(n)->(n)")(x)
    np.frompyfunc(lambda a: a * a, 1, 1)(o)
    np.apply_along_axis(lambda a: a * d, 0, plain)
    np.piecewise(x, [x < 1], [lambda a: a * a, lambda a: 1 / a])
    np.select([x < 1, x > 1], [x * x, 2 * x])
    np.insert(plain, 1, d)
    np.append(plain, d)
    np.linspace(d, 2, 3)
    np.linspace(0, x, 3)
    np.meshgrid(x, plain)[0]
    np.ix_(x)[0]
    np.broadcast_to(d, (2, 2))
    [a * b for a, b in np.broadcast(x, plain)]
    [a * i[0] for i, a in np.ndenumerate(x)]
    np.polyval([1.0, 2.0, 3.0], x)
    np.polyval(x, 2.0)
    np.poly1d([1.0, 2.0, 3.0])(x)
    np.polynomial.polynomial.polyval(x, [1.0, 2.0, 3.0])
    np.polynomial.Polynomial([1.0, 2.0, 3.0])(x)
    np.polynomial.chebyshev.chebval(d, [1.0, 2.0, 3.0])
    np.polynomial.polynomial.polyvander(x, 2)

    a = np.zeros(3, object); a[0] = d; a
    a = np.zeros(3, object); a[:] = x; a
    a = np.zeros_like(x); a[0] = d; a[1] = 3; a
    a = np.empty(2, like=x); a[:] = x[:2]; a
    a = np.empty_like(x); a[...] = 2.0; a
    a = [0.0] * 3; a[1] = d; a
    a = x.copy(); a[0] = 5.0; a
    a = x.copy(); a[1:] *= a[0]; a
    a = x.copy(); a += plain; a
    a = x.copy(); np.sin(a, out=a); a
    a = x.copy(); np.add(a, 1, a, where=bools); a
    a = np.zeros_like(m); np.fill_diagonal(a, d); a
    a = x.copy(); a.fill(a[1]); a
    a = x.copy(); a.sort(); a
    a = x.copy(); a.put([0, 2], a[1]); a
    a = x.copy(); np.put(a, [0], 3.0); a
    a = x.copy(); np.copyto(a, plain, where=bools); a
    a = x.copy(); np.putmask(a, bools, plain); a
    a = x.copy(); np.place(a, bools, [d * d]); a
    a = x.copy(); np.add.at(a, [0, 0, 1], d); a
    a = np.asarray(x).copy(); a[1] = a[0] * a[2]; a
    a = np.asarray(x); a = a * 2; a[0] += 1.0; a

    plain * x
    plain + d
    plain ** d
    2 ** x
    plain / x
    plain % x
    divmod(plain, x)[1]
    plain @ x
    x @ plain
    plain @ m
    plain.dot(x)
    plain.dot(d)
    plain.dot(m)
    square.dot(x)
    plain.clip(d, None)
    plain.clip(0, x)
    plain.clip(min=d)
    np.array([0, 1, 0]).choose([x, plain])
    np.choose([0, 1, 0], [x, plain])
    [1.0, 2.0, 3.0] * x
    [1.0, 2.0, 3.0] + x
    x - (1.0, 2.0, 3.0)
    x * list(x)
    x * o
    o * x
    o * plain
    plain * o
    ints * x
    bools * x
    singles * x
    x * np.float32(2)
    x * True
    x / 3
    x * np.array([1, 2, 3], dtype=object)
    x + np.array([0.5, fractions.Fraction(1, 3), 2], dtype=object)
    np.float64(2) * d
    np.array(2.0) * d
    2 * d
    -d
    +d
    abs(-d)
    pow(d, 2)
    pow(2, d)
    d ** d
    d % 0.3
    divmod(d, 0.3)[1]
    d // 0.3 + d
    d.real
    d.conjugate()
    x.T
    m.T.real

    sum(x)
    sum([d, d], 1.0)
    math.prod(x)
    math.prod([d, 2.0], start=d)
    sorted(x)
    sorted(x, reverse=True)
    sorted(x, key=lambda v: -v)
    min(x)
    max(x)
    max(1.0, x[1])
    min(d, 3)
    heapq.nsmallest(2, x)
    functools.reduce(operator.mul, x)
    list(itertools.accumulate(x))
    list(itertools.accumulate(x, operator.mul))
    list(collections.deque(x))
    statistics.median(x)
    statistics.median([d, x[1]])
    statistics.median_low([d, x[1]])
    statistics.quantiles(x)
    random.Random(1).uniform(d, 2.0)
    random.Random(1).gauss(d, 1.0)
    random.Random(1).expovariate(d)
    random.Random(1).sample(list(x), 2)
    random.Random(1).choice(x)
    np.random.default_rng(1).permutation(x)
    np.random.default_rng(1).choice(x)
    round(d, 2) + d
    copy.copy(x)
    copy.copy(d)
    copy.deepcopy(x)
    copy.deepcopy([d, 1.0])
    pickle.loads(pickle.dumps(x))
    pickle.loads(pickle.dumps(d))
    pickle.loads(pickle.dumps(o))
    x.astype(float)
    x.astype(float, copy=False)
    x.astype(complex).real
    x.__array_namespace__().asarray(x)
    x.__array_namespace__().asarray([d, 1.0], dtype=float)
    x.__array_namespace__().sum(x)
    x.to_device("cpu")
    x.view()
    d.tolist()
    x if d else 2 * x
    x * (x > 1)
    x * (d < 1)
    x[x > 0.3]
    x[np.argsort(x)]
    x[np.argmax(x)]

    np.sum(x, initial=d)
    np.prod(x, initial=d)
    np.max(x, initial=d * 5)
    np.sum(x, where=bools)
    np.add.reduce(x, initial=d)
    np.clip(x, min=d, max=1.5)
    np.clip(x, d, 1.5)
    np.clip(plain, x, None)
    np.where(bools, d, plain)
    np.where(x > 1, x, 0)
    np.add(x, plain, dtype=float)
    np.interp(0.3, [0.0, 1.0, 2.0], x)
    np.interp(d, grid, grid**2)
    np.average(plain, weights=x)
    np.var(x, mean=np.mean(x, keepdims=True))
    np.bincount([0, 1, 0], weights=x)
    np.histogram(plain, bins=2, weights=x)[0]
    np.convolve(plain, x)
    np.concatenate([[d], plain])
    np.stack([d, 1.0])
    np.hstack([x, 1.0])
    np.nan_to_num(x)

    o + 1
    o * o
    o.sum()
    o.dot(o)
    o.cumsum()
    o.max()
    o.min()
    o.prod()
    o.clip(0.3, 1.5)
    o.tolist()
    o[0]
    o @ plain
    np.sum(o)
    np.cumsum(o)
    np.cumprod(o)
    np.sort(o)
    np.sin(o)
    np.exp(o)
    np.sqrt(o)
    np.log(o)
    np.tanh(o)
    np.abs(-o)
    np.arctan2(o, plain)
    np.hypot(o, o)
    np.maximum(o, 1.0)
    np.where(bools, o, plain)
    np.clip(o, 0.3, 1.5)
    np.dot(o, o)
    np.outer(o, o)
    np.einsum("i,i", o, o)
    np.linalg.norm(o)
    np.diff(o)
    np.trapezoid(o)
    np.stack([o, plain])
    np.concatenate([o, plain])
    np.tile(o, 2)
    np.cross(o, plain)
    np.unique(o)
    np.ma.array(x).sum()
    np.ma.array(x).mean()

    scipy.optimize.rosen(x)
    scipy.optimize.rosen_der(x)
    scipy.optimize.rosen_hess(x)
    scipy.optimize.newton(lambda t: t * t - d, 0.7)
    scipy.integrate.trapezoid(x)
    scipy.integrate.cumulative_trapezoid(x)
    scipy.integrate.simpson(x)
    scipy.integrate.fixed_quad(lambda t: t * t, 0, d)[0]
    scipy.linalg.norm(x)
    scipy.linalg.block_diag(m, d)
    scipy.linalg.toeplitz(x)
    scipy.special.softmax(x)
    scipy.signal.convolve(x, plain)
    scipy.spatial.distance.euclidean(x, plain)
    scipy.sparse.linalg.aslinearoperator(square) @ x

    np.stack(pair(d, 2.0))
    np.concatenate(pair(x, plain))
    np.dot(x[:2], pair(d, 1.0))
    np.dot(x[:2], [pair(d, 1.0), pair(2.0, d)])
    np.add(x[:2], pair(d, 1.0))
    x[:2] * collections.deque([d, 1.0])
    np.sum(pair(d, 2.0))
    np.einsum("i,i", x[:2], collections.UserList([d, 2.0]))
""")  # fmt: skip

# What has no derivative to lose: control flow, counting, printing

PLAIN = lines("""
    bool(d)
    bool(x[:1])
    not d
    d > 0.3
    x > 0.3
    0.3 < x
    x == plain
    d != 0.55
    x >= o
    0.55 in x
    0.5 in x
    d in [0.55]
    x.any()
    all(x)
    np.any(x)
    np.less(x, 1)
    np.less(x, 1, out=np.zeros(3, bool))
    np.logical_and(x, 1)
    np.isnan(x)
    np.isfinite(x)
    np.isclose(x, plain)
    np.allclose(x, x)
    np.array_equal(x, x)
    np.argmax(x)
    x.argmin()
    np.argsort(x)
    x.nonzero()
    np.searchsorted(plain, x)
    plain.searchsorted(d)
    np.digitize(x, grid)
    np.count_nonzero(x)
    np.sign(o)
    bisect.bisect([0.1, 1.0], d)
    math.floor(x[1])
    math.ceil(d)
    math.trunc(x[1])
    round(x[1])
    x.astype(int)
    x.astype(bool)
    d.is_integer()
    len(x)
    x.shape
    x.ndim
    x.size
    x.dtype
    np.shape(x)
    np.ndim(d)
    np.size(x)
    np.result_type(x, 1.0)
    np.iscomplexobj(x)
    np.isscalar(d)
    np.isscalar(x)
    np.iterable(d)
    isinstance(d, numbers.Number)
    f"{d:.3f}"
    format(x[1], ".2e")
    "{:8.3f}|".format(d)
    x.flags.c_contiguous
""")  # fmt: skip


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
OF_MATH = {"prod", "floor", "ceil", "trunc"}


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
