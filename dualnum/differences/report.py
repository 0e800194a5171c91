"""What the comparison of a Jacobian with finite differences has shown: verdicts, a table, a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum.pictures import Path, axes_for, on_log_axis, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SEVERITY", "ColumnComparison", "JacobianReport", "Verdict", "counted", "element", "for_json"]

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
