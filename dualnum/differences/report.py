"""check_jacobian: each column of a Jacobian against finite differences, and what that comparison is worth."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum.column_by_column import jacobian_columns
from dualnum.differences.methods import SAFETY, Estimate, estimate_column, method_named
from dualnum.differences.sampling import Sampler, result_array
from dualnum.errors import ShapeError
from dualnum.pictures import Path, axes_for, on_log_axis, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ColumnComparison", "JacobianReport", "Verdict", "check_jacobian"]

# Differences with a larger error, beside the derivative and beside the slope of the function at all, confirm nothing;
# those without a single digit do not refute anything either.
BLURRED, BLURRED_BESIDE_SCALE, NO_DIGIT = 1e-4, 1e-6, 0.1
SHOWN_COLUMNS = 12


class Verdict(StrEnum):
    """What the comparison of a column has shown, from good to bad."""

    AGREES = "agrees"
    NOISY = "too noisy to tell"
    DIFFERS = "differs"


SEVERITY = list(Verdict)


@dataclass(frozen=True)
class ColumnComparison:
    """One column of the Jacobian against finite differences, at the entry that is worst.

    That is the entry with the worst verdict, and among those the one with the largest difference.

    Attributes
    ----------
    index : tuple of int
        The element of ``x`` that the column belongs to.
    verdict : Verdict
        ``"agrees"``, ``"too noisy to tell"`` or ``"differs"``.
    entry : tuple of int or None
        The worst element of ``f(x)``; None if ``f(x)`` is empty.
    derivative, estimate : float or complex
        The derivative checked, and the finite difference, at that entry.
    difference : float
        Their distance.
    error : float
        The error of the finite difference, as it estimates it itself.
    ratio : float
        The largest distance in the column in units of that error.
    """

    index: tuple[int, ...]
    verdict: Verdict
    entry: tuple[int, ...] | None
    derivative: complex
    estimate: complex
    difference: float
    error: float
    ratio: float


@dataclass(frozen=True, repr=False)
class JacobianReport:
    """The result of `check_jacobian`: true if all columns agree, a table when printed.

    Attributes
    ----------
    columns : tuple of ColumnComparison
        One comparison for each element of ``x``, in C order.
    checked : str
        What was checked: ``"forward mode"``, or ``"jac"`` if it was given.
    method : str
        The method of finite differences.
    input_shape, output_shape : tuple of int
        The shapes of ``x`` and ``f(x)``.
    rtol, atol : float
        The tolerances that were allowed beside the error of the differences.
    calls : int
        How often the differences called ``f``.
    seconds : dict
        Time of one call of the ``"function"``, of all columns by ``"derivative"`` and all by ``"differences"``.
    subject : str
        What was differentiated: ``"function"``, or of a Hessian ``"gradient"``.
    """

    columns: tuple[ColumnComparison, ...]
    checked: str
    method: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    rtol: float
    atol: float
    calls: int
    seconds: dict[str, float]
    subject: str = "function"

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all columns."""
        return max((column.verdict for column in self.columns), key=SEVERITY.index, default=Verdict.AGREES)

    @property
    def worst(self) -> float:
        """The largest difference in units of the differences' own error estimate."""
        return max((column.ratio for column in self.columns), default=0.0)

    def __bool__(self) -> bool:
        return self.verdict is Verdict.AGREES

    def summary(self) -> str:
        """Tell how many columns have which verdict, in one line."""
        parts = counted([column.verdict for column in self.columns])
        return f"{len(self.columns)} column{'s' * (len(self.columns) != 1)}: {parts or 'nothing to compare'}"

    def __str__(self) -> str:
        head = ("column", "difference", "its error", "verdict", "worst at", self.checked, "differences")
        shown, left_out = self._shown()
        name = "f" if self.subject == "function" else self.subject
        rows = [head, *(_cells(column, name) for column in shown)]
        widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        if left_out:
            lines.append(f"... and {len(left_out)} more, at worst: {max(left_out, key=_badness).verdict}")
        title = f"{self.checked} against {self.method} differences, {self.calls} calls of the {self.subject}"
        return "\n".join([title, *(lines if shown else []), self.summary()])

    __repr__ = __str__

    def _shown(self) -> tuple[list[ColumnComparison], list[ColumnComparison]]:
        """The columns to print, in order, and the rest: the worst are printed."""
        ranked = sorted(self.columns, key=_badness, reverse=True)
        shown = {column.index for column in ranked[:SHOWN_COLUMNS]}
        return [column for column in self.columns if column.index in shown], ranked[SHOWN_COLUMNS:]

    def to_dict(self) -> dict[str, Any]:
        """Everything in the report as lists, dicts, strings and numbers for JSON, which knows no nan, inf and complex.

        Those are given as ``"nan"``, ``"inf"``, ``"-inf"`` and ``{"real": ..., "imag": ...}``.
        """
        return {
            "agrees": bool(self),
            "verdict": str(self.verdict),
            "checked": self.checked,
            "subject": self.subject,
            "method": self.method,
            "input_shape": list(self.input_shape),
            "output_shape": list(self.output_shape),
            "rtol": self.rtol,
            "atol": self.atol,
            "calls": self.calls,
            "seconds": dict(self.seconds),
            "columns": [
                {
                    "index": list(column.index),
                    "verdict": str(column.verdict),
                    "entry": None if column.entry is None else list(column.entry),
                    "derivative": for_json(column.derivative),
                    "estimate": for_json(column.estimate),
                    "difference": for_json(column.difference),
                    "error": for_json(column.error),
                }
                for column in self.columns
            ],
        }

    def plot(self, path: Path = None, ax: Axes | None = None) -> Axes:
        """Draw the difference of each column, marked by verdict, and the error of the differences.

        Zeros are drawn below, and what is not finite above all others.

        Parameters
        ----------
        path : path, optional
            Where to save the picture; its ending decides on the format.
        ax : matplotlib.axes.Axes, optional
            Axes to draw in; by default new ones.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        ax = axes_for(path, ax)
        numbers = np.arange(len(self.columns))
        differences = np.array([column.difference for column in self.columns])
        errors = np.array([column.error for column in self.columns])
        drawable = [number for number in (*differences, *errors) if 0 < number < np.inf]
        floor, ceiling = min(drawable, default=1e-16) / 10, max(drawable, default=0.1) * 10
        heights = np.where(np.isfinite(differences), on_log_axis(differences, floor), ceiling)
        ax.plot(numbers, on_log_axis(errors, floor), "_", color="0.5", ms=12, label="error of the differences")
        for verdict, style in zip(SEVERITY, ("go", "ys", "rX"), strict=True):
            chosen = np.array([column.verdict is verdict for column in self.columns], dtype=bool)
            if chosen.any():
                ax.plot(numbers[chosen], heights[chosen], style, label=verdict)
        ax.set(
            yscale="log", xlabel="column", ylabel=f"|{self.checked} - {self.method} differences|", title=self.summary()
        )
        if len(numbers):
            ax.legend()
        return save(ax, path)


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


def _badness(column: ColumnComparison) -> tuple[int, float]:
    return SEVERITY.index(column.verdict), column.ratio


def counted(verdicts: Sequence[Verdict]) -> str:
    """How often each verdict was given, in words."""
    counts = Counter(verdicts)
    return ", ".join(
        f"{counts[verdict]} {_plural(verdict, counts[verdict])}" for verdict in SEVERITY if counts[verdict]
    )


def _plural(verdict: Verdict, count: int) -> str:
    return verdict if count == 1 else {Verdict.AGREES: "agree", Verdict.DIFFERS: "differ"}.get(verdict, verdict)


def element(name: str, index: tuple[int, ...]) -> str:
    """An element as it is written in Python: ``x[1, 2]``, or ``x`` for a scalar."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _cells(column: ColumnComparison, name: str) -> tuple[str, ...]:
    if column.entry is None:
        return (element("x", column.index), "", "", column.verdict, "", "", "")
    return (
        element("x", column.index),
        f"{column.difference:.2g}",
        f"{column.error:.2g}",
        column.verdict,
        element(name, column.entry),
        f"{column.derivative:.9g}",
        f"{column.estimate:.9g}",
    )


def for_json(number: Any) -> Any:
    """A number as JSON can hold it."""
    if isinstance(number, complex):
        return {"real": for_json(number.real), "imag": for_json(number.imag)}
    return number if np.isfinite(number) else str(number)
