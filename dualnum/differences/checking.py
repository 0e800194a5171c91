"""check_jacobian: each column of a Jacobian against finite differences, and what that comparison is worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualnum.column_by_column import jacobian_columns
from dualnum.differences.methods import SAFETY, Estimate, estimate_column, method_named
from dualnum.differences.report import SEVERITY, ColumnComparison, JacobianReport, Verdict
from dualnum.differences.sampling import Sampler, result_array
from dualnum.errors import ShapeError

__all__ = ["check_jacobian", "judge"]

# Differences with a larger error, beside the derivative and beside the slope of the function at all, confirm nothing;
# those without a single digit do not refute anything either.
BLURRED, BLURRED_BESIDE_SCALE, NO_DIGIT = 1e-4, 1e-6, 0.1


def check_jacobian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    jac: Any = None,
    method: str = "central",
    rtol: float = 1e-8,
    atol: float = 0.0,
) -> JacobianReport:
    """Compare the Jacobian of ``f`` at ``x``, column by column, with finite differences.

    Finite differences are wrong themselves, by an amount that depends on the function, and so they come with an
    estimate of their own error. An entry *differs* if it is further from them than that explains. It is *too noisy to
    tell* if the error is so large that agreement would mean nothing, and also where the differences give nothing at all
    (``f(x)`` is nan, or the derivative is infinite). Otherwise it *agrees*.

    Parameters
    ----------
    f : callable
        Takes ``x`` and returns a number, a list of numbers or an array.
    x : array_like
        The point, finite and real, of any shape.
    jac : callable or array_like, optional
        A Jacobian of your own to check, or a function of ``x`` that returns it, of the shape ``f(x).shape + x.shape``;
        sparse matrices too. By default the one that forward mode computes is checked, one chunk of columns at a time.
    method : {"central", "forward", "complex-step", "scipy"}
        See `finite_difference_jacobian`.
    rtol, atol : float
        Relative and absolute difference allowed beside the error of the finite differences.

    Returns
    -------
    JacobianReport
        True if all columns agree; prints as a table; see also its methods ``plot`` and ``to_dict``.

    Raises
    ------
    InputError
        If ``x`` or the result is no array of real numbers, or ``f`` is not fit for the method.
    ShapeError
        If ``jac`` does not have the shape of the Jacobian.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum.differences import check_jacobian
    >>> def f(x):
    ...     return np.sin(x[0]) * x[1]
    >>> bool(check_jacobian(f, [0.5, 2.0]))
    True
    >>> check_jacobian(f, [0.5, 2.0], jac=lambda x: [-np.cos(x[0]) * x[1], np.sin(x[0])]).summary()
    '2 columns: 1 agrees, 1 differs'
    """
    method_named(method)
    sampler = Sampler(f, x)
    given = jac is not None
    columns = _columns_of(jac, sampler) if given else jacobian_columns(f, sampler.x)
    comparisons = []
    derivative_seconds = differences_seconds = 0.0
    function_seconds, sampler.seconds = sampler.seconds, 0.0
    for j in range(sampler.x.size):
        start = time.perf_counter()
        column = next(columns)
        derivative_seconds += time.perf_counter() - start
        start = time.perf_counter()
        estimate = estimate_column(sampler, j, method)
        differences_seconds += time.perf_counter() - start
        derivative = _flat_column(column, sampler)
        comparisons.append(
            _compare(derivative, estimate, np.unravel_index(j, sampler.x.shape), sampler.shape, rtol, atol)
        )
    if sampler.calls > 1:  # the first call may have paid for imports and caches
        function_seconds = sampler.seconds / (sampler.calls - 1)
    seconds = {"function": function_seconds, "derivative": derivative_seconds, "differences": differences_seconds}
    return JacobianReport(
        columns=tuple(comparisons),
        checked="jac" if given else "forward mode",
        method=method,
        input_shape=sampler.x.shape,
        output_shape=sampler.shape,
        rtol=rtol,
        atol=atol,
        calls=sampler.calls,
        seconds=seconds,
    )


def _columns_of(jac: Any, sampler: Sampler) -> Iterator[np.ndarray]:
    """The columns of a Jacobian that was given whole."""
    x = sampler.x
    whole = jac(x.copy() if x.ndim else x[()]) if callable(jac) else jac
    whole = np.asarray(whole.toarray() if hasattr(whole, "toarray") else whole)
    shape = sampler.shape + x.shape
    if whole.shape != shape:
        raise ShapeError(f"jac has the shape {whole.shape}, but f(x).shape + x.shape is {shape}")
    return iter(result_array(whole).reshape(sampler.value.size, x.size).T)


def _flat_column(column: Any, sampler: Sampler) -> np.ndarray:
    array = result_array(column)
    if array.size != sampler.value.size:
        raise ShapeError(f"the derivative has the shape {array.shape}, but f(x) has {sampler.shape}")
    return array.ravel()


def judge(derivative: np.ndarray, estimate: Estimate, rtol: float, atol: float) -> np.ndarray:
    """Verdicts on all entries of a column, as positions in SEVERITY."""
    value, error = estimate.value, estimate.error
    size = np.fmax(np.abs(derivative), np.abs(value))
    allowed = SAFETY * error + atol + rtol * size
    within = np.isfinite(derivative) & (np.abs(derivative - value) <= allowed)
    blurred = (error > BLURRED * size) & (error > BLURRED_BESIDE_SCALE * estimate.scale) & (error > atol)
    worthless = ~np.isfinite(value) | ~np.isfinite(error) | ((error > NO_DIGIT * estimate.size) & (error > atol))
    codes = np.where(within, SEVERITY.index(Verdict.AGREES), SEVERITY.index(Verdict.DIFFERS))
    # equal numbers agree, however large the error: 0 and 0 where a noisy element does not depend on this x at all
    codes[(worthless | (within & blurred)) & (derivative != value)] = SEVERITY.index(Verdict.NOISY)
    return codes


def _compare(
    derivative: np.ndarray, estimate: Estimate, index: Any, shape: tuple[int, ...], rtol: float, atol: float
) -> ColumnComparison:
    index = tuple(map(int, index))
    if not derivative.size:
        return ColumnComparison(index, Verdict.AGREES, None, np.nan, np.nan, 0.0, 0.0, 0.0)
    with np.errstate(all="ignore"):
        difference = np.abs(derivative - estimate.value)
        codes = judge(derivative, estimate, rtol, atol)
        ratios = np.where(difference == 0, 0.0, difference / estimate.error)
    among_worst = np.where(codes == codes.max(), np.nan_to_num(difference, nan=np.inf), -1.0)
    worst = int(np.argmax(among_worst))
    return ColumnComparison(
        index=index,
        verdict=SEVERITY[codes[worst]],
        entry=tuple(map(int, np.unravel_index(worst, shape))),
        derivative=derivative[worst].item(),
        estimate=estimate.value[worst].item(),
        difference=float(difference[worst]),
        error=float(estimate.error[worst]),
        ratio=float(np.max(np.nan_to_num(ratios, nan=np.inf, posinf=np.inf))),
    )
