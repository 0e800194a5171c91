"""What every row of the table must stand in reverse mode, as functions of a sample; each raises an AssertionError.

`tests/tape/test_rows.py` runs them on all samples, and shows for each that it can fail.
"""

from __future__ import annotations

import numpy as np

from dualnum import Dual, Variable, grad, jvp, vjp
from dualnum.errors import DerivativeLostError, MutationError
from dualnum.table import TABLE
from tests import row_checks
from tests.row_checks import MAY_REFUSE, arguments, call, copied, directions, inner_product, leaves, only, tree_map

__all__ = ["CHECKS"]


def kind(x):
    return x.dtype.kind if isinstance(x, (np.ndarray, np.generic, Dual, Variable)) else "O"


def inexact(result):
    """The results that can have a derivative; as a dict, for a tuple of scalars would count as an array."""
    return dict(enumerate(y for y in leaves(result) if kind(y) in "fc"))


def of_active(sample, args, active):
    """The function of the leaves of its active arguments, and these leaves."""
    inputs = [x for i in active for x in leaves(args[i])]

    def function(*xs):
        found = iter(xs)
        given = [
            tree_map(lambda _: next(found), arg) if i in active else tree_map(copied, arg) for i, arg in enumerate(args)
        ]
        return inexact(call(sample, given))

    return function, inputs


def cases(sample):
    """The function of all active arguments together, and of each alone, for real and for complex numbers."""
    for convert in row_checks.variants(sample):
        args = arguments(sample, convert)
        tangents = directions(sample, args)
        for active in [sample.active, *([(i,) for i in sample.active] if len(sample.active) > 1 else [])]:
            function, inputs = of_active(sample, args, active)
            yield function, inputs, [x for i in active for x in leaves(tangents[i])], only(tangents, *active), args


def may_refuse(sample, check):
    """Run a check; where only some arguments are active, NumPy does not always ask us, and we refuse."""
    try:
        check()
    except (DerivativeLostError, MutationError):
        if sample.function.__name__ not in MAY_REFUSE:
            raise


def tolerance(arrays, double):
    return 1e-5 if any(x.dtype.char in "efF" for x in arrays) else double


def random_cotangents(ys, lead=()):
    rng = np.random.default_rng(5)
    return tuple(row_checks.random_like(np.asarray(y), rng, lead) for y in ys)


def size_of(terms, bars):
    """Size of an inner product before anything cancels."""
    return 1 + sum(np.sum(np.abs(t * b)) for t, b in zip(terms, bars, strict=True))


def check_pull(sample):
    """The value is NumPy's, bit for bit, and <push(u), v> = <u, pull(v)>, for one cotangent and for rows of them."""
    for function, inputs, us, tangents, args in cases(sample):

        def check(function=function, inputs=inputs, us=us, tangents=tangents, args=args):
            if not function(*copied(inputs)):
                return
            ys, pull = vjp(function, *copied(inputs))
            for y, expected in zip(ys.values(), function(*copied(inputs)).values(), strict=True):
                row_checks.assert_same_bits(np.asarray(y)[()], np.asarray(expected)[()])
            ys = list(ys.values())
            pushed = row_checks.tangents_of(call(sample, row_checks.lifted(args, tangents)))
            for lead in ((), (3,), (1,)):
                bars = random_cotangents(ys, lead)
                with np.errstate(all="ignore"):
                    pulled = pull(dict(enumerate(bars)))
                assert [x_bar.shape for x_bar in pulled] == [(*lead, *x.shape) for x in inputs]
                assert [x_bar.dtype for x_bar in pulled] == [x.dtype for x in inputs]
                for j in range(*lead or (1,)):
                    row = (lambda bars, j=j: [bar[j] for bar in bars]) if lead else list
                    left, right = inner_product(pushed, row(bars)), inner_product(us, row(pulled))
                    bound = tolerance([*ys, *inputs], 1e-12) * size_of(pushed, row(bars))
                    assert abs(left - right) <= bound or not np.isfinite(left), (left, right)

        may_refuse(sample, check)


def check_second(sample):
    """Forward over reverse, reverse over forward, reverse over reverse and forward over forward agree."""
    for function, inputs, us, _, _ in cases(sample):

        def check(function=function, inputs=inputs, us=us):
            bars = random_cotangents(function(*copied(inputs)).values())
            if not inputs or not bars:
                return

            def weighted(*xs):
                return sum(np.sum(np.real(np.conj(b) * y)) for b, y in zip(bars, function(*xs).values(), strict=True))

            numbers = tuple(range(len(inputs)))
            gradient = grad(weighted, numbers)

            def along(*xs):
                return sum(np.sum(np.real(np.conj(u) * g)) for u, g in zip(us, gradient(*xs), strict=True))

            def slope(*xs):
                return jvp(weighted, xs, us)[1]

            with np.errstate(all="ignore"):
                results = [
                    jvp(gradient, copied(inputs), us)[1],
                    grad(slope, numbers)(*copied(inputs)),
                    grad(along, numbers)(*copied(inputs)),
                ]
                twice = jvp(slope, copied(inputs), us)[1]
            own = getattr(TABLE.get(sample.function), "ulps", 0) * np.finfo(float).eps
            bound = tolerance([*bars, *inputs], max(1e-9, own))
            for others in results[1:]:
                for a, b in zip(results[0], others, strict=True):
                    # Some second derivatives are beyond the rules; then they are nan forward over forward, too.
                    row_checks.assert_close(np.where(np.isnan(b) & np.isnan(twice), a, b), a, bound)
            if all(np.isfinite(x).all() for x in results[0]) and np.isfinite(twice):
                scale = size_of(us, results[0])
                assert abs(inner_product(us, results[0]) - twice) <= bound * scale, (results[0], twice)

        may_refuse(sample, check)


CHECKS = (check_pull, check_second)
