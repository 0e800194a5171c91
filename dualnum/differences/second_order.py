"""check_hessian: the modes of second derivatives against each other, against differences of the gradient, and symmetry."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum.differences.checking import check_jacobian
from dualnum.differences.methods import METHODS
from dualnum.differences.report import SEVERITY, JacobianReport, Verdict, for_json
from dualnum.differences.sampling import Sampler, result_array
from dualnum.errors import DualnumError, InputError, ShapeError
from dualnum.hessians import HESSIAN_MODES, hessian
from dualnum.jacobians import jacobian

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HessianReport", "ModeComparison", "check_hessian"]

#: Differences of the gradient, which has no use for complex steps: they would be steps of its tape or its Duals.
GRADIENT_METHODS = tuple(method for method in METHODS if method != "complex-step")
#: What takes less, in seconds, is run once more for its time.
QUICK = 0.05


@dataclass(frozen=True)
class ModeComparison:
    """The Hessian by one mode, beside the one that was compared with differences.

    Attributes
    ----------
    mode : str
        The mode.
    verdict : Verdict
        ``"agrees"`` or ``"differs"``.
    deviation, asymmetry : float
        Largest distance from the Hessian checked, and from its own transpose, as parts of its largest element; nan if the
        mode raised an error.
    seconds : float
        Time of the Hessian.
    note : str
        The error, if one was raised.
    """

    mode: str
    verdict: Verdict
    deviation: float
    asymmetry: float
    seconds: float
    note: str = ""


@dataclass(frozen=True, repr=False)
class HessianReport:
    """The result of `check_hessian`: true if all agrees, two tables when printed.

    Attributes
    ----------
    differences : JacobianReport
        The Hessian against finite differences of the exact gradient, one column for each element of ``x``.
    modes : tuple of ModeComparison
        The modes against the Hessian checked.
    """

    differences: JacobianReport
    modes: tuple[ModeComparison, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all."""
        return max((self.differences.verdict, *(mode.verdict for mode in self.modes)), key=SEVERITY.index)

    def __bool__(self) -> bool:
        return self.verdict is Verdict.AGREES

    def summary(self) -> str:
        """Tell in one line what agrees."""
        wrong = [mode.mode for mode in self.modes if mode.verdict is not Verdict.AGREES]
        modes = f"differ: {', '.join(wrong)}" if wrong else f"all {len(self.modes)} modes agree"
        return f"{self.differences.summary()}; {modes}"

    def __str__(self) -> str:
        head = ("mode", "deviation", "asymmetry", "time", "verdict")
        rows = [head, *(_cells(mode) for mode in self.modes)]
        widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        notes = [f"{mode.mode}: {mode.note}" for mode in self.modes if mode.note]
        return "\n".join([str(self.differences), "", *lines, *notes])

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Everything in the report as lists, dicts, strings and numbers for JSON; see `JacobianReport.to_dict`."""
        return {
            "agrees": bool(self),
            "verdict": str(self.verdict),
            "differences": self.differences.to_dict(),
            "modes": [
                {
                    "mode": mode.mode,
                    "verdict": str(mode.verdict),
                    "deviation": for_json(mode.deviation),
                    "asymmetry": for_json(mode.asymmetry),
                    "seconds": mode.seconds,
                    "note": mode.note,
                }
                for mode in self.modes
            ],
        }

    def plot(self, path: str | Path | None = None, ax: Axes | None = None) -> Axes:
        """Draw the columns against the differences of the gradient; see `JacobianReport.plot`."""
        return self.differences.plot(path, ax)


def check_hessian(
    f: Callable[[Any], Any],
    x: Any,
    *,
    hess: Any = None,
    modes: Sequence[str] = HESSIAN_MODES,
    method: str = "central",
    rtol: float = 1e-8,
    atol: float = 0.0,
    mode_rtol: float = 1e-10,
) -> HessianReport:
    """Compare the Hessian of ``f`` at ``x`` with differences of the exact gradient, by all modes, and with its transpose.

    Parameters
    ----------
    f : callable
        Takes ``x`` and returns a number, a list of numbers or an array.
    x : array_like
        The point, finite and real, of any shape.
    hess : callable or array_like, optional
        A Hessian of your own to check, or a function of ``x`` that returns it, of the shape
        ``f(x).shape + x.shape + x.shape``. By default that of the first of `modes`.
    modes : sequence of str
        Modes of `hessian` that are compared with the Hessian checked.
    method : {"central", "forward", "scipy"}
        How the gradient is differentiated; see `finite_difference_jacobian`.
    rtol, atol : float
        Relative and absolute difference allowed beside the error of the finite differences.
    mode_rtol : float
        Deviation between modes, and asymmetry, that is allowed, as a part of the largest element.

    Returns
    -------
    HessianReport
        True if all agrees; prints as tables; see also its methods ``plot`` and ``to_dict``.

    Raises
    ------
    InputError
        If ``x`` or the result is no array of real numbers, or `method` or a mode is unknown.
    ShapeError
        If ``hess`` does not have the shape of the Hessian.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import check_hessian
    >>> def f(x):
    ...     return np.sin(x[0]) * x[1] ** 2
    >>> check_hessian(f, [0.5, 2.0]).summary()
    '2 columns: 2 agree; all 4 modes agree'
    >>> bool(check_hessian(f, [0.5, 2.0], hess=np.eye(2)))
    False
    """
    if method not in GRADIENT_METHODS:
        raise InputError(
            f"check_hessian: method={method!r}; it must be one of {', '.join(map(repr, GRADIENT_METHODS))}."
        )
    chosen = (modes,) if isinstance(modes, str) else tuple(modes)
    if not chosen or not set(chosen) <= set(HESSIAN_MODES):
        raise InputError(f"check_hessian: modes must be some of {', '.join(map(repr, HESSIAN_MODES))}; got {modes!r}.")
    sampler = Sampler(f, x)  # looks at the input and the result
    shape = sampler.shape + sampler.x.shape * 2
    found = {mode: _by_mode(f, sampler.x, mode, shape) for mode in chosen}
    if hess is None:
        checked = next((h for h, _, _ in found.values() if h is not None), None)
        if checked is None:
            raise InputError(f"check_hessian: every mode failed; {chosen[0]}: {found[chosen[0]][2]}")
    else:
        checked = result_array(hess(_own(sampler.x)) if callable(hess) else hess)
        if checked.shape != shape:
            raise ShapeError(f"hess has the shape {checked.shape}, but f(x).shape + x.shape + x.shape is {shape}")
    report = check_jacobian(jacobian(f), sampler.x, jac=checked, method=method, rtol=rtol, atol=atol)
    first = min(chosen, key=lambda mode: found[mode][1])
    seconds = {**report.seconds, "derivative": found[first][1]}
    report = replace(report, checked="hess" if hess is not None else "Hessian", subject="gradient", seconds=seconds)
    return HessianReport(
        report, tuple(_compared(mode, *found[mode], checked, sampler.x.ndim, mode_rtol) for mode in chosen)
    )


def _own(x: np.ndarray) -> Any:
    return x.copy() if x.ndim else x[()]


def _by_mode(f: Callable[[Any], Any], x: np.ndarray, mode: str, shape: tuple[int, ...]) -> tuple[Any, float, str]:
    """Hessian by one mode (None if that raised an error), its time, and the error."""
    of_f = hessian(f, mode=mode)
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        try:
            array = result_array(of_f(_own(x))).reshape(shape)
        except DualnumError as error:
            return None, time.perf_counter() - start, f"{type(error).__name__}: {error}"
        seconds = time.perf_counter() - start
        if seconds > QUICK:
            break  # of the first run of what is quick, most may have been imports and caches
    return array, seconds, ""


def _compared(
    mode: str, found: np.ndarray | None, seconds: float, note: str, checked: np.ndarray, ndim: int, rtol: float
) -> ModeComparison:
    if found is None:
        return ModeComparison(mode, Verdict.DIFFERS, np.nan, np.nan, seconds, note)
    axes = range(found.ndim)
    outer, first, second = (
        axes[: found.ndim - 2 * ndim],
        axes[found.ndim - 2 * ndim :][:ndim],
        axes[found.ndim - ndim :],
    )
    deviation = _distance(found, checked)
    asymmetry = _distance(found, found.transpose(*outer, *second, *first))
    verdict = Verdict.AGREES if deviation <= rtol and asymmetry <= rtol else Verdict.DIFFERS
    return ModeComparison(mode, verdict, deviation, asymmetry, seconds)


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Largest distance of elements, as a part of the largest that is finite; where both are the same nan or inf, none."""
    with np.errstate(all="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        far = np.where(same, 0.0, np.nan_to_num(np.abs(a - b), nan=np.inf))
    largest = float(np.max(far, initial=0.0))
    sizes = np.abs(np.concatenate([a.ravel(), b.ravel()]))
    scale = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
    return largest / scale if largest and scale else largest


def _cells(mode: ModeComparison) -> tuple[str, ...]:
    return mode.mode, f"{mode.deviation:.1e}", f"{mode.asymmetry:.1e}", f"{mode.seconds:.2g} s", str(mode.verdict)
