"""Code that keeps derivatives, or has none to lose.

Its names are those of `tests.test_exactness`.
"""

from tests.user_code import lines

__all__ = ["EXACT", "PLAIN"]

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
    np.asarray(x).mean()
    np.asarray(x).var()
    np.asarray(x).std(ddof=1)
    np.mean(np.array([x[0], 2.0, x[1]]))
    np.std([x[0], x[1], x[0] * x[1]])
    np.var(np.asarray(m), axis=0)
    scipy.stats.gmean(x)
    scipy.stats.sem(x)
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
    sparse @ x
    sparse.dot(x)
    x @ sparse

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
