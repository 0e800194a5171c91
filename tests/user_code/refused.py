"""Code that must be refused.

Its names are those of `tests.test_exactness`.
"""

import struct

from tests.user_code import lines

__all__ = ["REFUSED", "REFUSED_BY_OTHERS"]

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
    a = np.asarray(x); x[0] = 5.0
    a = np.asarray(x); x += 1.0
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
    scipy.spatial.distance.squareform(x)
    scipy.spatial.distance.squareform(m, checks=False)
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
    # SciPy's C code calls the function again with our error pending: what Python then trips over first is anybody's guess.
    "goes on after we have raised, until something else is noticed": (Exception, """
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
    "would write into a copy that passes for the array itself": (ValueError, """
        np.asarray(x)[0] = 5.0
        a = np.asarray(m); a += 1
        np.asarray(x).sort()
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
